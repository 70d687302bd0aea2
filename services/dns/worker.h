/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_WORKER_H
#define GYL_SERVICES_DNS_WORKER_H

/*
 * More threads that answer: the first loop's core and those of its workers.
 *
 * The first loop is the whole server, as it is alone. A worker is a second core over sockets of its
 * own on the same UDP port. It answers by the same code, from the same mapped image, what follows
 * from the image and the configuration alone: zones that stand as they are in their files, hosts
 * files, special names, lists. What depends on anything else (names of leases, zones that change,
 * names of others, keys, UPDATE, NOTIFY, transfers) find() and the answer tell as `elsewhere`, and
 * the whole query goes to the first loop (pass.h), which answers it through its own socket. So
 * there is one server, and nothing twice but what each counts and limits for itself.
 *
 * What a worker knows of the first loop is its sight: image, configuration, where zones change, in
 * which domains there are leases, serials that moved. The first loop writes a new one when all have
 * taken the last one, and says so by its number; a worker copies it between two batches, and then
 * says that number. So nobody is waited for when something changes, except when memory goes away
 * with it (gyl_dns_team_settled).
 *
 * What a worker has counted comes to the first loop every GYL_DNS_POST_NS, whole or not at all.
 *
 * Rate limit: each loop has its share of the rate. Pure.
 */

#include "services/base/metrics.h"
#include "services/base/pass.h"
#include "services/dns/core.h"

enum {
	GYL_DNS_LOOP_MAX = 16 /* the first one counted */
};

#define GYL_DNS_POST_NS UINT64_C(100000000)

struct gyl_dns_team;

/* ---- the first loop's ---- */

/* Octets of memory for cnt workers, aligned to 64. */
size_t gyl_dns_team_need(unsigned cnt);
/* Workers of a core. The first sight is there with its first tick. */
struct gyl_dns_team *gyl_dns_team_init(void *mem, struct gyl_dns *d, unsigned cnt);

/*
 * Worker i: wake(arg) makes it look, whatever thread calls; first(arg) does the same with the first
 * loop. port, role: what the first loop's listener is there. The result is the worker's core, of
 * gyl_dns_worker_core; the first loop's runner takes gyl_dns_team_pass() of it.
 */
struct gyl_dns_waker {
	void (*wake)(void *arg);
	void *arg;
};
struct gyl_dns *gyl_dns_team_worker(struct gyl_dns_team *t, unsigned i, struct gyl_dns_waker worker,
	struct gyl_dns_waker first, uint8_t port, uint8_t role);
struct gyl_pass *gyl_dns_team_pass(struct gyl_dns_team *t, unsigned i);

/* After GYL_IN_DATA: does no worker use what it has replaced? To be called until it says so. */
bool gyl_dns_team_settled(struct gyl_dns_team *t);

/* What a worker did up to its last post. */
struct gyl_dns_worker_stat {
	uint64_t answer_cnt; /* by itself */
	uint64_t passed_cnt; /* queries that it handed over */
	uint64_t lost_cnt;   /* ... that found no room */
	uint64_t event_lost_cnt;
	struct gyl_host_stat host;
	struct gyl_histogram answer;
};
const struct gyl_dns_worker_stat *gyl_dns_team_stat(const struct gyl_dns_team *t, unsigned i);

/* ---- the worker's thread's ---- */

extern const struct gyl_core_ops gyl_dns_worker_core;

/* Between two steps of the runner: take a new sight. */
void gyl_dns_worker_look(struct gyl_dns *w);
/* When the next post is due; UINT64_MAX: nothing has happened. */
uint64_t gyl_dns_worker_at_ns(const struct gyl_dns *w);
/* Post what was counted, if it is due: st with host, answer and event_lost_cnt of the runner. */
void gyl_dns_worker_post(
	struct gyl_dns *w, struct gyl_now now, const struct gyl_dns_worker_stat *st);

#endif
