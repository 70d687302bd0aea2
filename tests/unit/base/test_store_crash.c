/* SPDX-License-Identifier: ISC */

/*
 * Random operations, and the power goes off at random moments. After each restart the state must be
 * the one after some batch, no earlier than the last that was said to be durable.
 */

#include "tests/unit/base/store_world.h"

enum {
	HISTORY_MAX = 4000,
	SEED_CNT = 30,
	STEP_CNT = 1500
};

static uint64_t history[HISTORY_MAX]; /* state after batch i of this life */
static uint64_t seq_now;
static bool owned;                 /* one of the dictionaries has an owner */
static uint32_t val_max, name_cnt; /* many large values make compactions long */
static unsigned long compact_cnt, mid_compact_cnt, torn_cnt,
	salvage_cnt; /* that the test is worth it */

static struct gyl_view random_key(struct world *w, char *buf)
{
	static const char *const dicts[] = {"", "a/", "a/b/", "lease/", "x/y/z/"};
	unsigned n = world_random(w, name_cnt);
	const char *dict = dicts[world_random(w, TEST_CNT(dicts))];

	return gyl_view(buf, (size_t)sprintf(buf, "%sk%u", dict, n));
}

static void one_batch(struct world *w)
{
	static uint8_t val[GYL_STORE_VALUE_MAX];
	char key[8][32];
	struct gyl_record rec[8];
	size_t cnt = 1 + (world_random(w, 3) == 0 ? world_random(w, 8) : 0);
	enum gyl_store_err err;

	for (size_t i = 0; i < cnt; i++) {
		size_t len = world_random(w, world_random(w, 20) == 0 ? 1500 : val_max);

		val[0] = (uint8_t)w->rng;
		rec[i] = (struct gyl_record){
			.key = random_key(w, key[i]), .val = gyl_view(val, len)};
		if (world_random(w, 6) == 0) {
			rec[i].remove = true;
			if (world_random(w, 4) == 0)
				rec[i].key = gyl_view_str("a");
		}
	}
	w->wall_ns += world_random(w, 3);
	err = world_batch(w, rec, cnt, &seq_now);
	if (err == GYL_STORE_BUSY)
		return;
	assert_int_equal(err, GYL_STORE_OK);
	assert_true(seq_now < HISTORY_MAX);
	history[seq_now] = world_hash(w);
}

static void restart(struct world *w)
{
	uint64_t durable = gyl_store_durable(w->s), seq = seq_now + 1, got;

	mid_compact_cnt += w->s->compact != GYL_STORE_COPY_IDLE && w->s->j.end.gen > 1;
	salvage_cnt += w->s->j.salvage;
	world_crash(w);
	world_audit(w);
	world_boot(w);
	world_replay(w);
	world_audit(w);
	assert_int_equal(w->s->info.refused_cnt, 0);
	torn_cnt += w->s->info.torn_len != 0;
	got = world_hash(w);
	while (seq-- > durable)
		if (history[seq] == got)
			break;
	if (seq + 1 == durable)
		fail_msg("replay gives no state between batch %llu (durable) and %llu",
			(unsigned long long)durable, (unsigned long long)seq_now);
	seq_now = 0;
	history[0] = got;
}

static void step(struct world *w, unsigned fail_part)
{
	uint64_t lost;

	switch (world_random(w, 8)) {
	case 0:
		w->mono_ns += world_random(w, 3000000);
		break;
	case 1:
	case 2:
		if (world_write_begin(w) && world_random(w, 2) == 0)
			break;
		/* fallthrough */
	case 3:
		if (w->w.buf == NULL)
			break;
		if (fail_part == 0 || world_random(w, fail_part) != 0) {
			world_write_end(w, 0, &lost);
			break;
		}
		w->rng ^= 1;
		{
			struct gyl_store_write write = w->w;

			world_crash(w); /* a failed write may have written anything */
			w->w = write;
			world_write_end(w, 5, &lost);
			w->mono_ns += 1000000000;
		}
		break;
	default:
		one_batch(w);
	}
}

static void life(uint64_t seed, uint64_t unit_cnt, unsigned fail_part)
{
	struct world w;

	world_open(&w, 220, 420000, unit_cnt);
	if (owned)
		world_own(&w);
	w.rng = seed * 0x9e3779b97f4a7c15u;
	seq_now = 0;
	val_max = unit_cnt >= 300 ? 1800 : 100;
	name_cnt = unit_cnt >= 900 ? 40 : 12;
	history[0] = world_hash(&w);
	for (unsigned i = 0; i < STEP_CNT; i++) {
		step(&w, fail_part);
		if (world_random(&w, w.s->compact == GYL_STORE_COPY_IDLE ? 40 : 6) == 0)
			restart(&w);
	}
	world_settle(&w);
	assert_true(gyl_store_durable(w.s) == seq_now);
	restart(&w);
	compact_cnt += w.s->j.end.gen - 1;
	world_close(&w);
}

static void expect_crashes_survived(void)
{
	compact_cnt = mid_compact_cnt = torn_cnt = 0;
	for (uint64_t seed = 1; seed <= SEED_CNT; seed++)
		life(seed, 120 + seed % 7 * 60, 0);
	print_message("%lu compactions, %lu restarts amidst one, %lu torn writes\n", compact_cnt,
		mid_compact_cnt, torn_cnt);
	assert_true(compact_cnt > SEED_CNT && mid_compact_cnt > SEED_CNT && torn_cnt > SEED_CNT);
}

static void expect_failures_survived(void)
{
	salvage_cnt = 0;
	for (uint64_t seed = 1; seed <= SEED_CNT; seed++)
		life(seed, seed % 2 ? 1200 : 400, 5);
	print_message("%lu restarts amidst a salvage\n", salvage_cnt);
	assert_true(salvage_cnt > SEED_CNT);
}

static void crashes(void **state)
{
	(void)state;
	expect_crashes_survived();
}

static void crashes_and_failed_writes(void **state)
{
	(void)state;
	expect_failures_survived();
}

static void crashes_with_an_owner(void **state)
{
	(void)state;
	owned = true;
	expect_crashes_survived();
}

static void crashes_and_failed_writes_with_an_owner(void **state)
{
	(void)state;
	expect_failures_survived();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crashes),
		cmocka_unit_test(crashes_and_failed_writes),
		cmocka_unit_test(crashes_with_an_owner),
		cmocka_unit_test(crashes_and_failed_writes_with_an_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
