/* SPDX-License-Identifier: ISC */

/* Streams of the core (RFC 7766): pipelining, backlogs, places. */

#include "tests/unit/dns/rig.h"

static struct gyl_in stream_in(enum gyl_in_kind kind, uint32_t flow)
{
	return (struct gyl_in){
		.kind = (uint8_t)kind, .flow = flow, .role = GYL_DNS_TCP, .room = 65536};
}

static void open_stream_of(struct rig *r, uint32_t flow, uint32_t ip)
{
	struct gyl_in in = stream_in(GYL_IN_OPENED, flow);

	in.peer.ip = ip;
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
}

static void open_stream(struct rig *r, uint32_t flow)
{
	open_stream_of(r, flow, 0x0a4d0009);
}

/* Gives octets of a stream; how many were used. */
static uint32_t put_bytes(struct rig *r, uint32_t flow, const uint8_t *p, size_t len, uint32_t room)
{
	struct gyl_in in = stream_in(GYL_IN_BYTES, flow);

	in.data = gyl_view(p, len);
	in.room = room;
	outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1);
	return in.used;
}

static size_t framed(struct rig *r, uint8_t *p, const char *qname)
{
	size_t len = make_query(r->w, qname, "A");

	gyl_set_u16(p, (uint16_t)len);
	memcpy(p + 2, r->w->query, len);
	return len + 2;
}

static void streams_carry_queries_one_after_the_other(void **state)
{
	struct rig *r = rig_open("lab.");
	struct gyl_view answers;
	struct gyl_in last;
	uint8_t in[256];
	size_t one, two;

	(void)state;
	one = framed(r, in, "fixed.lab.");
	two = one + framed(r, in + one, "other.lab.");
	open_stream(r, 1);
	for (size_t len = 0; len < one; len++) {
		assert_int_equal(put_bytes(r, 1, in, len, 65536), 0);
		assert_int_equal(r->b.out.send_cnt, 0);
	}
	assert_int_equal(put_bytes(r, 1, in, two, 65536), two);
	assert_int_equal(r->b.out.send_cnt, 1); /* in one piece */
	assert_int_equal(r->b.send[0].flow, 1);
	answers = outbox_sent(&r->b, 0);
	for (unsigned i = 0; i < 2; i++) {
		r->w->len = gyl_get_u16(answers.p);
		memcpy(r->w->msg, answers.p + 2, r->w->len);
		answers = gyl_view_sub(answers, 2 + r->w->len, answers.len);
		show_answer(r->w);
		assert_string_equal(
			r->w->text, i == 0 ? "NOERROR AA; an fixed.lab. 300 A 192.0.2.2"
					   : "NOERROR AA; an other.lab. 300 A 192.0.2.1");
	}
	assert_int_equal(answers.len, 0);
	/* the end comes with octets that nobody has answered yet */
	open_stream(r, 2);
	last = stream_in(GYL_IN_EOF, 2);
	last.data = gyl_view(in, two - 1);
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &last, 1), 1);
	assert_int_equal(r->b.out.send_cnt, 1);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].op, GYL_FLOW_CLOSE);
	/* no room in the stream for the second answer: its query waits */
	assert_int_equal(put_bytes(r, 1, in, two, 60), one);
	assert_int_equal(r->b.out.send_cnt, 1);
	assert_int_equal(put_bytes(r, 1, in, two, 10), 0);
	/* what is no query closes the stream */
	gyl_set_u16(in + 4, 0x8000);
	assert_int_equal(put_bytes(r, 1, in, two, 65536), two);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].op, GYL_FLOW_CLOSE);
	rig_close(r);
}

/* All pieces that were sent, one behind the other: their length. */
static size_t all_sent(const struct rig *r, uint8_t *p)
{
	size_t len = 0;

	for (unsigned i = 0; i < r->b.out.send_cnt; i++) {
		struct gyl_view s = outbox_sent(&r->b, i);

		memcpy(p + len, s.p, s.len);
		len += s.len;
	}
	return len;
}

/* A client that pipelines more than there are slots, and then falls silent: every query is
 * answered, once and in order, without another octet from it. */
static void pipelined_queries_wait_for_slots_only(void **state)
{
	enum {
		CNT = 4000
	};
	static uint8_t octets[CNT * 64], stream[OUTBOX_SEND * OUTBOX_SLOT];
	struct rig *r = rig_open("lab.");
	struct gyl_in in = stream_in(GYL_IN_BYTES, 1);
	uint32_t room = 1 << 20;
	size_t len = 0;
	unsigned got = 0, turns = 0;

	(void)state;
	for (unsigned i = 0; i < CNT; i++) {
		size_t at = len;

		len += framed(r, octets + at, i % 2 ? "fixed.lab." : "other.lab.");
		gyl_set_u16(octets + at + 2, (uint16_t)(0x4000 + i));
	}
	open_stream(r, 1);
	in.data = gyl_view(octets, len);
	in.room = room;
	do {
		size_t sent;

		outbox_rest(&in);
		assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
		assert_int_not_equal(r->b.out.send_cnt, 0);
		sent = all_sent(r, stream);
		room -= (uint32_t)sent;
		for (size_t at = 0; at < sent; at += 2 + (size_t)gyl_get_u16(stream + at))
			assert_int_equal(gyl_get_u16(stream + at + 2), 0x4000 + got++);
		turns++;
		/* offered again before the host has sent: what is left of the room is known */
		assert_int_equal(in.room, room);
	} while (in.again);
	assert_int_equal(got, CNT);
	assert_int_equal(in.used, in.data.len);
	assert_true(turns > 1);
	rig_close(r);
}

