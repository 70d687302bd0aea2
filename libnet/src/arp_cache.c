/* SPDX-License-Identifier: ISC */
#include <gyl/ipv4.h>

#include "libnet/src/arp_table.h"

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

struct gyl_arp_cache_conf gyl_arp_cache_defaults(const uint8_t mac[6], uint64_t seed)
{
	struct gyl_arp_cache_conf cf = {
		.entry_max = 1024,
		.pending_max = 256,
		.fixed_max = 64,
		.retry_cnt = 5,
		.tick_ns = 1500 * GYL_NS_PER_MS,
		.life_ns = 20 * GYL_NS_PER_MIN,
		.question_rate = 100,
		.question_burst = 256,
		.conflict_rate = 1,
		.conflict_burst = 8,
		.claim = {.probe_num = 3,
			.announce_num = 2,
			.max_conflicts = 10,
			.probe_wait_ns = 1 * GYL_NS_PER_S,
			.probe_min_ns = 1 * GYL_NS_PER_S,
			.probe_max_ns = 2 * GYL_NS_PER_S,
			.announce_wait_ns = 2 * GYL_NS_PER_S,
			.announce_interval_ns = 2 * GYL_NS_PER_S,
			.rate_limit_interval_ns = 60 * GYL_NS_PER_S,
			.defend_interval_ns = 10 * GYL_NS_PER_S},
		.seed = seed,
	};

	memcpy(cf.mac, mac, sizeof(cf.mac));
	return cf;
}

static bool in_range(uint16_t cnt)
{
	return cnt >= 1 && cnt <= 16384;
}

size_t gyl_arp_cache_need(const struct gyl_arp_cache_conf *cf)
{
	if (!in_range(cf->entry_max) || !in_range(cf->pending_max) || !in_range(cf->fixed_max) ||
		cf->tick_ns == 0 || cf->life_ns <= cf->tick_ns || cf->question_rate == 0 ||
		cf->question_burst == 0 || cf->conflict_rate == 0 || cf->conflict_burst == 0 ||
		!gyl__arp_claim_is_good(&cf->claim) || gyl_eth_is_group(cf->mac) ||
		gyl_eth_is_zero(cf->mac))
		return 0;
	return gyl__arp_table_need(cf);
}

struct gyl_arp_cache *gyl_arp_cache_init(void *mem, const struct gyl_arp_cache_conf *cf)
{
	struct gyl_arp_cache *c = mem;

	if (gyl_arp_cache_need(cf) == 0)
		return NULL;
	memset(c, 0, sizeof(*c));
	c->cf = *cf;
	c->question = gyl__rate(cf->question_rate, cf->question_burst);
	c->conflict = gyl__rate(cf->conflict_rate, cf->conflict_burst);
	c->random = cf->seed;
	gyl__arp_table_init(c);
	return c;
}

/* Can one host have this address? RFC 1122 3.2.1.3 */
bool gyl__arp_is_host(uint32_t ip)
{
	return ip >> 24 != 0 && !gyl_ipv4_is_multicast(ip) && !gyl_ipv4_is_loopback(ip) &&
	       ip != UINT32_MAX;
}

static void make_request(struct gyl_arp_cache *c, const struct gyl_arp_node *n,
	const uint8_t dst[6], struct gyl_arp_send *ret_send)
{
	memcpy(ret_send->dst, dst, 6);
	ret_send->vlan = n->vlan;
	ret_send->msg = gyl_arp_request(c->cf.mac, gyl__arp_source(c, n->ip), n->ip);
	c->stat.request_cnt++;
}

/* Addresses that are ours or may become it are kept on VLAN 0 and hold on all. */
static struct gyl_arp_node *find_ours(struct gyl_arp_cache *c, uint32_t ip)
{
	struct gyl_arp_node *n = gyl__arp_find(c, 0, ip);

	return gyl__arp_is_own(n) || gyl__arp_is_claimed(n) ? n : NULL;
}

static enum gyl_arp_answer ask(struct gyl_arp_cache *c, uint64_t now_ns, uint16_t vlan, uint32_t ip,
	struct gyl_arp_send *ret_send)
{
	struct gyl_arp_node *n;

