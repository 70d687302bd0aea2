/* SPDX-License-Identifier: ISC */

/* A log directory that somebody has been at: what is found, and where. */

#include "tests/unit/syslogd/seal_world.h"

enum {
	SEG_CNT = 3
};

static char base[SEG_CNT][GYL_SYSLOGD_NAME_MAX];
static struct world_packed packed[SEG_CNT];

/* Three sealed segments and an open file. */
static void fill(struct world *w)
{
	char text[1024];

	for (size_t i = 0; i < SEG_CNT; i++)
		world_seal(w, &packed[i], base[i], true);
	world_write(w, "guyline.jsonl", text, world_lines(w, text, 3));
}

static int open_full(void **state)
{
	world_open(state);
	fill(*state);
	return 0;
}

static void put_file(struct world *w, size_t i, const uint8_t *p, size_t len)
{
	world_name(w, base[i], GYL_SYSLOGD_SEAL, p, len);
}

static void drop(struct world *w, const char *of, enum gyl_syslogd_file file)
{
	char name[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_file(of, file, name);
	assert_int_equal(unlinkat(w->dir_fd, name, 0), 0);
}

static void drop_both(struct world *w, size_t i)
{
	drop(w, base[i], GYL_SYSLOGD_SEAL);
	drop(w, base[i], GYL_SYSLOGD_IDX_SEAL);
}

static void expect_at(struct world *w, size_t i, uint64_t frame, uint64_t off, const char *text)
{
	char name[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_file(base[i], GYL_SYSLOGD_SEAL, name);
	assert_true(world_verify(w, good_keys) >= 1);
	assert_string_equal(w->first_file, name);
	assert_true(w->first.frame == frame && w->first.off == off);
	if (strstr(w->first.text, text) == NULL)
		fail_msg("\"%s\", not \"%s\"", w->first.text, text);
}

static void expect_head(struct world *w, const char *text)
{
	assert_int_equal(world_verify(w, good_keys), 1);
	assert_string_equal(w->first_file, "guyline.seal");
	if (strstr(w->first.text, text) == NULL)
		fail_msg("\"%s\", not \"%s\"", w->first.text, text);
}

static void whole(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_verify(w, good_keys), 0);
	assert_int_equal(w->v.seg_cnt, SEG_CNT + 1);
	assert_int_equal(w->v.sealed_cnt, SEG_CNT);
	assert_int_equal(w->v.line_cnt, SEG_CNT * WORLD_PER_SEG + 3);
	assert_int_equal(w->v.first_seq, 1);
	assert_int_equal(w->v.last_seq, SEG_CNT * WORLD_PER_SEG + 3);
	assert_int_equal(w->v.sealed_seq, SEG_CNT * WORLD_PER_SEG);
	assert_memory_equal(&w->v.link, &w->sealer.head.link, sizeof w->v.link);
}

/* What scrypt depends on, which would take its time at each bit: these are tried by test_seal. */
static bool is_slow(size_t at)
{
	return at >= 9 && at < 40 && at != 30;
}

/* Bits of all octets of the middle segment; where it is, is told. */
static void altered_bits(void **state)
{
	struct world *w = *state;
	struct world_packed *p = &packed[1];

	for (size_t bit = 0; bit < 8 * p->len; bit += 7) {
		size_t at = bit / 8, frame = 0;

		if (is_slow(at))
			continue;
		p->file[at] ^= (uint8_t)(1 << bit % 8);
		put_file(w, 1, p->file, p->len);
		while (frame < WORLD_FRAMES && p->at[frame + 1] <= at)
			frame++;
		assert_true(world_verify(w, good_keys) >= 1);
		if (at >= GYL_SYSLOGD_SEAL_HEADER_LEN) {
			assert_int_equal(w->first.frame, frame);
			assert_int_equal(w->first.off, p->at[frame]);
		}
		p->file[at] ^= (uint8_t)(1 << bit % 8);
	}
	put_file(w, 1, p->file, p->len);
	assert_int_equal(world_verify(w, good_keys), 0);
}

static void every_truncation(void **state)
{
	struct world *w = *state;
	const struct world_packed *p = &packed[1];

	for (size_t len = 0; len < p->len; len++) {
		size_t frame = 0;

		put_file(w, 1, p->file, len);
		while (frame < WORLD_FRAMES && p->at[frame + 1] <= len)
			frame++;
		assert_true(world_verify(w, good_keys) >= 1);
		if (len >= GYL_SYSLOGD_SEAL_HEADER_LEN)
			/* A whole frame at the end: it is not the last one. */
			assert_int_equal(w->first.frame,
				len == p->at[frame] && frame > 0 ? frame - 1 : frame);
	}
}

static void cut_between_frames(void **state)
{
	struct world *w = *state;

	put_file(w, 1, packed[1].file, packed[1].at[2]);
	expect_at(w, 1, 1, packed[1].at[1], "those behind it were cut off");
}

static void appended(void **state)
{
	struct world *w = *state;
	struct world_packed *p = &packed[1];

	memcpy(p->file + p->len, p->file + p->at[1], p->at[2] - p->at[1]);
	put_file(w, 1, p->file, p->len + p->at[2] - p->at[1]);
	expect_at(w, 1, WORLD_FRAMES, p->at[WORLD_FRAMES], "something follows the last frame");
}

/* Frames of the same length change places. */
static void every_swap(void **state)
{
	struct world *w = *state;
	const struct world_packed *p = &packed[1];

	for (size_t i = 0; i < WORLD_FRAMES; i++)
		for (size_t k = i + 1; k < WORLD_FRAMES; k++) {
			uint8_t file[WORLD_FILE_MAX];
			size_t len = p->at[i + 1] - p->at[i], other = p->at[k + 1] - p->at[k];
			size_t between = p->at[k] - p->at[i + 1], to = p->at[i];
			char text[40];

			memcpy(file, p->file, p->len);
			memcpy(file + to, p->file + p->at[k], other);
			memcpy(file + to + other, p->file + p->at[i + 1], between);
			memcpy(file + to + other + between, p->file + p->at[i], len);
			put_file(w, 1, file, p->len);
			snprintf(text, sizeof text, "frame %zu of this segment stands here", k);
			expect_at(w, 1, i, p->at[i], text);
		}
}

static void frame_taken_out(void **state)
{
	struct world *w = *state;
	const struct world_packed *p = &packed[1];
	uint8_t file[WORLD_FILE_MAX];

	memcpy(file, p->file, p->at[1]);
	memcpy(file + p->at[1], p->file + p->at[2], p->len - p->at[2]);
	put_file(w, 1, file, p->len - (p->at[2] - p->at[1]));
	expect_at(w, 1, 1, p->at[1], "frame 2 of this segment stands here");
}

static void segment_under_another_name(void **state)
{
	struct world *w = *state;

	put_file(w, 1, packed[0].file, packed[0].len);
	expect_at(w, 1, UINT64_MAX, UINT64_MAX, "it was renamed");
}

static void index_altered_or_missing(void **state)
{
	struct world *w = *state;
	struct world_packed *p = &packed[1];

	p->idx[p->idx_len - 1] ^= 1;
	world_name(w, base[1], GYL_SYSLOGD_IDX_SEAL, p->idx, p->idx_len);
	expect_at(w, 1, UINT64_MAX, UINT64_MAX, "its index, ");
	world_name(w, base[1], GYL_SYSLOGD_IDX_SEAL, packed[0].idx, packed[0].idx_len);
	expect_at(w, 1, UINT64_MAX, UINT64_MAX, "is another one than the manifest names");
	drop(w, base[1], GYL_SYSLOGD_IDX_SEAL);
	expect_at(w, 1, UINT64_MAX, UINT64_MAX, "No such file");
}

static void middle_segment_deleted(void **state)
{
	struct world *w = *state;

	drop_both(w, 1);
	expect_at(w, 2, UINT64_MAX, UINT64_MAX, "the segment that was sealed before it is missing");
}

/* A forged plain file with the right numbers takes its place: the numbers do not tell, the chain
 * does. */
static void segment_replaced_by_a_plain_one(void **state)
{
	struct world *w = *state;
	char text[2048];
	size_t len;

	drop_both(w, 1);
	w->seq = WORLD_PER_SEG;
	len = world_lines(w, text, WORLD_PER_SEG);
	world_name(w, base[1], GYL_SYSLOGD_PLAIN, text, len);
	expect_at(w, 2, UINT64_MAX, UINT64_MAX, "the segment that was sealed before it is missing");
	assert_int_equal(w->v.bad_cnt, 1);
}

static void newest_segment_deleted(void **state)
{
	struct world *w = *state;

	drop_both(w, 2);
	assert_int_equal(unlinkat(w->dir_fd, "guyline.jsonl", 0), 0); /* which would tell, too */
	expect_head(w, "the newest sealed segment, which ends with record 36, is missing");
}

static void oldest_segment_deleted(void **state)
{
	struct world *w = *state;

	drop_both(w, 0);
	expect_at(w, 1, 0, packed[1].at[0], "records 1 to 12 are missing in front of it");
	assert_int_equal(w->v.bad_cnt, 1);
}

/* Retention says so in the head, before it does it. */
static void oldest_segment_removed_by_the_collector(void **state)
{
	struct world *w = *state;

	assert_int_equal(gyl_syslogd_sealer_gone(&w->sealer, WORLD_PER_SEG), 0);
	assert_int_equal(world_verify(w, good_keys), 0);
	drop_both(w, 0);
	assert_int_equal(world_verify(w, good_keys), 0);
	drop_both(w, 1);
	expect_at(w, 2, 0, packed[2].at[0], "records 13 to 24 are missing in front of it");
}

static void head_deleted_or_altered(void **state)
{
	struct world *w = *state;
	uint8_t head[WORLD_FILE_MAX] = {0};
	size_t len = world_read(w, "guyline.seal", head);

	for (size_t i = 0; i < len; i += 5) {
		head[i] ^= 0x10;
		world_write(w, "guyline.seal", head, len);
		expect_head(w, "cannot be told");
		head[i] ^= 0x10;
	}
	assert_int_equal(unlinkat(w->dir_fd, "guyline.seal", 0), 0);
	expect_head(w, "No such file");
}

static void older_head_put_back(void **state)
{
	struct world *w = *state;
	uint8_t head[WORLD_FILE_MAX];
	size_t len = world_read(w, "guyline.seal", head);
	struct world_packed p;
	char name[GYL_SYSLOGD_NAME_MAX];

	unlinkat(w->dir_fd, "guyline.jsonl", 0);
	w->seq = SEG_CNT * WORLD_PER_SEG;
	world_seal(w, &p, name, true);
	assert_int_equal(world_verify(w, good_keys), 0);
	/* Together with the segment: what is not promised. */
	drop(w, name, GYL_SYSLOGD_SEAL);
	drop(w, name, GYL_SYSLOGD_IDX_SEAL);
	expect_head(w, "is missing");
	world_write(w, "guyline.seal", head, len);
	assert_int_equal(world_verify(w, good_keys), 0);
}

static void wrong_passphrase(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_verify(w, other_keys), SEG_CNT + 1);
	assert_non_null(strstr(w->first.text, "another key or passphrase"));
	assert_int_equal(world_verify(w, NULL), SEG_CNT);
	assert_non_null(strstr(w->first.text, "its passphrase is needed"));
}

