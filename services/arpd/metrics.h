/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_METRICS_H
#define GYL_SERVICES_ARPD_METRICS_H

#include "services/arpd/core.h"
#include "services/base/metrics.h"

/* Its numbers for Prometheus, and a few lines for people at the end of a run over a capture. */
void gyl_arpd_metrics(const struct gyl_arpd *d, struct gyl_metrics *m);
void gyl_arpd_summary(const struct gyl_arpd *d, struct gyl_writer *w);

#endif
