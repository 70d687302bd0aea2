/* SPDX-License-Identifier: ISC */

/*
 * The event in memory: all four services in one runner over our stack, at one end of a cable that
 * is a queue; at the other end our stack again, as the laptop that asks them. No socket, no
 * privilege.
 */

#include <gyl/eth.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/top.h"
#include "libnet/dev/mem.h"
#include "libnet/host/stack.h"
#include "services/arpd/service.h"
#include "services/base/build_own.h"
#include "services/dhcpd/service.h"
#include "services/dns/service.h"
#include "services/syslogd/service.h"
#include "tests/support/support.h"
#include "tests/unit/net/rng.h"

#define BOX    0x0a4d0001u
#define LAPTOP 0x0a4d0032u

enum {
	SERVICE_CNT = 4,
	DNS = 2,
	DHCP_OPTIONS = 240,
	FLOW_DNS = 1,
	FLOW_LOG = 2
};

static const struct gyl_service *const services[SERVICE_CNT] = {
	&gyl_syslogd_service, &gyl_dhcpd_service, &gyl_dns_service, &gyl_arpd_service};
static const struct gyl_conf_section *const sections[SERVICE_CNT] = {&gyl_syslogd_conf_section,
	&gyl_dhcpd_conf_section, &gyl_dns_conf_section, &gyl_arpd_conf_section};
static const struct gyl_conf_set set = {
	.top = &gyl_top_conf_section, .section = sections, .section_cnt = SERVICE_CNT};
static const uint8_t laptop_mac[6] = {2, 0, 0, 0, 0, 0x32};

struct event {
	char dir[32];
	struct gyl_view block, image;
	struct gyl_build b;
	struct gyl_loop *loop;
	struct gyl_mem_hub *hub;
	struct gyl_host host;
	struct gyl_run run;
	struct gyl_store *store;
	void *store_mem;
	struct gyl_service_env env[SERVICE_CNT];
	void *core[SERVICE_CNT];
	uint64_t hold_mem[131072], event_mem[131072];
	/* the laptop */
	struct gyl_host laptop;
	struct gyl_in in[GYL_NETDEV_BATCH];
};

static void compile(struct event *e)
{
	struct gyl_conf *c = gyl_conf_new();
	char text[800], zone[300];
	FILE *f;

	snprintf(zone, sizeof zone, "%s/event.zone", e->dir);
	f = fopen(zone, "w");
	assert_non_null(f);
	fputs("$ORIGIN event.example.\n$TTL 300\n@ SOA ns root 1 2 3 4 5\n NS ns\nns A 10.77.0.1\n",
		f);
	assert_int_equal(fclose(f), 0);
	snprintf(text, sizeof text,
		"{\"device\": \"tap:x\", \"address\": \"10.77.0.1/24\", \"state\": \"%s\","
		"\"dhcpd\": {\"pool\": \"10.77.0.100-10.77.0.110\", \"domain\": \"event.example\"},"
		"\"dns\": {\"zones\": {\"name\": \"event.example\", \"file\": \"%s\"}},"
		"\"syslogd\": {\"dir\": \"%s/log\", \"socket\": \"\"}, \"arpd\": {}}",
		e->dir, zone, e->dir);
	if (!gyl_conf_load_text(c, "x.json", "/", gyl_view_str(text), GYL_CONF_JSON) ||
		!gyl_conf_compile(c, &set, &e->block))
		fail_msg("%s: %s", gyl_conf_error(c, 0)->path, gyl_conf_error(c, 0)->text);
	gyl_conf_free(c);
}

static struct gyl_host station(struct event *e, unsigned port, uint32_t ip, const uint8_t mac[6])
{
	struct gyl_net_iface iface = {.device = "cable", .addr_cnt = 1, .addr = {{ip, 24}}};
	struct gyl_net_conf cf = {.iface = &iface, .iface_cnt = 1, .rng = test_rng(port)};
	struct gyl_netdev *dev = gyl_mem_port(e->hub, port);
	struct gyl_host h;
	char err[200];

	memcpy(iface.mac, mac, 6);
	if (gyl_host_stack_on(e->loop, &cf, &dev, 1, &h, err) != 0)
		fail_msg("%s", err);
	return h;
}

static void open_store(struct event *e)
{
	struct gyl_store_conf cf = {.key_cnt = 1000,
		.data_len = 1 << 16,
		.unit_cnt = gyl_store_unit_cnt(1000, 1 << 16)};
	char path[64];

	for (int x = 'a'; x <= 'b'; x++) {
		snprintf(path, sizeof path, "%s/journal.%c", e->dir, x);
		assert_true(gyl_loop_blk_open(e->loop, path, cf.unit_cnt) >= 0);
	}
	e->store_mem = calloc(1, gyl_store_need(&cf) + 16);
	e->store = gyl_store_init(e->store_mem, &cf);
	assert_non_null(e->store);
}

