/* SPDX-License-Identifier: ISC */

/*
 * A UDP echo server, port 7, over what the first argument names: the same work four ways.
 *
 *   net_echo floor                      the kernel's socket, recvfrom, sendto and epoll
 *   net_echo kernel IFACE               our kernel host
 *   net_echo host DEVICE ADDRESS        our stack host over a device
 *   net_echo stack DEVICE ADDRESS       the device and the stack alone, as libnet/examples/echo.c
 * has them
 *
 * It says "ready" when it serves.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <gyl/net/device.h>
#include <gyl/net/stack.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <netinet/in.h>

#include "libnet/host/loop.h"

enum {
	PORT = 7,
	BATCH = 64
};

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "net_echo: %s\n", what);
	exit(1);
}

static void say_ready(void)
{
	puts("ready");
	fflush(stdout);
}

/* ---- the floor ---- */

static int open_udp(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&sin, sizeof(sin)) != 0)
		die(strerror(errno));
	return fd;
}

static void answer_all(int fd)
{
	uint8_t buf[2048];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len)) >= 0)
		sendto(fd, buf, (size_t)n, 0, (const struct sockaddr *)&from, len);
}

_Noreturn static void floor_run(void)
{
	int ep = epoll_create1(0), fd = open_udp();
	struct epoll_event ev = {.events = EPOLLIN};

	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
	say_ready();
	for (;;) {
		epoll_wait(ep, &ev, 1, -1);
		answer_all(fd);
	}
}

/* ---- a host, as a service has it ---- */

static void host_answer(struct gyl_host *h, int port)
{
	struct gyl_in in[BATCH];
	struct gyl_send slot[BATCH];
	size_t cnt;

	while ((cnt = h->ops->recv(h->h, port, in, BATCH)) > 0) {
		size_t lent = h->ops->lend(h->h, slot, cnt);

		for (size_t i = 0; i < lent; i++) {
			slot[i].len = (uint32_t)in[i].data.len;
			slot[i].port = in[i].port;
			slot[i].to = in[i].peer;
			memcpy(slot[i].p, in[i].data.p, in[i].data.len);
		}
		h->ops->send(h->h, slot, lent);
	}
}

_Noreturn static void host_run(struct gyl_host *h)
{
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = PORT};
	int port = h->ops->listen(h->h, &b);
	struct gyl_now now;

	if (port < 0)
		die(strerror(-port));
	say_ready();
	for (;;) {
		if (h->ops->wait(h->h, UINT64_MAX, &now) != 0)
			host_answer(h, port);
	}
}

static uint32_t address(const char *text)
{
	uint32_t ip;

	if (gyl_failed(gyl_parse_ipv4(gyl_view_str(text), &ip)))
		die("no address");
	return ip;
}

static void kernel_host(const char *iface)
{
	const struct gyl_net_iface f = {.device = iface};
	const struct gyl_net_conf cf = {.iface = &f, .iface_cnt = 1};
	struct gyl_host h;
	char err[200];

	if (gyl_host_kernel_open(gyl_loop_open(), &cf, &h, err) != 0)
		die(err);
	host_run(&h);
}

static void stack_host(const char *device, const char *ip)
{
	static struct gyl_rng rng;
	const struct gyl_net_iface f = {.device = device,
		.addr_cnt = 1,
		.addr = {{address(ip), 24}},
		.mac = {2, 0, 0, 0, 0, 7},
		.probe = GYL_NET_PROBE_NO};
	const struct gyl_net_conf cf = {.iface = &f, .iface_cnt = 1, .rng = &rng};
	struct gyl_host h;
	char err[200];

	gyl_rng_init(&rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&rng, &rng, sizeof(rng));
	if (gyl_host_stack_open(gyl_loop_open(), &cf, &h, err) != 0)
		die(err);
	host_run(&h);
}

/* ---- device and stack ---- */

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

static struct gyl_stack *open_stack(struct gyl_netdev *d, uint32_t ip)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 7}, tcp_key[16];
	struct gyl_stack_iface_conf f = gyl_stack_iface_defaults(mac, ip, 24, 0, 1);
	struct gyl_stack_conf cf = gyl_stack_defaults(&f, 1, 1, tcp_key);
	struct gyl_stack_sock echo = {.local_port = PORT};
	struct gyl_stack *s;

	f.mtu = d->mtu;
	s = gyl_stack_init(aligned_alloc(64, gyl_stack_need(&cf)), &cf);
	if (s == NULL || gyl_netdev_set_mac(d, mac) != 0)
		die("the stack cannot be opened");
	gyl_stack_bind(s, &echo);
	return s;
}

/* The replies of a batch, in buffers that are lent for it. */
static void reply(struct gyl_netdev *d, struct gyl_stack *s, struct gyl_stack_batch *b)
{
	struct gyl_netbuf buf[BATCH];
	size_t cnt = gyl_netdev_lend(d, buf, b->in_cnt);
	uint8_t dev;

	for (size_t i = 0; i < cnt; i++) {
		const struct gyl_stack_in *in = &b->in[i];

		memcpy(buf[i].p + GYL_STACK_ROOM, in->data.p, in->data.len);
		gyl_stack_udp_output(s, d->mono_ns, &in->peer, NULL, &buf[i], GYL_STACK_ROOM,
			in->data.len, &dev, b);
	}
	gyl_netdev_send(d, buf, cnt);
}

/* Frames of a batch go through the stack in as many goes as its own answers need room. */
static void stack_turn(struct gyl_netdev *d, struct gyl_stack *s)
{
	struct gyl_netframe f[BATCH];
	struct gyl_netbuf out[GYL_NETDEV_BATCH];
	struct gyl_stack_in in[BATCH];
	size_t cnt = gyl_netdev_recv(d, f, BATCH), done = 0;

	do {
		struct gyl_stack_batch b = {.in = in, .in_cap = BATCH};
		size_t lent = gyl_netdev_lend(d, out, GYL_NETDEV_BATCH);

		b.out[0].buf = out;
		b.out[0].cap = lent;
		done += gyl_stack_input(s, d->mono_ns, 0, f + done, cnt - done, &b);
		gyl_stack_tick(s, d->mono_ns, &b);
		reply(d, s, &b);
		gyl_netdev_send(d, out, lent);
	} while (done < cnt);
}

_Noreturn static void stack_run(const char *device, const char *ip)
{
	int ep = epoll_create1(0);
	struct epoll_event ev = {.events = EPOLLIN};
	struct gyl_netdev *d;
	struct gyl_stack *s;
	char err[200];

	if (gyl_dev_open(device, &d, err) != 0)
		die(err);
	s = open_stack(d, address(ip));
	epoll_ctl(ep, EPOLL_CTL_ADD, d->fd, &ev);
	say_ready();
	for (;;) {
		uint64_t at_ns = gyl_stack_deadline_ns(s), now_ns = clock_ns(CLOCK_MONOTONIC);
		uint64_t ms = gyl_time_sub(at_ns, now_ns) / GYL_NS_PER_MS + 1;

		epoll_wait(ep, &ev, 1, ms > 1000 ? 1000 : (int)ms);
		d->mono_ns = clock_ns(CLOCK_MONOTONIC);
		stack_turn(d, s);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "floor") == 0)
		floor_run();
	if (argc == 3 && strcmp(argv[1], "kernel") == 0)
		kernel_host(argv[2]);
	if (argc == 4 && strcmp(argv[1], "host") == 0)
		stack_host(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "stack") == 0)
		stack_run(argv[2], argv[3]);
	die("usage: net_echo floor | kernel IFACE | host DEVICE ADDRESS | stack DEVICE ADDRESS");
}
