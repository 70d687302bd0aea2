/* SPDX-License-Identifier: ISC */

/*
 * An output to the standard input of a program, by a pipe that is never waited for.
 *
 * What the pipe has taken stays in the buffer until that much more has gone in that the program
 * must have read it. So when a program ends, what it did not read is known to the octet: the next
 * one, started after a pause that doubles each time, begins with the first line that the old one
 * did not read to its end.
 */

#include <errno.h>
#include <fcntl.h>
#include <gyl/time.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/syslogd/sink.h"
#include "services/syslogd/spawn.h"

enum {
	WAIT_MAX = 1 << 20, /* octets that wait for the program */
	PIPE_LEN = 65536,   /* octets that a pipe holds, as Linux makes it */
	BUF_LEN = WAIT_MAX + PIPE_LEN + 1,
	CLOSE_MS = 500 /* how long the end waits for a pipe that is full */
};

#define RETRY_NS     (20 * GYL_NS_PER_MS) /* a full pipe is tried again */
#define PAUSE_MIN_NS GYL_NS_PER_S
#define PAUSE_MAX_NS (60 * GYL_NS_PER_S)
#define LONG_ENOUGH_NS                                                            \
	(60 * GYL_NS_PER_S) /* who ran for so long begins with the shortest pause \
			     */

struct program {
	char *word[GYL_SPAWN_ARG_MAX + 1];
	int number;     /* of the program, -1: it came with a reload */
	uint32_t token; /* of the last start; 0: never */
	int in, out;    /* the pipe: what the program reads, what we write; -1: it does not run */
	uint64_t start_ns, retry_ns, pause_ns;
	size_t sent; /* octets of buf that went into the pipe */
	size_t len;
	bool forgot; /* buf does not begin with the first line there was */
	uint8_t buf[BUF_LEN];
};

/* ---- the pipe ---- */

static void close_pipe(struct program *p)
{
	if (p->in >= 0)
		close(p->in);
	if (p->out >= 0)
		close(p->out);
	p->in = p->out = -1;
}

static bool open_pipe(struct program *p)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0)
		return false;
	p->in = fd[0];
	p->out = fd[1];
	return fcntl(p->out, F_SETFL, O_NONBLOCK) == 0 &&
	       fcntl(p->out, F_SETPIPE_SZ, PIPE_LEN) == PIPE_LEN;
}

/* What more than the pipe holds has gone in since is read. */
static void forget_read(struct program *p)
{
	size_t gone;

	if (p->sent <= PIPE_LEN + 1)
		return;
	gone = p->sent - PIPE_LEN - 1;
	p->forgot = true;
	p->sent -= gone;
	p->len -= gone;
	memmove(p->buf, p->buf + gone, p->len);
}

static bool flush(struct program *p)
{
	bool full = false;

	while (p->out >= 0 && p->sent < p->len && !full) {
		ssize_t n = write(p->out, p->buf + p->sent, p->len - p->sent);

		if (n > 0)
			p->sent += (size_t)n;
		full = n <= 0 && errno != EINTR;
	}
	return !full;
}

/* Octets that went in and nobody has read. */
static size_t unread(const struct program *p)
{
	int cnt = 0;

	if (p->in < 0 || ioctl(p->in, FIONREAD, &cnt) != 0 || cnt < 0)
		return 0;
	return (size_t)cnt < p->sent ? (size_t)cnt : p->sent;
}

/* Back to the first line that the program did not read to its end. */
static void go_back(struct gyl_syslogd_sink *s)
{
	struct program *p = s->own;
	const uint8_t *lf;

	p->sent -= unread(p);
	lf = p->sent == 0 ? NULL : memrchr(p->buf, '\n', p->sent);
	if (lf != NULL || !p->forgot) {
		p->sent = lf == NULL ? 0 : (size_t)(lf - p->buf) + 1;
		return;
	}
	/* it is longer than what is kept: the rest of it is of no use */
	lf = memchr(p->buf + p->sent, '\n', p->len - p->sent);
	p->sent = lf == NULL ? p->len : (size_t)(lf - p->buf) + 1;
	gyl_syslogd_sink_lost(s, 1, "the program ended in the middle of it");
}

/* ---- starting ---- */

static void wait_longer(struct gyl_syslogd_sink *s, const char *why, struct gyl_now now)
{
	struct program *p = s->own;
	char text[sizeof s->why];

	if (p->pause_ns == 0 || now.mono_ns - p->start_ns >= LONG_ENOUGH_NS)
		p->pause_ns = PAUSE_MIN_NS;
	else
		p->pause_ns = gyl_time_min(2 * p->pause_ns, PAUSE_MAX_NS);
	p->retry_ns = now.mono_ns + p->pause_ns;
	snprintf(text, sizeof text, "%.70s %s; started again in %u s", p->word[0], why,
		(unsigned)(p->pause_ns / GYL_NS_PER_S));
	gyl_syslogd_sink_fail(s, text, now);
}

