/* SPDX-License-Identifier: ISC */

/* Streams of the collector: how they are cut into messages, what waits, who has to go. */

#include <gyl/text.h>
#include <stdio.h>

#include "services/syslogd/record.h"
#include "tests/unit/syslogd/collector.h"

enum {
	STREAM_LEN = 65536 /* what a host keeps of a stream at least */
};

/* A connection as its host has it: what the core did not use comes again, in front of what is new.
 */
struct stream {
	uint32_t flow, ip;
	size_t len;
	uint8_t octets[STREAM_LEN];
};

static struct stream far_end; /* the usual one */

static size_t stream_input(struct world *w, struct stream *s, enum gyl_in_kind kind)
{
	struct gyl_in in = {.kind = (uint8_t)kind,
		.role = GYL_SYSLOGD_TCP,
		.flow = s->flow,
		.peer = {.ip = s->ip, .port = 40000}};
	size_t taken;

	if (kind == GYL_IN_BYTES || kind == GYL_IN_EOF)
		in.data = gyl_view(s->octets, s->len);
	taken = give(w, &in);
	assert_in_range(in.used, 0, in.data.len);
	s->len -= in.used;
	memmove(s->octets, s->octets + in.used, s->len);
	return taken;
}

static void open_stream(struct world *w, struct stream *s, uint32_t flow, uint32_t ip)
{
	s->flow = flow;
	s->ip = ip;
	s->len = 0;
	assert_int_equal(stream_input(w, s, GYL_IN_OPENED), 1);
}

/* Octets arrive. Returns whether the core took the input. */
static size_t feed_len(struct world *w, struct stream *s, const void *p, size_t len)
{
	assert_in_range(s->len + len, 0, STREAM_LEN);
	memcpy(s->octets + s->len, p, len);
	s->len += len;
	return stream_input(w, s, GYL_IN_BYTES);
}

static void feed(struct world *w, const char *text)
{
	assert_int_equal(feed_len(w, &far_end, text, strlen(text)), 1);
}

static void finish(struct world *w)
{
	assert_int_equal(stream_input(w, &far_end, GYL_IN_EOF), 1);
	assert_int_equal(far_end.len, 0);
	assert_int_equal(w->b.out.op_cnt, 1);
	assert_int_equal(w->b.out.op[0].op, GYL_FLOW_CLOSE);
	assert_int_equal(w->core.conn_cnt, 0);
}

static int open_far_end(void **state)
{
	open_world(state);
	open_stream(*state, &far_end, 7, IP(10, 0, 1, 7));
	return 0;
}

/* What the log has got, told briefly: the text of each message and its flags, a line each. */
static const char *brief(struct world *w)
{
	static char out[8192];
	size_t at = 0, len = 0;

	out[0] = '\0';
	while (at < w->log.len) {
		const char *line = (const char *)w->text + at, *msg, *flags;
		const char *stop = memchr(line, '\n', w->log.len - at);
		int msg_len, flags_len;

		assert_non_null(stop);
		msg = strstr(line, "\"msg\":") + 6;
		flags = strstr(line, "\"flags\":[") + 9;
		msg_len = (int)(strstr(msg, ",\"") - msg);
		flags_len = (int)(strchr(flags, ']') - flags);
		assert_true(flags < stop);
		len += (size_t)snprintf(out + len, sizeof out - len, "%.*s %.*s\n",
			msg_len > 40 ? 40 : msg_len, msg, flags_len, flags);
		at += (size_t)(stop - line) + 1;
	}
	w->log.len = 0;
	memset(w->text, 0, sizeof w->text);
	return out;
}

#define HEAD "<13>1 2026-11-21T13:00:00Z h a - - - "

/* `count` messages under the name of an octet count. */
static size_t counted(char *buf, const char *msg)
{
	return (size_t)sprintf(buf, "%zu %s", strlen(msg), msg);
}

