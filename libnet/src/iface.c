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
	f->probe = cf->probe;
	memcpy(f->mac, cf->arp.mac, 6);
	f->arp = gyl_arp_cache_init(arp_mem, &cf->arp);
}

static void put_addr(struct gyl_iface *f, struct gyl_stack_addr a)
{
	struct gyl_iface_addr *at = &f->addr[f->addr_cnt++];

	at->ip = a.ip;
	at->mask = gyl_ipv4_mask(a.prefix);
	at->broadcast = a.prefix >= 31 ? 0 : a.ip | ~at->mask;
}

bool gyl__iface_addr_add(struct gyl_iface *f, struct gyl_stack_addr a, bool *ret_was_asked)
{
	if (f->addr_cnt + f->claim_cnt == GYL_STACK_ADDR_MAX || !gyl__iface_can_have(a) ||
		gyl__iface_addr_state(f, a.ip) != GYL_STACK_ADDR_NONE)
		return false;
	if (!f->probe) {
		if (!gyl_arp_cache_own(f->arp, a.ip, ret_was_asked))
			return false;
		put_addr(f, a);
		return true;
	}
	if (!gyl_arp_cache_claim(f->arp, a.ip, ret_was_asked))
		return false;
	f->claim[f->claim_cnt++] = (struct gyl_iface_claim){.addr = a};
	return true;
}

/* The place of an address among the claims, claim_cnt when it is not there. */
static unsigned find_claim(const struct gyl_iface *f, uint32_t ip)
{
	unsigned i = 0;

	while (i < f->claim_cnt && f->claim[i].addr.ip != ip)
		i++;
	return i;
}

static void drop_claim(struct gyl_iface *f, unsigned i)
{
	f->claim_cnt--;
	memmove(&f->claim[i], &f->claim[i + 1], (f->claim_cnt - i) * sizeof(f->claim[0]));
}

void gyl__iface_claimed(struct gyl_iface *f, uint32_t ip)
{
	unsigned i = find_claim(f, ip);

	put_addr(f, f->claim[i].addr);
	drop_claim(f, i);
}

void gyl__iface_taken(struct gyl_iface *f, uint32_t ip)
{
	bool was_asked;

	f->claim[find_claim(f, ip)].is_taken = true;
	gyl_arp_cache_claim(f->arp, ip, &was_asked);
}

enum gyl_stack_addr_state gyl__iface_addr_state(const struct gyl_iface *f, uint32_t ip)
{
	unsigned i = find_claim(f, ip);

	if (gyl__iface_own(f, ip) != NULL)
		return GYL_STACK_ADDR_USABLE;
	if (i == f->claim_cnt)
		return GYL_STACK_ADDR_NONE;
	return f->claim[i].is_taken ? GYL_STACK_ADDR_TAKEN : GYL_STACK_ADDR_PROBING;
}

static bool drop_addr(struct gyl_iface *f, uint32_t ip)
{
	for (unsigned i = 0; i < f->addr_cnt; i++) {
		if (f->addr[i].ip != ip)
			continue;
		f->addr_cnt--;
		memmove(&f->addr[i], &f->addr[i + 1], (f->addr_cnt - i) * sizeof(f->addr[0]));
		return true;
	}
	return false;
}

bool gyl__iface_addr_del(struct gyl_iface *f, uint32_t ip)
{
	unsigned i = find_claim(f, ip);

	if (i < f->claim_cnt)
		drop_claim(f, i);
	else if (!drop_addr(f, ip))
		return false;
	gyl_arp_cache_remove(f->arp, 0, ip);
	return true;
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

bool gyl__iface_adopt(struct gyl_iface *f, uint32_t ip)
{
	if (!gyl__iface_can_have((struct gyl_stack_addr){.ip = ip, .prefix = 32}))
		return false;
	if (gyl__iface_has_adopted(f, ip))
		return true;
	if (f->adopted_cnt == GYL_STACK_ADOPT_MAX)
		return false;
	f->adopted[f->adopted_cnt++] = ip;
	return true;
}

void gyl__iface_disown(struct gyl_iface *f, uint32_t ip)
{
	for (unsigned i = 0; i < f->adopted_cnt; i++) {
		if (f->adopted[i] == ip) {
			f->adopted[i] = f->adopted[--f->adopted_cnt];
			return;
		}
	}
}

uint32_t gyl__iface_src(const struct gyl_iface *f, uint32_t dst, uint32_t wanted)
{
	const struct gyl_iface_addr *a = gyl__iface_own(f, wanted);

	if (a == NULL && gyl__iface_has_adopted(f, wanted))
		return wanted;
	if (a == NULL)
		a = gyl__iface_near(f, dst);
	if (a == NULL && f->gateway != 0)
		a = gyl__iface_near(f, f->gateway);
	if (a == NULL && f->addr_cnt > 0)
		a = &f->addr[0];
	return a == NULL ? 0 : a->ip;
}
