/* SPDX-License-Identifier: ISC */

/* `guyline dns explain`: every rule that can answer, as sentences and as JSON. */

#include "services/base/question.h"
#include "services/dns/group.h"
#include "services/dns/names.h"
#include "tests/unit/dns/hall.h"
#include "tests/unit/dns/policy_world.h"

static const struct zone_text zones[] = {
	{"lab.", "$TTL 300\n"
		 "@ SOA ns hostmaster 1 1h 1h 1h 60\n NS ns\n"
		 "ns A 192.0.2.1\n"
		 "* A 192.0.2.2\n"
		 "www A 192.0.2.3\n TXT web\n"
		 "_443._tcp.mail TLSA 3 1 1 00\n"
		 "*.dev CNAME www\n"
		 "alias CNAME www\n"
		 "out CNAME www.example.\n"
		 "sub NS ns.sub\n"
		 "ns.sub A 192.0.2.4\n"
		 "old DNAME new\n"
		 "new A 192.0.2.5\n"
		 "loop CNAME pool\n"
		 "pool CNAME loop\n"},
};

/* The hall with a configuration that names files. */
struct place {
	struct hall hall;
	struct gyl_dns_conf_zone zone;
	struct gyl_ref hosts[1];
	uint8_t name[GYL_DNS_NAME_MAX], lan[GYL_DNS_NAME_MAX];
	char zone_file[20], hosts_file[20];
};

static void hole(struct gyl_dns_compile *c, const char *name, unsigned action)
{
	uint8_t zone[GYL_DNS_NAME_MAX], wire[GYL_DNS_NAME_MAX];

	name_of("lab.", zone);
	name_of(name, wire);
	gyl_dns_compile_hole(c, zone, wire, action, GYL_DNS_GROUP_NONE);
}

static void fill(struct gyl_dns_compile *c)
{
	gyl_dns_compile_hosts_text(c, "hosts",
		gyl_view_str(
			"192.0.2.7 printer.home\n192.0.2.8 *.tv.home\n# a guest\n192.0.2.9 tv.lab\n"));
	hole(c, "acme.lab.", GYL_DNS_HOLE_FORWARD);
	hole(c, "none.lab.", GYL_DNS_HOLE_NODATA);
	hole(c, "no.lab.", GYL_DNS_HOLE_REFUSE);
	gyl_dns_compile_block_text(c, "ads.txt", GYL_DNS_BLOCK_DOMAINS,
		(struct gyl_view[]){gyl_view_str("nxdomain")}, 1,
		gyl_view_str("# a list\nads.example\n"));
	gyl_dns_compile_block_text(c, "policy.zone", GYL_DNS_BLOCK_RPZ, NULL, 0,
		gyl_view_str("@ 60 SOA a b 1 1 1 1 1\nmute.example 60 CNAME rpz-drop.\n"
			     "tcp.example 60 CNAME rpz-tcp-only.\n"
			     "*.tcp.example 60 CNAME .\n"));
	name_is(c, GYL_DNS_TABLE_ROUTE, "lab.", GYL_DNS_ROUTE_ZONE);
	name_is(c, GYL_DNS_TABLE_ROUTE, "gone.", GYL_DNS_ROUTE_ZONE);
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
	gyl_dns_compile_special(c);
}

static uint32_t off_of(const struct place *p, const void *member)
{
	return (uint32_t)((const uint8_t *)member - (const uint8_t *)&p->hall.block);
}

static void conf(struct place *p)
{
	struct gyl_dns_conf *cf = &p->hall.block.conf;

	(void)snprintf(p->zone_file, sizeof p->zone_file, "/etc/lab.zone");
	(void)snprintf(p->hosts_file, sizeof p->hosts_file, "/etc/hosts");
	p->zone.name = (struct gyl_ref){off_of(p, p->name), (uint32_t)name_of("lab.", p->name)};
	p->zone.file = (struct gyl_ref){off_of(p, p->zone_file), 13};
	p->hosts[0] = (struct gyl_ref){off_of(p, p->hosts_file), 10};
	cf->zones = (struct gyl_ref){off_of(p, &p->zone), 1};
	cf->hosts = (struct gyl_ref){off_of(p, p->hosts), 1};
	cf->lease_domain = (struct gyl_ref){off_of(p, p->lan), (uint32_t)name_of("lan.", p->lan)};
	cf->zone_space = 2 << 20;
	hall_seal(&p->hall);
}

