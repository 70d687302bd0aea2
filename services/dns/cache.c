/* SPDX-License-Identifier: ISC */
#include "services/dns/cache.h"

#include <gyl/siphash.h>
#include <gyl/time.h>

enum {
	ALIGN = 8,
	YOUNG_PART = 8,    /* an eighth of the memory */
	BUCKET_LEN = 256,  /* octets of entries a bucket stands for */
	ROUND_CNT_MAX = 32 /* entries that may begin anew for one that comes */
};

static uint32_t bucket_cnt(uint64_t len)
{
	uint32_t cnt = 1024;

	while (cnt < len / BUCKET_LEN)
		cnt *= 2;
	return cnt;
}

size_t gyl_dns_cache_need(uint64_t len)
{
	return (size_t)len + bucket_cnt(len) * sizeof(uint32_t);
}

static void ring_clear(struct gyl_dns_cache_ring *r)
{
	r->head = r->tail = r->start;
	r->used = 0;
}

void gyl_dns_cache_clear(struct gyl_dns_cache *c)
{
	memset(c->bucket, 0, (c->bucket_mask + (size_t)1) * sizeof *c->bucket);
	ring_clear(&c->young);
	ring_clear(&c->old);
	c->entry_cnt = c->absent_cnt = 0;
}

void gyl_dns_cache_init(struct gyl_dns_cache *c, void *mem, uint64_t len, const uint64_t key[2])
{
	uint32_t all = (uint32_t)(len / ALIGN * ALIGN);
	uint32_t young = all / YOUNG_PART / ALIGN * ALIGN;

	memset(c, 0, sizeof *c);
	c->bucket = mem;
	c->bucket_mask = bucket_cnt(len) - 1;
	c->mem = (uint8_t *)(c->bucket + c->bucket_mask + 1);
	c->key[0] = key[0];
	c->key[1] = key[1];
	/* offset 0 is none: the first entry stands behind */
	c->young = (struct gyl_dns_cache_ring){.start = ALIGN, .end = young};
	c->old = (struct gyl_dns_cache_ring){.start = young, .end = all};
	gyl_dns_cache_clear(c);
}

static struct gyl_dns_entry *at(const struct gyl_dns_cache *c, uint32_t off)
{
	return (struct gyl_dns_entry *)(void *)(c->mem + off);
}

static uint32_t off_of(const struct gyl_dns_cache *c, const struct gyl_dns_entry *e)
{
	return (uint32_t)((const uint8_t *)e - c->mem);
}

/* ---- index ---- */

uint32_t gyl_dns_cache_hash(const struct gyl_dns_cache *c, const uint8_t *name, size_t len)
{
	return (uint32_t)gyl_siphash(c->key, name, len);
}

/* Types of one name lie apart: a client could ask for all of them. The name's hash is secret, so
 * nobody knows which names and types meet. */
static uint32_t mixed(uint32_t hash, uint16_t qtype, uint8_t variant)
{
	uint32_t h = hash + ((uint32_t)qtype << 2 | variant) * 0x9e3779b1u;

	h = (h ^ h >> 15) * 0x85ebca6bu;
	return h ^ h >> 13;
}

struct gyl_dns_entry *gyl_dns_cache_find(const struct gyl_dns_cache *c, const uint8_t *name,
	size_t len, uint32_t hash, uint16_t qtype, uint8_t variant)
{
	uint32_t h = mixed(hash, qtype, variant);

	for (uint32_t off = c->bucket[h & c->bucket_mask]; off != 0; off = at(c, off)->next) {
		struct gyl_dns_entry *e = at(c, off);

		if (e->hash == h && e->qtype == qtype && e->variant == variant &&
			e->name_len == len && memcmp(gyl_dns_entry_name(e), name, len) == 0)
			return e;
	}
	return NULL;
}

