/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_STORE_WORLD_H
#define GYL_TESTS_STORE_WORLD_H

/*
 * A store with two extents in memory, a clock that tests set, and crashes on request: of the one
 * write in flight each unit may be old, new or torn, whatever its neighbours are.
 */

#include "services/base/store_int.h"
#include "tests/support/support.h"

#include <gyl/siphash.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct world {
	struct gyl_store_conf cf;
	struct gyl_store *s;
	uint8_t *ext[2]; /* the extents, unless they are files */
	FILE *file[2];
	uint64_t mono_ns, wall_ns;
	struct gyl_store_write w; /* in flight when w.buf is not NULL */
	uint64_t bad_unit[2];     /* reading this unit fails; UINT64_MAX: none */
	uint64_t rng;
	uint32_t read_cnt;
};

static inline uint32_t world_random(struct world *w, uint32_t below)
{
	w->rng = w->rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((w->rng >> 33) % below);
}

/* A new process over the extents as they are. Does not replay. */
static inline void world_boot(struct world *w)
{
	size_t need;

	free(w->s);
	w->cf.hash_key[0]++;
	need = gyl_store_need(&w->cf);
	w->s = NULL;
	assert_int_equal(posix_memalign((void **)&w->s, 16, need), 0);
	memset(w->s, 0xa5, need);
	assert_ptr_equal(gyl_store_init(w->s, &w->cf), w->s);
	w->w.buf = NULL;
}

static inline void world_read(struct world *w, const struct gyl_store_read *rd)
{
	size_t len = (size_t)rd->cnt * GYL_UNIT_LEN;
	off_t off = (off_t)rd->unit * GYL_UNIT_LEN;

	if (w->file[rd->dev] != NULL)
		assert_int_equal(pread(fileno(w->file[rd->dev]), rd->buf, len, off), len);
	else
		memcpy(rd->buf, w->ext[rd->dev] + off, len);
}

static inline void world_replay(struct world *w)
{
	struct gyl_store_read rd;

	while (gyl_store_replay_next(w->s, &rd)) {
		int err = 0;

		assert_in_range(rd.cnt, 1, GYL_JOURNAL_STAGE_CNT);
		assert_true(rd.unit + rd.cnt <= w->cf.unit_cnt);
		if (w->bad_unit[rd.dev] >= rd.unit && w->bad_unit[rd.dev] < rd.unit + rd.cnt)
			err = 5;
		world_read(w, &rd);
		w->read_cnt += rd.cnt;
		gyl_store_replay_done(w->s, err);
	}
}

/* Extents as two files that are gone when the test is. */
static inline void world_use_files(struct world *w)
{
	for (int dev = 0; dev < 2; dev++) {
		w->file[dev] = tmpfile();
		assert_non_null(w->file[dev]);
		assert_int_equal(
			ftruncate(fileno(w->file[dev]), (off_t)w->cf.unit_cnt * GYL_UNIT_LEN), 0);
	}
	world_boot(w);
	world_replay(w);
}

static inline void world_open(
	struct world *w, uint32_t key_cnt, uint64_t data_len, uint64_t unit_cnt)
{
	*w = (struct world){.cf = {key_cnt, data_len, unit_cnt, {1, 2}},
		.wall_ns = 1000,
		.mono_ns = 5000000,
		.bad_unit = {UINT64_MAX, UINT64_MAX}};
	for (int dev = 0; dev < 2; dev++) {
		w->ext[dev] = calloc(unit_cnt + 1, GYL_UNIT_LEN);
		assert_non_null(w->ext[dev]);
	}
	world_boot(w);
	world_replay(w);
}

static inline void world_close(struct world *w)
{
	free(w->s);
	free(w->ext[0]);
	free(w->ext[1]);
	for (int dev = 0; dev < 2; dev++)
		if (w->file[dev] != NULL)
			fclose(w->file[dev]);
}

/* Ask for the next write, if it is time. */
static inline bool world_write_begin(struct world *w)
{
	if (w->w.buf != NULL || !gyl_store_write_next(w->s, w->mono_ns, &w->w))
		return false;
	assert_in_range(w->w.cnt, 1, GYL_JOURNAL_STAGE_CNT);
	assert_true(w->w.unit + w->w.cnt <= w->cf.unit_cnt);
	return true;
}

static inline uint8_t *world_at(struct world *w, uint32_t i)
{
	return w->ext[w->w.dev] + (w->w.unit + i) * GYL_UNIT_LEN;
}

static inline void world_write(struct world *w)
{
	size_t len = (size_t)w->w.cnt * GYL_UNIT_LEN;
	FILE *file = w->file[w->w.dev];

	if (file == NULL) {
		memcpy(world_at(w, 0), w->w.buf, len);
		return;
	}
	assert_int_equal(pwrite(fileno(file), w->w.buf, len, (off_t)w->w.unit * GYL_UNIT_LEN), len);
	assert_int_equal(fdatasync(fileno(file)), 0);
}

