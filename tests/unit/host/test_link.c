/* SPDX-License-Identifier: ISC */

/*
 * Packet sockets: a veth pair in a network namespace of the test's own. The host serves gyla; the
 * test writes and reads frames at the other end, gylb. Needs root and ip(8), else skipped.
 */

#include "tests/unit/host/world.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>

#include <gyl/eth.h>
#include <gyl/frame.h>

#define OUR_IP    0x0a090001u
#define BROADCAST 0xffffffffu

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 0xa}, their_mac[6] = {2, 0, 0, 0, 0, 0xb};
static const uint8_t all_mac[6] = {255, 255, 255, 255, 255, 255};

static const struct gyl_net_iface gyla = {.device = "gyla"};

/* The other end of the wire. */
static int wire = -1;

static bool command(const char *line)
{
	char whole[200];

	(void)snprintf(whole, sizeof(whole), "%s >/dev/null 2>&1", line);
	return system(whole) == 0; /* NOLINT(cert-env33-c) */
}

static int wire_open(void)
{
	static const int on = 1;
	struct sockaddr_ll ll = {.sll_family = AF_PACKET,
		.sll_protocol = htons(0x0003), /* ETH_P_ALL */
		.sll_ifindex = (int)if_nametoindex("gylb")};
	struct timeval limit = {.tv_sec = 5};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on));
	(void)setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	if (ll.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&ll, sizeof(ll)) != 0)
		return -1;
	return fd;
}

static int namespace_open(void **state)
{
	(void)state;
	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0)
		return 0;
	/* no IPv6, so that the wire carries what the tests send and nothing else */
	(void)command("sysctl -w net.ipv6.conf.default.disable_ipv6=1");
	if (command("ip link set lo up") &&
		command("ip link add gyla address 02:00:00:00:00:0a type veth peer name gylb "
			"address 02:00:00:00:00:0b") &&
		command("ip addr add 10.9.0.1/24 dev gyla") &&
		command("ip addr add 10.8.0.1/28 dev gyla") && command("ip link set gyla up") &&
		command("ip addr add 10.9.0.2/24 dev gylb") && command("ip link set gylb up"))
		wire = wire_open();
	return 0;
}

static int link_open(void **state)
{
	struct gyl_net_conf cf = {.iface = &gyla, .iface_cnt = 1};
	struct world *w;
	char err[200] = "";

	if (wire < 0)
		return 0;
	if (world_open(state) != 0)
		return 1;
	w = *state;
	w->host.ops->close(w->host.h);
	return gyl_host_kernel_open(w->loop, &cf, &w->host, err) != 0;
}

static int link_close(void **state)
{
	return wire < 0 ? 0 : world_close(state);
}

static int listen_dhcp(struct world *w)
{
	struct gyl_bind b = {.type = GYL_BIND_UDP, .flags = GYL_BIND_LINK, .port = 67};
	int port = w->host.ops->listen(w->host.h, &b);

	assert_int_equal(port, 0);
	return port;
}

/* A client's datagram onto the wire; flaw is added to the frame's last octet. */
static void put_udp(const struct gyl_frame_udp *u, const char *text, uint8_t flaw)
{
	uint8_t buf[256];
	struct gyl_view frame;
	size_t len = strlen(text);

	memset(buf, 0, sizeof(buf));
	for (size_t i = 0; i < len; i++)
		buf[GYL_FRAME_UDP_ROOM + i] = (uint8_t)text[i];
	assert_int_equal(
		gyl_frame_udp_encode(u, buf, sizeof(buf), GYL_FRAME_UDP_ROOM, len, &frame).err,
		GYL_OK);
	buf[GYL_FRAME_UDP_ROOM + len - 1] = (uint8_t)(buf[GYL_FRAME_UDP_ROOM + len - 1] + flaw);
	assert_int_equal(send(wire, frame.p, frame.len, 0), frame.len);
}

static struct gyl_frame_udp discover(void)
{
	struct gyl_frame_udp u = {.dst_ip = BROADCAST, .src_port = 68, .dst_port = 67};

	memcpy(u.dst_mac, all_mac, 6);
	memcpy(u.src_mac, their_mac, 6);
	return u;
}

/* The next frame at the other end of that ethertype, its tag (0: none) beside it. */
static struct gyl_view wire_read(uint16_t type, uint8_t *buf, size_t cap, uint16_t *ret_vid)
{
	union {
		struct cmsghdr align;
		char mem[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} ctl;
	ssize_t n;

