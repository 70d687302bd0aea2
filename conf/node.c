/* SPDX-License-Identifier: ISC */
#include "conf/node.h"

#include <stdlib.h>

enum {
	CHUNK_LEN = 64 << 10
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t cap, len;
	max_align_t data[];
};

void *gyl_conf_must(void *p)
{
	if (p == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

struct gyl_conf_node *gyl_conf_root(struct gyl_conf *c)
{
	return c->root;
}

void gyl_conf_name(struct gyl_conf *c, const char *file)
{
	c->file = file;
}

void *gyl_conf_alloc(struct gyl_conf *c, size_t len)
{
	struct arena_chunk *chunk = c->chunk;
	uint8_t *p;

	len = (len + 7) & ~(size_t)7;
	if (chunk == NULL || len > chunk->cap - chunk->len) {
		size_t cap = len > CHUNK_LEN ? len : CHUNK_LEN;

		chunk = gyl_conf_must(malloc(sizeof *chunk + cap));
		chunk->next = c->chunk;
		chunk->cap = cap;
		chunk->len = 0;
		c->chunk = chunk;
	}
	p = (uint8_t *)chunk->data + chunk->len;
	chunk->len += len;
	memset(p, 0, len);
	return p;
}

struct gyl_view gyl_conf_copy(struct gyl_conf *c, struct gyl_view v)
{
	uint8_t *p = gyl_conf_alloc(c, v.len + 1);

	if (v.len != 0)
		memcpy(p, v.p, v.len);
	return gyl_view(p, v.len);
}

struct gyl_conf *gyl_conf_new(void)
{
	struct gyl_conf *c = gyl_conf_must(calloc(1, sizeof *c));

	c->root = gyl_conf_node_new(c, GYL_CONF_IS_OBJECT);
	return c;
}

void gyl_conf_free(struct gyl_conf *c)
{
	if (c == NULL)
		return;
	while (c->chunk != NULL) {
		struct arena_chunk *next = c->chunk->next;

		free(c->chunk);
		c->chunk = next;
	}
	free(c->error);
	free(c);
}

struct gyl_conf_node *gyl_conf_node_new(struct gyl_conf *c, enum gyl_conf_kind kind)
{
	struct gyl_conf_node *n;

	if (c->node_cnt >= GYL_CONF_NODE_MAX)
		return NULL;
	c->node_cnt++;
	n = gyl_conf_alloc(c, sizeof *n);
	n->kind = (uint8_t)kind;
	n->text = gyl_view("", 0);
	n->key = gyl_view("", 0);
	return n;
}

void gyl_conf_node_add(struct gyl_conf_node *parent, struct gyl_conf_node *n)
{
	n->parent = parent;
	n->index = parent->cnt++;
	if (parent->last == NULL)
		parent->first = n;
	else
		parent->last->next = n;
	parent->last = n;
}

void gyl_conf_node_replace(struct gyl_conf_node *old, struct gyl_conf_node *n)
{
	struct gyl_conf_node *parent = old->parent, **link = &parent->first, *before = NULL;

	while (*link != old) {
		before = *link;
		link = &before->next;
	}
	*link = n;
	n->next = old->next;
	if (parent->last == old)
		parent->last = n;
	n->parent = parent;
	n->index = old->index;
	n->key = old->key;
	old->next = NULL;
}

struct gyl_conf_node *gyl_conf_node_member(const struct gyl_conf_node *n, struct gyl_view key)
{
	struct gyl_conf_node *at = n->kind == GYL_CONF_IS_OBJECT ? n->first : NULL;

	while (at != NULL && !gyl_view_eq(at->key, key))
		at = at->next;
	return at;
}

struct gyl_conf_node *gyl__conf_item(const struct gyl_conf_node *n, uint32_t index)
{
	struct gyl_conf_node *at = n->kind == GYL_CONF_IS_LIST ? n->first : NULL;

	while (at != NULL && at->index != index)
		at = at->next;
	return at;
}

enum gyl_conf_kind gyl_conf_kind(const struct gyl_conf_node *n)
{
	return (enum gyl_conf_kind)n->kind;
}

struct gyl_view gyl_conf_text(const struct gyl_conf_node *n)
{
	return n->text;
}

uint32_t gyl_conf_cnt(const struct gyl_conf_node *n)
{
	return n->cnt;
}

const struct gyl_conf_node *gyl_conf_first(const struct gyl_conf_node *n)
{
	return n->first;
}

const struct gyl_conf_node *gyl_conf_next(const struct gyl_conf_node *n)
{
	return n->next;
}

struct gyl_view gyl_conf_key(const struct gyl_conf_node *n)
{
	return n->key;
}
