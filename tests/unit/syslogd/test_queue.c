/* SPDX-License-Identifier: ISC */

/* The queue of messages to be forwarded: cut at every octet, against a model with crashes, at its
 * bound, on a disk that is full. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gyl/time.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/syslogd/queue_own.h"
#include "tests/support/support.h"

struct world {
	char top[64], dir[80];
	struct gyl_syslogd_queue_conf cf;
	struct gyl_syslogd_queue q;
	struct gyl_now now;
	unsigned said[GYL_EV_CNT];
	uint64_t torn_len, lost_cnt;
	uint64_t rnd;
};

static void say(void *arg, const struct gyl_event *e)
{
	struct world *w = arg;

	w->said[e->kind]++;
	gyl_event_get_u64(e, "octets", &w->torn_len);
}

static void lost(void *arg, uint64_t cnt, const char *why)
{
	assert_true(why[0] != '\0' && cnt != 0);
	((struct world *)arg)->lost_cnt += cnt;
}

static void remove_all(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	char name[400];

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		if (unlink(name) != 0)
			remove_all(name);
	}
	if (d != NULL)
		closedir(d);
	rmdir(path);
}

static void start(struct world *w)
{
	char err[200] = "";

	if (gyl_syslogd_queue_open(&w->q, &w->cf, w->now, err) != 0)
		fail_msg("%s", err);
}

/* kill -9: what was not written is gone. */
static void crash(struct world *w)
{
	gyl__queue_release(&w->q);
	start(w);
}

static void restart(struct world *w)
{
	assert_true(gyl_syslogd_queue_close(&w->q, w->now));
	start(w);
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	snprintf(w->top, sizeof w->top, "/tmp/gyl-queue-XXXXXX");
	assert_non_null(mkdtemp(w->top));
	snprintf(w->dir, sizeof w->dir, "%s/queue/out", w->top);
	w->cf.dir = w->dir;
	w->cf.size_max = GYL_SYSLOGD_QUEUE_SIZE_MIN;
	w->cf.uid = w->cf.gid = UINT32_MAX;
	w->cf.say = say;
	w->cf.lost = lost;
	w->cf.arg = w;
	w->now.mono_ns = GYL_NS_PER_S;
	w->rnd = 1;
	start(w);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	gyl_syslogd_queue_close(&w->q, w->now);
	remove_all(w->top);
	free(w);
	return 0;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t rnd(struct world *w, uint64_t below)
{
	return mix(w->rnd++) % below;
}

/* What message nr says: 1 to max octets. */
static struct gyl_view text_of(uint64_t nr, size_t max)
{
	static uint8_t text[GYL_SYSLOGD_QUEUE_MSG_MAX + 1];
	size_t len = 1 + mix(nr) % max;

	for (size_t i = 0; i < len; i += 8)
		gyl_set_u64(text + i, mix(nr * 7919 + i));
	return gyl_view(text, len);
}

static const char *put(struct world *w, size_t max)
{
	return gyl_syslogd_queue_put(&w->q, text_of(w->q.next, max), w->now);
}

static void flush(struct world *w)
{
	gyl_syslogd_queue_flush(&w->q, w->now);
}

/* The next message is nr, and says what it should. */
static void expect(struct world *w, uint64_t nr, size_t max)
{
	struct gyl_view text;
	uint64_t got;

	assert_true(gyl_syslogd_queue_peek(&w->q, &text, &got));
	assert_int_equal(got, nr);
	assert_true(gyl_view_eq(text, text_of(nr, max)));
	gyl_syslogd_queue_step(&w->q);
}

static void expect_none(struct world *w)
{
	struct gyl_view text;
	uint64_t nr;

	assert_false(gyl_syslogd_queue_peek(&w->q, &text, &nr));
}

static void what_is_done_is_not_given_out_again(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 5; i++)
		assert_null(put(w, 100));
	expect_none(w); /* nothing is written yet */
	flush(w);
	for (uint64_t nr = 1; nr <= 5; nr++)
		expect(w, nr, 100);
	expect_none(w);
	gyl_syslogd_queue_done(&w->q, 3); /* 1 and 2 */
	gyl_syslogd_queue_rewind(&w->q);
	expect(w, 3, 100);
	assert_int_equal(gyl_syslogd_queue_cnt(&w->q), 3);
	crash(w);
	assert_int_equal(gyl_syslogd_queue_cnt(&w->q), 3);
	expect(w, 3, 100);
	expect(w, 4, 100);
	gyl_syslogd_queue_done(&w->q, 6);
	restart(w);
	expect_none(w);
	assert_null(put(w, 100));
	flush(w);
	expect(w, 6, 100);
}

