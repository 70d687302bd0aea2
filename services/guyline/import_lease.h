/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_IMPORT_LEASE_H
#define GYL_SERVICES_GUYLINE_IMPORT_LEASE_H

/* `guyline import --leases ARGS`: an exit status. */
int gyl_import_leases(int argc, char **argv);

#endif
