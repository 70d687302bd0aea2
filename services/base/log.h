/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_LOG_H
#define GYL_SERVICES_BASE_LOG_H

/*
 * Where events go as log lines: standard error, /dev/log, our own syslogd's socket.
 *
 * Levels are per source ("dns=debug,*=info", later words win) and can be changed at any time. The
 * same kind of event more than BURST times within a window is held back and counted; the count is
 * told when the window ends, so that a flood cannot flood the log and nothing is unsaid.
 */

#include <gyl/base.h>

#include "services/base/event.h"

enum gyl_log_to {
	GYL_LOG_STDERR = 1,
	GYL_LOG_DEVLOG = 2,
	GYL_LOG_SOCKET = 4
};

enum {
	GYL_LOG_BURST = 20,
	GYL_LOG_WINDOW_S = 5
};

struct gyl_log_sink {
	unsigned to;      /* enum gyl_log_to, or-ed */
	int fd[2];        /* @private /dev/log and socket, -1: not connected */
	const char *path; /* of the GYL_LOG_SOCKET */
	char host[64];
	uint8_t level[GYL_SRC_CNT]; /* least important severity that is shown */
	uint64_t window_ns;         /* @private start of the window, monotonic */
	uint16_t count[GYL_EV_CNT]; /* @private seen in this window */
};

/* Read a level spec. GYL_E_SYNTAX with the offset of the word that is wrong; nothing is changed
 * then. */
struct gyl_fault gyl_log_level_parse(struct gyl_view spec, uint8_t level[GYL_SRC_CNT]);

/* Print levels as a spec that reads back. */
void gyl_log_level_print(const uint8_t level[GYL_SRC_CNT], struct gyl_writer *w);

/* to: where; path: of our syslogd's socket or NULL. Levels start at info. */
void gyl_log_open(struct gyl_log_sink *l, unsigned to, const char *path);
void gyl_log_close(struct gyl_log_sink *l);

/* A gyl_run_sink_fn: arg is the struct gyl_log_sink. */
void gyl_log_event(void *arg, const struct gyl_event *e);

/* A gyl_run_unheard_fn: sources whose level leaves debug out. */
uint32_t gyl_log_unheard(const void *arg);

/* Ends the window when it is over and tells what was held back; deadline: when that will be. */
uint64_t gyl_log_deadline_ns(const struct gyl_log_sink *l);
void gyl_log_tick(struct gyl_log_sink *l, uint64_t mono_ns, uint64_t wall_ns);

#endif
