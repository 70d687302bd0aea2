/* SPDX-License-Identifier: ISC */
#include "services/dns/live.h"

#include "services/dns/live_own.h"

enum {
	IMAGE_LEN = sizeof(struct gyl_dns_image) + sizeof(struct gyl_dns_zone),
	/* always left, so that what was done can be undone: a name, and those above it */
	KEEP_LEN = 2 * GYL_DNS_LIVE_NODE_MAX,
	TIDY_LEN = 64 * 1024,
	DROP_CNT = 2000,   /* names that are given back at once */
	SEAL_CNT = 1000,   /* that are put into the index at once */
	CLEAR_CNT = 16384, /* places of it that are made */
	LOG_PART = 8       /* of the space */
};

/* A block is somewhere else: its zone learns where. */
static void moved(void *arg, struct gyl_dns_block *b, uint32_t was)
{
	struct gyl_dns_lives *all = arg;
	struct gyl_dns_live *z = &all->zone[b->owner];
	uint32_t off = gyl__dns_live_off(z, b + 1);
	uint32_t was_off = gyl__dns_live_off(z, all->heap.base + was + sizeof *b);

	switch (b->kind) {
	case GYL__DNS_BLOCK_SLOTS:
		z->im->slot_off = off;
		break;
	case GYL__DNS_BLOCK_ORDER:
		z->order_off = off;
		break;
	case GYL__DNS_BLOCK_SOA:
		gyl__dns_live_zone(z)->soa_off = off;
		break;
	case GYL__DNS_BLOCK_DENIAL:
		gyl__dns_live_zone(z)->denial_off = off;
		break;
	default:
		gyl__dns_live_moved(z, was_off, off);
		break;
	}
}

void gyl_dns_lives_init(struct gyl_dns_lives *all, void *mem, size_t len)
{
	size_t scratch_len = (sizeof(struct gyl_dns_live_scratch) + 15) & ~(size_t)15;
	size_t log_len = len / LOG_PART & ~(size_t)15;

	memset(all, 0, sizeof *all);
	if (len == 0)
		return;
	all->scratch = mem;
	all->image = (uint8_t *)mem + scratch_len;
	all->log_mem = all->image + (size_t)GYL_DNS_LIVE_MAX * IMAGE_LEN;
	all->log_cap = log_len;
	scratch_len += (size_t)GYL_DNS_LIVE_MAX * IMAGE_LEN + log_len;
	gyl__dns_heap_init(&all->heap, (uint8_t *)mem + scratch_len, len - scratch_len);
	all->heap.moved = moved;
	all->heap.arg = all;
}

const struct gyl_dns_live *gyl_dns_live_of(
	const struct gyl_dns_lives *all, const uint8_t *name, size_t len)
{
	const struct gyl_dns_live *best = NULL;

	for (uint32_t i = 0; i < all->cnt; i++) {
		const struct gyl_dns_live *z = &all->zone[i];
		size_t apex_len = z->apex_len;

		if (z->view == NULL || z->hidden || apex_len > len ||
			memcmp(name + len - apex_len, z->apex, apex_len) != 0 ||
			(best != NULL && best->apex_len > apex_len))
			continue;
		/* the octets may be in the middle of a label */
		if (gyl_dns_name_is_under(name, z->apex))
			best = z;
	}
	return best;
}

bool gyl_dns_live_expired(const struct gyl_dns_lives *all, const uint8_t *name, size_t len)
{
	for (uint32_t i = 0; i < all->cnt; i++)
		if (all->zone[i].expired && all->zone[i].apex_len <= len &&
			gyl_dns_name_is_under(name, all->zone[i].apex))
			return true;
	return false;
}

struct gyl_dns_live *gyl_dns_live_named(struct gyl_dns_lives *all, const uint8_t *apex, size_t len)
{
	const struct gyl_dns_live *z = gyl_dns_live_of(all, apex, len);

	return z != NULL && z->apex_len == len ? &all->zone[z - all->zone] : NULL;
}

