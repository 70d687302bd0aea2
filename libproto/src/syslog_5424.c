/* SPDX-License-Identifier: ISC */

/* RFC 5424: HEADER, STRUCTURED-DATA, MSG behind PRI. */

#include "libproto/src/syslog_impl.h"

/* First octet from p on that is not PRINTUSASCII, mostly the space after a field; or end. */
static const uint8_t *printus_end(const uint8_t *p, const uint8_t *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t stop = gyl__not_printus8(gyl__load8(p));

		if (stop != 0)
			return p + gyl__lowest8(stop);
	}
	while (p != end && gyl__printus(*p))
		p++;
	return p;
}

static void note_octets(struct gyl__syslog_in *in, struct gyl_view v, uint32_t odd_flag)
{
	if (odd_flag != 0)
		in->m->flags |= odd_flag;
	else if (gyl__text_scan(v) & GYL__TEXT_CTRL)
		in->m->flags |= GYL_SYSLOG_CTRL;
	if (gyl_utf8_prefix(v) != v.len)
		in->m->flags |= GYL_SYSLOG_BAD_UTF8;
}

/*
 * One field and the space after it; NILVALUE and a header that ends early are absent. The RFC's
 * limits are told, not enforced: cutting a field would lose what the sender said.
 */
static struct gyl_view field(struct gyl__syslog_in *in, size_t max, uint32_t odd_flag)
{
	const uint8_t *p = printus_end(in->p, in->end), *end = in->end;
	bool odd = p != end && *p != ' ';
	struct gyl_view v;

	if (in->p == end)
		return gyl_view(NULL, 0);
	while (p != end && *p != ' ')
		p++;
	v = gyl__span(in->p, p);
	in->p = p == end ? p : p + 1;
	if (v.len == 1 && v.p[0] == '-')
		return gyl_view(NULL, 0);
	if (v.len > max)
		in->m->flags |= GYL_SYSLOG_LONG_FIELD;
	if (odd)
		note_octets(in, v, odd_flag);
	return v;
}

/* End of the word that TIMESTAMP is, or of the two of `2026-11-21 13:00:00`. */
static const uint8_t *timestamp_end(const struct gyl__syslog_in *in)
{
	struct gyl__syslog_in rest = *in;

	if (gyl__digit(gyl__peek(in, 0)) && gyl__peek(in, 4) == '-' && gyl__peek(in, 10) == ' ' &&
		gyl__peek(in, 13) == ':')
		rest.p += 11;
	return rest.p + gyl__word_len(&rest);
}

/* TIMESTAMP; false when it is not even shaped like one. */
static bool timestamp(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in word = *in;

	if (gyl__syslog_time_5424(in))
		return true;
	word.end = timestamp_end(in);
	in->p = word.end == in->end ? word.end : word.end + 1;
	if (word.end - word.p == 1 && *word.p == '-')
		return true;
	in->m->ts = gyl__span(word.p, word.end);
	if (gyl__syslog_time_iso(&word) && word.p == word.end)
		return true;
	in->m->has_ts = false;
	in->m->flags |= GYL_SYSLOG_BAD_TS;
	return false;
}

/* Structured data and MSG. What cannot be read as structured data is text (all of it, from the
 * bracket). */
static void sd_and_msg(struct gyl__syslog_in *in)
{
	size_t len = 0;

	if (gyl__peek(in, 0) == '[')
		len = gyl__syslog_sd_check(in);
	else if (gyl__peek(in, 0) == '-' && (gyl__left(in) == 1 || in->p[1] == ' '))
		len = 1;
	if (len == 0)
		in->m->flags |= GYL_SYSLOG_BAD_SD;
	in->p += len;
	if (in->p == in->end)
		return;
	if (len != 0 && *in->p == ' ')
		in->p++;
	else
		in->m->flags |= GYL_SYSLOG_BAD_SD;
	in->m->msg = gyl__span(in->p, in->end);
}

/*
 * `1 ` is at the front. Other senders begin their text so, too: without a TIMESTAMP to prove it,
 * only a header that is whole down to its structured data is taken for RFC 5424.
 */
bool gyl__syslog_5424(struct gyl__syslog_in *in)
{
	struct gyl__syslog_in start = *in;
	struct gyl_syslog *m = in->m;
	struct gyl_view raw = m->raw;
	uint32_t flags = m->flags;
	uint8_t pri = m->pri;
	size_t orig_len = m->orig_len;
	bool proven;

	in->p += 2;
	proven = timestamp(in);
	m->host = field(in, GYL_SYSLOG_HOST_MAX, GYL_SYSLOG_BAD_HOST);
	m->app = field(in, GYL_SYSLOG_APP_MAX, 0);
	m->pid = field(in, GYL_SYSLOG_PROCID_MAX, 0);
	m->msgid = field(in, GYL_SYSLOG_MSGID_MAX, 0);
	sd_and_msg(in);
	if (proven || !(m->flags & GYL_SYSLOG_BAD_SD)) {
		m->fmt = GYL_SYSLOG_5424;
		return true;
	}
	memset(m, 0, sizeof *m);
	m->raw = raw;
	m->fmt = GYL_SYSLOG_3164;
	m->flags = flags;
	m->pri = pri;
	m->orig_len = orig_len;
	*in = start;
	return false;
}
