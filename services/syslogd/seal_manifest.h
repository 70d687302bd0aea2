/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SEAL_MANIFEST_H
#define GYL_SERVICES_SYSLOGD_SEAL_MANIFEST_H

/*
 * What is sealed besides the records (docs/seal.md has both, octet by octet):
 *
 *   manifest  of a segment, its last frame: what there is of it, and which one was before it
 *   head      of a log directory: which segments have to be there
 *
 * They come out of frames that were authenticated, so whatever is wrong with one was written so.
 * Pure.
 */

#include <gyl/base.h>

enum {
	GYL_SYSLOGD_SEAL_HASH_LEN = 32, /* SHA-256 */
	GYL_SYSLOGD_MANIFEST_LEN = 160,
	GYL_SYSLOGD_HEAD_LEN = 56
};

/* Names a sealed segment, with all that is in it: the hash of its last frame. Zeros: none. */
struct gyl_syslogd_link {
	uint8_t hash[GYL_SYSLOGD_SEAL_HASH_LEN];
};

struct gyl_syslogd_manifest {
	uint64_t closed_ns;           /* wall time, as in the file's name */
	uint64_t first_seq, last_seq; /* of its records; first_seq 0: not known */
	uint64_t cnt;                 /* lines */
	uint64_t text_len;            /* octets of them */
	uint64_t data_len;            /* octets of the frames in front, before they were sealed */
	uint64_t frame_cnt;           /* frames in front of the manifest */
	/* Of header and frames, as they are in the file. */
	uint8_t frames_hash[GYL_SYSLOGD_SEAL_HASH_LEN];
	uint8_t index_hash[GYL_SYSLOGD_SEAL_HASH_LEN]; /* of the file .idx.seal */
	struct gyl_syslogd_link before; /* the segment that was sealed before this one */
};

struct gyl_syslogd_seal_head {
	/* Records up to it were removed to keep within bounds; UINT64_MAX: not known, they were
	 * there before there was a head. */
	uint64_t gone_seq;
	uint64_t last_seq;            /* of the newest sealed segment */
	struct gyl_syslogd_link link; /* the newest sealed segment */
};

void gyl_syslogd_manifest_encode(
	const struct gyl_syslogd_manifest *m, uint8_t buf[GYL_SYSLOGD_MANIFEST_LEN]);
/* False when it is none, or of a version that is not known here. */
bool gyl_syslogd_manifest_decode(struct gyl_view in, struct gyl_syslogd_manifest *ret_m);

void gyl_syslogd_seal_head_encode(
	const struct gyl_syslogd_seal_head *h, uint8_t buf[GYL_SYSLOGD_HEAD_LEN]);
bool gyl_syslogd_seal_head_decode(struct gyl_view in, struct gyl_syslogd_seal_head *ret_h);

#endif
