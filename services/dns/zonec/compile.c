/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/compile.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gyl/dns.h>

#include "services/dns/zonec/compile_own.h"

enum {
	REC_MAX = 65535, /* of one name */
	LARGE_LEN = 4 << 20,
	LINE_LEN = 25 /* octets of "host000001 A 192.0.2.1" */
};

/* Tables of a million names are walked at random: large pages spare most of what that costs. */
static void want_large_pages(void *p, size_t len)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE),
		  from = ((uintptr_t)p + page - 1) & ~(page - 1);

	if (len >= LARGE_LEN)
		(void)madvise(
			(void *)from, ((uintptr_t)p + len - from) & ~(page - 1), MADV_HUGEPAGE);
}

bool gyl__zc_grow(
	struct gyl_dns_compile *c, void *list, size_t *cap, size_t cnt, size_t more, size_t size)
{
	void **p = list, *grown;
	size_t want = *cap == 0 ? 64 : *cap;

	if (more <= *cap - cnt)
		return true;
	while (want - cnt < more)
		want *= 2;
	grown = realloc(*p, want * size);
	if (grown == NULL) {
		c->no_memory = true;
		return false;
	}
	want_large_pages(grown, want * size);
	*p = grown;
	*cap = want;
	return true;
}

struct gyl_dns_compile *gyl_dns_compile_open(struct gyl_build *b)
{
	struct gyl_dns_compile *c = calloc(1, sizeof *c);

	if (c != NULL)
		c->build = b;
	return c;
}

void gyl_dns_compile_progress(struct gyl_dns_compile *c,
	void (*told)(void *arg, const char *what, size_t done, size_t total), void *arg)
{
	c->told = told;
	c->told_arg = arg;
}

void gyl_dns_compile_sum(struct gyl_dns_compile *c, uint32_t sum)
{
	c->conf_sum = sum;
}

void gyl_dns_compile_close(struct gyl_dns_compile *c)
{
	for (size_t i = 0; i < c->file_cnt; i++)
		free(c->file[i]);
	free(c->file);
	free(c->node);
	free(c->rec);
	free(c->zone);
	free(c->zone_index);
	free(c->octet);
	free(c->index);
	free(c->order);
	free(c->denial);
	free(c->dynamic);
	free(c->fix);
	free(c->out);
	gyl__zc_free_names(c);
	gyl__zc_free_scratch(c);
	free(c);
}

/* Names of one zone, or owners of its NSEC3: the same name may be both. */
static uint32_t space_of(uint16_t zone, unsigned flags)
{
	return zone | (flags & GYL_ZC_HASHED) << 16;
}

/* Where a name is looked for first, in an index of any size. */
static uint32_t tag_of(uint64_t hash, uint32_t space)
{
	return (uint32_t)gyl__dns_hash_end(gyl__dns_mix(hash, space));
}

static bool is_node(const struct gyl_dns_compile *c, uint32_t node, uint32_t space, uint64_t hash,
	const uint8_t *name, size_t len)
{
	const struct gyl_zc_node *n = &c->node[node];

	return n->hash == hash && space_of(n->zone, n->flags) == space && n->name_len == len &&
	       memcmp(gyl__zc_name(c, n), name, len) == 0;
}

/* The place of a folded name, or the free one where it would be. */
static struct gyl_zc_place *place_of(const struct gyl_dns_compile *c, uint32_t space, uint64_t hash,
	const uint8_t *name, size_t len)
{
	uint32_t tag = tag_of(hash, space);
	size_t at = tag & (c->index_cap - 1);

	for (; c->index[at].node != 0; at = (at + 1) & (c->index_cap - 1))
		if (c->index[at].tag == tag &&
			is_node(c, c->index[at].node - 1, space, hash, name, len))
			break;
	return &c->index[at];
}

