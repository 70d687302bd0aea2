/* SPDX-License-Identifier: ISC */

/*
 * usage: ct_check CHECK, below valgrind (check.sh)
 *
 * Runs a part of the library on secrets that memcheck takes for never written: it tells when one
 * decides a jump or an address. On every kernel whose instructions valgrind knows, which are all
 * but those of SHA and of AVX-512.
 */

#include "tests/ct/check.h"

#include <gyl/aes256.h>
#include <gyl/chacha20.h>
#include <gyl/ct.h>
#include <gyl/sha1.h>
#include <gyl/sha256.h>
#include <gyl/sha512.h>
#include <gyl/siphash.h>
#include <stdio.h>
#include <string.h>

#include "tests/ct/leaky.h"
#include "tests/support/kernels.h"

uint8_t check_secret[CHECK_SECRET_LEN], check_out[4096];

/* Whether they are equal is the answer, and may be known; where they differ is not. */
static void check_eq(uint32_t cpu)
{
	(void)cpu;
	for (size_t len = 0; len <= 64; len++) {
		bool equal = gyl_ct_eq(check_secret, check_secret + 64, len);

		unpoison(&equal, sizeof equal);
		if (equal != (len == 0))
			puts("gyl_ct_eq is wrong");
	}
}

static void check_siphash(uint32_t cpu)
{
	uint64_t key[2];

	(void)cpu;
	memcpy(key, check_secret, sizeof key);
	for (size_t len = 0; len < 33; len++)
		*(volatile uint64_t *)check_out = gyl_siphash(key, check_secret + 16, len);
}

/* Lengths are no secret: all ways that padding goes. */
static void check_hash(uint32_t cpu)
{
	struct gyl_sha1 sha1;
	struct gyl_sha256 sha256;
	struct gyl_sha512 sha512;

	for (size_t len = 0; len < 300; len += 13) {
		gyl_sha1_init(&sha1, cpu);
		gyl_sha1_update(&sha1, check_secret, len);
		gyl_sha1_final(&sha1, check_out);
		gyl_sha256_init(&sha256, cpu);
		gyl_sha256_update(&sha256, check_secret, len);
		gyl_sha256_final(&sha256, check_out);
		gyl_sha512_init(&sha512, cpu);
		gyl_sha512_update(&sha512, check_secret, len);
		gyl_sha512_final(&sha512, check_out);
	}
}

static void check_chacha20(uint32_t cpu)
{
	uint64_t counter[2] = {UINT64_MAX - 3, 7};

	gyl_chacha20_blocks(cpu, check_secret, counter, check_out, 17);
	for (size_t len = 1; len < CHECK_SECRET_LEN - 44; len += 61)
		gyl_chacha20_xor(
			cpu, check_secret, check_secret + 32, 1, check_secret + 44, check_out, len);
}

static void check_aes256(uint32_t cpu)
{
	uint64_t counter[2] = {UINT64_MAX - 3, 7};
	struct gyl_aes256 a;

	gyl_aes256_init(&a, cpu, check_secret);
	gyl_aes256_encrypt(&a, check_secret + 32, check_out);
	gyl_aes256_blocks(&a, counter, check_out, 17);
	gyl_wipe(&a, sizeof a);
}

static void check_leaky_eq(uint32_t cpu)
{
	bool equal = leaky_eq(check_secret, check_secret + 64, 64);

	(void)cpu;
	unpoison(&equal, sizeof equal);
	*(volatile bool *)check_out = equal;
}

static void check_leaky_table(uint32_t cpu)
{
	(void)cpu;
	check_out[0] = leaky_table(check_secret, 64);
}

static const struct {
	const char *name;
	void (*run)(uint32_t cpu);
} checks[] = {
	{"eq", check_eq},
	{"siphash", check_siphash},
	{"hash", check_hash},
	{"chacha20", check_chacha20},
	{"aes256", check_aes256},
	{"hmac", check_hmac},
	{"hkdf", check_hkdf},
	{"pbkdf2", check_pbkdf2},
	{"scrypt", check_scrypt},
	{"rng", check_rng},
	{"verify", check_verify},
	{"leaky_eq", check_leaky_eq},
	{"leaky_table", check_leaky_table},
};

static void on_every_kernel(void (*run)(uint32_t cpu))
{
	for (size_t k = 0; k < KERNELS_CNT; k++) {
		if (!kernels_here(&kernels[k]))
			continue;
		printf("%s\n", kernels[k].name);
		for (size_t i = 0; i < sizeof check_secret; i++)
			check_secret[i] = (uint8_t)(i * 131 + 7);
		poison(check_secret, sizeof check_secret);
		run(kernels[k].cpu);
		unpoison(check_out, sizeof check_out);
	}
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		if (argc == 2 && strcmp(argv[1], checks[i].name) == 0) {
			on_every_kernel(checks[i].run);
			return 0;
		}
	}
	fputs("usage: ct_check CHECK (the table in check.c)\n", stderr);
	return 64;
}
