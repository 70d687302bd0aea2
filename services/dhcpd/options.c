/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/state.h"

/* What one reply may use, and what is in it already. */
struct sheet {
	const struct gyl_dhcpd *d;
	const struct gyl_dhcpd_req *r;
	const struct gyl_dhcpd_lease *l; /* NULL for INFORM */
	struct gyl_dhcp_writer *w;
	uint64_t done[4];
	bool all; /* the client did not say what it wants */
	uint8_t scratch[GYL_DHCPD_SCRATCH];
};

/* Written by reply.c, or none of a server's: never by request. */
static const bool is_ours[256] = {[GYL_DHCP_OPT_PAD] = true,
	[GYL_DHCP_OPT_REQUESTED_IP] = true,
	[GYL_DHCP_OPT_LEASE_TIME] = true,
	[GYL_DHCP_OPT_OVERLOAD] = true,
	[GYL_DHCP_OPT_TYPE] = true,
	[GYL_DHCP_OPT_SERVER_ID] = true,
	[GYL_DHCP_OPT_REQUEST_LIST] = true,
	[GYL_DHCP_OPT_MESSAGE] = true,
	[GYL_DHCP_OPT_MAX_SIZE] = true,
	[GYL_DHCP_OPT_RENEWAL_TIME] = true,
	[GYL_DHCP_OPT_REBINDING_TIME] = true,
	[GYL_DHCP_OPT_CLIENT_ID] = true,
	[GYL_DHCP_OPT_RAPID_COMMIT] = true,
	[GYL_DHCP_OPT_FQDN] = true,
	[GYL_DHCP_OPT_RELAY] = true,
	[GYL_DHCP_OPT_SUBNET_SELECTION] = true,
	[GYL_DHCP_OPT_END] = true};

static bool is_done(const struct sheet *s, uint8_t code)
{
	return is_ours[code] || (s->done[code >> 6] >> (code & 63) & 1) != 0;
}

static void mark_done(struct sheet *s, uint8_t code)
{
	s->done[code >> 6] |= UINT64_C(1) << (code & 63);
}

static struct gyl_view number(struct sheet *s, uint32_t v)
{
	gyl_set_u32(s->scratch, v);
	return gyl_view(s->scratch, 4);
}

/* Our address where the client, or its relay, reached us. */
static uint32_t own_ip(const struct gyl_dhcpd *d, uint32_t iface)
{
	return d->iface_cnt == 0 ? 0 : d->iface[iface < d->iface_cnt ? iface : 0].ip;
}

/* What follows from the rest of the configuration and needs no line of its own. */
static bool derived(struct sheet *s, uint8_t code, struct gyl_view *ret_val)
{
	const struct gyl_dhcpd_subnet *n = s->r->subnet;
	uint32_t ip;

	switch (code) {
	case GYL_DHCP_OPT_SUBNET_MASK:
		*ret_val = number(s, n->mask);
		return true;
	case GYL_DHCP_OPT_BROADCAST:
		*ret_val = number(s, n->ip | ~n->mask);
		return ~n->mask > 1; /* RFC 3021 2.1: two addresses, and both are hosts */
	case GYL_DHCP_OPT_DNS_SERVERS:
		ip = own_ip(s->d, s->r->in->peer.iface);
		*ret_val = number(s, ip);
		return s->d->layout->has_dns && ip != 0;
	case GYL_DHCP_OPT_DOMAIN_NAME:
		*ret_val = n->domain;
		return n->domain.len != 0;
	case GYL_DHCP_OPT_HOST_NAME:
		if (s->l == NULL)
			return false;
		*ret_val = s->r->name;
		return ret_val->len != 0;
	default:
		/* Who does not ask for them has the fields siaddr, file and sname. */
		return !s->all && gyl__dhcpd_boot_option(&s->r->boot, code, s->scratch, ret_val);
	}
}

/* Of the classes the first that has it, before the subnet, before the service. */
static const struct gyl_conf_entry *common_entry(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint8_t code)
{
	const struct gyl_dhcpd_class *k = d->layout->class;

	for (uint64_t bits = r->class_bits; bits != 0; bits >>= 1, k++)
		if ((bits & 1) != 0 && k->opt.by_code[code] != NULL)
			return k->opt.by_code[code];
	return r->subnet->opt->by_code[code];
}

/* The reservation before all of these. */
bool gyl__dhcpd_option_of(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint8_t code,
	struct gyl_view *ret_val)
{
	const struct gyl_conf_entry *e = common_entry(d, r, code), *own = NULL;
	uint32_t cnt = 0;

