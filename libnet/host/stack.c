/* SPDX-License-Identifier: ISC */

/*
 * The stack host: a device, our stack and a loop behind gyl_host_ops. This file opens it and gives
 * it its face; stack_in.c, stack_out.c and stack_flow.c are what happens then. Unix sockets are the
 * kernel's, as for the kernel host (socks.h).
 */

#include "libnet/host/stack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <gyl/eth.h>
#include <gyl/ipv4.h>
#include <gyl/time.h>

#include "libnet/dev/open.h"
#include "libnet/host/unix.h"

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
	struct gyl_stack_sock sock = {
		.port = (uint8_t)port, .local_port = b->port, .local_ip = b->ip};

	if (b->port == 0)
		return -EINVAL;
	if (b->ip != 0 && b->ip != k->cf.ip)
		return -EADDRNOTAVAIL;
	k->port[port].type = GYL__STACK_PORT_UDP;
	k->port[port].udp_port = b->port;
	return bound(gyl_stack_bind(k->stack, &sock));
}

static int listen_frame(struct gyl__stack_host *k, int port, const struct gyl_bind *b)
{
	k->port[port].type = GYL__STACK_PORT_FRAME;
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
		return -EPROTONOSUPPORT;
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

static void on_readable(void *arg)
{
	((struct gyl__stack_host *)arg)->readable = true;
}

/* A port whose core took nothing does not keep the loop spinning: it is asked again after a
 * millisecond. */
static uint64_t until(const struct gyl__stack_host *k, uint64_t until_ns)
{
	struct gyl_now now;

	if (k->readable)
		return 0;
	for (unsigned i = 0; i <= GYL_PORT_OPENED && k->ready >> i != 0; i++) {
		if ((k->ready >> i & 1) != 0 && !k->port[i].held)
			return 0;
	}
	if (k->ready != 0) {
		gyl_loop_now(&now);
		until_ns = gyl_time_min(until_ns, now.mono_ns + GYL_NS_PER_MS);
	}
	until_ns = gyl_time_min(until_ns, gyl_stack_deadline_ns(k->stack));
	return gyl_time_min(until_ns, gyl_netdev_deadline_ns(k->dev));
}

static uint64_t stack_wait(void *h, uint64_t until_ns, struct gyl_now *ret_now)
{
	struct gyl__stack_host *k = h;

	gyl_loop_wait(k->loop, gyl_socks_until(k->socks, until(k, until_ns)));
	gyl_loop_now(&k->now);
	gyl__stack_pump(k);
	*ret_now = k->now;
	return gyl_socks_ready(k->socks) | k->ready;
}

static bool is_socks(const struct gyl__stack_host *k, int port)
{
	return k->port[port].type == GYL__STACK_PORT_SOCKS;
}

static size_t stack_recv(void *h, int port, struct gyl_in *in, size_t cap)
{
	struct gyl__stack_host *k = h;

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
		gyl__stack_unread(k, (unsigned)port, cnt, taken);
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
	struct gyl_netdev_stat dev = gyl_netdev_stat(k->dev);

	*ret_stat = k->stat;
	ret_stat->in_bad_cnt = st.eth_bad_cnt + st.eth_vlan_drop_cnt + st.eth_other_drop_cnt +
			       st.eth_type_drop_cnt + st.arp_bad_cnt + st.ip_bad_cnt +
			       st.ip_src_drop_cnt + st.ip_other_drop_cnt + st.ip_group_drop_cnt +
			       st.ip_source_route_drop_cnt + st.ip_fragment_drop_cnt +
			       st.ip_proto_drop_cnt + st.icmp_bad_cnt + st.icmp_drop_cnt +
			       st.icmp_rate_drop_cnt + st.udp_bad_cnt + st.udp_port_drop_cnt;
	ret_stat->in_lost_cnt += dev.rx_lost_cnt;
	ret_stat->out_lost_cnt +=
		dev.tx_lost_cnt + dev.tx_bad_cnt + st.out_park_drop_cnt + st.out_wait_drop_cnt;
	gyl_socks_stat(k->socks, ret_stat);
}

static bool stack_addr(
	void *h, unsigned iface, uint32_t *ret_ip, uint8_t *ret_prefix, uint8_t ret_mac[6])
{
	const struct gyl__stack_host *k = h;

	if (iface != 0)
		return false;
	*ret_ip = k->cf.ip;
	*ret_prefix = k->cf.prefix;
	memcpy(ret_mac, k->cf.mac, sizeof(k->cf.mac));
	return true;
}

static bool stack_conflict(void *h, uint32_t *ret_ip, uint8_t ret_mac[6])
{
	uint8_t iface; /* there is but one */

	return gyl_stack_conflict(((struct gyl__stack_host *)h)->stack, &iface, ret_ip, ret_mac);
}

static int stack_gone(void *h)
{
	return ((struct gyl__stack_host *)h)->dev->gone;
}

static void stack_close(void *h)
{
	struct gyl__stack_host *k = h;

	gyl_loop_unwatch(k->watch);
	if (k->socks != NULL)
		gyl_socks_close(k->socks);
	gyl_netdev_close(k->dev);
	free(k->stash);
	free(k->stack_mem);
	free(k);
}

static const struct gyl_host_ops stack_ops = {
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
	.gone = stack_gone,
};

/* ---- opening ---- */

static int refuse(char err[200], const char *why)
{
	snprintf(err, 200, "network stack: %s", why);
	return -EINVAL;
}

static int check(const struct gyl_net_conf *cf, char err[200])
{
	uint32_t mask = gyl_ipv4_mask(cf->prefix);
	uint32_t host = cf->ip & ~mask;

	if (cf->ip == 0)
		return refuse(err, "it needs an address of its own");
	if (cf->ip >> 24 == 0 || gyl_ipv4_is_loopback(cf->ip) || cf->ip >> 28 >= 14)
		return refuse(err, "its address must be one that a host can have");
	if (cf->prefix == 0 || cf->prefix > 32)
		return refuse(err, "the prefix length must be 1 to 32");
	if (cf->prefix < 31 && (host == 0 || host == ~mask))
		return refuse(err, "its address is that of the network or its broadcast address");
	if (cf->gateway != 0 && (cf->gateway == cf->ip || ((cf->gateway ^ cf->ip) & mask) != 0))
		return refuse(err, "the gateway must be another address of its network");
	if (gyl_eth_is_group(cf->mac))
		return refuse(err, "its hardware address must not be a group address");
	return 0;
}

/* 02 and five random octets: unicast, locally administered. */
static int random_mac(struct gyl_rng *rng, uint8_t ret_mac[6])
{
	int r = gyl_rng_read(rng, ret_mac, 6);

	ret_mac[0] = 2;
	return r;
}

/* From so much less to so much more, in thousandths. */
static int jitter(struct gyl_rng *rng, uint64_t *ns, uint64_t thousandths)
{
	uint64_t more, most = *ns * 2 * thousandths / 1000;
	int r = gyl_rng_below(rng, most + 1, &more);

	*ns = *ns - most / 2 + more;
	return r;
}

/*
 * What nobody outside may know or be in step with. Many stations that start at once, as guests of
 * one machine do, would ask and refresh at the same moments for ever.
 */
static int randomise(
	struct gyl__stack_host *k, uint64_t *seed, struct gyl_arp_cache_conf *arp, uint8_t key[16])
{
	int r = gyl_rng_u64(k->cf.rng, seed);

	if (r == GYL_CRYPTO_OK)
		r = gyl_rng_u64(k->cf.rng, &arp->seed);
	if (r == GYL_CRYPTO_OK)
		r = jitter(k->cf.rng, &arp->tick_ns, 100);
	if (r == GYL_CRYPTO_OK)
		r = jitter(k->cf.rng, &arp->life_ns, 100);
	if (r == GYL_CRYPTO_OK)
		r = gyl_rng_read(k->cf.rng, key, 16);
	return r;
}

static bool open_stack(struct gyl__stack_host *k)
{
	struct gyl_stack_iface_conf f =
		gyl_stack_iface_defaults(k->cf.mac, k->cf.ip, k->cf.prefix, k->cf.gateway, 0);
	struct gyl_stack_conf cf;
	uint64_t seed;
	uint8_t key[16];

	if (randomise(k, &seed, &f.arp, key) != GYL_CRYPTO_OK)
		return false;
	f.mtu = k->dev->mtu;
	cf = gyl_stack_defaults(&f, 1, seed, key);
	cf.sock_max = GYL__FLOW_MAX + GYL_PORT_OPENED;
	k->stack_mem = aligned_alloc(64, gyl_stack_need(&cf));
	k->stash = malloc(GYL__IN_STASH * sizeof(*k->stash));
	if (k->stack_mem == NULL || k->stash == NULL)
		return false;
	k->stack = gyl_stack_init(k->stack_mem, &cf);
	return k->stack != NULL;
}

static bool open_parts(struct gyl__stack_host *k)
{
	if (!open_stack(k))
		return false;
	gyl__stack_in_init(k);
	gyl__stack_flow_init(k);
	if (gyl_netdev_lend(k->dev, k->out, GYL_NETDEV_BATCH) != GYL_NETDEV_BATCH ||
		gyl_netdev_lend(k->dev, k->slot, GYL_NETDEV_BATCH) != GYL_NETDEV_BATCH)
		return false;
	k->socks = gyl_socks_open(k->loop, GYL_SOCKS_CONN_MAX);
	if (k->socks == NULL)
		return false;
	if (k->dev->fd >= 0)
		k->watch = gyl_loop_watch(k->loop, k->dev->fd, on_readable, k);
	return k->dev->fd < 0 || k->watch != NULL;
}

int gyl_host_stack_on(struct gyl_loop *l, const struct gyl_net_conf *cf, struct gyl_netdev *dev,
	struct gyl_host *ret_host, char err[200])
{
	struct gyl__stack_host *k = NULL;
	int r = check(cf, err);

	if (r == 0)
		k = calloc(1, sizeof(*k));
	if (k == NULL) {
		gyl_netdev_close(dev);
		return r != 0 ? r : -ENOMEM;
	}
	k->loop = l;
	k->dev = dev;
	k->cf = *cf;
	if (gyl_eth_is_zero(cf->mac) && random_mac(cf->rng, k->cf.mac) != GYL_CRYPTO_OK) {
		stack_close(k);
		return refuse(err, "the generator is not seeded");
	}
	if (!open_parts(k)) {
		stack_close(k);
		snprintf(err, 200, "network stack: not enough memory, descriptors or randomness");
		return -ENOMEM;
	}
	gyl_loop_now(&k->now);
	*ret_host = (struct gyl_host){.ops = &stack_ops, .h = k};
	return 0;
}

int gyl_host_stack_open(
	struct gyl_loop *l, const struct gyl_net_conf *cf, struct gyl_host *ret_host, char err[200])
{
	struct gyl_netdev *dev;
	int r = check(cf, err);

	if (r == 0)
		r = gyl_dev_open(cf->device == NULL ? "" : cf->device, &dev, err);
	return r != 0 ? r : gyl_host_stack_on(l, cf, dev, ret_host, err);
}

struct gyl_stack *gyl_host_stack_get(const struct gyl_host *h)
{
	return ((const struct gyl__stack_host *)h->h)->stack;
}
