/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* What a connection is to send next, if anything. */

/* SACK blocks that there are to tell. RFC 2018 4 */
uint8_t gyl__sack_cnt(const struct gyl_streams *t, const struct gyl__tcb *c)
{
	uint8_t cnt = c->has_dup, max = c->has_ts ? 3 : 4;

	if (!c->has_sack)
		return 0;
	if (c->rcv != NULL) {
		const struct gyl__ooo *o = gyl__ooo_of(t, c);

		cnt = (uint8_t)(o->cnt + (c->has_dup || o->has_dup));
	}
	return cnt < max ? cnt : max;
}

/* Payload of a full segment now: options are taken off, or segments with SACK blocks would be
 * longer than the path takes. RFC 6691 */
static uint32_t room_for_text(const struct gyl_streams *t, const struct gyl__tcb *c)
{
	uint8_t cnt = gyl__sack_cnt(t, c);

	return gyl__full_len(c) - (cnt == 0 ? 0 : 4u + 8u * cnt);
}

/* A repeat keeps its length, and tells as many SACK blocks as fit beside it. */
static bool plan_repeat(struct gyl__tcb *c, struct gyl__seg *s, struct gyl__plan *p)
{
	uint32_t max = gyl__full_len(c);

	if (s == NULL)
		return false;
	p->what = GYL__SEND_REPEAT;
	p->seg = s;
	p->seq = s->seq;
	p->len = s->end - s->seq;
	p->flags = GYL_TCP_ACK;
	if (c->fin_queued && s->end == c->snd_end + 1) {
		p->flags |= GYL_TCP_FIN;
		p->len--;
	}
	if (p->len > max) {
		p->len = max;
		p->flags = GYL_TCP_ACK;
	}
	return true;
}

/* RFC 9293 3.8.6.2.1 and 3.7.4: not less than a full segment, unless it is all there is and nothing
 * is on its way, or half of what the peer ever offered. */
static bool is_worth_it(const struct gyl__tcb *c, uint32_t len, uint32_t unsent, uint32_t max)
{
	bool is_all = len == unsent;

	if (len >= max || c->override || len >= c->max_wnd / 2 + 1)
		return true;
	return is_all && (c->nodelay || c->fin_queued || c->snd_una == c->snd_nxt);
}

/* Octets that were never sent, as the windows allow. */
static bool plan_new(
	const struct gyl_streams *t, struct gyl__tcb *c, bool is_probe, struct gyl__plan *p)
{
	uint32_t unsent = c->snd_end - c->snd_nxt, max, len;
	int32_t window = (int32_t)(c->snd_una + c->snd_wnd - c->snd_nxt);
	bool fin;

	if (c->snd_nxt == c->snd_end + c->fin_queued || window <= 0 || gyl__board_full(&c->board))
		return false;
	max = room_for_text(t, c);
	len = unsent < max ? unsent : max;
	if (len > (uint32_t)window)
		len = (uint32_t)window;
	fin = c->fin_queued && len == unsent && len < (uint32_t)window;
	if (!is_probe) {
		if (!fin && !is_worth_it(c, len, unsent, max))
			return false;
		if (c->board.in_flight != 0 && c->board.in_flight + len > c->cc.cwnd) {
			c->is_limited = true;
			return false;
		}
	}
	p->what = GYL__SEND_NEW;
	p->seq = c->snd_nxt;
	p->len = len;
	p->flags = GYL_TCP_ACK;
	if (len == unsent && len != 0)
		p->flags |= GYL_TCP_PSH;
	if (fin)
		p->flags |= GYL_TCP_FIN;
	return true;
}

/* cwnd counts octets here, too: of segments with one octet each it takes many, or a thousand lost
 * ones would take a thousand round trips. */
static bool plan_lost(struct gyl__tcb *c, struct gyl__plan *p)
{
	struct gyl__board *b = &c->board;
	struct gyl__seg *s;

	if (b->lost_cnt == 0)
		return false;
	s = gyl__board_lost(b, gyl__full_len(c));
	if (s != NULL && b->in_flight != 0 && !c->force_rtx &&
		b->in_flight + (s->end - s->seq) > c->cc.cwnd)
		return false;
	return plan_repeat(c, s, p);
}

/*
 * RFC 8985 7.3 would rather send new octets. But a lone new segment waits for the peer's delayed
 * acknowledgement, and what is missing is mostly an acknowledgement: one lost per burst would cost
 * 40 ms. A repeated segment is answered at once (RFC 9293 3.8.6.3), and by its DSACK we know what
 * was lost.
 */
static bool plan_tail(const struct gyl_streams *t, struct gyl__tcb *c, struct gyl__plan *p)
{
	if (!c->want_tlp)
		return false;
	p->is_tail = plan_repeat(c, gyl__board_last(&c->board), p) || plan_new(t, c, true, p);
	c->want_tlp = p->is_tail;
	return p->is_tail;
}

static bool plan_octets(const struct gyl_streams *t, struct gyl__tcb *c, struct gyl__plan *p)
{
	return gyl__is_synchronized(c) &&
	       (plan_lost(c, p) || plan_tail(t, c, p) || plan_new(t, c, false, p));
}

void gyl__plan(const struct gyl_streams *t, struct gyl__tcb *c, struct gyl__plan *ret)
{
	ret->what = GYL__SEND_NOTHING;
	ret->seg = NULL;
	ret->is_tail = false;
	ret->len = 0;
	ret->seq = c->snd_nxt;
	ret->flags = GYL_TCP_ACK;
	if (c->want_syn) {
		ret->what = GYL__SEND_SYN;
		ret->seq = c->snd_una;
		ret->flags =
			c->state == GYL_STREAM_SYN_SENT ? GYL_TCP_SYN : GYL_TCP_SYN | GYL_TCP_ACK;
	} else if (plan_octets(t, c, ret)) {
		return;
	} else if (c->want_probe) {
		/* RFC 9293 3.8.4: a number that has been acknowledged, so that it must be answered.
		 */
		ret->what = GYL__SEND_PROBE;
		ret->seq = c->snd_una - 1;
	} else if (c->want_ack) {
		ret->what = GYL__SEND_ACK;
	}
}

uint32_t gyl__window_edge(const struct gyl_streams *t, const struct gyl__tcb *c)
{
	return c->rcv_nxt + t->cf.buf_len - c->rcv_len;
}

uint16_t gyl__window_tell(const struct gyl_streams *t, struct gyl__tcb *c)
{
	uint32_t edge = gyl__window_edge(t, c), growth = edge - c->rcv_adv, field;
	uint32_t step = c->rcv_mss < t->cf.buf_len / 2 ? c->rcv_mss : t->cf.buf_len / 2;

	/* RFC 9293 3.8.6.2.2: the right edge moves in large steps, and never back. */
	if (growth < step)
		edge = c->rcv_adv;
	field = gyl__seq_lt(edge, c->rcv_nxt) ? 0 : (edge - c->rcv_nxt) >> c->rcv_wscale;
	if (field > UINT16_MAX)
		field = UINT16_MAX;
	c->rcv_adv = gyl__seq_max(c->rcv_adv, c->rcv_nxt + (field << c->rcv_wscale));
	return (uint16_t)field;
}
