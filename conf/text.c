/* SPDX-License-Identifier: ISC */
#include <gyl/json.h>

#include "conf/place.h"
#include "conf/type.h"

static bool is_json(const char *text)
{
	return text[0] == '{' || text[0] == '[';
}

static bool all_digits(struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	}
	return v.len != 0;
}

static bool is_word(struct gyl_view v, const char *word)
{
	return gyl_view_eq(v, gyl_view_str(word));
}

/* A command line has no quotes that tell "7" from 7: the type decides, or the looks where it is
 * open. */
static enum gyl_conf_kind kind_of(const struct gyl_conf_key *k, struct gyl_view v)
{
	const struct gyl__conf_type *t = gyl__conf_type(k->type);

	if ((t == NULL || t->kind == GYL_CONF_IS_BOOL) &&
		(is_word(v, "true") || is_word(v, "false")))
		return GYL_CONF_IS_BOOL;
	if ((t == NULL || t->kind == GYL_CONF_IS_INT) && all_digits(v))
		return GYL_CONF_IS_INT;
	return GYL_CONF_IS_STRING;
}

static struct gyl_conf_node *scalar_node(
	struct gyl_conf *c, const struct gyl_conf_key *k, struct gyl_view v)
{
	struct gyl_conf_node *n = gyl_conf_node_new(c, kind_of(k, v));

	if (n != NULL)
		n->text = gyl_conf_copy(c, v);
	return n;
}

static struct gyl_conf_node *list_node(
	struct gyl_conf *c, const struct gyl_conf_key *k, struct gyl_view v)
{
	struct gyl_conf_node *list = gyl_conf_node_new(c, GYL_CONF_IS_LIST), *item;
	size_t at = 0;

	if (list == NULL || v.len == 0)
		return list;
	for (size_t i = 0; i <= v.len; i++) {
		if (i != v.len && (v.p[i] != ',' || (k->flags & GYL_CONF_WHOLE) != 0))
			continue;
		item = scalar_node(c, k, gyl_view_sub(v, at, i - at));
		if (item == NULL)
			return NULL;
		gyl_conf_node_add(list, item);
		at = i + 1;
	}
	return list;
}

struct gyl_conf_node *gyl__conf_from_text(
	struct gyl_conf *c, const struct gyl_conf_key *k, const char *text)
{
	struct gyl_view v = gyl_view_str(text);
	bool list = (k->flags & GYL_CONF_LIST) != 0;
	bool open = k->type == GYL_CONF_MAP || k->type == GYL_CONF_OBJECT;

	if (is_json(text) && (list || open))
		return gyl_conf_node_parse(c, v);
	if (list || (k->type == GYL_CONF_MAP && strchr(text, ',') != NULL))
		return list_node(c, k, v);
	return scalar_node(c, k, v);
}
