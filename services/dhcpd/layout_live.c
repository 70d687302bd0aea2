/* SPDX-License-Identifier: ISC */

/* Reservations and drained subnets that were set while the server runs, put on top of a layout. */

#include "services/dhcpd/layout_own.h"
#include "services/dhcpd/live.h"
#include "services/dhcpd/name.h"

/* Is the client, the address or the name reserved already, by the file or before? */
static bool is_taken(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_live_host *v)
{
	struct gyl_view name = gyl_view(v->name, v->name_len);

	for (uint32_t i = 0; i < y->cnt.host_cnt; i++) {
		const struct gyl_dhcpd_host_conf *cf = y->host[i].cf;

		if ((cf->has_mac && memcmp(cf->mac, v->mac, 6) == 0) ||
			(v->address != 0 && cf->address == v->address) ||
			(name.len != 0 &&
				gyl__dhcpd_name_eq(gyl_flat_view(y->flat, cf->hostname), name)))
			return true;
	}
	return false;
}

/* Behind the block: its form, and its name. */
static void put(struct gyl_dhcpd_layout *y, uint32_t *at, const struct gyl_dhcpd_live_host *v,
	uint32_t subnet)
{
	struct gyl_dhcpd_host_conf *cf = (struct gyl_dhcpd_host_conf *)(void *)(y->block + *at);

	memset(cf, 0, sizeof *cf);
	cf->address = v->address;
	cf->has_mac = true;
	memcpy(cf->mac, v->mac, 6);
	cf->hostname.off = *at + (uint32_t)sizeof *cf;
	cf->hostname.cnt = v->name_len;
	memcpy(y->block + cf->hostname.off, v->name, v->name_len);
	*at = (cf->hostname.off + v->name_len + 7) & ~7u;
	y->host[y->cnt.host_cnt++] =
		(struct gyl_dhcpd_host){.cf = cf, .subnet = subnet, .live = true};
}

void gyl__dhcpd_build_live(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;
	uint32_t room = b->live_room, at = (y->flat->len + 7) & ~7u;

	for (uint32_t i = 0; y->live != NULL && i < y->live->host_cnt; i++) {
		struct gyl_dhcpd_live_host *v = &y->live->host[i];
		uint32_t subnet = v->address == 0 ? GYL_DHCPD_NO_SUBNET
						  : gyl__dhcpd_layout_subnet(y, v->address);

		v->hidden = (v->address != 0 && subnet == GYL_DHCPD_NO_SUBNET) || room == 0 ||
			    at + sizeof(struct gyl_dhcpd_host_conf) + sizeof v->name + 8 >
				    y->cap.block_len ||
			    is_taken(y, v);
		if (v->hidden)
			continue;
		put(y, &at, v, subnet);
		room--;
	}
}

void gyl__dhcpd_build_drain(struct gyl__dhcpd_build *b)
{
	struct gyl_dhcpd_layout *y = b->y;

	for (uint32_t i = 0; y->live != NULL && i < y->cnt.subnet_cnt; i++) {
		const struct gyl_dhcpd_live_drain *v =
			gyl__dhcpd_live_drain(y->live, &y->subnet[i]);

		if (v != NULL)
			y->subnet[i].drain = v->on;
	}
}