static inline bool world_write_end(struct world *w, int err, uint64_t *ret_lost_seq)
{
	bool lost;

	if (err == 0)
		world_write(w);
	w->w.buf = NULL;
	lost = gyl_store_written(w->s, w->w.token, err, ret_lost_seq);
	assert_int_equal(lost, err != 0);
	return lost;
}

/* Let time pass until there is nothing left to write. */
static inline void world_settle(struct world *w)
{
	uint64_t lost, deadline;

	for (;;) {
		if (w->w.buf != NULL)
			world_write_end(w, 0, &lost);
		deadline = gyl_store_deadline_ns(w->s);
		if (deadline == UINT64_MAX)
			return;
		if (w->mono_ns < deadline)
			w->mono_ns = deadline;
		world_write_begin(w);
	}
}

/* The power goes off: the write in flight is there unit by unit, or not, or half. */
static inline void world_crash(struct world *w)
{
	if (w->w.buf == NULL)
		return;
	for (uint32_t i = 0; i < w->w.cnt; i++) {
		uint8_t *to = world_at(w, i);
		const uint8_t *from = w->w.buf + (size_t)i * GYL_UNIT_LEN;

		switch (world_random(w, 5)) {
		case 0:
			memcpy(to, from, GYL_UNIT_LEN / 2);
			break;
		case 1:
			memcpy(to + GYL_UNIT_LEN / 2, from + GYL_UNIT_LEN / 2, GYL_UNIT_LEN / 2);
			break;
		case 2:
			break;
		default:
			memcpy(to, from, GYL_UNIT_LEN);
		}
	}
	w->w.buf = NULL;
}

static inline uint64_t world_set(struct world *w, const char *key, const char *val)
{
	uint64_t seq = 0;

	assert_int_equal(
		gyl_store_set(w->s, ++w->wall_ns, gyl_view_str(key), gyl_view_str(val), &seq),
		GYL_STORE_OK);
	return seq;
}

static inline uint64_t world_remove(struct world *w, const char *key)
{
	uint64_t seq = 0;

	assert_int_equal(
		gyl_store_remove(w->s, ++w->wall_ns, gyl_view_str(key), &seq), GYL_STORE_OK);
	return seq;
}

/* A hash of all that can be read: names, kinds, times, values (their start: tests differ there). */
static inline uint64_t state_hash(const struct gyl_store *s, struct gyl_view key)
{
	static const uint64_t hash_key[2] = {3, 4};
	struct gyl_store_cursor c;
	struct gyl_view name, val;
	uint64_t mix[4] = {0};
	bool is_dict;

	assert_int_equal(gyl_store_modified(s, key, &mix[0]), GYL_STORE_OK);
	if (gyl_store_get(s, key, &val) == GYL_STORE_OK) {
		mix[1] = gyl_siphash(hash_key, val.p, val.len < 16 ? val.len : 16) + val.len;
		return gyl_siphash(hash_key, mix, sizeof mix);
	}
	assert_int_equal(gyl_store_list(s, key, &c), GYL_STORE_OK);
	while (gyl_store_next(s, &c, &name, &is_dict)) {
		uint8_t below[GYL_STORE_KEY_MAX];
		size_t len = key.len;

		memcpy(below, key.p, len);
		if (len != 0)
			below[len++] = '/';
		memcpy(below + len, name.p, name.len);
		mix[1] = gyl_siphash(hash_key, name.p, name.len);
		mix[2] = state_hash(s, gyl_view(below, len + name.len)) + is_dict;
		mix[3] = gyl_siphash(hash_key, mix, sizeof mix);
	}
	return mix[3] + 1;
}

static inline uint64_t world_hash(const struct world *w)
{
	return state_hash(w->s, gyl_view("", 0));
}

/* Do the inner books agree with what is there? */
static inline void world_audit(const struct world *w)
{
	const struct gyl_store *s = w->s;
	uint64_t live_len = 0, live_cnt = 0, copied_len = 0, block_len = 0;

	for (uint32_t i = 0; i < s->entry_top; i++) {
		const struct gyl_store_entry *e = &s->entry[i];

		if (e->kind == GYL_STORE_FREE)
			continue;
		live_cnt++;
		live_len += gyl__store_rec_len(e);
		copied_len += e->mark == s->mark ? gyl__store_rec_len(e) : 0;
		if (i == GYL_STORE_ROOT)
			continue;
		block_len += gyl__store_block_len(e->key_len, e->val_len);
		assert_int_equal(gyl__store_find(s, gyl__store_key_of(s, i)), i);
		assert_int_equal(gyl__store_find(s, gyl__store_key_parent(gyl__store_key_of(s, i))),
			e->parent);
		assert_true(e->kind == GYL_STORE_VALUE || e->child_cnt != 0);
	}
	assert_true(live_cnt == s->live_cnt && live_cnt == s->entry_cnt);
	assert_true(live_len == s->live_len);
	assert_true(copied_len == s->copied_len);
	assert_true(block_len == s->arena.live && s->arena.live <= s->arena.top);
	assert_true(s->arena.top <= s->arena.cap);
}

#endif
