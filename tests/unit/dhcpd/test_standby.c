/* SPDX-License-Identifier: ISC */

/* Two servers: what they do one after the other, and a model over random schedules of crashes,
 * restarts, partitions and clients. */

#include <gyl/text.h>

#include "services/dhcpd/metrics.h"
#include "services/dhcpd/steer.h"
#include "tests/unit/dhcpd/pair.h"

static void settle(struct pair *p)
{
	pair_pass(p, 5 * GYL_NS_PER_S);
}

static void expect_roles(const struct pair *p, unsigned first, unsigned second)
{
	assert_int_equal(pair_role(p, 0), first);
	assert_int_equal(pair_role(p, 1), second);
}

static void get(struct pair *p, unsigned who)
{
	for (unsigned i = 0; i < 20 && p->client[who].ip == 0; i++)
		pair_acquire(p, who);
	assert_true(p->client[who].ip != 0);
}

static void renew(struct pair *p, unsigned who)
{
	uint64_t until = p->client[who].until_ns;

	pair_renew(p, who, false, 40);
	assert_true(p->client[who].until_ns > until);
}

static void the_first_serves_and_the_second_has_a_copy(void **state)
{
	struct pair *p = pair_open(1);

	(void)state;
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	for (unsigned i = 0; i < 6; i++)
		get(p, i);
	for (unsigned i = 0; i < 6; i++) {
		const struct gyl_dhcpd_lease *l = gyl_dhcpd_lease_at(p->n[1].d, p->client[i].ip);

		assert_non_null(l);
		assert_int_equal(l->state, GYL_DHCPD_LEASED);
	}
	pair_close(p);
}

/* While the other does not answer, no ACK leaves, and it is not counted as given when it is gone.
 */
static void an_ack_waits_for_both(void **state)
{
	struct pair *p = pair_open(2);
	uint64_t acks;

	(void)state;
	settle(p);
	get(p, 0);
	p->cut = true;
	acks = p->ack_cnt;
	pair_begin_exchange(&p->client[1]);
	while (p->client[1].offer == 0)
		pair_send(p, 1, (struct ask){.type = GYL_DHCP_DISCOVER});
	for (unsigned i = 0; i < 10; i++) {
		pair_send(p, 1,
			(struct ask){.type = GYL_DHCP_REQUEST,
				.want = p->client[1].offer,
				.server = US});
		pair_step(p, 100 * GYL_NS_PER_MS);
	}
	assert_true(p->ack_cnt == acks && p->n[0].park_cnt != 0);
	p->cut = false;
	pair_step(p, 500 * GYL_NS_PER_MS);
	assert_true(p->ack_cnt > acks);
	pair_close(p);
}

static void the_second_takes_over_and_knows_all(void **state)
{
	struct pair *p = pair_open(3);

	(void)state;
	settle(p);
	for (unsigned i = 0; i < 6; i++)
		get(p, i);
	pair_crash(p, &p->n[0]);
	pair_pass(p, 12 * GYL_NS_PER_S);
	expect_roles(p, 99, GYL_DHCPD_ROLE_ALONE);
	for (unsigned i = 0; i < 6; i++)
		renew(p, i);
	get(p, 7); /* a new client gets one of its half */
	assert_int_equal(p->client[7].ip & 1, 1);
	pair_start(p, &p->n[0]);
	settle(p);
	/* The first is back, has all, and stays silent. */
	expect_roles(p, GYL_DHCPD_ROLE_STANDBY, GYL_DHCPD_ROLE_BOTH);
	assert_int_equal(gyl_dhcpd_lease_at(p->n[0].d, p->client[7].ip)->state, GYL_DHCPD_LEASED);
	pair_close(p);
}

static void without_a_time_it_takes_over_by_command_only(void **state)
{
	struct pair *p = pair_open(4);
	struct node *b = &p->n[1];

	(void)state;
	p->takeover_ns = 0;
	pair_start(p, &p->n[0]);
	pair_start(p, b);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	pair_crash(p, &p->n[0]);
	pair_pass(p, 120 * GYL_NS_PER_S);
	expect_roles(p, 99, GYL_DHCPD_ROLE_STANDBY);
	pair_begin(p, b);
	assert_null(gyl__dhcpd_standby_takeover(b->d, b->b.now, &b->b.out, false));
	pair_end(p, b);
	settle(p);
	expect_roles(p, 99, GYL_DHCPD_ROLE_ALONE);
	pair_close(p);
}

static void the_first_takes_back_when_it_is_told_to(void **state)
{
	struct pair *p = pair_open(5);

	(void)state;
	p->take_back = true;
	pair_start(p, &p->n[0]);
	pair_start(p, &p->n[1]);
	settle(p);
	get(p, 1);
	pair_crash(p, &p->n[0]);
	pair_pass(p, 12 * GYL_NS_PER_S);
	expect_roles(p, 99, GYL_DHCPD_ROLE_ALONE);
	get(p, 2);
	pair_start(p, &p->n[0]);
	pair_pass(p, 10 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	renew(p, 1);
	renew(p, 2);
	pair_close(p);
}

static void a_first_that_is_alone_stays_so_after_a_restart(void **state)
{
	struct pair *p = pair_open(6);

	(void)state;
	settle(p);
	get(p, 1);
	pair_crash(p, &p->n[1]);
	pair_pass(p, 10 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, 99);
	get(p, 2);
	assert_int_equal(p->client[2].ip & 1, 0);
	pair_crash(p, &p->n[0]);
	pair_start(p, &p->n[0]);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, 99);
	renew(p, 1);
	renew(p, 2);
	pair_close(p);
}

