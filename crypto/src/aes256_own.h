/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_AES256_OWN_H
#define GYL_CRYPTO_AES256_OWN_H

/* AES instructions behind aes256.c: the same functions on the 240 octets of round keys. */

#include <stddef.h>
#include <stdint.h>

enum {
	GYL__AES256_ROUND_CNT = 14
};

void gyl__aes256_ni_init(uint8_t *round_key, const uint8_t *key);
void gyl__aes256_ni_encrypt(const uint8_t *round_key, const uint8_t *in, uint8_t *out);
void gyl__aes256_ni_blocks(
	const uint8_t *round_key, uint64_t *counter, uint8_t *out, size_t block_cnt);

#endif
