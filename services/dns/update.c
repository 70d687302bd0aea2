/* SPDX-License-Identifier: ISC */
#include "services/dns/update.h"

#include <gyl/dns_rdata.h>

#include "services/dns/answer.h"
#include "services/dns/live_own.h"

enum {
	TYPE_WKS = 11,
	TYPE_META_FIRST = 128 /* RFC 6895 3.1: 128 to 255 are no types of data */
};

/* The message while it is worked on. */
struct work {
	struct gyl_dns_update *u;
	struct gyl_dns_msg m;
	uint8_t name[GYL_DNS_NAME_MAX]; /* folded, of the record at hand */
};

/* RFC 6895 3.1: no type of data. */
static bool is_meta(uint16_t type)
{
	return type == 0 || type == GYL_DNS_TYPE_OPT ||
	       (type >= TYPE_META_FIRST && type <= GYL_DNS_TYPE_ANY);
}

static uint16_t refuse(struct work *w, uint16_t rcode, uint16_t ede, const char *why)
{
	w->u->ede = (uint16_t)(ede + 1);
	w->u->why = why;
	return rcode;
}

static uint16_t broken(struct work *w, const char *why)
{
	w->u->why = why;
	return GYL_DNS_FORMERR;
}

/* RFC 2136 3.1.1: one zone, asked for by its SOA. */
static uint16_t find_zone(struct work *w)
{
	struct gyl_dns_question q;
	struct gyl_dns_cursor cur;
	struct gyl_dns_found f;
	struct gyl_dns_key k;
	uint8_t name[GYL_DNS_NAME_MAX];

	gyl_dns_question_init(&cur, &w->m);
	if (w->m.header.cnt[GYL_DNS_QUESTION] != 1 || !gyl_dns_question_next(&cur, &q) ||
		q.qtype != GYL_DNS_TYPE_SOA)
		return broken(w, "no zone");
	gyl_dns_key_init(&k, name, gyl_dns_name_get(w->m.raw, q.name_off, name));
	if (q.qclass != GYL_DNS_CLASS_IN)
		return refuse(w, GYL_DNS_NOTAUTH, GYL_DNS_EDE_NOT_AUTHORITATIVE, "class");
	w->u->z = gyl_dns_live_named(w->u->all, k.name, k.len);
	if (w->u->z != NULL)
		return GYL_DNS_NOERROR;
	gyl_dns_find(w->u->data, &k, &f);
	if (f.kind == GYL_DNS_OUTSIDE || f.apex_len != k.len)
		return refuse(w, GYL_DNS_NOTAUTH, GYL_DNS_EDE_NOT_AUTHORITATIVE, "no zone of ours");
	return refuse(w, GYL_DNS_REFUSED, GYL_DNS_EDE_PROHIBITED, "the zone is not to be changed");
}

static struct gyl_ref grants_of(const struct gyl_dns_update *u)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(u->flat, u->conf->zones);

	for (uint32_t i = 0; i < u->conf->zones.cnt; i++)
		if (gyl_dns_name_eq(gyl_flat_view(u->flat, zone[i].name).p, u->z->apex))
			return zone[i].update;
	return (struct gyl_ref){0, 0};
}

static uint16_t check_who(struct work *w)
{
	if (w->u->key == NULL)
		return refuse(w, GYL_DNS_REFUSED, GYL_DNS_EDE_PROHIBITED, "not signed");
	if (!gyl_dns_granted_any(w->u->flat, grants_of(w->u), w->u->key))
		return refuse(w, GYL_DNS_REFUSED, GYL_DNS_EDE_PROHIBITED,
			"the key may not change the zone");
	if (w->u->z->im == NULL)
		return refuse(w, GYL_DNS_REFUSED, GYL_DNS_EDE_NOT_SUPPORTED, "the zone is signed");
	return GYL_DNS_NOERROR;
}

/* The owner of a record, folded. False: it is not in the zone. */
static bool name_get(struct work *w, const struct gyl_dns_rr *rr)
{
	size_t len = gyl_dns_name_get(w->m.raw, rr->name_off, w->name);

	gyl_dns_name_fold(w->name, w->name, len);
	return gyl_dns_name_is_under(w->name, w->u->z->apex);
}

static struct gyl_view rdata_get(struct work *w, const struct gyl_dns_rr *rr)
{
	struct gyl_writer wr;

	gyl_writer_init(&wr, w->u->all->scratch->rdata, sizeof w->u->all->scratch->rdata);
	gyl_dns_rdata_expand(&wr, w->m.raw, rr);
	return gyl_writer_view(&wr);
}

/* --- prerequisites, RFC 2136 3.2 --- */

static const struct gyl_dns_node *node_of(const struct work *w)
{
	return gyl_dns_live_node(w->u->z, w->name, gyl_dns_name_len(w->name));
}

