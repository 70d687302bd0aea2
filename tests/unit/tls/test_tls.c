/* SPDX-License-Identifier: ISC */

/*
 * TLS before a host (libnet/host/tls.h): two of them, joined by memory, and what their cores hear.
 * Records come whole, in pieces, altered, or not at all.
 */

#include "tests/unit/tls/pipe.h"

struct pair {
	struct ident ca, server, client, stranger;
	struct pipe_host s, c; /* server and client */
};

enum {
	FLOW = 5,
	SERVER_IP = 0x0a000001,
	CLIENT_IP = 0x0a000002
};

static int pair_open(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	struct gyl_bind b = {.type = GYL_BIND_TLS, .port = 6514, .role = 7};

	ident_make(&p->ca, "Test CA", "", NULL, -1, 100);
	ident_make(&p->server, "log", "DNS:log.example.com,IP:10.0.0.1", &p->ca, -1, 100);
	ident_make(&p->client, "ap1", "DNS:ap1.example.com", &p->ca, -1, 100);
	ident_make(&p->stranger, "stranger", "DNS:log.example.com", NULL, -1, 100);
	pipe_open(&p->s, &p->c);
	pipe_open(&p->c, &p->s);
	assert_int_equal(p->s.host.ops->listen(p->s.host.h, &b), PIPE_PORT);
	*state = p;
	return 0;
}

static int pair_close(void **state)
{
	struct pair *p = *state;

	pipe_close(&p->s);
	pipe_close(&p->c);
	ident_free(&p->ca);
	ident_free(&p->server);
	ident_free(&p->client);
	ident_free(&p->stranger);
	free(p);
	return 0;
}

static void use(struct pair *p, struct gyl_tls_ctx *server, struct gyl_tls_ctx *client)
{
	gyl_tls_serve(p->s.tls, PIPE_PORT, server);
	gyl_tls_connect(p->c.tls, 0, client);
}

static void dial(struct pair *p, uint32_t flow)
{
	struct gyl_peer to = {.ip = SERVER_IP, .local_ip = CLIENT_IP, .port = 6514};

	assert_int_equal(p->c.host.ops->flow(p->c.host.h, flow, GYL_FLOW_OPEN_TLS, &to), 0);
}

/* TCP only: the test itself speaks, or nobody. */
static void dial_plain(struct pair *p, uint32_t flow, uint32_t from)
{
	struct gyl_peer to = {.ip = SERVER_IP, .local_ip = from, .port = 6514};

	assert_int_equal(p->c.plain.ops->flow(p->c.plain.h, flow, GYL_FLOW_OPEN_TCP, &to), 0);
}

static void plainly(struct pair *p, uint32_t flow, const void *text, size_t len)
{
	struct gyl_send slot;

	assert_int_equal(p->c.plain.ops->lend(p->c.plain.h, &slot, 1), 1);
	memcpy(slot.p, text, len);
	slot.len = (uint32_t)len;
	slot.flow = flow;
	p->c.plain.ops->send(p->c.plain.h, &slot, 1);
}

/* Connected, the server's name judged. */
static void joined(struct pair *p)
{
	use(p, ctx_of(true, &p->server, NULL, NULL),
		ctx_of(false, NULL, &p->ca, "log.example.com"));
	dial(p, FLOW);
	both_run(&p->s, &p->c, 1000);
	assert_int_equal(p->s.opened_cnt, 1);
	assert_int_equal(p->c.opened_cnt, 1);
	assert_string_equal(p->c.name, "log.example.com");
	assert_string_equal(p->s.name, "");
}

static void got_is(const struct pipe_host *h, const char *text)
{
	assert_int_equal(h->got_len, strlen(text));
	assert_memory_equal(h->got, text, h->got_len);
}

/* ---- octets ---- */

static void octets_both_ways(void **state)
{
	struct pair *p = *state;

	joined(p);
	core_send(&p->c, FLOW, "hello", 5);
	core_send(&p->s, p->s.last_flow, "yes?", 4);
	both_run(&p->s, &p->c, 100);
	got_is(&p->s, "hello");
	got_is(&p->c, "yes?");
}

