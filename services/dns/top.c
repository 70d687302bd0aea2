/* SPDX-License-Identifier: ISC */
#include "services/dns/top.h"

#include <gyl/siphash.h>
#include <gyl/time.h>

static void swap(struct gyl_dns_top *t, unsigned a, unsigned b)
{
	uint16_t was = t->heap[a];

	t->heap[a] = t->heap[b];
	t->heap[b] = was;
	t->entry[t->heap[a]].heap_at = (uint16_t)a;
	t->entry[t->heap[b]].heap_at = (uint16_t)b;
}

static bool is_less(const struct gyl_dns_top *t, unsigned a, unsigned b)
{
	return t->entry[t->heap[a]].cnt < t->entry[t->heap[b]].cnt;
}

/* The entry there counts more than it did. */
static void sink(struct gyl_dns_top *t, unsigned at)
{
	for (;;) {
		unsigned least = 2 * at + 1;

		if (least >= t->cnt)
			return;
		if (least + 1 < t->cnt && is_less(t, least + 1, least))
			least++;
		if (!is_less(t, least, at))
			return;
		swap(t, at, least);
		at = least;
	}
}

static void rise(struct gyl_dns_top *t, unsigned at)
{
	for (; at != 0 && is_less(t, at, (at - 1) / 2); at = (at - 1) / 2)
		swap(t, at, (at - 1) / 2);
}

static struct gyl_dns_top_entry *find(
	struct gyl_dns_top *t, unsigned bucket, const uint8_t *key, size_t len)
{
	for (unsigned i = t->bucket[bucket]; i != 0; i = t->entry[i - 1].chain)
		if (t->entry[i - 1].len == len && memcmp(t->entry[i - 1].key, key, len) == 0)
			return &t->entry[i - 1];
	return NULL;
}

static void unlink_entry(struct gyl_dns_top *t, unsigned i)
{
	uint16_t *link = &t->bucket[t->entry[i].bucket];

	while (*link != i + 1)
		link = &t->entry[*link - 1].chain;
	*link = t->entry[i].chain;
}

/* A place of its own, or that of the least counted one. */
static struct gyl_dns_top_entry *place(struct gyl_dns_top *t)
{
	unsigned i = t->cnt;

	if (i == GYL_DNS_TOP_CNT) {
		i = t->heap[0];
		unlink_entry(t, i);
		t->entry[i].over = t->entry[i].cnt;
		return &t->entry[i];
	}
	t->heap[i] = (uint16_t)i;
	t->entry[i].heap_at = (uint16_t)i;
	t->entry[i].cnt = t->entry[i].over = 0;
	t->cnt++;
	rise(t, i);
	return &t->entry[i];
}

static struct gyl_dns_top_entry *add(struct gyl_dns_top *t, const uint64_t hash_key[2],
	const uint8_t *key, size_t len, uint64_t weight)
{
	unsigned bucket = (unsigned)(gyl_siphash(hash_key, key, len) % GYL_DNS_TOP_BUCKETS);
	struct gyl_dns_top_entry *e = find(t, bucket, key, len);

	t->total += weight;
	if (e == NULL) {
		e = place(t);
		e->len = (uint8_t)len;
		memcpy(e->key, key, len);
		e->bucket = (uint16_t)bucket;
		e->chain = t->bucket[bucket];
		t->bucket[bucket] = (uint16_t)(e - t->entry + 1);
	}
	e->cnt += weight;
	sink(t, e->heap_at);
	return e;
}

void gyl_dns_top_add(struct gyl_dns_top *t, const uint64_t hash_key[2], const uint8_t *key,
	size_t len, uint32_t weight)
{
	add(t, hash_key, key, len, weight);
}

unsigned gyl_dns_top_sorted(
	const struct gyl_dns_top *t, const struct gyl_dns_top_entry *ret[GYL_DNS_TOP_CNT])
{
	for (unsigned i = 0; i < t->cnt; i++) {
		unsigned at = i;

		for (; at != 0 && ret[at - 1]->cnt < t->entry[i].cnt; at--)
			ret[at] = ret[at - 1];
		ret[at] = &t->entry[i];
	}
	return t->cnt;
}

static void merge(
	struct gyl_dns_top *t, const uint64_t hash_key[2], const struct gyl_dns_top *other)
{
	for (uint32_t i = 0; i < other->cnt; i++) {
		const struct gyl_dns_top_entry *from = &other->entry[i];

		add(t, hash_key, from->key, from->len, from->cnt)->over += from->over;
	}
}

void gyl_dns_tops_merge(struct gyl_dns_tops *t, const struct gyl_dns_tops *other)
{
	for (unsigned i = 0; i < GYL_DNS_TOP_LISTS; i++)
		merge(&t->list[i], t->key, &other->list[i]);
}

void gyl_dns_tops_clear(struct gyl_dns_tops *t)
{
	memset(t->list, 0, sizeof t->list);
}

void gyl_dns_tops_init(struct gyl_dns_tops *t, const uint64_t key[2])
{
	memset(t, 0, sizeof *t);
	memcpy(t->key, key, sizeof t->key);
	t->random = key[0] | 1;
	t->weight = 1;
}

/* xorshift64: a gap that nobody shall guess from outside, and no more than that. Its mean makes one
 * in weight. */
static uint32_t gap(struct gyl_dns_tops *t)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (uint32_t)(t->random >> 32) % (2 * t->weight - 1);
}

/* What comes in a second like the last one is enough with a weight that is less. */
static void next_second(struct gyl_dns_tops *t, uint64_t now_ns)
{
	for (; t->weight > 1 && t->second_cnt < GYL_DNS_TOP_RATE / 2; t->second_cnt *= 2) {
		t->weight /= 2;
		t->skip /= 2;
	}
	t->second_ns = now_ns;
	t->second_cnt = 0;
}

uint32_t gyl_dns_tops_weight(struct gyl_dns_tops *t, uint64_t now_ns)
{
	uint32_t weight;

	if (gyl_time_sub(now_ns, t->second_ns) >= GYL_NS_PER_S)
		next_second(t, now_ns);
	if (t->skip != 0) {
		t->skip--;
		return 0;
	}
	weight = t->weight;
	if (++t->second_cnt == GYL_DNS_TOP_RATE) {
		t->second_cnt /= 2; /* as if the new weight had held since it began */
		if (t->weight < GYL_DNS_TOP_SAMPLE)
			t->weight *= 2;
	}
	t->skip = gap(t);
	return weight;
}

void gyl_dns_tops_note(struct gyl_dns_tops *t, uint32_t weight, uint32_t ip, struct gyl_view name,
	bool missing, bool blocked)
{
	uint8_t folded[GYL_DNS_NAME_MAX], client[4];

	gyl_dns_name_fold(folded, name.p, name.len);
	gyl_set_u32(client, ip);
	gyl_dns_top_add(&t->list[GYL_DNS_TOP_NAMES], t->key, folded, name.len, weight);
	gyl_dns_top_add(&t->list[GYL_DNS_TOP_CLIENTS], t->key, client, sizeof client, weight);
	if (blocked)
		gyl_dns_top_add(&t->list[GYL_DNS_TOP_BLOCKED], t->key, folded, name.len, weight);
	else if (missing)
		gyl_dns_top_add(&t->list[GYL_DNS_TOP_MISSING], t->key, folded, name.len, weight);
}
