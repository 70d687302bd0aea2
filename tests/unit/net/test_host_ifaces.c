/* SPDX-License-Identifier: ISC */

/*
 * The stack host with three interfaces on two cables in memory: two VLANs of one device, and
 * another device. What comes by which way, who hears it, and by which way answers go.
 */

#include <errno.h>

#include "libnet/host/stack.h"
#include "tests/unit/net/rng.h"
#include "tests/unit/net/station.h"

enum {
	CABLE,  /* untagged frames of device 0 */
	GUESTS, /* VLAN 20 of device 0 */
	STAFF   /* device 1 */
};

struct way {
	uint32_t our_ip, peer_ip;
	unsigned dev;
	uint16_t vlan;
};

static const struct way ways[] = {
	[CABLE] = {IP(10, 0, 0, 1), IP(10, 0, 0, 5), 0, 0},
	[GUESTS] = {IP(10, 0, 20, 1), IP(10, 0, 20, 5), 0, 20},
	[STAFF] = {IP(10, 0, 30, 1), IP(10, 0, 30, 5), 1, 0},
};

static const struct gyl_net_iface ifaces[] = {
	{.device = "a", .addr_cnt = 1, .addr = {{IP(10, 0, 0, 1), 24}}, .mac = {2, 0, 0, 0, 0, 1}},
	{.device = "a",
		.vlan = 20,
		.addr_cnt = 2,
		.addr = {{IP(10, 0, 20, 1), 24}, {IP(10, 0, 21, 1), 24}}},
	{.device = "b", .addr_cnt = 1, .addr = {{IP(10, 0, 30, 1), 24}}, .mac = {2, 0, 0, 0, 0, 2}},
};

static const uint8_t dev_mac[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

struct box {
	struct gyl_loop *loop;
	struct gyl_mem_hub *hub[2];
	struct gyl_netdev *far[2];
	struct gyl_host host;
	struct gyl_now now;
	uint64_t ready;
	struct gyl_in in[GYL_NETDEV_BATCH];
	struct gyl_send slot[GYL_NETDEV_BATCH];
};

static struct gyl_view arrived(struct box *x, unsigned dev)
{
	struct gyl_netframe f;

	if (gyl_netdev_recv(x->far[dev], &f, 1) == 0)
		return gyl_view(NULL, 0);
	return gyl_view(f.p, f.len);
}

static void look(struct box *x)
{
	x->ready = x->host.ops->wait(x->host.h, 0, &x->now);
}

static void box_open(struct box *x)
{
	struct gyl_net_conf cf = {.iface = ifaces, .iface_cnt = 3, .rng = test_rng(7)};
	struct gyl_netdev *dev[2];
	char err[200];

	memset(x, 0, sizeof(*x));
	x->loop = gyl_loop_open();
	for (unsigned i = 0; i < 2; i++) {
		x->hub[i] = gyl_mem_hub_open(2, 1024, 1500);
		dev[i] = gyl_mem_port(x->hub[i], 0);
		x->far[i] = gyl_mem_port(x->hub[i], 1);
	}
	assert_int_equal(gyl_host_stack_on(x->loop, &cf, dev, 2, &x->host, err), 0);
	look(x);
	for (unsigned i = 0; i < 2; i++) { /* the announcements */
		assert_int_not_equal(arrived(x, i).len, 0);
		while (arrived(x, i).len != 0)
			;
	}
}

static void box_close(struct box *x)
{
	x->host.ops->close(x->host.h);
	gyl_mem_hub_close(x->hub[0]);
	gyl_mem_hub_close(x->hub[1]);
	gyl_loop_close(x->loop);
}

static int listen_at(struct box *x, uint8_t type, uint16_t port, uint64_t mask)
{
	struct gyl_bind b = {.type = type, .port = port, .ifaces = mask};

	return x->host.ops->listen(x->host.h, &b);
}

static void put(struct box *x, unsigned dev, struct gyl_view v)
{
	struct gyl_netbuf b;

	assert_int_equal(gyl_netdev_lend(x->far[dev], &b, 1), 1);
	memcpy(b.p, v.p, v.len);
	b.len = (uint32_t)v.len;
	gyl_netdev_send(x->far[dev], &b, 1);
}

/* A datagram from the peer on that way to ip. */
static void put_udp(struct box *x, unsigned way, uint32_t ip, uint16_t port, const char *text)
{
	const struct way *w = &ways[way];
	struct gyl_frame_udp f = {
		.src_ip = w->peer_ip, .dst_ip = ip, .src_port = 4000, .dst_port = port};
	uint8_t buf[2000];

	memcpy(f.dst_mac, dev_mac[w->dev], 6);
	memcpy(f.src_mac, peer_mac, 6);
	f.tag_cnt = w->vlan != 0;
	f.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = w->vlan};
	put(x, w->dev, make_udp(&f, text, buf));
}

