/* SPDX-License-Identifier: ISC */

/*
 * What arrives is a copy of the frame before the machine's own IP looks at it, so the checks of
 * that are ours: Ethernet destination, checksums, destination address.
 *
 * Checksums: a frame of a peer on this machine (veth, tap, bridge) is not finished, its sender left
 * the sum to hardware that never comes; the kernel says so in PACKET_AUXDATA. The VLAN tag has been
 * taken off into the same place.
 *
 * VLAN interfaces: the kernel shows their frames to the socket of the parent too, with the index of
 * the VLAN interface. Those are its own socket's business. Tagged frames of a VLAN without an
 * interface come with our index and the tag: peer.vlan, and the answer gets it again.
 */

#include "libnet/host/packet.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>
#include <gyl/eth.h>
#include <gyl/frame.h>
#include <linux/filter.h>

enum {
	VID_MASK = 0x0fff,
	UDP_HEADERS_LEN = 28
};

struct link {
	struct gyl__port *port;
	struct event ev;
	int fd;
	uint8_t iface;
	bool dry;
	uint32_t burst;
	struct gyl__drops drops;
};

struct gyl__packet {
	bool frames; /* a FRAME port */
	uint16_t ethertype, udp_port;
	uint32_t ip; /* the one address served, 0: all of ours */
	unsigned link_cnt, turn;
	struct link link[GYL__IFACE_MAX];
};

/* ---- opening ---- */

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
	if (!t->iface[i].ether)
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

/* IPv4, UDP, no fragment, destination port: offsets from the Ethernet header, the tag is off. */
static int set_udp_filter(int fd, uint16_t port)
{
	struct sock_filter code[] = {
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
	struct sock_fprog prog = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
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
	struct sock_fprog prog = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == 0 ? 0 : -errno;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct link *k = arg;

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
		.sll_protocol = htons(x->ethertype),
		.sll_ifindex = iface->ifindex};

	if (!x->frames && set_udp_filter(fd, x->udp_port) != 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)) != 0)
		return -errno;
	return bind(fd, (const struct sockaddr *)&ll, sizeof(ll)) == 0 ? 0 : -errno;
}

