/* SPDX-License-Identifier: ISC */
#include "libnet/src/reass_pool.h"

/* ---- lists ---- */

static void list_push(struct gyl__reass *r, struct gyl__reass_list *l, enum gyl__reass_link by,
	struct gyl__reass_entry *e)
{
	e->link[by].prev = l->tail;
	e->link[by].next = GYL__REASS_NONE;
	if (l->tail == GYL__REASS_NONE)
		l->head = e->index;
	else
		gyl__reass_at(r, l->tail)->link[by].next = e->index;
	l->tail = e->index;
}

static void list_remove(struct gyl__reass *r, struct gyl__reass_list *l, enum gyl__reass_link by,
	const struct gyl__reass_entry *e)
{
	uint16_t prev = e->link[by].prev, next = e->link[by].next;

	if (prev == GYL__REASS_NONE)
		l->head = next;
	else
		gyl__reass_at(r, prev)->link[by].next = next;
	if (next == GYL__REASS_NONE)
		l->tail = prev;
	else
		gyl__reass_at(r, next)->link[by].prev = prev;
}

static void use_push(struct gyl__reass *r, struct gyl__reass_entry *e)
{
	list_push(r, &r->use[e->state], GYL__REASS_BY_USE, e);
	list_push(r, &r->source[e->source].use[e->state], GYL__REASS_BY_SOURCE, e);
}

static void use_remove(struct gyl__reass *r, const struct gyl__reass_entry *e)
{
	list_remove(r, &r->use[e->state], GYL__REASS_BY_USE, e);
	list_remove(r, &r->source[e->source].use[e->state], GYL__REASS_BY_SOURCE, e);
}

void gyl__reass_touch(struct gyl__reass *r, struct gyl__reass_entry *e)
{
	if (r->use[e->state].tail == e->index)
		return; /* and then of its source, too */
	use_remove(r, e);
	use_push(r, e);
}

/* ---- keys ---- */

/* Multiply and shift with secret odd factors. A chain is at most the table, and a source's part of
 * it its share, so there is little to win even for one who could guess them. */
static uint16_t *chain_of(const struct gyl__reass *r, const struct gyl__reass_key *k)
{
	uint64_t sum = k->addr * r->hash_mul[0] + k->rest * r->hash_mul[1] + r->hash_add;

	return &r->hash[sum >> r->hash_shift];
}

static uint16_t *source_chain_of(const struct gyl__reass *r, uint64_t key)
{
	return &r->source_hash[(key * r->hash_mul[0] + r->hash_add) >> r->hash_shift];
}

/* RFC 791 has no word on interfaces; two networks may use the same addresses. */
static uint64_t source_key(const struct gyl__reass_key *k)
{
	return (k->rest >> 8 & 0xffffff) << 32 | k->addr >> 32;
}

struct gyl__reass_entry *gyl__reass_find(struct gyl__reass *r, const struct gyl__reass_key *key)
{
	uint16_t i = *chain_of(r, key);

	while (i != GYL__REASS_NONE) {
		struct gyl__reass_entry *e = gyl__reass_at(r, i);

		if (e->key.addr == key->addr && e->key.rest == key->rest)
			return e;
		i = e->chain;
	}
	return NULL;
}

static uint16_t source_find(const struct gyl__reass *r, uint64_t key)
{
	uint16_t i = *source_chain_of(r, key);

	while (i != GYL__REASS_NONE && r->source[i].key != key)
		i = r->source[i].chain;
	return i;
}

/* There is always a free one: each that is not has an entry. */
static uint16_t source_get(struct gyl__reass *r, uint64_t key)
{
	uint16_t i = source_find(r, key), *chain = source_chain_of(r, key);
	struct gyl__reass_source *s;

	if (i != GYL__REASS_NONE)
		return i;
	i = r->source_free;
	s = &r->source[i];
	r->source_free = s->chain;
	s->key = key;
	s->entry_cnt = s->page_cnt = 0;
	memset(s->use, 0xff, sizeof(s->use));
	s->chain = *chain;
	*chain = i;
	return i;
}

static void source_drop(struct gyl__reass *r, uint16_t i)
{
	struct gyl__reass_source *s = &r->source[i];
	uint16_t *at = source_chain_of(r, s->key);

	while (*at != i)
		at = &r->source[*at].chain;
	*at = s->chain;
	s->chain = r->source_free;
	r->source_free = i;
}

/* ---- entries ---- */

void gyl__reass_poison(struct gyl__reass *r, struct gyl__reass_entry *e)
{
	gyl__reass_free_pages(r, e);
	use_remove(r, e);
	e->state = GYL__REASS_IS_POISONED;
	use_push(r, e);
	r->stat.poison_cnt++;
}

void gyl__reass_del(struct gyl__reass *r, struct gyl__reass_entry *e)
{
	uint16_t *at = chain_of(r, &e->key);

	gyl__reass_free_pages(r, e);
	use_remove(r, e);
	list_remove(r, &r->time, GYL__REASS_BY_TIME, e);
	while (*at != e->index)
		at = &gyl__reass_at(r, *at)->chain;
	*at = e->chain;
	e->chain = r->entry_free;
	r->entry_free = e->index;
	r->stat.entry_cnt--;
	r->stat.poison_cnt -= e->state == GYL__REASS_IS_POISONED;
	if (--r->source[e->source].entry_cnt == 0)
		source_drop(r, e->source);
}

/* Make an entry free: of these lists a poisoned one, else the least recently used. */
static void evict_entry(struct gyl__reass *r, const struct gyl__reass_list *use)
{
	bool poisoned = use[GYL__REASS_IS_POISONED].head != GYL__REASS_NONE;

	if (poisoned)
		r->stat.forget_cnt++;
	else
		r->stat.evict_cnt++;
	gyl__reass_del(r,
		gyl__reass_at(r, use[poisoned ? GYL__REASS_IS_POISONED : GYL__REASS_IS_HELD].head));
}

struct gyl__reass_entry *gyl__reass_add(
	struct gyl__reass *r, uint64_t now_ns, const struct gyl__reass_key *key)
{
	uint16_t source = source_find(r, source_key(key)), *chain = chain_of(r, key), index;
	struct gyl__reass_entry *e;

	if (source != GYL__REASS_NONE && r->source[source].entry_cnt == r->entry_share)
		evict_entry(r, r->source[source].use);
	else if (r->entry_free == GYL__REASS_NONE)
		evict_entry(r, r->use);
	index = r->entry_free;
	e = gyl__reass_at(r, index);
	r->entry_free = e->chain;
	memset(e, 0, sizeof(*e));
	e->index = index;
	e->key = *key;
	e->first_ns = now_ns;
	e->source = source_get(r, source_key(key));
	r->source[e->source].entry_cnt++;
	e->chain = *chain;
	*chain = e->index;
	list_push(r, &r->time, GYL__REASS_BY_TIME, e);
	use_push(r, e);
	r->stat.entry_cnt++;
	return e;
}

struct gyl__reass_entry *gyl__reass_oldest(const struct gyl__reass *r)
{
	return r->time.head == GYL__REASS_NONE ? NULL : gyl__reass_at(r, r->time.head);
}