static void add_lease(struct hall *h, const char *label, const char *domain, uint32_t ip)
{
	uint8_t wire[GYL_DNS_NAME_MAX], head[70];
	struct gyl_dns_lease l = {.ip = ip,
				     .mac = {2, 0, 0x5e, 0x10, 0, 7},
				     .expiry_ns = h->b.now.mono_ns + 600 * GYL_NS_PER_S,
				     .expiry_wall_ns = UINT64_C(1800000000) * GYL_NS_PER_S},
			     old;
	size_t len;

	name_of(domain, wire);
	l.domain = (uint8_t)gyl_dns_overlay_domain(&h->d->overlay, wire);
	head[0] = (uint8_t)strlen(label);
	memcpy(head + 1, label, head[0]);
	assert_int_equal(gyl_dns_name_concat(head, head[0] + 1u, wire, l.name, &len).err, GYL_OK);
	l.name_len = (uint8_t)len;
	assert_int_equal(gyl_dns_overlay_set(&h->d->overlay, &l, &old), GYL_DNS_LEASE_NEW);
}

static struct hall *open_hall(void)
{
	struct place *p = calloc(1, sizeof *p);
	struct hall *h = &p->hall;

	assert_non_null(p);
	outbox_open(&h->b);
	hall_conf(h, 2);
	conf(p);
	image_more = fill;
	h->w = world_open(zones, TEST_CNT(zones));
	image_more = NULL;
	h->mem = aligned_alloc(16, (gyl_dns_need(&h->block.conf) + 15) & ~(size_t)15);
	assert_non_null(h->mem);
	hall_begin(h);
	add_lease(h, "laptop", "lan.", 0xc0000264);
	add_lease(h, "host", "lab.", 0xc0000265);
	return h;
}

/* The answer to "dns.explain", JSON lines; or why it is refused. */
static const char *raw(struct hall *h, const char *name, const char *type, const char *from)
{
	static char text[GYL_QUESTION_SLICE_LEN + 1], why[400];
	const struct gyl_question_arg arg[] = {
		{gyl_view_str("name"), gyl_view_str(name)},
		{gyl_view_str("from"), gyl_view_str(from)},
		{gyl_view_str("type"), gyl_view_str(type)},
	};
	struct gyl_writer answer, wrong;
	struct gyl_question q = {.verb = gyl_view_str("dns.explain"),
		.arg = arg,
		.arg_cnt = 3,
		.answer = &answer,
		.wrong = &wrong};
	struct gyl_in in = {.kind = GYL_IN_ASK, .question = &q};

	gyl_writer_init(&answer, text, sizeof text - 1);
	gyl_writer_init(&wrong, why, sizeof why - 1);
	assert_int_equal(outbox_input(&h->b, &gyl_dns_core, h->d, &in, 1), 1);
	assert_true(gyl_writer_ok(&answer) && gyl_writer_ok(&wrong));
	assert_false(q.more);
	if (wrong.len != 0)
		return gyl_text_cstr(&wrong);
	return gyl_text_cstr(&answer);
}

/* The sentences of it, a line each. */
static const char *sentences(const char *lines)
{
	static const char begin[] = "\"sentence\":\"";
	static char text[8192];
	size_t len = 0;

	if (lines[0] != '{')
		return lines;
	while ((lines = strstr(lines, begin)) != NULL) {
		lines += sizeof begin - 1;
		for (; *lines != '"'; lines++) {
			lines += *lines == '\\';
			text[len++] = *lines;
		}
		text[len++] = '\n';
		assert_true(len + 1000 < sizeof text);
	}
	text[len] = '\0';
	tabs_to_spaces(&(struct gyl_writer){.p = (uint8_t *)text, .len = len}, 0);
	return text;
}

struct case_of {
	const char *name, *type, *from, *want;
};

static void explain_all(const struct case_of *c, size_t cnt)
{
	struct hall *h = open_hall();

	for (size_t i = 0; i < cnt; i++) {
		const char *got = sentences(raw(h, c[i].name, c[i].type, c[i].from));

		if (strcmp(got, c[i].want) != 0)
			fail_msg("%s %s\n  got:\n%s\n  want:\n%s", c[i].name, c[i].type, got,
				c[i].want);
	}
	hall_close(h);
}

