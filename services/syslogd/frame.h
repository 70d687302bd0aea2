/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_FRAME_H
#define GYL_SERVICES_SYSLOGD_FRAME_H

/*
 * A frame: a piece of a segment's text, whole lines, that is read on its own. What is known about
 * its records without reading them lets a search leave most frames alone.
 */

#include <gyl/base.h>

enum {
	GYL_SYSLOGD_FRAME_TEXT_MAX = 1 << 20, /* octets of a frame's text */
	GYL_SYSLOGD_HASH_LEN = 32             /* SHA-256 */
};

struct gyl_syslogd_frame {
	uint64_t off; /* in the data file */
	uint32_t len; /* octets there */
	uint32_t text_len;
	/* Bounds, all inclusive. What is not known is as wide as can be: 0 and UINT64_MAX, all
	 * severities. */
	uint64_t first_seq, last_seq;
	uint64_t recv_min_ns, recv_max_ns; /* wall time */
	uint64_t ts_min_ns, ts_max_ns;     /* of records that have a time; min > max: none has */
	uint32_t cnt;                      /* lines; 0: not known */
	uint8_t severities;                /* bit n: severity n may occur */
	/* Of an index: */
	const uint8_t *hash;    /* SHA-256 of the octets in the data file; NULL: not known */
	struct gyl_view filter; /* of tokens (token.h); empty: any token may occur */
};

/*
 * May a record of the frame have the token with this hash (token.h)? False is certain; true for one
 * in a hundred tokens that do not occur.
 */
bool gyl_syslogd_frame_may_have(const struct gyl_syslogd_frame *f, uint64_t token);

/* Enter a token into a filter of len octets, 1 or more. */
void gyl_syslogd_filter_put(uint8_t *filter, size_t len, uint64_t token);

#endif
