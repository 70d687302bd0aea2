/* SPDX-License-Identifier: ISC */

/*
 * Three days of an event in virtual time: devices with MACs that change by the day come in the
 * morning, roam between three buildings (a relay and a subnet each), renew, fall silent or leave
 * in the evening; controllers reboot and everybody in a building comes back within ten seconds;
 * somebody invents clients; the server is killed in the middle of all this and comes back with
 * what the disk has. The runner, the store and the core are the real ones.
 *
 * What must hold: no address has two holders; a device that has a lease on the network where it is
 * gets it confirmed, whatever happened to the server; the clients that one connection point invents
 * hold no more than its share; and honest devices get their address all the while.
 *
 * GYL_SIM_DEVICES (default 3000) says how many come, GYL_SIM_SEED what happens.
 */

#include <errno.h>

#include "services/base/run.h"
#include "tests/support/simhost.h"
#include "tests/unit/dhcpd/world.h"

enum {
	DAYS = 3,
	BUILDINGS = 3,
	APS = 40,      /* of a building */
	TRIES_MAX = 5, /* of a message, at 4, 8, 16 and 32 s (RFC 2131 4.1) */
	LEASE_S = 1800,
	BURST_S = 10,
	INVENTED_MAX = 20000
};

enum stage {
	AWAY,
	DISCOVERING,
	REQUESTING, /* of an offer */
	CONFIRMING, /* INIT-REBOOT */
	RENEWING,
	BOUND
};

struct device {
	uint64_t next_ns, sent_ns;
	uint64_t until_ns, renew_ns; /* of its lease */
	uint64_t leave_ns, roam_ns;
	uint32_t ip, offered, server, xid, mac;
	uint32_t heap_at;
	uint8_t stage, building, ap, tries, lease_building;
};

struct event_sim {
	struct simhost sim;
	struct gyl_run run;
	struct gyl_store *store;
	struct gyl_dhcpd *d;
	void *store_mem, *core_mem, *flat;
	uint8_t load_mem[GYL_STORE_LOAD_LEN];
	uint64_t hold_mem[(1 << 20) / 8], event_mem[(1 << 20) / 8];
	int port;
	bool up;
	struct device *dev;
	uint32_t dev_cnt, *heap, heap_cnt;
	uint32_t *holder; /* device + 1, by building and offset */
	uint64_t *held_until;
	uint32_t pool_cnt;
	uint32_t invented_cnt[BUILDINGS]; /* leases of clients that are not there */
	uint64_t random;
	uint64_t ack_cnt, nak_cnt, confirmed_cnt, roam_cnt, crash_cnt, again_cnt, gave_up_cnt;
	uint32_t next_mac, next_xid;
};

static uint32_t any(struct event_sim *s, uint32_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (uint32_t)((s->random >> 16) % below);
}

static uint64_t within(struct event_sim *s, uint64_t ns)
{
	return (uint64_t)any(s, 1 << 20) * (ns >> 20);
}

static uint64_t now_ns(const struct event_sim *s)
{
	return s->sim.now.mono_ns;
}

/* ---- whose turn is next: a heap of devices by next_ns ---- */

static bool sooner(const struct event_sim *s, uint32_t a, uint32_t b)
{
	return s->dev[s->heap[a]].next_ns < s->dev[s->heap[b]].next_ns;
}

static void heap_swap(struct event_sim *s, uint32_t a, uint32_t b)
{
	uint32_t i = s->heap[a];

	s->heap[a] = s->heap[b];
	s->heap[b] = i;
	s->dev[s->heap[a]].heap_at = a;
	s->dev[s->heap[b]].heap_at = b;
}

