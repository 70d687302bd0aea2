/* SPDX-License-Identifier: ISC */

/*
 * Names of leases belong to their zones: secondaries hear of them, so the serial moves, once a
 * second at most, with all that came and went.
 *
 * A serial must not go back at a restart. The store has one for each such zone that is ahead of
 * what was told; a new start goes on from there.
 */

#include <gyl/dns_rdata.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dns/core_own.h"
#include "services/dns/walk.h"

enum {
	AHEAD = 256,   /* serials that a record promises */
	NEAR = 64,     /* so many are left: it is time for the next one */
	STEP_MAX = 512 /* changes that wait for their second; to look for their opposites costs */
};

static const uint64_t pause_ns = GYL_NS_PER_S;
/* How long answers wait for dhcpd to begin, and then to tell all leases. */
static const uint64_t begin_ns = GYL_NS_PER_S, told_ns = 3 * GYL_NS_PER_S;

/* The serial that a zone has without its leases. */
static uint32_t plain_serial(const struct gyl_dns_found *f)
{
	return f->zone == NULL ? 1 : f->zone->serial;
}

static struct gyl_dns_book *book_of(
	struct gyl_dns *d, const struct gyl_dns_key *k, const struct gyl_dns_found *f)
{
	return gyl_dns_book_begin(
		&d->ledger, k->name + k->len - f->apex_len, f->apex_len, plain_serial(f));
}

/* Is it the zone of somebody else? */
static bool is_copy(const struct gyl_dns *d, const struct gyl_dns_found *f)
{
	for (uint32_t i = 0; f->image != NULL && i < d->lives.cnt; i++)
		if (d->lives.zone[i].view == f->image)
			return d->lives.zone[i].copy;
	return false;
}

static void note(
	struct gyl_dns *d, const struct gyl_dns_lease *l, const uint8_t *name, bool ptr, bool added)
{
	struct gyl_dns_change c = {.added = added,
		.type = ptr ? GYL_DNS_TYPE_PTR : GYL_DNS_TYPE_A,
		.ttl = d->policy.lease_ttl_s,
		.ip = l->ip,
		.name = name};
	struct gyl_dns_found f;
	struct gyl_dns_book *b;
	struct gyl_dns_key k;
	uint8_t ip[4];

	gyl_dns_key_init(&k, name, gyl_dns_name_len(name));
	gyl_dns_find(&d->data, &k, &f);
	/* what a configured name hides is no part of the zone; the serial of a copy is not ours */
	if (f.kind != GYL_DNS_LEASE || f.lease != l || f.ptr != ptr || is_copy(d, &f))
		return;
	b = book_of(d, &k, &f);
	if (b == NULL)
		return;
	gyl_set_u32(ip, l->ip);
	c.name_len = (uint8_t)k.len;
	c.rdata = ptr ? gyl_view(l->name, l->name_len) : gyl_view(ip, sizeof ip);
	gyl_dns_book_note(&d->ledger, b, &c, false);
	if (b->open_cnt >= STEP_MAX)
		d->serial_at_ns = 0;
}

void gyl__dns_lease_noted(struct gyl_dns *d, const struct gyl_dns_lease *l, bool added)
{
	uint8_t reverse[GYL_DNS_NAME_MAX];

	note(d, l, l->name, false, added);
	gyl_dns_name_reverse_ipv4(l->ip, reverse);
	note(d, l, reverse, true, added);
}

/* --- what the store knows of serials --- */

/* version (1), serial (4), name of the zone */
static void promise(struct gyl_dns *d, struct gyl_dns_book *b, struct gyl_out *o)
{
	uint8_t key[GYL_STORE_KEY_MAX], val[5 + GYL_DNS_NAME_MAX];
	struct gyl_record rec;
	struct gyl_writer w;

	b->promised = b->serial + AHEAD;
	gyl_writer_init(&w, key, sizeof key);
	gyl_text_str(&w, "dns/serial/");
	gyl__dns_store_segment(&w, b->apex);
	rec = (struct gyl_record){.key = gyl_writer_view(&w)};
	gyl_writer_init(&w, val, sizeof val);
	gyl_put_u8(&w, 1);
	gyl_put_u32(&w, b->promised);
	gyl_put_bytes(&w, b->apex, b->apex_len);
	rec.val = gyl_writer_view(&w);
	(void)gyl_out_store(o, &rec, 1);
	(void)d;
}

void gyl__dns_serial_record(struct gyl_dns *d, const struct gyl_in *in)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_dns_book *b;
	size_t len;

	if (in->data.len < 6 || in->data.p[0] != 1 ||
		gyl_failed(gyl_dns_name_decode(in->data, 5, name, &len, NULL)))
		return;
	b = gyl_dns_book_begin(&d->ledger, name, len, 1);
	if (b == NULL)
		return;
	b->serial = gyl_dns_serial_next(gyl_get_u32(in->data.p + 1));
	b->restored = true;
}

/* A serial from before the start, or from before the zones were read anew, in a zone that is as it
 * is now: nobody knows what has changed. */
