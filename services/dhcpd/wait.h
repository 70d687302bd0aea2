/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_WAIT_H
#define GYL_SERVICES_DHCPD_WAIT_H

/*
 * An address that a client names itself, by option 50, and that nobody has looked for. Before it is
 * offered (RFC 2131 4.3.1: a server SHOULD probe) it is asked for by ARP, at once, and the message
 * is kept until an answer would have come; then it is worked on as if it came anew, and if somebody
 * uses the address, another one is found. A message waits once; when too many do, its client gets
 * an address that was looked for before. Pure.
 */

#include "services/base/out.h"

struct gyl_dhcpd;
struct gyl_dhcpd_req;

enum {
	GYL_DHCPD_WAIT_MAX = 16, /* messages that wait; those of more octets do not */
	GYL_DHCPD_WAIT_LEN = 1500
};

struct gyl_dhcpd_wait {
	uint64_t at_ns;
	struct gyl_in in; /* its data is in octet */
	uint8_t octet[GYL_DHCPD_WAIT_LEN];
};

/* They go on in the order they came in. */
struct gyl_dhcpd_waits {
	uint32_t first, cnt;
	struct gyl_dhcpd_wait wait[GYL_DHCPD_WAIT_MAX];
};

enum gyl_dhcpd_look {
	GYL_DHCPD_LOOK_CLEAR, /* nobody answers there, or nobody can be asked */
	GYL_DHCPD_LOOK_WAITS, /* the message waits: it is not to be answered now */
	GYL_DHCPD_LOOK_LATER  /* it is not known, and nothing can be done about it now */
};

/* May an address that is free, but was not the client's before, be given to it? */
enum gyl_dhcpd_look gyl__dhcpd_look(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot);
/* The next message whose time has come, valid until the next call; NULL: none. */
const struct gyl_in *gyl__dhcpd_wait_next(struct gyl_dhcpd *d, struct gyl_now now);
uint64_t gyl__dhcpd_wait_deadline_ns(const struct gyl_dhcpd *d);

#endif