#define LAB "the zone lab. (/etc/lab.zone)"

static void rfc1034_4_3_2_what_a_zone_says(void **state)
{
	static const struct case_of rows[] = {
		{"www.lab", "", "",
			"www.lab. A for 127.0.0.1: NOERROR, 1 record, for 300 s.\n"
			"www.lab. has A in " LAB ".\n"
			"  www.lab. 300 A 192.0.2.3\n"},
		{"www.lab", "ANY", "",
			"www.lab. ANY for 127.0.0.1: NOERROR, 1 record, for 300 s.\n"
			"www.lab. has A and TXT, of which ANY gets one (RFC 8482), in " LAB ".\n"
			"  www.lab. 300 A 192.0.2.3\n"},
		{"www.lab", "AAAA", "",
			"www.lab. AAAA for 127.0.0.1: NOERROR, 0 records, for 60 s.\n"
			"www.lab. has no AAAA, but A and TXT, in " LAB ".\n"
			"The wildcard *.lab. does not stand for it: www.lab. exists, with "
			"records of its own.\n"},
		{"alias.lab", "", "",
			"alias.lab. A for 127.0.0.1: NOERROR, 2 records, for 300 s.\n"
			"alias.lab. is an alias (CNAME) in " LAB ".\n"
			"www.lab. has A in " LAB ".\n"
			"  alias.lab. 300 CNAME www.lab.\n"
			"  www.lab. 300 A 192.0.2.3\n"},
		{"alias.lab", "CNAME", "",
			"alias.lab. CNAME for 127.0.0.1: NOERROR, 1 record, for 300 s.\n"
			"alias.lab. has CNAME in " LAB ".\n"
			"  alias.lab. 300 CNAME www.lab.\n"},
		{"sub.lab", "", "",
			"sub.lab. A for 127.0.0.1: NOERROR, 0 records, for 300 s.\n"
			"sub.lab. is delegated to other servers by " LAB
			"; these know what there is.\n"},
		{"x.sub.lab", "", "",
			"x.sub.lab. A for 127.0.0.1: NOERROR, 0 records, for 300 s.\n"
			"x.sub.lab. belongs to the zone below sub.lab., delegated to other servers by " LAB
			"; these know what there is.\n"},
		{"loop.lab", "", "",
			"loop.lab. A for 127.0.0.1: NOERROR, 2 records, for 300 s.\n"
			"loop.lab. is an alias (CNAME) in " LAB ".\n"
			"pool.lab. is an alias (CNAME) in " LAB ".\n"
			"The chain leads back to a name that it has been at.\n"
			"  loop.lab. 300 CNAME pool.lab.\n"
			"  pool.lab. 300 CNAME loop.lab.\n"},
		{"x.old.lab", "", "",
			"x.old.lab. A for 127.0.0.1: NXDOMAIN, 2 records, for 300 s.\n"
			"The DNAME of old.lab. in " LAB
			" moves all below it to new.lab. (RFC 6672): there x.old.lab. is looked for.\n"
			"x.new.lab. does not exist in " LAB
			"; the closest name that does is new.lab., which has no wildcard.\n"
			"The wildcard *.lab. does not stand for it: new.lab. exists, with "
			"records of its own.\n"
			"  old.lab. 300 DNAME new.lab.\n"
			"  x.old.lab. 300 CNAME x.new.lab.\n"},
	};

	(void)state;
	explain_all(rows, TEST_CNT(rows));
}

