/* SPDX-License-Identifier: ISC */

/* Packing into sealed segments: cut off at each step, in the order of the records, nothing in the
 * clear; and what retention says before it removes any. */

#include "tests/unit/syslogd/seal_world.h"

#include "services/base/event.h"
#include "services/syslogd/pack.h"
#include "services/syslogd/pack_own.h"

#define BASE "guyline-20261121T130000Z-"

enum {
	TURNS_MAX = 1000
};

static struct gyl_syslogd_conf limits = {.compress = true, .compress_level = 1};
static unsigned packed_cnt, plain_cnt;
static uint64_t packed_len;

static void say(void *arg, const struct gyl_event *e)
{
	(void)arg;
	packed_cnt += e->kind == GYL_EV_SYSLOGD_PACKED;
	plain_cnt += e->kind == GYL_EV_SYSLOGD_PLAIN;
	gyl_event_get_u64(e, "packed", &packed_len);
}

static void put_records(struct world *w, uint64_t from, uint64_t to)
{
	char name[GYL_SYSLOGD_NAME_MAX], *text = malloc((size_t)(to - from + 1) * 64);
	size_t len;

	assert_non_null(text);
	w->seq = from - 1;
	len = world_lines(w, text, (unsigned)(to - from + 1));
	snprintf(name, sizeof name, BASE "%llu.jsonl", (unsigned long long)to);
	world_write(w, name, text, len);
	free(text);
}

static bool is_there(struct world *w, const char *name)
{
	return faccessat(w->dir_fd, name, F_OK, 0) == 0;
}

/* The newest sealed segment, as a start finds it. */
static void find_newest(struct world *w)
{
	struct gyl_syslogd_archive a;

	w->newest[0] = '\0';
	assert_int_equal(gyl_syslogd_archive_list(w->dir_fd, &a), 0);
	for (size_t i = 0; i < a.cnt; i++)
		if (a.at[i].has & GYL_SYSLOGD_SEAL) {
			gyl_syslogd_archive_file(a.at[i].base, GYL_SYSLOGD_SEAL, w->newest);
			w->newest_seq = a.at[i].seq;
		}
	gyl_syslogd_archive_free(&a);
}

/* A start of the collector. */
static void start(struct world *w, struct gyl_syslogd_pack *p)
{
	struct gyl_syslogd_pack_conf cf = {
		.dir_fd = w->dir_fd, .limits = &limits, .sealer = &w->sealer, .say = say};

	find_newest(w);
	world_open_sealer(w, good_keys);
	assert_string_equal(w->note, "");
	assert_int_equal(gyl_syslogd_pack_open(p, &cf), 0);
}

static unsigned turns(struct gyl_syslogd_pack *p, unsigned max)
{
	const struct gyl_now now = {.mono_ns = 1000000000};
	unsigned cnt = 0;

	while (cnt < max && gyl_syslogd_pack_turn(p, now) <= now.mono_ns)
		cnt++;
	return cnt;
}

static void pack_all(struct world *w)
{
	struct gyl_syslogd_pack p;

	start(w, &p);
	turns(&p, TURNS_MAX);
	gyl_syslogd_pack_close(&p);
}

static uint64_t size_of(struct world *w, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(w->dir_fd, name, &st, 0), 0);
	return (uint64_t)st.st_size;
}

static void closed_files_are_sealed_and_told(void **state)
{
	struct world *w = *state;

	packed_cnt = 0;
	put_records(w, 1, 30000);
	put_records(w, 30001, 30100);
	pack_all(w);
	assert_int_equal(packed_cnt, 2);
	assert_true(packed_len ==
		    size_of(w, BASE "30100.jsonl.zst.seal") + size_of(w, BASE "30100.idx.seal"));
	assert_false(is_there(w, BASE "30000.jsonl") || is_there(w, BASE "30000.idx"));
	assert_int_equal(world_verify(w, good_keys), 0);
	assert_int_equal(w->v.sealed_cnt, 2);
	assert_int_equal(w->v.line_cnt, 30100);
}

static unsigned file_cnt(struct world *w)
{
	DIR *d = opendir(w->dir);
	const struct dirent *e;
	unsigned cnt = 0;

	while ((e = readdir(d)) != NULL)
		cnt += e->d_name[0] != '.';
	closedir(d);
	return cnt;
}

static void empty(struct world *w)
{
	static const char *const names[] = {
		"jsonl", "jsonl.zst.seal", "jsonl.zst.seal.tmp", "idx.seal", "idx.seal.tmp"};

	for (size_t i = 0; i < TEST_CNT(names); i++) {
		char name[GYL_SYSLOGD_NAME_MAX];

		snprintf(name, sizeof name, BASE "3000.%s", names[i]);
		unlinkat(w->dir_fd, name, 0);
	}
	world_write(w, GYL_SYSLOGD_HEAD_NAME, first_head, first_head_len);
}

static bool is_plain_name(const char *name)
{
	size_t len = strlen(name);

	return len > 6 && strcmp(name + len - 6, ".jsonl") == 0;
}

/* Is a word of the records on the disk, anywhere but in the plain file? */
static bool is_readable(struct world *w)
{
	DIR *d = opendir(w->dir);
	const struct dirent *e;
	bool yes = false;

	while ((e = readdir(d)) != NULL) {
		static uint8_t buf[200000];
		int fd = openat(w->dir_fd, e->d_name, O_RDONLY);
		ssize_t n = read(fd, buf, sizeof buf);

		if (n > 0 && !is_plain_name(e->d_name))
			yes = yes || memmem(buf, (size_t)n, "secret", 6) != NULL ||
			      memmem(buf, (size_t)n, "\x28\xb5\x2f\xfd", 4) != NULL ||
			      memmem(buf, (size_t)n, "GYLSYIDX", 8) != NULL;
		close(fd);
	}
	closedir(d);
	return yes;
}

