/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* Half open ones that others began: SYN came, SYN-ACK is sent. A small record each; the control
 * block is made when the third segment comes. */

static struct gyl__half *half_at(const struct gyl_streams *t, uint32_t i)
{
	return (struct gyl__half *)(void *)gyl__table_at(&t->half, i);
}

static uint16_t syn_window(const struct gyl_streams *t)
{
	return (uint16_t)(t->cf.buf_len < UINT16_MAX ? t->cf.buf_len : UINT16_MAX);
}

void gyl__syn_ack(struct gyl_streams *t, uint64_t now_ns, const struct gyl_net_peer *peer,
	const struct gyl__open *open)
{
	int mss = open->mtu - GYL__HEADERS_LEN;
	struct gyl__reply r = {.peer = *peer,
		.seq = open->iss,
		.ack = open->irs + 1,
		.ts_val = gyl__ms(now_ns) + open->ts_off,
		.ts_ecr = open->ts_recent,
		.flags = GYL_TCP_SYN | GYL_TCP_ACK,
		.window = syn_window(t),
		.mss = (uint16_t)(mss < GYL__MSS_MIN ? GYL__MSS_MIN : mss),
		.has_ts = open->has_ts,
		.has_sack = open->has_sack};

	r.wscale = open->wscale == GYL__WSCALE_NONE ? GYL__WSCALE_NONE : t->rcv_wscale;
	gyl__reply_put(t, &r);
}

/* Send or repeat the SYN-ACK, with the timer of RFC 6298 2.1 and 5.5. */
static void answer(struct gyl_streams *t, uint64_t now_ns, uint32_t i)
{
	struct gyl__half *h = half_at(t, i);
	uint64_t next_ns = now_ns + (GYL_NS_PER_S << (h->try_cnt < 6 ? h->try_cnt : 6));
	uint64_t end_ns = h->born_ns + t->cf.syn_ns;

	h->sent_ns = now_ns;
	gyl__heap_set(&t->half_timers, i, next_ns < end_ns ? next_ns : end_ns);
	gyl__syn_ack(t, now_ns, &h->node.peer, &h->open);
}

void gyl__half_add(struct gyl_streams *t, const struct gyl__rx *rx, const struct gyl__open *open)
{
	uint32_t i = gyl__table_take(&t->half);
	struct gyl__half *h;

	if (i == GYL__NONE)
		return;
	h = half_at(t, i);
	h->node.peer = rx->peer;
	h->open = *open;
	h->born_ns = rx->now_ns;
	h->try_cnt = 0;
	gyl__table_link(&t->half, i, rx->hash);
	answer(t, rx->now_ns, i);
}

static void half_del(struct gyl_streams *t, uint32_t i)
{
	gyl__heap_set(&t->half_timers, i, UINT64_MAX);
	gyl__table_unlink(&t->half, i, gyl__isn_hash(&t->isn, &half_at(t, i)->node.peer));
	gyl__table_give(&t->half, i);
}

void gyl__half_tick(struct gyl_streams *t, uint64_t now_ns)
{
	/* What finds no room in the ring of answers stays due. */
	while (gyl__heap_first_ns(&t->half_timers) <= now_ns && t->reply_cnt < GYL__REPLY_MAX) {
		uint32_t i = t->half_timers.due[0].i;
		struct gyl__half *h = half_at(t, i);

		if (now_ns - h->born_ns >= t->cf.syn_ns) {
			half_del(t, i);
			t->stat.half_drop_cnt++;
			continue;
		}
		h->try_cnt++;
		t->stat.retrans_cnt++;
		answer(t, now_ns, i);
	}
}

