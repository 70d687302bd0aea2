/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SPAWN_H
#define GYL_SERVICES_SYSLOGD_SPAWN_H

/*
 * Programs are started by a helper process: it is forked before the daemon gives up its rights,
 * for the daemon itself can execute nothing afterwards. The helper becomes the daemon's user, keeps
 * nothing but a socket to the daemon, and knows the programs by their numbers: the daemon can ask
 * for one of those that the configuration named at the start, and for nothing else. It ends with
 * the daemon, and lets programs that read on finish for a while.
 */

#include <gyl/base.h>
#include <sys/types.h>

struct gyl_spawn;

enum {
	GYL_SPAWN_ARG_MAX = 16, /* words of a program */
	GYL_SPAWN_MAX = 32      /* programs */
};

/* A program: its path, arguments, NULL. Borrowed for gyl_spawn_open(). */
struct gyl_spawn_program {
	const char *arg[GYL_SPAWN_ARG_MAX + 1];
};

/* user: whom the helper becomes; NULL: it stays who it is. NULL with errno on failure. */
struct gyl_spawn *gyl_spawn_open(
	const struct gyl_spawn_program *program, unsigned cnt, const char *user);
/* Ends the helper. */
void gyl_spawn_close(struct gyl_spawn *sp);

/* The socket: readable when a program has ended. */
int gyl_spawn_fd(const struct gyl_spawn *sp);

/* The number of a program, by its words; -1: the helper does not know it. */
int gyl_spawn_find(const struct gyl_spawn *sp, const struct gyl_spawn_program *p);

/* Start program `number` with stdin_fd as its standard input. 0 or -errno. That it could not be
 * executed is told as its end, with exit status 127. */
int gyl_spawn_start(struct gyl_spawn *sp, int number, uint32_t token, int stdin_fd);

/* The next program that has ended: which start, and its status as of waitpid(2). False: none.
 * *ret_gone: the helper itself is gone. */
bool gyl_spawn_ended(struct gyl_spawn *sp, uint32_t *ret_token, int *ret_status, bool *ret_gone);

#endif
