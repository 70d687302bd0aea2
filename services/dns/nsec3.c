/* SPDX-License-Identifier: ISC */
#include "services/dns/nsec3.h"

#include <gyl/sha1.h>

enum {
	DIGIT_BITS = 5,
	GROUP_BITS = 40, /* five octets, eight digits */
	GROUP_LEN = 5,
	GROUP_DIGITS = 8
};

static void hash_once(struct gyl_view in, struct gyl_view salt, uint8_t ret_hash[GYL_DNS_HASH_LEN])
{
	struct gyl_sha1 s;

	gyl_sha1_init(&s, 0);
	gyl_sha1_update(&s, in.p, in.len);
	gyl_sha1_update(&s, salt.p, salt.len);
	gyl_sha1_final(&s, ret_hash);
}

void gyl_dns_nsec3_hash(struct gyl_view name, struct gyl_view salt, unsigned iterations,
	uint8_t ret_hash[GYL_DNS_HASH_LEN])
{
	hash_once(name, salt, ret_hash);
	while (iterations-- != 0)
		hash_once(gyl_view(ret_hash, GYL_DNS_HASH_LEN), salt, ret_hash);
}

void gyl_dns_nsec3_label(
	const uint8_t hash[GYL_DNS_HASH_LEN], uint8_t ret_text[GYL_DNS_HASH_TEXT_LEN])
{
	for (unsigned at = 0; at < GYL_DNS_HASH_LEN; at += GROUP_LEN) {
		uint64_t group = (uint64_t)hash[at] << 32 | gyl_get_u32(hash + at + 1);

		for (unsigned i = GROUP_DIGITS; i-- != 0; group >>= DIGIT_BITS) {
			unsigned digit = group & 31;

			ret_text[at / GROUP_LEN * GROUP_DIGITS + i] =
				(uint8_t)(digit < 10 ? '0' + digit : 'a' + digit - 10);
		}
	}
}

/* -1: it is none. */
static int digit_of(uint8_t c)
{
	c = gyl_dns_fold(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

bool gyl_dns_nsec3_unlabel(const uint8_t *label, uint8_t ret_hash[GYL_DNS_HASH_LEN])
{
	uint64_t group = 0;

	if (*label++ != GYL_DNS_HASH_TEXT_LEN)
		return false;
	for (unsigned i = 0; i < GYL_DNS_HASH_TEXT_LEN; i++) {
		int digit = digit_of(label[i]);

		if (digit < 0)
			return false;
		group = group << DIGIT_BITS | (unsigned)digit;
		if ((i + 1) % GROUP_DIGITS == 0)
			for (unsigned j = 0; j < GROUP_LEN; j++)
				ret_hash[i / GROUP_DIGITS * GROUP_LEN + j] =
					(uint8_t)(group >> (GROUP_BITS - 8 * (j + 1)));
	}
	return true;
}
