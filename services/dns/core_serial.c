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
#include "services/dns/leased.h"
#include "services/dns/walk.h"

enum {
	AHEAD = 256,   /* serials that a record promises */
	NEAR = 64,     /* so many are left: it is time for the next one */
	STEP_MAX = 512 /* changes that wait for their second; to look for their opposites costs */
};

static const uint64_t pause_ns = GYL_NS_PER_S;
/* How often it is asked whether the store is durable, while serials are held for that. */
static const uint64_t held_pause_ns = 5 * GYL_NS_PER_MS;
static const struct gyl_cost promise_cost = {.store_len = 1024};
/* How long answers wait for dhcpd to begin, and then to tell all leases. */
static const uint64_t begin_ns = GYL_NS_PER_S, told_ns = 3 * GYL_NS_PER_S;

void gyl__dns_lease_noted(struct gyl_dns *d, const struct gyl_dns_lease *l, bool added)
{
	for (int ptr = 0; ptr < 2; ptr++) {
		const struct gyl_dns_book *b = gyl_dns_leased_note(&d->ledger, l, ptr != 0, added);

		if (b != NULL && (b->open_cnt >= STEP_MAX || b->open_lost))
			d->serial_at_ns = 0;
	}
}

/* --- what the store knows of serials --- */

/* version (1), serial (4), name of the zone. When the store is full nothing can be promised, and
 * nothing waits for it. */
static void promise(struct gyl_dns *d, struct gyl_dns_book *b, uint32_t ahead, struct gyl_out *o)
{
	uint8_t key[GYL_STORE_KEY_MAX], val[5 + GYL_DNS_NAME_MAX];
	struct gyl_record rec;
	struct gyl_writer w;

	b->promised = b->serial + ahead;
	gyl_writer_init(&w, key, sizeof key);
	gyl_text_str(&w, "dns/serial/");
	gyl__dns_store_segment(&w, b->apex);
	rec = (struct gyl_record){.key = gyl_writer_view(&w)};
	gyl_writer_init(&w, val, sizeof val);
	gyl_put_u8(&w, 1);
	gyl_put_u32(&w, b->promised);
	gyl_put_bytes(&w, b->apex, b->apex_len);
	rec.val = gyl_writer_view(&w);
	b->promised_after = gyl_out_store(o, &rec, 1);
	gyl_dns_book_hold_for(b, b->promised_after);
	b->bare = false;
	d->ledger_held = true;
}

void gyl__dns_serial_bare(struct gyl_dns *d, struct gyl_dns_book *b)
{
	bool covered = b->promised != 0 && gyl_dns_serial_after(b->promised, b->serial);

	gyl_dns_book_hold(&d->ledger, b, covered ? b->promised_after : UINT64_MAX);
	b->bare = b->bare || !covered;
	d->ledger_held = true;
}

/*
 * A file's contents are told when the store knows for good which file they are of. Until then a
 * crash takes that back, and the next start could not see that a file with the same serial is
 * another one: the serial would come again with other records.
 */
static void hold_file(struct gyl_dns *d, struct gyl_dns_live *z)
{
	struct gyl_dns_book *b =
		gyl_dns_book_begin(&d->ledger, z->apex, z->apex_len, gyl_dns_live_serial(z));

	/* one that is bare waits for a record that is enough by itself */
	if (b == NULL || b->bare)
		return;
	gyl_dns_book_hold(&d->ledger, b, UINT64_MAX);
	d->ledger_held = true;
	/* there is nothing before it that could be told meanwhile */
	if (b->open)
		gyl_dns_book_lose(&d->ledger, b, true);
	else
		gyl_dns_book_forget(&d->ledger, b, b->serial);
}

void gyl__dns_serials_unfiled(struct gyl_dns *d)
{
	for (uint32_t i = 0; i < d->lives.cnt; i++) {
		struct gyl_dns_live *z = &d->lives.zone[i];

		if (z->im != NULL && !z->copy && !z->hidden && z->fresh && z->sum_due)
			hold_file(d, z);
	}
}

void gyl__dns_serial_filed(struct gyl_dns *d, const struct gyl_dns_live *z, uint64_t after)
{
	struct gyl_dns_book *b = gyl_dns_book_find(&d->ledger, z->apex, z->apex_len);

	if (b != NULL && !b->bare)
		gyl_dns_book_hold_for(b, after);
}

void gyl__dns_serials_durable(struct gyl_dns *d, const struct gyl_out *o)
{
	if (!d->ledger_held)
		return;
	d->ledger_held = false;
	for (unsigned i = 0; i < GYL_DNS_BOOK_MAX; i++) {
		struct gyl_dns_book *b = &d->ledger.book[i];

		if (!b->used || b->held_cnt == 0)
			continue;
		if (gyl_dns_book_durable(b, o->durable))
			gyl__dns_notify_data(d);
		d->ledger_held = d->ledger_held || b->held_cnt != 0;
	}
	d->held_at_ns = gyl_time_add(o->now.mono_ns, held_pause_ns);
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
	b->serial = gyl_get_u32(in->data.p + 1);
	b->restored = true;
}

