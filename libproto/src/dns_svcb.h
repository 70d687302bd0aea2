/* SPDX-License-Identifier: ISC */
#ifndef GYL_SRC_DNS_SVCB_H
#define GYL_SRC_DNS_SVCB_H

#include <gyl/dns_rdata.h>

/* SvcParams as text (RFC 9460 2.1). False when a value has not the form of its key. */
bool gyl__svcparams_print(struct gyl_writer *w, struct gyl_view params);

/* The words from tok[*at] on; *at is the word at fault on failure, tok_cnt otherwise. */
struct gyl_fault gyl__svcparams_parse(
	const struct gyl_dns_token *tok, size_t tok_cnt, size_t *at, struct gyl_writer *w);

#endif
