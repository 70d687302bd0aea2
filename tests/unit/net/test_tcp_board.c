/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "libnet/src/ident.h"
#include "libnet/src/tcp_board.h"
#include "libnet/src/tcp_seq.h"
#include "tests/support/support.h"

#include <gyl/time.h>

enum {
	CAP = 64,
	MSS = 1000,
	RTT_US = 400
};

#define US GYL_NS_PER_US

/* ---- one thing at a time ---- */

struct one {
	struct gyl__seg seg[CAP];
	struct gyl__board b;
	struct gyl__acked got;
	uint64_t now_ns;
	uint32_t una, nxt;
};

static void start(struct one *o, uint32_t seq)
{
	memset(o, 0, sizeof *o);
	gyl__board_init(&o->b, o->seg, CAP);
	o->una = o->nxt = seq;
	o->now_ns = GYL_NS_PER_S;
}

static void send(struct one *o, unsigned cnt)
{
	for (; cnt > 0; cnt--, o->nxt += MSS)
		gyl__board_sent(&o->b, o->now_ns, o->nxt, o->nxt + MSS);
}

/* Blocks are pairs of segment numbers counted from base; the acknowledgement too. */
static void ack_at(struct one *o, uint32_t base, uint32_t una, const uint32_t *pairs, uint8_t cnt)
{
	struct gyl_tcp_sack sack[GYL_TCP_SACK_MAX];

	for (uint8_t i = 0; i < cnt; i++) {
		sack[i].left = base + pairs[2 * i] * MSS;
		sack[i].right = base + pairs[2 * i + 1] * MSS;
	}
	una = base + una * MSS;
	gyl__board_acked(&o->b, o->now_ns, o->una, una, sack, cnt, RTT_US, &o->got);
	o->una = gyl__seq_max(o->una, una);
}

static void resend_all(struct one *o)
{
	struct gyl__seg *s;

	while ((s = gyl__board_lost(&o->b, MSS)) != NULL)
		gyl__board_resent(&o->b, o->now_ns, s);
}

static void a_hole_is_lost_after_three(void **state)
{
	struct one o;
	struct gyl__seg *s;

	(void)state;
	start(&o, 0xfffff000); /* numbers go round behind the fourth */
	send(&o, 10);
	assert_int_equal(o.b.in_flight, 10 * MSS);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0xfffff000, 0, (uint32_t[]){1, 2}, 1);
	assert_false(o.got.lost);
	assert_int_equal(gyl__board_deadline_ns(&o.b), o.now_ns + RTT_US / 4 * US);
	ack_at(&o, 0xfffff000, 0, (uint32_t[]){1, 3}, 1);
	assert_false(o.got.lost);
	ack_at(&o, 0xfffff000, 0, (uint32_t[]){1, 4}, 1);
	assert_true(o.got.lost);
	assert_int_equal(o.b.lost_cnt, 1);
	assert_int_equal(o.b.in_flight, 6 * MSS);
	assert_int_equal(o.b.sacked, 3 * MSS);
	s = gyl__board_lost(&o.b, MSS);
	assert_non_null(s);
	assert_int_equal(s->seq, 0xfffff000);
	gyl__board_resent(&o.b, o.now_ns, s);
	assert_null(gyl__board_lost(&o.b, MSS));
	assert_int_equal(o.b.in_flight, 7 * MSS);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0xfffff000, 10, NULL, 0);
	assert_int_equal(o.got.octets, 7 * MSS);
	assert_int_equal(o.b.in_flight + o.b.sacked + o.b.cnt, 0);
}

/* RFC 8985 3.3.2: without a third duplicate a quarter of the round trip tells. */
static void the_reordering_window_ends(void **state)
{
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, 2);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 0, (uint32_t[]){1, 2}, 1);
	assert_false(o.got.lost);
	o.now_ns = gyl__board_deadline_ns(&o.b);
	assert_false(gyl__board_detect(&o.b, o.now_ns - 1));
	assert_true(gyl__board_detect(&o.b, o.now_ns));
	assert_int_equal(gyl__board_deadline_ns(&o.b), UINT64_MAX);
	assert_int_equal(o.b.in_flight, 0);
}

