/* SPDX-License-Identifier: ISC */
#include <gyl/frame.h>
#include <gyl/udp.h>

#include "libnet/src/stack.h"

_Static_assert(GYL_STACK_ROOM == GYL_FRAME_UDP_ROOM, "the encoder needs this room");

/* The socket a datagram is for, NULL when there is none. */
static const struct gyl_stack_sock *find(
	const struct gyl_stack *s, const struct gyl_rx *rx, const struct gyl_udp *udp)
{
	const struct gyl_stack_sock *k = gyl__ports_find(&s->ports, udp->dst_port);

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
	in->flow = k->flow;
	in->peer.ip = rx->ip.src;
	in->peer.local_ip = rx->ip.dst;
	in->peer.port = udp->src_port;
	in->peer.local_port = udp->dst_port;
	in->peer.vlan = rx->vlan;
	in->peer.has_mac = true;
	memcpy(in->peer.mac, rx->eth.src, 6);
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
static enum gyl_stack_sent find_mac(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_stack_peer *to, struct gyl_hop *hop, struct gyl_stack_batch *b)
{
	struct gyl_arp_send send;

	if (!gyl__ipv4_route(s, to->ip, hop)) {
		s->stat.out_route_drop_cnt++;
		return GYL_STACK_DROPPED;
	}
	if (hop->has_mac)
		return GYL_STACK_READY;
	switch (gyl_arp_cache_query(s->arp, now_ns, to->vlan, hop->ip, hop->mac, &send)) {
	case GYL_ARP_KNOWN:
		return GYL_STACK_READY;
	case GYL_ARP_ASK:
		gyl__arp_send(s, &send, b);
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
static bool put_headers(struct gyl_stack *s, const struct gyl_stack_peer *to, const uint8_t mac[6],
	struct gyl_netbuf *buf, size_t off, size_t len)
{
	struct gyl_frame_udp f;
	struct gyl_view frame;

	memcpy(f.dst_mac, mac, 6);
	memcpy(f.src_mac, s->cf.arp.mac, 6);
	f.tag_cnt = to->vlan != 0;
	f.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = to->vlan};
	f.src_ip = s->cf.ip;
	f.dst_ip = to->ip;
	f.src_port = to->local_port;
	f.dst_port = to->port;
	f.id = gyl__ident_next(&s->ident);
	f.ttl = GYL_STACK_TTL;
	f.dscp = 0;
	if (gyl_failed(gyl_frame_udp_encode(&f, buf->p, buf->cap, off, len, &frame)))
		return false;
	buf->off = (uint32_t)(frame.p - buf->p);
	buf->len = (uint32_t)frame.len;
	return true;
}

static void park(
	struct gyl_stack *s, uint16_t vlan, const struct gyl_hop *hop, struct gyl_netbuf *buf)
{
	s->stat.out_park_drop_cnt +=
		gyl__park_put(&s->park, vlan, hop->ip, gyl_view(buf->p + buf->off, buf->len));
	buf->len = 0;
}

enum gyl_stack_sent gyl_stack_udp_output(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_stack_peer *to, struct gyl_netbuf *buf, size_t off, size_t len,
	struct gyl_stack_batch *b)
{
	enum gyl_stack_sent sent = GYL_STACK_READY;
	const uint8_t *mac = to->mac;
	struct gyl_hop hop = {0};

	buf->len = 0;
	if (len > s->cf.mtu - GYL_IPV4_HEADER_LEN - GYL_UDP_HEADER_LEN) {
		s->stat.out_len_drop_cnt++;
		return GYL_STACK_DROPPED;
	}
	if (!to->has_mac) {
		sent = find_mac(s, now_ns, to, &hop, b);
		mac = hop.mac;
	}
	if (sent == GYL_STACK_DROPPED)
		return sent;
	if (!put_headers(s, to, mac, buf, off, len)) {
		s->stat.out_len_drop_cnt++;
		return GYL_STACK_DROPPED;
	}
	if (sent == GYL_STACK_PARKED)
		park(s, to->vlan, &hop, buf);
	else
		s->stat.out_ok_cnt++;
	return sent;
}
