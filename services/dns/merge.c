/* SPDX-License-Identifier: ISC */
#include "services/dns/merge.h"

#include <gyl/dns.h>

#include "services/dns/live_own.h"
#include "services/dns/merge_own.h"

static const struct gyl_dns_node *node_in(const struct gyl_dns_image *im, const uint8_t *name)
{
	struct gyl_dns_key k;

	if (im == NULL)
		return NULL;
	gyl_dns_key_init(&k, name, gyl_dns_name_len(name));
	return gyl_dns_image_find(im, k.name, k.len, k.hash);
}

/* The serial of a SOA is not what somebody changed. */
static void level_serial(struct gyl_dns_content *c, uint8_t soa[GYL_DNS_UNPACK_LEN])
{
	for (uint32_t i = 0; i < c->cnt; i++) {
		struct gyl_dns_rec *r = &c->rec[i];

		if (r->type != GYL_DNS_TYPE_SOA || r->rdata.len > GYL_DNS_UNPACK_LEN)
			continue;
		memcpy(soa, r->rdata.p, r->rdata.len);
		gyl_set_u32(soa + r->rdata.len - 20, 0);
		r->rdata.p = soa;
	}
}

/* Was the name changed since it was read from the file? */
static bool is_changed(const struct gyl__dns_merging *m, const uint8_t *name)
{
	struct gyl_dns_live_scratch *s = m->all->scratch;
	uint8_t a[GYL_DNS_UNPACK_LEN], b[GYL_DNS_UNPACK_LEN];

	if (m->was == NULL)
		return true;
	(void)gyl_dns_content_read(&s->content, node_in(m->z->view, name));
	(void)gyl_dns_content_read(&s->was, node_in(m->was, name));
	level_serial(&s->content, a);
	level_serial(&s->was, b);
	return !gyl_dns_content_same(&s->content, &s->was);
}

static bool same_set(const struct gyl_dns_rrset *a, const struct gyl_dns_rrset *b)
{
	return a->type == b->type && a->wire_len == b->wire_len && a->sig_len == b->sig_len &&
	       memcmp(gyl_dns_rrset_wire(a), gyl_dns_rrset_wire(b), a->wire_len) == 0;
}

/* Is the name the same in the zone, octet by octet? Then nothing is to be done; most names are. */
static bool is_there(const struct gyl__dns_merging *m, const struct gyl_dns_node *n)
{
	const struct gyl_dns_node *there = gyl_dns_live_node(m->z, n->name, n->name_len);
	const struct gyl_dns_rrset *a = gyl_dns_node_first(n), *b;

	if (there == NULL || there->rrset_cnt != n->rrset_cnt)
		return false;
	b = gyl_dns_node_first(there);
	for (unsigned i = n->rrset_cnt; i != 0;
		i--, a = gyl_dns_rrset_next(a), b = gyl_dns_rrset_next(b))
		if (!same_set(a, b))
			return false;
	return true;
}

static bool is_to_be_as_in_file(const struct gyl__dns_merging *m, const uint8_t *name)
{
	return m->z == NULL || m->file_wins || !is_changed(m, name);
}

bool gyl__dns_merge_comes(const struct gyl__dns_merging *m, const struct gyl_dns_node *n)
{
	return !is_there(m, n) && is_to_be_as_in_file(m, n->name);
}

bool gyl__dns_merge_goes(const struct gyl__dns_merging *m, const struct gyl_dns_node *n)
{
	const struct gyl_dns_node *in_file = node_in(m->is, n->name);

	return n->rrset_cnt != 0 && (in_file == NULL || in_file->rrset_cnt == 0) &&
	       is_to_be_as_in_file(m, n->name);
}

struct gyl_dns_content *gyl__dns_merge_content(
	const struct gyl__dns_merging *m, const uint8_t *name)
{
	struct gyl_dns_content *c = &m->all->scratch->content;

	if (!is_to_be_as_in_file(m, name)) {
		(void)gyl_dns_content_read(c, node_in(m->z->view, name));
		return c;
	}
	(void)gyl_dns_content_read(c, node_in(m->is, name));
	if (!m->file_wins)
		gyl_dns_content_set_serial(c, gyl_dns_live_serial(m->z));
	return c;
}

bool gyl__dns_merge_name(const struct gyl__dns_merging *m, const uint8_t *name)
{
	const struct gyl_dns_node *n = node_in(m->is, name);

	if ((n != NULL && is_there(m, n)) || !is_to_be_as_in_file(m, name))
		return true;
	(void)gyl__dns_merge_content(m, name);
	return gyl_dns_edit_put(m->e, name);
}

static bool take_all(struct gyl__dns_merging *m)
{
	const struct gyl_dns_node *n;

	for (uint32_t off = m->is->node_off; (n = gyl_dns_image_walk(m->is, &off)) != NULL;)
		if (n->rrset_cnt != 0 && !gyl__dns_merge_name(m, n->name))
			return false;
	return true;
}

/* Names that the new file does not have any more. */
static bool drop_all(struct gyl__dns_merging *m)
{
	uint8_t name[GYL_DNS_NAME_MAX];

	/* from the last one on: with a name those go that are above it, and so before it */
	for (uint32_t at = m->z->order_cnt; at != 0;) {
		const struct gyl_dns_node *n;

		at = at < m->z->order_cnt ? at - 1 : m->z->order_cnt - 1;
		n = gyl__dns_live_at(m->z, gyl__dns_live_order(m->z)[at]);
		if (!gyl__dns_merge_goes(m, n))
			continue;
		memcpy(name, n->name, n->name_len);
		gyl_dns_edit_open(m->e, name)->cnt = 0;
		if (!gyl_dns_edit_put(m->e, name))
			return false;
	}
	return true;
}

static bool settle_serial(struct gyl__dns_merging *m)
{
	if (m->file_wins || !gyl_dns_edit_any(m->e))
		return true;
	return gyl_dns_edit_serial(m->e, gyl_dns_serial_next(m->e->b->serial));
}

enum gyl_dns_merged gyl__dns_merge_end(struct gyl__dns_merging *m, bool fits)
{
	fits = fits && settle_serial(m);
	m->z->file_sum = m->is->checksum;
	m->z->file_serial = gyl_dns_image_zone(m->is, 0)->serial;
	if (gyl_dns_edit_any(m->e))
		gyl_dns_edit_end(m->e);
	if (!fits)
		return GYL_DNS_MERGED_FULL;
	if (m->file_wins)
		return GYL_DNS_MERGED_FILE;
	return gyl_dns_edit_any(m->e) ? GYL_DNS_MERGED_KEPT : GYL_DNS_MERGED_SAME;
}

enum gyl_dns_merged gyl_dns_merge(struct gyl_dns_edit *e, struct gyl_dns_lives *all,
	struct gyl_dns_ledger *l, struct gyl_dns_live *z, const struct gyl_dns_image *is,
	const struct gyl_dns_image *was)
{
	struct gyl__dns_merging m = {.e = e, .all = all, .z = z, .is = is, .was = was};

	if (!gyl_dns_edit_begin(e, all, l, z, true))
		return GYL_DNS_MERGED_FULL;
	m.file_wins = gyl_dns_serial_after(gyl_dns_image_zone(is, 0)->serial, e->b->serial);
	/* what goes makes room for what comes */
	return gyl__dns_merge_end(&m, drop_all(&m) && take_all(&m));
}
