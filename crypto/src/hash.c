/* SPDX-License-Identifier: ISC */
#include <gyl/hash.h>
#include <gyl/sha1.h>
#include <gyl/sha256.h>
#include <gyl/sha512.h>

struct kind {
	const char *name;
	uint8_t len, block_len;
};

static const struct kind kinds[] = {
	[GYL_HASH_SHA1] = {"sha1", GYL_SHA1_LEN, GYL_SHA1_BLOCK_LEN},
	[GYL_HASH_SHA256] = {"sha256", GYL_SHA256_LEN, GYL_SHA256_BLOCK_LEN},
	[GYL_HASH_SHA512] = {"sha512", GYL_SHA512_LEN, GYL_SHA512_BLOCK_LEN},
	[GYL_HASH_SHA224] = {"sha224", GYL_SHA224_LEN, GYL_SHA256_BLOCK_LEN},
	[GYL_HASH_SHA384] = {"sha384", GYL_SHA384_LEN, GYL_SHA512_BLOCK_LEN},
};

/* A number may come from a message or a file: any value of an int. */
static const struct kind *find(enum gyl_hash hash)
{
	static const struct kind none;
	unsigned number = (unsigned)hash;

	return number < sizeof kinds / sizeof kinds[0] ? &kinds[number] : &none;
}

size_t gyl_hash_len(enum gyl_hash hash)
{
	return find(hash)->len;
}

size_t gyl_hash_block_len(enum gyl_hash hash)
{
	return find(hash)->block_len;
}

const char *gyl_hash_name(enum gyl_hash hash)
{
	return find(hash)->name;
}
