/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_IMPORT_OWN_H
#define GYL_SERVICES_GUYLINE_IMPORT_OWN_H

/*
 * What the readers of `guyline import` share. Each reads a file into the tree that our own JSON
 * would have, with the places of the source at its nodes, so that the check of the result can point
 * there, too.
 */

#include "conf/tree.h"
#include "services/guyline/import.h"

enum {
	GYL_IMPORT_FILE_MAX = 255,  /* included ones, too */
	GYL_IMPORT_FILE_SHIFT = 24, /* of a file's number, in the line of a place */
	GYL_IMPORT_DEPTH_MAX = 40,  /* blocks in blocks */
	GYL_IMPORT_DEF_MAX = 4096,  /* options that a file defines */
	GYL_IMPORT_CLASS_MAX = 64   /* that a configuration may have */
};

/* A place: the number of the file is in the highest octet of the line (a text has no more lines
 * than GYL_CONF_TEXT_MAX), as it is in the nodes. */
struct gyl_import_place {
	uint32_t line, col;
};

struct gyl_import_message {
	struct gyl_import_message *next;
	struct gyl_import_place at;
	const char *text;
};

/* A key of no meaning, of the file of that number. */
struct gyl_import_moot {
	struct gyl_import_moot *next;
	uint32_t file;
	const char *key;
};

/* One of an option space's definitions, or of the options that everybody has. */
struct gyl_import_def {
	struct gyl_import_def *next;
	struct gyl_view space, name;
	uint32_t code;
	const char *types; /* see gyl__import_encode() */
	bool array;        /* the types over and over */
	struct gyl_view encapsulate;
};

/* Addresses of one pool, kept until all is read. */
struct gyl_import_pool {
	struct gyl_import_pool *next;
	struct gyl_conf_node *subnet, *obj; /* obj: its own settings */
	struct gyl_conf_node *ranges;       /* list */
	struct gyl_view class_name;         /* of whom alone may have them; empty: all */
	struct gyl_import_place at;
};

/* What reservations are compared by. */
enum gyl_import_by {
	GYL_IMPORT_BY_ADDRESS,
	GYL_IMPORT_BY_CLIENT, /* MAC, client identifier and circuit together */
	GYL_IMPORT_BY_CNT
};

struct gyl_import {
	struct gyl_conf *c;          /* memory of all, and the tree of the result */
	struct gyl_conf_node *dhcpd; /* its section */
	struct gyl_conf_node *subnets, *classes, *hosts; /* lists; not in the tree before the end */
	const char *file[GYL_IMPORT_FILE_MAX + 1];
	uint8_t including[GYL_IMPORT_FILE_MAX + 1]; /* the file that includes it; 0: none */
	uint32_t file_cnt;
	struct gyl_import_message *message, **message_end;
	size_t message_cnt;
	struct gyl_import_moot *moot; /* each key once a file */
	struct gyl_import_def *def;
	uint32_t def_cnt, pool_cnt;
	struct gyl_import_pool *pool, **pool_end;
	struct gyl_import_host **host_bucket[GYL_IMPORT_BY_CNT]; /* by enum gyl_import_by */
	bool text_only;                                          /* nothing is included */
	bool bad;                                                /* a file is not of its form */
};

static inline struct gyl_import_place gyl__import_at(const struct gyl_conf_node *n)
{
	return (struct gyl_import_place){n->line, n->col};
}

/* ---- import_base.c: messages, files ---- */

/* Something is not in the result. what: as it is written there. */
void gyl__import_left(struct gyl_import *i, struct gyl_import_place at, struct gyl_view what,
	const char *why, ...) __attribute__((format(printf, 4, 5)));
/* Something is in the result, but means something else there. */
void gyl__import_but(struct gyl_import *i, struct gyl_import_place at, struct gyl_view what,
	const char *why, ...) __attribute__((format(printf, 4, 5)));
/* What is of no meaning for a server such as ours, threads and paths for example: all such keys of
 * a file are told in one line. */
