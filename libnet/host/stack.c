/* SPDX-License-Identifier: ISC */

/*
 * The face of the stack host: listeners, waiting, and what goes to which of its parts. Unix sockets
 * are the kernel's, as for the kernel host (socks.h).
 */

#include "libnet/host/stack.h"

#include <errno.h>
#include <stdlib.h>

#include <gyl/time.h>

#include "libnet/host/unix.h"

bool gyl__stack_is_ours(const struct gyl__stack_host *k, uint64_t ifaces, uint32_t ip)
{
	for (unsigned i = 0; i < k->iface_cnt; i++) {
		const struct gyl__stack_iface *f = &k->iface[i];

		for (unsigned n = 0; n < f->addr_cnt; n++) {
			if (f->addr[n].ip == ip && (ifaces == 0 || (ifaces >> i & 1) != 0))
				return true;
		}
	}
	return false;
}

/* ---- ports ---- */

static int bound(enum gyl_stack_bound r)
{
	switch (r) {
	case GYL_STACK_BOUND:
		return 0;
	case GYL_STACK_IN_USE:
		return -EADDRINUSE;
	default:
		return -EMFILE;
	}
}

static int listen_udp(struct gyl__stack_host *k, int port, const struct gyl_bind *b)
{
	struct gyl_stack_sock sock = {.port = (uint8_t)port,
		.local_port = b->port,
		.local_ip = b->ip,
		.ifaces = b->ifaces};

	if (b->port == 0)
		return -EINVAL;
	if (b->ip != 0 && !gyl__stack_is_ours(k, b->ifaces, b->ip))
		return -EADDRNOTAVAIL;
	k->port[port].type = GYL__STACK_PORT_UDP;
	k->port[port].udp_port = b->port;
	return bound(gyl_stack_bind(k->stack, &sock));
}

static int listen_tcp(struct gyl__stack_host *k, int port, const struct gyl_bind *b)
{
	if (b->ip != 0 && !gyl__stack_is_ours(k, b->ifaces, b->ip))
		return -EADDRNOTAVAIL;
	k->port[port].type = GYL__STACK_PORT_TCP;
	return gyl__stack_tcp_listen(k, port, b);
}

static int listen_frame(struct gyl__stack_host *k, int port, const struct gyl_bind *b)
{
	k->port[port].type = GYL__STACK_PORT_FRAME;
	k->port[port].ifaces = b->ifaces;
	return bound(gyl_stack_bind_frame(k->stack, b->port, (uint8_t)port));
}

static int listen_unix(struct gyl__stack_host *k, int port, const struct gyl_bind *b)
{
	int fd = gyl_unix_open(b);

	k->port[port].type = GYL__STACK_PORT_SOCKS;
	return fd < 0 ? fd : gyl_socks_listen(k->socks, port, b, fd);
}

static int listen_any(struct gyl__stack_host *k, int port, const struct gyl_bind *b)
{
	switch (b->type) {
	case GYL_BIND_UDP:
		return listen_udp(k, port, b);
	case GYL_BIND_FRAME:
		return listen_frame(k, port, b);
	case GYL_BIND_UNIX_DGRAM:
	case GYL_BIND_UNIX_STREAM:
		return listen_unix(k, port, b);
	case GYL_BIND_TCP:
		return listen_tcp(k, port, b);
	default:
		return -EINVAL;
	}
}

static int stack_listen(void *h, const struct gyl_bind *b)
{
	struct gyl__stack_host *k = h;
	int port = k->port_cnt;
	int err;

	if (port == GYL_PORT_OPENED)
		return -ENOSPC;
	err = listen_any(k, port, b);
	if (err != 0) {
		k->port[port].type = GYL__STACK_PORT_NONE;
		return err;
	}
	k->port[port].role = b->role;
	return k->port_cnt++;
}

/* ---- running ---- */

/* A port whose core took nothing does not keep the loop spinning: it is asked again after a
 * millisecond. */
static uint64_t until(const struct gyl__stack_host *k, uint64_t until_ns)
{
	struct gyl_now now;

	for (unsigned i = 0; i < k->dev_cnt; i++) {
		if (k->dev[i].readable)
			return 0;
		until_ns = gyl_time_min(until_ns, gyl_netdev_deadline_ns(k->dev[i].dev));
	}
	for (unsigned i = 0; i <= GYL_PORT_OPENED && k->ready >> i != 0; i++) {
		if ((k->ready >> i & 1) != 0 && !k->port[i].held)
			return 0;
	}
	if (k->ready != 0) {
		gyl_loop_now(&now);
		until_ns = gyl_time_min(until_ns, now.mono_ns + GYL_NS_PER_MS);
	}
	until_ns = gyl_time_min(until_ns, gyl__stack_tcp_deadline_ns(k));
	return gyl_time_min(until_ns, gyl_stack_deadline_ns(k->stack));
}

