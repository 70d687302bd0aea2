/* SPDX-License-Identifier: ISC */

/*
 * Sockets that cores open: UDP from a random port to one peer. Their inputs come by port
 * GYL_PORT_OPENED: opened first, closed last. TCP stands beside them in stack_tcp.c, in one space
 * of numbers.
 */

#include <errno.h>

#include "libnet/host/stack.h"

enum {
	PORT_MIN = 32768, /* the range of Linux: resolvers and firewalls expect it */
	PORT_CNT = 60999 - PORT_MIN + 1,
	PORT_TRIES = 64
};

static uint16_t *chain_of(struct gyl__stack_host *k, uint32_t flow)
{
	return &k->flow_head[flow % GYL__FLOW_MAX];
}

void gyl__stack_flow_init(struct gyl__stack_host *k)
{
	k->flow_free = GYL__NODE_NONE;
	for (unsigned i = GYL__FLOW_MAX; i-- > 0;) {
		k->flow_head[i] = GYL__NODE_NONE;
		k->flow[i].next = k->flow_free;
		k->flow_free = (uint16_t)i;
	}
}

/* Of any state but free. */
static uint16_t find(const struct gyl__stack_host *k, uint32_t flow)
{
	uint16_t i = k->flow_head[flow % GYL__FLOW_MAX];

	while (i != GYL__NODE_NONE && k->flow[i].flow != flow)
		i = k->flow[i].next;
	return i;
}

const struct gyl__flow *gyl__stack_flow_find(const struct gyl__stack_host *k, uint32_t flow)
{
	uint16_t i = find(k, flow);

	return i == GYL__NODE_NONE || k->flow[i].state != GYL__FLOW_OPEN ? NULL : &k->flow[i];
}

void gyl__stack_flow_free(struct gyl__stack_host *k, unsigned i)
{
	uint16_t *at = chain_of(k, k->flow[i].flow);

	while (*at != i)
		at = &k->flow[*at].next;
	*at = k->flow[i].next;
	k->flow[i].state = GYL__FLOW_FREE;
	k->flow[i].next = k->flow_free;
	k->flow_free = (uint16_t)i;
}

/* RFC 6056 3.3.1: a random port, another one when it is in use. */
static int bind_random(
	struct gyl__stack_host *k, unsigned i, const struct gyl_peer *to, uint32_t local_ip)
{
	struct gyl_stack_sock sock = {.flow = i,
		.port = GYL_PORT_OPENED,
		.local_ip = local_ip,
		.remote_ip = to->ip,
		.remote_port = to->port};

	for (int tries = 0; tries < PORT_TRIES; tries++) {
		uint64_t rnd;
		enum gyl_stack_bound r;

		if (gyl_rng_below(k->rng, PORT_CNT, &rnd) != GYL_CRYPTO_OK)
			return -EAGAIN;
		sock.local_port = (uint16_t)(PORT_MIN + rnd);
		r = gyl_stack_bind(k->stack, &sock);
		if (r == GYL_STACK_BOUND)
			return sock.local_port;
		if (r == GYL_STACK_FULL)
			return -EMFILE;
	}
	return -EADDRINUSE;
}

static int check_new(struct gyl__stack_host *k, uint32_t flow, const struct gyl_peer *to)
{
	if (flow == 0 || flow >> 31 != 0 || to->port == 0)
		return -EINVAL;
	return find(k, flow) != GYL__NODE_NONE || gyl__stack_tcp_find(k, flow) != NULL ? -EEXIST
										       : 0;
}

static int open_udp(struct gyl__stack_host *k, uint32_t flow, const struct gyl_peer *to)
{
	uint16_t i = k->flow_free;
	uint32_t local_ip = to->local_ip;
	struct gyl__flow *f;
	uint8_t iface;
	int port;

	port = check_new(k, flow, to);
	if (port != 0)
		return port;
	if (i == GYL__NODE_NONE)
		return -EMFILE;
	if (!gyl__stack_is_ours(k, 0, local_ip) &&
		!gyl_stack_route(k->stack, to->ip, &iface, &local_ip))
		return -ENETUNREACH;
	port = bind_random(k, i, to, local_ip);
	if (port < 0)
		return port;
	f = &k->flow[i];
	k->flow_free = f->next;
	f->flow = flow;
	f->state = GYL__FLOW_OPEN;
	f->peer = *to;
	f->peer.local_ip = local_ip;
	f->peer.local_port = (uint16_t)port;
	f->next = *chain_of(k, flow);
	*chain_of(k, flow) = i;
	gyl__stack_queue(k, GYL_PORT_OPENED, (uint16_t)(GYL__IN_CNT + 2 * i));
	return 0;
}

static int open_tcp(struct gyl__stack_host *k, uint32_t flow, const struct gyl_peer *to)
{
	int err = check_new(k, flow, to);

	return err != 0 ? err : gyl__stack_tcp_connect(k, flow, to);
}

static int close_flow(struct gyl__stack_host *k, uint32_t flow)
{
	uint16_t i = find(k, flow);

	if (i == GYL__NODE_NONE || k->flow[i].state != GYL__FLOW_OPEN)
		return -ENOENT;
	gyl_stack_unbind(k->stack, k->flow[i].peer.local_port, 0);
	k->flow[i].state = GYL__FLOW_CLOSED;
	gyl__stack_queue(k, GYL_PORT_OPENED, (uint16_t)(GYL__IN_CNT + 2 * i + 1));
	return 0;
}

static int adopt(struct gyl__stack_host *k, int op, const struct gyl_peer *to)
{
	if (op == GYL_FLOW_ADOPT)
		return gyl_stack_adopt(k->stack, to->iface, to->local_ip) ? 0 : -EEXIST;
	gyl_stack_disown(k->stack, to->iface, to->local_ip);
	return 0;
}

int gyl__stack_flow(struct gyl__stack_host *k, uint32_t flow, int op, const struct gyl_peer *to)
{
	struct gyl__stack_tcp *c;

	if (op == GYL_FLOW_ADOPT || op == GYL_FLOW_LEAVE)
		return adopt(k, op, to);
	if (gyl_socks_flow_accepted(flow))
		return gyl_socks_flow(k->socks, flow, op, to);
	c = gyl__stack_tcp_find(k, flow);
	if (c != NULL && op != GYL_FLOW_OPEN_UDP && op != GYL_FLOW_OPEN_TCP)
		return gyl__stack_tcp_flow(k, c, op);
	switch (op) {
	case GYL_FLOW_OPEN_TCP:
		return open_tcp(k, flow, to);
	case GYL_FLOW_OPEN_UDP:
		return open_udp(k, flow, to);
	case GYL_FLOW_CLOSE:
	case GYL_FLOW_RESET:
		return close_flow(k, flow);
	default:
		return -EINVAL;
	}
}
