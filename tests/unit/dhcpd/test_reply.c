/* SPDX-License-Identifier: ISC */

/* What a reply says and where it goes: RFC 2131 4.1 and table 3, 2132, 3046, 3011, 3527, 4702,
 * 5107, 6842, 8357. */

#include "tests/unit/dhcpd/world.h"

static const uint8_t router[4] = {10, 0, 0, 1}, ntp[8] = {10, 0, 0, 3, 10, 0, 0, 4};
static const uint8_t far_router[4] = {10, 1, 0, 1};

static void with_options(struct world *w)
{
	w->plan.option[0] = (struct plan_option){GYL_DHCP_OPT_ROUTERS, router, 4};
	w->plan.option[1] = (struct plan_option){GYL_DHCP_OPT_NTP_SERVERS, ntp, 8};
	w->plan.far_option[0] = (struct plan_option){GYL_DHCP_OPT_ROUTERS, far_router, 4};
	world_start(w);
}

/* The codes of the answer's options in order, as text. */
static const char *codes(const struct world *w)
{
	static char text[600];
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;
	size_t at = 0;

	text[0] = '\0';
	for (gyl_dhcp_cursor_init(&c, &w->m); gyl_dhcp_cursor_next(&c, &o);)
		at += (size_t)snprintf(
			text + at, sizeof text - at, "%s%u", at == 0 ? "" : " ", o.code);
	return text;
}

/* ---- where to ---- */

static void a_client_without_address_gets_a_frame(void **state)
{
	struct world *w = *state;

	offered(w, (struct ask){.client = 7});
	assert_int_equal(w->to.ip, POOL);
	assert_int_equal(w->to.port, 68);
	assert_int_equal(w->to.local_port, 67);
	assert_int_equal(w->to.local_ip, US);
	assert_true(w->to.has_mac);
	assert_memory_equal(w->to.mac, "\x02\0\0\0\0\x07", 6);
}

static void the_broadcast_flag_is_obeyed(void **state)
{
	struct world *w = *state;

	offered(w, (struct ask){.client = 7, .flags = 0xffff});
	assert_int_equal(w->to.ip, UINT32_MAX);
	assert_memory_equal(w->to.mac, "\xff\xff\xff\xff\xff\xff", 6);
	assert_int_equal(w->m.hdr.flags, GYL_DHCP_FLAG_BROADCAST); /* the rest must be zero */
}

static void a_renewal_is_answered_to_its_address(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 7});
	assert_int_equal(request(w, (struct ask){.client = 7,
					    .ciaddr = POOL,
					    .unicast = true,
					    .flags = GYL_DHCP_FLAG_BROADCAST}),
		GYL_DHCP_ACK);
	assert_int_equal(w->to.ip, POOL);
	assert_int_equal(w->to.local_ip, US);
}

static void a_relay_gets_the_answer(void **state)
{
	struct world *w = *state;

	assert_int_equal(offered(w, (struct ask){.client = 7, .giaddr = RELAY}), FAR_POOL);
	assert_int_equal(w->to.ip, RELAY);
	assert_int_equal(w->to.port, 67);
	assert_false(w->to.has_mac);
	assert_int_equal(w->m.hdr.giaddr, RELAY);
	assert_int_equal(w->m.hdr.flags, 0);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_SUBNET_MASK), 0xffffff00);
	/* A relay that no subnet is behind: silence. */
	assert_int_equal(offered(w, (struct ask){.client = 7, .giaddr = IP(10, 9, 0, 1)}), 0);
}

static void a_relay_may_use_a_port_of_its_own(void **state)
{
	struct world *w = *state;
	struct ask q = {.type = GYL_DHCP_DISCOVER, .client = 7, .giaddr = RELAY, .relay = "13 00"};
	uint8_t buf[600];
	size_t len = ask_build(&q, buf, sizeof buf);
	struct gyl_peer p = ask_peer(&q);

	p.port = 1067;
	outbox_dgram(&w->b, &gyl_dhcpd_core, w->d, GYL_DHCPD_LINK, &p, buf, len);
	assert_int_equal(w->b.out.send_cnt, 1);
	assert_int_equal(w->b.send[0].to.port, 1067); /* RFC 8357 5.2 */
}