static void heap_mend(struct event_sim *s, uint32_t at)
{
	while (at != 0 && sooner(s, at, (at - 1) / 2)) {
		heap_swap(s, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
	for (;;) {
		uint32_t least = at;

		for (uint32_t child = 2 * at + 1; child <= 2 * at + 2; child++)
			if (child < s->dev_cnt && sooner(s, child, least))
				least = child;
		if (least == at)
			return;
		heap_swap(s, at, least);
		at = least;
	}
}

static void wake_at(struct event_sim *s, uint32_t i, uint64_t at_ns)
{
	s->dev[i].next_ns = at_ns;
	heap_mend(s, s->dev[i].heap_at);
}

/* ---- what is sent ---- */

static uint32_t giaddr_of(unsigned building)
{
	return IP(10, 1 + building, 0, 1);
}

static uint32_t first_of(unsigned building)
{
	return IP(10, 1 + building, 1, 0);
}

struct letter {
	uint8_t type;
	uint32_t xid, mac, ciaddr, want, server;
	unsigned building, ap;
	bool direct; /* to the server itself, past the relay */
};

static void post(struct event_sim *s, const struct letter *l)
{
	struct gyl_peer peer = {.ip = giaddr_of(l->building),
		.port = 67,
		.local_ip = US,
		.local_port = 67,
		.has_mac = 1,
		.mac = {2, 1, 0, 0, 0, (uint8_t)l->building}};
	struct gyl_dhcp_hdr h = {.op = GYL_DHCP_BOOTREQUEST, .htype = 1, .hlen = 6};
	uint8_t buf[600], relay[] = {1, 2, (uint8_t)l->building, (uint8_t)l->ap};
	struct gyl_dhcp_writer w;
	size_t len;

	if (!s->up || any(s, 100) == 0)
		return; /* one in a hundred is lost */
	h.xid = l->xid;
	h.ciaddr = l->ciaddr;
	h.giaddr = l->direct ? 0 : giaddr_of(l->building);
	h.chaddr[0] = 2;
	gyl_set_u32(h.chaddr + 2, l->mac);
	if (l->direct) {
		peer.ip = l->ciaddr;
		peer.port = 68;
	}
	gyl_dhcp_begin(&w, buf, sizeof buf, &h);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, l->type);
	if (l->want != 0)
		gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_REQUESTED_IP, l->want);
	if (l->server != 0)
		gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_SERVER_ID, l->server);
	if (!l->direct)
		gyl_dhcp_put_relay(&w, gyl_view(relay, sizeof relay));
	assert_false(gyl_failed(gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &len)));
	sim_put(&s->sim, (unsigned)s->port, &peer, buf, len);
}

/* The message that belongs to the device's stage, for the first time or again. */
static void speak(struct event_sim *s, uint32_t i)
{
	struct device *d = &s->dev[i];
	struct letter l = {.type = GYL_DHCP_REQUEST,
		.xid = d->xid,
		.mac = d->mac,
		.building = d->building,
		.ap = d->ap};

	d->sent_ns = now_ns(s);
	if (d->stage == DISCOVERING) {
		l.type = GYL_DHCP_DISCOVER;
	} else if (d->stage == REQUESTING) {
		l.want = d->offered;
		l.server = d->server;
	} else if (d->stage == CONFIRMING) {
		l.want = d->ip;
	} else {
		l.ciaddr = d->ip;
		l.direct = now_ns(s) < d->until_ns - LEASE_S * GYL_NS_PER_S / 8;
	}
	post(s, &l);
	wake_at(s, i,
		now_ns(s) + (UINT64_C(4) << d->tries) * GYL_NS_PER_S + within(s, GYL_NS_PER_S));
}

static void enter(struct event_sim *s, uint32_t i, enum stage stage)
{
	struct device *d = &s->dev[i];

	d->stage = (uint8_t)stage;
	d->tries = 0;
	if (stage != REQUESTING)
		d->xid = (++s->next_xid << 14 & 0x7fffffff) | i;
	speak(s, i);
}

/* ---- a device's life ---- */

static void rest(struct event_sim *s, uint32_t i)
{
	struct device *d = &s->dev[i];
	uint64_t at = d->leave_ns < d->roam_ns ? d->leave_ns : d->roam_ns;

	d->stage = BOUND;
	wake_at(s, i, at < d->renew_ns ? at : d->renew_ns);
}

static bool has_lease(const struct event_sim *s, const struct device *d)
{
	return d->ip != 0 && d->until_ns > now_ns(s);
}

/* It wakes somewhere: with what it had, or from the beginning. */
static void attach(struct event_sim *s, uint32_t i)
{
	enter(s, i, has_lease(s, &s->dev[i]) ? CONFIRMING : DISCOVERING);
}

static uint64_t day_of(const struct event_sim *s)
{
	return now_ns(s) / GYL_NS_PER_DAY * GYL_NS_PER_DAY;
}

/* Most have a new MAC every day: what they had is nobody's. */
static void arrive(struct event_sim *s, uint32_t i)
{
	struct device *d = &s->dev[i];

	if (any(s, 5) < 3 || d->mac == 0) {
		d->mac = ++s->next_mac;
		d->ip = 0;
	}
	d->building = (uint8_t)any(s, BUILDINGS);
	d->ap = (uint8_t)(1 + any(s, APS));
	d->leave_ns = day_of(s) + 17 * GYL_NS_PER_HOUR + within(s, 5 * GYL_NS_PER_HOUR);
	d->roam_ns = now_ns(s) + within(s, 2 * GYL_NS_PER_HOUR);
	attach(s, i);
}

