/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_IMAGE_H
#define GYL_SERVICES_DNS_IMAGE_H

/*
 * All zones as one position-independent block: answers are look-up and copy.
 *
 *   header | zones | index | nodes, each with its name and RRsets
 *          | per zone: parent's cut, SOA, order of denial, NSEC3 records | names.h
 *
 * Every name that exists is a node, empty non-terminals too. A node lies in one piece, and in one
 * cache line when it fits, so that an answer costs one miss in the index and one in the node. Each
 * RRset is the octets of an answer already: owner 0xC00C, names in the rdata compressed against the
 * owner, which is the question; its RRSIGs follow in the same form. When the owner stands elsewhere
 * (wildcard, chain of CNAMEs, authority) the owner pointers are set anew and the patches tell which
 * others to move.
 *
 * Names that do not exist are denied by records in an order of their own (RFC 4035 5.4, RFC 5155
 * 8): owners of NSEC by name, NSEC3 by hash. NSEC3's own owners are no names of the zone (RFC 5155
 * 7.2.8), so they are in no index.
 *
 * References are offsets from the start, multiples of four. The byte order is the machine's.
 * gyl_dns_image_open() is the one gate: behind it nothing is checked any more. Pure.
 */

#include <gyl/base.h>

#include "services/dns/key.h"

#define GYL_DNS_IMAGE_MAGIC   0x5a4c5947u /* "GYLZ" */
#define GYL_DNS_IMAGE_VERSION 3

/* Octets of an RRset with its RRSIGs at most: with header, question and OPT it still makes a
 * message. */
#define GYL_DNS_RRSET_MAX     64000

enum {
	GYL_DNS_NODE_LINE = 64,      /* of a cache; a node that fits lies in one */
	GYL_DNS_HASH_LEN = 20,       /* SHA-1, the only hash of NSEC3 (RFC 5155 11) */
	GYL_DNS_ITERATIONS_MAX = 150 /* of NSEC3, what a question may cost us (RFC 9276 3.2) */
};

struct gyl_dns_image {
	uint32_t magic, version;
	uint32_t len;      /* of the whole block, octets */
	uint32_t checksum; /* of all that follows this field */
	uint32_t zone_off, zone_cnt;
	uint32_t slot_off, slot_cnt; /* the index: open addressing, at least one slot is free */
	uint32_t node_off, node_end, node_cnt;
	uint32_t tail_off;  /* per zone in order: the parent's cut, if any, and the SOA */
	uint32_t label_max; /* of any node's name */
	uint32_t names_off; /* names.h: names that no zone has, to the end; 0: none */
	uint32_t conf_sum;  /* of the configuration that it was made from; 0: of zones alone */
	uint32_t zero;
};

enum gyl_dns_zone_flag {
	GYL_DNS_ZONE_SIGNED = 1, /* nobody can add names to it that validators would take */
	GYL_DNS_ZONE_NSEC3 = 2,
	GYL_DNS_ZONE_HOSTS = 4, /* the names of hosts files that no zone has; its apex is the root,
				   and it has no SOA */
	GYL_DNS_ZONE_LIVE = 8,  /* live.h: names do not know their NSEC3, it has to be looked for */
	GYL_DNS_ZONE_COPY = 16  /* live.h only: what is in it, others say */
};

struct gyl_dns_zone {
	uint32_t apex_off;
	uint32_t parent_off; /* the cut in the zone above, when that is in the image too: its DS is
				asked there (RFC 4035 3.1.4.1); 0: none */
	uint32_t soa_off;    /* RRset: the SOA with the TTL of negative answers (RFC 2308 3) */
	uint32_t serial;
	uint32_t name_cnt, rr_cnt;
	uint32_t denial_off; /* NSEC: offsets of nodes in canonical order (RFC 4034 6.1). NSEC3:
				struct gyl_dns_hashed, lowest hash first, then the salt */
	uint32_t denial_cnt; /* 0: nothing can be denied */
	uint16_t iterations;
	uint8_t salt_len;
	uint8_t flags; /* enum gyl_dns_zone_flag */
};

