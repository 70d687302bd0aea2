/* SPDX-License-Identifier: ISC */

/* A control socket over a simulated world: answers, snapshots, following, feeds, and clients that
 * misbehave. */

#include <errno.h>
#include <signal.h>

#include <event2/buffer.h>
#include <sys/resource.h>

#include "services/base/feed.h"
#include "tests/unit/daemon/control_world.h"

static void requests_are_answered_with_their_id(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	const char *r = ask(w, fd, "{\"v\":1,\"id\":7,\"do\":\"status\"}\n");

	assert_non_null(strstr(r, "{\"id\":7,\"data\":{\"program\":\"test\",\"version\":\"1.2\""));
	assert_non_null(strstr(r, "\"address\":\"10.77.0.1\",\"prefix\":24"));
	assert_non_null(strstr(r, "\"in\":42"));
	assert_non_null(strstr(r, "{\"id\":7,\"end\":true}\n"));
	assert_non_null(strstr(ask(w, fd, "{\"id\":8,\"do\":\"log\",\"arg\":\"two\"}\n"),
		"{\"id\":8,\"data\":{\"msg\":\"one\"}}\n{\"id\":8,\"data\":{\"msg\":\"two\"}}\n{\"id\":8,\"end\":true}\n"));
	assert_non_null(strstr(ask(w, fd, "{\"do\":\"reload\"}\n"), "{\"id\":0,\"end\":true}\n"));
	assert_int_equal(w->a.reload_cnt, 1);
	close(fd);
}

static void mistakes_get_a_sentence(void **state)
{
	static const struct {
		const char *request, *reply;
	} cases[] = {
		{"{\"do\":\"stauts\"}\n", "no verb \\\"stauts\\\" here"},
		{"nonsense\n", "expected one JSON object a line"},
		{"[]\n", "not an object"},
		{"{\"v\":2,\"do\":\"status\"}\n", "speaks version 1"},
		{"{\"do\":\"events\",\"source\":\"moon\"}\n", "no source \\\"moon\\\""},
		{"{\"do\":\"events\",\"source\":\"dns\",\"snapshot\":true}\n",
			"dns does not run in this process"},
		{"{\"do\":\"level\",\"set\":\"dns=loud\"}\n", "not \\\"dns=loud\\\""},
		{"{\"do\":\"store.get\",\"key\":\"no/such\"}\n", "no/such: "},
	};
	struct world *w = *state;
	int fd = client_open(w);

	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		const char *r = ask(w, fd, cases[i].request);

		if (strstr(r, cases[i].reply) == NULL || strstr(r, "\"error\"") == NULL)
			fail_msg("%s -> %s", cases[i].request, r);
	}
	close(fd);
}

static void a_snapshot_is_the_state_and_ends(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	const char *r = ask(w, fd,
		"{\"id\":1,\"do\":\"events\",\"source\":\"dhcpd\",\"kind\":\"dhcpd.lease\",\"snapshot\":true}\n");
	unsigned leases = 0;

	for (const char *at = r; (at = strstr(at, "\"event\":\"dhcpd.lease\"")) != NULL; at++)
		leases++;
	assert_int_equal(leases, 3);
	assert_null(strstr(r, "base.begin"));
	assert_non_null(strstr(r, "{\"id\":1,\"end\":true}\n"));
	close(fd);
}

static void levels_can_be_changed_while_it_runs(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);

	assert_non_null(
		strstr(ask(w, fd, "{\"do\":\"level\",\"set\":\"dns=debug\"}\n"), "dns=debug"));
	assert_int_equal(w->a.log.level[GYL_SRC_DNS], GYL_SEV_DEBUG);
	close(fd);
}

