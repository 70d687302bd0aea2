/* SPDX-License-Identifier: ISC */

/* Kinds of clients: who is in a class, and what it gives. */

#include "tests/unit/dhcpd/recount.h"

static const uint8_t mark[] = {0xaa}, other_mark[] = {0xbb}, host_mark[] = {0xcc};

enum {
	MARK = 224 /* an option that tells who gave it */
};

static bool marked(struct world *w, struct ask q)
{
	q.list = "e0";
	assert_int_not_equal(offered(w, q), 0);
	return has_opt(w, MARK);
}

static void start(struct world *w, struct plan_class k)
{
	k.name = "it";
	k.option[0] = (struct plan_option){MARK, mark, 1};
	w->plan.class[0] = k;
	world_start(w);
}

static void the_vendor_class_begins_so(void **state)
{
	struct world *w = *state;

	start(w, (struct plan_class){.vendor_class = "505845"});
	assert_true(marked(w, (struct ask){.client = 1, .more = "3c03 505845"}));
	assert_true(marked(w, (struct ask){.client = 1, .more = "3c05 5058454c69"}));
	assert_false(marked(w, (struct ask){.client = 1, .more = "3c02 5058"}));
	assert_false(marked(w, (struct ask){.client = 1, .more = "3c05 7058454c69"}));
	assert_false(marked(w, (struct ask){.client = 1}));
}

/* RFC 3396: what comes in pieces is one value. */
static void rfc3396_a_split_option_is_matched_whole(void **state)
{
	struct world *w = *state;
	const struct ask q = {.client = 1, .more = "3c03 506858 3c03 45436c"};

	start(w, (struct plan_class){.name = "pxe", .vendor_class = "50685845 43"});
	assert_true(marked(w, q));
	assert_false(marked(w, (struct ask){.client = 2, .more = "3c03 506858"}));
}

static void rfc3004_the_user_class_is_items_or_plain_text(void **state)
{
	struct world *w = *state;

	start(w, (struct plan_class){.user_class = "69505845"});
	assert_true(marked(w, (struct ask){.client = 1, .more = "4d04 69505845"}));
	assert_true(marked(w, (struct ask){.client = 1, .more = "4d05 04 69505845"}));
	assert_true(marked(w, (struct ask){.client = 1, .more = "4d08 02 6162 04 69505845"}));
	assert_false(marked(w, (struct ask){.client = 1, .more = "4d05 61 69505845"}));
	assert_false(marked(w, (struct ask){.client = 1, .more = "4d04 03 695058"}));
	/* An item that is longer than the option ends it. */
	assert_false(marked(w, (struct ask){.client = 1, .more = "4d04 09 695058"}));
	assert_false(marked(w, (struct ask){.client = 1}));
}

static void circuit_and_remote_id_begin_so(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = RELAY, .relay = "0103 686131 0202 0001"};

	start(w, (struct plan_class){.circuit_id = "6861"});
	assert_true(marked(w, q));
	q.relay = "0101 68 0202 6861";
	assert_false(marked(w, q));
	start(w, (struct plan_class){.remote_id = "6861"});
	assert_true(marked(w, q));
	q.relay = NULL;
	assert_false(marked(w, q));
}

static void the_mac_begins_so(void **state)
{
	struct world *w = *state;
	static const uint8_t mac[6] = {2, 0x10, 0, 0, 0, 1};

	start(w, (struct plan_class){.mac = "0200"});
	assert_true(marked(w, (struct ask){.client = 1}));
	assert_false(marked(w, (struct ask){.mac = mac}));
}

static void rfc4578_2_1_one_of_the_architectures(void **state)
{
	struct world *w = *state;

	start(w, (struct plan_class){.arch = {7, 9, UINT16_MAX}});
	assert_true(marked(w, (struct ask){.client = 1, .more = "5d02 0009"}));
	assert_true(marked(w, (struct ask){.client = 1, .more = "5d04 0000 0007"}));
	assert_false(marked(w, (struct ask){.client = 1, .more = "5d02 0000"}));
	assert_false(marked(w, (struct ask){.client = 1, .more = "5d02 0008"}));
	assert_false(marked(w, (struct ask){.client = 1}));
	start(w, (struct plan_class){.arch = {0, UINT16_MAX}});
	assert_false(marked(w, (struct ask){.client = 1}));
	assert_true(marked(w, (struct ask){.client = 1, .more = "5d02 0000"}));
}

