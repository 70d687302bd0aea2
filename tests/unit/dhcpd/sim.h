/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCPD_SIM_H
#define GYL_TESTS_DHCPD_SIM_H

/*
 * A witness beside the server. It sees every message in and out, believes only what a client would
 * believe, and ends the test when an address has two holders, when something is offered that
 * somebody holds, or when an ACK has no record that says the same. The store is a table that a
 * restart is made from.
 */

#include <gyl/text.h>

#include "tests/unit/dhcpd/world.h"

enum {
	SIM_ADDRESSES = 512 /* 10.0.0.0/24 and 10.1.0.0/24 */
};

struct sim_record {
	char val[300];
	size_t len;
	uint64_t seq;
};

struct sim {
	struct world w;
	struct sim_record record[SIM_ADDRESSES];
	uint64_t born_seq;              /* records up to here are of earlier lives */
	uint64_t holder[SIM_ADDRESSES]; /* who it is, 0: nobody */
	uint64_t until_ns[SIM_ADDRESSES];
	uint64_t ack_cnt, nak_cnt, offer_cnt;
};

static inline int sim_index(uint32_t ip)
{
	if (ip >> 8 == 0x0a0000)
		return (int)(ip & 255);
	return ip >> 8 == 0x0a0100 ? 256 + (int)(ip & 255) : -1;
}

static inline uint64_t sim_keep(void *arg, const struct gyl_record *rec, size_t cnt)
{
	static const char prefix[] = "dhcpd/lease/";
	size_t skip = sizeof prefix - 1;
	struct sim *s = arg;

	s->w.b.seq++;
	for (size_t i = 0; i < cnt; i++) {
		struct sim_record *r;
		uint32_t ip;

		assert_memory_equal(rec[i].key.p, prefix, skip);
		assert_false(gyl_failed(
			gyl_parse_ipv4(gyl_view_sub(rec[i].key, skip, rec[i].key.len), &ip)));
		assert_true(sim_index(ip) >= 0);
		r = &s->record[sim_index(ip)];
		assert_true(rec[i].val.len < sizeof r->val);
		r->len = rec[i].remove ? 0 : rec[i].val.len;
		if (r->len != 0)
			memcpy(r->val, rec[i].val.p, r->len);
		r->val[r->len] = '\0';
		r->seq = s->w.b.seq;
	}
	return s->w.b.seq;
}

/* A new server in the same world, and nothing was. */
static inline void sim_again(struct sim *s)
{
	memset(s->record, 0, sizeof s->record);
	memset(s->holder, 0, sizeof s->holder);
	s->w.plan = plan_usual();
	s->w.b.seq = s->born_seq = 0;
	s->w.b.now = (struct gyl_now){1000 * GYL_NS_PER_S, UINT64_C(1795000000000000000)};
	world_start(&s->w);
}

static inline void sim_open(struct sim *s)
{
	memset(s, 0, sizeof *s);
	s->w.flat = aligned_alloc(16, PLAN_LEN);
	assert_non_null(s->w.flat);
	outbox_open(&s->w.b);
	s->w.b.out.store = sim_keep;
	s->w.b.out.store_arg = s;
	sim_again(s);
}

static inline void sim_close(struct sim *s)
{
	outbox_close(&s->w.b);
	free(s->w.mem);
	free(s->w.flat);
}

/* The server dies and comes back with what the store has. */
static inline void sim_restart(struct sim *s)
{
	s->born_seq = s->w.b.seq;
	world_start(&s->w);
	for (unsigned i = 0; i < SIM_ADDRESSES; i++) {
		struct gyl_in in = {.kind = GYL_IN_RECORD};
		char key[40];

		if (s->record[i].len == 0)
			continue;
		snprintf(key, sizeof key, "dhcpd/lease/10.%u.0.%u", i >> 8, i & 255);
		in.key = gyl_view_str(key);
		in.data = gyl_view(s->record[i].val, s->record[i].len);
		assert_int_equal(outbox_input(&s->w.b, &gyl_dhcpd_core, s->w.d, &in, 1), 1);
	}
}

static inline uint64_t sim_hash(const uint8_t *p, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return h | 1;
}

/* Who a message speaks for, as RFC 2131 4.2 tells clients apart. */
static inline uint64_t sim_client(const struct gyl_dhcp_msg *m)
{
	uint8_t buf[600], hw[17];
	struct gyl_view id;

	hw[0] = m->hdr.htype;
	memcpy(hw + 1, m->hdr.chaddr, m->hdr.hlen);
	if (gyl_failed(gyl_dhcp_join(m, GYL_DHCP_OPT_CLIENT_ID, buf, sizeof buf, &id)))
		id = gyl_view(hw, 1u + m->hdr.hlen);
	return sim_hash(id.p, id.len);
}

static inline bool sim_is_held_by_another(const struct sim *s, int at, uint64_t client)
{
	return s->holder[at] != 0 && s->holder[at] != client &&
	       s->until_ns[at] > s->w.b.now.mono_ns;
}

