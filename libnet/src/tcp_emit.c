/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* Segments are written when there is a buffer for them, one by one; what is sent is noted then. */

/* The first connection that has something to send, and what; NULL: none. */
static const struct gyl__tcb *next_conn(struct gyl_streams *t)
{
	struct gyl__tcb *c;

	while ((c = gyl__list_first(t, GYL__READY)) != NULL) {
		gyl__plan(t, c, &t->plan);
		if (t->plan.what != GYL__SEND_NOTHING)
			break;
		gyl__list_del(t, c, GYL__READY);
	}
	return c;
}

/* Answers and connections take turns while both wait: a flood of SYNs leaves half of the buffers to
 * those who are connected. */
bool gyl_streams_next(
	struct gyl_streams *t, uint64_t now_ns, struct gyl_net_peer *ret_peer, uint8_t *ret_ttl)
{
	const struct gyl__tcb *c = NULL;

	(void)now_ns;
	if (t->told_reply || t->reply_cnt == 0)
		c = next_conn(t);
	t->told_reply = c == NULL && t->reply_cnt != 0;
	if (t->told_reply) {
		*ret_peer = t->reply[t->reply_head].peer;
		*ret_ttl = 64;
	} else if (c != NULL) {
		*ret_peer = c->node.peer;
		*ret_ttl = c->ttl;
	}
	return t->told_reply || c != NULL;
}

/* RFC 7323 3.2 and A: aligned, as everybody does, and receivers look for just that first. */
static void put_timestamps(struct gyl_writer *w, const struct gyl__tcb *c, uint64_t now_ns)
{
	gyl_put_u32(w, 0x0101080a);
	gyl_put_u32(w, gyl__ms(now_ns) + c->ts_off);
	gyl_put_u32(w, c->ts_recent);
}

static void put_syn_options(struct gyl_writer *w, const struct gyl__tcb *c, uint64_t now_ns)
{
	int mss = c->mtu - GYL__HEADERS_LEN;

	gyl_tcp_put_mss(w, (uint16_t)(mss < GYL__MSS_MIN ? GYL__MSS_MIN : mss));
	if (c->has_sack)
		gyl_tcp_put_sack_permitted(w);
	if (c->has_ts)
		gyl_tcp_put_timestamps(w, gyl__ms(now_ns) + c->ts_off, c->ts_recent);
	if (c->has_wscale)
		gyl_tcp_put_wscale(w, c->rcv_wscale);
}

/* As many blocks as fit beside len octets of payload. */
static void put_sacks(
	const struct gyl_streams *t, struct gyl_writer *w, struct gyl__tcb *c, uint32_t len)
{
	uint32_t room = gyl__full_len(c) - len;
	struct gyl_tcp_sack sack[GYL_TCP_SACK_MAX];
	struct gyl__ooo none, *o = &none;
	uint8_t cnt = gyl__sack_cnt(t, c);

	if (cnt == 0 || room < 12)
		return;
	if ((room - 4) / 8 < cnt)
		cnt = (uint8_t)((room - 4) / 8);
	if (c->rcv != NULL)
		o = gyl__ooo_of(t, c);
	else
		gyl__ooo_init(&none);
	if (c->has_dup)
		gyl__ooo_dup(o, c->dup_left, c->dup_left + c->dup_len);
	c->has_dup = false;
	cnt = gyl__ooo_blocks(o, sack, cnt);
	if (cnt == 0)
		return;
	gyl_put_u16(w, 0x0101);
	gyl_tcp_put_sack(w, sack, cnt);
}

static size_t write_segment(
	struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c, uint8_t *p, size_t cap)
{
	const struct gyl__plan *plan = &t->plan;
	const struct gyl_net_peer *peer = &c->node.peer;
	struct gyl_tcp tcp = {.src_port = peer->local_port,
		.dst_port = peer->port,
		.seq = plan->seq,
		.flags = plan->flags};
	uint8_t options[GYL_TCP_OPTIONS_MAX];
	struct gyl_writer w;
	size_t header_len;

	gyl_writer_init(&w, options, sizeof options);
	if (plan->what == GYL__SEND_SYN) {
		put_syn_options(&w, c, now_ns);
		tcp.window = (uint16_t)(t->cf.buf_len < UINT16_MAX ? t->cf.buf_len : UINT16_MAX);
	} else {
		if (c->has_ts)
			put_timestamps(&w, c, now_ns);
		put_sacks(t, &w, c, plan->len);
		tcp.window = gyl__window_tell(t, c);
	}
	tcp.options = gyl_writer_view(&w);
	header_len = gyl_tcp_header_len(&tcp);
	if (header_len + plan->len > cap)
		return 0;
	if ((plan->flags & GYL_TCP_ACK) != 0)
		tcp.ack = c->rcv_nxt;
	if (plan->len != 0)
		gyl__snd_copy(t, c, plan->seq, p + header_len, plan->len);
	tcp.payload = gyl_view(p + header_len, plan->len);
	gyl_writer_init(&w, p, cap);
	gyl_tcp_put_header(&w, &tcp, peer->local_ip, peer->ip);
	return header_len + plan->len;
}

