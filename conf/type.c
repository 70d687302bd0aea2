/* SPDX-License-Identifier: ISC */
#include "conf/type.h"

#include <gyl/dns_name.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "conf/endpoint.h"

typedef bool parse_fn(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why);
typedef void print_fn(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w);

static parse_fn parse_bool, parse_uint, parse_duration, parse_size, parse_ipv4, parse_network,
	parse_address, parse_range, parse_server, parse_mac, parse_name, parse_string, parse_place,
	parse_bytes, parse_oui, parse_enum;
static print_fn print_bool, print_uint, print_duration, print_size, print_ipv4, print_prefix,
	print_range, print_server, print_mac, print_name, print_string, print_bytes, print_oui,
	print_enum;

#define NUM(bits)      GYL__CONF_NUM, (bits) / 8
#define BOUNDED(limit) true, (limit)
#define FREE           false, 0
#define REF            GYL__CONF_OCTETS, sizeof(struct gyl_ref)

/* clang-format off */
static const struct gyl__conf_type types[GYL_CONF_TYPE_CNT] = {
	[GYL_CONF_BOOL] = { "BOOL", "true or false", GYL_CONF_IS_BOOL,
		NUM(8), FREE, parse_bool, print_bool },
	[GYL_CONF_U8] = { "NUMBER", "a number", GYL_CONF_IS_INT,
		NUM(8), BOUNDED(UINT8_MAX), parse_uint, print_uint },
	[GYL_CONF_U16] = { "NUMBER", "a number", GYL_CONF_IS_INT,
		NUM(16), BOUNDED(UINT16_MAX), parse_uint, print_uint },
	[GYL_CONF_U32] = { "NUMBER", "a number", GYL_CONF_IS_INT,
		NUM(32), BOUNDED(UINT32_MAX), parse_uint, print_uint },
	[GYL_CONF_U64] = { "NUMBER", "a number", GYL_CONF_IS_INT,
		NUM(64), BOUNDED(INT64_MAX), parse_uint, print_uint },
	[GYL_CONF_PORT] = { "PORT", "a port", GYL_CONF_IS_INT,
		NUM(16), BOUNDED(UINT16_MAX), parse_uint, print_uint },
	[GYL_CONF_DURATION] = { "DURATION", "a duration such as \"10m\"", GYL_CONF_IS_STRING,
		NUM(64), BOUNDED(UINT64_MAX), parse_duration, print_duration },
	[GYL_CONF_SIZE] = { "SIZE", "a size such as \"64MiB\"", GYL_CONF_IS_STRING,
		NUM(64), BOUNDED(UINT64_MAX), parse_size, print_size },
	[GYL_CONF_IPV4] = { "IPV4", "an IPv4 address such as \"10.77.0.1\"", GYL_CONF_IS_STRING,
		NUM(32), FREE, parse_ipv4, print_ipv4 },
	[GYL_CONF_NETWORK] = { "NETWORK", "a network such as \"10.77.0.0/24\"", GYL_CONF_IS_STRING,
		GYL__CONF_PREFIX, sizeof(struct gyl_conf_prefix), FREE, parse_network, print_prefix },
	[GYL_CONF_ADDRESS] = { "ADDRESS", "an address with its prefix such as \"10.77.0.1/24\"",
		GYL_CONF_IS_STRING,
		GYL__CONF_PREFIX, sizeof(struct gyl_conf_prefix), FREE, parse_address, print_prefix },
	[GYL_CONF_RANGE] = { "A-B", "a range of addresses such as \"10.77.0.100-10.77.0.199\"",
		GYL_CONF_IS_STRING,
		GYL__CONF_RANGE, sizeof(struct gyl_conf_range), FREE, parse_range, print_range },
	[GYL_CONF_SERVER] = { "SERVER", "an address such as \"10.77.0.1\" or \"10.77.0.1:5353\"",
		GYL_CONF_IS_STRING,
		GYL__CONF_SERVER, sizeof(struct gyl_conf_server), FREE, parse_server, print_server },
	[GYL_CONF_MAC] = { "MAC", "a MAC address such as \"02:00:5e:10:00:01\"", GYL_CONF_IS_STRING,
		GYL__CONF_MAC, 6, FREE, parse_mac, print_mac },
	[GYL_CONF_NAME] = { "NAME", "a DNS name such as \"event.example\"", GYL_CONF_IS_STRING,
		REF, FREE, parse_name, print_name },
	[GYL_CONF_STRING] = { "TEXT", "a string", GYL_CONF_IS_STRING,
		REF, BOUNDED(GYL__CONF_OCTETS_MAX), parse_string, print_string },
	[GYL_CONF_PATH] = { "PATH", "a path", GYL_CONF_IS_STRING,
		REF, BOUNDED(GYL__CONF_OCTETS_MAX), parse_string, print_string },
	[GYL_CONF_PLACE] = { "PLACE", "a path or ADDRESS:PORT such as \"10.77.0.1:7077\"",
		GYL_CONF_IS_STRING,
		REF, BOUNDED(GYL__CONF_OCTETS_MAX), parse_place, print_string },
	[GYL_CONF_BYTES] = { "OCTETS", "a string such as \"text\" or \"hex 01 0a0b\"", GYL_CONF_IS_STRING,
		REF, BOUNDED(GYL__CONF_OCTETS_MAX), parse_bytes, print_bytes },
	[GYL_CONF_OUI] = { "MAC-PREFIX", "how a MAC address begins, such as \"02:00:5e\"",
		GYL_CONF_IS_STRING, REF, FREE, parse_oui, print_oui },
	[GYL_CONF_ENUM] = { "WORD", "a word", GYL_CONF_IS_STRING,
		NUM(8), FREE, parse_enum, print_enum },
};
/* clang-format on */