static void each_frame_says_how_it_ends(void **state)
{
	static const struct {
		const char *octets, *want;
	} row[] = {
		{"42 " HEAD "count\n", "\"count\" \n"},
		{HEAD "line\n", "\"line\" \n"},
		{HEAD "line\r\n", "\"line\" \n"},
		{"42 " HEAD "count42 " HEAD "again", "\"count\" \n\"again\" \n"},
		{"42 " HEAD "count" HEAD "line\n42 " HEAD "again",
			"\"count\" \n\"line\" \n\"again\" \n"},
		{HEAD "one\n" HEAD "two\n\n" HEAD "three\n", "\"one\" \n\"two\" \n\"three\" \n"},
		{"43 " HEAD "a\nline", "\"a\\nline\" \"ctrl\"\n"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < TEST_CNT(row); i++) {
		feed(w, row[i].octets);
		assert_string_equal(brief(w), row[i].want);
		assert_int_equal(far_end.len, 0);
	}
	assert_int_equal(feed_len(w, &far_end, HEAD "nul\0" HEAD "more\0", 2 * sizeof HEAD + 7), 1);
	assert_string_equal(brief(w), "\"nul\" \n\"more\" \n");
	finish(w);
	assert_string_equal(brief(w), "");
}

static void the_record_names_the_peer(void **state)
{
	struct world *w = *state;

	feed(w, "<34>1 2026-11-21T13:00:00.003Z sw1 sshd 411 ID47 - hi\n");
	expect(w,
		"{\"seq\":1,\"recv\":\"2026-11-21T13:00:00.000125Z\",\"from\":\"10.0.1.7\","
		"\"fmt\":\"5424\",\"pri\":34,\"fac\":4,\"sev\":2,\"ts\":\"2026-11-21T13:00:00.003Z\","
		"\"host\":\"sw1\",\"app\":\"sshd\",\"pid\":\"411\",\"msgid\":\"ID47\","
		"\"sd\":{},\"msg\":\"hi\",\"flags\":[]}\n");
}

/* Wherever the reads fall, the records are the same. */
static void reads_may_cut_anywhere(void **state)
{
	static const char octets[] =
		"42 " HEAD "count" HEAD "line\r\n43 " HEAD "a\nline" HEAD "end\n";
	static const char want[] = "\"count\" \n\"line\" \n\"a\\nline\" \"ctrl\"\n\"end\" \n";
	struct world *w = *state;

	for (size_t step = 1; step < sizeof octets; step++) {
		for (size_t at = 0; at < sizeof octets - 1; at += step) {
			size_t len = sizeof octets - 1 - at;

			assert_int_equal(
				feed_len(w, &far_end, octets + at, len < step ? len : step), 1);
		}
		assert_string_equal(brief(w), want);
		assert_int_equal(far_end.len, 0);
	}
}

/* A host reads as far as its buffer goes. */
static void feed_long(struct world *w, const char *p, size_t len)
{
	while (len != 0) {
		size_t part = STREAM_LEN - far_end.len;

		part = part < 5000 ? part : 5000;
		part = part < len ? part : len;
		assert_int_not_equal(part, 0);
		assert_int_equal(feed_len(w, &far_end, p, part), 1);
		p += part;
		len -= part;
	}
}

static void what_is_too_long_is_cut_and_says_so(void **state)
{
	static char msg[90000];
	struct world *w = *state;
	const char *text = (const char *)w->text;

	memset(msg, 'x', sizeof msg);
	memcpy(msg, HEAD, sizeof HEAD - 1);
	for (int lines = 0; lines < 2; lines++) {
		if (!lines)
			feed(w, "90000 ");
		feed_long(w, msg, sizeof msg);
		if (lines)
			feed(w, "\n");
		feed(w, HEAD "next\n");
		w->text[w->log.len] = '\0';
		assert_int_equal(gyl_syslogd_record_seq(gyl_view(w->text, w->log.len)),
			(uint64_t)(1 + 2 * lines));
		assert_non_null(strstr(text, "\"cut\""));
		if (!lines)
			assert_non_null(strstr(text, "90000"));
		assert_non_null(strstr(text, "\"msg\":\"next\",\"flags\":[]"));
		assert_null(strstr(strstr(text, "next"), "xxx"));
		w->log.len = 0;
		memset(w->text, 0, sizeof w->text);
	}
}

/* A host with 64 KiB for a stream never has to wait for ever. */
static void the_longest_message_fits_a_hosts_buffer(void **state)
{
	static char msg[GYL_SYSLOGD_STREAM_MAX + 1], octets[sizeof msg + 10];
	struct world *w = *state;
	size_t len;

	memset(msg, 'x', sizeof msg - 1);
	memcpy(msg, HEAD, sizeof HEAD - 1);
	len = counted(octets, msg);
	assert_in_range(len, sizeof msg, STREAM_LEN);
	assert_int_equal(feed_len(w, &far_end, octets, len - 1), 1);
	assert_int_equal(w->log.len, 0);
	assert_int_equal(feed_len(w, &far_end, octets + len - 1, 1), 1);
	assert_string_equal(strchr(brief(w), ' '), " \n");
}

static void the_end_ends_a_line_but_no_count(void **state)
{
	static const struct {
		const char *octets, *want;
	} row[] = {
		{"", ""},
		{HEAD "no line end", "\"no line end\" \n"},
		{HEAD "one\n" HEAD "two", "\"one\" \n\"two\" \n"},
		{"99 " HEAD "half", "\"half\" \"incomplete\"\n"},
		{"42 " HEAD "count", "\"count\" \n"},
	};
	struct world *w = *state;

	finish(w);
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		open_stream(w, &far_end, 7, IP(10, 0, 1, 7));
		feed(w, row[i].octets);
		finish(w);
		assert_string_equal(brief(w), row[i].want);
	}
	/* Octets and the end in one input. */
	open_stream(w, &far_end, 7, IP(10, 0, 1, 7));
	far_end.len = (size_t)sprintf((char *)far_end.octets, "%s", HEAD "a\n" HEAD "b");
	finish(w);
	assert_string_equal(brief(w), "\"a\" \n\"b\" \n");
}

