/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_CORE_OWN_H
#define GYL_SERVICES_SYSLOGD_CORE_OWN_H

#include "services/syslogd/core.h"

/* core.c: make a record of a message that in brought. False: the log has no room now. */
bool gyl__syslogd_keep(struct gyl_syslogd *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_syslog_frame *f, struct gyl_out *o);

/* core_sender.c. The zone in which a message's times without one are read; set: by configuration.
 */
struct gyl__syslogd_zone {
	int32_t zone_s;
	bool set;
};
struct gyl__syslogd_zone gyl__syslogd_zone(
	const struct gyl_syslogd *d, const struct gyl_in *in, const struct gyl_syslogd_sender *s);
/* Learn from a message; costs an event at most. */
void gyl__syslogd_learn(struct gyl_syslogd *d, struct gyl_now now, struct gyl_syslogd_sender *s,
	const struct gyl_syslog *m, const struct gyl__syslogd_zone *z, struct gyl_out *o);
/* Tell of gaps in sequence numbers that nothing has filled. */
void gyl__syslogd_gaps(struct gyl_syslogd *d, struct gyl_now now, struct gyl_out *o);

/* Is it a stream or datagram of this machine? */
static inline bool gyl__syslogd_is_local(const struct gyl_in *in)
{
	return in->role == GYL_SYSLOGD_UNIX || in->role == GYL_SYSLOGD_UNIX_STREAM;
}

/* core_tcp.c: an input of a stream. False: there was no room, and it has to be offered again from
 * in->used on. */
bool gyl__syslogd_stream(
	struct gyl_syslogd *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o);
/* Close what has been idle for too long. */
void gyl__syslogd_idle(struct gyl_syslogd *d, struct gyl_now now, struct gyl_out *o);

#endif
