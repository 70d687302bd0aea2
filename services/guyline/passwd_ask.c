/* SPDX-License-Identifier: ISC */
#include "services/guyline/passwd.h"

#include <errno.h>
#include <gyl/ct.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
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

/* Octet by octet: what follows the line is not ours, and no buffer but ret has seen it. */
static bool read_line(struct gyl_passwd_line *ret)
{
	for (ret->len = 0; caught == 0;) {
		char c;
		ssize_t n = read(STDIN_FILENO, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, "guyline: standard input: %s\n", strerror(errno));
			return false;
		}
		if (n == 0 && ret->len == 0) {
			fprintf(stderr, "guyline: no password\n");
			return false;
		}
		if (n == 0 || c == '\n')
			return true;
		if (ret->len == sizeof ret->text) {
			fprintf(stderr, "guyline: the password is longer than %d octets\n",
				GYL_PASSWD_MAX);
			return false;
		}
		ret->text[ret->len++] = c;
	}
	return false;
}

static bool read_silent(
	const char *prompt, const struct termios *as_it_was, struct gyl_passwd_line *ret)
{
	struct sigaction before[SIGNAL_CNT], act = {.sa_handler = note};
	struct termios silent = *as_it_was;
	bool ok;

	caught = 0;
	for (size_t i = 0; i < SIGNAL_CNT; i++)
		sigaction(signals[i], &act, &before[i]);
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_lflag |= ECHONL;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	fputs(prompt, stderr);
	ok = read_line(ret);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, as_it_was);
	for (size_t i = 0; i < SIGNAL_CNT; i++)
		sigaction(signals[i], &before[i], NULL);
	return ok;
}

bool gyl_passwd_ask(const char *prompt, struct gyl_passwd_line *ret_line)
{
	struct termios t;
	bool ok;

	if (tcgetattr(STDIN_FILENO, &t) != 0) {
		ok = read_line(ret_line);
	} else {
		do {
			ok = read_silent(prompt, &t, ret_line);
			if (!ok)
				gyl_wipe(ret_line, sizeof *ret_line);
			if (caught != 0)
				raise(caught);
		} while (caught == SIGTSTP); /* it goes on: once more */
	}
	if (!ok)
		gyl_wipe(ret_line, sizeof *ret_line);
	return ok;
}