static void fixed_fields_follow_table_3(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 7, .flags = 0});
	assert_int_equal(w->m.hdr.htype, 1);
	assert_int_equal(w->m.hdr.hlen, 6);
	assert_int_equal(w->m.hdr.hops, 0);
	assert_int_equal(w->m.hdr.secs, 0);
	assert_int_equal(w->m.hdr.ciaddr, 0);
	assert_int_equal(w->m.hdr.siaddr, 0);
	assert_int_equal(w->m.hdr.chaddr[5], 7);
	assert_true(w->m.in.len >= GYL_DHCP_LEN_MIN); /* RFC 1542 2.1 */
	assert_int_equal(w->m.sname.len + w->m.file.len, 0);
}

/* ---- options ---- */

static void options_come_in_the_order_of_the_list(void **state)
{
	struct world *w = *state;

	with_options(w);
	offered(w, (struct ask){.client = 1, .list = "2a 01 1c 0f 03 63"});
	assert_string_equal(codes(w), "53 54 51 58 59 42 1 28 15 3");
	expect_opt(w, GYL_DHCP_OPT_NTP_SERVERS, "0a000003 0a000004");
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_BROADCAST), IP(10, 0, 0, 255));
}

static void the_mask_comes_before_the_router(void **state)
{
	struct world *w = *state;

	with_options(w);
	offered(w, (struct ask){.client = 1, .list = "03 2a 01 03 35 33"}); /* RFC 2132 3.3 */
	assert_string_equal(codes(w), "53 54 51 58 59 1 3 42");
	offered(w, (struct ask){.client = 1, .list = "03"}); /* not asked for: not sent */
	assert_string_equal(codes(w), "53 54 51 58 59 3");
}

static void without_a_list_all_there_is_is_sent(void **state)
{
	struct world *w = *state;

	w->plan.dns = true;
	with_options(w);
	offered(w, (struct ask){.client = 1});
	assert_string_equal(codes(w), "53 54 51 58 59 1 3 6 15 28 42");
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_DNS_SERVERS), US);
	expect_opt(w, GYL_DHCP_OPT_DOMAIN_NAME, "6576656e742e6578616d706c65");
}

static void a_subnets_option_stands_before_the_services(void **state)
{
	struct world *w = *state;

	with_options(w);
	offered(w, (struct ask){.client = 1, .list = "01032a", .giaddr = RELAY});
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_ROUTERS), RELAY);
	assert_true(has_opt(w, GYL_DHCP_OPT_NTP_SERVERS));
}

static void a_long_value_is_split_and_whole(void **state)
{
	struct world *w = *state;
	uint8_t value[400], joined[400];
	struct gyl_view v;

	for (unsigned i = 0; i < sizeof value; i++)
		value[i] = (uint8_t)(i * 7);
	w->plan.option[0] = (struct plan_option){224, value, sizeof value};
	world_start(w);
	offered(w, (struct ask){.client = 1, .list = "e0", .max_size = 1400});
	assert_int_equal(
		gyl_dhcp_join(&w->m, 224, joined, sizeof joined, &v).err, GYL_OK); /* RFC 3396 */
	assert_int_equal(v.len, sizeof value);
	assert_memory_equal(v.p, value, sizeof value);
}

static void the_longest_message_is_obeyed(void **state)
{
	static uint8_t big[200], small[20];
	struct world *w = *state;

	w->plan.option[0] = (struct plan_option){224, big, sizeof big};
	w->plan.option[1] = (struct plan_option){225, big, sizeof big};
	w->plan.option[2] = (struct plan_option){226, small, sizeof small};
	world_start(w);
	for (uint16_t max = 0; max < 1000; max = (uint16_t)(max + 9)) {
		offered(w, (struct ask){.client = 1, .list = "e0 e1 e2 01", .max_size = max});
		assert_true(w->m.in.len <= (max == 0 ? 548u : max < 328 ? 300u : max - 28u));
		assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 3600);
	}
	offered(w, (struct ask){.client = 1, .list = "e0 e1 e2 01", .max_size = 400});
	/* One does not fit and is left out whole; smaller ones behind it are not. */
	assert_string_equal(codes(w), "53 54 51 58 59 226 1");
	offered(w, (struct ask){.client = 1, .list = "e0 e1 e2 01", .max_size = 1000});
	assert_string_equal(codes(w), "53 54 51 58 59 224 225 226 1");
}

