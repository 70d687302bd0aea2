/* SPDX-License-Identifier: ISC */
#include "services/base/store_int.h"

#include <gyl/siphash.h>

uint8_t *gyl__store_octets(const struct gyl_store *s, uint32_t i)
{
	return s->arena.p + (size_t)s->entry[i].data * 4;
}

struct gyl_view gyl__store_key_of(const struct gyl_store *s, uint32_t i)
{
	return gyl_view(gyl__store_octets(s, i), s->entry[i].key_len);
}

struct gyl_view gyl__store_val_of(const struct gyl_store *s, uint32_t i)
{
	return gyl_view(gyl__store_octets(s, i) + s->entry[i].key_len, s->entry[i].val_len);
}

uint32_t gyl__store_rec_len(const struct gyl_store_entry *e)
{
	return (uint32_t)GYL_JOURNAL_FRAME_LEN + GYL_STORE_HEAD_LEN + e->key_len + e->val_len;
}

void gyl__store_mark(struct gyl_store *s, struct gyl_store_entry *e)
{
	if (e->mark == s->mark)
		return;
	e->mark = s->mark & 3u;
	s->copied_len += gyl__store_rec_len(e);
	s->copied_cnt++;
}

static uint32_t hash_of(const struct gyl_store *s, struct gyl_view key)
{
	return (uint32_t)gyl_siphash(s->cf.hash_key, key.p, key.len);
}

static uint32_t *bucket_of(const struct gyl_store *s, uint32_t hash)
{
	return &s->bucket[hash & (s->bucket_cnt - 1)];
}

uint32_t gyl__store_find(const struct gyl_store *s, struct gyl_view key)
{
	uint32_t hash, i;

	if (key.len == 0)
		return GYL_STORE_ROOT;
	hash = hash_of(s, key);
	for (i = ~*bucket_of(s, hash); i != GYL_STORE_NONE; i = ~s->entry[i].next)
		if (s->entry[i].hash == hash && gyl_view_eq(gyl__store_key_of(s, i), key))
			break;
	return i;
}

/* ---- the tree: a treap, whose heap order is by hash; no recursion ---- */

/* Split the tree at *link: what is before key hangs on *lo then, the rest on *hi. */
static void tree_split(
	struct gyl_store *s, uint32_t at, struct gyl_view key, uint32_t *lo, uint32_t *hi)
{
	while (at != GYL_STORE_NONE) {
		struct gyl_store_entry *e = &s->entry[at];

		if (gyl__store_key_cmp(gyl__store_key_of(s, at), key) < 0) {
			*lo = at;
			lo = &e->right;
			at = e->right;
		} else {
			*hi = at;
			hi = &e->left;
			at = e->left;
		}
	}
	*lo = *hi = GYL_STORE_NONE;
}

static void tree_add(struct gyl_store *s, uint32_t i)
{
	struct gyl_view key = gyl__store_key_of(s, i);
	uint32_t *link = &s->tree;

	while (*link != GYL_STORE_NONE && s->entry[*link].hash >= s->entry[i].hash) {
		struct gyl_store_entry *e = &s->entry[*link];

		link = gyl__store_key_cmp(gyl__store_key_of(s, *link), key) < 0 ? &e->right
										: &e->left;
	}
	tree_split(s, *link, key, &s->entry[i].left, &s->entry[i].right);
	*link = i;
}

static void tree_drop(struct gyl_store *s, uint32_t i)
{
	struct gyl_view key = gyl__store_key_of(s, i);
	uint32_t lo = s->entry[i].left, hi = s->entry[i].right, *link = &s->tree;

	while (*link != i) {
		struct gyl_store_entry *e = &s->entry[*link];

		link = gyl__store_key_cmp(gyl__store_key_of(s, *link), key) < 0 ? &e->right
										: &e->left;
	}
	while (lo != GYL_STORE_NONE && hi != GYL_STORE_NONE) {
		if (s->entry[lo].hash >= s->entry[hi].hash) {
			*link = lo;
			link = &s->entry[lo].right;
			lo = *link;
		} else {
			*link = hi;
			link = &s->entry[hi].left;
			hi = *link;
		}
	}
	*link = lo != GYL_STORE_NONE ? lo : hi;
}

uint32_t gyl__store_after(const struct gyl_store *s, struct gyl_view key, bool skip)
{
	uint32_t at = s->tree, found = GYL_STORE_NONE;

	while (at != GYL_STORE_NONE) {
		struct gyl_view k = gyl__store_key_of(s, at);

		if (gyl__store_key_cmp(k, key) <= 0 || (skip && gyl__store_key_below(k, key))) {
			at = s->entry[at].right;
		} else {
			found = at;
			at = s->entry[at].left;
		}
	}
	return found;
}

/* ---- entries ---- */

void gyl__store_table_reset(struct gyl_store *s)
{
	/* What is zero already need not become real memory. */
	for (uint32_t i = 0; i < s->bucket_cnt; i++)
		if (s->bucket[i] != 0)
			s->bucket[i] = 0;
	s->tree = s->free_entry = GYL_STORE_NONE;
	s->entry_cnt = s->entry_top = 1;
	s->arena.top = s->arena.live = 0;
	s->arena.sweeping = false;
	s->entry[GYL_STORE_ROOT] =
		(struct gyl_store_entry){.kind = GYL_STORE_DICT, .parent = GYL_STORE_NONE};
	s->live_len = gyl__store_rec_len(&s->entry[GYL_STORE_ROOT]);
	s->live_cnt = 1;
	s->copied_len = s->copied_cnt = 0;
}

static uint32_t entry_take(struct gyl_store *s)
{
	uint32_t i = s->free_entry;

	if (i != GYL_STORE_NONE)
		s->free_entry = s->entry[i].next;
	else
		i = s->entry_top++;
	s->entry_cnt++;
	return i;
}

uint32_t gyl__store_add(struct gyl_store *s, struct gyl_view key, uint8_t kind, uint16_t val_len)
{
	uint32_t i = entry_take(s);
	struct gyl_store_entry *e = &s->entry[i];
	uint32_t *bucket;

	*e = (struct gyl_store_entry){.hash = hash_of(s, key),
		.val_len = val_len,
		.key_len = (uint8_t)key.len,
		.kind = kind & 3u};
	gyl__store_arena_take(s, i);
	memcpy(gyl__store_octets(s, i), key.p, key.len);
	bucket = bucket_of(s, e->hash);
	e->next = *bucket;
	*bucket = ~i;
	tree_add(s, i);
	s->live_len += gyl__store_rec_len(e);
	s->live_cnt++;
	return i;
}

void gyl__store_drop(struct gyl_store *s, uint32_t i)
{
	struct gyl_store_entry *e = &s->entry[i];
	uint32_t *link = bucket_of(s, e->hash);

	while (*link != ~i)
		link = &s->entry[~*link].next;
	*link = e->next;
	tree_drop(s, i);
	gyl__store_arena_give(s, i);
	s->live_len -= gyl__store_rec_len(e);
	s->live_cnt--;
	if (e->mark == s->mark) {
		s->copied_len -= gyl__store_rec_len(e);
		s->copied_cnt--;
	}
	e->kind = GYL_STORE_FREE;
	e->next = s->free_entry;
	s->free_entry = i;
	s->entry_cnt--;
}
