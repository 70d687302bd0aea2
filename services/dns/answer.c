/* SPDX-License-Identifier: ISC */
#include "services/dns/answer_own.h"

#include <gyl/time.h>

#include "services/dns/trace.h"

void gyl__dns_put_negative(struct gyl_dns_reply *r, const struct gyl_dns_found *f,
	const struct gyl_dns_key *k, struct gyl_dns_at name)
{
	const struct gyl_dns_node *apex;
	struct gyl_dns_at owner;
	size_t pos;

	if (f->zone == NULL) {
		gyl__dns_put_local_soa(r, GYL_DNS_AUTHORITY, name, f->apex_len);
		return;
	}
	apex = gyl_dns_image_node(f->image, f->zone->apex_off);
	owner.pos = gyl__dns_suffix_pos(r, name, f->apex_len);
	owner.len = f->apex_len;
	gyl__dns_put_set(r, GYL_DNS_AUTHORITY, gyl_dns_image_soa(f->image, f->zone), owner,
		apex->name_len, &pos);
	gyl__dns_prove(r, f, k, name, false);
}

/* RFC 1034 4.3.2 3b: the servers of the zone below, and what is needed to reach them. */
static void put_referral(struct gyl_dns_reply *r, const struct gyl_dns_found *f,
	const struct gyl_dns_key *k, struct gyl_dns_at name)
{
	const struct gyl_dns_node *cut = f->node;
	const struct gyl_dns_rrset *ns = gyl_dns_node_rrset(cut, GYL_DNS_TYPE_NS), *ds;
	struct gyl_dns_at owner = {gyl__dns_suffix_pos(r, name, cut->name_len), cut->name_len};
	size_t pos, ds_pos;

	r->rule = "delegation";
	if (!gyl__dns_put_set(r, GYL_DNS_AUTHORITY, ns, owner, cut->name_len, &pos))
		return;
	ds = r->q.edns.dnssec_ok ? gyl_dns_node_rrset(cut, GYL_DNS_TYPE_DS) : NULL;
	if (ds != NULL &&
		!gyl__dns_put_set(r, GYL_DNS_AUTHORITY, ds, owner, cut->name_len, &ds_pos))
		return;
	if (ds == NULL) /* RFC 4035 3.1.4, RFC 5155 7.2.7 */
		gyl__dns_prove(r, f, k, name, false);
	r->extra = ns;
	r->extra_image = f->image;
	r->extra_pos = pos;
}

/* What of a node answers the question. ANY gets one RRset, whichever is first (RFC 8482 4.1). */
static const struct gyl_dns_rrset *pick(const struct gyl_dns_node *n, uint16_t qtype)
{
	if (qtype == GYL_DNS_TYPE_ANY)
		return n->rrset_cnt == 0 ? NULL : gyl_dns_node_first(n);
	return gyl_dns_node_rrset(n, qtype);
}

/* Has the chain been at this name before? RFC 1034 3.6.2: loops are to be noticed. */
static bool seen_before(const struct gyl_dns_reply *r, const struct gyl_dns_at *been, unsigned cnt,
	const struct gyl_dns_key *k)
{
	struct gyl_view msg = gyl_view(r->p, r->len);

	for (unsigned i = 0; i < cnt; i++) {
		uint8_t name[GYL_DNS_NAME_MAX];

		if (been[i].len != k->len)
			continue;
		gyl_dns_name_get(msg, been[i].pos, name);
		if (gyl_dns_name_eq(name, k->name))
			return true;
	}
	return false;
}

void gyl__dns_go_on(
	const struct gyl_dns_reply *r, size_t pos, struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	uint8_t target[GYL_DNS_NAME_MAX];

	name->pos = pos;
	name->len = gyl_dns_name_get(gyl_view(r->p, r->len), pos, target);
	gyl_dns_key_init(k, target, name->len);
}

