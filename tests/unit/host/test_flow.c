/* SPDX-License-Identifier: ISC */

/* Flows that a core opens: TCP and UDP, connected, refused, left and taken. */

#include "tests/unit/host/world.h"

/* Where the host reaches the kernel's sockets. */
static uint32_t server_ip(const struct world *w)
{
	return w->is_stack ? TAP_IP + 1 : LOOPBACK;
}

static int server(const struct world *w, int type, uint16_t *ret_port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(server_ip(w))};
	socklen_t len = sizeof(sin);
	struct timeval limit = {.tv_sec = 5};
	int fd = socket(AF_INET, type, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*ret_port = ntohs(sin.sin_port);
	return fd;
}

static int flow(struct world *w, uint32_t number, int op, uint16_t port)
{
	struct gyl_peer to = {.ip = server_ip(w), .port = port};

	return w->host.ops->flow(w->host.h, number, op, &to);
}

static void tcp_is_opened_used_and_closed(void **state)
{
	struct world *w = world_of(state);
	uint16_t port;
	int listener = server(w, SOCK_STREAM, &port), fd;
	struct gyl_in in[64];
	char buf[16];

	assert_int_equal(flow(w, 42, GYL_FLOW_OPEN_TCP, port), 0);
	world_send(w, 0, 42, NULL, "early ", 6); /* before it is connected */
	/* connected, and the early octets are out: there is room again */
	assert_int_equal(world_recv(w, GYL_PORT_OPENED, in, 64), w->is_stack ? 1 : 2);
	assert_int_equal(in[0].kind, GYL_IN_OPENED);
	assert_int_equal(in[0].flow, 42);
	assert_int_equal(in[0].peer.port, port);
	if (!w->is_stack) { /* there they are a backlog; ours has had room all the time */
		assert_int_equal(in[1].kind, GYL_IN_BYTES);
		assert_int_equal(in[1].data.len, 0);
	}
	fd = accept(listener, NULL, NULL);
	world_send(w, 0, 42, NULL, "bird", 4);
	assert_int_equal(world_pull(w, fd, buf, 10), 10);
	assert_memory_equal(buf, "early bird", 10);
	assert_int_equal(send(fd, "worm", 4, 0), 4);
	in[0] = world_recv_one(w, GYL_PORT_OPENED, GYL_IN_BYTES);
	assert_data(&in[0], "worm");
	assert_int_equal(flow(w, 42, GYL_FLOW_CLOSE, 0), 0);
	assert_int_equal(world_pull(w, fd, buf, 1), 0);
	(void)close(fd);
	assert_int_equal(world_recv_one(w, GYL_PORT_OPENED, GYL_IN_CLOSED).flow, 42);
	world_quiet(w, GYL_PORT_OPENED);
	assert_int_equal(flow(w, 42, GYL_FLOW_OPEN_TCP, port), 0); /* the number is free again */
	(void)close(listener);
}

static void refused_tcp_is_closed(void **state)
{
	struct world *w = world_of(state);
	struct gyl_in in;

	assert_int_equal(flow(w, 1, GYL_FLOW_OPEN_TCP, free_port()), 0);
	in = world_recv_one(w, GYL_PORT_OPENED, GYL_IN_CLOSED);
	assert_int_equal(in.flow, 1);
	world_quiet(w, GYL_PORT_OPENED);
}

static void udp_is_a_socket_of_its_own(void **state)
{
	struct world *w = world_of(state);
	struct sockaddr_in from[2] = {0};
	socklen_t len = sizeof(from[0]);
	uint16_t port;
	int fd = server(w, SOCK_DGRAM, &port);
	struct gyl_in in;
	char c;

	assert_int_equal(flow(w, 5, GYL_FLOW_OPEN_UDP, port), 0);
	assert_int_equal(world_recv_one(w, GYL_PORT_OPENED, GYL_IN_OPENED).flow, 5);
	assert_int_equal(flow(w, 6, GYL_FLOW_OPEN_UDP, port), 0);
	assert_int_equal(world_recv_one(w, GYL_PORT_OPENED, GYL_IN_OPENED).flow, 6);
	world_send(w, 0, 5, NULL, "5", 1);
	world_send(w, 0, 6, NULL, "6", 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(recvfrom(fd, &c, 1, 0, (struct sockaddr *)&from[i], &len), 1);
		assert_int_equal(c, '5' + i);
	}
	assert_int_not_equal(from[0].sin_port, from[1].sin_port);
	assert_int_equal(sendto(fd, "one", 3, 0, (struct sockaddr *)&from[1], len), 3);
	assert_int_equal(sendto(fd, "two", 3, 0, (struct sockaddr *)&from[1], len), 3);
	in = world_recv_one(w, GYL_PORT_OPENED, GYL_IN_DGRAM);
	assert_int_equal(in.flow, 6);
	assert_data(&in, "one");
	w->host.ops->unread(w->host.h, GYL_PORT_OPENED, &in, 1, 0);
	in = world_recv_one(w, GYL_PORT_OPENED, GYL_IN_DGRAM);
	assert_data(&in, "one");
	in = world_recv_one(w, GYL_PORT_OPENED, GYL_IN_DGRAM);
	assert_data(&in, "two");
	world_quiet(w, GYL_PORT_OPENED);
	/* an ICMP refusal closes the flow */
	(void)close(fd);
	world_send(w, 0, 6, NULL, "?", 1);
	assert_int_equal(world_recv_one(w, GYL_PORT_OPENED, GYL_IN_CLOSED).flow, 6);
	assert_int_equal(flow(w, 5, GYL_FLOW_CLOSE, 0), 0);
	assert_int_equal(world_recv_one(w, GYL_PORT_OPENED, GYL_IN_CLOSED).flow, 5);
}

