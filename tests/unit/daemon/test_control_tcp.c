/* SPDX-License-Identifier: ISC */

/* The control protocol over TCP: passwords, the queue, who has to wait, who is too slow. */

#include <errno.h>
#include <signal.h>

#include "tests/unit/daemon/control_world.h"
#include "tests/unit/daemon/stored.h"

#define AUTH(password) "{\"id\":3,\"do\":\"auth\",\"password\":\"" password "\"}\n"
#define LET_IN         "{\"id\":3,\"end\":true}\n"
#define WRONG          "{\"id\":3,\"error\":\"wrong password\"}\n"

/* What the log would hear. */
static struct heard {
	unsigned in_cnt, refused_cnt;
	uint64_t failures;
	uint32_t ip;
	char reason[100];
} heard;

static void hear(void *arg, const struct gyl_event *e)
{
	struct gyl_view reason = gyl_view(NULL, 0);
	uint64_t ip = 0;

	(void)arg;
	if (e->kind != GYL_EV_BASE_AUTH && e->kind != GYL_EV_BASE_AUTH_FAILED)
		return;
	heard.in_cnt += e->kind == GYL_EV_BASE_AUTH;
	heard.refused_cnt += e->kind == GYL_EV_BASE_AUTH_FAILED;
	assert_true(gyl_event_get_u64(e, "ip", &ip));
	heard.ip = (uint32_t)ip;
	if (e->kind != GYL_EV_BASE_AUTH_FAILED)
		return;
	heard.failures = 0;
	gyl_event_get_u64(e, "failures", &heard.failures);
	assert_true(gyl_event_get_str(e, "reason", &reason));
	snprintf(
		heard.reason, sizeof heard.reason, "%.*s", (int)reason.len, (const char *)reason.p);
}

static void set_password(struct world *w, const char *password, unsigned ln)
{
	const char *text = stored(password, ln);

	gyl_control_passwords(w->a.control, &text, 1);
	free((void *)(uintptr_t)text);
}

static int open_door(void **state)
{
	struct world *w;

	assert_int_equal(world_open(state), 0);
	w = *state;
	set_password(w, "geheim", 0);
	memset(&heard, 0, sizeof heard);
	assert_true(gyl_run_sink(&w->a.run, hear, NULL, NULL));
	return 0;
}

static unsigned guest_cnt(const struct world *w)
{
	unsigned cnt = 0;

	for (int i = 0; i < GYL_CONTROL_GUEST_MAX; i++)
		cnt += w->a.control->door.guest[i] != NULL;
	return cnt;
}

static bool is_closed(struct world *w, int fd)
{
	char octet;

	serve(&w->a, 3);
	return read(fd, &octet, 1) == 0 || errno == ECONNRESET;
}

static void the_right_password_opens(void **state)
{
	static const char *const rows[] = {AUTH("geheim"),
		"{\"v\":1,\"id\":3,\"do\":\"auth\",\"token\":\"geheim\"}\r\n",
		"{\"password\":\"\\u0067eheim\",\"do\":\"auth\",\"id\":3,\"more\":[{}]}\n"};
	struct world *w = *state;

	for (unsigned i = 0; i < TEST_CNT(rows); i++) {
		int fd = tcp_open(w, 0x7f000002);

		assert_string_equal(ask(w, fd, rows[i]), LET_IN);
		assert_int_equal(heard.in_cnt, i + 1);
		assert_int_equal(heard.ip, 0x7f000002);
		assert_non_null(strstr(ask(w, fd, "{\"id\":9,\"do\":\"status\"}\n"),
			"\"guests\":0,\"guests_let_in\":"));
		assert_string_equal(ask(w, fd, AUTH("again, whatever")), LET_IN);
		assert_int_equal(guest_cnt(w), 0);
		close(fd);
	}
	assert_int_equal(heard.refused_cnt, 0);
}

static void a_unix_socket_asks_for_none(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);

	assert_string_equal(ask(w, fd, "{\"id\":3,\"do\":\"reload\"}\n"), LET_IN);
	assert_string_equal(ask(w, fd, AUTH("")), LET_IN);
	close(fd);
}

static void requests_may_come_with_the_password(void **state)
{
	struct world *w = *state;
	int fd = tcp_open(w, INADDR_LOOPBACK);
	static const char request[] =
		AUTH("geheim") "{\"id\":4,\"do\":\"reload\"}\n{\"id\":5,\"do\"";

	assert_string_equal(ask(w, fd, request), LET_IN "{\"id\":4,\"end\":true}\n");
	assert_string_equal(ask(w, fd, ":\"reload\"}\n"), "{\"id\":5,\"end\":true}\n");
	close(fd);
	fd = tcp_open(w, INADDR_LOOPBACK);
	assert_int_equal(write(fd, request, sizeof request - 13), sizeof request - 13);
	shutdown(fd, SHUT_WR); /* as nc -N does */
	assert_string_equal(ask(w, fd, ""), LET_IN "{\"id\":4,\"end\":true}\n");
	assert_true(is_closed(w, fd));
	close(fd);
}

