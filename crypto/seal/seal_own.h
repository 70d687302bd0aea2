/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_SEAL_SEAL_OWN_H
#define GYL_CRYPTO_SEAL_SEAL_OWN_H

/* The header's layout, and what both directions share. */

#include "crypto/seal/seal.h"

enum {
	GYL__SEAL_OFF_MAGIC = 0,
	GYL__SEAL_OFF_VERSION = 7,
	GYL__SEAL_OFF_KIND = 8,
	GYL__SEAL_OFF_LOG2_N = 9,
	GYL__SEAL_OFF_ZERO = 10, /* 6 octets */
	GYL__SEAL_OFF_R = 16,
	GYL__SEAL_OFF_P = 20,
	GYL__SEAL_OFF_KEY_SALT = 24,
	GYL__SEAL_OFF_FILE_SALT = 40,
	GYL__SEAL_OFF_STREAM = 72,
	GYL__SEAL_OFF_COMMIT = 96
};

_Static_assert(GYL__SEAL_OFF_COMMIT + GYL_SEAL_COMMIT_LEN == GYL_SEAL_HEADER_LEN, "the header");

/* What state says, besides an error. */
enum {
	GYL__SEAL_IDLE = 0, /* nothing began, or it was wiped */
	GYL__SEAL_OPEN = 1,
	GYL__SEAL_WHOLE = 2
};

/* Everything in front of commit. GYL_SEAL_OK or GYL_SEAL_E_HEADER. */
int gyl__seal_header_encode(const struct gyl_seal_key *key, const uint8_t *random, uint8_t *header);

/* gyl_seal_header_decode() of one version. */
int gyl__seal_header_decode(const uint8_t *in, uint8_t version, size_t mem_max, uint64_t work_max,
	struct gyl_seal_header *ret, size_t *ret_off);

/*
 * What the file's own key is: from the key, and bound to all that the header says in front of
 * commit. ret_commit, GYL_SEAL_COMMIT_LEN octets, tells one key from another, which the frames'
 * authenticators alone do not.
 */
void gyl__seal_file_key(const struct gyl_seal_key *key, uint32_t cpu, const uint8_t *header,
	uint8_t *ret_key, uint8_t *ret_commit);

#endif
