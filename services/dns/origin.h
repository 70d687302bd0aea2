/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ORIGIN_H
#define GYL_SERVICES_DNS_ORIGIN_H

/*
 * Which line of which file a name is from: those of hosts files, and what lists say of names. For
 * people (explain.h), never for answers, so it is small rather than quick: names that stand on
 * lines one after the other, as they do in lists, share an entry. Part of the names (names.h).
 * Pure.
 */

#include "services/dns/image.h"

enum {
	GYL_DNS_ORIGIN_RUN_MAX = 256, /* names of one entry */
	/* added to the offset of a name in a list, when only this is said there: */
	GYL_DNS_ORIGIN_BELOW = 1, /* what is said of names below */
	GYL_DNS_ORIGIN_SELF = 2   /* ... of the name itself */
};

struct gyl_dns_origin {
	uint32_t off;  /* of the name: a node, or an entry of the blocked names, + what is said */
	uint32_t line; /* from 1 */
	uint16_t file; /* number of its path */
	uint16_t run;  /* so many names from off on, each on a line of its own */
};

/* A place in a file. */
struct gyl_dns_place {
	struct gyl_view path;
	uint32_t line;
};

/* Of the node at an offset. False: it is not from a hosts file. */
bool gyl_dns_origin_node(
	const struct gyl_dns_image *im, uint32_t off, struct gyl_dns_place *ret_place);

/* Of what lists say of a name, by its last len octets. O(labels + RUN_MAX). */
bool gyl_dns_origin_block(const struct gyl_dns_image *im, const struct gyl_dns_key *k, size_t len,
	struct gyl_dns_place *ret_place);

/* The gate's part, from off to the end of the image. */
bool gyl__dns_origin_check(const struct gyl_dns_image *im, uint64_t off);

#endif
