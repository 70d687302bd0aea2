/* SPDX-License-Identifier: ISC */

/* ChaCha20 beside libsodium, AES-256 beside OpenSSL, on parameters drawn anew in every run. */

#include "tests/support/support.h"

#include <gyl/aes256.h>
#include <gyl/chacha20.h>
#include <gyl/cpu.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

enum {
	TURN_CNT = 3000,
	LEN_MAX = 64 * 70
};

static const uint32_t chacha20_kernels[] = {0, GYL_CPU_SSE2, GYL_CPU_AVX2, GYL_CPU_AVX512VL,
	GYL_CPU_SSE2 | GYL_CPU_AVX2 | GYL_CPU_AVX512VL};

static uint8_t in[LEN_MAX], want[LEN_MAX], got[LEN_MAX];

static void store_le(uint8_t *p, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* A number that is often close to where a counter carries. */
static uint64_t draw_counter(void)
{
	uint64_t v, back = randombytes_uniform(80);

	switch (randombytes_uniform(4)) {
	case 0:
		return UINT32_MAX - back;
	case 1:
		return UINT64_MAX - back;
	default:
		randombytes_buf(&v, sizeof v);
		return v;
	}
}

/* RFC 8439: libsodium refuses a counter that would wrap, so it starts low enough. */
static void chacha20_xor(void **state)
{
	uint32_t have = gyl_cpu_detect();

	(void)state;
	for (unsigned turn = 0; turn < TURN_CNT; turn++) {
		uint32_t cpu = chacha20_kernels[turn % TEST_CNT(chacha20_kernels)];
		uint8_t key[32], nonce[12];
		size_t len = randombytes_uniform(LEN_MAX + 1);
		uint32_t counter = turn % 3 == 0 ? UINT32_MAX - 70 : randombytes_uniform(1u << 31);

		randombytes_buf(key, sizeof key);
		randombytes_buf(nonce, sizeof nonce);
		randombytes_buf(in, len);
		crypto_stream_chacha20_ietf_xor_ic(want, in, len, nonce, counter, key);
		gyl_chacha20_xor(cpu & have, key, nonce, counter, in, got, len);
		assert_memory_equal(got, want, len);
		gyl_chacha20_xor(cpu & have, key, nonce, counter, in, in, len);
		assert_memory_equal(in, want, len);
	}
}

/* The original layout counts in 64 bits and has no carry: blocks on either side of it are asked of
 * libsodium one by one. */
static void chacha20_blocks(void **state)
{
	uint32_t have = gyl_cpu_detect();

	(void)state;
	memset(in, 0, sizeof in);
	for (unsigned turn = 0; turn < TURN_CNT; turn++) {
		uint32_t cpu = chacha20_kernels[turn % TEST_CNT(chacha20_kernels)];
		uint64_t counter[2] = {draw_counter(), draw_counter()};
		size_t cnt = randombytes_uniform(LEN_MAX / 64 + 1);
		uint8_t key[32], nonce[8];

		randombytes_buf(key, sizeof key);
		for (size_t i = 0; i < cnt; i++) {
			uint64_t low = counter[0] + i;

			store_le(nonce, counter[1] + (low < i));
			crypto_stream_chacha20_xor_ic(want + 64 * i, in, 64, nonce, low, key);
		}
		gyl_chacha20_blocks(cpu & have, key, counter, got, cnt);
		assert_memory_equal(got, want, 64 * cnt);
	}
}

static void aes256_blocks(void **state)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint32_t have = gyl_cpu_detect();

	(void)state;
	assert_non_null(ctx);
	for (unsigned turn = 0; turn < TURN_CNT; turn++) {
		uint64_t counter[2] = {draw_counter(), draw_counter()};
		size_t cnt = randombytes_uniform(turn % 10 == 0 ? LEN_MAX / 16 + 1 : 12);
		struct gyl_aes256 a;
		uint8_t key[32];
		int len;

		randombytes_buf(key, sizeof key);
		for (size_t i = 0; i < cnt; i++) {
			uint64_t low = counter[0] + i;

			store_le(in + 16 * i, low);
			store_le(in + 16 * i + 8, counter[1] + (low < i));
		}
		assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_256_ecb(), NULL, key, NULL), 1);
		assert_int_equal(EVP_EncryptUpdate(ctx, want, &len, in, (int)(16 * cnt)), 1);
		gyl_aes256_init(&a, turn % 2 == 0 ? 0 : have, key);
		gyl_aes256_blocks(&a, counter, got, cnt);
		assert_memory_equal(got, want, 16 * cnt);
	}
	EVP_CIPHER_CTX_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chacha20_xor),
		cmocka_unit_test(chacha20_blocks),
		cmocka_unit_test(aes256_blocks),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
