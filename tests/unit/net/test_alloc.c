/* SPDX-License-Identifier: ISC */
/*
 * Once it runs, nothing is allocated: 10,000 UDP echo requests through device, stack and stack
 * host, over the cable in memory and over a tap, with every malloc of the process counted,
 * libevent's included.
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <gyl/net/device.h>
#include <netinet/in.h>

#include "libnet/host/stack.h"
#include "tests/unit/net/rng.h"
#include "tests/unit/net/station.h"

enum {
	ROUND_CNT = 625,
	BATCH = 16 /* requests a round: 10,000 in all */
};

static unsigned long alloc_cnt;

/* Ours stand before the C library's for the whole process. A sanitizer has its own place for that.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#	define SANITIZED 1
#elif defined(__has_feature)
#	if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
		__has_feature(memory_sanitizer)
#		define SANITIZED 1
#	endif
#endif

#ifndef SANITIZED
#	define SANITIZED 0
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t cnt, size_t len);
void *__libc_realloc(void *p, size_t len);
void *malloc(size_t len);
void *calloc(size_t cnt, size_t len);
void *realloc(void *p, size_t len);

__attribute__((visibility("default"))) void *malloc(size_t len)
{
	__atomic_add_fetch(&alloc_cnt, 1, __ATOMIC_RELAXED);
	return __libc_malloc(len);
}

__attribute__((visibility("default"))) void *calloc(size_t cnt, size_t len)
{
	__atomic_add_fetch(&alloc_cnt, 1, __ATOMIC_RELAXED);
	return __libc_calloc(cnt, len);
}

__attribute__((visibility("default"))) void *realloc(void *p, size_t len)
{
	__atomic_add_fetch(&alloc_cnt, 1, __ATOMIC_RELAXED);
	return __libc_realloc(p, len);
}
#endif

/* A stack host with an echo of port 7, and what asks it. */
struct box {
	struct gyl_loop *loop;
	struct gyl_host host;
	struct gyl_mem_hub *hub;
	struct gyl_netdev *far; /* of the cable, or NULL */
	int udp;                /* of the tap's kernel side */
};

static void serve(struct box *x)
{
	struct gyl_in in[GYL_NETDEV_BATCH];
	struct gyl_send slot[GYL_NETDEV_BATCH];
	struct gyl_now now;
	size_t cnt;

	x->host.ops->wait(x->host.h, 0, &now);
	while ((cnt = x->host.ops->recv(x->host.h, 0, in, GYL_NETDEV_BATCH)) > 0) {
		assert_int_equal(x->host.ops->lend(x->host.h, slot, cnt), cnt);
		for (size_t i = 0; i < cnt; i++) {
			slot[i].len = (uint32_t)in[i].data.len;
			slot[i].to = in[i].peer;
			memcpy(slot[i].p, in[i].data.p, in[i].data.len);
		}
		x->host.ops->send(x->host.h, slot, cnt);
	}
}

static void box_open(struct box *x, struct gyl_netdev *dev, uint32_t ip)
{
	const struct gyl_net_iface f = {
		.device = "it", .addr_cnt = 1, .addr = {{ip, 24}}, .mac = {2, 0, 0, 0, 0, 1}};
	const struct gyl_net_conf cf = {.iface = &f, .iface_cnt = 1, .rng = test_rng(42)};
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = 7};
	char err[200];

	x->loop = gyl_loop_open();
	if (gyl_host_stack_on(x->loop, &cf, &dev, 1, &x->host, err) != 0)
		fail_msg("%s", err);
	assert_int_equal(x->host.ops->listen(x->host.h, &b), 0);
	serve(x);
}

static void box_close(struct box *x)
{
	x->host.ops->close(x->host.h);
	gyl_loop_close(x->loop);
	if (x->hub != NULL)
		gyl_mem_hub_close(x->hub);
}

typedef size_t (*round_fn)(struct box *x);

