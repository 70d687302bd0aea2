/* SPDX-License-Identifier: ISC */

/*
 * Names of others: from the cache, or the verdict that somebody has to be asked.
 *
 * An entry of the cache is the octets of an answer whose question has its name. Behind a question
 * for that name it is copied; elsewhere (behind a CNAME of ours, or about a name below one that
 * does not exist) its pointers are moved.
 */

#include "services/dns/answer_own.h"
#include "services/dns/cache.h"
#include "services/dns/route.h"

enum {
	RR_HEAD = 10, /* type to RDLENGTH */
	POINTER = 0xc000,
	POINTER_MAX = 0x3fff,
	STALE_TTL_S = 30,    /* RFC 8767 4 */
	ABSENT_LABELS = 16,  /* names above a missing one that are looked up at most */
	PREFETCH_TTL_S = 10, /* what lives shorter is not worth it */
	FRESH_S = 10         /* a waiter's answer cannot be older */
};

static uint8_t variant_of(const struct gyl_dns_reply *r)
{
	return (uint8_t)((r->q.edns.dnssec_ok ? GYL_DNS_VARIANT_DO : 0) |
			 ((r->q.header.flags & GYL_DNS_CD) != 0 ? GYL_DNS_VARIANT_CD : 0));
}

/* ---- putting ---- */

/* Where an entry's octets were made to stand, and where they stand now. */
struct place {
	struct gyl_dns_at name; /* of the entry */
	size_t base, start;
};

/* Moves the pointer at the end of a name, if there is one. False: it would be too long. */
static bool move_name(const struct gyl_dns_reply *r, const struct place *to, size_t *pos)
{
	uint8_t *p = r->p + *pos;
	size_t target;

	while (*p != 0 && *p <= GYL_DNS_LABEL_MAX)
		p += *p + 1;
	*pos = (size_t)(p - r->p) + (*p == 0 ? 1 : 2);
	if (*p == 0)
		return true;
	target = gyl_get_u16(p) & POINTER_MAX;
	if (target >= to->base)
		target = target - to->base + to->start;
	else
		target = gyl__dns_suffix_pos(
			r, to->name, GYL_DNS_HEADER_LEN + to->name.len - target);
	gyl_set_u16(p, (uint16_t)(POINTER | target));
	return target <= POINTER_MAX;
}

/* RFC 3597 4: names are compressed in the rdata of these types only. */
static bool move_rdata(
	const struct gyl_dns_reply *r, const struct place *to, uint16_t type, size_t pos)
{
	switch (type) {
	case GYL_DNS_TYPE_MX:
		pos += 2;
		return move_name(r, to, &pos);
	case GYL_DNS_TYPE_NS:
	case GYL_DNS_TYPE_CNAME:
	case GYL_DNS_TYPE_PTR:
		return move_name(r, to, &pos);
	case GYL_DNS_TYPE_SOA:
		if (!move_name(r, to, &pos)) /* of the server; then of who looks after it */
			return false;
		return move_name(r, to, &pos);
	default:
		return true;
	}
}

static bool move_records(const struct gyl_dns_reply *r, const struct place *to, unsigned cnt)
{
	size_t pos = to->start;

	while (cnt-- != 0) {
		if (!move_name(r, to, &pos) ||
			!move_rdata(r, to, gyl_get_u16(r->p + pos), pos + RR_HEAD))
			return false;
		pos += RR_HEAD + (size_t)gyl_get_u16(r->p + pos + 8);
	}
	return true;
}

static uint8_t *skip_name(uint8_t *p)
{
	while (*p != 0 && *p <= GYL_DNS_LABEL_MAX)
		p += *p + 1;
	return p + (*p == 0 ? 1 : 2);
}

/* age_s: how much of their time is gone; ttl_s: all they get, 0: what they have. */
static void set_ttls(uint8_t *p, unsigned cnt, uint32_t age_s, uint32_t ttl_s)
{
	while (cnt-- != 0) {
		uint32_t left_s;

		p = skip_name(p);
		left_s = gyl_get_u32(p + 4);
		left_s = left_s > age_s ? left_s - age_s : 0;
		gyl_set_u32(p + 4, ttl_s != 0 ? ttl_s : left_s);
		p += RR_HEAD + gyl_get_u16(p + 8);
	}
}

static bool is_in_place(const struct place *to)
{
	return to->name.pos == GYL_DNS_HEADER_LEN && to->base == to->start;
}

