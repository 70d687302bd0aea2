/* SPDX-License-Identifier: ISC */

/* Reading a log directory: which records, in which order, while others write, close and pack. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include <dirent.h>

#include "services/syslogd/reader.h"
#include "services/syslogd/record.h"
#include "services/syslogd/tail.h"
#include "tests/support/support.h"

struct world {
	char dir[64];
	int dir_fd;
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_scratch x;
	uint64_t seq[64]; /* what was read */
	size_t cnt;
	char note[200];
};

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	strcpy(w->dir, "/tmp/gyl-reader-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->dir_fd = open(w->dir, O_RDONLY | O_DIRECTORY);
	assert_true(w->dir_fd >= 0);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;
	DIR *d = opendir(w->dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		unlinkat(w->dir_fd, e->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(w->dir);
	close(w->dir_fd);
	gyl_syslogd_scratch_free(&w->x);
	free(w);
	return 0;
}

static void append(struct world *w, const char *name, const void *p, size_t len)
{
	int fd = openat(w->dir_fd, name, O_WRONLY | O_APPEND | O_CREAT, 0600);

	assert_true(fd >= 0 && write(fd, p, len) == (ssize_t)len);
	close(fd);
}

static size_t lines(char *buf, uint64_t from, uint64_t to)
{
	size_t len = 0;

	for (uint64_t seq = from; seq <= to; seq++)
		len += (size_t)sprintf(
			buf + len, "{\"seq\":%llu,\"recv\":\"x\"}\n", (unsigned long long)seq);
	return len;
}

static void put_lines(struct world *w, const char *name, uint64_t from, uint64_t to)
{
	char buf[4096];

	append(w, name, buf, lines(buf, from, to));
}

static void put_frame(struct world *w, const char *name, uint64_t from, uint64_t to)
{
	char buf[4096], data[8192];
	size_t len = lines(buf, from, to);

	len = ZSTD_compress(data, sizeof data, buf, len, 1);
	assert_false(ZSTD_isError(len));
	append(w, name, data, len);
}

static void note_lines(struct world *w, struct gyl_view text)
{
	while (text.len != 0) {
		const uint8_t *lf = memchr(text.p, '\n', text.len);
		size_t len = lf == NULL ? text.len : (size_t)(lf + 1 - text.p);

		assert_true(w->cnt < 64);
		w->seq[w->cnt++] = gyl_syslogd_record_seq(gyl_view_sub(text, 0, len));
		text = gyl_view_sub(text, len, text.len);
	}
}

static void read_frames(struct world *w, struct gyl_syslogd_seg *s, size_t from)
{
	for (size_t n = from; n < s->frame_cnt; n++) {
		struct gyl_view text;

		assert_int_equal(gyl_syslogd_seg_text(s, &s->frame[n], &w->x, &text), 0);
		assert_true(text.len == s->frame[n].text_len);
		note_lines(w, text);
	}
}

static void read_seg(struct world *w, size_t i)
{
	struct gyl_syslogd_seg s;

	assert_int_equal(gyl_syslogd_seg_open(&w->r, i, &s), 0);
	if (s.note[0] != '\0')
		memcpy(w->note, s.note, sizeof w->note);
	read_frames(w, &s, 0);
	gyl_syslogd_seg_close(&s);
}

static void expect_seqs(const struct world *w, uint64_t from, uint64_t to)
{
	assert_int_equal(w->cnt, to - from + 1);
	for (size_t i = 0; i < w->cnt; i++)
		assert_int_equal(w->seq[i], from + i);
}

#define CLOSED(time, seq) "guyline-" time "Z-" seq

static void segments_come_by_number_packed_or_not(void **state)
{
	struct world *w = *state;

	put_lines(w, "guyline.jsonl", 21, 25);
	put_frame(w, CLOSED("20261121T130000", "9") ".jsonl.zst", 1, 4);
	put_frame(w, CLOSED("20261121T130000", "9") ".jsonl.zst", 5, 9);
	put_lines(w, CLOSED("20261121T120000", "20") ".jsonl", 10, 20); /* the clock was set back */
	put_lines(w, "guyline-notes.jsonl", 7, 7);
	put_lines(w, CLOSED("20261321T120000", "30") ".jsonl", 7, 7); /* no such month */
	append(w, CLOSED("20261121T120000", "20") ".jsonl.zst.tmp", "half", 4);
	assert_int_equal(gyl_syslogd_reader_open(&w->r, w->dir), 0);
	assert_int_equal(w->r.cnt, 3);
	for (size_t i = 0; i < w->r.cnt; i++)
		read_seg(w, i);
	expect_seqs(w, 1, 25);
	assert_non_null(strstr(w->note, "130000Z-9.idx: No such file"));
	gyl_syslogd_reader_close(&w->r);
}

static void an_empty_directory_has_no_segments(void **state)
{
	struct world *w = *state;

	assert_int_equal(gyl_syslogd_reader_open(&w->r, w->dir), 0);
	assert_int_equal(w->r.cnt, 0);
	assert_false(gyl_syslogd_reader_moved(&w->r));
	append(w, "guyline.jsonl", "", 0);
	assert_false(gyl_syslogd_reader_moved(&w->r));
	put_lines(w, "guyline.jsonl", 1, 1);
	assert_true(gyl_syslogd_reader_moved(&w->r));
	gyl_syslogd_reader_close(&w->r);
	assert_int_equal(gyl_syslogd_reader_open(&w->r, "/nowhere"), -ENOENT);
}

static void what_is_packed_after_the_list_was_made_is_read_packed(void **state)
{
	struct world *w = *state;
	static const char plain[] = CLOSED("20261121T120000", "5") ".jsonl";
	struct gyl_syslogd_seg s;

	put_lines(w, plain, 1, 5);
	assert_int_equal(gyl_syslogd_reader_open(&w->r, w->dir), 0);
	put_frame(w, CLOSED("20261121T120000", "5") ".jsonl.zst", 1, 5);
	assert_int_equal(unlinkat(w->dir_fd, plain, 0), 0);
	read_seg(w, 0);
	expect_seqs(w, 1, 5);
	assert_int_equal(unlinkat(w->dir_fd, CLOSED("20261121T120000", "5") ".jsonl.zst", 0), 0);
	assert_int_equal(gyl_syslogd_seg_open(&w->r, 0, &s), -ENOENT); /* too old */
	gyl_syslogd_reader_close(&w->r);
}

static void rotate(struct world *w, const char *to)
{
	assert_int_equal(renameat(w->dir_fd, "guyline.jsonl", w->dir_fd, to), 0);
}

static void following_over_rotations_shows_each_record_once(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_seg s;
	size_t had;

	put_lines(w, "guyline.jsonl", 1, 3);
	assert_int_equal(gyl_syslogd_reader_open(&w->r, w->dir), 0);
	put_lines(w, "guyline.jsonl", 4, 5); /* after the list was made */
	assert_int_equal(gyl_syslogd_seg_open(&w->r, 0, &s), 0);
	read_frames(w, &s, 0);
	expect_seqs(w, 1, 3);
	had = s.frame_cnt;
	append(w, "guyline.jsonl", "{\"seq\":6", 8); /* a line that is being written */
	assert_int_equal(gyl_syslogd_seg_grow(&s), 0);
	read_frames(w, &s, had);
	expect_seqs(w, 1, 5);
	had = s.frame_cnt;
	append(w, "guyline.jsonl", ",1}\n", 4);
	assert_false(gyl_syslogd_reader_moved(&w->r));
	rotate(w, CLOSED("20261121T120000", "6") ".jsonl");
	put_lines(w, "guyline.jsonl", 7, 8);
	rotate(w, CLOSED("20261121T120000", "8") ".jsonl");
	put_lines(w, "guyline.jsonl", 9, 9);
	assert_true(gyl_syslogd_reader_moved(&w->r));
	assert_int_equal(gyl_syslogd_seg_grow(&s), 0);
	read_frames(w, &s, had);
	expect_seqs(w, 1, 6);
	gyl_syslogd_seg_close(&s);
	assert_int_equal(gyl_syslogd_reader_refresh(&w->r, 6), 0);
	assert_int_equal(w->r.cnt, 2);
	read_seg(w, 0);
	read_seg(w, 1);
	expect_seqs(w, 1, 9);
	gyl_syslogd_reader_close(&w->r);
}

static void a_rotation_after_the_list_was_made_changes_nothing(void **state)
{
	struct world *w = *state;

	put_lines(w, "guyline.jsonl", 1, 3);
	assert_int_equal(gyl_syslogd_reader_open(&w->r, w->dir), 0);
	rotate(w, CLOSED("20261121T120000", "3") ".jsonl");
	put_lines(w, "guyline.jsonl", 4, 4);
	for (size_t i = 0; i < w->r.cnt; i++)
		read_seg(w, i);
	expect_seqs(w, 1, 3);
	gyl_syslogd_reader_close(&w->r);
}

static void damaged_data_is_told_and_the_rest_is_read(void **state)
{
	static const char name[] = CLOSED("20261121T120000", "9") ".jsonl.zst";
	struct world *w = *state;

	put_frame(w, name, 1, 5);
	append(w, name, "this is no frame", 16);
	put_frame(w, name, 6, 9);
	assert_int_equal(gyl_syslogd_reader_open(&w->r, w->dir), 0);
	read_seg(w, 0);
	expect_seqs(w, 1, 5);
	assert_non_null(strstr(w->note, "octets are not read; zstdcat may help"));
	gyl_syslogd_reader_close(&w->r);
}

static void long_files_come_in_frames_that_end_at_lines(void **state)
{
	static char line[100000];
	struct world *w = *state;
	struct gyl_syslogd_seg s;
	struct gyl_view text;
	uint64_t total = 0;

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\n';
	for (unsigned seq = 1; seq <= 33; seq++) {
		int n = snprintf(line, sizeof line, "{\"seq\":%u,", seq);

		line[n] = 'x';
		append(w, CLOSED("20261121T120000", "33") ".jsonl", line, sizeof line);
	}
	assert_int_equal(gyl_syslogd_reader_open(&w->r, w->dir), 0);
	assert_int_equal(gyl_syslogd_seg_open(&w->r, 0, &s), 0);
	assert_int_equal(s.frame_cnt, 4); /* of ten lines each, and a rest of three */
	for (size_t i = 0; i < s.frame_cnt; i++) {
		assert_int_equal(s.frame[i].first_seq, 10 * i + 1);
		assert_int_equal(s.frame[i].last_seq, i == 3 ? 33 : 10 * i + 10);
		assert_int_equal(gyl_syslogd_seg_text(&s, &s.frame[i], &w->x, &text), 0);
		assert_int_equal(text.p[text.len - 1], '\n');
		total += text.len;
	}
	assert_int_equal(total, 33 * sizeof line);
	gyl_syslogd_seg_close(&s);
	gyl_syslogd_reader_close(&w->r);
}

static void the_last_lines_come_from_packed_segments_too(void **state)
{
	struct world *w = *state;
	struct gyl_writer t;
	char buf[4096], want[4096];

	put_frame(w, CLOSED("20261121T110000", "10") ".jsonl.zst", 1, 7);
	put_frame(w, CLOSED("20261121T110000", "10") ".jsonl.zst", 8, 10);
	put_lines(w, CLOSED("20261121T120000", "12") ".jsonl", 11, 12);
	put_lines(w, "guyline.jsonl", 13, 13);
	for (uint64_t cnt = 0; cnt <= 13; cnt++) {
		gyl_writer_init(&t, buf, sizeof buf);
		gyl_syslogd_tail(w->dir_fd, cnt, &t);
		assert_int_equal(t.len, lines(want, 14 - cnt, 13));
		assert_memory_equal(buf, want, t.len);
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(segments_come_by_number_packed_or_not),
		T(an_empty_directory_has_no_segments),
		T(what_is_packed_after_the_list_was_made_is_read_packed),
		T(following_over_rotations_shows_each_record_once),
		T(a_rotation_after_the_list_was_made_changes_nothing),
		T(damaged_data_is_told_and_the_rest_is_read),
		T(long_files_come_in_frames_that_end_at_lines),
		T(the_last_lines_come_from_packed_segments_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
