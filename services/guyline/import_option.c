/* SPDX-License-Identifier: ISC */
#include "services/guyline/import_option.h"

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>
#include <stdio.h>

#include "services/dhcpd/conf_own.h"

enum {
	VALUE_MAX = 4096, /* octets of a value */
	VENDOR = 43,
	VENDOR_SPECIFIC = 125
};

/* ---- definitions ---- */

static bool is_dhcp(struct gyl_view space)
{
	return gyl_view_eq(space, gyl_view_str("dhcp"));
}

void gyl__import_def_add(struct gyl_import *i, const struct gyl_import_def *def)
{
	struct gyl_import_def *d;

	if (i->def_cnt++ >= GYL_IMPORT_DEF_MAX) {
		gyl__import_bad(i, (struct gyl_import_place){0, 0}, "too many options defined");
		return;
	}
	d = gyl_conf_alloc(i->c, sizeof *d);
	*d = *def;
	d->next = i->def;
	i->def = d;
}

const struct gyl_import_def *gyl__import_def_find(
	struct gyl_import *i, struct gyl_view space, struct gyl_view name)
{
	uint64_t code = UINT64_MAX;
	struct gyl_import_def def;
	uint8_t known;

	gyl_parse_u64(name, UINT32_MAX, &code);
	for (const struct gyl_import_def *d = i->def; d != NULL; d = d->next)
		if (gyl_view_eq(d->space, space) && (gyl_view_eq(d->name, name) || d->code == code))
			return d;
	if (!is_dhcp(space) || !gyl__import_code(name, &known))
		return NULL;
	def = gyl__import_def_known(known);
	gyl__import_def_add(i, &def);
	return i->def;
}

/* ---- values ---- */

bool gyl__import_hex(struct gyl_view text, struct gyl_writer *w)
{
	bool colons = text.len != 0 && memchr(text.p, ':', text.len) != NULL;
	size_t at = !colons && gyl_view_eq(gyl_view_sub(text, 0, 2), gyl_view_str("0x")) ? 2 : 0;

	if (!colons && (text.len - at) % 2 != 0) /* Kea takes 0x7 for 0x07 */
		at--;
	while (at < text.len || (colons && at == text.len)) {
		size_t end = at, len;
		char pair[2] = {'0', '0'};
		uint8_t octet;

		while (end < text.len && text.p[end] != ':' && (colons || end < at + 2))
			end++;
		if (end == at || end > at + 2)
			return false;
		pair[1] = (char)text.p[end - 1];
		if (end == at + 2 && text.p[at] != 'x')
			pair[0] = (char)text.p[at];
		if (gyl_failed(gyl_parse_hex(gyl_view(pair, 2), &octet, 1, &len)))
			return false;
		gyl_put_u8(w, octet);
		at = end + colons;
	}
	return gyl_writer_ok(w);
}

static bool put_number(struct gyl_view text, char type, struct gyl_writer *w)
{
	bool minus = text.len != 0 && text.p[0] == '-',
	     hex = gyl_view_eq(gyl_view_sub(text, 0, 2), gyl_view_str("0x"));
	unsigned octets = type == '1' || type == 'b' ? 1 : type == '2' || type == 'h' ? 2 : 4;
	uint64_t max = (UINT64_C(1) << (8 * octets)) - 1, v = 0;
	uint8_t wire[8] = {0};
	size_t len = 0;

	if (hex) {
		struct gyl_writer in;

		gyl_writer_init(&in, wire, octets);
		if (!gyl__import_hex(text, &in))
			return false;
		for (len = 0; len < in.len; len++)
			v = v << 8 | wire[len];
	} else if (gyl_failed(gyl_parse_u64(gyl_view_sub(text, minus, text.len),
			   type >= 'a' ? (max >> 1) + minus : max, &v)) ||
		   (minus && type < 'a')) {
		return false;
	}
	gyl_set_u64(wire, minus ? 0 - v : v);
	gyl_put_bytes(w, wire + 8 - octets, octets);
	return true;
}

