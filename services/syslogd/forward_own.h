/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_FORWARD_OWN_H
#define GYL_SERVICES_SYSLOGD_FORWARD_OWN_H

/* What forward.c (connections) and forward_send.c (what goes over them) share. */

#include "services/syslogd/forward.h"

/* A connection is there: nothing was sent over it. */
void gyl__forward_begin(struct gyl_syslogd_link *l, struct gyl_now now);
/* It is there no more: the queue goes back to what is done. Messages to be sent again. */
uint64_t gyl__forward_forget(struct gyl_syslogd_link *l);

/* What the other side has is done. For how long it has had something to say and is silent. */
uint64_t gyl__forward_acked(struct gyl_syslogd_link *l, struct gyl_now now);
/* The same by UDP, where only time tells: did another while pass in which nothing was refused? */
bool gyl__forward_lag(struct gyl_syslogd_link *l, struct gyl_now now);

/* As much as there are slots and room for. False: what is to follow does not fit what was sent. */
bool gyl__forward_send(struct gyl_syslogd_link *l, struct gyl_now now, struct gyl_out *o);
/* When to do that, or look, again (monotonic). */
uint64_t gyl__forward_due(const struct gyl_syslogd_link *l);

#endif
