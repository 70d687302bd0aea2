/* SPDX-License-Identifier: ISC */

/*
 * The table of TCP connections of the stack host: from what the stack tells of its streams to what
 * is owed to the cores. stack_tcp_io.c hands it out and takes what they send.
 *
 * A connection's life: opened -> queued on its port when something is due -> ... -> the stack says
 * that its stream is gone: GYL_IN_CLOSED due -> told -> free again at the next recv of any port, so
 * that a refused GYL_IN_CLOSED can be offered again. Numbers of accepted flows carry a generation.
 */

#include <errno.h>
#include <stdlib.h>

#include <gyl/time.h>

#include "libnet/host/stack.h"

enum {
	GENERATION_MAX = 0x3fff, /* 14 bits, above 16 of the index */
	PORT_MIN = 32768,        /* the range of Linux: resolvers and firewalls expect it */
	PORT_CNT = 60999 - PORT_MIN + 1,
	PORT_TRIES = 64
};

/* The peer of a closing connection has so long to take the rest and to end its side. */
#define CLOSE_NS (10 * GYL_NS_PER_S)

/* ---- the table ---- */

static uint16_t *id_chain(struct gyl__stack_tcp_host *t, uint32_t id)
{
	return &t->by_id[(id ^ id >> 16) % GYL__TCP_MAX];
}

static uint16_t *flow_chain(struct gyl__stack_tcp_host *t, uint32_t flow)
{
	return &t->by_flow[flow % GYL__TCP_MAX];
}

static struct gyl__stack_tcp *find_id(struct gyl__stack_tcp_host *t, uint32_t id)
{
	for (uint16_t i = *id_chain(t, id); i != 0; i = t->conn[i - 1].next_id) {
		if (t->conn[i - 1].id == id)
			return &t->conn[i - 1];
	}
	return NULL;
}

struct gyl__stack_tcp *gyl__stack_tcp_find(struct gyl__stack_host *k, uint32_t flow)
{
	struct gyl__stack_tcp_host *t = &k->tcp;

	for (uint16_t i = *flow_chain(t, flow); i != 0; i = t->conn[i - 1].next_flow) {
		if (t->conn[i - 1].flow == flow)
			return &t->conn[i - 1];
	}
	return NULL;
}

static void forget_id(struct gyl__stack_tcp_host *t, struct gyl__stack_tcp *c)
{
	uint16_t *at = id_chain(t, c->id);

	while (*at != c->index + 1)
		at = &t->conn[*at - 1].next_id;
	*at = c->next_id;
	c->id = 0;
}

static void forget_flow(struct gyl__stack_tcp_host *t, struct gyl__stack_tcp *c)
{
	uint16_t *at = flow_chain(t, c->flow);

	while (*at != c->index + 1)
		at = &t->conn[*at - 1].next_flow;
	*at = c->next_flow;
	c->flow = 0;
}

/* flow 0: it gets a number. NULL: none is free. */
static struct gyl__stack_tcp *conn_new(
	struct gyl__stack_tcp_host *t, uint32_t id, uint32_t flow, unsigned port)
{
	struct gyl__stack_tcp *c = TAILQ_FIRST(&t->unused);
	uint16_t number = c == NULL ? 0 : (uint16_t)(c->index + 1);

	if (c == NULL)
		return NULL;
	TAILQ_REMOVE(&t->unused, c, link);
	c->id = id;
	c->flow = flow != 0 ? flow : GYL__TCP_FLOW | (uint32_t)c->generation << 16 | c->index;
	c->next_id = *id_chain(t, id);
	*id_chain(t, id) = number;
	c->next_flow = *flow_chain(t, c->flow);
	*flow_chain(t, c->flow) = number;
	c->port = (uint8_t)port;
	return c;
}

static void give_back(struct gyl__stack_tcp_host *t, struct gyl__stack_tcp *c)
{
	uint16_t index = c->index, generation = c->generation;

	forget_flow(t, c);
	memset(c, 0, sizeof(*c));
	c->index = index;
	c->generation = generation == GENERATION_MAX ? 0 : (uint16_t)(generation + 1);
	TAILQ_INSERT_TAIL(&t->unused, c, link);
}

void gyl__stack_tcp_conf(struct gyl_streams_conf *cf)
{
	cf->conn_max = GYL__TCP_MAX;
	cf->half_max = GYL__TCP_HALF_MAX;
	cf->wait_max = GYL__TCP_WAIT_MAX;
	cf->listen_max = GYL_PORT_OPENED;
	cf->buf_len = GYL__TCP_BUF_LEN;
	cf->buf_max = GYL__TCP_BUF_MAX;
}

