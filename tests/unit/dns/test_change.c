/* SPDX-License-Identifier: ISC */

/*
 * What transfers tell, against a secondary made of text: after any walk, taken in pieces while the
 * zone goes on, and any run of changes, it has the zone of that serial, record by record.
 */

#include "tests/unit/dns/update.h"

#include "services/dns/walk.h"

enum {
	LINES = 4096,
	LINE = 200
};

#include "tests/unit/dns/lines.h"

static uint64_t course = 7;

static unsigned below(unsigned n)
{
	uint64_t z = course += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

static void walk_all(struct changer *c, struct line_set *s, uint32_t *ret_serial)
{
	struct gyl_dns_walk w;
	struct gyl_dns_walked rr;
	char line[LINE];

	s->cnt = 0;
	assert_true(gyl_dns_walk_begin(&c->w->data, &c->w->policy, c->z->apex, c->z->apex_len, &w));
	while (gyl_dns_walk_next(&w, &rr) == GYL_DNS_NEXT) {
		line_of(line, rr.name, rr.type, rr.ttl, rr.rdata);
		add_line(s, line);
	}
	*ret_serial = w.serial;
}

/* A step or none at all. */
static void change_some(struct changer *c)
{
	static const char *const what[] = {"add h%u 60 A 192.0.2.%u", "add h%u 30 A 192.0.2.%u",
		"del h%u A", "del h%u A 192.0.2.%u", "add h%u 60 TXT t%u", "del h%u",
		"add a.b%u 60 MX %u ns", "del a.b%u", "add h%u 60 CNAME ns"};
	char script[800] = "";

	for (unsigned n = 1 + below(4); n != 0; n--) {
		char one[80];

		unsigned kind = below(9), host = below(30);

		(void)snprintf(one, sizeof one, what[kind], host, below(5));
		strcat(script, one);
		strcat(script, ";");
	}
	assert_int_equal(change_zone(c, "z.test.", script, "all."), GYL_DNS_NOERROR);
}

/* The changes since the serial of a secondary. */
static bool catch_up(struct changer *c, struct line_set *s, uint32_t serial)
{
	struct gyl_dns_book *b = gyl_dns_book_find(&c->ledger, c->z->apex, c->z->apex_len);
	struct gyl_dns_changes cur;
	struct gyl_dns_change ch;
	bool added = false, soa = true;
	char line[LINE];

	if (b == NULL || !gyl_dns_changes_begin(&c->ledger, b, serial, &cur))
		return false;
	while (gyl_dns_changes_next(&c->ledger, b, &cur, &ch) == GYL_DNS_NEXT) {
		uint8_t name[GYL_DNS_NAME_MAX];

		/* RFC 1995 4: old SOA, what goes, new SOA, what comes */
		if (ch.type == GYL_DNS_TYPE_SOA)
			soa = true;
		else
			assert_true(ch.added == added);
		added = ch.added;
		assert_true(soa);
		memcpy(name, ch.name, ch.name_len);
		line_of(line, name, ch.type, ch.ttl, ch.rdata);
		if (ch.added)
			add_line(s, line);
		else
			remove_line(s, line);
	}
	return true;
}

#define ZONE "@ 60 SOA ns root 10 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"

static void rfc1995_secondary_follows(void **state)
{
	struct changer *c = changer_open(ZONE);
	struct line_set *s = calloc(1, sizeof *s), *all = calloc(1, sizeof *all);
	uint32_t serial, now;

	(void)state;
	walk_all(c, s, &serial);
	for (unsigned turn = 0; turn < 300; turn++) {
		for (unsigned n = below(6); n != 0; n--)
			change_some(c);
		walk_all(c, all, &now);
		assert_true(serial == now || catch_up(c, s, serial));
		serial = now;
		same_lines(s, all, "zone");
	}
	free(s);
	free(all);
	changer_close(c);
}

/* A walk that takes its time tells the zone as it was when it began, whatever goes on. */
static void rfc5936_walk_tells_one_serial(void **state)
{
	unsigned told = 0;

	(void)state;
	for (unsigned turn = 0; turn < 200; turn++) {
		struct changer *c = changer_open(ZONE);
		struct line_set *s = calloc(1, sizeof *s), *all = calloc(1, sizeof *all);
		struct gyl_dns_walk w;
		struct gyl_dns_walked rr;
		enum gyl_dns_next got;
		char line[LINE];
		uint32_t serial;

		for (unsigned n = 0; n < 30; n++)
			change_some(c);
		walk_all(c, all, &serial);
		assert_true(gyl_dns_walk_begin(
			&c->w->data, &c->w->policy, c->z->apex, c->z->apex_len, &w));
		assert_int_equal(w.serial, serial);
		while ((got = gyl_dns_walk_next(&w, &rr)) == GYL_DNS_NEXT) {
			line_of(line, rr.name, rr.type, rr.ttl, rr.rdata);
			add_line(s, line);
			if (below(10) == 0)
				change_some(c);
			if (below(10) == 0)
				assert_true(gyl__dns_heap_reserve(
					&c->all.heap, gyl__dns_heap_room(&c->all.heap)));
		}
		/* a name that was being told may have been changed: that ends the walk */
		if (got == GYL_DNS_END) {
			same_lines(s, all, "zone");
			told++;
			walk_all(c, all, &serial);
			assert_true(catch_up(c, s, w.serial));
			same_lines(s, all, "zone");
		}
		free(s);
		free(all);
		changer_close(c);
	}
	assert_true(told > 100);
}

/* The ring is a bound: who asks from before it gets the whole zone. */
static void what_is_too_old_is_not_known(void **state)
{
	struct changer *c = changer_open(ZONE);
	struct gyl_dns_book *b;
	struct gyl_dns_changes cur;
	struct gyl_dns_change ch;
	uint32_t known = 0, first;

	(void)state;
	gyl_dns_ledger_init(&c->ledger, c->all.log_mem, 65536);
	for (unsigned i = 0; i < 2000; i++)
		change_some(c);
	b = gyl_dns_book_find(&c->ledger, c->z->apex, c->z->apex_len);
	assert_false(gyl_dns_changes_begin(&c->ledger, b, 10, &cur));
	assert_false(gyl_dns_changes_begin(&c->ledger, b, b->serial + 1, &cur));
	for (first = b->serial; gyl_dns_changes_begin(&c->ledger, b, first - 1, &cur); known++)
		first--;
	assert_true(known > 3);
	/* a cursor that is overtaken says so */
	assert_true(gyl_dns_changes_begin(&c->ledger, b, first, &cur));
	assert_int_equal(gyl_dns_changes_next(&c->ledger, b, &cur, &ch), GYL_DNS_NEXT);
	for (unsigned i = 0; i < 1000; i++)
		change_some(c);
	assert_int_equal(gyl_dns_changes_next(&c->ledger, b, &cur, &ch), GYL_DNS_GONE);
	changer_close(c);
}

/* A zone of the image, signed with NSEC3: all that the file has is told. */
static void a_fixed_zone_is_walked(void **state)
{
	static const struct zone_text zone[] = {
		{"other.", "@ 60 SOA ns root 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"},
		{"z.test.", "@ 60 SOA ns root 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n*.x MX 1 ns\n"
			    "deep.empty TXT \"a\" \"b\"\n"}};
	static const char *const want[] = {
		"z.test. 60 SOA ns.z.test. root.z.test. 1 2 3 4 5",
		"z.test. 60 NS ns.z.test.",
		"ns.z.test. 60 A 192.0.2.1",
		"*.x.z.test. 60 MX 1 ns.z.test.",
		"deep.empty.z.test. 60 TXT \"a\" \"b\"",
	};
	struct world *w = world_open(zone, 2);
	struct line_set *s = calloc(1, sizeof *s);
	struct gyl_dns_walk walk;
	struct gyl_dns_walked rr;
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t len = name_of("z.test.", name);
	char line[LINE];

	(void)state;
	assert_false(gyl_dns_walk_begin(&w->data, &w->policy, name + 2, len - 2, &walk));
	assert_true(gyl_dns_walk_begin(&w->data, &w->policy, name, len, &walk));
	while (gyl_dns_walk_next(&walk, &rr) == GYL_DNS_NEXT) {
		line_of(line, rr.name, rr.type, rr.ttl, rr.rdata);
		add_line(s, line);
	}
	assert_string_equal(s->line[0], want[0]);
	for (size_t i = 0; i < TEST_CNT(want); i++)
		assert_int_not_equal(find_line(s, want[i]), s->cnt);
	assert_int_equal(s->cnt, TEST_CNT(want));
	free(s);
	world_close(w);
}

/* RFC 5936 3.5: a zone has its cuts and their glue, also when the zones below are served here: what
 * they have of it stands for what the file has. */
static void rfc5936_3_5_cuts_of_zones_that_are_here(void **state)
{
	static const struct zone_text fixed[] = {
		{"test.",
			"@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns\nns A 192.0.2.1\n"
			"sub 50 NS ns\nsub 50 NS NS.Sub\nsub 50 NS x.low.sub\nsub 50 DS 1 13 2 abcd\n"
			"ns.sub A 192.0.2.2\nx.low.sub A 192.0.2.3\nelse NS ns.else\n"
			"ns.else A 192.0.2.4\n"},
		{"sub.test.", "@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns\nns 40 A 192.0.2.2\n"
			      "ns 40 AAAA 2001:db8::2\nns TXT no\nlow 60 NS x.low\n"},
		{"low.sub.test.", "@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS x\nx 30 A 192.0.2.3\n"},
	};
	static const char *const want[] = {"else.test. 50 NS ns.else.test.",
		"ns.else.test. 50 A 192.0.2.4", "ns.sub.test. 40 A 192.0.2.2",
		"ns.sub.test. 40 AAAA 2001:db8::2", "ns.test. 60 A 192.0.2.1",
		"sub.test. 50 DS 1 13 2 abcd", "sub.test. 50 NS NS.sub.test.",
		"sub.test. 50 NS ns.test.", "sub.test. 50 NS x.low.sub.test.",
		"test. 60 NS ns.test.", "x.low.sub.test. 30 A 192.0.2.3"};
	struct world *w = world_open(fixed, 3);
	struct line_set *s = calloc(1, sizeof *s);
	uint8_t apex[GYL_DNS_NAME_MAX];
	struct gyl_dns_walked rr;
	struct gyl_dns_walk walk;
	char line[LINE];

	(void)state;
	assert_non_null(s);
	assert_true(gyl_dns_walk_begin(&w->data, &w->policy, apex, name_of("test.", apex), &walk));
	while (gyl_dns_walk_next(&walk, &rr) == GYL_DNS_NEXT) {
		line_of(line, rr.name, rr.type, rr.ttl, rr.rdata);
		if (rr.type != GYL_DNS_TYPE_SOA)
			add_line(s, line);
	}
	qsort(s->line, s->cnt, LINE, by_text);
	for (size_t i = 0; i < TEST_CNT(want) && i < s->cnt; i++)
		assert_string_equal(s->line[i], want[i]);
	assert_int_equal(s->cnt, TEST_CNT(want));
	free(s);
	world_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc1995_secondary_follows),
		cmocka_unit_test(rfc5936_walk_tells_one_serial),
		cmocka_unit_test(what_is_too_old_is_not_known),
		cmocka_unit_test(a_fixed_zone_is_walked),
		cmocka_unit_test(rfc5936_3_5_cuts_of_zones_that_are_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