/* Both live, see all clients, and cannot hear each other. */
static void cut_off_from_each_other_no_address_goes_to_two(void **state)
{
	struct pair *p = pair_open(7);

	(void)state;
	settle(p);
	for (unsigned i = 0; i < 4; i++)
		get(p, i);
	p->cut = true;
	pair_pass(p, 15 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_ALONE);
	for (unsigned i = 4; i < 10; i++)
		get(p, i);
	for (unsigned i = 0; i < 10; i++)
		renew(p, i);
	p->cut = false;
	settle(p);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	for (unsigned i = 0; i < 10; i++)
		renew(p, i);
	pair_close(p);
}

static void the_same_power_cut_for_both_forgets_nothing(void **state)
{
	struct pair *p = pair_open(8);

	(void)state;
	settle(p);
	for (unsigned i = 0; i < 6; i++)
		get(p, i);
	pair_crash(p, &p->n[0]);
	pair_crash(p, &p->n[1]);
	pair_start(p, &p->n[1]);
	pair_start(p, &p->n[0]);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	for (unsigned i = 0; i < 6; i++)
		renew(p, i);
	pair_close(p);
}

/* ---- rules that were broken once ---- */

/* Nothing that a client is told, and nobody served. */
static void expect_silence(struct pair *p, unsigned who)
{
	for (unsigned i = 0; i < 3; i++)
		pair_acquire(p, who);
	assert_int_equal(p->client[who].ip, 0);
}

static void expect_told(const struct pair *p, unsigned node, const char *what)
{
	if (strstr(p->n[node].told, what) == NULL)
		fail_msg("no \"%s\" in %s", what, p->n[node].told);
}

static void expect_grave(const struct pair *p, unsigned node, const char *what)
{
	if (strstr(p->n[node].grave, what) == NULL)
		fail_msg("no \"%s\" in %s", what, p->n[node].grave);
}

static void both_configured_as_the_first_do_not_serve(void **state)
{
	struct pair *p = pair_open(20);

	(void)state;
	p->two_firsts = true;
	pair_start(p, &p->n[0]);
	pair_start(p, &p->n[1]);
	pair_pass(p, 60 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_WAIT, GYL_DHCPD_ROLE_WAIT);
	expect_grave(p, 0, "one of the two, and not both");
	expect_grave(p, 1, "one of the two, and not both");
	expect_silence(p, 1);
	pair_close(p);
}

static void a_wrong_secret_is_told(void **state)
{
	struct pair *p = pair_open(21);

	(void)state;
	p->secret = "another secret than the other's";
	pair_start(p, &p->n[1]);
	pair_pass(p, 4 * GYL_NS_PER_S);
	expect_told(p, 0, "secret");
	expect_told(p, 1, "secret");
	assert_int_equal(pair_role(p, 1), GYL_DHCPD_ROLE_WAIT);
	pair_close(p);
}

static void nobody_there_is_told(void **state)
{
	struct pair *p = pair_open(22);

	(void)state;
	pair_crash(p, &p->n[0]);
	pair_pass(p, 6 * GYL_NS_PER_S);
	expect_told(p, 1, "nobody listens there");
	pair_close(p);
}

/* The first's disk was replaced. It met the second, which began to serve, and then hears nothing.
 */
static void a_first_without_records_waits_once_it_met_the_other(void **state)
{
	for (unsigned seed = 30; seed < 60; seed++) {
		struct pair *p = pair_open(seed);

		(void)state;
		settle(p);
		get(p, 0);
		pair_wipe(p, &p->n[0]);
		pair_pass(p, pair_rand(p, 3) * GYL_NS_PER_S);
		pair_start(p, &p->n[0]);
		while (pair_role(p, 1) == GYL_DHCPD_ROLE_STANDBY)
			pair_turn(p, 10 * GYL_NS_PER_MS);
		p->cut = true;
		pair_pass(p, 60 * GYL_NS_PER_S);
		assert_int_equal(pair_role(p, 0), GYL_DHCPD_ROLE_WAIT);
		pair_close(p);
	}
}

static void who_does_not_know_serves_by_command_only_when_all_is_said(void **state)
{
	struct pair *p = pair_open(23);
	struct node *b = &p->n[1];

	(void)state;
	settle(p);
	get(p, 0);
	p->cut = true;
	pair_crash(p, b);
	pair_start(p, b);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_WAIT);
	pair_begin(p, b);
	assert_non_null(gyl__dhcpd_standby_takeover(b->d, b->b.now, &b->b.out, false));
	pair_end(p, b);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_WAIT);
	pair_close(p);
}

/* Asked for without that anything is given away: what the client had it may have for ever. */
static void ask_again(struct pair *p, unsigned who, uint32_t ip)
{
	pair_send(p, who, (struct ask){.type = GYL_DHCP_REQUEST, .ciaddr = ip});
}

/* The first is alone, gives a lease while GO is on its way, and is cut off just after the answer
 * to GO: the client was told of the lease, or it was not given. */
static void a_lease_of_the_moment_of_go_is_kept_or_not_said(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (unsigned seed = 100; seed < 400; seed++) {
		struct pair *p = pair_open(seed);
		struct client *c = &p->client[1];

		settle(p);
		pair_crash(p, &p->n[1]);
		pair_pass(p, 10 * GYL_NS_PER_S);
		expect_roles(p, GYL_DHCPD_ROLE_ALONE, 99);
		pair_begin_exchange(c);
		while (c->offer == 0)
			pair_send(p, 1, (struct ask){.type = GYL_DHCP_DISCOVER});
		pair_start(p, &p->n[1]);
		while (p->n[0].d->standby->phase != GYL_DHCPD_LINK_GO)
			pair_turn(p, 5 * GYL_NS_PER_MS);
		pair_send(p, 1,
			(struct ask){.type = GYL_DHCP_REQUEST, .want = c->offer, .server = US});
		while (pair_role(p, 0) == GYL_DHCPD_ROLE_ALONE)
			pair_turn(p, 5 * GYL_NS_PER_MS);
		pair_step(p, pair_rand(p, 100) * GYL_NS_PER_MS);
		p->cut = true;
		pair_crash(p, &p->n[1]);
		pair_pass(p, 10 * GYL_NS_PER_S);
		expect_roles(p, GYL_DHCPD_ROLE_ALONE, 99);
		if (c->ip != 0) {
			seen++;
			renew(p, 1);
		}
		pair_close(p);
	}
	assert_true(seen != 0);
}

