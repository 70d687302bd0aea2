/* SPDX-License-Identifier: ISC */

/* Whether a value is what its code promises: a function a kind, where the length alone does not
 * tell. */

#include "libproto/src/dhcp_kind.h"

static struct gyl_fault check_bool(struct gyl_view v)
{
	return v.p[0] > 1 ? gyl_fault(GYL_E_FIELD, 0) : gyl_ok();
}

static struct gyl_fault check_name(struct gyl_view v)
{
	struct gyl_dhcp_name_cursor c;
	struct gyl_dhcp_name n;

	gyl_dhcp_name_init(&c, v);
	if (gyl_dhcp_name_next(&c, &n))
		return c.at == v.len ? gyl_ok() : gyl_fault(GYL_E_LENGTH, c.at);
	return gyl_dhcp_names_check(v);
}

static struct gyl_fault check_routes(struct gyl_view v)
{
	struct gyl_dhcp_route_cursor c;
	struct gyl_dhcp_route route;

	gyl_dhcp_route_init(&c, v);
	while (gyl_dhcp_route_next(&c, &route))
		;
	return c.at == v.len ? gyl_ok()
			     : gyl_fault(v.p[c.at] > 32 ? GYL_E_FIELD : GYL_E_LENGTH, c.at);
}

static size_t sub_end(struct gyl_view v, bool padded)
{
	struct gyl_dhcp_sub_cursor c;
	struct gyl_dhcp_opt sub;

	gyl_dhcp_sub_init(&c, v, padded);
	while (gyl_dhcp_sub_next(&c, &sub))
		;
	return c.at;
}

/* RFC 2132 8.4: the sub-options of option 43 are a custom; other contents are the vendor's
 * business. */
static struct gyl_fault check_subopts(struct gyl_view v)
{
	size_t end = sub_end(v, true);

	return end == v.len || v.p[end] == GYL_DHCP_OPT_END ? gyl_ok()
							    : gyl_fault(GYL_LENIENT, end);
}

static struct gyl_fault check_relay(struct gyl_view v)
{
	size_t end = sub_end(v, false);

	return end == v.len ? gyl_ok() : gyl_fault(GYL_E_OPTION, end);
}

static size_t items_left(struct gyl_view v)
{
	struct gyl_view item;

	while (gyl_dhcp_item_next(&v, &item))
		;
	return v.len;
}

/* RFC 3004 wants items of at least one octet, but iPXE and Windows send the bare text of one class.
 */
static struct gyl_fault check_user_class(struct gyl_view v)
{
	size_t left = items_left(v);

	return left == 0 ? gyl_ok() : gyl_fault(GYL_LENIENT, v.len - left);
}

static struct gyl_fault check_vi(struct gyl_view v, bool is_class)
{
	struct gyl_view rest = v;
	struct gyl_dhcp_vi vi;

	while (gyl_dhcp_vi_next(&rest, &vi)) {
		size_t good =
			is_class ? vi.data.len - items_left(vi.data) : sub_end(vi.data, false);

		/* RFC 3925 3: a class has at least one item. */
		if (good != vi.data.len || (is_class && good == 0))
			return gyl_fault(GYL_E_OPTION, (size_t)(vi.data.p - v.p) + good);
	}
	return rest.len == 0 ? gyl_ok() : gyl_fault(GYL_E_LENGTH, v.len - rest.len);
}

static struct gyl_fault check_vi_class(struct gyl_view v)
{
	return check_vi(v, true);
}

static struct gyl_fault check_vi_options(struct gyl_view v)
{
	return check_vi(v, false);
}

static struct gyl_fault check_fqdn(struct gyl_view v)
{
	struct gyl_dhcp_fqdn q;

	return gyl_dhcp_fqdn_decode(v, &q);
}

static struct gyl_fault check_sip(struct gyl_view v)
{
	struct gyl_dhcp_sip sip;

	return gyl_dhcp_sip_decode(v, &sip);
}

/* RFC 4578 2.3: the only type is 0. */
static struct gyl_fault check_uuid(struct gyl_view v)
{
	return v.p[0] != 0 ? gyl_fault(GYL_E_FIELD, 0) : gyl_ok();
}

static struct gyl_fault check_slp_agent(struct gyl_view v)
{
	return (v.len - 1) % 4 != 0 ? gyl_fault(GYL_E_LENGTH, 0) : gyl_ok();
}

static struct gyl_fault check_pcp(struct gyl_view v)
{
	struct gyl_view rest = v, list;

	while (gyl_dhcp_item_next(&rest, &list))
		if (list.len == 0 || list.len % 4 != 0)
			return gyl_fault(GYL_E_LENGTH, (size_t)(list.p - v.p) - 1);
	return rest.len == 0 ? gyl_ok() : gyl_fault(GYL_E_LENGTH, v.len - rest.len);
}

static struct gyl_fault check_uris(struct gyl_view v)
{
	size_t at = 0;

	while (v.len - at >= 2 && gyl_get_u16(v.p + at) <= v.len - at - 2)
		at += 2 + (size_t)gyl_get_u16(v.p + at);
	return at == v.len ? gyl_ok() : gyl_fault(GYL_E_LENGTH, at);
}

static struct gyl_fault check_sixrd(struct gyl_view v)
{
	struct gyl_dhcp_sixrd sixrd;

	return gyl_dhcp_sixrd_decode(v, &sixrd);
}

static struct gyl_fault check_dnr(struct gyl_view v)
{
	struct gyl_view rest = v;
	struct gyl_dhcp_dnr dnr;

	while (gyl_dhcp_dnr_next(&rest, &dnr))
		;
	return rest.len == 0 ? gyl_ok() : gyl_fault(GYL_E_OPTION, v.len - rest.len);
}

struct gyl_fault gyl_dhcp_opt_check(uint8_t code, struct gyl_view val)
{
	static struct gyl_fault (*const checks[GYL_DHCP_KIND_CNT])(struct gyl_view v) = {
		[GYL_DHCP_KIND_BOOL] = check_bool,
		[GYL_DHCP_KIND_NAME] = check_name,
		[GYL_DHCP_KIND_NAMES] = gyl_dhcp_names_check,
		[GYL_DHCP_KIND_ROUTES] = check_routes,
		[GYL_DHCP_KIND_SUBOPTS] = check_subopts,
		[GYL_DHCP_KIND_RELAY] = check_relay,
		[GYL_DHCP_KIND_FQDN] = check_fqdn,
		[GYL_DHCP_KIND_USER_CLASS] = check_user_class,
		[GYL_DHCP_KIND_VI_CLASS] = check_vi_class,
		[GYL_DHCP_KIND_VI_OPTIONS] = check_vi_options,
		[GYL_DHCP_KIND_SIP] = check_sip,
		[GYL_DHCP_KIND_UUID] = check_uuid,
		[GYL_DHCP_KIND_SLP_AGENT] = check_slp_agent,
		[GYL_DHCP_KIND_PCP] = check_pcp,
		[GYL_DHCP_KIND_URIS] = check_uris,
		[GYL_DHCP_KIND_SIXRD] = check_sixrd,
		[GYL_DHCP_KIND_DNR] = check_dnr,
	};
	uint8_t kind = gyl__dhcp_kind[code];

	if (!gyl__dhcp_len_ok(code, val.len))
		return gyl_fault(GYL_E_LENGTH, 0);
	return checks[kind] == NULL ? gyl_ok() : checks[kind](val);
}
