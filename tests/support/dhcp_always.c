/* SPDX-License-Identifier: ISC */

/* What holds for every answer of a server, whatever the question was. */

#include <string.h>

#include "tests/support/dhcp_lab.h"

static bool is_inform(const struct dhcp_lab *t)
{
	return t->q.type == GYL_DHCP_INFORM;
}

static bool is_query(const struct dhcp_lab *t)
{
	return t->q.type == GYL_DHCP_LEASEQUERY;
}

/* RFC 2131 table 3. */
static void fields(struct dhcp_lab *t)
{
	const struct gyl_dhcp_hdr *q = &t->q.hdr, *a = &t->a.hdr;
	uint16_t flags = q->flags & GYL_DHCP_FLAG_BROADCAST;
	bool nak = t->a.type == GYL_DHCP_NAK;

	DHCP_EQ(t, a->op, GYL_DHCP_BOOTREPLY);
	DHCP_EQ(t, a->hops, 0);
	DHCP_EQ(t, a->xid, q->xid);
	DHCP_EQ(t, a->secs, 0);
	DHCP_EQ(t, a->giaddr, q->giaddr);
	/* 4.3.2: the relay is to broadcast a NAK. */
	DHCP_EQ(t, a->flags, nak && q->giaddr != 0 ? GYL_DHCP_FLAG_BROADCAST : flags);
	if (is_query(t))
		return;
	DHCP_EQ(t, a->htype, q->htype);
	DHCP_EQ(t, a->hlen, q->hlen);
	if (memcmp(a->chaddr, q->chaddr, sizeof a->chaddr) != 0)
		dhcp_fail(t, "chaddr is not as it came");
	DHCP_EQ(t, a->ciaddr, t->a.type == GYL_DHCP_OFFER || nak ? 0 : q->ciaddr);
	if (nak)
		DHCP_EQ(t, a->siaddr, 0);
	if (nak || is_inform(t))
		DHCP_EQ(t, a->yiaddr, 0);
}

static void is_to_all(struct dhcp_lab *t)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	DHCP_EQ(t, t->got.dst_ip, UINT32_MAX);
	if (memcmp(t->got.dst_mac, all, 6) != 0)
		dhcp_fail(t, "the frame is not for all");
}

static void is_to_client(struct dhcp_lab *t, uint32_t ip)
{
	DHCP_EQ(t, t->got.dst_ip, ip);
	if (t->got.routed || memcmp(t->got.dst_mac, t->q.hdr.chaddr, 6) != 0)
		dhcp_fail(t, "the frame is not for chaddr");
}

static bool in_one_net(uint32_t a, uint32_t b)
{
	unsigned host = a >> 16 == LAB_TINY >> 16 ? 8 : 16;

	return a >> host == b >> host;
}

/* What the client says is its address, and can be: of the network that it gets one of. */
static uint32_t own_address(const struct dhcp_lab *t)
{
	uint32_t ip = t->q.hdr.ciaddr;

	if (is_inform(t) && ip == 0)
		ip = t->sent.src_ip;
	if (t->a.hdr.yiaddr != 0)
		return in_one_net(ip, t->a.hdr.yiaddr) ? ip : 0;
	return in_one_net(ip, LAB_FOREIGN) ? 0 : ip;
}

/* RFC 2131 4.1 and 4.3.5. */
static void way_back(struct dhcp_lab *t)
{
	const struct gyl_dhcp_hdr *q = &t->q.hdr;
	bool ether = q->htype == 1 && q->hlen == 6;

	DHCP_EQ(t, t->got.src_ip, LAB_US);
	DHCP_EQ(t, t->got.src_port, 67);
	if (q->giaddr != 0 && !(is_inform(t) && q->ciaddr != 0)) {
		DHCP_EQ(t, t->got.dst_ip, q->giaddr);
		return;
	}
	DHCP_EQ(t, t->got.dst_port, 68);
	if (t->a.type == GYL_DHCP_NAK)
		is_to_all(t);
	else if (own_address(t) != 0)
		DHCP_EQ(t, t->got.dst_ip, own_address(t));
	else if ((q->flags & GYL_DHCP_FLAG_BROADCAST) != 0 || !ether || t->a.hdr.yiaddr == 0)
		is_to_all(t);
	else
		is_to_client(t, t->a.hdr.yiaddr);
}

