/* SPDX-License-Identifier: ISC */

/* Cookies: the examples of RFC 9018, and every rule about their time, length and secret. */

#include "services/dns/cookie.h"
#include "tests/support/support.h"

#define SECRET_A "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define SECRET_B "dd3bdf9344b678b185a6f5cb60fca715"
#define SECRET_C "445536bcd2513298075a5d379663c962"

struct row {
	const char *secrets; /* in order, no space between */
	uint32_t now_s;
	const char *ip, *val;
	enum gyl_dns_cookie want;
	const char *answer;
};

static void secrets_of(const char *hex, struct gyl_dns_cookies *c)
{
	uint8_t octet[GYL_DNS_COOKIE_SECRET_LEN * GYL_DNS_COOKIE_SECRET_MAX];
	size_t len = hex_bytes(hex, octet, sizeof octet);

	for (c->secret_cnt = 0; c->secret_cnt * GYL_DNS_COOKIE_SECRET_LEN < len; c->secret_cnt++)
		gyl_dns_cookie_secret(octet + (size_t)c->secret_cnt * GYL_DNS_COOKIE_SECRET_LEN,
			c->secret[c->secret_cnt]);
}

static void check(const struct row *row)
{
	struct gyl_dns_cookies c;
	uint8_t ip[16], val[64], want[GYL_DNS_COOKIE_LEN], got[GYL_DNS_COOKIE_LEN] = {0};
	size_t ip_len = hex_bytes(row->ip, ip, sizeof ip);
	size_t val_len = hex_bytes(row->val, val, sizeof val);

	secrets_of(row->secrets, &c);
	assert_int_equal(gyl_dns_cookie_check(
				 &c, row->now_s, gyl_view(ip, ip_len), gyl_view(val, val_len), got),
		row->want);
	if (row->answer == NULL)
		return;
	assert_int_equal(hex_bytes(row->answer, want, sizeof want), sizeof want);
	assert_memory_equal(got, want, sizeof want);
}

static void check_all(const struct row *row, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		check(&row[i]);
}

static void rfc9018_appendix_a(void **state)
{
	static const struct row rows[] = {
		/* A.1: a client learns a server cookie */
		{SECRET_A, 1559731985, "c6336464", "2464c4abcf10c957", GYL_DNS_COOKIE_CLIENT,
			"2464c4abcf10c957010000005cf79f111f8130c3eee29480"},
		/* A.2: and a new one 40 minutes later */
		{SECRET_A, 1559734385, "c6336464",
			"2464c4abcf10c957010000005cf79f111f8130c3eee29480", GYL_DNS_COOKIE_KNOWN,
			"2464c4abcf10c957010000005cf7a871d4a564a1442aca77"},
		/* A.3: one of 6715 s ago gets a new one */
		{SECRET_A, 1559734700, "cb0071cb",
			"fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", GYL_DNS_COOKIE_BAD,
			"fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e"},
		/* and reserved octets that are not zero are hashed as they came */
		{SECRET_A, 1559727985, "cb0071cb",
			"fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", GYL_DNS_COOKIE_KNOWN,
			"fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5"},
		/* A.4: a client with IPv6, and a secret that has been replaced */
		{SECRET_C SECRET_B, 1559741961, "20010db802200001 59ded0f4876982b8",
			"22681ab97d52c298010000005cf7c57926556bd0934c72f8", GYL_DNS_COOKIE_KNOWN,
			"22681ab97d52c298010000005cf7c609a6bb79d16625507a"},
	};

	(void)state;
	check_all(rows, TEST_CNT(rows));
}

#define A1 "2464c4abcf10c957010000005cf79f111f8130c3eee29480"
#define AT 1559731985u

static void rfc9018_4_3_time(void **state)
{
	static const struct row rows[] = {
		{SECRET_A, AT, "c6336464", A1, GYL_DNS_COOKIE_KNOWN, A1},
		{SECRET_A, AT + 1800, "c6336464", A1, GYL_DNS_COOKIE_KNOWN, A1},
		{SECRET_A, AT + 2400, "c6336464", A1, GYL_DNS_COOKIE_KNOWN,
			"2464c4abcf10c957010000005cf7a871d4a564a1442aca77"},
		{SECRET_A, AT + 3600, "c6336464", A1, GYL_DNS_COOKIE_KNOWN, NULL},
		{SECRET_A, AT + 3601, "c6336464", A1, GYL_DNS_COOKIE_BAD, NULL},
		{SECRET_A, AT - 300, "c6336464", A1, GYL_DNS_COOKIE_KNOWN, A1},
		{SECRET_A, AT - 301, "c6336464", A1, GYL_DNS_COOKIE_BAD, NULL},
		{SECRET_A, AT + 0x80000000u, "c6336464", A1, GYL_DNS_COOKIE_BAD, NULL},
	};

	(void)state;
	check_all(rows, TEST_CNT(rows));
}

