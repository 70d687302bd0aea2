/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_REQUIRE_H
#define GYL_TESTS_REQUIRE_H

#include <gyl/json.h>
#include <gyl/writer.h>
#include <stdlib.h>

/* What fuzzers share: a property that breaks ends the process, which is how libFuzzer notices. */
#define REQUIRE(cond)            \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

/* A function that only checks: a fuzzer need not find ways through it, which costs more than all
 * else. */
#ifdef __clang__
#	define UNWATCHED __attribute__((no_sanitize("coverage")))
#else
#	define UNWATCHED
#endif

/* Room for the text or JSON of any message that a fuzzer makes up. */
#define TEXT_CAP 300000

static inline bool inside(struct gyl_view outer, struct gyl_view inner)
{
	return inner.len == 0 || (inner.p >= outer.p && inner.p + inner.len <= outer.p + outer.len);
}

#endif
