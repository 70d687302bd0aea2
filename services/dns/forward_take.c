/* SPDX-License-Identifier: ISC */

/*
 * An answer of an upstream into the cache.
 *
 * Only what was asked for is taken: the chain of CNAMEs from the name in the question, each with
 * the DNAME that made it, and the records of the type at its end; of a negative answer the SOA of a
 * zone that the end of the chain lies in. With DO their signatures and the proofs, too. All else
 * (the additional section, NS records, names beside the chain) is how caches are poisoned. It is
 * written anew with our encoder, so nothing of the upstream's own framing gets to clients.
 */

#include <gyl/dns_rdata.h>
#include <gyl/time.h>

#include "services/dns/core_own.h"
#include "services/dns/forward.h"
#include "services/dns/route.h"

enum {
	RR_MAX = 2000,          /* records of a message that are looked at */
	NEGATIVE_MAX_S = 10800, /* RFC 2308 5: one to three hours */
	FAILURE_S = 5,          /* RFC 9520 3.2: a failure is kept for some seconds ... */
	FAILURE_MAX_S = 60,     /* ... longer when it comes again */
	UNREACHABLE_MAX_S = 5,
	REBOUND_S = 60 /* what may be private changes */
};

/* RFC 8767 5: how long nobody is asked again for what is stale. */
static const uint64_t recheck_ns = 30 * GYL_NS_PER_S;

struct taking {
	const struct gyl_dns_data *data;
	struct gyl__dns_forward *fw;
	const struct gyl__dns_ask *a;
	const struct gyl__dns_attempt *by;
	const struct gyl_dns_msg *m;
	struct gyl_dns_writer w;
	uint8_t dname[GYL_DNS_NAME_MAX]; /* owner of the last DNAME that was kept */
	uint8_t end[GYL_DNS_NAME_MAX];   /* where the chain has come to, folded */
	uint32_t ttl_s;                  /* the shortest */
	uint16_t answer_cnt, authority_cnt;
	bool found;   /* records of the type are at the end of the chain */
	bool chain;   /* there is a chain */
	bool open;    /* ... that leads to a name of which nothing is said */
	bool full;    /* something did not fit */
	bool rebound; /* records were left out that lead inside */
	bool private; /* records lead inside, and may */
	bool broken;  /* the chain has no end */
};

static uint32_t bounded(const struct taking *t, uint32_t ttl_s)
{
	uint64_t ns = (ttl_s >> 31) != 0 ? 0 : gyl_time_from_s(ttl_s); /* RFC 2181 8 */

	if (ns < t->fw->min_ttl_ns)
		ns = t->fw->min_ttl_ns;
	return (uint32_t)(gyl_time_min(ns, t->fw->max_ttl_ns) / GYL_NS_PER_S);
}

/* By the name of the question, also behind CNAMEs. */
static bool may_lead_inside(const struct taking *t)
{
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, t->a->name, t->a->name_len);
	return gyl__dns_rebind_may(t->data, t->a->group, &k);
}

static void keep(
	struct taking *t, const struct gyl_dns_rr *rr, enum gyl_dns_section section, uint32_t ttl_s)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, t->fw->rdata, sizeof t->fw->rdata);
	gyl_dns_rdata_expand(&w, t->m->raw, rr);
	if (gyl__dns_rebind_inside(t->data, rr->type, gyl_writer_view(&w))) {
		if (!may_lead_inside(t)) {
			t->rebound = true;
			return;
		}
		t->private = true;
	}
	gyl_dns_name_get(t->m->raw, rr->name_off, name);
	if (!gyl_writer_ok(&w) || !gyl_dns_put_rr(&t->w, section, name, rr->type, rr->rrclass,
					  ttl_s, gyl_writer_view(&w))) {
		t->full = true;
		return;
	}
	if (ttl_s < t->ttl_s)
		t->ttl_s = ttl_s;
	if (section == GYL_DNS_ANSWER)
		t->answer_cnt++;
	else
		t->authority_cnt++;
}

static bool has_owner(const struct taking *t, const struct gyl_dns_rr *rr, const uint8_t *name)
{
	uint8_t owner[GYL_DNS_NAME_MAX];

	gyl_dns_name_get(t->m->raw, rr->name_off, owner);
	return gyl_dns_name_eq(owner, name);
}

