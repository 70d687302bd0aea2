/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/state.h"

/* RFC 2131 table 3 and 4.1: what a reply says and where it goes. */
struct reply {
	struct gyl_dhcpd_req *r;
	struct gyl_dhcp_hdr hdr;
	struct gyl_peer to;
	struct gyl_dhcp_writer w;
};

/* ---- where to ---- */

static bool is_iface(const struct gyl_dhcpd *d, uint32_t ip)
{
	for (uint32_t i = 0; i < d->iface_cnt; i++)
		if (d->iface[i].ip == ip)
			return true;
	return false;
}

static void to_relay(const struct gyl_dhcpd *d, struct reply *a)
{
	a->to.ip = a->hdr.giaddr;
	a->to.port = d->layout->cf->port;
	/* RFC 8357 5.2: a relay may use another port and says so. */
	if (a->r->relay.source_port)
		a->to.port = a->r->in->peer.port;
	a->to.has_mac = 0;
}

static void to_all(struct reply *a)
{
	a->to.ip = UINT32_MAX;
	a->to.has_mac = 1;
	memset(a->to.mac, 0xff, sizeof a->to.mac);
}

/* To an address that the client uses: the frame's source is the way back, if it came from there. */
static void to_address(struct reply *a, uint32_t ip)
{
	if (a->r->in->peer.ip != ip)
		a->to.has_mac = 0;
	a->to.ip = ip;
}

/* The client has no address yet: only a frame to its MAC finds it. */
static void to_client(struct reply *a, uint32_t ip)
{
	if (!a->r->key.has_mac) {
		to_all(a);
		return;
	}
	a->to.ip = ip;
	a->to.has_mac = 1;
	memcpy(a->to.mac, a->r->key.mac, sizeof a->to.mac);
}