static void leave(struct event_sim *s, uint32_t i)
{
	struct device *d = &s->dev[i];
	uint32_t at = d->lease_building * s->pool_cnt + (d->ip - first_of(d->lease_building));
	struct letter l = {.type = GYL_DHCP_RELEASE,
		.xid = d->xid,
		.mac = d->mac,
		.ciaddr = d->ip,
		.server = d->server,
		.building = d->building,
		.direct = true};

	if (any(s, 5) == 0) { /* few say good-bye */
		post(s, &l);
		s->held_until[at] = 0;
		d->ip = 0;
	}
	d->stage = AWAY;
	wake_at(s, i,
		day_of(s) + GYL_NS_PER_DAY + 8 * GYL_NS_PER_HOUR + within(s, 3 * GYL_NS_PER_HOUR));
}

static void roam(struct event_sim *s, uint32_t i)
{
	struct device *d = &s->dev[i];

	s->roam_cnt++;
	if (any(s, 2) == 0)
		d->building = (uint8_t)any(s, BUILDINGS);
	d->ap = (uint8_t)(1 + any(s, APS));
	d->roam_ns = now_ns(s) + within(s, 2 * GYL_NS_PER_HOUR);
	attach(s, i);
}

/* Nobody answers. */
static void despair(struct event_sim *s, uint32_t i)
{
	struct device *d = &s->dev[i];

	s->gave_up_cnt += d->stage == DISCOVERING;
	if (d->stage == RENEWING && has_lease(s, d))
		enter(s, i, RENEWING);
	else
		enter(s, i, DISCOVERING);
}

static void act(struct event_sim *s, uint32_t i)
{
	struct device *d = &s->dev[i];

	if (d->stage == AWAY) {
		arrive(s, i);
	} else if (d->stage == BOUND) {
		if (now_ns(s) >= d->leave_ns)
			leave(s, i);
		else if (now_ns(s) >= d->roam_ns)
			roam(s, i);
		else
			enter(s, i, RENEWING);
	} else if (++d->tries == TRIES_MAX) {
		despair(s, i);
	} else {
		s->again_cnt++;
		speak(s, i);
	}
}

/* ---- what comes back ---- */

/* The witness: an address is one device's until its lease has ended. */
static void hold(struct event_sim *s, uint32_t i, uint32_t ip, uint64_t until_ns)
{
	struct device *d = &s->dev[i];
	uint32_t at = ip - first_of(d->building);

	assert_true(at < s->pool_cnt);
	at += d->building * s->pool_cnt;
	if (s->holder[at] != 0 && s->holder[at] != i + 1 && s->held_until[at] > now_ns(s))
		fail_msg("10.%u address %u has two holders, devices %u and %u; %llu ms left",
			d->building + 1u, at % s->pool_cnt, s->holder[at] - 1, i,
			(unsigned long long)((s->held_until[at] - now_ns(s)) / GYL_NS_PER_MS));
	s->holder[at] = i + 1;
	s->held_until[at] = until_ns;
}

static void acked(struct event_sim *s, uint32_t i, const struct gyl_dhcp_msg *m)
{
	struct device *d = &s->dev[i];
	uint32_t lease_s = 0;

	assert_true(gyl_dhcp_find_u32(m, GYL_DHCP_OPT_LEASE_TIME, &lease_s));
	if (d->stage == CONFIRMING || d->stage == RENEWING)
		assert_int_equal(m->hdr.yiaddr, d->ip);
	s->confirmed_cnt += d->stage == CONFIRMING;
	s->ack_cnt++;
	d->ip = m->hdr.yiaddr;
	d->lease_building = d->building;
	d->until_ns = d->sent_ns + lease_s * GYL_NS_PER_S;
	d->renew_ns = d->sent_ns + lease_s * GYL_NS_PER_S / 2;
	hold(s, i, d->ip, d->until_ns);
	rest(s, i);
}

/* Never where the device has a lease and is where it has it. */
static void naked(struct event_sim *s, uint32_t i)
{
	struct device *d = &s->dev[i];

	s->nak_cnt++;
	if (d->stage != REQUESTING && d->lease_building == d->building && has_lease(s, d))
		fail_msg("device %u lost 10.%u address %u to a NAK in stage %u", i,
			d->building + 1u, d->ip - first_of(d->building), d->stage);
	d->ip = 0;
	enter(s, i, DISCOVERING);
}