/* A wildcard's records need a proof that nothing is nearer to the name. */
static void prove_expansion(struct gyl_dns_reply *r, const struct gyl_dns_found *f,
	const struct gyl_dns_key *k, struct gyl_dns_at name)
{
	if (f->kind == GYL_DNS_WILDCARD)
		gyl__dns_prove(r, f, k, name, true);
}

/* A node with records: those of the type, or the CNAME, or none. True when the chain goes on. */
static bool put_data(struct gyl_dns_reply *r, const struct gyl_dns_found *f, struct gyl_dns_key *k,
	struct gyl_dns_at *name)
{
	const struct gyl_dns_node *n = f->node;
	const struct gyl_dns_rrset *s = pick(n, r->q.qtype);
	/* a wildcard's records belong to the name asked for, whose length is not that of the node
	 */
	size_t node_len = n->name_len, pos;

	if (f->kind == GYL_DNS_WILDCARD)
		node_len = SIZE_MAX;
	r->rule = f->kind == GYL_DNS_WILDCARD ? "wildcard" : "zone";
	if (r->q.qtype == GYL_DNS_TYPE_RRSIG && gyl__dns_put_sigs(r, n, *name)) {
		prove_expansion(r, f, k, *name);
		return false;
	}
	if (s != NULL) {
		if (!gyl__dns_put_set(r, GYL_DNS_ANSWER, s, *name, node_len, &pos))
			return false;
		prove_expansion(r, f, k, *name);
		if (s->extra_cnt != 0) {
			r->extra = s;
			r->extra_image = f->image;
			r->extra_pos = pos;
		}
		return false;
	}
	s = gyl_dns_node_rrset(n, GYL_DNS_TYPE_CNAME);
	if (s == NULL) {
		gyl__dns_put_negative(r, f, k, *name);
		return false;
	}
	if (!gyl__dns_put_set(r, GYL_DNS_ANSWER, s, *name, node_len, &pos))
		return false;
	prove_expansion(r, f, k, *name);
	gyl__dns_go_on(r, pos + 12, k, name);
	return true;
}

/* A chain may come by the same DNAME again: once is enough (RFC 2181 5). */
static bool put_dname(struct gyl_dns_reply *r, const struct gyl_dns_node *n,
	const struct gyl_dns_rrset *s, struct gyl_dns_at name)
{
	struct gyl_dns_at owner = {gyl__dns_suffix_pos(r, name, n->name_len), n->name_len};
	size_t pos;

	for (unsigned i = 0; i < r->dname_cnt; i++)
		if (r->dname[i] == n)
			return true;
	r->dname[r->dname_cnt++] = n;
	return gyl__dns_put_set(r, GYL_DNS_ANSWER, s, owner, n->name_len, &pos);
}

/* RFC 6672 3.2: the DNAME, and the CNAME that it means for this name. True when the chain goes on.
 */
static bool put_redirect(struct gyl_dns_reply *r, const struct gyl_dns_found *f,
	struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	const struct gyl_dns_rrset *s = gyl_dns_node_rrset(f->node, GYL_DNS_TYPE_DNAME);
	const uint8_t *rr = gyl_dns_rrset_wire(s);
	size_t head_len = name->len - f->node->name_len, len;
	uint8_t target[GYL_DNS_NAME_MAX], own[GYL_DNS_NAME_MAX], *rdata;

	r->rule = "DNAME";
	if (!put_dname(r, f->node, s, *name))
		return false;
	/* the labels in front keep the case of the question */
	gyl_dns_name_get(gyl_view(r->p, r->len), name->pos, own);
	if (gyl_failed(gyl_dns_name_concat(own, head_len, rr + 12, target, &len))) {
		r->rcode = GYL_DNS_YXDOMAIN;
		return false;
	}
	rdata = gyl__dns_put_rr(
		r, GYL_DNS_ANSWER, name->pos, GYL_DNS_TYPE_CNAME, gyl_get_u32(rr + 6), len);
	if (rdata == NULL)
		return false;
	memcpy(rdata, target, len);
	if (r->q.qtype == GYL_DNS_TYPE_CNAME || r->q.qtype == GYL_DNS_TYPE_ANY)
		return false;
	gyl__dns_go_on(r, (size_t)(rdata - r->p), k, name);
	return true;
}