/* A second record of the same lease is on its way when the first is answered. */
static void a_lease_that_was_said_is_not_undone_for_a_later_record(void **state)
{
	struct pair *p = pair_open(25);
	struct node *a = &p->n[0];
	struct client *c = &p->client[1];

	(void)state;
	p->name_no = 1;
	settle(p);
	pair_begin_exchange(c);
	while (c->offer == 0)
		pair_send(p, 1, (struct ask){.type = GYL_DHCP_DISCOVER});
	while (a->d->standby->pend_end == a->d->standby->pend_acked)
		pair_send(p, 1,
			(struct ask){.type = GYL_DHCP_REQUEST, .want = c->offer, .server = US});
	pair_ticks(p, a); /* a frame with the first record leaves */
	for (uint32_t had = a->d->standby->pend_end; a->d->standby->pend_end == had;)
		ask_again(p, 1, c->offer);
	a->slow = false;
	p->n[1].deaf = false;
	for (unsigned i = 0; i < 200 && c->ip == 0; i++) {
		/* What is said is answered; what is said since does not arrive. */
		p->wire[0].arrived = p->wire[0].len;
		pair_carry(p, 0);
		pair_ticks(p, &p->n[1]);
		pair_flush(p, &p->n[1]);
		pair_flush(p, a);
		pair_carry(p, 1);
		p->wire[0].len = p->wire[0].arrived = 0;
		ask_again(p, 1, c->offer);
	}
	assert_true(c->ip != 0);
	p->cut = true;
	p->name_no = 0;
	pair_crash(p, &p->n[1]);
	pair_pass(p, 10 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, 99);
	renew(p, 1);
	pair_close(p);
}

/* And that node hears of it. */
static void release(struct pair *p, unsigned who, const struct node *n)
{
	uint32_t ip = p->client[who].ip;

	pair_begin_exchange(&p->client[who]);
	p->client[who].ip = 0;
	while (gyl_dhcpd_lease_at(n->d, ip)->state == GYL_DHCPD_LEASED)
		pair_send(
			p, who, (struct ask){.type = GYL_DHCP_RELEASE, .ciaddr = ip, .server = US});
}

/* Released, and offered to another before it was told. */
static void a_release_is_told_though_the_address_was_offered_since(void **state)
{
	struct pair *p = pair_open(26);
	struct node *a = &p->n[0];
	const struct gyl_dhcpd_lease *l;
	uint32_t ip;

	(void)state;
	settle(p);
	for (unsigned i = 0; i < PAIR_POOL; i++)
		get(p, i);
	ip = p->client[3].ip;
	l = gyl_dhcpd_lease_at(a->d, ip);
	release(p, 3, a);
	for (unsigned i = 0; i < 200 && l->state != GYL_DHCPD_OFFERED; i++) {
		pair_begin_exchange(&p->client[12]);
		pair_send(p, 12, (struct ask){.type = GYL_DHCP_DISCOVER});
	}
	assert_int_equal(l->state, GYL_DHCPD_OFFERED);
	pair_step(p, 500 * GYL_NS_PER_MS);
	assert_int_not_equal(gyl_dhcpd_lease_at(p->n[1].d, ip)->state, GYL_DHCPD_LEASED);
	pair_close(p);
}

/* A lease that ran out is its holder's at the other until the end that its record says, also when
 * the journal was written anew since. */
static void what_the_other_may_hold_on_to_outlives_the_journal(void **state)
{
	struct pair *p = pair_open(27);
	uint32_t ip;

	(void)state;
	settle(p);
	for (unsigned i = 0; i < 8; i++)
		get(p, i);
	pair_pass(p, (PAIR_LEASE_S + 20) * GYL_NS_PER_S); /* all ran out */
	p->cut = true;
	pair_pass(p, 15 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_ALONE);
	pair_turn(p, 0);
	pair_flush(p, &p->n[0]);
	pair_compact(&p->n[0]);
	pair_crash(p, &p->n[0]);
	pair_start(p, &p->n[0]);
	settle(p);
	for (unsigned i = 1; i <= p->n[0].d->slot_cnt; i++) {
		ip = p->n[0].d->lease[i].ip;
		if (ip == 0 || p->n[0].d->lease[i].state == GYL_DHCPD_OURS ||
			gyl_dhcpd_lease_at(p->n[1].d, ip) == NULL)
			continue;
		assert_int_not_equal(p->n[0].d->standby->mark[i].part, GYL_DHCPD_MAY_ALL);
	}
	pair_close(p);
}

/* The clock of a machine without a battery is set while it serves alone. */
static void a_clock_that_was_set_moves_the_cut_with_the_leases(void **state)
{
	struct pair *p = pair_open(28);
	struct node *a = &p->n[0];

	(void)state;
	settle(p);
	for (unsigned i = 0; i < 6; i++)
		get(p, i);
	p->cut = true;
	pair_pass(p, 15 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_ALONE);
	pair_set_clock(p, a, 3600 * UINT64_C(24) * GYL_NS_PER_S * (uint64_t)-1);
	pair_crash(p, a);
	pair_start(p, a);
	settle(p);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(a->d->standby->mark[gyl__dhcpd_slot(a->d, p->client[i].ip)].part,
			GYL_DHCPD_MAY_HOLDER);
	pair_set_clock(p, a, 3600 * UINT64_C(48) * GYL_NS_PER_S);
	pair_crash(p, a);
	pair_start(p, a);
	settle(p);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(a->d->standby->mark[gyl__dhcpd_slot(a->d, p->client[i].ip)].part,
			GYL_DHCPD_MAY_HOLDER);
	pair_close(p);
}

