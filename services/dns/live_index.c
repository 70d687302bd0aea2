/* SPDX-License-Identifier: ISC */

/* How nodes of a zone that changes are found, by hash and by order, and who refers to them. */

#include "services/dns/live_own.h"

enum {
	FIRST_CAP = 64 /* names that a new zone has room for */
};

static uint64_t hash_of(const struct gyl_dns_node *n)
{
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, n->name, n->name_len);
	return k.hash;
}

static uint32_t home(const struct gyl_dns_live *z, uint64_t hash)
{
	return (uint32_t)((hash >> 32) * z->im->slot_cnt >> 32);
}

static uint32_t next(const struct gyl_dns_live *z, uint32_t at)
{
	return at + 1 == z->im->slot_cnt ? 0 : at + 1;
}

static uint32_t slot_of(const struct gyl_dns_live *z, uint64_t hash, uint32_t off)
{
	const struct gyl_dns_slot *slot = gyl__dns_live_slot(z);
	uint32_t at = home(z, hash);

	while (slot[at].off != off)
		at = next(z, at);
	return at;
}

static void slot_put(struct gyl_dns_live *z, uint64_t hash, uint32_t off)
{
	struct gyl_dns_slot *slot = gyl__dns_live_slot(z);
	uint32_t at = slot_of(z, hash, 0);

	slot[at].tag = (uint32_t)hash;
	slot[at].off = off;
}

/* What was pushed on by the one that goes moves back, so that no search ends too early. */
static void slot_clear(struct gyl_dns_live *z, uint32_t at)
{
	struct gyl_dns_slot *slot = gyl__dns_live_slot(z);

	for (uint32_t i = next(z, at); slot[i].off != 0; i = next(z, i)) {
		uint32_t from = home(z, hash_of(gyl__dns_live_at(z, slot[i].off)));
		bool reachable = at <= i ? at < from && from <= i : at < from || from <= i;

		if (reachable)
			continue;
		slot[at] = slot[i];
		at = i;
	}
	slot[at] = (struct gyl_dns_slot){0, 0};
}

/* A name of the zone by the labels that it has below the apex: folded, so octets compare. */
struct below {
	const uint8_t *name;
	unsigned cnt;
	uint8_t off[GYL_DNS_LABEL_CNT_MAX];
};

static void below_init(
	struct below *b, const struct gyl_dns_live *z, const uint8_t *name, size_t len)
{
	size_t end = len < z->apex_len ? 0 : len - z->apex_len;

	b->name = name;
	b->cnt = 0;
	for (size_t at = 0; at < end; at += (size_t)name[at] + 1)
		b->off[b->cnt++] = (uint8_t)at;
}

/* RFC 4034 6.1: from the last label on; a prefix sorts first. */
static int below_cmp(const struct below *a, const struct below *b)
{
	unsigned a_cnt = a->cnt, b_cnt = b->cnt;

	while (a_cnt != 0 && b_cnt != 0) {
		const uint8_t *x = a->name + a->off[--a_cnt], *y = b->name + b->off[--b_cnt];
		int diff = memcmp(x + 1, y + 1, x[0] < y[0] ? x[0] : y[0]);

		if (diff == 0)
			diff = (int)x[0] - (int)y[0];
		if (diff != 0)
			return diff;
	}
	return (int)a_cnt - (int)b_cnt;
}

static bool is_before(const struct gyl_dns_live *z, uint32_t off, const struct below *b)
{
	const struct gyl_dns_node *n = gyl__dns_live_at(z, off);
	struct below a;

	below_init(&a, z, n->name, n->name_len);
	return below_cmp(&a, b) < 0;
}

