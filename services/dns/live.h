/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_LIVE_H
#define GYL_SERVICES_DNS_LIVE_H

/*
 * Zones that change while they are served.
 *
 * Each is an image of its own (image.h) with one zone in it, so that find() and the answers need
 * not know. Only its nodes are not in one piece: they are blocks of a heap that all these zones
 * share, in the index and in an order by name (RFC 4034 6.1). A name changes as a whole: its
 * records are read into a list, the list is changed, and a new node takes the place of the old one.
 * Empty non-terminals come and go with what is below them, and every node knows the cut or DNAME
 * above it and its wildcard, as in an image that was compiled.
 *
 * Beside what image.h says: an extra's node_off is 0, the addresses are looked up when they are
 * wanted; every node has struct gyl_dns_more; label_max never shrinks.
 *
 * Bounds: GYL_DNS_LIVE_MAX zones; zone_space octets for all of them together, an eighth of it for
 * the log of changes (change.h); a name has GYL_DNS_LIVE_REC_MAX records and
 * GYL_DNS_LIVE_NODE_MAX octets.
 *
 * A signed zone of a file cannot be changed: nobody here can sign what is new. It stays as the
 * loader gave it, `im` is NULL. A copy may be signed: what its primary signs comes with signatures.
 * Owners of NSEC3 are then in the order by name, but not in the index (RFC 5155 7.2.8).
 *
 * A zone that is gathered has no index at first (`bare`): it is made when all names are there,
 * with the order of denial, in slices (gyl_dns_live_seal). So are zones given back. Pure.
 */

#include "services/dns/heap.h"
#include "services/dns/image.h"

enum {
	GYL_DNS_LIVE_MAX = 64,
	GYL_DNS_LIVE_REC_MAX = 2048,
	GYL_DNS_LIVE_NODE_MAX = 128 * 1024,
	GYL_DNS_LIVE_NOTED = 512, /* names that a new file changes in the zone itself: reload.h */
	/* of one record, so that a value of the store holds it (store.h) */
	GYL_DNS_LIVE_RDATA_MAX = 1600
};

struct gyl_dns_live {
	const struct gyl_dns_image *view; /* what is served; NULL: the place is free */
	struct gyl_dns_image *im;         /* the same, when it may change */
	uint8_t apex[GYL_DNS_NAME_MAX];   /* folded */
	uint8_t apex_len;
	uint32_t order_off, order_cnt, order_cap; /* @private nodes by name */
	uint32_t file_sum, file_serial;           /* of the image it was read from */
	uint64_t write_cnt;                       /* names that were written */
	uint32_t stored_cnt; /* values of the store that it is made of besides the file */
	uint32_t stored_sum, stored_serial; /* of the file that the store knows, with sum_stored */
	bool sum_stored;
	bool sum_due;        /* the store is to have that of now */
	bool forget;         /* they are no longer wanted */
	bool copy;           /* of a primary's zone: it has no file */
	bool hidden;         /* a copy that is not served: being gathered, or too old */
	bool expired;        /* ... that is too old */
	bool bare;           /* it has no index: the order finds its names */
	bool coming;         /* hidden, until all that came with it is there */
	bool retired;        /* another one is in its place: it goes when nobody walks it */
	bool dying;          /* it is given back, in slices */
	uint8_t seal_stage;  /* @private */
	uint32_t seal_at;    /* @private names that are in the index already; of a bare one */
	uint32_t hashed_cnt; /* owners of NSEC3 */
	uint64_t moved_len;  /* octets of the order that made room, or closed a gap */
	bool fresh;          /* untold: it is there */
	bool untold;         /* what became of a new file: enum gyl_dns_merged */
	uint8_t merged;
};

/* A record of a name. */
struct gyl_dns_rec {
	uint16_t type;
	uint32_t ttl;
	struct gyl_view rdata; /* uncompressed */
};

/* The records of a name, by type and within a type as they stand. */
struct gyl_dns_content {
	uint32_t cnt;
	uint32_t len; /* @private octets used */
	struct gyl_dns_rec rec[GYL_DNS_LIVE_REC_MAX];
	uint8_t octet[GYL_DNS_LIVE_NODE_MAX]; /* @private the rdata */
};

struct gyl_dns_change_log;

struct gyl_dns_lives {
	struct gyl_dns_live zone[GYL_DNS_LIVE_MAX];
	uint32_t cnt; /* places that were used once */
	struct gyl_dns_heap heap;
	struct gyl_dns_live_scratch *scratch; /* @private */
	uint8_t *image;                       /* @private the images' heads */
	uint8_t *log_mem;                     /* for change.h */
	size_t log_cap;
};

/* mem: zone_space octets, aligned to 16; NULL and 0: there will be no such zones. */
void gyl_dns_lives_init(struct gyl_dns_lives *all, void *mem, size_t len);

/* The zone that a folded name lies in, the lowest of them; NULL: none. O(zones). */
const struct gyl_dns_live *gyl_dns_live_of(
	const struct gyl_dns_lives *all, const uint8_t *name, size_t len);
