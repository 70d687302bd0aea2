/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_UNIT_ARPD_WORLD_H
#define GYL_TESTS_UNIT_ARPD_WORLD_H

/* The watch alone with a virtual clock: frames of hosts that a test names go in, what it says and
 * sends is there to look at. */

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <gyl/time.h>
#include <stdlib.h>

#include "services/arpd/core.h"
#include "services/base/match.h"
#include "services/base/question.h"
#include "tests/support/outbox.h"

#define NET     0x0a000000u
#define GATEWAY (NET + 254)
#define OUR_IP  (NET + 253)

enum {
	FRAMES_PORT = 3
};

static const uint8_t mac_a[6] = {2, 0, 0, 0, 0, 0xa}, mac_b[6] = {2, 0, 0, 0, 0, 0xb},
		     mac_c[6] = {2, 0, 0, 0, 0, 0xc}, our_mac[6] = {2, 0, 0, 0, 0, 0xfd},
		     to_all[6] = {255, 255, 255, 255, 255, 255};

struct world {
	struct outbox b;
	struct gyl_arpd_conf cf;
	struct gyl_arpd_rules rules;
	struct gyl_arpd *d;
	void *mem;
	uint16_t vlan;
	bool quick; /* frames are not put against a page that cannot be read: for a million of them
		     */
	unsigned event_cnt[GYL_EV_CNT]; /* of each kind, since the begin */
	uint64_t alarm_cnt;             /* sum of the counts of arpd.protected */
};

static const struct gyl_arpd_conf usual = {.forget_ns = 24 * GYL_NS_PER_HOUR,
	.flipflop_ns = GYL_NS_PER_HOUR,
	.duplicate_ns = 2 * GYL_NS_PER_S,
	.lease_grace_ns = 30 * GYL_NS_PER_S,
	.host_cnt = 64,
	.lease_cnt = 16,
	.unknown_after = 3,
	.scan_rate = 100};

static inline void note_events(struct world *w)
{
	for (unsigned i = 0; i < w->b.event_cnt; i++) {
		const struct gyl_event *e = &w->b.event[i].e;
		uint64_t cnt = 0;

		w->event_cnt[e->kind]++;
		if (e->kind == GYL_EV_ARPD_PROTECTED && gyl_event_get_u64(e, "count", &cnt))
			w->alarm_cnt += cnt;
	}
}

static inline void after(struct world *w, uint64_t ns)
{
	outbox_advance(&w->b, &gyl_arpd_core, w->d, ns);
	note_events(w);
}

/* With w->cf and w->rules as they are, and an interface that can send. */
static inline void make_core(struct world *w)
{
	struct gyl_arpd_init init = {.cf = &w->cf, .rules = &w->rules, .seed = {1, 2}};

	free(w->mem);
	w->mem = aligned_alloc(64, (gyl_arpd_need(&w->cf) + 63) & ~(size_t)63);
	assert_non_null(w->mem);
	w->d = gyl_arpd_init(w->mem, &init);
	gyl_arpd_iface(w->d, 0, OUR_IP, 24, our_mac);
	gyl_arpd_open(w->d, FRAMES_PORT);
	after(w, 0); /* it asks dhcpd for its leases */
}

static inline int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	outbox_open(&w->b);
	w->cf = usual;
	make_core(w);
	*state = w;
	return 0;
}

static inline int close_world(void **state)
{
	struct world *w = *state;

	outbox_close(&w->b);
	free(w->mem);
	free(w);
	return 0;
}

static inline void put_frame(
	struct world *w, const uint8_t src[6], const uint8_t dst[6], const struct gyl_arp *a)
{
	struct gyl_eth eth = {.type = GYL_ETH_ARP};
	struct gyl_in in = {.kind = GYL_IN_FRAME, .peer.vlan = w->vlan};
	uint8_t frame[128];
	struct gyl_writer wr;
	struct guard g = {.view = {NULL, 0}};

	memcpy(eth.dst, dst, sizeof eth.dst);
	memcpy(eth.src, src, sizeof eth.src);
	gyl_writer_init(&wr, frame, sizeof frame);
	gyl_arp_encode_frame(&wr, &eth, a);
	assert_true(gyl_writer_ok(&wr));
	in.data = gyl_writer_view(&wr);
	if (!w->quick) {
		guard_open(&g, in.data);
		in.data = g.view;
	}
	assert_int_equal(outbox_input(&w->b, &gyl_arpd_core, w->d, &in, 1), 1);
	if (!w->quick)
		guard_close(&g);
	note_events(w);
}

static inline void asks(struct world *w, const uint8_t mac[6], uint32_t spa, uint32_t tpa)
{
	struct gyl_arp a = gyl_arp_request(mac, spa, tpa);

	put_frame(w, mac, to_all, &a);
}

