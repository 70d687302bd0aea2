/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCPD_HALL_H
#define GYL_TESTS_DHCPD_HALL_H

/*
 * A DHCP server with a real store over two extents in memory, whose leases the core keeps, as the
 * daemon does it: what waits for the store is parked, leaves when it is durable, and is dropped
 * when a write fails. The power may go at any time.
 *
 * Beside it stands a witness. It believes only what a client would: who got an ACK holds the
 * address until the time it was told is over. It ends the test when an address has two holders,
 * when the server knows less of a lease than its holder, or when an ACK has no record that says
 * the same, durable or waited for.
 */

#include <gyl/text.h>

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <gyl/sha256.h>

#include "services/base/store_int.h"
#include "services/dhcpd/steer.h"
#include "tests/unit/dhcpd/recount.h"

#ifdef __clang__ /* what it looks at is nothing for a fuzzer to find ways through */
#	pragma clang attribute push(__attribute__((no_sanitize("coverage"))), apply_to = function)
#endif

enum {
	HALL_NETS = 4, /* 10.0.0.0/24 to 10.3.0.0/24 */
	HALL_ADDRESSES = HALL_NETS * 256,
	HALL_UNITS = 96,     /* of an extent */
	HALL_UNITS_FEW = 48, /* so few that it is soon full */
	HALL_PARK = 64,
	HALL_ARP_PORT = 5
};

/* Who holds something, as the server told clients apart when it gave it. */
struct hall_who {
	uint8_t form, len, octet[GYL_DHCPD_ID_MAX];
	bool reserved, has_mac;
	uint8_t mac[6];
};

struct hall_claim {
	struct hall_who who;
	uint64_t until_ns; /* of hall.now_ns; 0: nobody holds it */
};

/* An ACK that waits for the store. */
struct hall_parked {
	struct hall_claim claim;
	uint64_t after;
	uint16_t at;
	bool revoked;
};

/* The last record of an address. */
struct hall_record {
	uint64_t seq, until_ns; /* wall clock */
	bool leased, lost;
};

struct hall {
	struct world w;
	struct gyl_store *s;
	uint8_t *ext[2];
	uint64_t top[2]; /* units that were ever written */
	struct gyl_store_write flight;
	bool flying, full;
	uint64_t units;                      /* of an extent, HALL_UNITS at most */
	uint64_t now_ns, mono_off, wall_off; /* now_ns is true time, never set, never reset */
	uint64_t boots;
	struct hall_claim claim[HALL_ADDRESSES];
	struct hall_record record[HALL_ADDRESSES];
	struct hall_parked park[HALL_PARK];
	unsigned park_cnt;
	uint8_t load[GYL_STORE_LOAD_LEN];
};

static inline int hall_index(uint32_t ip)
{
	if ((ip & 0xfffcff00) != 0x0a000000)
		return -1;
	return (int)((ip >> 16 & 3) << 8 | (ip & 255));
}

static inline uint32_t hall_address(unsigned at)
{
	return 0x0a000000 | (uint32_t)(at >> 8) << 16 | (at & 255);
}

static inline void hall_clock(struct hall *h)
{
	h->w.b.now.mono_ns = h->now_ns - h->mono_off;
	h->w.b.now.wall_ns = h->now_ns + h->wall_off;
}

/* ---- the witness: claims ---- */

/* Of a reserved address the systems of one machine are one holder, whatever they call themselves.
 */
static inline bool hall_same(const struct hall_who *a, const struct hall_who *b)
{
	return (a->form == b->form && a->len == b->len &&
		       memcmp(a->octet, b->octet, a->len) == 0) ||
	       ((a->reserved || b->reserved) && a->has_mac && b->has_mac &&
		       memcmp(a->mac, b->mac, 6) == 0);
}

static inline struct hall_who hall_who_of(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	struct gyl_view id = gyl__dhcpd_lease_id(d, l);
	struct hall_who who = {.form = l->form, .len = (uint8_t)id.len};

	assert_true(id.len <= sizeof who.octet);
	if (id.len != 0)
		memcpy(who.octet, id.p, id.len);
	who.reserved = l->host != 0;
	who.has_mac = l->has_mac;
	memcpy(who.mac, l->mac, 6);
	return who;
}

static inline bool hall_is_held(const struct hall *h, unsigned at)
{
	return h->claim[at].until_ns > h->now_ns;
}

