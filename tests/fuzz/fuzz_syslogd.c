/* SPDX-License-Identifier: ISC */

/*
 * The collector's core under any sequence of datagrams, drops, events, pieces of five streams,
 * their ends, time that passes and a log that is written out or is not. Every line in the log is
 * one line, begins with the next number and is valid UTF-8 without control characters; what was not
 * taken is offered again, but for datagrams of this machine, which wait for nothing; nothing goes
 * missing uncounted.
 *
 * A step is one octet for what, one for how long, then the octets of a datagram.
 */

#include <gyl/json.h>
#include <gyl/time.h>

#include "services/syslogd/core.h"
#include "services/syslogd/record.h"
#include "tests/fuzz/require.h"
#include "tests/support/outbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	LOG_MIN = 200000, /* a log so small that it fills */
	STREAMS = 5,      /* of which one is more than there are places */
	STREAM_LEN = 65536,
	STEPS_MAX = 200
};

static struct outbox b;
static struct gyl_syslogd core;
static uint8_t text[GYL_SYSLOGD_LOG_CAP];
static struct gyl_log log_buf;
static uint64_t next_seq;

UNWATCHED static void check_lines(void)
{
	uint32_t at = 0;

	while (at < log_buf.len) {
		const uint8_t *end = memchr(text + at, '\n', log_buf.len - at);
		struct gyl_view line;

		REQUIRE(end != NULL && end[-1] == '}');
		line = gyl_view(text + at, (size_t)(end - text) - at);
		REQUIRE(gyl_syslogd_record_seq(line) == next_seq++);
		REQUIRE(gyl_syslogd_record_recv(line) != 0);
		REQUIRE(gyl_utf8_prefix(line) == line.len);
		for (size_t i = 0; i < line.len; i++)
			REQUIRE(line.p[i] >= 0x20 && line.p[i] != 0x7f);
		at += (uint32_t)line.len + 1;
	}
	log_buf.len = 0;
}

/* What a host keeps of a stream; flow 0: not open. */
static struct stream {
	uint32_t flow;
	size_t len;
	uint8_t octets[STREAM_LEN];
} stream[STREAMS];

/* Which of them the core has closed in the last call. */
static void note_closed(void)
{
	for (size_t i = 0; i < b.out.op_cnt; i++)
		for (size_t k = 0; k < STREAMS; k++)
			if (stream[k].flow == b.out.op[i].flow)
				stream[k].flow = 0;
}

static size_t stream_input(struct stream *s, uint8_t kind)
{
	struct gyl_in in = {
		.kind = kind, .role = GYL_SYSLOGD_TCP, .flow = s->flow, .peer.ip = s->flow};
	size_t taken;

	if (kind == GYL_IN_BYTES || kind == GYL_IN_EOF)
		in.data = gyl_view(s->octets, s->len);
	taken = outbox_input(&b, &gyl_syslogd_core, &core, &in, 1);
	REQUIRE(in.used <= in.data.len);
	s->len -= in.used;
	memmove(s->octets, s->octets + in.used, s->len);
	note_closed();
	return taken;
}

/* Octets of a stream, its end, or its death; opened first when it is not. A host gives no more
 * octets when its buffer is full; the core must not need them. */
static void stream_step(uint8_t what, struct gyl_view data)
{
	static uint32_t flows;
	struct stream *s = &stream[what % STREAMS];
	uint32_t len = log_buf.len;

	if (s->flow == 0) {
		s->flow = ++flows;
		s->len = 0;
		REQUIRE(stream_input(s, GYL_IN_OPENED) == 1);
	}
	if (what & 4) {
		if (stream_input(s, what & 8 ? GYL_IN_EOF : GYL_IN_CLOSED) == 1)
			REQUIRE(!(what & 8) || (s->len == 0 && s->flow == 0));
		s->flow = what & 8 ? s->flow : 0;
		return;
	}
	data = gyl_view_sub(data, 0, STREAM_LEN - s->len);
	for (int times = what & 8 ? 255 : 1; times-- > 0 && s->len + data.len <= STREAM_LEN;) {
		memcpy(s->octets + s->len, data.p, data.len);
		s->len += data.len;
	}
	if (stream_input(s, GYL_IN_BYTES) == 1)
		REQUIRE(s->len < STREAM_LEN);
	else
		REQUIRE(log_buf.cap - log_buf.len < 1100000 && log_buf.len >= len);
	REQUIRE(core.conn_cnt < STREAMS);
}

static void step(uint8_t what, struct gyl_view data)
{
	struct gyl_in in = {.role = what & 1, .peer.ip = what, .data = data};
	uint32_t len = log_buf.len;
	struct gyl_event e;

	if (what < 128) {
		in.kind = GYL_IN_DGRAM;
		in.seq = what == 127 ? 5 : 0;
	} else if (what < 160) {
		in.kind = GYL_IN_DROPPED;
		in.seq = what;
	} else if (what < 224) {
		in.kind = GYL_IN_EVENT;
		in.event = &e;
		gyl_event_init(&e, GYL_EV_BASE_NOTE);
		gyl_event_str(&e, "text", data);
	} else if (what < 240) {
		stream_step(what, data);
		return;
	} else if (what < 244) {
		outbox_advance(&b, &gyl_syslogd_core, &core, data.len * GYL_NS_PER_S);
		note_closed();
		return;
	} else {
		check_lines();
		return;
	}
	if (outbox_input(&b, &gyl_syslogd_core, &core, &in, 1) == 0)
		REQUIRE(in.kind == GYL_IN_DGRAM && log_buf.len == len);
	else if (log_buf.len == len)
		REQUIRE(in.kind == GYL_IN_DROPPED || core.stat.event_lost_cnt != 0 ||
			(in.kind == GYL_IN_DGRAM && in.role == GYL_SYSLOGD_UNIX &&
				core.drop_cnt[GYL_SYSLOGD_UNIX] != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct gyl_syslogd_conf conf = {.port = 514,
		.events = GYL_SEV_DEBUG,
		.tcp_max = STREAMS - 1,
		.tcp_idle_ns = GYL_NS_PER_MIN};
	static const struct gyl_flat no_block;

	if (b.record == NULL)
		outbox_open(&b);
	b.record_cnt = 0;
	b.out.log[0] = &log_buf;
	log_buf = (struct gyl_log){.p = text, .cap = LOG_MIN};
	gyl_syslogd_init(&core, &conf, &no_block, gyl_view_str("box"));
	memset(stream, 0, sizeof stream);
	next_seq = 1;
	for (unsigned n = 0; size >= 2 && n < STEPS_MAX; n++) {
		size_t len = (size_t)data[1] * 8;

		if (len > size - 2)
			len = size - 2;
		step(data[0], gyl_view(data + 2, len));
		data += 2 + len;
		size -= 2 + len;
	}
	check_lines();
	REQUIRE(next_seq - 1 == core.stat.record_cnt);
	return 0;
}
