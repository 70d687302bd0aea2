/* SPDX-License-Identifier: ISC */

/*
 * Operations on a small store over two small extents, with time, failed writes, crashes and
 * restarts in between. Whatever comes: the books agree, and a restart brings back a state from the
 * last durable one on.
 *
 * A step is one octet for what and one for which: set, remove, batch of two, time, write begins,
 * write ends, write fails, crash.
 */

#include "tests/fuzz/require.h"
#include "tests/unit/base/store_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	STEP_MAX = 200
};

static uint64_t past[2 * STEP_MAX + 2];
static uint64_t seq_now;

static struct gyl_record record_of(uint8_t which, bool remove)
{
	static const char *const keys[] = {
		"a", "b", "a/b", "a/c", "a/b/c", "d/e/f", "d/e", "d/e/g"};
	static uint8_t val[GYL_STORE_VALUE_MAX];
	static const size_t lens[] = {0, 3, 64, 700, GYL_STORE_VALUE_MAX};

	val[0] = which;
	return (struct gyl_record){.key = gyl_view_str(keys[which & 7]),
		.val = gyl_view(val, lens[(which >> 3) % TEST_CNT(lens)]),
		.remove = remove};
}

static void put(struct world *w, const struct gyl_record *rec, size_t cnt)
{
	uint64_t before = world_hash(w);
	enum gyl_store_err err = gyl_store_batch(w->s, ++w->wall_ns, rec, cnt, &seq_now);

	REQUIRE(err == GYL_STORE_OK || world_hash(w) == before);
	past[seq_now] = world_hash(w);
}

static void restart(struct world *w)
{
	uint64_t durable = gyl_store_durable(w->s), seq = seq_now + 1, got;

	world_crash(w);
	world_boot(w);
	world_replay(w);
	got = world_hash(w);
	while (seq-- > durable && past[seq] != got)
		continue;
	REQUIRE(seq + 1 != durable);
	REQUIRE(w->s->info.refused_cnt == 0);
	past[0] = got;
	seq_now = 0;
}

static void write_ends(struct world *w, bool fails)
{
	struct gyl_store_write write = w->w;
	uint64_t lost;

	if (w->w.buf == NULL)
		return;
	if (fails) {
		world_crash(w); /* it may have written anything */
		w->w = write;
	}
	world_write_end(w, fails ? 5 : 0, &lost);
}

static void step(struct world *w, uint8_t what, uint8_t which)
{
	struct gyl_record rec[2] = {record_of(which, false), record_of(what, (what & 0x80) != 0)};

	switch (what & 7) {
	case 0:
		rec[0].remove = true;
		/* fallthrough */
	case 1:
		put(w, rec, 1);
		break;
	case 2:
		put(w, rec, 2);
		break;
	case 3:
		w->mono_ns += (uint64_t)which * 10000000;
		break;
	case 4:
		world_write_begin(w);
		break;
	case 5:
		write_ends(w, false);
		break;
	case 6:
		write_ends(w, which < 64);
		break;
	default:
		restart(w);
	}
	world_audit(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w;

	world_open(&w, 12, 6000, 160);
	seq_now = 0;
	past[0] = world_hash(&w);
	for (size_t i = 0; i + 2 <= size && i < STEP_MAX * 2; i += 2)
		step(&w, data[i], data[i + 1]);
	restart(&w);
	world_close(&w);
	return 0;
}