	if (!gyl__arp_is_host(ip) || c->cnt[GYL_ARP_PENDING] == c->cf.pending_max ||
		!gyl__rate_take(&c->question, now_ns)) {
		c->stat.refused_cnt++;
		return GYL_ARP_REFUSED;
	}
	n = gyl__arp_add(c, vlan, ip);
	gyl__arp_set(c, n, GYL_ARP_PENDING, gyl_time_add(now_ns, c->cf.tick_ns));
	make_request(c, n, broadcast, ret_send);
	c->stat.asked_cnt++;
	return GYL_ARP_ASK;
}

enum gyl_arp_answer gyl_arp_cache_query(struct gyl_arp_cache *c, uint64_t now_ns, uint16_t vlan,
	uint32_t ip, uint8_t ret_mac[6], struct gyl_arp_send *ret_send)
{
	struct gyl_arp_node *n = gyl__arp_find(c, vlan, ip);

	if (n == NULL && vlan != 0)
		n = find_ours(c, ip);
	if (n == NULL)
		return ask(c, now_ns, vlan, ip, ret_send);
	if (n->state == GYL_ARP_PENDING)
		return GYL_ARP_WAIT;
	if (n->state == GYL_ARP_PROBING) {
		c->stat.refused_cnt++;
		return GYL_ARP_REFUSED;
	}
	if (n->state == GYL_ARP_FRESH || n->state == GYL_ARP_STALE)
		gyl__arp_used(c, n);
	memcpy(ret_mac, n->mac, 6);
	return GYL_ARP_KNOWN;
}

static void answer(struct gyl_arp_cache *c, uint16_t vlan, const struct gyl_arp *msg,
	struct gyl_arp_result *res)
{
	res->verdict = GYL_ARP_ANSWERED;
	res->ip = msg->tpa;
	res->has_send = true;
	res->send.vlan = vlan;
	memcpy(res->send.dst, msg->sha, 6);
	res->send.msg = gyl_arp_reply(msg, c->cf.mac);
	c->stat.reply_cnt++;
}

/* Room for one more known address. */
static void make_room(struct gyl_arp_cache *c)
{
	if (c->cnt[GYL_ARP_FRESH] + c->cnt[GYL_ARP_STALE] < c->cf.entry_max)
		return;
	gyl__arp_del(c, gyl__arp_oldest(c));
	c->stat.evicted_cnt++;
}

static void learn(struct gyl_arp_cache *c, uint64_t now_ns, struct gyl_arp_node *n,
	struct gyl_arp_result *res)
{
	uint64_t *cnt = &c->stat.renewed_cnt;

	res->verdict = GYL_ARP_RENEWED;
	if (n->state == GYL_ARP_PENDING) {
		res->verdict = GYL_ARP_LEARNED;
		cnt = &c->stat.learned_cnt;
		make_room(c);
	} else if (!gyl_eth_mac_eq(n->mac, res->mac)) {
		res->verdict = GYL_ARP_MOVED;
		cnt = &c->stat.moved_cnt;
		memcpy(res->old_mac, n->mac, 6);
	}
	(*cnt)++;
	memcpy(n->mac, res->mac, 6);
	gyl__arp_set(c, n, GYL_ARP_FRESH, gyl_time_add(now_ns, c->cf.life_ns - c->cf.tick_ns));
}

/* A sender that no station can be. spa 0 is a probe in a request, and nonsense in a reply. */
static bool is_bad(const struct gyl_arp *msg)
{
	if (gyl_eth_is_group(msg->sha) || gyl_eth_is_zero(msg->sha))
		return true;
	return !gyl__arp_is_host(msg->spa) && !(msg->spa == 0 && msg->op == GYL_ARP_REQUEST);
}

/* What concerns addresses of ours. False: it does not. */
static bool input_ours(struct gyl_arp_cache *c, uint64_t now_ns, uint16_t vlan,
	const struct gyl_arp *msg, struct gyl_arp_result *res)
{
	struct gyl_arp_node *sender = find_ours(c, msg->spa);
	struct gyl_arp_node *target = NULL;

	if (gyl__arp_is_own(sender)) {
		gyl__arp_conflict(c, now_ns, vlan, sender, res);
		return true;
	}
	if (msg->op == GYL_ARP_REQUEST)
		target = find_ours(c, msg->tpa);
	/* RFC 5227 2.1.1: somebody has the address that we probe for, or probes for it too. */
	if (sender == NULL && gyl__arp_is_claimed(target) && msg->spa == 0)
		sender = target;
	if (sender != NULL) {
		gyl__arp_taken(c, sender, res);
		return true;
	}
	if (!gyl__arp_is_own(target))
		return false;
	answer(c, vlan, msg, res);
	return true;
}

