/* SPDX-License-Identifier: ISC */
#include "libnet/src/stack.h"

_Static_assert(GYL_STACK_OUT_MAX == GYL__REASS_PIECE_MAX + 1,
	"a reply has as many pieces as its request, and the last one need not be kept");

static enum gyl_stack_sent send(struct gyl_stack *s, uint64_t now_ns, const struct gyl_net_peer *to,
	const struct gyl_icmp *msg, bool may_fragment, struct gyl_stack_batch *b)
{
	uint8_t head[GYL_ICMP_HEADER_LEN];
	struct gyl_dgram d = {.proto = GYL_IPV4_ICMP,
		.ttl = s->ttl,
		.may_fragment = may_fragment,
		.head = gyl_view(head, sizeof(head)),
		.data = msg->data};
	struct gyl_writer w;
	struct gyl_hop hop;

	if (!gyl__way(s, to, &hop))
		return GYL_STACK_DROPPED;
	gyl_writer_init(&w, head, sizeof(head));
	gyl_icmp_put_header(&w, msg);
	return gyl__ipv4_send(s, now_ns, &hop, to->ip, &d, b);
}

/* Back to whom a datagram came from, with the address it was sent to (RFC 1122 3.2.2.6), which is
 * ours: nothing is said about what went to many. */
static struct gyl_net_peer back(const struct gyl_rx *rx)
{
	struct gyl_net_peer to;

	gyl__route_peer(rx->iface, rx->vlan, rx->eth.src, rx->ip.src, rx->ip.dst, &to);
	return to;
}

static void echo(struct gyl_stack *s, const struct gyl_rx *rx, const struct gyl_icmp *in,
	struct gyl_stack_batch *b)
{
	struct gyl_net_peer to = back(rx);
	struct gyl_icmp out = gyl_icmp_echo_reply(in);

	/* RFC 1122 3.2.2.6: an echo request to a group may be discarded, so nobody can use us to
	 * shout. */
	if (rx->is_group || rx->ip.src == 0 || !gyl__rate_take(&s->echo, rx->now_ns)) {
		s->stat.icmp_rate_drop_cnt++;
		return;
	}
	/* What may not be cut on its way here may not on its way back, so both can be measured. */
	if (send(s, rx->now_ns, &to, &out, (rx->ip.flags & GYL_IPV4_DF) == 0, b) !=
		GYL_STACK_DROPPED)
		s->stat.icmp_echo_cnt++;
}

/* To the one who uses ICMP itself. */
static void deliver(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	struct gyl_stack_in *in = &b->in[b->in_cnt++];

	memset(in, 0, sizeof(*in));
	in->kind = GYL_STACK_ICMP;
	in->port = s->pinger.port;
	in->ttl = rx->ip.ttl;
	in->peer = back(rx);
	in->data = rx->ip.payload;
}

/* RFC 1122 3.2.2: errors about what we sent go to whom it concerns. */
static void error(struct gyl_stack *s, const struct gyl_rx *rx, const struct gyl_icmp *in,
	struct gyl_stack_batch *b)
{
	struct gyl_ipv4 sent;
	bool is_known;

	/* The datagram came from the address that is told of it, and the first piece has its ports.
	 */
	if (gyl_failed(gyl_icmp_original(in, &sent)) || sent.src != rx->ip.dst ||
		sent.frag_off != 0) {
		s->stat.icmp_drop_cnt++;
		return;
	}
	is_known = gyl__icmp_trouble(s, rx, in, &sent);
	if (is_known || s->pinger.is_bound)
		s->stat.icmp_in_error_cnt++;
	else
		s->stat.icmp_drop_cnt++;
	if (s->pinger.is_bound)
		deliver(s, rx, b);
}

void gyl__icmp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	struct gyl_icmp in;

	if (gyl_failed(gyl_icmp_decode(rx->ip.payload, rx->checksum, &in))) {
		s->stat.icmp_bad_cnt++;
		return;
	}
	if (in.type == GYL_ICMP_ECHO) {
		echo(s, rx, &in, b);
	} else if (gyl_icmp_is_error(in.type) && !rx->is_group) {
		error(s, rx, &in, b);
	} else if (in.type == GYL_ICMP_ECHO_REPLY && !rx->is_group && s->pinger.is_bound &&
		   gyl_icmp_id(&in) == s->pinger.ident) {
		deliver(s, rx, b);
		s->stat.icmp_in_reply_cnt++;
	} else {
		s->stat.icmp_drop_cnt++;
	}
}

void gyl__icmp_unreachable(
	struct gyl_stack *s, const struct gyl_rx *rx, uint8_t code, struct gyl_stack_batch *b)
{
	struct gyl_net_peer to = back(rx);
	struct gyl_icmp out =
		gyl_icmp_unreachable(code, 0, gyl_view_sub(rx->datagram, 0, rx->ip.total_len));

	/* RFC 1122 3.2.2: never about a datagram to a group, nor to a sender that is no single
	 * station. */
	if (rx->is_group || rx->ip.src == 0 || !gyl__rate_take(&s->error, rx->now_ns)) {
		s->stat.icmp_muted_cnt++;
		return;
	}
	if (send(s, rx->now_ns, &to, &out, false, b) != GYL_STACK_DROPPED)
		s->stat.icmp_error_cnt++;
}

void gyl__icmp_late(struct gyl_stack *s, uint64_t now_ns, const struct gyl__reass_late *late,
	struct gyl_stack_batch *b)
{
	const struct gyl__reass_from *from = &late->from;
	struct gyl_net_peer to;
	struct gyl_icmp out = gyl_icmp_time_exceeded(1, late->quote);

	gyl__route_peer(&s->iface[from->iface], from->vlan, from->mac, late->src, late->dst, &to);
	/* It went to many, or to an address that is ours no longer. */
	if (late->src == 0 || !gyl__is_own(s, late->dst) || !gyl__rate_take(&s->error, now_ns)) {
		s->stat.icmp_muted_cnt++;
		return;
	}
	if (send(s, now_ns, &to, &out, false, b) != GYL_STACK_DROPPED)
		s->stat.icmp_error_cnt++;
}

enum gyl_stack_bound gyl_stack_bind_icmp(struct gyl_stack *s, uint16_t ident, uint8_t port)
{
	if (s->pinger.is_bound)
		return GYL_STACK_IN_USE;
	s->pinger.is_bound = true;
	s->pinger.ident = ident;
	s->pinger.port = port;
	return GYL_STACK_BOUND;
}
