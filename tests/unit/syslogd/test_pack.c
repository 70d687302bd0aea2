/* SPDX-License-Identifier: ISC */

/* Packing of closed segments: what they say afterwards, cut off at each step, without room, beside
 * a burst. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gyl/time.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/base/event.h"
#include "services/syslogd/pack.h"
#include "services/syslogd/pack_own.h"
#include "services/syslogd/reader.h"
#include "services/syslogd/record.h"
#include "services/syslogd/token.h"
#include "tests/support/support.h"

#define BASE "guyline-20261121T130000Z-"

struct world {
	char dir[64];
	int dir_fd;
	struct gyl_syslogd_conf limits;
	struct gyl_syslogd_pack p;
	struct gyl_now now;
	unsigned said[GYL_EV_CNT];
	struct gyl_event last[GYL_EV_CNT];
	struct gyl_syslogd_scratch x;
	char note[200];
	size_t frames;
};

static void say(void *arg, const struct gyl_event *e)
{
	struct world *w = arg;

	w->said[e->kind]++;
	w->last[e->kind] = *e;
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	strcpy(w->dir, "/tmp/gyl-pack-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->dir_fd = open(w->dir, O_RDONLY | O_DIRECTORY);
	w->limits = (struct gyl_syslogd_conf){.compress = true, .compress_level = 1};
	w->now.mono_ns = GYL_NS_PER_S;
	*state = w;
	return 0;
}

static void empty(struct world *w)
{
	DIR *d = opendir(w->dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		unlinkat(w->dir_fd, e->d_name, 0);
	if (d != NULL)
		closedir(d);
}

static int close_world(void **state)
{
	struct world *w = *state;

	empty(w);
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

/* Records `from` to `to`, of about 200 octets. */
static void put_records(struct world *w, const char *name, uint64_t from, uint64_t to)
{
	char line[400];
	FILE *f;
	int fd = openat(w->dir_fd, name, O_WRONLY | O_APPEND | O_CREAT, 0600);

	f = fdopen(fd, "a");
	assert_non_null(f);
	for (uint64_t seq = from; seq <= to; seq++) {
		unsigned long long hash = 2654435761u * seq;

		snprintf(line, sizeof line,
			"{\"seq\":%llu,\"recv\":\"2026-11-21T12:%02llu:00Z\",\"from\":\"10.0.0.%llu\","
			"\"fmt\":\"3164\",\"pri\":14,\"fac\":1,\"sev\":6,\"ts\":null,\"host\":\"ap-%llu\","
			"\"app\":\"test\",\"pid\":null,\"msgid\":null,\"sd\":{},\"msg\":\"word%llu %llu\"}\n",
			(unsigned long long)seq, (unsigned long long)seq % 60,
			(unsigned long long)seq % 200, (unsigned long long)seq % 7,
			(unsigned long long)seq, hash);
		fputs(line, f);
	}
	fclose(f);
}

static void open_pack(struct world *w)
{
	struct gyl_syslogd_pack_conf cf = {
		.dir_fd = w->dir_fd, .limits = &w->limits, .say = say, .arg = w};

	assert_int_equal(gyl_syslogd_pack_open(&w->p, &cf), 0);
}

/* Up to max turns; how many it took to have nothing to do. */
static unsigned turns(struct world *w, unsigned max)
{
	unsigned cnt = 0;

	while (cnt < max && gyl_syslogd_pack_turn(&w->p, w->now) <= w->now.mono_ns)
		cnt++;
	return cnt;
}

static void pack_all(struct world *w)
{
	open_pack(w);
	turns(w, 1000);
	gyl_syslogd_pack_close(&w->p);
}

static unsigned file_cnt(const struct world *w)
{
	DIR *d = opendir(w->dir);
	const struct dirent *e;
	unsigned cnt = 0;

	while ((e = readdir(d)) != NULL)
		cnt += e->d_name[0] != '.';
	closedir(d);
	return cnt;
}

static bool is_there(const struct world *w, const char *name)
{
	return faccessat(w->dir_fd, name, F_OK, 0) == 0;
}

