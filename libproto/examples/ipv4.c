/* SPDX-License-Identifier: ISC */

/* Writes an IPv4 datagram with a router alert option, reads it back and walks over its options. */

#include <gyl/ipv4.h>
#include <gyl/text.h>
#include <stdio.h>

int main(void)
{
	static const uint8_t router_alert[4] = {GYL_IPV4_OPT_RA, 4, 0, 0};
	struct gyl_ipv4 ip = {
		.ttl = 1,
		.proto = GYL_IPV4_IGMP,
		.src = 0x0a000005,
		.dst = 0xe0000016,
		.options = gyl_view(router_alert, sizeof router_alert),
		.payload = gyl_view_str("a report"),
	};
	uint8_t packet[64];
	char line[160];
	struct gyl_ipv4_cursor cur;
	struct gyl_ipv4_opt opt;
	struct gyl_writer w;
	struct gyl_fault why;

	gyl_writer_init(&w, packet, sizeof packet);
	gyl_ipv4_encode(&w, &ip);
	if (!gyl_writer_ok(&w))
		return 1;
	why = gyl_ipv4_decode(gyl_writer_view(&w), 0, &ip);
	if (gyl_failed(why)) {
		fprintf(stderr, "%s at octet %zu\n", gyl_err_text(why.err), why.off);
		return 1;
	}
	gyl_ipv4_cursor_init(&cur, ip.options);
	while (gyl_ipv4_cursor_next(&cur, &opt))
		printf("option %u with %zu octets\n", opt.type, opt.val.len);
	gyl_writer_init(&w, line, sizeof line);
	gyl_ipv4_print(&w, &ip);
	puts(gyl_text_cstr(&w));
	return 0;
}
