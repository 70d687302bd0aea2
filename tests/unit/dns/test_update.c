/* SPDX-License-Identifier: ISC */

/* UPDATE: what RFC 2136 says of prerequisites, changes and answers, and what becomes of the zone.
 */

#include "tests/unit/dns/update.h"

#define ZONE                                                                                 \
	"@ 60 SOA ns root 10 2 3 4 5\n@ NS ns\n@ NS ns2\n@ MX 1 ns\n"                        \
	"ns A 192.0.2.1\nns2 A 192.0.2.2\nwww 300 A 192.0.2.3\nwww A 192.0.2.4\nwww TXT t\n" \
	"alias CNAME www\n*.wild A 192.0.2.9\na.deep.empty A 192.0.2.5\n"                    \
	"cut NS ns.cut\nns.cut A 192.0.2.6\nd DNAME other.test.\n"

struct step {
	const char *script;
	uint16_t rcode;
	const char *qname, *qtype, *want; /* NULL: only the rcode */
};

#define SERIAL_IS(n) "NOERROR AA; an z.test. 60 SOA ns.z.test. root.z.test. " #n " 2 3 4 5"
#define NOT_MOVED    "z.test.", "SOA", SERIAL_IS(10)

static void run_all(const struct step *s, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		struct changer *c = changer_open(ZONE);
		uint16_t rcode = change_zone(c, "z.test.", s[i].script, "all.");

		if (rcode != s[i].rcode)
			fail_msg("%s\n  rcode %u, not %u: %s", s[i].script, rcode, s[i].rcode,
				c->u.why);
		if (s[i].qname != NULL && strcmp(ask(c->w, s[i].qname, s[i].qtype), s[i].want) != 0)
			fail_msg("%s\n  got  %s\n  want %s", s[i].script, c->w->text, s[i].want);
		changer_close(c);
	}
}

static void rfc2136_3_2_prerequisites(void **state)
{
	static const struct step steps[] = {
		{"yxdomain www; add x 60 TXT y", GYL_DNS_NOERROR, "x.z.test.", "TXT",
			"NOERROR AA; an x.z.test. 60 TXT \"y\""},
		{"yxdomain nobody; add x 60 TXT y", GYL_DNS_NXDOMAIN, NOT_MOVED},
		{"nxdomain www; add x 60 TXT y", GYL_DNS_YXDOMAIN, NOT_MOVED},
		{"nxdomain nobody; add x 60 TXT y", GYL_DNS_NOERROR, NULL, NULL, NULL},
		/* 2.4.4: an empty non-terminal is not in use */
		{"yxdomain empty", GYL_DNS_NXDOMAIN, NOT_MOVED},
		{"nxdomain deep.empty", GYL_DNS_NOERROR, NULL, NULL, NULL},
		/* a wildcard covers the name, and yet it is not there */
		{"yxdomain x.wild", GYL_DNS_NXDOMAIN, NOT_MOVED},
		{"yxrrset x.wild A", GYL_DNS_NXRRSET, NOT_MOVED},
		{"yxdomain *.wild", GYL_DNS_NOERROR, NULL, NULL, NULL},
		{"yxrrset www A", GYL_DNS_NOERROR, NULL, NULL, NULL},
		{"yxrrset www MX", GYL_DNS_NXRRSET, NOT_MOVED},
		{"nxrrset www A", GYL_DNS_YXRRSET, NOT_MOVED},
		{"nxrrset www MX", GYL_DNS_NOERROR, NULL, NULL, NULL},
		/* 2.4.2: all of the RRset, in any order, and TTLs do not count */
		{"yxrrset www A 192.0.2.4; yxrrset www A 192.0.2.3", GYL_DNS_NOERROR, NULL, NULL,
			NULL},
		{"yxrrset www A 192.0.2.3", GYL_DNS_NXRRSET, NOT_MOVED},
		{"yxrrset www A 192.0.2.3; yxrrset www A 192.0.2.4; yxrrset www A 192.0.2.5",
			GYL_DNS_NXRRSET, NOT_MOVED},
		{"yxrrset alias CNAME WWW.Z.test.", GYL_DNS_NOERROR, NULL, NULL, NULL},
		{"yxdomain www.fixed.test.", GYL_DNS_NOTZONE, NOT_MOVED},
		/* 3.2.1, 3.2.2: a TTL, or another class */
		{"raw 1 www 255 1 A", GYL_DNS_FORMERR, NOT_MOVED},
		{"raw 1 www 3 0 A", GYL_DNS_FORMERR, NOT_MOVED},
		{"raw 1 www 1 0 ANY", GYL_DNS_FORMERR, NOT_MOVED},
	};

	(void)state;
	run_all(steps, TEST_CNT(steps));
}

