/* SPDX-License-Identifier: ISC */

/* PBKDF2 (RFC 8018 5.2): checks, blocks and slices. The iterations are in pbkdf2_loop.c. */

#include <gyl/ct.h>
#include <gyl/pbkdf2.h>
#include <string.h>

#include "crypto/src/bits.h"
#include "crypto/src/burn.h"
#include "crypto/src/pbkdf2_own.h"

enum state {
	ENDED, /* what wiping leaves */
	BUSY,
	DONE
};

static int check(size_t digest_len, uint64_t iter_cnt, size_t dk_len)
{
	uint64_t unit = digest_len == 0 ? GYL_HASH_LEN_MAX : digest_len;

	/* RFC 8018 5.2 step 1. First of all, for after any other error the output is zeroed. */
	if (dk_len > UINT32_MAX * unit)
		return GYL_CRYPTO_E_LEN_BIG;
	if (digest_len == 0)
		return GYL_CRYPTO_E_HASH;
	if (iter_cnt == 0)
		return GYL_CRYPTO_E_ITER_ZERO;
	return dk_len == 0 ? GYL_CRYPTO_E_LEN_ZERO : GYL_CRYPTO_OK;
}

static void words_load(enum gyl_hash hash, union gyl_hash_mid *w, const uint8_t *digest)
{
	if (hash == GYL_HASH_SHA512) {
		for (size_t i = 0; i < 8; i++)
			w->w64[i] = gyl__load64_be(digest + 8 * i);
	} else {
		for (size_t i = 0; i < gyl_hash_len(hash) / 4; i++)
			w->w32[i] = gyl__load32_be(digest + 4 * i);
	}
}

static void words_store(enum gyl_hash hash, uint8_t *digest, const union gyl_hash_mid *w)
{
	if (hash == GYL_HASH_SHA512) {
		for (size_t i = 0; i < 8; i++)
			gyl__store64_be(digest + 8 * i, w->w64[i]);
	} else {
		for (size_t i = 0; i < gyl_hash_len(hash) / 4; i++)
			gyl__store32_be(digest + 4 * i, w->w32[i]);
	}
}

/* U_1 = PRF (P, S || INT (i)), T = U_1. */
static void first(struct gyl_pbkdf2 *k, uint64_t block, union gyl_hash_mid *u)
{
	struct gyl_hmac m = k->salted;
	uint8_t number[4], digest[GYL_HASH_LEN_MAX];

	gyl__store32_be(number, (uint32_t)block);
	gyl_hmac_update(&m, number, sizeof number);
	gyl_hmac_final(&m, digest);
	words_load((enum gyl_hash)k->key.hash, u, digest);
	gyl_wipe(digest, sizeof digest);
}

static GYL__OWN_FRAME void keyed(struct gyl_pbkdf2 *k, enum gyl_hash prf, uint32_t cpu,
	const void *password, size_t password_len, const void *salt, size_t salt_len)
{
	gyl_hmac_key_init(&k->key, prf, cpu, password, password_len);
	gyl_hmac_init(&k->salted, &k->key);
	gyl_hmac_update(&k->salted, salt, salt_len);
}

int gyl_pbkdf2_begin(struct gyl_pbkdf2 *k, enum gyl_hash prf, uint32_t cpu, const void *password,
	size_t password_len, const void *salt, size_t salt_len, uint64_t iter_cnt, uint8_t *dk,
	size_t dk_len)
{
	/* what is cut has no words to go on from */
	bool one_of_ours = (unsigned)prf <= GYL_HASH_SHA512;
	int err = check(one_of_ours ? gyl_hash_len(prf) : 0, iter_cnt, dk_len);

	memset(k, 0, sizeof *k);
	gyl_wipe(dk, err == GYL_CRYPTO_E_LEN_BIG ? 0 : dk_len);
	if (err != GYL_CRYPTO_OK)
		return err;
	keyed(k, prf, cpu, password, password_len, salt, salt_len);
	gyl__burn();
	k->iter_cnt = iter_cnt;
	k->dk = dk;
	k->dk_len = dk_len;
	k->block = 1;
	k->state = BUSY;
	return GYL_CRYPTO_OK;
}

