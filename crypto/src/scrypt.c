/* SPDX-License-Identifier: ISC */
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/scrypt.h>
#include <string.h>

#include "crypto/src/bits.h"
#include "crypto/src/burn.h"
#include "crypto/src/romix_own.h"

/*
 * Scratch memory is V of each lane, X before and after a step, and B, in this order: V is what is
 * read at random, so it has the alignment to pages that the caller's memory has.
 *
 * PBKDF2 with one iteration (RFC 8018 5.2) is HMAC of salt and block number. The salt of the second
 * one is B, 128 r p octets: it is hashed once, and the state copied for each block of the key.
 */

/* What gyl_scrypt_step() is at. Each phase is a function below. */
enum phase {
	IDLE,
	SALT,   /* RFC 7914 section 6 step 1: the salt into HMAC, */
	EXPAND, /* B out of it */
	MIX,    /* step 2: each part of B through ROMix */
	GATHER, /* step 3: B into HMAC, */
	WIPE,   /* the memory, which nobody needs any more, */
	KEY,    /* the key out of HMAC, so that there is none before the end */
	DONE
};

/*
 * The currency of slices is an octet of scratch memory mixed. A compression of SHA-256 takes as
 * long as mixing 512 octets at most, portable or not; wiping is four times as fast as mixing at
 * least.
 */
enum {
	COMPRESSION_COST = 512,
	WIPE_PIECE = 4096,
	WIPE_COST = 1024
};

/* How many of these pieces the budget pays for. One is always made, so that there is progress. */
static uint64_t afford(size_t *budget, size_t cost, uint64_t piece_cnt)
{
	uint64_t cnt = *budget < cost ? 1 : *budget / cost;

	cnt = cnt < piece_cnt ? cnt : piece_cnt;
	*budget -= *budget < cost ? *budget : (size_t)cnt * cost;
	return cnt;
}

int gyl_scrypt_check(const struct gyl_scrypt_cost *cost, size_t dk_len)
{
	uint64_t dk_max = UINT32_MAX * UINT64_C(32); /* (2^32 - 1) hLen */

	if (dk_len > dk_max)
		return GYL_CRYPTO_E_LEN_BIG;
	if (dk_len == 0)
		return GYL_CRYPTO_E_LEN_ZERO;
	if (cost->n < 2)
		return GYL_CRYPTO_E_N_SMALL;
	if ((cost->n & (cost->n - 1)) != 0)
		return GYL_CRYPTO_E_N_POWER;
	if (cost->r == 0)
		return GYL_CRYPTO_E_R_ZERO;
	if (cost->p == 0)
		return GYL_CRYPTO_E_P_ZERO;
	/* p <= (2^32 - 1) 32 / (128 r), and so r p < 2^30 */
	if ((uint64_t)cost->r * cost->p >= UINT64_C(1) << 30)
		return GYL_CRYPTO_E_RP_BIG;
	/* N < 2^(128 r / 8), which is no limit to 64 bits from r = 4 */
	if (cost->r < 4 && cost->n >> 16 * cost->r != 0)
		return GYL_CRYPTO_E_N_BIG;
	return GYL_CRYPTO_OK;
}

/* So many lanes, but not more than there are parts, and no three. */
static uint32_t lanes_round(unsigned lanes, uint32_t part_cnt)
{
	uint32_t most = lanes < part_cnt ? lanes : part_cnt;

	return most >= 4 ? 4 : most >= 2 ? 2 : 1;
}

static size_t block_len(const struct gyl_scrypt_cost *cost)
{
	return (size_t)128 * cost->r;
}

size_t gyl_scrypt_need(const struct gyl_scrypt_cost *cost, unsigned lanes)
{
	uint32_t lane_cnt = lanes_round(lanes, cost->p);
	size_t block_max;

	if (gyl_scrypt_check(cost, 1) != GYL_CRYPTO_OK)
		return 0;
	block_max = SIZE_MAX / 128 / cost->r;
	if (cost->p > block_max || cost->n + 2 > (block_max - cost->p) / lane_cnt)
		return 0;
	return ((size_t)(cost->n + 2) * lane_cnt + cost->p) * block_len(cost);
}

uint64_t gyl_scrypt_n_max(size_t mem_max, uint32_t r)
{
	struct gyl_scrypt_cost cost = {.n = 2, .r = r, .p = 1};
	uint64_t fits = 0;

	for (; cost.n != 0; cost.n *= 2) {
		size_t need = gyl_scrypt_need(&cost, 1);

		if (need == 0 || need > mem_max)
			break;
		fits = cost.n;
	}
	return fits;
}

static size_t v_len(const struct gyl_scrypt *s)
{
	return (size_t)s->cost.n * s->lane_cnt * block_len(&s->cost);
}

static size_t b_len(const struct gyl_scrypt *s)
{
	return s->cost.p * block_len(&s->cost);
}

