/* SPDX-License-Identifier: ISC */

/* Lists of blocked names in all their forms, and what those names answer. */

#include "services/dns/conf.h"
#include "services/dns/names.h"
#include "services/dns/origin.h"
#include "tests/unit/dns/policy_world.h"

static const struct zone_text zones[] = {
	{"lab.", "$TTL 3600\n"
		 "@ SOA ns hostmaster 1 1h 1h 1h 300\n NS ns\n"
		 "ns A 192.0.2.1\n"
		 "ad CNAME ads.example.com.\n"
		 "ads.block A 192.0.2.7\n"},
};

struct list {
	unsigned format;
	const char *answer[3], *text;
};

static struct list list[3];
static char notes[4000];

static void fill(struct gyl_dns_compile *c)
{
	for (size_t i = 0; i < TEST_CNT(list) && list[i].text != NULL; i++) {
		struct gyl_view answer[3];
		size_t cnt = 0;
		char path[10];

		for (; cnt < 3 && list[i].answer[cnt] != NULL; cnt++)
			answer[cnt] = gyl_view_str(list[i].answer[cnt]);
		(void)snprintf(path, sizeof path, "list%zu", i);
		gyl_dns_compile_block_text(
			c, path, list[i].format, answer, cnt, gyl_view_str(list[i].text));
	}
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
	name_is(c, GYL_DNS_TABLE_ALLOW, "good.example.", 1);
}

static struct world *open_world(struct list a, struct list b)
{
	struct world *w;

	list[0] = a;
	list[1] = b;
	image_more = fill;
	w = world_open(zones, TEST_CNT(zones));
	image_more = NULL;
	with_cache(w);
	w->udp_size = 1232;
	return w;
}

static void domains_with_all_below(void **state)
{
	static const struct list domains = {GYL_DNS_BLOCK_DOMAINS, {"nxdomain"},
		"# a list\n! of some kind\n[Adblock Plus]\n\n"
		"ads.example.com\r\n"
		"*.below.example.com # names below only\n"
		".dot.example.com\n"
		"||rule.example.com^\n"
		"||important.example.com^$important\n"
		"@@||fine.rule.example.com^\n"
		"block\n"
		"bad.good.example\n"};
	static const struct row rows[] = {
		{"ads.example.com.", "A", "NXDOMAIN; ns SOA ads.example.com. 10"},
		{"x.Y.ADS.example.com.", "MX", "NXDOMAIN; ns SOA ADS.example.com. 10"},
		{"xads.example.com.", "A", "forward 0 xads.example.com."},
		{"example.com.", "A", "forward 0 example.com."},
		{"below.example.com.", "A", "forward 0 below.example.com."},
		{"x.below.example.com.", "A", "NXDOMAIN; ns SOA below.example.com. 10"},
		{"dot.example.com.", "A", "NXDOMAIN; ns SOA dot.example.com. 10"},
		{"a.dot.example.com.", "A", "NXDOMAIN; ns SOA dot.example.com. 10"},
		{"rule.example.com.", "A", "NXDOMAIN; ns SOA rule.example.com. 10"},
		{"a.rule.example.com.", "A", "NXDOMAIN; ns SOA rule.example.com. 10"},
		{"important.example.com.", "A", "NXDOMAIN; ns SOA important.example.com. 10"},
		{"fine.rule.example.com.", "A", "forward 0 fine.rule.example.com."},
		{"a.fine.rule.example.com.", "A", "forward 0 a.fine.rule.example.com."},
		/* what we serve ourselves is never blocked; an alias of ours does not lead around
		   it */
		{"ads.block.lab.", "A", "NOERROR AA; an ads.block.lab. 3600 A 192.0.2.7"},
		{"ad.lab.", "A",
			"NXDOMAIN AA; an ad.lab. 3600 CNAME ads.example.com.; ns SOA ads.example.com. 10"},
		{"x.block.", "A", "NXDOMAIN; ns SOA block. 10"},
		/* allowed, whatever a list says */
		{"bad.good.example.", "A", "forward 0 bad.good.example."},
	};
	struct world *w = open_world(domains, (struct list){.text = NULL});

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	ask_or_forward(w, "ads.example.com.", "A");
	assert_true(w->verdict.blocked);
	assert_string_equal(w->verdict.rule, "blocked");
	ask_or_forward(w, "ns.lab.", "A");
	assert_false(w->verdict.blocked);
	world_close(w);
}