/* A core may write before it is told that the stream is there (hosts.md). */
static void what_is_sent_early_leaves_when_it_is_connected(void **state)
{
	struct pair *p = *state;

	use(p, ctx_of(true, &p->server, NULL, NULL), ctx_of(false, NULL, &p->ca, NULL));
	dial(p, FLOW);
	core_send(&p->c, FLOW, "early", 5);
	both_run(&p->s, &p->c, 1000);
	got_is(&p->s, "early");
}

/* Every split of every record, of the handshake too. */
static void records_in_pieces_of_any_length(void **state)
{
	static const size_t chunk[] = {1, 2, 3, 5, 6, 7, 64, 1460};
	struct pair *p = *state;

	for (size_t i = 0; i < TEST_CNT(chunk); i++) {
		char text[200];

		p->s.chunk = p->c.chunk = chunk[i];
		p->s.got_len = p->c.got_len = 0;
		use(p, ctx_of(true, &p->server, &p->ca, NULL),
			ctx_of(false, &p->client, &p->ca, "log.example.com"));
		dial(p, FLOW);
		both_run(&p->s, &p->c, 20000);
		assert_string_equal(p->s.name, "ap1.example.com");
		for (int n = 0; n < 3; n++)
			core_send(&p->c, FLOW, "0123456789", 10);
		core_send(&p->s, p->s.last_flow, "back", 4);
		both_run(&p->s, &p->c, 20000);
		(void)snprintf(text, sizeof(text), "012345678901234567890123456789");
		got_is(&p->s, text);
		got_is(&p->c, "back");
		assert_int_equal(p->c.host.ops->flow(p->c.host.h, FLOW, GYL_FLOW_CLOSE, NULL), 0);
		both_run(&p->s, &p->c, 20000);
		assert_int_equal(p->s.eof_cnt, i + 1);
		assert_int_equal(p->s.eof_seq, 0);
		assert_int_equal(
			p->s.host.ops->flow(p->s.host.h, p->s.last_flow, GYL_FLOW_CLOSE, NULL), 0);
		both_run(&p->s, &p->c, 20000);
		assert_int_equal(p->s.closed_cnt, i + 1);
		assert_int_equal(p->c.closed_cnt, i + 1);
	}
}

static void fill(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 7 + i / 251);
}

/* More than any buffer on the way holds, to a core that takes it as it comes. */
static void a_megabyte_arrives_whole(void **state)
{
	static uint8_t text[GYL_TLS_OUT_LEN];
	struct pair *p = *state;
	size_t sent = 0;

	joined(p);
	fill(text, sizeof(text));
	while (sent < 10 * sizeof(text)) {
		size_t len = p->c.room < sizeof(text) - sent % sizeof(text)
				     ? p->c.room
				     : sizeof(text) - sent % sizeof(text);

		core_send(&p->c, FLOW, text + sent % sizeof(text), len);
		p->c.room -= (uint32_t)len;
		sent += len;
		both_run(&p->s, &p->c, 4);
	}
	both_run(&p->s, &p->c, 1000);
	assert_int_equal(p->s.got_len, sent);
	for (size_t i = 0; i < sent; i++)
		assert_int_equal(p->s.got[i], text[i % sizeof(text)]);
	assert_int_equal(p->c.closed_cnt, 0);
}

/* hosts.md: a rest that a core leaves stands in front of the next octets, in one piece. */
static void a_rest_is_kept_in_front(void **state)
{
	struct pair *p = *state;

	joined(p);
	p->s.takes_most = 3;
	core_send(&p->c, FLOW, "abcde", 5);
	both_run(&p->s, &p->c, 100);
	got_is(&p->s, "abc");
	core_send(&p->c, FLOW, "fgh", 3);
	both_run(&p->s, &p->c, 100);
	got_is(&p->s, "abcdef");
	assert_int_equal(p->c.host.ops->flow(p->c.host.h, FLOW, GYL_FLOW_CLOSE, NULL), 0);
	both_run(&p->s, &p->c, 100);
	got_is(&p->s, "abcdefgh"); /* with the end */
	assert_int_equal(p->s.eof_cnt, 1);
}

