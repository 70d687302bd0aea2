/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_IMPORT_ISC_H
#define GYL_SERVICES_GUYLINE_IMPORT_ISC_H

/* Inside the reader of ISC's dhcpd.conf: import_isc.c (blocks), import_isc_word.c (statements),
 * import_isc_option.c, import_isc_class.c. */

#include "services/guyline/import_lex.h"

enum gyl_isc_kind {
	GYL_ISC_FILE = 1,
	GYL_ISC_SHARED = 2,
	GYL_ISC_SUBNET = 4,
	GYL_ISC_POOL = 8,
	GYL_ISC_GROUP = 16,
	GYL_ISC_HOST = 32,
	GYL_ISC_CLASS = 64
};

/* A block. Settings count for what is inside, wherever in the block they stand, so they are handed
 * down when all is read. */
struct gyl_isc_scope {
	struct gyl_isc_scope *up, *next;  /* next: in the order of the file */
	struct gyl_isc_scope *next_class; /* of those that are no subclass */
	unsigned kind;                    /* enum gyl_isc_kind */
	uint32_t depth;
	struct gyl_import_place at;
	struct gyl_view name;          /* of a host, class, shared-network */
	struct gyl_conf_node *obj;     /* settings */
	struct gyl_conf_node *sub;     /* options of spaces */
	struct gyl_conf_node *ranges;  /* of a pool, or straight in a subnet or shared-network */
	struct gyl_conf_node *address; /* of a host, a list */
	struct gyl_view vendor_space, member_of;
	struct gyl_view denied; /* of a pool: a class whose members do not get its addresses */
	struct gyl_import_place denied_at;
	int8_t authoritative; /* 1, -1: not, 0: says nothing */
	/* Of a class: what its subclasses are told by. 0: the hardware address, else an option. */
	bool has_match, by_value, restricted;
	unsigned match_code;
	uint32_t match_len; /* UINT32_MAX: all of it */
	uint32_t sub_cnt;
};

struct gyl_isc {
	struct gyl_import *i;
	struct gyl_import_lexer lex;
	struct gyl_isc_scope *first, **end;
	struct gyl_isc_scope *first_class;
	uint32_t known_cnt, unknown_cnt; /* statements */
	bool names_told;                 /* hosts are told their names in the file */
};

/* import_isc.c */
struct gyl_isc_scope *gyl__isc_scope(
	struct gyl_isc *r, struct gyl_isc_scope *up, unsigned kind, struct gyl_import_place at);
/* Statements up to the end of the block or of the file. */
bool gyl__isc_block(struct gyl_isc *r, struct gyl_isc_scope *s);
bool gyl__isc_braces(struct gyl_isc *r, struct gyl_isc_scope *s);
/* Step over ';', or say that it is missing. */
bool gyl__isc_semicolon(struct gyl_isc *r);
/* Leave the rest of a statement out. */
bool gyl__isc_leave(struct gyl_isc *r, const struct gyl_import_token *what, const char *why);

/* import_isc_word.c: a statement that is no block. False: it cannot be read. *ret_known: it is one.
 */
bool gyl__isc_word(struct gyl_isc *r, struct gyl_isc_scope *s, bool *ret_known);

/* import_isc_option.c: behind the word "option". */
bool gyl__isc_option(struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start);

/* import_isc_class.c: "class" and "subclass"; and "match", inside. */
bool gyl__isc_class(struct gyl_isc *r, struct gyl_isc_scope *s);
bool gyl__isc_subclass(struct gyl_isc *r, struct gyl_isc_scope *s);
bool gyl__isc_match(struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start);
/* A class whose conditions are all read goes to the others. */
void gyl__isc_class_done(struct gyl_isc *r, struct gyl_isc_scope *s);

#endif
