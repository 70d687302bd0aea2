/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* Openings of our own, up to the point where they are like any other connection. */

/* RFC 6191: the pair may be used anew before its time if timestamps tell old from new. */
static bool free_pair(struct gyl_streams *t, uint64_t now_ns, const struct gyl_net_peer *to,
	uint64_t hash, uint32_t *iss)
{
	uint32_t i = gyl__table_find(&t->wait, hash, to);
	const struct gyl__wait *w;

	if (gyl__table_find(&t->conn, hash, to) != GYL__NONE ||
		gyl__table_find(&t->half, hash, to) != GYL__NONE)
		return false;
	*iss = gyl__isn(&t->isn, now_ns, to);
	if (i == GYL__NONE)
		return true;
	w = (struct gyl__wait *)(void *)gyl__table_at(&t->wait, i);
	if (!w->has_ts)
		return false;
	if (gyl__seq_le(*iss, w->snd_nxt))
		*iss = w->snd_nxt + UINT16_MAX;
	gyl__wait_del(t, i);
	return true;
}

static void begin(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c, uint32_t iss)
{
	c->state = GYL_STREAM_SYN_SENT;
	c->snd_una = iss;
	c->snd_nxt = c->snd_end = iss + 1;
	c->ts_off = gyl__isn_ts(&t->isn, &c->node.peer);
	c->has_ts = c->has_sack = c->has_wscale = true;
	c->rcv_wscale = t->rcv_wscale;
	c->want_syn = true;
	c->life_at_ns = now_ns + t->cf.syn_ns;
}

enum gyl_stream_err gyl_stream_connect(struct gyl_streams *t, uint64_t now_ns,
	const struct gyl_net_peer *to, uint16_t mtu, uint32_t user, uint32_t *ret_id)
{
	uint64_t hash = gyl__isn_hash(&t->isn, to);
	struct gyl__tcb *c;
	uint32_t iss;

	/* RFC 9293 3.9.1.1: there is no connection with a group. */
	if (to->ip == 0 || to->ip >> 28 >= 14 || to->ip == to->local_ip)
		return GYL_STREAM_UNREACHABLE;
	if (t->conn.cnt == t->conn.max)
		return GYL_STREAM_FULL;
	if (!free_pair(t, now_ns, to, hash, &iss))
		return GYL_STREAM_IN_USE;
	c = gyl__conn_new(t, now_ns, to, hash, NULL);
	c->user = user;
	c->mtu = mtu;
	begin(t, now_ns, c, iss);
	gyl__conn_settle(t, now_ns, c);
	*ret_id = c->gen << 15 | gyl__tcb_index(t, c);
	return GYL_STREAM_OK;
}

/* What their SYN says of them. RFC 9293 3.7.1, RFC 7323 2.2 and 3.2, RFC 2018 2 */
static void agree(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	const struct gyl_tcp_known *o = &rx->opt;

	c->node.peer = rx->peer;
	c->rcv_nxt = c->last_ack = rx->tcp.seq + 1;
	c->rcv_adv = c->rcv_nxt + (t->cf.buf_len < UINT16_MAX ? t->cf.buf_len : UINT16_MAX);
	c->has_sack = o->sack_permitted;
	c->has_ts = o->has_timestamps;
	c->ts_recent = o->ts_val;
	c->has_wscale = o->has_wscale;
	c->snd_wscale = o->wscale;
	if (!o->has_wscale)
		c->rcv_wscale = 0;
	if (o->has_mss)
		c->peer_mss = o->mss < GYL__MSS_MIN ? GYL__MSS_MIN : o->mss;
	gyl__conn_set_mtu(c, rx->mtu);
}

static void take_rtt(const struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	/* The timer was set when it was sent. */
	if (c->persist_cnt == 1 && c->rtx_at_ns != 0)
		gyl__rtt_sample(&c->rtt, rx->now_ns, rx->now_ns + gyl__rto_ns(t, c) - c->rtx_at_ns);
	else
		/* RFC 6298 5.7: it was lost or the way is long. Three seconds are meant; doublings
		 * make it four, until something is measured. */
		c->rtt.backoff = 2;
}

void gyl__established(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	bool is_syn = (rx->tcp.flags & GYL_TCP_SYN) != 0;

	if (!c->is_passive)
		take_rtt(t, c, rx);
	c->state = GYL_STREAM_ESTABLISHED;
	c->persist_cnt = 0;
	c->want_syn = false;
	c->snd_una = rx->tcp.ack;
	c->snd_wl1 = rx->tcp.seq;
	c->snd_wl2 = rx->tcp.ack;
	/* RFC 7323 2.2: the window of a SYN is not scaled. */
	c->snd_wnd = (uint32_t)rx->tcp.window << (is_syn ? 0 : c->snd_wscale);
	c->max_wnd = c->snd_wnd;
	c->rtx_at_ns = c->life_at_ns = 0;
	c->stall_ms = gyl__ms(rx->now_ns);
	t->stat.accepted_cnt += c->is_passive;
	t->stat.connected_cnt += !c->is_passive;
	gyl__news(t, c, GYL_STREAM_EV_OPENED);
}

/* RFC 9293 3.10.7.3 */
void gyl__syn_sent_input(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	uint16_t flags = rx->tcp.flags;
	bool has_ack = (flags & GYL_TCP_ACK) != 0;

	if (has_ack && rx->tcp.ack != c->snd_nxt) {
		t->stat.unacceptable_cnt++;
		gyl__reply_reset(t, rx);
		return;
	}
	if ((flags & GYL_TCP_RST) != 0) {
		if (has_ack)
			gyl__conn_end(t, c, GYL_STREAM_REFUSED);
		else
			t->stat.unacceptable_cnt++;
		return;
	}
	if ((flags & GYL_TCP_SYN) == 0) {
		t->stat.unacceptable_cnt++;
		return;
	}
	/* Octets beside the SYN are left for the peer to repeat. */
	agree(t, c, rx);
	if (has_ack) {
		gyl__established(t, c, rx);
		c->want_ack = true;
	} else {
		/* Both open at once: SYN again, now with ACK. */
		c->state = GYL_STREAM_SYN_RECEIVED;
		c->want_syn = true;
	}
}
