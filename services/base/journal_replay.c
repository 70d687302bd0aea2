/* SPDX-License-Identifier: ISC */
#include "services/base/journal.h"

/*
 * Reading the extents back. The newest extent is read first, alone: most of the time it is complete
 * and the other one need not be read at all.
 */

void gyl__replay_init(struct gyl_replay *r, uint8_t *in, uint8_t *gathered)
{
	memset(r, 0, sizeof *r);
	r->in = in;
	r->gathered = gathered;
	r->phase = GYL_REPLAY_HEAD_A;
}

static uint8_t scanned_dev(const struct gyl_replay *r)
{
	return r->phase == GYL_REPLAY_OLDER ? r->newest ^ 1 : r->newest;
}

bool gyl__replay_next(struct gyl_replay *r, const struct gyl_journal *j, int *ret_dev,
	uint64_t *ret_unit, uint32_t *ret_cnt)
{
	uint64_t left;

	if (r->phase == GYL_REPLAY_DONE)
		return false;
	if (r->phase <= GYL_REPLAY_HEAD_B) {
		*ret_dev = r->phase;
		*ret_unit = 0;
		*ret_cnt = r->cnt = 1;
		return true;
	}
	left = j->unit_cnt - r->unit;
	r->cnt = r->single ? 1 : GYL_JOURNAL_STAGE_CNT;
	if (r->cnt > left)
		r->cnt = (uint32_t)left;
	*ret_dev = scanned_dev(r);
	*ret_unit = r->unit;
	*ret_cnt = r->cnt;
	return true;
}

static void scan(
	struct gyl_replay *r, enum gyl_replay_phase phase, const struct gyl_replay_ops *ops)
{
	r->phase = (uint8_t)phase;
	r->unit = 0;
	r->single = false;
	r->open = false;
	r->end.dev = scanned_dev(r);
	r->end.gen = r->head[r->end.dev].gen;
	r->end.unit = 0;
	r->end.run = 0;
	r->end.complete = false;
	ops->begin(ops->arg, phase);
}

/* Nothing anywhere: a new journal, incomplete until its first write says otherwise. */
static void start_afresh(struct gyl_replay *r)
{
	r->phase = GYL_REPLAY_DONE;
	r->torn_len = r->head_len;
	r->end = (struct gyl_journal_end){.gen = 1};
}

static void heads_read(struct gyl_replay *r, const struct gyl_replay_ops *ops)
{
	if (!r->valid[0] && !r->valid[1]) {
		start_afresh(r);
		return;
	}
	r->newest = !r->valid[0] || (r->valid[1] && r->head[1].gen > r->head[0].gen);
	scan(r, GYL_REPLAY_NEWEST, ops);
}

static bool is_blank(const uint8_t *unit)
{
	size_t i = 0;

	while (i < GYL_UNIT_LEN && unit[i] == 0)
		i++;
	return i == GYL_UNIT_LEN;
}

static void head_read(
	struct gyl_replay *r, const uint8_t *unit, int err, const struct gyl_replay_ops *ops)
{
	uint8_t dev = r->phase;
	struct gyl_unit *head = &r->head[dev];

	r->valid[dev] =
		err == 0 && gyl__unit_open(unit, head) && head->index == 0 && head->prev == 0;
	if (!r->valid[dev] && (err != 0 || !is_blank(unit)))
		r->head_len += GYL_UNIT_LEN; /* there was an extent, and nobody can say what of */
	r->phase++;
	if (dev == 1)
		heads_read(r, ops);
}

/* The batches that are whole by now. A broken frame voids the rest of its write. */
static void tell_batches(struct gyl_replay *r, const uint8_t *p, const struct gyl_replay_ops *ops)
{
	while (r->got_len - r->done_len >= GYL_JOURNAL_FRAME_LEN) {
		uint32_t len = gyl_get_u32(p + r->done_len);

		if (len > GYL_JOURNAL_STAGE_LEN) {
			r->open = false;
			return;
		}
		if (r->got_len - r->done_len - GYL_JOURNAL_FRAME_LEN < len)
			return;
		if (ops->batch(ops->arg, gyl_view(p + r->done_len + GYL_JOURNAL_FRAME_LEN, len)))
			r->end.complete = true;
		r->done_len += GYL_JOURNAL_FRAME_LEN + len;
	}
}

/* Does this unit follow the ones read so far? */
static bool follows(const struct gyl_replay *r, const uint8_t *unit, struct gyl_unit *ret_u)
{
	return gyl__unit_open(unit, ret_u) && ret_u->gen == r->end.gen &&
	       ret_u->index == r->end.unit && ret_u->prev == r->end.run && ret_u->run != 0 &&
	       (r->end.unit != 0 || (ret_u->flags & GYL_UNIT_FIRST) != 0);
}

static void gather(struct gyl_replay *r, const uint8_t *unit, const struct gyl_unit *u,
	const struct gyl_replay_ops *ops)
{
	uint8_t *p = r->gathered;

	if ((u->flags & GYL_UNIT_FIRST) != 0) {
		r->open = true;
		r->got_len = r->done_len = 0;
	}
	r->end.unit++;
	r->end.run = u->run;
	if (!r->open || u->used > GYL_JOURNAL_STAGE_LEN - r->got_len)
		return;
	memcpy(p + r->got_len, unit + GYL_UNIT_HEAD_LEN, u->used);
	r->got_len += u->used;
	tell_batches(r, p, ops);
}

/* Batches of an extent end here; what next? */
static void extent_ended(struct gyl_replay *r, const struct gyl_replay_ops *ops)
{
	uint8_t older = r->newest ^ 1;

	if (r->phase == GYL_REPLAY_NEWEST && !r->end.complete && r->valid[older] &&
		r->head[older].gen < r->head[r->newest].gen)
		scan(r, GYL_REPLAY_OLDER, ops);
	else if (r->phase == GYL_REPLAY_OLDER && (r->head[r->newest].flags & GYL_UNIT_SALVAGE) == 0)
		scan(r, GYL_REPLAY_ON_TOP, ops);
	else
		r->phase = GYL_REPLAY_DONE;
}

static void count_torn(struct gyl_replay *r, const uint8_t *unit, uint32_t cnt)
{
	r->torn_len = r->head_len + (r->open ? r->got_len - r->done_len : 0);
	for (uint32_t i = 0; i < cnt; i++)
		if (gyl__unit_touched(unit + (size_t)i * GYL_UNIT_LEN, r->end.gen))
			r->torn_len += GYL_UNIT_LEN;
}

void gyl__replay_done(struct gyl_replay *r, const struct gyl_journal *j, int err,
	const struct gyl_replay_ops *ops)
{
	const uint8_t *unit = r->in;
	struct gyl_unit u;
	uint32_t i = 0;

	if (r->phase <= GYL_REPLAY_HEAD_B) {
		head_read(r, unit, err, ops);
		return;
	}
	if (err != 0 && r->cnt > 1) {
		r->single = true;
		return;
	}
	if (err != 0)
		r->cnt = 0;
	for (; i < r->cnt && follows(r, unit + (size_t)i * GYL_UNIT_LEN, &u); i++)
		gather(r, unit + (size_t)i * GYL_UNIT_LEN, &u, ops);
	r->unit += i;
	if (i == r->cnt && err == 0 && r->unit < j->unit_cnt)
		return;
	count_torn(r, unit + (size_t)i * GYL_UNIT_LEN, r->cnt - i);
	extent_ended(r, ops);
}