/* A core that takes nothing closes the window: what waits here is bounded, and all of it arrives
 * when it takes again. */
static void a_core_that_takes_nothing_holds_the_sender(void **state)
{
	static uint8_t text[8192];
	struct pair *p = *state;
	size_t sent = 0;

	joined(p);
	fill(text, sizeof(text));
	p->s.takes_none = true;
	for (int i = 0; i < 200; i++) {
		if (p->c.host.ops->room(p->c.host.h, FLOW) >= sizeof(text)) {
			core_send(&p->c, FLOW, text, sizeof(text));
			sent += sizeof(text);
		}
		both_run(&p->s, &p->c, 2);
	}
	assert_true(sent < GYL_TLS_STASH_LEN + 2 * PIPE_BUF_LEN + GYL_TLS_OUT_LEN);
	assert_true(sent > PIPE_BUF_LEN + GYL_TLS_OUT_LEN / 2);
	assert_int_equal(p->s.got_len, 0);
	p->s.takes_none = false;
	both_run(&p->s, &p->c, 1000);
	assert_int_equal(p->s.got_len, sent);
	for (size_t i = 0; i < sent; i++)
		assert_int_equal(p->s.got[i], text[i % sizeof(text)]);
}

/* While it takes nothing, the host below is not asked for more and more. */
static void a_held_port_does_not_spin(void **state)
{
	struct pair *p = *state;
	unsigned cnt;

	joined(p);
	p->s.takes_none = true;
	core_send(&p->c, FLOW, "text", 4);
	both_run(&p->s, &p->c, 10);
	cnt = p->s.recv_cnt;
	for (int i = 0; i < 50; i++)
		core_step(&p->s);
	assert_true(p->s.recv_cnt - cnt <= 51);
	assert_int_equal(p->s.got_len, 0);
}

/* A peer that does not read: what the core may write is bounded, more loses the stream. */
static void a_peer_that_does_not_read(void **state)
{
	static uint8_t text[1024];
	struct pair *p = *state;

	joined(p);
	p->c.stuck = true;
	while (p->c.host.ops->room(p->c.host.h, FLOW) >= sizeof(text))
		core_send(&p->c, FLOW, text, sizeof(text));
	both_run(&p->s, &p->c, 20);
	assert_int_equal(p->c.closed_cnt, 0);
	core_send(&p->c, FLOW, text, sizeof(text));
	both_run(&p->s, &p->c, 20);
	assert_int_equal(p->c.closed_cnt, 1);
	assert_string_equal(p->c.why, "more was sent than it had room for");
}

/* Octets for a flow of the client that is no TLS, as if somebody had sent them. */
static void arrive(struct pair *p, uint32_t flow, const char *text)
{
	struct pipe_end *e = pipe_find(&p->c, flow);

	memcpy(e->buf + e->len, text, strlen(text));
	e->len += strlen(text);
}

/* One port has the flows that cores opened, with TLS and without: none is taken for the other, and
 * what a core leaves of either comes again. */