static void rfc2136_3_4_1_prescan(void **state)
{
	static const struct step steps[] = {
		{"add x 60 TXT y; add x.fixed.test. 60 TXT y", GYL_DNS_NOTZONE, NOT_MOVED},
		{"add x 60 TXT y; raw 2 x 1 60 ANY", GYL_DNS_FORMERR, NOT_MOVED},
		{"raw 2 x 1 60 AXFR", GYL_DNS_FORMERR, NOT_MOVED},
		{"raw 2 x 255 60 A", GYL_DNS_FORMERR, NOT_MOVED},
		{"raw 2 x 255 0 AXFR", GYL_DNS_FORMERR, NOT_MOVED},
		{"raw 2 x 254 60 A", GYL_DNS_FORMERR, NOT_MOVED},
		{"raw 2 x 254 0 ANY", GYL_DNS_FORMERR, NOT_MOVED},
		{"raw 2 x 3 0 A", GYL_DNS_FORMERR, NOT_MOVED},
		/* ours: what only a signer can make */
		{"raw 2 x 255 0 NSEC", GYL_DNS_REFUSED, NOT_MOVED},
	};

	(void)state;
	run_all(steps, TEST_CNT(steps));
}

static void rfc2136_3_4_2_2_add(void **state)
{
	static const struct step steps[] = {
		{"add new 60 A 192.0.2.7", GYL_DNS_NOERROR, "new.z.test.", "A",
			"NOERROR AA; an new.z.test. 60 A 192.0.2.7"},
		{"add new 60 A 192.0.2.7", GYL_DNS_NOERROR, "z.test.", "SOA", SERIAL_IS(11)},
		/* a duplicate changes its TTL, and that of all its type */
		{"add www 60 A 192.0.2.3", GYL_DNS_NOERROR, "www.z.test.", "A",
			"NOERROR AA; an www.z.test. 60 A 192.0.2.4; an www.z.test. 60 A 192.0.2.3"},
		/* the very same changes nothing */
		{"add www 300 TXT t", GYL_DNS_NOERROR, NOT_MOVED},
		/* CNAME and others: the newcomer is ignored */
		{"add alias 60 A 192.0.2.7", GYL_DNS_NOERROR, NOT_MOVED},
		{"add www 60 CNAME ns", GYL_DNS_NOERROR, NOT_MOVED},
		{"add alias 60 CNAME ns", GYL_DNS_NOERROR, "alias.z.test.", "CNAME",
			"NOERROR AA; an alias.z.test. 60 CNAME ns.z.test."},
		/* SOA: at the apex only, and forward only */
		{"add www 60 SOA ns root 20 2 3 4 5", GYL_DNS_NOERROR, NOT_MOVED},
		{"add @ 60 SOA ns root 10 2 3 4 5", GYL_DNS_NOERROR, NOT_MOVED},
		{"add @ 60 SOA ns root 9 2 3 4 5", GYL_DNS_NOERROR, NOT_MOVED},
		{"add @ 60 SOA ns root 20 2 3 4 5", GYL_DNS_NOERROR, "z.test.", "SOA",
			SERIAL_IS(20)},
		{"add @ 60 SOA ns root 2147483658 2 3 4 5", GYL_DNS_NOERROR, NOT_MOVED},
		/* one DNAME at a name */
		{"add d 60 DNAME new.test.", GYL_DNS_NOERROR, "x.d.z.test.", "CNAME",
			"NOERROR AA; an d.z.test. 60 DNAME new.test.; an x.d.z.test. 60 CNAME "
			"x.new.test."},
		/* names above come with it, and hide the wildcard */
		{"add a.b.wild 60 A 192.0.2.7", GYL_DNS_NOERROR, "b.wild.z.test.", "A",
			"NOERROR AA; ns SOA z.test. 5"},
		{"add *.new 60 A 192.0.2.7", GYL_DNS_NOERROR, "any.new.z.test.", "A",
			"NOERROR AA; an any.new.z.test. 60 A 192.0.2.7"},
		{"add www 60 NS ns.www; add ns.www 60 A 192.0.2.8", GYL_DNS_NOERROR,
			"x.www.z.test.", "A",
			"NOERROR; ns www.z.test. 60 NS ns.www.z.test.; ar ns.www.z.test. 60 A "
			"192.0.2.8"},
	};

	(void)state;
	run_all(steps, TEST_CNT(steps));
}

