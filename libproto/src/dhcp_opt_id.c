/* SPDX-License-Identifier: ISC */

/* Who a client is: option 61 in its forms (RFC 2132 9.14, RFC 4361) and DUIDs (RFC 8415 11, RFC
 * 6355). */

#include <gyl/dhcp_opt.h>

enum {
	DUID_MAX = 130,
	DUID_MARK = 255,
	UUID_LEN = 16,
	HTYPE_ETHERNET = 1,
	MAC_LEN = 6
};

/* Octets before `id`, type included. */
static size_t duid_head(uint16_t type)
{
	switch (type) {
	case GYL_DHCP_DUID_LLT:
		return 8;
	case GYL_DHCP_DUID_EN:
		return 6;
	case GYL_DHCP_DUID_LL:
		return 4;
	default:
		return 2;
	}
}

struct gyl_fault gyl_dhcp_duid_decode(struct gyl_view val, struct gyl_dhcp_duid *ret_duid)
{
	struct gyl_dhcp_duid d = {0};
	size_t head;

	if (val.len < 3 || val.len > DUID_MAX)
		return gyl_fault(GYL_E_LENGTH, 0);
	d.type = gyl_get_u16(val.p);
	head = duid_head(d.type);
	if (val.len <= head || (d.type == GYL_DHCP_DUID_UUID && val.len != head + UUID_LEN))
		return gyl_fault(GYL_E_LENGTH, 0);
	if (d.type == GYL_DHCP_DUID_LLT || d.type == GYL_DHCP_DUID_LL)
		d.htype = gyl_get_u16(val.p + 2);
	if (d.type == GYL_DHCP_DUID_LLT)
		d.time = gyl_get_u32(val.p + 4);
	if (d.type == GYL_DHCP_DUID_EN)
		d.enterprise = gyl_get_u32(val.p + 2);
	d.id = gyl_view_sub(val, head, SIZE_MAX);
	*ret_duid = d;
	return gyl_ok();
}

void gyl_dhcp_duid_encode(struct gyl_writer *w, const struct gyl_dhcp_duid *duid)
{
	size_t start = w->len;

	gyl_put_u16(w, duid->type);
	if (duid->type == GYL_DHCP_DUID_LLT || duid->type == GYL_DHCP_DUID_LL)
		gyl_put_u16(w, duid->htype);
	if (duid->type == GYL_DHCP_DUID_LLT)
		gyl_put_u32(w, duid->time);
	if (duid->type == GYL_DHCP_DUID_EN)
		gyl_put_u32(w, duid->enterprise);
	gyl_put_view(w, duid->id);
	if (!gyl_writer_ok(w))
		w->len = start;
}

struct gyl_fault gyl_dhcp_client_id_decode(struct gyl_view val, struct gyl_dhcp_client_id *ret_id)
{
	struct gyl_dhcp_client_id c = {0};

	if (val.len < 2)
		return gyl_fault(GYL_E_LENGTH, 0);
	c.htype = val.p[0];
	c.id = gyl_view_sub(val, 1, SIZE_MAX);
	if (c.htype == HTYPE_ETHERNET && c.id.len == MAC_LEN) {
		c.form = GYL_DHCP_CLIENT_ID_HW;
	} else if (c.htype == DUID_MARK &&
		   !gyl_failed(gyl_dhcp_duid_decode(gyl_view_sub(val, 5, SIZE_MAX), &c.duid))) {
		c.form = GYL_DHCP_CLIENT_ID_DUID;
		c.iaid = gyl_get_u32(val.p + 1);
		c.id = gyl_view_sub(val, 5, SIZE_MAX);
	}
	*ret_id = c;
	return gyl_ok();
}

void gyl_dhcp_client_id_encode(struct gyl_writer *w, const struct gyl_dhcp_client_id *id)
{
	size_t start = w->len;

	if (id->form == GYL_DHCP_CLIENT_ID_DUID) {
		gyl_put_u8(w, DUID_MARK);
		gyl_put_u32(w, id->iaid);
		gyl_dhcp_duid_encode(w, &id->duid);
	} else {
		gyl_put_u8(w, id->htype);
		gyl_put_view(w, id->id);
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}