static bool put_bool(struct gyl_view text, struct gyl_writer *w)
{
	static const char *const yes[] = {"true", "on", "yes", "1"};
	static const char *const no[] = {"false", "off", "no", "0"};

	for (size_t n = 0; n < 4; n++) {
		bool on = gyl_view_eq(text, gyl_view_str(yes[n]));

		if (!on && !gyl_view_eq(text, gyl_view_str(no[n])))
			continue;
		gyl_put_u8(w, on);
		return true;
	}
	return false;
}

static bool put_name(struct gyl_view text, bool packed, size_t base, struct gyl_writer *w)
{
	struct gyl_dhcp_name name;

	if (gyl_failed(gyl_dhcp_name_parse(text, &name)))
		return false;
	if (packed)
		gyl_dhcp_name_put(w, base, &name);
	else
		gyl_put_bytes(w, name.wire, name.len);
	return true;
}

/* "10.0.0.0/8", or "10.0.0.0/8 - 10.1.1.1" with the router behind it. */
static bool put_prefix(struct gyl_view text, struct gyl_dhcp_route *r)
{
	const uint8_t *slash = text.len == 0 ? NULL : memchr(text.p, '/', text.len);
	size_t at = slash == NULL ? text.len : (size_t)(slash - text.p);
	uint64_t len = 32;

	if (gyl_failed(gyl_parse_ipv4(gyl_view_sub(text, 0, at), &r->dst)) ||
		(slash != NULL &&
			gyl_failed(gyl_parse_u64(gyl_view_sub(text, at + 1, text.len), 32, &len))))
		return false;
	r->prefix = (uint8_t)len;
	return true;
}

/* A route takes two atoms, or one with a dash in it. Returns how many; 0: it is none. */
static size_t put_route(const struct gyl_import_atom *atom, size_t cnt, struct gyl_writer *w)
{
	struct gyl_dhcp_route r = {0};
	struct gyl_view text = atom->text;
	const uint8_t *dash = text.len == 0 ? NULL : memchr(text.p, '-', text.len);
	size_t at = dash == NULL ? text.len : (size_t)(dash - text.p), from = at + 1;

	while (at != 0 && text.p[at - 1] == ' ')
		at--;
	while (from < text.len && text.p[from] == ' ')
		from++;
	if (!put_prefix(gyl_view_sub(text, 0, at), &r) || (dash == NULL && cnt < 2) ||
		gyl_failed(gyl_parse_ipv4(
			dash == NULL ? atom[1].text : gyl_view_sub(text, from, text.len),
			&r.router)))
		return 0;
	gyl_dhcp_route_put(w, r);
	return dash == NULL ? 2 : 1;
}

/* Returns how many atoms it takes; 0: it fits none. */
static size_t put_typed(char type, const struct gyl_import_atom *atom, size_t cnt, size_t base,
	struct gyl_writer *w, const char **ret_why)
{
	uint32_t ip = 0;
	size_t used = 1;

	switch (type) {
	case 'B':
		*ret_why = "expected true or false";
		return put_bool(atom->text, w);
	case 'I':
		*ret_why = "expected an address; names are not looked up";
		if (gyl_failed(gyl_parse_ipv4(atom->text, &ip)))
			return 0;
		gyl_put_u32(w, ip);
		return 1;
	case 't':
		gyl_put_view(w, atom->text);
		return 1;
	case 'X':
		*ret_why = "expected octets such as 01:0a:ff";
		if (!atom->quoted)
			return gyl__import_hex(atom->text, w);
		gyl_put_view(w, atom->text);
		return 1;
	case 'D':
		*ret_why = "expected a domain name";
		return put_name(atom->text, false, base, w);
	case 'd':
		*ret_why = "expected domain names";
		for (used = 0; used < cnt; used++)
			if (!put_name(atom[used].text, true, base, w))
				return 0;
		return used;
	case 'R':
		*ret_why = "expected routes";
		return put_route(atom, cnt, w);
	default:
		*ret_why = "expected a number that fits";
		return put_number(atom->text, type, w);
	}
}