static uint64_t stack_wait(void *h, uint64_t until_ns, struct gyl_now *ret_now)
{
	struct gyl__stack_host *k = h;

	gyl__stack_tcp_settle(k);
	gyl__stack_push(k);
	gyl_loop_wait(k->loop, gyl_socks_until(k->socks, until(k, until_ns)));
	gyl_loop_now(&k->now);
	gyl__stack_pump(k);
	*ret_now = k->now;
	return gyl_socks_ready(k->socks) | k->ready;
}

static void stack_nap(void *h, uint64_t until_ns)
{
	struct gyl__stack_host *k = h;

	gyl__stack_tcp_settle(k);
	gyl__stack_push(k);
	gyl_loop_nap(k->loop, until(k, until_ns));
}

static bool is_socks(const struct gyl__stack_host *k, int port)
{
	return k->port[port].type == GYL__STACK_PORT_SOCKS;
}

static size_t stack_recv(void *h, int port, struct gyl_in *in, size_t cap)
{
	struct gyl__stack_host *k = h;

	gyl__stack_tcp_settle(k);
	if (is_socks(k, port))
		return gyl_socks_recv(k->socks, port, in, cap);
	return gyl__stack_recv(k, (unsigned)port, in, cap);
}

static void stack_unread(void *h, int port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	struct gyl__stack_host *k = h;

	if (is_socks(k, port))
		gyl_socks_unread(k->socks, port, in, cnt, taken);
	else
		gyl__stack_unread(k, (unsigned)port, in, cnt, taken);
}

static size_t stack_lend(void *h, struct gyl_send *slot, size_t cnt)
{
	return gyl__stack_lend(h, slot, cnt);
}

static void stack_send(void *h, struct gyl_send *s, size_t cnt)
{
	gyl__stack_send(h, s, cnt);
}

static int stack_flow(void *h, uint32_t flow, int op, const struct gyl_peer *to)
{
	return gyl__stack_flow(h, flow, op, to);
}

static int stack_blk_read(void *h, int dev, uint64_t unit, uint8_t *buf, size_t cnt)
{
	return gyl_loop_blk_read(((struct gyl__stack_host *)h)->loop, dev, unit, buf, cnt);
}

static int stack_blk_write(
	void *h, int dev, uint64_t unit, const uint8_t *buf, size_t cnt, uint64_t token)
{
	return gyl_loop_blk_write(((struct gyl__stack_host *)h)->loop, dev, unit, buf, cnt, token);
}

static bool stack_blk_done(void *h, uint64_t *ret_token, int *ret_err)
{
	return gyl_loop_blk_done(((struct gyl__stack_host *)h)->loop, ret_token, ret_err);
}

static int stack_job(void *h, void (*fn)(void *), void (*done)(void *), void *arg)
{
	return gyl_loop_job(((struct gyl__stack_host *)h)->loop, fn, done, arg);
}

static void stack_stat(void *h, struct gyl_host_stat *ret_stat)
{
	struct gyl__stack_host *k = h;
	struct gyl_stack_stat st = gyl_stack_stat(k->stack);

	*ret_stat = k->stat;
	ret_stat->in_bad_cnt =
		st.eth_bad_cnt + st.eth_vlan_drop_cnt + st.eth_other_drop_cnt +
		st.eth_type_drop_cnt + st.arp_bad_cnt + st.ip_bad_cnt + st.ip_src_drop_cnt +
		st.ip_other_drop_cnt + st.ip_group_drop_cnt + st.ip_source_route_drop_cnt +
		st.reass_bad_cnt + st.reass_dup_drop_cnt + st.reass_overlap_drop_cnt +
		st.reass_many_drop_cnt + st.reass_room_drop_cnt + st.reass_poison_drop_cnt +
		st.ip_proto_drop_cnt + st.icmp_bad_cnt + st.icmp_drop_cnt + st.icmp_rate_drop_cnt +
		st.udp_bad_cnt + st.udp_port_drop_cnt;
	ret_stat->out_lost_cnt += st.out_park_drop_cnt + st.out_wait_drop_cnt;
	for (unsigned i = 0; i < k->dev_cnt; i++) {
		struct gyl_netdev_stat dev = gyl_netdev_stat(k->dev[i].dev);

		ret_stat->in_lost_cnt += dev.rx_lost_cnt;
		ret_stat->out_lost_cnt += dev.tx_lost_cnt + dev.tx_bad_cnt;
	}
	gyl__stack_tcp_stat(k, ret_stat);
	gyl_socks_stat(k->socks, ret_stat);
}

