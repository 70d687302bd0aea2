/* SPDX-License-Identifier: ISC */

/*
 * TCP over this stack: segments go to the machine behind streams.h, and those it wants to send are
 * written into buffers of the device they leave by, headers in front, nothing copied twice.
 */

#include "libnet/src/stack.h"

void gyl__tcp_input(struct gyl_stack *s, const struct gyl_rx *rx)
{
	uint16_t mtu = gyl__path_mtu(&s->paths, rx->now_ns, rx->ip.src);
	struct gyl_streams_seg seg = {.data = rx->ip.payload, .checksum = rx->checksum};

	/* RFC 9293 3.9.2.3: no connection with many, nor with nobody. */
	if (rx->is_group || rx->ip.src == 0) {
		s->stat.tcp_drop_cnt++;
		return;
	}
	gyl__route_peer(rx->iface, rx->vlan, rx->eth.src, rx->ip.src, rx->ip.dst, &seg.peer);
	seg.mtu = mtu == 0 || mtu > rx->iface->mtu ? rx->iface->mtu : mtu;
	gyl_streams_input(s->streams, rx->now_ns, &seg);
	s->stat.tcp_cnt++;
}

/* The segment of gyl_streams_next() behind its headers. Returns the length of the frame, 0 when
 * there is nothing. */
static size_t put_segment(struct gyl_stack *s, uint64_t now_ns, const struct gyl_hop *hop,
	uint32_t dst, uint8_t ttl, uint8_t *p, size_t cap)
{
	size_t head_len = 14u + (hop->vlan != 0 ? 4u : 0u) + GYL_IPV4_HEADER_LEN;
	size_t len = gyl_streams_emit(s->streams, now_ns, p + head_len, cap - head_len);
	struct gyl_ipv4 ip = {.id = gyl__ident_next(&s->ident),
		.flags = GYL_IPV4_DF,
		.ttl = ttl,
		.proto = GYL_IPV4_TCP,
		.src = hop->src,
		.dst = dst,
		.payload = {NULL, len}};
	struct gyl_writer w;

	if (len == 0)
		return 0;
	gyl_writer_init(&w, p, head_len);
	gyl__eth_put(&w, hop->iface, hop->mac, hop->vlan, GYL_ETH_IPV4);
	gyl_ipv4_put_header(&w, &ip);
	return head_len + len;
}

static void send_segment(struct gyl_stack *s, uint64_t now_ns, const struct gyl_hop *hop,
	uint32_t dst, uint8_t ttl, struct gyl_stack_out *out)
{
	struct gyl_netbuf *buf = &out->buf[out->cnt];

	buf->off = 0;
	buf->len = (uint32_t)put_segment(s, now_ns, hop, dst, ttl, buf->p, buf->cap);
	if (buf->len == 0)
		return;
	out->cnt++;
	s->stat.out_ok_cnt++;
}

/* Segments do not drive each other out: many connections to one station may begin at once. */
static void park_segment(
	struct gyl_stack *s, uint64_t now_ns, const struct gyl_hop *hop, uint32_t dst, uint8_t ttl)
{
	struct gyl_park_key key = {hop->ip, hop->vlan, hop->iface->index};
	uint8_t frame[GYL_PARK_FRAME_LEN];
	size_t len;

	if (gyl__park_is_full(&s->park, key)) {
		s->stat.out_park_drop_cnt++;
		gyl_streams_skip(s->streams, now_ns);
		return;
	}
	len = put_segment(s, now_ns, hop, dst, ttl, frame, sizeof(frame));
	if (len != 0)
		memcpy(gyl__park_frame(s, hop, len)->frame, frame, len);
}

/* The segment that gyl_streams_next() has told of goes, or waits, or is lost. */
static void fetch(struct gyl_stack *s, uint64_t now_ns, const struct gyl_net_peer *to, uint8_t ttl,
	struct gyl_stack_batch *b)
{
	struct gyl_hop hop;

	if (!gyl__way(s, to, &hop)) {
		gyl_streams_skip(s->streams, now_ns);
		return;
	}
	if (b->out[hop.iface->dev].cap == 0) {
		s->stat.out_room_drop_cnt++;
		gyl_streams_skip(s->streams, now_ns);
		return;
	}
	switch (gyl__find_mac(s, now_ns, &hop, b)) {
	case GYL_STACK_READY:
		send_segment(s, now_ns, &hop, to->ip, ttl, &b->out[hop.iface->dev]);
		return;
	case GYL_STACK_PARKED:
		park_segment(s, now_ns, &hop, to->ip, ttl);
		return;
	default:
		gyl_streams_skip(s->streams, now_ns);
	}
}

/* Room for a segment or a question on every device that lent buffers. One that lent none holds
 * nobody up: what would go there counts as lost. */
static bool has_room(const struct gyl_stack *s, const struct gyl_stack_batch *b)
{
	for (unsigned i = 0; i < s->iface_cnt; i++) {
		const struct gyl_stack_out *out = &b->out[s->iface[i].dev];

		if (out->cnt == out->cap && out->cap != 0)
			return false;
	}
	return true;
}

void gyl__tcp_tick(struct gyl_stack *s, uint64_t now_ns, struct gyl_stack_batch *b)
{
	struct gyl_net_peer to;
	uint8_t ttl;

	if (s->streams == NULL)
		return;
	gyl_streams_tick(s->streams, now_ns);
	while (has_room(s, b) && gyl_streams_next(s->streams, now_ns, &to, &ttl))
		fetch(s, now_ns, &to, ttl, b);
}

struct gyl_streams *gyl_stack_streams(struct gyl_stack *s)
{
	return s->streams;
}

enum gyl_stream_err gyl_stack_connect(struct gyl_stack *s, uint64_t now_ns,
	const struct gyl_net_peer *to, uint32_t user, uint32_t *ret_id)
{
	struct gyl_net_peer peer = *to;
	struct gyl_hop hop;

	if (s->streams == NULL || !gyl__way(s, to, &hop) || (hop.has_mac && !to->has_mac))
		return GYL_STREAM_UNREACHABLE;
	peer.local_ip = hop.src;
	peer.iface = hop.iface->index;
	peer.vlan = hop.vlan;
	return gyl_stream_connect(
		s->streams, now_ns, &peer, gyl__way_mtu(s, now_ns, &hop, to->ip), user, ret_id);
}
