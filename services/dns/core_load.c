/* SPDX-License-Identifier: ISC */

/*
 * What the loader hands over, in slices: first all of it passes the gate, then the zones that
 * change meet their files one by one (reload.h), and at the end the rest takes the old one's place
 * in one turn. A block that comes meanwhile waits, and only the last of these. What is small is
 * through at once.
 */

#include "services/dns/bundle.h"
#include "services/dns/core_own.h"

enum stage {
	IDLE,
	GATE,
	ZONES,
	SWAP
};

enum {
	AT_ONCE = 64 * 1024
};

/* The parts that are images, in the order in which they pass the gate. */
static const enum gyl_dns_part gated[] = {
	GYL_DNS_PART_IMAGE, GYL_DNS_PART_NAMES, GYL_DNS_PART_ZONE};

static const char *const merged_text[] = {
	[GYL_DNS_MERGED_SAME] = "the file is new and says the same",
	[GYL_DNS_MERGED_KEPT] = "the file is new, what was changed stays",
	[GYL_DNS_MERGED_FILE] =
		"the file has a later serial: it counts, what was changed is dropped",
	[GYL_DNS_MERGED_FULL] = "no room for the new file (dns.zone_space)",
};

const char *gyl__dns_merged_text(enum gyl_dns_merged merged)
{
	return merged_text[merged];
}

/* ---- the gate ---- */

static void refuse(struct gyl_dns *d)
{
	d->load.data = gyl_view(NULL, 0);
	d->load.stage = IDLE;
	d->load.refused = true;
}

static void gate(struct gyl_dns *d)
{
	struct gyl__dns_load *l = &d->load;
	enum gyl_dns_gated got;
	struct gyl_view part;

	if (!l->begun) {
		l->begun = gyl_dns_bundle_find(l->data, gated[l->kind], l->part, &part);
		if (l->begun)
			gyl_dns_gate_begin(&l->gate, part);
		else
			l->part = 0;
		if (!l->begun && ++l->kind == sizeof gated / sizeof gated[0])
			l->stage = ZONES;
		return;
	}
	got = gyl_dns_gate_next(&l->gate, l->reload.slice);
	if (got == GYL_DNS_GATE_MORE)
		return;
	l->begun = false;
	l->part++;
	if (got == GYL_DNS_GATE_UNSOUND ||
		(gated[l->kind] == GYL_DNS_PART_ZONE && l->gate.im->zone_cnt != 1))
		refuse(d);
}

/* ---- zones that change ---- */

static const struct gyl_dns_image *zone_part(struct gyl_view data, uint32_t i)
{
	struct gyl_view part;

	return gyl_dns_bundle_find(data, GYL_DNS_PART_ZONE, i, &part)
		       ? (const struct gyl_dns_image *)(const void *)part.p
		       : NULL;
}

static const struct gyl_dns_node *apex_of(const struct gyl_dns_image *im)
{
	return gyl_dns_image_node(im, gyl_dns_image_zone(im, 0)->apex_off);
}

const struct gyl_dns_image *gyl__dns_zone_part_of(
	struct gyl_view data, const struct gyl_dns_live *z)
{
	const struct gyl_dns_image *im;

	for (uint32_t i = 0; (im = zone_part(data, i)) != NULL; i++)
		if (apex_of(im)->name_len == z->apex_len &&
			memcmp(apex_of(im)->name, z->apex, z->apex_len) == 0)
			return im;
	return NULL;
}

static struct gyl_dns_live *live_of(struct gyl_dns *d, const struct gyl_dns_image *im)
{
	return gyl_dns_live_named(&d->lives, apex_of(im)->name, apex_of(im)->name_len);
}

static bool is_signed(const struct gyl_dns_image *im)
{
	return (gyl_dns_image_zone(im, 0)->flags & GYL_DNS_ZONE_SIGNED) != 0;
}

/* The file that the zone was read from. */
static const struct gyl_dns_image *was_of(const struct gyl_dns *d, const struct gyl_dns_live *z)
{
	const struct gyl_dns_image *was = gyl__dns_zone_part_of(d->bundle, z);

	return was != NULL && was->checksum == z->file_sum ? was : NULL;
}

/* What the zone gets is held until the store knows the file: gyl__dns_serial_filed(). */
static void begin_merge(struct gyl_dns *d, struct gyl_dns_book *b)
{
	if (b == NULL)
		return;
	gyl_dns_book_hold(&d->ledger, b, UINT64_MAX);
	d->ledger_held = true;
}

/* The serial that it gets when what was changed stays is neither the file's nor stored, and with
 * names of leases it will be another zone when it is read back. */
