/* SPDX-License-Identifier: ISC */

/*
 * The tables as a JSON Schema, for editors and other programs. It cannot say all that the reader
 * checks: rules between keys, bounds of durations (which the descriptions tell), host bits of
 * networks. What it refuses the reader refuses, too.
 */

#include <gyl/text.h>
#include <stdlib.h>

#include "conf/place.h"
#include "conf/type.h"

#define OCTET "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define IPV4  OCTET "(\\." OCTET "){3}"
#define HEX   "[0-9A-Fa-f]{2}"

/* How a type's text looks; NULL: the length is all. */
static const char *const patterns[GYL_CONF_TYPE_CNT] = {
	[GYL_CONF_DURATION] = "^(infinite|([0-9]+(d|h|ms|m|s|us|ns))+)$",
	[GYL_CONF_SIZE] = "^[0-9]+([KMGT]i|[kMGT])?B$",
	[GYL_CONF_IPV4] = "^" IPV4 "$",
	[GYL_CONF_NETWORK] = "^" IPV4 "/([0-9]|[12][0-9]|3[0-2])$",
	[GYL_CONF_ADDRESS] = "^" IPV4 "/([0-9]|[12][0-9]|3[0-2])$",
	[GYL_CONF_RANGE] = "^" IPV4 "(-" IPV4 ")?$",
	[GYL_CONF_SERVER] = "^" IPV4 "(:[0-9]{1,5})?$",
	[GYL_CONF_MAC] = "^" HEX "((:" HEX "){5}|(-" HEX "){5})$",
	[GYL_CONF_OUI] = "^" HEX "((:" HEX "){0,5}|(-" HEX "){0,5})$",
	[GYL_CONF_NAME] = "^.+$",
};

struct out {
	FILE *f;
	struct gyl_conf *c; /* for the values of defaults */
	unsigned depth;
	bool first;
};

/* ---- JSON ---- */

static void line(struct out *o)
{
	fputs(o->first ? "\n" : ",\n", o->f);
	o->first = false;
	for (unsigned i = 0; i < o->depth; i++)
		fputs("  ", o->f);
}

static void key(struct out *o, const char *name)
{
	line(o);
	gyl_conf_put_string(o->f, gyl_view_str(name));
	fputs(": ", o->f);
}

static void open_object(struct out *o)
{
	fputc('{', o->f);
	o->depth++;
	o->first = true;
}

static void close_object(struct out *o)
{
	bool empty = o->first;

	o->depth--;
	o->first = true;
	if (!empty)
		line(o);
	fputc('}', o->f);
	o->first = false;
}

static void text(struct out *o, const char *name, const char *val)
{
	key(o, name);
	gyl_conf_put_string(o->f, gyl_view_str(val));
}

static void number(struct out *o, const char *name, uint64_t val)
{
	key(o, name);
	fprintf(o->f, "%llu", (unsigned long long)val);
}

static void raw(struct out *o, const char *name, const char *json)
{
	key(o, name);
	fputs(json, o->f);
}

/* A value of that type; list: or an array of such, for one value will do for a list of one. The
 * other keywords pass over what is of another type than they are for. */
static void put_type(struct out *o, const char *type, bool list)
{
	key(o, "type");
	if (list)
		fprintf(o->f, "[\"%s\", \"array\"]", type);
	else
		fprintf(o->f, "\"%s\"", type);
}

/* ---- scalars ---- */

static void words(struct out *o, const struct gyl_conf_word *word)
{
	fputc('[', o->f);
	for (size_t i = 0; word[i].name != NULL; i++) {
		if (i != 0)
			fputs(", ", o->f);
		gyl_conf_put_string(o->f, gyl_view_str(word[i].name));
	}
	fputc(']', o->f);
}

static void put_words(struct out *o, const struct gyl_conf_key *k)
{
	if ((k->flags & GYL_CONF_LIST) == 0) {
		key(o, "enum");
		words(o, k->word);
		return;
	}
	key(o, "anyOf");
	fputs("[{\"enum\": ", o->f);
	words(o, k->word);
	fputs("}, {\"type\": \"array\", \"items\": {\"enum\": ", o->f);
	words(o, k->word);
	fputs("}}]", o->f);
}

static void put_number(struct out *o, const struct gyl_conf_key *k, const struct gyl__conf_type *t)
{
	number(o, "minimum", k->type == GYL_CONF_PORT && k->min == 0 ? 1 : k->min);
	number(o, "maximum", k->max != 0 && k->max < t->max ? k->max : t->max);
}

/* A schema counts characters where the reader counts octets: as few characters as octets may be too
 * many, and one is at least one. */
static void put_lengths(struct out *o, const struct gyl_conf_key *k)
{
	if (k->type == GYL_CONF_BYTES) {
		if (k->min != 0)
			number(o, "minLength", 1);
		return;
	}
	if (k->min != 0)
		number(o, "minLength", 1);
	number(o, "maxLength", k->max != 0 ? k->max : GYL__CONF_OCTETS_MAX);
}

static void put_scalar(struct out *o, const struct gyl_conf_key *k, bool list)
{
	const struct gyl__conf_type *t = gyl__conf_type(k->type);

	if (k->type == GYL_CONF_BOOL) {
		put_type(o, "boolean", list);
	} else if (t->kind == GYL_CONF_IS_INT) {
		put_type(o, "integer", list);
		put_number(o, k, t);
	} else {
		put_type(o, "string", list);
		if (patterns[k->type] != NULL)
			text(o, "pattern", patterns[k->type]);
		else
			put_lengths(o, k);
	}
}

