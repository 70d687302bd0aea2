/* SPDX-License-Identifier: ISC */
#ifndef GYL_TIME_H
#define GYL_TIME_H

/**
 * @file time.h
 * @brief Time as unsigned nanoseconds: saturating arithmetic, durations as text, civil dates, RFC
 * 3339.
 *
 * A point in time or a duration is a `uint64_t` of nanoseconds; #GYL_TIME_INFINITE is "never" as a
 * deadline and "without end" as a duration. Arithmetic saturates there and at 0, so a deadline
 * cannot wrap around into the past. Wall-clock time counts from 1970-01-01T00:00:00Z without leap
 * seconds, as POSIX does, and reaches the year 2554. Nothing here reads a clock: time is always an
 * argument.
 */

#include <gyl/base.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GYL_NS_PER_US        UINT64_C(1000)
#define GYL_NS_PER_MS        UINT64_C(1000000)
#define GYL_NS_PER_S         UINT64_C(1000000000)
#define GYL_NS_PER_MIN       (60 * GYL_NS_PER_S)
#define GYL_NS_PER_HOUR      (60 * GYL_NS_PER_MIN)
#define GYL_NS_PER_DAY       (24 * GYL_NS_PER_HOUR)

/** Never (a deadline), or without end (a duration). No operation comes back from it. */
#define GYL_TIME_INFINITE    UINT64_MAX

/** Room for any duration as text, with a final NUL. */
#define GYL_TIME_TEXT_MAX    32
/** Room for an RFC 3339 time with nine fraction digits, with a final NUL. */
#define GYL_TIME_RFC3339_MAX 31

/** @return @p a + @p b, at most #GYL_TIME_INFINITE. */
static inline uint64_t gyl_time_add(uint64_t a, uint64_t b)
{
	return b > GYL_TIME_INFINITE - a ? GYL_TIME_INFINITE : a + b;
}

/** @return @p a - @p b, at least 0; #GYL_TIME_INFINITE when @p a is that. */
static inline uint64_t gyl_time_sub(uint64_t a, uint64_t b)
{
	if (a == GYL_TIME_INFINITE)
		return a;
	return a > b ? a - b : 0;
}

/** @return @p n times @p a, at most #GYL_TIME_INFINITE; 0 when either is 0. */
static inline uint64_t gyl_time_mul(uint64_t a, uint64_t n)
{
	return n != 0 && a > GYL_TIME_INFINITE / n ? GYL_TIME_INFINITE : a * n;
}

/** @return @p s seconds in nanoseconds, at most #GYL_TIME_INFINITE. */
static inline uint64_t gyl_time_from_s(uint64_t s)
{
	return gyl_time_mul(GYL_NS_PER_S, s);
}

/** @return @p ms milliseconds in nanoseconds, at most #GYL_TIME_INFINITE. */
static inline uint64_t gyl_time_from_ms(uint64_t ms)
{
	return gyl_time_mul(GYL_NS_PER_MS, ms);
}

/** @return the earlier of two points in time: deadlines are combined with it. */
static inline uint64_t gyl_time_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/**
 * @brief Read a duration such as `90s`, `1h30m`, `7d`, `250ms` or `infinite`.
 *
 * One or more pairs of a decimal number and a unit (`d h m s ms us ns`), units descending and each
 * at most once, nothing between. A bare number is refused, because its unit would be a guess.
 *
 * @param[in]  in     the whole text
 * @param[out] ret_ns nanoseconds, or #GYL_TIME_INFINITE for `infinite`; written only on #GYL_OK
 * @return #GYL_OK; #GYL_E_SYNTAX with the first octet that does not fit (`off` = length when the
 * text ends too early); #GYL_E_RANGE with the number that takes the sum to #GYL_TIME_INFINITE or
 * over.
 * @owns nothing   @cost O(length)
 */
GYL_API struct gyl_fault gyl_time_parse(struct gyl_view in, uint64_t *ret_ns);