static void end_merge(struct gyl_dns *d, struct gyl_dns_live *z, struct gyl_dns_book *b,
	enum gyl_dns_merged merged)
{
	z->merged = (uint8_t)merged;
	z->untold = true;
	z->sum_due = true;
	if (b == NULL)
		return;
	if (merged == GYL_DNS_MERGED_KEPT)
		b->bare =
			b->bare || b->promised == 0 || gyl_dns_serial_after(b->serial, b->promised);
	else if (d->overlay.cnt != 0)
		b->bare = b->bare || b->promised == 0;
}

void gyl__dns_zone_merge(struct gyl_dns *d, struct gyl_dns_live *z, const struct gyl_dns_image *is,
	const struct gyl_dns_image *was)
{
	struct gyl_dns_book *b =
		gyl_dns_book_begin(&d->ledger, z->apex, z->apex_len, gyl_dns_live_serial(z));

	begin_merge(d, b);
	end_merge(d, z, b, gyl_dns_merge(&d->update.u.edit, &d->lives, &d->ledger, z, is, was));
}

static void merged(struct gyl_dns_live *z)
{
	z->forget = z->forget || z->merged == GYL_DNS_MERGED_FILE;
}

static void merge_here(struct gyl_dns *d)
{
	struct gyl_dns_reload *r = &d->load.reload;

	begin_merge(d, r->b);
	end_merge(d, r->m.z, r->b, gyl_dns_reload_here(r));
	merged(r->m.z);
}

/* Who walks the old zone walks it to its end: core_transfer.c. False: no room. */
static bool take_place(struct gyl_dns *d)
{
	struct gyl_dns_reload *r = &d->load.reload;
	struct gyl_dns_live *z = r->m.z, *in = r->in;

	if (!gyl_dns_reload_aside(r))
		return false;
	begin_merge(d, r->b);
	gyl__dns_out_retire(d, z);
	z->fresh = z->untold = z->forget = z->sum_due = false;
	in->hidden = false;
	gyl_dns_reload_close(r);
	end_merge(d, in, r->b, r->m.file_wins ? GYL_DNS_MERGED_FILE : GYL_DNS_MERGED_KEPT);
	merged(in);
	d->zones_tidy = true;
	gyl__dns_notify_data(d);
	return true;
}

/* In one piece, for there is no other way. */
static void whole(struct gyl_dns *d)
{
	struct gyl_dns_reload *r = &d->load.reload;
	struct gyl_dns_live *z = r->m.z;

	if (z != NULL) {
		gyl__dns_zone_merge(d, z, r->m.is, r->m.was);
		merged(z);
		return;
	}
	z = gyl_dns_live_add(&d->lives, r->m.is);
	if (z != NULL)
		z->hidden = z->coming = true;
}

/* False: nothing is to be done for it before the end. */
static bool begin_zone(struct gyl_dns *d, const struct gyl_dns_image *is)
{
	struct gyl__dns_load *l = &d->load;
	struct gyl_dns_live *z = live_of(d, is);

	if (is_signed(is) || (z != NULL && z->im != NULL && z->file_sum == is->checksum) ||
		d->lives.scratch == NULL)
		return false;
	if (z != NULL && z->im == NULL)
		z = NULL;
	gyl_dns_reload_begin(&l->reload, &d->update.u.edit, &d->lives, &d->ledger, z, is,
		z == NULL ? NULL : was_of(d, z));
	return true;
}

static void zones(struct gyl_dns *d)
{
	struct gyl__dns_load *l = &d->load;
	const struct gyl_dns_image *is = zone_part(l->data, l->part);

	if (!l->begun) {
		if (is == NULL)
			l->stage = SWAP;
		else if (begin_zone(d, is))
			l->begun = true;
		else
			l->part++;
		return;
	}
	switch (gyl_dns_reload_next(&l->reload)) {
	case GYL_DNS_RELOAD_MORE:
		return;
	case GYL_DNS_RELOAD_HERE:
		merge_here(d);
		break;
	case GYL_DNS_RELOAD_ASIDE:
		if (l->reload.m.z == NULL && gyl_dns_reload_aside(&l->reload))
			l->reload.in->coming = true;
		else if (l->reload.m.z != NULL && !take_place(d))
			whole(d);
		break;
	default:
		whole(d);
		break;
	}
	l->begun = false;
	l->part++;
}

/* ---- all the rest ---- */

static struct gyl_dns_live *coming_of(struct gyl_dns *d, const struct gyl_dns_image *is)
{
	for (uint32_t i = 0; i < d->lives.cnt; i++) {
		struct gyl_dns_live *z = &d->lives.zone[i];

		if (z->coming && z->apex_len == apex_of(is)->name_len &&
			memcmp(z->apex, apex_of(is)->name, z->apex_len) == 0)
			return z;
	}
	return NULL;
}

/* Nobody is told of it any more. */
static void drop_zone(struct gyl_dns *d, struct gyl_dns_live *z)
{
	gyl__dns_serial_filed(d, z, 0);
	gyl_dns_live_drop_later(&d->lives, z);
}

