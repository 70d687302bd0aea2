/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_TYPE_H
#define GYL_CONF_TYPE_H

/* Inside conf/: the scalar types: text to value and back. */

#include "conf/node.h"

enum {
	GYL__CONF_OCTETS_MAX = 4096, /* of a string, a path or a name */
	GYL__CONF_TEXT_MAX = 5120    /* of any scalar as text */
};

/* A scalar in the making: which member counts depends on its type. */
struct gyl__conf_value {
	uint64_t num; /* of types whose field is an integer of 1, 2, 4 or 8 octets */
	struct gyl_conf_prefix prefix;
	struct gyl_conf_range range;
	struct gyl_conf_server server;
	uint8_t mac[6];
	uint8_t octet[GYL__CONF_OCTETS_MAX + 1];
	size_t octet_len;
};

/* Where a value is kept between text and block. */
enum gyl__conf_store {
	GYL__CONF_NUM,
	GYL__CONF_PREFIX,
	GYL__CONF_RANGE,
	GYL__CONF_SERVER,
	GYL__CONF_MAC,
	GYL__CONF_OCTETS /* the field is a struct gyl_ref to them */
};

struct gyl__conf_type {
	const char *meta; /* "DURATION", for --help */
	const char *want; /* "a duration such as \"10m\"" */
	uint8_t kind;     /* enum gyl_conf_kind: how JSON writes it */
	uint8_t store;    /* enum gyl__conf_store */
	uint8_t len;      /* of the field, octets */
	bool bounded;     /* min and max of the key count */
	uint64_t max;     /* of the type, when bounded */
	/*
	 * Read the text. False: not of the type; `why` may then say what is wrong with it, beyond
	 * "expected WANT". Numbers too big for 64 bits become UINT64_MAX, for the bounds
	 * to refuse.
	 */
	bool (*parse)(const struct gyl_conf_key *k, struct gyl_view text,
		struct gyl__conf_value *ret_v, struct gyl_writer *why);
	/* Text that parse reads back to the same value. */
	void (*print)(const struct gyl_conf_key *k, const struct gyl__conf_value *v,
		struct gyl_writer *w);
};

/* "a duration of at least 1s", for a type with bounds. */
void gyl__conf_put_bounds(
	struct gyl_writer *w, const struct gyl_conf_key *k, const struct gyl__conf_type *t);

/* The row of a scalar type; NULL for an object or a map. */
const struct gyl__conf_type *gyl__conf_type(unsigned type);

/* Octets that one item of a key takes in its struct or list. */
size_t gyl__conf_item_len(const struct gyl_conf_key *k);

/* Move a value into a field of its type, and back. Octets stay where they are: field is its
 * reference. */
void gyl__conf_field_set(
	const struct gyl__conf_type *t, const struct gyl__conf_value *v, void *field);
void gyl__conf_field_get(
	const struct gyl__conf_type *t, const void *field, struct gyl__conf_value *ret_v);

/*
 * Read a node as a value of a key's type (not a list, object or map). dir: where relative paths
 * start, NULL: nowhere. False after writing a whole sentence into `why`, which MUST have room for
 * 512 octets.
 */
bool gyl__conf_scalar(const struct gyl_conf_key *k, const struct gyl_conf_node *n, const char *dir,
	struct gyl__conf_value *ret_v, struct gyl_writer *why);

#endif
