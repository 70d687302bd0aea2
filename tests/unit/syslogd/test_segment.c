/* SPDX-License-Identifier: ISC */

/* The log on disk: blocks, rotation, repair, a full disk, the last lines. */

#include <errno.h>
#include <fcntl.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <dirent.h>
#include <sched.h>

#include "services/syslogd/archive.h"
#include "services/syslogd/line.h"
#include "services/syslogd/record.h"
#include "services/syslogd/segment.h"
#include "services/syslogd/tail.h"
#include "tests/support/support.h"

enum {
	LOG_CAP = 512 << 10,
	LINE_LEN = 100
};

struct world {
	struct gyl_syslogd_conf limits;
	struct gyl_syslogd_segment s;
	bool is_open;
	struct gyl_now now;
	struct gyl_log log;
	uint64_t seq, lost_cnt;
	uint64_t due_ns;
	unsigned said[GYL_EV_CNT];
	struct gyl_event last[GYL_EV_CNT];
	char dir[64];
	uint8_t text[LOG_CAP], back[LOG_CAP];
};

static void say(void *arg, const struct gyl_event *e)
{
	struct world *w = arg;

	w->said[e->kind]++;
	w->last[e->kind] = *e;
}

static void open_segment(struct world *w)
{
	struct gyl_syslogd_segment_conf cf = {.dir = w->dir,
		.limits = &w->limits,
		.uid = UINT32_MAX,
		.gid = UINT32_MAX,
		.lost_cnt = &w->lost_cnt,
		.say = say,
		.arg = w};
	char err[200];

	if (gyl_syslogd_segment_open(&w->s, &cf, w->now.wall_ns, err) != 0)
		fail_msg("%s", err);
	w->is_open = true;
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	strcpy(w->dir, "/tmp/gyl-segment-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->limits = (struct gyl_syslogd_conf){.rotate_size = 1 << 20,
		.rotate_ns = GYL_NS_PER_HOUR,
		.keep_ns = GYL_TIME_INFINITE,
		.keep_cnt = 1000};
	w->now.mono_ns = UINT64_C(1000000000000);
	w->now.wall_ns = UINT64_C(1795266060000000000); /* 2026-11-21T13:01:00Z */
	w->log.p = w->text;
	w->log.cap = sizeof w->text;
	open_segment(w);
	*state = w;
	return 0;
}

static void close_segment(struct world *w)
{
	if (w->is_open)
		gyl_syslogd_segment_close(&w->s, &w->log, w->now);
	w->is_open = false;
}