uint32_t gyl__zc_find(
	const struct gyl_dns_compile *c, uint16_t zone, const uint8_t *name, size_t len)
{
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, name, len);
	if (c->index_cap == 0)
		return GYL_ZC_NONE;
	return place_of(c, space_of(zone, 0), k.hash, k.name, len)->node - 1;
}

/* Room for that many nodes, half of the places free. */
static bool index_grow(struct gyl_dns_compile *c, size_t node_cnt)
{
	size_t cap = c->index_cap == 0 ? 1024 : c->index_cap;
	struct gyl_zc_place *grown;

	while (cap < 2 * node_cnt)
		cap *= 2;
	if (cap == c->index_cap)
		return true;
	grown = calloc(cap, sizeof *grown);
	if (grown == NULL) {
		c->no_memory = true;
		return false;
	}
	want_large_pages(grown, cap * sizeof *grown);
	for (size_t i = 0; i < c->index_cap; i++) {
		size_t at = c->index[i].tag & (cap - 1);

		if (c->index[i].node == 0)
			continue;
		while (grown[at].node != 0)
			at = (at + 1) & (cap - 1);
		grown[at] = c->index[i];
	}
	free(c->index);
	c->index = grown;
	c->index_cap = cap;
	return true;
}

/* Where the octets' copy stands, NONE without memory; 4 GiB is as much as an image may have. */
static uint32_t keep_octets(struct gyl_dns_compile *c, const uint8_t *p, size_t len)
{
	if (c->octet_cnt > UINT32_MAX - len - 1)
		c->no_memory = true;
	if (c->no_memory || !gyl__zc_grow(c, &c->octet, &c->octet_cap, c->octet_cnt, len + 1, 1))
		return GYL_ZC_NONE;
	if (len != 0)
		memcpy(c->octet + c->octet_cnt, p, len);
	c->octet_cnt += len;
	return (uint32_t)(c->octet_cnt - len);
}

/* The node of a folded name that is kept at name_at, made when it is new. */
static uint32_t node_of(
	struct gyl_dns_compile *c, uint32_t space, uint64_t hash, uint32_t name_at, size_t len)
{
	struct gyl_zc_place *place;

	if (!index_grow(c, c->node_cnt + 1) ||
		!gyl__zc_grow(c, &c->node, &c->node_cap, c->node_cnt, 1, sizeof *c->node))
		return GYL_ZC_NONE;
	place = place_of(c, space, hash, c->octet + name_at, len);
	if (place->node != 0)
		return place->node - 1;
	c->node[c->node_cnt] = (struct gyl_zc_node){.hash = hash,
		.name_at = name_at,
		.zone = (uint16_t)space,
		.flags = (uint16_t)(space >> 16),
		.name_len = (uint8_t)len,
		.label_cnt = (uint8_t)gyl_dns_name_label_cnt(c->octet + name_at),
		.parent = GYL_ZC_NONE,
		.over = GYL_ZC_NONE,
		.wild = GYL_ZC_NONE,
		.first = GYL_ZC_NONE,
		.last = GYL_ZC_NONE,
		.proof = GYL_ZC_NONE};
	place->node = (uint32_t)++c->node_cnt;
	place->tag = tag_of(hash, space);
	return place->node - 1;
}

uint32_t gyl__zc_intern(
	struct gyl_dns_compile *c, uint16_t zone, uint16_t flags, const uint8_t *name, size_t len)
{
	struct gyl_dns_key k;
	size_t cnt = c->node_cnt;
	uint32_t node, name_at;

	gyl_dns_key_init(&k, name, len);
	name_at = keep_octets(c, k.name, len);
	if (name_at == GYL_ZC_NONE)
		return GYL_ZC_NONE;
	node = node_of(c, space_of(zone, flags), k.hash, name_at, len);
	if (c->node_cnt == cnt)
		c->octet_cnt = name_at; /* it was there */
	return node;
}

