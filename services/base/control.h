/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_CONTROL_H
#define GYL_SERVICES_BASE_CONTROL_H

/*
 * The control socket: JSON lines over a stream, for `guyline` and for other services. A Unix socket
 * asks nobody for a password, its permissions decide; a TCP port asks everybody.
 *
 * Bounded in every direction: GYL_CONTROL_CLIENT_MAX connections, request lines of
 * GYL_CONTROL_LINE_MAX, and GYL_CONTROL_BACKLOG octets that a client has not read yet. A client
 * that falls behind events is cut off, counted, and may come back for a fresh snapshot; one that
 * does not read its answers gets no further ones.
 *
 * Who has come by TCP and not yet shown a password is a guest: GYL_CONTROL_GUEST_MAX of them, half
 * as many from one address, each with a line and a password in memory (8 times 5.5 KiB), for
 * GYL_CONTROL_HANDSHAKE_S seconds. One password is verified at a time, GYL_CONTROL_SLICE_NS of work
 * a turn of the loop, and takes the scratch memory that its stored string asks for (256 MiB at
 * most, conf/top.h) as long as it is verified; the others wait. The protocol is docs/CONTROL.md.
 */

#include "libnet/host/loop.h"
#include "services/base/log.h"
#include "services/base/random.h"
#include "services/base/service.h"

enum {
	GYL_CONTROL_VERSION = 1,
	GYL_CONTROL_CLIENT_MAX = 32,
	GYL_CONTROL_LINE_MAX = 4096,
	GYL_CONTROL_BACKLOG = 4 << 20,
	GYL_CONTROL_PLACE_MAX = 9,
	GYL_CONTROL_GUEST_MAX = 8,
	GYL_CONTROL_PASSWORD_MAX = 1024, /* octets */
	GYL_CONTROL_HANDSHAKE_S = 10,
	GYL_CONTROL_SLICE_NS = 500000
};

struct gyl_control;

/* Where to listen: a Unix socket, or a TCP port of the machine's own network. */
struct gyl_control_place {
	const char *path; /* one that nobody listens on any more is replaced; NULL: TCP */
	uint32_t ip;      /* 0: every address */
	uint16_t port;    /* 0: any (gyl_control_port() tells which) */
};

struct gyl_control_conf {
	const struct gyl_control_place *place; /* read while it is opened */
	size_t place_cnt;                      /* at most GYL_CONTROL_PLACE_MAX */
	const char *group; /* owner group of Unix sockets, NULL: stays; mode is 0660 */
	const char *program, *version;
	struct gyl_loop *loop;
	struct gyl_run *run;
	struct gyl_store *store; /* NULL: none */
	struct gyl_log_sink *log;
	const struct gyl_random *random; /* for status, NULL: none */
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

/*
 * Stored passwords (gyl/password.h), any of which opens the TCP ports; none at first. When they are
 * others than before, who came by TCP has to come again.
 */
void gyl_control_passwords(struct gyl_control *c, const char *const *text, size_t cnt);

/* The first Unix socket it listens on, "" when there is none; the first TCP port, 0: none. */
const char *gyl_control_path(const struct gyl_control *c);
uint16_t gyl_control_port(const struct gyl_control *c);

#endif
