/* SPDX-License-Identifier: ISC */

/* What lasts: records, restarts, a store that fails or is full, new configurations, names. */

#include "services/dhcpd/state.h"
#include "tests/unit/dhcpd/world.h"

/* The value of the last record stored. */
static const char *last_value(const struct world *w)
{
	static char text[300];
	const struct outbox_record *r = &w->b.record[w->b.record_cnt - 1];

	memcpy(text, r->val, r->val_len);
	text[r->val_len] = '\0';
	return text;
}

static void restart(struct world *w)
{
	world_start(w);
	outbox_restore(&w->b, &gyl_dhcpd_core, w->d);
	outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
}

/* ---- records ---- */

static void a_record_can_be_read_by_people(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1, .name = "Laptop"});
	assert_memory_equal(w->b.record[0].key, "dhcpd/lease/10.0.0.10", 21);
	assert_string_equal(
		last_value(w), "2 leased 2026-11-18T13:06:40Z 3600 02:00:00:00:00:01 - laptop - -");
	get_lease(w, (struct ask){.client = 2, .id = "ff0011"});
	assert_string_equal(
		last_value(w), "2 leased 2026-11-18T13:06:40Z 3600 02:00:00:00:00:02 ff0011 - - -");
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 1, .ciaddr = POOL, .server = US});
	assert_string_equal(last_value(w),
		"2 released 2026-11-18T11:06:40Z 3600 02:00:00:00:00:01 - laptop - -");
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE,
		       .client = 2,
		       .id = "ff0011",
		       .want = POOL + 1,
		       .server = US});
	assert_string_equal(last_value(w), "2 declined 2026-11-18T11:16:40Z 3600 - - - - -");
}

static const char relay_val[] = "0104 0a0b0c0d 0203 010203";

static void a_record_says_where_the_client_is(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1, .giaddr = RELAY, .relay = relay_val});
	assert_string_equal(last_value(w),
		"2 leased 2026-11-18T13:06:40Z 3600 02:00:00:00:00:01 - - 10.1.0.1 "
		"01040a0b0c0d0203010203");
}

/* chaddr of one station in the frames of another: the frames tell where the client is. */
static void a_record_says_whose_frames_brought_it(void **state)
{
	struct world *w = *state;
	struct ask q = {.type = GYL_DHCP_REQUEST, .client = 9, .want = POOL, .server = US};
	struct gyl_peer p = ask_peer(&q);
	const struct gyl_dhcpd_lease *l = NULL;
	uint8_t buf[600];
	uint32_t link, circuit;
	size_t len;

	p.mac[5] = 7;
	len = ask_build(&q, buf, sizeof buf);
	outbox_dgram(&w->b, &gyl_dhcpd_core, w->d, GYL_DHCPD_LINK, &p, buf, len);
	assert_string_equal(last_value(w), "2 leased 2026-11-18T13:06:40Z 3600 02:00:00:00:00:09 "
					   "- - 02:00:00:00:00:07 -");
	link = gyl_dhcpd_lease_at(w->d, POOL)->link;
	circuit = gyl_dhcpd_lease_at(w->d, POOL)->circuit;
	assert_true(circuit != 0);
	restart(w);
	l = gyl_dhcpd_lease_at(w->d, POOL);
	assert_int_equal(l->link, link);
	assert_int_equal(l->circuit, circuit);
	assert_int_equal(gyl__dhcpd_lease_source(w->d, l).len, 6);
}

/* Budgets and LEASEQUERY (RFC 4388) need it after a restart, too. */
static void where_the_client_is_outlives_a_restart(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_lease far, near;
	const struct gyl_dhcpd_lease *l;
	uint8_t relay[32];
	size_t len = hex_bytes(relay_val, relay, sizeof relay);

	get_lease(w, (struct ask){.client = 1, .giaddr = RELAY, .relay = relay_val});
	get_lease(w, (struct ask){.client = 2});
	far = *gyl_dhcpd_lease_at(w->d, FAR_POOL);
	near = *gyl_dhcpd_lease_at(w->d, POOL);
	assert_true(far.link != 0 && far.circuit != 0 && far.giaddr == RELAY);
	assert_true(near.link != 0 && near.circuit == 0 && near.giaddr == 0);
	restart(w);
	l = gyl_dhcpd_lease_at(w->d, FAR_POOL);
	assert_true(l->link == far.link && l->circuit == far.circuit && l->giaddr == RELAY);
	assert_true(gyl_view_eq(gyl__dhcpd_lease_relay(w->d, l), gyl_view(relay, len)));
	l = gyl_dhcpd_lease_at(w->d, POOL);
	assert_true(l->link == near.link && l->circuit == 0 && l->giaddr == 0);
	assert_int_equal(gyl__dhcpd_lease_relay(w->d, l).len, 0);
}

