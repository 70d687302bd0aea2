/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/aes256.h>
#include <gyl/chacha20.h>
#include <gyl/cpu.h>
#include <gyl/rng.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/src/bits.h"
#include "crypto/src/rng_own.h"

enum {
	HAND = GYL_RNG_BATCH_LEN - GYL_RNG_KEY_LEN,
	WINDOW = 8 /* so many equal octets are no chance */
};

static const enum gyl_rng_kind kinds[] = {
	GYL_RNG_CHACHA20, GYL_RNG_CHACHA20_STRICT, GYL_RNG_AES256};

static void seeded_on(
	struct gyl_rng *g, enum gyl_rng_kind kind, const char *seed, uint32_t cpu, unsigned flags)
{
	gyl_rng_init(g, kind, cpu, flags);
	gyl_rng_reseed(g, seed, strlen(seed));
}

static void seeded(struct gyl_rng *g, enum gyl_rng_kind kind)
{
	seeded_on(g, kind, "a seed for tests", gyl_cpu_detect(), 0);
}

static bool all_zero(const void *p, size_t len)
{
	const uint8_t *at = p;

	while (len != 0 && at[len - 1] == 0)
		len--;
	return len == 0;
}

/* Do any WINDOW octets of needle occur in the object? */
static bool occurs(const void *object, size_t object_len, const uint8_t *needle, size_t len)
{
	const uint8_t *hay = object;

	for (size_t i = 0; i + WINDOW <= len; i++)
		for (size_t k = 0; k + WINDOW <= object_len; k++)
			if (memcmp(hay + k, needle + i, WINDOW) == 0)
				return true;
	return false;
}

/* --- no output without a seed --- */

static void refuses(struct gyl_rng *g)
{
	static const size_t lens[] = {1, 8, 16, 992, 993, 5000};
	uint8_t out[5000];
	uint64_t u64 = 1;
	uint32_t u32 = 1;
	uint16_t u16 = 1;

	for (size_t i = 0; i < TEST_CNT(lens); i++) {
		memset(out, 0xa5, sizeof out);
		assert_int_equal(gyl_rng_read(g, out, lens[i]), GYL_CRYPTO_E_UNSEEDED);
		assert_true(all_zero(out, lens[i]));
	}
	assert_int_equal(gyl_rng_read(g, NULL, 0), GYL_CRYPTO_E_UNSEEDED);
	assert_int_equal(gyl_rng_u16(g, &u16), GYL_CRYPTO_E_UNSEEDED);
	assert_int_equal(gyl_rng_u32(g, &u32), GYL_CRYPTO_E_UNSEEDED);
	assert_int_equal(gyl_rng_u64(g, &u64), GYL_CRYPTO_E_UNSEEDED);
	assert_true(u16 == 0 && u32 == 0 && u64 == 0);
	u64 = 1;
	assert_int_equal(gyl_rng_below(g, 10, &u64), GYL_CRYPTO_E_UNSEEDED);
	assert_true(u64 == 0);
	gyl_rng_drop(g);
	assert_int_equal(gyl_rng_read(g, out, 8), GYL_CRYPTO_E_UNSEEDED);
}

static void unseeded(void **state)
{
	struct gyl_rng g;
	uint8_t out[8];

	(void)state;
	memset(&g, 0, sizeof g);
	refuses(&g);
	/* a kind of 0 is what a fork left; a seed does not make a generator of it */
	gyl_rng_reseed(&g, "seed", 4);
	refuses(&g);
	for (size_t i = 0; i < TEST_CNT(kinds); i++) {
		gyl_rng_init(&g, kinds[i], gyl_cpu_detect(), GYL_RNG_HEDGE);
		refuses(&g);
		gyl_rng_reseed(&g, "seed", 4);
		assert_int_equal(gyl_rng_read(&g, out, sizeof out), GYL_CRYPTO_OK);
		assert_false(all_zero(out, sizeof out));
		gyl_rng_wipe(&g);
		assert_true(all_zero(g.key, sizeof g.key) && all_zero(g.batch, sizeof g.batch));
		refuses(&g);
		gyl_rng_reseed(&g, "seed", 4);
		assert_int_equal(gyl_rng_read(&g, out, sizeof out), GYL_CRYPTO_OK);
	}
}

