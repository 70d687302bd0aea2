/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_RUN_H
#define GYL_SERVICES_BASE_RUN_H

/*
 * The runner: one loop = one host, its cores and their store.
 *
 * It takes a listener's batch from the host, lends send slots, calls the core once, sends what may
 * go and parks what waits for the journal. Events are delivered after the batch, in the order they
 * were said. It allocates nothing and makes no system call: everything of the world is behind
 * gyl_host_ops, so the same runner drives the services on Linux, in a guest and in tests.
 *
 * The order within a step is the promise of the whole project: records of a batch reach the
 * journal, the journal is flushed, and only then what waited for it leaves.
 */

#include "libnet/host/host.h"
#include "services/base/core.h"
#include "services/base/metrics.h"
#include "services/base/nap.h"
#include "services/base/pass.h"
#include "services/base/question.h"
#include "services/base/ring.h"
#include "services/base/store.h"

enum {
	GYL_RUN_CORE_MAX = 8,
	GYL_RUN_PORT_MAX = 64,
	GYL_RUN_SINK_MAX = 8,
	GYL_RUN_PASS_MAX = 16, /* threads that hand over */
	GYL_RUN_BATCH = 64
};

struct gyl_run_conf {
	void *hold_mem; /* parked sends; aligned to 8 */
	size_t hold_len;
	void *event_mem; /* events on their way; aligned to 8 */
	size_t event_len;
};

struct gyl_run_stat {
	uint64_t event_lost_cnt; /* events that found the ring full */
	uint64_t parked_cnt;     /* sends that waited for the journal */
	uint64_t dropped_cnt;    /* sends and events given up because a flush failed, or a second
				    copy that they waited for */
	uint64_t flush_cnt;
	uint64_t flush_failed_cnt;
	int flush_err;              /* errno of the last one; 0: it went well */
	struct gyl_histogram flush; /* from handing a write out to hearing that it is durable */
};

/* Called with every event once it may be told. It must not call the runner. */
typedef void gyl_run_sink_fn(void *arg, const struct gyl_event *e);
/* Bit per enum gyl_event_source whose debug events the sink has no use for; asked at each step. */
typedef uint32_t gyl_run_unheard_fn(const void *arg);

struct gyl_run {
	struct gyl_host host;
	struct gyl_store *store; /* NULL: nothing is stored, everything is durable at once */
	struct gyl_now now;
	struct gyl_run_stat stat;
	uint64_t wall_ahead_ns; /* by that the wall clock is behind the last record of the start */
	bool stop;              /* set by whoever wants the owner's loop to end after the step */
	int gone; /* errno of a network device that was taken away: the owner's loop ends, too */

	struct { /* @private */
		const struct gyl_core_ops *ops;
		void *core;
		struct gyl_log *log[GYL_OUT_LOG_MAX];
		uint64_t rest_ns; /* it had something to do and no room: not before then */
		/* Of its answers to what came from the network: from the end of the wait that
		 * brought it until the answer was sent, the wait for the journal included. */
		struct gyl_histogram answer;
	} core[GYL_RUN_CORE_MAX];
	uint64_t wall_floor_ns; /* @private wall time of the last record at the start */
	uint64_t wall_lead_ns;  /* @private over the monotonic clock, when it last stepped */
	unsigned core_cnt;      /* @private */
	uint8_t port_core[GYL_RUN_PORT_MAX]; /* @private owner of each listener */
	uint64_t ready;                      /* @private ports with input not yet taken */
	struct gyl_ring hold, event;         /* @private */
	struct gyl_event telling;            /* @private the event being told */
	uint32_t told;                       /* @private bit per core that knows it */
	bool stuck;                          /* @private a core had no room for it yet */
	bool clocked;                        /* @private wall_lead_ns is known */
	bool clock_stepped;                  /* @private in this step */
	uint64_t gate;                       /* @private what a second copy has */
	uint32_t refused[GYL_OUT_OP_MAX];    /* @private flows that could not be opened */
	uint32_t refused_cnt;                /* @private */
	uint64_t flush_at_ns;                /* a write is under way since; 0: none is */
	struct gyl_nap nap;                  /* @private */
	uint64_t patience_ns;                /* @private of the least patient core */
	uint64_t in_cnt;                     /* @private inputs of this step */
	bool dgram;                          /* @private some of them were datagrams */
	uint64_t conflict_ns;                /* @private no word about a conflict before */
	uint64_t lost_cnt, lost_at_ns;       /* @private told losses, no word about more before */
	struct {                             /* @private */
		struct gyl_pass *p;
		uint8_t core;
	} pass[GYL_RUN_PASS_MAX];
	unsigned pass_cnt; /* @private */
	bool pass_stuck;   /* @private a core had no room for what is there */
	struct {           /* @private */
		gyl_run_sink_fn *fn;
		gyl_run_unheard_fn *unheard;
		void *arg;
	} sink[GYL_RUN_SINK_MAX];
	unsigned sink_cnt;                   /* @private */
	uint32_t unheard;                    /* @private by all sinks */
	struct gyl_in in[GYL_RUN_BATCH];     /* @private */
	struct gyl_send send[GYL_RUN_BATCH]; /* @private */
	struct gyl_out out;                  /* @private */
};