static void options_say_it_to_the_octet(void **state)
{
	struct world *w = *state;
	static const uint8_t five[] = {5}, six[] = {6};

	start(w, (struct plan_class){.match = {{230, five, 1}, {231, six, 1}}});
	assert_true(marked(w, (struct ask){.client = 1, .more = "e601 05 e701 06"}));
	assert_false(marked(w, (struct ask){.client = 1, .more = "e601 05"}));
	assert_false(marked(w, (struct ask){.client = 1, .more = "e602 0505 e701 06"}));
}

static void the_subnet_lies_in_the_network(void **state)
{
	struct world *w = *state;

	start(w, (struct plan_class){.cf = {.subnet = {IP(10, 1, 0, 0), 16}}});
	assert_true(marked(w, (struct ask){.client = 1, .giaddr = RELAY}));
	assert_false(marked(w, (struct ask){.client = 1}));
	start(w, (struct plan_class){.cf = {.subnet = {IP(10, 1, 0, 0), 25}}});
	assert_false(marked(w, (struct ask){.client = 1, .giaddr = RELAY}));
}

static void every_condition_has_to_hold(void **state)
{
	struct world *w = *state;

	start(w, (struct plan_class){.mac = "02", .vendor_class = "50"});
	assert_true(marked(w, (struct ask){.client = 1, .more = "3c02 5058"}));
	assert_false(marked(w, (struct ask){.client = 1, .more = "3c02 4058"}));
}

/* Reservation, classes in their order, subnet, service. */
static void what_is_nearer_counts(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .list = "e0", .more = "3c02 5058"};

	w->plan.option[0] = (struct plan_option){MARK, other_mark, 1};
	w->plan.class[0] = (struct plan_class){.name = "first", .vendor_class = "50"};
	w->plan.class[1] =
		(struct plan_class){.name = "second", .mac = "02", .option = {{MARK, mark, 1}}};
	w->plan.class[2] = (struct plan_class){
		.name = "third", .mac = "02", .option = {{MARK, host_mark, 1}, {225, mark, 1}}};
	world_start(w);
	offered(w, q);
	expect_opt(w, MARK, "aa"); /* the first has none, the second is before the third */
	q.list = "e1";
	offered(w, q);
	expect_opt(w, 225, "aa");
	w->plan.reserved[0] = (struct plan_reserved){
		.host = {.mac = {2, 0, 0, 0, 0, 1}}, .option = {{MARK, host_mark, 1}}};
	world_reload(w);
	offered(w, q);
	expect_opt(w, MARK, "cc");
}

static void the_lease_time_is_of_the_first_class_that_has_one(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .more = "3c02 5058"};

	w->plan.cf.max_ns = GYL_NS_PER_HOUR;
	w->plan.class[0] = (struct plan_class){.name = "none", .mac = "02"};
	w->plan.class[1] = (struct plan_class){
		.name = "long", .vendor_class = "50", .cf = {.lease_ns = 8 * GYL_NS_PER_HOUR}};
	w->plan.class[2] = (struct plan_class){
		.name = "short", .mac = "02", .cf = {.lease_ns = 30 * GYL_NS_PER_S}};
	world_start(w);
	offered(w, q);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 8 * 3600);
	get_lease(w, q);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 8 * 3600);
	q.lease = 24 * 3600;
	offered(w, q);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 8 * 3600);
	q.more = NULL;
	q.client = 2;
	q.lease = 0;
	get_lease(w, q);
	assert_int_equal(opt_u32(w, GYL_DHCP_OPT_LEASE_TIME), 30);
}

/* ---- pools of classes ---- */

static void start_pool(struct world *w)
{
	w->plan.class[0] = (struct plan_class){
		.name = "phones", .vendor_class = "70", .pool = {{POOL + 20, POOL + 21}}};
	w->plan.pool[0].last = POOL;
	w->plan.pool[1] = (struct gyl_conf_range){POOL + 30, POOL + 30};
	world_start(w);
}

static const struct ask phone = {.more = "3c01 70"};

static uint32_t lease_of(struct world *w, struct ask q, uint8_t client)
{
	q.client = client;
	return get_lease(w, q);
}

