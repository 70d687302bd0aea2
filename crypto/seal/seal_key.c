/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/hkdf.h>
#include <string.h>

#include "crypto/seal/seal_own.h"

void gyl_seal_key_raw(struct gyl_seal_key *ret, const uint8_t *secret, const uint8_t *name)
{
	memset(ret, 0, sizeof *ret);
	ret->kind = GYL_SEAL_RAW;
	memcpy(ret->secret, secret, sizeof ret->secret);
	memcpy(ret->salt, name, sizeof ret->salt);
}

int gyl_seal_key_passphrase(struct gyl_seal_key *ret, uint32_t cpu, const void *passphrase,
	size_t len, const uint8_t *salt, const struct gyl_scrypt_cost *cost, void *scratch,
	size_t scratch_len)
{
	int err;

	memset(ret, 0, sizeof *ret);
	ret->kind = GYL_SEAL_PASSPHRASE;
	ret->cost = *cost;
	memcpy(ret->salt, salt, sizeof ret->salt);
	err = gyl_scrypt(cpu, passphrase, len, ret->salt, sizeof ret->salt, cost, ret->secret,
		sizeof ret->secret, scratch, scratch_len, 0);
	if (err != GYL_CRYPTO_OK)
		gyl_wipe(ret, sizeof *ret);
	return err;
}

void gyl__seal_file_key(const struct gyl_seal_key *key, uint32_t cpu, const uint8_t *header,
	uint8_t *ret_key, uint8_t *ret_commit)
{
	static const char use[] = "guyline seal";
	uint8_t info[sizeof use - 1 + GYL__SEAL_OFF_COMMIT];
	uint8_t both[GYL_SEAL_KEY_LEN + GYL_SEAL_COMMIT_LEN];

	memcpy(info, use, sizeof use - 1);
	memcpy(info + sizeof use - 1, header, GYL__SEAL_OFF_COMMIT);
	/* 64 octets of SHA-256: no length that HKDF refuses. */
	gyl_hkdf(GYL_HASH_SHA256, cpu, key->secret, sizeof key->secret,
		header + GYL__SEAL_OFF_FILE_SALT, GYL_SEAL_FILE_SALT_LEN, info, sizeof info, both,
		sizeof both);
	memcpy(ret_key, both, GYL_SEAL_KEY_LEN);
	memcpy(ret_commit, both + GYL_SEAL_KEY_LEN, GYL_SEAL_COMMIT_LEN);
	gyl_wipe(both, sizeof both);
}