/* A client that gives something up no longer holds it. */
static inline void sim_given_up(struct sim *s, const struct gyl_dhcp_msg *q)
{
	uint32_t ip = q->hdr.ciaddr;
	int at;

	if (q->type == GYL_DHCP_DECLINE && !gyl_dhcp_find_u32(q, GYL_DHCP_OPT_REQUESTED_IP, &ip))
		return;
	if (q->type != GYL_DHCP_DECLINE && q->type != GYL_DHCP_RELEASE)
		return;
	at = sim_index(ip);
	if (at >= 0 && s->holder[at] == sim_client(q))
		s->holder[at] = 0;
}

/* The ACK waits for the record, unless that is of an earlier life; and the record says no less. */
static inline void sim_covered(const struct sim *s, const struct sim_record *r, uint32_t lease_s)
{
	const char *until = (const char *)r->val + sizeof "2 leased " - 1;
	uint64_t after = s->w.b.send[0].after, until_ns, end_ns;
	size_t len = strcspn(until, " ");

	assert_true(after == r->seq || (after == 0 && r->seq <= s->born_seq));
	if (gyl_view_eq(gyl_view(until, len), gyl_view_str("infinite")))
		return;
	end_ns = s->w.b.now.wall_ns + gyl_time_from_s(lease_s);
	assert_false(gyl_failed(gyl_time_parse_rfc3339(gyl_view(until, len), &until_ns)));
	assert_true(lease_s != GYL_DHCP_INFINITE && until_ns >= end_ns);
}

static inline void sim_acked(
	struct sim *s, const struct gyl_dhcp_msg *q, const struct gyl_dhcp_msg *a)
{
	int at = sim_index(a->hdr.yiaddr);
	uint64_t client = sim_client(q);
	uint32_t lease_s = 0;

	assert_true(at >= 0);
	assert_true(gyl_dhcp_find_u32(a, GYL_DHCP_OPT_LEASE_TIME, &lease_s));
	assert_false(sim_is_held_by_another(s, at, client));
	/* Never without a record, and never before it. */
	assert_true(s->record[at].len != 0);
	assert_memory_equal(s->record[at].val, "2 leased ", 9);
	sim_covered(s, &s->record[at], lease_s);
	/* A client that has moved holds one address on a subnet. */
	for (int i = at & ~255; i < (at & ~255) + 256; i++)
		if (s->holder[i] == client)
			s->holder[i] = 0;
	s->holder[at] = client;
	s->until_ns[at] = gyl_time_add(s->w.b.now.mono_ns, gyl_time_from_s(lease_s));
	s->ack_cnt++;
}

static inline void sim_answered(
	struct sim *s, const struct gyl_dhcp_msg *q, const struct gyl_dhcp_msg *a)
{
	if (a->type == GYL_DHCP_ACK && q->type == GYL_DHCP_REQUEST)
		sim_acked(s, q, a);
	if (a->type == GYL_DHCP_NAK)
		s->nak_cnt++;
	if (a->type != GYL_DHCP_OFFER || a->hdr.yiaddr == 0) /* RFC 8925 3.3, RFC 2563 2.3 */
		return;
	assert_true(sim_index(a->hdr.yiaddr) >= 0);
	assert_false(sim_is_held_by_another(s, sim_index(a->hdr.yiaddr), sim_client(q)));
	s->offer_cnt++;
}

/* One datagram in, whatever it is. The answer, if any, is in w.m; true when there was one. */
static inline bool sim_put(struct sim *s, const struct gyl_peer *peer, const uint8_t *p, size_t len)
{
	struct gyl_dhcp_msg q;
	struct gyl_view v;

	outbox_dgram(&s->w.b, &gyl_dhcpd_core, s->w.d, GYL_DHCPD_LINK, peer, p, len);
	if (gyl_failed(gyl_dhcp_decode(gyl_view(p, len), &q))) {
		assert_int_equal(s->w.b.out.send_cnt, 0);
		return false;
	}
	sim_given_up(s, &q);
	if (s->w.b.out.send_cnt == 0)
		return false;
	assert_int_equal(s->w.b.out.send_cnt, 1);
	v = outbox_sent(&s->w.b, 0);
	assert_in_range(v.len, GYL_DHCP_LEN_MIN, sizeof s->w.answer);
	memcpy(s->w.answer, v.p, v.len);
	assert_false(gyl_failed(gyl_dhcp_decode(gyl_view(s->w.answer, v.len), &s->w.m)));
	assert_int_equal(s->w.m.hdr.op, GYL_DHCP_BOOTREPLY);
	assert_int_equal(s->w.m.hdr.xid, q.hdr.xid);
	assert_true(v.len <= gyl_dhcp_reply_max(&q));
	sim_answered(s, &q, &s->w.m);
	return true;
}

/* Time passes in steps: what ends in one must fit the outbox. */
static inline void sim_pass(struct sim *s, uint64_t ns)
{
	for (unsigned i = 0; i < 64; i++)
		world_pass(&s->w, ns / 64);
}

static inline bool sim_ask(struct sim *s, struct ask q)
{
	struct gyl_peer p = ask_peer(&q);
	uint8_t buf[1500];

	return sim_put(s, &p, buf, ask_build(&q, buf, sizeof buf));
}

#endif
