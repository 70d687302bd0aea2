/* SPDX-License-Identifier: ISC */
#include "tests/support/simhost.h"

#include <errno.h>
#include <stdlib.h>

/* The last queue stands for the port of core-opened sockets. */
enum {
	OPENED = SIM_PORT - 1
};

static int sim_listen(void *h, const struct gyl_bind *b)
{
	struct simhost *s = h;

	if (s->port_cnt == OPENED)
		return -EMFILE;
	s->bind[s->port_cnt] = *b;
	return (int)s->port_cnt++;
}

static void move_clock(struct simhost *s, uint64_t to_ns)
{
	if (to_ns > s->now.mono_ns) {
		s->now.wall_ns += to_ns - s->now.mono_ns;
		s->now.mono_ns = to_ns;
	}
}

static uint64_t sim_wait(void *h, uint64_t until_ns, struct gyl_now *ret_now)
{
	struct simhost *s = h;
	uint64_t ready = 0;

	for (unsigned i = 0; i < s->port_cnt; i++)
		if (s->queue_head[i] != s->queue_tail[i])
			ready |= UINT64_C(1) << i;
	if (s->queue_head[OPENED] != s->queue_tail[OPENED])
		ready |= UINT64_C(1) << GYL_PORT_OPENED;
	move_clock(s, s->now.mono_ns + s->step_ns);
	if (ready == 0 && until_ns != UINT64_MAX && !(s->in_flight && !s->flush_held))
		move_clock(s, until_ns);
	*ret_now = s->now;
	return ready;
}

static int queue_of(int port)
{
	return port == GYL_PORT_OPENED ? OPENED : port;
}

static size_t sim_recv(void *h, int port, struct gyl_in *in, size_t cap)
{
	struct simhost *s = h;
	size_t cnt = 0;
	int q = queue_of(port);

	while (cnt < cap && s->queue_tail[q] != s->queue_head[q]) {
		struct sim_packet *p = &s->queue[q][s->queue_tail[q]++ % SIM_QUEUE];

		memset(&in[cnt], 0, sizeof in[cnt]);
		in[cnt].kind = GYL_IN_DGRAM;
		in[cnt].port = (uint8_t)port;
		in[cnt].role = s->bind[q].role;
		in[cnt].flow = p->flow;
		in[cnt].peer = p->peer;
		in[cnt].data = gyl_view(p->data, p->len);
		cnt++;
	}
	return cnt;
}

static void sim_unread(void *h, int port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	struct simhost *s = h;

	(void)in;
	s->queue_tail[queue_of(port)] -= (unsigned)(cnt - taken);
}

static size_t sim_lend(void *h, struct gyl_send *slot, size_t cnt)
{
	struct simhost *s = h;

	for (size_t i = 0; i < cnt && i < 64; i++) {
		slot[i].p = s->slot[i];
		slot[i].cap = SIM_LEN;
		slot[i].len = 0;
	}
	return cnt < 64 ? cnt : 64;
}

static void sim_send(void *h, struct gyl_send *slot, size_t cnt)
{
	struct simhost *s = h;

	for (size_t i = 0; i < cnt; i++) {
		struct sim_packet *p;

		if (slot[i].len == 0)
			continue;
		assert_true(s->sent_cnt < SIM_SENT);
		p = &s->sent[s->sent_cnt++];
		p->peer = slot[i].to;
		p->port = slot[i].port;
		p->flow = slot[i].flow;
		p->len = slot[i].len;
		p->at_ns = s->now.mono_ns;
		memcpy(p->data, slot[i].p, slot[i].len);
	}
}

static int sim_flow(void *h, uint32_t flow, int op, const struct gyl_peer *to)
{
	struct simhost *s = h;

	(void)to;
	assert_true(op == GYL_FLOW_OPEN_UDP && s->opened_cnt < SIM_PORT);
	s->opened[s->opened_cnt++] = flow;
	return 0;
}

static int sim_blk_read(void *h, int dev, uint64_t unit, uint8_t *buf, size_t cnt)
{
	struct simhost *s = h;

	if (unit + cnt > SIM_UNITS)
		return -EINVAL;
	memcpy(buf, s->blk[dev] + unit * GYL_UNIT_LEN, cnt * GYL_UNIT_LEN);
	return 0;
}

static int sim_blk_write(
	void *h, int dev, uint64_t unit, const uint8_t *buf, size_t cnt, uint64_t token)
{
	struct simhost *s = h;

	assert_false(s->in_flight);
	if (unit + cnt > SIM_UNITS)
		return -EINVAL;
	s->in_flight = true;
	s->flight_dev = dev;
	s->flight_unit = unit;
	s->flight_buf = buf;
	s->flight_cnt = cnt;
	s->flight_token = token;
	return 0;
}

