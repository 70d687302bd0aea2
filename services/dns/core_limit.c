/* SPDX-License-Identifier: ISC */

/*
 * Who is limited, and how often that is told. Limited is what goes by UDP to an address that may be
 * forged: not to loopback, not to networks that the configuration exempts, not to clients that have
 * shown a cookie of ours. TCP never comes here.
 */

#include <gyl/time.h>

#include "services/dns/core_own.h"

static const uint64_t limit_pause_ns = GYL_NS_PER_MIN;

bool gyl__dns_in_nets(const struct gyl__dns_nets *n, uint32_t ip)
{
	for (uint32_t i = 0; i < n->cnt; i++)
		if (((ip ^ n->p[i].ip) & gyl_conf_mask(n->p[i].len)) == 0)
			return true;
	return false;
}

static void say_limit(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	struct gyl_event e;

	if (now.mono_ns < d->limit_at_ns)
		return;
	d->limit_at_ns = now.mono_ns + limit_pause_ns;
	gyl_event_init(&e, GYL_EV_DNS_LIMIT);
	gyl_event_u64(&e, "count", d->stat.limited_cnt - d->limit_told_cnt);
	gyl_event_ip(&e, "ip", in->peer.ip);
	gyl__dns_event_rcode(&e, "rcode", v->rcode);
	gyl_out_event(o, &e, 0);
	d->limit_told_cnt = d->stat.limited_cnt;
}

bool gyl__dns_over(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	uint32_t rate = d->cf.rate_limit.answers, ip = in->peer.ip;

	if (rate == 0 || ip >> 24 == 127 || v->cookie == GYL_DNS_COOKIE_KNOWN ||
		gyl__dns_in_nets(&d->exempt, ip) ||
		!gyl_dns_limit_over(&d->limit, now.mono_ns, rate, ip, v->rcode, v->subject))
		return false;
	d->stat.limited_cnt++;
	say_limit(d, now, in, v, o);
	return true;
}