static void give_record(struct world *w, const char *val)
{
	struct gyl_in in = {.kind = GYL_IN_RECORD,
		.key = gyl_view_str("dhcpd/lease/10.0.0.10"),
		.data = gyl_view_str(val),
		.seq = w->b.now.wall_ns};

	assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 1);
}

static void a_record_of_form_1_can_be_read(void **state)
{
	struct world *w = *state;
	const struct gyl_dhcpd_lease *l;

	give_record(w, "1 leased infinite 3600 02:00:00:00:00:01 ff0011 phone");
	l = gyl_dhcpd_lease_at(w->d, POOL);
	assert_int_equal(l->state, GYL_DHCPD_LEASED);
	assert_int_equal(l->giaddr, 0);
	assert_true(gyl_view_eq(gyl__dhcpd_lease_name(w->d, l), gyl_view_str("phone")));
	assert_int_equal(gyl__dhcpd_lease_id(w->d, l).len, 3);
}

/* As the journal has them: of two records about an address, or of a name, the later one holds. */
static void the_last_record_holds(void **state)
{
	struct world *w = *state;
	struct gyl_in in = {.kind = GYL_IN_RECORD, .key = gyl_view_str("dhcpd/lease/10.0.0.11")};
	struct gyl_dhcpd_stat st;

	give_record(w, "2 leased infinite 3600 02:00:00:00:00:01 ff0011 phone - -");
	give_record(w, "2 leased infinite 60 02:00:00:00:00:02 - desk 02:00:00:00:00:07 -");
	assert_int_equal(gyl_dhcpd_lease_at(w->d, POOL)->granted_s, 60);
	assert_int_equal(gyl_dhcpd_lease_at(w->d, POOL)->mac[5], 2);
	in.data = gyl_view_str("2 leased infinite 3600 02:00:00:00:00:03 - desk - -");
	outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1);
	assert_int_equal(gyl__dhcpd_lease_name(w->d, gyl_dhcpd_lease_at(w->d, POOL)).len, 0);
	assert_true(gyl_dhcpd_lease_at(w->d, POOL + 1)->named);
	give_record(w, "2 released 2026-01-01T00:00:00Z 60 02:00:00:00:00:02 - desk - -");
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 1);
}

static void an_ack_waits_for_its_record(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 1; i < 8; i++) {
		get_lease(w, (struct ask){.client = i});
		assert_int_equal(w->b.record_cnt, i);
		assert_true(w->after == w->b.record[i - 1].seq && w->after != 0);
		/* The name server hears of it no sooner. */
		for (unsigned n = 0; n < w->b.event_cnt; n++)
			if (w->b.event[n].e.kind == GYL_EV_DHCPD_LEASE)
				assert_true(w->b.event[n].after == w->after);
	}
}

/* ---- restarts ---- */

static void leases_outlive_a_restart(void **state)
{
	static const char long_id[] =
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff01";
	struct world *w = *state;
	struct gyl_dhcpd_stat st;

	get_lease(w, (struct ask){.client = 1, .name = "one"});
	get_lease(w, (struct ask){.client = 2, .id = "ff00112233"});
	get_lease(w, (struct ask){.client = 3, .id = long_id});
	get_lease(w, (struct ask){.client = 4, .giaddr = RELAY});
	restart(w);
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 4);
	assert_int_equal(offered(w, (struct ask){.client = 9, .want = POOL}), POOL + 3);
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL}), GYL_DHCP_ACK);
	assert_int_equal(
		request(w, (struct ask){.client = 2, .id = "ff00112233", .ciaddr = POOL + 1}),
		GYL_DHCP_ACK);
	assert_int_equal(request(w, (struct ask){.client = 3, .id = long_id, .ciaddr = POOL + 2}),
		GYL_DHCP_ACK);
	assert_int_equal(request(w, (struct ask){.client = 4, .want = FAR_POOL, .giaddr = RELAY}),
		GYL_DHCP_ACK);
	world_pass(w, 3601 * GYL_NS_PER_S);
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 0);
}

