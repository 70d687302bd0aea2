/* SPDX-License-Identifier: ISC */

/*
 * Opening the stack host: what the configuration must keep to, the devices, the stack over them.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <gyl/eth.h>
#include <gyl/ipv4.h>
#include <gyl/time.h>

#include "libnet/host/stack.h"

_Static_assert((int)GYL_NET_IFACE_MAX == (int)GYL_STACK_IFACE_MAX &&
		       (int)GYL_NET_DEV_MAX == (int)GYL_STACK_DEV_MAX &&
		       (int)GYL_NET_ADDR_MAX == (int)GYL_STACK_ADDR_MAX &&
		       (int)GYL_NET_VLAN_ANY == (int)GYL_STACK_VLAN_ANY,
	"the bounds of the host are those of its stack");

/* ---- checks ---- */

static const char *name_of(const struct gyl_net_iface *f)
{
	if (f->name != NULL)
		return f->name;
	return f->device != NULL ? f->device : "?";
}

__attribute__((format(printf, 3, 4))) static int refuse(
	char err[200], const struct gyl_net_iface *f, const char *fmt, ...)
{
	int len = snprintf(err, 200, "interface %.64s: ", name_of(f));
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err + len, 200 - (size_t)len, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int check_addr(const struct gyl_net_iface *f, struct gyl_net_addr a, char err[200])
{
	uint32_t mask = gyl_ipv4_mask(a.prefix), host = a.ip & ~mask;

	if (a.ip == 0)
		return refuse(err, f, "it needs an address of its own");
	if (a.ip >> 24 == 0 || gyl_ipv4_is_loopback(a.ip) || a.ip >> 28 >= 14)
		return refuse(err, f, "its address must be one that a host can have");
	if (a.prefix == 0 || a.prefix > 32)
		return refuse(err, f, "the prefix length must be 1 to 32");
	if (a.prefix < 31 && (host == 0 || host == ~mask))
		return refuse(
			err, f, "its address is that of the network or its broadcast address");
	return 0;
}

static int check_gateway(const struct gyl_net_iface *f, char err[200])
{
	bool near = false, own = false;

	for (unsigned i = 0; i < f->addr_cnt; i++) {
		near |= ((f->gateway ^ f->addr[i].ip) & gyl_ipv4_mask(f->addr[i].prefix)) == 0;
		own |= f->gateway == f->addr[i].ip;
	}
	if (f->gateway != 0 && (own || !near))
		return refuse(err, f, "the gateway must be another address of its network");
	return 0;
}

static int check_iface(const struct gyl_net_iface *f, char err[200])
{
	int r = 0;

	if (f->addr_cnt == 0 || f->addr_cnt > GYL_NET_ADDR_MAX)
		return refuse(err, f, "it needs an address of its own, and has %u", f->addr_cnt);
	for (unsigned i = 0; i < f->addr_cnt && r == 0; i++)
		r = check_addr(f, f->addr[i], err);
	if (r == 0)
		r = check_gateway(f, err);
	if (r == 0 && f->vlan > 4094 && f->vlan != GYL_NET_VLAN_ANY)
		r = refuse(err, f, "the VLAN must be 1 to 4094");
	if (r == 0 && gyl_eth_is_group(f->mac))
		r = refuse(err, f, "its hardware address must not be a group address");
	return r;
}

int gyl__stack_check(const struct gyl_net_conf *cf, char err[200])
{
	int r = 0;

	if (cf->iface_cnt == 0 || cf->iface_cnt > GYL_NET_IFACE_MAX) {
		(void)snprintf(err, 200, "network stack: it needs 1 to %d interfaces, and has %u",
			GYL_NET_IFACE_MAX, cf->iface_cnt);
		return -EINVAL;
	}
	for (unsigned i = 0; i < cf->iface_cnt && r == 0; i++)
		r = check_iface(&cf->iface[i], err);
	return r;
}

/* ---- interfaces and their devices ---- */

unsigned gyl__stack_dev_of(const struct gyl_net_conf *cf, unsigned i)
{
	unsigned number = 0;

	for (unsigned k = 0; k <= i; k++) {
		unsigned first = 0;

		while (strcmp(cf->iface[first].device, cf->iface[k].device) != 0)
			first++;
		if (strcmp(cf->iface[k].device, cf->iface[i].device) == 0)
			return number;
		number += first == k;
	}
	return number;
}

/* What an interface says of its device's address; all zero: nobody says anything. */
static void find_mac(const struct gyl_net_conf *cf, unsigned dev, uint8_t ret_mac[6])
{
	memset(ret_mac, 0, 6);
	for (unsigned i = 0; i < cf->iface_cnt && gyl_eth_is_zero(ret_mac); i++) {
		if (gyl__stack_dev_of(cf, i) == dev)
			memcpy(ret_mac, cf->iface[i].mac, 6);
	}
}

/* 02 and five random octets: unicast, locally administered. */
static int choose_mac(const struct gyl_net_conf *cf, unsigned dev, uint8_t ret_mac[6])
{
	int r;

	find_mac(cf, dev, ret_mac);
	if (!gyl_eth_is_zero(ret_mac))
		return GYL_CRYPTO_OK;
	r = gyl_rng_read(cf->rng, ret_mac, 6);
	ret_mac[0] = 2;
	return r;
}

static int set_mac(struct gyl_netdev *d, const struct gyl_net_conf *cf, unsigned dev,
	uint8_t ret_mac[6], char err[200])
{
	int r;

	if (choose_mac(cf, dev, ret_mac) != GYL_CRYPTO_OK) {
		(void)snprintf(
			err, 200, "network stack: no randomness: the generator is not seeded");
		return -EAGAIN;
	}
	r = gyl_netdev_set_mac(d, ret_mac);
	if (r != 0)
		(void)snprintf(err, 200,
			"device %u cannot receive for another hardware address than its own: %s; "
			"set \"mac\" to that",
			dev, strerror(-r));
	return r;
}

static int set_ifaces(struct gyl__stack_host *k, const struct gyl_net_conf *cf, char err[200])
{
	uint8_t mac[GYL_NET_DEV_MAX][6];

	for (unsigned i = 0; i < k->dev_cnt; i++) {
		int r = set_mac(k->dev[i].dev, cf, i, mac[i], err);

		if (r != 0)
			return r;
	}
	k->iface_cnt = cf->iface_cnt;
	for (unsigned i = 0; i < cf->iface_cnt; i++) {
		struct gyl__stack_iface *f = &k->iface[i];

		f->dev = (uint8_t)gyl__stack_dev_of(cf, i);
		if (f->dev >= k->dev_cnt)
			return refuse(err, &cf->iface[i], "its device is not there");
		f->vlan = cf->iface[i].vlan;
		f->addr_cnt = cf->iface[i].addr_cnt;
		memcpy(f->addr, cf->iface[i].addr, sizeof(f->addr));
		memcpy(f->mac, mac[f->dev], sizeof(f->mac));
	}
	return 0;
}

/* ---- the stack ---- */

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
static int randomise(struct gyl_rng *rng, struct gyl_arp_cache_conf *arp)
{
	int r = gyl_rng_u64(rng, &arp->seed);

	if (r == GYL_CRYPTO_OK)
		r = jitter(rng, &arp->tick_ns, 100);
	if (r == GYL_CRYPTO_OK)
		r = jitter(rng, &arp->life_ns, 100);
	return r;
}

static int iface_conf(const struct gyl__stack_host *k, const struct gyl_net_conf *cf, unsigned i,
	struct gyl_stack_iface_conf *ret)
{
	const struct gyl__stack_iface *f = &k->iface[i];

	*ret = gyl_stack_iface_defaults(
		f->mac, f->addr[0].ip, f->addr[0].prefix, cf->iface[i].gateway, 0);
	ret->dev = f->dev;
	ret->vlan = f->vlan;
	ret->mtu = k->dev[f->dev].dev->mtu; /* all are set. NOLINT(*-core.NullDereference) */
	ret->probe = cf->iface[i].probe == GYL_NET_PROBE_YES;
	for (ret->addr_cnt = 0; ret->addr_cnt < f->addr_cnt; ret->addr_cnt++)
		ret->addr[ret->addr_cnt] = (struct gyl_stack_addr){
			f->addr[ret->addr_cnt].ip, f->addr[ret->addr_cnt].prefix};
	return randomise(k->rng, &ret->arp);
}

static int no_memory(char err[200])
{
	(void)snprintf(err, 200, "network stack: not enough memory, descriptors or randomness");
	return -ENOMEM;
}

static int open_stack(struct gyl__stack_host *k, const struct gyl_net_conf *cf, char err[200])
{
	struct gyl_stack_iface_conf f[GYL_NET_IFACE_MAX];
	struct gyl_stack_conf scf;
	uint64_t seed;
	uint8_t key[16];
	int r = gyl_rng_u64(k->rng, &seed);

	if (r == GYL_CRYPTO_OK)
		r = gyl_rng_read(k->rng, key, sizeof(key));
	for (unsigned i = 0; i < cf->iface_cnt && r == GYL_CRYPTO_OK; i++)
		r = iface_conf(k, cf, i, &f[i]);
	if (r != GYL_CRYPTO_OK)
		return no_memory(err);
	scf = gyl_stack_defaults(f, (uint8_t)cf->iface_cnt, seed, key);
	scf.sock_max = GYL__FLOW_MAX + GYL_PORT_OPENED;
	gyl__stack_tcp_conf(&scf.tcp);
	if (gyl_stack_need(&scf) == 0) {
		(void)snprintf(err, 200,
			"network stack: two interfaces have the same VLAN of one device, or the "
			"same address, or a device has an mtu below 576");
		return -EINVAL;
	}
	k->stack_mem = aligned_alloc(64, gyl_stack_need(&scf));
	k->stack = k->stack_mem == NULL ? NULL : gyl_stack_init(k->stack_mem, &scf);
	return k->stack == NULL ? no_memory(err) : 0;
}

/* ---- the host ---- */

static bool open_dev(struct gyl__stack_host *k, struct gyl__stack_dev *d)
{
	if (gyl_netdev_lend(d->dev, d->out, GYL_NETDEV_BATCH) != GYL_NETDEV_BATCH ||
		gyl_netdev_lend(d->dev, d->slot, GYL_NETDEV_BATCH) != GYL_NETDEV_BATCH)
		return false;
	if (d->dev->fd >= 0)
		d->watch = gyl_loop_watch(k->loop, d->dev->fd, gyl__stack_readable, d);
	return d->dev->fd < 0 || d->watch != NULL;
}

static int open_parts(struct gyl__stack_host *k, char err[200])
{
	k->stash = malloc(GYL__IN_STASH * sizeof(*k->stash));
	if (k->stash == NULL)
		return no_memory(err);
	gyl__stack_in_init(k);
	gyl__stack_flow_init(k);
	if (!gyl__stack_tcp_open(k))
		return no_memory(err);
	for (unsigned i = 0; i < k->dev_cnt; i++) {
		if (!open_dev(k, &k->dev[i]))
			return no_memory(err);
	}
	k->socks = gyl_socks_open(k->loop, GYL_SOCKS_CONN_MAX);
	return k->socks == NULL ? no_memory(err) : 0;
}

static int open_all(struct gyl__stack_host *k, const struct gyl_net_conf *cf, char err[200])
{
	int r = set_ifaces(k, cf, err);

	if (r == 0)
		r = open_stack(k, cf, err);
	return r != 0 ? r : open_parts(k, err);
}

static void close_devs(struct gyl_netdev *const *dev, unsigned cnt)
{
	for (unsigned i = 0; i < cnt; i++)
		gyl_netdev_close(dev[i]);
}

int gyl_host_stack_on(struct gyl_loop *l, const struct gyl_net_conf *cf,
	struct gyl_netdev *const *dev, unsigned dev_cnt, struct gyl_host *ret_host, char err[200])
{
	struct gyl__stack_host *k = NULL;
	int r = gyl__stack_check(cf, err);

	if (r == 0)
		k = calloc(1, sizeof(*k) + dev_cnt * sizeof(k->dev[0]));
	if (k == NULL) {
		close_devs(dev, dev_cnt);
		return r != 0 ? r : no_memory(err);
	}
	k->loop = l;
	k->rng = cf->rng;
	k->dev_cnt = dev_cnt;
	for (unsigned i = 0; i < dev_cnt; i++)
		k->dev[i].dev = dev[i];
	r = open_all(k, cf, err);
	if (r != 0) {
		gyl__stack_ops.close(k);
		return r;
	}
	gyl_loop_now(&k->now);
	*ret_host = (struct gyl_host){.ops = &gyl__stack_ops, .h = k};
	return 0;
}
