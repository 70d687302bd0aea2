/* SPDX-License-Identifier: ISC */

/*
 * Octets of the stack's streams to the cores and back.
 *
 * What is handed out stays in the stack's receive buffer until the next recv, or until unread says
 * how much of it was used: so nothing is copied, and a rest lies in front of what comes. A rest
 * that the core has seen is offered again only with something new: more octets, the peer's end, or
 * room after a backlog.
 */

#include "libnet/host/stack.h"

/*
 * What the core may write to it now. A stream that has no send buffer needs one of those that are
 * free, and what is said of many streams in one batch has to be true of all: so each is promised
 * once, and who gets none waits.
 */
static size_t room_of(struct gyl__stack_host *k, const struct gyl__stack_tcp *c)
{
	size_t room = c->id == 0 ? 0 : gyl_stream_room(k->tcp.streams, c->id);

	if (room < GYL__TCP_BUF_LEN)
		return room;
	if (k->tcp.spare == 0)
		return 0;
	k->tcp.spare--;
	return room;
}

static struct gyl_in *give(struct gyl__stack_host *k, struct gyl__stack_tcp *c, struct gyl_in *in,
	enum gyl_in_kind kind)
{
	size_t room = room_of(k, c);

	memset(in, 0, sizeof(*in));
	in->kind = (uint8_t)kind;
	in->port = c->port;
	in->role = k->port[c->port].role;
	in->flow = c->flow;
	in->room = (uint32_t)room;
	in->peer = c->peer;
	if (room < GYL__TCP_ROOM_MIN)
		gyl__stack_tcp_want_room(k, c);
	return in;
}

/* All unread octets, as octets or with the peer's end. */
static void give_data(struct gyl__stack_host *k, struct gyl__stack_tcp *c, struct gyl_in *in,
	enum gyl_in_kind kind)
{
	struct gyl__stack_tcp_host *t = &k->tcp;
	struct gyl_view data = gyl_stream_peek(t->streams, c->id);

	give(k, c, in, kind)->data = data;
	k->stat.in_cnt++;
	k->stat.in_octets += data.len - c->seen_len;
	c->seen_len = (uint32_t)data.len;
	c->given_len = (uint32_t)data.len;
	t->given[t->given_cnt++] = c->index;
}

static bool take_due(struct gyl__stack_tcp *c, unsigned bits)
{
	bool set = (c->due & bits) != 0;

	c->due &= (uint8_t)~bits;
	return set;
}

/* Octets that are new, or the news that there is room. */
static size_t give_bytes(struct gyl__stack_host *k, struct gyl__stack_tcp *c, struct gyl_in *in)
{
	bool room = take_due(c, GYL__TCP_DUE_ROOM), bytes = take_due(c, GYL__TCP_DUE_BYTES);

	if (c->id == 0 || (!room && !bytes))
		return 0;
	if (!room && gyl_stream_peek(k->tcp.streams, c->id).len == c->seen_len)
		return 0;
	give_data(k, c, in, GYL_IN_BYTES);
	return 1;
}

/*
 * Everything a connection has to say now, at most three inputs, in order. Its end is told in a
 * later batch than octets: only then is it known which of them are left.
 */
static size_t give_all(struct gyl__stack_host *k, struct gyl__stack_tcp *c, struct gyl_in *in)
{
	size_t n = 0, data;

	if (take_due(c, GYL__TCP_DUE_OPENED))
		give(k, c, &in[n++], GYL_IN_OPENED);
	data = give_bytes(k, c, &in[n]);
	n += data;
	if (data == 0 && take_due(c, GYL__TCP_DUE_EOF)) {
		c->end_told = true;
		give_data(k, c, &in[n++], GYL_IN_EOF);
	}
	if (data == 0 && take_due(c, GYL__TCP_DUE_CLOSED)) {
		give(k, c, &in[n++], GYL_IN_CLOSED);
		TAILQ_INSERT_TAIL(&k->tcp.gone, c, link);
		return n;
	}
	if (c->due != 0)
		gyl__stack_tcp_queue(k, c);
	return n;
}

size_t gyl__stack_tcp_recv(struct gyl__stack_host *k, unsigned port, struct gyl_in *in, size_t cap)
{
	struct gyl__stack_tcp_host *t = &k->tcp;
	struct gyl__stack_tcp *c, *last = TAILQ_LAST(&t->queue[port], gyl__stack_tcps);
	size_t n = 0;

	t->spare = gyl_streams_room(t->streams);
	/* Those that queue again now have their next turn in the next batch. */
	do {
		c = TAILQ_FIRST(&t->queue[port]);
		if (c == NULL || n + 3 > cap || t->given_cnt + 1 >= GYL__TCP_GIVEN_MAX)
			break;
		TAILQ_REMOVE(&t->queue[port], c, link);
		c->queued = false;
		n += give_all(k, c, &in[n]);
	} while (c != last);
	return n;
}

