/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* The owner's calls, and what it hears. */

enum {
	INDEX_BITS = 15
};

/* NULL for an id that is void, whatever it was. */
static struct gyl__tcb *find(const struct gyl_streams *t, uint32_t id)
{
	uint32_t i = id & ((1u << INDEX_BITS) - 1);
	struct gyl__tcb *c;

	if (i >= t->conn.max)
		return NULL;
	c = gyl__tcb(t, i);
	return c->used && !c->is_dead && c->gen == id >> INDEX_BITS ? c : NULL;
}

/* There is a buffer again for those who wait for one. They are told one by one, when all that was
 * told before has been looked at: who was told and writes nothing holds nobody up. */
static struct gyl__tcb *feed(struct gyl_streams *t)
{
	struct gyl__tcb *c = gyl__list_first(t, GYL__STARVE);

	if (c == NULL || gyl_streams_room(t) == 0)
		return NULL;
	gyl__list_del(t, c, GYL__STARVE);
	gyl__news(t, c, GYL_STREAM_EV_ROOM);
	return c;
}

bool gyl_streams_event(struct gyl_streams *t, struct gyl_stream_event *ret_ev)
{
	struct gyl__tcb *c = gyl__list_first(t, GYL__NEWS);
	uint32_t i;

	if (c == NULL)
		c = feed(t);
	if (c == NULL)
		return false;
	i = gyl__tcb_index(t, c);
	ret_ev->id = c->gen << INDEX_BITS | i;
	ret_ev->user = c->user;
	ret_ev->what = c->news;
	ret_ev->err = c->is_dead ? c->err : GYL_STREAM_OK;
	c->news = 0;
	gyl__list_del(t, c, GYL__NEWS);
	if (c->is_dead) {
		c->used = false;
		gyl__table_give(&t->conn, i);
	}
	return true;
}

struct gyl_view gyl_stream_peek(const struct gyl_streams *t, uint32_t id)
{
	const struct gyl__tcb *c = find(t, id);

	if (c == NULL || c->rcv == NULL || c->is_closed)
		return gyl_view(NULL, 0);
	return gyl_view(c->rcv + gyl__rcv_of(t, c)->head, c->rcv_len);
}

static bool is_over(const struct gyl__tcb *c)
{
	return c->state == GYL_STREAM_CLOSED || c->state == GYL_STREAM_TIME_WAIT;
}

/* RFC 9293 3.8.6.2.2 */
static void open_window(const struct gyl_streams *t, struct gyl__tcb *c)
{
	uint32_t step = 2u * c->rcv_mss;

	if (step > t->cf.buf_len / 2)
		step = t->cf.buf_len / 2;
	if (!c->fin_came && gyl__window_edge(t, c) - c->rcv_adv >= step)
		c->want_ack = true;
}

void gyl_stream_take(struct gyl_streams *t, uint64_t now_ns, uint32_t id, size_t len)
{
	struct gyl__tcb *c = find(t, id);

	if (c == NULL || c->rcv == NULL)
		return;
	if (len > c->rcv_len)
		len = c->rcv_len;
	gyl__rcv_of(t, c)->head += (uint32_t)len;
	c->rcv_len -= (uint32_t)len;
	if (c->rcv_len == 0 && (c->fin_came || gyl__ooo_of(t, c)->cnt == 0))
		gyl__rcv_release(t, c);
	else if (c->rcv_len == 0)
		gyl__list_put(t, c, GYL__REAP);
	if (!is_over(c)) {
		open_window(t, c);
		gyl__conn_settle(t, now_ns, c);
	} else if (c->rcv_len == 0) {
		gyl__conn_end(t, c, GYL_STREAM_OK);
	}
}

/* RFC 9293 3.10.2: what is written while it opens waits until it is open. */
static bool may_write(const struct gyl__tcb *c)
{
	return (c->state == GYL_STREAM_ESTABLISHED || c->state == GYL_STREAM_CLOSE_WAIT ||
		       c->state == GYL_STREAM_SYN_SENT) &&
	       !c->fin_queued;
}

size_t gyl_stream_room(const struct gyl_streams *t, uint32_t id)
{
	const struct gyl__tcb *c = find(t, id);

	if (c == NULL || !may_write(c))
		return 0;
	if (c->snd == NULL)
		return gyl_streams_room(t) != 0 ? t->cf.buf_len : 0;
	return t->cf.buf_len - (c->snd_end - c->snd_una);
}

/* RFC 5681 4.1: what was learnt of the path is old. */
static void restart_idle(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	uint64_t pause_ns = (gyl__ms(now_ns) - c->stall_ms) * GYL_NS_PER_MS;

	if (c->snd_una == c->snd_end && pause_ns > gyl__rto_ns(t, c))
		gyl__cc_idle(&c->cc, gyl__full_len(c));
}

static void append(struct gyl_streams *t, struct gyl__tcb *c, struct gyl_view data)
{
	size_t at = c->snd_end & (t->cf.buf_len - 1);
	size_t first = t->cf.buf_len - at;

	if (first > data.len)
		first = data.len;
	memcpy(c->snd + at, data.p, first);
	if (data.len > first)
		memcpy(c->snd, data.p + first, data.len - first);
	c->snd_end += (uint32_t)data.len;
}