/* It is set as soon as the machine runs, when records are read and nothing else is done. */
static void a_clock_that_is_set_at_the_start_moves_the_cut_too(void **state)
{
	struct pair *p = pair_open(54831);
	struct node *a = &p->n[0];

	(void)state;
	settle(p);
	for (unsigned i = 0; i < 6; i++)
		get(p, i);
	p->cut = true;
	pair_pass(p, 15 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_ALONE);
	pair_crash(p, a);
	pair_start(p, a);
	pair_set_clock(p, a, 3600 * GYL_NS_PER_S * (uint64_t)-1);
	pair_crash(p, a);
	pair_start(p, a);
	settle(p);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(a->d->standby->mark[gyl__dhcpd_slot(a->d, p->client[i].ip)].part,
			GYL_DHCPD_MAY_HOLDER);
	pair_close(p);
}

/* Ends that were taken over are on our clock as it was then. */
static void clocks_that_go_apart_are_compared_anew(void **state)
{
	struct pair *p = pair_open(29);
	int64_t by_ns;

	(void)state;
	p->n[1].ppm = 10000;
	settle(p);
	get(p, 1);
	for (unsigned i = 0; i < 60; i++) { /* an hour: 36 s */
		pair_pass(p, 60 * GYL_NS_PER_S);
		renew(p, 1);
	}
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	by_ns = (int64_t)(p->n[1].d->standby->lo_ns - p->n[1].b.now.mono_ns);
	assert_true(by_ns > -(int64_t)(7 * GYL_NS_PER_S));
	pair_close(p);
}

/* No ACK of before leaves until it is noted down that the first is alone: a start that does not
 * know would forget it. */
static void alone_says_nothing_before_its_record_is_durable(void **state)
{
	struct pair *p = pair_open(30);
	struct node *a = &p->n[0];
	uint64_t until;

	(void)state;
	settle(p);
	get(p, 1);
	p->name_no = 1; /* renewals make records */
	p->cut = true;
	until = p->client[1].until_ns;
	pair_begin_exchange(&p->client[1]);
	for (unsigned i = 0; i < 5; i++) {
		ask_again(p, 1, p->client[1].ip);
		pair_step(p, 50 * GYL_NS_PER_MS);
	}
	pair_flush(p, a); /* what waits is durable here */
	a->slow = true;
	pair_pass(p, 10 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_CLOSING, pair_role(p, 1));
	assert_true(p->client[1].until_ns == until);
	a->slow = false;
	pair_pass(p, GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, pair_role(p, 1));
	assert_true(p->client[1].until_ns > until);
	pair_close(p);
}

/* More than a frame holds: its time is that of what is not said yet. */
static void the_time_of_a_frame_is_not_ahead_of_what_was_said(void **state)
{
	struct pair *p = pair_open(31);

	(void)state;
	p->room = 1400; /* one frame at a time */
	settle(p);
	for (unsigned i = 0; i < 10; i++)
		get(p, i);
	p->name_no = 1;
	for (unsigned n = 0; n < 20; n++) {
		for (unsigned i = 0; i < 10; i++)
			ask_again(p, i, p->client[i].ip);
		pair_step(p, 100 * GYL_NS_PER_MS); /* pair_check_sync() looks */
	}
	pair_close(p);
}

/* By the control socket; NULL: done, else why not. */
static const char *steer(struct pair *p, struct node *n, const char *verb,
	const struct gyl_question_arg *arg, size_t arg_cnt)
{
	static uint8_t text[GYL_QUESTION_SLICE_LEN], why[GYL_QUESTION_WRONG_LEN];
	struct gyl_writer answer, wrong;
	struct gyl_question q = {.verb = gyl_view_str(verb),
		.by = gyl_view_str("test"),
		.arg = arg,
		.arg_cnt = arg_cnt,
		.answer = &answer,
		.wrong = &wrong};
	struct gyl_in in = {.kind = GYL_IN_ASK, .question = &q};

	do {
		gyl_writer_init(&answer, text, sizeof text);
		gyl_writer_init(&wrong, why, sizeof why - 1);
		q.more = false;
		pair_give(p, n, &in);
	} while (q.more && wrong.len == 0);
	why[wrong.len] = '\0';
	return wrong.len == 0 ? NULL : (const char *)why;
}

static const char *wipe(struct pair *p, struct node *n, const char *ip)
{
	struct gyl_question_arg arg[] = {{gyl_view_str("what"), gyl_view_str(ip)}};

	return steer(p, n, "dhcp.wipe", arg, 1);
}

/* ip: the last octet, outside of the pool; 0: take it back. */
static const char *reserve(struct pair *p, struct node *n, unsigned client, unsigned ip)
{
	char mac[24], address[16];
	struct gyl_question_arg arg[2];

	snprintf(mac, sizeof mac, "02:00:00:00:01:%02x", client);
	snprintf(address, sizeof address, "10.0.0.%u", ip);
	arg[0] = (struct gyl_question_arg){gyl_view_str("mac"), gyl_view_str(mac)};
	arg[1] = (struct gyl_question_arg){gyl_view_str("ip"), gyl_view_str(address)};
	return steer(p, n, ip == 0 ? "dhcp.unreserve" : "dhcp.reserve", arg, ip == 0 ? 1 : 2);
}

