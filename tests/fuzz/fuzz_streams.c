/* SPDX-License-Identifier: ISC */
/*
 * Segments, time steps and the owner's calls, from octets, through a station's TCP whose limits are
 * so small that all of them are met. Segments come from the network (numbers near the real ones,
 * as the octets choose) and out of a second station, so that connections get far. After each step:
 * counts are within their bounds and agree, windows do not shrink, what is read is what can be,
 * every segment that leaves is one that our decoder takes and no longer than the path allows. In
 * the end all streams are reset, and nothing is left.
 *
 * A step is one octet, of which the low three bits say what, the others and those behind it how.
 */
#include <gyl/net/streams.h>
#include <gyl/tcp.h>
#include <gyl/time.h>

#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	MTU = 700,
	CONN_MAX = 6,
	BUF_LEN = 4096,
	MEM_LEN = 400000
};

struct station {
	struct gyl_streams *t;
	uint32_t ip;
	uint32_t id[CONN_MAX]; /* 0: none */
	uint32_t edge[CONN_MAX];
	bool has_edge[CONN_MAX];
};

struct world {
	struct station st[2];
	uint64_t now_ns;
	const uint8_t *p;
	size_t left;
	/* The last segment of each station, to be given to the other. */
	uint8_t seg[2][MTU];
	size_t seg_len[2];
};

static uint8_t next(struct world *w)
{
	if (w->left == 0)
		return 0;
	w->left--;
	return *w->p++;
}

static struct gyl_streams_conf conf(void)
{
	static const uint8_t key[16] = {3};
	struct gyl_streams_conf cf = gyl_streams_defaults(key);

	cf.conn_max = CONN_MAX;
	cf.half_max = 2;
	cf.wait_max = 2;
	cf.listen_max = 2;
	cf.buf_len = BUF_LEN;
	cf.buf_max = 4;
	return cf;
}

static void check_stream(struct station *s, int i)
{
	struct gyl_stream_info info;
	struct gyl_view v = gyl_stream_peek(s->t, s->id[i]);

	if (!gyl_stream_info(s->t, s->id[i], &info)) {
		REQUIRE(v.len == 0 && gyl_stream_room(s->t, s->id[i]) == 0);
		s->has_edge[i] = false;
		return;
	}
	REQUIRE(info.unread_len <= BUF_LEN && v.len <= info.unread_len);
	REQUIRE(info.unacked_len <= BUF_LEN && gyl_stream_room(s->t, s->id[i]) <= BUF_LEN);
	REQUIRE((int32_t)(info.snd_nxt - info.snd_una) >= 0);
	REQUIRE(info.snd_nxt - info.snd_una <= BUF_LEN + 1);
	if (info.state < GYL_STREAM_ESTABLISHED || info.state == GYL_STREAM_TIME_WAIT)
		return;
	REQUIRE(info.rcv_wnd <= BUF_LEN || info.rcv_wnd + 1 == 0);
	if (s->has_edge[i])
		REQUIRE((int32_t)(info.rcv_nxt + info.rcv_wnd - s->edge[i]) >= 0);
	s->has_edge[i] = true;
	s->edge[i] = info.rcv_nxt + info.rcv_wnd;
}

static void check(struct world *w)
{
	for (int k = 0; k < 2; k++) {
		struct gyl_streams_stat stat = gyl_streams_stat(w->st[k].t);

		REQUIRE(stat.conn_cnt <= CONN_MAX && stat.half_cnt <= 2 && stat.wait_cnt <= 2);
		REQUIRE(stat.buf_cnt <= 4);
		for (int i = 0; i < CONN_MAX; i++)
			check_stream(&w->st[k], i);
	}
}

static void events(struct station *s)
{
	struct gyl_stream_event ev;

	while (gyl_streams_event(s->t, &ev)) {
		uint32_t i = ev.id & 0x7fff;

		REQUIRE(i < CONN_MAX && ev.what != 0);
		REQUIRE((ev.what & GYL_STREAM_EV_OPENED) != 0 || s->id[i] == ev.id);
		s->id[i] = (ev.what & GYL_STREAM_EV_CLOSED) != 0 ? 0 : ev.id;
		s->has_edge[i] = false;
	}
}

static void give(struct world *w, int to, struct gyl_view data, uint16_t mtu)
{
	struct gyl_streams_seg seg = {.peer = {.ip = w->st[1 - to].ip, .local_ip = w->st[to].ip},
		.data = data,
		.checksum = GYL_CHECKSUM_SKIP,
		.mtu = mtu};

	gyl_streams_input(w->st[to].t, w->now_ns, &seg);
}

