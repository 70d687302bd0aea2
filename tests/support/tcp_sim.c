/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <gyl/tcp.h>

#include "tests/support/support.h"
#include "tests/support/tcp_sim.h"

enum {
	CANARY = 0xa5,
	CANARY_LEN = 16,
	SAME_MAX = 100000
};

_Noreturn void tcp_sim_fail(const struct tcp_sim *s, const char *why)
{
	fail_msg(
		"seed %" PRIu64 ", at %" PRIu64 " us: %s", s->seed, s->now_ns / GYL_NS_PER_US, why);
	abort();
}

static void open_side(struct tcp_sim *s, int i, const struct gyl_streams_conf *cf)
{
	size_t need = gyl_streams_need(cf);

	if (need == 0)
		tcp_sim_fail(s, "the machine's settings are out of range");
	s->side[i].mem = aligned_alloc(64, (need + 63) & ~(size_t)63);
	if (s->side[i].mem == NULL)
		abort();
	s->side[i].t = gyl_streams_init(s->side[i].mem, cf);
	if (s->side[i].t == NULL)
		tcp_sim_fail(s, "the machine does not start");
}

void tcp_sim_open(struct tcp_sim *s, const struct gyl_streams_conf cf[2],
	const struct link_conf link[2], uint64_t seed)
{
	const char *trace = getenv("GYL_SIM_TRACE");

	memset(s, 0, sizeof *s);
	s->seed = seed;
	s->now_ns = GYL_NS_PER_S;
	s->trace = trace != NULL && *trace == '1';
	for (int i = 0; i < 2; i++) {
		open_side(s, i, &cf[i]);
		s->side[i].mtu = s->side[i].dev_mtu = 1500;
		link_open(&s->link[i], &link[i], seed * 2 + (uint64_t)i);
	}
}

void tcp_sim_close(struct tcp_sim *s)
{
	for (int i = 0; i < 2; i++) {
		free(s->side[i].mem);
		link_close(&s->link[i]);
	}
}

void tcp_sim_crash(struct tcp_sim *s, int i, const struct gyl_streams_conf *cf)
{
	free(s->side[i].mem);
	open_side(s, i, cf);
}

struct gyl_net_peer tcp_sim_peer(int i, uint16_t port, uint16_t local_port)
{
	struct gyl_net_peer p;

	memset(&p, 0, sizeof p);
	p.ip = SIM_IP + 1 - (uint32_t)i;
	p.local_ip = SIM_IP + (uint32_t)i;
	p.port = port;
	p.local_port = local_port;
	return p;
}

/* ---- what is sent ---- */

static void trace(const struct tcp_sim *s, int from, const struct gyl_tcp *t, const char *what)
{
	uint8_t text[400];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	gyl_tcp_print(&w, t);
	printf("%12.6f %s %.*s%s\n", (double)s->now_ns / 1e9, from == 0 ? "A>" : "   <B",
		(int)gyl_writer_view(&w).len, (const char *)text, what);
}

/* Each segment is well-formed, right and fits. */
static void check(struct tcp_sim *s, int from, struct gyl_view segment, struct gyl_tcp *ret)
{
	struct gyl_tcp_known known;
	struct gyl_fault f = gyl_tcp_decode(
		segment, SIM_IP + (uint32_t)from, SIM_IP + 1 - (uint32_t)from, 0, ret);

	if (f.err != GYL_OK || gyl_tcp_known_get(ret->options, &known).err != GYL_OK)
		tcp_sim_fail(s, "a segment is not well-formed");
	if (segment.len + 20 > s->side[from].dev_mtu)
		tcp_sim_fail(s, "a segment exceeds the MTU");
	for (uint8_t i = 0; i < known.sack_cnt; i++)
		if ((int32_t)(known.sack[i].right - known.sack[i].left) <= 0)
			tcp_sim_fail(s, "a SACK block is empty");
}

static void path(struct tcp_sim *s, int from, struct gyl_view segment, const struct gyl_tcp *t)
{
	struct link *l = &s->link[from];
	enum link_fate fate = LINK_LOST;

	if (s->filter == NULL || s->filter(s, from, segment))
		fate = link_send(l, s->now_ns, segment);
	if (s->trace)
		trace(s, from, t, link_fate_text(fate));
	if (fate == LINK_TOO_BIG)
		link_send_icmp(&s->link[1 - from], s->now_ns, segment, l->cf.mtu);
}

static bool ring_is_full(const struct tcp_sim *s, int i)
{
	return s->side[i].ring_ns != 0 && s->link[i].free_ns > s->now_ns + s->side[i].ring_ns;
}

