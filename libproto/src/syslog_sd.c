/* SPDX-License-Identifier: ISC */

/* Structured data: one gate that proves its shape, and a cursor that can rely on it. */

#include "libproto/src/syslog_impl.h"

/* State of the gate. */
struct gate {
	const uint8_t *p, *end;
	uint32_t flags;
	struct gyl_syslog *m;
	struct gyl_view id;
};

static bool name_end(uint8_t c)
{
	return c == '=' || c == ' ' || c == ']' || c == '"';
}

/* First octet from p on that is not PRINTUSASCII or ends a name, or end. */
static const uint8_t *name_stop(const uint8_t *p, const uint8_t *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t w = gyl__load8(p);
		uint64_t stop = gyl__not_printus8(w) | gyl__is8(w, '=') | gyl__is8(w, ']') |
				gyl__is8(w, '"');

		if (stop != 0)
			return p + gyl__lowest8(stop);
	}
	while (p != end && gyl__printus(*p) && !name_end(*p))
		p++;
	return p;
}

/* SD-NAME (RFC 5424 6.3.1) at the front; empty when it does not end in one of the octets of `stop`.
 */
static struct gyl_view sd_name(struct gate *g, const char *stop)
{
	const uint8_t *from = g->p, *p = name_stop(from, g->end);

	while (p != g->end && *p >= 0x80) {
		g->flags |= GYL_SYSLOG_BAD_SD;
		p = name_stop(p + 1, g->end);
	}
	g->p = p;
	if (p == g->end || (*p != (uint8_t)stop[0] && *p != (uint8_t)stop[1]))
		return gyl_view(NULL, 0);
	if (p - from > GYL_SYSLOG_SD_NAME_MAX)
		g->flags |= GYL_SYSLOG_LONG_FIELD;
	return gyl__span(from, p);
}

/* First quote, backslash or closing bracket from p on, or end. */
static const uint8_t *value_stop(const uint8_t *p, const uint8_t *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t w = gyl__load8(p);
		uint64_t stop = gyl__is8(w, '"') | gyl__is8(w, '\\') | gyl__is8(w, ']');

		if (stop != 0)
			return p + gyl__lowest8(stop);
	}
	while (p != end && *p != '"' && *p != '\\' && *p != ']')
		p++;
	return p;
}

/* Up to the quote that ends the value (RFC 5424 6.3.3); NULL when there is none. */
static const uint8_t *value_end(struct gate *g)
{
	const uint8_t *p = value_stop(g->p, g->end);

	while (p != g->end && *p != '"') {
		if (*p == ']')
			g->flags |= GYL_SYSLOG_BAD_SD;
		else if (++p == g->end) /* a backslash goes with what follows it */
			break;
		p = value_stop(p + 1, g->end);
	}
	return p == g->end ? NULL : p;
}

static void note_timequality(struct gate *g, struct gyl_view name, struct gyl_view value)
{
	/* RFC 5424 7.1.2 */
	if (gyl_view_eq(name, gyl_view_str("isSynced")) && gyl_view_eq(value, gyl_view_str("0")))
		g->flags |= GYL_SYSLOG_CLOCK_UNSYNCED;
}

static void note_meta(struct gate *g, struct gyl_view name, struct gyl_view value)
{
	uint32_t v = 0;

	/* RFC 5424 7.3.1: 1 to 2147483647, wrapping to 1 */
	if (!gyl_view_eq(name, gyl_view_str("sequenceId")) || value.len == 0 || value.len > 10)
		return;
	for (size_t i = 0; i < value.len; i++) {
		if (!gyl__digit(value.p[i]) || v > 214748364)
			return;
		v = v * 10 + (uint32_t)(value.p[i] - '0');
	}
	if (v == 0 || v > 0x7fffffff)
		return;
	g->m->seq_id = v;
	g->m->has_seq_id = true;
}

static void note(struct gate *g, struct gyl_view name, struct gyl_view value)
{
	if (g->id.len == 4 && memcmp(g->id.p, "meta", 4) == 0)
		note_meta(g, name, value);
	else if (g->id.len == 11 && memcmp(g->id.p, "timeQuality", 11) == 0)
		note_timequality(g, name, value);
}

static bool check_param(struct gate *g)
{
	struct gyl_view name = sd_name(g, "==");
	const uint8_t *end;

	if (name.len == 0 || g->end - g->p < 2 || g->p[1] != '"')
		return false;
	g->p += 2;
	end = value_end(g);
	if (end == NULL)
		return false;
	note(g, name, gyl__span(g->p, end));
	g->p = end + 1;
	return true;
}

/* `[id name="value" ...]`, g->p at the bracket. RFC 5424 6.3.5: with a space too many it is no
 * structured data but text. */
