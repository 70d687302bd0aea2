/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_STREAMS_HAND_H
#define GYL_TESTS_STREAMS_HAND_H

/* One station's TCP, and a peer whose segments the test writes and reads by hand. */

#include <stdlib.h>

#include <gyl/net/streams.h>
#include <gyl/tcp.h>
#include <gyl/time.h>

#include "tests/support/support.h"

#define HAND_US   0x0a000001u
#define HAND_PEER 0x0a000002u

enum {
	F = GYL_TCP_FIN,
	S = GYL_TCP_SYN,
	R = GYL_TCP_RST,
	P = GYL_TCP_PSH,
	A = GYL_TCP_ACK,
	HAND_ISN = 5000, /* the peer's */
	HAND_WINDOW = 60000
};

struct hand {
	struct gyl_streams *t;
	void *mem;
	uint64_t now_ns;
	uint32_t peer_ip;
	uint16_t local_port, port, mtu;
	uint32_t id;
	uint8_t seen, err;
	uint16_t window; /* what the peer tells */
	uint32_t iss;    /* ours, as seen in SYN or SYN-ACK */
	/* Timestamps in all segments of the peer, when not 0. */
	uint32_t ts_val, ts_ecr;
	uint8_t sack_cnt; /* in the next segment */
	struct gyl_tcp_sack sack[4];
	uint8_t payload[2000];
	uint8_t got[2000]; /* the last segment that came out */
	struct gyl_tcp tcp;
	struct gyl_tcp_known known;
};

static inline struct gyl_streams_conf hand_conf(void)
{
	static const uint8_t key[16] = {9, 8, 7, 6, 5, 4, 3, 2};
	struct gyl_streams_conf cf = gyl_streams_defaults(key);

	cf.conn_max = 32;
	cf.half_max = 8;
	cf.wait_max = 8;
	cf.buf_max = 8;
	return cf;
}

static inline void hand_open(struct hand *h, const struct gyl_streams_conf *cf)
{
	memset(h, 0, sizeof *h);
	h->mem = aligned_alloc(64, (gyl_streams_need(cf) + 63) & ~(size_t)63);
	assert_non_null(h->mem);
	memset(h->mem, 0x5a, gyl_streams_need(cf));
	h->t = gyl_streams_init(h->mem, cf);
	assert_non_null(h->t);
	h->now_ns = 5000 * GYL_NS_PER_S;
	h->peer_ip = HAND_PEER;
	h->local_port = 80;
	h->port = 4000;
	h->mtu = 1500;
	h->window = HAND_WINDOW;
	for (size_t i = 0; i < sizeof h->payload; i++)
		h->payload[i] = (uint8_t)i;
	assert_int_equal(gyl_stream_listen(h->t, &(struct gyl_stream_listener){.local_port = 80}),
		GYL_STREAM_OK);
}

static inline void hand_close(struct hand *h)
{
	free(h->mem);
}

static inline void hand_events(struct hand *h)
{
	struct gyl_stream_event ev;

	while (gyl_streams_event(h->t, &ev)) {
		h->id = ev.id;
		h->seen |= ev.what;
		h->err = ev.err;
	}
}

/* A segment from the peer. options: as they are; those of the state are put behind them. */
static inline void hand_put_opts(struct hand *h, unsigned flags, uint32_t seq, uint32_t ack,
	size_t len, struct gyl_view options)
{
	uint8_t opts[GYL_TCP_OPTIONS_MAX], buf[2100];
	struct gyl_writer w, o;
	struct gyl_tcp tcp = {.src_port = h->port,
		.dst_port = h->local_port,
		.seq = seq,
		.ack = ack,
		.flags = (uint16_t)flags,
		.window = h->window,
		.payload = gyl_view(h->payload, len)};
	struct gyl_streams_seg seg = {
		.peer = {.ip = h->peer_ip, .local_ip = HAND_US}, .mtu = h->mtu};

	gyl_writer_init(&o, opts, sizeof opts);
	gyl_put_view(&o, options);
	if (h->ts_val != 0)
		gyl_tcp_put_timestamps(&o, h->ts_val, h->ts_ecr);
	if (h->sack_cnt != 0)
		gyl_tcp_put_sack(&o, h->sack, h->sack_cnt);
	h->sack_cnt = 0;
	tcp.options = gyl_writer_view(&o);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_tcp_encode(&w, &tcp, h->peer_ip, HAND_US);
	assert_true(gyl_writer_ok(&o) && gyl_writer_ok(&w));
	seg.data = gyl_writer_view(&w);
	gyl_streams_input(h->t, h->now_ns, &seg);
	hand_events(h);
}

static inline void hand_put(struct hand *h, unsigned flags, uint32_t seq, uint32_t ack, size_t len)
{
	hand_put_opts(h, flags, seq, ack, len, gyl_view(NULL, 0));
}