void gyl__import_moot(struct gyl_import *i, struct gyl_import_place at, struct gyl_view key);
/* The file is not of its form. Always false. */
bool gyl__import_bad(struct gyl_import *i, struct gyl_import_place at, const char *why, ...)
	__attribute__((format(printf, 3, 4)));

/* Whole regular file, at most GYL_CONF_TEXT_MAX octets, in the memory of i; false with a reason. */
bool gyl__import_read(
	struct gyl_import *i, const char *path, struct gyl_view *ret_text, const char **ret_why);
/* A number for a file; 0: there are too many. */
uint32_t gyl__import_file_add(struct gyl_import *i, const char *path, uint32_t including);
/* The path that `name` means inside that file: relative ones are beside it. */
const char *gyl__import_beside(struct gyl_import *i, uint32_t file, struct gyl_view name);
/* Is that path the file, or one of those that include it? */
bool gyl__import_loops(const struct gyl_import *i, uint32_t file, const char *path);
const char *gyl__import_cstr(struct gyl_import *i, struct gyl_view v);
struct gyl_view gyl__import_printf(struct gyl_import *i, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- import_tree.c ---- */

struct gyl_conf_node *gyl__import_node(
	struct gyl_import *i, enum gyl_conf_kind kind, struct gyl_import_place at);
struct gyl_conf_node *gyl__import_text(
	struct gyl_import *i, struct gyl_import_place at, struct gyl_view text);
struct gyl_conf_node *gyl__import_bool(struct gyl_import *i, struct gyl_import_place at, bool on);
struct gyl_conf_node *gyl__import_ip(struct gyl_import *i, struct gyl_import_place at, uint32_t ip);
struct gyl_conf_node *gyl__import_seconds(
	struct gyl_import *i, struct gyl_import_place at, uint64_t s);
/* Octets as text when they are plain text, else "hex ...". */
struct gyl_conf_node *gyl__import_octets(
	struct gyl_import *i, struct gyl_import_place at, struct gyl_view octets);
struct gyl_conf_node *gyl__import_get(const struct gyl_conf_node *obj, const char *key);
/* In place of what is there. */
void gyl__import_set(
	struct gyl_import *i, struct gyl_conf_node *obj, const char *key, struct gyl_conf_node *n);
struct gyl_conf_node *gyl__import_child(struct gyl_import *i, struct gyl_conf_node *obj,
	const char *key, enum gyl_conf_kind kind, struct gyl_import_place at);
/* A copy that may stand elsewhere; its children are shared. */
struct gyl_conf_node *gyl__import_copy(struct gyl_import *i, const struct gyl_conf_node *n);
/* Give obj what it has not of src, objects inside likewise. */
void gyl__import_inherit(
	struct gyl_import *i, struct gyl_conf_node *obj, const struct gyl_conf_node *src);
/* Take a member out, or an item. */
void gyl__import_drop(struct gyl_conf_node *parent, struct gyl_conf_node *n);
void gyl__import_print_node(const struct gyl_conf_node *n, FILE *out);

/* ---- import_option.c ---- */

struct gyl_import_atom {
	struct gyl_view text;
	bool quoted;
	struct gyl_import_place at;
};

/*
 * The definition of an option of that space by name or number, "dhcp" being the options everybody
 * has; NULL: unknown.
 */
const struct gyl_import_def *gyl__import_def_find(
	struct gyl_import *i, struct gyl_view space, struct gyl_view name);
void gyl__import_def_add(struct gyl_import *i, const struct gyl_import_def *def);

/*
 * Octets of a value by the types of its definition, one a character: B truth, 1 2 4 numbers of so
 * many octets and b h w such with a sign, I address, t text, X octets, D name, d names, R route, -
 * nothing. False with a reason.
 */
bool gyl__import_encode(const struct gyl_import_def *def, const struct gyl_import_atom *atom,
	size_t cnt, struct gyl_writer *w, const char **ret_why);
/* Octets written "01:2:ff", "0x012f" or "012f". */
bool gyl__import_hex(struct gyl_view text, struct gyl_writer *w);

/* The value of an option as our configuration has it. */
struct gyl_conf_node *gyl__import_value(
	struct gyl_import *i, uint8_t code, struct gyl_view octets, struct gyl_import_place at);

/*
 * Make an option of obj's member "options". An option of a space goes to `sub`, an object of its
 * own, until gyl__import_encapsulate(). What cannot be is told with `what`.
 */
void gyl__import_option(struct gyl_import *i, struct gyl_conf_node *obj, struct gyl_conf_node *sub,
	const struct gyl_import_def *def, struct gyl_view octets, struct gyl_import_place at,
	struct gyl_view what);
/* Give sub what it has not of src, of those spaces that it has something of, and of one more. */
void gyl__import_inherit_spaces(struct gyl_import *i, struct gyl_conf_node *sub,
	const struct gyl_conf_node *src, struct gyl_view also);
/* All options of that space in sub become the option `code` of obj, unless it has that. */
void gyl__import_encapsulate(struct gyl_import *i, struct gyl_conf_node *obj,
	const struct gyl_conf_node *sub, struct gyl_view space, uint8_t code);
/* The same for every definition that says so, and for the spaces "vendor-ENTERPRISE". */
void gyl__import_encapsulate_all(
	struct gyl_import *i, struct gyl_conf_node *obj, const struct gyl_conf_node *sub);

/* ---- import_match.c ---- */

/*
 * A condition such as `substring(option vendor-class-identifier, 0, 9) = "PXEClient"`, or Kea's
 * `substring(option[60].hex,0,9) == 'PXEClient'`, several with `and`, into the members of a class.
 * False with a reason.
 */
bool gyl__import_match(struct gyl_import *i, struct gyl_conf_node *obj, struct gyl_view text,
	struct gyl_import_place at, const char **ret_why);
/* What it compares (an option, or 0 for the hardware address), and with what. */
bool gyl__import_match_value(struct gyl_import *i, struct gyl_conf_node *obj, unsigned code,
	bool prefix, struct gyl_view octets, struct gyl_import_place at, const char **ret_why);

/* ---- import_place.c: from what was read to what we have ---- */

/* The class of that name; NULL: there is none. */
struct gyl_conf_node *gyl__import_class(const struct gyl_import *i, struct gyl_view name);
void gyl__import_pool_add(struct gyl_import *i, const struct gyl_import_pool *p);
void gyl__import_range_add(struct gyl_import *i, struct gyl_conf_node *list,
	struct gyl_import_place at, uint32_t first, uint32_t last);
/* "10.0.0.0/24", "10.0.0.5-10.0.0.9" as numbers; MUST be such. */
bool gyl__import_prefix(struct gyl_view text, uint32_t *ret_ip, uint32_t *ret_len);
bool gyl__import_range(struct gyl_view text, uint32_t *ret_first, uint32_t *ret_last);
/* The subnet that an address lies in; NULL: none. */
struct gyl_conf_node *gyl__import_subnet_of(const struct gyl_import *i, uint32_t ip);

/* ---- import_hosts.c: which reservations there are ---- */

/* Has that owner a reservation with the same? No address is like no other. */
bool gyl__import_host_find(const struct gyl_import *i, const struct gyl_conf_node *owner,
	const struct gyl_conf_node *host, enum gyl_import_by by);
void gyl__import_host_add(
	struct gyl_import *i, const struct gyl_conf_node *owner, const struct gyl_conf_node *host);

/* ---- readers ---- */

bool gyl__import_isc(struct gyl_import *i, uint32_t file, struct gyl_view text);
bool gyl__import_kea(struct gyl_import *i, uint32_t file, struct gyl_view text);
bool gyl__import_dnsmasq(struct gyl_import *i, uint32_t file, struct gyl_view text);
bool gyl__import_ethers(struct gyl_import *i, uint32_t file, struct gyl_view text);

#endif
