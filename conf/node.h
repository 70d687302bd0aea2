/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_NODE_H
#define GYL_CONF_NODE_H

/* Inside conf/: the tree of values with their places, and the errors. */

#include <stdarg.h>

#include "conf/tree.h"

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

/* The item of that index; NULL when there is none. */
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

#endif