static uint8_t *b_of(const struct gyl_scrypt *s)
{
	return s->scratch + v_len(s) + 2 * s->lane_cnt * block_len(&s->cost);
}

static void phase_next(struct gyl_scrypt *s)
{
	s->phase++;
	s->i = 0;
}

/* SALT, GATHER. */
static void absorb(struct gyl_scrypt *s, size_t *budget)
{
	size_t left = s->salt_len - (size_t)s->i;
	uint64_t cnt = afford(budget, COMPRESSION_COST, left / GYL_SHA256_BLOCK_LEN + 1);
	size_t take = (size_t)cnt * GYL_SHA256_BLOCK_LEN;

	take = take < left ? take : left;
	if (s->i == 0)
		gyl_hmac_init(&s->salted, &s->key);
	if (take != 0)
		gyl_hmac_update(&s->salted, s->salt + s->i, take);
	s->i += take;
	if (s->i == s->salt_len)
		phase_next(s);
}

/* RFC 8018 5.2: T_i = U_1 = HMAC(password, salt || INT(i)), i from 1. */
static void pbkdf2_block(const struct gyl_scrypt *s, uint64_t i, uint8_t *out, size_t len)
{
	struct gyl_hmac m = s->salted;
	uint8_t number[4], digest[GYL_SHA256_LEN];

	gyl__store32_be(number, (uint32_t)i);
	gyl_hmac_update(&m, number, sizeof number);
	gyl_hmac_final(&m, digest);
	memcpy(out, digest, len < sizeof digest ? len : sizeof digest);
	gyl_wipe(digest, sizeof digest);
}

/* Blocks of PBKDF2's output. */
static void derive(struct gyl_scrypt *s, uint8_t *out, size_t len, size_t *budget)
{
	uint64_t block_cnt = (len - 1) / GYL_SHA256_LEN + 1;
	uint64_t cnt = afford(budget, (size_t)2 * COMPRESSION_COST, block_cnt - s->i);

	for (; cnt != 0; cnt--, s->i++) {
		size_t off = (size_t)s->i * GYL_SHA256_LEN;

		pbkdf2_block(s, s->i + 1, out + off, len - off);
	}
	if (s->i == block_cnt)
		phase_next(s);
}

static void expand(struct gyl_scrypt *s, size_t *budget)
{
	derive(s, b_of(s), b_len(s), budget);
}

/* How many lanes a processor can work on at once. */
static uint32_t lanes_of(uint32_t cpu)
{
#if defined(__x86_64__)
	if (cpu & GYL_CPU_AVX512VL)
		return GYL_SCRYPT_LANE_MAX;
#endif
	(void)cpu;
	return 1;
}

static gyl__romix_steps *kernel_of(uint32_t cpu, uint32_t lanes)
{
#if defined(__x86_64__)
	if (lanes == 4)
		return gyl__romix_avx512vl_x4;
	if (lanes == 2)
		return gyl__romix_avx512vl_x2;
	if (cpu & GYL_CPU_AVX512VL)
		return gyl__romix_avx512vl;
	if (cpu & GYL_CPU_SSE2)
		return gyl__romix_sse2;
#endif
	(void)cpu;
	(void)lanes;
	return gyl__romix_portable;
}

static void mix(struct gyl_scrypt *s, size_t *budget)
{
	uint8_t *b = b_of(s) + s->part * block_len(&s->cost);
	struct gyl__romix m = {.n = s->cost.n,
		.r = s->cost.r,
		.lanes = lanes_round(s->lane_cnt, s->cost.p - s->part),
		.v = s->scratch,
		.x = s->scratch + v_len(s)};
	uint64_t cnt = afford(budget, m.lanes * block_len(&s->cost), 2 * m.n - s->i);

	if (s->i == 0)
		gyl__romix_load(&m, b);
	kernel_of(s->cpu, m.lanes)(&m, s->i, cnt);
	s->i += cnt;
	if (s->i != 2 * m.n)
		return;
	gyl__romix_store(&m, s->i, b);
	s->part += m.lanes;
	s->i = 0;
	if (s->part == s->cost.p) {
		s->salt = b_of(s);
		s->salt_len = b_len(s);
		phase_next(s);
	}
}

static void key(struct gyl_scrypt *s, size_t *budget)
{
	derive(s, s->dk, s->dk_len, budget);
}

static void wipe(struct gyl_scrypt *s, size_t *budget)
{
	size_t all = s->flags & GYL_SCRYPT_KEEP ? 0 : gyl_scrypt_need(&s->cost, s->lane_cnt);
	size_t left = all - (size_t)s->i;
	size_t take = (size_t)afford(budget, WIPE_COST, left / WIPE_PIECE + 1) * WIPE_PIECE;

	take = take < left ? take : left;
	gyl_wipe(s->scratch + s->i, take);
	s->i += take;
	if (take == left)
		phase_next(s);
}

