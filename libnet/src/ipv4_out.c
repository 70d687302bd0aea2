/* SPDX-License-Identifier: ISC */

/*
 * Datagrams on their way down: a route, a hardware address, room, and pieces when they are too long
 * and may be cut. What is written here is copied into buffers of the device it leaves by; UDP and
 * TCP, whose payload lies in such a buffer already, take the first steps only (udp.c, tcp.c).
 */

#include "libnet/src/stack.h"

bool gyl__way(struct gyl_stack *s, const struct gyl_net_peer *to, struct gyl_hop *ret_hop)
{
	if (to->has_mac ? gyl__route_back(s, to, ret_hop) : gyl__route(s, to, ret_hop))
		return true;
	s->stat.out_route_drop_cnt++;
	return false;
}

uint16_t gyl__way_mtu(struct gyl_stack *s, uint64_t now_ns, const struct gyl_hop *hop, uint32_t dst)
{
	uint16_t mtu = gyl__path_mtu(&s->paths, now_ns, dst);

	if (mtu == 0 || mtu >= hop->iface->mtu)
		return hop->iface->mtu;
	gyl__path_used(&s->paths, dst);
	return mtu;
}

enum gyl_stack_sent gyl__find_mac(
	struct gyl_stack *s, uint64_t now_ns, struct gyl_hop *hop, struct gyl_stack_batch *b)
{
	struct gyl_arp_send send;