/* The blocks that are worked on at once: as many as the kernel takes and the key still needs. */
static unsigned lanes(const struct gyl_pbkdf2 *k)
{
	bool one_left = k->dk_len - k->dk_off <= gyl_hash_len((enum gyl_hash)k->key.hash);

	return one_left ? 1 : gyl__pbkdf2_lanes(&k->key);
}

/* A block is done: its octets go where they belong. */
static void block_end(struct gyl_pbkdf2 *k, const union gyl_hash_mid *t)
{
	enum gyl_hash hash = (enum gyl_hash)k->key.hash;
	uint8_t digest[GYL_HASH_LEN_MAX];
	uint8_t *key = k->dk_len > sizeof k->held ? k->dk : k->held;
	size_t len = gyl_hash_len(hash), left = k->dk_len - k->dk_off;

	len = len < left ? len : left;
	words_store(hash, digest, t);
	memcpy(key + k->dk_off, digest, len);
	gyl_wipe(digest, sizeof digest);
	k->dk_off += len;
	k->block++;
	k->iter = 0;
}

/* Some iterations of the blocks under way; returns how many. */
static uint64_t go_on(struct gyl_pbkdf2 *k, uint64_t iter_max)
{
	uint64_t left = k->iter_cnt - k->iter, cnt = left < iter_max ? left : iter_max;
	unsigned lane_cnt = lanes(k);
	bool at_first = k->iter == 0;

	for (unsigned i = 0; at_first && i < lane_cnt; i++) {
		first(k, k->block + i, &k->u[i]);
		k->t[i] = k->u[i];
	}
	gyl__pbkdf2_loop(&k->key, k->u, k->t, lane_cnt, cnt - at_first);
	k->iter += cnt;
	for (unsigned i = 0; cnt == left && i < lane_cnt; i++)
		block_end(k, &k->t[i]);
	return cnt;
}

static GYL__OWN_FRAME int work(struct gyl_pbkdf2 *k, uint64_t iter_max)
{
	while (iter_max != 0 && k->dk_off != k->dk_len)
		iter_max -= go_on(k, iter_max);
	if (k->dk_off != k->dk_len)
		return GYL_CRYPTO_MORE;
	if (k->dk_len <= sizeof k->held)
		memcpy(k->dk, k->held, k->dk_len);
	k->state = DONE;
	return GYL_CRYPTO_OK;
}

int gyl_pbkdf2_step(struct gyl_pbkdf2 *k, uint64_t iter_max)
{
	int err;

	if (k->state != BUSY)
		return k->state == DONE ? GYL_CRYPTO_OK : GYL_CRYPTO_E_STATE;
	err = work(k, iter_max == 0 ? 1 : iter_max);
	gyl__burn();
	return err;
}

void gyl_pbkdf2_end(struct gyl_pbkdf2 *k)
{
	if (k->state == BUSY)
		gyl_wipe(k->dk, k->dk_len);
	gyl_wipe(k, sizeof *k);
}

int gyl_pbkdf2(enum gyl_hash prf, uint32_t cpu, const void *password, size_t password_len,
	const void *salt, size_t salt_len, uint64_t iter_cnt, uint8_t *ret_dk, size_t dk_len)
{
	struct gyl_pbkdf2 k;
	int err = gyl_pbkdf2_begin(
		&k, prf, cpu, password, password_len, salt, salt_len, iter_cnt, ret_dk, dk_len);

	while (err == GYL_CRYPTO_OK && gyl_pbkdf2_step(&k, UINT64_MAX) == GYL_CRYPTO_MORE)
		continue;
	gyl_pbkdf2_end(&k);
	return err;
}
