/* SPDX-License-Identifier: ISC */
#include "services/base/store_int.h"

const char *gyl_store_err_text(enum gyl_store_err err)
{
	static const char *const text[] = {
		[GYL_STORE_OK] = "ok",
		[GYL_STORE_NOT_FOUND] = "no such key",
		[GYL_STORE_DICT_EXPECTED] = "a value stands where the key needs a dictionary",
		[GYL_STORE_VALUE_EXPECTED] = "the key names a dictionary",
		[GYL_STORE_BAD_KEY] = "malformed key",
		[GYL_STORE_TOO_LONG] = "value or batch too long",
		[GYL_STORE_NO_SPACE] = "store full",
		[GYL_STORE_BUSY] = "store busy",
		[GYL_STORE_OWNED] = "a service keeps these values and alone changes them",
	};

	return (size_t)err < sizeof text / sizeof text[0] ? text[err] : "unknown error";
}

/* ---- memory ---- */

static size_t align16(uint64_t len)
{
	return (size_t)((len + 15) & ~(uint64_t)15);
}

static uint32_t bucket_cnt_of(uint32_t key_cnt)
{
	uint32_t cnt = 16;

	while (cnt < key_cnt)
		cnt *= 2;
	return cnt;
}

uint64_t gyl_store_unit_cnt(uint32_t key_cnt, uint64_t data_len)
{
	uint64_t state_len = data_len + (uint64_t)key_cnt * GYL_STORE_RECORD_LEN;

	return 4 * (state_len / GYL_UNIT_DATA_LEN + key_cnt / GYL_STORE_SLICE_CNT + 4) +
	       4 * (uint64_t)GYL_JOURNAL_STAGE_CNT;
}

/* The parts of a store's memory, in order. */
struct layout {
	size_t entry_off, bucket_off, owned_off, arena_off, print_off, stage_off, len;
};

static struct layout layout_of(const struct gyl_store_conf *cf)
{
	struct layout l;

	l.entry_off = align16(sizeof(struct gyl_store));
	l.bucket_off =
		l.entry_off + align16(((uint64_t)cf->key_cnt + 1) * sizeof(struct gyl_store_entry));
	l.owned_off =
		l.bucket_off + align16((uint64_t)bucket_cnt_of(cf->key_cnt) * sizeof(uint32_t));
	l.arena_off = l.owned_off + align16(GYL_STORE_OWNED_MAX * sizeof(struct gyl_store_owned));
	l.print_off = l.arena_off + align16(gyl__store_arena_need(cf));
	l.stage_off = l.print_off + align16(GYL_STORE_SEGMENT_MAX + GYL_STORE_VALUE_MAX);
	l.len = l.stage_off + (cf->unit_cnt == 0 ? 0 : GYL_JOURNAL_NEED);
	return l;
}

size_t gyl_store_need(const struct gyl_store_conf *cf)
{
	return layout_of(cf).len;
}

struct gyl_store *gyl_store_init(void *mem, const struct gyl_store_conf *cf)
{
	struct layout l = layout_of(cf);
	struct gyl_store *s = mem;
	uint8_t *p = mem;

	memset(s, 0, sizeof *s);
	s->cf = *cf;
	s->entry = (void *)(p + l.entry_off);
	s->entry_cap = cf->key_cnt + 1;
	s->bucket = (void *)(p + l.bucket_off);
	s->bucket_cnt = bucket_cnt_of(cf->key_cnt);
	gyl__store_arena_init(s, p + l.arena_off);
	s->owned = (void *)(p + l.owned_off);
	s->print = p + l.print_off;
	s->mark = 1;
	gyl__store_table_reset(s);
	s->compact = GYL_STORE_COPY_IDLE;
	s->ready = cf->unit_cnt == 0;
	if (!s->ready)
		gyl__journal_init(&s->j, p + l.stage_off, cf->unit_cnt, cf->hash_key);
	gyl__replay_init(&s->replay, s->j.stage[0], s->j.stage[1]);
	return s;
}

/* ---- writing ---- */

static void notify(const struct gyl_store *s, const struct gyl_record *rec)
{
	for (uint32_t i = 0; i < s->watch_cnt; i++) {
		const struct gyl_store_watcher *w = &s->watch[i];

		if (gyl_view_eq(rec->key, w->prefix) || gyl__store_key_below(rec->key, w->prefix) ||
			(rec->remove && gyl__store_key_below(w->prefix, rec->key)))
			w->fn(w->arg, rec->key, rec->remove ? gyl_view(NULL, 0) : rec->val,
				rec->remove);
	}
}