/* Of one that is signed, or is so no more, nothing is kept. */
static void show_zone(struct gyl_dns *d, const struct gyl_dns_image *is)
{
	struct gyl_dns_live *z = live_of(d, is), *in = coming_of(d, is);
	bool was_there = z != NULL;

	if (z != NULL && z->im == NULL && z->file_sum == is->checksum && is_signed(is)) {
		gyl__dns_out_move(d, z->view, is);
		z->view = is;
		return;
	}
	if (z != NULL && z->im != NULL && !is_signed(is))
		return; /* it has met its file */
	if (z != NULL)
		drop_zone(d, z);
	if (in == NULL && is_signed(is))
		in = gyl_dns_live_add(&d->lives, is);
	if (in == NULL) {
		d->zones_full = true;
		return;
	}
	in->hidden = in->coming = false;
	in->fresh = true;
	in->forget = was_there;
	in->sum_due = in->im != NULL;
}

static void show_zones(struct gyl_dns *d, struct gyl_view data)
{
	const struct gyl_dns_image *is;

	for (uint32_t i = 0; (is = zone_part(data, i)) != NULL; i++)
		show_zone(d, is);
	for (uint32_t i = 0; i < d->lives.cnt; i++) {
		struct gyl_dns_live *z = &d->lives.zone[i];

		if (z->view != NULL && !z->copy && !z->retired &&
			gyl__dns_zone_part_of(data, z) == NULL)
			drop_zone(d, z);
	}
	d->zones_tidy = true;
	d->bundle = data;
}

/* What is beside the image in the bundle. */
static void set_parts(struct gyl_dns *d, struct gyl_view data)
{
	struct gyl_view keys = {NULL, 0}, names;

	d->data.names = gyl_dns_bundle_find(data, GYL_DNS_PART_NAMES, 0, &names)
				? (const struct gyl_dns_image *)(const void *)names.p
				: NULL;
	(void)gyl_dns_bundle_find(data, GYL_DNS_PART_KEYS, 0, &keys);
	gyl_dns_tsig_load(&d->keys, keys, d->cpu);
	show_zones(d, data);
}

static void swap(struct gyl_dns *d)
{
	struct gyl__dns_load *l = &d->load;
	const struct gyl_dns_image *is = NULL;
	struct gyl_view image;

	gyl__dns_serials_nested(d, true);
	if (gyl_dns_bundle_find(l->data, GYL_DNS_PART_IMAGE, 0, &image))
		is = (const struct gyl_dns_image *)(const void *)image.p;
	gyl__dns_out_move(d, d->data.image, is);
	d->data.image = is;
	gyl__dns_notify_data(d);
	set_parts(d, l->data);
	gyl__dns_serials_settle(d, true);
	gyl__dns_serials_nested(d, false);
	gyl__dns_serials_unfiled(d);
	gyl__dns_forward_data(d);
	d->zone_told = 0;
	l->data = gyl_view(NULL, 0);
	l->stage = IDLE;
}

/* ---- turns ---- */

static void begin(struct gyl_dns *d, struct gyl_view data)
{
	struct gyl__dns_load *l = &d->load;

	l->data = data;
	l->kind = 0;
	l->part = 0;
	l->begun = false;
	l->stage = GATE;
}

static void step(struct gyl_dns *d)
{
	switch ((enum stage)d->load.stage) {
	case GATE:
		gate(d);
		break;
	case ZONES:
		zones(d);
		break;
	case SWAP:
		swap(d);
		break;
	default:
		begin(d, d->load.next);
		d->load.next = gyl_view(NULL, 0);
		break;
	}
}

bool gyl__dns_load_busy(const struct gyl_dns *d)
{
	return d->load.stage != IDLE || d->load.next.p != NULL;
}

void gyl__dns_load_put(struct gyl_dns *d, struct gyl_view data)
{
	d->load.next = data;
	if (d->load.stage != IDLE)
		return;
	gyl__dns_zones_ready(d);
	while (gyl__dns_load_busy(d) && data.len <= d->load.at_once)
		step(d);
}

void gyl__dns_load_first(struct gyl_dns *d, struct gyl_view data)
{
	d->load.reload.slice = GYL_DNS_RELOAD_SLICE;
	d->load.reload.most = GYL_DNS_RELOAD_MOST;
	d->load.at_once = AT_ONCE;
	begin(d, data);
	d->load.stage = ZONES;
	while (d->load.stage != SWAP)
		step(d);
	set_parts(d, data);
	d->load.data = gyl_view(NULL, 0);
	d->load.stage = IDLE;
}

void gyl__dns_load_tick(struct gyl_dns *d, struct gyl_out *o)
{
	if (!gyl__dns_load_busy(d))
		return;
	step(d);
	gyl_out_go_on(o);
}

bool gyl_dns_uses(const struct gyl_dns *d, const void *block)
{
	return block == d->flat || block == d->bundle.p || block == d->load.data.p ||
	       block == d->load.next.p;
}
