/* SPDX-License-Identifier: ISC */
#ifndef GYL_CT_H
#define GYL_CT_H

/**
 * @file ct.h
 * @brief What must not leak: comparing secrets in constant time, wiping memory that held them.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Are two strings of @p len octets equal? Time depends on @p len only.
 * @param[in] a, b  @p len octets each.
 * @cost O(len)
 */
GYL_CRYPTO_API bool gyl_ct_eq(const void *a, const void *b, size_t len);

/**
 * @brief Overwrite @p len octets with zero in a way no compiler leaves out.
 * @param[out] p  What held a secret and is not needed any more.
 * @cost O(len)
 */
GYL_CRYPTO_API void gyl_wipe(void *p, size_t len);

#ifdef __cplusplus
}
#endif

#endif