static void members_get_their_pool_first_and_others_never(void **state)
{
	struct world *w = *state;

	start_pool(w);
	assert_int_equal(lease_of(w, phone, 1), POOL + 20);
	assert_int_equal(lease_of(w, (struct ask){0}, 2), POOL);
	assert_int_equal(lease_of(w, (struct ask){0}, 3), POOL + 30);
	assert_int_equal(offered(w, (struct ask){.client = 4}), 0);
	assert_int_equal(offered(w, (struct ask){.client = 4, .want = POOL + 21}), 0);
	assert_int_equal(request(w, (struct ask){.client = 4, .want = POOL + 21, .server = US}),
		GYL_DHCP_NAK);
	assert_int_equal(lease_of(w, phone, 5), POOL + 21);
	/* Free ones of either sort stay of their sort. */
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 1, .ciaddr = POOL + 20});
	assert_int_equal(offered(w, (struct ask){.client = 4}), 0);
	assert_int_equal(lease_of(w, phone, 6), POOL + 20);
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 2, .ciaddr = POOL});
	assert_int_equal(lease_of(w, phone, 7), POOL); /* its own pool is full */
	expect_opt(w, GYL_DHCP_OPT_SUBNET_MASK, "ffffff00");
}

static void who_is_a_member_no_more_has_to_leave(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .ciaddr = POOL + 20};

	start_pool(w);
	assert_int_equal(lease_of(w, phone, 1), POOL + 20);
	assert_int_equal(request(w, q), GYL_DHCP_NAK);
	q.more = phone.more;
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
}

static void a_reserved_address_may_lie_in_the_pool_of_a_class(void **state)
{
	struct world *w = *state;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 9}, POOL + 20, NULL};
	start_pool(w);
	assert_int_equal(lease_of(w, phone, 1), POOL + 21);
	assert_int_equal(lease_of(w, (struct ask){0}, 9), POOL + 20);
	assert_int_equal(request(w, (struct ask){.client = 9, .ciaddr = POOL + 20}), GYL_DHCP_ACK);
}

static void leases_move_with_the_pools_of_classes(void **state)
{
	struct world *w = *state;
	struct gyl_dhcpd_pool_stat st;

	start_pool(w);
	assert_int_equal(lease_of(w, phone, 1), POOL + 20);
	assert_true(gyl_dhcpd_pool_stat(w->d, w->b.now.mono_ns, 2, &st));
	assert_true(gyl_view_eq(st.class, gyl_view_str("phones")));
	assert_int_equal(st.size, 2);
	assert_int_equal(st.leased, 1);
	assert_true(gyl_dhcpd_pool_stat(w->d, w->b.now.mono_ns, 0, &st));
	assert_int_equal(st.class.len, 0);
	assert_int_equal(st.leased, 0);
	w->plan.class[0].pool[0].first = 0; /* no pool any more */
	w->plan.pool[0].last = POOL + 25;
	world_reload(w);
	assert_false(gyl_dhcpd_pool_stat(w->d, w->b.now.mono_ns, 2, &st));
	assert_true(gyl_dhcpd_pool_stat(w->d, w->b.now.mono_ns, 0, &st));
	assert_int_equal(st.leased, 1);
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL + 20}), GYL_DHCP_ACK);
}

static void pools_of_a_class_lie_on_every_subnet_of_a_link(void **state)
{
	struct world *w = *state;
	struct ask q = {.giaddr = IP(10, 2, 0, 1), .more = phone.more};

	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 2, 0, 0), .len = 24, .shared = "x"};
	w->plan.subnet[1] = (struct plan_subnet){.ip = IP(10, 3, 0, 0), .len = 25, .shared = "x"};
	w->plan.class[0] = (struct plan_class){.name = "phones",
		.vendor_class = "70",
		.pool = {{IP(10, 3, 0, 5), IP(10, 3, 0, 5)}, {IP(10, 2, 0, 5), IP(10, 2, 0, 5)},
			{FAR_POOL + 50, FAR_POOL + 50}}};
	world_start(w);
	assert_int_equal(lease_of(w, q, 1), IP(10, 2, 0, 5));
	expect_opt(w, GYL_DHCP_OPT_SUBNET_MASK, "ffffff00");
	assert_int_equal(lease_of(w, q, 2), IP(10, 3, 0, 5));
	expect_opt(w, GYL_DHCP_OPT_SUBNET_MASK, "ffffff80");
	q.client = 3;
	assert_int_equal(offered(w, q), 0);
	q.giaddr = RELAY;
	assert_int_equal(offered(w, q), FAR_POOL + 50);
	q.ciaddr = IP(10, 3, 0, 5);
	q.giaddr = IP(10, 2, 0, 1);
	q.client = 2;
	assert_int_equal(request(w, q), GYL_DHCP_ACK);
}

