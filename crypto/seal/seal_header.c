/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "crypto/seal/seal_own.h"
#include "crypto/src/bits.h"

/* The version follows it. */
static const uint8_t magic[GYL__SEAL_OFF_VERSION] = {'G', 'Y', 'L', 'S', 'E', 'A', 'L'};

static uint8_t log2_of(uint64_t n)
{
	uint8_t log2 = 0;

	while (n > 1) {
		n >>= 1;
		log2++;
	}
	return log2;
}

static int cost_encode(const struct gyl_scrypt_cost *cost, uint8_t *header)
{
	if (gyl_scrypt_check(cost, GYL_SEAL_KEY_LEN) != GYL_CRYPTO_OK)
		return GYL_SEAL_E_HEADER;
	header[GYL__SEAL_OFF_LOG2_N] = log2_of(cost->n);
	gyl__store32_be(header + GYL__SEAL_OFF_R, cost->r);
	gyl__store32_be(header + GYL__SEAL_OFF_P, cost->p);
	return GYL_SEAL_OK;
}

int gyl__seal_header_encode(const struct gyl_seal_key *key, const uint8_t *random, uint8_t *header)
{
	memset(header, 0, GYL_SEAL_HEADER_LEN);
	memcpy(header, magic, sizeof magic);
	header[GYL__SEAL_OFF_VERSION] = GYL_SEAL_VERSION;
	header[GYL__SEAL_OFF_KIND] = key->kind;
	memcpy(header + GYL__SEAL_OFF_KEY_SALT, key->salt, sizeof key->salt);
	memcpy(header + GYL__SEAL_OFF_FILE_SALT, random, GYL_SEAL_RANDOM_LEN);
	if (key->kind == GYL_SEAL_PASSPHRASE)
		return cost_encode(&key->cost, header);
	return key->kind == GYL_SEAL_RAW ? GYL_SEAL_OK : GYL_SEAL_E_HEADER;
}

/* Which is the first octet of len that is not zero; len when all are. */
static size_t zeros(const uint8_t *in, size_t len)
{
	size_t i = 0;

	while (i < len && in[i] == 0)
		i++;
	return i;
}

/* A raw key costs nothing, and then the fields are zeros. */
static int cost_decode(
	const uint8_t *in, uint8_t kind, struct gyl_scrypt_cost *ret, size_t *ret_off)
{
	uint8_t log2_n = in[GYL__SEAL_OFF_LOG2_N];
	struct gyl_scrypt_cost cost = {0};

	cost.r = gyl__load32_be(in + GYL__SEAL_OFF_R);
	cost.p = gyl__load32_be(in + GYL__SEAL_OFF_P);
	*ret_off = GYL__SEAL_OFF_LOG2_N;
	if (kind == GYL_SEAL_RAW) {
		*ret = cost;
		if (log2_n != 0)
			return GYL_SEAL_E_HEADER;
		*ret_off = cost.r != 0 ? GYL__SEAL_OFF_R : GYL__SEAL_OFF_P;
		return cost.r != 0 || cost.p != 0 ? GYL_SEAL_E_HEADER : GYL_SEAL_OK;
	}
	if (log2_n >= 64)
		return GYL_SEAL_E_HEADER;
	cost.n = UINT64_C(1) << log2_n;
	*ret = cost;
	switch (gyl_scrypt_check(&cost, GYL_SEAL_KEY_LEN)) {
	case GYL_CRYPTO_OK:
		return GYL_SEAL_OK;
	case GYL_CRYPTO_E_R_ZERO:
		*ret_off = GYL__SEAL_OFF_R;
		break;
	case GYL_CRYPTO_E_P_ZERO:
	case GYL_CRYPTO_E_RP_BIG:
		*ret_off = GYL__SEAL_OFF_P;
		break;
	default:
		break;
	}
	return GYL_SEAL_E_HEADER;
}

/* The memory that one lane takes, and 256 N r p, without overflow. */
static bool affordable(const struct gyl_scrypt_cost *cost, size_t mem_max, uint64_t work_max)
{
	size_t need = gyl_scrypt_need(cost, 1);

	return need != 0 && need <= mem_max &&
	       cost->n <= work_max / 256 / ((uint64_t)cost->r * cost->p);
}

static int fixed_check(const uint8_t *in, uint8_t version, size_t *ret_off)
{
	size_t zero_len = GYL__SEAL_OFF_R - GYL__SEAL_OFF_ZERO;
	uint8_t kind = in[GYL__SEAL_OFF_KIND];

	*ret_off = GYL__SEAL_OFF_MAGIC;
	if (memcmp(in, magic, sizeof magic) != 0)
		return GYL_SEAL_E_MAGIC;
	*ret_off = GYL__SEAL_OFF_VERSION;
	if (in[GYL__SEAL_OFF_VERSION] != version)
		return GYL_SEAL_E_VERSION;
	*ret_off = GYL__SEAL_OFF_KIND;
	if (kind != GYL_SEAL_PASSPHRASE && kind != GYL_SEAL_RAW)
		return GYL_SEAL_E_HEADER;
	*ret_off = GYL__SEAL_OFF_ZERO + zeros(in + GYL__SEAL_OFF_ZERO, zero_len);
	if (*ret_off != GYL__SEAL_OFF_R)
		return GYL_SEAL_E_HEADER;
	if (version == GYL_SEAL_VERSION)
		return GYL_SEAL_OK;
	/* Frames have streams of their own, which begin with their numbers. */
	*ret_off = GYL__SEAL_OFF_STREAM + zeros(in + GYL__SEAL_OFF_STREAM, GYL_SEAL_STREAM_LEN);
	return *ret_off == GYL__SEAL_OFF_COMMIT ? GYL_SEAL_OK : GYL_SEAL_E_HEADER;
}

int gyl__seal_header_decode(const uint8_t *in, uint8_t version, size_t mem_max, uint64_t work_max,
	struct gyl_seal_header *ret, size_t *ret_off)
{
	struct gyl_scrypt_cost cost;
	size_t off;
	int err = fixed_check(in, version, &off);

	if (err == GYL_SEAL_OK)
		err = cost_decode(in, in[GYL__SEAL_OFF_KIND], &cost, &off);
	if (err == GYL_SEAL_OK && in[GYL__SEAL_OFF_KIND] == GYL_SEAL_PASSPHRASE &&
		!affordable(&cost, mem_max, work_max)) {
		err = GYL_SEAL_E_COST;
		off = GYL__SEAL_OFF_LOG2_N;
	}
	if (err != GYL_SEAL_OK) {
		if (ret_off != NULL)
			*ret_off = off;
		return err;
	}
	ret->kind = in[GYL__SEAL_OFF_KIND];
	ret->cost = cost;
	memcpy(ret->key_salt, in + GYL__SEAL_OFF_KEY_SALT, sizeof ret->key_salt);
	memcpy(ret->file_salt, in + GYL__SEAL_OFF_FILE_SALT, sizeof ret->file_salt);
	memcpy(ret->stream, in + GYL__SEAL_OFF_STREAM, sizeof ret->stream);
	memcpy(ret->commit, in + GYL__SEAL_OFF_COMMIT, sizeof ret->commit);
	return GYL_SEAL_OK;
}

int gyl_seal_header_decode(const uint8_t *in, size_t mem_max, uint64_t work_max,
	struct gyl_seal_header *ret, size_t *ret_off)
{
	return gyl__seal_header_decode(in, GYL_SEAL_VERSION, mem_max, work_max, ret, ret_off);
}
