/* SPDX-License-Identifier: ISC */

/*
 * A day in the hall: guests ask, and servers do what a seed says. Each question may be answered,
 * late, twice, wrongly, cut, not at all, by a closed port or by ourselves; servers go away for
 * minutes and come back, and the uplink with all of them does, too.
 *
 * Whatever happens: who asks gets one answer, within the time that is promised; it is true, or says
 * that there is none; what was true a day ago counts when it is called stale. In the end nothing is
 * left.
 */

#include "tests/unit/dns/hall.h"

enum {
	GUESTS = 40,
	NAMES = 300,
	QUERIES = 4000,
	LATE_MS = 6100
};

struct sim {
	uint64_t seed;
	bool away[HALL_SERVERS];
	unsigned open_cnt; /* queries without an answer */
	struct {
		uint64_t at_ns;
		unsigned name;
		bool open;
	} query[UINT16_MAX + 1];
	unsigned truth_cnt, stale_cnt, none_cnt, slow_cnt;
};

static struct sim sim;

static unsigned pick(unsigned bound)
{
	sim.seed = sim.seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((sim.seed >> 33) % bound);
}

/* The truth about a name is in the name. */
static unsigned number_of(const char *name)
{
	return (unsigned)strtoul(name + 1, NULL, 10);
}

static void tell_truth(struct hall *h, const struct asked *q, uint16_t flags)
{
	unsigned n = number_of(q->name);
	char text[GYL_DNS_NAME_TEXT_MAX + 80];

	if (q->q.qtype == GYL_DNS_TYPE_NS)
		(void)snprintf(text, sizeof text, "an . 300 NS ns.example.");
	else if (n % 10 == 9)
		(void)snprintf(text, sizeof text, "ns example. 300 SOA . . 1 2 3 4 %u", n % 40);
	else
		(void)snprintf(text, sizeof text, "an %s %u A 198.51.%u.%u", q->name, n % 90,
			n / 250, n % 250);
	hall_reply(h, q, flags | (n % 10 == 9 ? GYL_DNS_NXDOMAIN : 0), text);
}

static void lie(struct hall *h, const struct asked *q)
{
	uint8_t msg[600];
	size_t len = hall_make(q, GYL_DNS_RA, "an n1.example. 300 A 203.0.113.66", msg, sizeof msg);

	if (pick(2) == 0)
		msg[pick(2)] ^= (uint8_t)(1 + pick(255));
	else
		msg[13] ^= (uint8_t)(1 + pick(15));
	hall_say(h, q, msg, len - (pick(3) == 0 ? pick(20) : 0));
}

static void play(struct hall *h, const struct asked *q)
{
	uint64_t usual_ns = h->delay_ns[q->server];

	if (sim.away[q->server])
		return;
	switch (pick(16)) {
	case 0: /* lost */
		break;
	case 1:
		h->delay_ns[q->server] = (100 + pick(5000)) * GYL_NS_PER_MS;
		tell_truth(h, q, 0);
		break;
	case 2:
		tell_truth(h, q, 0);
		tell_truth(h, q, 0);
		break;
	case 3:
	case 4:
		if (!q->tcp)
			lie(h, q);
		tell_truth(h, q, 0);
		break;
	case 5:
		if (q->tcp)
			tell_truth(h, q, 0);
		else
			hall_reply(h, q, GYL_DNS_TC, "");
		break;
	case 6:
		hall_reply(h, q, pick(2) == 0 ? GYL_DNS_SERVFAIL : GYL_DNS_REFUSED, "");
		break;
	case 7:
		if (hall_flow(h, q->flow) != NULL)
			hall_end(h, q->flow);
		break;
	case 8: /* ours, back to us */
		if (pick(20) == 0)
			hall_push(h, h->b.now.mono_ns + usual_ns, 0, GYL_IN_DGRAM, q->msg.p,
				q->msg.len);
		else
			tell_truth(h, q, 0);
		break;
	case 9:
		hall_reply(h, q, GYL_DNS_FORMERR, "");
		break;
	default:
		tell_truth(h, q, 0);
	}
	h->delay_ns[q->server] = usual_ns;
}

static void on_answer(struct hall *h, struct gyl_view msg)
{
	unsigned id = gyl_get_u16(msg.p), n = sim.query[id].name;
	char want[40];

	if (h->answered.port == 53)
		return; /* of our own question that came back */
	assert_true(sim.query[id].open);
	assert_true(h->b.now.mono_ns - sim.query[id].at_ns <= LATE_MS * GYL_NS_PER_MS);
	sim.slow_cnt += h->b.now.mono_ns - sim.query[id].at_ns > 2 * GYL_NS_PER_S;
	sim.query[id].open = false;
	sim.open_cnt--;
	if (strcmp(h->w->text, "SERVFAIL") == 0) {
		sim.none_cnt++;
		return;
	}
	(void)snprintf(want, sizeof want, " A 198.51.%u.%u", n / 250, n % 250);
	if (n % 10 == 9)
		assert_non_null(strstr(h->w->text, "NXDOMAIN"));
	else if (strstr(h->w->text, want) == NULL)
		fail_msg("n%u: %s", n, h->w->text);
	if (strstr(h->w->text, " 30 A ") != NULL && n % 90 < 30)
		sim.stale_cnt++;
	else
		sim.truth_cnt++;
}

static void ask_one(struct hall *h, unsigned id)
{
	unsigned n = pick(4) == 0 ? pick(NAMES) : pick(30); /* some are asked for all the time */
	uint8_t query[300];
	char name[40];
	size_t len;

	(void)snprintf(name, sizeof name, "n%u.example.", n);
	len = make_query(h->w, name, "A");
	memcpy(query, h->w->query, len);
	gyl_set_u16(query, (uint16_t)id);
	sim.query[id].at_ns = h->b.now.mono_ns;
	sim.query[id].name = n;
	sim.query[id].open = true;
	sim.open_cnt++;
	hall_send(h, pick(GUESTS), (uint16_t)(1024 + id), query, len);
}

static void whatever_servers_do_guests_are_told_the_truth(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct hall *h = hall_open(3, play);

		memset(&sim, 0, sizeof sim);
		sim.seed = seed;
		h->on_answer = on_answer;
		for (unsigned i = 0; i < HALL_SERVERS; i++)
			h->delay_ns[i] = (1 + i * 15) * GYL_NS_PER_MS;
		for (unsigned i = 0; i < QUERIES; i++) {
			if (pick(100) == 0) {
				unsigned server = pick(3);

				sim.away[server] = !sim.away[server];
			}
			if (i % 1000 == 700) /* the uplink */
				memset(sim.away, 1, sizeof sim.away);
			if (i % 1000 == 800)
				memset(sim.away, 0, sizeof sim.away);
			ask_one(h, i);
			hall_run(h, pick(2000) * GYL_NS_PER_MS);
		}
		hall_run(h, 10 * GYL_NS_PER_S);
		assert_int_equal(sim.open_cnt, 0);
		/* most of the time there are servers that answer */
		assert_true(sim.truth_cnt > QUERIES * 2 / 3);
		assert_true(sim.stale_cnt > 0);
		assert_true(sim.none_cnt < QUERIES / 5);
		memset(sim.away, 0, sizeof sim.away);
		hall_done(h);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_servers_do_guests_are_told_the_truth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
