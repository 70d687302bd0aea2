/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_REPLY_H
#define GYL_SERVICES_DHCPD_REPLY_H

/* An answer while it is made. Inside of reply.c and of who else makes answers. */

#include "services/dhcpd/state.h"

struct gyl_dhcpd_reply {
	struct gyl_dhcpd_req *r;
	struct gyl_dhcp_hdr hdr;
	struct gyl_peer to;
	struct gyl_dhcp_writer w;
};

/* Where an answer of that type goes, by RFC 2131 4.1; hdr is filled. */
void gyl__dhcpd_reply_to(const struct gyl_dhcpd *d, struct gyl_dhcpd_reply *a, uint8_t type);

/* The header by RFC 2131 table 3, for an answer to the client. */
void gyl__dhcpd_reply_hdr(struct gyl_dhcpd_reply *a, uint8_t type, uint32_t yiaddr);
/* Begin to write; hdr and to are filled. after: not before the store has that. */
void gyl__dhcpd_reply_begin(
	const struct gyl_dhcpd *d, struct gyl_dhcpd_reply *a, uint8_t type, uint64_t after);
void gyl__dhcpd_reply_end(struct gyl_dhcpd_reply *a);

/* Option 81 in answer to one, RFC 4702 4; false: there was none, or it could not be read. */
bool gyl__dhcpd_fqdn_put(const struct gyl_dhcpd_req *r, struct gyl_dhcp_writer *w);

#endif
