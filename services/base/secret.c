/* SPDX-License-Identifier: ISC */
#include "services/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <gyl/ct.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool fail(char *buf, size_t cap, char err[200], const char *what, const char *why)
{
	gyl_wipe(buf, cap);
	snprintf(err, 200, "%s: %s", what, why);
	return false;
}

/* One octet; 0: the end, or an error with errno. */
static ssize_t read_octet(int fd, char *ret)
{
	ssize_t n;

	do {
		errno = 0;
		n = read(fd, ret, 1);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

bool gyl_secret_read(int fd, const char *name, char *buf, size_t cap, char err[200])
{
	size_t len = 0;
	char c;

	while (read_octet(fd, &c) && c != '\n') {
		if (c == '\0')
			return fail(buf, cap, err, name, "a password has no NUL in it");
		if (len + 1 == cap)
			return fail(buf, cap, err, name, "the password is too long");
		buf[len++] = c;
	}
	if (errno != 0)
		return fail(buf, cap, err, name, strerror(errno));
	buf[len] = '\0';
	return len != 0 || fail(buf, cap, err, name, "there is no password in it");
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

/* ---- the terminal ---- */

enum {
	CTRL_C = 3,
	CTRL_D = 4,
	BACKSPACE = 8,
	CTRL_U = 21,
	DELETE = 127
};

/* The last character goes, which in UTF-8 may be several octets. */
static size_t rub_out(const char *buf, size_t len)
{
	while (len > 0 && ((unsigned char)buf[len - 1] & 0xc0) == 0x80)
		len--;
	return len > 0 ? len - 1 : 0;
}

/*
 * The terminal gives every key as it is pressed, Control-C too: a signal would end the program with
 * the echo still off.
 */
static bool read_keys(int tty, char *buf, size_t cap, char err[200])
{
	size_t len = 0;
	char c;

	while (read_octet(tty, &c) && c != '\n' && c != '\r' && c != CTRL_D) {
		if (c == CTRL_C)
			return fail(buf, cap, err, "password", "interrupted");
		if (c == BACKSPACE || c == DELETE)
			len = rub_out(buf, len);
		else if (c == CTRL_U)
			len = 0;
		else if (len + 1 == cap)
			return fail(buf, cap, err, "password", "too long");
		else
			buf[len++] = c;
	}
	if (errno != 0)
		return fail(buf, cap, err, "terminal", strerror(errno));
	gyl_wipe(buf + len, cap - len); /* what was rubbed out, and the NUL */
	return len != 0 || fail(buf, cap, err, "password", "empty");
}

static void say(int tty, const char *text)
{
	if (write(tty, text, strlen(text)) < 0)
		return; /* reading will tell */
}

/* Who wants to end us meanwhile waits until the terminal is as it was. */
static bool ask(int tty, const struct termios *old, const char *prompt, char *buf, size_t cap,
	char err[200])
{
	struct termios quiet = *old;
	sigset_t ends, mask;
	bool good;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, &mask);
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	good = tcsetattr(tty, TCSAFLUSH, &quiet) == 0;
	if (good) {
		say(tty, prompt); /* what is typed after it is not shown */
		good = read_keys(tty, buf, cap, err);
		say(tty, "\n");
		tcsetattr(tty, TCSAFLUSH, old);
	} else {
		fail(buf, cap, err, "terminal", strerror(errno));
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return good;
}

bool gyl_secret_ask(const char *prompt, char *buf, size_t cap, char err[200])
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios old;
	bool good = false;

	if (tty >= 0 && tcgetattr(tty, &old) == 0)
		good = ask(tty, &old, prompt, buf, cap, err);
	else
		fail(buf, cap, err, "password", "there is no terminal to ask on");
	if (tty >= 0)
		close(tty);
	return good;
}
