/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_BOOK_H
#define GYL_SERVICES_ARPD_BOOK_H

/*
 * What other services say of an address: whose lease it is, and what it is called. In memory that
 * was there before. What has neither lease nor name, for a while, makes room; when there is none,
 * `lost` tells that the book is not the whole truth. Pure.
 */

#include <gyl/base.h>

enum {
	GYL_ARPD_NAME_MAX = 63
};

struct gyl_arpd_entry {
	uint32_t ip;
	uint32_t chain;   /* @private */
	uint8_t mac[6];   /* of the lease, or of the last one */
	bool used, lease; /* lease: there is one now */
	uint8_t name_len;
	char name[GYL_ARPD_NAME_MAX];
	uint32_t epoch;    /* of the snapshot that told it */
	uint64_t since_ns; /* monotonic: its lease began, ended or went to another then */
};

struct gyl_arpd_book {
	struct gyl_arpd_entry *entry;
	uint32_t *bucket; /* @private */
	uint32_t cap, cnt, lease_cnt;
	uint32_t free, sweep; /* @private */
	uint32_t turn;        /* changes when a lease does; from 1 */
	uint32_t epoch;       /* of the snapshot being told */
	bool whole;           /* a snapshot was told to its end */
	bool lost;            /* something did not fit */
	unsigned shift;       /* @private */
	uint64_t mul, add;    /* @private */
};

size_t gyl_arpd_book_need(uint32_t cap);
void gyl_arpd_book_init(struct gyl_arpd_book *b, void *mem, uint32_t cap, const uint64_t seed[2]);

struct gyl_arpd_entry *gyl_arpd_book_find(const struct gyl_arpd_book *b, uint32_t ip);

/* A lease for the address begins or goes on. old_ns: what ended before may go. */
void gyl_arpd_book_lease(struct gyl_arpd_book *b, uint64_t now_ns, uint64_t old_ns, uint32_t ip,
	const uint8_t mac[6], struct gyl_view name);
/* There is none any more. */
void gyl_arpd_book_end(struct gyl_arpd_book *b, uint64_t now_ns, uint32_t ip);
/* Its name; empty: it has none any more. */
void gyl_arpd_book_name(struct gyl_arpd_book *b, uint64_t now_ns, uint64_t old_ns, uint32_t ip,
	struct gyl_view name);

/* All leases are told, from here to the end; those that were not are none. */
void gyl_arpd_book_begin(struct gyl_arpd_book *b);
void gyl_arpd_book_whole(struct gyl_arpd_book *b, uint64_t now_ns);

#endif
