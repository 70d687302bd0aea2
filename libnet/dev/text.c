/* SPDX-License-Identifier: ISC */

/* Device texts taken apart: items between commas, each the begin of a stage or an option of the
 * last one. */

#include "libnet/dev/open.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <gyl/text.h>
#include <gyl/time.h>

#include "libnet/dev/link.h"

__attribute__((format(printf, 2, 3))) static int refuse(char err[200], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, 200, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* "0.25%" to parts in a million. */
static bool parse_percent(struct gyl_view in, uint32_t *ret_ppm)
{
	const uint8_t *dot = in.len == 0 ? NULL : memchr(in.p, '.', in.len);
	size_t whole_len, digit_cnt = 0;
	uint64_t whole, part = 0;

	if (in.len == 0 || in.p[in.len - 1] != '%')
		return false;
	whole_len = dot == NULL ? in.len - 1 : (size_t)(dot - in.p);
	if (gyl_failed(gyl_parse_u64(gyl_view(in.p, whole_len), 100, &whole)))
		return false;
	if (dot != NULL) {
		digit_cnt = in.len - whole_len - 2;
		if (digit_cnt > 4 ||
			gyl_failed(gyl_parse_u64(gyl_view(dot + 1, digit_cnt), 9999, &part)))
			return false;
	}
	for (; digit_cnt < 4; digit_cnt++)
		part *= 10;
	if (whole * 10000 + part > GYL_FAULT_ONE)
		return false;
	*ret_ppm = (uint32_t)(whole * 10000 + part);
	return true;
}

/* "10M" bits a second: with k, M or G, thousands. */
static bool parse_rate(struct gyl_view in, uint64_t *ret_rate)
{
	static const struct {
		uint8_t letter;
		uint64_t times;
	} unit[] = {{'k', 1000}, {'M', 1000000}, {'G', 1000000000}};
	uint64_t times = 1;

	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]) && in.len > 0; i++) {
		if (in.p[in.len - 1] == unit[i].letter)
			times = unit[i].times;
	}
	if (times > 1)
		in.len--;
	if (gyl_failed(gyl_parse_u64(in, UINT64_C(1000000000000) / times, ret_rate)))
		return false;
	*ret_rate *= times;
	return *ret_rate >= 1000;
}

static bool parse_time(struct gyl_view in, uint64_t *ret_ns)
{
	return !gyl_failed(gyl_time_parse(in, ret_ns)) && *ret_ns <= GYL_NS_PER_MIN;
}

static bool parse_number(struct gyl_view in, uint64_t *ret)
{
	return !gyl_failed(gyl_parse_u64(in, UINT64_MAX, ret));
}

static bool parse_length(struct gyl_view in, uint32_t *ret)
{
	uint64_t v;

	if (gyl_failed(gyl_parse_u64(in, 65535, &v)))
		return false;
	*ret = (uint32_t)v;
	return true;
}

static int fault_option(struct gyl_dev_stage *st, const char *item, const char *key,
	struct gyl_view val, char err[200])
{
	struct gyl_fault_conf *cf = &st->fault;
	static const char percent[] = "0% to 100%, such as loss=0.5%";
	static const char time[] = "a time up to 1m, such as delay=20ms";
	const struct {
		const char *key, *wanted;
		uint32_t *percent, *len;
		uint64_t *time, *rate, *number;
	} row[] = {
		{"loss", percent, .percent = &cf->loss},
		{"dup", percent, .percent = &cf->dup},
		{"corrupt", percent, .percent = &cf->corrupt},
		{"reorder", percent, .percent = &cf->reorder},
		{"delay", time, .time = &cf->delay_ns},
		{"silence", time, .time = &cf->silence_ns},
		{"rate", "bits a second from 1k to 1000G, such as rate=10M", .rate = &cf->rate},
		{"seed", "a number", .number = &cf->seed},
		{"after", "a number", .number = &cf->silence_after},
		{"small", "a length in octets, such as small=100", .len = &cf->small},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (strcmp(key, row[i].key) != 0)
			continue;
		if ((row[i].percent != NULL && parse_percent(val, row[i].percent)) ||
			(row[i].len != NULL && parse_length(val, row[i].len)) ||
			(row[i].time != NULL && parse_time(val, row[i].time)) ||
			(row[i].rate != NULL && parse_rate(val, row[i].rate)) ||
			(row[i].number != NULL && parse_number(val, row[i].number)))
			return 0;
		return refuse(err, "device: '%s': wanted %s", item, row[i].wanted);
	}
	return refuse(err,
		"device: fault has no '%s'; it has seed, loss, dup, corrupt, reorder, delay, rate, "
		"small, silence, after",
		key);
}