static void flows_without_tls_pass_through(void **state)
{
	struct gyl_peer to = {.ip = SERVER_IP, .local_ip = CLIENT_IP, .port = 514};
	struct pair *p = *state;

	joined(p);
	for (uint32_t flow = 8; flow < 10; flow++)
		assert_int_equal(p->c.host.ops->flow(p->c.host.h, flow, GYL_FLOW_OPEN_TCP, &to), 0);
	both_run(&p->s, &p->c, 20);
	assert_int_equal(p->c.opened_cnt, 3);
	p->c.takes_most = 2;
	arrive(p, 8, "abc");
	core_send(&p->s, p->s.last_flow, "ABC", 3);
	arrive(p, 9, "123");
	both_run(&p->s, &p->c, 20);
	assert_int_equal(p->c.got_len, 6);
	p->c.takes_most = 0;
	p->c.takes_none = true;
	arrive(p, 8, "d");
	core_send(&p->s, p->s.last_flow, "D", 1);
	both_run(&p->s, &p->c, 20);
	assert_int_equal(p->c.got_len, 6);
	p->c.takes_none = false;
	arrive(p, 9, "4");
	both_run(&p->s, &p->c, 20);
	assert_int_equal(p->c.got_len, 12);
	for (const char *c = "abcd1234ABCD"; *c != '\0'; c++)
		assert_non_null(memchr(p->c.got, *c, 12));
	assert_int_equal(p->c.host.ops->flow(p->c.host.h, 8, GYL_FLOW_RESET, NULL), 0);
	both_run(&p->s, &p->c, 20);
	assert_int_equal(p->c.closed_cnt, 1);
}

/* hosts.md: what a core leaves because its turn was over comes again in the next batch. */
static void a_rest_that_is_asked_for_comes_again(void **state)
{
	struct pair *p = *state;

	joined(p);
	p->s.takes_most = 1;
	p->s.again = true;
	core_send(&p->c, FLOW, "abcde", 5);
	both_run(&p->s, &p->c, 100);
	got_is(&p->s, "abcde");
}

/* ---- ends ---- */

static void rfc8446_6_1_close_notify_is_the_end_of_one_side(void **state)
{
	struct pair *p = *state;

	joined(p);
	core_send(&p->s, p->s.last_flow, "last", 4);
	assert_int_equal(p->s.host.ops->flow(p->s.host.h, p->s.last_flow, GYL_FLOW_CLOSE, NULL), 0);
	both_run(&p->s, &p->c, 100);
	got_is(&p->c, "last");
	assert_int_equal(p->c.eof_cnt, 1);
	assert_int_equal(p->c.eof_seq, 0);
	assert_int_equal(p->c.closed_cnt, 0);
	core_send(&p->c, FLOW, "to the wind", 11); /* it may still write */
	assert_int_equal(p->c.host.ops->flow(p->c.host.h, FLOW, GYL_FLOW_CLOSE, NULL), 0);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->c.closed_cnt, 1);
	assert_int_equal(p->s.closed_cnt, 1);
	assert_string_equal(p->s.why, "");
}

static void an_end_without_close_notify_is_marked(void **state)
{
	struct pair *p = *state;

	joined(p);
	core_send(&p->c, FLOW, "half a li", 9);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->c.plain.ops->flow(p->c.plain.h, FLOW, GYL_FLOW_CLOSE, NULL), 0);
	both_run(&p->s, &p->c, 100);
	got_is(&p->s, "half a li");
	assert_int_equal(p->s.eof_cnt, 1);
	assert_int_equal(p->s.eof_seq, 1);
}

static void a_reset_ends_it_at_once(void **state)
{
	struct pair *p = *state;

	joined(p);
	assert_int_equal(p->c.host.ops->flow(p->c.host.h, FLOW, GYL_FLOW_RESET, NULL), 0);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->s.closed_cnt, 1);
	assert_int_equal(p->s.eof_cnt, 0);
	assert_int_equal(p->c.closed_cnt, 1);
	dial(p, FLOW); /* the number is free again */
	both_run(&p->s, &p->c, 1000);
	assert_int_equal(p->s.opened_cnt, 2);
}

