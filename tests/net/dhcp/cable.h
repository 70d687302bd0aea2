/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_NET_DHCP_CABLE_H
#define GYL_TESTS_NET_DHCP_CABLE_H

/*
 * The other end of a server's cable: frames of clients and relays go in by hand, and each frame of
 * the server is looked at down to its checksums. Here we are every neighbour but the clients: who
 * asks by ARP for an address outside the pool gets the relays' MAC.
 */

#include "tests/support/dhcp_lab.h"

struct cable {
	int fd;
	uint8_t server[6]; /* its MAC */
	FILE *pcap;        /* what it sent; NULL: not written */
	unsigned frame_cnt;
};

/* Opens the interface and asks who has LAB_US, for at most that long. False, errno set. */
bool cable_open(struct cable *c, const char *iface, const char *pcap, int wait_ms);
void cable_close(struct cable *c);

void cable_send(struct cable *c, const struct dhcp_frame *f);
/* The next datagram of the server. ret_f->fault tells what is wrong with the frame. False: none
 * came in that time. */
bool cable_receive(struct cable *c, int wait_ms, struct dhcp_frame *ret_f);
/* Keep the last frame that was received for other judges. */
void cable_keep(struct cable *c);

#endif
