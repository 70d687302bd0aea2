/* SPDX-License-Identifier: ISC */

/* What an answer says: RFC 2131 table 3. */

#include "services/dhcpd/reply.h"

void gyl__dhcpd_reply_hdr(struct gyl_dhcpd_reply *a, uint8_t type, uint32_t yiaddr)
{
	const struct gyl_dhcp_hdr *q = &a->r->msg.hdr;

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
}

/* Octets that the answer may have. */
static size_t longest(const struct gyl_dhcpd_req *r, uint8_t type)
{
	size_t max = GYL_DHCP_LEN_DEFAULT, least = GYL_DHCP_LEN_MIN;

	if (type == 0)
		max = GYL_DHCP_LEN_MIN; /* RFC 951 3: vend has 64 octets */
	else if (r->ix.off[GYL_DHCP_OPT_MAX_SIZE] != 0)
		max = gyl_dhcp_reply_max(&r->msg);
	/* RFC 3046 2.2: the relay takes its option off again, the client's own least is not to
	 * shrink by it. */
	if (r->relay_val.len != 0)
		least += r->relay_val.len + 2 * (r->relay_val.len / 255 + 1);
	return max < least ? least : max;
}

void gyl__dhcpd_reply_begin(
	const struct gyl_dhcpd *d, struct gyl_dhcpd_reply *a, uint8_t type, uint64_t after)
{
	struct gyl_dhcpd_req *r = a->r;
	size_t cap, max = longest(r, type);
	uint8_t *p;

	gyl__dhcpd_reply_to(d, a, type);
	p = gyl_out_send(r->o, r->in->port, &a->to, 0, after, &cap);
	gyl_dhcp_begin(&a->w, p, cap < max ? cap : max, &a->hdr);
	if (r->relay_val.len != 0) /* RFC 3046 2.2: as it came, and last */
		gyl_dhcp_put_relay(&a->w, r->relay_val);
	if (type == 0)
		return;
	gyl_dhcp_put_u8(&a->w, GYL_DHCP_OPT_TYPE, type);
	gyl_dhcp_put_u32(&a->w, GYL_DHCP_OPT_SERVER_ID, r->our_id);
}

static void begin(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, struct gyl_dhcpd_reply *a,
	uint8_t type, uint32_t yiaddr, uint64_t after)
{
	a->r = r;
	gyl__dhcpd_reply_hdr(a, type, yiaddr);
	gyl__dhcpd_reply_begin(d, a, type, after);
}

/* The same with what boot ROMs read: siaddr, file and sname, which then hold no options. */
static void begin_boot(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r,
	struct gyl_dhcpd_reply *a, uint8_t type, uint32_t yiaddr, uint64_t after)
{
	a->r = r;
	gyl__dhcpd_boot_read(d, r);
	gyl__dhcpd_reply_hdr(a, type, yiaddr);
	a->hdr.siaddr = r->boot.next_server;
	gyl__dhcpd_reply_begin(d, a, type, after);
	if (r->boot.file.len != 0)
		gyl_dhcp_put_file(&a->w, r->boot.file);
	if (r->boot.server.len != 0)
		gyl_dhcp_put_sname(&a->w, r->boot.server);
}

void gyl__dhcpd_reply_end(struct gyl_dhcpd_reply *a)
{
	size_t len;

	/* What is always said fits into the least size; a relay option of more than a frame is the
	 * one way to fail, and then silence is all there is. */
	if (gyl_failed(gyl_dhcp_end(&a->w, GYL_DHCP_LEN_MIN, &len)))
		len = 0;
	gyl_out_sent(a->r->o, len);
}

/* RFC 6842 3. One that fills the message, file and sname included, is left out: its client has to
 * take more octets. */
