/* SPDX-License-Identifier: ISC */

/* Structured data from values (RFC 5424 6.3). */

#include "libproto/src/syslog_impl.h"

#include <gyl/text.h>

void gyl_syslog_sd_begin(struct gyl_syslog_sd_writer *s, void *buf, size_t cap)
{
	gyl_writer_init(&s->w, buf, cap);
	s->open = false;
}

/* RFC 5424 6: SD-NAME. */
static void put_name(struct gyl_writer *w, struct gyl_view v)
{
	if (v.len == 0 || v.len > GYL_SYSLOG_SD_NAME_MAX)
		gyl_writer_fail(w, GYL_E_NAME);
	for (size_t i = 0; i < v.len; i++)
		if (!gyl__printus(v.p[i]) || v.p[i] == '=' || v.p[i] == ']' || v.p[i] == '"')
			gyl_writer_fail(w, GYL_E_NAME);
	gyl_put_view(w, v);
}

void gyl_syslog_sd_put_id(struct gyl_syslog_sd_writer *s, const char *id)
{
	gyl_text_str(&s->w, s->open ? "][" : "[");
	put_name(&s->w, gyl_view_str(id));
	s->open = true;
}

/* RFC 5424 6.3.3: three characters are escaped, and the value is UTF-8. */
static void put_value(struct gyl_writer *w, struct gyl_view v)
{
	size_t good = gyl_utf8_prefix(v);

	for (size_t i = 0; i < v.len; i++) {
		if (i == good) {
			gyl_text_char(w, '?');
			good += 1 + gyl_utf8_prefix(gyl_view_sub(v, good + 1, v.len));
			continue;
		}
		if (v.p[i] == '"' || v.p[i] == '\\' || v.p[i] == ']')
			gyl_text_char(w, '\\');
		gyl_put_u8(w, v.p[i]);
	}
}

void gyl_syslog_sd_put(struct gyl_syslog_sd_writer *s, const char *name, struct gyl_view value)
{
	if (!s->open)
		gyl_writer_fail(&s->w, GYL_E_MISSING);
	gyl_text_char(&s->w, ' ');
	put_name(&s->w, gyl_view_str(name));
	gyl_text_str(&s->w, "=\"");
	put_value(&s->w, value);
	gyl_text_char(&s->w, '"');
}

void gyl_syslog_sd_put_u64(struct gyl_syslog_sd_writer *s, const char *name, uint64_t value)
{
	struct gyl_writer digits;
	uint8_t text[20];

	gyl_writer_init(&digits, text, sizeof text);
	gyl_text_u64(&digits, value);
	gyl_syslog_sd_put(s, name, gyl_writer_view(&digits));
}

struct gyl_fault gyl_syslog_sd_end(struct gyl_syslog_sd_writer *s, struct gyl_view *ret_sd)
{
	if (s->open)
		gyl_text_char(&s->w, ']');
	s->open = false;
	if (gyl_writer_ok(&s->w))
		*ret_sd = gyl_writer_view(&s->w);
	return s->w.fault;
}
