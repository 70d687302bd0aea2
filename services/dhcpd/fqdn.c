/* SPDX-License-Identifier: ISC */

/* Option 81, RFC 4702: the server says what it does with the name, in the form that it was asked
 * in. */

#include "services/dhcpd/reply.h"

/* RFC 4702 4: N is respected; else we add the name, whether the client wanted that or not. */
static uint8_t flags_of(uint8_t asked)
{
	uint8_t f = asked & GYL_DHCP_FQDN_E;

	if ((asked & GYL_DHCP_FQDN_N) != 0)
		return f | GYL_DHCP_FQDN_N;
	if ((asked & GYL_DHCP_FQDN_S) != 0)
		return f | GYL_DHCP_FQDN_S;
	return f | GYL_DHCP_FQDN_S | GYL_DHCP_FQDN_O;
}

static void put_text(const struct gyl_dhcpd_req *r, struct gyl_writer *w)
{
	gyl_put_view(w, r->name);
	if (r->name.len == 0 || r->subnet->domain.len == 0)
		return;
	gyl_put_u8(w, '.');
	gyl_put_view(w, r->subnet->domain);
}

bool gyl__dhcpd_fqdn_put(const struct gyl_dhcpd_req *r, struct gyl_dhcp_writer *w)
{
	uint8_t join[3 + GYL_DHCP_NAME_MAX], text[GYL_DHCPD_NAME_MAX + 1 + 255], val[3 + 256];
	struct gyl_dhcp_fqdn asked, f = {.rcode1 = 255, .rcode2 = 255};
	struct gyl_dhcp_name wire;
	struct gyl_writer t, v;
	struct gyl_view opt;

	if (!gyl__dhcpd_join(r, GYL_DHCP_OPT_FQDN, join, sizeof join, &opt) ||
		gyl_failed(gyl_dhcp_fqdn_decode(opt, &asked)))
		return false;
	gyl_writer_init(&t, text, sizeof text);
	put_text(r, &t);
	f.flags = flags_of(asked.flags);
	f.name = gyl_writer_view(&t);
	if ((f.flags & GYL_DHCP_FQDN_N) != 0) {
		f.name = asked.name; /* it is the client's own affair */
	} else if ((f.flags & GYL_DHCP_FQDN_E) != 0 && f.name.len != 0) {
		if (gyl_failed(gyl_dhcp_name_parse(f.name, &wire)))
			return false;
		f.name = gyl_view(wire.wire, wire.len);
	}
	gyl_writer_init(&v, val, sizeof val);
	gyl_dhcp_fqdn_encode(&v, &f);
	return gyl_writer_ok(&v) && gyl_dhcp_try(w, GYL_DHCP_OPT_FQDN, gyl_writer_view(&v));
}
