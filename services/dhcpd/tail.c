/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/tail.h"

#include "services/dhcpd/state.h"

enum {
	ALIGN = 4,
	HEAD_LEN = 8, /* the slot, or DEAD and the size; then the length of each part */
	BODY_MAX = GYL_DHCPD_ID_MAX + GYL_DHCPD_NAME_MAX + 6 + GYL_DHCPD_RELAY_MAX,
	BLOCK_MAX = HEAD_LEN + BODY_MAX + ALIGN,
	OWN_MAX = (BLOCK_MAX - GYL_DHCPD_RELAY_MAX + ALIGN) / ALIGN * ALIGN, /* without option 82 */
	RELAY_MEAN = 64,
	SLACK = 1 << 15, /* holes of fewer octets are left alone */
	/* A sweep begins when a ninth of the blocks is holes, and is through before another
	 * sixteenth has come. */
	HOLE_PART = 8,
	SWEEP_RATE = 16
};

#define DEAD 0x80000000u

struct parts {
	struct gyl_view v[GYL_DHCPD_PART_CNT];
};

/* ---- memory ---- */

static uint32_t live_max(uint32_t lease_cnt)
{
	return (lease_cnt + 1) * (OWN_MAX + RELAY_MEAN);
}

size_t gyl__dhcpd_tail_need(uint32_t lease_cnt)
{
	uint32_t live = live_max(lease_cnt);

	return live + live / 2 + 2 * SLACK;
}

void gyl__dhcpd_tail_init(struct gyl_dhcpd_tails *t, void *mem, uint32_t lease_cnt)
{
	t->p = mem;
	t->cap = (uint32_t)gyl__dhcpd_tail_need(lease_cnt) / ALIGN * ALIGN;
	t->relay_cap = lease_cnt * RELAY_MEAN;
	t->top = ALIGN; /* 0: no block */
}

/* ---- blocks ---- */

static uint32_t head_get(const struct gyl_dhcpd_tails *t, uint32_t off)
{
	uint32_t head;

	memcpy(&head, t->p + off, sizeof head);
	return head;
}

static void head_set(struct gyl_dhcpd_tails *t, uint32_t off, uint32_t head)
{
	memcpy(t->p + off, &head, sizeof head);
}

static uint32_t rounded(uint32_t body_len)
{
	return (HEAD_LEN + body_len + ALIGN - 1) / ALIGN * ALIGN;
}

static uint32_t block_len(const struct gyl_dhcpd_tails *t, uint32_t off)
{
	const uint8_t *len = t->p + off + 4;

	return rounded((uint32_t)len[0] + len[1] + len[2] + len[3]);
}

static struct gyl_view part(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, enum gyl_dhcpd_part which)
{
	const uint8_t *p = d->tails.p + (size_t)l->tail * ALIGN, *len = p + 4;
	size_t at = HEAD_LEN;

	if (l->tail == 0)
		return gyl_view(NULL, 0);
	for (unsigned i = 0; i < which; i++)
		at += len[i];
	return gyl_view(p + at, len[which]);
}

static struct parts all_parts(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	const uint8_t *p = d->tails.p + (size_t)l->tail * ALIGN, *len = p + 4, *at = p + HEAD_LEN;
	struct parts all = {0};

	for (unsigned i = 0; i < GYL_DHCPD_PART_CNT && l->tail != 0; at += len[i++])
		all.v[i] = gyl_view(at, len[i]);
	return all;
}

static void sweep(struct gyl_dhcpd *d, uint32_t budget)
{
	struct gyl_dhcpd_tails *t = &d->tails;
	uint32_t end = budget < t->top - t->scan ? t->scan + budget : t->top;

	while (t->scan < end) {
		uint32_t head = head_get(t, t->scan), len;

		if ((head & DEAD) != 0) {
			t->scan += head & ~DEAD;
			continue;
		}
		len = block_len(t, t->scan);
		if (t->dst != t->scan) {
			memmove(t->p + t->dst, t->p + t->scan, len);
			d->lease[head].tail = t->dst / ALIGN;
		}
		t->dst += len;
		t->scan += len;
	}
	if (t->scan != t->top)
		return;
	t->top = t->dst;
	t->sweeping = false;
}

static void sweep_start(struct gyl_dhcpd_tails *t)
{
	t->sweeping = true;
	t->dst = t->scan = ALIGN;
}

