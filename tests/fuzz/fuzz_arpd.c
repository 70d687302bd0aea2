/* SPDX-License-Identifier: ISC */

/*
 * The ARP watch, all that it does switched on, under a sequence of steps: one octet of time, one of
 * length, then a frame. Length 0 is another step, by the next two octets, what and about whom: 0 a
 * lease, 1 its end, 2 and 3 the edges of a snapshot, 4 a DHCP message of so many octets, 5 a
 * question, 6 a name.
 *
 * The table stays within its bound, time never stands still, events are never lost for want of
 * asking, answers fit their slice, and the counts of alarms add up to the frames against the
 * protected address.
 */

#include <gyl/time.h>

#include "services/arpd/core.h"
#include "services/base/match.h"
#include "services/base/question.h"
#include "services/base/ring.h"
#include "tests/fuzz/require.h"

enum {
	HOSTS = 16,
	LEASES = 16,
	SLOTS = 16,
	NET = 0x0a000000
};

struct run {
	struct gyl_arpd *d;
	struct gyl_now now;
	struct gyl_ring ring;
	struct gyl_out o;
	struct gyl_send send[SLOTS];
	uint64_t seq, alarm_cnt;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t store(void *arg, const struct gyl_record *rec, size_t cnt)
{
	uint64_t *seq = arg;

	for (size_t i = 0; i < cnt; i++)
		REQUIRE(rec[i].key.len > 10 && rec[i].key.len < 64);
	return ++*seq;
}

static void drain(struct run *r)
{
	const struct gyl_out_event *e;
	size_t len;
	void *p;

	while (gyl_ring_peek(&r->ring, &p, &len)) {
		uint64_t cnt;

		e = p;
		if (e->e.kind == GYL_EV_ARPD_PROTECTED && gyl_event_get_u64(&e->e, "count", &cnt))
			r->alarm_cnt += cnt;
		gyl_ring_drop(&r->ring);
	}
	for (uint32_t i = 0; i < r->o.send_cnt; i++)
		REQUIRE(r->o.send[i].len == 60);
	r->o.send_cnt = 0;
}

static void give(struct run *r, struct gyl_in *in)
{
	r->o.now = r->now;
	REQUIRE(gyl_arpd_core.input(r->d, r->now, in, 1, &r->o) == 1);
	drain(r);
}

static void advance(struct run *r, uint64_t step_ns)
{
	r->now.mono_ns += step_ns;
	r->now.wall_ns += step_ns;
	r->o.now = r->now;
	for (int i = 0; i < 200 && gyl_arpd_core.deadline_ns(r->d) <= r->now.mono_ns; i++) {
		gyl_arpd_core.tick(r->d, r->now, &r->o);
		drain(r);
	}
	REQUIRE(gyl_arpd_core.deadline_ns(r->d) > r->now.mono_ns);
}

static void event(struct run *r, enum gyl_event_kind kind, uint8_t who, const char *state)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, who & 3};
	struct gyl_event e;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = &e};

	gyl_event_init(&e, kind);
	if (kind == GYL_EV_BASE_BEGIN || kind == GYL_EV_BASE_END) {
		gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	} else {
		gyl_event_ip(&e, "ip", NET + (who >> 2));
		gyl_event_str(&e, "name", gyl_view_str("n"));
		gyl_event_str(&e, "state", gyl_view_str(state));
	}
	if (kind == GYL_EV_DHCPD_LEASE)
		gyl_event_mac(&e, "mac", mac);
	give(r, &in);
}

static void ask(struct run *r, uint8_t what)
{
	static const char *const verb[] = {
		"arpd.hosts", "arpd.scan", "arpd.protected", "arpd.servers"};
	static uint8_t text[GYL_QUESTION_SLICE_LEN], wrong[GYL_QUESTION_WRONG_LEN];
	struct gyl_writer answer, why;
	struct gyl_match match;
	struct gyl_question q = {.verb = gyl_view_str(verb[what & 3]),
		.by = gyl_view_str("fuzz"),
		.match = &match,
		.answer = &answer,
		.wrong = &why};
	struct gyl_in in = {.kind = GYL_IN_ASK, .question = &q};

	gyl_match_init(&match, GYL_EV_ARPD_HOST);
	gyl_writer_init(&answer, text, sizeof text);
	gyl_writer_init(&why, wrong, sizeof wrong);
	give(r, &in);
	REQUIRE(gyl_writer_ok(&answer) && gyl_writer_ok(&why) && !q.more);
}

