/* SPDX-License-Identifier: ISC */

/* Times as devices write them: shapes in, seconds since 1970 and flags out. */

#include "libproto/src/syslog_impl.h"

#include <gyl/time.h>

/* RFC 3164 receivers see clocks a day off by zone mistakes; beyond that the clock is wrong. */
#define SKEW_S (25 * 3600)
/* A time this near is in the right year: another year's is at least 365 days away from it. */
#define NEAR_S (182 * 86400)

/* A time taken apart. */
struct parts {
	unsigned year, month, day, hour, minute, second;
	uint32_t ns;
	int32_t zone_s;
	bool has_year, has_zone;
	uint32_t flags;
};

/* False when there is no such moment. */
static bool seconds_of(const struct parts *t, int64_t year, int64_t *ret_s)
{
	struct gyl_civil c = {.year = year};
	int64_t s;

	/* RFC 5424 6.2.3: no leap seconds. RFC 3164 senders do not have them either. */
	if (t->second > 59)
		return false;
	c.month = (uint8_t)t->month;
	c.day = (uint8_t)t->day;
	c.hour = (uint8_t)t->hour;
	c.minute = (uint8_t)t->minute;
	c.second = (uint8_t)t->second;
	if (gyl_failed(gyl_time_unix(&c, &s)))
		return false;
	*ret_s = s - t->zone_s;
	return true;
}

/* The year which puts the time nearest to the receiver's clock; false when none of three has that
 * date. */
static bool nearest_year(const struct parts *t, int64_t recv_s, int64_t *ret_s)
{
	static const int8_t order[] = {0, -1, 1};
	int64_t best = INT64_MAX;
	struct gyl_civil now;

	gyl_time_civil(recv_s, &now);
	for (unsigned i = 0; i < sizeof order && best > NEAR_S; i++) {
		int64_t s, dist;

		if (!seconds_of(t, now.year + order[i], &s))
			continue;
		dist = s > recv_s ? s - recv_s : recv_s - s;
		if (dist < best) {
			best = dist;
			*ret_s = s;
		}
	}
	return best != INT64_MAX;
}

static bool resolve(const struct parts *t, int64_t recv_s, int64_t *ret_s)
{
	if (t->flags & GYL_SYSLOG_BAD_TS)
		return false;
	return t->has_year ? seconds_of(t, t->year, ret_s) : nearest_year(t, recv_s, ret_s);
}

/* A time without a year may be half a year old (a spool); only one from the future proves a wrong
 * clock. */
static bool is_skewed(int64_t s, int64_t recv_s, bool has_year)
{
	return s > recv_s + SKEW_S || (has_year && s < recv_s - SKEW_S);
}

static void store(
	struct gyl__syslog_in *in, struct parts *t, const uint8_t *from, const uint8_t *to)
{
	struct gyl_syslog *m = in->m;
	int64_t recv_s = (int64_t)(in->ctx->recv_ns / GYL_NS_PER_S);

	if (!t->has_zone)
		t->zone_s = in->ctx->zone_s;
	m->ts = gyl__span(from, to);
	m->flags |= t->flags;
	if (!resolve(t, recv_s, &m->ts_s)) {
		m->flags |= GYL_SYSLOG_BAD_TS;
		return;
	}
	m->has_ts = true;
	m->has_zone = t->has_zone;
	m->ts_ns = t->ns;
	if (is_skewed(m->ts_s, recv_s, t->has_year))
		m->flags |= GYL_SYSLOG_TS_SKEW;
}

/* Exactly cnt digits at p. */
static bool digits(const uint8_t *p, const uint8_t *end, unsigned cnt, unsigned *ret_v)
{
	unsigned v = 0;

	if ((size_t)(end - p) < cnt)
		return false;
	for (unsigned i = 0; i < cnt; i++) {
		if (!gyl__digit(p[i]))
			return false;
		v = v * 10 + (unsigned)(p[i] - '0');
	}
	*ret_v = v;
	return true;
}

static bool at_char(const uint8_t *p, const uint8_t *end, uint8_t c)
{
	return p != end && *p == c;
}

/* hh:mm:ss, the hour of one digit too; NULL when not shaped so. */
static const uint8_t *clock_hms(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	unsigned width = end - p > 1 && p[1] == ':' ? 1 : 2;

	if (!digits(p, end, width, &t->hour))
		return NULL;
	p += width;
	if (!at_char(p, end, ':') || !digits(p + 1, end, 2, &t->minute))
		return NULL;
	p += 3;
	if (!at_char(p, end, ':') || !digits(p + 1, end, 2, &t->second))
		return NULL;
	return p + 3;
}

