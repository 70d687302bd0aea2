/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_TRACE_H
#define GYL_SERVICES_DNS_TRACE_H

/*
 * The way to an answer: each name that the question led to, with what gyl_dns_find() said about it.
 * Who hands one over with the query (struct gyl_dns_from) is told why the answer is what it is; for
 * all others it costs a comparison a name. Pure.
 */

#include "services/dns/answer.h"

enum {
	GYL_DNS_WHY_MAX = 120 /* octets of the text that goes along with an answer */
};

struct gyl_dns_step {
	struct gyl_dns_key key;
	struct gyl_dns_found found;
};

struct gyl_dns_trace {
	unsigned cnt;
	struct gyl_dns_step step[GYL_DNS_CHAIN_MAX];
};

struct gyl_writer;

/* What decided about the last name, in a few words: "wildcard *.lab.". ASCII. */
void gyl__dns_trace_print(const struct gyl_dns_trace *t, const char *rule, struct gyl_writer *w);

#endif
