/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONEC_MAIN_OWN_H
#define GYL_SERVICES_DNS_ZONEC_MAIN_OWN_H

/* What the two ways of guyline-zonec share: compiling (main.c) and signing (main_sign.c). */

#include <gyl/dns_name.h>

#include "services/base/build_own.h"

/* Errors, and warnings unless quiet, one a line. */
void gyl__zonec_notes(const struct gyl_build *b, bool quiet);

/* "event.example=event.zone": the file, and the zone in name. NULL: it is not of that form. */
const char *gyl__zonec_zone(const char *arg, uint8_t name[GYL_DNS_NAME_MAX]);

/* guyline-zonec --sign: an exit status. */
int gyl__zonec_sign(int argc, char **argv);

#endif