/* An NSEC3 RRset: one record, its owner 0xC00C stands for the hash and the zone. */
struct gyl_dns_hashed {
	uint8_t hash[GYL_DNS_HASH_LEN];
	uint32_t rrset_off;
};

/* A place of the index. off 0: free. */
struct gyl_dns_slot {
	uint32_t tag; /* lower half of the name's hash; the upper one says where to look first */
	uint32_t off;
};

enum gyl_dns_node_flag {
	GYL_DNS_NODE_APEX = 1,
	GYL_DNS_NODE_CUT = 2,     /* has NS and is no apex */
	GYL_DNS_NODE_DNAME = 4,   /* has DNAME, and no zone is cut off here */
	GYL_DNS_NODE_HOLE = 8,    /* the zone says nothing of this name and those below; with CUT:
				     nothing but that there is no DS */
	GYL_DNS_NODE_THIN = 16,   /* is there for the sake of holes below; wild_off is that of the
				     names above */
	GYL_DNS_NODE_TOP = 32,    /* of a hosts file: has a wildcard, and no name above has one */
	GYL_DNS_NODE_HASHED = 64, /* live.h: owner of an NSEC3, no name of the zone */
	GYL_DNS_NODE_MORE = 128   /* struct gyl_dns_more follows the name */
};

/* A name that exists. At the next multiples of four after the name: struct gyl_dns_more, if any,
 * and the RRsets. Between nodes there may be zeros. */
struct gyl_dns_node {
	uint16_t zone; /* index */
	uint8_t name_len;
	uint8_t flags; /* enum gyl_dns_node_flag */
	uint8_t rrset_cnt;
	uint8_t name[]; /* folded */
};

/* What most names do not have. */
struct gyl_dns_more {
	uint32_t over_off;  /* the topmost cut or hole at, or DNAME above this name, 0: none; it
			       decides. Of names of hosts files: the TOP at or above */
	uint32_t wild_off;  /* the node "*." before this name, 0: none */
	uint32_t proof_off; /* struct gyl_dns_hashed of this name, 0: none */
};

/* Records of one type: then patches, extras, the octets of the records and those of their RRSIGs.
 */
struct gyl_dns_rrset {
	uint16_t type;
	uint16_t cnt;
	uint16_t wire_len; /* without sig_len */
	uint16_t sig_len;  /* whole RRSIG records, owner 0xC00C, the TTL of the others */
	uint16_t patch_cnt;
	uint16_t extra_cnt;
};

/* A compression pointer in the rdata: to the last suffix_len octets of the owner's name. */
struct gyl_dns_patch {
	uint16_t at; /* offset in the octets of the RRset */
	uint16_t suffix_len;
};

enum gyl_dns_extra_flag {
	GYL_DNS_EXTRA_GLUE = 1,  /* lies below the cut that the RRset makes, nobody else knows it
				    (RFC 9471 3.1) */
	GYL_DNS_EXTRA_OF_CUT = 2 /* live.h only: the RRset makes a cut */
};

/* A name in the rdata whose addresses belong into the additional section. */
struct gyl_dns_extra {
	uint32_t node_off; /* 0: to be looked up (live.h) */
	uint16_t at;       /* where the name stands in the octets of the RRset */
	uint16_t glue;     /* enum gyl_dns_extra_flag */
};

/* The gate: NULL when the block, which MUST be aligned to 8, is no sound image. O(size). */
const struct gyl_dns_image *gyl_dns_image_open(struct gyl_view block);

/* The same, with what is wrong with it, and where. */
struct gyl_dns_image_fault {
	const char *text; /* static storage */
	uint64_t off;
};
const struct gyl_dns_image *gyl_dns_image_judge(
	struct gyl_view block, struct gyl_dns_image_fault *ret_fault);

