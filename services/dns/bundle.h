/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_BUNDLE_H
#define GYL_SERVICES_DNS_BUNDLE_H

/*
 * What the loader hands over: the image of the zones that stand as they are in their files, and
 * behind it what else was read, each part in one piece at a multiple of eight:
 *
 *   image | part | part ... | table of the parts | number of parts, magic
 *
 * A block that is one image alone is a bundle without further parts. What guyline-zonec writes is a
 * bundle, too, but for the keys; what it has behind its last part is nothing to who adds parts of
 * his own, and a table of all.
 * Pure.
 */

#include <gyl/base.h>

enum gyl_dns_part {
	GYL_DNS_PART_IMAGE = 1,
	GYL_DNS_PART_ZONE, /* an image of one zone, that may change: it is served from live.h */
	GYL_DNS_PART_KEYS, /* tsig.h */
	GYL_DNS_PART_NAMES /* an image without zones: what is known of names that no zone has, when
			      the image of the zones has nothing of that */
};

struct gyl_dns_part_entry {
	uint32_t kind; /* enum gyl_dns_part */
	uint32_t off, len;
	uint32_t zero;
};

#define GYL_DNS_BUNDLE_MAGIC 0x42594c47u

struct gyl_dns_bundle_end {
	uint32_t part_cnt, magic;
};

/* Part number i of a kind. False: there is none. O(parts). */
bool gyl_dns_bundle_find(
	struct gyl_view block, enum gyl_dns_part kind, uint32_t i, struct gyl_view *ret_part);

#endif
