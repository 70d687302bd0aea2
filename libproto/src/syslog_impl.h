/* SPDX-License-Identifier: ISC */
#ifndef GYL_SYSLOG_IMPL_H
#define GYL_SYSLOG_IMPL_H

/*
 * What the files syslog_*.c share. Readers get a cursor over what is left of the message and either
 * take something off its front (and return true) or leave it as it was.
 */

#include <gyl/syslog.h>

struct gyl__syslog_in {
	const uint8_t *p, *end;
	const struct gyl_syslog_ctx *ctx;
	struct gyl_syslog *m;
	/* The word that somebody measured last: many ask about the same one. */
	const uint8_t *word, *word_end;
};

static inline size_t gyl__left(const struct gyl__syslog_in *in)
{
	return (size_t)(in->end - in->p);
}

/* Octet `at` of the rest, 0 behind the end: saves a bounds check at every look ahead. */
static inline uint8_t gyl__peek(const struct gyl__syslog_in *in, size_t at)
{
	return at < gyl__left(in) ? in->p[at] : 0;
}

/*
 * Whether the time can be written: its year in UTC has four digits (RFC 3339 5.6). The offset of
 * one that was read may take it out of them by a day.
 */
static inline bool gyl__syslog_has_time(const struct gyl_syslog *m)
{
	return m->has_ts && m->ts_s >= INT64_C(-62167219200) && m->ts_s <= INT64_C(253402300799);
}

static inline bool gyl__digit(uint8_t c)
{
	return (uint8_t)(c - '0') < 10;
}

static inline bool gyl__letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

static inline bool gyl__hex(uint8_t c)
{
	return gyl__digit(c) || (uint8_t)((c | 0x20) - 'a') < 6;
}

/* PRINTUSASCII of RFC 5424 section 6: %d33-126. */
static inline bool gyl__printus(uint8_t c)
{
	return (uint8_t)(c - 33) < 94;
}

/*
 * Eight octets in one register, the first one lowest whatever the machine's byte order (compilers
 * make one load of it), to be tested or taken apart all at once.
 */
static inline uint64_t gyl__load8(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

#define GYL__ONES UINT64_C(0x0101010101010101)
#define GYL__TOPS UINT64_C(0x8080808080808080)

/*
 * Tests of eight octets give a word with the top bit of each octet that answers yes. Sums carry and
 * differences borrow upwards only, so above such an octet there may be marks that mean nothing; the
 * lowest one is right, and no mark at all means no such octet.
 */
static inline uint64_t gyl__is8(uint64_t w, uint8_t c)
{
	uint64_t x = w ^ GYL__ONES * c;

	return (x - GYL__ONES) & ~x & GYL__TOPS;
}

static inline uint64_t gyl__not_printus8(uint64_t w)
{
	return (w | (w - GYL__ONES * 33) | (w + GYL__ONES)) & GYL__TOPS;
}

/* Which octet the lowest mark is in; marks MUST not be 0. */
static inline unsigned gyl__lowest8(uint64_t marks)
{
	return (unsigned)__builtin_ctzll(marks) / 8;
}

static inline struct gyl_view gyl__span(const uint8_t *from, const uint8_t *to)
{
	return gyl_view(from, (size_t)(to - from));
}

static inline void gyl__skip_spaces(struct gyl__syslog_in *in)
{
	while (in->p != in->end && *in->p == ' ')
		in->p++;
}

/* Octets up to the next space or the end. */
static inline size_t gyl__word_len(const struct gyl__syslog_in *in)
{
	const uint8_t *p = in->p, *end = in->end;

	if (in->word == p && in->word_end <= end)
		return (size_t)(in->word_end - p);
	for (; end - p >= 8; p += 8) {
		uint64_t stop = gyl__is8(gyl__load8(p), ' ');

		if (stop != 0)
			return (size_t)(p - in->p) + gyl__lowest8(stop);
	}
	while (p != end && *p != ' ')
		p++;
	return (size_t)(p - in->p);
}

/* The same, for others to know, too. */
static inline void gyl__word_note(struct gyl__syslog_in *in)
{
	in->word_end = in->p + gyl__word_len(in);
	in->word = in->p;
}

static inline bool gyl__starts(const struct gyl__syslog_in *in, const char *s)
{
	struct gyl_view v = gyl_view_str(s);

	return gyl__left(in) >= v.len && memcmp(in->p, v.p, v.len) == 0;
}

/* What a run of text holds besides printable ASCII. */
enum {
	GYL__TEXT_CTRL = 1,
	GYL__TEXT_HIGH = 2
};
unsigned gyl__text_scan(struct gyl_view v);

/*
 * Times. Each takes a time off the front, sets ts, ts_s, ts_ns, has_ts and the flags about it, and
 * returns true when the text is shaped like one, even if there is no such moment (RFC 3164 4.3.2
 * has no such rule; what is shaped like a time is never part of the text).
 */
bool gyl__syslog_time_iso(struct gyl__syslog_in *in);
/* TIMESTAMP exactly as RFC 5424 6.2.3 has it, and the space after it; false, and nothing is
 * changed, for all others. */
bool gyl__syslog_time_5424(struct gyl__syslog_in *in);
bool gyl__syslog_time_bsd(struct gyl__syslog_in *in);
bool gyl__syslog_time_any(struct gyl__syslog_in *in);
bool gyl__syslog_time_epoch(struct gyl__syslog_in *in);
/* Zone name by table: seconds east of UTC. */
bool gyl__syslog_zone(struct gyl_view name, int32_t *ret_zone_s);

/* Message bodies behind PRI. */
bool gyl__syslog_5424(struct gyl__syslog_in *in);
void gyl__syslog_3164(struct gyl__syslog_in *in);

/* Structured data at the front, `[`: its length, or 0 when it is malformed. Sets sd, seq_id and
 * flags. */
size_t gyl__syslog_sd_check(struct gyl__syslog_in *in);

/* Parts of an RFC 3164 header. */
bool gyl__syslog_tag(struct gyl__syslog_in *in);
bool gyl__syslog_is_name(struct gyl_view v);
bool gyl__syslog_is_ip6(struct gyl_view v);

/* Vendors: true when they recognised their shape and took the header off. */
bool gyl__syslog_cisco(struct gyl__syslog_in *in);
bool gyl__syslog_cisco_mnemonic(struct gyl__syslog_in *in);
bool gyl__syslog_cisco_origin(struct gyl__syslog_in *in);
void gyl__syslog_cisco_relayed(struct gyl__syslog_in *in);
bool gyl__syslog_meraki(struct gyl__syslog_in *in);
bool gyl__syslog_unifi_host(struct gyl__syslog_in *in);
bool gyl__syslog_unifi_unit(struct gyl__syslog_in *in);
bool gyl__syslog_aruba(struct gyl__syslog_in *in);
bool gyl__syslog_mikrotik(struct gyl__syslog_in *in);
bool gyl__syslog_procurve(struct gyl__syslog_in *in);
bool gyl__syslog_repeat(struct gyl__syslog_in *in);
bool gyl__syslog_forwarded(struct gyl__syslog_in *in);
void gyl__syslog_solaris(struct gyl__syslog_in *in);

#endif
