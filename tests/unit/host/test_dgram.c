/* SPDX-License-Identifier: ISC */

/* Datagram ports of the kernel host on loopback: batches, long ones, losses, what is left. */

#include "tests/unit/host/world.h"

#include <fcntl.h>
#include <sys/stat.h>

static int listen_udp(struct world *w, uint16_t port, uint32_t rcvbuf_len)
{
	struct gyl_bind b = {.type = GYL_BIND_UDP,
		.role = 7,
		.port = port,
		.ip = LOOPBACK,
		.rcvbuf_len = rcvbuf_len};
	int n = w->host.ops->listen(w->host.h, &b);

	assert_true(n >= 0);
	return n;
}

/* All in one batch: the reply is the query, sent to where it came from. */
static void echo(struct world *w, const struct gyl_in *in, size_t cnt)
{
	struct gyl_send slot[64];

	assert_int_equal(w->host.ops->lend(w->host.h, slot, cnt), cnt);
	for (size_t i = 0; i < cnt; i++) {
		assert_true(slot[i].cap >= GYL_SEND_CAP_MIN);
		memcpy(slot[i].p, in[i].data.p, in[i].data.len);
		slot[i].len = (uint32_t)in[i].data.len;
		slot[i].port = in[i].port;
		slot[i].to = in[i].peer;
	}
	w->host.ops->send(w->host.h, slot, cnt);
}

static void echo_of_200_in_batches(void **state)
{
	struct world *w = *state;
	uint16_t number = free_port();
	int port = listen_udp(w, number, 0), fd = client(SOCK_DGRAM, number);
	struct gyl_in in[64];
	size_t seen = 0, most = 0;
	uint32_t v;

	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(send(fd, &i, sizeof(i), 0), sizeof(i));
	while (seen < 200) {
		size_t n = world_recv(w, port, in, TEST_CNT(in));

		assert_true(n > 0);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(in[i].kind, GYL_IN_DGRAM);
			assert_int_equal(in[i].role, 7);
			assert_int_equal(in[i].port, port);
			assert_int_equal(in[i].peer.ip, LOOPBACK);
			assert_int_equal(in[i].peer.local_ip, LOOPBACK);
			assert_int_equal(in[i].peer.local_port, number);
			memcpy(&v, in[i].data.p, sizeof(v));
			assert_int_equal(v, seen + i);
		}
		echo(w, in, n);
		seen += n;
		most = n > most ? n : most;
	}
	assert_int_equal(most, 64);
	for (uint32_t i = 0; i < 200; i++) {
		assert_int_equal(recv(fd, &v, sizeof(v), 0), sizeof(v));
		assert_int_equal(v, i);
	}
	world_quiet(w, port);
	assert_int_equal(world_stat(w).in_cnt, 200);
	assert_int_equal(world_stat(w).out_octets, 800);
	(void)close(fd);
}

static void reply_has_the_address_that_was_asked(void **state)
{
	struct world *w = *state;
	uint16_t number = free_port();
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = number};
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(number),
		.sin_addr.s_addr = htonl(LOOPBACK + 41)};
	int port = w->host.ops->listen(w->host.h, &b), fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct timeval limit = {.tv_sec = 5};
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	struct gyl_in in;
	char c;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(sendto(fd, "q", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
	in = world_recv_one(w, port, GYL_IN_DGRAM);
	assert_int_equal(in.peer.local_ip, LOOPBACK + 41);
	echo(w, &in, 1);
	assert_int_equal(recvfrom(fd, &c, 1, 0, (struct sockaddr *)&from, &len), 1);
	assert_int_equal(ntohl(from.sin_addr.s_addr), LOOPBACK + 41);
	/* a source that is none of ours: the kernel picks, the reply is not lost */
	in.peer.local_ip = 0xc0000201;
	echo(w, &in, 1);
	assert_int_equal(recvfrom(fd, &c, 1, 0, (struct sockaddr *)&from, &len), 1);
	assert_int_equal(world_stat(w).out_lost_cnt, 0);
	(void)close(fd);
}

static void long_datagrams_stay_whole(void **state)
{
	static const size_t len[] = {0, 1, 2111, 2112, 2113, 4000, 9000, 65507};
	static uint8_t msg[65507];
	struct world *w = *state;
	uint16_t number = free_port();
	int port = listen_udp(w, number, 1 << 20), fd = client(SOCK_DGRAM, number);
	struct gyl_in in[64];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(msg); i++)
		msg[i] = (uint8_t)(i * 7 + (i >> 8));
	for (size_t i = 0; i < TEST_CNT(len); i++)
		assert_int_equal(send(fd, msg, len[i], 0), len[i]);
	while (n < TEST_CNT(len)) {
		size_t got = world_recv(w, port, in, TEST_CNT(in));

		assert_true(got > 0);
		for (size_t i = 0; i < got; i++) {
			assert_int_equal(in[i].data.len, len[n + i]);
			assert_int_equal(in[i].seq, 0);
			assert_memory_equal(in[i].data.p, msg, len[n + i]);
		}
		n += got;
	}
	(void)close(fd);
}

