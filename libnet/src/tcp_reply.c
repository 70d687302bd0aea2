/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/*
 * Segments that no connection sends: resets, SYN-ACKs, acknowledgements out of TIME-WAIT. They wait
 * in a ring until there is a buffer to write them into; what finds it full is lost, as it may be on
 * any wire.
 */

void gyl__reply_put(struct gyl_streams *t, const struct gyl__reply *r)
{
	if (t->reply_cnt == GYL__REPLY_MAX)
		return;
	t->reply[(t->reply_head + t->reply_cnt) % GYL__REPLY_MAX] = *r;
	t->reply_cnt++;
}

void gyl__reply_reset(struct gyl_streams *t, const struct gyl__rx *rx)
{
	struct gyl__reply r = {.peer = rx->peer, .flags = GYL_TCP_RST};

	if ((rx->tcp.flags & GYL_TCP_RST) != 0)
		return;
	if (!gyl__rate_take(&t->reset, rx->now_ns)) {
		t->stat.reset_muted_cnt++;
		return;
	}
	if ((rx->tcp.flags & GYL_TCP_ACK) != 0) {
		r.seq = rx->tcp.ack;
	} else {
		r.flags |= GYL_TCP_ACK;
		r.ack = rx->tcp.seq + gyl_tcp_seq_len(&rx->tcp);
	}
	t->stat.reset_sent_cnt++;
	gyl__reply_put(t, &r);
}

static bool may_challenge(const struct gyl_streams *t, struct gyl__tcb *c, uint64_t now_ns)
{
	uint8_t now_s = (uint8_t)(now_ns / GYL_NS_PER_S);

	if (now_s != c->challenge_s)
		c->challenge_cnt = 0;
	c->challenge_s = now_s;
	if (c->challenge_cnt == UINT8_MAX || c->challenge_cnt >= t->cf.challenge_rate)
		return false;
	c->challenge_cnt++;
	return true;
}

bool gyl__may_challenge(struct gyl_streams *t, struct gyl__tcb *c, uint64_t now_ns)
{
	bool may = c != NULL ? may_challenge(t, c, now_ns) : gyl__rate_take(&t->challenge, now_ns);

	t->stat.challenge_cnt += may;
	t->stat.challenge_muted_cnt += !may;
	return may;
}

static void put_options(struct gyl_writer *w, const struct gyl__reply *r)
{
	if (r->mss != 0)
		gyl_tcp_put_mss(w, r->mss);
	if (r->has_sack)
		gyl_tcp_put_sack_permitted(w);
	if (r->has_ts)
		gyl_tcp_put_timestamps(w, r->ts_val, r->ts_ecr);
	if (r->mss != 0 && r->wscale != GYL__WSCALE_NONE)
		gyl_tcp_put_wscale(w, r->wscale);
}

size_t gyl__reply_emit(struct gyl_streams *t, uint8_t *p, size_t cap)
{
	const struct gyl__reply *r = &t->reply[t->reply_head];
	uint8_t options[GYL_TCP_OPTIONS_MAX];
	struct gyl_tcp tcp = {.src_port = r->peer.local_port,
		.dst_port = r->peer.port,
		.seq = r->seq,
		.ack = r->ack,
		.flags = r->flags,
		.window = r->window};
	struct gyl_writer w;

	gyl_writer_init(&w, options, sizeof options);
	put_options(&w, r);
	tcp.options = gyl_writer_view(&w);
	gyl_writer_init(&w, p, cap);
	gyl_tcp_put_header(&w, &tcp, r->peer.local_ip, r->peer.ip);
	return w.len;
}
