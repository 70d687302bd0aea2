/* SPDX-License-Identifier: ISC */
#include "libnet/src/ident.h"
#include "libnet/src/tcp_isn.h"
#include "tests/support/support.h"

#include <gyl/time.h>

static const uint8_t key[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6};

static struct gyl_net_peer pair(uint32_t ip, uint16_t port)
{
	struct gyl_net_peer p;

	memset(&p, 0, sizeof p);
	p.ip = ip;
	p.local_ip = 0x0a000001;
	p.port = port;
	p.local_port = 53;
	return p;
}

static struct gyl__isn secret(void)
{
	struct gyl__isn i;

	gyl__isn_init(&i, key);
	return i;
}

/* RFC 6528 3: M is the 4 microsecond clock, so 250 numbers a millisecond. */
static void isn_grows_by_the_clock(void **state)
{
	struct gyl__isn i = secret();
	struct gyl_net_peer p = pair(0x0a000002, 40000);
	uint32_t first = gyl__isn(&i, 0, &p);

	(void)state;
	assert_int_equal(gyl__isn(&i, 3999, &p), first);
	assert_int_equal(gyl__isn(&i, 4000, &p), (uint32_t)(first + 1));
	assert_int_equal(gyl__isn(&i, GYL_NS_PER_MS, &p), (uint32_t)(first + 250));
	assert_int_equal(gyl__isn(&i, 17180 * GYL_NS_PER_S, &p),
		(uint32_t)(first + UINT64_C(17180) * 250000)); /* 4.77 h: round once */
}

/* Each member of the pair counts, and what is not of the pair does not. */
static void pairs_differ(void **state)
{
	struct gyl__isn i = secret(), other;
	struct gyl_net_peer base = pair(0x0a000002, 40000), p[5];
	uint8_t key2[16] = {0};

	(void)state;
	gyl__isn_init(&other, key2);
	for (size_t k = 0; k < TEST_CNT(p); k++)
		p[k] = base;
	p[0].ip ^= 1;
	p[1].local_ip ^= 1;
	p[2].port ^= 1;
	p[3].local_port ^= 1;
	for (size_t k = 0; k < 4; k++) {
		assert_true(gyl__isn(&i, 0, &p[k]) != gyl__isn(&i, 0, &base));
		assert_true(gyl__isn_ts(&i, &p[k]) != gyl__isn_ts(&i, &base));
		assert_true(gyl__isn_hash(&i, &p[k]) != gyl__isn_hash(&i, &base));
	}
	assert_true(gyl__isn(&other, 0, &base) != gyl__isn(&i, 0, &base));
	p[4].iface = 3;
	p[4].vlan = 7;
	p[4].has_mac = true;
	assert_int_equal(gyl__isn(&i, 0, &p[4]), gyl__isn(&i, 0, &base));
	assert_true(gyl__isn_hash(&i, &p[4]) == gyl__isn_hash(&i, &base));
}

/* The three uses of the key tell nothing of each other. */
static void uses_differ(void **state)
{
	struct gyl__isn i = secret();
	struct gyl_net_peer p = pair(0x0a000002, 40000);

	(void)state;
	assert_true(gyl__isn(&i, 0, &p) != gyl__isn_ts(&i, &p));
	assert_true(gyl__isn(&i, 0, &p) != (uint32_t)gyl__isn_hash(&i, &p));
	assert_true(gyl__isn_ts(&i, &p) != (uint32_t)gyl__isn_hash(&i, &p));
}

static void cookie_lives_two_minutes(void **state)
{
	static const uint64_t made_s[] = {0, 1, 59, 60, 100, 86399, 1u << 30};
	struct gyl__isn i = secret();
	struct gyl_net_peer p = pair(0x0a000002, 40000);

	(void)state;
	for (size_t k = 0; k < TEST_CNT(made_s); k++) {
		uint64_t at_ns = made_s[k] * GYL_NS_PER_S;
		uint32_t c = gyl__cookie_make(&i, at_ns, &p, 12345, 1460);
		struct gyl__cookie got;

		for (unsigned age_s = 0; age_s <= 120; age_s++)
			assert_true(gyl__cookie_check(
				&i, at_ns + age_s * GYL_NS_PER_S, &p, 12345, c, NULL, &got));
		for (unsigned age_s = 180; age_s <= 900; age_s++)
			assert_false(gyl__cookie_check(
				&i, at_ns + age_s * GYL_NS_PER_S, &p, 12345, c, NULL, &got));
	}
}