static bool sim_blk_done(void *h, uint64_t *ret_token, int *ret_err)
{
	struct simhost *s = h;

	if (!s->in_flight || s->flush_held)
		return false;
	s->in_flight = false;
	*ret_token = s->flight_token;
	*ret_err = s->flush_err;
	if (s->flush_err == 0)
		memcpy(s->blk[s->flight_dev] + s->flight_unit * GYL_UNIT_LEN, s->flight_buf,
			s->flight_cnt * GYL_UNIT_LEN);
	s->flush_err = 0;
	s->flush_cnt++;
	return true;
}

static int sim_job(void *h, void (*fn)(void *), void (*done)(void *), void *arg)
{
	(void)h;
	fn(arg);
	done(arg);
	return 0;
}

static void sim_stat(void *h, struct gyl_host_stat *ret_stat)
{
	(void)h;
	memset(ret_stat, 0, sizeof *ret_stat);
}

static bool sim_addr(void *h, unsigned iface, unsigned n, uint32_t *ret_ip, uint8_t *ret_prefix,
	uint8_t ret_mac[6])
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};

	(void)h;
	*ret_ip = 0x0a4d0001;
	*ret_prefix = 24;
	memcpy(ret_mac, mac, sizeof mac);
	return iface == 0 && n == 0;
}

static void sim_host_close(void *h)
{
	(void)h;
}

static bool sim_conflict(void *h, uint32_t *ret_ip, uint8_t ret_mac[6])
{
	struct simhost *s = h;
	bool seen = s->conflict;

	s->conflict = false;
	*ret_ip = 0x0a4d0001;
	memset(ret_mac, 6, 6);
	return seen;
}

static uint64_t sim_lost(void *h)
{
	return ((struct simhost *)h)->lost;
}

static int sim_gone(void *h)
{
	return ((struct simhost *)h)->gone;
}

static uint64_t sim_clock_ns(void *h)
{
	struct simhost *s = h;

	return s->now.mono_ns + s->busy_ns;
}

static const struct gyl_host_ops sim_ops = {sim_listen, sim_wait, sim_recv, sim_unread, sim_lend,
	sim_send, sim_flow, sim_blk_read, sim_blk_write, sim_blk_done, sim_job, sim_stat, sim_addr,
	sim_host_close, sim_conflict, sim_lost, sim_gone, sim_clock_ns, NULL, NULL, NULL, NULL};

struct gyl_host sim_open(struct simhost *s)
{
	struct gyl_host host = {&sim_ops, s};

	memset(s, 0, sizeof *s);
	s->now.mono_ns = UINT64_C(1000000000000);
	s->now.wall_ns = UINT64_C(1795000000000000000); /* 2026-11-18 */
	s->step_ns = 1000;
	s->sent = calloc(SIM_SENT, sizeof *s->sent);
	assert_non_null(s->sent);
	for (int i = 0; i < 2; i++) {
		s->blk[i] = calloc(SIM_UNITS, GYL_UNIT_LEN);
		assert_non_null(s->blk[i]);
	}
	for (int i = 0; i < SIM_PORT; i++) {
		s->queue[i] = calloc(SIM_QUEUE, sizeof *s->queue[i]);
		assert_non_null(s->queue[i]);
	}
	return host;
}

void sim_close(struct simhost *s)
{
	for (int i = 0; i < SIM_PORT; i++)
		free(s->queue[i]);
	free(s->blk[0]);
	free(s->blk[1]);
	free(s->sent);
}

void sim_put(
	struct simhost *s, unsigned port, const struct gyl_peer *peer, const void *data, size_t len)
{
	struct sim_packet *p = &s->queue[port][s->queue_head[port]++ % SIM_QUEUE];

	assert_true(s->queue_head[port] - s->queue_tail[port] <= SIM_QUEUE && len <= SIM_LEN);
	p->peer = *peer;
	p->port = (uint8_t)port;
	p->flow = 0;
	p->len = (uint32_t)len;
	memcpy(p->data, data, len);
}

void sim_put_opened(struct simhost *s, uint32_t flow, const void *data, size_t len)
{
	struct gyl_peer peer = {.ip = 0x0a4d0003};

	sim_put(s, OPENED, &peer, data, len);
	s->queue[OPENED][(s->queue_head[OPENED] - 1) % SIM_QUEUE].flow = flow;
}
