/* SPDX-License-Identifier: ISC */

/* Values with a layout of their own: routes (RFC 3442), 90, 120, 162, 212. */

#include <gyl/dhcp_opt.h>

void gyl_dhcp_route_init(struct gyl_dhcp_route_cursor *c, struct gyl_view val)
{
	c->val = val;
	c->at = 0;
}

/* Octets of a destination that are on the wire. @rfc{3442} "significant octets" */
static size_t significant(uint8_t prefix)
{
	return ((size_t)prefix + 7) / 8;
}

static uint32_t mask_of(uint8_t prefix)
{
	return prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
}

bool gyl_dhcp_route_next(struct gyl_dhcp_route_cursor *c, struct gyl_dhcp_route *ret_route)
{
	struct gyl_view rest = gyl_view_sub(c->val, c->at, SIZE_MAX);
	uint8_t dst[4] = {0};
	size_t len;

	if (rest.len == 0 || rest.p[0] > 32)
		return false;
	len = significant(rest.p[0]);
	if (rest.len < 1 + len + 4)
		return false;
	memcpy(dst, rest.p + 1, len);
	ret_route->prefix = rest.p[0];
	ret_route->dst = gyl_get_u32(dst) & mask_of(rest.p[0]);
	ret_route->router = gyl_get_u32(rest.p + 1 + len);
	c->at += 1 + len + 4;
	return true;
}

void gyl_dhcp_route_put(struct gyl_writer *w, struct gyl_dhcp_route route)
{
	size_t len = significant(route.prefix);
	uint8_t dst[4], *p;

	if (route.prefix > 32) {
		gyl_writer_fail(w, GYL_E_RANGE);
		return;
	}
	p = gyl_put_room(w, 1 + len + 4);
	if (p == NULL)
		return;
	gyl_set_u32(dst, route.dst & mask_of(route.prefix));
	p[0] = route.prefix;
	memcpy(p + 1, dst, len);
	gyl_set_u32(p + 1 + len, route.router);
}

struct gyl_fault gyl_dhcp_auth_decode(struct gyl_view val, struct gyl_dhcp_auth *ret_auth)
{
	if (val.len < 11)
		return gyl_fault(GYL_E_LENGTH, 0);
	ret_auth->protocol = val.p[0];
	ret_auth->algorithm = val.p[1];
	ret_auth->rdm = val.p[2];
	ret_auth->replay = gyl_get_u64(val.p + 3);
	ret_auth->info = gyl_view_sub(val, 11, SIZE_MAX);
	return gyl_ok();
}

void gyl_dhcp_auth_encode(struct gyl_writer *w, const struct gyl_dhcp_auth *auth)
{
	uint8_t *p = gyl_put_room(w, 11 + auth->info.len);

	if (p == NULL)
		return;
	p[0] = auth->protocol;
	p[1] = auth->algorithm;
	p[2] = auth->rdm;
	gyl_set_u64(p + 3, auth->replay);
	if (auth->info.len != 0)
		memcpy(p + 11, auth->info.p, auth->info.len);
}

struct gyl_fault gyl_dhcp_sip_decode(struct gyl_view val, struct gyl_dhcp_sip *ret_sip)
{
	struct gyl_view list = gyl_view_sub(val, 1, SIZE_MAX);
	struct gyl_fault f = gyl_ok();

	if (list.len == 0)
		return gyl_fault(GYL_E_LENGTH, 0);
	if (val.p[0] > 1)
		return gyl_fault(GYL_E_FIELD, 0);
	if (val.p[0] == 0)
		f = gyl_dhcp_names_check(list);
	else if (list.len % 4 != 0)
		f = gyl_fault(GYL_E_LENGTH, 0);
	if (gyl_failed(f))
		return gyl_fault(f.err, f.off + 1);
	ret_sip->is_names = val.p[0] == 0;
	ret_sip->list = list;
	return gyl_ok();
}