/* The type that a signature is about. */
static uint16_t covered(const struct taking *t, const struct gyl_dns_rr *rr)
{
	struct gyl_dns_rrsig sig;

	return rr->type == GYL_DNS_TYPE_RRSIG && gyl_dns_rdata_rrsig(t->m->raw, rr, &sig)
		       ? sig.type_covered
		       : 0;
}

/* Is it a record that answers a question for that type at its owner? */
static bool is_of(const struct taking *t, const struct gyl_dns_rr *rr, uint16_t type)
{
	if (rr->rrclass != GYL_DNS_CLASS_IN)
		return false;
	if (rr->type == type || type == GYL_DNS_TYPE_ANY)
		return true;
	return (t->a->variant & GYL_DNS_VARIANT_DO) != 0 && covered(t, rr) == type;
}

/* All records of a type at a name, from the answer section. How many, signatures not counted. */
static unsigned keep_set(struct taking *t, const uint8_t *name, uint16_t type)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	unsigned cnt = 0;

	for (gyl_dns_rr_init(&cur, t->m, GYL_DNS_ANSWER); gyl_dns_rr_next(&cur, &rr);) {
		if (!is_of(t, &rr, type) || !has_owner(t, &rr, name))
			continue;
		keep(t, &rr, GYL_DNS_ANSWER, bounded(t, rr.ttl));
		cnt += rr.type != GYL_DNS_TYPE_RRSIG || type == GYL_DNS_TYPE_RRSIG;
	}
	return cnt;
}

/* The first CNAME at the end of the chain, and the DNAME above it that the answer has. */
static bool find_link(const struct taking *t, struct gyl_dns_rr *ret_cname, uint8_t *ret_dname)
{
	bool found = false;
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	ret_dname[0] = 0;
	for (gyl_dns_rr_init(&cur, t->m, GYL_DNS_ANSWER); gyl_dns_rr_next(&cur, &rr);) {
		uint8_t owner[GYL_DNS_NAME_MAX];

		if (rr.rrclass != GYL_DNS_CLASS_IN)
			continue;
		gyl_dns_name_get(t->m->raw, rr.name_off, owner);
		if (rr.type == GYL_DNS_TYPE_CNAME && !found && gyl_dns_name_eq(owner, t->end)) {
			*ret_cname = rr;
			found = true;
		} else if (rr.type == GYL_DNS_TYPE_DNAME && !gyl_dns_name_eq(owner, t->end) &&
			   gyl_dns_name_is_under(t->end, owner)) {
			memcpy(ret_dname, owner, gyl_dns_name_len(owner));
		}
	}
	return found;
}

static void keep_cname(struct taking *t, const struct gyl_dns_rr *cname)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	keep(t, cname, GYL_DNS_ANSWER, bounded(t, cname->ttl));
	if ((t->a->variant & GYL_DNS_VARIANT_DO) == 0)
		return;
	for (gyl_dns_rr_init(&cur, t->m, GYL_DNS_ANSWER); gyl_dns_rr_next(&cur, &rr);)
		if (covered(t, &rr) == GYL_DNS_TYPE_CNAME && has_owner(t, &rr, t->end))
			keep(t, &rr, GYL_DNS_ANSWER, bounded(t, rr.ttl));
}

/* One link of the chain. False: it ends here. */
static bool follow(struct taking *t)
{
	uint8_t dname[GYL_DNS_NAME_MAX], next[GYL_DNS_NAME_MAX];
	struct gyl_dns_rr cname;
	uint16_t off;

	if (!find_link(t, &cname, dname) || !gyl_dns_rdata_name(t->m->raw, &cname, &off))
		return false;
	if (dname[0] != 0 && !gyl_dns_name_eq(dname, t->dname)) { /* RFC 2181 5: once */
		(void)keep_set(t, dname, GYL_DNS_TYPE_DNAME);
		memcpy(t->dname, dname, gyl_dns_name_len(dname));
	}
	keep_cname(t, &cname);
	gyl_dns_name_fold(t->end, next, gyl_dns_name_get(t->m->raw, off, next));
	t->chain = true;
	return true;
}

static void keep_answer(struct taking *t)
{
	for (unsigned hop = 0; hop < GYL_DNS_CHAIN_MAX; hop++) {
		t->found = keep_set(t, t->end, t->a->qtype) != 0;
		if (t->found || !follow(t))
			return;
	}
	t->broken = true;
}