struct gyl_dns_live *gyl_dns_live_stored(struct gyl_dns_lives *all, const uint8_t *apex, size_t len)
{
	for (uint32_t i = 0; i < all->cnt; i++) {
		struct gyl_dns_live *z = &all->zone[i];

		if (z->view != NULL && z->apex_len == len && memcmp(z->apex, apex, len) == 0)
			return z;
	}
	return NULL;
}

static struct gyl_dns_live *free_place(struct gyl_dns_lives *all)
{
	for (uint32_t i = 0; i < all->cnt; i++)
		if (all->zone[i].view == NULL)
			return &all->zone[i];
	return all->cnt == GYL_DNS_LIVE_MAX || all->scratch == NULL ? NULL : &all->zone[all->cnt++];
}

/* The head of an image without names. */
static void make_head(struct gyl_dns_lives *all, struct gyl_dns_live *z)
{
	uint8_t *head = all->image + (size_t)(z - all->zone) * IMAGE_LEN;

	memset(head, 0, IMAGE_LEN);
	z->im = (struct gyl_dns_image *)(void *)head;
	z->im->magic = GYL_DNS_IMAGE_MAGIC;
	z->im->version = GYL_DNS_IMAGE_VERSION;
	z->im->zone_off = sizeof *z->im;
	z->im->zone_cnt = 1;
	z->view = z->im;
}

static bool add_names(
	struct gyl_dns_lives *all, struct gyl_dns_live *z, const struct gyl_dns_image *from)
{
	struct gyl_dns_content *c = &all->scratch->content;
	const struct gyl_dns_node *n;

	/* the apex first: everything is below it */
	n = gyl_dns_image_node(from, gyl_dns_image_zone(from, 0)->apex_off);
	if (!gyl_dns_content_read(c, n) || !gyl_dns_live_write(all, z, n->name, c, false))
		return false;
	for (uint32_t off = from->node_off; (n = gyl_dns_image_walk(from, &off)) != NULL;) {
		if (n->rrset_cnt == 0 || (n->flags & GYL_DNS_NODE_APEX) != 0)
			continue;
		if (!gyl_dns_content_read(c, n) || !gyl_dns_live_write(all, z, n->name, c, false))
			return false;
	}
	return true;
}

struct gyl_dns_live *gyl_dns_live_add(struct gyl_dns_lives *all, const struct gyl_dns_image *from)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(from, 0);
	const struct gyl_dns_node *apex = gyl_dns_image_node(from, zone->apex_off);
	struct gyl_dns_live *z = free_place(all);

	if (z == NULL)
		return NULL;
	memset(z, 0, sizeof *z);
	memcpy(z->apex, apex->name, apex->name_len);
	z->apex_len = apex->name_len;
	z->file_sum = from->checksum;
	z->file_serial = zone->serial;
	z->fresh = true;
	if ((zone->flags & GYL_DNS_ZONE_SIGNED) != 0) {
		z->view = from;
		return z;
	}
	make_head(all, z);
	if (add_names(all, z, from))
		return z;
	gyl_dns_live_drop(all, z);
	return NULL;
}

struct gyl_dns_live *gyl_dns_live_new(struct gyl_dns_lives *all, const uint8_t *apex, size_t len)
{
	struct gyl_dns_live *z = free_place(all);

	if (z == NULL)
		return NULL;
	memset(z, 0, sizeof *z);
	memcpy(z->apex, apex, len);
	z->apex_len = (uint8_t)len;
	z->copy = z->hidden = z->bare = true;
	make_head(all, z);
	gyl__dns_live_zone(z)->flags |= GYL_DNS_ZONE_COPY;
	return z;
}

/* The node at a place of the order, when it has that name. */
static const struct gyl_dns_node *node_at(
	const struct gyl_dns_live *z, const uint8_t *name, uint32_t at)
{
	const struct gyl_dns_node *n =
		at < z->order_cnt ? gyl__dns_live_at(z, gyl__dns_live_order(z)[at]) : NULL;

	return n != NULL && gyl_dns_name_eq(n->name, name) ? n : NULL;
}

