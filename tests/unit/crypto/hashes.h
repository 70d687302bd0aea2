/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_CRYPTO_HASHES_H
#define GYL_TESTS_CRYPTO_HASHES_H

/* The hashes behind one face. */

#include <gyl/hmac.h>

struct any_hash {
	enum gyl_hash hash;
	union {
		struct gyl_sha1 sha1;
		struct gyl_sha256 sha256;
		struct gyl_sha512 sha512;
	} s;
};

static inline void any_init(struct any_hash *a, enum gyl_hash hash, uint32_t cpu)
{
	a->hash = hash;
	switch (hash) {
	case GYL_HASH_SHA1:
		gyl_sha1_init(&a->s.sha1, cpu);
		break;
	case GYL_HASH_SHA256:
		gyl_sha256_init(&a->s.sha256, cpu);
		break;
	case GYL_HASH_SHA512:
		gyl_sha512_init(&a->s.sha512, cpu);
		break;
	case GYL_HASH_SHA224:
		gyl_sha224_init(&a->s.sha256, cpu);
		break;
	case GYL_HASH_SHA384:
		gyl_sha384_init(&a->s.sha512, cpu);
		break;
	}
}

static inline void any_update(struct any_hash *a, const void *p, size_t len)
{
	switch (a->hash) {
	case GYL_HASH_SHA1:
		gyl_sha1_update(&a->s.sha1, p, len);
		break;
	case GYL_HASH_SHA224:
	case GYL_HASH_SHA256:
		gyl_sha256_update(&a->s.sha256, p, len);
		break;
	case GYL_HASH_SHA384:
	case GYL_HASH_SHA512:
		gyl_sha512_update(&a->s.sha512, p, len);
		break;
	}
}

static inline void any_final(struct any_hash *a, uint8_t *ret_digest)
{
	switch (a->hash) {
	case GYL_HASH_SHA1:
		gyl_sha1_final(&a->s.sha1, ret_digest);
		break;
	case GYL_HASH_SHA256:
		gyl_sha256_final(&a->s.sha256, ret_digest);
		break;
	case GYL_HASH_SHA512:
		gyl_sha512_final(&a->s.sha512, ret_digest);
		break;
	case GYL_HASH_SHA224:
		gyl_sha224_final(&a->s.sha256, ret_digest);
		break;
	case GYL_HASH_SHA384:
		gyl_sha384_final(&a->s.sha512, ret_digest);
		break;
	}
}

static inline void any_digest(
	enum gyl_hash hash, uint32_t cpu, const void *p, size_t len, uint8_t *ret_digest)
{
	struct any_hash a;

	any_init(&a, hash, cpu);
	any_update(&a, p, len);
	any_final(&a, ret_digest);
}

/* Octets that differ from length to length and from place to place. */
static inline void pattern_fill(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(len + i * i);
}

#endif