static void remove_all(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

static int close_world(void **state)
{
	struct world *w = *state;

	close_segment(w);
	remove_all(w->dir);
	free(w);
	return 0;
}

/* cnt more records of LINE_LEN octets into the buffer. */
static void put(struct world *w, unsigned cnt)
{
	while (cnt-- > 0) {
		struct gyl_writer t;
		size_t start = w->log.len;

		assert_true(w->log.cap - w->log.len >= LINE_LEN);
		gyl_writer_init(&t, w->text + start, LINE_LEN);
		gyl_text_str(&t, "{\"seq\":");
		gyl_text_u64(&t, ++w->seq);
		gyl_text_str(&t, ",\"recv\":\"");
		gyl_time_print_rfc3339(&t, w->now.wall_ns, 6);
		gyl_text_str(&t, "\"");
		memset(t.p + t.len, ' ', LINE_LEN - t.len);
		memcpy(t.p + LINE_LEN - 2, "}\n", 2);
		w->log.len += LINE_LEN;
	}
}

static void write_log(struct world *w)
{
	w->due_ns = gyl_syslogd_segment_write(&w->s, &w->log, w->now);
}

static void after(struct world *w, uint64_t ns)
{
	w->now.mono_ns += ns;
	w->now.wall_ns += ns;
	write_log(w);
}

static uint64_t file_size(const struct world *w, const char *name)
{
	struct stat st;

	return fstatat(w->s.dir_fd, name, &st, 0) == 0 ? (uint64_t)st.st_size : 0;
}

static uint64_t on_disk(const struct world *w)
{
	return file_size(w, "guyline.jsonl");
}

/* The last cnt records are those up to `seq`, whole and in order. */
static void expect_tail(struct world *w, uint64_t cnt, uint64_t want, uint64_t seq)
{
	struct gyl_writer t;

	gyl_writer_init(&t, w->back, sizeof w->back);
	gyl_syslogd_tail(w->s.dir_fd, cnt, &t);
	assert_int_equal(t.len, want * LINE_LEN);
	for (uint64_t i = 0; i < want; i++) {
		struct gyl_view line = gyl_view(w->back + i * LINE_LEN, LINE_LEN);

		assert_true(gyl_syslogd_record_seq(line) == seq - want + 1 + i);
		assert_int_equal(line.p[LINE_LEN - 1], '\n');
	}
}

static void blocks_are_written_at_once_then_every_window_or_when_full(void **state)
{
	struct world *w = *state;

	put(w, 1);
	write_log(w);
	assert_int_equal(w->log.len, 0); /* nothing was written lately */
	put(w, 1);
	write_log(w);
	assert_int_equal(w->log.len, LINE_LEN);
	assert_true(w->due_ns == w->now.mono_ns + GYL_SYSLOGD_WINDOW_NS);
	after(w, GYL_SYSLOGD_WINDOW_NS - 1);
	assert_int_equal(w->log.len, LINE_LEN);
	after(w, 1);
	assert_int_equal(w->log.len, 0);
	put(w, GYL_SYSLOGD_BLOCK / LINE_LEN);
	write_log(w);
	assert_true(w->log.len != 0);
	put(w, 1);
	write_log(w); /* full: now */
	assert_int_equal(w->log.len, 0);
	assert_true(on_disk(w) == w->seq * LINE_LEN);
	put(w, 1);
	gyl_syslogd_segment_flush(&w->s, &w->log, w->now);
	assert_true(on_disk(w) == w->seq * LINE_LEN);
}

static void a_file_is_closed_before_it_grows_over_its_size(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_archive a;
	uint64_t v, closed;
	struct gyl_view name;

	for (int i = 0; i < 12; i++) {
		put(w, 1000);
		after(w, GYL_NS_PER_S);
	}
	assert_int_equal(w->said[GYL_EV_SYSLOGD_ROTATE], 1);
	assert_true(gyl_event_get_u64(&w->last[GYL_EV_SYSLOGD_ROTATE], "count", &v) && v == 10000);
	assert_true(gyl_event_get_u64(&w->last[GYL_EV_SYSLOGD_ROTATE], "octets", &closed));
	assert_true(closed == 10000 * LINE_LEN);
	assert_true(gyl_event_get_str(&w->last[GYL_EV_SYSLOGD_ROTATE], "file", &name));
	assert_true(gyl_view_eq(name, gyl_view_str("guyline-20261121T130111Z-10000.jsonl")));
	assert_int_equal(gyl_syslogd_archive_list(w->s.dir_fd, &a), 0);
	assert_true(a.cnt == 1 && a.size == closed && a.at[0].seq == 10000);
	assert_true(a.at[0].closed_ns == UINT64_C(1795266071000000000));
	gyl_syslogd_archive_free(&a);
	assert_true(on_disk(w) == 2000 * LINE_LEN);
	expect_tail(w, 2500, 2500, 12000); /* from both */
}

static void a_file_is_closed_when_its_hour_is_over(void **state)
{
	struct world *w = *state;

	put(w, 3);
	write_log(w);
	assert_true(w->due_ns <= w->now.mono_ns + GYL_NS_PER_MIN); /* the clock may be set */
	after(w, 58 * GYL_NS_PER_MIN);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_ROTATE], 0);
	after(w, GYL_NS_PER_MIN); /* 14:00, nothing new came */
	assert_int_equal(w->said[GYL_EV_SYSLOGD_ROTATE], 1);
	assert_true(file_size(w, "guyline-20261121T140000Z-3.jsonl") == 3 * LINE_LEN);
	after(w, 5 * GYL_NS_PER_HOUR);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_ROTATE], 1); /* an empty one is not */
	assert_true(w->due_ns == UINT64_MAX);
	put(w, 1);
	write_log(w);
	w->limits.rotate_ns = GYL_TIME_INFINITE;
	after(w, 5 * GYL_NS_PER_HOUR);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_ROTATE], 1);
	assert_true(on_disk(w) == LINE_LEN);
}

static void the_oldest_files_go(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_archive a;

	w->limits.keep_cnt = 3;
	close(openat(w->s.dir_fd, "guyline-notes.jsonl", O_CREAT | O_WRONLY, 0600));
	for (int i = 0; i < 6; i++) {
		put(w, 2);
		after(w, GYL_NS_PER_HOUR);
	}
	assert_int_equal(gyl_syslogd_archive_list(w->s.dir_fd, &a), 0);
	assert_true(a.cnt == 3 && a.at[0].seq == 6 && a.at[2].seq == 10);
	gyl_syslogd_archive_free(&a);
	w->limits.keep_size = 5 * LINE_LEN; /* of 200 octets each, two fit */
	put(w, 2);
	after(w, GYL_NS_PER_HOUR);
	assert_int_equal(gyl_syslogd_archive_list(w->s.dir_fd, &a), 0);
	assert_true(a.cnt == 2 && a.at[1].seq == 12);
	gyl_syslogd_archive_free(&a);
	assert_int_equal(faccessat(w->s.dir_fd, "guyline-notes.jsonl", F_OK, 0), 0);
}