static void records_missing_in_the_open_file(void **state)
{
	struct world *w = *state;
	char text[1024];

	w->seq++;
	world_write(w, "guyline.jsonl", text, world_lines(w, text, 2));
	assert_int_equal(world_verify(w, good_keys), 1);
	assert_string_equal(w->first_file, "guyline.jsonl");
	assert_string_equal(w->first.text, "records 37 to 40 are missing");
}

/* ---- the collector starts again ---- */

static void next_start_goes_on(void **state)
{
	struct world *w = *state;
	const struct gyl_seal_key *key = w->sealer.key;
	struct world_packed p;
	char name[GYL_SYSLOGD_NAME_MAX];

	unlinkat(w->dir_fd, "guyline.jsonl", 0);
	w->seq = SEG_CNT * WORLD_PER_SEG;
	world_open_sealer(w, good_keys);
	assert_string_equal(w->note, "");
	assert_true(w->sealer.key == key); /* no second scrypt */
	world_seal(w, &p, name, true);
	assert_int_equal(world_verify(w, good_keys), 0);
}

/* kill -9 between a segment's name and the head. */
static void segment_that_the_head_does_not_know(void **state)
{
	struct world *w = *state;
	struct world_packed p;
	char name[GYL_SYSLOGD_NAME_MAX];

	unlinkat(w->dir_fd, "guyline.jsonl", 0);
	w->seq = SEG_CNT * WORLD_PER_SEG;
	world_seal(w, &p, name, false);
	assert_int_equal(world_verify(w, good_keys), 0);
	world_open_sealer(w, good_keys);
	assert_string_equal(w->note, "");
	assert_int_equal(world_verify(w, good_keys), 0);
	assert_int_equal(w->sealer.head.last_seq, w->seq);
	world_seal(w, &p, name, true);
	assert_int_equal(world_verify(w, good_keys), 0);
	assert_int_equal(w->v.sealed_cnt, SEG_CNT + 2);
}