static void without_a_position_all_is_given_out(void **state)
{
	struct world *w = *state;
	char path[200];

	for (int i = 0; i < 5; i++)
		assert_null(put(w, 100));
	flush(w);
	gyl_syslogd_queue_done(&w->q, 4);
	gyl__queue_release(&w->q);
	snprintf(path, sizeof path, "%s/position", w->dir);
	assert_int_equal(unlink(path), 0);
	start(w);
	expect(w, 1, 100);
}

/* The messages are gone, their numbers are not used again: the position is behind them. */
static void without_files_numbers_go_on(void **state)
{
	struct world *w = *state;
	char path[200];

	for (int i = 0; i < 5; i++)
		assert_null(put(w, 100));
	flush(w);
	gyl_syslogd_queue_done(&w->q, 6);
	gyl__queue_release(&w->q);
	snprintf(path, sizeof path, "%s/%020d.q", w->dir, 1);
	assert_int_equal(truncate(path, 100), 0);
	start(w);
	assert_null(put(w, 100));
	flush(w);
	expect(w, 6, 100);
	crash(w);
	expect(w, 6, 100);
}

static uint8_t *slurp(const char *path, size_t *ret_len)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	uint8_t *p;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	p = malloc((size_t)st.st_size + 1);
	assert_non_null(p);
	assert_int_equal(read(fd, p, (size_t)st.st_size), st.st_size);
	close(fd);
	*ret_len = (size_t)st.st_size;
	return p;
}

static void spit(const char *path, const uint8_t *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), len);
	close(fd);
}

enum {
	FEW = 6,
	SHORT = 40
};

/* Where each message ends. */
static void ends(const uint8_t *p, size_t *end)
{
	end[0] = GYL__QUEUE_HEAD_LEN;
	for (uint64_t nr = 1; nr <= FEW; nr++)
		end[nr] = end[nr - 1] + GYL__QUEUE_MSG_LEN + gyl_get_u32(p + end[nr - 1]);
}

/* Whatever a crash leaves of the newest file: whole messages are there, no other, and it goes on
 * behind them. */
static void cut_at_every_octet(void **state)
{
	struct world *w = *state;
	size_t len, end[FEW + 1];
	char path[200];
	uint8_t *p;

	for (int i = 0; i < FEW; i++)
		assert_null(put(w, SHORT));
	flush(w);
	snprintf(path, sizeof path, "%s/%020d.q", w->dir, 1);
	p = slurp(path, &len);
	ends(p, end);
	assert_int_equal(end[FEW], len);
	for (size_t cut = 0; cut <= len; cut++) {
		uint64_t whole = 0;

		gyl__queue_release(&w->q);
		spit(path, p, cut);
		w->torn_len = 0;
		start(w);
		while (whole < FEW && end[whole + 1] <= cut)
			whole++;
		assert_int_equal(w->torn_len, cut < end[0] ? cut : cut - end[whole]);
		assert_null(put(w, SHORT));
		assert_null(put(w, SHORT));
		flush(w);
		crash(w);
		for (uint64_t nr = 1; nr <= whole + 2; nr++)
			expect(w, nr, SHORT);
		expect_none(w);
		gyl_syslogd_queue_rewind(&w->q);
	}
	free(p);
}

/* No octet can be another one unnoticed; of a file that is not the newest one the rest is lost, and
 * counted. */
static void every_octet_damaged(void **state)
{
	struct world *w = *state;
	size_t len, end[FEW + 1];
	char path[200];
	uint8_t *p;

	for (int i = 0; i < FEW; i++)
		assert_null(put(w, SHORT));
	flush(w);
	snprintf(path, sizeof path, "%s/%020d.q", w->dir, 1);
	p = slurp(path, &len);
	ends(p, end);
	for (size_t at = 0; at < len; at++) {
		uint64_t whole = 0;

		gyl_syslogd_queue_rewind(&w->q);
		p[at] ^= 1;
		spit(path, p, len);
		p[at] ^= 1;
		while (at >= end[0] && end[whole + 1] <= at)
			whole++;
		w->lost_cnt = 0;
		if (at >= end[0]) {
			for (uint64_t nr = 1; nr <= whole; nr++)
				expect(w, nr, SHORT);
			expect_none(w);
			assert_int_equal(w->lost_cnt, FEW - whole);
		}
		crash(w);
		assert_int_equal(w->q.next, whole + 1);
		gyl__queue_release(&w->q);
		spit(path, p, len);
		start(w);
	}
	free(p);
}