	if (hop->has_mac)
		return GYL_STACK_READY;
	switch (gyl_arp_cache_query(hop->iface->arp, now_ns, hop->vlan, hop->ip, hop->mac, &send)) {
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

struct gyl_parked *gyl__park_frame(struct gyl_stack *s, const struct gyl_hop *hop, size_t len)
{
	struct gyl_park_key key = {hop->ip, hop->vlan, hop->iface->index};
	size_t gone;
	struct gyl_parked *f = gyl__park_put(&s->park, key, len, &gone);

	s->stat.out_park_drop_cnt += gone;
	return f;
}

/* Octets [off, off + len) of the payload, which lies in two places. */
static void put_range(struct gyl_writer *w, const struct gyl_dgram *d, size_t off, size_t len)
{
	struct gyl_view head = gyl_view_sub(d->head, off, len);

	gyl_put_view(w, head);
	if (len > head.len)
		gyl_put_view(
			w, gyl_view_sub(d->data, off + head.len - d->head.len, len - head.len));
}

/* One frame: where it is to be sent, or where it waits. Its length is known beforehand, and the
 * device's buffers are made for it, so the writer does not fail. */
static void put_frame(struct gyl_stack *s, const struct gyl_hop *hop, enum gyl_stack_sent sent,
	const struct gyl_dgram *d, const struct gyl_ipv4 *ip, struct gyl_stack_batch *b)
{
	struct gyl_stack_out *out = &b->out[hop->iface->dev];
	size_t len = 14u + (hop->vlan != 0 ? 4u : 0u) + GYL_IPV4_HEADER_LEN + ip->payload.len;
	struct gyl_writer w;

	if (sent == GYL_STACK_PARKED) {
		gyl_writer_init(&w, gyl__park_frame(s, hop, len)->frame, len);
	} else {
		struct gyl_netbuf *buf = &out->buf[out->cnt++];

		gyl_writer_init(&w, buf->p, buf->cap);
		buf->off = 0;
		buf->len = (uint32_t)len;
		s->stat.out_ok_cnt++;
	}
	gyl__eth_put(&w, hop->iface, hop->mac, hop->vlan, GYL_ETH_IPV4);
	gyl_ipv4_put_header(&w, ip);
	put_range(&w, d, ip->frag_off, ip->payload.len);
}

/* RFC 791 3.2: all pieces but the last, the first one too, hold a multiple of 8 octets. */
static size_t piece_len(uint16_t mtu)
{
	return (size_t)(mtu - GYL_IPV4_HEADER_LEN) & ~(size_t)7;
}

static void put_pieces(struct gyl_stack *s, const struct gyl_hop *hop, enum gyl_stack_sent sent,
	const struct gyl_dgram *d, struct gyl_ipv4 *ip, uint16_t mtu, struct gyl_stack_batch *b)
{
	size_t len = d->head.len + d->data.len;

	ip->flags = GYL_IPV4_MF;
	for (size_t off = 0; off < len; off += ip->payload.len) {
		ip->frag_off = (uint16_t)off;
		ip->payload.len = piece_len(mtu);
		if (len - off <= mtu - (size_t)GYL_IPV4_HEADER_LEN) {
			ip->payload.len = len - off;
			ip->flags = 0;
		}
		put_frame(s, hop, sent, d, ip, b);
		s->stat.frag_cnt++;
	}
}

/* How many frames it takes, at least. */
static size_t frame_cnt(size_t len, uint16_t mtu)
{
	return len <= mtu - (size_t)GYL_IPV4_HEADER_LEN
		       ? 1
		       : (len + piece_len(mtu) - 1) / piece_len(mtu);
}

/* All of its frames, or none: pieces of a datagram that is not whole are of no use. */
static bool has_room(struct gyl_stack *s, const struct gyl_hop *hop, enum gyl_stack_sent sent,
	size_t cnt, size_t len, const struct gyl_stack_batch *b)
{
	const struct gyl_stack_out *out = &b->out[hop->iface->dev];

	len += cnt * (18 + GYL_IPV4_HEADER_LEN); /* with a tag */
	if (sent == GYL_STACK_PARKED && (cnt > GYL_PARK_PER_IP || len > GYL_PARK_LEN_PER_IP)) {
		s->stat.out_park_drop_cnt++;
		return false;
	}
	if (sent == GYL_STACK_READY && cnt > out->cap - out->cnt) {
		s->stat.out_room_drop_cnt++;
		return false;
	}
	return true;
}

enum gyl_stack_sent gyl__ipv4_send(struct gyl_stack *s, uint64_t now_ns, struct gyl_hop *hop,
	uint32_t dst, const struct gyl_dgram *d, struct gyl_stack_batch *b)
{
	uint16_t mtu = gyl__way_mtu(s, now_ns, hop, dst);
	size_t len = d->head.len + d->data.len, cnt = frame_cnt(len, mtu);
	struct gyl_ipv4 ip = {.ttl = d->ttl, .proto = d->proto, .src = hop->src, .dst = dst};
	enum gyl_stack_sent sent;

	if ((cnt > 1 && !d->may_fragment) || len > GYL_IPV4_LEN_MAX - GYL_IPV4_HEADER_LEN) {
		s->stat.out_len_drop_cnt++;
		return GYL_STACK_DROPPED;
	}
	sent = gyl__find_mac(s, now_ns, hop, b);
	if (sent == GYL_STACK_DROPPED || !has_room(s, hop, sent, cnt, len, b))
		return GYL_STACK_DROPPED;
	ip.id = gyl__ident_next(&s->ident);
	ip.flags = d->may_fragment ? 0 : GYL_IPV4_DF;
	ip.payload.len = len;
	if (cnt == 1)
		put_frame(s, hop, sent, d, &ip, b);
	else
		put_pieces(s, hop, sent, d, &ip, mtu, b);
	return sent == GYL_STACK_PARKED ? sent : GYL_STACK_PIECES;
}

enum gyl_stack_sent gyl_stack_ipv4_output(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_net_peer *to, uint8_t proto, const struct gyl_stack_how *how,
	struct gyl_view data, struct gyl_stack_batch *b)
{
	struct gyl_dgram d = {.proto = proto,
		.ttl = gyl__how_ttl(s, how),
		.may_fragment = how != NULL && how->may_fragment,
		.data = data};
	struct gyl_hop hop;

	if (!gyl__way(s, to, &hop))
		return GYL_STACK_DROPPED;
	return gyl__ipv4_send(s, now_ns, &hop, to->ip, &d, b);
}

uint16_t gyl_stack_path_mtu(const struct gyl_stack *s, uint64_t now_ns, uint32_t ip)
{
	struct gyl_net_peer to = {.ip = ip};
	uint16_t mtu = gyl__path_mtu(&s->paths, now_ns, ip);
	struct gyl_hop hop;

	if (!gyl__route(s, &to, &hop))
		return 0;
	return mtu == 0 || mtu > hop.iface->mtu ? hop.iface->mtu : mtu;
}
