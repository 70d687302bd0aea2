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
#include <gyl/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SHELF_CNT = 100
};

/* Who owns the dictionary "lease", when somebody does: values k0 to k99, each at its place. */
struct shelf {
	struct {
		bool there;
		size_t len;
		uint8_t val[GYL_STORE_VALUE_MAX];
		uint64_t wall_ns;
	} at[SHELF_CNT + 1]; /* from 1 */
	uint16_t place[SHELF_CNT + 1];
	uint32_t take_cnt;
};

struct world {
	struct shelf *shelf; /* NULL: the store keeps everything itself */
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

/* ---- the owner ---- */

static inline uint32_t shelf_place(struct gyl_view name)
{
	uint64_t n;

	return name.len > 1 && name.p[0] == 'k' &&
			       !gyl_failed(gyl_parse_u64(
				       gyl_view_sub(name, 1, name.len), SHELF_CNT - 1, &n))
		       ? (uint32_t)n + 1
		       : 0;
}

static inline uint32_t shelf_find(const void *arg, struct gyl_view name)
{
	const struct shelf *h = arg;
	uint32_t i = shelf_place(name);

	return i != 0 && h->at[i].there ? i : 0;
}

static inline void shelf_set(struct shelf *h, uint32_t i, struct gyl_view val, uint64_t wall_ns)
{
	h->at[i].there = true;
	h->at[i].len = val.len;
	if (val.len != 0)
		memcpy(h->at[i].val, val.p, val.len);
	h->at[i].wall_ns = wall_ns;
}

static inline uint32_t shelf_take(void *arg, struct gyl_now now, struct gyl_view name,
	struct gyl_view val, uint64_t wall_ns, bool *ret_odd)
{
	struct shelf *h = arg;
	uint32_t i = shelf_place(name);

	(void)now;
	h->take_cnt++;
	*ret_odd = i == 0;
	if (i != 0)
		shelf_set(h, i, val, wall_ns);
	return i;
}

static inline void shelf_drop(void *arg, struct gyl_view name)
{
	struct shelf *h = arg;

	for (uint32_t i = 1; i <= SHELF_CNT; i++)
		if (name.len == 0 || i == shelf_place(name))
			h->at[i].there = false;
}

static inline int shelf_cmp(uint32_t i, struct gyl_view name)
{
	char buf[16];

	snprintf(buf, sizeof buf, "k%u", (unsigned)i - 1);
	return gyl__store_key_cmp(gyl_view_str(buf), name);
}

static inline uint32_t shelf_after(const void *arg, struct gyl_view name)
{
	const struct shelf *h = arg;
	char best[16] = "";
	uint32_t found = 0;

	for (uint32_t i = 1; i <= SHELF_CNT; i++) {
		if (!h->at[i].there || shelf_cmp(i, name) <= 0 ||
			(found != 0 && shelf_cmp(i, gyl_view_str(best)) >= 0))
			continue;
		found = i;
		snprintf(best, sizeof best, "k%u", (unsigned)i - 1);
	}
	return found;
}

static inline bool shelf_print(const void *arg, uint32_t i, struct gyl_writer *name,
	struct gyl_writer *val, uint64_t *ret_wall_ns)
{
	const struct shelf *h = arg;

	if (!h->at[i].there)
		return false;
	gyl_text_char(name, 'k');
	gyl_text_u64(name, i - 1);
	gyl_put_bytes(val, h->at[i].val, h->at[i].len);
	*ret_wall_ns = h->at[i].wall_ns;
	return true;
}

static inline uint32_t shelf_top(const void *arg)
{
	(void)arg;
	return SHELF_CNT;
}

static const struct gyl_store_owner shelf_ops = {
	shelf_take, shelf_drop, shelf_find, shelf_after, shelf_print, shelf_top};

static inline uint32_t place_of(const struct world *w, struct gyl_view key)
{
	static const char dict[] = "lease/";
	size_t len = sizeof dict - 1;

	return w->shelf != NULL && gyl_view_eq(gyl_view_sub(key, 0, len), gyl_view_str(dict))
		       ? shelf_place(gyl_view_sub(key, len, key.len))
		       : 0;
}

/* A batch of the owner's and of others' records. */
static inline enum gyl_store_err world_batch(
	struct world *w, struct gyl_record *rec, size_t cnt, uint64_t *ret_seq)
{
	enum gyl_store_err err;

	for (size_t i = 0; i < cnt; i++)
		rec[i].place = place_of(w, rec[i].key);
	err = gyl_store_batch(w->s, w->wall_ns, rec, cnt, ret_seq);
	for (size_t i = 0; i < cnt && err == GYL_STORE_OK; i++) {
		if (rec[i].place != 0 && rec[i].remove)
			w->shelf->at[rec[i].place].there = false;
		else if (rec[i].place != 0)
			shelf_set(w->shelf, rec[i].place, rec[i].val, w->wall_ns);
	}
	return err;
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
	if (w->shelf != NULL) {
		memset(w->shelf, 0, sizeof *w->shelf);
		gyl_store_own(w->s, gyl_view_str("lease"));
	}
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

static inline void world_scan(struct world *w)
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

/* The owner is there only when the rest has been read. */
static inline void world_replay(struct world *w)
{
	struct gyl_now now = {w->mono_ns, w->wall_ns};
	void *mem;

	world_scan(w);
	if (w->shelf == NULL)
		return;
	assert_int_equal(gyl_store_deadline_ns(w->s), UINT64_MAX);
	assert_true(gyl_store_owner_need(SHELF_CNT) <= sizeof w->shelf->place);
	gyl_store_owner(
		w->s, gyl_view_str("lease"), &shelf_ops, w->shelf, w->shelf->place, SHELF_CNT);
	mem = malloc(GYL_STORE_LOAD_LEN);
	assert_non_null(mem);
	gyl_store_load(w->s, now, mem);
	world_scan(w);
	free(mem);
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

/* From now on "lease" has an owner; the journal MUST be empty. */
static inline void world_own(struct world *w)
{
	w->shelf = calloc(1, sizeof *w->shelf);
	assert_non_null(w->shelf);
	world_boot(w);
	world_replay(w);
}

static inline void world_close(struct world *w)
{
	free(w->shelf);
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
	uint64_t live_len = 0, live_cnt = 0, copied_len = 0, block_len = 0, owned_cnt = 0;

	for (uint32_t i = 1; w->shelf != NULL && i <= SHELF_CNT; i++) {
		uint32_t len = gyl__store_owned_len(s->owned, i);

		assert_true((len != 0) == w->shelf->at[i].there);
		owned_cnt += len != 0;
		live_len += len;
		copied_len += len != 0 && s->owned->place[i] >> 14 == s->mark ? len : 0;
	}
	assert_true(w->shelf == NULL || s->owned->used == owned_cnt);

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
	assert_true(live_cnt + owned_cnt == s->live_cnt && live_cnt == s->entry_cnt);
	assert_true(live_len == s->live_len);
	assert_true(copied_len == s->copied_len);
	assert_true(block_len == s->arena.live && s->arena.live <= s->arena.top);
	assert_true(s->arena.top <= s->arena.cap);
}

#endif