static void settle(struct gyl_dns *d, struct gyl_dns_book *b, bool is_new)
{
	struct gyl_dns_live *z = gyl_dns_live_named(&d->lives, b->apex, b->apex_len);
	struct gyl_dns_edit *e = &d->update.u.edit;
	uint32_t serial = b->serial;
	struct gyl_dns_found f;
	struct gyl_dns_key k;

	if (z != NULL && z->copy)
		return; /* core_copy.c */
	gyl_dns_key_init(&k, b->apex, b->apex_len);
	gyl_dns_find(&d->data, &k, &f);
	if (f.kind == GYL_DNS_OUTSIDE || f.apex_len != b->apex_len)
		return;
	if (z == NULL && is_new)
		serial = gyl_dns_serial_next(serial);
	if (gyl_dns_serial_after(plain_serial(&f), b->serial))
		serial = plain_serial(&f);
	if (z != NULL && z->im != NULL && gyl_dns_serial_after(serial, gyl_dns_live_serial(z)) &&
		gyl_dns_edit_begin(e, &d->lives, &d->ledger, z, true))
		(void)gyl_dns_edit_serial(e, serial);
	if (z == NULL || b->restored)
		gyl_dns_book_forget(&d->ledger, b, serial);
	b->restored = false;
}

void gyl__dns_serials_settle(struct gyl_dns *d, bool is_new)
{
	for (unsigned i = 0; i < GYL_DNS_BOOK_MAX; i++)
		if (d->ledger.book[i].used && (is_new || d->ledger.book[i].restored))
			settle(d, &d->ledger.book[i], is_new);
}

/* --- the step --- */

static void note_soa(struct gyl_dns *d, struct gyl_dns_book *b, uint32_t serial, bool added)
{
	struct gyl_dns_walk w;
	struct gyl_dns_walked rr;
	struct gyl_dns_change c = {.added = added, .name_len = b->apex_len, .name = b->apex};

	if (!gyl_dns_walk_begin(&d->data, &d->policy, b->apex, b->apex_len, &w))
		return;
	gyl_set_u32(w.soa + w.soa_len - 20, serial);
	gyl_dns_walk_soa(&w, &rr);
	c.type = rr.type;
	c.ttl = rr.ttl;
	c.rdata = rr.rdata;
	gyl_dns_book_note(&d->ledger, b, &c, false);
}

static void step(struct gyl_dns *d, struct gyl_dns_book *b)
{
	struct gyl_dns_live *z = gyl_dns_live_named(&d->lives, b->apex, b->apex_len);
	struct gyl_dns_edit *e = &d->update.u.edit;
	uint32_t serial = gyl_dns_serial_next(b->serial);

	if (z != NULL && z->im != NULL) {
		if (gyl_dns_edit_begin(e, &d->lives, &d->ledger, z, true) &&
			gyl_dns_edit_serial(e, serial))
			gyl_dns_edit_end(e);
		return;
	}
	note_soa(d, b, b->serial, false);
	note_soa(d, b, serial, true);
	gyl_dns_book_close(&d->ledger, b, serial);
}

/* Whether there are names of leases is worth a record: the next start waits for them then. */
static void store_leased(struct gyl_dns *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.store_len = 256};
	struct gyl_record rec = {.key = gyl_view_str("dns/leased"), .val = gyl_view_str("1")};

	rec.remove = d->overlay.cnt == 0;
	if (rec.remove != d->leased || (rec.remove && !d->lease_end) || !gyl_out_room(o, &cost))
		return;
	(void)gyl_out_store(o, &rec, 1);
	d->leased = !rec.remove;
}

bool gyl__dns_lease_waits(const struct gyl_dns *d, struct gyl_now now)
{
	return d->lease_wait && (d->lease_wait_ns == 0 || now.mono_ns < d->lease_wait_ns);
}

void gyl__dns_lease_edge(struct gyl_dns *d, struct gyl_now now, const struct gyl_event *e)
{
	struct gyl_view source;

	if (!gyl_event_get_str(e, "source", &source) || !gyl_view_eq(source, gyl_view_str("dhcpd")))
		return;
	d->lease_wait = d->lease_wait && e->kind == GYL_EV_BASE_BEGIN;
	d->lease_wait_ns = gyl_time_add(now.mono_ns, told_ns);
	d->lease_end = d->lease_end || e->kind == GYL_EV_BASE_END;
}

void gyl__dns_serials_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.store_len = 1024};

	if (d->lease_wait && d->lease_wait_ns == 0)
		d->lease_wait_ns = gyl_time_add(now.mono_ns, begin_ns);
	d->lease_wait = gyl__dns_lease_waits(d, now);
	store_leased(d, o);
	if (now.mono_ns < d->serial_at_ns)
		return;
	for (unsigned i = 0; i < GYL_DNS_BOOK_MAX; i++) {
		struct gyl_dns_book *b = &d->ledger.book[i];

		if (!b->used || !b->open)
			continue;
		if (!gyl_out_room(o, &cost))
			return;
		if (b->promised == 0 || (int32_t)(b->promised - b->serial) < NEAR)
			promise(d, b, o);
		step(d, b);
		d->serial_at_ns = gyl_time_add(now.mono_ns, pause_ns);
	}
}

uint64_t gyl__dns_serials_at_ns(const struct gyl_dns *d)
{
	for (unsigned i = 0; d->ledger.book_cnt != 0 && i < GYL_DNS_BOOK_MAX; i++)
		if (d->ledger.book[i].used && d->ledger.book[i].open)
			return d->serial_at_ns;
	return d->lease_wait ? d->lease_wait_ns : UINT64_MAX;
}
