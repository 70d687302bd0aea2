/* SPDX-License-Identifier: ISC */

/*
 * The DHCP server under (time step, packet) sequences, with its store, a disk that fails, power
 * that goes, configurations that change and orders at the control socket. dhcpd_hall.h has the
 * server and the witness that looks on, recount.h what is counted after a step.
 *
 * The first octet of the input says how the world begins, then each step is four octets: what, and
 * three more of whom, where and how. A guest is a client that remembers what it was told, so that
 * most steps are what a client would do next. A raw datagram takes the octets behind its step.
 */

#include <gyl/arp.h>

#include "services/base/match.h"
#include "tests/fuzz/dhcpd_hall.h"
#include "tests/fuzz/dhcpd_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	GUESTS = 16,
	STEP_LEN = 4,
	STEPS_MAX = 200,
	LOOK_EVERY = 8
};

struct guest {
	uint32_t offer, ip; /* what it was offered, what it was told to have */
	uint32_t server, xid;
};

struct step {
	uint8_t what, who, where, how;
};

static struct hall h;
static struct guest guests[GUESTS];

/* ---- places ---- */

/* Where a client is: giaddr and option 82. */
static const struct {
	uint32_t giaddr;
	const char *relay;
} places[] = {
	{0, NULL},
	{0, NULL},
	{RELAY, NULL},
	{RELAY, "010141"},
	{RELAY, "0101420b040a0100fe"},
	{IP(10, 1, 0, 2), "0101410a0180"},
	{IP(10, 9, 0, 1), "01014305040a010000"},
	{IP(10, 2, 0, 1), "0101430203aabbcc"},
};

/* What a guest calls itself, behind it its number: two with one identifier are one client. */
static const char *const ids[] = {NULL, NULL, NULL, "ff00000000", "ff000000ff",
	"ff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223", "01", "00"};
static const char *const names[] = {
	NULL, "phone", "printer", "Phone!", "a-long-name-of-a-laptop", "phone-2", "", NULL};
static const char *const words[] = {
	NULL, NULL, "3c0170", "3c0171", "5d020007", "5000", "4d0403616263", "740101"};

static void mac_of(uint8_t who, uint8_t mac[6])
{
	/* Every third one is of a maker, not made up. */
	const uint8_t m[6] = {
		who % 3 == 0 ? 0 : 2, 0, 0, 0, 0, (uint8_t)(1 + (who & (GUESTS - 1)))};

	memcpy(mac, m, sizeof m);
}

/* ---- messages ---- */

/* Returns the type of the answer. */
static uint8_t say(struct ask q, const struct step *s)
{
	static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 77};
	const char *name = ids[s->where >> 3 & 7];
	uint8_t mac[6], buf[1500];
	char id[100];
	struct gyl_peer peer;
	size_t len;

	mac_of(s->who, mac);
	q.mac = mac;
	q.source = (s->who & 0x80) != 0 ? our_mac : NULL; /* behind somebody's bridge */
	q.giaddr = places[s->where & 7].giaddr;
	q.relay = places[s->where & 7].relay;
	snprintf(id, sizeof id, "%s%02x", name == NULL ? "" : name, s->who & (GUESTS - 1u));
	q.id = name == NULL ? NULL : id;
	q.name = names[s->who >> 4 & 7];
	q.more = words[s->how >> 3 & 7];
	q.list = (s->how & 0x40) != 0 ? "01036c4343" : NULL;
	q.lease = (s->how & 0x80) != 0 ? UINT32_C(30) << (s->where >> 6) * 4 : 0;
	if (q.unicast)
		q.giaddr = 0, q.relay = NULL;
	peer = ask_peer(&q);
	len = ask_build(&q, buf, sizeof buf);
	hall_dgram(&h, &peer, buf, len);
	return h.w.m.type;
}

static void note(struct guest *g)
{
	uint32_t server = 0;

	gyl_dhcp_find_u32(&h.w.m, GYL_DHCP_OPT_SERVER_ID, &server);
	if (h.w.m.type == GYL_DHCP_OFFER) {
		g->offer = h.w.m.hdr.yiaddr;
		g->server = server;
	} else if (h.w.m.type == GYL_DHCP_ACK && h.w.m.hdr.yiaddr != 0) {
		g->ip = h.w.m.hdr.yiaddr;
		g->server = server;
	} else if (h.w.m.type == GYL_DHCP_NAK) {
		g->ip = 0;
	}
}

static void discover(struct guest *g, const struct step *s)
{
	struct ask q = {.type = GYL_DHCP_DISCOVER, .xid = ++g->xid};

	q.want = (s->how & 1) != 0 ? g->ip : 0;
	g->offer = 0;
	say(q, s);
	note(g);
}

