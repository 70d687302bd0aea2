/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include <gyl/dns.h>

#include "services/dns/pack.h"
#include "services/dns/zonec/compile_own.h"

static int by_content(const void *a, const void *b)
{
	const struct gyl_zc_item *x = a, *y = b;
	size_t len = x->rec->rdata_len;
	int order = (int)x->rec->type - (int)y->rec->type;

	if (order == 0)
		order = (int)x->rec->rdata_len - (int)y->rec->rdata_len;
	if (order == 0 && len != 0)
		order = memcmp(x->rdata, y->rdata, len);
	return order != 0 ? order : (x->rec > y->rec) - (x->rec < y->rec);
}

static int by_place(const void *a, const void *b)
{
	const struct gyl_zc_item *x = a, *y = b;
	int order = (int)x->rec->type - (int)y->rec->type;

	return order != 0 ? order : (x->rec > y->rec) - (x->rec < y->rec);
}

/* Records of a node grouped by type, in the order of the file, each once (RFC 2181 5). */
static size_t gather(
	const struct gyl_dns_compile *c, const struct gyl_zc_node *n, struct gyl_zc_item *item)
{
	size_t cnt = 0, kept = 0;

	for (uint32_t i = n->first; i != GYL_ZC_NONE; i = c->rec[i].next, cnt++) {
		item[cnt].rec = &c->rec[i];
		item[cnt].rdata = c->octet + c->rec[i].rdata_at;
	}
	if (cnt < 2)
		return cnt;
	qsort(item, cnt, sizeof *item, by_content);
	for (size_t i = 0; i < cnt; i++) {
		const struct gyl_zc_rec *r = item[i].rec,
					*last = kept == 0 ? NULL : item[kept - 1].rec;

		if (last == NULL || last->type != r->type || last->rdata_len != r->rdata_len ||
			memcmp(item[kept - 1].rdata, item[i].rdata, r->rdata_len) != 0)
			item[kept++] = item[i];
	}
	qsort(item, kept, sizeof *item, by_place);
	return kept;
}

/* An RRset while it is being written. */
struct set {
	struct gyl_dns_rrset head;
	struct gyl_dns_pack pack;
	struct gyl_dns_extra *extra;
};

/* What one node needs while it is being written, kept for the next one. */
struct gyl_zc_scratch {
	struct gyl_zc_item *item;
	struct gyl_dns_patch *patch; /* two a record: SOA has as many names */
	struct gyl_dns_extra *extra;
	size_t cap; /* records */
	uint8_t wire[GYL_DNS_RRSET_MAX];
};

void gyl__zc_free_scratch(struct gyl_dns_compile *c)
{
	if (c->scratch == NULL)
		return;
	free(c->scratch->item);
	free(c->scratch->patch);
	free(c->scratch->extra);
	free(c->scratch);
}

/* Room for the records of one node, NULL without memory. */
static struct gyl_zc_scratch *scratch(struct gyl_dns_compile *c, size_t cnt)
{
	struct gyl_zc_scratch *t = c->scratch;

	if (t != NULL && t->cap >= cnt)
		return t;
	gyl__zc_free_scratch(c);
	t = c->scratch = calloc(1, sizeof *t);
	if (t == NULL)
		return NULL;
	t->cap = cnt < 64 ? 64 : cnt;
	t->item = malloc(t->cap * sizeof *t->item);
	t->patch = malloc(2 * t->cap * sizeof *t->patch);
	t->extra = malloc(t->cap * sizeof *t->extra);
	if (t->item != NULL && t->patch != NULL && t->extra != NULL)
		return t;
	gyl__zc_free_scratch(c);
	c->scratch = NULL;
	return NULL;
}

