/* SPDX-License-Identifier: ISC */
/* The hosts: who is new, who has moved, who is gone, and what survives a restart. */

#include "tests/unit/arpd/world.h"

static void a_new_host_is_told_once(void **state)
{
	struct world *w = *state;
	const struct gyl_event *e;
	uint64_t ip;
	uint8_t mac[6];

	seen(w, 0x0a000001, mac_a);
	e = outbox_event(&w->b, GYL_EV_ARPD_NEW);
	assert_non_null(e);
	assert_true(gyl_event_get_u64(e, "ip", &ip) && ip == 0x0a000001);
	assert_true(gyl_event_get_mac(e, "mac", mac) && memcmp(mac, mac_a, 6) == 0);
	assert_non_null(outbox_event(&w->b, GYL_EV_ARPD_HOST));
	after(w, GYL_NS_PER_S);
	seen(w, 0x0a000001, mac_a);
	assert_int_equal(w->b.event_cnt, 0);
}

static void a_moved_address_is_told_with_both_macs(void **state)
{
	struct world *w = *state;
	const struct gyl_event *e;
	uint8_t mac[6];

	seen(w, 0x0a000001, mac_a);
	after(w, 10 * GYL_NS_PER_S);
	seen(w, 0x0a000001, mac_b);
	e = outbox_event(&w->b, GYL_EV_ARPD_CHANGED);
	assert_non_null(e);
	assert_true(gyl_event_get_mac(e, "mac", mac) && memcmp(mac, mac_b, 6) == 0);
	assert_true(gyl_event_get_mac(e, "old", mac) && memcmp(mac, mac_a, 6) == 0);
}

static void back_to_the_former_mac_is_a_flipflop(void **state)
{
	struct world *w = *state;

	seen(w, 0x0a000001, mac_a);
	after(w, 10 * GYL_NS_PER_S);
	seen(w, 0x0a000001, mac_b);
	after(w, 10 * GYL_NS_PER_S);
	seen(w, 0x0a000001, mac_a);
	assert_non_null(outbox_event(&w->b, GYL_EV_ARPD_FLIPFLOP));
	after(w, 2 * GYL_NS_PER_HOUR); /* later than flipflop_ns it has simply moved again */
	seen(w, 0x0a000001, mac_b);
	assert_null(outbox_event(&w->b, GYL_EV_ARPD_FLIPFLOP));
	assert_non_null(outbox_event(&w->b, GYL_EV_ARPD_CHANGED));
}

static void two_macs_at_once_are_a_duplicate(void **state)
{
	struct world *w = *state;

	seen(w, 0x0a000001, mac_a);
	after(w, GYL_NS_PER_S);
	seen(w, 0x0a000001, mac_c);
	assert_non_null(outbox_event(&w->b, GYL_EV_ARPD_DUPLICATE));
	assert_null(outbox_event(&w->b, GYL_EV_ARPD_CHANGED));
}

static void probes_and_impossible_senders_teach_nothing(void **state)
{
	static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1}, zero[6];
	struct world *w = *state;
	struct gyl_arp a = gyl_arp_probe(mac_a, 0x0a000001);
	struct gyl_arpd_stat st;

	put_frame(w, mac_a, to_all, &a);
	a = gyl_arp_request(group, 0x0a000001, 0x0a0000fe);
	put_frame(w, group, to_all, &a);
	a = gyl_arp_request(zero, 0x0a000001, 0x0a0000fe);
	put_frame(w, zero, to_all, &a);
	seen(w, 0xffffffff, mac_a);
	seen(w, 0xe0000001, mac_a);
	seen(w, 0x7f000001, mac_a);
	gyl_arpd_stat(w->d, &st);
	assert_int_equal(st.host_cnt, 0);
	assert_true(st.count[GYL_ARPD_BOGUS] == 5);
	assert_null(outbox_event(&w->b, GYL_EV_ARPD_NEW));
	assert_non_null(outbox_event(&w->b, GYL_EV_ARPD_BOGUS));
}

static void a_borrowed_name_is_told_and_not_believed(void **state)
{
	struct world *w = *state;
	struct gyl_arp a = gyl_arp_request(mac_a, 0x0a000001, 0x0a0000fe);
	struct gyl_arpd_stat st;

	put_frame(w, mac_b, to_all, &a);
	assert_non_null(outbox_event(&w->b, GYL_EV_ARPD_MISMATCH));
	gyl_arpd_stat(w->d, &st);
	assert_int_equal(st.host_cnt, 0);
}