static void newest_missing_is_told_at_the_start(void **state)
{
	struct world *w = *state;

	unlinkat(w->dir_fd, "guyline.jsonl", 0);
	drop_both(w, 2);
	gyl_syslogd_archive_file(base[1], GYL_SYSLOGD_SEAL, w->newest);
	w->newest_seq = (uint64_t)2 * WORLD_PER_SEG;
	world_open_sealer(w, good_keys);
	assert_non_null(strstr(w->note, "the newest sealed segment is missing"));
	world_open_sealer(w, good_keys); /* and is not forgotten */
	expect_head(w, "which ends with record 36, is missing");
}

/* Old segments open with the old passphrase, and the chain goes on. */
static void passphrase_changed(void **state)
{
	struct world *w = *state;
	struct world_packed p;
	char name[GYL_SYSLOGD_NAME_MAX];

	unlinkat(w->dir_fd, "guyline.jsonl", 0);
	w->seq = SEG_CNT * WORLD_PER_SEG;
	world_open_sealer(w, other_keys);
	assert_non_null(strstr(w->note, "another passphrase"));
	world_seal(w, &p, name, true);
	assert_int_equal(world_verify(w, other_keys), SEG_CNT);
	drop_both(w, 2); /* of the old ones the newest */
	assert_int_equal(world_verify(w, other_keys), SEG_CNT);
	assert_int_equal(world_verify(w, good_keys), 2); /* the new segment, and the head */
}