static void the_store_can_be_read(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	uint64_t seq;

	assert_int_equal(
		gyl_store_set(w->a.store, 1, gyl_view_str("a/b"), gyl_view_str("text"), &seq),
		GYL_STORE_OK);
	assert_int_equal(
		gyl_store_set(w->a.store, 1, gyl_view_str("a/c"), gyl_view("\xff\x00", 2), &seq),
		GYL_STORE_OK);
	assert_non_null(strstr(ask(w, fd, "{\"do\":\"store.ls\",\"key\":\"a\"}\n"),
		"{\"name\":\"b\",\"kind\":\"value\"}}\n{\"id\":0,\"data\":{\"name\":\"c\""));
	assert_non_null(strstr(
		ask(w, fd, "{\"do\":\"store.get\",\"key\":\"a/b\"}\n"), "\"value\":\"text\""));
	assert_non_null(strstr(
		ask(w, fd, "{\"do\":\"store.get\",\"key\":\"a/c\"}\n"), "\"value_hex\":\"ff00\""));
	assert_non_null(strstr(ask(w, fd, "{\"do\":\"store.digest\",\"key\":\"a/b\"}\n"),
		"982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1")); /* sha256("text")
										       */
	assert_non_null(strstr(
		ask(w, fd, "{\"do\":\"store.ls\",\"key\":\"a/no\"}\n"), "\"error\":\"a/no: "));
	assert_non_null(strstr(
		ask(w, fd, "{\"do\":\"store.ls\",\"kez\":\"a\"}\n"), "has no member \\\"kez\\\""));
	assert_non_null(
		strstr(ask(w, fd, "{\"do\":\"store.digest\"}\n"), "\"key\":\"\",\"sha256\":\""));
	close(fd);
}

static void who_does_not_read_is_cut_off(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	struct gyl_event e;
	char big[300];
	const char *r;

	memset(big, 'x', sizeof big);
	ask(w, fd, "{\"do\":\"events\",\"follow\":true}\n");
	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_event_str(&e, "text", gyl_view(big, sizeof big));
	for (int i = 0; i < 20000; i++) {
		gyl_run_event(&w->a.run, &e);
		if (i % 100 == 0)
			serve(&w->a, 1);
	}
	close(fd);
	fd = client_open(w);
	r = ask(w, fd, "{\"do\":\"status\"}\n");
	assert_non_null(strstr(r, "\"clients_cut_off\":1"));
	close(fd);
}

static void endless_lines_and_too_many_clients_are_refused(void **state)
{
	struct world *w = *state;
	int fd[GYL_CONTROL_CLIENT_MAX + 1];
	char big[3 * GYL_CONTROL_LINE_MAX], octet;

	memset(big, ' ', sizeof big);
	fd[0] = client_open(w);
	ask(w, fd[0], "");
	assert_int_equal(write(fd[0], big, sizeof big), sizeof big);
	serve(&w->a, 5);
	assert_true(read(fd[0], &octet, 1) <= 0 && errno != EAGAIN); /* closed, octets unread */
	close(fd[0]);
	for (int i = 0; i <= GYL_CONTROL_CLIENT_MAX; i++) {
		fd[i] = client_open(w);
		serve(&w->a, 2);
	}
	assert_int_equal(read(fd[GYL_CONTROL_CLIENT_MAX], &octet, 1), 0); /* closed at once */
	assert_non_null(strstr(ask(w, fd[0], "{\"do\":\"status\"}\n"), "\"program\""));
	for (int i = 0; i <= GYL_CONTROL_CLIENT_MAX; i++)
		close(fd[i]);
}

static void requests_in_one_piece_are_answered_in_order(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	const char *r = ask(w, fd,
		"{\"id\":1,\"do\":\"reload\"}\n"
		"{\"id\":2,\"do\":\"events\",\"source\":\"dhcpd\",\"snapshot\":true}\n"
		"{\"id\":3,\"do\":\"reload\"}\n{\"id\":4,\"do\"");
	const char *one = strstr(r, "{\"id\":1,\"end\":true}\n");
	const char *two = strstr(r, "{\"id\":2,\"end\":true}\n");
	const char *three = strstr(r, "{\"id\":3,\"end\":true}\n");

	assert_true(one != NULL && two != NULL && three != NULL && one < two && two < three);
	assert_non_null(strstr(ask(w, fd, ":\"reload\"}\n"), "{\"id\":4,\"end\":true}\n"));
	close(fd);
}

