/* SPDX-License-Identifier: ISC */
#include "services/arpd/state.h"

const uint8_t gyl__arpd_broadcast[6] = {255, 255, 255, 255, 255, 255};

void gyl__arpd_send(struct gyl_arpd *d, struct gyl_out *o, uint8_t iface, uint16_t vlan,
	const uint8_t dst[6], const struct gyl_arp *a)
{
	struct gyl_peer to = {.iface = iface, .vlan = vlan};
	struct gyl_eth e = {.tag_cnt = 0};
	struct gyl_writer w;
	size_t cap;
	uint8_t *buf = gyl_out_send(o, d->port, &to, 0, 0, &cap);

	memcpy(e.dst, dst, sizeof e.dst);
	memcpy(e.src, d->own[iface].mac, sizeof e.src);
	gyl_writer_init(&w, buf, cap);
	gyl_arp_encode_frame(&w, &e, a);
	gyl_out_sent(o, w.len);
}