	do {
		struct iovec iov = {buf, cap};
		struct msghdr m = {.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &ctl,
			.msg_controllen = sizeof(ctl)};
		struct tpacket_auxdata aux;

		n = recvmsg(wire, &m, 0);
		assert_true(n >= GYL_ETH_HEADER_LEN);
		assert_true(m.msg_controllen >= sizeof(ctl));
		memcpy(&aux, CMSG_DATA(&ctl.align), sizeof(aux));
		*ret_vid =
			(aux.tp_status & TP_STATUS_VLAN_VALID) != 0 ? aux.tp_vlan_tci & 0xfff : 0;
	} while (gyl_get_u16(buf + 12) != type);
	return gyl_view(buf, (size_t)n);
}

static struct world *link_world(void **state)
{
	if (wire < 0)
		skip();
	return *state;
}

static void broadcast_in_and_frame_out(void **state)
{
	static const uint8_t client_mac[6] = {2, 0, 0, 0, 0, 0x77};
	struct world *w = link_world(state);
	int port = listen_dhcp(w);
	struct gyl_frame_udp u = discover();
	struct gyl_view frame;
	struct gyl_in in;
	uint8_t buf[2000];
	uint16_t vid;

	put_udp(&u, "discover", 0);
	in = world_recv_one(w, port, GYL_IN_DGRAM);
	assert_data(&in, "discover");
	assert_int_equal(in.peer.ip, 0);
	assert_int_equal(in.peer.port, 68);
	assert_int_equal(in.peer.local_ip, BROADCAST);
	assert_int_equal(in.peer.local_port, 67);
	assert_int_equal(in.peer.vlan, 0);
	assert_int_equal(in.peer.has_mac, 1);
	assert_memory_equal(in.peer.mac, their_mac, 6);
	world_quiet(w, port); /* not a second time by the mute socket */
	memcpy(in.peer.mac, client_mac, 6);
	in.peer.ip = 0x0a090064;
	world_send(w, port, 0, &in.peer, "offer", 5);
	frame = wire_read(GYL_ETH_IPV4, buf, sizeof(buf), &vid);
	assert_int_equal(gyl_frame_udp_decode(frame, 0, &u).err, GYL_OK);
	assert_memory_equal(u.dst_mac, client_mac, 6);
	assert_memory_equal(u.src_mac, our_mac, 6);
	assert_int_equal(u.src_ip, OUR_IP); /* a broadcast address is no source */
	assert_int_equal(u.dst_ip, 0x0a090064);
	assert_int_equal(u.src_port, 67);
	assert_int_equal(u.dst_port, 68);
	assert_true(gyl_view_eq(u.payload, gyl_view_str("offer")));
	assert_int_equal(world_stat(w).out_lost_cnt, 0);
}

static void vlan_tag_comes_back(void **state)
{
	struct world *w = link_world(state);
	int port = listen_dhcp(w);
	struct gyl_frame_udp u = discover();
	struct gyl_in in;
	uint8_t buf[2000];
	uint16_t vid;

	u.tag_cnt = 1;
	u.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = 20};
	put_udp(&u, "tagged", 0);
	in = world_recv_one(w, port, GYL_IN_DGRAM);
	assert_int_equal(in.peer.vlan, 20);
	assert_data(&in, "tagged");
	world_send(w, port, 0, &in.peer, "reply", 5);
	(void)wire_read(GYL_ETH_IPV4, buf, sizeof(buf), &vid);
	assert_int_equal(vid, 20);
}

/* Needs 8021q in the kernel. */
static void vlan_interface_serves_its_own(void **state)
{
	struct gyl_net_conf cf = {.iface = &gyla, .iface_cnt = 1};
	struct world *w = link_world(state);
	struct gyl_frame_udp u = discover();
	char err[200];
	int port;

	if (!command("ip link add link gyla name gyla.30 type vlan id 30") ||
		!command("ip link set gyla.30 up"))
		skip();
	w->host.ops->close(w->host.h);
	assert_int_equal(gyl_host_kernel_open(w->loop, &cf, &w->host, err), 0);
	port = listen_dhcp(w);
	u.tag_cnt = 1;
	u.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = 30};
	put_udp(&u, "not yours", 0);
	world_quiet(w, port);
	u.tag[0].vid = 31;
	put_udp(&u, "yours", 0);
	assert_int_equal(world_recv_one(w, port, GYL_IN_DGRAM).peer.vlan, 31);
	(void)command("ip link del gyla.30");
}

