/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/*
 * Buffers: blocks of one size, for either direction. Behind the octets of a block stands what
 * belongs to them: the ranges out of order of a receive buffer, the scoreboard's records of a send
 * buffer.
 */

uint16_t gyl__board_cap(const struct gyl_streams_conf *cf)
{
	/* One for 512 octets: segments are larger, but for small writes without Nagle. */
	return (uint16_t)(cf->buf_len / 512 < 16 ? 16 : cf->buf_len / 512);
}

size_t gyl__buf_size(const struct gyl_streams_conf *cf)
{
	size_t more = gyl__board_cap(cf) * sizeof(struct gyl__seg);

	if (more < sizeof(struct gyl__rcv))
		more = sizeof(struct gyl__rcv);
	return cf->buf_len + ((more + 63) & ~(size_t)63);
}

/* Free blocks are chained by their first octets. Those that were never taken are not touched, so
 * they cost no memory where that comes with the first use. */
static void put_free(struct gyl_streams *t, uint8_t *p)
{
	memcpy(p, &t->buf_free, sizeof t->buf_free);
	t->buf_free = p;
}

void gyl__buf_init(struct gyl_streams *t, uint8_t *mem)
{
	t->buf_free = NULL;
	t->buf_fresh = mem;
	t->board_cap = gyl__board_cap(&t->cf);
}

/* RFC 2018 8: what was only SACKed may be thrown away. Otherwise a few hundred connections with one
 * octet out of order would hold all buffers for ever. */
static void rob(struct gyl_streams *t)
{
	struct gyl__tcb *victim = gyl__list_first(t, GYL__REAP);

	if (victim != NULL) {
		victim->fin_waits = false;
		gyl__rcv_release(t, victim);
	}
}

/* What writes may not touch: two stations whose buffers were all full of octets to send could not
 * take each other's, for ever. */
static uint32_t kept_for_rcv(const struct gyl_streams *t)
{
	return (t->cf.buf_max + 6) / 8;
}

static uint32_t free_cnt(const struct gyl_streams *t)
{
	return t->cf.buf_max - t->stat.buf_cnt;
}

uint32_t gyl_streams_room(const struct gyl_streams *t)
{
	uint32_t kept = kept_for_rcv(t);

	return free_cnt(t) > kept ? free_cnt(t) - kept : 0;
}

/* @param spare so many are to be left */
static uint8_t *take(struct gyl_streams *t, uint32_t spare)
{
	uint8_t *p;

	if (free_cnt(t) <= spare)
		rob(t);
	if (free_cnt(t) <= spare)
		return NULL;
	t->stat.buf_cnt++;
	p = t->buf_free;
	if (p != NULL) {
		memcpy(&t->buf_free, p, sizeof t->buf_free);
		return p;
	}
	p = t->buf_fresh;
	t->buf_fresh += gyl__buf_size(&t->cf);
	return p;
}

static void give(struct gyl_streams *t, uint8_t *p)
{
	put_free(t, p);
	t->stat.buf_cnt--;
}

void gyl__board_move(struct gyl__tcb *c, struct gyl__seg *seg, uint16_t cap)
{
	c->board.seg = seg;
	c->board.cap = cap;
	c->board.head = 0;
}

bool gyl__snd_attach(struct gyl_streams *t, struct gyl__tcb *c)
{
	c->snd = take(t, kept_for_rcv(t));
	if (c->snd == NULL)
		return false;
	gyl__board_move(c, (struct gyl__seg *)(void *)(c->snd + t->cf.buf_len), t->board_cap);
	return true;
}

bool gyl__rcv_attach(struct gyl_streams *t, struct gyl__tcb *c)
{
	c->rcv = take(t, 0);
	if (c->rcv == NULL)
		return false;
	gyl__rcv_of(t, c)->head = 0;
	gyl__ooo_init(gyl__ooo_of(t, c));
	return true;
}

void gyl__snd_release(struct gyl_streams *t, struct gyl__tcb *c)
{
	uint8_t *p = c->snd;

	if (p == NULL)
		return;
	c->snd = NULL;
	if (c->fin_queued)
		gyl__board_move(c, &c->fin_seg, 1);
	else
		gyl__board_move(c, NULL, 0);
	give(t, p);
}

void gyl__rcv_release(struct gyl_streams *t, struct gyl__tcb *c)
{
	uint8_t *p = c->rcv;

	if (p == NULL)
		return;
	c->rcv = NULL;
	c->rcv_len = 0;
	gyl__list_del(t, c, GYL__REAP);
	give(t, p);
}

void gyl__snd_copy(
	const struct gyl_streams *t, const struct gyl__tcb *c, uint32_t seq, uint8_t *p, size_t len)
{
	size_t at = seq & (t->cf.buf_len - 1);
	size_t first = t->cf.buf_len - at;

	if (first > len)
		first = len;
	memcpy(p, c->snd + at, first);
	memcpy(p + first, c->snd, len - first);
}