/* --- the construction --- */

/* Streams of kind CHACHA20 by hand: what is handed out of batches, the next key. */
struct model {
	uint8_t key[GYL_RNG_KEY_LEN];
	uint64_t stream;
};

static void model_batch(struct model *m, uint8_t *ret_hand)
{
	uint8_t batch[GYL_RNG_BATCH_LEN];
	uint64_t at[2] = {m->stream++ << 16, 0};

	gyl_chacha20_blocks(0, m->key, at, batch, sizeof batch / GYL_CHACHA20_BLOCK_LEN);
	memcpy(m->key, batch, sizeof m->key);
	memcpy(ret_hand, batch + sizeof m->key, HAND);
}

/* However reads are cut, the octets are those of the batches; and with every set of instructions.
 */
static void batches(void **state)
{
	static const size_t cuts[] = {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100, 991, 992};
	static uint8_t want[4 * HAND], got[4 * HAND];
	uint32_t masks[] = {0, GYL_CPU_SSE2, gyl_cpu_detect()};
	struct model m = {.stream = 1};
	struct gyl_rng g;

	(void)state;
	seeded(&g, GYL_RNG_CHACHA20);
	memcpy(m.key, g.key, sizeof m.key);
	for (size_t i = 0; i < 4; i++)
		model_batch(&m, want + i * HAND);
	for (size_t i = 0; i < TEST_CNT(cuts) * TEST_CNT(masks); i++) {
		size_t cut = cuts[i / TEST_CNT(masks)], at = 0;

		seeded_on(&g, GYL_RNG_CHACHA20, "a seed for tests", masks[i % TEST_CNT(masks)], 0);
		while (at < sizeof got) {
			size_t len = cut < sizeof got - at ? cut : sizeof got - at;

			assert_int_equal(gyl_rng_read(&g, got + at, len), GYL_CRYPTO_OK);
			at += len;
		}
		assert_memory_equal(got, want, sizeof got);
		assert_memory_equal(g.key, m.key, sizeof m.key);
	}
}

/* Above 992 octets: 32 of the batch are the key of a stream, 2^20 octets at most, that goes
 * straight out. */
static void long_requests(void **state)
{
	static const size_t lens[] = {993, 1024, 5000, GYL_RNG_PIECE_LEN, GYL_RNG_PIECE_LEN + 1};
	static const uint8_t zeros[12];
	uint8_t *got = malloc(GYL_RNG_PIECE_LEN + 2), *want = malloc(GYL_RNG_PIECE_LEN);
	struct model m;
	struct gyl_rng g;

	(void)state;
	assert_true(got != NULL && want != NULL && all_zero(zeros, sizeof zeros));
	for (size_t i = 0; i < TEST_CNT(lens); i++) {
		size_t len = lens[i] < GYL_RNG_PIECE_LEN ? lens[i] : GYL_RNG_PIECE_LEN;
		size_t block_cnt = (len + 63) / 64;
		uint64_t at[2] = {2 << 16, 0};
		uint8_t hand[HAND], one[64];

		seeded(&g, GYL_RNG_CHACHA20);
		memcpy(m.key, g.key, sizeof m.key);
		m.stream = 1;
		model_batch(&m, hand);
		gyl_chacha20_blocks(0, hand, at, want, len / 64);
		if (block_cnt > len / 64) {
			gyl_chacha20_blocks(0, hand, at, one, 1);
			memcpy(want + len / 64 * 64, one, len % 64);
		}
		got[lens[i]] = 0xa5;
		assert_int_equal(gyl_rng_read(&g, got, lens[i]), GYL_CRYPTO_OK);
		assert_memory_equal(got, want, len);
		assert_int_equal(got[lens[i]], 0xa5);
		if (lens[i] == GYL_RNG_PIECE_LEN + 1) {
			at[0] = 3 << 16, at[1] = 0;
			gyl_chacha20_blocks(0, hand + 32, at, one, 1);
			assert_int_equal(got[GYL_RNG_PIECE_LEN], one[0]);
		}
		assert_true(all_zero(g.batch, (lens[i] > GYL_RNG_PIECE_LEN ? 3 : 2) * 32));
		assert_int_equal(g.left, HAND - (lens[i] > GYL_RNG_PIECE_LEN ? 64 : 32));
	}
	free(got);
	free(want);
}

