/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_WALK_OWN_H
#define GYL_SERVICES_DNS_WALK_OWN_H

/* What the files of a walk share. */

#include "services/dns/walk.h"

/* walk.c: the next record of w->name, whose node is n (NULL: it has none), from w->set and w->at
 * on.
 */
bool gyl__dns_walk_present(
	struct gyl_dns_walk *w, const struct gyl_dns_node *n, struct gyl_dns_walked *ret_rr);

/* walk_cut.c: the next record of the cuts that zones below hang in, or of their glue. */
bool gyl__dns_walk_cut(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr);

/* walk_lease.c: the next name of a lease, or its reverse name. */
bool gyl__dns_walk_lease(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr);

#endif
