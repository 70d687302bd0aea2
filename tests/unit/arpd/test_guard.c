/* SPDX-License-Identifier: ISC */

/* Protected addresses: who speaks as their owner is told, in any flood; they are defended. */

#include "tests/unit/arpd/world.h"

static const uint8_t router[6] = {2, 0x0c, 0, 0, 0, 1};

static void protect(struct world *w, bool has_mac, bool defend)
{
	struct gyl_arpd_protect_conf *p = &w->rules.protect[0];

	*p = (struct gyl_arpd_protect_conf){.ip = GATEWAY, .has_mac = has_mac, .defend = defend};
	if (has_mac)
		memcpy(p->mac, router, sizeof p->mac);
	w->rules.protect_cnt = 1;
	make_core(w);
}

static void its_owner_may_speak(void **state)
{
	struct world *w = *state;

	protect(w, true, true);
	announces(w, GATEWAY, router);
	asks(w, router, GATEWAY, NET + 1);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_PROTECTED], 0);
	assert_int_equal(w->b.out.send_cnt, 0);
	assert_string_not_equal(ask(w, "arpd.hosts", "", ""), "");
}

/* By request, reply, announcement; and with the owner's MAC in the message but not in the frame. */
static void who_speaks_as_it_is_told_and_teaches_nothing(void **state)
{
	struct world *w = *state;
	struct gyl_arp forged = gyl_arp_announcement(router, GATEWAY);

	protect(w, true, false);
	seen(w, GATEWAY, mac_a);
	said(w, GYL_EV_ARPD_PROTECTED, GATEWAY, mac_a);
	replies(w, GATEWAY, mac_b, NET + 1, mac_c);
	said(w, GYL_EV_ARPD_PROTECTED, GATEWAY, mac_b);
	put_frame(w, mac_c, to_all, &forged);
	said(w, GYL_EV_ARPD_PROTECTED, GATEWAY, mac_c);
	assert_int_equal(w->b.out.send_cnt, 0);
	assert_true(count(w, GYL_ARPD_ALARM) == 3);
	assert_string_equal(ask(w, "arpd.hosts", "", ""), "");
}

static void a_probe_for_it_is_no_alarm(void **state)
{
	struct world *w = *state;

	protect(w, true, true);
	probes(w, mac_a, GATEWAY);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_PROTECTED], 0);
	assert_int_equal(w->b.out.send_cnt, 0);
}

static void on_another_vlan_it_is_another_address(void **state)
{
	struct world *w = *state;

	protect(w, true, false);
	w->vlan = 7;
	announces(w, GATEWAY, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_PROTECTED));
}

static void the_first_owner_seen_is_learned_for_good(void **state)
{
	struct world *w = *state;

	protect(w, false, false);
	announces(w, GATEWAY, router);
	said(w, GYL_EV_ARPD_OWNER, GATEWAY, router);
	announces(w, GATEWAY, mac_a);
	said(w, GYL_EV_ARPD_PROTECTED, GATEWAY, mac_a);
	protect(w, false, false); /* a restart */
	outbox_restore(&w->b, &gyl_arpd_core, w->d);
	announces(w, GATEWAY, mac_b);
	said(w, GYL_EV_ARPD_PROTECTED, GATEWAY, mac_b);
	assert_non_null(strstr(ask(w, "arpd.protected", "", ""), "\"mac\":\"02:0c:00:00:00:01\""));
}

static void rfc5227_2_4_it_is_defended_once_in_defend_interval(void **state)
{
	struct world *w = *state;
	struct gyl_eth e;
	struct gyl_arp a;

	protect(w, true, true);
	announces(w, GATEWAY, mac_a);
	assert_int_equal(w->b.out.send_cnt, 1);
	a = sent(w, 0, &e);
	assert_memory_equal(e.src, our_mac, 6);
	assert_memory_equal(e.dst, to_all, 6);
	assert_int_equal(gyl_arp_kind(&a), GYL_ARP_KIND_ANNOUNCEMENT);
	assert_true(a.spa == GATEWAY);
	assert_memory_equal(a.sha, router, 6);
	after(w, 10 * GYL_NS_PER_S - 1);
	announces(w, GATEWAY, mac_a);
	assert_int_equal(w->b.out.send_cnt, 0);
	after(w, 1);
	announces(w, GATEWAY, mac_a);
	assert_int_equal(w->b.out.send_cnt, 1);
}

