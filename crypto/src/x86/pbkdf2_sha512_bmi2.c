/* SPDX-License-Identifier: ISC */

/*
 * PBKDF2's loop for SHA-512 with the rounds of the portable file, whose rotations are RORX here: no
 * move, no flags. All 80 rounds are laid out: half of the block is known, and what the schedule
 * makes of that the compiler works out. 5 percent for 8 KB.
 */

#include "crypto/src/pbkdf2_own.h"
#include "crypto/src/pbkdf2_rounds.h"

GYL__TARGET("bmi2")
static void hash(uint64_t u[8], const uint64_t pad[8], uint64_t w[16])
{
	uint64_t v[9] = {
		pad[0], pad[1], pad[2], pad[3], pad[4], pad[5], pad[6], pad[7], pad[1] ^ pad[2]};

	gyl__pbkdf2_sha512_block(w, u);
	gyl__sha512_16_first(v, w);
	gyl__sha512_16_later(v, w, gyl__sha512_k + 16);
	gyl__sha512_16_later(v, w, gyl__sha512_k + 32);
	gyl__sha512_16_later(v, w, gyl__sha512_k + 48);
	gyl__sha512_16_later(v, w, gyl__sha512_k + 64);
	for (unsigned i = 0; i < 8; i++)
		u[i] = pad[i] + v[i];
}

GYL__TARGET("bmi2")
void gyl__pbkdf2_sha512_bmi2(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
	uint64_t w[16];

	while (cnt-- > 0) {
		hash(u->w64, key->inner.w64, w);
		hash(u->w64, key->outer.w64, w);
		for (unsigned i = 0; i < 8; i++)
			t->w64[i] ^= u->w64[i];
	}
	gyl_wipe(w, sizeof w);
}