/* What came in another order is no loss, and from then on three are no proof. */
static void reordering_is_no_loss(void **state)
{
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, 20);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 0, (uint32_t[]){1, 2}, 1);
	ack_at(&o, 0, 2, NULL, 0); /* the first one after the second */
	assert_true(o.b.saw_reordering);
	ack_at(&o, 0, 2, (uint32_t[]){3, 8}, 1);
	assert_false(o.got.lost);
	assert_int_equal(gyl__board_deadline_ns(&o.b), o.now_ns + RTT_US / 4 * US);
	ack_at(&o, 0, 8, NULL, 0);
	assert_int_equal(gyl__board_deadline_ns(&o.b), UINT64_MAX);
}

/* RFC 8985 3.3.1: what is sent again and lost again is found by what was sent after it. */
static void a_lost_retransmission_is_found(void **state)
{
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, 5);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 0, (uint32_t[]){1, 5}, 1);
	assert_true(o.got.lost);
	resend_all(&o);
	o.now_ns += 10 * US;
	send(&o, 3);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 0, (uint32_t[]){1, 6}, 1);
	assert_true(o.got.lost);
	assert_int_equal(gyl__board_lost(&o.b, MSS)->seq, 0);
}

/* The second transmission is in flight, and the first one's acknowledgement comes: less than any
 * round trip after it, so it does not make later ones look lost. */
static void an_early_answer_is_of_the_first_copy(void **state)
{
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, 5);
	o.now_ns += RTT_US * US;
	gyl__board_timeout(&o.b);
	gyl__board_resent(&o.b, o.now_ns, gyl__board_lost(&o.b, MSS));
	o.now_ns += 10 * US;
	send(&o, 1);
	ack_at(&o, 0, 1, NULL, 0);
	assert_int_equal(o.got.rtt_ns, 0); /* Karn */
	assert_false(o.b.has_rack);
}

static void round_trips(void **state)
{
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, 1);
	o.now_ns += 100 * US;
	send(&o, 1);
	o.now_ns += 300 * US;
	ack_at(&o, 0, 2, NULL, 0);
	assert_int_equal(o.got.rtt_ns, 300 * US); /* of the latest, not of what waited */
	assert_int_equal(o.got.octets, 2 * MSS);
	ack_at(&o, 0, 2, NULL, 0);
	assert_int_equal(o.got.rtt_ns, 0);
	assert_int_equal(o.got.octets, 0);
}

/* RFC 8985 7: the last one that has not arrived; sending it is no recovery. */
static void tail_probe(void **state)
{
	struct one o;
	struct gyl__seg *s;

	(void)state;
	start(&o, 0);
	assert_null(gyl__board_last(&o.b));
	send(&o, 4);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 0, (uint32_t[]){3, 4}, 1);
	s = gyl__board_last(&o.b);
	assert_int_equal(s->seq, 2 * MSS);
	gyl__board_resent(&o.b, o.now_ns, s);
	assert_int_equal(o.b.in_flight, 3 * MSS); /* counted once */
	ack_at(&o, 0, 4, (uint32_t[]){2, 3}, 1);
	assert_false(o.got.is_spurious);
	assert_int_equal(o.b.in_flight, 0);
}

/* The records after the path's mtu became smaller. */
static void split_records(void **state)
{
	static const uint32_t ends[] = {300, 600, 900, 1000, 1300, 1600, 1900, 2000, 3000};
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, 3);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 0, (uint32_t[]){2, 3}, 1);
	gyl__board_timeout(&o.b);
	for (size_t i = 0; i < TEST_CNT(ends) - 1; i++) {
		struct gyl__seg *s = gyl__board_lost(&o.b, 300);

		assert_int_equal(s->end, ends[i]);
		assert_int_equal(s->seq, i == 0 ? 0 : ends[i - 1]);
		gyl__board_resent(&o.b, o.now_ns, s);
	}
	assert_null(gyl__board_lost(&o.b, 300));
	assert_int_equal(o.b.cnt, TEST_CNT(ends));
	assert_int_equal(o.b.in_flight, 2 * MSS);
	gyl__board_acked(&o.b, o.now_ns + RTT_US * US, 0, 1450, NULL, 0, RTT_US, &o.got);
	assert_int_equal(o.got.octets, 1450); /* a part of a record too */
	assert_int_equal(o.b.in_flight, 550);
	assert_int_equal(o.b.sacked, 1000);
}

