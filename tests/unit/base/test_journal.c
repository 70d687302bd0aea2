/* SPDX-License-Identifier: ISC */

/* What is on the extents: replay of anything that a crash or a bad disk can leave, and timing. */

#include "tests/unit/base/store_world.h"

enum {
	HISTORY_MAX = 2000,
	MS = 1000000
};

/* States after each batch; and which of them each unit of the newest extent made durable. */
struct past {
	uint64_t hash[HISTORY_MAX];
	uint32_t cnt;
	uint32_t durable_at[400]; /* with so many units there, at least this state */
};

static void remember(struct world *w, struct past *p)
{
	assert_true(p->cnt < HISTORY_MAX);
	p->hash[p->cnt++] = world_hash(w);
}

static void flush(struct world *w, struct past *p)
{
	world_settle(w);
	for (uint64_t i = w->s->j.end.unit; i < TEST_CNT(p->durable_at); i++)
		p->durable_at[i] = p->cnt - 1;
}

/* Batches of all sizes, flushed now and then. */
static void busy_day(struct world *w, struct past *p, uint64_t until_unit, uint32_t until_gen)
{
	static uint8_t val[GYL_STORE_VALUE_MAX];

	while (w->s->j.end.gen < until_gen || w->s->j.end.unit < until_unit) {
		struct gyl_record rec[3];
		char key[3][32];
		uint64_t seq;
		size_t cnt = 1 + world_random(w, 3);

		for (size_t i = 0; i < cnt; i++) {
			sprintf(key[i], "lease/%u", world_random(w, 20));
			memset(val, (int)world_random(w, 256), 800);
			rec[i] = (struct gyl_record){.key = gyl_view_str(key[i]),
				.val = gyl_view(val, world_random(w, 800)),
				.remove = world_random(w, 8) == 0};
		}
		assert_int_equal(gyl_store_batch(w->s, ++w->wall_ns, rec, cnt, &seq), GYL_STORE_OK);
		remember(w, p);
		if (world_random(w, 2) == 0)
			flush(w, p);
	}
	flush(w, p);
}

static void replay_is_past(
	struct world *w, const struct past *p, uint32_t from, const char *what, size_t at)
{
	uint64_t got;

	world_boot(w);
	world_replay(w);
	got = world_hash(w);
	for (uint32_t i = p->cnt; i-- > from;)
		if (p->hash[i] == got)
			return;
	fail_msg("%s %zu: no state from %u on of %u", what, at, from, p->cnt);
}

/* The newest extent ends at every octet there is; what follows is zero. */
static void cut_everywhere(struct world *w, const struct past *p, bool durable)
{
	uint8_t dev = w->s->j.end.dev;
	size_t len = (size_t)w->s->j.end.unit * GYL_UNIT_LEN;
	uint8_t *whole = malloc(len);

	assert_non_null(whole);
	memcpy(whole, w->ext[dev], len);
	for (size_t cut = len + 1; cut-- > 0;) {
		memset(w->ext[dev] + cut, 0, len - cut);
		replay_is_past(
			w, p, durable ? p->durable_at[cut / GYL_UNIT_LEN] : 0, "cut at", cut);
	}
	memcpy(w->ext[dev], whole, len);
	free(whole);
}

static void cut_first_extent(void **state)
{
	static struct past p;
	struct world w;

	(void)state;
	world_open(&w, 40, 20000, 300);
	remember(&w, &p);
	busy_day(&w, &p, 12, 1);
	cut_everywhere(&w, &p, true);
	world_close(&w);
}

/* Before the complete mark the older extent has to come in. */
static void cut_after_compaction(void **state)
{
	static struct past p;
	struct world w;

	(void)state;
	world_open(&w, 40, 20000, 160);
	remember(&w, &p);
	busy_day(&w, &p, 8, 2);
	assert_true(w.s->j.end.complete);
	cut_everywhere(&w, &p, false);
	world_close(&w);
}

static void corrupt_every_unit(void **state)
{
	static struct past p;
	struct world w;
	uint64_t hash;

	(void)state;
	world_open(&w, 40, 20000, 160);
	remember(&w, &p);
	busy_day(&w, &p, 60, 3);
	for (int dev = 0; dev < 2; dev++) {
		for (uint64_t unit = 0; unit < w.cf.unit_cnt; unit++) {
			uint8_t *octet =
				w.ext[dev] + unit * GYL_UNIT_LEN + world_random(&w, GYL_UNIT_LEN);
			uint8_t old = *octet;

			*octet ^= (uint8_t)(1u << world_random(&w, 8));
			replay_is_past(&w, &p, 0, "corrupted", unit);
			hash = world_hash(&w);
			*octet = old;
			/* A unit that cannot be read takes no good ones with it. */
			w.bad_unit[dev] = unit;
			replay_is_past(&w, &p, 0, "unreadable", unit);
			assert_true(world_hash(&w) == hash);
			w.bad_unit[dev] = UINT64_MAX;
		}
	}
	replay_is_past(&w, &p, p.cnt - 1, "whole", 0);
	world_close(&w);
}

