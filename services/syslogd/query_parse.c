/* SPDX-License-Identifier: ISC */

/* Severities, facilities, senders and points in time as people write them. */

#include <gyl/syslog.h>
#include <gyl/text.h>

#include "services/base/match.h"
#include "services/syslogd/query_own.h"

/* ---- severities and facilities ---- */

/* The number of a name, or the number itself, below cnt. */
static bool number_of(
	struct gyl_view item, const char *(*name)(unsigned n), unsigned cnt, unsigned *ret_n)
{
	uint64_t v;

	for (unsigned n = 0; n < cnt; n++)
		if (gyl_match_text(gyl_view_str(name(n)), item)) {
			*ret_n = n;
			return true;
		}
	if (gyl_failed(gyl_parse_u64(item, cnt - 1, &v)))
		return false;
	*ret_n = (unsigned)v;
	return true;
}

/* Names that logger(1) and older manuals have. */
static struct gyl_view known_as(struct gyl_view item)
{
	static const char *const other[][2] = {
		{"panic", "emerg"}, {"error", "err"}, {"warn", "warning"}, {"critical", "crit"}};

	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
		if (gyl_match_text(gyl_view_str(other[i][0]), item))
			return gyl_view_str(other[i][1]);
	return item;
}

struct gyl_fault gyl_syslogd_severities(struct gyl_view text, uint8_t *ret_mask)
{
	struct gyl_view rest = text;
	bool worse, better;
	uint8_t mask = 0;
	unsigned n;

	worse = gyl_view_eq(gyl_view_sub(text, 0, 2), gyl_view_str("<="));
	better = gyl_view_eq(gyl_view_sub(text, 0, 2), gyl_view_str(">="));
	if (worse || better)
		rest = gyl_view_sub(text, 2, text.len);
	do {
		size_t at = text.len - rest.len;

		if (!number_of(known_as(gyl__query_item(&rest)), gyl_syslog_sev_name, 8, &n))
			return gyl_fault(GYL_E_SYNTAX, at);
		mask |= (uint8_t)(1u << n);
	} while (rest.len != 0 && !worse && !better);
	if (rest.len != 0)
		return gyl_fault(GYL_E_SYNTAX, text.len - rest.len);
	if (worse)
		mask = (uint8_t)((2u << n) - 1);
	else if (better)
		mask = (uint8_t)(0xffu << n);
	*ret_mask = mask;
	return gyl_ok();
}

struct gyl_fault gyl_syslogd_facilities(struct gyl_view text, uint32_t *ret_mask)
{
	struct gyl_view rest = text;
	uint32_t mask = 0;
	unsigned n;

	do {
		size_t at = text.len - rest.len;

		if (!number_of(gyl__query_item(&rest), gyl_syslog_fac_name, 24, &n))
			return gyl_fault(GYL_E_SYNTAX, at);
		mask |= 1u << n;
	} while (rest.len != 0);
	*ret_mask = mask;
	return gyl_ok();
}

/* A prefix that is none would match nothing, and look like "there are none". */
struct gyl_fault gyl_syslogd_senders(struct gyl_view text)
{
	struct gyl_view rest = text;

	do {
		size_t at = text.len - rest.len;
		struct gyl_view item = gyl__query_item(&rest);
		uint32_t ip, mask;

		if (item.len == 0 || (memchr(item.p, '/', item.len) != NULL &&
					     !gyl__query_prefix(item, &ip, &mask)))
			return gyl_fault(GYL_E_SYNTAX, at);
	} while (rest.len != 0);
	return gyl_ok();
}

/* ---- time ---- */

/* Exactly so many digits at the front, which go. */
static bool take_digits(struct gyl_view *v, size_t cnt, unsigned max, unsigned *ret_n)
{
	uint64_t n;

	if (v->len < cnt || gyl_failed(gyl_parse_u64(gyl_view_sub(*v, 0, cnt), max, &n)))
		return false;
	*ret_n = (unsigned)n;
	*v = gyl_view_sub(*v, cnt, v->len);
	return true;
}

