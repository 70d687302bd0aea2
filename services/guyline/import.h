/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_IMPORT_H
#define GYL_SERVICES_GUYLINE_IMPORT_H

/* `guyline import`: configurations and leases of other DHCP servers, turned into ours. */

#include <gyl/base.h>
#include <stdio.h>

/* What a file is written in. */
enum gyl_import_form {
	GYL_IMPORT_GUESS,
	GYL_IMPORT_ISC,     /* ISC's dhcpd.conf, of which Charrua's is a part */
	GYL_IMPORT_KEA,     /* JSON with comments */
	GYL_IMPORT_DNSMASQ, /* dnsmasq.conf */
	GYL_IMPORT_ETHERS   /* "MAC ADDRESS" or "MAC NAME" a line */
};

struct gyl_import;

struct gyl_import *gyl_import_new(void);
void gyl_import_free(struct gyl_import *i);

/*
 * Read a configuration file, or a text under that name, which includes no files; several add up.
 * False: it cannot be read as that form, and the messages say where.
 */
bool gyl_import_file(struct gyl_import *i, const char *file, enum gyl_import_form form);
bool gyl_import_text(
	struct gyl_import *i, const char *file, struct gyl_view text, enum gyl_import_form form);

/* Put together what was read, once, and have our own check look at it. False: it was too much. */
bool gyl_import_finish(struct gyl_import *i);
/* The result as our JSON. False when out fails. */
bool gyl_import_print(struct gyl_import *i, FILE *out);

/*
 * One a line, "FILE:LINE:COLUMN: what: why", in the order of the files; then a line a file with
 * its keys that are of no meaning here. Returns how many there are without these.
 */
size_t gyl_import_messages(struct gyl_import *i, FILE *err);

/* `guyline import ARGS`: argv[0] is "import". An exit status. */
int gyl_import_main(int argc, char **argv);

#endif
