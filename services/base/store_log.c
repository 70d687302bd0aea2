/* SPDX-License-Identifier: ISC */
#include "services/base/store_int.h"

#define LOOK_CNT 16384u /* entries that a slice looks at, at most: well below a millisecond */

uint32_t gyl__store_log_len(const struct gyl_record *rec, size_t cnt)
{
	size_t len = GYL_JOURNAL_FRAME_LEN;

	for (size_t i = 0; i < cnt; i++)
		len += GYL_STORE_HEAD_LEN + rec[i].key.len + (rec[i].remove ? 0 : rec[i].val.len);
	return (uint32_t)len;
}

static void put_record(struct gyl_journal *j, enum gyl_store_rec_type type, uint64_t wall_ns,
	struct gyl_view key, struct gyl_view val)
{
	uint8_t head[GYL_STORE_HEAD_LEN];

	head[0] = (uint8_t)type;
	head[1] = (uint8_t)key.len;
	gyl_set_u16(head + 2, (uint16_t)val.len);
	gyl_set_u64(head + 4, wall_ns);
	gyl__journal_put(j, head, sizeof head);
	gyl__journal_put(j, key.p, key.len);
	gyl__journal_put(j, val.p, val.len);
}

void gyl__store_log_batch(
	struct gyl_store *s, uint64_t wall_ns, const struct gyl_record *rec, size_t cnt)
{
	gyl__journal_batch(&s->j, gyl__store_log_len(rec, cnt) - GYL_JOURNAL_FRAME_LEN);
	for (size_t i = 0; i < cnt; i++)
		put_record(&s->j, rec[i].remove ? GYL_STORE_REC_REMOVE : GYL_STORE_REC_SET, wall_ns,
			rec[i].key, rec[i].remove ? gyl_view(NULL, 0) : rec[i].val);
}

/* A batch of one record, as compaction writes it. */
static void put_single(struct gyl_store *s, enum gyl_store_rec_type type, uint64_t wall_ns,
	struct gyl_view key, struct gyl_view val)
{
	gyl__journal_batch(&s->j, (uint32_t)(GYL_STORE_HEAD_LEN + key.len + val.len));
	put_record(&s->j, type, wall_ns, key, val);
}

/* ---- room ---- */

uint32_t gyl__store_log_room(const struct gyl_store *s)
{
	uint32_t room = gyl__journal_room(&s->j), own = s->j.fill_len - s->staged_copy;

	if (s->compact == GYL_STORE_COPY_IDLE)
		return room;
	/* Half of each write is for copies, or new records could fill the extent before they do. */
	if (own >= GYL_STORE_BATCH_LEN)
		return 0;
	return room < GYL_STORE_BATCH_LEN - own ? room : GYL_STORE_BATCH_LEN - own;
}

/* Units that so many octets in so many records take, when they are written in slices. */
static uint64_t slice_units(uint64_t len, uint64_t cnt)
{
	return len / GYL_UNIT_DATA_LEN + cnt / GYL_STORE_SLICE_CNT + 2;
}

static uint64_t live_units(const struct gyl_store *s)
{
	return slice_units(s->live_len, s->live_cnt);
}

/*
 * The state has to fit twice into an extent: once for the copies, once for what comes meanwhile,
 * which gets at most half of each write: so each value may be written once more while all are
 * copied. An eighth is the reserve, for values that are there to grow, and for what crashes amidst
 * a compaction cost.
 */
static bool fits_twice(const struct gyl_store *s, uint64_t grow, bool fresh)
{
	uint64_t cap = s->cf.unit_cnt - (fresh ? s->cf.unit_cnt / GYL_STORE_RESERVE_PART : 0);

	return 2 * (live_units(s) + grow / GYL_UNIT_DATA_LEN + 1) + GYL_JOURNAL_STAGE_CNT <= cap;
}

bool gyl__store_log_fits(const struct gyl_store *s, uint64_t len, uint64_t grow, bool fresh)
{
	uint64_t need;

	if (grow != 0 && (fresh || s->compact == GYL_STORE_COPY_IDLE) &&
		!fits_twice(s, grow, fresh))
		return false;
	if (s->compact == GYL_STORE_COPY_IDLE)
		return true;
	need = slice_units(s->live_len - s->copied_len + grow, s->live_cnt - s->copied_cnt) +
	       gyl__journal_stage_units(&s->j) + len / GYL_UNIT_DATA_LEN + 2;
	return need <= gyl__journal_left(&s->j);
}

/* ---- compaction ---- */

static void compact_begin(struct gyl_store *s, bool salvage)
{
	gyl__journal_turn(&s->j, salvage);
	s->mark = 3 - s->mark;
	s->copied_len = s->copied_cnt = 0;
	s->compact = GYL_STORE_COPY_VALUES;
	s->copy_at = 0;
}

