/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_FLAT_H
#define GYL_SERVICES_BASE_FLAT_H

/*
 * The flat configuration block: what conf/ compiles from JSON and a core reads in place.
 *
 * Position-independent: references are offsets from the start of the block, so it can be copied,
 * mapped or put on a block device. It is checked once by gyl_flat_open(), afterwards reading cannot
 * fail. Same byte order and layout on both sides: it is built on the machine that uses it, or for a
 * little-endian guest. Pure.
 */

#include <gyl/base.h>

#define GYL_FLAT_MAGIC   0x464c5947u /* "GYLF" */
#define GYL_FLAT_VERSION 1

/* cnt items starting off octets into the block; off is a multiple of 8. Empty: cnt 0. */
struct gyl_ref {
	uint32_t off, cnt;
};

/* Start of a block. */
struct gyl_flat {
	uint32_t magic, version;
	uint32_t len;           /* of the whole block, octets */
	uint32_t checksum;      /* CRC-32C of all that follows this field */
	struct gyl_ref section; /* of struct gyl_flat_section: one per service that is configured */
};

struct gyl_flat_section {
	char name[16];       /* "dhcpd", NUL padded */
	struct gyl_ref root; /* one struct gyl_<service>_conf; cnt = 1 */
};

/* Address of item 0 of a reference. The caller knows its type. */
static inline const void *gyl_flat_at(const struct gyl_flat *f, struct gyl_ref r)
{
	return (const uint8_t *)f + r.off;
}

/* A string or octets of the block. */
static inline struct gyl_view gyl_flat_view(const struct gyl_flat *f, struct gyl_ref r)
{
	return gyl_view((const uint8_t *)f + r.off, r.cnt);
}

/* The root of a section, NULL when the service is not configured. */
const void *gyl_flat_section(const struct gyl_flat *f, const char *name);

/*
 * Check a block from outside: alignment to 8, magic, version, length, checksum, section table. NULL
 * when it is none. What the sections refer to was written by the same compiler (conf/compile.c) and
 * is vouched for by the checksum: a block comes from the loader, never from the network.
 */
const struct gyl_flat *gyl_flat_open(struct gyl_view block);

/* The same of a block that was opened before, and is handed on: it is not summed up again. O(1). */
const struct gyl_flat *gyl_flat_again(struct gyl_view block);

/* What the checksum field must hold; f->len MUST be true. For the compiler. */
uint32_t gyl_flat_checksum(const struct gyl_flat *f);

#endif
