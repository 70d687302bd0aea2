/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/hkdf.h>
#include <string.h>

#include "crypto/src/burn.h"

/* RFC 5869 2.3: OKM is at most 255 digests, for their number is one octet. */
static int check(enum gyl_hash hash, size_t key_len)
{
	if (gyl_hash_len(hash) == 0)
		return GYL_CRYPTO_E_HASH;
	if (key_len == 0)
		return GYL_CRYPTO_E_LEN_ZERO;
	return key_len > 255 * gyl_hash_len(hash) ? GYL_CRYPTO_E_LEN_BIG : GYL_CRYPTO_OK;
}

/* RFC 5869 2.2: PRK = HMAC-Hash(salt, IKM). No salt is a salt of zeros, which HMAC fills up with.
 */
static GYL__OWN_FRAME void extract(struct gyl_hmac_key *k, enum gyl_hash hash, uint32_t cpu,
	const void *secret, size_t secret_len, const void *salt, size_t salt_len)
{
	uint8_t prk[GYL_HASH_LEN_MAX];
	struct gyl_hmac m;

	gyl_hmac_key_init(k, hash, cpu, salt, salt_len);
	gyl_hmac_init(&m, k);
	gyl_hmac_update(&m, secret, secret_len);
	gyl_hmac_final(&m, prk);
	gyl_hmac_key_init(k, hash, cpu, prk, gyl_hash_len(hash));
	gyl_wipe(prk, sizeof prk);
}

/* RFC 5869 2.3: T(n) = HMAC-Hash(PRK, T(n - 1) | info | n); T(0) is empty. */
static GYL__OWN_FRAME void expand(const struct gyl_hmac_key *k, const void *info, size_t info_len,
	uint8_t *ret_key, size_t key_len)
{
	uint8_t t[GYL_HASH_LEN_MAX], n = 0;
	size_t len = gyl_hash_len((enum gyl_hash)k->hash);

	for (size_t off = 0; off < key_len; off += len) {
		struct gyl_hmac m;

		gyl_hmac_init(&m, k);
		if (n++ != 0)
			gyl_hmac_update(&m, t, len);
		gyl_hmac_update(&m, info, info_len);
		gyl_hmac_update(&m, &n, 1);
		gyl_hmac_final(&m, t);
		memcpy(ret_key + off, t, key_len - off < len ? key_len - off : len);
	}
	gyl_wipe(t, sizeof t);
}

int gyl_hkdf(enum gyl_hash hash, uint32_t cpu, const void *secret, size_t secret_len,
	const void *salt, size_t salt_len, const void *info, size_t info_len, uint8_t *ret_key,
	size_t key_len)
{
	struct gyl_hmac_key k;
	int err = check(hash, key_len);

	if (err != GYL_CRYPTO_OK) {
		gyl_wipe(ret_key, key_len);
		return err;
	}
	extract(&k, hash, cpu, secret, secret_len, salt, salt_len);
	expand(&k, info, info_len, ret_key, key_len);
	gyl_wipe(&k, sizeof k);
	gyl__burn();
	return GYL_CRYPTO_OK;
}
