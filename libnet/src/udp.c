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
	gyl__route_peer(rx->iface, rx->vlan, rx->eth.src, rx->ip.src, rx->ip.dst, &in->peer);
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

/* Headers in front of the payload; the address of the next hop may still be unknown. */
static bool put_headers(struct gyl_frame_udp *f, const struct gyl_net_peer *to,
	const struct gyl_hop *hop, struct gyl_netbuf *buf, size_t off, size_t len)
{
	struct gyl_view frame;

	memcpy(f->dst_mac, hop->mac, 6);
	memcpy(f->src_mac, hop->iface->mac, 6);
	f->tag_cnt = hop->vlan != 0;
	f->tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = hop->vlan};
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

/* It may be cut on its way, so it says so. RFC 1624 for the checksum. */
static void clear_df(const struct gyl_hop *hop, const struct gyl_netbuf *buf)
{
	uint8_t *ip = buf->p + buf->off + 14 + (hop->vlan != 0 ? 4 : 0);
	uint16_t before = gyl_get_u16(ip + 6);

	gyl_set_u16(ip + 6, 0);
	gyl_set_u16(ip + 10, gyl_checksum_update_u16(gyl_get_u16(ip + 10), before, 0));
}

static void park(struct gyl_stack *s, const struct gyl_hop *hop, struct gyl_netbuf *buf)
{
	memcpy(gyl__park_frame(s, hop, buf->len)->frame, buf->p + buf->off, buf->len);
	buf->len = 0;
}

/* It does not fit: in pieces, or not at all. */
static enum gyl_stack_sent cut(struct gyl_stack *s, uint64_t now_ns, const struct gyl_net_peer *to,
	struct gyl_hop *hop, uint8_t ttl, struct gyl_view data, struct gyl_stack_batch *b)
{
	uint8_t head[GYL_UDP_HEADER_LEN];
	struct gyl_udp udp = {.src_port = to->local_port, .dst_port = to->port, .payload = data};
	struct gyl_dgram d = {.proto = GYL_IPV4_UDP,
		.ttl = ttl,
		.may_fragment = true,
		.head = gyl_view(head, sizeof(head)),
		.data = data};
	struct gyl_writer w;

	gyl_writer_init(&w, head, sizeof(head));
	gyl_udp_put_header(&w, &udp, hop->src, to->ip);
	if (!gyl_writer_ok(&w)) {
		s->stat.out_len_drop_cnt++;
		return GYL_STACK_DROPPED;
	}
	return gyl__ipv4_send(s, now_ns, hop, to->ip, &d, b);
}

enum gyl_stack_sent gyl_stack_udp_output(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_net_peer *to, const struct gyl_stack_how *how, struct gyl_netbuf *buf,
	size_t off, size_t len, uint8_t *ret_dev, struct gyl_stack_batch *b)
{
	bool may_fragment = how != NULL && how->may_fragment;
	struct gyl_frame_udp f;
	struct gyl_hop hop;
	enum gyl_stack_sent sent;

	buf->len = 0;
	if (!gyl__way(s, to, &hop))
		return GYL_STACK_DROPPED;
	f.ttl = gyl__how_ttl(s, how);
	if (!gyl__fits(s, now_ns, &hop, to->ip, GYL_IPV4_HEADER_LEN + GYL_UDP_HEADER_LEN + len)) {
		if (may_fragment)
			return cut(s, now_ns, to, &hop, f.ttl, gyl_view(buf->p + off, len), b);
		s->stat.out_len_drop_cnt++;
		return GYL_STACK_DROPPED;
	}
	sent = gyl__find_mac(s, now_ns, &hop, b);
	if (sent == GYL_STACK_DROPPED)
		return sent;
	f.id = gyl__ident_next(&s->ident);
	if (!put_headers(&f, to, &hop, buf, off, len)) {
		s->stat.out_len_drop_cnt++;
		return GYL_STACK_DROPPED;
	}
	if (may_fragment)
		clear_df(&hop, buf);
	if (sent == GYL_STACK_PARKED) {
		park(s, &hop, buf);
		return sent;
	}
	*ret_dev = hop.iface->dev;
	s->stat.out_ok_cnt++;
	return sent;
}
