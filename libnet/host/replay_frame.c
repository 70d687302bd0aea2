/* SPDX-License-Identifier: ISC */

/* Captured packets become inputs of listeners, and what these say becomes frames. */

#include <gyl/eth.h>
#include <gyl/ipv4.h>
#include <gyl/udp.h>

#include "libnet/host/replay_int.h"

/* ---- reading ---- */

bool gyl__replay_reads(uint32_t link)
{
	return link == GYL_PCAP_ETHERNET || link == GYL_PCAP_RAW || link == GYL_PCAP_IPV4 ||
	       link == GYL_PCAP_LINUX_SLL;
}

/* What a link type tells of a packet. */
struct from_link {
	uint16_t type; /* ethertype of payload */
	uint16_t vlan;
	bool has_mac;
	uint8_t mac[6]; /* of the sender */
	struct gyl_view payload;
};

static bool from_ethernet(struct gyl_view packet, struct from_link *ret)
{
	struct gyl_eth e;

	if (gyl_failed(gyl_eth_decode(packet, &e)))
		return false;
	ret->type = e.type;
	ret->vlan = gyl_eth_vid(&e);
	ret->has_mac = true;
	memcpy(ret->mac, e.src, 6);
	ret->payload = e.payload;
	return true;
}

/* https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html: what "any" of Linux gives. */
static bool from_sll(struct gyl_view packet, struct from_link *ret)
{
	enum {
		SLL_LEN = 16,
		ARPHRD_ETHERNET = 1
	};

	if (packet.len < SLL_LEN)
		return false;
	ret->type = gyl_get_u16(packet.p + 14);
	ret->has_mac = gyl_get_u16(packet.p + 2) == ARPHRD_ETHERNET &&
		       gyl_get_u16(packet.p + 4) == sizeof ret->mac;
	if (ret->has_mac)
		memcpy(ret->mac, packet.p + 6, sizeof ret->mac);
	ret->payload = gyl_view_sub(packet, SLL_LEN, packet.len - SLL_LEN);
	return true;
}

static bool read_link(uint32_t link, struct gyl_view packet, struct from_link *ret)
{
	memset(ret, 0, sizeof *ret);
	if (link == GYL_PCAP_ETHERNET)
		return from_ethernet(packet, ret);
	if (link == GYL_PCAP_LINUX_SLL)
		return from_sll(packet, ret);
	ret->type = GYL_ETH_IPV4;
	ret->payload = packet;
	return true;
}

/* The interface of a VLAN, as the stack has it: its own one, or one that takes every VLAN. -1: none
 * is. */
static int iface_of(const struct gyl__replay *k, uint16_t vlan)
{
	int any = -1;

	for (unsigned i = 0; i < k->iface_cnt; i++) {
		if (k->iface[i].vlan == vlan)
			return (int)i;
		if (k->iface[i].vlan == GYL_NET_VLAN_ANY && any < 0)
			any = (int)i;
	}
	return any;
}

static bool is_for_us(const struct gyl_net_iface *f, uint32_t ip)
{
	if (ip == UINT32_MAX)
		return true;
	for (unsigned i = 0; i < f->addr_cnt; i++) {
		uint32_t mask = gyl_ipv4_mask(f->addr[i].prefix);

		if (ip == f->addr[i].ip ||
			(f->addr[i].prefix < 31 && ip == (f->addr[i].ip | ~mask)))
			return true;
	}
	return false;
}

static int port_of(
	const struct gyl__replay *k, enum gyl_bind_type type, uint16_t number, unsigned iface)
{
	for (unsigned i = 0; i < k->bind_cnt; i++) {
		const struct gyl_bind *b = &k->bind[i];

		if (b->type == type && b->port == number &&
			(b->ifaces == 0 || (b->ifaces >> iface & 1) != 0))
			return (int)i;
	}
	return -1;
}

static int give(struct gyl__replay *k, int port, struct gyl_view data, const struct from_link *link,
	unsigned iface)
{
	struct gyl_in *in = &k->input;

	if (port < 0)
		return -1;
	memset(in, 0, sizeof *in);
	in->kind = GYL_IN_DGRAM;
	in->port = (uint8_t)port;
	in->role = k->bind[port].role;
	in->data = data;
	in->peer.iface = (uint8_t)iface;
	in->peer.vlan = link->vlan;
	in->peer.has_mac = link->has_mac;
	memcpy(in->peer.mac, link->mac, 6);
	memcpy(k->back, link->has_mac ? link->mac : (uint8_t[6]){255, 255, 255, 255, 255, 255}, 6);
	return port;
}

static int take_ip(struct gyl__replay *k, const struct from_link *link, unsigned iface)
{
	struct gyl_ipv4 ip;
	struct gyl_udp udp;
	int port;

	if (gyl_failed(gyl_ipv4_decode(link->payload, 0, &ip)) || ip.proto != GYL_IPV4_UDP ||
		!is_for_us(&k->iface[iface], ip.dst))
		return -1;
	if (gyl_ipv4_is_fragment(&ip)) {
		k->stat.pieces_cnt++;
		return -1;
	}
	if (gyl_failed(gyl_udp_decode(ip.payload, ip.src, ip.dst, GYL_CHECKSUM_SKIP, &udp)))
		return -1;
	port = give(k, port_of(k, GYL_BIND_UDP, udp.dst_port, iface), udp.payload, link, iface);
	k->input.peer.ip = ip.src;
	k->input.peer.local_ip = ip.dst;
	k->input.peer.port = udp.src_port;
	k->input.peer.local_port = udp.dst_port;
	return port;
}