static uint64_t stack_lost(void *h)
{
	const struct gyl__stack_host *k = h;
	uint64_t cnt = k->stat.in_lost_cnt;

	for (unsigned i = 0; i < k->dev_cnt; i++)
		cnt += gyl_netdev_stat(k->dev[i].dev).rx_lost_cnt;
	return cnt;
}

static bool stack_addr(void *h, unsigned iface, unsigned n, uint32_t *ret_ip, uint8_t *ret_prefix,
	uint8_t ret_mac[6])
{
	const struct gyl__stack_host *k = h;

	if (iface >= k->iface_cnt || n >= k->iface[iface].addr_cnt)
		return false;
	*ret_ip = k->iface[iface].addr[n].ip;
	*ret_prefix = k->iface[iface].addr[n].prefix;
	memcpy(ret_mac, k->iface[iface].mac, sizeof(k->iface[iface].mac));
	return true;
}

static bool stack_conflict(void *h, uint32_t *ret_ip, uint8_t ret_mac[6])
{
	uint8_t iface;

	return gyl_stack_conflict(((struct gyl__stack_host *)h)->stack, &iface, ret_ip, ret_mac);
}

static int stack_gone(void *h)
{
	const struct gyl__stack_host *k = h;

	for (unsigned i = 0; i < k->dev_cnt; i++) {
		if (k->dev[i].dev->gone != 0)
			return k->dev[i].dev->gone;
	}
	return 0;
}

static uint64_t stack_clock_ns(void *h)
{
	(void)h;
	return gyl_loop_clock_ns();
}

static uint32_t stack_room(void *h, uint32_t flow)
{
	struct gyl__stack_host *k = h;
	struct gyl__stack_tcp *c;

	if (gyl_socks_flow_accepted(flow))
		return gyl_socks_room(k->socks, flow);
	c = gyl__stack_tcp_find(k, flow);
	return c == NULL ? 0 : gyl__stack_tcp_room(k, c);
}

static uint32_t stack_unacked(void *h, uint32_t flow, uint64_t *ret_silent_ns)
{
	struct gyl__stack_host *k = h;
	const struct gyl__stack_tcp *c;

	if (gyl_socks_flow_accepted(flow))
		return gyl_socks_unacked(k->socks, flow, ret_silent_ns);
	*ret_silent_ns = 0;
	c = gyl__stack_tcp_find(k, flow);
	return c == NULL ? 0 : gyl__stack_tcp_unacked(k, c);
}

static void stack_close(void *h)
{
	struct gyl__stack_host *k = h;

	for (unsigned i = 0; i < k->dev_cnt; i++) {
		gyl_loop_unwatch(k->dev[i].watch);
		gyl_netdev_close(k->dev[i].dev);
	}
	if (k->socks != NULL)
		gyl_socks_close(k->socks);
	gyl__stack_tcp_close(k);
	free(k->stash);
	free(k->stack_mem);
	free(k);
}

const struct gyl_host_ops gyl__stack_ops = {
	.listen = stack_listen,
	.wait = stack_wait,
	.recv = stack_recv,
	.unread = stack_unread,
	.lend = stack_lend,
	.send = stack_send,
	.flow = stack_flow,
	.blk_read = stack_blk_read,
	.blk_write = stack_blk_write,
	.blk_done = stack_blk_done,
	.job = stack_job,
	.stat = stack_stat,
	.addr = stack_addr,
	.close = stack_close,
	.conflict = stack_conflict,
	.lost = stack_lost,
	.gone = stack_gone,
	.clock_ns = stack_clock_ns,
	.nap = stack_nap,
	.room = stack_room,
	.unacked = stack_unacked,
};

struct gyl_stack *gyl_host_stack_get(const struct gyl_host *h)
{
	return ((const struct gyl__stack_host *)h->h)->stack;
}
