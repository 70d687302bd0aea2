/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_board.h"
#include "libnet/src/tcp_seq.h"

#include <gyl/time.h>

enum {
	DUP_THRESH = 3,
	REO_MULT_MAX = 64,
	REO_PERSIST = 16 /* RFC 8985 6.2 */
};

void gyl__board_init(struct gyl__board *b, struct gyl__seg *seg, uint16_t cap)
{
	memset(b, 0, sizeof *b);
	b->seg = seg;
	b->cap = cap;
	b->wait_ns = UINT64_MAX;
	b->reo_mult = 1;
}

bool gyl__board_full(const struct gyl__board *b)
{
	return b->cnt == b->cap;
}

static struct gyl__seg *at(const struct gyl__board *b, unsigned i)
{
	return &b->seg[(b->head + i) & (b->cap - 1u)];
}

static uint32_t len_of(const struct gyl__seg *s)
{
	return s->end - s->seq;
}

static bool is_in_flight(const struct gyl__seg *s)
{
	return (s->flags & (GYL__SEG_SACKED | GYL__SEG_LOST)) == 0;
}

void gyl__board_sent(struct gyl__board *b, uint64_t now_ns, uint32_t seq, uint32_t end)
{
	struct gyl__seg *s = at(b, b->cnt);

	if (b->cnt == 0)
		b->fack = seq;
	s->seq = seq;
	s->end = end;
	s->sent_ns = now_ns;
	s->flags = 0;
	b->cnt++;
	b->in_flight += end - seq;
}

/* ---- in flight, lost, arrived ---- */

static void mark_lost(struct gyl__board *b, struct gyl__seg *s)
{
	b->in_flight -= len_of(s);
	s->flags |= GYL__SEG_LOST;
	b->lost_cnt++;
}

/* RFC 8985 6.2 step 2: was the latest transmission that has arrived after this one? Those of one
 * instant are told apart by their place. */
static bool rack_is_after(const struct gyl__board *b, const struct gyl__seg *s)
{
	if (b->rack_sent_ns != s->sent_ns)
		return b->rack_sent_ns > s->sent_ns;
	return gyl__seq_lt(s->end, b->rack_end);
}

static void advance_rack(struct gyl__board *b, uint64_t now_ns, const struct gyl__seg *s)
{
	uint64_t rtt_us = (now_ns - s->sent_ns + GYL_NS_PER_US - 1) / GYL_NS_PER_US;

	/* Sooner than any: this answers an earlier transmission of the segment. */
	if ((s->flags & GYL__SEG_RETRANS) != 0 && rtt_us < b->min_rtt_us)
		return;
	if (b->has_rack && rack_is_after(b, s))
		return;
	b->has_rack = true;
	b->rack_sent_ns = s->sent_ns;
	b->rack_end = s->end;
	b->rack_rtt_us = rtt_us > UINT32_MAX ? UINT32_MAX : (uint32_t)rtt_us;
}

/* RFC 8985 6.2 step 3: a first copy that arrives after what is behind it was overtaken. */
static void note_order(struct gyl__board *b, const struct gyl__seg *s)
{
	if (gyl__seq_lt(b->fack, s->end))
		b->fack = s->end;
	else if ((s->flags & GYL__SEG_RETRANS) == 0)
		b->saw_reordering = true;
}

static void note_rtt(uint64_t now_ns, const struct gyl__seg *s, struct gyl__acked *ret)
{
	uint64_t rtt_ns = now_ns > s->sent_ns ? now_ns - s->sent_ns : 1;

	if ((s->flags & GYL__SEG_RETRANS) == 0 && (ret->rtt_ns == 0 || rtt_ns < ret->rtt_ns))
		ret->rtt_ns = rtt_ns;
}

static void arrived(
	struct gyl__board *b, uint64_t now_ns, struct gyl__seg *s, struct gyl__acked *ret)
{
	if ((s->flags & GYL__SEG_LOST) != 0)
		b->lost_cnt--;
	else
		b->in_flight -= len_of(s);
	s->flags &= (uint8_t)~GYL__SEG_LOST;
	ret->octets += len_of(s);
	note_order(b, s);
	note_rtt(now_ns, s, ret);
	advance_rack(b, now_ns, s);
}

/* The first octets of a record were acknowledged: a receiver without room took no more. */
static void trim(struct gyl__board *b, struct gyl__seg *s, uint32_t una, struct gyl__acked *ret)
{
	uint32_t len = una - s->seq;

	if ((s->flags & GYL__SEG_SACKED) != 0)
		b->sacked -= len;
	else
		ret->octets += len;
	if (is_in_flight(s))
		b->in_flight -= len;
	s->seq = una;
}