static size_t take(struct box *x, int port)
{
	return x->host.ops->recv(x->host.h, port, x->in, GYL_NETDEV_BATCH);
}

/* The next frame of a device is a datagram by that way. */
static void expect_udp(struct box *x, unsigned way, const char *text)
{
	const struct way *w = &ways[way];
	struct gyl_frame_udp f;

	assert_int_equal(gyl_frame_udp_decode(arrived(x, w->dev), 0, &f).err, GYL_OK);
	assert_int_equal(f.tag_cnt, w->vlan != 0);
	if (w->vlan != 0)
		assert_int_equal(f.tag[0].vid, w->vlan);
	assert_memory_equal(f.src_mac, dev_mac[w->dev], 6);
	assert_int_equal(f.src_ip, w->our_ip);
	assert_int_equal(f.dst_ip, w->peer_ip);
	assert_int_equal(f.payload.len, strlen(text));
	assert_memory_equal(f.payload.p, text, strlen(text));
}

static void an_answer_goes_back_the_way(void **state)
{
	struct box x;

	(void)state;
	box_open(&x);
	assert_int_equal(listen_at(&x, GYL_BIND_UDP, 53, 0), 0);
	for (unsigned way = CABLE; way <= STAFF; way++) {
		put_udp(&x, way, ways[way].our_ip, 53, "q");
		look(&x);
		assert_int_equal(take(&x, 0), 1);
		assert_int_equal(x.in[0].peer.iface, way);
		assert_int_equal(x.in[0].peer.vlan, ways[way].vlan);
		assert_int_equal(x.host.ops->lend(x.host.h, x.slot, 1), 1);
		x.slot[0].p[0] = 'a';
		x.slot[0].len = 1;
		x.slot[0].to = x.in[0].peer;
		x.host.ops->send(x.host.h, x.slot, 1);
		expect_udp(&x, way, "a");
		assert_int_equal(arrived(&x, 0).len, 0);
		assert_int_equal(arrived(&x, 1).len, 0);
	}
	box_close(&x);
}

/* Slots lie in buffers of one device; what is to leave by the other is copied, whole and unchanged,
 * also when it is more than that device's own room for frames. */
static void frames_for_another_device_are_copied(void **state)
{
	enum {
		CNT = GYL_NETDEV_BATCH
	};
	struct box x;

	(void)state;
	box_open(&x);
	assert_int_equal(listen_at(&x, GYL_BIND_UDP, 53, 0), 0);
	put_udp(&x, CABLE, ways[CABLE].our_ip, 53, "q");
	put_udp(&x, STAFF, ways[STAFF].our_ip, 53, "q");
	look(&x);
	assert_int_equal(take(&x, 0), 2);
	for (unsigned round = 0; round < 3; round++) {
		assert_int_equal(x.host.ops->lend(x.host.h, x.slot, CNT), CNT);
		for (unsigned i = 0; i < CNT; i++) {
			memset(x.slot[i].p, 0xa5, x.slot[i].cap);
			x.slot[i].p[0] = (uint8_t)('0' + i);
			x.slot[i].len = 1;
			x.slot[i].to = x.in[i % 2].peer;
		}
		x.host.ops->send(x.host.h, x.slot, CNT);
		for (unsigned i = 0; i < CNT; i++) {
			char text[2] = {(char)('0' + i), 0};

			expect_udp(&x, x.in[i % 2].peer.iface, text);
		}
		assert_int_equal(arrived(&x, 0).len, 0);
		assert_int_equal(arrived(&x, 1).len, 0);
	}
	box_close(&x);
}

static void a_port_hears_its_interfaces(void **state)
{
	struct box x;

	(void)state;
	box_open(&x);
	assert_int_equal(listen_at(&x, GYL_BIND_UDP, 53, 1 << GUESTS), 0);
	assert_int_equal(listen_at(&x, GYL_BIND_UDP, 53, 1 << GUESTS | 1 << STAFF), -EADDRINUSE);
	assert_int_equal(listen_at(&x, GYL_BIND_UDP, 53, 1 << STAFF), 1);
	for (unsigned way = CABLE; way <= STAFF; way++)
		put_udp(&x, way, ways[way].our_ip, 53, "q");
	look(&x);
	assert_int_equal(x.ready, 3);
	assert_int_equal(take(&x, 0), 1);
	assert_int_equal(x.in[0].peer.iface, GUESTS);
	assert_int_equal(take(&x, 1), 1);
	assert_int_equal(x.in[0].peer.iface, STAFF);
	box_close(&x);
}

