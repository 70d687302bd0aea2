/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_COMPILE_H
#define GYL_SERVICES_DNS_COMPILE_H

/*
 * Zones into one image (image.h).
 *
 * gyl_dns_compile_open, gyl_dns_compile_zone for each zone, gyl_dns_compile_end. Errors and
 * warnings go to the build; the image to its stream.
 */

#include <gyl/base.h>

#include "services/base/build.h"
#include "services/dns/names.h"

struct gyl_dns_compile;

/* NULL: no memory. */
struct gyl_dns_compile *gyl_dns_compile_open(struct gyl_build *b);
void gyl_dns_compile_close(struct gyl_dns_compile *c);

/* Read a zone from a file. False after telling its errors; the next zone may follow all the same.
 */
bool gyl_dns_compile_zone(struct gyl_dns_compile *c, const uint8_t *origin, const char *path);
/* The same from text. */
bool gyl_dns_compile_text(
	struct gyl_dns_compile *c, const uint8_t *origin, const char *path, struct gyl_view text);

/*
 * A hole: the zone, which was read before, does not answer for the name and those below. action:
 * enum gyl_dns_hole; group: of servers, GYL_DNS_GROUP_NONE. What it hides is told at the end.
 */
void gyl_dns_compile_hole(struct gyl_dns_compile *c, const uint8_t *origin, const uint8_t *name,
	unsigned action, uint32_t group);

/*
 * Names of a hosts file (RFC 952 is not its judge): an address and its names a line, or a name and
 * its addresses; "*." makes a wildcard. After all zones: in a zone the names are the zone's,
 * without changing what it has. False after telling errors.
 */
bool gyl_dns_compile_hosts(struct gyl_dns_compile *c, const char *path);
bool gyl_dns_compile_hosts_text(struct gyl_dns_compile *c, const char *path, struct gyl_view text);

/*
 * A list of names that are not resolved (format: enum gyl_dns_block_format). answer: "nxdomain",
 * "nodata" or addresses; a policy zone has its own. What a name got first stays. False after
 * telling errors; lines without a meaning here are warned about.
 */
bool gyl_dns_compile_block(struct gyl_dns_compile *c, const char *path, unsigned format,
	const struct gyl_view *answer, size_t answer_cnt);
bool gyl_dns_compile_block_text(struct gyl_dns_compile *c, const char *path, unsigned format,
	const struct gyl_view *answer, size_t answer_cnt, struct gyl_view text);

/* Say something of a name and all below it, unless it was said before: names.h. */
void gyl_dns_compile_name(
	struct gyl_dns_compile *c, enum gyl_dns_table table, const uint8_t *name, uint16_t value);
/* Special names are answered here, as far as nothing else was said of them. */
void gyl_dns_compile_special(struct gyl_dns_compile *c);

/*
 * Names there will come and go while they are served: an error when they lie in a signed zone, for
 * nobody signs them. what: who asks for it, as a message says it ("lease_domain"). The name is
 * copied. Before the end.
 */
void gyl_dns_compile_dynamic(struct gyl_dns_compile *c, const uint8_t *name, const char *what);

/* Check what was read as a whole and write the image to gyl_build_out(). False after telling why
 * not. */
bool gyl_dns_compile_end(struct gyl_dns_compile *c);

/* What the image says of the configuration that it is made from; before the end. */
void gyl_dns_compile_sum(struct gyl_dns_compile *c, uint32_t sum);

/* Tell how far long work has come: done of total, 0: nobody knows. what: static, "records read". */
void gyl_dns_compile_progress(struct gyl_dns_compile *c,
	void (*told)(void *arg, const char *what, size_t done, size_t total), void *arg);

struct gyl_dns_compile_stat {
	size_t zone_cnt, name_cnt, rr_cnt, image_len;
};
void gyl_dns_compile_stat(const struct gyl_dns_compile *c, struct gyl_dns_compile_stat *ret_stat);

#endif
