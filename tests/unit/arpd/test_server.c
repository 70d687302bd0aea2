/* SPDX-License-Identifier: ISC */

/* DHCP servers: told once, those that are not meant to be there again and again. */

#include <gyl/dhcp.h>

#include "tests/unit/arpd/world.h"

static void dhcp(struct world *w, uint8_t op, uint8_t type, uint32_t server, const uint8_t mac[6])
{
	struct gyl_peer from = {.ip = server, .has_mac = true};
	uint8_t m[260] = {[0] = 0};

	memcpy(from.mac, mac, sizeof from.mac);
	m[0] = op;
	m[1] = 1;
	m[2] = 6;
	gyl_set_u32(m + 236, 0x63825363);
	memcpy(m + 240, (uint8_t[]){53, 1, type, 54, 4}, 5);
	gyl_set_u32(m + 245, server);
	m[249] = 255;
	outbox_dgram(&w->b, &gyl_arpd_core, w->d, GYL_ARPD_DHCP, &from, m, sizeof m);
	note_events(w);
}

static void with_server(struct world *w)
{
	w->rules.server[0] = NET + 1;
	w->rules.server_cnt = 1;
	make_core(w);
}

static void a_server_is_told_once(void **state)
{
	struct world *w = *state;

	dhcp(w, 2, GYL_DHCP_OFFER, NET + 9, mac_a);
	said(w, GYL_EV_ARPD_SERVER, NET + 9, mac_a);
	dhcp(w, 2, GYL_DHCP_ACK, NET + 9, mac_a);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_SERVER], 1);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_ROGUE], 0);
}

static void one_that_is_not_meant_to_be_there_is_rogue(void **state)
{
	struct world *w = *state;

	with_server(w);
	dhcp(w, 2, GYL_DHCP_OFFER, NET + 1, mac_a);
	assert_true(silent(w, GYL_EV_ARPD_ROGUE));
	dhcp(w, 2, GYL_DHCP_NAK, NET + 9, mac_b);
	said(w, GYL_EV_ARPD_ROGUE, NET + 9, mac_b);
	dhcp(w, 2, GYL_DHCP_OFFER, NET + 9, mac_b);
	assert_true(silent(w, GYL_EV_ARPD_ROGUE));
	after(w, 10 * GYL_NS_PER_MIN);
	dhcp(w, 2, GYL_DHCP_OFFER, NET + 9, mac_b);
	said(w, GYL_EV_ARPD_ROGUE, NET + 9, mac_b);
	assert_non_null(strstr(ask(w, "arpd.servers", "", ""), "\"rogue\":true"));
}

static void clients_and_ourselves_are_no_servers(void **state)
{
	struct world *w = *state;

	with_server(w);
	dhcp(w, 1, GYL_DHCP_DISCOVER, NET + 9, mac_b);
	dhcp(w, 1, GYL_DHCP_OFFER, NET + 9, mac_b);
	dhcp(w, 2, GYL_DHCP_DISCOVER, NET + 9, mac_b);
	dhcp(w, 2, GYL_DHCP_OFFER, OUR_IP, mac_b);
	dhcp(w, 2, GYL_DHCP_OFFER, NET + 9, our_mac);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_ROGUE], 0);
}

static void garbage_and_crowds_of_servers_stay_in_bounds(void **state)
{
	struct gyl_peer from = {.ip = NET + 9, .has_mac = true};
	uint8_t m[300];
	struct world *w = *state;
	struct gyl_arpd_stat st;

	memset(m, 0x35, sizeof m);
	for (size_t len = 0; len <= sizeof m; len++)
		outbox_dgram(&w->b, &gyl_arpd_core, w->d, GYL_ARPD_DHCP, &from, m, len);
	for (uint32_t i = 0; i < 1000; i++)
		dhcp(w, 2, GYL_DHCP_OFFER, NET + 1 + i, mac_a);
	gyl_arpd_stat(w->d, &st);
	assert_int_equal(st.server_cnt, GYL_ARPD_SERVER_MAX);
	assert_int_equal(w->event_cnt[GYL_EV_ARPD_SERVER], 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_server_is_told_once),
		T(one_that_is_not_meant_to_be_there_is_rogue),
		T(clients_and_ourselves_are_no_servers),
		T(garbage_and_crowds_of_servers_stay_in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
