/* SPDX-License-Identifier: ISC */

/* Where an answer goes: RFC 2131 4.1. */

#include "services/dhcpd/reply.h"
#include "services/dhcpd/standby.h"

static void to_relay(const struct gyl_dhcpd *d, struct gyl_dhcpd_reply *a)
{
	a->to.ip = a->hdr.giaddr;
	a->to.port = d->layout->cf->port;
	/* RFC 8357 5.2: a relay may use another port and says so. */
	if (a->r->relay.source_port)
		a->to.port = a->r->in->peer.port;
	/* Of an address that was taken over the system knows nothing: back the way it came. */
	if (d->standby == NULL || !d->standby->adopted)
		a->to.has_mac = 0;
}

static void to_all(struct gyl_dhcpd_reply *a)
{
	a->to.ip = UINT32_MAX;
	a->to.has_mac = 1;
	memset(a->to.mac, 0xff, sizeof a->to.mac);
}

/* To an address that the client uses. The frame's source is the way back when the message came
 * from there, over a router maybe, or from the client itself, which may have no stack yet that
 * answers ARP. */
static void to_address(struct gyl_dhcpd_reply *a, uint32_t ip)
{
	const struct gyl_peer *p = &a->r->in->peer;
	bool itself = a->hdr.giaddr == 0 && a->r->key.has_mac &&
		      memcmp(a->r->key.mac, p->mac, sizeof p->mac) == 0;

	if (p->ip != ip && !itself)
		a->to.has_mac = 0;
	a->to.ip = ip;
}

/* The client has no address yet: only a frame to its MAC finds it. */
static void to_client(struct gyl_dhcpd_reply *a, uint32_t ip)
{
	if (!a->r->key.has_mac) {
		to_all(a);
		return;
	}
	a->to.ip = ip;
	a->to.has_mac = 1;
	memcpy(a->to.mac, a->r->key.mac, sizeof a->to.mac);
}

/* The address that the client has already, 0: none. Table 5 lets ciaddr be set in REQUEST and
 * INFORM alone; what is of another network than the client is forged, and its owner asked for
 * nothing. */
static uint32_t own_address(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	uint32_t ip = r->msg.hdr.ciaddr;

	if (r->msg.type == GYL_DHCP_INFORM && ip == 0)
		ip = r->in->peer.ip;
	return ip != 0 && r->subnet != NULL && gyl__dhcpd_on_link(d, r, ip) ? ip : 0;
}

void gyl__dhcpd_reply_to(const struct gyl_dhcpd *d, struct gyl_dhcpd_reply *a, uint8_t type)
{
	const struct gyl_dhcp_hdr *q = &a->r->msg.hdr;
	const struct gyl_peer *p = &a->r->in->peer;
	bool inform = a->r->msg.type == GYL_DHCP_INFORM;
	uint32_t own = own_address(d, a->r);

	a->to = *p;
	if (!gyl__dhcpd_is_iface(d, p->local_ip))
		a->to.local_ip = p->iface < d->iface_cnt ? d->iface[p->iface].ip : 0;
	a->to.local_port = d->layout->cf->port;
	a->to.port = (uint16_t)(d->layout->cf->port + 1);
	/* RFC 2131 4.3.5: INFORM is answered to ciaddr directly, relay or not. */
	if (q->giaddr != 0 && !(inform && q->ciaddr != 0))
		to_relay(d, a);
	else if (type != GYL_DHCP_NAK && own != 0)
		to_address(a, own);
	else if ((q->flags & GYL_DHCP_FLAG_BROADCAST) != 0 || a->hdr.yiaddr == 0)
		to_all(a); /* a NAK too: it gives no address */
	else
		to_client(a, a->hdr.yiaddr);
}