static void put_lease(struct gyl_dns_reply *r, const struct gyl_dns_found *f,
	const struct gyl_dns_key *k, struct gyl_dns_at name)
{
	uint16_t type = f->ptr ? GYL_DNS_TYPE_PTR : GYL_DNS_TYPE_A;

	r->rule = "lease";
	if (r->q.qtype == type || r->q.qtype == GYL_DNS_TYPE_ANY)
		gyl__dns_put_lease(r, f, name);
	else
		gyl__dns_put_negative(r, f, k, name);
}

static void put_none(struct gyl_dns_reply *r, const struct gyl_dns_found *f,
	const struct gyl_dns_key *k, struct gyl_dns_at name)
{
	r->rule = "no data";
	if (f->kind == GYL_DNS_MISSING) {
		r->rcode = GYL_DNS_NXDOMAIN;
		r->rule = "no such name";
	}
	gyl__dns_put_negative(r, f, k, name);
}

/* One name of the chain. True when another one follows. */
static bool put_step(struct gyl_dns_reply *r, const struct gyl_dns_found *f, bool first,
	struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	switch (f->kind) {
	case GYL_DNS_DATA:
	case GYL_DNS_WILDCARD:
		return put_data(r, f, k, name);
	case GYL_DNS_REDIRECT:
		return put_redirect(r, f, k, name);
	case GYL_DNS_CUT:
		put_referral(r, f, k, *name);
		return false;
	case GYL_DNS_LEASE:
		put_lease(r, f, k, *name);
		return false;
	case GYL_DNS_LOCAL:
		r->rule = "local zone";
		gyl__dns_put_local(r, *name);
		return false;
	case GYL_DNS_OUTSIDE:
		return gyl__dns_put_outside(r, f, first, k, name);
	case GYL_DNS_HOLE:
		return gyl__dns_put_hole(r, f, first, k, name);
	case GYL_DNS_ELSEWHERE:
		r->verdict->elsewhere = true;
		return false;
	default:
		put_none(r, f, k, *name);
		return false;
	}
}

/* What an attacker can make answer again and again: a node, which a wildcard is for all names below
 * it, a lease, the zone that has no such name, or a name of others. */
static uint32_t subject(const struct gyl_dns_found *f, const struct gyl_dns_key *k)
{
	if (f->kind == GYL_DNS_OUTSIDE)
		return (uint32_t)k->hash;
	if (f->node != NULL)
		return (uint32_t)((uintptr_t)f->node >> 2);
	if (f->lease != NULL)
		return f->lease->ip;
	return f->zone != NULL ? f->zone->apex_off : (uint32_t)f->apex_len;
}

static void refuse(struct gyl_dns_reply *r, uint16_t rcode, uint16_t ede)
{
	r->rcode = rcode;
	r->ede = (uint16_t)(ede + 1);
}

void gyl__dns_set_aa(struct gyl_dns_reply *r, bool first)
{
	/* RFC 1035 4.1.1: AA is about the first name */
	if (first && r->q.qclass == GYL_DNS_CLASS_IN)
		r->flags |= GYL_DNS_AA;
	r->flags &= (uint16_t)~GYL_DNS_AD; /* nobody has validated what is ours */
}

static void note_zone(struct gyl_dns_verdict *v, const struct gyl_dns_found *f)
{
	const struct gyl_dns_node *apex;

	v->kind = (uint8_t)f->kind;
	if (f->zone == NULL)
		return;
	apex = gyl_dns_image_node(f->image, f->zone->apex_off);
	v->zone = apex->name;
	v->zone_len = apex->name_len;
}

