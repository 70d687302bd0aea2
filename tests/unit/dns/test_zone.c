/* SPDX-License-Identifier: ISC */

/* The reader of master files: what it takes, and where it says what is wrong. */

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "services/dns/zonec/zone.h"
#include "tests/unit/dns/ask.h"

struct reading {
	struct gyl_build b;
	struct gyl_writer out;
	char text[8192], notes[8192];
};

/* A record a line: owner TTL type rdata. */
static void note_rr(void *arg, const struct gyl_zone_rr *rr)
{
	struct reading *r = arg;
	struct gyl_dns_rr one = gyl_dns_rr_alone(rr->type, GYL_DNS_CLASS_IN, rr->rdata);
	size_t from = r->out.len;

	assert_int_equal(gyl_dns_rdata_check(rr->type, GYL_DNS_CLASS_IN, rr->rdata).err, GYL_OK);
	assert_int_equal(gyl_dns_name_len(rr->owner), rr->owner_len);
	if (from != 0)
		gyl_text_str(&r->out, "; ");
	gyl_dns_name_print(&r->out, rr->owner);
	gyl_text_char(&r->out, ' ');
	gyl_text_u64(&r->out, rr->ttl);
	gyl_text_char(&r->out, ' ');
	gyl_dns_type_print(&r->out, rr->type);
	gyl_text_char(&r->out, ' ');
	gyl_dns_rdata_print(&r->out, rr->rdata, &one);
	tabs_to_spaces(&r->out, from);
}

static const char *keep(void *arg, const char *path)
{
	(void)arg;
	return path;
}

static void begin(struct reading *r, struct gyl_zone_reader *rd)
{
	assert_int_equal(gyl_build_open(&r->b), 0);
	gyl_writer_init(&r->out, r->text, sizeof r->text - 1);
	*rd = (struct gyl_zone_reader){.build = &r->b, .rr = note_rr, .arg = r, .keep = keep};
}

static bool end(struct reading *r, bool ok)
{
	r->text[r->out.len] = '\0';
	notes_of(&r->b, r->notes, sizeof r->notes);
	gyl_build_close(&r->b);
	return ok;
}

static bool read_text(struct reading *r, const char *text)
{
	struct gyl_zone_reader rd;
	uint8_t origin[GYL_DNS_NAME_MAX];
	struct guard g;
	bool ok;

	name_of("z.", origin);
	begin(r, &rd);
	guard_open(&g, gyl_view_str(text));
	ok = gyl_zone_read_text(&rd, origin, "f", g.view);
	guard_close(&g);
	return end(r, ok);
}

