/* SPDX-License-Identifier: ISC */

/*
 * Rules and templates of the collector over any messages. Whatever the templates are and the
 * messages say: every path is one below its directory, of bounded names without control characters;
 * a line for a file or a program has no line end in it and stays within what was foreseen; each
 * message that a rule fits is stored, put out, held back or folded, and the sums are right.
 *
 * The input is lines: one of patterns (host app msgid from severity), templates of a path and a
 * line, an octet of what the rule does; then messages, "\n" between them.
 */

#include "services/syslogd/core_own.h"
#include "services/syslogd/entry.h"
#include "tests/fuzz/require.h"
#include "tests/support/outbox.h"
#include "tests/support/syslogd_rules.h"

#include <gyl/json.h>
#include <gyl/time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DIR "/d/"

static struct outbox b;
static struct gyl_syslogd core;
static struct rules_block block;
static struct gyl_log log_buf, out_buf;
static uint8_t log_text[GYL_SYSLOGD_LOG_CAP], out_text[GYL_SYSLOGD_OUT_CAP];
static uint64_t stored_cnt, entry_cnt;

UNWATCHED static void check_path(struct gyl_view path)
{
	struct gyl_view dir = gyl_view_str(DIR);
	size_t name = 0;

	REQUIRE(gyl_view_eq(gyl_view_sub(path, 0, dir.len), dir));
	REQUIRE(path.len <= GYL_SYSLOGD_PATH_MAX && path.p[path.len - 1] != '/');
	for (size_t i = dir.len; i <= path.len; i++) {
		if (i < path.len && path.p[i] != '/') {
			name++;
			REQUIRE(path.p[i] != 0);
			continue;
		}
		REQUIRE(name <= GYL_SYSLOGD_NAME_PART_MAX);
		REQUIRE(!(name == 1 && path.p[i - 1] == '.'));
		REQUIRE(!(name == 2 && path.p[i - 1] == '.' && path.p[i - 2] == '.'));
		name = 0;
	}
}

/* What a message brought is between the first and the last '|' of the template. */
UNWATCHED static void check_line(struct gyl_view text)
{
	for (size_t i = 0; i < text.len; i++)
		REQUIRE(text.p[i] >= 0x20 && text.p[i] != 0x7f);
	REQUIRE(gyl_utf8_prefix(text) == text.len);
}

UNWATCHED static void check_entries(bool plain)
{
	struct gyl_syslogd_entry e;

	for (uint32_t at = 0; at < out_buf.len;
		at += (uint32_t)sizeof e + e.path_len + e.text_len) {
		const uint8_t *p = out_text + at + sizeof e;

		REQUIRE(out_buf.len - at >= sizeof e);
		memcpy(&e, out_text + at, sizeof e);
		REQUIRE(e.output < core.rules.output_cnt);
		REQUIRE(out_buf.len - at - sizeof e >= (size_t)e.path_len + e.text_len);
		if (e.path_len != 0)
			check_path(gyl_view(p, e.path_len));
		if (plain)
			check_line(gyl_view(p + e.path_len, e.text_len));
		entry_cnt++;
	}
	out_buf.len = 0;
}

UNWATCHED static void count_records(void)
{
	for (uint32_t i = 0; i < log_buf.len; i++)
		stored_cnt += log_text[i] == '\n';
	log_buf.len = 0;
}

static int match(void *arg, unsigned rule, struct gyl_view text)
{
	(void)arg;
	return text.len % 3 == rule % 3 ? 1 : text.len % 7 == 0 ? -1 : 0;
}

static void changed(void *arg, const struct gyl_flat *f, const struct gyl_syslogd_conf *cf)
{
	(void)arg;
	(void)f;
	(void)cf;
	out_buf.len = 0;
}

static void drain(void *arg)
{
	(void)arg;
	out_buf.len = 0;
}

static struct gyl_view take_line(struct gyl_view *in)
{
	const uint8_t *lf = in->len == 0 ? NULL : memchr(in->p, '\n', in->len);
	size_t len = lf == NULL ? in->len : (size_t)(lf - in->p);
	struct gyl_view line = gyl_view_sub(*in, 0, len);

	*in = gyl_view_sub(*in, len + (lf != NULL), in->len);
	return line;
}

/* A word that may be a list of patterns; nothing that is none. */
static struct gyl_ref words(struct gyl_view *line)
{
	char text[100];
	size_t len = 0;

	while (line->len != 0 && line->p[0] != ' ' && len < sizeof text - 1) {
		text[len++] = line->p[0] == ',' ? ' ' : (char)(line->p[0] == 0 ? 1 : line->p[0]);
		*line = gyl_view_sub(*line, 1, line->len);
	}
	*line = gyl_view_sub(*line, 1, line->len);
	text[len] = '\0';
	return rules_list(&block, text);
}

