/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_UNIT_DAEMON_CONTROL_WORLD_H
#define GYL_TESTS_UNIT_DAEMON_CONTROL_WORLD_H

/* Control sockets over a simulated world: a runner whose host has no ports, and clients. */

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "services/base/control_own.h"
#include "tests/support/support.h"

enum {
	PORTS_NONE = 0
};

/* A core that knows three "leases" and tells them when asked. */
struct teller {
	bool asked;
	uint64_t epoch;
	unsigned heard_cnt; /* remote leases it was told */
	/* Answers the verbs below; false: no room now. */
	bool (*answer)(struct teller *t, struct gyl_question *q);
	unsigned asked_cnt;
};

static inline size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t cnt, struct gyl_out *o)
{
	struct teller *t = core;
	struct gyl_view source;

	(void)now;
	(void)o;
	for (size_t i = 0; i < cnt; i++) {
		if (in[i].kind == GYL_IN_ASK && !t->answer(t, in[i].question))
			return i;
		if (in[i].kind != GYL_IN_EVENT)
			continue;
		t->heard_cnt += in[i].event->kind == GYL_EV_DHCPD_LEASE && in[i].event->remote;
		if (in[i].event->kind == GYL_EV_BASE_SNAPSHOT &&
			gyl_event_get_str(in[i].event, "source", &source) &&
			gyl_view_eq(source, gyl_view_str("dhcpd"))) {
			t->asked = true;
			gyl_event_get_u64(in[i].event, "epoch", &t->epoch);
		}
	}
	return cnt;
}

static inline void say_edge(struct gyl_out *o, enum gyl_event_kind kind, uint64_t epoch)
{
	struct gyl_event e;

	gyl_event_init(&e, kind);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	gyl_event_u64(&e, "epoch", epoch);
	gyl_out_event(o, &e, 0);
}

static inline void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	struct teller *t = core;
	struct gyl_event e;

	(void)now;
	say_edge(o, GYL_EV_BASE_BEGIN, t->epoch);
	for (uint32_t i = 0; i < 3; i++) {
		gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
		gyl_event_ip(&e, "ip", 0x0a000001 + i);
		gyl_event_str(&e, "state", gyl_view_str("leased"));
		gyl_out_event(o, &e, 0);
	}
	say_edge(o, GYL_EV_BASE_END, t->epoch);
	t->asked = false;
}

static inline uint64_t deadline(const void *core)
{
	return ((const struct teller *)core)->asked ? 0 : UINT64_MAX;
}

static const struct gyl_core_ops teller_ops = {.name = "dhcpd",
	.wants = 1u << GYL_SRC_BASE | 1u << GYL_SRC_DHCPD,
	.input = input,
	.tick = tick,
	.deadline_ns = deadline};

static inline bool answer_log(struct gyl_service_env *env, void *core, struct gyl_view verb,
	struct gyl_view arg, struct gyl_writer *reply)
{
	(void)env;
	(void)core;
	if (!gyl_view_eq(verb, gyl_view_str("log")))
		return false;
	gyl_put_view(reply, gyl_view_str("{\"msg\":\"one\"}\n{\"msg\":\""));
	gyl_put_view(reply, arg);
	gyl_put_view(reply, gyl_view_str("\"}\n"));
	return true;
}

static const struct gyl_verb teller_verbs[] = {
	{"dhcp.count", "to from", .kind = -1},
	{"dhcp.leases", "", true, true, GYL_EV_DHCPD_LEASE},
};

static const struct gyl_service teller_service = {.name = "dhcpd",
	.ops = &teller_ops,
	.verb = teller_verbs,
	.verb_cnt = TEST_CNT(teller_verbs),
	.control = answer_log};

/* One process' worth of runner, loop and control socket, over a host that has no ports. */
struct side {
	struct gyl_loop *loop;
	struct gyl_run run;
	struct gyl_store *store;
	struct gyl_log_sink log;
	struct teller teller;
	struct gyl_service_env env;
	void *core[1];
	const struct gyl_service *service[1];
	struct gyl_control *control;
	unsigned reload_cnt;
	uint64_t hold[4096], event[(512 << 10) / 8], store_mem[(1 << 20) / 8];
};

struct world {
	char dir[64], path[100];
	struct side a;
};

static inline uint64_t side_wait(void *h, uint64_t until_ns, struct gyl_now *ret_now)
{
	struct side *s = h;

	gyl_loop_wait(s->loop, until_ns);
	gyl_loop_now(ret_now);
	return PORTS_NONE;
}

