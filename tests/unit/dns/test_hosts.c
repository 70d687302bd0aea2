/* SPDX-License-Identifier: ISC */

/* Hosts files: alone, in zones, beside leases; and their wildcards, which are those of RFC 4592. */

#include "services/dns/conf.h"
#include "services/dns/walk.h"
#include "tests/unit/dns/policy_world.h"

static const struct zone_text zones[] = {
	{"zone.", "$TTL 3600\n"
		  "@ SOA ns hostmaster 1 1h 1h 1h 300\n NS ns\n"
		  "ns A 192.0.2.1\n"
		  "* A 192.0.2.2\n"
		  "cut NS ns.elsewhere.\n"
		  "nas TXT zone\n"
		  "to CNAME nas.alone.\n"},
	{"1.0.10.in-addr.arpa.", "$TTL 3600\n"
				 "@ SOA ns.zone. hostmaster.zone. 1 1h 1h 1h 300\n NS ns.zone.\n"
				 "7 PTR given.zone.\n"},
};

static const char *hosts_text;

static void fill(struct gyl_dns_compile *c)
{
	gyl_dns_compile_hosts_text(c, "hosts", gyl_view_str(hosts_text));
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
	gyl_dns_compile_special(c);
}

static struct world *open_world(const char *text)
{
	struct world *w;

	hosts_text = text;
	image_more = fill;
	w = world_open(zones, TEST_CNT(zones));
	image_more = NULL;
	with_cache(w);
	w->tcp = true;
	return w;
}

