/* SPDX-License-Identifier: ISC */

/* Values of options from text, continued: the entries of lists, each with its small grammar. */

#include "libproto/src/dhcp_parse.h"

#include <gyl/text.h>

/* `10.0.0.0/8 via 10.0.0.1`; the word may be missing. */
struct gyl_fault gyl__parse_entry_route(struct gyl__parse *p, struct gyl_view e)
{
	struct gyl_view dst, router;
	struct gyl_dhcp_route route;
	const uint8_t *slash;
	uint64_t prefix = 0;
	struct gyl_fault f;

	if (!gyl__parse_next_word(&e, &dst))
		return gyl__parse_fault(p, e.p, GYL_E_SYNTAX);
	slash = (const uint8_t *)memchr(dst.p, '/', dst.len);
	if (slash == NULL)
		return gyl__parse_fault(p, dst.p + dst.len, GYL_E_SYNTAX);
	f = gyl_parse_ipv4(gyl_view(dst.p, (size_t)(slash - dst.p)), &route.dst);
	if (gyl_failed(f))
		return gyl__parse_fault_in(p, dst, f);
	f = gyl_parse_u64(gyl_view(slash + 1, dst.len - (size_t)(slash + 1 - dst.p)), 32, &prefix);
	if (gyl_failed(f))
		return gyl__parse_fault(p, slash + 1 + f.off, f.err);
	if (!gyl__parse_next_word(&e, &router) ||
		(gyl__parse_is_word(router, "via") && !gyl__parse_next_word(&e, &router)))
		return gyl__parse_fault(p, e.p, GYL_E_SYNTAX);
	f = gyl_parse_ipv4(router, &route.router);
	if (gyl_failed(f))
		return gyl__parse_fault_in(p, router, f);
	route.prefix = (uint8_t)prefix;
	gyl_dhcp_route_put(p->w, route);
	return gyl__parse_next_word(&e, &router) ? gyl__parse_fault(p, router.p, GYL_E_SYNTAX)
						 : gyl_ok();
}

/* The value of a sub-option: the type has been read, a word follows. */
static struct gyl_fault typed_word(struct gyl__parse *p, struct gyl_view type, struct gyl_view *e)
{
	static const struct {
		const char *type;
		struct gyl_fault (*fn)(struct gyl__parse *p, struct gyl_view word);
	} types[] = {
		{"hex", gyl__parse_octets},
		{"text", gyl__parse_text},
		{"ip", gyl__parse_ipv4},
		{"u8", gyl__parse_u8},
		{"u16", gyl__parse_u16},
		{"u32", gyl__parse_u32},
		{"name", gyl__parse_name},
	};
	struct gyl_view word;

	if (gyl__parse_is_word(type, "empty"))
		return gyl_ok();
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (!gyl__parse_is_word(type, types[i].type))
			continue;
		return gyl__parse_next_word(e, &word) ? types[i].fn(p, word)
						      : gyl__parse_fault(p, e->p, GYL_E_SYNTAX);
	}
	return gyl__parse_fault(p, type.p, GYL_E_SYNTAX);
}

/* Fill in the length octet that was left out at `at`. */
static struct gyl_fault close_length(struct gyl__parse *p, size_t at, const uint8_t *place)
{
	size_t len;

	if (!gyl_writer_ok(p->w))
		return p->w->fault;
	len = p->w->len - at - 1;
	if (len > 255)
		return gyl__parse_fault(p, place, GYL_E_RANGE);
	p->w->p[at] = (uint8_t)len;
	return gyl_ok();
}

/* What a list is made of: `CODE TYPE WORD`, or `TYPE WORD` in a class. */
enum sub_form {
	SUB_PADDED,
	SUB_PLAIN,
	SUB_CLASS
};

static struct gyl_fault sub_code(struct gyl__parse *p, struct gyl_view word, enum sub_form form)
{
	uint64_t code = 0;
	struct gyl_fault f = gyl_parse_u64(word, UINT8_MAX, &code);

	/* RFC 2132 8.4: 0 is a pad and 255 the end, so no sub-option can have them. */
	if (!gyl_failed(f) && form == SUB_PADDED &&
		(code == GYL_DHCP_OPT_PAD || code == GYL_DHCP_OPT_END))
		f = gyl_fault(GYL_E_RANGE, 0);
	if (gyl_failed(f))
		return gyl__parse_fault_in(p, word, f);
	gyl_put_u8(p->w, (uint8_t)code);
	return gyl_ok();
}