/* A log without room takes nothing, and what it does not take comes again: once. */
static void a_full_log_holds_the_stream(void **state)
{
	struct world *w = *state;
	uint32_t cap = w->log.cap;
	unsigned seen = 0;
	size_t taken;

	far_end.len = 0;
	for (int i = 0; i < 300; i++)
		far_end.len += (size_t)sprintf(
			(char *)far_end.octets + far_end.len, HEAD "message %d\n", i);
	w->log.cap = 70000; /* few of them, beside the reserve */
	for (int round = 0; round < 300 && seen < 300; round++) {
		const char *p;

		taken = stream_input(w, &far_end, round % 2 ? GYL_IN_EOF : GYL_IN_BYTES);
		assert_int_equal(taken, far_end.len == 0);
		assert_int_equal(w->core.conn_cnt, far_end.len != 0 || round % 2 == 0);
		w->text[w->log.len] = '\0';
		for (p = (const char *)w->text; (p = strstr(p, "\"msg\":\"message ")) != NULL;
			p++, seen++)
			assert_int_equal(strtol(p + 15, NULL, 10), seen);
		w->log.len = 0;
	}
	assert_int_equal(seen, 300);
	w->log.cap = cap;
}

/* One that is cut waits whole: nothing of what is behind it goes meanwhile. */
static void a_full_log_holds_what_is_cut(void **state)
{
	static char msg[90000];
	struct world *w = *state;
	size_t at = STREAM_LEN;

	memset(msg, 'x', sizeof msg);
	memcpy(msg, "90000 " HEAD, sizeof HEAD + 5);
	w->log.cap = 66000;
	assert_int_equal(feed_len(w, &far_end, msg, at), 0);
	assert_int_equal(stream_input(w, &far_end, GYL_IN_BYTES), 0);
	assert_int_equal(far_end.len, at);
	w->log.cap = sizeof w->text;
	assert_int_equal(stream_input(w, &far_end, GYL_IN_BYTES), 1);
	memset(msg, 'x', 90006 - at);
	feed_long(w, msg, 90006 - at);
	feed(w, HEAD "next\n");
	w->text[w->log.len] = '\0';
	assert_int_equal(gyl_syslogd_record_seq(gyl_view(w->text, w->log.len)), 1);
	assert_int_equal(w->core.seq, 3);
	assert_non_null(strstr((const char *)w->text, "\"msg\":\"next\""));
}

/* The last message of an ended stream waits, too, and closes nothing before it is kept. */
static void a_full_log_holds_the_end(void **state)
{
	struct world *w = *state;

	w->log.cap = 66000;
	assert_int_equal(feed_len(w, &far_end, HEAD "last", sizeof HEAD + 3), 1);
	assert_int_equal(stream_input(w, &far_end, GYL_IN_EOF), 0);
	assert_int_equal(stream_input(w, &far_end, GYL_IN_EOF), 0);
	assert_int_equal(w->b.out.op_cnt, 0);
	assert_int_equal(w->core.conn_cnt, 1);
	w->log.cap = sizeof w->text;
	finish(w);
	assert_string_equal(brief(w), "\"last\" \n");
}