/* RFC 2131 4.1, in its order. */
static void address(const struct gyl_dhcpd *d, struct reply *a, uint8_t type)
{
	const struct gyl_dhcp_hdr *q = &a->r->msg.hdr;
	const struct gyl_peer *p = &a->r->in->peer;
	bool inform = a->r->msg.type == GYL_DHCP_INFORM;
	uint32_t own = inform && q->ciaddr == 0 ? p->ip : q->ciaddr;

	a->to = *p;
	if (!is_iface(d, p->local_ip))
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

/* ---- what ---- */

static void begin(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, struct reply *a, uint8_t type,
	uint32_t yiaddr, uint64_t after)
{
	const struct gyl_dhcp_hdr *q = &r->msg.hdr;
	size_t cap, max = GYL_DHCP_LEN_DEFAULT;
	uint8_t *p;

	if (r->ix.off[GYL_DHCP_OPT_MAX_SIZE] != 0)
		max = gyl_dhcp_reply_max(&r->msg);
	a->r = r;
	a->hdr = *q; /* htype, hlen, xid, giaddr, chaddr go back as they came */
	a->hdr.op = GYL_DHCP_BOOTREPLY;
	a->hdr.hops = 0;
	a->hdr.secs = 0;
	a->hdr.flags = q->flags & GYL_DHCP_FLAG_BROADCAST;
	a->hdr.yiaddr = yiaddr;
	a->hdr.siaddr = 0;
	if (type == GYL_DHCP_OFFER || type == GYL_DHCP_NAK)
		a->hdr.ciaddr = 0;
	/* RFC 2131 4.3.2: the relay is to broadcast it, the client's address is void. */
	if (type == GYL_DHCP_NAK && q->giaddr != 0)
		a->hdr.flags |= GYL_DHCP_FLAG_BROADCAST;
	address(d, a, type);
	p = gyl_out_send(r->o, r->in->port, &a->to, 0, after, &cap);
	gyl_dhcp_begin(&a->w, p, cap < max ? cap : max, &a->hdr);
	if (r->relay_val.len != 0) /* RFC 3046 2.2: as it came, and last */
		gyl_dhcp_put_relay(&a->w, r->relay_val);
	if (type == 0)
		return;
	gyl_dhcp_put_u8(&a->w, GYL_DHCP_OPT_TYPE, type);
	gyl_dhcp_put_u32(&a->w, GYL_DHCP_OPT_SERVER_ID, r->our_id);
	if (r->client_id.len != 0) /* RFC 6842 3 */
		gyl_dhcp_put(&a->w, GYL_DHCP_OPT_CLIENT_ID, r->client_id);
}

static void end(struct reply *a)
{
	size_t len;

	/* What is always said fits into the least size; a relay option too long for that is the
	 * one way to fail, and then silence is all there is. */
	if (gyl_failed(gyl_dhcp_end(&a->w, GYL_DHCP_LEN_MIN, &len)))
		len = 0;
	gyl_out_sent(a->r->o, len);
}

/* RFC 2131 4.4.5: half and seven eighths; without an end there is nothing to renew. */
static void put_times(struct gyl_dhcp_writer *w, uint32_t lease_s)
{
	gyl_dhcp_put_u32(w, GYL_DHCP_OPT_LEASE_TIME, lease_s);
	if (lease_s == GYL_DHCP_INFINITE)
		return;
	gyl_dhcp_put_u32(w, GYL_DHCP_OPT_RENEWAL_TIME, lease_s / 2);
	gyl_dhcp_put_u32(w, GYL_DHCP_OPT_REBINDING_TIME, (uint32_t)((uint64_t)lease_s * 7 / 8));
}

/* RFC 4702 4: the server answers what it does with the name, in the form that it was asked in. */
static void put_fqdn(const struct gyl_dhcpd_req *r, struct gyl_view name, struct gyl_dhcp_writer *w)
{
	struct gyl_dhcp_fqdn asked, f = {.rcode1 = 255, .rcode2 = 255};
	uint8_t text[GYL_DHCPD_NAME_MAX + 1 + 255], val[3 + 256];
	struct gyl_dhcp_name wire;
	struct gyl_writer t, v;
	struct gyl_view opt;

	if (!gyl__dhcpd_find(r, GYL_DHCP_OPT_FQDN, &opt) ||
		gyl_failed(gyl_dhcp_fqdn_decode(opt, &asked)))
		return;
	gyl_writer_init(&t, text, sizeof text);
	gyl_put_view(&t, name);
	if (name.len != 0 && r->subnet->domain.len != 0) {
		gyl_put_u8(&t, '.');
		gyl_put_view(&t, r->subnet->domain);
	}
	f.flags = asked.flags & GYL_DHCP_FQDN_E;
	f.name = gyl_writer_view(&t);
	if ((asked.flags & GYL_DHCP_FQDN_N) != 0)
		f.flags |= GYL_DHCP_FQDN_N;
	else if ((asked.flags & GYL_DHCP_FQDN_S) != 0)
		f.flags |= GYL_DHCP_FQDN_S;
	else
		f.flags |= GYL_DHCP_FQDN_S | GYL_DHCP_FQDN_O;
	if ((f.flags & GYL_DHCP_FQDN_E) != 0 && f.name.len != 0) {
		if (gyl_failed(gyl_dhcp_name_parse(f.name, &wire)))
			return;
		f.name = gyl_view(wire.wire, wire.len);
	}
	gyl_writer_init(&v, val, sizeof val);
	gyl_dhcp_fqdn_encode(&v, &f);
	if (gyl_writer_ok(&v))
		gyl_dhcp_try(w, GYL_DHCP_OPT_FQDN, gyl_writer_view(&v));
}

/* RFC 3011: who asks for a subnet is told that it was listened to. */
static void put_selection(const struct gyl_dhcpd_req *r, struct gyl_dhcp_writer *w)
{
	struct gyl_view v;

	if (gyl__dhcpd_find(r, GYL_DHCP_OPT_SUBNET_SELECTION, &v))
		gyl_dhcp_try(w, GYL_DHCP_OPT_SUBNET_SELECTION, v);
}

void gyl__dhcpd_reply_lease(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint8_t type,
	uint32_t slot, uint64_t after, const char *reason)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct reply a;

	begin(d, r, &a, type, l->ip, after);
	put_times(&a.w, l->granted_s);
	gyl_dhcp_overload(&a.w, GYL_DHCP_OVERLOAD_BOTH);
	put_selection(r, &a.w);
	put_fqdn(r, gyl__dhcpd_lease_name(d, l), &a.w);
	gyl__dhcpd_options_put(d, r, l, &a.w);
	end(&a);
	d->count[type == GYL_DHCP_OFFER ? GYL_DHCPD_OUT_OFFER : GYL_DHCPD_OUT_ACK]++;
	gyl__dhcpd_say_reply(d, r, type, l->ip, reason);
}

void gyl__dhcpd_reply_inform(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct reply a;

	/* RFC 2131 4.3.5: no address and no times. */
	begin(d, r, &a, GYL_DHCP_ACK, 0, 0);
	gyl_dhcp_overload(&a.w, GYL_DHCP_OVERLOAD_BOTH);
	put_selection(r, &a.w);
	gyl__dhcpd_options_put(d, r, NULL, &a.w);
	end(&a);
	d->count[GYL_DHCPD_OUT_ACK]++;
	gyl__dhcpd_say_reply(d, r, GYL_DHCP_ACK, r->msg.hdr.ciaddr, "options alone");
}

void gyl__dhcpd_reply_nak(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, const char *reason)
{
	struct reply a;

	begin(d, r, &a, GYL_DHCP_NAK, 0, 0);
	gyl_dhcp_put_str(&a.w, GYL_DHCP_OPT_MESSAGE, reason);
	end(&a);
	d->count[GYL_DHCPD_OUT_NAK]++;
	gyl__dhcpd_say_reply(d, r, GYL_DHCP_NAK, r->want_ip, reason);
}

void gyl__dhcpd_reply_bootp(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t ip)
{
	struct reply a;

	begin(d, r, &a, 0, ip, 0);
	gyl__dhcpd_options_put(d, r, NULL, &a.w);
	end(&a);
	d->count[GYL_DHCPD_OUT_BOOTP]++;
	gyl__dhcpd_say_reply(d, r, 0, ip, "reserved");
}
