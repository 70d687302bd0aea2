/* SPDX-License-Identifier: ISC */

/* Copies of zones: what a primary sends, good and bad, message by message. */

#include "tests/unit/dns/ask.h"

#include "services/dns/live_own.h"
#include "services/dns/second.h"

enum {
	SPACE = 4 << 20,
	ID = 77
};

struct second {
	void *mem;
	struct gyl_dns_lives all;
	struct gyl_dns_ledger ledger;
	struct gyl_dns_edit edit;
	struct gyl__dns_take t;
	uint8_t msg[65535];
	size_t len;
};

static struct second *second_open(void)
{
	struct second *s = calloc(1, sizeof *s);

	assert_non_null(s);
	s->mem = aligned_alloc(16, SPACE);
	assert_non_null(s->mem);
	gyl_dns_lives_init(&s->all, s->mem, SPACE);
	gyl_dns_ledger_init(&s->ledger, s->all.log_mem, s->all.log_cap);
	s->t.all = &s->all;
	s->t.ledger = &s->ledger;
	s->t.edit = &s->edit;
	s->t.id = ID;
	s->t.apex_len = (uint8_t)name_of("z.test.", s->t.apex);
	gyl__dns_take_begin(&s->t, false);
	return s;
}

/* All that was given back is room again. */
static size_t room_of(struct second *s)
{
	while (gyl_dns_lives_tidy(&s->all))
		;
	return gyl__dns_heap_room(&s->all.heap);
}

static void second_close(struct second *s)
{
	free(s->mem);
	free(s);
}

/* "S1" is the SOA with that serial; records are parted by ';'. */
static void make(struct second *s, const char *zone, uint16_t flags, const char *records)
{
	struct gyl_dns_writer w;
	char text[2048], one_text[256], *save = NULL;
	uint8_t name[GYL_DNS_NAME_MAX];

	(void)snprintf(text, sizeof text, "%s", records);
	name_of(zone, name);
	gyl_dns_begin(&w, s->msg, sizeof s->msg, ID, flags, 0);
	gyl_dns_put_question(
		&w, name, s->t.ixfr ? GYL_DNS_TYPE_IXFR : GYL_DNS_TYPE_AXFR, GYL_DNS_CLASS_IN);
	for (char *one = strtok_r(text, ";", &save); one != NULL;
		one = strtok_r(NULL, ";", &save)) {
		if (one[0] == 'S')
			(void)snprintf(one_text, sizeof one_text,
				"z.test. SOA ns. root. %s 3600 600 86400 60", one + 1);
		else
			(void)snprintf(one_text, sizeof one_text, "%s", one);
		put_record_text(&w, one_text, GYL_DNS_CLASS_IN);
	}
	assert_int_equal(gyl_dns_end(&w, &s->len).err, GYL_OK);
}

/* The message, offered until all of it is taken. */
static enum gyl__dns_got take(struct second *s)
{
	enum gyl__dns_got got;

	do
		got = gyl__dns_take_message(&s->t, 0, gyl_view(s->msg, s->len));
	while (got == GYL__DNS_GOT_BUSY);
	return got;
}

static enum gyl__dns_got bring(struct second *s, const char *records)
{
	make(s, "z.test.", GYL_DNS_QR | GYL_DNS_AA, records);
	return take(s);
}

/* The zone that was gathered takes its place. */
static void settle(struct second *s)
{
	enum gyl_dns_sealed sealed = GYL_DNS_SEAL_MORE;

	while (sealed == GYL_DNS_SEAL_MORE)
		sealed = gyl_dns_live_seal(&s->all, s->t.in);
	assert_int_equal(sealed, GYL_DNS_SEAL_DONE);
	if (s->t.z != NULL)
		gyl_dns_live_drop(&s->all, s->t.z);
	s->t.z = s->t.in;
	s->t.in = NULL;
	s->t.cloned = false;
	s->t.z->hidden = false;
	gyl__dns_take_begin(&s->t, true);
}