/* Nobody else has the address, or is about to hear that it has. */
static inline void hall_no_other(const struct hall *h, unsigned at, const struct hall_who *who)
{
	assert_true(!hall_is_held(h, at) || hall_same(&h->claim[at].who, who));
	for (unsigned i = 0; i < h->park_cnt; i++) {
		const struct hall_parked *p = &h->park[i];

		assert_true(p->at != at || p->revoked || p->claim.until_ns <= h->now_ns ||
			    hall_same(&p->claim.who, who));
	}
}

static inline void hall_revoke(struct hall *h, unsigned at, const struct hall_who *who)
{
	if (hall_same(&h->claim[at].who, who))
		h->claim[at].until_ns = 0;
	for (unsigned i = 0; i < h->park_cnt; i++)
		if (h->park[i].at == at && hall_same(&h->park[i].claim.who, who))
			h->park[i].revoked = true;
}

static inline const struct gyl_dhcpd_lease *hall_lease(const struct hall *h, uint32_t ip)
{
	const struct gyl_dhcpd *d = h->w.d;
	uint32_t slot = gyl__dhcpd_slot(d, ip);

	return &d->lease[slot != 0 ? slot : gyl__dhcpd_slot_beside(d, ip)];
}

/* The end that the server knows of may be later than what the holder was told, never earlier. */
static inline void hall_honoured(const struct hall *h, unsigned at)
{
	const struct gyl_dhcpd_lease *l = hall_lease(h, hall_address(at));
	const struct hall_claim *c = &h->claim[at];
	struct hall_who who;

	if (c->until_ns <= h->now_ns)
		return;
	assert_int_equal(l->state, GYL_DHCPD_LEASED);
	who = hall_who_of(h->w.d, l);
	assert_true(hall_same(&who, &c->who));
	assert_true(l->expiry_ns == GYL_TIME_INFINITE ||
		    (int64_t)(l->expiry_ns - (c->until_ns - h->mono_off)) >= 0);
}

static inline void hall_look(const struct hall *h)
{
	for (unsigned at = 0; at < HALL_ADDRESSES; at++)
		if (hall_is_held(h, at))
			hall_honoured(h, at);
	recount(h->w.d);
}

/* ---- records ---- */

static inline void hall_note(struct hall *h, const struct gyl_record *rec, uint64_t seq)
{
	static const char dict[] = "dhcpd/lease/";
	size_t skip = sizeof dict - 1;
	struct gyl_dhcpd_record f;
	struct hall_record *r;
	uint32_t ip;

	if (!gyl_view_eq(gyl_view_sub(rec->key, 0, skip), gyl_view(dict, skip)))
		return;
	assert_false(gyl_failed(gyl_parse_ipv4(gyl_view_sub(rec->key, skip, rec->key.len), &ip)));
	assert_true(hall_index(ip) >= 0);
	r = &h->record[hall_index(ip)];
	*r = (struct hall_record){.seq = seq};
	if (rec->remove)
		return;
	assert_true(gyl__dhcpd_record_parse(rec->val, &f));
	r->leased = f.state == GYL_DHCPD_LEASED;
	r->until_ns = f.until_ns;
}

static inline uint64_t hall_keep(void *arg, const struct gyl_record *rec, size_t cnt)
{
	struct hall *h = arg;
	uint64_t seq = 0;

	if (h->full || gyl_store_batch(h->s, h->w.b.now.wall_ns, rec, cnt, &seq) != GYL_STORE_OK)
		return 0;
	for (size_t i = 0; i < cnt; i++)
		hall_note(h, &rec[i], seq);
	return seq;
}

/* An ACK is said when its record is on the disk or waited for, and the record says no less. */
static inline void hall_covered(const struct hall *h, unsigned at, uint64_t after, uint32_t lease_s)
{
	const struct hall_record *r = &h->record[at];
	uint64_t end_ns = h->w.b.now.wall_ns + gyl_time_from_s(lease_s);

	assert_true(r->leased && !r->lost);
	assert_true(after >= r->seq || r->seq <= gyl_store_durable(h->s));
	if (r->until_ns != GYL_TIME_INFINITE)
		assert_true(lease_s != GYL_DHCP_INFINITE && r->until_ns >= end_ns);
}

/* ---- what the server says ---- */