/* The same in slices. */
struct gyl_dns_gate {
	const struct gyl_dns_image *im;
	struct gyl_dns_image_fault fault;
	/* @private */
	uint8_t stage;
	uint64_t at, sum[4], sums[4];
	uint32_t used, cnt;
};
enum gyl_dns_gated {
	GYL_DNS_GATE_MORE,
	GYL_DNS_GATE_SOUND,  /* g->im is sound */
	GYL_DNS_GATE_UNSOUND /* g->fault tells */
};
void gyl_dns_gate_begin(struct gyl_dns_gate *g, struct gyl_view block);
/* cnt: so many names at most, or as much time. What zones deny by, and lists of names, are looked
 * at in one piece. */
enum gyl_dns_gated gyl_dns_gate_next(struct gyl_dns_gate *g, uint32_t cnt);
/* What can be told from the header alone, of which `have` octets are there, and the length of all
 * of it. False: it is no image of ours, or not whole. */
bool gyl_dns_image_head_check(const struct gyl_dns_image *im, size_t have, uint64_t len,
	struct gyl_dns_image_fault *ret_fault);

/* What the checksum field must hold; im->len MUST be true. For the compiler. */
uint32_t gyl_dns_image_checksum(const struct gyl_dns_image *im);

static inline const struct gyl_dns_node *gyl_dns_image_node(
	const struct gyl_dns_image *im, uint32_t off)
{
	return (const struct gyl_dns_node *)(const void *)((const uint8_t *)im + off);
}

static inline const struct gyl_dns_zone *gyl_dns_image_zone(
	const struct gyl_dns_image *im, uint32_t i)
{
	const struct gyl_dns_zone *zone =
		(const struct gyl_dns_zone *)(const void *)((const uint8_t *)im + im->zone_off);

	return zone + i;
}

/* The SOA for negative answers of a zone. */
static inline const struct gyl_dns_rrset *gyl_dns_image_soa(
	const struct gyl_dns_image *im, const struct gyl_dns_zone *zone)
{
	return (const struct gyl_dns_rrset *)(const void *)((const uint8_t *)im + zone->soa_off);
}

static inline const struct gyl_dns_slot *gyl_dns_image_slots(const struct gyl_dns_image *im)
{
	return (const struct gyl_dns_slot *)(const void *)((const uint8_t *)im + im->slot_off);
}

/* Where in the index the search for a hash begins, and goes on. */
static inline uint32_t gyl_dns_image_place(const struct gyl_dns_image *im, uint64_t hash)
{
	return (uint32_t)((hash >> 32) * im->slot_cnt >> 32);
}

static inline uint32_t gyl_dns_image_place_next(const struct gyl_dns_image *im, uint32_t at)
{
	return at + 1 == im->slot_cnt ? 0 : at + 1;
}

/* The node of a folded name with that hash, or NULL. Empty non-terminals are nodes. */
const struct gyl_dns_node *gyl_dns_image_find(
	const struct gyl_dns_image *im, const uint8_t *name, size_t len, uint64_t hash);

/* Octets that an RRset takes in the image. */
static inline size_t gyl_dns_rrset_len(const struct gyl_dns_rrset *s)
{
	size_t wire_len = (size_t)s->wire_len + s->sig_len;

	return sizeof *s + s->patch_cnt * sizeof(struct gyl_dns_patch) +
	       s->extra_cnt * sizeof(struct gyl_dns_extra) + ((wire_len + 3u) & ~(size_t)3);
}

static inline const struct gyl_dns_patch *gyl_dns_rrset_patch(const struct gyl_dns_rrset *s)
{
	return (const struct gyl_dns_patch *)(const void *)(s + 1);
}

static inline const struct gyl_dns_extra *gyl_dns_rrset_extra(const struct gyl_dns_rrset *s)
{
	return (const struct gyl_dns_extra *)(const void *)(gyl_dns_rrset_patch(s) + s->patch_cnt);
}

static inline const uint8_t *gyl_dns_rrset_wire(const struct gyl_dns_rrset *s)
{
	return (const uint8_t *)(gyl_dns_rrset_extra(s) + s->extra_cnt);
}

