/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_STREAMS_PAIR_H
#define GYL_TESTS_STREAMS_PAIR_H

/*
 * Two stations' TCP, wired to each other in memory, under a clock that stands still unless the test
 * moves it. Every segment that leaves one is decoded, checked and given to the other, unless the
 * test's hook keeps it. A station can also be left without a partner: then the test writes and
 * reads its segments by hand.
 */

#include <stdlib.h>

#include <gyl/net/streams.h>
#include <gyl/tcp.h>
#include <gyl/time.h>

#include "tests/support/support.h"

enum {
	PAIR_MTU = 1500,
	PAIR_MAX = 4096, /* segments on the wire */
	PAIR_EV_MAX = 64
};

struct pair;

/* A segment on the wire. */
struct pair_seg {
	uint64_t at_ns; /* when it arrives */
	uint8_t to;     /* station 0 or 1 */
	uint16_t len;
	uint8_t octets[PAIR_MTU];
};

struct pair_side {
	struct gyl_streams *t;
	void *mem;
	uint32_t ip;
	uint16_t mtu; /* of the path, as this side believes */
	uint32_t id;  /* of its stream, the last that opened or was begun */
	uint8_t seen; /* bits of all events since the test cleared it */
	uint8_t err;  /* of the last EV_CLOSED */
	uint32_t sent_cnt;
	struct gyl_tcp last; /* header of the last segment it sent; no views */
	size_t last_len;     /* its payload */
};

struct pair {
	struct pair_side side[2];
	uint64_t now_ns, delay_ns;
	uint16_t wire_mtu; /* longer segments fail the test */
	/* May change the segment, its arrival included. False: it is lost. NULL: nothing happens to
	 * it. */
	bool (*hook)(struct pair *p, struct pair_seg *s, const struct gyl_tcp *tcp);
	void *arg;
	struct pair_seg *wire;
	uint32_t wire_cnt;
};

static inline struct gyl_streams_conf pair_conf(void)
{
	static const uint8_t key[16] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct gyl_streams_conf cf = gyl_streams_defaults(key);

	cf.conn_max = 64;
	cf.half_max = 16;
	cf.wait_max = 16;
	cf.buf_max = 32;
	return cf;
}

static inline void pair_open_side(struct pair *p, int i, const struct gyl_streams_conf *cf)
{
	struct pair_side *s = &p->side[i];
	size_t need = gyl_streams_need(cf);

	assert_true(need != 0);
	s->mem = aligned_alloc(64, (need + 63) & ~(size_t)63);
	assert_non_null(s->mem);
	memset(s->mem, 0xa5, need);
	s->t = gyl_streams_init(s->mem, cf);
	assert_non_null(s->t);
	s->ip = 0x0a000001 + (uint32_t)i;
	s->mtu = PAIR_MTU;
}

static inline void pair_open(
	struct pair *p, const struct gyl_streams_conf *a, const struct gyl_streams_conf *b)
{
	memset(p, 0, sizeof *p);
	p->now_ns = 1000 * GYL_NS_PER_S;
	p->delay_ns = 100 * GYL_NS_PER_US;
	p->wire_mtu = PAIR_MTU;
	p->wire = malloc(PAIR_MAX * sizeof *p->wire);
	assert_non_null(p->wire);
	pair_open_side(p, 0, a);
	pair_open_side(p, 1, b);
}

static inline void pair_close(struct pair *p)
{
	free(p->side[0].mem);
	free(p->side[1].mem);
	free(p->wire);
}

/* Put a segment on the wire, as the hook likes. */
static inline void pair_send(struct pair *p, struct pair_seg *s)
{
	struct pair_side *from = &p->side[1 - s->to], *to = &p->side[s->to];
	struct gyl_tcp tcp;

	assert_int_equal(
		gyl_tcp_decode(gyl_view(s->octets, s->len), from->ip, to->ip, 0, &tcp).err, GYL_OK);
	assert_in_range(s->len + 20u, 40, p->wire_mtu);
	from->last = tcp;
	from->last_len = tcp.payload.len;
	from->sent_cnt++;
	if (p->hook != NULL && !p->hook(p, s, &tcp))
		return;
	assert_true(p->wire_cnt < PAIR_MAX);
	p->wire[p->wire_cnt++] = *s;
}

/* Fetch all that a side has to send. */
static inline void pair_fetch(struct pair *p, int i)
{
	struct pair_side *side = &p->side[i];
	struct gyl_net_peer peer;
	struct pair_seg s = {.to = (uint8_t)(1 - i)};
	uint8_t ttl;

	while (gyl_streams_next(side->t, p->now_ns, &peer, &ttl)) {
		assert_int_equal(peer.local_ip, side->ip);
		assert_int_equal(peer.ip, p->side[1 - i].ip);
		assert_true(ttl > 0);
		s.len = (uint16_t)gyl_streams_emit(
			side->t, p->now_ns, s.octets, (size_t)(side->mtu - 20));
		s.at_ns = p->now_ns + p->delay_ns;
		pair_send(p, &s);
	}
}

static inline void pair_events(struct pair *p, int i)
{
	struct pair_side *s = &p->side[i];
	struct gyl_stream_event ev;

	while (gyl_streams_event(s->t, &ev)) {
		if ((ev.what & GYL_STREAM_EV_OPENED) != 0)
			s->id = ev.id;
		if (ev.id != s->id)
			continue;
		s->seen |= ev.what;
		if ((ev.what & GYL_STREAM_EV_CLOSED) != 0)
			s->err = ev.err;
	}
}

