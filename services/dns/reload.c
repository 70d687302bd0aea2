/* SPDX-License-Identifier: ISC */
#include "services/dns/reload.h"

#include <gyl/dns.h>

#include "services/dns/find.h"
#include "services/dns/live_own.h"

enum stage {
	SCAN_FILE, /* names of the file that the zone is to get */
	SCAN_ZONE, /* names that it is to lose */
	BEGIN,
	BUILD_ZONE, /* names that the zone has, in their order */
	BUILD_FILE, /* those that are new */
	SEAL,
	CATCH, /* what has changed meanwhile */
	WHOLE
};

enum {
	TRIES = 4,
	MOVED = 8192, /* octets of the order that move take as long as a name */
	HALF = 10000  /* names of a zone that do, in half of which another one comes or goes */
};

static void go(struct gyl_dns_reload *r, enum stage stage)
{
	r->stage = (uint8_t)stage;
	r->off = r->m.is->node_off;
	r->in_name = false;
}

static enum gyl_dns_reloaded give_up(struct gyl_dns_reload *r)
{
	if (r->in != NULL)
		gyl_dns_live_drop_later(r->m.all, r->in);
	r->in = NULL;
	go(r, WHOLE);
	return GYL_DNS_RELOAD_WHOLE;
}

static bool file_wins(const struct gyl_dns_reload *r)
{
	return r->m.z == NULL ||
	       gyl_dns_serial_after(gyl_dns_image_zone(r->m.is, 0)->serial, r->b->serial);
}

static enum gyl_dns_reloaded start(struct gyl_dns_reload *r)
{
	if (r->in != NULL)
		gyl_dns_live_drop_later(r->m.all, r->in);
	r->in = NULL;
	r->name_cnt = r->weight = 0;
	if (r->try_cnt++ == TRIES)
		return give_up(r);
	r->m.file_wins = file_wins(r);
	r->mark = r->l->head;
	go(r, r->m.z == NULL ? BEGIN : SCAN_FILE);
	return GYL_DNS_RELOAD_MORE;
}

void gyl_dns_reload_begin(struct gyl_dns_reload *r, struct gyl_dns_edit *e,
	struct gyl_dns_lives *all, struct gyl_dns_ledger *l, struct gyl_dns_live *z,
	const struct gyl_dns_image *is, const struct gyl_dns_image *was)
{
	r->m = (struct gyl__dns_merging){.e = e, .all = all, .z = z, .is = is, .was = was};
	r->l = l;
	r->in = NULL;
	r->b = z == NULL ? NULL
			 : gyl_dns_book_begin(l, z->apex, z->apex_len, gyl_dns_live_serial(z));
	r->try_cnt = 0;
	if (z != NULL && r->b == NULL)
		(void)give_up(r);
	else
		(void)start(r);
}

/* ---- what differs ---- */

/* False: they are too many for the zone itself. */
static bool note(struct gyl_dns_reload *r, const uint8_t *name, bool moves)
{
	r->weight += 1 + (moves ? r->m.z->order_cnt / HALF : 0);
	if (r->weight > r->most)
		return false;
	memcpy(r->m.all->scratch->noted[r->name_cnt++], name, gyl_dns_name_len(name));
	return true;
}

/* Does the zone have records of that name? */
static bool has(const struct gyl_dns_reload *r, const struct gyl_dns_node *n)
{
	const struct gyl_dns_node *there =
		r->m.z == NULL ? NULL : gyl_dns_live_node(r->m.z, n->name, n->name_len);

	return there != NULL && there->rrset_cnt != 0;
}

static enum gyl_dns_reloaded scan_file(struct gyl_dns_reload *r)
{
	for (uint32_t i = 0; i < r->slice; i++) {
		const struct gyl_dns_node *n = gyl_dns_image_walk(r->m.is, &r->off);

		if (n == NULL) {
			go(r, SCAN_ZONE);
			return GYL_DNS_RELOAD_MORE;
		}
		if (n->rrset_cnt != 0 && gyl__dns_merge_comes(&r->m, n) &&
			!note(r, n->name, !has(r, n))) {
			go(r, BEGIN);
			return GYL_DNS_RELOAD_MORE;
		}
	}
	return GYL_DNS_RELOAD_MORE;
}

/* The next name of the zone, whatever has changed in it since the last one. */
static const struct gyl_dns_node *next_of_zone(struct gyl_dns_reload *r)
{
	const struct gyl_dns_node *n =
		gyl_dns_live_next(r->m.z, r->in_name ? r->name : NULL, &r->at);

	if (n == NULL)
		return NULL;
	memcpy(r->name, n->name, n->name_len);
	r->in_name = true;
	return n;
}