/* What was complete before a record was altered is not lost, and nothing after it is believed. */
static void an_altered_record_ends_it(void **state)
{
	struct pair *p = *state;
	struct pipe_end *e;

	joined(p);
	core_send(&p->c, FLOW, "good", 4);
	both_run(&p->s, &p->c, 0);
	core_send(&p->c, FLOW, "evil", 4);
	e = pipe_find(&p->c, FLOW)->other;
	e->buf[e->len - 1] ^= 1;
	both_run(&p->s, &p->c, 100);
	got_is(&p->s, "good");
	assert_int_equal(p->s.closed_cnt, 1);
	assert_string_equal(p->s.why, "a record was altered on its way");
	assert_int_equal(p->c.closed_cnt, 1);
	assert_string_equal(p->c.why, "it says that a record was altered on its way");
}

/* ---- who is let in ---- */

struct who {
	const char *what;
	bool ca, shows, strange; /* the server has a CA; the client shows a certificate; whose */
	const char *peer;        /* the server's list */
	const char *why;         /* the server's words; NULL: let in */
};

static void rfc5425_5_who_is_let_in(void **state)
{
	struct pair *p = *state;
	const struct who row[] = {
		{"nobody is asked", false, false, false, NULL, NULL},
		{"vouched for", true, true, false, NULL, NULL},
		{"shows none", true, false, false, NULL, "it shows no certificate"},
		{"another CA", true, true, true, NULL, "self-signed certificate (/CN=stranger)"},
		{"a name", true, true, false, "ap1.example.com", NULL},
		{"a name's case", true, true, false, "AP1.Example.COM", NULL},
		{"below a name", true, true, false, ".example.com", NULL},
		{"another name", true, true, false, "ap2.example.com",
			"its certificate is for nobody who is let in (/CN=ap1)"},
		{"a fingerprint", false, true, true, p->stranger.finger, NULL},
		{"a fingerprint beside a CA", true, true, true, p->stranger.finger, NULL},
		{"another fingerprint", false, true, false, p->stranger.finger,
			"its certificate has a fingerprint that nobody expects (/CN=ap1)"},
	};

	for (size_t i = 0; i < TEST_CNT(row); i++) {
		const struct ident *shown = row[i].strange ? &p->stranger : &p->client;
		unsigned opened = p->s.opened_cnt, closed = p->s.closed_cnt;

		p->s.why[0] = '\0';
		use(p, ctx_of(true, &p->server, row[i].ca ? &p->ca : NULL, row[i].peer),
			ctx_of(false, row[i].shows ? shown : NULL, &p->ca, NULL));
		dial(p, FLOW);
		both_run(&p->s, &p->c, 100);
		(void)p->c.host.ops->flow(p->c.host.h, FLOW, GYL_FLOW_RESET, NULL);
		both_run(&p->s, &p->c, 100);
		if (p->s.opened_cnt - opened != (row[i].why == NULL) ||
			strcmp(p->s.why, row[i].why == NULL ? "" : row[i].why) != 0)
			fail_msg("%s: \"%s\"", row[i].what, p->s.why);
		assert_int_equal(p->s.closed_cnt - closed, 1);
	}
}

/* The client's side: a collector that somebody else plays gets nothing. */
static void rfc5425_5_who_gets_the_messages(void **state)
{
	struct pair *p = *state;
	const struct {
		bool strange;
		const struct ident *ca;
		const char *peer, *why;
	} row[] = {
		{false, &p->ca, "log.example.com", NULL},
		{false, &p->ca, NULL, NULL}, /* by its address */
		{false, &p->ca, "10.0.0.1", NULL},
		{false, NULL, p->server.finger, NULL},
		{false, &p->ca, "other.example.com",
			"its certificate is for somebody else (/CN=log)"},
		{true, &p->ca, "log.example.com", "self-signed certificate (/CN=stranger)"},
		{true, NULL, p->server.finger,
			"its certificate has a fingerprint that nobody expects (/CN=stranger)"},
		{true, &p->stranger, NULL, "its certificate is for somebody else (/CN=stranger)"},
	};

	for (size_t i = 0; i < TEST_CNT(row); i++) {
		unsigned opened = p->c.opened_cnt;

		p->c.why[0] = '\0';
		p->s.got_len = 0;
		use(p, ctx_of(true, row[i].strange ? &p->stranger : &p->server, NULL, NULL),
			ctx_of(false, NULL, row[i].ca, row[i].peer));
		dial(p, FLOW);
		core_send(&p->c, FLOW, "secret", 6);
		both_run(&p->s, &p->c, 100);
		if (row[i].why == NULL)
			(void)p->c.host.ops->flow(p->c.host.h, FLOW, GYL_FLOW_RESET, NULL);
		both_run(&p->s, &p->c, 100);
		assert_int_equal(p->c.opened_cnt - opened, row[i].why == NULL);
		assert_string_equal(p->c.why, row[i].why == NULL ? "" : row[i].why);
		assert_int_equal(p->s.got_len, row[i].why == NULL ? 6 : 0);
		(void)p->s.host.ops->flow(p->s.host.h, p->s.last_flow, GYL_FLOW_RESET, NULL);
		both_run(&p->s, &p->c, 100);
	}
}

