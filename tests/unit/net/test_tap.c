/* SPDX-License-Identifier: ISC */
/*
 * A real tap in a network namespace of its own; the kernel's side is read with a packet socket.
 * Skipped where such a namespace cannot be made.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <netinet/in.h>

#include <gyl/time.h>

#include "libnet/dev/open.h"
#include "libnet/host/loop.h"
#include "tests/support/support.h"
#include "tests/unit/net/rng.h"

#define ETHERTYPE 0x88b5 /* IEEE 802 local experimental */

static int in_namespace(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		return 0;
	print_message("no network namespace here: %s\n", strerror(errno));
	return 0;
}

/* The tap, or NULL after skip(). */
static struct gyl_netdev *tap_open(const char *text)
{
	struct gyl_netdev *d = NULL;
	char err[200] = "";
	int r;

	if (access("/sys/class/net/eth0", F_OK) == 0 && if_nametoindex("eth0") != 0)
		skip(); /* this is not a namespace of our own */
	r = gyl_dev_open(text, &d, err);
	if (r == -EPERM || r == -EACCES || r == -ENOENT)
		skip();
	if (r != 0)
		fail_msg("%s", err);
	return d;
}

static int kernel_side(const char *name)
{
	struct sockaddr_ll sll = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE)};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETHERTYPE));

	assert_true(fd >= 0);
	sll.sll_ifindex = (int)if_nametoindex(name);
	assert_int_equal(bind(fd, (struct sockaddr *)&sll, sizeof(sll)), 0);
	return fd;
}

static void item1_no_octet_leaves_that_nobody_wrote(void **state)
{
	struct gyl_netdev *d = tap_open("tap:gylt0");
	int fd = kernel_side("gylt0");
	uint8_t got[2048];

	(void)state;
	for (size_t len = 14; len < 70; len++) {
		struct gyl_netbuf b;

		assert_int_equal(gyl_netdev_lend(d, &b, 1), 1);
		memset(b.p, 0xa5, b.cap);
		memset(b.p, 0xff, 12);
		b.p[6] = 2;
		gyl_set_u16(b.p + 12, ETHERTYPE);
		memset(b.p + 14, 0x11, len - 14);
		b.len = (uint32_t)len;
		gyl_netdev_send(d, &b, 1);
		assert_int_equal(recv(fd, got, sizeof(got), 0), len < 60 ? 60 : len);
		for (size_t i = 14; i < 60 || i < len; i++)
			assert_int_equal(got[i], i < len ? 0x11 : 0);
	}
	assert_int_equal(gyl_netdev_stat(d).tx_cnt, 56);
	close(fd);
	gyl_netdev_close(d);
}

static void frames_come_in_batches_and_fd_tells(void **state)
{
	struct gyl_netdev *d = tap_open("tap:gylt1");
	int fd = kernel_side("gylt1");
	struct gyl_netframe f[GYL_NETDEV_BATCH];
	uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2};
	size_t cnt = 0, n;

	(void)state;
	gyl_set_u16(frame + 12, ETHERTYPE);
	for (uint8_t i = 0; i < 100; i++) {
		frame[14] = i;
		assert_int_equal(send(fd, frame, sizeof(frame), 0), sizeof(frame));
	}
	while (poll(&(struct pollfd){.fd = d->fd, .events = POLLIN}, 1, 0) == 1) {
		n = gyl_netdev_recv(d, f, GYL_NETDEV_BATCH);
		for (size_t i = 0; i < n; i++) {
			if (gyl_get_u16(f[i].p + 12) == ETHERTYPE)
				assert_int_equal(f[i].p[14], cnt++);
		}
	}
	assert_int_equal(cnt, 100);
	assert_int_equal(gyl_netdev_recv(d, f, GYL_NETDEV_BATCH), 0);
	close(fd);
	gyl_netdev_close(d);
}