/* Addresses of the name in this record go along, when the zone has them. */
static void note_extra(struct gyl_dns_compile *c, struct set *s, const struct gyl_zc_node *n,
	const struct gyl_zc_item *it, size_t rdata_at)
{
	size_t at = gyl_dns_pack_target(it->rec->type), len;
	bool cut = (n->flags & (GYL_ZC_NS | GYL_ZC_APEX)) == GYL_ZC_NS;
	struct gyl_dns_extra *e = &s->extra[s->head.extra_cnt];
	const struct gyl_zc_node *to;
	uint32_t node;

	if (at == SIZE_MAX || (n->flags & GYL_ZC_ABOVE) != 0)
		return;
	len = it->rec->rdata_len - at;
	node = gyl__zc_find(c, n->zone, it->rdata + at, len);
	if (node == GYL_ZC_NONE)
		return;
	to = &c->node[node];
	if ((to->flags & GYL_ZC_ADDRESS) == 0 || (to->flags & GYL_ZC_SHADOW) != 0 ||
		(!cut && to->over != GYL_ZC_NONE))
		return;
	for (unsigned i = 0; i < s->head.extra_cnt; i++)
		if (s->extra[i].node_off == node)
			return;
	e->node_off = node;
	e->at = (uint16_t)(rdata_at + at);
	e->glue = cut && gyl_dns_name_is_under(gyl__zc_name(c, to), gyl__zc_name(c, n));
	s->head.extra_cnt++;
}

static void put_rr(struct gyl_dns_compile *c, struct set *s, const struct gyl_zc_node *n,
	const struct gyl_zc_item *it, uint32_t ttl)
{
	note_extra(c, s, n, it, s->pack.wire_len + GYL_DNS_PACK_HEAD);
	gyl_dns_pack_rr(&s->pack, gyl__zc_name(c, n), it->rec->type, ttl,
		gyl_view(it->rdata, it->rec->rdata_len));
}

uint8_t *gyl__zc_reserve(struct gyl_dns_compile *c, size_t len)
{
	uint8_t *p;

	if (!gyl__zc_grow(c, &c->out, &c->out_cap, c->out_len, len, 1))
		return NULL;
	p = c->out + c->out_len;
	memset(p, 0, len);
	c->out_len += len;
	return p;
}

static bool copy_set(struct gyl_dns_compile *c, const struct set *s)
{
	size_t patch_len = s->head.patch_cnt * sizeof *s->pack.patch;
	size_t extra_len = s->head.extra_cnt * sizeof *s->extra;
	uint8_t *p = gyl__zc_reserve(c, gyl_dns_rrset_len(&s->head));

	if (p == NULL)
		return false;
	memcpy(p, &s->head, sizeof s->head);
	p += sizeof s->head;
	memcpy(p, s->pack.patch, patch_len);
	memcpy(p + patch_len, s->extra, extra_len);
	memcpy(p + patch_len + extra_len, s->pack.wire, s->pack.wire_len);
	return true;
}

static bool too_large(struct gyl_dns_compile *c, const struct gyl_zc_rec *r)
{
	c->failed = true;
	gyl_build_error(c->build, c->file[r->file], r->line, r->col,
		"the records of this type make more than %d octets, no answer can hold them",
		GYL_DNS_RRSET_MAX);
	return false;
}

/* Some items of a node, all of one type. */
struct run {
	const struct gyl_zc_item *item;
	size_t cnt;
};

/* Octets that the records take at most; *ttl becomes the lowest of theirs and itself. */
static size_t measure(const struct run *run, uint32_t *ttl)
{
	size_t len = 0;

	for (size_t i = 0; i < run->cnt; i++) {
		len += GYL_DNS_PACK_HEAD + (size_t)run->item[i].rec->rdata_len;
		if (run->item[i].rec->ttl < *ttl)
			*ttl = run->item[i].rec->ttl;
	}
	return len;
}

/* The signatures of a type among all of the node; octets that they take. */
static size_t measure_sigs(
	const struct gyl_dns_compile *c, const struct run *sigs, uint16_t type, uint32_t *ttl)
{
	size_t len = 0;

	for (size_t i = 0; i < sigs->cnt; i++) {
		struct run one = {&sigs->item[i], 1};

		if (gyl__zc_covered(c, one.item->rec) == type)
			len += measure(&one, ttl);
	}
	return len;
}