/* RFC 1542 2.1, RFC 2132 9.10; the relay takes option 82 off again, so it may come on top. */
static void size(struct dhcp_lab *t)
{
	size_t most = GYL_DHCP_LEN_DEFAULT;
	uint16_t max;

	if (gyl_dhcp_find_u16(&t->q, GYL_DHCP_OPT_MAX_SIZE, &max))
		most = max < GYL_DHCP_LEN_MIN + 28 ? GYL_DHCP_LEN_MIN : max - 28u;
	if (t->q.type == 0)
		most = GYL_DHCP_LEN_MIN;
	if (dhcp_has(t, GYL_DHCP_OPT_RELAY))
		most += 2 + 255;
	if (t->got.len < GYL_DHCP_LEN_MIN || t->got.len > most)
		dhcp_fail(t, "%zu octets, not %d to %zu", t->got.len, GYL_DHCP_LEN_MIN, most);
}

/* RFC 6842 3, RFC 3046 2.2. */
static void echoes(struct dhcp_lab *t)
{
	static const uint8_t both[] = {GYL_DHCP_OPT_CLIENT_ID, GYL_DHCP_OPT_RELAY};
	uint8_t qb[600], ab[600];

	for (unsigned i = 0; i < sizeof both; i++) {
		struct gyl_view q = {NULL, 0}, a = {NULL, 0};

		if (is_query(t) || (t->q.type == 0 && both[i] == GYL_DHCP_OPT_CLIENT_ID))
			continue;
		gyl_dhcp_join(&t->q, both[i], qb, sizeof qb, &q);
		gyl_dhcp_join(&t->a, both[i], ab, sizeof ab, &a);
		if (!gyl_view_eq(q, a))
			dhcp_fail(t, "option %u does not come back as it was", both[i]);
	}
}

/* No option after option 82, none twice unless in pieces, and END is there. */
static void framing(struct dhcp_lab *t)
{
	struct gyl_view area = t->a.area[GYL_DHCP_AREA_OPTIONS];
	uint8_t seen[256] = {0}, last = 0, in_options = 0;
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	for (gyl_dhcp_cursor_init(&c, &t->a); gyl_dhcp_cursor_next(&c, &o);) {
		if (seen[o.code] && last != o.code && o.code != GYL_DHCP_OPT_RELAY)
			dhcp_fail(t, "option %u comes twice", o.code);
		seen[o.code] = 1;
		/* These two end the options field, whatever goes on in the next. */
		if (o.code != GYL_DHCP_OPT_OVERLOAD && o.code != GYL_DHCP_OPT_RELAY)
			last = o.code;
		if (o.val.p < area.p + area.len && o.val.p >= area.p)
			in_options = o.code;
	}
	if (seen[GYL_DHCP_OPT_RELAY] && in_options != GYL_DHCP_OPT_RELAY)
		dhcp_fail(t, "option 82 is not the last");
}

/* Where a code stands among the answer's options; -1: nowhere. */
static int place(const struct dhcp_lab *t, uint8_t code)
{
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;
	int at = 0;

	for (gyl_dhcp_cursor_init(&c, &t->a); gyl_dhcp_cursor_next(&c, &o); at++)
		if (o.code == code)
			return at;
	return -1;
}

static bool is_first(uint8_t code)
{
	static const uint8_t first[] = {GYL_DHCP_OPT_SUBNET_MASK, GYL_DHCP_OPT_TYPE,
		GYL_DHCP_OPT_SERVER_ID, GYL_DHCP_OPT_LEASE_TIME, GYL_DHCP_OPT_RENEWAL_TIME,
		GYL_DHCP_OPT_REBINDING_TIME, GYL_DHCP_OPT_CLIENT_ID, GYL_DHCP_OPT_FQDN,
		GYL_DHCP_OPT_SUBNET_SELECTION, GYL_DHCP_OPT_RELAY, GYL_DHCP_OPT_OVERLOAD,
		GYL_DHCP_OPT_RAPID_COMMIT};

	return memchr(first, code, sizeof first) != NULL;
}

