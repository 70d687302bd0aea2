/* SPDX-License-Identifier: ISC */

/* Records as JSON: the collector's hot path. */

#include "libproto/src/syslog_impl.h"

#include "libproto/src/json_impl.h"

static void put_optional(struct gyl_json *j, const char *key, struct gyl_view v)
{
	if (v.p == NULL)
		gyl_json_null(j, key);
	else
		gyl_json_str(j, key, v);
}

static void put_present(struct gyl_json *j, const char *key, struct gyl_view v)
{
	if (v.p != NULL)
		gyl_json_str(j, key, v);
}

#define LITERAL(p, s) ((uint8_t *)memcpy(p, s, sizeof(s) - 1) + sizeof(s) - 1)

/* 0 to 191 */
static uint8_t *put_pri(uint8_t *p, unsigned v)
{
	if (v >= 100)
		*p++ = '1';
	if (v >= 10)
		*p++ = (uint8_t)('0' + v / 10 % 10);
	*p++ = (uint8_t)('0' + v % 10);
	return p;
}

static uint8_t *put_time(uint8_t *p, const struct gyl_syslog *m)
{
	struct gyl_writer w;

	if (!gyl__syslog_has_time(m))
		return LITERAL(p, "null");
	*p++ = '"';
	gyl_writer_init(&w, p, 64);
	gyl_syslog_print_time(&w, m);
	p += w.len;
	*p++ = '"';
	return p;
}

/* What every record begins with, and nobody else's text is in. */
static void put_head(struct gyl_json *j, const struct gyl_syslog *m)
{
	static const char fmt_names[][5] = {"raw", "3164", "5424"};
	struct gyl_view fmt = gyl_view_str(fmt_names[m->fmt]);
	uint8_t text[160], *p = LITERAL(text, "\"fmt\":\"");

	memcpy(p, fmt.p, fmt.len);
	p = LITERAL(p + fmt.len, "\",\"pri\":");
	p = LITERAL(put_pri(p, m->pri), ",\"fac\":");
	p = LITERAL(put_pri(p, m->fac), ",\"sev\":");
	p = LITERAL(put_pri(p, m->sev), ",\"ts\":");
	p = put_time(p, m);
	gyl__json_raw(j, gyl__span(text, p));
}

/* Pieces between escapes: a backslash is ASCII, so no character is split. */
static void put_value(struct gyl_json *j, struct gyl_view v)
{
	size_t from = 0;

	gyl_json_str_begin(j, NULL);
	for (size_t i = 0; i + 1 < v.len; i++) {
		if (v.p[i] != '\\')
			continue;
		/* RFC 5424 6.3.3: three escapes; before anything else the backslash is itself */
		if (v.p[i + 1] == '"' || v.p[i + 1] == '\\' || v.p[i + 1] == ']') {
			gyl_json_str_put(j, gyl_view(v.p + from, i - from));
			from = ++i;
		}
	}
	gyl_json_str_put(j, gyl_view(v.p + from, v.len - from));
	gyl_json_str_end(j);
}

static void put_pair(struct gyl_json *j, const struct gyl_syslog_param *p)
{
	if (p->name.p == NULL)
		return;
	gyl_json_arr(j, NULL);
	gyl_json_str(j, NULL, p->name);
	if (p->escaped)
		put_value(j, p->value);
	else
		gyl_json_str(j, NULL, p->value);
	gyl_json_end(j);
}

/* Was the element that begins at `from` preceded by one of the same SD-ID? */
static bool seen_before(const struct gyl_syslog *m, const struct gyl_syslog_param *first)
{
	struct gyl_syslog_sd cur;
	struct gyl_syslog_param p;

	for (gyl_syslog_sd_init(&cur, m); gyl_syslog_sd_next(&cur, &p) && p.id.p != first->id.p;)
		if (p.first && gyl_view_eq(p.id, first->id))
			return true;
	return false;
}

/* A member occurs once in an object: elements of one SD-ID become one member, all parameters in
 * order. */
static void put_merged(struct gyl_json *j, const struct gyl_syslog *m)
{
	struct gyl_syslog_sd cur, again;
	struct gyl_syslog_param p, q;

	for (gyl_syslog_sd_init(&cur, m); gyl_syslog_sd_next(&cur, &p);) {
		if (!p.first || seen_before(m, &p))
			continue;
		gyl_json_arr_named(j, p.id);
		for (gyl_syslog_sd_init(&again, m); gyl_syslog_sd_next(&again, &q);)
			if (gyl_view_eq(q.id, p.id))
				put_pair(j, &q);
		gyl_json_end(j);
	}
}

