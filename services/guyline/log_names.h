/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_LOG_NAMES_H
#define GYL_SERVICES_GUYLINE_LOG_NAMES_H

/* What log_names.c (who had which address when) and log_join.c (showing that) share. */

#include "services/guyline/log_own.h"

enum {
	GYL__SPAN_NAME_LEN = 63
};

/* Who says so: the first that knows is believed. */
enum gyl__span_source {
	GYL__SPAN_LEASE,
	GYL__SPAN_HOST,
	GYL__SPAN_DNS,
	GYL__SPAN_SOURCE_CNT
};

struct gyl__span {
	uint64_t from_ns, to_ns, seq;
	uint32_t ip;
	uint8_t source, has_mac;
	uint8_t mac[6];
	char name[GYL__SPAN_NAME_LEN + 1];
};

struct gyl__log_names {
	struct gyl__span *span; /* by source, address and time */
	size_t *by_mac;         /* the same by source, MAC and time; NULL: no memory */
	size_t cnt, cap;
	bool sorted;
};

void gyl__log_names_sort(struct gyl__log_names *n);
/* The span of a source for at->ip or at->mac that the moment at->from_ns lies in; NULL: none. */
const struct gyl__span *gyl__log_names_find(
	const struct gyl__log_names *n, const struct gyl__span *at, bool mac);

#endif
