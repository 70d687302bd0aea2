/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>
#include <gyl/time.h>

/*
 * The calendar part of gyl/time.h. Days are counted in eras of 400 years that begin on 1 March, so
 * that the leap day is the last of its year and all divisions are of non-negative numbers.
 */

enum {
	DAY_S = 86400,
	ERA_DAYS = 146097,
	EPOCH_DAYS = 719468 /* from 0000-03-01 to 1970-01-01 */
};

#define YEAR_MAX INT64_C(9999999999)

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned gyl_time_month_days(int64_t year, unsigned month)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month < 1 || month > 12)
		return 0;
	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Division that rounds down; the remainder is never negative. */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days from 1 March of a year to the first of a month, which counts from March as 0. */
static unsigned month_start(unsigned month)
{
	return (153 * month + 2) / 5;
}

static void date_split(int64_t days, struct gyl_civil *c)
{
	int64_t era = floor_div(days + EPOCH_DAYS, ERA_DAYS);
	unsigned day = (unsigned)(days + EPOCH_DAYS - era * ERA_DAYS);
	unsigned year = (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
	unsigned of_year = day - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153;

	c->day = (uint8_t)(of_year - month_start(month) + 1);
	c->month = (uint8_t)(month < 10 ? month + 3 : month - 9);
	c->year = era * 400 + year + (month >= 10);
	c->yday = (uint16_t)(month >= 10 ? of_year - 306 : of_year + 59 + is_leap(c->year));
	c->wday = (uint8_t)(days + 4 - 7 * floor_div(days + 4, 7));
}

void gyl_time_civil(int64_t unix_s, struct gyl_civil *ret_c)
{
	int64_t days = floor_div(unix_s, DAY_S);
	/* days * DAY_S would not fit next to INT64_MIN. */
	unsigned s = (unsigned)((unix_s % DAY_S + DAY_S) % DAY_S);

	date_split(days, ret_c);
	ret_c->hour = (uint8_t)(s / 3600);
	ret_c->minute = (uint8_t)(s / 60 % 60);
	ret_c->second = (uint8_t)(s % 60);
}

static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	unsigned from_march = month > 2 ? month - 3 : month + 9;
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = floor_div(y, 400);
	int64_t of_era = y - era * 400;

	of_era = of_era * 365 + of_era / 4 - of_era / 100 + month_start(from_march) + day - 1;
	return era * ERA_DAYS + of_era - EPOCH_DAYS;
}

struct gyl_fault gyl_time_unix(const struct gyl_civil *c, int64_t *ret_unix_s)
{
	if (c->year < -YEAR_MAX || c->year > YEAR_MAX)
		return gyl_fault(GYL_E_RANGE, 0);
	if (c->month < 1 || c->month > 12)
		return gyl_fault(GYL_E_RANGE, 1);
	if (c->day < 1 || c->day > gyl_time_month_days(c->year, c->month))
		return gyl_fault(GYL_E_RANGE, 2);
	if (c->hour > 23)
		return gyl_fault(GYL_E_RANGE, 3);
	if (c->minute > 59)
		return gyl_fault(GYL_E_RANGE, 4);
	if (c->second > 60)
		return gyl_fault(GYL_E_RANGE, 5);
	*ret_unix_s = days_of(c->year, c->month, c->day) * DAY_S + c->hour * 3600 + c->minute * 60 +
		      c->second;
	return gyl_ok();
}

/* The last cnt digits of v, and what comes behind them. */
static char *put_digits(char *p, uint64_t v, unsigned cnt, char behind)
{
	for (unsigned i = cnt; i != 0; i--, v /= 10)
		p[i - 1] = (char)('0' + v % 10);
	p[cnt] = behind;
	return p + cnt + 1;
}

static char *put_two(char *p, unsigned v, char behind)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
	p[2] = behind;
	return p + 3;
}

void gyl_time_print_rfc3339(struct gyl_writer *w, uint64_t wall_ns, unsigned digits)
{
	uint64_t fraction = wall_ns % GYL_NS_PER_S;
	char text[sizeof "2026-11-22T10:11:12.123456789Z"], *p = text;
	struct gyl_civil c;

	if (digits > 9)
		digits = 9;
	gyl_time_civil((int64_t)(wall_ns / GYL_NS_PER_S), &c);
	p = put_two(p, (unsigned)c.year / 100, 0) - 1; /* 2554 at most */
	p = put_two(p, (unsigned)c.year % 100, '-');
	p = put_two(p, c.month, '-');
	p = put_two(p, c.day, 'T');
	p = put_two(p, c.hour, ':');
	p = put_two(p, c.minute, ':');
	p = put_two(p, c.second, digits != 0 ? '.' : 'Z');
	for (unsigned i = digits; i < 9; i++)
		fraction /= 10;
	if (digits != 0)
		p = put_digits(p, fraction, digits, 'Z');
	gyl_put_bytes(w, text, (size_t)(p - text));
}

