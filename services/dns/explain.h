/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_EXPLAIN_H
#define GYL_SERVICES_DNS_EXPLAIN_H

/*
 * Why a question is answered as it is, in sentences: `guyline dns explain`.
 *
 * Nothing is decided here. The question is answered as any other one would be, by gyl_dns_answer(),
 * with a trace (trace.h); what the trace has is put into words, name by name. No server is asked: a
 * name of others that is not in the cache is told with the servers that would be. Pure.
 */

#include <gyl/dns.h>
#include <gyl/json.h>
#include <gyl/text.h>

#include "services/base/question.h"
#include "services/dns/core_own.h"
#include "services/dns/origin.h"
#include "services/dns/trace.h"

struct gyl__dns_explain {
	struct gyl_dns *d;
	struct gyl_now now;
	struct gyl_question *q;
	uint8_t name[GYL_DNS_NAME_MAX]; /* as asked */
	size_t name_len;
	uint16_t qtype;
	uint32_t ip;  /* who asks */
	bool allowed; /* may have names of others */
	struct gyl_dns_trace trace;
	struct gyl_dns_verdict verdict;
	struct gyl_dns_msg msg; /* the answer; raw.len 0: there is none yet */
};

/* A line of the answer: members of a JSON object, and the sentence that becomes the last one. */
struct gyl__dns_line {
	struct gyl__dns_explain *x;
	struct gyl_json j;
	struct gyl_writer say;
	uint8_t buf[4096];
};

void gyl__dns_line_begin(struct gyl__dns_line *l, struct gyl__dns_explain *x, const char *what);
void gyl__dns_line_end(struct gyl__dns_line *l);
void gyl__dns_say(struct gyl__dns_line *l, const char *text);
void gyl__dns_say_name(struct gyl__dns_line *l, const uint8_t *name);
void gyl__dns_line_name(struct gyl__dns_line *l, const char *key, const uint8_t *name);
/* " FILE:LINE", and the same as members. */
void gyl__dns_say_place(struct gyl__dns_line *l, const struct gyl_dns_place *place);

/* "dns.explain". */
void gyl__dns_explain(struct gyl_dns *d, struct gyl_now now, struct gyl_question *q);

/* The records of a node answer by leading to another name. */
bool gyl__dns_is_alias(const struct gyl__dns_explain *x, const struct gyl_dns_step *s);

/* explain_say.c: one name of the chain. */
void gyl__dns_explain_step(struct gyl__dns_explain *x, const struct gyl_dns_step *s);

/* explain_wild.c: a wildcard that would be the answer, were it not for a name that exists. */
void gyl__dns_explain_hidden(struct gyl__dns_explain *x, const struct gyl_dns_step *s);
/* A name below one that has no records of its own; false: it is not found, or not soon. */
bool gyl__dns_explain_below(const struct gyl__dns_explain *x, const struct gyl_dns_image *im,
	const uint8_t *name, size_t len, uint8_t ret_name[GYL_DNS_NAME_MAX]);

/* explain_route.c: a name that no zone has, and a hole in one. */
void gyl__dns_explain_outside(struct gyl__dns_line *l, const struct gyl_dns_step *s);
void gyl__dns_explain_hole(struct gyl__dns_line *l, const struct gyl_dns_step *s);

#endif