static struct gyl_fault one_sub(
	struct gyl__parse *p, struct gyl_view first, struct gyl_view *e, enum sub_form form)
{
	struct gyl_view type = first;
	struct gyl_fault f;
	size_t at;

	if (form != SUB_CLASS) {
		f = sub_code(p, first, form);
		if (gyl_failed(f))
			return f;
		if (!gyl__parse_next_word(e, &type))
			return gyl__parse_fault(p, e->p, GYL_E_SYNTAX);
	}
	at = p->w->len;
	gyl_put_u8(p->w, 0);
	f = typed_word(p, type, e);
	return gyl_failed(f) ? f : close_length(p, at, first.p);
}

static struct gyl_fault sub_list(
	struct gyl__parse *p, struct gyl_view e, enum sub_form form, size_t min)
{
	struct gyl_view word;
	size_t cnt = 0;

	for (; gyl__parse_next_word(&e, &word); cnt++) {
		struct gyl_fault f = one_sub(p, word, &e, form);

		if (gyl_failed(f))
			return f;
	}
	return cnt < min ? gyl__parse_fault(p, e.p, GYL_E_SYNTAX) : gyl_ok();
}

struct gyl_fault gyl__parse_entry_sub(struct gyl__parse *p, struct gyl_view e)
{
	return sub_list(p, e, SUB_PADDED, 1);
}

static struct gyl_fault entry_vi(struct gyl__parse *p, struct gyl_view e, enum sub_form form)
{
	struct gyl_view enterprise;
	struct gyl_fault f;
	size_t at;

	if (!gyl__parse_next_word(&e, &enterprise))
		return gyl__parse_fault(p, e.p, GYL_E_SYNTAX);
	f = gyl__parse_u32(p, enterprise);
	at = p->w->len;
	gyl_put_u8(p->w, 0);
	if (!gyl_failed(f))
		f = sub_list(p, e, form, form == SUB_CLASS);
	return gyl_failed(f) ? f : close_length(p, at, enterprise.p);
}

struct gyl_fault gyl__parse_entry_vi_class(struct gyl__parse *p, struct gyl_view e)
{
	return entry_vi(p, e, SUB_CLASS);
}

struct gyl_fault gyl__parse_entry_vi_options(struct gyl__parse *p, struct gyl_view e)
{
	return entry_vi(p, e, SUB_PLAIN);
}

/* The addresses of an encrypted resolver up to `hex`, then its parameters. */
static struct gyl_fault dnr_rest(struct gyl__parse *p, struct gyl_view e)
{
	struct gyl_view word;
	bool more = gyl__parse_next_word(&e, &word);
	size_t at = p->w->len;
	struct gyl_fault f;

	if (!more)
		return gyl_ok();
	gyl_put_u8(p->w, 0);
	for (; more && !gyl__parse_is_word(word, "hex"); more = gyl__parse_next_word(&e, &word)) {
		f = gyl__parse_ipv4(p, word);
		if (gyl_failed(f))
			return f;
	}
	if (p->w->len == at + 1)
		return gyl__parse_fault(p, word.p, GYL_E_SYNTAX);
	f = close_length(p, at, e.p);
	return gyl_failed(f) || !more ? f : gyl__parse_octets(p, e);
}

/* `PRIORITY NAME [ADDRESS... [hex PARAMETERS]]` */
struct gyl_fault gyl__parse_entry_dnr(struct gyl__parse *p, struct gyl_view e)
{
	struct gyl_view priority, name;
	size_t start = p->w->len, adn;
	struct gyl_fault f;

	gyl_put_u16(p->w, 0);
	if (!gyl__parse_next_word(&e, &priority) || !gyl__parse_next_word(&e, &name))
		return gyl__parse_fault(p, e.p, GYL_E_SYNTAX);
	f = gyl__parse_u16(p, priority);
	adn = p->w->len;
	gyl_put_u8(p->w, 0);
	if (!gyl_failed(f))
		f = gyl__parse_name(p, name);
	if (!gyl_failed(f))
		f = close_length(p, adn, name.p);
	if (!gyl_failed(f))
		f = dnr_rest(p, e);
	if (gyl_failed(f) || !gyl_writer_ok(p->w))
		return gyl_failed(f) ? f : p->w->fault;
	if (p->w->len - start - 2 > UINT16_MAX)
		return gyl__parse_fault(p, priority.p, GYL_E_RANGE);
	gyl_set_u16(p->w->p + start, (uint16_t)(p->w->len - start - 2));
	return gyl_ok();
}