static const char *drain(struct pair *p, struct node *n, const char *set)
{
	struct gyl_question_arg arg[] = {{gyl_view_str("subnet"), gyl_view_str("10.0.0.0/24")},
		{gyl_view_str("set"), gyl_view_str(set)}};

	return steer(p, n, "dhcp.drain", arg, 2);
}

/* The address that is reserved for that client; its last octet, 0: none. */
static unsigned reserved(struct node *n, unsigned client)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 1, (uint8_t)client};
	const struct gyl_dhcpd_live_host *h = gyl__dhcpd_live_find(&n->d->live, mac);

	return h == NULL || h->hidden ? 0 : h->address & 255;
}

static bool is_drained(const struct node *n)
{
	return n->d->layout->subnet[0].drain;
}

/* Both forget it, or neither: what only one had forgotten would be given twice. */
static void a_wipe_is_told_to_the_other(void **state)
{
	struct pair *p = pair_open(32);
	uint8_t text[20];
	struct gyl_writer w;

	(void)state;
	settle(p);
	get(p, 1);
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_ipv4(&w, p->client[1].ip);
	gyl_text_cstr(&w);
	assert_non_null(wipe(p, &p->n[1], (const char *)text));
	assert_null(wipe(p, &p->n[0], (const char *)text));
	settle(p);
	assert_int_not_equal(
		gyl_dhcpd_lease_at(p->n[1].d, p->client[1].ip)->state, GYL_DHCPD_LEASED);
	pair_close(p);
}

/* All addresses are leased. Returns a client that has none. */
static unsigned use_all(struct pair *p)
{
	unsigned without = PAIR_CLIENTS, cnt = 0;

	for (unsigned i = 0; i < 40 * PAIR_CLIENTS && cnt != PAIR_POOL; i++) {
		if (p->client[i % PAIR_CLIENTS].ip == 0)
			pair_acquire(p, i % PAIR_CLIENTS);
		cnt = 0;
		for (unsigned n = 0; n < PAIR_CLIENTS; n++)
			cnt += p->client[n].ip != 0;
	}
	while (p->client[--without].ip != 0)
		assert_true(without != 0);
	return without;
}

/* Of a lease that is not durable there, so it hears of none. */
static void ask_of(struct pair *p, unsigned who, struct node *n, uint32_t ip)
{
	struct client *c = &p->client[who];

	n->slow = true;
	pair_begin_exchange(c);
	while (c->offer != ip)
		pair_send(p, who, (struct ask){.type = GYL_DHCP_DISCOVER});
	while (gyl_dhcpd_lease_at(n->d, ip)->state != GYL_DHCPD_LEASED)
		pair_send(p, who, (struct ask){.type = GYL_DHCP_REQUEST, .want = ip, .server = US});
	assert_int_equal(c->ip, 0);
}

/* The first has all that the second did alone. What of it the second had not noted down is lost
 * there when both stop, and that it steps back, too. */
static void merge_and_stop(struct pair *p)
{
	p->cut = false;
	while (pair_role(p, 1) != GYL_DHCPD_ROLE_WAIT)
		pair_turn(p, 10 * GYL_NS_PER_MS);
	p->cut = true;
	pair_crash(p, &p->n[0]);
	pair_crash(p, &p->n[1]);
	p->n[1].slow = false;
}

/* What the second told of the time since the cut is in the first's store. A start, which parts the
 * addresses by what it reads there, does not take it for what was known as of the cut. */
static void what_was_told_since_the_cut_is_not_older_after_a_start(void **state)
{
	struct pair *p = pair_open(5402);
	unsigned who = PAIR_CLIENTS, other;
	uint32_t ip;

	(void)state;
	settle(p);
	p->cut = true;
	pair_pass(p, 15 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_ALONE);
	other = use_all(p);
	while ((p->client[--who].ip & 1) == 0)
		assert_true(who != 0);
	ip = p->client[who].ip;
	p->n[1].slow = true;
	release(p, who, &p->n[1]);
	ask_of(p, other, &p->n[1], ip);
	merge_and_stop(p);
	pair_start(p, &p->n[1]);
	settle(p);
	get(p, who);
	assert_int_equal(p->client[who].ip, ip);
	pair_start(p, &p->n[0]);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_ALONE);
	p->cut = false;
	settle(p);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	renew(p, who);
	pair_close(p);
}

/* The second served, its disk is slow, and the two meet again before it has noted down that they
 * were apart: what waited for that waits for nothing any more. */
static void books_that_were_not_closed_do_not_hold_up_the_copy(void **state)
{
	struct pair *p = pair_open(13785);
	struct node *b = &p->n[1];

	(void)state;
	settle(p);
	pair_crash(p, &p->n[0]);
	pair_pass(p, 12 * GYL_NS_PER_S);
	pair_start(p, &p->n[0]);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_STANDBY, GYL_DHCPD_ROLE_BOTH);
	get(p, 1);
	p->name_no = 1; /* renewals make records */
	b->slow = true;
	p->cut = true;
	for (unsigned i = 0; i < 3; i++) {
		pair_begin_exchange(&p->client[1]);
		ask_again(p, 1, p->client[1].ip);
	}
	pair_pass(p, 12 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_CLOSING);
	p->cut = false;
	while (pair_role(p, 1) == GYL_DHCPD_ROLE_CLOSING)
		pair_turn(p, 10 * GYL_NS_PER_MS);
	b->slow = false;
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	pair_close(p);
}

/* ---- what is set at run time ---- */