static void numbers_are_checked(void **state)
{
	static const struct {
		uint32_t number;
		int op, err;
	} cases[] = {
		{0, GYL_FLOW_OPEN_UDP, -EINVAL},
		{0x80000001, GYL_FLOW_OPEN_UDP, -EINVAL},
		{0xc0000000, GYL_FLOW_OPEN_TCP, -EINVAL},
		{1, GYL_FLOW_CLOSE, -ENOENT},
		{1, GYL_FLOW_OPEN_UDP, 0},
		{1, GYL_FLOW_OPEN_UDP, -EEXIST},
		{0x7fffffff, GYL_FLOW_OPEN_UDP, 0},
		{1, 0, -EINVAL},
		{1, GYL_FLOW_RESET, 0},
		{0, GYL_FLOW_CLOSE, -ENOENT},
		{0xc0000009, GYL_FLOW_CLOSE, -ENOENT},
	};

	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_int_equal(
			flow(world_of(state), cases[i].number, cases[i].op, 9), cases[i].err);
}

/* Nobody is there to answer: told when all questions for it were in vain, and a core may give up
 * before. */
static void a_reset_ends_an_attempt(void **state)
{
	struct world *w = world_of(state);
	struct gyl_peer to = {.ip = TAP_IP + 9, .port = 53};

	assert_int_equal(w->host.ops->flow(w->host.h, 7, GYL_FLOW_OPEN_TCP, &to), 0);
	world_quiet(w, GYL_PORT_OPENED);
	assert_int_equal(flow(w, 7, GYL_FLOW_OPEN_UDP, 9), -EEXIST);
	assert_int_equal(flow(w, 7, GYL_FLOW_RESET, 0), 0);
	assert_int_equal(world_recv_one(w, GYL_PORT_OPENED, GYL_IN_CLOSED).flow, 7);
	world_quiet(w, GYL_PORT_OPENED);
	to.ip = 0xc0000201; /* no way there */
	assert_int_equal(w->host.ops->flow(w->host.h, 8, GYL_FLOW_OPEN_TCP, &to), -ENETUNREACH);
}

/* Datagrams and streams of one batch are refused together and come again in order. */
static void both_kinds_come_by_one_port(void **state)
{
	struct world *w = world_of(state);
	struct gyl_in in[64] = {0};
	uint16_t port;
	int listener = server(w, SOCK_STREAM, &port);

	assert_int_equal(flow(w, 1, GYL_FLOW_OPEN_UDP, 9), 0);
	assert_int_equal(flow(w, 2, GYL_FLOW_OPEN_TCP, port), 0);
	(void)world_wait(w, SECOND / 20);
	(void)world_wait(w, SECOND / 20);
	for (size_t taken = 0; taken < 2; taken++) {
		assert_int_equal(world_recv(w, GYL_PORT_OPENED, in, 64), 2);
		assert_int_equal(in[0].flow, 1);
		assert_int_equal(in[1].flow, 2);
		w->host.ops->unread(w->host.h, GYL_PORT_OPENED, in, 2, taken);
	}
	assert_int_equal(world_recv_one(w, GYL_PORT_OPENED, GYL_IN_OPENED).flow, 2);
	(void)close(listener);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			tcp_is_opened_used_and_closed, world_open, world_close),
		cmocka_unit_test_setup_teardown(refused_tcp_is_closed, world_open, world_close),
		cmocka_unit_test_setup_teardown(
			udp_is_a_socket_of_its_own, world_open, world_close),
		cmocka_unit_test_setup_teardown(numbers_are_checked, world_open, world_close),
		ON_STACK(tcp_is_opened_used_and_closed),
		ON_STACK(refused_tcp_is_closed),
		ON_STACK(numbers_are_checked),
		ON_STACK(a_reset_ends_an_attempt),
		ON_STACK(both_kinds_come_by_one_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
