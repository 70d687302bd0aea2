/* SPDX-License-Identifier: ISC */

/*
 * The longest turns of a loop that serves DHCP with 65,000 leases: runner, store and core are the
 * real ones, the network and the disk are memory, and so the time is that of one thread, whoever
 * else uses the machine. A row for each thing that touches many leases at once; for each the
 * longest turn of a run, and of five runs the middle one.
 *
 *   bench_stalls [LEASES]
 */

#include <stdio.h>
#include <time.h>

#include "services/base/match.h"
#include "services/base/run.h"
#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"
#include "tests/support/simhost.h"
#include "tests/unit/dhcpd/world.h"

enum {
	RUNS = 5,
	LEASE_S = 3600,
	TURN_NS = 250000, /* from one turn to the next: 128,000 messages a second */
	BATCH = 32,
	ROW_MAX = 32,
	FLAT_LEN = 16 << 20,
	CHADDR_OFF = 28,
	XID_OFF = 4,
	YIADDR_OFF = 16,
	PACKET_MAX = 600
};

#define FIRST IP(10, 0, 1, 0)
#define LAST  IP(10, 1, 255, 250)

struct row {
	const char *name;
	uint64_t ns[RUNS];
};

struct hall {
	struct simhost sim;
	struct gyl_run run;
	struct gyl_store *store;
	struct gyl_dhcpd *d;
	int core, port;
	void *store_mem, *core_mem;
	struct arena flat;
	uint8_t load_mem[GYL_STORE_LOAD_LEN];
	uint64_t hold_mem[(1 << 20) / 8], event_mem[(4 << 20) / 8];
	uint8_t discover[PACKET_MAX], request[PACKET_MAX];
	size_t discover_len, request_len, id_off[2], want_off;
	uint32_t lease_cnt;
	uint64_t longest_ns;
	struct row row[ROW_MAX];
	unsigned row_cnt, round;
	uint64_t event_cnt;
};

static struct hall hall;

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

static void turned(struct hall *h, uint64_t since_ns)
{
	uint64_t ns = cpu_ns() - since_ns;

	h->longest_ns = ns > h->longest_ns ? ns : h->longest_ns;
}

static void step(struct hall *h, uint64_t until_ns)
{
	uint64_t at = cpu_ns();

	gyl_run_step(&h->run, until_ns);
	turned(h, at);
}

/* The longest turn since the last row. */
static void row(struct hall *h, const char *name)
{
	unsigned i = 0;

	while (i < h->row_cnt && strcmp(h->row[i].name, name) != 0)
		i++;
	assert_true(i < ROW_MAX);
	h->row[i].name = name;
	h->row[i].ns[h->round] = h->longest_ns;
	h->row_cnt = i == h->row_cnt ? i + 1 : h->row_cnt;
	h->longest_ns = 0;
}

/* ---- configurations ---- */

static struct gyl_ref flat_put(struct arena *a, const void *p, size_t len, uint32_t cnt)
{
	struct gyl_ref r = {a->len, cnt};

	assert_true(a->len + len + 8 <= FLAT_LEN);
	memcpy(a->p + a->len, p, len);
	a->len = (a->len + (uint32_t)len + 7) & ~7u;
	return r;
}

/* Reservations, in the pool or outside. */
static struct gyl_ref flat_hosts(struct arena *a, uint32_t cnt, uint32_t first)
{
	struct gyl_dhcpd_host_conf *c = calloc(cnt + 1, sizeof *c);
	struct gyl_ref r;
	char name[32];

	for (uint32_t i = 0; i < cnt; i++) {
		c[i].address = first + i;
		c[i].has_mac = true;
		c[i].mac[0] = 6;
		gyl_set_u32(c[i].mac + 2, i);
		snprintf(name, sizeof name, "desk-%u", i);
		c[i].hostname = flat_put(a, name, strlen(name) + 1, (uint32_t)strlen(name));
	}
	r = flat_put(a, c, cnt * sizeof *c, cnt);
	free(c);
	return r;
}

/* 172.16.0.0/24 and so on, each with a pool. */
static struct gyl_ref flat_subnets(struct arena *a, uint32_t cnt)
{
	struct gyl_dhcpd_subnet_conf *c = calloc(cnt + 1, sizeof *c);
	struct gyl_ref r;

