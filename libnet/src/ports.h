/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_PORTS_H
#define GYL_LIBNET_SRC_PORTS_H

/* Bound UDP ports: a chained hash over the local port. We choose the ports, so it needs no secret.
 * A port stands there several times when it is bound on several sets of interfaces. */

#include <gyl/net/stack.h>

#define GYL_PORT_NONE UINT16_MAX

struct gyl_port_node {
	struct gyl_stack_sock sock;
	uint16_t next; /* of the chain, or free */
};

struct gyl_ports {
	uint16_t free;
	uint16_t mask;
	uint16_t *head;
	struct gyl_port_node *node;
};

/* Octets of memory, aligned to 8, for cnt sockets. */
size_t gyl__ports_need(uint16_t cnt);
void gyl__ports_init(struct gyl_ports *t, void *mem, uint16_t cnt);

enum gyl_stack_bound gyl__ports_add(struct gyl_ports *t, const struct gyl_stack_sock *sock);
void gyl__ports_del(struct gyl_ports *t, uint16_t local_port, uint64_t ifaces);

/* Is interface i in the set? 0 is the set of all. */
static inline bool gyl__ifaces_has(uint64_t ifaces, unsigned i)
{
	return ifaces == 0 || (ifaces >> i & 1) != 0;
}

/* The socket of a port on an interface, NULL when there is none. */
static inline const struct gyl_stack_sock *gyl__ports_find(
	const struct gyl_ports *t, uint16_t local_port, unsigned iface)
{
	uint16_t i = t->head[local_port & t->mask];

	while (i != GYL_PORT_NONE && (t->node[i].sock.local_port != local_port ||
					     !gyl__ifaces_has(t->node[i].sock.ifaces, iface)))
		i = t->node[i].next;
	return i == GYL_PORT_NONE ? NULL : &t->node[i].sock;
}

#endif