static void numbers_are_found_again(void **state)
{
	struct world *w = *state;

	assert_true(w->s.last_seq == 0);
	put(w, 5);
	write_log(w);
	close_segment(w);
	open_segment(w);
	assert_true(w->s.last_seq == 5 && w->s.first_seq == 1);
	assert_true(w->s.first_ns == UINT64_C(1795266060000000000));
	after(w, GYL_NS_PER_HOUR); /* closed: the number is in the name now */
	assert_int_equal(w->said[GYL_EV_SYSLOGD_ROTATE], 1);
	close_segment(w);
	open_segment(w);
	assert_true(w->s.last_seq == 5);
}

static void append_to(struct world *w, const char *text)
{
	int fd = openat(w->s.dir_fd, "guyline.jsonl", O_WRONLY | O_APPEND | O_CREAT, 0600);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void an_unfinished_line_is_cut_off_and_told(void **state)
{
	static char torn[10000];
	struct world *w = *state;
	uint64_t v;

	memset(torn, 'x', sizeof torn - 1);
	put(w, 3);
	write_log(w);
	append_to(w, torn);
	close_segment(w);
	open_segment(w);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_TORN], 1);
	assert_true(gyl_event_get_u64(&w->last[GYL_EV_SYSLOGD_TORN], "octets", &v) &&
		    v == sizeof torn - 1);
	assert_true(on_disk(w) == 3 * LINE_LEN && w->s.last_seq == 3);
	append_to(w, "somebody else's line\n"); /* that is whole and stays */
	close_segment(w);
	open_segment(w);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_TORN], 1);
	assert_true(w->s.last_seq == 3);
}

static void a_file_that_somebody_renamed_is_left_to_them(void **state)
{
	struct world *w = *state;

	put(w, 3);
	write_log(w);
	assert_int_equal(renameat(w->s.dir_fd, "guyline.jsonl", w->s.dir_fd, "theirs"), 0);
	put(w, 2);
	after(w, GYL_SYSLOGD_WINDOW_NS);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_MOVED], 1);
	assert_true(file_size(w, "theirs") == 3 * LINE_LEN && on_disk(w) == 2 * LINE_LEN);
	put(w, 1);
	after(w, GYL_SYSLOGD_WINDOW_NS);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_MOVED], 1);
	assert_true(on_disk(w) == 3 * LINE_LEN && w->s.first_seq == 4 && w->s.last_seq == 6);
	assert_int_equal(unlinkat(w->s.dir_fd, "guyline.jsonl", 0), 0);
	append_to(w, "another file in its place\n");
	put(w, 1);
	after(w, GYL_SYSLOGD_WINDOW_NS);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_MOVED], 2);
	assert_true(on_disk(w) == LINE_LEN + strlen("another file in its place\n"));
}

static void half_a_line_is_ended_in_the_file_that_was_renamed(void **state)
{
	struct world *w = *state;

	put(w, 2);
	w->log.len -= LINE_LEN / 2;
	write_log(w);
	w->log.len = LINE_LEN / 2;
	memset(w->text, ' ', LINE_LEN / 2);
	memcpy(w->text + LINE_LEN / 2 - 2, "}\n", 2);
	assert_int_equal(renameat(w->s.dir_fd, "guyline.jsonl", w->s.dir_fd, "theirs"), 0);
	after(w, GYL_SYSLOGD_WINDOW_NS);
	assert_true(file_size(w, "theirs") == 2 * LINE_LEN && on_disk(w) == 0);
	put(w, 1);
	after(w, GYL_SYSLOGD_WINDOW_NS);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_MOVED], 1);
	assert_true(file_size(w, "theirs") == 2 * LINE_LEN && on_disk(w) == LINE_LEN);
}

static void a_file_that_is_nothing_but_torn_is_empty(void **state)
{
	struct world *w = *state;

	append_to(w, "{\"seq\":1,");
	close_segment(w);
	open_segment(w);
	assert_true(on_disk(w) == 0 && w->s.last_seq == 0);
	put(w, 1);
	write_log(w);
	expect_tail(w, 10, 1, 1);
}

static void only_one_writes_a_log(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_segment_conf cf = w->s.cf;
	struct gyl_syslogd_segment other;
	char err[200];

	assert_int_equal(gyl_syslogd_segment_open(&other, &cf, 0, err), -1);
	assert_non_null(strstr(err, "another guyline"));
}

