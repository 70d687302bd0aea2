/* SPDX-License-Identifier: ISC */

/* Durable units: files as they should be, results as they were, errors told once. */

#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libnet/host/loop.h"

enum {
	UNIT_CNT = 64
};

struct world {
	char dir[32], path[2][64];
	struct gyl_loop *loop;
	int dev[2];
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/gyl-blk-XXXXXX");
	if (mkdtemp(w->dir) == NULL)
		return 1;
	w->loop = gyl_loop_open();
	for (int i = 0; i < 2; i++) {
		(void)snprintf(w->path[i], sizeof(w->path[i]), "%s/%c", w->dir, 'a' + i);
		w->dev[i] = gyl_loop_blk_open(w->loop, w->path[i], UNIT_CNT);
		if (w->dev[i] < 0)
			return 1;
	}
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	gyl_loop_close(w->loop);
	(void)unlink(w->path[0]);
	(void)unlink(w->path[1]);
	(void)rmdir(w->dir);
	free(w);
	return 0;
}

/* Wait for the next result, which must be the one of token. Returns its error. */
static int result(struct world *w, uint64_t token)
{
	uint64_t got = 0;
	int err = -1;

	while (!gyl_loop_blk_done(w->loop, &got, &err))
		gyl_loop_wait(w->loop, UINT64_MAX);
	assert_int_equal(got, token);
	return err;
}

static void file_is_private_and_preallocated(void **state)
{
	struct world *w = *state;
	struct stat st;

	assert_int_equal(stat(w->path[0], &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, UNIT_CNT * GYL_UNIT_LEN);
	assert_true((uint64_t)st.st_blocks * 512 >= (uint64_t)UNIT_CNT * GYL_UNIT_LEN);
}

/* A hole, even one with its blocks, would make the flush of the first write to it write the inode.
 */
static void file_has_no_holes(void **state)
{
	struct world *w = *state;
	int fd = open(w->path[0], O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(lseek(fd, 0, SEEK_HOLE), UNIT_CNT * GYL_UNIT_LEN);
	(void)close(fd);
}

static void file_that_is_too_short_keeps_what_it_has(void **state)
{
	static const uint8_t head[3] = "abc";
	static uint8_t in[GYL_UNIT_LEN];
	struct world *w = *state;
	char path[80];
	int fd, dev;

	(void)snprintf(path, sizeof(path), "%s/short", w->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, head, sizeof(head)), sizeof(head));
	(void)close(fd);
	dev = gyl_loop_blk_open(w->loop, path, 2);
	assert_true(dev >= 0);
	assert_int_equal(gyl_loop_blk_read(w->loop, dev, 0, in, 1), 0);
	assert_memory_equal(in, head, sizeof(head));
	assert_int_equal(in[sizeof(head)], 0);
	(void)unlink(path);
}

static void open_refuses(void **state)
{
	struct world *w = *state;
	char link[80];

	assert_int_equal(gyl_loop_blk_open(w->loop, w->path[0], UNIT_CNT), -EBUSY);
	assert_int_equal(gyl_loop_blk_open(w->loop, "/dev/full", UNIT_CNT), -EINVAL);
	assert_int_equal(gyl_loop_blk_open(w->loop, w->path[0], 0), -EINVAL);
	assert_int_equal(gyl_loop_blk_open(w->loop, "/nonexistent/x", 1), -ENOENT);
	(void)snprintf(link, sizeof(link), "%s/link", w->dir);
	assert_int_equal(symlink(w->path[1], link), 0);
	assert_int_equal(gyl_loop_blk_open(w->loop, link, 1), -ELOOP);
	(void)unlink(link);
}

static void written_units_are_read_by_the_next_run(void **state)
{
	static uint8_t out[3 * GYL_UNIT_LEN], in[3 * GYL_UNIT_LEN];
	struct world *w = *state;

	memset(out, 0x5a, sizeof(out));
	assert_int_equal(gyl_loop_blk_write(w->loop, w->dev[0], UNIT_CNT - 3, out, 3, 7), 0);
	gyl_loop_close(w->loop); /* waits for the write */
	w->loop = gyl_loop_open();
	assert_int_equal(gyl_loop_blk_open(w->loop, w->path[0], UNIT_CNT), 0);
	assert_int_equal(gyl_loop_blk_read(w->loop, 0, UNIT_CNT - 3, in, 3), 0);
	assert_memory_equal(in, out, sizeof(out));
	assert_int_equal(gyl_loop_blk_read(w->loop, 0, 0, in, 1), 0);
	assert_int_equal(in[0], 0);
}

static void one_write_a_device(void **state)
{
	static const uint8_t unit[GYL_UNIT_LEN] = {1};
	struct world *w = *state;
	uint64_t token;
	int err;

	assert_false(gyl_loop_blk_done(w->loop, &token, &err));
	for (uint64_t n = 0; n < 50; n++) {
		assert_int_equal(gyl_loop_blk_write(w->loop, w->dev[0], n, unit, 1, 2 * n), 0);
		assert_int_equal(gyl_loop_blk_write(w->loop, w->dev[0], n, unit, 1, 1), -EBUSY);
		assert_int_equal(gyl_loop_blk_write(w->loop, w->dev[1], n, unit, 1, 2 * n + 1), 0);
		assert_int_equal(result(w, 2 * n), 0);
		assert_int_equal(result(w, 2 * n + 1), 0);
	}
	assert_false(gyl_loop_blk_done(w->loop, &token, &err));
}

static void range_is_checked(void **state)
{
	static const struct {
		int dev;
		uint64_t unit;
		size_t cnt;
	} cases[] = {
		{-1, 0, 1},
		{2, 0, 1},
		{0, UNIT_CNT, 1},
		{0, UNIT_CNT - 1, 2},
		{0, UINT64_MAX, 1},
		{0, 1, SIZE_MAX},
	};
	static uint8_t unit[2 * GYL_UNIT_LEN];
	struct gyl_loop *l = ((struct world *)*state)->loop;

	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		assert_int_equal(
			gyl_loop_blk_write(l, cases[i].dev, cases[i].unit, unit, cases[i].cnt, 1),
			-EINVAL);
		assert_int_equal(
			gyl_loop_blk_read(l, cases[i].dev, cases[i].unit, unit, cases[i].cnt),
			-EINVAL);
	}
}

