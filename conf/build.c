/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>
#include <stdlib.h>

#include "conf/compile.h"
#include "conf/place.h"

/* A check function's view of the section that it checks. */
struct gyl_conf_check {
	struct gyl_conf *c;
	struct gyl_conf_node *n;
	const void *top;
};

/* The node of a path below n, or the deepest on the way; *path moves to what is not in the tree. */
static struct gyl_conf_node *deepest(struct gyl_conf_node *n, const char **path)
{
	while (**path != '\0') {
		size_t len = strcspn(*path, ".");
		struct gyl_view seg = gyl_view(*path, len);
		struct gyl_conf_node *next = gyl_conf_node_member(n, seg);
		uint64_t index;

		if (next == NULL && !gyl_failed(gyl_parse_u64(seg, UINT32_MAX, &index))) {
			next = gyl__conf_item(n, (uint32_t)index);
			/* One value may stand for a list of one. */
			if (next == NULL && index == 0 && n->kind != GYL_CONF_IS_LIST)
				next = n;
		}
		if (next == NULL)
			break;
		n = next;
		*path += len + ((*path)[len] == '.');
	}
	return n;
}

void gyl_conf_fail(struct gyl_conf_check *ck, const char *path, const char *fmt, ...)
{
	struct gyl_conf_node *n = deepest(ck->n, &path);
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	gyl__conf_error(ck->c, n, GYL__CONF_AT_VALUE, path, "%s", text);
}

const void *gyl_conf_check_top(const struct gyl_conf_check *ck)
{
	return ck->top;
}

static size_t error_sum(const struct gyl_conf *c)
{
	return c->error_cnt + c->error_lost;
}

/* Room for a section's root, entered in the table of sections. Returns its offset. */
static size_t add_root(
	struct gyl__conf_compile *m, const struct gyl_conf_section *sec, size_t entry)
{
	struct gyl_flat_section row = {{0}, {0, 0}};

	row.root = gyl__conf_block_room(&m->b, sec->table->size, 1);
	memcpy(row.name, sec->name, strnlen(sec->name, sizeof row.name - 1));
	if (!m->b.full)
		memcpy(gyl__conf_block_at(&m->b, entry), &row, sizeof row);
	return row.root.off;
}

static void check_section(struct gyl__conf_compile *m, const struct gyl_conf_section *sec,
	struct gyl_conf_node *n, size_t root)
{
	struct gyl_conf_check ck = {m->c, n, NULL};

	if (sec->check == NULL || m->b.full)
		return;
	if (m->top_root != 0)
		ck.top = gyl__conf_block_at(&m->b, m->top_root);
	sec->check((const void *)m->b.p, gyl__conf_block_at(&m->b, root), &ck);
}

static void build_section(struct gyl__conf_compile *m, const struct gyl_conf_section *sec,
	struct gyl_conf_node *n, size_t entry)
{
	size_t before = error_sum(m->c), root = add_root(m, sec, entry);

	gyl__conf_compile_object(m, sec->table, n, root, true);
	if (error_sum(m->c) == before)
		check_section(m, sec, n, root);
}

static bool is_skipped(const struct gyl_conf_set *set, struct gyl_view name)
{
	for (size_t i = 0; set->skip != NULL && set->skip[i] != NULL; i++) {
		if (gyl_view_eq(gyl_view_str(set->skip[i]), name))
			return true;
	}
	return false;
}

static void check_top_names(struct gyl_conf *c, const struct gyl_conf_set *set)
{
	for (const struct gyl_conf_node *n = c->root->first; n != NULL; n = n->next) {
		const char *meant;

		if (gyl__conf_key_find(set->top->table, n->key) != NULL ||
			gyl__conf_section_find(set, n->key) != NULL || is_skipped(set, n->key))
			continue;
		meant = gyl__conf_suggest(n->key, gyl__conf_top_name, set);
		gyl__conf_error(c, n, GYL__CONF_AT_KEY, NULL, "unknown key%s%s%s",
			meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
			meant != NULL ? "\"?" : "");
	}
}

static void build_top(struct gyl__conf_compile *m, const struct gyl_conf_section *top, size_t entry)
{
	size_t before = error_sum(m->c), root = add_root(m, top, entry);

	gyl__conf_compile_keys(m, top->table, m->c->root, root, true);
	if (error_sum(m->c) == before)
		check_section(m, top, m->c->root, root);
	if (error_sum(m->c) == before)
		m->top_root = root;
}

/* The member of the file for a section; an empty one for the section that is always configured. */
static struct gyl_conf_node *section_node(
	struct gyl_conf *c, const struct gyl_conf_set *set, const struct gyl_conf_section *sec)
{
	struct gyl_conf_node *n = gyl_conf_node_member(c->root, gyl_view_str(sec->name));

	if (n != NULL || set->always == NULL || strcmp(sec->name, set->always) != 0)
		return n;
	n = gyl_conf_node_new(c, GYL_CONF_IS_OBJECT);
	if (n == NULL)
		return NULL;
	n->key = gyl_view_str(sec->name);
	n->parent = c->root;
	return n;
}

static struct gyl_ref build_sections(
	struct gyl__conf_compile *m, const struct gyl_conf_set *set, struct gyl_ref table)
{
	size_t entry = table.off;

	table.cnt = 1;
	build_top(m, set->top, entry);
	for (size_t i = 0; i < set->section_cnt; i++) {
		struct gyl_conf_node *n = section_node(m->c, set, set->section[i]);

		if (n == NULL)
			continue;
		entry += sizeof(struct gyl_flat_section);
		table.cnt++;
		build_section(m, set->section[i], n, entry);
	}
	return table;
}

static void finish(struct gyl__conf_block *b, struct gyl_ref sections)
{
	struct gyl_flat *f = gyl__conf_block_at(b, 0);

	f->magic = GYL_FLAT_MAGIC;
	f->version = GYL_FLAT_VERSION;
	f->len = (uint32_t)b->len;
	f->section = sections;
	f->checksum = gyl_flat_checksum(f);
}

bool gyl_conf_compile(
	struct gyl_conf *c, const struct gyl_conf_set *set, struct gyl_view *ret_block)
{
	struct gyl__conf_compile m = {.c = c};
	struct gyl_ref sections;
	bool good;

	m.map_buf = gyl_conf_must(malloc(GYL__CONF_MAP_VALUE_MAX));
	gyl__conf_block_init(&m.b);
	gyl__conf_block_room(&m.b, sizeof(struct gyl_flat), 1);
	sections =
		gyl__conf_block_room(&m.b, sizeof(struct gyl_flat_section), set->section_cnt + 1);
	check_top_names(c, set);
	sections = build_sections(&m, set, sections);
	free(m.map_buf);
	if (m.b.full)
		gyl__conf_error_at(
			c, 0, 0, "larger than %d MiB when compiled", GYL_CONF_BLOCK_MAX >> 20);
	good = error_sum(c) == 0;
	if (good) {
		finish(&m.b, sections);
		*ret_block = gyl_view(m.b.p, m.b.len);
	} else {
		free(m.b.p);
	}
	return good;
}