/* ---- negative answers ---- */

/* RFC 2308 3 and 5: the SOA says how long; without one nobody does. */
static bool keep_soa(struct taking *t)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	struct gyl_dns_soa soa;

	for (gyl_dns_rr_init(&cur, t->m, GYL_DNS_AUTHORITY); gyl_dns_rr_next(&cur, &rr);) {
		uint8_t owner[GYL_DNS_NAME_MAX];
		uint32_t ttl_s;

		if (rr.section != GYL_DNS_AUTHORITY || rr.rrclass != GYL_DNS_CLASS_IN ||
			!gyl_dns_rdata_soa(t->m->raw, &rr, &soa))
			continue;
		gyl_dns_name_get(t->m->raw, rr.name_off, owner);
		if (!gyl_dns_name_is_under(t->end, owner))
			continue;
		ttl_s = rr.ttl < soa.minimum ? rr.ttl : soa.minimum;
		ttl_s = ttl_s < NEGATIVE_MAX_S ? ttl_s : NEGATIVE_MAX_S;
		keep(t, &rr, GYL_DNS_AUTHORITY, bounded(t, ttl_s));
		return true;
	}
	return false;
}

/* What a validator needs of the authority section (RFC 4035 3.1.3). */
static void keep_proof(struct taking *t, bool negative)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	if ((t->a->variant & GYL_DNS_VARIANT_DO) == 0)
		return;
	for (gyl_dns_rr_init(&cur, t->m, GYL_DNS_AUTHORITY); gyl_dns_rr_next(&cur, &rr);) {
		uint16_t type = covered(t, &rr) != 0 ? covered(t, &rr) : rr.type;

		if (rr.section == GYL_DNS_AUTHORITY && rr.rrclass == GYL_DNS_CLASS_IN &&
			(type == GYL_DNS_TYPE_NSEC || type == GYL_DNS_TYPE_NSEC3 ||
				(negative && rr.type == GYL_DNS_TYPE_RRSIG &&
					type == GYL_DNS_TYPE_SOA)))
			keep(t, &rr, GYL_DNS_AUTHORITY, bounded(t, rr.ttl));
	}
}

/* RFC 2308 2.2: NODATA, or a referral to others, which is no answer to a forwarder. */
static bool is_referral(const struct taking *t, bool soa)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	if (soa || t->chain || (t->m->header.flags & GYL_DNS_AA) != 0)
		return false;
	gyl_dns_rr_init(&cur, t->m, GYL_DNS_AUTHORITY);
	return gyl_dns_rr_next(&cur, &rr) && rr.section == GYL_DNS_AUTHORITY &&
	       rr.type == GYL_DNS_TYPE_NS;
}

/* ---- the whole ---- */

static bool rewrite(struct taking *t, uint16_t rcode)
{
	bool soa = true;

	keep_answer(t);
	if (t->broken)
		return false;
	if (!t->found) {
		soa = keep_soa(t);
		if (rcode == GYL_DNS_NOERROR && is_referral(t, soa))
			return false;
	}
	/* RFC 1034 4.3.2 3a: somebody has to go on at the end of the chain */
	t->open = !t->found && !soa && t->chain && rcode == GYL_DNS_NOERROR;
	if (!t->open)
		keep_proof(t, !t->found);
	if (!soa && !t->open)
		t->ttl_s = 0;
	return !t->full;
}

static uint8_t flags_of(const struct taking *t)
{
	bool ad = (t->m->header.flags & GYL_DNS_AD) != 0;

	return (uint8_t)((ad ? GYL_DNS_ENTRY_AD : 0) | (t->open ? GYL_DNS_ENTRY_OPEN : 0) |
			 (t->chain ? GYL_DNS_ENTRY_CHAIN : 0) |
			 (t->private ? GYL_DNS_ENTRY_PRIVATE : 0));
}

