/* SPDX-License-Identifier: ISC */

/* What an index says of frames and hosts, and that no broken one is taken for a good one. */

#include <gyl/text.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/base/crc32c.h"
#include "services/syslogd/collect.h"
#include "services/syslogd/token.h"
#include "tests/support/support.h"

enum {
	INDEX_MAX = 1 << 20
};

static struct gyl_syslogd_collect collect;
static uint8_t built[INDEX_MAX];

static struct gyl_syslogd_frame frame_of(const char *text)
{
	struct gyl_syslogd_frame f;

	gyl_syslogd_collect_frame(&collect, gyl_view_str(text), &f);
	return f;
}

static uint64_t word(const char *s)
{
	return gyl_syslogd_token_field(GYL_SYSLOGD_TAG_WORD, gyl_view_str(s));
}

#define RECORD(seq, recv, sev, ts, host, msg)                                \
	"{\"seq\":" #seq ",\"recv\":\"2026-11-21T" recv                      \
	"Z\",\"from\":\"10.0.0.7\",\"fmt\":\"3164\","                        \
	"\"pri\":13,\"fac\":1,\"sev\":" #sev ",\"ts\":" ts ",\"host\":" host \
	",\"app\":\"hostapd\",\"pid\":null,\"msgid\":null,\"sd\":{},\"msg\":\"" msg "\"}\n"

static const char two[] = RECORD(7, "13:00:00.5", 3, "\"2026-11-21T12:59:58Z\"", "\"ap-17\"",
	"STA 02:00:5E:10:00:07 Associated")
	RECORD(8, "13:00:00.25", 5, "null", "\"ap-18\"", "from fe80::1 and\\n10.77.0.5");

/* An index of two frames, the second empty of records. */
static struct gyl_view build(struct gyl_syslogd_index *ix)
{
	static const uint8_t hash[GYL_SYSLOGD_HASH_LEN] = {1, 2, 3};
	const char *text[] = {two, "not ours\n"};
	size_t len = GYL_SYSLOGD_INDEX_HEAD_LEN;
	struct gyl_writer w;

	gyl_syslogd_collect_init(&collect);
	memset(ix, 0, sizeof *ix);
	for (size_t i = 0; i < 2; i++) {
		struct gyl_syslogd_frame f = frame_of(text[i]);

		f.off = ix->data_len;
		f.len = 40;
		f.hash = hash;
		gyl_syslogd_index_put_frame(built + len, &f);
		len += GYL_SYSLOGD_INDEX_FRAME_LEN + f.filter.len;
		ix->data_len += f.len;
		ix->text_len += f.text_len;
		ix->frame_cnt++;
	}
	ix->first_seq = 7;
	ix->last_seq = 8;
	gyl_writer_init(&w, built + len, sizeof built - len);
	ix->host_cnt = gyl_syslogd_collect_hosts(&collect, &w);
	len += w.len;
	gyl_syslogd_index_put_head(built, ix, (uint32_t)w.len,
		gyl_crc32c(built + GYL_SYSLOGD_INDEX_HEAD_LEN, len - GYL_SYSLOGD_INDEX_HEAD_LEN));
	return gyl_view(built, len);
}

static void a_frame_is_described_by_its_records(void **state)
{
	struct gyl_syslogd_frame f;

	(void)state;
	gyl_syslogd_collect_init(&collect);
	f = frame_of(two);
	assert_int_equal(f.cnt, 2);
	assert_true(f.first_seq == 7 && f.last_seq == 8);
	assert_true(f.recv_min_ns == UINT64_C(1795266000250000000));
	assert_true(f.recv_max_ns == UINT64_C(1795266000500000000));
	assert_true(f.ts_min_ns == UINT64_C(1795265998000000000) && f.ts_max_ns == f.ts_min_ns);
	assert_int_equal(f.severities, 1 << 3 | 1 << 5);
	assert_true(gyl_syslogd_frame_may_have(&f, word("02:00:5e:10:00:07")));
	assert_true(gyl_syslogd_frame_may_have(&f, word("ASSOCIATED")));
	assert_true(gyl_syslogd_frame_may_have(&f, word("10.77.0.5")));
	assert_true(gyl_syslogd_frame_may_have(&f, word("fe80::1")));
	assert_true(gyl_syslogd_frame_may_have(
		&f, gyl_syslogd_token_field(GYL_SYSLOGD_TAG_HOST, gyl_view_str("AP-18"))));
	assert_true(gyl_syslogd_frame_may_have(
		&f, gyl_syslogd_token_field(GYL_SYSLOGD_TAG_FROM, gyl_view_str("10.0.0.7"))));
	assert_false(gyl_syslogd_frame_may_have(&f, word("disassociated")));
	assert_false(gyl_syslogd_frame_may_have(
		&f, gyl_syslogd_token_field(GYL_SYSLOGD_TAG_HOST, gyl_view_str("hostapd"))));
}