static void put_sigs(struct gyl_dns_compile *c, struct set *s, const struct gyl_zc_node *n,
	const struct run *sigs, uint32_t ttl)
{
	for (size_t i = 0; i < sigs->cnt; i++)
		if (gyl__zc_covered(c, sigs->item[i].rec) == s->head.type)
			put_rr(c, s, n, &sigs->item[i], ttl);
	s->head.sig_len = (uint16_t)(s->pack.wire_len - s->head.wire_len);
}

/* Records of one type, and those of the signatures that are theirs. */
static bool put_set(struct gyl_dns_compile *c, const struct gyl_zc_node *n, const struct run *run,
	const struct run *sigs, uint32_t ttl)
{
	struct gyl_zc_scratch *t = c->scratch;
	struct set s = {.head = {.type = run->item->rec->type, .cnt = (uint16_t)run->cnt},
		.pack = {.patch = t->patch, .wire = t->wire},
		.extra = t->extra};
	/* RFC 2181 5.2: one TTL for all of them, the lowest; RFC 4034 3: the signatures', too */
	size_t room = measure(run, &ttl) + measure_sigs(c, sigs, s.head.type, &ttl);

	if (room > GYL_DNS_RRSET_MAX)
		return too_large(c, run->item->rec);
	for (size_t i = 0; i < run->cnt; i++)
		put_rr(c, &s, n, &run->item[i], ttl);
	s.head.wire_len = (uint16_t)s.pack.wire_len;
	put_sigs(c, &s, n, sigs, ttl);
	s.head.patch_cnt = s.pack.patch_cnt;
	return copy_set(c, &s);
}

const struct gyl_zc_item *gyl__zc_items(
	struct gyl_dns_compile *c, const struct gyl_zc_node *n, size_t *ret_cnt)
{
	if (scratch(c, n->rec_cnt) == NULL)
		return NULL;
	*ret_cnt = gather(c, n, c->scratch->item);
	return c->scratch->item;
}

static uint8_t node_flags(const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	unsigned flags = 0;

	if (n->flags & GYL_ZC_HOLE)
		return GYL_DNS_NODE_HOLE | (gyl__zc_is_bare(n) ? 0 : GYL_DNS_NODE_CUT);
	if (n->flags & GYL_ZC_THIN)
		return GYL_DNS_NODE_THIN;
	if (n->flags & GYL_ZC_APEX)
		flags = GYL_DNS_NODE_APEX;
	else if (n->flags & GYL_ZC_NS)
		flags = GYL_DNS_NODE_CUT;
	if ((n->flags & GYL_ZC_DNAME) != 0 && flags != GYL_DNS_NODE_CUT)
		flags |= GYL_DNS_NODE_DNAME;
	if (c->zone[n->zone].is_hosts && n->over != GYL_ZC_NONE && n == &c->node[n->over])
		flags |= GYL_DNS_NODE_TOP;
	return (uint8_t)flags;
}

static bool put_head(struct gyl_dns_compile *c, const struct gyl_zc_node *n, bool alone)
{
	struct gyl_dns_more more = {
		.over_off = n->over == GYL_ZC_NONE || (alone && n == &c->node[n->over])
				    ? 0
				    : n->over + 1,
		.wild_off = alone || n->wild == GYL_ZC_NONE ? 0 : n->wild + 1,
		.proof_off = n->proof == GYL_ZC_NONE ? 0 : n->proof + 1};
	bool has_more = more.over_off != 0 || more.wild_off != 0 || more.proof_off != 0;
	uint8_t *p = gyl__zc_reserve(c, gyl_dns_node_head(n->name_len, has_more));
	struct gyl_dns_node *out = (struct gyl_dns_node *)(void *)p;

	if (p == NULL)
		return false;
	out->zone = n->zone;
	out->flags = (uint8_t)(node_flags(c, n) | (has_more ? GYL_DNS_NODE_MORE : 0));
	out->name_len = n->name_len;
	memcpy(p + offsetof(struct gyl_dns_node, name), gyl__zc_name(c, n), n->name_len);
	if (has_more)
		memcpy(p + gyl_dns_node_head(n->name_len, false), &more, sizeof more);
	return true;
}

