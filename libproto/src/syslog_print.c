/* SPDX-License-Identifier: ISC */

/* Records for people. A log line is a stranger's text: nothing in it may act on the terminal. */

#include "libproto/src/syslog_impl.h"
#include "libproto/src/tricky.h"

#include <gyl/text.h>
#include <gyl/time.h>

/* Octets of the valid character at p, 0 when there is none; its code. */
static size_t character(struct gyl_view v, size_t at, uint32_t *ret_c)
{
	uint8_t lead = v.p[at];
	size_t len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (v.len - at < len || gyl_utf8_prefix(gyl_view(v.p + at, len)) != len)
		return 0;
	*ret_c = len == 1 ? lead : gyl__code_point(v.p + at, len);
	return len;
}

/* Octets from at on that stay as they are in any case: nearly all of nearly all messages. */
static size_t plain_len(struct gyl_view v, size_t at)
{
	size_t len = 0;

	while (at + len < v.len && v.p[at + len] >= 0x20 && v.p[at + len] < 0x7f &&
		v.p[at + len] != '\\')
		len++;
	return len;
}

void gyl_syslog_escape(struct gyl_writer *w, struct gyl_view v)
{
	size_t start = w->len, len;
	uint32_t c = 0;

	for (size_t at = 0; at < v.len; at += len) {
		len = plain_len(v, at);
		if (len != 0) {
			gyl_put_bytes(w, v.p + at, len);
			continue;
		}
		len = character(v, at, &c);
		if (len > 1 && !gyl__is_tricky(c))
			gyl_put_bytes(w, v.p + at, len);
		else
			gyl_text_safe(w, gyl_view(v.p + at, len == 0 ? 1 : len));
		len = len == 0 ? 1 : len;
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}

static void put_fraction(struct gyl_writer *w, uint32_t ns)
{
	unsigned width = 9;

	if (ns == 0)
		return;
	while (ns % 10 == 0) {
		ns /= 10;
		width--;
	}
	gyl_text_char(w, '.');
	gyl_text_u64_pad(w, ns, width);
}

static void two(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)('0' + v / 10);
	p[1] = (uint8_t)('0' + v % 10);
}

void gyl_syslog_print_time(struct gyl_writer *w, const struct gyl_syslog *m)
{
	uint8_t text[19] = "0000-00-00T00:00:00";
	size_t start = w->len;
	struct gyl_civil c;

	if (!gyl__syslog_has_time(m)) {
		gyl_text_char(w, '-');
		return;
	}
	gyl_time_civil(m->ts_s, &c);
	two(text, (unsigned)(c.year / 100 % 100));
	two(text + 2, (unsigned)(c.year % 100));
	two(text + 5, c.month);
	two(text + 8, c.day);
	two(text + 11, c.hour);
	two(text + 14, c.minute);
	two(text + 17, c.second);
	gyl_put_bytes(w, text, sizeof text);
	put_fraction(w, m->ts_ns);
	gyl_text_char(w, 'Z');
	if (!gyl_writer_ok(w))
		w->len = start;
}

static void put_or_dash(struct gyl_writer *w, struct gyl_view v)
{
	if (v.p == NULL)
		gyl_text_char(w, '-');
	else
		gyl_syslog_escape(w, v);
}

static void put_flags(struct gyl_writer *w, uint32_t flags)
{
	const char *before = " (";

	if (flags == 0)
		return;
	for (unsigned bit = 0; flags >> bit != 0; bit++) {
		if (!(flags >> bit & 1))
			continue;
		gyl_text_str(w, before);
		gyl_text_str(w, gyl_syslog_flag_name(bit));
		before = " ";
	}
	gyl_text_char(w, ')');
}

void gyl_syslog_print(struct gyl_writer *w, const struct gyl_syslog *m)
{
	size_t start = w->len;

	gyl_syslog_print_time(w, m);
	gyl_text_char(w, ' ');
	put_or_dash(w, m->host);
	gyl_text_char(w, ' ');
	gyl_text_str(w, gyl_syslog_fac_name(m->fac));
	gyl_text_char(w, '.');
	gyl_text_str(w, gyl_syslog_sev_name(m->sev));
	gyl_text_char(w, ' ');
	put_or_dash(w, m->app);
	if (m->pid.p != NULL) {
		gyl_text_char(w, '[');
		gyl_syslog_escape(w, m->pid);
		gyl_text_char(w, ']');
	}
	gyl_text_str(w, ": ");
	if (m->sd.len != 0) {
		gyl_syslog_escape(w, m->sd);
		gyl_text_char(w, ' ');
	}
	gyl_syslog_escape(w, m->msg);
	put_flags(w, m->flags);
	if (!gyl_writer_ok(w))
		w->len = start;
}