static const struct gyl_event *closed(struct world *w, const char *reason, uint64_t octets)
{
	const struct gyl_event *e = outbox_event(&w->b, GYL_EV_SYSLOGD_CLOSED);
	struct gyl_view why;
	uint64_t v;

	assert_non_null(e);
	assert_true(gyl_event_get_str(e, "reason", &why));
	assert_true(gyl_view_eq(why, gyl_view_str(reason)));
	assert_true(gyl_event_get_u64(e, "octets", &v));
	assert_int_equal(v, octets);
	return e;
}

/* How often, as the event tells; 0: there is none. */
static uint64_t no_tls(struct world *w, const char *reason)
{
	const struct gyl_event *e = outbox_event(&w->b, GYL_EV_SYSLOGD_TLS);
	struct gyl_view why;
	uint64_t v;

	if (e == NULL)
		return 0;
	assert_true(gyl_event_get_str(e, "reason", &why));
	assert_true(gyl_view_eq(why, gyl_view_str(reason)));
	assert_true(gyl_event_get_u64(e, "count", &v));
	return v;
}

static void the_idle_are_closed(void **state)
{
	static struct stream other;
	struct world *w = *state;

	feed(w, HEAD "half a li");
	outbox_advance(&w->b, &gyl_syslogd_core, &w->core, GYL_NS_PER_HOUR / 2);
	open_stream(w, &other, 8, IP(10, 0, 1, 8));
	outbox_advance(&w->b, &gyl_syslogd_core, &w->core, GYL_NS_PER_HOUR / 2 - 1);
	assert_int_equal(w->core.conn_cnt, 2);
	outbox_advance(&w->b, &gyl_syslogd_core, &w->core, 1);
	assert_int_equal(w->core.conn_cnt, 1);
	assert_int_equal(w->b.out.op[0].flow, 7);
	closed(w, "nothing came for too long", far_end.len);
	/* What was on its way is of no use any more, and nobody stumbles over it. */
	assert_int_equal(feed_len(w, &far_end, "ne\n", 3), 1);
	assert_int_equal(far_end.len, 0);
	assert_int_equal(w->log.len, 0);
	/* Whoever says something stays. */
	for (int i = 0; i < 5; i++) {
		assert_int_equal(feed_len(w, &other, "x\n", 2), 1);
		outbox_advance(&w->b, &gyl_syslogd_core, &w->core, GYL_NS_PER_HOUR - 1);
	}
	assert_int_equal(w->core.conn_cnt, 1);
	outbox_advance(&w->b, &gyl_syslogd_core, &w->core, 1);
	assert_int_equal(w->core.conn_cnt, 0);
	assert_int_equal(gyl_syslogd_core.deadline_ns(&w->core), UINT64_MAX);
}

static void the_idlest_makes_room(void **state)
{
	static struct stream other;
	struct world *w = *state;

	for (uint32_t i = 1; i < 16; i++) {
		w->b.now.mono_ns++;
		open_stream(w, &other, 100 + i, IP(10, 0, 2, i));
		assert_int_equal(w->b.out.op_cnt, 0);
	}
	w->b.now.mono_ns++;
	feed(w, HEAD "not me\n");
	open_stream(w, &other, 200, IP(10, 0, 3, 1));
	assert_int_equal(w->b.out.op_cnt, 1);
	assert_int_equal(w->b.out.op[0].op, GYL_FLOW_RESET);
	assert_int_equal(w->b.out.op[0].flow, 101);
	closed(w, "there are too many", 0);
	assert_int_equal(w->core.conn_cnt, 16);
}

/* One sender has a quarter: with all it opens it does not push others out. */
static void a_sender_has_a_quarter(void **state)
{
	static struct stream other;
	struct world *w = *state;

	for (uint32_t i = 0; i < 20; i++) {
		w->b.now.mono_ns++;
		open_stream(w, &other, 100 + i, IP(10, 0, 2, 1));
		assert_int_equal(w->b.out.op_cnt, i >= 4);
		if (i >= 4) {
			assert_int_equal(w->b.out.op[0].flow, 100 + i - 4);
			closed(w, "its sender has a quarter of all connections", 0);
		}
	}
	assert_int_equal(w->core.conn_cnt, 5);
	feed(w, HEAD "still here\n");
	assert_string_equal(brief(w), "\"still here\" \n");
}

