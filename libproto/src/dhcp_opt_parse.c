/* SPDX-License-Identifier: ISC */

/*
 * Values of options from text. Most kinds are words of one type, told by a row of a table; the rest
 * are entries separated by commas, each with a small grammar. The texts are those that
 * dhcp_opt_show.c prints.
 */

#include "libproto/src/dhcp_kind.h"
#include "libproto/src/dhcp_parse.h"

#include <gyl/text.h>

struct gyl_fault gyl__parse_fault(const struct gyl__parse *p, const uint8_t *at, enum gyl_err err)
{
	return gyl_fault(err, (size_t)(at - p->text.p));
}

struct gyl_fault gyl__parse_fault_in(
	const struct gyl__parse *p, struct gyl_view word, struct gyl_fault f)
{
	return gyl_failed(f) ? gyl__parse_fault(p, word.p + f.off, f.err) : f;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool gyl__parse_next_word(struct gyl_view *rest, struct gyl_view *ret_word)
{
	const uint8_t *p = rest->p;
	size_t start = 0, end;

	while (start < rest->len && (is_blank(p[start]) || p[start] == ','))
		start++;
	for (end = start; end < rest->len && !is_blank(p[end]) && p[end] != ','; end++)
		if (p[end] == '\\' && end + 1 < rest->len)
			end++;
	*ret_word = gyl_view(p + start, end - start);
	*rest = gyl_view(p + end, rest->len - end);
	return end != start;
}

/* Take what stands before the next comma. False when nothing is left. */
static bool next_entry(struct gyl_view *rest, struct gyl_view *ret_entry)
{
	size_t end = 0;

	if (rest->len == 0)
		return false;
	while (end < rest->len && rest->p[end] != ',')
		end += rest->p[end] == '\\' && end + 1 < rest->len ? 2 : 1;
	*ret_entry = gyl_view(rest->p, end);
	end += end < rest->len;
	*rest = gyl_view(rest->p + end, rest->len - end);
	return true;
}

bool gyl__parse_is_word(struct gyl_view word, const char *text)
{
	return gyl_view_eq(word, gyl_view_str(text));
}

/* ---- words ---- */

static struct gyl_fault word_number(
	struct gyl__parse *p, struct gyl_view word, uint64_t max, unsigned octets)
{
	uint8_t wire[8];
	uint64_t v = 0;
	struct gyl_fault f = gyl_parse_u64(word, max, &v);

	if (gyl_failed(f))
		return gyl__parse_fault_in(p, word, f);
	gyl_set_u64(wire, v);
	gyl_put_bytes(p->w, wire + 8 - octets, octets);
	return gyl_ok();
}

struct gyl_fault gyl__parse_u8(struct gyl__parse *p, struct gyl_view word)
{
	return word_number(p, word, UINT8_MAX, 1);
}

struct gyl_fault gyl__parse_u16(struct gyl__parse *p, struct gyl_view word)
{
	return word_number(p, word, UINT16_MAX, 2);
}

struct gyl_fault gyl__parse_u32(struct gyl__parse *p, struct gyl_view word)
{
	return word_number(p, word, UINT32_MAX, 4);
}

static struct gyl_fault word_s32(struct gyl__parse *p, struct gyl_view word)
{
	bool minus = word.p[0] == '-';
	struct gyl_view digits = gyl_view(word.p + minus, word.len - minus);
	uint64_t v;
	struct gyl_fault f = gyl_parse_u64(digits, (uint64_t)INT32_MAX + minus, &v);

	if (gyl_failed(f))
		return gyl__parse_fault_in(p, digits, f);
	gyl_put_u32(p->w, (uint32_t)(minus ? 0 - v : v));
	return gyl_ok();
}

static struct gyl_fault word_bool(struct gyl__parse *p, struct gyl_view word)
{
	static const char *const yes[] = {"true", "yes", "on", "1"};
	static const char *const no[] = {"false", "no", "off", "0"};

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		if (!gyl__parse_is_word(word, yes[i]) && !gyl__parse_is_word(word, no[i]))
			continue;
		gyl_put_u8(p->w, gyl__parse_is_word(word, yes[i]));
		return gyl_ok();
	}
	return gyl__parse_fault(p, word.p, GYL_E_SYNTAX);
}

