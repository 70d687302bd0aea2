/* SPDX-License-Identifier: ISC */
#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdlib.h>

#include "services/guyline/import_own.h"

enum {
	LINE_MAX_LEN = 96 /* what is no longer than that stands on one line */
};

struct gyl_conf_node *gyl__import_node(
	struct gyl_import *i, enum gyl_conf_kind kind, struct gyl_import_place at)
{
	struct gyl_conf_node *n = gyl_conf_node_new(i->c, kind);

	if (n == NULL) { /* no more of them count: it lives, and the result is refused */
		if (!i->bad)
			gyl__import_bad(i, at, "too many values");
		n = gyl_conf_alloc(i->c, sizeof *n);
		n->kind = (uint8_t)kind;
		n->text = n->key = gyl_view("", 0);
	}
	n->line = n->key_line = at.line;
	n->col = n->key_col = at.col;
	return n;
}

struct gyl_conf_node *gyl__import_text(
	struct gyl_import *i, struct gyl_import_place at, struct gyl_view text)
{
	struct gyl_conf_node *n = gyl__import_node(i, GYL_CONF_IS_STRING, at);
	struct gyl_writer w;

	n->text = gyl_conf_copy(i->c, text);
	if (gyl_utf8_prefix(text) == text.len && memchr(n->text.p, '\0', text.len) == NULL)
		return n;
	/* JSON is UTF-8: other octets become visible, and our check says what it thinks of them. */
	gyl_writer_init(&w, gyl_conf_alloc(i->c, 4 * text.len + 1), 4 * text.len);
	gyl_text_safe(&w, text);
	n->text = gyl_writer_view(&w);
	return n;
}

struct gyl_conf_node *gyl__import_bool(struct gyl_import *i, struct gyl_import_place at, bool on)
{
	struct gyl_conf_node *n = gyl__import_node(i, GYL_CONF_IS_BOOL, at);

	n->text = gyl_view_str(on ? "true" : "false");
	return n;
}

struct gyl_conf_node *gyl__import_ip(struct gyl_import *i, struct gyl_import_place at, uint32_t ip)
{
	char buf[GYL_TEXT_IPV4_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_text_ipv4(&w, ip);
	return gyl__import_text(i, at, gyl_writer_view(&w));
}

struct gyl_conf_node *gyl__import_seconds(
	struct gyl_import *i, struct gyl_import_place at, uint64_t s)
{
	char buf[GYL_TIME_TEXT_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_time_print(&w, s >= UINT32_MAX ? GYL_TIME_INFINITE : gyl_time_from_s(s));
	return gyl__import_text(i, at, gyl_writer_view(&w));
}

static bool is_plain(struct gyl_view v)
{
	for (size_t n = 0; n < v.len; n++)
		if (v.p[n] < ' ' || v.p[n] > '~' || v.p[n] == '\\')
			return false;
	/* Text that begins so would be read as octets. */
	return v.len != 0 && !gyl_view_eq(gyl_view_sub(v, 0, 3), gyl_view_str("hex"));
}

struct gyl_conf_node *gyl__import_octets(
	struct gyl_import *i, struct gyl_import_place at, struct gyl_view octets)
{
	struct gyl_conf_node *n;
	struct gyl_writer w;
	uint8_t *buf;

	if (is_plain(octets))
		return gyl__import_text(i, at, octets);
	buf = gyl_conf_alloc(i->c, 2 * octets.len + 8);
	gyl_writer_init(&w, buf, 2 * octets.len + 4);
	gyl_text_str(&w, "hex ");
	gyl_text_hex(&w, octets);
	n = gyl__import_node(i, GYL_CONF_IS_STRING, at);
	n->text = gyl_writer_view(&w);
	return n;
}

struct gyl_conf_node *gyl__import_get(const struct gyl_conf_node *obj, const char *key)
{
	return gyl_conf_node_member(obj, gyl_view_str(key));
}

void gyl__import_set(
	struct gyl_import *i, struct gyl_conf_node *obj, const char *key, struct gyl_conf_node *n)
{
	struct gyl_conf_node *old = gyl__import_get(obj, key);

