/* SPDX-License-Identifier: ISC */

/*
 * The client of the TCP benchmark: the kernel's sockets, the same for every server.
 *
 *	load in ADDRESS SECONDS            sends to port 9: bits a second that the server took
 *	load out ADDRESS SECONDS           reads from port 19: bits a second that it sent
 *	load conn ADDRESS SECONDS PARALLEL [IDLE]
 *	                                   open, 64 octets to port 7 and back, close: so many a
 *second; with IDLE other connections open all the while
 *
 * It prints one number.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CHUNK = 1 << 18,
	REQUEST_LEN = 64,
	PARALLEL_MAX = 1024
};

enum {
	SOURCE_CNT = 8 /* addresses of ours: their ports last longer than TIME-WAIT */
};

static struct sockaddr_in server;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The server's address and the 8 after it that are ours: run.sh gives them to the interface. */
static void bind_next(int fd)
{
	static uint32_t turn;
	struct sockaddr_in us = server;
	int one = 1;

	us.sin_addr.s_addr = htonl(ntohl(server.sin_addr.s_addr) + 1 + turn++ % SOURCE_CNT);
	us.sin_port = 0;
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&us, sizeof us) != 0)
		die("bind");
}

static int dial(uint16_t port, int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0), one = 1;

	server.sin_port = htons(port);
	if (fd < 0)
		die("socket");
	bind_next(fd);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0 && errno != EINPROGRESS)
		die("connect");
	return fd;
}

/* What is sent after the first half second counts: slow start is over. */
static double bulk(double seconds, int sends)
{
	static char buf[CHUNK];
	int fd = dial(sends ? 9 : 19, 0);
	double start = now(), from = start + 0.5, until = from + seconds, t;
	double octets = 0, first = 0;

	while ((t = now()) < until) {
		ssize_t n = sends ? send(fd, buf, CHUNK, 0) : recv(fd, buf, CHUNK, 0);

		if (n <= 0)
			die(sends ? "send" : "recv");
		if (t < from)
			continue;
		if (first == 0)
			first = t;
		else
			octets += (double)n;
	}
	close(fd);
	return octets * 8 / (t - first) / 1e9;
}

struct conn {
	int fd;
	size_t got;
};

static void begin(struct conn *c, int ep)
{
	struct epoll_event ev = {.events = EPOLLOUT, .data.ptr = c};

	c->fd = dial(7, SOCK_NONBLOCK);
	c->got = 0;
	epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev);
}

/* True: this connection had its answer and is closed. */
static int step(struct conn *c, int ep, uint32_t events)
{
	static char buf[REQUEST_LEN];
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
	ssize_t n;

	if ((events & EPOLLOUT) != 0) {
		if (send(c->fd, buf, sizeof buf, MSG_NOSIGNAL) != sizeof buf)
			die("send of a request");
		epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
		return 0;
	}
	n = recv(c->fd, buf, sizeof buf, 0);
	if (n <= 0)
		die("recv of an answer");
	c->got += (size_t)n;
	if (c->got < REQUEST_LEN)
		return 0;
	close(c->fd);
	return 1;
}

static double connections(double seconds, int parallel, int idle_cnt)
{
	static struct conn c[PARALLEL_MAX];
	struct epoll_event ev[64];
	struct rlimit lim = {65536, 65536};
	int ep = epoll_create1(0);
	double start, until;
	long done = 0;

	setrlimit(RLIMIT_NOFILE, &lim);
	for (int i = 0; i < idle_cnt; i++)
		dial(7, 0);
	for (int i = 0; i < parallel; i++)
		begin(&c[i], ep);
	start = now();
	until = start + seconds;
	while (now() < until) {
		int n = epoll_wait(ep, ev, 64, 1000);

		for (int i = 0; i < n; i++) {
			struct conn *p = ev[i].data.ptr;

			if (step(p, ep, ev[i].events)) {
				done++;
				begin(p, ep);
			}
		}
	}
	return (double)done / (now() - start);
}

int main(int argc, char **argv)
{
	double seconds;

	if (argc < 4)
		return 2;
	server.sin_family = AF_INET;
	if (inet_pton(AF_INET, argv[2], &server.sin_addr) != 1)
		return 2;
	seconds = atof(argv[3]);
	if (strcmp(argv[1], "conn") == 0 && argc >= 5)
		printf("%.0f\n", connections(seconds, atoi(argv[4]), argc > 5 ? atoi(argv[5]) : 0));
	else
		printf("%.4f\n", bulk(seconds, strcmp(argv[1], "in") == 0));
	return 0;
}
