/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_CT_POISON_H
#define GYL_TESTS_CT_POISON_H

/*
 * Memcheck follows which bits were never written, through every instruction, and speaks up when a
 * jump or an address depends on one. Secrets that are marked as never written are followed the same
 * way (Langley, "ctgrind", 2010).
 */

#include <stddef.h>
#include <valgrind/memcheck.h>

static inline void poison(const void *p, size_t len)
{
	VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

/* What may be known: outputs that are published, the verdict of a comparison. */
static inline void unpoison(const void *p, size_t len)
{
	VALGRIND_MAKE_MEM_DEFINED(p, len);
}

#endif