static void nothing_else_is_heard_before(void **state)
{
	static char huge[GYL_CONTROL_LINE_MAX + 2], long_one[GYL_CONTROL_PASSWORD_MAX + 60];
	static const char *const rows[] = {"{\"id\":3,\"do\":\"reload\"}\n", "\n",
		"GET / HTTP/1.1\r\n", "[]\n", "{\"do\":\"auth\"}\n",
		"{\"do\":\"auth\",\"password\":7}\n",
		"{\"do\":\"auth\",\"password\":\"gehe\\u0000im\"}\n",
		"{\"v\":2,\"do\":\"auth\",\"password\":\"geheim\"}\n", huge, long_one};
	struct world *w = *state;

	memset(huge, ' ', sizeof huge - 1);
	snprintf(long_one, sizeof long_one, "{\"do\":\"auth\",\"password\":\"%01025d\"}\n", 0);
	for (unsigned i = 0; i < TEST_CNT(rows); i++) {
		int fd = tcp_open(w, INADDR_LOOPBACK);
		const char *r = ask(w, fd, rows[i]);

		if (strstr(r, "\"error\":\"the first request here is {\\\"do\\\":\\\"auth\\\"") ==
			NULL)
			fail_msg("%s -> %s", rows[i], r);
		assert_true(is_closed(w, fd));
		close(fd);
		assert_int_equal(heard.refused_cnt, i + 1);
		assert_string_equal(heard.reason, "did not send a password");
	}
	assert_int_equal(w->a.reload_cnt, 0);
	assert_int_equal(gyl_limit_wait_ns(&w->a.control->door.limit, INADDR_LOOPBACK, 1), 0);
}

static void a_wrong_password_is_refused_and_forgotten(void **state)
{
	static const char zero[GYL_CONTROL_PASSWORD_MAX];
	struct world *w = *state;
	int fd = tcp_open(w, INADDR_LOOPBACK);

	assert_string_equal(ask(w, fd, AUTH("geheimnis")), WRONG);
	assert_string_equal(heard.reason, "wrong password");
	assert_int_equal(heard.failures, 1);
	assert_int_equal(guest_cnt(w), 1); /* it may read why for a while */
	for (int i = 0; i < GYL_CONTROL_GUEST_MAX; i++) {
		const struct gyl_guest *g = w->a.control->door.guest[i];

		if (g == NULL)
			continue;
		assert_memory_equal(g->password, zero, sizeof g->password);
		assert_null(memmem(g->line, sizeof g->line, "geheimnis", 9));
	}
	assert_true(is_closed(w, fd));
	assert_int_equal(write(fd, "more\n", 5), 5); /* into the void */
	close(fd);
	serve(&w->a, 3);
	assert_int_equal(guest_cnt(w), 0);
}

static void who_reads_and_does_not_go_is_put_out(void **state)
{
	struct world *w = *state;
	int fd = tcp_open(w, INADDR_LOOPBACK);

	assert_string_equal(ask(w, fd, AUTH("x")), WRONG);
	serve(&w->a, 100);
	assert_int_equal(guest_cnt(w), 1);
	serve(&w->a, 600); /* 2 ms each */
	assert_int_equal(guest_cnt(w), 0);
	close(fd);
}

static void guessing_is_slowed_down(void **state)
{
	struct world *w = *state;
	const char *r;

	for (unsigned i = 1; i <= GYL_LIMIT_FREE; i++) {
		int fd = tcp_open(w, 0x7f000005);

		assert_string_equal(ask(w, fd, AUTH("guess")), WRONG);
		assert_int_equal(heard.failures, i);
		close(fd);
	}
	for (int i = 0; i < 2; i++) { /* the right one has to wait, too */
		int fd = tcp_open(w, 0x7f000005);

		r = ask(w, fd, AUTH("geheim"));
		assert_string_equal(r,
			"{\"id\":3,\"error\":\"too many wrong passwords from your address; try again in 1 s\"}\n");
		assert_string_equal(heard.reason, "has to wait");
		close(fd);
		fd = tcp_open(w, 0x7f000006); /* others need not */
		assert_string_equal(ask(w, fd, AUTH("geheim")), LET_IN);
		close(fd);
	}
	serve(&w->a, 600);
	for (int i = 0; i < 2; i++) {
		int fd = tcp_open(w, 0x7f000005);

		assert_string_equal(
			ask(w, fd, i == 0 ? AUTH("geheim") : AUTH("x")), i == 0 ? LET_IN : WRONG);
		close(fd);
	}
	assert_int_equal(heard.failures, 1); /* the success was a new beginning */
}