static void rfc4592_2_2_2_what_hides_a_wildcard(void **state)
{
	static const struct case_of rows[] = {
		{"x.lab", "", "",
			"x.lab. A for 127.0.0.1: NOERROR, 1 record, for 300 s.\n"
			"x.lab. does not exist in " LAB
			"; the closest name that does is lab., so that the wildcard *.lab. stands for it (RFC 4592 3.3.1), which has A.\n"
			"  x.lab. 300 A 192.0.2.2\n"},
		{"x.y.lab", "MX", "",
			"x.y.lab. MX for 127.0.0.1: NOERROR, 0 records, for 60 s.\n"
			"x.y.lab. does not exist in " LAB
			"; the closest name that does is lab., so that the wildcard *.lab. stands for it (RFC 4592 3.3.1), which has no MX, but A.\n"},
		{"a.dev.lab", "TXT", "",
			"a.dev.lab. TXT for 127.0.0.1: NOERROR, 2 records, for 300 s.\n"
			"a.dev.lab. does not exist in " LAB
			"; the closest name that does is dev.lab., so that the wildcard *.dev.lab. stands for it (RFC 4592 3.3.1), which is an alias (CNAME).\n"
			"www.lab. has TXT in " LAB ".\n"
			"  a.dev.lab. 300 CNAME www.lab.\n"
			"  www.lab. 300 TXT \"web\"\n"},
		{"x.mail.lab", "", "",
			"x.mail.lab. A for 127.0.0.1: NXDOMAIN, 0 records, for 60 s.\n"
			"x.mail.lab. does not exist in " LAB
			"; the closest name that does is mail.lab., which has no wildcard.\n"
			"The wildcard *.lab. does not stand for it: mail.lab. exists, though it "
			"has no records, because _443._tcp.mail.lab. does (RFC 4592 2.2.2).\n"},
		{"_tcp.mail.lab", "", "",
			"_tcp.mail.lab. A for 127.0.0.1: NOERROR, 0 records, for 60 s.\n"
			"_tcp.mail.lab. has no records: it exists because _443._tcp.mail.lab. does, in " LAB
			" (an empty non-terminal, RFC 4592 2.2.2).\n"
			"The wildcard *.lab. does not stand for it: _tcp.mail.lab. exists, "
			"though it has no records, because _443._tcp.mail.lab. does (RFC 4592 "
			"2.2.2).\n"},
		{"x.www.lab", "", "",
			"x.www.lab. A for 127.0.0.1: NXDOMAIN, 0 records, for 60 s.\n"
			"x.www.lab. does not exist in " LAB
			"; the closest name that does is www.lab., which has no wildcard.\n"
			"The wildcard *.lab. does not stand for it: www.lab. exists, with "
			"records of its own.\n"},
		{"x.host.lab", "", "",
			"x.host.lab. A for 127.0.0.1: NXDOMAIN, 0 records, for 60 s.\n"
			"x.host.lab. does not exist in " LAB
			"; the closest name that does is host.lab., which has no wildcard.\n"
			"The wildcard *.lab. does not stand for it: host.lab. exists because of "
			"a lease.\n"},
	};

	(void)state;
	explain_all(rows, TEST_CNT(rows));
}

