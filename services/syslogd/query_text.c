/* SPDX-License-Identifier: ISC */
#include "services/syslogd/query_text.h"

#include <gyl/syslog.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/syslogd/query.h"

void gyl_syslogd_print_time(struct gyl_writer *w, uint64_t wall_ns, unsigned digits,
	const struct gyl_syslogd_style *style)
{
	int64_t zone_ns = style->utc ? 0 : (int64_t)style->zone_s * (int64_t)GYL_NS_PER_S;
	uint8_t text[GYL_TIME_RFC3339_MAX];
	struct gyl_writer t;

	/* before 1970 is no time of a log */
	if (zone_ns < 0 && wall_ns < (uint64_t)-zone_ns)
		zone_ns = 0;
	gyl_writer_init(&t, text, sizeof text);
	gyl_time_print_rfc3339(&t, wall_ns + (uint64_t)zone_ns, digits);
	if (!gyl_writer_ok(&t) || t.len < 20)
		return;
	text[10] = ' ';
	gyl_put_bytes(w, text, style->utc ? t.len : t.len - 1);
}

static void put_text(struct gyl_writer *w, struct gyl_view v, uint8_t *scratch)
{
	gyl_syslog_escape(w, gyl_syslogd_octets(v, scratch, GYL_SYSLOGD_QUERY_SCRATCH));
}

static void put_head(struct gyl_writer *w, const struct gyl_syslogd_fields *f, uint8_t *scratch)
{
	const struct gyl_view *v = f->v;
	struct gyl_view host =
		v[GYL_SYSLOGD_HOST].p != NULL ? v[GYL_SYSLOGD_HOST] : v[GYL_SYSLOGD_FROM];

	gyl_text_char(w, ' ');
	if (host.p != NULL)
		put_text(w, host, scratch);
	else
		gyl_text_char(w, '-');
	if (v[GYL_SYSLOGD_APP].p != NULL || v[GYL_SYSLOGD_PID].p != NULL) {
		gyl_text_char(w, ' ');
		put_text(w, v[GYL_SYSLOGD_APP], scratch);
	}
	if (v[GYL_SYSLOGD_PID].p != NULL) {
		gyl_text_char(w, '[');
		put_text(w, v[GYL_SYSLOGD_PID], scratch);
		gyl_text_char(w, ']');
	}
	gyl_text_str(w, ": ");
}

/* ECMA-48 8.3.117: red from err on, yellow for warnings, faint for debug. */
static const char *colour_of(uint64_t sev)
{
	if (sev <= 3)
		return "\033[31m";
	if (sev == 4)
		return "\033[33m";
	return sev == 7 ? "\033[2m" : "";
}

void gyl_syslogd_print_record(struct gyl_writer *w, const struct gyl_syslogd_fields *f,
	const struct gyl_syslogd_style *style, struct gyl_view names, uint8_t *scratch)
{
	const char *colour =
		style->colour ? colour_of(gyl_syslogd_number(f, GYL_SYSLOGD_SEV, 6)) : "";
	size_t start = w->len;
	struct gyl_view message;

	gyl_syslogd_print_time(w, gyl_syslogd_time(f, GYL_SYSLOGD_RECV), 3, style);
	gyl_text_str(w, colour);
	put_head(w, f, scratch);
	message = gyl_syslogd_message(f, scratch, GYL_SYSLOGD_QUERY_SCRATCH);
	if (message.len == 0 && !gyl_view_eq(f->v[GYL_SYSLOGD_SD], gyl_view_str("{}")))
		message = f->v[GYL_SYSLOGD_SD]; /* then it says what there is to say */
	gyl_syslog_escape(w, message);
	if (colour[0] != '\0')
		gyl_text_str(w, "\033[0m");
	gyl_put_view(w, names);
	gyl_text_char(w, '\n');
	if (!gyl_writer_ok(w))
		w->len = start;
}
