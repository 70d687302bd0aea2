/* SPDX-License-Identifier: ISC */
#include "services/dns/image_own.h"

#include <gyl/dns.h>

enum {
	RR_HEAD = 12,    /* owner pointer, type, class, TTL, length of the rdata */
	RRSIG_FIXED = 18 /* octets of its rdata before the signer's name */
};

int gyl__dns_check_name(const uint8_t *name, size_t len)
{
	size_t at = 0;

	for (int labels = 0; at < len; labels++) {
		if (name[at] == 0)
			return at + 1 == len ? labels : -1;
		if (name[at] > GYL_DNS_LABEL_MAX)
			return -1;
		at += (size_t)name[at] + 1;
	}
	return -1;
}

size_t gyl__dns_check_name_at(struct gyl_view owner, const struct gyl_dns_rrset *s, size_t at,
	uint8_t name[GYL_DNS_NAME_MAX])
{
	const uint8_t *p = gyl_dns_rrset_wire(s);
	size_t len = 0, end = s->wire_len;

	for (;;) {
		size_t step;

		if (at >= end)
			return 0;
		if (p[at] >= 0xc0 && p != owner.p) {
			if (end - at < 2)
				return 0;
			at = (size_t)(gyl_get_u16(p + at) & 0x3fff) - GYL_DNS_HEADER_LEN;
			p = owner.p;
			end = owner.len;
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

/* Does a label of the name begin there? */
static bool is_label(struct gyl_view name, size_t off)
{
	size_t at = 0;

	while (at < off)
		at += (size_t)name.p[at] + 1;
	return at == off;
}

static bool check_patches(struct gyl_view owner, const struct gyl_dns_rrset *s)
{
	const struct gyl_dns_patch *patch = gyl_dns_rrset_patch(s);
	const uint8_t *wire = gyl_dns_rrset_wire(s);

	for (unsigned i = 0; i < s->patch_cnt; i++) {
		size_t suffix_len = patch[i].suffix_len, at = patch[i].at;

		if (suffix_len == 0 || suffix_len > owner.len || at + 2 > s->wire_len)
			return false;
		if (gyl_get_u16(wire + at) !=
				(0xc000u | (GYL_DNS_HEADER_LEN + owner.len - suffix_len)) ||
			!is_label(owner, owner.len - suffix_len))
			return false;
	}
	return true;
}

/* One record, as an answer has it. Returns its octets, 0 for no. */
static size_t check_rr(const uint8_t *rr, size_t room, uint16_t type)
{
	size_t len;

	if (room < RR_HEAD || gyl_get_u16(rr) != 0xc00c || gyl_get_u16(rr + 2) != type ||
		gyl_get_u16(rr + 4) != GYL_DNS_CLASS_IN || rr[6] > 0x7f)
		return 0;
	len = RR_HEAD + (size_t)gyl_get_u16(rr + 10);
	return len <= room ? len : 0;
}

/* Records one after the other, to the last octet. */
static bool check_wire(struct gyl_view owner, const struct gyl_dns_rrset *s)
{
	const uint8_t *wire = gyl_dns_rrset_wire(s);
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t at = 0;

	for (unsigned i = 0; i < s->cnt; i++) {
		size_t len = check_rr(wire + at, s->wire_len - at, s->type);

		if (len == 0)
			return false;
		at += len;
	}
	/* these two are followed, so there is one of them, and it is a name */
	if (s->type == GYL_DNS_TYPE_CNAME &&
		(s->cnt != 1 || gyl__dns_check_name_at(owner, s, RR_HEAD, name) == 0))
		return false;
	if (s->type == GYL_DNS_TYPE_DNAME &&
		(s->cnt != 1 || gyl__dns_check_name(wire + RR_HEAD, at - RR_HEAD) < 0))
		return false;
	return at == s->wire_len;
}

/* Signatures of these records and no others. */
static bool check_sigs(const struct gyl_dns_rrset *s)
{
	const uint8_t *sig = gyl_dns_rrset_wire(s) + s->wire_len;
	size_t len, room = s->sig_len;

	for (; room != 0; sig += len, room -= len) {
		len = check_rr(sig, room, GYL_DNS_TYPE_RRSIG);
		if (len < RR_HEAD + RRSIG_FIXED || gyl_get_u16(sig + RR_HEAD) != s->type)
			return false;
	}
	return true;
}

bool gyl__dns_check_rrset(struct gyl_view owner, const struct gyl_dns_rrset *s, size_t room)
{
	if (room < sizeof *s || gyl_dns_rrset_len(s) > room)
		return false;
	return s->cnt != 0 && (size_t)s->wire_len + s->sig_len <= GYL_DNS_RRSET_MAX &&
	       s->type != GYL_DNS_TYPE_RRSIG && check_wire(owner, s) && check_patches(owner, s) &&
	       check_sigs(s);
}

/* Its name is one, folded, of no more labels than the header says. */
static bool check_key(
	const struct gyl_dns_image *im, const struct gyl_dns_node *n, struct gyl_dns_key *k)
{
	int labels = gyl__dns_check_name(n->name, n->name_len);

	if (labels < 0 || (unsigned)labels > im->label_max)
		return false;
	gyl_dns_key_init(k, n->name, n->name_len);
	return memcmp(k->name, n->name, n->name_len) == 0;
}

size_t gyl__dns_check_node(
	const struct gyl_dns_image *im, size_t off, size_t end, struct gyl_dns_key *ret_key)
{
	const struct gyl_dns_node *n = gyl_dns_image_node(im, (uint32_t)off);
	const struct gyl_dns_rrset *s;
	size_t room = end - off, head;

	if (room < gyl_dns_node_head(1, false) || n->name_len == 0)
		return 0;
	head = gyl_dns_node_head(n->name_len, (n->flags & GYL_DNS_NODE_MORE) != 0);
	if (head > room || n->zone >= im->zone_cnt || !check_key(im, n, ret_key))
		return 0;
	room -= head;
	s = gyl_dns_node_first(n);
	for (unsigned i = 0; i < n->rrset_cnt; i++) {
		if (!gyl__dns_check_rrset(gyl__dns_node_name(n), s, room))
			return 0;
		room -= gyl_dns_rrset_len(s);
		s = gyl_dns_rrset_next(s);
	}
	return end - off - room;
}
