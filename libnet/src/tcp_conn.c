/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* Control blocks from birth to death. */

static void clear(struct gyl__tcb *c)
{
	struct gyl__node node = c->node;
	uint32_t gen = c->gen;

	memset(c, 0, sizeof *c);
	c->node = node;
	/* Indexes have 15 bits of an id, so 17 are left for the generation; id 0 is no stream. */
	c->gen = (gen + 1) & 0x1ffff;
	if (c->gen == 0)
		c->gen = 1;
	for (int i = 0; i < GYL__LIST_CNT; i++)
		c->link[i].prev = GYL__OUT_OF_LIST;
}

static void set_up(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	c->used = true;
	c->ttl = 64;
	c->keep_idle_ms = gyl__ms(t->cf.keep_idle_ns);
	c->keep_gap_ms = gyl__ms(t->cf.keep_gap_ns);
	c->keep_cnt = t->cf.keep_cnt;
	c->heard_ms = c->stall_ms = gyl__ms(now_ns);
	c->rcv_mss = GYL__MSS_MIN;
	c->peer_mss = GYL__MSS_DEFAULT;
	gyl__rtt_init(&c->rtt);
	gyl__board_init(&c->board, NULL, 0);
}

static void agree(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__open *open)
{
	uint32_t window = t->cf.buf_len < UINT16_MAX ? t->cf.buf_len : UINT16_MAX;

	c->state = GYL_STREAM_SYN_RECEIVED;
	c->is_passive = true;
	c->snd_una = open->iss;
	c->snd_nxt = c->snd_end = open->iss + 1;
	c->rcv_nxt = c->last_ack = open->irs + 1;
	c->rcv_adv = c->rcv_nxt + window;
	c->snd_wl1 = open->irs;
	c->ts_recent = open->ts_recent;
	c->ts_off = open->ts_off;
	c->has_ts = open->has_ts;
	c->has_sack = open->has_sack;
	c->peer_mss = open->mss;
	if (open->wscale != GYL__WSCALE_NONE) {
		c->has_wscale = true;
		c->snd_wscale = open->wscale;
		c->rcv_wscale = t->rcv_wscale;
	}
	gyl__conn_set_mtu(c, open->mtu);
}

struct gyl__tcb *gyl__conn_new(struct gyl_streams *t, uint64_t now_ns,
	const struct gyl_net_peer *peer, uint64_t hash, const struct gyl__open *open)
{
	uint32_t i = gyl__table_take(&t->conn);
	struct gyl__tcb *c;

	if (i == GYL__NONE)
		return NULL;
	c = gyl__tcb(t, i);
	clear(c);
	c->node.peer = *peer;
	set_up(t, now_ns, c);
	if (open != NULL)
		agree(t, c, open);
	gyl__table_link(&t->conn, i, hash);
	return c;
}

void gyl__conn_set_mtu(struct gyl__tcb *c, uint16_t mtu)
{
	int mss = mtu - GYL__HEADERS_LEN < c->peer_mss ? mtu - GYL__HEADERS_LEN : c->peer_mss;

	c->mtu = mtu;
	if (mss < GYL__MSS_MIN)
		mss = GYL__MSS_MIN;
	if (c->mss == 0) {
		c->mss = (uint16_t)mss;
		gyl__cc_init(&c->cc, gyl__full_len(c));
	} else if (mss != c->mss) {
		c->mss = (uint16_t)mss;
		/* Where the record of a FIN is, there is no window any more. */
		if (c->board.seg != &c->fin_seg)
			gyl__cc_mss(&c->cc, gyl__full_len(c));
	}
}

void gyl__news(struct gyl_streams *t, struct gyl__tcb *c, uint8_t what)
{
	if (c->is_dead)
		return;
	c->news |= what;
	gyl__list_put(t, c, GYL__NEWS);
}

/* The last event; an id is void after it, so what could be read or written is nothing to tell. */
static void die(struct gyl_streams *t, struct gyl__tcb *c)
{
	gyl__rcv_release(t, c);
	c->news &= (uint8_t) ~(GYL_STREAM_EV_BYTES | GYL_STREAM_EV_ROOM);
	gyl__news(t, c, GYL_STREAM_EV_CLOSED);
	c->is_dead = true;
}

static void count_end(struct gyl_streams *t, enum gyl_stream_err err)
{
	t->stat.timeout_cnt += err == GYL_STREAM_TIMEOUT;
	t->stat.reset_cnt += err == GYL_STREAM_RESET;
	t->stat.refused_cnt += err == GYL_STREAM_REFUSED || err == GYL_STREAM_UNREACHABLE;
}

void gyl__conn_end(struct gyl_streams *t, struct gyl__tcb *c, enum gyl_stream_err err)
{
	uint32_t i = gyl__tcb_index(t, c);

	if (c->state != GYL_STREAM_CLOSED && c->state != GYL_STREAM_TIME_WAIT)
		gyl__table_unlink(&t->conn, i, gyl__isn_hash(&t->isn, &c->node.peer));
	c->state = GYL_STREAM_CLOSED;
	c->err = (uint8_t)err;
	count_end(t, err);
	gyl__heap_set(&t->timers, i, UINT64_MAX);
	gyl__list_del(t, c, GYL__READY);
	gyl__list_del(t, c, GYL__STARVE);
	gyl__snd_release(t, c);
	if (err != GYL_STREAM_OK || c->is_closed || c->rcv_len == 0)
		die(t, c);
}

void gyl__conn_reset(
	struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c, enum gyl_stream_err err)
{
	struct gyl__reply r = {.peer = c->node.peer, .flags = GYL_TCP_RST | GYL_TCP_ACK};

	/* RFC 9293 3.10.5: in SYN-SENT nobody knows of us yet. */
	if (c->state == GYL_STREAM_SYN_RECEIVED || gyl__is_synchronized(c)) {
		r.seq = c->snd_nxt;
		r.ack = c->rcv_nxt;
		/* RFC 7323 3.2: a reset too has timestamps. */
		r.has_ts = c->has_ts;
		r.ts_val = gyl__ms(now_ns) + c->ts_off;
		r.ts_ecr = c->ts_recent;
		gyl__reply_put(t, &r);
		t->stat.reset_sent_cnt++;
	}
	gyl__conn_end(t, c, err);
}

void gyl__conn_time_wait(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	gyl__wait_add(t, now_ns, c);
	gyl__conn_end(t, c, GYL_STREAM_OK);
	c->state = GYL_STREAM_TIME_WAIT;
}

/* Something is to be sent and the peer's window forbids it: nothing would ever come back. RFC
 * 9293 3.8.6.1 */
static bool is_stuck(const struct gyl__tcb *c)
{
	return gyl__is_synchronized(c) && c->rtx_at_ns == 0 && c->board.cnt == 0 &&
	       c->snd_nxt != c->snd_end + c->fin_queued;
}

void gyl__conn_settle(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	struct gyl__plan plan;

	if (c->state == GYL_STREAM_CLOSED || c->state == GYL_STREAM_TIME_WAIT)
		return;
	gyl__plan(t, c, &plan);
	if (plan.what != GYL__SEND_NOTHING) {
		gyl__list_put(t, c, GYL__READY);
	} else {
		gyl__list_del(t, c, GYL__READY);
		if (is_stuck(c)) {
			c->persisting = true;
			c->persist_cnt = 0;
			c->stall_ms = gyl__ms(now_ns);
			c->rtx_at_ns = now_ns + gyl__rto_ns(t, c);
		}
	}
	gyl__heap_set_lazy(&t->timers, gyl__tcb_index(t, c), gyl__conn_due_ns(c, now_ns));
}