/* A REQUEST with the xid of the one before is a repetition only when it gets no more than that. */
static void a_longer_offer_since_then_needs_a_record(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .xid = 9, .lease = 120};
	uint32_t ip = get_lease(w, q);

	q.lease = 0;
	assert_int_equal(get_lease(w, q), ip);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 3600);
	restart(w);
	world_pass(w, 3500 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, ip), GYL_DHCPD_LEASED);
}

/* The ACK with the shorter time may get lost: until the longer one is over the client may be there.
 */
static void a_lease_that_gets_shorter_ends_when_it_would_have(void **state)
{
	struct world *w = *state;
	uint32_t ip = get_lease(w, (struct ask){.client = 1});

	world_pass(w, 100 * GYL_NS_PER_S);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = ip, .lease = 60}), GYL_DHCP_ACK);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 60);
	world_pass(w, 3400 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, ip), GYL_DHCPD_LEASED);
	world_pass(w, 101 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, ip), GYL_DHCPD_FREE);
}

static void time_passes_while_we_are_away(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_stat st;

	get_lease(w, (struct ask){.client = 1, .lease = 600});
	get_lease(w, (struct ask){.client = 2});
	w->b.now.wall_ns += 1300 * GYL_NS_PER_S;
	w->b.now.mono_ns = 5 * GYL_NS_PER_S; /* another boot: another monotonic clock */
	restart(w);
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 1);
	/* What ran out still knows whose it was. */
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL);
	world_pass(w, 5901 * GYL_NS_PER_S);
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 0);
}

static void a_quarantine_outlives_a_restart(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	ask(w, (struct ask){.type = GYL_DHCP_DECLINE, .client = 1, .want = POOL, .server = US});
	restart(w);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_DECLINED);
	assert_int_equal(offered(w, (struct ask){.client = 1, .want = POOL}), POOL + 1);
}

static void who_has_been_away_longest_gives_way_first_after_a_restart(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 0; i < 10; i++)
		get_lease(w, (struct ask){.client = (uint8_t)(1 + i),
				     .lease = 3600u - 60u * (i * 7u % 10u)});
	world_pass(w, 8000 * GYL_NS_PER_S);
	restart(w);
	/* i * 7 % 10 == 9 for i = 7, 8 for i = 4, 7 for i = 1. */
	assert_int_equal(offered(w, (struct ask){.client = 40}), POOL + 7);
	assert_int_equal(offered(w, (struct ask){.client = 41}), POOL + 4);
	assert_int_equal(offered(w, (struct ask){.client = 42}), POOL + 1);
}

static void odd_records_are_passed_over(void **state)
{
	static const char *const values[] = {"", "2 leased", "1 leased", "1 eaten infinite 1 - - -",
		"1 leased infinite x - - -", "1 leased infinite 1 xx - -",
		"1 leased infinite 1 1/0102zz - -",
		"1 leased infinite 1 1/0102030405060708090a0b0c0d0e0f1011 - -",
		"1 leased infinite 1 - 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021 -",
		"1 leased infinite 1 999/01 - -", "3 leased infinite 1 - 01 - - -",
		"2 leased infinite 1 - 01 - 10.0.0 -", "2 leased infinite 1 - 01 - 02:00 -",
		"2 leased infinite 1 - 01 - - 0x",
		"1 leased infinite 1 - - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	static const char *const keys[] = {"dhcpd/lease/10.0.0.256", "dhcpd/lease/", "dhcpd/lease",
		"dhcpd/other/10.0.0.10", "dhcpd/lease/10.0.0.10/x"};
	struct world *w = *state;
	struct gyl_in in = {.kind = GYL_IN_RECORD, .key = gyl_view_str("dhcpd/lease/10.0.0.10")};
	struct gyl_dhcpd_stat st;

	for (unsigned i = 0; i < TEST_CNT(values); i++) {
		in.data = gyl_view_str(values[i]);
		outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1);
	}
	in.data = gyl_view_str("1 leased infinite 3600 02:00:00:00:00:01 - -");
	for (unsigned i = 0; i < TEST_CNT(keys); i++) {
		in.key = gyl_view_str(keys[i]);
		outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1);
	}
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 0);
	in.key = gyl_view_str("dhcpd/lease/10.0.0.10");
	outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1);
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 1);
}