/* The fields of one instance. RFC 9463 5.1: in ADN-only mode nothing follows the name. */
static bool dnr_fields(struct gyl_view v, struct gyl_dhcp_dnr *d)
{
	struct gyl_view list = gyl_view_sub(v, 2, SIZE_MAX), adn;
	struct gyl_dhcp_name_cursor c;

	if (!gyl_dhcp_item_next(&list, &adn))
		return false;
	d->priority = gyl_get_u16(v.p);
	gyl_dhcp_name_init(&c, adn);
	if (!gyl_dhcp_name_next(&c, &d->name) || c.at != adn.len)
		return false;
	d->addrs = gyl_view(NULL, 0);
	d->params = gyl_view(NULL, 0);
	if (list.len == 0)
		return true;
	if (!gyl_dhcp_item_next(&list, &d->addrs) || d->addrs.len == 0 || d->addrs.len % 4 != 0)
		return false;
	d->params = list;
	return true;
}

bool gyl_dhcp_dnr_next(struct gyl_view *rest, struct gyl_dhcp_dnr *ret_dnr)
{
	struct gyl_dhcp_dnr d;
	size_t len;

	if (rest->len < 2)
		return false;
	len = gyl_get_u16(rest->p);
	if (len > rest->len - 2 || !dnr_fields(gyl_view(rest->p + 2, len), &d))
		return false;
	*rest = gyl_view(rest->p + 2 + len, rest->len - 2 - len);
	*ret_dnr = d;
	return true;
}

void gyl_dhcp_dnr_put(struct gyl_writer *w, const struct gyl_dhcp_dnr *dnr)
{
	size_t start = w->len;
	uint8_t *head = gyl_put_room(w, 4);

	gyl_dhcp_item_put(w, gyl_view(dnr->name.wire, dnr->name.len));
	if (dnr->addrs.len != 0) {
		gyl_dhcp_item_put(w, dnr->addrs);
		gyl_put_view(w, dnr->params);
	}
	if (gyl_writer_ok(w) && w->len - start - 2 > UINT16_MAX)
		gyl_writer_fail(w, GYL_E_LENGTH);
	if (!gyl_writer_ok(w)) {
		w->len = start;
		return;
	}
	gyl_set_u16(head, (uint16_t)(w->len - start - 2));
	gyl_set_u16(head + 2, dnr->priority);
}

struct gyl_fault gyl_dhcp_sixrd_decode(struct gyl_view val, struct gyl_dhcp_sixrd *ret_sixrd)
{
	if (val.len < 22 || (val.len - 18) % 4 != 0)
		return gyl_fault(GYL_E_LENGTH, 0);
	if (val.p[0] > 32)
		return gyl_fault(GYL_E_FIELD, 0);
	/* RFC 5969 7.1.1: the delegated prefix must leave room for what is left of the IPv4
	 * address. */
	if (val.p[1] > 128 || 32 - val.p[0] + val.p[1] > 128)
		return gyl_fault(GYL_E_FIELD, 1);
	ret_sixrd->ipv4_mask_len = val.p[0];
	ret_sixrd->prefix_len = val.p[1];
	memcpy(ret_sixrd->prefix, val.p + 2, sizeof ret_sixrd->prefix);
	ret_sixrd->relays = gyl_view_sub(val, 18, SIZE_MAX);
	return gyl_ok();
}

void gyl_dhcp_sixrd_encode(struct gyl_writer *w, const struct gyl_dhcp_sixrd *sixrd)
{
	uint8_t *p = gyl_put_room(w, 18 + sixrd->relays.len);

	if (p == NULL)
		return;
	p[0] = sixrd->ipv4_mask_len;
	p[1] = sixrd->prefix_len;
	memcpy(p + 2, sixrd->prefix, sizeof sixrd->prefix);
	if (sixrd->relays.len != 0)
		memcpy(p + 18, sixrd->relays.p, sixrd->relays.len);
}
