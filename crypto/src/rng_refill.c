/* SPDX-License-Identifier: ISC */

/*
 * Where key stream is made. Three rules hold throughout:
 *
 *   a key makes one stream, and the next key comes out of it before anything is handed out;
 *   of a stream, every octet goes to one place: to the caller, into a key, or nowhere;
 *   a key that was used is overwritten before the function ends.
 */

#include <gyl/aes256.h>
#include <gyl/chacha20.h>
#include <gyl/ct.h>
#include <gyl/rng.h>

#include "crypto/src/bits.h"
#include "crypto/src/burn.h"
#include "crypto/src/rng_own.h"

enum {
	SHORT_MAX = 192, /* of a strict request, made in one go with the key that follows it */
	BATCH_BLOCK_CNT = GYL_RNG_BATCH_LEN / GYL_CHACHA20_BLOCK_LEN
};

_Static_assert(GYL_RNG_PIECE_LEN / GYL_CHACHA20_BLOCK_LEN < 1 << GYL__RNG_BLOCK_BITS,
	"the blocks of a piece have numbers of their own");

/*
 * Where a stream of ChaCha20 begins. Its key is fresh, so that any counter would do; ours says
 * which stream it is. Two clones of one state have the same key, though: a hedge makes them differ.
 * It stays off the bits that number blocks. If it did not, a clone whose hedge is one more would
 * get the same blocks but the first, and would take as its key what the other one handed out.
 */
static void stream_begin(struct gyl_rng *g, uint64_t at[2])
{
	at[0] = g->counter[0] << GYL__RNG_BLOCK_BITS;
	at[1] = g->counter[1] << GYL__RNG_BLOCK_BITS | g->counter[0] >> (64 - GYL__RNG_BLOCK_BITS);
#if defined(__x86_64__)
	if ((g->flags & GYL_RNG_HEDGE) != 0)
		gyl__rng_hedge(g->cpu, at);
#endif
	gyl__rng_tick(g);
}

void gyl__rng_refill(struct gyl_rng *g)
{
	uint64_t at[2];

	stream_begin(g, at);
	gyl_chacha20_blocks(g->cpu, g->key, at, g->batch, BATCH_BLOCK_CNT);
	memcpy(g->key, g->batch, GYL_RNG_KEY_LEN);
	memset(g->batch, 0, GYL_RNG_KEY_LEN);
	g->left = GYL__RNG_HAND_LEN;
}

/* A long request gets a key out of the batch, and its octets go straight to where they belong. */
static void long_piece(struct gyl_rng *g, uint8_t *out, size_t len)
{
	uint8_t tail[GYL_CHACHA20_BLOCK_LEN], key[GYL_RNG_KEY_LEN], *from;
	size_t block_cnt = len / sizeof tail, rest = len % sizeof tail;
	uint64_t at[2];

	if (g->left < sizeof key)
		gyl__rng_refill(g);
	from = gyl__rng_take(g, sizeof key);
	memcpy(key, from, sizeof key);
	memset(from, 0, sizeof key);
	stream_begin(g, at);
	gyl_chacha20_blocks(g->cpu, key, at, out, block_cnt);
	if (rest != 0) {
		gyl_chacha20_blocks(g->cpu, key, at, tail, 1);
		memcpy(out + len - rest, tail, rest);
		gyl_wipe(tail, sizeof tail);
	}
	gyl_wipe(key, sizeof key);
}

/* The stream of a strict request: one key, whole blocks. aes is of kind AES256 only. */
static void strict_blocks(const struct gyl_rng *g, const struct gyl_aes256 *aes, uint64_t at[2],
	uint8_t *out, size_t cnt)
{
	if (g->kind == GYL_RNG_AES256)
		gyl_aes256_blocks(aes, at, out, cnt);
	else
		gyl_chacha20_blocks(g->cpu, g->key, at, out, cnt);
}

/*
 * As many blocks as hold len octets, and then as many more as hold a key: one of ChaCha20, two of
 * AES. The number of those does not depend on len: a generator which took the key from the blocks
 * of a short request would hand its next key out.
 */
void gyl__rng_strict(struct gyl_rng *g, uint8_t *out, size_t len)
{
	bool is_aes = g->kind == GYL_RNG_AES256;
	size_t block_len = is_aes ? GYL_AES256_BLOCK_LEN : GYL_CHACHA20_BLOCK_LEN;
	size_t direct = len > SHORT_MAX ? len - len % block_len : 0, rest = len - direct;
	size_t data_len = (rest + block_len - 1) / block_len * block_len;
	size_t made_len = data_len + (is_aes ? 2 * GYL_AES256_BLOCK_LEN : GYL_CHACHA20_BLOCK_LEN);
	uint8_t made[SHORT_MAX + GYL_CHACHA20_BLOCK_LEN];
	uint64_t begin[2], *at = g->counter; /* as published, unless there is a hedge */
	struct gyl_aes256 aes;

	if (is_aes) {
		gyl_aes256_init(&aes, g->cpu, g->key);
	} else if ((g->flags & GYL_RNG_HEDGE) != 0) {
		stream_begin(g, begin);
		at = begin;
	}
	if (direct != 0)
		strict_blocks(g, &aes, at, out, direct / block_len);
	strict_blocks(g, &aes, at, made, made_len / block_len);
	if (rest != 0)
		memcpy(out + direct, made, rest);
	memcpy(g->key, made + data_len, GYL_RNG_KEY_LEN);
	gyl_wipe(made, made_len);
	if (is_aes)
		gyl_wipe(&aes, sizeof aes);
}

static void pieces(struct gyl_rng *g, uint8_t *out, size_t len)
{
	while (len != 0) {
		size_t take = len < GYL_RNG_PIECE_LEN ? len : GYL_RNG_PIECE_LEN;

		if (g->kind == GYL_RNG_CHACHA20)
			long_piece(g, out, take);
		else
			gyl__rng_strict(g, out, take);
		out += take;
		len -= take;
	}
}

static GYL__OWN_FRAME int more(struct gyl_rng *g, void *out, size_t len)
{
	size_t have = g->left;
	uint8_t *at = out;

	if (len == 0)
		return gyl__rng_ready(g) ? GYL_CRYPTO_OK : GYL_CRYPTO_E_UNSEEDED;
	if (!gyl__rng_ready(g)) {
		memset(out, 0, len);
		return GYL_CRYPTO_E_UNSEEDED;
	}
	if (g->kind != GYL_RNG_CHACHA20 || len > GYL__RNG_HAND_LEN) {
		pieces(g, out, len);
		return GYL_CRYPTO_OK;
	}
	/* The rest of this batch, which is shorter than len, and the beginning of the next. */
	memcpy(at, g->batch + sizeof g->batch - have, have);
	gyl__rng_refill(g);
	return gyl_rng_read(g, at + have, len - have);
}

int gyl__rng_more(struct gyl_rng *g, void *out, size_t len)
{
	int err = more(g, out, len);

	gyl__burn_some();
	return err;
}
