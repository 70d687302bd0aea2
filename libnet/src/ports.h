/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_PORTS_H
#define GYL_LIBNET_SRC_PORTS_H

/* Bound UDP ports: a chained hash over the local port. We choose the ports, so it needs no secret.
 */

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
void gyl__ports_del(struct gyl_ports *t, uint16_t local_port);

/* The socket of a port, NULL when there is none. */
static inline const struct gyl_stack_sock *gyl__ports_find(
	const struct gyl_ports *t, uint16_t local_port)
{
	uint16_t i = t->head[local_port & t->mask];

	while (i != GYL_PORT_NONE && t->node[i].sock.local_port != local_port)
		i = t->node[i].next;
	return i == GYL_PORT_NONE ? NULL : &t->node[i].sock;
}

#endif