static void made(struct gyl_rng *g, uint8_t *out, size_t block_cnt)
{
	if (g->kind == GYL_RNG_AES256) {
		struct gyl_aes256 aes;

		gyl_aes256_init(&aes, 0, g->key);
		gyl_aes256_blocks(&aes, g->counter, out, block_cnt);
	} else {
		gyl_chacha20_blocks(0, g->key, g->counter, out, block_cnt);
	}
}

/*
 * Strict kinds: the next key comes from blocks after all that the request has, even when the last
 * of those is not used up. A generator that rounds differently hands its next key out.
 */
static void strict_keys(void **state)
{
	static const size_t lens[] = {
		1, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 191, 192, 193, 200, 1000, 4096, 4097};
	static uint8_t want[8192], got[4098];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(lens) * 2; i++) {
		size_t len = lens[i / 2], block_len, block_cnt;
		struct gyl_rng g, by_hand;

		seeded(&g, kinds[1 + i % 2]);
		g.counter[0] = UINT64_MAX; /* and the carry */
		by_hand = g;
		block_len = g.kind == GYL_RNG_AES256 ? 16 : 64;
		block_cnt = (len + block_len - 1) / block_len;
		made(&by_hand, want, block_cnt + (g.kind == GYL_RNG_AES256 ? 2 : 1));
		got[len] = 0xa5;
		assert_int_equal(gyl_rng_read(&g, got, len), GYL_CRYPTO_OK);
		assert_int_equal(got[len], 0xa5);
		assert_memory_equal(got, want, len);
		assert_memory_equal(g.key, want + block_cnt * block_len, sizeof g.key);
		assert_false(occurs(&g, sizeof g, got, len));
		assert_memory_equal(g.counter, by_hand.counter, sizeof g.counter);
		assert_true(g.counter[1] == 1);
	}
}

/* 2^20 octets a key; the last piece may be short. */
static void strict_pieces(void **state)
{
	uint8_t *got = malloc(GYL_RNG_PIECE_LEN + 1), *want = malloc(GYL_RNG_PIECE_LEN);

	(void)state;
	assert_true(got != NULL && want != NULL);
	for (size_t i = 1; i < TEST_CNT(kinds); i++) {
		struct gyl_rng g, pieces;
		uint8_t last;

		seeded(&g, kinds[i]);
		pieces = g;
		assert_int_equal(gyl_rng_read(&g, got, GYL_RNG_PIECE_LEN + 1), GYL_CRYPTO_OK);
		gyl_rng_read(&pieces, want, GYL_RNG_PIECE_LEN);
		gyl_rng_read(&pieces, &last, 1);
		assert_memory_equal(got, want, GYL_RNG_PIECE_LEN);
		assert_int_equal(got[GYL_RNG_PIECE_LEN], last);
		assert_memory_equal(&g, &pieces, sizeof g);
	}
	free(got);
	free(want);
}

static void nothing_asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(kinds); i++) {
		struct gyl_rng g, before;

		seeded(&g, kinds[i]);
		before = g;
		assert_int_equal(gyl_rng_read(&g, NULL, 0), GYL_CRYPTO_OK);
		assert_memory_equal(&g, &before, sizeof g);
	}
}