struct gyl_fault gyl__parse_ipv4(struct gyl__parse *p, struct gyl_view word)
{
	uint32_t ip = 0;
	struct gyl_fault f = gyl_parse_ipv4(word, &ip);

	if (gyl_failed(f))
		return gyl__parse_fault_in(p, word, f);
	gyl_put_u32(p->w, ip);
	return gyl_ok();
}

struct gyl_fault gyl__parse_name(struct gyl__parse *p, struct gyl_view word)
{
	struct gyl_dhcp_name n;
	struct gyl_fault f = gyl_dhcp_name_parse(word, &n);

	if (gyl_failed(f))
		return gyl__parse_fault_in(p, word, f);
	gyl_put_bytes(p->w, n.wire, n.len);
	return gyl_ok();
}

static struct gyl_fault word_packed_name(struct gyl__parse *p, struct gyl_view word)
{
	struct gyl_dhcp_name n;
	struct gyl_fault f = gyl_dhcp_name_parse(word, &n);

	if (gyl_failed(f))
		return gyl__parse_fault_in(p, word, f);
	gyl_dhcp_name_put(p->w, p->base, &n);
	return gyl_ok();
}

/* Values that are words of one type: how many at least and at most (0: no end), and a multiple of
 * what. */
static const struct words {
	struct gyl_fault (*fn)(struct gyl__parse *p, struct gyl_view word);
	uint8_t min, max, mult;
} words[GYL_DHCP_KIND_CNT] = {
	[GYL_DHCP_KIND_BOOL] = {word_bool, 1, 1, 1},
	[GYL_DHCP_KIND_U8] = {gyl__parse_u8, 1, 1, 1},
	[GYL_DHCP_KIND_U16] = {gyl__parse_u16, 1, 1, 1},
	[GYL_DHCP_KIND_U32] = {gyl__parse_u32, 1, 1, 1},
	[GYL_DHCP_KIND_S32] = {word_s32, 1, 1, 1},
	[GYL_DHCP_KIND_U8S] = {gyl__parse_u8, 1, 0, 1},
	[GYL_DHCP_KIND_U16S] = {gyl__parse_u16, 1, 0, 1},
	[GYL_DHCP_KIND_IPV4] = {gyl__parse_ipv4, 1, 1, 1},
	[GYL_DHCP_KIND_IPV4S] = {gyl__parse_ipv4, 1, 0, 1},
	[GYL_DHCP_KIND_IPV4S_OR_NONE] = {gyl__parse_ipv4, 0, 0, 1},
	[GYL_DHCP_KIND_IPV4_PAIRS] = {gyl__parse_ipv4, 2, 0, 2},
	[GYL_DHCP_KIND_NAME] = {gyl__parse_name, 1, 1, 1},
	[GYL_DHCP_KIND_NAMES] = {word_packed_name, 1, 0, 1},
};

static struct gyl_fault parse_words(
	struct gyl__parse *p, const struct words *rule, struct gyl_view rest)
{
	struct gyl_view word;
	size_t cnt = 0;

	while (gyl__parse_next_word(&rest, &word)) {
		struct gyl_fault f;

		if (rule->max != 0 && cnt == rule->max)
			return gyl__parse_fault(p, word.p, GYL_E_SYNTAX);
		f = rule->fn(p, word);
		if (gyl_failed(f))
			return f;
		cnt++;
	}
	return cnt < rule->min || cnt % rule->mult != 0 ? gyl__parse_fault(p, rest.p, GYL_E_SYNTAX)
							: gyl_ok();
}

/* ---- octets and text ---- */

struct gyl_fault gyl__parse_octets(struct gyl__parse *p, struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		uint8_t octet = 0;
		size_t len = 0;
		struct gyl_fault f;

		if (is_blank(v.p[i]) || v.p[i] == ':')
			continue;
		f = gyl_parse_hex(gyl_view_sub(v, i, 2), &octet, 1, &len);
		if (gyl_failed(f))
			return gyl__parse_fault(p, v.p + i, GYL_E_SYNTAX);
		gyl_put_u8(p->w, octet);
		i++;
	}
	return gyl_ok();
}

