/* SPDX-License-Identifier: ISC */
#include "services/syslogd/forward_parse.h"

#include <gyl/text.h>

enum {
	PORT = 514,
	TLS_PORT = 6514,
	SCHEME_LEN = 6
};

static const char *const schemes[] = {[GYL_SYSLOGD_BY_UDP] = "udp://",
	[GYL_SYSLOGD_BY_TCP] = "tcp://",
	[GYL_SYSLOGD_BY_TLS] = "tls://"};

static struct gyl_fault at(struct gyl_fault f, size_t off)
{
	f.off += off;
	return f;
}

/* Past its ':'. */
static struct gyl_fault parse_port(struct gyl_view in, uint16_t *ret_port)
{
	uint64_t port;
	struct gyl_fault f = gyl_parse_u64(in, UINT16_MAX, &port);

	if (gyl_failed(f))
		return f;
	if (port == 0)
		return gyl_fault(GYL_E_RANGE, 0);
	*ret_port = (uint16_t)port;
	return gyl_ok();
}

/* Neither nothing nor many. */
static bool is_one(uint32_t ip)
{
	return ip != 0 && ip >> 28 < 0xe;
}

struct gyl_fault gyl_syslogd_place_parse(
	struct gyl_view in, enum gyl_syslogd_way *ret_way, struct gyl_syslogd_place *ret_place)
{
	struct gyl_view scheme = gyl_view_sub(in, 0, SCHEME_LEN), rest;
	struct gyl_syslogd_place place;
	unsigned way = GYL_SYSLOGD_BY_UDP;
	struct gyl_fault f;
	size_t len = 0;

	while (way <= GYL_SYSLOGD_BY_TLS && !gyl_view_eq(scheme, gyl_view_str(schemes[way])))
		way++;
	if (way > GYL_SYSLOGD_BY_TLS)
		return gyl_fault(GYL_E_NAME, 0);
	place.port = way == GYL_SYSLOGD_BY_TLS ? TLS_PORT : PORT;
	rest = gyl_view_sub(in, SCHEME_LEN, in.len);
	while (len < rest.len && rest.p[len] != ':')
		len++;
	f = gyl_parse_ipv4(gyl_view_sub(rest, 0, len), &place.ip);
	if (gyl_failed(f))
		return at(f, SCHEME_LEN);
	if (!is_one(place.ip))
		return gyl_fault(GYL_E_RANGE, SCHEME_LEN);
	if (len < rest.len) {
		f = parse_port(gyl_view_sub(rest, len + 1, rest.len), &place.port);
		if (gyl_failed(f))
			return at(f, SCHEME_LEN + len + 1);
	}
	*ret_way = (enum gyl_syslogd_way)way;
	*ret_place = place;
	return gyl_ok();
}
