/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_CHANGE_H
#define GYL_SERVICES_DNS_CHANGE_H

/*
 * What has changed in zones, for those who ask for no more than that (IXFR, RFC 1995).
 *
 * A zone that changes, by UPDATE, by its file or by names of leases, has a book: its serial, and
 * records that were removed and added in a ring that all books share. What belongs to one step of
 * the serial is gathered first (gyl_dns_book_note) and becomes a step when it is closed. A record
 * that was added and removed in one step, or the other way round, has not changed.
 *
 * Others MUST NOT be told of a serial that a crash can take back: it would come again, with other
 * contents. So steps may be held until the store is durable, and what transfers and NOTIFY say is
 * the zone as it was before them (gyl_dns_book_told_serial()).
 *
 * Bound: GYL_DNS_BOOK_MAX books; the ring is an eighth of zone_space. What is oldest goes first,
 * and whoever asks from before that gets the whole zone. Pure.
 */

#include <gyl/dns_name.h>

enum {
	GYL_DNS_BOOK_MAX = 128,
	GYL_DNS_AHEAD_MAX = 10000 /* changes that are gathered ahead */
};

struct gyl_dns_change {
	bool added;
	uint8_t name_len;
	uint16_t type;
	uint32_t ttl;
	uint32_t ip;           /* of the lease that it is about, else 0 */
	const uint8_t *name;   /* folded */
	struct gyl_view rdata; /* uncompressed */
	uint32_t from;         /* the step: of the serial after this one */
};

/* A place in the ring where a serial begins; after: when the store is durable up to this one. */
struct gyl_dns_mark {
	uint64_t after, at;
	uint32_t serial;
};

struct gyl_dns_book {
	bool used;
	uint8_t apex_len;
	uint8_t apex[GYL_DNS_NAME_MAX]; /* folded */
	uint32_t serial;
	uint32_t promised; /* the store has this one; 0: none. It is after all that were told */
	uint64_t promised_after; /* durable up to here, it has it for good */
	bool bare;               /* the serial is nowhere in the store yet */
	bool restored;           /* from the store, and not yet of a zone */
	bool open;               /* there are changes since the last step */
	uint64_t open_at;        /* @private where the first of them is */
	uint32_t open_cnt;       /* how many they are */
	bool lost;               /* some of the step from lost_from are gone */
	uint32_t lost_from;      /* @private */
	bool open_lost;          /* @private the step that is open cannot be told */
	uint64_t known_at;       /* @private what stands before in the ring is not all there was */
	uint8_t held_cnt;        /* @private of held */
	struct gyl_dns_mark sure, held[2]; /* @private the last two may be of many steps */
};

struct gyl_dns_data;

struct gyl_dns_ledger {
	const struct gyl_dns_data *data; /* that finds names of leases; NULL: there are none */
	uint32_t lease_ttl_s;
	struct gyl_dns_book book[GYL_DNS_BOOK_MAX + 1]; /* the last one is the book ahead */
	uint32_t book_cnt;                              /* that are used */
	uint8_t *p;
	size_t cap;
	uint64_t head, tail; /* of the ring, counted from the beginning of time */
};

/* mem: aligned to 8; NULL and 0: nothing is remembered, serials move all the same. */
void gyl_dns_ledger_init(struct gyl_dns_ledger *l, void *mem, size_t cap);

/* The book of a zone (folded name), NULL: it has none. */
struct gyl_dns_book *gyl_dns_book_find(struct gyl_dns_ledger *l, const uint8_t *apex, size_t len);
/* The same, begun with that serial when there is none; NULL: there are too many. */
struct gyl_dns_book *gyl_dns_book_begin(
	struct gyl_dns_ledger *l, const uint8_t *apex, size_t len, uint32_t serial);
/* A record was removed or added. unique: nothing else has been said of it in this step, which
 * spares the search. */
void gyl_dns_book_note(struct gyl_dns_ledger *l, struct gyl_dns_book *b,
	const struct gyl_dns_change *c, bool unique);