/* The next segment that we send is in h->tcp and h->known. False: there is none. */
static inline bool hand_get(struct hand *h)
{
	struct gyl_net_peer peer;
	size_t len;
	uint8_t ttl;

	gyl_streams_tick(h->t, h->now_ns);
	hand_events(h);
	if (!gyl_streams_next(h->t, h->now_ns, &peer, &ttl))
		return false;
	len = gyl_streams_emit(h->t, h->now_ns, h->got, h->mtu - 20u);
	assert_int_equal(peer.ip, h->peer_ip);
	assert_int_equal(
		gyl_tcp_decode(gyl_view(h->got, len), HAND_US, peer.ip, 0, &h->tcp).err, GYL_OK);
	assert_int_equal(gyl_tcp_known_get(h->tcp.options, &h->known).err, GYL_OK);
	return true;
}

/* The next segment has these flags (PSH aside), numbers and this payload's length. */
#define hand_expect(h, f, s, a, l)                                              \
	do {                                                                    \
		assert_true(hand_get(h));                                       \
		assert_int_equal((h)->tcp.flags & ~GYL_TCP_PSH, (unsigned)(f)); \
		assert_int_equal((h)->tcp.seq, (uint32_t)(s));                  \
		assert_int_equal((h)->tcp.ack, (uint32_t)(a));                  \
		assert_int_equal((h)->tcp.payload.len, (size_t)(l));            \
	} while (0)

#define hand_expect_nothing(h) assert_false(hand_get(h))

/* All that comes is thrown away. */
static inline unsigned hand_drain(struct hand *h)
{
	unsigned cnt = 0;

	while (hand_get(h))
		cnt++;
	return cnt;
}

/* Time passes, and what happens in it. Returns the segments that came. */
static inline unsigned hand_wait(struct hand *h, uint64_t ns)
{
	uint64_t end_ns = h->now_ns + ns;
	unsigned cnt = hand_drain(h);

	while (gyl_streams_deadline_ns(h->t) <= end_ns) {
		uint64_t at_ns = gyl_streams_deadline_ns(h->t);

		h->now_ns = at_ns > h->now_ns ? at_ns : h->now_ns;
		cnt += hand_drain(h);
	}
	h->now_ns = end_ns;
	return cnt + hand_drain(h);
}

static inline struct gyl_view hand_syn_options(uint16_t mss, int wscale, bool sack)
{
	static uint8_t buf[GYL_TCP_OPTIONS_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	if (mss != 0)
		gyl_tcp_put_mss(&w, mss);
	if (wscale >= 0)
		gyl_tcp_put_wscale(&w, (uint8_t)wscale);
	if (sack)
		gyl_tcp_put_sack_permitted(&w);
	return gyl_writer_view(&w);
}

/* They open a connection; the next numbers are HAND_ISN + 1 and h->iss + 1. */
static inline void hand_accept(struct hand *h, struct gyl_view options)
{
	hand_put_opts(h, S, HAND_ISN, 0, 0, options);
	assert_true(hand_get(h));
	assert_int_equal(h->tcp.flags, S | A);
	assert_int_equal(h->tcp.ack, HAND_ISN + 1);
	h->iss = h->tcp.seq;
	if (h->ts_val != 0)
		h->ts_ecr = h->known.ts_val;
	hand_put(h, A, HAND_ISN + 1, h->iss + 1, 0);
	assert_int_equal(h->seen, GYL_STREAM_EV_OPENED);
	h->seen = 0;
	hand_expect_nothing(h);
}

/* We open one; the SYN is in h->tcp. */
static inline void hand_connect(struct hand *h)
{
	struct gyl_net_peer to = {.ip = h->peer_ip,
		.local_ip = HAND_US,
		.port = h->port,
		.local_port = h->local_port = 40000};

	assert_int_equal(
		gyl_stream_connect(h->t, h->now_ns, &to, h->mtu, 3, &h->id), GYL_STREAM_OK);
	assert_true(hand_get(h));
	assert_int_equal(h->tcp.flags, S);
	h->iss = h->tcp.seq;
}

static inline struct gyl_stream_info hand_info(const struct hand *h)
{
	struct gyl_stream_info info;

	assert_true(gyl_stream_info(h->t, h->id, &info));
	return info;
}

static inline size_t hand_write(struct hand *h, size_t len)
{
	static const uint8_t zeros[70000];

	return gyl_stream_write(h->t, h->now_ns, h->id, gyl_view(zeros, len));
}

static inline void hand_nodelay(struct hand *h)
{
	struct gyl_stream_opts o = gyl_stream_opts(h->t, h->id);

	o.nodelay = true;
	gyl_stream_set_opts(h->t, h->now_ns, h->id, &o);
}

static inline struct gyl_streams_stat hand_stat(const struct hand *h)
{
	return gyl_streams_stat(h->t);
}

#endif
