/* SPDX-License-Identifier: ISC */
#include "libnet/src/stack.h"

/* Is it to us? RFC 1122 3.2.1.3, 3.3.4.2: to an address of the interface it came by, to all on one
 * of its networks, to a group that was joined there, to a station that we stand in for. */
static bool is_for_us(struct gyl_stack *s, struct gyl_rx *rx)
{
	const struct gyl_iface *f = rx->iface;
	uint32_t dst = rx->ip.dst;
	bool adopted = rx->ip.proto == GYL_IPV4_UDP && gyl__iface_has_adopted(f, dst);

	/* RFC 1122 3.3.6: to one address, but sent to a group of stations: discard. */
	if (gyl__iface_own(f, dst) != NULL && !rx->is_group)
		return true;
	adopted = adopted && !rx->is_group;
	rx->is_group = true; /* of an adopted one, too: what is wrong is not ours to say */
	if (adopted || dst == UINT32_MAX || gyl__iface_is_broadcast(f, dst))
		return true;
	if (gyl_ipv4_is_multicast(dst)) {
		if (gyl__iface_has_joined(f, dst))
			return true;
		s->stat.ip_group_drop_cnt++;
	} else {
		s->stat.ip_other_drop_cnt++;
	}
	return false;
}

/* RFC 1122 3.2.1.3: no station sends from a broadcast, group or loopback address, none from ours.
 */
static bool can_send_from(const struct gyl_stack *s, const struct gyl_rx *rx)
{
	uint32_t src = rx->ip.src;

	return !gyl__is_own(s, src) && src != UINT32_MAX &&
	       !gyl__iface_is_broadcast(rx->iface, src) && !gyl_ipv4_is_multicast(src) &&
	       !gyl_ipv4_is_loopback(src);
}

/* RFC 7126 4.3.5, 4.4.5: who may say by which stations a datagram goes passes filters by it. */
static bool has_source_route(const struct gyl_ipv4 *ip)
{
	struct gyl_ipv4_cursor cur;
	struct gyl_ipv4_opt opt;

	gyl_ipv4_cursor_init(&cur, ip->options);
	while (gyl_ipv4_cursor_next(&cur, &opt)) {
		if (opt.type == GYL_IPV4_OPT_LSRR || opt.type == GYL_IPV4_OPT_SSRR)
			return true;
	}
	return false;
}

static void to_protocol(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	switch (rx->ip.proto) {
	case GYL_IPV4_UDP:
		gyl__udp_input(s, rx, b);
		return;
	case GYL_IPV4_ICMP:
		gyl__icmp_input(s, rx, b);
		return;
	case GYL_IPV4_TCP:
		if (s->streams == NULL)
			break;
		gyl__tcp_input(s, rx);
		return;
	default:
		break;
	}
	s->stat.ip_proto_drop_cnt++;
	gyl__icmp_unreachable(s, rx, GYL_ICMP_PROTOCOL, b);
}

/* A piece is kept; the one that completes its datagram goes on as the whole of it. */
static void take_piece(struct gyl_stack *s, struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	struct gyl__reass_from from = {.iface = rx->iface->index, .vlan = rx->vlan};
	struct gyl__reass_whole whole;
	size_t in_cnt = b->in_cnt;

	memcpy(from.mac, rx->eth.src, 6);
	if (gyl__reass_input(s->reass, rx->now_ns, &from, &rx->ip, &whole) != GYL__REASS_WHOLE)
		return; /* counted there */
	rx->ip = whole.ip;
	rx->datagram = whole.datagram;
	to_protocol(s, rx, b);
	s->whole_given = b->in_cnt != in_cnt;
}

void gyl__ipv4_input(struct gyl_stack *s, struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	/* An unfinished checksum is one above IPv4; that of the header is always finished. */
	if (gyl_failed(gyl_ipv4_decode(rx->eth.payload, 0, &rx->ip))) {
		s->stat.ip_bad_cnt++;
		return;
	}
	if (!is_for_us(s, rx))
		return;
	if (!can_send_from(s, rx)) {
		s->stat.ip_src_drop_cnt++;
		return;
	}
	if (rx->ip.options.len != 0 && has_source_route(&rx->ip)) {
		s->stat.ip_source_route_drop_cnt++;
		return;
	}
	rx->datagram = rx->eth.payload;
	if (gyl_ipv4_is_fragment(&rx->ip))
		take_piece(s, rx, b);
	else
		to_protocol(s, rx, b);
}
