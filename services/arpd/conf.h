/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_CONF_H
#define GYL_SERVICES_ARPD_CONF_H

#include "services/base/flat.h"

/* Section "arpd" of the flat block. */
struct gyl_arpd_conf {
	struct gyl_ref interfaces; /* of struct gyl_ref, strings: names; empty: all */
	uint64_t forget_ns;        /* a host not seen for so long is forgotten */
	uint64_t flipflop_ns;  /* an address that goes back to its former MAC within this time flips
				*/
	uint64_t duplicate_ns; /* two MACs that claim an address within this time use it both */
	uint32_t host_cnt;     /* bound of the table */
};

#endif
