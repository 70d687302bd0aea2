/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_IDENT_H
#define GYL_LIBNET_SRC_IDENT_H

/*
 * Identifications of the datagrams we send. All of them have DF set, and need none (RFC 6864 4.1);
 * but there are tunnels that clear DF and cut datagrams up, and then two of one number become one.
 * A counter would serve, and tell everybody how much we send, to whom else too ("idle scan").
 *
 * So it is a counter behind a permutation with a secret key, a Feistel network of two octets: no
 * number comes again before all others were used (RFC 6864 4.3), and the next one is not to be told
 * from the last ones.
 */

#include <stdint.h>

enum {
	GYL__IDENT_ROUNDS = 6
};

struct gyl_ident {
	uint32_t key[GYL__IDENT_ROUNDS];
	uint16_t next;
};

/* splitmix64 (Steele, Lea and Flood 2014) spreads the seed over keys and start. */
static inline uint64_t gyl__ident_mix(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline struct gyl_ident gyl__ident(uint64_t seed)
{
	struct gyl_ident d;

	for (int i = 0; i < GYL__IDENT_ROUNDS; i++)
		d.key[i] = (uint32_t)(gyl__ident_mix(&seed) >> 32);
	d.next = (uint16_t)gyl__ident_mix(&seed);
	return d;
}

static inline uint16_t gyl__ident_next(struct gyl_ident *d)
{
	uint32_t left = (uint32_t)d->next >> 8, right = d->next & 0xff;

	d->next++;
	for (int i = 0; i < GYL__IDENT_ROUNDS; i++) {
		uint32_t mixed = (right ^ d->key[i]) * (d->key[i] | 1);
		uint32_t turned = (left ^ mixed >> 19) & 0xff;

		left = right;
		right = turned;
	}
	return (uint16_t)(left << 8 | right);
}

#endif
