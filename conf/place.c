/* SPDX-License-Identifier: ISC */
#include "conf/place.h"

#include <gyl/json.h>
#include <gyl/text.h>

/* Where gyl_conf_set() has come to on its way down. */
struct walk {
	struct gyl_conf *c;
	const char *path; /* all of it */
	const char *rest; /* what is left of it */
	const struct gyl_conf_table *table;
	struct gyl_conf_node *at; /* the object that the table describes */
};

const struct gyl_conf_key *gyl__conf_key_find(const struct gyl_conf_table *t, struct gyl_view name)
{
	for (size_t i = 0; i < t->key_cnt; i++) {
		if (gyl_view_eq(gyl_view_str(t->key[i].name), name))
			return &t->key[i];
	}
	return NULL;
}

const struct gyl_conf_section *gyl__conf_section_find(
	const struct gyl_conf_set *set, struct gyl_view name)
{
	for (size_t i = 0; i < set->section_cnt; i++) {
		if (gyl_view_eq(gyl_view_str(set->section[i]->name), name))
			return set->section[i];
	}
	return NULL;
}

const char *gyl__conf_top_name(const void *arg, size_t i)
{
	const struct gyl_conf_set *set = arg;
	size_t key_cnt = set->top->table->key_cnt;

	if (i < key_cnt)
		return set->top->table->key[i].name;
	i -= key_cnt;
	return i < set->section_cnt ? set->section[i]->name : NULL;
}

static const char *key_name(const void *arg, size_t i)
{
	const struct gyl_conf_table *t = arg;

	return i < t->key_cnt ? t->key[i].name : NULL;
}

/* The next segment of a path; *path moves behind its dot, or to the end. */
static struct gyl_view segment(const char **path)
{
	size_t len = strcspn(*path, ".");
	struct gyl_view v = gyl_view(*path, len);

	*path += len + ((*path)[len] == '.');
	return v;
}

static void mark_option(struct gyl_conf_node *n)
{
	n->option = true;
	for (struct gyl_conf_node *at = n->first; at != NULL; at = at->next)
		mark_option(at);
}

static enum gyl_conf_set_result too_many(struct walk *w)
{
	gyl__conf_error_option(w->c, w->path, "too many values");
	return GYL_CONF_SET_BAD;
}

static enum gyl_conf_set_result not_object(struct walk *w)
{
	gyl__conf_error_option(w->c, w->path, "the file has something else than an object there");
	return GYL_CONF_SET_BAD;
}

/* The member of that name, made when it is not there. NULL: too many values. */
static struct gyl_conf_node *member(struct walk *w, struct gyl_view name, enum gyl_conf_kind kind)
{
	struct gyl_conf_node *n = gyl_conf_node_member(w->at, name);

	if (n != NULL)
		return n;
	n = gyl_conf_node_new(w->c, kind);
	if (n == NULL)
		return NULL;
	n->option = true;
	n->key = gyl_conf_copy(w->c, name);
	gyl_conf_node_add(w->at, n);
	return n;
}

/* Items of another option of the same list go behind those that are there. */
static void append(struct gyl_conf_node *list, struct gyl_conf_node *more)
{
	struct gyl_conf_node *next;

	for (struct gyl_conf_node *n = more->first; n != NULL; n = next) {
		next = n->next;
		n->next = NULL;
		gyl_conf_node_add(list, n);
	}
}

static enum gyl_conf_set_result put(
	struct walk *w, const struct gyl_conf_key *k, struct gyl_view name, const char *text)
{
	struct gyl_conf_node *old = gyl_conf_node_member(w->at, name);
	struct gyl_conf_node *n = gyl__conf_from_text(w->c, k, text);

	if (n == NULL) {
		gyl__conf_error_option(w->c, w->path, "expected JSON after '%c'", text[0]);
		return GYL_CONF_SET_BAD;
	}
	mark_option(n);
	if (old == NULL) {
		n->key = gyl_conf_copy(w->c, name);
		gyl_conf_node_add(w->at, n);
	} else if (old->option && old->kind == GYL_CONF_IS_LIST && n->kind == GYL_CONF_IS_LIST) {
		append(old, n);
	} else {
		gyl_conf_node_replace(old, n);
	}
	return GYL_CONF_SET_OK;
}