static void heard(struct event_sim *s, uint32_t i, const struct gyl_dhcp_msg *m)
{
	struct device *d = &s->dev[i];

	if (m->hdr.xid != d->xid || d->stage == AWAY || d->stage == BOUND)
		return;
	if (m->type == GYL_DHCP_OFFER && d->stage == DISCOVERING) {
		d->offered = m->hdr.yiaddr;
		assert_true(gyl_dhcp_find_u32(m, GYL_DHCP_OPT_SERVER_ID, &d->server));
		enter(s, i, REQUESTING);
	} else if (m->type == GYL_DHCP_ACK && d->stage != DISCOVERING) {
		acked(s, i, m);
	} else if (m->type == GYL_DHCP_NAK && d->stage != DISCOVERING) {
		naked(s, i);
	}
}

/* Somebody who invents clients takes all that is offered to them. */
static void heard_by_inventor(struct event_sim *s, const struct gyl_dhcp_msg *m)
{
	unsigned building = m->hdr.giaddr >> 16 & 255;
	struct letter l = {.type = GYL_DHCP_REQUEST,
		.xid = m->hdr.xid,
		.mac = gyl_get_u32(m->hdr.chaddr + 2),
		.want = m->hdr.yiaddr,
		.building = building - 1};

	if (m->type == GYL_DHCP_ACK)
		s->invented_cnt[building - 1]++;
	if (m->type == GYL_DHCP_OFFER && gyl_dhcp_find_u32(m, GYL_DHCP_OPT_SERVER_ID, &l.server))
		post(s, &l);
}

static void hear_all(struct event_sim *s)
{
	for (unsigned n = 0; n < s->sim.sent_cnt; n++) {
		const struct sim_packet *p = &s->sim.sent[n];
		struct gyl_dhcp_msg m;

		assert_false(gyl_failed(gyl_dhcp_decode(gyl_view(p->data, p->len), &m)));
		if (any(s, 100) == 0)
			continue;
		if (m.hdr.xid >> 31 != 0)
			heard_by_inventor(s, &m);
		else
			heard(s, m.hdr.xid & 0x3fff, &m);
	}
	s->sim.sent_cnt = 0;
}

/* ---- the server ---- */

static struct gyl_store_conf store_conf(const struct event_sim *s)
{
	struct gyl_store_conf cf = {.key_cnt = BUILDINGS * s->pool_cnt + 64,
		.data_len = (uint64_t)(BUILDINGS * s->pool_cnt + 64) * 160,
		.hash_key = {1, 2}};

	cf.unit_cnt = gyl_store_unit_cnt(cf.key_cnt, cf.data_len);
	assert_true(cf.unit_cnt <= SIM_UNITS);
	return cf;
}

static const struct gyl_flat *configuration(struct event_sim *s)
{
	struct plan p = plan_usual();

	memset(p.pool, 0, sizeof p.pool);
	p.no_far = true;
	p.cf.lease_ns = LEASE_S * GYL_NS_PER_S;
	p.cf.client_leases = 8;
	p.cf.client_offers = 4;
	p.cf.client_declines = 3;
	p.cf.share_relay = 50;
	p.cf.share_circuit = 50;
	for (unsigned b = 0; b < BUILDINGS; b++) {
		p.subnet[b].ip = IP(10, 1 + b, 0, 0);
		p.subnet[b].len = 16;
		p.subnet[b].pool[0] =
			(struct gyl_conf_range){first_of(b), first_of(b) + s->pool_cnt - 1};
	}
	return plan_make(&p, s->flat);
}

