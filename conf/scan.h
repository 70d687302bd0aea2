/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_SCAN_H
#define GYL_CONF_SCAN_H

/* Inside conf/: the shape of a JSON text and where everything stands in it. */

#include "conf/node.h"

/*
 * Read JSON text (RFC 8259) into nodes: kinds, places, and for scalars and keys the raw text
 * between the quotes, escapes and all. Notes the first syntax error, or every duplicate key, and
 * returns NULL.
 */
struct gyl_conf_node *gyl__conf_scan(struct gyl_conf *c, struct gyl_view text);

#endif