static int link_open(struct gyl__port *p, unsigned iface, const struct gyl_bind *b)
{
	struct gyl__packet *x = p->packet;
	struct link *k = &x->link[x->link_cnt];
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
	p->packet->ethertype = p->packet->frames ? b->port : GYL_ETH_IPV4;
	p->packet->udp_port = b->port;
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

/* ---- in ---- */

static bool for_our_mac(const struct gyl__iface *iface, const uint8_t *dst)
{
	return (dst[0] & 1) != 0 || memcmp(dst, iface->mac, sizeof(iface->mac)) == 0;
}

static bool for_our_ip(const struct gyl__port *p, const struct link *k, uint32_t ip)
{
	if (gyl__ifaces_broadcast(p->s->ifaces, k->iface, ip))
		return true;
	return p->packet->ip != 0 ? ip == p->packet->ip : gyl__ifaces_ours(p->s->ifaces, ip);
}

static uint16_t vlan_of(
	const struct gyl__beside *x, unsigned tag_cnt, const struct gyl_eth_tag *tag)
{
	if ((x->status & TP_STATUS_VLAN_VALID) != 0)
		return x->tci & VID_MASK;
	return tag_cnt != 0 ? tag[0].vid : 0;
}

static bool read_udp(const struct link *k, const struct gyl__beside *x, struct gyl_in *in)
{
	unsigned flags = (x->status & TP_STATUS_CSUMNOTREADY) != 0 ? GYL_CHECKSUM_SKIP : 0;
	struct gyl_frame_udp u;

	if (gyl_failed(gyl_frame_udp_decode(in->data, flags, &u)) ||
		!for_our_ip(k->port, k, u.dst_ip) || u.dst_port != k->port->packet->udp_port)
		return false;
	in->kind = GYL_IN_DGRAM;
	in->data = u.payload;
	in->peer.ip = u.src_ip;
	in->peer.port = u.src_port;
	in->peer.local_ip = u.dst_ip;
	in->peer.local_port = u.dst_port;
	in->peer.vlan = vlan_of(x, u.tag_cnt, u.tag);
	return true;
}

static bool read_frame(const struct gyl__beside *x, struct gyl_in *in)
{
	struct gyl_eth e;

	if (gyl_failed(gyl_eth_decode(in->data, &e)))
		return false;
	in->peer.vlan = vlan_of(x, e.tag_cnt, e.tag);
	return true;
}

static bool fill(struct link *k, size_t i, struct gyl_in *in)
{
	struct gyl__port *p = k->port;
	const struct gyl__iface *iface = &p->s->ifaces->iface[k->iface];
	struct gyl__beside x = gyl__batch_beside(p->batch, i);
	const struct sockaddr_ll *ll = &p->batch->name[i].ll;
	size_t cut;

	if (x.has_drops)
		gyl__drops_note(&k->drops, x.drop_cnt);
	if (ll->sll_ifindex != iface->ifindex || ll->sll_pkttype == PACKET_OUTGOING)
		return false;
	gyl__in_init(in, p, GYL_IN_FRAME);
	in->data = gyl__batch_data(p->batch, i, &cut);
	if (cut != 0 || in->data.len < GYL_ETH_HEADER_LEN || !for_our_mac(iface, in->data.p))
		return false;
	in->peer.iface = k->iface;
	in->peer.has_mac = 1;
	memcpy(in->peer.mac, in->data.p + 6, sizeof(in->peer.mac));
	return p->packet->frames ? read_frame(&x, in) : read_udp(k, &x, in);
}

static size_t link_recv(struct link *k, struct gyl_in *in, size_t first, size_t cap)
{
	struct gyl__port *p = k->port;
	size_t n = 0, got = gyl__batch_read(p->batch, k->fd, first, cap);

	k->burst += (uint32_t)got;
	if (got < cap - first) {
		k->dry = true;
		if (k->burst >= GYL_SOCKS_BATCH)
			gyl__drops_ask(&k->drops, k->fd);
		k->burst = 0;
	}
	for (size_t i = first; i < first + got; i++) {
		if (!fill(k, i, &in[n])) {
			p->s->stat.in_bad_cnt++;
			continue;
		}
		gyl__count_in(p->s, in[n].data.len);
		n++;
	}
	return n;
}

size_t gyl__packet_recv(struct gyl__port *p, struct gyl_in *in, size_t cap)
{
	struct gyl__packet *x = p->packet;
	size_t n = 0;

	/* Another one first each time: a flooded interface does not silence the others. */
	for (unsigned i = 0; i < x->link_cnt && n < cap; i++) {
		struct link *k = &x->link[(x->turn + i) % x->link_cnt];

		while (!k->dry && n < cap)
			n += link_recv(k, in + n, n, cap);
	}
	x->turn = (x->turn + 1) % x->link_cnt;
	for (unsigned i = 0; i < x->link_cnt && n < cap; i++) {
		struct link *k = &x->link[i];

		if (k->drops.due != 0) {
			gyl__in_init(&in[n], p, GYL_IN_DROPPED);
			in[n++].seq = gyl__drops_take(&k->drops);
		}
	}
	return n;
}

uint64_t gyl__packet_lost(struct gyl__port *p)
{
	uint64_t cnt = 0;

	for (unsigned i = 0; i < p->packet->link_cnt; i++) {
		struct link *k = &p->packet->link[i];

		gyl__drops_ask(&k->drops, k->fd);
		if (k->drops.due != 0)
			gyl__port_ready(p);
		cnt += k->drops.in_all;
	}
	return cnt;
}

/* ---- out ---- */

int gyl__packet_way(const struct gyl__port *p, const struct gyl_send *slot)
{
	const struct gyl__packet *x = p->packet;

	if (!x->frames && slot->to.has_mac == 0)
		return -1;
	for (unsigned i = 0; i < x->link_cnt; i++) {
		if (x->link[i].iface == slot->to.iface)
			return (int)i;
	}
	return -1;
}

static bool put_udp(const struct link *k, const struct gyl_send *slot, struct iovec *ret_iov)
{
	const struct gyl__ifaces *t = k->port->s->ifaces;
	const struct gyl__iface *iface = &t->iface[k->iface];
	const struct gyl_peer *to = &slot->to;
	struct gyl_frame_udp u = {.tag_cnt = to->vlan != 0,
		.src_ip = gyl__ifaces_ours(t, to->local_ip) ? to->local_ip : iface->ip,
		.dst_ip = to->ip,
		.src_port = k->port->packet->udp_port,
		.dst_port = to->port};
	struct gyl_view frame;

	if (slot->len + UDP_HEADERS_LEN > iface->mtu)
		return false;
	memcpy(u.dst_mac, to->mac, sizeof(u.dst_mac));
	memcpy(u.src_mac, iface->mac, sizeof(u.src_mac));
	u.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = to->vlan};
	if (gyl_failed(gyl_frame_udp_encode(&u, slot->p - GYL_FRAME_UDP_ROOM,
		    GYL_FRAME_UDP_ROOM + slot->cap, GYL_FRAME_UDP_ROOM, slot->len, &frame)))
		return false;
	*ret_iov = (struct iovec){slot->p + (frame.p - slot->p), frame.len};
	return true;
}

/* A whole frame, tagged here when it is to go into a VLAN and its writer did not care. */
static bool put_frame(const struct gyl_send *slot, struct iovec *ret_iov)
{
	uint8_t *p = slot->p;
	size_t len = slot->len;

	if (len < GYL_ETH_HEADER_LEN)
		return false;
	if (slot->to.vlan != 0 && gyl_get_u16(p + 12) != GYL_ETH_VLAN) {
		memmove(p - GYL_ETH_TAG_LEN, p, 12);
		p -= GYL_ETH_TAG_LEN;
		len += GYL_ETH_TAG_LEN;
		gyl_set_u16(p + 12, GYL_ETH_VLAN);
		gyl_set_u16(p + 14, slot->to.vlan & VID_MASK);
	}
	if (len < GYL_ETH_FRAME_MIN) { /* a lent slot has room for 1,472 octets */
		memset(p + len, 0, GYL_ETH_FRAME_MIN - len);
		len = GYL_ETH_FRAME_MIN;
	}
	*ret_iov = (struct iovec){p, len};
	return true;
}

void gyl__packet_send(struct gyl__port *p, int way, const struct gyl_send *slot, size_t cnt)
{
	const struct link *k = &p->packet->link[way];
	struct gyl_socks *s = p->s;
	size_t n = 0;

	for (size_t i = 0; i < cnt; i++) {
		if (p->packet->frames ? !put_frame(&slot[i], &s->iov[n])
				      : !put_udp(k, &slot[i], &s->iov[n])) {
			s->stat.out_lost_cnt++;
			continue;
		}
		s->msg[n].msg_hdr = (struct msghdr){.msg_iov = &s->iov[n], .msg_iovlen = 1};
		n++;
	}
	gyl__msgs_send(s, k->fd, n);
}
