/* SPDX-License-Identifier: ISC */

/*
 * Where a client is. What budgets count by must be what a client cannot invent freely: on the link
 * the Ethernet source of its frames, behind a relay giaddr and chaddr; never option 61.
 *
 * Bridges in Wi-Fi and in hypervisors put their own Ethernet source on the frames of all who are
 * behind them. There a client is source and chaddr together, and the bridge is what a circuit is
 * behind a relay: it has a share of the pool.
 */

#include <gyl/eth.h>
#include <gyl/siphash.h>
#include <gyl/time.h>

#include "services/dhcpd/state.h"

/* Never 0: that says that there is none. */
static uint32_t hash(const struct gyl_dhcpd *d, uint8_t kind, uint32_t giaddr, struct gyl_view v)
{
	uint8_t octet[5 + 255];
	uint32_t h;

	octet[0] = kind;
	gyl_set_u32(octet + 1, giaddr);
	if (v.len != 0)
		memcpy(octet + 5, v.p, v.len);
	h = (uint32_t)gyl_siphash(d->seed, octet, 5 + v.len);
	return h == 0 ? 1 : h;
}

uint32_t gyl__dhcpd_link_hash(const struct gyl_dhcpd *d, uint32_t giaddr, struct gyl_view octets)
{
	return hash(d, giaddr == 0 ? 'E' : 'R', giaddr, octets);
}

uint32_t gyl__dhcpd_circuit_hash(
	const struct gyl_dhcpd *d, uint32_t giaddr, struct gyl_view circuit_id)
{
	return circuit_id.len == 0 ? 0 : hash(d, 'C', giaddr, circuit_id);
}

void gyl__dhcpd_source_hash(const struct gyl_dhcpd *d, const uint8_t source[6], const uint8_t *mac,
	uint32_t *ret_link, uint32_t *ret_circuit)
{
	uint8_t both[12];

	if (mac == NULL || gyl_eth_mac_eq(source, mac)) {
		*ret_link = gyl__dhcpd_link_hash(d, 0, gyl_view(source, 6));
		return;
	}
	memcpy(both, source, 6);
	memcpy(both + 6, mac, 6);
	*ret_link = gyl__dhcpd_link_hash(d, 0, gyl_view(both, sizeof both));
	*ret_circuit = hash(d, 'B', 0, gyl_view(source, 6));
}

/* A frame that came over a router has that one's source, not the client's. */
static bool is_routed(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	uint32_t iface = r->in->peer.iface < d->iface_cnt ? r->in->peer.iface : 0;

	return r->unicast && r->msg.hdr.ciaddr != 0 && r->subnet != NULL && d->iface_cnt != 0 &&
	       !gyl__dhcpd_same_link(d, d->layout->iface_subnet[iface], r->subnet_no);
}

struct gyl_view gyl__dhcpd_link_octets(const struct gyl_dhcpd_key *k)
{
	if (k->has_mac)
		return gyl_view(k->mac, sizeof k->mac);
	return k->form == GYL_DHCPD_BY_HW ? gyl_view(k->octet + 1, k->len - 1u)
					  : gyl_view(k->octet, k->len);
}

void gyl__dhcpd_link_read(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	const struct gyl_dhcp_hdr *h = &r->msg.hdr;

	r->circuit = gyl__dhcpd_circuit_hash(d, h->giaddr, r->relay.circuit_id);
	if (h->giaddr == 0 && r->in->peer.has_mac && !is_routed(d, r))
		gyl__dhcpd_source_hash(d, r->in->peer.mac, r->key.has_mac ? r->key.mac : NULL,
			&r->link, &r->circuit);
	else
		r->link = gyl__dhcpd_link_hash(d, h->giaddr, gyl__dhcpd_link_octets(&r->key));
}

bool gyl__dhcpd_link_is(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l)
{
	uint32_t giaddr = r->msg.hdr.giaddr;

	if (giaddr != 0)
		return l->giaddr == giaddr &&
		       (l->circuit == 0 || r->circuit == 0 || l->circuit == r->circuit);
	/* RFC 2131 4.4.4: a RELEASE passes no relay. */
	if (l->giaddr != 0 || l->link == 0 || !r->in->peer.has_mac || is_routed(d, r))
		return true;
	return l->link == r->link;
}

static struct gyl_view source_of(const struct gyl_dhcpd_req *r)
{
	const struct gyl_peer *p = &r->in->peer;
	bool said = r->key.has_mac && memcmp(r->key.mac, p->mac, sizeof p->mac) == 0;

	return r->msg.hdr.giaddr != 0 || !p->has_mac || said ? gyl_view(NULL, 0)
							     : gyl_view(p->mac, sizeof p->mac);
}

void gyl__dhcpd_link_note(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_view relay = r->relay_val;

	l->heard_s = (uint32_t)(r->now.mono_ns / GYL_NS_PER_S);
	/* RFC 2131 4.3.2: a renewal passes no relay; the client is where it was. */
	if (r->msg.hdr.giaddr == 0 && r->msg.hdr.ciaddr != 0 && l->giaddr != 0)
		return;
	if (relay.len > GYL_DHCPD_RELAY_MAX) /* RFC 3396: longer than one option can say */
		relay.len = 0;
	l->stale |= l->giaddr != r->msg.hdr.giaddr;
	gyl__dhcpd_budget_bind(d, slot, r->link, r->circuit, r->msg.hdr.giaddr);
	gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_SOURCE, source_of(r));
	gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_RELAY, relay);
}
