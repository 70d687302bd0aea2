/* SPDX-License-Identifier: ISC */

/* Writes an offer of at most 548 octets; options given as NAME VALUE pairs go in as long as they
 * fit. */

#include <gyl/dhcp_opt.h>
#include <gyl/dhcp_print.h>
#include <gyl/text.h>
#include <stdio.h>

static void add(struct gyl_dhcp_writer *w, const char *name, const char *text)
{
	struct gyl_fault why = gyl_fault(GYL_E_SYNTAX, 0);
	struct gyl_writer val;
	uint8_t buf[1024], code;

	gyl_writer_init(&val, buf, sizeof buf);
	if (gyl_dhcp_opt_by_name(gyl_view_str(name), &code))
		why = gyl_dhcp_opt_parse(code, gyl_view_str(text), &val);
	if (gyl_failed(why))
		fprintf(stderr, "%s: %s at octet %zu\n", name, gyl_err_text(why.err), why.off);
	else if (!gyl_dhcp_try(w, code, gyl_writer_view(&val)))
		fprintf(stderr, "%s: left out, no room\n", name);
}

int main(int argc, char **argv)
{
	static const struct gyl_dhcp_hdr hdr = {.op = GYL_DHCP_BOOTREPLY,
		.htype = 1,
		.hlen = 6,
		.xid = 0x12345678,
		.yiaddr = 0x0a000005,
		.chaddr = {2, 0, 0, 0, 0, 1}};
	uint8_t buf[GYL_DHCP_LEN_DEFAULT], text[8192];
	struct gyl_dhcp_writer w;
	struct gyl_dhcp_msg msg;
	struct gyl_writer out;
	size_t len;

	gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, GYL_DHCP_OFFER);
	gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_SERVER_ID, 0x0a000001);
	gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_LEASE_TIME, 3600);
	gyl_dhcp_overload(&w, GYL_DHCP_OVERLOAD_BOTH);
	for (int i = 1; i + 1 < argc; i += 2)
		add(&w, argv[i], argv[i + 1]);
	if (gyl_failed(gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &len)))
		return 1;
	if (gyl_failed(gyl_dhcp_decode(gyl_view(buf, len), &msg)))
		return 1;
	gyl_writer_init(&out, text, sizeof text);
	gyl_dhcp_print(&out, &msg);
	fputs(gyl_text_cstr(&out), stdout);
	return 0;
}