static void good_zones(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} rows[] = {
		/* RFC 1035 5.1: owner, TTL, class, type */
		{"all there", "a 60 IN A 192.0.2.1\n", "a.z. 60 A 192.0.2.1"},
		{"class first", "a IN 60 A 192.0.2.1\n", "a.z. 60 A 192.0.2.1"},
		{"no class", "a 60 A 192.0.2.1", "a.z. 60 A 192.0.2.1"},
		{"no TTL: the last one", "a 60 A 192.0.2.1\nb A 192.0.2.2\n",
			"a.z. 60 A 192.0.2.1; b.z. 60 A 192.0.2.2"},
		{"blank owner", "a 60 A 192.0.2.1\n\tA 192.0.2.2\n",
			"a.z. 60 A 192.0.2.1; a.z. 60 A 192.0.2.2"},
		{"mnemonics in any case", "a 60 in txt x\n", "a.z. 60 TXT \"x\""},
		{"a type as owner", "mx 60 A 192.0.2.1\n", "mx.z. 60 A 192.0.2.1"},
		{"units of time", "a 1h30m A 192.0.2.1\n", "a.z. 5400 A 192.0.2.1"},
		{"class by number", "a 60 CLASS1 A 192.0.2.1\n", "a.z. 60 A 192.0.2.1"},
		{"SOA without TTL has its minimum", "@ SOA a b 1 2 3 4 5\n",
			"z. 5 SOA a.z. b.z. 1 2 3 4 5"},
		/* names */
		{"origin", "@ 60 CNAME @\n", "z. 60 CNAME z."},
		{"absolute", "a.z. 60 CNAME b.\n", "a.z. 60 CNAME b."},
		{"escapes", "a\\.b\\;\\032\\000 60 CNAME \\@\n",
			"a\\.b\\;\\032\\000.z. 60 CNAME \\@.z."},
		{"case is kept", "Aa 60 CNAME Bb\n", "Aa.z. 60 CNAME Bb.z."},
		{"asterisks", "* 60 A 192.0.2.1\na.* 60 A 192.0.2.1\n",
			"*.z. 60 A 192.0.2.1; a.*.z. 60 A 192.0.2.1"},
		/* lines */
		{"parentheses", "a 60 A (\n 192.0.2.1 ; here\n\n)\n", "a.z. 60 A 192.0.2.1"},
		{"parentheses from the first word", "a ( 60\nIN\nA\n192.0.2.1 )\n",
			"a.z. 60 A 192.0.2.1"},
		{"comments", "; c\n  ; a\n;\"\n", ""},
		{"comment after a word", "a 60 TXT x;y\n", "a.z. 60 TXT \"x\""},
		{"CR LF", "a 60 A 192.0.2.1\r\nb 60 A 192.0.2.2\r\n",
			"a.z. 60 A 192.0.2.1; b.z. 60 A 192.0.2.2"},
		{"empty lines and no end", "\n\n  \n\t\na 60 A 192.0.2.1", "a.z. 60 A 192.0.2.1"},
		{"nothing", "", ""},
		/* strings */
		{"quotes", "a 60 TXT \"a b\" \"\" \"; (\" c\\\"d\n",
			"a.z. 60 TXT \"a b\" \"\" \"; (\" \"c\\\"d\""},
		{"strings that touch", "a 60 TXT \"a\"\"b\"\n", "a.z. 60 TXT \"a\" \"b\""},
		{"a quote inside a word", "a 60 HTTPS 1 . alpn=\"h2,h3\"\n",
			"a.z. 60 HTTPS 1 . alpn=h2,h3"},
		/* directives */
		{"$TTL",
			"$TTL 5\na A 192.0.2.1\n$TTL 1d\nb A 192.0.2.1\nc 7 A 192.0.2.1\nd A 192.0.2.1\n",
			"a.z. 5 A 192.0.2.1; b.z. 86400 A 192.0.2.1; c.z. 7 A 192.0.2.1; d.z. 86400 A 192.0.2.1"},
		{"$ORIGIN",
			"$ORIGIN b\n@ 60 A 192.0.2.1\n$origin c\nx 60 A 192.0.2.1\n$ORIGIN z.\ny 60 A 192.0.2.1\n",
			"b.z. 60 A 192.0.2.1; x.c.b.z. 60 A 192.0.2.1; y.z. 60 A 192.0.2.1"},
		/* $GENERATE, as BIND has it */
		{"numbers", "$GENERATE 9-11 h$ 60 A 10.0.0.$\n",
			"h9.z. 60 A 10.0.0.9; h10.z. 60 A 10.0.0.10; h11.z. 60 A 10.0.0.11"},
		{"steps", "$TTL 60\n$generate 0-5/2 $ IN CNAME a$\n",
			"0.z. 60 CNAME a0.z.; 2.z. 60 CNAME a2.z.; 4.z. 60 CNAME a4.z."},
		{"a number alone", "$GENERATE 7-7 @ 60 MX $ m${-1}\n", "z. 60 MX 7 m6.z."},
		{"offset, width and base",
			"$GENERATE 10-10 a${0,4}-${5}-${-3,0,d} 60 TXT ${0,3,x} ${245,0,X} ${0,3,o}\n",
			"a0010-15-7.z. 60 TXT \"00a\" \"FF\" \"012\""},
		{"nibbles", "$GENERATE 18-18 ${0,8,n}.8.b.d 60 PTR h${0,3,N}\n",
			"2.1.0.0.8.b.d.z. 60 PTR h2.1.z."},
		{"dollars", "$GENERATE 1-1 a$ 60 TXT \\$ $$ \"$ $\" \\065$\n",
			"a1.z. 60 TXT \"$\" \"$\" \"1 1\" \"A1\""},
		{"the name goes on", "$GENERATE 1-2 g$ 60 A 10.0.0.$\n A 10.0.0.9\n",
			"g1.z. 60 A 10.0.0.1; g2.z. 60 A 10.0.0.2; g2.z. 60 A 10.0.0.9"},
		{"a classless delegation (RFC 2317 4)", "$GENERATE 1-2 $ 60 CNAME $.0/25\n",
			"1.z. 60 CNAME 1.0\\/25.z.; 2.z. 60 CNAME 2.0\\/25.z."},
		/* RFC 3597 5 */
		{"unknown type", "a 60 TYPE4711 \\# 3 ab CDef\n", "a.z. 60 TYPE4711 \\# 3 abcdef"},
		{"known type in that form", "a 60 A \\# 4 c0000201\n", "a.z. 60 A 192.0.2.1"},
		{"known type by number", "a 60 TYPE1 192.0.2.1\n", "a.z. 60 A 192.0.2.1"},
		/* types younger than ldns (RFC 9859, RFC 9606) */
		{"DSYNC", "a 60 DSYNC CDS 1 5300 notify\n", "a.z. 60 DSYNC CDS 1 5300 notify.z."},
		{"RESINFO", "a 60 RESINFO qnamemin exterr=15-17\n",
			"a.z. 60 RESINFO \"qnamemin\" \"exterr=15-17\""},
		{"more of them", "a 60 WALLET x\na 60 CLA x\na 60 AVC x\na 60 NINFO x\n",
			"a.z. 60 WALLET \"x\"; a.z. 60 CLA \"x\"; a.z. 60 AVC \"x\"; a.z. 60 NINFO \"x\""},
		{"keys", "a 60 RKEY 0 3 8 AQID\na 60 TA 1 8 2 ABCD\n",
			"a.z. 60 RKEY 0 3 8 AQID; a.z. 60 TA 1 8 2 abcd"},
		/* text of a rare type, by ldns */
		{"APL", "a 60 APL 1:192.0.2.0/24 !1:192.0.2.64/28\n",
			"a.z. 60 APL 1:192.0.2.0/24 !1:192.0.2.64/28"},
		{"LOC", "a 60 LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m\n",
			"a.z. 60 LOC 52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m"},
		{"a relative name in it", "a 60 IPSECKEY 10 3 2 gw AQNRU3mG\n",
			"a.z. 60 IPSECKEY 10 3 2 gw.z. AQNRU3mG"},
	};
	static struct reading r;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		bool ok = read_text(&r, rows[i].text);

		if (!ok || r.notes[0] != '\0')
			fail_msg("%s: %s", rows[i].name, r.notes);
		if (strcmp(r.text, rows[i].want) != 0)
			fail_msg("%s\n  got  %s\n  want %s", rows[i].name, r.text, rows[i].want);
	}
}