static void hosts_with_addresses_instead(void **state)
{
	static const struct list hosts = {GYL_DNS_BLOCK_HOSTS, {"0.0.0.0", "10.0.0.1", "::"},
		"127.0.0.1 localhost\n::1 ip6-localhost\n0.0.0.0 0.0.0.0\n"
		"0.0.0.0 ads.example.com tracker.example.com # both\n"};
	static const struct list nodata = {
		GYL_DNS_BLOCK_DOMAINS, {"nodata"}, "ads.example.com\nquiet.example.com\n"};
	static const struct row rows[] = {
		{"ads.example.com.", "A",
			"NOERROR; an ads.example.com. 60 A 0.0.0.0; an ads.example.com. 60 A 10.0.0.1"},
		{"tracker.example.com.", "AAAA", "NOERROR; an tracker.example.com. 60 AAAA ::"},
		{"tracker.example.com.", "HTTPS", "NOERROR; ns SOA tracker.example.com. 10"},
		{"tracker.example.com.", "ANY",
			"NOERROR; an tracker.example.com. 60 A 0.0.0.0; an tracker.example.com. 60 A "
			"10.0.0.1; an tracker.example.com. 60 AAAA ::"},
		/* a hosts file is about its names; the second list about those below */
		{"x.tracker.example.com.", "A", "forward 0 x.tracker.example.com."},
		{"x.ads.example.com.", "A", "NOERROR; ns SOA ads.example.com. 10"},
		{"quiet.example.com.", "A", "NOERROR; ns SOA quiet.example.com. 10"},
		{"localhost.", "A", "forward 0 localhost."},
	};
	struct world *w = open_world(hosts, nodata);

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static const char rpz_text[] = "$TTL 300\n"
			       "$ORIGIN rpz.local.\n"
			       "@ SOA ns.rpz.local. admin.rpz.local. 1 1h 1h 1h 1h\n"
			       "@ NS ns.rpz.local.\n"
			       "gone.example.com CNAME .\n"
			       "*.gone.example.com CNAME .\n"
			       "Empty.example.com CNAME *.\n"
			       "*.wild.example.com CNAME .\n"
			       "pass.wild.example.com CNAME rpz-passthru.\n"
			       "*.pass.wild.example.com CNAME RPZ-PASSTHRU.\n"
			       "old.wild.example.com CNAME old.wild.example.com.\n"
			       "data.example.com A 10.0.0.1\n"
			       "garden.example.com CNAME ns.lab.\n"
			       "*.garden.example.com CNAME else.example.net.\n"
			       "data.example.com A 10.0.0.2\n"
			       "data.example.com TXT \"no\"\n"
			       "24.0.0.0.10.rpz-ip CNAME .\n"
			       "32.1.0.0.10.rpz-client-ip CNAME .\n"
			       "ns.evil.example.rpz-nsdname CNAME .\n"
			       "32.1.0.0.10.rpz-nsip CNAME .\n"
			       "drop.example.com CNAME rpz-drop.\n"
			       "tcp.example.com CNAME rpz-tcp-only.\n"
			       "walled.example.com CNAME *.garden.example.\n"
			       "*.w.example CNAME *.garden.example.\n";

/* Octets of the answer. */
static size_t answer_len(struct world *w, const char *qname)
{
	struct gyl_dns_from from = {.tcp = w->tcp, .recursion = true};
	size_t len = make_query(w, qname, "A");

	return gyl_dns_answer(&w->data, &w->policy, w->now, &from, gyl_view(w->query, len), w->msg,
		sizeof w->msg - 1, &w->verdict);
}

static void policy_zones(void **state)
{
	static const struct list rpz = {GYL_DNS_BLOCK_RPZ, {"nxdomain"}, rpz_text};
	static const struct row rows[] = {
		{"gone.example.com.", "A", "NXDOMAIN; ns SOA gone.example.com. 10"},
		{"x.gone.example.com.", "A", "NXDOMAIN; ns SOA gone.example.com. 10"},
		{"empty.example.com.", "A", "NOERROR; ns SOA empty.example.com. 10"},
		{"x.empty.example.com.", "A", "forward 0 x.empty.example.com."},
		{"wild.example.com.", "A", "forward 0 wild.example.com."},
		{"x.wild.example.com.", "A", "NXDOMAIN; ns SOA wild.example.com. 10"},
		{"pass.wild.example.com.", "A", "forward 0 pass.wild.example.com."},
		{"x.pass.wild.example.com.", "A", "forward 0 x.pass.wild.example.com."},
		{"old.wild.example.com.", "A", "forward 0 old.wild.example.com."},
		{"x.old.wild.example.com.", "A", "NXDOMAIN; ns SOA wild.example.com. 10"},
		{"data.example.com.", "A",
			"NOERROR; an data.example.com. 300 A 10.0.0.1; an data.example.com. 300 A "
			"10.0.0.2"},
		{"data.example.com.", "TXT", "NOERROR; an data.example.com. 300 TXT \"no\""},
		{"data.example.com.", "AAAA", "NOERROR; ns SOA data.example.com. 10"},
		/* another name is looked for as any: ours, or one of others */
		{"garden.example.com.", "A",
			"NOERROR; an garden.example.com. 300 CNAME ns.lab.; an ns.lab. 3600 A "
			"192.0.2.1"},
		{"garden.example.com.", "CNAME",
			"NOERROR; an garden.example.com. 300 CNAME ns.lab."},
		{"x.garden.example.com.", "A", "forward 0 else.example.net."},
		{"walled.example.com.", "A", "forward 0 walled.example.com.garden.example."},
		{"WALLED.example.com.", "CNAME",
			"NOERROR; an WALLED.example.com. 300 CNAME WALLED.example.com.garden.example."},
		{"tcp.example.com.", "A", "NOERROR TC"},
		{"x.tcp.example.com.", "A", "forward 0 x.tcp.example.com."},
	};
	static const char label[] = "123456789012345678901234567890123456789012345678901234567890.";
	struct world *w = open_world(rpz, (struct list){.text = NULL});
	char name[300];

	(void)state;
	forward_all(w, rows, TEST_CNT(rows));
	/* nothing is said, but counted */
	assert_int_equal(answer_len(w, "drop.example.com."), 0);
	assert_true(w->verdict.blocked);
	assert_false(w->verdict.forward);
	assert_int_equal(answer_len(w, "x.drop.example.com."), 0);
	assert_true(w->verdict.forward);
	/* a name that would be too long */
	(void)snprintf(name, sizeof name, "%s%s%s%sw.example.", label, label, label, label);
	assert_string_equal(ask_or_forward(w, name, "A"), "YXDOMAIN");
	/* by TCP it is a name like any other */
	w->tcp = true;
	assert_int_equal(answer_len(w, "tcp.example.com."), 0);
	assert_true(w->verdict.forward);
	assert_false(w->verdict.blocked);
	world_close(w);
}

static void expect_notes(struct list l, const char *want)
{
	struct gyl_view image;

	list[0] = l;
	list[1].text = NULL;
	image_more = fill;
	image = image_of(zones, TEST_CNT(zones), notes, sizeof notes);
	image_more = NULL;
	assert_string_equal(notes, want);
	assert_non_null(image.p);
	gyl_build_unmap(image);
}

static const char ip_rules[] =
	"$ORIGIN z.\n@ 60 SOA a b 1 1 1 1 1\n32.1.0.0.10.rpz-nsip 60 CNAME .\n"
	"32.1.0.0.10.rpz-ip 60 CNAME .\n32.2.0.0.10.rpz-ip 60 CNAME .\n"
	"32.3.0.0.10.rpz-ip 60 CNAME .\n32.4.0.0.10.rpz-ip 60 CNAME .\n"
	"32.5.0.0.10.rpz-ip 60 CNAME .\n32.6.0.0.10.rpz-ip 60 CNAME .\n"
	"32.7.0.0.10.rpz-ip 60 CNAME .\n32.8.0.0.10.rpz-ip 60 CNAME .\n"
	"32.9.0.0.10.rpz-ip 60 CNAME .\n32.10.0.0.10.rpz-ip 60 CNAME .\n"
	"32.11.0.0.10.rpz-ip 60 CNAME .\n32.12.0.0.10.rpz-ip 60 CNAME .\n"
	"32.9.0.0.10.rpz-nsip 60 CNAME .\n";

#define IP(line, number)                                                                   \
	"list0:" #line ":1: \"32." #number ".0.0.10.rpz-ip.z.\" is left out: rules about " \
	"addresses in answers (rpz-ip) are not known here\n"

static void what_is_left_out_is_told(void **state)
{
	(void)state;
	expect_notes((struct list){GYL_DNS_BLOCK_RPZ, {"nxdomain"}, rpz_text},
		"list0:17:1: \"24.0.0.0.10.rpz-ip.rpz.local.\" is left out: rules about addresses "
		"in answers (rpz-ip) are not known here\n"
		"list0:18:1: \"32.1.0.0.10.rpz-client-ip.rpz.local.\" is left out: rules about who "
		"asks (rpz-client-ip) are not known here\n"
		"list0:19:1: \"ns.evil.example.rpz-nsdname.rpz.local.\" is left out: rules about "
		"names of servers (rpz-nsdname) are not known here\n"
		"list0:20:1: \"32.1.0.0.10.rpz-nsip.rpz.local.\" is left out: rules about addresses "
		"of servers (rpz-nsip) are not known here");
	/* ten one by one, the others by their reasons */
	expect_notes((struct list){GYL_DNS_BLOCK_RPZ, {"nxdomain"}, ip_rules},
		"list0:3:1: \"32.1.0.0.10.rpz-nsip.z.\" is left out: rules about addresses of servers "
		"(rpz-nsip) are not known here\n" IP(4, 1) IP(5, 2) IP(6, 3) IP(7, 4) IP(8, 5) IP(
			9, 6) IP(10, 7) IP(11, 8) IP(12,
			9) "list0:0:0: 1 more left out: rules about addresses of servers (rpz-nsip) are not known "
			   "here\n"
			   "list0:0:0: 3 more left out: rules about addresses in answers (rpz-ip) are not known "
			   "here");
	expect_notes((struct list){GYL_DNS_BLOCK_DOMAINS, {"nxdomain"},
			     "example.com##.ad\n"
			     "  /banner[0-9]/\n"
			     "||example.com^$third-party\n"
			     "||example.com/path\n"
			     "|http://example.com\n"
			     "0.0.0.0 example.com\n"
			     "a..b\n"
			     "x$y\n"
			     "ads*.example.com\n"
			     "example.com$all\n"
			     "@@example.com\n"
			     "a/b\n"},
		"list0:1:1: \"example.com##.ad\" is left out: no name of a domain\n"
		"list0:2:3: \"/banner[0-9]/\" is left out: no name of a domain\n"
		"list0:3:1: \"||example.com^$third-party\" is left out: no name of a domain\n"
		"list0:4:1: \"||example.com/path\" is left out: no name of a domain\n"
		"list0:5:1: \"|http://example.com\" is left out: no name of a domain\n"
		"list0:6:9: \"example.com\" is left out: a line has one domain\n"
		"list0:7:1: \"a..b\" is left out: no name of a domain\n"
		"list0:8:1: \"x$y\" is left out: no name of a domain\n"
		"list0:9:1: \"ads*.example.com\" is left out: no name of a domain\n"
		"list0:10:1: \"example.com$all\" is left out: no name of a domain\n"
		"list0:0:0: 2 more left out: no name of a domain");
	expect_notes((struct list){GYL_DNS_BLOCK_HOSTS, {"nxdomain"},
			     "ads.example\n0.0.0.0 a_b.c x|y.z\n"},
		"list0:1:1: \"ads.example\" is left out: no address\n"
		"list0:2:15: \"x|y.z\" is left out: no name of a host");
}

/* What a list says of a name, as FILE:LINE of the rule; empty: nothing. */
static const char *said_at(struct world *w, const char *qname)
{
	static char text[60];
	struct gyl_dns_place place;
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_dns_key k;
	size_t len = 0;

	gyl_dns_key_init(&k, name, name_of(qname, name));
	text[0] = '\0';
	if (gyl_dns_names_find(w->data.image, GYL_DNS_TABLE_BLOCK, &k, &len) != 0 &&
		gyl_dns_origin_block(w->data.image, &k, len, &place))
		(void)snprintf(text, sizeof text, "%.*s:%u", (int)place.path.len,
			(const char *)place.path.p, (unsigned)place.line);
	return text;
}

static void every_rule_has_its_line(void **state)
{
	enum {
		LINES = 1000
	};
	static char text[LINES * 24];
	static const struct list rpz = {GYL_DNS_BLOCK_RPZ, {"nxdomain"},
		"@ 60 SOA a b 1 1 1 1 1\n\n*.both.example 60 CNAME .\nboth.example 60 CNAME *.\n"
		"data.example 60 A 10.0.0.1\ndata.example 60 A 10.0.0.2\n"
		"*.data.example 60 A 10.0.0.3\nn500.example 60 CNAME .\n"
		"*.n501.example 60 CNAME .\nnew.example 60 CNAME .\n"};
	struct world *w;
	char *p = text;

	(void)state;
	/* every hundredth line is a comment, every fiftieth has a name that is there already */
	for (unsigned i = 1; i <= LINES; i++)
		p += sprintf(
			p, i % 100 == 0 ? "# %u\n" : "n%u.example\n", i % 50 == 49 ? i - 1 : i);
	w = open_world((struct list){GYL_DNS_BLOCK_DOMAINS, {"nxdomain"}, text}, rpz);
	for (unsigned i = 1; i <= LINES; i++) {
		char name[30], below[40], want[30] = "";

		(void)snprintf(name, sizeof name, "n%u.example.", i);
		(void)snprintf(below, sizeof below, "x.%s", name);
		if (i % 100 != 0 && i % 50 != 49)
			(void)snprintf(want, sizeof want, "list0:%u", i);
		if (i == 500)
			(void)snprintf(want, sizeof want, "list1:8");
		assert_string_equal(said_at(w, name), want);
		assert_string_equal(said_at(w, below), i == 500 ? "" : want);
	}
	assert_string_equal(said_at(w, "both.example."), "list1:4");
	assert_string_equal(said_at(w, "x.both.example."), "list1:3");
	assert_string_equal(said_at(w, "data.example."), "list1:5");
	assert_string_equal(said_at(w, "x.data.example."), "list1:7");
	assert_string_equal(said_at(w, "new.example."), "list1:10");
	assert_string_equal(said_at(w, "none.example."), "");
	/* names on lines one after the other share an entry */
	assert_true(gyl_dns_names_head(w->data.image)->origin_cnt < 60);
	world_close(w);
}

enum {
	MANY = 1000000,
	NAME_LEN = 22 /* "n0000000.ads.example." on the wire */
};

/* A million names: at most 24 octets each beside the name, and a probe a label. */
static void a_million_names(void **state)
{
	char *text = malloc((size_t)MANY * 24), *p = text;
	struct list l = {GYL_DNS_BLOCK_DOMAINS, {"nxdomain"}, text};
	const struct gyl_dns_names_head *head;
	struct world *w;
	size_t octets;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < MANY; i++)
		p += sprintf(p, "n%07u.ads.example\n", i);
	w = open_world(l, (struct list){.text = NULL});
	head = gyl_dns_names_head(w->data.image);
	octets = w->data.image->len - w->data.image->names_off;
	print_message("%.1f octets a name\n", (double)octets / MANY);
	assert_int_equal(head->table[GYL_DNS_TABLE_BLOCK].cnt, MANY);
	assert_true(octets < (size_t)MANY * (24 + NAME_LEN));
	assert_string_equal(ask_or_forward(w, "n0000000.ads.example.", "A"),
		"NXDOMAIN; ns SOA n0000000.ads.example. 10");
	assert_string_equal(ask_or_forward(w, "a.b.n0999999.ads.example.", "A"),
		"NXDOMAIN; ns SOA n0999999.ads.example. 10");
	assert_string_equal(
		ask_or_forward(w, "n1000000.ads.example.", "A"), "forward 0 n1000000.ads.example.");
	world_close(w);
	free(text);
}