static void the_client_identifier_comes_back(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1, .id = "ff 00112233 0003 0001 020000000001"});
	expect_opt(
		w, GYL_DHCP_OPT_CLIENT_ID, "ff 00112233 0003 0001 020000000001"); /* RFC 6842 3 */
	assert_int_equal(request(w, (struct ask){.client = 1,
					    .id = "ff 00112233 0003 0001 020000000001",
					    .want = POOL + 7}),
		GYL_DHCP_NAK);
	expect_opt(w, GYL_DHCP_OPT_CLIENT_ID, "ff 00112233 0003 0001 020000000001");
}

/* ---- relays ---- */

static void option_82_comes_back_as_it_was_and_last(void **state)
{
	/* The second is malformed inside: of no use, and yet echoed. */
	static const char *const values[] = {
		"01 04 0a0b0c0d 02 03 aabbcc 97 00 01", "01 09 aa", "00"};
	struct world *w = *state;

	with_options(w);
	for (unsigned i = 0; i < TEST_CNT(values); i++) {
		const char *all;

		offered(w,
			(struct ask){
				.client = 1, .giaddr = RELAY, .relay = values[i], .list = "0103"});
		expect_opt(w, GYL_DHCP_OPT_RELAY, values[i]);
		all = codes(w);
		assert_string_equal(all + strlen(all) - 3, " 82");
	}
	assert_int_equal(
		request(w,
			(struct ask){
				.client = 1, .giaddr = RELAY, .relay = values[0], .want = POOL}),
		GYL_DHCP_NAK);
	expect_opt(w, GYL_DHCP_OPT_RELAY, values[0]); /* RFC 3046 2.2: in all replies */
}

static void link_selection_stands_before_subnet_selection(void **state)
{
	struct world *w = *state;

	/* RFC 3527: the relay's address is for the way back alone. */
	assert_int_equal(offered(w, (struct ask){.client = 1,
					    .giaddr = IP(10, 9, 0, 1),
					    .relay = "05 04 0a010000"}),
		FAR_POOL);
	assert_int_equal(w->to.ip, IP(10, 9, 0, 1));
	/* RFC 3011 */
	assert_int_equal(
		offered(w, (struct ask){.client = 2, .more = "76 04 0a010000"}), FAR_POOL + 1);
	expect_opt(w, GYL_DHCP_OPT_SUBNET_SELECTION, "0a010000");
	assert_int_equal(offered(w, (struct ask){.client = 3,
					    .giaddr = RELAY,
					    .relay = "05 04 0a000000",
					    .more = "76 04 0a010000"}),
		POOL);
	assert_int_equal(offered(w, (struct ask){.client = 3, .more = "76 04 0a630000"}), 0);
}

static void a_relay_may_stand_for_the_server(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = RELAY, .relay = "0b 04 0a010001"};

	assert_int_equal(offered(w, q), FAR_POOL); /* RFC 5107 4 */
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_SERVER_ID), RELAY);
	assert_int_equal(w->to.local_ip, US);
	q.want = FAR_POOL;
	q.server = RELAY;
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
	q.relay = NULL;
	assert_int_equal(request(w, q), 0); /* without it, that is another server */
}

static void subnets_keep_their_own_leases_of_a_client(void **state)
{
	struct world *w = *state;

	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	assert_int_equal(get_lease(w, (struct ask){.client = 1, .giaddr = RELAY}), FAR_POOL);
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_LEASED);
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL}), GYL_DHCP_ACK);
}

static void a_renewal_through_a_router_finds_its_subnet(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1, .giaddr = RELAY});
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = FAR_POOL, .unicast = true}),
		GYL_DHCP_ACK);
	assert_int_equal(w->to.ip, FAR_POOL);
}

/* ---- RFC 4702 ---- */

