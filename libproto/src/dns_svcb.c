/* SPDX-License-Identifier: ISC */
#include "libproto/src/dns_svcb.h"

#include <gyl/text.h>

#include "libproto/src/dns_base.h"

static const char *const key_name[] = {
	[GYL_DNS_SVC_MANDATORY] = "mandatory",
	[GYL_DNS_SVC_ALPN] = "alpn",
	[GYL_DNS_SVC_NO_DEFAULT_ALPN] = "no-default-alpn",
	[GYL_DNS_SVC_PORT] = "port",
	[GYL_DNS_SVC_IPV4HINT] = "ipv4hint",
	[GYL_DNS_SVC_ECH] = "ech",
	[GYL_DNS_SVC_IPV6HINT] = "ipv6hint",
};

enum {
	KEY_NAME_CNT = sizeof key_name / sizeof key_name[0],
	ALPN_MAX = 255,
	VALUE_MAX = 65535,
	KEY_INVALID = 65535 /* RFC 9460 14.3.2: reserved */
};

static void key_print(struct gyl_writer *w, uint16_t key)
{
	if (key < KEY_NAME_CNT) {
		gyl_text_str(w, key_name[key]);
		return;
	}
	gyl_text_str(w, "key");
	gyl_text_u64(w, key);
}

/* An octet of a value; list items are escaped a first time for their commas (RFC 9460 A.1). */
static void value_octet(struct gyl_writer *w, uint8_t c, bool in_list)
{
	if (in_list && (c == ',' || c == '\\'))
		gyl_text_str(w, "\\\\");
	if (c < 0x20 || c > 0x7e) {
		gyl_text_char(w, '\\');
		gyl_text_u64_pad(w, c, 3);
		return;
	}
	if (c == '"' || c == '\\')
		gyl_text_char(w, '\\');
	gyl_put_u8(w, c);
}

/* Whether a zone file would take the octet for something else outside quotes. */
static bool needs_quotes(struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] == ' ' || v.p[i] == ';' || v.p[i] == '(' || v.p[i] == ')')
			return true;
	return false;
}

static bool value_print(struct gyl_writer *w, struct gyl_view v)
{
	bool quoted = needs_quotes(v);

	if (quoted)
		gyl_text_char(w, '"');
	for (size_t i = 0; i < v.len; i++)
		value_octet(w, v.p[i], false);
	if (quoted)
		gyl_text_char(w, '"');
	return true;
}

static bool alpn_print(struct gyl_writer *w, struct gyl_view v)
{
	bool quoted = needs_quotes(v);
	size_t at = 0;

	if (quoted)
		gyl_text_char(w, '"');
	while (at < v.len) {
		size_t len = v.p[at];

		if (len == 0 || len > v.len - at - 1)
			return false;
		if (at != 0)
			gyl_text_char(w, ',');
		for (size_t i = 1; i <= len; i++)
			value_octet(w, v.p[at + i], true);
		at += len + 1;
	}
	if (quoted)
		gyl_text_char(w, '"');
	return true;
}

static bool mandatory_print(struct gyl_writer *w, struct gyl_view v)
{
	uint16_t last = GYL_DNS_SVC_MANDATORY;

	for (size_t at = 0; v.len % 2 == 0 && at < v.len; at += 2) {
		uint16_t key = gyl_get_u16(v.p + at);

		/* RFC 9460 8: in rising order, and not itself */
		if (key <= last || key == KEY_INVALID)
			return false;
		if (at != 0)
			gyl_text_char(w, ',');
		key_print(w, key);
		last = key;
	}
	return v.len % 2 == 0;
}

static bool none_print(struct gyl_writer *w, struct gyl_view v)
{
	(void)w;
	return v.len == 0;
}

static bool port_print(struct gyl_writer *w, struct gyl_view v)
{
	if (v.len != 2)
		return false;
	gyl_text_u64(w, gyl_get_u16(v.p));
	return true;
}

static bool ipv4hint_print(struct gyl_writer *w, struct gyl_view v)
{
	for (size_t at = 0; v.len % 4 == 0 && at < v.len; at += 4) {
		if (at != 0)
			gyl_text_char(w, ',');
		gyl_text_ipv4(w, gyl_get_u32(v.p + at));
	}
	return v.len % 4 == 0;
}

static bool ipv6hint_print(struct gyl_writer *w, struct gyl_view v)
{
	for (size_t at = 0; v.len % 16 == 0 && at < v.len; at += 16) {
		if (at != 0)
			gyl_text_char(w, ',');
		gyl_text_ipv6(w, v.p + at);
	}
	return v.len % 16 == 0;
}

static bool ech_print(struct gyl_writer *w, struct gyl_view v)
{
	gyl__base64_print(w, v);
	return true;
}

static bool (*const printers[KEY_NAME_CNT])(struct gyl_writer *w, struct gyl_view v) = {
	[GYL_DNS_SVC_MANDATORY] = mandatory_print,
	[GYL_DNS_SVC_ALPN] = alpn_print,
	[GYL_DNS_SVC_NO_DEFAULT_ALPN] = none_print,
	[GYL_DNS_SVC_PORT] = port_print,
	[GYL_DNS_SVC_IPV4HINT] = ipv4hint_print,
	[GYL_DNS_SVC_ECH] = ech_print,
	[GYL_DNS_SVC_IPV6HINT] = ipv6hint_print,
};