static void names_have_all_their_addresses(void **state)
{
	static const struct row rows[] = {
		{"nas.alone.", "A",
			"NOERROR AA; an nas.alone. 60 A 10.0.0.9; an nas.alone. 60 A 10.0.0.10"},
		{"NAS.Alone.", "AAAA", "NOERROR AA; an NAS.Alone. 60 AAAA fd00::9"},
		{"nas.", "A", "NOERROR AA; an nas. 60 A 10.0.0.9"},
		/* it exists: no data, and never "no such name" */
		{"nas.", "AAAA", "NOERROR AA; ns SOA nas. 10"},
		{"v6.alone.", "A", "NOERROR AA; ns SOA v6.alone. 10"},
		{"nas.alone.", "MX", "NOERROR AA; ns SOA nas.alone. 10"},
		/* what is above, below and beside is not ours */
		{"alone.", "SOA", "forward 0 alone."},
		{"x.nas.alone.", "A", "forward 0 x.nas.alone."},
		{"other.alone.", "A", "forward 0 other.alone."},
		/* reverse: the first name */
		{"9.0.0.10.in-addr.arpa.", "PTR",
			"NOERROR AA; an 9.0.0.10.in-addr.arpa. 60 PTR nas.alone."},
		{"10.0.0.10.in-addr.arpa.", "PTR",
			"NOERROR AA; an 10.0.0.10.in-addr.arpa. 60 PTR first.alone."},
		{"9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.", "PTR",
			"NOERROR AA; an 9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d."
			"f.ip6.arpa. 60 PTR nas.alone."},
		/* RFC 8020: a name above one that exists is there, also in a special zone */
		{"0.0.10.in-addr.arpa.", "PTR", "NOERROR AA; ns SOA 10.in-addr.arpa. 10"},
		{"8.0.0.10.in-addr.arpa.", "PTR", "NXDOMAIN AA; ns SOA 10.in-addr.arpa. 10"},
		/* an alias in a zone */
		{"to.zone.", "AAAA",
			"NOERROR AA; an to.zone. 3600 CNAME nas.alone.; an nas.alone. 60 AAAA fd00::9"},
		{"to.zone.", "TXT",
			"NOERROR AA; an to.zone. 3600 CNAME nas.alone.; ns SOA nas.alone. 10"},
		{"localhost.", "A", "NOERROR AA; an localhost. 60 A 127.0.0.1"},
	};
	struct world *w = open_world("# a comment\n"
				     "\n"
				     "127.0.0.1\tlocalhost # and one behind\r\n"
				     "10.0.0.9 nas.alone nas\n"
				     "  fd00::9\tnas.alone\n"
				     "10.0.0.10 first.alone nas.alone\n"
				     "fe80::1%eth0 v6.alone\n");

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void rfc4592_wildcards_cover_what_does_not_exist(void **state)
{
	static const struct row rows[] = {
		{"any.dev.lab.", "A", "NOERROR AA; an any.dev.lab. 60 A 10.0.0.9"},
		{"a.b.c.DEV.lab.", "AAAA", "NOERROR AA; an a.b.c.DEV.lab. 60 AAAA fd00::9"},
		{"any.dev.lab.", "MX", "NOERROR AA; ns SOA dev.lab. 10"},
		{"*.dev.lab.", "A", "NOERROR AA; an *.dev.lab. 60 A 10.0.0.9"},
		/* the top exists, the wildcard does not cover it */
		{"dev.lab.", "A", "NOERROR AA; ns SOA dev.lab. 10"},
		{"dev.lab.", "NS", "NOERROR AA; an dev.lab. 60 NS dev.lab."},
		{"dev.lab.", "SOA",
			"NOERROR AA; an dev.lab. 10 SOA dev.lab. nobody.invalid. 0 3600 1200 604800 10"},
		/* what exists is not covered, nor is what lies below it (2.2.1) */
		{"nas.dev.lab.", "A", "NOERROR AA; an nas.dev.lab. 60 A 10.0.0.1"},
		{"nas.dev.lab.", "AAAA", "NOERROR AA; ns SOA dev.lab. 10"},
		{"x.nas.dev.lab.", "A", "NXDOMAIN AA; ns SOA dev.lab. 10"},
		{"deep.dev.lab.", "A", "NOERROR AA; ns SOA dev.lab. 10"},
		{"x.deep.dev.lab.", "A", "NXDOMAIN AA; ns SOA dev.lab. 10"},
		/* one inside */
		{"x.in.dev.lab.", "A", "NOERROR AA; an x.in.dev.lab. 60 A 10.0.0.3"},
		{"in.dev.lab.", "A", "NOERROR AA; ns SOA dev.lab. 10"},
		{"lab.", "SOA", "forward 0 lab."},
		{"other.lab.", "A", "forward 0 other.lab."},
		/* a wildcard is no host: no reverse name */
		{"9.0.0.10.in-addr.arpa.", "PTR", "NXDOMAIN AA; ns SOA 10.in-addr.arpa. 10"},
	};
	struct world *w = open_world("*.dev.lab 10.0.0.9 fd00::9\n"
				     "10.0.0.1 nas.dev.lab\n"
				     "10.0.0.2 host.deep.dev.lab\n"
				     "10.0.0.3 *.in.dev.lab\n");

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void a_wildcard_of_everything(void **state)
{
	static const struct row rows[] = {
		{"www.example.com.", "A", "NOERROR AA; an www.example.com. 60 A 10.0.0.9"},
		{"com.", "A", "NOERROR AA; an com. 60 A 10.0.0.9"},
		{"real.lab.", "A", "NOERROR AA; an real.lab. 60 A 10.0.0.1"},
		{"lab.", "A", "NOERROR AA; ns SOA . 10"},
		{"nas.zone.", "TXT", "NOERROR AA; an nas.zone. 3600 TXT \"zone\""},
	};
	struct world *w = open_world("10.0.0.9 *\n10.0.0.1 real.lab\n");

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void a_zone_takes_names_in_but_is_not_changed(void **state)
{
	static const struct row rows[] = {
		{"pc.zone.", "A", "NOERROR AA; an pc.zone. 60 A 10.0.1.5"},
		{"pc.zone.", "AAAA", "NOERROR AA; ns SOA zone. 300"},
		{"x.pc.zone.", "A", "NXDOMAIN AA; ns SOA zone. 300"},
		{"ns.zone.", "A", "NOERROR AA; an ns.zone. 3600 A 192.0.2.1"},
		{"nas.zone.", "A", "NOERROR AA; ns SOA zone. 300"},
		{"5.1.0.10.in-addr.arpa.", "PTR",
			"NOERROR AA; an 5.1.0.10.in-addr.arpa. 60 PTR pc.zone."},
		{"7.1.0.10.in-addr.arpa.", "PTR",
			"NOERROR AA; an 7.1.0.10.in-addr.arpa. 3600 PTR given.zone."},
		{"x.wild.zone.", "A", "NOERROR AA; an x.wild.zone. 60 A 10.0.1.8"},
	};
	struct world *w = open_world("10.0.1.5 pc.zone\n10.0.1.6 nas.zone ns.zone\n10.0.1.7 seven\n"
				     "*.wild.zone 10.0.1.8\n");

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void add_lease(struct world *w, const char *name, const char *domain, uint32_t ip)
{
	uint8_t wire[GYL_DNS_NAME_MAX];
	struct gyl_dns_lease l = {.ip = ip, .expiry_ns = UINT64_MAX}, old;

	name_of(domain, wire);
	l.domain = (uint8_t)gyl_dns_overlay_domain(&w->overlay, wire);
	l.name_len = (uint8_t)name_of(name, l.name);
	l.mac[5] = (uint8_t)ip;
	assert_int_equal(gyl_dns_overlay_set(&w->overlay, &l, &old), GYL_DNS_LEASE_NEW);
}

static void leases_and_hosts_share_a_domain(void **state)
{
	static const struct row rows[] = {
		{"pc.lan.", "A", "NOERROR AA; an pc.lan. 60 A 10.0.0.21"},
		{"pc.lan.", "AAAA", "NOERROR AA; ns SOA lan. 10"},
		/* a configured name is not overridden */
		{"nas.lan.", "A", "NOERROR AA; an nas.lan. 60 A 10.0.0.9"},
		{"nas.lan.", "MX", "NOERROR AA; ns SOA lan. 10"},
		{"lan.", "NS", "NOERROR AA; an lan. 60 NS lan."},
		{"sub.lan.", "A", "NOERROR AA; ns SOA lan. 10"},
		{"x.sub.lan.", "A", "NXDOMAIN AA; ns SOA lan. 10"},
		{"nope.lan.", "A", "NXDOMAIN AA; ns SOA lan. 10"},
		/* the host's reverse name is that of the file */
		{"9.0.0.10.in-addr.arpa.", "PTR",
			"NOERROR AA; an 9.0.0.10.in-addr.arpa. 60 PTR nas.lan."},
		{"21.0.0.10.in-addr.arpa.", "PTR",
			"NOERROR AA; an 21.0.0.10.in-addr.arpa. 60 PTR pc.lan."},
		{"0.0.10.in-addr.arpa.", "PTR", "NOERROR AA; ns SOA 10.in-addr.arpa. 10"},
		{"0.10.in-addr.arpa.", "PTR", "NOERROR AA; ns SOA 10.in-addr.arpa. 10"},
		{"1.10.in-addr.arpa.", "PTR", "NXDOMAIN AA; ns SOA 10.in-addr.arpa. 10"},
		{"22.2.168.192.in-addr.arpa.", "PTR",
			"NOERROR AA; an 22.2.168.192.in-addr.arpa. 60 PTR far.lan."},
		{"2.168.192.in-addr.arpa.", "PTR", "NOERROR AA; ns SOA 168.192.in-addr.arpa. 10"},
		/* below a wildcard of hosts: leases exist, and hide it from names below them */
		{"pc.dev.lab.", "A", "NOERROR AA; an pc.dev.lab. 60 A 10.0.0.23"},
		{"x.pc.dev.lab.", "A", "NXDOMAIN AA; ns SOA dev.lab. 10"},
		{"pd.dev.lab.", "A", "NOERROR AA; an pd.dev.lab. 60 A 10.0.0.30"},
		/* a domain of leases below the wildcard is a zone of its own */
		{"pc.in.wide.", "A", "NOERROR AA; an pc.in.wide. 60 A 10.0.0.24"},
		{"pd.in.wide.", "A", "NXDOMAIN AA; ns SOA in.wide. 10"},
		{"pd.wide.", "A", "NOERROR AA; an pd.wide. 60 A 10.0.0.31"},
	};
	struct world *w = open_world("10.0.0.9 nas.lan\n10.0.0.8 a.sub.lan\n*.dev.lab 10.0.0.30\n"
				     "*.wide 10.0.0.31\n");

	(void)state;
	add_lease(w, "pc.lan.", "lan.", 0x0a000015);
	add_lease(w, "far.lan.", "lan.", 0xc0a80216);
	add_lease(w, "nas.lan.", "lan.", 0x0a000016);
	add_lease(w, "pc.dev.lab.", "dev.lab.", 0x0a000017);
	add_lease(w, "pc.in.wide.", "in.wide.", 0x0a000018);
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

/* Their serial moves with each lease, and changes are kept from one SOA to the next. */
static void a_domain_of_leases_has_a_soa_beside_hosts(void **state)
{
	static const char *const domain[] = {"lan.", "wide.", "other."};
	struct world *w = open_world("10.0.0.9 nas.lan\n*.wide 10.0.0.31\n");

	(void)state;
	add_lease(w, "pc.lan.", "lan.", 0x0a000015);
	add_lease(w, "pc.wide.", "wide.", 0x0a000016);
	add_lease(w, "pc.other.", "other.", 0x0a000017);
	for (size_t i = 0; i < TEST_CNT(domain); i++) {
		uint8_t name[GYL_DNS_NAME_MAX];
		size_t len = name_of(domain[i], name);
		struct gyl_dns_walk walk;

		assert_true(gyl_dns_walk_begin(&w->data, &w->policy, name, len, &walk));
		assert_true(walk.soa_len > 22);
	}
	world_close(w);
}

static void errors_are_told_with_their_places(void **state)
{
	static const struct {
		const char *text, *notes;
	} row[] = {
		{"10.0.0.1\n", "hosts:1:1: \"10.0.0.1\" has no name behind it"},
		{"a.b c.d\n10.0.0 x\n\n 10.0.0.1 x 10.0.0.2\n",
			"hosts:1:1: \"a.b\" is no address\nhosts:2:1: \"10.0.0\" is no address\n"
			"hosts:4:13: \"10.0.0.2\" is an address where a name is expected"},
		{"10.0.0.1 a..b .\n",
			"hosts:1:10: \"a..b\" is no name\nhosts:1:15: \".\" is no name"},
		{"a 10.0.0.1 b\n", "hosts:1:12: \"b\" is no address"},
	};

	(void)state;
	image_more = fill;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		char notes[2000];

		hosts_text = row[i].text;
		assert_null(image_of(zones, TEST_CNT(zones), notes, sizeof notes).p);
		assert_string_equal(notes, row[i].notes);
	}
	image_more = NULL;
}

static void fill_live(struct gyl_dns_compile *c)
{
	name_is(c, GYL_DNS_TABLE_ROUTE, "zone.", GYL_DNS_ROUTE_ZONE);
	name_is(c, GYL_DNS_TABLE_ROUTE, "live.zone.", GYL_DNS_ROUTE_ZONE);
	gyl_dns_compile_hosts_text(c, "hosts", gyl_view_str(hosts_text));
}

/* RFC 2136: what UPDATE may change is not the file's any more. */
static void a_zone_that_changes_takes_nothing_in(void **state)
{
	struct gyl_view image;
	char notes[2000];

	(void)state;
	image_more = fill_live;
	hosts_text = "10.0.1.5 pc.live.zone pc.zone\n";
	image = image_of(zones, TEST_CNT(zones), notes, sizeof notes);
	image_more = NULL;
	assert_non_null(image.p);
	gyl_build_unmap(image);
	assert_string_equal(notes,
		"hosts:1:10: \"pc.live.zone\" has no effect: its zone changes while it is served");
}

static void what_has_no_effect_is_told(void **state)
{
	char notes[2000];
	struct gyl_view image;

	(void)state;
	image_more = fill;
	hosts_text = "10.0.1.6 pc.zone nas.zone\n10.0.1.8 x.cut.zone\n";
	image = image_of(zones, TEST_CNT(zones), notes, sizeof notes);
	image_more = NULL;
	assert_non_null(image.p);
	gyl_build_unmap(image);
	assert_string_equal(
		notes, "hosts:1:18: \"nas.zone\" has no effect: a zone has records of the name");
	assert_null(strstr(notes, "pc.zone"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_all_their_addresses),
		cmocka_unit_test(rfc4592_wildcards_cover_what_does_not_exist),
		cmocka_unit_test(a_wildcard_of_everything),
		cmocka_unit_test(a_zone_takes_names_in_but_is_not_changed),
		cmocka_unit_test(leases_and_hosts_share_a_domain),
		cmocka_unit_test(a_domain_of_leases_has_a_soa_beside_hosts),
		cmocka_unit_test(errors_are_told_with_their_places),
		cmocka_unit_test(a_zone_that_changes_takes_nothing_in),
		cmocka_unit_test(what_has_no_effect_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