/* Who asks for another address on a link has left the one before. */
static inline void hall_leave(struct hall *h, unsigned at, const struct hall_who *who)
{
	uint16_t subnet = hall_lease(h, hall_address(at))->subnet;

	for (unsigned i = 0; i < HALL_ADDRESSES; i++)
		if (i != at && hall_is_held(h, i) && hall_same(&h->claim[i].who, who) &&
			gyl__dhcpd_same_link(
				h->w.d, hall_lease(h, hall_address(i))->subnet, subnet))
			h->claim[i].until_ns = 0;
	for (unsigned i = 0; i < h->park_cnt; i++) {
		struct hall_parked *p = &h->park[i];

		if (p->at != at && hall_same(&p->claim.who, who) &&
			gyl__dhcpd_same_link(
				h->w.d, hall_lease(h, hall_address(p->at))->subnet, subnet))
			p->revoked = true;
	}
}

/* Who may have the address is one machine, perhaps by another identifier or, from now on, another
 * card: what it was told before is its own under the newest one. */
static inline void hall_hand_over(struct hall *h, unsigned at, const struct hall_who *who)
{
	if (hall_is_held(h, at))
		h->claim[at].who = *who;
	for (unsigned i = 0; i < h->park_cnt; i++)
		if (h->park[i].at == at && !h->park[i].revoked)
			h->park[i].claim.who = *who;
}

/* What had no end has one as soon as that is said, though it waits: else it would never be free
 * again when the holder does not hear of it (grant.c). */
static inline void hall_bound(struct hall *h, unsigned at, uint64_t until_ns)
{
	if (h->claim[at].until_ns == UINT64_MAX)
		h->claim[at].until_ns = until_ns;
	for (unsigned i = 0; i < h->park_cnt; i++)
		if (h->park[i].at == at && h->park[i].claim.until_ns == UINT64_MAX)
			h->park[i].claim.until_ns = until_ns;
}

static inline void hall_acked(struct hall *h, const struct gyl_dhcp_msg *a, uint64_t after)
{
	int at = hall_index(a->hdr.yiaddr);
	struct hall_claim c;
	uint32_t lease_s;

	assert_true(at >= 0);
	assert_true(gyl_dhcp_find_u32(a, GYL_DHCP_OPT_LEASE_TIME, &lease_s) && lease_s != 0);
	c.who = hall_who_of(h->w.d, hall_lease(h, a->hdr.yiaddr));
	c.until_ns =
		lease_s == GYL_DHCP_INFINITE ? UINT64_MAX : h->now_ns + gyl_time_from_s(lease_s);
	hall_no_other(h, (unsigned)at, &c.who);
	hall_hand_over(h, (unsigned)at, &c.who);
	hall_bound(h, (unsigned)at, c.until_ns);
	hall_covered(h, (unsigned)at, after, lease_s);
	hall_leave(h, (unsigned)at, &c.who);
	if (after <= gyl_store_durable(h->s)) {
		hall_revoke(h, (unsigned)at, &c.who); /* what comes late is of an older question */
		h->claim[at] = c;
		return;
	}
	assert_true(h->park_cnt < HALL_PARK);
	h->park[h->park_cnt++] =
		(struct hall_parked){.claim = c, .after = after, .at = (uint16_t)at};
}

/* An offer, and BOOTP's reply, is of what nobody else has. */
static inline void hall_offered(const struct hall *h, const struct gyl_dhcp_msg *a)
{
	int at = hall_index(a->hdr.yiaddr);
	struct hall_who who;

	if (a->hdr.yiaddr == 0) /* RFC 8925 3.3, RFC 2563 2.3 */
		return;
	assert_true(at >= 0);
	who = hall_who_of(h->w.d, hall_lease(h, a->hdr.yiaddr));
	hall_no_other(h, (unsigned)at, &who);
}

static inline void hall_digest(struct gyl_view v, uint8_t *ret_digest)
{
	struct gyl_sha256 s;

	gyl_sha256_init(&s, 0);
	gyl_sha256_update(&s, v.p, v.len);
	gyl_sha256_final(&s, ret_digest);
}

