/* SPDX-License-Identifier: ISC */
#include "services/dns/upstream.h"

#include <gyl/time.h>

#include "conf/schema.h"
#include "services/dns/group.h"

enum {
	PORT = 53,
	DEAD_CNT = 4 /* failures in a row */
};

static const uint64_t dead_ns = 3 * GYL_NS_PER_S;          /* and no answer for so long */
static const uint64_t wait_first_ns = 400 * GYL_NS_PER_MS; /* nobody knows how far it is */
static const uint64_t wait_min_ns = 100 * GYL_NS_PER_MS;   /* it may have to ask, too */
static const uint64_t wait_max_ns = 2 * GYL_NS_PER_S;
static const uint64_t penalty_max_ns = 8 * GYL_NS_PER_S;
static const uint64_t probe_first_ns = 1 * GYL_NS_PER_S;
static const uint64_t probe_soon_ns = 2 * GYL_NS_PER_S; /* the one before is over by then */
static const uint64_t probe_max_ns = 30 * GYL_NS_PER_S;

static unsigned find(const struct gyl_dns_upstreams *u, uint32_t ip, uint16_t port)
{
	unsigned i = 0;

	while (i < GYL_DNS_UPSTREAM_MAX && (u->one[i].ip != ip || u->one[i].port != port))
		i++;
	return i;
}

static uint16_t port_of(const struct gyl_conf_server *s)
{
	return s->port == 0 ? PORT : (uint16_t)s->port;
}

/* Bits of the servers of a list that have a place. */
static uint64_t known(
	const struct gyl_dns_upstreams *u, const struct gyl_flat *flat, struct gyl_ref to)
{
	const struct gyl_conf_server *server = gyl_flat_at(flat, to);
	uint64_t mask = 0;

	for (uint32_t i = 0; i < to.cnt; i++) {
		unsigned at = find(u, server[i].ip, port_of(&server[i]));

		if (at < GYL_DNS_UPSTREAM_MAX)
			mask |= UINT64_C(1) << at;
	}
	return mask;
}

/* Places for the servers of a list that have none yet; free ones are not in `used`. */
static uint64_t added(
	struct gyl_dns_upstreams *u, const struct gyl_flat *flat, struct gyl_ref to, uint64_t used)
{
	const struct gyl_conf_server *server = gyl_flat_at(flat, to);

	for (uint32_t i = 0; i < to.cnt; i++) {
		unsigned at = find(u, server[i].ip, port_of(&server[i]));

		for (unsigned n = 0; at == GYL_DNS_UPSTREAM_MAX && n < GYL_DNS_UPSTREAM_MAX; n++) {
			if ((used >> n & 1) != 0)
				continue;
			u->one[n] = (struct gyl_dns_upstream){.ip = server[i].ip,
				.port = port_of(&server[i]),
				.tenure = (uint16_t)(u->one[n].tenure + 1)};
			at = n;
		}
		if (at < GYL_DNS_UPSTREAM_MAX)
			used |= UINT64_C(1) << at;
	}
	return used;
}

void gyl_dns_upstreams_set(struct gyl_dns_upstreams *u, const struct gyl_flat *flat,
	const struct gyl_dns_conf *cf, bool all)
{
	uint32_t cnt = all ? gyl__dns_group_cnt(flat, cf) : 1;
	uint64_t used = 0;

	cnt = cnt < GYL_DNS_GROUP_MAX ? cnt : GYL_DNS_GROUP_MAX;
	for (uint32_t i = 0; i < cnt; i++)
		used |= known(u, flat, gyl__dns_group(flat, cf, i));
	if (all || u->group_cnt == 0)
		u->group_cnt = cnt;
	for (uint32_t i = cnt; i < u->group_cnt; i++)
		used |= u->group[i];
	for (unsigned i = 0; i < GYL_DNS_UPSTREAM_MAX; i++)
		if ((used >> i & 1) == 0)
			u->one[i] = (struct gyl_dns_upstream){.tenure = u->one[i].tenure};
	for (uint32_t i = 0; i < cnt; i++)
		used = added(u, flat, gyl__dns_group(flat, cf, i), used);
	for (uint32_t i = 0; i < cnt; i++)
		u->group[i] = known(u, flat, gyl__dns_group(flat, cf, i));
}

bool gyl_dns_upstreams_know(
	const struct gyl_dns_upstreams *u, uint32_t group, uint8_t place, uint16_t tenure)
{
	if (place == GYL_DNS_UPSTREAM_NONE)
		return true;
	return (gyl_dns_upstreams_group(u, group) >> place & 1) != 0 &&
	       u->one[place].tenure == tenure;
}

static uint64_t score(const struct gyl_dns_upstream *up)
{
	return up->srtt_ns + up->penalty_ns;
}

int gyl_dns_upstreams_pick(struct gyl_dns_upstreams *u, uint64_t mask)
{
	int best = -1;

	for (int i = 0; i < GYL_DNS_UPSTREAM_MAX; i++) {
		if ((mask >> i & 1) == 0 || u->one[i].dead)
			continue;
		if (best < 0 || score(&u->one[i]) < score(&u->one[best]))
			best = i;
	}
	for (int i = 0; i < GYL_DNS_UPSTREAM_MAX; i++)
		if ((mask >> i & 1) != 0 && i != best) {
			u->one[i].srtt_ns -= u->one[i].srtt_ns / 128;
			u->one[i].penalty_ns -= u->one[i].penalty_ns / 64;
		}
	return best;
}