enum gyl_store_err gyl_store_batch(struct gyl_store *s, uint64_t wall_ns,
	const struct gyl_record *rec, size_t cnt, uint64_t *ret_seq)
{
	enum gyl_store_err err;

	if (!s->ready || s->closing)
		return GYL_STORE_BUSY;
	err = gyl__store_check(s, rec, cnt);
	if (err != GYL_STORE_OK)
		return err;
	if (s->cf.unit_cnt != 0) {
		if (gyl__store_log_len(rec, cnt) > gyl__store_log_room(s))
			return GYL_STORE_BUSY;
		gyl__store_log_batch(s, wall_ns, rec, cnt);
	}
	for (size_t i = 0; i < cnt; i++)
		gyl__store_apply(s, wall_ns, &rec[i]);
	s->wall_ns = wall_ns;
	*ret_seq = ++s->seq;
	if (s->cf.unit_cnt == 0)
		s->durable = s->seq;
	for (size_t i = 0; i < cnt && s->watch_cnt != 0; i++)
		notify(s, &rec[i]);
	return GYL_STORE_OK;
}

enum gyl_store_err gyl_store_set(struct gyl_store *s, uint64_t wall_ns, struct gyl_view key,
	struct gyl_view val, uint64_t *ret_seq)
{
	const struct gyl_record rec = {.key = key, .val = val};

	return gyl_store_batch(s, wall_ns, &rec, 1, ret_seq);
}

enum gyl_store_err gyl_store_remove(
	struct gyl_store *s, uint64_t wall_ns, struct gyl_view key, uint64_t *ret_seq)
{
	const struct gyl_record rec = {.key = key, .remove = true};

	if (gyl__store_key_ok(key) && !gyl__store_owned_touches(s, key) &&
		gyl__store_find(s, key) == GYL_STORE_NONE)
		return GYL_STORE_NOT_FOUND;
	return gyl_store_batch(s, wall_ns, &rec, 1, ret_seq);
}

/* ---- reading ---- */

/* What a key names. */
struct found {
	uint32_t entry; /* GYL_STORE_NONE: an owned value, printed */
	struct gyl_store_printed owned;
};

static enum gyl_store_err look_up(
	const struct gyl_store *s, struct gyl_view key, struct found *ret_found)
{
	const struct gyl_store_owned *own;

	if (key.len != 0 && !gyl__store_key_ok(key))
		return GYL_STORE_BAD_KEY;
	ret_found->entry = gyl__store_find(s, key);
	if (ret_found->entry != GYL_STORE_NONE)
		return GYL_STORE_OK;
	own = gyl__store_owned_of(s, key);
	if (own != NULL && own->ops != NULL &&
		gyl__store_owned_print(s, own,
			own->ops->find(own->arg, gyl__store_owned_name(own, key)),
			&ret_found->owned))
		return GYL_STORE_OK;
	return GYL_STORE_NOT_FOUND;
}

enum gyl_store_err gyl_store_get(
	const struct gyl_store *s, struct gyl_view key, struct gyl_view *ret_val)
{
	struct found f;
	enum gyl_store_err err = look_up(s, key, &f);

	if (err != GYL_STORE_OK)
		return err;
	if (f.entry == GYL_STORE_NONE)
		*ret_val = f.owned.val;
	else if (s->entry[f.entry].kind == GYL_STORE_DICT)
		return GYL_STORE_VALUE_EXPECTED;
	else
		*ret_val = gyl__store_val_of(s, f.entry);
	return GYL_STORE_OK;
}

enum gyl_store_err gyl_store_exists(
	const struct gyl_store *s, struct gyl_view key, bool *ret_is_dict)
{
	struct found f;
	enum gyl_store_err err = look_up(s, key, &f);

	if (err == GYL_STORE_OK)
		*ret_is_dict =
			f.entry != GYL_STORE_NONE && s->entry[f.entry].kind == GYL_STORE_DICT;
	return err;
}

enum gyl_store_err gyl_store_modified(
	const struct gyl_store *s, struct gyl_view key, uint64_t *ret_wall_ns)
{
	struct found f;
	enum gyl_store_err err = look_up(s, key, &f);

	if (err == GYL_STORE_OK)
		*ret_wall_ns =
			f.entry == GYL_STORE_NONE ? f.owned.wall_ns : s->entry[f.entry].wall_ns;
	return err;
}

/* ---- the rest ---- */

bool gyl_store_watch(struct gyl_store *s, struct gyl_view prefix,
	void (*fn)(void *arg, struct gyl_view key, struct gyl_view val, bool removed), void *arg)
{
	if (s->watch_cnt == GYL_STORE_WATCH_MAX)
		return false;
	s->watch[s->watch_cnt++] = (struct gyl_store_watcher){prefix, fn, arg};
	return true;
}

uint64_t gyl_store_room(const struct gyl_store *s)
{
	if (s->cf.unit_cnt == 0)
		return UINT64_MAX;
	return s->ready && !s->closing ? gyl__store_log_room(s) : 0;
}

uint64_t gyl_store_durable(const struct gyl_store *s)
{
	return s->durable;
}