/* RFC 826, packet reception: merge, or add the sender of what was sent to us. */
static void merge(struct gyl_arp_cache *c, uint64_t now_ns, uint16_t vlan,
	const struct gyl_arp *msg, struct gyl_arp_result *res)
{
	struct gyl_arp_node *n = gyl__arp_find(c, vlan, msg->spa);
	struct gyl_arp_result seen = *res;

	if (msg->spa == 0 || (n != NULL && n->state < GYL_ARP_PENDING))
		return;
	seen.ip = msg->spa;
	if (n != NULL) {
		learn(c, now_ns, n, &seen);
		if (seen.verdict == GYL_ARP_LEARNED)
			*res = seen;
		return;
	}
	make_room(c);
	n = gyl__arp_add(c, vlan, msg->spa);
	memcpy(n->mac, msg->sha, 6);
	gyl__arp_set(c, n, GYL_ARP_FRESH, gyl_time_add(now_ns, c->cf.life_ns - c->cf.tick_ns));
	c->stat.learned_cnt++;
}

void gyl_arp_cache_input(struct gyl_arp_cache *c, uint64_t now_ns, uint16_t vlan,
	const struct gyl_arp *msg, struct gyl_arp_result *ret_res)
{
	struct gyl_arp_node *n;

	memset(ret_res, 0, sizeof(*ret_res));
	ret_res->verdict = GYL_ARP_IGNORED;
	if (msg->op != GYL_ARP_REQUEST && msg->op != GYL_ARP_REPLY)
		return;
	if (is_bad(msg)) {
		ret_res->verdict = GYL_ARP_BAD;
		c->stat.bad_cnt++;
		return;
	}
	if (gyl_eth_mac_eq(msg->sha, c->cf.mac)) /* an echo of ours */
		return;
	ret_res->ip = msg->spa;
	memcpy(ret_res->mac, msg->sha, 6);
	if (input_ours(c, now_ns, vlan, msg, ret_res)) {
		if (c->cf.merge && ret_res->verdict == GYL_ARP_ANSWERED)
			merge(c, now_ns, vlan, msg, ret_res);
		return;
	}
	/* Requests of others do not teach, unless they announce themselves. */
	if (!c->cf.merge && msg->op == GYL_ARP_REQUEST && msg->spa != msg->tpa)
		return;
	n = gyl__arp_find(c, vlan, msg->spa);
	if (n != NULL && n->state >= GYL_ARP_PENDING)
		learn(c, now_ns, n, ret_res);
}

static bool pending_due(struct gyl_arp_cache *c, struct gyl_arp_node *n, uint64_t now_ns,
	struct gyl_arp_action *ret)
{
	ret->vlan = n->vlan;
	ret->ip = n->ip;
	if (n->tries == c->cf.retry_cnt) {
		ret->due = GYL_ARP_FAILED;
		c->stat.failed_cnt++;
		gyl__arp_del(c, n);
		return true;
	}
	n->tries++;
	gyl__arp_set(c, n, GYL_ARP_PENDING, gyl_time_add(now_ns, c->cf.tick_ns));
	ret->due = GYL_ARP_SEND;
	make_request(c, n, broadcast, &ret->send);
	return true;
}