/* Who is of before gets the whole zone, with this serial. */
static void renew(
	struct gyl_dns *d, struct gyl_dns_book *b, struct gyl_dns_live *z, uint32_t serial)
{
	struct gyl_dns_edit *e = &d->update.u.edit;

	if (z != NULL && z->im != NULL && gyl_dns_serial_after(serial, gyl_dns_live_serial(z)) &&
		gyl_dns_edit_begin(e, &d->lives, &d->ledger, z, true))
		(void)gyl_dns_edit_serial(e, serial);
	gyl_dns_book_forget(&d->ledger, b, serial);
}

void gyl__dns_serial_skip(struct gyl_dns *d, struct gyl_dns_live *z)
{
	uint32_t serial = gyl_dns_live_serial(z);
	struct gyl_dns_book *b = gyl_dns_book_begin(&d->ledger, z->apex, z->apex_len, serial);

	if (b == NULL)
		return;
	if (gyl_dns_serial_after(b->serial, serial))
		serial = b->serial;
	gyl__dns_serial_bare(d, b);
	renew(d, b, z, gyl_dns_serial_next(serial));
}

/* A serial from before the start, or from before the zones were read anew, in a zone that is as it
 * is now: nobody knows what has changed. */
static void settle(struct gyl_dns *d, struct gyl_dns_book *b, bool is_new)
{
	struct gyl_dns_live *z = gyl_dns_live_named(&d->lives, b->apex, b->apex_len);
	uint32_t serial = b->serial;
	struct gyl_dns_found f;
	struct gyl_dns_key k;
	uint32_t plain;

	if (z != NULL && z->copy)
		return; /* core_copy.c */
	gyl_dns_key_init(&k, b->apex, b->apex_len);
	gyl_dns_find(&d->data, &k, &f);
	if (f.kind == GYL_DNS_OUTSIDE || f.apex_len != b->apex_len)
		return;
	if (z != NULL && z->im != NULL && !z->fresh && !b->restored)
		return;
	plain = f.zone == NULL ? 1 : f.zone->serial;
	if (is_new)
		serial = gyl_dns_serial_next(serial);
	if (!gyl_dns_serial_after(serial, plain))
		serial = plain;
	/* the names of leases that it had at its last serial are not there yet */
	if (b->restored)
		serial = gyl_dns_serial_next(serial);
	/* a start must know that there were some, whatever the serial is of */
	if (serial != plain || b->promised == 0)
		gyl__dns_serial_bare(d, b);
	renew(d, b, z, serial);
	b->restored = false;
}

void gyl__dns_serials_settle(struct gyl_dns *d, bool is_new)
{
	for (unsigned i = 0; i < GYL_DNS_BOOK_MAX; i++)
		if (d->ledger.book[i].used && (is_new || d->ledger.book[i].restored))
			settle(d, &d->ledger.book[i], is_new);
}

/* --- zones below --- */

static uint64_t mix(uint64_t sum, const uint8_t *name, size_t len)
{
	struct gyl_dns_key k;

	gyl_dns_key_init(&k, name, len);
	return sum + (k.hash | 1); /* in whatever order */
}

/* Which zones lie below one, as a number. */
static uint64_t nested_of(const struct gyl_dns *d, const struct gyl_dns_book *b)
{
	const struct gyl_dns_image *im = d->data.image;
	uint64_t sum = 0;

	for (uint32_t i = 0; im != NULL && i < im->zone_cnt; i++) {
		const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, i);
		const struct gyl_dns_node *n = gyl_dns_image_node(im, zone->apex_off);

		if ((zone->flags & GYL_DNS_ZONE_HOSTS) == 0 &&
			gyl_dns_name_is_under(n->name, b->apex))
			sum = mix(sum, n->name, n->name_len);
	}
	for (uint32_t i = 0; i < d->lives.cnt; i++) {
		const struct gyl_dns_live *z = &d->lives.zone[i];

		if (z->view != NULL && !z->hidden && gyl_dns_name_is_under(z->apex, b->apex))
			sum = mix(sum, z->apex, z->apex_len);
	}
	return sum;
}

/* May names of leases lie in the zone? */
static bool has_leases(const struct gyl_dns *d, const uint8_t *apex, size_t len)
{
	static const uint8_t arpa[] = "\007in-addr\004arpa";
	const struct gyl_dns_lease *lease;
	bool ptr;

	if (d->overlay.cnt == 0)
		return false;
	return gyl_dns_name_is_under(arpa, apex) ||
	       gyl_dns_overlay_find(&d->overlay, apex, len, &lease, &ptr) == len;
}