static void damaged_in_the_middle(void **state)
{
	struct world *w = *state;
	uint64_t second, nr;
	struct gyl_view text;
	char path[200];
	uint8_t *p;
	size_t len;

	while (w->q.file_cnt < 3)
		assert_null(put(w, 1000));
	flush(w);
	second = w->q.file[0].end;
	snprintf(path, sizeof path, "%s/%020d.q", w->dir, 1);
	p = slurp(path, &len);
	p[len / 2] ^= 0x80;
	spit(path, p, len);
	free(p);
	restart(w);
	for (nr = 0; gyl_syslogd_queue_peek(&w->q, &text, &nr) && nr < second;)
		gyl_syslogd_queue_step(&w->q);
	assert_int_equal(nr, second);
	assert_true(w->lost_cnt > 1 && w->lost_cnt < second - 1);
	for (; nr < w->q.next; nr++)
		expect(w, nr, 1000);
	expect_none(w);
}

static uint64_t disk_size(const struct world *w)
{
	DIR *d = opendir(w->dir);
	const struct dirent *e;
	uint64_t sum = 0;
	char path[400];
	struct stat st;

	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", w->dir, e->d_name);
		if (strstr(e->d_name, ".q") != NULL && stat(path, &st) == 0)
			sum += (uint64_t)st.st_size;
	}
	closedir(d);
	return sum;
}

static void the_bound_drops_new_ones(void **state)
{
	struct world *w = *state;
	uint64_t refused = 0, taken = 0;
	const char *why = NULL;

	for (int i = 0; i < 3000; i++) {
		const char *said = put(w, 1000);

		taken += said == NULL;
		refused += said != NULL;
		why = said != NULL ? said : why;
		if (i % 100 == 0)
			flush(w);
		assert_true(w->q.size <= w->cf.size_max);
	}
	flush(w);
	assert_string_equal(why, "the queue is full");
	assert_true(refused > 0 && taken > 1500);
	assert_true(disk_size(w) <= w->cf.size_max && disk_size(w) > w->cf.size_max - 4096);
	for (uint64_t nr = 1; nr <= taken; nr++)
		expect(w, nr, 1000);
	expect_none(w);
	gyl_syslogd_queue_done(&w->q, taken + 1);
	assert_true(disk_size(w) <= w->cf.size_max / 32);
	assert_null(put(w, 1000));
	assert_int_equal(w->lost_cnt, 0);
}

static void the_bound_drops_old_ones(void **state)
{
	struct world *w = *state;

	w->q.cf.drop_old = w->cf.drop_old = true;
	for (int i = 0; i < 3000; i++) {
		assert_null(put(w, 1000));
		assert_true(w->q.size <= w->cf.size_max);
	}
	flush(w);
	assert_true(w->lost_cnt > 0);
	assert_int_equal(gyl_syslogd_queue_cnt(&w->q), 3000 - w->lost_cnt);
	assert_true(disk_size(w) <= w->cf.size_max &&
		    disk_size(w) > w->cf.size_max - w->cf.size_max / 16);
	crash(w);
	for (uint64_t nr = w->lost_cnt + 1; nr <= 3000; nr++)
		expect(w, nr, 1000);
	expect_none(w);
}

/* Messages on their way may still have to be sent again: what goes is younger. */
static void what_is_on_its_way_is_not_dropped(void **state)
{
	struct world *w = *state;
	struct gyl_view text;
	uint64_t nr, second;

	w->q.cf.drop_old = w->cf.drop_old = true;
	while (w->q.file_cnt < 2)
		assert_null(put(w, 1000));
	flush(w);
	second = w->q.file[0].end;
	for (nr = 1; nr <= 10; nr++)
		expect(w, nr, 1000);
	for (int i = 0; i < 3000; i++)
		assert_null(put(w, 1000));
	flush(w);
	assert_true(w->lost_cnt > 0);
	gyl_syslogd_queue_rewind(&w->q);
	for (nr = 1; nr < second; nr++)
		expect(w, nr, 1000);
	assert_true(gyl_syslogd_queue_peek(&w->q, &text, &nr));
	assert_int_equal(nr, second + w->lost_cnt);
}

