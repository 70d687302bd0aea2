/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_WORD_OWN_H
#define GYL_CRYPTO_WORD_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Octets of the words that @p step gives; it returns false when none is ready, and is then asked up
 * to @p tries times in all. Ends early when none came.
 *
 * Words are given as they are, for the health test has to see them: all ones, as RDRAND of some
 * processors gives after a suspend while it says that all is well, is a run of eight equal octets
 * and fails it. The same word twice in a row (chance 2^-64) ends the call too: more of these would
 * tell nobody anything.
 */
size_t gyl__source_words(
	bool (*step)(uint64_t *ret_word), unsigned tries, uint8_t *out, size_t cap);

#endif
