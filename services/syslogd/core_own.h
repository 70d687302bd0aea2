/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_CORE_OWN_H
#define GYL_SERVICES_SYSLOGD_CORE_OWN_H

#include "services/syslogd/core.h"

/* core.c: make a record of a message that in brought. False: the log has no room now. */
bool gyl__syslogd_keep(struct gyl_syslogd *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_syslog_frame *f, struct gyl_out *o);

/* core_tcp.c: an input of a stream. False: there was no room, and it has to be offered again from
 * in->used on. */
bool gyl__syslogd_stream(
	struct gyl_syslogd *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o);
/* Close what has been idle for too long. */
void gyl__syslogd_idle(struct gyl_syslogd *d, struct gyl_now now, struct gyl_out *o);

#endif
