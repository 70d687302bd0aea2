/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>
#include <jansson.h>
#include <stdlib.h>

#include "conf/place.h"
#include "conf/scan.h"

/* Integers are read from their text, with the bounds of their type; Jansson must not refuse them.
 */
#define LOAD_FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL)

static bool fill(struct gyl_conf *c, struct gyl_conf_node *n, json_t *val);

/* Jansson keeps members in the order of the text (since 2.8), so both trees are walked in step. */
static bool fill_members(struct gyl_conf *c, struct gyl_conf_node *n, json_t *obj)
{
	struct gyl_conf_node *at = n->first;
	const char *key;
	json_t *val;

	if (!json_is_object(obj) || json_object_size(obj) != n->cnt)
		return false;
	json_object_foreach(obj, key, val)
	{
		at->key = gyl_conf_copy(c, gyl_view_str(key));
		if (!fill(c, at, val))
			return false;
		at = at->next;
	}
	return true;
}

static bool fill_items(struct gyl_conf *c, struct gyl_conf_node *n, json_t *list)
{
	struct gyl_conf_node *at = n->first;

	if (!json_is_array(list) || json_array_size(list) != n->cnt)
		return false;
	for (size_t i = 0; i < n->cnt; i++, at = at->next) {
		if (!fill(c, at, json_array_get(list, i)))
			return false;
	}
	return true;
}

/* Put Jansson's values in place of the scanner's raw text. False: the two read different things. */
static bool fill(struct gyl_conf *c, struct gyl_conf_node *n, json_t *val)
{
	if (n->kind == GYL_CONF_IS_OBJECT)
		return fill_members(c, n, val);
	if (n->kind == GYL_CONF_IS_LIST)
		return fill_items(c, n, val);
	if (n->kind != GYL_CONF_IS_STRING) {
		n->text = gyl_conf_copy(c, n->text);
		return true;
	}
	if (!json_is_string(val))
		return false;
	n->text = gyl_conf_copy(c, gyl_view(json_string_value(val), json_string_length(val)));
	return true;
}

static struct gyl_conf_node *read_tree(struct gyl_conf *c, struct gyl_view text, size_t flags)
{
	struct gyl_conf_node *n = gyl__conf_scan(c, text);
	json_error_t why;
	json_t *val;
	bool same;

	if (n == NULL)
		return NULL;
	val = json_loadb((const char *)text.p, text.len, flags, &why);
	if (val == NULL) {
		gyl__conf_error_at(c, (uint32_t)why.line, (uint32_t)why.column, "%s", why.text);
		return NULL;
	}
	same = fill(c, n, val);
	json_decref(val);
	if (!same)
		gyl__conf_error_at(c, 0, 0, "cannot be read as JSON");
	return same ? n : NULL;
}

bool gyl__conf_read_json(struct gyl_conf *c, struct gyl_view text)
{
	struct gyl_conf_node *n = read_tree(c, text, LOAD_FLAGS);

	if (n == NULL)
		return false;
	if (n->kind != GYL_CONF_IS_OBJECT) {
		gyl__conf_error_at(
			c, n->line, n->col, "expected '{': a configuration is an object");
		return false;
	}
	c->root = n;
	return true;
}

static struct gyl_conf_node *parse(struct gyl_conf *c, struct gyl_view text, size_t flags)
{
	struct gyl_conf scratch = {0};
	struct gyl_conf_node *n;

	scratch.chunk = c->chunk;
	scratch.node_cnt = c->node_cnt;
	n = read_tree(&scratch, text, flags);
	c->chunk = scratch.chunk;
	c->node_cnt = scratch.node_cnt;
	free(scratch.error);
	return n;
}

struct gyl_conf_node *gyl_conf_node_parse(struct gyl_conf *c, struct gyl_view text)
{
	return parse(c, text, LOAD_FLAGS);
}

struct gyl_conf_node *gyl_conf_node_data(struct gyl_conf *c, struct gyl_view text)
{
	return parse(c, text, LOAD_FLAGS | JSON_ALLOW_NUL);
}

bool gyl_conf_put_string(FILE *f, struct gyl_view v)
{
	json_t *str = json_stringn((const char *)v.p, v.len);
	bool ok = str != NULL && json_dumpf(str, f, JSON_ENCODE_ANY) == 0;

	json_decref(str);
	return ok;
}

static void put_node(FILE *f, const struct gyl_conf_node *n)
{
	bool object = n->kind == GYL_CONF_IS_OBJECT;

	if (n->kind == GYL_CONF_IS_STRING) {
		gyl_conf_put_string(f, n->text);
		return;
	}
	if (!object && n->kind != GYL_CONF_IS_LIST) {
		fwrite(n->text.p, 1, n->text.len, f);
		return;
	}
	fputc(object ? '{' : '[', f);
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next) {
		if (at != n->first)
			fputs(", ", f);
		if (object) {
			gyl_conf_put_string(f, at->key);
			fputs(": ", f);
		}
		put_node(f, at);
	}
	fputc(object ? '}' : ']', f);
}

char *gyl_conf_node_json(const struct gyl_conf_node *n)
{
	char *text = NULL;
	size_t len;
	FILE *f = gyl_conf_must(open_memstream(&text, &len));

	put_node(f, n);
	if (fclose(f) != 0)
		gyl_conf_must(NULL);
	return text;
}
