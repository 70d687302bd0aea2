/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_KEY_H
#define GYL_SERVICES_DNS_KEY_H

/*
 * A name made ready for looking up: folded, zeros behind it, with the hash of the image's index.
 *
 * The hash has no key: what is in the image was chosen by its owner, and a question can do no more
 * than miss. It reads eight octets at a time in the machine's byte order, as the image itself is
 * in.
 */

#include <gyl/dns_name.h>

struct gyl_dns_key {
	uint8_t name[GYL_DNS_NAME_MAX + 9]; /* folded; eight zeros follow the name */
	size_t len;
	uint64_t hash;
};

static inline uint64_t gyl__dns_load(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* Eight octets at once: A-Z to a-z, everything else (octets over 127 too) as it is. */
static inline uint64_t gyl__dns_fold8(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u, low = w & 0x7f * ones;
	uint64_t upper =
		((low + (0x80 - 'A') * ones) ^ (low + (0x7f - 'Z') * ones)) & ~w & 0x80 * ones;

	return w | upper >> 2;
}

static inline uint64_t gyl__dns_mix(uint64_t hash, uint64_t w)
{
	hash = (hash ^ w) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static inline uint64_t gyl__dns_hash_end(uint64_t hash)
{
	hash *= 0xbf58476d1ce4e5b9u;
	return hash ^ hash >> 32;
}

/* The hash of a folded name that has eight zeros behind it: any suffix of a key's name is one. */
static inline uint64_t gyl_dns_hash(const uint8_t *name, size_t len)
{
	uint64_t hash = len;

	for (size_t at = 0; at < len; at += 8)
		hash = gyl__dns_mix(hash, gyl__dns_load(name + at));
	return gyl__dns_hash_end(hash);
}

/* The last octets of a name, fewer than eight, with zeros behind them. */
static inline uint64_t gyl__dns_load_tail(const uint8_t *name, size_t len, size_t tail)
{
	uint64_t w = 0;

	if (len < 8) {
		for (size_t i = 0; i < tail; i++)
			((uint8_t *)&w)[i] = name[len - tail + i];
		return w;
	}
	/* a load that ends where the name does: a copy of unknown length costs as much as all else
	 */
	w = gyl__dns_load(name + len - 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return tail == 0 ? 0 : w >> (64 - 8 * tail);
#else
	return tail == 0 ? 0 : w << (64 - 8 * tail);
#endif
}

/* len MUST be the length of name. */
static inline void gyl_dns_key_init(struct gyl_dns_key *k, const uint8_t *name, size_t len)
{
	uint64_t hash = len, w;
	const uint64_t zero = 0;
	size_t at = 0;

	for (; len - at >= 8; at += 8) {
		w = gyl__dns_fold8(gyl__dns_load(name + at));
		memcpy(k->name + at, &w, sizeof w);
		hash = gyl__dns_mix(hash, w);
	}
	w = gyl__dns_fold8(gyl__dns_load_tail(name, len, len - at));
	memcpy(k->name + at, &w, sizeof w);
	memcpy(k->name + len, &zero, sizeof zero);
	if (at < len)
		hash = gyl__dns_mix(hash, w);
	k->len = len;
	k->hash = gyl__dns_hash_end(hash);
}

#endif
