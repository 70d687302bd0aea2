/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_BUILD_H
#define GYL_SERVICES_DNS_BUILD_H

/* Files into the bundle that the core gets: bundle.h. */

#include "services/base/build.h"
#include "services/dns/bundle.h"
#include "services/dns/conf.h"

/* The parts of a bundle while it is written. */
struct gyl__dns_parts {
	struct gyl_build *b;
	size_t base; /* octets in front of what is written: gyl_build_head() */
	struct gyl_dns_part_entry entry[UINT16_MAX];
	uint32_t cnt;
	bool ok;
};

/* What is written in between is a part. */
void gyl__dns_part_begin(struct gyl__dns_parts *p, enum gyl_dns_part kind);
void gyl__dns_part_end(struct gyl__dns_parts *p);
/* One more that stands there already. */
void gyl__dns_part_add(struct gyl__dns_parts *p, const struct gyl_dns_part_entry *e);
/* The table, when there is more than the image. */
bool gyl__dns_parts_end(struct gyl__dns_parts *p);

/* Zones that may change, and keys. Errors went to the build. */
void gyl__dns_build_live(
	struct gyl__dns_parts *p, const struct gyl_flat *flat, const struct gyl_dns_conf *cf);
void gyl__dns_build_keys(
	struct gyl__dns_parts *p, const struct gyl_flat *flat, const struct gyl_dns_conf *cf);

/* Tell how far long work has come: compile.h; NULL: nobody wants to know. */
struct gyl__dns_told {
	void (*fn)(void *arg, const char *what, size_t done, size_t total);
	void *arg;
};

/* build_compile.c: all that the configuration names, compiled. with_keys: the secrets, too. False
 * after telling errors. */
bool gyl__dns_build_compiled(const struct gyl_flat *flat, const struct gyl_dns_conf *cf,
	struct gyl_build *b, bool with_keys, const struct gyl__dns_told *told);

/* build_image.c: the image, or only names that no zone has. sum: see build_sum.c; 0: of nothing. */
bool gyl__dns_build_image(const struct gyl_flat *flat, const struct gyl_dns_conf *cf,
	struct gyl_build *b, const struct gyl__dns_told *told);
bool gyl__dns_build_names(
	const struct gyl_flat *flat, const struct gyl_dns_conf *cf, struct gyl_build *b);

/* build_ready.c: from the file that "image" names, instead. */
bool gyl__dns_build_ready(
	const struct gyl_flat *flat, const struct gyl_dns_conf *cf, struct gyl_build *b);

/* build_check.c: the gate of a finished bundle. False after telling what is wrong, and where. */
bool gyl__dns_build_check(const struct gyl_flat *flat, const struct gyl_dns_conf *cf,
	struct gyl_view block, struct gyl_build *b);

#endif
