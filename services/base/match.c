/* SPDX-License-Identifier: ISC */
#include "services/base/match.h"

#include <gyl/text.h>

void gyl_match_init(struct gyl_match *m, enum gyl_event_kind kind)
{
	m->kind = (uint16_t)kind;
	m->cnt = 0;
}

bool gyl_match_add(struct gyl_match *m, struct gyl_view field, struct gyl_view pattern)
{
	const struct gyl_event_desc *d = gyl_event_desc(m->kind);

	for (unsigned i = 0; i < m->cnt; i++)
		if (gyl_view_eq(gyl_view_str(d->field[m->rule[i].field].name), field))
			return false;
	for (uint8_t i = 0; i < GYL_EVENT_FIELD_MAX && d->field[i].name != NULL; i++) {
		if (!gyl_view_eq(gyl_view_str(d->field[i].name), field))
			continue;
		m->rule[m->cnt++] = (struct gyl_match_rule){i, pattern};
		return true;
	}
	return false;
}

static uint8_t small(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

/* The last * takes one octet more whenever what follows it does not fit: no recursion. */
bool gyl_match_text(struct gyl_view pattern, struct gyl_view text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, taken = 0;

	while (t < text.len) {
		if (p < pattern.len && pattern.p[p] == '*') {
			star = p++;
			taken = t;
		} else if (p < pattern.len &&
			   (pattern.p[p] == '?' || small(pattern.p[p]) == small(text.p[t]))) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++taken;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.p[p] == '*')
		p++;
	return p == pattern.len;
}

/* "10.77.0.0/24"; *ret_in: is ip in it? False: the pattern is no prefix. */
static bool is_prefix(struct gyl_view pattern, uint32_t ip, bool *ret_in)
{
	const uint8_t *slash = pattern.len == 0 ? NULL : memchr(pattern.p, '/', pattern.len);
	uint32_t net, mask;
	uint64_t len;
	size_t at;

	if (slash == NULL)
		return false;
	at = (size_t)(slash - pattern.p);
	if (gyl_failed(gyl_parse_ipv4(gyl_view_sub(pattern, 0, at), &net)) ||
		gyl_failed(gyl_parse_u64(gyl_view_sub(pattern, at + 1, pattern.len), 32, &len)))
		return false;
	mask = len == 0 ? 0 : UINT32_MAX << (32 - len);
	*ret_in = ((net ^ ip) & mask) == 0;
	return true;
}

static bool one_fits(
	uint8_t type, const struct gyl_event_val *v, struct gyl_view pattern, struct gyl_view text)
{
	bool in;

	if (type == GYL_F_IP && is_prefix(pattern, (uint32_t)v->u.u64, &in))
		return in;
	if (type == GYL_F_MAC && pattern.len < text.len)
		text.len = pattern.len;
	return gyl_match_text(pattern, text);
}

static bool fits(const struct gyl_event *e, const struct gyl_match_rule *r)
{
	const struct gyl_event_val *v = &e->val[r->field];
	uint8_t type = gyl_event_desc(e->kind)->field[r->field].type, buf[64];
	struct gyl_view rest = r->pattern, text;
	struct gyl_writer w;
	bool found = false;

	if (!v->set)
		return false;
	gyl_writer_init(&w, buf, sizeof buf);
	if (type == GYL_F_STR) {
		text = gyl_view(e->text + v->u.str.off, v->u.str.len);
	} else {
		gyl_event_print_field(e, r->field, &w);
		text = gyl_writer_view(&w);
	}
	for (size_t end; !found; rest = gyl_view_sub(rest, end + 1, rest.len)) {
		for (end = 0; end < rest.len && rest.p[end] != ',';)
			end++;
		found = one_fits(type, v, gyl_view_sub(rest, 0, end), text);
		if (end == rest.len)
			break;
	}
	return found;
}

bool gyl_match(const struct gyl_match *m, const struct gyl_event *e)
{
	if (e->kind != m->kind)
		return false;
	for (unsigned i = 0; i < m->cnt; i++)
		if (!fits(e, &m->rule[i]))
			return false;
	return true;
}
