/* SPDX-License-Identifier: ISC */

/*
 * What has changed (RFC 1995 4): from a SOA on what goes, from the next one on what comes, as often
 * as there are steps; at the end stands the first SOA again.
 */

#include <gyl/dns.h>

#include "services/dns/live_own.h"
#include "services/dns/second.h"

/* What a SOA means where the steps have come to. */
enum turn {
	TURN, /* from removing to adding, or on to the next step */
	END,  /* it is the closing one */
	WRONG
};

static enum turn turn(struct gyl__dns_take *t, uint32_t serial)
{
	if (!t->removing && t->at == t->serial)
		return serial == t->at ? END : WRONG;
	t->removing = !t->removing;
	if (t->removing)
		return serial == t->at ? TURN : WRONG;
	/* a step leads forward, and not past the end */
	if (!gyl_dns_serial_after(serial, t->at) || gyl_dns_serial_after(serial, t->serial))
		return WRONG;
	t->at = serial;
	return TURN;
}

/* ---- in the zone itself ---- */

static bool edit(struct gyl__dns_take *t, const struct gyl__dns_came *one)
{
	struct gyl_dns_content *c = gyl_dns_edit_open(t->edit, one->name);
	uint32_t at = gyl_dns_content_find(c, one->rec.type, one->rec.rdata);

	if (t->removing != (at != GYL_DNS_NO_REC))
		return false;
	if (t->removing)
		gyl_dns_content_remove(c, at);
	else if (!gyl_dns_content_add(c, &one->rec))
		return false;
	return gyl_dns_edit_put(t->edit, one->name);
}

/* The new SOA takes the place of the old one. */
static bool new_soa(const struct gyl__dns_take *t, struct gyl_dns_content *c)
{
	const struct gyl_dns_rec soa = {GYL_DNS_TYPE_SOA, t->soa_ttl, gyl_view(t->soa, t->soa_len)};

	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type == GYL_DNS_TYPE_SOA) {
			gyl_dns_content_remove(c, i);
			return gyl_dns_content_add(c, &soa);
		}
	return false;
}

static enum gyl__dns_got edit_all(
	struct gyl__dns_take *t, const struct gyl_dns_msg *m, struct gyl_dns_cursor *cur)
{
	struct gyl_dns_rr rr;
	struct gyl__dns_came c;

	while (gyl_dns_rr_next(cur, &rr) && rr.section == GYL_DNS_ANSWER) {
		if (!gyl__dns_take_read(t, m, &rr, &c))
			return GYL__DNS_GOT_BAD;
		if (rr.type != GYL_DNS_TYPE_SOA) {
			if (!edit(t, &c))
				return GYL__DNS_GOT_CLONE;
			continue;
		}
		switch (turn(t, gyl__dns_came_serial(&c))) {
		case TURN:
			break;
		case END:
			return new_soa(t, gyl_dns_edit_open(t->edit, t->apex)) &&
					       gyl_dns_edit_put(t->edit, t->apex)
				       ? GYL__DNS_GOT_EDIT
				       : GYL__DNS_GOT_CLONE;
		default:
			return GYL__DNS_GOT_TRY_ALL;
		}
	}
	return GYL__DNS_GOT_CLONE; /* it goes on in another message */
}

/* Are all changes there, and few enough? In a large zone each name moves a part of the order. */
static bool is_small(const struct gyl__dns_take *t, struct gyl_dns_cursor cur)
{
	uint64_t cnt = 0;
	uint16_t last = 0;
	struct gyl_dns_rr rr;

	for (; gyl_dns_rr_next(&cur, &rr) && rr.section == GYL_DNS_ANSWER; cnt++)
		last = rr.type;
	return last == GYL_DNS_TYPE_SOA &&
	       cnt + cnt * t->z->order_cnt * sizeof(uint32_t) / GYL__DNS_TAKE_MOVED <
		       4 * GYL__DNS_TAKE_CNT;
}

enum gyl__dns_got gyl__dns_take_edit(
	struct gyl__dns_take *t, const struct gyl_dns_msg *m, struct gyl_dns_cursor *cur)
{
	enum gyl__dns_got got;