/* Many guesses at once are no way around it. */
static void the_queue_counts_as_well(void **state)
{
	struct world *w = *state;
	int fd[GYL_CONTROL_GUEST_MAX / 2];

	set_password(w, "geheim", 13);
	for (unsigned i = 0; i < TEST_CNT(fd); i++) {
		fd[i] = tcp_open(w, INADDR_LOOPBACK);
		assert_int_equal(
			write(fd[i], AUTH("guess"), strlen(AUTH("guess"))), strlen(AUTH("guess")));
		serve(&w->a, 2);
	}
	for (int i = 0; i < 2000 && heard.refused_cnt < TEST_CNT(fd); i++)
		serve(&w->a, 1);
	for (unsigned i = 0; i < TEST_CNT(fd); i++) { /* first come, first served */
		const char *r = ask(w, fd[i], "");

		assert_non_null(
			strstr(r, i < GYL_LIMIT_FREE ? "wrong password\"" : "try again in 1 s"));
		close(fd[i]);
	}
}

static void places_for_guests_are_few(void **state)
{
	struct world *w = *state;
	int fd[GYL_CONTROL_GUEST_MAX], other;

	for (int i = 0; i < GYL_CONTROL_GUEST_MAX / 2; i++)
		fd[i] = tcp_open(w, INADDR_LOOPBACK);
	serve(&w->a, 5);
	other = tcp_open(w, INADDR_LOOPBACK);
	assert_non_null(strstr(ask(w, other, ""), "too many are asking; try again"));
	close(other);
	for (int i = GYL_CONTROL_GUEST_MAX / 2; i < GYL_CONTROL_GUEST_MAX; i++)
		fd[i] = tcp_open(w, 0x7f000009);
	serve(&w->a, 5);
	assert_int_equal(guest_cnt(w), GYL_CONTROL_GUEST_MAX);
	other = tcp_open(w, 0x7f00000a);
	assert_non_null(strstr(ask(w, other, ""), "too many are asking; try again"));
	close(other);
	assert_int_equal(w->a.control->door.full_cnt, 2);
	close(fd[0]); /* one goes, one may come */
	serve(&w->a, 3);
	fd[0] = tcp_open(w, 0x7f00000a);
	assert_string_equal(ask(w, fd[0], AUTH("geheim")), LET_IN);
	for (int i = 0; i < GYL_CONTROL_GUEST_MAX; i++)
		close(fd[i]);
}

static uint64_t now_ns(void)
{
	struct gyl_now now;

	gyl_loop_now(&now);
	return now.mono_ns;
}

/* How long it took has a lower bound only: a busy machine is late with everything. */
static void who_says_nothing_is_sent_away(void **state)
{
	static const char *const rows[] = {"", "{\"do\":\"auth\","};
	struct world *w = *state;

	assert_int_equal(w->a.control->door.handshake.tv_sec, GYL_CONTROL_HANDSHAKE_S);
	w->a.control->door.handshake = (struct timeval){.tv_usec = 60000};
	for (unsigned i = 0; i < TEST_CNT(rows); i++) {
		uint64_t start_ns = now_ns();
		int fd = tcp_open(w, INADDR_LOOPBACK);

		assert_int_equal(write(fd, rows[i], strlen(rows[i])), strlen(rows[i]));
		for (int turn = 0; turn < 1500 && heard.refused_cnt == i; turn++)
			serve(&w->a, 1);
		assert_true(now_ns() - start_ns > 50000000); /* libevent's clock is a coarse one */
		assert_int_equal(guest_cnt(w), 1);
		assert_string_equal(
			ask(w, fd, ""), "{\"id\":0,\"error\":\"no request came in time\"}\n");
		assert_true(is_closed(w, fd));
		assert_string_equal(heard.reason, "did not send a password in time");
		close(fd);
		serve(&w->a, 3);
		assert_int_equal(guest_cnt(w), 0);
	}
}

/* Guesses that are hung up on count as well. */
static void hanging_up_does_not_undo_a_guess(void **state)
{
	struct world *w = *state;
	int fd = tcp_open(w, INADDR_LOOPBACK);

	set_password(w, "geheim", 13);
	assert_int_equal(write(fd, AUTH("x"), strlen(AUTH("x"))), strlen(AUTH("x")));
	serve(&w->a, 2);
	close(fd);
	for (int i = 0; i < 1000 && heard.refused_cnt == 0; i++)
		serve(&w->a, 1);
	assert_int_equal(heard.failures, 1);
	serve(&w->a, 3);
	assert_int_equal(guest_cnt(w), 0);
}

