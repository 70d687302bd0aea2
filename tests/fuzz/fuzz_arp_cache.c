/* SPDX-License-Identifier: ISC */

/*
 * The ARP cache beside a naive model of it, under a sequence of questions, messages, time steps and
 * changes of our own addresses. A step is one octet and what it needs: 0 a question, 1 a message
 * among few stations, 2 a message of 28 octets as they come, 3 time, 4 own, 5 claim, 6 pin, 7
 * remove.
 *
 * The model knows what it asked for, what it was told and what is its own, but nothing of bounds
 * and ages: the cache may forget what the model knows, never the other way round.
 */

#include <gyl/net/arp_cache.h>
#include <gyl/time.h>

#include "tests/fuzz/require.h"

enum {
	IPS = 16,
	VLANS = 2,

	KNOWN_MAX = 4,
	PENDING_MAX = 3,
	FIXED_MAX = 3,
	MEM_LEN = 4096
};

enum kind {
	NOTHING, /* or forgotten */
	PENDING,
	KNOWN,
	PINNED,
	CLAIMED,
	OURS
};

struct model {
	enum kind kind[VLANS][IPS];
	uint8_t mac[VLANS][IPS][6];
	unsigned probes[IPS]; /* since the claim */
	uint64_t defend_ns[IPS];
};

struct run {
	struct gyl_arp_cache *c;
	struct gyl_arp_cache_conf cf;
	struct model m;
	uint64_t now_ns;
	const uint8_t *p;
	size_t left;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1};

static uint8_t next(struct run *r)
{
	if (r->left == 0)
		return 0;
	r->left--;
	return *r->p++;
}

/* A few addresses, three of which no host can have. */
static uint32_t ip_of(unsigned i)
{
	static const uint32_t odd[] = {0, UINT32_MAX, 0xe0000001};

	return i < 3 ? odd[i] : 0x0a000000 + i;
}

static unsigned index_of(uint32_t ip)
{
	unsigned i = 0;

	while (i < IPS && ip_of(i) != ip)
		i++;
	return i;
}

/* Ours, three stations, nobody, everybody. */
static void mac_of(unsigned i, uint8_t ret[6])
{
	memset(ret, i == 5 ? 0xff : 0, 6);
	if (i < 4) {
		ret[0] = 2;
		ret[5] = (uint8_t)(i + 1);
	}
}

/* What we send: from us, and with an address that is ours, or none. */
static void check_send(const struct run *r, const struct gyl_arp_send *s)
{
	unsigned i = index_of(s->msg.spa);

	REQUIRE(gyl_eth_mac_eq(s->msg.sha, own_mac));
	REQUIRE(s->vlan < VLANS);
	REQUIRE(s->msg.op == GYL_ARP_REQUEST || s->msg.op == GYL_ARP_REPLY);
	if (s->msg.spa != 0)
		REQUIRE(i < IPS && r->m.kind[0][i] == OURS);
	else
		REQUIRE(s->msg.op == GYL_ARP_REQUEST);
}

/* An address of ours, or one that becomes it, holds on all VLANs unless something else is known. */
static enum kind kind_of(const struct run *r, unsigned vlan, unsigned i)
{
	enum kind k = r->m.kind[vlan][i], base = r->m.kind[0][i];

	return k == NOTHING && (base == OURS || base == CLAIMED) ? base : k;
}

static void do_query(struct run *r)
{
	unsigned i = next(r) % IPS, vlan = next(r) % VLANS;
	enum kind k = kind_of(r, vlan, i);
	struct gyl_arp_send send;
	uint8_t mac[6];

	switch (gyl_arp_cache_query(r->c, r->now_ns, (uint16_t)vlan, ip_of(i), mac, &send)) {
	case GYL_ARP_KNOWN:
		REQUIRE(k == OURS || k == PINNED || k == KNOWN);
		/* a neighbour of one VLAN that is forgotten makes way for what holds on all */
		if (k == KNOWN && r->m.kind[0][i] == OURS && gyl_eth_mac_eq(mac, own_mac))
			return;
		REQUIRE(gyl_eth_mac_eq(mac, k == OURS ? own_mac : r->m.mac[vlan][i]));
		return;
	case GYL_ARP_ASK:
		REQUIRE(i >= 3);
		REQUIRE((k == NOTHING || k == KNOWN) && r->m.kind[0][i] != OURS);
		r->m.kind[vlan][i] = PENDING;
		check_send(r, &send);
		REQUIRE(send.msg.tpa == ip_of(i) && gyl_eth_is_broadcast(send.dst));
		return;
	case GYL_ARP_WAIT:
		REQUIRE(k == PENDING);
		return;
	case GYL_ARP_REFUSED:
		REQUIRE(k != OURS && k != PINNED && k != PENDING);
		return;
	}
	REQUIRE(false);
}

