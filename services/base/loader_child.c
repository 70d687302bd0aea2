/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "services/base/crc32c.h"
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

static void say_refused_for(struct gyl_loader *l, size_t i, const char *reason)
{
	struct gyl_loader_msg m = {.kind = GYL_LOADER_EVENT};

	gyl_event_init(&m.event, GYL_EV_BASE_REFUSED);
	gyl_event_str(&m.event, "what", gyl_view_str(l->item[i].what));
	if (l->files[i].cnt != 0)
		gyl_event_str(&m.event, "file", gyl_view_str(l->files[i].file[0].path));
	gyl_event_str(&m.event, "reason", gyl_view_str(reason));
	say(l, &m, -1);
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
	if (err != 0 && b->error_cnt == 0)
		say_refused_for(l, i, strerror(err));
}

static void say_reloaded(struct gyl_loader *l, size_t i)
{
	struct gyl_loader_msg m = {.kind = GYL_LOADER_EVENT};

	gyl_event_init(&m.event, GYL_EV_BASE_RELOAD);
	gyl_event_str(&m.event, "what", gyl_view_str(l->item[i].what));
	if (l->files[i].cnt != 0)
		gyl_event_str(&m.event, "file", gyl_view_str(l->files[i].file[0].path));
	say(l, &m, -1);
}

/* What a build came to. */
struct made {
	struct gyl_build b;
	struct gyl_view fresh;
	int fd;     /* or -errno */
	bool other; /* than what the daemon has; an empty block replaces nothing */
	bool news;  /* it failed, and not as the last time */
};

/* Tells one set of errors from another; a build that was good has 0. */
static uint32_t errors_sum(const struct made *m)
{
	uint32_t sum = m->fd < 0 ? (uint32_t)-m->fd : 0;

	for (size_t i = 0; m->fd < 0 && i < m->b.note_cnt; i++) {
		const struct gyl_build_note *n = &m->b.note[i];

		sum = gyl_crc32c_more(sum, n->file, strlen(n->file));
		sum = gyl_crc32c_more(sum, &n->line, sizeof n->line);
		sum = gyl_crc32c_more(sum, n->text, strlen(n->text));
	}
	return sum;
}

static void make(struct gyl_loader *l, size_t i, struct gyl_view old, struct made *m)
{
	m->fd = gyl__loader_build_item(l, i, &m->b);
	if (m->fd == 0)
		m->fd = gyl_build_seal(&m->b);
	m->fresh = m->fd < 0 ? gyl_view(NULL, 0) : gyl_build_map(m->fd);
	m->other = m->fresh.len != 0 && !gyl_view_eq(m->fresh, old);
	if (m->other && !gyl__loader_check(l, i, m->fresh, &m->b)) {
		close(m->fd);
		m->fd = -EINVAL;
		m->other = false;
	}
	m->news = m->fd < 0 && errors_sum(m) != l->told[i];
	l->told[i] = errors_sum(m);
}

static void hand_over(struct gyl_loader *l, size_t i, struct made *m)
{
	struct gyl_loader_msg msg = {.kind = GYL_LOADER_DATA, .item = (uint32_t)i};
	struct gyl_view old = l->data[i];

	gyl_build_large(m->fresh);
	say(l, &msg, m->fd);
	l->data[i] = m->fresh;
	m->fresh = old;
}

static void done_with(struct made *m)
{
	gyl_build_close(&m->b);
	gyl_build_unmap(m->fresh);
	if (m->fd >= 0)
		close(m->fd);
}

/* Tells what became of an item, and hands it over when it is new and may be had. */
static void finish(struct gyl_loader *l, size_t i, struct made *m, bool asked, bool held_back)
{
	if (m->fd < 0 ? m->news || asked : m->other || asked)
		say_refused(l, i, &m->b, m->fd < 0 ? -m->fd : 0);
	if (i == 0 && held_back && (m->news || asked))
		say_refused_for(l, i, "what it names has errors");
	if (m->other && !held_back)
		hand_over(l, i, m);
	if (m->fd >= 0 && !held_back && (m->other || asked))
		say_reloaded(l, i);
	done_with(m);
}

/*
 * The configuration first, everything else from it. A new one is handed over with all that it names
 * or not at all: a daemon that had half of it would serve what nobody wrote.
 */
static void rebuild_all(struct gyl_loader *l, bool asked)
{
	struct made m[GYL_LOADER_ITEM_MAX];
	struct gyl_view conf = l->data[0];
	bool held_back = false;

	for (size_t i = 0; i < l->item_cnt; i++) {
		make(l, i, i == 0 ? conf : l->data[i], &m[i]);
		if (i == 0 && m[0].other)
			l->data[0] = m[0].fresh;
		if (i == 0 || !m[0].other || m[i].fd >= 0)
			continue;
		held_back = true;
		m[0].news = m[0].news || m[i].news;
	}
	l->data[0] = conf;
	for (size_t i = 0; i < l->item_cnt; i++)
		finish(l, i, &m[i], asked, held_back);
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
			path[cnt++] = l->files[i].file[k].path;
	}
	other = gyl_watch_set(w, path, cnt);
	free(path);
	return other;
}

/* May files be others than those that were read? */
static bool any_changed(const struct gyl_loader *l)
{
	for (size_t i = 0; i < l->item_cnt; i++)
		if (gyl_build_files_changed(&l->files[i]))
			return true;
	return false;
}

/*
 * Watches what was read. A file that was not watched yet while it was read may have changed in
 * between: then all is built once more, under watch.
 */
static void watch_read(struct gyl_loader *l, struct gyl_watch *w)
{
	enum {
		AGAIN = 4
	}; /* the files themselves may name new ones */

	for (int i = 0; i < AGAIN && watch_all(l, w) && any_changed(l); i++)
		rebuild_all(l, false);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Waits until our files are quiet for SETTLE_MS, SETTLE_MAX_MS at most, whatever else goes on in
 * their directories. */
static void settle(struct gyl_watch *w)
{
	uint64_t now = now_ms(), end = now + GYL_LOADER_SETTLE_MAX_MS;
	uint64_t quiet = now + GYL_LOADER_SETTLE_MS;
	struct pollfd p = {.fd = gyl_watch_fd(w), .events = POLLIN};

	for (; now < sooner(end, quiet); now = now_ms())
		if (poll(&p, 1, (int)(sooner(end, quiet) - now)) > 0 && gyl_watch_read(w))
			quiet = now_ms() + GYL_LOADER_SETTLE_MS;
}

/* Takes all orders that have come: any number of them is one. False: the daemon is gone. */
static bool take_orders(const struct gyl_loader *l, bool *asked)
{
	ssize_t len;
	char order;

	while ((len = recv(l->sock, &order, 1, MSG_DONTWAIT)) > 0)
		*asked = true;
	return len < 0 && (errno == EAGAIN || errno == EINTR);
}

void gyl__loader_child(struct gyl_loader *l)
{
	struct gyl_watch *w = gyl_watch_open();
	struct pollfd p[2] = {{.fd = l->sock, .events = POLLIN}, {.events = POLLIN}};
	bool asked = false, changed;

	if (w == NULL)
		return;
	p[1].fd = gyl_watch_fd(w);
	watch_read(l, w); /* what the daemon's own build has read */
	while (take_orders(l, &asked)) {
		changed = gyl_watch_read(w);
		if (!asked && !changed) {
			poll(p, 2, -1);
			continue;
		}
		settle(w);
		if (!take_orders(l, &asked))
			break;
		rebuild_all(l, asked);
		watch_read(l, w);
		asked = false;
	}
	gyl_watch_close(w);
}