/* Time to turn? When the extent is full, or half full of what is mostly out of date. */
static bool should_turn(const struct gyl_store *s)
{
	if (s->compact != GYL_STORE_COPY_IDLE || (s->j.fill_len == 0 && !s->rewrite))
		return false;
	return (s->rewrite && !s->closing) ||
	       gyl__journal_stage_units(&s->j) > gyl__journal_left(&s->j) ||
	       (s->j.end.unit >= s->cf.unit_cnt / 2 && live_units(s) <= s->j.end.unit / 4);
}

static bool copy_fits(const struct gyl_store *s, uint32_t len)
{
	uint64_t left = gyl__journal_left(&s->j) * GYL_UNIT_DATA_LEN;

	return len <= gyl__journal_room(&s->j) && s->j.fill_len + (uint64_t)len <= left;
}

/* Copy entry i when it has to be. False when there is no room for it in this write. */
static bool copy_one(struct gyl_store *s, uint32_t i, uint32_t *cnt)
{
	struct gyl_store_entry *e = &s->entry[i];
	uint32_t len = gyl__store_rec_len(e);
	bool dict = s->compact == GYL_STORE_COPY_DICTS;

	if (e->mark == s->mark || e->kind != (dict ? GYL_STORE_DICT : GYL_STORE_VALUE))
		return true;
	if (!copy_fits(s, len))
		return false;
	put_single(s, dict ? GYL_STORE_REC_DICT : GYL_STORE_REC_SET, e->wall_ns,
		gyl__store_key_of(s, i), dict ? gyl_view(NULL, 0) : gyl__store_val_of(s, i));
	gyl__store_mark(s, e);
	s->staged_copy += len;
	++*cnt;
	return true;
}

/* The same for a place of an owned dictionary; copy_at counts on from one to the next. */
static bool copy_owned(
	struct gyl_store *s, struct gyl_store_owned *own, uint32_t place, uint32_t *cnt)
{
	uint8_t key[GYL_STORE_KEY_MAX];
	struct gyl_store_printed p;
	struct gyl_view k;
	uint32_t len;

	if (!gyl__store_owned_due(s, own, place, &p))
		return true;
	k = gyl__store_owned_key(key, own, p.name);
	len = (uint32_t)(GYL_JOURNAL_FRAME_LEN + GYL_STORE_HEAD_LEN + k.len + p.val.len);
	if (!copy_fits(s, len))
		return false;
	put_single(s, GYL_STORE_REC_SET, p.wall_ns, k, p.val);
	gyl__store_owned_note(s, own, place, len, s->mark);
	s->staged_copy += len;
	++*cnt;
	return true;
}

/* One step of copying what owners have. True when there is nothing left. */
static bool copy_owned_step(struct gyl_store *s, uint32_t *cnt, bool *ret_room)
{
	uint32_t at = s->copy_at;

	*ret_room = true;
	for (uint32_t i = 0; i < s->owned_cnt; i++) {
		struct gyl_store_owned *own = &s->owned[i];

		if (at < own->place_cnt) {
			/* Places beyond the owner's last are skipped at once. */
			if (at >= own->ops->top(own->arg))
				s->copy_at += own->place_cnt - at;
			else if (copy_owned(s, own, at + 1, cnt))
				s->copy_at++;
			else
				*ret_room = false;
			return false;
		}
		at -= own->place_cnt;
	}
	return true;
}

/* Everything is copied: say so. */
static void copy_end(struct gyl_store *s)
{
	if (!copy_fits(s, GYL_JOURNAL_FRAME_LEN + GYL_STORE_HEAD_LEN))
		return;
	put_single(s, GYL_STORE_REC_COMPLETE, s->wall_ns, gyl_view(NULL, 0), gyl_view(NULL, 0));
	s->compact = GYL_STORE_COPY_END;
}

static void copy_next(struct gyl_store *s, enum gyl_store_compact what)
{
	s->compact = (uint8_t)what;
	s->copy_at = 0;
}

/*
 * Take copies along with this write: values first, then dictionaries, whose times can only be noted
 * where they have a member. At least as many octets as there are of new records.
 */
static void copy_slice(struct gyl_store *s)
{
	uint32_t own = s->j.fill_len - s->staged_copy, cnt = 0, look = LOOK_CNT;
	bool room;

	while (s->compact <= GYL_STORE_COPY_DICTS && look-- != 0 &&
		(cnt < GYL_STORE_SLICE_CNT || s->staged_copy < own)) {
		if (s->compact == GYL_STORE_COPY_OWNED) {
			if (copy_owned_step(s, &cnt, &room))
				copy_next(s, GYL_STORE_COPY_DICTS);
			else if (!room)
				return;
		} else if (s->copy_at < s->entry_top) {
			if (!copy_one(s, s->copy_at, &cnt))
				return;
			s->copy_at++;
		} else if (s->compact == GYL_STORE_COPY_VALUES) {
			copy_next(s, GYL_STORE_COPY_OWNED);
		} else {
			copy_end(s);
			return;
		}
	}
}