bool gyl__import_encode(const struct gyl_import_def *def, const struct gyl_import_atom *atom,
	size_t cnt, struct gyl_writer *w, const char **ret_why)
{
	size_t at = 0, base = w->len;

	if (def->types[0] == '-') {
		*ret_why = "has no value";
		return cnt == 0 || (cnt == 1 && atom->text.len == 0);
	}
	do {
		for (const char *t = def->types; *t != '\0'; t++) {
			size_t used;

			*ret_why = "a value is missing";
			used = at == cnt ? 0 : put_typed(*t, atom + at, cnt - at, base, w, ret_why);
			if (used == 0)
				return false;
			at += used;
		}
	} while (def->array && at < cnt);
	*ret_why = at < cnt ? "more values than it can have" : "too long";
	return at == cnt && gyl_writer_ok(w);
}

/* ---- into the tree ---- */

static bool is_list(uint8_t kind)
{
	return kind == GYL_DHCP_KIND_IPV4S || kind == GYL_DHCP_KIND_IPV4S_OR_NONE ||
	       kind == GYL_DHCP_KIND_NAMES || kind == GYL_DHCP_KIND_IPV4_PAIRS ||
	       kind == GYL_DHCP_KIND_ROUTES || kind == GYL_DHCP_KIND_U16S ||
	       kind == GYL_DHCP_KIND_U8S;
}

static struct gyl_conf_node *scalar(
	struct gyl_import *i, uint8_t kind, struct gyl_view text, struct gyl_import_place at)
{
	struct gyl_conf_node *n = gyl__import_text(i, at, text);

	if (kind == GYL_DHCP_KIND_BOOL)
		n->kind = GYL_CONF_IS_BOOL;
	else if (kind == GYL_DHCP_KIND_U8 || kind == GYL_DHCP_KIND_U16 ||
		 kind == GYL_DHCP_KIND_U32 || kind == GYL_DHCP_KIND_S32)
		n->kind = GYL_CONF_IS_INT;
	return n;
}

/* What is printed with commas is a list in JSON, when it has several items. */
static struct gyl_conf_node *pretty(
	struct gyl_import *i, uint8_t kind, struct gyl_view text, struct gyl_import_place at)
{
	struct gyl_conf_node *list;
	size_t from = 0;

	if (!is_list(kind) || memchr(text.p, ',', text.len) == NULL)
		return scalar(i, kind, text, at);
	list = gyl__import_node(i, GYL_CONF_IS_LIST, at);
	while (from < text.len) {
		size_t end = from;

		while (end < text.len && text.p[end] != ',')
			end++;
		gyl_conf_node_add(
			list, gyl__import_text(i, at, gyl_view_sub(text, from, end - from)));
		from = end + 1;
		while (from < text.len && text.p[from] == ' ')
			from++;
	}
	return list;
}

/* As text when that means the same octets. */
struct gyl_conf_node *gyl__import_value(
	struct gyl_import *i, uint8_t code, struct gyl_view octets, struct gyl_import_place at)
{
	uint8_t kind = gyl_dhcp_opt_get(code).kind;
	size_t cap = 6 * octets.len + 1024;
	uint8_t *text = gyl_conf_alloc(i->c, cap), *again = gyl_conf_alloc(i->c, VALUE_MAX);
	struct gyl_writer w, back;

