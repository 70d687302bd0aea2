/* SPDX-License-Identifier: ISC */

/* Verbs that a core answers, in slices: what it is asked, what is told and when. */

#include <gyl/text.h>
#include <signal.h>

#include "tests/unit/daemon/control_world.h"

/* ---- cores ---- */

/* {"do":"dhcp.count","to":N}: N lines, a hundred a slice. */
static bool count(struct teller *t, struct gyl_question *q)
{
	uint64_t to = 0;

	t->asked_cnt++;
	assert_false(gyl_failed(gyl_parse_u64(gyl_question_arg(q, "to"), 1000000, &to)));
	for (int i = 0; i < 100 && q->at < to; i++) {
		gyl_text_str(q->answer, "{\"n\":");
		gyl_text_u64(q->answer, q->at++);
		gyl_text_str(q->answer, ",\"pad\":\"........................................\"}\n");
	}
	q->more = q->at < to;
	return true;
}

/* Repeats what it was given. */
static bool repeat(struct teller *t, struct gyl_question *q)
{
	t->asked_cnt++;
	gyl_text_str(q->answer, "{\"said\":\"");
	for (size_t i = 0; i < q->arg_cnt; i++) {
		gyl_put_view(q->answer, q->arg[i].name);
		gyl_text_char(q->answer, '=');
		gyl_put_view(q->answer, q->arg[i].value);
		gyl_text_char(q->answer, ' ');
	}
	gyl_put_view(q->answer, q->verb);
	gyl_text_str(q->answer, " by ");
	gyl_put_view(q->answer, q->by);
	gyl_text_str(q->answer, "\"}\n");
	return true;
}

static bool refuse(struct teller *t, struct gyl_question *q)
{
	(void)t;
	gyl_text_str(q->answer, "{\"first\":1}\n");
	q->more = true;
	gyl_question_refuse(q, "no \"%\" here", gyl_view("a\033b", 3));
	return true;
}

static bool busy_at_first(struct teller *t, struct gyl_question *q)
{
	if (++t->asked_cnt < 4)
		return false;
	return repeat(t, q);
}

/* The store of this world is durable at once up to what it was given: not up to this. */
static bool never_durable(struct teller *t, struct gyl_question *q)
{
	q->after = 1000;
	return repeat(t, q);
}

static bool one_lease(struct teller *t, struct gyl_question *q)
{
	struct gyl_event e;

	t->asked_cnt++;
	gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
	gyl_event_ip(&e, "ip", 0x0a4d0064);
	gyl_event_str(&e, "state", gyl_view_str("leased"));
	if (gyl_match(q->match, &e)) {
		gyl_event_json(&e, q->answer);
		gyl_text_char(q->answer, '\n');
	}
	return true;
}

/* ---- tests ---- */

static void arguments_reach_the_core_as_text(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	char want[100];
	const char *r;

	w->a.teller.answer = repeat;
	r = ask(w, fd, "{\"v\":1,\"id\":5,\"do\":\"dhcp.count\",\"to\":-7,\"from\":true}\n");
	snprintf(want, sizeof want,
		"{\"id\":5,\"data\":{\"said\":\"to=-7 from=true dhcp.count by uid %u\"}}\n"
		"{\"id\":5,\"end\":true}\n",
		(unsigned)getuid());
	assert_string_equal(r, want);
	assert_int_equal(w->a.teller.asked_cnt, 1);
	close(fd);
}

static void what_the_verb_does_not_know_is_refused(void **state)
{
	static const struct {
		const char *request, *reply;
	} cases[] = {
		{"{\"do\":\"dhcp.count\",\"too\":1}\n", "dhcp.count has no member \\\"too\\\""},
		{"{\"do\":\"dhcp.count\",\"t\":1}\n", "dhcp.count has no member \\\"t\\\""},
		{"{\"do\":\"dhcp.count\",\"to\":[1]}\n",
			"\\\"to\\\" has to be text, a number, true or false"},
		{"{\"do\":\"dhcp.count\",\"to\":1,\"follow\":true}\n",
			"dhcp.count has nothing to follow"},
		{"{\"do\":\"dhcp.leases\",\"color\":\"red\"}\n", "no member \\\"color\\\""},
		{"{\"do\":\"dhcp.nothing\"}\n", "no verb \\\"dhcp.nothing\\\" here"},
	};
	struct world *w = *state;
	int fd = client_open(w);

	w->a.teller.answer = repeat;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		const char *r = ask(w, fd, cases[i].request);

		if (strstr(r, cases[i].reply) == NULL || strstr(r, "\"error\"") == NULL)
			fail_msg("%s -> %s", cases[i].request, r);
	}
	assert_int_equal(w->a.teller.asked_cnt, 0);
	close(fd);
}

static void a_refusal_ends_the_answer(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);

	w->a.teller.answer = refuse;
	assert_string_equal(ask(w, fd, "{\"id\":2,\"do\":\"dhcp.count\"}\n"),
		"{\"id\":2,\"data\":{\"first\":1}}\n"
		"{\"id\":2,\"error\":\"no \\\"a\\\\x1bb\\\" here\"}\n");
	close(fd);
}

