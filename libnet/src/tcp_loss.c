/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_own.h"

/* Recoveries: how they begin (RFC 6675 5, RFC 8985), end, and are undone when nothing was lost
 * after all (RFC 3522, RFC 3708); tail loss probes (RFC 8985 7). */

uint64_t gyl__rto_ns(const struct gyl_streams *t, const struct gyl__tcb *c)
{
	return gyl__rtt_rto_ns(&c->rtt, t->cf.rto_min_ns);
}

/* Without a buffer there are no octets, and no window for them. */
static void reduce(struct gyl__tcb *c)
{
	if (c->snd != NULL)
		gyl__cc_lost(&c->cc, gyl__full_len(c), c->snd_nxt - c->snd_una);
}

void gyl__loss_begin(struct gyl_streams *t, struct gyl__tcb *c)
{
	c->rec = GYL__REC_FAST;
	c->recover = c->snd_nxt;
	c->has_rtx_ts = c->no_rtx_ts = c->tlp_out = c->want_tlp = false;
	c->force_rtx = true;
	t->stat.fast_cnt++;
	reduce(c);
}

void gyl__loss_timeout(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	bool first = c->rec != GYL__REC_RTO;

	if (c->snd != NULL)
		gyl__cc_timeout(&c->cc, gyl__full_len(c), c->snd_nxt - c->snd_una, first);
	gyl__board_timeout(&c->board);
	gyl__rtt_backoff(&c->rtt);
	if (first)
		c->has_rtx_ts = c->no_rtx_ts = false;
	c->rec = GYL__REC_RTO;
	c->recover = c->snd_nxt;
	c->tlp_out = c->want_tlp = false;
	c->probe_at_ns = 0;
	c->rtx_at_ns = now_ns + gyl__rto_ns(t, c);
	t->stat.rto_cnt++;
}

/* What is marked lost is on its way. */
static void unlose(struct gyl__board *b)
{
	for (uint16_t i = 0; i < b->cnt && b->lost_cnt != 0; i++) {
		struct gyl__seg *s = &b->seg[(b->head + i) & (b->cap - 1)];

		if ((s->flags & GYL__SEG_LOST) == 0)
			continue;
		s->flags &= (uint8_t)~GYL__SEG_LOST;
		b->lost_cnt--;
		b->in_flight += s->end - s->seq;
	}
}

/* RFC 9438 4.9 */
static void undo(struct gyl_streams *t, struct gyl__tcb *c)
{
	if (c->snd != NULL)
		gyl__cc_undo(&c->cc);
	unlose(&c->board);
	c->rec = GYL__REC_NONE;
	c->has_rtx_ts = c->force_rtx = false;
	t->stat.spurious_cnt++;
}

static void check_undo(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx,
	const struct gyl__acked *a, bool advanced)
{
	/* RFC 3522: it answers the first copy, which we had given up. */
	bool eifel = advanced && c->has_rtx_ts && rx->opt.has_timestamps &&
		     gyl__seq_lt(rx->opt.ts_ecr, c->rtx_ts);

	/* RFC 3708: or all repeats came in vain. */
	if ((eifel && c->rec != GYL__REC_NONE) || a->is_spurious)
		undo(t, c);
	if (advanced)
		c->has_rtx_ts = false;
}

/* RFC 8985 7.4.2: more than the probe was acknowledged, and no DSACK came: it filled a hole. */
static void check_probe(struct gyl__tcb *c, bool advanced, bool has_dsack)
{
	if (!c->tlp_out)
		return;
	if (c->rec != GYL__REC_NONE) {
		/* What it brought out is repaired already. */
		c->tlp_out = !advanced && !has_dsack;
	} else if (has_dsack || (!c->tlp_is_repeat && gyl__seq_le(c->recover, c->snd_una))) {
		c->tlp_out = false;
	} else if (gyl__seq_lt(c->recover, c->snd_una)) {
		c->tlp_out = false;
		reduce(c);
	}
}

/* RFC 6582: without SACK all we know is that the first one is missing. */
static void lose_first(struct gyl_streams *t, struct gyl__tcb *c)
{
	struct gyl__seg *s = &c->board.seg[c->board.head];

	if (c->board.cnt == 0 || (s->flags & GYL__SEG_LOST) != 0)
		return;
	s->flags |= GYL__SEG_LOST;
	c->board.lost_cnt++;
	c->board.in_flight -= s->end - s->seq;
	c->force_rtx = true;
	if (c->rec == GYL__REC_NONE)
		gyl__loss_begin(t, c);
}

static void without_sack(struct gyl_streams *t, struct gyl__tcb *c, bool advanced)
{
	if (advanced) {
		c->dup_cnt = 0;
		if (c->rec == GYL__REC_FAST)
			lose_first(t, c);
	} else if (c->dup_cnt == 3 && c->rec == GYL__REC_NONE) {
		lose_first(t, c);
	}
}

