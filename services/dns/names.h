/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_NAMES_H
#define GYL_SERVICES_DNS_NAMES_H

/*
 * What is known of names that no zone has, as the last part of the image: sets of names, each with
 * a number for the name itself and one for all names below it, and the answers that blocked names
 * get.
 *
 *   struct gyl_dns_names_head | per table: index, names | answers | their records
 *                             | where names are from, paths of files (origin.h)
 *
 * A set costs 11 octets of index, 6 and its octets (rounded to four) a name, and a look-up one
 * probe a label, longest suffix first. The compiler writes it (zonec/names.h), gyl_dns_image_open()
 * proves it with gyl__dns_names_check(). Pure.
 */

#include "services/dns/image.h"

enum {
	GYL_DNS_BLOCK_NAME_MAX = 8000000, /* names of all lists together */
	GYL_DNS_BLOCK_ANSWER_MAX = 60000, /* different answers */
	GYL_DNS_BLOCK_ADDRESS_MAX = 16    /* that a list gives instead */
};

enum gyl_dns_table {
	GYL_DNS_TABLE_ROUTE,   /* enum gyl_dns_route_value, or ROUTE_GROUP + group */
	GYL_DNS_TABLE_HOLE,    /* holes of zones: enum gyl_dns_hole + HOLE_GROUP * (group + 1) */
	GYL_DNS_TABLE_BLOCK,   /* BLOCK_PASS, or BLOCK_ANSWER + index of an answer */
	GYL_DNS_TABLE_ALLOW,   /* 1: never blocked */
	GYL_DNS_TABLE_PRIVATE, /* 1: may have private addresses */
	GYL_DNS_TABLE_CNT
};

enum gyl_dns_route_value {
	GYL_DNS_ROUTE_ZONE = 1,  /* a zone that is to be served, but is not there */
	GYL_DNS_ROUTE_EMPTY,     /* answered here: nothing but a top (RFC 6303) */
	GYL_DNS_ROUTE_NODATA,    /* ...: every name exists and has nothing (RFC 9462 4) */
	GYL_DNS_ROUTE_LOCALHOST, /* ...: loopback addresses at every name (RFC 6761 6.3) */
	GYL_DNS_ROUTE_GROUP      /* + number of the group that is asked */
};

enum {
	GYL_DNS_HOLE_GROUP = 4,
	GYL_DNS_BLOCK_PASS = 1,
	GYL_DNS_BLOCK_ANSWER = 2
};

/* A set of names. */
struct gyl_dns_names {
	uint32_t slot_off, slot_cnt; /* struct gyl_dns_slot, as the image's own index */
	uint32_t entry_off, entry_end;
	uint32_t cnt;
	uint32_t label_max;
};

struct gyl_dns_names_head {
	struct gyl_dns_names table[GYL_DNS_TABLE_CNT];
	uint32_t answer_off, answer_cnt; /* struct gyl_dns_block_answer */
	uint32_t plain;                  /* 1: names of one label are not for others to see */
	uint32_t origin_off, origin_cnt; /* origin.h */
	uint32_t path_off, path_cnt;     /* texts, each with a NUL behind it */
	uint32_t zero;
};

/* A name of a set; the next one follows at a multiple of four. */
struct gyl_dns_named {
	uint16_t self;  /* what is said of the name, 0: nothing */
	uint16_t below; /* what is said of names below it */
	uint8_t name_len;
	uint8_t name[]; /* folded */
};

/* In place of a response code, what else a policy zone may have done; there are no records then. */
enum gyl_dns_block_act {
	GYL_DNS_BLOCK_DROP = 0x100, /* nothing is answered */
	GYL_DNS_BLOCK_TCP           /* only by TCP; there it passes */
};

/* What a blocked name answers. No records: no such name, or no data. */
struct gyl_dns_block_answer {
	uint32_t rr_off; /* the first record; the others follow */
	uint16_t rr_cnt;
	uint16_t rcode; /* NXDOMAIN, NOERROR, or enum gyl_dns_block_act */
};

struct gyl_dns_block_rr {
	uint32_t ttl;
	uint16_t
		type; /* CNAME stands alone; to "*.x" it leads to x with the whole name before it */
	uint16_t len;
	uint8_t rdata[]; /* not compressed; rounded to four */
};

/* The head, NULL: nothing is known of any name. */
const struct gyl_dns_names_head *gyl_dns_names_head(const struct gyl_dns_image *im);

/*
 * What a table says of a name: by the name itself, else by the longest name above it that says
 * something of names below. 0: nothing. *ret_len (may be NULL): octets of the name that said it.
 */
uint16_t gyl_dns_names_find(const struct gyl_dns_image *im, enum gyl_dns_table table,
	const struct gyl_dns_key *k, size_t *ret_len);

/* The entry of a folded name in a table, NULL: there is none. */
const struct gyl_dns_named *gyl_dns_names_entry(
	const struct gyl_dns_image *im, enum gyl_dns_table table, const uint8_t *name, size_t len);

static inline size_t gyl_dns_named_len(const struct gyl_dns_named *e)
{
	return (offsetof(struct gyl_dns_named, name) + e->name_len + 3u) & ~(size_t)3;
}

static inline const struct gyl_dns_block_answer *gyl_dns_block_answer(
	const struct gyl_dns_image *im, uint32_t i)
{
	const uint8_t *p = (const uint8_t *)im + gyl_dns_names_head(im)->answer_off;

	return (const struct gyl_dns_block_answer *)(const void *)p + i;
}

static inline size_t gyl_dns_block_rr_len(const struct gyl_dns_block_rr *rr)
{
	return (offsetof(struct gyl_dns_block_rr, rdata) + rr->len + 3u) & ~(size_t)3;
}

/* The gate's part: does this stand, whole and sound, from head to the end of the image? O(size) */
bool gyl__dns_names_check(const struct gyl_dns_image *im);

#endif
