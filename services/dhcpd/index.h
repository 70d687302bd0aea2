/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_INDEX_H
#define GYL_SERVICES_DHCPD_INDEX_H

/*
 * Slots by a hash that each of them holds: of its client, of its name, of who is charged for it.
 * Several slots may have the same one.
 *
 * Open addressing. An entry is the number of a slot and a part of its hash, so that a look-up
 * leaves alone the slots of others: it touches a line of the table, and one for each slot that it
 * finds. Hashes MUST be keyed, or somebody could make many entries meet. Pure.
 */

#include "services/dhcpd/lease.h"

enum {
	GYL_DHCPD_INDEX_SLOT_BITS = 21
};

struct gyl_dhcpd_index {
	uint32_t *entry; /* slot, and above it the first bits of its hash; 0: free */
	uint32_t mask, mask_max;
	uint32_t *old;             /* the table before, of half the size, while it is moved */
	uint32_t old_mask, old_at; /* 0: there is none; what stood before old_at has moved */
	uint32_t cnt;
	size_t hash_off; /* of the hash in a slot */
	struct gyl_dhcpd_lease *lease;
};

/* Octets for an index of so many slots, a multiple of 16. */
size_t gyl__dhcpd_index_need(uint32_t slot_cap);
/* mem MUST be zeros. */
void gyl__dhcpd_index_init(struct gyl_dhcpd_index *ix, void *mem, uint32_t slot_cap,
	struct gyl_dhcpd_lease *lease, size_t hash_off);

/* Nothing is in it any more; so many slots will be, most likely, some 98,000 at most: of what is
 * larger no page is touched. It grows when there are more, a few entries with each that is added.
 */
void gyl__dhcpd_index_clear(struct gyl_dhcpd_index *ix, uint32_t slot_cnt);
/* The hash of a slot MUST stay the same from when it is added until it is dropped. */
void gyl__dhcpd_index_add(struct gyl_dhcpd_index *ix, uint32_t slot);
void gyl__dhcpd_index_drop(struct gyl_dhcpd_index *ix, uint32_t slot);

static inline uint32_t gyl__dhcpd_index_hash(const struct gyl_dhcpd_index *ix, uint32_t slot)
{
	uint32_t hash;

	memcpy(&hash, (const uint8_t *)&ix->lease[slot] + ix->hash_off, sizeof hash);
	return hash;
}

/* All slots of a hash, one after the other. The index must not change meanwhile. */
struct gyl_dhcpd_walk {
	const struct gyl_dhcpd_index *ix;
	const uint32_t *entry;
	uint32_t hash, at, mask;
};

static inline struct gyl_dhcpd_walk gyl__dhcpd_index_walk(
	const struct gyl_dhcpd_index *ix, uint32_t hash)
{
	return (struct gyl_dhcpd_walk){ix, ix->entry, hash, hash, ix->mask};
}

/* From the table to the old one, if it is there. */
static inline bool gyl__dhcpd_index_further(struct gyl_dhcpd_walk *w)
{
	if (w->ix->old_mask == 0 || w->entry == w->ix->old)
		return false;
	w->entry = w->ix->old;
	w->mask = w->ix->old_mask;
	w->at = w->hash;
	return true;
}

/* 0: there are no more. */
static inline uint32_t gyl__dhcpd_index_next(struct gyl_dhcpd_walk *w)
{
	for (;;) {
		uint32_t e = w->entry[w->at++ & w->mask];
		uint32_t slot = e & ((1u << GYL_DHCPD_INDEX_SLOT_BITS) - 1);

		if (e == 0) {
			if (!gyl__dhcpd_index_further(w))
				return 0;
			continue;
		}
		if ((e ^ w->hash) >> GYL_DHCPD_INDEX_SLOT_BITS == 0 &&
			gyl__dhcpd_index_hash(w->ix, slot) == w->hash)
			return slot;
	}
}

#endif
