/* SPDX-License-Identifier: ISC */

/* The collector's core: from a datagram of about 200 octets to its line of JSON in the log buffer;
 * "decode" is the codec's part of it. With rules: eight that do not fit, one that has an output get
 * a line, one that folds equal messages. */

#include <gyl/syslog.h>
#include <gyl/time.h>
#include <stdlib.h>

#include "services/base/ring.h"
#include "services/syslogd/core.h"
#include "services/syslogd/entry.h"
#include "tests/bench/bench.h"
#include "tests/support/syslogd_rules.h"

static const char bsd[] =
	"<30>Nov 21 13:00:00 ap-17.hall.event.example hostapd[4711]: wlan0: STA 02:00:5e:10:00:07 "
	"IEEE 802.11: associated (aid 3), signal -61 dBm, okay; wlan0: STA 02:00:5e:10:00:07 RADIUS: "
	"starting session";
static const char ietf[] =
	"<165>1 2026-11-21T20:15:03.123456+01:00 ap-17.hall.event.example hostapd 4711 STA [meta sequenceId=\"42\" "
	"isSynced=\"1\"] wlan0: STA 02:00:5e:10:00:07 IEEE 802.11: associated (aid 3), signal -61 dBm, okay";
static const char ios[] =
	"<189>45: 000046: core1: *Nov 21 2026 13:00:00.123 CET: %LINEPROTO-5-UPDOWN: Line protocol on "
	"Interface GigabitEthernet1/0/24, changed state to up; the neighbour is 10.0.0.2, and its port is 17";

static const struct gyl_now now = {.mono_ns = 1000000000, .wall_ns = UINT64_C(1795266000000000000)};
static struct gyl_syslogd core;
static struct rules_block block;
static struct gyl_ring ring;
static _Alignas(16) uint8_t ring_mem[1 << 14], text[GYL_SYSLOGD_LOG_CAP];
static uint8_t out_text[GYL_SYSLOGD_OUT_CAP];
static struct gyl_log log_buf = {.p = text, .cap = sizeof text};
static struct gyl_log out_buf = {.p = out_text, .cap = sizeof out_text};
static struct gyl_out out = {.event = &ring, .log = {&log_buf, &out_buf}};

static uint64_t keep(void *arg, const struct gyl_record *rec, size_t cnt)
{
	(void)arg;
	(void)rec;
	return cnt;
}

static uint64_t decode(const char *line, size_t len, uint64_t n)
{
	struct gyl_syslog_ctx ctx = {.recv_ns = now.wall_ns};
	struct gyl_syslog m;
	uint64_t sum = 0;

	while (n-- > 0) {
		gyl_syslog_decode(gyl_view(line, len), &ctx, &m);
		sum += m.pri + m.msg.len;
	}
	return sum;
}

static uint64_t record(const char *line, size_t len, uint64_t n)
{
	struct gyl_in in = {
		.kind = GYL_IN_DGRAM, .peer = {.ip = 0x0a000107}, .data = gyl_view(line, len)};
	uint64_t sum = 0;

	while (n-- > 0) {
		gyl_ring_init(&ring, ring_mem, sizeof ring_mem);
		out.store_room = out.hold_room = UINT32_MAX;
		log_buf.len = out_buf.len = 0;
		if (gyl_syslogd_core.input(&core, now, &in, 1, &out) != 1)
			abort();
		sum += log_buf.len;
	}
	return sum;
}

#define ROWS(name)                                       \
	static uint64_t decode_##name(uint64_t n)        \
	{                                                \
		return decode(name, sizeof name - 1, n); \
	}                                                \
	static uint64_t record_##name(uint64_t n)        \
	{                                                \
		return record(name, sizeof name - 1, n); \
	}
ROWS(bsd)
ROWS(ietf)
ROWS(ios)

/* The collector with other rules: what is made of them is not measured. */
static uint64_t ruled(uint64_t n, unsigned unfit_cnt, bool output, bool fold)
{
	struct gyl_syslogd_conf conf = {.port = 514, .learn = true};
	uint64_t sum;

	rules_begin(&block);
	rules_output(&block, "o", "/d/%from%/%app%.log", "%time% %host% %app%[%pid%]: %msg%");
	for (unsigned i = 0; i < unfit_cnt; i++)
		rules_rule(&block, "", "o")->app = rules_list(&block, "sshd cron*");
	if (output)
		rules_rule(&block, "", "o")->fold_ns = fold ? 1 : 0;
	gyl_syslogd_init(&core, &conf, rules_end(&block, &conf), gyl_view_str("box"));
	sum = record(bsd, sizeof bsd - 1, n);
	conf.rules.cnt = conf.outputs.cnt = 0;
	gyl_syslogd_init(&core, &conf, &block.u.head, gyl_view_str("box"));
	return sum;
}

static uint64_t rules_unfit(uint64_t n)
{
	return ruled(n, 8, false, false);
}

static uint64_t rules_line(uint64_t n)
{
	return ruled(n, 0, true, false);
}

static uint64_t rules_fold(uint64_t n)
{
	return ruled(n, 0, true, true);
}

static const struct bench_task task[] = {
	{"RFC 3164 decode, 199 octets", 1, {{"guyline", decode_bsd}}},
	{"RFC 5424 decode, 200 octets", 1, {{"guyline", decode_ietf}}},
	{"Cisco IOS decode, 191 octets", 1, {{"guyline", decode_ios}}},
	{"RFC 3164 datagram to a JSON line", 1, {{"guyline", record_bsd}}},
	{"RFC 5424 datagram to a JSON line", 1, {{"guyline", record_ietf}}},
	{"Cisco IOS datagram to a JSON line", 1, {{"guyline", record_ios}}},
	{"the same of RFC 3164, eight rules do not fit", 1, {{"guyline", rules_unfit}}},
	{"the same, and a line for a file of its own", 1, {{"guyline", rules_line}}},
	{"the same, but it is folded into the one before", 1, {{"guyline", rules_fold}}},
};

int main(int argc, char **argv)
{
	static const struct gyl_flat no_block;
	static const struct gyl_syslogd_conf conf = {.port = 514, .learn = true};

	out.store = keep;
	out.now = now;
	gyl_syslogd_init(&core, &conf, &no_block, gyl_view_str("box"));
	return bench_main(argc, argv, task, sizeof task / sizeof task[0]);
}
