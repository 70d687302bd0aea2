/* SPDX-License-Identifier: ISC */

/*
 * `guyline passwd` as somebody uses it: with a line on standard input, and at a terminal, where it
 * asks twice and nothing is echoed.
 */

#include "tests/support/support.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "services/guyline/passwd.h"

enum {
	ARG_MAX_CNT = 8,
	WAIT_MS = 20000
};

/* A program that runs, its standard streams at the other end of these. */
struct program {
	pid_t pid;
	int in, out;     /* the same at a terminal; standard error goes into out */
	int tty;         /* kept open, so that its settings outlive the program; -1: none */
	char text[4000]; /* what it said so far */
	size_t len;
};

static void run_child(int in, int out, const char *const *args)
{
	char *argv[ARG_MAX_CNT] = {NULL};
	int argc = 0, status;

	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	for (; args[argc] != NULL; argc++)
		argv[argc] = strdup(args[argc]);
	status = gyl_passwd_main(argc, argv);
	fflush(stdout);
	_exit(status);
}

static void start_with_pipes(struct program *p, const char *const *args)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};

	assert_true(pipe(in) == 0 && pipe(out) == 0);
	fflush(NULL);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		close(in[1]);
		run_child(in[0], out[1], args);
	}
	close(in[0]);
	close(out[1]);
	*p = (struct program){.pid = p->pid, .in = in[1], .out = out[0], .tty = -1};
}

static void start_at_terminal(struct program *p, const char *const *args)
{
	int master, tty;

	assert_int_equal(openpty(&master, &tty, NULL, NULL, NULL), 0);
	fflush(NULL);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		close(master);
		setsid();
		ioctl(tty, TIOCSCTTY, 0);
		run_child(tty, tty, args);
	}
	*p = (struct program){.pid = p->pid, .in = master, .out = master, .tty = tty};
}

/* One read of what it says. False at the end. */
static bool hear(struct program *p)
{
	struct pollfd fd = {.fd = p->out, .events = POLLIN};
	ssize_t n;

	if (poll(&fd, 1, WAIT_MS) != 1)
		fail_msg("nothing came after: %s", p->text);
	assert_true(p->len < sizeof p->text - 1);
	n = read(p->out, p->text + p->len, sizeof p->text - 1 - p->len);
	p->len += n > 0 ? (size_t)n : 0;
	p->text[p->len] = '\0';
	return n > 0;
}

static void say(struct program *p, const char *text)
{
	assert_int_equal(write(p->in, text, strlen(text)), (ssize_t)strlen(text));
}

/* Until it said this. */
static void expect(struct program *p, const char *text)
{
	while (strstr(p->text, text) == NULL)
		assert_true(hear(p));
}

/* Its end: the status of wait(2). */
static int finish(struct program *p)
{
	int status;

	if (p->tty >= 0) {
		/* The terminal has no end while we hold it open. */
		assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
		while (poll(&(struct pollfd){.fd = p->out, .events = POLLIN}, 1, 0) == 1)
			hear(p);
		close(p->tty);
	} else {
		close(p->in);
		while (hear(p))
			continue;
		assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	}
	close(p->out);
	return status;
}

/* With a line on standard input: the exit status, and what it said. */
static int with_line(struct program *p, const char *line, const char *const *args)
{
	int status;

	start_with_pipes(p, args);
	/* One that refuses its options may be gone already. */
	if (write(p->in, line, strlen(line)) < 0)
		assert_int_equal(errno, EPIPE);
	status = finish(p);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define ARGS(...) ((const char *const[]){"passwd", __VA_ARGS__, NULL})

static void made_and_verified(void **state)
{
	const char *const *const ways[] = {
		ARGS("--ln", "4"),
		ARGS("--kind", "scrypt", "--ln=5"),
		ARGS("--iterations", "1000"),
		ARGS("--kind=pbkdf2-sha256", "--iterations", "1001"),
	};
	static const char *const begins[] = {"$scrypt$ln=4,r=8,p=1$", "$scrypt$ln=5,r=8,p=1$",
		"$pbkdf2-sha256$1000$", "$pbkdf2-sha256$1001$"};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(ways); i++) {
		struct program p, q;

		assert_int_equal(with_line(&p, "open sesame\nnot read\n", ways[i]), 0);
		assert_memory_equal(p.text, begins[i], strlen(begins[i]));
		assert_int_equal(p.text[p.len - 1], '\n');
		p.text[p.len - 1] = '\0';
		assert_int_equal(with_line(&q, "open sesame\n", ARGS("--verify", p.text)), 0);
		assert_int_equal(with_line(&q, "open sesame", ARGS("--verify", p.text)), 0);
		assert_int_equal(with_line(&q, "open sesame \n", ARGS("--verify", p.text)), 1);
		assert_int_equal(with_line(&q, "\n", ARGS("--verify", p.text)), 1);
		assert_int_equal(q.len, 0);
	}
}

/* What somebody gets who says nothing about cost; and no two strings are the same. */
static void by_default(void **state)
{
	struct program p, q;

	(void)state;
	assert_int_equal(with_line(&p, "x\n", (const char *const[]){"passwd", NULL}), 0);
	assert_memory_equal(p.text, "$scrypt$ln=17,r=8,p=1$", 22);
	assert_int_equal(with_line(&p, "x\n", ARGS("--kind", "pbkdf2-sha256")), 0);
	assert_memory_equal(p.text, "$pbkdf2-sha256$600000$", 22);
	assert_int_equal(with_line(&q, "x\n", ARGS("--kind", "pbkdf2-sha256")), 0);
	assert_string_not_equal(p.text, q.text);
}

