/* SPDX-License-Identifier: ISC */

/* PBKDF2's loop in C, and which kernel takes its place. */

#include "crypto/src/hash_own.h"
#include "crypto/src/pbkdf2_own.h"
#include "crypto/src/pbkdf2_rounds.h"

static void sha1_loop(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
#if defined(__x86_64__)
	if (gyl__cpu_sha_ni(key->cpu)) {
		gyl__pbkdf2_sha1_ni(key, u, t, cnt);
		return;
	}
#endif
	gyl__pbkdf2_sha1_loop(key, u, t, cnt);
}

static void sha256_loop(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
#if defined(__x86_64__)
	if (gyl__cpu_sha_ni(key->cpu)) {
		gyl__pbkdf2_sha256_ni(key, u, t, cnt);
		return;
	}
#endif
	gyl__pbkdf2_sha256_loop(key, u, t, cnt);
}

static void sha512_loop(
	const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t, uint64_t cnt)
{
#if defined(__x86_64__)
	if ((key->cpu & GYL_CPU_BMI2) != 0) {
		gyl__pbkdf2_sha512_bmi2(key, u, t, cnt);
		return;
	}
#endif
	gyl__pbkdf2_sha512_loop(key, u, t, cnt);
}

unsigned gyl__pbkdf2_lanes(const struct gyl_hmac_key *key)
{
#if defined(__x86_64__)
	/* One chain of SHA256RNDS2 leaves the unit idle for half of the time. */
	if (key->hash == GYL_HASH_SHA256 && gyl__cpu_sha_ni(key->cpu))
		return 2;
#endif
	(void)key;
	return 1;
}

void gyl__pbkdf2_loop(const struct gyl_hmac_key *key, union gyl_hash_mid *u, union gyl_hash_mid *t,
	unsigned lane_cnt, uint64_t cnt)
{
#if defined(__x86_64__)
	if (lane_cnt == 2) {
		gyl__pbkdf2_sha256_ni_x2(key, u, t, cnt);
		return;
	}
#endif
	(void)lane_cnt;
	if (key->hash == GYL_HASH_SHA1)
		sha1_loop(key, u, t, cnt);
	else if (key->hash == GYL_HASH_SHA256)
		sha256_loop(key, u, t, cnt);
	else
		sha512_loop(key, u, t, cnt);
}
