/* SPDX-License-Identifier: ISC */
#include "services/base/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/base/loader_own.h"

struct gyl_loader *gyl_loader_open(const struct gyl_loader_item *item, size_t item_cnt)
{
	struct gyl_loader *l = calloc(1, sizeof *l);

	if (l == NULL || item_cnt > GYL_LOADER_ITEM_MAX) {
		free(l);
		return NULL;
	}
	memcpy(l->item, item, item_cnt * sizeof *item);
	l->item_cnt = item_cnt;
	l->sock = -1;
	return l;
}

void gyl_loader_close(struct gyl_loader *l)
{
	if (l == NULL)
		return;
	if (l->watch != NULL)
		gyl_loop_unwatch(l->watch);
	if (l->sock >= 0)
		close(l->sock); /* the child ends when its side does */
	if (l->child > 0)
		waitpid(l->child, NULL, 0);
	for (size_t i = 0; i < l->old_cnt; i++)
		gyl_build_unmap(l->old[i].block);
	for (size_t i = 0; i < l->item_cnt; i++) {
		gyl_build_unmap(l->data[i]);
		gyl_build_files_free(&l->files[i]);
	}
	free(l);
}

struct gyl_view gyl_loader_data(const struct gyl_loader *l, size_t item)
{
	return l->data[item];
}

static struct gyl_view flat_for(const struct gyl_loader *l, size_t i)
{
	return i == 0 ? gyl_view(NULL, 0) : l->data[0];
}

int gyl__loader_build_item(struct gyl_loader *l, size_t i, struct gyl_build *b)
{
	int err = gyl_build_open(b);
	bool ok;

	if (err != 0)
		return err;
	ok = l->item[i].build(l->item[i].arg, flat_for(l, i), b) && b->error_cnt == 0;
	if (b->files.cnt != 0) { /* a failed build names what to wait for, too */
		gyl_build_files_free(&l->files[i]);
		l->files[i] = b->files;
		memset(&b->files, 0, sizeof b->files);
	}
	return ok ? 0 : -EINVAL;
}

bool gyl__loader_check(
	const struct gyl_loader *l, size_t i, struct gyl_view block, struct gyl_build *b)
{
	const struct gyl_loader_item *item = &l->item[i];

	return block.len == 0 || item->check == NULL ||
	       item->check(item->arg, flat_for(l, i), block, b);
}

/* Build, take, check. 0 or -errno; errors went to b. */
static int make(struct gyl_loader *l, size_t i, struct gyl_build *b)
{
	struct gyl_view block = gyl_view(NULL, 0);
	int err = gyl__loader_build_item(l, i, b);

	if (err == 0)
		err = gyl_build_take(b, &block);
	if (err != 0)
		return err;
	if (gyl__loader_check(l, i, block, b)) {
		l->data[i] = block;
		return 0;
	}
	gyl_build_unmap(block);
	return -EINVAL;
}

static void print_notes(const struct gyl_build *b, FILE *f)
{
	for (size_t i = 0; i < b->note_cnt; i++) {
		const struct gyl_build_note *n = &b->note[i];

		if (n->line != 0)
			fprintf(f, "%s:%u:%u: ", n->file, n->line, n->col);
		else if (n->file[0] != '\0')
			fprintf(f, "%s: ", n->file);
		fprintf(f, "%s%s\n", n->error ? "" : "warning: ", n->text);
	}
}

bool gyl_loader_build(struct gyl_loader *l, FILE *f)
{
	bool good = true;

	for (size_t i = 0; i < l->item_cnt; i++) {
		struct gyl_build b;
		int err;

		if (i != 0 && l->data[0].len == 0)
			break; /* without configuration nobody knows what else to read */
		err = make(l, i, &b);
		print_notes(&b, f);
		if (err != 0 && b.error_cnt == 0)
			fprintf(f, "%s: %s\n", l->item[i].what, strerror(-err));
		good = good && err == 0;
		gyl_build_close(&b);
	}
	return good;
}

static void say_refused(struct gyl_loader *l, const char *what, const char *reason)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_REFUSED);
	gyl_event_str(&e, "what", gyl_view_str(what));
	gyl_event_str(&e, "reason", gyl_view_str(reason));
	l->hear.told(l->hear.arg, &e);
}