const char *gyl__zc_keep_file(void *arg, const char *path)
{
	struct gyl_dns_compile *c = arg;

	if (!gyl__zc_grow(c, &c->file, &c->file_cap, c->file_cnt, 1, sizeof *c->file))
		return NULL;
	c->file[c->file_cnt] = strdup(path);
	if (c->file[c->file_cnt] == NULL)
		return NULL;
	return c->file[c->file_cnt++];
}

/* Which of the kept names that is; the newest is asked for most. */
static uint32_t file_index(const struct gyl_dns_compile *c, const char *file)
{
	size_t i = c->file_cnt;

	while (i-- != 0)
		if (c->file[i] == file)
			break;
	return (uint32_t)i;
}

static uint16_t flags_of(uint16_t type)
{
	switch (type) {
	case GYL_DNS_TYPE_NS:
		return GYL_ZC_HAS_DATA | GYL_ZC_NS;
	case GYL_DNS_TYPE_DNAME:
		return GYL_ZC_HAS_DATA | GYL_ZC_DNAME;
	case GYL_DNS_TYPE_CNAME:
		return GYL_ZC_HAS_DATA | GYL_ZC_CNAME;
	case GYL_DNS_TYPE_A:
	case GYL_DNS_TYPE_AAAA:
		return GYL_ZC_HAS_DATA | GYL_ZC_ADDRESS;
	case GYL_DNS_TYPE_NSEC:
		return GYL_ZC_HAS_DATA | GYL_ZC_NSEC;
	default:
		return GYL_ZC_HAS_DATA;
	}
}

/* A record of no node yet: its index, NONE without memory. */
static uint32_t new_rec(struct gyl_dns_compile *c, const struct gyl_zone_rr *rr)
{
	uint32_t rdata_at = keep_octets(c, rr->rdata.p, rr->rdata.len);

	if (rdata_at == GYL_ZC_NONE ||
		!gyl__zc_grow(c, &c->rec, &c->rec_cap, c->rec_cnt, 1, sizeof *c->rec))
		return GYL_ZC_NONE;
	c->rec[c->rec_cnt] = (struct gyl_zc_rec){.next = GYL_ZC_NONE,
		.rdata_at = rdata_at,
		.ttl = rr->ttl,
		.line = rr->line,
		.col = rr->col,
		.file = file_index(c, rr->file),
		.type = rr->type,
		.rdata_len = (uint16_t)rr->rdata.len};
	return (uint32_t)c->rec_cnt++;
}

static void link_rec(struct gyl_dns_compile *c, uint32_t node, uint32_t rec)
{
	struct gyl_zc_node *n = &c->node[node];

	if (n->last == GYL_ZC_NONE)
		n->first = rec;
	else
		c->rec[n->last].next = rec;
	n->last = rec;
	n->rec_cnt++;
	n->flags |= flags_of(c->rec[rec].type);
}

void gyl__zc_append(struct gyl_dns_compile *c, uint32_t at, const struct gyl_zone_rr *rr)
{
	uint32_t rec = new_rec(c, rr);

	if (rec != GYL_ZC_NONE)
		link_rec(c, at, rec);
}

/* NSEC3 and its signatures stand beside the names. */
static bool is_hashed(const struct gyl_zone_rr *rr)
{
	return rr->type == GYL_DNS_TYPE_NSEC3 ||
	       (rr->type == GYL_DNS_TYPE_RRSIG && gyl_get_u16(rr->rdata.p) == GYL_DNS_TYPE_NSEC3);
}

/* A record gets to its node. */
static void settle_one(struct gyl_dns_compile *c, const struct gyl_zc_rec *r, uint32_t node)
{
	struct gyl_zc_zone *zone = &c->zone[c->zone_cnt - 1];
	uint32_t rec = (uint32_t)(r - c->rec);

	if (c->node[node].rec_cnt == REC_MAX) {
		c->failed = true;
		gyl_build_error(c->build, c->file[r->file], r->line, r->col,
			"more than %d records of one name", REC_MAX);
		return;
	}
	if (r->type == GYL_DNS_TYPE_SOA && node == zone->apex && zone->soa == GYL_ZC_NONE)
		zone->soa = rec;
	link_rec(c, node, rec);
}

