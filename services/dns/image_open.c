/* SPDX-License-Identifier: ISC */

/*
 * The gate of the image. First the frames: areas that touch each other, nodes one after the other,
 * each in the index exactly once. Then what refers to nodes, for which the index is the judge.
 */

#include <gyl/dns.h>

#include "services/base/crc32c.h"
#include "services/dns/image.h"

enum {
	RR_HEAD = 12 /* owner pointer, type, class, TTL, length of the rdata */
};

uint32_t gyl_dns_image_checksum(const struct gyl_dns_image *im)
{
	size_t from = offsetof(struct gyl_dns_image, zone_off);

	return gyl_crc32c((const uint8_t *)im + from, im->len - from);
}

static bool check_areas(const struct gyl_dns_image *im)
{
	uint64_t slot_off = sizeof *im + (uint64_t)im->zone_cnt * sizeof(struct gyl_dns_zone);
	uint64_t node_off = slot_off + (uint64_t)im->slot_cnt * sizeof(struct gyl_dns_slot);

	return im->zone_off == sizeof *im && im->slot_off == slot_off && im->node_off == node_off &&
	       im->node_off <= im->node_end && im->tail_off == im->node_end &&
	       im->tail_off <= im->len && im->node_end % 4 == 0 && im->node_cnt < im->slot_cnt &&
	       im->zone_cnt <= UINT16_MAX && im->zero[0] == 0 && im->zero[1] == 0 &&
	       im->zero[2] == 0;
}

/* The name at `at` of an RRset's octets, pointers followed into the owner's name. 0: there is none.
 */
static size_t name_at(const struct gyl_dns_node *owner, const struct gyl_dns_rrset *s, size_t at,
	uint8_t name[GYL_DNS_NAME_MAX])
{
	const uint8_t *p = gyl_dns_rrset_wire(s);
	size_t len = 0, end = s->wire_len;

	for (;;) {
		size_t step;

		if (at >= end)
			return 0;
		if (p[at] >= 0xc0 && p != owner->name) {
			if (end - at < 2)
				return 0;
			at = (size_t)(gyl_get_u16(p + at) & 0x3fff) - GYL_DNS_HEADER_LEN;
			p = owner->name;
			end = owner->name_len;
			continue;
		}
		step = (size_t)p[at] + 1;
		if (p[at] > GYL_DNS_LABEL_MAX || step > end - at || step > GYL_DNS_NAME_MAX - len)
			return 0;
		memcpy(name + len, p + at, step);
		len += step;
		if (step == 1)
			return len;
		at += step;
	}
}

static bool is_suffix(const struct gyl_dns_node *n, const uint8_t *suffix, size_t len)
{
	size_t at = 0;

	while ((size_t)n->name_len - at > len)
		at += (size_t)n->name[at] + 1;
	return n->name_len - at == len && memcmp(n->name + at, suffix, len) == 0;
}

static bool check_patches(const struct gyl_dns_node *owner, const struct gyl_dns_rrset *s)
{
	const struct gyl_dns_patch *patch = gyl_dns_rrset_patch(s);
	const uint8_t *wire = gyl_dns_rrset_wire(s);

	for (unsigned i = 0; i < s->patch_cnt; i++) {
		size_t suffix_len = patch[i].suffix_len, at = patch[i].at;

		if (suffix_len == 0 || suffix_len > owner->name_len || at + 2 > s->wire_len)
			return false;
		if (gyl_get_u16(wire + at) !=
			(0xc000u | (GYL_DNS_HEADER_LEN + owner->name_len - suffix_len)))
			return false;
		if (!is_suffix(owner, owner->name + owner->name_len - suffix_len, suffix_len))
			return false;
	}
	return true;
}

/* Records one after the other, as an answer has them, to the last octet. */
static bool check_wire(const struct gyl_dns_node *owner, const struct gyl_dns_rrset *s)
{
	const uint8_t *wire = gyl_dns_rrset_wire(s);
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t at = 0;

	for (unsigned i = 0; i < s->cnt; i++) {
		if (s->wire_len - at < RR_HEAD || gyl_get_u16(wire + at) != 0xc00c ||
			gyl_get_u16(wire + at + 2) != s->type ||
			gyl_get_u16(wire + at + 4) != GYL_DNS_CLASS_IN || wire[at + 6] > 0x7f)
			return false;
		at += RR_HEAD + (size_t)gyl_get_u16(wire + at + 10);
		if (at > s->wire_len)
			return false;
	}
	if (s->type != GYL_DNS_TYPE_CNAME && s->type != GYL_DNS_TYPE_DNAME)
		return at == s->wire_len;
	/* these two are followed, so there is one of them, and it is a name */
	return at == s->wire_len && s->cnt == 1 && name_at(owner, s, RR_HEAD, name) != 0;
}

static bool check_rrset(
	const struct gyl_dns_node *owner, const struct gyl_dns_rrset *s, size_t room)
{
	if (room < sizeof *s || gyl_dns_rrset_len(s) > room)
		return false;
	return s->cnt != 0 && s->wire_len <= GYL_DNS_RRSET_MAX && s->zero == 0 &&
	       check_wire(owner, s) && check_patches(owner, s);
}

