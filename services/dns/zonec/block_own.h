/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONEC_BLOCK_OWN_H
#define GYL_SERVICES_DNS_ZONEC_BLOCK_OWN_H

/* A list of blocked names while it is read. */

#include "services/dns/zonec/compile_own.h"
#include "services/dns/zonec/line.h"

enum {
	GYL_ZC_BLOCK_TTL_S = 60, /* of answers that a list has not given a TTL */
	GYL_ZC_SKIP_MAX = 10,    /* lines left out that are told of one by one */
	GYL_ZC_WHY_MAX = 12      /* reasons to leave lines out */
};

/* How many lines were left out for a reason. */
struct gyl_zc_skip {
	const char *why;
	uint32_t cnt, told;
};

struct gyl_zc_block {
	struct gyl_dns_compile *c;
	struct gyl_zc_line line;
	const char *path;                        /* kept */
	uint16_t value;                          /* what its names get */
	struct gyl_zc_skip skip[GYL_ZC_WHY_MAX]; /* lines left out */
	uint32_t told;                           /* of them, one by one */
	bool failed;
};

/* Say something of the name, of those below it, or of both; what was said before stays. line: where
 * that is said. */
void gyl__zc_block(struct gyl_zc_block *b, const uint8_t *name, size_t len, uint16_t self,
	uint16_t below, uint32_t line);
/* The entry of a name, noted as said there; NULL: no memory. */
struct gyl_dns_named *gyl__zc_block_entry(struct gyl_zc_block *b, const uint8_t *name, size_t len,
	bool self, bool below, uint32_t line);

/* A line (or what stands at a place of it) has no meaning here. why: static. */
void gyl__zc_block_skip(
	struct gyl_zc_block *b, unsigned line, unsigned col, struct gyl_view what, const char *why);

/* block_rpz.c: a response policy zone. */
void gyl__zc_block_rpz(struct gyl_zc_block *b, const char *path, struct gyl_view text);

/* Append a record as the image has it. */
bool gyl__zc_block_rr(struct gyl_writer *w, uint16_t type, uint32_t ttl, struct gyl_view rdata);

#endif