/* ---- taking back ---- */

static uint8_t due_of(const struct gyl_in *in)
{
	switch (in->kind) {
	case GYL_IN_OPENED:
		return GYL__TCP_DUE_OPENED;
	case GYL_IN_EOF:
		return GYL__TCP_DUE_EOF;
	case GYL_IN_CLOSED:
		return GYL__TCP_DUE_CLOSED;
	default:
		return GYL__TCP_DUE_ROOM; /* offered again as it is */
	}
}

static void requeue_first(struct gyl__stack_host *k, struct gyl__stack_tcp *c, bool was_gone)
{
	struct gyl__stack_tcps *queue = &k->tcp.queue[c->port];

	if (c->queued)
		TAILQ_REMOVE(queue, c, link);
	else if (was_gone)
		TAILQ_REMOVE(&k->tcp.gone, c, link);
	c->queued = true;
	TAILQ_INSERT_HEAD(queue, c, link);
	k->ready |= UINT64_C(1) << c->port;
}

static void keep_rest(struct gyl__stack_host *k, struct gyl__stack_tcp *c, const struct gyl_in *in)
{
	size_t used = in->used < in->data.len ? in->used : in->data.len;

	c->given_len = 0;
	c->seen_len = (uint32_t)(in->data.len - used);
	if (c->id != 0 && used != 0)
		gyl_stream_take(k->tcp.streams, k->now.mono_ns, c->id, used);
}

static void unread_one(struct gyl__stack_host *k, const struct gyl_in *in, bool taken)
{
	struct gyl__stack_tcp *c = gyl__stack_tcp_find(k, in->flow);

	/* The core may have closed it in the meantime: all it gets then is the end. */
	if (c == NULL || (c->forgotten && in->kind != GYL_IN_CLOSED))
		return;
	if (in->kind == GYL_IN_BYTES || in->kind == GYL_IN_EOF)
		keep_rest(k, c, in);
	if (taken && in->again && c->seen_len != 0) {
		c->due |= due_of(in);
		gyl__stack_tcp_queue(k, c);
	}
	if (taken)
		return;
	c->due |= due_of(in);
	requeue_first(k, c, in->kind == GYL_IN_CLOSED);
}

void gyl__stack_tcp_unread(
	struct gyl__stack_host *k, const struct gyl_in *in, size_t cnt, size_t taken)
{
	for (size_t i = cnt; i-- > 0;) /* from the end: each goes to the head of the queue */
		unread_one(k, &in[i], i < taken);
}

/* ---- out ---- */

uint32_t gyl__stack_tcp_room(struct gyl__stack_host *k, struct gyl__stack_tcp *c)
{
	struct gyl_streams *t = k->tcp.streams;
	size_t room = c->id == 0 || c->forgotten ? 0 : gyl_stream_room(t, c->id);

	if (room == GYL__TCP_BUF_LEN && gyl_streams_room(t) == 0)
		room = 0; /* it has no buffer, and there is none */
	if (room < GYL__TCP_ROOM_MIN && c->id != 0 && !c->forgotten)
		gyl__stack_tcp_want_room(k, c);
	return (uint32_t)room;
}

uint32_t gyl__stack_tcp_unacked(const struct gyl__stack_host *k, const struct gyl__stack_tcp *c)
{
	struct gyl_stream_info info;

	return c->id != 0 && gyl_stream_info(k->tcp.streams, c->id, &info) ? info.unacked_len : 0;
}

/* A stream with a hole in it would be worse than none. */
static void overrun(struct gyl__stack_host *k, struct gyl__stack_tcp *c, size_t cnt)
{
	k->stat.out_lost_cnt += cnt;
	(void)gyl__stack_tcp_flow(k, c, GYL_FLOW_RESET);
}

size_t gyl__stack_tcp_send(
	struct gyl__stack_host *k, struct gyl__stack_tcp *c, const struct gyl_send *s, size_t cnt)
{
	struct gyl_streams *t = k->tcp.streams;
	size_t n = 0;

	for (; n < cnt && s[n].flow == c->flow; n++) {
		struct gyl_view data = gyl_view(s[n].p, s[n].len);

		if (s[n].len == 0)
			continue;
		if (c->forgotten || c->id == 0) {
			k->stat.out_lost_cnt++;
		} else if (gyl_stream_room(t, c->id) < data.len ||
			   gyl_stream_write(t, k->now.mono_ns, c->id, data) < data.len) {
			overrun(k, c, 1);
		} else {
			k->stat.out_cnt++;
			k->stat.out_octets += data.len;
		}
	}
	if (!c->forgotten && c->id != 0 && gyl_stream_room(t, c->id) < GYL__TCP_ROOM_MIN)
		gyl__stack_tcp_want_room(k, c);
	return n;
}