static void a_frame_without_times_is_outside_of_all_times_of_messages(void **state)
{
	struct gyl_syslogd_frame f;

	(void)state;
	gyl_syslogd_collect_init(&collect);
	f = frame_of(RECORD(1, "13:00:00", 3, "null", "null", ""));
	assert_true(f.ts_min_ns > f.ts_max_ns);
	assert_true(f.recv_min_ns == f.recv_max_ns);
}

/* Whatever it says, no search may pass it over. */
static void a_line_that_is_not_ours_widens_all_bounds(void **state)
{
	struct gyl_syslogd_frame f;

	(void)state;
	gyl_syslogd_collect_init(&collect);
	f = frame_of("somebody ELSE's line");
	assert_true(f.cnt == 1 && f.severities == 0xff && f.first_seq == 0 && f.last_seq == 0);
	assert_true(f.recv_min_ns == 0 && f.recv_max_ns == UINT64_MAX);
	assert_true(f.ts_min_ns == 0 && f.ts_max_ns == UINT64_MAX);
	assert_true(gyl_syslogd_frame_may_have(&f, word("else")));
}

static void a_filter_lets_one_in_a_hundred_pass(void **state)
{
	static char text[600000];
	struct gyl_syslogd_frame f;
	unsigned passed = 0;
	size_t len = 0;

	(void)state;
	gyl_syslogd_collect_init(&collect);
	for (unsigned i = 0; i < 20000; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "w%u ", i);
	f = frame_of(text);
	assert_int_equal(f.filter.len, 25000);
	for (unsigned i = 0; i < 20000; i++) {
		char name[16];

		snprintf(name, sizeof name, "w%u", i);
		assert_true(gyl_syslogd_frame_may_have(&f, word(name)));
		name[0] = 'v';
		passed += gyl_syslogd_frame_may_have(&f, word(name));
	}
	assert_in_range(passed, 50, 300);
}