static void slices_follow_each_other_and_requests_wait(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	const char *r;

	w->a.teller.answer = count;
	r = ask(w, fd,
		"{\"id\":1,\"do\":\"dhcp.count\",\"to\":250}\n{\"id\":2,\"do\":\"level\"}\n");
	assert_non_null(strstr(r, "{\"id\":1,\"data\":{\"n\":0,"));
	assert_non_null(strstr(r, "{\"id\":1,\"data\":{\"n\":249,"));
	assert_null(strstr(r, "\"n\":250,"));
	assert_int_equal(w->a.teller.asked_cnt, 3);
	assert_true(strstr(r, "\"n\":249,") < strstr(r, "{\"id\":1,\"end\":true}\n"));
	assert_true(strstr(r, "{\"id\":1,\"end\":true}\n") < strstr(r, "{\"id\":2,"));
	close(fd);
}

/* 65,000 lines, and nobody reads them for a while: the core is not asked on, memory stays. */
static void a_slow_reader_is_waited_for(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	char buf[4096];
	unsigned lines = 0, quiet = 0;
	size_t most;

	w->a.teller.answer = count;
	assert_true(write(fd, "{\"do\":\"dhcp.count\",\"to\":65000}\n", 31) == 31);
	serve(&w->a, 200);
	most = w->a.teller.asked_cnt;
	serve(&w->a, 50);
	assert_int_equal(w->a.teller.asked_cnt, most);
	assert_true(most < 100); /* of 650; what the socket and 64 KiB take */
	while (quiet < 20) {
		ssize_t n = read(fd, buf, sizeof buf);

		if (n <= 0) {
			quiet++;
			serve(&w->a, 1);
			continue;
		}
		quiet = 0;
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	}
	assert_int_equal(lines, 65001);
	assert_int_equal(w->a.teller.asked_cnt, 650);
	close(fd);
}

static void a_busy_core_is_asked_again(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	char more[4096];

	w->a.teller.answer = busy_at_first;
	snprintf(more, sizeof more, "%s", ask(w, fd, "{\"do\":\"dhcp.count\"}\n"));
	assert_non_null(strstr(more, "\"said\""));
	assert_int_equal(w->a.teller.asked_cnt, 5);
	close(fd);
}

static void what_is_stored_is_told_when_it_is_durable(void **state)
{
	struct world *w = *state;
	int fd = client_open(w);
	struct gyl_event e;
	const char *r;

	w->a.teller.answer = never_durable;
	assert_string_equal(ask(w, fd, "{\"id\":3,\"do\":\"dhcp.count\"}\n"), "");
	assert_int_equal(w->a.teller.asked_cnt, 1);
	gyl_event_init(&e, GYL_EV_BASE_STORE);
	gyl_event_u64(&e, "lost", 1001); /* what comes later */
	gyl_run_event(&w->a.run, &e);
	assert_string_equal(ask(w, fd, ""), "");
	gyl_event_u64(&e, "lost", 1000);
	gyl_run_event(&w->a.run, &e);
	r = ask(w, fd, "");
	assert_non_null(strstr(r, "{\"id\":3,\"error\":\"the store could not be written"));
	close(fd);
}

static void followers_hear_what_fits_their_patterns(void **state)
{
	static const struct {
		uint32_t ip;
		const char *state;
	} events[] = {{0x0a4d0064, "renewed"}, {0x0a4e0001, "leased"}, {0x0a4d0065, "expired"}};
	struct world *w = *state;
	int fd = client_open(w);
	struct gyl_event e;
	const char *r;

	w->a.teller.answer = one_lease;
	r = ask(w, fd,
		"{\"do\":\"dhcp.leases\",\"follow\":true,\"ip\":\"10.77.0.0/24\",\"state\":\"leased,renewed\"}\n");
	assert_non_null(strstr(r, "\"ip\":\"10.77.0.100\""));
	assert_null(strstr(r, "end"));
	for (size_t i = 0; i < TEST_CNT(events); i++) {
		gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
		gyl_event_ip(&e, "ip", events[i].ip);
		gyl_event_str(&e, "state", gyl_view_str(events[i].state));
		gyl_run_event(&w->a.run, &e);
	}
	r = ask(w, fd, "");
	assert_non_null(strstr(r, "\"state\":\"renewed\""));
	assert_null(strstr(r, "10.78.0.1"));
	assert_null(strstr(r, "expired"));
	close(fd);
}

static void who_leaves_in_the_middle_is_forgotten(void **state)
{
	struct world *w = *state;
	int fd = client_open(w), other = client_open(w);

	w->a.teller.answer = count;
	assert_true(write(fd, "{\"do\":\"dhcp.count\",\"to\":65000}\n", 31) == 31);
	serve(&w->a, 5);
	close(fd);
	serve(&w->a, 20);
	assert_non_null(strstr(ask(w, other, "{\"do\":\"status\"}\n"), "\"clients\":1"));
	close(other);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(arguments_reach_the_core_as_text),
		T(what_the_verb_does_not_know_is_refused),
		T(a_refusal_ends_the_answer),
		T(slices_follow_each_other_and_requests_wait),
		T(a_slow_reader_is_waited_for),
		T(a_busy_core_is_asked_again),
		T(what_is_stored_is_told_when_it_is_durable),
		T(followers_hear_what_fits_their_patterns),
		T(who_leaves_in_the_middle_is_forgotten),
	};

	signal(SIGPIPE, SIG_IGN); /* as in the daemon */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