/* ---- reservations: whose they are ---- */

static void reserve(struct world *w, struct plan_reserved a, struct plan_reserved b)
{
	w->plan.reserved[0] = a;
	w->plan.reserved[1] = b;
	world_start(w);
}

static void a_reservation_by_client_identifier(void **state)
{
	struct world *w = *state;
	static const struct plan_reserved none;

	reserve(w, (struct plan_reserved){.host = {.address = POOL + 5}, .id = "ff01020304"}, none);
	assert_int_equal(get_lease(w, (struct ask){.client = 1, .id = "ff01020304"}), POOL + 5);
	assert_int_equal(get_lease(w, (struct ask){.client = 2, .id = "ff01020305"}), POOL);
	assert_int_equal(get_lease(w, (struct ask){.client = 3}), POOL + 1);
	assert_int_equal(offered(w, (struct ask){.client = 4, .want = POOL + 5}), POOL + 2);
}

static void a_reservation_by_circuit(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = RELAY, .relay = "0102 6107"};
	static const struct plan_reserved none;

	reserve(w, (struct plan_reserved){.host = {.address = FAR_POOL + 5}, .circuit = "6107"},
		none);
	assert_int_equal(get_lease(w, q), FAR_POOL + 5);
	/* Somebody else at the same port while the first one has it. */
	q.client = 2;
	assert_int_equal(get_lease(w, q), FAR_POOL);
	q.client = 1;
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 1, .ciaddr = FAR_POOL + 5});
	q.client = 2;
	assert_int_equal(get_lease(w, q), FAR_POOL + 5);
	q.client = 3;
	q.relay = "0102 6108";
	assert_int_equal(get_lease(w, q), FAR_POOL + 1);
}

static void all_that_a_reservation_names_has_to_be_right(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = RELAY, .relay = "0102 6107", .id = "0011"};

	reserve(w,
		(struct plan_reserved){.host = {.mac = {2, 0, 0, 0, 0, 1}, .address = FAR_POOL + 5},
			.circuit = "6107"},
		(struct plan_reserved){
			.host = {.address = FAR_POOL + 6}, .circuit = "6107", .id = "0022"});
	assert_int_equal(get_lease(w, q), FAR_POOL + 5);
	q.client = 2;
	assert_int_equal(get_lease(w, q), FAR_POOL);
	q.id = "0022";
	assert_int_equal(get_lease(w, q), FAR_POOL + 6);
	q.relay = "0102 6108";
	q.client = 1;
	q.id = "0033";
	assert_int_equal(get_lease(w, q), FAR_POOL + 1);
}

static void the_mac_before_the_identifier_and_an_address_before_none(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .id = "0011"};
	struct plan_reserved id = {.host = {.address = POOL + 6}, .id = "0011"};

	reserve(w, (struct plan_reserved){.host = {{2, 0, 0, 0, 0, 1}, POOL + 5, NULL}}, id);
	assert_int_equal(offered(w, q), POOL + 5);
	reserve(w, (struct plan_reserved){.host = {{2, 0, 0, 0, 0, 1}, 0, "named"}}, id);
	assert_int_equal(offered(w, q), POOL + 6);
	/* The same on one subnet. */
	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 2, 0, 0),
		.len = 24,
		.pool = {{IP(10, 2, 0, 9), IP(10, 2, 0, 19)}},
		.host = {{.host = {{2, 0, 0, 0, 0, 1}, 0, "named"}},
			{.host = {.address = IP(10, 2, 0, 5)}, .id = "0011"}}};
	world_start(w);
	q.giaddr = IP(10, 2, 0, 1);
	assert_int_equal(offered(w, q), IP(10, 2, 0, 5));
}