static void select_offer(struct guest *g, const struct step *s)
{
	struct ask q = {.type = GYL_DHCP_REQUEST, .xid = g->xid, .want = g->offer};

	q.server = (s->how & 6) == 6 ? US + 7 : g->server;
	if ((s->how & 7) == 5) /* what somebody else was offered */
		q.want = guests[(s->who + 1) & (GUESTS - 1)].offer;
	if (q.want == 0)
		return;
	say(q, s);
	note(g);
}

static void renew(struct guest *g, const struct step *s, bool unicast)
{
	struct ask q = {.type = GYL_DHCP_REQUEST, .xid = ++g->xid, .ciaddr = g->ip};

	q.unicast = unicast;
	if (g->ip == 0)
		return;
	say(q, s);
	if ((s->how & 1) != 0) /* it did not hear, and repeats itself */
		say(q, s);
	note(g);
}

static void reboot(struct guest *g, const struct step *s)
{
	struct ask q = {.type = GYL_DHCP_REQUEST, .xid = ++g->xid, .want = g->ip};

	if (g->ip == 0)
		return;
	say(q, s);
	note(g);
}

static void leave(struct guest *g, const struct step *s, uint8_t type)
{
	struct ask q = {.type = type, .xid = ++g->xid, .server = g->server};

	if (type == GYL_DHCP_DECLINE)
		q.want = g->ip;
	else
		q.ciaddr = g->ip;
	if (g->ip == 0)
		return;
	say(q, s);
	if (type != GYL_DHCP_INFORM)
		g->ip = 0;
}

/* What a client would do next. */
static void act(const struct step *s)
{
	struct guest *g = &guests[s->who & (GUESTS - 1)];

	switch (s->what % 12) {
	case 0:
	case 1:
		discover(g, s);
		break;
	case 2:
	case 3:
		select_offer(g, s);
		break;
	case 4:
	case 5:
		discover(g, s);
		if (h.w.m.type == GYL_DHCP_OFFER)
			select_offer(g, s);
		break;
	case 6:
	case 7:
		renew(g, s, (s->what & 1) != 0);
		break;
	case 8:
		reboot(g, s);
		break;
	case 9:
		leave(g, s, GYL_DHCP_RELEASE);
		break;
	case 10:
		leave(g, s, GYL_DHCP_DECLINE);
		break;
	default:
		leave(g, s, GYL_DHCP_INFORM);
	}
}

static uint32_t some_address(uint8_t n)
{
	static const uint32_t base[] = {POOL, FAR_POOL, IP(10, 2, 0, 10), IP(10, 3, 0, 10)};

	return base[n >> 6] - 1 + (n & 31u);
}

/* Any type, with what does not belong into it. */
static void odd(const struct step *s)
{
	static const uint8_t types[] = {0, GYL_DHCP_DISCOVER, GYL_DHCP_REQUEST, GYL_DHCP_DECLINE,
		GYL_DHCP_RELEASE, GYL_DHCP_INFORM, GYL_DHCP_LEASEQUERY, GYL_DHCP_ACK};
	struct ask q = {.type = types[s->what & 7], .xid = 7};

	if ((s->what & 8) != 0)
		q.want = some_address(s->how);
	if ((s->what & 16) != 0)
		q.ciaddr = some_address(s->how);
	q.server = (s->what & 32) != 0 ? US : 0;
	q.unicast = (s->how & 32) != 0;
	q.max_size = (s->how & 1) != 0 ? 300 : 0;
	q.hlen_is_0 = (s->who & 0x70) == 0x70;
	say(q, s);
}

static void raw(const struct step *s, const uint8_t **p, size_t *left)
{
	struct gyl_peer peer = {.local_ip = UINT32_MAX, .port = 68, .has_mac = 1, .mac = {2}};
	size_t len = (size_t)s->who << 8 | s->where;

	if (len > *left || len > 1500)
		len = *left > 1500 ? 1500 : *left;
	if ((s->how & 1) != 0) {
		peer.ip = RELAY;
		peer.local_ip = US;
	}
	hall_dgram(&h, &peer, *p, len);
	*p += len;
	*left -= len;
}