/* An acknowledgement that says where we are. */
static void challenge(struct gyl_streams *t, const struct gyl__rx *rx, const struct gyl__half *h)
{
	struct gyl__reply r = {.peer = h->node.peer,
		.seq = h->open.iss + 1,
		.ack = h->open.irs + 1,
		.ts_val = gyl__ms(rx->now_ns) + h->open.ts_off,
		.ts_ecr = h->open.ts_recent,
		.flags = GYL_TCP_ACK,
		.has_ts = h->open.has_ts};

	r.window = (uint16_t)(t->cf.buf_len >>
			      (h->open.wscale == GYL__WSCALE_NONE ? 0 : t->rcv_wscale));
	if (h->open.wscale == GYL__WSCALE_NONE)
		r.window = syn_window(t);
	t->stat.unacceptable_cnt++;
	if (gyl__may_challenge(t, NULL, rx->now_ns))
		gyl__reply_put(t, &r);
}

static bool in_window(
	const struct gyl_streams *t, const struct gyl__rx *rx, const struct gyl__half *h)
{
	uint32_t nxt = h->open.irs + 1, last = rx->tcp.seq + gyl_tcp_seq_len(&rx->tcp);

	return gyl__seq_le(nxt, rx->tcp.seq == last ? last : last - 1) &&
	       gyl__seq_lt(rx->tcp.seq, nxt + syn_window(t));
}

/* RFC 7323 5: it is from an earlier connection. A segment without timestamps is not a good one. */
static bool is_stale(const struct gyl__rx *rx, const struct gyl__half *h)
{
	return h->open.has_ts &&
	       (!rx->opt.has_timestamps || gyl__seq_lt(rx->opt.ts_val, h->open.ts_recent));
}

static void complete(struct gyl_streams *t, const struct gyl__rx *rx, uint32_t i)
{
	struct gyl__half h = *half_at(t, i);

	if (t->conn.cnt == t->conn.max)
		return; /* what it carries comes again, and maybe there is room then */
	half_del(t, i);
	if (gyl__listener_find(t, &rx->peer) == NULL) {
		gyl__reply_reset(t, rx);
		return;
	}
	gyl__accept(t, rx, &h.open, h.try_cnt == 0 ? rx->now_ns - h.sent_ns : 0);
}

static void reset_input(struct gyl_streams *t, const struct gyl__rx *rx, uint32_t i)
{
	/* RFC 5961 3.2: exactly the next number, or a question back. */
	if (rx->tcp.seq != half_at(t, i)->open.irs + 1) {
		challenge(t, rx, half_at(t, i));
		return;
	}
	half_del(t, i);
	t->stat.half_drop_cnt++;
}

void gyl__half_input(struct gyl_streams *t, const struct gyl__rx *rx, uint32_t i)
{
	const struct gyl__half *h = half_at(t, i);
	uint16_t flags = rx->tcp.flags & (GYL_TCP_SYN | GYL_TCP_ACK | GYL_TCP_RST);

	if (flags == GYL_TCP_SYN && rx->tcp.seq == h->open.irs)
		gyl__syn_ack(t, rx->now_ns, &h->node.peer, &h->open);
	else if (!in_window(t, rx, h) || (flags & GYL_TCP_SYN) != 0)
		challenge(t, rx, h);
	else if ((flags & GYL_TCP_RST) != 0)
		reset_input(t, rx, i);
	else if (flags != GYL_TCP_ACK)
		t->stat.unacceptable_cnt++;
	else if (rx->tcp.ack != h->open.iss + 1)
		gyl__reply_reset(t, rx); /* RFC 9293 3.10.7.4 */
	else if (is_stale(rx, h))
		challenge(t, rx, h);
	else
		complete(t, rx, i);
}

void gyl__accept(struct gyl_streams *t, const struct gyl__rx *rx, const struct gyl__open *open,
	uint64_t rtt_ns)
{
	struct gyl__tcb *c = gyl__conn_new(t, rx->now_ns, &rx->peer, rx->hash, open);
	struct gyl__rx third = *rx;

	if (c == NULL)
		return;
	c->user = gyl__listener_find(t, &rx->peer)->user;
	c->life_at_ns = rx->now_ns + t->cf.syn_ns;
	if (rtt_ns != 0)
		gyl__rtt_sample(&c->rtt, rx->now_ns, rtt_ns);
	gyl__conn_input(t, c, &third);
}
