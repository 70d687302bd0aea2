/* SPDX-License-Identifier: ISC */
#include "services/dns/cookie.h"

#include <gyl/siphash.h>

enum {
	VERSION = 1,
	SERVER_MIN = 8, /* RFC 7873 4: lengths of a server cookie of any make */
	SERVER_MAX = 32,
	HASHED_LEN = GYL_DNS_COOKIE_LEN - 8,
	IP_MAX = 16,
	/* RFC 9018 4.3, seconds */
	OLD_S = 3600,
	AHEAD_S = 300,
	RENEW_S = 1800
};

static uint64_t load_le(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static void store_le(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

void gyl_dns_cookie_secret(const uint8_t octet[GYL_DNS_COOKIE_SECRET_LEN], uint64_t ret_secret[2])
{
	ret_secret[0] = load_le(octet);
	ret_secret[1] = load_le(octet + 8);
}

/* RFC 9018 4.4: over all that is in front of the hash, and the address. */
static uint64_t hash(const uint64_t secret[2], const uint8_t *cookie, struct gyl_view ip)
{
	uint8_t text[HASHED_LEN + IP_MAX];

	memcpy(text, cookie, HASHED_LEN);
	memcpy(text + HASHED_LEN, ip.p, ip.len);
	return gyl_siphash(secret, text, HASHED_LEN + ip.len);
}

static void make(
	const struct gyl_dns_cookies *c, uint32_t now_s, struct gyl_view ip, uint8_t *cookie)
{
	uint8_t *server = cookie + GYL_DNS_COOKIE_CLIENT_LEN;

	gyl_set_u32(server, (uint32_t)VERSION << 24);
	gyl_set_u32(server + 4, now_s);
	store_le(server + 8, hash(c->secret[0], cookie, ip));
}

/* By which secret it was made; secret_cnt: by none of ours. */
static unsigned made_by(const struct gyl_dns_cookies *c, struct gyl_view ip, const uint8_t *cookie)
{
	uint64_t sent = load_le(cookie + HASHED_LEN);
	unsigned i = 0;

	while (i < c->secret_cnt && hash(c->secret[i], cookie, ip) != sent)
		i++;
	return i;
}

enum gyl_dns_cookie gyl_dns_cookie_check(const struct gyl_dns_cookies *c, uint32_t now_s,
	struct gyl_view ip, struct gyl_view val, uint8_t *ret_cookie)
{
	size_t server_len = val.len - GYL_DNS_COOKIE_CLIENT_LEN;
	uint32_t age_s;
	unsigned by;

	if (val.len < GYL_DNS_COOKIE_CLIENT_LEN ||
		(server_len != 0 && (server_len < SERVER_MIN || server_len > SERVER_MAX)))
		return GYL_DNS_COOKIE_BROKEN;
	memcpy(ret_cookie, val.p, val.len < GYL_DNS_COOKIE_LEN ? val.len : GYL_DNS_COOKIE_LEN);
	by = c->secret_cnt;
	if (val.len == GYL_DNS_COOKIE_LEN && val.p[GYL_DNS_COOKIE_CLIENT_LEN] == VERSION)
		by = made_by(c, ip, val.p);
	/* RFC 1982 arithmetic: the difference counts, not which number is larger */
	age_s = now_s - (by == c->secret_cnt ? 0 : gyl_get_u32(val.p + 12));
	if (by == c->secret_cnt || (age_s > OLD_S && age_s < UINT32_MAX - AHEAD_S + 1)) {
		make(c, now_s, ip, ret_cookie);
		return server_len == 0 ? GYL_DNS_COOKIE_CLIENT : GYL_DNS_COOKIE_BAD;
	}
	if (by != 0 || (age_s > RENEW_S && age_s <= OLD_S))
		make(c, now_s, ip, ret_cookie);
	return GYL_DNS_COOKIE_KNOWN;
}