/* With the client's end it is the same, and the end waits for the last answer. */
static void the_end_waits_for_the_answers(void **state)
{
	struct rig *r = rig_open("lab.");
	struct gyl_in in = stream_in(GYL_IN_EOF, 1);
	uint8_t octets[256];
	size_t one = framed(r, octets, "fixed.lab."), two;

	(void)state;
	two = one + framed(r, octets + one, "other.lab.");
	open_stream(r, 1);
	in.data = gyl_view(octets, two);
	in.room = 60; /* for one of them, and nobody knows whether the host will be rid of it at
			 once */
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_true(in.again);
	assert_int_equal(r->b.out.send_cnt, 1);
	assert_int_equal(in.used, one);
	outbox_rest(&in);
	in.room = 10; /* it was not: this waits until it is */
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_false(in.again);
	assert_int_equal(r->b.out.send_cnt, 0);
	assert_int_equal(r->b.out.op_cnt, 0);
	in.room = 65536;
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_int_equal(r->b.out.send_cnt, 1);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].op, GYL_FLOW_CLOSE);
	rig_close(r);
}

static void idle_streams_are_closed(void **state)
{
	struct rig *r = rig_open("lab.");
	uint8_t in[256];
	size_t len = framed(r, in, "fixed.lab.");

	(void)state;
	after(r, 0);
	open_stream(r, 1);
	open_stream(r, 2);
	after(r, 9 * GYL_NS_PER_S);
	assert_int_equal(put_bytes(r, 2, in, len, 65536), len);
	after(r, GYL_NS_PER_S);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].flow, 1);
	/* its last octets may still come */
	assert_int_equal(put_bytes(r, 1, in, len, 65536), len);
	assert_int_equal(r->b.out.send_cnt, 0);
	/* an octet now and then is no query */
	assert_int_equal(put_bytes(r, 2, in, 1, 65536), 0);
	after(r, 9 * GYL_NS_PER_S);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_true(gyl_dns_core.deadline_ns(r->d) == UINT64_MAX);
	/* one too many: the one idle the longest goes */
	for (uint32_t i = 0; i < 129; i++) {
		open_stream_of(r, 100 + i, 0x0a4d0100 + i);
		after(r, 1);
	}
	open_stream(r, 500);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].flow, 101);
	rig_close(r);
}

/* RFC 9210 5.1: the fuller, the sooner, from a tenth of the time with no place left to all of it
 * with half of them free: here one place less is worth 141 ms of patience. */
static void places_get_scarce_and_patience_short(void **state)
{
	struct rig *r = rig_open("lab.");
	uint8_t in[256];
	size_t len = framed(r, in, "fixed.lab.");
	unsigned alive = 0;

	(void)state;
	after(r, 0);
	for (uint32_t i = 0; i < 128; i++)
		open_stream_of(r, 100 + i, 0x0a4d0100 + i);
	after(r, 5 * GYL_NS_PER_S);
	for (uint32_t i = 0; i < 128; i++) {
		put_bytes(r, 100 + i, in, len, 65536);
		alive += r->b.out.send_cnt;
	}
	assert_int_equal(alive, 128 - 29);
	/* those who ask stay */
	after(r, GYL_NS_PER_S);
	assert_int_equal(put_bytes(r, 150, in, len, 65536), len);
	assert_int_equal(r->b.out.send_cnt, 1);
	rig_close(r);
}

/* One address has a quarter of the places; what it opens past them costs it its own. */
static void an_address_has_its_share_of_streams(void **state)
{
	struct rig *r = rig_open("lab.");

	(void)state;
	after(r, 0);
	open_stream_of(r, 1, 0x0a4d0001); /* the one idle the longest, of somebody else */
	after(r, 1);
	for (uint32_t i = 0; i < 32; i++) {
		open_stream(r, 100 + i);
		assert_int_equal(r->b.out.op_cnt, 0);
		after(r, 1);
	}
	open_stream(r, 200);
	assert_int_equal(r->b.out.op_cnt, 1);
	assert_int_equal(r->b.out.op[0].flow, 100);
	open_stream_of(r, 2, 0x0a4d0001);
	assert_int_equal(r->b.out.op_cnt, 0);
	rig_close(r);
}

static void unreadable_queries_are_told_now_and_then(void **state)
{
	static const uint8_t bad[12] = {0, 1, 1, 0, 0, 2};
	static const struct gyl_peer peer = {.ip = 0x0a4d0009, .port = 5353};
	struct rig *r = rig_open("lab.");

	(void)state;
	outbox_dgram(&r->b, &gyl_dns_core, r->d, GYL_DNS_UDP, &peer, bad, sizeof bad);
	assert_non_null(outbox_event(&r->b, GYL_EV_DNS_BAD));
	outbox_dgram(&r->b, &gyl_dns_core, r->d, GYL_DNS_UDP, &peer, bad, sizeof bad);
	assert_null(outbox_event(&r->b, GYL_EV_DNS_BAD));
	assert_int_equal(r->b.out.send_cnt, 1);
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_carry_queries_one_after_the_other),
		cmocka_unit_test(pipelined_queries_wait_for_slots_only),
		cmocka_unit_test(the_end_waits_for_the_answers),
		cmocka_unit_test(idle_streams_are_closed),
		cmocka_unit_test(places_get_scarce_and_patience_short),
		cmocka_unit_test(an_address_has_its_share_of_streams),
		cmocka_unit_test(unreadable_queries_are_told_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
