/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/index.h"

enum {
	SIZE_MIN = 1024
};

#define SLOT_MASK ((1u << GYL_DHCPD_INDEX_SLOT_BITS) - 1)

/* A quarter stays free: runs are short. */
static uint32_t size_for(uint32_t slot_cnt)
{
	uint32_t n = SIZE_MIN;

	while (n - n / 4 < slot_cnt)
		n *= 2;
	return n;
}

size_t gyl__dhcpd_index_need(uint32_t slot_cap)
{
	size_t size = size_for(slot_cap);

	return (size + size / 2) * sizeof(uint32_t);
}

void gyl__dhcpd_index_init(struct gyl_dhcpd_index *ix, void *mem, uint32_t slot_cap,
	struct gyl_dhcpd_lease *lease, size_t hash_off)
{
	ix->entry = mem;
	ix->mask_max = size_for(slot_cap) - 1;
	ix->mask = SIZE_MIN - 1;
	ix->lease = lease;
	ix->hash_off = hash_off;
}

void gyl__dhcpd_index_clear(struct gyl_dhcpd_index *ix, uint32_t slot_cnt)
{
	memset(ix->entry, 0, ((size_t)ix->mask + 1) * sizeof *ix->entry);
	ix->cnt = 0;
	ix->mask = size_for(slot_cnt) - 1;
	if (ix->mask > ix->mask_max)
		ix->mask = ix->mask_max;
}

static void put(struct gyl_dhcpd_index *ix, uint32_t slot)
{
	uint32_t hash = gyl__dhcpd_index_hash(ix, slot), i = hash & ix->mask;

	while (ix->entry[i] != 0)
		i = (i + 1) & ix->mask;
	ix->entry[i] = (hash & ~SLOT_MASK) | slot;
}

/* Twice the size. What is in it steps aside behind the largest table that there can be. */
static void grow(struct gyl_dhcpd_index *ix)
{
	uint32_t old = ix->mask + 1, *aside = ix->entry + ix->mask_max + 1;

	memcpy(aside, ix->entry, old * sizeof *aside);
	memset(ix->entry, 0, old * sizeof *ix->entry);
	ix->mask = 2 * old - 1;
	for (uint32_t i = 0; i < old; i++)
		if (aside[i] != 0)
			put(ix, aside[i] & SLOT_MASK);
}

void gyl__dhcpd_index_add(struct gyl_dhcpd_index *ix, uint32_t slot)
{
	uint32_t size = ix->mask + 1;

	if (ix->cnt >= size - size / 4 && ix->mask < ix->mask_max)
		grow(ix);
	put(ix, slot);
	ix->cnt++;
}

/* Entry i is free: whoever stands behind it, because its place was taken, moves up. */
static void close_gap(struct gyl_dhcpd_index *ix, uint32_t i)
{
	for (uint32_t n = (i + 1) & ix->mask; ix->entry[n] != 0; n = (n + 1) & ix->mask) {
		uint32_t home = gyl__dhcpd_index_hash(ix, ix->entry[n] & SLOT_MASK);

		if (((n - home) & ix->mask) < ((n - i) & ix->mask))
			continue;
		ix->entry[i] = ix->entry[n];
		ix->entry[n] = 0;
		i = n;
	}
}

void gyl__dhcpd_index_drop(struct gyl_dhcpd_index *ix, uint32_t slot)
{
	uint32_t i = gyl__dhcpd_index_hash(ix, slot) & ix->mask;

	while ((ix->entry[i] & SLOT_MASK) != slot)
		i = (i + 1) & ix->mask;
	ix->entry[i] = 0;
	ix->cnt--;
	close_gap(ix, i);
}