static void bad_zones(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"a 60 A 192.0.2.300\n",
			"f:1:16: \"192.0.2.300\" does not fit type A: number out of range"},
		{"a 60 A\n", "f:1:7: the A record ends too early"},
		{"$GENERATE 1-2 a$\n",
			"f:1:1: expected $GENERATE, a range, a name, a type and what it points to"},
		{"$GENERATE 2-1 a$ 60 A 10.0.0.$\n",
			"f:1:11: \"2-1\" is no range such as 1-254 or 0-100/2 of at most 65536"},
		{"$GENERATE 0-65536 a$ 60 A 10.0.0.$\n",
			"f:1:11: \"0-65536\" is no range such as 1-254 or 0-100/2 of at most 65536"},
		{"$GENERATE 1-2/0 a$ 60 A 10.0.0.$\n",
			"f:1:11: \"1-2/0\" is no range such as 1-254 or 0-100/2 of at most 65536"},
		{"$GENERATE 1-2 a${x} 60 A 10.0.0.$\n",
			"f:1:16: this makes no number: expected $ or ${offset,width,base}"},
		{"$GENERATE 1-2 a${0,1,q} 60 A 10.0.0.$\n",
			"f:1:16: this makes no number: expected $ or ${offset,width,base}"},
		{"$GENERATE 1-9 a${-2} 60 A 10.0.0.$\n",
			"f:1:16: this makes no number: expected $ or ${offset,width,base}"},
		/* the first entry that is wrong, not all of them */
		{"$GENERATE 254-900 a$ 60 A 10.0.0.$\nb 60 A x\n",
			"f:1:34: \"10.0.0.256\" does not fit type A: number out of range\n"
			"f:2:8: \"x\" does not fit type A: syntax error"},
		{"a 60 A 192.0.2.1 x\n", "f:1:18: too many words for type A"},
		{"a 60 IN\n", "f:1:8: the type of the record is missing"},
		{"a\n", "f:1:2: the type of the record is missing"},
		{"a 60 IN NIX x\n", "f:1:9: \"NIX\" is no type of record"},
		{"a 60 ANY x\n", "f:1:6: class \"ANY\" is not IN"},
		{"a 60 AXFR x\n", "f:1:6: \"AXFR\" is no type of record"},
		{"a 60 CH A 192.0.2.1\n", "f:1:6: class \"CH\" is not IN"},
		{"a A 192.0.2.1\n", "f:1:3: no TTL here, and no $TTL before"},
		{"a 4294967295 A 192.0.2.1\n",
			"f:1:3: \"4294967295\" is no TTL: number out of range"},
		{"a 60x A 192.0.2.1\n", "f:1:5: \"60x\" is no TTL: syntax error"},
		{" 60 A 192.0.2.1\n",
			"f:1:2: no owner: the line is indented and no record is before it"},
		{"a..b 60 A 192.0.2.1\n", "f:1:3: \"a..b\" is no name: syntax error"},
		{"\n\n   a 60 A 192.0.2.1\n",
			"f:3:4: no owner: the line is indented and no record is before it"},
		{"a 60 TXT \"x\nb 60 TXT y\n", "f:1:10: quoted string without an end"},
		{"a 60 TXT ( x\nb\n", "f:1:10: parenthesis is never closed"},
		{"a 60 TXT x )\n", "f:1:12: closing parenthesis without an opening one"},
		{"a 60 TXT ( ( x ) )\n", "f:1:12: parenthesis inside parentheses"},
		{"$TTL\n", "f:1:5: the period of $TTL is missing"},
		{"$TTL 1x\n", "f:1:7: \"1x\" is no TTL: syntax error"},
		{"$TTL 1 2\n", "f:1:8: nothing may follow the period of $TTL"},
		{"$ORIGIN\n", "f:1:8: the name of $ORIGIN is missing"},
		{"$NIX 1\n", "f:1:1: \"$NIX\" is none of $ORIGIN, $TTL, $INCLUDE, $GENERATE"},
		{"$INCLUDE nix.zone\n",
			"f:1:10: cannot read \"nix.zone\": No such file or directory"},
		{"$INCLUDE /dev/zero\n", "f:1:10: cannot read \"/dev/zero\": Invalid argument"},
		{"$INCLUDE /\n", "f:1:10: cannot read \"/\": Invalid argument"},
		{"a 60 TYPE4711 x\n",
			"f:1:6: bad TYPE4711 record: Syntax error, could not parse the RR's rdata"},
		{"a 60 CNAME \\# 0\n", "f:1:12: \"\\#\" does not fit type CNAME: forbidden value"},
		/* all of them at once, each at its place */
		{"a 60 A\nb 60 A 192.0.2.1\n\n  60 NIX\nc 60 A (\n 1 )\n$NIX\n",
			"f:1:7: the A record ends too early\nf:4:6: \"NIX\" is no type of record\n"
			"f:6:3: \"1\" does not fit type A: syntax error\n"
			"f:7:1: \"$NIX\" is none of $ORIGIN, $TTL, $INCLUDE, $GENERATE"},
	};
	static struct reading r;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		if (read_text(&r, rows[i].text))
			fail_msg("taken: %s", rows[i].text);
		if (strcmp(r.notes, rows[i].want) != 0)
			fail_msg("%s\n  got  %s\n  want %s", rows[i].text, r.notes, rows[i].want);
	}
}