/* The number of a stream goes on into the high half; 2^64 of them do not make it unseeded. */
static void counter_carries(void **state)
{
	struct gyl_rng g;
	uint8_t out[HAND];

	(void)state;
	seeded(&g, GYL_RNG_CHACHA20);
	g.counter[0] = UINT64_MAX;
	assert_int_equal(gyl_rng_read(&g, out, sizeof out), GYL_CRYPTO_OK);
	assert_true(g.counter[0] == 0 && g.counter[1] == 1);
	assert_int_equal(gyl_rng_read(&g, out, sizeof out), GYL_CRYPTO_OK);
	assert_true(g.counter[0] == 1 && g.counter[1] == 1);
}

/* --- what is nowhere any more --- */

static void backtracking(void **state)
{
	static const size_t lens[] = {8, 9, 16, 17, 24, 32, 33, 64, 500, 991, 992, 993, 1024, 3000};
	static uint8_t out[3000];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(kinds) * TEST_CNT(lens); i++) {
		size_t len = lens[i / TEST_CNT(kinds)];
		uint8_t key[GYL_RNG_KEY_LEN];
		struct gyl_rng g;

		seeded_on(&g, kinds[i % TEST_CNT(kinds)], "seed", gyl_cpu_detect(), GYL_RNG_HEDGE);
		for (unsigned turn = 0; turn < 3; turn++) {
			memcpy(key, g.key, sizeof key);
			gyl_rng_read(&g, out, len);
			assert_false(occurs(&g, sizeof g, out, len));
			if (turn == 0 || g.kind != GYL_RNG_CHACHA20)
				assert_false(occurs(&g, sizeof g, key, sizeof key));
		}
	}
}

/* After every request, whatever its length: zeros in front, the next key nowhere in the batch. */
static void zeroed_as_they_leave(void **state)
{
	struct gyl_rng g;
	uint8_t out[64];

	(void)state;
	seeded(&g, GYL_RNG_CHACHA20);
	for (size_t len = 1; len < 3000; len++) {
		size_t used;

		gyl_rng_read(&g, out, len % sizeof out);
		used = g.left == 0 ? 0 : sizeof g.batch - g.left;
		assert_true(all_zero(g.batch, used));
		assert_false(occurs(g.batch, sizeof g.batch, g.key, sizeof g.key));
	}
}

static void numbers_leave_nothing(void **state)
{
	struct gyl_rng g;
	uint64_t v, n;

	(void)state;
	seeded(&g, GYL_RNG_CHACHA20);
	for (size_t used = GYL_RNG_KEY_LEN; used + 16 <= sizeof g.batch; used += 16) {
		gyl_rng_u64(&g, &v);
		gyl_rng_below(&g, 1000, &n);
		assert_false(occurs(&g, sizeof g, (const uint8_t *)&v, sizeof v));
		assert_true(all_zero(g.batch, used + 16));
	}
}

/* --- seeds --- */

/* forge #520: what the key was counts, and only a reseed is a reseed. */
static void old_key_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(kinds); i++) {
		struct gyl_rng a, b;
		uint8_t out[100];

		seeded_on(&a, kinds[i], "one", 0, 0);
		seeded_on(&b, kinds[i], "other", 0, 0);
		for (unsigned n = 0; n < 50; n++)
			gyl_rng_read(&a, out, sizeof out);
		assert_true(a.reseed_cnt == 1);
		gyl_rng_reseed(&a, "same", 4);
		gyl_rng_reseed(&b, "same", 4);
		assert_true(a.reseed_cnt == 2);
		assert_memory_not_equal(a.key, b.key, sizeof a.key);
		assert_true(a.left == 0 && all_zero(a.batch, sizeof a.batch));
	}
}

