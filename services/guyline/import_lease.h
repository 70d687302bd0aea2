/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_IMPORT_LEASE_H
#define GYL_SERVICES_GUYLINE_IMPORT_LEASE_H

/* Leases of other DHCP servers: read into our store, and written for them. */

#include <stdio.h>

#include "services/dhcpd/record_text.h"
#include "services/guyline/import.h"

/* The year 2500: an end after it is none, and events tell "never" so; a beginning is not known. */
#define GYL_LEASE_FAR_S UINT64_C(16725225600)

/* A lease as all servers know it. Octets and names are in the memory of their list. */
struct gyl_lease {
	uint32_t ip;
	bool has_mac, declined, released;
	uint8_t mac[6];
	uint64_t start_s, end_s; /* since 1970; end UINT64_MAX: never, start 0: not known */
	struct gyl_view id;      /* option 61, as it was sent */
	struct gyl_view name;
	struct gyl_view subnet; /* "10.77.0.0/16", when it is known */
	uint32_t giaddr;
	struct gyl_view option82; /* as it came last; no longer than GYL_DHCPD_RELAY_MAX */
};

/* By address; of several about one the last counts. */
struct gyl_leases {
	struct gyl_import *i;    /* memory and messages */
	struct gyl_lease **slot; /* open addressing, cap of them */
	size_t cap, cnt;
	struct gyl_lease **sorted; /* gyl__leases_sort(): cnt of them, by address */
};

enum gyl_lease_form {
	GYL_LEASE_GUESS,
	GYL_LEASE_ISC,
	GYL_LEASE_KEA,
	GYL_LEASE_DNSMASQ,
	GYL_LEASE_JSON, /* what `guyline leases --export json` writes, an object a line */
	GYL_LEASE_CSV   /* with a line of titles; written only */
};

/* "isc", "kea", "dnsmasq", "json" or "guyline", "csv". */
bool gyl_lease_form(const char *name, enum gyl_lease_form *ret_form);

/* i MUST live as long. */
void gyl_leases_init(struct gyl_leases *l, struct gyl_import *i);
void gyl_leases_free(struct gyl_leases *l);
/* Read a file, or a text under that name. False: it is none of that form, and messages say where.
 */
bool gyl_leases_file(struct gyl_leases *l, const char *file, enum gyl_lease_form form);
bool gyl_leases_text(
	struct gyl_leases *l, const char *file, struct gyl_view text, enum gyl_lease_form form);
/* A copy of it is what is known of its address from now on. */
void gyl_leases_put(struct gyl_leases *l, const struct gyl_lease *lease);
void gyl_leases_sort(struct gyl_leases *l);
/* All of them, sorted by address; now_s is the time of writing. False when out fails. */
bool gyl_leases_write(struct gyl_leases *l, enum gyl_lease_form form, uint64_t now_s, FILE *out);

/* Into the store of a daemon that does not run. An exit status, after saying why on stderr. */
int gyl_leases_store(struct gyl_leases *l, const char *dir);

/* `guyline import --leases ARGS`: an exit status. */
int gyl_import_leases(int argc, char **argv);

/* ---- readers ---- */

bool gyl__leases_isc(struct gyl_leases *l, uint32_t file, struct gyl_view text);
bool gyl__leases_kea(struct gyl_leases *l, uint32_t file, struct gyl_view text);
bool gyl__leases_dnsmasq(struct gyl_leases *l, uint32_t file, struct gyl_view text);
bool gyl__leases_json(struct gyl_leases *l, uint32_t file, struct gyl_view text);

#endif