static void records_outside_the_zone_are_left_out(void **state)
{
	static struct reading r;

	(void)state;
	assert_true(read_text(&r, "a.y. 60 A 192.0.2.1\nb 60 A 192.0.2.2\n"));
	assert_string_equal(r.text, "b.z. 60 A 192.0.2.2");
	assert_string_equal(r.notes, "f:1:1: \"a.y.\" is outside the zone and left out");
}

/* --- $INCLUDE --- */

static char dir[] = "/tmp/gyl-zone-XXXXXX";

static void put_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool read_dir(struct reading *r, const char *name)
{
	struct gyl_zone_reader rd;
	uint8_t origin[GYL_DNS_NAME_MAX];
	char path[256];

	name_of("z.", origin);
	begin(r, &rd);
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return end(r, gyl_zone_read(&rd, origin, path));
}

static void includes(void **state)
{
	static struct reading r;
	char want[1024];

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkdir("sub", 0700), 0);
	put_file("top.zone",
		"$TTL 5\na A 192.0.2.1\n$INCLUDE sub/one.zone b\n A 192.0.2.4\nd A 192.0.2.5\n");
	put_file("sub/one.zone", "@ A 192.0.2.2\n$ORIGIN x.z.\n$INCLUDE two.zone\n$TTL 9\n");
	put_file("sub/two.zone", "c A 192.0.2.3\n");
	assert_true(read_dir(&r, "top.zone"));
	assert_string_equal(r.text, "a.z. 5 A 192.0.2.1; b.z. 5 A 192.0.2.2; c.x.z. 5 A 192.0.2.3; "
				    "a.z. 9 A 192.0.2.4; d.z. 9 A 192.0.2.5");
	/* the way to an error */
	put_file("sub/two.zone", "\nc A x\n");
	assert_false(read_dir(&r, "top.zone"));
	(void)snprintf(want, sizeof want,
		"%s/sub/two.zone:2:5: \"x\" does not fit type A: syntax error (included from "
		"%s/sub/one.zone:3, %s/top.zone:3)",
		dir, dir, dir);
	assert_string_equal(r.notes, want);
	/* one that includes itself ends */
	put_file("self.zone", "$INCLUDE self.zone\n");
	assert_false(read_dir(&r, "self.zone"));
	assert_non_null(strstr(r.notes, "self.zone:1:10: more than 10 files include each other"));
}

