/* SPDX-License-Identifier: ISC */

/*
 * Asks a UDP echo server and reads the clock of its process: what a request costs it.
 *
 *   net_ask ADDRESS PID       prints: ns a request under flood, ns in bursts, median round trip in
 * us
 *
 * Flood: 256 requests under way. Bursts: 32 at once, 100,000 a second. Round trip: one at a time.
 * Each request has 60 octets; an answer with other octets ends the run.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <gyl/time.h>
#include <netinet/in.h>

enum {
	PORT = 7,
	LEN = 60,
	BURST = 32,
	WINDOW = 256,
	FLOOD_CNT = 150000,
	BURST_CNT = 60000,
	TRIP_CNT = 4000
};
#define BURST_NS (GYL_NS_PER_S / 100000 * BURST)

static struct mmsghdr out[BURST], in[BURST];
static struct iovec out_iov[BURST], in_iov[BURST];
static uint8_t out_buf[BURST][LEN], in_buf[BURST][2048];
static clockid_t server;

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "net_ask: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) != 0)
		die("the server is gone");
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

static int open_socket(const char *ip)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), len = 1 << 20;

	if (inet_pton(AF_INET, ip, &sin.sin_addr) != 1 || fd < 0)
		die(ip);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &len, sizeof(len));
	if (connect(fd, (const struct sockaddr *)&sin, sizeof(sin)) != 0)
		die("connect");
	return fd;
}

static void make_messages(void)
{
	for (unsigned i = 0; i < BURST; i++) {
		memset(out_buf[i], (int)i + 1, LEN);
		out_iov[i] = (struct iovec){out_buf[i], LEN};
		out[i].msg_hdr = (struct msghdr){.msg_iov = &out_iov[i], .msg_iovlen = 1};
		in_iov[i] = (struct iovec){in_buf[i], sizeof(in_buf[i])};
		in[i].msg_hdr = (struct msghdr){.msg_iov = &in_iov[i], .msg_iovlen = 1};
	}
}

static void ask(int fd, unsigned cnt)
{
	if (sendmmsg(fd, out, cnt, 0) != (int)cnt)
		die("sendmmsg");
}

/* Answers that are there. */
static unsigned answers(int fd)
{
	int n = recvmmsg(fd, in, BURST, MSG_DONTWAIT, NULL);

	for (int i = 0; i < n; i++) {
		if (in[i].msg_len != LEN || in_buf[i][0] != in_buf[i][LEN - 1])
			die("an answer is not what was asked");
	}
	return n > 0 ? (unsigned)n : 0;
}

/* Answers of the time until then, waiting for the rest of a round at most so long. */
static unsigned gather(int fd, unsigned wanted, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	unsigned cnt = 0;

	while (cnt < wanted && poll(&p, 1, ms) == 1)
		cnt += answers(fd);
	return cnt;
}

/* What the server's clock went on a request. Lost ones count as none, and many are an error. */
static uint64_t cost(uint64_t from_ns, unsigned answered, unsigned asked)
{
	if (answered < asked / 100 * 95) {
		fprintf(stderr, "net_ask: %u of %u were answered\n", answered, asked);
		exit(1);
	}
	return (clock_ns(server) - from_ns) / answered;
}

static uint64_t flood(int fd)
{
	uint64_t from_ns = clock_ns(server);
	unsigned answered = 0, asked = 0, under_way = 0;

	while (asked < FLOOD_CNT) {
		unsigned n;

		for (; under_way + BURST <= WINDOW; under_way += BURST, asked += BURST)
			ask(fd, BURST);
		n = gather(fd, BURST, 20);
		answered += n;
		under_way = n == 0 || n > under_way ? 0 : under_way - n;
	}
	answered += gather(fd, under_way, 20);
	return cost(from_ns, answered, asked);
}

/* A server that falls behind, because others want its processor, is waited for: what it loses would
 * count. */
static unsigned catch_up(int fd, unsigned under_way)
{
	return under_way + BURST <= WINDOW ? 0 : gather(fd, under_way, 20);
}

static uint64_t bursts(int fd)
{
	uint64_t from_ns = clock_ns(server), at_ns = clock_ns(CLOCK_MONOTONIC);
	unsigned answered = 0, asked = 0;

	for (; asked < BURST_CNT; asked += BURST) {
		answered += catch_up(fd, asked - answered);
		ask(fd, BURST);
		at_ns += BURST_NS;
		while (clock_ns(CLOCK_MONOTONIC) < at_ns)
			answered += answers(fd);
	}
	answered += gather(fd, asked - answered, 20);
	return cost(from_ns, answered, asked);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double trips(int fd)
{
	static uint64_t trip_ns[TRIP_CNT];
	unsigned cnt = 0;

	for (unsigned i = 0; i < TRIP_CNT; i++) {
		uint64_t from_ns = clock_ns(CLOCK_MONOTONIC);

		ask(fd, 1);
		if (gather(fd, 1, 100) == 1)
			trip_ns[cnt++] = clock_ns(CLOCK_MONOTONIC) - from_ns;
	}
	if (cnt < TRIP_CNT / 2)
		die("no answers");
	qsort(trip_ns, cnt, sizeof(trip_ns[0]), compare);
	cnt /= 2;
	return (double)trip_ns[cnt] / 1000;
}

int main(int argc, char **argv)
{
	uint64_t flood_ns, burst_ns;
	int fd;

	if (argc != 3 || clock_getcpuclockid((pid_t)atoi(argv[2]), &server) != 0)
		die("usage: net_ask ADDRESS PID");
	make_messages();
	fd = open_socket(argv[1]);
	for (int i = 0; i < 50; i++) { /* ARP, caches, the clock of the processor */
		ask(fd, BURST);
		gather(fd, BURST, 100);
	}
	flood_ns = flood(fd);
	burst_ns = bursts(fd);
	printf("%llu %llu %.1f\n", (unsigned long long)flood_ns, (unsigned long long)burst_ns,
		trips(fd));
	return 0;
}
