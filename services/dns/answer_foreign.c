/* SPDX-License-Identifier: ISC */

/*
 * Names of others: from the cache, or the verdict that somebody has to be asked.
 *
 * What the cache has is looked at anew each time: lists, zones and servers may be others than when
 * it came. So an answer counts only while the server that gave it is among those that are asked
 * about the name; and a chain of CNAMEs only as far as it stays with them: where it leads to a name
 * of ours, a blocked one or one that others are asked about, we go on from there ourselves.
 */

#include "services/dns/answer_own.h"
#include "services/dns/cache.h"
#include "services/dns/route.h"
#include "services/dns/upstream.h"

enum {
	ABSENT_LABELS = 16,  /* names above a missing one that are looked up at most */
	PREFETCH_TTL_S = 10, /* what lives shorter is not worth it */
	FRESH_S = 10         /* a waiter's answer cannot be older */
};

static uint8_t variant_of(const struct gyl_dns_reply *r)
{
	return (uint8_t)((r->q.edns.dnssec_ok ? GYL_DNS_VARIANT_DO : 0) |
			 ((r->q.header.flags & GYL_DNS_CD) != 0 ? GYL_DNS_VARIANT_CD : 0));
}

/* ---- finding ---- */

/* What the cache has about a name and type. */
struct known {
	struct gyl_dns_entry *exact;  /* of the type */
	struct gyl_dns_entry *absent; /* the name does not exist */
};

/* NULL, when it is from a server that is not asked about the name any more, or has what its name
 * may not have any more. */
static struct gyl_dns_entry *find_usable(const struct gyl_dns_reply *r, uint16_t group,
	const struct gyl_dns_key *k, uint32_t hash, uint16_t qtype)
{
	const struct gyl_dns_data *d = r->data;
	struct gyl_dns_entry *e =
		gyl_dns_cache_find(d->cache, k->name, k->len, hash, qtype, variant_of(r));

	if (e == NULL ||
		(d->upstreams != NULL &&
			!gyl_dns_upstreams_know(d->upstreams, group, e->upstream, e->tenure)) ||
		((e->flags & GYL_DNS_ENTRY_PRIVATE) != 0 && !gyl__dns_rebind_may(d, group, k)))
		return NULL;
	return e;
}

static void look_up(const struct gyl_dns_reply *r, uint16_t group, const struct gyl_dns_key *k,
	struct known *ret)
{
	const struct gyl_dns_cache *c = r->data->cache;
	uint32_t hash = gyl_dns_cache_hash(c, k->name, k->len);

	ret->exact = find_usable(r, group, k, hash, r->q.qtype);
	ret->absent = c->absent_cnt == 0 ? NULL : find_usable(r, group, k, hash, 0);
}

static bool is_fresh(const struct gyl_dns_reply *r, const struct gyl_dns_entry *e)
{
	return e != NULL && gyl_dns_entry_age_s(e, r->now.mono_ns) < e->ttl_s;
}

/* Over, but better than nothing. A failure is never that, and what was not to be kept neither. */
static bool is_stale(const struct gyl_dns_reply *r, const struct gyl_dns_entry *e)
{
	return e != NULL && e->ttl_s != 0 && e->rcode != GYL_DNS_SERVFAIL &&
	       r->now.mono_ns - e->born_ns <
		       e->ttl_s * UINT64_C(1000000000) + r->data->cache->keep_ns;
}

static struct gyl_dns_entry *newer(struct gyl_dns_entry *a, struct gyl_dns_entry *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	return b->born_ns > a->born_ns ? b : a;
}

/* Is it those servers that have said so? The others know nothing of a domain that is not theirs. */
static bool is_of_group(const struct gyl_dns_reply *r, const struct gyl_dns_key *k, uint16_t group)
{
	struct gyl_dns_route route;

	gyl__dns_route(r->data, k, GYL_DNS_TYPE_NS, &route);
	return route.way == GYL_DNS_WAY_FORWARD && route.group == group;
}

