/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_CT_CHECK_H
#define GYL_TESTS_CT_CHECK_H

/* What the checks of ct_check share. */

#include <stddef.h>
#include <stdint.h>

#include "tests/ct/poison.h"

/* Octets that nobody may learn of, poisoned, for a check to use as it likes. */
enum {
	CHECK_SECRET_LEN = 512
};
extern uint8_t check_secret[CHECK_SECRET_LEN];

/* Where results go. */
extern uint8_t check_out[4096];

/* One check, on one kernel. */
void check_hmac(uint32_t cpu);
void check_hkdf(uint32_t cpu);
void check_pbkdf2(uint32_t cpu);
void check_scrypt(uint32_t cpu);
void check_rng(uint32_t cpu);
void check_verify(uint32_t cpu);

#endif