/* The link that leads to an entry, which MUST be in the index. */
static uint32_t *link_of(const struct gyl_dns_cache *c, const struct gyl_dns_entry *e)
{
	uint32_t *link = &c->bucket[e->hash & c->bucket_mask], off = off_of(c, e);

	while (*link != off)
		link = &at(c, *link)->next;
	return link;
}

void gyl_dns_cache_remove(struct gyl_dns_cache *c, struct gyl_dns_entry *e)
{
	*link_of(c, e) = e->next;
	e->flags |= GYL_DNS_ENTRY_DEAD;
	c->entry_cnt--;
	c->absent_cnt -= e->qtype == 0;
}

uint32_t gyl_dns_cache_bucket_cnt(const struct gyl_dns_cache *c)
{
	return c->bucket_mask + 1;
}

struct gyl_dns_entry *gyl_dns_cache_first(const struct gyl_dns_cache *c, uint32_t bucket)
{
	return c->bucket[bucket] == 0 ? NULL : at(c, c->bucket[bucket]);
}

struct gyl_dns_entry *gyl_dns_cache_next(
	const struct gyl_dns_cache *c, const struct gyl_dns_entry *e)
{
	return e->next == 0 ? NULL : at(c, e->next);
}

/* ---- rings ---- */

/* Room of that length in one piece at the head; false: the tail has to go on first. */
static bool ring_fits(struct gyl_dns_cache *c, struct gyl_dns_cache_ring *r, uint32_t len)
{
	struct gyl_dns_entry *rest;

	if (r->used == 0)
		ring_clear(r);
	if (r->used != 0 && r->head <= r->tail)
		return r->tail - r->head >= len;
	if (r->end - r->head >= len)
		return true;
	if (r->tail - r->start < len)
		return false;
	/* the rest before the end is too short: a dead entry fills it */
	if (r->end != r->head) {
		rest = at(c, r->head);
		rest->len = r->end - r->head;
		rest->flags = GYL_DNS_ENTRY_DEAD;
		r->used += rest->len;
	}
	r->head = r->start;
	return true;
}

static struct gyl_dns_entry *ring_take(
	struct gyl_dns_cache *c, struct gyl_dns_cache_ring *r, uint32_t len)
{
	struct gyl_dns_entry *e = at(c, r->head);

	r->head += len;
	r->used += len;
	if (r->head == r->end && r->tail != r->start)
		r->head = r->start;
	return e;
}

/* The one here the longest leaves the ring; its octets stay where they are for now. */
static struct gyl_dns_entry *ring_drop(struct gyl_dns_cache *c, struct gyl_dns_cache_ring *r)
{
	struct gyl_dns_entry *e = at(c, r->tail);

	r->tail += e->len;
	r->used -= e->len;
	if (r->tail == r->end)
		r->tail = r->start;
	return e;
}

/* Octets move, the index learns of it. */
static void move(struct gyl_dns_cache *c, struct gyl_dns_entry *to, struct gyl_dns_entry *from)
{
	*link_of(c, from) = off_of(c, to);
	memmove(to, from, from->len);
}

/* Is it of use to anybody yet? */
static bool is_live(const struct gyl_dns_cache *c, const struct gyl_dns_entry *e)
{
	uint64_t end_ns =
		gyl_time_add(e->born_ns, gyl_time_add(gyl_time_from_s(e->ttl_s), c->keep_ns));

	return end_ns > c->now_ns;
}

static void forget(struct gyl_dns_cache *c, struct gyl_dns_entry *e)
{
	c->evict_cnt += is_live(c, e);
	gyl_dns_cache_remove(c, e);
}

/* An entry with credit begins anew in the old ring: the octets it has just left are room enough. */
static void begin_anew(struct gyl_dns_cache *c, struct gyl_dns_entry *e)
{
	uint32_t len = e->len;

	e->hit_cnt--;
	(void)ring_fits(c, &c->old, len);
	move(c, at(c, c->old.head), e);
	(void)ring_take(c, &c->old, len);
}