static void holes_hosts_files_and_leases(void **state)
{
	static const struct case_of rows[] = {
		{"acme.lab", "", "",
			"acme.lab. A for 127.0.0.1: REFUSED, 0 records.\n"
			"acme.lab. lies in the hole acme.lab. of the zone lab. and is forwarded, "
			"but 127.0.0.1 may not have such names (dns.forward.clients).\n"},
		{"none.lab", "", "",
			"none.lab. A for 127.0.0.1: NOERROR, 0 records, for 60 s.\n"
			"none.lab. lies in the hole none.lab. of the zone lab., where every name "
			"exists and has no records.\n"},
		{"no.lab", "", "",
			"no.lab. A for 127.0.0.1: REFUSED, 0 records.\n"
			"no.lab. lies in the hole no.lab. of the zone lab., where questions are "
			"refused.\n"},
		{"printer.home", "", "",
			"printer.home. A for 127.0.0.1: NOERROR, 1 record, for 60 s.\n"
			"printer.home. has A in the hosts file hosts:1.\n"
			"  printer.home. 60 A 192.0.2.7\n"},
		{"q.tv.home", "", "",
			"q.tv.home. A for 127.0.0.1: NOERROR, 1 record, for 60 s.\n"
			"q.tv.home. does not exist in the hosts file hosts:2; the closest "
			"name that does is tv.home., so that the wildcard *.tv.home. stands for "
			"it (RFC 4592 3.3.1), which has A.\n"
			"  q.tv.home. 60 A 192.0.2.8\n"},
		{"tv.lab", "", "",
			"tv.lab. A for 127.0.0.1: NOERROR, 1 record, for 60 s.\n"
			"tv.lab. has A in the hosts file hosts:4, in " LAB ".\n"
			"  tv.lab. 60 A 192.0.2.9\n"},
		{"tv.home", "", "",
			"tv.home. A for 127.0.0.1: NOERROR, 0 records, for 10 s.\n"
			"tv.home. is the top of a zone that is here for the names of leases or "
			"hosts files; it has SOA and NS.\n"},
		{"192.0.2.7", "", "",
			"7.2.0.192.in-addr.arpa. PTR for 127.0.0.1: NOERROR, 1 record, for 60 "
			"s.\n"
			"7.2.0.192.in-addr.arpa. has PTR in the hosts file hosts:1.\n"
			"  7.2.0.192.in-addr.arpa. 60 PTR printer.home.\n"},
		{"laptop.lan", "", "",
			"laptop.lan. A for 127.0.0.1: NOERROR, 1 record, for 60 s.\n"
			"laptop.lan. is the name of a lease: 192.0.2.100, held by "
			"02:00:5e:10:00:07 until 2027-01-15T08:00:00Z.\n"
			"  laptop.lan. 60 A 192.0.2.100\n"},
		{"laptop.lan", "AAAA", "",
			"laptop.lan. AAAA for 127.0.0.1: NOERROR, 0 records, for 10 s.\n"
			"laptop.lan. is the name of a lease: 192.0.2.100, held by "
			"02:00:5e:10:00:07 until 2027-01-15T08:00:00Z; it has no AAAA.\n"},
		{"192.0.2.100", "", "",
			"100.2.0.192.in-addr.arpa. PTR for 127.0.0.1: NOERROR, 1 record, for 60 "
			"s.\n"
			"100.2.0.192.in-addr.arpa. is the reverse name of a lease: the address "
			"of laptop.lan., held by 02:00:5e:10:00:07 until 2027-01-15T08:00:00Z.\n"
			"  100.2.0.192.in-addr.arpa. 60 PTR laptop.lan.\n"},
		{"lan", "SOA", "",
			"lan. SOA for 127.0.0.1: NOERROR, 1 record, for 10 s.\n"
			"lan. is the top of a zone that is here for the names of leases or hosts "
			"files; it has SOA and NS.\n"
			"  lan. 10 SOA lan. nobody.invalid. 2 3600 1200 604800 10\n"},
		{"nix.lan", "", "",
			"nix.lan. A for 127.0.0.1: NXDOMAIN, 0 records, for 10 s.\n"
			"nix.lan. does not exist among the names of leases; the closest name "
			"that does is lan., which has no wildcard.\n"},
	};

	(void)state;
	explain_all(rows, TEST_CNT(rows));
}

