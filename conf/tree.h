/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_TREE_H
#define GYL_CONF_TREE_H

/*
 * The tree of values that a configuration is before it is compiled: for who reads another language
 * than ours into it, and writes ours.
 *
 *   struct gyl_conf *c = gyl_conf_new();
 *   struct gyl_conf_node *n = gyl_conf_node_new(c, GYL_CONF_IS_STRING);
 *
 *   n->key = gyl_view_str("host");
 *   n->text = gyl_conf_copy(c, gyl_view_str("kernel"));
 *   gyl_conf_node_add(gyl_conf_root(c), n);
 *   gyl_conf_compile(c, &set, &block);
 */

#include "conf/conf.h"

/*
 * A value, where it stands, and where its key stands. Readers (JSON, dhcpd.conf, options) build
 * these; the compiler reads them. All memory is in the arena of the configuration.
 */
struct gyl_conf_node {
	uint8_t kind;   /* enum gyl_conf_kind */
	bool option;    /* given on the command line: has no line */
	uint32_t index; /* among its siblings */
	uint32_t cnt;   /* of children */
	uint32_t line, col, key_line, key_col;
	struct gyl_view key;  /* of a member of an object */
	struct gyl_view text; /* of a scalar; a NUL follows it */
	struct gyl_conf_node *parent, *first, *last, *next;
};

/* Memory that lives as long as the configuration; aligned to 8. Ends the process when there is
 * none. */
void *gyl_conf_alloc(struct gyl_conf *c, size_t len);
/* A copy with a NUL after it. */
struct gyl_view gyl_conf_copy(struct gyl_conf *c, struct gyl_view v);
/* Ends the process with a message when p is NULL: no configuration is worth running out of memory.
 */
void *gyl_conf_must(void *p);

/* The object at the top, which is there from the start. */
struct gyl_conf_node *gyl_conf_root(struct gyl_conf *c);
/* The file that errors name; it MUST live as long. */
void gyl_conf_name(struct gyl_conf *c, const char *file);

/* A new node without parent; NULL after GYL_CONF_NODE_MAX of them. */
struct gyl_conf_node *gyl_conf_node_new(struct gyl_conf *c, enum gyl_conf_kind kind);
/* Make n the last child of parent. */
void gyl_conf_node_add(struct gyl_conf_node *parent, struct gyl_conf_node *n);
/* Put n where old stands, with old's key and neighbours. */
void gyl_conf_node_replace(struct gyl_conf_node *old, struct gyl_conf_node *n);
/* The member of that key; NULL when there is none. */
struct gyl_conf_node *gyl_conf_node_member(const struct gyl_conf_node *n, struct gyl_view key);

/* JSON text as a tree without places, for options and defaults: NULL when it is not JSON. */
struct gyl_conf_node *gyl_conf_node_parse(struct gyl_conf *c, struct gyl_view text);
/* The same for data: strings may hold NUL, which a setting never may. */
struct gyl_conf_node *gyl_conf_node_data(struct gyl_conf *c, struct gyl_view text);

/* A string with its quotes, as JSON. False: it is not UTF-8, or f fails. */
bool gyl_conf_put_string(FILE *f, struct gyl_view v);

/* A node as JSON text on one line, numbers as they were written; the caller frees it. */
char *gyl_conf_node_json(const struct gyl_conf_node *n);

#endif