/* A zone that has names of leases from its beginning has a book, too. */
static void begin_book(struct gyl_dns *d, const struct gyl_dns_image *im, uint32_t i)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, i);
	const struct gyl_dns_node *n = gyl_dns_image_node(im, zone->apex_off);
	const unsigned no = GYL_DNS_ZONE_SIGNED | GYL_DNS_ZONE_COPY | GYL_DNS_ZONE_HOSTS;
	struct gyl_dns_book *b;

	if ((zone->flags & no) != 0 || !has_leases(d, n->name, n->name_len) ||
		gyl_dns_book_find(&d->ledger, n->name, n->name_len) != NULL)
		return;
	b = gyl_dns_book_begin(&d->ledger, n->name, n->name_len, zone->serial);
	if (b == NULL)
		return;
	gyl__dns_serial_bare(d, b);
	gyl_dns_book_forget(&d->ledger, b, b->serial);
}

static void begin_books(struct gyl_dns *d)
{
	for (uint32_t i = 0; d->data.image != NULL && i < d->data.image->zone_cnt; i++)
		begin_book(d, d->data.image, i);
	for (uint32_t i = 0; i < d->lives.cnt; i++)
		if (d->lives.zone[i].view != NULL && !d->lives.zone[i].hidden)
			begin_book(d, d->lives.zone[i].view, 0);
}

/* It is another zone now, and nobody knows what has changed. */
static void skip(struct gyl_dns *d, struct gyl_dns_book *b)
{
	gyl__dns_serial_bare(d, b);
	renew(d, b, gyl_dns_live_named(&d->lives, b->apex, b->apex_len),
		gyl_dns_serial_next(b->serial));
}

/* Zones that change, and are served, a bit each. */
static uint64_t served_of(const struct gyl_dns *d)
{
	uint64_t served = 0;

	for (uint32_t i = 0; i < d->lives.cnt; i++)
		if (d->lives.zone[i].view != NULL && !d->lives.zone[i].hidden)
			served |= UINT64_C(1) << i;
	return served;
}

/* A zone that came or went took names of leases along from the one above, or gave them back. */
void gyl__dns_serials_nested(struct gyl_dns *d, bool begin)
{
	for (unsigned i = 0; d->ledger.book_cnt != 0 && i < GYL_DNS_BOOK_MAX; i++) {
		struct gyl_dns_book *b = &d->ledger.book[i];
		uint64_t was = d->nested[i];

		if (!b->used || !has_leases(d, b->apex, b->apex_len))
			continue;
		d->nested[i] = nested_of(d, b);
		if (!begin && was != d->nested[i])
			skip(d, b);
	}
	d->served = served_of(d);
	if (!begin && d->overlay.cnt != 0)
		begin_books(d);
}

void gyl__dns_serials_ttl(struct gyl_dns *d)
{
	if (d->ledger.lease_ttl_s == d->policy.lease_ttl_s)
		return;
	d->ledger.lease_ttl_s = d->policy.lease_ttl_s;
	for (unsigned i = 0; i < GYL_DNS_BOOK_MAX; i++) {
		struct gyl_dns_book *b = &d->ledger.book[i];

		if (b->used && has_leases(d, b->apex, b->apex_len))
			skip(d, b);
	}
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

	gyl_dns_book_hold(&d->ledger, b, b->promised_after);
	d->ledger_held = true;
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

/* Serials that the store has to know, whatever they are of. */
static void promise_all(struct gyl_dns *d, struct gyl_out *o)
{
	for (unsigned i = 0; d->ledger_held && i < GYL_DNS_BOOK_MAX; i++)
		if (d->ledger.book[i].used && d->ledger.book[i].bare &&
			gyl_out_room(o, &promise_cost))
			promise(d, &d->ledger.book[i], 0, o);
}

static void step_all(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	for (unsigned i = 0; i < GYL_DNS_BOOK_MAX; i++) {
		struct gyl_dns_book *b = &d->ledger.book[i];

		if (!b->used || !b->open)
			continue;
		if (!gyl_out_room(o, &promise_cost))
			return;
		if (b->promised == 0 || (int32_t)(b->promised - b->serial) < NEAR)
			promise(d, b, AHEAD, o);
		step(d, b);
		d->serial_at_ns = gyl_time_add(now.mono_ns, pause_ns);
	}
}

void gyl__dns_serials_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	if (d->lease_wait && d->lease_wait_ns == 0)
		d->lease_wait_ns = gyl_time_add(now.mono_ns, begin_ns);
	d->lease_wait = gyl__dns_lease_waits(d, now);
	store_leased(d, o);
	if (served_of(d) != d->served)
		gyl__dns_serials_nested(d, false);
	promise_all(d, o);
	if (now.mono_ns >= d->serial_at_ns)
		step_all(d, now, o);
	gyl__dns_serials_durable(d, o);
}

uint64_t gyl__dns_serials_at_ns(const struct gyl_dns *d)
{
	uint64_t at = d->lease_wait ? d->lease_wait_ns : UINT64_MAX;

	for (unsigned i = 0; d->ledger.book_cnt != 0 && i < GYL_DNS_BOOK_MAX; i++)
		if (d->ledger.book[i].used && d->ledger.book[i].open)
			at = gyl_time_min(at, d->serial_at_ns);
	return d->ledger_held ? gyl_time_min(at, d->held_at_ns) : at;
}
