/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SEAL_H
#define GYL_SERVICES_SYSLOGD_SEAL_H

/*
 * Sealed segments: what packing makes of a closed segment (frames of zstd, an index), encrypted and
 * authenticated. docs/seal.md has the format and what it promises. Octets go in and out of the
 * caller's buffers; seal_dir.h has the files.
 */

#include <gyl/sha256.h>

#include "crypto/seal/frames.h"
#include "services/syslogd/seal_manifest.h"

enum {
	GYL_SYSLOGD_SEAL_HEADER_LEN = GYL_SEAL_HEADER_LEN,
	GYL_SYSLOGD_SEAL_OVERHEAD = GYL_SEAL_OVERHEAD, /* of each frame */
	GYL_SYSLOGD_SEAL_LAST_LEN = GYL_SYSLOGD_MANIFEST_LEN + GYL_SEAL_OVERHEAD,
	/* Fresh random octets of a segment and of a small file (index, head). */
	GYL_SYSLOGD_SEAL_RANDOM_LEN = GYL_SEAL_FRAMES_RANDOM_LEN,
	GYL_SYSLOGD_SEAL_SMALL_RANDOM_LEN = GYL_SEAL_RANDOM_LEN
};

/* ---- writing ---- */

/* A segment that is being sealed. Wiped by ..._end(). */
struct gyl_syslogd_sealing {
	struct gyl_seal_frames frames; /* @private */
	struct gyl_sha256 hash;        /* @private of header and frames so far */
	uint32_t cpu;                  /* @private */
	uint64_t frame_cnt, data_len;  /* so far */
};

/* GYL_SYSLOGD_SEAL_HEADER_LEN octets into header: the file begins with them. 0 or an error of
 * seal.h. */
int gyl_syslogd_sealing_begin(struct gyl_syslogd_sealing *s, const struct gyl_seal_key *key,
	uint32_t cpu, const uint8_t random[GYL_SYSLOGD_SEAL_RANDOM_LEN], uint8_t *header);

/* The next frame: len octets, 1 to GYL_SEAL_FRAMES_TEXT_MAX, become len +
 * GYL_SYSLOGD_SEAL_OVERHEAD in buf. @cost about 2 ns an octet */
void gyl_syslogd_sealing_put(
	struct gyl_syslogd_sealing *s, const uint8_t *data, size_t len, uint8_t *buf);

/*
 * The last frame, GYL_SYSLOGD_SEAL_LAST_LEN octets into buf, then s is wiped. Of *m frame_cnt,
 * data_len and frames_hash are filled in. *ret_link names the segment from now on.
 * gyl_wipe() s instead to give it up.
 */
void gyl_syslogd_sealing_end(struct gyl_syslogd_sealing *s, struct gyl_syslogd_manifest *m,
	uint8_t *buf, struct gyl_syslogd_link *ret_link);

/* The name in the chain of the segment with this last frame. */
void gyl_syslogd_link_of(uint32_t cpu, struct gyl_view last, struct gyl_syslogd_link *ret);

/* Octets that a small file of len octets becomes. */
size_t gyl_syslogd_seal_small_room(size_t len);
/* A file that is read as a whole: a sealed stream (seal.h). 0 or an error of seal.h. */
int gyl_syslogd_seal_small(const struct gyl_seal_key *key, uint32_t cpu,
	const uint8_t random[GYL_SYSLOGD_SEAL_SMALL_RANDOM_LEN], struct gyl_view text, uint8_t *buf,
	size_t *ret_len);

/*
 * An index that is sealed as it is made: a sealed stream. What is known only in the end, its head,
 * is put last, so the text is the body of the index and its head behind it.
 */
struct gyl_syslogd_sealing_index {
	struct gyl_seal_writer w; /* @private */
	struct gyl_sha256 hash;   /* @private of the file so far */
};
int gyl_syslogd_sealing_index_begin(struct gyl_syslogd_sealing_index *x,
	const struct gyl_seal_key *key, uint32_t cpu,
	const uint8_t random[GYL_SYSLOGD_SEAL_SMALL_RANDOM_LEN], uint8_t *header);
/* Octets into buf, gyl_seal_room(len). */
size_t gyl_syslogd_sealing_index_put(
	struct gyl_syslogd_sealing_index *x, const uint8_t *text, size_t len, uint8_t *buf);
/* The last GYL_SEAL_LAST_LEN octets into buf; buf NULL: it is given up. x is wiped. */
void gyl_syslogd_sealing_index_end(struct gyl_syslogd_sealing_index *x, uint8_t *buf,
	uint8_t ret_hash[GYL_SYSLOGD_SEAL_HASH_LEN]);

/* ---- reading ---- */

/* The text of a small file into buf, which has in.len octets. key is what its header asks for. 0 or
 * an error of seal.h. */
int gyl_syslogd_unseal_small(const struct gyl_seal_key *key, uint32_t cpu, struct gyl_view in,
	uint8_t *buf, size_t *ret_len);

/*
 * The last frame of a segment that has frame_cnt in front of it: in is what stands there. 0, or
 * GYL_SEAL_E_FRAME, GYL_SEAL_E_ALTERED; GYL_SEAL_E_LEN when it is right but speaks of another
 * number of frames.
 */
int gyl_syslogd_unseal_last(const struct gyl_seal_frames *f, uint64_t frame_cnt, struct gyl_view in,
	struct gyl_syslogd_manifest *ret_m, struct gyl_syslogd_link *ret_link);

#endif
