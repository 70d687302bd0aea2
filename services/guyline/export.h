/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_EXPORT_H
#define GYL_SERVICES_GUYLINE_EXPORT_H

#include "services/guyline/tool.h"

/* Ask, and write what comes in the format of that name. An exit status. */
int gyl_leases_export(
	const struct gyl_tool *t, const struct gyl_tool_request *q, const char *format);

#endif