/* RFC 2131 4.3.1 wants the order of the list; RFC 2132 3.3 the mask before the router. */
static void order(struct dhcp_lab *t)
{
	int mask = place(t, GYL_DHCP_OPT_SUBNET_MASK), router = place(t, GYL_DHCP_OPT_ROUTERS);
	struct gyl_view list;
	int before = -1;

	if (mask >= 0 && router >= 0 && router < mask)
		dhcp_fail(t, "the router comes before the mask");
	if (is_query(t) || t->a.overload != 0 ||
		!gyl_dhcp_find(&t->q, GYL_DHCP_OPT_REQUEST_LIST, &list))
		return;
	for (size_t i = 0; i < list.len; i++) {
		int at = is_first(list.p[i]) ? -1 : place(t, list.p[i]);

		if (memchr(list.p, list.p[i], i) != NULL || at < 0)
			continue;
		if (at < before)
			dhcp_fail(t, "option %u is not in the order of the list", list.p[i]);
		before = at;
	}
}

/* RFC 2131 table 3: what a reply must have and must not. */
static void options(struct dhcp_lab *t)
{
	bool lease = (t->a.type == GYL_DHCP_OFFER || t->a.type == GYL_DHCP_ACK) && !is_inform(t) &&
		     t->a.hdr.yiaddr != 0;
	static const uint8_t never[] = {
		GYL_DHCP_OPT_REQUESTED_IP, GYL_DHCP_OPT_REQUEST_LIST, GYL_DHCP_OPT_MAX_SIZE};

	for (unsigned i = 0; i < sizeof never; i++)
		if (dhcp_has(t, never[i]))
			dhcp_fail(t, "option %u is none of a server's", never[i]);
	if (!is_query(t))
		DHCP_EQ(t, dhcp_has(t, GYL_DHCP_OPT_LEASE_TIME), lease);
	if (t->a.type == 0)
		return;
	DHCP_TRUE(t, dhcp_opt_u32(t, GYL_DHCP_OPT_SERVER_ID) != 0);
	if (t->a.type != GYL_DHCP_NAK)
		return;
	dhcp_codes_are(t, dhcp_has(t, GYL_DHCP_OPT_MESSAGE) ? "56" : "");
}

static void type(struct dhcp_lab *t)
{
	static const uint8_t may[19][4] = {
		[GYL_DHCP_DISCOVER] = {GYL_DHCP_OFFER, GYL_DHCP_ACK},
		[GYL_DHCP_REQUEST] = {GYL_DHCP_ACK, GYL_DHCP_NAK},
		[GYL_DHCP_INFORM] = {GYL_DHCP_ACK},
		[GYL_DHCP_LEASEQUERY] = {GYL_DHCP_LEASEUNASSIGNED, GYL_DHCP_LEASEUNKNOWN,
			GYL_DHCP_LEASEACTIVE},
	};

	if (t->q.type > 18 || (t->q.type != 0 && t->a.type == 0) ||
		memchr(may[t->q.type], t->a.type, 4) == NULL)
		dhcp_fail(t, "type %u is answered with type %u", t->q.type, t->a.type);
}

void dhcp_always(struct dhcp_lab *t)
{
	struct gyl_fault f = gyl_dhcp_decode(gyl_view(t->got.p, t->got.len), &t->a);

	/* An echo may be as odd as what it repeats, also later to a query; nothing else may. BOOTP
	 * without the cookie has no options either. */
	bool odd = t->asked->relay != NULL || t->asked->no_cookie || is_query(t);

	if (f.err != GYL_OK && !(f.err == GYL_LENIENT && odd))
		dhcp_fail(t, "the answer is malformed at octet %zu", f.off);
	type(t);
	fields(t);
	way_back(t);
	size(t);
	framing(t);
	echoes(t);
	order(t);
	options(t);
}
