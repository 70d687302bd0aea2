/* SPDX-License-Identifier: ISC */

/* Passwords from terminals, files and descriptors. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "services/base/secret.h"
#include "tests/support/support.h"

enum {
	CAP = 9
};

/* What the program behind the terminal got, or why it did not. */
struct got {
	bool good;
	char buf[CAP], err[200];
};

/* In a session of its own, whose terminal is the other end. */
static void child(int terminal, int result)
{
	struct termios before, after;
	struct got g = {0};

	setsid();
	signal(SIGINT, SIG_IGN); /* it comes back to us, and we go on */
	ioctl(terminal, TIOCSCTTY, 0);
	tcgetattr(terminal, &before);
	memset(g.buf, 'x', sizeof g.buf);
	g.good = gyl_secret_ask("Password: ", g.buf, sizeof g.buf, g.err);
	tcgetattr(terminal, &after);
	if (before.c_lflag != after.c_lflag)
		snprintf(g.err, sizeof g.err, "the terminal is not what it was");
	_exit(write(result, &g, sizeof g) == (ssize_t)sizeof g ? 0 : 1);
}

/* Type keys once asked; what the terminal shows goes to shown. */
static struct got type(const char *keys, char shown[100])
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, result[2], status;
	struct got g = {0};
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	assert_int_equal(pipe(result), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(slave, result[1]);
	while (len < 10 && (n = read(master, shown + len, 99 - len)) > 0)
		len += (size_t)n;
	assert_int_equal(write(master, keys, strlen(keys)), strlen(keys));
	assert_int_equal(read(result[0], &g, sizeof g), sizeof g);
	fcntl(master, F_SETFL, O_NONBLOCK);
	while ((n = read(master, shown + len, 99 - len)) > 0)
		len += (size_t)n;
	shown[len] = '\0';
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(master);
	close(slave);
	close(result[0]);
	close(result[1]);
	return g;
}

static void a_terminal_shows_nothing(void **state)
{
	static const struct {
		const char *keys, *password, *err;
	} rows[] = {
		{"geheim\r", "geheim", ""},
		{"geheim\n", "geheim", ""},
		{"gx\177\177geheim\r", "geheim", ""},
		{"falsch\025gut\r", "gut", ""},
		{"12345678\r", "12345678", ""},
		{"\r", "", ""},
		{"123456789\r", NULL, "terminal: the password is longer than 8 octets"},
		{"\004", NULL, "terminal: no password"},
		{"gehe\003", NULL, "terminal: interrupted"},
	};
	static const char nothing[CAP];
	char shown[100];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		struct got g = type(rows[i].keys, shown);

		assert_string_equal(g.err, rows[i].err);
		assert_int_equal(g.good, rows[i].password != NULL);
		if (g.good)
			assert_string_equal(g.buf, rows[i].password);
		else
			assert_memory_equal(g.buf, nothing, CAP);
		assert_null(strpbrk(shown + strlen("Password: "), "abcdefghijklmnopqrstuvwxyz123"));
	}
}

static void a_file_has_it_in_its_first_line(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *password, *err;
	} rows[] = {
		{"geheim\nand more", 15, "geheim", ""},
		{"geheim", 6, "geheim", ""},
		{" a b \r\n", 7, " a b \r", ""},
		{"12345678\n", 9, "12345678", ""},
		{"123456789\n", 10, NULL, "F: the password is longer than 8 octets"},
		{"\n", 1, "", ""},
		{"", 0, NULL, "F: no password"},
		{"a\0b\n", 4, NULL, "F: a password has no NUL in it"},
	};
	static const char nothing[CAP];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		char buf[CAP], err[200] = "";
		int fd[2];
		bool good;

		memset(buf, 'x', sizeof buf);
		assert_int_equal(pipe(fd), 0);
		assert_int_equal(write(fd[1], rows[i].text, rows[i].len), rows[i].len);
		close(fd[1]);
		good = gyl_secret_read(fd[0], "F", buf, sizeof buf, err);
		close(fd[0]);
		assert_string_equal(err, rows[i].err);
		assert_int_equal(good, rows[i].password != NULL);
		if (good)
			assert_string_equal(buf, rows[i].password);
		else
			assert_memory_equal(buf, nothing, CAP);
	}
}

static void a_missing_file_is_told(void **state)
{
	char buf[CAP], err[200];

	(void)state;
	assert_false(gyl_secret_file("/no/such/file", buf, sizeof buf, err));
	assert_string_equal(err, "/no/such/file: No such file or directory");
}

static void a_secret_that_others_may_read_is_refused(void **state)
{
	static const struct {
		mode_t mode;
		bool good;
	} cases[] = {{0600, true}, {0400, true}, {0640, false}, {0604, false}, {0620, false},
		{0610, false}};
	char path[] = "/tmp/secret-XXXXXX", buf[64], err[200];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && write(fd, "known to two\n", 13) == 13);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(fchmod(fd, cases[i].mode), 0);
		memset(buf, 'x', sizeof buf);
		assert_int_equal(gyl_secret_private(path, buf, sizeof buf, err), cases[i].good);
		if (cases[i].good)
			assert_string_equal(buf, "known to two");
		else
			assert_true(buf[0] == '\0' && strstr(err, "chmod 600") != NULL);
	}
	close(fd);
	unlink(path);
	assert_false(gyl_secret_private("/tmp", buf, sizeof buf, err));
	assert_false(gyl_secret_private("/dev/zero", buf, sizeof buf, err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_shows_nothing),
		cmocka_unit_test(a_file_has_it_in_its_first_line),
		cmocka_unit_test(a_missing_file_is_told),
		cmocka_unit_test(a_secret_that_others_may_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