	gyl_writer_init(&w, text, cap);
	gyl_writer_init(&back, again, VALUE_MAX);
	if (kind != GYL_DHCP_KIND_BYTES && octets.len != 0 &&
		!gyl_failed(gyl_dhcp_opt_check(code, octets))) {
		gyl_dhcp_opt_print(&w, code, octets);
		if (gyl_writer_ok(&w) &&
			!gyl_failed(gyl_dhcp_opt_parse(code, gyl_writer_view(&w), &back)) &&
			gyl_view_eq(gyl_writer_view(&back), octets))
			return pretty(i, kind, gyl_writer_view(&w), at);
	}
	gyl_writer_init(&w, text, cap);
	gyl_text_str(&w, "hex ");
	gyl_text_hex(&w, octets);
	return gyl__import_text(i, at, gyl_writer_view(&w));
}

static void put_dhcp(struct gyl_import *i, struct gyl_conf_node *obj, uint8_t code,
	struct gyl_view octets, struct gyl_import_place at, struct gyl_view what)
{
	const char *name = gyl_dhcp_opt_get(code).name;
	struct gyl_conf_node *n = gyl__import_value(i, code, octets, at), *options;
	struct gyl_view key =
		name != NULL ? gyl_view_str(name) : gyl__import_printf(i, "%u", (unsigned)code);
	uint8_t buf[VALUE_MAX];
	char text[200];
	struct gyl_writer w, why;
	uint32_t number;
	bool at_name;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_writer_init(&why, text, sizeof text - 1);
	if (!gyl__dhcpd_conf_options.parse(key, n, &w, &number, &at_name, &why)) {
		gyl__import_left(i, at, what, "%s", gyl_text_cstr(&why));
		return;
	}
	options = gyl__import_child(i, obj, "options", GYL_CONF_IS_OBJECT, at);
	gyl__import_set(i, options, gyl__import_cstr(i, key), n);
}

void gyl__import_option(struct gyl_import *i, struct gyl_conf_node *obj, struct gyl_conf_node *sub,
	const struct gyl_import_def *def, struct gyl_view octets, struct gyl_import_place at,
	struct gyl_view what)
{
	struct gyl_conf_node *n;

	if (is_dhcp(def->space)) {
		if (def->code == 0 || def->code >= GYL_DHCP_OPT_END)
			gyl__import_left(i, at, what, "no such option");
		else
			put_dhcp(i, obj, (uint8_t)def->code, octets, at, what);
		return;
	}
	if (octets.len > 255 || def->code > 255) {
		gyl__import_left(i, at, what, "too long for a sub-option");
		return;
	}
	n = gyl__import_node(i, GYL_CONF_IS_STRING, at);
	n->text = gyl_conf_copy(i->c, octets);
	gyl__import_set(i, sub,
		gyl__import_cstr(i, gyl__import_printf(i, "%.*s.%03u", (int)def->space.len,
					    (const char *)def->space.p, (unsigned)def->code)),
		n);
}

/* ---- options in options ---- */

static bool in_space(const struct gyl_conf_node *n, struct gyl_view space)
{
	return n->key.len == space.len + 4 && n->key.p[space.len] == '.' &&
	       gyl_view_eq(gyl_view_sub(n->key, 0, space.len), space);
}

/* Its sub-options in the order of their codes. Returns the first of them, for its place. */
static const struct gyl_conf_node *put_space(
	const struct gyl_conf_node *sub, struct gyl_view space, struct gyl_writer *w)
{
	const struct gyl_conf_node *some = NULL;

	for (uint64_t code = 0; code < 256; code++) {
		for (const struct gyl_conf_node *n = sub->first; n != NULL; n = n->next) {
			uint64_t v = 0;

			if (!in_space(n, space) ||
				gyl_failed(gyl_parse_u64(
					gyl_view_sub(n->key, space.len + 1, 3), 255, &v)) ||
				v != code)
				continue;
			gyl_dhcp_sub_put(w, (uint8_t)code, n->text);
			some = n;
		}
	}
	return some;
}

static bool has_option(const struct gyl_conf_node *obj, uint8_t code)
{
	const struct gyl_conf_node *options = gyl__import_get(obj, "options");
	const char *name = gyl_dhcp_opt_get(code).name;
	char number[8];

	snprintf(number, sizeof number, "%u", (unsigned)code);
	return options != NULL && gyl__import_get(options, name != NULL ? name : number) != NULL;
}