static void drop(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(kinds); i++) {
		struct gyl_rng g, copy;
		uint8_t a[32], b[32];

		seeded(&g, kinds[i]);
		gyl_rng_read(&g, a, 1);
		copy = g;
		gyl_rng_drop(&g);
		assert_true(g.left == 0 && all_zero(g.batch, sizeof g.batch));
		assert_memory_not_equal(g.key, copy.key, sizeof g.key);
		gyl_rng_read(&g, a, sizeof a);
		gyl_rng_read(&copy, b, sizeof b);
		assert_memory_not_equal(a, b, sizeof a);
	}
}

/* --- clones --- */

#if defined(__x86_64__)
/* The hedge stays off the bits that number blocks, on every turn. */
static void hedge_bits(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		uint64_t at[2] = {0x1234, 0};

		gyl__rng_hedge(gyl_cpu_detect(), at);
		assert_true((at[0] & 0xffff) == 0x1234);
		assert_true(at[1] != 0);
	}
}
#endif

static void clones(void **state)
{
	static const struct {
		uint32_t cpu;
		unsigned flags;
		bool differ;
	} cases[] = {
		{GYL_CPU_ALL, 0, false},
		{0, GYL_RNG_HEDGE, false},
#if defined(__x86_64__)
		{GYL_CPU_SSE2, GYL_RNG_HEDGE, true},
		{GYL_CPU_ALL, GYL_RNG_HEDGE, true},
#endif
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t a[HAND], b[HAND];
		struct gyl_rng g, clone;

		seeded_on(&g, GYL_RNG_CHACHA20, "snapshot", cases[i].cpu & gyl_cpu_detect(),
			cases[i].flags);
		gyl_rng_read(&g, a, 100);
		clone = g;
		/* what waits in the batch is common to both; the batch after it is not */
		gyl_rng_read(&g, a, HAND - 100);
		gyl_rng_read(&clone, b, HAND - 100);
		assert_memory_equal(a, b, HAND - 100);
		gyl_rng_read(&g, a, HAND);
		gyl_rng_read(&clone, b, HAND);
		assert_true((memcmp(a, b, HAND) != 0) == cases[i].differ);
		if (cases[i].differ) { /* nor is any part of it, nor the key */
			assert_false(occurs(a, sizeof a, b, sizeof b));
			assert_false(occurs(a, sizeof a, clone.key, sizeof clone.key));
		}
	}
}

/* With a new key for each request nothing is common to clones, and the AES kind has no hedge. */
static void strict_clones(void **state)
{
	(void)state;
	for (size_t i = 1; i < TEST_CNT(kinds); i++) {
		uint8_t a[64], b[64];
		struct gyl_rng g, clone;

		seeded_on(&g, kinds[i], "snapshot", gyl_cpu_detect(), GYL_RNG_HEDGE);
		clone = g;
		gyl_rng_read(&g, a, sizeof a);
		gyl_rng_read(&clone, b, sizeof b);
#if defined(__x86_64__)
		if (kinds[i] == GYL_RNG_CHACHA20_STRICT) {
			assert_false(occurs(a, sizeof a, b, sizeof b));
			assert_memory_not_equal(g.key, clone.key, sizeof g.key);
			continue;
		}
#endif
		assert_memory_equal(a, b, sizeof a);
	}
}

/* A child goes on like its parent, until another seed comes. (In pages that a fork wipes there is
 * no generator any more: test_fortuna.c.) */
static void after_fork(void **state)
{
	uint8_t ours[16], theirs[32];
	struct gyl_rng g;
	int fd[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	seeded(&g, GYL_RNG_CHACHA20);
	gyl_rng_read(&g, ours, sizeof ours);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		gyl_rng_read(&g, theirs, 16);
		gyl_rng_reseed(&g, "child", 5);
		gyl_rng_read(&g, theirs + 16, 16);
		_exit(write(fd[1], theirs, sizeof theirs) != (ssize_t)sizeof theirs);
	}
	assert_int_equal(read(fd[0], theirs, sizeof theirs), sizeof theirs);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	gyl_rng_read(&g, ours, sizeof ours);
	assert_memory_equal(theirs, ours, sizeof ours);
	gyl_rng_read(&g, ours, sizeof ours);
	assert_memory_not_equal(theirs + 16, ours, sizeof ours);
	close(fd[0]);
	close(fd[1]);
}