/* A whole frame for who watches its ethertype. */
static int take_frame(
	struct gyl__replay *k, const struct from_link *link, unsigned iface, struct gyl_view packet)
{
	int port = give(k, port_of(k, GYL_BIND_FRAME, link->type, iface), packet, link, iface);

	if (port >= 0)
		k->input.kind = GYL_IN_FRAME;
	return port;
}

int gyl__replay_take(struct gyl__replay *k, struct gyl_view packet)
{
	struct from_link link;
	int iface;

	if (!read_link(k->in.link, packet, &link))
		return -1;
	iface = iface_of(k, link.vlan);
	if (link.type == GYL_ETH_IPV4)
		return iface < 0 ? -1 : take_ip(k, &link, (unsigned)iface);
	/* The capture of a mirror port has VLANs that nobody here serves: they are watched, too. */
	if (k->in.link != GYL_PCAP_ETHERNET)
		return -1;
	return take_frame(k, &link, iface < 0 ? 0 : (unsigned)iface, packet);
}

/* ---- writing ---- */

size_t gyl__replay_lend(void *h, struct gyl_send *slot, size_t cnt)
{
	struct gyl__replay *k = h;

	if (cnt > GYL__REPLAY_SLOTS - k->lent_cnt)
		cnt = GYL__REPLAY_SLOTS - k->lent_cnt;
	for (size_t i = 0; i < cnt; i++) {
		memset(&slot[i], 0, sizeof slot[i]);
		slot[i].p = k->slot[k->lent_cnt + i] + GYL__REPLAY_ROOM;
		slot[i].cap = GYL_SEND_CAP_MIN;
	}
	k->lent_cnt += (unsigned)cnt;
	return cnt;
}

/* Ours that it is sent from: the one that was asked, or the first of the interface. */
static uint32_t source(const struct gyl_net_iface *f, uint32_t asked)
{
	for (unsigned i = 0; i < f->addr_cnt; i++)
		if (f->addr[i].ip == asked)
			return asked;
	return f->addr[0].ip;
}

static struct gyl_eth head(
	const struct gyl__replay *k, const struct gyl_net_iface *f, const struct gyl_peer *to)
{
	struct gyl_eth e = {.type = GYL_ETH_IPV4};
	uint16_t vlan = f->vlan == GYL_NET_VLAN_ANY ? to->vlan : f->vlan;

	memcpy(e.src, f->mac, 6);
	if (to->has_mac)
		memcpy(e.dst, to->mac, 6);
	else if (to->ip == UINT32_MAX)
		memset(e.dst, 0xff, 6);
	else
		memcpy(e.dst, k->back, 6);
	if (vlan != 0) {
		e.tag_cnt = 1;
		e.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = vlan};
	}
	return e;
}

static void write_frame(struct gyl__replay *k, struct gyl_view frame)
{
	k->stat.sent_cnt++;
	if (k->out.file >= 0)
		gyl_pcap_out_put(&k->out, k->now.wall_ns, frame);
}

static void send_dgram(struct gyl__replay *k, const struct gyl_send *s)
{
	const struct gyl_net_iface *f = &k->iface[s->to.iface < k->iface_cnt ? s->to.iface : 0];
	uint8_t buf[GYL__REPLAY_ROOM + GYL__REPLAY_SLOT_LEN];
	struct gyl_udp udp = {.src_port = k->bind[s->port].port,
		.dst_port = s->to.port,
		.payload = gyl_view(s->p, s->len)};
	struct gyl_ipv4 ip = {.ttl = 64,
		.proto = GYL_IPV4_UDP,
		.src = source(f, s->to.local_ip),
		.dst = s->to.ip};
	struct gyl_eth e = head(k, f, &s->to);
	uint8_t dgram[GYL__REPLAY_SLOT_LEN];
	struct gyl_writer w, inner;

	gyl_writer_init(&inner, dgram, sizeof dgram);
	gyl_udp_encode(&inner, &udp, ip.src, ip.dst);
	ip.payload = gyl_writer_view(&inner);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_eth_put_header(&w, &e);
	gyl_ipv4_encode(&w, &ip);
	gyl_eth_put_padding(&w, 0);
	if (gyl_writer_ok(&w) && gyl_writer_ok(&inner))
		write_frame(k, gyl_writer_view(&w));
}

/* As its writer made it; the tag of its VLAN is put in here. */
static void send_frame(struct gyl__replay *k, const struct gyl_send *s)
{
	uint8_t *p = s->p;
	size_t len = s->len;

	if (s->to.vlan != 0 && len >= GYL_ETH_HEADER_LEN) {
		p -= GYL_ETH_TAG_LEN; /* there is room in front of a slot */
		len += GYL_ETH_TAG_LEN;
		memmove(p, p + GYL_ETH_TAG_LEN, 12);
		gyl_set_u16(p + 12, GYL_ETH_VLAN);
		gyl_set_u16(p + 14, s->to.vlan);
	}
	write_frame(k, gyl_view(p, len));
}

void gyl__replay_send(void *h, struct gyl_send *s, size_t cnt)
{
	struct gyl__replay *k = h;

	for (size_t i = 0; i < cnt; i++) {
		if (s[i].len == 0 || s[i].flow != 0 || s[i].port >= k->bind_cnt)
			continue;
		if (k->bind[s[i].port].type == GYL_BIND_FRAME)
			send_frame(k, &s[i]);
		else
			send_dgram(k, &s[i]);
	}
	k->lent_cnt = 0;
}
