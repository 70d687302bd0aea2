/* SPDX-License-Identifier: ISC */

/* The ring between two threads: first its rules in one thread, then two that know nothing else of
 * each other. */

#include <gyl/base.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "services/base/event.h"
#include "services/base/pass.h"
#include "tests/support/support.h"

struct rig {
	struct gyl_pass p;
	void *mem;
	_Atomic unsigned wake_cnt;
};

static void wake(void *arg)
{
	struct rig *g = arg;

	atomic_fetch_add(&g->wake_cnt, 1);
}

static int open_rig(void **state)
{
	struct rig *g = aligned_alloc(
		GYL_PASS_LINE, (sizeof *g + GYL_PASS_LINE - 1) & ~(size_t)(GYL_PASS_LINE - 1));

	g->mem = aligned_alloc(16, GYL_PASS_LEN);
	g->wake_cnt = 0;
	gyl_pass_init(&g->p, g->mem, wake, g);
	*state = g;
	return 0;
}

static int close_rig(void **state)
{
	struct rig *g = *state;

	free(g->mem);
	free(g);
	return 0;
}

static bool put(struct rig *g, uint32_t number, size_t len)
{
	static uint8_t data[70000];
	struct gyl_in in = {.kind = GYL_IN_DGRAM,
		.seq = number % 3,
		.peer = {.ip = number, .local_ip = ~number, .port = (uint16_t)number},
		.data = gyl_view(data, len)};

	memset(data, (int)(number & 0xff), len);
	return gyl_pass_dgram(&g->p, &in, 7, 2);
}

static void expect(const struct gyl_in *in, uint32_t number, size_t len)
{
	assert_int_equal(in->kind, GYL_IN_DGRAM);
	assert_int_equal(in->port, 7);
	assert_int_equal(in->role, 2);
	assert_int_equal(in->flow, 0);
	assert_int_equal(in->seq, number % 3);
	assert_int_equal(in->peer.ip, number);
	assert_int_equal(in->peer.local_ip, ~number);
	assert_int_equal(in->data.len, len);
	for (size_t i = 0; i < len; i += 97)
		assert_int_equal(in->data.p[i], number & 0xff);
}

static void datagrams_come_in_order_and_stay_until_they_are_dropped(void **state)
{
	struct rig *g = *state;
	struct gyl_in in[8];

	assert_int_equal(gyl_pass_look(&g->p, in, 8), 0);
	for (uint32_t i = 0; i < 5; i++)
		assert_true(put(g, i, 12 + i));
	assert_int_equal(gyl_pass_look(&g->p, in, 3), 3);
	assert_int_equal(gyl_pass_look(&g->p, in, 8), 5);
	for (uint32_t i = 0; i < 5; i++)
		expect(&in[i], i, 12 + i);
	gyl_pass_drop(&g->p, 2);
	assert_int_equal(gyl_pass_look(&g->p, in, 8), 3);
	expect(&in[0], 2, 14);
	gyl_pass_drop(&g->p, 3);
	assert_int_equal(gyl_pass_look(&g->p, in, 8), 0);
	assert_int_equal(g->p.cnt, 5);
}

static void an_event_comes_alone(void **state)
{
	struct rig *g = *state;
	struct gyl_in in[8];
	struct gyl_event e;
	struct gyl_view text;

	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_event_str(&e, "text", gyl_view_str("hello"));
	assert_true(put(g, 1, 40));
	assert_true(gyl_pass_event(&g->p, &e));
	assert_true(put(g, 2, 40));
	assert_int_equal(gyl_pass_look(&g->p, in, 8), 1);
	expect(&in[0], 1, 40);
	gyl_pass_drop(&g->p, 1);
	assert_int_equal(gyl_pass_look(&g->p, in, 8), 1);
	assert_int_equal(in[0].kind, GYL_IN_EVENT);
	assert_true(gyl_event_get_str(in[0].event, "text", &text));
	assert_true(gyl_view_eq(text, gyl_view_str("hello")));
	gyl_pass_drop(&g->p, 1);
	assert_int_equal(gyl_pass_look(&g->p, in, 8), 1);
	expect(&in[0], 2, 40);
}