/* Makes room in the old ring. False: all that were looked at are asked for. */
static bool age_old(struct gyl_dns_cache *c, uint32_t len)
{
	unsigned round_cnt = 0;

	while (!ring_fits(c, &c->old, len)) {
		struct gyl_dns_entry *e;

		if (round_cnt == ROUND_CNT_MAX)
			return false;
		e = ring_drop(c, &c->old);
		if ((e->flags & GYL_DNS_ENTRY_DEAD) != 0)
			continue;
		if (e->hit_cnt == 0 || !is_live(c, e)) {
			forget(c, e);
			continue;
		}
		round_cnt++;
		begin_anew(c, e);
	}
	return true;
}

/* From the young ring into the old one, if others there are worth less. */
static void promote(struct gyl_dns_cache *c, struct gyl_dns_entry *e)
{
	struct gyl_dns_entry *to;

	if (!age_old(c, e->len)) {
		forget(c, e);
		return;
	}
	to = at(c, c->old.head);
	(void)ring_take(c, &c->old, e->len);
	move(c, to, e);
	to->hit_cnt = 0;
	to->flags |= GYL_DNS_ENTRY_OLD;
}

/* Room for everything, as long as there is: nobody has to go for what nobody asks for. */
static bool old_has_room(const struct gyl_dns_cache *c, uint32_t len)
{
	return c->old.head >= c->old.tail && c->old.end - c->old.head >= len;
}

static void age_young(struct gyl_dns_cache *c)
{
	struct gyl_dns_entry *e = ring_drop(c, &c->young);

	if ((e->flags & GYL_DNS_ENTRY_DEAD) != 0)
		return;
	if (is_live(c, e) && (e->hit_cnt != 0 || old_has_room(c, e->len)))
		promote(c, e);
	else
		forget(c, e);
}

struct gyl_dns_entry *gyl_dns_cache_put(struct gyl_dns_cache *c, const struct gyl_dns_entry *e,
	const uint8_t *name, const uint8_t *wire)
{
	size_t len = (sizeof *e + e->name_len + e->wire_len + ALIGN - 1) / ALIGN * ALIGN;
	uint32_t hash = gyl_dns_cache_hash(c, name, e->name_len);
	struct gyl_dns_entry *old =
		gyl_dns_cache_find(c, name, e->name_len, hash, e->qtype, e->variant);
	struct gyl_dns_entry *to;
	uint8_t hit_cnt = old == NULL ? 0 : old->hit_cnt;

	c->now_ns = e->born_ns;
	if (old != NULL)
		gyl_dns_cache_remove(c, old);
	if (len > c->young.end - c->young.start)
		return NULL;
	while (!ring_fits(c, &c->young, (uint32_t)len))
		age_young(c);
	to = ring_take(c, &c->young, (uint32_t)len);
	*to = *e;
	to->len = (uint32_t)len;
	to->flags = e->flags & (uint8_t) ~(GYL_DNS_ENTRY_OLD | GYL_DNS_ENTRY_DEAD);
	to->hit_cnt = hit_cnt; /* what was asked for will be */
	to->hash = mixed(hash, e->qtype, e->variant);
	to->next = c->bucket[to->hash & c->bucket_mask];
	c->bucket[to->hash & c->bucket_mask] = off_of(c, to);
	memcpy(to + 1, name, e->name_len);
	memcpy((uint8_t *)(to + 1) + e->name_len, wire, e->wire_len);
	c->entry_cnt++;
	c->absent_cnt += e->qtype == 0;
	c->insert_cnt++;
	return to;
}

void gyl_dns_cache_stat(const struct gyl_dns_cache *c, struct gyl_dns_cache_stat *ret_stat)
{
	ret_stat->insert_cnt = c->insert_cnt;
	ret_stat->evict_cnt = c->evict_cnt;
	ret_stat->entry_cnt = c->entry_cnt;
	ret_stat->used = c->young.used + c->old.used;
}