/* --- numbers --- */

/* A generator whose next numbers are those of x. */
static void loaded(struct gyl_rng *g, const uint64_t *x, size_t cnt)
{
	uint8_t *at = g->batch + sizeof g->batch - 8 * cnt;

	seeded_on(g, GYL_RNG_CHACHA20, "seed", 0, 0);
	for (size_t i = 0; i < 8 * cnt; i++)
		at[i] = (uint8_t)(x[i / 8] >> (8 * (i % 8)));
	g->left = (uint16_t)(8 * cnt);
}

static void numbers(void **state)
{
	static const uint64_t x[] = {0x8877665544332211u, 0x1122334455667788u};
	struct gyl_rng g;
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	(void)state;
	loaded(&g, x, 2);
	assert_int_equal(gyl_rng_u16(&g, &u16), GYL_CRYPTO_OK);
	assert_int_equal(u16, 0x2211);
	assert_int_equal(gyl_rng_u32(&g, &u32), GYL_CRYPTO_OK);
	assert_int_equal(u32, 0x66554433);
	assert_int_equal(gyl_rng_u16(&g, &u16), GYL_CRYPTO_OK);
	assert_int_equal(u16, 0x8877);
	assert_int_equal(gyl_rng_u64(&g, &u64), GYL_CRYPTO_OK);
	assert_true(u64 == x[1]);
	assert_int_equal(g.left, 0);
}

/* Numbers are the octets of reads, across the end of a batch too and in every kind. */
static void numbers_are_octets(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(kinds); i++) {
		struct gyl_rng g, same;
		uint8_t want[8];

		seeded(&g, kinds[i]);
		same = g;
		for (unsigned n = 0; n < 500; n++) {
			uint64_t u64;
			uint32_t u32;
			uint16_t u16;

			gyl_rng_u64(&g, &u64);
			gyl_rng_read(&same, want, 8);
			assert_true(u64 == gyl__load64_le(want));
			gyl_rng_u32(&g, &u32);
			gyl_rng_read(&same, want, 4);
			assert_int_equal(u32, gyl__load32_le(want));
			gyl_rng_u16(&g, &u16);
			gyl_rng_read(&same, want, 2);
			assert_int_equal(u16, want[0] | want[1] << 8);
			gyl_rng_read(&g, want, 1);
			gyl_rng_read(&same, want, 1);
		}
	}
}

/* What below() makes of x; UINT64_MAX when it turned x down. */
static uint64_t below_of(uint64_t x, uint64_t bound)
{
	const uint64_t in[2] = {x, x == 0 ? 1 : UINT64_MAX};
	struct gyl_rng g;
	uint64_t n = UINT64_MAX;

	loaded(&g, in, 2);
	assert_int_equal(gyl_rng_below(&g, bound, &n), GYL_CRYPTO_OK);
	assert_true(n < bound);
	return g.left == 8 ? n : UINT64_MAX;
}

