/* SPDX-License-Identifier: ISC */
#ifndef GYL_SECRET_H
#define GYL_SECRET_H

/**
 * @file secret.h
 * @brief Pages for secrets: never swapped, not in core dumps, zero in a forked child. Linux only.
 */

#include <gyl/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Map @p len octets of zeros for what must not leave this process.
 *
 * MADV_WIPEONFORK and MADV_DONTDUMP are required; mlock(2) is tried, for it needs a limit that an
 * ordinary user may not have. A generator that lives here is unseeded in a forked child.
 * @param[out] ret_p  Aligned to a page.
 * @return #GYL_CRYPTO_OK, or #GYL_CRYPTO_E_OS with errno and NULL: EINVAL for a length of 0 or a
 *         kernel before Linux 4.14, ENOMEM.
 * @cost three or four system calls; whole pages
 */
GYL_CRYPTO_API int gyl_secret_map(size_t len, void **ret_p);

/** Wipe and unmap them. NULL is allowed. @param[in] len  As it was mapped. */
GYL_CRYPTO_API void gyl_secret_unmap(void *p, size_t len);

#ifdef __cplusplus
}
#endif

#endif
