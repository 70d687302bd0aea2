/* SPDX-License-Identifier: ISC */

/* What a boot ROM loads, and from where. */

#include <gyl/text.h>

#include "services/dhcpd/state.h"

/* Take from a configuration what no nearer one said. */
static void fill(
	struct gyl_dhcpd_boot *b, const struct gyl_flat *f, const struct gyl_dhcpd_boot_conf *cf)
{
	if (b->next_server == 0)
		b->next_server = cf->next_server;
	if (b->file.len == 0)
		b->file = gyl_flat_view(f, cf->boot_file);
	if (b->server.len == 0)
		b->server = gyl_flat_view(f, cf->server_name);
}

void gyl__dhcpd_boot_read(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	const struct gyl_dhcpd_layout *y = d->layout;
	const struct gyl_dhcpd_class *k = y->class;
	struct gyl_dhcpd_boot *b = &r->boot;

	memset(b, 0, sizeof *b);
	if (!y->has_boot)
		return;
	if (r->host != NULL)
		fill(b, y->flat, &r->host->cf->boot);
	for (uint64_t bits = r->class_bits; bits != 0; bits >>= 1, k++)
		if ((bits & 1) != 0)
			fill(b, y->flat, &k->cf->boot);
	if (r->subnet->cf != NULL)
		fill(b, y->flat, &r->subnet->cf->boot);
	fill(b, y->flat, &y->cf->boot);
}

bool gyl__dhcpd_boot_option(const struct gyl_dhcpd_boot *b, uint8_t code,
	uint8_t scratch[GYL_DHCPD_SCRATCH], struct gyl_view *ret_val)
{
	struct gyl_writer w;

	gyl_writer_init(&w, scratch, GYL_DHCPD_SCRATCH);
	switch (code) {
	case GYL_DHCP_OPT_BOOTFILE:
		*ret_val = b->file;
		return b->file.len != 0;
	case GYL_DHCP_OPT_TFTP_SERVER_NAME:
		/* RFC 2132 9.4: a name; ROMs take an address written out, too. */
		*ret_val = b->server;
		if (b->server.len == 0 && b->next_server != 0) {
			gyl_text_ipv4(&w, b->next_server);
			*ret_val = gyl_writer_view(&w);
		}
		return ret_val->len != 0;
	case GYL_DHCP_OPT_TFTP_SERVERS: /* RFC 5859 */
		gyl_put_u32(&w, b->next_server);
		*ret_val = gyl_writer_view(&w);
		return b->next_server != 0;
	default:
		return false;
	}
}