static void lose_claim(struct run *r, uint32_t ip)
{
	unsigned i = index_of(ip);

	REQUIRE(i < IPS && r->m.kind[0][i] == CLAIMED);
	r->m.kind[0][i] = NOTHING;
}

static void defended(struct run *r, const struct gyl_arp_result *res)
{
	unsigned i = index_of(res->ip);

	REQUIRE(i < IPS && r->m.kind[0][i] == OURS);
	if (!res->has_send)
		return;
	REQUIRE(r->now_ns >= r->m.defend_ns[i]);
	r->m.defend_ns[i] = r->now_ns + r->cf.claim.defend_interval_ns;
	REQUIRE(gyl_arp_kind(&res->send.msg) == GYL_ARP_KIND_ANNOUNCEMENT);
}

static void input(struct run *r, unsigned vlan, const struct gyl_arp *msg)
{
	struct gyl_arp_result res;
	unsigned i;

	gyl_arp_cache_input(r->c, r->now_ns, (uint16_t)vlan, msg, &res);
	i = index_of(res.ip);
	REQUIRE(res.has_send ? res.verdict == GYL_ARP_ANSWERED || res.verdict == GYL_ARP_CONFLICT
			     : res.verdict != GYL_ARP_ANSWERED);
	switch (res.verdict) {
	case GYL_ARP_IGNORED:
	case GYL_ARP_BAD:
		break;
	case GYL_ARP_ANSWERED:
		REQUIRE(msg->op == GYL_ARP_REQUEST && res.send.msg.op == GYL_ARP_REPLY);
		REQUIRE(res.send.msg.spa == msg->tpa && res.send.vlan == vlan);
		REQUIRE(gyl_eth_mac_eq(res.send.dst, msg->sha));
		break;
	case GYL_ARP_LEARNED:
		REQUIRE(i < IPS && r->m.kind[vlan][i] == PENDING);
		r->m.kind[vlan][i] = KNOWN;
		memcpy(r->m.mac[vlan][i], res.mac, 6);
		break;
	case GYL_ARP_RENEWED:
	case GYL_ARP_MOVED:
		REQUIRE(i < IPS && r->m.kind[vlan][i] == KNOWN);
		REQUIRE(gyl_eth_mac_eq(
			r->m.mac[vlan][i], res.verdict == GYL_ARP_MOVED ? res.old_mac : res.mac));
		memcpy(r->m.mac[vlan][i], res.mac, 6);
		break;
	case GYL_ARP_CONFLICT:
		defended(r, &res);
		break;
	case GYL_ARP_TAKEN:
		lose_claim(r, res.ip);
		break;
	}
	if (res.has_send)
		check_send(r, &res.send);
}

static void do_message(struct run *r)
{
	struct gyl_arp a = {.op = next(r) % 4};
	uint8_t ips = next(r), macs = next(r);

	a.spa = ip_of(ips % IPS);
	a.tpa = ip_of(ips / IPS);
	mac_of(macs % 6, a.sha);
	mac_of(macs / 6 % 6, a.tha);
	input(r, macs >> 7, &a);
}

static void do_raw(struct run *r)
{
	uint8_t buf[GYL_ARP_LEN];
	struct gyl_arp a;

	for (size_t i = 0; i < sizeof buf; i++)
		buf[i] = next(r);
	if (!gyl_failed(gyl_arp_decode(gyl_view(buf, sizeof buf), &a)))
		input(r, 0, &a);
}

static void act(struct run *r, const struct gyl_arp_action *a)
{
	unsigned i = index_of(a->ip);
	enum kind *k;

	REQUIRE(i < IPS && a->vlan < VLANS);
	k = &r->m.kind[a->vlan][i];
	switch (a->due) {
	case GYL_ARP_FAILED:
		REQUIRE(*k == PENDING);
		*k = NOTHING;
		return;
	case GYL_ARP_CLAIMED:
		REQUIRE(*k == CLAIMED && r->m.probes[i] == r->cf.claim.probe_num);
		*k = OURS;
		r->m.defend_ns[i] = 0;
		break;
	case GYL_ARP_SEND:
		REQUIRE(*k == PENDING || *k == KNOWN || *k == CLAIMED || *k == OURS);
		r->m.probes[i] += *k == CLAIMED;
		break;
	}
	REQUIRE(a->send.msg.tpa == a->ip);
	check_send(r, &a->send);
}