/* The records of one type from item on. */
static struct run run_of(const struct gyl_zc_item *item, size_t cnt)
{
	struct run run = {item, 1};

	while (run.cnt < cnt && item[run.cnt].rec->type == item->rec->type)
		run.cnt++;
	return run;
}

static struct run sigs_of(const struct gyl_zc_item *item, size_t cnt)
{
	struct run none = {NULL, 0};

	for (size_t i = 0; i < cnt; i++)
		if (item[i].rec->type == GYL_DNS_TYPE_RRSIG)
			return run_of(item + i, cnt - i);
	return none;
}

/* What the zone above says about a cut: the rest is the business of the zone below. NS is for
 * those who have a copy of the zone above only. */
static bool is_above(uint16_t type)
{
	return type == GYL_DNS_TYPE_NS || type == GYL_DNS_TYPE_DS || type == GYL_DNS_TYPE_NSEC;
}

static bool put_sets(struct gyl_dns_compile *c, const struct gyl_zc_node *n, size_t start,
	size_t cnt, bool above_only)
{
	const struct gyl_zc_item *item = c->scratch->item;
	struct run sigs = sigs_of(item, cnt), run;
	unsigned sets = 0;

	for (size_t i = 0; i < cnt; i += run.cnt) {
		run = run_of(item + i, cnt - i);
		if (run.item->rec->type == GYL_DNS_TYPE_RRSIG ||
			(above_only && !is_above(run.item->rec->type)))
			continue;
		if (!put_set(c, n, &run, &sigs, UINT32_MAX))
			return false;
		sets++;
	}
	((struct gyl_dns_node *)(void *)(c->out + start))->rrset_cnt = (uint8_t)sets;
	return true;
}

bool gyl__zc_put_node(struct gyl_dns_compile *c, uint32_t node, bool above_only)
{
	const struct gyl_zc_node *n = &c->node[node];
	size_t start = c->out_len;

	if (scratch(c, n->rec_cnt) == NULL || !put_head(c, n, above_only))
		return false;
	return put_sets(c, n, start, gather(c, n, c->scratch->item), above_only);
}

/* The RRset of one record of a node, with its signatures. */
static bool put_one(
	struct gyl_dns_compile *c, const struct gyl_zc_node *n, uint32_t rec, uint32_t ttl)
{
	struct gyl_zc_item item = {&c->rec[rec], c->octet + c->rec[rec].rdata_at};
	struct run run = {&item, 1}, sigs;
	size_t cnt;

	if (scratch(c, n->rec_cnt) == NULL)
		return false;
	cnt = gather(c, n, c->scratch->item);
	sigs = sigs_of(c->scratch->item, cnt);
	return put_set(c, n, &run, &sigs, ttl);
}

bool gyl__zc_put_soa(struct gyl_dns_compile *c, uint32_t zone)
{
	const struct gyl_zc_rec *r = &c->rec[c->zone[zone].soa];

	/* RFC 2308 3: negative answers live as long as the SOA or its minimum, whichever is less */
	return put_one(c, &c->node[c->zone[zone].apex], c->zone[zone].soa,
		gyl_get_u32(c->octet + r->rdata_at + r->rdata_len - 4));
}

bool gyl__zc_put_nsec3(struct gyl_dns_compile *c, uint32_t node)
{
	const struct gyl_zc_node *n = &c->node[node];
	const struct gyl_zc_rec *r = gyl__zc_first_of(c, n, GYL_DNS_TYPE_NSEC3);

	return put_one(c, n, (uint32_t)(r - c->rec), UINT32_MAX);
}