/* The disk takes no more after some lines and a half; then there is room again. */
static void fill_up(struct world *w, uint64_t room)
{
	unsigned tries = 0;

	put(w, (unsigned)(room / LINE_LEN) + 100);
	write_log(w);
	assert_true(w->log.len != 0);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_FULL], 1);
	assert_true(on_disk(w) == room);
	expect_tail(w, 2, 2, room / LINE_LEN); /* the half line is not shown */
	for (uint64_t end_ns = w->now.mono_ns + 10 * GYL_NS_PER_S; w->due_ns < end_ns; tries++) {
		put(w, 1);
		assert_true(w->due_ns - w->now.mono_ns <= GYL_NS_PER_S / 2);
		after(w, w->due_ns - w->now.mono_ns);
	}
	assert_in_range(tries, 15, 40); /* with growing pauses */
	assert_int_equal(w->said[GYL_EV_SYSLOGD_FULL], 1);
	w->lost_cnt = 7;
}

static void goes_on(struct world *w)
{
	uint64_t v;

	for (uint64_t end_ns = w->now.mono_ns + GYL_NS_PER_S;
		w->due_ns < end_ns && w->log.len != 0;)
		after(w, w->due_ns - w->now.mono_ns);
	assert_int_equal(w->log.len, 0);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_RESUME], 1);
	assert_true(gyl_event_get_u64(&w->last[GYL_EV_SYSLOGD_RESUME], "count", &v) && v == 7);
	assert_true(gyl_event_get_u64(&w->last[GYL_EV_SYSLOGD_RESUME], "pause", &v) &&
		    v >= 9 * GYL_NS_PER_S);
	assert_true(on_disk(w) == w->seq * LINE_LEN);
	expect_tail(w, 3000, w->seq, w->seq);
	close_segment(w);
	open_segment(w);
	assert_true(w->s.last_seq == w->seq);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_TORN], 0);
}

static void a_file_that_may_not_grow_waits_and_goes_on(void **state)
{
	struct world *w = *state;
	struct rlimit old, less;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	less = old;
	less.rlim_cur = 100 * LINE_LEN + 50;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	fill_up(w, less.rlim_cur);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	goes_on(w);
}

static void a_full_disk_waits_and_goes_on(void **state)
{
	struct world *w = *state;
	char ballast[80];

	close_segment(w);
	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", w->dir, "tmpfs", 0, "size=64k") != 0)
		skip();
	open_segment(w);
	snprintf(ballast, sizeof ballast, "%s/ballast", w->dir);
	{
		int fd = open(ballast, O_CREAT | O_WRONLY, 0600);

		assert_int_equal(posix_fallocate(fd, 0, 32768), 0);
		close(fd);
	}
	fill_up(w, 32768);
	assert_int_equal(unlink(ballast), 0);
	goes_on(w);
	close_segment(w);
	assert_int_equal(umount2(w->dir, MNT_DETACH), 0);
}

/* What cannot be moved out of the way stays the open file, and is told once a minute, not more. */
static void a_rotation_that_fails_is_tried_again_later(void **state)
{
	struct world *w = *state;

	put(w, 1);
	write_log(w);
	assert_int_equal(mkdirat(w->s.dir_fd, "guyline-20261121T140100Z-1.jsonl", 0700), 0);
	after(w, GYL_NS_PER_HOUR);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_FULL], 1);
	put(w, 1);
	after(w, 30 * GYL_NS_PER_S);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_FULL], 1);
	assert_true(on_disk(w) == 2 * LINE_LEN);
	after(w, 30 * GYL_NS_PER_S);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_ROTATE], 1);
	assert_int_equal(
		unlinkat(w->s.dir_fd, "guyline-20261121T140100Z-1.jsonl", AT_REMOVEDIR), 0);
}

static void a_flush_follows_within_a_second(void **state)
{
	struct world *w = *state;

	w->limits.sync = GYL_SYSLOGD_SYNC_SECOND;
	put(w, 1);
	write_log(w);
	assert_true(w->s.sync_ns == w->now.mono_ns + GYL_NS_PER_S);
	assert_true(w->due_ns == w->s.sync_ns);
	after(w, GYL_NS_PER_S);
	assert_true(w->s.sync_ns == 0 && !w->s.syncing);
}

/* A work thread that has other things to do. */
struct slow {
	void (*fn)(void *), (*done)(void *);
	void *arg;
	unsigned cnt;
};