/* ---- fewer records than renewals ---- */

static void renew_at(struct world *w, unsigned s, unsigned record_cnt)
{
	w->b.now.mono_ns += s * GYL_NS_PER_S;
	w->b.now.wall_ns += s * GYL_NS_PER_S;
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = POOL, .xid = w->b.record_cnt + s}),
		GYL_DHCP_ACK);
	assert_int_equal(w->b.record_cnt, record_cnt);
	assert_true(w->after == w->b.record[record_cnt - 1].seq);
}

/* Clients renew at half of their time: of three renewals one is written. */
static void a_renewal_that_the_record_covers_is_not_written(void **state)
{
	static const unsigned record_cnt[] = {1, 1, 2, 2, 2, 3, 3, 3, 4};
	struct world *w = *state;
	const struct gyl_event *e;
	uint64_t expiry_ns;

	get_lease(w, (struct ask){.client = 1});
	for (unsigned i = 0; i < TEST_CNT(record_cnt); i++) {
		renew_at(w, 1800, record_cnt[i]);
		/* Whoever looks is told what the client was. */
		e = outbox_event(&w->b, GYL_EV_DHCPD_LEASE);
		assert_non_null(e);
		assert_true(gyl_event_get_u64(e, "expiry", &expiry_ns));
		assert_true(expiry_ns == w->b.now.wall_ns + GYL_NS_PER_HOUR);
		assert_true(gyl_dhcpd_lease_at(w->d, POOL)->expiry_ns ==
			    w->b.now.mono_ns + GYL_NS_PER_HOUR);
	}
}

/* Killed after a renewal that was not written: the client has its address nevertheless. */
static void a_covered_renewal_outlives_a_restart(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	renew_at(w, 1800, 1);
	renew_at(w, 1800, 1);
	w->b.now.wall_ns += 3599 * GYL_NS_PER_S;
	w->b.now.mono_ns = 7 * GYL_NS_PER_S;
	restart(w);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	assert_int_equal(offered(w, (struct ask){.client = 2, .want = POOL}), POOL + 1);
	world_pass(w, 2 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
}

static void a_renewal_that_says_something_new_is_written(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .ciaddr = POOL, .name = "phone"};

	get_lease(w, (struct ask){.client = 1, .name = "phone"});
	q.xid = 7;
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
	assert_int_equal(w->b.record_cnt, 1);
	q.xid = 8;
	q.name = "tablet";
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
	assert_int_equal(w->b.record_cnt, 2);
	/* A lease far shorter than before: a restart is not to keep the address for the old one. */
	w->plan.cf.lease_ns = 5 * GYL_NS_PER_MIN;
	world_reload(w);
	q.xid = 9;
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
	assert_int_equal(w->b.record_cnt, 3);
	q.xid = 10;
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
	assert_int_equal(w->b.record_cnt, 3);
}

/* An end is an end, whatever the record said ahead. */
static void released_and_expired_is_free_at_once(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	get_lease(w, (struct ask){.client = 2});
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 1, .ciaddr = POOL, .server = US});
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
	world_pass(w, 3601 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL + 1), GYL_DHCPD_FREE);
	restart(w);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
	assert_int_equal(state_of(w, POOL + 1), GYL_DHCPD_LEASED); /* a restart knows no better */
}

/* ---- a store that fails ---- */

static void lose(struct world *w, uint64_t seq)
{
	struct gyl_in in = {.kind = GYL_IN_LOST, .seq = seq};

	assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 1);
}

static void what_was_lost_is_stored_again_at_the_next_contact(void **state)
{
	struct world *w = *state;
	uint64_t lost_seq;

	get_lease(w, (struct ask){.client = 1});
	get_lease(w, (struct ask){.client = 2});
	lost_seq = w->after;
	lose(w, lost_seq);
	/* The retransmission: not the old record, which is not there. */
	assert_int_equal(request(w, (struct ask){.client = 2, .want = POOL + 1, .server = US}),
		GYL_DHCP_ACK);
	assert_int_equal(w->b.record_cnt, 3);
	assert_true(w->after > lost_seq);
	/* What was durable before stays so. */
	assert_int_equal(
		request(w, (struct ask){.client = 1, .want = POOL, .server = US}), GYL_DHCP_ACK);
	assert_int_equal(w->b.record_cnt, 3);
	assert_int_equal(request(w, (struct ask){.client = 2, .want = POOL + 1, .server = US}),
		GYL_DHCP_ACK);
	assert_int_equal(w->b.record_cnt, 3);
}

