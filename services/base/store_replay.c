/* SPDX-License-Identifier: ISC */
#include "services/base/store_int.h"

/* What one batch of the journal says. */
struct told {
	struct gyl_record rec[GYL_STORE_BATCH_MAX];
	uint64_t wall_ns[GYL_STORE_BATCH_MAX];
	size_t cnt, owned_cnt;
	bool complete, clean, bad;
};

/* Cut one record off the front of *at. */
static bool record_cut(struct gyl_view *at, uint8_t *ret_type, uint64_t *ret_wall_ns,
	struct gyl_view *ret_key, struct gyl_view *ret_val)
{
	size_t key_len, val_len;

	if (at->len < GYL_STORE_HEAD_LEN)
		return false;
	key_len = at->p[1];
	val_len = gyl_get_u16(at->p + 2);
	if (at->len - GYL_STORE_HEAD_LEN < key_len + val_len)
		return false;
	*ret_type = at->p[0];
	*ret_wall_ns = gyl_get_u64(at->p + 4);
	*ret_key = gyl_view(at->p + GYL_STORE_HEAD_LEN, key_len);
	*ret_val = gyl_view(ret_key->p + key_len, val_len);
	*at = gyl_view(ret_val->p + val_len, at->len - GYL_STORE_HEAD_LEN - key_len - val_len);
	return true;
}

static void note(struct gyl_store *s, struct told *t, uint8_t type, uint64_t wall_ns,
	struct gyl_view key, struct gyl_view val)
{
	switch (type) {
	case GYL_STORE_REC_SET:
	case GYL_STORE_REC_REMOVE:
		if (gyl__store_owned_of(s, key) != NULL) { /* told its owner later */
			t->owned_cnt++;
			break;
		}
		if (t->cnt == GYL_STORE_BATCH_MAX) {
			t->bad = true;
			return;
		}
		t->wall_ns[t->cnt] = wall_ns;
		t->rec[t->cnt++] = (struct gyl_record){
			.key = key, .val = val, .remove = type == GYL_STORE_REC_REMOVE};
		break;
	case GYL_STORE_REC_DICT:
		gyl__store_touch(s, wall_ns, key);
		break;
	case GYL_STORE_REC_COMPLETE:
		t->complete = true;
		/* What is copied may be of a clock that was set back since. */
		if (wall_ns != 0)
			s->info.last_wall_ns = wall_ns;
		break;
	case GYL_STORE_REC_CLOSE:
		t->clean = true;
		break;
	default:
		t->bad = true;
	}
	if (s->info.last_wall_ns < wall_ns)
		s->info.last_wall_ns = wall_ns;
}

static bool on_batch(void *arg, struct gyl_view batch)
{
	struct gyl_store *s = arg;
	struct told t;
	struct gyl_view key, val;
	uint64_t wall_ns;
	uint8_t type;

	t.cnt = t.owned_cnt = 0;
	t.complete = t.clean = t.bad = false;
	while (record_cut(&batch, &type, &wall_ns, &key, &val))
		note(s, &t, type, wall_ns, key, val);
	s->info.clean = t.clean;
	/* Judged whole, as when it was made: all or nothing. */
	if (t.bad || batch.len != 0 || gyl__store_check(s, t.rec, t.cnt) != GYL_STORE_OK) {
		s->info.refused_cnt++;
		return false;
	}
	for (size_t i = 0; i < t.cnt; i++)
		gyl__store_apply(s, t.wall_ns[i], &t.rec[i]);
	s->info.record_cnt += t.cnt + t.owned_cnt;
	return t.complete;
}

/* The newest extent's entries are marked 1, the older one's 2: what still has to be copied. */
static void on_begin(void *arg, enum gyl_replay_phase phase)
{
	struct gyl_store *s = arg;

	s->mark = phase == GYL_REPLAY_OLDER ? 2 : 1;
	s->copied_len = s->copied_cnt = 0;
	s->info.clean = false;
	s->older = phase != GYL_REPLAY_NEWEST;
	if (phase == GYL_REPLAY_ON_TOP)
		return;
	gyl__store_table_reset(s);
	s->info = (struct gyl_store_replayed){.clean = false};
}

/* ---- the second time, for owners ---- */

/* Records of an extent, or of what came before it, that the first replay has found to count. */
static void load_begin(void *arg, enum gyl_replay_phase phase)
{
	struct gyl_store *s = arg;

	s->load_mark = phase == GYL_REPLAY_OLDER ? 2 : 1;
	if (phase == GYL_REPLAY_NEWEST && s->older)
		s->load_mark = 0;
}

static void load_one(struct gyl_store *s, uint8_t type, uint64_t wall_ns, struct gyl_record rec)
{
	struct gyl_store_owned *own = gyl__store_owned_of(s, rec.key);

	rec.remove = type == GYL_STORE_REC_REMOVE;
	if (own != NULL && (rec.remove || type == GYL_STORE_REC_SET)) {
		gyl__store_owned_told(s, own, wall_ns, &rec);
		return;
	}
	if (!gyl__store_owned_touches(s, rec.key))
		return;
	if (type == GYL_STORE_REC_DICT)
		gyl__store_touch_up(s, wall_ns, gyl__store_find(s, rec.key));
	for (uint32_t i = 0; rec.remove && i < s->owned_cnt; i++)
		gyl__store_owned_told(s, &s->owned[i], wall_ns, &rec);
}

static bool load_batch(void *arg, struct gyl_view batch)
{
	struct gyl_store *s = arg;
	struct gyl_record rec = {.place = 0};
	bool complete = false;
	uint64_t wall_ns;
	uint8_t type;

	while (record_cut(&batch, &type, &wall_ns, &rec.key, &rec.val)) {
		complete |= type == GYL_STORE_REC_COMPLETE;
		if (s->load_mark != 0)
			load_one(s, type, wall_ns, rec);
	}
	return complete;
}

void gyl_store_load(struct gyl_store *s, struct gyl_now now, void *mem)
{
	uint8_t *p = mem;

	if (!s->loading)
		return;
	s->load_now = now;
	s->ready = false;
	gyl__replay_init(&s->replay, p, p + GYL_STORE_LOAD_LEN / 2);
}

/* ---- units from the owner ---- */

static void ready(struct gyl_store *s)
{
	s->ready = true;
	s->info.torn_len = s->replay.torn_len;
	s->wall_ns = s->info.last_wall_ns;
	gyl__journal_start(&s->j, &s->replay.end);
	s->compact = s->replay.end.complete ? GYL_STORE_COPY_IDLE : GYL_STORE_COPY_VALUES;
	s->copy_at = 0;
	s->loading = s->owned_cnt != 0;
}

/* Of the second replay: all that counted was found by the first. */
static void loaded(struct gyl_store *s)
{
	s->ready = true;
	s->loading = false;
}

bool gyl_store_replay_next(struct gyl_store *s, struct gyl_store_read *ret_read)
{
	if (s->ready)
		return false;
	if (!gyl__replay_next(&s->replay, &s->j, &ret_read->dev, &ret_read->unit, &ret_read->cnt)) {
		(s->loading ? loaded : ready)(s);
		return false;
	}
	ret_read->buf = s->replay.in;
	return true;
}

void gyl_store_replay_done(struct gyl_store *s, int err)
{
	const struct gyl_replay_ops first = {on_begin, on_batch, s};
	const struct gyl_replay_ops second = {load_begin, load_batch, s};

	gyl__replay_done(&s->replay, &s->j, err, s->loading ? &second : &first);
}

void gyl_store_replayed(const struct gyl_store *s, struct gyl_store_replayed *ret_info)
{
	*ret_info = s->info;
}