/* RFC 8020 2: below a name that does not exist there is nothing. */
static struct gyl_dns_entry *find_absent_above(
	const struct gyl_dns_reply *r, uint16_t group, const struct gyl_dns_key *k)
{
	const struct gyl_dns_cache *c = r->data->cache;
	unsigned labels = gyl_dns_name_label_cnt(k->name);
	const uint8_t *name = k->name;

	if (c->absent_cnt == 0)
		return NULL;
	for (; labels > 1; labels--) {
		struct gyl_dns_entry *e;
		struct gyl_dns_key up;

		name += *name + 1;
		if (labels > ABSENT_LABELS)
			continue;
		gyl_dns_key_init(&up, name, k->len - (size_t)(name - k->name));
		e = find_usable(r, group, &up, gyl_dns_cache_hash(c, name, up.len), 0);
		if (is_fresh(r, e) && is_of_group(r, &up, group))
			return e;
	}
	return NULL;
}

/* ---- deciding ---- */

static void want(struct gyl_dns_reply *r, uint16_t group, const struct gyl_dns_key *k)
{
	struct gyl_dns_verdict *v = r->verdict;

	v->group = group;
	v->variant = variant_of(r);
	v->target_len = (uint8_t)k->len;
	memcpy(v->target, k->name, k->len);
}

/* RFC 6840 5.8: AD is for those who asked for it, and for all of the answer or none. */
static void set_ad(struct gyl_dns_reply *r, const struct gyl_dns_entry *e, bool first)
{
	bool wanted = r->q.edns.dnssec_ok || (r->q.header.flags & GYL_DNS_AD) != 0;

	if ((e->flags & GYL_DNS_ENTRY_AD) == 0)
		r->flags &= (uint16_t)~GYL_DNS_AD;
	else if (first && wanted && r->policy->trust_ad)
		r->flags |= GYL_DNS_AD;
}

static void say_stale(struct gyl_dns_reply *r, const struct gyl_dns_entry *e)
{
	bool absent = e->rcode == GYL_DNS_NXDOMAIN;

	r->rule = "stale";
	r->verdict->source = GYL_DNS_FROM_STALE;
	r->ede = (absent ? GYL_DNS_EDE_STALE_NXDOMAIN : GYL_DNS_EDE_STALE) + 1;
}

static void say_fresh(struct gyl_dns_reply *r, const struct gyl_dns_entry *e)
{
	bool cached = r->from->turn == GYL_DNS_TURN_FIRST;

	r->rule = cached ? "cache" : "forward";
	r->verdict->source = cached ? GYL_DNS_FROM_CACHE : GYL_DNS_FROM_UPSTREAM;
	r->ede = e->ede;
}

/* True: it is another name, to be looked for. */
static bool serve(struct gyl_dns_reply *r, struct gyl_dns_entry *e, bool stale, uint16_t group,
	struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	bool chain = (e->flags & GYL_DNS_ENTRY_CHAIN) != 0;
	bool watched = chain && !gyl__dns_rebind_may(r->data, group, k);

	/* who has waited for it has asked for the first time: that is no sign that it is worth its
	 * place */
	if (r->from->turn == GYL_DNS_TURN_FIRST)
		gyl_dns_cache_hit(e);
	set_ad(r, e, name->pos == GYL_DNS_HEADER_LEN);
	if (stale)
		say_stale(r, e);
	else
		say_fresh(r, e);
	if (!gyl__dns_put_entry(r, e, *name, stale) || !chain ||
		!gyl__dns_follow_entry(r, e, group, k, name))
		return false;
	if (!stale)
		r->ede = 0; /* that was about the end of the chain */
	if (watched)
		gyl__dns_watch(r);
	return true;
}

