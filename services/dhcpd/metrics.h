/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_METRICS_H
#define GYL_SERVICES_DHCPD_METRICS_H

/* The numbers of the DHCP server for Prometheus: docs/METRICS.md. */

#include "services/base/metrics.h"
#include "services/dhcpd/core.h"

/* All of them, as they are at mono_ns. O(subnets). */
void gyl_dhcpd_metrics(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_metrics *m);

/* Is this counter among them? For the test that none is forgotten. */
bool gyl_dhcpd_metrics_has(enum gyl_dhcpd_count count);

#endif
