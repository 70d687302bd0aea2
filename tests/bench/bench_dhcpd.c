/* SPDX-License-Identifier: ISC */

/*
 * The DHCP core alone: decode, decide and build for DISCOVER and REQUEST of a new client, with its
 * record and its events, at growing numbers of leases. Clients come by MAC and by DUID; a DUID is
 * hashed, compared and kept as the identifier that it is. Names are all different, or all the same,
 * as they are at an event full of iPhones.
 */

#include <stdio.h>
#include <time.h>

#include "tests/unit/dhcpd/world.h"

enum {
	ROUND = 1000,
	PACKET_MAX = 600,
	LEVEL_CNT = 5
};

static const uint32_t levels[LEVEL_CNT] = {0, 1000, 10000, 30000, 60000};

enum {
	CHADDR_OFF = 28
};

struct shop {
	struct gyl_dhcpd *d;
	void *mem;
	struct gyl_out out;
	struct gyl_now now;
	struct gyl_send send[1];
	uint8_t slot[1500];
	struct gyl_ring ring;
	_Alignas(16) uint8_t ring_mem[1 << 14];
	uint64_t seq;
	uint8_t discover[PACKET_MAX], request[PACKET_MAX];
	size_t discover_len, request_len;
	size_t discover_id, request_id, request_want; /* where the client's own octets stand */
	size_t discover_name, request_name;
	bool duid, same_name;
};

static uint64_t keep(void *arg, const struct gyl_record *rec, size_t cnt)
{
	struct shop *s = arg;

	(void)rec;
	(void)cnt;
	return ++s->seq;
}

static size_t find_opt(const uint8_t *p, size_t len, uint8_t code)
{
	struct gyl_dhcp_msg m;
	struct gyl_view v;

	assert_false(gyl_failed(gyl_dhcp_decode(gyl_view(p, len), &m)));
	return gyl_dhcp_find(&m, code, &v) ? (size_t)(v.p - p) : 0;
}

/* What phones and laptops ask for. */
static const char list[] = "01 79 03 06 0f 6c 72 77 fc";

static void shop_open(struct shop *s, bool duid, bool same_name)
{
	const char *id = duid ? "ff 00112233 0001 0001 2a2b2c2d 020000000001" : NULL;
	struct ask q = {.type = GYL_DHCP_DISCOVER,
		.client = 1,
		.list = list,
		.id = id,
		.name = "laptop-0000"};
	static _Alignas(16) uint8_t flat[PLAN_LEN];
	struct gyl_dhcpd_env env = {
		.iface = {{.ip = US, .prefix = 16}}, .iface_cnt = 1, .seed = {1, 2}};
	static const uint8_t router[4] = {10, 0, 0, 1};
	struct plan plan = plan_usual();
	uint8_t text[200];
	struct gyl_writer why;

	memset(s, 0, sizeof *s);
	s->duid = duid;
	s->same_name = same_name;
	plan.pool[0] = (struct gyl_conf_range){US + 9, US + 65000};
	plan.no_far = true;
	plan.dns = true;
	plan.option[0] = (struct plan_option){GYL_DHCP_OPT_ROUTERS, router, 4};
	env.flat = plan_make(&plan, flat);
	env.cap = gyl_dhcpd_size(env.flat);
	s->mem = calloc(1, gyl_dhcpd_need(&env.cap));
	assert_non_null(s->mem);
	gyl_writer_init(&why, text, sizeof text);
	s->d = gyl_dhcpd_init(s->mem, &env, &why);
	assert_non_null(s->d);
	s->discover_len = ask_build(&q, s->discover, sizeof s->discover);
	q.type = GYL_DHCP_REQUEST;
	q.server = US;
	q.want = POOL;
	s->request_len = ask_build(&q, s->request, sizeof s->request);
	s->discover_id = find_opt(s->discover, s->discover_len, GYL_DHCP_OPT_CLIENT_ID);
	s->request_id = find_opt(s->request, s->request_len, GYL_DHCP_OPT_CLIENT_ID);
	s->discover_name = find_opt(s->discover, s->discover_len, GYL_DHCP_OPT_HOST_NAME);
	s->request_name = find_opt(s->request, s->request_len, GYL_DHCP_OPT_HOST_NAME);
	s->request_want = find_opt(s->request, s->request_len, GYL_DHCP_OPT_REQUESTED_IP);
	s->now.mono_ns = 1000 * GYL_NS_PER_S;
	s->now.wall_ns = UINT64_C(1795000000000000000);
	s->out.send = s->send;
	s->out.event = &s->ring;
	s->out.store = keep;
	s->out.store_arg = s;
	s->out.unheard = UINT32_MAX; /* as by a daemon that logs no debug events */
}

