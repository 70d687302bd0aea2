/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_IMPORT_OPTION_H
#define GYL_SERVICES_GUYLINE_IMPORT_OPTION_H

/* Options by their names, and how their values are written: import_name.c. */

#include "services/guyline/import_own.h"

/* The code of an option by any name or its number; false: unknown. */
bool gyl__import_code(struct gyl_view name, uint8_t *ret_code);
/* The definition of an option that everybody has. */
struct gyl_import_def gyl__import_def_known(uint8_t code);

#endif