static int tap_option(struct gyl_dev_stage *st, const char *item, const char *key,
	struct gyl_view val, char err[200])
{
	const uint8_t *slash = val.len == 0 ? NULL : memchr(val.p, '/', val.len);
	struct gyl_tap_conf *cf = &st->tap;
	uint64_t prefix = 24;
	struct gyl_view ip = val;

	if (strcmp(key, "peer") != 0)
		return refuse(err, "device: tap has no '%s'; it has peer", key);
	if (slash != NULL) {
		ip = gyl_view(val.p, (size_t)(slash - val.p));
		val = gyl_view_sub(val, ip.len + 1, val.len);
	}
	if (gyl_failed(gyl_parse_ipv4(ip, &cf->peer_ip)) || cf->peer_ip == 0 ||
		(slash != NULL && gyl_failed(gyl_parse_u64(val, 32, &prefix))) || prefix == 0)
		return refuse(
			err, "device: '%s': wanted an address such as peer=10.77.0.2/24", item);
	cf->peer_prefix = (uint8_t)prefix;
	return 0;
}

static int macvtap_option(struct gyl_dev_stage *st, const char *item, const char *key,
	struct gyl_view val, char err[200])
{
	const char *parent = (const char *)val.p;

	if (strcmp(key, "parent") != 0)
		return refuse(err, "device: macvtap has no '%s'; it has parent", key);
	if (!gyl__link_name_ok(parent))
		return refuse(err, "device: '%s': wanted an interface such as parent=eth0", item);
	st->macvtap.parent = parent;
	return 0;
}

static int packet_option(struct gyl_dev_stage *st, const char *item, const char *key,
	struct gyl_view val, char err[200])
{
	(void)item;
	if (strcmp(key, "listen") != 0 || val.len > 0)
		return refuse(err, "device: packet has no '%s'; it has listen, alone", key);
	st->listen = true;
	return 0;
}

static int pcap_option(struct gyl_dev_stage *st, const char *item, const char *key,
	struct gyl_view val, char err[200])
{
	(void)st;
	(void)key;
	(void)val;
	return refuse(err, "device: pcap takes a file and no '%s'", item);
}

/* ---- stages ---- */

/* A name behind "tap:" and its like. */
static int take_name(const char *what, const char *name, const char **ret, char err[200])
{
	*ret = name;
	if (gyl__link_name_ok(name))
		return 0;
	return refuse(err, "device: %s: wanted an interface name of 1 to 15 octets, not '%s'", what,
		name);
}

static int tap_begin(struct gyl_dev_stage *st, char *rest, char err[200])
{
	return take_name("tap", rest, &st->tap.name, err);
}

static int macvtap_begin(struct gyl_dev_stage *st, char *rest, char err[200])
{
	return take_name("macvtap", rest, &st->macvtap.name, err);
}

static int packet_begin(struct gyl_dev_stage *st, char *rest, char err[200])
{
	return take_name("packet", rest, &st->packet, err);
}

static int pcap_begin(struct gyl_dev_stage *st, char *rest, char err[200])
{
	st->path = rest;
	return rest[0] == '\0' ? refuse(err, "device: pcap: wanted a file name") : 0;
}

static int stage_option(struct gyl_dev_stage *st, const char *item, char err[200]);