/* Lengths that leave every possible rest at the end of the memory. */
static void the_memory_is_gone_round_with_any_length(void **state)
{
	struct rig *g = *state;
	struct gyl_in in[4];
	uint32_t number = 0;

	for (size_t len = 0; len < 65508; len = len < 300 ? len + 1 : len + 1777) {
		for (size_t sum = 0; sum < 2 * (size_t)GYL_PASS_LEN; sum += len + 48) {
			assert_true(put(g, number, len));
			assert_int_equal(gyl_pass_look(&g->p, in, 4), 1);
			expect(&in[0], number++, len);
			gyl_pass_drop(&g->p, 1);
		}
	}
	assert_int_equal(g->p.lost_cnt, 0);
}

static void what_has_no_room_is_counted_and_lost(void **state)
{
	struct rig *g = *state;
	struct gyl_in in[4];
	uint32_t cnt = 0;

	while (put(g, cnt, 1000))
		cnt++;
	assert_true(cnt > GYL_PASS_LEN / 1100 && cnt <= GYL_PASS_LEN / 1000);
	assert_int_equal(g->p.lost_cnt, 1);
	assert_int_equal(g->p.cnt, cnt);
	assert_int_equal(gyl_pass_look(&g->p, in, 4), 4);
	expect(&in[0], 0, 1000);
	gyl_pass_drop(&g->p, 4);
	assert_true(put(g, cnt, 1000));
}

static void only_a_reader_that_sleeps_is_woken(void **state)
{
	struct rig *g = *state;
	struct gyl_in in[4];

	assert_true(put(g, 1, 40));
	assert_int_equal(g->wake_cnt, 0);
	assert_false(gyl_pass_sleep(&g->p)); /* there is something: it must not */
	gyl_pass_awake(&g->p);
	gyl_pass_look(&g->p, in, 4);
	gyl_pass_drop(&g->p, 1);
	assert_true(gyl_pass_sleep(&g->p));
	assert_true(put(g, 2, 40));
	assert_true(put(g, 3, 40));
	assert_int_equal(g->wake_cnt, 1);
	gyl_pass_awake(&g->p);
	assert_true(put(g, 4, 40));
	assert_int_equal(g->wake_cnt, 1);
}

enum {
	MANY = 200000
};

static void *write_many(void *arg)
{
	struct rig *g = arg;

	for (uint32_t i = 0; i < MANY;) {
		if (put(g, i, 20 + i % 500))
			i++;
		else
			sched_yield();
	}
	return NULL;
}

/* Whoever goes to sleep with something there would wait for ever: it is woken, or does not sleep.
 */
static void two_threads_lose_nothing_and_oversleep_nothing(void **state)
{
	struct rig *g = *state;
	struct gyl_in in[64];
	uint32_t next = 0;
	pthread_t writer;
	unsigned before;

	assert_int_equal(pthread_create(&writer, NULL, write_many, g), 0);
	while (next < MANY) {
		size_t cnt = gyl_pass_look(&g->p, in, 64);

		for (size_t i = 0; i < cnt; i++, next++)
			expect(&in[i], next, 20 + next % 500);
		gyl_pass_drop(&g->p, cnt);
		if (cnt != 0 || next == MANY)
			continue;
		before = atomic_load(&g->wake_cnt);
		if (gyl_pass_sleep(&g->p))
			while (atomic_load(&g->wake_cnt) == before)
				sched_yield();
		gyl_pass_awake(&g->p);
	}
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_int_equal(gyl_pass_look(&g->p, in, 64), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			datagrams_come_in_order_and_stay_until_they_are_dropped, open_rig,
			close_rig),
		cmocka_unit_test_setup_teardown(an_event_comes_alone, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(
			the_memory_is_gone_round_with_any_length, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(
			what_has_no_room_is_counted_and_lost, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(
			only_a_reader_that_sleeps_is_woken, open_rig, close_rig),
		cmocka_unit_test_setup_teardown(
			two_threads_lose_nothing_and_oversleep_nothing, open_rig, close_rig),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