/* Many who were not there before, from one place: a bus comes, or a laptop plays many. */
static void crowd(const struct step *s)
{
	for (unsigned i = 0; i <= (s->who & 31u); i++) {
		const uint8_t mac[6] = {2, 1, 0, s->how, 0, (uint8_t)(i + (s->who >> 5))};
		struct ask q = {.type = GYL_DHCP_DISCOVER,
			.mac = mac,
			.source = (s->where & 8) != 0 ? (const uint8_t *)"\2\0\0\0\0\1" : NULL,
			.giaddr = places[s->where & 7].giaddr,
			.relay = places[s->where & 7].relay};
		struct gyl_peer peer = ask_peer(&q);
		uint8_t buf[1500];

		hall_dgram(&h, &peer, buf, ask_build(&q, buf, sizeof buf));
		if (h.w.m.type != GYL_DHCP_OFFER || (s->where & 16) != 0)
			continue;
		q.type = (s->where & 32) != 0 ? GYL_DHCP_DECLINE : GYL_DHCP_REQUEST;
		q.want = h.w.m.hdr.yiaddr;
		hall_dgram(&h, &peer, buf, ask_build(&q, buf, sizeof buf));
	}
}

/* A station, or a client of ours, says that it uses an address, or asks whether it may. */
static void arp(const struct step *s)
{
	static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 0xfe};
	struct gyl_in in = {.kind = GYL_IN_FRAME, .port = HALL_ARP_PORT, .role = GYL_DHCPD_ARP};
	uint32_t ip = some_address(s->where & 0x1f);
	struct gyl_eth e = {.type = GYL_ETH_ARP};
	struct gyl_arp a = gyl_arp_probe(our_mac, ip);
	uint8_t buf[GYL_ETH_FRAME_MIN], mac[6];
	struct gyl_writer w;

	mac_of(s->who, mac);
	a = (s->how & 3) == 0   ? gyl_arp_announcement(mac, ip)
	    : (s->how & 3) == 1 ? gyl_arp_probe(mac, ip)
				: gyl_arp_reply(&a, mac);
	memcpy(e.src, mac, sizeof mac);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_arp_encode_frame(&w, &e, &a);
	in.data = gyl_writer_view(&w);
	in.peer.iface = s->how >> 7;
	hall_give(&h, &in);
}

/* ---- orders ---- */

static void ask_verb(const char *verb, const struct gyl_question_arg *arg, size_t arg_cnt)
{
	static uint8_t slice[GYL_QUESTION_SLICE_LEN], no[GYL_QUESTION_WRONG_LEN];
	static struct gyl_match any;
	struct gyl_writer answer, wrong;
	struct gyl_question q = {.verb = gyl_view_str(verb),
		.by = gyl_view_str("fuzz"),
		.arg = arg,
		.arg_cnt = arg_cnt,
		.match = &any,
		.answer = &answer,
		.wrong = &wrong};
	struct gyl_in in = {.kind = GYL_IN_ASK, .question = &q};

	gyl_match_init(&any, GYL_EV_DHCPD_LEASE);
	do {
		gyl_writer_init(&answer, slice, sizeof slice);
		gyl_writer_init(&wrong, no, sizeof no);
		q.more = false;
		if (hall_give(&h, &in) == 0)
			return;
		assert_true(gyl_writer_ok(&answer) && gyl_writer_ok(&wrong));
	} while (q.more && wrong.len == 0);
}

/* Who had what was wiped has it no more, whether he knows or not. */
static void forget_wiped(void)
{
	for (unsigned at = 0; at < HALL_ADDRESSES; at++) {
		if (hall_lease(&h, hall_address(at))->state == GYL_DHCPD_LEASED)
			continue;
		h.claim[at].until_ns = 0;
		for (unsigned i = 0; i < h.park_cnt; i++)
			h.park[i].revoked |= h.park[i].at == at;
	}
}

static void order(const struct step *s)
{
	static const char *const verbs[] = {"dhcp.reserve", "dhcp.reserve", "dhcp.unreserve",
		"dhcp.wipe", "dhcp.drain", "dhcp.leases", "dhcp.pools", "dhcp.explain",
		"dhcp.reservations"};
	static const char *const nets[] = {
		"10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24"};
	static const char *const sets[] = {"on", "off", "file", "on"};
	const char *verb = verbs[s->what % TEST_CNT(verbs)], *net = nets[s->how & 3];
	char mac[20], ip[20];
	uint8_t m[6];
	bool whom = (s->how & 4) != 0;
	const char *what = (s->how & 8) != 0 ? net : whom ? mac : ip;
	const struct {
		const char *name, *value;
	} args[] = {{"mac", mac}, {"what", what}, {"client", what}, {"subnet", net},
		{"set", sets[s->how >> 4 & 3]}, {"yes", "true"}, {"ip", ip}, {"name", "desk"}};
	struct gyl_question_arg arg[TEST_CNT(args)];
	size_t arg_cnt = TEST_CNT(args);
	mac_of(s->who, m);
	snprintf(mac, sizeof mac, "%02x:00:00:00:00:%02x", m[0], m[5]);
	snprintf(ip, sizeof ip, "10.%u.0.%u", some_address(s->where) >> 16 & 3,
		some_address(s->where) & 255);
	arg_cnt -= ((s->how & 0x40) != 0 ? 0u : 1u) + ((s->how & 0x80) != 0 ? 1u : 0u);
	for (size_t i = 0; i < arg_cnt; i++)
		arg[i] = (struct gyl_question_arg){
			gyl_view_str(args[i].name), gyl_view_str(args[i].value)};
	ask_verb(verb, arg, arg_cnt);
	if (s->what % TEST_CNT(verbs) == 3)
		forget_wiped();
}

