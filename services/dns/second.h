/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_SECOND_H
#define GYL_SERVICES_DNS_SECOND_H

/*
 * Zones that are copies of a primary's: what comes from there, message by message.
 *
 * A whole zone (AXFR, RFC 5936, or an IXFR that is one) is gathered in a zone of its own that
 * nobody sees, and takes the place of the old one when its closing SOA has come. What has changed
 * (IXFR, RFC 1995) is made in the zone itself when it comes in one message, fits an edit (edit.h)
 * and the zone is not signed. Else a copy of the zone is made first, the primary is asked again,
 * and the copy with all that has changed takes the place of the zone: nobody ever sees half of it.
 *
 * What a primary says is not trusted: records of another zone, of another class, without a closing
 * SOA, unsigned ones where a key is configured, and more than there is room for (zone_space) end
 * the transfer, and the zone stays as it was. Changes that do not fit what is there are a reason to
 * ask for all of it.
 *
 * No call takes longer than GYL__DNS_TAKE_CNT records do. Pure.
 */

#include "services/dns/edit.h"
#include "services/dns/pack.h"
#include "services/dns/tsig.h"

enum {
	GYL__DNS_TAKE_CNT = 400,    /* records that are taken at once; ... */
	GYL__DNS_TAKE_MOVED = 8192, /* ... so many octets of the order that move count as one */
	GYL__DNS_CLONE_CNT = 400    /* names that are copied at once */
};

enum gyl__dns_got {
	GYL__DNS_GOT_MORE,    /* the message is taken, the transfer goes on */
	GYL__DNS_GOT_BUSY,    /* a part of the message is taken: the same again */
	GYL__DNS_GOT_SAME,    /* the copy is up to date */
	GYL__DNS_GOT_OLDER,   /* ... and what the primary has is older */
	GYL__DNS_GOT_ZONE,    /* all of it is in `in`, to be sealed (live.h) */
	GYL__DNS_GOT_STEPS,   /* the same, by changes of a copy of it */
	GYL__DNS_GOT_EDIT,    /* the changes are made; edit is to be stored and ended, or undone */
	GYL__DNS_GOT_CLONE,   /* the changes need a copy of the zone: gyl__dns_take_clone() */
	GYL__DNS_GOT_TRY_ALL, /* what has changed cannot be had: ask for all of it */
	GYL__DNS_GOT_BAD      /* why tells */
};

enum gyl__dns_take_stage {
	GYL__DNS_TAKE_FIRST,  /* nothing has come */
	GYL__DNS_TAKE_SECOND, /* the SOA; what follows says what this is */
	GYL__DNS_TAKE_WHOLE,
	GYL__DNS_TAKE_STEPS
};

/* A transfer that comes in. */
struct gyl__dns_take {
	struct gyl_dns_lives *all;
	struct gyl_dns_ledger *ledger;
	struct gyl_dns_edit *edit;
	struct gyl_dns_live *z;  /* what there is, NULL: nothing */
	struct gyl_dns_live *in; /* what is gathered, NULL: nothing yet */
	const char *why;         /* static */
	bool ixfr;               /* what was asked for */
	bool cloned;             /* in is a copy of z */
	uint16_t id;
	struct gyl_dns_tsig_key key;
	struct gyl_dns_sign sign; /* sign.key NULL: unsigned; else it is &key */
	uint32_t rr_cnt;          /* of all messages */
	uint32_t cost;            /* of the last call, in records */
	uint32_t serial;          /* of the first SOA */
	/* @private */
	uint8_t stage;     /* enum gyl__dns_take_stage */
	uint32_t done_cnt; /* records of the message at hand that are taken */
	bool removing;     /* of steps */
	uint32_t at;       /* serial that the steps have come to */
	bool open, dirty;  /* a name is in scratch->content; it is to be written */
	uint16_t soa_len;
	uint8_t apex_len;
	uint8_t apex[GYL_DNS_NAME_MAX];
	uint8_t name[GYL_DNS_NAME_MAX];       /* the one that is open */
	uint32_t clone_at;                    /* and its place in the order */
	uint8_t clone_name[GYL_DNS_NAME_MAX]; /* the last one that was copied */
	uint32_t soa_ttl;
	uint8_t soa[GYL_DNS_UNPACK_LEN];
};

/* Before the first message: of a new transfer. What was gathered goes, but for a copy that changes
 * are wanted in. */
void gyl__dns_take_begin(struct gyl__dns_take *t, bool ixfr);

/* A slice of copying the zone. MORE; CLONE: it is done; BAD: there is no room. */
enum gyl__dns_got gyl__dns_take_clone(struct gyl__dns_take *t);

enum gyl__dns_got gyl__dns_take_message(
	struct gyl__dns_take *t, uint64_t wall_ns, struct gyl_view msg);

/* What is gathered is no longer wanted. */
void gyl__dns_take_drop(struct gyl__dns_take *t);

/* ---- second.c and second_step.c ---- */

/* A record that came, its rdata expanded in scratch. */
struct gyl__dns_came {
	uint8_t name[GYL_DNS_NAME_MAX]; /* folded */
	size_t name_len;
	struct gyl_dns_rec rec;
};

/* The next record of the answer. False: why tells. */
bool gyl__dns_take_read(struct gyl__dns_take *t, const struct gyl_dns_msg *m,
	const struct gyl_dns_rr *rr, struct gyl__dns_came *c);
/* The records of a name of `in`, to be changed; what was open before is put back. NULL: no room. */
struct gyl_dns_content *gyl__dns_take_open(struct gyl__dns_take *t, const struct gyl__dns_came *c);
/* False: no room. */
bool gyl__dns_take_put_back(struct gyl__dns_take *t);

static inline uint32_t gyl__dns_came_serial(const struct gyl__dns_came *c)
{
	return gyl_get_u32(c->rec.rdata.p + c->rec.rdata.len - 20);
}

/* Changes in one message, made in the zone itself: EDIT, or CLONE when that cannot be. */
enum gyl__dns_got gyl__dns_take_edit(
	struct gyl__dns_take *t, const struct gyl_dns_msg *m, struct gyl_dns_cursor *cur);
/* A record of changes that are made in the copy. */
enum gyl__dns_got gyl__dns_take_step(struct gyl__dns_take *t, const struct gyl__dns_came *c);

#endif
