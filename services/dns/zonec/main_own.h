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

/* A line on the terminal that tells how far long work has come; nothing where nobody looks. */
struct gyl_zonec_progress {
	uint64_t next_ms;
	bool on, shown;
};

void gyl__zonec_progress_open(struct gyl_zonec_progress *p, bool quiet);
/* What compile.h and sign.h tell; arg: the progress. */
void gyl__zonec_progress(void *arg, const char *what, size_t done, size_t total);
void gyl__zonec_progress_close(struct gyl_zonec_progress *p);

/* What was built, beside the old file, then in its place: who reads it never sees half of one.
 * False after telling why not. */
bool gyl__zonec_write(const struct gyl_build *b, const char *path);
void gyl__zonec_sum(uint64_t zone_cnt, uint64_t name_cnt, uint64_t rr_cnt, uint64_t len);

/* guyline-zonec -c: an exit status. out: NULL: where the configuration says. */
int gyl__zonec_conf(const char *path, const char *out, bool check, bool quiet);

/* guyline-zonec --sign: an exit status. */
int gyl__zonec_sign(int argc, char **argv);

#endif
