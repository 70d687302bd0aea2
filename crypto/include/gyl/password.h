/* SPDX-License-Identifier: ISC */
#ifndef GYL_PASSWORD_H
#define GYL_PASSWORD_H

/**
 * @file password.h
 * @brief Stored passwords: one line of text that tells how it was made and can be verified.
 *
 *     $scrypt$ln=17,r=8,p=1$SALT$HASH              base64 without padding (PHC, passlib)
 *     $pbkdf2-sha256$600000$SALT$HASH              the same, '.' for '+' (passlib)
 *
 * A stored string says what verifying it costs, and it may come from a stranger: cap it with
 * gyl_password_cap() before memory is found for it.
 */

#include <gyl/pbkdf2.h>
#include <gyl/scrypt.h>

#ifdef __cplusplus
extern "C" {
#endif

enum gyl_password_kind {
	GYL_PASSWORD_SCRYPT,       /**< $scrypt$ */
	GYL_PASSWORD_PBKDF2_SHA256 /**< $pbkdf2-sha256$ */
};

enum {
	GYL_PASSWORD_SALT_MIN = 8,   /**< octets of salt; NIST SP 800-132 asks for 16 */
	GYL_PASSWORD_SALT_MAX = 64,  /**< */
	GYL_PASSWORD_HASH_MIN = 16,  /**< octets of hash */
	GYL_PASSWORD_HASH_MAX = 64,  /**< */
	GYL_PASSWORD_TEXT_MAX = 256, /**< octets of the longest string, its NUL included */
	GYL_PASSWORD_ITER_MIN = 1000 /**< below, a PBKDF2 string is refused (NIST SP 800-132 5.2) */
};

/** A stored password, taken apart. No secret in the strict sense, but worth guessing against. */
struct gyl_password {
	uint8_t kind; /**< an #gyl_password_kind */
	uint8_t salt_len, hash_len;
	struct gyl_scrypt_cost cost; /**< of scrypt */
	uint64_t iter_cnt;           /**< of PBKDF2 */
	uint8_t salt[GYL_PASSWORD_SALT_MAX];
	uint8_t hash[GYL_PASSWORD_HASH_MAX];
};

/**
 * @brief Take a stored string apart. Strict: one way to write each value.
 * @param[in]  text, len  No NUL needed; no white space before or after.
 * @param[out] ret_pw     Written only on #GYL_CRYPTO_OK.
 * @param[out] ret_off    May be NULL. On an error the offset of the octet that is wrong.
 * @return #GYL_CRYPTO_OK, #GYL_CRYPTO_E_FORMAT, #GYL_CRYPTO_E_HASH (no kind of this name), or an
 *         error of gyl_scrypt_check() or gyl_pbkdf2() for parameters that can never be served: the
 *         offset is that of the number. Lengths and iteration counts outside the limits above are
 *         #GYL_CRYPTO_E_FORMAT; where the text ends too early the offset is @p len.
 * @cost O(len), which is below #GYL_PASSWORD_TEXT_MAX for every string that is accepted
 */
GYL_CRYPTO_API int gyl_password_parse(
	const char *text, size_t len, struct gyl_password *ret_pw, size_t *ret_off);

/**
 * @brief Put it together again.
 * @param[out] buf     @p cap octets; NUL-terminated. #GYL_PASSWORD_TEXT_MAX always suffice.
 * @param[out] ret_len May be NULL. Without the NUL.
 * @return #GYL_CRYPTO_OK; #GYL_CRYPTO_E_SPACE; or, for values that gyl_password_parse() would
 * refuse, what it would say. On an error @p buf is zeroed.
 */
GYL_CRYPTO_API int gyl_password_print(
	const struct gyl_password *pw, char *buf, size_t cap, size_t *ret_len);

/**
 * @brief Octets of scratch memory to make or verify it, aligned to #GYL_SCRYPT_ALIGN.
 * @return 0 when it takes none, and when no address space holds what it takes:
 *         gyl_password_cap() refuses that.
 */
GYL_CRYPTO_API size_t gyl_password_need(const struct gyl_password *pw);

/**
 * @brief Is it cheap enough?
 * @param[in] mem_max   Octets of scratch memory.
 * @param[in] work_max  Octets that scrypt mixes and hashes (256 (N + 20) r p) or that PBKDF2 hashes
 *                      (128 an iteration and digest): both go at about 1 GB/s.
 * @return #GYL_CRYPTO_OK or #GYL_CRYPTO_E_COST.
 */
GYL_CRYPTO_API int gyl_password_cap(
	const struct gyl_password *pw, size_t mem_max, uint64_t work_max);

/** A password being made or verified, in slices. */
struct gyl_password_work {
	union {
		struct gyl_pbkdf2 pbkdf2;
		struct gyl_scrypt scrypt;
	} kdf;                               /**< @private */
	const struct gyl_password *pw;       /**< @private */
	uint8_t hash[GYL_PASSWORD_HASH_MAX]; /**< @private */
	int state;                           /**< @private */
};

/**
 * @brief Begin to derive the hash of @p password with the kind, cost and salt of @p pw.
 * @param[out]    w        MUST be given to gyl_password_end() in the end, and MUST NOT be
 *                         moved before.
 * @param[in]     pw       Borrowed until gyl_password_end(). What its hash is does not matter for
 *                         making one, its length does.
 * @param[in,out] scratch  gyl_password_need() octets, borrowed until gyl_password_end().
 * @param[in]     flags    as gyl_scrypt_begin()
 * @return #GYL_CRYPTO_OK; an error of gyl_scrypt() or gyl_pbkdf2(), or of gyl_password_print() for
 *         values out of range. On an error @p w is ended already.
 */
GYL_CRYPTO_API int gyl_password_begin(struct gyl_password_work *w, const struct gyl_password *pw,
	uint32_t cpu, const void *password, size_t password_len, void *scratch, size_t scratch_len,
	unsigned flags);

/**
 * @brief Go on with about @p octet_max octets of work, as gyl_password_cap() counts them.
 * @return #GYL_CRYPTO_MORE; #GYL_CRYPTO_OK when the hash is there; #GYL_CRYPTO_E_STATE.
 */
GYL_CRYPTO_API int gyl_password_step(struct gyl_password_work *w, size_t octet_max);

/**
 * @brief After the last step: is it the password that @p pw was made of? Constant in time.
 * @return #GYL_CRYPTO_OK, #GYL_CRYPTO_E_MISMATCH, #GYL_CRYPTO_E_STATE when steps are missing.
 */
GYL_CRYPTO_API int gyl_password_verdict(const struct gyl_password_work *w);

/**
 * @brief After the last step, instead: a stored password with the hash that was derived.
 * @param[out] ret_pw  May be the one that gyl_password_begin() was given. Zeroed on an error.
 * @return #GYL_CRYPTO_OK, #GYL_CRYPTO_E_STATE when steps are missing.
 */
GYL_CRYPTO_API int gyl_password_store(
	const struct gyl_password_work *w, struct gyl_password *ret_pw);

/** Wipe @p w. May be called twice. */
GYL_CRYPTO_API void gyl_password_end(struct gyl_password_work *w);

/**
 * @brief The whole of a verification at once. The scratch memory is wiped in the end.
 * @return as gyl_password_begin() and gyl_password_verdict().
 */
GYL_CRYPTO_API int gyl_password_verify(const struct gyl_password *pw, uint32_t cpu,
	const void *password, size_t password_len, void *scratch, size_t scratch_len);

#ifdef __cplusplus
}
#endif

#endif
