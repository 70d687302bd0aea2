/* SPDX-License-Identifier: ISC */

/* Two servers: what they do one after the other, and a model over random schedules of crashes,
 * restarts, partitions and clients. */

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

/* ---- the model ---- */

static void fate(struct pair *p)
{
	struct node *n = &p->n[pair_rand(p, 2)];

	switch (pair_rand(p, 12)) {
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

static void deed(struct pair *p)
{
	unsigned who = pair_rand(p, PAIR_CLIENTS);

	switch (pair_rand(p, 8)) {
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
	for (unsigned i = 0; i < 2; i++)
		if (!p->n[i].up)
			pair_start(p, &p->n[i]);
	pair_pass(p, 20 * GYL_NS_PER_S);
}

static void run_model(uint64_t seed)
{
	struct pair *p = pair_open(seed);
	unsigned first, second;

	p->take_back = seed % 3 == 0;
	settle(p);
	for (unsigned i = 0; i < 250; i++) {
		deed(p);
		if (pair_rand(p, 5) == 0)
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
		cmocka_unit_test(no_schedule_gives_an_address_to_two_or_forgets_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
