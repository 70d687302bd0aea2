/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_CONF_H
#define GYL_CONF_CONF_H

/*
 * Reading a configuration: a file, options on top of it, and out comes one flat block or every
 * error at once.
 *
 *   struct gyl_conf *c = gyl_conf_new();
 *
 *   gyl_conf_load_file(c, "/etc/guyline/event.json");
 *   gyl_conf_set(c, &set, "dhcpd.lease_time", "5m");
 *   if (!gyl_conf_compile(c, &set, &block))
 *           gyl_conf_errors_print(c, stderr);
 *   gyl_conf_free(c);
 */

#include <stdio.h>

#include "conf/schema.h"

enum {
	GYL_CONF_TEXT_MAX = 16 << 20,  /* octets of a file */
	GYL_CONF_BLOCK_MAX = 64 << 20, /* octets of a block */
	GYL_CONF_NODE_MAX = 1 << 20,   /* values in a file */
	GYL_CONF_DEPTH_MAX = 24,       /* nesting */
	GYL_CONF_ERROR_MAX = 100       /* errors that are kept; the rest is counted */
};

/*
 * What a program reads: the keys at the top (top->name is the name of their section in the block)
 * and its services. A member of the file that is in `skip` belongs to another program and is passed
 * over. The section `always` is configured even when the file has nothing of it.
 */
struct gyl_conf_set {
	const struct gyl_conf_section *top;
	const struct gyl_conf_section *const *section;
	size_t section_cnt;
	const char *const *skip; /* ends with NULL; NULL: none */
	const char *always;      /* NULL: none */
};

struct gyl_conf_error {
	const char *file;   /* NULL: an option */
	uint32_t line, col; /* from 1; 0: the file as a whole. Columns count characters. */
	const char *path;   /* "dhcpd.pool.0", "" for the top; "--dhcpd.pool.0" of an option */
	const char *text;
};

struct gyl_conf;

struct gyl_conf *gyl_conf_new(void);
void gyl_conf_free(struct gyl_conf *c);

/* What a text is written in. */
enum gyl_conf_form {
	GYL_CONF_JSON,
	GYL_CONF_DHCPD, /* Charrua's dhcpd.conf */
	GYL_CONF_GUESS  /* JSON when it begins with '{' or '[', dhcpd.conf otherwise */
};

/*
 * Load a file or a text; at most once, and before any option. Relative paths inside are taken from
 * the file's directory, or from `dir`. Returns false after noting the errors.
 */
bool gyl_conf_load_file(struct gyl_conf *c, const char *file, enum gyl_conf_form form);
bool gyl_conf_load_text(struct gyl_conf *c, const char *file, const char *dir, struct gyl_view text,
	enum gyl_conf_form form);

/* What became of an option. */
enum gyl_conf_set_result {
	GYL_CONF_SET_OK,
	GYL_CONF_SET_UNKNOWN, /* no such key: noted as an error, with a suggestion */
	GYL_CONF_SET_BAD      /* such a key, but not like this: noted as an error */
};

/*
 * Put a value over what the file says, by its path: "dhcpd.lease_time", "dns.zones.0.file". Lists
 * are separated by commas; another gyl_conf_set() of the same list adds to it. Text that begins
 * with
 * '{' or '[' is JSON.
 */
enum gyl_conf_set_result gyl_conf_set(
	struct gyl_conf *c, const struct gyl_conf_set *set, const char *path, const char *text);

/* Is there a key of that path, and is it a switch (GYL_CONF_BOOL, not a list)? */
bool gyl_conf_is_switch(const struct gyl_conf_set *set, const char *path);

/*
 * Make the block. On true *ret_block views memory that the caller frees with free(ret_block->p);
 * it passes gyl_flat_open(). On false the errors say why.
 */
bool gyl_conf_compile(
	struct gyl_conf *c, const struct gyl_conf_set *set, struct gyl_view *ret_block);

/* Errors so far; counting puts them in the order of the file. i MUST be below the count. */
size_t gyl_conf_error_cnt(struct gyl_conf *c);
const struct gyl_conf_error *gyl_conf_error(const struct gyl_conf *c, size_t i);
/* One a line: "event.json:12:17: dhcpd.lease_time: expected ...". */
void gyl_conf_errors_print(struct gyl_conf *c, FILE *f);

/*
 * What may stand in a configuration, as JSON Schema (draft 2020-12) made from the tables: types,
 * bounds, words, defaults, help. What it refuses is refused, but not everything that is: rules
 * between keys are in no table. False when f fails.
 */
bool gyl_conf_schema(const struct gyl_conf_set *set, FILE *f);

/* The effective configuration as JSON, which compiles to the same block. False when f fails. */
bool gyl_conf_print(const struct gyl_flat *block, const struct gyl_conf_set *set, FILE *f);

#endif
