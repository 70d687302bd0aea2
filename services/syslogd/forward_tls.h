/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_FORWARD_TLS_H
#define GYL_SERVICES_SYSLOGD_FORWARD_TLS_H

/* TLS of outputs: output number n speaks it as the host's way number n. */

#include "services/syslogd/conf.h"
#include "services/syslogd/secure.h"

/* Is there an output that speaks it? */
bool gyl_syslogd_forward_has_tls(const struct gyl_flat *f, const struct gyl_syslogd_conf *cf);

/* The number of an output of f: for gyl_peer.tls. */
uint8_t gyl_syslogd_forward_tls_of(
	const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o);

/* Read the files of all outputs. False after reporting errors. */
bool gyl_syslogd_forward_build(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_build *b);

/* What new connections of outputs use from now on, out of such a block. */
void gyl_syslogd_forward_tls(struct gyl_tls *t, struct gyl_view files);

#endif