/* A socket of this machine sends over veth: its checksum is never finished. */
static void unfinished_checksum_is_accepted(void **state)
{
	static const int on = 1;
	struct world *w = link_world(state);
	int port = listen_dhcp(w), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(67), .sin_addr.s_addr = BROADCAST};
	struct gyl_in in;

	(void)setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "gylb", 4), 0);
	assert_int_equal(sendto(fd, "local peer", 10, 0, (struct sockaddr *)&to, sizeof(to)), 10);
	in = world_recv_one(w, port, GYL_IN_DGRAM);
	assert_data(&in, "local peer");
	assert_int_equal(in.peer.ip, 0x0a090002);
	(void)close(fd);
}

static void not_for_us(void **state)
{
	struct world *w = link_world(state);
	int port = listen_dhcp(w);
	struct gyl_frame_udp u = discover();
	struct gyl_in in;

	put_udp(&u, "wrong checksum", 1);
	u.dst_port = 68;
	put_udp(&u, "other port", 0);
	u.dst_port = 67;
	u.dst_ip = 0x0a090063;
	put_udp(&u, "other address", 0);
	u.dst_ip = OUR_IP;
	memset(u.dst_mac, 4, 6);
	put_udp(&u, "other host", 0);
	world_quiet(w, port);
	assert_true(world_stat(w).in_bad_cnt >= 2); /* the filter keeps the other port away */
	memcpy(u.dst_mac, our_mac, 6);
	put_udp(&u, "renew", 0);
	in = world_recv_one(w, port, GYL_IN_DGRAM);
	assert_data(&in, "renew");
	assert_int_equal(in.peer.local_ip, OUR_IP);
	u.dst_ip = 0x0a0900ff;
	memcpy(u.dst_mac, all_mac, 6);
	put_udp(&u, "subnet broadcast", 0);
	assert_int_equal(world_recv_one(w, port, GYL_IN_DGRAM).peer.local_ip, 0x0a0900ff);
}

/* What is refused between two good ones, on two sides of a read, disturbs neither. */
static void refused_frames_leave_the_others_alone(void **state)
{
	struct world *w = link_world(state);
	int port = listen_dhcp(w);
	struct gyl_frame_udp u = discover();
	struct gyl_in in[64];
	char text[16];
	int next = 0;

	for (int i = 0; i < 150; i++) {
		(void)snprintf(text, sizeof(text), "number %d", i);
		put_udp(&u, text, i % 3 != 0);
	}
	while (next < 150) {
		size_t n = world_recv(w, port, in, 64);

		assert_true(n > 0);
		for (size_t i = 0; i < n; i++, next += 3) {
			(void)snprintf(text, sizeof(text), "number %d", next);
			assert_data(&in[i], text);
		}
	}
	assert_int_equal(world_stat(w).in_bad_cnt, 100);
}

static void without_mac_it_goes_by_udp(void **state)
{
	struct world *w = link_world(state);
	int port = listen_dhcp(w), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(6767),
		.sin_addr.s_addr = htonl(0x0a090002)};
	struct gyl_peer to = {.ip = 0x0a090002, .port = 6767, .local_ip = OUR_IP};
	struct timeval limit = {.tv_sec = 5};
	socklen_t len = sizeof(sin);
	char buf[8];

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	world_send(w, port, 0, &to, "relay", 5);
	assert_int_equal(recvfrom(fd, buf, 8, 0, (struct sockaddr *)&sin, &len), 5);
	assert_int_equal(ntohl(sin.sin_addr.s_addr), OUR_IP);
	assert_int_equal(ntohs(sin.sin_port), 67);
	(void)close(fd);
}

