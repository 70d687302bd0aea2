/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONEC_ORIGIN_H
#define GYL_SERVICES_DNS_ZONEC_ORIGIN_H

/* Where names are from (services/dns/origin.h), while the image grows. */

#include "services/dns/origin.h"

/* of: a node's index, or the place of an entry among the blocked names, + what is said. */
struct gyl_zc_origins {
	struct gyl_dns_origin *block, *node; /* off: as of above yet */
	size_t block_cnt, block_cap, node_cnt, node_cap;
	const char **path; /* kept by others */
	size_t path_cnt, path_cap;
	uint32_t last; /* + 1: of the blocks, the run that may go on */
};

struct gyl_dns_compile;

/* A node is from that line. path: kept. */
void gyl__zc_origin_node(struct gyl_dns_compile *c, uint32_t node, const char *path, uint32_t line);
/* An entry of the blocked names is new. */
void gyl__zc_origin_entry(struct gyl_dns_compile *c, size_t at, const char *path, uint32_t line);
/* Something more is said of one: GYL_DNS_ORIGIN_BELOW or _SELF. */
void gyl__zc_origin_more(
	struct gyl_dns_compile *c, size_t at, uint32_t said, const char *path, uint32_t line);

/* Append all to the image, when nodes and entries have their places there. */
bool gyl__zc_put_origins(
	struct gyl_dns_compile *c, uint32_t entry_off, struct gyl_dns_names_head *head);
void gyl__zc_free_origins(struct gyl_dns_compile *c);

#endif