bool gyl_dns_upstreams_any(const struct gyl_dns_upstreams *u, uint64_t mask)
{
	for (unsigned i = 0; i < GYL_DNS_UPSTREAM_MAX; i++)
		if ((mask >> i & 1) != 0 && !u->one[i].dead)
			return true;
	return false;
}

uint64_t gyl_dns_upstream_wait_ns(const struct gyl_dns_upstream *up)
{
	uint64_t ns = up->srtt_ns + 4 * up->rttvar_ns;

	if (up->srtt_ns == 0)
		return wait_first_ns;
	if (ns < wait_min_ns)
		return wait_min_ns;
	return ns < wait_max_ns ? ns : wait_max_ns;
}

/* RFC 6298 2, with its weights. */
static void measure(struct gyl_dns_upstream *up, uint64_t rtt_ns)
{
	uint64_t off = rtt_ns > up->srtt_ns ? rtt_ns - up->srtt_ns : up->srtt_ns - rtt_ns;

	gyl_histogram_add(&up->stat.rtt, rtt_ns, 1);
	if (up->srtt_ns == 0) {
		up->srtt_ns = rtt_ns;
		up->rttvar_ns = rtt_ns / 2;
		return;
	}
	up->rttvar_ns = up->rttvar_ns - up->rttvar_ns / 4 + off / 4;
	up->srtt_ns = up->srtt_ns - up->srtt_ns / 8 + rtt_ns / 8;
}

bool gyl_dns_upstream_answered(struct gyl_dns_upstream *up, uint64_t rtt_ns)
{
	bool was_dead = up->dead;

	up->stat.answer_cnt++;
	up->fail_cnt = 0;
	up->penalty_ns = 0;
	up->suspect = up->dead = false;
	if (rtt_ns != 0)
		measure(up, rtt_ns);
	return was_dead;
}

static void bury(struct gyl_dns_upstream *up, uint64_t now_ns)
{
	up->dead = true;
	up->probe_pause_ns = probe_first_ns;
	up->probe_ns = now_ns + probe_first_ns;
}

void gyl_dns_upstream_failed(struct gyl_dns_upstream *up, uint64_t now_ns)
{
	up->stat.timeout_cnt++;
	if (up->fail_cnt++ == 0)
		up->fail_ns = now_ns;
	up->fail_cnt = up->fail_cnt == 0 ? UINT16_MAX : up->fail_cnt;
	up->penalty_ns += gyl_dns_upstream_wait_ns(up);
	up->penalty_ns = gyl_time_min(up->penalty_ns, penalty_max_ns);
	if (up->suspect || up->dead || up->fail_cnt < DEAD_CNT || now_ns - up->fail_ns < dead_ns)
		return;
	up->suspect = true;
	up->probe_ns = now_ns;
	up->probe_pause_ns = probe_max_ns; /* one, for now */
}

bool gyl_dns_upstream_mute(struct gyl_dns_upstream *up, uint64_t now_ns)
{
	if (up->dead)
		return false;
	bury(up, now_ns);
	return true;
}

bool gyl_dns_upstream_kill(struct gyl_dns_upstream *up, uint64_t now_ns)
{
	up->srtt_ns = 0;
	return gyl_dns_upstream_mute(up, now_ns);
}

void gyl_dns_upstreams_hurry(struct gyl_dns_upstreams *u, uint64_t mask, uint64_t now_ns)
{
	for (int i = 0; i < GYL_DNS_UPSTREAM_MAX; i++) {
		struct gyl_dns_upstream *up = &u->one[i];

		if ((mask >> i & 1) == 0 || !up->dead || up->probe_pause_ns <= probe_soon_ns)
			continue;
		up->probe_ns = gyl_time_sub(up->probe_ns, up->probe_pause_ns - probe_soon_ns);
		up->probe_ns = up->probe_ns < now_ns ? now_ns : up->probe_ns;
		up->probe_pause_ns = probe_soon_ns;
	}
}

static bool is_probed(const struct gyl_dns_upstream *up)
{
	return up->ip != 0 && (up->suspect || up->dead);
}

int gyl_dns_upstreams_probe(struct gyl_dns_upstreams *u, uint64_t now_ns)
{
	for (int i = 0; i < GYL_DNS_UPSTREAM_MAX; i++) {
		struct gyl_dns_upstream *up = &u->one[i];

		if (!is_probed(up) || up->probe_ns > now_ns)
			continue;
		up->probe_pause_ns = gyl_time_min(2 * up->probe_pause_ns, probe_max_ns);
		up->probe_ns = now_ns + up->probe_pause_ns;
		return i;
	}
	return -1;
}

uint64_t gyl_dns_upstreams_probe_ns(const struct gyl_dns_upstreams *u)
{
	uint64_t at = UINT64_MAX;

	for (int i = 0; i < GYL_DNS_UPSTREAM_MAX; i++)
		if (is_probed(&u->one[i]))
			at = gyl_time_min(at, u->one[i].probe_ns);
	return at;
}