static uint32_t block_take(struct gyl_dhcpd *d, uint32_t len)
{
	struct gyl_dhcpd_tails *t = &d->tails;
	uint32_t off;

	if (!t->sweeping && t->top - t->live > t->live / HOLE_PART + SLACK)
		sweep_start(t);
	if (t->sweeping)
		sweep(d, len * SWEEP_RATE);
	while (t->cap - t->top < len) {
		if (!t->sweeping)
			sweep_start(t);
		sweep(d, t->cap);
	}
	off = t->top;
	t->top += len;
	t->live += len;
	return off;
}

static void block_give(struct gyl_dhcpd_tails *t, uint32_t off)
{
	uint32_t len = block_len(t, off);

	t->relay_live -= t->p[off + 4 + GYL_DHCPD_PART_RELAY];
	t->live -= len;
	head_set(t, off, DEAD | len);
}

static uint32_t print(uint8_t body[BODY_MAX], uint8_t len[4], const struct parts *parts)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < GYL_DHCPD_PART_CNT; i++) {
		const struct gyl_view *v = &parts->v[i];

		if (v->len != 0)
			memcpy(body + at, v->p, v->len);
		len[i] = (uint8_t)v->len;
		at += len[i];
	}
	return at;
}

/* The last block has room behind it. What a client says comes part by part: no hole for each. */
static bool stretch(struct gyl_dhcpd_tails *t, uint32_t off, uint32_t len)
{
	uint32_t old = block_len(t, off);

	if (off + old != t->top || len > t->cap - off)
		return false;
	t->top = off + len;
	t->live += len - old;
	return true;
}

/* Where a block of that size goes; the lease has none then. The same place when it fits as well. */
static uint32_t place(struct gyl_dhcpd *d, struct gyl_dhcpd_lease *l, uint32_t len)
{
	struct gyl_dhcpd_tails *t = &d->tails;
	uint32_t off = l->tail * ALIGN;

	if (off == 0)
		return block_take(d, len);
	if (block_len(t, off) == len || stretch(t, off, len)) {
		t->relay_live -= t->p[off + 4 + GYL_DHCPD_PART_RELAY];
		return off;
	}
	block_give(t, off);
	l->tail = 0;
	return block_take(d, len);
}

void gyl__dhcpd_tail_clear(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->tail == 0)
		return;
	block_give(&d->tails, l->tail * ALIGN);
	l->tail = 0;
	l->stale = true;
}

static void put(struct gyl_dhcpd *d, uint32_t slot, const struct parts *parts)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_tails *t = &d->tails;
	uint8_t body[BODY_MAX], len[4];
	uint32_t body_len = print(body, len, parts), off;

	if (body_len == 0) {
		gyl__dhcpd_tail_clear(d, slot);
		return;
	}
	off = place(d, l, rounded(body_len));
	head_set(t, off, slot);
	memcpy(t->p + off + 4, len, sizeof len);
	memcpy(t->p + off + HEAD_LEN, body, body_len);
	t->relay_live += len[GYL_DHCPD_PART_RELAY];
	l->tail = off / ALIGN;
	l->stale = true;
}

void gyl__dhcpd_tail_set(
	struct gyl_dhcpd *d, uint32_t slot, enum gyl_dhcpd_part which, struct gyl_view val)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct parts parts = all_parts(d, l);
	struct gyl_view old = parts.v[which];

	if (which == GYL_DHCPD_PART_RELAY && val.len > old.len &&
		d->tails.relay_live + val.len - old.len > d->tails.relay_cap)
		val.len = 0;
	if (gyl_view_eq(old, val))
		return;
	parts.v[which] = val;
	put(d, slot, &parts);
}

/* ---- reading ---- */

struct gyl_view gyl__dhcpd_lease_id(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	if (l->form == GYL_DHCPD_BY_HW && l->has_mac)
		return gyl_view(l->hw, sizeof l->hw);
	return part(d, l, GYL_DHCPD_PART_ID);
}

struct gyl_view gyl__dhcpd_lease_name(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	return part(d, l, GYL_DHCPD_PART_NAME);
}

struct gyl_view gyl__dhcpd_lease_source(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	return part(d, l, GYL_DHCPD_PART_SOURCE);
}

struct gyl_view gyl__dhcpd_lease_relay(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	return part(d, l, GYL_DHCPD_PART_RELAY);
}
