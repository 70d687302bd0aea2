/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_TLS_PIPE_H
#define GYL_TESTS_TLS_PIPE_H

/*
 * Two hosts of memory, whose streams are joined, with the filter before each of them, and a core of
 * each that keeps what it hears. What one says comes to the other in pieces of `chunk` octets, one
 * a recv. Time stands still until the test moves it.
 */

#include "tests/unit/tls/ident.h"

#include <errno.h>
#include <stdlib.h>

#include <gyl/time.h>

enum {
	PIPE_END_MAX = 320,
	PIPE_BUF_LEN = 69632,
	PIPE_SLOTS = 8,
	PIPE_SLOT_LEN = 1472,
	PIPE_PORT = 0,
	PIPE_GOT_LEN = 1 << 20
};

struct pipe_host;

struct pipe_end {
	struct pipe_host *host;
	struct pipe_end *other; /* NULL: nobody is there */
	uint32_t flow;          /* 0: free */
	uint32_t ip;
	uint8_t port;
	bool open_due, eof, eof_told, closed, room_due, asked;
	bool shut;      /* its owner has ended its side */
	bool wants;     /* it was told of little room */
	size_t arrived; /* of len, what may be seen */
	size_t seen;
	size_t len;
	uint8_t *buf; /* octets for its owner */
};

struct pipe_host {
	struct gyl_host host, plain;
	struct gyl_tls *tls;
	struct gyl_now now;
	size_t chunk;
	bool stuck; /* what it says does not leave: `room` sinks */
	unsigned recv_cnt, reset_cnt;
	uint8_t slot[PIPE_SLOTS][PIPE_SLOT_LEN];
	struct pipe_host *peer;
	struct pipe_end end[PIPE_END_MAX];
	/* the core */
	bool takes_none, again;
	size_t takes_most; /* octets of an input; 0: all */
	uint32_t last_flow, room;
	unsigned opened_cnt, eof_cnt, closed_cnt;
	uint64_t eof_seq;
	char name[128], why[200];
	uint8_t *got;
	size_t got_len;
};

static inline struct pipe_end *pipe_find(struct pipe_host *h, uint32_t flow)
{
	for (unsigned i = 0; i < PIPE_END_MAX; i++)
		if (h->end[i].flow == flow && flow != 0)
			return &h->end[i];
	return NULL;
}

static inline struct pipe_end *pipe_new(struct pipe_host *h, uint32_t flow)
{
	for (unsigned i = 0; i < PIPE_END_MAX; i++) {
		struct pipe_end *e = &h->end[i];

		if (e->flow != 0)
			continue;
		free(e->buf);
		*e = (struct pipe_end){.host = h, .buf = malloc(PIPE_BUF_LEN)};
		e->flow = flow != 0 ? flow : 0x80000000u | i;
		e->port = flow != 0 ? GYL_PORT_OPENED : PIPE_PORT;
		e->open_due = true;
		return e;
	}
	fail_msg("no end is free");
	return NULL;
}

static inline int pipe_listen(void *h, const struct gyl_bind *b)
{
	(void)h;
	assert_int_equal(b->type, GYL_BIND_TCP);
	return PIPE_PORT;
}

static inline bool pipe_has(const struct pipe_end *e)
{
	return e->flow != 0 && (e->open_due || e->arrived > e->seen || e->len > e->arrived ||
				       e->room_due || (e->eof && !e->eof_told) || e->closed);
}

static inline struct gyl_in *pipe_in(struct pipe_end *e, struct gyl_in *in, enum gyl_in_kind kind)
{
	memset(in, 0, sizeof(*in));
	in->kind = (uint8_t)kind;
	in->port = e->port;
	in->role = e->port == PIPE_PORT ? 7 : 0;
	in->flow = e->flow;
	in->peer.ip = e->ip;
	in->room = PIPE_BUF_LEN;
	return in;
}

static inline size_t pipe_give(struct pipe_end *e, struct gyl_in *in)
{
	size_t chunk = e->host->chunk;

	if (e->open_due) {
		e->open_due = false;
		pipe_in(e, in, GYL_IN_OPENED);
		return 1;
	}
	if (e->len > e->arrived)
		e->arrived = e->len - e->arrived > chunk ? e->arrived + chunk : e->len;
	if (e->arrived > e->seen || e->room_due) {
		pipe_in(e, in, GYL_IN_BYTES)->data = gyl_view(e->buf, e->arrived);
		e->seen = e->arrived;
		e->room_due = false;
		e->asked = true;
		return 1;
	}
	if (e->eof && !e->eof_told) {
		pipe_in(e, in, GYL_IN_EOF)->data = gyl_view(e->buf, e->arrived);
		e->eof_told = true;
		e->asked = true;
		return 1;
	}
	if (e->closed) {
		pipe_in(e, in, GYL_IN_CLOSED);
		e->flow = 0;
		return 1;
	}
	return 0;
}