static void frames_are_copied_and_sent_whole(void **state)
{
	struct world *w = link_world(state);
	struct gyl_bind b = {.type = GYL_BIND_FRAME, .port = 0x88b5, .role = 9};
	int port = w->host.ops->listen(w->host.h, &b);
	uint8_t frame[64] = {0}, buf[2000];
	struct gyl_view got;
	struct gyl_in in;
	uint16_t vid;

	assert_int_equal(port, 0);
	memcpy(frame, all_mac, 6);
	memcpy(frame + 6, their_mac, 6);
	gyl_set_u16(frame + 12, 0x88b5);
	memset(frame + 14, 'f', 50);
	assert_int_equal(send(wire, frame, 64, 0), 64);
	in = world_recv_one(w, port, GYL_IN_FRAME);
	assert_int_equal(in.role, 9);
	assert_int_equal(in.data.len, 64);
	assert_memory_equal(in.data.p, frame, 64);
	assert_memory_equal(in.peer.mac, their_mac, 6);
	/* short ones are padded with zeros, never with what was in the slot before */
	memcpy(frame, their_mac, 6);
	memcpy(frame + 6, our_mac, 6);
	world_send(w, port, 0, &in.peer, frame, 64);
	(void)wire_read(0x88b5, buf, sizeof(buf), &vid);
	in.peer.vlan = 9;
	world_send(w, port, 0, &in.peer, frame, 20);
	got = wire_read(0x88b5, buf, sizeof(buf), &vid);
	assert_int_equal(vid, 9);
	assert_memory_equal(got.p, frame, 20);
	assert_true(got.len >= 56); /* 60 with the tag */
	for (size_t i = 20; i < got.len; i++)
		assert_int_equal(got.p[i], 0);
	in.peer.iface = 5; /* one that there is not */
	world_send(w, port, 0, &in.peer, frame, 64);
	assert_int_equal(world_stat(w).out_lost_cnt, 1);
}

static void addresses_are_told(void **state)
{
	struct world *w = link_world(state);
	uint8_t prefix, mac[6];
	uint32_t ip;

	assert_true(w->host.ops->addr(w->host.h, 0, 0, &ip, &prefix, mac));
	assert_int_equal(ip, OUR_IP);
	assert_int_equal(prefix, 24);
	assert_memory_equal(mac, our_mac, 6);
	assert_true(w->host.ops->addr(w->host.h, 0, 1, &ip, &prefix, mac));
	assert_int_equal(ip, 0x0a080001);
	assert_int_equal(prefix, 28);
	assert_false(w->host.ops->addr(w->host.h, 0, 2, &ip, &prefix, mac));
	assert_true(w->host.ops->addr(w->host.h, 1, 0, &ip, &prefix, mac));
	assert_int_equal(ip, LOOPBACK);
	assert_false(w->host.ops->addr(w->host.h, 2, 0, &ip, &prefix, mac));
}

