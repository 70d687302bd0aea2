/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_TABLE_H
#define GYL_SERVICES_ARPD_TABLE_H

/* The host table: by address, in order of last sight, in memory that was there before. Pure. */

#include <gyl/base.h>

#define GYL_ARPD_NONE UINT32_MAX

enum {
	GYL_ARPD_NAME_MAX = 63
};

/* Times are wall clock, ns: they are shown to people and survive restarts. */
struct gyl_arpd_host {
	uint32_t ip;
	uint16_t vlan;
	uint8_t mac[6];
	uint8_t former[6]; /* the MAC before, zero: none */
	bool used;
	bool dirty;  /* differs from its record in the store */
	bool stored; /* has a record in the store */
	uint64_t first_ns, last_ns;
	uint64_t former_ns;    /* when the former MAC was last seen */
	uint64_t count;        /* frames */
	uint32_t chain;        /* @private next in the bucket */
	uint32_t older, newer; /* @private by last sight */
	uint8_t name_len;
	char name[GYL_ARPD_NAME_MAX];
};

struct gyl_arpd_table {
	struct gyl_arpd_host *host;
	uint32_t *bucket;
	uint32_t cap, cnt, bucket_mask;
	uint32_t oldest, newest, free; /* @private */
	uint64_t seed[2];
};

size_t gyl_arpd_table_need(uint32_t cap);
void gyl_arpd_table_init(struct gyl_arpd_table *t, void *mem, uint32_t cap, const uint64_t seed[2]);

/* The host of an address, or NULL. */
struct gyl_arpd_host *gyl_arpd_table_find(
	const struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan);

/* A new entry, newest in order; NULL when the table is full. The address MUST not be there. */
struct gyl_arpd_host *gyl_arpd_table_add(struct gyl_arpd_table *t, uint32_t ip, uint16_t vlan);

void gyl_arpd_table_remove(struct gyl_arpd_table *t, struct gyl_arpd_host *h);

/* Seen just now: becomes the newest. */
void gyl_arpd_table_touch(struct gyl_arpd_table *t, struct gyl_arpd_host *h);

/* Put the order of last sight right after entries came in another one. O(n log n). */
void gyl_arpd_table_sort(struct gyl_arpd_table *t);

/* The longest unseen, or NULL. */
struct gyl_arpd_host *gyl_arpd_table_oldest(const struct gyl_arpd_table *t);

/* Entries in the order of their memory, for slices: the first used one from *at on; *at moves past
 * it. */
struct gyl_arpd_host *gyl_arpd_table_walk(const struct gyl_arpd_table *t, uint32_t *at);

#endif