/* Whoever reads now sees the records `from` to `to`, each once and in order. */
static void expect_records(struct world *w, uint64_t from, uint64_t to)
{
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_seg s;
	struct gyl_view text;
	uint64_t seq = from;

	w->frames = 0;
	w->note[0] = '\0';
	assert_int_equal(gyl_syslogd_reader_open(&r, w->dir), 0);
	for (size_t i = 0; i < r.cnt; i++) {
		assert_int_equal(gyl_syslogd_seg_open(&r, i, &s), 0);
		if (s.note[0] != '\0')
			memcpy(w->note, s.note, sizeof w->note);
		for (size_t n = 0; n < s.frame_cnt; n++) {
			w->frames++;
			assert_int_equal(gyl_syslogd_seg_text(&s, &s.frame[n], &w->x, &text), 0);
			while (text.len != 0) {
				const uint8_t *lf = memchr(text.p, '\n', text.len);

				assert_non_null(lf);
				assert_true(gyl_syslogd_record_seq(text) == seq++);
				text = gyl_view_sub(text, (size_t)(lf + 1 - text.p), text.len);
			}
		}
		gyl_syslogd_seg_close(&s);
	}
	gyl_syslogd_reader_close(&r);
	assert_true(seq == to + 1);
}

/* How many records there are, 1 and up, each once and in order, for whoever reads now. */
static uint64_t count_records(struct world *w)
{
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_seg s;
	struct gyl_view text;
	uint64_t seq = 0;

	assert_int_equal(gyl_syslogd_reader_open(&r, w->dir), 0);
	for (size_t i = 0; i < r.cnt; i++) {
		assert_int_equal(gyl_syslogd_seg_open(&r, i, &s), 0);
		for (size_t n = 0; n < s.frame_cnt; n++) {
			assert_int_equal(gyl_syslogd_seg_text(&s, &s.frame[n], &w->x, &text), 0);
			while (text.len != 0) {
				const uint8_t *lf = memchr(text.p, '\n', text.len);

				assert_non_null(lf);
				assert_int_equal(gyl_syslogd_record_seq(text), ++seq);
				text = gyl_view_sub(text, (size_t)(lf + 1 - text.p), text.len);
			}
		}
		gyl_syslogd_seg_close(&s);
	}
	gyl_syslogd_reader_close(&r);
	return seq;
}

/* A collector in a hurry: a file of 100 records, closed, packed, and so on. */
static void collect_on(struct world *w)
{
	open_pack(w);
	for (uint64_t seq = 1; seq < 20000; seq += 100) {
		char name[GYL_SYSLOGD_NAME_MAX];

		put_records(w, "guyline.jsonl", seq, seq + 49);
		put_records(w, "guyline.jsonl", seq + 50, seq + 99);
		snprintf(name, sizeof name, BASE "%llu.jsonl", (unsigned long long)seq + 99);
		renameat(w->dir_fd, "guyline.jsonl", w->dir_fd, name);
		gyl_syslogd_pack_look(&w->p);
		turns(w, 1000);
	}
	_exit(0);
}

static void who_reads_meanwhile_sees_each_record_once(void **state)
{
	struct world *w = *state;
	uint64_t seen = 0, now;
	unsigned rounds = 0;
	pid_t child = fork();

	if (child == 0)
		collect_on(w);
	assert_true(child > 0);
	while (waitpid(child, NULL, WNOHANG) == 0) {
		now = count_records(w);
		assert_true(now >= seen);
		seen = now;
		rounds++;
	}
	assert_int_equal(count_records(w), 20000);
	assert_true(rounds > 1);
}

static void a_closed_file_is_packed_and_told(void **state)
{
	struct world *w = *state;
	const struct gyl_event *e = &w->last[GYL_EV_SYSLOGD_PACKED];
	struct gyl_syslogd_archive a;
	struct gyl_view file;
	uint64_t v;

	put_records(w, BASE "20000.jsonl", 1, 20000);
	pack_all(w);
	assert_int_equal(file_cnt(w), 2);
	expect_records(w, 1, 20000);
	assert_true(w->frames >= 4 && w->note[0] == '\0');
	assert_int_equal(w->said[GYL_EV_SYSLOGD_PACKED], 1);
	assert_true(gyl_event_get_str(e, "file", &file));
	assert_true(gyl_view_eq(file, gyl_view_str(BASE "20000.jsonl.zst")));
	assert_true(gyl_event_get_u64(e, "count", &v) && v == 20000);
	assert_int_equal(gyl_syslogd_archive_list(w->dir_fd, &a), 0);
	assert_true(gyl_event_get_u64(e, "packed", &v) && v == a.size);
	assert_true(gyl_event_get_u64(e, "octets", &v) && v > 4 * a.size);
	gyl_syslogd_archive_free(&a);
}

