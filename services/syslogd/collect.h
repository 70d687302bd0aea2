/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_COLLECT_H
#define GYL_SERVICES_SYSLOGD_COLLECT_H

/*
 * What an index says of a segment, collected from the text of its frames, one after the other.
 * Pure.
 *
 * Whoever sends messages decides what words and hosts there are, so both tables have a bound. A
 * frame with more words, or with words made to collide, gets no filter: it is read by every search.
 * Of hosts beyond the bound only their records are counted.
 */

#include <gyl/writer.h>

#include "services/syslogd/index.h"

enum {
	GYL_SYSLOGD_TOKEN_MAX = 1 << 16, /* different ones of a frame */
	GYL_SYSLOGD_HOST_CNT_MAX = 1024, /* different ones of a segment */
	GYL_SYSLOGD_HOST_LEN_MAX = 255,
	GYL_SYSLOGD_HOSTS_LEN_MAX = (GYL_SYSLOGD_HOST_CNT_MAX + 1) * (5 + GYL_SYSLOGD_HOST_LEN_MAX)
};

struct gyl_syslogd_collect { /* @private; about 2.7 MiB, of which a usual frame touches 1.3 */
	uint64_t token[2 * GYL_SYSLOGD_TOKEN_MAX]; /* 0: free */
	uint32_t used[GYL_SYSLOGD_TOKEN_MAX];      /* places in it, of the tokens there are */
	uint32_t token_cnt;
	bool too_many;
	uint32_t host_cnt, nameless_cnt;
	struct gyl_syslogd_collect_host {
		uint64_t hash;
		uint32_t cnt;
		uint8_t len;
		uint8_t name[GYL_SYSLOGD_HOST_LEN_MAX];
	} host[GYL_SYSLOGD_HOST_CNT_MAX];
	uint16_t host_at[2 * GYL_SYSLOGD_HOST_CNT_MAX]; /* number of a host + 1; 0: free */
	uint8_t filter[GYL_SYSLOGD_INDEX_FILTER_MAX];
	uint8_t text[GYL_SYSLOGD_FRAME_TEXT_MAX]; /* of a message that is hexadecimal */
};

/* A new segment. Before the first one *c is all zero. */
void gyl_syslogd_collect_init(struct gyl_syslogd_collect *c);

/*
 * The next frame's text, whole lines: all of *ret_f but its place in the file and its hash. The
 * filter is valid until the next call.
 * @cost about 3 ns an octet
 */
void gyl_syslogd_collect_frame(
	struct gyl_syslogd_collect *c, struct gyl_view text, struct gyl_syslogd_frame *ret_f);

/* The hosts, as they stand in an index: at most GYL_SYSLOGD_HOSTS_LEN_MAX octets. How many. */
uint32_t gyl_syslogd_collect_hosts(const struct gyl_syslogd_collect *c, struct gyl_writer *w);

#endif
