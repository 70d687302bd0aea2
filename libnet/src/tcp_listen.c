/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* Listening ports, and segments that belong to no connection (RFC 9293 3.10.7.1 and 3.10.7.2). */

/* The first listener whose port is not under this one. */
static uint16_t search(const struct gyl_streams *t, uint16_t port)
{
	uint16_t low = 0, high = t->listener_cnt;

	while (low < high) {
		uint16_t mid = (uint16_t)((low + high) / 2);

		if (t->listener[mid].local_port < port)
			low = (uint16_t)(mid + 1);
		else
			high = mid;
	}
	return low;
}

static bool is_at(const struct gyl_streams *t, uint16_t i, uint16_t port)
{
	return i < t->listener_cnt && t->listener[i].local_port == port;
}

enum gyl_stream_err gyl_stream_listen(struct gyl_streams *t, const struct gyl_stream_listener *l)
{
	uint16_t i = search(t, l->local_port);

	if (is_at(t, i, l->local_port))
		return GYL_STREAM_IN_USE;
	if (t->listener_cnt == t->cf.listen_max)
		return GYL_STREAM_FULL;
	memmove(&t->listener[i + 1], &t->listener[i],
		(size_t)(t->listener_cnt - i) * sizeof *t->listener);
	t->listener[i] = *l;
	t->listener_cnt++;
	return GYL_STREAM_OK;
}

void gyl_stream_unlisten(struct gyl_streams *t, uint16_t local_port)
{
	uint16_t i = search(t, local_port);

	if (!is_at(t, i, local_port))
		return;
	t->listener_cnt--;
	memmove(&t->listener[i], &t->listener[i + 1],
		(size_t)(t->listener_cnt - i) * sizeof *t->listener);
}

const struct gyl_stream_listener *gyl__listener_find(
	const struct gyl_streams *t, const struct gyl_net_peer *p)
{
	uint16_t i = search(t, p->local_port);
	const struct gyl_stream_listener *l = &t->listener[i];

	if (!is_at(t, i, p->local_port))
		return NULL;
	if (l->local_ip != 0 && l->local_ip != p->local_ip)
		return NULL;
	if (l->ifaces != 0 && (p->iface > 63 || (l->ifaces >> p->iface & 1) == 0))
		return NULL;
	return l;
}

static void read_syn(const struct gyl_streams *t, const struct gyl__rx *rx, struct gyl__open *open)
{
	const struct gyl_tcp_known *o = &rx->opt;

	open->irs = rx->tcp.seq;
	open->iss = gyl__isn(&t->isn, rx->now_ns, &rx->peer);
	open->ts_recent = o->ts_val;
	open->ts_off = gyl__isn_ts(&t->isn, &rx->peer);
	open->mss = o->has_mss ? o->mss : GYL__MSS_DEFAULT;
	if (open->mss < GYL__MSS_MIN)
		open->mss = GYL__MSS_MIN;
	open->mtu = rx->mtu;
	open->wscale = o->has_wscale ? o->wscale : GYL__WSCALE_NONE;
	open->has_ts = o->has_timestamps;
	open->has_sack = o->sack_permitted;
}

/* RFC 4987 3.6: nothing is kept; what does not fit into the numbers is done without. */
static void send_cookie(struct gyl_streams *t, const struct gyl__rx *rx, struct gyl__open *open)
{
	struct gyl__cookie c = {.mss = open->mss,
		.has_timestamps = open->has_ts,
		.has_sack = open->has_sack,
		.has_wscale = open->wscale != GYL__WSCALE_NONE,
		.wscale = open->wscale};
	uint32_t clock = gyl__ms(rx->now_ns);

	open->iss = gyl__cookie_make(&t->isn, rx->now_ns, &rx->peer, open->irs, open->mss);
	if (open->has_ts) {
		if (!c.has_wscale)
			c.wscale = 0;
		open->ts_off = gyl__cookie_ts(clock + open->ts_off, &c) - clock;
	} else {
		open->has_sack = false;
		open->wscale = GYL__WSCALE_NONE;
	}
	t->cookie_ns = rx->now_ns + 2 * GYL_NS_PER_MIN;
	t->stat.cookie_sent_cnt++;
	gyl__syn_ack(t, rx->now_ns, &rx->peer, open);
}

static void syn_input(struct gyl_streams *t, const struct gyl__rx *rx, const uint32_t *iss_min)
{
	struct gyl__open open;

	/* No room for the connection: an answer would be a promise. The peer asks again. */
	if (t->conn.cnt == t->conn.max)
		return;
	read_syn(t, rx, &open);
	/* RFC 9293 3.4.1: past all numbers of the connection that was here before. */
	if (iss_min != NULL && gyl__seq_le(open.iss, *iss_min))
		open.iss = *iss_min + UINT16_MAX;
	if (t->half.cnt == t->half.max)
		send_cookie(t, rx, &open);
	else
		gyl__half_add(t, rx, &open);
}

/* The third segment of an opening that we kept nothing of. */
static bool cookie_input(struct gyl_streams *t, const struct gyl__rx *rx)
{
	struct gyl__open open;
	struct gyl__cookie c;

	if (rx->now_ns >= t->cookie_ns)
		return false;
	read_syn(t, rx, &open);
	open.irs = rx->tcp.seq - 1;
	open.iss = rx->tcp.ack - 1;
	if (!gyl__cookie_check(&t->isn, rx->now_ns, &rx->peer, open.irs, open.iss,
		    rx->opt.has_timestamps ? &rx->opt.ts_ecr : NULL, &c)) {
		t->stat.cookie_bad_cnt++;
		return false;
	}
	t->stat.cookie_ok_cnt++;
	open.mss = c.mss;
	open.has_sack = c.has_sack;
	open.wscale = c.has_wscale ? c.wscale : GYL__WSCALE_NONE;
	gyl__accept(t, rx, &open, 0);
	return true;
}

void gyl__listen_input(struct gyl_streams *t, const struct gyl__rx *rx, const uint32_t *iss_min)
{
	uint16_t flags = rx->tcp.flags & (GYL_TCP_SYN | GYL_TCP_ACK | GYL_TCP_RST | GYL_TCP_FIN);
	bool is_known = gyl__listener_find(t, &rx->peer) != NULL;

	if (is_known && flags == GYL_TCP_SYN) {
		syn_input(t, rx, iss_min);
		return;
	}
	if (is_known && (flags & (GYL_TCP_SYN | GYL_TCP_RST)) == 0 && (flags & GYL_TCP_ACK) != 0 &&
		cookie_input(t, rx))
		return;
	t->stat.stray_cnt++;
	gyl__reply_reset(t, rx);
}