const struct gyl__conf_type *gyl__conf_type(unsigned type)
{
	return type < GYL_CONF_TYPE_CNT && types[type].meta != NULL ? &types[type] : NULL;
}

size_t gyl__conf_item_len(const struct gyl_conf_key *k)
{
	if (k->type == GYL_CONF_MAP)
		return sizeof(struct gyl_conf_entry);
	return k->type == GYL_CONF_OBJECT ? k->table->size : types[k->type].len;
}

/* ---- numbers ---- */

static bool parse_bool(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	(void)k;
	(void)why;
	ret_v->num = gyl_view_eq(text, gyl_view_str("true"));
	return ret_v->num != 0 || gyl_view_eq(text, gyl_view_str("false"));
}

static void print_bool(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_text_str(w, v->num != 0 ? "true" : "false");
}

static bool parse_uint(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	struct gyl_fault f = gyl_parse_u64(text, UINT64_MAX, &ret_v->num);

	(void)k;
	(void)why;
	if (f.err == GYL_E_RANGE)
		ret_v->num = UINT64_MAX;
	return f.err == GYL_OK || f.err == GYL_E_RANGE;
}

static void print_uint(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_text_u64(w, v->num);
}

static bool parse_duration(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	struct gyl_fault f = gyl_time_parse(text, &ret_v->num);

	(void)k;
	if (f.err == GYL_E_RANGE)
		gyl_text_str(why, "too long to count; \"infinite\" has no end");
	return f.err == GYL_OK;
}

static void print_duration(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_time_print(w, v->num);
}

static const struct {
	const char *name;
	uint64_t octets;
} units[] = {
	/* binary ones first and largest first: printing takes the first that divides */
	{"TiB", UINT64_C(1) << 40},
	{"GiB", 1 << 30},
	{"MiB", 1 << 20},
	{"KiB", 1 << 10},
	{"B", 1},
	{"TB", UINT64_C(1000000000000)},
	{"GB", 1000000000},
	{"MB", 1000000},
	{"kB", 1000},
};

enum {
	UNIT_CNT = sizeof units / sizeof units[0]
};

static bool parse_size(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	size_t digits = 0;

	(void)k;
	(void)why;
	if (gyl_view_eq(text, gyl_view_str("0"))) { /* nothing is nothing in any unit */
		ret_v->num = 0;
		return true;
	}
	while (digits < text.len && text.p[digits] >= '0' && text.p[digits] <= '9')
		digits++;
	for (size_t i = 0; i < UNIT_CNT; i++) {
		struct gyl_fault f;

		if (!gyl_view_eq(gyl_view_sub(text, digits, text.len), gyl_view_str(units[i].name)))
			continue;
		f = gyl_parse_u64(
			gyl_view_sub(text, 0, digits), UINT64_MAX / units[i].octets, &ret_v->num);
		ret_v->num = f.err == GYL_E_RANGE ? UINT64_MAX : ret_v->num * units[i].octets;
		return f.err != GYL_E_SYNTAX;
	}
	return false;
}