static inline size_t side_lend(void *h, struct gyl_send *slot, size_t cnt)
{
	(void)h;
	(void)slot;
	(void)cnt;
	return 0;
}

static inline void side_send(void *h, struct gyl_send *s, size_t cnt)
{
	(void)h;
	(void)s;
	assert_int_equal(cnt, 0);
}

static inline bool side_blk_done(void *h, uint64_t *token, int *err)
{
	(void)h;
	(void)token;
	(void)err;
	return false;
}

static inline void side_stat(void *h, struct gyl_host_stat *st)
{
	(void)h;
	memset(st, 0, sizeof *st);
	st->in_cnt = 42;
}

static inline bool side_addr(
	void *h, unsigned iface, unsigned n, uint32_t *ip, uint8_t *prefix, uint8_t mac[6])
{
	(void)h;
	*ip = 0x0a4d0001;
	*prefix = 24;
	memset(mac, 2, 6);
	return iface == 0 && n == 0;
}

static const struct gyl_host_ops side_ops = {.wait = side_wait,
	.lend = side_lend,
	.send = side_send,
	.blk_done = side_blk_done,
	.stat = side_stat,
	.addr = side_addr};

static inline void reload(void *arg)
{
	((struct side *)arg)->reload_cnt++;
}

static inline void side_open(struct side *s, const char *path)
{
	struct gyl_store_conf scf = {.key_cnt = 100, .data_len = 1 << 16};
	struct gyl_run_conf cf = {s->hold, sizeof s->hold, s->event, sizeof s->event};
	struct gyl_host host = {&side_ops, s};
	const struct gyl_control_place place[] = {
		{.path = path}, {.ip = INADDR_LOOPBACK, .port = 0}};
	struct gyl_control_conf ccf = {.place = place,
		.place_cnt = TEST_CNT(place),
		.program = "test",
		.version = "1.2",
		.run = &s->run,
		.log = &s->log,
		.service = s->service,
		.env = &s->env,
		.core = s->core,
		.service_cnt = 1,
		.reload = reload,
		.arg = s};
	char err[200] = "";

	s->loop = gyl_loop_open();
	assert_non_null(s->loop);
	assert_true(gyl_store_need(&scf) <= sizeof s->store_mem);
	s->store = gyl_store_init(s->store_mem, &scf);
	gyl_run_init(&s->run, host, s->store, &cf);
	s->core[0] = &s->teller;
	s->service[0] = &teller_service;
	gyl_run_add(&s->run, &teller_ops, &s->teller);
	gyl_log_open(&s->log, 0, NULL);
	ccf.loop = s->loop;
	ccf.store = s->store;
	s->control = gyl_control_open(&ccf, err);
	assert_string_equal(err, "");
	assert_non_null(s->control);
}

static inline void side_close(struct side *s)
{
	gyl_control_close(s->control);
	gyl_log_close(&s->log);
	gyl_loop_close(s->loop);
}

static inline int world_open(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	snprintf(w->dir, sizeof w->dir, "/tmp/guyline-control-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof w->path, "%s/dhcpd.sock", w->dir);
	side_open(&w->a, w->path);
	*state = w;
	return 0;
}

static inline int world_close(void **state)
{
	struct world *w = *state;

	side_close(&w->a);
	rmdir(w->dir);
	free(w);
	return 0;
}

static inline void serve(struct side *s, unsigned turns)
{
	struct gyl_now now;

	while (turns-- > 0) {
		gyl_loop_now(&now);
		gyl_run_step(&s->run, now.mono_ns + 2000000);
	}
}

static inline int client_open(const struct world *w)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sa.sun_path, sizeof sa.sun_path, "%s", w->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/*
 * Sends a request and collects what comes back within some turns: fewer after whole lines, since
 * some tests have a second before the daemon's view of things changes.
 */
static const char *ask(struct world *w, int fd, const char *request)
{
	static char reply[65536];
	size_t len = 0;

	if (request[0] != '\0')
		assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	for (int turns = 20; turns > 0; turns--) {
		ssize_t n;

		serve(&w->a, 1);
		n = read(fd, reply + len, sizeof reply - 1 - len);
		if (n <= 0)
			continue;
		len += (size_t)n;
		if (reply[len - 1] == '\n' && turns > 5)
			turns = 5;
	}
	reply[len] = '\0';
	return reply;
}

/* Who has this address calls: all of 127/8 are ours. */
static inline int tcp_open(const struct world *w, uint32_t from)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(from)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sa.sin_port = htons(gyl_control_port(w->a.control));
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

#endif
