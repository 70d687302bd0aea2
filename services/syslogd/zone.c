/* SPDX-License-Identifier: ISC */
#include "services/syslogd/zone.h"

#include <gyl/text.h>

static bool two_digits(const uint8_t *p, unsigned max, int32_t *ret_v)
{
	unsigned a = (unsigned)p[0] - '0', b = (unsigned)p[1] - '0';

	if (a > 9 || b > 9 || a * 10 + b > max)
		return false;
	*ret_v = (int32_t)(a * 10 + b);
	return true;
}

struct gyl_fault gyl_syslogd_zone_parse(struct gyl_view in, int32_t *ret_zone_s)
{
	int32_t hour, minute;

	if (gyl_view_eq(in, gyl_view_str("UTC")) || gyl_view_eq(in, gyl_view_str("Z"))) {
		*ret_zone_s = 0;
		return gyl_ok();
	}
	if (in.len != 6 || (in.p[0] != '+' && in.p[0] != '-') || in.p[3] != ':')
		return gyl_fault(GYL_E_SYNTAX, 0);
	if (!two_digits(in.p + 1, 23, &hour))
		return gyl_fault(GYL_E_RANGE, 1);
	if (!two_digits(in.p + 4, 59, &minute))
		return gyl_fault(GYL_E_RANGE, 4);
	*ret_zone_s = (hour * 60 + minute) * (in.p[0] == '-' ? -60 : 60);
	return gyl_ok();
}

static uint32_t mask(uint32_t len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

struct gyl_fault gyl_syslogd_network_parse(struct gyl_view in, struct gyl_syslogd_zone *ret_zone)
{
	size_t slash = 0;
	struct gyl_fault f;
	uint64_t len = 32;
	uint32_t ip;

	while (slash < in.len && in.p[slash] != '/')
		slash++;
	f = gyl_parse_ipv4(gyl_view(in.p, slash), &ip);
	if (!gyl_failed(f) && slash != in.len)
		f = gyl_parse_u64(gyl_view_sub(in, slash + 1, in.len), 32, &len);
	if (gyl_failed(f))
		return f;
	if ((ip & ~mask((uint32_t)len)) != 0)
		return gyl_fault(GYL_E_RANGE, 0);
	ret_zone->ip = ip;
	ret_zone->len = (uint32_t)len;
	return gyl_ok();
}

bool gyl_syslogd_zone_find(
	const struct gyl_syslogd_zone *zone, unsigned cnt, uint32_t ip, int32_t *ret_zone_s)
{
	const struct gyl_syslogd_zone *best = NULL;

	for (unsigned i = 0; i < cnt; i++)
		if ((ip & mask(zone[i].len)) == zone[i].ip &&
			(best == NULL || zone[i].len > best->len))
			best = &zone[i];
	if (best != NULL)
		*ret_zone_s = best->zone_s;
	return best != NULL;
}
