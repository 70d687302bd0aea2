/* SPDX-License-Identifier: ISC */
#include "services/dns/edit.h"

#include <gyl/dns.h>

#include "services/dns/live_own.h"

enum {
	NOTE_MAX = 64 + 2 * GYL_DNS_NAME_MAX /* octets of the ring that a lease's name takes */
};

bool gyl_dns_edit_begin(struct gyl_dns_edit *e, struct gyl_dns_lives *all, struct gyl_dns_ledger *l,
	struct gyl_dns_live *z, bool bulk)
{
	e->all = all;
	e->z = z;
	e->l = l;
	e->b = gyl_dns_book_begin(l, z->apex, z->apex_len, gyl_dns_live_serial(z));
	e->mark = l->head;
	e->note_len = 0;
	e->bulk = bulk;
	e->lost = false;
	e->added_cnt = e->removed_cnt = e->name_cnt = 0;
	e->was_open = e->b != NULL && e->b->open;
	return e->b != NULL;
}

uint32_t gyl_dns_live_serial(const struct gyl_dns_live *z)
{
	return gyl_dns_image_zone(z->view, 0)->serial;
}

static const struct gyl_dns_node *node_of(const struct gyl_dns_edit *e, const uint8_t *name)
{
	return gyl_dns_live_node(e->z, name, gyl_dns_name_len(name));
}

struct gyl_dns_content *gyl_dns_edit_open(struct gyl_dns_edit *e, const uint8_t *name)
{
	struct gyl_dns_content *c = &e->all->scratch->content;

	(void)gyl_dns_content_read(c, node_of(e, name));
	return c;
}

static void note(
	struct gyl_dns_edit *e, const uint8_t *name, const struct gyl_dns_rec *r, bool added)
{
	struct gyl_dns_change c = {.added = added,
		.name_len = (uint8_t)gyl_dns_name_len(name),
		.type = r->type,
		.ttl = r->ttl,
		.name = name,
		.rdata = r->rdata};

	gyl_dns_book_note(e->l, e->b, &c, e->bulk);
	e->note_len += 64 + c.name_len + r->rdata.len;
	if (added)
		e->added_cnt++;
	else
		e->removed_cnt++;
}

/* What of a is not in b. */
static void note_all(struct gyl_dns_edit *e, const uint8_t *name, const struct gyl_dns_content *a,
	const struct gyl_dns_content *b, bool added)
{
	for (uint32_t i = 0; i < a->cnt; i++)
		if (gyl_dns_content_spot(b, &a->rec[i]) == GYL_DNS_NO_REC)
			note(e, name, &a->rec[i], added);
}

void gyl_dns_edit_note(struct gyl_dns_edit *e, struct gyl_dns_book *b, const uint8_t *name,
	const struct gyl_dns_content *was, const struct gyl_dns_content *is)
{
	e->b = b;
	e->bulk = true;
	note_all(e, name, was, is, false);
	note_all(e, name, is, was, true);
}

static size_t len_of(const struct gyl_dns_content *c)
{
	size_t len = 0;

	for (uint32_t i = 0; i < c->cnt; i++)
		len += 64 + GYL_DNS_NAME_MAX + c->rec[i].rdata.len;
	return len;
}

/* The name is among those that were changed. False: there are too many. */
static bool keep_name(
	struct gyl_dns_edit *e, const uint8_t *name, const struct gyl_dns_content *was)
{
	for (uint32_t i = 0; i < e->name_cnt; i++)
		if (gyl_dns_name_eq(e->name[i], name))
			return true;
	if (e->name_cnt == GYL_DNS_EDIT_NAME_MAX)
		return false;
	e->was_len[e->name_cnt] = gyl_dns_content_size(was);
	memcpy(e->name[e->name_cnt++], name, gyl_dns_name_len(name));
	return true;
}

/* RFC 2181 5.2: records of one type have one TTL. What was put last says which. */
static void level(struct gyl_dns_content *c)
{
	for (uint32_t i = c->cnt; i-- > 1;)
		if (c->rec[i - 1].type == c->rec[i].type)
			c->rec[i - 1].ttl = c->rec[i].ttl;
}

static bool has(const struct gyl_dns_content *c, uint16_t type)
{
	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type == type)
			return true;
	return false;
}

/* Does the name rule those below it otherwise than before? */
static bool rules_anew(const struct gyl_dns_edit *e, const uint8_t *name,
	const struct gyl_dns_content *was, const struct gyl_dns_content *is)
{
	bool cut = has(was, GYL_DNS_TYPE_NS) != has(is, GYL_DNS_TYPE_NS);

	return (cut && !gyl_dns_name_eq(name, e->z->apex)) ||
	       has(was, GYL_DNS_TYPE_DNAME) != has(is, GYL_DNS_TYPE_DNAME);
}

