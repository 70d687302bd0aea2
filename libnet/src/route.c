/* SPDX-License-Identifier: ISC */

/*
 * Where a datagram goes next. RFC 1122 3.3.1 with the strong host of 3.3.4.2: a source address of
 * ours decides about the interface; without one the smallest network that holds the destination
 * does, then the first gateway.
 */

#include "libnet/src/stack.h"

/* An interface of which ip is an address. */
static const struct gyl_iface *owner(const struct gyl_stack *s, uint32_t ip)
{
	for (unsigned i = 0; i < s->iface_cnt; i++) {
		if (gyl__iface_own(&s->iface[i], ip) != NULL)
			return &s->iface[i];
	}
	return NULL;
}

/* The same of an address that may be sent from. */
static const struct gyl_iface *sender(const struct gyl_stack *s, uint32_t ip)
{
	for (unsigned i = 0; i < s->iface_cnt; i++) {
		if (gyl__iface_has_adopted(&s->iface[i], ip))
			return &s->iface[i];
	}
	return owner(s, ip);
}

bool gyl__is_own(const struct gyl_stack *s, uint32_t ip)
{
	return owner(s, ip) != NULL;
}

/* The interface with the smallest network that holds ip, and our address there. */
static const struct gyl_iface *nearest(
	const struct gyl_stack *s, uint32_t ip, const struct gyl_iface_addr **ret_near)
{
	const struct gyl_iface *best = NULL;

	for (unsigned i = 0; i < s->iface_cnt; i++) {
		const struct gyl_iface_addr *a = gyl__iface_near(&s->iface[i], ip);

		if (a != NULL && (best == NULL || a->mask > (*ret_near)->mask)) {
			best = &s->iface[i];
			*ret_near = a;
		}
	}
	return best;
}

/* It has a gateway, and an address by which to speak with it. */
static bool has_gateway(const struct gyl_iface *f)
{
	return f->gateway != 0 && gyl__iface_near(f, f->gateway) != NULL;
}

static const struct gyl_iface *first_with_gateway(const struct gyl_stack *s)
{
	for (unsigned i = 0; i < s->iface_cnt; i++) {
		if (has_gateway(&s->iface[i]))
			return &s->iface[i];
	}
	return NULL;
}

/* To all or to a group: the way out is named, not found. */
static bool to_many(
	const struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop)
{
	if (to->iface >= s->iface_cnt)
		return false;
	ret_hop->iface = &s->iface[to->iface];
	ret_hop->has_mac = true;
	if (gyl_ipv4_is_multicast(to->ip))
		gyl_eth_from_ipv4_group(to->ip, ret_hop->mac);
	else
		memset(ret_hop->mac, 0xff, 6);
	ret_hop->src = gyl__iface_src(ret_hop->iface, to->ip, to->local_ip);
	return ret_hop->src != 0;
}

/* By the gateway of f, or of the first interface that has one. */
static bool to_gateway(
	const struct gyl_stack *s, const struct gyl_iface *f, struct gyl_hop *ret_hop)
{
	if (f == NULL)
		f = first_with_gateway(s);
	if (f == NULL || !has_gateway(f))
		return false;
	ret_hop->iface = f;
	ret_hop->ip = f->gateway;
	ret_hop->src = gyl__iface_near(f, f->gateway)->ip;
	return true;
}

static bool to_one(
	const struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop)
{
	const struct gyl_iface *from = to->local_ip == 0 ? NULL : sender(s, to->local_ip);
	const struct gyl_iface_addr *near = NULL;

	/* RFC 1122 3.2.1.3: 0.0.0.0 and loopback must not appear on a wire; we do not talk to
	 * ourselves. */
	if (to->ip == 0 || gyl_ipv4_is_loopback(to->ip) || owner(s, to->ip) != NULL)
		return false;
	ret_hop->has_mac = false;
	ret_hop->ip = to->ip;
	if (from != NULL)
		near = gyl__iface_near(from, to->ip);
	ret_hop->iface = from != NULL ? from : nearest(s, to->ip, &near);
	if (near == NULL) {
		if (!to_gateway(s, from, ret_hop))
			return false;
	} else {
		ret_hop->src = near->ip;
		ret_hop->has_mac = near->broadcast == to->ip;
		memset(ret_hop->mac, 0xff, 6);
	}
	if (from != NULL)
		ret_hop->src = to->local_ip;
	return true;
}

bool gyl__route(const struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop)
{
	bool is_many = to->ip == UINT32_MAX || gyl_ipv4_is_multicast(to->ip);

	if (!(is_many ? to_many(s, to, ret_hop) : to_one(s, to, ret_hop)))
		return false;
	ret_hop->vlan = gyl__iface_tag(ret_hop->iface, to->vlan);
	return true;
}

bool gyl__route_back(
	const struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop)
{
	if (to->iface >= s->iface_cnt)
		return false;
	ret_hop->iface = &s->iface[to->iface];
	ret_hop->vlan = gyl__iface_tag(ret_hop->iface, to->vlan);
	ret_hop->has_mac = true;
	memcpy(ret_hop->mac, to->mac, 6);
	ret_hop->src = gyl__iface_src(ret_hop->iface, to->ip, to->local_ip);
	return ret_hop->src != 0;
}

/* Is mac, where a frame from ip came from, the station itself, or the router that we would take?
 * Any other router may know no way back, or not be one. */
static bool is_way_back(const struct gyl_iface *f, const struct gyl_net_peer *p)
{
	struct gyl_arp_entry e;

	if (p->ip == 0 || gyl__iface_near(f, p->ip) != NULL)
		return true;
	return f->gateway != 0 &&
	       gyl_arp_cache_find(f->arp, gyl__iface_tag(f, p->vlan), f->gateway, &e) &&
	       e.state != GYL_ARP_PENDING && gyl_eth_mac_eq(e.mac, p->mac);
}

void gyl__route_peer(const struct gyl_iface *f, uint16_t vlan, const uint8_t mac[6], uint32_t ip,
	uint32_t local_ip, struct gyl_net_peer *ret_peer)
{
	ret_peer->ip = ip;
	ret_peer->local_ip = local_ip;
	ret_peer->port = 0;
	ret_peer->local_port = 0;
	ret_peer->vlan = vlan;
	ret_peer->iface = f->index;
	memcpy(ret_peer->mac, mac, 6);
	ret_peer->has_mac = is_way_back(f, ret_peer);
}

bool gyl_stack_route(
	const struct gyl_stack *s, uint32_t ip, uint8_t *ret_iface, uint32_t *ret_local_ip)
{
	struct gyl_net_peer to = {.ip = ip};
	struct gyl_hop hop;

	if (!gyl__route(s, &to, &hop))
		return false;
	*ret_iface = hop.iface->index;
	*ret_local_ip = hop.src;
	return true;
}
