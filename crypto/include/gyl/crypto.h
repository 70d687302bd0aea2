/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_H
#define GYL_CRYPTO_H

/**
 * @file crypto.h
 * @brief What every header of libguyline-crypto shares: conventions and errors.
 *
 * Pure functions over the caller's memory: no allocation, no globals, no clock, no system call. The
 * few exceptions stand in headers of their own, gyl/source.h and gyl/secret.h, and say so.
 *
 * A pointer may be NULL when its length is 0. Inputs and outputs MUST NOT overlap unless a function
 * says that they may. Distinct objects may be used from distinct threads. Fields marked \@private
 * are laid open so that the caller can give the memory, not to be read.
 *
 * Functions that may fail return an #gyl_crypto_err: 0 is success, errors are negative. On an error
 * the output is zeroed, so that a forgotten check gives zeros and never somebody's stack. What held
 * a secret is wiped on every path.
 *
 * `cpu` is the set of processor features that may be used, as gyl_cpu_detect() gives it; 0 takes
 * portable C. The answers are the same.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#	define GYL_CRYPTO_API __attribute__((visibility("default")))
#else
#	define GYL_CRYPTO_API
#endif

/** Version of these headers: 0xMMmmpp (major, minor, patch). */
#define GYL_CRYPTO_VERSION 0x000100u

/** @return the version of the library that was loaded, as #GYL_CRYPTO_VERSION. */
GYL_CRYPTO_API uint32_t gyl_crypto_version(void);

/** What a function of this library has to say. */
enum gyl_crypto_err {
	GYL_CRYPTO_MORE = 1,              /**< a step was made, there is more to do */
	GYL_CRYPTO_OK = 0,                /**< done */
	GYL_CRYPTO_E_HASH = -1,           /**< no hash function of this number or name */
	GYL_CRYPTO_E_ITER_ZERO = -2,      /**< iteration count 0 */
	GYL_CRYPTO_E_LEN_ZERO = -3,       /**< nothing asked for: length 0 */
	GYL_CRYPTO_E_LEN_BIG = -4,        /**< longer than the RFC allows */
	GYL_CRYPTO_E_N_SMALL = -5,        /**< scrypt: N below 2 */
	GYL_CRYPTO_E_N_POWER = -6,        /**< scrypt: N is no power of two */
	GYL_CRYPTO_E_N_BIG = -7,          /**< scrypt: N not below 2^(16 r) */
	GYL_CRYPTO_E_R_ZERO = -8,         /**< scrypt: r is 0 */
	GYL_CRYPTO_E_P_ZERO = -9,         /**< scrypt: p is 0 */
	GYL_CRYPTO_E_RP_BIG = -10,        /**< scrypt: r p not below 2^30 */
	GYL_CRYPTO_E_SIZE = -11,          /**< the memory it takes does not fit in size_t */
	GYL_CRYPTO_E_SCRATCH_SMALL = -12, /**< scratch memory smaller than ..._need() */
	GYL_CRYPTO_E_SCRATCH_ALIGN = -13, /**< scratch memory not aligned as the header says */
	GYL_CRYPTO_E_COST = -14,          /**< costs more than the caller's cap */
	GYL_CRYPTO_E_FORMAT = -15,        /**< a text that is not of the form it should have */
	GYL_CRYPTO_E_MISMATCH = -16,      /**< the secret is not the one that was stored */
	GYL_CRYPTO_E_SPACE = -17,         /**< the caller's buffer is too small */
	GYL_CRYPTO_E_UNSEEDED = -18,      /**< no randomness yet: nothing was written but zeros */
	GYL_CRYPTO_E_BOUND = -19,         /**< a number below 0 was asked for */
	GYL_CRYPTO_E_SOURCE = -20,        /**< no such entropy source, or no room for another one */
	GYL_CRYPTO_E_STATE = -21,         /**< called out of order: end without begin, or twice */
	GYL_CRYPTO_E_OS = -22             /**< the operating system refused; errno tells */
};

/**
 * @brief A sentence without a full stop for an #gyl_crypto_err, such as "N is no power of two".
 * @return a string that lives for ever; for other numbers "unknown error".
 */
GYL_CRYPTO_API const char *gyl_crypto_err_text(int err);

#ifdef __cplusplus
}
#endif

#endif
