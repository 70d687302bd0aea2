/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_keep.h"
#include "libnet/src/tcp_own.h"

/* What time brings. A connection has several timers and one deadline, their earliest. */

#define PERSIST_MAX_NS (60 * GYL_NS_PER_S)

static bool stalled(const struct gyl_streams *t, uint64_t now_ns, const struct gyl__tcb *c)
{
	return (gyl__ms(now_ns) - c->stall_ms) * GYL_NS_PER_MS >= t->cf.retry_ns;
}

/* RFC 9293 3.8.6.1: a window that stays closed is asked about for as long as there are answers. */
static void persist(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	uint64_t wait_ns = gyl__rto_ns(t, c) << (c->persist_cnt < 9 ? c->persist_cnt : 9);

	if (c->persist_cnt < UINT8_MAX)
		c->persist_cnt++;
	c->rtx_at_ns = now_ns + (wait_ns < PERSIST_MAX_NS ? wait_ns : PERSIST_MAX_NS);
	if (gyl__seq_lt(c->snd_nxt, c->snd_una + c->snd_wnd)) {
		c->override = true;
	} else {
		c->want_probe = true;
		t->stat.zero_probe_cnt++;
	}
}

/* RFC 1122 3.3.1.4: nobody answers any more, so the frames may go to a router that is no more. The
 * stack looks for a way anew; the next segment that comes shows one again. */
static void doubt_way(struct gyl__tcb *c)
{
	if (c->rtt.backoff != 0 || c->persist_cnt > 1 || c->probe_cnt > 1)
		c->node.peer.has_mac = false;
}

static void retransmit(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	c->rtx_at_ns = 0;
	doubt_way(c);
	if (!gyl__is_synchronized(c)) {
		/* Not one that could not be sent. */
		if (c->persist_cnt != 0)
			gyl__rtt_backoff(&c->rtt);
		c->want_syn = true;
	} else if (stalled(t, now_ns, c)) {
		gyl__conn_reset(t, now_ns, c, GYL_STREAM_TIMEOUT);
	} else if (c->persisting) {
		persist(t, now_ns, c);
	} else if (c->board.cnt != 0) {
		gyl__loss_timeout(t, now_ns, c);
	}
}

/* RFC 9293 3.8.4: only when nothing else would find out that the peer is gone. */
static bool has_keepalive(const struct gyl__tcb *c)
{
	return c->keepalive && gyl__is_synchronized(c) && c->board.cnt == 0 && !c->persisting;
}

static struct gyl__keep_step keep_step(const struct gyl__tcb *c, uint64_t now_ns)
{
	uint32_t now_ms = gyl__ms(now_ns);

	return gyl__keep(now_ns, now_ns - (now_ms - c->heard_ms) * GYL_NS_PER_MS,
		now_ns - (now_ms - c->probed_ms) * GYL_NS_PER_MS, c->probe_cnt,
		c->keep_idle_ms * GYL_NS_PER_MS, c->keep_gap_ms * GYL_NS_PER_MS, c->keep_cnt);
}

static void keep(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	struct gyl__keep_step step;

	if (!has_keepalive(c))
		return;
	step = keep_step(c, now_ns);
	if (step.what == GYL__KEEP_CLOSE) {
		gyl__conn_reset(t, now_ns, c, GYL_STREAM_TIMEOUT);
	} else if (step.what == GYL__KEEP_PROBE) {
		c->want_probe = true;
		c->probe_cnt++;
		doubt_way(c);
		c->probed_ms = gyl__ms(now_ns);
		t->stat.keep_probe_cnt++;
	}
}

static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
	return b_ns != 0 && b_ns < a_ns ? b_ns : a_ns;
}

uint64_t gyl__conn_due_ns(const struct gyl__tcb *c, uint64_t now_ns)
{
	uint64_t due_ns = earlier(UINT64_MAX, c->rtx_at_ns);

	due_ns = earlier(due_ns, c->probe_at_ns);
	due_ns = earlier(due_ns, c->delack_at_ns);
	due_ns = earlier(due_ns, c->life_at_ns);
	if (has_keepalive(c)) {
		struct gyl__keep_step step = keep_step(c, now_ns);

		due_ns = earlier(due_ns, step.what == GYL__KEEP_WAIT ? step.at_ns : now_ns);
	}
	return due_ns;
}

static bool is_due(uint64_t now_ns, uint64_t at_ns)
{
	return at_ns != 0 && at_ns <= now_ns;
}

static void run(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	if (is_due(now_ns, c->life_at_ns)) {
		gyl__conn_reset(t, now_ns, c, GYL_STREAM_TIMEOUT);
		return;
	}
	if (is_due(now_ns, c->delack_at_ns)) {
		c->delack_at_ns = 0;
		c->want_ack = true;
	}
	if (is_due(now_ns, c->probe_at_ns))
		gyl__loss_probe(t, now_ns, c);
	if (is_due(now_ns, c->rtx_at_ns))
		retransmit(t, now_ns, c);
	keep(t, now_ns, c);
	gyl__conn_settle(t, now_ns, c);
}

void gyl_streams_tick(struct gyl_streams *t, uint64_t now_ns)
{
	while (gyl__heap_first_ns(&t->timers) <= now_ns) {
		uint32_t i = t->timers.due[0].i;
		struct gyl__tcb *c = gyl__tcb(t, i);

		run(t, now_ns, c);
		/* It may stand at an earlier time than it has now. */
		if (c->node.pos != GYL__NONE)
			gyl__heap_set(&t->timers, i, gyl__conn_due_ns(c, now_ns));
	}
	gyl__half_tick(t, now_ns);
	gyl__wait_tick(t, now_ns);
}

uint64_t gyl_streams_deadline_ns(const struct gyl_streams *t)
{
	uint64_t due_ns = UINT64_MAX, wait_ns = 0;

	if (t->reply_cnt != 0 || t->list[GYL__READY].head != GYL__END_OF_LIST)
		return 0;
	if (t->wait_oldest != GYL__NONE)
		wait_ns = ((const struct gyl__wait *)(const void *)gyl__table_at(
				   &t->wait, t->wait_oldest))
				  ->end_ns;
	due_ns = earlier(due_ns, gyl__heap_first_ns(&t->timers));
	due_ns = earlier(due_ns, gyl__heap_first_ns(&t->half_timers));
	return earlier(due_ns, wait_ns);
}
