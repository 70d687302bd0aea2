/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_SERVICE_H
#define GYL_SERVICES_BASE_SERVICE_H

/*
 * A service as the daemon sees it: its configuration, its core, and the little around the core that
 * touches the system. `guyline run` has all four in one process, guyline-dhcpd and the others one
 * each; both are gyl_daemon_main() with a list of these.
 *
 * The order at start: options and configuration, build, store replayed, open() of every service,
 * listen() of every service, records handed to the cores, privileges dropped, first packet.
 *
 * A core whose state others want (leases, hosts, names) answers the event BASE_SNAPSHOT that names
 * it as `source`: it says BASE_BEGIN with the same source and epoch, then one event of state for
 * each thing it knows, a bounded slice a tick, with
 * severity debug (it is no news for the log), then BASE_END. It has GYL_SRC_BASE in `wants` for
 * that.
 */

#include <gyl/json.h>

#include "conf/schema.h"
#include "libnet/host/loop.h"
#include "services/base/build.h"
#include "services/base/metrics.h"
#include "services/base/run.h"

struct gyl_top_conf; /* conf/top.h */

enum {
	GYL_SERVICE_DIR_MAX = 40 /* directories that a service writes in */
};

struct gyl_service_env {
	struct gyl_run *run;
	struct gyl_loop *loop;
	struct gyl_host host;
	const struct gyl_top_conf *top;
	const struct gyl_flat *flat;
	const void *conf;    /* root of the service's own section of flat */
	const char *state;   /* directory for what must survive, never NULL */
	uint64_t seed[4];    /* fresh randomness, of this service alone: keys of its hashes */
	struct gyl_rng *rng; /* of the loop's thread; seeded, and seeded anew, by the daemon */
	int core;            /* the core's number in the runner */
	/* Set by listen(): directories that it needs to write in besides state. */
	const char *write_dir[GYL_SERVICE_DIR_MAX];
	unsigned write_dir_cnt;
	bool connects; /* set by listen(): it opens connections */
	void *own;     /* the service's, set by open() or listen(); NULL to begin with */
};

/* Of other loops than the daemon's own, for Prometheus. */
struct gyl_service_beside {
	struct gyl_host_stat host;
	struct gyl_histogram answer;
	uint64_t event_lost_cnt;
};

/* What may be asked of a service's core over the control socket (GYL_IN_ASK, question.h). */
struct gyl_verb {
	const char *name; /* "dhcp.leases" */
	const char *args; /* members of the request that it knows, a space between: "key yes" */
	/* Other members are patterns for fields of this kind of event (match.h). */
	bool match;
	bool follow; /* events of the kind tell what changes after the answer */
	int kind;    /* enum gyl_event_kind */
};

struct gyl_service {
	const char *name; /* "dhcpd" */
	const struct gyl_conf_section *section;
	const struct gyl_core_ops *ops;

	/* Make the core (memory, init). NULL with a sentence in err. data: what build() made, or
	 * empty. */
	void *(*open)(struct gyl_service_env *env, struct gyl_view data, char err[200]);

	/* Open listeners, logs and files, still with all privileges. 0, or -1 with a sentence in
	 * err. */
	int (*listen)(struct gyl_service_env *env, void *core, char err[200]);

	/*
	 * Make the service's data from files other than the configuration; NULL when it has none.
	 * On a change of its files or of the configuration it runs again, and the core gets the new
	 * block as GYL_IN_DATA with the service's name as key. A changed configuration is
	 * GYL_IN_DATA with key "conf" and the whole flat block as data. Returns false after
	 * reporting errors.
	 */
	bool (*build)(const struct gyl_flat *flat, const void *conf, struct gyl_build *b);
	/* Is what came of it sound, all of it? It runs where the block was built, so open() may
	 * believe it; what comes later comes from another process. NULL: nothing to check. */
	bool (*check)(const struct gyl_flat *flat, const void *conf, struct gyl_view block,
		struct gyl_build *b);

	/* What the core answers. */
	const struct gyl_verb *verb;
	size_t verb_cnt;

	/*
	 * A request that is answered from outside of the core, from the service's files for
	 * instance: write JSON lines. Returns false when the verb is not of this service. NULL: it
	 * has none.
	 */
	bool (*control)(struct gyl_service_env *env, void *core, struct gyl_view verb,
		struct gyl_view arg, struct gyl_writer *reply);

	/*
	 * Start threads of its own, when privileges are given up: they inherit that, and a moment
	 * later nobody can start any. They never speak to the core; close() ends them. 0 or -errno.
	 * NULL: it has none.
	 */
	int (*threads)(struct gyl_service_env *env, void *core);

	/* The core got a GYL_IN_DATA: what the service around it does with that, before the block
	 * that it replaced goes. It does not wait. NULL: nothing. */
	void (*settle)(struct gyl_service_env *env, void *core);

	/* Is a block that a GYL_IN_DATA has replaced still in use, by the core or a thread of its
	 * own? NULL: it is not, once the core has got the next one. */
	bool (*uses)(struct gyl_service_env *env, void *core, struct gyl_view block);

	/* Add what threads of its own did. NULL: it has none. */
	void (*beside)(const struct gyl_service_env *env, const void *core,
		struct gyl_service_beside *sum);

	void (*close)(struct gyl_service_env *env, void *core);

	/*
	 * Its numbers, in families that begin with guyline_NAME_. It runs between packets: what it
	 * writes is counted already, nothing is searched. NULL: it has none.
	 */
	void (*metrics)(const struct gyl_service_env *env, const void *core, struct gyl_metrics *m);

	/* Members of an object of its name in `status`, below 500 octets. NULL: there is none. */
	void (*state)(const struct gyl_service_env *env, const void *core, struct gyl_json *j);

	/* Is it well? Writes a line about that, or none. It is told by /healthz. NULL: it is. */
	bool (*healthy)(const struct gyl_service_env *env, const void *core, struct gyl_writer *w);

	/* What it did, a few lines for people, at the end of a run over a capture (`--pcap`). NULL:
	 * it needs more than UDP and frames, so that there is no such run. */
	void (*summary)(const struct gyl_service_env *env, const void *core, struct gyl_writer *w);
};

/* The whole life of a daemon. about: one sentence for --help. Returns its exit status (sysexits.h).
 */
int gyl_daemon_main(int argc, char **argv, const char *program, const char *about,
	const struct gyl_service *const *service, size_t service_cnt);

#endif
