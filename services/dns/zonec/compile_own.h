/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_COMPILE_OWN_H
#define GYL_SERVICES_DNS_COMPILE_OWN_H

/* What the files of the compiler share. Nodes and records refer to each other by index. */

#include "services/dns/image.h"
#include "services/dns/zonec/compile.h"
#include "services/dns/zonec/zone.h"

#define GYL_ZC_NONE UINT32_MAX

enum gyl_zc_flag {
	GYL_ZC_HAS_DATA = 1,
	GYL_ZC_APEX = 2,
	GYL_ZC_NS = 4,
	GYL_ZC_DNAME = 8,
	GYL_ZC_CNAME = 16,
	GYL_ZC_ADDRESS = 32,
	GYL_ZC_SHADOW = 64, /* at or below the apex of another zone, which answers instead */
	GYL_ZC_CHILD = 128  /* has names below */
};

struct gyl_zc_node {
	uint64_t hash;
	size_t name_at; /* folded, in octets */
	uint32_t parent, over, wild;
	uint32_t first, last; /* records */
	uint32_t rec_cnt;
	uint32_t off; /* in the image, once it is there */
	uint16_t zone, type_cnt;
	uint8_t name_len, label_cnt, flags;
};

struct gyl_zc_rec {
	size_t rdata_at;
	uint32_t next, ttl, line, col, file;
	uint16_t type, rdata_len;
};

struct gyl_zc_zone {
	uint32_t apex, soa;  /* node; record */
	uint32_t parent_cut; /* the node of the apex's name in the zone above, or NONE */
	uint32_t name_cnt, rr_cnt;
	const char *path;
};

struct gyl_dns_compile {
	struct gyl_build *build;
	struct gyl_zc_node *node;
	size_t node_cnt, node_cap;
	struct gyl_zc_rec *rec;
	size_t rec_cnt, rec_cap;
	struct gyl_zc_zone *zone;
	size_t zone_cnt, zone_cap;
	uint8_t *octet;
	size_t octet_cnt, octet_cap;
	char **file;
	size_t file_cnt, file_cap;
	uint32_t *index; /* node + 1, 0: free */
	size_t index_cap;
	uint32_t *order; /* nodes, fewest labels first */
	uint8_t *out;    /* the image */
	size_t out_len, out_cap;
	bool failed, no_memory;
};

/* Make room for `more` items behind cnt; false, and no_memory set, when there is none. */
bool gyl__zc_grow(
	struct gyl_dns_compile *c, void *list, size_t *cap, size_t cnt, size_t more, size_t size);

static inline const uint8_t *gyl__zc_name(
	const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	return c->octet + n->name_at;
}

static inline struct gyl_view gyl__zc_rdata(
	const struct gyl_dns_compile *c, const struct gyl_zc_rec *r)
{
	return gyl_view(c->octet + r->rdata_at, r->rdata_len);
}

/* The node of a folded name in a zone, or NONE. */
uint32_t gyl__zc_find(
	const struct gyl_dns_compile *c, uint16_t zone, const uint8_t *name, size_t len);
/* Where a name stands in the rdata of a type whose addresses belong into the additional section,
 * and that may be compressed when `pack`. False: nowhere. */
bool gyl__zc_target(uint16_t type, size_t *ret_at, bool *ret_pack);

/* compile_tree.c: parents of all nodes, cuts, wildcards, shadows. */
bool gyl__zc_tree(struct gyl_dns_compile *c);
/* compile_lint.c: what is wrong or odd about the zones. */
void gyl__zc_lint(struct gyl_dns_compile *c);
/* compile_wire.c: one node with its RRsets, appended to out. The offsets of nodes are their indexes
 * yet. */
bool gyl__zc_put_node(struct gyl_dns_compile *c, uint32_t node, bool ds_only);
bool gyl__zc_put_soa(struct gyl_dns_compile *c, uint32_t zone);
/* compile_emit.c */
bool gyl__zc_emit(struct gyl_dns_compile *c);

#endif