/* After a restart a shorter time is offered: until the client takes it, it has what it was told. */
static void an_offer_after_a_restart_does_not_shorten_the_lease(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1}); /* an hour */
	w->plan.cf.lease_ns = 2 * GYL_NS_PER_MIN;
	restart(w);
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .want = POOL, .server = US}), GYL_DHCP_ACK);
	assert_true(gyl_dhcpd_lease_at(w->d, POOL)->expiry_ns >=
		    w->b.now.mono_ns + 3599 * GYL_NS_PER_S);
}

/* The record's end is late enough, but a restart would believe that the client was told less. */
static void a_longer_time_than_the_record_says_needs_a_record(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1, .lease = 60});
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = POOL, .lease = 100, .xid = 2}),
		GYL_DHCP_ACK);
	restart(w);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = POOL, .lease = 60, .xid = 3}),
		GYL_DHCP_ACK);
	assert_true(
		gyl_dhcpd_lease_at(w->d, POOL)->expiry_ns >= w->b.now.mono_ns + 99 * GYL_NS_PER_S);
}

/* Nor does it get into the record that another restart goes by. */
static void an_offer_is_not_in_the_record_of_the_lease(void **state)
{
	struct world *w = *state;
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_VAL_LEN_MAX];
	struct gyl_record rec;

	get_lease(w, (struct ask){.client = 1}); /* an hour */
	w->plan.cf.lease_ns = 2 * GYL_NS_PER_MIN;
	world_reload(w);
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 120);
	gyl__dhcpd_record(w->d, w->b.now, gyl__dhcpd_slot(w->d, POOL), key, val, &rec);
	assert_int_equal(rec.val.len, w->b.record[0].val_len);
	assert_memory_equal(rec.val.p, w->b.record[0].val, rec.val.len);
}

static void a_full_store_means_no_ack(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	w->b.store_full = true;
	assert_int_equal(offered(w, (struct ask){.client = 2}), POOL + 1);
	assert_int_equal(request(w, (struct ask){.client = 2, .want = POOL + 1, .server = US}), 0);
	assert_int_equal(outbox_event(&w->b, GYL_EV_DHCPD_SILENT)->severity, GYL_SEV_ERR);
	assert_int_equal(state_of(w, POOL + 1), GYL_DHCPD_OFFERED);
	assert_int_equal(request(w, (struct ask){.client = 2, .want = POOL + 1, .server = US}), 0);
	assert_false(has_event(w, GYL_EV_DHCPD_SILENT)); /* said once a minute */
	/* What is in the store already is renewed. */
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = POOL, .xid = 5}), GYL_DHCP_ACK);
	w->b.now.mono_ns += 3599 * GYL_NS_PER_S;
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = POOL, .xid = 6}), GYL_DHCP_ACK);
	w->b.now.mono_ns += 11 * GYL_NS_PER_S;
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL, .xid = 7}), 0);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED); /* until it runs out */
	w->b.store_full = false;
	assert_int_equal(request(w, (struct ask){.client = 2, .want = POOL + 1, .server = US}),
		GYL_DHCP_ACK);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .ciaddr = POOL, .xid = 7}), GYL_DHCP_ACK);
}

static void without_room_a_message_waits(void **state)
{
	struct world *w = *state;
	struct ask q = {.type = GYL_DHCP_DISCOVER, .client = 1};
	uint8_t buf[600];
	struct gyl_in in = {.kind = GYL_IN_DGRAM, .peer = ask_peer(&q)};

	in.data = gyl_view(buf, ask_build(&q, buf, sizeof buf));
	w->b.out.send_cap = 0;
	assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 0);
	w->b.out.send_cap = OUTBOX_SEND;
	assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 1);
	assert_int_equal(w->b.out.send_cnt, 1);
}

/* ---- clocks ---- */

static void a_step_of_the_wall_clock_ends_no_lease(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	w->b.now.wall_ns += GYL_NS_PER_DAY;
	world_pass(w, 3500 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	w->b.now.wall_ns -= 2 * GYL_NS_PER_DAY;
	world_pass(w, 200 * GYL_NS_PER_S);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_FREE);
}