/* The next segment of a station is in seg[k]. False: it has none. */
static bool emit(struct world *w, int k)
{
	struct station *s = &w->st[k];
	struct gyl_net_peer peer;
	struct gyl_tcp tcp;
	uint8_t ttl;

	if (!gyl_streams_next(s->t, w->now_ns, &peer, &ttl))
		return false;
	REQUIRE(peer.local_ip == s->ip && peer.ip == w->st[1 - k].ip && ttl > 0);
	w->seg_len[k] = gyl_streams_emit(s->t, w->now_ns, w->seg[k], MTU - 20);
	REQUIRE(gyl_tcp_decode(gyl_view(w->seg[k], w->seg_len[k]), s->ip, peer.ip, 0, &tcp).err ==
		GYL_OK);
	return true;
}

/* All that a station has to send; only the last one is kept. */
static void fetch(struct world *w, int k, bool skip)
{
	struct station *s = &w->st[k];
	struct gyl_net_peer peer;
	unsigned cnt = 0;
	uint8_t ttl;

	while (skip && gyl_streams_next(s->t, w->now_ns, &peer, &ttl)) {
		gyl_streams_skip(s->t, w->now_ns);
		REQUIRE(cnt++ < 1000);
	}
	/* More than once: what found no room among the answers stays due. */
	do {
		gyl_streams_tick(s->t, w->now_ns);
		while (emit(w, k))
			REQUIRE(cnt++ < 1000);
		REQUIRE(cnt++ < 1000);
	} while (gyl_streams_deadline_ns(s->t) <= w->now_ns);
}

/* A wire between the two, for a while; each bit of the next octet loses a segment. */
static void exchange(struct world *w)
{
	uint8_t lost = next(w);

	for (int i = 0; i < 40; i++) {
		int k = i & 1;

		gyl_streams_tick(w->st[k].t, w->now_ns);
		while (emit(w, k)) {
			if ((lost & 1) == 0)
				give(w, 1 - k, gyl_view(w->seg[k], w->seg_len[k]), MTU);
			lost >>= 1;
			w->now_ns += GYL_NS_PER_MS;
		}
	}
}

/* The other station's last segment, maybe changed in one place. */
static void pass_on(struct world *w, int to, uint8_t how)
{
	uint8_t buf[MTU];
	size_t len = w->seg_len[1 - to];

	if (len == 0)
		return;
	memcpy(buf, w->seg[1 - to], len);
	if ((how & 1) != 0)
		buf[next(w) % len] ^= next(w);
	give(w, to, gyl_view(buf, len), MTU);
}

static uint32_t near(struct world *w, uint32_t n)
{
	static const int32_t steps[] = {
		0, 0, 0, 1, -1, 2, 10, 100, -10, -600, 1000, 4095, 4096, 4097, -4096, INT32_MAX};

	return n + (uint32_t)steps[next(w) & 15];
}

/* A segment out of nothing, to a stream or to a port. */
static void forge(struct world *w, int to, uint8_t how)
{
	static const uint8_t zeros[600];
	struct station *s = &w->st[to];
	struct gyl_stream_info info = {0};
	struct gyl_tcp tcp = {.dst_port = 80};
	struct gyl_tcp_sack sack;
	uint8_t opts[40], buf[MTU];
	struct gyl_writer o, b;

	tcp.src_port = (uint16_t)(1000 + (how & 3));
	if (gyl_stream_info(s->t, s->id[next(w) % CONN_MAX], &info)) {
		tcp.src_port = info.peer.port;
		tcp.dst_port = info.peer.local_port;
	}
	tcp.flags = next(w) & 0x3f;
	tcp.seq = near(w, info.rcv_nxt);
	tcp.ack = near(w, (how & 8) != 0 ? info.snd_nxt : info.snd_una);
	tcp.window = (uint16_t)(next(w) << 5);
	tcp.payload = gyl_view(zeros, (size_t)(next(w) & 15) * 40);
	gyl_writer_init(&o, opts, sizeof opts);
	if ((how & 4) != 0)
		gyl_tcp_put_mss(&o, (uint16_t)(next(w) << 3));
	if (info.has_timestamps || (how & 16) != 0)
		gyl_tcp_put_timestamps(&o, near(w, (uint32_t)(w->now_ns >> 20)), near(w, 0));
	sack.left = near(w, info.snd_una);
	sack.right = near(w, info.snd_nxt);
	if (info.has_sack)
		gyl_tcp_put_sack(&o, &sack, 1);
	else if ((how & 2) != 0)
		gyl_tcp_put_sack_permitted(&o);
	tcp.options = gyl_writer_view(&o);
	gyl_writer_init(&b, buf, sizeof buf);
	gyl_tcp_encode(&b, &tcp, w->st[1 - to].ip, s->ip);
	give(w, to, gyl_writer_view(&b), (uint16_t)((how & 32) != 0 ? 600 : MTU));
}