static void what_is_closed_later_is_packed_at_once(void **state)
{
	struct world *w = *state;

	open_pack(w);
	assert_true(gyl_syslogd_pack_turn(&w->p, w->now) == UINT64_MAX);
	put_records(w, BASE "20.jsonl", 1, 20);
	gyl_syslogd_pack_look(&w->p);
	turns(w, 1000);
	assert_true(is_there(w, BASE "20.jsonl.zst"));
	gyl_syslogd_pack_close(&w->p);
}

static void the_index_tells_what_frames_have(void **state)
{
	struct world *w = *state;
	uint64_t rare = gyl_syslogd_token_field(GYL_SYSLOGD_TAG_WORD, gyl_view_str("word12345"));
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_seg s;
	unsigned may = 0, has = 0;

	put_records(w, BASE "20000.jsonl", 1, 20000);
	pack_all(w);
	assert_int_equal(gyl_syslogd_reader_open(&r, w->dir), 0);
	assert_int_equal(gyl_syslogd_seg_open(&r, 0, &s), 0);
	for (size_t i = 0; i < s.frame_cnt; i++) {
		bool here = s.frame[i].first_seq <= 12345 && s.frame[i].last_seq >= 12345;

		assert_true(i == 0 || s.frame[i].first_seq == s.frame[i - 1].last_seq + 1);
		assert_int_equal(s.frame[i].severities, 1 << 6);
		may += gyl_syslogd_frame_may_have(&s.frame[i], rare);
		has += here && gyl_syslogd_frame_may_have(&s.frame[i], rare);
	}
	assert_true(has == 1 && may <= 2);
	gyl_syslogd_seg_close(&s);
	gyl_syslogd_reader_close(&r);
}

/* kill -9 after each step; what was read before, then and after the next start is the same. */
static void cut_off_at_any_step_nothing_is_lost_or_twice(void **state)
{
	struct world *w = *state;
	unsigned all, cut;

	put_records(w, BASE "6000.jsonl", 1, 6000);
	open_pack(w);
	all = turns(w, 1000);
	gyl_syslogd_pack_close(&w->p);
	assert_in_range(all, 9, 15);
	for (cut = 0; cut <= all; cut++) {
		empty(w);
		put_records(w, BASE "6000.jsonl", 1, 6000);
		open_pack(w);
		assert_int_equal(turns(w, cut), cut);
		gyl__pack_files_free(w->p.files); /* and not a word more */
		expect_records(w, 1, 6000);
		pack_all(w);
		assert_int_equal(file_cnt(w), 2);
		assert_true(is_there(w, BASE "6000.jsonl.zst") && is_there(w, BASE "6000.idx"));
		expect_records(w, 1, 6000);
		assert_true(w->note[0] == '\0');
	}
}

/* The disk kept names and not what is in them, or somebody copied files about. */
static void what_is_half_done_is_done_again(void **state)
{
	struct world *w = *state;

	put_records(w, BASE "6000.jsonl", 1, 6000);
	append(w, BASE "6000.jsonl.zst", "half", 4);
	append(w, BASE "6000.idx.tmp", "half", 4);
	append(w, BASE "9000.idx", "alone", 5);
	append(w, BASE "9000.jsonl.zst.tmp", "alone", 5);
	pack_all(w);
	assert_int_equal(file_cnt(w), 2);
	expect_records(w, 1, 6000);
}

static void stopped_in_the_middle_it_leaves_the_plain_file(void **state)
{
	struct world *w = *state;

	put_records(w, BASE "6000.jsonl", 1, 6000);
	open_pack(w);
	turns(w, 2);
	assert_int_equal(file_cnt(w), 3);
	gyl_syslogd_pack_close(&w->p);
	assert_int_equal(file_cnt(w), 1);
	expect_records(w, 1, 6000);
}

