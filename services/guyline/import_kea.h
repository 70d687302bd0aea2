/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_IMPORT_KEA_H
#define GYL_SERVICES_GUYLINE_IMPORT_KEA_H

/* Inside the reader of Kea's configuration: import_kea.c (file, values), import_kea_scope.c
 * (subnets, pools, hosts), import_kea_option.c (options, classes). */

#include "services/guyline/import_own.h"

struct gyl_kea {
	struct gyl_import *i;
	bool has_global; /* somewhere reservations of the whole service count */
};

/* The service, a shared network, a subnet, a pool, a class, a reservation. */
struct gyl_kea_scope {
	struct gyl_kea_scope *up;
	struct gyl_conf_node *obj;    /* settings */
	struct gyl_conf_node *sub;    /* options of spaces */
	struct gyl_conf_node *ranges; /* of a subnet's pool */
	struct gyl_view class_name;   /* of whom alone it is */
	bool unasked;                 /* its options are sent in any case */
	bool out;                     /* what it is for cannot be said here: leave it out */
};

typedef void gyl_kea_read(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to);

/* A row for a key. NULL as read: it is read elsewhere, or a remark; a NULL name ends. */
struct gyl_kea_key {
	const char *name;
	gyl_kea_read *read;
	const char *to;
};

/* import_kea.c */
void gyl__kea_keys(struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *obj,
	const struct gyl_kea_key *keys);
struct gyl_kea_scope *gyl__kea_scope(
	struct gyl_kea *r, struct gyl_kea_scope *up, struct gyl_import_place at);
void gyl__kea_encapsulate(struct gyl_kea *r, struct gyl_kea_scope *s);
struct gyl_import_place gyl__kea_at(const struct gyl_conf_node *n);
void gyl__kea_left(struct gyl_kea *r, const struct gyl_conf_node *n, const char *why);
bool gyl__kea_number(struct gyl_kea *r, const struct gyl_conf_node *n, uint64_t *ret_v);
bool gyl__kea_text(struct gyl_kea *r, const struct gyl_conf_node *n);
bool gyl__kea_is(struct gyl_kea *r, const struct gyl_conf_node *n, enum gyl_conf_kind kind);
gyl_kea_read gyl__kea_seconds, gyl__kea_string, gyl__kea_ip, gyl__kea_bool, gyl__kea_match_id,
	gyl__kea_time_left, gyl__kea_interfaces, gyl__kea_moot;
/* What is so here anyway: told when it says other than that, or when a list lacks it. */
gyl_kea_read gyl__kea_always, gyl__kea_never, gyl__kea_mode, gyl__kea_identifiers;

/* import_kea_scope.c */
void gyl__kea_global(struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *dhcp4);

/* import_kea_option.c */
gyl_kea_read gyl__kea_defs, gyl__kea_options, gyl__kea_classes;

#endif
