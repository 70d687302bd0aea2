/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_DNS_SEE_H
#define GYL_SERVICES_GUYLINE_DNS_SEE_H

/* guyline dns top, guyline dns queries. argv[0] is the last word of the command. */

#include "services/guyline/tool.h"

#define GYL_DNS_TOP_ARGS "[names|clients|missing|blocked] [--count N] [--reset]"
#define GYL_DNS_QUERIES_ARGS \
	"[--follow] [--ip A] [--name N] [--type T] [--rcode R] [--rule R] [--seconds N]"

int gyl_dns_top_main(struct gyl_tool *t, int argc, char **argv);
int gyl_dns_queries_main(struct gyl_tool *t, int argc, char **argv);

#endif
