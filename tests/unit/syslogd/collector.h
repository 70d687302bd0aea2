/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_COLLECTOR_H
#define GYL_TESTS_COLLECTOR_H

/* The collector's core with a log in memory, and what it says in an outbox. */

#include <gyl/time.h>
#include <stdlib.h>

#include "services/syslogd/core.h"
#include "tests/support/outbox.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

struct world {
	struct outbox b;
	struct gyl_syslogd core;
	struct gyl_syslogd_conf conf;
	struct gyl_log log;
	uint8_t text[GYL_SYSLOGD_LOG_CAP];
};

/* Nothing of this configuration refers to its block. */
static const struct gyl_flat no_block;

static inline void make_core(struct world *w)
{
	gyl_syslogd_init(&w->core, &w->conf, &no_block, gyl_view_str("box"));
}

static inline int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	outbox_open(&w->b);
	w->b.now.wall_ns = UINT64_C(1795266000000125999); /* 2026-11-21T13:00:00.000125999Z */
	w->log.p = w->text;
	w->log.cap = sizeof w->text;
	w->b.out.log[0] = &w->log;
	w->conf.port = 514;
	w->conf.tcp_max = 16;
	w->conf.tcp_idle_ns = GYL_NS_PER_HOUR;
	w->conf.events = GYL_SEV_INFO;
	make_core(w);
	*state = w;
	return 0;
}

static inline int close_world(void **state)
{
	struct world *w = *state;

	outbox_close(&w->b);
	free(w);
	return 0;
}

/* All that is in the log is this; it is taken off. */
static inline void expect(struct world *w, const char *text)
{
	w->text[w->log.len] = '\0';
	assert_string_equal((const char *)w->text, text);
	w->log.len = 0;
}

static inline size_t give(struct world *w, struct gyl_in *in)
{
	return outbox_input(&w->b, &gyl_syslogd_core, &w->core, in, 1);
}

#endif