size_t gyl_stream_write(struct gyl_streams *t, uint64_t now_ns, uint32_t id, struct gyl_view data)
{
	struct gyl__tcb *c = find(t, id);
	size_t room;

	if (c == NULL || !may_write(c) || data.len == 0)
		return 0;
	restart_idle(t, now_ns, c);
	if (c->snd == NULL && !gyl__snd_attach(t, c)) {
		gyl__list_put(t, c, GYL__STARVE);
		return 0;
	}
	gyl__list_del(t, c, GYL__STARVE);
	room = t->cf.buf_len - (c->snd_end - c->snd_una);
	if (data.len > room) {
		data.len = room;
		c->want_room = true;
	}
	if (data.len != 0)
		append(t, c, data);
	gyl__conn_settle(t, now_ns, c);
	return data.len;
}

/* RFC 9293 3.10.4: FIN follows what was written. */
static void end_sending(struct gyl_streams *t, struct gyl__tcb *c)
{
	c->fin_queued = true;
	c->want_room = false;
	gyl__list_del(t, c, GYL__STARVE);
	if (c->snd == NULL)
		gyl__board_move(c, &c->fin_seg, 1);
	if (c->state == GYL_STREAM_ESTABLISHED)
		c->state = GYL_STREAM_FIN_WAIT_1;
	else if (c->state == GYL_STREAM_CLOSE_WAIT)
		c->state = GYL_STREAM_LAST_ACK;
}

void gyl_stream_shutdown(struct gyl_streams *t, uint64_t now_ns, uint32_t id)
{
	struct gyl__tcb *c = find(t, id);

	if (c == NULL || is_over(c) || c->fin_queued)
		return;
	if (!gyl__is_synchronized(c)) {
		gyl__conn_reset(t, now_ns, c, GYL_STREAM_RESET);
		return;
	}
	end_sending(t, c);
	gyl__conn_settle(t, now_ns, c);
}

void gyl_stream_close(struct gyl_streams *t, uint64_t now_ns, uint32_t id)
{
	struct gyl__tcb *c = find(t, id);

	if (c == NULL)
		return;
	if (is_over(c)) {
		gyl__rcv_release(t, c);
		gyl__conn_end(t, c, GYL_STREAM_OK);
		return;
	}
	/* RFC 9293 3.6.1, RFC 1122 4.2.2.13 */
	if (!gyl__is_synchronized(c) || c->rcv_len != 0) {
		gyl__conn_reset(t, now_ns, c, GYL_STREAM_RESET);
		return;
	}
	c->is_closed = true;
	c->life_at_ns = now_ns + t->cf.fin_wait_ns;
	if (!c->fin_queued)
		end_sending(t, c);
	gyl__conn_settle(t, now_ns, c);
}

void gyl_stream_reset(struct gyl_streams *t, uint64_t now_ns, uint32_t id)
{
	struct gyl__tcb *c = find(t, id);

	if (c != NULL)
		gyl__conn_reset(t, now_ns, c, GYL_STREAM_RESET);
}

struct gyl_stream_opts gyl_stream_opts(const struct gyl_streams *t, uint32_t id)
{
	const struct gyl__tcb *c = find(t, id);
	struct gyl_stream_opts o = {0};

	if (c == NULL)
		return o;
	o.nodelay = c->nodelay;
	o.keepalive = c->keepalive;
	o.keep_idle_ns = c->keep_idle_ms * GYL_NS_PER_MS;
	o.keep_gap_ns = c->keep_gap_ms * GYL_NS_PER_MS;
	o.keep_cnt = c->keep_cnt;
	o.ttl = c->ttl;
	return o;
}

static uint32_t at_least_a_ms(uint64_t ns)
{
	uint64_t ms = ns / GYL_NS_PER_MS;

	if (ms > UINT32_MAX)
		return UINT32_MAX;
	return ms == 0 ? 1 : (uint32_t)ms;
}

void gyl_stream_set_opts(
	struct gyl_streams *t, uint64_t now_ns, uint32_t id, const struct gyl_stream_opts *opts)
{
	struct gyl__tcb *c = find(t, id);

	if (c == NULL)
		return;
	c->nodelay = opts->nodelay;
	c->keepalive = opts->keepalive;
	c->keep_idle_ms = at_least_a_ms(opts->keep_idle_ns);
	c->keep_gap_ms = at_least_a_ms(opts->keep_gap_ns);
	c->keep_cnt = opts->keep_cnt;
	c->ttl = opts->ttl;
	gyl__conn_settle(t, now_ns, c);
}

bool gyl_stream_info(const struct gyl_streams *t, uint32_t id, struct gyl_stream_info *ret_info)
{
	const struct gyl__tcb *c = find(t, id);

	if (c == NULL)
		return false;
	*ret_info = (struct gyl_stream_info){.state = (enum gyl_stream_state)c->state,
		.peer = c->node.peer,
		.mss = c->mss == 0 ? 0 : (uint16_t)gyl__full_len(c),
		.has_sack = c->has_sack,
		.has_timestamps = c->has_ts,
		.snd_wscale = c->snd_wscale,
		.rcv_wscale = c->rcv_wscale,
		.snd_una = c->snd_una,
		.snd_nxt = c->snd_nxt,
		.rcv_nxt = c->rcv_nxt,
		.snd_wnd = c->snd_wnd,
		.rcv_wnd = c->rcv_adv - c->rcv_nxt,
		.srtt_ns = c->rtt.srtt_us * GYL_NS_PER_US,
		.rto_ns = gyl__rto_ns(t, c),
		.unread_len = c->rcv_len};
	if (c->snd != NULL)
		ret_info->unacked_len = c->snd_end - c->snd_una;
	if (c->board.seg != &c->fin_seg) {
		ret_info->cwnd = c->cc.cwnd;
		ret_info->ssthresh = c->cc.ssthresh;
	}
	return true;
}
