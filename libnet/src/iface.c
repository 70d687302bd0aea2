/* SPDX-License-Identifier: ISC */
#include "libnet/src/iface.h"

#include <gyl/ipv4.h>

/* RFC 1122 3.2.1.3: not this network, loopback, group or reserved; neither the network itself nor
 * its broadcast address. RFC 3021: a network of one or two addresses has no such. */
bool gyl__iface_can_have(struct gyl_stack_addr a)
{
	uint32_t mask = gyl_ipv4_mask(a.prefix);
	uint32_t host = a.ip & ~mask;

	if (a.prefix < 1 || a.prefix > 32)
		return false;
	if (a.ip >> 24 == 0 || gyl_ipv4_is_loopback(a.ip) || a.ip >> 28 >= 14)
		return false;
	return a.prefix >= 31 || (host != 0 && host != ~mask);
}

void gyl__iface_init(
	struct gyl_iface *f, uint8_t index, const struct gyl_stack_iface_conf *cf, void *arp_mem)
{
	memset(f, 0, sizeof(*f));
	f->index = index;
	f->dev = cf->dev;
	f->vlan = cf->vlan;
	f->mtu = (uint16_t)cf->mtu;
	f->gateway = cf->gateway;
	memcpy(f->mac, cf->arp.mac, 6);
	f->arp = gyl_arp_cache_init(arp_mem, &cf->arp);
}

bool gyl__iface_addr_add(struct gyl_iface *f, struct gyl_stack_addr a)
{
	bool was_asked;
	struct gyl_iface_addr *at = &f->addr[f->addr_cnt];

	if (f->addr_cnt == GYL_STACK_ADDR_MAX || !gyl__iface_can_have(a) ||
		gyl__iface_own(f, a.ip) != NULL)
		return false;
	if (!gyl_arp_cache_own(f->arp, a.ip, &was_asked))
		return false;
	at->ip = a.ip;
	at->mask = gyl_ipv4_mask(a.prefix);
	at->broadcast = a.prefix >= 31 ? 0 : a.ip | ~at->mask;
	f->addr_cnt++;
	return true;
}

bool gyl__iface_addr_del(struct gyl_iface *f, uint32_t ip)
{
	for (unsigned i = 0; i < f->addr_cnt; i++) {
		if (f->addr[i].ip != ip)
			continue;
		f->addr_cnt--;
		memmove(&f->addr[i], &f->addr[i + 1], (f->addr_cnt - i) * sizeof(f->addr[0]));
		gyl_arp_cache_remove(f->arp, 0, ip);
		return true;
	}
	return false;
}

bool gyl__iface_join(struct gyl_iface *f, uint32_t group)
{
	if (!gyl_ipv4_is_multicast(group))
		return false;
	if (gyl__iface_has_joined(f, group))
		return true;
	if (f->group_cnt == GYL_STACK_GROUP_MAX)
		return false;
	f->group[f->group_cnt++] = group;
	return true;
}

void gyl__iface_leave(struct gyl_iface *f, uint32_t group)
{
	for (unsigned i = 0; i < f->group_cnt; i++) {
		if (f->group[i] == group) {
			f->group[i] = f->group[--f->group_cnt];
			return;
		}
	}
}

const struct gyl_iface_addr *gyl__iface_near(const struct gyl_iface *f, uint32_t ip)
{
	const struct gyl_iface_addr *best = NULL;

	for (unsigned i = 0; i < f->addr_cnt; i++) {
		const struct gyl_iface_addr *a = &f->addr[i];

		if (((ip ^ a->ip) & a->mask) == 0 && (best == NULL || a->mask > best->mask))
			best = a;
	}
	return best;
}

uint32_t gyl__iface_src(const struct gyl_iface *f, uint32_t dst, uint32_t wanted)
{
	const struct gyl_iface_addr *a = gyl__iface_own(f, wanted);

	if (a == NULL)
		a = gyl__iface_near(f, dst);
	if (a == NULL && f->gateway != 0)
		a = gyl__iface_near(f, f->gateway);
	if (a == NULL && f->addr_cnt > 0)
		a = &f->addr[0];
	return a == NULL ? 0 : a->ip;
}
