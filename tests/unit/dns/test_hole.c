/* SPDX-License-Identifier: ISC */

/* Wildcards with holes: what is cut out, and that nothing else is. */

#include "services/dns/conf.h"
#include "services/dns/group.h"
#include "tests/unit/dns/policy_world.h"

static const struct zone_text zones[] = {
	{"lab.", "$TTL 3600\n"
		 "@ SOA ns hostmaster 1 1h 1h 1h 300\n NS ns\n"
		 "ns A 192.0.2.1\n"
		 "* A 192.0.2.2\n"
		 "alias CNAME _acme-challenge.www.lab.\n"
		 "web.real TXT here\n"
		 "nowild.deep TXT deep\n"},
	{"sub.lab.", "$TTL 3600\n"
		     "@ SOA ns hostmaster 1 1h 1h 1h 300\n NS ns\n"},
};

static void hole(struct gyl_dns_compile *c, const char *name, unsigned action, uint32_t group)
{
	uint8_t zone[GYL_DNS_NAME_MAX], wire[GYL_DNS_NAME_MAX];

	name_of("lab.", zone);
	name_of(name, wire);
	gyl_dns_compile_hole(c, zone, wire, action, group);
}

static void fill(struct gyl_dns_compile *c)
{
	hole(c, "_acme-challenge.www.lab.", GYL_DNS_HOLE_FORWARD, 7);
	hole(c, "up.lab.", GYL_DNS_HOLE_FORWARD, GYL_DNS_GROUP_NONE);
	hole(c, "corp.lab.", GYL_DNS_HOLE_FORWARD, GYL_DNS_GROUP_NONE);
	hole(c, "hosts.lab.", GYL_DNS_HOLE_NODATA, GYL_DNS_GROUP_NONE);
	hole(c, "secret.lab.", GYL_DNS_HOLE_REFUSE, GYL_DNS_GROUP_NONE);
	hole(c, "a.b.web.real.lab.", GYL_DNS_HOLE_NODATA, GYL_DNS_GROUP_NONE);
	name_is(c, GYL_DNS_TABLE_ROUTE, "lab.", GYL_DNS_ROUTE_ZONE);
	name_is(c, GYL_DNS_TABLE_ROUTE, "corp.lab.", GYL_DNS_ROUTE_GROUP + 3);
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
	name_is(c, GYL_DNS_TABLE_BLOCK, "up.lab.", GYL_DNS_BLOCK_PASS);
}

static struct world *open_world(void (*more)(struct gyl_dns_compile *c))
{
	struct world *w;

	image_more = more;
	w = world_open(zones, TEST_CNT(zones));
	image_more = NULL;
	with_cache(w);
	w->udp_size = 1232;
	return w;
}

static void add_lease(struct world *w, const char *label, const char *domain)
{
	uint8_t wire[GYL_DNS_NAME_MAX], head[70];
	struct gyl_dns_lease l = {.ip = 0x0a000005, .expiry_ns = UINT64_MAX}, old;
	size_t len;

	name_of(domain, wire);
	l.domain = (uint8_t)gyl_dns_overlay_domain(&w->overlay, wire);
	head[0] = (uint8_t)strlen(label);
	memcpy(head + 1, label, head[0]);
	gyl_dns_name_concat(head, head[0] + 1u, wire, l.name, &len);
	l.name_len = (uint8_t)len;
	assert_int_equal(gyl_dns_overlay_set(&w->overlay, &l, &old), GYL_DNS_LEASE_NEW);
}

