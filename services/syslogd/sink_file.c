/* SPDX-License-Identifier: ISC */
#include "services/syslogd/sink_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- writing ---- */

static const char *why(int err)
{
	if (err == -EDQUOT)
		return "too many new files at once: their names come from messages";
	if (err == -EINVAL)
		return "that is no regular file";
	return strerror(-err);
}

static void fail(struct gyl_syslogd_sink *s, struct gyl__file *f, int err, struct gyl_now now)
{
	const struct gyl__file_sink *fs = s->own;
	char text[sizeof s->why];

	snprintf(text, sizeof text, "%s/%.60s: %s", fs->dir, f->name, why(err));
	gyl_syslogd_sink_fail(s, text, now);
	f->failed = true;
	f->due_ns = now.mono_ns + GYL__FILE_RETRY_NS;
}

static unsigned failed_cnt(const struct gyl__file_sink *fs)
{
	unsigned cnt = 0;

	for (unsigned i = 0; i < fs->cnt; i++)
		cnt += fs->file[i].failed;
	return cnt;
}

/* The file of that name: moved away, closed, or never open. 0 or -errno. */
static int have_file(struct gyl_syslogd_sink *s, struct gyl__file *f, struct gyl_now now)
{
	struct gyl__file_sink *fs = s->own;
	int err = gyl__file_dir(fs, s->env);

	if (err != 0)
		return err;
	if (f->fd >= 0 && !f->inside_line && !gyl__file_is_there(fs, f)) {
		close(f->fd);
		f->fd = -1;
	}
	if (f->fd < 0)
		f->fd = gyl__file_open(fs, f->name, now.mono_ns);
	return f->fd < 0 ? f->fd : 0;
}

static uint64_t count_lines(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len, *lf;
	uint64_t cnt = 0;

	while (len != 0 && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		cnt++;
		p = lf + 1;
		len = (size_t)(end - p);
	}
	return cnt;
}

static void take_off(struct gyl__file *f, size_t done)
{
	if (done == 0)
		return;
	f->lines -= count_lines(f->p, done);
	f->inside_line = f->p[done - 1] != '\n';
	f->len -= done;
	memmove(f->p, f->p + done, f->len);
}