static void rfc2136_3_4_2_3_delete_sets(void **state)
{
	static const struct step steps[] = {
		{"del www A", GYL_DNS_NOERROR, "www.z.test.", "A", "NOERROR AA; ns SOA z.test. 5"},
		{"del www", GYL_DNS_NOERROR, "www.z.test.", "A", "NXDOMAIN AA; ns SOA z.test. 5"},
		{"del nobody", GYL_DNS_NOERROR, NOT_MOVED},
		{"del www MX", GYL_DNS_NOERROR, NOT_MOVED},
		/* what is above and was there for its sake goes, too */
		{"del a.deep.empty", GYL_DNS_NOERROR, "empty.z.test.", "A",
			"NXDOMAIN AA; ns SOA z.test. 5"},
		/* the apex keeps SOA and NS */
		{"del @", GYL_DNS_NOERROR, "z.test.", "MX", "NOERROR AA; ns SOA z.test. 5"},
		{"del @", GYL_DNS_NOERROR, "z.test.", "SOA", SERIAL_IS(11)},
		{"del @ NS", GYL_DNS_NOERROR, NOT_MOVED},
		{"del @ SOA", GYL_DNS_NOERROR, NOT_MOVED},
		{"del cut NS", GYL_DNS_NOERROR, "ns.cut.z.test.", "A",
			"NOERROR AA; an ns.cut.z.test. 300 A 192.0.2.6"},
	};

	(void)state;
	run_all(steps, TEST_CNT(steps));
}

static void rfc2136_3_4_2_4_delete_records(void **state)
{
	static const struct step steps[] = {
		{"del www A 192.0.2.3", GYL_DNS_NOERROR, "www.z.test.", "A",
			"NOERROR AA; an www.z.test. 300 A 192.0.2.4"},
		{"del www A 192.0.2.77", GYL_DNS_NOERROR, NOT_MOVED},
		{"del alias CNAME WWW", GYL_DNS_NOERROR, "alias.z.test.", "A",
			"NXDOMAIN AA; ns SOA z.test. 5"},
		{"del @ SOA ns root 10 2 3 4 5", GYL_DNS_NOERROR, NOT_MOVED},
		{"del @ NS ns; del @ NS ns2", GYL_DNS_NOERROR, "z.test.", "NS",
			"NOERROR AA; an z.test. 60 NS ns2.z.test.; ar ns2.z.test. 60 A "
			"192.0.2.2"},
	};

	(void)state;
	run_all(steps, TEST_CNT(steps));
}

/* RFC 2136 3.4.2: in the order of the message. */
static void rfc2136_3_4_2_in_order(void **state)
{
	static const struct step steps[] = {
		{"del alias CNAME; add alias 60 A 192.0.2.7", GYL_DNS_NOERROR, "alias.z.test.", "A",
			"NOERROR AA; an alias.z.test. 60 A 192.0.2.7"},
		{"add alias 60 A 192.0.2.7; del alias CNAME", GYL_DNS_NOERROR, "alias.z.test.", "A",
			"NXDOMAIN AA; ns SOA z.test. 5"},
		{"add x 60 A 192.0.2.7; del x", GYL_DNS_NOERROR, "x.z.test.", "A",
			"NXDOMAIN AA; ns SOA z.test. 5"},
	};

	(void)state;
	run_all(steps, TEST_CNT(steps));
}

static void rfc2136_3_1_zone_section(void **state)
{
	struct changer *c = changer_open(ZONE);

	(void)state;
	assert_int_equal(
		change_zone(c, "elsewhere.", "add x.elsewhere. 60 TXT y", "all."), GYL_DNS_NOTAUTH);
	assert_int_equal(change_zone(c, "www.z.test.", "add x 60 TXT y", "all."), GYL_DNS_NOTAUTH);
	assert_int_equal(change_zone(c, "fixed.test.", "add x.fixed.test. 60 TXT y", "all."),
		GYL_DNS_REFUSED);
	make_update(c, "z.test.", "add x 60 TXT y");
	c->msg[c->len - 1] = 'z';
	gyl_set_u16(c->msg + 12 + 8, GYL_DNS_TYPE_A); /* ZTYPE */
	assert_int_equal(gyl_dns_update(&c->u, gyl_view(c->msg, c->len)), GYL_DNS_FORMERR);
	changer_close(c);
}