	for (uint32_t i = 0; i < cnt; i++) {
		uint32_t ip = IP(172, 16, 0, 0) + (i << 8);
		struct gyl_conf_range pool = {ip + 10, ip + 19};

		c[i].subnet = (struct gyl_conf_prefix){ip, 24};
		c[i].pool = flat_put(a, &pool, sizeof pool, 1);
	}
	r = flat_put(a, c, cnt * sizeof *c, cnt);
	free(c);
	return r;
}

struct shape {
	uint32_t last; /* of the pool */
	uint32_t subnets, hosts, hosts_at;
	uint32_t lease_s;
};

static const struct shape usual = {LAST, 0, 0, 0, LEASE_S};

static const struct gyl_flat *configuration(struct hall *h, const struct shape *shape)
{
	struct plan p = plan_usual();
	struct gyl_dhcpd_conf cf = p.cf;
	struct gyl_conf_range pool = {FIRST, shape->last};
	struct gyl_flat_section section;
	struct arena *a = &h->flat;
	struct gyl_flat *f = (struct gyl_flat *)(void *)a->p;

	memset(&section, 0, sizeof section);
	a->len = sizeof *f;
	cf.lease_ns = shape->lease_s * GYL_NS_PER_S;
	cf.pool = flat_put(a, &pool, sizeof pool, 1);
	cf.hosts = flat_hosts(a, shape->hosts, shape->hosts_at);
	cf.subnets = flat_subnets(a, shape->subnets);
	memcpy(section.name, "dhcpd", 5);
	section.root = flat_put(a, &cf, sizeof cf, 1);
	f->section = flat_put(a, &section, sizeof section, 1);
	f->magic = GYL_FLAT_MAGIC;
	f->version = GYL_FLAT_VERSION;
	f->len = a->len;
	f->checksum = gyl_flat_checksum(f);
	return f;
}

/* ---- the server ---- */

static void hear(void *arg, const struct gyl_event *e)
{
	struct hall *h = arg;

	(void)e;
	h->event_cnt++;
}

static uint32_t unheard(const void *arg)
{
	(void)arg;
	return UINT32_MAX;
}

static struct gyl_dhcpd *core_new(struct hall *h)
{
	struct gyl_dhcpd_env env = {
		.iface = {{.ip = US, .prefix = 15}}, .iface_cnt = 1, .seed = {1, 2}};
	struct shape largest = {LAST, 1000, 50000, IP(10, 1, 0, 0), LEASE_S};
	struct gyl_writer why;
	uint8_t text[200];

	env.cap = gyl_dhcpd_size(configuration(h, &largest));
	env.flat = configuration(h, &usual);
	h->core_mem = calloc(1, gyl_dhcpd_need(&env.cap));
	assert_non_null(h->core_mem);
	gyl_writer_init(&why, text, sizeof text);
	return gyl_dhcpd_init(h->core_mem, &env, &why);
}

static void open_hall(struct hall *h)
{
	struct gyl_store_conf scf = {.key_cnt = GYL_STORE_DAEMON_KEYS,
		.data_len = GYL_STORE_DAEMON_OCTETS,
		.hash_key = {1, 2}};
	struct gyl_run_conf cf = {
		h->hold_mem, sizeof h->hold_mem, h->event_mem, sizeof h->event_mem};
	struct gyl_bind b = {.type = GYL_BIND_UDP, .role = GYL_DHCPD_LINK, .port = 67};
	struct gyl_store_replayed info;

	scf.unit_cnt = gyl_store_unit_cnt(scf.key_cnt, scf.data_len);
	assert_true(scf.unit_cnt <= SIM_UNITS);
	h->flat.p = aligned_alloc(16, FLAT_LEN);
	h->store_mem = aligned_alloc(16, (gyl_store_need(&scf) + 15) & ~(size_t)15);
	assert_true(h->flat.p != NULL && h->store_mem != NULL);
	h->store = gyl_store_init(h->store_mem, &scf);
	gyl_store_own(h->store, gyl_view_str("dhcpd/lease"));
	gyl_run_init(&h->run, sim_open(&h->sim), h->store, &cf);
	h->sim.step_ns = TURN_NS;
	gyl_run_replay(&h->run, &info);
	h->d = core_new(h);
	assert_non_null(h->d);
	h->core = gyl_run_add(&h->run, &gyl_dhcpd_core, h->d);
	h->port = gyl_run_listen(&h->run, h->core, &b);
	gyl_run_load(&h->run, h->load_mem, &info);
	assert_true(gyl_run_sink(&h->run, hear, unheard, h));
}

