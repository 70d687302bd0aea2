/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/*
 * Octets and FIN of a segment, into the receive buffer. Unread octets stand in one piece there,
 * what came out of order lies at its distance behind; when the end is reached all of it is moved to
 * the front. So the owner always sees a whole message in one view.
 */

struct text {
	uint32_t seq;
	struct gyl_view data;
	bool fin;
};

/* Segments are lost, or acknowledgements: the peer sends few at a time now and waits for each
 * answer, so that a late one costs it more than the one that is saved. */
static void hurry(struct gyl__tcb *c)
{
	c->want_ack = true;
	c->quick_cnt = GYL__QUICK;
}

void gyl__note_dup(struct gyl_streams *t, struct gyl__tcb *c, uint32_t left, uint32_t right)
{
	t->stat.dup_octets += right - left;
	hurry(c);
	/* RFC 2883 */
	c->has_dup = c->has_sack && left != right;
	c->dup_left = left;
	c->dup_len = (uint16_t)(right - left);
}

/* Cut off what came before and what the window does not take. */
static void trim(struct gyl_streams *t, struct gyl__tcb *c, struct text *x)
{
	uint32_t room = c->rcv_adv - gyl__seq_max(x->seq, c->rcv_nxt);

	if (gyl__seq_lt(x->seq, c->rcv_nxt)) {
		uint32_t old = c->rcv_nxt - x->seq;

		if (old > x->data.len)
			old = (uint32_t)x->data.len;
		gyl__note_dup(t, c, x->seq, x->seq + old);
		x->data = gyl_view_sub(x->data, old, x->data.len);
		x->seq += old;
	}
	if (x->data.len > room) {
		x->data.len = room;
		x->fin = false;
		c->want_ack = true;
	}
}

/* Where the last octet out of order ends, from rcv_nxt. */
static uint32_t reach(const struct gyl_streams *t, const struct gyl__tcb *c)
{
	const struct gyl__ooo *o = gyl__ooo_of(t, c);
	uint32_t end = c->rcv_nxt;

	for (uint8_t i = 0; i < o->cnt; i++)
		end = gyl__seq_max(end, o->range[i].right);
	return end - c->rcv_nxt;
}

/* The place of sequence number seq, with room for len octets. */
static uint8_t *place(struct gyl_streams *t, struct gyl__tcb *c, uint32_t seq, size_t len)
{
	uint32_t off = c->rcv_len + (seq - c->rcv_nxt), *head = &gyl__rcv_of(t, c)->head;

	if (*head + off + len > t->cf.buf_len) {
		memmove(c->rcv, c->rcv + *head, c->rcv_len + reach(t, c));
		*head = 0;
	}
	return c->rcv + *head + off;
}

/* RFC 9293 3.8.6.3: at least every second full segment at once, the others soon. */
static void acknowledge_later(struct gyl_streams *t, struct gyl__tcb *c, uint64_t now_ns)
{
	if (t->cf.delack_ns == 0 || c->quick_cnt != 0 ||
		c->rcv_nxt - c->last_ack >= 2u * c->rcv_mss)
		c->want_ack = true;
	else if (c->delack_at_ns == 0)
		c->delack_at_ns = now_ns + t->cf.delack_ns;
	if (c->quick_cnt != 0)
		c->quick_cnt--;
}

static void take_next(
	struct gyl_streams *t, struct gyl__tcb *c, uint64_t now_ns, const struct text *x)
{
	struct gyl__ooo *o = gyl__ooo_of(t, c);
	uint32_t nxt;

	memcpy(place(t, c, x->seq, x->data.len), x->data.p, x->data.len);
	nxt = x->seq + (uint32_t)x->data.len;
	if (o->cnt != 0) {
		nxt = gyl__ooo_advance(o, nxt);
		hurry(c); /* RFC 5681 4.2: it fills a hole */
	}
	c->rcv_len += nxt - c->rcv_nxt;
	c->rcv_nxt = nxt;
	t->stat.rx_octets += x->data.len;
	acknowledge_later(t, c, now_ns);
	gyl__news(t, c, GYL_STREAM_EV_BYTES);
}

static void keep_for_later(struct gyl_streams *t, struct gyl__tcb *c, const struct text *x)
{
	/* The place first: what is moved for it is what is there already. */
	uint8_t *at = place(t, c, x->seq, x->data.len);

	hurry(c);
	if (!gyl__ooo_add(gyl__ooo_of(t, c), x->seq, x->seq + (uint32_t)x->data.len))
		return;
	memcpy(at, x->data.p, x->data.len);
	t->stat.ooo_cnt++;
	t->stat.rx_octets += x->data.len;
}

/* False: there is no buffer. */
static bool store(struct gyl_streams *t, struct gyl__tcb *c, uint64_t now_ns, const struct text *x)
{
	if (c->rcv == NULL && !gyl__rcv_attach(t, c)) {
		t->stat.nobuf_cnt++;
		return false;
	}
	if (x->seq == c->rcv_nxt)
		take_next(t, c, now_ns, x);
	else
		keep_for_later(t, c, x);
	if (c->rcv_len == 0)
		gyl__list_put(t, c, GYL__REAP);
	else
		gyl__list_del(t, c, GYL__REAP);
	return true;
}

/* RFC 9293 3.10.7.4, eighth. False: the connection is over. */
static bool fin_input(struct gyl_streams *t, struct gyl__tcb *c, uint64_t now_ns)
{
	c->rcv_nxt++;
	c->fin_came = true;
	c->fin_waits = false;
	c->want_ack = true;
	if (c->rcv_len == 0)
		gyl__rcv_release(t, c);
	gyl__news(t, c, GYL_STREAM_EV_EOF);
	if (c->state == GYL_STREAM_ESTABLISHED)
		c->state = GYL_STREAM_CLOSE_WAIT;
	else if (c->state == GYL_STREAM_FIN_WAIT_1)
		c->state = GYL_STREAM_CLOSING;
	if (c->state != GYL_STREAM_FIN_WAIT_2)
		return true;
	gyl__conn_time_wait(t, now_ns, c);
	return false;
}

bool gyl__text_input(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx)
{
	struct text x = {rx->tcp.seq, rx->tcp.payload, (rx->tcp.flags & GYL_TCP_FIN) != 0};

	if (x.data.len == 0 && !x.fin)
		return true;
	if (c->fin_came) {
		c->want_ack = true;
		return true;
	}
	if (x.data.len > c->rcv_mss)
		c->rcv_mss = (uint16_t)x.data.len;
	trim(t, c, &x);
	if (x.data.len != 0 && c->is_closed) {
		/* RFC 1122 4.2.2.13: nobody will read it, and the peer must know. */
		gyl__conn_reset(t, rx->now_ns, c, GYL_STREAM_RESET);
		return false;
	}
	if (x.data.len != 0 && !store(t, c, rx->now_ns, &x))
		return true;
	if (x.fin) {
		c->fin_waits = true;
		c->rcv_fin = x.seq + (uint32_t)x.data.len;
		c->want_ack = true;
	}
	if (c->fin_waits && gyl__seq_le(c->rcv_fin, c->rcv_nxt))
		return fin_input(t, c, rx->now_ns);
	return true;
}