static void drop_acked(struct gyl__board *b, uint64_t now_ns, uint32_t una, struct gyl__acked *ret)
{
	while (b->cnt > 0 && gyl__seq_le(at(b, 0)->end, una)) {
		struct gyl__seg *s = at(b, 0);

		if ((s->flags & GYL__SEG_SACKED) != 0) {
			b->sacked -= len_of(s);
			b->sacked_cnt--;
		} else {
			arrived(b, now_ns, s, ret);
		}
		b->head = (uint16_t)((b->head + 1u) & (b->cap - 1u));
		b->cnt--;
	}
	if (b->cnt > 0 && gyl__seq_lt(at(b, 0)->seq, una))
		trim(b, at(b, 0), una, ret);
}

/* The first record that does not begin before seq. */
static unsigned find(const struct gyl__board *b, uint32_t seq)
{
	unsigned low = 0, high = b->cnt;

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (gyl__seq_lt(at(b, mid)->seq, seq))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Records that are wholly in the block; a part of one says nothing that could be used. */
static void mark_sacked(struct gyl__board *b, uint64_t now_ns, const struct gyl_tcp_sack *block,
	struct gyl__acked *ret)
{
	for (unsigned i = find(b, block->left); i < b->cnt; i++) {
		struct gyl__seg *s = at(b, i);

		if (gyl__seq_lt(block->right, s->end))
			return;
		if ((s->flags & GYL__SEG_SACKED) != 0)
			continue;
		arrived(b, now_ns, s, ret);
		s->flags |= GYL__SEG_SACKED;
		b->sacked += len_of(s);
		b->sacked_cnt++;
	}
}

/* From the lowest block on, or a higher one of the same acknowledgement would look like
 * reordering. Blocks come in any order; there are four at most. */
static void mark_blocks(struct gyl__board *b, uint64_t now_ns, const struct gyl_tcp_sack *sack,
	uint8_t sack_cnt, struct gyl__acked *ret)
{
	uint8_t done = 0;

	for (uint8_t n = 0; n < sack_cnt; n++) {
		uint8_t low = sack_cnt;

		for (uint8_t i = 0; i < sack_cnt; i++) {
			bool is_left = (done >> i & 1) == 0;

			if (is_left &&
				(low == sack_cnt || gyl__seq_lt(sack[i].left, sack[low].left)))
				low = i;
		}
		mark_sacked(b, now_ns, &sack[low], ret);
		done |= (uint8_t)(1u << low);
	}
}

/* ---- duplicates ---- */

/* RFC 2883 4: the first block speaks of a duplicate when it is below the acknowledgement, or
 * within the second one. */
static bool is_dup(uint32_t una, const struct gyl_tcp_sack *sack, uint8_t sack_cnt)
{
	if (sack_cnt == 0)
		return false;
	if (gyl__seq_le(sack[0].right, una))
		return true;
	return sack_cnt > 1 && gyl__seq_le(sack[1].left, sack[0].left) &&
	       gyl__seq_le(sack[0].right, sack[1].right);
}

static bool is_recovering(const struct gyl__board *b)
{
	return b->episode.is_open && b->cnt > 0 && gyl__seq_lt(at(b, 0)->seq, b->episode.to);
}

/* RFC 8985 6.2 step 4: each round trip in which something was repeated in vain widens the window.
 */
static void widen(struct gyl__board *b, uint32_t una)
{
	if (b->has_dup_round && gyl__seq_lt(una, b->dup_round))
		return;
	b->has_dup_round = b->cnt > 0;
	if (b->cnt > 0)
		b->dup_round = at(b, b->cnt - 1u)->end;
	if (b->reo_mult < REO_MULT_MAX)
		b->reo_mult++;
	b->reo_persist = REO_PERSIST;
}

/* Returns whether all that was repeated is a duplicate. What the network doubled, outside of what
 * was in flight when we repeated something, does not count. */
static bool note_dup(struct gyl__board *b, uint32_t una, const struct gyl_tcp_sack *dup)
{
	struct gyl__episode *e = &b->episode;

	if (!e->is_known || e->resent_cnt == 0 || gyl__seq_lt(dup->left, e->from) ||
		gyl__seq_lt(e->to, dup->right))
		return false;
	widen(b, una);
	return --e->resent_cnt == 0;
}

/* What is over may not linger until sequence numbers come round; an episode is remembered for the
 * DSACKs that follow it. */
static void end_rounds(struct gyl__board *b, uint32_t una)
{
	struct gyl__episode *e = &b->episode;

	if (b->has_dup_round && gyl__seq_le(b->dup_round, una))
		b->has_dup_round = false;
	if (e->is_open && gyl__seq_le(e->to, una))
		e->is_open = false;
	if (e->is_known && !e->is_open && una - e->to > 1u << 30)
		e->is_known = false;
}

void gyl__board_acked(struct gyl__board *b, uint64_t now_ns, uint32_t una_before, uint32_t una,
	const struct gyl_tcp_sack *sack, uint8_t sack_cnt, uint32_t min_rtt_us,
	struct gyl__acked *ret)
{
	uint32_t new_una = gyl__seq_max(una_before, una);
	uint8_t dup_cnt = is_dup(una, sack, sack_cnt);

	memset(ret, 0, sizeof *ret);
	b->min_rtt_us = min_rtt_us;
	drop_acked(b, now_ns, new_una, ret);
	if (sack_cnt > dup_cnt)
		mark_blocks(b, now_ns, sack + dup_cnt, (uint8_t)(sack_cnt - dup_cnt), ret);
	end_rounds(b, new_una);
	if (dup_cnt != 0)
		ret->is_spurious = note_dup(b, new_una, &sack[0]);
	ret->lost = gyl__board_detect(b, now_ns);
}

/* ---- losses ---- */

static uint64_t reo_window_ns(const struct gyl__board *b)
{
	uint32_t most_us = b->rack_rtt_us > b->min_rtt_us ? b->rack_rtt_us : b->min_rtt_us;
	uint64_t us = (uint64_t)b->reo_mult * b->min_rtt_us / 4;

	/* Without reordering so far, three that have arrived are enough (RFC 5681 3.2). */
	if (!b->saw_reordering && (is_recovering(b) || b->sacked_cnt >= DUP_THRESH))
		return 0;
	return (us < most_us ? us : most_us) * GYL_NS_PER_US;
}

bool gyl__board_detect(struct gyl__board *b, uint64_t now_ns)
{
	uint64_t patience_ns = b->rack_rtt_us * GYL_NS_PER_US + reo_window_ns(b);
	bool found = false;

	b->wait_ns = UINT64_MAX;
	for (unsigned i = 0; i < b->cnt && b->has_rack; i++) {
		struct gyl__seg *s = at(b, i);

		if (!is_in_flight(s))
			continue;
		if (!rack_is_after(b, s)) {
			/* First copies behind a first copy were sent even later, repeated or not.
			 */
			if ((s->flags & GYL__SEG_RETRANS) == 0)
				break;
		} else if (s->sent_ns + patience_ns <= now_ns) {
			mark_lost(b, s);
			found = true;
		} else if (s->sent_ns + patience_ns < b->wait_ns) {
			b->wait_ns = s->sent_ns + patience_ns;
		}
	}
	return found;
}

uint64_t gyl__board_deadline_ns(const struct gyl__board *b)
{
	return b->wait_ns;
}

static void renege(struct gyl__board *b)
{
	for (unsigned i = 0; i < b->cnt; i++) {
		struct gyl__seg *s = at(b, i);

		if ((s->flags & GYL__SEG_SACKED) == 0)
			continue;
		s->flags = (uint8_t)((s->flags & ~GYL__SEG_SACKED) | GYL__SEG_LOST);
		b->lost_cnt++;
	}
	b->sacked = 0;
	b->sacked_cnt = 0;
}

void gyl__board_timeout(struct gyl__board *b)
{
	if (b->cnt > 0 && (at(b, 0)->flags & GYL__SEG_SACKED) != 0)
		renege(b);
	for (unsigned i = 0; i < b->cnt; i++)
		if (is_in_flight(at(b, i)))
			mark_lost(b, at(b, i));
	b->wait_ns = UINT64_MAX;
}

/* ---- sending again ---- */

/* Record i in two; those before it move up, as lost ones are near the front. */
static void split(struct gyl__board *b, unsigned i, uint32_t max)
{
	b->head = (uint16_t)((b->head - 1u) & (b->cap - 1u));
	b->cnt++;
	for (unsigned k = 0; k <= i; k++)
		*at(b, k) = *at(b, k + 1);
	at(b, i)->end = at(b, i)->seq + max;
	at(b, i + 1)->seq = at(b, i)->end;
	b->lost_cnt++;
}

struct gyl__seg *gyl__board_lost(struct gyl__board *b, uint32_t max)
{
	unsigned i = 0;

	if (b->lost_cnt == 0)
		return NULL;
	while ((at(b, i)->flags & GYL__SEG_LOST) == 0)
		i++;
	if (len_of(at(b, i)) > max && !gyl__board_full(b))
		split(b, i, max);
	return at(b, i);
}

static void begin_episode(struct gyl__board *b)
{
	b->episode.is_known = b->episode.is_open = true;
	b->episode.from = at(b, 0)->seq;
	b->episode.to = at(b, b->cnt - 1u)->end;
	b->episode.resent_cnt = 0;
	if (b->reo_persist > 0)
		b->reo_persist--;
	if (b->reo_persist == 0)
		b->reo_mult = 1;
}

void gyl__board_resent(struct gyl__board *b, uint64_t now_ns, struct gyl__seg *s)
{
	if ((s->flags & GYL__SEG_LOST) != 0) {
		if (!is_recovering(b))
			begin_episode(b);
		b->episode.resent_cnt++;
		b->lost_cnt--;
		b->in_flight += len_of(s);
	}
	s->flags = GYL__SEG_RETRANS;
	s->sent_ns = now_ns;
}

struct gyl__seg *gyl__board_last(struct gyl__board *b)
{
	for (unsigned i = b->cnt; i-- > 0;)
		if ((at(b, i)->flags & GYL__SEG_SACKED) == 0)
			return at(b, i);
	return NULL;
}