static void close_hall(struct hall *h)
{
	sim_close(&h->sim);
	free(h->flat.p);
	free(h->store_mem);
	free(h->core_mem);
}

/* ---- clients ---- */

static size_t find_opt(const uint8_t *p, size_t len, uint8_t code)
{
	struct gyl_dhcp_msg m;
	struct gyl_view v;

	assert_false(gyl_failed(gyl_dhcp_decode(gyl_view(p, len), &m)));
	return gyl_dhcp_find(&m, code, &v) ? (size_t)(v.p - p) : 0;
}

/* Half of the clients are told by a DUID. */
static void make_packets(struct hall *h)
{
	struct ask q = {.type = GYL_DHCP_DISCOVER,
		.client = 1,
		.list = "01 79 03 06 0f 6c 72 77 fc",
		.id = "ff 00112233 0001 0001 2a2b2c2d 020000000001",
		.name = "laptop-0000"};

	h->discover_len = ask_build(&q, h->discover, sizeof h->discover);
	q.type = GYL_DHCP_REQUEST;
	q.server = US;
	q.want = POOL;
	h->request_len = ask_build(&q, h->request, sizeof h->request);
	h->id_off[0] = find_opt(h->discover, h->discover_len, GYL_DHCP_OPT_CLIENT_ID);
	h->id_off[1] = find_opt(h->request, h->request_len, GYL_DHCP_OPT_CLIENT_ID);
	h->want_off = find_opt(h->request, h->request_len, GYL_DHCP_OPT_REQUESTED_IP);
}

static void put(struct hall *h, uint32_t client, bool request, uint32_t want)
{
	struct gyl_peer peer = {.local_ip = UINT32_MAX, .port = 68, .has_mac = 1, .mac = {2}};
	uint8_t *p = request ? h->request : h->discover;

	gyl_set_u32(peer.mac + 2, client);
	memcpy(p + CHADDR_OFF, peer.mac, 6);
	gyl_set_u32(p + XID_OFF, client);
	/* With an identifier that is none, type 1 and the MAC, it is told by its MAC. */
	p[h->id_off[request] - 2] = client % 2 != 0 ? GYL_DHCP_OPT_CLIENT_ID : 224;
	gyl_set_u32(p + h->id_off[request] + 15, client);
	if (request)
		gyl_set_u32(p + h->want_off, want);
	sim_put(&h->sim, (unsigned)h->port, &peer, p, request ? h->request_len : h->discover_len);
}

/* All answers of the step; of OFFERs what is asked for next. */
static unsigned take_answers(struct hall *h)
{
	unsigned acks = 0;

	for (unsigned i = 0; i < h->sim.sent_cnt; i++) {
		const uint8_t *p = h->sim.sent[i].data;

		if (p[GYL_DHCP_OPTS_OFF + 2] == GYL_DHCP_OFFER)
			put(h, gyl_get_u32(p + XID_OFF), true, gyl_get_u32(p + YIADDR_OFF));
		else
			acks += p[GYL_DHCP_OPTS_OFF + 2] == GYL_DHCP_ACK;
	}
	h->sim.sent_cnt = 0;
	return acks;
}

static void settle(struct hall *h)
{
	for (int i = 0; i < 64; i++) {
		step(h, h->sim.now.mono_ns + GYL_NS_PER_MS);
		(void)take_answers(h);
	}
}

/* New clients from `first` on; or, with renew, the leases of before, by INIT-REBOOT. */
static void come(struct hall *h, uint32_t first, uint32_t cnt)
{
	uint32_t at = 0, acks = 0, idle = 0;

	while (acks < cnt && idle < 1000) {
		unsigned got;

		for (unsigned n = 0; n < BATCH && at < cnt; n++)
			put(h, first + at++, false, 0);
		step(h, h->sim.now.mono_ns + GYL_NS_PER_MS);
		got = take_answers(h);
		acks += got;
		idle = got == 0 ? idle + 1 : 0;
	}
	if (acks < cnt)
		fail_msg("%u of %u clients were served", acks, cnt);
}

/* ---- what is asked and told ---- */

static void reload(struct hall *h, const struct shape *shape)
{
	const struct gyl_flat *f = configuration(h, shape);
	uint64_t at = cpu_ns();

	gyl_run_data(&h->run, h->core, gyl_view_str("conf"), gyl_view(f, f->len));
	turned(h, at);
	settle(h);
}

