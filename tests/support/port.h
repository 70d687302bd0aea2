/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_PORT_H
#define GYL_TESTS_PORT_H

/* Ports of this machine for tests that run beside others. */

#include "tests/support/support.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static inline bool port_is_free(int type, unsigned port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	bool is_free = bind(fd, (const struct sockaddr *)&sin, sizeof sin) == 0;

	close(fd);
	return is_free;
}

/*
 * A port that nobody has, by UDP or TCP, nor the next one. Below those that the system hands out
 * (32768 and up), or the sockets of a test running beside would come in between; each process has
 * 30 of its own to choose from before it comes to those of the next.
 */
static inline uint16_t free_port(void)
{
	static unsigned tried;

	for (unsigned i = 0; i < 6000; i++) {
		unsigned port = 20000 + ((unsigned)getpid() % 400 * 30 + tried++ * 2) % 12000;

		if (port_is_free(SOCK_DGRAM, port) && port_is_free(SOCK_STREAM, port) &&
			port_is_free(SOCK_STREAM, port + 1))
			return (uint16_t)port;
	}
	fail_msg("no port is free");
	return 0;
}

#endif
