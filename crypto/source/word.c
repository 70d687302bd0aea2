/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <string.h>

#include "crypto/source/word_own.h"

static inline void relax(void)
{
#if defined(__x86_64__)
	__asm__ __volatile__("pause");
#endif
}

static bool word_next(bool (*step)(uint64_t *), unsigned tries, uint64_t *ret_word)
{
	for (; tries > 0; tries--) {
		if (step(ret_word))
			return true;
		relax();
	}
	return false;
}

size_t gyl__source_words(bool (*step)(uint64_t *), unsigned tries, uint8_t *out, size_t cap)
{
	uint64_t word = 0, before = 0;
	size_t len = 0;
	bool stuck = false;

	while (len < cap && !stuck && word_next(step, tries, &word)) {
		size_t take = cap - len < sizeof word ? cap - len : sizeof word;

		memcpy(out + len, &word, take);
		stuck = len > 0 && word == before;
		before = word;
		len += take;
	}
	gyl_wipe(&word, sizeof word);
	gyl_wipe(&before, sizeof before);
	return len;
}
