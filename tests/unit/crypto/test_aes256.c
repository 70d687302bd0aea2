/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/aes256.h>
#include <gyl/cpu.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t cpu;
} kernels[] = {
	{"portable", 0},
	{"AES instructions", GYL_CPU_AES},
};

/* Every way that this machine has, one after the other. */
static void each_kernel(void (*fn)(uint32_t cpu))
{
	uint32_t have = gyl_cpu_detect();

	for (size_t i = 0; i < TEST_CNT(kernels); i++) {
		if ((kernels[i].cpu & ~have) != 0)
			continue;
		print_message("    %s\n", kernels[i].name);
		fn(kernels[i].cpu);
	}
}

/* FIPS 197 A.3: the first and the last words of the expanded key. */
static void key_expansion(uint32_t cpu)
{
	uint8_t key[GYL_AES256_KEY_LEN], want[240];
	struct gyl_aes256 a;

	hex_bytes("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4", key,
		sizeof key);
	gyl_aes256_init(&a, cpu, key);
	assert_memory_equal(a.round_key, key, sizeof key);
	hex_bytes("9ba354118e6925afa51a8b5f2067fcde a8b09c1a93d194cdbe49846eb75d5b9a", want, 32);
	assert_memory_equal(a.round_key + 32, want, 32);
	hex_bytes("fe4890d1e6188d0b046df344706c631e", want, 16);
	assert_memory_equal(a.round_key + 224, want, 16);
}

static void published(uint32_t cpu)
{
	static const struct {
		const char *key, *plain, *cipher;
	} cases[] = {
		/* FIPS 197 C.3 */
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
			"00112233445566778899aabbccddeeff", "8ea2b7ca516745bfeafc49904b496089"},
		/* NIST SP 800-38A F.1.5 */
		{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
			"6bc1bee22e409f96e93d7e117393172a", "f3eed1bdb5d2a03c064b5a7e3db181f8"},
		{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
			"ae2d8a571e03ac9c9eb76fac45af8e51", "591ccb10d410ed26dc5ba74a31362870"},
		/* NIST AESAVS, appendix B */
		{"0000000000000000000000000000000000000000000000000000000000000000",
			"014730f80ac625fe84f026c60bfd547d", "5c9d844ed46f9885085e5d6a4f94c7d7"},
	};

	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t key[32], block[16], want[16];
		struct gyl_aes256 a;

		assert_int_equal(hex_bytes(cases[i].key, key, sizeof key), sizeof key);
		assert_int_equal(hex_bytes(cases[i].plain, block, sizeof block), sizeof block);
		assert_int_equal(hex_bytes(cases[i].cipher, want, sizeof want), sizeof want);
		gyl_aes256_init(&a, cpu, key);
		gyl_aes256_encrypt(&a, block, block);
		assert_memory_equal(block, want, sizeof want);
	}
}

static uint8_t twice(uint8_t x)
{
	return (uint8_t)(x << 1 ^ (x >> 7) * 0x1b);
}

static uint8_t product(uint8_t a, uint8_t b)
{
	uint8_t sum = 0;

	for (; b != 0; b >>= 1, a = twice(a))
		sum ^= (uint8_t)((b & 1) * a);
	return sum;
}

/* FIPS 197 5.1.1 to the letter: the inverse by trying, bit i of bits i, i+4, i+5, i+6, i+7. */
static uint8_t s_box(uint8_t x)
{
	uint8_t inverse = 0, y = 0x63;

	while (x != 0 && product(x, inverse) != 1)
		inverse++;
	for (unsigned i = 0; i < 5; i++)
		y ^= (uint8_t)(inverse << i | inverse >> (8 - i));
	return y;
}

/*
 * All 256 values of the S-box, seen through the key expansion: when the key is zeros but for its
 * last word, which repeats an octet, word 8 is the S-box of that octet, with Rcon in front.
 */
static void s_box_values(uint32_t cpu)
{
	for (unsigned x = 0; x < 256; x++) {
		uint8_t key[32] = {0};
		struct gyl_aes256 a;

		memset(key + 28, (int)x, 4);
		gyl_aes256_init(&a, cpu, key);
		assert_int_equal(a.round_key[32], s_box((uint8_t)x) ^ 1);
		for (size_t i = 33; i < 36; i++)
			assert_int_equal(a.round_key[i], s_box((uint8_t)x));
	}
}

static void store_le(uint8_t *p, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Every number of blocks, and the carry wherever in a batch it falls. */
static void counter(uint32_t cpu)
{
	static const uint64_t around[][2] = {{0, 0}, {UINT32_MAX, 0}, {UINT64_MAX, 0},
		{UINT64_MAX, UINT32_MAX}, {UINT64_MAX, UINT64_MAX}};
	uint8_t key[32] = {1, 2, 3}, want[16 * 30], got[16 * 30 + 1];
	struct gyl_aes256 a;

	gyl_aes256_init(&a, cpu, key);
	for (size_t i = 0; i < TEST_CNT(around); i++)
		for (uint64_t back = 0; back < 10; back++)
			for (size_t cnt = 0; cnt <= 30; cnt++) {
				uint64_t c[2] = {
					around[i][0] - back, around[i][1] - (around[i][0] < back)};
				uint64_t at[2] = {c[0], c[1]};

				for (size_t k = 0; k < cnt; k++) {
					store_le(want + 16 * k, at[0]);
					store_le(want + 16 * k + 8, at[1]);
					at[1] += ++at[0] == 0;
					gyl_aes256_encrypt(&a, want + 16 * k, want + 16 * k);
				}
				memset(got, 0xa5, sizeof got);
				gyl_aes256_blocks(&a, c, got, cnt);
				assert_memory_equal(got, want, 16 * cnt);
				assert_int_equal(got[16 * cnt], 0xa5);
				assert_true(c[0] == at[0] && c[1] == at[1]);
			}
}

/* Both ways keep the same round keys: what one began the other goes on with. */
static void same_schedule(void **state)
{
	uint8_t key[32];
	struct gyl_aes256 a, b;

	(void)state;
	if ((gyl_cpu_detect() & GYL_CPU_AES) == 0)
		skip();
	memset(key, 0x5a, sizeof key);
	for (unsigned i = 0; i < 1000; i++) {
		gyl_aes256_init(&a, 0, key);
		gyl_aes256_init(&b, GYL_CPU_AES, key);
		assert_memory_equal(a.round_key, b.round_key, sizeof a.round_key);
		gyl_aes256_encrypt(&a, key, key);
		gyl_aes256_encrypt(&b, key + 16, key + 16);
	}
}

#define FOR_EACH_KERNEL(test)              \
	static void test##_all(void **arg) \
	{                                  \
		(void)arg;                 \
		each_kernel(test);         \
	}

FOR_EACH_KERNEL(key_expansion)
FOR_EACH_KERNEL(published)
FOR_EACH_KERNEL(s_box_values)
FOR_EACH_KERNEL(counter)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_expansion_all),
		cmocka_unit_test(published_all),
		cmocka_unit_test(s_box_values_all),
		cmocka_unit_test(counter_all),
		cmocka_unit_test(same_schedule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