static void note_step(
	struct gyl_dns_trace *t, const struct gyl_dns_key *k, const struct gyl_dns_found *f)
{
	t->step[t->cnt].key = *k;
	t->step[t->cnt++].found = *f;
}

void gyl__dns_decide(
	const struct gyl_dns_reply *r, const struct gyl_dns_key *k, struct gyl_dns_found *ret_found)
{
	gyl_dns_find(r->data, k, ret_found);
	if (r->q.qtype == GYL_DNS_TYPE_DS)
		gyl_dns_find_ds(r->data, k, ret_found);
}

static void follow_chain(struct gyl_dns_reply *r)
{
	struct gyl_dns_at been[GYL_DNS_CHAIN_MAX], name = {GYL_DNS_HEADER_LEN, r->q.qname.len};
	struct gyl_dns_key own, *k = r->from->key;
	struct gyl_dns_found f;

	if (k == NULL) {
		k = &own;
		gyl_dns_key_init(k, r->q.qname.p, r->q.qname.len);
	}
	for (unsigned hop = 0; hop < GYL_DNS_CHAIN_MAX; hop++) {
		gyl__dns_decide(r, k, &f);
		if (hop == 0) {
			r->subject = subject(&f, k);
			note_zone(r->verdict, &f);
		}
		if (f.kind != GYL_DNS_CUT && f.kind != GYL_DNS_OUTSIDE && f.kind != GYL_DNS_HOLE)
			gyl__dns_set_aa(r, hop == 0);
		if (r->from->trace != NULL)
			note_step(r->from->trace, k, &f);
		been[hop] = name;
		if (!put_step(r, &f, hop == 0, k, &name) || seen_before(r, been, hop + 1, k))
			return;
	}
}

/* The sections in their order: proofs and addresses stand behind the whole chain. */
static void resolve(struct gyl_dns_reply *r)
{
	follow_chain(r);
	if ((r->flags & GYL_DNS_TC) != 0 || r->verdict->elsewhere)
		return;
	gyl__dns_watch_end(r);
	gyl__dns_put_proofs(r);
	if (r->extra != NULL)
		gyl__dns_put_extra(r, r->extra_image, r->extra, r->extra_pos);
}

static void put_header(struct gyl_dns_reply *r)
{
	uint16_t copied = r->q.header.flags & (GYL_DNS_OPCODE_MASK | GYL_DNS_RD | GYL_DNS_CD);

	gyl_set_u16(r->p, r->q.header.id);
	gyl_set_u16(r->p + 2,
		(uint16_t)(GYL_DNS_QR | copied | r->flags | (r->rcode & GYL_DNS_RCODE_MASK)));
	for (unsigned i = 0; i < GYL_DNS_SECTION_CNT; i++)
		gyl_set_u16(r->p + 4 + (size_t)2 * i, r->cnt[i]);
}

/*
 * The answer that is too many for where it goes: who asked there in earnest comes by TCP, or shows
 * the cookie that it gets here (RFC 7873 5.2.3).
 */
static void hold_back(struct gyl_dns_reply *r)
{
	r->rule = "rate limit";
	if (r->wish.cookie > GYL_DNS_COOKIE_BROKEN)
		r->rcode = GYL_DNS_BADCOOKIE;
	else
		r->flags |= GYL_DNS_TC;
}

/* Who may have all of a zone gets it before it comes to this. RFC 5936 2.2.1: NOTAUTH, when it is
 * no zone of ours. */
static void refuse_transfer(struct gyl_dns_reply *r)
{
	struct gyl_dns_found f;
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, r->q.qname.p, r->q.qname.len);
	gyl_dns_find(r->data, &k, &f);
	if (f.kind == GYL_DNS_OUTSIDE || f.apex_len != r->q.qname.len)
		refuse(r, GYL_DNS_NOTAUTH, GYL_DNS_EDE_NOT_AUTHORITATIVE);
	else
		refuse(r, GYL_DNS_REFUSED, GYL_DNS_EDE_PROHIBITED);
}