static void reservations_and_drains_are_of_both(void **state)
{
	struct pair *p = pair_open(40);
	struct node *a = &p->n[0], *b = &p->n[1];

	(void)state;
	settle(p);
	assert_null(reserve(p, a, 1, 201));
	assert_null(reserve(p, a, 2, 202));
	assert_null(drain(p, a, "on"));
	/* What is changed at the silent one the other would set right again. */
	assert_non_null(reserve(p, b, 3, 203));
	assert_non_null(drain(p, b, "off"));
	settle(p);
	assert_int_equal(reserved(b, 1), 201);
	assert_int_equal(reserved(b, 2), 202);
	assert_true(is_drained(b));
	assert_null(reserve(p, a, 1, 0));
	assert_null(drain(p, a, "off"));
	settle(p);
	assert_int_equal(reserved(b, 1), 0);
	assert_false(is_drained(b));
	/* Both know of it, so nothing is left that tells of it. */
	assert_int_equal(a->d->live.host_cnt + b->d->live.host_cnt, 2);
	assert_int_equal(a->d->live.drain_cnt + b->d->live.drain_cnt, 0);
	/* One that starts without any gets them with the leases. */
	pair_wipe(p, b);
	pair_start(p, b);
	settle(p);
	assert_int_equal(reserved(b, 2), 202);
	pair_close(p);
}

/* Nobody is told that it is done before both have it. */
static void a_reservation_waits_for_both(void **state)
{
	struct pair *p = pair_open(41);
	struct node *a = &p->n[0];
	uint64_t seq;

	(void)state;
	settle(p);
	p->n[1].deaf = true;
	assert_null(reserve(p, a, 1, 201));
	seq = a->seq;
	pair_flush(p, a);
	assert_true(a->gate < seq && a->durable >= seq);
	p->n[1].deaf = false;
	settle(p);
	assert_true(a->gate >= seq);
	pair_close(p);
}

/* Cut off from each other, both are told something; of each client, address and subnet the later
 * word counts, also when it takes something back. */
static void of_what_was_set_apart_the_later_word_counts(void **state)
{
	struct pair *p = pair_open(42);
	struct node *a = &p->n[0], *b = &p->n[1];

	(void)state;
	settle(p);
	for (unsigned i = 1; i <= 4; i++)
		assert_null(reserve(p, a, i, 200 + i));
	settle(p);
	p->cut = true;
	pair_pass(p, 15 * GYL_NS_PER_S);
	expect_roles(p, GYL_DHCPD_ROLE_ALONE, GYL_DHCPD_ROLE_ALONE);
	assert_null(reserve(p, b, 1, 211)); /* moved there, then here */
	assert_null(reserve(p, a, 2, 0));   /* taken back here only */
	assert_null(reserve(p, b, 3, 0));   /* taken back there only */
	assert_null(reserve(p, b, 4, 0));   /* and reserved again here */
	assert_null(reserve(p, b, 5, 205)); /* new there; the address is another's here, later */
	assert_null(reserve(p, b, 6, 206)); /* new there */
	assert_null(reserve(p, a, 8, 208)); /* new here; the address is another's there, later */
	assert_null(drain(p, b, "on"));
	pair_pass(p, 5 * GYL_NS_PER_S);
	assert_null(reserve(p, a, 1, 221));
	assert_null(reserve(p, a, 4, 224));
	assert_null(reserve(p, a, 7, 205));
	assert_null(reserve(p, b, 9, 208));
	/* What was taken back is known after a start, too. */
	pair_flush(p, a);
	pair_crash(p, a);
	pair_start(p, a);
	p->cut = false;
	settle(p);
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	for (unsigned n = 0; n < 2; n++) {
		static const unsigned want[] = {0, 221, 0, 0, 224, 0, 206, 205, 0, 208};

		for (unsigned i = 1; i < sizeof want / sizeof want[0]; i++)
			assert_int_equal(reserved(&p->n[n], i), want[i]);
		assert_true(is_drained(&p->n[n]));
		assert_int_equal(p->n[n].d->live.host_cnt, 5);
	}
	pair_close(p);
}

/* More than fits into a window of frames, and some are changed while they are told. */
static void many_reservations_are_told_in_slices(void **state)
{
	struct pair *p = pair_open(43);
	struct node *a = &p->n[0], *b = &p->n[1];

	(void)state;
	settle(p);
	for (unsigned i = 1; i <= 50; i++)
		assert_null(reserve(p, a, i, 100 + i));
	settle(p);
	pair_wipe(p, b);
	pair_pass(p, 10 * GYL_NS_PER_S);
	p->room = 1400;
	pair_start(p, b);
	while (a->d->standby->phase != GYL_DHCPD_LINK_SEND || a->d->standby->set_at < 30)
		pair_turn(p, GYL_NS_PER_MS);
	assert_null(reserve(p, a, 3, 0));
	assert_null(reserve(p, a, 4, 240));
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	assert_int_equal(reserved(b, 3), 0);
	assert_int_equal(reserved(b, 4), 240);
	assert_int_equal(b->d->live.host_cnt, 49);
	assert_int_equal(a->d->live.host_cnt, 49);
	pair_close(p);
}

/* What is not taken over is told, not passed over in silence. */
static void more_addresses_than_are_taken_over_are_told(void **state)
{
	struct pair *p = pair_open(44);
	struct gyl_dhcpd_standby *a = p->n[0].d->standby;

	(void)state;
	for (a->own_cnt = 1; a->own_cnt < GYL_DHCPD_SERVICE_MAX; a->own_cnt++)
		a->own[a->own_cnt] = (struct gyl_dhcpd_iface){US + 100 + a->own_cnt, 24, 0};
	settle(p);
	assert_false(p->n[1].d->standby->crowded);
	assert_int_equal(p->n[1].d->standby->service_cnt, GYL_DHCPD_SERVICE_MAX);
	a->own[a->own_cnt++] = (struct gyl_dhcpd_iface){US + 200, 24, 0};
	pair_crash(p, &p->n[1]);
	pair_start(p, &p->n[1]);
	for (unsigned i = 0; i < 5000 && !p->n[1].d->standby->crowded; i++)
		pair_turn(p, GYL_NS_PER_MS);
	expect_grave(p, 1, "more than 16 addresses");
	settle(p);
	expect_roles(p, GYL_DHCPD_ROLE_BOTH, GYL_DHCPD_ROLE_STANDBY);
	pair_close(p);
}