static void syn_sent(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	c->want_syn = false;
	t->stat.retrans_cnt += c->persist_cnt != 0;
	if (c->persist_cnt < UINT8_MAX)
		c->persist_cnt++;
	c->rtx_at_ns = now_ns + gyl__rto_ns(t, c);
}

static void tail_sent(struct gyl__tcb *c, bool is_repeat)
{
	c->want_tlp = false;
	c->tlp_again = c->tlp_out;
	c->tlp_out = true;
	c->tlp_is_repeat = is_repeat;
	if (c->rec == GYL__REC_NONE)
		c->recover = c->snd_nxt;
}

static void new_sent(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	bool fin = (t->plan.flags & GYL_TCP_FIN) != 0;

	if (c->board.cnt == 0)
		c->stall_ms = gyl__ms(now_ns);
	c->snd_nxt += t->plan.len + fin;
	gyl__board_sent(&c->board, now_ns, t->plan.seq, c->snd_nxt);
	if (c->rtx_at_ns == 0 || c->persisting)
		c->rtx_at_ns = now_ns + gyl__rto_ns(t, c);
	c->persisting = c->override = false;
	if (t->plan.is_tail)
		tail_sent(c, false);
	gyl__loss_arm(c, now_ns);
}

static void repeat_sent(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	gyl__board_resent(&c->board, now_ns, t->plan.seg);
	t->stat.retrans_cnt++;
	t->stat.retrans_octets += t->plan.len;
	if (c->rtx_at_ns == 0)
		c->rtx_at_ns = now_ns + gyl__rto_ns(t, c);
	if (t->plan.is_tail) {
		tail_sent(c, true);
		gyl__loss_arm(c, now_ns);
		return;
	}
	c->force_rtx = false;
	if (!c->no_rtx_ts && c->has_ts) {
		c->has_rtx_ts = c->no_rtx_ts = true;
		c->rtx_ts = gyl__ms(now_ns) + c->ts_off;
	}
	gyl__loss_arm(c, now_ns);
}

/* What was planned is on its way. */
static void commit(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	t->stat.tx_cnt++;
	t->stat.tx_octets += t->plan.len;
	if (t->plan.what == GYL__SEND_SYN)
		syn_sent(t, now_ns, c);
	else if (t->plan.what == GYL__SEND_NEW)
		new_sent(t, now_ns, c);
	else if (t->plan.what == GYL__SEND_REPEAT)
		repeat_sent(t, now_ns, c);
	else if (t->plan.what == GYL__SEND_PROBE)
		c->want_probe = false;
	/* Every segment says what rcv_nxt is; but a peer drops a probe, and that with it. */
	if (t->plan.what != GYL__SEND_PROBE) {
		c->want_ack = false;
		c->delack_at_ns = 0;
		c->last_ack = c->rcv_nxt;
	}
	gyl__conn_settle(t, now_ns, c);
}

/* One that has much to send lets the others go first from time to time. */
static void take_turns(struct gyl_streams *t, struct gyl__tcb *c)
{
	if (!gyl__list_has(c, GYL__READY)) {
		t->burst = 0;
	} else if (++t->burst == GYL__BURST) {
		gyl__list_del(t, c, GYL__READY);
		gyl__list_put(t, c, GYL__READY);
		t->burst = 0;
	}
}

static void reply_done(struct gyl_streams *t)
{
	t->reply_head = (t->reply_head + 1) % GYL__REPLY_MAX;
	t->reply_cnt--;
	t->stat.tx_cnt++;
}

/* The stack knows of a shorter path by now: segments are as long as it has room for. */
static void fit(struct gyl_streams *t, struct gyl__tcb *c, size_t cap)
{
	if (cap + 20 >= c->mtu)
		return;
	gyl__path_shrink(c, (uint16_t)(cap + 20));
	gyl__plan(t, c, &t->plan);
}

size_t gyl_streams_emit(struct gyl_streams *t, uint64_t now_ns, uint8_t *p, size_t cap)
{
	struct gyl__tcb *c;
	size_t len;

	if (t->told_reply) {
		len = gyl__reply_emit(t, p, cap);
		reply_done(t);
		return len;
	}
	c = gyl__list_first(t, GYL__READY);
	fit(t, c, cap);
	len = write_segment(t, now_ns, c, p, cap);
	commit(t, now_ns, c);
	take_turns(t, c);
	return len;
}

/* A first SYN waits for a way: most often the peer's hardware address is asked for just now. */
static void put_off(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	c->want_syn = false;
	c->rtx_at_ns = now_ns + GYL__RETRY_WAY_MS * GYL_NS_PER_MS;
	gyl__conn_settle(t, now_ns, c);
}

void gyl_streams_skip(struct gyl_streams *t, uint64_t now_ns)
{
	struct gyl__tcb *c;

	if (t->told_reply) {
		reply_done(t);
		return;
	}
	c = gyl__list_first(t, GYL__READY);
	if (t->plan.what == GYL__SEND_SYN && c->persist_cnt == 0)
		put_off(t, now_ns, c);
	else
		commit(t, now_ns, c);
	take_turns(t, c);
}