void gyl_loader_release(struct gyl_loader *l)
{
	for (size_t i = l->old_cnt; i-- != 0;) {
		if (l->hear.uses != NULL &&
			l->hear.uses(l->hear.arg, l->old[i].item, l->old[i].block))
			continue;
		gyl_build_unmap(l->old[i].block);
		l->old[i] = l->old[--l->old_cnt];
	}
}

static void take_block(struct gyl_loader *l, size_t item, struct gyl_view fresh)
{
	gyl_loader_release(l);
	if (l->old_cnt == GYL_LOADER_OLD_MAX) {
		gyl_build_unmap(fresh);
		say_refused(l, l->item[item].what,
			"what was loaded before is not in its place yet; reload again");
		return;
	}
	l->old[l->old_cnt].block = l->data[item];
	l->old[l->old_cnt++].item = item;
	l->data[item] = fresh;
	l->hear.changed(l->hear.arg, item, fresh);
	gyl_loader_release(l);
}

/* A block or an event from the child. */
static void take_message(struct gyl_loader *l, const struct gyl_loader_msg *m, size_t len, int fd)
{
	if (len != sizeof *m)
		return;
	if (m->kind == GYL_LOADER_EVENT && m->event.kind < GYL_EV_CNT) {
		l->hear.told(l->hear.arg, &m->event);
	} else if (m->kind == GYL_LOADER_DATA && m->item < l->item_cnt && fd >= 0) {
		struct gyl_view fresh = gyl_build_map(fd);

		if (fresh.len == 0)
			say_refused(l, l->item[m->item].what, "no memory to map it");
		else
			take_block(l, m->item, fresh);
	}
}

static int message_fd(struct msghdr *h)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	int fd = -1;

	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

static void say_gone(struct gyl_loader *l)
{
	say_refused(l, "changes of files",
		"the loader process has ended; restart to read changed files");
}

static void child_gone(struct gyl_loader *l)
{
	gyl_loop_unwatch(l->watch);
	l->watch = NULL;
	waitpid(l->child, NULL, 0);
	l->child = -1;
	say_gone(l);
}

static void child_says(void *arg)
{
	struct gyl_loader *l = arg;

	for (;;) {
		struct gyl_loader_msg m;
		_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
		struct iovec iov = {&m, sizeof m};
		struct msghdr h = {.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof control};
		ssize_t len = recvmsg(l->sock, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		int fd;

		if (len < 0)
			return;
		if (len == 0) {
			child_gone(l);
			return;
		}
		fd = message_fd(&h);
		take_message(l, &m, (size_t)len, fd);
		if (fd >= 0)
			close(fd);
	}
}

/*
 * The daemon's sockets, its device and its journal are nothing that a reader of files may touch;
 * and a lock on the journal would outlive the daemon with us.
 */
static void keep_only_socket(struct gyl_loader *l)
{
	enum {
		KEPT = STDERR_FILENO + 1
	};

	if (l->sock != KEPT)
		dup3(l->sock, KEPT, O_CLOEXEC);
	l->sock = KEPT;
	closefrom(KEPT + 1);
}

int gyl_loader_start(
	struct gyl_loader *l, struct gyl_loop *loop, const struct gyl_loader_hear *hear)
{
	int pair[2];

	l->hear = *hear;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -errno;
	l->child = fork();
	if (l->child < 0) {
		close(pair[0]);
		close(pair[1]);
		return -errno;
	}
	if (l->child == 0) {
		close(pair[0]);
		l->sock = pair[1];
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGHUP, SIG_IGN); /* the daemon passes reloads on; the terminal's end is its
					    matter */
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN); /* it ends when the daemon does */
		if (hear->confine != NULL)
			hear->confine(hear->arg);
		keep_only_socket(l);
		gyl__loader_child(l);
		_exit(0);
	}
	close(pair[1]);
	l->sock = pair[0];
	l->watch = gyl_loop_watch(loop, l->sock, child_says, l);
	return l->watch == NULL ? -ENOMEM : 0;
}

void gyl_loader_reload(struct gyl_loader *l)
{
	if (l->watch == NULL)
		say_gone(l);
	else /* when the queue is full, there are orders enough in it */
		send(l->sock, "r", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}