/* Fraction of the second; RFC 5424 6.2.3 allows six digits, of more the rest is dropped. */
static const uint8_t *fraction(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	/* nanoseconds in a unit of the last of so many digits */
	static const uint32_t unit_ns[7] = {0, 100000000, 10000000, 1000000, 100000, 10000, 1000};
	const uint8_t *from;
	unsigned ms, v = 0;

	/* Comware: 13:00:00:123 */
	if (at_char(p, end, ':') && digits(p + 1, end, 3, &ms) && at_char(p + 4, end, ' ')) {
		t->ns = ms * 1000000;
		return p + 4;
	}
	if (p == end || (*p != '.' && *p != ',') || end - p < 2 || !gyl__digit(p[1]))
		return p;
	from = ++p;
	for (; p != end && gyl__digit(*p); p++) {
		if (p - from < 6)
			v = v * 10 + (unsigned)(*p - '0');
	}
	if (p - from > 6)
		t->flags |= GYL_SYSLOG_LAX_TS;
	t->ns = v * unit_ns[p - from > 6 ? 6 : p - from];
	return p;
}

static bool ends_time(const uint8_t *p, const uint8_t *end)
{
	return p == end || *p == ' ' || *p == ':';
}

/* Numeric offset (+hh:mm, or the lax +hhmm and +hh of ISO 8601) at p; p itself when there is none.
 */
static const uint8_t *offset(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	unsigned hour, minute = 0;
	const uint8_t *to;

	if (p == end || (*p != '+' && *p != '-') || !digits(p + 1, end, 2, &hour))
		return p;
	if (at_char(p + 3, end, ':') && digits(p + 4, end, 2, &minute))
		to = p + 6;
	else if (digits(p + 3, end, 2, &minute))
		to = p + 5;
	else if (ends_time(p + 3, end) && p[-1] != ' ') /* ` -10 ` may be a part of the text */
		to = p + 3;
	else
		return p;
	if (to != p + 6)
		t->flags |= GYL_SYSLOG_LAX_TS;
	if (hour > 23 || minute > 59)
		t->flags |= GYL_SYSLOG_BAD_TS;
	t->zone_s = (int32_t)(hour * 3600 + minute * 60);
	if (*p == '-')
		t->zone_s = -t->zone_s;
	t->has_zone = true;
	return to;
}

/* ` PM`, after an hour of 1 to 12. */
static const uint8_t *half_day(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	if (end - p < 3 || p[0] != ' ' || (p[1] != 'A' && p[1] != 'P') || p[2] != 'M' ||
		!ends_time(p + 3, end) || t->hour < 1 || t->hour > 12)
		return p;
	t->hour = t->hour % 12 + (p[1] == 'P' ? 12 : 0);
	t->flags |= GYL_SYSLOG_LAX_TS;
	return p + 3;
}

/* `Z`, an offset, or one behind a space. */
static const uint8_t *any_zone(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	if (p != end && (*p == 'Z' || *p == 'z')) {
		if (*p == 'z')
			t->flags |= GYL_SYSLOG_LAX_TS;
		t->has_zone = true;
		return p + 1;
	}
	if (at_char(p, end, ' ') && end - p > 5 && (p[1] == '+' || p[1] == '-')) {
		const uint8_t *to = offset(p + 1, end, t);

		return to == p + 1 ? p : to;
	}
	return offset(p, end, t);
}

/* ` CET` by table. An unknown name counts only before a colon, where only a zone can stand (Cisco).
 */
static const uint8_t *zone_name(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	const uint8_t *from = p + 1;

	if (!at_char(p, end, ' ') || t->has_zone)
		return p;
	for (p = from; p != end && *p >= 'A' && *p <= 'Z'; p++)
		;
	if (p - from < 1 || p - from > 5 || !ends_time(p, end))
		return from - 1;
	if (gyl__syslog_zone(gyl__span(from, p), &t->zone_s))
		t->has_zone = true;
	else if (at_char(p, end, ':') && p - from >= 2)
		t->flags |= GYL_SYSLOG_LAX_TS;
	else
		return from - 1;
	return p;
}

/* ` 2026`, from 1970 on: nobody's host name, but perhaps the start of an IPv6 address. */
static const uint8_t *year_after(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	unsigned year;

	if (t->has_year || !at_char(p, end, ' ') || !digits(p + 1, end, 4, &year) || year < 1970 ||
		!ends_time(p + 5, end))
		return p;
	if (at_char(p + 5, end, ':') && end - p > 6 && p[6] != ' ')
		return p;
	t->year = year;
	t->has_year = true;
	return p + 5;
}

/* What may follow hh:mm:ss, and the colon with which some end it. NULL when the word goes on. */
static const uint8_t *tail(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	p = fraction(p, end, t);
	p = any_zone(half_day(p, end, t), end, t);
	if (!ends_time(p, end))
		return NULL;
	p = year_after(p, end, t);
	p = zone_name(p, end, t);
	p = year_after(p, end, t);
	return p;
}

