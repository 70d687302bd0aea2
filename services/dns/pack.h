/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_PACK_H
#define GYL_SERVICES_DNS_PACK_H

/*
 * Records into the octets of an RRset (image.h), and back: owner 0xC00C, names in the rdata
 * compressed against the owner, with a patch for each pointer. Pure.
 */

#include "services/dns/image.h"

enum {
	GYL_DNS_PACK_HEAD = 12, /* owner pointer, type, class, TTL, length of the rdata */
	GYL_DNS_PACK_NAMES = 2  /* in the rdata of one record at most: those of SOA */
};

/* An RRset while it is being written. All memory is the caller's: wire for every record's rdata and
 * GYL_DNS_PACK_HEAD, patch for GYL_DNS_PACK_NAMES a record. */
struct gyl_dns_pack {
	struct gyl_dns_patch *patch;
	uint8_t *wire;
	size_t wire_len;
	uint16_t patch_cnt;
};

/* One more record; rdata uncompressed and proven. */
void gyl_dns_pack_rr(struct gyl_dns_pack *p, const uint8_t *owner, uint16_t type, uint32_t ttl,
	struct gyl_view rdata);

/* Where a name stands in the rdata of a type whose addresses belong into the additional section;
 * SIZE_MAX: nowhere. */
size_t gyl_dns_pack_target(uint16_t type);

/* A record of an RRset in its own octets again. */
struct gyl_dns_unpacked {
	uint16_t type;
	uint32_t ttl;
	struct gyl_view rdata; /* in the image, or in buf when it has names */
};

/*
 * The record at *at of the octets (0 at first, moved behind it); those of signatures follow the
 * others. False at the end. buf: of GYL_DNS_UNPACK_LEN octets.
 */
enum {
	GYL_DNS_UNPACK_LEN = 2 * GYL_DNS_NAME_MAX + 20
};
bool gyl_dns_unpack(const struct gyl_dns_node *owner, const struct gyl_dns_rrset *s, size_t *at,
	uint8_t *buf, struct gyl_dns_unpacked *ret_rr);

#endif