static void settle(struct gyl_dns_compile *c)
{
	uint32_t node = GYL_ZC_NONE;

	for (unsigned i = 0; i < c->pending_cnt; i++) {
		const struct gyl_zc_pending *p = &c->pending[i];

		if (!p->same)
			node = node_of(c, p->space, p->hash, p->name_at, p->name_len);
		if (node != GYL_ZC_NONE)
			settle_one(c, &c->rec[p->rec], node);
	}
	c->pending_cnt = 0;
}

/* The owner, folded, in octets, unless the record before has it, too. False without memory. */
static bool keep_owner(
	struct gyl_dns_compile *c, const struct gyl_zone_rr *rr, struct gyl_zc_pending *p)
{
	const struct gyl_zc_pending *last = c->pending_cnt == 0 ? NULL : p - 1;
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, rr->owner, rr->owner_len);
	p->space = space_of((uint16_t)(c->zone_cnt - 1), is_hashed(rr) ? GYL_ZC_HASHED : 0);
	p->hash = k.hash;
	p->name_len = (uint8_t)k.len;
	p->same = last != NULL && last->space == p->space && last->name_len == k.len &&
		  memcmp(c->octet + last->name_at, k.name, k.len) == 0;
	p->name_at = p->same ? last->name_at : keep_octets(c, k.name, k.len);
	return p->name_at != GYL_ZC_NONE;
}

/* A record of the zone that is being read, the last one. */
static void take(void *arg, const struct gyl_zone_rr *rr)
{
	struct gyl_dns_compile *c = arg;
	struct gyl_zc_pending *p;

	if (c->leave_out != NULL && c->leave_out(rr->type))
		return;
	if (c->pending_cnt == GYL_ZC_PENDING_MAX)
		settle(c);
	p = &c->pending[c->pending_cnt];
	if (!keep_owner(c, rr, p))
		return;
	p->rec = new_rec(c, rr);
	if (p->rec == GYL_ZC_NONE)
		return;
	__builtin_prefetch(&c->index[tag_of(p->hash, p->space) & (c->index_cap - 1)]);
	c->pending_cnt++;
	gyl__zc_tell(c, "records read", c->rec_cnt, 0);
	c->zone[c->zone_cnt - 1].rr_cnt++;
}

static bool end_zone(struct gyl_dns_compile *c, bool ok)
{
	settle(c);
	if (c->no_memory)
		gyl_build_error(c->build, c->zone[c->zone_cnt - 1].path, 0, 0, "no memory");
	if (!ok || c->no_memory)
		c->failed = true;
	return !c->failed;
}

/*
 * A long file is coming: tables are made as large as it lets expect, when most lines are a name
 * with its address, instead of growing step by step. What is not needed is never touched.
 */
static void expect(struct gyl_dns_compile *c, const char *path)
{
	struct stat st;
	size_t names;

	if (stat(path, &st) != 0 || st.st_size < LARGE_LEN)
		return;
	names = (size_t)st.st_size / LINE_LEN;
	if (gyl__zc_grow(c, &c->node, &c->node_cap, c->node_cnt, names, sizeof *c->node) &&
		gyl__zc_grow(c, &c->rec, &c->rec_cap, c->rec_cnt, names, sizeof *c->rec) &&
		gyl__zc_grow(c, &c->octet, &c->octet_cap, c->octet_cnt, (size_t)st.st_size, 1))
		(void)index_grow(c, c->node_cnt + names);
}

bool gyl_dns_compile_zone(struct gyl_dns_compile *c, const uint8_t *origin, const char *path)
{
	struct gyl_zone_reader rd = {
		.build = c->build, .rr = take, .keep = gyl__zc_keep_file, .arg = c};

	if (!gyl__zc_begin_zone(c, origin, path)) {
		c->failed = true;
		return false;
	}
	expect(c, path);
	return end_zone(c, gyl_zone_read(&rd, origin, path));
}