static void rfc7873_5_2_what_was_sent(void **state)
{
	static const struct row rows[] = {
		/* 5.2.2: lengths */
		{SECRET_A, AT, "c6336464", "", GYL_DNS_COOKIE_BROKEN, NULL},
		{SECRET_A, AT, "c6336464", "2464c4abcf10c9", GYL_DNS_COOKIE_BROKEN, NULL},
		{SECRET_A, AT, "c6336464", "2464c4abcf10c95701", GYL_DNS_COOKIE_BROKEN, NULL},
		{SECRET_A, AT, "c6336464", "2464c4abcf10c957 01000000000000", GYL_DNS_COOKIE_BROKEN,
			NULL},
		{SECRET_A, AT, "c6336464", A1 "0102030405060708 090a0b0c0d0e0f10 11",
			GYL_DNS_COOKIE_BROKEN, NULL},
		/* 5.2.4: of another make, another server, another client, another version: as if
		 * there was none */
		{SECRET_A, AT, "c6336464", "2464c4abcf10c957 0102030405060708", GYL_DNS_COOKIE_BAD,
			A1},
		{SECRET_A, AT, "c6336464", A1 "0102030405060708 090a0b0c0d0e0f10",
			GYL_DNS_COOKIE_BAD, A1},
		{SECRET_B, AT, "c6336464", A1, GYL_DNS_COOKIE_BAD, NULL},
		{SECRET_A, AT, "c6336465", A1, GYL_DNS_COOKIE_BAD, NULL},
		{SECRET_A, AT, "c6336464", "2464c4abcf10c956010000005cf79f111f8130c3eee29480",
			GYL_DNS_COOKIE_BAD, NULL},
		{SECRET_A, AT, "c6336464", "2464c4abcf10c957020000005cf79f111f8130c3eee29480",
			GYL_DNS_COOKIE_BAD, A1},
	};

	(void)state;
	check_all(rows, TEST_CNT(rows));
}

/* RFC 9018 5: the new secret is known before it is used, the old one for as long as its cookies. */
static void rfc9018_5_replacing_a_secret(void **state)
{
	static const struct row rows[] = {
		{SECRET_A SECRET_B, AT, "c6336464", A1, GYL_DNS_COOKIE_KNOWN, A1},
		{SECRET_B SECRET_A SECRET_C, AT, "c6336464", "2464c4abcf10c957",
			GYL_DNS_COOKIE_CLIENT, NULL},
		{SECRET_B SECRET_C, AT, "c6336464", A1, GYL_DNS_COOKIE_BAD, NULL},
	};
	struct gyl_dns_cookies c;
	uint8_t val[GYL_DNS_COOKIE_LEN], got[GYL_DNS_COOKIE_LEN], again[GYL_DNS_COOKIE_LEN];
	const struct gyl_view ip = gyl_view("\xc6\x33\x64\x64", 4);

	(void)state;
	check_all(rows, TEST_CNT(rows));
	secrets_of(SECRET_B SECRET_A, &c);
	hex_bytes(A1, val, sizeof val);
	assert_int_equal(gyl_dns_cookie_check(&c, AT, ip, gyl_view(val, sizeof val), got),
		GYL_DNS_COOKIE_KNOWN);
	assert_memory_not_equal(got, val, sizeof val);
	c.secret_cnt = 1; /* and what it got is known when the old one is gone */
	assert_int_equal(gyl_dns_cookie_check(&c, AT, ip, gyl_view(got, sizeof got), again),
		GYL_DNS_COOKIE_KNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc9018_appendix_a),
		cmocka_unit_test(rfc9018_4_3_time),
		cmocka_unit_test(rfc7873_5_2_what_was_sent),
		cmocka_unit_test(rfc9018_5_replacing_a_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
