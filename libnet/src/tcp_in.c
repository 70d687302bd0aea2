/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* A segment comes: whose it is, and for a connection the checks of RFC 9293 3.10.7.4 in their
 * order, with those of RFC 5961 and RFC 7323. */

/* Nobody can have sent it from there. RFC 9293 3.9.2.3, RFC 1122 3.2.1.3 */
static bool is_bad_source(const struct gyl_net_peer *p)
{
	return p->ip == 0 || p->ip >> 28 >= 14 || p->ip == p->local_ip || p->port == 0 ||
	       p->local_port == 0;
}

static bool read_segment(
	struct gyl_streams *t, const struct gyl_streams_seg *seg, struct gyl__rx *rx)
{
	if (gyl_failed(gyl_tcp_decode(
		    seg->data, seg->peer.ip, seg->peer.local_ip, seg->checksum, &rx->tcp)))
		return false;
	gyl_tcp_known_get(rx->tcp.options, &rx->opt);
	rx->mtu = seg->mtu;
	rx->peer = seg->peer;
	rx->peer.port = rx->tcp.src_port;
	rx->peer.local_port = rx->tcp.dst_port;
	rx->hash = gyl__isn_hash(&t->isn, &rx->peer);
	return !is_bad_source(&rx->peer);
}

void gyl_streams_input(struct gyl_streams *t, uint64_t now_ns, const struct gyl_streams_seg *seg)
{
	struct gyl__rx rx;
	uint32_t i;

	t->stat.rx_cnt++;
	rx.now_ns = now_ns;
	if (!read_segment(t, seg, &rx))
		t->stat.bad_cnt++;
	else if ((i = gyl__table_find(&t->conn, rx.hash, &rx.peer)) != GYL__NONE)
		gyl__conn_input(t, gyl__tcb(t, i), &rx);
	else if ((i = gyl__table_find(&t->half, rx.hash, &rx.peer)) != GYL__NONE)
		gyl__half_input(t, &rx, i);
	else if ((i = gyl__table_find(&t->wait, rx.hash, &rx.peer)) != GYL__NONE)
		gyl__wait_input(t, &rx, i);
	else
		gyl__listen_input(t, &rx, NULL);
}

static void challenge(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	t->stat.unacceptable_cnt++;
	if (gyl__may_challenge(t, c, rx->now_ns))
		c->want_ack = true;
}

/* RFC 9293 3.10.7.4: an unacceptable segment is answered with an acknowledgement. What repeats
 * octets, and a probe (one number too early), must learn where we are; the rest is limited, so that
 * nobody can make two ends answer each other for ever. That is why a probe must be right about our
 * numbers: of two that were made to take octets nobody sent, each looks like one to the other. */
static void refuse(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	bool has_octets = rx->tcp.payload.len != 0 || (rx->tcp.flags & GYL_TCP_FIN) != 0;
	bool is_probe = rx->tcp.seq == c->rcv_nxt - 1 && gyl__seq_le(rx->tcp.ack, c->snd_nxt);

	if ((rx->tcp.flags & GYL_TCP_RST) != 0) {
		t->stat.unacceptable_cnt++;
	} else if ((rx->tcp.flags & GYL_TCP_SYN) == 0 && (has_octets || is_probe)) {
		t->stat.unacceptable_cnt++;
		c->want_ack = true;
	} else {
		challenge(t, c, rx);
	}
}

/* RFC 7323 5.3: from before what came last. 5.5: after 24 days of silence its clock may have gone
 * half round, and says nothing. */
static bool is_stale(const struct gyl__tcb *c, const struct gyl__rx *rx)
{
	uint32_t silence_ms = gyl__ms(rx->now_ns) - c->heard_ms;

	return c->has_ts && rx->opt.has_timestamps && (rx->tcp.flags & GYL_TCP_RST) == 0 &&
	       gyl__seq_lt(rx->opt.ts_val, c->ts_recent) && silence_ms < 24u * 24 * 3600 * 1000;
}

/* RFC 7323 3.2: once agreed on, they are in every segment but resets. A SYN is not of this
 * connection: a peer that restarted must hear of it (RFC 5961 4.2). */
static bool lacks_timestamps(const struct gyl__tcb *c, const struct gyl__rx *rx)
{
	return c->has_ts && !rx->opt.has_timestamps &&
	       (rx->tcp.flags & (GYL_TCP_RST | GYL_TCP_SYN)) == 0;
}

/* RFC 9293 3.4, table 6. A window that is closed still takes acknowledgements and resets, so the
 * exact number is acceptable with octets too; they are cut off later. */
