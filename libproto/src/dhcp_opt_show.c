/* SPDX-License-Identifier: ISC */

/*
 * Values of options for people. Text of the kinds that a configuration sets reads back with
 * gyl_dhcp_opt_parse(). Every function here is given a value that gyl_dhcp_opt_check() has passed.
 */

#include "libproto/src/dhcp_kind.h"
#include "libproto/src/dhcp_parse.h"
#include "libproto/src/dhcp_show.h"

#include <gyl/text.h>

static void show_numbers(struct gyl__show *s, const char *key, struct gyl_view v, size_t width)
{
	gyl__show_list(s, key, ", ");
	for (size_t i = 0; i + width <= v.len; i += width)
		gyl__show_u64(s, NULL, width == 1 ? v.p[i] : gyl_get_u16(v.p + i));
	gyl__show_end(s);
}

static void show_ipv4s(struct gyl__show *s, const char *key, struct gyl_view v, const char *sep)
{
	gyl__show_list(s, key, sep);
	for (size_t i = 0; i < v.len / 4; i++)
		gyl__show_ipv4(s, NULL, gyl_dhcp_ipv4_at(v, i));
	gyl__show_end(s);
}

static void show_pairs(struct gyl__show *s, const char *key, struct gyl_view v)
{
	gyl__show_list(s, key, ", ");
	for (size_t i = 0; i < v.len / 8; i++)
		show_ipv4s(s, NULL, gyl_view(v.p + 8 * i, 8), " ");
	gyl__show_end(s);
}

static void show_names(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_dhcp_name_cursor c;
	struct gyl_dhcp_name n;

	gyl__show_list(s, key, ", ");
	for (gyl_dhcp_name_init(&c, v); gyl_dhcp_name_next(&c, &n);)
		gyl__show_name(s, NULL, &n);
	gyl__show_end(s);
}

static void show_route(struct gyl__show *s, const struct gyl_dhcp_route *route)
{
	uint8_t text[GYL_TEXT_IPV4_MAX + 3];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	gyl_text_ipv4(&w, route->dst);
	gyl_text_char(&w, '/');
	gyl_text_u64(&w, route->prefix);
	gyl__show_obj(s, NULL);
	gyl__show_text(s, s->j == NULL ? NULL : "dst", gyl_writer_view(&w));
	gyl__show_ipv4(s, s->j == NULL ? "via" : "router", route->router);
	gyl__show_end(s);
}

static void show_routes(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_dhcp_route_cursor c;
	struct gyl_dhcp_route route;

	gyl__show_list(s, key, ", ");
	for (gyl_dhcp_route_init(&c, v); gyl_dhcp_route_next(&c, &route);)
		show_route(s, &route);
	gyl__show_end(s);
}

/* One (code, octets), without key words in text: `1 hex 0a`. */
static void show_sub(struct gyl__show *s, struct gyl_dhcp_opt sub)
{
	gyl__show_obj(s, NULL);
	gyl__show_u64(s, s->j == NULL ? NULL : "code", sub.code);
	gyl__show_octets(s, sub.val);
	gyl__show_end(s);
}

static void show_subs(
	struct gyl__show *s, const char *key, struct gyl_view v, bool padded, const char *sep)
{
	struct gyl_dhcp_sub_cursor c;
	struct gyl_dhcp_opt sub;

	gyl__show_list(s, key, sep);
	for (gyl_dhcp_sub_init(&c, v, padded); gyl_dhcp_sub_next(&c, &sub);)
		show_sub(s, sub);
	gyl__show_end(s);
}

static void show_relay(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_dhcp_relay r;

	(void)gyl_dhcp_relay_decode(v, &r);
	gyl__show_obj(s, key);
	if (r.circuit_id.len != 0)
		gyl__show_hex(s, "circuit-id", r.circuit_id);
	if (r.remote_id.len != 0)
		gyl__show_hex(s, "remote-id", r.remote_id);
	if (r.subscriber_id.len != 0)
		gyl__show_text(s, "subscriber-id", r.subscriber_id);
	if (r.has_link)
		gyl__show_ipv4(s, "link", r.link);
	if (r.has_server_id)
		gyl__show_ipv4(s, "server-id", r.server_id);
	if (r.has_flags)
		gyl__show_u64(s, "flags", r.flags);
	show_subs(s, "sub", v, false, " ");
	gyl__show_end(s);
}

