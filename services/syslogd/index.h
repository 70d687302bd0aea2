/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_INDEX_H
#define GYL_SERVICES_SYSLOGD_INDEX_H

/*
 * The index of a packed segment, guyline-TIME-SEQ.idx: what is known about its frames, and the
 * hosts in it. services/syslogd/docs/archive.md has the format, octet by octet. Pure.
 *
 * Reading: gyl_syslogd_index_open() proves the whole of it; the cursors cannot fail. All views lie
 * inside the input.
 */

#include "services/syslogd/frame.h"

enum {
	GYL_SYSLOGD_INDEX_VERSION = 1,
	GYL_SYSLOGD_INDEX_HEAD_LEN = 64,
	GYL_SYSLOGD_INDEX_FRAME_LEN = 108,       /* without its filter */
	GYL_SYSLOGD_INDEX_FILTER_MAX = 80 << 10, /* octets of a filter */
	GYL_SYSLOGD_INDEX_DATA_MAX = 1032 << 10  /* octets of a frame in the data file */
};

struct gyl_syslogd_index {
	uint64_t data_len;            /* octets of the data file */
	uint64_t text_len;            /* of the lines in it */
	uint64_t first_seq, last_seq; /* of the segment; 0: it has no record of ours */
	uint32_t frame_cnt, host_cnt;
	struct gyl_view frames, hosts; /* @private for the cursors */
};

/*
 * Check an index. GYL_E_SHORT, GYL_E_VERSION, GYL_E_CHECKSUM, GYL_E_LENGTH or GYL_E_FIELD with the
 * offset of what is wrong. @cost about 0.3 ns an octet
 */
struct gyl_fault gyl_syslogd_index_open(struct gyl_view in, struct gyl_syslogd_index *ret_ix);

/* The next frame, in the order of the data. `rest` is a copy of ix->frames. False at the end. */
bool gyl_syslogd_index_frame(struct gyl_view *rest, struct gyl_syslogd_frame *ret_f);

/* A host and how many records it has. `rest` is a copy of ix->hosts. False at the end. */
struct gyl_syslogd_host {
	struct gyl_view
		name; /* empty: those without a name, and those beyond what an index lists */
	uint32_t cnt;
};
bool gyl_syslogd_index_host(struct gyl_view *rest, struct gyl_syslogd_host *ret_h);

/* ---- writing ---- */

/* Put a frame's record with its filter: GYL_SYSLOGD_INDEX_FRAME_LEN + filter.len octets. */
void gyl_syslogd_index_put_frame(uint8_t *to, const struct gyl_syslogd_frame *f);

/* Put the head of an index. body_crc: CRC-32C of all octets behind it; host_len: those of hosts. */
void gyl_syslogd_index_put_head(uint8_t to[GYL_SYSLOGD_INDEX_HEAD_LEN],
	const struct gyl_syslogd_index *ix, uint32_t host_len, uint32_t body_crc);

#endif
