/* SPDX-License-Identifier: ISC */

/* From the configuration's interfaces to those of the host. */

#include "services/base/daemon.h"

static uint8_t probe_of(bool has, bool probe)
{
	if (!has)
		return GYL_NET_PROBE_AUTO;
	return probe ? GYL_NET_PROBE_YES : GYL_NET_PROBE_NO;
}

static void from_listed(
	const struct gyl_daemon *d, const struct gyl_top_iface *from, struct gyl_net_iface *to)
{
	const struct gyl_conf_prefix *addr = gyl_flat_at(d->flat, from->address);

	to->name = gyl__daemon_str(d, from->name);
	to->device = gyl__daemon_str(d, from->device);
	to->vlan = from->vlan;
	to->gateway = from->gateway;
	memcpy(to->mac, from->mac, sizeof to->mac);
	to->probe = probe_of(from->has_probe, from->probe);
	for (uint32_t i = 0; i < from->address.cnt && i < GYL_NET_ADDR_MAX; i++)
		to->addr[to->addr_cnt++] = (struct gyl_net_addr){addr[i].ip, (uint8_t)addr[i].len};
}

/* The one interface of the short keys. It answers in every VLAN, as a box on a trunk would. */
static unsigned from_short(const struct gyl_daemon *d, struct gyl_net_iface *to)
{
	const struct gyl_top_conf *top = d->top;

	if (top->device.cnt != 0)
		to->device = gyl__daemon_str(d, top->device);
	else if (top->host == GYL_TOP_STACK)
		to->device = GYL_TOP_DEVICE;
	else
		return 0;
	to->vlan = GYL_NET_VLAN_ANY;
	to->gateway = top->gateway;
	memcpy(to->mac, top->mac, sizeof to->mac);
	to->probe = probe_of(top->has_probe, top->probe);
	to->addr[to->addr_cnt++] =
		(struct gyl_net_addr){top->address.ip, (uint8_t)top->address.len};
	return 1;
}

unsigned gyl__daemon_ifaces(const struct gyl_daemon *d, struct gyl_net_iface ret[GYL_NET_IFACE_MAX])
{
	const struct gyl_top_iface *listed = gyl_flat_at(d->flat, d->top->interfaces);
	unsigned cnt = d->top->interfaces.cnt;

	memset(ret, 0, GYL_NET_IFACE_MAX * sizeof *ret);
	for (unsigned i = 0; i < cnt; i++)
		from_listed(d, &listed[i], &ret[i]);
	return cnt != 0 ? cnt : from_short(d, &ret[0]);
}
