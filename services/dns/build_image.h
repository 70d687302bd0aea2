/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_BUILD_IMAGE_H
#define GYL_SERVICES_DNS_BUILD_IMAGE_H

#include "services/base/build.h"
#include "services/dns/conf.h"

/* All that the configuration names, into the image. Errors went to the build. */
bool gyl__dns_build_image(const struct gyl_flat *flat, const void *conf, struct gyl_build *b);

#endif