static void split_without_room(void **state)
{
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, CAP);
	assert_true(gyl__board_full(&o.b));
	gyl__board_timeout(&o.b);
	assert_int_equal(gyl__board_lost(&o.b, 300)->end, MSS);
	assert_int_equal(o.b.cnt, CAP);
}

/* RFC 2018 8: the peer may throw away what it had told of; after a timeout it is not believed. */
static void reneging(void **state)
{
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, 4);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 0, (uint32_t[]){2, 3}, 1);
	gyl__board_timeout(&o.b);
	assert_int_equal(o.b.sacked, MSS); /* no sign of it: the first one is missing */
	ack_at(&o, 0, 2, NULL, 0);         /* but now: acknowledged up to what it has */
	gyl__board_timeout(&o.b);
	assert_int_equal(o.b.sacked + o.b.sacked_cnt, 0);
	assert_int_equal(o.b.lost_cnt, 2);
	assert_int_equal(gyl__board_lost(&o.b, MSS)->seq, 2 * MSS);
}

/* RFC 2883, RFC 9438 4.9: only when all that was repeated had arrived. */
static void needless_recovery(void **state)
{
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, 6);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 0, (uint32_t[]){2, 6}, 1);
	assert_int_equal(o.b.lost_cnt, 2);
	resend_all(&o);
	o.now_ns += 100 * US;
	ack_at(&o, 0, 6, NULL, 0); /* both came late, by the first copy */
	assert_false(o.got.is_spurious);
	o.now_ns += 300 * US;
	ack_at(&o, 0, 6, (uint32_t[]){0, 1}, 1);
	assert_false(o.got.is_spurious);
	ack_at(&o, 0, 6, (uint32_t[]){1, 2}, 1);
	assert_true(o.got.is_spurious);
	assert_int_equal(o.b.reo_mult, 3); /* the window grew */
	ack_at(&o, 0, 6, (uint32_t[]){1, 2}, 1);
	assert_false(o.got.is_spurious); /* told once */
}

/* A duplicate that the network made, outside of a recovery; and an old acknowledgement whose
 * blocks are below what is acknowledged by now. */
static void other_duplicates(void **state)
{
	struct one o;

	(void)state;
	start(&o, 0);
	send(&o, 8);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 2, (uint32_t[]){0, 1}, 1);
	assert_false(o.got.is_spurious);
	ack_at(&o, 0, 2, (uint32_t[]){3, 8}, 1);
	assert_true(o.got.lost);
	resend_all(&o);
	o.now_ns += RTT_US * US;
	ack_at(&o, 0, 8, NULL, 0);
	ack_at(&o, 0, 2, (uint32_t[]){3, 6}, 1); /* sent before it */
	assert_false(o.got.is_spurious);
	ack_at(&o, 0, 8, (uint32_t[]){2, 3}, 1);
	assert_true(o.got.is_spurious);
}

/* ---- against a model that knows nothing of rings, searches and counters ---- */

struct rec {
	uint32_t seq, end;
	uint64_t sent_ns;
	bool has_arrived; /* at the receiver, told or not */
	bool is_told, is_lost, is_again;
};

struct model {
	struct rec rec[CAP * 64];
	unsigned cnt, first; /* all that was ever sent; the first one not acknowledged */
	uint64_t rack_ns, rack_rtt_us;
	uint32_t rack_end, high;
	bool has_rack, saw_reordering, is_recovering;
	uint32_t recover;
};

struct pair {
	struct gyl__seg seg[CAP];
	struct gyl__board b;
	struct model m;
	uint64_t now_ns, seed;
	uint32_t una, nxt;
};

static uint32_t draw(struct pair *p, uint32_t below)
{
	return (uint32_t)(gyl__ident_mix(&p->seed) >> 33) % below;
}

static void model_told(struct model *m, uint64_t now_ns, struct rec *r)
{
	uint64_t rtt_us = (now_ns - r->sent_ns + US - 1) / US;

	if (r->is_told)
		return;
	r->is_told = true;
	r->is_lost = false;
	if (m->high == 0 || gyl__seq_lt(m->high, r->end))
		m->high = r->end;
	else if (!r->is_again)
		m->saw_reordering = true;
	if (r->is_again && rtt_us < RTT_US)
		return;
	if (!m->has_rack || r->sent_ns > m->rack_ns ||
		(r->sent_ns == m->rack_ns && gyl__seq_lt(m->rack_end, r->end))) {
		m->has_rack = true;
		m->rack_ns = r->sent_ns;
		m->rack_end = r->end;
		m->rack_rtt_us = rtt_us;
	}
}

