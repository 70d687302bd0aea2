/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_MD_H
#define GYL_CRYPTO_MD_H

/*
 * What the three hashes have in common (Merkle and Damgard's construction): octets that come in
 * pieces are gathered to blocks, and the end is padded. Inlined into each of them, where the
 * members of struct gyl__md are constants.
 */

#include <gyl/crypto.h>

#include "crypto/src/bits.h"

/* A hash in progress, whichever it is. */
struct gyl__md {
	void (*blocks)(uint32_t cpu, void *h, const uint8_t *p, size_t block_cnt);
	void *h;
	uint64_t *len; /* octets so far */
	uint8_t *block;
	size_t block_len;
	uint32_t cpu;
};

/* Octets into the block that is begun; compresses it when it is full. Returns how many it took. */
static GYL__INLINE size_t gyl__md_fill(const struct gyl__md *m, const uint8_t *p, size_t len)
{
	size_t have = (size_t)(*m->len % m->block_len), room = m->block_len - have;
	size_t take = len < room ? len : room;

	memcpy(m->block + have, p, take);
	if (take == room)
		m->blocks(m->cpu, m->h, m->block, 1);
	return take;
}

static GYL__INLINE void gyl__md_update(const struct gyl__md *m, const uint8_t *p, size_t len)
{
	size_t head = 0, block_cnt;

	if (len == 0)
		return;
	if (*m->len % m->block_len != 0)
		head = gyl__md_fill(m, p, len);
	*m->len += len;
	block_cnt = (len - head) / m->block_len;
	if (block_cnt != 0)
		m->blocks(m->cpu, m->h, p + head, block_cnt);
	head += block_cnt * m->block_len;
	memcpy(m->block, p + head, len - head);
}

/* FIPS 180-4 5.1: a one bit, zeros, the length in bits as the last eighth of a block. */
static GYL__INLINE void gyl__md_pad(const struct gyl__md *m)
{
	size_t have = (size_t)(*m->len % m->block_len);

	m->block[have++] = 0x80;
	if (have > m->block_len - m->block_len / 8) {
		memset(m->block + have, 0, m->block_len - have);
		m->blocks(m->cpu, m->h, m->block, 1);
		have = 0;
	}
	memset(m->block + have, 0, m->block_len - have);
	gyl__store64_be(m->block + m->block_len - 8, *m->len << 3);
	if (m->block_len == 128)
		gyl__store64_be(m->block + m->block_len - 16, *m->len >> 61);
	m->blocks(m->cpu, m->h, m->block, 1);
}

#endif
