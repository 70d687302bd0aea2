/* SPDX-License-Identifier: ISC */

/* Answers an echo, and shows what an "unreachable" is about. */

#include <gyl/icmp.h>
#include <gyl/text.h>
#include <stdio.h>

static void say(const struct gyl_icmp *m)
{
	char line[200];
	struct gyl_writer w;

	gyl_writer_init(&w, line, sizeof line);
	gyl_icmp_print(&w, m);
	puts(gyl_text_cstr(&w));
}

int main(void)
{
	static const uint8_t datagram[28] = {0x45, 0, 0, 37, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0,
		5, 10, 0, 0, 1, 0xc7, 0xfb, 2, 2, 0, 17, 0, 0};
	struct gyl_icmp echo = gyl_icmp_echo(7, 1, gyl_view_str("are you there?")), reply, error;
	struct gyl_ipv4 original;
	uint8_t packet[64];
	struct gyl_writer w;

	reply = gyl_icmp_echo_reply(&echo);
	gyl_writer_init(&w, packet, sizeof packet);
	gyl_icmp_encode(&w, &reply);
	if (!gyl_writer_ok(&w) || gyl_failed(gyl_icmp_decode(gyl_writer_view(&w), 0, &reply)))
		return 1;
	say(&echo);
	say(&reply);

	error = gyl_icmp_unreachable(GYL_ICMP_PORT, 0, gyl_view(datagram, sizeof datagram));
	say(&error);
	if (!gyl_failed(gyl_icmp_original(&error, &original)) && original.payload.len >= 4)
		printf("nobody listens on port %u\n", gyl_get_u16(original.payload.p + 2));
	return 0;
}