/* How many octets of p it took. */
static size_t other_step(struct run *r, const uint8_t *p, size_t len)
{
	struct gyl_in in = {.kind = GYL_IN_DGRAM, .role = GYL_ARPD_DHCP, .peer.ip = NET + 1};
	size_t more;

	if (len < 2)
		return len;
	more = p[1] < len - 2 ? p[1] : len - 2;
	switch (p[0] % 7) {
	case 0:
		event(r, GYL_EV_DHCPD_LEASE, p[1], "leased");
		return 2;
	case 1:
		event(r, GYL_EV_DHCPD_LEASE, p[1], "expired");
		return 2;
	case 2:
		event(r, GYL_EV_BASE_BEGIN, 0, "");
		return 2;
	case 3:
		event(r, GYL_EV_BASE_END, 0, "");
		return 2;
	case 4:
		in.data = gyl_view(p + 2, more);
		give(r, &in);
		return 2 + more;
	case 5:
		ask(r, p[1]);
		return 2;
	default:
		event(r, GYL_EV_DNS_NAME, p[1], (p[1] & 1) != 0 ? "new" : "gone");
		return 2;
	}
}

static size_t step(struct run *r, const uint8_t *p, size_t len)
{
	struct gyl_in in = {.kind = GYL_IN_FRAME};
	size_t frame_len = p[1] < len - 2 ? p[1] : len - 2;
	struct gyl_arpd_stat st;

	advance(r, (uint64_t)p[0] * p[0] * GYL_NS_PER_S);
	if (p[1] == 0)
		return 2 + other_step(r, p + 2, len - 2);
	in.data = gyl_view(p + 2, frame_len);
	give(r, &in);
	gyl_arpd_stat(r->d, &st);
	REQUIRE(st.host_cnt <= HOSTS && st.lease_cnt <= LEASES && r->o.event_lost_cnt == 0);
	return 2 + frame_len;
}

static void open_run(
	struct run *r, void *mem, void *ring_mem, size_t ring_len, uint8_t (*slot)[2048])
{
	static const struct gyl_arpd_conf cf = {.forget_ns = GYL_NS_PER_HOUR,
		.flipflop_ns = 10 * GYL_NS_PER_MIN,
		.duplicate_ns = 2 * GYL_NS_PER_S,
		.lease_grace_ns = 30 * GYL_NS_PER_S,
		.host_cnt = HOSTS,
		.lease_cnt = LEASES,
		.flood_cnt = 5,
		.announce_cnt = 3,
		.sweep_cnt = 4,
		.unknown = GYL_ARPD_UNKNOWN_ANSWER,
		.unknown_after = 2,
		.scan_rate = 10};
	static const struct gyl_arpd_rules rules = {.leased = {1, {{NET + 8, NET + 31}}},
		.proxy = {1, {{NET + 32, NET + 40}}},
		.unknown = {1, {{NET + 41, NET + 50}}},
		.network = {1, {{NET, 24}}},
		.scan = {1, {{NET, 28}}},
		.protect_cnt = 1,
		.server_cnt = 1,
		.protect = {{.ip = NET + 254, .defend = true}},
		.server = {NET + 1}};
	static const struct gyl_arpd_init init = {.cf = &cf, .rules = &rules, .seed = {1, 2}};
	static const uint8_t own[6] = {2, 0, 0, 0, 0, 0xfd};

	memset(r, 0, sizeof *r);
	r->now = (struct gyl_now){GYL_NS_PER_S, UINT64_C(1795000000000000000)};
	gyl_ring_init(&r->ring, ring_mem, ring_len);
	for (int i = 0; i < SLOTS; i++) {
		r->send[i].p = slot[i];
		r->send[i].cap = 2048;
	}
	r->o = (struct gyl_out){.event = &r->ring,
		.send = r->send,
		.send_cap = SLOTS,
		.store_room = UINT64_MAX,
		.hold_room = UINT64_MAX,
		.store = store,
		.store_arg = &r->seq};
	r->d = gyl_arpd_init(mem, &init);
	gyl_arpd_iface(r->d, 0, NET + 253, 24, own);
	gyl_arpd_open(r->d, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(64) uint8_t mem[1 << 19];
	static uint64_t ring_mem[1 << 14];
	static uint8_t slot[SLOTS][2048];
	static struct run r;
	struct gyl_arpd_stat st;

	open_run(&r, mem, ring_mem, sizeof ring_mem, slot);
	while (size >= 2) {
		size_t taken = step(&r, data, size);

		data += taken;
		size -= taken;
	}
	advance(&r, 20 * GYL_NS_PER_S);
	gyl_arpd_stat(r.d, &st);
	REQUIRE(r.alarm_cnt == st.count[GYL_ARPD_ALARM]);
	return 0;
}
