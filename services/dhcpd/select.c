/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/state.h"

bool gyl__dhcpd_is_iface(const struct gyl_dhcpd *d, uint32_t ip)
{
	for (uint32_t i = 0; ip != 0 && i < d->iface_cnt; i++)
		if (d->iface[i].ip == ip)
			return true;
	return false;
}

bool gyl__dhcpd_is_ours(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip)
{
	return (ip != 0 && ip == r->our_id) || gyl__dhcpd_is_iface(d, ip);
}

/* An answer to ourselves, to a group or to a whole network would be a weapon. */
bool gyl__dhcpd_giaddr_ok(const struct gyl_dhcpd *d, uint32_t giaddr)
{
	const struct gyl_dhcpd_subnet *s;
	uint16_t subnet;
	uint8_t top = (uint8_t)(giaddr >> 24);

	if (giaddr == 0)
		return true;
	if (top == 0 || top == 127 || top >= 224 || gyl__dhcpd_is_iface(d, giaddr))
		return false;
	subnet = gyl__dhcpd_layout_subnet(d->layout, giaddr);
	if (subnet == GYL_DHCPD_NO_SUBNET)
		return true; /* by RFC 3527 it is the way back alone */
	s = &d->layout->subnet[subnet];
	return gyl__dhcpd_is_host(s, giaddr);
}

/* The address that the client knows us by. */
static uint32_t our_id(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	const struct gyl_peer *p = &r->in->peer;

	/* RFC 5107 4: the relay stands for us, so that renewals pass it. */
	if (r->relay.has_server_id && r->relay.server_id != 0)
		return r->relay.server_id;
	if (gyl__dhcpd_is_iface(d, p->local_ip))
		return p->local_ip;
	if (p->iface < d->iface_cnt)
		return d->iface[p->iface].ip;
	return d->iface_cnt != 0 ? d->iface[0].ip : 0;
}

/* The subnet of the link that a message without relay came from. */
static uint32_t link_subnet(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	const struct gyl_peer *p = &r->in->peer;
	uint32_t from = r->msg.hdr.ciaddr != 0 ? r->msg.hdr.ciaddr : p->ip;

	/* RFC 2131 4.3.2: what reached us by unicast may have crossed routers; what it calls its
	 * address, or came from, is all that tells where it lives. */
	if (r->unicast && from != 0)
		return gyl__dhcpd_layout_subnet(d->layout, from);
	return p->iface < d->iface_cnt ? d->layout->iface_subnet[p->iface] : GYL_DHCPD_NO_SUBNET;
}

static uint32_t subnet_of(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct gyl_view wanted;

	r->chosen = false;
	/* RFC 3527 3 before RFC 3011 before giaddr: each was made to overrule the next. */
	if (r->relay.has_link && r->relay.link != 0)
		return gyl__dhcpd_layout_subnet(d->layout, r->relay.link);
	r->chosen = gyl__dhcpd_find(r, GYL_DHCP_OPT_SUBNET_SELECTION, &wanted) && wanted.len == 4;
	if (r->chosen)
		return gyl__dhcpd_layout_subnet(d->layout, gyl_get_u32(wanted.p));
	if (r->msg.hdr.giaddr != 0)
		return gyl__dhcpd_layout_subnet(d->layout, r->msg.hdr.giaddr);
	return link_subnet(d, r);
}

static bool was_unicast(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	enum {
		RELAY_UNICAST = 0x80 /* RFC 5010 4 */
	};

	if (r->msg.hdr.giaddr != 0)
		return r->relay.has_flags && (r->relay.flags & RELAY_UNICAST) != 0;
	return gyl__dhcpd_is_iface(d, r->in->peer.local_ip);
}

static struct gyl_dhcpd_who who_of(const struct gyl_dhcpd_req *r)
{
	struct gyl_dhcpd_who who = {r->key.has_mac, {0}, r->client_id, r->relay.circuit_id};

	memcpy(who.mac, r->key.mac, sizeof who.mac);
	return who;
}

static const struct gyl_dhcpd_host *host_on(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t subnet)
{
	struct gyl_dhcpd_who who = who_of(r);

	return gyl__dhcpd_layout_host(d->layout, &who, d->layout->subnet[subnet].base);
}

static void take_subnet(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t subnet)
{
	r->subnet_no = subnet;
	r->subnet = &d->layout->subnet[subnet];
	r->host = host_on(d, r, subnet);
	gyl__dhcpd_class_read(d, r);
}

static bool has_address(const struct gyl_dhcpd_host *h)
{
	return h != NULL && h->cf->address != 0;
}

/* Of several subnets on the link the one with the client's own address. */
static void take_reserved(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct gyl_dhcpd_who who = who_of(r);
	uint32_t first = r->subnet_no;

	if (r->subnet->link_next == first || !gyl__dhcpd_layout_has_address(d->layout, &who))
		return;
	for (uint32_t i = r->subnet->link_next; i != first && !has_address(r->host);
		i = d->layout->subnet[i].link_next)
		if (has_address(host_on(d, r, i)))
			take_subnet(d, r, i);
}

void gyl__dhcpd_select(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	uint32_t subnet;

	r->our_id = our_id(d, r);
	r->unicast = was_unicast(d, r);
	r->subnet_no = subnet = subnet_of(d, r);
	r->subnet = NULL;
	r->host = NULL;
	r->class_bits = 0;
	if (subnet == GYL_DHCPD_NO_SUBNET)
		return;
	if (d->layout->subnet[subnet].ignore_id)
		gyl__dhcpd_client_by_mac(d, r);
	take_subnet(d, r, subnet);
	take_reserved(d, r);
}

bool gyl__dhcpd_on_link(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip)
{
	uint16_t subnet;

	if ((ip & r->subnet->mask) == r->subnet->ip)
		return true;
	if (r->subnet->link_next == r->subnet_no)
		return false;
	subnet = gyl__dhcpd_layout_subnet(d->layout, ip);
	return subnet != GYL_DHCPD_NO_SUBNET && d->layout->subnet[subnet].link == r->subnet->link;
}

bool gyl__dhcpd_same_link(const struct gyl_dhcpd *d, uint32_t a, uint32_t b)
{
	const struct gyl_dhcpd_subnet *s = d->layout->subnet;

	return a == b ||
	       (a != GYL_DHCPD_NO_SUBNET && b != GYL_DHCPD_NO_SUBNET && s[a].link == s[b].link);
}

void gyl__dhcpd_settle(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t ip)
{
	const struct gyl_dhcpd_range *g;
	uint32_t subnet;

	if (r->subnet->link_next == r->subnet_no) /* there is but one */
		return;
	g = gyl__dhcpd_layout_range(d->layout, ip);
	subnet = g != NULL ? g->subnet : gyl__dhcpd_layout_subnet(d->layout, ip);
	if (subnet != r->subnet_no)
		take_subnet(d, r, subnet);
}
