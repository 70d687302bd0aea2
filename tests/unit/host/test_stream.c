/* SPDX-License-Identifier: ISC */

/*
 * Stream ports: what is left is kept, ends come in order, nothing is unbounded. What is said of TCP
 * is said of both hosts, the kernel's sockets and our stack.
 */

#include "tests/unit/host/world.h"

#include <sys/resource.h>

#include "libnet/host/socks.h"
#include "libnet/host/stack_tcp.h"

enum {
	PIECE = 1400 /* fits every host's slots */
};

static int listen_tcp(struct world *w, uint16_t number)
{
	struct gyl_bind b = {.type = GYL_BIND_TCP, .role = 3, .port = number, .ip = w->ip};
	int port = w->host.ops->listen(w->host.h, &b);

	assert_true(port >= 0);
	return port;
}

static int listen_unix(struct world *w)
{
	struct gyl_bind b = {.type = GYL_BIND_UNIX_STREAM, .path = w->path, .mode = 0600};
	int port = w->host.ops->listen(w->host.h, &b);

	assert_true(port >= 0);
	return port;
}

static void unread(struct world *w, int port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	w->host.ops->unread(w->host.h, port, in, cnt, taken);
}

static int flow_op(struct world *w, uint32_t flow, int op)
{
	return w->host.ops->flow(w->host.h, flow, op, NULL);
}

/* A connected client and its flow. */
struct pair {
	int port, fd;
	uint32_t flow;
};

static struct pair pair_tcp(struct world *w)
{
	uint16_t number = free_port();
	struct pair p = {.port = listen_tcp(w, number)};
	struct gyl_in in;

	p.fd = world_client(w, number);
	in = world_recv_one(w, p.port, GYL_IN_OPENED);
	assert_int_equal(in.role, 3);
	assert_int_equal(in.peer.local_ip, w->ip);
	assert_int_equal(in.peer.local_port, number);
	assert_int_equal(in.flow >> 31, 1);
	assert_true(in.room >= 65537); /* the longest DNS message with its length */
	p.flow = in.flow;
	return p;
}

static struct pair pair_unix(struct world *w)
{
	struct pair p = {.port = listen_unix(w)};

	p.fd = unix_client(SOCK_STREAM, w->path);
	p.flow = world_recv_one(w, p.port, GYL_IN_OPENED).flow;
	return p;
}

/* By a Unix socket at the kernel's host: that is the same code, and no buffer but ours. */
static struct pair pair_any(struct world *w)
{
	return w->is_stack ? pair_tcp(w) : pair_unix(w);
}

