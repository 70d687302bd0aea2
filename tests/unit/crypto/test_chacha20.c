/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/chacha20.h>
#include <gyl/cpu.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t cpu;
} kernels[] = {
	{"portable", 0},
	{"SSE2", GYL_CPU_SSE2},
	{"AVX2", GYL_CPU_AVX2},
	{"AVX-512", GYL_CPU_AVX512VL},
	{"every one for its part", GYL_CPU_AVX512VL | GYL_CPU_AVX2 | GYL_CPU_SSE2},
};

/* Every kernel that this machine has, one after the other. */
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

static void fill(uint8_t *p, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		p[i] = (uint8_t)(seed >> 16);
	}
}

/* RFC 8439 A.1, the key streams: key is zeros but for its last octet, so is the nonce. */
static void rfc_block(uint32_t cpu)
{
	static const struct {
		uint8_t key_last, key_second, nonce_last;
		uint32_t counter;
		const char *stream;
	} cases[] = {
		{0, 0, 0, 0,
			"76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
			"da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"},
		{0, 0, 0, 1,
			"9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
			"29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"},
		{1, 0, 0, 1,
			"3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
			"8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"},
		{0, 0xff, 0, 2,
			"72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca"
			"13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096"},
		{0, 0, 2, 0,
			"c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7"
			"8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d"},
	};

	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t key[32] = {0}, nonce[12] = {0}, want[64], got[64];

		key[31] = cases[i].key_last;
		key[1] = cases[i].key_second;
		nonce[11] = cases[i].nonce_last;
		assert_int_equal(hex_bytes(cases[i].stream, want, sizeof want), sizeof want);
		gyl_chacha20_xor(cpu, key, nonce, cases[i].counter, NULL, got, sizeof got);
		assert_memory_equal(got, want, sizeof want);
	}
}

/* RFC 8439 2.4.2. */
static void rfc_message(uint32_t cpu)
{
	static const char text[] = "Ladies and Gentlemen of the class of '99: If I could offer you "
				   "only one tip for the future, sunscreen would be it.";
	uint8_t key[32], nonce[12], want[114], got[114];

	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)i;
	hex_bytes("000000000000004a00000000", nonce, sizeof nonce);
	assert_int_equal(
		hex_bytes("6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
			  "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
			  "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
			  "5af90bbf74a35be6b40b8eedf2785e42874d",
			want, sizeof want),
		sizeof want);
	gyl_chacha20_xor(cpu, key, nonce, 1, text, got, sizeof got);
	assert_memory_equal(got, want, sizeof want);
}

/* One block at a time in portable C, counted by hand: the judge of what follows. */
static void slow_blocks(const uint8_t *key, const uint64_t counter[2], uint8_t *out, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		uint64_t at[2] = {counter[0] + i, counter[1] + (counter[0] + i < i)};

		gyl_chacha20_blocks(0, key, at, out + 64 * i, 1);
	}
}

/* The counter carries wherever a batch is when it does, and says afterwards how far it got. */
static void counter(uint32_t cpu)
{
	static const uint64_t around[][2] = {{0, 0}, {UINT32_MAX, 0},
		{UINT64_C(0xffffffff00000000), 7}, {UINT64_MAX, 0}, {UINT64_MAX, UINT32_MAX},
		{UINT64_MAX, UINT64_MAX - 1}, {UINT64_MAX, UINT64_MAX}};
	uint8_t key[32], want[64 * 40], got[64 * 40];

	fill(key, sizeof key, 1);
	for (size_t i = 0; i < TEST_CNT(around); i++)
		for (uint64_t back = 0; back<34; back += back> 18 ? 2 : 1)
			for (size_t cnt = 0; cnt <= 40; cnt += back == 3 ? 1 : 2) {
				uint64_t start[2] = {
					around[i][0] - back, around[i][1] - (around[i][0] < back)};
				uint64_t c[2] = {start[0], start[1]};

				slow_blocks(key, start, want, cnt);
				memset(got, 0xa5, sizeof got);
				gyl_chacha20_blocks(cpu, key, c, got, cnt);
				assert_memory_equal(got, want, 64 * cnt);
				assert_true(cnt == 40 || got[64 * cnt] == 0xa5);
				assert_true(c[0] == start[0] + cnt);
				assert_true(c[1] == start[1] + (c[0] < cnt));
			}
}

/* Every length, from any address to any address, in place, and without input. */
static void lengths(uint32_t cpu)
{
	enum {
		MAX = 1100
	};
	uint8_t key[32], nonce[12], stream[MAX + 64], in[MAX + 8], want[MAX], got[MAX + 8];

	fill(key, sizeof key, 2);
	fill(nonce, sizeof nonce, 3);
	fill(in, sizeof in, 4);
	for (uint32_t i = 0; i < sizeof stream / 64; i++)
		gyl_chacha20_xor(0, key, nonce, 5 + i, NULL, stream + 64 * i, 64);
	for (size_t len = 0; len <= MAX; len++) {
		uint8_t *from = in + len % 3, *to = got + len % 5;

		for (size_t i = 0; i < len; i++)
			want[i] = from[i] ^ stream[i];
		memset(got, 0xa5, sizeof got);
		gyl_chacha20_xor(cpu, key, nonce, 5, from, to, len);
		assert_memory_equal(to, want, len);
		assert_int_equal(to[len], 0xa5);
		gyl_chacha20_xor(cpu, key, nonce, 5, to, to, len);
		assert_memory_equal(to, from, len);
		gyl_chacha20_xor(cpu, key, nonce, 5, NULL, to, len);
		assert_memory_equal(to, stream, len);
		assert_int_equal(to[len], 0xa5);
	}
}

/* A generator overwrites its key with the first blocks. */
static void key_in_output(uint32_t cpu)
{
	uint8_t key[32], want[1024], state[1024];
	uint64_t a[2] = {1, 0}, b[2] = {1, 0};

	fill(key, sizeof key, 6);
	memcpy(state, key, sizeof key);
	gyl_chacha20_blocks(0, key, a, want, 16);
	gyl_chacha20_blocks(cpu, state, b, state, 16);
	assert_memory_equal(state, want, sizeof want);
}

#define FOR_EACH_KERNEL(test)              \
	static void test##_all(void **arg) \
	{                                  \
		(void)arg;                 \
		each_kernel(test);         \
	}

FOR_EACH_KERNEL(rfc_block)
FOR_EACH_KERNEL(rfc_message)
FOR_EACH_KERNEL(counter)
FOR_EACH_KERNEL(lengths)
FOR_EACH_KERNEL(key_in_output)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_block_all),
		cmocka_unit_test(rfc_message_all),
		cmocka_unit_test(counter_all),
		cmocka_unit_test(lengths_all),
		cmocka_unit_test(key_in_output_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