/* Who a message speaks for, as RFC 2131 4.2 tells clients apart. */
static inline struct hall_who hall_asker(const struct gyl_dhcp_msg *m, bool by_mac)
{
	struct hall_who who = {.form = GYL_DHCPD_BY_HW};
	uint8_t buf[600];
	struct gyl_view id;

	who.octet[0] = m->hdr.htype;
	memcpy(who.octet + 1, m->hdr.chaddr, m->hdr.hlen);
	who.len = (uint8_t)(1 + m->hdr.hlen);
	if (by_mac ||
		gyl_dhcp_join(m, GYL_DHCP_OPT_CLIENT_ID, buf, sizeof buf, &id).err != GYL_OK ||
		gyl_view_eq(id, gyl_view(who.octet, who.len)))
		return who;
	who.form = id.len > sizeof who.octet ? GYL_DHCPD_BY_DIGEST : GYL_DHCPD_BY_ID;
	who.len = id.len > sizeof who.octet ? sizeof who.octet : (uint8_t)id.len;
	if (who.form == GYL_DHCPD_BY_DIGEST)
		hall_digest(id, who.octet);
	else
		memcpy(who.octet, id.p, id.len);
	return who;
}

/* The client knows that it has this address no more: it said so, or was told. */
static inline void hall_given_up(struct hall *h, const struct gyl_dhcp_msg *q, uint32_t ip)
{
	int at = hall_index(ip);

	for (unsigned by_mac = 0; by_mac < 2 && at >= 0; by_mac++) {
		struct hall_who who = hall_asker(q, by_mac != 0);

		hall_revoke(h, (unsigned)at, &who);
	}
}

static inline uint32_t hall_asked_for(const struct gyl_dhcp_msg *q)
{
	uint32_t ip = q->hdr.ciaddr;

	gyl_dhcp_find_u32(q, GYL_DHCP_OPT_REQUESTED_IP, &ip);
	return ip;
}

/* Who takes an offer has none of what it had before (RFC 2131 4.4.1). */
static inline bool hall_gives_up(const struct gyl_dhcp_msg *q)
{
	uint32_t server;

	return q->type == GYL_DHCP_RELEASE || q->type == GYL_DHCP_DECLINE ||
	       (q->type == GYL_DHCP_REQUEST &&
		       gyl_dhcp_find_u32(q, GYL_DHCP_OPT_SERVER_ID, &server));
}

static inline void hall_answered(
	struct hall *h, const struct gyl_dhcp_msg *q, const struct gyl_dhcp_msg *a, uint64_t after)
{
	assert_int_equal(a->hdr.op, GYL_DHCP_BOOTREPLY);
	assert_int_equal(a->hdr.xid, q->hdr.xid);
	if (a->type == GYL_DHCP_ACK && q->type != GYL_DHCP_INFORM)
		hall_acked(h, a, after);
	else if (a->type == GYL_DHCP_OFFER || a->type == 0)
		hall_offered(h, a);
	else if (a->type == GYL_DHCP_NAK)
		hall_given_up(h, q, hall_asked_for(q));
}

/* Nobody who has an address is asked whether it does. */
static inline void hall_probed(const struct hall *h, struct gyl_view frame)
{
	struct gyl_eth e;
	struct gyl_arp a;

	assert_false(gyl_failed(gyl_eth_decode(frame, &e)));
	assert_false(gyl_failed(gyl_arp_decode(e.payload, &a)));
	assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_PROBE);
	assert_true(hall_index(a.tpa) >= 0 && !hall_is_held(h, (unsigned)hall_index(a.tpa)));
}

/* The answer to a message that waited for what ARP says: an OFFER, an ACK or a NAK. */
static inline void hall_late(struct hall *h, unsigned i)
{
	struct gyl_view v = outbox_sent(&h->w.b, i);
	struct gyl_dhcp_msg a;

	assert_in_range(v.len, GYL_DHCP_LEN_MIN, sizeof h->w.answer);
	assert_false(gyl_failed(gyl_dhcp_decode(v, &a)));
	assert_int_equal(a.hdr.op, GYL_DHCP_BOOTREPLY);
	if (a.type == GYL_DHCP_ACK)
		hall_acked(h, &a, h->w.b.send[i].after);
	else if (a.type == GYL_DHCP_OFFER)
		hall_offered(h, &a);
}

static inline void hall_sends(struct hall *h, bool late)
{
	for (unsigned i = 0; i < h->w.b.out.send_cnt; i++) {
		if (h->w.b.send[i].port == HALL_ARP_PORT)
			hall_probed(h, outbox_sent(&h->w.b, i));
		else if (late)
			hall_late(h, i);
	}
}