/* All that is due, and then nothing is. */
static void do_time(struct run *r)
{
	uint64_t step = next(r);
	struct gyl_arp_action a;
	unsigned cnt = 0;

	r->now_ns += step * step * step * GYL_NS_PER_MS * 50;
	while (gyl_arp_cache_tick(r->c, r->now_ns, &a)) {
		act(r, &a);
		REQUIRE(++cnt < 100);
	}
	REQUIRE(gyl_arp_cache_deadline_ns(r->c) > r->now_ns);
}

static void do_fix(struct run *r, unsigned what)
{
	unsigned i = next(r) % IPS, vlan = what == 6 ? next(r) % VLANS : 0;
	enum kind before = r->m.kind[vlan][i];
	bool was_asked = false, done;
	uint8_t mac[6];

	mac_of(1 + i % 3, mac);
	if (what == 4)
		done = gyl_arp_cache_own(r->c, ip_of(i), &was_asked);
	else if (what == 5)
		done = gyl_arp_cache_claim(r->c, ip_of(i), &was_asked);
	else
		done = gyl_arp_cache_pin(r->c, (uint16_t)vlan, ip_of(i), mac, &was_asked);
	REQUIRE(!done || i >= 3);
	if (!done)
		return;
	REQUIRE(was_asked == (before == PENDING));
	r->m.kind[vlan][i] = what == 4 ? OURS : what == 5 ? CLAIMED : PINNED;
	memcpy(r->m.mac[vlan][i], mac, 6);
	if (what != 6) {
		r->m.probes[i] = 0;
		r->m.defend_ns[i] = 0;
	}
}

static void do_remove(struct run *r)
{
	unsigned i = next(r) % IPS, vlan = next(r) % VLANS;

	REQUIRE(gyl_arp_cache_remove(r->c, (uint16_t)vlan, ip_of(i)) ==
		(r->m.kind[vlan][i] == PENDING));
	r->m.kind[vlan][i] = NOTHING;
}

/* The bounds hold, and nothing is there that the model does not know of. */
static void check_entries(struct run *r)
{
	static const enum kind same[] = {[GYL_ARP_PINNED] = PINNED,
		[GYL_ARP_OWN] = OURS,
		[GYL_ARP_ANNOUNCING] = OURS,
		[GYL_ARP_PROBING] = CLAIMED,
		[GYL_ARP_PENDING] = PENDING,
		[GYL_ARP_FRESH] = KNOWN,
		[GYL_ARP_STALE] = KNOWN};
	size_t cnt[OURS + 1] = {0};
	struct gyl_arp_entry e;

	for (size_t i = 0; gyl_arp_cache_entry(r->c, i, &e); i++) {
		unsigned k = index_of(e.ip);

		if (e.state == GYL_ARP_FREE)
			continue;
		REQUIRE(k >= 3 && k < IPS && e.vlan < VLANS);
		REQUIRE(r->m.kind[e.vlan][k] == same[e.state]);
		cnt[same[e.state]]++;
	}
	REQUIRE(cnt[KNOWN] <= KNOWN_MAX && cnt[PENDING] <= PENDING_MAX);
	REQUIRE(cnt[PINNED] + cnt[CLAIMED] + cnt[OURS] <= FIXED_MAX);
}

static void step(struct run *r)
{
	unsigned what = next(r) % 8;

	if (what == 0)
		do_query(r);
	else if (what == 1)
		do_message(r);
	else if (what == 2)
		do_raw(r);
	else if (what == 3)
		do_time(r);
	else if (what == 7)
		do_remove(r);
	else
		do_fix(r, what);
	check_entries(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(16) uint8_t mem[MEM_LEN];
	struct run r = {.cf = gyl_arp_cache_defaults(own_mac, size), .p = data, .left = size};

	r.cf.entry_max = KNOWN_MAX;
	r.cf.pending_max = PENDING_MAX;
	r.cf.fixed_max = FIXED_MAX;
	r.cf.question_burst = 8;
	r.now_ns = GYL_NS_PER_S;
	REQUIRE(gyl_arp_cache_need(&r.cf) <= sizeof mem);
	r.c = gyl_arp_cache_init(mem, &r.cf);
	while (r.left > 0)
		step(&r);
	return 0;
}