static void open_service(struct event *e, unsigned i)
{
	struct gyl_service_env *env = &e->env[i];
	char err[200] = "";

	env->run = &e->run;
	env->loop = e->loop;
	env->host = e->host;
	env->flat = gyl_flat_open(e->block);
	env->top = gyl_flat_section(env->flat, "top");
	env->conf = gyl_flat_section(env->flat, services[i]->name);
	env->state = e->dir;
	env->rng = test_rng(9);
	if (i == DNS) {
		assert_int_equal(gyl_build_open(&e->b), 0);
		assert_true(services[i]->build(env->flat, env->conf, &e->b));
		e->image = gyl_build_map(e->b.fd);
	}
	e->core[i] = services[i]->open(env, i == DNS ? e->image : gyl_view(NULL, 0), err);
	if (e->core[i] == NULL)
		fail_msg("%s: %s", services[i]->name, err);
	env->core = gyl_run_add(&e->run, services[i]->ops, e->core[i]);
}

static struct event *event_open(void)
{
	static const uint8_t box_mac[6] = {2, 0, 0, 0, 0, 1};
	struct event *e = calloc(1, sizeof *e);
	struct gyl_run_conf rcf = {
		e->hold_mem, sizeof e->hold_mem, e->event_mem, sizeof e->event_mem};
	struct gyl_store_replayed replayed;
	char err[200] = "";

	strcpy(e->dir, "/tmp/gyl-event-XXXXXX");
	assert_non_null(mkdtemp(e->dir));
	compile(e);
	e->loop = gyl_loop_open();
	e->hub = gyl_mem_hub_open(2, 1024, 1500);
	e->host = station(e, 0, BOX, box_mac);
	e->laptop = station(e, 1, LAPTOP, laptop_mac);
	open_store(e);
	gyl_run_init(&e->run, e->host, e->store, &rcf);
	gyl_run_replay(&e->run, &replayed);
	for (unsigned i = 0; i < SERVICE_CNT; i++)
		open_service(e, i);
	for (unsigned i = 0; i < SERVICE_CNT; i++) {
		if (services[i]->listen(&e->env[i], e->core[i], err) != 0)
			fail_msg("%s: %s", services[i]->name, err);
	}
	assert_true(gyl_run_sync(&e->run));
	gyl_run_restore(&e->run);
	return e;
}

static void event_close(struct event *e)
{
	char command[64];

	gyl_run_finish(&e->run);
	for (unsigned i = 0; i < SERVICE_CNT; i++)
		services[i]->close(&e->env[i], e->core[i]);
	e->laptop.ops->close(e->laptop.h);
	e->host.ops->close(e->host.h);
	gyl_mem_hub_close(e->hub);
	gyl_loop_close(e->loop);
	gyl_build_unmap(e->image);
	gyl_build_close(&e->b);
	free(e->store_mem);
	free((void *)(uintptr_t)e->block.p);
	snprintf(command, sizeof command, "rm -rf %s", e->dir);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
	free(e);
}

/* Let both work until the laptop hears something at a port of its host. */
static size_t hear(struct event *e, int port)
{
	struct gyl_now now;
	size_t n = 0;

	for (int i = 0; i < 400 && n == 0; i++) {
		gyl_run_step(&e->run, e->run.now.mono_ns + 5000000);
		if ((e->laptop.ops->wait(e->laptop.h, 0, &now) >> port & 1) != 0)
			n = e->laptop.ops->recv(e->laptop.h, port, e->in, TEST_CNT(e->in));
	}
	return n;
}

static void say(struct event *e, int port, uint32_t flow, const struct gyl_peer *to, const void *p,
	size_t len)
{
	struct gyl_send s;

	assert_int_equal(e->laptop.ops->lend(e->laptop.h, &s, 1), 1);
	memcpy(s.p, p, len);
	s.len = (uint32_t)len;
	s.port = (uint8_t)port;
	s.flow = flow;
	if (to != NULL)
		s.to = *to;
	e->laptop.ops->send(e->laptop.h, &s, 1);
}

/* ---- DHCP ---- */

