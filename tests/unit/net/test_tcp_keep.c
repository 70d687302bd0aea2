/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_keep.h"
#include "tests/support/support.h"

#include <gyl/time.h>

#define S GYL_NS_PER_S

enum {
	IDLE_S = 7200,
	GAP_S = 75,
	CNT = 9
};

struct run {
	uint64_t probed_ns;
	uint8_t probe_cnt;
};

static struct gyl__keep_step ask(struct run *r, uint64_t now_ns)
{
	struct gyl__keep_step s =
		gyl__keep(now_ns, 0, r->probed_ns, r->probe_cnt, IDLE_S * S, GAP_S * S, CNT);

	if (s.what == GYL__KEEP_PROBE) {
		r->probed_ns = now_ns;
		r->probe_cnt++;
	}
	return s;
}

/* Item 63: keep-alive as a pure function; nine probes at 7200 and 75 s, and then it closes. */
static void item_63_nine_probes_then_close(void **state)
{
	struct run r = {0, 0};
	unsigned probes = 0;

	(void)state;
	for (uint64_t s = 0; s <= IDLE_S + CNT * GAP_S; s++) {
		struct gyl__keep_step step = ask(&r, s * S);
		uint64_t due_s = IDLE_S + (uint64_t)probes * GAP_S;

		if (s < due_s) {
			assert_int_equal(step.what, GYL__KEEP_WAIT);
			assert_int_equal(step.at_ns, due_s * S);
		} else if (probes < CNT) {
			assert_int_equal(step.what, GYL__KEEP_PROBE);
			assert_int_equal(step.at_ns, (due_s + GAP_S) * S);
			probes++;
		} else {
			assert_int_equal(step.what, GYL__KEEP_CLOSE);
		}
	}
	assert_int_equal(probes, CNT);
}

/* Item 63: a machine that slept past several probes does not send them back-to-back. */
static void item_63_missed_probes_are_not_sent_back_to_back(void **state)
{
	struct run r = {0, 0};
	uint64_t late_ns = (IDLE_S + 4 * GAP_S + 10) * S;

	(void)state;
	assert_int_equal(ask(&r, late_ns).what, GYL__KEEP_PROBE);
	for (uint64_t s = 0; s < GAP_S; s++) {
		struct gyl__keep_step step = ask(&r, late_ns + s * S);

		assert_int_equal(step.what, GYL__KEEP_WAIT);
		assert_int_equal(step.at_ns, late_ns + GAP_S * S);
	}
	assert_int_equal(ask(&r, late_ns + GAP_S * S).what, GYL__KEEP_PROBE);
	assert_int_equal(r.probe_cnt, 2);
}

/* Item 63: all missed and none sent is no reason to close: the peer was never asked. */
static void item_63_a_long_sleep_asks_first(void **state)
{
	struct run r = {0, 0};

	(void)state;
	assert_int_equal(ask(&r, UINT64_C(1000000) * S).what, GYL__KEEP_PROBE);
	assert_int_equal(ask(&r, UINT64_C(1000000) * S).what, GYL__KEEP_WAIT);
}

static void limits(void **state)
{
	(void)state;
	assert_int_equal(gyl__keep(5, 4, 0, 0, UINT64_MAX, 1, 1).at_ns, UINT64_MAX);
	assert_int_equal(gyl__keep(5, 4, 0, 0, UINT64_MAX, 1, 1).what, GYL__KEEP_WAIT);
	assert_int_equal(gyl__keep(5, 0, 4, 1, 1, UINT64_MAX, 2).what, GYL__KEEP_WAIT);
	assert_int_equal(gyl__keep(5, 4, 0, 0, 1, 1, 1).what, GYL__KEEP_PROBE);
	assert_int_equal(gyl__keep(6, 4, 5, 1, 1, 1, 1).what, GYL__KEEP_CLOSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_63_nine_probes_then_close),
		cmocka_unit_test(item_63_missed_probes_are_not_sent_back_to_back),
		cmocka_unit_test(item_63_a_long_sleep_asks_first),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
