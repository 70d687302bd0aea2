/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_QUERY_H
#define GYL_SERVICES_SYSLOGD_QUERY_H

/*
 * Which records of the log somebody wants to see: by time of receipt, severity, facility, host,
 * app, sender, words and a regular expression. All that is asked for has to be so.
 *
 *   host, app  text with * for any octets and ? for any one, several with commas between, of which
 *              one has to fit; a record without a host has its sender's address as one
 *   from       an address, a prefix "10.77.0.0/24", or text as above
 *   words      each stands in the message, or in the host, app, sender, msgid or a vendor's parts,
 *              as a whole word (token.h); "sw-1/0/3" is four words with just these octets between
 *              them; with * or ? it is a pattern for a word, or for what stands between blanks
 *
 * Small and capital letters of ASCII are the same, but in the regular expression.
 *
 * A search over a text that is read by lines:
 *
 *   if (gyl_syslogd_query_frame(q, frame))             is anything in the frame to be expected?
 *       while (gyl_syslogd_query_next(&cur, &line))    lines that may fit
 *           if (gyl_syslogd_query_match(q, line, ...)) do fit
 *
 * All of it is pure, and nothing is written to a query that is searched for: threads share it.
 */

#include <gyl/time.h>

#include "services/syslogd/frame.h"
#include "services/syslogd/token.h"

enum {
	GYL_SYSLOGD_QUERY_WORD_MAX = 16,
	GYL_SYSLOGD_QUERY_TOKEN_MAX = 64, /* of all words */
	GYL_SYSLOGD_QUERY_NEEDLE_MAX = 5,
	GYL_SYSLOGD_NEEDLE_LEN_MAX = 48,
	/* Room for the longest text that a message is undone in. */
	GYL_SYSLOGD_QUERY_SCRATCH = 1 << 20
};

struct gyl_syslogd_query_token { /* @private */
	struct gyl_view gap;     /* octets between the one before and this one */
	struct gyl_view norm;
	uint64_t hash;
	bool address;
};

struct gyl_syslogd_query_word { /* @private */
	struct gyl_view text;
	bool pattern;
	uint8_t first, cnt; /* of the query's tokens */
};

struct gyl_syslogd_needle { /* @private */
	uint8_t len, again, text[GYL_SYSLOGD_NEEDLE_LEN_MAX];
	uint8_t skip[256];
};

struct gyl_syslogd_query {
	uint64_t since_ns, until_ns;     /* received not before, and before */
	uint64_t after_seq;              /* only records above */
	uint32_t facilities;             /* bit n: facility n */
	uint8_t severities;              /* bit n: severity n */
	struct gyl_view host, app, from; /* p NULL: any */
	/* The message fits the expression. NULL: there is none. */
	bool (*grep)(void *arg, struct gyl_view message);
	unsigned word_cnt, token_cnt, needle_cnt; /* @private from here on */
	struct gyl_syslogd_query_word word[GYL_SYSLOGD_QUERY_WORD_MAX];
	struct gyl_syslogd_query_token token[GYL_SYSLOGD_QUERY_TOKEN_MAX];
	struct gyl_syslogd_needle needle[GYL_SYSLOGD_QUERY_NEEDLE_MAX];
	uint8_t norm[GYL_SYSLOGD_QUERY_TOKEN_MAX][GYL_SYSLOGD_NORM_MAX];
};

/* Everything fits. */
void gyl_syslogd_query_init(struct gyl_syslogd_query *q);

/* Ask for a word; its text stays valid. GYL_E_SYNTAX: no letter and no digit is in it; GYL_E_COUNT:
 * there are too many, or it has too many parts. */
struct gyl_fault gyl_syslogd_query_word(struct gyl_syslogd_query *q, struct gyl_view text);

/* All is asked for: prepare the search. Not again before another init. */
void gyl_syslogd_query_ready(struct gyl_syslogd_query *q);

/* May a record of the frame fit? False is certain. */
bool gyl_syslogd_query_frame(const struct gyl_syslogd_query *q, const struct gyl_syslogd_frame *f);

/* Lines of a text that may fit: all but those in which a word's octets do not occur. */
struct gyl_syslogd_query_cursor { /* @private */
	const struct gyl_syslogd_query *q;
	const uint8_t *at, *end;
	const uint8_t *hit[GYL_SYSLOGD_QUERY_NEEDLE_MAX]; /* next place of each needle */
};
void gyl_syslogd_query_begin(struct gyl_syslogd_query_cursor *cur,
	const struct gyl_syslogd_query *q, struct gyl_view text);
/* The next line, without its LF. False at the end. */
bool gyl_syslogd_query_next(struct gyl_syslogd_query_cursor *cur, struct gyl_view *ret_line);

/* Does a record fit? grep_arg is for the query's function, scratch of
 * GYL_SYSLOGD_QUERY_SCRATCH octets; both belong to the thread. */
bool gyl_syslogd_query_match(const struct gyl_syslogd_query *q, const struct gyl_syslogd_fields *f,
	void *grep_arg, uint8_t *scratch);

/* ---- what people write (query_parse.c) ---- */

/* "warning,err", "<=warning" (that and what is worse), ">=notice"; names of RFC 5424, or 0 to 7. */
struct gyl_fault gyl_syslogd_severities(struct gyl_view text, uint8_t *ret_mask);
/* "auth,local0,3" */
struct gyl_fault gyl_syslogd_facilities(struct gyl_view text, uint32_t *ret_mask);
/* Is every one of the patterns an address, a prefix or a pattern that a sender may be like? */
struct gyl_fault gyl_syslogd_senders(struct gyl_view text);

/* A point in time as people say it. Without `local` it is wall_ns; with it the time of a clock on
 * the wall, whose zone the caller knows. */
struct gyl_syslogd_when {
	bool local;
	uint64_t wall_ns;
	struct gyl_civil c; /* second 0 to 59 */
};

/*
 *   2026-11-21T13:00:00.5+01:00   RFC 3339
 *   2026-11-21 13:00:05   2026-11-21 13:00   2026-11-21   of the zone
 *   13:00:05   13:00                          today
 *   today, yesterday   yesterday 13:00        midnight, or that time
 *   now   2h   90s   7d12h                    that long ago
 *
 * now_ns: the wall clock; today: the date in the zone (its time is not read). GYL_E_SYNTAX or
 * GYL_E_RANGE with the first octet that does not fit.
 */
struct gyl_fault gyl_syslogd_when(struct gyl_view text, uint64_t now_ns,
	const struct gyl_civil *today, struct gyl_syslogd_when *ret);

#endif