static bool check_element(struct gate *g)
{
	g->p++;
	g->id = sd_name(g, " ]");
	if (g->id.len == 0)
		return false;
	while (*g->p == ' ') {
		g->p++;
		if (!check_param(g) || g->p == g->end)
			return false;
	}
	if (*g->p != ']')
		return false;
	g->p++;
	return true;
}

size_t gyl__syslog_sd_check(struct gyl__syslog_in *in)
{
	struct gyl_view ids[GYL_SYSLOG_SD_CNT_MAX];
	struct gate g = {.p = in->p, .end = in->end, .m = in->m};
	unsigned cnt = 0;

	while (g.p != g.end && *g.p == '[') {
		if (cnt == GYL_SYSLOG_SD_CNT_MAX || !check_element(&g)) {
			in->m->has_seq_id = false;
			return 0;
		}
		for (unsigned i = 0; i < cnt; i++)
			if (gyl_view_eq(ids[i], g.id))
				g.flags |= GYL_SYSLOG_DUP_SD;
		ids[cnt++] = g.id;
	}
	in->m->flags |= g.flags;
	in->m->sd = gyl__span(in->p, g.p);
	if (gyl__text_scan(in->m->sd) & GYL__TEXT_HIGH &&
		gyl_utf8_prefix(in->m->sd) != in->m->sd.len)
		in->m->flags |= GYL_SYSLOG_BAD_UTF8;
	return in->m->sd.len;
}

void gyl_syslog_sd_init(struct gyl_syslog_sd *cur, const struct gyl_syslog *m)
{
	cur->rest = m->sd;
	cur->id = gyl_view(NULL, 0);
}

static uint8_t front(const struct gyl_syslog_sd *cur)
{
	return cur->rest.len == 0 ? ']' : cur->rest.p[0];
}

static void drop(struct gyl_syslog_sd *cur, size_t len)
{
	cur->rest = gyl_view_sub(cur->rest, len, cur->rest.len);
}

static struct gyl_view cursor_name(struct gyl_syslog_sd *cur)
{
	const uint8_t *from = cur->rest.p;

	while (!name_end(front(cur)))
		drop(cur, 1);
	return gyl__span(from, cur->rest.p);
}

static void cursor_value(struct gyl_syslog_sd *cur, struct gyl_syslog_param *ret)
{
	const uint8_t *from;

	drop(cur, 2);
	from = cur->rest.p;
	ret->escaped = false;
	while (cur->rest.len != 0 && front(cur) != '"') {
		if (front(cur) == '\\') {
			ret->escaped = true;
			drop(cur, 1);
		}
		drop(cur, 1);
	}
	ret->value = gyl__span(from, cur->rest.p);
	drop(cur, 1);
}

static void skip_spaces(struct gyl_syslog_sd *cur)
{
	while (front(cur) == ' ')
		drop(cur, 1);
}

bool gyl_syslog_sd_next(struct gyl_syslog_sd *cur, struct gyl_syslog_param *ret_param)
{
	struct gyl_syslog_param out = {.first = false};

	if (cur->id.p != NULL && front(cur) == ']') {
		drop(cur, 1);
		cur->id = gyl_view(NULL, 0);
	}
	if (cur->rest.len == 0)
		return false;
	if (cur->id.p == NULL) {
		drop(cur, 1);
		cur->id = cursor_name(cur);
		out.first = true;
		skip_spaces(cur);
	}
	out.id = cur->id;
	if (front(cur) != ']') {
		out.name = cursor_name(cur);
		cursor_value(cur, &out);
		skip_spaces(cur);
	}
	*ret_param = out;
	return true;
}

bool gyl_syslog_sd_find(const struct gyl_syslog *m, struct gyl_view id, struct gyl_view name,
	struct gyl_view *ret_value)
{
	struct gyl_syslog_sd cur;
	struct gyl_syslog_param param;

	for (gyl_syslog_sd_init(&cur, m); gyl_syslog_sd_next(&cur, &param);) {
		if (param.name.p == NULL || !gyl_view_eq(param.id, id) ||
			!gyl_view_eq(param.name, name))
			continue;
		*ret_value = param.value;
		return true;
	}
	return false;
}

void gyl_syslog_unescape(struct gyl_writer *w, struct gyl_view value)
{
	size_t start = w->len;

	for (size_t i = 0; i < value.len; i++) {
		/* RFC 5424 6.3.3: a backslash before any other character is not an escape */
		if (value.p[i] == '\\' && i + 1 < value.len &&
			(value.p[i + 1] == '"' || value.p[i + 1] == '\\' || value.p[i + 1] == ']'))
			i++;
		gyl_put_u8(w, value.p[i]);
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}