/* known: an offset whose name this is, which is not to be looked at. */
uint32_t gyl__dns_live_lower(const struct gyl_dns_live *z, const uint8_t *name, uint32_t known)
{
	const uint32_t *order = gyl__dns_live_order(z);
	uint32_t low = 0, high = z->order_cnt;
	struct below b;

	below_init(&b, z, name, gyl_dns_name_len(name));
	/* most zones come in this very order */
	if (high != 0 && order[high - 1] != known && is_before(z, order[high - 1], &b))
		return high;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (order[mid] == known)
			return mid;
		if (is_before(z, order[mid], &b))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool gyl__dns_live_has_below(const struct gyl_dns_live *z, const struct gyl_dns_node *n)
{
	uint32_t at = gyl__dns_live_lower(z, n->name, gyl__dns_live_off(z, n)) + 1;

	return at < z->order_cnt &&
	       gyl_dns_name_is_under(
		       gyl__dns_live_at(z, gyl__dns_live_order(z)[at])->name, n->name);
}

static struct gyl_dns_node *parent_of(const struct gyl_dns_live *z, const struct gyl_dns_node *n)
{
	const uint8_t *name = gyl_dns_name_parent(n->name);
	const struct gyl_dns_node *up =
		gyl_dns_live_node(z, name, n->name_len - (size_t)(name - n->name));

	return gyl__dns_live_at(z, gyl__dns_live_off(z, up));
}

static bool is_apex(const struct gyl_dns_node *n)
{
	return (n->flags & GYL_DNS_NODE_APEX) != 0;
}

/* RFC 1034 4.3.2 step 3: going down, the first cut or DNAME decides. */
static uint32_t ruler_of(const struct gyl_dns_live *z, struct gyl_dns_node *n)
{
	struct gyl_dns_node *up = is_apex(n) ? NULL : parent_of(z, n);
	uint32_t over = up == NULL ? 0 : gyl__dns_live_more(up)->over_off;

	if (over == 0 && up != NULL && (up->flags & GYL_DNS_NODE_DNAME) != 0)
		over = gyl__dns_live_off(z, up);
	if (over == 0 && (n->flags & GYL_DNS_NODE_CUT) != 0)
		over = gyl__dns_live_off(z, n);
	return over;
}

void gyl__dns_live_rule(struct gyl_dns_live *z, uint32_t off)
{
	const struct gyl_dns_node *top = gyl__dns_live_at(z, off);
	const uint32_t *order = gyl__dns_live_order(z);

	for (uint32_t at = gyl__dns_live_lower(z, top->name, off); at < z->order_cnt; at++) {
		struct gyl_dns_node *n = gyl__dns_live_at(z, order[at]);

		if (!gyl_dns_name_is_under(n->name, top->name))
			return;
		gyl__dns_live_more(n)->over_off = ruler_of(z, n);
	}
}

static bool is_wild(const struct gyl_dns_node *n)
{
	return gyl_dns_name_is_wildcard(n->name) && !is_apex(n);
}

static bool rules(const struct gyl_dns_node *n)
{
	return (n->flags & (GYL_DNS_NODE_CUT | GYL_DNS_NODE_DNAME)) != 0;
}

static bool is_hashed(const struct gyl_dns_node *n)
{
	return (n->flags & GYL_DNS_NODE_HASHED) != 0;
}

/* Does the name at that place of the order stand in the index? */
static bool in_index(const struct gyl_dns_live *z, const struct gyl_dns_node *n, uint32_t at)
{
	return !is_hashed(n) && (!z->bare || at < z->seal_at);
}

void gyl__dns_live_moved(struct gyl_dns_live *z, uint32_t was, uint32_t off)
{
	struct gyl_dns_node *n = gyl__dns_live_at(z, off);
	uint32_t at = gyl__dns_live_lower(z, n->name, was);

	if (in_index(z, n, at))
		gyl__dns_live_slot(z)[slot_of(z, hash_of(n), was)].off = off;
	gyl__dns_live_order(z)[at] = off;
	gyl__dns_live_deny_moved(z, was, off);
	if (is_apex(n))
		gyl__dns_live_zone(z)->apex_off = off;
	if (is_wild(n))
		gyl__dns_live_more(parent_of(z, n))->wild_off = off;
	if (rules(n))
		gyl__dns_live_rule(z, off);
}

void gyl__dns_live_insert(struct gyl_dns_live *z, uint32_t off)
{
	struct gyl_dns_node *n = gyl__dns_live_at(z, off);
	uint32_t at = gyl__dns_live_lower(z, n->name, 0), *order = gyl__dns_live_order(z);
	unsigned labels = gyl_dns_name_label_cnt(n->name);

	memmove(order + at + 1, order + at, (z->order_cnt - at) * sizeof *order);
	z->moved_len += (z->order_cnt - at) * sizeof *order;
	order[at] = off;
	z->order_cnt++;
	z->im->node_cnt++;
	z->hashed_cnt += is_hashed(n);
	if (in_index(z, n, UINT32_MAX))
		slot_put(z, hash_of(n), off);
	if (labels > z->im->label_max)
		z->im->label_max = labels;
	if (is_apex(n))
		gyl__dns_live_zone(z)->apex_off = off;
	if (is_wild(n))
		gyl__dns_live_more(parent_of(z, n))->wild_off = off;
}

void gyl__dns_live_remove(struct gyl_dns_live *z, uint32_t off)
{
	struct gyl_dns_node *n = gyl__dns_live_at(z, off);
	uint32_t at = gyl__dns_live_lower(z, n->name, off), *order = gyl__dns_live_order(z);

	if (is_wild(n))
		gyl__dns_live_more(parent_of(z, n))->wild_off = 0;
	z->order_cnt--;
	z->im->node_cnt--;
	z->hashed_cnt -= is_hashed(n);
	memmove(order + at, order + at + 1, (z->order_cnt - at) * sizeof *order);
	z->moved_len += (z->order_cnt - at) * sizeof *order;
	if (in_index(z, n, UINT32_MAX))
		slot_clear(z, slot_of(z, hash_of(n), off));
}

void gyl__dns_live_index(struct gyl_dns_live *z, uint32_t at)
{
	uint32_t off = gyl__dns_live_order(z)[at];
	const struct gyl_dns_node *n = gyl__dns_live_at(z, off);

	if (!is_hashed(n))
		slot_put(z, hash_of(n), off);
}

void gyl__dns_live_rehash(struct gyl_dns_live *z, uint32_t off, bool was)
{
	const struct gyl_dns_node *n = gyl__dns_live_at(z, off);

	if (is_hashed(n) == was)
		return;
	if (was) {
		z->hashed_cnt--;
		if (!z->bare)
			slot_put(z, hash_of(n), off);
	} else {
		z->hashed_cnt++;
		if (!z->bare)
			slot_clear(z, slot_of(z, hash_of(n), off));
	}
}

/* Names that there will be room for. */
static uint32_t cap_for(const struct gyl_dns_live *z, uint32_t more)
{
	uint32_t cap = z->order_cap == 0 ? FIRST_CAP : z->order_cap;

	while (cap < z->order_cnt + more)
		cap += cap / 2;
	return cap;
}

/* Of four places of the index three are used at most. */
static uint32_t slots_for(uint32_t cap)
{
	return cap + cap / 3 + 1;
}

size_t gyl__dns_live_slots_cnt(const struct gyl_dns_live *z)
{
	return slots_for(z->order_cap);
}

size_t gyl__dns_live_grow_cost(const struct gyl_dns_live *z, uint32_t more)
{
	uint32_t cap = cap_for(z, more);

	if (cap == z->order_cap)
		return 0;
	if (z->bare)
		return gyl__dns_heap_cost(cap * sizeof(uint32_t));
	return gyl__dns_heap_cost(cap * sizeof(uint32_t)) +
	       gyl__dns_heap_cost(slots_for(cap) * sizeof(struct gyl_dns_slot));
}

static void grow_order(struct gyl_dns_lives *all, struct gyl_dns_live *z, uint32_t cap)
{
	uint32_t *order = gyl__dns_heap_take(
		&all->heap, (uint16_t)(z - all->zone), GYL__DNS_BLOCK_ORDER, cap * sizeof *order);

	if (z->order_cap != 0) {
		memcpy(order, gyl__dns_live_order(z), z->order_cnt * sizeof *order);
		gyl__dns_heap_give(&all->heap, gyl__dns_live_order(z));
	}
	z->order_off = gyl__dns_live_off(z, order);
	z->order_cap = cap;
}

void gyl__dns_live_grow(struct gyl_dns_lives *all, struct gyl_dns_live *z, uint32_t more)
{
	uint32_t cap = cap_for(z, more), slot_cnt = slots_for(cap);
	struct gyl_dns_slot *slot;

	if (cap == z->order_cap)
		return;
	grow_order(all, z, cap);
	if (z->bare)
		return;
	slot = gyl__dns_heap_take(&all->heap, (uint16_t)(z - all->zone), GYL__DNS_BLOCK_SLOTS,
		slot_cnt * sizeof *slot);
	if (z->im->slot_cnt != 0)
		gyl__dns_heap_give(&all->heap, gyl__dns_live_slot(z));
	memset(slot, 0, slot_cnt * sizeof *slot);
	z->im->slot_off = gyl__dns_live_off(z, slot);
	z->im->slot_cnt = slot_cnt;
	for (uint32_t i = 0; i < z->order_cnt; i++)
		gyl__dns_live_index(z, i);
}
