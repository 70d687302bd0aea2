/* SPDX-License-Identifier: ISC */
#include <gyl/dns.h>

#include "conf/schema.h"
#include "services/dns/names.h"
#include "services/dns/route.h"

enum {
	KEY_IPV4HINT = 4, /* RFC 9460 14.3.2 */
	KEY_IPV6HINT = 6
};

/* Addresses of this network, this machine, this link: RFC 6890 and what came later. */
static bool is_private_ipv4(uint32_t ip)
{
	static const struct {
		uint32_t ip;
		unsigned len;
	} net[] = {
		{0x00000000, 8},  /* this network, RFC 791 */
		{0x0a000000, 8},  /* RFC 1918 */
		{0x64400000, 10}, /* shared, RFC 6598 */
		{0x7f000000, 8},  /* loopback, RFC 1122 */
		{0xa9fe0000, 16}, /* link-local, RFC 3927 */
		{0xac100000, 12}, /* RFC 1918 */
		{0xc0a80000, 16}, /* RFC 1918 */
		{0xffffffff, 32}, /* RFC 919 */
	};

	for (size_t i = 0; i < sizeof net / sizeof net[0]; i++)
		if ((ip ^ net[i].ip) >> (32 - net[i].len) == 0)
			return true;
	return false;
}

/* Networks of ours may be public ones: what is in them is no less ours. */
static bool is_inside_ipv4(const struct gyl_dns_data *d, uint32_t ip)
{
	for (unsigned i = 0; i < d->net_cnt; i++)
		if (((ip ^ d->net[i].ip) & gyl_conf_mask(d->net[i].prefix_len)) == 0)
			return true;
	return is_private_ipv4(ip);
}

static bool is_inside_ipv6(const struct gyl_dns_data *d, const uint8_t ip[16])
{
	static const struct {
		uint8_t head[12];
		uint8_t len, ipv4_at; /* 0: private as a whole; else an IPv4 address decides */
	} net[] = {
		{{0xfc}, 7, 0},                                       /* RFC 4193 */
		{{0xfe, 0x80}, 10, 0},                                /* link-local */
		{{0xfe, 0xc0}, 10, 0},                                /* site-local, RFC 3879 */
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12}, /* mapped, RFC 4291 2.5.5.2 */
		{{0}, 96, 12},                        /* compatible, and :: and ::1 with them */
		{{0, 0x64, 0xff, 0x9b}, 96, 12},      /* RFC 6052 */
		{{0, 0x64, 0xff, 0x9b, 0, 1}, 48, 0}, /* RFC 8215 */
		{{0x20, 0x02}, 16, 2},                /* RFC 3056 */
	};

	for (size_t i = 0; i < sizeof net / sizeof net[0]; i++) {
		unsigned whole = net[i].len / 8, rest = net[i].len % 8;

		if (memcmp(ip, net[i].head, whole) != 0 ||
			(rest != 0 && (ip[whole] ^ net[i].head[whole]) >> (8 - rest) != 0))
			continue;
		return net[i].ipv4_at == 0 || is_inside_ipv4(d, gyl_get_u32(ip + net[i].ipv4_at));
	}
	return false;
}

static bool any_inside(const struct gyl_dns_data *d, uint16_t type, struct gyl_view addr)
{
	size_t len = type == GYL_DNS_TYPE_A ? 4 : 16;

	for (size_t at = 0; addr.len - at >= len; at += len)
		if (len == 4 ? is_inside_ipv4(d, gyl_get_u32(addr.p + at))
			     : is_inside_ipv6(d, addr.p + at))
			return true;
	return false;
}

/* RFC 9460 2.2: priority, target, then parameters: key, length, value. */
static bool hints_inside(const struct gyl_dns_data *d, struct gyl_view rdata)
{
	size_t at = rdata.len < 3 ? rdata.len : 2 + gyl_dns_name_len(rdata.p + 2);

	while (rdata.len - at >= 4) {
		uint16_t key = gyl_get_u16(rdata.p + at), len = gyl_get_u16(rdata.p + at + 2);
		struct gyl_view value;

		at += 4;
		if (len > rdata.len - at)
			return true; /* whoever reads this as something else shall not */
		value = gyl_view_sub(rdata, at, len);
		if ((key == KEY_IPV4HINT && any_inside(d, GYL_DNS_TYPE_A, value)) ||
			(key == KEY_IPV6HINT && any_inside(d, GYL_DNS_TYPE_AAAA, value)))
			return true;
		at += len;
	}
	return false;
}

bool gyl__dns_rebind_inside(const struct gyl_dns_data *d, uint16_t type, struct gyl_view rdata)
{
	switch (type) {
	case GYL_DNS_TYPE_A:
	case GYL_DNS_TYPE_AAAA:
		return any_inside(d, type, rdata);
	case GYL_DNS_TYPE_SVCB:
	case GYL_DNS_TYPE_HTTPS:
		return hints_inside(d, rdata);
	default:
		return false;
	}
}

bool gyl__dns_rebind_may(const struct gyl_dns_data *d, uint16_t group, const struct gyl_dns_key *k)
{
	return group != 0 ||
	       gyl_dns_names_find(gyl__dns_names(d), GYL_DNS_TABLE_PRIVATE, k, NULL) != 0;
}