static int slow_job(void *h, void (*fn)(void *), void (*done)(void *), void *arg)
{
	struct slow *slow = h;

	assert_null(slow->fn);
	*slow = (struct slow){fn, done, arg, slow->cnt + 1};
	return 0;
}

static void slow_work(struct slow *slow)
{
	struct slow job = *slow;

	if (job.fn == NULL) {
		fail_msg("there is no job");
		return; /* the analyzer does not know that this is not reached */
	}
	slow->fn = NULL;
	job.fn(job.arg);
	job.done(job.arg);
}

static void a_file_is_closed_in_time_while_the_disk_is_slow(void **state)
{
	static const struct gyl_host_ops ops = {.job = slow_job};
	struct world *w = *state;
	struct slow slow = {0};
	struct gyl_host host = {&ops, &slow};

	w->s.cf.host = &host;
	w->limits.sync = GYL_SYSLOGD_SYNC_SECOND;
	put(w, 5000);
	write_log(w);
	after(w, GYL_NS_PER_S); /* a flush begins, and does not end */
	assert_true(w->s.syncing);
	for (int i = 0; i < 3; i++) {
		put(w, 5000);
		after(w, GYL_NS_PER_S);
	}
	assert_int_equal(w->said[GYL_EV_SYSLOGD_ROTATE], 1);
	assert_true(file_size(w, "guyline-20261121T130103Z-10000.jsonl") == 10000 * LINE_LEN);
	slow_work(&slow);
	assert_int_equal(slow.cnt, 2); /* the end of the closed file is flushed next */
	assert_false(gyl_syslogd_segment_stop(&w->s));
	slow_work(&slow);
	assert_true(gyl_syslogd_segment_stop(&w->s));
	w->s.cf.host = NULL;
}

static void the_last_lines_come_whole_and_only_as_many_as_fit(void **state)
{
	struct world *w = *state;
	struct gyl_writer t;

	expect_tail(w, 20, 0, 0);
	for (int i = 0; i < 4; i++) { /* 1-10, 11-20, 21-30 closed, 31-40 open */
		put(w, 10);
		after(w, i == 3 ? GYL_SYSLOGD_WINDOW_NS : GYL_NS_PER_HOUR);
	}
	write_log(w);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_ROTATE], 3);
	expect_tail(w, 0, 0, 40);
	expect_tail(w, 1, 1, 40);
	expect_tail(w, 10, 10, 40);
	expect_tail(w, 25, 25, 40);
	expect_tail(w, 1000, 40, 40);
	gyl_writer_init(&t, w->back, 12 * LINE_LEN + 50);
	gyl_syslogd_tail(w->s.dir_fd, 20, &t);
	assert_int_equal(t.len, 12 * LINE_LEN);
	assert_true(gyl_syslogd_record_seq(gyl_writer_view(&t)) == 29);
	gyl_writer_init(&t, w->back, LINE_LEN - 1);
	gyl_syslogd_tail(w->s.dir_fd, 20, &t);
	assert_int_equal(t.len, 0);
}

static void lines_longer_than_a_chunk_are_found(void **state)
{
	static char line[20000];
	struct world *w = *state;

	memset(line, 'y', sizeof line - 2);
	line[sizeof line - 2] = '\n';
	append_to(w, line);
	put(w, 1);
	write_log(w);
	append_to(w, line);
	assert_int_equal(gyl_syslogd_line_back(w->s.fd, (int64_t)on_disk(w)), on_disk(w));
	assert_int_equal(gyl_syslogd_line_back(w->s.fd, (int64_t)on_disk(w) - 1),
		sizeof line - 1 + LINE_LEN);
	assert_int_equal(gyl_syslogd_line_back(w->s.fd, sizeof line - 2), 0);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(blocks_are_written_at_once_then_every_window_or_when_full),
		T(a_file_is_closed_before_it_grows_over_its_size),
		T(a_file_is_closed_when_its_hour_is_over), T(the_oldest_files_go),
		T(numbers_are_found_again), T(an_unfinished_line_is_cut_off_and_told),
		T(a_file_that_somebody_renamed_is_left_to_them),
		T(half_a_line_is_ended_in_the_file_that_was_renamed),
		T(a_file_that_is_nothing_but_torn_is_empty), T(only_one_writes_a_log),
		T(a_file_that_may_not_grow_waits_and_goes_on),
		T(a_rotation_that_fails_is_tried_again_later), T(a_flush_follows_within_a_second),
		T(a_file_is_closed_in_time_while_the_disk_is_slow),
		T(the_last_lines_come_whole_and_only_as_many_as_fit),
		T(lines_longer_than_a_chunk_are_found),
		T(a_full_disk_waits_and_goes_on), /* last: it leaves the mount namespace */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
