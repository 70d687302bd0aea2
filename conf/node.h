/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_NODE_H
#define GYL_CONF_NODE_H

/* Inside conf/: the tree of values with their places, and the errors. */

#include <stdarg.h>

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

struct arena_chunk;

struct gyl_conf {
	struct arena_chunk *chunk;
	struct gyl_conf_node *root; /* an object, from the start */
	size_t node_cnt;
	const char *file; /* for errors */
	const char *dir;  /* relative paths start here; NULL: they stay relative */
	struct gyl_conf_error *error;
	size_t error_cnt, error_lost;
	bool trial; /* options are tried without their file: any index of a list is good */
};

/* Memory that lives as long as the configuration; aligned to 8. Ends the process when there is
 * none. */
void *gyl__conf_alloc(struct gyl_conf *c, size_t len);
/* A copy with a NUL after it. */
struct gyl_view gyl__conf_copy(struct gyl_conf *c, struct gyl_view v);
/* Ends the process with a message when p is NULL: no configuration is worth running out of memory.
 */
void *gyl__conf_must(void *p);

/* A new node without parent; NULL after GYL_CONF_NODE_MAX of them. */
struct gyl_conf_node *gyl__conf_node(struct gyl_conf *c, enum gyl_conf_kind kind);
/* Make n the last child of parent. */
void gyl__conf_add(struct gyl_conf_node *parent, struct gyl_conf_node *n);
/* Put n where old stands, with old's key and neighbours. */
void gyl__conf_replace(struct gyl_conf_node *old, struct gyl_conf_node *n);
/* The member of that key, the item of that index; NULL when there is none. */
struct gyl_conf_node *gyl__conf_member(const struct gyl_conf_node *n, struct gyl_view key);
struct gyl_conf_node *gyl__conf_item(const struct gyl_conf_node *n, uint32_t index);

/* Where an error is: at a value or at its key. */
enum gyl__conf_at {
	GYL__CONF_AT_VALUE,
	GYL__CONF_AT_KEY
};

/* Note an error at a node; `sub` is added to its path unless NULL. */
void gyl__conf_error(struct gyl_conf *c, const struct gyl_conf_node *n, enum gyl__conf_at at,
	const char *sub, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Note an error at a place of the file, without a path; line 0: the file as a whole. */
void gyl__conf_error_at(struct gyl_conf *c, uint32_t line, uint32_t col, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Note an error of an option whose path is not in the tree. */
void gyl__conf_error_option(struct gyl_conf *c, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The name of the list (the i-th, NULL after the last) that was probably meant, or NULL. Distance
 * counts insertions, deletions, substitutions and swapped neighbours.
 */
const char *gyl__conf_suggest(
	struct gyl_view word, const char *(*name)(const void *arg, size_t i), const void *arg);

/* What is there, for "got ...": a short quoted excerpt or "a list"; appended to w. */
void gyl__conf_got(struct gyl_writer *w, const struct gyl_conf_node *n);

/*
 * Readers. They give the root its members and return false after noting errors. The text MUST live
 * as long as the configuration.
 */
bool gyl__conf_read_json(struct gyl_conf *c, struct gyl_view text);
bool gyl__conf_read_dhcpd(struct gyl_conf *c, struct gyl_view text);

/* JSON text as a tree without places, for options and defaults: NULL when it is not JSON. */
struct gyl_conf_node *gyl__conf_json_value(struct gyl_conf *c, struct gyl_view text);

#endif
