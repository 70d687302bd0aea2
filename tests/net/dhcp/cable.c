/* SPDX-License-Identifier: ISC */
#include "tests/net/dhcp/cable.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <gyl/checksum.h>

enum {
	FRAME_MAX = 2048,
	ETH_LEN = 14,
	IP_LEN = 20,
	UDP_LEN = 8,
	ARP_LEN = 28
};

static const uint8_t relay_mac[6] = {2, 0xfe, 0, 0, 0, 0xfe};
static uint8_t last[FRAME_MAX];
static size_t last_len;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- out ---- */

static void put_eth(uint8_t *p, const uint8_t dst[6], const uint8_t src[6], uint16_t type)
{
	memcpy(p, dst, 6);
	memcpy(p + 6, src, 6);
	gyl_set_u16(p + 12, type);
}

static uint16_t udp_sum(const uint8_t *ip, size_t udp_len)
{
	struct gyl_checksum sum;
	uint16_t v;

	gyl_checksum_init(&sum);
	gyl_checksum_add_pseudo(
		&sum, gyl_get_u32(ip + 12), gyl_get_u32(ip + 16), IPPROTO_UDP, (uint16_t)udp_len);
	gyl_checksum_add(&sum, gyl_view(ip + IP_LEN, 6));
	gyl_checksum_add(&sum, gyl_view(ip + IP_LEN + UDP_LEN, udp_len - UDP_LEN));
	v = gyl_checksum_end(&sum);
	return v == 0 ? UINT16_MAX : v;
}

void cable_send(struct cable *c, const struct dhcp_frame *f)
{
	uint8_t p[FRAME_MAX], *ip = p + ETH_LEN, *udp = ip + IP_LEN;
	size_t udp_len = UDP_LEN + f->len;

	memset(p, 0, ETH_LEN + IP_LEN + UDP_LEN);
	put_eth(p, f->dst_ip == LAB_US ? c->server : f->dst_mac, f->src_mac, ETHERTYPE_IP);
	ip[0] = 0x45;
	gyl_set_u16(ip + 2, (uint16_t)(IP_LEN + udp_len));
	ip[8] = 64;
	ip[9] = IPPROTO_UDP;
	gyl_set_u32(ip + 12, f->src_ip);
	gyl_set_u32(ip + 16, f->dst_ip);
	gyl_set_u16(ip + 10, gyl_checksum_of(gyl_view(ip, IP_LEN)));
	gyl_set_u16(udp, f->src_port);
	gyl_set_u16(udp + 2, f->dst_port);
	gyl_set_u16(udp + 4, (uint16_t)udp_len);
	memcpy(udp + UDP_LEN, f->p, f->len);
	gyl_set_u16(udp + 6, udp_sum(ip, udp_len));
	send(c->fd, p, ETH_LEN + IP_LEN + udp_len, 0);
}

static void send_arp(struct cable *c, uint16_t op, const uint8_t dst[6], uint32_t from,
	const uint8_t to_mac[6], uint32_t to)
{
	uint8_t p[60] = {0}, *arp = p + ETH_LEN;

	put_eth(p, dst, relay_mac, ETHERTYPE_ARP);
	gyl_set_u16(arp, 1);
	gyl_set_u16(arp + 2, ETHERTYPE_IP);
	arp[4] = 6;
	arp[5] = 4;
	gyl_set_u16(arp + 6, op);
	memcpy(arp + 8, relay_mac, 6);
	gyl_set_u32(arp + 14, from);
	memcpy(arp + 18, to_mac, 6);
	gyl_set_u32(arp + 24, to);
	send(c->fd, p, sizeof p, 0);
}

/* ---- in ---- */

/* The address of a pool is a client's, who has no stack here; a sender of 0.0.0.0 only probes. */
static void on_arp(struct cable *c, const uint8_t *p, size_t len)
{
	const uint8_t *arp = p + ETH_LEN;
	uint32_t from, to;

	if (len < ETH_LEN + ARP_LEN)
		return;
	from = gyl_get_u32(arp + 14);
	to = gyl_get_u32(arp + 24);
	if (gyl_get_u16(arp + 6) == 2 && from == LAB_US)
		memcpy(c->server, arp + 8, 6);
	if (gyl_get_u16(arp + 6) != 1 || from == 0 || to == LAB_US ||
		(to >= dhcp_plan_subnets[0].first && to <= dhcp_plan_subnets[0].last))
		return;
	send_arp(c, 2, arp + 8, to, arp + 8, from);
}

/* What is wrong with a frame of the server; NULL: nothing. */
static const char *fault_of(const struct cable *c, const uint8_t *p, size_t len, bool summed)
{
	const uint8_t *ip = p + ETH_LEN, *udp = ip + IP_LEN;
	bool to_all = gyl_get_u32(ip + 16) == UINT32_MAX;
	size_t udp_len = gyl_get_u16(udp + 4);

	if (memcmp(p + 6, c->server, 6) != 0)
		return "the frame's source is not the server";
	if (to_all != (p[0] == 0xff))
		return "IP and Ethernet disagree about whom it is for";
	if (ip[0] != 0x45 || gyl_checksum_of(gyl_view(ip, IP_LEN)) != 0)
		return "the IP header is wrong";
	if (ip[8] < 16)
		return "the TTL is too small for any network";
	if ((gyl_get_u16(ip + 6) & 0x3fff) != 0)
		return "it is a fragment";
	if (gyl_get_u16(ip + 2) != IP_LEN + udp_len || ETH_LEN + IP_LEN + udp_len > len)
		return "the lengths disagree";
	if (summed && gyl_get_u16(udp + 6) != udp_sum(ip, udp_len))
		return "the UDP checksum is wrong";
	return NULL;
}

