/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_BUILD_H
#define GYL_SERVICES_SYSLOGD_BUILD_H

/* Files that the section "syslogd" names, looked at with the configuration: what is wrong with them
 * is told by -n, and before a start or a reload. The block has those of TLS (secure.h). */

#include "services/base/build.h"
#include "services/base/flat.h"

bool gyl__syslogd_build(const struct gyl_flat *flat, const void *conf, struct gyl_build *b);

#endif