/* RFC 9460 7, 8: the lists have an item or more, and a port is one. */
static bool needs_value(uint16_t key)
{
	return key <= GYL_DNS_SVC_IPV6HINT && key != GYL_DNS_SVC_NO_DEFAULT_ALPN &&
	       key != GYL_DNS_SVC_ECH;
}

bool gyl__svcparams_print(struct gyl_writer *w, struct gyl_view params)
{
	struct gyl_dns_svcparam item;
	size_t off = 0;

	for (bool first = true; gyl_dns_svcparam_next(params, &off, &item); first = false) {
		if (!first)
			gyl_text_char(w, ' ');
		if (item.key == KEY_INVALID || (item.val.len == 0 && needs_value(item.key)))
			return false;
		key_print(w, item.key);
		if (item.val.len == 0)
			continue;
		gyl_text_char(w, '=');
		if (!(item.key < KEY_NAME_CNT ? printers[item.key] : value_print)(w, item.val))
			return false;
	}
	return true;
}

/* --- text to wire --- */

static struct gyl_fault key_parse(struct gyl_view text, uint16_t *ret_key)
{
	uint64_t v;
	struct gyl_fault f;

	for (size_t i = 0; i < KEY_NAME_CNT; i++) {
		if (!gyl__word_eq(text, key_name[i]))
			continue;
		*ret_key = (uint16_t)i;
		return gyl_ok();
	}
	if (gyl__word_eq(text, "dohpath")) {
		*ret_key = GYL_DNS_SVC_DOHPATH;
		return gyl_ok();
	}
	if (!gyl__word_eq(gyl_view_sub(text, 0, 3), "key"))
		return gyl_fault(GYL_E_SYNTAX, 0);
	f = gyl_parse_u64(gyl_view_sub(text, 3, text.len), KEY_INVALID - 1, &v);
	if (gyl_failed(f))
		return gyl_fault(f.err, f.off + 3);
	*ret_key = (uint16_t)v;
	return gyl_ok();
}

/* Key and value of a word such as port=53, key7="a b" or no-default-alpn. */
static struct gyl_fault word_split(const struct gyl_dns_token *tok, uint16_t *ret_key,
	struct gyl_view *ret_val, bool *ret_has_val)
{
	struct gyl_view text = tok->text;
	size_t eq = 0;

	while (eq < text.len && text.p[eq] != '=')
		eq++;
	*ret_has_val = eq < text.len;
	*ret_val = gyl_view_sub(text, eq + 1, text.len);
	if (ret_val->len >= 2 && ret_val->p[0] == '"' && ret_val->p[ret_val->len - 1] == '"')
		*ret_val = gyl_view_sub(*ret_val, 1, ret_val->len - 2);
	return key_parse(gyl_view_sub(text, 0, eq), ret_key);
}

/* Calls item for each comma-separated part. */
static struct gyl_fault parts_parse(struct gyl_view v,
	struct gyl_fault (*item)(struct gyl_view part, struct gyl_writer *w), struct gyl_writer *w)
{
	size_t at = 0;

	for (;;) {
		size_t end = at;
		struct gyl_fault f;

		while (end < v.len && v.p[end] != ',')
			end++;
		f = item(gyl_view_sub(v, at, end - at), w);
		if (gyl_failed(f))
			return gyl_fault(f.err, f.off + at);
		if (end == v.len)
			return gyl_ok();
		at = end + 1;
	}
}

static struct gyl_fault ipv4_part(struct gyl_view part, struct gyl_writer *w)
{
	uint32_t ip;
	struct gyl_fault f = gyl_parse_ipv4(part, &ip);

	if (!gyl_failed(f))
		gyl_put_u32(w, ip);
	return f;
}

static struct gyl_fault ipv6_part(struct gyl_view part, struct gyl_writer *w)
{
	uint8_t ip[16];
	struct gyl_fault f = gyl_parse_ipv6(part, ip);

	if (!gyl_failed(f))
		gyl_put_bytes(w, ip, sizeof ip);
	return f;
}

/* RFC 9460 8: the keys of `mandatory` rise on the wire, whatever their order in the text. */
static struct gyl_fault mandatory_part(struct gyl_view part, struct gyl_writer *w)
{
	uint16_t key;
	struct gyl_fault f = key_parse(part, &key);
	uint8_t *p;

	if (gyl_failed(f))
		return f;
	if (key == GYL_DNS_SVC_MANDATORY)
		return gyl_fault(GYL_E_FIELD, 0);
	p = gyl_put_room(w, 2);
	if (p == NULL)
		return w->fault;
	/* the length before the first key is still 0, which stops the walk */
	for (; gyl_get_u16(p - 2) > key; p -= 2)
		memcpy(p, p - 2, 2);
	gyl_set_u16(p, key);
	return gyl_get_u16(p - 2) == key ? gyl_fault(GYL_E_FIELD, 0) : gyl_ok();
}