static bool check_name(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	if (gyl_failed(gyl_dns_name_check(gyl_view(n->name, n->name_len))) ||
		gyl_dns_name_label_cnt(n->name) != n->label_cnt || n->label_cnt > im->label_max)
		return false;
	for (unsigned i = 0; i < n->name_len; i++)
		if (gyl_dns_fold(n->name[i]) != n->name[i])
			return false;
	return true;
}

/* Is there one node, whole, at off and before end? Returns its length, 0 for no. */
static size_t check_node(const struct gyl_dns_image *im, size_t off, size_t end)
{
	const struct gyl_dns_node *n = gyl_dns_image_node(im, (uint32_t)off);
	const struct gyl_dns_rrset *s;
	size_t room = end - off, head;

	if (room < gyl_dns_node_head(1) || n->len > room || n->len % 4 != 0)
		return 0;
	head = gyl_dns_node_head(n->name_len);
	if (n->name_len == 0 || head > n->len || n->zone >= im->zone_cnt || !check_name(im, n))
		return 0;
	room = n->len - head;
	s = gyl_dns_node_first(n);
	for (unsigned i = 0; i < n->rrset_cnt; i++) {
		if (!check_rrset(n, s, room))
			return 0;
		room -= gyl_dns_rrset_len(s);
		s = gyl_dns_rrset_next(s);
	}
	return room == 0 ? n->len : 0;
}

/* Does the index lead from the node's name to this very offset? */
static bool indexed(const struct gyl_dns_image *im, const struct gyl_dns_node *n, size_t off)
{
	const struct gyl_dns_slot *slot =
		(const struct gyl_dns_slot *)(const void *)((const uint8_t *)im + im->slot_off);
	struct gyl_dns_key key;
	uint32_t at;

	gyl_dns_key_init(&key, n->name, n->name_len);
	at = (uint32_t)((key.hash >> 32) * im->slot_cnt >> 32);
	for (uint32_t i = 0; i < im->slot_cnt && slot[at].off != 0; i++) {
		if (slot[at].off == off)
			return slot[at].tag == (uint32_t)key.hash;
		at = at + 1 == im->slot_cnt ? 0 : at + 1;
	}
	return false;
}

/*
 * Walks the nodes. Each is found by the index, and the index has no more entries than there are
 * nodes: so every entry is a node, and one slot at least is free to end a search.
 */
static bool check_nodes(const struct gyl_dns_image *im)
{
	const struct gyl_dns_slot *slot =
		(const struct gyl_dns_slot *)(const void *)((const uint8_t *)im + im->slot_off);
	uint32_t used = 0, cnt = 0;
	size_t len;

	for (uint32_t i = 0; i < im->slot_cnt; i++)
		used += slot[i].off != 0;
	for (size_t off = im->node_off; off < im->node_end; off += len, cnt++) {
		len = check_node(im, off, im->node_end);
		if (len == 0 || !indexed(im, gyl_dns_image_node(im, (uint32_t)off), off))
			return false;
	}
	return cnt == im->node_cnt && used == cnt;
}

/* The node that a reference means, NULL when it means none. The frames are sound already. */
static const struct gyl_dns_node *refer(const struct gyl_dns_image *im, uint32_t off)
{
	const struct gyl_dns_node *n;

	if (off % 4 != 0 || off < im->node_off || off >= im->node_end ||
		im->node_end - off < gyl_dns_node_head(1))
		return NULL;
	n = gyl_dns_image_node(im, off);
	if (n->name_len == 0 || im->node_end - off < gyl_dns_node_head(n->name_len))
		return NULL;
	return indexed(im, n, off) ? n : NULL;
}

static bool check_over(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	const struct gyl_dns_node *over;

	if (n->over_off == 0)
		return true;
	over = refer(im, n->over_off);
	if (over == NULL || !is_suffix(n, over->name, over->name_len) || over->zone != n->zone)
		return false;
	if (over->flags & GYL_DNS_NODE_CUT)
		return gyl_dns_node_rrset(over, GYL_DNS_TYPE_NS) != NULL;
	return (over->flags & GYL_DNS_NODE_DNAME) != 0 && over->name_len < n->name_len;
}

static bool check_wild(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	const struct gyl_dns_node *wild;

	if (n->wild_off == 0)
		return true;
	wild = refer(im, n->wild_off);
	return wild != NULL && gyl_dns_name_is_wildcard(wild->name) && wild->zone == n->zone &&
	       wild->name_len == n->name_len + 2 &&
	       memcmp(wild->name + 2, n->name, n->name_len) == 0;
}

