/* SPDX-License-Identifier: ISC */

/* Constant time of what works with keys and passwords: see check.c. */

#include "tests/ct/check.h"

#include <gyl/ct.h>
#include <gyl/hkdf.h>
#include <gyl/hmac.h>

static const uint8_t salt[16] = "no secret at all";

void check_hmac(uint32_t cpu)
{
	for (int hash = GYL_HASH_SHA1; hash <= GYL_HASH_SHA512; hash++) {
		struct gyl_hmac_key key;
		struct gyl_hmac m;

		/* A short key, and one that is hashed first. */
		for (size_t len = 20; len <= 150; len += 130) {
			gyl_hmac_key_init(&key, (enum gyl_hash)hash, cpu, check_secret, len);
			gyl_hmac_init(&m, &key);
			gyl_hmac_update(&m, check_secret + 150, 100);
			gyl_hmac_final(&m, check_out);
			gyl_wipe(&key, sizeof key);
		}
	}
}

void check_hkdf(uint32_t cpu)
{
	for (int hash = GYL_HASH_SHA1; hash <= GYL_HASH_SHA512; hash++)
		gyl_hkdf((enum gyl_hash)hash, cpu, check_secret, 40, salt, sizeof salt, "use", 3,
			check_out, 150);
}