static void cookie_is_of_one_pair(void **state)
{
	struct gyl__isn i = secret();
	struct gyl_net_peer p = pair(0x0a000002, 40000), q = pair(0x0a000003, 40000);
	struct gyl__cookie got;
	uint32_t c = gyl__cookie_make(&i, 0, &p, 12345, 1460);

	(void)state;
	assert_true(gyl__cookie_check(&i, 0, &p, 12345, c, NULL, &got));
	assert_false(gyl__cookie_check(&i, 0, &q, 12345, c, NULL, &got));
	assert_false(gyl__cookie_check(&i, 0, &p, 12346, c, NULL, &got));
	for (unsigned bit = 0; bit < 32; bit++)
		assert_false(gyl__cookie_check(&i, 0, &p, 12345, c ^ 1u << bit, NULL, &got));
}

/* 2^-27 a guess: of a hundred thousand hardly ever one, and with this seed none or one. */
static void guesses_fail(void **state)
{
	struct gyl__isn i = secret();
	struct gyl_net_peer p = pair(0x0a000002, 40000);
	struct gyl__cookie got;
	uint64_t seed = 4987;
	unsigned passed = 0;

	(void)state;
	for (unsigned k = 0; k < 100000; k++) {
		uint32_t guess = (uint32_t)gyl__ident_mix(&seed);

		passed += gyl__cookie_check(&i, 1000 * GYL_NS_PER_S, &p, k, guess, NULL, &got);
	}
	assert_in_range(passed, 0, 1);
}

static void cookie_keeps_mss(void **state)
{
	static const struct {
		uint16_t mss, kept;
	} rows[] = {
		{88, 88},
		{535, 88},
		{536, 536},
		{1199, 536},
		{1200, 1200},
		{1380, 1360},
		{1399, 1360},
		{1400, 1400},
		{1448, 1440},
		{1452, 1452},
		{1459, 1452},
		{1460, 1460},
		{8960, 1460},
		{65535, 1460},
	};
	struct gyl__isn i = secret();
	struct gyl_net_peer p = pair(0x0a000002, 40000);

	(void)state;
	for (size_t k = 0; k < TEST_CNT(rows); k++) {
		uint32_t c = gyl__cookie_make(&i, 0, &p, 1, rows[k].mss);
		struct gyl__cookie got;

		assert_true(gyl__cookie_check(&i, 0, &p, 1, c, NULL, &got));
		assert_int_equal(got.mss, rows[k].kept);
		assert_false(got.has_timestamps || got.has_sack || got.has_wscale);
	}
}

/* All 32 combinations through timestamps around the point where they go round; the timestamp is
 * never from the future and loses at most 31 ms. */
static void options_in_the_timestamp(void **state)
{
	static const uint32_t ts[] = {0, 1, 15, 16, 31, 32, 33, 1000, 0x7fffffff, 0xffffffff};
	struct gyl__isn i = secret();
	struct gyl_net_peer p = pair(0x0a000002, 40000);
	uint32_t c = gyl__cookie_make(&i, 0, &p, 1, 1460);

	(void)state;
	for (size_t k = 0; k < TEST_CNT(ts); k++) {
		for (unsigned o = 0; o < 32; o++) {
			struct gyl__cookie put = {1460, true, (o & 16) != 0, (o & 15) != 15,
				(uint8_t)((o & 15) != 15 ? o & 15 : 0)};
			struct gyl__cookie got;
			uint32_t made = gyl__cookie_ts(ts[k], &put);

			assert_in_range((uint32_t)(ts[k] - made), 0, 31);
			assert_true(gyl__cookie_check(&i, 0, &p, 1, c, &made, &got));
			assert_true(got.has_timestamps);
			assert_int_equal(got.has_sack, put.has_sack);
			assert_int_equal(got.has_wscale, put.has_wscale);
			assert_int_equal(got.wscale, put.wscale);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(isn_grows_by_the_clock),
		cmocka_unit_test(pairs_differ),
		cmocka_unit_test(uses_differ),
		cmocka_unit_test(cookie_lives_two_minutes),
		cmocka_unit_test(cookie_is_of_one_pair),
		cmocka_unit_test(guesses_fail),
		cmocka_unit_test(cookie_keeps_mss),
		cmocka_unit_test(options_in_the_timestamp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
