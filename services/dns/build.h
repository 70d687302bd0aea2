/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_BUILD_H
#define GYL_SERVICES_DNS_BUILD_H

/* Files into the bundle that the core gets: bundle.h. */

#include "services/base/build.h"
#include "services/dns/conf.h"

/* Is it a zone that may change? It is no part of the image then, but one of its own. */
static inline bool gyl__dns_is_live(const struct gyl_dns_conf_zone *zone)
{
	return zone->update.cnt != 0;
}

/* Behind the image, which is written already: zones that may change, and keys. Errors went to the
 * build. */
bool gyl__dns_build_parts(
	const struct gyl_flat *flat, const struct gyl_dns_conf *cf, struct gyl_build *b);

#endif
