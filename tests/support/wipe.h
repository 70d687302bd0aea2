/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_WIPE_H
#define GYL_TESTS_WIPE_H

/*
 * What does a call leave in memory of the secrets it worked with?
 *
 * The call runs on a stack of its own that was filled with a pattern, and the whole of that stack
 * is looked at afterwards, in two ways:
 *
 *   literal    eight octets in a row of the secret, as they are, with the words turned round (as
 *              a hash loads them), mixed with HMAC's pads, or each word twice (as a vector has it)
 *   differing  a second run with another secret has to leave the same octets behind, every one:
 *              whatever depends on the secret is found, in any form, a derived key as well
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What wipe_stack() found. */
struct wipe_left {
	bool literal;         /* the secret itself */
	size_t differing_cnt; /* octets that depend on the secret */
	size_t differing_at;  /* the first of them, in octets below where run() began */
	size_t used_len;      /* how deep the call went */
};

/* False where the compiler puts things on the stack that are not the call's, that is, under
 * sanitizers: skip then. */
bool wipe_possible(void);

/*
 * Calls run(arg) three times, to be linked and warm, and with two secrets, which it finds in the
 * len octets that `secret` points to; that memory and all that run() works with is static or
 * behind arg, for what a caller leaves is not the question.
 */
struct wipe_left wipe_stack(void (*run)(void *arg), void *arg, uint8_t *secret, size_t len);

/* Has this memory eight octets in a row of the secret, in one of the forms above? */
bool wipe_has(const void *memory, size_t memory_len, const void *secret, size_t len);

/* Is it zero, all of it? */
bool wipe_is_zero(const void *memory, size_t len);

#endif