static void who_has_asked_and_ended_is_answered(void **state)
{
	static const char request[] =
		"{\"do\":\"events\",\"source\":\"dhcpd\",\"snapshot\":true}\n{\"id\":5,\"do\":\"status\"}\n";
	struct world *w = *state;
	int fd = client_open(w);
	char octet;

	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_non_null(strstr(ask(w, fd, ""), "{\"id\":5,\"end\":true}\n"));
	assert_int_equal(read(fd, &octet, 1), 0);
	assert_null(w->a.control->client[0]);
	close(fd);
}

/* 90 keys are 5 KiB an answer, and 200 requests come at once. */
static void unread_answers_do_not_pile_up(void **state)
{
	static const char request[] = "{\"do\":\"store.ls\",\"key\":\"k\"}\n";
	struct world *w = *state;
	int fd = client_open(w);
	unsigned ends = 0;
	size_t most = 0;
	char key[40];
	uint64_t seq;

	for (int i = 0; i < 90; i++) {
		snprintf(key, sizeof key, "k/%030d", i);
		assert_int_equal(
			gyl_store_set(w->a.store, 1, gyl_view_str(key), gyl_view("x", 1), &seq),
			GYL_STORE_OK);
	}
	for (int i = 0; i < 200; i++)
		assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	for (int i = 0; i < 20; i++) {
		size_t len;

		serve(&w->a, 1);
		len = evbuffer_get_length(bufferevent_get_output(w->a.control->client[0]->bev));
		most = len > most ? len : most;
	}
	assert_in_range(most, 1000, 128 << 10);
	for (int i = 0; i < 400 && ends < 190; i++) {
		const char *r = ask(w, fd, "");

		while ((r = strstr(r, "\"end\":true}\n")) != NULL) {
			ends++;
			r++;
		}
	}
	assert_in_range(ends, 190, 200); /* some are cut in two by this test's reads */
	close(fd);
}

static void odd_octets_leave_the_lines_whole(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	char request[4000] = "{\"id\":9,\"do\":\"";
	struct gyl_event e;
	const char *r;

	for (int i = 0; i < 350; i++)
		strcat(request, "\\u0001");
	r = ask(w, fd, strcat(request, "\"}\n"));
	assert_non_null(strstr(r, "here\"}\n"));
	ask(w, fd, "{\"do\":\"events\",\"follow\":true}\n");
	memset(request, 1, 383);
	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_event_str(&e, "text", gyl_view(request, 383));
	gyl_run_event(&w->a.run, &e);
	r = ask(w, fd, "");
	assert_true(strlen(r) > 383 * 6);
	assert_string_equal(r + strlen(r) - 4, "\"}}\n");
	close(fd);
}