static bool check_extras(const struct gyl_dns_image *im, const struct gyl_dns_node *n)
{
	const struct gyl_dns_rrset *s = gyl_dns_node_first(n);
	uint8_t name[GYL_DNS_NAME_MAX];

	for (unsigned i = 0; i < n->rrset_cnt; i++, s = gyl_dns_rrset_next(s))
		for (unsigned j = 0; j < s->extra_cnt; j++) {
			const struct gyl_dns_extra *e = &gyl_dns_rrset_extra(s)[j];
			const struct gyl_dns_node *to = refer(im, e->node_off);
			size_t len = name_at(n, s, e->at, name);

			gyl_dns_name_fold(name, name, len);
			if (to == NULL || len != to->name_len || memcmp(name, to->name, len) != 0 ||
				e->glue > 1)
				return false;
		}
	return true;
}

/* What the flags say is what the RRsets say. */
static bool check_flags(const struct gyl_dns_image *im, const struct gyl_dns_node *n, bool apex)
{
	bool ns = gyl_dns_node_rrset(n, GYL_DNS_TYPE_NS) != NULL;
	bool dname = gyl_dns_node_rrset(n, GYL_DNS_TYPE_DNAME) != NULL;
	unsigned want = apex ? GYL_DNS_NODE_APEX : ns ? GYL_DNS_NODE_CUT : 0;

	if (dname && want != GYL_DNS_NODE_CUT)
		want |= GYL_DNS_NODE_DNAME;
	(void)im;
	return n->flags == want;
}

static bool check_node_refs(const struct gyl_dns_image *im, uint32_t off)
{
	const struct gyl_dns_node *n = gyl_dns_image_node(im, off), *apex;
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, n->zone);

	apex = gyl_dns_image_node(im, zone->apex_off);
	return is_suffix(n, apex->name, apex->name_len) &&
	       check_flags(im, n, zone->apex_off == off) && check_over(im, n) &&
	       check_wild(im, n) && check_extras(im, n);
}

/* The SOA for negative answers: one record, owned by the apex. Returns its length, 0 for no. */
static size_t check_soa(const struct gyl_dns_image *im, const struct gyl_dns_zone *zone, size_t off)
{
	const struct gyl_dns_rrset *s =
		(const struct gyl_dns_rrset *)(const void *)((const uint8_t *)im + off);

	if (zone->soa_off != off ||
		!check_rrset(gyl_dns_image_node(im, zone->apex_off), s, im->len - off))
		return 0;
	return s->type == GYL_DNS_TYPE_SOA && s->cnt == 1 && s->extra_cnt == 0
		       ? gyl_dns_rrset_len(s)
		       : 0;
}

/* The cut of the zone above: a node outside the index, without wildcard and additional addresses.
 */
static size_t check_parent(
	const struct gyl_dns_image *im, const struct gyl_dns_zone *zone, size_t off)
{
	const struct gyl_dns_node *apex = gyl_dns_image_node(im, zone->apex_off), *cut, *above;
	size_t len = zone->parent_off == off ? check_node(im, off, im->len) : 0;

	if (len == 0)
		return 0;
	cut = gyl_dns_image_node(im, (uint32_t)off);
	above = gyl_dns_image_node(im, gyl_dns_image_zone(im, cut->zone)->apex_off);
	if (cut->name_len != apex->name_len || memcmp(cut->name, apex->name, cut->name_len) != 0 ||
		above->name_len >= cut->name_len || !is_suffix(cut, above->name, above->name_len) ||
		cut->wild_off != 0 || !check_over(im, cut))
		return 0;
	for (const struct gyl_dns_rrset *s = gyl_dns_node_first(cut);
		(const uint8_t *)s < (const uint8_t *)cut + len; s = gyl_dns_rrset_next(s))
		if (s->extra_cnt != 0)
			return 0;
	return len;
}

static bool check_zones(const struct gyl_dns_image *im)
{
	size_t off = im->tail_off;

	for (uint32_t i = 0; i < im->zone_cnt; i++)
		if (refer(im, gyl_dns_image_zone(im, i)->apex_off) == NULL ||
			gyl_dns_image_node(im, gyl_dns_image_zone(im, i)->apex_off)->zone != i)
			return false;
	for (uint32_t i = 0; i < im->zone_cnt; i++) {
		const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, i);
		size_t len = zone->parent_off == 0 ? 0 : check_parent(im, zone, off);

		if (zone->parent_off != 0 && len == 0)
			return false;
		off += len;
		len = check_soa(im, zone, off);
		if (len == 0)
			return false;
		off += len;
	}
	return off == im->len;
}

static bool check_refs(const struct gyl_dns_image *im)
{
	for (uint32_t off = im->node_off; off < im->node_end;
		off += gyl_dns_image_node(im, off)->len)
		if (!check_node_refs(im, off))
			return false;
	return true;
}

const struct gyl_dns_image *gyl_dns_image_open(struct gyl_view block)
{
	const struct gyl_dns_image *im = (const struct gyl_dns_image *)(const void *)block.p;

	if (block.len < sizeof *im || (uintptr_t)block.p % 8 != 0)
		return NULL;
	if (im->magic != GYL_DNS_IMAGE_MAGIC || im->version != GYL_DNS_IMAGE_VERSION ||
		im->len != block.len || im->checksum != gyl_dns_image_checksum(im))
		return NULL;
	return check_areas(im) && check_nodes(im) && check_zones(im) && check_refs(im) ? im : NULL;
}
