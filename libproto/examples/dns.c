/* SPDX-License-Identifier: ISC */

/* Prints a DNS message given in hexadecimal, and the mail servers it names. Without argument: a
 * sample. */

#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/text.h>
#include <stdio.h>

static const char sample[] = "1234 8180 0001 0001 0000 0000 07 6578616d706c65 00 000f 0001"
			     "c00c 000f 0001 00000e10 0009 000a 04 6d61696c c00c";

static void list_mail_servers(const struct gyl_dns_msg *msg)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	struct gyl_dns_mx mx;

	for (gyl_dns_rr_init(&cur, msg, GYL_DNS_ANSWER); gyl_dns_rr_next(&cur, &rr);) {
		uint8_t name[GYL_DNS_NAME_MAX];
		char text[GYL_DNS_NAME_TEXT_MAX];
		struct gyl_writer w;

		if (!gyl_dns_rdata_mx(msg->raw, &rr, &mx))
			continue;
		gyl_dns_name_get(msg->raw, mx.exchange_off, name);
		gyl_writer_init(&w, text, sizeof text);
		gyl_dns_name_print(&w, name);
		printf("mail goes to %s (%u)\n", gyl_text_cstr(&w), mx.preference);
	}
}

int main(int argc, char **argv)
{
	static char text[65536];
	uint8_t octets[4096];
	size_t len = 0;
	struct gyl_dns_msg msg;
	struct gyl_writer w;
	struct gyl_fault why = gyl_parse_hex(
		gyl_view_str(argc > 1 ? argv[1] : sample), octets, sizeof octets, &len);

	if (!gyl_failed(why))
		why = gyl_dns_decode(gyl_view(octets, len), &msg);
	if (gyl_failed(why)) {
		fprintf(stderr, "%s at octet %zu\n", gyl_err_text(why.err), why.off);
		return 1;
	}
	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_print(&w, &msg);
	fputs(gyl_text_cstr(&w), stdout);
	list_mail_servers(&msg);
	return 0;
}