void gyl__import_inherit_spaces(struct gyl_import *i, struct gyl_conf_node *sub,
	const struct gyl_conf_node *src, struct gyl_view also)
{
	struct gyl_conf_node *wanted = gyl__import_node(i, GYL_CONF_IS_OBJECT, gyl__import_at(src));

	for (const struct gyl_conf_node *n = src->first; n != NULL; n = n->next) {
		const struct gyl_conf_node *have = sub->first;
		struct gyl_view space = gyl_view_sub(n->key, 0, n->key.len - 4);

		while (have != NULL && !in_space(have, space))
			have = have->next;
		if (have != NULL || gyl_view_eq(space, also))
			gyl_conf_node_add(wanted, gyl__import_copy(i, n));
	}
	gyl__import_inherit(i, sub, wanted);
}

void gyl__import_encapsulate(struct gyl_import *i, struct gyl_conf_node *obj,
	const struct gyl_conf_node *sub, struct gyl_view space, uint8_t code)
{
	uint8_t buf[VALUE_MAX];
	const struct gyl_conf_node *some;
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf / 2);
	some = put_space(sub, space, &w);
	if (some == NULL || has_option(obj, code))
		return;
	if (gyl_writer_ok(&w))
		put_dhcp(i, obj, code, gyl_writer_view(&w), gyl__import_at(some), space);
	else
		gyl__import_left(i, gyl__import_at(some), space, "too many sub-options");
}

/* Option 125 holds what each enterprise has (RFC 3925 4). */
static void put_enterprise(struct gyl_import *i, struct gyl_conf_node *obj,
	const struct gyl_conf_node *sub, const struct gyl_conf_node *n, uint32_t enterprise)
{
	struct gyl_view space = gyl_view_sub(n->key, 0, n->key.len - 4);
	uint8_t data[VALUE_MAX], buf[VALUE_MAX];
	struct gyl_writer w, all;

	gyl_writer_init(&w, data, sizeof data);
	put_space(sub, space, &w);
	gyl_writer_init(&all, buf, sizeof buf);
	gyl_dhcp_vi_put(&all, (struct gyl_dhcp_vi){enterprise, gyl_writer_view(&w)});
	if (has_option(obj, VENDOR_SPECIFIC))
		return;
	if (gyl_writer_ok(&all))
		put_dhcp(i, obj, VENDOR_SPECIFIC, gyl_writer_view(&all), gyl__import_at(n), space);
	else
		gyl__import_left(i, gyl__import_at(n), space, "too many sub-options");
}

void gyl__import_encapsulate_all(
	struct gyl_import *i, struct gyl_conf_node *obj, const struct gyl_conf_node *sub)
{
	static const char vendor[] = "vendor-";
	size_t skip = sizeof vendor - 1;

	for (const struct gyl_import_def *d = i->def; d != NULL; d = d->next)
		if (d->encapsulate.len != 0 && is_dhcp(d->space) && d->code < GYL_DHCP_OPT_END)
			gyl__import_encapsulate(i, obj, sub, d->encapsulate, (uint8_t)d->code);
	gyl__import_encapsulate(
		i, obj, sub, gyl_view_str("vendor-encapsulated-options-space"), VENDOR);
	for (const struct gyl_conf_node *n = sub->first; n != NULL; n = n->next) {
		uint64_t enterprise;

		if (n->key.len > skip + 4 &&
			gyl_view_eq(gyl_view_sub(n->key, 0, skip), gyl_view_str(vendor)) &&
			!gyl_failed(gyl_parse_u64(gyl_view_sub(n->key, skip, n->key.len - 4 - skip),
				UINT32_MAX, &enterprise)))
			put_enterprise(i, obj, sub, n, (uint32_t)enterprise);
	}
}
