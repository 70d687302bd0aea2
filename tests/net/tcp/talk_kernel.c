/* SPDX-License-Identifier: ISC */

/*
 * The kernel's side of the scenario tcp-linux.
 *
 *	talk_kernel serve PORT                     sends back what comes, on any number of
 *connections talk_kernel dial ADDRESS PORT OCTETS CNT   CNT connections at once, each with OCTETS
 *there and back
 */

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/net/tcp/talk.h"

enum {
	CHUNK = 50000
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void echo(int fd)
{
	static char buf[CHUNK];
	ssize_t n, done;

	while ((n = read(fd, buf, sizeof buf)) > 0) {
		for (ssize_t at = 0; at < n; at += done) {
			done = send(fd, buf + at, (size_t)(n - at), MSG_NOSIGNAL);
			if (done <= 0)
				die("send");
		}
	}
	if (n < 0)
		die("read");
}

/* A process a connection: the simplest server there is. */
static void serve(uint16_t port)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1, c;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	signal(SIGCHLD, SIG_IGN);
	if (bind(fd, (struct sockaddr *)&any, sizeof any) != 0 || listen(fd, 128) != 0)
		die("listen");
	while ((c = accept(fd, NULL, NULL)) >= 0) {
		if (fork() == 0) {
			echo(c);
			exit(0);
		}
		close(c);
	}
	die("accept");
}

/* Both directions at once, so that neither end waits for the other. */
static void talk(int fd, uint32_t conn, uint64_t len)
{
	static uint8_t buf[CHUNK];
	uint64_t sent = 0, got = 0;

	if (len == 0)
		shutdown(fd, SHUT_WR);
	while (got < len) {
		struct pollfd p = {
			.fd = fd, .events = (short)(sent < len ? POLLIN | POLLOUT : POLLIN)};

		if (poll(&p, 1, 60000) <= 0)
			die("nothing for a minute");
		if ((p.revents & POLLOUT) != 0) {
			size_t n = len - sent < CHUNK ? (size_t)(len - sent) : CHUNK;
			ssize_t r;

			talk_fill(buf, n, conn, sent);
			r = send(fd, buf, n, MSG_NOSIGNAL | MSG_DONTWAIT);
			sent += r > 0 ? (uint64_t)r : 0;
			if (sent == len)
				shutdown(fd, SHUT_WR);
		}
		if ((p.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
			ssize_t n = recv(fd, buf, CHUNK, 0);

			if (n <= 0)
				die("recv");
			if (talk_differs(buf, (size_t)n, conn, got) != (size_t)n) {
				fprintf(stderr, "connection %u: other octets from %llu on\n", conn,
					(unsigned long long)got);
				exit(1);
			}
			got += (uint64_t)n;
		}
	}
	if (recv(fd, buf, 1, 0) != 0)
		die("no end after the last octet");
}

static int dial(const char *address, uint16_t port, uint64_t len, uint32_t cnt)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int status, bad = 0;

	inet_pton(AF_INET, address, &to.sin_addr);
	for (uint32_t i = 0; i < cnt; i++) {
		int fd;

		if (fork() != 0)
			continue;
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
			die("connect");
		talk(fd, i, len);
		exit(0);
	}
	while (wait(&status) > 0)
		bad += status != 0;
	printf("%u connections of %llu octets, %d bad\n", cnt, (unsigned long long)len, bad);
	return bad != 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve((uint16_t)atoi(argv[2]));
	if (argc == 6 && strcmp(argv[1], "dial") == 0)
		return dial(argv[2], (uint16_t)atoi(argv[3]), strtoull(argv[4], NULL, 10),
			(uint32_t)atoi(argv[5]));
	return 2;
}