/* ---- what it is given ---- */

static inline size_t hall_give(struct hall *h, struct gyl_in *in)
{
	size_t taken;

	h->w.b.out.store_room = gyl_store_room(h->s);
	h->w.b.out.durable = h->w.b.out.stored = gyl_store_durable(h->s);
	taken = outbox_input(&h->w.b, &gyl_dhcpd_core, h->w.d, in, 1);
	hall_sends(h, false);
	return taken;
}

static inline void hall_tick(struct hall *h)
{
	h->w.b.out.store_room = gyl_store_room(h->s);
	h->w.b.out.durable = h->w.b.out.stored = gyl_store_durable(h->s);
	outbox_tick(&h->w.b, &gyl_dhcpd_core, h->w.d);
	hall_sends(h, true);
}

/* RFC 3046 2.2: what a relay added comes back to it, beyond the least that clients take. */
static inline size_t hall_longest(const struct gyl_dhcp_msg *q)
{
	size_t max = gyl_dhcp_reply_max(q), least = GYL_DHCP_LEN_MIN;
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	for (gyl_dhcp_cursor_init(&c, q); gyl_dhcp_cursor_next(&c, &o);)
		least += o.code == GYL_DHCP_OPT_RELAY ? 2 + o.val.len : 0;
	/* RFC 4388: the asker is no client, and is told what its relay had added. */
	if (q->type == GYL_DHCP_LEASEQUERY)
		least = GYL_DHCP_LEN_DEFAULT;
	return max < least ? least : max;
}

/* Its octets are in memory of their own, so that reading past them is noticed. False: there was no
 * room for what it may cause. The answer, if any, is in w.m, and w.m.type is of it. */
static inline bool hall_dgram(
	struct hall *h, const struct gyl_peer *peer, const uint8_t *p, size_t len)
{
	struct gyl_in in = {.kind = GYL_IN_DGRAM, .role = GYL_DHCPD_LINK, .peer = *peer};
	uint8_t *copy = malloc(len + (len == 0));
	struct gyl_dhcp_msg q;
	bool taken;

	assert_non_null(copy);
	memset(&h->w.m, 0, sizeof h->w.m);
	if (len != 0)
		memcpy(copy, p, len);
	in.data = gyl_view(copy, len);
	taken = hall_give(h, &in) == 1;
	free(copy);
	if (gyl_failed(gyl_dhcp_decode(gyl_view(p, len), &q))) {
		assert_int_equal(h->w.b.out.send_cnt, 0);
		return taken;
	}
	if (hall_gives_up(&q))
		hall_given_up(h, &q, hall_asked_for(&q));
	if (h->w.b.out.send_cnt == 0 || h->w.b.send[0].port == HALL_ARP_PORT)
		return taken;
	assert_int_equal(h->w.b.out.send_cnt, 1);
	in.data = outbox_sent(&h->w.b, 0);
	assert_in_range(in.data.len, GYL_DHCP_LEN_MIN, sizeof h->w.answer);
	assert_true(in.data.len <= hall_longest(&q));
	memcpy(h->w.answer, in.data.p, in.data.len);
	assert_false(gyl_failed(gyl_dhcp_decode(gyl_view(h->w.answer, in.data.len), &h->w.m)));
	hall_answered(h, &q, &h->w.m, h->w.b.send[0].after);
	return taken;
}

/* ---- the disk ---- */

/* What has become durable is heard. */
static inline void hall_release(struct hall *h)
{
	uint64_t durable = gyl_store_durable(h->s);
	unsigned kept = 0;

	for (unsigned i = 0; i < h->park_cnt; i++) {
		struct hall_parked *p = &h->park[i];

		if (p->after > durable)
			h->park[kept++] = *p;
		else if (!p->revoked)
			h->claim[p->at] = p->claim;
	}
	h->park_cnt = kept;
}

/* Of a write that goes wrong each unit is there or not. */
static inline void hall_put_units(struct hall *h, uint32_t torn)
{
	const struct gyl_store_write *f = &h->flight;

	assert_true(f->unit + f->cnt <= HALL_UNITS);
	for (uint32_t i = 0; i < f->cnt; i++)
		if ((torn >> (i & 31) & 1) == 0)
			memcpy(h->ext[f->dev] + (f->unit + i) * GYL_UNIT_LEN,
				f->buf + (size_t)i * GYL_UNIT_LEN, GYL_UNIT_LEN);
	if (h->top[f->dev] < f->unit + f->cnt)
		h->top[f->dev] = f->unit + f->cnt;
}

