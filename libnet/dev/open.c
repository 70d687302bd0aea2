/* SPDX-License-Identifier: ISC */
#include "libnet/dev/open.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>

#include <gyl/text.h>
#include <gyl/time.h>

#include "libnet/dev/pcap.h"

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

static int fault_option(struct gyl_fault_conf *cf, const char *item, const char *key,
	struct gyl_view val, char err[200])
{
	const struct {
		const char *key;
		uint32_t *ret;
	} part[] = {
		{"loss", &cf->loss},
		{"dup", &cf->dup},
		{"corrupt", &cf->corrupt},
		{"reorder", &cf->reorder},
	};

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (strcmp(key, part[i].key) != 0)
			continue;
		if (!parse_percent(val, part[i].ret))
			return refuse(err, "device: '%s': wanted 0%% to 100%%, such as %s=0.5%%",
				item, key);
		return 0;
	}
	if (strcmp(key, "seed") == 0) {
		if (gyl_failed(gyl_parse_u64(val, UINT64_MAX, &cf->seed)))
			return refuse(err, "device: '%s': wanted a number", item);
		return 0;
	}
	if (strcmp(key, "delay") == 0) {
		if (gyl_failed(gyl_time_parse(val, &cf->delay_ns)) || cf->delay_ns > GYL_NS_PER_MIN)
			return refuse(err,
				"device: '%s': wanted a time up to 1m, such as delay=20ms", item);
		return 0;
	}
	return refuse(err,
		"device: fault has no '%s'; it has seed, loss, dup, corrupt, reorder, delay", key);
}

static int tap_option(struct gyl_tap_conf *cf, const char *item, const char *key,
	struct gyl_view val, char err[200])
{
	const uint8_t *slash = val.len == 0 ? NULL : memchr(val.p, '/', val.len);
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

/* "key=value" for the stage that began last. */
static int stage_option(struct gyl_dev_stage *st, char *item, char err[200])
{
	char key[16];
	const char *eq = strchr(item, '=');

	if (eq == NULL || eq == item || (size_t)(eq - item) >= sizeof(key))
		return refuse(err,
			"device: '%s' is neither a device (tap: pcap: fault:) nor key=value", item);
	memcpy(key, item, (size_t)(eq - item));
	key[eq - item] = '\0';
	if (st->kind == GYL_DEV_TAP)
		return tap_option(&st->tap, item, key, gyl_view_str(eq + 1), err);
	if (st->kind == GYL_DEV_FAULT)
		return fault_option(&st->fault, item, key, gyl_view_str(eq + 1), err);
	return refuse(err, "device: pcap takes a file and no '%s'", item);
}

static bool has_prefix(char **text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*text, prefix, len) != 0)
		return false;
	*text += len;
	return true;
}

static int begin_tap(struct gyl_dev_stage *st, const char *name, char err[200])
{
	st->kind = GYL_DEV_TAP;
	st->tap.name = name;
	if (name[0] == '\0' || strlen(name) >= IFNAMSIZ || strpbrk(name, "/ %") != NULL)
		return refuse(err,
			"device: tap: wanted an interface name of 1 to 15 octets, not '%s'", name);
	return 0;
}

static int begin_pcap(struct gyl_dev_stage *st, const char *path, char err[200])
{
	st->kind = GYL_DEV_PCAP;
	st->path = path;
	return path[0] == '\0' ? refuse(err, "device: pcap: wanted a file name") : 0;
}

/* One item between commas: the begin of a stage, or an option of the last one. */
static int parse_item(struct gyl_dev_spec *sp, char *item, char err[200])
{
	struct gyl_dev_stage *st = &sp->stage[sp->stage_cnt];
	bool tap = has_prefix(&item, "tap:");
	bool pcap = !tap && has_prefix(&item, "pcap:");
	bool fault = !tap && !pcap && has_prefix(&item, "fault:");

	if (!tap && !pcap && !fault) {
		if (sp->stage_cnt == 0)
			return refuse(err,
				"device: '%s' is none of tap:NAME, pcap:FILE,... fault:...,...",
				item);
		return stage_option(st - 1, item, err);
	}
	if (sp->stage_cnt > 0 && st[-1].kind == GYL_DEV_TAP)
		return refuse(err,
			"device: nothing can stand behind a tap; filters stand in front of it");
	if (sp->stage_cnt == GYL_DEV_STAGE_MAX)
		return refuse(err, "device: more than %d stages", GYL_DEV_STAGE_MAX);
	sp->stage_cnt++;
	if (tap)
		return begin_tap(st, item, err);
	if (pcap)
		return begin_pcap(st, item, err);
	st->kind = GYL_DEV_FAULT;
	return item[0] == '\0' ? 0 : stage_option(st, item, err);
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
	if (ret_spec->stage[ret_spec->stage_cnt - 1].kind != GYL_DEV_TAP)
		return refuse(err, "device: '%s' names no tap to send and receive by", text);
	return 0;
}

int gyl_dev_open(const char *text, struct gyl_netdev **ret_dev, char err[200])
{
	struct gyl_dev_spec sp;
	struct gyl_netdev *d = NULL;
	int r = gyl_dev_parse(text, &sp, err);

	if (r != 0)
		return r;
	for (size_t i = sp.stage_cnt; r == 0 && i-- > 0;) {
		const struct gyl_dev_stage *st = &sp.stage[i];

		if (st->kind == GYL_DEV_TAP)
			r = gyl_tap_open(&st->tap, &d, err);
		else if (st->kind == GYL_DEV_PCAP)
			r = gyl_pcap_open(st->path, d, &d, err);
		else
			r = gyl_fault_open(&st->fault, d, &d, err);
	}
	if (r == 0)
		*ret_dev = d;
	return r;
}