static void put(
	struct gyl_dns *d, struct gyl_now now, const struct taking *t, uint16_t rcode, size_t len)
{
	struct gyl__dns_forward *fw = &d->forward;
	size_t base = (size_t)GYL_DNS_HEADER_LEN + t->a->name_len + 4;
	bool absent = rcode == GYL_DNS_NXDOMAIN && !t->chain && !t->found;
	struct gyl_dns_entry e = {
		.flags = flags_of(t),
		.variant = t->a->variant,
		.name_len = t->a->name_len,
		.born_ns = now.mono_ns,
		.ttl_s = t->ttl_s,
		.qtype = absent ? 0 : t->a->qtype,
		.rcode = t->found ? GYL_DNS_NOERROR : rcode,
		.answer_cnt = t->answer_cnt,
		.authority_cnt = t->authority_cnt,
		.wire_len = (uint16_t)(len - base),
		.upstream = t->by->upstream,
		.tenure = t->by->tenure,
	};
	struct gyl_dns_entry *other;

	if (t->rebound) {
		e.ede = GYL_DNS_EDE_BLOCKED + 1;
		e.ttl_s = e.ttl_s < REBOUND_S ? e.ttl_s : REBOUND_S;
	}
	/* one of the two is true: that the name exists, or that it does not */
	other = gyl_dns_cache_find(&fw->cache, t->a->name, t->a->name_len,
		gyl_dns_cache_hash(&fw->cache, t->a->name, t->a->name_len),
		absent ? t->a->qtype : 0, t->a->variant);
	if (other != NULL)
		gyl_dns_cache_remove(&fw->cache, other);
	(void)gyl_dns_cache_put(&fw->cache, &e, t->a->name, fw->msg + base);
}

bool gyl__dns_take(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_ask *a,
	const struct gyl__dns_attempt *by, const struct gyl_dns_msg *m)
{
	struct taking t = {.data = &d->data, .fw = &d->forward, .a = a, .by = by, .m = m};
	uint16_t rcode = (uint16_t)gyl_dns_rcode(m->header.flags, &m->edns);
	size_t len;

	if ((unsigned)m->header.cnt[GYL_DNS_ANSWER] + m->header.cnt[GYL_DNS_AUTHORITY] > RR_MAX)
		return false;
	memcpy(t.end, a->name, a->name_len);
	t.ttl_s = (uint32_t)(d->forward.max_ttl_ns / GYL_NS_PER_S);
	gyl_dns_begin(&t.w, d->forward.msg, GYL_DNS_MSG_MAX, 0, 0, 0);
	gyl_dns_put_question(&t.w, a->name, a->qtype, GYL_DNS_CLASS_IN);
	if (!rewrite(&t, rcode) || gyl_failed(gyl_dns_end(&t.w, &len)))
		return false;
	put(d, now, &t, rcode, len);
	return true;
}

void gyl__dns_take_failure(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_ask *a,
	uint16_t ede, bool answered)
{
	struct gyl_dns_cache *c = &d->forward.cache;
	const struct gyl__dns_attempt *last = &a->attempt[a->last];
	uint32_t hash = gyl_dns_cache_hash(c, a->name, a->name_len);
	struct gyl_dns_entry *old =
		gyl_dns_cache_find(c, a->name, a->name_len, hash, a->qtype, a->variant);
	struct gyl_dns_entry *absent =
		gyl_dns_cache_find(c, a->name, a->name_len, hash, 0, a->variant);
	struct gyl_dns_entry e = {.variant = a->variant,
		.name_len = a->name_len,
		.born_ns = now.mono_ns,
		.qtype = a->qtype,
		.rcode = GYL_DNS_SERVFAIL,
		.ede = ede,
		.ttl_s = answered ? FAILURE_S : 1,
		.upstream = a->send_cnt == 0 ? GYL_DNS_UPSTREAM_NONE : last->upstream,
		.tenure = last->tenure};

	if (absent != NULL)
		absent->hold_ns = now.mono_ns + recheck_ns;
	if (old != NULL && old->rcode != GYL_DNS_SERVFAIL && old->ttl_s != 0)
		old->hold_ns = now.mono_ns + recheck_ns;
	if (absent != NULL || (old != NULL && old->hold_ns > now.mono_ns))
		return;
	if (old != NULL && old->rcode == GYL_DNS_SERVFAIL)
		e.fail_cnt = (uint16_t)(old->fail_cnt + (old->fail_cnt < 6));
	e.ttl_s <<= e.fail_cnt;
	if (e.ttl_s > (answered ? FAILURE_MAX_S : UNREACHABLE_MAX_S))
		e.ttl_s = answered ? FAILURE_MAX_S : UNREACHABLE_MAX_S;
	(void)gyl_dns_cache_put(c, &e, a->name, a->name);
}
