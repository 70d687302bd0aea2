/* SPDX-License-Identifier: ISC */
/*
 * The table of path mtus. Numbers are those of libnet/docs/stack.md.
 */
#include <stdlib.h>

#include "libnet/src/path.h"
#include "tests/support/support.h"

enum {
	CNT = 4
};

static struct gyl_paths t;
static void *mem;
static const uint64_t now_ns = 1000 * GYL_NS_PER_S;

static void open_table(uint16_t cnt)
{
	mem = malloc(gyl__paths_need(cnt));
	assert_non_null(mem);
	gyl__paths_init(&t, mem, cnt, UINT64_C(0x123456789abcdef0));
}

static void a_path_is_lowered_never_raised_by_a_message(void **state)
{
	(void)state;
	open_table(CNT);
	assert_int_equal(gyl__path_mtu(&t, now_ns, 1), 0);
	gyl__path_lower(&t, now_ns, 1, 1400);
	gyl__path_lower(&t, now_ns, 1, 1450);
	assert_int_equal(gyl__path_mtu(&t, now_ns, 1), 1400);
	assert_int_equal(gyl__path_mtu(&t, now_ns, 2), 0);
	gyl__path_lower(&t, now_ns, 1, 1300);
	assert_int_equal(gyl__path_mtu(&t, now_ns, 1), 1300);
	assert_int_equal(t.cnt, 1);
	free(mem);
}

/* RFC 1191 6.3: ten minutes from the last message that said so. */
static void a_path_is_forgotten(void **state)
{
	uint64_t half = GYL_PATH_LIFE_NS / 2, at;

	(void)state;
	open_table(CNT);
	gyl__path_lower(&t, now_ns, 1, 1400);
	gyl__path_lower(&t, now_ns + half, 1, 1400);
	gyl__path_lower(&t, now_ns + half + 1, 1, 1450); /* says nothing of 1400 */
	at = now_ns + half + GYL_PATH_LIFE_NS;
	assert_int_equal(gyl__path_mtu(&t, at - 1, 1), 1400);
	assert_int_equal(gyl__path_mtu(&t, at, 1), 0);
	gyl__path_lower(&t, at, 1, 1450);
	assert_int_equal(gyl__path_mtu(&t, at, 1), 1450);
	assert_int_equal(t.cnt, 1);
	free(mem);
}

static void the_least_recently_used_one_makes_room(void **state)
{
	(void)state;
	open_table(CNT);
	for (uint32_t ip = 1; ip <= CNT; ip++)
		gyl__path_lower(&t, now_ns, ip, 1400);
	gyl__path_used(&t, 1);
	gyl__path_used(&t, 1);
	gyl__path_used(&t, 99);
	gyl__path_lower(&t, now_ns, 5, 1400);
	assert_int_equal(gyl__path_mtu(&t, now_ns, 2), 0);
	assert_int_equal(gyl__path_mtu(&t, now_ns, 1), 1400);
	gyl__path_lower(&t, now_ns, 6, 1400);
	assert_int_equal(gyl__path_mtu(&t, now_ns, 3), 0);
	assert_int_equal(t.cnt, CNT);
	free(mem);
}

/* Against a plain table, with more destinations than room. */
static void many_paths(void **state)
{
	static uint16_t model[64];
	uint32_t x = 1;
	unsigned known = 0;

	(void)state;
	open_table(64);
	for (int i = 0; i < 20000; i++) {
		uint32_t ip;
		uint16_t mtu;

		x = x * 1664525u + 1013904223u;
		ip = x >> 26;
		mtu = (uint16_t)(576 + (x >> 10) % 900);
		gyl__path_lower(&t, now_ns, ip * 0x01000000u, mtu);
		known += model[ip] == 0;
		if (model[ip] == 0 || mtu < model[ip])
			model[ip] = mtu;
		assert_int_equal(gyl__path_mtu(&t, now_ns, ip * 0x01000000u), model[ip]);
	}
	assert_int_equal(known, 64);
	assert_int_equal(t.cnt, 64);
	free(mem);
}

static void rfc_1191_plateaus(void **state)
{
	static const uint16_t cases[][2] = {{65535, 32000}, {32000, 17914}, {1500, 1492},
		{1492, 1006}, {1006, 576}, {576, 576}, {68, 576}};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_int_equal(gyl__path_plateau(cases[i][0]), cases[i][1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_lowered_never_raised_by_a_message),
		cmocka_unit_test(a_path_is_forgotten),
		cmocka_unit_test(the_least_recently_used_one_makes_room),
		cmocka_unit_test(many_paths),
		cmocka_unit_test(rfc_1191_plateaus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