	n->key = gyl_conf_copy(i->c, gyl_view_str(key));
	if (old == NULL)
		gyl_conf_node_add(obj, n);
	else
		gyl_conf_node_replace(old, n);
}

struct gyl_conf_node *gyl__import_child(struct gyl_import *i, struct gyl_conf_node *obj,
	const char *key, enum gyl_conf_kind kind, struct gyl_import_place at)
{
	struct gyl_conf_node *n = gyl__import_get(obj, key);

	if (n == NULL) {
		n = gyl__import_node(i, kind, at);
		gyl__import_set(i, obj, key, n);
	}
	return n;
}

struct gyl_conf_node *gyl__import_copy(struct gyl_import *i, const struct gyl_conf_node *n)
{
	struct gyl_conf_node *copy =
		gyl__import_node(i, (enum gyl_conf_kind)n->kind, gyl__import_at(n));

	copy->key = n->key;
	copy->text = n->text;
	copy->cnt = n->cnt;
	copy->first = n->first;
	copy->last = n->last;
	return copy;
}

/* Objects are copied with their members, for these may be added to. */
static struct gyl_conf_node *own_copy(struct gyl_import *i, const struct gyl_conf_node *n)
{
	struct gyl_conf_node *copy;

	if (n->kind != GYL_CONF_IS_OBJECT)
		return gyl__import_copy(i, n);
	copy = gyl__import_node(i, GYL_CONF_IS_OBJECT, gyl__import_at(n));
	copy->key = n->key;
	gyl__import_inherit(i, copy, n);
	return copy;
}

void gyl__import_inherit(
	struct gyl_import *i, struct gyl_conf_node *obj, const struct gyl_conf_node *src)
{
	for (const struct gyl_conf_node *at = src->first; at != NULL && !i->bad; at = at->next) {
		struct gyl_conf_node *have = gyl_conf_node_member(obj, at->key);

		if (have == NULL)
			gyl_conf_node_add(obj, own_copy(i, at));
		else if (have->kind == GYL_CONF_IS_OBJECT && at->kind == GYL_CONF_IS_OBJECT)
			gyl__import_inherit(i, have, at);
	}
}

void gyl__import_drop(struct gyl_conf_node *parent, struct gyl_conf_node *n)
{
	struct gyl_conf_node **link = &parent->first, *before = NULL;

	while (*link != n) {
		before = *link;
		link = &before->next;
	}
	*link = n->next;
	if (parent->last == n)
		parent->last = before;
	for (struct gyl_conf_node *at = n->next; at != NULL; at = at->next)
		at->index--;
	parent->cnt--;
	n->next = NULL;
}

static void print_at(const struct gyl_conf_node *n, FILE *out, unsigned depth, size_t lead);

static void print_children(const struct gyl_conf_node *n, FILE *out, unsigned depth)
{
	bool object = n->kind == GYL_CONF_IS_OBJECT;

	fputs(object ? "{\n" : "[\n", out);
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next) {
		fprintf(out, "%*s", 2 * (int)depth + 2, "");
		if (object) {
			gyl_conf_put_string(out, at->key);
			fputs(": ", out);
		}
		print_at(at, out, depth + 1, object ? at->key.len + 4 : 0);
		fputs(at->next != NULL ? ",\n" : "\n", out);
	}
	fprintf(out, "%*s%c", 2 * (int)depth, "", object ? '}' : ']');
}

static void print_at(const struct gyl_conf_node *n, FILE *out, unsigned depth, size_t lead)
{
	char *flat = gyl_conf_node_json(n);

	/* The section itself is never one line. */
	if (n->first == NULL || (depth > 1 && strlen(flat) + lead + 2 * depth <= LINE_MAX_LEN))
		fputs(flat, out);
	else
		print_children(n, out, depth);
	free(flat);
}

void gyl__import_print_node(const struct gyl_conf_node *n, FILE *out)
{
	print_at(n, out, 0, 0);
	fputc('\n', out);
}
