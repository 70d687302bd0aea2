/* SPDX-License-Identifier: ISC */

/*
 * The server of the TCP benchmark over our own stack: ports 7 (echo), 9 (discard), 19 (octets
 *without end).
 *
 *	ours DEVICE ADDRESS
 */

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include <gyl/net/device.h>
#include <gyl/net/stack.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "tests/bench/tcp/cpu.h"

enum {
	CHUNK = 1 << 16
};

static const uint8_t octets[CHUNK];

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

static void serve(struct gyl_streams *t, uint64_t now_ns, const struct gyl_stream_event *ev)
{
	struct gyl_view got;

	if ((ev->what & GYL_STREAM_EV_CLOSED) != 0)
		return;
	if ((ev->what & GYL_STREAM_EV_OPENED) != 0) {
		struct gyl_stream_opts opts = gyl_stream_opts(t, ev->id);

		opts.nodelay = true;
		gyl_stream_set_opts(t, now_ns, ev->id, &opts);
	}
	got = gyl_stream_peek(t, ev->id);
	if (ev->user == 19) {
		while (gyl_stream_write(t, now_ns, ev->id, gyl_view(octets, CHUNK)) == CHUNK)
			;
	} else if (ev->user == 7) {
		gyl_stream_take(t, now_ns, ev->id, gyl_stream_write(t, now_ns, ev->id, got));
	} else {
		gyl_stream_take(t, now_ns, ev->id, got.len);
	}
	if ((ev->what & GYL_STREAM_EV_EOF) != 0)
		gyl_stream_close(t, now_ns, ev->id);
}

/* One round: a batch of frames through the stack, the streams' owner, and what there is to send. */
static size_t turn(struct gyl_netdev *dev, struct gyl_stack *s)
{
	static struct gyl_netframe f[GYL_NETDEV_BATCH];
	static struct gyl_netbuf out[GYL_NETDEV_BATCH];
	static struct gyl_stack_in in[GYL_NETDEV_BATCH];
	struct gyl_stack_batch b = {.in = in, .in_cap = GYL_NETDEV_BATCH};
	struct gyl_stream_event ev;
	size_t cnt, taken = 0;

	dev->mono_ns = clock_ns(CLOCK_MONOTONIC);
	dev->wall_ns = dev->mono_ns;
	cnt = gyl_netdev_recv(dev, f, GYL_NETDEV_BATCH);
	do {
		b.in_cnt = 0;
		b.out[0] = (struct gyl_stack_out){.buf = out};
		b.out[0].cap = gyl_netdev_lend(dev, out, GYL_NETDEV_BATCH);
		taken += gyl_stack_input(s, dev->mono_ns, 0, f + taken, cnt - taken, &b);
		if (taken == cnt) {
			while (gyl_streams_event(gyl_stack_streams(s), &ev))
				serve(gyl_stack_streams(s), dev->mono_ns, &ev);
			gyl_stack_tick(s, dev->mono_ns, &b);
		}
		gyl_netdev_send(dev, out, b.out[0].cap);
	} while (taken != cnt);
	return cnt;
}

static struct gyl_stack *open_stack(uint32_t ip, uint32_t mtu)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 7}, key[16] = {7};
	struct gyl_stack_iface_conf iface =
		gyl_stack_iface_defaults(mac, ip, 24, 0, clock_ns(CLOCK_REALTIME));
	struct gyl_stack_conf cf;
	struct gyl_stack *s;

	iface.mtu = mtu;
	cf = gyl_stack_defaults(&iface, 1, clock_ns(CLOCK_REALTIME), key);
	cf.tcp.conn_max = 8192;
	cf.tcp.wait_max = 65536;
	cf.tcp.buf_len = 1 << 18;
	s = gyl_stack_init(aligned_alloc(64, (gyl_stack_need(&cf) + 63) & ~(size_t)63), &cf);
	for (const uint16_t *p = (const uint16_t[]){7, 9, 19, 0}; s != NULL && *p != 0; p++) {
		struct gyl_stream_listener l = {.local_port = *p, .user = *p};

		gyl_stream_listen(gyl_stack_streams(s), &l);
	}
	return s;
}

int main(int argc, char **argv)
{
	struct gyl_netdev *dev;
	struct gyl_stack *s;
	char err[200];
	uint32_t ip;

	if (argc != 3 || gyl_failed(gyl_parse_ipv4(gyl_view_str(argv[2]), &ip)))
		return 2;
	if (gyl_dev_open(argv[1], &dev, err) != 0) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	s = open_stack(ip, dev->mtu);
	if (s == NULL)
		return 1;
	bench_cpu_at_end();
	for (;;) {
		struct pollfd pfd = {.fd = dev->fd, .events = POLLIN};
		uint64_t at_ns =
			gyl_time_min(gyl_stack_deadline_ns(s), gyl_netdev_deadline_ns(dev));
		uint64_t left_ns = gyl_time_sub(at_ns, clock_ns(CLOCK_MONOTONIC));
		struct timespec left = {.tv_sec = (time_t)gyl_time_min(left_ns / GYL_NS_PER_S, 1),
			.tv_nsec = (long)(left_ns % GYL_NS_PER_S)};

		if (left_ns != 0)
			ppoll(&pfd, 1, &left, NULL);
		turn(dev, s);
	}
}
