/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_QUERY_OWN_H
#define GYL_SERVICES_SYSLOGD_QUERY_OWN_H

/* What query.c (records), query_find.c (lines) and query_parse.c (options) share. */

#include "services/syslogd/query.h"

static inline uint8_t gyl__query_fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

/* Takes the first of a list with commas. */
struct gyl_view gyl__query_item(struct gyl_view *list);
/* "10.77.0.0/24" */
bool gyl__query_prefix(struct gyl_view v, uint32_t *ret_ip, uint32_t *ret_mask);

#endif