/* ---- seeing it ---- */

static char told[1 << 14];

/* What /healthz says of it. */
static bool is_healthy(const struct node *n)
{
	struct gyl_writer w;
	bool good;

	gyl_writer_init(&w, told, sizeof told - 1);
	good = gyl_dhcpd_healthy(n->d, n->b.now.mono_ns, &w);
	told[w.len] = '\0';
	return good;
}

static void expect_metric(const struct node *n, const char *line)
{
	struct gyl_metrics m;
	struct gyl_writer w;

	gyl_writer_init(&w, told, sizeof told - 1);
	gyl_metrics_init(&m, &w);
	gyl__dhcpd_standby_metrics(n->d, n->b.now.mono_ns, &m);
	assert_true(gyl_writer_ok(&w));
	told[w.len] = '\0';
	if (strstr(told, line) == NULL)
		fail_msg("no %s in %s", line, told);
}

static void expect_status(const struct node *n, const char *part)
{
	struct gyl_json j;
	struct gyl_writer w;

	gyl_writer_init(&w, told, 500);
	gyl_json_init(&j, &w);
	gyl_json_obj(&j, NULL);
	gyl_dhcpd_status(n->d, n->b.now.mono_ns, &j);
	gyl_json_end(&j);
	assert_true(gyl_writer_ok(&w));
	told[w.len] = '\0';
	if (strstr(told, part) == NULL)
		fail_msg("no %s in %s", part, told);
}

static void expect_health(const char *part)
{
	if (strstr(told, part) == NULL)
		fail_msg("no \"%s\" in %s", part, told);
}

static void how_the_two_stand_is_told(void **state)
{
	struct pair *p = pair_open(50);
	struct node *a = &p->n[0], *b = &p->n[1];

	(void)state;
	assert_true(!is_healthy(b)); /* it does not know of the other yet */
	pair_turn(p, 0);
	expect_metric(b, "guyline_dhcpd_standby_heard_seconds +Inf");
	settle(p);
	pair_pass(p, 180 * GYL_NS_PER_S);
	get(p, 1);
	assert_true(is_healthy(a) && is_healthy(b));
	expect_health("the second of two, connected with 10.0.0.1 for 3m");
	expect_metric(a, "guyline_dhcpd_standby_role{role=\"serving\"} 1");
	expect_metric(a, "guyline_dhcpd_standby_role{role=\"alone\"} 0");
	expect_metric(a, "guyline_dhcpd_standby_connected 1");
	expect_status(a, "\"leases\":1,\"standby\":{\"role\":\"serving\"");
	expect_status(b, "\"first\":false,\"peer\":\"10.0.0.1\",\"connected\":true");
	b->deaf = true;
	reserve(p, a, 1, 201);
	expect_metric(a, "guyline_dhcpd_standby_behind_records 1");
	b->deaf = false;
	pair_crash(p, b);
	pair_pass(p, 15 * GYL_NS_PER_S);
	assert_true(is_healthy(a)); /* clients are served */
	expect_health("alone for");
	expect_health("without 10.0.0.2, last heard");
	expect_metric(a, "guyline_dhcpd_standby_role{role=\"alone\"} 1");
	p->cut = true;
	pair_start(p, b);
	pair_turn(p, 0);
	assert_true(!is_healthy(b));
	expect_health("dhcpd answers nobody: waiting for");
	pair_close(p);
}

/* ---- the model ---- */

static void fate(struct pair *p)
{
	struct node *n = &p->n[pair_rand(p, 2)];

	switch (pair_rand(p, 20)) {
	case 12:
		n->deaf = true;
		break;
	case 13:
		p->n[0].deaf = p->n[1].deaf = false;
		break;
	case 14:
		pair_set_clock(p, n, (uint64_t)((int64_t)pair_rand(p, 7200) - 3600) * GYL_NS_PER_S);
		break;
	case 15:
		pair_compact(n);
		break;
	case 16:
		n->slow = true;
		break;
	case 17:
		p->n[0].slow = p->n[1].slow = false;
		break;
	case 18:
		p->room = p->room == 1400 ? 65536 : 1400;
		break;
	case 0:
		pair_crash(p, n);
		break;
	case 1:
	case 2:
		if (!n->up)
			pair_start(p, n);
		break;
	case 3:
		p->cut = true;
		break;
	case 4:
	case 5:
		p->cut = false;
		break;
	case 6:
		pair_pass(p, pair_rand(p, 20) * GYL_NS_PER_S);
		break;
	case 7:
		pair_pass(p, pair_rand(p, 200) * GYL_NS_PER_S);
		break;
	case 8:
		if (n->up && pair_role(p, (unsigned)(n - p->n)) == GYL_DHCPD_ROLE_STANDBY) {
			pair_begin(p, n);
			gyl__dhcpd_standby_takeover(n->d, n->b.now, &n->b.out, false);
			pair_end(p, n);
		}
		break;
	default:
		break;
	}
}

/* All at once. */
static void rush(struct pair *p)
{
	for (unsigned i = 0; i < PAIR_CLIENTS; i++)
		if (p->client[i].ip != 0 && p->client[i].until_ns > p->now_ns)
			ask_again(p, i, p->client[i].ip);
	pair_step(p, 20 * GYL_NS_PER_MS);
}

/* At whoever serves; who does not says so. */
static void set(struct pair *p)
{
	struct node *n = &p->n[pair_rand(p, 2)];
	unsigned who = pair_rand(p, 8), ip = pair_rand(p, 3) == 0 ? 0 : 200 + pair_rand(p, 8);

	if (n->up)
		reserve(p, n, who, ip);
}