static void print_size(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	size_t i = 0;

	(void)k;
	while (units[i].octets > 1 && (v->num == 0 || v->num % units[i].octets != 0))
		i++;
	gyl_text_u64(w, v->num / units[i].octets);
	gyl_text_str(w, units[i].name);
}

/* ---- addresses ---- */

static bool parse_ipv4(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	uint32_t ip;

	(void)k;
	(void)why;
	if (gyl_failed(gyl_parse_ipv4(text, &ip)))
		return false;
	ret_v->num = ip;
	return true;
}

static void print_ipv4(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_text_ipv4(w, (uint32_t)v->num);
}

static size_t find_octet(struct gyl_view text, uint8_t c)
{
	size_t i = 0;

	while (i < text.len && text.p[i] != c)
		i++;
	return i;
}

static bool parse_address(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	size_t slash = find_octet(text, '/');
	uint64_t len;

	(void)k;
	(void)why;
	if (gyl_failed(gyl_parse_ipv4(gyl_view_sub(text, 0, slash), &ret_v->prefix.ip)) ||
		gyl_failed(gyl_parse_u64(gyl_view_sub(text, slash + 1, text.len), 32, &len)))
		return false;
	ret_v->prefix.len = (uint32_t)len;
	return true;
}

static void print_prefix(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_text_ipv4(w, v->prefix.ip);
	gyl_text_char(w, '/');
	gyl_text_u64(w, v->prefix.len);
}

static bool parse_network(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	uint32_t net;

	if (!parse_address(k, text, ret_v, why))
		return false;
	net = ret_v->prefix.ip & gyl_conf_mask(ret_v->prefix.len);
	if (net == ret_v->prefix.ip)
		return true;
	gyl_text_str(why, "an address in it; the network is \"");
	ret_v->prefix.ip = net;
	print_prefix(k, ret_v, why);
	gyl_text_char(why, '"');
	return false;
}

static struct gyl_view trimmed(struct gyl_view v)
{
	while (v.len > 0 && v.p[v.len - 1] == ' ')
		v.len--;
	while (v.len > 0 && v.p[0] == ' ')
		v = gyl_view_sub(v, 1, v.len);
	return v;
}

static bool parse_range(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	size_t dash = find_octet(text, '-');
	struct gyl_conf_range *r = &ret_v->range;

	(void)k;
	if (gyl_failed(gyl_parse_ipv4(trimmed(gyl_view_sub(text, 0, dash)), &r->first)))
		return false;
	r->last = r->first;
	if (dash < text.len && gyl_failed(gyl_parse_ipv4(
				       trimmed(gyl_view_sub(text, dash + 1, text.len)), &r->last)))
		return false;
	if (r->last >= r->first)
		return true;
	gyl_text_str(why, "it ends before it begins");
	return false;
}

static void print_range(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_text_ipv4(w, v->range.first);
	if (v->range.last == v->range.first)
		return;
	gyl_text_char(w, '-');
	gyl_text_ipv4(w, v->range.last);
}

/* "2001:db8::53", also in brackets with a port behind. */
static bool is_ipv6(struct gyl_view text)
{
	const uint8_t *end = text.len == 0 ? NULL : memchr(text.p, ']', text.len);
	uint8_t ip[16];

	if (text.len != 0 && text.p[0] == '[' && end != NULL)
		text = gyl_view(text.p + 1, (size_t)(end - text.p) - 1);
	return !gyl_failed(gyl_parse_ipv6(text, ip));
}

static bool parse_server(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	uint16_t port = 0;

	(void)k;
	if (gyl_failed(gyl_parse_ipv4(text, &ret_v->server.ip)) &&
		!gyl_conf_endpoint(text, &ret_v->server.ip, &port)) {
		if (is_ipv6(text))
			gyl_text_str(
				why, "servers are reached over IPv4 only; give its IPv4 address");
		return false;
	}
	ret_v->server.port = port;
	return true;
}

static void print_server(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_text_ipv4(w, v->server.ip);
	if (v->server.port == 0)
		return;
	gyl_text_char(w, ':');
	gyl_text_u64(w, v->server.port);
}

static bool parse_mac(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	(void)k;
	(void)why;
	return !gyl_failed(gyl_parse_mac(text, ret_v->mac));
}

static void print_mac(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_text_mac(w, v->mac);
}

/* ---- octets ---- */

