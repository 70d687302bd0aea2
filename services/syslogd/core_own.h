/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_CORE_OWN_H
#define GYL_SERVICES_SYSLOGD_CORE_OWN_H

#include "services/syslogd/core.h"
#include "services/syslogd/record.h"

/* core.c: make a record of a message that in brought. False: the log has no room now. */
bool gyl__syslogd_keep(struct gyl_syslogd *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_syslog_frame *f, struct gyl_out *o);

/* core.c: the time of receipt as text. */
struct gyl_view gyl__syslogd_recv_text(struct gyl_syslogd *d, uint64_t wall_ns);
/* Append a record with the next number, which head->seq becomes; head->recv is set, too.
 * There MUST be room. */
void gyl__syslogd_append(struct gyl_syslogd *d, struct gyl_now now, struct gyl_syslogd_head *head,
	const struct gyl_syslog *m, struct gyl_out *o);

/* core_rule.c: the same for a message that goes through the rules: it becomes a record or not, and
 * outputs get it. mute: outputs that do not. head->seq is 0 when it is no record. */
void gyl__syslogd_by_rules(struct gyl_syslogd *d, struct gyl_now now,
	const struct gyl_syslogd_about *a, uint32_t mute, struct gyl_syslogd_head *head,
	struct gyl_out *o);
/* Another configuration. What was held back or folded by the old one is told first. o is NULL
 * before the first input. */
void gyl__syslogd_rules_changed(struct gyl_syslogd *d, struct gyl_now now,
	const struct gyl_syslogd_conf *cf, const struct gyl_flat *f, struct gyl_out *o);
/* Tell what was held back or folded, when it is time; all: or not. */
void gyl__syslogd_rules_tell(
	struct gyl_syslogd *d, struct gyl_now now, bool all, struct gyl_out *o);
/* The output that an event is about: it shall not get what is said of its own troubles. A mask. */
uint32_t gyl__syslogd_rules_mute(const struct gyl_syslogd *d, const struct gyl_event *e);
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
