/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_PLACE_H
#define GYL_CONF_PLACE_H

/* Inside conf/: values from text (options, defaults) and their place in the tree. */

#include "conf/node.h"

/* The row of a key; NULL when the table has none. */
const struct gyl_conf_key *gyl__conf_key_find(const struct gyl_conf_table *t, struct gyl_view name);

/* The section of that name, among those of the set; NULL: none. */
const struct gyl_conf_section *gyl__conf_section_find(
	const struct gyl_conf_set *set, struct gyl_view name);

/* Names that may stand at the top of a file: keys of the top, then sections. NULL after the last.
 */
const char *gyl__conf_top_name(const void *set, size_t i);

/* A value written as on the command line; NULL: too many values, or JSON that cannot be read. */
struct gyl_conf_node *gyl__conf_from_text(
	struct gyl_conf *c, const struct gyl_conf_key *k, const char *text);

#endif