/* N = 2^14 is 40 ms of work at least: others are answered between its slices. */
static void others_are_served_meanwhile(void **state)
{
	struct world *w = *state;
	int fd = tcp_open(w, INADDR_LOOPBACK), local = client_open(w);
	unsigned turns = 0;
	char octet;

	set_password(w, "geheim", 14);
	assert_int_equal(write(fd, AUTH("geheim"), strlen(AUTH("geheim"))), strlen(AUTH("geheim")));
	serve(&w->a, 3);
	assert_false(gyl_auth_idle(&w->a.control->door.auth));
	assert_string_equal(ask(w, local, "{\"id\":3,\"do\":\"reload\"}\n"), LET_IN);
	for (; turns < 5000 && read(fd, &octet, 1) != 1; turns++)
		serve(&w->a, 1);
	assert_in_range(turns, 10, 4999);
	assert_true(gyl_auth_idle(&w->a.control->door.auth));
	assert_int_equal(w->a.control->door.auth.scratch_len, 0);
	close(fd);
	close(local);
}

static void a_new_password_puts_everybody_out(void **state)
{
	struct world *w = *state;
	int in = tcp_open(w, INADDR_LOOPBACK), waits = tcp_open(w, INADDR_LOOPBACK),
	    local = client_open(w);

	assert_string_equal(ask(w, in, AUTH("geheim")), LET_IN);
	set_password(w, "geheim", 0); /* the same */
	assert_string_equal(ask(w, in, "{\"id\":3,\"do\":\"reload\"}\n"), LET_IN);
	set_password(w, "geheim", 14);
	assert_true(is_closed(w, in));
	assert_int_equal(
		write(waits, AUTH("geheim"), strlen(AUTH("geheim"))), strlen(AUTH("geheim")));
	serve(&w->a, 3);
	set_password(w, "anders", 0);
	for (int i = 0; i < 1000 && heard.refused_cnt == 0; i++)
		serve(&w->a, 1);
	assert_string_equal(ask(w, waits, ""), WRONG);
	assert_string_equal(ask(w, local, "{\"id\":3,\"do\":\"reload\"}\n"), LET_IN);
	close(in);
	close(waits);
	close(local);
}

static void the_end_may_come_at_any_time(void **state)
{
	struct world *w = *state;
	int fd = tcp_open(w, INADDR_LOOPBACK), queued = tcp_open(w, INADDR_LOOPBACK),
	    silent = tcp_open(w, INADDR_LOOPBACK);

	set_password(w, "geheim", 14);
	assert_int_equal(write(fd, AUTH("x"), strlen(AUTH("x"))), strlen(AUTH("x")));
	assert_int_equal(write(queued, AUTH("x"), strlen(AUTH("x"))), strlen(AUTH("x")));
	serve(&w->a, 3);
	assert_false(gyl_auth_idle(&w->a.control->door.auth));
	close(fd);
	close(queued);
	close(silent);
} /* world_close() does the rest */

static void a_port_in_use_is_told(void **state)
{
	struct world *w = *state;
	struct gyl_control_conf cf = w->a.control->cf;
	struct gyl_control_place place = {
		.ip = INADDR_LOOPBACK, .port = gyl_control_port(w->a.control)};
	char err[200] = "";

	cf.place = &place;
	cf.place_cnt = 1;
	assert_null(gyl_control_open(&cf, err));
	assert_non_null(strstr(err, "control: cannot listen on TCP port "));
	assert_non_null(strstr(err, "Address already in use"));
	place.ip = 0xcb007101; /* 203.0.113.1, nobody's */
	assert_null(gyl_control_open(&cf, err));
	assert_non_null(strstr(err, "no interface that is up has this address"));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_door, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_right_password_opens),
		T(a_unix_socket_asks_for_none),
		T(requests_may_come_with_the_password),
		T(nothing_else_is_heard_before),
		T(a_wrong_password_is_refused_and_forgotten),
		T(who_reads_and_does_not_go_is_put_out),
		T(guessing_is_slowed_down),
		T(the_queue_counts_as_well),
		T(places_for_guests_are_few),
		T(who_says_nothing_is_sent_away),
		T(hanging_up_does_not_undo_a_guess),
		T(others_are_served_meanwhile),
		T(a_new_password_puts_everybody_out),
		T(the_end_may_come_at_any_time),
		T(a_port_in_use_is_told),
	};

	signal(SIGPIPE, SIG_IGN); /* as in the daemon */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