const struct gyl_dns_node *gyl_dns_live_node(
	const struct gyl_dns_live *z, const uint8_t *name, size_t len)
{
	const struct gyl_dns_node *n;
	struct gyl_dns_key k;

	if (!z->bare) {
		gyl_dns_key_init(&k, name, len);
		n = gyl_dns_image_find(z->view, k.name, k.len, k.hash);
		if (n != NULL || z->hashed_cnt == 0)
			return n;
	}
	return node_at(z, name, gyl__dns_live_lower(z, name, 0));
}

static void give(struct gyl_dns_lives *all, const struct gyl_dns_live *z, uint32_t off)
{
	if (off != 0)
		gyl__dns_heap_give(&all->heap, gyl__dns_live_at(z, off));
}

/* What is not its names. */
static void give_tables(struct gyl_dns_lives *all, struct gyl_dns_live *z)
{
	give(all, z, z->im->slot_off);
	give(all, z, gyl__dns_live_zone(z)->soa_off);
	give(all, z, gyl__dns_live_zone(z)->denial_off);
	z->im->slot_off = z->im->slot_cnt = 0;
	memset(gyl__dns_live_zone(z), 0, sizeof(struct gyl_dns_zone));
	z->bare = true;
	z->seal_at = 0;
}

/* The last names of the order; parents are before their children. True: there are more. */
static bool give_names(struct gyl_dns_lives *all, struct gyl_dns_live *z, uint32_t cnt)
{
	for (; cnt != 0 && z->order_cnt != 0; cnt--)
		give(all, z, gyl__dns_live_order(z)[--z->order_cnt]);
	if (z->order_cnt != 0)
		return true;
	give(all, z, z->order_off);
	memset(z, 0, sizeof *z);
	return false;
}

void gyl_dns_live_drop(struct gyl_dns_lives *all, struct gyl_dns_live *z)
{
	if (z->im == NULL) {
		memset(z, 0, sizeof *z);
		return;
	}
	give_tables(all, z);
	(void)give_names(all, z, UINT32_MAX);
}

void gyl_dns_live_drop_later(struct gyl_dns_lives *all, struct gyl_dns_live *z)
{
	if (z->im == NULL || z->order_cnt <= DROP_CNT) {
		gyl_dns_live_drop(all, z);
		return;
	}
	give_tables(all, z);
	z->hidden = z->dying = z->copy = true;
	z->fresh = z->untold = z->forget = z->sum_due = z->retired = z->expired = false;
	z->apex_len = 0; /* it has no name any more */
}

/* --- from gathered to served --- */

enum stage {
	SEAL_BEGIN,
	SEAL_CLEAR,
	SEAL_INDEX,
	SEAL_DENY,
};

static enum gyl_dns_sealed seal_begin(struct gyl_dns_lives *all, struct gyl_dns_live *z)
{
	size_t cnt = gyl__dns_live_slots_cnt(z), len = cnt * sizeof(struct gyl_dns_slot);
	void *slot;

	if (gyl__dns_heap_cost(len) + KEEP_LEN > gyl__dns_heap_room(&all->heap) ||
		!gyl__dns_heap_reserve(&all->heap, gyl__dns_heap_cost(len)))
		return GYL_DNS_SEAL_FULL;
	slot = gyl__dns_heap_take(&all->heap, (uint16_t)(z - all->zone), GYL__DNS_BLOCK_SLOTS, len);
	z->im->slot_off = gyl__dns_live_off(z, slot);
	z->im->slot_cnt = (uint32_t)cnt;
	z->seal_at = 0;
	z->seal_stage = SEAL_CLEAR;
	return GYL_DNS_SEAL_MORE;
}

/* seal_at counts names: while places are cleared it is 0, and denial_cnt, unused yet, counts. */
static void seal_clear(struct gyl_dns_live *z)
{
	uint32_t *at = &gyl__dns_live_zone(z)->denial_cnt;
	uint32_t cnt = z->im->slot_cnt - *at < CLEAR_CNT ? z->im->slot_cnt - *at : CLEAR_CNT;

	memset(gyl__dns_live_slot(z) + *at, 0, cnt * sizeof(struct gyl_dns_slot));
	*at += cnt;
	if (*at != z->im->slot_cnt)
		return;
	*at = 0;
	z->seal_stage = SEAL_INDEX;
}