/* What a lease makes of the name: 0, A or PTR. */
static uint16_t lease_type(const struct work *w)
{
	struct gyl_dns_found f;
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, w->name, gyl_dns_name_len(w->name));
	gyl_dns_find(w->u->data, &k, &f);
	if (f.kind != GYL_DNS_LEASE)
		return 0;
	return f.ptr ? GYL_DNS_TYPE_PTR : GYL_DNS_TYPE_A;
}

/* RFC 2136 2.4.4: it has a record at least; an empty non-terminal is not in use. */
static bool in_use(const struct work *w, uint16_t type)
{
	const struct gyl_dns_node *n = node_of(w);
	uint16_t leased = lease_type(w);

	if (leased != 0 && (type == GYL_DNS_TYPE_ANY || type == leased))
		return true;
	if (n == NULL || n->rrset_cnt == 0)
		return false;
	return type == GYL_DNS_TYPE_ANY || gyl_dns_node_rrset(n, type) != NULL;
}

static uint16_t check_used(struct work *w, const struct gyl_dns_rr *rr)
{
	bool used = in_use(w, rr->type), wanted = rr->rrclass == GYL_DNS_CLASS_ANY;

	if (rr->rdata.len != 0)
		return broken(w, "a prerequisite with data");
	if (used == wanted)
		return GYL_DNS_NOERROR;
	w->u->why = "prerequisite";
	if (rr->type == GYL_DNS_TYPE_ANY)
		return wanted ? GYL_DNS_NXDOMAIN : GYL_DNS_YXDOMAIN;
	return wanted ? GYL_DNS_NXRRSET : GYL_DNS_YXRRSET;
}

/* RFC 2136 3.2.3: how many records of one RRset the message names that are not its like before. */
static uint32_t count_like(const struct work *w, const struct gyl_dns_rr *like)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	uint8_t name[GYL_DNS_NAME_MAX];
	uint32_t cnt = 0;

	for (gyl_dns_rr_init(&cur, &w->m, GYL_DNS_ANSWER); gyl_dns_rr_next(&cur, &rr);) {
		if (rr.type != like->type || rr.rrclass != GYL_DNS_CLASS_IN)
			continue;
		gyl_dns_name_get(w->m.raw, rr.name_off, name);
		cnt += gyl_dns_name_eq(name, w->name);
	}
	return cnt;
}

/* Value dependent: each is there, and there are no others. */
static uint16_t check_value(struct work *w, const struct gyl_dns_rr *rr)
{
	const struct gyl_dns_content *c = gyl_dns_edit_open(&w->u->edit, w->name);
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < c->cnt; i++)
		cnt += c->rec[i].type == rr->type;
	if (gyl_dns_content_find(c, rr->type, rdata_get(w, rr)) != GYL_DNS_NO_REC &&
		cnt == count_like(w, rr))
		return GYL_DNS_NOERROR;
	w->u->why = "prerequisite";
	return GYL_DNS_NXRRSET;
}

static uint16_t check_one(struct work *w, const struct gyl_dns_rr *rr)
{
	if (rr->ttl != 0)
		return broken(w, "a prerequisite with a TTL");
	if (!name_get(w, rr)) {
		w->u->why = "a name outside of the zone";
		return GYL_DNS_NOTZONE;
	}
	if (rr->rrclass == GYL_DNS_CLASS_ANY || rr->rrclass == GYL_DNS_CLASS_NONE)
		return check_used(w, rr);
	if (rr->rrclass != GYL_DNS_CLASS_IN || is_meta(rr->type))
		return broken(w, "the class or type of a prerequisite");
	return check_value(w, rr);
}

static uint16_t for_each(struct work *w, enum gyl_dns_section section,
	uint16_t (*fn)(struct work *w, const struct gyl_dns_rr *rr))
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	uint16_t rcode = GYL_DNS_NOERROR;

	gyl_dns_rr_init(&cur, &w->m, section);
	while (rcode == GYL_DNS_NOERROR && gyl_dns_rr_next(&cur, &rr))
		rcode = fn(w, &rr);
	return rcode;
}

/* --- prescan, RFC 2136 3.4.1, and permissions, 3.3 --- */

static uint16_t scan_one(struct work *w, const struct gyl_dns_rr *rr)
{
	bool any = rr->type == GYL_DNS_TYPE_ANY, bad;

	if (!name_get(w, rr)) {
		w->u->why = "a name outside of the zone";
		return GYL_DNS_NOTZONE;
	}
	switch (rr->rrclass) {
	case GYL_DNS_CLASS_IN:
		bad = is_meta(rr->type);
		break;
	case GYL_DNS_CLASS_ANY:
		bad = rr->ttl != 0 || rr->rdata.len != 0 || (is_meta(rr->type) && !any);
		break;
	case GYL_DNS_CLASS_NONE:
		bad = rr->ttl != 0 || is_meta(rr->type);
		break;
	default:
		bad = true;
		break;
	}
	return bad ? broken(w, "a change that makes no sense") : GYL_DNS_NOERROR;
}

