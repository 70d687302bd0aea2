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
	uint32_t cnt;
	size_t hash_off; /* of the hash in a slot */
	struct gyl_dhcpd_lease *lease;
};

/* Octets for an index of so many slots, a multiple of 16. */
size_t gyl__dhcpd_index_need(uint32_t slot_cap);
/* mem MUST be zeros. */
void gyl__dhcpd_index_init(struct gyl_dhcpd_index *ix, void *mem, uint32_t slot_cap,
	struct gyl_dhcpd_lease *lease, size_t hash_off);

/* Nothing is in it any more; so many slots will be, most likely: of what is larger no page is
 * touched, and it grows, in O(slots), when there are more. */
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
	uint32_t hash, at;
};

static inline struct gyl_dhcpd_walk gyl__dhcpd_index_walk(
	const struct gyl_dhcpd_index *ix, uint32_t hash)
{
	return (struct gyl_dhcpd_walk){ix, hash, hash};
}

/* 0: there are no more. */
static inline uint32_t gyl__dhcpd_index_next(struct gyl_dhcpd_walk *w)
{
	for (;;) {
		uint32_t e = w->ix->entry[w->at++ & w->ix->mask];
		uint32_t slot = e & ((1u << GYL_DHCPD_INDEX_SLOT_BITS) - 1);

		if (e == 0)
			return 0;
		if ((e ^ w->hash) >> GYL_DHCPD_INDEX_SLOT_BITS == 0 &&
			gyl__dhcpd_index_hash(w->ix, slot) == w->hash)
			return slot;
	}
}

#endif
