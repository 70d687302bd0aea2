/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_CT_LEAKY_H
#define GYL_TESTS_CT_LEAKY_H

/*
 * What must not pass: the test of the tests. leaky_eq() stops at the first octet that differs, as
 * memcmp() may; leaky_table() reads a table where the secret says, as tables of AES do.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool leaky_eq(const void *a, const void *b, size_t len);
uint8_t leaky_table(const uint8_t *secret, size_t len);

#endif
