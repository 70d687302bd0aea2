/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_UNIT_DAEMON_STORED_H
#define GYL_TESTS_UNIT_DAEMON_STORED_H

/* Stored passwords of any cost. */

#include <gyl/password.h>
#include <stdlib.h>

#include "tests/support/support.h"

/* Of scrypt with N = 2^ln and r = 8; ln 0: of PBKDF2 with 1,000 iterations. Lives for ever. */
static inline const char *stored(const char *password, unsigned ln)
{
	struct gyl_password pw = {
		.kind = ln == 0 ? GYL_PASSWORD_PBKDF2_SHA256 : GYL_PASSWORD_SCRYPT,
		.salt_len = 16,
		.hash_len = 32,
		.cost = {.n = UINT64_C(1) << ln, .r = 8, .p = 1},
		.iter_cnt = GYL_PASSWORD_ITER_MIN,
		.salt = "0123456789abcde"};
	size_t need = gyl_password_need(&pw);
	void *scratch = need == 0 ? NULL : aligned_alloc(GYL_SCRYPT_ALIGN, need);
	char *text = malloc(GYL_PASSWORD_TEXT_MAX);
	struct gyl_password_work work;

	assert_non_null(text);
	assert_int_equal(
		gyl_password_begin(&work, &pw, 0, password, strlen(password), scratch, need, 0),
		GYL_CRYPTO_OK);
	while (gyl_password_step(&work, SIZE_MAX) == GYL_CRYPTO_MORE)
		;
	assert_int_equal(gyl_password_store(&work, &pw), GYL_CRYPTO_OK);
	gyl_password_end(&work);
	assert_int_equal(gyl_password_print(&pw, text, GYL_PASSWORD_TEXT_MAX, NULL), GYL_CRYPTO_OK);
	free(scratch);
	return text;
}

#endif
