/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>
#include <stdlib.h>

#include "conf/compile.h"
#include "conf/place.h"
#include "conf/type.h"

enum {
	WHY_MAX = 512 /* octets of an error's sentence */
};

static void fail(struct gyl__conf_compile *m, const struct gyl_conf_node *n, struct gyl_writer *why)
{
	gyl__conf_error(m->c, n, GYL__CONF_AT_VALUE, NULL, "%s", gyl_text_cstr(why));
}

/* A full block loses fields; the compilation fails in the end, so where they went does not matter.
 */
static void set_field(struct gyl__conf_compile *m, size_t off, const void *field, size_t len)
{
	if (!m->b.full)
		memcpy(gyl__conf_block_at(&m->b, off), field, len);
}

static void compile_scalar(struct gyl__conf_compile *m, const struct gyl_conf_key *k,
	const struct gyl_conf_node *n, size_t off)
{
	const struct gyl__conf_type *t = gyl__conf_type(k->type);
	struct gyl__conf_value v = {0};
	char buf[WHY_MAX];
	struct gyl_writer why;
	struct gyl_ref ref;

	gyl_writer_init(&why, buf, sizeof buf);
	if (!gyl__conf_scalar(k, n, n->option || n->line == 0 ? NULL : m->c->dir, &v, &why)) {
		fail(m, n, &why);
		return;
	}
	if (t->store == GYL__CONF_OCTETS) {
		ref = gyl__conf_block_put(&m->b, gyl_view(v.octet, v.octet_len));
		set_field(m, off, &ref, sizeof ref);
	} else if (!m->b.full) {
		gyl__conf_field_set(t, &v, gyl__conf_block_at(&m->b, off));
	}
}

/* ---- maps ---- */

struct map_arg {
	const struct gyl_conf_map *map;
};

static const char *map_name(const void *arg, size_t i)
{
	const struct map_arg *a = arg;

	return a->map->name((uint32_t)i);
}

static void map_failed(struct gyl__conf_compile *m, const struct gyl_conf_key *k,
	const struct gyl_conf_node *n, bool name, struct gyl_writer *why)
{
	struct map_arg arg = {k->map};
	const char *meant = NULL;

	if (!name) {
		gyl_text_str(why, ", got ");
		gyl__conf_got(why, n);
		fail(m, n, why);
		return;
	}
	if (k->map->name != NULL)
		meant = gyl__conf_suggest(n->key, map_name, &arg);
	gyl__conf_error(m->c, n, GYL__CONF_AT_KEY, NULL, "%s%s%s%s", gyl_text_cstr(why),
		meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
		meant != NULL ? "\"?" : "");
}

static void compile_entry(struct gyl__conf_compile *m, const struct gyl_conf_key *k,
	const struct gyl_conf_node *n, size_t off)
{
	struct gyl_conf_entry e = {0};
	char buf[WHY_MAX];
	struct gyl_writer why, w;
	bool name = false;
	char *text;

	gyl_writer_init(&why, buf, sizeof buf - 1);
	gyl_writer_init(&w, m->map_buf, GYL__CONF_MAP_VALUE_MAX);
	if (!k->map->parse(n->key, n, &w, &e.code, &name, &why)) {
		map_failed(m, k, n, name, &why);
		return;
	}
	if (!gyl_writer_ok(&w)) {
		gyl__conf_error(m->c, n, GYL__CONF_AT_VALUE, NULL, "too long");
		return;
	}
	e.name = gyl__conf_block_put(&m->b, n->key);
	e.octet = gyl__conf_block_put(&m->b, gyl_writer_view(&w));
	text = gyl_conf_node_json(n);
	e.text = gyl__conf_block_put(&m->b, gyl_view_str(text));
	free(text);
	set_field(m, off, &e, sizeof e);
}

static bool is_object(struct gyl__conf_compile *m, const struct gyl_conf_node *n)
{
	char buf[WHY_MAX];
	struct gyl_writer why;

	if (n->kind == GYL_CONF_IS_OBJECT)
		return true;
	gyl_writer_init(&why, buf, sizeof buf);
	gyl_text_str(&why, "expected an object, got ");
	gyl__conf_got(&why, n);
	fail(m, n, &why);
	return false;
}

static void compile_map(struct gyl__conf_compile *m, const struct gyl_conf_key *k,
	const struct gyl_conf_node *n, size_t off)
{
	struct gyl_ref ref;
	size_t at;

	if (!is_object(m, n))
		return;
	ref = gyl__conf_block_room(&m->b, sizeof(struct gyl_conf_entry), n->cnt);
	set_field(m, off, &ref, sizeof ref);
	at = ref.off;
	for (const struct gyl_conf_node *e = n->first; e != NULL; e = e->next) {
		compile_entry(m, k, e, at);
		at += sizeof(struct gyl_conf_entry);
	}
}

/* ---- objects and lists ---- */