static inline void pipe_use(struct pipe_end *e, size_t len)
{
	memmove(e->buf, e->buf + len, e->len - len);
	e->len -= len;
	e->arrived -= len;
	if (len != 0 && e->other != NULL && e->other->wants) {
		e->other->wants = false;
		e->other->room_due = true;
	}
}

/* What was handed out and not unread is consumed. */
static inline void pipe_settle(struct pipe_host *h)
{
	for (unsigned i = 0; i < PIPE_END_MAX; i++) {
		struct pipe_end *e = &h->end[i];

		if (!e->asked)
			continue;
		e->asked = false;
		pipe_use(e, e->seen);
		e->seen = 0;
	}
}

static inline uint64_t pipe_wait(void *host, uint64_t until_ns, struct gyl_now *ret_now)
{
	struct pipe_host *h = host;
	uint64_t ready = 0;

	(void)until_ns;
	pipe_settle(h);
	for (unsigned i = 0; i < PIPE_END_MAX; i++)
		if (pipe_has(&h->end[i]))
			ready |= UINT64_C(1) << h->end[i].port;
	*ret_now = h->now;
	return ready;
}

static inline size_t pipe_recv(void *host, int port, struct gyl_in *in, size_t cap)
{
	struct pipe_host *h = host;
	size_t n = 0;

	h->recv_cnt++;
	pipe_settle(h);
	for (unsigned i = 0; i < PIPE_END_MAX && n < cap; i++)
		if (h->end[i].flow != 0 && h->end[i].port == port)
			n += pipe_give(&h->end[i], &in[n]);
	return n;
}

static inline void pipe_unread(
	void *host, int port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	struct pipe_host *h = host;

	(void)port;
	for (size_t i = 0; i < cnt; i++) {
		struct pipe_end *e = pipe_find(h, in[i].flow);

		if (in[i].kind == GYL_IN_CLOSED || e == NULL) {
			assert_true(i < taken || e == NULL);
			continue;
		}
		if (in[i].kind == GYL_IN_OPENED) {
			e->open_due = i >= taken;
			continue;
		}
		assert_true(in[i].used <= in[i].data.len);
		e->asked = false;
		pipe_use(e, in[i].used);
		e->seen = e->arrived;
		if (i >= taken && in[i].kind == GYL_IN_EOF)
			e->eof_told = false;
		else if (i >= taken)
			e->room_due = true;
	}
}

static inline size_t pipe_lend(void *host, struct gyl_send *slot, size_t cnt)
{
	struct pipe_host *h = host;

	cnt = cnt < PIPE_SLOTS ? cnt : PIPE_SLOTS;
	for (size_t i = 0; i < cnt; i++)
		slot[i] = (struct gyl_send){.p = h->slot[i], .cap = PIPE_SLOT_LEN};
	return cnt;
}

static inline uint32_t pipe_room(void *host, uint32_t flow)
{
	struct pipe_end *e = pipe_find(host, flow);
	size_t room;

	if (e == NULL || e->other == NULL || e->host->stuck)
		return 0;
	room = PIPE_BUF_LEN - e->other->len;
	e->wants = room < PIPE_BUF_LEN / 2;
	return (uint32_t)room;
}

static inline void pipe_send(void *host, struct gyl_send *s, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		struct pipe_end *e = pipe_find(host, s[i].flow);

		if (s[i].len == 0)
			continue;
		assert_non_null(e);
		assert_false(e->shut);
		if (e->other == NULL)
			continue;
		assert_true(s[i].len <= pipe_room(host, s[i].flow));
		memcpy(e->other->buf + e->other->len, s[i].p, s[i].len);
		e->other->len += s[i].len;
	}
}

static inline void pipe_part(struct pipe_end *e)
{
	if (e->other != NULL) {
		e->other->other = NULL;
		e->other->closed = true;
	}
	e->other = NULL;
	e->closed = true;
}

static inline int pipe_flow(void *host, uint32_t flow, int op, const struct gyl_peer *to)
{
	struct pipe_host *h = host;
	struct pipe_end *e = pipe_find(h, flow);

	if (op == GYL_FLOW_OPEN_TCP) {
		assert_null(e);
		e = pipe_new(h, flow);
		e->ip = to->ip;
		e->other = pipe_new(h->peer, 0);
		e->other->other = e;
		e->other->ip = to->local_ip;
		return 0;
	}
	if (e == NULL)
		return -ENOENT;
	if (op == GYL_FLOW_RESET) {
		h->reset_cnt++;
		e->len = e->arrived = e->seen = 0;
		e->asked = false;
		pipe_part(e);
		return 0;
	}
	e->shut = true;
	if (e->other == NULL)
		e->closed = true;
	else if (e->other->shut)
		pipe_part(e);
	else
		e->other->eof = true;
	return 0;
}