static void the_same_machine_on_several_subnets(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .list = "0c"};

	w->plan.reserved[0] =
		(struct plan_reserved){.host = {{2, 0, 0, 0, 0, 1}, POOL + 5, "desk"}};
	w->plan.reserved[1] =
		(struct plan_reserved){.host = {{2, 0, 0, 0, 0, 1}, FAR_POOL + 5, "desk"}};
	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 2, 0, 0),
		.len = 24,
		.pool = {{IP(10, 2, 0, 9), IP(10, 2, 0, 9)}},
		.host = {{.host = {{2, 0, 0, 0, 0, 1}, 0, "here"}}}};
	w->plan.reserved[2] = (struct plan_reserved){.host = {{2, 0, 0, 0, 0, 1}, 0, "there"}};
	world_start(w);
	assert_int_equal(get_lease(w, q), POOL + 5);
	expect_opt(w, GYL_DHCP_OPT_HOST_NAME, "6465736b");
	q.giaddr = RELAY;
	assert_int_equal(get_lease(w, q), FAR_POOL + 5);
	q.giaddr = IP(10, 2, 0, 1);
	assert_int_equal(get_lease(w, q), IP(10, 2, 0, 9));
	expect_opt(w, GYL_DHCP_OPT_HOST_NAME, "68657265"); /* its own before the one for any */
}

/* RFC 2131 4.3.2 and the operator's wish: not before it is free, but from then on. */
static void a_new_reservation_of_an_address_that_another_has(void **state)
{
	struct world *w = *state;

	assert_int_equal(get_lease(w, (struct ask){.client = 2}), POOL);
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL + 1);
	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL, NULL};
	world_reload(w);
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL + 1}), GYL_DHCP_ACK);
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL + 1);
	assert_int_equal(request(w, (struct ask){.client = 2, .ciaddr = POOL}), GYL_DHCP_NAK);
	world_pass(w, 2 * GYL_NS_PER_HOUR);
	assert_int_equal(get_lease(w, (struct ask){.client = 1}), POOL);
	assert_int_not_equal(offered(w, (struct ask){.client = 2}), POOL);
}

/* A boot ROM, an installer and the system have one card, and an identifier each or none. */
static void a_reserved_address_follows_its_card(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1};

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL + 5, "desk"};
	world_start(w);
	assert_int_equal(get_lease(w, q), POOL + 5);
	q.id = "ff 00000001 0001 0102";
	assert_int_equal(get_lease(w, q), POOL + 5);
	assert_int_equal(gyl_dhcpd_lease_at(w->d, POOL + 5)->form, GYL_DHCPD_BY_ID);
	/* On with what it had, and without a lease at all. */
	assert_int_equal(request(w, (struct ask){.client = 1, .ciaddr = POOL + 5}), GYL_DHCP_ACK);
	assert_int_equal(
		request(w, (struct ask){.client = 1, .id = q.id, .want = POOL + 5}), GYL_DHCP_ACK);
	assert_true(ask(w, (struct ask){.client = 1}));
	assert_int_equal(w->m.hdr.yiaddr, POOL + 5);
	/* Who has another card is somebody else. */
	q.client = 2;
	assert_int_equal(get_lease(w, q), POOL);
}

/* An OFFER is no lease: until it is taken what the other system has stays on record. */
static void an_offer_to_another_system_leaves_the_lease(void **state)
{
	struct world *w = *state;
	const struct gyl_dhcpd_lease *l;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL + 5, "desk"};
	world_start(w);
	assert_int_equal(get_lease(w, (struct ask){.client = 1, .id = "ff01"}), POOL + 5);
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL + 5);
	l = gyl_dhcpd_lease_at(w->d, POOL + 5);
	assert_true(l->kept);
	assert_int_equal(l->form, GYL_DHCPD_BY_ID);
}

/* Nor does it say which card the client has: that one only asks. */
static void an_offer_to_another_card_leaves_the_lease(void **state)
{
	static const uint8_t other[6] = {2, 0, 0, 0, 0, 2};
	struct world *w = *state;
	const struct gyl_dhcpd_lease *l;
	uint32_t link;

	get_lease(w, (struct ask){.client = 1, .id = "ff01"});
	l = gyl_dhcpd_lease_at(w->d, POOL);
	link = l->link;
	assert_int_equal(offered(w, (struct ask){.mac = other, .id = "ff01"}), POOL);
	assert_int_equal(l->mac[5], 1);
	assert_int_equal(l->link, link);
	assert_int_equal(
		request(w, (struct ask){.mac = other, .id = "ff01", .want = POOL, .server = US}),
		GYL_DHCP_ACK);
	assert_int_equal(l->mac[5], 2);
	assert_int_not_equal(l->link, link);
}

