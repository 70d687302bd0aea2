/* SPDX-License-Identifier: ISC */

/*
 * Our side of the scenario tcp-linux, over any device.
 *
 *	talk_stack DEVICE OURS serve PORT
 *	talk_stack DEVICE OURS dial ADDRESS PORT OCTETS CNT
 *
 * Like talk_kernel. dial ends when all connections are gone, and looks that nothing of them is
 *left.
 */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gyl/net/device.h>
#include <gyl/net/stack.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "tests/net/tcp/talk.h"

enum {
	CHUNK = 20000,
	CONN_MAX = 256,
	PORT_MIN = 40000
};

struct talk {
	uint64_t sent, got;
	bool ended;
};

static struct gyl_netdev *dev;
static struct gyl_stack *stack;
static struct gyl_streams *streams;
static bool dials;
static uint64_t len;
static uint32_t cnt, done_cnt, bad_cnt;
static struct talk talks[CONN_MAX];

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- the two sides ---- */

/* What found no room is offered again with the next event, the peer's end too: the state knows it.
 */
static void echo(const struct gyl_stream_event *ev)
{
	struct gyl_view got = gyl_stream_peek(streams, ev->id);
	size_t n = gyl_stream_write(streams, dev->mono_ns, ev->id, got);
	struct gyl_stream_info info;

	gyl_stream_take(streams, dev->mono_ns, ev->id, n);
	if (n == got.len && gyl_stream_info(streams, ev->id, &info) &&
		info.state == GYL_STREAM_CLOSE_WAIT)
		gyl_stream_close(streams, dev->mono_ns, ev->id);
}

static void send_more(struct talk *t, uint32_t conn, uint32_t id)
{
	static uint8_t buf[CHUNK];
	size_t n;

	while (t->sent < len && gyl_stream_room(streams, id) != 0) {
		n = len - t->sent < CHUNK ? (size_t)(len - t->sent) : CHUNK;
		talk_fill(buf, n, conn, t->sent);
		t->sent += gyl_stream_write(streams, dev->mono_ns, id, gyl_view(buf, n));
	}
	if (t->sent == len && !t->ended) {
		gyl_stream_shutdown(streams, dev->mono_ns, id);
		t->ended = true;
	}
}

static void talk(const struct gyl_stream_event *ev)
{
	struct talk *t = &talks[ev->user];
	struct gyl_view got;

	if ((ev->what & GYL_STREAM_EV_CLOSED) == 0) {
		got = gyl_stream_peek(streams, ev->id);
		if (talk_differs(got.p, got.len, ev->user, t->got) != got.len) {
			fprintf(stderr, "connection %u: other octets from %llu on\n", ev->user,
				(unsigned long long)t->got);
			exit(1);
		}
		t->got += got.len;
		gyl_stream_take(streams, dev->mono_ns, ev->id, got.len);
		send_more(t, ev->user, ev->id);
	}
	if ((ev->what & GYL_STREAM_EV_EOF) != 0)
		gyl_stream_close(streams, dev->mono_ns, ev->id);
	if ((ev->what & GYL_STREAM_EV_CLOSED) != 0) {
		done_cnt++;
		if (ev->err != GYL_STREAM_OK || t->got != len) {
			fprintf(stderr, "connection %u: error %u, %llu octets\n", ev->user, ev->err,
				(unsigned long long)t->got);
			bad_cnt++;
		}
	}
}

static void serve_events(void)
{
	struct gyl_stream_event ev;

	while (gyl_streams_event(streams, &ev)) {
		if (dials)
			talk(&ev);
		else if ((ev.what & GYL_STREAM_EV_CLOSED) == 0)
			echo(&ev);
	}
}

/* ---- the loop ---- */

/* One batch of frames. Timers are for when all that came was read: what stopped them may be in it.
 */
static size_t take_batch(bool is_last)
{
	static struct gyl_netframe f[GYL_NETDEV_BATCH];
	static struct gyl_netbuf out[GYL_NETDEV_BATCH];
	static struct gyl_stack_in in[GYL_NETDEV_BATCH];
	struct gyl_stack_batch b = {.in = in, .in_cap = GYL_NETDEV_BATCH};
	size_t frame_cnt = gyl_netdev_recv(dev, f, GYL_NETDEV_BATCH), taken = 0;

	do {
		b.in_cnt = 0;
		b.out[0] = (struct gyl_stack_out){.buf = out};
		b.out[0].cap = gyl_netdev_lend(dev, out, GYL_NETDEV_BATCH);
		taken += gyl_stack_input(stack, dev->mono_ns, 0, f + taken, frame_cnt - taken, &b);
		serve_events();
		if (frame_cnt < GYL_NETDEV_BATCH || is_last)
			gyl_stack_tick(stack, dev->mono_ns, &b);
		gyl_netdev_send(dev, out, b.out[0].cap);
	} while (taken != frame_cnt);
	return frame_cnt;
}