static inline void pair_input(struct pair *p, const struct pair_seg *s)
{
	struct pair_side *to = &p->side[s->to];
	struct gyl_streams_seg seg = {
		.peer = {.ip = p->side[1 - s->to].ip, .local_ip = to->ip, .has_mac = true},
		.data = gyl_view(s->octets, s->len),
		.mtu = to->mtu};

	seg.peer.mac[0] = 2;
	seg.peer.mac[5] = (uint8_t)(2 - s->to);
	gyl_streams_input(to->t, p->now_ns, &seg);
}

/* All that arrives now. */
static inline void pair_deliver(struct pair *p)
{
	uint32_t i = 0;

	while (i < p->wire_cnt) {
		struct pair_seg s = p->wire[i];

		if (s.at_ns > p->now_ns) {
			i++;
			continue;
		}
		p->wire_cnt--;
		memmove(&p->wire[i], &p->wire[i + 1], (p->wire_cnt - i) * sizeof s);
		pair_input(p, &s);
	}
}

/* When something happens by itself; UINT64_MAX: never. */
static inline uint64_t pair_next_ns(const struct pair *p)
{
	uint64_t at_ns = UINT64_MAX;

	for (int i = 0; i < 2; i++) {
		uint64_t due_ns = gyl_streams_deadline_ns(p->side[i].t);

		at_ns = due_ns < at_ns ? due_ns : at_ns;
	}
	for (uint32_t i = 0; i < p->wire_cnt; i++)
		at_ns = p->wire[i].at_ns < at_ns ? p->wire[i].at_ns : at_ns;
	return at_ns;
}

/* What is due at this instant. */
static inline void pair_step(struct pair *p)
{
	pair_deliver(p);
	for (int i = 0; i < 2; i++) {
		gyl_streams_tick(p->side[i].t, p->now_ns);
		pair_fetch(p, i);
		pair_events(p, i);
	}
}

/* Let time pass, stopping wherever something happens. */
static inline void pair_run(struct pair *p, uint64_t ns)
{
	uint64_t end_ns = p->now_ns + ns;

	for (;;) {
		uint64_t at_ns;

		pair_step(p);
		at_ns = pair_next_ns(p);
		if (at_ns > end_ns)
			break;
		p->now_ns = at_ns > p->now_ns ? at_ns : p->now_ns;
	}
	p->now_ns = end_ns;
}

static inline void pair_listen(struct pair *p, int i, uint16_t port)
{
	assert_int_equal(gyl_stream_listen(p->side[i].t,
				 &(struct gyl_stream_listener){.local_port = port, .user = 7}),
		GYL_STREAM_OK);
}

static inline struct gyl_net_peer pair_peer(
	const struct pair *p, int from, uint16_t local_port, uint16_t port)
{
	return (struct gyl_net_peer){.ip = p->side[1 - from].ip,
		.local_ip = p->side[from].ip,
		.port = port,
		.local_port = local_port};
}

static inline uint32_t pair_connect(struct pair *p, int from, uint16_t local_port, uint16_t port)
{
	struct gyl_net_peer to = pair_peer(p, from, local_port, port);

	assert_int_equal(gyl_stream_connect(p->side[from].t, p->now_ns, &to, p->side[from].mtu, 9,
				 &p->side[from].id),
		GYL_STREAM_OK);
	return p->side[from].id;
}

/* Side 0 connects to port 80 of side 1, and both are open. */
static inline void pair_establish(struct pair *p)
{
	pair_listen(p, 1, 80);
	pair_connect(p, 0, 40000, 80);
	pair_run(p, 10 * GYL_NS_PER_MS);
	assert_int_equal(p->side[0].seen, GYL_STREAM_EV_OPENED);
	assert_int_equal(p->side[1].seen, GYL_STREAM_EV_OPENED);
	p->side[0].seen = p->side[1].seen = 0;
}

static inline size_t pair_write(struct pair *p, int i, const void *data, size_t len)
{
	return gyl_stream_write(p->side[i].t, p->now_ns, p->side[i].id, gyl_view(data, len));
}

static inline struct gyl_view pair_peek(const struct pair *p, int i)
{
	return gyl_stream_peek(p->side[i].t, p->side[i].id);
}

static inline void pair_take(struct pair *p, int i, size_t len)
{
	gyl_stream_take(p->side[i].t, p->now_ns, p->side[i].id, len);
}

static inline void pair_shut(struct pair *p, int i)
{
	gyl_stream_shutdown(p->side[i].t, p->now_ns, p->side[i].id);
}

static inline void pair_end(struct pair *p, int i)
{
	gyl_stream_close(p->side[i].t, p->now_ns, p->side[i].id);
}

static inline struct gyl_stream_info pair_info(const struct pair *p, int i)
{
	struct gyl_stream_info info;

	assert_true(gyl_stream_info(p->side[i].t, p->side[i].id, &info));
	return info;
}

/* Nothing is left of any connection but records in TIME-WAIT. */
static inline void pair_assert_empty(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		struct gyl_streams_stat s = gyl_streams_stat(p->side[i].t);

		assert_int_equal(s.conn_cnt, 0);
		assert_int_equal(s.half_cnt, 0);
		assert_int_equal(s.buf_cnt, 0);
	}
}

#endif
