/* SPDX-License-Identifier: ISC */

/* Records to RFC 5424 and RFC 3164. */

#include "libproto/src/syslog_impl.h"

#include <gyl/text.h>
#include <gyl/time.h>

/* A header field: NILVALUE when there is none, `?` for what it may not hold. */
static void put_field(struct gyl_writer *w, struct gyl_view v, size_t max, const char *refused)
{
	struct gyl_view bad = gyl_view_str(refused);
	size_t len = v.len < max ? v.len : max;
	uint8_t *p;

	if (len == 0) {
		gyl_text_char(w, '-');
		return;
	}
	p = gyl_put_room(w, len);
	for (size_t i = 0; p != NULL && i < len; i++) {
		bool good = gyl__printus(v.p[i]) &&
			    (bad.len == 0 || memchr(bad.p, v.p[i], bad.len) == NULL);

		p[i] = good ? v.p[i] : '?';
	}
}

static void put_pri(struct gyl_writer *w, uint8_t pri)
{
	if (pri > 191)
		gyl_writer_fail(w, GYL_E_RANGE);
	gyl_text_char(w, '<');
	gyl_text_u64(w, pri);
	gyl_text_char(w, '>');
}

/* TIMESTAMP as it was written, so that its zone and the zeros of its fraction survive a relay. */
static void put_timestamp(struct gyl_writer *w, const struct gyl_syslog *m)
{
	if (m->has_ts && m->fmt == GYL_SYSLOG_5424 && m->ts.len != 0 &&
		!(m->flags & GYL_SYSLOG_LAX_TS))
		gyl_put_view(w, m->ts);
	else if (m->has_ts && !gyl__syslog_has_time(m))
		gyl_writer_fail(w, GYL_E_RANGE);
	else
		gyl_syslog_print_time(w, m);
}

/* PARAM-VALUE as it was written, and the brackets that somebody forgot to escape. */
static void put_value(struct gyl_writer *w, struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == ']')
			gyl_text_char(w, '\\');
		gyl_put_u8(w, v.p[i]);
		if (v.p[i] == '\\' && i + 1 < v.len)
			gyl_put_u8(w, v.p[++i]);
	}
}

/* Structured data that was read leniently is written strictly. */
static void put_sd_again(struct gyl_writer *w, const struct gyl_syslog *m)
{
	struct gyl_syslog_sd cur;
	struct gyl_syslog_param p;
	bool open = false;

	for (gyl_syslog_sd_init(&cur, m); gyl_syslog_sd_next(&cur, &p);) {
		if (p.first) {
			gyl_text_str(w, open ? "][" : "[");
			put_field(w, p.id, GYL_SYSLOG_SD_NAME_MAX, "=]\"");
			open = true;
		}
		if (p.name.p == NULL)
			continue;
		gyl_text_char(w, ' ');
		put_field(w, p.name, GYL_SYSLOG_SD_NAME_MAX, "=]\"");
		gyl_text_str(w, "=\"");
		put_value(w, p.value);
		gyl_text_char(w, '"');
	}
	gyl_text_char(w, ']');
}

static void put_sd(struct gyl_writer *w, const struct gyl_syslog *m)
{
	if (m->sd.len == 0)
		gyl_text_char(w, '-');
	else if (m->flags & (GYL_SYSLOG_BAD_SD | GYL_SYSLOG_LONG_FIELD))
		put_sd_again(w, m);
	else
		gyl_put_view(w, m->sd);
}

/* As much of MSG as fits; returns how much that is. */
static size_t put_msg(struct gyl_writer *w, struct gyl_view msg, bool one_line)
{
	struct gyl_view fit = msg;
	uint8_t *p;

	if (!gyl_writer_ok(w))
		return 0;
	if (msg.len > w->cap - w->len)
		fit = gyl_syslog_cut(msg, w->cap - w->len);
	p = gyl_put_room(w, fit.len);
	for (size_t i = 0; i < fit.len; i++) {
		uint8_t c = fit.p[i];

		p[i] = one_line && (c == '\n' || c == '\r' || c == 0) ? ' ' : c;
	}
	return fit.len;
}

static struct gyl_fault finish(
	struct gyl_writer *w, const struct gyl_syslog *m, size_t start, size_t msg_len)
{
	if (!gyl_writer_ok(w)) {
		w->len = start;
		return w->fault;
	}
	return msg_len < m->msg.len ? gyl_fault(GYL_LENIENT, msg_len) : gyl_ok();
}

struct gyl_fault gyl_syslog_encode_5424(struct gyl_writer *w, const struct gyl_syslog *m)
{
	size_t start = w->len, msg_len = 0;

	put_pri(w, m->pri);
	gyl_text_str(w, "1 ");
	put_timestamp(w, m);
	gyl_text_char(w, ' ');
	put_field(w, m->host, GYL_SYSLOG_HOST_MAX, "");
	gyl_text_char(w, ' ');
	put_field(w, m->app, GYL_SYSLOG_APP_MAX, "");
	gyl_text_char(w, ' ');
	put_field(w, m->pid, GYL_SYSLOG_PROCID_MAX, "");
	gyl_text_char(w, ' ');
	put_field(w, m->msgid, GYL_SYSLOG_MSGID_MAX, "");
	gyl_text_char(w, ' ');
	put_sd(w, m);
	if (m->msg.p != NULL) {
		gyl_text_char(w, ' ');
		if (m->flags & GYL_SYSLOG_BOM)
			gyl_text_str(w, "\xef\xbb\xbf");
		msg_len = put_msg(w, m->msg, false);
	}
	return finish(w, m, start, msg_len);
}

/* RFC 3164 4.1.2: day padded with a space. */
static void put_bsd_time(struct gyl_writer *w, int64_t local_s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct gyl_civil c;

	gyl_time_civil(local_s, &c);
	gyl_put_bytes(w, months + 3 * (c.month - 1), 3);
	gyl_text_str(w, c.day < 10 ? "  " : " ");
	gyl_text_u64(w, c.day);
	gyl_text_char(w, ' ');
	gyl_text_u64_pad(w, c.hour, 2);
	gyl_text_char(w, ':');
	gyl_text_u64_pad(w, c.minute, 2);
	gyl_text_char(w, ':');
	gyl_text_u64_pad(w, c.second, 2);
	gyl_text_char(w, ' ');
}

struct gyl_fault gyl_syslog_encode_3164(
	struct gyl_writer *w, const struct gyl_syslog *m, int32_t zone_s)
{
	size_t start = w->len;

	put_pri(w, m->pri);
	if (m->has_ts) {
		put_bsd_time(w, m->ts_s + zone_s);
		if (m->host.len != 0) {
			put_field(w, m->host, GYL_SYSLOG_HOST_MAX, "[]");
			gyl_text_char(w, ' ');
		}
	}
	if (m->app.len != 0) {
		put_field(w, m->app, GYL_SYSLOG_APP_MAX, ":[");
		if (m->pid.p != NULL) {
			gyl_text_char(w, '[');
			if (m->pid.len != 0)
				put_field(w, m->pid, GYL_SYSLOG_PROCID_MAX, "]");
			gyl_text_char(w, ']');
		}
		gyl_text_str(w, ": ");
	}
	return finish(w, m, start, put_msg(w, m->msg, true));
}