static void put(int fd, const void *data, size_t len)
{
	assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

/* The next octets of p, all of them consumed. */
static void expect(struct world *w, const struct pair *p, const char *text)
{
	struct gyl_in in = world_recv_one(w, p->port, GYL_IN_BYTES);

	assert_int_equal(in.flow, p->flow);
	assert_data(&in, text);
}

static void octets_go_both_ways_and_end_in_order(void **state)
{
	struct world *w = world_of(state);
	struct pair p = pair_tcp(w);
	struct gyl_in in;
	char buf[16];

	put(p.fd, "hello", 5);
	expect(w, &p, "hello");
	world_send(w, 0, p.flow, NULL, "world", 5);
	assert_int_equal(world_pull(w, p.fd, buf, 5), 5);
	put(p.fd, "last", 4);
	assert_int_equal(shutdown(p.fd, SHUT_WR), 0);
	expect(w, &p, "last");
	in = world_recv_one(w, p.port, GYL_IN_EOF);
	assert_int_equal(in.data.len, 0);
	/* the peer still reads */
	world_send(w, 0, p.flow, NULL, "bye", 3);
	assert_int_equal(flow_op(w, p.flow, GYL_FLOW_CLOSE), 0);
	assert_int_equal(world_pull(w, p.fd, buf, sizeof(buf)), 3);
	assert_int_equal(world_recv_one(w, p.port, GYL_IN_CLOSED).flow, p.flow);
	world_quiet(w, p.port);
	assert_int_equal(flow_op(w, p.flow, GYL_FLOW_CLOSE), -ENOENT);
	world_send(w, 0, p.flow, NULL, "late", 4);
	assert_int_equal(world_stat(w).out_lost_cnt, 1);
	(void)close(p.fd);
}

/* Every place at which a core may stop: before, in and after each of two lines. */
static void rest_is_in_front_of_what_comes(void **state)
{
	static const char text[] = "one two\nthree\n", more[] = "four\n";
	struct world *w = world_of(state);
	struct pair p = pair_any(w);

	for (size_t used = 0; used < sizeof(text); used++) {
		struct gyl_in in[64];
		char whole[64];

		put(p.fd, text, sizeof(text) - 1);
		in[0] = world_recv_one(w, p.port, GYL_IN_BYTES);
		assert_data(&in[0], text);
		in[0].used = (uint32_t)used;
		unread(w, p.port, in, 1, 1);
		world_quiet(w, p.port); /* seen already: nothing to say until there is more */
		put(p.fd, more, sizeof(more) - 1);
		in[0] = world_recv_one(w, p.port, GYL_IN_BYTES);
		(void)snprintf(whole, sizeof(whole), "%s%s", text + used, more);
		assert_data(&in[0], whole);
		in[0].used = (uint32_t)in[0].data.len - 1; /* a second time, out of the stash */
		unread(w, p.port, in, 1, 1);
		put(p.fd, "!", 1);
		expect(w, &p, "\n!");
	}
	(void)close(p.fd);
}

/* A core that has had its turn gets the rest in the next one, with nothing new, and its end behind
 * it; once it leaves it without a word it is not asked again. */
static void what_wants_another_turn_comes_again(void **state)
{
	struct world *w = world_of(state);
	struct pair p = pair_any(w);
	struct gyl_in in;

	put(p.fd, "abcd", 4);
	in = world_recv_one(w, p.port, GYL_IN_BYTES);
	for (unsigned i = 1; i < 4; i++) {
		in.used = 1;
		in.again = true;
		unread(w, p.port, &in, 1, 1);
		in = world_recv_one(w, p.port, GYL_IN_BYTES);
		assert_data(&in, &"abcd"[i]);
		assert_false(in.again);
	}
	unread(w, p.port, &in, 1, 1);
	world_quiet(w, p.port);
	assert_int_equal(shutdown(p.fd, SHUT_WR), 0);
	in = world_recv_one(w, p.port, GYL_IN_EOF);
	in.again = true;
	unread(w, p.port, &in, 1, 1);
	in = world_recv_one(w, p.port, GYL_IN_EOF);
	assert_data(&in, "d");
	in.used = 1;
	in.again = true; /* of nothing */
	unread(w, p.port, &in, 1, 1);
	world_quiet(w, p.port);
	(void)close(p.fd);
}

static void refused_inputs_come_again_in_order(void **state)
{
	struct world *w = world_of(state);
	int port = listen_unix(w), a, b;
	struct gyl_in in[64];
	uint32_t flow[2];

	a = unix_client(SOCK_STREAM, w->path);
	b = unix_client(SOCK_STREAM, w->path);
	put(a, "aaa", 3);
	put(b, "bbb", 3);
	(void)close(b);
	/* OPENED a, OPENED b refused; then they come first again */
	assert_int_equal(world_recv(w, port, in, 64), 2);
	flow[0] = in[0].flow;
	flow[1] = in[1].flow;
	unread(w, port, in, 2, 0);
	assert_int_equal(world_recv(w, port, in, 64), 2);
	assert_int_equal(in[0].kind, GYL_IN_OPENED);
	assert_int_equal(in[0].flow, flow[0]);
	assert_int_equal(in[1].flow, flow[1]);
	unread(w, port, in, 2, 1);
	/* OPENED b before all else; b's octets were not looked for while it was refused */
	assert_int_equal(world_recv(w, port, in, 64), 2);
	assert_int_equal(in[0].kind, GYL_IN_OPENED);
	assert_int_equal(in[0].flow, flow[1]);
	assert_int_equal(in[1].flow, flow[0]);
	assert_data(&in[1], "aaa");
	in[1].used = 1; /* a core may stop in the middle of an input that it does not take */
	unread(w, port, in, 2, 1);
	assert_int_equal(world_recv(w, port, in, 64), 2);
	assert_data(&in[0], "aa");
	assert_int_equal(in[1].flow, flow[1]);
	assert_data(&in[1], "bbb");
	in[0].used = 2;
	in[1].used = 2;
	unread(w, port, in, 2, 2);
	/* the end brings what is left; refused, it does so again */
	in[0] = world_recv_one(w, port, GYL_IN_EOF);
	assert_int_equal(in[0].flow, flow[1]);
	assert_data(&in[0], "b");
	unread(w, port, in, 1, 0);
	in[0] = world_recv_one(w, port, GYL_IN_EOF);
	assert_data(&in[0], "b");
	assert_int_equal(flow_op(w, flow[1], GYL_FLOW_CLOSE), 0);
	in[0] = world_recv_one(w, port, GYL_IN_CLOSED);
	unread(w, port, in, 1, 0);
	assert_int_equal(world_recv_one(w, port, GYL_IN_CLOSED).flow, flow[1]);
	world_quiet(w, port);
	(void)close(a);
}

/* Send octets numbered from *sent on until the socket takes no more. */
static void fill(int fd, size_t *sent)
{
	uint8_t block[4096];
	ssize_t n;

	do {
		for (size_t i = 0; i < sizeof(block); i++)
			block[i] = (uint8_t)((*sent + i) % 251);
		n = send(fd, block, sizeof(block), MSG_DONTWAIT);
		*sent += n > 0 ? (size_t)n : 0;
	} while (n > 0);
}

/* Nobody consumes: the stash fills, reading stops, the sender blocks; then all of it comes out. */
static void back_pressure(void **state)
{
	struct world *w = world_of(state);
	struct pair p = pair_any(w);
	size_t most = w->is_stack ? GYL__TCP_BUF_LEN : GYL_SOCKS_STASH_LEN;
	struct gyl_in in[64];
	size_t sent = 0, seen = 0, full = 0, before;
	int sndbuf = 65536;

	if (w->is_stack) /* nor that the kernel's own grows */
		(void)setsockopt(p.fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	while (full < most) {
		fill(p.fd, &sent);
		in[0] = world_recv_one(w, p.port, GYL_IN_BYTES);
		assert_true(in[0].data.len >= full);
		full = in[0].data.len;
		unread(w, p.port, in, 1, 1); /* taken, none of it used */
	}
	assert_int_equal(full, most);
	fill(p.fd, &sent);
	before = sent;
	world_quiet(w, p.port);
	fill(p.fd, &sent);
	assert_int_equal(sent, before);
	unread(w, p.port, in, 1, 0); /* refused after all: comes at once */
	while (seen < sent) {
		in[0] = world_recv_one(w, p.port, GYL_IN_BYTES);
		for (size_t i = 0; i < in[0].data.len; i++)
			assert_int_equal(in[0].data.p[i], (seen + i) % 251);
		seen += in[0].data.len;
	}
	assert_int_equal(seen, sent);
	(void)close(p.fd);
}

/* The peer does not read: room shrinks, is told, and grows when it reads; then the rest comes. */
static void room_is_told_and_comes_back(void **state)
{
	static uint8_t piece[PIECE], sink[1 << 16];
	struct world *w = world_of(state);
	struct pair p = pair_tcp(w);
	struct gyl_in in[64];
	size_t sent = 0, got = 0;
	uint32_t room, full;
	bool told = false;

	put(p.fd, "q", 1);
	in[0] = world_recv_one(w, p.port, GYL_IN_BYTES);
	full = room = in[0].room;
	unread(w, p.port, in, 1, 1);              /* "q" waits for room */
	while (room > full - 4 * sizeof(piece)) { /* the kernel's own buffers first */
		world_send(w, 0, p.flow, NULL, piece, sizeof(piece));
		sent += sizeof(piece);
		put(p.fd, "x", 1);
		in[0] = world_recv_one(w, p.port, GYL_IN_BYTES);
		room = in[0].room;
		unread(w, p.port, in, 1, 1);
	}
	while (room >= sizeof(piece)) {
		world_send(w, 0, p.flow, NULL, piece, sizeof(piece));
		sent += sizeof(piece);
		room -= (uint32_t)sizeof(piece);
	}
	assert_int_equal(world_stat(w).out_lost_cnt, 0);
	world_quiet(w, p.port);
	while (got < sent) {
		ssize_t n = recv(p.fd, sink, sizeof(sink), MSG_DONTWAIT);

		got += n > 0 ? (size_t)n : 0;
		if ((world_wait(w, SECOND / 1000) >> p.port & 1) == 0)
			continue;
		if (w->host.ops->recv(w->host.h, p.port, in, 64) == 0)
			continue;
		assert_int_equal(in[0].kind, GYL_IN_BYTES);
		if (w->is_stack) /* the next answer fits, though not all is acknowledged */
			assert_in_range(in[0].room, GYL__TCP_ROOM_MIN, full);
		else
			assert_int_equal(in[0].room, full);
		assert_int_equal(in[0].data.p[0], 'q');
		unread(w, p.port, in, 1, 1);
		told = true;
	}
	assert_int_equal(got, sent);
	assert_true(told);
	(void)close(p.fd);
}

/* A core that does not care for room loses the stream, not some octets of it. */
static void overrun_resets_the_stream(void **state)
{
	static uint8_t piece[PIECE], sink[1 << 16];
	struct world *w = world_of(state);
	struct pair p = pair_tcp(w);
	size_t sent = 0, got = 0;
	ssize_t n;

	while (world_stat(w).out_lost_cnt == 0) {
		world_send(w, 0, p.flow, NULL, piece, sizeof(piece));
		sent += sizeof(piece);
	}
	assert_int_equal(world_recv_one(w, p.port, GYL_IN_CLOSED).flow, p.flow);
	while ((n = world_pull(w, p.fd, sink, sizeof(sink))) > 0)
		got += (size_t)n;
	assert_int_equal(n, -1);
	assert_int_equal(errno, ECONNRESET);
	assert_true(got < sent);
	(void)close(p.fd);
}

static void graceful_close_delivers_the_backlog(void **state)
{
	static uint8_t piece[PIECE], sink[1 << 16];
	struct world *w = world_of(state);
	struct pair p = pair_tcp(w);
	size_t sent = 0, got = 0;
	struct gyl_in in;
	uint32_t room;

	do { /* until something stays with us */
		world_send(w, 0, p.flow, NULL, piece, sizeof(piece));
		sent += sizeof(piece);
		put(p.fd, "x", 1);
		in = world_recv_one(w, p.port, GYL_IN_BYTES);
		room = in.room;
	} while (room == (w->is_stack ? GYL__TCP_BUF_LEN : GYL_SOCKS_STASH_LEN));
	put(p.fd, "unread octets would reset it", 28);
	assert_int_equal(flow_op(w, p.flow, GYL_FLOW_CLOSE), 0);
	world_send(w, 0, p.flow, NULL, "x", 1); /* after the end */
	assert_int_equal(world_stat(w).out_lost_cnt, 1);
	for (;;) {
		ssize_t n = recv(p.fd, sink, sizeof(sink), MSG_DONTWAIT);

		(void)world_wait(w, SECOND / 1000);
		if (n == 0)
			break;
		assert_true(n > 0 || errno == EAGAIN);
		got += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(got, sent);
	(void)close(p.fd);
	assert_int_equal(world_recv_one(w, p.port, GYL_IN_CLOSED).flow, p.flow);
}

static void reset_by_either_side(void **state)
{
	static const struct linger at_once = {.l_onoff = 1};
	struct world *w = world_of(state);
	struct pair p = pair_tcp(w);
	char c;

	assert_int_equal(flow_op(w, p.flow, GYL_FLOW_RESET), 0);
	assert_int_equal(world_pull(w, p.fd, &c, 1), -1);
	assert_int_equal(errno, ECONNRESET);
	(void)close(p.fd);
	assert_int_equal(world_recv_one(w, p.port, GYL_IN_CLOSED).flow, p.flow);
	world_quiet(w, p.port);
	p = pair_tcp(w);
	(void)setsockopt(p.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	(void)close(p.fd);
	assert_int_equal(world_recv_one(w, p.port, GYL_IN_CLOSED).flow, p.flow);
	world_quiet(w, p.port);
}

static void numbers_are_not_used_again_at_once(void **state)
{
	struct world *w = world_of(state);
	uint16_t number = free_port();
	int port = listen_tcp(w, number);
	uint32_t seen[1100];

	for (size_t i = 0; i < TEST_CNT(seen); i++) { /* more than there are connections */
		int fd = world_client(w, number);

		seen[i] = world_recv_one(w, port, GYL_IN_OPENED).flow;
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(seen[k], seen[i]);
		(void)close(fd);
		(void)world_recv_one(w, port, GYL_IN_EOF);
		assert_int_equal(flow_op(w, seen[i], GYL_FLOW_CLOSE), 0);
		(void)world_recv_one(w, port, GYL_IN_CLOSED);
	}
}

/* No descriptor for a connection, and no connection whose end could tell that there is one again.
 */
static void it_accepts_again_when_there_are_descriptors(void **state)
{
	struct world *w = world_of(state);
	uint16_t number = free_port();
	int port = listen_tcp(w, number), fd = client(SOCK_STREAM, number), next = dup(fd);
	struct rlimit old, low;
	struct gyl_in in[8];
	uint64_t start_ns;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = (rlim_t)next;
	(void)close(next);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	(void)world_wait(w, SECOND);
	assert_int_equal(w->host.ops->recv(w->host.h, port, in, TEST_CNT(in)), 0);
	start_ns = mono_ns();
	(void)world_wait(w, SECOND / 20);
	assert_true(mono_ns() - start_ns >= SECOND / 20); /* it does not spin */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	(void)world_recv_one(w, port, GYL_IN_OPENED);
	(void)close(fd);
}

static void connections_are_bounded(void **state)
{
	enum {
		OVER = 5
	};
	static int fd[GYL_SOCKS_CONN_MAX + OVER];
	static uint32_t flow[GYL_SOCKS_CONN_MAX];
	struct world *w = world_of(state);
	int port = listen_unix(w);
	struct gyl_in in[64];
	size_t opened = 0, n;

	for (size_t i = 0; i < TEST_CNT(fd); i++) {
		if (i % 100 == 0) /* the backlog is 512 */
			while ((world_wait(w, 0) >> port & 1) != 0 &&
				(n = w->host.ops->recv(w->host.h, port, in, 64)) != 0)
				for (size_t k = 0; k < n; k++)
					flow[opened++] = in[k].flow;
		fd[i] = unix_client(SOCK_STREAM, w->path);
	}
	while (opened < GYL_SOCKS_CONN_MAX) {
		n = world_recv(w, port, in, 64);
		assert_true(n > 0);
		for (size_t k = 0; k < n; k++)
			flow[opened++] = in[k].flow;
	}
	world_quiet(w, port); /* and no spinning on the listener: the wait below lasts */
	assert_int_equal(world_wait(w, SECOND / 100) >> port & 1, 0);
	assert_int_equal(flow_op(w, flow[100], GYL_FLOW_RESET), 0);
	assert_int_equal(world_recv_one(w, port, GYL_IN_CLOSED).flow, flow[100]);
	assert_int_not_equal(world_recv_one(w, port, GYL_IN_OPENED).flow, flow[100]);
	world_quiet(w, port);
	for (size_t i = 0; i < TEST_CNT(fd); i++)
		(void)close(fd[i]);
}

/* Of our stack: what comes together is offered together, and again in the same order. */
static void refused_inputs_of_the_stack_come_again(void **state)
{
	static const uint8_t order[] = {GYL_IN_OPENED, GYL_IN_BYTES, GYL_IN_EOF, GYL_IN_CLOSED, 0};
	struct world *w = world_of(state);
	uint16_t number = free_port();
	int port = listen_tcp(w, number), fd = world_client(w, number);
	struct gyl_in in[64];
	uint32_t flow = 0;

	put(fd, "abc", 3);
	(void)world_wait(w, SECOND / 100);
	assert_int_equal(world_recv(w, port, in, 64), 2);
	for (unsigned i = 0; order[i] != 0; i++) {
		in[0] = i == 0 ? in[0] : world_recv_one(w, port, order[i]);
		flow = in[0].flow;
		for (unsigned k = 0; k < 3; k++) { /* none of it */
			size_t cnt = i == 0 ? 2 : 1;

			assert_int_equal(in[0].kind, order[i]);
			unread(w, port, in, cnt, 0);
			assert_int_equal(world_recv(w, port, in, 64), cnt);
			assert_int_equal(in[0].flow, flow);
		}
		if (order[i] == GYL_IN_OPENED) { /* octets came with it: they are refused alone */
			assert_data(&in[1], "abc");
			unread(w, port, in, 2, 1);
		} else if (order[i] == GYL_IN_BYTES) { /* a part of them */
			in[0].used = 1;
			unread(w, port, in, 1, 1);
			(void)close(fd);
		} else if (order[i] == GYL_IN_EOF) {
			assert_data(&in[0], "bc");
			assert_int_equal(flow_op(w, flow, GYL_FLOW_CLOSE), 0);
		}
	}
	world_quiet(w, port);
}

enum {
	CROWD = GYL__TCP_BUF_MAX * 9 / 10 /* more than have a send buffer at once: those kept for
		       what comes are not for that */
};

/* A crowd of clients that are connected, and their flows in the order of their sockets. */
static void crowd_open(
	struct world *w, uint16_t number, int port, int rcvbuf, int fd[CROWD], uint32_t flow[CROWD])
{
	for (size_t i = 0; i < CROWD; i++) {
		fd[i] = world_client(w, number);
		if (rcvbuf != 0)
			(void)setsockopt(fd[i], SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
		flow[i] = world_recv_one(w, port, GYL_IN_OPENED).flow;
	}
}

static void answer(struct world *w, uint32_t flow, size_t pieces)
{
	static uint8_t piece[PIECE];

	for (size_t i = 0; i < pieces; i++)
		world_send(w, 0, flow, NULL, piece, sizeof(piece));
}

/* Take inputs, and answer each flow once when it was told of room. How many were. */
static size_t answer_those_with_room(
	struct world *w, int port, const uint32_t flow[CROWD], bool done[CROWD])
{
	struct gyl_in in[64];
	size_t n = w->host.ops->recv(w->host.h, port, in, 64), cnt = 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = 0;

		while (at < CROWD && flow[at] != in[i].flow)
			at++;
		assert_int_equal(in[i].kind, GYL_IN_BYTES);
		assert_true(at < CROWD);
		if (done[at] || in[i].room < PIECE)
			continue;
		answer(w, flow[at], 1);
		done[at] = true;
		cnt++;
	}
	return cnt;
}

/* All ask at once, and each is told of room that is there: what one batch promises is kept, and who
 * was told of none is told when there is some. */
static void room_is_promised_once(void **state)
{
	static int fd[CROWD];
	static uint32_t flow[CROWD];
	static bool done[CROWD];
	struct world *w = world_of(state);
	uint16_t number = free_port();
	int port = listen_tcp(w, number);
	uint64_t until = mono_ns() + 5 * SECOND;
	char sink[PIECE];
	size_t cnt = 0;

	memset(done, 0, sizeof(done));
	crowd_open(w, number, port, 0, fd, flow);
	for (size_t i = 0; i < CROWD; i++)
		put(fd[i], "q", 1);
	while (cnt < CROWD && mono_ns() < until) {
		if ((world_wait(w, SECOND / 1000) >> port & 1) == 0)
			continue;
		for (int batch = 0; batch < 4; batch++)
			cnt += answer_those_with_room(w, port, flow, done);
	}
	assert_int_equal(world_stat(w).out_lost_cnt, 0);
	assert_int_equal(cnt, CROWD);
	for (size_t i = 0; i < CROWD; i++) {
		assert_int_equal(world_pull(w, fd[i], sink, sizeof(sink)), sizeof(sink));
		(void)close(fd[i]);
	}
}

/* Strangers ask and never read; their core has closed them, and what they were sent still waits for
 * them. Who comes then need not wait until they have had all their time. */
static void the_closed_make_room(void **state)
{
	static int fd[CROWD];
	static uint32_t flow[CROWD];
	struct world *w = world_of(state);
	uint16_t number = free_port();
	int port = listen_tcp(w, number), last;
	uint64_t start_ns = mono_ns();
	struct gyl_in in = {0};
	char sink[PIECE];

	crowd_open(w, number, port, 2048, fd, flow);
	for (size_t i = 0; i < CROWD; i++) {
		answer(w, flow[i], 6);
		(void)flow_op(w, flow[i], GYL_FLOW_CLOSE);
	}
	(void)world_wait(w, SECOND / 100);
	last = world_client(w, number);
	put(last, "q", 1);
	while ((in.kind != GYL_IN_BYTES || in.room < PIECE) && mono_ns() - start_ns < 5 * SECOND) {
		struct gyl_in batch[64];
		size_t n = 0;

		if ((world_wait(w, SECOND / 1000) >> port & 1) != 0)
			n = w->host.ops->recv(w->host.h, port, batch, 64);
		for (size_t i = 0; i < n; i++)
			in = batch[i].kind == GYL_IN_CLOSED ? in : batch[i];
	}
	assert_int_equal(in.kind, GYL_IN_BYTES);
	assert_true(in.room >= PIECE);
	answer(w, in.flow, 1);
	assert_int_equal(world_pull(w, last, sink, sizeof(sink)), sizeof(sink));
	(void)close(last);
	for (size_t i = 0; i < CROWD; i++)
		(void)close(fd[i]);
}

/* As many as the services keep at once have sent half a message: there is room for answers. */
static void halves_leave_room_for_answers(void **state)
{
	enum {
		HALVES = 128 + 256 /* dns, syslogd */
	};
	static int fd[HALVES];
	struct world *w = world_of(state);
	uint16_t number = free_port();
	int port = listen_tcp(w, number);
	struct gyl_in in = {0};

	for (size_t i = 0; i < HALVES; i++) {
		fd[i] = world_client(w, number);
		(void)world_recv_one(w, port, GYL_IN_OPENED);
		put(fd[i], "h", 1);
		in = world_recv_one(w, port, GYL_IN_BYTES);
		unread(w, port, &in, 1, 1);
	}
	assert_true(in.room >= PIECE);
	for (size_t i = 0; i < HALVES; i++)
		(void)close(fd[i]);
}

#define ON_KERNEL(test)                                    \
	{                                                  \
#		test, test, world_open, world_close, NULL \
	}
int main(void)
{
	/* those of our stack make a namespace, which stays: they come last */
	static const struct CMUnitTest tests[] = {
		ON_KERNEL(octets_go_both_ways_and_end_in_order),
		ON_KERNEL(rest_is_in_front_of_what_comes),
		ON_KERNEL(what_wants_another_turn_comes_again),
		ON_KERNEL(back_pressure),
		ON_KERNEL(room_is_told_and_comes_back),
		ON_KERNEL(overrun_resets_the_stream),
		ON_KERNEL(graceful_close_delivers_the_backlog),
		ON_KERNEL(reset_by_either_side),
		ON_KERNEL(numbers_are_not_used_again_at_once),
		ON_KERNEL(refused_inputs_come_again_in_order),
		ON_KERNEL(connections_are_bounded),
		ON_KERNEL(it_accepts_again_when_there_are_descriptors),
		ON_STACK(octets_go_both_ways_and_end_in_order),
		ON_STACK(rest_is_in_front_of_what_comes),
		ON_STACK(what_wants_another_turn_comes_again),
		ON_STACK(back_pressure),
		ON_STACK(room_is_told_and_comes_back),
		ON_STACK(overrun_resets_the_stream),
		ON_STACK(graceful_close_delivers_the_backlog),
		ON_STACK(reset_by_either_side),
		ON_STACK(numbers_are_not_used_again_at_once),
		ON_STACK(refused_inputs_of_the_stack_come_again),
		ON_STACK(room_is_promised_once),
		ON_STACK(the_closed_make_room),
		ON_STACK(halves_leave_room_for_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