/* stale: its time is over. False: no room. */
static bool put_entry(
	struct gyl_dns_reply *r, const struct gyl_dns_entry *e, struct gyl_dns_at name, bool stale)
{
	unsigned cnt = (unsigned)e->answer_cnt + e->authority_cnt;
	struct place to = {
		.name = {gyl__dns_suffix_pos(r, name, e->name_len), e->name_len},
		.base = (size_t)GYL_DNS_HEADER_LEN + e->name_len + 4,
		.start = r->len,
	};

	r->rcode = e->rcode;
	r->flags |= GYL_DNS_TC;
	if (e->wire_len > r->limit - r->len)
		return false;
	memcpy(r->p + r->len, gyl_dns_entry_wire(e), e->wire_len);
	if (!is_in_place(&to) && !move_records(r, &to, cnt))
		return false;
	r->flags &= (uint16_t)~GYL_DNS_TC;
	set_ttls(r->p + r->len, cnt, gyl_dns_entry_age_s(e, r->now.mono_ns),
		stale ? STALE_TTL_S : 0);
	r->len += e->wire_len;
	r->cnt[GYL_DNS_ANSWER] = (uint16_t)(r->cnt[GYL_DNS_ANSWER] + e->answer_cnt);
	r->cnt[GYL_DNS_AUTHORITY] = (uint16_t)(r->cnt[GYL_DNS_AUTHORITY] + e->authority_cnt);
	return true;
}

/* Where the last of the CNAMEs that were just put leads to: octets in the message. */
static size_t last_target(const struct gyl_dns_reply *r, const struct gyl_dns_entry *e)
{
	uint8_t *p = r->p + r->len - e->wire_len;
	size_t pos = 0;

	for (unsigned i = 0; i < e->answer_cnt; i++) {
		p = skip_name(p);
		if (gyl_get_u16(p) == GYL_DNS_TYPE_CNAME)
			pos = (size_t)(p - r->p) + RR_HEAD;
		p += RR_HEAD + gyl_get_u16(p + 8);
	}
	return pos;
}

/* ---- finding ---- */

/* What the cache has about a name and type. */
struct known {
	struct gyl_dns_entry *exact;  /* of the type */
	struct gyl_dns_entry *absent; /* the name does not exist */
};

static void look_up(const struct gyl_dns_reply *r, const struct gyl_dns_key *k, struct known *ret)
{
	const struct gyl_dns_cache *c = r->data->cache;
	uint32_t hash = gyl_dns_cache_hash(c, k->name, k->len);
	uint8_t variant = variant_of(r);

	ret->exact = gyl_dns_cache_find(c, k->name, k->len, hash, r->q.qtype, variant);
	ret->absent = c->absent_cnt == 0 ? NULL
					 : gyl_dns_cache_find(c, k->name, k->len, hash, 0, variant);
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
static bool is_of_group(
	const struct gyl_dns_reply *r, const uint8_t *name, size_t len, uint16_t group)
{
	struct gyl_dns_route route;
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, name, len);
	gyl__dns_route(r->data, &k, GYL_DNS_TYPE_NS, &route);
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
		size_t len;

		name += *name + 1;
		if (labels > ABSENT_LABELS)
			continue;
		len = k->len - (size_t)(name - k->name);
		e = gyl_dns_cache_find(
			c, name, len, gyl_dns_cache_hash(c, name, len), 0, variant_of(r));
		if (is_fresh(r, e) && is_of_group(r, name, len, group))
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
static bool serve(struct gyl_dns_reply *r, struct gyl_dns_entry *e, bool stale,
	struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	/* who has waited for it has asked for the first time: that is no sign that it is worth its
	 * place */
	if (r->from->turn == GYL_DNS_TURN_FIRST)
		gyl_dns_cache_hit(e);
	set_ad(r, e, name->pos == GYL_DNS_HEADER_LEN);
	if (stale)
		say_stale(r, e);
	else
		say_fresh(r, e);
	if (!put_entry(r, e, *name, stale) || (e->flags & GYL_DNS_ENTRY_OPEN) == 0)
		return false;
	gyl__dns_go_on(r, last_target(r, e), k, name);
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
	look_up(r, k, &known);
	e = first ? first_time(r, group, k, &known, &stale) : later_time(r, &known, &stale);
	if (e != NULL)
		return serve(r, e, stale, k, name);
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