static enum gyl_dns_sealed seal_index(struct gyl_dns_lives *all, struct gyl_dns_live *z)
{
	size_t len;
	void *p;

	for (uint32_t i = 0; i < SEAL_CNT && z->seal_at < z->order_cnt; i++)
		gyl__dns_live_index(z, z->seal_at++);
	if (z->seal_at < z->order_cnt)
		return GYL_DNS_SEAL_MORE;
	z->bare = false;
	z->seal_at = 0;
	len = gyl__dns_live_deny_len(z);
	if (len == 0)
		return GYL_DNS_SEAL_DONE;
	if (gyl__dns_heap_cost(len) + KEEP_LEN > gyl__dns_heap_room(&all->heap) ||
		!gyl__dns_heap_reserve(&all->heap, gyl__dns_heap_cost(len)))
		return GYL_DNS_SEAL_FULL;
	p = gyl__dns_heap_take(&all->heap, (uint16_t)(z - all->zone), GYL__DNS_BLOCK_DENIAL, len);
	gyl__dns_live_deny_begin(z, p);
	z->seal_stage = SEAL_DENY;
	return GYL_DNS_SEAL_MORE;
}

static enum gyl_dns_sealed seal_deny(struct gyl_dns_live *z)
{
	for (uint32_t i = 0; i < SEAL_CNT && z->seal_at < z->order_cnt; i++)
		gyl__dns_live_deny_add(z, z->seal_at++);
	return z->seal_at < z->order_cnt ? GYL_DNS_SEAL_MORE : GYL_DNS_SEAL_DONE;
}

enum gyl_dns_sealed gyl_dns_live_seal(struct gyl_dns_lives *all, struct gyl_dns_live *z)
{
	switch ((enum stage)z->seal_stage) {
	case SEAL_BEGIN:
		return seal_begin(all, z);
	case SEAL_CLEAR:
		seal_clear(z);
		return GYL_DNS_SEAL_MORE;
	case SEAL_INDEX:
		return seal_index(all, z);
	default:
		return seal_deny(z);
	}
}

/* --- one name --- */

/* A name that is about to be written. */
struct writing {
	struct gyl_dns_lives *all;
	struct gyl_dns_live *z;
	const uint8_t *name;
	size_t len; /* of the node in scratch */
	size_t soa_len;
	uint32_t more; /* names that are new, with those above it */
	uint32_t rr_was, rr_is;
};

static struct gyl_dns_node *node_of(const struct gyl_dns_live *z, const uint8_t *name)
{
	const struct gyl_dns_node *n =
		z->order_cnt == 0 ? NULL : gyl_dns_live_node(z, name, gyl_dns_name_len(name));

	return n == NULL ? NULL : gyl__dns_live_at(z, gyl__dns_live_off(z, n));
}

/* Octets that the names above take which are not there yet; *ret_cnt: how many they are. */
static size_t above_cost(const struct writing *w, uint32_t *ret_cnt)
{
	const uint8_t *name = w->name;
	size_t cost = 0;

	for (*ret_cnt = 0; !gyl_dns_name_eq(name, w->z->apex); ++*ret_cnt) {
		name = gyl_dns_name_parent(name);
		if (node_of(w->z, name) != NULL)
			break;
		cost += gyl__dns_heap_cost(gyl_dns_node_head(gyl_dns_name_len(name), true));
	}
	return cost;
}

/* All that the write may take, so that nothing moves while it is done. */
static bool reserve(struct writing *w, bool urgent)
{
	size_t cost = gyl__dns_heap_cost(w->len);
	uint32_t above = 0;

	w->more = 0;
	if (node_of(w->z, w->name) == NULL) {
		cost += above_cost(w, &above);
		w->more = above + 1;
	}
	if (w->soa_len != 0)
		cost += gyl__dns_heap_cost(w->soa_len);
	cost += gyl__dns_live_grow_cost(w->z, w->more);
	if (!urgent && cost + KEEP_LEN > gyl__dns_heap_room(&w->all->heap))
		return false;
	return gyl__dns_heap_reserve(&w->all->heap, cost);
}