bool gyl__stack_tcp_open(struct gyl__stack_host *k)
{
	struct gyl__stack_tcp_host *t = &k->tcp;

	TAILQ_INIT(&t->unused);
	TAILQ_INIT(&t->gone);
	TAILQ_INIT(&t->waiting);
	TAILQ_INIT(&t->closing);
	for (unsigned i = 0; i <= GYL_PORT_OPENED; i++)
		TAILQ_INIT(&t->queue[i]);
	t->streams = gyl_stack_streams(k->stack);
	t->conn = calloc(GYL__TCP_MAX, sizeof(*t->conn));
	if (t->streams == NULL || t->conn == NULL)
		return false;
	for (unsigned i = 0; i < GYL__TCP_MAX; i++) {
		t->conn[i].index = (uint16_t)i;
		TAILQ_INSERT_TAIL(&t->unused, &t->conn[i], link);
	}
	return true;
}

void gyl__stack_tcp_close(struct gyl__stack_host *k)
{
	free(k->tcp.conn);
}

/* ---- opening ---- */

static int err_of(enum gyl_stream_err e)
{
	switch (e) {
	case GYL_STREAM_OK:
		return 0;
	case GYL_STREAM_IN_USE:
		return -EADDRINUSE;
	case GYL_STREAM_UNREACHABLE:
		return -ENETUNREACH;
	default:
		return -EMFILE;
	}
}

int gyl__stack_tcp_listen(struct gyl__stack_host *k, int port, const struct gyl_bind *b)
{
	struct gyl_stream_listener l = {.local_port = b->port,
		.local_ip = b->ip,
		.ifaces = b->ifaces,
		.user = (uint32_t)port};

	return b->port == 0 ? -EINVAL : err_of(gyl_stream_listen(k->tcp.streams, &l));
}

/* RFC 6056 3.3.1: a random port, another one when it is in use. */
int gyl__stack_tcp_connect(struct gyl__stack_host *k, uint32_t flow, const struct gyl_peer *to)
{
	struct gyl_net_peer peer;
	struct gyl__stack_tcp *c;
	uint32_t id = 0;
	int err = -EADDRINUSE;

	if (TAILQ_EMPTY(&k->tcp.unused))
		return -EMFILE;
	gyl__stack_peer(to, to->local_port, &peer);
	for (int i = 0; i < PORT_TRIES && err == -EADDRINUSE; i++) {
		uint64_t rnd;

		if (gyl_rng_below(k->rng, PORT_CNT, &rnd) != GYL_CRYPTO_OK)
			return -EAGAIN;
		peer.local_port = (uint16_t)(PORT_MIN + rnd);
		err = err_of(
			gyl_stack_connect(k->stack, k->now.mono_ns, &peer, GYL_PORT_OPENED, &id));
	}
	if (err != 0)
		return err;
	c = conn_new(&k->tcp, id, flow, GYL_PORT_OPENED);
	c->state = GYL__TCP_CONNECTING;
	c->peer = *to;
	return 0;
}

/* ---- closing ---- */

/* The core is through with it: nothing but its end is due. */
static void forget_input(struct gyl__stack_host *k, struct gyl__stack_tcp *c)
{
	struct gyl__stack_tcp_host *t = &k->tcp;

	c->forgotten = true;
	c->due &= GYL__TCP_DUE_CLOSED;
	c->given_len = 0;
	if (c->waiting)
		TAILQ_REMOVE(&t->waiting, c, side);
	c->waiting = false;
	if (c->id != 0)
		gyl_stream_take(
			t->streams, k->now.mono_ns, c->id, gyl_stream_peek(t->streams, c->id).len);
}

/*
 * What was sent is delivered, then our side ends. Unread octets would make it a reset, which may
 * destroy answers on their way: they are taken and forgotten, as is what still comes.
 */
static void close_conn(struct gyl__stack_host *k, struct gyl__stack_tcp *c)
{
	struct gyl__stack_tcp_host *t = &k->tcp;

	forget_input(k, c);
	if (c->state == GYL__TCP_CONNECTING) {
		gyl_stream_reset(t->streams, k->now.mono_ns, c->id);
		return;
	}
	c->state = GYL__TCP_CLOSING;
	c->until_ns = k->now.mono_ns + CLOSE_NS;
	TAILQ_INSERT_TAIL(&t->closing, c, side);
	if (c->ended)
		gyl_stream_close(t->streams, k->now.mono_ns, c->id);
	else
		gyl_stream_shutdown(t->streams, k->now.mono_ns, c->id);
}

