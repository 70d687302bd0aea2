/* SPDX-License-Identifier: ISC */

/*
 * What an ICMP error tells of a datagram that we sent. Anybody can send one, so it counts only when
 * it quotes something that we may well have sent (RFC 5927 4.1): from a bound port, from a segment
 * in flight, from the pinger. One thing is learnt for all: that a path takes less. A UDP port that
 * serves everybody cannot tell of that: nothing in a quote shows that it sent it, so one forged
 * message a client would take all long answers from it for ten minutes. What such a port sends goes
 * out whole, with DF, and the routers have the last word.
 */

#include "libnet/src/stack.h"

/* Its first octets, source port and destination port. */
static bool has_ports(const struct gyl_ipv4 *sent)
{
	return sent->payload.len >= 4;
}

/* Whose datagram it was. NULL: nobody's here. */
static const struct gyl_stack_sock *udp_of_ours(
	const struct gyl_stack *s, const struct gyl_rx *rx, const struct gyl_ipv4 *sent)
{
	const struct gyl_stack_sock *k;

	if (!has_ports(sent))
		return NULL;
	k = gyl__ports_find(&s->ports, gyl_get_u16(sent->payload.p), rx->iface->index);
	if (k == NULL || (k->local_ip != 0 && k->local_ip != sent->src))
		return NULL;
	if (k->remote_port != 0 &&
		(k->remote_port != gyl_get_u16(sent->payload.p + 2) || k->remote_ip != sent->dst))
		return NULL;
	return k;
}

static bool is_ping_of_ours(const struct gyl_stack *s, const struct gyl_ipv4 *sent)
{
	return s->pinger.is_bound && sent->payload.len >= GYL_ICMP_HEADER_LEN &&
	       sent->payload.p[0] == GYL_ICMP_ECHO &&
	       gyl_get_u16(sent->payload.p + 4) == s->pinger.ident;
}

/* The mtu that is told, 0 when none is. RFC 1191 5, 7; it is less than what did not pass (RFC 5927
 * 7.2). */
static uint16_t mtu_told(const struct gyl_icmp *in, const struct gyl_ipv4 *sent)
{
	uint16_t mtu = gyl_icmp_mtu(in);

	if (in->type != GYL_ICMP_UNREACHABLE || in->code != GYL_ICMP_FRAGMENTATION_NEEDED)
		return 0;
	if (mtu == 0)
		mtu = gyl__path_plateau(sent->total_len);
	if (mtu >= sent->total_len)
		return 0;
	return mtu < GYL_PATH_MTU_MIN ? GYL_PATH_MTU_MIN : mtu;
}

/* RFC 1122 4.2.3.9, RFC 5461: port and protocol unreachable are hard errors. */
static bool is_segment_of_ours(struct gyl_stack *s, const struct gyl_rx *rx,
	const struct gyl_icmp *in, const struct gyl_ipv4 *sent, uint16_t mtu)
{
	struct gyl_streams_trouble tr = {.ip = sent->dst,
		.local_ip = sent->src,
		.mtu = mtu,
		.is_hard = in->type == GYL_ICMP_UNREACHABLE &&
			   (in->code == GYL_ICMP_PROTOCOL || in->code == GYL_ICMP_PORT)};

	if (s->streams == NULL || sent->payload.len < 8)
		return false;
	tr.local_port = gyl_get_u16(sent->payload.p);
	tr.port = gyl_get_u16(sent->payload.p + 2);
	tr.seq = gyl_get_u32(sent->payload.p + 4);
	return gyl_streams_icmp(s->streams, rx->now_ns, &tr);
}

bool gyl__icmp_trouble(struct gyl_stack *s, const struct gyl_rx *rx, const struct gyl_icmp *in,
	const struct gyl_ipv4 *sent)
{
	uint16_t mtu = mtu_told(in, sent);
	const struct gyl_stack_sock *udp = NULL;
	bool is_ours = false;

	if (sent->proto == GYL_IPV4_UDP)
		udp = udp_of_ours(s, rx, sent);
	else if (sent->proto == GYL_IPV4_ICMP)
		is_ours = is_ping_of_ours(s, sent);
	else if (sent->proto == GYL_IPV4_TCP)
		is_ours = is_segment_of_ours(s, rx, in, sent, mtu);
	is_ours |= udp != NULL;
	if (udp != NULL && udp->remote_port == 0)
		mtu = 0;
	if (is_ours && mtu != 0 && mtu < rx->iface->mtu) {
		gyl__path_lower(&s->paths, rx->now_ns, sent->dst, mtu);
		s->stat.path_lowered_cnt++;
	}
	return is_ours;
}
