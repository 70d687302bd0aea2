/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONEC_GENERATE_H
#define GYL_SERVICES_DNS_ZONEC_GENERATE_H

/*
 * $GENERATE: BIND's way to write many records that differ by a number, which no RFC has. A "$" in
 * a word is the number, ${offset,width,base} the same with an offset, zeros in front, and in
 * decimal (d), octal (o), hexadecimal (x, X) or as reversed nibbles (n, N); "\$" stays a dollar.
 */

#include <gyl/writer.h>

enum {
	GYL_ZONE_GENERATE_MAX = 65536 /* records of one directive */
};

struct gyl_zone_range {
	uint32_t first, last, step;
};

/* "0-255", "0-255/2". False: it is no range of at most GYL_ZONE_GENERATE_MAX numbers. */
bool gyl_zone_range_parse(struct gyl_view text, struct gyl_zone_range *ret_range);

/* A word with the number put in. GYL_E_SYNTAX: what stands in braces means nothing; offset: where.
 */
struct gyl_fault gyl_zone_generate(struct gyl_view word, uint32_t number, struct gyl_writer *w);

#endif