static void too_long_or_empty_is_not_taken(void **state)
{
	struct world *w = *state;
	struct gyl_view text = text_of(1, 1);

	w->q.cf.size_max = w->cf.size_max = 8 << 20;
	text.len = 0;
	assert_non_null(gyl_syslogd_queue_put(&w->q, text, w->now));
	text.len = GYL_SYSLOGD_QUEUE_MSG_MAX + 1;
	assert_non_null(gyl_syslogd_queue_put(&w->q, text, w->now));
	for (int i = 0; i < 3; i++) {
		text.len = GYL_SYSLOGD_QUEUE_MSG_MAX;
		assert_null(gyl_syslogd_queue_put(&w->q, text, w->now));
		text.len = 1;
		assert_null(gyl_syslogd_queue_put(&w->q, text, w->now));
	}
	flush(w);
	for (uint64_t want = 1; want <= 6; want++) {
		struct gyl_view got;
		uint64_t nr;

		assert_true(gyl_syslogd_queue_peek(&w->q, &got, &nr));
		assert_int_equal(nr, want);
		assert_int_equal(got.len, want % 2 == 1 ? GYL_SYSLOGD_QUEUE_MSG_MAX : 1);
		assert_memory_equal(got.p, text.p, got.len);
		gyl_syslogd_queue_step(&w->q);
	}
}

static void a_second_one_is_refused(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_queue other;
	char err[200] = "";

	assert_int_equal(gyl_syslogd_queue_open(&other, &w->cf, w->now, err), -1);
	assert_non_null(strstr(err, "another guyline sends from there"));
}

/* A full disk is told once, and so is its end; nothing that was taken is lost. */
static void a_disk_without_room(void **state)
{
	struct world *w = *state;
	struct rlimit old, none = {.rlim_cur = 3000};
	uint64_t nr;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	for (int i = 0; i < 100; i++) {
		assert_null(put(w, 200));
		flush(w);
		w->now.mono_ns += 100 * GYL_NS_PER_MS;
	}
	assert_int_equal(w->said[GYL_EV_SYSLOGD_STUCK], 1);
	while (put(w, 3000) == NULL)
		assert_true(w->q.out_len <= GYL__QUEUE_BUF);
	nr = w->q.next;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	w->now.mono_ns += 500 * GYL_NS_PER_MS;
	flush(w);
	assert_int_equal(w->said[GYL_EV_SYSLOGD_UNSTUCK], 1);
	crash(w);
	assert_int_equal(w->q.next, nr);
	for (uint64_t i = 1; i <= 100; i++)
		expect(w, i, 200);
	for (uint64_t i = 101; i < nr; i++)
		expect(w, i, 3000);
	expect_none(w);
}

/* A work thread that takes its time. */
struct slow {
	void (*fn)(void *);
	void (*done)(void *);
	void *arg;
	unsigned cnt;
};

static int slow_job(void *h, void (*fn)(void *), void (*done)(void *), void *arg)
{
	struct slow *s = h;

	*s = (struct slow){fn, done, arg, s->cnt + 1};
	return 0;
}

/* A disk that takes long to flush holds up neither rotation nor the end of a queue. */
static void a_flush_that_takes_long(void **state)
{
	static const struct gyl_host_ops ops = {.job = slow_job};
	struct slow slow = {0};
	struct gyl_host host = {&ops, &slow};
	struct world *w = *state;

	gyl__queue_release(&w->q);
	w->cf.host = &host;
	w->cf.sync = w->cf.drop_old = true;
	start(w);
	for (int i = 0; i < 3000; i++) {
		assert_null(put(w, 1000));
		flush(w);
		w->now.mono_ns += 10 * GYL_NS_PER_MS;
	}
	assert_int_equal(slow.cnt, 1);
	assert_true(gyl_syslogd_queue_busy(&w->q));
	assert_true(w->q.file_cnt > 20);
	slow.fn(slow.arg);
	slow.done(slow.arg);
	assert_false(gyl_syslogd_queue_busy(&w->q));
	w->now.mono_ns += GYL_NS_PER_S;
	flush(w);
	assert_int_equal(slow.cnt, 2);
	assert_true(gyl_syslogd_queue_close(&w->q, w->now));
	slow.fn(slow.arg);
	slow.done(slow.arg); /* the queue is gone */
	w->cf.host = NULL;
	start(w);
}