static void without_room_it_stays_plain_is_told_once_and_tried_again(void **state)
{
	struct world *w = *state;
	struct rlimit old, less;
	struct gyl_view reason;

	signal(SIGXFSZ, SIG_IGN);
	put_records(w, BASE "6000.jsonl", 1, 6000);
	open_pack(w);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	less = old;
	less.rlim_cur = 50000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	for (int i = 0; i < 3; i++) {
		turns(w, 1000);
		assert_int_equal(file_cnt(w), 1);
		assert_true(gyl_syslogd_pack_turn(&w->p, w->now) ==
			    w->now.mono_ns + GYL_SYSLOGD_PACK_PAUSE_NS);
		w->now.mono_ns += GYL_SYSLOGD_PACK_PAUSE_NS;
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_PLAIN], 1);
	assert_true(gyl_event_get_str(&w->last[GYL_EV_SYSLOGD_PLAIN], "reason", &reason));
	assert_true(gyl_view_eq(reason, gyl_view_str(strerror(EFBIG))));
	expect_records(w, 1, 6000);
	turns(w, 1000);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_PACKED], 1);
	expect_records(w, 1, 6000);
	gyl_syslogd_pack_close(&w->p);
}

static void one_that_cannot_be_read_does_not_hold_up_the_others(void **state)
{
	struct world *w = *state;

	assert_int_equal(mkdirat(w->dir_fd, BASE "10.jsonl", 0700), 0);
	append(w, BASE "10.jsonl/x", "", 0); /* so that its size is not 0 everywhere */
	put_records(w, BASE "20.jsonl", 11, 20);
	put_records(w, BASE "30.jsonl", 21, 30);
	open_pack(w);
	for (int i = 0; i < 4; i++) {
		turns(w, 1000);
		w->now.mono_ns += GYL_SYSLOGD_PACK_PAUSE_NS;
	}
	gyl_syslogd_pack_close(&w->p);
	assert_true(w->said[GYL_EV_SYSLOGD_PLAIN] > 0);
	assert_true(is_there(w, BASE "20.jsonl.zst") && is_there(w, BASE "30.jsonl.zst"));
	unlinkat(w->dir_fd, BASE "10.jsonl/x", 0);
	unlinkat(w->dir_fd, BASE "10.jsonl", AT_REMOVEDIR);
}

/* Without descriptors the directory cannot be looked through. */
static void a_directory_that_cannot_be_read_is_looked_at_later(void **state)
{
	struct world *w = *state;
	struct rlimit old, less;

	put_records(w, BASE "20.jsonl", 1, 20);
	open_pack(w);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	less = old;
	less.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &less), 0);
	assert_true(
		gyl_syslogd_pack_turn(&w->p, w->now) == w->now.mono_ns + GYL_SYSLOGD_PACK_PAUSE_NS);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	w->now.mono_ns += GYL_SYSLOGD_PACK_PAUSE_NS;
	turns(w, 1000);
	assert_true(is_there(w, BASE "20.jsonl.zst"));
	gyl_syslogd_pack_close(&w->p);
}

static void messages_that_fill_blocks_come_first(void **state)
{
	struct world *w = *state;

	put_records(w, BASE "20000.jsonl", 1, 20000);
	open_pack(w);
	gyl_syslogd_pack_yield(&w->p, w->now);
	for (int i = 0; i < 5; i++) { /* a step a pause */
		assert_true(gyl_syslogd_pack_turn(&w->p, w->now) ==
			    w->now.mono_ns + GYL_SYSLOGD_PACK_PACE_NS);
		w->now.mono_ns += GYL_SYSLOGD_PACK_PACE_NS;
		gyl_syslogd_pack_yield(&w->p, w->now);
	}
	assert_true(is_there(w, BASE "20000.jsonl"));
	w->now.mono_ns += GYL_SYSLOGD_PACK_PACE_NS;
	turns(w, 1000);
	assert_false(is_there(w, BASE "20000.jsonl"));
	gyl_syslogd_pack_close(&w->p);
}