static void open_one(struct world *w, int k, uint8_t how)
{
	struct station *s = &w->st[k];
	struct gyl_net_peer to = {.ip = w->st[1 - k].ip,
		.local_ip = s->ip,
		.port = (how & 4) != 0 ? 80 : (uint16_t)(1000 + (how & 3)),
		.local_port = (how & 4) != 0 ? (uint16_t)(1000 + (how & 3)) : 80};
	uint32_t id;

	if (gyl_stream_connect(s->t, w->now_ns, &to, MTU, 1, &id) == GYL_STREAM_OK)
		s->id[id & 0x7fff] = id;
}

static void work(struct world *w, int k, uint8_t how)
{
	static const uint8_t zeros[BUF_LEN];
	struct station *s = &w->st[k];
	uint32_t id = s->id[next(w) % CONN_MAX];
	struct gyl_stream_opts o = gyl_stream_opts(s->t, id);
	struct gyl_view v = gyl_stream_peek(s->t, id);

	switch (how & 7) {
	case 0:
	case 1:
		gyl_stream_write(
			s->t, w->now_ns, id, gyl_view(zeros, (size_t)next(w) << (how >> 1 & 3)));
		break;
	case 2:
	case 3:
		gyl_stream_take(s->t, w->now_ns, id, (how & 8) != 0 ? v.len : v.len / 3);
		break;
	case 4:
		gyl_stream_shutdown(s->t, w->now_ns, id);
		break;
	case 5:
		gyl_stream_close(s->t, w->now_ns, id);
		break;
	case 6:
		gyl_stream_reset(s->t, w->now_ns, id);
		break;
	case 7:
		o.nodelay = (how & 8) != 0;
		o.keepalive = (how & 16) != 0;
		o.keep_idle_ns = o.keep_gap_ns = GYL_NS_PER_S;
		o.keep_cnt = 2;
		o.ttl = 9;
		gyl_stream_set_opts(s->t, w->now_ns, id, &o);
		break;
	}
}

static void icmp(struct world *w, int k, uint8_t how)
{
	struct gyl_stream_info info;
	struct gyl_streams_trouble tr = {
		.ip = w->st[1 - k].ip, .local_ip = w->st[k].ip, .is_hard = (how & 1) != 0};

	if (!gyl_stream_info(w->st[k].t, w->st[k].id[next(w) % CONN_MAX], &info))
		return;
	tr.port = info.peer.port;
	tr.local_port = info.peer.local_port;
	tr.seq = near(w, info.snd_una);
	tr.mtu = (how & 2) != 0 ? (uint16_t)(next(w) * 3) : 0;
	gyl_streams_icmp(w->st[k].t, w->now_ns, &tr);
}

static void step(struct world *w)
{
	uint8_t what = next(w), how = what >> 3;
	int k = next(w) & 1;

	switch (what & 7) {
	case 0:
		w->now_ns += (uint64_t)1 << (how + 12);
		break;
	case 1:
		forge(w, k, next(w));
		break;
	case 2:
		pass_on(w, k, how);
		break;
	case 3:
		open_one(w, k, how);
		break;
	case 4:
	case 5:
		work(w, k, how);
		break;
	case 6:
		icmp(w, k, how);
		break;
	case 7:
		if ((how & 1) != 0)
			exchange(w);
		else
			fetch(w, k, how == 0);
		break;
	}
	if (how % 3 != 0)
		events(&w->st[k]);
}

static void end(struct world *w)
{
	for (int k = 0; k < 2; k++) {
		struct station *s = &w->st[k];
		struct gyl_streams_stat stat;

		events(s);
		for (int i = 0; i < CONN_MAX; i++)
			gyl_stream_reset(s->t, w->now_ns, s->id[i]);
		events(s);
		fetch(w, k, false);
		w->now_ns += GYL_NS_PER_HOUR;
		fetch(w, k, false);
		stat = gyl_streams_stat(s->t);
		REQUIRE(stat.conn_cnt == 0 && stat.half_cnt == 0);
		REQUIRE(stat.wait_cnt == 0 && stat.buf_cnt == 0);
		REQUIRE(gyl_streams_deadline_ns(s->t) == UINT64_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(64) uint8_t mem[2][MEM_LEN];
	struct gyl_streams_conf cf = conf();
	struct world w = {.now_ns = GYL_NS_PER_S, .p = data, .left = size};

	REQUIRE(gyl_streams_need(&cf) <= MEM_LEN);
	for (int k = 0; k < 2; k++) {
		memset(mem[k], 0xa5, MEM_LEN);
		w.st[k].t = gyl_streams_init(mem[k], &cf);
		w.st[k].ip = 0x0a000001 + (uint32_t)k;
		REQUIRE(gyl_stream_listen(w.st[k].t,
				&(struct gyl_stream_listener){.local_port = 80}) == GYL_STREAM_OK);
	}
	while (w.left > 0) {
		step(&w);
		check(&w);
	}
	end(&w);
	return 0;
}