static inline uint64_t pipe_clock_ns(void *host)
{
	return ((struct pipe_host *)host)->now.mono_ns;
}

static const struct gyl_host_ops pipe_ops = {.listen = pipe_listen,
	.wait = pipe_wait,
	.recv = pipe_recv,
	.unread = pipe_unread,
	.lend = pipe_lend,
	.send = pipe_send,
	.flow = pipe_flow,
	.clock_ns = pipe_clock_ns,
	.room = pipe_room};

static inline void pipe_open(struct pipe_host *h, struct pipe_host *peer)
{
	memset(h, 0, sizeof(*h));
	h->now.mono_ns = GYL_NS_PER_S;
	h->chunk = SIZE_MAX;
	h->peer = peer;
	h->plain = (struct gyl_host){&pipe_ops, h};
	h->host = h->plain;
	h->tls = gyl_tls_open(&h->host);
	h->got = malloc(PIPE_GOT_LEN);
	assert_true(h->tls != NULL && h->got != NULL);
}

static inline void pipe_close(struct pipe_host *h)
{
	gyl_tls_close(h->tls, &h->host);
	assert_ptr_equal(h->host.h, h);
	for (unsigned i = 0; i < PIPE_END_MAX; i++)
		free(h->end[i].buf);
	free(h->got);
}

/* ---- the core ---- */

static inline void core_text(char *to, size_t cap, struct gyl_view v)
{
	(void)snprintf(to, cap, "%.*s", (int)v.len, v.p == NULL ? "" : (const char *)v.p);
}

static inline void core_take(struct pipe_host *h, struct gyl_in *in)
{
	size_t len = in->data.len;

	if (in->kind == GYL_IN_CLOSED) {
		h->closed_cnt++;
		core_text(h->why, sizeof(h->why), in->data);
		return;
	}
	h->room = in->room;
	h->last_flow = in->flow;
	if (in->kind == GYL_IN_OPENED) {
		h->opened_cnt++;
		core_text(h->name, sizeof(h->name), in->key);
		return;
	}
	if (h->takes_most != 0 && in->kind == GYL_IN_BYTES && len > h->takes_most)
		len = h->takes_most;
	assert_true(h->got_len + len <= PIPE_GOT_LEN);
	if (len != 0)
		memcpy(h->got + h->got_len, in->data.p, len);
	h->got_len += len;
	in->used = (uint32_t)len;
	in->again = h->again;
	if (in->kind == GYL_IN_EOF) {
		h->eof_cnt++;
		h->eof_seq = in->seq;
	}
}

/* As the runner does. */
static inline void core_serve(struct pipe_host *h, int port)
{
	struct gyl_in in[16];
	size_t cnt = h->host.ops->recv(h->host.h, port, in, 16), taken = 0;
	bool rest = false;

	while (taken < cnt && !h->takes_none) {
		core_take(h, &in[taken]);
		rest = rest || in[taken].used < in[taken].data.len;
		taken++;
	}
	if (cnt != 0 && (taken < cnt || rest))
		h->host.ops->unread(h->host.h, port, in, cnt, taken);
}

static inline bool core_step(struct pipe_host *h)
{
	uint64_t ready = h->host.ops->wait(h->host.h, 0, &h->now);

	for (int port = 0; port <= GYL_PORT_OPENED; port++)
		if (ready >> port & 1)
			core_serve(h, port);
	return ready != 0;
}

/* Until nobody has anything to do, or so often. */
static inline void both_run(struct pipe_host *a, struct pipe_host *b, unsigned max)
{
	unsigned idle = 0;

	for (unsigned i = 0; i < max && idle < 2; i++) {
		bool some = core_step(a);

		some = core_step(b) || some;
		idle = some ? 0 : idle + 1;
	}
}

static inline void both_later(struct pipe_host *a, struct pipe_host *b, uint64_t by_ns)
{
	a->now.mono_ns += by_ns;
	b->now.mono_ns += by_ns;
}

/* As a core sends: into slots that are lent. */
static inline void core_send(struct pipe_host *h, uint32_t flow, const void *p, size_t len)
{
	for (size_t at = 0; at < len;) {
		struct gyl_send slot[PIPE_SLOTS];
		size_t cnt = h->host.ops->lend(h->host.h, slot, PIPE_SLOTS);

		for (size_t i = 0; i < cnt && at < len; i++) {
			slot[i].len = (uint32_t)(len - at < slot[i].cap ? len - at : slot[i].cap);
			slot[i].flow = flow;
			memcpy(slot[i].p, (const uint8_t *)p + at, slot[i].len);
			at += slot[i].len;
		}
		h->host.ops->send(h->host.h, slot, cnt);
	}
}

#endif