/* ---- the model ---- */

struct model {
	uint64_t next, written; /* numbers */
	uint64_t at, done;
	uint64_t given_cnt; /* messages that were given out for the first time */
	uint64_t given_to;  /* below this they were */
};

static void model_read(struct world *w, struct model *m, uint64_t cnt)
{
	struct gyl_view text;
	uint64_t nr;

	for (; cnt != 0 && gyl_syslogd_queue_peek(&w->q, &text, &nr); cnt--) {
		assert_true(nr >= m->at && nr < m->written);
		assert_true(gyl_view_eq(text, text_of(nr, 2000)));
		gyl_syslogd_queue_step(&w->q);
		m->at = nr + 1;
		if (nr >= m->given_to) {
			m->given_cnt++;
			m->given_to = nr + 1;
		}
	}
	if (cnt != 0)
		assert_int_equal(w->q.at, m->written);
}

static void model_step(struct world *w, struct model *m)
{
	uint64_t what = rnd(w, 100);

	if (what < 55) {
		for (uint64_t cnt = rnd(w, 40); cnt != 0; cnt--)
			m->next += put(w, 2000) == NULL;
		assert_int_equal(w->q.next, m->next);
		m->written = w->q.written; /* a full buffer was written before */
	} else if (what < 75) {
		flush(w);
		m->written = m->next;
		assert_int_equal(w->q.written, m->next);
	} else if (what < 90) {
		model_read(w, m, rnd(w, 60));
		/* All of it arrived, so that nothing is lost after it was given out. */
		gyl_syslogd_queue_done(&w->q, w->q.at);
		m->done = m->at;
	} else if (what < 94) {
		struct model was = *m;

		model_read(w, m, rnd(w, 20)); /* and none of it arrived */
		gyl_syslogd_queue_rewind(&w->q);
		*m = was;
	} else {
		if (what < 97) {
			crash(w);
			m->next = m->written;
		} else {
			restart(w);
			m->written = m->next;
		}
		m->at = m->done;
	}
	assert_true(w->q.size <= w->cf.size_max);
}

/* Every message is given out or counted as lost, in order, whatever happens on the way. */
static void a_model_with_crashes(void **state)
{
	struct world *w = *state;

	for (uint64_t seed = 0; seed < 20; seed++) {
		struct model m = {1, 1, 1, 1, 0, 1};

		gyl__queue_release(&w->q);
		remove_all(w->dir);
		w->rnd = seed << 32;
		w->lost_cnt = 0;
		w->cf.drop_old = seed % 2 == 0;
		start(w);
		for (int i = 0; i < 400; i++)
			model_step(w, &m);
		flush(w);
		m.written = m.next;
		model_read(w, &m, UINT64_MAX);
		assert_true(m.next > 2000);
		assert_int_equal(m.given_cnt + w->lost_cnt, m.next - 1);
		if (seed % 2 != 0)
			assert_int_equal(w->lost_cnt, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_done_is_not_given_out_again, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			without_a_position_all_is_given_out, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			without_files_numbers_go_on, open_world, close_world),
		cmocka_unit_test_setup_teardown(cut_at_every_octet, open_world, close_world),
		cmocka_unit_test_setup_teardown(every_octet_damaged, open_world, close_world),
		cmocka_unit_test_setup_teardown(damaged_in_the_middle, open_world, close_world),
		cmocka_unit_test_setup_teardown(the_bound_drops_new_ones, open_world, close_world),
		cmocka_unit_test_setup_teardown(the_bound_drops_old_ones, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			what_is_on_its_way_is_not_dropped, open_world, close_world),
		cmocka_unit_test_setup_teardown(
			too_long_or_empty_is_not_taken, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_second_one_is_refused, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_disk_without_room, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_flush_that_takes_long, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_model_with_crashes, open_world, close_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
