/* SPDX-License-Identifier: ISC */
#include "services/base/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name in a watched directory that matters to us. Empty name: the directory itself. */
struct spot {
	int wd;
	char *name;
};

struct gyl_watch {
	int fd;
	struct spot *spot;
	size_t spot_cnt;
};

enum {
	LINK_MAX_DEPTH = 40,
	MASK = IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
	       IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF
};

struct gyl_watch *gyl_watch_open(void)
{
	struct gyl_watch *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0) {
		free(w);
		return NULL;
	}
	return w;
}

static void forget(struct gyl_watch *w)
{
	for (size_t i = 0; i < w->spot_cnt; i++)
		free(w->spot[i].name);
	free(w->spot);
	w->spot = NULL;
	w->spot_cnt = 0;
}

void gyl_watch_close(struct gyl_watch *w)
{
	if (w == NULL)
		return;
	forget(w);
	close(w->fd);
	free(w);
}

int gyl_watch_fd(const struct gyl_watch *w)
{
	return w->fd;
}

static int add_spot(struct gyl_watch *w, const char *dir, const char *name)
{
	int wd = inotify_add_watch(w->fd, dir[0] == '\0' ? "/" : dir, MASK);
	struct spot *grown;

	if (wd < 0)
		return -errno;
	grown = realloc(w->spot, (w->spot_cnt + 1) * sizeof *grown);
	if (grown == NULL)
		return -ENOMEM;
	w->spot = grown;
	grown[w->spot_cnt].wd = wd;
	grown[w->spot_cnt].name = strdup(name);
	if (grown[w->spot_cnt].name == NULL)
		return -ENOMEM;
	w->spot_cnt++;
	return 0;
}

/* What follow() works on: `done` is resolved and has no trailing slash, `rest` is still to be
 * walked. */
struct walk {
	char done[PATH_MAX];
	char rest[PATH_MAX];
	char name[NAME_MAX + 1];
	unsigned links;
};

/* Cuts the next component off rest; false at the end. */
static bool next_name(struct walk *k)
{
	char *at = k->rest + strspn(k->rest, "/");
	size_t len = strcspn(at, "/");

	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(k->name, at, len);
	k->name[len] = '\0';
	memmove(k->rest, at + len, strlen(at + len) + 1);
	return true;
}

/* rest = target of the link + what was left of rest; an absolute target starts over. */
static int enter_link(struct walk *k, const char *full)
{
	char target[PATH_MAX], joined[2 * PATH_MAX];
	ssize_t len = readlink(full, target, sizeof target - 1);

	if (len < 0)
		return -errno;
	target[len] = '\0';
	if (++k->links > LINK_MAX_DEPTH)
		return -ELOOP;
	if (target[0] == '/')
		k->done[0] = '\0';
	snprintf(joined, sizeof joined, "%s/%s", target, k->rest);
	if (strlen(joined) >= sizeof k->rest)
		return -ENAMETOOLONG;
	memcpy(k->rest, joined, strlen(joined) + 1);
	return 0;
}

static void go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash != NULL)
		*slash = '\0';
}

/*
 * Walks one path as the kernel would. Every component is a spot, not only the links: renaming a
 * directory in the middle exchanges the file as well.
 */
static void follow(struct gyl_watch *w, const char *path)
{
	struct walk k = {.links = 0};
	char full[2 * PATH_MAX];
	int err = 0;

	if (path[0] != '/' && getcwd(k.done, sizeof k.done) == NULL)
		return;
	if (strlen(path) >= sizeof k.rest)
		return;
	memcpy(k.rest, path, strlen(path) + 1);
	while (err == 0 && next_name(&k)) {
		struct stat st;

		if (strcmp(k.name, ".") == 0)
			continue;
		if (strcmp(k.name, "..") == 0) {
			go_up(k.done);
			continue;
		}
		snprintf(full, sizeof full, "%s/%s", k.done, k.name);
		err = add_spot(w, k.done, k.name);
		if (err == -EACCES) /* a directory that may be passed but not read: what is below
				       still counts */
			err = 0;
		if (err != 0 || lstat(full, &st) != 0)
			return; /* missing: the spot tells when it appears */
		if (S_ISLNK(st.st_mode))
			err = enter_link(&k, full);
		else if (strlen(full) < sizeof k.done)
			memcpy(k.done, full, strlen(full) + 1);
		else
			err = -ENAMETOOLONG;
	}
}

static bool same_spots(const struct spot *a, size_t a_cnt, const struct spot *b, size_t b_cnt)
{
	if (a_cnt != b_cnt)
		return false;
	for (size_t i = 0; i < a_cnt; i++)
		if (a[i].wd != b[i].wd || strcmp(a[i].name, b[i].name) != 0)
			return false;
	return true;
}

/* Watches that are wanted no more go; the kernel gave the same number where one stays. */
static void drop_spots(struct gyl_watch *w, struct spot *old, size_t old_cnt)
{
	for (size_t i = 0; i < old_cnt; i++) {
		bool kept = false;

		for (size_t k = 0; k < w->spot_cnt && !kept; k++)
			kept = w->spot[k].wd == old[i].wd;
		if (!kept)
			inotify_rm_watch(w->fd, old[i].wd);
		free(old[i].name);
	}
	free(old);
}

bool gyl_watch_set(struct gyl_watch *w, char *const *path, size_t path_cnt)
{
	struct spot *old = w->spot;
	size_t old_cnt = w->spot_cnt;
	bool other;

	w->spot = NULL;
	w->spot_cnt = 0;
	for (size_t i = 0; i < path_cnt; i++)
		follow(w, path[i]);
	other = !same_spots(old, old_cnt, w->spot, w->spot_cnt);
	drop_spots(w, old, old_cnt);
	return other;
}

static bool concerns(const struct gyl_watch *w, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW)
		return true;
	if (e->mask & IN_IGNORED)
		return false;
	for (size_t i = 0; i < w->spot_cnt; i++)
		if (w->spot[i].wd == e->wd &&
			(e->len == 0 || strcmp(w->spot[i].name, e->name) == 0))
			return true;
	return false;
}

bool gyl_watch_read(struct gyl_watch *w)
{
	_Alignas(struct inotify_event) char buf[16384];
	bool changed = false;
	ssize_t len;

	while ((len = read(w->fd, buf, sizeof buf)) > 0) {
		for (char *at = buf; at < buf + len;) {
			const struct inotify_event *e =
				(const struct inotify_event *)(const void *)at;

			changed = changed || concerns(w, e);
			at += sizeof *e + e->len;
		}
	}
	return changed;
}