int gyl__stack_tcp_flow(struct gyl__stack_host *k, struct gyl__stack_tcp *c, int op)
{
	if (op != GYL_FLOW_CLOSE && op != GYL_FLOW_RESET)
		return -EINVAL;
	if (c->state == GYL__TCP_GONE) {
		forget_input(k, c);
		return 0;
	}
	if (op == GYL_FLOW_RESET) {
		forget_input(k, c);
		gyl_stream_reset(k->tcp.streams, k->now.mono_ns, c->id);
	} else if (!c->forgotten) {
		close_conn(k, c);
	}
	return 0;
}

/* ---- what the stack tells ---- */

void gyl__stack_tcp_queue(struct gyl__stack_host *k, struct gyl__stack_tcp *c)
{
	if (!c->queued) {
		c->queued = true;
		TAILQ_INSERT_TAIL(&k->tcp.queue[c->port], c, link);
	}
	k->ready |= UINT64_C(1) << c->port;
	k->port[c->port].held = false;
}

void gyl__stack_tcp_want_room(struct gyl__stack_host *k, struct gyl__stack_tcp *c)
{
	if (c->waiting || c->state != GYL__TCP_OPEN)
		return;
	c->waiting = true;
	TAILQ_INSERT_TAIL(&k->tcp.waiting, c, side);
}

/* A stream that the table does not know: of a listener, or too many. */
static struct gyl__stack_tcp *accepted(struct gyl__stack_host *k, const struct gyl_stream_event *ev)
{
	struct gyl__stack_tcp_host *t = &k->tcp;
	struct gyl__stack_tcp *c;

	if ((ev->what & GYL_STREAM_EV_OPENED) == 0 || ev->user >= GYL_PORT_OPENED)
		return NULL;
	c = conn_new(t, ev->id, 0, ev->user);
	if (c == NULL && (ev->what & GYL_STREAM_EV_CLOSED) == 0) {
		k->stat.in_bad_cnt++;
		gyl_stream_reset(t->streams, k->now.mono_ns, ev->id);
	}
	return c;
}

/* Answers are written whole: a last short segment is not to wait (no Nagle). */
static void opened(struct gyl__stack_host *k, struct gyl__stack_tcp *c)
{
	struct gyl_streams *s = k->tcp.streams;
	struct gyl_stream_opts opts = gyl_stream_opts(s, c->id);
	struct gyl_stream_info info;

	c->state = GYL__TCP_OPEN;
	c->due |= GYL__TCP_DUE_OPENED;
	if (!gyl_stream_info(s, c->id, &info))
		return;
	gyl__stack_from_peer(&info.peer, &c->peer);
	opts.nodelay = true;
	gyl_stream_set_opts(s, k->now.mono_ns, c->id, &opts);
	if (gyl_stream_room(s, c->id) < GYL__TCP_ROOM_MIN) /* it was written to while it opened */
		gyl__stack_tcp_want_room(k, c);
}

static void gone(struct gyl__stack_host *k, struct gyl__stack_tcp *c)
{
	struct gyl__stack_tcp_host *t = &k->tcp;

	if (c->state == GYL__TCP_CLOSING)
		TAILQ_REMOVE(&t->closing, c, side);
	else if (c->waiting)
		TAILQ_REMOVE(&t->waiting, c, side);
	c->waiting = false;
	forget_id(t, c);
	c->state = GYL__TCP_GONE;
	c->due &= GYL__TCP_DUE_OPENED;
	c->due |= GYL__TCP_DUE_CLOSED;
}

/* The core has closed it: what comes is read and forgotten until the peer ends its side, too. */
static void discard(struct gyl__stack_host *k, struct gyl__stack_tcp *c)
{
	struct gyl_streams *s = k->tcp.streams;

	gyl_stream_take(s, k->now.mono_ns, c->id, gyl_stream_peek(s, c->id).len);
	if (c->ended)
		gyl_stream_close(s, k->now.mono_ns, c->id);
}

static void event(struct gyl__stack_host *k, const struct gyl_stream_event *ev)
{
	struct gyl__stack_tcp *c = find_id(&k->tcp, ev->id);

	if (c == NULL)
		c = accepted(k, ev);
	if (c == NULL)
		return;
	if ((ev->what & GYL_STREAM_EV_OPENED) != 0)
		opened(k, c);
	if ((ev->what & GYL_STREAM_EV_EOF) != 0)
		c->ended = true;
	if (c->forgotten) {
		if ((ev->what & GYL_STREAM_EV_CLOSED) == 0)
			discard(k, c);
	} else {
		if ((ev->what & GYL_STREAM_EV_BYTES) != 0)
			c->due |= GYL__TCP_DUE_BYTES;
		if ((ev->what & GYL_STREAM_EV_ROOM) != 0)
			c->due |= GYL__TCP_DUE_ROOM;
		if ((ev->what & GYL_STREAM_EV_EOF) != 0)
			c->due |= GYL__TCP_DUE_EOF;
	}
	if ((ev->what & GYL_STREAM_EV_CLOSED) != 0)
		gone(k, c);
	if (c->forgotten)
		c->due &= GYL__TCP_DUE_CLOSED;
	if (c->due != 0)
		gyl__stack_tcp_queue(k, c);
}