static void nothing_but_a_dead_socket_is_replaced(void **state)
{
	struct world *w = *state;
	struct gyl_control_conf cf = w->a.control->cf;
	struct gyl_control_place place = {0};
	char path[100], err[200] = "";
	FILE *f;

	snprintf(path, sizeof path, "%s/precious", w->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	cf.place = &place;
	cf.place_cnt = 1;
	place.path = path;
	assert_null(gyl_control_open(&cf, err));
	assert_non_null(strstr(err, "precious: something that is no socket stands there"));
	assert_int_equal(unlink(path), 0); /* it is still there */
	place.path = w->path;
	assert_null(gyl_control_open(&cf, err));
	assert_non_null(strstr(err, "another guyline is running there"));
}

static void running_out_of_descriptors_is_survived(void **state)
{
	struct world *w = *state;
	struct rlimit old, low;
	struct gyl_now now, then;
	int fd = client_open(w), next = dup(fd);
	const char *r;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = (rlim_t)next; /* not one more */
	close(next);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	gyl_loop_now(&now);
	serve(&w->a, 20); /* of 2 ms each, unless there is something to do all the time */
	gyl_loop_now(&then);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_true(then.mono_ns - now.mono_ns > 30 * UINT64_C(1000000));
	serve(&w->a, 200);
	r = ask(w, fd, "{\"do\":\"reload\"}\n");
	assert_non_null(strstr(r, "\"end\""));
	close(fd);
}

static void a_feed_brings_state_changes_and_comes_back(void **state)
{
	struct world *w = *state;
	struct side *b = calloc(1, sizeof *b);
	char path[100];
	struct gyl_feed *feed;
	struct gyl_event e;

	assert_non_null(b);
	snprintf(path, sizeof path, "%s/dns.sock", w->dir);
	side_open(b, path);
	feed = gyl_feed_open(b->loop, &b->run, w->path, GYL_SRC_DHCPD);
	assert_non_null(feed);
	for (int i = 0; i < 20; i++) {
		serve(b, 1);
		serve(&w->a, 1);
	}
	assert_int_equal(b->teller.heard_cnt, 3);
	gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
	gyl_event_ip(&e, "ip", 0x0a000009);
	gyl_run_event(&w->a.run, &e);
	for (int i = 0; i < 5; i++) {
		serve(&w->a, 1);
		serve(b, 1);
	}
	assert_int_equal(b->teller.heard_cnt, 4);
	side_close(&w->a); /* the other daemon restarts */
	serve(b, 3);
	memset(&w->a, 0, sizeof w->a);
	side_open(&w->a, w->path);
	for (int i = 0; i < 200 && b->teller.heard_cnt < 7; i++) {
		serve(b, 1);
		serve(&w->a, 1);
	}
	assert_int_equal(b->teller.heard_cnt, 7); /* a fresh snapshot */
	gyl_feed_close(feed);
	side_close(b);
	free(b);
}

/* The other daemon has been away for long: it is heard when it comes, not at the next try. */
static void a_feed_sees_its_daemon_come(void **state)
{
	struct world *w = *state;
	struct side *b = calloc(1, sizeof *b);
	struct gyl_now now, then;
	struct gyl_feed *feed;
	char path[100];

	assert_non_null(b);
	snprintf(path, sizeof path, "%s/dns.sock", w->dir);
	side_open(b, path);
	side_close(&w->a);
	feed = gyl_feed_open(b->loop, &b->run, w->path, GYL_SRC_DHCPD);
	gyl_loop_now(&now);
	do { /* tries after 50, 100, 200, 400, 800 ms: the next is 1.6 s away */
		serve(b, 10);
		gyl_loop_now(&then);
	} while (then.mono_ns < now.mono_ns + UINT64_C(1700000000));
	memset(&w->a, 0, sizeof w->a);
	side_open(&w->a, w->path);
	gyl_loop_now(&now);
	while (b->teller.heard_cnt < 3 && then.mono_ns < now.mono_ns + UINT64_C(800000000)) {
		serve(b, 1);
		serve(&w->a, 1);
		gyl_loop_now(&then);
	}
	assert_int_equal(b->teller.heard_cnt, 3);
	gyl_feed_close(feed);
	side_close(b);
	free(b);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(requests_are_answered_with_their_id),
		T(mistakes_get_a_sentence),
		T(a_snapshot_is_the_state_and_ends),
		T(levels_can_be_changed_while_it_runs),
		T(the_store_can_be_read),
		T(who_does_not_read_is_cut_off),
		T(endless_lines_and_too_many_clients_are_refused),
		T(requests_in_one_piece_are_answered_in_order),
		T(who_has_asked_and_ended_is_answered),
		T(unread_answers_do_not_pile_up),
		T(odd_octets_leave_the_lines_whole),
		T(nothing_but_a_dead_socket_is_replaced),
		T(running_out_of_descriptors_is_survived),
		T(a_feed_brings_state_changes_and_comes_back),
		T(a_feed_sees_its_daemon_come),
	};

	signal(SIGPIPE, SIG_IGN); /* as in the daemon */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