static inline void hall_write(struct hall *h)
{
	if (!h->flying)
		h->flying = gyl_store_write_next(h->s, h->w.b.now.mono_ns, &h->flight);
}

static inline void hall_lose(struct hall *h, uint64_t seq)
{
	struct gyl_in in = {.kind = GYL_IN_LOST, .seq = seq};

	h->park_cnt = 0;
	for (unsigned at = 0; at < HALL_ADDRESSES; at++)
		h->record[at].lost |= h->record[at].seq >= seq;
	assert_int_equal(hall_give(h, &in), 1);
}

/* The write that is under way ends, well or not. */
static inline void hall_written(struct hall *h, bool fails, uint32_t torn)
{
	uint64_t lost;

	if (!h->flying)
		return;
	hall_put_units(h, fails ? torn : 0);
	h->flying = false;
	if (gyl_store_written(h->s, h->flight.token, fails ? 5 : 0, &lost))
		hall_lose(h, lost);
	hall_release(h);
}

/* All that there is, as far as the store is well; some time passes for it. */
static inline void hall_flush(struct hall *h)
{
	for (unsigned i = 0; i < 16; i++) {
		hall_written(h, false, 0);
		h->now_ns += GYL_NS_PER_MS;
		hall_clock(h);
		hall_write(h);
		if (!h->flying)
			return;
	}
	hall_written(h, false, 0);
}

/* ---- time ---- */

/* At every deadline a tick, some when there is no room for what they would do. */
static inline void hall_pass(struct hall *h, uint64_t ns)
{
	uint64_t end_ns = h->now_ns + ns, due_ns;

	for (unsigned stuck = 0; stuck < 40; stuck++) {
		hall_clock(h);
		due_ns = gyl_dhcpd_core.deadline_ns(h->w.d);
		if (due_ns > end_ns - h->mono_off)
			break;
		if (due_ns > h->w.b.now.mono_ns) {
			h->now_ns = due_ns + h->mono_off;
			hall_clock(h);
			stuck = 0;
		}
		hall_tick(h);
		if (stuck == 20)
			hall_flush(h);
	}
	h->now_ns = h->now_ns > end_ns ? h->now_ns : end_ns;
	hall_clock(h);
}

/* ---- start and end ---- */

static inline void hall_scan(struct hall *h)
{
	struct gyl_store_read rd;

	while (gyl_store_replay_next(h->s, &rd)) {
		memcpy(rd.buf, h->ext[rd.dev] + rd.unit * GYL_UNIT_LEN,
			(size_t)rd.cnt * GYL_UNIT_LEN);
		gyl_store_replay_done(h->s, 0);
	}
}

/* Reservations and drains; leases were told already. */
static inline void hall_restore(struct hall *h)
{
	struct gyl_in in = {.kind = GYL_IN_RECORD};
	uint32_t at = 0;

	while (gyl_store_walk(h->s, gyl_view_str("dhcpd"), &at, &in.key, &in.data, &in.seq))
		assert_int_equal(hall_give(h, &in), 1);
}

/* What the disk says is what records are from now on. */
static inline void hall_read_back(struct hall *h)
{
	const struct gyl_store_owner *ops = gyl_dhcpd_core.owner;

	memset(h->record, 0, sizeof h->record);
	for (uint32_t i = 1; i <= ops->top(h->w.d); i++) {
		uint8_t key[GYL_STORE_KEY_MAX], val[GYL_STORE_VALUE_MAX];
		struct gyl_record rec;
		struct gyl_writer k, v;
		uint64_t wall_ns;

		gyl_writer_init(&k, key, sizeof key);
		gyl_text_str(&k, "dhcpd/lease/");
		gyl_writer_init(&v, val, sizeof val);
		if (!ops->print(h->w.d, i, &k, &v, &wall_ns))
			continue;
		rec = (struct gyl_record){.key = gyl_writer_view(&k), .val = gyl_writer_view(&v)};
		hall_note(h, &rec, 0);
	}
}

/* The memory of the last server is that of the next. Most of it is what is remembered of decisions,
 * and little of that is used. */