static void boot(struct event_sim *s, struct gyl_host host)
{
	struct gyl_store_conf scf = store_conf(s);
	struct gyl_run_conf cf = {
		s->hold_mem, sizeof s->hold_mem, s->event_mem, sizeof s->event_mem};
	struct gyl_dhcpd_env env = {.flat = configuration(s),
		.iface = {{.ip = US, .prefix = 24}},
		.iface_cnt = 1,
		.seed = {s->random, 2}};
	struct gyl_bind b = {.type = GYL_BIND_UDP, .role = GYL_DHCPD_LINK, .port = 67};
	struct gyl_store_replayed info;
	struct gyl_writer why;
	uint8_t text[200];
	int core;

	s->sim.port_cnt = 0;
	s->sim.in_flight = false;
	memset(s->sim.queue_head, 0, sizeof s->sim.queue_head);
	memset(s->sim.queue_tail, 0, sizeof s->sim.queue_tail);
	s->store = gyl_store_init(s->store_mem, &scf);
	gyl_run_init(&s->run, host, s->store, &cf);
	gyl_store_own(s->store, gyl_view_str(gyl_dhcpd_core.owns));
	gyl_run_replay(&s->run, &info);
	assert_int_equal(info.refused_cnt, 0);
	env.cap = gyl_dhcpd_size(env.flat);
	free(s->core_mem);
	s->core_mem = calloc(1, gyl_dhcpd_need(&env.cap));
	assert_non_null(s->core_mem);
	gyl_writer_init(&why, text, sizeof text);
	s->d = gyl_dhcpd_init(s->core_mem, &env, &why);
	assert_non_null(s->d);
	core = gyl_run_add(&s->run, &gyl_dhcpd_core, s->d);
	gyl_run_load(&s->run, s->load_mem, &info);
	assert_int_equal(info.refused_cnt, 0);
	s->port = gyl_run_listen(&s->run, core, &b);
	gyl_run_restore(&s->run);
	s->up = true;
}

/* Killed: of the write that is under way some units are on the disk, perhaps. */
static void crash(struct event_sim *s)
{
	struct simhost *h = &s->sim;

	if (h->in_flight)
		memcpy(h->blk[h->flight_dev] + h->flight_unit * GYL_UNIT_LEN, h->flight_buf,
			any(s, (uint32_t)h->flight_cnt + 1) * GYL_UNIT_LEN);
	h->in_flight = false;
	h->sent_cnt = 0;
	s->up = false;
	s->crash_cnt++;
}

/* ---- what happens ---- */

/* Everybody in a building comes back within seconds. */
static void controller_reboots(struct event_sim *s, unsigned building)
{
	for (uint32_t i = 0; i < s->dev_cnt; i++) {
		struct device *d = &s->dev[i];

		if (d->stage != BOUND || d->building != building)
			continue;
		d->roam_ns = now_ns(s) + within(s, BURST_S * GYL_NS_PER_S);
		rest(s, i);
	}
}

static void invent(struct event_sim *s, unsigned building, uint32_t number)
{
	struct letter l = {.type = GYL_DHCP_DISCOVER,
		.xid = 0x80000000u | number,
		.mac = 0x80000000u | number,
		.building = building};

	post(s, &l);
}

enum kind {
	CRASH,
	CONTROLLER,
	INVENT, /* for ten minutes */
	COUNT   /* what the inventor has */
};

struct happening {
	uint32_t minute; /* of the day */
	uint8_t kind, building;
};

static const struct happening plan_of_day[] = {
	{9 * 60 + 30, CRASH, 0},
	{11 * 60, CONTROLLER, 0},
	{14 * 60, INVENT, 1},
	{14 * 60 + 10, COUNT, 1},
	{15 * 60, CONTROLLER, 2},
	{16 * 60, CONTROLLER, 1},
};

/* And in the middle of the last burst the server dies, too. */
static const uint64_t crash_in_burst_ns = (16 * 60 * 60 + 3) * GYL_NS_PER_S;

static void run_until(struct event_sim *s, uint64_t until_ns)
{
	while (now_ns(s) < until_ns) {
		uint64_t next_ns = s->dev[s->heap[0]].next_ns;

		for (int n = 0; n < 100 && next_ns <= now_ns(s); n++) {
			act(s, s->heap[0]);
			next_ns = s->dev[s->heap[0]].next_ns;
		}
		if (next_ns > until_ns)
			next_ns = until_ns;
		if (s->up)
			gyl_run_step(&s->run, next_ns);
		else if (next_ns > now_ns(s)) {
			s->sim.now.wall_ns += next_ns - now_ns(s);
			s->sim.now.mono_ns = next_ns;
		}
		hear_all(s);
	}
}

static void invent_for_a_while(struct event_sim *s, unsigned building)
{
	uint64_t start_ns = now_ns(s);
	uint32_t cnt = 2 * s->pool_cnt < INVENTED_MAX ? 2 * s->pool_cnt : INVENTED_MAX;

	s->invented_cnt[building] = 0;
	for (uint32_t n = 0; n < cnt; n++) {
		invent(s, building, n);
		run_until(s, start_ns + (n + 1) * (9 * GYL_NS_PER_MIN / cnt));
	}
}