int gyl_scrypt_step(struct gyl_scrypt *s, size_t octet_max)
{
	static void (*const go[])(struct gyl_scrypt *, size_t *) = {
		[SALT] = absorb,
		[EXPAND] = expand,
		[MIX] = mix,
		[GATHER] = absorb,
		[WIPE] = wipe,
		[KEY] = key,
	};
	size_t budget = octet_max;

	if (s->phase == IDLE || s->phase == DONE)
		return s->phase == DONE ? GYL_CRYPTO_OK : GYL_CRYPTO_E_STATE;
	do
		go[s->phase](s, &budget);
	while (budget != 0 && s->phase != DONE);
	gyl__burn();
	if (s->phase != DONE)
		return GYL_CRYPTO_MORE;
	gyl_wipe(s, sizeof *s);
	s->phase = DONE;
	return GYL_CRYPTO_OK;
}

/* What an unfinished derivation has written to: pages of V that were never touched stay so. */
static void touched_wipe(const struct gyl_scrypt *s)
{
	size_t block = block_len(&s->cost), n = (size_t)s->cost.n, lane_cnt = s->lane_cnt;
	size_t filled = s->phase == MIX && s->part == 0 && s->i < n ? (size_t)s->i : n;

	if (s->phase == EXPAND)
		gyl_wipe(b_of(s), (size_t)s->i * GYL_SHA256_LEN);
	if (s->phase < MIX || s->phase == KEY)
		return;
	for (size_t lane = 0; lane < lane_cnt; lane++)
		gyl_wipe(s->scratch + lane * n * block, filled * block);
	gyl_wipe(s->scratch + v_len(s), (2 * lane_cnt + s->cost.p) * block);
}

void gyl_scrypt_end(struct gyl_scrypt *s)
{
	bool busy = s->phase != IDLE && s->phase != DONE;

	if (busy)
		gyl_wipe(s->dk, s->dk_len);
	if (busy && !(s->flags & GYL_SCRYPT_KEEP))
		touched_wipe(s);
	gyl_wipe(s, sizeof *s);
}

/* As many lanes as processor, parts and memory allow; 0 when there is not memory for one. */
static uint32_t lanes_find(const struct gyl_scrypt_cost *cost, uint32_t cpu, size_t scratch_len)
{
	for (uint32_t lanes = lanes_round(lanes_of(cpu), cost->p); lanes != 0; lanes /= 2) {
		size_t need = gyl_scrypt_need(cost, lanes);

		if (need != 0 && need <= scratch_len)
			return lanes;
	}
	return 0;
}

static int refusal(
	const struct gyl_scrypt_cost *cost, size_t dk_len, uint32_t lane_cnt, const void *scratch)
{
	int err = gyl_scrypt_check(cost, dk_len);

	if (err != GYL_CRYPTO_OK)
		return err;
	if (gyl_scrypt_need(cost, 1) == 0)
		return GYL_CRYPTO_E_SIZE;
	if (lane_cnt == 0)
		return GYL_CRYPTO_E_SCRATCH_SMALL;
	if ((uintptr_t)scratch % GYL_SCRYPT_ALIGN != 0)
		return GYL_CRYPTO_E_SCRATCH_ALIGN;
	return GYL_CRYPTO_OK;
}

int gyl_scrypt_begin(struct gyl_scrypt *s, uint32_t cpu, const void *password, size_t password_len,
	const void *salt, size_t salt_len, const struct gyl_scrypt_cost *cost, uint8_t *dk,
	size_t dk_len, void *scratch, size_t scratch_len, unsigned flags)
{
	uint32_t lane_cnt = lanes_find(cost, cpu, scratch_len);
	int err = refusal(cost, dk_len, lane_cnt, scratch);

	gyl_wipe(s, sizeof *s);
	if (err != GYL_CRYPTO_E_LEN_BIG)
		gyl_wipe(dk, dk_len);
	if (err != GYL_CRYPTO_OK)
		return err;
	*s = (struct gyl_scrypt){.cost = *cost,
		.salt = salt,
		.salt_len = salt_len,
		.dk = dk,
		.dk_len = dk_len,
		.scratch = scratch,
		.lane_cnt = lane_cnt,
		.cpu = cpu,
		.flags = flags,
		.phase = SALT};
	return gyl_hmac_key_init(&s->key, GYL_HASH_SHA256, cpu, password, password_len);
}

int gyl_scrypt(uint32_t cpu, const void *password, size_t password_len, const void *salt,
	size_t salt_len, const struct gyl_scrypt_cost *cost, uint8_t *ret_dk, size_t dk_len,
	void *scratch, size_t scratch_len, unsigned flags)
{
	struct gyl_scrypt s;
	int err = gyl_scrypt_begin(&s, cpu, password, password_len, salt, salt_len, cost, ret_dk,
		dk_len, scratch, scratch_len, flags);

	if (err != GYL_CRYPTO_OK)
		return err;
	do
		err = gyl_scrypt_step(&s, SIZE_MAX);
	while (err == GYL_CRYPTO_MORE);
	return err;
}
