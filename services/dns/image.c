/* SPDX-License-Identifier: ISC */
#include "services/dns/image.h"

const struct gyl_dns_node *gyl_dns_image_find(
	const struct gyl_dns_image *im, const uint8_t *name, size_t len, uint64_t hash)
{
	const struct gyl_dns_slot *slot = gyl_dns_image_slots(im);
	uint32_t at = gyl_dns_image_place(im, hash);

	for (; slot[at].off != 0; at = gyl_dns_image_place_next(im, at)) {
		const struct gyl_dns_node *n;

		if (slot[at].tag != (uint32_t)hash)
			continue;
		n = gyl_dns_image_node(im, slot[at].off);
		if (n->name_len == len && memcmp(n->name, name, len) == 0)
			return n;
	}
	return NULL;
}

const struct gyl_dns_rrset *gyl_dns_node_rrset(const struct gyl_dns_node *n, uint16_t type)
{
	const struct gyl_dns_rrset *s = gyl_dns_node_first(n);

	for (unsigned i = n->rrset_cnt; i != 0; i--, s = gyl_dns_rrset_next(s))
		if (s->type == type)
			return s;
	return NULL;
}

size_t gyl_dns_node_len(const struct gyl_dns_node *n)
{
	const struct gyl_dns_rrset *s = gyl_dns_node_first(n);

	for (unsigned i = n->rrset_cnt; i != 0; i--)
		s = gyl_dns_rrset_next(s);
	return (size_t)((const uint8_t *)s - (const uint8_t *)n);
}

const struct gyl_dns_node *gyl_dns_image_walk(const struct gyl_dns_image *im, uint32_t *off)
{
	const struct gyl_dns_node *n;

	/* no name has no octets: that is padding */
	while (*off < im->node_end && gyl_dns_image_node(im, *off)->name_len == 0)
		*off += 4;
	if (*off >= im->node_end)
		return NULL;
	n = gyl_dns_image_node(im, *off);
	*off += (uint32_t)gyl_dns_node_len(n);
	return n;
}