/* Does the folded name lie in a copy that is too old to be served? */
bool gyl_dns_live_expired(const struct gyl_dns_lives *all, const uint8_t *name, size_t len);
/* The zone of that name. */
struct gyl_dns_live *gyl_dns_live_named(struct gyl_dns_lives *all, const uint8_t *apex, size_t len);

/*
 * A new zone from an image of one zone, which MUST be sound and stay when it is signed. NULL: no
 * place or no room, nothing has changed.
 */
struct gyl_dns_live *gyl_dns_live_add(struct gyl_dns_lives *all, const struct gyl_dns_image *from);
/* The same, also when it is a copy that is not served yet. */
struct gyl_dns_live *gyl_dns_live_stored(
	struct gyl_dns_lives *all, const uint8_t *apex, size_t len);

/* A copy without names, hidden and bare; the apex has to be written first. NULL: no place. */
struct gyl_dns_live *gyl_dns_live_new(struct gyl_dns_lives *all, const uint8_t *apex, size_t len);
/* At once, O(names); and in slices, by gyl_dns_lives_tidy(). */
void gyl_dns_live_drop(struct gyl_dns_lives *all, struct gyl_dns_live *z);
void gyl_dns_live_drop_later(struct gyl_dns_lives *all, struct gyl_dns_live *z);

/*
 * A slice of making a bare zone one that can be served: the index, and the order of denial when it
 * is signed. The zone MUST NOT be written before it is done. FULL: no room, it stays bare.
 */
enum gyl_dns_sealed {
	GYL_DNS_SEAL_MORE,
	GYL_DNS_SEAL_DONE,
	GYL_DNS_SEAL_FULL
};
enum gyl_dns_sealed gyl_dns_live_seal(struct gyl_dns_lives *all, struct gyl_dns_live *z);

/* Does the zone have signatures of its own? */
static inline bool gyl_dns_live_signed(const struct gyl_dns_live *z)
{
	return (gyl_dns_image_zone(z->view, 0)->flags & GYL_DNS_ZONE_SIGNED) != 0;
}

/* The node of a folded name, owners of NSEC3 too; NULL: it does not exist. */
const struct gyl_dns_node *gyl_dns_live_node(
	const struct gyl_dns_live *z, const uint8_t *name, size_t len);

/* All records of a node (NULL: none) into a list. False: it cannot hold them; not so with a node of
 * a zone that changes. */
bool gyl_dns_content_read(struct gyl_dns_content *c, const struct gyl_dns_node *n);
/* Put a record behind those of its type. False: the list is full. */
bool gyl_dns_content_add(struct gyl_dns_content *c, const struct gyl_dns_rec *r);
/* The record with that type, TTL and rdata (names in any case, RFC 2136 1.1.1: a zone keeps those
 * of its own names as it writes them, pack.c); GYL_DNS_NO_REC: none. */
uint32_t gyl_dns_content_spot(const struct gyl_dns_content *c, const struct gyl_dns_rec *r);
/* Octets that the records take in values of the store: zone_store.h. */
uint32_t gyl_dns_content_size(const struct gyl_dns_content *c);
/* The same records, in whatever order. */
bool gyl_dns_content_same(const struct gyl_dns_content *a, const struct gyl_dns_content *b);
void gyl_dns_content_remove(struct gyl_dns_content *c, uint32_t i);
/* That of the SOA, if there is one. */
void gyl_dns_content_set_serial(struct gyl_dns_content *c, uint32_t serial);
/* The same, whatever its TTL. */
uint32_t gyl_dns_content_find(
	const struct gyl_dns_content *c, uint16_t type, struct gyl_view rdata);
#define GYL_DNS_NO_REC UINT32_MAX

/*
 * A folded name at or below the apex has these records from now on; none: it goes away. False: no
 * room, or too much for one name; nothing has changed. Nodes may have moved. urgent: take what is
 * kept for going back, too. name MUST NOT lie in the zone itself.
 */
bool gyl_dns_live_write(struct gyl_dns_lives *all, struct gyl_dns_live *z, const uint8_t *name,
	const struct gyl_dns_content *c, bool urgent);

/* The next name of the zone in canonical order after a folded one that need not exist (NULL: the
 * first, which is the apex); NULL: there is none. O(log names). */
const struct gyl_dns_node *gyl_dns_live_after(const struct gyl_dns_live *z, const uint8_t *name);
/* The same for walks: *at is the place of the name in the order, when nothing has moved it, and
 * becomes that of the next one; then it is O(1). */
const struct gyl_dns_node *gyl_dns_live_next(
	const struct gyl_dns_live *z, const uint8_t *name, uint32_t *at);
/* gyl_dns_live_node() of a name that most likely stands at that place. */
const struct gyl_dns_node *gyl_dns_live_node_near(
	const struct gyl_dns_live *z, const uint8_t *name, uint32_t at);

/* A slice of tidying up. True: there is more. */
bool gyl_dns_lives_tidy(struct gyl_dns_lives *all);

#endif
