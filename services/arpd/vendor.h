/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_VENDOR_H
#define GYL_SERVICES_ARPD_VENDOR_H

/*
 * Whose MAC addresses begin how. The block is made of the IEEE's lists by vendor_build.c: a header,
 * entries sorted by key, then names. Pure.
 */

#include <gyl/base.h>

#define GYL_ARPD_VENDORS_MAGIC 0x564f5947u /* "GYOV" */

enum {
	GYL_ARPD_VENDOR_MAX = 63 /* octets of a name, the rest is cut off */
};

struct gyl_arpd_vendors {
	uint32_t magic, cnt;
	uint64_t len; /* of the whole block */
};

/* MA-L: 24 bits, MA-M: 28, MA-S: 36. The prefix on the left of 48 bits, then how many count. */
struct gyl_arpd_vendor_entry {
	uint64_t key; /* prefix << 8 | bits */
	uint32_t off; /* of the name in the block */
	uint32_t len;
};

static inline uint64_t gyl_arpd_vendor_key(uint64_t mac, unsigned bits)
{
	return (mac >> (48 - bits) << (48 - bits)) << 8 | bits;
}

/* Is this such a block, with names inside of it? O(n). */
bool gyl_arpd_vendors_good(struct gyl_view block);

/* The vendor of an address by the longest prefix; empty: unknown, or there is no list (empty
 * block). An address that somebody made up, as telephones do, has none. */
struct gyl_view gyl_arpd_vendor(struct gyl_view block, const uint8_t mac[6]);

/* ---- oui.c: the IEEE's lists, line by line ---- */

struct gyl_arpd_oui {
	struct gyl_view rest;
	bool csv;
	bool has_oui;
	uint32_t oui; /* of the line "(hex)" before */
};

struct gyl_arpd_oui_line {
	uint64_t prefix; /* on the left of 48 bits */
	unsigned bits;
	struct gyl_view name;
};

/* text: all of oui.txt, mam.txt, oui36.txt or one of their .csv. Lines that are none are passed
 * over. */
void gyl_arpd_oui_init(struct gyl_arpd_oui *p, struct gyl_view text);
bool gyl_arpd_oui_next(struct gyl_arpd_oui *p, struct gyl_arpd_oui_line *ret_line);

#endif