static struct gyl_dns_node *take_node(struct writing *w, const void *node, size_t len)
{
	struct gyl_dns_node *n = gyl__dns_heap_take(
		&w->all->heap, (uint16_t)(w->z - w->all->zone), GYL__DNS_BLOCK_NODE, len);

	memcpy(n, node, len);
	return n;
}

/* RFC 4592 2.2.2: the names above exist, too, from the top down. */
static void put_above(struct writing *w)
{
	for (uint32_t i = w->more - 1; i != 0; i--) {
		const uint8_t *name = w->name;
		struct gyl_dns_node *n;
		size_t name_len, len;

		for (uint32_t up = 0; up < i; up++)
			name = gyl_dns_name_parent(name);
		name_len = gyl_dns_name_len(name);
		len = gyl_dns_node_head(name_len, true);
		n = gyl__dns_heap_take(
			&w->all->heap, (uint16_t)(w->z - w->all->zone), GYL__DNS_BLOCK_NODE, len);
		memset(n, 0, len);
		n->name_len = (uint8_t)name_len;
		n->flags = GYL_DNS_NODE_MORE;
		memcpy(n->name, name, name_len);
		gyl__dns_live_insert(w->z, gyl__dns_live_off(w->z, n));
		gyl__dns_live_rule(w->z, gyl__dns_live_off(w->z, n));
	}
}

/* The new node takes the place of the old one, in its very block when it fits. */
static struct gyl_dns_node *replace(struct writing *w, struct gyl_dns_node *old, bool *ret_rules)
{
	struct gyl_dns_node *made = (struct gyl_dns_node *)(void *)w->all->scratch->node, *n = old;
	uint32_t was = gyl__dns_live_off(w->z, old);
	const uint8_t ruler = GYL_DNS_NODE_CUT | GYL_DNS_NODE_DNAME;
	size_t room = gyl__dns_heap_len(old);
	bool hashed = (old->flags & GYL_DNS_NODE_HASHED) != 0;

	*ret_rules = (old->flags & ruler) != (made->flags & ruler);
	*gyl__dns_live_more(made) = *gyl__dns_live_more(old);
	if (w->len <= room && w->len >= room / 2) {
		memcpy(old, made, w->len);
	} else {
		/* as the index knows it until it is told otherwise */
		uint8_t flags = made->flags;

		made->flags = (uint8_t)((flags & ~GYL_DNS_NODE_HASHED) |
					(old->flags & GYL_DNS_NODE_HASHED));
		n = take_node(w, made, w->len);
		gyl__dns_live_moved(w->z, was, gyl__dns_live_off(w->z, n));
		gyl__dns_heap_give(&w->all->heap, old);
		n->flags = flags;
	}
	gyl__dns_live_rehash(w->z, gyl__dns_live_off(w->z, n), hashed);
	return n;
}

static void put_soa(struct writing *w)
{
	struct gyl_dns_zone *zone = gyl__dns_live_zone(w->z);
	void *p;

	if (w->soa_len == 0)
		return;
	if (zone->soa_off != 0)
		give(w->all, w->z, zone->soa_off);
	p = gyl__dns_heap_take(
		&w->all->heap, (uint16_t)(w->z - w->all->zone), GYL__DNS_BLOCK_SOA, w->soa_len);
	memcpy(p, w->all->scratch->soa, w->soa_len);
	zone->soa_off = gyl__dns_live_off(w->z, p);
}

static void put(struct writing *w)
{
	struct gyl_dns_node *n, *old;
	bool rules = true;

	gyl__dns_live_grow(w->all, w->z, w->more);
	old = node_of(w->z, w->name);
	if (old == NULL) {
		put_above(w);
		n = take_node(w, w->all->scratch->node, w->len);
		gyl__dns_live_insert(w->z, gyl__dns_live_off(w->z, n));
	} else {
		n = replace(w, old, &rules);
	}
	if (rules)
		gyl__dns_live_rule(w->z, gyl__dns_live_off(w->z, n));
	put_soa(w);
}