/* All that waits, as far as it can be written. */
static void flush(struct gyl_syslogd_sink *s, struct gyl__file *f, struct gyl_now now)
{
	int err = have_file(s, f, now);
	size_t done = 0;

	while (err == 0 && done < f->len) {
		ssize_t n = write(f->fd, f->p + done, f->len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			err = n == 0 ? -ENOSPC : -errno;
	}
	take_off(f, done);
	if (err != 0) {
		fail(s, f, err, now);
		return;
	}
	f->failed = false;
	f->due_ns = now.mono_ns + GYL__FILE_WINDOW_NS;
	if (s->failed_ns != 0 && failed_cnt(s->own) == 0)
		gyl_syslogd_sink_well(s, now);
}

/* ---- open files ---- */

static void drop(struct gyl_syslogd_sink *s, unsigned i)
{
	struct gyl__file_sink *fs = s->own;
	struct gyl__file *f = &fs->file[i];

	/* of a line that is half written the rest is lost: it counts as lost */
	gyl_syslogd_sink_lost(s, f->lines, s->why[0] != '\0' ? s->why : "it ended");
	if (f->fd >= 0)
		close(f->fd);
	free(f->name);
	free(f->p);
	s->env->file_cnt--;
	fs->file[i] = fs->file[--fs->cnt];
}

/* Makes room for one more: that which nothing came for the longest. False: all of them wait. */
static bool drop_oldest(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	struct gyl__file_sink *fs = s->own;
	unsigned oldest = fs->cnt;

	for (unsigned i = 0; i < fs->cnt; i++) {
		if (fs->file[i].len != 0 && !fs->file[i].failed)
			flush(s, &fs->file[i], now);
		if (fs->file[i].len == 0 &&
			(oldest == fs->cnt || fs->file[i].used_ns < fs->file[oldest].used_ns))
			oldest = i;
	}
	if (oldest == fs->cnt)
		return false;
	drop(s, oldest);
	return true;
}

static struct gyl__file *add_file(
	struct gyl_syslogd_sink *s, struct gyl_view name, struct gyl_now now)
{
	struct gyl__file_sink *fs = s->own;
	struct gyl__file *f;

	if ((fs->cnt == GYL__FILE_OPEN_MAX ||
		    (fs->cnt >= GYL__FILE_OPEN_LEAST && s->env->file_cnt >= GYL__FILE_OPEN_ALL)) &&
		!drop_oldest(s, now))
		return NULL;
	f = &fs->file[fs->cnt];
	memset(f, 0, sizeof *f);
	f->fd = -1;
	f->name = malloc(name.len + 1);
	if (f->name == NULL)
		return NULL;
	memcpy(f->name, name.p, name.len);
	f->name[name.len] = '\0';
	fs->cnt++;
	s->env->file_cnt++;
	return f;
}

static struct gyl__file *find_file(
	struct gyl_syslogd_sink *s, struct gyl_view name, struct gyl_now now)
{
	struct gyl__file_sink *fs = s->own;

	for (unsigned i = 0; i < fs->cnt; i++)
		if (strlen(fs->file[i].name) == name.len &&
			memcmp(fs->file[i].name, name.p, name.len) == 0)
			return &fs->file[i];
	return add_file(s, name, now);
}

/* Room for len octets more: a line longer than all the room may wait alone. */
static bool have_room(struct gyl__file *f, size_t len)
{
	size_t cap = f->cap == 0 ? GYL__FILE_BLOCK : f->cap;
	uint8_t *p;

	if (f->len != 0 && f->len + len > GYL__FILE_BUF_MAX)
		return false;
	while (cap < f->len + len)
		cap *= 2;
	if (cap == f->cap)
		return true;
	p = realloc(f->p, cap);
	if (p == NULL)
		return false;
	f->p = p;
	f->cap = cap;
	return true;
}

/* ---- a sink ---- */

static bool put(
	struct gyl_syslogd_sink *s, struct gyl_view path, struct gyl_view text, struct gyl_now now)
{
	const struct gyl__file_sink *fs = s->own;
	size_t skip = strlen(fs->dir) + (fs->dir[1] != '\0');
	struct gyl__file *f = find_file(s, gyl_view_sub(path, skip, path.len), now);

	if (f == NULL) {
		snprintf(s->why, sizeof s->why, "too many files that cannot be written");
		return false;
	}
	if (!have_room(f, text.len + 1) && !f->failed)
		flush(s, f, now);
	if (!have_room(f, text.len + 1))
		return false; /* why is what flush() has said */
	if (f->len == 0 && !f->failed)
		f->due_ns = f->due_ns > now.mono_ns ? f->due_ns : now.mono_ns;
	memcpy(f->p + f->len, text.p, text.len);
	f->len += text.len;
	f->p[f->len++] = '\n';
	f->lines++;
	f->used_ns = now.mono_ns;
	return true;
}

static uint64_t turn(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	struct gyl__file_sink *fs = s->own;
	uint64_t due_ns = UINT64_MAX;

	for (unsigned i = fs->cnt; i-- > 0;) {
		struct gyl__file *f = &fs->file[i];
		bool full = f->len >= GYL__FILE_BLOCK && !f->failed;

		if (f->len != 0 && (full || f->due_ns <= now.mono_ns))
			flush(s, f, now);
		if (f->len == 0 && f->used_ns + GYL__FILE_IDLE_NS <= now.mono_ns) {
			drop(s, i);
			continue;
		}
		due_ns = gyl_time_min(
			due_ns, f->len != 0 ? f->due_ns : f->used_ns + GYL__FILE_IDLE_NS);
	}
	return due_ns;
}

static void close_sink(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	struct gyl__file_sink *fs = s->own;

	while (fs->cnt != 0) {
		if (fs->file[0].len != 0)
			flush(s, &fs->file[0], now);
		drop(s, 0);
	}
	if (fs->dir_fd >= 0)
		close(fs->dir_fd);
	free(fs->dir);
	free(fs->path);
	free(fs);
}

static bool renew(struct gyl_syslogd_sink *s, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf)
{
	const struct gyl__file_sink *fs = s->own;

	return strcmp(fs->path, gyl_flat_at(f, cf->file)) == 0;
}

static void *open_sink(struct gyl_syslogd_sink *s, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf, char err[200])
{
	struct gyl_view path = gyl_flat_view(f, cf->file);
	struct gyl__file_sink *fs = calloc(1, sizeof *fs);
	int ret;

	snprintf(err, 200, "out of memory");
	if (fs == NULL)
		return NULL;
	fs->dir_fd = -1;
	fs->path = strdup((const char *)path.p);
	fs->dir = strndup((const char *)path.p, gyl_syslogd_template_dir(path));
	if (fs->path != NULL && fs->dir != NULL) {
		ret = gyl__file_dir(fs, s->env);
		if (ret == 0 || !s->env->start)
			return fs; /* later it is tried again, and told */
		snprintf(err, 200, "output %s: cannot write in %.100s: %s", s->name, fs->dir,
			strerror(-ret));
	}
	free(fs->path);
	free(fs->dir);
	free(fs);
	return NULL;
}

const struct gyl_syslogd_sink_ops gyl_syslogd_sink_file = {
	open_sink, renew, put, turn, close_sink, NULL};
