/* SPDX-License-Identifier: ISC */
#ifndef GYL_JSON_IMPL_H
#define GYL_JSON_IMPL_H

#include <gyl/json.h>

/* Members of the innermost object that are JSON already, names, values and the commas between them:
 * what always stands in the same order is made in one piece. */
void gyl__json_raw(struct gyl_json *j, struct gyl_view v);

#endif
