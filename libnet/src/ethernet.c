/* SPDX-License-Identifier: ISC */
#include "libnet/src/stack.h"

/* Copies for those who watch frames. They see what the device sees, frames to others included. */
static void watch(struct gyl_stack *s, const struct gyl_rx *rx, const struct gyl_netframe *f,
	struct gyl_stack_batch *b)
{
	for (size_t i = 0; i < s->tap_cnt; i++) {
		struct gyl_stack_in *in;

		if (s->tap[i].ethertype != rx->eth.type)
			continue;
		in = &b->in[b->in_cnt++];
		memset(in, 0, sizeof(*in));
		in->kind = GYL_STACK_FRAME;
		in->port = s->tap[i].port;
		in->peer.iface = rx->iface->index;
		in->peer.vlan = rx->vlan;
		in->peer.has_mac = true;
		memcpy(in->peer.mac, rx->eth.src, 6);
		in->data = gyl_view(f->p, f->len);
	}
}

/* One tag at most (we are no bridge), no reserved VLAN, and no group as the source (IEEE
 * 802.3 3.2.3). */
static bool is_good(const struct gyl_rx *rx)
{
	return rx->eth.tag_cnt <= 1 && rx->vlan != 4095 && !gyl_eth_is_group(rx->eth.src);
}

/* The interface that frames of a device with this tag belong to. NULL: none. */
static struct gyl_iface *find_iface(struct gyl_stack *s, uint8_t dev, uint16_t vlan)
{
	uint8_t index = s->untagged[dev];

	if (vlan != 0) {
		index = s->any[dev];
		for (uint8_t i = 0; i < s->iface_cnt; i++) {
			if (s->iface[i].vlan == vlan && s->iface[i].dev == dev)
				index = i;
		}
	}
	return index == GYL_IFACE_NONE ? NULL : &s->iface[index];
}

static void to_layer(struct gyl_stack *s, struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	rx->is_group = gyl_eth_is_group(rx->eth.dst);
	if (!rx->is_group && !gyl_eth_mac_eq(rx->eth.dst, rx->iface->mac)) {
		s->stat.eth_other_drop_cnt++;
		return;
	}
	if (rx->eth.type == GYL_ETH_IPV4)
		gyl__ipv4_input(s, rx, b);
	else if (rx->eth.type == GYL_ETH_ARP)
		gyl__arp_input(s, rx, b);
	else
		s->stat.eth_type_drop_cnt++;
}

void gyl__eth_input(struct gyl_stack *s, uint64_t now_ns, uint8_t dev, const struct gyl_netframe *f,
	struct gyl_stack_batch *b)
{
	struct gyl_rx rx;

	s->stat.rx_cnt++;
	if (gyl_failed(gyl_eth_decode(gyl_view(f->p, f->len), &rx.eth))) {
		s->stat.eth_bad_cnt++;
		return;
	}
	rx.now_ns = now_ns;
	/* IEEE 802.1Q 9.6: a tag with VLAN 0 carries a priority only. */
	rx.vlan = rx.eth.tag_cnt == 0 ? 0 : rx.eth.tag[0].vid;
	if (!is_good(&rx)) {
		s->stat.eth_bad_cnt++;
		return;
	}
	rx.iface = find_iface(s, dev, rx.vlan);
	if (rx.iface == NULL) {
		s->stat.eth_vlan_drop_cnt++;
		return;
	}
	rx.checksum = (f->flags & GYL_NETFRAME_CSUM_NOT_READY) != 0 ? GYL_CHECKSUM_SKIP : 0;
	if (s->tap_cnt != 0)
		watch(s, &rx, f, b);
	to_layer(s, &rx, b);
}

void gyl__eth_put(struct gyl_writer *w, const struct gyl_iface *f, const uint8_t dst[6],
	uint16_t vlan, uint16_t type)
{
	struct gyl_eth eth;

	memset(&eth, 0, sizeof(eth));
	memcpy(eth.dst, dst, 6);
	memcpy(eth.src, f->mac, 6);
	eth.type = type;
	eth.tag_cnt = vlan != 0;
	eth.tag[0].tpid = GYL_ETH_VLAN;
	eth.tag[0].vid = vlan;
	gyl_eth_put_header(w, &eth);
}

struct gyl_netbuf *gyl__eth_begin(const struct gyl_iface *f, struct gyl_stack_batch *b,
	struct gyl_writer *w, const uint8_t dst[6], uint16_t vlan, uint16_t type)
{
	struct gyl_stack_out *out = &b->out[f->dev];
	struct gyl_netbuf *buf;

	if (out->cnt == out->cap)
		return NULL;
	buf = &out->buf[out->cnt];
	gyl_writer_init(w, buf->p, buf->cap);
	gyl__eth_put(w, f, dst, gyl__iface_tag(f, vlan), type);
	return buf;
}

void gyl__eth_end(const struct gyl_iface *f, struct gyl_stack_batch *b, const struct gyl_writer *w)
{
	struct gyl_stack_out *out = &b->out[f->dev];

	if (!gyl_writer_ok(w))
		return;
	out->buf[out->cnt].off = 0;
	out->buf[out->cnt++].len = (uint32_t)w->len;
}