/* There is room again: what was left is offered again, with its end if that was told. Of those that
 * have no send buffer, only as many are woken as there are buffers. */
static void tell_room(struct gyl__stack_host *k)
{
	struct gyl__stack_tcp_host *t = &k->tcp;
	uint32_t spare = gyl_streams_room(t->streams);
	struct gyl__stack_tcp *c, *next;

	for (c = TAILQ_FIRST(&t->waiting); c != NULL; c = next) {
		size_t room = gyl_stream_room(t->streams, c->id);

		next = TAILQ_NEXT(c, side);
		if (room < GYL__TCP_ROOM_MIN || (room == GYL__TCP_BUF_LEN && spare == 0))
			continue;
		spare -= room == GYL__TCP_BUF_LEN;
		c->waiting = false;
		TAILQ_REMOVE(&t->waiting, c, side);
		c->due |= c->end_told && c->seen_len != 0 ? GYL__TCP_DUE_EOF : GYL__TCP_DUE_ROOM;
		gyl__stack_tcp_queue(k, c);
	}
}

/* Streams wait for a send buffer and there is none: one that has been closed by its core and whose
 * peer does not read has had time enough. */
static bool is_short(const struct gyl__stack_tcp_host *t)
{
	return !TAILQ_EMPTY(&t->waiting) && gyl_streams_room(t->streams) == 0;
}

static bool has_buffer(const struct gyl__stack_tcp_host *t, const struct gyl__stack_tcp *c)
{
	struct gyl_stream_info info;

	return gyl_stream_info(t->streams, c->id, &info) && info.unacked_len != 0;
}

/* Those whose time is over, or the oldest that have a buffer while these are short. */
static void end_closing(struct gyl__stack_host *k)
{
	struct gyl__stack_tcp_host *t = &k->tcp;
	struct gyl__stack_tcp *c, *next;

	for (c = TAILQ_FIRST(&t->closing); c != NULL && c->until_ns != UINT64_MAX; c = next) {
		if (c->until_ns > k->now.mono_ns && !is_short(t))
			break;
		next = TAILQ_NEXT(c, side);
		if (c->until_ns > k->now.mono_ns && !has_buffer(t, c))
			continue;
		c->until_ns = UINT64_MAX; /* its end is on the way */
		TAILQ_REMOVE(&t->closing, c, side);
		TAILQ_INSERT_TAIL(&t->closing, c, side);
		gyl_stream_reset(t->streams, k->now.mono_ns, c->id);
	}
}

void gyl__stack_tcp_events(struct gyl__stack_host *k)
{
	struct gyl_stream_event ev;

	end_closing(k);
	while (gyl_streams_event(k->tcp.streams, &ev))
		event(k, &ev);
	tell_room(k);
}

uint64_t gyl__stack_tcp_deadline_ns(const struct gyl__stack_host *k)
{
	const struct gyl__stack_tcp *c = TAILQ_FIRST(&k->tcp.closing);

	return c == NULL ? UINT64_MAX : c->until_ns;
}

void gyl__stack_tcp_settle(struct gyl__stack_host *k)
{
	struct gyl__stack_tcp_host *t = &k->tcp;
	struct gyl__stack_tcp *c;

	for (unsigned i = 0; i < t->given_cnt; i++) {
		c = &t->conn[t->given[i]];
		if (c->id != 0 && c->given_len != 0)
			gyl_stream_take(t->streams, k->now.mono_ns, c->id, c->given_len);
		if (c->given_len != 0)
			c->seen_len = 0;
		c->given_len = 0;
	}
	t->given_cnt = 0;
	while ((c = TAILQ_FIRST(&t->gone)) != NULL) {
		TAILQ_REMOVE(&t->gone, c, link);
		give_back(t, c);
	}
}

void gyl__stack_tcp_stat(const struct gyl__stack_host *k, struct gyl_host_stat *stat)
{
	struct gyl_streams_stat st = gyl_streams_stat(k->tcp.streams);

	stat->in_bad_cnt += st.bad_cnt + st.stray_cnt + st.unacceptable_cnt;
	stat->in_lost_cnt += st.nobuf_cnt;
	stat->stream_cnt += st.conn_cnt;
	stat->stream_in_cnt += st.accepted_cnt;
	stat->stream_out_cnt += st.connected_cnt;
	stat->stream_lost_cnt += st.timeout_cnt + st.reset_cnt;
	stat->stream_again_cnt += st.retrans_cnt;
}
