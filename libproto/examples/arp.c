/* SPDX-License-Identifier: ISC */

/* Answers an ARP request as the owner of 10.0.0.1 would, and prints both messages. */

#include <gyl/arp.h>
#include <gyl/text.h>
#include <stdio.h>

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint32_t our_ip = 0x0a000001;

static void say(const struct gyl_arp *a)
{
	char line[128];
	struct gyl_writer w;

	gyl_writer_init(&w, line, sizeof line);
	gyl_arp_print(&w, a);
	puts(gyl_text_cstr(&w));
}

int main(void)
{
	static const uint8_t packet[GYL_ARP_LEN] = {0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 5, 10, 0,
		0, 5, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
	uint8_t frame[GYL_ETH_FRAME_MIN];
	struct gyl_arp request, reply;
	struct gyl_eth eth = {.tag_cnt = 0};
	struct gyl_writer w;
	struct gyl_fault why = gyl_arp_decode(gyl_view(packet, sizeof packet), &request);

	if (gyl_failed(why)) {
		fprintf(stderr, "%s at octet %zu\n", gyl_err_text(why.err), why.off);
		return 1;
	}
	say(&request);
	if (gyl_arp_kind(&request) != GYL_ARP_KIND_REQUEST || request.tpa != our_ip)
		return 0;
	reply = gyl_arp_reply(&request, our_mac);
	say(&reply);
	memcpy(eth.dst, request.sha, 6);
	memcpy(eth.src, our_mac, 6);
	gyl_writer_init(&w, frame, sizeof frame);
	gyl_arp_encode_frame(&w, &eth, &reply);
	printf("%zu octets to send\n", w.len);
	return !gyl_writer_ok(&w);
}