bool gyl_dns_compile_text(
	struct gyl_dns_compile *c, const uint8_t *origin, const char *path, struct gyl_view text)
{
	struct gyl_zone_reader rd = {
		.build = c->build, .rr = take, .keep = gyl__zc_keep_file, .arg = c};

	if (!gyl__zc_begin_zone(c, origin, path)) {
		c->failed = true;
		return false;
	}
	return end_zone(c, gyl_zone_read_text(&rd, origin, path, text));
}

/* Every name between an owner and its apex exists (RFC 4592 2.2.2). */
static bool add_empty(struct gyl_dns_compile *c)
{
	for (uint32_t i = 0; i < c->node_cnt; i++) {
		uint32_t at = i;

		while ((c->node[at].flags & (GYL_ZC_APEX | GYL_ZC_HASHED)) == 0 &&
			c->node[at].parent == GYL_ZC_NONE) {
			uint8_t name[GYL_DNS_NAME_MAX];
			size_t len =
				c->node[at].name_len - (size_t)*gyl__zc_name(c, &c->node[at]) - 1;
			uint32_t parent;

			memcpy(name, gyl_dns_name_parent(gyl__zc_name(c, &c->node[at])), len);
			parent = gyl__zc_intern(c, c->node[at].zone, 0, name, len);
			if (parent == GYL_ZC_NONE)
				return false;
			c->node[at].parent = parent;
			c->node[parent].flags |= GYL_ZC_CHILD;
			at = parent;
		}
	}
	return true;
}

bool gyl__zc_link(struct gyl_dns_compile *c)
{
	return add_empty(c) && gyl__zc_tree(c);
}

bool gyl__zc_add(struct gyl_dns_compile *c, uint32_t node, uint16_t type, uint32_t ttl,
	struct gyl_view rdata)
{
	struct gyl_zone_rr rr = {.type = type, .ttl = ttl, .rdata = rdata, .file = c->file[0]};

	for (uint32_t i = c->node[node].first; i != GYL_ZC_NONE; i = c->rec[i].next)
		if (c->rec[i].type == type && gyl_view_eq(gyl__zc_rdata(c, &c->rec[i]), rdata))
			return true;
	if (!gyl__zc_grow(c, &c->rec, &c->rec_cap, c->rec_cnt, 1, sizeof *c->rec))
		return false;
	gyl__zc_append(c, node, &rr);
	return !c->no_memory;
}

bool gyl_dns_compile_end(struct gyl_dns_compile *c)
{
	if (!gyl__zc_link(c) || !gyl__zc_denial(c)) {
		gyl_build_error(c->build, "zones", 0, 0, "no memory");
		return false;
	}
	gyl__zc_lint(c);
	gyl__zc_lint_signed(c);
	gyl__zc_lint_dynamic(c);
	if (c->failed || c->no_memory)
		return false;
	if (gyl__zc_emit(c) &&
		fwrite(c->out, 1, c->out_len, gyl_build_out(c->build)) == c->out_len &&
		fflush(gyl_build_out(c->build)) == 0)
		return true;
	if (!c->failed)
		gyl_build_error(
			c->build, "zones", 0, 0, "cannot write the image: no memory or no space");
	return false;
}

void gyl_dns_compile_stat(const struct gyl_dns_compile *c, struct gyl_dns_compile_stat *ret_stat)
{
	ret_stat->zone_cnt = c->zone_cnt;
	ret_stat->name_cnt = 0;
	for (size_t i = 0; i < c->zone_cnt; i++)
		ret_stat->name_cnt += c->zone[i].name_cnt;
	ret_stat->rr_cnt = c->rec_cnt;
	ret_stat->image_len = c->out_len;
}