static bool take(struct gyl__syslog_in *in, struct parts *t, const uint8_t *from, const uint8_t *to)
{
	if (to == NULL)
		return false;
	store(in, t, from, to);
	if (in->end - to > 2 && memcmp(to, " : ", 3) == 0)
		to++;
	in->p = at_char(to, in->end, ':') ? to + 1 : to;
	return true;
}

#define THREE(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

/* Month by its three letters as one number, whatever their case; 0: none. */
static unsigned month_of(const uint8_t *p)
{
	static const uint32_t names[12] = {THREE('j', 'a', 'n'), THREE('f', 'e', 'b'),
		THREE('m', 'a', 'r'), THREE('a', 'p', 'r'), THREE('m', 'a', 'y'),
		THREE('j', 'u', 'n'), THREE('j', 'u', 'l'), THREE('a', 'u', 'g'),
		THREE('s', 'e', 'p'), THREE('o', 'c', 't'), THREE('n', 'o', 'v'),
		THREE('d', 'e', 'c')};
	uint32_t low = THREE(p[0], p[1], p[2]) | 0x202020;
	unsigned i = 0;

	while (i < 12 && names[i] != low)
		i++;
	return i < 12 ? i + 1 : 0;
}

static bool is_weekday(const uint8_t *p, const uint8_t *end)
{
	static const char names[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

	for (unsigned i = 0; i < 7 && end - p > 4; i++)
		if (memcmp(p, names[i], 3) == 0 && p[3] == ' ')
			return true;
	return false;
}

/* `Mmm d`, `Mmm  d`, `Mmm dd` with the spaces after it. */
static const uint8_t *month_day(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	unsigned width;

	if (end - p < 6 || (t->month = month_of(p)) == 0 || p[3] != ' ')
		return NULL;
	p += p[4] == ' ' ? 5 : 4;
	width = end - p > 1 && gyl__digit(p[1]) ? 2 : 1;
	if (!digits(p, end, width, &t->day) || !at_char(p + width, end, ' '))
		return NULL;
	return p + width + 1;
}

/*
 * Digits and separators of eight octets against a pattern ("0000-00-"): what is left of each octet
 * is its digit, 0 for a separator. False when one does not fit.
 */
static bool match8(const uint8_t *p, uint64_t pattern, uint64_t limit, uint64_t *ret_digits)
{
	uint64_t x = gyl__load8(p) ^ pattern;

	*ret_digits = x;
	return ((x | (x + limit)) & GYL__TOPS) == 0;
}

/* Octet `at` of pairs: the number of which it is the first digit. */
static unsigned pair(uint64_t digits, unsigned at)
{
	return (unsigned)((digits * 10 + (digits >> 8)) >> 8 * at & 0xff);
}

/*
 * `Mmm dd hh:mm:ss` exactly as RFC 3164 4.1.2 has it, a space, and a small letter, so that nothing
 * of what devices add follows: by far the most of all. False: it is to be looked at more closely.
 */
static bool exact_bsd(const uint8_t *p, const uint8_t *end, struct parts *t)
{
	const uint64_t time = UINT64_C(0x30303a30303a3030),
		       time_limit = UINT64_C(0x76767f76767f7676); /* "00:00:00", as in match8() */
	uint64_t h;

	if (end - p < 17 || p[3] != ' ' || p[6] != ' ' || p[15] != ' ' ||
		(uint8_t)(p[16] - 'a') >= 26 || !match8(p + 7, time, time_limit, &h) ||
		!gyl__digit(p[5]) || !(p[4] == ' ' || gyl__digit(p[4])))
		return false;
	t->month = month_of(p);
	t->day = (p[4] == ' ' ? 0u : p[4] - (unsigned)'0') * 10 + (p[5] - (unsigned)'0');
	t->hour = pair(h, 0);
	t->minute = pair(h, 3);
	t->second = pair(h, 6);
	return t->month != 0;
}

/*
 * `Mmm dd hh:mm:ss` of RFC 3164 4.1.2 with what devices add: a weekday before, a year before, in
 * the middle, after the time or after the zone, a fraction, a zone name or offset, a colon at the
 * end.
 */
bool gyl__syslog_time_bsd(struct gyl__syslog_in *in)
{
	struct parts t = {0};
	const uint8_t *p = in->p, *end = in->end;

	if (exact_bsd(p, end, &t))
		return take(in, &t, p, p + 15);
	if (gyl__letter(gyl__peek(in, 0)) && end - p > 3 && month_of(p) == 0) {
		if (!is_weekday(p, end))
			return false;
		p += 4;
	}
	if (digits(p, end, 4, &t.year) && at_char(p + 4, end, ' ') && t.year >= 1970) {
		t.has_year = true;
		p += 5;
	}
	p = month_day(p, end, &t);
	if (p == NULL)
		return false;
	if (!t.has_year && digits(p, end, 4, &t.year) && at_char(p + 4, end, ' ')) {
		t.has_year = true;
		p += 5;
	}
	p = clock_hms(p, end, &t);
	return p != NULL && take(in, &t, in->p, tail(p, end, &t));
}

/*
 * RFC 3339 as RFC 5424 6.2.3 limits it, and lax: lower case, a space for T, a comma in the
 * fraction, no offset. Sophos UTM writes 2026:11:21-13:00:00.
 */
bool gyl__syslog_time_iso(struct gyl__syslog_in *in)
{
	struct parts t = {0};
	const uint8_t *p = in->p, *end = in->end;
	uint8_t sep = gyl__peek(in, 4), mid = gyl__peek(in, 10);

	if (gyl__left(in) < 19 || !digits(p, end, 4, &t.year) || gyl__peek(in, 7) != sep ||
		!digits(p + 5, end, 2, &t.month) || !digits(p + 8, end, 2, &t.day))
		return false;
	if (!(sep == '-' && (mid == 'T' || mid == 't' || mid == ' ')) &&
		!(sep == ':' && mid == '-'))
		return false;
	t.has_year = true;
	if (mid != 'T')
		t.flags |= GYL_SYSLOG_LAX_TS;
	p = clock_hms(p + 11, end, &t);
	if (p == NULL || p[-6] != ':' || p - in->p != 19)
		return false;
	if (at_char(p, end, ','))
		t.flags |= GYL_SYSLOG_LAX_TS;
	p = any_zone(fraction(p, end, &t), end, &t);
	if (!ends_time(p, end))
		return false;
	p = zone_name(p, end, &t);
	if (!t.has_zone)
		t.flags |= GYL_SYSLOG_LAX_TS;
	return take(in, &t, in->p, p);
}

/* YYYY-MM-DDThh:mm:ss, 19 octets at p. */
static bool exact_date_time(const uint8_t *p, struct parts *t)
{
	/* the patterns, first octet lowest; 0x76 lets 0 to 9 pass, 0x7f nothing but 0 */
	const uint64_t date = UINT64_C(0x2d30302d30303030),
		       date_limit = UINT64_C(0x7f76767f76767676);
	const uint64_t time = UINT64_C(0x30303a3030543030),
		       time_limit = UINT64_C(0x76767f76767f7676);
	uint64_t d, h;

	if (!match8(p, date, date_limit, &d) || !match8(p + 8, time, time_limit, &h) ||
		p[16] != ':' || !digits(p + 17, p + 19, 2, &t->second))
		return false;
	t->year = pair(d, 0) * 100 + pair(d, 2);
	t->month = pair(d, 5);
	t->day = pair(h, 0);
	t->hour = pair(h, 3);
	t->minute = pair(h, 6);
	return true;
}

bool gyl__syslog_time_5424(struct gyl__syslog_in *in)
{
	struct parts t = {.has_year = true};
	const uint8_t *p = in->p, *end = in->end;

	if (end - p < 21 || !exact_date_time(p, &t))
		return false;
	p = p[19] == '.' ? fraction(p + 19, end, &t) : p + 19;
	if (at_char(p, end, 'Z')) {
		t.has_zone = true;
		p++;
	} else {
		p = offset(p, end, &t);
	}
	if (!t.has_zone || t.flags != 0 || !at_char(p, end, ' '))
		return false;
	store(in, &t, in->p, p);
	in->p = p + 1;
	return true;
}

bool gyl__syslog_time_any(struct gyl__syslog_in *in)
{
	return gyl__letter(gyl__peek(in, 0)) ? gyl__syslog_time_bsd(in)
					     : gyl__syslog_time_iso(in) || gyl__syslog_time_bsd(in);
}

/* Seconds since 1970 with a fraction, as Meraki stamps. */
bool gyl__syslog_time_epoch(struct gyl__syslog_in *in)
{
	struct parts t = {.has_year = true};
	const uint8_t *p = in->p, *end = in->end;
	unsigned high, low;

	if (!digits(p, end, 5, &high) || !digits(p + 5, end, 5, &low) || p[0] == '0')
		return false;
	p = fraction(p + 10, end, &t);
	if (!at_char(p, end, ' ') || p - in->p == 10)
		return false;
	in->m->ts = gyl__span(in->p, p);
	in->m->ts_s = (int64_t)high * 100000 + low;
	in->m->ts_ns = t.ns;
	in->m->has_ts = true;
	in->m->has_zone = true;
	if (is_skewed(in->m->ts_s, (int64_t)(in->ctx->recv_ns / GYL_NS_PER_S), true))
		in->m->flags |= GYL_SYSLOG_TS_SKEW;
	in->p = p;
	return true;
}