static void show_duid(struct gyl__show *s, const struct gyl_dhcp_duid *d)
{
	gyl__show_obj(s, "duid");
	gyl__show_u64(s, "type", d->type);
	if (d->type == GYL_DHCP_DUID_LLT || d->type == GYL_DHCP_DUID_LL)
		gyl__show_u64(s, "htype", d->htype);
	if (d->type == GYL_DHCP_DUID_LLT)
		gyl__show_u64(s, "time", d->time);
	if (d->type == GYL_DHCP_DUID_EN)
		gyl__show_u64(s, "enterprise", d->enterprise);
	gyl__show_hex(s, "id", d->id);
	gyl__show_end(s);
}

static void show_client_id(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_dhcp_client_id c = {0};

	(void)gyl_dhcp_client_id_decode(v, &c);
	gyl__show_obj(s, key);
	if (c.form == GYL_DHCP_CLIENT_ID_DUID) {
		gyl__show_u64(s, "iaid", c.iaid);
		show_duid(s, &c.duid);
	} else {
		gyl__show_u64(s, "type", c.htype);
		gyl__show_hex(s, "id", c.id);
	}
	gyl__show_end(s);
}

static void show_fqdn(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_dhcp_fqdn q = {0};
	struct gyl_dhcp_name n;
	bool full;

	(void)gyl_dhcp_fqdn_decode(v, &q);
	gyl__show_obj(s, key);
	gyl__show_u64(s, "flags", q.flags);
	gyl__show_u64(s, "rcode1", q.rcode1);
	gyl__show_u64(s, "rcode2", q.rcode2);
	if (gyl_failed(gyl_dhcp_fqdn_name(&q, &n, &full)))
		gyl__show_hex(s, "raw", q.name);
	else
		gyl__show_name(s, "name", &n);
	gyl__show_end(s);
}

static void show_user_class(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_view item;

	gyl__show_list(s, key, ", ");
	while (gyl_dhcp_item_next(&v, &item))
		gyl__show_text(s, NULL, item);
	gyl__show_end(s);
}

static void show_items(struct gyl__show *s, struct gyl_view v)
{
	struct gyl_view item;

	gyl__show_list(s, s->j == NULL ? NULL : "items", " ");
	while (gyl_dhcp_item_next(&v, &item)) {
		if (s->j != NULL)
			gyl_json_hex(s->j, NULL, item);
		else
			gyl__show_octets(s, item);
	}
	gyl__show_end(s);
}

static void show_vi(struct gyl__show *s, const char *key, struct gyl_view rest, bool is_class)
{
	struct gyl_dhcp_vi vi;

	gyl__show_list(s, key, ", ");
	while (gyl_dhcp_vi_next(&rest, &vi)) {
		gyl__show_obj(s, NULL);
		gyl__show_u64(s, s->j == NULL ? NULL : "enterprise", vi.enterprise);
		if (is_class)
			show_items(s, vi.data);
		else
			show_subs(s, s->j == NULL ? NULL : "sub", vi.data, false, " ");
		gyl__show_end(s);
	}
	gyl__show_end(s);
}

static void show_sip(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_dhcp_sip sip = {false, gyl_view(NULL, 0)};

	(void)gyl_dhcp_sip_decode(v, &sip);
	if (sip.is_names)
		show_names(s, key, sip.list);
	else
		show_ipv4s(s, key, sip.list, ", ");
}

static void show_auth(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_dhcp_auth a = {0};

	(void)gyl_dhcp_auth_decode(v, &a);
	gyl__show_obj(s, key);
	gyl__show_u64(s, "protocol", a.protocol);
	gyl__show_u64(s, "algorithm", a.algorithm);
	gyl__show_u64(s, "rdm", a.rdm);
	gyl__show_u64(s, "replay", a.replay);
	gyl__show_hex(s, "info", a.info);
	gyl__show_end(s);
}

static void show_ndi(struct gyl__show *s, const char *key, struct gyl_view v)
{
	gyl__show_obj(s, key);
	gyl__show_u64(s, "type", v.p[0]);
	gyl__show_u64(s, "major", v.p[1]);
	gyl__show_u64(s, "minor", v.p[2]);
	gyl__show_end(s);
}

/* An octet with a meaning of its own, then text or addresses. */
static void show_led(
	struct gyl__show *s, const char *key, struct gyl_view v, const char *lead, bool is_text)
{
	struct gyl_view rest = gyl_view_sub(v, 1, SIZE_MAX);

	gyl__show_obj(s, key);
	gyl__show_u64(s, lead, v.p[0]);
	if (is_text)
		gyl__show_text(s, "text", rest);
	else
		show_ipv4s(s, "addresses", rest, " ");
	gyl__show_end(s);
}

static void show_pcp(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_view list;

	gyl__show_list(s, key, ", ");
	while (gyl_dhcp_item_next(&v, &list))
		show_ipv4s(s, NULL, list, " ");
	gyl__show_end(s);
}