	if (gyl_dns_live_signed(t->z) || !is_small(t, *cur) ||
		!gyl_dns_edit_begin(t->edit, t->all, t->ledger, t->z, false))
		return GYL__DNS_GOT_CLONE;
	got = edit_all(t, m, cur);
	if (got != GYL__DNS_GOT_EDIT)
		gyl_dns_edit_undo(t->edit);
	return got;
}

/* ---- in a copy of it ---- */

static enum gyl__dns_got clone_begin(struct gyl__dns_take *t)
{
	struct gyl_dns_content *c = &t->all->scratch->content;
	const struct gyl_dns_node *apex = gyl_dns_live_node(t->z, t->apex, t->apex_len);

	t->in = gyl_dns_live_new(t->all, t->apex, t->apex_len);
	t->cloned = t->in != NULL;
	if (t->in == NULL || !gyl_dns_content_read(c, apex) ||
		!gyl_dns_live_write(t->all, t->in, t->apex, c, false))
		return GYL__DNS_GOT_BAD;
	memcpy(t->clone_name, t->apex, t->apex_len);
	t->clone_at = 0;
	return GYL__DNS_GOT_MORE;
}

enum gyl__dns_got gyl__dns_take_clone(struct gyl__dns_take *t)
{
	struct gyl_dns_content *c = &t->all->scratch->content;

	if (t->in == NULL)
		return clone_begin(t);
	for (unsigned i = 0; i < GYL__DNS_CLONE_CNT; i++) {
		const struct gyl_dns_node *n = gyl_dns_live_next(t->z, t->clone_name, &t->clone_at);

		if (n == NULL)
			return GYL__DNS_GOT_CLONE;
		memcpy(t->clone_name, n->name, n->name_len);
		/* what is there because of names below comes with these */
		if (n->rrset_cnt == 0)
			continue;
		if (!gyl_dns_content_read(c, n) ||
			!gyl_dns_live_write(t->all, t->in, t->clone_name, c, false))
			return GYL__DNS_GOT_BAD;
	}
	return GYL__DNS_GOT_MORE;
}

/* RFC 2181 5.2: records of one type have one TTL; the one that came last says which. */
static void level(struct gyl_dns_content *c, const struct gyl_dns_rec *r)
{
	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type == r->type && r->type != GYL_DNS_TYPE_RRSIG)
			c->rec[i].ttl = r->ttl;
}

static enum gyl__dns_got change(struct gyl__dns_take *t, const struct gyl__dns_came *one)
{
	struct gyl_dns_content *c = gyl__dns_take_open(t, one);
	uint32_t at;

	if (c == NULL)
		return GYL__DNS_GOT_BAD;
	at = gyl_dns_content_find(c, one->rec.type, one->rec.rdata);
	if (t->removing != (at != GYL_DNS_NO_REC))
		return GYL__DNS_GOT_TRY_ALL;
	t->dirty = true;
	if (t->removing) {
		gyl_dns_content_remove(c, at);
		return GYL__DNS_GOT_MORE;
	}
	level(c, &one->rec);
	return gyl_dns_content_add(c, &one->rec) ? GYL__DNS_GOT_MORE : GYL__DNS_GOT_BAD;
}

static enum gyl__dns_got end(struct gyl__dns_take *t)
{
	struct gyl__dns_came apex = {.name_len = t->apex_len};
	struct gyl_dns_content *c;

	memcpy(apex.name, t->apex, t->apex_len);
	c = gyl__dns_take_open(t, &apex);
	if (c == NULL)
		return GYL__DNS_GOT_BAD;
	if (!new_soa(t, c))
		return GYL__DNS_GOT_TRY_ALL;
	t->dirty = true;
	return gyl__dns_take_put_back(t) ? GYL__DNS_GOT_STEPS : GYL__DNS_GOT_BAD;
}

enum gyl__dns_got gyl__dns_take_step(struct gyl__dns_take *t, const struct gyl__dns_came *c)
{
	if (c->rec.type != GYL_DNS_TYPE_SOA)
		return change(t, c);
	switch (turn(t, gyl__dns_came_serial(c))) {
	case TURN:
		return GYL__DNS_GOT_MORE;
	case END:
		return end(t);
	default:
		return GYL__DNS_GOT_TRY_ALL;
	}
}