static void one_rule(struct gyl_view *in, unsigned i)
{
	struct gyl_view line = take_line(in), path = take_line(in), text = take_line(in);
	struct gyl_syslogd_rule_conf *r = rules_rule(&block, "", "o0 o1");
	struct gyl_syslogd_output_conf *o = &block.output[i];
	char full[sizeof DIR + 600];
	uint8_t what = 0;

	if (line.len != 0) {
		what = line.p[0];
		line = gyl_view_sub(line, 1, line.len);
	}
	r->host = words(&line);
	r->app = words(&line);
	r->msgid = words(&line);
	r->severity = words(&line);
	r->stop = what & 1;
	r->store = !(what & 2);
	r->has_rate = (what & 4) != 0;
	r->rate.burst = what >> 6;
	r->rate.interval_ns = GYL_NS_PER_S;
	r->fold_ns = what & 8 ? GYL_NS_PER_S : 0;
	if (what & 16)
		r->message = rules_str(&block, "x");
	o->name = rules_str(&block, i == 0 ? "o0" : "o1");
	path = gyl_view_sub(path, 0, 600);
	memcpy(full, DIR, sizeof DIR - 1);
	if (path.len != 0)
		memcpy(full + sizeof DIR - 1, path.p, path.len);
	if (what & 32)
		o->file = rules_octets(&block, full, sizeof DIR - 1 + path.len);
	o->text = rules_octets(&block, text.p, text.len);
}

static bool is_plain(struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] < 0x20 || v.p[i] >= 0x7f)
			return false;
	return true;
}

/* The check of the configuration refuses what is no template; so do we. */
static bool good_templates(bool *ret_plain)
{
	struct gyl_syslogd_template t;

	*ret_plain = true;
	for (unsigned i = 0; i < 2; i++) {
		struct gyl_syslogd_output_conf *o = &block.output[i];
		struct gyl_view text = gyl_flat_view(&block.u.head, o->text);

		*ret_plain = *ret_plain && is_plain(text);
		if (o->file.cnt != 0 &&
			gyl_failed(gyl_syslogd_template_parse(
				gyl_flat_view(&block.u.head, o->file), GYL_SYSLOGD_FOR_PATH, &t)))
			return false;
		if (gyl_failed(gyl_syslogd_template_parse(text, GYL_SYSLOGD_FOR_LINE, &t)))
			return false;
	}
	return true;
}

static void set_up(struct gyl_syslogd_conf *cf)
{
	static const struct gyl_syslogd_helper helper = {NULL, changed, match, drain};
	static const uint64_t key[2] = {3, 4};

	outbox_open(&b);
	b.now.mono_ns = GYL_NS_PER_HOUR;
	b.now.wall_ns = UINT64_C(1795266000000125999);
	log_buf = (struct gyl_log){.p = log_text, .cap = sizeof log_text};
	out_buf = (struct gyl_log){.p = out_text, .cap = sizeof out_text};
	b.out.log[0] = &log_buf;
	b.out.log[GYL_SYSLOGD_OUT_LOG] = &out_buf;
	stored_cnt = entry_cnt = 0;
	gyl_syslogd_init(&core, cf, rules_end(&block, cf), gyl_view_str("box"));
	gyl_syslogd_rules(&core, key, &helper);
}

static uint64_t sum_of(size_t off)
{
	uint64_t sum = 0, v;

	for (unsigned i = 0; i < core.rules.cnt; i++) {
		memcpy(&v, (const uint8_t *)&core.rules.rule[i].stat + off, sizeof v);
		sum += v;
	}
	return sum;
}

/* What the folded and held back ones were told as. */
static uint64_t told_cnt(void)
{
	uint64_t sum = 0, cnt;

	for (unsigned i = 0; i < b.event_cnt; i++)
		if (b.event[i].e.kind == GYL_EV_SYSLOGD_HELD &&
			gyl_event_get_u64(&b.event[i].e, "count", &cnt))
			sum += cnt;
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_syslogd_conf cf = {.port = 514, .tcp_max = 16, .events = GYL_SEV_INFO};
	struct gyl_view in = gyl_view(data, size);
	uint64_t sent = 0, held = 0;
	bool plain;

	rules_begin(&block);
	one_rule(&in, 0);
	one_rule(&in, 1);
	block.output_cnt = 2;
	if (!good_templates(&plain))
		return 0;
	set_up(&cf);
	while (in.len != 0 && sent < 300) {
		struct gyl_view msg = take_line(&in);
		struct gyl_in i = {.kind = GYL_IN_DGRAM,
			.role = GYL_SYSLOGD_UDP,
			.peer.ip = msg.len != 0 ? 1 + msg.p[msg.len - 1] % 3u : 1,
			.data = msg};

		REQUIRE(outbox_input(&b, &gyl_syslogd_core, &core, &i, 1) == 1);
		sent++;
		if (msg.len % 5 == 0) {
			b.now.mono_ns += GYL_NS_PER_S / 3;
			outbox_tick(&b, &gyl_syslogd_core, &core);
			held += told_cnt();
		}
		check_entries(plain);
		count_records();
	}
	for (unsigned i = 0; i < core.rules.cnt; i++)
		REQUIRE(core.rules.rule[i].stat.held_cnt + core.rules.rule[i].stat.fold_cnt <=
			core.rules.rule[i].stat.match_cnt);
	REQUIRE(core.stat.record_cnt == stored_cnt);
	REQUIRE(entry_cnt <=
		2 * (sent + stored_cnt + sum_of(offsetof(struct gyl_syslogd_rule_stat, fold_cnt))));
	b.now.mono_ns += 10 * GYL_NS_PER_S;
	outbox_tick(&b, &gyl_syslogd_core, &core);
	held += told_cnt();
	REQUIRE(held == sum_of(offsetof(struct gyl_syslogd_rule_stat, held_cnt)));
	check_entries(plain);
	outbox_close(&b);
	return 0;
}