static bool take_char(struct gyl_view *v, char c)
{
	if (v->len == 0 || v->p[0] != (uint8_t)c)
		return false;
	*v = gyl_view_sub(*v, 1, v->len);
	return true;
}

static bool take_date(struct gyl_view *v, struct gyl_civil *c)
{
	unsigned year, month, day;

	if (!take_digits(v, 4, 9999, &year) || !take_char(v, '-') ||
		!take_digits(v, 2, 12, &month) || !take_char(v, '-') ||
		!take_digits(v, 2, 31, &day) || day == 0 || day > gyl_time_month_days(year, month))
		return false;
	c->year = year;
	c->month = (uint8_t)month;
	c->day = (uint8_t)day;
	return true;
}

/* "13:00" or "13:00:05", all that is left. */
static bool take_clock(struct gyl_view *v, struct gyl_civil *c)
{
	unsigned hour, minute, second = 0;

	if (!take_digits(v, 2, 23, &hour) || !take_char(v, ':') || !take_digits(v, 2, 59, &minute))
		return false;
	if (v->len != 0 && (!take_char(v, ':') || !take_digits(v, 2, 59, &second)))
		return false;
	c->hour = (uint8_t)hour;
	c->minute = (uint8_t)minute;
	c->second = (uint8_t)second;
	return v->len == 0;
}

static bool take_word(struct gyl_view *v, const char *word)
{
	struct gyl_view w = gyl_view_str(word);

	if (!gyl_match_text(w, gyl_view_sub(*v, 0, w.len)))
		return false;
	*v = gyl_view_sub(*v, w.len, v->len);
	return true;
}

static void day_before(struct gyl_civil *c)
{
	int64_t s = 0;

	gyl_time_unix(c, &s);
	gyl_time_civil(s - 24 * 60 * 60, c);
}

static bool is_begin_of_date(struct gyl_view text)
{
	return text.len > 4 && text.p[4] == '-';
}

/* A day and a time on it, the day that of `today` unless it is said. */
static struct gyl_fault local_time(
	struct gyl_view text, const struct gyl_civil *today, struct gyl_civil *ret_c)
{
	struct gyl_civil c = {.year = today->year, .month = today->month, .day = today->day};
	struct gyl_view rest = text;
	bool day = true;

	if (take_word(&rest, "yesterday"))
		day_before(&c);
	else if (is_begin_of_date(text))
		day = take_date(&rest, &c);
	else
		day = take_word(&rest, "today");
	if (!day && is_begin_of_date(text))
		return gyl_fault(GYL_E_RANGE, 0);
	if (rest.len != 0 && ((day && !take_char(&rest, ' ') && !take_char(&rest, 'T')) ||
				     !take_clock(&rest, &c)))
		return gyl_fault(GYL_E_SYNTAX, text.len - rest.len);
	*ret_c = c;
	return gyl_ok();
}

struct gyl_fault gyl_syslogd_when(struct gyl_view text, uint64_t now_ns,
	const struct gyl_civil *today, struct gyl_syslogd_when *ret)
{
	uint64_t ns;

	memset(ret, 0, sizeof *ret);
	ret->wall_ns = now_ns;
	if (text.len == 0)
		return gyl_fault(GYL_E_SYNTAX, 0);
	if (gyl_match_text(gyl_view_str("now"), text))
		return gyl_ok();
	if (!gyl_failed(gyl_time_parse_rfc3339(text, &ret->wall_ns)))
		return gyl_ok();
	if (!gyl_failed(gyl_time_parse(text, &ns)) && ns != GYL_TIME_INFINITE) {
		ret->wall_ns = gyl_time_sub(now_ns, ns);
		return gyl_ok();
	}
	ret->local = true;
	return local_time(text, today, &ret->c);
}
