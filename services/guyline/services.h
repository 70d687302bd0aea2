/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_SERVICES_H
#define GYL_SERVICES_GUYLINE_SERVICES_H

#include "services/base/service.h"

/* All there are, in the order in which they start. */
extern const struct gyl_service *const gyl_services[];
extern const size_t gyl_service_cnt;

#endif
