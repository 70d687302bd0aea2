/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_EDIT_H
#define GYL_SERVICES_DNS_EDIT_H

/*
 * Some changes of a zone that are one: all of them are made, or none; they are one step of the
 * serial, and what was removed and added is noted down (change.h). Names are changed one at a time:
 * open, change the list, put. Pure.
 */

#include "services/dns/change.h"
#include "services/dns/live.h"

enum {
	GYL_DNS_EDIT_NAME_MAX = 60 /* names in one edit that is stored: a batch of the store */
};

struct gyl_dns_edit {
	struct gyl_dns_lives *all;
	struct gyl_dns_live *z;
	struct gyl_dns_ledger *l;
	struct gyl_dns_book *b;
	uint64_t mark;   /* @private place in the ring when it began */
	size_t note_len; /* @private octets that were noted */
	bool was_open;   /* @private something waited for its step already */
	bool bulk;       /* names are changed once each, as many as there are; nothing is undone */
	bool lost;       /* @private more names of leases came or went than are noted */
	uint32_t added_cnt, removed_cnt;
	uint32_t name_cnt;                       /* names that were changed; of a bulk 0 */
	uint32_t was_len[GYL_DNS_EDIT_NAME_MAX]; /* gyl_dns_content_size() before */
	uint8_t name[GYL_DNS_EDIT_NAME_MAX][GYL_DNS_NAME_MAX];
};

/* z MUST be one that may change; its book is begun when it has none. False: there are too many. */
bool gyl_dns_edit_begin(struct gyl_dns_edit *e, struct gyl_dns_lives *all, struct gyl_dns_ledger *l,
	struct gyl_dns_live *z, bool bulk);

/* The records of a folded name, to be changed. One name is open at a time. */
struct gyl_dns_content *gyl_dns_edit_open(struct gyl_dns_edit *e, const uint8_t *name);

/* What was opened is put back. False: no room, or more names or octets than one edit may change;
 * this name is as it was. */
bool gyl_dns_edit_put(struct gyl_dns_edit *e, const uint8_t *name);

/* What differs between two lists of a name's records is noted in a book, as a bulk does. */
void gyl_dns_edit_note(struct gyl_dns_edit *e, struct gyl_dns_book *b, const uint8_t *name,
	const struct gyl_dns_content *was, const struct gyl_dns_content *is);

/* All is as it was. */
void gyl_dns_edit_undo(struct gyl_dns_edit *e);

/* Has anything changed? */
static inline bool gyl_dns_edit_any(const struct gyl_dns_edit *e)
{
	return e->added_cnt + e->removed_cnt != 0;
}

/* The serial of the SOA as it stands. */
uint32_t gyl_dns_live_serial(const struct gyl_dns_live *z);

/* The SOA gets this serial; to be done before the edit ends. False: as put. */
bool gyl_dns_edit_serial(struct gyl_dns_edit *e, uint32_t serial);

/* The step is closed. */
void gyl_dns_edit_end(struct gyl_dns_edit *e);

#endif
