/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_METRICS_H
#define GYL_SERVICES_DHCPD_METRICS_H

/* The numbers of the DHCP server: for Prometheus (docs/METRICS.md), and for people. */

#include <gyl/json.h>

#include "services/base/metrics.h"
#include "services/dhcpd/core.h"

/* All of them, as they are at mono_ns. O(subnets). */
void gyl_dhcpd_metrics(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_metrics *m);

/* Members of an object for `status`: how many leases, and how the two servers stand. */
void gyl_dhcpd_status(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_json *j);
/* Does it do what it is there for? Of two servers a line of how they stand. */
bool gyl_dhcpd_healthy(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_writer *w);

/* "discover": a message type by its number, or GYL_DHCPD_TYPE_OTHER. */
const char *gyl_dhcpd_type_text(unsigned type);

/* Some lines for people: messages, replies and silence, and leases. */
void gyl_dhcpd_summary(const struct gyl_dhcpd *d, struct gyl_writer *w);

/* Is this counter among them? For the test that none is forgotten. */
bool gyl_dhcpd_metrics_has(enum gyl_dhcpd_count count);

#endif
