/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_RELOAD_H
#define GYL_SERVICES_DNS_RELOAD_H

/*
 * A zone that changes meets a new version of its file while it is served: merge.h, in slices.
 *
 * First it is looked what differs. A few names are changed in the zone itself, in one go. More make
 * a zone of its own, which nobody sees and which takes the place of the old one when it is whole.
 * Either way it is one step for those who ask for changes (IXFR), but for more than
 * GYL_DNS_AHEAD_MAX records, where there are names of leases, and when UPDATE came in between: then
 * who asks for changes since before gets all of it.
 *
 * UPDATE goes on meanwhile: what it does to the zone stands in the ring of changes, and the names
 * in there are looked at again at the end. So it is as if the file had come at that moment, and if
 * its serial is not after the zone's any more, all begins anew.
 *
 * A new zone is made in the same way. Where there is no room for a second zone, and when UPDATE is
 * faster than we are, all is done in one piece. Pure.
 */

#include "services/dns/merge_own.h"

enum {
	GYL_DNS_RELOAD_SLICE = 600,              /* names that are looked at in one call, about */
	GYL_DNS_RELOAD_MOST = GYL_DNS_LIVE_NOTED /* that are changed in the zone itself, about */
};

struct gyl_dns_reload {
	struct gyl__dns_merging m;
	struct gyl_dns_live *in; /* what is made, NULL: nothing yet */
	uint32_t slice, most;
	/* @private */
	struct gyl_dns_book *b;
	struct gyl_dns_ledger *l;
	uint8_t stage;
	uint8_t try_cnt;
	bool in_name;               /* name is the last one of the zone that was looked at, */
	uint32_t at, off;           /* this its place in the order; in the file */
	uint64_t mark;              /* place in the ring */
	uint32_t name_cnt;          /* that differ, */
	uint32_t weight;            /* and what it takes to change them */
	struct gyl_dns_book *ahead; /* what differs is noted there; NULL: it is not */
	uint64_t ahead_from;
	uint8_t name[GYL_DNS_NAME_MAX];
};

enum gyl_dns_reloaded {
	GYL_DNS_RELOAD_MORE,
	GYL_DNS_RELOAD_HERE, /* gyl_dns_reload_here() changes the zone; before anything else does */
	GYL_DNS_RELOAD_ASIDE, /* `in` is to take its place; before anything else changes it */
	GYL_DNS_RELOAD_WHOLE  /* gyl_dns_merge(), or gyl_dns_live_add() */
};

/* slice and most are kept. z NULL: there is none yet. was: as in merge.h. */
void gyl_dns_reload_begin(struct gyl_dns_reload *r, struct gyl_dns_edit *e,
	struct gyl_dns_lives *all, struct gyl_dns_ledger *l, struct gyl_dns_live *z,
	const struct gyl_dns_image *is, const struct gyl_dns_image *was);
enum gyl_dns_reloaded gyl_dns_reload_next(struct gyl_dns_reload *r);
enum gyl_dns_merged gyl_dns_reload_here(struct gyl_dns_reload *r);
/* `in` gets its serial, and what else is known of the zone. False: no room, it is gone. */
bool gyl_dns_reload_aside(struct gyl_dns_reload *r);
/* It is in its place: the step is closed. */
void gyl_dns_reload_close(struct gyl_dns_reload *r);

#endif