/* So many names of leases may be noted. What is undone is undone by the ring: it must not have gone
 * around meanwhile. */
static size_t note_room(const struct gyl_dns_edit *e)
{
	return e->note_len > e->l->cap / 2 ? 0 : (e->l->cap / 2 - e->note_len) / NOTE_MAX;
}

/* The name gets the records, and all that changes by it is noted. */
static bool put(struct gyl_dns_edit *e, const uint8_t *name, const struct gyl_dns_content *was,
	struct gyl_dns_content *is, bool urgent)
{
	struct gyl_dns_leased *leased = &e->all->scratch->leased;
	bool below = rules_anew(e, name, was, is);
	bool comes_or_goes = (was->cnt == 0) != (is->cnt == 0);

	leased->cnt = 0;
	leased->many = false;
	if ((below || comes_or_goes) && e->bulk)
		gyl_dns_leased_lump(leased, e->l, name, below);
	else if (below || comes_or_goes)
		gyl_dns_leased_before(leased, e->l, name, below);
	leased->many = leased->many || (!e->bulk && note_room(e) < leased->cnt);
	if (!leased->many)
		e->note_len += (size_t)NOTE_MAX * leased->cnt;
	if (!gyl_dns_live_write(e->all, e->z, name, is, urgent))
		return false;
	/* as the zone writes them, so that what is noted now is what goes one day */
	(void)gyl_dns_content_read(is, node_of(e, name));
	note_all(e, name, was, is, false);
	note_all(e, name, is, was, true);
	gyl_dns_leased_after(leased, e->l, e->b);
	e->lost = e->lost || leased->many;
	return true;
}

bool gyl_dns_edit_put(struct gyl_dns_edit *e, const uint8_t *name)
{
	struct gyl_dns_content *is = &e->all->scratch->content, *was = &e->all->scratch->was;

	level(is);
	(void)gyl_dns_content_read(was, node_of(e, name));
	if (!e->bulk && (e->note_len + len_of(is) + len_of(was) > e->l->cap / 2 ||
				!keep_name(e, name, was)))
		return false;
	return put(e, name, was, is, false);
}

/* A name as it was before the edit. */
static void undo_name(struct gyl_dns_edit *e, const uint8_t *name)
{
	struct gyl_dns_content *c = &e->all->scratch->content, *was = &e->all->scratch->was;
	struct gyl_dns_change ch;
	uint64_t at = e->mark;

	(void)gyl_dns_content_read(c, node_of(e, name));
	*was = *c;
	for (uint32_t i = 0; i < was->cnt; i++)
		was->rec[i].rdata.p = was->octet + (c->rec[i].rdata.p - c->octet);
	while (gyl_dns_ledger_walk(e->l, e->b, &at, &ch)) {
		struct gyl_dns_rec r = {ch.type, ch.ttl, ch.rdata};
		uint32_t i;

		if (ch.ip != 0 || !gyl_dns_name_eq(ch.name, name))
			continue;
		if (!ch.added) {
			(void)gyl_dns_content_add(c, &r);
			continue;
		}
		i = gyl_dns_content_spot(c, &r);
		if (i != GYL_DNS_NO_REC)
			gyl_dns_content_remove(c, i);
	}
	(void)put(e, name, was, c, true);
}

void gyl_dns_edit_undo(struct gyl_dns_edit *e)
{
	struct gyl_dns_change c;
	uint64_t at = e->mark;

	for (uint32_t i = 0; i < e->name_cnt; i++)
		undo_name(e, e->name[i]);
	/* what did not change needs no serial */
	if (!e->was_open && !gyl_dns_ledger_walk(e->l, e->b, &at, &c))
		e->b->open = false;
	if (e->lost)
		gyl_dns_book_lose(e->l, e->b, false);
	e->added_cnt = e->removed_cnt = e->name_cnt = 0;
}

bool gyl_dns_edit_serial(struct gyl_dns_edit *e, uint32_t serial)
{
	struct gyl_dns_content *c = gyl_dns_edit_open(e, e->z->apex);
	uint8_t rdata[GYL_DNS_UNPACK_LEN];

	for (uint32_t i = 0; i < c->cnt; i++) {
		struct gyl_dns_rec *r = &c->rec[i];

		if (r->type != GYL_DNS_TYPE_SOA)
			continue;
		memcpy(rdata, r->rdata.p, r->rdata.len);
		gyl_set_u32(rdata + r->rdata.len - 20, serial);
		r->rdata.p = rdata;
		return gyl_dns_edit_put(e, e->z->apex);
	}
	return false;
}

void gyl_dns_edit_end(struct gyl_dns_edit *e)
{
	gyl_dns_book_close(e->l, e->b, gyl_dns_live_serial(e->z));
}