/* kill -9 after each step: the next start ends what was begun, nothing is lost or twice, and the
 * chain is whole before and after. */
static void cut_off_at_any_step(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_pack p;
	unsigned all;

	put_records(w, 1, 3000);
	start(w, &p);
	all = turns(&p, TURNS_MAX);
	gyl_syslogd_pack_close(&p);
	assert_in_range(all, 9, 15);
	for (unsigned cut = 0; cut <= all; cut++) {
		empty(w);
		put_records(w, 1, 3000);
		start(w, &p);
		assert_int_equal(turns(&p, cut), cut);
		gyl__pack_files_free(p.files); /* and not a word more */
		assert_false(is_readable(w));
		assert_int_equal(world_verify(w, good_keys), 0);
		assert_int_equal(w->v.line_cnt, 3000);
		pack_all(w);
		assert_int_equal(file_cnt(w), 3); /* and the head */
		assert_true(is_there(w, BASE "3000.jsonl.zst.seal"));
		assert_int_equal(world_verify(w, good_keys), 0);
		assert_int_equal(w->v.line_cnt, 3000);
		assert_int_equal(w->v.sealed_cnt, 1);
	}
}

/* The chain has the order of the records: nothing is sealed before an older one is. */
static void one_that_fails_holds_up_the_others(void **state)
{
	struct world *w = *state;

	plain_cnt = packed_cnt = 0;
	put_records(w, 1, 100);
	put_records(w, 101, 200);
	unlinkat(w->dir_fd, BASE "100.jsonl", 0);
	assert_int_equal(mkdirat(w->dir_fd, BASE "100.jsonl", 0700), 0);
	pack_all(w);
	assert_true(plain_cnt >= 1 && packed_cnt == 0);
	assert_int_equal(unlinkat(w->dir_fd, BASE "100.jsonl", AT_REMOVEDIR), 0);
	put_records(w, 1, 100);
	pack_all(w);
	assert_int_equal(packed_cnt, 2);
	assert_int_equal(world_verify(w, good_keys), 0);
}

/* Somebody alters a sealed segment and puts a plain file beside it: it is not sealed anew. */
static void plain_file_beside_an_altered_one(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_pack p;
	uint8_t octet = 0;
	int fd;

	put_records(w, 1, 100);
	pack_all(w);
	put_records(w, 1, 100);
	fd = openat(w->dir_fd, BASE "100.jsonl.zst.seal", O_WRONLY);
	assert_true(fd >= 0 && pwrite(fd, &octet, 1, 300) == 1 && pwrite(fd, "x", 1, 301) == 1);
	close(fd);
	packed_cnt = 0;
	start(w, &p);
	turns(&p, TURNS_MAX);
	gyl_syslogd_pack_close(&p);
	assert_int_equal(packed_cnt, 0);
	assert_true(is_there(w, BASE "100.jsonl") && is_there(w, BASE "100.jsonl.zst.seal"));
	assert_int_equal(world_verify(w, good_keys), 1);
}

static int gone(void *arg, uint64_t seq)
{
	return gyl_syslogd_sealer_gone(arg, seq);
}

/* A disk without room, until the segment with record 200 is gone. */
static int full(void *arg, uint64_t seq)
{
	struct world *w = arg;
	bool is_full = is_there(w, BASE "200.jsonl.zst.seal");

	if (is_full)
		mkdirat(w->dir_fd, "guyline.seal.tmp", 0700);
	else
		unlinkat(w->dir_fd, "guyline.seal.tmp", AT_REMOVEDIR);
	assert_int_equal(gyl_syslogd_sealer_gone(&w->sealer, seq) != 0, is_full);
	return is_full ? -ENOSPC : 0;
}

static void retention_says_so_before(void **state)
{
	struct world *w = *state;
	struct gyl_syslogd_keep keep = {.cnt = 2, .gone = gone, .arg = &w->sealer};

	put_records(w, 1, 100);
	put_records(w, 101, 200);
	put_records(w, 201, 300);
	pack_all(w);
	assert_int_equal(gyl_syslogd_archive_prune(w->dir_fd, &keep, NULL), 0);
	assert_false(is_there(w, BASE "100.idx.seal"));
	assert_int_equal(world_verify(w, good_keys), 0);
	keep = (struct gyl_syslogd_keep){.cnt = 1, .gone = full, .arg = w};
	assert_int_equal(gyl_syslogd_archive_prune(w->dir_fd, &keep, NULL), 0);
	assert_int_equal(file_cnt(w), 3);
	assert_int_equal(w->sealer.head.gone_seq, 200);
	assert_int_equal(world_verify(w, good_keys), 0);
	assert_int_equal(w->v.first_seq, 201);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, world_open, world_close)
	const struct CMUnitTest tests[] = {
		CASE(closed_files_are_sealed_and_told),
		CASE(cut_off_at_any_step),
		CASE(one_that_fails_holds_up_the_others),
		CASE(plain_file_beside_an_altered_one),
		CASE(retention_says_so_before),
	};

	return world_main(tests, TEST_CNT(tests));
}
