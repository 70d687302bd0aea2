/* SPDX-License-Identifier: ISC */
#include "libnet/src/ports.h"

#include "libnet/src/heads.h"

enum {
	HEAD_MIN = 64
};

size_t gyl__ports_need(uint16_t cnt)
{
	return cnt * sizeof(struct gyl_port_node) + gyl__head_cnt(cnt, HEAD_MIN) * sizeof(uint16_t);
}

void gyl__ports_init(struct gyl_ports *t, void *mem, uint16_t cnt)
{
	t->node = mem;
	t->head = (uint16_t *)(void *)(t->node + cnt);
	t->mask = (uint16_t)(gyl__head_cnt(cnt, HEAD_MIN) - 1);
	memset(t->head, 0xff, gyl__head_cnt(cnt, HEAD_MIN) * sizeof(uint16_t));
	t->free = GYL_PORT_NONE;
	for (uint16_t i = cnt; i-- > 0;) {
		t->node[i].next = t->free;
		t->free = i;
	}
}

static bool do_meet(uint64_t a, uint64_t b)
{
	return a == 0 || b == 0 || (a & b) != 0;
}

static bool is_taken(const struct gyl_ports *t, const struct gyl_stack_sock *sock)
{
	uint16_t i = t->head[sock->local_port & t->mask];

	while (i != GYL_PORT_NONE && (t->node[i].sock.local_port != sock->local_port ||
					     !do_meet(t->node[i].sock.ifaces, sock->ifaces)))
		i = t->node[i].next;
	return i != GYL_PORT_NONE;
}

enum gyl_stack_bound gyl__ports_add(struct gyl_ports *t, const struct gyl_stack_sock *sock)
{
	uint16_t *head = &t->head[sock->local_port & t->mask];
	uint16_t i = t->free;

	if (is_taken(t, sock))
		return GYL_STACK_IN_USE;
	if (i == GYL_PORT_NONE)
		return GYL_STACK_FULL;
	t->free = t->node[i].next;
	t->node[i].sock = *sock;
	t->node[i].next = *head;
	*head = i;
	return GYL_STACK_BOUND;
}

void gyl__ports_del(struct gyl_ports *t, uint16_t local_port, uint64_t ifaces)
{
	uint16_t *at = &t->head[local_port & t->mask];
	uint16_t i;

	while (*at != GYL_PORT_NONE &&
		(t->node[*at].sock.local_port != local_port || t->node[*at].sock.ifaces != ifaces))
		at = &t->node[*at].next;
	i = *at;
	if (i == GYL_PORT_NONE)
		return;
	*at = t->node[i].next;
	t->node[i].next = t->free;
	t->free = i;
}
