/* SPDX-License-Identifier: ISC */

/* Cuts that zones hang in which are here, too (RFC 5936 3.5): the image has their names as the
 * lower zone's. */

#include <gyl/dns.h>

#include "services/dns/walk_own.h"

/* The addresses of a server that the cut names, in the zone below or one below that. */
static const struct gyl_dns_node *glue_of(
	const struct gyl_dns_walk *w, const struct gyl_dns_node *cut, const uint8_t *server)
{
	struct gyl_dns_found f;
	struct gyl_dns_key k;

	if (!gyl_dns_name_is_under(server, cut->name))
		return NULL;
	gyl_dns_key_init(&k, server, gyl_dns_name_len(server));
	gyl_dns_find(w->d, &k, &f);
	return f.kind == GYL_DNS_DATA && f.apex_len > w->apex_len ? f.node : NULL;
}

/* The server of record number w->server of the cut's NS, folded; false: there are no more. */
static bool next_server(struct gyl_dns_walk *w, const struct gyl_dns_node *cut, uint8_t *name)
{
	const struct gyl_dns_rrset *ns = gyl_dns_node_rrset(cut, GYL_DNS_TYPE_NS);
	uint8_t buf[GYL_DNS_UNPACK_LEN];
	struct gyl_dns_unpacked u;
	size_t at = 0;

	for (uint32_t i = 0; ns != NULL && gyl_dns_unpack(cut, ns, &at, buf, &u); i++) {
		if (u.type != GYL_DNS_TYPE_NS || i != w->server)
			continue;
		gyl_dns_name_fold(name, u.rdata.p, u.rdata.len);
		w->server++;
		w->set = 0;
		w->at = 0;
		return true;
	}
	return false;
}

/* The cut itself, then the glue. w->name is that of the node that is told. */
static bool next_of_cut(
	struct gyl_dns_walk *w, const struct gyl_dns_node *cut, struct gyl_dns_walked *ret_rr)
{
	const struct gyl_dns_node *n = w->server == 0 ? cut : glue_of(w, cut, w->name);

	for (;;) {
		while (gyl__dns_walk_present(w, n, ret_rr))
			if (w->server == 0 || ret_rr->type == GYL_DNS_TYPE_A ||
				ret_rr->type == GYL_DNS_TYPE_AAAA)
				return true;
		if (!next_server(w, cut, w->name))
			return false;
		n = glue_of(w, cut, w->name);
	}
}

bool gyl__dns_walk_cut(struct gyl_dns_walk *w, struct gyl_dns_walked *ret_rr)
{
	for (; w->cut < w->image->zone_cnt; w->cut++, w->in_name = false) {
		const struct gyl_dns_zone *below = gyl_dns_image_zone(w->image, w->cut);
		const struct gyl_dns_node *cut = gyl_dns_image_node(w->image, below->parent_off);

		if (below->parent_off == 0 || cut->zone != w->zone)
			continue;
		if (!w->in_name) {
			w->in_name = true;
			w->server = w->set = 0;
			w->at = 0;
			memcpy(w->name, cut->name, cut->name_len);
		}
		if (next_of_cut(w, cut, ret_rr))
			return true;
	}
	return false;
}