static void tokens(void **state)
{
	struct program p, q, r;
	char *string;

	(void)state;
	assert_int_equal(with_line(&p, "", ARGS("--token")), 0);
	assert_int_equal(with_line(&q, "", ARGS("--token")), 0);
	assert_true(memcmp(p.text, q.text, 26) != 0);
	assert_int_equal(strspn(p.text, "abcdefghijklmnopqrstuvwxyz234567"), 26);
	string = strchr(p.text, '\n') + 1;
	assert_ptr_equal(string, p.text + 27);
	*strchr(string, '\n') = '\0';
	string[-1] = '\0';
	assert_int_equal(with_line(&r, p.text, ARGS("--verify", string)), 0);
	assert_int_equal(with_line(&r, q.text, ARGS("--verify", string)), 1);
}

static void refused(void **state)
{
	const struct {
		const char *const *args;
		const char *line;
		int status;
		const char *said;
	} cases[] = {
		{ARGS("--ln", "21"), "x\n", EX_USAGE, "--ln 21: a number from 1 to 20"},
		{ARGS("--ln", "x"), "x\n", EX_USAGE, "--ln x: a number"},
		{ARGS("--iterations", "999"), "x\n", EX_USAGE, "a number from 1000 to"},
		{ARGS("--iterations", "-1000"), "x\n", EX_USAGE, "a number from 1000 to"},
		{ARGS("--kind", "md5"), "x\n", EX_USAGE, "scrypt or pbkdf2-sha256"},
		{ARGS("--kind", "scrypt", "--iterations", "1000"), "x\n", EX_USAGE, "is of scrypt"},
		{ARGS("--token", "--ln", "4"), "x\n", EX_USAGE, "usage:"},
		{ARGS("--nonsense"), "x\n", EX_USAGE, "unrecognized option"},
		{ARGS("secret"), "x\n", EX_USAGE, "usage:"},
		{ARGS("--ln", "4"), "", EX_NOINPUT, "no password"},
		{ARGS("--ln", "4"), "\n", EX_NOINPUT, "is empty"},
		{ARGS("--verify", "$scrypt$ln=x"), "x\n", EX_DATAERR, "octet 11 of the string"},
		{ARGS("--verify", "$scrypt$ln=40,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$"
				  "TQunj4CRLbMRK7Ef4MP5kA"),
			"x\n", EX_DATAERR, "it costs more than is allowed"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct program p;

		assert_int_equal(with_line(&p, cases[i].line, cases[i].args), cases[i].status);
		if (strstr(p.text, cases[i].said) == NULL)
			fail_msg("%s, not %s", p.text, cases[i].said);
	}
}

/* Cut short without a word, a long password would be another one. */
static void too_long(void **state)
{
	static char line[GYL_PASSWD_MAX + 3];
	struct program p;

	(void)state;
	memset(line, 'x', sizeof line - 1);
	line[GYL_PASSWD_MAX] = '\n';
	line[GYL_PASSWD_MAX + 1] = '\0';
	assert_int_equal(with_line(&p, line, ARGS("--ln", "4")), 0);
	line[GYL_PASSWD_MAX] = 'x';
	assert_int_equal(with_line(&p, line, ARGS("--ln", "4")), EX_NOINPUT);
	assert_non_null(strstr(p.text, "longer than 1024 octets"));
}

static bool echoes(const struct program *p)
{
	struct termios t;

	assert_int_equal(tcgetattr(p->tty, &t), 0);
	return (t.c_lflag & ECHO) != 0;
}

static void at_a_terminal(void **state)
{
	struct program p, q;
	char *string;
	int status;

	(void)state;
	start_at_terminal(&p, ARGS("--ln", "4"));
	expect(&p, "Password: ");
	assert_false(echoes(&p));
	say(&p, "open sesame\n");
	expect(&p, "Once more: ");
	say(&p, "open sesame\n");
	expect(&p, "$scrypt$");
	assert_true(echoes(&p));
	status = finish(&p);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_null(strstr(p.text, "sesame"));
	string = strstr(p.text, "$scrypt$");
	*strchr(string, '\r') = '\0';
	assert_int_equal(with_line(&q, "open sesame\n", ARGS("--verify", string)), 0);
}

static void two_that_differ(void **state)
{
	struct program p;
	int status;

	(void)state;
	start_at_terminal(&p, ARGS("--ln", "4"));
	expect(&p, "Password: ");
	say(&p, "open sesame\n");
	expect(&p, "Once more: ");
	say(&p, "open barley\n");
	expect(&p, "the two differ");
	status = finish(&p);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EX_NOINPUT);
}

/* Interrupted: it ends by the signal, and the terminal echoes again. */
static void interrupted(void **state)
{
	struct program p;
	int status;

	(void)state;
	start_at_terminal(&p, ARGS("--ln", "4"));
	expect(&p, "Password: ");
	say(&p, "open\003");
	assert_int_equal(waitpid(p.pid, &status, 0), p.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	assert_true(echoes(&p));
	close(p.tty);
	close(p.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_and_verified),
		cmocka_unit_test(by_default),
		cmocka_unit_test(tokens),
		cmocka_unit_test(refused),
		cmocka_unit_test(too_long),
		cmocka_unit_test(at_a_terminal),
		cmocka_unit_test(two_that_differ),
		cmocka_unit_test(interrupted),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