/* A write of which only one half of its only unit, of two sectors, comes through. */
static void torn_life(struct world *w, const char *key, size_t half)
{
	world_set(w, key, "1");
	w->mono_ns += 2 * MS;
	assert_true(world_write_begin(w));
	assert_int_equal(w->w.cnt, 1);
	memcpy(world_at(w, 0) + half * GYL_UNIT_LEN / 2, w->w.buf + half * GYL_UNIT_LEN / 2,
		GYL_UNIT_LEN / 2);
	world_boot(w);
	world_replay(w);
}

/* Two torn writes must not make up one that was given up. */
static void torn_twice(void **state)
{
	struct world w;
	uint64_t hash;

	(void)state;
	world_open(&w, 40, 4000, 200);
	world_settle(&w);
	hash = world_hash(&w);
	memset(w.ext[0] + w.s->j.end.unit * GYL_UNIT_LEN, 0xff, GYL_UNIT_LEN);
	torn_life(&w, "a", 0);
	assert_true(world_hash(&w) == hash);
	torn_life(&w, "b", 1);
	assert_true(world_hash(&w) == hash);
	world_close(&w);
}

static uint64_t write_now(struct world *w)
{
	uint64_t lost;

	assert_true(world_write_begin(w));
	world_write_end(w, 0, &lost);
	return gyl_store_durable(w->s);
}

/* One write in flight; the next at least 1 ms after the last started; after a pause at once. */
static void group_commit(void **state)
{
	struct world w;
	uint64_t lost, first, second;

	(void)state;
	world_open(&w, 40, 4000, 200);
	world_settle(&w);
	assert_true(gyl_store_deadline_ns(w.s) == UINT64_MAX);
	w.mono_ns += 10 * MS;
	first = world_set(&w, "a", "1");
	assert_true(gyl_store_deadline_ns(w.s) <= w.mono_ns);
	assert_true(world_write_begin(&w));
	second = world_set(&w, "b", "1");
	w.mono_ns += MS / 2;
	assert_true(gyl_store_deadline_ns(w.s) == UINT64_MAX);
	assert_true(gyl_store_durable(w.s) < first);
	world_write_end(&w, 0, &lost);
	assert_true(gyl_store_durable(w.s) == first);
	assert_false(world_write_begin(&w));
	assert_true(gyl_store_deadline_ns(w.s) == w.mono_ns + MS / 2);
	w.mono_ns += MS / 2;
	assert_true(write_now(&w) == second);
	assert_false(gyl_store_busy(w.s));
	world_close(&w);
}

/* Stage full: busy, and nothing is changed; there is room again when the write is on its way. */
static void busy(void **state)
{
	static uint8_t val[GYL_STORE_VALUE_MAX];
	struct world w;
	uint64_t seq, hash, room;

	(void)state;
	world_open(&w, 40, 20000, 400);
	assert_int_equal(gyl_store_room(w.s), GYL_STORE_BATCH_LEN); /* the rest is for copies */
	world_settle(&w);
	do {
		room = gyl_store_room(w.s);
		hash = world_hash(&w);
	} while (gyl_store_set(w.s, ++w.wall_ns, gyl_view_str("k"), gyl_view(val, sizeof val),
			 &seq) == GYL_STORE_OK);
	assert_true(room < sizeof val + 1 + GYL_STORE_RECORD_LEN);
	assert_true(world_hash(&w) == hash);
	w.mono_ns += 2 * MS;
	assert_true(world_write_begin(&w));
	assert_true(gyl_store_room(w.s) == GYL_JOURNAL_STAGE_LEN);
	world_set(&w, "k", "v");
	world_settle(&w);
	world_close(&w);
}

static void clean_stop(void **state)
{
	struct gyl_store_replayed info;
	struct world w;
	uint64_t seq;

	(void)state;
	world_open(&w, 40, 4000, 200);
	gyl_store_replayed(w.s, &info);
	assert_false(info.clean);
	world_set(&w, "a", "1");
	gyl_store_close(w.s, 777777);
	assert_true(gyl_store_busy(w.s));
	assert_int_equal(
		gyl_store_set(w.s, 1, gyl_view_str("a"), gyl_view_str("2"), &seq), GYL_STORE_BUSY);
	world_settle(&w);
	assert_false(gyl_store_busy(w.s));
	world_boot(&w);
	world_replay(&w);
	gyl_store_replayed(w.s, &info);
	assert_true(info.clean);
	assert_int_equal(info.last_wall_ns, 777777);
	assert_int_equal(info.record_cnt, 1);
	assert_int_equal(info.torn_len, 0);
	assert_int_equal(info.refused_cnt, 0);
	/* A life after it that is not closed. */
	world_set(&w, "a", "2");
	world_settle(&w);
	world_boot(&w);
	world_replay(&w);
	gyl_store_replayed(w.s, &info);
	assert_false(info.clean);
	world_close(&w);
}

