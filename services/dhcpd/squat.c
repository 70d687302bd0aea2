/* SPDX-License-Identifier: ISC */

/* What ARP frames say of who uses an address. */

#include <gyl/arp.h>
#include <gyl/time.h>

#include "services/dhcpd/probe.h"
#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

static const uint64_t window_ns = 10 * GYL_NS_PER_S;

/* An address put aside: an event for it, its state and a record. */
static const struct gyl_cost aside_cost = {.event_cnt = 3,
	.store_len = GYL_DHCPD_KEY_LEN_MAX + GYL_DHCPD_VAL_LEN_MAX + GYL_OUT_RECORD_HEAD};

static bool is_own_mac(const struct gyl_dhcpd *d, const uint8_t mac[6])
{
	for (uint32_t i = 0; i < GYL_DHCPD_IFACE_MAX; i++)
		if (d->probe.mac[i].is && gyl_eth_mac_eq(d->probe.mac[i].octet, mac))
			return true;
	return false;
}

static bool is_reserved_for(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, const uint8_t mac[6])
{
	const struct gyl_dhcpd_host_conf *cf;

	if (l->host == 0)
		return false;
	cf = d->layout->host[l->host - 1].cf;
	return cf->has_mac && gyl_eth_mac_eq(cf->mac, mac);
}

/* Did we give the address to who sends this, now or the last time, or would we? */
static bool is_holder(const struct gyl_dhcpd *d, uint32_t slot, const uint8_t mac[6])
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_view source = gyl__dhcpd_lease_source(d, l);

	if (slot == 0)
		return false;
	if (is_reserved_for(d, l, mac))
		return true;
	if (l->form == GYL_DHCPD_NOBODY)
		return false;
	return (l->has_mac && gyl_eth_mac_eq(l->mac, mac)) ||
	       (source.len == 6 && gyl_eth_mac_eq(source.p, mac));
}

/* The client of before uses it still, though its lease has ended: it may have it again, and others
 * only when there is no other one. */
static void to_the_end(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_list *q = gyl__dhcpd_list_of(d, l);

	l->probing = false;
	if (l->state != GYL_DHCPD_FREE || !l->listed)
		return;
	gyl__dhcpd_list_remove(q, d->lease, slot);
	l->checked = false;
	gyl__dhcpd_list_push(gyl__dhcpd_list_of(d, l), d->lease, slot);
	gyl__dhcpd_probe_want(d, d->lease[slot].subnet);
}

/* Nobody's word alone empties a pool: so many a device as it may decline, and few in all. */
static bool is_believed(struct gyl_dhcpd *d, uint32_t subnet, uint32_t link, struct gyl_now now)
{
	struct gyl_dhcpd_probe *p = &d->probe;

	if (now.mono_ns - p->squat_ns >= window_ns) {
		p->squat_ns = now.mono_ns;
		p->squat_cnt = 0;
	}
	if (p->squat_cnt >= GYL_DHCPD_SQUAT_MAX || !gyl__dhcpd_budget_squat(d, link, subnet)) {
		d->count[GYL_DHCPD_LIMITED_DECLINES]++;
		return false;
	}
	p->squat_cnt++;
	return true;
}

static void put_aside(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t ip,
	const uint8_t mac[6])
{
	uint32_t slot = gyl__dhcpd_slot_make(d, ip);

	if (slot == 0)
		return;
	d->lease[slot].probing = false;
	d->count[GYL_DHCPD_SQUATTED]++;
	gyl__dhcpd_say_squat(d, o, ip, mac);
	gyl__dhcpd_client_bind(d, slot, NULL);
	gyl__dhcpd_put_aside(d, now, o, slot);
	gyl__dhcpd_budget_bind(d, slot, gyl__dhcpd_link_hash(d, 0, gyl_view(mac, 6)), 0, 0);
	d->lease[slot].seen = true;
	gyl__dhcpd_probe_want(d, d->lease[slot].subnet);
}

/* Somebody with this MAC uses the address of a range of ours, or is about to. */
static void used(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o,
	const struct gyl_dhcpd_range *g, uint32_t ip, const uint8_t mac[6])
{
	uint32_t slot = *gyl__dhcpd_layout_slot(d->layout, g, ip);
	uint8_t state = d->lease[slot].state;

	if (is_holder(d, slot, mac))
		to_the_end(d, slot);
	else if (slot != 0 && state != GYL_DHCPD_FREE && state != GYL_DHCPD_OFFERED)
		return;
	/* Else it is as free as ever: a router that answers for everybody (RFC 1027) must not take
	 * the pool away. */
	else if (is_believed(d, g->subnet, gyl__dhcpd_link_hash(d, 0, gyl_view(mac, 6)), now))
		put_aside(d, now, o, ip, mac);
}

/* The range of an address that is looked for on the interface of the frame, or NULL. */
static const struct gyl_dhcpd_range *range_of(
	const struct gyl_dhcpd *d, const struct gyl_in *in, uint32_t ip)
{
	const struct gyl_dhcpd_range *g = gyl__dhcpd_layout_range(d->layout, ip);
	const struct gyl_dhcpd_subnet *s;

	if (g == NULL || !g->pool)
		return NULL;
	s = &d->layout->subnet[g->subnet];
	return gyl__dhcpd_probe_is_on(d, s) && s->probe_iface == in->peer.iface + 1 ? g : NULL;
}

/* In one frame at most one address is spoken for: the sender's, or in a probe the target's. */
bool gyl__dhcpd_probe_frame(
	struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_eth eth;
	const struct gyl_dhcpd_range *g;
	struct gyl_arp a;
	uint32_t ip;

	if (!gyl__dhcpd_serves(d))
		return true; /* what the other says of addresses counts */
	if (!gyl_out_room(o, &aside_cost))
		return false;
	if (gyl_failed(gyl_eth_decode(in->data, &eth)) ||
		gyl_failed(gyl_arp_decode(eth.payload, &a)) || gyl_eth_is_group(a.sha) ||
		gyl_eth_is_zero(a.sha) || is_own_mac(d, a.sha))
		return true;
	ip = a.spa != 0 ? a.spa : gyl_arp_kind(&a) == GYL_ARP_KIND_PROBE ? a.tpa : 0;
	g = ip == 0 ? NULL : range_of(d, in, ip);
	if (g != NULL)
		used(d, now, o, g, ip, a.sha);
	return true;
}