/* ---- a new configuration ---- */

static void a_reload_keeps_what_fits_and_what_is_leased(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_stat st;

	for (uint8_t i = 1; i <= 6; i++)
		get_lease(w, (struct ask){.client = i});
	get_lease(w, (struct ask){.client = 9, .giaddr = RELAY});
	w->plan.pool[0] = (struct gyl_conf_range){POOL + 3, POOL + 30};
	w->plan.no_far = true;
	world_reload(w);
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 7);
	assert_int_equal(request(w, (struct ask){.client = 5, .ciaddr = POOL + 4}), GYL_DHCP_ACK);
	/* Not of the pool any more: moved at its next contact. */
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL, .unicast = true}),
		GYL_DHCP_NAK);
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL + 6);
	/* Changed back in time, nobody has lost anything. */
	w->plan = plan_usual();
	world_reload(w);
	assert_int_equal(request(w, (struct ask){.client = 2, .ciaddr = POOL + 1}), GYL_DHCP_ACK);
	assert_int_equal(request(w, (struct ask){.client = 9, .ciaddr = FAR_POOL, .giaddr = RELAY}),
		GYL_DHCP_ACK);
	world_pass(w, 3601 * GYL_NS_PER_S);
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 0);
}

static void what_runs_out_in_no_pool_is_forgotten(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_stat st;

	get_lease(w, (struct ask){.client = 9, .giaddr = RELAY, .name = "far"});
	w->plan.no_far = true;
	world_reload(w);
	world_pass(w, 3601 * GYL_NS_PER_S);
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "state"), "expired");
	assert_true(w->b.record[w->b.record_cnt - 1].remove);
	gyl_dhcpd_stat(w->d, &st);
	assert_int_equal(st.lease_cnt, 0);
	assert_true(gyl_dhcpd_core.deadline_ns(w->d) == UINT64_MAX);
}

static void a_reload_keeps_the_order_of_the_free(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 0; i < 10; i++)
		get_lease(w, (struct ask){.client = (uint8_t)(1 + i)});
	for (uint8_t i = 10; i > 5; i--)
		ask(w, (struct ask){.type = GYL_DHCP_RELEASE,
			       .client = i,
			       .ciaddr = POOL - 1u + i,
			       .server = US});
	world_reload(w);
	assert_int_equal(offered(w, (struct ask){.client = 40}), POOL + 9);
	assert_int_equal(offered(w, (struct ask){.client = 41}), POOL + 8);
}

static void a_configuration_that_cannot_be_is_refused_whole(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	w->plan.cf.lease_ns = GYL_NS_PER_MIN;
	w->plan.pool[0] = (struct gyl_conf_range){IP(192, 0, 2, 5), IP(192, 0, 2, 9)};
	world_reload(w);
	assert_string_equal(event_str(w, GYL_EV_BASE_REFUSED, "reason"),
		"the pool leaves the subnet of our own address at 192.0.2.5");
	assert_int_equal(get_lease(w, (struct ask){.client = 2}), POOL + 1);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 3600);
}

static void a_start_says_what_cannot_be(void **state)
{
	struct world *w = *state;
	char why[200];

	w->plan.pool[1] = (struct gyl_conf_range){POOL + 5, POOL + 50};
	assert_false(world_try(w, why, sizeof why));
	assert_string_equal(why, "given out twice: 10.0.0.15");
	w->plan.pool[1].first = 0;
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, IP(172, 16, 0, 1), NULL};
	assert_false(world_try(w, why, sizeof why));
	assert_string_equal(why, "a reservation lies in none of the subnets: 172.16.0.1");
}

/* ---- snapshots ---- */

static void a_snapshot_tells_every_live_lease(void **state)
{
	struct world *w = *state;
	struct gyl_event e;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = &e};
	unsigned leases = 0;

	w->plan.pool[0].last = POOL + 100;
	world_start(w);
	for (uint8_t i = 1; i <= 80; i++)
		get_lease(w, (struct ask){.client = i});
	offered(w, (struct ask){.client = 100});
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 1, .ciaddr = POOL, .server = US});
	gyl_event_init(&e, GYL_EV_BASE_SNAPSHOT);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	gyl_event_u64(&e, "epoch", 7);
	outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1);
	assert_true(gyl_dhcpd_core.deadline_ns(w->d) == 0);
	world_pass(w, 0);
	assert_int_equal(w->b.event[0].e.kind, GYL_EV_BASE_BEGIN);
	assert_int_equal(w->b.event[w->b.event_cnt - 1].e.kind, GYL_EV_BASE_END);
	for (unsigned i = 0; i < w->b.event_cnt; i++)
		leases += w->b.event[i].e.kind == GYL_EV_DHCPD_LEASE;
	assert_int_equal(leases, 79);
}