static void a_hole_takes_its_name_and_all_below_out_of_the_zone(void **state)
{
	static const struct row rows[] = {
		{"any.lab.", "A", "NOERROR AA; an any.lab. 3600 A 192.0.2.2"},
		{"_acme-challenge.www.lab.", "TXT", "forward 7 _acme-challenge.www.lab."},
		{"x.Y._acme-challenge.WWW.lab.", "TXT", "forward 7 x.y._acme-challenge.www.lab."},
		{"up.lab.", "A", "forward 0 up.lab."},
		{"x.up.lab.", "A", "forward 0 x.up.lab."},
		{"x.corp.lab.", "A", "forward 3 x.corp.lab."},
		{"hosts.lab.", "A", "NOERROR AA; ns SOA lab. 300"},
		{"x.y.hosts.lab.", "A", "NOERROR AA; ns SOA lab. 300"},
		{"secret.lab.", "A", "REFUSED"},
		{"x.secret.lab.", "A", "REFUSED"},
		/* behind an alias of ours */
		{"alias.lab.", "TXT", "forward 7 _acme-challenge.www.lab."},
	};
	struct world *w = open_world(fill);

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

/* RFC 4592 2.2.2 makes names exist above those that own records. A hole owns nothing. */
static void names_above_a_hole_stay_as_they_are(void **state)
{
	static const struct row rows[] = {
		{"www.lab.", "A", "NOERROR AA; an www.lab. 3600 A 192.0.2.2"},
		{"x.www.lab.", "A", "NOERROR AA; an x.www.lab. 3600 A 192.0.2.2"},
		{"www.lab.", "MX", "NOERROR AA; ns SOA lab. 300"},
		/* no wildcard there: the name is no data, for there is a name below; beside it,
		   none */
		{"b.web.real.lab.", "A", "NOERROR AA; ns SOA lab. 300"},
		{"x.b.web.real.lab.", "A", "NXDOMAIN AA; ns SOA lab. 300"},
		{"a.b.web.real.lab.", "A", "NOERROR AA; ns SOA lab. 300"},
		{"web.real.lab.", "TXT", "NOERROR AA; an web.real.lab. 3600 TXT \"here\""},
	};
	struct world *w = open_world(fill);

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void leases_live_in_a_hole_without_data_only(void **state)
{
	static const struct row rows[] = {
		{"pc.hosts.lab.", "A", "NOERROR AA; an pc.hosts.lab. 60 A 10.0.0.5"},
		{"pc.hosts.lab.", "AAAA", "NOERROR AA; ns SOA lab. 300"},
		{"x.pc.hosts.lab.", "A", "NOERROR AA; ns SOA lab. 300"},
		{"pd.hosts.lab.", "A", "NOERROR AA; ns SOA lab. 300"},
	};
	struct world *w = open_world(fill);

	(void)state;
	add_lease(w, "pc", "hosts.lab.");
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
	w = open_world(fill);
	add_lease(w, "pc", "secret.lab.");
	assert_string_equal(ask_or_forward(w, "pc.secret.lab.", "A"), "REFUSED");
	world_close(w);
}

static void fill_nobody(struct gyl_dns_compile *c)
{
	hole(c, "up.lab.", GYL_DNS_HOLE_FORWARD, GYL_DNS_GROUP_NONE);
	name_is(c, GYL_DNS_TABLE_ROUTE, "lab.", GYL_DNS_ROUTE_ZONE);
}

static void a_hole_that_leads_to_nobody_is_refused(void **state)
{
	struct world *w = open_world(fill_nobody);

	(void)state;
	assert_string_equal(ask_or_forward(w, "x.up.lab.", "A"), "REFUSED");
	world_close(w);
}

static const char *hole_name;

static void fill_one(struct gyl_dns_compile *c)
{
	hole(c, hole_name, GYL_DNS_HOLE_NODATA, GYL_DNS_GROUP_NONE);
	hole(c, "h.deep.lab.", GYL_DNS_HOLE_NODATA, GYL_DNS_GROUP_NONE);
}

static void what_a_hole_hides_is_an_error(void **state)
{
	static const struct {
		const char *name, *text, *note;
	} row[] = {
		{"real.lab.", "web.real A 192.0.2.3",
			"lab.zone:5:1: web.real.lab.: hidden by a hole of the zone above"},
		{"web.lab.", "web A 192.0.2.3",
			"lab.zone:5:1: web.lab.: hidden by a hole of the zone"},
		{"lab.", "", "lab.zone:2:1: lab.: hidden by a hole of the zone"},
		{"*.lab.", "* A 192.0.2.3", "lab.zone:5:1: *.lab.: hidden by a hole of the zone"},
		{"x.cut.lab.", "cut NS ns.cut\nns.cut A 192.0.2.5",
			"lab.zone:0:0: x.cut.lab.: the hole lies below a delegation or a DNAME"},
		{"x.red.lab.", "red DNAME other.",
			"lab.zone:0:0: x.red.lab.: the hole lies below a delegation or a DNAME"},
		{"x.h.deep.lab.", "", "lab.zone:0:0: x.h.deep.lab.: the hole lies in another hole"},
		{"x.sub.lab.", "sub NS ns",
			"lab.zone:0:0: x.sub.lab.: the hole lies in another zone that is served here"},
	};

	(void)state;
	image_more = fill_one;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		char text[300], notes[2000];
		struct zone_text zone[2] = {{"lab.", text}, zones[1]};

		hole_name = row[i].name;
		(void)snprintf(text, sizeof text,
			"$TTL 3600\n@ SOA ns hostmaster 1 1h 1h 1h 300\n NS ns\nns A 192.0.2.1\n%s\n",
			row[i].text);
		assert_null(image_of(zone, i < 7 ? 1 : 2, notes, sizeof notes).p);
		if (strstr(notes, row[i].note) == NULL)
			fail_msg("%s\n  got  %s\n  want %s", row[i].name, notes, row[i].note);
	}
	image_more = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hole_takes_its_name_and_all_below_out_of_the_zone),
		cmocka_unit_test(names_above_a_hole_stay_as_they_are),
		cmocka_unit_test(leases_live_in_a_hole_without_data_only),
		cmocka_unit_test(a_hole_that_leads_to_nobody_is_refused),
		cmocka_unit_test(what_a_hole_hides_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
