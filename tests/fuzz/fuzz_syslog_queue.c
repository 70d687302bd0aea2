/* SPDX-License-Identifier: ISC */

/*
 * A forwarding queue whose files were changed. Whatever is done to them: it opens, gives out only
 * what was put in, in order, counts what it cannot, and goes on: what is put in then is given out,
 * after a restart too.
 *
 * The input is a list of changes, four octets each: what to do with which file, a place (2), a
 * value.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/syslogd/queue_own.h"
#include "tests/fuzz/mangle.h"
#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	CAP = 4096,
	FILES = 3, /* two with messages, and the position */
	EACH = 4,  /* messages of a file */
	LAST = FILES - 1
};

struct file {
	uint8_t octets[CAP];
	size_t len;
};

static char dir[64];
static struct file file[FILES];
static struct gyl_now now = {.mono_ns = 1000000000};

/* What message nr says. */
static struct gyl_view text_of(uint64_t nr)
{
	static uint8_t text[64];

	memset(text, (int)('a' + nr % 26), sizeof text);
	return gyl_view(text, 1 + nr * 13 % sizeof text);
}

static void say(void *arg, const struct gyl_event *e)
{
	(void)arg;
	(void)e;
}

static void lost(void *arg, uint64_t cnt, const char *why)
{
	(void)arg;
	(void)why;
	REQUIRE(cnt != 0);
}

static void put(struct file *f, const void *p, size_t len)
{
	memcpy(f->octets + f->len, p, len);
	f->len += len;
}

/* Files of messages 1 to 4 and 5 to 8, of which 1 is done. */
static void make(void)
{
	struct gyl__queue_pos pos = {.serial = 2, .nr = 2};
	uint8_t head[GYL__QUEUE_HEAD_LEN], end[GYL__QUEUE_END_LEN], p[GYL__QUEUE_POS_LEN];

	for (uint64_t i = 0; i < LAST; i++) {
		file[i].len = 0;
		gyl__queue_head(1 + i * EACH, head);
		put(&file[i], head, sizeof head);
		for (uint64_t nr = 1 + i * EACH; nr <= (i + 1) * EACH; nr++) {
			gyl__queue_msg(nr, text_of(nr), head);
			put(&file[i], head, GYL__QUEUE_MSG_LEN);
			put(&file[i], text_of(nr).p, text_of(nr).len);
		}
	}
	gyl__queue_end(1 + EACH, end);
	put(&file[0], end, sizeof end);
	gyl__queue_pos(&pos, p);
	file[LAST].len = 0;
	put(&file[LAST], p, sizeof p);
	put(&file[LAST], p, sizeof p);
}

static void change(struct file *f, uint8_t what, size_t at, uint8_t value)
{
	size_t len;

	if (mangle(f->octets, &f->len, CAP, what, &at, value, &len) ||
		f->len + GYL__QUEUE_END_LEN > CAP)
		return;
	/* the end of a file, with any number */
	gyl__queue_end(value, f->octets + f->len);
	f->len += GYL__QUEUE_END_LEN;
}

static void spit(const char *name, const struct file *f)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	REQUIRE(fd >= 0 && write(fd, f->octets, f->len) == (ssize_t)f->len);
	close(fd);
}

/* What is left of the run before goes, too. */
static void lay_down(void)
{
	char name[GYL__QUEUE_NAME_MAX], path[128];

	if (dir[0] == '\0') {
		snprintf(dir, sizeof dir, "/tmp/guyline-fuzz-queue-%ld", (long)getpid());
		mkdir(dir, 0700);
	}
	for (uint64_t nr = 1; nr <= 300; nr++) {
		gyl__queue_name(nr, name);
		snprintf(path, sizeof path, "%s/%s", dir, name);
		unlink(path);
	}
	for (uint64_t i = 0; i < LAST; i++) {
		gyl__queue_name(1 + i * EACH, name);
		spit(name, &file[i]);
	}
	spit("position", &file[LAST]);
}

/* All that is given out, from at_least on; the last number. */
static uint64_t read_all(struct gyl_syslogd_queue *q, uint64_t at_least)
{
	struct gyl_view text;
	uint64_t nr, last = 0;

	while (gyl_syslogd_queue_peek(q, &text, &nr)) {
		REQUIRE(nr >= at_least && nr > last && gyl_view_eq(text, text_of(nr)));
		gyl_syslogd_queue_step(q);
		last = nr;
	}
	return last;
}

static void start(struct gyl_syslogd_queue *q)
{
	static const struct gyl_syslogd_queue_conf cf = {.dir = dir,
		.size_max = GYL_SYSLOGD_QUEUE_SIZE_MIN,
		.uid = UINT32_MAX,
		.gid = UINT32_MAX,
		.say = say,
		.lost = lost};
	char err[200];

	REQUIRE(gyl_syslogd_queue_open(q, &cf, now, err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gyl_syslogd_queue q;
	uint64_t done, next;

	make();
	for (size_t i = 0; i + 4 <= size && i < 400; i += 4)
		change(&file[data[i] / 5 % FILES], data[i], gyl_get_u16(data + i + 1), data[i + 3]);
	lay_down();
	start(&q);
	done = q.done;
	REQUIRE(q.next <= 256 && done <= q.next);
	read_all(&q, done);
	next = q.next;
	for (uint64_t i = 0; i < 3; i++)
		REQUIRE(gyl_syslogd_queue_put(&q, text_of(next + i), now) == NULL);
	gyl_syslogd_queue_flush(&q, now);
	REQUIRE(read_all(&q, next) == next + 2);
	gyl__queue_release(&q);
	start(&q);
	REQUIRE(read_all(&q, done) == next + 2);
	gyl__queue_release(&q);
	return 0;
}
