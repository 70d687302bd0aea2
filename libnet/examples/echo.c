/* SPDX-License-Identifier: ISC */
/*
 * An echo server (RFC 862) over our own stack, on one page, by UDP and by TCP. It answers ARP and
 * pings as well.
 *
 *	echo tap:echo0,peer=10.77.0.2/24 10.77.0.1
 *	ping 10.77.0.1
 *	bash -c 'exec 3<>/dev/udp/10.77.0.1/7; echo hello >&3; head -1 <&3'
 *	bash -c 'exec 3<>/dev/tcp/10.77.0.1/7; echo hello >&3; head -1 <&3'
 */
#define _DEFAULT_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <gyl/net/device.h>
#include <gyl/net/stack.h>
#include <gyl/text.h>
#include <gyl/time.h>

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Each datagram goes back where it came from, in a buffer of the device. */
static void answer(struct gyl_netdev *dev, struct gyl_stack *s, struct gyl_stack_batch *b)
{
	struct gyl_netbuf buf[2 * GYL_NETDEV_BATCH];
	size_t cnt = gyl_netdev_lend(dev, buf, b->in_cnt);
	uint8_t to_dev; /* there is but one */

	for (size_t i = 0; i < cnt; i++) {
		const struct gyl_stack_in *in = &b->in[i];

		memcpy(buf[i].p + GYL_STACK_ROOM, in->data.p, in->data.len);
		gyl_stack_udp_output(s, dev->mono_ns, &in->peer, NULL, &buf[i], GYL_STACK_ROOM,
			in->data.len, &to_dev, b);
	}
	gyl_netdev_send(dev, buf, cnt);
}

/* What a stream has goes back as far as there is room; the rest is offered again with its next
 * event. */
static void answer_streams(struct gyl_streams *t, uint64_t now_ns)
{
	struct gyl_stream_event ev;
	struct gyl_stream_info info;

	while (gyl_streams_event(t, &ev)) {
		struct gyl_view got = gyl_stream_peek(t, ev.id);
		size_t len = gyl_stream_write(t, now_ns, ev.id, got);

		gyl_stream_take(t, now_ns, ev.id, len);
		if (len == got.len && gyl_stream_info(t, ev.id, &info) &&
			info.state == GYL_STREAM_CLOSE_WAIT)
			gyl_stream_close(t, now_ns, ev.id);
	}
}

/* One round: read what is there, think, send. */
static void turn(struct gyl_netdev *dev, struct gyl_stack *s)
{
	struct gyl_netframe f[GYL_NETDEV_BATCH / GYL_STACK_OUT_MAX];
	struct gyl_netbuf out[GYL_NETDEV_BATCH];
	struct gyl_stack_in in[GYL_NETDEV_BATCH];
	struct gyl_stack_batch b = {.in = in, .in_cap = GYL_NETDEV_BATCH};
	size_t cnt;

	dev->mono_ns = clock_ns(CLOCK_MONOTONIC);
	dev->wall_ns = clock_ns(CLOCK_REALTIME);
	b.out[0].buf = out;
	b.out[0].cap = gyl_netdev_lend(dev, out, GYL_NETDEV_BATCH);
	cnt = gyl_netdev_recv(dev, f, sizeof(f) / sizeof(f[0]));
	gyl_stack_input(s, dev->mono_ns, 0, f, cnt, &b);
	answer(dev, s, &b);
	answer_streams(gyl_stack_streams(s), dev->mono_ns);
	gyl_stack_tick(s, dev->mono_ns, &b);
	gyl_netdev_send(dev, out, b.out[0].cap);
}

static struct gyl_stack *open_stack(struct gyl_netdev *dev, uint32_t ip)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 7};
	struct gyl_stack_sock sock = {.local_port = 7};
	struct gyl_stream_listener listener = {.local_port = 7};
	struct gyl_stack_iface_conf f;
	struct gyl_stack_conf cf;
	struct gyl_stack *s;
	uint8_t tcp_key[16];
	uint64_t seed;
	void *mem;

	if (getentropy(&seed, sizeof seed) != 0 || getentropy(tcp_key, sizeof tcp_key) != 0)
		return NULL;
	f = gyl_stack_iface_defaults(mac, ip, 24, 0, seed);
	f.mtu = dev->mtu;
	cf = gyl_stack_defaults(&f, 1, seed, tcp_key);
	mem = gyl_stack_need(&cf) == 0 ? NULL : aligned_alloc(64, gyl_stack_need(&cf));
	s = mem == NULL ? NULL : gyl_stack_init(mem, &cf);
	if (s == NULL || gyl_netdev_set_mac(dev, mac) != 0)
		return NULL;
	gyl_stack_bind(s, &sock);
	gyl_stream_listen(gyl_stack_streams(s), &listener);
	return s;
}

int main(int argc, char **argv)
{
	struct gyl_netdev *dev;
	struct gyl_stack *s;
	char err[200];
	uint32_t ip;

	if (argc != 3 || gyl_failed(gyl_parse_ipv4(gyl_view_str(argv[2]), &ip))) {
		fprintf(stderr, "usage: echo DEVICE ADDRESS\n");
		return 2;
	}
	if (gyl_dev_open(argv[1], &dev, err) != 0) {
		fprintf(stderr, "echo: %s\n", err);
		return 1;
	}
	s = open_stack(dev, ip);
	if (s == NULL) {
		fprintf(stderr, "echo: %s cannot be an address of ours\n", argv[2]);
		return 1;
	}
	while (dev->gone == 0) {
		struct pollfd pfd = {.fd = dev->fd, .events = POLLIN};
		uint64_t at_ns =
			gyl_time_min(gyl_stack_deadline_ns(s), gyl_netdev_deadline_ns(dev));
		uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
		uint64_t ms = gyl_time_sub(at_ns, now_ns) / GYL_NS_PER_MS + 1;

		poll(&pfd, 1, at_ns <= now_ns ? 0 : ms > 1000 ? 1000 : (int)ms);
		turn(dev, s);
	}
	fprintf(stderr, "echo: the device is gone\n");
	return 1;
}
