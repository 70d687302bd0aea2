/* SPDX-License-Identifier: ISC */

/*
 * An entry of the cache as records of an answer.
 *
 * An entry is the octets of an answer whose question has its name. Behind a question for that name
 * it is copied; elsewhere (behind a CNAME of ours, or about a name below one that does not exist)
 * its pointers are moved.
 */

#include "services/dns/answer_own.h"
#include "services/dns/cache.h"
#include "services/dns/route.h"

enum {
	RR_HEAD = 10, /* type to RDLENGTH */
	POINTER = 0xc000,
	POINTER_MAX = 0x3fff,
	STALE_TTL_S = 30 /* RFC 8767 4 */
};

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

bool gyl__dns_put_entry(
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

/* ---- chains ---- */

/*
 * Does somebody else than the group answer for that name? Ourselves, a list, the servers of another
 * domain. When nobody does, those who have brought us there are as good as any.
 */
static bool is_of_others(const struct gyl_dns_reply *r, uint16_t group, const struct gyl_dns_key *k)
{
	struct gyl_dns_found f;
	struct gyl_dns_route route;
	uint16_t own = 0;

	gyl__dns_decide(r, k, &f);
	switch (f.kind) {
	case GYL_DNS_CUT:
		return false; /* a zone of others: we only know who they are */
	case GYL_DNS_HOLE:
		return gyl__dns_hole(r->data, f.node, k, &own) != GYL_DNS_HOLE_FORWARD ||
		       own != group;
	case GYL_DNS_OUTSIDE:
		gyl__dns_route_led(r->data, r->q.qname, k, r->q.qtype, &route);
		if (route.way == GYL_DNS_WAY_FORWARD)
			return route.group != group;
		return route.way != GYL_DNS_WAY_REFUSE;
	default:
		return true;
	}
}

static bool is_signature(const struct gyl_dns_reply *r, const uint8_t *type)
{
	return type + RR_HEAD + 2 <= r->p + r->len && gyl_get_u16(type) == GYL_DNS_TYPE_RRSIG &&
	       gyl_get_u16(type + RR_HEAD) == GYL_DNS_TYPE_CNAME;
}

/* What stands behind a CNAME goes, but for its signatures. p: behind it, cnt: records so far. */
static void cut_behind(
	struct gyl_dns_reply *r, const struct gyl_dns_entry *e, uint8_t *p, unsigned cnt)
{
	for (; cnt < e->answer_cnt; cnt++) {
		uint8_t *type = skip_name(p);

		if (!is_signature(r, type))
			break;
		p = type + RR_HEAD + gyl_get_u16(type + 8);
	}
	r->len = (size_t)(p - r->p);
	r->cnt[GYL_DNS_ANSWER] = (uint16_t)(r->cnt[GYL_DNS_ANSWER] - e->answer_cnt + cnt);
	r->cnt[GYL_DNS_AUTHORITY] = (uint16_t)(r->cnt[GYL_DNS_AUTHORITY] - e->authority_cnt);
	r->rcode = GYL_DNS_NOERROR;
	r->flags &= (uint16_t)~GYL_DNS_AD;
}

bool gyl__dns_follow_entry(struct gyl_dns_reply *r, const struct gyl_dns_entry *e, uint16_t group,
	struct gyl_dns_key *k, struct gyl_dns_at *name)
{
	uint8_t *p = r->p + r->len - e->wire_len;

	for (unsigned cnt = 1; cnt <= e->answer_cnt; cnt++) {
		uint8_t *type = skip_name(p);

		p = type + RR_HEAD + gyl_get_u16(type + 8);
		if (gyl_get_u16(type) != GYL_DNS_TYPE_CNAME)
			continue;
		gyl__dns_go_on(r, (size_t)(type - r->p) + RR_HEAD, k, name);
		if (!is_of_others(r, group, k))
			continue;
		cut_behind(r, e, p, cnt);
		return true;
	}
	return (e->flags & GYL_DNS_ENTRY_OPEN) != 0;
}

/* ---- what a chain leads to ---- */

static bool any_inside(const struct gyl_dns_reply *r)
{
	const uint8_t *end = r->p + r->len;

	for (uint8_t *p = r->p + r->watched_len; p < end;) {
		uint8_t *type = skip_name(p);
		size_t len = gyl_get_u16(type + 8);

		if (gyl__dns_rebind_inside(
			    r->data, gyl_get_u16(type), gyl_view(type + RR_HEAD, len)))
			return true;
		p = type + RR_HEAD + len;
	}
	return false;
}

void gyl__dns_watch(struct gyl_dns_reply *r)
{
	if (r->watched_len != 0)
		return;
	r->watched_len = r->len;
	r->watched_cnt = r->cnt[GYL_DNS_ANSWER];
}

void gyl__dns_watch_end(struct gyl_dns_reply *r)
{
	if (r->watched_len == 0 || r->verdict->blocked || !any_inside(r))
		return;
	r->len = r->watched_len;
	r->cnt[GYL_DNS_ANSWER] = r->watched_cnt;
	r->cnt[GYL_DNS_AUTHORITY] = 0;
	r->proof_cnt = 0;
	r->extra = NULL;
	r->rcode = GYL_DNS_NOERROR;
	r->ede = GYL_DNS_EDE_BLOCKED + 1;
	r->rule = "rebinding guard";
}
