/* SPDX-License-Identifier: ISC */

/* "rate_limit" and "cookie_secrets": what is done about forged sources. */

#include "services/dns/conf_own.h"
#include "services/dns/cookie.h"

#define CNT(array) (sizeof(array) / sizeof((array)[0]))
#define OFF(m)     .off = offsetof(struct gyl_dns_conf_limit, m)

static const struct gyl_conf_key keys[] = {
	{.name = "answers",
		.type = GYL_CONF_U32,
		OFF(answers),
		.def = "200",
		.max = 1000000,
		.help = "the same UDP answer to the same /24, a second; 0: no limit"},
	{.name = "exempt",
		.type = GYL_CONF_NETWORK,
		.flags = GYL_CONF_LIST,
		OFF(exempt),
		.help = "networks without limit, beside loopback"},
	{.name = "slip",
		.type = GYL_CONF_U8,
		OFF(slip),
		.def = "2",
		.max = 10,
		.help = "of answers over the limit one in so many asks to come by TCP; 0: none"},
};

const struct gyl_conf_table gyl__dns_conf_limit_table = {
	keys, CNT(keys), sizeof(struct gyl_dns_conf_limit)};

void gyl__dns_conf_cookie_check(const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	if (cf->cookie_secrets.cnt > GYL_DNS_COOKIE_SECRET_MAX)
		gyl_conf_fail(
			ck, "cookie_secrets", "at most %d are expected", GYL_DNS_COOKIE_SECRET_MAX);
	if (cf->cookie_secrets.cnt != 0 && !cf->cookies)
		gyl_conf_fail(ck, "cookie_secrets", "they are of no use without cookies");
}