static void put_client_id(struct gyl_dhcpd_reply *a)
{
	gyl_dhcp_overload(&a->w, GYL_DHCP_OVERLOAD_BOTH);
	if (a->r->client_id.len != 0)
		gyl_dhcp_try(&a->w, GYL_DHCP_OPT_CLIENT_ID, a->r->client_id);
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
	struct gyl_dhcpd_reply a;

	begin_boot(d, r, &a, type, l->ip, after);
	put_times(&a.w, type == GYL_DHCP_OFFER ? l->offered_s : l->granted_s);
	put_client_id(&a);
	/* RFC 4039 3.1: an ACK to a DISCOVER is one by rapid commit. */
	if (type == GYL_DHCP_ACK && r->msg.type == GYL_DHCP_DISCOVER)
		gyl_dhcp_put(&a.w, GYL_DHCP_OPT_RAPID_COMMIT, gyl_view(NULL, 0));
	put_selection(r, &a.w);
	/* An offer claims no name: it says what the client would be called. */
	r->name = type == GYL_DHCP_OFFER ? gyl__dhcpd_name_preview(d, r, slot, r->name_buf)
					 : gyl__dhcpd_lease_name(d, l);
	r->said_fqdn = gyl__dhcpd_fqdn_put(r, &a.w);
	gyl__dhcpd_options_put(d, r, l, &a.w);
	gyl__dhcpd_reply_end(&a);
	d->count[type == GYL_DHCP_OFFER ? GYL_DHCPD_OUT_OFFER : GYL_DHCPD_OUT_ACK]++;
	gyl__dhcpd_say_reply(d, r, type, l->ip, reason);
}

void gyl__dhcpd_reply_loose(
	struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t ip, const char *reason)
{
	struct gyl_dhcpd_reply a;

	begin_boot(d, r, &a, GYL_DHCP_OFFER, ip, 0);
	if (ip != 0)
		put_times(&a.w, gyl__dhcpd_lease_time(d, r, gyl__dhcpd_usual_s(d, r)));
	put_client_id(&a);
	put_selection(r, &a.w);
	r->said_fqdn = false;
	gyl__dhcpd_options_put(d, r, NULL, &a.w);
	gyl__dhcpd_reply_end(&a);
	d->count[GYL_DHCPD_OUT_OFFER]++;
	gyl__dhcpd_say_reply(d, r, GYL_DHCP_OFFER, ip, reason);
}

void gyl__dhcpd_reply_none(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint8_t auto_config)
{
	struct gyl_dhcpd_reply a;

	begin(d, r, &a, GYL_DHCP_OFFER, 0, 0);
	put_client_id(&a);
	gyl_dhcp_put_u8(&a.w, GYL_DHCP_OPT_AUTO_CONFIG, auto_config);
	gyl__dhcpd_reply_end(&a);
	d->count[GYL_DHCPD_OUT_OFFER]++;
	gyl__dhcpd_say_reply(d, r, GYL_DHCP_OFFER, 0,
		auto_config == 0 ? "no address, and none to be made up"
				 : "no address, but one may be made up");
}

void gyl__dhcpd_reply_inform(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	struct gyl_dhcpd_reply a;

	/* RFC 2131 4.3.5: no address and no times. */
	begin_boot(d, r, &a, GYL_DHCP_ACK, 0, 0);
	put_client_id(&a);
	put_selection(r, &a.w);
	r->said_fqdn = false;
	gyl__dhcpd_options_put(d, r, NULL, &a.w);
	gyl__dhcpd_reply_end(&a);
	d->count[GYL_DHCPD_OUT_ACK]++;
	gyl__dhcpd_say_reply(d, r, GYL_DHCP_ACK, r->msg.hdr.ciaddr, "options alone");
}

void gyl__dhcpd_reply_nak(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, const char *reason)
{
	struct gyl_dhcpd_reply a;

	begin(d, r, &a, GYL_DHCP_NAK, 0, 0);
	put_client_id(&a);
	gyl_dhcp_try(&a.w, GYL_DHCP_OPT_MESSAGE, gyl_view_str(reason));
	gyl__dhcpd_reply_end(&a);
	d->count[GYL_DHCPD_OUT_NAK]++;
	gyl__dhcpd_say_reply(d, r, GYL_DHCP_NAK, r->want_ip, reason);
}

/* RFC 1497: the magic cookie says that vend holds options. Who does not send it may read vend in
 * another way: it gets zeros. */
static void blank_vend(const struct gyl_dhcpd_reply *a)
{
	memset(a->w.p + GYL_DHCP_HDR_LEN, 0, GYL_DHCP_LEN_MIN - GYL_DHCP_HDR_LEN);
}

void gyl__dhcpd_reply_bootp(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t ip)
{
	struct gyl_dhcpd_reply a;

	begin_boot(d, r, &a, 0, ip, 0);
	r->said_fqdn = false;
	if (r->msg.cookie)
		gyl__dhcpd_options_put(d, r, NULL, &a.w);
	gyl__dhcpd_reply_end(&a);
	if (!r->msg.cookie)
		blank_vend(&a);
	d->count[GYL_DHCPD_OUT_BOOTP]++;
	gyl__dhcpd_say_reply(d, r, 0, ip, "reserved");
}
