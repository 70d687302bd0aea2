/* SPDX-License-Identifier: ISC */
#include "libnet/src/arp_table.h"

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

bool gyl__arp_claim_is_good(const struct gyl_arp_claim_conf *cf)
{
	return cf->probe_num <= 16 && cf->announce_num >= 1 && cf->announce_num <= 16 &&
	       cf->probe_min_ns <= cf->probe_max_ns;
}

/* The nearest one, by the longest prefix in common: with addresses of several networks it is of the
 * network that ip is in. */
static uint32_t nearer(
	const struct gyl_arp_cache *c, enum gyl_arp_state state, uint32_t ip, uint32_t best)
{
	uint16_t i = c->list[state].head;

	for (; i != GYL_ARP_NONE; i = c->node[i].link[GYL_ARP_BY_STATE].next) {
		if (best == 0 || (c->node[i].ip ^ ip) < (best ^ ip))
			best = c->node[i].ip;
	}
	return best;
}

uint32_t gyl__arp_source(const struct gyl_arp_cache *c, uint32_t ip)
{
	return nearer(c, GYL_ARP_ANNOUNCING, ip, nearer(c, GYL_ARP_OWN, ip, 0));
}

static void make_send(
	const uint8_t dst[6], uint16_t vlan, struct gyl_arp msg, struct gyl_arp_send *ret_send)
{
	memcpy(ret_send->dst, dst, 6);
	ret_send->vlan = vlan;
	ret_send->msg = msg;
}

/* RFC 5227 2.4 (c): we keep the address, and defend it with one announcement in DEFEND_INTERVAL. Of
 * those that belong to a claim it takes the place of the rest. */
void gyl__arp_conflict(struct gyl_arp_cache *c, uint64_t now_ns, uint16_t vlan,
	struct gyl_arp_node *n, struct gyl_arp_result *res)
{
	c->stat.conflict_cnt++;
	if (n->state == GYL_ARP_ANNOUNCING || n->due_ns <= now_ns) {
		gyl__arp_set(
			c, n, GYL_ARP_OWN, gyl_time_add(now_ns, c->cf.claim.defend_interval_ns));
		make_send(broadcast, vlan, gyl_arp_announcement(c->cf.mac, n->ip), &res->send);
		res->has_send = true;
		c->stat.defend_cnt++;
	}
	/* A station that repeats itself must not fill the log. */
	if (gyl__rate_take(&c->conflict, now_ns) || res->has_send) {
		res->verdict = GYL_ARP_CONFLICT;
		res->ip = n->ip;
	}
}

/* RFC 5227 2.1.1: a claim ends with any message from that address, and with a probe for it. */
void gyl__arp_taken(struct gyl_arp_cache *c, struct gyl_arp_node *n, struct gyl_arp_result *res)
{
	res->verdict = GYL_ARP_TAKEN;
	res->ip = n->ip;
	if (c->lost_cnt < c->cf.claim.max_conflicts)
		c->lost_cnt++;
	c->stat.taken_cnt++;
	gyl__arp_del(c, n);
}

/* splitmix64: times of probes shall differ between stations, they need not be secret. */
static uint64_t random_ns(struct gyl_arp_cache *c, uint64_t min_ns, uint64_t max_ns)
{
	uint64_t z = c->random += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t span = max_ns - min_ns + 1; /* 0: all there are */

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return min_ns + (span == 0 ? z : z % span);
}

/* RFC 5227 2.1.1: the first probe comes at random in PROBE_WAIT; after MAX_CONFLICTS there is one
 * claim in RATE_LIMIT_INTERVAL. */
static uint64_t begin_ns(struct gyl_arp_cache *c, uint64_t now_ns)
{
	const struct gyl_arp_claim_conf *cf = &c->cf.claim;
	uint64_t earliest_ns = gyl_time_add(c->claim_ns, cf->rate_limit_interval_ns);

	if (c->lost_cnt == cf->max_conflicts && c->lost_cnt > 0 && earliest_ns > now_ns)
		now_ns = earliest_ns;
	c->claim_ns = now_ns;
	if (cf->probe_num == 0)
		return now_ns;
	return gyl_time_add(now_ns, random_ns(c, 0, cf->probe_wait_ns));
}

static void announce(struct gyl_arp_cache *c, uint64_t now_ns, struct gyl_arp_node *n,
	struct gyl_arp_action *ret)
{
	const struct gyl_arp_claim_conf *cf = &c->cf.claim;

	ret->vlan = 0;
	ret->ip = n->ip;
	make_send(broadcast, 0, gyl_arp_announcement(c->cf.mac, n->ip), &ret->send);
	c->stat.announce_cnt++;
	if (++n->tries == cf->announce_num)
		gyl__arp_set(c, n, GYL_ARP_OWN, 0);
	else
		gyl__arp_set(
			c, n, GYL_ARP_ANNOUNCING, gyl_time_add(now_ns, cf->announce_interval_ns));
}

static void probe(struct gyl_arp_cache *c, uint64_t now_ns, struct gyl_arp_node *n,
	struct gyl_arp_action *ret)
{
	const struct gyl_arp_claim_conf *cf = &c->cf.claim;
	uint64_t wait_ns = cf->announce_wait_ns;

	if (n->tries <= cf->probe_num)
		wait_ns = random_ns(c, cf->probe_min_ns, cf->probe_max_ns);
	gyl__arp_set(c, n, GYL_ARP_PROBING, gyl_time_add(now_ns, wait_ns));
	ret->due = GYL_ARP_SEND;
	ret->vlan = 0;
	ret->ip = n->ip;
	make_send(broadcast, 0, gyl_arp_probe(c->cf.mac, n->ip), &ret->send);
	c->stat.probe_cnt++;
}

static void claimed(struct gyl_arp_cache *c, uint64_t now_ns, struct gyl_arp_node *n,
	struct gyl_arp_action *ret)
{
	c->lost_cnt = 0;
	c->stat.claimed_cnt++;
	n->tries = 0;
	announce(c, now_ns, n, ret);
	ret->due = GYL_ARP_CLAIMED;
}

/* The steps of a claim: 0 draws the time of the first probe, then there is one for each probe, the
 * one after them ends it. False: nothing to tell. */
static bool claim_step(struct gyl_arp_cache *c, uint64_t now_ns, struct gyl_arp_node *n,
	struct gyl_arp_action *ret)
{
	unsigned step = n->tries++;

	if (step == 0)
		gyl__arp_set(c, n, GYL_ARP_PROBING, begin_ns(c, now_ns));
	else if (step <= c->cf.claim.probe_num)
		probe(c, now_ns, n, ret);
	else
		claimed(c, now_ns, n, ret);
	return step > 0;
}

bool gyl__arp_claim_tick(struct gyl_arp_cache *c, uint64_t now_ns, struct gyl_arp_action *ret)
{
	struct gyl_arp_node *n = gyl__arp_first(c, GYL_ARP_ANNOUNCING);

	if (gyl__arp_is_due(n, now_ns)) {
		ret->due = GYL_ARP_SEND;
		announce(c, now_ns, n, ret);
		return true;
	}
	while (gyl__arp_is_due(n = gyl__arp_first(c, GYL_ARP_PROBING), now_ns)) {
		if (claim_step(c, now_ns, n, ret))
			return true;
	}
	return false;
}