/* RFC 2131 3.1: what is acknowledged is committed. What cannot be is not given, and who has it
 * keeps it: a rewritten journal has it as before. */
static void a_full_store_leaves_the_lease_to_the_system_before(void **state)
{
	struct world *w = *state;
	const struct gyl_dhcpd_lease *l;
	struct gyl_dhcpd_lease before;

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 1}, POOL + 5, "desk"};
	world_start(w);
	assert_int_equal(get_lease(w, (struct ask){.client = 1, .id = "ff01"}), POOL + 5);
	l = gyl_dhcpd_lease_at(w->d, POOL + 5);
	before = *l;
	w->b.store_full = true;
	assert_int_equal(offered(w, (struct ask){.client = 1}), POOL + 5);
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL + 5, .server = US}), 0);
	assert_true(l->kept && l->named && l->charged);
	assert_int_equal(l->state, GYL_DHCPD_LEASED);
	assert_int_equal(l->form, GYL_DHCPD_BY_ID);
	assert_int_equal(l->hash, before.hash);
	assert_true(l->expiry_ns == before.expiry_ns && l->written_ns == before.written_ns);
	assert_int_equal(l->granted_s, before.granted_s);
	recount(w->d);
	assert_int_equal(request(w, (struct ask){.client = 1, .id = "ff01", .ciaddr = POOL + 5}),
		GYL_DHCP_ACK);
	w->b.store_full = false;
	assert_int_equal(request(w, (struct ask){.client = 1, .want = POOL + 5, .server = US}),
		GYL_DHCP_ACK);
	assert_int_equal(l->form, GYL_DHCPD_BY_HW);
}

/* One card that was in the class, with another identifier that is not. */
static void an_offer_is_replaced_by_one_that_fits(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .id = "0001", .more = "3c01 70"};

	w->plan.cf.client_offers = 1;
	w->plan.class[0] = (struct plan_class){
		.name = "phones", .vendor_class = "70", .pool = {{POOL + 20, POOL + 29}}};
	world_start(w);
	assert_int_equal(offered(w, q), POOL + 20);
	q = (struct ask){.client = 1, .id = "0002"};
	assert_int_equal(offered(w, q), POOL);
	assert_int_equal(state_of(w, POOL + 20), GYL_DHCPD_FREE);
	q.id = "0003";
	assert_int_equal(offered(w, q), POOL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(the_vendor_class_begins_so),
		T(rfc3396_a_split_option_is_matched_whole),
		T(rfc3004_the_user_class_is_items_or_plain_text),
		T(circuit_and_remote_id_begin_so),
		T(the_mac_begins_so),
		T(rfc4578_2_1_one_of_the_architectures),
		T(options_say_it_to_the_octet),
		T(the_subnet_lies_in_the_network),
		T(every_condition_has_to_hold),
		T(what_is_nearer_counts),
		T(the_lease_time_is_of_the_first_class_that_has_one),
		T(members_get_their_pool_first_and_others_never),
		T(who_is_a_member_no_more_has_to_leave),
		T(a_reserved_address_may_lie_in_the_pool_of_a_class),
		T(leases_move_with_the_pools_of_classes),
		T(pools_of_a_class_lie_on_every_subnet_of_a_link),
		T(a_reservation_by_client_identifier),
		T(a_reservation_by_circuit),
		T(all_that_a_reservation_names_has_to_be_right),
		T(the_mac_before_the_identifier_and_an_address_before_none),
		T(the_same_machine_on_several_subnets),
		T(a_new_reservation_of_an_address_that_another_has),
		T(a_reserved_address_follows_its_card),
		T(an_offer_to_another_system_leaves_the_lease),
		T(an_offer_to_another_card_leaves_the_lease),
		T(a_full_store_leaves_the_lease_to_the_system_before),
		T(an_offer_is_replaced_by_one_that_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
