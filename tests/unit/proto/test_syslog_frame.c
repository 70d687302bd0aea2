/* SPDX-License-Identifier: ISC */

/* Streams: rules 39 to 46, each stream cut at every octet. */

#include "tests/support/support.h"

#include <gyl/syslog_frame.h>
#include <gyl/text.h>

#define MAX 480

/* Frames are printed `[framing]message` with `!` when cut and `?` when incomplete. */
static const struct {
	const char *name, *in;
	size_t len;
	const char *want;
	uint32_t notes;
} streams[] = {
#define S(text) text, sizeof text - 1
	{"39 count", S("5 <1>ab"), "c<1>ab ", 0},
	{"39 several counts", S("5 <1>ab6 <2>abc"), "c<1>ab c<2>abc ", 0},
	{"39 a date is a line", S("2026-11-21 x\n"), "l2026-11-21 x ", 0},
	{"39 words are a line", S("12 monkeys\n<1>x\n"), "l12 monkeys l<1>x ", 0},
	{"39 mixed", S("<1>line\n5 <1>ab<2>line\n"), "l<1>line c<1>ab l<2>line ", 0},
	{"40 line end in a counted frame", S("7 <1>a\nbc5 <1>de"), "c<1>a\nbc c<1>de ", 0},
	{"41 cr lf", S("<1>a\r\n<2>b\r\n"), "l<1>a l<2>b ", 0},
	{"41 nul", S("<1>a\0<2>b\0"), "n<1>a n<2>b ", 0},
	{"41 nul lf", S("<1>a\0\n<2>b\0\n"), "n<1>a n<2>b ", 0},
	{"41 blank lines", S("\n\n<1>a\n\r\n\n<2>b\n"), "l<1>a l<2>b ", 0},
	{"41 line ends between counts", S("5 <1>ab\n5 <1>cd\r\n5 <1>ef"), "c<1>ab c<1>cd c<1>ef ",
		0},
	{"42 zero", S("0 <1>a\n<2>b\n"), "l0 <1>a l<2>b ", GYL_SYSLOG_NOTE_BAD_COUNT},
	{"42 leading zero", S("007 <1>abcd\n<2>b\n"), "l007 <1>abcd l<2>b ",
		GYL_SYSLOG_NOTE_BAD_COUNT},
	{"42 no space", S("5<1>ab\n<2>b\n"), "l5<1>ab l<2>b ", GYL_SYSLOG_NOTE_BAD_COUNT},
	{"42 eleven digits", S("99999999999 <1>ab\n<2>b\n"), "l99999999999 <1>ab l<2>b ",
		GYL_SYSLOG_NOTE_BAD_COUNT},
	{"42 seven digits", S("1000000 <1>ab\n<2>b\n"), "l1000000 <1>ab l<2>b ",
		GYL_SYSLOG_NOTE_BAD_COUNT},
	{"42 negative", S("-5 <1>ab\n5 <1>cd"), "l-5 <1>ab c<1>cd ", GYL_SYSLOG_NOTE_BAD_COUNT},
	{"43 too small, lines", S("5 <1>abcd\n5 <1>ef"), "c<1>ab lcd c<1>ef ", 0},
	{"43 too small, no line end", S("5 <1>abcd5 <1>ef"), "c<1>ab lcd c<1>ef ", 0},
	{"43 too big", S("9 <1>ab5 <1>cd5 <1>ef"), "c<1>ab5 <1 l>cd c<1>ef ", 0},
	{"45 end without LF", S("<1>a\n<2>b"), "l<1>a l<2>b ", 0},
	{"45 end in a counted frame", S("5 <1>ab9 <2>c"), "c<1>ab c<2>c? ", 0},
	{"45 end in a count", S("<1>a\n12"), "l<1>a l12 ", 0},
	{"46 TLS", S("\x16\x03\x01\x02\x00\x01\x00\n<1>a\n"), "", GYL_SYSLOG_NOTE_TLS},
	{"46 not TLS", S("\x16x\n<1>a\n"), "l\x16x l<1>a ", 0},
	{"46 only at the start", S("<1>a\n\x16\x03\x01\n"), "l<1>a l\x16\x03\x01 ", 0},
	{"nothing", S(""), "", 0},
	{"only line ends", S("\n\r\n"), "", 0},
#undef S
};

static void show(struct gyl_writer *w, const struct gyl_syslog_frame *f)
{
	gyl_text_char(w, "cln"[f->framing]);
	gyl_put_view(w, f->msg);
	if (f->flags & GYL_SYSLOG_CUT)
		gyl_text_char(w, '!');
	if (f->flags & GYL_SYSLOG_INCOMPLETE)
		gyl_text_char(w, '?');
	gyl_text_char(w, ' ');
}

/* Gives the stream in pieces: up to each of two places, then the rest; each piece behind a guard
 * page. */
static void run(
	struct gyl_syslog_splitter *s, struct gyl_view in, size_t a, size_t b, struct gyl_writer *w)
{
	const size_t ends[] = {a, b, in.len};
	struct gyl_syslog_frame f;
	size_t at = 0, used;
	struct guard g;

	gyl_syslog_splitter_init(s, MAX);
	for (size_t i = 0; i < TEST_CNT(ends); i++) {
		guard_open(&g, gyl_view_sub(in, at, ends[i] - at));
		size_t off = 0;

		while (gyl_syslog_split(s, gyl_view_sub(g.view, off, g.view.len), &f, &used)) {
			assert_true(used <= g.view.len - off);
			assert_true(view_inside(g.view, f.msg) && f.msg.len != 0);
			show(w, &f);
			off += used;
		}
		at += off + used;
		guard_close(&g);
	}
	guard_open(&g, gyl_view_sub(in, at, in.len));
	if (gyl_syslog_split_end(s, g.view, &f))
		show(w, &f);
	guard_close(&g);
}

