/* SPDX-License-Identifier: ISC */

/* The helper that starts programs: what runs in a process of its own (spawn.h). */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/syslogd/spawn_own.h"

enum {
	RUNNING_MAX = 2 * GYL_SPAWN_MAX, /* programs at once; after a reload old ones may end */
	GRACE_MS = 5000,                 /* programs may finish after the daemon's end */
	STATUS_NOT_STARTED = 127 << 8
};

struct running {
	pid_t pid; /* 0: free */
	uint32_t token;
};

struct helper {
	const struct gyl__spawn_list *list;
	int fd, null_fd, signal_fd;
	struct running run[RUNNING_MAX];
};

static void tell(struct helper *h, uint32_t token, int status)
{
	struct gyl__spawn_message m = {token, status};

	/* The daemon reads these, or is gone. */
	(void)!send(h->fd, &m, sizeof m, MSG_NOSIGNAL);
}

/* In the child: becomes the program. */
static void become_program(const struct helper *h, char *const *arg, int stdin_fd)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *const env[] = {path, NULL};
	sigset_t none;

	sigemptyset(&none);
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (dup2(stdin_fd, 0) == 0 && dup2(h->null_fd, 1) == 1 && dup2(h->null_fd, 2) == 2 &&
		close_range(3, ~0u, 0) == 0)
		execve(arg[0], arg, env);
	_exit(127);
}

static struct running *free_place(struct helper *h)
{
	for (unsigned i = 0; i < RUNNING_MAX; i++)
		if (h->run[i].pid == 0)
			return &h->run[i];
	return NULL;
}

static void start(struct helper *h, const struct gyl__spawn_message *m, int stdin_fd)
{
	struct running *r = free_place(h);
	pid_t pid = -1;

	if (r != NULL && stdin_fd >= 0 && m->value >= 0 && (unsigned)m->value < h->list->cnt)
		pid = fork();
	if (pid == 0)
		become_program(h, h->list->arg[m->value], stdin_fd);
	if (pid < 0) {
		tell(h, m->token, STATUS_NOT_STARTED);
		return;
	}
	r->pid = pid;
	r->token = m->token;
}

/* False: the daemon is gone. */
static bool take_order(struct helper *h)
{
	struct gyl__spawn_message m;
	struct iovec iov = {&m, sizeof m};
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control.room};
	ssize_t n = recvmsg(h->fd, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n <= 0 ? NULL : CMSG_FIRSTHDR(&msg);
	int fd = -1;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	if (n == (ssize_t)sizeof m)
		start(h, &m, fd);
	if (fd >= 0)
		close(fd);
	return true;
}

static void reap(struct helper *h)
{
	struct signalfd_siginfo si;
	int status;
	pid_t pid;

	(void)!read(h->signal_fd, &si, sizeof si);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned i = 0; i < RUNNING_MAX; i++)
			if (h->run[i].pid == pid) {
				h->run[i].pid = 0;
				tell(h, h->run[i].token, status);
			}
}

static unsigned running_cnt(const struct helper *h)
{
	unsigned cnt = 0;

	for (unsigned i = 0; i < RUNNING_MAX; i++)
		cnt += h->run[i].pid != 0;
	return cnt;
}

/* Programs whose input has ended finish by themselves; who does not is asked to. */
static void finish(struct helper *h)
{
	struct pollfd p = {h->signal_fd, POLLIN, 0};

	while (running_cnt(h) != 0 && poll(&p, 1, GRACE_MS) > 0)
		reap(h);
	for (unsigned i = 0; i < RUNNING_MAX; i++)
		if (h->run[i].pid != 0)
			kill(h->run[i].pid, SIGTERM);
}

static bool become_user(const char *user)
{
	const struct passwd *pw = user == NULL ? NULL : getpwnam(user);

	if (user == NULL)
		return true;
	return pw != NULL && initgroups(user, pw->pw_gid) == 0 &&
	       setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == 0 &&
	       setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == 0;
}

/* Nothing of the daemon stays but the socket, as descriptor 3. */
static bool settle(struct helper *h, const char *user)
{
	sigset_t all;

	if (dup2(h->fd, 3) != 3)
		return false;
	h->fd = 3;
	close_range(4, ~0u, 0);
	h->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3; fd++)
		dup2(h->null_fd, fd);
	fcntl(h->fd, F_SETFD, FD_CLOEXEC);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	h->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return h->null_fd >= 0 && h->signal_fd >= 0 && chdir("/") == 0 && become_user(user) &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

void gyl__spawn_serve(const struct gyl__spawn_list *list, int fd, const char *user)
{
	struct helper h = {.list = list, .fd = fd};
	struct pollfd p[2];

	prctl(PR_SET_NAME, "programs");
	if (!settle(&h, user))
		_exit(1);
	p[0] = (struct pollfd){h.fd, POLLIN, 0};
	p[1] = (struct pollfd){h.signal_fd, POLLIN, 0};
	for (;;) {
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[1].revents != 0)
			reap(&h);
		if (p[0].revents != 0 && !take_order(&h))
			break;
	}
	finish(&h);
	_exit(0);
}