static bool send_one(struct tcp_sim *s, int from)
{
	static uint8_t buf[SIM_MTU_MAX + CANARY_LEN];
	size_t cap = s->side[from].dev_mtu - 20u, len;
	struct gyl_net_peer peer;
	struct gyl_tcp t;
	uint8_t ttl = 0;
	bool is_stranger;

	if (ring_is_full(s, from) || !gyl_streams_next(s->side[from].t, s->now_ns, &peer, &ttl))
		return false;
	is_stranger = peer.ip != SIM_IP + 1 - (uint32_t)from;
	if ((is_stranger && !s->has_strangers) || ttl == 0)
		tcp_sim_fail(s, "a segment goes nowhere");
	memset(buf + cap, CANARY, CANARY_LEN);
	len = gyl_streams_emit(s->side[from].t, s->now_ns, buf, cap);
	if (len > cap || buf[cap] != CANARY || buf[cap + CANARY_LEN - 1] != CANARY)
		tcp_sim_fail(s, "a segment is longer than its buffer");
	if (is_stranger)
		return true;
	check(s, from, gyl_view(buf, len), &t);
	path(s, from, gyl_view(buf, len), &t);
	return true;
}

void tcp_sim_flush(struct tcp_sim *s)
{
	for (int i = 0; i < 2; i++)
		for (unsigned n = 0; send_one(s, i); n++)
			if (n > SAME_MAX)
				tcp_sim_fail(s, "sends without end");
}

/* ---- what arrives ---- */

void tcp_sim_inject(struct tcp_sim *s, int to, struct gyl_view segment)
{
	struct gyl_streams_seg seg;

	memset(&seg, 0, sizeof seg);
	seg.peer = tcp_sim_peer(to, 0, 0);
	seg.data = segment;
	seg.mtu = s->side[to].mtu;
	gyl_streams_input(s->side[to].t, s->now_ns, &seg);
}

static void deliver_icmp(struct tcp_sim *s, int to, const struct link_packet *p)
{
	struct gyl_streams_trouble tr;

	memset(&tr, 0, sizeof tr);
	tr.local_ip = SIM_IP + (uint32_t)to;
	tr.ip = SIM_IP + 1 - (uint32_t)to;
	tr.local_port = gyl_get_u16(p->data);
	tr.port = gyl_get_u16(p->data + 2);
	tr.seq = gyl_get_u32(p->data + 4);
	tr.mtu = p->icmp_mtu;
	if (s->trace)
		printf("%12.6f %s ICMP mtu %u seq %" PRIu32 "\n", (double)s->now_ns / 1e9,
			to == 0 ? "A:" : "   :B", tr.mtu, tr.seq);
	/* As a stack does: the message is believed when TCP knows the segment. */
	if (gyl_streams_icmp(s->side[to].t, s->now_ns, &tr) && tr.mtu < s->side[to].mtu)
		s->side[to].mtu = tr.mtu;
}

static void arrive(struct tcp_sim *s, int to)
{
	struct link_packet *p;

	while ((p = link_take(&s->link[1 - to], s->now_ns)) != NULL) {
		if (p->icmp_mtu != 0)
			deliver_icmp(s, to, p);
		else
			tcp_sim_inject(s, to, gyl_view(p->data, p->len));
		free(p);
	}
}

/* ---- the clock ---- */

static uint64_t side_deadline_ns(const struct tcp_sim *s, int i)
{
	uint64_t at_ns = gyl_streams_deadline_ns(s->side[i].t);

	if (at_ns <= s->now_ns && ring_is_full(s, i))
		return s->link[i].free_ns - s->side[i].ring_ns;
	return at_ns;
}

static uint64_t next_ns(const struct tcp_sim *s)
{
	uint64_t at_ns = UINT64_MAX;

	for (int i = 0; i < 2; i++) {
		uint64_t side_ns = side_deadline_ns(s, i), link_ns = link_deadline_ns(&s->link[i]);

		at_ns = side_ns < at_ns ? side_ns : at_ns;
		at_ns = link_ns < at_ns ? link_ns : at_ns;
	}
	return at_ns;
}

bool tcp_sim_step(struct tcp_sim *s, uint64_t until_ns)
{
	uint64_t at_ns = next_ns(s);

	at_ns = at_ns < until_ns ? at_ns : until_ns;
	if (at_ns == UINT64_MAX)
		return false;
	s->same_cnt = at_ns > s->now_ns ? 0 : s->same_cnt + 1;
	if (s->same_cnt > SAME_MAX)
		tcp_sim_fail(s, "the clock stands still");
	if (at_ns > s->now_ns)
		s->now_ns = at_ns;
	for (int i = 0; i < 2; i++) {
		arrive(s, i);
		if (gyl_streams_deadline_ns(s->side[i].t) <= s->now_ns)
			gyl_streams_tick(s->side[i].t, s->now_ns);
	}
	return true;
}

void tcp_sim_until(struct tcp_sim *s, uint64_t until_ns)
{
	tcp_sim_flush(s);
	while (s->now_ns < until_ns && tcp_sim_step(s, until_ns))
		tcp_sim_flush(s);
}

void tcp_sim_assert_empty(const struct tcp_sim *s)
{
	for (int i = 0; i < 2; i++) {
		struct gyl_streams_stat stat = gyl_streams_stat(s->side[i].t);

		if (stat.conn_cnt + stat.half_cnt + stat.wait_cnt != 0)
			tcp_sim_fail(s, "a control block is left");
		if (stat.buf_cnt != 0)
			tcp_sim_fail(s, "a buffer is left");
		if (gyl_streams_deadline_ns(s->side[i].t) != UINT64_MAX)
			tcp_sim_fail(s, "a timer is left");
	}
}