static void put_elements(struct gyl_json *j, const struct gyl_syslog *m)
{
	struct gyl_syslog_sd cur;
	struct gyl_syslog_param p;
	bool open = false;

	for (gyl_syslog_sd_init(&cur, m); gyl_syslog_sd_next(&cur, &p);) {
		if (p.first) {
			if (open)
				gyl_json_end(j);
			gyl_json_arr_named(j, p.id);
			open = true;
		}
		put_pair(j, &p);
	}
	if (open)
		gyl_json_end(j);
}

static void put_sd(struct gyl_json *j, const struct gyl_syslog *m)
{
	if (m->sd.len == 0) {
		gyl__json_raw(j, gyl_view_str("\"sd\":{}"));
		return;
	}
	gyl_json_obj(j, "sd");
	if (m->flags & GYL_SYSLOG_DUP_SD)
		put_merged(j, m);
	else
		put_elements(j, m);
	gyl_json_end(j);
}

static void put_bytes(
	struct gyl_json *j, const char *key, const char *hex_key, struct gyl_view v, bool keep_null)
{
	if (gyl_utf8_prefix(v) == v.len) {
		gyl_json_str(j, key, v);
		return;
	}
	if (keep_null)
		gyl_json_null(j, key);
	gyl_json_hex(j, hex_key, v);
}

static void put_flags(struct gyl_json *j, uint32_t flags)
{
	if (flags == 0) {
		gyl__json_raw(j, gyl_view_str("\"flags\":[]"));
		return;
	}
	gyl_json_arr(j, "flags");
	for (unsigned bit = 0; flags >> bit != 0; bit++)
		if (flags >> bit & 1)
			gyl_json_cstr(j, NULL, gyl_syslog_flag_name(bit));
	gyl_json_end(j);
}

static void put_cisco(struct gyl_json *j, const struct gyl_syslog_cisco *c)
{
	gyl_json_obj(j, "cisco");
	put_present(j, "seq", c->seq);
	put_present(j, "uptime", c->uptime);
	put_present(j, "fac", c->fac);
	put_present(j, "sub", c->sub);
	if (c->fac.p != NULL)
		gyl_json_u64(j, "sev", c->sev);
	put_present(j, "mnemonic", c->mnemonic);
	gyl_json_end(j);
}

static void put_unifi(struct gyl_json *j, const struct gyl_syslog_unifi *u)
{
	gyl_json_obj(j, "unifi");
	gyl_json_str(j, "mac", u->mac);
	put_present(j, "model", u->model);
	gyl_json_str(j, "fw", u->fw);
	gyl_json_end(j);
}

static void put_aruba(struct gyl_json *j, const struct gyl_syslog_aruba *a)
{
	gyl_json_obj(j, "aruba");
	gyl_json_str(j, "ip", a->ip);
	gyl_json_str(j, "mac", a->mac);
	gyl_json_end(j);
}

static void put_x(struct gyl_json *j, const struct gyl_syslog *m)
{
	gyl_json_obj(j, "x");
	if (m->vendor == GYL_SYSLOG_X_CISCO)
		put_cisco(j, &m->x.cisco);
	else if (m->vendor == GYL_SYSLOG_X_UNIFI)
		put_unifi(j, &m->x.unifi);
	else if (m->vendor == GYL_SYSLOG_X_ARUBA)
		put_aruba(j, &m->x.aruba);
	if (m->flags & GYL_SYSLOG_REPEAT)
		gyl_json_u64(j, "repeat", m->repeat);
	if (m->flags & GYL_SYSLOG_CUT)
		gyl_json_u64(j, "len", m->orig_len);
	gyl_json_end(j);
}

void gyl_syslog_json_members(struct gyl_json *j, const struct gyl_syslog *m)
{
	put_head(j, m);
	put_optional(j, "host", m->host);
	put_optional(j, "app", m->app);
	put_optional(j, "pid", m->pid);
	put_optional(j, "msgid", m->msgid);
	put_sd(j, m);
	if (m->flags & GYL_SYSLOG_BAD_UTF8)
		put_bytes(j, "msg", "msg_hex", m->msg, true);
	else
		gyl_json_str(j, "msg", m->msg);
	put_flags(j, m->flags);
	if (m->vendor != GYL_SYSLOG_X_NONE || m->flags & (GYL_SYSLOG_REPEAT | GYL_SYSLOG_CUT))
		put_x(j, m);
}

void gyl_syslog_json(struct gyl_json *j, const char *key, const struct gyl_syslog *m)
{
	gyl_json_obj(j, key);
	gyl_syslog_json_members(j, m);
	gyl_json_end(j);
}

void gyl_syslog_json_raw(struct gyl_json *j, const struct gyl_syslog *m)
{
	put_bytes(j, "raw", "raw_hex", m->raw, false);
}