/* A name is taken as absolute with or without its final dot: nothing in a configuration is
 * relative. */
static bool parse_name(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	static const uint8_t root[1] = {0};
	struct gyl_fault f;

	(void)k;
	if (gyl_view_eq(text, gyl_view_str("@")))
		return false;
	f = gyl_dns_name_parse(text, root, ret_v->octet, &ret_v->octet_len);
	if (f.err == GYL_E_NAME)
		gyl_text_str(why, "a label is over 63 octets, or the name over 255");
	return !gyl_failed(f);
}

static void print_name(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_dns_name_print(w, v->octet);
	if (w->len > 1 && w->p[w->len - 1] == '.')
		w->len--;
}

static bool parse_string(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	(void)k;
	if (text.len > GYL__CONF_OCTETS_MAX) {
		gyl_text_str(why, "over 4096 octets");
		return false;
	}
	if (text.len != 0)
		memcpy(ret_v->octet, text.p, text.len);
	ret_v->octet_len = text.len;
	return true;
}

static void print_string(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	gyl_put_bytes(w, v->octet, v->octet_len);
}

static bool parse_place(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	uint32_t ip;
	uint16_t port;

	if (gyl_conf_is_endpoint(text) && !gyl_conf_endpoint(text, &ip, &port)) {
		gyl_text_str(why, "a path with a colon needs a slash, too");
		return false;
	}
	return parse_string(k, text, ret_v, why);
}

static bool is_hex(struct gyl_view text)
{
	return text.len >= 3 && memcmp(text.p, "hex", 3) == 0 &&
	       (text.len == 3 || text.p[3] == ' ');
}

static bool parse_bytes(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	if (!is_hex(text))
		return parse_string(k, text, ret_v, why);
	if (!gyl_failed(gyl_parse_hex(gyl_view_sub(text, 3, text.len), ret_v->octet,
		    GYL__CONF_OCTETS_MAX, &ret_v->octet_len)))
		return true;
	gyl_text_str(why, "after \"hex\" pairs of hexadecimal digits are expected");
	return false;
}

/* As text where that reads back as the same octets. */
static void print_bytes(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	bool text = !is_hex(gyl_view(v->octet, v->octet_len));

	for (size_t i = 0; i < v->octet_len; i++)
		text = text && v->octet[i] >= 0x20 && v->octet[i] < 0x7f;
	if (text) {
		print_string(k, v, w);
		return;
	}
	gyl_text_str(w, "hex ");
	gyl_text_hex(w, gyl_view(v->octet, v->octet_len));
}

/* Pairs of digits with ':' or '-' between them: a MAC address that may end early. */
static bool parse_oui(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	static const uint8_t rest[] = "00:00:00:00:00:00";
	uint8_t full[sizeof rest - 1], mac[6];

	(void)k;
	(void)why;
	if (text.len < 2 || text.len > sizeof full || text.len % 3 != 2)
		return false;
	memcpy(full, rest, sizeof full);
	memcpy(full, text.p, text.len);
	for (size_t i = text.len; i + 1 < sizeof full; i += 3)
		full[i] = text.len > 2 ? text.p[2] : ':';
	if (gyl_failed(gyl_parse_mac(gyl_view(full, sizeof full), mac)))
		return false;
	ret_v->octet_len = (text.len + 1) / 3;
	memcpy(ret_v->octet, mac, ret_v->octet_len);
	return true;
}

static void print_oui(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	(void)k;
	for (size_t i = 0; i < v->octet_len; i++) {
		if (i != 0)
			gyl_text_char(w, ':');
		gyl_text_hex(w, gyl_view(v->octet + i, 1));
	}
}

static bool parse_enum(const struct gyl_conf_key *k, struct gyl_view text,
	struct gyl__conf_value *ret_v, struct gyl_writer *why)
{
	(void)why;
	for (const struct gyl_conf_word *word = k->word; word->name != NULL; word++) {
		if (gyl_view_eq(text, gyl_view_str(word->name))) {
			ret_v->num = word->val;
			return true;
		}
	}
	return false;
}

static void print_enum(
	const struct gyl_conf_key *k, const struct gyl__conf_value *v, struct gyl_writer *w)
{
	for (const struct gyl_conf_word *word = k->word; word->name != NULL; word++) {
		if (v->num == word->val) {
			gyl_text_str(w, word->name);
			return;
		}
	}
}
