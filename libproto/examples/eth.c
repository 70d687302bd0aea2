/* SPDX-License-Identifier: ISC */

/* Moves a frame to another VLAN: reads it, changes the tag, writes it again. */

#include <gyl/eth.h>
#include <gyl/text.h>
#include <stdio.h>

static void say(const struct gyl_eth *e)
{
	char line[160];
	struct gyl_writer w;

	gyl_writer_init(&w, line, sizeof line);
	gyl_eth_print(&w, e);
	puts(gyl_text_cstr(&w));
}

int main(void)
{
	static const uint8_t frame[] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 5, 0x81, 0x00,
		0x00, 20, 0x08, 0x06, 'p', 'a', 'y', 'l', 'o', 'a', 'd'};
	uint8_t out[GYL_ETH_FRAME_MIN];
	struct gyl_eth eth;
	struct gyl_writer w;
	struct gyl_fault why = gyl_eth_decode(gyl_view(frame, sizeof frame), &eth);

	if (gyl_failed(why)) {
		fprintf(stderr, "%s at octet %zu\n", gyl_err_text(why.err), why.off);
		return 1;
	}
	say(&eth);
	eth.tag_cnt = 1;
	eth.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = 30, .pcp = 5, .dei = false};
	gyl_writer_init(&w, out, sizeof out);
	gyl_eth_encode(&w, &eth);
	if (!gyl_writer_ok(&w) || gyl_failed(gyl_eth_decode(gyl_writer_view(&w), &eth)))
		return 1;
	say(&eth);
	return 0;
}