/* What a first round sets up may allocate; what follows must not. */
static void prove(struct box *x, round_fn round)
{
	unsigned long before;
	size_t answered = 0;

	for (int i = 0; i < 20; i++)
		round(x);
	before = alloc_cnt;
	for (int i = 0; i < ROUND_CNT; i++)
		answered += round(x);
	assert_int_equal(alloc_cnt - before, 0);
	assert_int_equal(answered, ROUND_CNT * BATCH);
}

/* ---- over the cable ---- */

static size_t answers(struct box *x)
{
	struct gyl_netframe f[GYL_NETDEV_BATCH];
	size_t cnt = 0, n;

	while ((n = gyl_netdev_recv(x->far, f, GYL_NETDEV_BATCH)) > 0)
		cnt += n;
	return cnt;
}

static size_t round_udp(struct box *x)
{
	struct gyl_netbuf b[BATCH];

	assert_int_equal(gyl_netdev_lend(x->far, b, BATCH), BATCH);
	for (size_t i = 0; i < BATCH; i++) {
		struct gyl_frame_udp f = peer_udp(7);
		struct gyl_view v;

		memset(b[i].p + GYL_FRAME_UDP_ROOM, 'x', 60);
		assert_int_equal(
			gyl_frame_udp_encode(&f, b[i].p, b[i].cap, GYL_FRAME_UDP_ROOM, 60, &v).err,
			GYL_OK);
		b[i].off = (uint32_t)(v.p - b[i].p);
		b[i].len = (uint32_t)v.len;
	}
	gyl_netdev_send(x->far, b, BATCH);
	serve(x);
	return answers(x);
}

static void ten_thousand_over_the_cable_allocate_nothing(void **state)
{
	struct box x = {.hub = NULL};
	void *p;

	(void)state;
	if (SANITIZED)
		skip();
	p = malloc(16);
	assert_true(alloc_cnt > 0); /* it counts */
	free(p);
	x.hub = gyl_mem_hub_open(2, 256, 1500);
	x.far = gyl_mem_port(x.hub, 1);
	box_open(&x, gyl_mem_port(x.hub, 0), OUR_IP);
	answers(&x); /* the announcement */
	prove(&x, round_udp);
	box_close(&x);
}

/* ---- over a tap ---- */

static int in_namespace(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		print_message("no network namespace here: %s\n", strerror(errno));
	return 0;
}

static size_t round_tap(struct box *x)
{
	uint8_t buf[128] = {0};
	size_t cnt = 0;

	for (int i = 0; i < BATCH; i++)
		assert_int_equal(send(x->udp, buf, 60, 0), 60);
	for (int i = 0; i < 100 && cnt < BATCH; i++) {
		serve(x);
		while (recv(x->udp, buf, sizeof(buf), MSG_DONTWAIT) == 60)
			cnt++;
	}
	return cnt;
}

static void ten_thousand_over_a_tap_allocate_nothing(void **state)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(7),
		.sin_addr.s_addr = htonl(IP(10, 77, 3, 1))};
	struct box x = {.hub = NULL};
	struct gyl_netdev *d;
	char err[200];
	int r;

	(void)state;
	if (SANITIZED || if_nametoindex("eth0") != 0)
		skip();
	r = gyl_dev_open("tap:gyla0,peer=10.77.3.2/24", &d, err);
	if (r == -EPERM || r == -EACCES || r == -ENOENT)
		skip();
	if (r != 0)
		fail_msg("%s", err);
	box_open(&x, d, IP(10, 77, 3, 1));
	x.udp = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(connect(x.udp, (const struct sockaddr *)&sin, sizeof(sin)), 0);
	prove(&x, round_tap);
	close(x.udp);
	box_close(&x);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_over_the_cable_allocate_nothing),
		cmocka_unit_test(ten_thousand_over_a_tap_allocate_nothing),
	};

	return cmocka_run_group_tests(tests, in_namespace, NULL);
}
