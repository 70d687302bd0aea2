/* SPDX-License-Identifier: ISC */
#include "services/syslogd/spawn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/syslogd/spawn_own.h"

struct gyl_spawn {
	struct gyl__spawn_list list;
	int fd;
	pid_t pid;
};

static bool copy_programs(
	struct gyl__spawn_list *to, const struct gyl_spawn_program *program, unsigned cnt)
{
	to->cnt = cnt < GYL_SPAWN_MAX ? cnt : GYL_SPAWN_MAX;
	for (unsigned i = 0; i < to->cnt; i++)
		for (unsigned k = 0; k < GYL_SPAWN_ARG_MAX && program[i].arg[k] != NULL; k++) {
			to->arg[i][k] = strdup(program[i].arg[k]);
			if (to->arg[i][k] == NULL)
				return false;
		}
	return true;
}

static void free_all(struct gyl_spawn *sp)
{
	for (unsigned i = 0; i < sp->list.cnt; i++)
		for (unsigned k = 0; k < GYL_SPAWN_ARG_MAX; k++)
			free(sp->list.arg[i][k]);
	free(sp);
}

struct gyl_spawn *gyl_spawn_open(
	const struct gyl_spawn_program *program, unsigned cnt, const char *user)
{
	struct gyl_spawn *sp = calloc(1, sizeof *sp);
	int pair[2];

	if (sp == NULL)
		return NULL;
	if (!copy_programs(&sp->list, program, cnt) ||
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		free_all(sp);
		return NULL;
	}
	sp->fd = pair[0];
	sp->pid = fork();
	if (sp->pid == 0) {
		close(pair[0]);
		gyl__spawn_serve(&sp->list, pair[1], user);
	}
	close(pair[1]);
	if (sp->pid > 0)
		return sp;
	close(sp->fd);
	free_all(sp);
	return NULL;
}

void gyl_spawn_close(struct gyl_spawn *sp)
{
	if (sp == NULL)
		return;
	/* The helper waits for its programs, we do not wait for the helper. */
	close(sp->fd);
	waitpid(sp->pid, NULL, WNOHANG);
	free_all(sp);
}

int gyl_spawn_fd(const struct gyl_spawn *sp)
{
	return sp->fd;
}

static bool same(char *const *a, const char *const *b)
{
	for (unsigned i = 0; i < GYL_SPAWN_ARG_MAX; i++) {
		if (a[i] == NULL || b[i] == NULL)
			return a[i] == NULL && b[i] == NULL;
		if (strcmp(a[i], b[i]) != 0)
			return false;
	}
	return true;
}

int gyl_spawn_find(const struct gyl_spawn *sp, const struct gyl_spawn_program *p)
{
	for (unsigned i = 0; sp != NULL && i < sp->list.cnt; i++)
		if (same(sp->list.arg[i], p->arg))
			return (int)i;
	return -1;
}

int gyl_spawn_start(struct gyl_spawn *sp, int number, uint32_t token, int stdin_fd)
{
	struct gyl__spawn_message m = {token, number};
	struct iovec iov = {&m, sizeof m};
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.room = {0}};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control.room};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof stdin_fd);
	memcpy(CMSG_DATA(c), &stdin_fd, sizeof stdin_fd);
	return sendmsg(sp->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof m ? 0 : -errno;
}

bool gyl_spawn_ended(struct gyl_spawn *sp, uint32_t *ret_token, int *ret_status, bool *ret_gone)
{
	struct gyl__spawn_message m;
	ssize_t n = recv(sp->fd, &m, sizeof m, MSG_DONTWAIT);

	*ret_gone = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
	if (n != (ssize_t)sizeof m)
		return false;
	*ret_token = m.token;
	*ret_status = m.value;
	return true;
}