static void names_that_no_zone_has(void **state)
{
	static const struct case_of rows[] = {
		{"out.lab", "", "",
			"out.lab. A for 127.0.0.1: NOERROR, 1 record, for 300 s.\n"
			"out.lab. is an alias (CNAME) in " LAB ".\n"
			"www.example. is in no zone here and is forwarded, but 127.0.0.1 may not "
			"have such names (dns.forward.clients).\n"
			"  out.lab. 300 CNAME www.example.\n"},
		{"ads.example", "", "",
			"ads.example. A for 127.0.0.1: NXDOMAIN, 0 records, for 10 s.\n"
			"ads.example. is blocked: the list ads.txt:2 has ads.example. "
			"(dns.allow lets names through).\n"},
		{"x.ads.example", "", "",
			"x.ads.example. A for 127.0.0.1: NXDOMAIN, 0 records, for 10 s.\n"
			"x.ads.example. is blocked: the list ads.txt:2 has ads.example. "
			"(dns.allow lets names through).\n"},
		{"mute.example", "", "",
			"mute.example. A for 127.0.0.1: NOERROR, 0 records.\n"
			"mute.example. is blocked: the list policy.zone:2 has mute.example., and "
			"wants it to get no answer at all (dns.allow lets names through).\n"},
		{"x.tcp.example", "", "",
			"x.tcp.example. A for 127.0.0.1: NXDOMAIN, 0 records, for 10 s.\n"
			"x.tcp.example. is blocked: the list policy.zone:4 has tcp.example. "
			"(dns.allow lets names through).\n"},
		{"www.example", "", "",
			"www.example. A for 127.0.0.1: REFUSED, 0 records.\n"
			"www.example. is in no zone here and is forwarded, but 127.0.0.1 may not "
			"have such names (dns.forward.clients).\n"},
		{"www.example", "", "10.77.0.1",
			"www.example. A for 10.77.0.1: other servers are asked.\n"
			"www.example. is in no zone here and is forwarded by way of "
			"192.0.2.1:53, 192.0.2.2:53; nothing is kept here of it yet.\n"},
		{"localhost", "", "",
			"localhost. A for 127.0.0.1: NOERROR, 1 record, for 60 s.\n"
			"localhost. lies in the special zone localhost., whose names are all "
			"this machine's (RFC 6761 6.3): it is answered here, and nobody upstream "
			"hears of it (dns.special_zones; RFC 6303, RFC 6761).\n"
			"  localhost. 60 A 127.0.0.1\n"},
		{"10.1.2.3", "", "",
			"3.2.1.10.in-addr.arpa. PTR for 127.0.0.1: NXDOMAIN, 0 records, for 10 "
			"s.\n"
			"3.2.1.10.in-addr.arpa. lies in the special zone 10.in-addr.arpa., which "
			"is empty: it is answered here, and nobody upstream hears of it "
			"(dns.special_zones; RFC 6303, RFC 6761).\n"},
		{"x.gone", "", "",
			"x.gone. A for 127.0.0.1: SERVFAIL, 0 records.\n"
			"x.gone. lies in a zone that is configured and could not be loaded: "
			"guyline reload says why.\n"},
		{"printer", "", "",
			"printer. A for 127.0.0.1: NOERROR, 0 records.\n"
			"printer. has one label: such names are nobody's, and nobody upstream is "
			"asked (dns.special_zones).\n"},
	};

	(void)state;
	explain_all(rows, TEST_CNT(rows));
}

static void a_question_that_makes_no_sense_is_refused(void **state)
{
	static const struct case_of rows[] = {
		{"no..name", "", "", "\"no..name\" is no name, such as www.example.com"},
		{"", "", "", "\"\" is no name, such as www.example.com"},
		{"www.lab", "FROG", "", "\"FROG\" is no type, such as A, AAAA or MX"},
		{"www.lab", "A", "10.0.0", "\"10.0.0\" is no address, such as 192.0.2.1"},
	};

	(void)state;
	explain_all(rows, TEST_CNT(rows));
}

/* What a tool gets. */
static void json_has_the_rule_in_members(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	assert_string_equal(raw(h, "x.mail.lab", "TXT", ""),
		"{\"what\":\"answer\",\"name\":\"x.mail.lab.\",\"type\":\"TXT\","
		"\"from\":\"127.0.0.1\",\"rcode\":\"NXDOMAIN\",\"rule\":\"no such name\","
		"\"source\":\"local\",\"records\":0,\"ttl\":60,\"sentence\":\"x.mail.lab. TXT for "
		"127.0.0.1: NXDOMAIN, 0 records, for 60 s.\"}\n"
		"{\"what\":\"name\",\"name\":\"x.mail.lab.\",\"kind\":\"missing\",\"zone\":\"lab.\","
		"\"file\":\"/etc/lab.zone\",\"encloser\":\"mail.lab.\",\"sentence\":\"x.mail.lab. does "
		"not exist in " LAB "; the closest name that does is mail.lab., which has no "
		"wildcard.\"}\n"
		"{\"what\":\"hidden\",\"name\":\"x.mail.lab.\",\"wildcard\":\"*.lab.\","
		"\"by\":\"mail.lab.\",\"because\":\"names below\",\"below\":\"_443._tcp.mail.lab.\","
		"\"sentence\":\"The wildcard *.lab. does not stand for it: mail.lab. exists, though "
		"it has no records, because _443._tcp.mail.lab. does (RFC 4592 2.2.2).\"}\n");
	hall_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc1034_4_3_2_what_a_zone_says),
		cmocka_unit_test(rfc4592_2_2_2_what_hides_a_wildcard),
		cmocka_unit_test(holes_hosts_files_and_leases),
		cmocka_unit_test(names_that_no_zone_has),
		cmocka_unit_test(a_question_that_makes_no_sense_is_refused),
		cmocka_unit_test(json_has_the_rule_in_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