static void the_fqdn_option_is_answered_in_kind(void **state)
{
	static const struct {
		const char *asked, *answered;
	} rows[] = {
		/* S: we add the name, as asked; wire form with E */
		{"51 08 05 00 00 04 70686f6e", NULL},
		{"51 09 05 00 00 05 70686f6e65",
			"05 ff ff 05 70686f6e65 05 6576656e74 07 6578616d706c65 00"},
		/* not S: we do it all the same, and say so */
		{"51 09 04 00 00 05 70686f6e65",
			"07 ff ff 05 70686f6e65 05 6576656e74 07 6578616d706c65 00"},
		/* N: we leave it, the name is its own affair */
		{"51 09 0c 00 00 05 70686f6e65", "0c ff ff 05 70686f6e65"},
		/* the old ASCII form */
		{"51 08 01 00 00 70686f6e65", "01 ff ff 70686f6e652e6576656e742e6578616d706c65"},
	};
	struct world *w = *state;

	for (unsigned i = 0; i < TEST_CNT(rows); i++) {
		world_start(w);
		offered(w, (struct ask){.client = 1, .more = rows[i].asked, .list = "0c51"});
		assert_int_equal(request(w, (struct ask){.client = 1,
						    .more = rows[i].asked,
						    .want = POOL,
						    .server = US}),
			GYL_DHCP_ACK);
		if (rows[i].answered != NULL)
			expect_opt(w, GYL_DHCP_OPT_FQDN, rows[i].answered);
	}
	get_lease(w, (struct ask){.client = 2, .list = "51"});
	assert_false(has_opt(w, GYL_DHCP_OPT_FQDN)); /* MUST NOT when the client sent none */
}

/* ---- unreadable ---- */

static void unreadable_messages_are_told_with_their_place(void **state)
{
	struct world *w = *state;
	struct ask q = {.type = GYL_DHCP_DISCOVER, .client = 1};
	struct gyl_peer p = ask_peer(&q);
	uint8_t buf[600];
	size_t len = ask_build(&q, buf, sizeof buf);
	uint64_t off;

	buf[2] = 17; /* hlen */
	outbox_dgram(&w->b, &gyl_dhcpd_core, w->d, GYL_DHCPD_LINK, &p, buf, len);
	assert_int_equal(w->b.out.send_cnt, 0);
	assert_non_null(outbox_event(&w->b, GYL_EV_DHCPD_BAD));
	assert_true(gyl_event_get_u64(outbox_event(&w->b, GYL_EV_DHCPD_BAD), "offset", &off) &&
		    off == 2);
	for (size_t cut = 0; cut < 236; cut++) {
		outbox_dgram(&w->b, &gyl_dhcpd_core, w->d, GYL_DHCPD_LINK, &p, buf, cut);
		assert_non_null(outbox_event(&w->b, GYL_EV_DHCPD_BAD));
	}
}

static void a_bad_option_costs_itself_alone(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_stat st;

	/* A lease time of three octets and an empty host name. */
	assert_int_equal(
		get_lease(w, (struct ask){.client = 1, .more = "33 03 000001 0c 00"}), POOL);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 3600);
	gyl_dhcpd_stat(w->d, &st);
	assert_true(st.count[GYL_DHCPD_IN_LENIENT] == 2);
}

/* Of two addresses none is for all, and of one neither. */
static void rfc3021_a_link_of_two_has_no_broadcast_address(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = IP(10, 2, 0, 0), .list = "1c01"};

	w->plan.subnet[0] = (struct plan_subnet){
		.ip = IP(10, 2, 0, 0), .len = 31, .pool = {{IP(10, 2, 0, 1), IP(10, 2, 0, 1)}}};
	world_start(w);
	assert_int_equal(offered(w, q), IP(10, 2, 0, 1));
	expect_opt(w, GYL_DHCP_OPT_SUBNET_MASK, "fffffffe");
	assert_false(has_opt(w, GYL_DHCP_OPT_BROADCAST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_client_without_address_gets_a_frame),
		T(the_broadcast_flag_is_obeyed),
		T(a_renewal_is_answered_to_its_address),
		T(a_relay_gets_the_answer),
		T(a_relay_may_use_a_port_of_its_own),
		T(fixed_fields_follow_table_3),
		T(options_come_in_the_order_of_the_list),
		T(the_mask_comes_before_the_router),
		T(without_a_list_all_there_is_is_sent),
		T(a_subnets_option_stands_before_the_services),
		T(a_long_value_is_split_and_whole),
		T(the_longest_message_is_obeyed),
		T(the_client_identifier_comes_back),
		T(option_82_comes_back_as_it_was_and_last),
		T(link_selection_stands_before_subnet_selection),
		T(a_relay_may_stand_for_the_server),
		T(subnets_keep_their_own_leases_of_a_client),
		T(a_renewal_through_a_router_finds_its_subnet),
		T(the_fqdn_option_is_answered_in_kind),
		T(unreadable_messages_are_told_with_their_place),
		T(a_bad_option_costs_itself_alone),
		T(rfc3021_a_link_of_two_has_no_broadcast_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
