/* SPDX-License-Identifier: ISC */

/* Encrypts the block of FIPS 197 C.3, and makes the first blocks of a key stream. */

#include <gyl/aes256.h>
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <inttypes.h>
#include <stdio.h>

static void print(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x%s", p[i], i % 16 == 15 ? "\n" : "");
}

int main(void)
{
	uint8_t key[GYL_AES256_KEY_LEN], block[GYL_AES256_BLOCK_LEN];
	uint8_t stream[4 * GYL_AES256_BLOCK_LEN];
	uint64_t counter[2] = {1, 0};
	struct gyl_aes256 a;

	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof block; i++)
		block[i] = (uint8_t)(0x11 * i);
	gyl_aes256_init(&a, gyl_cpu_detect(), key);
	gyl_wipe(key, sizeof key);

	gyl_aes256_encrypt(&a, block, block);
	print(block, sizeof block);

	gyl_aes256_blocks(&a, counter, stream, sizeof stream / GYL_AES256_BLOCK_LEN);
	print(stream, sizeof stream);
	printf("the next block is number %" PRIu64 "\n", counter[0]);
	gyl_wipe(&a, sizeof a);
	return block[0] != 0x8e;
}
