/* SPDX-License-Identifier: ISC */
#ifndef GYL_HKDF_H
#define GYL_HKDF_H

/**
 * @file hkdf.h
 * @brief HKDF (RFC 5869): several keys from one secret. For passwords take scrypt or PBKDF2.
 */

#include <gyl/hmac.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Extract and expand.
 * @param[in]  secret  @p secret_len octets of keying material that is hard to guess.
 * @param[in]  salt    @p salt_len octets, or none.
 * @param[in]  info    what the key is for: another one for every use.
 * @param[out] ret_key @p key_len octets.
 * @return #GYL_CRYPTO_OK; #GYL_CRYPTO_E_HASH; #GYL_CRYPTO_E_LEN_ZERO; #GYL_CRYPTO_E_LEN_BIG when
 *         @p key_len is over 255 digests. On an error @p ret_key is zeroed.
 * @cost a HMAC of the secret, and one of @p info for every digest of key
 * @rfc{5869,2}
 */
GYL_CRYPTO_API int gyl_hkdf(enum gyl_hash hash, uint32_t cpu, const void *secret, size_t secret_len,
	const void *salt, size_t salt_len, const void *info, size_t info_len, uint8_t *ret_key,
	size_t key_len);

#ifdef __cplusplus
}
#endif

#endif