/* Every octet of the names counts: what is not sound does not pass the gate. */
static void a_broken_table_is_refused(void **state)
{
	static const struct list rpz = {GYL_DNS_BLOCK_RPZ, {"nxdomain"},
		"$TTL 60\n@ SOA . . 1 1 1 1 1\na.b CNAME .\nc.d A 10.0.0.1\n"};
	struct world *w = open_world(rpz, (struct list){.text = NULL});
	size_t len = w->image.len, from = w->data.image->names_off;
	struct gyl_dns_image *im = aligned_alloc(8, (len + 7) & ~(size_t)7);
	unsigned refused = 0;

	(void)state;
	assert_non_null(im);
	for (size_t at = from; at < len; at++) {
		memcpy(im, w->image.p, len);
		((uint8_t *)im)[at] ^= 0x41;
		im->checksum = gyl_dns_image_checksum(im);
		/* some octets may be anything: addresses, TTLs, padding */
		refused += gyl_dns_image_open(gyl_view(im, len)) == NULL;
	}
	assert_true(refused > (len - from) * 2 / 3);
	memcpy(im, w->image.p, len);
	assert_non_null(gyl_dns_image_open(gyl_view(im, len)));
	im->names_off += 4;
	im->checksum = gyl_dns_image_checksum(im);
	assert_null(gyl_dns_image_open(gyl_view(im, len)));
	free(im);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains_with_all_below),
		cmocka_unit_test(hosts_with_addresses_instead),
		cmocka_unit_test(policy_zones),
		cmocka_unit_test(what_is_left_out_is_told),
		cmocka_unit_test(every_rule_has_its_line),
		cmocka_unit_test(a_million_names),
		cmocka_unit_test(a_broken_table_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