	if (r->host != NULL) {
		own = gyl_flat_at(d->layout->flat, r->host->cf->options);
		cnt = r->host->cf->options.cnt;
	}
	for (uint32_t i = 0; i < cnt; i++)
		if (own[i].code == code)
			e = &own[i];
	if (e == NULL)
		return false;
	*ret_val = gyl_flat_view(d->layout->flat, e->octet);
	return true;
}

static bool value_of(struct sheet *s, uint8_t code, struct gyl_view *ret_val)
{
	return gyl__dhcpd_option_of(s->d, s->r, code, ret_val) || derived(s, code, ret_val);
}

/* An option that does not fit is left out whole; what comes later in the client's list is less
 * dear to it. */
static void put(struct sheet *s, uint8_t code)
{
	struct gyl_view val;

	if (is_done(s, code))
		return;
	mark_done(s, code);
	if (value_of(s, code, &val))
		gyl_dhcp_try(s->w, code, val);
}

/* RFC 2131 4.3.1: in the order of the list where possible. RFC 2132 3.3: it is not where the list
 * has the router before the mask. */
static void put_list(struct sheet *s, struct gyl_view list)
{
	bool mask = memchr(list.p, GYL_DHCP_OPT_SUBNET_MASK, list.len) != NULL;

	for (size_t i = 0; i < list.len; i++) {
		if (list.p[i] == GYL_DHCP_OPT_ROUTERS && mask)
			put(s, GYL_DHCP_OPT_SUBNET_MASK);
		put(s, list.p[i]);
	}
}

/* Without a list the client gets all there is; a name only when it is an assigned one. */
static void put_all(struct sheet *s)
{
	if (s->r->host == NULL || s->r->host->cf->hostname.cnt == 0)
		mark_done(s, GYL_DHCP_OPT_HOST_NAME);
	s->all = true;
	for (unsigned code = 1; code < GYL_DHCP_OPT_END; code++)
		put(s, (uint8_t)code);
}

/* What must not be said unasked: RFC 8925 3.3, and option 116, which has its own way of asking (RFC
 * 2563 2.2). */
static void mark_asked_only(struct sheet *s)
{
	struct gyl_view v;

	if (!gyl__dhcpd_find(s->r, GYL_DHCP_OPT_AUTO_CONFIG, &v))
		mark_done(s, GYL_DHCP_OPT_AUTO_CONFIG);
	mark_done(s, GYL_DHCP_OPT_IPV6_ONLY);
}

static void put_entries(struct sheet *s, struct gyl_ref options)
{
	const struct gyl_conf_entry *e = gyl_flat_at(s->d->layout->flat, options);

	for (uint32_t i = 0; i < options.cnt; i++)
		put(s, (uint8_t)e[i].code);
}

/* RFC 2131 4.3.1: unasked what is specific to this client, and to its class. */
static void put_own(struct sheet *s)
{
	const struct gyl_dhcpd_class *k = s->d->layout->class;

	if (s->r->host != NULL)
		put_entries(s, s->r->host->cf->options);
	for (uint64_t bits = s->r->class_bits; bits != 0; bits >>= 1, k++)
		if ((bits & 1) != 0)
			put_entries(s, k->cf->options);
}

/* The list of options that the client asks for. */
static bool read_list(const struct gyl_dhcpd_req *r, uint8_t join[512], struct gyl_view *ret_list)
{
	return gyl__dhcpd_join(r, GYL_DHCP_OPT_REQUEST_LIST, join, 512, ret_list) &&
	       ret_list->len != 0;
}

bool gyl__dhcpd_is_asked(const struct gyl_dhcpd_req *r, uint8_t code)
{
	struct gyl_view list;
	uint8_t join[512];

	return read_list(r, join, &list) && memchr(list.p, code, list.len) != NULL;
}

void gyl__dhcpd_options_put(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r,
	const struct gyl_dhcpd_lease *l, struct gyl_dhcp_writer *w)
{
	struct sheet s = {.d = d, .r = r, .l = l, .w = w};
	struct gyl_view list;
	uint8_t join[512];

	if (r->said_fqdn) /* RFC 4702 3.1: a name in both could be two names */
		mark_done(&s, GYL_DHCP_OPT_HOST_NAME);
	if (read_list(r, join, &list)) {
		put_list(&s, list);
		mark_asked_only(&s);
	} else {
		mark_asked_only(&s);
		put_all(&s);
	}
	put_own(&s);
}
