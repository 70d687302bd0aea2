/* SPDX-License-Identifier: ISC */

/* Names that no zone has: what goes to whom, what stays here, and which answers are believed. */

#include "services/dns/route.h"
#include "tests/unit/dns/policy_world.h"

static const struct zone_text zones[] = {
	{"lab.example.", "$TTL 3600\n"
			 "@ SOA ns hostmaster 1 1h 1h 1h 300\n NS ns\n"
			 "ns A 192.0.2.1\n"
			 "web CNAME www.example.com.\n"
			 "own CNAME x.corp.example.\n"
			 "ad CNAME ads.example.net.\n"
			 "bad CNAME x.invalid.\n"},
};

static void fill(struct gyl_dns_compile *c)
{
	name_is(c, GYL_DNS_TABLE_ROUTE, "lab.example.", GYL_DNS_ROUTE_ZONE);
	name_is(c, GYL_DNS_TABLE_ROUTE, "lost.example.", GYL_DNS_ROUTE_ZONE);
	name_is(c, GYL_DNS_TABLE_ROUTE, "corp.example.", GYL_DNS_ROUTE_GROUP + 1);
	name_is(c, GYL_DNS_TABLE_ROUTE, "deep.corp.example.", GYL_DNS_ROUTE_GROUP + 2);
	name_is(c, GYL_DNS_TABLE_ROUTE, "1.168.192.in-addr.arpa.", GYL_DNS_ROUTE_GROUP + 1);
	name_is(c, GYL_DNS_TABLE_ROUTE, "test.", GYL_DNS_ROUTE_GROUP + 1);
	name_is(c, GYL_DNS_TABLE_ROUTE, "intern.", GYL_DNS_ROUTE_GROUP + 2);
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
	gyl_dns_compile_special(c);
	name_is(c, GYL_DNS_TABLE_PRIVATE, "good.example.", 1);
}

static struct world *open_world(void)
{
	struct world *w;

	image_more = fill;
	w = world_open(zones, TEST_CNT(zones));
	image_more = NULL;
	with_cache(w);
	w->udp_size = 1232;
	return w;
}