/* A client learns after its handshake that it is not let in (RFC 8446 4.4.2): in words. */
static void a_client_that_is_refused_hears_why(void **state)
{
	struct pair *p = *state;

	use(p, ctx_of(true, &p->server, &p->ca, NULL), ctx_of(false, NULL, &p->ca, NULL));
	dial(p, FLOW);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->c.closed_cnt, 1);
	assert_string_equal(p->c.why, "it wants a certificate of us");
}

/* A reload: who is connected stays, who comes is judged by the new one. */
static void a_new_configuration_leaves_connections_alone(void **state)
{
	struct pair *p = *state;

	joined(p);
	gyl_tls_serve(p->s.tls, PIPE_PORT, ctx_of(true, &p->server, &p->ca, NULL));
	core_send(&p->c, FLOW, "old", 3);
	both_run(&p->s, &p->c, 100);
	got_is(&p->s, "old");
	dial(p, FLOW + 1);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->s.opened_cnt, 1);
	assert_string_equal(p->s.why, "it shows no certificate");
	gyl_tls_serve(p->s.tls, PIPE_PORT, NULL);
	dial(p, FLOW + 2);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->s.opened_cnt, 1);
	core_send(&p->c, FLOW, "er", 2);
	both_run(&p->s, &p->c, 100);
	got_is(&p->s, "older");
}

/* ---- who does not speak it ---- */

static void plain_text_is_reset_and_told(void **state)
{
	static const struct {
		const char *text, *why;
	} row[] = {
		{"<34>1 - - - - - -\n", "it sends plain messages, and this port wants TLS"},
		{"83 <34>1 ", "it sends plain messages, and this port wants TLS"},
		{"GET / HTTP/1.1\r\n", "what it sends is not TLS"},
		{"\x16", NULL},
	};
	struct pair *p = *state;

	use(p, ctx_of(true, &p->server, NULL, NULL), NULL);
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		unsigned closed = p->s.closed_cnt;

		dial_plain(p, FLOW, CLIENT_IP);
		plainly(p, FLOW, row[i].text, strlen(row[i].text));
		both_run(&p->s, &p->c, 100);
		assert_int_equal(p->s.closed_cnt - closed, row[i].why != NULL);
		if (row[i].why != NULL)
			assert_string_equal(p->s.why, row[i].why);
	}
	assert_int_equal(p->s.opened_cnt, 0);
	assert_int_equal(p->s.got_len, 0);
}

/* Who looks whether the port is there is no news. */
static void who_says_nothing_and_goes_is_not_told(void **state)
{
	struct pair *p = *state;

	use(p, ctx_of(true, &p->server, NULL, NULL), NULL);
	dial_plain(p, FLOW, CLIENT_IP);
	both_run(&p->s, &p->c, 10);
	(void)p->c.plain.ops->flow(p->c.plain.h, FLOW, GYL_FLOW_CLOSE, NULL);
	both_run(&p->s, &p->c, 100);
	dial_plain(p, FLOW, CLIENT_IP);
	both_run(&p->s, &p->c, 10);
	(void)p->c.plain.ops->flow(p->c.plain.h, FLOW, GYL_FLOW_RESET, NULL);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->s.closed_cnt, 0);
	assert_int_equal(p->s.opened_cnt, 0);
}