/* ---- the world around ---- */

static void time_passes(const struct step *s)
{
	static const uint16_t s_of[] = {
		0, 1, 3, 10, 30, 59, 60, 61, 120, 300, 599, 900, 1799, 1800, 3600, 7200};
	uint64_t ns = s_of[s->who & 15] * GYL_NS_PER_S + s->where * 4 * GYL_NS_PER_MS;

	hall_pass(&h, (s->how & 0xc0) == 0xc0 ? ns * 24 : ns);
}

static void disk(const struct step *s)
{
	switch (s->who & 7) {
	case 0:
	case 1:
		hall_write(&h);
		break;
	case 2:
	case 3:
		hall_written(&h, false, 0);
		break;
	case 4:
		hall_written(&h, true, s->where * UINT32_C(0x01010101));
		break;
	case 5:
		h.full = !h.full;
		break;
	case 6:
		gyl_store_rewrite(h.s, h.w.b.now.wall_ns);
		break;
	default:
		hall_flush(&h);
	}
}

static void snapshot(void)
{
	struct gyl_event e;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = &e};

	gyl_event_init(&e, GYL_EV_BASE_SNAPSHOT);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	gyl_event_u64(&e, "epoch", 5);
	hall_give(&h, &in);
	hall_pass(&h, GYL_NS_PER_MS);
}

static void reload(const struct step *s)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("conf")};
	const struct gyl_flat *f;

	plan_vary(&h.w.plan, s->who, s->where, s->how);
	f = plan_make(&h.w.plan, h.w.flat);
	in.data = gyl_view(f, f->len);
	assert_int_equal(hall_give(&h, &in), 1);
	memset(h.w.flat, 0xee, PLAN_LEN); /* the core must not need it any more */
}

/* Returns true when everything is to be looked at afterwards. */
static bool world_step(const struct step *s, const uint8_t **p, size_t *left)
{
	if (s->what < 176)
		time_passes(s);
	else if (s->what < 192)
		arp(s);
	else if (s->what < 208)
		disk(s);
	else if (s->what < 214)
		hall_power_cut(&h, s->who * UINT32_C(0x01010101));
	else if (s->what < 216)
		hall_stop(&h);
	else if (s->what < 224)
		reload(s);
	else if (s->what < 240)
		order(s);
	else if (s->what < 248)
		crowd(s);
	else if (s->what < 252)
		raw(s, p, left);
	else if (s->what < 254)
		snapshot();
	else
		hall_set_clock(&h, (s->who & 1 ? 1 : UINT64_MAX) * s->where * 600 * GYL_NS_PER_S);
	return s->what >= 208 && s->what < 248;
}

static bool one_step(const struct step *s, const uint8_t **p, size_t *left)
{
	if (h.park_cnt > HALL_PARK / 2)
		hall_flush(&h);
	if (s->what >= 160)
		return world_step(s, p, left);
	if (s->what < 112)
		act(s);
	else
		odd(s);
	if ((s->what & 1) != 0) /* most are answered before the next comes */
		hall_flush(&h);
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (h.s == NULL)
		hall_open(&h);
	memset(guests, 0, sizeof guests);
	h.w.plan = plan_of_hall();
	hall_begin(&h, (data[0] & 1) != 0 ? HALL_UNITS_FEW : HALL_UNITS);
	data++;
	size--;
	for (unsigned n = 1; size >= STEP_LEN && n <= STEPS_MAX; n++) {
		struct step s = {data[0], data[1], data[2], data[3]};

		data += STEP_LEN;
		size -= STEP_LEN;
		if (one_step(&s, &data, &size) || n % LOOK_EVERY == 0)
			hall_look(&h);
	}
	hall_look(&h);
	hall_power_cut(&h, 0);
	hall_look(&h);
	return 0;
}