/*
 * The book ahead belongs to no zone: what a zone will be changed by is gathered there in many
 * turns, and becomes a part of the zone's step at once. from: place in the ring when that began.
 * False: too much, or no longer all of it is known; nothing is noted.
 */
struct gyl_dns_book *gyl_dns_book_ahead(struct gyl_dns_ledger *l);
bool gyl_dns_book_adopt(struct gyl_dns_ledger *l, struct gyl_dns_book *b, uint64_t from);
/* What happens in this step cannot be told: who is of before gets the whole zone. False: it can be
 * after all (it did not happen). */
void gyl_dns_book_lose(struct gyl_dns_ledger *l, struct gyl_dns_book *b, bool lost);
/*
 * The step that is closed next, and all after it, is held until the store is durable up to `after`;
 * UINT64_MAX: gyl_dns_book_hold_for() will tell.
 */
void gyl_dns_book_hold(const struct gyl_dns_ledger *l, struct gyl_dns_book *b, uint64_t after);
void gyl_dns_book_hold_for(struct gyl_dns_book *b, uint64_t after);
/* The store is durable up to here. True: what is told has changed. */
bool gyl_dns_book_durable(struct gyl_dns_book *b, uint64_t durable);
/* What others are told. */
static inline uint32_t gyl_dns_book_told_serial(const struct gyl_dns_book *b)
{
	return b->held_cnt != 0 ? b->sure.serial : b->serial;
}
/* Where in the ring begins what came after that. */
static inline uint64_t gyl_dns_book_told_at(
	const struct gyl_dns_ledger *l, const struct gyl_dns_book *b)
{
	if (b->held_cnt != 0)
		return b->sure.at;
	return b->open ? b->open_at : l->head;
}
/* Does the ring have all of the zone from there on? */
static inline bool gyl_dns_book_knows(
	const struct gyl_dns_ledger *l, const struct gyl_dns_book *b, uint64_t at)
{
	return at >= l->tail && at >= b->known_at;
}

/* All that was noted is the step to this serial. The change of the SOA is part of it. */
void gyl_dns_book_close(struct gyl_dns_ledger *l, struct gyl_dns_book *b, uint32_t serial);
/* The step is closed, but nothing is known of what came before (a new zone in the old one's place).
 */
void gyl_dns_book_forget(struct gyl_dns_ledger *l, struct gyl_dns_book *b, uint32_t serial);

/* The serial after one (RFC 1982), never 0. */
uint32_t gyl_dns_serial_next(uint32_t serial);
/* Is a after b? (RFC 1982 3.2) */
bool gyl_dns_serial_after(uint32_t a, uint32_t b);

/*
 * The changes since a serial, in the order of RFC 1995 4: of each step the old SOA, what else was
 * removed, the new SOA, what else was added. A cursor MAY be kept while zones change; the view of a
 * change is valid until the next note.
 */
struct gyl_dns_changes {
	uint32_t from;      /* @private the step */
	uint64_t start, at; /* @private */
	uint8_t pass;       /* @private */
};

/* False: that serial is not known (any more): tell the whole zone. The serial of now is good: there
 * are no changes. */
bool gyl_dns_changes_begin(const struct gyl_dns_ledger *l, const struct gyl_dns_book *b,
	uint32_t serial, struct gyl_dns_changes *ret_cur);
enum gyl_dns_next {
	GYL_DNS_NEXT,
	GYL_DNS_END,
	GYL_DNS_GONE /* the ring went over it meanwhile */
};
enum gyl_dns_next gyl_dns_changes_next(const struct gyl_dns_ledger *l, const struct gyl_dns_book *b,
	struct gyl_dns_changes *cur, struct gyl_dns_change *ret_change);

/* Walk over what was noted from a position of the ring on (l->head of some time before), of steps
 * and of what is no step yet. False: there is no more. */
bool gyl_dns_ledger_walk(const struct gyl_dns_ledger *l, const struct gyl_dns_book *b, uint64_t *at,
	struct gyl_dns_change *ret_change);

#endif
