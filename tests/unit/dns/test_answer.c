/* SPDX-License-Identifier: ISC */

/* Answers, by the RFC that asks for them. */

#include "tests/unit/dns/ask.h"

/* The zone of RFC 4592 2.2.1 as it stands in tests/data/zones. */
static struct world *open_4592(void)
{
	static char text[4096];
	struct zone_text zone = {"example.", text};
	FILE *in = fopen(GYL_TEST_DIR "/data/zones/rfc4592.zone", "re");

	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	return world_open(&zone, 1);
}

static void rfc4592_example_zone(void **state)
{
	static const struct row rows[] = {
		/* 2.2.1: synthesized from a wildcard */
		{"host3.example.", "MX",
			"NOERROR AA; an host3.example. 3600 MX 10 host1.example.; "
			"ar host1.example. 3600 A 192.0.2.1"},
		{"host3.example.", "A", "NOERROR AA; ns SOA example. 300"},
		{"foo.bar.example.", "TXT",
			"NOERROR AA; an foo.bar.example. 3600 TXT \"this is a wildcard\""},
		/* not synthesized: it exists */
		{"host1.example.", "MX", "NOERROR AA; ns SOA example. 300"},
		/* a literal asterisk below which there is something */
		{"sub.*.example.", "MX", "NOERROR AA; ns SOA example. 300"},
		{"sub.*.example.", "TXT",
			"NOERROR AA; an sub.*.example. 3600 TXT \"this is not a wildcard\""},
		{"*.example.", "TXT", "NOERROR AA; an *.example. 3600 TXT \"this is a wildcard\""},
		{"ghost.*.example.", "MX", "NXDOMAIN AA; ns SOA example. 300"},
		/* the closest encloser is _tcp.host1, which has no wildcard */
		{"_telnet._tcp.host1.example.", "SRV", "NXDOMAIN AA; ns SOA example. 300"},
		/* the closest encloser is the cut */
		{"host.subdel.example.", "A",
			"NOERROR; ns subdel.example. 3600 NS ns.example.com.; "
			"ns subdel.example. 3600 NS ns.example.net."},
		/* 2.2.2: empty non-terminals exist, and so hide the wildcard */
		{"host2.example.", "TXT", "NOERROR AA; ns SOA example. 300"},
		{"_tcp.host2.example.", "TXT", "NOERROR AA; ns SOA example. 300"},
		{"x.host2.example.", "TXT", "NXDOMAIN AA; ns SOA example. 300"},
		/* 3.3.1: the closest encloser decides, however far above */
		{"a.b.c.d.example.", "TXT",
			"NOERROR AA; an a.b.c.d.example. 3600 TXT \"this is a wildcard\""},
		{"x.host1.example.", "TXT", "NXDOMAIN AA; ns SOA example. 300"},
		/* an asterisk in the question is a label like any other */
		{"*.host1.example.", "TXT", "NXDOMAIN AA; ns SOA example. 300"},
		{"**.example.", "TXT",
			"NOERROR AA; an **.example. 3600 TXT \"this is a wildcard\""},
	};
	struct world *w = open_4592();

	(void)state;
	ask_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static const char hard_zone[] =
	"$TTL 300\n"
	"@ SOA ns hostmaster 7 7200 900 1209600 60\n"
	"@ NS ns\n@ NS ns.other.\n@ MX 10 mail\n"
	"ns A 192.0.2.53\nns AAAA 2001:db8::53\n"
	"mail A 192.0.2.25\n"
	"www CNAME web\nweb A 192.0.2.80\nweb A 192.0.2.81\n"
	"c1 CNAME c2\nc2 CNAME c3\nc3 CNAME www\n"
	"gone CNAME nothing\nout CNAME www.elsewhere.\nnodata CNAME mail\nin CNAME a.two.\n"
	"loop CNAME pool\npool CNAME loop\nself CNAME self\n"
	"*.w CNAME web\n*.l CNAME x.l\n*.lit MX 5 *.lit\n*.deep.wild TXT \"deep\"\n"
	"d DNAME two.\nd TXT \"top\"\ndd DNAME very.very.very.very.very.very.long.name\n"
	"sub NS ns.sub\nsub NS ns.sib\nsub NS ns.other.\nns.sub A 192.0.2.54\nns.sub AAAA 2001:db8::54\n"
	"sib NS ns.sib\nns.sib A 192.0.2.55\n"
	"sub DS 1 8 1 0102030405060708090001020304050607080900\n"
	"many.sub TXT \"hidden\"\n"
	"to CNAME a.b.sub\n"
	"_sip._udp SRV 0 0 5060 mail\n"
	"odd\\000\\255 A 192.0.2.99\n"
	"host HINFO \"a\" \"b\"\nhost A 192.0.2.9\n";

static const char second_zone[] =
	"@ 100 SOA . . 1 0 0 0 3600\n@ NS ns.one.\na A 198.51.100.1\nb CNAME web.one.\n";

static struct world *open_hard(void)
{
	static const struct zone_text zone[] = {{"one.", hard_zone}, {"two.", second_zone}};

	return world_open(zone, 2);
}

static void rfc1034_algorithm(void **state)
{
	static const struct row rows[] = {
		/* RFC 1034 3.6.2, 4.3.2 3a: CNAMEs are followed, through wildcards and other zones
		 */
		{"www.one.", "A",
			"NOERROR AA; an www.one. 300 CNAME web.one.; an web.one. 300 A 192.0.2.80; "
			"an web.one. 300 A 192.0.2.81"},
		{"www.one.", "CNAME", "NOERROR AA; an www.one. 300 CNAME web.one."},
		{"c1.one.", "A",
			"NOERROR AA; an c1.one. 300 CNAME c2.one.; an c2.one. 300 CNAME c3.one.; "
			"an c3.one. 300 CNAME www.one.; an www.one. 300 CNAME web.one.; "
			"an web.one. 300 A 192.0.2.80; an web.one. 300 A 192.0.2.81"},
		{"in.one.", "A",
			"NOERROR AA; an in.one. 300 CNAME a.two.; an a.two. 100 A 198.51.100.1"},
		{"x.w.one.", "AAAA", "NOERROR AA; an x.w.one. 300 CNAME web.one.; ns SOA one. 60"},
		{"out.one.", "A", "NOERROR AA; an out.one. 300 CNAME www.elsewhere."},
		/* RFC 6604 3: the code is that of the last name */
		{"gone.one.", "A",
			"NXDOMAIN AA; an gone.one. 300 CNAME nothing.one.; ns SOA one. 60"},
		{"nodata.one.", "TXT",
			"NOERROR AA; an nodata.one. 300 CNAME mail.one.; ns SOA one. 60"},
		/* loops end with what has been seen */
		{"loop.one.", "A",
			"NOERROR AA; an loop.one. 300 CNAME pool.one.; an pool.one. 300 CNAME loop.one."},
		{"self.one.", "A", "NOERROR AA; an self.one. 300 CNAME self.one."},
		{"a.l.one.", "A",
			"NOERROR AA; an a.l.one. 300 CNAME x.l.one.; an x.l.one. 300 CNAME x.l.one."},
		/* a chain into a delegated zone: AA is about the first name (RFC 1035 4.1.1) */
		{"to.one.", "A",
			"NOERROR AA; an to.one. 300 CNAME a.b.sub.one.; ns sub.one. 300 NS ns.sub.one.; "
			"ns sub.one. 300 NS ns.sib.one.; ns sub.one. 300 NS ns.other.; "
			"ar ns.sub.one. 300 A 192.0.2.54; ar ns.sub.one. 300 AAAA 2001:db8::54; "
			"ar ns.sib.one. 300 A 192.0.2.55"},
		/* RFC 4592 2.1.3, 4.4: the asterisk in rdata stays what it is */
		{"x.lit.one.", "MX", "NOERROR AA; an x.lit.one. 300 MX 5 *.lit.one."},
		{"a.b.deep.wild.one.", "TXT", "NOERROR AA; an a.b.deep.wild.one. 300 TXT \"deep\""},
		{"a.wild.one.", "TXT", "NXDOMAIN AA; ns SOA one. 60"},
		/* labels are octets (RFC 2181 11) */
		{"odd\\000\\255.one.", "A", "NOERROR AA; an odd\\000\\255.one. 300 A 192.0.2.99"},
		/* RFC 2308 3: the lesser of TTL and minimum */
		{"nix.two.", "A", "NXDOMAIN AA; ns SOA two. 100"},
		{"nix.one.", "A", "NXDOMAIN AA; ns SOA one. 60"},
		{"one.", "SOA",
			"NOERROR AA; an one. 300 SOA ns.one. hostmaster.one. 7 7200 900 1209600 60"},
		/* RFC 8482 4.1 */
		{"host.one.", "ANY", "NOERROR AA; an host.one. 300 A 192.0.2.9"},
		{"www.one.", "ANY", "NOERROR AA; an www.one. 300 CNAME web.one."},
		{"nix.one.", "ANY", "NXDOMAIN AA; ns SOA one. 60"},
		/* additional addresses */
		{"one.", "MX",
			"NOERROR AA; an one. 300 MX 10 mail.one.; ar mail.one. 300 A 192.0.2.25"},
		{"_sip._udp.one.", "SRV",
			"NOERROR AA; an _sip._udp.one. 300 SRV 0 0 5060 mail.one.; "
			"ar mail.one. 300 A 192.0.2.25"},
		{"one.", "NS",
			"NOERROR AA; an one. 300 NS ns.one.; an one. 300 NS ns.other.; "
			"ar ns.one. 300 A 192.0.2.53; ar ns.one. 300 AAAA 2001:db8::53"},
		/* nothing to do with us */
		{"three.", "A", "REFUSED"},
		{".", "NS", "REFUSED"},
	};
	struct world *w = open_hard();

	(void)state;
	ask_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

#define SUB_REFERRAL \
	"ns sub.one. 300 NS ns.sub.one.; ns sub.one. 300 NS ns.sib.one.; ns sub.one. 300 NS ns.other.; "
#define SUB_GLUE                                                                  \
	"ar ns.sub.one. 300 A 192.0.2.54; ar ns.sub.one. 300 AAAA 2001:db8::54; " \
	"ar ns.sib.one. 300 A 192.0.2.55"

static void delegations(void **state)
{
	static const struct row rows[] = {
		{"sub.one.", "A", "NOERROR; " SUB_REFERRAL SUB_GLUE},
		{"sub.one.", "NS", "NOERROR; " SUB_REFERRAL SUB_GLUE},
		{"a.b.sub.one.", "A", "NOERROR; " SUB_REFERRAL SUB_GLUE},
		/* what lies below a cut is glue, no answer */
		{"ns.sub.one.", "A", "NOERROR; " SUB_REFERRAL SUB_GLUE},
		{"many.sub.one.", "TXT", "NOERROR; " SUB_REFERRAL SUB_GLUE},
		/* RFC 4035 3.1.4.1: DS belongs to the zone above */
		{"sub.one.", "DS",
			"NOERROR AA; an sub.one. 300 DS 1 8 1 0102030405060708090001020304050607080900"},
		{"sib.one.", "DS", "NOERROR AA; ns SOA one. 60"},
		{"x.sub.one.", "DS", "NOERROR; " SUB_REFERRAL SUB_GLUE},
		{"one.", "DS", "NOERROR AA; ns SOA one. 60"},
	};
	struct world *w = open_hard();

	(void)state;
	ask_all(w, rows, TEST_CNT(rows));
	/* RFC 4035 3.1.4: DS goes along for those who ask for it */
	w->udp_size = 1232;
	w->dnssec_ok = true;
	assert_string_equal(ask(w, "x.sub.one.", "A"),
		"NOERROR; " SUB_REFERRAL
		"ns sub.one. 300 DS 1 8 1 0102030405060708090001020304050607080900; " SUB_GLUE);
	world_close(w);
}

static void rfc6672_dname(void **state)
{
	static const struct row rows[] = {
		{"a.d.one.", "A",
			"NOERROR AA; an d.one. 300 DNAME two.; an a.d.one. 300 CNAME a.two.; "
			"an a.two. 100 A 198.51.100.1"},
		{"b.d.one.", "TXT",
			"NOERROR AA; an d.one. 300 DNAME two.; an b.d.one. 300 CNAME b.two.; "
			"an b.two. 100 CNAME web.one.; ns SOA one. 60"},
		{"x.y.d.one.", "A",
			"NXDOMAIN AA; an d.one. 300 DNAME two.; "
			"an x.y.d.one. 300 CNAME x.y.two.; ns SOA two. 100"},
		{"a.d.one.", "CNAME",
			"NOERROR AA; an d.one. 300 DNAME two.; an a.d.one. 300 CNAME a.two."},
		/* 2.3: the owner itself is not redirected */
		{"d.one.", "TXT", "NOERROR AA; an d.one. 300 TXT \"top\""},
		{"d.one.", "A", "NOERROR AA; ns SOA one. 60"},
		{"d.one.", "DNAME", "NOERROR AA; an d.one. 300 DNAME two."},
		/* 2.2: the new name would be too long */
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.dd.one.",
			"A",
			"YXDOMAIN AA; an dd.one. 300 DNAME very.very.very.very.very.very.long.name.one."},
	};
	struct world *w = open_hard();

	(void)state;
	ask_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

/* A zone and one below it, both here: DS is asked in the upper one, all else in the lower. */
static void zones_below_each_other(void **state)
{
	static const struct zone_text zone[] = {
		{"up.", "$TTL 60\n@ SOA . . 1 0 0 0 60\n@ NS ns.\nlow NS ns.\nlow DS 1 8 1 "
			"0102030405060708090001020304050607080900\nhost.low A 192.0.2.1\n* A 192.0.2.2\n"},
		{"low.up.", "$TTL 60\n@ SOA . . 2 0 0 0 60\n@ NS ns.\n@ A 192.0.2.3\n"},
		{"x.lone.up.", "$TTL 60\n@ SOA . . 3 0 0 0 60\n@ NS ns.\n"},
	};
	static const struct row rows[] = {
		{"low.up.", "A", "NOERROR AA; an low.up. 60 A 192.0.2.3"},
		{"low.up.", "DS",
			"NOERROR AA; an low.up. 60 DS 1 8 1 0102030405060708090001020304050607080900"},
		{"low.up.", "NS", "NOERROR AA; an low.up. 60 NS ns."},
		{"host.low.up.", "A", "NXDOMAIN AA; ns SOA low.up. 60"},
		/* not delegated, and served all the same: the zone above speaks for its wildcard */
		{"x.lone.up.", "DS", "NOERROR AA; ns SOA up. 60"},
		{"lone.up.", "A", "NOERROR AA; an lone.up. 60 A 192.0.2.2"},
	};
	struct world *w = world_open(zone, 3);

	(void)state;
	ask_all(w, rows, TEST_CNT(rows));
	world_close(w);
}

static void chains_are_bounded(void **state)
{
	char text[4096], *p = text;
	struct zone_text zone = {"z.", text};
	struct world *w;

	(void)state;
	p += sprintf(p, "$TTL 60\n@ SOA . . 1 0 0 0 60\n@ NS ns.\n");
	for (int i = 0; i < 40; i++)
		p += sprintf(p, "n%d CNAME n%d\n", i, i + 1);
	w = world_open(&zone, 1);
	w->tcp = true;
	ask(w, "n0.z.", "A");
	assert_null(strstr(w->text, "an n20.z."));
	assert_non_null(strstr(w->text, "an n19.z. 60 CNAME n20.z."));
	assert_memory_equal(w->text, "NOERROR AA", 10);
	world_close(w);
}

/* --- EDNS, sizes --- */

static struct gyl_dns_msg decoded(const struct world *w)
{
	struct gyl_dns_msg m;

	assert_int_equal(gyl_dns_decode(gyl_view(w->msg, w->len), &m).err, GYL_OK);
	return m;
}

static void rfc6891_opt(void **state)
{
	struct world *w = open_hard();
	struct gyl_dns_msg m;
	struct gyl_dns_option opt;
	size_t off = 0, len;

	(void)state;
	ask(w, "www.one.", "A");
	assert_false(decoded(w).edns.present); /* 6.1.1: none without one */
	w->udp_size = 4096;
	ask(w, "www.one.", "A");
	m = decoded(w);
	assert_true(m.edns.present);
	assert_int_equal(m.edns.udp_size, 1232);
	assert_int_equal(m.edns.flags, 0);
	assert_int_equal(m.edns.options.len, 0);
	w->dnssec_ok = true;
	ask(w, "www.one.", "A");
	assert_true(decoded(w).edns.dnssec_ok); /* RFC 3225 3: copied */
	/* RFC 8914 4.21 with REFUSED */
	ask(w, "three.", "A");
	m = decoded(w);
	assert_true(gyl_dns_option_next(m.edns.options, &off, &opt));
	assert_int_equal(opt.code, GYL_DNS_OPT_EDE);
	assert_true(gyl_view_eq(opt.val, gyl_view("\0\24", 2)));
	/* 6.1.3: a version that we do not know */
	len = make_query(w, "www.one.", "A");
	w->query[len - 5] = 1;
	give(w, gyl_view(w->query, len));
	show_answer(w);
	assert_string_equal(w->text, "BADVERS");
	assert_int_equal(decoded(w).edns.version, 0);
	world_close(w);
}

static void rfc5001_nsid(void **state)
{
	static const uint8_t option[] = {0, 3, 0, 0};
	struct world *w = open_hard();
	struct gyl_dns_msg m;
	struct gyl_dns_option opt;
	size_t off = 0, len;

	(void)state;
	w->udp_size = 1232;
	for (int named = 0; named < 2; named++) {
		w->policy.nsid = gyl_view_str(named ? "box" : "");
		len = make_query(w, "one.", "A");
		w->query[len - 1] = sizeof option;
		memcpy(w->query + len, option, sizeof option);
		give(w, gyl_view(w->query, len + sizeof option));
		m = decoded(w);
		assert_int_equal(gyl_dns_option_next(m.edns.options, &off, &opt), named);
	}
	assert_int_equal(opt.code, GYL_DNS_OPT_NSID);
	assert_true(gyl_view_eq(opt.val, gyl_view_str("box")));
	world_close(w);
}

static void sizes_and_truncation(void **state)
{
	char text[8192], *p = text;
	struct zone_text zone = {"z.", text};
	static const struct {
		const char *qname;
		size_t len_max;
		uint16_t udp_size, answers;
		bool tc;
	} rows[] = {
		/* RFC 2181 9: an RRset is there whole or not at all */
		{"few.z.", 512, 0, 20, false},
		{"some.z.", 512, 0, 0, true},
		{"some.z.", 1232, 1232, 60, false},
		{"lots.z.", 1232, 4096, 0, true},
		{"some.z.", 512, 100, 0, true}, /* RFC 6891 6.2.3: less than 512 means 512 */
		{"to.z.", 512, 0, 1, true},
	};
	struct world *w;

	(void)state;
	p += sprintf(p, "$TTL 60\n@ SOA . . 1 0 0 0 60\n@ NS ns.\nto CNAME some\n");
	for (int i = 0; i < 100; i++) {
		if (i < 20)
			p += sprintf(p, "few A 192.0.2.%d\n", i);
		if (i < 60)
			p += sprintf(p, "some A 192.0.2.%d\n", i);
		p += sprintf(p, "lots A 192.0.2.%d\n", i);
	}
	w = world_open(&zone, 1);
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		struct gyl_dns_msg m;

		w->udp_size = rows[i].udp_size;
		ask(w, rows[i].qname, "A");
		m = decoded(w);
		assert_int_equal((m.header.flags & GYL_DNS_TC) != 0, rows[i].tc);
		assert_int_equal(w->verdict.truncated, rows[i].tc);
		assert_int_equal(m.header.cnt[GYL_DNS_ANSWER], rows[i].answers);
		assert_true(w->len <= rows[i].len_max);
	}
	w->tcp = true;
	ask(w, "lots.z.", "A");
	assert_int_equal(decoded(w).header.cnt[GYL_DNS_ANSWER], 100);
	world_close(w);
}

/* RFC 9471 3.1: glue that is needed and does not fit sets TC, any other does not. */
static void glue_that_does_not_fit(void **state)
{
	char text[8192], *p = text;
	struct zone_text zone = {"z.", text};
	struct world *w;

	(void)state;
	p += sprintf(p, "$TTL 60\n@ SOA . . 1 0 0 0 60\n@ NS ns.\n");
	for (int i = 0; i < 13; i++) {
		p += sprintf(p, "in NS ns%d.in\nns%d.in AAAA 2001:db8::%d\n", i, i, i);
		p += sprintf(p, "@ MX %d m%d\nm%d AAAA 2001:db8::%d\n", i, i, i, i);
	}
	w = world_open(&zone, 1);
	ask(w, "x.in.z.", "A");
	assert_memory_equal(w->text, "NOERROR TC; ns ", 15);
	ask(w, "z.", "MX");
	assert_memory_equal(w->text, "NOERROR AA; an ", 15);
	assert_true(w->len > 450);
	w->udp_size = 1232;
	ask(w, "x.in.z.", "A");
	assert_memory_equal(w->text, "NOERROR; ns ", 12);
	world_close(w);
}

static void rfc4343_case_of_the_question_is_kept(void **state)
{
	struct world *w = open_hard();

	(void)state;
	assert_string_equal(ask(w, "wEb.ONE.", "A"),
		"NOERROR AA; an wEb.ONE. 300 A 192.0.2.80; an wEb.ONE. 300 A 192.0.2.81");
	assert_string_equal(ask(w, "A.d.oNe.", "CNAME"),
		"NOERROR AA; an d.oNe. 300 DNAME two.; an A.d.oNe. 300 CNAME A.two.");
	world_close(w);
}

/* --- messages that are no ordinary query --- */

static void odd_messages(void **state)
{
#define Q "03777777036f6e6500" /* www.one. */
	static const struct {
		const char *name, *hex, *want; /* want: the answer from its flags on; empty: none */
	} rows[] = {
		{"RFC 1035 4.1.1: an answer is not answered",
			"0001 8000 0001 0000 0000 0000" Q "0001 0001", ""},
		{"no header", "0001 0000 0001", ""},
		{"nothing", "", ""},
		{"RFC 9619: no question", "0001 0100 0000 0000 0000 0000",
			"8101 0000 0000 0000 0000"},
		{"RFC 9619: two", "0001 0000 0002 0000 0000 0000" Q "0001 0001" Q "0001 0001",
			"8001 0000 0000 0000 0000"},
		{"question cut short", "0001 0000 0001 0000 0000 0000 0377",
			"8001 0000 0000 0000 0000"},
		{"unknown opcode", "0001 3000 0001 0000 0000 0000" Q "0001 0001",
			"b004 0001 0000 0000 0000" Q "0001 0001"},
		{"UPDATE without zone", "0001 2800 0000 0000 0000 0000",
			"a804 0000 0000 0000 0000"},
		{"CD and RD are copied, AD and Z are not",
			"0001 0170 0001 0000 0000 0000" Q "0010 0001", NULL},
		{"class CH that we do not tell", "0001 0000 0001 0000 0000 0000" Q "0010 0003",
			"8005 0001 0000 0000 0000" Q "0010 0003"},
		{"class HS", "0001 0000 0001 0000 0000 0000" Q "0001 0004",
			"8005 0001 0000 0000 0000" Q "0001 0004"},
		{"RFC 5936 2.2.1: AXFR of what is no zone",
			"0001 0000 0001 0000 0000 0000" Q "00fc 0001",
			"8009 0001 0000 0000 0000" Q "00fc 0001"},
		{"qtype OPT", "0001 0000 0001 0000 0000 0000" Q "0029 0001",
			"8001 0001 0000 0000 0000" Q "0029 0001"},
		{"RFC 6891 6.1.1: two OPTs",
			"0001 0000 0001 0000 0000 0002" Q
			"0001 0001 00 0029 0200 00000000 0000 00 0029 0200 "
			"00000000 0000",
			"8001 0000 0000 0000 0000"},
		{"RFC 6891 6.1.2: OPT with a name",
			"0001 0000 0001 0000 0000 0001" Q
			"0001 0001 0161 00 0029 0200 00000000 0000",
			"8001 0000 0000 0000 0000"},
	};
	struct world *w = open_hard();

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		uint8_t in[512], want[512];
		size_t len = hex_bytes(rows[i].hex, in, sizeof in), want_len;
		struct guard g;

		guard_open(&g, gyl_view(in, len));
		give(w, g.view);
		guard_close(&g);
		if (rows[i].want == NULL) {
			assert_int_equal(gyl_get_u16(w->msg + 2), 0x8510);
			continue;
		}
		want_len = hex_bytes(rows[i].want, want, sizeof want);
		if (want_len == 0 && w->len == 0)
			continue;
		if (w->len != want_len + 2 || memcmp(w->msg + 2, want, want_len) != 0)
			fail_msg("%s", rows[i].name);
		assert_memory_equal(w->msg, in, 2);
	}
	world_close(w);
#undef Q
}

