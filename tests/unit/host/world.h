/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_HOST_WORLD_H
#define GYL_TESTS_HOST_WORLD_H

/* A kernel host of a test, and the steps a runner would take with it. */

#include "tests/support/support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libnet/host/loop.h"

#define LOOPBACK 0x7f000001u
#define SECOND   1000000000ull

struct world {
	struct gyl_loop *loop;
	struct gyl_host host;
	char dir[32], path[64]; /* path: of a socket in dir */
};

static inline int world_open(void **state)
{
	struct gyl_net_conf cf = {0};
	struct world *w = calloc(1, sizeof(*w));
	char err[200] = "";

	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/gyl-host-XXXXXX");
	if (mkdtemp(w->dir) == NULL)
		return 1;
	(void)snprintf(w->path, sizeof(w->path), "%s/s", w->dir);
	w->loop = gyl_loop_open();
	if (w->loop == NULL || gyl_host_kernel_open(w->loop, &cf, &w->host, err) != 0) {
		print_error("%s\n", err);
		return 1;
	}
	*state = w;
	return 0;
}

static inline int world_close(void **state)
{
	struct world *w = *state;

	w->host.ops->close(w->host.h);
	gyl_loop_close(w->loop);
	(void)unlink(w->path);
	(void)rmdir(w->dir);
	free(w);
	return 0;
}

/* A port of 127.0.0.1 that nobody has at the moment. */
static inline uint16_t free_port(int type)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(LOOPBACK)};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, type, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	(void)close(fd);
	return ntohs(sin.sin_port);
}

/* A blocking socket connected to port of 127.0.0.1; gives up reading after five seconds. */
static inline int client(int type, uint16_t port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(LOOPBACK)};
	struct timeval limit = {.tv_sec = 5};
	int fd = socket(AF_INET, type, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	return fd;
}

static inline int unix_client(int type, const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_sec = 5};
	int fd = socket(AF_UNIX, type, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static inline uint64_t mono_ns(void)
{
	struct gyl_now now;

	gyl_loop_now(&now);
	return now.mono_ns;
}

/* Let the host work for a while; the ports that have input then. */
static inline uint64_t world_wait(struct world *w, uint64_t ns)
{
	struct gyl_now now;

	return w->host.ops->wait(w->host.h, ns == 0 ? 0 : mono_ns() + ns, &now);
}

/* The next inputs of a port, at most five seconds later. */
static inline size_t world_recv(struct world *w, int port, struct gyl_in *in, size_t cap)
{
	uint64_t until = mono_ns() + 5 * SECOND;
	struct gyl_now now;
	size_t n = 0;

	while (n == 0 && mono_ns() < until) {
		if ((w->host.ops->wait(w->host.h, until, &now) >> port & 1) != 0)
			n = w->host.ops->recv(w->host.h, port, in, cap);
	}
	return n;
}

/* One input that must come alone, of that kind. */
static inline struct gyl_in world_recv_one(struct world *w, int port, enum gyl_in_kind kind)
{
	static struct gyl_in in[64]; /* its data is valid up to the next call anyway */

	assert_int_equal(world_recv(w, port, in, TEST_CNT(in)), 1);
	assert_int_equal(in[0].kind, kind);
	return in[0];
}

/* No input on any port for a while. */
static inline void world_quiet(struct world *w, int port)
{
	struct gyl_in in[64];

	for (int i = 0; i < 3; i++) {
		if ((world_wait(w, SECOND / 200) >> port & 1) != 0)
			assert_int_equal(w->host.ops->recv(w->host.h, port, in, 64), 0);
	}
}

static inline void world_send(struct world *w, int port, uint32_t flow, const struct gyl_peer *to,
	const void *data, size_t len)
{
	struct gyl_send slot;

	assert_int_equal(w->host.ops->lend(w->host.h, &slot, 1), 1);
	assert_true(len <= slot.cap);
	memcpy(slot.p, data, len);
	slot.len = (uint32_t)len;
	slot.port = (uint8_t)port;
	slot.flow = flow;
	if (to != NULL)
		slot.to = *to;
	w->host.ops->send(w->host.h, &slot, 1);
}

static inline void assert_data(const struct gyl_in *in, const char *text)
{
	assert_int_equal(in->data.len, strlen(text));
	assert_memory_equal(in->data.p, text, in->data.len);
}

static inline struct gyl_host_stat world_stat(struct world *w)
{
	struct gyl_host_stat st;

	w->host.ops->stat(w->host.h, &st);
	return st;
}

#endif
