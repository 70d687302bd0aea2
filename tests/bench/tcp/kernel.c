/* SPDX-License-Identifier: ISC */

/* A peer of the TCP benchmark: the kernel's sockets with epoll. Ports 7 (echo), 9 (discard), 19
 * (octets without end). Ends at SIGTERM, telling its CPU time. */

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/tcp/cpu.h"

enum {
	CHUNK = 1 << 16
};

static char buf[CHUNK];

static uint64_t tag(int fd, uint32_t port)
{
	return (uint64_t)port << 32 | (uint32_t)fd;
}

static void add(int ep, int fd, uint32_t port, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.u64 = tag(fd, port)};

	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

static void listen_on(int ep, uint16_t port)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&any, sizeof any) != 0 || listen(fd, 4096) != 0) {
		perror("listen");
		exit(1);
	}
	add(ep, fd, 0x10000u | port, EPOLLIN);
}

static void accept_all(int ep, int fd, uint16_t port)
{
	int c;

	while ((c = accept4(fd, NULL, NULL, SOCK_NONBLOCK)) >= 0)
		add(ep, c, port, port == 19 ? EPOLLOUT : EPOLLIN);
}

static void serve(int fd, uint16_t port)
{
	ssize_t n = port == 19 ? send(fd, buf, CHUNK, MSG_NOSIGNAL) : recv(fd, buf, CHUNK, 0);

	if (n > 0 && port == 7)
		n = send(fd, buf, (size_t)n, MSG_NOSIGNAL);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		close(fd);
}

int main(void)
{
	struct rlimit lim = {65536, 65536};
	struct epoll_event ev[64];
	int ep = epoll_create1(0);

	setrlimit(RLIMIT_NOFILE, &lim);
	bench_cpu_at_end();
	listen_on(ep, 7);
	listen_on(ep, 9);
	listen_on(ep, 19);
	for (;;) {
		int n = epoll_wait(ep, ev, 64, -1);

		for (int i = 0; i < n; i++) {
			int fd = (int)(uint32_t)ev[i].data.u64;
			uint32_t port = (uint32_t)(ev[i].data.u64 >> 32);

			if ((port & 0x10000u) != 0)
				accept_all(ep, fd, (uint16_t)port);
			else
				serve(fd, (uint16_t)port);
		}
	}
}
