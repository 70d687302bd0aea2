/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_CONTROL_H
#define GYL_SERVICES_BASE_CONTROL_H

/*
 * The control socket: JSON lines over a Unix stream, for `guyline` and for other services.
 *
 * Bounded in every direction: GYL_CONTROL_CLIENT_MAX connections, request lines of
 * GYL_CONTROL_LINE_MAX, and GYL_CONTROL_BACKLOG octets that a client has not read yet. A client
 * that falls behind events is cut off, counted, and may come back for a fresh snapshot; one that
 * does not read its answers gets no further ones. The protocol is docs/CONTROL.md.
 */

#include "libnet/host/loop.h"
#include "services/base/log.h"
#include "services/base/service.h"

enum {
	GYL_CONTROL_VERSION = 1,
	GYL_CONTROL_CLIENT_MAX = 32,
	GYL_CONTROL_LINE_MAX = 4096,
	GYL_CONTROL_BACKLOG = 4 << 20
};

struct gyl_control;

struct gyl_control_conf {
	const char *path;  /* of the socket; one that nobody listens on any more is replaced */
	const char *group; /* owner group of the socket, NULL: stays; mode is 0660 */
	const char *program, *version;
	struct gyl_loop *loop;
	struct gyl_run *run;
	struct gyl_store *store; /* NULL: none */
	struct gyl_log_sink *log;
	const struct gyl_service *const *service;
	struct gyl_service_env *env; /* one a service */
	void **core;                 /* one a service */
	size_t service_cnt;
	void (*reload)(void *arg);
	void *arg;
};

/* NULL with a sentence in err. */
struct gyl_control *gyl_control_open(const struct gyl_control_conf *cf, char err[200]);
void gyl_control_close(struct gyl_control *c);

/* Where it listens. */
const char *gyl_control_path(const struct gyl_control *c);

#endif
