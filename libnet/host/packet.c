/* SPDX-License-Identifier: ISC */

/*
 * Opening packet sockets. They are bound to all protocols, with the ethertype in the filter: where
 * the kernel hands out frames of one protocol, the VLAN tag is forgotten already.
 */

#include "libnet/host/packet_int.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>
#include <gyl/eth.h>
#include <linux/filter.h>
#include <linux/if_ether.h>

static bool has_addr(const struct gyl__ifaces *t, unsigned i, uint32_t ip)
{
	for (unsigned k = 0; k < t->addr_cnt; k++) {
		if (t->addr[k].iface == i && (ip == 0 || t->addr[k].ip == ip))
			return true;
	}
	return false;
}

static bool serves(const struct gyl__ifaces *t, unsigned i, const struct gyl_bind *b)
{
	if (!t->iface[i].ether || !gyl__ifaces_in(t, b->ifaces, (uint8_t)i))
		return false;
	return b->type == GYL_BIND_FRAME || has_addr(t, i, b->ip);
}

bool gyl__packet_needed(const struct gyl__ifaces *t, const struct gyl_bind *b)
{
	if (b->type == GYL_BIND_FRAME)
		return true;
	if ((b->flags & GYL_BIND_LINK) == 0)
		return false;
	for (unsigned i = 0; i < t->iface_cnt; i++) {
		if (serves(t, i, b))
			return true;
	}
	return false;
}

static int set_filter(int fd, struct sock_filter *code, size_t cnt)
{
	struct sock_fprog prog = {.len = (unsigned short)cnt, .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0 ? 0 : -errno;
}

int gyl__packet_none(int fd)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

	return set_filter(fd, code, 1);
}

#define CODE_CNT(code) (sizeof(code) / sizeof((code)[0]))

/* IPv4, UDP, no fragment, destination port: offsets from the Ethernet header, the tag is off. */
static int set_udp_filter(int fd, uint16_t port)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GYL_ETH_IPV4, 0, 8),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 4, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 16),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return set_filter(fd, code, CODE_CNT(code));
}

static int set_type_filter(int fd, uint16_t ethertype)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ethertype, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return set_filter(fd, code, CODE_CNT(code));
}

int gyl__packet_mute(const struct gyl__ifaces *t, int fd)
{
	uint32_t lo = 0;

	for (unsigned i = 0; i < t->iface_cnt; i++) {
		if (t->iface[i].loopback)
			lo = (uint32_t)t->iface[i].ifindex;
	}
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, lo, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return set_filter(fd, code, CODE_CNT(code));
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct gyl__link *k = arg;

	(void)fd;
	(void)what;
	k->dry = false;
	gyl__port_ready(k->port);
	if (k->port->held)
		gyl__port_pause(k->port);
}

/* Bound last: what comes before the filter is there would stay in the queue. */
static int set_up(struct gyl__packet *x, const struct gyl__iface *iface, int fd)
{
	static const int on = 1;
	struct sockaddr_ll ll = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = iface->ifindex};

	int err = x->frames ? set_type_filter(fd, x->port) : set_udp_filter(fd, x->port);

	if (err != 0)
		return err;
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) != 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)) != 0)
		return -errno;
	return bind(fd, (const struct sockaddr *)&ll, sizeof(ll)) == 0 ? 0 : -errno;
}

static int link_open(struct gyl__port *p, unsigned iface, const struct gyl_bind *b)
{
	struct gyl__packet *x = p->packet;
	struct gyl__link *k = &x->link[x->link_cnt];
	int err;

	k->port = p;
	k->iface = (uint8_t)iface;
	k->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (k->fd < 0)
		return -errno;
	x->link_cnt++;
	gyl__set_rcvbuf(k->fd, b->rcvbuf_len);
	err = set_up(x, &p->s->ifaces->iface[iface], k->fd);
	if (err != 0)
		return err;
	return event_assign(&k->ev, gyl_loop_base(p->s->loop), k->fd, EV_READ | EV_PERSIST,
		       on_readable, k) == 0
		       ? 0
		       : -EINVAL;
}

int gyl__packet_open(struct gyl__port *p, const struct gyl_bind *b)
{
	const struct gyl__ifaces *t = p->s->ifaces;
	int err = 0;

	p->packet = calloc(1, sizeof(*p->packet));
	if (p->packet == NULL)
		return -ENOMEM;
	p->packet->frames = b->type == GYL_BIND_FRAME;
	p->packet->port = b->port;
	p->packet->ip = b->ip;
	for (unsigned i = 0; i < t->iface_cnt && err == 0; i++) {
		if (serves(t, i, b))
			err = link_open(p, i, b);
	}
	if (err == 0 && p->packet->link_cnt == 0)
		err = -ENODEV;
	return err;
}

void gyl__packet_close(struct gyl__port *p)
{
	for (unsigned i = 0; i < p->packet->link_cnt; i++)
		(void)close(p->packet->link[i].fd);
	free(p->packet);
}

void gyl__packet_pause(struct gyl__port *p)
{
	for (unsigned i = 0; i < p->packet->link_cnt; i++)
		(void)event_del(&p->packet->link[i].ev);
}

void gyl__packet_resume(struct gyl__port *p)
{
	for (unsigned i = 0; i < p->packet->link_cnt; i++)
		(void)event_add(&p->packet->link[i].ev, NULL);
}
