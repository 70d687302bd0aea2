/* SPDX-License-Identifier: ISC */

/* Which subnets are on one link. */

#include "services/dhcpd/layout_own.h"

/* Two subnets, and all that are on a link with either, are on one link. Rings of different links
 * become one by crossing over once. */
void gyl__dhcpd_build_join(struct gyl_dhcpd_layout *y, uint32_t i, uint32_t j)
{
	uint32_t next = y->subnet[i].link_next, at = i;
	uint32_t first =
		y->subnet[i].link < y->subnet[j].link ? y->subnet[i].link : y->subnet[j].link;

	if (y->subnet[i].link == y->subnet[j].link)
		return;
	y->subnet[i].link_next = y->subnet[j].link_next;
	y->subnet[j].link_next = next;
	do {
		y->subnet[at].link = first;
		at = y->subnet[at].link_next;
	} while (at != i);
}

static bool same_name(const struct gyl_dhcpd_layout *y, struct gyl_ref a, struct gyl_ref b)
{
	return a.cnt != 0 && a.cnt == b.cnt &&
	       gyl_view_eq(gyl_flat_view(y->flat, a), gyl_flat_view(y->flat, b));
}

/* The first address of an interface that has a subnet says which link it is. */
static void join_iface(struct gyl__dhcpd_build *b, uint32_t further)
{
	struct gyl_dhcpd_layout *y = b->y;
	uint32_t of = b->iface[further].of - 1;
	uint16_t subnet = gyl__dhcpd_layout_subnet(y, b->iface[further].ip);

	if (subnet == GYL_DHCPD_NO_SUBNET || of >= further)
		return;
	if (y->iface_subnet[of] == GYL_DHCPD_NO_SUBNET)
		y->iface_subnet[of] = subnet;
	else
		gyl__dhcpd_build_join(y, y->iface_subnet[of], subnet);
}

static void join_named(struct gyl_dhcpd_layout *y, uint32_t i)
{
	for (uint32_t j = 0; y->subnet[i].shared.cnt != 0 && j < i; j++)
		if (same_name(y, y->subnet[i].shared, y->subnet[j].shared)) {
			gyl__dhcpd_build_join(y, i, j);
			return;
		}
}

enum gyl_dhcpd_progress gyl__dhcpd_build_links(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (; b->at < y->cnt.subnet_cnt; b->at++) {
		if (!gyl__dhcpd_slice_take(b->slice, 1 + b->at / 8))
			return GYL_DHCPD_MORE;
		y->subnet[b->at].link = y->subnet[b->at].link_next = b->at;
		join_named(y, b->at);
	}
	for (uint32_t i = 0; i < b->iface_cnt; i++)
		y->iface_subnet[i] = gyl__dhcpd_layout_subnet(y, b->iface[i].ip);
	for (uint32_t i = 0; i < b->iface_cnt; i++)
		if (b->iface[i].of != 0)
			join_iface(b, i);
	return GYL_DHCPD_DONE;
}
