/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_IFACE_H
#define GYL_LIBNET_SRC_IFACE_H

/* An interface of the stack: a device or one VLAN of it, its addresses, groups, gateway, ARP cache.
 */

#include <gyl/net/stack.h>

enum {
	GYL_IFACE_NONE = 0xff
};

struct gyl_iface_addr {
	uint32_t ip, mask;
	uint32_t broadcast; /* 0: its network has none */
};

/* An address that is probed for. */
struct gyl_iface_claim {
	struct gyl_stack_addr addr;
	bool is_taken; /* another station had it when it was asked for last */
};

struct gyl_iface {
	uint8_t index, dev;
	uint8_t addr_cnt, claim_cnt, group_cnt, adopted_cnt;
	bool probe;
	uint16_t vlan, mtu;
	uint8_t mac[6];
	uint32_t gateway;                               /* 0: none */
	struct gyl_iface_addr addr[GYL_STACK_ADDR_MAX]; /* those that are usable */
	struct gyl_iface_claim claim[GYL_STACK_ADDR_MAX];
	uint32_t group[GYL_STACK_GROUP_MAX];
	uint32_t adopted[GYL_STACK_ADOPT_MAX]; /* of other stations: UDP to them is taken */
	struct gyl_arp_cache *arp;
	bool has_conflict;
	uint32_t conflict_ip;
	uint8_t conflict_mac[6];
};

/* May a station have this address, in a network of this size? */
bool gyl__iface_can_have(struct gyl_stack_addr a);

/* Everything but the ARP cache. */
void gyl__iface_init(
	struct gyl_iface *f, uint8_t index, const struct gyl_stack_iface_conf *cf, void *arp_mem);
/* False: it is there already, it cannot be, or there is no place. *ret_was_asked: a question for it
 * was open, what waits for it on VLAN 0 can go. */
bool gyl__iface_addr_add(struct gyl_iface *f, struct gyl_stack_addr a, bool *ret_was_asked);
bool gyl__iface_addr_del(struct gyl_iface *f, uint32_t ip);
enum gyl_stack_addr_state gyl__iface_addr_state(const struct gyl_iface *f, uint32_t ip);
/* A claim's end: the address is usable from now on; or it is another station's, and claimed again,
 * as often as RFC 5227 2.1.1 allows. */
void gyl__iface_claimed(struct gyl_iface *f, uint32_t ip);
void gyl__iface_taken(struct gyl_iface *f, uint32_t ip);
bool gyl__iface_join(struct gyl_iface *f, uint32_t group);
void gyl__iface_leave(struct gyl_iface *f, uint32_t group);
bool gyl__iface_adopt(struct gyl_iface *f, uint32_t ip);
void gyl__iface_disown(struct gyl_iface *f, uint32_t ip);

/* Which of our addresses is ip? NULL: none here. */
static inline const struct gyl_iface_addr *gyl__iface_own(const struct gyl_iface *f, uint32_t ip)
{
	for (unsigned i = 0; i < f->addr_cnt; i++) {
		if (f->addr[i].ip == ip)
			return &f->addr[i];
	}
	return NULL;
}

/* Is ip the broadcast address of a network of ours? */
static inline bool gyl__iface_is_broadcast(const struct gyl_iface *f, uint32_t ip)
{
	for (unsigned i = 0; i < f->addr_cnt; i++) {
		if (f->addr[i].broadcast == ip)
			return ip != 0;
	}
	return false;
}

static inline bool gyl__iface_has_joined(const struct gyl_iface *f, uint32_t group)
{
	for (unsigned i = 0; i < f->group_cnt; i++) {
		if (f->group[i] == group)
			return true;
	}
	return false;
}

static inline bool gyl__iface_has_adopted(const struct gyl_iface *f, uint32_t ip)
{
	for (unsigned i = 0; i < f->adopted_cnt; i++) {
		if (f->adopted[i] == ip)
			return true;
	}
	return false;
}

/* Our address in the smallest network that holds ip. NULL: it is in none of them. */
static inline const struct gyl_iface_addr *gyl__iface_near(const struct gyl_iface *f, uint32_t ip)
{
	const struct gyl_iface_addr *best = NULL;

	for (unsigned i = 0; i < f->addr_cnt; i++) {
		const struct gyl_iface_addr *a = &f->addr[i];

		if (((ip ^ a->ip) & a->mask) == 0 && (best == NULL || a->mask > best->mask))
			best = a;
	}
	return best;
}

/* The source address for a datagram to dst: wanted when it is ours or adopted, else the one in the
 * right network, else the first. 0: there is none. */
uint32_t gyl__iface_src(const struct gyl_iface *f, uint32_t dst, uint32_t wanted);

/* The tag for a frame (0: none): the interface's own, else the wanted one. */
static inline uint16_t gyl__iface_tag(const struct gyl_iface *f, uint16_t wanted)
{
	return f->vlan == GYL_STACK_VLAN_ANY ? wanted : f->vlan;
}

#endif