static unsigned snapshot(struct world *w)
{
	struct gyl_event e;
	struct gyl_in in = {.kind = GYL_IN_EVENT, .event = &e};
	unsigned hosts = 0;

	gyl_event_init(&e, GYL_EV_BASE_SNAPSHOT);
	gyl_event_str(&e, "source", gyl_view_str("arpd"));
	gyl_event_u64(&e, "epoch", 7);
	assert_int_equal(outbox_input(&w->b, &gyl_arpd_core, w->d, &in, 1), 1);
	assert_true(gyl_arpd_core.deadline_ns(w->d) == 0);
	after(w, 0);
	assert_int_equal(w->b.event[0].e.kind, GYL_EV_BASE_BEGIN);
	assert_int_equal(w->b.event[w->b.event_cnt - 1].e.kind, GYL_EV_BASE_END);
	for (unsigned i = 0; i < w->b.event_cnt; i++)
		hosts += w->b.event[i].e.kind == GYL_EV_ARPD_HOST;
	return hosts;
}

static void a_snapshot_tells_every_host_in_slices(void **state)
{
	struct world *w = *state;

	for (uint32_t i = 0; i < 50; i++)
		seen(w, 0x0a000001 + i, mac_a);
	assert_int_equal(snapshot(w), 50);
}

static void the_table_survives_a_restart_in_order(void **state)
{
	struct world *w = *state;
	struct gyl_arpd_stat st;

	for (uint32_t i = 0; i < 40; i++) {
		seen(w, 0x0a000001 + (i * 7) % 40, mac_a);
		after(w, GYL_NS_PER_S);
	}
	after(w, 10 * GYL_NS_PER_S); /* records are written in batches */
	make_core(w);
	outbox_restore(&w->b, &gyl_arpd_core, w->d);
	assert_int_equal(snapshot(w), 40);
	seen(w, 0x0a000001, mac_a);
	assert_int_equal(w->b.event_cnt, 0); /* known already */
	/* One forgotten at a time, the longest unseen first: the order of last sight is right
	 * again. */
	after(w, 24 * GYL_NS_PER_HOUR - 40 * GYL_NS_PER_S);
	gyl_arpd_stat(w->d, &st);
	assert_in_range(st.host_cnt, 25, 35);
	after(w, 35 * GYL_NS_PER_S);
	gyl_arpd_stat(w->d, &st);
	assert_int_equal(st.host_cnt, 1); /* the one seen after the restart */
}

static void forgotten_hosts_leave_no_record(void **state)
{
	struct world *w = *state;
	struct gyl_arpd_stat st;

	seen(w, 0x0a000001, mac_a);
	after(w, 2 * GYL_NS_PER_S);
	assert_int_equal(w->b.record_cnt, 1);
	assert_memory_equal(w->b.record[0].key, "arpd/host/10.0.0.1", 18);
	after(w, 25 * GYL_NS_PER_HOUR);
	gyl_arpd_stat(w->d, &st);
	assert_int_equal(st.host_cnt, 0);
	assert_true(w->b.record[w->b.record_cnt - 1].remove);
	assert_true(gyl_arpd_core.deadline_ns(w->d) == UINT64_MAX);
}

static void a_flood_keeps_the_table_and_the_records_in_bounds(void **state)
{
	struct world *w = *state;
	struct gyl_arpd_stat st;
	unsigned full = 0;

	for (uint32_t i = 0; i < 20000; i++) {
		uint8_t mac[6] = {2, 9, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};

		seen(w, 0x0a000000 + i + 1, mac);
		full += outbox_event(&w->b, GYL_EV_ARPD_FULL) != NULL;
	}
	gyl_arpd_stat(w->d, &st);
	assert_int_equal(st.host_cnt, w->cf.host_cnt);
	assert_true(st.count[GYL_ARPD_EVICTED] == 20000 - w->cf.host_cnt);
	assert_int_equal(full, 1);
	assert_int_equal(w->b.record_cnt, 0); /* nothing that was pushed out unwritten costs disk */
}

static void garbage_is_counted_not_crashed_on(void **state)
{
	struct world *w = *state;
	struct gyl_arpd_stat st;
	uint8_t frame[60] = {0};

	frame[12] = 8;
	frame[13] = 6;
	for (size_t len = 0; len <= sizeof frame; len++) {
		struct gyl_in in = {.kind = GYL_IN_FRAME};
		struct guard g;

		guard_open(&g, gyl_view(frame, len));
		in.data = g.view;
		assert_int_equal(outbox_input(&w->b, &gyl_arpd_core, w->d, &in, 1), 1);
		guard_close(&g);
	}
	gyl_arpd_stat(w->d, &st);
	assert_true(st.count[GYL_ARPD_BAD] == sizeof frame + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_new_host_is_told_once),
		T(a_moved_address_is_told_with_both_macs),
		T(back_to_the_former_mac_is_a_flipflop),
		T(two_macs_at_once_are_a_duplicate),
		T(probes_and_impossible_senders_teach_nothing),
		T(a_borrowed_name_is_told_and_not_believed),
		T(a_snapshot_tells_every_host_in_slices),
		T(the_table_survives_a_restart_in_order),
		T(forgotten_hosts_leave_no_record),
		T(a_flood_keeps_the_table_and_the_records_in_bounds),
		T(garbage_is_counted_not_crashed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
