/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "services/dns/zonec/compile_own.h"

/* The number of a path. There are few, and the last one is asked for most. -1: too many. */
static int file_of(struct gyl_dns_compile *c, const char *path)
{
	struct gyl_zc_origins *o = &c->origins;
	size_t i = o->path_cnt;

	while (i-- != 0)
		if (o->path[i] == path || strcmp(o->path[i], path) == 0)
			return (int)i;
	if (o->path_cnt == UINT16_MAX ||
		!gyl__zc_grow(c, &o->path, &o->path_cap, o->path_cnt, 1, sizeof *o->path))
		return -1;
	o->path[o->path_cnt] = path;
	return (int)o->path_cnt++;
}

void gyl__zc_origin_node(struct gyl_dns_compile *c, uint32_t node, const char *path, uint32_t line)
{
	struct gyl_zc_origins *o = &c->origins;
	int file = file_of(c, path);

	if (file >= 0 && gyl__zc_grow(c, &o->node, &o->node_cap, o->node_cnt, 1, sizeof *o->node))
		o->node[o->node_cnt++] = (struct gyl_dns_origin){node, line, (uint16_t)file, 1};
}

static void add_block(
	struct gyl_dns_compile *c, size_t off, const char *path, uint32_t line, bool run)
{
	struct gyl_zc_origins *o = &c->origins;
	struct gyl_dns_origin *last = o->last == 0 ? NULL : &o->block[o->last - 1];
	int file = file_of(c, path);

	if (file < 0)
		return;
	if (run && last != NULL && last->file == file && last->line + last->run == line &&
		last->run < GYL_DNS_ORIGIN_RUN_MAX) {
		last->run++;
		return;
	}
	if (!gyl__zc_grow(c, &o->block, &o->block_cap, o->block_cnt, 1, sizeof *o->block))
		return;
	o->block[o->block_cnt++] = (struct gyl_dns_origin){(uint32_t)off, line, (uint16_t)file, 1};
	if (run)
		o->last = (uint32_t)o->block_cnt;
}

void gyl__zc_origin_entry(struct gyl_dns_compile *c, size_t at, const char *path, uint32_t line)
{
	add_block(c, at, path, line, true);
}

void gyl__zc_origin_more(
	struct gyl_dns_compile *c, size_t at, uint32_t said, const char *path, uint32_t line)
{
	add_block(c, at + said, path, line, false);
}

static int by_off(const void *a, const void *b)
{
	const struct gyl_dns_origin *x = a, *y = b;

	return (x->off > y->off) - (x->off < y->off);
}

/* A list with its offsets in order, the same ones once. False: no memory. */
static bool put_list(struct gyl_dns_compile *c, struct gyl_dns_origin *list, size_t cnt,
	struct gyl_dns_names_head *head)
{
	uint32_t last = 0;

	if (cnt != 0)
		qsort(list, cnt, sizeof *list, by_off);
	for (size_t i = 0; i < cnt; i++) {
		uint8_t *p;

		if (list[i].off == last)
			continue;
		last = list[i].off;
		p = gyl__zc_reserve(c, sizeof list[i]);
		if (p == NULL)
			return false;
		memcpy(p, &list[i], sizeof list[i]);
		head->origin_cnt++;
	}
	return true;
}

static bool put_paths(struct gyl_dns_compile *c, struct gyl_dns_names_head *head)
{
	const struct gyl_zc_origins *o = &c->origins;
	size_t len = 0;
	uint8_t *p;

	head->path_off = (uint32_t)c->out_len;
	head->path_cnt = (uint32_t)o->path_cnt;
	for (size_t i = 0; i < o->path_cnt; i++)
		len += strlen(o->path[i]) + 1;
	p = gyl__zc_reserve(c, (len + 3) & ~(size_t)3);
	if (p == NULL)
		return false;
	memset(p, 0, (len + 3) & ~(size_t)3);
	for (size_t i = 0; i < o->path_cnt; i++) {
		memcpy(p, o->path[i], strlen(o->path[i]) + 1);
		p += strlen(o->path[i]) + 1;
	}
	return true;
}

bool gyl__zc_put_origins(
	struct gyl_dns_compile *c, uint32_t entry_off, struct gyl_dns_names_head *head)
{
	struct gyl_zc_origins *o = &c->origins;
	size_t node_cnt = 0;

	for (size_t i = 0; i < o->node_cnt; i++) {
		const struct gyl_zc_node *n = &c->node[o->node[i].off];

		if ((n->flags & GYL_ZC_SHADOW) != 0)
			continue; /* it has no place */
		o->node[node_cnt] = o->node[i];
		o->node[node_cnt++].off = n->off;
	}
	for (size_t i = 0; i < o->block_cnt; i++)
		o->block[i].off += entry_off;
	head->origin_off = (uint32_t)c->out_len;
	return put_list(c, o->node, node_cnt, head) && put_list(c, o->block, o->block_cnt, head) &&
	       put_paths(c, head);
}

void gyl__zc_free_origins(struct gyl_dns_compile *c)
{
	free(c->origins.node);
	free(c->origins.block);
	free(c->origins.path);
}