static int fault_begin(struct gyl_dev_stage *st, char *rest, char err[200])
{
	return rest[0] == '\0' ? 0 : stage_option(st, rest, err);
}

static const struct {
	const char *prefix;
	int (*begin)(struct gyl_dev_stage *st, char *rest, char err[200]);
	int (*option)(struct gyl_dev_stage *st, const char *item, const char *key,
		struct gyl_view val, char err[200]);
	bool is_end; /* nothing stands behind it */
} stages[] = {
	[GYL_STAGE_TAP] = {"tap:", tap_begin, tap_option, true},
	[GYL_STAGE_MACVTAP] = {"macvtap:", macvtap_begin, macvtap_option, true},
	[GYL_STAGE_PACKET] = {"packet:", packet_begin, packet_option, true},
	[GYL_STAGE_PCAP] = {"pcap:", pcap_begin, pcap_option, false},
	[GYL_STAGE_FAULT] = {"fault:", fault_begin, fault_option, false},
};

enum {
	STAGE_KIND_CNT = sizeof(stages) / sizeof(stages[0])
};

/* "key=value", or a word, for the stage that began last. */
static int stage_option(struct gyl_dev_stage *st, const char *item, char err[200])
{
	const char *eq = strchr(item, '='), *val = eq == NULL ? "" : eq + 1;
	size_t len = eq == NULL ? strlen(item) : (size_t)(eq - item);
	char key[16];

	if (len == 0 || len >= sizeof(key) || (eq == NULL && st->kind != GYL_STAGE_PACKET))
		return refuse(err,
			"device: '%s' is neither a device (tap: macvtap: packet: pcap: fault:) nor "
			"key=value",
			item);
	memcpy(key, item, len);
	key[len] = '\0';
	return stages[st->kind].option(st, item, key, gyl_view_str(val), err);
}

static int begin_stage(struct gyl_dev_spec *sp, enum gyl_stage_kind kind, char *rest, char err[200])
{
	struct gyl_dev_stage *st = &sp->stage[sp->stage_cnt];

	if (sp->stage_cnt > 0 && stages[st[-1].kind].is_end)
		return refuse(err,
			"device: nothing can stand behind %s filters stand in front of it",
			stages[st[-1].kind].prefix);
	if (sp->stage_cnt == GYL_DEV_STAGE_MAX)
		return refuse(err, "device: more than %d stages", GYL_DEV_STAGE_MAX);
	sp->stage_cnt++;
	st->kind = kind;
	return stages[kind].begin(st, rest, err);
}

static int parse_item(struct gyl_dev_spec *sp, char *item, char err[200])
{
	for (unsigned i = 0; i < STAGE_KIND_CNT; i++) {
		size_t len = strlen(stages[i].prefix);

		if (strncmp(item, stages[i].prefix, len) == 0)
			return begin_stage(sp, (enum gyl_stage_kind)i, item + len, err);
	}
	if (sp->stage_cnt == 0)
		return refuse(err,
			"device: '%s' is none of tap:NAME, macvtap:NAME, packet:NAME, pcap:FILE, "
			"fault:...,...",
			item);
	return stage_option(&sp->stage[sp->stage_cnt - 1], item, err);
}

int gyl_dev_parse(const char *text, struct gyl_dev_spec *ret_spec, char err[200])
{
	char *item = ret_spec->text;

	memset(ret_spec, 0, sizeof(*ret_spec));
	if (strlen(text) >= sizeof(ret_spec->text))
		return refuse(err, "device: longer than %d octets", GYL_DEV_TEXT_MAX - 1);
	memcpy(ret_spec->text, text, strlen(text));
	while (item != NULL) {
		char *next = strchr(item, ',');
		int r;

		if (next != NULL)
			*next++ = '\0';
		r = parse_item(ret_spec, item, err);
		if (r != 0)
			return r;
		item = next;
	}
	if (ret_spec->stage[ret_spec->stage_cnt - 1].kind == GYL_STAGE_FAULT)
		return refuse(
			err, "device: '%s' names nothing behind fault: to receive from", text);
	return 0;
}