static bool is_acceptable(const struct gyl__tcb *c, const struct gyl__rx *rx)
{
	uint32_t seq = rx->tcp.seq, len = gyl_tcp_seq_len(&rx->tcp);

	if (seq == c->rcv_nxt)
		return true;
	if (len == 0)
		return gyl__seq_lt(c->rcv_nxt, seq) && gyl__seq_lt(seq, c->rcv_adv);
	return gyl__seq_lt(c->rcv_nxt, seq + len) && gyl__seq_lt(seq, c->rcv_adv);
}

static void reset_input(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	/* RFC 5961 3.2 */
	if (rx->tcp.seq != c->rcv_nxt)
		challenge(t, c, rx);
	else
		gyl__conn_end(t, c,
			c->state == GYL_STREAM_SYN_RECEIVED ? GYL_STREAM_REFUSED
							    : GYL_STREAM_RESET);
}

/* Both opened at once: their SYN-ACK says the SYN again that we know. RFC 9293 3.5, figure 7 */
static void strip_syn(const struct gyl__tcb *c, struct gyl__rx *rx)
{
	if (c->state == GYL_STREAM_SYN_RECEIVED && rx->tcp.seq == c->rcv_nxt - 1 &&
		(rx->tcp.flags & (GYL_TCP_SYN | GYL_TCP_ACK)) == (GYL_TCP_SYN | GYL_TCP_ACK)) {
		rx->tcp.flags &= (uint16_t)~GYL_TCP_SYN;
		rx->tcp.seq++;
		rx->tcp.window = (uint16_t)(rx->tcp.window >> c->snd_wscale);
	}
}

/* Octets that came before. Those that came last are repeated for want of an acknowledgement: the
 * next one echoes this copy (RFC 7323 4.3), or the peer would take the time since the first one for
 * a round trip, and be slower with each acknowledgement that is lost. */
static void note_old(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	uint32_t end = rx->tcp.seq + (uint32_t)rx->tcp.payload.len;

	if (rx->tcp.payload.len == 0 || !gyl__seq_lt(rx->tcp.seq, c->rcv_nxt))
		return;
	gyl__note_dup(t, c, rx->tcp.seq, end);
	if (c->has_ts && end == c->rcv_nxt && gyl__seq_le(rx->tcp.seq, c->last_ack))
		c->ts_recent = rx->opt.ts_val;
}

/* Up to the ACK field. False: there is nothing more to do with it. */
static bool check(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	uint16_t flags = rx->tcp.flags;

	if (lacks_timestamps(c, rx)) {
		t->stat.unacceptable_cnt++;
		return false;
	}
	if (is_stale(c, rx)) {
		refuse(t, c, rx);
		return false;
	}
	if (!is_acceptable(c, rx)) {
		refuse(t, c, rx);
		note_old(t, c, rx);
		return false;
	}
	if ((flags & GYL_TCP_RST) != 0) {
		reset_input(t, c, rx);
		return false;
	}
	/* RFC 5961 4.2 */
	if ((flags & GYL_TCP_SYN) != 0) {
		challenge(t, c, rx);
		return false;
	}
	return (flags & GYL_TCP_ACK) != 0;
}

/* RFC 5961 5.2. What acknowledges too little is old, and its octets may still be good. */
static bool check_ack(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	uint32_t ack = rx->tcp.ack;

	if (c->state == GYL_STREAM_SYN_RECEIVED) {
		if (gyl__seq_lt(c->snd_una, ack) && gyl__seq_le(ack, c->snd_nxt)) {
			gyl__established(t, c, rx);
			return true;
		}
		gyl__reply_reset(t, rx);
		return false;
	}
	if (gyl__seq_le(c->snd_una - c->max_wnd, ack) && gyl__seq_le(ack, c->snd_nxt))
		return true;
	challenge(t, c, rx);
	return false;
}

/* It is theirs, and now: what it says beside numbers. */
static void note(struct gyl__tcb *c, const struct gyl__rx *rx)
{
	c->node.peer = rx->peer;
	c->heard_ms = gyl__ms(rx->now_ns);
	c->probe_cnt = 0;
	/* It never grows again here: that may be for lack of news. RFC 1191 6.3 leaves it open. */
	if (rx->mtu < c->mtu)
		gyl__conn_set_mtu(c, rx->mtu);
	/* RFC 7323 4.3 (2) */
	if (c->has_ts && gyl__seq_le(rx->tcp.seq, c->last_ack))
		c->ts_recent = rx->opt.ts_val;
}

void gyl__conn_input(struct gyl_streams *t, struct gyl__tcb *c, struct gyl__rx *rx)
{
	if (c->state == GYL_STREAM_SYN_SENT) {
		gyl__syn_sent_input(t, c, rx);
	} else {
		strip_syn(c, rx);
		if (check(t, c, rx) && check_ack(t, c, rx)) {
			note(c, rx);
			if (gyl__ack_input(t, c, rx))
				gyl__text_input(t, c, rx);
		}
	}
	gyl__conn_settle(t, rx->now_ns, c);
}