/* RFC 1122 3.3.4.2, strong host. */
static void an_address_is_answered_on_its_interface_only(void **state)
{
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 54, .ip = IP(10, 0, 30, 1)};
	struct box x;

	(void)state;
	box_open(&x);
	assert_int_equal(listen_at(&x, GYL_BIND_UDP, 53, 0), 0);
	put_udp(&x, GUESTS, ways[STAFF].our_ip, 53, "not here");
	put_udp(&x, GUESTS, IP(10, 0, 21, 1), 53, "the second one");
	look(&x);
	assert_int_equal(take(&x, 0), 1);
	assert_int_equal(x.in[0].peer.local_ip, IP(10, 0, 21, 1));
	b.ifaces = 1 << GUESTS;
	assert_int_equal(x.host.ops->listen(x.host.h, &b), -EADDRNOTAVAIL);
	b.ifaces = 1 << STAFF;
	assert_int_equal(x.host.ops->listen(x.host.h, &b), 1);
	box_close(&x);
}

static void put_arp(struct box *x, unsigned way)
{
	const struct way *w = &ways[way];
	struct gyl_arp a = gyl_arp_request(peer_mac, w->peer_ip, w->peer_ip + 1);
	struct gyl_eth e = {.type = GYL_ETH_ARP, .tag_cnt = w->vlan != 0};
	uint8_t buf[64];
	struct gyl_writer out;

	memcpy(e.dst, all_mac, 6);
	memcpy(e.src, peer_mac, 6);
	e.tag[0] = (struct gyl_eth_tag){.tpid = GYL_ETH_VLAN, .vid = w->vlan};
	gyl_writer_init(&out, buf, sizeof(buf));
	gyl_arp_encode_frame(&out, &e, &a);
	put(x, w->dev, gyl_writer_view(&out));
}

static void whole_frames_by_their_interface(void **state)
{
	static const uint8_t frame[60] = {2, 0, 0, 0, 0, 5, 2, 0, 0, 0, 0, 1, 0x08, 0x06, 'x'};
	struct box x;

	(void)state;
	box_open(&x);
	assert_int_equal(listen_at(&x, GYL_BIND_FRAME, GYL_ETH_ARP, 1 << GUESTS | 1 << STAFF), 0);
	for (unsigned way = CABLE; way <= STAFF; way++)
		put_arp(&x, way);
	look(&x);
	assert_int_equal(take(&x, 0), 2);
	for (unsigned i = 0; i < 2; i++) { /* whichever device was read first */
		assert_in_range(x.in[i].peer.iface, GUESTS, STAFF);
		assert_int_equal(x.in[i].peer.vlan, ways[x.in[i].peer.iface].vlan);
	}
	assert_int_not_equal(x.in[0].peer.iface, x.in[1].peer.iface);
	assert_int_equal(x.host.ops->lend(x.host.h, x.slot, 2), 2);
	for (unsigned i = 0; i < 2; i++) {
		memcpy(x.slot[i].p, frame, sizeof(frame));
		x.slot[i].len = sizeof(frame);
		x.slot[i].to = x.in[i].peer;
	}
	x.host.ops->send(x.host.h, x.slot, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct gyl_eth e;

		assert_int_equal(gyl_eth_decode(arrived(&x, i), &e).err, GYL_OK);
		assert_int_equal(e.type, GYL_ETH_ARP);
		assert_int_equal(e.tag_cnt, i == 0);
		assert_int_equal(e.payload.p[0], 'x');
	}
	box_close(&x);
}

