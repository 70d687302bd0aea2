/* SPDX-License-Identifier: ISC */

/* Zones that change: from the loader, from the store, and what their files and UPDATE agree on. */

#include "services/dns/core_own.h"

static void say_zone_state(
	const struct gyl_dns_live *z, const char *what, uint8_t severity, struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_CHANGED);
	e.severity = severity;
	gyl__dns_event_name(&e, "zone", z->apex);
	gyl_event_u64(&e, "serial", gyl_dns_live_serial(z));
	gyl_event_str(&e, "what", gyl_view_str(what));
	gyl_out_event(o, &e, 0);
}

void gyl__dns_zones_record(struct gyl_dns *d, const struct gyl_in *in)
{
	if (gyl_view_eq(in->key, gyl_view_str("dns/leased")))
		d->leased = d->lease_wait = true;
	else if (gyl_view_eq(gyl_view_sub(in->key, 0, 11), gyl_view_str("dns/serial/")))
		gyl__dns_serial_record(d, in);
	else if (gyl_view_eq(gyl_view_sub(in->key, 0, 9), gyl_view_str("dns/copy/")))
		gyl__dns_copy_record(d, in);
	else if (gyl_view_eq(gyl_view_sub(in->key, 0, 9), gyl_view_str("dns/zone/")) &&
		 !gyl__dns_zone_replay(&d->lives, in->data))
		d->odd_cnt++;
}

/* The file is another than the one that the store knows. */
static bool is_other_file(const struct gyl_dns_live *z)
{
	return z->sum_stored ? z->stored_sum != z->file_sum : z->stored_cnt != 0;
}

/* A zone that was read back meets the file of this start: one that is later than what was changed
 * counts instead; with one that has changed and is not later it is another zone. */
static void meet_stored(struct gyl_dns *d, struct gyl_dns_live *z, const struct gyl_dns_image *im)
{
	struct gyl_dns_book *b = gyl_dns_book_find(&d->ledger, z->apex, z->apex_len);
	uint32_t file = gyl_dns_image_zone(im, 0)->serial, told = gyl_dns_live_serial(z);
	bool other = is_other_file(z);

	z->sum_due = !z->sum_stored || other;
	if (z->stored_cnt == 0)
		told = z->sum_stored ? z->stored_serial : told - 1;
	if (b != NULL && gyl_dns_serial_after(b->serial, told))
		told = b->serial;
	if (gyl_dns_serial_after(file, told)) {
		if (z->stored_cnt != 0)
			gyl__dns_zone_merge(d, z, im, NULL);
		/* what it was before the start is not known */
		b = gyl_dns_book_find(&d->ledger, z->apex, z->apex_len);
		if (b != NULL)
			gyl_dns_book_forget(&d->ledger, b, b->serial);
		z->forget = z->stored_cnt != 0;
	} else if (other) {
		gyl__dns_serial_skip(d, z);
	}
}

/* All that was stored is there. */
static void ready(struct gyl_dns *d)
{
	for (uint32_t i = 0; i < d->lives.cnt; i++) {
		struct gyl_dns_live *z = &d->lives.zone[i];
		const struct gyl_dns_image *im =
			z->view == NULL ? NULL : gyl__dns_zone_part_of(d->bundle, z);

		if (im != NULL && z->im != NULL)
			meet_stored(d, z, im);
	}
	gyl__dns_serials_settle(d, false);
	gyl__dns_serials_unfiled(d);
	d->zones_ready = true;
}

void gyl__dns_zones_ready(struct gyl_dns *d)
{
	if (!d->zones_ready)
		ready(d);
}

static bool has_news(const struct gyl_dns_live *z)
{
	return z->fresh || z->untold || z->forget || z->sum_due;
}

static bool busy(const struct gyl_dns *d)
{
	for (uint32_t i = 0; i < d->lives.cnt; i++)
		if (has_news(&d->lives.zone[i]))
			return true;
	return d->zones_full || d->zones_tidy || d->odd_cnt != 0 || d->load.refused ||
	       gyl__dns_load_busy(d);
}

void gyl__dns_zone_forget(struct gyl_dns *d, struct gyl_dns_live *z, struct gyl_out *o)
{
	if (!z->forget)
		return;
	gyl__dns_batch_forget(&d->update.batch, z);
	(void)gyl_out_store(o, d->update.batch.rec, d->update.batch.cnt);
	z->forget = z->sum_stored = false;
	z->sum_due = true;
}

/* The store has to know the serial of the file's contents before it knows the file. */
static bool is_bare(struct gyl_dns *d, const struct gyl_dns_live *z)
{
	const struct gyl_dns_book *b = gyl_dns_book_find(&d->ledger, z->apex, z->apex_len);

	return b != NULL && b->bare;
}

static void tell(struct gyl_dns *d, struct gyl_dns_live *z, struct gyl_out *o)
{
	bool full = z->merged == GYL_DNS_MERGED_FULL;
	uint64_t after;

	if (z->fresh)
		gyl__dns_say_zone(z->view, 0, o);
	if (z->untold)
		say_zone_state(
			z, gyl__dns_merged_text(z->merged), full ? GYL_SEV_ERR : GYL_SEV_NOTICE, o);
	gyl__dns_zone_forget(d, z, o);
	z->fresh = z->untold = false;
	if (z->sum_due && !is_bare(d, z)) {
		gyl__dns_batch_file(&d->update.batch, z);
		after = gyl_out_store(o, d->update.batch.rec, d->update.batch.cnt);
		z->sum_stored = after != 0;
		z->sum_due = false;
		gyl__dns_serial_filed(d, z, after);
	}
}

void gyl__dns_zones_tick(struct gyl_dns *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 3, .store_len = 1024};

	gyl__dns_zones_ready(d);
	gyl__dns_load_tick(d, o);
	for (uint32_t i = 0; i < d->lives.cnt; i++)
		if (has_news(&d->lives.zone[i]) && gyl_out_room(o, &cost))
			tell(d, &d->lives.zone[i], o);
	if (d->zones_full && gyl_out_room(o, &cost)) {
		gyl__dns_say_note("dns: no room for a zone that may change (dns.zone_space)", o);
		d->zones_full = false;
	}
	if (d->load.refused && gyl_out_room(o, &cost)) {
		gyl__dns_say_note(
			"dns: the zones that were handed over are broken: nothing changes", o);
		d->load.refused = false;
	}
	if (d->odd_cnt != 0 && gyl_out_room(o, &cost)) {
		gyl__dns_say_note(
			"dns: stored changes of zones that are not there, or not to be read", o);
		d->odd_cnt = 0;
	}
	gyl__dns_out_release(d);
	d->zones_tidy = gyl_dns_lives_tidy(&d->lives);
}

uint64_t gyl__dns_zones_at_ns(const struct gyl_dns *d)
{
	return !d->zones_ready || busy(d) ? 0 : UINT64_MAX;
}