static void tls_gets_one_clear_word(void **state)
{
	struct world *w = *state;

	assert_int_equal(feed_len(w, &far_end, "\x16\x03\x01\x02\x00\x01\x00\n\n<13>x\n", 16), 1);
	assert_int_equal(no_tls(w, "it begins with a TLS handshake, and this port speaks none"), 1);
	assert_int_equal(w->b.out.op[0].op, GYL_FLOW_CLOSE);
	assert_int_equal(w->log.len, 0);
	assert_int_equal(far_end.len, 0);
	assert_int_equal(w->core.conn_cnt, 0);
}

/* One word a peer and minute, with how often it was. */
static void notices_are_one_a_peer_and_minute(void **state)
{
	static const char why[] = "it begins with a TLS handshake, and this port speaks none";
	static struct stream other;
	struct world *w = *state;

	for (int i = 0; i < 5; i++) {
		assert_int_equal(feed_len(w, &far_end, "\x16\x03\x01", 3), 1);
		assert_int_equal(no_tls(w, why), i == 0);
		open_stream(w, &far_end, 8, IP(10, 0, 1, 7));
	}
	open_stream(w, &other, 9, IP(10, 0, 1, 8));
	assert_int_equal(feed_len(w, &other, "\x16\x03\x01", 3), 1);
	assert_int_equal(no_tls(w, why), 1);
	w->b.now.mono_ns += GYL_NS_PER_MIN;
	assert_int_equal(feed_len(w, &far_end, "\x16\x03\x01", 3), 1);
	assert_int_equal(no_tls(w, why), 5);
}

static uint64_t event_u64(struct world *w, enum gyl_event_kind kind, const char *field)
{
	const struct gyl_event *e = outbox_event(&w->b, kind);
	uint64_t v = 0;

	assert_true(e == NULL || gyl_event_get_u64(e, field, &v));
	return v;
}

static void bad_counts_are_told_once_a_minute(void **state)
{
	struct world *w = *state;

	feed(w, "007 <13>a: b\n0 <13>c\n");
	assert_int_equal(event_u64(w, GYL_EV_SYSLOGD_COUNT, "count"), 1);
	feed(w, "99999999999 <13>c\n");
	assert_null(outbox_event(&w->b, GYL_EV_SYSLOGD_COUNT));
	w->b.now.mono_ns += GYL_NS_PER_MIN;
	feed(w, "-5 <13>c\n");
	assert_int_equal(event_u64(w, GYL_EV_SYSLOGD_COUNT, "count"), 3);
	feed(w, "2026-11-21 x\n12 monkeys\n"); /* these are lines */
	w->b.now.mono_ns += GYL_NS_PER_MIN;
	feed(w, HEAD "fine\n");
	assert_null(outbox_event(&w->b, GYL_EV_SYSLOGD_COUNT));
}

/* RFC 6587 3.4.2: how long a line was is known at its end only; the record is written long before.
 */
static void the_end_of_a_cut_line_tells_its_length(void **state)
{
	static char msg[90000];
	struct world *w = *state;

	memset(msg, 'x', sizeof msg);
	memcpy(msg, HEAD, sizeof HEAD - 1);
	for (int by_end = 0; by_end < 2; by_end++) {
		feed_long(w, msg, sizeof msg);
		assert_null(outbox_event(&w->b, GYL_EV_SYSLOGD_CUT));
		if (by_end)
			finish(w);
		else
			feed(w, "x\n" HEAD "next\n");
		assert_int_equal(event_u64(w, GYL_EV_SYSLOGD_CUT, "octets"), sizeof msg + !by_end);
		assert_int_equal(event_u64(w, GYL_EV_SYSLOGD_CUT, "record"), by_end ? 3 : 1);
		w->log.len = 0;
	}
}

/* ---- TLS ---- */