/* Is all that changed since the mark known, and the decision still the same? */
static bool stands(const struct gyl_dns_reload *r)
{
	return r->m.z == NULL ||
	       (gyl_dns_book_knows(r->l, r->b, r->mark) && file_wins(r) == r->m.file_wins);
}

/* The next name that something was done to since the mark, which goes on. */
static bool next_touched(struct gyl_dns_reload *r, uint8_t name[GYL_DNS_NAME_MAX])
{
	struct gyl_dns_change c;

	while (r->m.z != NULL && gyl_dns_ledger_walk(r->l, r->b, &r->mark, &c)) {
		if (c.ip != 0)
			continue;
		memcpy(name, c.name, c.name_len);
		return true;
	}
	return false;
}

static enum gyl_dns_reloaded scanned(struct gyl_dns_reload *r)
{
	uint8_t name[GYL_DNS_NAME_MAX];

	if (!stands(r))
		return start(r);
	while (next_touched(r, name))
		if (!note(r, name, true)) {
			go(r, BEGIN);
			return GYL_DNS_RELOAD_MORE;
		}
	return GYL_DNS_RELOAD_HERE;
}

static enum gyl_dns_reloaded scan_zone(struct gyl_dns_reload *r)
{
	for (uint32_t i = 0; i < r->slice; i++) {
		const struct gyl_dns_node *n = next_of_zone(r);

		if (n == NULL)
			return scanned(r);
		if (gyl__dns_merge_goes(&r->m, n) && !note(r, n->name, true)) {
			go(r, BEGIN);
			return GYL_DNS_RELOAD_MORE;
		}
	}
	return GYL_DNS_RELOAD_MORE;
}

enum gyl_dns_merged gyl_dns_reload_here(struct gyl_dns_reload *r)
{
	struct gyl__dns_merging *m = &r->m;
	bool fits = gyl_dns_edit_begin(m->e, m->all, r->l, m->z, true);

	if (!fits)
		return GYL_DNS_MERGED_FULL;
	/* names that go come last, and make room for those that come */
	while (fits && r->name_cnt != 0)
		fits = gyl__dns_merge_name(m, m->all->scratch->noted[--r->name_cnt]);
	return gyl__dns_merge_end(m, fits);
}

/* ---- a zone of its own ---- */

static const struct gyl_dns_node *apex_of(const struct gyl_dns_live *z)
{
	return gyl_dns_live_node(z, z->apex, z->apex_len);
}

/* The name's records in the new zone and in the old one. */
static void note_ahead(struct gyl_dns_reload *r, struct gyl_dns_book *b, const uint8_t *name)
{
	struct gyl_dns_live_scratch *s = r->m.all->scratch;

	size_t len = gyl_dns_name_len(name);

	(void)gyl_dns_content_read(&s->was, gyl_dns_live_node(r->m.z, name, len));
	(void)gyl_dns_content_read(&s->content, gyl_dns_live_node(r->in, name, len));
	r->m.e->l = r->l;
	gyl_dns_edit_note(r->m.e, b, name, &s->was, &s->content);
}

static bool write(struct gyl_dns_reload *r, const uint8_t *name)
{
	const struct gyl_dns_content *c = gyl__dns_merge_content(&r->m, name);

	if (!gyl_dns_live_write(r->m.all, r->in, name, c, false))
		return false;
	if (r->ahead != NULL && r->ahead->open_cnt > GYL_DNS_AHEAD_MAX)
		r->ahead = NULL;
	/* as the zone writes it; the apex gets its serial at the end */
	if (r->ahead != NULL && !gyl_dns_name_eq(name, r->in->apex))
		note_ahead(r, r->ahead, name);
	return true;
}

static bool has_leases(const struct gyl_dns_reload *r)
{
	return r->l->data != NULL && r->l->data->overlay != NULL && r->l->data->overlay->cnt != 0;
}

static enum gyl_dns_reloaded begin(struct gyl_dns_reload *r)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(r->m.is, 0);
	const struct gyl_dns_node *apex = gyl_dns_image_node(r->m.is, zone->apex_off);

	/* from here on nothing may be missed that was looked at before */
	r->mark = r->l->head;
	r->m.file_wins = file_wins(r);
	r->in = gyl_dns_live_new(r->m.all, apex->name, apex->name_len);
	if (r->in == NULL)
		return give_up(r);
	r->ahead = r->m.z == NULL || has_leases(r) ? NULL : gyl_dns_book_ahead(r->l);
	r->ahead_from = r->l->head;
	r->in->copy = false;
	gyl__dns_live_zone(r->in)->flags = 0;
	if (!write(r, apex->name))
		return give_up(r);
	go(r, r->m.z == NULL ? BUILD_FILE : BUILD_ZONE);
	return GYL_DNS_RELOAD_MORE;
}