static void losses_are_counted_to_the_datagram(void **state)
{
	enum {
		SENT = 3000
	};
	struct world *w = *state;
	uint16_t number = free_port();
	int port = listen_udp(w, number, 4096), fd = client(SOCK_DGRAM, number);
	struct gyl_in in[64];
	uint64_t got = 0, told = 0;

	for (int i = 0; i < SENT; i++)
		(void)send(fd, "0123456789", 10, 0);
	assert_true(world_stat(w).in_lost_cnt > 0); /* asks, so that the core is told now */
	while (got + told < SENT) {
		size_t n = world_recv(w, port, in, TEST_CNT(in));

		assert_true(n > 0);
		for (size_t i = 0; i < n; i++) {
			if (in[i].kind == GYL_IN_DROPPED)
				told += in[i].seq;
			else
				got++;
		}
	}
	assert_int_equal(got + told, SENT);
	assert_int_equal(world_stat(w).in_lost_cnt, told);
	world_quiet(w, port);
	(void)close(fd);
}

static void what_is_not_taken_comes_again_first(void **state)
{
	struct world *w = *state;
	uint16_t number = free_port();
	int port = listen_udp(w, number, 0), fd = client(SOCK_DGRAM, number);
	const struct gyl_host_ops *ops = w->host.ops;
	struct gyl_in in[64];
	size_t n, next = 0;

	for (uint8_t i = 0; i < 10; i++)
		assert_int_equal(send(fd, &i, 1, 0), 1);
	while (next < 10) { /* take one, leave the rest; more arrives meanwhile */
		n = world_recv(w, port, in, TEST_CNT(in));
		assert_true(n > 0);
		assert_int_equal(in[0].data.p[0], next);
		ops->unread(w->host.h, port, in, n, 1);
		next++;
		if (next == 5) {
			uint8_t late = 10;

			assert_int_equal(send(fd, &late, 1, 0), 1);
		}
	}
	n = world_recv(w, port, in, TEST_CNT(in));
	assert_int_equal(n, 1);
	assert_int_equal(in[0].data.p[0], 10);
	/* a core that takes none of it is asked again, at most a thousand times a second */
	ops->unread(w->host.h, port, in, n, 0);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	for (int i = 0; i < 3; i++) {
		uint64_t before;

		(void)world_wait(w, 10 * SECOND); /* the datagram behind it ends one wait */
		before = mono_ns();
		assert_int_equal(world_wait(w, 10 * SECOND) >> port & 1, 1);
		assert_true(mono_ns() - before >= SECOND / 1000);
		assert_int_equal(ops->recv(w->host.h, port, in, 64), 1);
		assert_int_equal(in[0].data.p[0], 10);
		ops->unread(w->host.h, port, in, 1, 0);
	}
	assert_int_equal(ops->recv(w->host.h, port, in, 64), 1);
	assert_int_equal(world_recv_one(w, port, GYL_IN_DGRAM).data.p[0], 'x');
	(void)close(fd);
}

/* Given out in small pieces, each of them left in part: none is forgotten. */
static void what_is_left_of_a_small_piece_is_not_all_that_is_left(void **state)
{
	struct world *w = *state;
	uint16_t number = free_port();
	int port = listen_udp(w, number, 0), fd = client(SOCK_DGRAM, number);
	struct gyl_in in[64];
	uint8_t next = 0;

	for (uint8_t i = 0; i < 20; i++)
		assert_int_equal(send(fd, &i, 1, 0), 1);
	w->host.ops->unread(w->host.h, port, in, world_recv(w, port, in, 20), 0);
	while (next < 20) {
		size_t n = world_recv(w, port, in, 4);

		assert_true(n > 0);
		assert_int_equal(in[0].data.p[0], next++);
		w->host.ops->unread(w->host.h, port, in, n, 1);
	}
	(void)close(fd);
}