/* Timestamps measure in milliseconds, but repeats too (RFC 7323 4.1): for want of better only, or a
 * path of microseconds looked like one of a millisecond. */
static void sample(
	struct gyl__tcb *c, const struct gyl__rx *rx, const struct gyl__acked *a, bool advanced)
{
	uint32_t ms = gyl__ms(rx->now_ns) + c->ts_off - rx->opt.ts_ecr;

	if (a->rtt_ns != 0)
		gyl__rtt_sample(&c->rtt, rx->now_ns, a->rtt_ns);
	else if (advanced && c->has_ts && rx->opt.ts_ecr != 0 && ms < 600 * 1000 &&
		 (c->rtt.srtt_us == 0 || c->rtt.backoff != 0))
		gyl__rtt_sample(&c->rtt, rx->now_ns, (ms == 0 ? 1 : ms) * GYL_NS_PER_MS);
}

/* RFC 6298 5.2 and 5.3 */
static void set_timer(struct gyl_streams *t, struct gyl__tcb *c, uint64_t now_ns, bool moved)
{
	if (c->persisting)
		return;
	if (c->board.cnt == 0)
		c->rtx_at_ns = 0;
	else if (moved)
		c->rtx_at_ns = now_ns + gyl__rto_ns(t, c);
}

/* RFC 7661, RFC 9438 5.8: does the window hold us back? In slow start half of it in flight will do:
 * the application or the device may be just as fast, and must not stop it for ever. */
static bool is_limited(const struct gyl__tcb *c, const struct gyl__acked *a)
{
	uint32_t flight = c->board.in_flight + c->board.sacked + a->octets;

	return c->is_limited || (c->cc.cwnd < c->cc.ssthresh && flight > c->cc.cwnd / 2);
}

void gyl__loss_acked(struct gyl_streams *t, struct gyl__tcb *c, const struct gyl__rx *rx,
	const struct gyl__acked *a, bool advanced, bool has_dsack)
{
	sample(c, rx, a, advanced);
	check_undo(t, c, rx, a, advanced);
	check_probe(c, advanced, has_dsack);
	if (c->rec != GYL__REC_NONE && gyl__seq_le(c->recover, c->snd_una))
		c->rec = GYL__REC_NONE;
	if (!c->has_sack)
		without_sack(t, c, advanced);
	else if (a->lost && c->rec == GYL__REC_NONE)
		gyl__loss_begin(t, c);
	if (a->octets != 0 && c->rec != GYL__REC_FAST && c->snd != NULL)
		gyl__cc_acked(&c->cc, rx->now_ns, gyl__full_len(c), a->octets,
			(uint64_t)c->rtt.srtt_us * GYL_NS_PER_US, is_limited(c, a));
	c->is_limited = false;
	set_timer(t, c, rx->now_ns, a->octets != 0);
	gyl__loss_arm(c, rx->now_ns);
}

/* RFC 8985 7.2: two round trips; a lone segment may wait for the peer's delayed acknowledgement.
 * There it is one probe, for the end of what is sent only; here also within a recovery, where the
 * last repeat or the last acknowledgement may be lost as well, and a second probe after twice the
 * time, for where one in thirty is lost the probe often is, and the timer's 200 ms are for ever. */
static uint64_t probe_timeout_ns(const struct gyl__tcb *c)
{
	uint64_t ns = 2 * (uint64_t)c->rtt.srtt_us * GYL_NS_PER_US + GYL_NS_PER_MS;

	if (c->tlp_out)
		return 2 * ns;
	return c->board.cnt == 1 ? ns + 50 * GYL_NS_PER_MS : ns;
}

void gyl__loss_arm(struct gyl__tcb *c, uint64_t now_ns)
{
	uint64_t at_ns;

	c->probe_at_ns = 0;
	if (c->board.cnt == 0 || !c->has_sack)
		return;
	at_ns = gyl__board_deadline_ns(&c->board);
	if (at_ns != UINT64_MAX) {
		c->is_tlp = false;
		c->probe_at_ns = at_ns;
		return;
	}
	if ((c->tlp_out && c->tlp_again) || c->want_tlp || c->rtt.srtt_us == 0)
		return;
	at_ns = now_ns + probe_timeout_ns(c);
	if (at_ns >= c->rtx_at_ns)
		return;
	c->is_tlp = true;
	c->probe_at_ns = at_ns;
}

void gyl__loss_probe(struct gyl_streams *t, uint64_t now_ns, struct gyl__tcb *c)
{
	c->probe_at_ns = 0;
	if (c->is_tlp) {
		c->want_tlp = true;
		c->rtx_at_ns = now_ns + gyl__rto_ns(t, c);
		t->stat.tlp_cnt++;
		return;
	}
	if (gyl__board_detect(&c->board, now_ns) && c->rec == GYL__REC_NONE)
		gyl__loss_begin(t, c);
	gyl__loss_arm(c, now_ns);
}