static enum gyl_conf_set_result unknown(struct walk *w, struct gyl_view seg,
	const char *(*name)(const void *arg, size_t i), const void *arg)
{
	int before = (int)((const char *)seg.p - w->path);
	const char *meant = gyl__conf_suggest(seg, name, arg);

	if (meant != NULL)
		gyl__conf_error_option(w->c, w->path,
			"unknown option; did you mean \"--%.*s%s%s%s\"?", before, w->path, meant,
			w->rest[0] != '\0' ? "." : "", w->rest);
	else
		gyl__conf_error_option(w->c, w->path, "unknown option");
	return GYL_CONF_SET_UNKNOWN;
}

static enum gyl_conf_set_result walk_table(struct walk *w, const char *text);

/* The list of objects that the path goes into; an object alone becomes a list of one. */
static struct gyl_conf_node *list_of(struct walk *w, struct gyl_view name)
{
	struct gyl_conf_node *n = member(w, name, GYL_CONF_IS_LIST), *list;

	if (n == NULL || n->kind == GYL_CONF_IS_LIST)
		return n;
	list = gyl_conf_node_new(w->c, GYL_CONF_IS_LIST);
	if (list == NULL)
		return NULL;
	list->line = n->line;
	list->col = n->col;
	gyl_conf_node_replace(n, list);
	gyl_conf_node_add(list, n);
	return list;
}

static enum gyl_conf_set_result walk_list(
	struct walk *w, const struct gyl_conf_key *k, struct gyl_view name, const char *text)
{
	struct gyl_view seg = segment(&w->rest);
	struct gyl_conf_node *list = list_of(w, name), *item;
	uint64_t index = 0;
	bool good;

	if (list == NULL)
		return too_many(w);
	good = !gyl_failed(gyl_parse_u64(seg, UINT32_MAX, &index)) && w->rest[0] != '\0';
	if (good && w->c->trial && index > list->cnt)
		index = list->cnt;
	if (!good || index > list->cnt) {
		gyl__conf_error_option(w->c, w->path, "expected --%.*s.N.KEY with N from 0 to %u",
			(int)(seg.p - (const uint8_t *)w->path) - 1, w->path, (unsigned)list->cnt);
		return GYL_CONF_SET_BAD;
	}
	item = gyl__conf_item(list, (uint32_t)index);
	if (item == NULL) {
		item = gyl_conf_node_new(w->c, GYL_CONF_IS_OBJECT);
		if (item == NULL)
			return too_many(w);
		item->option = true;
		gyl_conf_node_add(list, item);
	}
	w->at = item;
	w->table = k->table;
	return walk_table(w, text);
}

/* Into an item by its name, which has no dots. */
static enum gyl_conf_set_result walk_named(
	struct walk *w, const struct gyl_conf_key *k, struct gyl_view name, const char *text)
{
	struct gyl_view seg = segment(&w->rest);

	if (w->rest[0] == '\0') {
		gyl__conf_error_option(w->c, w->path, "expected --%.*s.NAME.KEY",
			(int)(seg.p - (const uint8_t *)w->path) - 1, w->path);
		return GYL_CONF_SET_BAD;
	}
	w->at = member(w, name, GYL_CONF_IS_OBJECT);
	if (w->at != NULL && w->at->kind != GYL_CONF_IS_OBJECT)
		return not_object(w);
	w->at = w->at == NULL ? NULL : member(w, seg, GYL_CONF_IS_OBJECT);
	if (w->at == NULL)
		return too_many(w);
	w->table = k->table;
	return walk_table(w, text);
}

/* Names of a map are free and may have dots: all the rest is one. */
static enum gyl_conf_set_result walk_map(
	struct walk *w, const struct gyl_conf_key *k, struct gyl_view name, const char *text)
{
	w->at = member(w, name, GYL_CONF_IS_OBJECT);
	if (w->at == NULL)
		return too_many(w);
	if (w->at->kind != GYL_CONF_IS_OBJECT)
		return not_object(w);
	return put(w, k, gyl_view_str(w->rest), text);
}