static void more_words_than_there_is_room_for_leave_no_filter(void **state)
{
	static char text[GYL_SYSLOGD_FRAME_TEXT_MAX];
	struct gyl_syslogd_frame f;
	size_t len = 0;

	(void)state;
	gyl_syslogd_collect_init(&collect);
	for (unsigned i = 0; i <= GYL_SYSLOGD_TOKEN_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%x ", 0x10000 + i);
	f = frame_of(text);
	assert_int_equal(f.filter.len, 0);
	assert_true(gyl_syslogd_frame_may_have(&f, word("whatever")));
	f = frame_of("one"); /* and the next frame has one again */
	assert_false(gyl_syslogd_frame_may_have(&f, word("whatever")));
}

/* A hundred words for one place of the table: found as an attacker would. */
static void words_made_to_collide_leave_no_filter(void **state)
{
	static char text[2000];
	struct gyl_syslogd_frame f;
	size_t len = 0, cnt = 0;

	(void)state;
	for (unsigned i = 0; cnt < 100; i++) {
		char name[12];

		snprintf(name, sizeof name, "w%x", i);
		if (word(name) % (2 * GYL_SYSLOGD_TOKEN_MAX) != 77)
			continue;
		len += (size_t)snprintf(text + len, sizeof text - len, "%s ", name);
		cnt++;
	}
	gyl_syslogd_collect_init(&collect);
	f = frame_of(text);
	assert_int_equal(f.filter.len, 0);
}

static uint32_t count_of(struct gyl_view hosts, const char *name, size_t *ret_cnt)
{
	struct gyl_syslogd_host h;
	uint32_t cnt = 0;

	*ret_cnt = 0;
	while (gyl_syslogd_index_host(&hosts, &h)) {
		++*ret_cnt;
		if (gyl_view_eq(h.name, gyl_view_str(name)))
			cnt = h.cnt;
	}
	return cnt;
}

static void hosts_are_counted_up_to_a_bound(void **state)
{
	static uint8_t buf[GYL_SYSLOGD_HOSTS_LEN_MAX];
	char line[1000], name[300];
	struct gyl_writer w;
	size_t cnt;

	(void)state;
	gyl_syslogd_collect_init(&collect);
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	for (unsigned i = 0; i < 2 * (GYL_SYSLOGD_HOST_CNT_MAX + 5); i++) {
		snprintf(line, sizeof line, "{\"seq\":1,\"host\":\"h%u\"}\n", i / 2);
		frame_of(line);
	}
	snprintf(line, sizeof line, "{\"seq\":1,\"host\":\"%s\"}\n{\"seq\":2,\"host\":null}\n",
		name);
	frame_of(line);
	gyl_writer_init(&w, buf, sizeof buf);
	assert_int_equal(gyl_syslogd_collect_hosts(&collect, &w), GYL_SYSLOGD_HOST_CNT_MAX + 1);
	assert_true(gyl_writer_ok(&w));
	assert_int_equal(count_of(gyl_writer_view(&w), "h77", &cnt), 2);
	assert_int_equal(count_of(gyl_writer_view(&w), "", &cnt), 12); /* five, too long, none */
	assert_int_equal(cnt, GYL_SYSLOGD_HOST_CNT_MAX + 1);
}

static void what_is_written_is_read_back(void **state)
{
	struct gyl_syslogd_index ix, back;
	struct gyl_view in = build(&ix), rest;
	struct gyl_syslogd_frame f;
	struct gyl_syslogd_host h;

	(void)state;
	assert_int_equal(gyl_syslogd_index_open(in, &back).err, GYL_OK);
	assert_true(back.data_len == 80 && back.text_len == ix.text_len);
	assert_true(back.first_seq == 7 && back.last_seq == 8);
	rest = back.frames;
	assert_true(gyl_syslogd_index_frame(&rest, &f));
	assert_true(f.off == 0 && f.len == 40 && f.text_len == sizeof two - 1 && f.cnt == 2);
	assert_true(f.first_seq == 7 && f.last_seq == 8 && f.severities == (1 << 3 | 1 << 5));
	assert_true(f.recv_min_ns == UINT64_C(1795266000250000000));
	assert_true(f.hash[2] == 3 && gyl_syslogd_frame_may_have(&f, word("associated")));
	assert_false(gyl_syslogd_frame_may_have(&f, word("disassociated")));
	assert_true(gyl_syslogd_index_frame(&rest, &f) && f.off == 40);
	assert_false(gyl_syslogd_index_frame(&rest, &f));
	rest = back.hosts;
	assert_true(gyl_syslogd_index_host(&rest, &h) && h.cnt == 1);
	assert_true(gyl_view_eq(h.name, gyl_view_str("ap-17")));
	assert_true(gyl_syslogd_index_host(&rest, &h));
	assert_false(gyl_syslogd_index_host(&rest, &h));
}

static void no_beginning_and_no_damaged_one_is_taken(void **state)
{
	struct gyl_syslogd_index ix, back;
	struct gyl_view in = build(&ix);

	(void)state;
	for (size_t len = 0; len < in.len; len++)
		assert_true(gyl_failed(gyl_syslogd_index_open(gyl_view(in.p, len), &back)));
	for (size_t i = 0; i < in.len; i++) {
		built[i] ^= 0x10;
		assert_true(gyl_failed(gyl_syslogd_index_open(in, &back)));
		built[i] ^= 0x10;
	}
	built[in.len] = 0;
	assert_true(gyl_failed(gyl_syslogd_index_open(gyl_view(in.p, in.len + 1), &back)));
	assert_false(gyl_failed(gyl_syslogd_index_open(in, &back)));
}

/* Checksums right, contents wrong: offset, width and value of a field, the fault and its place. */
static void contradictions_are_found(void **state)
{
	static const struct {
		size_t off;
		unsigned width;
		uint32_t v;
		enum gyl_err err;
		size_t at;
	} row[] = {
		{11, 1, 2, GYL_E_VERSION, 8},  /* a later version */
		{12, 4, 1, GYL_E_LENGTH, 12},  /* fewer frames */
		{12, 4, 3, GYL_E_FIELD, 0},    /* more */
		{20, 4, 79, GYL_E_LENGTH, 16}, /* less data */
		{28, 4, 1, GYL_E_LENGTH, 24},  /* less text */
		{48, 4, 1, GYL_E_LENGTH, 48},  /* fewer hosts */
		{48, 4, 3, GYL_E_LENGTH, 52},  /* more */
		{52, 4, 1 << 30, GYL_E_LENGTH, 52},
		{64 + 4, 4, 1, GYL_E_FIELD, 64}, /* a gap in the data */
		{64 + 8, 4, 0, GYL_E_FIELD, 64}, /* an empty frame */
		{64 + 8, 4, 1 << 30, GYL_E_FIELD, 64},
		{64 + 12, 4, 1 << 21, GYL_E_FIELD, 64},
		{64 + 104, 4, 1 << 20, GYL_E_FIELD, 64},
	};
	struct gyl_syslogd_index ix, back;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct gyl_view in = build(&ix);
		struct gyl_fault f;

		if (row[i].width == 1)
			built[row[i].off] = (uint8_t)row[i].v;
		else
			gyl_set_u32(built + row[i].off, row[i].v);
		gyl_set_u32(built + 56, gyl_crc32c(built + 64, in.len - 64));
		gyl_set_u32(built + 60, gyl_crc32c(built, 60));
		f = gyl_syslogd_index_open(in, &back);
		assert_int_equal(f.err, row[i].err);
		if (row[i].at != 0)
			assert_int_equal(f.off, row[i].at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_described_by_its_records),
		cmocka_unit_test(a_frame_without_times_is_outside_of_all_times_of_messages),
		cmocka_unit_test(a_line_that_is_not_ours_widens_all_bounds),
		cmocka_unit_test(a_filter_lets_one_in_a_hundred_pass),
		cmocka_unit_test(more_words_than_there_is_room_for_leave_no_filter),
		cmocka_unit_test(words_made_to_collide_leave_no_filter),
		cmocka_unit_test(hosts_are_counted_up_to_a_bound),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(no_beginning_and_no_damaged_one_is_taken),
		cmocka_unit_test(contradictions_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