static struct gyl_tls_stat stat_of(const struct pipe_host *h)
{
	struct gyl_tls_stat st;

	gyl_tls_stat(h->tls, &st);
	return st;
}

/* 21 who begin and do not go on keep nobody out, and are gone after ten seconds. */
static void stalled_handshakes_keep_nobody_out(void **state)
{
	struct pair *p = *state;

	use(p, ctx_of(true, &p->server, NULL, NULL), ctx_of(false, NULL, &p->ca, NULL));
	for (uint32_t i = 0; i < 21; i++) {
		dial_plain(p, 100 + i, CLIENT_IP);
		plainly(p, 100 + i, "\x16\x03\x01", 3);
	}
	both_run(&p->s, &p->c, 100);
	assert_int_equal(stat_of(&p->s).half_cnt, 21);
	dial(p, FLOW);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->s.opened_cnt, 1);
	both_later(&p->s, &p->c, GYL_TLS_HALF_NS - 1);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->s.closed_cnt, 0);
	both_later(&p->s, &p->c, 1);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->s.closed_cnt, 21);
	assert_string_equal(p->s.why, "its handshake was not done after 10 s");
	assert_int_equal(stat_of(&p->s).half_cnt, 0);
	assert_int_equal(stat_of(&p->s).slow_cnt, 21);
	assert_int_equal(stat_of(&p->s).open_cnt, 1);
}

/* The bounds on handshakes: of one address, and of all. The oldest makes room. */
static void a_flood_of_handshakes_is_bounded(void **state)
{
	struct pair *p = *state;

	use(p, ctx_of(true, &p->server, NULL, NULL), ctx_of(false, NULL, &p->ca, NULL));
	for (uint32_t i = 0; i < 2 * GYL_TLS_HALF_SHARE; i++) {
		dial_plain(p, 100 + i, CLIENT_IP + 1);
		both_run(&p->s, &p->c, 100);
	}
	assert_int_equal(stat_of(&p->s).half_cnt, GYL_TLS_HALF_SHARE);
	for (uint32_t i = 0; i < 2 * GYL_TLS_HALF_MAX; i++) {
		dial_plain(p, 1000 + i, CLIENT_IP + 100 + i);
		both_run(&p->s, &p->c, 100);
	}
	assert_int_equal(stat_of(&p->s).half_cnt, GYL_TLS_HALF_MAX);
	dial(p, FLOW);
	both_run(&p->s, &p->c, 100);
	assert_int_equal(p->s.opened_cnt, 1);
}

/* Whatever comes: an answer or an end, and never more memory. */
static void garbage_after_a_good_beginning(void **state)
{
	struct pair *p = *state;
	uint32_t x = 1;

	use(p, ctx_of(true, &p->server, NULL, NULL), NULL);
	for (int i = 0; i < 500; i++) {
		uint8_t text[300] = {22, 3, 1, 0, (uint8_t)(i % 250), 1, 0, 0};
		size_t from = (size_t)(i % 3) * 4 + 1;

		for (size_t k = from; k < sizeof(text); k++) {
			x = x * 1664525 + 1013904223;
			text[k] = k < 9 && i % 2 == 0 ? text[k] : (uint8_t)(x >> 24);
		}
		dial_plain(p, FLOW, CLIENT_IP);
		plainly(p, FLOW, text, sizeof(text));
		both_run(&p->s, &p->c, 20);
		(void)p->c.plain.ops->flow(p->c.plain.h, FLOW, GYL_FLOW_RESET, NULL);
		both_run(&p->s, &p->c, 20);
	}
	assert_int_equal(stat_of(&p->s).open_cnt, 0);
	assert_int_equal(p->s.opened_cnt, 0);
}

/* ---- bad configurations ---- */