/* gyla was named, so what comes in by gylb is refused, be it for an address of ours. */
static void other_interfaces_are_not_served(void **state)
{
	struct world *w = link_world(state);
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 5353};
	int port = w->host.ops->listen(w->host.h, &b), fd = client(SOCK_DGRAM, 5353);
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(5353), .sin_addr.s_addr = BROADCAST};
	static const int on = 1;
	int at_a = socket(AF_INET, SOCK_DGRAM, 0);

	(void)setsockopt(at_a, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	assert_int_equal(setsockopt(at_a, SOL_SOCKET, SO_BINDTODEVICE, "gyla", 4), 0);
	(void)command("sysctl -w net.ipv4.conf.gylb.accept_local=1 net.ipv4.conf.gylb.rp_filter=0 "
		      "net.ipv4.conf.all.rp_filter=0");
	assert_int_equal(sendto(at_a, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
	assert_int_equal(send(fd, "by loopback", 11, 0), 11);
	(void)usleep(20000);
	/* the sender's own copy comes in by gyla, the one over the wire by gylb */
	assert_int_equal(world_stat(w).in_bad_cnt, 0);
	for (size_t got = 0; got < 2;) {
		struct gyl_in in[64];
		size_t n = world_recv(w, port, in, 64);

		assert_true(n > 0);
		for (size_t i = 0; i < n; i++)
			assert_int_not_equal(in[i].peer.iface, 255);
		got += n;
	}
	world_quiet(w, port);
	assert_int_equal(world_stat(w).in_bad_cnt, 1);
	(void)close(fd);
	(void)close(at_a);
}

/* Index of the interface with that address, in the order of the host. */
static unsigned iface_of(struct world *w, uint32_t want)
{
	uint8_t prefix, mac[6];
	uint32_t ip;

	for (unsigned i = 0; w->host.ops->addr(w->host.h, i, 0, &ip, &prefix, mac); i++) {
		if (ip == want)
			return i;
	}
	fail_msg("no interface has the address");
	return 0;
}

/* What a client of address ip hears first on a connection: true when it stays open. */
static bool connects(struct world *w, uint32_t ip, uint16_t number)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(number), .sin_addr.s_addr = htonl(ip)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char octet;
	bool open;

	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	for (int i = 0; i < 10; i++) {
		struct gyl_in in[64];

		if ((world_wait(w, SECOND / 100) & 1) != 0)
			(void)w->host.ops->recv(w->host.h, 0, in, 64);
	}
	open = recv(fd, &octet, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
	(void)close(fd);
	return open;
}

/* All interfaces are there, the ports each serve some. */
static void a_port_serves_its_interfaces(void **state)
{
	struct gyl_net_conf cf = {0};
	struct world *w = link_world(state);
	uint16_t number = free_port();
	struct gyl_bind tcp = {.type = GYL_BIND_TCP, .port = number};
	struct gyl_bind dhcp = {.type = GYL_BIND_UDP, .flags = GYL_BIND_LINK, .port = 67};
	struct gyl_bind arp = {.type = GYL_BIND_FRAME, .port = GYL_ETH_ARP};
	struct gyl_frame_udp u = discover();
	char err[200];
	uint64_t ours, theirs;

	w->host.ops->close(w->host.h);
	assert_int_equal(gyl_host_kernel_open(w->loop, &cf, &w->host, err), 0);
	ours = UINT64_C(1) << iface_of(w, OUR_IP);
	theirs = UINT64_C(1) << iface_of(w, OUR_IP + 1);
	tcp.ifaces = theirs;
	assert_int_equal(w->host.ops->listen(w->host.h, &tcp), 0);
	assert_true(connects(w, OUR_IP + 1, number));
	assert_false(connects(w, OUR_IP, number));
	dhcp.ifaces = ours;
	assert_int_equal(w->host.ops->listen(w->host.h, &dhcp), 1);
	put_udp(&u, "for gyla", 0);
	assert_int_equal(1 << world_recv_one(w, 1, GYL_IN_DGRAM).peer.iface, ours);
	dhcp.port = 1067;
	dhcp.ifaces = theirs;
	assert_int_equal(w->host.ops->listen(w->host.h, &dhcp), 2);
	u.dst_port = 1067;
	put_udp(&u, "not for gylb", 0);
	world_quiet(w, 2);
	arp.ifaces = UINT64_C(1) << 60;
	assert_int_equal(w->host.ops->listen(w->host.h, &arp), -ENODEV);
}

/* On loopback there are no MACs: LINK is plain UDP there, and needs no privilege. */
static void loopback_needs_no_packet_socket(void **state)
{
	struct world *w = *state;
	uint16_t number = free_port();
	struct gyl_bind b = {
		.type = GYL_BIND_UDP, .flags = GYL_BIND_LINK, .port = number, .ip = LOOPBACK};
	int port = w->host.ops->listen(w->host.h, &b), fd = client(SOCK_DGRAM, number);
	struct gyl_in in;
	char buf[8];

	assert_int_equal(send(fd, "discover", 8, 0), 8);
	in = world_recv_one(w, port, GYL_IN_DGRAM);
	assert_int_equal(in.peer.has_mac, 0);
	world_send(w, port, 0, &in.peer, "offer", 5);
	assert_int_equal(recv(fd, buf, sizeof(buf), 0), 5);
	(void)close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			loopback_needs_no_packet_socket, world_open, world_close),
		cmocka_unit_test_setup_teardown(broadcast_in_and_frame_out, link_open, link_close),
		cmocka_unit_test_setup_teardown(vlan_tag_comes_back, link_open, link_close),
		cmocka_unit_test_setup_teardown(
			vlan_interface_serves_its_own, link_open, link_close),
		cmocka_unit_test_setup_teardown(
			unfinished_checksum_is_accepted, link_open, link_close),
		cmocka_unit_test_setup_teardown(not_for_us, link_open, link_close),
		cmocka_unit_test_setup_teardown(
			refused_frames_leave_the_others_alone, link_open, link_close),
		cmocka_unit_test_setup_teardown(without_mac_it_goes_by_udp, link_open, link_close),
		cmocka_unit_test_setup_teardown(
			frames_are_copied_and_sent_whole, link_open, link_close),
		cmocka_unit_test_setup_teardown(addresses_are_told, link_open, link_close),
		cmocka_unit_test_setup_teardown(
			other_interfaces_are_not_served, link_open, link_close),
		cmocka_unit_test_setup_teardown(
			a_port_serves_its_interfaces, link_open, link_close),
	};

	return cmocka_run_group_tests(tests, namespace_open, NULL);
}