bool gyl_arp_cache_tick(struct gyl_arp_cache *c, uint64_t now_ns, struct gyl_arp_action *ret_action)
{
	struct gyl_arp_node *n;

	while (gyl__arp_is_due(n = gyl__arp_first(c, GYL_ARP_STALE), now_ns)) {
		gyl__arp_del(c, n);
		c->stat.expired_cnt++;
	}
	if (gyl__arp_claim_tick(c, now_ns, ret_action))
		return true;
	n = gyl__arp_first(c, GYL_ARP_PENDING);
	if (gyl__arp_is_due(n, now_ns))
		return pending_due(c, n, now_ns, ret_action);
	n = gyl__arp_first(c, GYL_ARP_FRESH);
	if (!gyl__arp_is_due(n, now_ns))
		return false;
	/* Its owner alone is asked: on a wireless network a broadcast costs everybody. */
	gyl__arp_set(c, n, GYL_ARP_STALE, gyl_time_add(now_ns, c->cf.tick_ns));
	ret_action->due = GYL_ARP_SEND;
	ret_action->vlan = n->vlan;
	ret_action->ip = n->ip;
	make_request(c, n, n->mac, &ret_action->send);
	return true;
}

uint64_t gyl_arp_cache_deadline_ns(const struct gyl_arp_cache *c)
{
	uint64_t at_ns = UINT64_MAX;

	for (unsigned state = GYL_ARP_ANNOUNCING; state <= GYL_ARP_STALE; state++) {
		uint16_t i = c->list[state].head;

		if (i != GYL_ARP_NONE)
			at_ns = gyl_time_min(at_ns, c->node[i].due_ns);
	}
	return at_ns;
}

bool gyl_arp_cache_remove(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip)
{
	struct gyl_arp_node *n = gyl__arp_find(c, vlan, ip);
	bool was_asked = n != NULL && n->state == GYL_ARP_PENDING;

	if (n != NULL)
		gyl__arp_del(c, n);
	return was_asked;
}

static size_t fixed_cnt(const struct gyl_arp_cache *c)
{
	size_t cnt = 0;

	for (unsigned state = GYL_ARP_PINNED; state <= GYL_ARP_PROBING; state++)
		cnt += c->cnt[state];
	return cnt;
}

/* An entry of ours replaces whatever was there. It is due at once, if ever. */
static bool fix(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip, const uint8_t mac[6],
	enum gyl_arp_state state, bool *ret_was_asked)
{
	struct gyl_arp_node *n = gyl__arp_find(c, vlan, ip);
	bool was_fixed = n != NULL && n->state <= GYL_ARP_PROBING;

	if (!gyl__arp_is_host(ip) || (!was_fixed && fixed_cnt(c) == c->cf.fixed_max))
		return false;
	*ret_was_asked = gyl_arp_cache_remove(c, vlan, ip);
	n = gyl__arp_add(c, vlan, ip);
	memcpy(n->mac, mac, 6);
	gyl__arp_set(c, n, state, 0);
	return true;
}

bool gyl_arp_cache_own(struct gyl_arp_cache *c, uint32_t ip, bool *ret_was_asked)
{
	return fix(c, 0, ip, c->cf.mac, GYL_ARP_ANNOUNCING, ret_was_asked);
}

bool gyl_arp_cache_claim(struct gyl_arp_cache *c, uint32_t ip, bool *ret_was_asked)
{
	return fix(c, 0, ip, c->cf.mac, GYL_ARP_PROBING, ret_was_asked);
}

bool gyl_arp_cache_pin(struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip, const uint8_t mac[6],
	bool *ret_was_asked)
{
	return fix(c, vlan, ip, mac, GYL_ARP_PINNED, ret_was_asked);
}

bool gyl_arp_cache_entry(const struct gyl_arp_cache *c, size_t i, struct gyl_arp_entry *ret_entry)
{
	const struct gyl_arp_node *n = &c->node[i];

	if (i >= c->node_cnt)
		return false;
	ret_entry->state = (enum gyl_arp_state)n->state;
	ret_entry->vlan = n->vlan;
	ret_entry->ip = n->ip;
	memcpy(ret_entry->mac, n->mac, 6);
	return true;
}

bool gyl_arp_cache_find(
	const struct gyl_arp_cache *c, uint16_t vlan, uint32_t ip, struct gyl_arp_entry *ret_entry)
{
	uint16_t i = gyl__arp_index(c, vlan, ip);

	return i != GYL_ARP_NONE && gyl_arp_cache_entry(c, i, ret_entry);
}

struct gyl_arp_cache_stat gyl_arp_cache_stat(const struct gyl_arp_cache *c)
{
	return c->stat;
}
