/* SPDX-License-Identifier: ISC */
#include "libnet/src/arp_table.h"

static uint16_t index_of(const struct gyl_arp_cache *c, const struct gyl_arp_node *n)
{
	return (uint16_t)(n - c->node);
}

/* Multiply and shift with secret odd factor: nobody outside can aim at one chain. */
static uint16_t *chain_of(const struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip)
{
	uint64_t key = (uint64_t)vlan << 32 | ip;

	return &c->hash[(key * c->hash_mul + c->hash_add) >> c->hash_shift];
}

static unsigned hash_bits(size_t node_cnt)
{
	unsigned bits = 4;

	while (((size_t)1 << bits) < node_cnt)
		bits++;
	return bits;
}

static size_t node_cnt(const struct gyl_arp_cache_conf *cf)
{
	return (size_t)cf->entry_max + cf->pending_max + cf->fixed_max;
}

size_t gyl__arp_table_need(const struct gyl_arp_cache_conf *cf)
{
	size_t cnt = node_cnt(cf);

	return sizeof(struct gyl_arp_cache) + cnt * sizeof(struct gyl_arp_node) +
	       ((size_t)1 << hash_bits(cnt)) * sizeof(uint16_t);
}

void gyl__arp_table_init(struct gyl_arp_cache *c)
{
	unsigned bits;

	c->node_cnt = node_cnt(&c->cf);
	bits = hash_bits(c->node_cnt);
	c->hash = (uint16_t *)(void *)&c->node[c->node_cnt];
	c->hash_shift = 64 - bits;
	c->hash_mul = c->cf.seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	c->hash_add = c->cf.seed;
	memset(c->hash, 0xff, ((size_t)1 << bits) * sizeof(uint16_t));
	memset(c->list, 0xff, sizeof(c->list));
	memset(&c->use, 0xff, sizeof(c->use));
	memset(c->node, 0, c->node_cnt * sizeof(c->node[0]));
	c->free = GYL_ARP_NONE;
	for (size_t i = c->node_cnt; i-- > 0;) {
		c->node[i].chain = c->free;
		c->free = (uint16_t)i;
	}
}

/* Behind the node with index prev; GYL_ARP_NONE: to the front. */
static void list_insert(struct gyl_arp_cache *c, struct gyl_arp_list *l, enum gyl_arp_link by,
	uint16_t prev, struct gyl_arp_node *n)
{
	uint16_t next = prev == GYL_ARP_NONE ? l->head : c->node[prev].link[by].next;

	n->link[by].prev = prev;
	n->link[by].next = next;
	if (prev == GYL_ARP_NONE)
		l->head = index_of(c, n);
	else
		c->node[prev].link[by].next = index_of(c, n);
	if (next == GYL_ARP_NONE)
		l->tail = index_of(c, n);
	else
		c->node[next].link[by].prev = index_of(c, n);
}

static void list_remove(struct gyl_arp_cache *c, struct gyl_arp_list *l, enum gyl_arp_link by,
	const struct gyl_arp_node *n)
{
	uint16_t prev = n->link[by].prev, next = n->link[by].next;

	if (prev == GYL_ARP_NONE)
		l->head = next;
	else
		c->node[prev].link[by].next = next;
	if (next == GYL_ARP_NONE)
		l->tail = prev;
	else
		c->node[next].link[by].prev = prev;
}

uint16_t gyl__arp_index(const struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip)
{
	uint16_t i = *chain_of(c, vlan, ip);

	while (i != GYL_ARP_NONE && (c->node[i].ip != ip || c->node[i].vlan != vlan))
		i = c->node[i].chain;
	return i;
}

static struct gyl_arp_node *node_at(struct gyl_arp_cache *c, uint16_t index)
{
	return index == GYL_ARP_NONE ? NULL : &c->node[index];
}

struct gyl_arp_node *gyl__arp_find(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip)
{
	return node_at(c, gyl__arp_index(c, vlan, ip));
}

struct gyl_arp_node *gyl__arp_add(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip)
{
	struct gyl_arp_node *n = &c->node[c->free];
	uint16_t *chain = chain_of(c, vlan, ip);

	c->free = n->chain;
	n->ip = ip;
	n->vlan = vlan;
	n->tries = 0;
	memset(n->mac, 0, sizeof(n->mac));
	n->chain = *chain;
	*chain = index_of(c, n);
	return n;
}

static bool has_list(unsigned state)
{
	return state >= GYL_ARP_OWN;
}

static bool has_due(unsigned state)
{
	return state >= GYL_ARP_ANNOUNCING;
}

static bool has_use(unsigned state)
{
	return state >= GYL_ARP_FRESH;
}

/* To its place in the list of its state. The search begins at the end, where it ends at once unless
 * delays differ. */
static void enlist(struct gyl_arp_cache *c, struct gyl_arp_node *n)
{
	struct gyl_arp_list *l = &c->list[n->state];
	uint16_t prev = l->tail;

	while (has_due(n->state) && prev != GYL_ARP_NONE && c->node[prev].due_ns > n->due_ns)
		prev = c->node[prev].link[GYL_ARP_BY_STATE].prev;
	list_insert(c, l, GYL_ARP_BY_STATE, prev, n);
}

void gyl__arp_set(
	struct gyl_arp_cache *c, struct gyl_arp_node *n, enum gyl_arp_state state, uint64_t due_ns)
{
	unsigned old = n->state;

	if (has_list(old))
		list_remove(c, &c->list[old], GYL_ARP_BY_STATE, n);
	if (has_use(old) && !has_use(state))
		list_remove(c, &c->use, GYL_ARP_BY_USE, n);
	if (!has_use(old) && has_use(state))
		list_insert(c, &c->use, GYL_ARP_BY_USE, c->use.tail, n);
	if (old != GYL_ARP_FREE)
		c->cnt[old]--;
	if (state != GYL_ARP_FREE)
		c->cnt[state]++;
	n->state = (uint8_t)state;
	n->due_ns = due_ns;
	if (has_list(state))
		enlist(c, n);
}

void gyl__arp_del(struct gyl_arp_cache *c, struct gyl_arp_node *n)
{
	uint16_t *at = chain_of(c, n->vlan, n->ip);

	gyl__arp_set(c, n, GYL_ARP_FREE, 0);
	while (*at != index_of(c, n))
		at = &c->node[*at].chain;
	*at = n->chain;
	n->chain = c->free;
	c->free = index_of(c, n);
}

void gyl__arp_used(struct gyl_arp_cache *c, struct gyl_arp_node *n)
{
	if (c->use.tail == index_of(c, n))
		return;
	list_remove(c, &c->use, GYL_ARP_BY_USE, n);
	list_insert(c, &c->use, GYL_ARP_BY_USE, c->use.tail, n);
}

struct gyl_arp_node *gyl__arp_first(struct gyl_arp_cache *c, enum gyl_arp_state state)
{
	return node_at(c, c->list[state].head);
}

struct gyl_arp_node *gyl__arp_oldest(struct gyl_arp_cache *c)
{
	return node_at(c, c->use.head);
}
