/* SPDX-License-Identifier: ISC */

/*
 * Values inside values: sub-options of option 43, and by enterprise number of 124 and 125. What
 * they mean only their vendor knows, so their type is written with them: "hex 01 0a0b",
 * "ip 10.77.0.1, 10.77.0.2", "u8 7", "u16 7", "u32 7", "name event.example", "text ip"; a string
 * without a type is text, a number or a boolean is one octet, a list is its items one after the
 * other, an object is sub-options.
 */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>

#include "services/dhcpd/conf_own.h"

enum {
	VALUE_MAX = 255 /* octets of a value that has its length in one octet before it */
};

/* The types, each with an option whose text is written like it. */
static const struct {
	const char *word;
	uint8_t code;
} types[] = {
	{"ip ", GYL_DHCP_OPT_ROUTERS},
	{"u8 ", GYL_DHCP_OPT_DEFAULT_TTL},
	{"u16 ", GYL_DHCP_OPT_INTERFACE_MTU},
	{"u32 ", GYL_DHCP_OPT_ARP_TIMEOUT},
	{"name ", GYL_DHCP_OPT_ACCESS_DOMAIN},
};

static bool begins(struct gyl_view text, const char *word)
{
	size_t len = strlen(word);

	return text.len >= len && memcmp(text.p, word, len) == 0;
}

static bool put_octets(struct gyl_view text, struct gyl_writer *w)
{
	uint8_t buf[VALUE_MAX];
	size_t len;

	if (gyl_failed(gyl_parse_hex(text, buf, sizeof buf, &len)))
		return false;
	gyl_put_bytes(w, buf, len);
	return true;
}

static bool put_string(struct gyl_view text, struct gyl_writer *w, bool strict)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (begins(text, types[i].word))
			return !gyl_failed(gyl_dhcp_opt_parse(types[i].code,
				gyl_view_sub(text, strlen(types[i].word), text.len), w));
	if (begins(text, "hex "))
		return put_octets(gyl_view_sub(text, 4, text.len), w);
	if (begins(text, "text "))
		text = gyl_view_sub(text, 5, text.len);
	else if (strict)
		return false;
	gyl_put_view(w, text);
	return true;
}

static bool put_subs(const struct gyl_conf_node *val, struct gyl_writer *w, uint8_t last,
	struct gyl_view *ret_bad);

bool gyl__dhcpd_conf_typed_put(const struct gyl_conf_node *val, struct gyl_writer *w, bool strict)
{
	struct gyl_view text = gyl_conf_text(val), bad;
	uint64_t num;

	switch (gyl_conf_kind(val)) {
	case GYL_CONF_IS_BOOL:
		gyl_put_u8(w, gyl_view_eq(text, gyl_view_str("true")));
		return true;
	case GYL_CONF_IS_INT:
		if (gyl_failed(gyl_parse_u64(text, 255, &num)))
			return false;
		gyl_put_u8(w, (uint8_t)num);
		return true;
	case GYL_CONF_IS_STRING:
		return put_string(text, w, strict);
	case GYL_CONF_IS_LIST:
		for (const struct gyl_conf_node *n = gyl_conf_first(val); n != NULL;
			n = gyl_conf_next(n))
			if (!gyl__dhcpd_conf_typed_put(n, w, strict))
				return false;
		return true;
	case GYL_CONF_IS_OBJECT:
		return put_subs(val, w, 254, &bad);
	default:
		return false;
	}
}

/* A member's value, small enough for a length of one octet. */
static bool member_value(
	const struct gyl_conf_node *n, uint8_t buf[VALUE_MAX], struct gyl_view *ret_val)
{
	struct gyl_writer v;

	gyl_writer_init(&v, buf, VALUE_MAX);
	if (!gyl__dhcpd_conf_typed_put(n, &v, false) || !gyl_writer_ok(&v))
		return false;
	*ret_val = gyl_writer_view(&v);
	return true;
}

/* Members by the number of their sub-option, 1 to last. */
static bool put_subs(const struct gyl_conf_node *val, struct gyl_writer *w, uint8_t last,
	struct gyl_view *ret_bad)
{
	uint8_t buf[VALUE_MAX];
	struct gyl_view v;
	uint64_t code;

	for (const struct gyl_conf_node *n = gyl_conf_first(val); n != NULL; n = gyl_conf_next(n)) {
		if (gyl_failed(gyl_parse_u64(gyl_conf_key(n), last, &code)) || code == 0 ||
			!member_value(n, buf, &v)) {
			*ret_bad = gyl_conf_key(n);
			return false;
		}
		gyl_dhcp_sub_put(w, (uint8_t)code, v);
	}
	return true;
}

/* RFC 3925 3: each datum of a class has its length before it. */
static bool put_class(const struct gyl_conf_node *val, struct gyl_writer *w)
{
	uint8_t buf[VALUE_MAX];
	struct gyl_view v;

	if (gyl_conf_kind(val) == GYL_CONF_IS_LIST) {
		for (const struct gyl_conf_node *n = gyl_conf_first(val); n != NULL;
			n = gyl_conf_next(n))
			if (!put_class(n, w))
				return false;
		return true;
	}
	if (gyl_conf_kind(val) == GYL_CONF_IS_OBJECT || !member_value(val, buf, &v))
		return false;
	gyl_put_u8(w, (uint8_t)v.len);
	gyl_put_view(w, v);
	return true;
}

/* RFC 3925 4: in 125 the codes are of one octet, none of them a pad or an end. */
static bool put_options(const struct gyl_conf_node *val, struct gyl_writer *w)
{
	struct gyl_view bad;

	return gyl_conf_kind(val) == GYL_CONF_IS_OBJECT && put_subs(val, w, 255, &bad);
}

/* Members by enterprise number. */
static bool put_enterprises(const struct gyl_conf_node *val, struct gyl_writer *w,
	bool (*put)(const struct gyl_conf_node *val, struct gyl_writer *w),
	struct gyl_view *ret_bad)
{
	for (const struct gyl_conf_node *n = gyl_conf_first(val); n != NULL; n = gyl_conf_next(n)) {
		uint8_t buf[VALUE_MAX];
		struct gyl_writer v;
		uint64_t number;

		gyl_writer_init(&v, buf, sizeof buf);
		if (gyl_failed(gyl_parse_u64(gyl_conf_key(n), UINT32_MAX, &number)) ||
			!put(n, &v) || !gyl_writer_ok(&v)) {
			*ret_bad = gyl_conf_key(n);
			return false;
		}
		gyl_put_u32(w, (uint32_t)number);
		gyl_put_u8(w, (uint8_t)v.len);
		gyl_put_view(w, gyl_writer_view(&v));
	}
	return true;
}

bool gyl__dhcpd_conf_sub_put(uint8_t kind, const struct gyl_conf_node *val, struct gyl_writer *w,
	struct gyl_view *ret_bad)
{
	if (gyl_conf_cnt(val) == 0)
		return false;
	if (kind == GYL_DHCP_KIND_SUBOPTS || kind == GYL_DHCP_KIND_BYTES)
		return put_subs(val, w, 254, ret_bad);
	if (kind == GYL_DHCP_KIND_VI_CLASS)
		return put_enterprises(val, w, put_class, ret_bad);
	return kind == GYL_DHCP_KIND_VI_OPTIONS && put_enterprises(val, w, put_options, ret_bad);
}
