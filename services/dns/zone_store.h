/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONE_STORE_H
#define GYL_SERVICES_DNS_ZONE_STORE_H

/*
 * What UPDATE has made of a zone, in the store: for each name that it changed, all its records.
 *
 *   dns/zone/ZONE/NAME/0   version (1), octets of the zone's name (1), the name, then records:
 *   dns/zone/ZONE/NAME/1   type (2), TTL (4), octets of the rdata (2), rdata
 *
 *   dns/zone/ZONE/#file    version (2), octets of the zone's name (1), the name, checksum (4) and
 *                          serial (4) of the file that the others are changes of
 *
 * Names are text, or # and a hash of them when that would be too long. A name that is gone has a
 * value without records. A name's values are whole records each, in any order. Pure.
 */

#include "services/base/store.h"
#include "services/dns/edit.h"

/* A name as a segment of a key. */
void gyl__dns_store_segment(struct gyl_writer *w, const uint8_t *name);

/* The records of one edit. */
struct gyl__dns_batch {
	struct gyl_record rec[GYL_STORE_BATCH_MAX];
	size_t cnt, len;
	uint8_t key[GYL_STORE_BATCH_MAX][GYL_STORE_KEY_MAX];
	size_t val_len;
	uint8_t val[GYL_STORE_BATCH_LEN];
};

/* Octets that a batch takes of the store's room at most. */
#define GYL__DNS_BATCH_COST GYL_STORE_BATCH_LEN

/* The names of an edit as they are now, and the checksum when the store has none. False: they are
 * more than one batch holds. */
bool gyl__dns_batch_make(struct gyl__dns_batch *b, const struct gyl_dns_edit *e);

/* The checksum of the zone's file. */
void gyl__dns_batch_file(struct gyl__dns_batch *b, const struct gyl_dns_live *z);

/* The removal of all that there is of a zone. */
void gyl__dns_batch_forget(struct gyl__dns_batch *b, const struct gyl_dns_live *z);

/* A value at start: what it says is in its zone. False: it makes no sense, or there is no such zone
 * (any more), or no room. */
bool gyl__dns_zone_replay(struct gyl_dns_lives *all, struct gyl_view val);

#endif