static void faults_name_the_part_and_the_reason(void **state)
{
	struct pair *p = *state;
	struct ident old;
	const struct {
		struct gyl_tls_conf cf;
		bool server;
		enum gyl_tls_part part;
		const char *text;
	} row[] = {
		{{.cert = gyl_view_str("nothing")}, true, GYL_TLS_CERT,
			"expected a certificate in PEM form"},
		{{.cert = gyl_view_str(p->server.cert_pem), .key = gyl_view_str("x")}, true,
			GYL_TLS_KEY, "expected a private key in PEM form"},
		{{.cert = gyl_view_str(p->server.cert_pem), .key = gyl_view_str(p->client.key_pem)},
			true, GYL_TLS_KEY, "the key does not belong to the certificate"},
		{{.cert = gyl_view_str(p->server.cert_pem),
			 .key = gyl_view_str(p->server.key_pem),
			 .ca = gyl_view_str("?")},
			true, GYL_TLS_CA, "expected certificates in PEM form"},
		{{.cert = gyl_view_str("")}, false, GYL_TLS_CA,
			"expected a CA or a fingerprint: without, anybody could take the "
			"messages"},
	};
	struct gyl_tls_fault f;

	for (size_t i = 0; i < TEST_CNT(row); i++) {
		assert_null(gyl_tls_ctx_new(&row[i].cf, row[i].server, &f));
		assert_int_equal(f.part, row[i].part);
		assert_string_equal(f.text, row[i].text);
	}
	ident_make(&old, "old", NULL, NULL, -10, -1);
	assert_null(ctx_try(true, &old, NULL, NULL, &f));
	assert_int_equal(f.part, GYL_TLS_CERT);
	assert_memory_equal(f.text, "the certificate has expired on ", 31);
	ident_free(&old);
	assert_null(ctx_try(true, &p->server, NULL, "name", &f));
	assert_int_equal(f.part, GYL_TLS_CA);
	assert_null(ctx_try(true, &p->server, &p->ca, "sha256:12", &f));
	assert_int_equal(f.part, GYL_TLS_PEER);
}

int main(void)
{
#define ON_A_PAIR(test) cmocka_unit_test_setup_teardown(test, pair_open, pair_close)
	const struct CMUnitTest tests[] = {
		ON_A_PAIR(octets_both_ways),
		ON_A_PAIR(what_is_sent_early_leaves_when_it_is_connected),
		ON_A_PAIR(records_in_pieces_of_any_length),
		ON_A_PAIR(a_megabyte_arrives_whole),
		ON_A_PAIR(a_rest_is_kept_in_front),
		ON_A_PAIR(a_core_that_takes_nothing_holds_the_sender),
		ON_A_PAIR(a_held_port_does_not_spin),
		ON_A_PAIR(a_peer_that_does_not_read),
		ON_A_PAIR(flows_without_tls_pass_through),
		ON_A_PAIR(a_rest_that_is_asked_for_comes_again),
		ON_A_PAIR(rfc8446_6_1_close_notify_is_the_end_of_one_side),
		ON_A_PAIR(an_end_without_close_notify_is_marked),
		ON_A_PAIR(a_reset_ends_it_at_once),
		ON_A_PAIR(an_altered_record_ends_it),
		ON_A_PAIR(rfc5425_5_who_is_let_in),
		ON_A_PAIR(rfc5425_5_who_gets_the_messages),
		ON_A_PAIR(a_client_that_is_refused_hears_why),
		ON_A_PAIR(a_new_configuration_leaves_connections_alone),
		ON_A_PAIR(plain_text_is_reset_and_told),
		ON_A_PAIR(who_says_nothing_and_goes_is_not_told),
		ON_A_PAIR(stalled_handshakes_keep_nobody_out),
		ON_A_PAIR(a_flood_of_handshakes_is_bounded),
		ON_A_PAIR(garbage_after_a_good_beginning),
		ON_A_PAIR(faults_name_the_part_and_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
