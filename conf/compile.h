/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_COMPILE_H
#define GYL_CONF_COMPILE_H

/* Inside conf/: from a tree of values to structs in a block, along the tables. */

#include "conf/block.h"

enum {
	GYL__CONF_MAP_VALUE_MAX = 65536 /* octets that a hook may make of one value */
};

struct gyl__conf_compile {
	struct gyl_conf *c;
	struct gyl__conf_block b;
	size_t top_root;  /* of the keys at the top, once they are found good; else 0 */
	uint8_t *map_buf; /* GYL__CONF_MAP_VALUE_MAX octets */
};

/*
 * Put the members of n into the struct at off, which has room already; what is wrong is noted.
 * strict: a required key that is missing is wrong.
 */
void gyl__conf_compile_object(struct gyl__conf_compile *m, const struct gyl_conf_table *t,
	struct gyl_conf_node *n, size_t off, bool strict);

/* The same without looking for members that the table does not know. */
void gyl__conf_compile_keys(struct gyl__conf_compile *m, const struct gyl_conf_table *t,
	struct gyl_conf_node *n, size_t off, bool strict);

#endif
