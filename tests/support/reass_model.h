/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_REASS_MODEL_H
#define GYL_TESTS_REASS_MODEL_H

/*
 * Reassembly, told naively: an octet of memory for every octet of a datagram. It knows the rules
 * and no bounds of memory; a judge for tests and the fuzzer as long as nothing had to be evicted.
 */

#include <string.h>

#include "libnet/src/reass.h"

enum {
	MODEL_KEYS = 8
};

struct reass_model_entry {
	bool used, poisoned;
	uint64_t first_ns;
	size_t piece_cnt, piece_max;
	size_t first_header_len; /* 0: the first piece is not there */
	size_t end;              /* 0: unknown */
	size_t top;
	uint8_t have[65536];
};

struct reass_model {
	struct reass_model_entry key[MODEL_KEYS];
};

/* What stands at an octet of a datagram's payload. */
static inline uint8_t reass_model_octet(size_t key, size_t off)
{
	return (uint8_t)(off * 7 + (off >> 8) * 3 + key * 41 + 1);
}

static inline bool reass_model_has(const struct reass_model_entry *e, size_t off, size_t len)
{
	for (size_t i = off; i < off + len; i++)
		if (e->have[i])
			return true;
	return false;
}

static inline bool reass_model_full(const struct reass_model_entry *e)
{
	for (size_t i = 0; i < e->end; i++)
		if (!e->have[i])
			return false;
	return e->end != 0;
}

/* GYL__REASS_OVERLAP stands for duplicates, too. */
static inline enum gyl__reass_verdict reass_model_put(
	struct reass_model_entry *e, size_t header_len, size_t off, size_t len, bool more)
{
	if (!more && e->end != 0 && e->end != off + len)
		return GYL__REASS_END;
	if (!more && e->top > off + len)
		return GYL__REASS_END;
	if (more && e->end != 0 && off + len > e->end)
		return GYL__REASS_END;
	if (reass_model_has(e, off, len))
		return GYL__REASS_OVERLAP;
	memset(e->have + off, 1, len);
	if (!more)
		e->end = off + len;
	if (off + len > e->top)
		e->top = off + len;
	if (off == 0)
		e->first_header_len = header_len;
	if (reass_model_full(e))
		return e->first_header_len + e->end > 65535 ? GYL__REASS_LONG : GYL__REASS_WHOLE;
	return ++e->piece_cnt > e->piece_max ? GYL__REASS_MANY : GYL__REASS_HELD;
}

static inline enum gyl__reass_verdict reass_model_input(struct reass_model *m, uint64_t now_ns,
	size_t key, size_t piece_max, size_t header_len, size_t off, size_t len, bool more)
{
	struct reass_model_entry *e = &m->key[key];
	enum gyl__reass_verdict v;

	if (len == 0)
		return GYL__REASS_EMPTY;
	if (more && len % 8 != 0)
		return GYL__REASS_UNEVEN;
	if (header_len + off + len > 65535)
		return GYL__REASS_LONG;
	if (!e->used || now_ns - e->first_ns >= UINT64_C(10000000000)) {
		memset(e, 0, sizeof(*e));
		e->used = true;
		e->first_ns = now_ns;
		e->piece_max = piece_max;
	}
	if (e->poisoned)
		return GYL__REASS_POISONED;
	v = reass_model_put(e, header_len, off, len, more);
	if (v == GYL__REASS_WHOLE)
		e->used = false;
	else if (v != GYL__REASS_HELD)
		e->poisoned = true;
	return v;
}

#endif