/* Arguments by pairs, up to a NULL. Slices are turns, and leases are told between them. */
static void question(struct hall *h, const char *verb, const char *const *pair)
{
	static uint8_t slice[GYL_QUESTION_SLICE_LEN], wrong_text[GYL_QUESTION_WRONG_LEN];
	struct gyl_question_arg arg[4];
	struct gyl_writer answer, wrong;
	struct gyl_match all;
	struct gyl_question q = {.verb = gyl_view_str(verb),
		.by = gyl_view_str("bench"),
		.arg = arg,
		.match = &all,
		.answer = &answer,
		.wrong = &wrong};

	gyl_match_init(&all, GYL_EV_DHCPD_LEASE);
	for (; pair[0] != NULL; pair += 2)
		arg[q.arg_cnt++] =
			(struct gyl_question_arg){gyl_view_str(pair[0]), gyl_view_str(pair[1])};
	do {
		uint64_t at = cpu_ns();
		bool taken;

		gyl_writer_init(&answer, slice, sizeof slice);
		gyl_writer_init(&wrong, wrong_text, sizeof wrong_text);
		q.more = false;
		taken = gyl_run_ask(&h->run, h->core, h->sim.now, &q);
		turned(h, at);
		if (wrong.len != 0)
			fail_msg("%s: %.*s", verb, (int)wrong.len, (char *)wrong_text);
		q.more = q.more || !taken;
		step(h, h->sim.now.mono_ns + 100000);
		h->sim.sent_cnt = 0;
	} while (q.more);
}

#define ASK(h, verb, ...) question(h, verb, (const char *const[]){__VA_ARGS__, NULL})

static void say(struct hall *h, uint16_t kind)
{
	struct gyl_event e;

	gyl_event_init(&e, (enum gyl_event_kind)kind);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	gyl_event_u64(&e, "epoch", 1);
	gyl_run_event(&h->run, &e);
}

/* ---- the rows ---- */

static void reloads(struct hall *h)
{
	struct shape s = usual;

	reload(h, &s);
	row(h, "reload, nothing is different");
	s.lease_s++;
	reload(h, &s);
	row(h, "reload, other lease time");
	s.last -= 1000;
	reload(h, &s);
	row(h, "reload, pool shrinks");
	reload(h, &usual);
	row(h, "reload, pool grows");
	s = usual;
	s.subnets = 1000;
	reload(h, &s);
	row(h, "reload, 1,000 subnets come");
	reload(h, &s);
	row(h, "reload, with 1,000 subnets");
	s = usual;
	s.hosts = 50000;
	s.hosts_at = IP(10, 1, 0, 0);
	reload(h, &s);
	row(h, "reload, 50,000 reservations in pools come");
	reload(h, &s);
	row(h, "reload, with these");
	reload(h, &usual);
	row(h, "reload, they go");
	s.last = IP(10, 0, 255, 255);
	reload(h, &s);
	row(h, "reload, 50,000 reservations outside of pools come");
	reload(h, &usual);
	row(h, "reload, they go again");
}

static void questions(struct hall *h)
{
	ASK(h, "dhcp.reserve", "mac", "0a:00:00:00:00:01", "ip", "10.0.40.1");
	row(h, "reserve an address of a pool");
	ASK(h, "dhcp.reserve", "mac", "0a:00:00:00:00:02", "ip", "10.0.0.200");
	row(h, "reserve one outside of the pools");
	ASK(h, "dhcp.reserve", "mac", "02:00:00:00:00:33");
	row(h, "reserve what a client has, told by a DUID");
	ASK(h, "dhcp.reserve", "mac", "0a:00:00:00:00:03", "name", "nobody");
	row(h, "reserve a name for who is not there");
	ASK(h, "dhcp.unreserve", "mac", "0a:00:00:00:00:01");
	ASK(h, "dhcp.unreserve", "mac", "02:00:00:00:00:33");
	ASK(h, "dhcp.unreserve", "mac", "0a:00:00:00:00:03");
	row(h, "take one back");
	ASK(h, "dhcp.unreserve", "mac", "0a:00:00:00:00:02");
	row(h, "take one back outside of the pools");
	ASK(h, "dhcp.leases", NULL);
	row(h, "list all leases");
	ASK(h, "dhcp.explain", "client", "02:00:00:00:00:33");
	row(h, "explain");
	ASK(h, "dhcp.drain", "subnet", "10.0.0.0/15", "on", "true");
	ASK(h, "dhcp.drain", "subnet", "10.0.0.0/15", "on", "false");
	row(h, "drain on and off");
}