/* A turn looks at so many slots, however few of them are leases. */
static void a_snapshot_of_former_leases_comes_in_slices(void **state)
{
	struct world *w = *state;
	struct gyl_event e;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = &e};

	w->plan.pool[0] = (struct gyl_conf_range){POOL, IP(10, 0, 3, 0)};
	w->plan.prefix = 16;
	world_start(w);
	for (unsigned i = 0; i < 900; i++) {
		uint8_t mac[6] = {2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};
		uint32_t ip = get_lease(w, (struct ask){.mac = mac});

		ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .mac = mac, .ciaddr = ip});
	}
	gyl_event_init(&e, GYL_EV_BASE_SNAPSHOT);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1);
	outbox_tick(&w->b, &gyl_dhcpd_core, w->d);
	assert_true(has_event(w, GYL_EV_BASE_BEGIN));
	assert_false(has_event(w, GYL_EV_BASE_END));
	world_pass(w, 0);
	assert_true(has_event(w, GYL_EV_BASE_END));
}

/* ---- names ---- */

static const char *named(struct world *w, uint8_t client, const char *name)
{
	world_pass(w, 11 * GYL_NS_PER_S); /* past a retransmission */
	get_lease(w, (struct ask){.client = client, .name = name});
	return event_str(w, GYL_EV_DHCPD_LEASE, "name");
}

static void names_are_made_fit_for_dns(void **state)
{
	static const struct {
		const char *sent, *kept;
	} rows[] = {
		{"laptop", "laptop"},
		{"Johns_iPhone 7", "johns-iphone-7"},
		{"--x--", "x"},
		{"host.example.org", "host"},
		{"caf\xc3\xa9", "caf"},
		{"\x1b[31m", "31m"},
		{"...", ""},
		{"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789",
			"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"},
	};
	struct world *w = *state;

	for (unsigned i = 0; i < TEST_CNT(rows); i++)
		assert_string_equal(named(w, (uint8_t)(i + 1), rows[i].sent), rows[i].kept);
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "domain"), "event.example");
}

static void a_name_is_given_once_in_a_domain(void **state)
{
	struct world *w = *state;

	assert_string_equal(named(w, 1, "phone"), "phone");
	assert_string_equal(named(w, 2, "Phone"), "phone-2");
	assert_string_equal(named(w, 3, "phone"), "phone-3");
	assert_string_equal(named(w, 2, "phone"), "phone-2"); /* and keeps it */
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 1, .ciaddr = POOL, .server = US});
	assert_string_equal(named(w, 4, "phone"), "phone");
	assert_string_equal(named(w, 1, "phone"), "phone-4"); /* back, but it is taken now */
	for (uint8_t i = 0; i < 5; i++)
		named(w, (uint8_t)(10 + i), "phone");
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "name"), "phone-9");
	assert_string_equal(named(w, 30, "phone"), ""); /* the pool is full by now */
}

static void a_name_may_live_in_two_domains(void **state)
{
	static const char far_domain[] = "far.example";
	struct world *w = *state;

	w->plan.far_option[0] = (struct plan_option){GYL_DHCP_OPT_DOMAIN_NAME, far_domain, 11};
	world_start(w);
	assert_string_equal(named(w, 1, "phone"), "phone");
	get_lease(w, (struct ask){.client = 2, .name = "phone", .giaddr = RELAY});
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "name"), "phone");
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "domain"), "far.example");
}

static void a_reserved_name_wins(void **state)
{
	struct world *w = *state;

	assert_string_equal(named(w, 1, "printer"), "printer");
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 2}, 0, "printer"};
	world_reload(w);
	get_lease(w, (struct ask){.client = 2, .name = "something"});
	/* Two events: the reserved client has it, the other one lost it. */
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "name"), "");
	assert_true(gyl_view_eq(gyl__dhcpd_lease_name(w->d, gyl_dhcpd_lease_at(w->d, POOL + 1)),
		gyl_view_str("printer")));
	assert_int_equal(gyl__dhcpd_lease_name(w->d, gyl_dhcpd_lease_at(w->d, POOL)).len, 0);
	assert_string_equal(named(w, 3, "printer"), "printer-2");
}

