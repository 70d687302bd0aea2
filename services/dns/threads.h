/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_THREADS_H
#define GYL_SERVICES_DNS_THREADS_H

/*
 * The threads of workers (worker.h): each has a loop, a host beside the daemon's with sockets on
 * the same UDP port, and a runner with one core. They are opened with all privileges, and started
 * when those are given up. A worker ends with the daemon only: nothing in it can fail once it runs.
 */

#include "services/base/service.h"

struct gyl_dns;

/* Threads that the configuration wants, the first loop counted. */
unsigned gyl__dns_threads_wanted(const struct gyl_service_env *env);

/*
 * Open cnt - 1 workers. b: what the first loop listens to, by its port number `port`. 0, or -1 with
 * a sentence in err. env->own is theirs.
 */
int gyl__dns_threads_open(struct gyl_service_env *env, struct gyl_dns *first,
	const struct gyl_bind *b, int port, char err[200]);

/* As in struct gyl_service. */
int gyl__dns_threads_start(struct gyl_service_env *env, void *core);
bool gyl__dns_threads_uses(struct gyl_service_env *env, void *core, struct gyl_view block);
void gyl__dns_threads_beside(
	const struct gyl_service_env *env, const void *core, struct gyl_service_beside *sum);
void gyl__dns_threads_metrics(const struct gyl_service_env *env, struct gyl_metrics *m);
void gyl__dns_threads_close(struct gyl_service_env *env);

#endif
