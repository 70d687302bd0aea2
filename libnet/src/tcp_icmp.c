/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* What ICMP tells of segments that we sent. Anybody can forge that, so it must quote a number in
 * flight (RFC 5927 4.1), and does little harm then. */

/* Too long for the path: they never arrived, and that is no sign of congestion. RFC 1191 6.4 */
static void lose_long(struct gyl__tcb *c)
{
	struct gyl__board *b = &c->board;

	for (uint16_t i = 0; i < b->cnt; i++) {
		struct gyl__seg *s = &b->seg[(b->head + i) & (b->cap - 1)];

		if (s->end - s->seq <= gyl__full_len(c) ||
			(s->flags & (GYL__SEG_LOST | GYL__SEG_SACKED)) != 0)
			continue;
		s->flags |= GYL__SEG_LOST;
		b->lost_cnt++;
		b->in_flight -= s->end - s->seq;
	}
}

void gyl__path_shrink(struct gyl__tcb *c, uint16_t mtu)
{
	if (mtu >= c->mtu)
		return;
	if (c->mss == 0) {
		c->mtu = mtu;
		return;
	}
	gyl__conn_set_mtu(c, mtu);
	lose_long(c);
}

bool gyl_streams_icmp(struct gyl_streams *t, uint64_t now_ns, const struct gyl_streams_trouble *tr)
{
	struct gyl_net_peer p = {.ip = tr->ip,
		.local_ip = tr->local_ip,
		.port = tr->port,
		.local_port = tr->local_port};
	uint32_t i = gyl__table_find(&t->conn, gyl__isn_hash(&t->isn, &p), &p);
	struct gyl__tcb *c;

	if (i == GYL__NONE)
		return false;
	c = gyl__tcb(t, i);
	if (gyl__seq_lt(tr->seq, c->snd_una) || !gyl__seq_lt(tr->seq, c->snd_nxt))
		return false;
	if (tr->mtu != 0)
		gyl__path_shrink(c, tr->mtu < GYL__MTU_MIN ? GYL__MTU_MIN : tr->mtu);
	else if (tr->is_hard && c->state == GYL_STREAM_SYN_SENT)
		gyl__conn_end(t, c, GYL_STREAM_UNREACHABLE);
	gyl__conn_settle(t, now_ns, c);
	return true;
}