static void show_uris(struct gyl__show *s, const char *key, struct gyl_view v)
{
	gyl__show_list(s, key, " ");
	while (v.len >= 2) {
		size_t len = gyl_get_u16(v.p);

		gyl__show_text(s, NULL, gyl_view_sub(v, 2, len));
		v = gyl_view_sub(v, 2 + len, SIZE_MAX);
	}
	gyl__show_end(s);
}

static void show_dnr(struct gyl__show *s, const char *key, struct gyl_view rest)
{
	struct gyl_dhcp_dnr d;

	gyl__show_list(s, key, ", ");
	while (gyl_dhcp_dnr_next(&rest, &d)) {
		gyl__show_obj(s, NULL);
		gyl__show_u64(s, s->j == NULL ? NULL : "priority", d.priority);
		gyl__show_name(s, s->j == NULL ? NULL : "name", &d.name);
		if (d.addrs.len != 0)
			show_ipv4s(s, s->j == NULL ? NULL : "addresses", d.addrs, " ");
		if (d.params.len != 0)
			gyl__show_hex(s, s->j == NULL ? NULL : "params", d.params);
		gyl__show_end(s);
	}
	gyl__show_end(s);
}

static void show_sixrd(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_dhcp_sixrd r = {0};

	(void)gyl_dhcp_sixrd_decode(v, &r);
	gyl__show_obj(s, key);
	gyl__show_u64(s, "ipv4-mask-len", r.ipv4_mask_len);
	gyl__show_u64(s, "prefix-len", r.prefix_len);
	gyl__show_hex(s, "prefix", gyl_view(r.prefix, sizeof r.prefix));
	show_ipv4s(s, "relays", r.relays, " ");
	gyl__show_end(s);
}

static void show_u8(struct gyl__show *s, const char *key, struct gyl_view v)
{
	gyl__show_u64(s, key, v.p[0]);
}

static void show_u16(struct gyl__show *s, const char *key, struct gyl_view v)
{
	gyl__show_u64(s, key, gyl_get_u16(v.p));
}

static void show_u32(struct gyl__show *s, const char *key, struct gyl_view v)
{
	gyl__show_u64(s, key, gyl_get_u32(v.p));
}

static void show_s32(struct gyl__show *s, const char *key, struct gyl_view v)
{
	if (s->j != NULL)
		gyl_json_i64(s->j, key, (int32_t)gyl_get_u32(v.p));
	else
		gyl_text_i64(s->w, (int32_t)gyl_get_u32(v.p));
}

static void show_bool(struct gyl__show *s, const char *key, struct gyl_view v)
{
	if (s->j != NULL)
		gyl_json_bool(s->j, key, v.p[0] != 0);
	else
		gyl_text_str(s->w, v.p[0] != 0 ? "true" : "false");
}

static void show_empty(struct gyl__show *s, const char *key, struct gyl_view v)
{
	(void)v;
	if (s->j != NULL)
		gyl_json_bool(s->j, key, true);
}

static void show_u8s(struct gyl__show *s, const char *key, struct gyl_view v)
{
	show_numbers(s, key, v, 1);
}

static void show_u16s(struct gyl__show *s, const char *key, struct gyl_view v)
{
	show_numbers(s, key, v, 2);
}

static void show_ipv4(struct gyl__show *s, const char *key, struct gyl_view v)
{
	gyl__show_ipv4(s, key, gyl_get_u32(v.p));
}

static void show_addresses(struct gyl__show *s, const char *key, struct gyl_view v)
{
	show_ipv4s(s, key, v, ", ");
}

static void show_name(struct gyl__show *s, const char *key, struct gyl_view v)
{
	struct gyl_dhcp_name_cursor c;
	struct gyl_dhcp_name n;

	gyl_dhcp_name_init(&c, v);
	if (gyl_dhcp_name_next(&c, &n))
		gyl__show_name(s, key, &n);
}

static void show_subopts(struct gyl__show *s, const char *key, struct gyl_view v)
{
	show_subs(s, key, v, true, ", ");
}

static void show_vi_class(struct gyl__show *s, const char *key, struct gyl_view v)
{
	show_vi(s, key, v, true);
}

static void show_vi_options(struct gyl__show *s, const char *key, struct gyl_view v)
{
	show_vi(s, key, v, false);
}

static void show_slp_agent(struct gyl__show *s, const char *key, struct gyl_view v)
{
	show_led(s, key, v, "mandatory", false);
}

static void show_slp_scope(struct gyl__show *s, const char *key, struct gyl_view v)
{
	show_led(s, key, v, "mandatory", true);
}

static void show_status(struct gyl__show *s, const char *key, struct gyl_view v)
{
	show_led(s, key, v, "code", true);
}

