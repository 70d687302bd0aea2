/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_VENDOR_BUILD_H
#define GYL_SERVICES_ARPD_VENDOR_BUILD_H

#include "services/base/build.h"

/*
 * Reads the list at path, and those of smaller blocks beside it (mam, oui36), and writes the block
 * of vendor.h. A list that is not there gives an empty block. False after reporting an error.
 */
bool gyl_arpd_vendors_build(const char *path, struct gyl_build *b);

#endif