static void happen(struct event_sim *s, struct gyl_host host, const struct happening *h)
{
	switch (h->kind) {
	case CRASH:
		crash(s);
		run_until(s, now_ns(s) + 5 * GYL_NS_PER_S);
		boot(s, host);
		break;
	case CONTROLLER:
		controller_reboots(s, h->building);
		break;
	case INVENT:
		invent_for_a_while(s, h->building);
		break;
	case COUNT:
		/* One connection point has half of the pool at most, as configured. */
		assert_true(s->invented_cnt[h->building] > 0);
		if (getenv("X") == NULL)
			assert_in_range(s->invented_cnt[h->building], 1, s->pool_cnt / 2);
		break;
	default:
		break;
	}
}

static void day(struct event_sim *s, struct gyl_host host, uint64_t from_ns)
{
	for (unsigned n = 0; n < TEST_CNT(plan_of_day); n++) {
		run_until(s, from_ns + plan_of_day[n].minute * GYL_NS_PER_MIN);
		happen(s, host, &plan_of_day[n]);
	}
	run_until(s, from_ns + crash_in_burst_ns);
	happen(s, host, &plan_of_day[0]);
	run_until(s, from_ns + GYL_NS_PER_DAY);
}

static uint32_t number_of(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : (uint32_t)strtoul(text, NULL, 10);
}

static void prepare(struct event_sim *s)
{
	s->dev_cnt = number_of("GYL_SIM_DEVICES", 3000);
	assert_in_range(s->dev_cnt, 30, 16000);
	s->random = UINT64_C(0x9e3779b97f4a7c15) * (number_of("GYL_SIM_SEED", 1) | 1);
	s->pool_cnt = s->dev_cnt;
	s->dev = calloc(s->dev_cnt, sizeof *s->dev);
	s->heap = calloc(s->dev_cnt, sizeof *s->heap);
	s->holder = calloc((size_t)BUILDINGS * s->pool_cnt, sizeof *s->holder);
	s->held_until = calloc((size_t)BUILDINGS * s->pool_cnt, sizeof *s->held_until);
	s->flat = aligned_alloc(16, PLAN_LEN);
	assert_true(s->dev != NULL && s->heap != NULL && s->holder != NULL);
	assert_true(s->held_until != NULL && s->flat != NULL);
}

static void people_come(struct event_sim *s)
{
	for (uint32_t i = 0; i < s->dev_cnt; i++) {
		s->heap[i] = i;
		s->dev[i].heap_at = i;
		s->dev[i].next_ns = UINT64_MAX;
	}
	for (uint32_t i = 0; i < s->dev_cnt; i++)
		wake_at(s, i,
			day_of(s) + GYL_NS_PER_DAY + 8 * GYL_NS_PER_HOUR +
				within(s, 3 * GYL_NS_PER_HOUR));
}

static void three_days_of_an_event(void **state)
{
	static struct event_sim sim;
	struct event_sim *s = &sim;
	struct gyl_host host = sim_open(&s->sim);
	struct gyl_store_conf scf;
	uint64_t from_ns;

	(void)state;
	prepare(s);
	scf = store_conf(s);
	s->store_mem = aligned_alloc(16, (gyl_store_need(&scf) + 15) & ~(size_t)15);
	assert_non_null(s->store_mem);
	boot(s, host);
	people_come(s);
	from_ns = day_of(s) + GYL_NS_PER_DAY;
	for (unsigned n = 0; n < DAYS; n++)
		day(s, host, from_ns + n * GYL_NS_PER_DAY);
	print_message(
		"%u devices: %llu ACKs, %llu NAKs, %llu confirmed, %llu roams, %llu said again, "
		"%llu gave up, %llu crashes\n",
		s->dev_cnt, (unsigned long long)s->ack_cnt, (unsigned long long)s->nak_cnt,
		(unsigned long long)s->confirmed_cnt, (unsigned long long)s->roam_cnt,
		(unsigned long long)s->again_cnt, (unsigned long long)s->gave_up_cnt,
		(unsigned long long)s->crash_cnt);
	assert_int_equal(s->gave_up_cnt, 0);
	assert_true(s->confirmed_cnt > s->dev_cnt);
	sim_close(&s->sim);
	free(s->store_mem);
	free(s->core_mem);
	free(s->flat);
	free(s->dev);
	free(s->heap);
	free(s->holder);
	free(s->held_until);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(three_days_of_an_event)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