/* Rows around the values that are turned down: the low half of x bound below 2^64 mod bound. */
static void below_rows(void **state)
{
	static const struct {
		uint64_t bound, x, want; /* UINT64_MAX: turned down */
	} cases[] = {
		{1, 0, 0},
		{1, UINT64_MAX, 0},
		{2, 0x7fffffffffffffffu, 0},
		{2, 0x8000000000000000u, 1},
		{UINT64_C(1) << 63, 1, 0},
		{UINT64_C(1) << 63, 2, 1},
		{3, 0, UINT64_MAX},
		{3, 1, 0},
		{3, 0x5555555555555555u, 0},
		{3, 0x5555555555555556u, 1},
		{3, UINT64_MAX, 2},
		{10, 0, UINT64_MAX}, /* 2^64 mod 10 = 6 */
		{10, 1, 0},
		{10, 0x199999999999999au, UINT64_MAX}, /* low half 4 */
		{10, 0x199999999999999bu, 1},
		{UINT64_MAX, 0, UINT64_MAX},
		{UINT64_MAX, 1, 0},
		{UINT64_MAX, 0x8000000000000000u, 0x7fffffffffffffffu},
		{UINT64_MAX, UINT64_MAX, UINT64_MAX - 1},
		{0x8000000000000001u, 0, UINT64_MAX}, /* almost every other one */
		{0x8000000000000001u, 1, 0},
		{0x8000000000000001u, 2, UINT64_MAX},
		{0x8000000000000001u, 3, 1},
		{0x8000000000000001u, UINT64_MAX, 0x8000000000000000u},
	};
	struct gyl_rng g;
	uint64_t n = 1;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_true(below_of(cases[i].x, cases[i].bound) == cases[i].want);
	seeded(&g, GYL_RNG_CHACHA20);
	assert_int_equal(gyl_rng_below(&g, 0, &n), GYL_CRYPTO_E_BOUND);
	assert_true(n == 0);
}

/*
 * Exact, without drawing: the values of x that become v are an interval, and only its first may be
 * turned down. For every bound here each v keeps floor(2^64 / bound) of them, so all are alike.
 */
static void below_is_fair(void **state)
{
	(void)state;
	for (uint64_t bound = 2; bound <= 40; bound++) {
		uint64_t share = (UINT64_MAX - bound + 1) / bound + 1, rest = 0 - share * bound;
		uint64_t start = 0, carry = 0; /* start = ceil(v 2^64 / bound) */

		for (uint64_t v = 0; v < bound; v++) {
			uint64_t next, first = start;

			/* v+1 times the share and the parts that do not divide */
			carry = (v + 1) * rest;
			next = (v + 1) * share + (carry + bound - 1) / bound;
			assert_true(below_of(next - 1, bound) == v);
			while (below_of(first, bound) == UINT64_MAX)
				first++;
			assert_true(below_of(first, bound) == v);
			assert_true(first - start <= 1);
			assert_true(next - first == share);
			start = next;
		}
		assert_true(start == 0); /* 2^64 */
	}
}

/* Coarse, against blunders of plumbing: a die, 60,000 throws, five standard deviations. */
static void die(void **state)
{
	unsigned cnt[6] = {0}, bits[64] = {0};
	struct gyl_rng g;

	(void)state;
	seeded(&g, GYL_RNG_CHACHA20);
	for (unsigned i = 0; i < 60000; i++) {
		uint64_t n;

		gyl_rng_below(&g, 6, &n);
		cnt[n]++;
		gyl_rng_u64(&g, &n);
		for (unsigned k = 0; k < 64; k++)
			bits[k] += (unsigned)(n >> k & 1);
	}
	for (unsigned i = 0; i < 6; i++)
		assert_in_range(cnt[i], 10000 - 456, 10000 + 456);
	for (unsigned i = 0; i < 64; i++)
		assert_in_range(bits[i], 30000 - 612, 30000 + 612);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unseeded),
		cmocka_unit_test(batches),
		cmocka_unit_test(long_requests),
		cmocka_unit_test(strict_keys),
		cmocka_unit_test(strict_pieces),
		cmocka_unit_test(nothing_asked),
		cmocka_unit_test(counter_carries),
		cmocka_unit_test(backtracking),
		cmocka_unit_test(zeroed_as_they_leave),
		cmocka_unit_test(numbers_leave_nothing),
		cmocka_unit_test(old_key_counts),
		cmocka_unit_test(drop),
#if defined(__x86_64__)
		cmocka_unit_test(hedge_bits),
#endif
		cmocka_unit_test(clones),
		cmocka_unit_test(strict_clones),
		cmocka_unit_test(after_fork),
		cmocka_unit_test(numbers),
		cmocka_unit_test(numbers_are_octets),
		cmocka_unit_test(below_rows),
		cmocka_unit_test(below_is_fair),
		cmocka_unit_test(die),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
