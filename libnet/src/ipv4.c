/* SPDX-License-Identifier: ISC */
#include "libnet/src/stack.h"

/* Is it to us? RFC 1122 3.2.1.3: to our address, or to all on this network. */
static bool is_for_us(const struct gyl_stack *s, struct gyl_rx *rx)
{
	uint32_t dst = rx->ip.dst;

	/* RFC 1122 3.3.6: to one address, but sent to a group of stations: discard. */
	if (dst == s->cf.ip)
		return !rx->is_group;
	rx->is_group = true;
	return dst == UINT32_MAX || (dst == s->broadcast && dst != 0);
}

/* RFC 1122 3.2.1.3: no station sends from a broadcast, group or loopback address, none from ours.
 */
static bool can_send_from(const struct gyl_stack *s, uint32_t src)
{
	return src != s->cf.ip && src != UINT32_MAX && (src != s->broadcast || src == 0) &&
	       !gyl_ipv4_is_multicast(src) && !gyl_ipv4_is_loopback(src);
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
	default: /* TCP too has no layer here yet, so this is the truth about it */
		s->stat.ip_proto_drop_cnt++;
		gyl__icmp_unreachable(s, rx, GYL_ICMP_PROTOCOL, b);
	}
}

void gyl__ipv4_input(struct gyl_stack *s, struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	/* An unfinished checksum is one above IPv4; that of the header is always finished. */
	if (gyl_failed(gyl_ipv4_decode(rx->eth.payload, 0, &rx->ip))) {
		s->stat.ip_bad_cnt++;
		return;
	}
	if (!is_for_us(s, rx)) {
		s->stat.ip_other_drop_cnt++;
		return;
	}
	if (!can_send_from(s, rx->ip.src)) {
		s->stat.ip_src_drop_cnt++;
		return;
	}
	/* Reassembly stands here: a whole datagram goes on, a piece is kept. */
	if (gyl_ipv4_is_fragment(&rx->ip)) {
		s->stat.ip_fragment_drop_cnt++;
		return;
	}
	to_protocol(s, rx, b);
}

bool gyl__ipv4_route(const struct gyl_stack *s, uint32_t dst, struct gyl_hop *ret_hop)
{
	ret_hop->has_mac = true;
	if (dst == UINT32_MAX || (dst == s->broadcast && dst != 0)) {
		memset(ret_hop->mac, 0xff, 6);
		return true;
	}
	if (gyl_ipv4_is_multicast(dst)) {
		gyl_eth_from_ipv4_group(dst, ret_hop->mac);
		return true;
	}
	ret_hop->has_mac = false;
	/* RFC 1122 3.2.1.3: 0.0.0.0 and loopback must not appear on a wire; we do not talk to
	 * ourselves. */
	if (dst == 0 || gyl_ipv4_is_loopback(dst) || dst == s->cf.ip)
		return false;
	ret_hop->ip = ((dst ^ s->cf.ip) & s->mask) == 0 ? dst : s->cf.gateway;
	return ret_hop->ip != 0;
}
