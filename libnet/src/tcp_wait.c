/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* TIME-WAIT: small records in the order of their ends, which is the order they came in, since all
 * wait equally long. */

static struct gyl__wait *wait_at(const struct gyl_streams *t, uint32_t i)
{
	return (struct gyl__wait *)(void *)gyl__table_at(&t->wait, i);
}

static void leave(struct gyl_streams *t, uint32_t i)
{
	const struct gyl__wait *w = wait_at(t, i);

	*(w->older == GYL__NONE ? &t->wait_oldest : &wait_at(t, w->older)->newer) = w->newer;
	*(w->newer == GYL__NONE ? &t->wait_newest : &wait_at(t, w->newer)->older) = w->older;
}

static void join_last(struct gyl_streams *t, uint64_t now_ns, uint32_t i)
{
	struct gyl__wait *w = wait_at(t, i);

	w->end_ns = now_ns + t->cf.time_wait_ns;
	w->newer = GYL__NONE;
	w->older = t->wait_newest;
	*(w->older == GYL__NONE ? &t->wait_oldest : &wait_at(t, w->older)->newer) = i;
	t->wait_newest = i;
}

void gyl__wait_del(struct gyl_streams *t, uint32_t i)
{
	leave(t, i);
	gyl__table_unlink(&t->wait, i, gyl__isn_hash(&t->isn, &wait_at(t, i)->node.peer));
	gyl__table_give(&t->wait, i);
}

void gyl__wait_tick(struct gyl_streams *t, uint64_t now_ns)
{
	while (t->wait_oldest != GYL__NONE && wait_at(t, t->wait_oldest)->end_ns <= now_ns)
		gyl__wait_del(t, t->wait_oldest);
}

static void acknowledge(struct gyl_streams *t, uint64_t now_ns, const struct gyl__wait *w)
{
	struct gyl__reply r = {.peer = w->node.peer,
		.seq = w->snd_nxt,
		.ack = w->rcv_nxt,
		.ts_val = gyl__ms(now_ns) + w->ts_off,
		.ts_ecr = w->ts_recent,
		.flags = GYL_TCP_ACK,
		.window = (uint16_t)w->rcv_wnd,
		.has_ts = w->has_ts};

	gyl__reply_put(t, &r);
}

void gyl__wait_add(struct gyl_streams *t, uint64_t now_ns, const struct gyl__tcb *c)
{
	uint32_t i;
	struct gyl__wait *w;

	if (t->wait.cnt == t->wait.max)
		gyl__wait_del(t, t->wait_oldest);
	i = gyl__table_take(&t->wait);
	w = wait_at(t, i);
	w->node.peer = c->node.peer;
	w->snd_nxt = c->snd_nxt;
	w->rcv_nxt = c->rcv_nxt;
	w->rcv_wnd = (c->rcv_adv - c->rcv_nxt) >> c->rcv_wscale;
	w->ts_recent = c->ts_recent;
	w->ts_off = c->ts_off;
	w->has_ts = c->has_ts;
	gyl__table_link(&t->wait, i, gyl__isn_hash(&t->isn, &w->node.peer));
	join_last(t, now_ns, i);
	/* Out of CLOSING their FIN was acknowledged before. */
	if (c->want_ack || c->last_ack != c->rcv_nxt)
		acknowledge(t, now_ns, w);
}

/* RFC 6191 2, RFC 1122 4.2.2.13: a SYN that cannot be an old one begins the pair anew. */
static bool is_new(const struct gyl__rx *rx, const struct gyl__wait *w)
{
	if (w->has_ts && rx->opt.has_timestamps && rx->opt.ts_val != w->ts_recent)
		return gyl__seq_lt(w->ts_recent, rx->opt.ts_val);
	return gyl__seq_lt(w->rcv_nxt, rx->tcp.seq);
}

/* RFC 9293 3.10.7.4: a repeated FIN begins the time anew. Whatever else is out of place is
 * answered, but two ends that do that would never come to rest if it were without a limit. */
static void other_input(struct gyl_streams *t, const struct gyl__rx *rx, uint32_t i)
{
	const struct gyl__wait *w = wait_at(t, i);
	uint32_t len = gyl_tcp_seq_len(&rx->tcp);

	if ((rx->tcp.flags & GYL_TCP_FIN) != 0 && rx->tcp.seq + len == w->rcv_nxt) {
		leave(t, i);
		join_last(t, rx->now_ns, i);
	}
	if (len != 0 || (rx->tcp.seq != w->rcv_nxt && gyl__may_challenge(t, NULL, rx->now_ns)))
		acknowledge(t, rx->now_ns, w);
}

void gyl__wait_input(struct gyl_streams *t, const struct gyl__rx *rx, uint32_t i)
{
	const struct gyl__wait *w = wait_at(t, i);
	uint16_t flags = rx->tcp.flags & (GYL_TCP_SYN | GYL_TCP_ACK | GYL_TCP_RST | GYL_TCP_FIN);
	uint32_t snd_nxt = w->snd_nxt;

	/* RFC 1337: a reset does not end TIME-WAIT. */
	if ((flags & GYL_TCP_RST) != 0)
		return;
	if ((flags & GYL_TCP_SYN) != 0) {
		if (flags == GYL_TCP_SYN && is_new(rx, w) &&
			gyl__listener_find(t, &rx->peer) != NULL) {
			gyl__wait_del(t, i);
			gyl__listen_input(t, rx, &snd_nxt);
		} else if (gyl__may_challenge(t, NULL, rx->now_ns)) {
			acknowledge(t, rx->now_ns, w);
		}
		return;
	}
	other_input(t, rx, i);
}
