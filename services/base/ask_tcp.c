/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <gyl/ct.h>
#include <gyl/json.h>
#include <gyl/text.h>
#include <jansson.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "services/base/ask_own.h"
#include "services/base/control.h"
#include "services/base/secret.h"

enum {
	CONNECT_S = 10,
	VERIFY_S = 120, /* others may be before us, and each may take seconds */
	AUTH_MAX = 6 * GYL_CONTROL_PASSWORD_MAX + 100,
	ANSWER_MAX = 4096
};

bool gyl__ask_is_tcp(const char *at)
{
	return strchr(at, ':') != NULL && strchr(at, '/') == NULL;
}

static int fail(int fd, const char *at, const char *why)
{
	fprintf(stderr, "guyline: %s: %s\n", at, why);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* ---- connecting ---- */

static bool time_out(int fd, int option, int seconds)
{
	const struct timeval tv = {.tv_sec = seconds};

	return setsockopt(fd, SOL_SOCKET, option, &tv, sizeof tv) == 0;
}

static int try_address(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, ai->ai_protocol);
	int err;

	if (fd < 0)
		return -1;
	if (time_out(fd, SO_SNDTIMEO, CONNECT_S) && connect(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
		time_out(fd, SO_SNDTIMEO, 0))
		return fd;
	err = errno == EINPROGRESS ? ETIMEDOUT : errno;
	close(fd);
	errno = err;
	return -1;
}

static int connect_any(const char *at)
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	const char *colon = strrchr(at, ':');
	struct addrinfo *list = NULL;
	char host[256];
	int fd = -1, err;

	snprintf(host, sizeof host, "%.*s", (int)(colon - at), at);
	err = getaddrinfo(host, colon + 1, &hints, &list);
	if (err != 0)
		return fail(-1, at, gai_strerror(err));
	for (const struct addrinfo *ai = list; ai != NULL && fd < 0; ai = ai->ai_next)
		fd = try_address(ai);
	err = errno;
	freeaddrinfo(list);
	if (fd < 0)
		fprintf(stderr,
			"guyline: %s: %s; is it a place of \"control\" in a daemon there?\n", at,
			strerror(err));
	return fd;
}

/* ---- the password ---- */

/* Before connecting: the daemon does not wait for somebody who types. */
static bool find_password(const struct gyl_ask *a, const char *at,
	char password[GYL_CONTROL_PASSWORD_MAX + 1], char err[200])
{
	const char *env = getenv("GUYLINE_PASSWORD");
	const size_t cap = GYL_CONTROL_PASSWORD_MAX + 1;
	char prompt[300];

	if (a->password_file != NULL)
		return gyl_secret_file(a->password_file, password, cap, err);
	if (env != NULL && strlen(env) < cap) {
		memcpy(password, env, strlen(env) + 1);
		return true;
	}
	if (env != NULL) {
		snprintf(err, 200, "GUYLINE_PASSWORD: the password is too long");
		return false;
	}
	snprintf(prompt, sizeof prompt, "Password for %.200s: ", at);
	if (gyl_secret_ask(prompt, password, cap, err))
		return true;
	snprintf(err + strlen(err), 200 - strlen(err),
		"; --password-file or GUYLINE_PASSWORD give it, too");
	return false;
}

static bool send_auth(int fd, const char *password)
{
	char line[AUTH_MAX];
	struct gyl_writer w;
	struct gyl_json j;
	size_t done = 0;
	ssize_t n = 0;

	gyl_writer_init(&w, line, sizeof line);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_json_u64(&j, "v", GYL_CONTROL_VERSION);
	gyl_json_cstr(&j, "do", "auth");
	gyl_json_cstr(&j, "password", password);
	gyl_json_end(&j);
	gyl_text_char(&w, '\n');
	errno = EMSGSIZE;
	while (gyl_writer_ok(&w) && w.len < GYL_CONTROL_LINE_MAX && n >= 0 && done < w.len) {
		n = send(fd, line + done, w.len - done, MSG_NOSIGNAL);
		done += n < 0 ? 0 : (size_t)n;
	}
	gyl_wipe(line, sizeof line);
	return done != 0 && done == w.len;
}

/* One line, and not an octet more: what follows is for others to read. */
static bool read_line(int fd, char line[ANSWER_MAX])
{
	size_t len = 0;

	while (len + 1 < ANSWER_MAX && recv(fd, line + len, 1, 0) == 1)
		if (line[len++] == '\n')
			break;
	line[len] = '\0';
	return len != 0;
}

static bool is_let_in(int fd, const char *at, int *ret_status)
{
	char line[ANSWER_MAX];
	const char *error;
	json_t *answer;
	bool good;

	if (!time_out(fd, SO_RCVTIMEO, VERIFY_S) || !read_line(fd, line)) {
		fprintf(stderr, "guyline: %s: the daemon closed the connection unasked\n", at);
		return false;
	}
	answer = json_loads(line, 0, NULL);
	error = json_string_value(json_object_get(answer, "error"));
	good = json_is_true(json_object_get(answer, "end"));
	if (!good) {
		fprintf(stderr, "guyline: %s: %s\n", at,
			error == NULL ? "no daemon of ours" : error);
		*ret_status = error == NULL ? EX_UNAVAILABLE : EX_NOPERM;
	}
	json_decref(answer);
	return good && time_out(fd, SO_RCVTIMEO, 0);
}

int gyl__ask_tcp(const struct gyl_ask *a, const char *at, int *ret_status)
{
	char password[GYL_CONTROL_PASSWORD_MAX + 1], err[200];
	bool sent;
	int fd;

	*ret_status = EX_NOPERM;
	if (!find_password(a, at, password, err))
		return fail(-1, at, err);
	*ret_status = EX_UNAVAILABLE;
	fd = connect_any(at);
	sent = fd >= 0 && send_auth(fd, password);
	gyl_wipe(password, sizeof password);
	if (fd < 0)
		return -1;
	if (!sent)
		return fail(fd, at, strerror(errno));
	if (is_let_in(fd, at, ret_status))
		return fd;
	close(fd);
	return -1;
}
