/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/index.h"

enum {
	SIZE_MIN = 1024,
	SIZE_FIRST = 1 << 17, /* half a mebibyte; whoever has more leases waits for more memory */
	MOVE_CNT = 8          /* entries looked at with each one that is added */
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
	ix->old_mask = 0;
	ix->mask = size_for(slot_cnt < SIZE_FIRST / 4 * 3 ? slot_cnt : SIZE_FIRST / 4 * 3) - 1;
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

/* Entry i is free: whoever stands behind it, because its place was taken, moves up. */
static void close_gap(const struct gyl_dhcpd_index *ix, uint32_t *entry, uint32_t mask, uint32_t i)
{
	for (uint32_t n = (i + 1) & mask; entry[n] != 0; n = (n + 1) & mask) {
		uint32_t home = gyl__dhcpd_index_hash(ix, entry[n] & SLOT_MASK);

		if (((n - home) & mask) < ((n - i) & mask))
			continue;
		entry[i] = entry[n];
		entry[n] = 0;
		i = n;
	}
}

/* False: it is not there. */
static bool take_out(
	const struct gyl_dhcpd_index *ix, uint32_t *entry, uint32_t mask, uint32_t slot)
{
	uint32_t i = gyl__dhcpd_index_hash(ix, slot) & mask;

	while (entry[i] != 0 && (entry[i] & SLOT_MASK) != slot)
		i = (i + 1) & mask;
	if (entry[i] == 0)
		return false;
	entry[i] = 0;
	close_gap(ix, entry, mask, i);
	return true;
}

/* So many steps on from the old table to the new one. */
static void move(struct gyl_dhcpd_index *ix, uint32_t steps)
{
	for (; steps != 0 && ix->old_mask != 0; steps--) {
		uint32_t e = ix->old[ix->old_at];

		if (e != 0) {
			ix->old[ix->old_at] = 0;
			close_gap(ix, ix->old, ix->old_mask, ix->old_at);
			put(ix, e & SLOT_MASK);
		} else if (ix->old_at++ == ix->old_mask) {
			ix->old_mask = 0;
		}
	}
}

/* Twice the size. What is in it steps aside behind the largest table that there can be, and comes
 * back with what is added. */
static void grow(struct gyl_dhcpd_index *ix)
{
	uint32_t size = ix->mask + 1;

	move(ix, UINT32_MAX);
	ix->old = ix->entry + ix->mask_max + 1;
	ix->old_mask = ix->mask;
	ix->old_at = 0;
	memcpy(ix->old, ix->entry, size * sizeof *ix->old);
	memset(ix->entry, 0, size * sizeof *ix->entry);
	ix->mask = 2 * size - 1;
}

void gyl__dhcpd_index_add(struct gyl_dhcpd_index *ix, uint32_t slot)
{
	uint32_t size = ix->mask + 1;

	if (ix->cnt >= size - size / 4 && ix->mask < ix->mask_max)
		grow(ix);
	move(ix, MOVE_CNT);
	put(ix, slot);
	ix->cnt++;
}

void gyl__dhcpd_index_drop(struct gyl_dhcpd_index *ix, uint32_t slot)
{
	if (take_out(ix, ix->entry, ix->mask, slot) ||
		(ix->old_mask != 0 && take_out(ix, ix->old, ix->old_mask, slot)))
		ix->cnt--;
}