/* An extent whose first unit is spoilt is lost whole: it is not taken for a new one in silence. */
static void a_spoilt_first_unit_is_told(void **state)
{
	struct gyl_store_replayed info;
	struct world w;

	(void)state;
	world_open(&w, 40, 4000, 200);
	world_set(&w, "a", "1");
	world_settle(&w);
	w.ext[0][100] ^= 1;
	world_boot(&w);
	world_replay(&w);
	gyl_store_replayed(w.s, &info);
	assert_int_equal(info.record_cnt, 0);
	assert_int_equal(info.torn_len, GYL_UNIT_LEN);
	world_close(&w);
}

/* A failed flush is final for what it covered; the state is written anew elsewhere. */
static void failed_flush(void **state)
{
	struct world w;
	uint64_t first, lost = 0, hash;

	(void)state;
	world_open(&w, 40, 4000, 200);
	world_set(&w, "a", "1");
	world_settle(&w);
	w.mono_ns += 2 * MS;
	first = world_set(&w, "b", "1");
	assert_true(world_write_begin(&w));
	world_set(&w, "c", "1");
	world_write_end(&w, 5, &lost);
	assert_true(lost == first);
	hash = world_hash(&w);
	w.mono_ns += 2 * MS;
	assert_true(world_write_begin(&w));
	assert_int_equal(w.w.dev, 1);
	assert_int_equal(w.w.unit, 0);
	/* It fails there as well: the same write again, but not at once. */
	world_write_end(&w, 5, &lost);
	assert_true(lost == first);
	w.mono_ns += 2 * MS;
	assert_false(world_write_begin(&w));
	assert_true(gyl_store_deadline_ns(w.s) > w.mono_ns + 900 * MS);
	world_settle(&w);
	assert_true(gyl_store_durable(w.s) == first + 1);
	world_boot(&w);
	world_replay(&w);
	assert_true(world_hash(&w) == hash);
	world_close(&w);
}

/* A wrong or late token changes nothing. */
static void tokens(void **state)
{
	struct world w;
	uint64_t lost, seq;

	(void)state;
	world_open(&w, 40, 4000, 200);
	world_settle(&w);
	seq = world_set(&w, "a", "1");
	w.mono_ns += 2 * MS;
	assert_true(world_write_begin(&w));
	assert_false(gyl_store_written(w.s, w.w.token + 1, 0, &lost));
	assert_true(gyl_store_durable(w.s) < seq);
	world_write_end(&w, 0, &lost);
	assert_true(gyl_store_durable(w.s) == seq);
	assert_false(gyl_store_written(w.s, w.w.token, 5, &lost));
	world_close(&w);
}

/* A complete extent is all that is read. */
static void reads_little(void **state)
{
	static struct past p;
	struct world w;

	(void)state;
	world_open(&w, 40, 20000, 400);
	busy_day(&w, &p, 10, 2);
	assert_true(w.s->j.end.complete);
	w.read_cnt = 0;
	world_boot(&w);
	world_replay(&w);
	assert_true(w.read_cnt <= 2 + w.s->j.end.unit + GYL_JOURNAL_STAGE_CNT);
	world_close(&w);
}

/* An extent too small for the state says so, and goes on serving what fits. */
static void full_extent(void **state)
{
	static uint8_t val[GYL_STORE_VALUE_MAX];
	struct world w;
	uint64_t seq;
	unsigned cnt = 0;
	enum gyl_store_err err;

	(void)state;
	world_open(&w, 1000, 1000000, 200);
	do {
		char key[16];

		sprintf(key, "k/%u", cnt);
		world_settle(&w);
		err = gyl_store_set(
			w.s, ++w.wall_ns, gyl_view_str(key), gyl_view(val, sizeof val), &seq);
	} while (err == GYL_STORE_OK && ++cnt < 200);
	assert_int_equal(err, GYL_STORE_NO_SPACE);
	assert_true(cnt >= 20);
	for (unsigned i = 0; i < 2000; i++) {
		world_settle(&w);
		world_set(&w, "k/3", i % 2 ? "a" : "bb");
	}
	world_settle(&w);
	assert_true(w.s->j.end.gen > 5);
	world_remove(&w, "k");
	world_set(&w, "k", "room again");
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_first_extent),
		cmocka_unit_test(cut_after_compaction),
		cmocka_unit_test(corrupt_every_unit),
		cmocka_unit_test(torn_twice),
		cmocka_unit_test(group_commit),
		cmocka_unit_test(busy),
		cmocka_unit_test(clean_stop),
		cmocka_unit_test(a_spoilt_first_unit_is_told),
		cmocka_unit_test(failed_flush),
		cmocka_unit_test(tokens),
		cmocka_unit_test(reads_little),
		cmocka_unit_test(full_extent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