/* The host of that address and MAC asks for the gateway. */
static inline void seen(struct world *w, uint32_t ip, const uint8_t mac[6])
{
	asks(w, mac, ip, GATEWAY);
}

static inline void announces(struct world *w, uint32_t ip, const uint8_t mac[6])
{
	struct gyl_arp a = gyl_arp_announcement(mac, ip);

	put_frame(w, mac, to_all, &a);
}

static inline void probes(struct world *w, const uint8_t mac[6], uint32_t tpa)
{
	struct gyl_arp a = gyl_arp_probe(mac, tpa);

	put_frame(w, mac, to_all, &a);
}

/* mac tells `to` that it has ip. */
static inline void replies(
	struct world *w, uint32_t ip, const uint8_t mac[6], uint32_t to_ip, const uint8_t to[6])
{
	struct gyl_arp q = gyl_arp_request(to, to_ip, ip), a = gyl_arp_reply(&q, mac);

	put_frame(w, mac, to, &a);
}

static inline void event_in(struct world *w, const struct gyl_event *e)
{
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = e};

	assert_int_equal(outbox_input(&w->b, &gyl_arpd_core, w->d, &in, 1), 1);
	note_events(w);
}

static inline void lease_is(
	struct world *w, uint32_t ip, const uint8_t mac[6], const char *state, const char *name)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
	gyl_event_ip(&e, "ip", ip);
	gyl_event_mac(&e, "mac", mac);
	gyl_event_str(&e, "state", gyl_view_str(state));
	gyl_event_str(&e, "name", gyl_view_str(name));
	event_in(w, &e);
}

static inline void edge(struct world *w, enum gyl_event_kind kind)
{
	struct gyl_event e;

	gyl_event_init(&e, kind);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	event_in(w, &e);
}

/* What dhcpd has to say is told to the end. */
static inline void leases_are_told(struct world *w)
{
	edge(w, GYL_EV_BASE_BEGIN);
	edge(w, GYL_EV_BASE_END);
}

static inline uint64_t count(const struct world *w, enum gyl_arpd_count what)
{
	struct gyl_arpd_stat st;

	gyl_arpd_stat(w->d, &st);
	return st.count[what];
}

/* The last event of a kind in the last call is about that address and MAC. */
static inline void said(
	const struct world *w, enum gyl_event_kind kind, uint32_t ip, const uint8_t mac[6])
{
	const struct gyl_event *e = outbox_event(&w->b, kind);
	uint8_t got[6];
	uint64_t v;

	assert_non_null(e);
	assert_true(gyl_event_get_u64(e, "ip", &v) && v == ip);
	assert_true(gyl_event_get_mac(e, "mac", got));
	assert_memory_equal(got, mac, 6);
}

static inline bool silent(const struct world *w, enum gyl_event_kind kind)
{
	return outbox_event(&w->b, kind) == NULL;
}

/* ARP message i of those sent in the last call. */
static inline struct gyl_arp sent(const struct world *w, unsigned i, struct gyl_eth *ret_eth)
{
	struct gyl_arp a;

	assert_true(i < w->b.out.send_cnt);
	assert_int_equal(w->b.out.send[i].port, FRAMES_PORT);
	assert_false(gyl_failed(gyl_eth_decode(outbox_sent(&w->b, i), ret_eth)));
	assert_false(gyl_failed(gyl_arp_decode(ret_eth->payload, &a)));
	return a;
}

/* A question, and its answer's lines; NULL: refused. */
static inline const char *ask(
	struct world *w, const char *verb, const char *name, const char *value)
{
	static uint8_t text[GYL_QUESTION_SLICE_LEN];
	static uint8_t wrong[GYL_QUESTION_WRONG_LEN];
	struct gyl_question_arg arg = {gyl_view_str(name), gyl_view_str(value)};
	struct gyl_match match;
	struct gyl_writer aw, ww;
	struct gyl_question q = {.verb = gyl_view_str(verb),
		.by = gyl_view_str("test"),
		.arg = &arg,
		.arg_cnt = value[0] != '\0',
		.match = &match,
		.answer = &aw,
		.wrong = &ww};
	struct gyl_in in = {.kind = GYL_IN_ASK, .question = &q};

	gyl_match_init(&match, GYL_EV_ARPD_HOST);
	gyl_writer_init(&aw, text, sizeof text - 1);
	gyl_writer_init(&ww, wrong, sizeof wrong);
	do {
		q.more = false;
		assert_int_equal(outbox_input(&w->b, &gyl_arpd_core, w->d, &in, 1), 1);
	} while (q.more);
	text[aw.len] = '\0';
	return ww.len != 0 ? NULL : (const char *)text;
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

#endif
