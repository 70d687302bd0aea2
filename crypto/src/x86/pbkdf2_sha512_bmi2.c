/* SPDX-License-Identifier: ISC */
#include "crypto/src/pbkdf2_own.h"
#include "crypto/src/pbkdf2_rounds.h"

/* The loop of the portable file, whose rotations are RORX here: no move, no flags. */
GYL__TARGET("bmi2")
void gyl__pbkdf2_sha512_bmi2(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
	gyl__pbkdf2_sha512_loop(key, u, t, cnt);
}
