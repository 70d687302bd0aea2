/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/state.h"

struct gyl_view gyl__dhcpd_lease_id(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	(void)d;
	return gyl_view(l->id, l->id_len);
}

struct gyl_view gyl__dhcpd_lease_name(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	(void)d;
	return gyl_view(l->name, l->name_len);
}

struct gyl_view gyl__dhcpd_lease_relay(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	(void)d;
	(void)l;
	return gyl_view(NULL, 0);
}
