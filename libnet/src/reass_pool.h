/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_REASS_POOL_H
#define GYL_LIBNET_SRC_REASS_POOL_H

/*
 * The memory of reassembly: entries by key, in lists by time and by use; their sources; pages.
 * An entry is held, with pages, or poisoned, without. Who makes room: a poisoned one when entries
 * are short, the least recently used held one when pages are; and always one of the same source
 * first, when that has its share.
 */

#include "libnet/src/reass.h"

#define GYL__REASS_NONE UINT16_MAX

enum {
	/* 1480 octets fill 2.9 of them; a piece of 8 octets alone pins one. */
	GYL__REASS_PAGE_LEN = 512,
	GYL__REASS_SHARE = 4 /* one source: a fourth */
};

enum gyl__reass_state {
	GYL__REASS_IS_HELD,
	GYL__REASS_IS_POISONED,
	GYL__REASS_STATE_CNT
};

enum gyl__reass_link {
	GYL__REASS_BY_TIME,   /* of the first piece */
	GYL__REASS_BY_USE,    /* of all, each state its own list */
	GYL__REASS_BY_SOURCE, /* the same for one source */
	GYL__REASS_LINK_CNT
};

struct gyl__reass_list {
	uint16_t head, tail; /* indexes of entries */
};

struct gyl__reass_key {
	uint64_t addr; /* src, dst */
	uint64_t rest; /* id, vlan, interface, protocol */
};

struct gyl__reass_piece {
	uint16_t off, len; /* octets */
};

/* Pieces lie in the pages in the order in which they came, options in front of the first one. */
struct gyl__reass_entry {
	struct gyl__reass_key key;
	uint64_t first_ns;
	struct {
		uint16_t prev, next;
	} link[GYL__REASS_LINK_CNT];
	uint16_t index; /* its own, for good */
	uint16_t chain; /* next of the same hash, or next free one */
	uint16_t source;
	uint16_t page_head, page_tail, page_cnt;
	uint16_t fill;     /* octets used of the last page */
	uint16_t got, top; /* octets, and where the last of them ends */
	uint16_t end;      /* length of the datagram's payload; 0: not known */
	uint8_t state;     /* enum gyl__reass_state */
	uint8_t piece_cnt;
	/* Of the first piece: */
	bool has_first;
	uint8_t opt_len, dscp, ecn, ttl, flags;
	uint8_t mac[6];
	struct gyl__reass_piece piece[];
};

struct gyl__reass_source {
	uint64_t key; /* vlan, interface, src */
	uint16_t chain;
	uint16_t entry_cnt, page_cnt;
	struct gyl__reass_list use[GYL__REASS_STATE_CNT];
};

struct gyl__reass {
	struct gyl__reass_conf cf;
	struct gyl__reass_stat stat;
	uint64_t hash_mul[2], hash_add;
	unsigned hash_shift;
	size_t stride; /* of entries */
	uint16_t entry_cnt, entry_share;
	uint16_t page_cnt, page_share;
	uint16_t entry_free, source_free, page_free;
	struct gyl__reass_list time, use[GYL__REASS_STATE_CNT];
	uint8_t *entry;
	struct gyl__reass_source *source;
	uint16_t *hash, *source_hash, *page_next;
	uint8_t *page;
	uint8_t *out; /* GYL_IPV4_HEADER_MAX and out_len octets, for what is handed out */
	uint8_t quote[GYL__REASS_QUOTE_LEN]; /* of the last one that was late */
	size_t out_len;
};

static inline struct gyl__reass_entry *gyl__reass_at(const struct gyl__reass *r, uint16_t i)
{
	return (struct gyl__reass_entry *)(void *)(r->entry + i * r->stride);
}

/* ---- reass_entry.c ---- */

struct gyl__reass_entry *gyl__reass_find(struct gyl__reass *r, const struct gyl__reass_key *key);

/* A held entry without pieces for a key that is not there. Another one may have to go for it. */
struct gyl__reass_entry *gyl__reass_add(
	struct gyl__reass *r, uint64_t now_ns, const struct gyl__reass_key *key);
void gyl__reass_del(struct gyl__reass *r, struct gyl__reass_entry *e);
/* Held: its pages go, its key stays. */
void gyl__reass_poison(struct gyl__reass *r, struct gyl__reass_entry *e);

/* It is the most recently used one now. */
void gyl__reass_touch(struct gyl__reass *r, struct gyl__reass_entry *e);
/* The entry whose time is over next, NULL when there is none. */
struct gyl__reass_entry *gyl__reass_oldest(const struct gyl__reass *r);

/* ---- reass_pool.c: the block and its pages ---- */

/* Pages for len octets more of a held entry, which becomes the most recently used. Other datagrams
 * may have to go for it. False: its source would have more than its share with this one alone. */
bool gyl__reass_reserve(struct gyl__reass *r, struct gyl__reass_entry *e, size_t len);
/* Append octets, reserved before. */
void gyl__reass_append(struct gyl__reass *r, struct gyl__reass_entry *e, struct gyl_view v);

/* Reads what was appended, from the start. */
struct gyl__reass_reader {
	uint16_t page;
	uint16_t at;
};
struct gyl__reass_reader gyl__reass_reader(const struct gyl__reass_entry *e);
/* The next len octets, which MUST be there, to dst; NULL: pass over them. */
void gyl__reass_read(
	const struct gyl__reass *r, struct gyl__reass_reader *rd, uint8_t *dst, size_t len);

void gyl__reass_free_pages(struct gyl__reass *r, struct gyl__reass_entry *e);

#endif
