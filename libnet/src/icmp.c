/* SPDX-License-Identifier: ISC */
#include "libnet/src/stack.h"

/* An ICMP message to the sender of a frame: back to the station it came from, on the same VLAN. */
static void reply(struct gyl_stack *s, const struct gyl_rx *rx, const struct gyl_icmp *msg,
	struct gyl_stack_batch *b)
{
	struct gyl_writer w;
	struct gyl_ipv4 ip;

	if (gyl__eth_begin(rx->iface, b, &w, rx->eth.src, rx->vlan, GYL_ETH_IPV4) == NULL)
		return;
	memset(&ip, 0, sizeof(ip));
	ip.id = gyl__ident_next(&s->ident);
	ip.flags = GYL_IPV4_DF;
	ip.ttl = s->ttl;
	ip.proto = GYL_IPV4_ICMP;
	ip.src = rx->ip.dst; /* RFC 1122 3.2.2.6, and it is ours: nothing to groups is answered */
	ip.dst = rx->ip.src;
	ip.payload.len = GYL_ICMP_HEADER_LEN + msg->data.len;
	gyl_ipv4_put_header(&w, &ip);
	gyl_icmp_encode(&w, msg);
	gyl__eth_end(rx->iface, b, &w);
}

void gyl__icmp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	struct gyl_icmp in, out;

	if (gyl_failed(gyl_icmp_decode(rx->ip.payload, rx->checksum, &in))) {
		s->stat.icmp_bad_cnt++;
		return;
	}
	if (in.type != GYL_ICMP_ECHO || rx->ip.src == 0) {
		s->stat.icmp_drop_cnt++;
		return;
	}
	/* RFC 1122 3.2.2.6: an echo request to a group may be discarded, so nobody can use us to
	 * shout. */
	if (rx->is_group || !gyl__rate_take(&s->echo, rx->now_ns)) {
		s->stat.icmp_rate_drop_cnt++;
		return;
	}
	out = gyl_icmp_echo_reply(&in);
	reply(s, rx, &out, b);
	s->stat.icmp_echo_cnt++;
}

void gyl__icmp_unreachable(
	struct gyl_stack *s, const struct gyl_rx *rx, uint8_t code, struct gyl_stack_batch *b)
{
	struct gyl_icmp out;
	size_t len = rx->ip.total_len;

	/* RFC 1122 3.2.2: never about a datagram to a group, nor to a sender that is no single
	 * station. */
	if (rx->is_group || rx->ip.src == 0 || !gyl__rate_take(&s->error, rx->now_ns)) {
		s->stat.icmp_muted_cnt++;
		return;
	}
	out = gyl_icmp_unreachable(code, 0, gyl_view_sub(rx->eth.payload, 0, len));
	reply(s, rx, &out, b);
	s->stat.icmp_error_cnt++;
}
