/* SPDX-License-Identifier: ISC */
#ifndef GYL_SRC_DNS_NAME_H
#define GYL_SRC_DNS_NAME_H

/* The two inner loops of the DNS codec, inlined where they are hot. */

#include <gyl/dns_name.h>

/* Where a walk over a name in a message ended. */
struct gyl__dns_walk {
	enum gyl_err err;
	size_t bad;  /* offset that belongs to err */
	size_t next; /* after the name where it stands */
	size_t len;  /* expanded */
};

/*
 * What whole messages remember of pointer targets that led to a proven name: owners of one RRset,
 * and of most of a message, lead to few places, so each is walked once. Zeroed, it is empty.
 */
struct gyl__dns_memo {
	uint16_t target[8];
	uint8_t len[8];
};

/* Slot of a target; targets are labels apart, so the low bits spread well. */
static inline unsigned gyl__dns_memo_slot(size_t target)
{
	return (target ^ target >> 3) & 7;
}

/*
 * Proves the name at off. Octets are read below end only; pointers may lead to [floor, off). What a
 * pointer leads to must end before the run of labels that the pointer ends (RFC 1035 4.1.4: a prior
 * occurrence), so the runs move strictly backwards and the walk ends. And so a proven name needs
 * no octet behind it: it stays one when less of the message is looked at, and what was proven of a
 * target holds for each later pointer to it.
 */
static inline struct gyl__dns_walk gyl__dns_walk(
	const uint8_t *p, size_t off, size_t end, size_t floor, struct gyl__dns_memo *memo)
{
	struct gyl__dns_walk r = {GYL_OK, 0, 0, 1};
	size_t at = off, run = off, target = 0, own_len = 0;

	for (;;) {
		unsigned c;

		if (at >= end) {
			r.err = GYL_E_SHORT;
			r.bad = at + 1;
			return r;
		}
		c = p[at];
		if (c == 0)
			break;
		if (c <= GYL_DNS_LABEL_MAX) {
			r.len += c + 1;
			if (r.len > GYL_DNS_NAME_MAX) {
				r.err = GYL_E_NAME;
				r.bad = at;
				return r;
			}
			at += c + 1;
			continue;
		}
		if (c < 0xc0 || at + 1 >= end) {
			/* RFC 6891 5, RFC 2673: label types 01 and 10 are not in use */
			r.err = c < 0xc0 ? GYL_E_NAME : GYL_E_SHORT;
			r.bad = c < 0xc0 ? at : at + 2;
			return r;
		}
		c = (c & 0x3f) << 8 | p[at + 1];
		if (c >= run || c < floor) {
			r.err = GYL_E_POINTER;
			r.bad = at;
			return r;
		}
		if (r.next == 0) {
			r.next = at + 2;
			target = c;
			own_len = r.len;
			/* an overlong name is walked on, to tell which label is too much */
			if (memo != NULL && memo->target[gyl__dns_memo_slot(c)] == c &&
				r.len + memo->len[gyl__dns_memo_slot(c)] <= GYL_DNS_NAME_MAX + 1u) {
				r.len += memo->len[gyl__dns_memo_slot(c)] - 1u;
				return r;
			}
		}
		end = run;
		run = at = c;
	}
	if (r.next == 0) {
		r.next = at + 1;
	} else if (memo != NULL) {
		memo->target[gyl__dns_memo_slot(target)] = (uint16_t)target;
		memo->len[gyl__dns_memo_slot(target)] = (uint8_t)(r.len - own_len + 1);
	}
	return r;
}

/*
 * What is wrong with a name. Where a pointer led, the octets that are missing are those it must not
 * lead to, so the pointer is what is bad. Told here, for a look at it in the walk costs a sixth.
 */
static inline struct gyl_fault gyl__dns_walk_fault(const struct gyl__dns_walk *walk)
{
	if (walk->err == GYL_E_SHORT && walk->next != 0)
		return gyl_fault(GYL_E_POINTER, walk->next - 2);
	return gyl_fault(walk->err, walk->bad);
}

/* A-Z to a-z in eight octets at once: an octet in range gets its bit 5. */
static inline uint64_t gyl__dns_fold8(uint64_t x)
{
	const uint64_t one = 0x0101010101010101u;
	uint64_t low = x & 0x7f * one;
	uint64_t above_z = low + (0x7f - 'Z') * one, from_a = low + (0x80 - 'A') * one;

	return x | ((~x & (from_a ^ above_z) & 0x80 * one) >> 2);
}

static inline uint64_t gyl__dns_load8(const uint8_t *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof x);
	return x;
}

static inline uint32_t gyl__dns_load4(const uint8_t *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof x);
	return x;
}

/* Equal as they are is the common case, and cheap to predict; folding is not. */
static inline bool gyl__dns_fold8_eq(uint64_t x, uint64_t y)
{
	return x == y || gyl__dns_fold8(x) == gyl__dns_fold8(y);
}

/* Same octets, case aside. Short strings, so the tail is an overlapping load instead of a loop. */
static inline bool gyl__dns_fold_eq(const uint8_t *a, const uint8_t *b, size_t len)
{
	if (len >= 8) {
		for (size_t at = 0; at + 8 < len; at += 8)
			if (!gyl__dns_fold8_eq(gyl__dns_load8(a + at), gyl__dns_load8(b + at)))
				return false;
		return gyl__dns_fold8_eq(gyl__dns_load8(a + len - 8), gyl__dns_load8(b + len - 8));
	}
	if (len >= 4) {
		uint64_t x = (uint64_t)gyl__dns_load4(a) << 32 | gyl__dns_load4(a + len - 4);
		uint64_t y = (uint64_t)gyl__dns_load4(b) << 32 | gyl__dns_load4(b + len - 4);

		return gyl__dns_fold8_eq(x, y);
	}
	for (size_t i = 0; i < len; i++)
		if (gyl_dns_fold(a[i]) != gyl_dns_fold(b[i]))
			return false;
	return true;
}

#endif
