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
 * Bound: GYL_DNS_BOOK_MAX books; the ring is an eighth of zone_space. What is oldest goes first,
 * and whoever asks from before that gets the whole zone. Pure.
 */

#include <gyl/dns_name.h>

enum {
	GYL_DNS_BOOK_MAX = 128
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

struct gyl_dns_book {
	bool used;
	uint8_t apex_len;
	uint8_t apex[GYL_DNS_NAME_MAX]; /* folded */
	uint32_t serial;
	uint32_t promised;  /* the store has this one; 0: none. It is after all that were told */
	bool restored;      /* from the store, and not yet of a zone */
	bool open;          /* there are changes since the last step */
	uint64_t open_at;   /* @private where the first of them is */
	uint32_t open_cnt;  /* how many they are */
	bool lost;          /* some of the step from lost_from are gone */
	uint32_t lost_from; /* @private */
};

struct gyl_dns_ledger {
	struct gyl_dns_book book[GYL_DNS_BOOK_MAX];
	uint32_t book_cnt; /* that are used */
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
/* No more: what is remembered of it is nobody's. */
void gyl_dns_book_drop(struct gyl_dns_ledger *l, struct gyl_dns_book *b);

/* A record was removed or added. unique: nothing else has been said of it in this step, which
 * spares the search. */
void gyl_dns_book_note(struct gyl_dns_ledger *l, struct gyl_dns_book *b,
	const struct gyl_dns_change *c, bool unique);
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