static void an_expired_name_is_free(void **state)
{
	struct world *w = *state;

	named(w, 1, "phone");
	world_pass(w, 3601 * GYL_NS_PER_S);
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "name"), "phone");
	assert_string_equal(named(w, 2, "phone"), "phone");
}

static void names_outlive_a_restart(void **state)
{
	struct world *w = *state;

	named(w, 1, "phone");
	named(w, 2, "phone");
	restart(w);
	assert_string_equal(named(w, 3, "phone"), "phone-3");
	get_lease(w, (struct ask){.client = 2}); /* says nothing of it: it holds */
	assert_string_equal(event_str(w, GYL_EV_DHCPD_LEASE, "name"), "phone-2");
}

static unsigned bound_cnt(const struct world *w)
{
	unsigned cnt = 0;

	for (uint32_t i = 1; i <= w->d->slot_cnt; i++)
		cnt += w->d->lease[i].ip != 0 && w->d->lease[i].form != GYL_DHCPD_NOBODY;
	return cnt;
}

/* Who asks for address after address has the last two of them, also after a restart: the one that
 * it has, and the one that it had before. */
static void a_client_keeps_the_last_address_that_it_had(void **state)
{
	struct world *w = *state;

	for (uint32_t n = 0; n < 8; n++) {
		assert_int_equal(
			request(w, (struct ask){.client = 1, .server = US, .want = POOL + n}),
			GYL_DHCP_ACK);
		assert_true(bound_cnt(w) <= 2);
	}
	restart(w);
	assert_true(bound_cnt(w) <= 2);
	assert_int_equal(state_of(w, POOL + 7), GYL_DHCPD_LEASED);
	ask(w, (struct ask){
		       .type = GYL_DHCP_RELEASE, .client = 1, .ciaddr = POOL + 7, .server = US});
	ask(w, (struct ask){.type = GYL_DHCP_DISCOVER, .client = 1});
	assert_int_equal(w->m.hdr.yiaddr, POOL + 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_record_can_be_read_by_people),
		T(a_record_says_where_the_client_is),
		T(a_record_says_whose_frames_brought_it),
		T(where_the_client_is_outlives_a_restart),
		T(a_record_of_form_1_can_be_read),
		T(the_last_record_holds),
		T(an_ack_waits_for_its_record),
		T(leases_outlive_a_restart),
		T(a_longer_offer_since_then_needs_a_record),
		T(a_lease_that_gets_shorter_ends_when_it_would_have),
		T(time_passes_while_we_are_away),
		T(a_quarantine_outlives_a_restart),
		T(who_has_been_away_longest_gives_way_first_after_a_restart),
		T(odd_records_are_passed_over),
		T(a_renewal_that_the_record_covers_is_not_written),
		T(a_covered_renewal_outlives_a_restart),
		T(a_renewal_that_says_something_new_is_written),
		T(released_and_expired_is_free_at_once),
		T(what_was_lost_is_stored_again_at_the_next_contact),
		T(an_offer_after_a_restart_does_not_shorten_the_lease),
		T(an_offer_is_not_in_the_record_of_the_lease),
		T(a_longer_time_than_the_record_says_needs_a_record),
		T(a_full_store_means_no_ack),
		T(without_room_a_message_waits),
		T(a_step_of_the_wall_clock_ends_no_lease),
		T(a_reload_keeps_what_fits_and_what_is_leased),
		T(what_runs_out_in_no_pool_is_forgotten),
		T(a_reload_keeps_the_order_of_the_free),
		T(a_configuration_that_cannot_be_is_refused_whole),
		T(a_start_says_what_cannot_be),
		T(a_snapshot_tells_every_live_lease),
		T(names_are_made_fit_for_dns),
		T(a_name_is_given_once_in_a_domain),
		T(a_name_may_live_in_two_domains),
		T(a_reserved_name_wins),
		T(an_expired_name_is_free),
		T(names_outlive_a_restart),
		T(a_snapshot_of_former_leases_comes_in_slices),
		T(a_client_keeps_the_last_address_that_it_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
