/* SPDX-License-Identifier: ISC */

/* Sends a payload back to where it came from: one call down to it, one call up again. */

#include <gyl/frame.h>
#include <gyl/text.h>
#include <stdio.h>

static void say(const struct gyl_frame_udp *f)
{
	char line[160];
	struct gyl_writer w;

	gyl_writer_init(&w, line, sizeof line);
	gyl_frame_udp_print(&w, f);
	puts(gyl_text_cstr(&w));
}

static struct gyl_frame_udp turned(const struct gyl_frame_udp *f)
{
	struct gyl_frame_udp back = *f;

	memcpy(back.dst_mac, f->src_mac, 6);
	memcpy(back.src_mac, f->dst_mac, 6);
	back.src_ip = f->dst_ip;
	back.dst_ip = f->src_ip;
	back.src_port = f->dst_port;
	back.dst_port = f->src_port;
	return back;
}

int main(void)
{
	static const uint8_t hello[] = {'h', 'e', 'l', 'l', 'o'};
	struct gyl_frame_udp f = {.dst_mac = {2, 0, 0, 0, 0, 1},
		.src_mac = {2, 0, 0, 0, 0, 5},
		.src_ip = 0x0a000005,
		.dst_ip = 0x0a000001,
		.src_port = 4000,
		.dst_port = 7};
	uint8_t buf[GYL_FRAME_UDP_ROOM + 64];
	struct gyl_view frame;
	struct gyl_fault why;

	/* The payload is written once, where it will stay; the headers go before it. */
	memcpy(buf + GYL_FRAME_UDP_ROOM, hello, sizeof hello);
	why = gyl_frame_udp_encode(&f, buf, sizeof buf, GYL_FRAME_UDP_ROOM, sizeof hello, &frame);
	if (!gyl_failed(why))
		why = gyl_frame_udp_decode(frame, 0, &f);
	if (gyl_failed(why)) {
		fprintf(stderr, "%s at octet %zu\n", gyl_err_text(why.err), why.off);
		return 1;
	}
	say(&f);
	f = turned(&f);
	say(&f);
	return 0;
}