/* The kernel refuses to write past the limit: the error reaches the caller, the loop lives on. */
static void failed_write_is_told_once(void **state)
{
	static const uint8_t unit[2 * GYL_UNIT_LEN] = {1};
	struct world *w = *state;
	struct rlimit old, tight;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = 5 * GYL_UNIT_LEN;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	/* wholly past the limit, and half way over it */
	assert_int_equal(gyl_loop_blk_write(w->loop, w->dev[0], 20, unit, 1, 1), 0);
	assert_int_equal(result(w, 1), EFBIG);
	assert_int_equal(gyl_loop_blk_write(w->loop, w->dev[0], 4, unit, 2, 2), 0);
	assert_int_equal(result(w, 2), EFBIG);
	assert_int_equal(gyl_loop_blk_write(w->loop, w->dev[0], 3, unit, 2, 3), 0);
	assert_int_equal(result(w, 3), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(gyl_loop_blk_write(w->loop, w->dev[0], 20, unit, 1, 4), 0);
	assert_int_equal(result(w, 4), 0);
}

static void truncated_file_is_a_read_error(void **state)
{
	static uint8_t unit[GYL_UNIT_LEN];
	struct world *w = *state;

	assert_int_equal(truncate(w->path[0], 10 * GYL_UNIT_LEN + 100), 0);
	assert_int_equal(gyl_loop_blk_read(w->loop, w->dev[0], 9, unit, 1), 0);
	assert_int_equal(gyl_loop_blk_read(w->loop, w->dev[0], 10, unit, 1), -EIO);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(file_is_private_and_preallocated, setup, teardown),
		cmocka_unit_test_setup_teardown(file_has_no_holes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			file_that_is_too_short_keeps_what_it_has, setup, teardown),
		cmocka_unit_test_setup_teardown(open_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(
			written_units_are_read_by_the_next_run, setup, teardown),
		cmocka_unit_test_setup_teardown(one_write_a_device, setup, teardown),
		cmocka_unit_test_setup_teardown(range_is_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(failed_write_is_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(truncated_file_is_a_read_error, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