/* ---- writing ---- */

static void stage_close(struct gyl_store *s)
{
	if (s->close_staged || !copy_fits(s, GYL_JOURNAL_FRAME_LEN + GYL_STORE_HEAD_LEN))
		return;
	put_single(s, GYL_STORE_REC_CLOSE, s->wall_ns, gyl_view(NULL, 0), gyl_view(NULL, 0));
	s->close_staged = true;
}

/* Copying goes on, and the extent may be too full for the next record. */
static bool copy_is_stuck(const struct gyl_store *s)
{
	return s->compact != GYL_STORE_COPY_IDLE && s->j.fill_len == 0 &&
	       gyl__journal_left(&s->j) * GYL_UNIT_DATA_LEN <
		       GYL_JOURNAL_FRAME_LEN + GYL_STORE_HEAD_LEN + GYL_STORE_KEY_MAX +
			       GYL_STORE_VALUE_MAX;
}

/* Fill the stage up for the next write. False when there is nothing to write, or nowhere. */
static bool prepare(struct gyl_store *s)
{
	if (should_turn(s)) {
		s->rewrite = false;
		compact_begin(s, false);
	}
	if (s->closing)
		stage_close(s);
	else
		copy_slice(s);
	s->stuck = gyl__journal_stage_units(&s->j) > gyl__journal_left(&s->j) || copy_is_stuck(s);
	return s->j.fill_len != 0 && !s->stuck;
}

bool gyl_store_write_next(struct gyl_store *s, uint64_t mono_ns, struct gyl_store_write *ret_write)
{
	struct gyl_journal *j = &s->j;

	if (s->cf.unit_cnt == 0 || !s->ready || s->loading || s->closed || j->in_flight)
		return false;
	if (mono_ns < j->next_ns && (!s->closing || j->retry))
		return false;
	if (j->retry) {
		gyl__journal_rewrite(j, mono_ns);
	} else if (prepare(s)) {
		s->flight_seq = s->seq;
		s->staged_copy = 0;
		gyl__journal_write(j, mono_ns);
	} else {
		return false;
	}
	ret_write->dev = j->end.dev;
	ret_write->unit = gyl__journal_write_unit(j);
	ret_write->cnt = j->write_cnt;
	ret_write->buf = j->stage[!j->fill];
	ret_write->token = j->token;
	return true;
}

uint64_t gyl_store_deadline_ns(const struct gyl_store *s)
{
	if (s->cf.unit_cnt == 0 || !s->ready || s->loading || s->closed || s->j.in_flight)
		return UINT64_MAX;
	if (s->j.retry)
		return s->j.next_ns;
	if (s->stuck)
		return UINT64_MAX;
	if (s->closing)
		return 0;
	if (s->j.fill_len != 0 || s->compact != GYL_STORE_COPY_IDLE || s->rewrite)
		return s->j.next_ns;
	return UINT64_MAX;
}

bool gyl_store_busy(const struct gyl_store *s)
{
	if (s->cf.unit_cnt == 0 || !s->ready || s->closed)
		return false;
	return s->durable < s->seq || s->j.in_flight || s->closing;
}

static void write_failed(struct gyl_store *s)
{
	if (s->closing)
		s->closed = true;
	else if (s->compact == GYL_STORE_COPY_IDLE)
		compact_begin(s, true);
	else
		gyl__journal_retry(&s->j);
}

bool gyl_store_written(struct gyl_store *s, uint64_t token, int err, uint64_t *ret_lost_seq)
{
	struct gyl_journal *j = &s->j;

	if (!j->in_flight || token != j->token)
		return false;
	j->in_flight = false;
	j->retry = false;
	if (err != 0) {
		*ret_lost_seq = s->durable + 1;
		write_failed(s);
		return true;
	}
	if (s->compact == GYL_STORE_COPY_END) {
		s->compact = GYL_STORE_COPY_IDLE;
		j->end.complete = true;
		j->salvage = false;
	}
	if (!j->salvage)
		s->durable = s->flight_seq;
	s->closed = s->close_staged && j->fill_len == 0;
	return false;
}

void gyl_store_rewrite(struct gyl_store *s, uint64_t wall_ns)
{
	s->rewrite = s->cf.unit_cnt != 0;
	s->wall_ns = wall_ns;
}

void gyl_store_close(struct gyl_store *s, uint64_t wall_ns)
{
	s->closing = true;
	s->wall_ns = wall_ns;
}