static void (*const shows[GYL_DHCP_KIND_CNT])(
	struct gyl__show *s, const char *key, struct gyl_view v) = {
	[GYL_DHCP_KIND_BYTES] = gyl__show_hex,
	[GYL_DHCP_KIND_EMPTY] = show_empty,
	[GYL_DHCP_KIND_BOOL] = show_bool,
	[GYL_DHCP_KIND_U8] = show_u8,
	[GYL_DHCP_KIND_U16] = show_u16,
	[GYL_DHCP_KIND_U32] = show_u32,
	[GYL_DHCP_KIND_S32] = show_s32,
	[GYL_DHCP_KIND_U8S] = show_u8s,
	[GYL_DHCP_KIND_U16S] = show_u16s,
	[GYL_DHCP_KIND_IPV4] = show_ipv4,
	[GYL_DHCP_KIND_IPV4S] = show_addresses,
	[GYL_DHCP_KIND_IPV4S_OR_NONE] = show_addresses,
	[GYL_DHCP_KIND_IPV4_PAIRS] = show_pairs,
	[GYL_DHCP_KIND_STRING] = gyl__show_text,
	[GYL_DHCP_KIND_NAME] = show_name,
	[GYL_DHCP_KIND_NAMES] = show_names,
	[GYL_DHCP_KIND_ROUTES] = show_routes,
	[GYL_DHCP_KIND_SUBOPTS] = show_subopts,
	[GYL_DHCP_KIND_RELAY] = show_relay,
	[GYL_DHCP_KIND_CLIENT_ID] = show_client_id,
	[GYL_DHCP_KIND_FQDN] = show_fqdn,
	[GYL_DHCP_KIND_USER_CLASS] = show_user_class,
	[GYL_DHCP_KIND_VI_CLASS] = show_vi_class,
	[GYL_DHCP_KIND_VI_OPTIONS] = show_vi_options,
	[GYL_DHCP_KIND_SIP] = show_sip,
	[GYL_DHCP_KIND_UUID] = gyl__show_hex,
	[GYL_DHCP_KIND_NDI] = show_ndi,
	[GYL_DHCP_KIND_AUTH] = show_auth,
	[GYL_DHCP_KIND_SLP_AGENT] = show_slp_agent,
	[GYL_DHCP_KIND_SLP_SCOPE] = show_slp_scope,
	[GYL_DHCP_KIND_STATUS] = show_status,
	[GYL_DHCP_KIND_PCP] = show_pcp,
	[GYL_DHCP_KIND_URIS] = show_uris,
	[GYL_DHCP_KIND_SIXRD] = show_sixrd,
	[GYL_DHCP_KIND_DNR] = show_dnr,
};

/* Does the text not tell the value? A domain or a host may be called "hex". */
static bool needs_octets(struct gyl_view text, struct gyl_view val)
{
	struct gyl_view rest = text, word;

	if (text.len == 0)
		return val.len != 0;
	return gyl__parse_next_word(&rest, &word) && gyl__parse_is_word(word, "hex") &&
	       word.p == text.p;
}

static void print_octets(struct gyl_writer *w, struct gyl_view val)
{
	gyl_text_str(w, val.len == 0 ? "hex" : "hex ");
	gyl_text_hex(w, val);
}

/*
 * A value that is tolerated but has no structure to show (43, 77) is octets, as one of an unknown
 * code is. So is one whose text would be taken for octets, and one of pads alone, whose text would
 * be none.
 */
void gyl_dhcp_opt_print(struct gyl_writer *w, uint8_t code, struct gyl_view val)
{
	struct gyl__show s = {.w = w};
	bool whole = gyl_dhcp_opt_check(code, val).err == GYL_OK;
	size_t start = w->len;

	if (whole && gyl__dhcp_kind[code] != GYL_DHCP_KIND_BYTES) {
		shows[gyl__dhcp_kind[code]](&s, NULL, val);
		if (gyl_writer_ok(w) && needs_octets(gyl_view(w->p + start, w->len - start), val)) {
			w->len = start;
			print_octets(w, val);
		}
	} else {
		print_octets(w, val);
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}

void gyl_dhcp_opt_json(struct gyl_json *j, const char *key, uint8_t code, struct gyl_view val)
{
	struct gyl__show s = {.j = j};
	struct gyl_fault f = gyl_dhcp_opt_check(code, val);

	if (f.err == GYL_OK) {
		shows[gyl__dhcp_kind[code]](&s, key, val);
	} else if (f.err == GYL_LENIENT) {
		gyl_json_hex(j, key, val);
	} else {
		gyl_json_obj(j, key);
		gyl_json_hex(j, "bad", val);
		gyl_json_end(j);
	}
}
