/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_ASK_OWN_H
#define GYL_SERVICES_BASE_ASK_OWN_H

/* What ask.c (asking and showing) and ask_tcp.c (over a network) share. */

#include "services/base/ask.h"

/* Is it a host and a port, not a path? */
bool gyl__ask_is_tcp(const char *at);

/*
 * Find a password, connect, show it. The connection, or -1 after saying on standard error why not,
 * with the exit status in *ret_status.
 */
int gyl__ask_tcp(const struct gyl_ask *a, const char *at, int *ret_status);

#endif
