/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_DAEMON_H
#define GYL_SERVICES_BASE_DAEMON_H

/* What the files of the daemon share: daemon.c (its life), daemon_data.c (what it reads),
 * daemon_control.c, daemon_iface.c, daemon_metrics.c, daemon_random.c, daemon_start.c. */

#include <event2/event.h>

#include "conf/args.h"
#include "conf/top.h"
#include "services/base/control.h"
#include "services/base/feed.h"
#include "services/base/loader.h"
#include "services/base/log.h"
#include "services/base/metrics_http.h"
#include "services/base/random.h"
#include "services/base/service.h"

enum {
	GYL_DAEMON_SERVICE_MAX = 8
};

struct gyl_daemon {
	const char *program;
	const struct gyl_service *const *service;
	size_t service_cnt;
	const struct gyl_conf_section *section[GYL_DAEMON_SERVICE_MAX]; /* of the services */
	struct gyl_conf_set set;
	struct gyl_program about;
	struct gyl_args args;

	/* Services that are configured: all of the program's, or with `guyline run` those the file
	 * has. */
	const struct gyl_service *on[GYL_DAEMON_SERVICE_MAX];
	struct gyl_service_env env[GYL_DAEMON_SERVICE_MAX];
	void *core[GYL_DAEMON_SERVICE_MAX];
	size_t on_cnt;
	size_t item[GYL_DAEMON_SERVICE_MAX]; /* its item of the loader, 0: it builds nothing */

	struct gyl_loader *loader;
	const struct gyl_flat *flat;
	const struct gyl_top_conf *top;
	char *state; /* directory */

	struct gyl_random *random;
	struct gyl_loop *loop;
	struct gyl_host host;
	struct gyl_store *store;
	struct gyl_store_replayed replayed;
	struct gyl_run run;
	struct gyl_log_sink log;
	struct gyl_control *control;
	struct gyl_metrics_http *metrics; /* NULL: nobody wants numbers */
	struct gyl_histogram turn;        /* of the loop */
	uint64_t turn_longest_ns;         /* since the start */
	struct gyl_now started;
	int statm_fd;                       /* what /proc tells of our memory; -1: nothing */
	struct gyl_feed *feed[GYL_SRC_CNT]; /* of services in other processes, by source */
	bool fed;
	struct event *signal[3];
	const char *stop_reason;
	/* Of a daemon in the background: where to tell that it runs, and what takes the terminal's
	 * place then. -1: it stays in the foreground. */
	int ready_fd, null_fd;
};

/* daemon_data.c: the loader's items for this program. False after errors were printed to stderr. */
bool gyl__daemon_load(struct gyl_daemon *d);
/* The hear functions of the loader, with the daemon as arg. */
void gyl__daemon_changed(void *arg, size_t item, struct gyl_view data);
void gyl__daemon_told(void *arg, const struct gyl_event *e);
bool gyl__daemon_uses(void *arg, size_t item, struct gyl_view block);
void gyl__daemon_confine(void *arg);

/* daemon.c: a daemon in the background lets go of the terminal. */
void gyl__daemon_detach(const struct gyl_daemon *d);

/* daemon_random.c: the seed for the next start into the store, and wipe it here. */
void gyl__daemon_keep_seed(struct gyl_daemon *d, uint8_t seed[GYL_FORTUNA_SEED_LEN]);
/* Tell that there is none. */
void gyl__daemon_seed_stays(struct gyl_daemon *d, const char *why);
/* After each step of the loop: sources, seeds, and sources that failed. */
void gyl__daemon_random(struct gyl_daemon *d);

/* daemon_control.c: listen where the configuration says. False with a sentence in err. */
bool gyl__daemon_control(struct gyl_daemon *d, char err[200]);
/* The stored passwords of the configuration go to the control port. */
void gyl__daemon_passwords(struct gyl_daemon *d);

/* daemon_metrics.c: serve numbers where the configuration says. False with a sentence in err. */
bool gyl__daemon_metrics(struct gyl_daemon *d, char err[200]);
/* From here on turns of the loop are counted: the start was none. */
void gyl__daemon_metrics_begin(struct gyl_daemon *d);
/* All numbers, in Prometheus' text format. */
void gyl__daemon_metrics_write(void *daemon, struct gyl_writer *w);
/* Is all well? When not, w gets a line a reason. */
bool gyl__daemon_healthy(void *daemon, struct gyl_writer *w);
void gyl__daemon_metrics_close(struct gyl_daemon *d);

/* daemon_iface.c: the interfaces of the configuration for the host. Returns how many. */
unsigned gyl__daemon_ifaces(
	const struct gyl_daemon *d, struct gyl_net_iface ret[GYL_NET_IFACE_MAX]);

/* daemon_start.c: everything between the configuration and the first packet. 0 or an exit status,
 * after printing why. */
int gyl__daemon_start(struct gyl_daemon *d);
void gyl__daemon_stop(struct gyl_daemon *d);

/* All services: their cores, then their listeners. */
int gyl__daemon_open_services(struct gyl_daemon *d);

/* offline.c: the whole life of a program that runs on a capture (--pcap). Its exit status. */
extern const struct gyl_args_own gyl__offline_args[];
bool gyl__offline_wanted(const struct gyl_daemon *d);
int gyl__offline(struct gyl_daemon *d);

/* String of a reference of the configuration, "" when it is not set. */
const char *gyl__daemon_str(const struct gyl_daemon *d, struct gyl_ref r);

#endif