static bool on_ip(struct cable *c, uint8_t *p, size_t len, bool summed, struct dhcp_frame *f)
{
	uint8_t *ip = p + ETH_LEN, *udp = ip + IP_LEN;
	size_t udp_len;

	if (len < ETH_LEN + IP_LEN + UDP_LEN || ip[9] != IPPROTO_UDP || gyl_get_u16(udp) != 67)
		return false;
	udp_len = gyl_get_u16(udp + 4);
	f->fault = fault_of(c, p, len, summed);
	if (udp_len < UDP_LEN || udp_len - UDP_LEN > sizeof f->p ||
		ETH_LEN + IP_LEN + udp_len > len)
		udp_len = UDP_LEN;
	f->src_ip = gyl_get_u32(ip + 12);
	f->dst_ip = gyl_get_u32(ip + 16);
	f->src_port = gyl_get_u16(udp);
	f->dst_port = gyl_get_u16(udp + 2);
	memcpy(f->dst_mac, p, 6);
	memcpy(f->src_mac, p + 6, 6);
	f->routed = memcmp(p, relay_mac, 6) == 0;
	f->len = udp_len - UDP_LEN;
	memcpy(f->p, udp + UDP_LEN, f->len);
	/* A checksum that the kernel left to a card that is not there. */
	if (!summed)
		gyl_set_u16(udp + 6, udp_sum(ip, udp_len));
	memcpy(last, p, len);
	last_len = len;
	return true;
}

/* A frame, and whether its checksum is there: veth hands on what a card would have finished. */
static size_t read_frame(struct cable *c, uint8_t *p, bool *ret_summed)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct cmsghdr align;
	} control;
	struct iovec v = {p, FRAME_MAX};
	struct msghdr m = {.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof control.buf};
	ssize_t len = recvmsg(c->fd, &m, MSG_DONTWAIT);
	struct cmsghdr *h;

	*ret_summed = true;
	if (len < ETH_LEN)
		return 0;
	for (h = CMSG_FIRSTHDR(&m); h != NULL; h = CMSG_NXTHDR(&m, h)) {
		struct tpacket_auxdata aux;

		if (h->cmsg_level != SOL_PACKET || h->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(h), sizeof aux);
		*ret_summed = (aux.tp_status & TP_STATUS_CSUMNOTREADY) == 0;
	}
	return (size_t)len;
}

bool cable_receive(struct cable *c, int wait_ms, struct dhcp_frame *ret_f)
{
	int64_t end = now_ms() + wait_ms;
	uint8_t p[FRAME_MAX];

	for (;;) {
		struct pollfd fd = {.fd = c->fd, .events = POLLIN};
		bool summed;
		size_t len = read_frame(c, p, &summed);
		uint16_t type = len == 0 ? 0 : gyl_get_u16(p + 12);

		if (type == ETHERTYPE_IP && on_ip(c, p, len, summed, ret_f))
			return true;
		if (type == ETHERTYPE_ARP)
			on_arp(c, p, len);
		if (len != 0)
			continue;
		if (now_ms() >= end)
			return false;
		poll(&fd, 1, (int)(end - now_ms()));
	}
}

/* ---- the file ---- */

static bool pcap_open(struct cable *c, const char *path)
{
	static const uint32_t head[6] = {0xa1b2c3d4, 0x00040002, 0, 0, FRAME_MAX, 1};

	if (path == NULL)
		return true;
	c->pcap = fopen(path, "wb");
	return c->pcap != NULL && fwrite(head, sizeof head, 1, c->pcap) == 1;
}

void cable_keep(struct cable *c)
{
	uint32_t head[4] = {0, 0, (uint32_t)last_len, (uint32_t)last_len};

	if (c->pcap == NULL)
		return;
	head[0] = c->frame_cnt++;
	fwrite(head, sizeof head, 1, c->pcap);
	fwrite(last, last_len, 1, c->pcap);
}

/* ---- open, close ---- */

static bool bind_to(struct cable *c, const char *iface)
{
	static const int on = 1;
	struct sockaddr_ll ll = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct packet_mreq all = {.mr_type = PACKET_MR_PROMISC};

	ll.sll_ifindex = all.mr_ifindex = (int)if_nametoindex(iface);
	return ll.sll_ifindex != 0 && bind(c->fd, (struct sockaddr *)&ll, sizeof ll) == 0 &&
	       setsockopt(c->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0 &&
	       setsockopt(c->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) == 0 &&
	       setsockopt(c->fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) == 0;
}

static bool find_server(struct cable *c, int wait_ms)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, none[6];
	int64_t end = now_ms() + wait_ms;
	struct dhcp_frame f;

	while (memcmp(c->server, none, 6) == 0 && now_ms() < end) {
		send_arp(c, 1, all, LAB_GATEWAY, none, LAB_US);
		cable_receive(c, 100, &f);
	}
	errno = EHOSTUNREACH;
	return memcmp(c->server, none, 6) != 0;
}

bool cable_open(struct cable *c, const char *iface, const char *pcap, int wait_ms)
{
	memset(c, 0, sizeof *c);
	c->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	return c->fd >= 0 && bind_to(c, iface) && find_server(c, wait_ms) && pcap_open(c, pcap);
}

void cable_close(struct cable *c)
{
	if (c->pcap != NULL)
		fclose(c->pcap);
	close(c->fd);
}