void gyl_run_init(struct gyl_run *r, struct gyl_host host, struct gyl_store *store,
	const struct gyl_run_conf *cf);

/* Add a core; its number. At most GYL_RUN_CORE_MAX. */
int gyl_run_add(struct gyl_run *r, const struct gyl_core_ops *ops, void *core);

/* The log that gyl_out_append(…, log, …) of this core writes into. */
void gyl_run_log(struct gyl_run *r, int core, unsigned log, struct gyl_log *l);

/* Open a listener for a core. Its port number, or -errno. */
int gyl_run_listen(struct gyl_run *r, int core, const struct gyl_bind *b);

/* Octets that a flow which the core opened takes now; UINT32_MAX: its last input told. */
uint32_t gyl_run_flow_room(const struct gyl_run *r, int core, uint32_t flow);
/* Octets given to it that the other side has not acknowledged, and for how long nothing was heard
 * of that; 0 when the host does not know. */
uint32_t gyl_run_flow_unacked(
	const struct gyl_run *r, int core, uint32_t flow, uint64_t *ret_silent_ns);

/* Hear every event: for logs and subscribers; unheard NULL: all of them matter. False when
 * GYL_RUN_SINK_MAX are there already. */
bool gyl_run_sink(struct gyl_run *r, gyl_run_sink_fn *fn, gyl_run_unheard_fn *unheard, void *arg);

/* Take what another thread hands over for a core (pass.h): datagrams as if they had come here, and
 * events. False when GYL_RUN_PASS_MAX are there already. */
bool gyl_run_pass(struct gyl_run *r, int core, struct gyl_pass *p);

/* Read the store back from the host's block devices. Before cores are opened, so that they may look
 * into it. */
void gyl_run_replay(struct gyl_run *r, struct gyl_store_replayed *ret_info);

/*
 * Tell cores what they keep of the store themselves: after all are there, before anything is
 * written. For each of them gyl_store_own() was called before gyl_run_replay(). mem:
 * GYL_STORE_LOAD_LEN octets for the call.
 */
void gyl_run_load(struct gyl_run *r, void *mem, struct gyl_store_replayed *ret_info);

/* Wait until all that is in the store is durable, 10 s at most. For the start: what comes is served
 * by the steps that follow. True when it is. */
bool gyl_run_sync(struct gyl_run *r);

/* For another loop's runner, before its first step: its wall clock is led as the first one's is, by
 * the records that that one has read back. */
void gyl_run_clock_like(struct gyl_run *r, const struct gyl_run *first);

/* Hand every core its records, as GYL_IN_RECORD. */
void gyl_run_restore(struct gyl_run *r);

/* New configuration or zones for a core: given at once, as GYL_IN_DATA. */
void gyl_run_data(struct gyl_run *r, int core, struct gyl_view key, struct gyl_view data);

/*
 * Ask a core, as GYL_IN_ASK: at once, so now is the time of the asker. False: it has no room for
 * what that may cause, ask again later.
 */
bool gyl_run_ask(struct gyl_run *r, int core, struct gyl_now now, struct gyl_question *q);

/* Is the store durable up to `after`? */
bool gyl_run_is_durable(const struct gyl_run *r, uint64_t after);

/* Would gyl_run_event() find room now, and what answers it too? */
bool gyl_run_event_room(const struct gyl_run *r);

/* Say something from outside the cores (start, reload); delivered in the next step. */
void gyl_run_event(struct gyl_run *r, const struct gyl_event *e);

/* One step: wait until something happens or until_ns, and do all that is due. */
void gyl_run_step(struct gyl_run *r, uint64_t until_ns);

/*
 * Before the end: steps that do not wait, until nothing comes any more: what the kernel has taken
 * for us already is not thrown away. No new datagrams are let in; streams may go on, but for a
 * second, and all of it ends after ten.
 */
void gyl_run_drain(struct gyl_run *r);

/* The end: what was said is told, the store is closed and its last writes are waited for. */
void gyl_run_finish(struct gyl_run *r);

#endif
