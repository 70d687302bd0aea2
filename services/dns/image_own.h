/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_IMAGE_OWN_H
#define GYL_SERVICES_DNS_IMAGE_OWN_H

/* What the parts of the gate share. image_frame.c proves that a thing is whole where it lies,
 * image_open.c that things lie where they should, image_refs.c that they mean each other. */

#include "services/dns/image.h"

/* Labels of what should be a name and nothing else, -1 when it is not. */
int gyl__dns_check_name(const uint8_t *name, size_t len);

/* Is there an RRset of that owner, whole, within room octets? */
bool gyl__dns_check_rrset(struct gyl_view owner, const struct gyl_dns_rrset *s, size_t room);

/* Is there one node, whole, at off and before end? Returns its length, 0 for no. *ret_key is its
 * name as a key. */
size_t gyl__dns_check_node(
	const struct gyl_dns_image *im, size_t off, size_t end, struct gyl_dns_key *ret_key);

/* The name at `at` of an RRset's octets, pointers followed into the owner's name. Octets of it, 0:
 * there is none. */
size_t gyl__dns_check_name_at(struct gyl_view owner, const struct gyl_dns_rrset *s, size_t at,
	uint8_t name[GYL_DNS_NAME_MAX]);

/* Does the index lead from a name with that hash to this very offset? */
bool gyl__dns_leads_to(const struct gyl_dns_image *im, uint64_t hash, uint32_t off);

/* Zones and what stands behind the nodes; then all that a node refers to. Frames and index are
 * sound already. */
bool gyl__dns_check_zones(const struct gyl_dns_image *im);
bool gyl__dns_check_refs(const struct gyl_dns_image *im, const struct gyl_dns_node *n);

static inline struct gyl_view gyl__dns_node_name(const struct gyl_dns_node *n)
{
	return gyl_view(n->name, n->name_len);
}

#endif
