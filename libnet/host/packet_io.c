/* SPDX-License-Identifier: ISC */

/*
 * What arrives is a copy of the frame before the machine's own IP looks at it, so the checks of
 * that are ours: Ethernet destination, checksums, destination address.
 *
 * Checksums: a frame of a peer on this machine (veth, tap, bridge) is not finished, its sender left
 * the sum to hardware that never comes; the kernel says so in PACKET_AUXDATA. The VLAN tag has been
 * taken off into the same place.
 *
 * Tagged frames of a VLAN that has an interface of its own are that one's; the others come with
 * the tag in peer.vlan, and the answer gets it again.
 */

#include "libnet/host/packet_int.h"

#include <gyl/eth.h>
#include <gyl/frame.h>

enum {
	VID_MASK = 0x0fff,
	UDP_HEADERS_LEN = 28
};

/* ---- in ---- */

static bool for_our_mac(const struct gyl__iface *iface, const uint8_t *dst)
{
	return (dst[0] & 1) != 0 || memcmp(dst, iface->mac, sizeof(iface->mac)) == 0;
}

static bool for_our_ip(const struct gyl__port *p, const struct gyl__link *k, uint32_t ip)
{
	if (gyl__ifaces_broadcast(p->s->ifaces, k->iface, ip))
		return true;
	return p->packet->ip != 0 ? ip == p->packet->ip : gyl__ifaces_ours(p->s->ifaces, ip);
}

static uint16_t vlan_of(
	const struct gyl__beside *x, unsigned tag_cnt, const struct gyl_eth_tag *tag)
{
	if ((x->status & TP_STATUS_VLAN_VALID) != 0)
		return x->tci & VID_MASK;
	return tag_cnt != 0 ? tag[0].vid : 0;
}

static bool read_udp(const struct gyl__link *k, const struct gyl__beside *x, struct gyl_in *in)
{
	unsigned flags = (x->status & TP_STATUS_CSUMNOTREADY) != 0 ? GYL_CHECKSUM_SKIP : 0;
	struct gyl_frame_udp u;

	if (gyl_failed(gyl_frame_udp_decode(in->data, flags, &u)) ||
		!for_our_ip(k->port, k, u.dst_ip) || u.dst_port != k->port->packet->port)
		return false;
	in->kind = GYL_IN_DGRAM;
	in->data = u.payload;
	in->peer.ip = u.src_ip;
	in->peer.port = u.src_port;
	in->peer.local_ip = u.dst_ip;
	in->peer.local_port = u.dst_port;
	in->peer.vlan = vlan_of(x, u.tag_cnt, u.tag);
	return true;
}

static bool read_frame(const struct gyl__beside *x, struct gyl_in *in)
{
	struct gyl_eth e;

	if (gyl_failed(gyl_eth_decode(in->data, &e)))
		return false;
	in->peer.vlan = vlan_of(x, e.tag_cnt, e.tag);
	return true;
}

static bool fill(struct gyl__link *k, size_t i, struct gyl_in *in)
{
	struct gyl__port *p = k->port;
	const struct gyl__iface *iface = &p->s->ifaces->iface[k->iface];
	struct gyl__beside x = gyl__batch_beside(p->batch, i);
	const struct sockaddr_ll *ll = &p->batch->name[i].ll;
	size_t cut;

	if (x.has_drops)
		gyl__drops_note(&k->drops, x.drop_cnt);
	if (ll->sll_ifindex != iface->ifindex)
		return false;
	gyl__in_init(in, p, GYL_IN_FRAME);
	in->data = gyl__batch_data(p->batch, i, &cut);
	if (cut != 0 || in->data.len < GYL_ETH_HEADER_LEN || !for_our_mac(iface, in->data.p))
		return false;
	in->peer.iface = k->iface;
	in->peer.has_mac = 1;
	memcpy(in->peer.mac, in->data.p + 6, sizeof(in->peer.mac));
	if (!(p->packet->frames ? read_frame(&x, in) : read_udp(k, &x, in)))
		return false;
	return !gyl__ifaces_vlan(p->s->ifaces, k->iface, in->peer.vlan);
}

/* *used counts slots: more than inputs, for what is not for us stays in its slot until the next. */
static size_t link_recv(struct gyl__link *k, struct gyl_in *in, size_t *used, size_t cap)
{
	struct gyl__port *p = k->port;
	size_t n = 0, got = gyl__batch_read(p->batch, k->fd, *used, cap);

	k->burst += (uint32_t)got;
	if (got < cap - *used) {
		k->dry = true;
		if (k->burst >= GYL_SOCKS_BATCH)
			gyl__drops_ask(&k->drops, k->fd);
		k->burst = 0;
	}
	for (size_t i = *used; i < *used + got; i++) {
		if (!fill(k, i, &in[n])) {
			p->s->stat.in_bad_cnt++;
			continue;
		}
		gyl__count_in(p->s, in[n].data.len);
		n++;
	}
	*used += got;
	return n;
}