static void rfc2136_3_3_permissions(void **state)
{
	static const struct {
		const char *script, *key;
		uint16_t rcode;
	} rows[] = {
		{"add x 60 A 192.0.2.7", NULL, GYL_DNS_REFUSED},
		{"add x 60 A 192.0.2.7", "stranger.", GYL_DNS_REFUSED},
		{"nxdomain www", "stranger.", GYL_DNS_REFUSED}, /* learns nothing */
		{"add some 60 A 192.0.2.7", "some.z.test.", GYL_DNS_NOERROR},
		{"add x.some 60 A 192.0.2.7", "some.z.test.", GYL_DNS_REFUSED},
		{"add dyn 60 TXT y; add a.b.dyn 60 A 192.0.2.7", "some.z.test.", GYL_DNS_NOERROR},
		{"add dyn 60 MX 1 ns", "some.z.test.", GYL_DNS_REFUSED},
		{"add dyn 60 TXT y; add x 60 A 192.0.2.7", "some.z.test.", GYL_DNS_REFUSED},
		{"del dyn TXT", "some.z.test.", GYL_DNS_NOERROR},
		{"del dyn", "some.z.test.", GYL_DNS_REFUSED}, /* all types */
		{"nxdomain www; add x 60 MX 1 ns", "some.z.test.", GYL_DNS_YXDOMAIN},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		struct changer *c = changer_open(ZONE);
		uint16_t rcode = change_zone(c, "z.test.", rows[i].script, rows[i].key);

		if (rcode != rows[i].rcode)
			fail_msg("%s: rcode %u, not %u", rows[i].script, rcode, rows[i].rcode);
		if (rcode != GYL_DNS_NOERROR)
			assert_string_equal(ask(c->w, "z.test.", "SOA"), SERIAL_IS(10));
		changer_close(c);
	}
}

/* RFC 1982: over the end of the numbers, and never to 0. */
static void rfc1982_serial_goes_round(void **state)
{
	struct changer *c = changer_open("@ 60 SOA ns root 4294967294 2 3 4 5\n@ NS ns\n");

	(void)state;
	assert_int_equal(change_zone(c, "z.test.", "add x 60 TXT y", "all."), 0);
	assert_string_equal(ask(c->w, "z.test.", "SOA"), SERIAL_IS(4294967295));
	assert_int_equal(change_zone(c, "z.test.", "add x 60 TXT z", "all."), 0);
	assert_string_equal(ask(c->w, "z.test.", "SOA"), SERIAL_IS(1));
	assert_int_equal(change_zone(c, "z.test.", "add @ 60 SOA ns root 5 2 3 4 5", "all."), 0);
	assert_string_equal(ask(c->w, "z.test.", "SOA"), SERIAL_IS(5));
	changer_close(c);
}

/* RFC 2136 3.4: all or nothing, also when the last change is the one too many. */
static void too_many_names_change_nothing(void **state)
{
	struct changer *c = changer_open(ZONE);
	char script[2000] = "";
	uint32_t names = c->z->order_cnt;
	char *before;

	(void)state;
	for (unsigned i = 0; i < GYL_DNS_EDIT_NAME_MAX + 1; i++) {
		char one[40];

		(void)snprintf(one, sizeof one, "add n%u 60 A 192.0.2.7;", i);
		strcat(script, one);
	}
	strcat(script, "del www");
	before = strdup(ask(c->w, "www.z.test.", "A"));
	assert_int_equal(change_zone(c, "z.test.", script, "all."), GYL_DNS_SERVFAIL);
	assert_int_equal(c->z->order_cnt, names);
	assert_string_equal(ask(c->w, "z.test.", "SOA"), SERIAL_IS(10));
	assert_string_equal(ask(c->w, "www.z.test.", "A"), before);
	/* it was as if it had never been */
	assert_int_equal(change_zone(c, "z.test.", "del www; add x 60 TXT y", "all."), 0);
	assert_string_equal(ask(c->w, "z.test.", "SOA"), SERIAL_IS(11));
	free(before);
	changer_close(c);
}

