/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "services/base/loader_own.h"
#include "services/base/watch.h"

static bool say(struct gyl_loader *l, const struct gyl_loader_msg *m, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)];
	struct iovec iov = {(void *)(uintptr_t)m, sizeof *m};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		struct cmsghdr *c;

		memset(control, 0, sizeof control);
		h.msg_control = control;
		h.msg_controllen = sizeof control;
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	return sendmsg(l->sock, &h, MSG_NOSIGNAL) >= 0;
}

static void say_refused(struct gyl_loader *l, size_t i, const struct gyl_build *b, int err)
{
	struct gyl_loader_msg m = {.kind = GYL_LOADER_EVENT};

	for (size_t n = 0; n < b->note_cnt; n++) {
		const struct gyl_build_note *note = &b->note[n];

		gyl_event_init(&m.event, note->error ? GYL_EV_BASE_REFUSED : GYL_EV_BASE_WARN);
		gyl_event_str(&m.event, "what", gyl_view_str(l->item[i].what));
		gyl_event_str(&m.event, "file", gyl_view_str(note->file));
		gyl_event_u64(&m.event, "line", note->line);
		gyl_event_u64(&m.event, "column", note->col);
		gyl_event_str(&m.event, "reason", gyl_view_str(note->text));
		say(l, &m, -1);
	}
	if (err == 0 || b->error_cnt != 0)
		return;
	gyl_event_init(&m.event, GYL_EV_BASE_REFUSED);
	gyl_event_str(&m.event, "what", gyl_view_str(l->item[i].what));
	gyl_event_str(&m.event, "reason", gyl_view_str(strerror(err)));
	say(l, &m, -1);
}

static void say_reloaded(struct gyl_loader *l, size_t i)
{
	struct gyl_loader_msg m = {.kind = GYL_LOADER_EVENT};

	gyl_event_init(&m.event, GYL_EV_BASE_RELOAD);
	gyl_event_str(&m.event, "what", gyl_view_str(l->item[i].what));
	if (l->files[i].cnt != 0)
		gyl_event_str(&m.event, "file", gyl_view_str(l->files[i].path[0]));
	say(l, &m, -1);
}

/* Builds an item and hands it over when it is new. Returns whether the item changed. */
static bool rebuild(struct gyl_loader *l, size_t i, bool asked)
{
	struct gyl_loader_msg m = {.kind = GYL_LOADER_DATA, .item = (uint32_t)i};
	struct gyl_build b;
	int fd = gyl__loader_build_item(l, i, &b);
	struct gyl_view fresh = fd < 0 ? gyl_view(NULL, 0) : gyl_build_map(fd);
	bool same = gyl_view_eq(fresh, l->data[i]);

	if (fd < 0 || !same || asked)
		say_refused(l, i, &b, fd < 0 ? -fd : 0);
	gyl_build_close(&b);
	if (fd < 0)
		return false;
	if (!same) {
		say(l, &m, fd);
		gyl_build_unmap(l->data[i]);
		l->data[i] = fresh;
	} else {
		gyl_build_unmap(fresh);
	}
	if (!same || asked)
		say_reloaded(l, i);
	close(fd);
	return !same;
}

/* The configuration first; when it changed, everything may have to be read from elsewhere. */
static void rebuild_all(struct gyl_loader *l, bool asked)
{
	for (size_t i = 0; i < l->item_cnt; i++)
		rebuild(l, i, asked);
}

/* Watches what the builds read last. True when other places are watched than before. */
static bool watch_all(struct gyl_loader *l, struct gyl_watch *w)
{
	char **path = NULL;
	size_t cnt = 0;
	bool other;

	for (size_t i = 0; i < l->item_cnt; i++) {
		char **grown = realloc(path, (cnt + l->files[i].cnt + 1) * sizeof *grown);

		if (grown == NULL)
			break;
		path = grown;
		for (size_t k = 0; k < l->files[i].cnt; k++)
			path[cnt++] = l->files[i].path[k];
	}
	other = gyl_watch_set(w, path, cnt);
	free(path);
	return other;
}

/*
 * Builds, then watches. A file that was not watched while it was read may have changed in between,
 * so a new set of files is built once more under watch.
 */
static void rebuild_watched(struct gyl_loader *l, struct gyl_watch *w, bool asked)
{
	enum {
		AGAIN = 4
	}; /* the files themselves may name new ones */

	rebuild_all(l, asked);
	for (int i = 0; i < AGAIN && watch_all(l, w); i++)
		rebuild_all(l, false);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Waits until files are quiet for SETTLE_MS, SETTLE_MAX_MS at most. */
static void settle(struct gyl_watch *w)
{
	uint64_t end = now_ms() + GYL_LOADER_SETTLE_MAX_MS;
	struct pollfd p = {.fd = gyl_watch_fd(w), .events = POLLIN};

	while (now_ms() < end && poll(&p, 1, GYL_LOADER_SETTLE_MS) > 0)
		gyl_watch_read(w);
}

void gyl__loader_child(struct gyl_loader *l)
{
	struct gyl_watch *w = gyl_watch_open();
	struct pollfd p[2] = {{.fd = l->sock, .events = POLLIN}, {.events = POLLIN}};

	if (w == NULL)
		return;
	p[1].fd = gyl_watch_fd(w);
	rebuild_watched(l, w, false); /* sees what changed since the daemon's own build */
	for (;;) {
		char order;
		bool asked = false;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[0].revents != 0) {
			if (recv(l->sock, &order, 1, 0) <= 0)
				break;
			asked = true;
		} else if (!gyl_watch_read(w)) {
			continue;
		}
		settle(w);
		rebuild_watched(l, w, asked);
	}
	gyl_watch_close(w);
}
