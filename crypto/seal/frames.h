/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_SEAL_FRAMES_H
#define GYL_CRYPTO_SEAL_FRAMES_H

/*
 * Sealed files whose frames are read alone, in any order: version 2 of crypto/docs/seal.md.
 *
 * Header, key and commitment are those of a sealed stream (seal.h). Each frame is a secretstream of
 * its own, of one message, which its number and whether it is the last one belong to: a frame in
 * another place, or of another file, is refused. That frames are missing at the end is seen by the
 * last frame, which has the number of those before it.
 *
 * Nothing here reads a file, draws a random number or allocates.
 */

#include "crypto/seal/seal.h"

enum {
	GYL_SEAL_FRAMES_VERSION = 2,
	GYL_SEAL_FRAMES_RANDOM_LEN = GYL_SEAL_FILE_SALT_LEN,
	GYL_SEAL_FRAMES_TEXT_MAX = 4 << 20 /* octets of text in one frame */
};

/* A file that is written or read. As secret as its key: gyl_seal_frames_end(). */
struct gyl_seal_frames {
	uint8_t key[GYL_SEAL_KEY_LEN];       /* @private */
	uint8_t commit[GYL_SEAL_COMMIT_LEN]; /* @private */
};

/*
 * Begin a file.
 *   random      GYL_SEAL_FRAMES_RANDOM_LEN octets that were never used before, drawn for this file
 *   ret_header  GYL_SEAL_HEADER_LEN octets: the file begins with them
 * GYL_SEAL_OK, or GYL_SEAL_E_HEADER for a key whose kind or cost no reader accepts.
 */
int gyl_seal_frames_begin(struct gyl_seal_frames *f, const struct gyl_seal_key *key, uint32_t cpu,
	const uint8_t *random, uint8_t *ret_header);

/* Take a header apart: gyl_seal_header_decode() for this version. */
int gyl_seal_frames_decode(const uint8_t *in, size_t mem_max, uint64_t work_max,
	struct gyl_seal_header *ret, size_t *ret_off);

/* Begin to read: the header was decoded, the key is what it asks for. GYL_SEAL_OK, GYL_SEAL_E_KEY.
 */
int gyl_seal_frames_open(struct gyl_seal_frames *f, const uint8_t *header,
	const struct gyl_seal_key *key, uint32_t cpu);

/*
 * Seal frame `number`, counted from 0, each number once: len octets of text, 1 to
 * GYL_SEAL_FRAMES_TEXT_MAX, become len + GYL_SEAL_OVERHEAD in buf, which does not overlap them.
 */
void gyl_seal_frames_put(const struct gyl_seal_frames *f, uint64_t number, bool last,
	const void *text, size_t len, uint8_t *buf);

/*
 * Octets of the frame that begins with these four, all together; 0 when no frame does.
 */
size_t gyl_seal_frames_len(const uint8_t in[4]);

/*
 * Open a frame: len octets, which are all of it.
 *   text     len - GYL_SEAL_OVERHEAD octets, not overlapping in; written only when it is right
 * GYL_SEAL_OK; GYL_SEAL_E_FRAME: no frame has this length; GYL_SEAL_E_ALTERED: it is not what was
 * written as this number.
 */
int gyl_seal_frames_get(const struct gyl_seal_frames *f, uint64_t number, bool last,
	const uint8_t *in, size_t len, uint8_t *text);

/* Wipes the key. */
void gyl_seal_frames_end(struct gyl_seal_frames *f);

#endif