/**
 * @brief Print a duration exactly, in the shortest text that gyl_time_parse() reads back as @p ns.
 *
 * Of equally short texts the one with the larger units is taken: `90s`, `2d`, `90m` (and not
 * `1h30m`), `0s`, `infinite`. For tables that people read see gyl_time_print_about().
 * @cost O(1), about a microsecond
 */
GYL_API void gyl_time_print(struct gyl_writer *w, uint64_t ns);

/** Print the two largest units of a duration, the rest cut off: `3d4h`, `47m27s`, `1s500ms`. */
GYL_API void gyl_time_print_about(struct gyl_writer *w, uint64_t ns);

/** A moment in the proleptic Gregorian calendar, UTC. */
struct gyl_civil {
	int64_t year;   /**< astronomical: 0 is 1 BC */
	uint8_t month;  /**< 1 to 12 */
	uint8_t day;    /**< 1 to 31 */
	uint8_t hour;   /**< 0 to 23 */
	uint8_t minute; /**< 0 to 59 */
	uint8_t second; /**< 0 to 59; 60 only as input, see gyl_time_unix() */
	uint8_t wday;   /**< 0 = Sunday to 6; not read by gyl_time_unix() */
	uint16_t yday;  /**< 0 = 1 January to 365; not read by gyl_time_unix() */
};

/**
 * @brief Split seconds since 1970-01-01T00:00:00Z into a civil date and time.
 * @param[in]  unix_s any value, negative before 1970
 * @param[out] ret_c  always written
 * @cost O(1), no loop, no table
 */
GYL_API void gyl_time_civil(int64_t unix_s, struct gyl_civil *ret_c);

/**
 * @brief Seconds since 1970-01-01T00:00:00Z of a civil date and time: the inverse of
 * gyl_time_civil().
 *
 * A leap second (`second` 60) is the first second of the next minute, as in POSIX.
 * @return #GYL_OK; #GYL_E_RANGE when a part is outside its range (`off` = 0 year, 1 month, 2 day,
 *         3 hour, 4 minute, 5 second). Years from -9999999999 to 9999999999 are taken.
 */
GYL_API struct gyl_fault gyl_time_unix(const struct gyl_civil *c, int64_t *ret_unix_s);

/** @return days of @p month (1 to 12) in @p year; 0 when @p month is not a month. */
GYL_API unsigned gyl_time_month_days(int64_t year, unsigned month);

/**
 * @brief Print wall-clock time as `2026-08-23T09:30:00.125Z`.
 * @param w       appended to; all or nothing
 * @param wall_ns nanoseconds since 1970-01-01T00:00:00Z
 * @param digits  of the fraction, 0 (no point either) to 9; more is taken as 9; cut, not rounded
 * @rfc{3339,5.6}
 */
GYL_API void gyl_time_print_rfc3339(struct gyl_writer *w, uint64_t wall_ns, unsigned digits);

/**
 * @brief Read an RFC 3339 time.
 *
 * `T` and `Z` may be lower case, the fraction may have any number of digits (those after the ninth
 * are cut), the offset may be `-00:00`.
 * @param[in]  in          the whole text
 * @param[out] ret_wall_ns nanoseconds since 1970-01-01T00:00:00Z, offset applied
 * @return #GYL_OK; #GYL_LENIENT for a blank instead of `T` (`off` = 10) or a leap second, which
 * becomes the first second of the next minute (`off` = 17; it is told before the blank);
 * #GYL_E_SYNTAX with the first octet that does not fit; #GYL_E_RANGE with the first octet of a part
 * that is outside its range, or `off` = 0 when the time is before 1970 or after 2554.
 * @rfc{3339,5.6}   @cost O(length)
 */
GYL_API struct gyl_fault gyl_time_parse_rfc3339(struct gyl_view in, uint64_t *ret_wall_ns);

#ifdef __cplusplus
}
#endif

#endif