struct gyl_fault gyl__parse_text(struct gyl__parse *p, struct gyl_view v)
{
	if (v.len == 0)
		return gyl__parse_fault(p, v.p, GYL_E_SYNTAX);
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.p[i];
		size_t len;

		if (c == '\\' && i + 1 < v.len && v.p[i + 1] == '\\')
			i++;
		else if (c == '\\' && i + 3 < v.len && v.p[i + 1] == 'x' &&
			 !gyl_failed(gyl_parse_hex(gyl_view(v.p + i + 2, 2), &c, 1, &len)))
			i += 3;
		gyl_put_u8(p->w, c);
	}
	return gyl_ok();
}

static struct gyl_fault parse_entries(struct gyl__parse *p, struct gyl_view rest,
	struct gyl_fault (*fn)(struct gyl__parse *p, struct gyl_view entry))
{
	struct gyl_fault f =
		gyl__parse_fault(p, rest.p, GYL_E_SYNTAX); /* unless there is an entry */
	struct gyl_view entry;

	while (next_entry(&rest, &entry)) {
		f = fn(p, entry);
		if (gyl_failed(f))
			break;
	}
	return f;
}

/* Addresses when the first word is one, else names. */
static struct gyl_fault parse_sip(struct gyl__parse *p, struct gyl_view v)
{
	struct gyl_view rest = v, word;
	uint32_t ip;
	bool is_addr = gyl__parse_next_word(&rest, &word) && !gyl_failed(gyl_parse_ipv4(word, &ip));

	gyl_put_u8(p->w, is_addr);
	p->base = p->w->len;
	return parse_words(p, &words[is_addr ? GYL_DHCP_KIND_IPV4S : GYL_DHCP_KIND_NAMES], v);
}

static struct gyl_fault parse_kind(struct gyl__parse *p, uint8_t kind, struct gyl_view v)
{
	if (words[kind].fn != NULL)
		return parse_words(p, &words[kind], v);
	switch (kind) {
	case GYL_DHCP_KIND_EMPTY:
		return v.len == 0 ? gyl_ok() : gyl__parse_fault(p, v.p, GYL_E_SYNTAX);
	case GYL_DHCP_KIND_STRING:
		return gyl__parse_text(p, p->text);
	case GYL_DHCP_KIND_BYTES:
		return gyl__parse_octets(p, v);
	case GYL_DHCP_KIND_ROUTES:
		return parse_entries(p, v, gyl__parse_entry_route);
	case GYL_DHCP_KIND_SUBOPTS:
		return parse_entries(p, v, gyl__parse_entry_sub);
	case GYL_DHCP_KIND_VI_CLASS:
		return parse_entries(p, v, gyl__parse_entry_vi_class);
	case GYL_DHCP_KIND_VI_OPTIONS:
		return parse_entries(p, v, gyl__parse_entry_vi_options);
	case GYL_DHCP_KIND_DNR:
		return parse_entries(p, v, gyl__parse_entry_dnr);
	case GYL_DHCP_KIND_SIP:
		return parse_sip(p, v);
	default:
		return gyl__parse_fault(p, v.p, GYL_E_SYNTAX);
	}
}

static struct gyl_view trim(struct gyl_view v)
{
	while (v.len != 0 && is_blank(v.p[0]))
		v = gyl_view(v.p + 1, v.len - 1);
	while (v.len != 0 && is_blank(v.p[v.len - 1]))
		v.len--;
	return v;
}

struct gyl_fault gyl_dhcp_opt_parse(uint8_t code, struct gyl_view text, struct gyl_writer *w)
{
	struct gyl__parse p = {text, w, w->len};
	struct gyl_view v = trim(text), rest = v, word;
	struct gyl_fault f;
	size_t start = w->len;

	if (gyl__parse_next_word(&rest, &word) && gyl__parse_is_word(word, "hex") && word.p == v.p)
		f = gyl__parse_octets(&p, rest);
	else
		f = parse_kind(&p, gyl__dhcp_kind[code], v);
	if (!gyl_writer_ok(w))
		f = w->fault;
	if (gyl_failed(f))
		w->len = start;
	return f;
}
