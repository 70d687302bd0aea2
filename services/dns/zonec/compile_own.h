/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_COMPILE_OWN_H
#define GYL_SERVICES_DNS_COMPILE_OWN_H

/* What the files of the compiler share. Nodes and records refer to each other by index. */

#include "services/dns/image.h"
#include "services/dns/zonec/compile.h"
#include "services/dns/zonec/names.h"
#include "services/dns/zonec/origin.h"
#include "services/dns/zonec/zone.h"

#define GYL_ZC_NONE UINT32_MAX

enum gyl_zc_flag {
	GYL_ZC_HAS_DATA = 1,
	GYL_ZC_APEX = 2,
	GYL_ZC_NS = 4,
	GYL_ZC_DNAME = 8,
	GYL_ZC_CNAME = 16,
	GYL_ZC_ADDRESS = 32,
	GYL_ZC_SHADOW = 64,  /* at or below the apex of another zone, which answers instead */
	GYL_ZC_CHILD = 128,  /* has names below */
	GYL_ZC_HASHED = 256, /* owner of NSEC3, which is no name of the zone (RFC 5155 7.2.8) */
	GYL_ZC_NSEC = 512,
	GYL_ZC_ABOVE = 1024, /* SHADOW, but the cut of it: DS and its denial are asked here */
	GYL_ZC_HOLE = 2048,
	GYL_ZC_THIN = 4096, /* there for the sake of holes below it */
	GYL_ZC_HOSTS = 8192 /* its records are from hosts files */
};

struct gyl_zc_node {
	uint64_t hash;
	uint32_t name_at; /* folded, in octets */
	uint32_t parent, over, wild;
	uint32_t first, last; /* records */
	uint32_t rec_cnt;
	uint32_t off;   /* in the image, once it is there */
	uint32_t proof; /* index in denial of its NSEC3, or NONE */
	uint16_t zone, flags;
	uint8_t name_len, label_cnt;
};

struct gyl_zc_rec {
	uint32_t rdata_at; /* in octets */
	uint32_t next, ttl, line, col, file;
	uint16_t type, rdata_len;
};

struct gyl_zc_zone {
	uint32_t apex, soa;  /* node; record */
	uint32_t parent_cut; /* the node of the apex's name in the zone above, or NONE */
	uint32_t name_cnt, rr_cnt;
	uint32_t hashed_cnt;               /* nodes that are HASHED */
	uint32_t denial_first, denial_cnt; /* in denial, in order */
	uint32_t param;                    /* record NSEC3PARAM, or NONE: NSEC */
	bool is_signed;
	bool is_hosts; /* no zone, but the names of hosts files that are in none */
	const char *path;
};

/* An owner of NSEC or NSEC3. */
struct gyl_zc_denial {
	const uint8_t *name;
	uint32_t node;
	uint8_t hash[GYL_DNS_HASH_LEN]; /* NSEC3 */
};

/* Where names come and go. */
struct gyl_zc_dynamic {
	uint8_t name[GYL_DNS_NAME_MAX];
	const char *what;
};

/* A place of the index of names. node 0: free, else one more than the node's index. */
struct gyl_zc_place {
	uint32_t node, tag;
};

/* A record on its way to its node: the index is fetched while the next ones are read. */
struct gyl_zc_pending {
	uint64_t hash;
	uint32_t name_at, rec, space;
	uint8_t name_len;
	bool same; /* owner as that before it */
};

enum {
	GYL_ZC_PENDING_MAX = 16
};