/* ---- with a standby ---- */

/* Who comes and goes by whim leaves addresses free in no order of theirs: every other lease. */
static void leave_half(struct hall *h)
{
	uint64_t end_ns = h->sim.now.mono_ns;

	for (uint32_t i = 1; i <= h->d->slot_cnt; i++)
		if (h->d->lease[i].state == GYL_DHCPD_LEASED && (h->d->lease[i].hash & 1) != 0)
			gyl__dhcpd_slot_set(h->d, i, GYL_DHCPD_FREE,
				end_ns - h->d->lease[i].hash % LEASE_S * GYL_NS_PER_S);
}

/* What comes with the next message after it. Nobody speaks for the other server here. */
static void settle_parts(struct hall *h, const char *name)
{
	struct gyl_dhcpd_standby *s = h->d->standby;

	h->d->standby = NULL;
	put(h, 1, false, 0);
	step(h, h->sim.now.mono_ns + GYL_NS_PER_MS);
	h->sim.sent_cnt = 0;
	h->d->standby = s;
	row(h, name);
}

static void parts(struct hall *h)
{
	struct gyl_dhcpd_standby_env env = {
		.first = true, .secret = gyl_view_str("0123456789abcdef")};
	void *mem = calloc(1, gyl__dhcpd_standby_need(h->d->slot_cap));
	uint64_t at;

	leave_half(h);
	assert_true(mem != NULL && gyl__dhcpd_standby_init(h->d, mem, &env));
	/* after the last records' ends */
	h->d->standby->lo_ns = h->d->standby->hi_ns = h->sim.now.mono_ns + 4 * GYL_NS_PER_HOUR;
	gyl__dhcpd_part_known(h->d);
	h->longest_ns = 0;
	at = cpu_ns();
	gyl__dhcpd_part_all(h->d, h->sim.now.mono_ns, true);
	turned(h, at);
	row(h, "the standby is cut off: addresses are parted");
	settle_parts(h, "and those that are free put into order");
	at = cpu_ns();
	gyl__dhcpd_unpart_all(h->d);
	turned(h, at);
	row(h, "the standby is back: no parts any more");
	settle_parts(h, "and all that are free put into order");
	h->d->standby = NULL;
	free(mem);
}

/* All of the store is written once more into the other extent. */
static void rewrite(struct hall *h)
{
	gyl_store_rewrite(h->store, h->sim.now.wall_ns);
	for (int i = 0; i < 20000; i++)
		step(h, h->sim.now.mono_ns + GYL_NS_PER_MS);
	h->sim.sent_cnt = 0;
	row(h, "the store is compacted");
}

static void one_run(struct hall *h)
{
	open_hall(h);
	make_packets(h);
	come(h, 1, h->lease_cnt);
	row(h, "clients come");
	come(h, 1, h->lease_cnt);
	row(h, "they come again");
	settle(h);
	h->longest_ns = 0;
	rewrite(h);
	h->sim.now.wall_ns += GYL_NS_PER_HOUR;
	for (int i = 0; i < 20000; i++)
		step(h, h->sim.now.mono_ns + GYL_NS_PER_MS);
	row(h, "the wall clock is set");
	say(h, GYL_EV_BASE_SNAPSHOT);
	settle(h);
	for (uint32_t i = 0; i < h->lease_cnt / 16; i++)
		step(h, h->sim.now.mono_ns + 1000);
	row(h, "a subscriber gets a snapshot");
	reloads(h);
	questions(h);
	parts(h);
	h->sim.now.mono_ns += 3 * LEASE_S * GYL_NS_PER_S;
	for (int i = 0; i < 100000; i++)
		step(h, h->sim.now.mono_ns + 1000);
	row(h, "all leases end at once");
	close_hall(h);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	struct hall *h = &hall;

	h->lease_cnt = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 65000;
	for (h->round = 0; h->round < RUNS; h->round++)
		one_run(h);
	printf("| longest turn with %u leases | us |\n| --- | --- |\n", (unsigned)h->lease_cnt);
	for (unsigned i = 0; i < h->row_cnt; i++) {
		qsort(h->row[i].ns, RUNS, sizeof h->row[i].ns[0], by_size);
		printf("| %s | %llu |\n", h->row[i].name,
			(unsigned long long)h->row[i].ns[RUNS / 2] / 1000);
	}
	return 0;
}