/* Asked for in the last tenth of its time, and not for the first time. */
static bool is_worth_asking(const struct gyl_dns_reply *r, const struct gyl_dns_entry *e)
{
	uint32_t left_s = e->ttl_s - gyl_dns_entry_age_s(e, r->now.mono_ns);

	return r->policy->prefetch && e->hit_cnt != 0 && e->ttl_s >= PREFETCH_TTL_S &&
	       e->rcode != GYL_DNS_SERVFAIL && left_s <= e->ttl_s / 10 &&
	       e->hold_ns <= r->now.mono_ns;
}

static struct gyl_dns_entry *first_time(struct gyl_dns_reply *r, uint16_t group,
	const struct gyl_dns_key *k, const struct known *known, bool *ret_stale)
{
	struct gyl_dns_entry *e = is_fresh(r, known->exact) ? known->exact : known->absent;

	if (!is_fresh(r, e))
		e = find_absent_above(r, group, k);
	if (e != NULL) {
		if (e->name_len == k->len && is_worth_asking(r, e)) {
			r->verdict->refresh = true;
			want(r, group, k);
		}
		return e;
	}
	/* RFC 8767 5: when asking has just failed it is not tried again at once */
	e = newer(known->exact, known->absent);
	*ret_stale = is_stale(r, e) && e->hold_ns > r->now.mono_ns;
	return *ret_stale ? e : NULL;
}

/* The upstream has answered, or not, or not yet. What has come for others counts, too: the chain
 * may lead there. */
static struct gyl_dns_entry *later_time(
	const struct gyl_dns_reply *r, const struct known *known, bool *ret_stale)
{
	struct gyl_dns_entry *e = newer(known->exact, known->absent);

	if (is_fresh(r, e) || (r->from->turn == GYL_DNS_TURN_ANSWERED && e != NULL &&
				      gyl_dns_entry_age_s(e, r->now.mono_ns) < FRESH_S))
		return e;
	*ret_stale = is_stale(r, e);
	return *ret_stale ? e : NULL;
}

/* Is there somebody to be asked about the name, now or still? */
static bool is_to_be_asked(const struct gyl_dns_reply *r, const struct gyl_dns_key *k)
{
	switch (r->from->turn) {
	case GYL_DNS_TURN_ANSWERED:
		return !gyl_view_eq(r->from->asked, gyl_view(k->name, k->len));
	case GYL_DNS_TURN_LOST:
		return false;
	default:
		return true;
	}
}

static void refuse(struct gyl_dns_reply *r, struct gyl_dns_at name, uint16_t ede)
{
	if (name.pos != GYL_DNS_HEADER_LEN)
		return; /* what our own zones have of the chain is given */
	r->rcode = GYL_DNS_REFUSED;
	r->ede = ede + 1;
	r->rule = "outside";
}

bool gyl__dns_put_foreign(
	struct gyl_dns_reply *r, uint16_t group, struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	bool first = r->from->turn == GYL_DNS_TURN_FIRST, stale = false;
	struct gyl_dns_entry *e;
	struct known known;

	if (r->data->cache == NULL || r->q.qclass != GYL_DNS_CLASS_IN) {
		refuse(r, *name, GYL_DNS_EDE_NOT_AUTHORITATIVE);
		return false;
	}
	if (!r->from->recursion) {
		refuse(r, *name, GYL_DNS_EDE_PROHIBITED);
		return false;
	}
	if (r->data->part) {
		r->verdict->elsewhere = true;
		return false;
	}
	look_up(r, group, k, &known);
	e = first ? first_time(r, group, k, &known, &stale) : later_time(r, &known, &stale);
	if (e != NULL)
		return serve(r, e, stale, group, k, name);
	if (first && (r->q.header.flags & GYL_DNS_RD) == 0) {
		refuse(r, *name, GYL_DNS_EDE_NOT_AUTHORITATIVE);
	} else if (is_to_be_asked(r, k)) {
		r->verdict->forward = true;
		want(r, group, k);
	} else {
		r->rcode = GYL_DNS_SERVFAIL;
		r->ede = r->from->ede;
		r->rule = "forward";
		r->verdict->source = GYL_DNS_FROM_NOBODY;
	}
	return false;
}
