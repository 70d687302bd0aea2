/* SPDX-License-Identifier: ISC */

/* The front door: trims framing, reads PRI, picks the reading, looks over the text. Names of codes.
 */

#include "libproto/src/syslog_impl.h"

static const char *const flag_names[GYL_SYSLOG_FLAG_CNT] = {
	"bad_host",
	"bad_pri",
	"bad_sd",
	"bad_ts",
	"bad_utf8",
	"bad_version",
	"bom",
	"clock_lost",
	"clock_unsynced",
	"ctrl",
	"cut",
	"dup_sd",
	"empty",
	"incomplete",
	"lax_pri",
	"lax_ts",
	"long_field",
	"no_host",
	"no_pri",
	"no_tag",
	"no_ts",
	"repeat",
	"stray_frame",
	"ts_skew",
};

static const char *const fac_names[24] = {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr",
	"news", "uucp", "cron", "authpriv", "ftp", "ntp", "security", "console", "solaris-cron",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};

static const char *const sev_names[8] = {
	"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

const char *gyl_syslog_flag_name(unsigned bit)
{
	return bit < GYL_SYSLOG_FLAG_CNT ? flag_names[bit] : "?";
}

const char *gyl_syslog_fac_name(unsigned fac)
{
	return fac < 24 ? fac_names[fac] : "?";
}

const char *gyl_syslog_sev_name(unsigned sev)
{
	return sev < 8 ? sev_names[sev] : "?";
}

/* Is all of it printable ASCII? Eight octets at a time, the last eight perhaps twice. */
static bool all_plain(struct gyl_view v)
{
	const uint8_t *p = v.p, *last;
	uint64_t odd = 0;

	if (v.len < 8)
		return false;
	last = v.p + v.len - 8;
	for (; p < last; p += 8) {
		uint64_t w = gyl__load8(p);

		odd |= w | (w - GYL__ONES * 0x20) | (w + GYL__ONES);
	}
	odd |= gyl__load8(last) | (gyl__load8(last) - GYL__ONES * 0x20) |
	       (gyl__load8(last) + GYL__ONES);
	return (odd & GYL__TOPS) == 0;
}

unsigned gyl__text_scan(struct gyl_view v)
{
	unsigned high = 0, ctrl = 0;

	if (all_plain(v))
		return 0;
	for (size_t at = 0; at < v.len; at++) {
		high |= v.p[at];
		ctrl |= v.p[at] < 0x20 || v.p[at] == 0x7f;
	}
	return (ctrl ? GYL__TEXT_CTRL : 0u) | (high & 0x80 ? GYL__TEXT_HIGH : 0u);
}

/* Some senders end a datagram, or a counted frame, with LF, CR LF or the NUL of a C string. */
static struct gyl_view trim(struct gyl_view v)
{
	while (v.len != 0 &&
		(v.p[v.len - 1] == '\n' || v.p[v.len - 1] == '\r' || v.p[v.len - 1] == 0))
		v.len--;
	return v;
}

/* An octet count of RFC 6587 inside a datagram, from senders that frame on every transport. */
static void drop_stray_count(struct gyl__syslog_in *in)
{
	size_t at = 0;

	while (at < 6 && gyl__digit(gyl__peek(in, at)))
		at++;
	if (at == 0 || in->p[0] == '0' || gyl__peek(in, at) != ' ' || gyl__peek(in, at + 1) != '<')
		return;
	in->p += at + 1;
	in->m->flags |= GYL_SYSLOG_STRAY_FRAME;
}

/* Text streams of Windows begin with a byte order mark, and so do the datagrams written to one. */
static void drop_front_bom(struct gyl__syslog_in *in)
{
	if (!gyl__starts(in, "\xef\xbb\xbf<"))
		return;
	in->p += 3;
	in->m->flags |= GYL_SYSLOG_BOM;
}

/* PRI (RFC 5424 6.2.1); false when there is a `<` that does not begin one. */
static bool read_pri(struct gyl__syslog_in *in)
{
	unsigned v = 0;
	size_t at = 1;

	if (gyl__peek(in, 0) != '<') {
		in->m->flags |= GYL_SYSLOG_NO_PRI;
		return true;
	}
	for (; at <= 3 && gyl__digit(gyl__peek(in, at)); at++)
		v = v * 10 + (unsigned)(in->p[at] - '0');
	if (at == 1 || gyl__peek(in, at) != '>' || v > 191)
		return false;
	if (at > 2 && in->p[1] == '0')
		in->m->flags |= GYL_SYSLOG_LAX_PRI;
	in->m->pri = (uint8_t)v;
	in->p += at + 1;
	if (gyl__peek(in, 0) == ' ')
		in->p++;
	return true;
}

/* A VERSION that is not 1 before what can only be an RFC 5424 TIMESTAMP: the rest is not ours to
 * read. */
static bool other_version(const struct gyl__syslog_in *in)
{
	size_t at = 0;

	while (at < 3 && gyl__digit(gyl__peek(in, at)))
		at++;
	if (at == 0 || gyl__peek(in, at) != ' ' || (at == 1 && in->p[0] == '1'))
		return false;
	at++;
	if (gyl__peek(in, at) == '-')
		return gyl__peek(in, at + 1) == ' ';
	return gyl__digit(gyl__peek(in, at)) && gyl__peek(in, at + 4) == '-' &&
	       gyl__peek(in, at + 7) == '-' && gyl__peek(in, at + 10) == 'T';
}

static void read_body(struct gyl__syslog_in *in)
{
	in->m->fmt = GYL_SYSLOG_3164;
	if (gyl__peek(in, 0) == '1' && gyl__peek(in, 1) == ' ' && gyl__syslog_5424(in))
		return;
	if (other_version(in)) {
		in->m->flags |= GYL_SYSLOG_BAD_VERSION | GYL_SYSLOG_NO_TS;
		in->m->msg = gyl__span(in->p, in->end);
		return;
	}
	gyl__syslog_3164(in);
}

struct gyl_view gyl_syslog_cut(struct gyl_view v, size_t max)
{
	size_t back = 1;

	v = gyl_view_sub(v, 0, max);
	while (back < 4 && back < v.len && (v.p[v.len - back] & 0xc0) == 0x80)
		back++;
	/* a lead octet whose character is not whole; what is no UTF-8 anyway stays as it is */
	if (back <= v.len && v.p[v.len - back] >= 0xc0 &&
		gyl_utf8_prefix(gyl_view(v.p + v.len - back, back)) == 0)
		v.len -= back;
	return v;
}

/* C1 controls in UTF-8: U+009B begins the same sequences as ESC and `[`. */
static bool has_c1(struct gyl_view v)
{
	const uint8_t *p = v.p, *end = v.p + v.len;

	while ((p = memchr(p, 0xc2, (size_t)(end - p))) != NULL && ++p != end)
		if (*p < 0xa0)
			return true;
	return false;
}

static void look_over_high(struct gyl_syslog *m)
{
	if (gyl_utf8_prefix(m->msg) != m->msg.len)
		m->flags |= GYL_SYSLOG_BAD_UTF8;
	else if (has_c1(m->msg))
		m->flags |= GYL_SYSLOG_CTRL;
}

static void look_over(struct gyl_syslog *m)
{
	unsigned seen;

	/* RFC 5424 6.4: the mark says that UTF-8 follows and is no part of the text */
	if (m->msg.len >= 3 && memcmp(m->msg.p, "\xef\xbb\xbf", 3) == 0) {
		m->msg = gyl_view(m->msg.p + 3, m->msg.len - 3);
		m->flags |= GYL_SYSLOG_BOM;
	}
	if (m->flags & GYL_SYSLOG_CUT)
		m->msg = gyl_syslog_cut(m->msg, m->msg.len);
	seen = gyl__text_scan(m->msg);
	if (seen & GYL__TEXT_CTRL)
		m->flags |= GYL_SYSLOG_CTRL;
	if (seen & GYL__TEXT_HIGH)
		look_over_high(m);
	if (m->fmt == GYL_SYSLOG_3164 && m->msg.len == 0)
		m->flags |= GYL_SYSLOG_EMPTY;
}

void gyl_syslog_decode(
	struct gyl_view in, const struct gyl_syslog_ctx *ctx, struct gyl_syslog *ret_msg)
{
	static const uint8_t nothing[1] = {0};
	struct gyl__syslog_in cur = {.ctx = ctx, .m = ret_msg};

	memset(ret_msg, 0, sizeof *ret_msg);
	in = in.len == 0 ? gyl_view(nothing, 0) : trim(in);
	ret_msg->raw = in;
	ret_msg->pri = GYL_SYSLOG_PRI_DEFAULT;
	ret_msg->flags = ctx->flags;
	ret_msg->orig_len = ctx->flags & GYL_SYSLOG_CUT ? ctx->orig_len : 0;
	cur.p = in.p;
	cur.end = in.p + in.len;
	drop_front_bom(&cur);
	drop_stray_count(&cur);
	if (read_pri(&cur)) {
		read_body(&cur);
	} else {
		/* RFC 3164 4.3.3: an unidentifiable PRI is text */
		ret_msg->flags |= GYL_SYSLOG_BAD_PRI;
		ret_msg->msg = gyl__span(cur.p, cur.end);
	}
	ret_msg->fac = ret_msg->pri >> 3;
	ret_msg->sev = ret_msg->pri & 7;
	look_over(ret_msg);
}