static size_t tls_input(struct world *w, enum gyl_in_kind kind, const char *key, const char *text)
{
	struct gyl_in in = {.kind = (uint8_t)kind,
		.role = GYL_SYSLOGD_TLS,
		.flow = 99,
		.key = gyl_view_str(key),
		.data = gyl_view_str(text),
		.peer = {.ip = IP(10, 0, 1, 9)}};

	return give(w, &in);
}

static void the_name_of_a_certificate_is_in_its_records(void **state)
{
	struct world *w = *state;

	w->text[0] = '\0';
	assert_int_equal(tls_input(w, GYL_IN_OPENED, "ap\"1.example.com", ""), 1);
	assert_int_equal(tls_input(w, GYL_IN_BYTES, "", HEAD "x\n"), 1);
	feed(w, HEAD "y\n");
	w->text[w->log.len] = '\0';
	assert_non_null(strstr((char *)w->text,
		"\"from\":\"10.0.1.9\",\"peer\":{\"name\":\"ap\\\"1.example.com\"},\"fmt\""));
	assert_null(strstr(strstr((char *)w->text, "\n"), "peer"));
}

/* RFC 5425 4.4: the end of the octets is no end of a message when TLS does not say so. */
static void a_cut_end_makes_the_last_message_incomplete(void **state)
{
	struct world *w = *state;
	struct gyl_in in = {.kind = GYL_IN_EOF,
		.role = GYL_SYSLOGD_TLS,
		.flow = 99,
		.seq = 1,
		.data = gyl_view_str(HEAD "all is well, but")};

	assert_int_equal(tls_input(w, GYL_IN_OPENED, "", ""), 1);
	assert_int_equal(give(w, &in), 1);
	assert_string_equal(brief(w), "\"all is well, but\" \"incomplete\"\n");
}

static void tls_that_fails_is_told(void **state)
{
	struct world *w = *state;

	assert_int_equal(tls_input(w, GYL_IN_CLOSED, "", "it shows no certificate"), 1);
	assert_int_equal(no_tls(w, "it shows no certificate"), 1);
	assert_int_equal(tls_input(w, GYL_IN_CLOSED, "", "it shows no certificate"), 1);
	assert_int_equal(no_tls(w, "it shows no certificate"), 0);
	assert_int_equal(w->core.conn_cnt, 1);
}

/* Without room for a word about what it closes, the core waits with that. */
static void a_full_ring_of_events_holds_new_ones(void **state)
{
	struct world *w = *state;

	w->b.out.op_cnt = 0;
	w->b.out.event_reserve = UINT32_MAX / 2;
	far_end.len = (size_t)sprintf((char *)far_end.octets, HEAD "x\n");
	assert_int_equal(stream_input(w, &far_end, GYL_IN_BYTES), 0);
	assert_int_equal(w->log.len, 0);
	w->b.out.event_reserve = 0;
	assert_int_equal(stream_input(w, &far_end, GYL_IN_BYTES), 1);
	assert_string_equal(brief(w), "\"x\" \n");
}

static void a_connection_that_broke_is_forgotten(void **state)
{
	struct world *w = *state;

	feed(w, HEAD "half");
	assert_int_equal(stream_input(w, &far_end, GYL_IN_CLOSED), 1);
	assert_int_equal(w->core.conn_cnt, 0);
	assert_int_equal(w->b.out.op_cnt, 0);
	assert_int_equal(stream_input(w, &far_end, GYL_IN_CLOSED), 1);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_far_end, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_frame_says_how_it_ends),
		T(the_record_names_the_peer),
		T(reads_may_cut_anywhere),
		T(what_is_too_long_is_cut_and_says_so),
		T(the_longest_message_fits_a_hosts_buffer),
		T(the_end_ends_a_line_but_no_count),
		T(a_full_log_holds_the_stream),
		T(a_full_log_holds_what_is_cut),
		T(a_full_log_holds_the_end),
		T(the_idle_are_closed),
		T(the_idlest_makes_room),
		T(a_sender_has_a_quarter),
		T(tls_gets_one_clear_word),
		T(notices_are_one_a_peer_and_minute),
		T(bad_counts_are_told_once_a_minute),
		T(the_end_of_a_cut_line_tells_its_length),
		T(the_name_of_a_certificate_is_in_its_records),
		T(a_cut_end_makes_the_last_message_incomplete),
		T(tls_that_fails_is_told),
		T(a_full_ring_of_events_holds_new_ones),
		T(a_connection_that_broke_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
