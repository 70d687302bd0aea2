/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* Acknowledgements: what of the send buffer is done with, the peer's window, our FIN. */

void gyl__window_input(struct gyl__tcb *c, const struct gyl__rx *rx)
{
	uint32_t seq = rx->tcp.seq, ack = rx->tcp.ack;
	uint32_t window = (uint32_t)rx->tcp.window << c->snd_wscale;

	/* RFC 9293 3.10.7.4: an old segment does not tell of the window. */
	if (gyl__seq_lt(seq, c->snd_wl1) || (seq == c->snd_wl1 && gyl__seq_lt(ack, c->snd_wl2)))
		return;
	c->snd_wl1 = seq;
	c->snd_wl2 = ack;
	if (c->persisting && gyl__seq_lt(c->snd_una + c->snd_wnd, ack + window)) {
		c->persisting = false;
		c->persist_cnt = 0;
		c->want_probe = c->override = false;
		c->rtx_at_ns = 0;
	}
	c->snd_wnd = window;
	if (window > c->max_wnd)
		c->max_wnd = window;
}

/* SACK blocks of what was sent. */
static uint8_t usable_sacks(
	const struct gyl__tcb *c, const struct gyl__rx *rx, struct gyl_tcp_sack *ret)
{
	uint8_t cnt = 0;

	for (uint8_t i = 0; c->has_sack && i < rx->opt.sack_cnt; i++) {
		struct gyl_tcp_sack s = rx->opt.sack[i];

		if (gyl__seq_lt(s.left, s.right) && gyl__seq_le(s.right, c->snd_nxt) &&
			gyl__seq_le(c->snd_una - c->max_wnd, s.left))
			ret[cnt++] = s;
	}
	return cnt;
}

/* RFC 5681 2: a duplicate, which only says that something else arrived. */
static bool is_duplicate(const struct gyl__tcb *c, const struct gyl__rx *rx)
{
	return rx->tcp.ack == c->snd_una && rx->tcp.payload.len == 0 && c->board.cnt != 0 &&
	       (rx->tcp.flags & GYL_TCP_FIN) == 0 &&
	       (uint32_t)rx->tcp.window << c->snd_wscale == c->snd_wnd;
}

static void advance(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	c->snd_una = rx->tcp.ack;
	c->stall_ms = gyl__ms(rx->now_ns);
	if (c->is_closed)
		c->life_at_ns = rx->now_ns + t->cf.fin_wait_ns;
}

static void make_room(struct gyl_streams *t, struct gyl__tcb *c)
{
	uint32_t waits = c->snd_end - c->snd_una;

	if (waits == 0 && c->board.cnt == 0)
		gyl__snd_release(t, c);
	if (c->want_room && waits <= t->cf.buf_len / 4 * 3 && !c->fin_queued) {
		c->want_room = false;
		gyl__news(t, c, GYL_STREAM_EV_ROOM);
	}
}

/* Our FIN has arrived. False: that was the end. */
static bool fin_acked(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	gyl__snd_release(t, c);
	switch (c->state) {
	case GYL_STREAM_FIN_WAIT_1:
		c->state = GYL_STREAM_FIN_WAIT_2;
		return true;
	case GYL_STREAM_CLOSING:
		gyl__conn_time_wait(t, rx->now_ns, c);
		return false;
	case GYL_STREAM_LAST_ACK:
		gyl__conn_end(t, c, GYL_STREAM_OK);
		return false;
	default:
		return true;
	}
}

bool gyl__ack_input(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	uint32_t before = c->snd_una;
	bool advanced = gyl__seq_lt(before, rx->tcp.ack), is_old = gyl__seq_lt(rx->tcp.ack, before);
	struct gyl_tcp_sack sack[GYL_TCP_SACK_MAX];
	struct gyl__acked a = {0};
	uint8_t sack_cnt;

	if (!c->has_sack && !advanced && is_duplicate(c, rx) && c->dup_cnt < UINT8_MAX)
		c->dup_cnt++;
	if (!is_old)
		gyl__window_input(c, rx);
	/* A closed window is no silence. RFC 9293 3.8.6.1 */
	if (c->persisting || c->snd_wnd == 0)
		c->stall_ms = gyl__ms(rx->now_ns);
	sack_cnt = usable_sacks(c, rx, sack);
	if (c->board.cnt != 0 || sack_cnt != 0)
		gyl__board_acked(&c->board, rx->now_ns, before, rx->tcp.ack, sack, sack_cnt,
			c->rtt.min_us, &a);
	if (advanced)
		advance(t, c, rx);
	gyl__loss_acked(
		t, c, rx, &a, advanced, sack_cnt != 0 && gyl__seq_le(sack[0].right, rx->tcp.ack));
	if (!advanced)
		return true;
	if (gyl__fin_sent(c) && c->snd_una == c->snd_nxt)
		return fin_acked(t, c, rx);
	make_room(t, c);
	return true;
}