/* RFC 2131 2, table 1; the BROADCAST flag, for the laptop's stack has no such address yet. */
static size_t dhcp_message(uint8_t *m, uint8_t type, uint32_t wanted)
{
	static const uint8_t name[] = {12, 4, 'l', 'a', 'p', '1'};
	size_t n = DHCP_OPTIONS;

	memset(m, 0, 300);
	m[0] = 1;
	m[1] = 1;
	m[2] = 6;
	m[7] = 42;
	m[10] = 0x80;
	memcpy(m + 28, laptop_mac, 6);
	gyl_set_u32(m + 236, 0x63825363);
	m[n++] = 53;
	m[n++] = 1;
	m[n++] = type;
	memcpy(m + n, name, sizeof name);
	n += sizeof name;
	if (wanted != 0) {
		m[n] = 50;
		m[n + 1] = 4;
		gyl_set_u32(m + n + 2, wanted);
		m[n + 6] = 54;
		m[n + 7] = 4;
		gyl_set_u32(m + n + 8, BOX);
		n += 12;
	}
	m[n] = 255;
	return 300;
}

/* The address that the answer gives; it must be of that type. */
static uint32_t ask_dhcp(struct event *e, int port, uint8_t type, uint32_t wanted, uint8_t answer)
{
	struct gyl_peer to = {.ip = UINT32_MAX, .port = 67};
	uint8_t m[300];

	say(e, port, 0, &to, m, dhcp_message(m, type, wanted));
	assert_int_equal(hear(e, port), 1);
	assert_true(e->in[0].data.len > DHCP_OPTIONS + 3);
	assert_int_equal(e->in[0].data.p[DHCP_OPTIONS], 53);
	assert_int_equal(e->in[0].data.p[DHCP_OPTIONS + 2], answer);
	return gyl_get_u32(e->in[0].data.p + 16);
}

/* ---- streams ---- */

static void open_flow(struct event *e, uint32_t flow, uint16_t port)
{
	struct gyl_peer to = {.ip = BOX, .port = port};

	assert_int_equal(e->laptop.ops->flow(e->laptop.h, flow, GYL_FLOW_OPEN_TCP, &to), 0);
	assert_int_equal(hear(e, GYL_PORT_OPENED), 1);
	assert_int_equal(e->in[0].kind, GYL_IN_OPENED);
}

static bool logged(const struct event *e, const char *what)
{
	char path[64], line[2000];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof path, "%s/log/guyline.jsonl", e->dir);
	f = fopen(path, "r");
	while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
		found = strstr(line, what) != NULL;
	if (f != NULL)
		fclose(f);
	return found;
}

static void a_laptop_comes_up(void **state)
{
	/* lap1.event.example A, its length in front, twice in one segment */
	static const uint8_t query[] =
		"\0\044\0\7\1\0\0\1\0\0\0\0\0\0\4lap1\5event\7example\0\0\1\0\1"
		"\0\044\0\10\1\0\0\1\0\0\0\0\0\0\4lap1\5event\7example\0\0\1\0\1";
	static const char text[] = "<13>1 - lap1 guest - - - the projector is warm\n";
	struct gyl_bind dhcp = {.type = GYL_BIND_UDP, .port = 68};
	struct event *e = event_open();
	uint32_t ip;
	int port = e->laptop.ops->listen(e->laptop.h, &dhcp);

	(void)state;
	ip = ask_dhcp(e, port, 1, 0, 2);
	assert_in_range(ip, 0x0a4d0064, 0x0a4d006e);
	assert_int_equal(ask_dhcp(e, port, 3, ip, 5), ip);
	open_flow(e, FLOW_DNS, 53);
	say(e, 0, FLOW_DNS, NULL, query, sizeof query - 1);
	assert_int_equal(hear(e, GYL_PORT_OPENED), 1);
	assert_int_equal(e->in[0].kind, GYL_IN_BYTES);
	assert_int_equal(gyl_get_u16(e->in[0].data.p + 2), 7);
	assert_int_equal(gyl_get_u16(e->in[0].data.p + 8), 1); /* the name of the lease */
	assert_int_equal(e->in[0].data.len, 2 * (2u + gyl_get_u16(e->in[0].data.p)));
	open_flow(e, FLOW_LOG, 514);
	say(e, 0, FLOW_LOG, NULL, text, sizeof text - 1);
	assert_int_equal(e->laptop.ops->flow(e->laptop.h, FLOW_LOG, GYL_FLOW_CLOSE, NULL), 0);
	assert_int_equal(hear(e, GYL_PORT_OPENED), 1);
	assert_int_equal(e->in[0].kind, GYL_IN_CLOSED);
	for (int i = 0; i < 400 && !logged(e, "the projector is warm"); i++)
		gyl_run_step(&e->run, e->run.now.mono_ns + 5000000);
	assert_true(logged(e, "\"from\":\"10.77.0.50\""));
	assert_true(logged(e, "the projector is warm"));
	event_close(e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_laptop_comes_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