/* Records that come with signatures: nobody here can make those. */
static bool is_of_signing(uint16_t type)
{
	return type == GYL_DNS_TYPE_RRSIG || type == GYL_DNS_TYPE_NSEC ||
	       type == GYL_DNS_TYPE_NSEC3 || type == GYL_DNS_TYPE_NSEC3PARAM;
}

static uint16_t permit_one(struct work *w, const struct gyl_dns_rr *rr)
{
	(void)name_get(w, rr);
	if (!gyl_dns_granted(w->u->flat, grants_of(w->u), w->u->key, w->name, rr->type))
		return refuse(w, GYL_DNS_REFUSED, GYL_DNS_EDE_PROHIBITED,
			"the key may not change that name or type");
	if (is_of_signing(rr->type))
		return refuse(
			w, GYL_DNS_REFUSED, GYL_DNS_EDE_NOT_SUPPORTED, "a type of signed zones");
	if (rr->rrclass == GYL_DNS_CLASS_IN && rdata_get(w, rr).len > GYL_DNS_LIVE_RDATA_MAX)
		return refuse(w, GYL_DNS_REFUSED, GYL_DNS_EDE_NOT_SUPPORTED, "a record too long");
	return GYL_DNS_NOERROR;
}

/* --- the changes, RFC 2136 3.4.2 --- */

static bool at_apex(const struct work *w)
{
	return gyl_dns_name_eq(w->name, w->u->z->apex);
}

static uint32_t first_of(const struct gyl_dns_content *c, uint16_t type)
{
	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type == type)
			return i;
	return GYL_DNS_NO_REC;
}

static uint32_t cnt_of(const struct gyl_dns_content *c, uint16_t type)
{
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < c->cnt; i++)
		cnt += c->rec[i].type == type;
	return cnt;
}

/* RFC 2136 3.4.2.2: a CNAME and anything else do not meet, and it is the newcomer that stays
 * outside. RFC 4034, RFC 3007 3.1.1: KEY may. */
static bool clashes(const struct gyl_dns_content *c, uint16_t type)
{
	for (uint32_t i = 0; i < c->cnt; i++) {
		uint16_t there = c->rec[i].type;

		if (type == GYL_DNS_TYPE_CNAME && there != type && there != GYL_DNS_TYPE_KEY)
			return true;
		if (there == GYL_DNS_TYPE_CNAME && type != there && type != GYL_DNS_TYPE_KEY)
			return true;
	}
	return false;
}

static uint32_t serial_of(struct gyl_view soa)
{
	return gyl_get_u32(soa.p + soa.len - 20);
}

/* A SOA belongs to the apex, and its serial goes forward only. */
static bool soa_is_good(const struct work *w, const struct gyl_dns_content *c, struct gyl_view soa)
{
	uint32_t i = first_of(c, GYL_DNS_TYPE_SOA);

	return at_apex(w) && i != GYL_DNS_NO_REC &&
	       gyl_dns_serial_after(serial_of(soa), serial_of(c->rec[i].rdata));
}

/* Of the record's type there is one at most, or one with the same address and protocol. */
static uint32_t replaced_by(const struct gyl_dns_content *c, const struct gyl_dns_rec *r)
{
	if (r->type == GYL_DNS_TYPE_CNAME || r->type == GYL_DNS_TYPE_SOA ||
		r->type == GYL_DNS_TYPE_DNAME)
		return first_of(c, r->type);
	for (uint32_t i = 0; r->type == TYPE_WKS && i < c->cnt; i++)
		if (c->rec[i].type == r->type && r->rdata.len >= 5 && c->rec[i].rdata.len >= 5 &&
			memcmp(c->rec[i].rdata.p, r->rdata.p, 5) == 0)
			return i;
	return gyl_dns_content_find(c, r->type, r->rdata);
}

/* The list has the record, and its TTL counts for all of its type. False: it is full. */
static bool add(struct gyl_dns_content *c, const struct gyl_dns_rec *r)
{
	uint32_t i = replaced_by(c, r);

	if (i != GYL_DNS_NO_REC)
		gyl_dns_content_remove(c, i);
	if (!gyl_dns_content_add(c, r))
		return false;
	for (i = 0; i < c->cnt; i++)
		if (c->rec[i].type == r->type)
			c->rec[i].ttl = r->ttl;
	return true;
}