/* One datagram in; the slot and the ring are as good as sent and told. */
static void put(struct shop *s, const uint8_t *p, size_t len)
{
	struct gyl_in in = {.kind = GYL_IN_DGRAM,
		.peer = {.local_ip = UINT32_MAX, .port = 68, .has_mac = 1},
		.data = gyl_view(p, len)};

	/* Each client has a card of its own. */
	memcpy(in.peer.mac, p + CHADDR_OFF, sizeof in.peer.mac);
	s->send[0].p = s->slot;
	s->send[0].cap = sizeof s->slot;
	s->out.send_cnt = 0;
	s->out.send_cap = 1;
	s->out.hold_room = s->out.store_room = UINT32_MAX;
	gyl_ring_init(&s->ring, s->ring_mem, sizeof s->ring_mem);
	s->now.mono_ns += 1000;
	s->now.wall_ns += 1000;
	s->out.now = s->now;
	gyl_dhcpd_core.input(s->d, s->now, &in, 1, &s->out);
}

static void dress(struct shop *s, uint8_t *p, size_t id_off, size_t name_off, uint32_t client)
{
	enum {
		XID_OFF = 4,
		DIGITS_OFF = 7
	};

	gyl_set_u32(p + XID_OFF, client);
	gyl_set_u32(p + CHADDR_OFF + 2, client);
	if (s->duid)
		gyl_set_u32(p + id_off + 15, client);
	for (unsigned i = 0; i < 4 && !s->same_name; i++)
		p[name_off + DIGITS_OFF + i] = (uint8_t)('a' + (client >> 4 * i & 15));
}

static bool dora(struct shop *s, uint32_t client)
{
	enum {
		YIADDR_OFF = 16
	};

	dress(s, s->discover, s->discover_id, s->discover_name, client);
	dress(s, s->request, s->request_id, s->request_name, client);
	put(s, s->discover, s->discover_len);
	if (s->out.send_cnt == 0)
		return false;
	memcpy(s->request + s->request_want, s->slot + YIADDR_OFF, 4);
	put(s, s->request, s->request_len);
	return s->out.send_cnt == 1 && s->slot[GYL_DHCP_OPTS_OFF + 2] == GYL_DHCP_ACK;
}

static uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Median of five rounds of new clients, ns a DORA. */
static uint64_t measure(struct shop *s, uint32_t *client)
{
	uint64_t ns[5];

	for (unsigned r = 0; r < 5; r++) {
		uint64_t at = clock_ns();

		for (unsigned i = 0; i < ROUND / 5; i++)
			assert_true(dora(s, ++*client));
		ns[r] = (clock_ns() - at) / (ROUND / 5);
	}
	qsort(ns, 5, sizeof *ns, by_size);
	return ns[2];
}

static void row(const char *name, bool duid, bool same_name)
{
	static struct shop s;
	uint32_t client = 0;

	shop_open(&s, duid, same_name);
	printf("| %s |", name);
	for (unsigned i = 0; i < LEVEL_CNT; i++) {
		while (client < levels[i])
			assert_true(dora(&s, ++client));
		printf(" %llu |", (unsigned long long)measure(&s, &client));
	}
	printf("\n");
	free(s.mem);
}

int main(void)
{
	printf("| ns a DORA at leases |");
	for (unsigned i = 0; i < LEVEL_CNT; i++)
		printf(" %u |", (unsigned)levels[i]);
	printf("\n| --- |");
	for (unsigned i = 0; i < LEVEL_CNT; i++)
		printf(" --- |");
	printf("\n");
	row("by MAC", false, false);
	row("by DUID", true, false);
	row("by MAC, all of one name", false, true);
	return 0;
}
