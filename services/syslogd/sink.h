/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SINK_H
#define GYL_SERVICES_SYSLOGD_SINK_H

/*
 * Where messages go beside the log: the side of the system.
 *
 * The core decides and formats (rule.h). What it has for an output it appends to a log buffer
 * (entry.h). At the end of a step, or when the buffer is full, the entries are handed to the sinks,
 * one for each output, and the buffer is empty again: a sink takes a message or it does not, and
 * never holds up the collector. What it does not take is counted, and
 * told in the log: at once, then every ten seconds as long as it goes on.
 *
 * With another configuration an output of the same name and kind keeps its sink (`renew`), with all
 * that waits in it.
 */

#include "services/base/service.h"
#include "services/syslogd/conf.h"
#include "services/syslogd/entry.h"

struct gyl_syslogd_sink;
struct gyl_spawn;           /* spawn.h */
struct gyl_syslogd_forward; /* forward.h */

/* What a sink may use of the service. */
struct gyl_syslogd_sink_env {
	struct gyl_service_env *service;
	uint32_t uid, gid; /* who we shall be when privileges are gone; UINT32_MAX: who we are */
	bool start;        /* it is the start, with all privileges; else a reload, without */
	void (*say)(void *arg, const struct gyl_event *e);
	void *arg;
	struct gyl_spawn *spawn; /* who starts programs; NULL: there were none at the start */
	uint32_t token;          /* of the last program that was started */
	unsigned file_cnt;       /* files that are open, of all sinks */
	struct gyl_syslogd_forward *forward; /* NULL: no output forwards */
	int forward_core;                    /* its number in the runner */
	uint16_t own_port[3];                /* what we listen on, by enum gyl_syslogd_way */
	bool sync;                           /* queues are flushed */
	bool tls;                            /* outputs can speak it */
};

/* Of a sink that keeps messages until they are delivered. */
struct gyl_syslogd_sink_state {
	bool works;
	uint64_t waiting_cnt, waiting_len; /* messages, and octets on the disk */
	uint64_t sent_cnt, again_cnt;      /* messages; of them sent once more */
	uint64_t cut_cnt;                  /* messages too long for a datagram */
	uint64_t fail_cnt;                 /* connections that broke or were not made */
};

/* A kind of sink. */
struct gyl_syslogd_sink_ops {
	/*
	 * Make s->own; NULL with a sentence in err. What is not there yet (a file, a peer) is no
	 * reason to fail. cf lies in f, which does not stay.
	 */
	void *(*open)(struct gyl_syslogd_sink *s, const struct gyl_flat *f,
		const struct gyl_syslogd_output_conf *cf, char err[200]);
	/* Go on with another configuration. False: it is another output now, close and open. */
	bool (*renew)(struct gyl_syslogd_sink *s, const struct gyl_flat *f,
		const struct gyl_syslogd_output_conf *cf);
	/* Take a message, borrowed for the call. False: it is lost, why is in s->why. */
	bool (*put)(struct gyl_syslogd_sink *s, struct gyl_view path, struct gyl_view text,
		struct gyl_now now);
	/* At the end of a step that brought something or was due: send, write, try again. Returns
	 * when it wants the next turn, monotonic; UINT64_MAX: when there is something. */
	uint64_t (*turn)(struct gyl_syslogd_sink *s, struct gyl_now now);
	/* What cannot be kept is told with gyl_syslogd_sink_lost(). */
	void (*close)(struct gyl_syslogd_sink *s, struct gyl_now now);
	/* How it stands with what waits in it. NULL: nothing waits but for moments. */
	void (*state)(const struct gyl_syslogd_sink *s, struct gyl_syslogd_sink_state *ret_state);
};

struct gyl_syslogd_sink_stat {
	uint64_t put_cnt;  /* messages taken */
	uint64_t lost_cnt; /* messages lost, now or after they were taken */
};

struct gyl_syslogd_sink {
	const struct gyl_syslogd_sink_ops *ops;
	void *own; /* the sink's */
	struct gyl_syslogd_sink_env *env;
	char name[GYL_SYSLOGD_OUTPUT_NAME_MAX + 1];
	char why[120]; /* why messages are lost, or were for the last time */
	struct gyl_syslogd_sink_stat stat;
	uint64_t due_ns;    /* of its next turn */
	uint64_t failed_ns; /* monotonic: since when it does not work; 0: it does */
	uint64_t told_cnt;  /* of stat.lost_cnt */
	uint64_t told_ns;   /* monotonic: not told again before; 0: never told */
};

/* Messages that were taken and cannot be delivered any more. */
void gyl_syslogd_sink_lost(struct gyl_syslogd_sink *s, uint64_t cnt, const char *why);

/* It does not work, or works again: told once. */
void gyl_syslogd_sink_fail(struct gyl_syslogd_sink *s, const char *why, struct gyl_now now);
void gyl_syslogd_sink_well(struct gyl_syslogd_sink *s, struct gyl_now now);

extern const struct gyl_syslogd_sink_ops gyl_syslogd_sink_file, gyl_syslogd_sink_program,
	gyl_syslogd_sink_forward;

/* A program has ended; status as of waitpid(2). */
void gyl_syslogd_program_ended(struct gyl_syslogd_sink *s, int status, struct gyl_now now);
/* Which start of a program the sink waits for the end of (spawn.h). */
uint32_t gyl_syslogd_program_token(const struct gyl_syslogd_sink *s);

/* The kind of an output. */
const struct gyl_syslogd_sink_ops *gyl_syslogd_sink_kind(const struct gyl_syslogd_output_conf *cf);

#endif