static void the_longest_domain_decides(void **state)
{
	static const struct row rows[] = {
		{"www.example.com.", "A", "forward 0 www.example.com."},
		{"WWW.Corp.Example.", "A", "forward 1 www.corp.example."},
		{"corp.example.", "MX", "forward 1 corp.example."},
		{"a.b.deep.corp.example.", "A", "forward 2 a.b.deep.corp.example."},
		{"xcorp.example.", "A", "forward 0 xcorp.example."},
		{".", "NS", "forward 0 ."},
		/* an alias of ours that leads there */
		{"web.lab.example.", "A", "forward 0 www.example.com."},
		{"own.lab.example.", "A", "forward 1 x.corp.example."},
		{"nope.lab.example.", "A", "NXDOMAIN AA; ns SOA lab.example. 300"},
	};
	struct world *w = open_world();

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void a_zone_that_is_not_there_does_not_leak(void **state)
{
	static const struct row rows[] = {
		{"lost.example.", "A", "SERVFAIL"},
		{"x.y.lost.example.", "MX", "SERVFAIL"},
	};
	struct world *w = open_world();

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	assert_int_equal(w->verdict.rcode, GYL_DNS_SERVFAIL);
	world_close(w);
}

static void special_names_are_answered_here(void **state)
{
	static const struct row rows[] = {
		/* RFC 6303 3: a top and nothing else */
		{"10.in-addr.arpa.", "SOA",
			"NOERROR AA; an 10.in-addr.arpa. 10 SOA 10.in-addr.arpa. nobody.invalid. 0 3600 "
			"1200 604800 10"},
		{"10.in-addr.arpa.", "NS",
			"NOERROR AA; an 10.in-addr.arpa. 60 NS 10.in-addr.arpa."},
		{"10.in-addr.arpa.", "A", "NOERROR AA; ns SOA 10.in-addr.arpa. 10"},
		{"1.0.0.10.in-addr.arpa.", "PTR", "NXDOMAIN AA; ns SOA 10.in-addr.arpa. 10"},
		{"1.0.15.172.in-addr.arpa.", "PTR", "forward 0 1.0.15.172.in-addr.arpa."},
		{"1.0.16.172.in-addr.arpa.", "PTR", "NXDOMAIN AA; ns SOA 16.172.in-addr.arpa. 10"},
		{"1.0.31.172.in-addr.arpa.", "PTR", "NXDOMAIN AA; ns SOA 31.172.in-addr.arpa. 10"},
		{"1.0.32.172.in-addr.arpa.", "PTR", "forward 0 1.0.32.172.in-addr.arpa."},
		{"9.2.168.192.in-addr.arpa.", "PTR",
			"NXDOMAIN AA; ns SOA 168.192.in-addr.arpa. 10"},
		{"9.1.168.192.in-addr.arpa.", "PTR", "forward 1 9.1.168.192.in-addr.arpa."},
		{"1.0.254.169.in-addr.arpa.", "PTR",
			"NXDOMAIN AA; ns SOA 254.169.in-addr.arpa. 10"},
		{"255.255.255.255.in-addr.arpa.", "PTR",
			"NOERROR AA; ns SOA 255.255.255.255.in-addr.arpa. 10"},
		{"254.255.255.255.in-addr.arpa.", "PTR", "forward 0 254.255.255.255.in-addr.arpa."},
		{"1.0.c.f.ip6.arpa.", "PTR", "forward 0 1.0.c.f.ip6.arpa."},
		{"1.0.d.f.ip6.arpa.", "PTR", "NXDOMAIN AA; ns SOA d.f.ip6.arpa. 10"},
		{"1.0.b.e.f.ip6.arpa.", "PTR", "NXDOMAIN AA; ns SOA b.e.f.ip6.arpa. 10"},
		/* RFC 7793 */
		{"1.1.63.100.in-addr.arpa.", "PTR", "forward 0 1.1.63.100.in-addr.arpa."},
		{"1.1.64.100.in-addr.arpa.", "PTR", "NXDOMAIN AA; ns SOA 64.100.in-addr.arpa. 10"},
		{"1.1.127.100.in-addr.arpa.", "PTR",
			"NXDOMAIN AA; ns SOA 127.100.in-addr.arpa. 10"},
		/* RFC 6761 6.3 */
		{"localhost.", "A", "NOERROR AA; an localhost. 60 A 127.0.0.1"},
		{"x.LOCALHOST.", "AAAA", "NOERROR AA; an x.LOCALHOST. 60 AAAA ::1"},
		{"x.localhost.", "MX", "NOERROR AA; ns SOA localhost. 10"},
		{"localhost.", "TXT", "NOERROR AA; ns SOA localhost. 10"},
		/* RFC 6761 6.4, RFC 6762 22.1, RFC 7686 2, RFC 8375 4 */
		{"a.b.invalid.", "A", "NXDOMAIN AA; ns SOA invalid. 10"},
		{"invalid.", "A", "NOERROR AA; ns SOA invalid. 10"},
		{"printer.local.", "A", "NXDOMAIN AA; ns SOA local. 10"},
		{"nas.internal.", "A", "NXDOMAIN AA; ns SOA internal. 10"},
		{"x.y.alt.", "A", "NXDOMAIN AA; ns SOA alt. 10"}, /* RFC 9476 2 */
		{"x.onion.", "A", "NXDOMAIN AA; ns SOA onion. 10"},
		{"nas.home.arpa.", "AAAA", "NXDOMAIN AA; ns SOA home.arpa. 10"},
		/* RFC 9462 4 */
		{"_dns.resolver.arpa.", "SVCB", "NOERROR AA; ns SOA resolver.arpa. 10"},
		/* what the configuration says of the name comes first */
		{"www.test.", "A", "forward 1 www.test."},
		/* at the end of an alias: the answer is about the first name, which is ours */
		{"bad.lab.example.", "A",
			"NXDOMAIN AA; an bad.lab.example. 3600 CNAME x.invalid.; ns SOA invalid. 10"},
	};
	struct world *w = open_world();

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void names_of_one_label_stay_here(void **state)
{
	static const struct row rows[] = {
		{"printer.", "A", "NOERROR"},
		{"printer.", "AAAA", "NOERROR"},
		{"printer.", "HTTPS", "NOERROR"},
		{"intern.", "A", "forward 2 intern."},
		/* a validator goes down from the root */
		{"com.", "DS", "forward 0 com."},
		{"com.", "DNSKEY", "forward 0 com."},
		{"com.", "NS", "forward 0 com."},
		{"com.", "SOA", "forward 0 com."},
	};
	struct world *w = open_world();

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

/* A name that one group of servers does not know says nothing about names that another one has. */
static void rfc8020_is_about_names_of_the_same_servers(void **state)
{
	static const struct row rows[] = {
		{"www.example.", "A", "NXDOMAIN"},
		{"www.corp.example.", "A", "forward 1 www.corp.example."},
		{"www.deep.corp.example.", "A", "forward 2 www.deep.corp.example."},
	};
	struct world *w = open_world();
	struct gyl_dns_entry e = {.name_len = 9, .ttl_s = 60, .rcode = GYL_DNS_NXDOMAIN};

	(void)state;
	e.born_ns = w->now.mono_ns;
	assert_non_null(gyl_dns_cache_put(
		w->data.cache, &e, (const uint8_t *)"\007example", (const uint8_t *)""));
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void fill_zones_only(struct gyl_dns_compile *c)
{
	name_is(c, GYL_DNS_TABLE_ROUTE, "lab.example.", GYL_DNS_ROUTE_ZONE);
}

static void without_servers_to_ask_the_rest_is_refused(void **state)
{
	static const struct row rows[] = {
		{"www.example.com.", "A", "REFUSED"},
		{"printer.", "A", "REFUSED"},
		{"1.0.0.10.in-addr.arpa.", "PTR", "REFUSED"},
	};
	struct world *w;

	(void)state;
	image_more = fill_zones_only;
	w = world_open(zones, TEST_CNT(zones));
	image_more = NULL;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static bool may_say(const struct gyl_dns_data *d, uint16_t group, const uint8_t *owner,
	uint16_t type, struct gyl_view rdata)
{
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, owner, gyl_dns_name_len(owner));
	return !gyl__dns_rebind_inside(d, type, rdata) || gyl__dns_rebind_may(d, group, &k);
}

static void expect_rebind(const struct gyl_dns_data *d, uint16_t group, const char *owner,
	uint16_t type, const char *hex, bool ok)
{
	uint8_t name[GYL_DNS_NAME_MAX], rdata[200];
	size_t len = hex_bytes(hex, rdata, sizeof rdata);

	name_of(owner, name);
	if (may_say(d, group, name, type, gyl_view(rdata, len)) != ok)
		fail_msg("%s %s", owner, hex);
}

static void addresses_of_this_network_are_not_believed(void **state)
{
	static const struct {
		const char *hex;
		bool ok;
	} row[] = {
		{"08080808", true},
		{"00000001", false},
		{"09ffffff", true},
		{"0a000001", false},
		{"0affffff", false},
		{"0b000000", true},
		{"643fffff", true},
		{"64400000", false},
		{"647fffff", false},
		{"64800000", true},
		{"7f000001", false},
		{"a9fe0101", false},
		{"ac0fffff", true},
		{"ac100000", false},
		{"ac1fffff", false},
		{"ac200000", true},
		{"c0a80001", false},
		{"c0a90001", true},
		{"ffffffff", false},
		{"20010db8000000000000000000000001", true},
		{"00000000000000000000000000000000", false},
		{"00000000000000000000000000000001", false},
		{"fc000000000000000000000000000001", false},
		{"fdff0000000000000000000000000001", false},
		{"fe000000000000000000000000000001", true},
		{"fe800000000000000000000000000001", false},
		{"febf0000000000000000000000000001", false},
		{"fec00000000000000000000000000001", false},
		{"ff020000000000000000000000000001", true},
		{"00000000000000000000ffff0a000001", false},
		{"00000000000000000000ffff08080808", true},
		{"0064ff9b0000000000000000c0a80001", false},
		{"0064ff9b000000000000000008080808", true},
		{"0064ff9b000100000000000008080808", false},
		{"0064ff9b000200000000000008080808", true},
		{"20020a00000100000000000000000001", false},
		{"20020808080800000000000000000001", true},
	};
	struct world *w = open_world();

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		uint16_t type = strlen(row[i].hex) == 8 ? GYL_DNS_TYPE_A : GYL_DNS_TYPE_AAAA;

		expect_rebind(&w->data, 0, "www.example.com.", type, row[i].hex, row[i].ok);
		/* the same octets as text are no address */
		expect_rebind(&w->data, 0, "www.example.com.", GYL_DNS_TYPE_TXT, row[i].hex, true);
		/* who was named for a domain may say what he likes */
		expect_rebind(&w->data, 1, "www.corp.example.", type, row[i].hex, true);
		expect_rebind(&w->data, 0, "www.Good.example.", type, row[i].hex, true);
		expect_rebind(&w->data, 0, "good.example.", type, row[i].hex, true);
		expect_rebind(&w->data, 0, "xgood.example.", type, row[i].hex, row[i].ok);
	}
	world_close(w);
}

static void networks_of_this_machine_are_inside_too(void **state)
{
	struct world *w = open_world();

	(void)state;
	w->data.net[0] = (struct gyl_dns_net){0xcb007100, 24}; /* 203.0.113.0/24 */
	w->data.net_cnt = 1;
	expect_rebind(&w->data, 0, "www.example.com.", GYL_DNS_TYPE_A, "cb007180", false);
	expect_rebind(&w->data, 0, "www.example.com.", GYL_DNS_TYPE_A, "cb007280", true);
	expect_rebind(&w->data, 0, "www.good.example.", GYL_DNS_TYPE_A, "cb007180", true);
	expect_rebind(&w->data, 0, "www.example.com.", GYL_DNS_TYPE_AAAA,
		"00000000000000000000ffffcb007180", false);
	expect_rebind(&w->data, 0, "www.example.com.", GYL_DNS_TYPE_HTTPS,
		"0001 00 0004 0004 cb007180", false);
	world_close(w);
}

static void rfc9460_hints_are_addresses_too(void **state)
{
	struct world *w = open_world();
	const struct gyl_dns_data *d = &w->data;
	const char *a = "a.example.com.";

	(void)state;
	/* priority 1, target ".", alpn h2; ipv4hint; ipv6hint */
	expect_rebind(d, 0, a, GYL_DNS_TYPE_HTTPS, "0001 00 0001 0003 026832", true);
	expect_rebind(d, 0, a, GYL_DNS_TYPE_HTTPS, "0001 00 0004 0008 08080808 c0a80001", false);
	expect_rebind(d, 0, a, GYL_DNS_TYPE_HTTPS, "0001 00 0004 0004 08080808", true);
	expect_rebind(d, 0, a, GYL_DNS_TYPE_SVCB,
		"0001 0161 00 0001 0003 026832 0006 0010 fe800000000000000000000000000001", false);
	/* a length that lies */
	expect_rebind(d, 0, a, GYL_DNS_TYPE_HTTPS, "0001 00 0004 0008 08080808", false);
	expect_rebind(d, 0, a, GYL_DNS_TYPE_HTTPS, "0000 0161 00", true);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_domain_decides),
		cmocka_unit_test(a_zone_that_is_not_there_does_not_leak),
		cmocka_unit_test(special_names_are_answered_here),
		cmocka_unit_test(names_of_one_label_stay_here),
		cmocka_unit_test(rfc8020_is_about_names_of_the_same_servers),
		cmocka_unit_test(without_servers_to_ask_the_rest_is_refused),
		cmocka_unit_test(addresses_of_this_network_are_not_believed),
		cmocka_unit_test(networks_of_this_machine_are_inside_too),
		cmocka_unit_test(rfc9460_hints_are_addresses_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