static uint64_t model_window_us(const struct pair *p)
{
	const struct model *m = &p->m;
	uint64_t us = (uint64_t)p->b.reo_mult * RTT_US / 4;
	uint64_t most = m->rack_rtt_us > RTT_US ? m->rack_rtt_us : RTT_US;
	unsigned told = 0;

	for (unsigned i = m->first; i < m->cnt; i++)
		told += m->rec[i].is_told;
	if (!m->saw_reordering &&
		(told >= 3 || (m->is_recovering && gyl__seq_lt(p->una, m->recover))))
		return 0;
	return us < most ? us : most;
}

static void model_detect(struct pair *p)
{
	struct model *m = &p->m;
	uint64_t wait_us = m->rack_rtt_us + model_window_us(p);

	for (unsigned i = m->first; i < m->cnt && m->has_rack; i++) {
		struct rec *r = &m->rec[i];
		bool is_before = r->sent_ns < m->rack_ns ||
				 (r->sent_ns == m->rack_ns && gyl__seq_lt(r->end, m->rack_end));

		if (!r->is_told && is_before && r->sent_ns + wait_us * US <= p->now_ns)
			r->is_lost = true;
	}
}

static void compare(struct pair *p)
{
	uint32_t pipe = 0, sacked = 0, lost = 0;

	assert_int_equal(p->b.cnt, p->m.cnt - p->m.first);
	for (unsigned i = 0; i < p->b.cnt; i++) {
		const struct gyl__seg *s = &p->seg[(p->b.head + i) & (CAP - 1)];
		const struct rec *r = &p->m.rec[p->m.first + i];
		uint8_t flags = (uint8_t)((r->is_told ? GYL__SEG_SACKED : 0) |
					  (r->is_lost ? GYL__SEG_LOST : 0) |
					  (r->is_again ? GYL__SEG_RETRANS : 0));

		assert_int_equal(s->seq, r->seq);
		assert_int_equal(s->end, r->end);
		assert_int_equal(s->flags, flags);
		pipe += r->is_told || r->is_lost ? 0 : r->end - r->seq;
		sacked += r->is_told ? r->end - r->seq : 0;
		lost += r->is_lost;
	}
	assert_int_equal(p->b.in_flight, pipe);
	assert_int_equal(p->b.sacked, sacked);
	assert_int_equal(p->b.lost_cnt, lost);
}

static void step_send(struct pair *p)
{
	struct rec *r = &p->m.rec[p->m.cnt];

	if (gyl__board_full(&p->b) || p->m.cnt == TEST_CNT(p->m.rec))
		return;
	memset(r, 0, sizeof *r);
	r->seq = p->nxt;
	r->end = p->nxt += 1 + draw(p, MSS);
	r->sent_ns = p->now_ns;
	r->has_arrived = draw(p, 4) != 0;
	p->m.cnt++;
	gyl__board_sent(&p->b, p->now_ns, r->seq, r->end);
}

static void step_resend(struct pair *p)
{
	struct gyl__seg *s = gyl__board_lost(&p->b, UINT32_MAX);
	struct rec *r = &p->m.rec[p->m.first];

	while (r < &p->m.rec[p->m.cnt] && !r->is_lost)
		r++;
	if (s == NULL) {
		assert_true(r == &p->m.rec[p->m.cnt]);
		return;
	}
	assert_int_equal(s->seq, r->seq);
	if (!p->m.is_recovering || gyl__seq_le(p->m.recover, p->una)) {
		p->m.is_recovering = true;
		p->m.recover = p->nxt;
	}
	r->is_lost = false;
	r->is_again = true;
	r->sent_ns = p->now_ns;
	r->has_arrived = draw(p, 4) != 0;
	gyl__board_resent(&p->b, p->now_ns, s);
}

