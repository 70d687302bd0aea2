/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_TABLE_H
#define GYL_SERVICES_ARPD_TABLE_H

/*
 * The host table: by address and VLAN, in memory that was there before, in order of last sight.
 * Pure.
 *
 * There are two orders: of hosts that were seen for a moment only, and of those that were seen
 * again with the same MAC later. Who invents hosts fills the first one, and pushes out what he
 * invented himself.
 */

#include <gyl/base.h>

#define GYL_ARPD_NONE UINT32_MAX

enum gyl_arpd_order {
	GYL_ARPD_ONCE,
	GYL_ARPD_AGAIN,
	GYL_ARPD_ORDERS
};

/* What a frame of a known host touches: one line of a cache. Times are wall clock, ns: they are
 * shown to people and survive restarts. */
struct gyl_arpd_host {
	uint32_t ip;
	uint16_t vlan;
	uint8_t mac[6];
	uint32_t chain;        /* @private next in the bucket */
	uint32_t older, newer; /* @private by last sight */
	uint32_t judged;       /* the lease table's turn at which its use of the address was good */
	uint8_t order;         /* enum gyl_arpd_order */
	bool used;
	bool dirty;  /* differs from its record in the store */
	bool stored; /* has a record in the store */
	bool told;   /* that it is there was told */
	uint8_t iface;
	uint16_t scan;    /* number of the last scan that it answered; 0: none */
	uint32_t moved_s; /* last_ns when its place in the order was made, s */
	uint64_t first_ns, last_ns;
	uint64_t count; /* frames */
};

/* What is rarely looked at. */
struct gyl_arpd_past {
	uint8_t former[6]; /* the MAC before, zero: none */
	uint16_t reserved;
	uint32_t changes;   /* of its MAC */
	uint64_t former_ns; /* when the former MAC was last seen */
	uint64_t lease_ns;  /* monotonic: no word about its lease before */
};

struct gyl_arpd_table {
	struct gyl_arpd_host *host;
	struct gyl_arpd_past *past;
	uint32_t *bucket;
	uint32_t cap, cnt;
	uint32_t oldest[GYL_ARPD_ORDERS], newest[GYL_ARPD_ORDERS], free; /* @private */
	unsigned shift;                                                  /* @private */
	uint64_t mul, add;                                               /* @private */
};

/* Octets, aligned to 64. */
size_t gyl_arpd_table_need(uint32_t cap);
void gyl_arpd_table_init(struct gyl_arpd_table *t, void *mem, uint32_t cap, const uint64_t seed[2]);

/* Where an address begins to be looked for. Multiply and shift by a secret odd factor: nobody
 * outside can aim at one chain. */
static inline uint32_t *gyl_arpd_table_bucket(
	const struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan)
{
	uint64_t key = (uint64_t)vlan << 32 | ip;

	return &t->bucket[(key * t->mul + t->add) >> t->shift];
}

/* The host of an address, or NULL. */
struct gyl_arpd_host *gyl_arpd_table_find(
	const struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan);

static inline struct gyl_arpd_past *gyl_arpd_table_past(
	const struct gyl_arpd_table *t, const struct gyl_arpd_host *h)
{
	return &t->past[h - t->host];
}

/* A new entry, newest of those seen once; NULL when the table is full. The address MUST not be
 * there. */
struct gyl_arpd_host *gyl_arpd_table_add(struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan);

void gyl_arpd_table_remove(struct gyl_arpd_table *t, struct gyl_arpd_host *h);

/* Becomes the newest of an order. */
void gyl_arpd_table_move(
	struct gyl_arpd_table *t, struct gyl_arpd_host *h, enum gyl_arpd_order order);

/* Put an order right after entries came in another one. O(n log n). */
void gyl_arpd_table_sort(struct gyl_arpd_table *t, enum gyl_arpd_order order);

/* The longest unseen of an order, or NULL. */
struct gyl_arpd_host *gyl_arpd_table_oldest(
	const struct gyl_arpd_table *t, enum gyl_arpd_order order);

/* Entries in the order of their memory, for slices: the first used one from *at on; *at moves past
 * it. */
struct gyl_arpd_host *gyl_arpd_table_walk(const struct gyl_arpd_table *t, uint32_t *at);

#endif