static void compile_item(struct gyl__conf_compile *m, const struct gyl_conf_key *k,
	struct gyl_conf_node *n, size_t off)
{
	if (k->type == GYL_CONF_OBJECT)
		gyl__conf_compile_object(m, k->table, n, off, true);
	else if (k->type == GYL_CONF_MAP)
		compile_map(m, k, n, off);
	else
		compile_scalar(m, k, n, off);
}

static void compile_list(struct gyl__conf_compile *m, const struct gyl_conf_key *k,
	struct gyl_conf_node *n, size_t off)
{
	bool named = (k->flags & GYL_CONF_NAMED) != 0;
	bool many = named || n->kind == GYL_CONF_IS_LIST;
	size_t len = gyl__conf_item_len(k);
	struct gyl_ref ref = gyl__conf_block_room(&m->b, len, many ? n->cnt : 1);
	size_t at = ref.off;

	if (named && !is_object(m, n))
		return;
	set_field(m, off, &ref, sizeof ref);
	if (!many) {
		compile_item(m, k, n, at);
		return;
	}
	if (n->cnt == 0 && (k->flags & GYL_CONF_REQUIRED) != 0)
		gyl__conf_error(m->c, n, GYL__CONF_AT_VALUE, NULL, "expected at least one");
	for (struct gyl_conf_node *item = n->first; item != NULL; item = item->next) {
		compile_item(m, k, item, at);
		if (named) {
			ref = gyl__conf_block_put(&m->b, item->key);
			set_field(m, at, &ref, sizeof ref);
		}
		at += len;
	}
}

/* The default of a key: an inline object that is not given still has the defaults inside it. */
static void compile_absent(struct gyl__conf_compile *m, const struct gyl_conf_key *k,
	struct gyl_conf_node *parent, size_t off, bool strict)
{
	struct gyl_conf_node *n;

	if ((k->flags & GYL_CONF_REQUIRED) != 0) {
		if (strict)
			gyl__conf_error(
				m->c, parent, GYL__CONF_AT_VALUE, k->name, "missing: %s", k->help);
		return;
	}
	if (k->def == NULL && (k->type != GYL_CONF_OBJECT || (k->flags & GYL_CONF_LIST) != 0))
		return;
	if (k->def == NULL)
		n = gyl_conf_node_new(m->c, GYL_CONF_IS_OBJECT);
	else
		n = gyl__conf_from_text(m->c, k, k->def);
	if (n == NULL) {
		gyl__conf_error(m->c, parent, GYL__CONF_AT_VALUE, k->name, "too many values");
		return;
	}
	n->key = gyl_view_str(k->name);
	n->parent = parent; /* for its path; it is not among the children, which stay as written */
	if (k->def == NULL)
		gyl__conf_compile_object(m, k->table, n, off, false);
	else if ((k->flags & GYL_CONF_LIST) != 0)
		compile_list(m, k, n, off);
	else
		compile_item(m, k, n, off);
}

static const char *key_name(const void *arg, size_t i)
{
	const struct gyl_conf_table *t = arg;

	return i < t->key_cnt ? t->key[i].name : NULL;
}

static void unknown_key(
	struct gyl__conf_compile *m, const struct gyl_conf_table *t, const struct gyl_conf_node *n)
{
	const char *meant = gyl__conf_suggest(n->key, key_name, t);

	gyl__conf_error(m->c, n, GYL__CONF_AT_KEY, NULL, "unknown key%s%s%s",
		meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
		meant != NULL ? "\"?" : "");
}

static void compile_key(struct gyl__conf_compile *m, const struct gyl_conf_key *k,
	struct gyl_conf_node *obj, size_t base, bool strict)
{
	struct gyl_conf_node *n = gyl_conf_node_member(obj, gyl_view_str(k->name));
	static const bool yes = true;

	if (n == NULL) {
		compile_absent(m, k, obj, base + k->off, strict);
		return;
	}
	if (k->has_off != 0)
		set_field(m, base + k->has_off, &yes, sizeof yes);
	if ((k->flags & GYL_CONF_LIST) != 0)
		compile_list(m, k, n, base + k->off);
	else
		compile_item(m, k, n, base + k->off);
}

void gyl__conf_compile_keys(struct gyl__conf_compile *m, const struct gyl_conf_table *t,
	struct gyl_conf_node *n, size_t off, bool strict)
{
	for (size_t i = 0; i < t->key_cnt; i++)
		compile_key(m, &t->key[i], n, off, strict);
}

void gyl__conf_compile_object(struct gyl__conf_compile *m, const struct gyl_conf_table *t,
	struct gyl_conf_node *n, size_t off, bool strict)
{
	if (!is_object(m, n))
		return;
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next) {
		if (gyl__conf_key_find(t, at->key) == NULL)
			unknown_key(m, t, at);
	}
	gyl__conf_compile_keys(m, t, n, off, strict);
}