static void missing_head_is_told_at_the_start(void **state)
{
	struct world *w = *state;

	unlinkat(w->dir_fd, "guyline.seal", 0);
	world_open_sealer(w, good_keys);
	assert_non_null(strstr(w->note, "guyline.seal is missing"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_full, world_close)
	const struct CMUnitTest tests[] = {
		CASE(whole),
		CASE(altered_bits),
		CASE(every_truncation),
		CASE(cut_between_frames),
		CASE(appended),
		CASE(every_swap),
		CASE(frame_taken_out),
		CASE(segment_under_another_name),
		CASE(index_altered_or_missing),
		CASE(middle_segment_deleted),
		CASE(segment_replaced_by_a_plain_one),
		CASE(newest_segment_deleted),
		CASE(oldest_segment_deleted),
		CASE(oldest_segment_removed_by_the_collector),
		CASE(head_deleted_or_altered),
		CASE(older_head_put_back),
		CASE(wrong_passphrase),
		CASE(records_missing_in_the_open_file),
		CASE(next_start_goes_on),
		CASE(segment_that_the_head_does_not_know),
		CASE(newest_missing_is_told_at_the_start),
		CASE(passphrase_changed),
		CASE(missing_head_is_told_at_the_start),
	};

	return world_main(tests, TEST_CNT(tests));
}
