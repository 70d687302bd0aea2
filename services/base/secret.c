/* SPDX-License-Identifier: ISC */
#include "services/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <gyl/ct.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* What a terminal sends to a program that waits for a password, or the system to one it ends. */
static const int signals[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP};

enum {
	SIGNAL_CNT = sizeof signals / sizeof signals[0]
};

static volatile sig_atomic_t caught;

static void note(int sig)
{
	caught = sig;
}

static bool fail(char *buf, size_t cap, char err[200], const char *what, const char *why)
{
	gyl_wipe(buf, cap);
	snprintf(err, 200, "%s: %s", what, why);
	return false;
}

static bool too_long(char *buf, size_t cap, char err[200], const char *what)
{
	char why[60];

	snprintf(why, sizeof why, "the password is longer than %zu octets", cap - 1);
	return fail(buf, cap, err, what, why);
}

/* Octet by octet: what follows the line is not ours, and no buffer but buf has seen it. end: what
 * ends it, -1: the end of the file. */
static bool read_to(int fd, const char *name, int end, char *buf, size_t cap, char err[200])
{
	size_t len = 0;

	while (caught == 0) {
		char c;
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(buf, cap, err, name, strerror(errno));
		if (n == 0 && len == 0)
			return fail(buf, cap, err, name, "no password");
		if (n == 0 || c == end) {
			buf[len] = '\0';
			return true;
		}
		if (c == '\0')
			return fail(buf, cap, err, name, "a password has no NUL in it");
		if (len + 1 == cap)
			return too_long(buf, cap, err, name);
		buf[len++] = c;
	}
	return fail(buf, cap, err, name, "interrupted");
}

static bool read_line(int fd, const char *name, char *buf, size_t cap, char err[200])
{
	return read_to(fd, name, '\n', buf, cap, err);
}

bool gyl_secret_read(int fd, const char *name, char *buf, size_t cap, char err[200])
{
	caught = 0;
	return read_line(fd, name, buf, cap, err);
}

bool gyl_secret_file(const char *path, char *buf, size_t cap, char err[200])
{
	bool in = strcmp(path, "-") == 0;
	int fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return fail(buf, cap, err, path, strerror(errno));
	good = gyl_secret_read(fd, in ? "standard input" : path, buf, cap, err);
	if (!in)
		close(fd);
	return good;
}

/* What is wrong with who may read it; NULL: nothing. */
static const char *is_open(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no file";
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "it is another user's: chown it to root";
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "others may read or change it: chmod 600 it, and make a new secret";
	return NULL;
}

static bool read_private(const char *path, int end, char *buf, size_t cap, char err[200])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why;
	bool good;

	if (fd < 0)
		return fail(buf, cap, err, path, strerror(errno));
	why = is_open(fd);
	caught = 0;
	good = why == NULL ? read_to(fd, path, end, buf, cap, err) : fail(buf, cap, err, path, why);
	close(fd);
	return good;
}

bool gyl_secret_private(const char *path, char *buf, size_t cap, char err[200])
{
	return read_private(path, '\n', buf, cap, err);
}

bool gyl_secret_whole(const char *path, char *buf, size_t cap, char err[200])
{
	return read_private(path, -1, buf, cap, err);
}

/* The prompt comes when the echo is off: what is typed after it is not shown. */
static bool read_silent(int tty, const struct termios *as_it_was, const char *prompt, char *buf,
	size_t cap, char err[200])
{
	struct sigaction before[SIGNAL_CNT], act = {.sa_handler = note};
	struct termios silent = *as_it_was;
	bool good;

	caught = 0;
	for (size_t i = 0; i < SIGNAL_CNT; i++)
		sigaction(signals[i], &act, &before[i]);
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_lflag |= ECHONL;
	good = tcsetattr(tty, TCSAFLUSH, &silent) == 0 &&
	       write(tty, prompt, strlen(prompt)) == (ssize_t)strlen(prompt);
	good = good ? read_line(tty, "terminal", buf, cap, err)
		    : fail(buf, cap, err, "terminal", strerror(errno));
	tcsetattr(tty, TCSAFLUSH, as_it_was);
	for (size_t i = 0; i < SIGNAL_CNT; i++)
		sigaction(signals[i], &before[i], NULL);
	return good;
}

bool gyl_secret_ask(const char *prompt, char *buf, size_t cap, char err[200])
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios t;
	bool good;

	if (tty < 0 || tcgetattr(tty, &t) != 0) {
		good = fail(buf, cap, err, "password", "there is no terminal to ask on");
	} else {
		do {
			good = read_silent(tty, &t, prompt, buf, cap, err);
			if (caught != 0)
				raise(caught);
		} while (caught == SIGTSTP); /* it goes on: once more */
	}
	if (tty >= 0)
		close(tty);
	return good;
}
