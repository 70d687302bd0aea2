/* SPDX-License-Identifier: ISC */

/* Prints the lease that a server gives: a DHCP message in hexadecimal on standard input. */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>
#include <stdio.h>

static void show(const struct gyl_dhcp_msg *msg, uint8_t code)
{
	uint8_t joined[1024], text[4096];
	struct gyl_writer w;
	struct gyl_view val;

	if (gyl_failed(gyl_dhcp_join(msg, code, joined, sizeof joined, &val)))
		return; /* absent, or bad and so skipped */
	gyl_writer_init(&w, text, sizeof text);
	gyl_dhcp_opt_print(&w, code, val);
	printf("%s: %s\n", gyl_dhcp_opt_get(code).name, gyl_text_cstr(&w));
}

int main(void)
{
	static const uint8_t wanted[] = {GYL_DHCP_OPT_SUBNET_MASK, GYL_DHCP_OPT_ROUTERS,
		GYL_DHCP_OPT_DNS_SERVERS, GYL_DHCP_OPT_DOMAIN_SEARCH, GYL_DHCP_OPT_ROUTES};
	char hex[4096];
	uint8_t in[2048], text[GYL_TEXT_IPV4_MAX];
	struct gyl_dhcp_msg msg;
	struct gyl_writer w;
	struct gyl_fault why;
	uint32_t lease_s;
	size_t len;

	len = fread(hex, 1, sizeof hex, stdin);
	if (gyl_failed(gyl_parse_hex(gyl_view(hex, len), in, sizeof in, &len)))
		return 1;
	why = gyl_dhcp_decode(gyl_view(in, len), &msg);
	if (why.err != GYL_OK)
		printf("%s at octet %zu\n", gyl_err_text(why.err), why.off);
	if (gyl_failed(why) || msg.type != GYL_DHCP_ACK)
		return 1;
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_ipv4(&w, msg.hdr.yiaddr);
	printf("address: %s\n", gyl_text_cstr(&w));
	if (gyl_dhcp_find_u32(&msg, GYL_DHCP_OPT_LEASE_TIME, &lease_s))
		printf("lease: %lu s\n", (unsigned long)lease_s);
	for (size_t i = 0; i < sizeof wanted; i++)
		show(&msg, wanted[i]);
	return 0;
}