static inline const struct gyl_dns_rrset *gyl_dns_rrset_next(const struct gyl_dns_rrset *s)
{
	return (const struct gyl_dns_rrset *)(const void *)((const uint8_t *)s +
							    gyl_dns_rrset_len(s));
}

/* Octets before the RRsets of a node whose name has that length. */
static inline size_t gyl_dns_node_head(size_t name_len, bool more)
{
	return ((offsetof(struct gyl_dns_node, name) + name_len + 3) & ~(size_t)3) +
	       (more ? sizeof(struct gyl_dns_more) : 0);
}

/* The first RRset; there are rrset_cnt. */
static inline const struct gyl_dns_rrset *gyl_dns_node_first(const struct gyl_dns_node *n)
{
	bool more = (n->flags & GYL_DNS_NODE_MORE) != 0;
	const uint8_t *p = (const uint8_t *)n + gyl_dns_node_head(n->name_len, more);

	return (const struct gyl_dns_rrset *)(const void *)p;
}

/* NULL: none of it is set. */
static inline const struct gyl_dns_more *gyl_dns_node_more(const struct gyl_dns_node *n)
{
	const uint8_t *p = (const uint8_t *)n + gyl_dns_node_head(n->name_len, false);

	if ((n->flags & GYL_DNS_NODE_MORE) == 0)
		return NULL;
	return (const struct gyl_dns_more *)(const void *)p;
}

/* Offset of the cut or DNAME that decides instead of this node, 0: none. */
static inline uint32_t gyl_dns_node_over(const struct gyl_dns_node *n)
{
	const struct gyl_dns_more *more = gyl_dns_node_more(n);

	return more == NULL ? 0 : more->over_off;
}

/* Offset of its wildcard, 0: none. */
static inline uint32_t gyl_dns_node_wild(const struct gyl_dns_node *n)
{
	const struct gyl_dns_more *more = gyl_dns_node_more(n);

	return more == NULL ? 0 : more->wild_off;
}

/* The RRset of a type, or NULL. */
const struct gyl_dns_rrset *gyl_dns_node_rrset(const struct gyl_dns_node *n, uint16_t type);

/* Octets of a node with its RRsets. */
size_t gyl_dns_node_len(const struct gyl_dns_node *n);

/* The next node at or after an offset, NULL behind the last: for walks over all. *off is moved
 * behind the node. */
const struct gyl_dns_node *gyl_dns_image_walk(const struct gyl_dns_image *im, uint32_t *off);

/* The NSEC3 of a name that exists, NULL: it has none. */
static inline const struct gyl_dns_hashed *gyl_dns_node_hashed(
	const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	const struct gyl_dns_more *more = gyl_dns_node_more(n);

	if (more == NULL || more->proof_off == 0)
		return NULL;
	return (const struct gyl_dns_hashed *)(const void *)((const uint8_t *)im + more->proof_off);
}

static inline const struct gyl_dns_rrset *gyl_dns_image_rrset(
	const struct gyl_dns_image *im, uint32_t off)
{
	return (const struct gyl_dns_rrset *)(const void *)((const uint8_t *)im + off);
}

/* Owners of NSEC in canonical order, when the zone has that. */
static inline const uint32_t *gyl_dns_zone_nsec(
	const struct gyl_dns_image *im, const struct gyl_dns_zone *zone)
{
	return (const uint32_t *)(const void *)((const uint8_t *)im + zone->denial_off);
}

/* NSEC3 records, lowest hash first, when the zone has those. */
static inline const struct gyl_dns_hashed *gyl_dns_zone_hashed(
	const struct gyl_dns_image *im, const struct gyl_dns_zone *zone)
{
	return (const struct gyl_dns_hashed *)(const void *)((const uint8_t *)im +
							     zone->denial_off);
}

static inline const uint8_t *gyl_dns_zone_salt(
	const struct gyl_dns_image *im, const struct gyl_dns_zone *zone)
{
	return (const uint8_t *)(gyl_dns_zone_hashed(im, zone) + zone->denial_cnt);
}

#endif
