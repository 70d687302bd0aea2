/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_ooo.h"
#include "libnet/src/tcp_seq.h"

void gyl__ooo_init(struct gyl__ooo *o)
{
	memset(o, 0, sizeof *o);
}

static void remove_at(struct gyl__ooo *o, uint8_t i)
{
	o->cnt--;
	memmove(&o->range[i], &o->range[i + 1], (size_t)(o->cnt - i) * sizeof o->range[0]);
}

static void insert_first(struct gyl__ooo *o, struct gyl_tcp_sack r)
{
	memmove(&o->range[1], &o->range[0], o->cnt * sizeof o->range[0]);
	o->range[0] = r;
	o->cnt++;
}

static void note_dup(struct gyl__ooo *o, uint32_t left, uint32_t right)
{
	o->has_dup = true;
	o->dup.left = left;
	o->dup.right = right;
}

/* Takes all ranges away that touch r, and gives their union with it. */
static struct gyl_tcp_sack join(struct gyl__ooo *o, struct gyl_tcp_sack r)
{
	struct gyl_tcp_sack all = r;

	for (uint8_t i = 0; i < o->cnt;) {
		struct gyl_tcp_sack at = o->range[i];

		if (gyl__seq_lt(r.right, at.left) || gyl__seq_lt(at.right, r.left)) {
			i++;
			continue;
		}
		if (gyl__seq_lt(r.left, at.right) && gyl__seq_lt(at.left, r.right))
			note_dup(o, gyl__seq_max(r.left, at.left), gyl__seq_min(r.right, at.right));
		all.left = gyl__seq_min(all.left, at.left);
		all.right = gyl__seq_max(all.right, at.right);
		remove_at(o, i);
	}
	return all;
}

bool gyl__ooo_add(struct gyl__ooo *o, uint32_t left, uint32_t right)
{
	struct gyl_tcp_sack r = {left, right};

	/* Ranges do not touch each other, so what touches the union touches r. */
	r = join(o, r);
	if (o->cnt == GYL__OOO_MAX)
		return false;
	insert_first(o, r);
	return true;
}

uint32_t gyl__ooo_advance(struct gyl__ooo *o, uint32_t rcv_nxt)
{
	uint32_t end = rcv_nxt;

	for (uint8_t i = 0; i < o->cnt;) {
		struct gyl_tcp_sack at = o->range[i];

		if (gyl__seq_lt(rcv_nxt, at.left)) {
			i++;
			continue;
		}
		end = gyl__seq_max(end, at.right);
		remove_at(o, i);
	}
	return end;
}

void gyl__ooo_dup(struct gyl__ooo *o, uint32_t left, uint32_t right)
{
	note_dup(o, left, right);
	/* RFC 2883 4.1: a duplicate within a kept range is followed by the block of that range. */
	for (uint8_t i = 0; i < o->cnt; i++) {
		struct gyl_tcp_sack at = o->range[i];

		if (gyl__seq_le(at.left, left) && gyl__seq_le(right, at.right)) {
			remove_at(o, i);
			insert_first(o, at);
			return;
		}
	}
}

uint8_t gyl__ooo_blocks(struct gyl__ooo *o, struct gyl_tcp_sack *ret, uint8_t max)
{
	uint8_t cnt = 0;

	if (o->has_dup && max > 0) {
		ret[cnt++] = o->dup;
		o->has_dup = false;
	}
	for (uint8_t i = 0; i < o->cnt && cnt < max; i++)
		ret[cnt++] = o->range[i];
	return cnt;
}