static inline void hall_zero(struct world *w)
{
	struct gyl_dhcpd *d = w->mem;
	struct gyl_dhcpd_explain *x = &d->explain;
	uint64_t given = x->given_cnt, refused = x->refused_cnt;

	memset(x->given, 0,
		sizeof x->given[0] * (given < GYL_DHCPD_GIVEN_MAX ? given : GYL_DHCPD_GIVEN_MAX));
	memset(x->refused, 0,
		sizeof x->refused[0] *
			(refused < GYL_DHCPD_REFUSED_MAX ? refused : GYL_DHCPD_REFUSED_MAX));
	memset(d, 0,
		offsetof(struct gyl_dhcpd, explain) + offsetof(struct gyl_dhcpd_explain, given));
	memset(d + 1, 0, w->mem_len - sizeof *d);
	w->mem_is_zero = true;
}

/* A new process over what is on the disk. */
static inline void hall_boot(struct hall *h)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 0xfe};
	struct gyl_store_conf cf = {64, 8192, h->units, {++h->boots, 2}};
	struct gyl_view dict = gyl_view_str(gyl_dhcpd_core.owns);
	uint32_t cnt;
	void *places;

	h->flying = h->full = false;
	h->park_cnt = 0;
	h->mono_off = h->now_ns - GYL_NS_PER_S * (1 + h->boots % 5 * 1000);
	hall_clock(h);
	gyl_store_init(h->s, &cf);
	gyl_store_own(h->s, dict);
	hall_scan(h);
	if (h->w.mem != NULL)
		hall_zero(&h->w);
	world_start(&h->w);
	places = gyl_dhcpd_core.places(h->w.d, &cnt);
	gyl_store_owner(h->s, dict, gyl_dhcpd_core.owner, h->w.d, places, cnt);
	gyl_store_load(h->s, h->w.b.now, h->load);
	hall_scan(h);
	assert_int_equal(h->s->info.refused_cnt, 0);
	hall_restore(h);
	gyl_dhcpd_probe_mac(h->w.d, 0, mac);
	gyl_dhcpd_probe_open(h->w.d, HALL_ARP_PORT);
	hall_tick(h);
	hall_read_back(h);
}

static inline void hall_power_cut(struct hall *h, uint32_t torn)
{
	if (h->flying)
		hall_put_units(h, torn);
	hall_boot(h);
}

static inline void hall_stop(struct hall *h)
{
	gyl_store_close(h->s, h->w.b.now.wall_ns);
	hall_flush(h);
	hall_boot(h);
}

/* Time is set. Until all is written once more the power MUST stay. */
static inline void hall_set_clock(struct hall *h, uint64_t ahead_ns)
{
	hall_flush(h);
	h->wall_off += ahead_ns;
	hall_clock(h);
	hall_tick(h);
	gyl_store_rewrite(h->s, h->w.b.now.wall_ns);
	hall_flush(h);
	hall_read_back(h);
}

static inline void hall_open(struct hall *h)
{
	struct gyl_store_conf cf = {64, 8192, HALL_UNITS, {1, 2}};

	h->w.flat = aligned_alloc(16, PLAN_LEN);
	h->s = aligned_alloc(16, (gyl_store_need(&cf) + 15) / 16 * 16);
	h->ext[0] = calloc(HALL_UNITS, GYL_UNIT_LEN);
	h->ext[1] = calloc(HALL_UNITS, GYL_UNIT_LEN);
	assert_true(h->w.flat != NULL && h->s != NULL && h->ext[0] != NULL && h->ext[1] != NULL);
	outbox_open(&h->w.b);
	h->w.b.out.store = hall_keep;
	h->w.b.out.store_arg = h;
}

/* A new server in a new world, by the plan as it is. */
static inline void hall_begin(struct hall *h, uint64_t units)
{
	for (unsigned i = 0; i < 2; i++) {
		memset(h->ext[i], 0, h->top[i] * GYL_UNIT_LEN);
		h->top[i] = 0;
	}
	memset(h->claim, 0, sizeof h->claim);
	h->units = units;
	h->now_ns = UINT64_C(100000) * GYL_NS_PER_S;
	h->wall_off = UINT64_C(1795000000) * GYL_NS_PER_S - h->now_ns;
	h->boots = 0;
	hall_boot(h);
}

#ifdef __clang__
#	pragma clang attribute pop
#endif

#endif