/* RFC 1996 3.10, 4.7: a primary has been heard; of others nobody wants to know. */
static void notified(struct gyl_dns_reply *r)
{
	r->rule = "notify";
	if (r->from->notified)
		r->flags |= GYL_DNS_AA;
	else
		refuse(r, GYL_DNS_REFUSED, GYL_DNS_EDE_PROHIBITED);
}

/* What a readable query gets. */
static void judge(struct gyl_dns_reply *r)
{
	uint16_t qtype = r->q.qtype;
	unsigned opcode = gyl_dns_opcode(r->q.header.flags);

	if (r->q.edns.present && r->q.edns.version != 0)
		r->rcode = GYL_DNS_BADVERS; /* RFC 6891 6.1.3 */
	else if (opcode == GYL_DNS_OP_UPDATE && r->from->updater != NULL)
		r->rcode = r->from->updater->run(r->from->updater, r->q.raw,
			r->q.tsig_off != 0 ? r->sign.key->name : NULL, &r->ede, &r->rule);
	else if (opcode == GYL_DNS_OP_NOTIFY)
		notified(r);
	else if (opcode != GYL_DNS_OP_QUERY)
		refuse(r, GYL_DNS_NOTIMP, GYL_DNS_EDE_NOT_SUPPORTED);
	else if (qtype == GYL_DNS_TYPE_AXFR || qtype == GYL_DNS_TYPE_IXFR)
		refuse_transfer(r);
	else if (qtype == 0 || qtype == GYL_DNS_TYPE_OPT || qtype == GYL_DNS_TYPE_TSIG)
		r->rcode = GYL_DNS_FORMERR;
	else if (r->q.qclass == GYL_DNS_CLASS_CH)
		gyl__dns_put_chaos(r);
	else if (r->q.qclass == GYL_DNS_CLASS_IN || r->q.qclass == GYL_DNS_CLASS_ANY)
		resolve(r);
	else
		refuse(r, GYL_DNS_REFUSED, GYL_DNS_EDE_NOT_AUTHORITATIVE);
}

/* Octets that the answer may have: what the client takes, what we send, what the buffer holds. */
static size_t size_limit(const struct gyl_dns_reply *r, size_t cap)
{
	size_t size = GYL_DNS_UDP_MAX;

	if (r->from->tcp)
		return cap < GYL_DNS_MSG_MAX ? cap : GYL_DNS_MSG_MAX;
	if (r->q.edns.present && r->q.edns.udp_size > size)
		size = r->q.edns.udp_size;
	if (size > r->policy->udp_size)
		size = r->policy->udp_size;
	return size < cap ? size : cap;
}

static void answer_query(struct gyl_dns_reply *r, struct gyl_view msg, size_t cap)
{
	size_t question_len = r->q.question_end - (size_t)GYL_DNS_HEADER_LEN;
	uint16_t rcode = GYL_DNS_NOERROR;

	r->limit = size_limit(r, cap);
	if (r->q.edns.present) {
		gyl__dns_opt_read(r);
		r->limit -= gyl__dns_opt_room(r);
	}
	memcpy(r->p + GYL_DNS_HEADER_LEN, r->q.qname.p, question_len);
	r->len = r->q.question_end;
	r->cnt[GYL_DNS_QUESTION] = 1;
	if (r->q.tsig_off != 0)
		rcode = gyl__dns_tsig_begin(r, msg);
	if (r->rcode == GYL_DNS_NOERROR)
		r->rcode = rcode;
	if (r->from->limited)
		hold_back(r);
	else if (r->rcode == GYL_DNS_NOERROR)
		judge(r);
	if (r->q.edns.present)
		gyl__dns_opt_put(r);
}