static void unix_datagrams(void **state)
{
	static char msg[150000];
	struct world *w = *state;
	struct gyl_bind b = {.type = GYL_BIND_UNIX_DGRAM, .path = w->path, .mode = 0620};
	int port = w->host.ops->listen(w->host.h, &b), fd = unix_client(SOCK_DGRAM, w->path);
	struct stat st;
	struct gyl_in in;

	assert_int_equal(port, 0);
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0620);
	assert_int_equal(send(fd, "<13>hello", 9, 0), 9);
	in = world_recv_one(w, port, GYL_IN_DGRAM);
	assert_data(&in, "<13>hello");
	assert_int_equal(in.peer.ip, 0);
	/* longer than anything a port keeps: cut, and told */
	memset(msg, 'm', sizeof(msg));
	assert_int_equal(send(fd, msg, sizeof(msg), 0), sizeof(msg));
	in = world_recv_one(w, port, GYL_IN_DGRAM);
	assert_true(in.data.len >= 65536);
	assert_int_equal(in.data.len + in.seq, sizeof(msg));
	assert_int_equal(in.data.p[in.data.len - 1], 'm');
	world_send(w, port, 0, &in.peer, "no", 2);
	assert_int_equal(world_stat(w).out_lost_cnt, 1);
	(void)close(fd);
}

static void stale_unix_socket_is_replaced_one_in_use_is_not(void **state)
{
	struct world *w = *state;
	struct gyl_bind b = {.type = GYL_BIND_UNIX_DGRAM, .path = w->path, .mode = 0600};
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", w->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(w->host.ops->listen(w->host.h, &b), -EADDRINUSE);
	(void)close(fd); /* as a killed daemon does: the file stays */
	assert_int_equal(w->host.ops->listen(w->host.h, &b), 0);
	assert_int_equal(unlink(w->path), 0);
	fd = creat(w->path, 0600); /* a file is never removed */
	(void)close(fd);
	assert_int_equal(w->host.ops->listen(w->host.h, &b), -EADDRINUSE);
}

static void shared_ports_are_asked_for(void **state)
{
	struct world *w = *state;
	struct gyl_bind b = {.type = GYL_BIND_UDP, .port = free_port(), .ip = LOOPBACK};

	assert_int_equal(w->host.ops->listen(w->host.h, &b), 0);
	assert_int_equal(w->host.ops->listen(w->host.h, &b), -EADDRINUSE);
	b.port = free_port();
	b.flags = GYL_BIND_SHARED;
	assert_int_equal(w->host.ops->listen(w->host.h, &b), 1);
	assert_int_equal(w->host.ops->listen(w->host.h, &b), 2);
}

/* Another run of the program is another server: it must not get half of the datagrams unseen. */
static void the_first_of_shared_ports_finds_nobody_there(void **state)
{
	struct world *w = *state;
	struct gyl_bind b = {.type = GYL_BIND_UDP,
		.flags = GYL_BIND_SHARED | GYL_BIND_FIRST,
		.port = free_port(),
		.ip = LOOPBACK};

	assert_int_equal(w->host.ops->listen(w->host.h, &b), 0);
	assert_int_equal(w->host.ops->listen(w->host.h, &b), -EADDRINUSE);
	b.flags = GYL_BIND_SHARED;
	assert_int_equal(w->host.ops->listen(w->host.h, &b), 1);
	b.flags = GYL_BIND_SHARED | GYL_BIND_FIRST;
	assert_int_equal(w->host.ops->listen(w->host.h, &b), -EADDRINUSE);
}

