/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_HOST_WORLD_H
#define GYL_TESTS_HOST_WORLD_H

/*
 * A host of a test, and the steps a runner would take with it. The kernel host is on loopback; our
 * stack on a tap, whose other side is the kernel's, in a network namespace of the test's own.
 */

#include "tests/support/port.h"
#include "tests/support/support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libnet/host/loop.h"

#define LOOPBACK 0x7f000001u
#define TAP_IP   0x0a4e0001u /* of our stack; the kernel has the next one */
#define SECOND   1000000000ull

struct world {
	struct gyl_loop *loop;
	struct gyl_host host;
	char dir[32], path[64]; /* path: of a socket in dir */
	uint32_t ip;            /* clients reach the host at it */
	bool is_stack;
	struct gyl_rng rng;
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
	w->ip = LOOPBACK;
	*state = w;
	return 0;
}

/* Our stack instead. It needs root and /dev/net/tun: without them *state is NULL. */
static inline int world_open_stack(void **state)
{
	static const struct gyl_net_iface tap = {
		.device = "tap:gylhost0,peer=10.78.0.2/24", .addr_cnt = 1, .addr = {{TAP_IP, 24}}};
	static bool unshared;
	struct gyl_net_conf cf = {.iface = &tap, .iface_cnt = 1};
	struct gyl_host host;
	struct world *w;
	uint64_t seed = 1;
	char err[200] = "";

	if (access("/dev/net/tun", R_OK | W_OK) != 0 || geteuid() != 0 ||
		(!unshared && unshare(CLONE_NEWNET) != 0))
		return 0;
	unshared = true;
	if (world_open(state) != 0)
		return 1;
	w = *state;
	gyl_rng_init(&w->rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&w->rng, &seed, sizeof(seed));
	cf.rng = &w->rng;
	if (gyl_host_stack_open(w->loop, &cf, &host, err) != 0) {
		print_error("%s\n", err);
		return 1;
	}
	w->host.ops->close(w->host.h);
	w->host = host;
	w->ip = TAP_IP;
	w->is_stack = true;
	return 0;
}

static inline int world_close(void **state)
{
	struct world *w = *state;

	if (w == NULL)
		return 0;
	w->host.ops->close(w->host.h);
	gyl_loop_close(w->loop);
	(void)unlink(w->path);
	(void)rmdir(w->dir);
	free(w);
	return 0;
}

/* What the set-up made; skips when it could make nothing. */
static inline struct world *world_of(void **state)
{
	if (*state == NULL)
		skip();
	return *state;
}

/* A test over our stack. */
#define ON_STACK(test)                                                             \
	{                                                                          \
#		test "_over_our_stack", test, world_open_stack, world_close, NULL \
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

/* A socket connected to port of the host, while the host works; what it hears waits for recv. */
static inline int world_client(struct world *w, uint16_t port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(w->ip)};
	struct timeval limit = {.tv_sec = 5};
	uint64_t until = mono_ns() + 5 * SECOND;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), r;

	do {
		r = connect(fd, (struct sockaddr *)&sin, sizeof(sin));
		(void)world_wait(w, SECOND / 1000);
	} while (r != 0 && errno != EISCONN && mono_ns() < until);
	(void)fcntl(fd, F_SETFL, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

/* recv(2) of len octets, or up to an end or an error, while the host works. */
static inline ssize_t world_pull(struct world *w, int fd, void *buf, size_t len)
{
	uint64_t until = mono_ns() + 5 * SECOND;
	size_t got = 0;
	ssize_t n;

	while (got < len && mono_ns() < until) {
		n = recv(fd, (char *)buf + got, len - got, MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			return n;
		if (n == 0)
			break;
		got += n > 0 ? (size_t)n : 0;
		if (n < 0)
			(void)world_wait(w, SECOND / 1000);
	}
	return (ssize_t)got;
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