struct gyl_dns_compile {
	struct gyl_build *build;
	struct gyl_zc_node *node;
	size_t node_cnt, node_cap;
	struct gyl_zc_rec *rec;
	size_t rec_cnt, rec_cap;
	struct gyl_zc_zone *zone;
	size_t zone_cnt, zone_cap;
	uint32_t *zone_index;  /* by name: one more than the zone's number, 0: free */
	size_t zone_index_cap; /* a power of two */
	uint8_t *octet;
	size_t octet_cnt, octet_cap;
	char **file;
	size_t file_cnt, file_cap;
	struct gyl_zc_place *index;
	size_t index_cap; /* a power of two */
	struct gyl_zc_pending pending[GYL_ZC_PENDING_MAX];
	unsigned pending_cnt;
	uint32_t *order; /* nodes, fewest labels first */
	struct gyl_zc_denial *denial;
	size_t denial_cnt, denial_cap;
	struct gyl_zc_dynamic *dynamic;
	size_t dynamic_cnt, dynamic_cap;
	struct gyl_zc_scratch *scratch; /* compile_wire.c's */
	uint32_t *fix;                  /* offsets of nodes that refer to others */
	size_t fix_cnt, fix_cap;
	struct gyl_zc_names names[GYL_DNS_TABLE_CNT];
	struct gyl_zc_answers answers;
	struct gyl_zc_origins origins;
	bool plain;          /* names of one label stay here */
	uint32_t conf_sum;   /* gyl_dns_compile_sum() */
	uint32_t hosts_zone; /* + 1; 0: no such names yet */
	uint8_t *out;        /* the image */
	size_t out_len, out_cap;
	void (*told)(void *arg, const char *what, size_t done, size_t total); /* or NULL */
	void *told_arg;
	bool (*leave_out)(uint16_t type); /* records that are not taken; NULL: all are */
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

/* The NSEC3PARAM's fields, or NSEC3's first ones, which are the same (RFC 5155 3.2, 4.2). */
struct gyl_zc_param {
	uint8_t algorithm, flags;
	uint16_t iterations;
	struct gyl_view salt;
};

static inline struct gyl_zc_param gyl__zc_param(
	const struct gyl_dns_compile *c, const struct gyl_zc_rec *r)
{
	const uint8_t *p = c->octet + r->rdata_at;

	return (struct gyl_zc_param){p[0], p[1], gyl_get_u16(p + 2), gyl_view(p + 5, p[4])};
}

static inline uint16_t gyl__zc_covered(const struct gyl_dns_compile *c, const struct gyl_zc_rec *r)
{
	return gyl_get_u16(c->octet + r->rdata_at);
}

/* The first record of a type, NULL: there is none. */
const struct gyl_zc_rec *gyl__zc_first_of(
	const struct gyl_dns_compile *c, const struct gyl_zc_node *n, uint16_t type);

/* A hole of which the zone itself knows nothing, as one in a signed zone does: it delegates it. */
static inline bool gyl__zc_is_bare(const struct gyl_zc_node *n)
{
	return (n->flags & (GYL_ZC_HOLE | GYL_ZC_NS)) == GYL_ZC_HOLE;
}

/* Does the zone itself say what there is at the name, or at least that it is cut off there? Not so
 * below cuts and DNAMEs. */
static inline bool gyl__zc_is_own(const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	if ((n->flags & (GYL_ZC_HASHED | GYL_ZC_THIN)) != 0 || gyl__zc_is_bare(n) ||
		(n->flags & (GYL_ZC_SHADOW | GYL_ZC_ABOVE)) == GYL_ZC_SHADOW)
		return false;
	return n->over == GYL_ZC_NONE || n == &c->node[n->over];
}

/* The node of a folded name in a zone, or NONE. */
uint32_t gyl__zc_find(
	const struct gyl_dns_compile *c, uint16_t zone, const uint8_t *name, size_t len);
/* compile_zones.c: the zone with that name, in any case, or NONE; the lowest one above a name, the
 * one of hosts files left out. O(1) a label. A zone without records. */
uint32_t gyl__zc_zone(const struct gyl_dns_compile *c, const uint8_t *name);
uint32_t gyl__zc_zone_above(const struct gyl_dns_compile *c, const uint8_t *name);
bool gyl__zc_begin_zone(struct gyl_dns_compile *c, const uint8_t *origin, const char *path);
/* compile.c: the node of a name, made when it is new, NONE without memory; a record of a name.
 * flags: 0 or GYL_ZC_HASHED. */
uint32_t gyl__zc_intern(
	struct gyl_dns_compile *c, uint16_t zone, uint16_t flags, const uint8_t *name, size_t len);
void gyl__zc_append(struct gyl_dns_compile *c, uint32_t node, const struct gyl_zone_rr *rr);
const char *gyl__zc_keep_file(void *arg, const char *path);

/* A record of a node. */
struct gyl_zc_item {
	const struct gyl_zc_rec *rec;
	const uint8_t *rdata;
};

/* compile_wire.c: the records of a node grouped by type, each once; valid until the next call.
 * NULL without memory. */
const struct gyl_zc_item *gyl__zc_items(
	struct gyl_dns_compile *c, const struct gyl_zc_node *n, size_t *ret_cnt);

/* compile.c: one more record, at no place of a file; those that are there are not added again. */
bool gyl__zc_add(struct gyl_dns_compile *c, uint32_t node, uint16_t type, uint32_t ttl,
	struct gyl_view rdata);
/* Empty names and the tree, when all is read. False without memory. */
bool gyl__zc_link(struct gyl_dns_compile *c);

/* Now and then, when somebody wants to know. */
static inline void gyl__zc_tell(
	const struct gyl_dns_compile *c, const char *what, size_t done, size_t total)
{
	if (c->told != NULL && done % 1024 == 0)
		c->told(c->told_arg, what, done, total);
}

/* compile_tree.c: parents of all nodes, cuts, wildcards, shadows. */
bool gyl__zc_tree(struct gyl_dns_compile *c);
/* compile_denial.c: how signed zones deny names. False without memory. */
bool gyl__zc_denial(struct gyl_dns_compile *c);
/* compile_lint.c: what is wrong or odd about the zones. */
void gyl__zc_lint(struct gyl_dns_compile *c);
/* compile_lint_signed.c: the same about signatures and denial. */
void gyl__zc_lint_signed(struct gyl_dns_compile *c);
/* compile_lint_dynamic.c: names that nobody signs, in a signed zone. */
void gyl__zc_lint_dynamic(struct gyl_dns_compile *c);
/* A name as text; of names too long for it the beginning. */
struct gyl_zc_text {
	char s[300];
};
struct gyl_zc_text gyl__zc_show(const uint8_t *name);
/* "at: name: text" as a warning or an error. */
void gyl__zc_warn(struct gyl_dns_compile *c, const struct gyl_zc_rec *at, const char *text,
	const struct gyl_zc_node *n);
void gyl__zc_fail(struct gyl_dns_compile *c, const struct gyl_zc_rec *at, const char *text,
	const struct gyl_zc_node *n);
/* compile_wire.c: one node with its RRsets, appended to out. The offsets of nodes are their indexes
 * yet. */
bool gyl__zc_put_node(struct gyl_dns_compile *c, uint32_t node, bool ds_only);
bool gyl__zc_put_soa(struct gyl_dns_compile *c, uint32_t zone);
/* The NSEC3 of a node that is HASHED. */
bool gyl__zc_put_nsec3(struct gyl_dns_compile *c, uint32_t node);
uint8_t *gyl__zc_reserve(struct gyl_dns_compile *c, size_t len);
void gyl__zc_free_scratch(struct gyl_dns_compile *c);
/* compile_emit.c */
bool gyl__zc_emit(struct gyl_dns_compile *c);

#endif
