/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_FEED_H
#define GYL_SERVICES_BASE_FEED_H

/*
 * Events of a service that runs in another process: this end subscribes at its control socket, gets
 * a snapshot and then every change as RFC 5424 lines, and passes them to the cores as if they had
 * been said here.
 *
 * A daemon that is not there, or goes away, is tried again after RETRY_MIN_MS, doubling up to
 * RETRY_MAX_MS, and from the beginning when something happens to its socket's file: so it is heard
 * at once and not waited for. When the cores have no room, reading stops: the other side's backlog
 * is bounded and it cuts off who does not read; then the next snapshot brings what was missed.
 */

#include "libnet/host/loop.h"
#include "services/base/run.h"

enum {
	GYL_FEED_RETRY_MIN_MS = 50,
	GYL_FEED_RETRY_MAX_MS = 60000
};

struct gyl_feed;

/* path is copied; source is the enum gyl_event_source wanted. NULL: no memory. */
struct gyl_feed *gyl_feed_open(
	struct gyl_loop *loop, struct gyl_run *run, const char *path, unsigned source);
void gyl_feed_close(struct gyl_feed *f);

#endif