static void every_file_is_told_to_the_watcher(void **state)
{
	struct gyl_dns_compile *c;
	struct gyl_build b;
	uint8_t origin[GYL_DNS_NAME_MAX];

	(void)state;
	name_of("z.", origin);
	put_file("w.zone", "$INCLUDE sub/one.zone\n$INCLUDE missing.zone\n");
	put_file("sub/one.zone", "");
	assert_int_equal(gyl_build_open(&b), 0);
	c = gyl_dns_compile_open(&b);
	assert_false(gyl_dns_compile_zone(c, origin, "w.zone"));
	gyl_dns_compile_close(c);
	assert_int_equal(b.files.cnt, 3);
	assert_string_equal(b.files.file[0].path, "w.zone");
	assert_string_equal(b.files.file[1].path, "sub/one.zone");
	assert_string_equal(b.files.file[2].path, "missing.zone");
	gyl_build_close(&b);
}

static int remove_dir(void **state)
{
	static const char *const name[] = {
		"sub/one.zone", "sub/two.zone", "sub", "top.zone", "self.zone", "w.zone"};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(name); i++)
		(void)remove(name[i]);
	return chdir("/") != 0 || rmdir(dir) != 0;
}

/* --- what is odd about a zone as a whole --- */

#define HEAD "$TTL 60\n@ SOA . . 1 0 0 0 60\n@ NS ns.\n"