/* What is not told at once is told at the end of the pause, and every frame is in a count. */
static void each_frame_is_in_the_count_of_an_alarm(void **state)
{
	struct world *w = *state;

	protect(w, true, false);
	for (int i = 0; i < 1000; i++) {
		announces(w, GATEWAY, i % 2 == 0 ? mac_a : mac_b);
		after(w, 100 * GYL_NS_PER_MS);
	}
	after(w, 20 * GYL_NS_PER_S);
	assert_true(w->alarm_cnt == 1000);
	assert_in_range(w->event_cnt[GYL_EV_ARPD_PROTECTED], 10, 40);
	assert_true(gyl_arpd_core.deadline_ns(w->d) > w->b.now.mono_ns + GYL_NS_PER_S);
}

static void random_mac(uint32_t i, uint8_t mac[6])
{
	uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z ^= z >> 29;
	mac[0] = 2;
	mac[1] = (uint8_t)(z >> 32);
	gyl_set_u32(mac + 2, (uint32_t)z);
}

/*
 * A million frames of as many random MACs with random addresses, 100,000 a second; among them 1,000
 * claims of the gateway, each from another MAC. The memory is what it was, the hosts from before
 * are known still, what is told is little, and of the alarms none is lost.
 */
static void a_flood_of_a_million_frames_loses_no_alarm(void **state)
{
	struct world *w = *state;
	uint8_t mac[6];
	size_t need;

	protect(w, true, true);
	for (uint32_t i = 0; i < 20; i++)
		seen(w, NET + 1 + i, mac_a);
	after(w, 11 * GYL_NS_PER_S);
	for (uint32_t i = 0; i < 20; i++)
		seen(w, NET + 1 + i, mac_a);
	need = gyl_arpd_need(&w->cf);
	assert_true(need <
		    1 << 19); /* of the block that there is; ASan looks after what is behind it */
	w->quick = true;
	for (uint32_t i = 0; i < 1000000; i++) {
		random_mac(i, mac);
		if (i % 1000 == 500)
			announces(w, GATEWAY, mac);
		else
			seen(w, 0x0b000000 + i, mac);
		w->b.now.mono_ns += 10 * GYL_NS_PER_US;
		w->b.now.wall_ns += 10 * GYL_NS_PER_US;
		if (i % 1000 == 0)
			after(w, 0);
	}
	after(w, 30 * GYL_NS_PER_S);
	assert_true(w->alarm_cnt == 1000);
	assert_true(count(w, GYL_ARPD_ALARM) == 1000);
	assert_in_range(w->event_cnt[GYL_EV_ARPD_PROTECTED], 4, 12);
	assert_in_range(w->event_cnt[GYL_EV_ARPD_DEFENDED], 1, 2);
	assert_in_range(w->event_cnt[GYL_EV_ARPD_NEW], 100, 400);
	assert_true(w->event_cnt[GYL_EV_ARPD_MORE] >= 1);
	for (uint32_t i = 0; i < 20; i++)
		seen(w, NET + 1 + i, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_NEW));
	assert_in_range(w->b.record_cnt, 20, 2000); /* 32 a second, what is pushed out among them */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(its_owner_may_speak),
		T(who_speaks_as_it_is_told_and_teaches_nothing),
		T(a_probe_for_it_is_no_alarm),
		T(on_another_vlan_it_is_another_address),
		T(the_first_owner_seen_is_learned_for_good),
		T(rfc5227_2_4_it_is_defended_once_in_defend_interval),
		T(each_frame_is_in_the_count_of_an_alarm),
		T(a_flood_of_a_million_frames_loses_no_alarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