/* Each datagram comes to one of the hosts, and the answer leaves by the address it came to. */
static void hosts_beside_share_a_port(void **state)
{
	struct world *w = *state;
	struct gyl_loop *loop = gyl_loop_open();
	struct gyl_bind b = {.type = GYL_BIND_UDP,
		.flags = GYL_BIND_SHARED | GYL_BIND_FIRST,
		.port = free_port(),
		.ip = LOOPBACK};
	struct gyl_host beside, stack = {.ops = NULL};
	unsigned got[2] = {0, 0};
	char err[200];

	assert_int_equal(gyl_host_kernel_beside(&stack, loop, &beside, err), -ENOTSUP);
	assert_int_equal(w->host.ops->listen(w->host.h, &b), 0);
	b.flags = GYL_BIND_SHARED;
	assert_int_equal(gyl_host_kernel_beside(&w->host, loop, &beside, err), 0);
	assert_int_equal(beside.ops->listen(beside.h, &b), 0);
	for (int i = 0; i < 64; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);
		struct sockaddr_in to = {.sin_family = AF_INET,
			.sin_port = htons(b.port),
			.sin_addr.s_addr = htonl(LOOPBACK)};

		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
		(void)close(fd);
	}
	for (int k = 0; k < 2; k++) {
		const struct gyl_host *h = k == 0 ? &w->host : &beside;
		struct gyl_in in[64];
		struct gyl_now now;

		h->ops->wait(h->h, 0, &now);
		for (size_t n; (n = h->ops->recv(h->h, 0, in, 64)) != 0;) {
			got[k] += (unsigned)n;
			assert_int_equal(in[0].peer.local_ip, LOOPBACK);
			assert_int_not_equal(in[0].peer.iface, 255);
		}
	}
	assert_int_equal(got[0] + got[1], 64);
	assert_int_not_equal(got[0], 0);
	assert_int_not_equal(got[1], 0);
	beside.ops->close(beside.h);
	gyl_loop_close(loop);
}

static void why_says_what_to_do(void **state)
{
	static const struct {
		struct gyl_bind b;
		int err;
		const char *text;
	} cases[] = {
		{{.type = GYL_BIND_UDP, .port = 53}, -EADDRINUSE,
			"cannot listen on UDP port 53: Address already in use; another DNS server "
			"(systemd-resolved?) holds it"},
		{{.type = GYL_BIND_TCP, .port = 8080}, -EADDRINUSE,
			"cannot listen on TCP port 8080: Address already in use; another program "
			"holds it"},
		{{.type = GYL_BIND_UDP, .port = 67}, -EACCES,
			"cannot listen on UDP port 67: Permission denied; ports below 1024 need "
			"CAP_NET_BIND_SERVICE"},
		{{.type = GYL_BIND_UNIX_DGRAM, .path = "/run/x/s"}, -ENOENT,
			"cannot listen on /run/x/s: No such file or directory; its directory is "
			"missing"},
		{{.type = GYL_BIND_FRAME, .port = 0x806}, -ENOMEM,
			"cannot listen on Ethernet frames of type 0x0806: Cannot allocate memory"},
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		gyl_host_why(&cases[i].b, cases[i].err, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void unknown_device_is_refused(void **state)
{
	struct world *w = *state;
	static const struct gyl_net_iface none = {.device = "nosuchif0"};
	struct gyl_net_conf cf = {.iface = &none, .iface_cnt = 1};
	struct gyl_host h;
	char err[200] = "";

	assert_int_equal(gyl_host_kernel_open(w->loop, &cf, &h, err), -ENODEV);
	assert_non_null(strstr(err, "interface nosuchif0: there is none of that name"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(echo_of_200_in_batches, world_open, world_close),
		cmocka_unit_test_setup_teardown(
			reply_has_the_address_that_was_asked, world_open, world_close),
		cmocka_unit_test_setup_teardown(long_datagrams_stay_whole, world_open, world_close),
		cmocka_unit_test_setup_teardown(
			losses_are_counted_to_the_datagram, world_open, world_close),
		cmocka_unit_test_setup_teardown(
			what_is_not_taken_comes_again_first, world_open, world_close),
		cmocka_unit_test_setup_teardown(
			what_is_left_of_a_small_piece_is_not_all_that_is_left, world_open,
			world_close),
		cmocka_unit_test_setup_teardown(unix_datagrams, world_open, world_close),
		cmocka_unit_test_setup_teardown(
			stale_unix_socket_is_replaced_one_in_use_is_not, world_open, world_close),
		cmocka_unit_test_setup_teardown(
			shared_ports_are_asked_for, world_open, world_close),
		cmocka_unit_test_setup_teardown(
			the_first_of_shared_ports_finds_nobody_there, world_open, world_close),
		cmocka_unit_test_setup_teardown(hosts_beside_share_a_port, world_open, world_close),
		cmocka_unit_test_setup_teardown(why_says_what_to_do, world_open, world_close),
		cmocka_unit_test_setup_teardown(unknown_device_is_refused, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
