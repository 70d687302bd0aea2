/* SPDX-License-Identifier: ISC */

/* Zones that change: from the loader, from the store, and what their files and UPDATE agree on. */

#include "services/dns/bundle.h"
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

/* The image of the zone in a bundle that is sound, NULL: it is no part of it. */
static const struct gyl_dns_image *part_of(struct gyl_view data, const struct gyl_dns_live *z)
{
	struct gyl_view part;

	for (uint32_t i = 0; gyl_dns_bundle_find(data, GYL_DNS_PART_ZONE, i, &part); i++) {
		const struct gyl_dns_image *im = (const struct gyl_dns_image *)(const void *)part.p;
		const struct gyl_dns_node *apex =
			gyl_dns_image_node(im, gyl_dns_image_zone(im, 0)->apex_off);

		if (apex->name_len == z->apex_len && memcmp(apex->name, z->apex, z->apex_len) == 0)
			return im;
	}
	return NULL;
}

static struct gyl_dns_live *live_of(struct gyl_dns *d, const struct gyl_dns_image *im)
{
	const struct gyl_dns_node *apex =
		gyl_dns_image_node(im, gyl_dns_image_zone(im, 0)->apex_off);

	return gyl_dns_live_named(&d->lives, apex->name, apex->name_len);
}

static const char *const merged_text[] = {
	[GYL_DNS_MERGED_SAME] = "the file is new and says the same",
	[GYL_DNS_MERGED_KEPT] = "the file is new, what was changed stays",
	[GYL_DNS_MERGED_FILE] =
		"the file has a later serial: it counts, what was changed is dropped",
	[GYL_DNS_MERGED_FULL] = "no room for the new file (dns.zone_space)",
};

/* The serial that it gets when what was changed stays is neither the file's nor stored. */
static void merge(struct gyl_dns *d, struct gyl_dns_live *z, const struct gyl_dns_image *is,
	const struct gyl_dns_image *was)
{
	struct gyl_dns_book *b =
		gyl_dns_book_begin(&d->ledger, z->apex, z->apex_len, gyl_dns_live_serial(z));
	bool bare = b != NULL && b->bare;

	if (b != NULL)
		gyl__dns_serial_bare(d, b);
	z->merged = (uint8_t)gyl_dns_merge(&d->update.u.edit, &d->lives, &d->ledger, z, is, was);
	z->untold = true;
	if (b == NULL || bare || z->merged == GYL_DNS_MERGED_KEPT ||
		(d->overlay.cnt != 0 && b->promised == 0))
		return;
	gyl_dns_book_hold_for(b, 0);
	b->bare = false;
}

/* A zone that is there already has a new file. */
static void meet(struct gyl_dns *d, struct gyl_dns_live *z, const struct gyl_dns_image *is,
	const struct gyl_dns_image *was)
{
	bool is_signed = (gyl_dns_image_zone(is, 0)->flags & GYL_DNS_ZONE_SIGNED) != 0;

	if (z->im == NULL && z->file_sum == is->checksum) {
		gyl__dns_out_move(d, z->view, is);
		z->view = is;
		return;
	}
	/* of one that is signed, or is so no more, nothing can be kept */
	if (z->im == NULL || is_signed) {
		gyl_dns_live_drop(&d->lives, z);
		z = gyl_dns_live_add(&d->lives, is);
		if (z != NULL)
			z->forget = true;
		return;
	}
	if (z->file_sum == is->checksum)
		return;
	merge(d, z, is, was);
	z->forget = z->forget || z->merged == GYL_DNS_MERGED_FILE;
	z->sum_due = true;
}

/* The gate: each part is a sound image of one zone. */
static bool parts_sound(struct gyl_view data)
{
	struct gyl_view part;

	for (uint32_t i = 0; gyl_dns_bundle_find(data, GYL_DNS_PART_ZONE, i, &part); i++) {
		const struct gyl_dns_image *im = gyl_dns_image_open(part);

		if (im == NULL || im->zone_cnt != 1)
			return false;
	}
	return true;
}

void gyl__dns_zones_data(struct gyl_dns *d, struct gyl_view data)
{
	struct gyl_view part;

	if (!parts_sound(data))
		return;
	for (uint32_t i = 0; gyl_dns_bundle_find(data, GYL_DNS_PART_ZONE, i, &part); i++) {
		const struct gyl_dns_image *im = (const struct gyl_dns_image *)(const void *)part.p;
		struct gyl_dns_live *z = live_of(d, im);

		if (z != NULL)
			meet(d, z, im, part_of(d->bundle, z));
		else if (gyl_dns_live_add(&d->lives, im) == NULL)
			d->zones_full = true;
	}
	for (uint32_t i = 0; i < d->lives.cnt; i++) {
		struct gyl_dns_live *z = &d->lives.zone[i];

		if (z->view != NULL && !z->copy && part_of(data, z) == NULL)
			gyl_dns_live_drop(&d->lives, z);
	}
	d->bundle = data;
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
			merge(d, z, im, NULL);
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
		const struct gyl_dns_image *im = z->view == NULL ? NULL : part_of(d->bundle, z);

		if (im != NULL && z->im != NULL)
			meet_stored(d, z, im);
	}
	gyl__dns_serials_settle(d, false);
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
	return d->zones_full || d->zones_tidy || d->odd_cnt != 0;
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

	if (z->fresh)
		gyl__dns_say_zone(z->view, 0, o);
	if (z->untold)
		say_zone_state(z, merged_text[z->merged], full ? GYL_SEV_ERR : GYL_SEV_NOTICE, o);
	gyl__dns_zone_forget(d, z, o);
	z->fresh = z->untold = false;
	if (z->sum_due && !is_bare(d, z)) {
		gyl__dns_batch_file(&d->update.batch, z);
		z->sum_stored = gyl_out_store(o, d->update.batch.rec, d->update.batch.cnt) != 0;
		z->sum_due = false;
	}
}

void gyl__dns_zones_tick(struct gyl_dns *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 3, .store_len = 1024};

	gyl__dns_zones_ready(d);
	for (uint32_t i = 0; i < d->lives.cnt; i++)
		if (has_news(&d->lives.zone[i]) && gyl_out_room(o, &cost))
			tell(d, &d->lives.zone[i], o);
	if (d->zones_full && gyl_out_room(o, &cost)) {
		gyl__dns_say_note("dns: no room for a zone that may change (dns.zone_space)", o);
		d->zones_full = false;
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
