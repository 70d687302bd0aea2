/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SPAWN_OWN_H
#define GYL_SERVICES_SYSLOGD_SPAWN_OWN_H

#include "services/syslogd/spawn.h"

/* Daemon to helper, with a descriptor: start it. Helper to daemon: it has ended. */
struct gyl__spawn_message {
	uint32_t token;
	int32_t value; /* number of the program, or its status */
};

/* What both processes know: the words of the programs, copied. */
struct gyl__spawn_list {
	unsigned cnt;
	char *arg[GYL_SPAWN_MAX][GYL_SPAWN_ARG_MAX + 1];
};

/* spawn_child.c: the helper's whole life. */
void gyl__spawn_serve(const struct gyl__spawn_list *list, int fd, const char *user)
	__attribute__((noreturn));

#endif
