/* SPDX-License-Identifier: ISC */
#include <gyl/frame.h>
#include <gyl/udp.h>

#include "libnet/src/stack.h"

_Static_assert(GYL_STACK_ROOM == GYL_FRAME_UDP_ROOM, "the encoder needs this room");

/* The socket a datagram is for, NULL when there is none. */
static const struct gyl_stack_sock *find(
	const struct gyl_stack *s, const struct gyl_rx *rx, const struct gyl_udp *udp)
{
	const struct gyl_stack_sock *k =
		gyl__ports_find(&s->ports, udp->dst_port, rx->iface->index);

	if (k == NULL || (k->local_ip != 0 && k->local_ip != rx->ip.dst))
		return NULL;
	if (k->remote_port != 0 && (k->remote_port != udp->src_port || k->remote_ip != rx->ip.src))
		return NULL;
	return k;
}

static void deliver(struct gyl_stack_in *in, const struct gyl_stack_sock *k,
	const struct gyl_rx *rx, const struct gyl_udp *udp)
{
	in->kind = GYL_STACK_DGRAM;
	in->port = k->port;
	in->ttl = rx->ip.ttl;
	in->flow = k->flow;
	gyl__route_peer(rx, &in->peer);
	in->peer.port = udp->src_port;
	in->peer.local_port = udp->dst_port;
	in->data = udp->payload;
}

void gyl__udp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	const struct gyl_stack_sock *k;
	struct gyl_udp udp;

	if (gyl_failed(
		    gyl_udp_decode(rx->ip.payload, rx->ip.src, rx->ip.dst, rx->checksum, &udp))) {
		s->stat.udp_bad_cnt++;
		return;
	}
	k = find(s, rx, &udp);
	if (k == NULL) {
		s->stat.udp_port_drop_cnt++;
		gyl__icmp_unreachable(s, rx, GYL_ICMP_PORT, b);
		return;
	}
	deliver(&b->in[b->in_cnt++], k, rx, &udp);
	s->stat.udp_ok_cnt++;
}

/* Find the hardware address. A new question goes into the batch. */
static enum gyl_stack_sent find_mac(struct gyl_stack *s, uint64_t now_ns, uint16_t vlan,
	struct gyl_hop *hop, struct gyl_stack_batch *b)
{
	struct gyl_arp_send send;

	if (hop->has_mac)
		return GYL_STACK_READY;
	switch (gyl_arp_cache_query(hop->iface->arp, now_ns, vlan, hop->ip, hop->mac, &send)) {
	case GYL_ARP_KNOWN:
		return GYL_STACK_READY;
	case GYL_ARP_ASK:
		gyl__arp_send(hop->iface, &send, b);
		return GYL_STACK_PARKED;
	case GYL_ARP_WAIT:
		return GYL_STACK_PARKED;
	case GYL_ARP_REFUSED:
		break;
	}
	s->stat.out_arp_drop_cnt++;
	return GYL_STACK_DROPPED;
}

/* Headers in front of the payload; the address of the next hop may still be unknown. */
static bool put_headers(struct gyl_frame_udp *f, const struct gyl_net_peer *to,
	const struct gyl_hop *hop, uint16_t vlan, struct gyl_netbuf *buf, size_t off, size_t len)
{
	struct gyl_view frame;

	memcpy(f->dst_mac, hop->mac, 6);
	memcpy(f->src_mac, hop->iface->mac, 6);
	f->tag_cnt = vlan != 0;
	f->tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = vlan};
	f->src_ip = hop->src;
	f->dst_ip = to->ip;
	f->src_port = to->local_port;
	f->dst_port = to->port;
	f->dscp = 0;
	if (gyl_failed(gyl_frame_udp_encode(f, buf->p, buf->cap, off, len, &frame)))
		return false;
	buf->off = (uint32_t)(frame.p - buf->p);
	buf->len = (uint32_t)frame.len;
	return true;
}

static void park(
	struct gyl_stack *s, uint16_t vlan, const struct gyl_hop *hop, struct gyl_netbuf *buf)
{
	struct gyl_park_key key = {.ip = hop->ip, .vlan = vlan, .iface = hop->iface->index};

	s->stat.out_park_drop_cnt +=
		gyl__park_put(&s->park, key, gyl_view(buf->p + buf->off, buf->len));
	buf->len = 0;
}

/* A way to the peer, and room on it for len octets. */
static bool find_way(
	struct gyl_stack *s, const struct gyl_net_peer *to, size_t len, struct gyl_hop *ret_hop)
{
	if (!(to->has_mac ? gyl__route_back(s, to, ret_hop) : gyl__route(s, to, ret_hop))) {
		s->stat.out_route_drop_cnt++;
		return false;
	}
	if (len > ret_hop->iface->mtu - (size_t)(GYL_IPV4_HEADER_LEN + GYL_UDP_HEADER_LEN)) {
		s->stat.out_len_drop_cnt++;
		return false;
	}
	return true;
}

enum gyl_stack_sent gyl_stack_udp_output(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_net_peer *to, const struct gyl_stack_how *how, struct gyl_netbuf *buf,
	size_t off, size_t len, uint8_t *ret_dev, struct gyl_stack_batch *b)
{
	enum gyl_stack_sent sent;
	struct gyl_frame_udp f;
	struct gyl_hop hop;
	uint16_t vlan;

	buf->len = 0;
	if (!find_way(s, to, len, &hop))
		return GYL_STACK_DROPPED;
	vlan = gyl__iface_tag(hop.iface, to->vlan);
	sent = find_mac(s, now_ns, vlan, &hop, b);
	if (sent == GYL_STACK_DROPPED)
		return sent;
	f.id = gyl__ident_next(&s->ident);
	f.ttl = how == NULL || how->ttl == 0 ? s->ttl : how->ttl;
	if (!put_headers(&f, to, &hop, vlan, buf, off, len)) {
		s->stat.out_len_drop_cnt++;
		return GYL_STACK_DROPPED;
	}
	if (sent == GYL_STACK_PARKED) {
		park(s, vlan, &hop, buf);
		return sent;
	}
	*ret_dev = hop.iface->dev;
	s->stat.out_ok_cnt++;
	return sent;
}
