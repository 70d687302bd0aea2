/* SPDX-License-Identifier: ISC */

/* Writes the SYN of a connection with its options, and reads it as the other side would. */

#include <gyl/tcp.h>
#include <gyl/text.h>
#include <stdio.h>

enum {
	SRC = 0x0a000005,
	DST = 0x0a000001
};

int main(void)
{
	uint8_t options[GYL_TCP_OPTIONS_MAX], segment[GYL_TCP_HEADER_MAX];
	struct gyl_tcp syn = {.src_port = 40000,
		.dst_port = 514,
		.seq = 1000,
		.flags = GYL_TCP_SYN,
		.window = 64240};
	struct gyl_tcp_known known;
	struct gyl_writer w;
	struct gyl_fault why;
	char line[160];

	gyl_writer_init(&w, options, sizeof options);
	gyl_tcp_put_mss(&w, 1460);
	gyl_tcp_put_sack_permitted(&w);
	gyl_tcp_put_wscale(&w, 7);
	syn.options = gyl_writer_view(&w);

	gyl_writer_init(&w, segment, sizeof segment);
	gyl_tcp_encode(&w, &syn, SRC, DST);
	if (!gyl_writer_ok(&w))
		return 1;

	why = gyl_tcp_decode(gyl_writer_view(&w), SRC, DST, 0, &syn);
	if (gyl_failed(why)) {
		fprintf(stderr, "%s at octet %zu\n", gyl_err_text(why.err), why.off);
		return 1;
	}
	gyl_tcp_known_get(syn.options, &known);
	printf("segments of up to %u octets, windows times %u\n", known.mss, 1u << known.wscale);
	gyl_writer_init(&w, line, sizeof line);
	gyl_tcp_print(&w, &syn);
	puts(gyl_text_cstr(&w));
	return 0;
}