/* Changes are to be made in a copy. */
static void make_clone(struct second *s)
{
	enum gyl__dns_got got = GYL__DNS_GOT_MORE;

	gyl__dns_take_drop(&s->t);
	while (got == GYL__DNS_GOT_MORE)
		got = gyl__dns_take_clone(&s->t);
	assert_int_equal(got, GYL__DNS_GOT_CLONE);
	gyl__dns_take_begin(&s->t, true);
	assert_non_null(s->t.in);
}

static bool has(const struct second *s, const char *name_text, uint16_t type)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	const struct gyl_dns_node *n;

	n = gyl_dns_live_node(s->t.z, name, 0 + name_of(name_text, name));
	return n != NULL && gyl_dns_node_rrset(n, type) != NULL;
}

static const char base[] =
	"S5;z.test. NS ns.;a.z.test. A 192.0.2.1;b.z.test. A 192.0.2.2;b.z.test. A 192.0.2.3;S5";

static void rfc5936_2_2_a_zone_in_messages(void **state)
{
	struct second *s = second_open();

	(void)state;
	assert_int_equal(bring(s, "S5;z.test. NS ns."), GYL__DNS_GOT_MORE);
	/* nobody sees it before it is whole */
	assert_null(gyl_dns_live_named(&s->all, s->t.apex, s->t.apex_len));
	assert_int_equal(
		bring(s, "a.z.test. A 192.0.2.1;a.z.test. A 192.0.2.1"), GYL__DNS_GOT_MORE);
	assert_int_equal(bring(s, "a.z.test. A 192.0.2.2;S5"), GYL__DNS_GOT_ZONE);
	settle(s);
	assert_int_equal(gyl_dns_live_serial(s->t.z), 5);
	assert_int_equal(gyl_dns_image_zone(s->t.z->view, 0)->rr_cnt, 4);
	assert_non_null(gyl_dns_live_named(&s->all, s->t.apex, s->t.apex_len));
	second_close(s);
}