static void switched_off_nothing_is_packed(void **state)
{
	struct world *w = *state;

	w->limits.compress = false;
	put_records(w, BASE "20.jsonl", 1, 20);
	pack_all(w);
	assert_true(is_there(w, BASE "20.jsonl"));
	w->limits.compress = true; /* by a new configuration */
	pack_all(w);
	assert_false(is_there(w, BASE "20.jsonl"));
}

static void lines_without_end_and_longer_than_a_frame_survive(void **state)
{
	static char line[3 << 20], back[sizeof line];
	struct world *w = *state;
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_seg s;
	struct gyl_view text;
	size_t len = 0;

	for (size_t i = 0; i < sizeof line; i++)
		line[i] = (char)('a' + i * i % 23);
	line[1000] = '\n';
	append(w, BASE "20.jsonl", line, sizeof line);
	pack_all(w);
	assert_int_equal(gyl_syslogd_reader_open(&r, w->dir), 0);
	assert_int_equal(gyl_syslogd_seg_open(&r, 0, &s), 0);
	assert_true(s.kind == GYL_SYSLOGD_SEG_ZST && s.note[0] == '\0');
	for (size_t n = 0; n < s.frame_cnt; n++) {
		assert_int_equal(gyl_syslogd_seg_text(&s, &s.frame[n], &w->x, &text), 0);
		assert_true(len + text.len <= sizeof back);
		memcpy(back + len, text.p, text.len);
		len += text.len;
	}
	assert_true(len == sizeof line && memcmp(line, back, len) == 0);
	gyl_syslogd_seg_close(&s);
	gyl_syslogd_reader_close(&r);
}

static void flip(struct world *w, const char *name, off_t at)
{
	int fd = openat(w->dir_fd, name, O_RDWR);
	char c = 0;

	assert_true(fd >= 0 && pread(fd, &c, 1, at) == 1);
	c = (char)(c ^ 1);
	assert_true(pwrite(fd, &c, 1, at) == 1);
	close(fd);
}

static void a_broken_or_missing_index_is_told_and_the_data_is_read(void **state)
{
	struct world *w = *state;

	put_records(w, BASE "6000.jsonl", 1, 6000);
	pack_all(w);
	flip(w, BASE "6000.idx", 700);
	expect_records(w, 1, 6000);
	assert_non_null(strstr(w->note, "6000.idx: bad checksum at octet 56; it is read "
					"without its index"));
	append(w, BASE "6000.jsonl.zst", "", 0);
	assert_int_equal(unlinkat(w->dir_fd, BASE "6000.idx", 0), 0);
	expect_records(w, 1, 6000);
	assert_non_null(strstr(w->note, "No such file"));
}

static void data_that_was_changed_is_told(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_reader r;
	struct gyl_syslogd_seg s;
	struct gyl_view text;

	put_records(w, BASE "6000.jsonl", 1, 6000);
	pack_all(w);
	flip(w, BASE "6000.jsonl.zst", 5000);
	assert_int_equal(gyl_syslogd_reader_open(&r, w->dir), 0);
	assert_int_equal(gyl_syslogd_seg_open(&r, 0, &s), 0);
	assert_int_equal(gyl_syslogd_seg_text(&s, &s.frame[0], &w->x, &text), -EBADMSG);
	assert_int_equal(gyl_syslogd_seg_text(&s, &s.frame[1], &w->x, &text), 0);
	gyl_syslogd_seg_close(&s);
	gyl_syslogd_reader_close(&r);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_closed_file_is_packed_and_told),
		T(who_reads_meanwhile_sees_each_record_once),
		T(what_is_closed_later_is_packed_at_once),
		T(the_index_tells_what_frames_have),
		T(cut_off_at_any_step_nothing_is_lost_or_twice),
		T(what_is_half_done_is_done_again),
		T(stopped_in_the_middle_it_leaves_the_plain_file),
		T(without_room_it_stays_plain_is_told_once_and_tried_again),
		T(one_that_cannot_be_read_does_not_hold_up_the_others),
		T(a_directory_that_cannot_be_read_is_looked_at_later),
		T(messages_that_fill_blocks_come_first),
		T(switched_off_nothing_is_packed),
		T(lines_without_end_and_longer_than_a_frame_survive),
		T(a_broken_or_missing_index_is_told_and_the_data_is_read),
		T(data_that_was_changed_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