/* Is the slice over, after so many names? */
static bool is_over(const struct gyl_dns_reload *r, uint32_t cnt, uint64_t moved_was)
{
	return cnt + (r->in->moved_len - moved_was) / MOVED >= r->slice;
}

static enum gyl_dns_reloaded build_zone(struct gyl_dns_reload *r)
{
	uint64_t moved_was = r->in->moved_len;

	for (uint32_t i = 0; !is_over(r, i, moved_was); i++) {
		const struct gyl_dns_node *n = next_of_zone(r);

		if (n == NULL) {
			go(r, BUILD_FILE);
			return GYL_DNS_RELOAD_MORE;
		}
		if (n->rrset_cnt != 0 && !write(r, r->name))
			return give_up(r);
	}
	return GYL_DNS_RELOAD_MORE;
}

static enum gyl_dns_reloaded build_file(struct gyl_dns_reload *r)
{
	uint64_t moved_was = r->in->moved_len;

	for (uint32_t i = 0; !is_over(r, i, moved_was); i++) {
		const struct gyl_dns_node *n = gyl_dns_image_walk(r->m.is, &r->off);

		if (n == NULL) {
			go(r, SEAL);
			return GYL_DNS_RELOAD_MORE;
		}
		/* those that the zone has were written, or will be by what has changed in it */
		if (n->rrset_cnt != 0 && !has(r, n) && !write(r, n->name))
			return give_up(r);
	}
	return GYL_DNS_RELOAD_MORE;
}

static enum gyl_dns_reloaded seal(struct gyl_dns_reload *r)
{
	switch (gyl_dns_live_seal(r->m.all, r->in)) {
	case GYL_DNS_SEAL_DONE:
		go(r, CATCH);
		return GYL_DNS_RELOAD_MORE;
	case GYL_DNS_SEAL_FULL:
		return give_up(r);
	default:
		return GYL_DNS_RELOAD_MORE;
	}
}

static enum gyl_dns_reloaded catch_up(struct gyl_dns_reload *r)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	uint64_t moved_was = r->in->moved_len;

	if (!stands(r))
		return start(r);
	for (uint32_t i = 0; !is_over(r, i, moved_was); i++) {
		if (!next_touched(r, name))
			return GYL_DNS_RELOAD_ASIDE;
		/* what was noted of it is not what is to be told of it any more */
		if (!gyl_dns_name_eq(name, r->in->apex))
			r->ahead = NULL;
		if (!write(r, name))
			return give_up(r);
	}
	return GYL_DNS_RELOAD_MORE;
}

enum gyl_dns_reloaded gyl_dns_reload_next(struct gyl_dns_reload *r)
{
	switch ((enum stage)r->stage) {
	case SCAN_FILE:
		return scan_file(r);
	case SCAN_ZONE:
		return scan_zone(r);
	case BEGIN:
		return begin(r);
	case BUILD_ZONE:
		return build_zone(r);
	case BUILD_FILE:
		return build_file(r);
	case SEAL:
		return seal(r);
	case CATCH:
		return catch_up(r);
	default:
		return GYL_DNS_RELOAD_WHOLE;
	}
}

static bool set_serial(struct gyl_dns_reload *r, uint32_t serial)
{
	struct gyl_dns_content *c = &r->m.all->scratch->content;
	const struct gyl_dns_live *in = r->in;

	(void)gyl_dns_content_read(c, apex_of(in));
	gyl_dns_content_set_serial(c, serial);
	return gyl_dns_live_write(r->m.all, r->in, in->apex, c, true);
}

bool gyl_dns_reload_aside(struct gyl_dns_reload *r)
{
	const struct gyl_dns_live *z = r->m.z;
	struct gyl_dns_live *in = r->in;

	if (!r->m.file_wins && !set_serial(r, gyl_dns_serial_next(r->b->serial))) {
		(void)give_up(r);
		return false;
	}
	in->file_sum = r->m.is->checksum;
	in->file_serial = gyl_dns_image_zone(r->m.is, 0)->serial;
	if (z == NULL)
		return true;
	in->stored_cnt = z->stored_cnt;
	in->stored_sum = z->stored_sum;
	in->stored_serial = z->stored_serial;
	in->sum_stored = z->sum_stored;
	in->forget = z->forget;
	in->fresh = z->fresh;
	return true;
}

void gyl_dns_reload_close(struct gyl_dns_reload *r)
{
	uint32_t serial = gyl_dns_live_serial(r->in);

	if (r->ahead == NULL || has_leases(r) || !gyl_dns_book_adopt(r->l, r->b, r->ahead_from)) {
		gyl_dns_book_forget(r->l, r->b, serial);
		return;
	}
	note_ahead(r, r->b, r->in->apex);
	gyl_dns_book_close(r->l, r->b, serial);
}