/* What a core has left is a view into one device's frames; it stays when another one is read. */
static void rests_outlive_the_batches_of_all_devices(void **state)
{
	struct box x;

	(void)state;
	box_open(&x);
	assert_int_equal(listen_at(&x, GYL_BIND_UDP, 53, 0), 0);
	put_udp(&x, CABLE, ways[CABLE].our_ip, 53, "one");
	put_udp(&x, STAFF, ways[STAFF].our_ip, 53, "two");
	look(&x);
	assert_int_equal(take(&x, 0), 2);
	x.host.ops->unread(x.host.h, 0, x.in, 2, 0);
	for (unsigned i = 0; i < 3; i++) {
		put_udp(&x, GUESTS, ways[GUESTS].our_ip, 99, "for nobody");
		put_udp(&x, STAFF, ways[STAFF].our_ip, 99, "for nobody");
		look(&x);
	}
	assert_int_equal(take(&x, 0), 2);
	for (unsigned i = 0; i < 2; i++)
		assert_memory_equal(x.in[i].data.p, x.in[i].peer.iface == CABLE ? "one" : "two", 3);
	box_close(&x);
}

static void a_flow_takes_the_way_of_its_peer(void **state)
{
	struct gyl_peer to = {.ip = IP(10, 0, 30, 5), .port = 53, .has_mac = 1, .iface = STAFF};
	struct gyl_peer nowhere = {.ip = IP(192, 0, 2, 1), .port = 53};
	struct box x;

	(void)state;
	box_open(&x);
	memcpy(to.mac, peer_mac, 6);
	assert_int_equal(x.host.ops->flow(x.host.h, 1, GYL_FLOW_OPEN_UDP, &nowhere), -ENETUNREACH);
	assert_int_equal(x.host.ops->flow(x.host.h, 1, GYL_FLOW_OPEN_UDP, &to), 0);
	assert_int_equal(take(&x, GYL_PORT_OPENED), 1);
	assert_int_equal(x.in[0].peer.local_ip, ways[STAFF].our_ip);
	assert_int_equal(x.host.ops->lend(x.host.h, x.slot, 1), 1);
	x.slot[0].flow = 1;
	x.slot[0].p[0] = '?';
	x.slot[0].len = 1;
	x.host.ops->send(x.host.h, x.slot, 1);
	expect_udp(&x, STAFF, "?");
	box_close(&x);
}

static void addresses_are_told_in_order(void **state)
{
	uint8_t prefix, mac[6];
	struct box x;
	uint32_t ip;

	(void)state;
	box_open(&x);
	for (unsigned i = CABLE; i <= STAFF; i++) {
		assert_true(x.host.ops->addr(x.host.h, i, 0, &ip, &prefix, mac));
		assert_int_equal(ip, ways[i].our_ip);
		assert_int_equal(prefix, 24);
		assert_memory_equal(mac, dev_mac[ways[i].dev], 6);
	}
	assert_false(x.host.ops->addr(x.host.h, 3, 0, &ip, &prefix, mac));
	assert_true(x.host.ops->addr(x.host.h, 1, 1, &ip, &prefix, mac)); /* its second one */
	assert_int_equal(ip, ifaces[1].addr[1].ip);
	assert_int_equal(prefix, ifaces[1].addr[1].prefix);
	assert_false(x.host.ops->addr(x.host.h, 1, 2, &ip, &prefix, mac));
	assert_false(x.host.ops->addr(x.host.h, 0, 1, &ip, &prefix, mac));
	box_close(&x);
}

/* Frames could belong to either of them. */
static void the_same_way_twice_is_refused(void **state)
{
	struct gyl_net_iface twice[2] = {ifaces[0], ifaces[0]};
	struct gyl_net_conf cf = {.iface = twice, .iface_cnt = 2, .rng = test_rng(7)};
	struct gyl_loop *loop = gyl_loop_open();
	struct gyl_mem_hub *hub = gyl_mem_hub_open(2, 8, 1500);
	struct gyl_netdev *dev = gyl_mem_port(hub, 0);
	struct gyl_host host;
	char err[200] = "";

	(void)state;
	twice[1].addr[0].ip++;
	assert_int_equal(gyl_host_stack_on(loop, &cf, &dev, 1, &host, err), -EINVAL);
	assert_non_null(strstr(err, "the same VLAN of one device"));
	gyl_mem_hub_close(hub);
	gyl_loop_close(loop);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_goes_back_the_way),
		cmocka_unit_test(frames_for_another_device_are_copied),
		cmocka_unit_test(a_port_hears_its_interfaces),
		cmocka_unit_test(an_address_is_answered_on_its_interface_only),
		cmocka_unit_test(whole_frames_by_their_interface),
		cmocka_unit_test(rests_outlive_the_batches_of_all_devices),
		cmocka_unit_test(a_flow_takes_the_way_of_its_peer),
		cmocka_unit_test(addresses_are_told_in_order),
		cmocka_unit_test(the_same_way_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
