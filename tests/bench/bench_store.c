/* SPDX-License-Identifier: ISC */

/*
 * The store as a lease table uses it: 65,000 keys of 24 octets with values of 64, in random order.
 * "Journal" counts the units that are made of it, their check and one copy to where a disk would
 * be; the disk itself is not measured.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libnet/host/host.h"
#include "services/base/store.h"
#include "tests/bench/bench.h"

enum {
	KEY_CNT = 65000 - 2, /* "bench" and "bench/lease" are keys as well */
	KEY_LEN = 24,
	VAL_LEN = 64,
	FLUSH = 100 /* sets between two writes */
};

static char key[KEY_CNT][KEY_LEN + 1];
static struct gyl_store *memory, *journal;
static uint8_t *extent[2], *filled[2]; /* filled: as they are after each key was set once */
static uint64_t mono_ns = 1, turn;

static struct gyl_store_conf conf(bool durable)
{
	struct gyl_store_conf cf = {.key_cnt = KEY_CNT + 2, .hash_key = {1, 2}};

	cf.data_len = (uint64_t)cf.key_cnt * (KEY_LEN + VAL_LEN);
	cf.unit_cnt = durable ? gyl_store_unit_cnt(cf.key_cnt, cf.data_len) : 0;
	return cf;
}

static void replay(struct gyl_store *s, uint8_t *const from[2])
{
	struct gyl_store_read r;

	while (gyl_store_replay_next(s, &r)) {
		memcpy(r.buf, from[r.dev] + r.unit * GYL_UNIT_LEN, (size_t)r.cnt * GYL_UNIT_LEN);
		gyl_store_replay_done(s, 0);
	}
}

static void write_due(struct gyl_store *s)
{
	struct gyl_store_write w;
	uint64_t lost;

	mono_ns += 2000000;
	if (!gyl_store_write_next(s, mono_ns, &w))
		return;
	memcpy(extent[w.dev] + w.unit * GYL_UNIT_LEN, w.buf, (size_t)w.cnt * GYL_UNIT_LEN);
	gyl_store_written(s, w.token, 0, &lost);
}

static void set(struct gyl_store *s, size_t i)
{
	uint8_t val[VAL_LEN] = {(uint8_t)turn};
	uint64_t seq;

	turn++;
	if (gyl_store_set(s, turn, gyl_view(key[i], KEY_LEN), gyl_view(val, VAL_LEN), &seq) !=
		GYL_STORE_OK)
		abort();
}

static struct gyl_store *open_store(bool durable)
{
	struct gyl_store_conf cf = conf(durable);
	size_t need = gyl_store_need(&cf);
	void *mem = calloc(1, need);

	for (int i = 0; durable && i < 2; i++) {
		extent[i] = calloc(cf.unit_cnt, GYL_UNIT_LEN);
		if (extent[i] == NULL)
			abort();
	}
	if (mem == NULL)
		abort();
	return gyl_store_init(mem, &cf);
}

static void fill(struct gyl_store *s, bool durable)
{
	for (size_t i = 0; i < KEY_CNT; i++) {
		if (durable && i % FLUSH == 0)
			write_due(s);
		set(s, i);
	}
}

static void keep_filled(void)
{
	size_t len = (size_t)conf(true).unit_cnt * GYL_UNIT_LEN;

	for (int i = 0; i < 2; i++) {
		filled[i] = malloc(len);
		if (filled[i] == NULL)
			abort();
		memcpy(filled[i], extent[i], len);
	}
}

/* Numbers in an order that no table likes: the key's place is drawn, its name counts up. */
static void make_keys(void)
{
	uint32_t x = 1;

	for (unsigned i = 0; i < KEY_CNT; i++)
		snprintf(key[i], sizeof key[i], "bench/lease/%012u", i);
	for (size_t i = KEY_CNT - 1; i > 0; i--) {
		char tmp[KEY_LEN + 1];
		size_t k;

		x = x * 1664525 + 1013904223;
		k = (x >> 8) % (i + 1);
		memcpy(tmp, key[i], sizeof tmp);
		memcpy(key[i], key[k], sizeof tmp);
		memcpy(key[k], tmp, sizeof tmp);
	}
}

static uint64_t set_known(uint64_t n)
{
	while (n-- > 0)
		set(memory, n % KEY_CNT);
	return turn;
}

static uint64_t set_journal(uint64_t n)
{
	while (n-- > 0) {
		if (n % FLUSH == 0 || gyl_store_room(journal) < 1000)
			write_due(journal);
		set(journal, n % KEY_CNT);
	}
	return turn;
}

/* Everything away, and in again as new. */
static uint64_t set_new(uint64_t n)
{
	struct gyl_store_conf cf = conf(false);
	static void *mem;

	if (mem == NULL)
		mem = calloc(1, gyl_store_need(&cf));
	if (mem == NULL)
		abort();
	while (n-- > 0)
		fill(gyl_store_init(mem, &cf), false);
	return turn;
}

static uint64_t get(uint64_t n)
{
	struct gyl_view v;
	uint64_t sum = 0;

	while (n-- > 0) {
		if (gyl_store_get(memory, gyl_view(key[n % KEY_CNT], KEY_LEN), &v) != GYL_STORE_OK)
			abort();
		sum += v.p[0];
	}
	return sum;
}

static uint64_t list(uint64_t n)
{
	uint64_t cnt = 0;

	while (n-- > 0) {
		struct gyl_store_cursor c;
		struct gyl_view name;
		bool is_dict;

		gyl_store_list(memory, gyl_view_str("bench/lease"), &c);
		while (gyl_store_next(memory, &c, &name, &is_dict))
			cnt++;
	}
	return cnt;
}

static uint64_t digest(uint64_t n)
{
	uint8_t d[32] = {0};

	while (n-- > 0)
		gyl_store_digest(memory, gyl_view(NULL, 0), d);
	return d[0];
}

static uint64_t replay_all(uint64_t n)
{
	struct gyl_store_conf cf = conf(true);
	static void *mem;
	struct gyl_store_replayed r = {.record_cnt = 0};

	if (mem == NULL)
		mem = calloc(1, gyl_store_need(&cf));
	if (mem == NULL)
		abort();
	while (n-- > 0) {
		struct gyl_store *s = gyl_store_init(mem, &cf);

		replay(s, filled);
		gyl_store_replayed(s, &r);
		if (r.record_cnt != KEY_CNT)
			abort();
	}
	return r.record_cnt;
}

static const struct bench_task task[] = {
	{"store, get", 1, {{"guyline", get}}},
	{"store, set a known key", 1, {{"guyline", set_known}}},
	{"store, set a known key and write its journal", 1, {{"guyline", set_journal}}},
	{"store, set a new key", KEY_CNT, {{"guyline", set_new}}},
	{"store, list, a name", KEY_CNT, {{"guyline", list}}},
	{"store, replay, a value", KEY_CNT, {{"guyline", replay_all}}},
	{"store, digest of all, a value", KEY_CNT, {{"guyline", digest}}},
};

int main(int argc, char **argv)
{
	make_keys();
	memory = open_store(false);
	journal = open_store(true);
	replay(journal, extent);
	fill(memory, false);
	fill(journal, true);
	while (gyl_store_busy(journal))
		write_due(journal);
	keep_filled();
	return bench_main(argc, argv, task, sizeof task / sizeof task[0]);
}