/* The name and those above it that are there because of it alone. */
static void take_away(struct writing *w, struct gyl_dns_node *n)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	const uint8_t *at = name;

	memcpy(name, n->name, n->name_len);
	for (;;) {
		uint32_t off = gyl__dns_live_off(w->z, n);

		gyl__dns_live_remove(w->z, off);
		gyl__dns_heap_give(&w->all->heap, n);
		at = gyl_dns_name_parent(at);
		n = node_of(w->z, at);
		if (n->rrset_cnt != 0 || (n->flags & GYL_DNS_NODE_APEX) != 0 ||
			gyl__dns_live_has_below(w->z, n))
			return;
	}
}

static uint32_t sig_cnt(const struct gyl_dns_rrset *s)
{
	const uint8_t *p = gyl_dns_rrset_wire(s) + s->wire_len, *end = p + s->sig_len;
	uint32_t cnt = 0;

	for (; p < end; p += GYL_DNS_PACK_HEAD + (size_t)gyl_get_u16(p + 10))
		cnt++;
	return cnt;
}

static uint32_t rr_cnt(const struct gyl_dns_node *n)
{
	const struct gyl_dns_rrset *s = n == NULL ? NULL : gyl_dns_node_first(n);
	uint32_t cnt = 0;

	for (unsigned i = n == NULL ? 0 : n->rrset_cnt; i != 0; i--, s = gyl_dns_rrset_next(s))
		cnt += s->cnt + sig_cnt(s);
	return cnt;
}

static void count(struct writing *w, uint32_t was, uint32_t is)
{
	struct gyl_dns_zone *zone = gyl__dns_live_zone(w->z);
	const struct gyl_dns_rrset *soa;

	zone->rr_cnt += is - was;
	zone->name_cnt = w->z->order_cnt - w->z->hashed_cnt;
	if (w->soa_len == 0)
		return;
	soa = gyl_dns_image_soa(w->z->im, zone);
	zone->serial = gyl_get_u32(gyl_dns_rrset_wire(soa) + soa->wire_len - 20);
}

bool gyl_dns_live_write(struct gyl_dns_lives *all, struct gyl_dns_live *z, const uint8_t *name,
	const struct gyl_dns_content *c, bool urgent)
{
	struct writing w = {.all = all, .z = z, .name = name};
	struct gyl_dns_node *old = node_of(z, name);
	uint32_t was = rr_cnt(old);

	if (c->cnt == 0 && (old == NULL || old->rrset_cnt == 0))
		return true;
	z->write_cnt++;
	if (c->cnt == 0 && (old->flags & GYL_DNS_NODE_APEX) == 0 &&
		!gyl__dns_live_has_below(z, old)) {
		take_away(&w, old);
	} else {
		w.len = gyl__dns_live_make(all->scratch, z, name, c, &w.soa_len);
		if (w.len == 0 || !reserve(&w, urgent))
			return false;
		put(&w);
	}
	count(&w, was, c->cnt);
	return true;
}

const struct gyl_dns_node *gyl_dns_live_next(
	const struct gyl_dns_live *z, const uint8_t *name, uint32_t *at)
{
	if (name == NULL)
		*at = 0;
	else if (node_at(z, name, *at) != NULL)
		++*at;
	else {
		*at = gyl__dns_live_lower(z, name, 0);
		*at += node_at(z, name, *at) != NULL;
	}
	return *at < z->order_cnt ? gyl__dns_live_at(z, gyl__dns_live_order(z)[*at]) : NULL;
}

const struct gyl_dns_node *gyl_dns_live_after(const struct gyl_dns_live *z, const uint8_t *name)
{
	uint32_t at = UINT32_MAX;

	return gyl_dns_live_next(z, name, &at);
}

const struct gyl_dns_node *gyl_dns_live_node_near(
	const struct gyl_dns_live *z, const uint8_t *name, uint32_t at)
{
	const struct gyl_dns_node *n = node_at(z, name, at);

	return n != NULL ? n : gyl_dns_live_node(z, name, gyl_dns_name_len(name));
}

bool gyl_dns_lives_tidy(struct gyl_dns_lives *all)
{
	for (uint32_t i = 0; i < all->cnt; i++)
		if (all->zone[i].dying) {
			(void)give_names(all, &all->zone[i], DROP_CNT);
			return true;
		}
	return all->scratch != NULL && gyl__dns_heap_tidy(&all->heap, TIDY_LEN);
}