/* RFC 4343 3: the zone writes the part that a target shares with its owner as it writes the owner.
 */
static void what_is_undone_is_found_in_any_case(void **state)
{
	struct changer *c = changer_open(ZONE);
	uint32_t names = c->z->order_cnt;

	(void)state;
	assert_int_equal(change_zone(c, "z.test.", "add new 60 MX 1 New.Z.test.", "all."), 0);
	assert_int_equal(c->z->order_cnt, names + 1);
	gyl_dns_edit_undo(&c->u.edit);
	assert_int_equal(c->z->order_cnt, names);
	/* and the same in other letters is no change */
	assert_int_equal(change_zone(c, "z.test.", "add new 60 MX 1 new.z.test.", "all."), 0);
	assert_int_equal(change_zone(c, "z.test.", "add new 60 MX 1 NEW.z.test.", "all."), 0);
	assert_false(gyl_dns_edit_any(&c->u.edit));
	changer_close(c);
}

/* What is noted is what the zone writes: undone, nothing of it is left in the log. */
static void what_is_undone_is_not_told(void **state)
{
	struct changer *c = changer_open(ZONE);
	static const uint8_t rdata[] = "\000\001\003New\001Z\004test";
	struct gyl_dns_rec r = {GYL_DNS_TYPE_MX, 60, gyl_view(rdata, sizeof rdata)};
	struct gyl_dns_edit *e = &c->u.edit;
	uint64_t at = c->ledger.head;
	struct gyl_dns_change change;
	uint8_t name[GYL_DNS_NAME_MAX];

	(void)state;
	name_of("new.z.test.", name);
	assert_true(gyl_dns_edit_begin(e, &c->all, &c->ledger, c->z, false));
	assert_true(gyl_dns_content_add(gyl_dns_edit_open(e, name), &r));
	assert_true(gyl_dns_edit_put(e, name));
	gyl_dns_edit_undo(e);
	assert_false(gyl_dns_ledger_walk(&c->ledger, e->b, &at, &change));
	changer_close(c);
}

/* A name that a lease makes is in use, but nobody can take it away by UPDATE. */
static void names_of_leases_are_in_use(void **state)
{
	struct changer *c = changer_open(ZONE);
	struct gyl_dns_lease l = {.ip = 0xc0000263, .expiry_ns = UINT64_MAX}, old;

	(void)state;
	l.name_len = (uint8_t)name_of("host.z.test.", l.name);
	l.domain = (uint8_t)gyl_dns_overlay_domain(&c->w->overlay, c->origin);
	assert_int_equal(gyl_dns_overlay_set(&c->w->overlay, &l, &old), GYL_DNS_LEASE_NEW);
	assert_int_equal(change_zone(c, "z.test.", "nxdomain host", "all."), GYL_DNS_YXDOMAIN);
	assert_int_equal(change_zone(c, "z.test.", "yxrrset host A", "all."), 0);
	assert_int_equal(change_zone(c, "z.test.", "yxrrset host TXT", "all."), GYL_DNS_NXRRSET);
	assert_int_equal(change_zone(c, "z.test.", "del host", "all."), 0);
	assert_string_equal(
		ask(c->w, "host.z.test.", "A"), "NOERROR AA; an host.z.test. 60 A 192.0.2.99");
	changer_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc2136_3_1_zone_section),
		cmocka_unit_test(rfc2136_3_2_prerequisites),
		cmocka_unit_test(rfc2136_3_3_permissions),
		cmocka_unit_test(rfc2136_3_4_1_prescan),
		cmocka_unit_test(rfc2136_3_4_2_2_add),
		cmocka_unit_test(rfc2136_3_4_2_3_delete_sets),
		cmocka_unit_test(rfc2136_3_4_2_4_delete_records),
		cmocka_unit_test(rfc2136_3_4_2_in_order),
		cmocka_unit_test(rfc1982_serial_goes_round),
		cmocka_unit_test(too_many_names_change_nothing),
		cmocka_unit_test(what_is_undone_is_found_in_any_case),
		cmocka_unit_test(what_is_undone_is_not_told),
		cmocka_unit_test(names_of_leases_are_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