static void class_ch_tells_what_is_configured(void **state)
{
	struct world *w = open_hard();
	struct gyl_dns_cursor cur;
	struct gyl_dns_msg m;
	struct gyl_dns_rr rr;
	size_t len;

	(void)state;
	w->policy.version = gyl_view_str("guyline");
	len = make_query(w, "version.bind.", "TXT");
	w->query[len - 1] = 3;
	give(w, gyl_view(w->query, len));
	m = decoded(w);
	gyl_dns_rr_init(&cur, &m, GYL_DNS_ANSWER);
	assert_true(gyl_dns_rr_next(&cur, &rr));
	assert_int_equal(rr.rrclass, GYL_DNS_CLASS_CH);
	assert_true(gyl_view_eq(rr.rdata, gyl_view_str("\007guyline")));
	len = make_query(w, "hostname.bind.", "TXT");
	w->query[len - 1] = 3;
	give(w, gyl_view(w->query, len));
	show_answer(w);
	assert_string_equal(w->text, "REFUSED");
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc4592_example_zone),
		cmocka_unit_test(rfc1034_algorithm),
		cmocka_unit_test(delegations),
		cmocka_unit_test(rfc6672_dname),
		cmocka_unit_test(zones_below_each_other),
		cmocka_unit_test(chains_are_bounded),
		cmocka_unit_test(rfc6891_opt),
		cmocka_unit_test(rfc5001_nsid),
		cmocka_unit_test(sizes_and_truncation),
		cmocka_unit_test(glue_that_does_not_fit),
		cmocka_unit_test(rfc4343_case_of_the_question_is_kept),
		cmocka_unit_test(odd_messages),
		cmocka_unit_test(class_ch_tells_what_is_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