static void remove_types(const struct work *w, struct gyl_dns_content *c, uint16_t type)
{
	for (uint32_t i = c->cnt; i-- != 0;) {
		uint16_t there = c->rec[i].type;

		/* RFC 2136 3.4.2.3: the apex keeps what makes it one */
		if (at_apex(w) && (there == GYL_DNS_TYPE_SOA || there == GYL_DNS_TYPE_NS))
			continue;
		if (type == GYL_DNS_TYPE_ANY || there == type)
			gyl_dns_content_remove(c, i);
	}
}

static void remove_one(
	const struct work *w, struct gyl_dns_content *c, uint16_t type, struct gyl_view rdata)
{
	uint32_t i = gyl_dns_content_find(c, type, rdata);

	/* RFC 2136 3.4.2.4: neither the SOA nor the last server */
	if (i == GYL_DNS_NO_REC || type == GYL_DNS_TYPE_SOA ||
		(type == GYL_DNS_TYPE_NS && at_apex(w) && cnt_of(c, type) == 1))
		return;
	gyl_dns_content_remove(c, i);
}

static uint16_t change_one(struct work *w, const struct gyl_dns_rr *rr)
{
	struct gyl_dns_content *c;
	struct gyl_dns_rec r = {rr->type, rr->ttl > INT32_MAX ? 0 : rr->ttl, {NULL, 0}};
	bool fits = true;

	(void)name_get(w, rr);
	c = gyl_dns_edit_open(&w->u->edit, w->name);
	r.rdata = rdata_get(w, rr);
	if (rr->rrclass == GYL_DNS_CLASS_ANY) {
		remove_types(w, c, rr->type);
	} else if (rr->rrclass == GYL_DNS_CLASS_NONE) {
		remove_one(w, c, rr->type, r.rdata);
	} else {
		if (clashes(c, rr->type) ||
			(rr->type == GYL_DNS_TYPE_SOA && !soa_is_good(w, c, r.rdata)))
			return GYL_DNS_NOERROR;
		fits = add(c, &r);
	}
	if (fits && gyl_dns_edit_put(&w->u->edit, w->name))
		return GYL_DNS_NOERROR;
	return refuse(w, GYL_DNS_SERVFAIL, GYL_DNS_EDE_OTHER,
		"no room, or too many names in one message");
}

/* RFC 2136 3.6: the serial moves, unless the message has moved it. */
static uint16_t move_serial(struct work *w, uint32_t before)
{
	struct gyl_dns_update *u = w->u;

	/* names of leases may have moved it further than the zone itself says */
	if (gyl_dns_serial_after(u->edit.b->serial, before))
		before = u->edit.b->serial;
	u->serial = gyl_dns_live_serial(u->z);
	if (gyl_dns_serial_after(u->serial, before))
		return GYL_DNS_NOERROR;
	u->serial = gyl_dns_serial_next(before);
	if (gyl_dns_edit_serial(&u->edit, u->serial))
		return GYL_DNS_NOERROR;
	return refuse(w, GYL_DNS_SERVFAIL, GYL_DNS_EDE_OTHER, "no room");
}

static uint16_t change_all(struct work *w)
{
	uint32_t before = gyl_dns_live_serial(w->u->z);
	uint16_t rcode = for_each(w, GYL_DNS_AUTHORITY, change_one);

	if (rcode == GYL_DNS_NOERROR && gyl_dns_edit_any(&w->u->edit))
		rcode = move_serial(w, before);
	if (rcode != GYL_DNS_NOERROR)
		gyl_dns_edit_undo(&w->u->edit);
	return rcode;
}

static uint16_t run(struct work *w)
{
	struct gyl_dns_update *u = w->u;
	uint16_t rcode = find_zone(w);

	if (rcode == GYL_DNS_NOERROR)
		rcode = check_who(w);
	if (rcode != GYL_DNS_NOERROR)
		return rcode;
	if (!gyl_dns_edit_begin(&u->edit, u->all, u->ledger, u->z, false))
		return refuse(w, GYL_DNS_SERVFAIL, GYL_DNS_EDE_OTHER, "too many zones change");
	rcode = for_each(w, GYL_DNS_ANSWER, check_one);
	if (rcode == GYL_DNS_NOERROR)
		rcode = for_each(w, GYL_DNS_AUTHORITY, scan_one);
	if (rcode == GYL_DNS_NOERROR)
		rcode = for_each(w, GYL_DNS_AUTHORITY, permit_one);
	return rcode == GYL_DNS_NOERROR ? change_all(w) : rcode;
}

uint16_t gyl_dns_update(struct gyl_dns_update *u, struct gyl_view msg)
{
	struct work w;

	w.u = u;
	u->z = NULL;
	u->ede = 0;
	u->why = "";
	u->edit.added_cnt = u->edit.removed_cnt = u->edit.name_cnt = 0;
	if (gyl_failed(gyl_dns_decode(msg, &w.m)))
		return broken(&w, "unreadable");
	return run(&w);
}