/* ---- maps, objects, lists ---- */

/* Names are those of the table, or numbers; values are the hook's to judge. */
static void put_map(struct out *o, const struct gyl_conf_map *map)
{
	text(o, "type", "object");
	if (map->name == NULL)
		return;
	key(o, "propertyNames");
	fputs("{\"anyOf\": [{\"pattern\": \"^[0-9]{1,3}$\"}, {\"enum\": [", o->f);
	for (uint32_t i = 0; map->name(i) != NULL; i++) {
		if (i != 0)
			fputs(", ", o->f);
		gyl_conf_put_string(o->f, gyl_view_str(map->name(i)));
	}
	fputs("]}]}", o->f);
	raw(o, "additionalProperties",
		"{\"type\": [\"boolean\", \"integer\", \"string\", \"array\", \"object\"]}");
}

static void put_key(struct out *o, const struct gyl_conf_key *k);

static void put_keys(struct out *o, const struct gyl_conf_table *t)
{
	for (size_t i = 0; i < t->key_cnt; i++)
		put_key(o, &t->key[i]);
}

static void put_required(struct out *o, const struct gyl_conf_table *t)
{
	bool any = false;

	for (size_t i = 0; i < t->key_cnt; i++) {
		if ((t->key[i].flags & GYL_CONF_REQUIRED) == 0)
			continue;
		if (any)
			fputs(", ", o->f);
		else
			raw(o, "required", "[");
		gyl_conf_put_string(o->f, gyl_view_str(t->key[i].name));
		any = true;
	}
	if (any)
		fputc(']', o->f);
}

static void put_table(struct out *o, const struct gyl_conf_table *t, bool list)
{
	put_type(o, "object", list);
	key(o, "properties");
	open_object(o);
	put_keys(o, t);
	close_object(o);
	raw(o, "additionalProperties", "false");
	put_required(o, t);
}

static void put_value(struct out *o, const struct gyl_conf_key *k, bool list)
{
	if (k->type == GYL_CONF_OBJECT)
		put_table(o, k->table, list);
	else if (k->type == GYL_CONF_MAP)
		put_map(o, k->map);
	else
		put_scalar(o, k, list);
}

static void put_items(struct out *o, const struct gyl_conf_key *k)
{
	if ((k->flags & GYL_CONF_REQUIRED) != 0)
		number(o, "minItems", 1);
	key(o, "items");
	open_object(o);
	put_value(o, k, false);
	close_object(o);
}

/* ---- a key ---- */

/* Its help, and what the schema has no word for: the bounds of durations and sizes. */
static void put_description(struct out *o, const struct gyl_conf_key *k)
{
	const struct gyl__conf_type *t = gyl__conf_type(k->type);
	char buf[600];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf - 1);
	gyl_text_str(&w, k->help);
	if ((k->type == GYL_CONF_DURATION || k->type == GYL_CONF_SIZE) &&
		(k->min != 0 || k->max != 0)) {
		gyl_text_str(&w, "; ");
		gyl__conf_put_bounds(&w, k, t);
	}
	text(o, "description", gyl_text_cstr(&w));
}

static void put_default(struct out *o, const struct gyl_conf_key *k)
{
	struct gyl_conf_node *n = k->def == NULL ? NULL : gyl__conf_from_text(o->c, k, k->def);
	char *json;

	if (n == NULL)
		return;
	json = gyl_conf_node_json(n);
	raw(o, "default", json);
	free(json);
}

/* Any name will do; the values are the table's. */
static void put_named(struct out *o, const struct gyl_conf_key *k)
{
	put_type(o, "object", false);
	key(o, "additionalProperties");
	open_object(o);
	put_table(o, k->table, false);
	close_object(o);
}

static void put_key(struct out *o, const struct gyl_conf_key *k)
{
	bool list = (k->flags & GYL_CONF_LIST) != 0;

	key(o, k->name);
	open_object(o);
	put_description(o, k);
	put_default(o, k);
	if (k->type == GYL_CONF_ENUM) {
		put_words(o, k);
	} else if ((k->flags & GYL_CONF_NAMED) != 0) {
		put_named(o, k);
	} else {
		put_value(o, k, list);
		if (list)
			put_items(o, k);
	}
	close_object(o);
}

static void put_sections(struct out *o, const struct gyl_conf_set *set)
{
	for (size_t i = 0; i < set->section_cnt; i++) {
		key(o, set->section[i]->name);
		open_object(o);
		put_table(o, set->section[i]->table, false);
		close_object(o);
	}
	for (size_t i = 0; set->skip != NULL && set->skip[i] != NULL; i++)
		if (gyl__conf_section_find(set, gyl_view_str(set->skip[i])) == NULL)
			raw(o, set->skip[i], "{\"description\": \"of another program\"}");
}

bool gyl_conf_schema(const struct gyl_conf_set *set, FILE *f)
{
	struct out o = {f, gyl_conf_new(), 0, true};

	open_object(&o);
	text(&o, "$schema", "https://json-schema.org/draft/2020-12/schema");
	text(&o, "title", "configuration of Guyline " GYL_VERSION);
	text(&o, "type", "object");
	key(&o, "properties");
	open_object(&o);
	put_keys(&o, set->top->table);
	put_sections(&o, set);
	close_object(&o);
	raw(&o, "additionalProperties", "false");
	close_object(&o);
	fputc('\n', f);
	gyl_conf_free(o.c);
	return !ferror(f) && fflush(f) == 0;
}