static void turn(void)
{
	dev->mono_ns = clock_ns(CLOCK_MONOTONIC);
	dev->wall_ns = clock_ns(CLOCK_REALTIME);
	for (int i = 0; i < 8 && take_batch(i == 7) == GYL_NETDEV_BATCH; i++)
		;
}

static void wait_for_more(void)
{
	struct pollfd pfd = {.fd = dev->fd, .events = POLLIN};
	uint64_t at_ns = gyl_time_min(gyl_stack_deadline_ns(stack), gyl_netdev_deadline_ns(dev));
	uint64_t left_ns = gyl_time_sub(at_ns, clock_ns(CLOCK_MONOTONIC));
	struct timespec left = {.tv_sec = (time_t)gyl_time_min(left_ns / GYL_NS_PER_S, 1),
		.tv_nsec = (long)(left_ns % GYL_NS_PER_S)};

	if (left_ns != 0)
		ppoll(&pfd, 1, &left, NULL);
}

static bool open_stack(const char *device, const char *address)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9}, key[16] = {9};
	struct gyl_stack_iface_conf iface;
	struct gyl_stack_conf cf;
	char err[200];
	uint32_t ip;

	if (gyl_dev_open(device, &dev, err) != 0) {
		fprintf(stderr, "%s\n", err);
		return false;
	}
	if (gyl_failed(gyl_parse_ipv4(gyl_view_str(address), &ip)))
		return false;
	iface = gyl_stack_iface_defaults(mac, ip, 24, 0, clock_ns(CLOCK_REALTIME));
	iface.mtu = dev->mtu;
	cf = gyl_stack_defaults(&iface, 1, clock_ns(CLOCK_REALTIME), key);
	cf.tcp = gyl_streams_defaults(key);
	cf.tcp.time_wait_ns = GYL_NS_PER_S; /* the test waits for it */
	stack = gyl_stack_init(aligned_alloc(64, (gyl_stack_need(&cf) + 63) & ~(size_t)63), &cf);
	streams = stack == NULL ? NULL : gyl_stack_streams(stack);
	return streams != NULL;
}

static int dial(uint32_t ip, uint16_t port)
{
	struct gyl_streams_stat st;
	uint64_t until_ns;
	uint32_t id;

	turn();
	for (uint32_t i = 0; i < cnt; i++) {
		struct gyl_net_peer to = {
			.ip = ip, .port = port, .local_port = (uint16_t)(PORT_MIN + i)};

		if (gyl_stack_connect(stack, dev->mono_ns, &to, i, &id) != GYL_STREAM_OK)
			return 1;
	}
	while (done_cnt < cnt) {
		turn();
		wait_for_more();
	}
	for (until_ns = dev->mono_ns + 2 * GYL_NS_PER_S; dev->mono_ns < until_ns;) {
		turn();
		wait_for_more();
	}
	st = gyl_streams_stat(streams);
	printf("%u connections of %llu octets, %u bad; left: %u connections, %u waiting, %u buffers\n",
		cnt, (unsigned long long)len, bad_cnt, st.conn_cnt, st.wait_cnt, st.buf_cnt);
	return bad_cnt != 0 || st.conn_cnt + st.half_cnt + st.wait_cnt + st.buf_cnt != 0;
}

int main(int argc, char **argv)
{
	struct gyl_stream_listener l = {0};
	uint32_t ip;

	if (argc < 5 || !open_stack(argv[1], argv[2]))
		return 2;
	if (argc == 8 && strcmp(argv[3], "dial") == 0 &&
		!gyl_failed(gyl_parse_ipv4(gyl_view_str(argv[4]), &ip))) {
		dials = true;
		len = strtoull(argv[6], NULL, 10);
		cnt = (uint32_t)atoi(argv[7]);
		return cnt > CONN_MAX ? 2 : dial(ip, (uint16_t)atoi(argv[5]));
	}
	l.local_port = (uint16_t)atoi(argv[4]);
	if (gyl_stream_listen(streams, &l) != GYL_STREAM_OK)
		return 2;
	for (;;) {
		turn();
		wait_for_more();
	}
}
