/* SPDX-License-Identifier: ISC */

/* Writes a UDP datagram, reads it back, and shows that one wrong bit is noticed. */

#include <gyl/text.h>
#include <gyl/udp.h>
#include <stdio.h>

enum {
	SRC = 0x0a000005,
	DST = 0x0a000001
};

static void receive(struct gyl_view datagram)
{
	struct gyl_udp udp;
	struct gyl_fault why = gyl_udp_decode(datagram, SRC, DST, 0, &udp);
	char line[80];
	struct gyl_writer w;

	if (gyl_failed(why)) {
		printf("dropped: %s at octet %zu\n", gyl_err_text(why.err), why.off);
		return;
	}
	gyl_writer_init(&w, line, sizeof line);
	gyl_udp_print(&w, &udp);
	printf("%s: %.*s\n", gyl_text_cstr(&w), (int)udp.payload.len, (const char *)udp.payload.p);
}

int main(void)
{
	struct gyl_udp udp = {
		.src_port = 5140, .dst_port = 514, .payload = gyl_view_str("<13>hello")};
	uint8_t buf[64];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_udp_encode(&w, &udp, SRC, DST);
	if (!gyl_writer_ok(&w))
		return 1;
	receive(gyl_writer_view(&w));
	buf[10] ^= 1;
	receive(gyl_writer_view(&w));
	return 0;
}
