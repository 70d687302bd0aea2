/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_NET_STATION_H
#define GYL_SERVICES_GUYLINE_NET_STATION_H

/* Our stack over a device, as far as ping and trace need it: it sends echo requests and hands over
 * what comes back. */

#include <gyl/icmp.h>
#include <gyl/net/stack.h>

#include "services/guyline/net_own.h"

struct gyl__station {
	struct gyl_netdev *dev;
	struct gyl_stack *stack;
	void *mem;
	uint16_t ident; /* of our echo requests */
	struct gyl_stack_in in[GYL_NETDEV_BATCH];
	struct gyl_netbuf out[GYL_NETDEV_BATCH];
};

/* An ICMP message that answers an echo request of ours. */
struct gyl__answer {
	uint32_t from;
	uint8_t type, code, ttl;
	uint16_t seq;  /* of the request it is about */
	uint16_t len;  /* octets of data that a reply brought back */
	bool is_whole; /* they are those that were sent */
	uint16_t mtu;  /* of fragmentation needed */
};

/* False: told on standard error. The address is announced, and used, at once. */
bool gyl__station_open(
	struct gyl__station *st, struct gyl_netdev *dev, const struct gyl__net_opts *o);
void gyl__station_close(struct gyl__station *st);

/* False: there is no way, or no room. */
bool gyl__station_echo(struct gyl__station *st, uint32_t ip, uint16_t seq, uint8_t ttl, size_t len);

/* Work until until_ns or an answer. 1: an answer; 0: it is until_ns; -1: interrupted. */
int gyl__station_wait(struct gyl__station *st, uint64_t until_ns, struct gyl__answer *ret);

/* "host unreachable", "time exceeded"; for errors. */
const char *gyl__station_why(const struct gyl__answer *a);

#endif