static void bad_primaries(void **state)
{
	static const struct {
		const char *zone, *records;
		uint16_t flags;
	} rows[] = {
		{"other.", base, GYL_DNS_QR},
		{"z.test.", base, 0},
		{"z.test.", base, GYL_DNS_QR | GYL_DNS_TC},
		{"z.test.", base, GYL_DNS_QR | GYL_DNS_REFUSED},
		{"z.test.", "z.test. NS ns.;S5", GYL_DNS_QR},
		{"z.test.", "S5;a.other. A 192.0.2.1;S5", GYL_DNS_QR},
		{"z.test.", "S5;a.z.test. A 192.0.2.1;S6", GYL_DNS_QR},
		{"z.test.", "S5;a.z.test. SOA . . 5 1 1 1 1;S5", GYL_DNS_QR},
		{"z.test.", "S5;a.z.test. A 192.0.2.1;S5;b.z.test. A 192.0.2.1", GYL_DNS_QR},
		{"z.test.", "S5;S5;S5", GYL_DNS_QR},
		{"z.test.", "S5;S6;S5", GYL_DNS_QR},
		{"z.test.", "", GYL_DNS_QR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct second *s = second_open();

		make(s, rows[i].zone, rows[i].flags, rows[i].records);
		if (take(s) != GYL__DNS_GOT_BAD)
			fail_msg("row %zu is taken", i);
		assert_non_null(s->t.why);
		gyl__dns_take_drop(&s->t);
		assert_int_equal(room_of(s), s->all.heap.cap);
		second_close(s);
	}
}

/* More than there is room for, and without end: the memory is given back. */
static void endless_primaries(void **state)
{
	struct second *s = second_open();
	enum gyl__dns_got got = bring(s, "S5;z.test. NS ns.");

	(void)state;
	for (unsigned i = 0; got == GYL__DNS_GOT_MORE; i++) {
		char text[1600] = "";
		size_t len = 0;

		for (unsigned k = 0; k < 30; k++)
			len += (size_t)snprintf(text + len, sizeof text - len,
				"n%u.z.test. A 192.0.2.1;", i * 30 + k);
		got = bring(s, text);
		assert_in_range(i, 0, 100000);
	}
	assert_int_equal(got, GYL__DNS_GOT_BAD);
	gyl__dns_take_drop(&s->t);
	assert_int_equal(room_of(s), s->all.heap.cap);
	second_close(s);
}

static void rfc1995_4_changes(void **state)
{
	static const struct {
		const char *records;
		enum gyl__dns_got got;
	} rows[] = {
		{"S5", GYL__DNS_GOT_SAME},
		{"S4", GYL__DNS_GOT_OLDER},
		{"S7;S5;b.z.test. A 192.0.2.2;S6;c.z.test. A 192.0.2.9;S6;c.z.test. A 192.0.2.9;S7;"
		 "d.z.test. TXT x;S7",
			GYL__DNS_GOT_EDIT},
		/* what is not there cannot go, what is there cannot come */
		{"S6;S5;x.z.test. A 192.0.2.2;S6;S6", GYL__DNS_GOT_CLONE},
		{"S6;S5;S6;a.z.test. A 192.0.2.1;S6", GYL__DNS_GOT_CLONE},
		/* of another serial, back, past the end, with a gap */
		{"S7;S4;b.z.test. A 192.0.2.2;S7;S7", GYL__DNS_GOT_TRY_ALL},
		{"S7;S5;b.z.test. A 192.0.2.2;S4;S7", GYL__DNS_GOT_TRY_ALL},
		{"S7;S5;b.z.test. A 192.0.2.2;S8;S7", GYL__DNS_GOT_TRY_ALL},
		{"S7;S5;b.z.test. A 192.0.2.2;S6;S5;S7;S7", GYL__DNS_GOT_TRY_ALL},
		/* more of it comes */
		{"S6;S5;b.z.test. A 192.0.2.2;S6", GYL__DNS_GOT_CLONE},
		{"S7;S5;b.z.test. A 192.0.2.2;S6;S6;S7", GYL__DNS_GOT_CLONE},
		{"S6;S5;a.other. A 192.0.2.2;S6;S6", GYL__DNS_GOT_BAD},
		/* all of it instead */
		{"S6;z.test. NS ns.;S6", GYL__DNS_GOT_ZONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct second *s = second_open();
		enum gyl__dns_got got;

		assert_int_equal(bring(s, base), GYL__DNS_GOT_ZONE);
		settle(s);
		got = bring(s, rows[i].records);
		if (got != rows[i].got)
			fail_msg("row %zu: %d", i, (int)got);
		if (got == GYL__DNS_GOT_EDIT) {
			gyl_dns_edit_end(&s->edit);
			assert_int_equal(gyl_dns_live_serial(s->t.z), 7);
			assert_true(has(s, "d.z.test.", GYL_DNS_TYPE_TXT));
			assert_false(has(s, "c.z.test.", GYL_DNS_TYPE_A));
		} else {
			/* the zone is as it was */
			assert_int_equal(gyl_dns_live_serial(s->t.z), 5);
			assert_true(has(s, "b.z.test.", GYL_DNS_TYPE_A));
			assert_int_equal(gyl_dns_image_zone(s->t.z->view, 0)->rr_cnt, 5);
		}
		second_close(s);
	}
}

/* In a copy of the zone changes are of any length; the zone is as it was until all of them are
 * there, and stays so when they do not fit it. */
static void rfc1995_4_long_changes(void **state)
{
	static const struct {
		const char *message[5];
		enum gyl__dns_got got; /* of the last one */
	} rows[] = {
		{{"S7;S5;b.z.test. A 192.0.2.2", "S6;c.z.test. A 192.0.2.9",
			 "S6;c.z.test. A 192.0.2.9", "S7;d.z.test. TXT x;S7"},
			GYL__DNS_GOT_STEPS},
		/* condensed (RFC 1995 5) */
		{{"S7;S5", "b.z.test. A 192.0.2.2", "S7;d.z.test. TXT x", "S7"},
			GYL__DNS_GOT_STEPS},
		{{"S7;S5", "x.z.test. A 192.0.2.2"}, GYL__DNS_GOT_TRY_ALL},
		{{"S7;S5;S7", "a.z.test. A 192.0.2.1"}, GYL__DNS_GOT_TRY_ALL},
		{{"S7;S5", "S6;S4"}, GYL__DNS_GOT_TRY_ALL},
		{{"S7;S5", "S6;S6", "S8"}, GYL__DNS_GOT_TRY_ALL},
		{{"S7;S5", "S6;S6", "S7;S7;a.z.test. A 192.0.2.77"}, GYL__DNS_GOT_BAD},
		/* all of it instead, though a copy was made */
		{{"S7;z.test. NS ns.", "d.z.test. TXT x;S7"}, GYL__DNS_GOT_ZONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct second *s = second_open();
		enum gyl__dns_got got = GYL__DNS_GOT_MORE;

		assert_int_equal(bring(s, base), GYL__DNS_GOT_ZONE);
		settle(s);
		make_clone(s);
		for (size_t k = 0; got == GYL__DNS_GOT_MORE && rows[i].message[k] != NULL; k++)
			got = bring(s, rows[i].message[k]);
		if (got != rows[i].got)
			fail_msg("row %zu: %d", i, (int)got);
		assert_int_equal(gyl_dns_live_serial(s->t.z), 5);
		assert_int_equal(gyl_dns_image_zone(s->t.z->view, 0)->rr_cnt, 5);
		if (got == GYL__DNS_GOT_STEPS || got == GYL__DNS_GOT_ZONE) {
			settle(s);
			assert_int_equal(gyl_dns_live_serial(s->t.z), 7);
			assert_true(has(s, "d.z.test.", GYL_DNS_TYPE_TXT));
			assert_false(has(s, "c.z.test.", GYL_DNS_TYPE_A));
			assert_int_equal(
				has(s, "a.z.test.", GYL_DNS_TYPE_A), got == GYL__DNS_GOT_STEPS);
		}
		second_close(s);
	}
}

/* RFC 8945 5.3.1: where a key is configured everything is signed. */
static void unsigned_answers_are_nothing(void **state)
{
	static struct gyl_dns_tsig_keys keys;
	struct second *s = second_open();
	uint8_t part[256], query[512] = {0};
	struct gyl_writer w;

	(void)state;
	gyl_writer_init(&w, part, sizeof part);
	gyl_dns_tsig_put_key(
		&w, (const uint8_t *)"\003key", GYL_DNS_TSIG_SHA256, gyl_view_str("a secret"));
	assert_true(gyl_dns_tsig_load(&keys, gyl_writer_view(&w), 0));
	gyl_writer_init(&w, query, sizeof query);
	w.len = GYL_DNS_HEADER_LEN;
	gyl_dns_tsig_request(&s->t.sign, &keys.key[0], 0, &w);
	assert_int_equal(bring(s, base), GYL__DNS_GOT_BAD);
	second_close(s);
}

/* Without zones at the start there is no memory for those of a later configuration. */
static void no_memory_is_no_crash(void **state)
{
	struct second *s = second_open();

	(void)state;
	gyl_dns_lives_init(&s->all, NULL, 0);
	assert_int_equal(bring(s, base), GYL__DNS_GOT_BAD);
	second_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc5936_2_2_a_zone_in_messages),
		cmocka_unit_test(bad_primaries),
		cmocka_unit_test(endless_primaries),
		cmocka_unit_test(rfc1995_4_changes),
		cmocka_unit_test(rfc1995_4_long_changes),
		cmocka_unit_test(unsigned_answers_are_nothing),
		cmocka_unit_test(no_memory_is_no_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