static struct gyl_fault port_parse(struct gyl_view v, struct gyl_writer *w)
{
	uint64_t port;
	struct gyl_fault f = gyl_parse_u64(v, UINT16_MAX, &port);

	if (!gyl_failed(f))
		gyl_put_u16(w, (uint16_t)port);
	return f;
}

static struct gyl_fault ech_parse(struct gyl_view v, struct gyl_writer *w)
{
	struct gyl__bits bits = {0, 0, 0};
	struct gyl_fault f = gyl__base64_parse(&bits, v, w);

	return !gyl_failed(f) && !gyl__base64_done(&bits) ? gyl_fault(GYL_E_SYNTAX, v.len) : f;
}

/* The list inside a char-string: escapes are undone twice, commas count after the first time (RFC
 * 9460 A.1). */
static struct gyl_fault alpn_parse(struct gyl_view v, struct gyl_writer *w)
{
	size_t at = 0, head = w->len;
	bool list_escape = false;

	gyl_put_u8(w, 0);
	while (at < v.len && gyl_writer_ok(w)) {
		size_t here = at;
		uint8_t c = v.p[at];
		struct gyl_fault f = gyl_ok();

		if (c == '\\')
			f = gyl__escape_parse(v, &at, &c);
		else
			at++;
		if (gyl_failed(f))
			return f;
		if (!list_escape && c == '\\') {
			list_escape = true;
		} else if (!list_escape && c == ',') {
			if (w->p[head] == 0)
				return gyl_fault(GYL_E_SYNTAX, here);
			head = w->len;
			gyl_put_u8(w, 0);
		} else {
			list_escape = false;
			if (w->p[head] == ALPN_MAX)
				return gyl_fault(GYL_E_RANGE, here);
			w->p[head]++;
			gyl_put_u8(w, c);
		}
	}
	if (gyl_writer_ok(w) && (list_escape || w->p[head] == 0))
		return gyl_fault(GYL_E_SYNTAX, v.len);
	return w->fault;
}

static struct gyl_fault value_parse(
	uint16_t key, struct gyl_view v, bool has_val, struct gyl_writer *w)
{
	if (!has_val && key > GYL_DNS_SVC_IPV6HINT)
		return gyl_ok();
	switch (key) {
	case GYL_DNS_SVC_MANDATORY:
		return parts_parse(v, mandatory_part, w);
	case GYL_DNS_SVC_ALPN:
		return alpn_parse(v, w);
	case GYL_DNS_SVC_NO_DEFAULT_ALPN:
		return has_val ? gyl_fault(GYL_E_SYNTAX, 0) : gyl_ok();
	case GYL_DNS_SVC_PORT:
		return port_parse(v, w);
	case GYL_DNS_SVC_IPV4HINT:
		return parts_parse(v, ipv4_part, w);
	case GYL_DNS_SVC_ECH:
		return ech_parse(v, w);
	case GYL_DNS_SVC_IPV6HINT:
		return parts_parse(v, ipv6_part, w);
	default:
		return gyl__unescape(v, VALUE_MAX, w);
	}
}

/* The word with the lowest key above last; a key that comes twice is a fault at its second word. */
static struct gyl_fault next_word(const struct gyl_dns_token *tok, size_t tok_cnt, size_t first,
	long last, size_t *ret_at, long *ret_key)
{
	long best = -1;

	for (size_t i = first; i < tok_cnt; i++) {
		struct gyl_view val;
		uint16_t key;
		bool has_val;
		struct gyl_fault f = word_split(&tok[i], &key, &val, &has_val);

		if (gyl_failed(f) || key == best) {
			*ret_at = i;
			return gyl_failed(f) ? f : gyl_fault(GYL_E_FIELD, 0);
		}
		if (key > last && (best < 0 || key < best)) {
			best = key;
			*ret_at = i;
		}
	}
	*ret_key = best;
	return gyl_ok();
}

struct gyl_fault gyl__svcparams_parse(
	const struct gyl_dns_token *tok, size_t tok_cnt, size_t *at, struct gyl_writer *w)
{
	size_t first = *at;
	long last = -1;

	for (;;) {
		struct gyl_view val;
		struct gyl_fault f;
		uint16_t key;
		bool has_val;
		size_t head;

		f = next_word(tok, tok_cnt, first, last, at, &last);
		if (gyl_failed(f))
			return f;
		if (last < 0)
			break;
		(void)word_split(&tok[*at], &key, &val, &has_val);
		gyl_put_u16(w, key);
		head = w->len;
		gyl_put_u16(w, 0);
		f = value_parse(key, val, has_val, w);
		if (gyl_failed(f))
			return val.len == 0 ? f
					    : gyl_fault(f.err,
						      f.off + (size_t)(val.p - tok[*at].text.p));
		if (!gyl_writer_ok(w))
			return w->fault;
		gyl_set_u16(w->p + head, (uint16_t)(w->len - head - 2));
	}
	*at = tok_cnt;
	return gyl_ok();
}
