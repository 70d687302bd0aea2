/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONEC_NAMES_H
#define GYL_SERVICES_DNS_ZONEC_NAMES_H

/*
 * Sets of names while they grow (services/dns/names.h). Names lie as the image will have them, so
 * that a million of them takes 35 MB and is copied once.
 */

#include "services/dns/names.h"

struct gyl_zc_names {
	uint8_t *entry; /* struct gyl_dns_named, one after the other */
	size_t entry_len, entry_cap;
	uint32_t *index; /* offset of the entry / 4 + 1, 0: free */
	size_t index_cap;
	uint32_t cnt, label_max;
};

/* Answers of blocked names while they grow; offsets count from the first record yet. */
struct gyl_zc_answers {
	struct gyl_dns_block_answer *answer;
	size_t cnt, cap;
	uint8_t *rr;
	size_t rr_len, rr_cap;
};

struct gyl_dns_compile;

/* The entry of a name (any case), made when it is new; NULL without memory. Valid until the next
 * call. */
struct gyl_dns_named *gyl__zc_named(
	struct gyl_dns_compile *c, struct gyl_zc_names *t, const uint8_t *name, size_t len);

/* What is said of a name so far, 0: nothing. */
uint16_t gyl__zc_said(const struct gyl_zc_names *t, const uint8_t *name, size_t len);

/* The index of an answer like this, made when it is new; rr: records as the image has them. -1: no
 * memory, or too many. */
int gyl__zc_answer(struct gyl_dns_compile *c, uint16_t rcode, uint16_t rr_cnt, struct gyl_view rr);

/* Append all of it to the image; *ret_off is where it begins, 0 when there is none of it. */
bool gyl__zc_put_names(struct gyl_dns_compile *c, uint32_t *ret_off);
void gyl__zc_free_names(struct gyl_dns_compile *c);

#endif