/* One step down, or the value. */
static enum gyl_conf_set_result walk_table(struct walk *w, const char *text)
{
	struct gyl_view seg = segment(&w->rest);
	const struct gyl_conf_key *k = gyl__conf_key_find(w->table, seg);

	if (w->at->kind != GYL_CONF_IS_OBJECT)
		return not_object(w);
	if (k == NULL)
		return unknown(w, seg, key_name, w->table);
	if (w->rest[0] == '\0')
		return put(w, k, seg, text);
	if ((k->flags & GYL_CONF_NAMED) != 0)
		return walk_named(w, k, seg, text);
	if (k->type == GYL_CONF_OBJECT && (k->flags & GYL_CONF_LIST) != 0)
		return walk_list(w, k, seg, text);
	if (k->type == GYL_CONF_MAP)
		return walk_map(w, k, seg, text);
	if (k->type != GYL_CONF_OBJECT) {
		gyl__conf_error_option(
			w->c, w->path, "unknown option: \"%s\" has no keys below it", k->name);
		return GYL_CONF_SET_UNKNOWN;
	}
	w->at = member(w, seg, GYL_CONF_IS_OBJECT);
	if (w->at == NULL)
		return too_many(w);
	w->table = k->table;
	return walk_table(w, text);
}

/* Into a section, when the path begins with the name of one. */
static const struct gyl_conf_section *section_of(const struct gyl_conf_set *set, const char **path)
{
	const char *rest = *path;
	const struct gyl_conf_section *sec = gyl__conf_section_find(set, segment(&rest));

	if (sec != NULL && rest[0] != '\0')
		*path = rest;
	return rest[0] != '\0' ? sec : NULL;
}

/* A key at the top, or nothing that is known. */
static enum gyl_conf_set_result set_top(
	struct walk *w, const struct gyl_conf_set *set, const char *text)
{
	const char *start = w->rest;
	struct gyl_view first = segment(&w->rest);
	const struct gyl_conf_section *sec = gyl__conf_section_find(set, first);

	if (sec != NULL) {
		gyl__conf_error_option(w->c, w->path,
			"unknown option; it needs a key, such as --%s.%s", sec->name,
			sec->table->key[0].name);
		return GYL_CONF_SET_UNKNOWN;
	}
	if (gyl__conf_key_find(set->top->table, first) == NULL)
		return unknown(w, first, gyl__conf_top_name, set);
	w->rest = start;
	return walk_table(w, text);
}

enum gyl_conf_set_result gyl_conf_set(
	struct gyl_conf *c, const struct gyl_conf_set *set, const char *path, const char *text)
{
	struct walk w = {c, path, path, set->top->table, c->root};
	const struct gyl_conf_section *sec;
	struct gyl_view v = gyl_view_str(text);

	if (gyl_utf8_prefix(v) != v.len || gyl_utf8_prefix(gyl_view_str(path)) != strlen(path)) {
		gyl__conf_error_option(c, path, "not UTF-8");
		return GYL_CONF_SET_BAD;
	}
	sec = section_of(set, &w.rest);
	if (sec == NULL)
		return set_top(&w, set, text);
	w.at = member(&w, gyl_view_str(sec->name), GYL_CONF_IS_OBJECT);
	if (w.at == NULL)
		return too_many(&w);
	w.table = sec->table;
	return walk_table(&w, text);
}

bool gyl_conf_is_switch(const struct gyl_conf_set *set, const char *path)
{
	const struct gyl_conf_section *sec = section_of(set, &path);
	const struct gyl_conf_table *t = sec != NULL ? sec->table : set->top->table;
	const struct gyl_conf_key *k;

	do {
		k = gyl__conf_key_find(t, segment(&path));
		if (k == NULL)
			return false;
		t = k->table;
		if (t != NULL && (k->flags & GYL_CONF_LIST) != 0)
			segment(&path);
	} while (path[0] != '\0' && t != NULL);
	return path[0] == '\0' && k->type == GYL_CONF_BOOL && (k->flags & GYL_CONF_LIST) == 0;
}