static void lint(void **state)
{
	static const struct {
		const char *text, *want;
		bool good;
	} rows[] = {
		{"@ 60 NS ns.\n", "z.zone:0:0: zone z. has no SOA record", false},
		{"@ 60 SOA . . 1 0 0 0 60\n", "z.zone:1:1: z.: the zone has no NS record", true},
		{HEAD "@ SOA . . 2 0 0 0 60\n", "z.zone:2:1: z.: more than one SOA record", false},
		{HEAD "@ SOA . . 1 0 0 0 60\na TXT x\na TXT x\n", "", true},
		{HEAD "a SOA . . 1 0 0 0 60\n",
			"z.zone:4:1: a.z.: SOA below the top of the zone (RFC 1035 5.2)", false},
		{HEAD "a CNAME b.\na A 192.0.2.1\n",
			"z.zone:5:1: a.z.: CNAME and other data (RFC 1034 3.6.2)", false},
		{HEAD "a CNAME b.\na CNAME c.\n",
			"z.zone:4:1: a.z.: more than one CNAME record (RFC 2181 10.1)", false},
		{HEAD "a DNAME b.\na DNAME c.\n",
			"z.zone:4:1: a.z.: more than one DNAME record (RFC 6672 2.4)", false},
		{HEAD "d NS ns.d\nns.d A 192.0.2.1\nx.d TXT y\n",
			"z.zone:6:1: x.d.z.: data below a delegation is never answered", true},
		{HEAD "d DNAME e.\nx.d A 192.0.2.1\n",
			"z.zone:5:1: x.d.z.: hidden by the DNAME above (RFC 6672 2.4)", true},
		{HEAD "* A 192.0.2.1\n_443._tcp.www TLSA 3 1 1 00\n",
			"z.zone:0:0: www.z.: has no records itself, but names below it, and so hides the wildcard "
			"*.z. (RFC 4592 2.2.2)",
			true},
		{HEAD "* NS ns.\n",
			"z.zone:4:1: *.z.: NS at a wildcard makes no delegations (RFC 4592 4.2)",
			true},
		{HEAD "@ MX 1 nix\n",
			"z.zone:4:1: z.: the name this record points to does not exist in the zone",
			true},
		{HEAD "@ MX 1 a\na CNAME b.\n",
			"z.zone:4:1: z.: the name this record points to is an alias (RFC 2181 10.3)",
			true},
		{HEAD "@ MX 1 a\na TXT x\n",
			"z.zone:4:1: z.: the name this record points to has no address", true},
		{HEAD "@ MX 1 a\n* A 192.0.2.1\n@ MX 2 b.d\nd NS ns.\n", "", true},
		{HEAD "a 1 A 192.0.2.1\na 2 A 192.0.2.2\n",
			"z.zone:5:1: a.z.: TTLs of one type differ, the lowest is taken (RFC 2181 5.2)",
			true},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		struct zone_text zone = {"z.", rows[i].text};
		char notes[4096];
		struct gyl_view image = image_of(&zone, 1, notes, sizeof notes);

		if ((image.len != 0) != rows[i].good || strcmp(notes, rows[i].want) != 0)
			fail_msg("%s\n  got  %s\n  want %s", rows[i].text, notes, rows[i].want);
		if (image.len != 0)
			gyl_build_unmap(image);
	}
}

static void a_zone_is_there_once(void **state)
{
	static const struct zone_text zone[] = {{"z.", HEAD}, {"Z.", HEAD}};
	char notes[1024];

	(void)state;
	assert_int_equal(image_of(zone, 2, notes, sizeof notes).len, 0);
	assert_string_equal(notes, "Z.zone:0:0: the zone is there already, from z.zone");
}

/* Every zone compared with every other would take long. */
static void twenty_five_thousand_zones_take_seconds(void **state)
{
	enum {
		CNT = 25000,
		LIMIT_S = 2 /* all against all takes four times that */
	};
	struct gyl_dns_compile_stat st;
	struct gyl_dns_compile *c;
	uint8_t origin[GYL_DNS_NAME_MAX];
	clock_t start = clock();
	struct gyl_build b;

	(void)state;
	assert_int_equal(gyl_build_open(&b), 0);
	c = gyl_dns_compile_open(&b);
	for (unsigned i = 0; i < CNT; i++) {
		char text[60];

		/* every other one hangs in the one before */
		snprintf(text, sizeof text, "%s%u.lab.", i % 2 == 0 ? "" : "sub.", i / 2);
		name_of(text, origin);
		assert_true(gyl_dns_compile_text(c, origin, text, gyl_view_str(HEAD)));
	}
	assert_true(gyl_dns_compile_end(c));
	gyl_dns_compile_stat(c, &st);
	assert_int_equal(st.zone_cnt, CNT);
	gyl_dns_compile_close(c);
	gyl_build_close(&b);
	assert_in_range((clock() - start) / CLOCKS_PER_SEC, 0, LIMIT_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_zones),
		cmocka_unit_test(bad_zones),
		cmocka_unit_test(records_outside_the_zone_are_left_out),
		cmocka_unit_test(includes),
		cmocka_unit_test(every_file_is_told_to_the_watcher),
		cmocka_unit_test(lint),
		cmocka_unit_test(a_zone_is_there_once),
		cmocka_unit_test(twenty_five_thousand_zones_take_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, remove_dir);
}