/* A few runs of what has arrived, at random places: acknowledgements get lost, too. */
static uint8_t make_blocks(struct pair *p, struct gyl_tcp_sack *sack)
{
	uint8_t cnt = 0;

	for (int tries = 0; tries < 4 && p->m.first < p->m.cnt; tries++) {
		unsigned i = p->m.first + draw(p, p->m.cnt - p->m.first);

		if (!p->m.rec[i].has_arrived || i == p->m.first)
			continue;
		sack[cnt].left = p->m.rec[i].seq;
		for (; i < p->m.cnt && p->m.rec[i].has_arrived && draw(p, 8) != 0; i++)
			;
		if (p->m.rec[i - 1].end != sack[cnt].left)
			sack[cnt++].right = p->m.rec[i - 1].end;
		if (cnt > 0 && gyl__seq_le(sack[cnt - 1].right, sack[cnt - 1].left))
			cnt--;
	}
	/* The first may not lie in the second: that would be a DSACK, which tells nothing new. */
	if (cnt > 1 && gyl__seq_le(sack[1].left, sack[0].left) &&
		gyl__seq_le(sack[0].right, sack[1].right))
		return 1;
	return cnt;
}

static int by_seq(const void *a, const void *b)
{
	const struct gyl_tcp_sack *x = a, *y = b;

	return x->left == y->left ? 0 : gyl__seq_lt(x->left, y->left) ? -1 : 1;
}

static void model_ack(struct pair *p, uint32_t una, struct gyl_tcp_sack *sack, uint8_t cnt)
{
	struct model *m = &p->m;

	while (m->first < m->cnt && gyl__seq_le(m->rec[m->first].end, una))
		model_told(m, p->now_ns, &m->rec[m->first++]);
	qsort(sack, cnt, sizeof *sack, by_seq);
	for (uint8_t k = 0; k < cnt; k++)
		for (unsigned i = m->first; i < m->cnt; i++)
			if (gyl__seq_le(sack[k].left, m->rec[i].seq) &&
				gyl__seq_le(m->rec[i].end, sack[k].right))
				model_told(m, p->now_ns, &m->rec[i]);
	p->una = una;
	model_detect(p);
}

static void step_ack(struct pair *p)
{
	struct gyl_tcp_sack sack[GYL_TCP_SACK_MAX];
	struct gyl__acked got;
	uint32_t una = p->una;
	uint8_t cnt;

	for (unsigned i = p->m.first; i < p->m.cnt && p->m.rec[i].has_arrived; i++)
		if (draw(p, 4) != 0)
			una = p->m.rec[i].end;
	cnt = make_blocks(p, sack);
	if (cnt > 0 && gyl__seq_le(sack[0].right, una))
		cnt = 0; /* a DSACK as well */
	gyl__board_acked(&p->b, p->now_ns, p->una, una, sack, cnt, RTT_US, &got);
	model_ack(p, una, sack, cnt);
}

static void step_timeout(struct pair *p)
{
	gyl__board_timeout(&p->b);
	for (unsigned i = p->m.first; i < p->m.cnt; i++)
		p->m.rec[i].is_lost = !p->m.rec[i].is_told;
}

static void step(struct pair *p)
{
	p->now_ns += draw(p, 3) * draw(p, 200) * US;
	switch (draw(p, 16)) {
	case 0:
		gyl__board_detect(&p->b, p->now_ns);
		model_detect(p);
		break;
	case 1:
		/* Told ones at the front would renege, which has a test of its own. */
		if (p->m.first < p->m.cnt && !p->m.rec[p->m.first].is_told)
			step_timeout(p);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		step_ack(p);
		break;
	case 6:
	case 7:
	case 8:
		step_resend(p);
		break;
	default:
		step_send(p);
	}
}

static void equals_the_model(void **state)
{
	static struct pair p;

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		memset(&p, 0, sizeof p);
		p.seed = seed;
		p.now_ns = GYL_NS_PER_S;
		p.una = p.nxt = seed % 2 != 0 ? 0xffff0000 : (uint32_t)(seed << 20);
		gyl__board_init(&p.b, p.seg, CAP);
		for (int i = 0; i < 1000; i++) {
			step(&p);
			compare(&p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hole_is_lost_after_three),
		cmocka_unit_test(the_reordering_window_ends),
		cmocka_unit_test(reordering_is_no_loss),
		cmocka_unit_test(a_lost_retransmission_is_found),
		cmocka_unit_test(an_early_answer_is_of_the_first_copy),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(tail_probe),
		cmocka_unit_test(split_records),
		cmocka_unit_test(split_without_room),
		cmocka_unit_test(reneging),
		cmocka_unit_test(needless_recovery),
		cmocka_unit_test(other_duplicates),
		cmocka_unit_test(equals_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
