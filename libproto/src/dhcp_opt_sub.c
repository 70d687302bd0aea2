/* SPDX-License-Identifier: ISC */

/* Values that are lists of (code, length, octets), (length, octets) or (enterprise, length,
 * octets). */

#include <gyl/dhcp_opt.h>

enum {
	ITEM_MAX = 255
};

void gyl_dhcp_sub_init(struct gyl_dhcp_sub_cursor *c, struct gyl_view val, bool padded)
{
	c->val = val;
	c->at = 0;
	c->padded = padded;
}

bool gyl_dhcp_sub_next(struct gyl_dhcp_sub_cursor *c, struct gyl_dhcp_opt *ret_sub)
{
	const uint8_t *p = c->val.p;
	size_t len = c->val.len;

	while (c->padded && c->at < len && p[c->at] == GYL_DHCP_OPT_PAD)
		c->at++;
	if (len - c->at < 2 || (c->padded && p[c->at] == GYL_DHCP_OPT_END) ||
		p[c->at + 1] > len - c->at - 2)
		return false;
	ret_sub->code = p[c->at];
	ret_sub->val = gyl_view(p + c->at + 2, p[c->at + 1]);
	ret_sub->off = c->at;
	c->at += 2 + ret_sub->val.len;
	return true;
}

bool gyl_dhcp_sub_find(struct gyl_view val, bool padded, uint8_t code, struct gyl_view *ret_val)
{
	struct gyl_dhcp_sub_cursor c;
	struct gyl_dhcp_opt sub;

	for (gyl_dhcp_sub_init(&c, val, padded); gyl_dhcp_sub_next(&c, &sub);) {
		if (sub.code != code)
			continue;
		*ret_val = sub.val;
		return true;
	}
	return false;
}

void gyl_dhcp_item_put(struct gyl_writer *w, struct gyl_view item)
{
	uint8_t *p;

	if (item.len > ITEM_MAX) {
		gyl_writer_fail(w, GYL_E_LENGTH);
		return;
	}
	p = gyl_put_room(w, 1 + item.len);
	if (p == NULL)
		return;
	p[0] = (uint8_t)item.len;
	if (item.len != 0)
		memcpy(p + 1, item.p, item.len);
}

void gyl_dhcp_sub_put(struct gyl_writer *w, uint8_t code, struct gyl_view val)
{
	size_t start = w->len;

	gyl_put_u8(w, code);
	gyl_dhcp_item_put(w, val);
	if (!gyl_writer_ok(w))
		w->len = start;
}

bool gyl_dhcp_item_next(struct gyl_view *rest, struct gyl_view *ret_item)
{
	if (rest->len == 0 || rest->p[0] > rest->len - 1)
		return false;
	*ret_item = gyl_view(rest->p + 1, rest->p[0]);
	*rest = gyl_view(rest->p + 1 + ret_item->len, rest->len - 1 - ret_item->len);
	return true;
}

bool gyl_dhcp_vi_next(struct gyl_view *rest, struct gyl_dhcp_vi *ret_vi)
{
	struct gyl_view after = gyl_view_sub(*rest, 4, SIZE_MAX);

	if (!gyl_dhcp_item_next(&after, &ret_vi->data))
		return false;
	ret_vi->enterprise = gyl_get_u32(rest->p);
	*rest = after;
	return true;
}

void gyl_dhcp_vi_put(struct gyl_writer *w, struct gyl_dhcp_vi vi)
{
	size_t start = w->len;

	gyl_put_u32(w, vi.enterprise);
	gyl_dhcp_item_put(w, vi.data);
	if (!gyl_writer_ok(w))
		w->len = start;
}

/* One sub-option of option 82; false when its length is impossible. */
static bool relay_sub(struct gyl_dhcp_relay *r, struct gyl_dhcp_opt sub)
{
	switch (sub.code) {
	case GYL_DHCP_RELAY_CIRCUIT_ID:
		r->circuit_id = sub.val;
		return true;
	case GYL_DHCP_RELAY_REMOTE_ID:
		r->remote_id = sub.val;
		return true;
	case GYL_DHCP_RELAY_SUBSCRIBER_ID:
		r->subscriber_id = sub.val;
		return true;
	case GYL_DHCP_RELAY_VENDOR:
		r->vendor = sub.val;
		return true;
	case GYL_DHCP_RELAY_ID:
		r->relay_id = sub.val;
		return true;
	case GYL_DHCP_RELAY_VSS:
		r->vss = sub.val;
		return sub.val.len != 0;
	case GYL_DHCP_RELAY_LINK:
		r->has_link = sub.val.len == 4;
		r->link = r->has_link ? gyl_get_u32(sub.val.p) : 0;
		return r->has_link;
	case GYL_DHCP_RELAY_SERVER_ID:
		r->has_server_id = sub.val.len == 4;
		r->server_id = r->has_server_id ? gyl_get_u32(sub.val.p) : 0;
		return r->has_server_id;
	case GYL_DHCP_RELAY_FLAGS:
		r->has_flags = sub.val.len == 1;
		r->flags = r->has_flags ? sub.val.p[0] : 0;
		return r->has_flags;
	case GYL_DHCP_RELAY_SOURCE_PORT:
		r->source_port = sub.val.len == 0;
		return r->source_port;
	case GYL_DHCP_RELAY_VSS_CONTROL:
		r->vss_control = sub.val.len == 0;
		return r->vss_control;
	default:
		return true;
	}
}

struct gyl_fault gyl_dhcp_relay_decode(struct gyl_view val, struct gyl_dhcp_relay *ret_relay)
{
	struct gyl_fault f = gyl_ok();
	struct gyl_dhcp_sub_cursor c;
	struct gyl_dhcp_opt sub;

	memset(ret_relay, 0, sizeof *ret_relay);
	/* RFC 3046 2.0: neither pad nor END inside, each sub-option has a length. */
	for (gyl_dhcp_sub_init(&c, val, false); gyl_dhcp_sub_next(&c, &sub);)
		if (!relay_sub(ret_relay, sub) && f.err == GYL_OK)
			f = gyl_fault(GYL_LENIENT, sub.off);
	if (c.at != val.len && f.err == GYL_OK)
		f = gyl_fault(GYL_LENIENT, c.at);
	return f;
}