static size_t tell_drops(struct gyl__port *p, struct gyl_in *in, size_t cap)
{
	size_t n = 0;

	for (unsigned i = 0; i < p->packet->link_cnt && n < cap; i++) {
		struct gyl__link *k = &p->packet->link[i];

		if (k->drops.due == 0)
			continue;
		gyl__in_init(&in[n], p, GYL_IN_DROPPED);
		in[n++].seq = gyl__drops_take(&k->drops);
	}
	return n;
}

size_t gyl__packet_recv(struct gyl__port *p, struct gyl_in *in, size_t cap)
{
	struct gyl__packet *x = p->packet;
	unsigned at = x->turn;
	size_t n = 0, used = 0;

	/* Another one first each time: a flooded interface does not silence the others. */
	x->turn = x->turn + 1 < x->link_cnt ? x->turn + 1 : 0;
	for (unsigned i = 0; i < x->link_cnt; i++) {
		struct gyl__link *k = &x->link[at];

		while (!k->dry && used < cap)
			n += link_recv(k, in + n, &used, cap);
		at = at + 1 < x->link_cnt ? at + 1 : 0;
	}
	return n + tell_drops(p, in + n, cap - n);
}

uint64_t gyl__packet_lost(struct gyl__port *p)
{
	uint64_t cnt = 0;

	for (unsigned i = 0; i < p->packet->link_cnt; i++) {
		struct gyl__link *k = &p->packet->link[i];

		gyl__drops_ask(&k->drops, k->fd);
		if (k->drops.due != 0)
			gyl__port_ready(p);
		cnt += k->drops.in_all;
	}
	return cnt;
}

/* ---- out ---- */

int gyl__packet_way(const struct gyl__port *p, const struct gyl_send *slot)
{
	const struct gyl__packet *x = p->packet;

	if (!x->frames && slot->to.has_mac == 0)
		return -1;
	for (unsigned i = 0; i < x->link_cnt; i++) {
		if (x->link[i].iface == slot->to.iface)
			return (int)i;
	}
	return -1;
}

static bool put_udp(const struct gyl__link *k, const struct gyl_send *slot, struct iovec *ret_iov)
{
	const struct gyl__ifaces *t = k->port->s->ifaces;
	const struct gyl__iface *iface = &t->iface[k->iface];
	const struct gyl_peer *to = &slot->to;
	struct gyl_frame_udp u = {.tag_cnt = to->vlan != 0,
		.src_ip = gyl__ifaces_ours(t, to->local_ip) ? to->local_ip : iface->ip,
		.dst_ip = to->ip,
		.src_port = k->port->packet->port,
		.dst_port = to->port};
	struct gyl_view frame;

	if (slot->len + UDP_HEADERS_LEN > iface->mtu)
		return false;
	memcpy(u.dst_mac, to->mac, sizeof(u.dst_mac));
	memcpy(u.src_mac, iface->mac, sizeof(u.src_mac));
	u.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = to->vlan};
	if (gyl_failed(gyl_frame_udp_encode(&u, slot->p - GYL_FRAME_UDP_ROOM,
		    GYL_FRAME_UDP_ROOM + slot->cap, GYL_FRAME_UDP_ROOM, slot->len, &frame)))
		return false;
	*ret_iov = (struct iovec){slot->p + (frame.p - slot->p), frame.len};
	return true;
}

/* A whole frame, tagged here when it is to go into a VLAN and its writer did not care. */
static bool put_frame(const struct gyl_send *slot, struct iovec *ret_iov)
{
	uint8_t *p = slot->p;
	size_t len = slot->len;

	if (len < GYL_ETH_HEADER_LEN)
		return false;
	if (slot->to.vlan != 0 && gyl_get_u16(p + 12) != GYL_ETH_VLAN) {
		memmove(p - GYL_ETH_TAG_LEN, p, 12);
		p -= GYL_ETH_TAG_LEN;
		len += GYL_ETH_TAG_LEN;
		gyl_set_u16(p + 12, GYL_ETH_VLAN);
		gyl_set_u16(p + 14, slot->to.vlan & VID_MASK);
	}
	if (len < GYL_ETH_FRAME_MIN) { /* a lent slot has room for 1,472 octets */
		memset(p + len, 0, GYL_ETH_FRAME_MIN - len);
		len = GYL_ETH_FRAME_MIN;
	}
	*ret_iov = (struct iovec){p, len};
	return true;
}

void gyl__packet_send(struct gyl__port *p, int way, const struct gyl_send *slot, size_t cnt)
{
	const struct gyl__link *k = &p->packet->link[way];
	struct gyl_socks *s = p->s;
	size_t n = 0;

	for (size_t i = 0; i < cnt; i++) {
		if (p->packet->frames ? !put_frame(&slot[i], &s->iov[n])
				      : !put_udp(k, &slot[i], &s->iov[n])) {
			s->stat.out_lost_cnt++;
			continue;
		}
		s->msg[n].msg_hdr = (struct msghdr){.msg_iov = &s->iov[n], .msg_iovlen = 1};
		n++;
	}
	gyl__msgs_send(s, k->fd, n);
}