static void deed(struct pair *p)
{
	unsigned who = pair_rand(p, PAIR_CLIENTS);

	switch (pair_rand(p, 10)) {
	case 9:
		set(p);
		break;
	case 8:
		rush(p);
		break;
	case 0:
	case 1:
	case 2:
		pair_acquire(p, who);
		break;
	case 3:
	case 4:
	case 5:
		pair_renew(p, who, pair_rand(p, 3) == 0, 1);
		break;
	case 6:
		pair_give_up(p, who);
		break;
	default:
		pair_step(p, GYL_NS_PER_MS * (1 + pair_rand(p, 300)));
	}
}

static void mend(struct pair *p)
{
	p->cut = false;
	p->room = 65536;
	for (unsigned i = 0; i < 2; i++) {
		p->n[i].deaf = p->n[i].slow = false;
		if (!p->n[i].up)
			pair_start(p, &p->n[i]);
	}
	pair_pass(p, 20 * GYL_NS_PER_S);
}

static void run_model(uint64_t seed)
{
	struct pair *p = pair_open(seed);
	unsigned first, second, calm = 2 + (unsigned)(seed % 7);

	p->take_back = seed % 3 == 0;
	p->name_no = seed % 2;
	p->n[seed / 2 % 2].ppm = seed % 5 == 0 ? 10000 : 0;
	settle(p);
	for (unsigned i = 0; i < 250; i++) {
		deed(p);
		if (pair_rand(p, calm) == 0)
			fate(p);
	}
	mend(p);
	first = pair_role(p, 0);
	second = pair_role(p, 1);
	if (!(first == GYL_DHCPD_ROLE_BOTH && second == GYL_DHCPD_ROLE_STANDBY) &&
		!(first == GYL_DHCPD_ROLE_STANDBY && second == GYL_DHCPD_ROLE_BOTH))
		fail_msg("seed %u ends as %s and %s", (unsigned)seed,
			gyl__dhcpd_role_name((uint8_t)first),
			gyl__dhcpd_role_name((uint8_t)second));
	assert_int_equal(p->n[0].d->live.host_cnt, p->n[1].d->live.host_cnt);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(reserved(&p->n[0], i), reserved(&p->n[1], i));
	/* Whoever holds something may keep it. */
	for (unsigned i = 0; i < PAIR_CLIENTS; i++)
		if (p->client[i].ip != 0 && p->client[i].until_ns > p->now_ns + 20 * GYL_NS_PER_S)
			renew(p, i);
	pair_close(p);
}

static void no_schedule_gives_an_address_to_two_or_forgets_one(void **state)
{
	const char *from = getenv("GYL_SEED"), *cnt = getenv("GYL_SEEDS");
	uint64_t seed = from == NULL ? 1 : strtoull(from, NULL, 10);
	uint64_t end = seed + (cnt == NULL ? 300 : strtoull(cnt, NULL, 10));

	(void)state;
	for (; seed < end; seed++) {
		if (getenv("GYL_LOUD") != NULL)
			fprintf(stderr, "seed %u\n", (unsigned)seed);
		run_model(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_serves_and_the_second_has_a_copy),
		cmocka_unit_test(an_ack_waits_for_both),
		cmocka_unit_test(the_second_takes_over_and_knows_all),
		cmocka_unit_test(without_a_time_it_takes_over_by_command_only),
		cmocka_unit_test(the_first_takes_back_when_it_is_told_to),
		cmocka_unit_test(a_first_that_is_alone_stays_so_after_a_restart),
		cmocka_unit_test(cut_off_from_each_other_no_address_goes_to_two),
		cmocka_unit_test(the_same_power_cut_for_both_forgets_nothing),
		cmocka_unit_test(both_configured_as_the_first_do_not_serve),
		cmocka_unit_test(a_wrong_secret_is_told),
		cmocka_unit_test(nobody_there_is_told),
		cmocka_unit_test(a_first_without_records_waits_once_it_met_the_other),
		cmocka_unit_test(who_does_not_know_serves_by_command_only_when_all_is_said),
		cmocka_unit_test(a_lease_of_the_moment_of_go_is_kept_or_not_said),
		cmocka_unit_test(a_lease_that_was_said_is_not_undone_for_a_later_record),
		cmocka_unit_test(a_release_is_told_though_the_address_was_offered_since),
		cmocka_unit_test(what_the_other_may_hold_on_to_outlives_the_journal),
		cmocka_unit_test(a_clock_that_was_set_moves_the_cut_with_the_leases),
		cmocka_unit_test(a_clock_that_is_set_at_the_start_moves_the_cut_too),
		cmocka_unit_test(clocks_that_go_apart_are_compared_anew),
		cmocka_unit_test(alone_says_nothing_before_its_record_is_durable),
		cmocka_unit_test(the_time_of_a_frame_is_not_ahead_of_what_was_said),
		cmocka_unit_test(a_wipe_is_told_to_the_other),
		cmocka_unit_test(what_was_told_since_the_cut_is_not_older_after_a_start),
		cmocka_unit_test(books_that_were_not_closed_do_not_hold_up_the_copy),
		cmocka_unit_test(reservations_and_drains_are_of_both),
		cmocka_unit_test(a_reservation_waits_for_both),
		cmocka_unit_test(of_what_was_set_apart_the_later_word_counts),
		cmocka_unit_test(many_reservations_are_told_in_slices),
		cmocka_unit_test(more_addresses_than_are_taken_over_are_told),
		cmocka_unit_test(how_the_two_stand_is_told),
		cmocka_unit_test(no_schedule_gives_an_address_to_two_or_forgets_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