/* A reader of fixed-width fields that remembers its first fault. */
struct reader {
	struct gyl_view in;
	size_t off;
	struct gyl_fault fault;
};

static void reader_fail(struct reader *r, enum gyl_err err, size_t off)
{
	if (!gyl_failed(r->fault))
		r->fault = gyl_fault(err, off);
}

static unsigned read_number(struct reader *r, size_t width, unsigned max)
{
	size_t start = r->off;
	unsigned v = 0;

	for (; r->off < start + width; r->off++) {
		unsigned digit = r->off < r->in.len ? (unsigned)r->in.p[r->off] - '0' : 10;

		if (digit > 9) {
			reader_fail(r, GYL_E_SYNTAX, r->off);
			return 0;
		}
		v = v * 10 + digit;
	}
	if (v > max)
		reader_fail(r, GYL_E_RANGE, start);
	return v;
}

static bool read_char(struct reader *r, char c)
{
	if (r->off >= r->in.len || r->in.p[r->off] != (uint8_t)c)
		return false;
	r->off++;
	return true;
}

static void want_char(struct reader *r, char c)
{
	if (!read_char(r, c))
		reader_fail(r, GYL_E_SYNTAX, r->off);
}

/* RFC 3339 5.6: full-date "T" partial-time, up to the seconds. */
static void read_civil(struct reader *r, struct gyl_civil *c)
{
	c->year = read_number(r, 4, 9999);
	want_char(r, '-');
	c->month = (uint8_t)read_number(r, 2, 12);
	want_char(r, '-');
	c->day = (uint8_t)read_number(r, 2, 31);
	if (read_char(r, ' '))
		r->fault = gyl_failed(r->fault) ? r->fault : gyl_fault(GYL_LENIENT, 10);
	else if (!read_char(r, 't'))
		want_char(r, 'T');
	c->hour = (uint8_t)read_number(r, 2, 23);
	want_char(r, ':');
	c->minute = (uint8_t)read_number(r, 2, 59);
	want_char(r, ':');
	c->second = (uint8_t)read_number(r, 2, 60);
}

static uint64_t read_fraction(struct reader *r)
{
	uint64_t ns = 0, scale = GYL_NS_PER_S / 10;
	size_t start;

	if (!read_char(r, '.'))
		return 0;
	for (start = r->off; r->off < r->in.len; r->off++, scale /= 10) {
		unsigned digit = (unsigned)r->in.p[r->off] - '0';

		if (digit > 9)
			break;
		ns += digit * scale;
	}
	if (r->off == start)
		reader_fail(r, GYL_E_SYNTAX, start);
	return ns;
}

/* Seconds that the time is ahead of UTC. */
static int64_t read_offset(struct reader *r)
{
	bool minus = read_char(r, '-');
	int64_t s;

	if (!minus && !read_char(r, '+')) {
		if (!read_char(r, 'z'))
			want_char(r, 'Z');
		return 0;
	}
	s = (int64_t)read_number(r, 2, 23) * 3600;
	want_char(r, ':');
	s += (int64_t)read_number(r, 2, 59) * 60;
	return minus ? -s : s;
}

static const size_t part_off[6] = {0, 5, 8, 11, 14, 17};

struct gyl_fault gyl_time_parse_rfc3339(struct gyl_view in, uint64_t *ret_wall_ns)
{
	struct reader r = {in, 0, {GYL_OK, 0}};
	struct gyl_fault f;
	struct gyl_civil c;
	uint64_t fraction, wall_ns;
	int64_t unix_s = 0, ahead_s;

	read_civil(&r, &c);
	fraction = read_fraction(&r);
	ahead_s = read_offset(&r);
	if (r.off != in.len)
		reader_fail(&r, GYL_E_SYNTAX, r.off);
	if (gyl_failed(r.fault))
		return r.fault;
	f = gyl_time_unix(&c, &unix_s);
	if (gyl_failed(f))
		return gyl_fault(f.err, part_off[f.off]);
	unix_s -= ahead_s;
	wall_ns = unix_s < 0 ? GYL_TIME_INFINITE
			     : gyl_time_add(gyl_time_from_s((uint64_t)unix_s), fraction);
	if (wall_ns == GYL_TIME_INFINITE)
		return gyl_fault(GYL_E_RANGE, 0);
	*ret_wall_ns = wall_ns;
	return c.second == 60 ? gyl_fault(GYL_LENIENT, 17) : r.fault;
}