/* No question could be read: the header alone says so. False when not even that is to be sent. */
static bool answer_broken(struct gyl_dns_reply *r, struct gyl_view msg)
{
	if (gyl_failed(gyl_dns_header_decode(msg, &r->q.header)) ||
		(r->q.header.flags & GYL_DNS_QR) != 0)
		return false;
	r->rcode = gyl_dns_opcode(r->q.header.flags) == GYL_DNS_OP_QUERY ? GYL_DNS_FORMERR
									 : GYL_DNS_NOTIMP;
	r->len = GYL_DNS_HEADER_LEN;
	return true;
}

/* Does it take keys, a connection, or something to write to? */
static bool takes_more(const struct gyl_dns_reply *r, struct gyl_view msg, bool readable)
{
	if (!readable)
		return msg.len >= GYL_DNS_HEADER_LEN &&
		       gyl_dns_opcode(gyl_get_u16(msg.p + 2)) != GYL_DNS_OP_QUERY;
	return r->q.tsig_off != 0 || gyl_dns_opcode(r->q.header.flags) != GYL_DNS_OP_QUERY ||
	       r->q.qtype == GYL_DNS_TYPE_AXFR || r->q.qtype == GYL_DNS_TYPE_IXFR;
}

size_t gyl_dns_answer(const struct gyl_dns_data *d, const struct gyl_dns_policy *policy,
	struct gyl_now now, const struct gyl_dns_from *from, struct gyl_view msg, uint8_t *out,
	size_t cap, struct gyl_dns_verdict *ret_verdict)
{
	struct gyl_dns_reply r;
	struct gyl_fault why;

	r.data = d;
	r.policy = policy;
	r.from = from;
	r.now = now;
	r.p = out;
	memset(r.cnt, 0, sizeof r.cnt);
	r.flags = r.rcode = r.ede = 0;
	r.subject = 0;
	r.dname_cnt = r.proof_cnt = 0;
	r.watched_len = 0;
	r.drop = false;
	r.extra = NULL;
	r.wish.cookie = GYL_DNS_COOKIE_NONE;
	r.rule = "protocol";
	r.verdict = ret_verdict;
	ret_verdict->forward = ret_verdict->refresh = ret_verdict->blocked = false;
	ret_verdict->special = ret_verdict->elsewhere = false;
	ret_verdict->kind = GYL_DNS_OUTSIDE;
	ret_verdict->zone = NULL;
	ret_verdict->took_ns = from->begun_ns == 0 ? 0 : gyl_time_sub(now.mono_ns, from->begun_ns);
	if (from->trace != NULL)
		from->trace->cnt = 0;
	ret_verdict->source = GYL_DNS_FROM_US;
	why = gyl_dns_decode_query(msg, &r.q);
	ret_verdict->readable = !gyl_failed(why);
	ret_verdict->why = why;
	if (d->part && takes_more(&r, msg, !gyl_failed(why))) {
		ret_verdict->elsewhere = true;
		return 0;
	}
	if (!gyl_failed(why))
		answer_query(&r, msg, cap);
	else if (gyl__dns_opt_alone(&r, msg, cap))
		ret_verdict->why = gyl_ok();
	else if (!answer_broken(&r, msg))
		return 0;
	if (from->recursion && d->cache != NULL)
		r.flags |= GYL_DNS_RA;
	put_header(&r);
	if (!gyl_failed(why) && r.q.tsig_off != 0)
		gyl__dns_tsig_end(&r);
	ret_verdict->rcode = r.rcode;
	ret_verdict->truncated = (r.flags & GYL_DNS_TC) != 0;
	ret_verdict->rule = r.rule;
	ret_verdict->answer_cnt = r.cnt[GYL_DNS_ANSWER];
	ret_verdict->cookie = r.wish.cookie;
	/* errors are all alike */
	ret_verdict->subject =
		r.rcode == GYL_DNS_NOERROR || r.rcode == GYL_DNS_NXDOMAIN ? r.subject : 0;
	if (!gyl_failed(why)) {
		ret_verdict->qname = r.q.qname;
		ret_verdict->qtype = r.q.qtype;
	}
	return ret_verdict->forward || ret_verdict->elsewhere || r.drop ? 0 : r.len;
}