static void a_second_owner_is_refused(void **state)
{
	struct gyl_netdev *d = tap_open("tap:gylt2"), *more;
	char err[200];

	(void)state;
	assert_int_equal(gyl_dev_open("tap:gylt2", &more, err), -EBUSY);
	assert_string_equal(err, "tap gylt2: in use by another program: Device or resource busy");
	assert_int_equal(gyl_dev_open("tap:lo", &more, err), -EINVAL);
	assert_string_equal(err, "tap lo: cannot be opened as a tap interface: Invalid argument");
	gyl_netdev_close(d);
}

/* The stack host over the tap, asked by a socket of the kernel: its descriptor ends the wait. */
static void the_stack_host_answers_the_kernel(void **state)
{
	static const struct gyl_net_iface tap = {
		.device = "tap:gylt3,peer=10.77.0.2/24", .addr_cnt = 1, .addr = {{0x0a4d0001, 24}}};
	struct gyl_net_conf cf = {.iface = &tap, .iface_cnt = 1, .rng = test_rng(5)};
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(7), .sin_addr.s_addr = htonl(0x0a4d0001)};
	struct gyl_bind echo = {.type = GYL_BIND_UDP, .port = 7};
	struct gyl_loop *loop = gyl_loop_open();
	struct gyl_host host;
	struct gyl_now now;
	struct gyl_send slot;
	struct gyl_in in[4];
	char err[200], got[8];
	int fd;

	(void)state;
	gyl_netdev_close(tap_open("tap:gylt3")); /* or skipped */
	assert_int_equal(gyl_host_stack_open(loop, &cf, &host, err), 0);
	assert_int_equal(host.ops->listen(host.h, &echo), 0);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(send(fd, "hello", 5, 0), 5);
	while (host.ops->wait(host.h, UINT64_MAX, &now) == 0)
		;
	assert_int_equal(host.ops->recv(host.h, 0, in, 4), 1);
	assert_int_equal(in[0].peer.ip, 0x0a4d0002);
	assert_int_equal(host.ops->lend(host.h, &slot, 1), 1);
	memcpy(slot.p, in[0].data.p, in[0].data.len);
	slot.len = (uint32_t)in[0].data.len;
	slot.to = in[0].peer;
	host.ops->send(host.h, &slot, 1);
	assert_int_equal(recv(fd, got, sizeof(got), 0), 5);
	assert_memory_equal(got, "hello", 5);
	close(fd);
	host.ops->close(host.h);
	gyl_loop_close(loop);
}

/* Somebody removes the interface: told, and the descriptor ends no further wait. */
static void an_interface_that_is_removed_is_told_and_left_alone(void **state)
{
	static const struct gyl_net_iface tap = {
		.device = "tap:gylt4", .addr_cnt = 1, .addr = {{0x0a4d0001, 24}}};
	struct gyl_net_conf cf = {.iface = &tap, .iface_cnt = 1, .rng = test_rng(5)};
	struct gyl_loop *loop = gyl_loop_open();
	struct gyl_host host;
	struct gyl_now now, then;
	char err[200];

	(void)state;
	gyl_netdev_close(tap_open("tap:gylt4")); /* or skipped */
	assert_int_equal(gyl_host_stack_open(loop, &cf, &host, err), 0);
	host.ops->wait(host.h, 0, &now);
	assert_int_equal(host.ops->gone(host.h), 0);
	if (system("ip link del gylt4") != 0)
		skip();
	gyl_loop_now(&now);
	while (host.ops->gone(host.h) == 0)
		host.ops->wait(host.h, now.mono_ns + GYL_NS_PER_S, &then);
	gyl_loop_now(&now);
	host.ops->wait(host.h, now.mono_ns + 30 * GYL_NS_PER_MS, &then);
	assert_true(then.mono_ns - now.mono_ns >= 30 * GYL_NS_PER_MS);
	host.ops->close(host.h);
	gyl_loop_close(loop);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(item1_no_octet_leaves_that_nobody_wrote),
		cmocka_unit_test(frames_come_in_batches_and_fd_tells),
		cmocka_unit_test(a_second_owner_is_refused),
		cmocka_unit_test(the_stack_host_answers_the_kernel),
		cmocka_unit_test(an_interface_that_is_removed_is_told_and_left_alone),
	};

	return cmocka_run_group_tests(tests, in_namespace, NULL);
}