static void streams_split_alike_wherever_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(streams); i++) {
		struct gyl_view in = gyl_view(streams[i].in, streams[i].len);

		for (size_t a = 0; a <= in.len; a++) {
			for (size_t b = a; b <= in.len; b++) {
				struct gyl_syslog_splitter s;
				struct gyl_writer w;
				char text[200];

				gyl_writer_init(&w, text, sizeof text);
				run(&s, in, a, b, &w);
				if (strcmp(gyl_text_cstr(&w), streams[i].want) != 0 ||
					s.notes != streams[i].notes)
					fail_msg("%s, cut at %zu and %zu: %s, notes %u",
						streams[i].name, a, b, gyl_text_cstr(&w),
						(unsigned)s.notes);
			}
		}
	}
}

/* Rule 44: whatever the size and the chunks, one record, and the next is whole. */
static void a_long_message_is_cut_once(void **state)
{
	enum {
		BODY = 100000
	};
	static uint8_t in[BODY + 100];
	static const size_t chunks[] = {1, 7, 479, 480, 481, 4096, 200000};

	(void)state;
	for (int counted = 0; counted < 2; counted++) {
		for (size_t c = 0; c < TEST_CNT(chunks); c++) {
			struct gyl_syslog_splitter s;
			struct gyl_syslog_frame f;
			struct gyl_writer w;
			size_t start = 0, end = 0, used, cnt = 0;

			gyl_writer_init(&w, in, sizeof in);
			if (counted)
				gyl_text_str(&w, "100000 ");
			gyl_text_str(&w, "<1>");
			memset(gyl_put_room(&w, BODY - 3), 'x', BODY - 3);
			gyl_text_str(&w, counted ? "5 <2>ab" : "\n<2>ab\n");
			gyl_syslog_splitter_init(&s, MAX);
			while (end < w.len) {
				end = end + chunks[c] < w.len ? end + chunks[c] : w.len;
				while (gyl_syslog_split(
					&s, gyl_view(in + start, end - start), &f, &used)) {
					assert_int_equal(f.msg.len, cnt == 0 ? MAX : 5);
					assert_int_equal(f.flags, cnt == 0 ? GYL_SYSLOG_CUT : 0);
					if (cnt == 0 && (counted || chunks[c] == 200000))
						assert_int_equal(f.orig_len, BODY);
					start += used;
					cnt++;
				}
				start += used;
				assert_true(end - start <= MAX + 16);
			}
			assert_int_equal(cnt, 2);
			if (!counted && chunks[c] != 200000) {
				assert_true(s.notes & GYL_SYSLOG_NOTE_CUT_END);
				assert_int_equal(s.cut_len, BODY);
			}
		}
	}
}

static void the_maximum_itself_is_not_cut(void **state)
{
	static const char *const trailers[] = {"\n", "\r\n"};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(trailers); i++) {
		char in[MAX + 3];
		size_t len = MAX + strlen(trailers[i]), used;
		struct gyl_syslog_splitter s;
		struct gyl_syslog_frame f;

		memset(in, 'x', MAX);
		memcpy(in + MAX, trailers[i], strlen(trailers[i]));
		gyl_syslog_splitter_init(&s, MAX);
		for (size_t part = 0; part < len; part++)
			assert_false(gyl_syslog_split(&s, gyl_view(in, part), &f, &used));
		assert_true(gyl_syslog_split(&s, gyl_view(in, len), &f, &used));
		assert_int_equal(f.msg.len, MAX);
		assert_int_equal(f.flags, 0);
		assert_int_equal(used, len);
	}
}

static struct gyl_fault put_frame(uint8_t *buf, size_t cap, size_t *ret_len, void *arg)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_syslog_frame_put(&w, *(enum gyl_syslog_framing *)arg, gyl_view("<1>a\nb\0c", 8));
	if (gyl_writer_ok(&w))
		*ret_len = w.len;
	return w.fault;
}

static void frames_are_put_as_they_are_split(void **state)
{
	static const struct {
		enum gyl_syslog_framing framing;
		const char *want;
		size_t len;
	} cases[] = {
		{GYL_SYSLOG_FRAME_COUNT, "8 <1>a\nb\0c", 10},
		{GYL_SYSLOG_FRAME_LF, "<1>a b\0c\n", 9},
		{GYL_SYSLOG_FRAME_NUL, "<1>a\nb c\0", 9},
	};
	struct gyl_writer w;
	uint8_t buf[20];
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		enum gyl_syslog_framing framing = cases[i].framing;

		prop_capacities(sizeof buf, put_frame, &framing);
		assert_int_equal(put_frame(buf, sizeof buf, &len, &framing).err, GYL_OK);
		assert_int_equal(len, cases[i].len);
		assert_memory_equal(buf, cases[i].want, len);
	}
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_syslog_frame_put(&w, GYL_SYSLOG_FRAME_LF, gyl_view(NULL, 0));
	assert_int_equal(w.fault.err, GYL_E_RANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_split_alike_wherever_they_are_cut),
		cmocka_unit_test(a_long_message_is_cut_once),
		cmocka_unit_test(the_maximum_itself_is_not_cut),
		cmocka_unit_test(frames_are_put_as_they_are_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
