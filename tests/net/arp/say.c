/* SPDX-License-Identifier: ISC */

/*
 * Says what it likes by ARP, on a real interface: the liar of the scenarios, and the load of the
 * benchmark.
 *
 *   arp_say IFACE request|reply MAC IP MAC IP [FROM [TO]]   a message, sender then target; FROM and
 * TO are the frame's own addresses arp_say IFACE hosts CNT FRAMES RATE        requests of CNT hosts
 * in turn, RATE a second (0: as fast as it goes) arp_say IFACE flood FRAMES RATE IP EVERY requests
 * of random MACs and addresses; every EVERY-th announces IP instead
 */

#include <arpa/inet.h>
#include <errno.h>
#include <gyl/arp.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 64,
	FRAME_LEN = 60
};

struct load {
	int fd;
	uint8_t frame[BATCH][FRAME_LEN];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
	unsigned cnt;
	uint64_t rate, sent, begin_ns;
};

static const uint8_t broadcast[6] = {255, 255, 255, 255, 255, 255};

static void die(const char *what)
{
	fprintf(stderr, "arp_say: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_iface(const char *name)
{
	struct sockaddr_ll ll = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (ll.sll_ifindex == 0 || fd < 0 || bind(fd, (struct sockaddr *)&ll, sizeof ll) != 0)
		die(name);
	return fd;
}

static uint64_t number(const char *s)
{
	uint64_t v;

	if (gyl_failed(gyl_parse_u64(gyl_view_str(s), UINT64_MAX, &v)))
		die(s);
	return v;
}

static uint32_t ip_of(const char *s)
{
	uint32_t ip;

	if (gyl_failed(gyl_parse_ipv4(gyl_view_str(s), &ip)))
		die(s);
	return ip;
}

static void mac_of(const char *s, uint8_t mac[6])
{
	if (gyl_failed(gyl_parse_mac(gyl_view_str(s), mac)))
		die(s);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

static void put(uint8_t frame[FRAME_LEN], const uint8_t from[6], const uint8_t to[6],
	const struct gyl_arp *a)
{
	struct gyl_eth e = {.tag_cnt = 0};
	struct gyl_writer w;

	memcpy(e.src, from, 6);
	memcpy(e.dst, to, 6);
	gyl_writer_init(&w, frame, FRAME_LEN);
	gyl_arp_encode_frame(&w, &e, a);
}

static int one(int argc, char **argv)
{
	struct gyl_arp a = {.op = strcmp(argv[2], "reply") == 0 ? GYL_ARP_REPLY : GYL_ARP_REQUEST};
	uint8_t from[6], to[6], frame[FRAME_LEN];
	int fd = open_iface(argv[1]);

	mac_of(argv[3], a.sha);
	a.spa = ip_of(argv[4]);
	mac_of(argv[5], a.tha);
	a.tpa = ip_of(argv[6]);
	memcpy(from, a.sha, 6);
	memcpy(to, broadcast, 6);
	if (argc > 7)
		mac_of(argv[7], from);
	if (argc > 8)
		mac_of(argv[8], to);
	put(frame, from, to, &a);
	if (write(fd, frame, sizeof frame) != sizeof frame)
		die("sending");
	return 0;
}

/* ---- load ---- */

static void wait_until(uint64_t at_ns)
{
	struct timespec t = {
		.tv_sec = (time_t)(at_ns / GYL_NS_PER_S), .tv_nsec = (long)(at_ns % GYL_NS_PER_S)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void flush(struct load *l)
{
	unsigned done = 0;

	while (done < l->cnt) {
		int n = sendmmsg(l->fd, l->msg + done, l->cnt - done, 0);

		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			die("sending");
		done += n < 0 ? 0 : (unsigned)n;
	}
	l->sent += l->cnt;
	l->cnt = 0;
	if (l->rate != 0)
		wait_until(l->begin_ns + l->sent * GYL_NS_PER_S / l->rate);
}

static void load_open(struct load *l, const char *iface, uint64_t rate)
{
	memset(l, 0, sizeof *l);
	l->fd = open_iface(iface);
	l->rate = rate;
	l->begin_ns = now_ns();
	for (int i = 0; i < BATCH; i++) {
		l->iov[i] = (struct iovec){l->frame[i], FRAME_LEN};
		l->msg[i].msg_hdr = (struct msghdr){.msg_iov = &l->iov[i], .msg_iovlen = 1};
	}
}

static void add(struct load *l, const uint8_t mac[6], const struct gyl_arp *a)
{
	put(l->frame[l->cnt++], mac, broadcast, a);
	if (l->cnt == BATCH)
		flush(l);
}

static int hosts(char **argv)
{
	static struct load l;
	uint64_t host_cnt = number(argv[3]), cnt = number(argv[4]);

	load_open(&l, argv[1], number(argv[5]));
	for (uint64_t i = 0; i < cnt; i++) {
		uint32_t n = (uint32_t)(i % host_cnt);
		uint8_t mac[6] = {2, 1, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
		struct gyl_arp a = gyl_arp_request(
			mac, 0x0a000001 + n, 0x0a000001 + (uint32_t)((n + 1) % host_cnt));

		add(&l, mac, &a);
	}
	flush(&l);
	return 0;
}

static int flood(char **argv)
{
	static struct load l;
	uint64_t cnt = number(argv[3]), every = number(argv[6]), x = 1;
	uint32_t ip = ip_of(argv[5]);

	load_open(&l, argv[1], number(argv[4]));
	for (uint64_t i = 1; i <= cnt; i++) {
		uint8_t mac[6] = {2};
		struct gyl_arp a;

		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		mac[1] = (uint8_t)(x >> 56);
		gyl_set_u32(mac + 2, (uint32_t)(x >> 24));
		if (i % every == 0)
			a = gyl_arp_announcement(mac, ip);
		else
			a = gyl_arp_request(mac, 0x0b000000 | (uint32_t)(x >> 40), 0x0a000001);
		add(&l, mac, &a);
	}
	flush(&l);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 7 && argc <= 9 &&
		(strcmp(argv[2], "request") == 0 || strcmp(argv[2], "reply") == 0))
		return one(argc, argv);
	if (argc == 6 && strcmp(argv[2], "hosts") == 0)
		return hosts(argv);
	if (argc == 7 && strcmp(argv[2], "flood") == 0)
		return flood(argv);
	fprintf(stderr, "usage: arp_say IFACE request|reply SHA SPA THA TPA [FROM [TO]]\n"
			"       arp_say IFACE hosts CNT FRAMES RATE\n"
			"       arp_say IFACE flood FRAMES RATE IP EVERY\n");
	return 64;
}