static void start(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	struct program *p = s->own;

	if (!open_pipe(p) ||
		gyl_spawn_start(s->env->spawn, p->number, s->env->token + 1, p->in) != 0) {
		close_pipe(p);
		wait_longer(s, "cannot be started", now);
		return;
	}
	p->token = ++s->env->token;
	p->start_ns = now.mono_ns;
}

static void status_text(int status, char text[40])
{
	if (WIFSIGNALED(status))
		snprintf(text, 40, "was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 127)
		snprintf(text, 40, "cannot be executed");
	else
		snprintf(text, 40, "ended with status %d", WEXITSTATUS(status));
}

void gyl_syslogd_program_ended(struct gyl_syslogd_sink *s, int status, struct gyl_now now)
{
	struct program *p = s->own;
	char text[40];

	go_back(s);
	close_pipe(p);
	status_text(status, text);
	s->failed_ns = 0; /* each end is told: the pause keeps them apart */
	wait_longer(s, text, now);
}

uint32_t gyl_syslogd_program_token(const struct gyl_syslogd_sink *s)
{
	const struct program *p = s->own;

	return p->out >= 0 ? p->token : 0;
}

/* ---- a sink ---- */

static bool put(
	struct gyl_syslogd_sink *s, struct gyl_view path, struct gyl_view text, struct gyl_now now)
{
	struct program *p = s->own;

	(void)path;
	(void)now;
	if (p->number < 0) {
		snprintf(s->why, sizeof s->why,
			"programs that were not there at the start need a restart");
		return false;
	}
	forget_read(p);
	if (p->len - p->sent + text.len + 1 > WAIT_MAX) {
		if (p->out >= 0)
			snprintf(s->why, sizeof s->why, "%.70s does not read", p->word[0]);
		return false;
	}
	memcpy(p->buf + p->len, text.p, text.len);
	p->len += text.len;
	p->buf[p->len++] = '\n';
	return true;
}

static uint64_t turn(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	struct program *p = s->own;

	if (p->number < 0)
		return UINT64_MAX;
	if (p->out < 0 && now.mono_ns >= p->retry_ns)
		start(s, now);
	if (p->out < 0)
		return p->retry_ns;
	if (s->failed_ns != 0 && now.mono_ns - p->start_ns >= PAUSE_MIN_NS)
		gyl_syslogd_sink_well(s, now);
	if (!flush(p))
		return now.mono_ns + RETRY_NS;
	return s->failed_ns != 0 ? p->start_ns + PAUSE_MIN_NS : UINT64_MAX;
}

/* The end: a program that reads gets what waits, one that does not is not waited for. */
static void flush_last(struct program *p)
{
	struct pollfd fd = {p->out, POLLOUT, 0};

	while (p->out >= 0 && !flush(p) && poll(&fd, 1, CLOSE_MS) > 0)
		;
}

static void close_sink(struct gyl_syslogd_sink *s, struct gyl_now now)
{
	struct program *p = s->own;
	uint64_t lines = 0;

	(void)now;
	flush_last(p);
	for (size_t i = p->sent; i < p->len; i++)
		lines += p->buf[i] == '\n';
	gyl_syslogd_sink_lost(s, lines, p->out >= 0 ? "the program does not read" : s->why);
	close_pipe(p);
	for (unsigned i = 0; i < GYL_SPAWN_ARG_MAX; i++)
		free(p->word[i]);
	free(p);
}

static bool renew(struct gyl_syslogd_sink *s, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf)
{
	const struct gyl_ref *arg = gyl_flat_at(f, cf->program);
	const struct program *p = s->own;
	uint32_t cnt = 0;

	while (cnt < GYL_SPAWN_ARG_MAX && p->word[cnt] != NULL)
		cnt++;
	if (cnt != cf->program.cnt)
		return false;
	for (uint32_t i = 0; i < cnt; i++)
		if (strcmp(p->word[i], gyl_flat_at(f, arg[i])) != 0)
			return false;
	return true;
}

static void *open_sink(struct gyl_syslogd_sink *s, const struct gyl_flat *f,
	const struct gyl_syslogd_output_conf *cf, char err[200])
{
	const struct gyl_ref *arg = gyl_flat_at(f, cf->program);
	struct program *p = calloc(1, sizeof *p);
	struct gyl_spawn_program words = {{NULL}};

	snprintf(err, 200, "out of memory");
	if (p == NULL)
		return NULL;
	p->in = p->out = -1;
	for (uint32_t i = 0; i < cf->program.cnt && i < GYL_SPAWN_ARG_MAX; i++) {
		words.arg[i] = gyl_flat_at(f, arg[i]);
		p->word[i] = strdup(words.arg[i]);
	}
	p->number = gyl_spawn_find(s->env->spawn, &words);
	return p;
}

const struct gyl_syslogd_sink_ops gyl_syslogd_sink_program = {
	open_sink, renew, put, turn, close_sink, NULL};
