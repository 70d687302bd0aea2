/* SPDX-License-Identifier: ISC */

/* What an answer carries: by whom it is said, boot fields, and options that change more than the
 * answer. */

#include "tests/unit/dhcpd/world.h"

/* The codes of the answer after those that every OFFER and ACK has. */
static const char *codes(const struct world *w)
{
	static const uint8_t always[] = {53, 54, 51, 58, 59, 61};
	static char text[600];
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;
	size_t len = 0;

	text[0] = '\0';
	gyl_dhcp_cursor_init(&c, &w->m);
	while (gyl_dhcp_cursor_next(&c, &o))
		if (memchr(always, o.code, sizeof always) == NULL)
			len += (size_t)snprintf(
				text + len, sizeof text - len, "%s%u", len == 0 ? "" : " ", o.code);
	return text;
}

static const uint8_t addr[] = {10, 0, 0, 9}, yes[] = {1}, no[] = {0}, wait[] = {0, 0, 7, 8};

/* ---- asked and unasked ---- */

static void rfc2131_4_3_1_what_is_the_clients_own_is_sent_unasked(void **state)
{
	struct world *w = *state;

	w->plan.reserved[0] = (struct plan_reserved){
		.host = {.mac = {2, 0, 0, 0, 0, 1}}, .option = {{42, addr, 4}}};
	w->plan.class[0] = (struct plan_class){
		.name = "x", .vendor_class = "50", .option = {{224, yes, 1}, {42, wait, 4}}};
	w->plan.option[0] = (struct plan_option){7, addr, 4};
	world_start(w);
	offered(w, (struct ask){.client = 1, .list = "01", .more = "3c01 50"});
	assert_string_equal(codes(w), "1 42 224");
	expect_opt(w, 42, "0a000009");
	offered(w, (struct ask){.client = 1, .list = "e001", .more = "3c01 50"});
	assert_string_equal(codes(w), "224 1 42");
	offered(w, (struct ask){.client = 2, .list = "01"});
	assert_string_equal(codes(w), "1");
}

static void some_are_sent_to_who_asks_alone(void **state)
{
	struct world *w = *state;

	w->plan.option[0] = (struct plan_option){GYL_DHCP_OPT_IPV6_ONLY, wait, 4};
	w->plan.option[1] = (struct plan_option){GYL_DHCP_OPT_AUTO_CONFIG, yes, 1};
	w->plan.class[0] = (struct plan_class){
		.name = "x", .mac = "02", .option = {{GYL_DHCP_OPT_IPV6_ONLY, wait, 4}}};
	world_start(w);
	offered(w, (struct ask){.client = 1}); /* no list: all else there is */
	assert_string_equal(codes(w), "1 15 28");
	offered(w, (struct ask){.client = 1, .list = "01"});
	assert_string_equal(codes(w), "1");
	offered(w, (struct ask){.client = 1, .list = "6c"});
	assert_string_equal(codes(w), "108");
	offered(w, (struct ask){.client = 1, .more = "7401 01"});
	assert_string_equal(codes(w), "1 15 28 116");
}

static void rfc2131_4_1_what_does_not_fit_is_left_out_whole(void **state)
{
	struct world *w = *state;
	static uint8_t big[200];
	struct ask q = {.client = 1, .list = "e0e1e203", .max_size = 576};

	w->plan.option[0] = (struct plan_option){224, big, 200};
	w->plan.option[1] = (struct plan_option){225, big, 100};
	w->plan.option[2] = (struct plan_option){226, big, 200};
	w->plan.option[3] = (struct plan_option){3, addr, 4};
	world_start(w);
	offered(w, q); /* the fields file and sname take the second */
	assert_string_equal(codes(w), "224 3 52 225");
	w->plan.boot.file = "menu";
	world_reload(w);
	offered(w, q);
	assert_string_equal(codes(w), "224 3");
	q.max_size = 1200;
	offered(w, q);
	assert_string_equal(codes(w), "224 225 226 3");
}

/* ---- boot ---- */

static void expect_boot(const struct world *w, uint32_t next, const char *file, const char *server)
{
	assert_int_equal(w->m.hdr.siaddr, next);
	assert_true(gyl_view_eq(w->m.file, gyl_view_str(file)));
	assert_true(gyl_view_eq(w->m.sname, gyl_view_str(server)));
}

static void rfc2131_table_3_siaddr_file_and_sname(void **state)
{
	struct world *w = *state;

	offered(w, (struct ask){.client = 1});
	expect_boot(w, 0, "", "");
	w->plan.boot = (struct plan_boot){US + 1, "menu", "boot"};
	world_start(w);
	offered(w, (struct ask){.client = 1});
	expect_boot(w, US + 1, "menu", "boot");
	get_lease(w, (struct ask){.client = 1});
	expect_boot(w, US + 1, "menu", "boot");
	ask(w, (struct ask){.type = GYL_DHCP_INFORM, .client = 1, .ciaddr = POOL});
	expect_boot(w, US + 1, "menu", "boot");
	assert_int_equal(request(w, (struct ask){.client = 1, .want = FAR_POOL}), GYL_DHCP_NAK);
	expect_boot(w, 0, "", "");
}

static void the_nearest_says_each_of_them(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = IP(10, 2, 0, 1), .more = "3c01 50"};

	w->plan.boot = (struct plan_boot){US + 1, "service", "service"};
	w->plan.subnet[0] = (struct plan_subnet){.ip = IP(10, 2, 0, 0),
		.len = 24,
		.pool = {{IP(10, 2, 0, 9), IP(10, 2, 0, 19)}},
		.boot = {.next = US + 2, .file = "subnet"}};
	w->plan.class[0] =
		(struct plan_class){.name = "a", .vendor_class = "50", .boot = {.file = "first"}};
	w->plan.class[1] = (struct plan_class){
		.name = "b", .vendor_class = "50", .boot = {.next = US + 3, .file = "second"}};
	w->plan.reserved[0] = (struct plan_reserved){
		.host = {{2, 0, 0, 0, 0, 9}, 0, NULL}, .boot = {.file = "host"}};
	world_start(w);
	offered(w, q);
	expect_boot(w, US + 3, "first", "service");
	q.client = 9;
	offered(w, q);
	expect_boot(w, US + 3, "host", "service");
	q.more = NULL;
	q.client = 1;
	offered(w, q);
	expect_boot(w, US + 2, "subnet", "service");
	offered(w, (struct ask){.client = 1});
	expect_boot(w, US + 1, "service", "service");
}

static void options_66_67_and_150_for_who_asks(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .list = "42 43 96"};

	w->plan.boot = (struct plan_boot){US + 1, "menu", NULL};
	world_start(w);
	offered(w, q);
	assert_string_equal(codes(w), "66 67 150");
	expect_opt(w, GYL_DHCP_OPT_TFTP_SERVER_NAME, "31302e302e302e32");
	expect_opt(w, GYL_DHCP_OPT_BOOTFILE, "6d656e75");
	expect_opt(w, GYL_DHCP_OPT_TFTP_SERVERS, "0a000002");
	w->plan.boot.server = "boot";
	w->plan.option[0] = (struct plan_option){GYL_DHCP_OPT_BOOTFILE, "other", 5};
	world_reload(w);
	offered(w, q);
	expect_opt(w, GYL_DHCP_OPT_TFTP_SERVER_NAME, "626f6f74");
	expect_opt(w, GYL_DHCP_OPT_BOOTFILE, "6f74686572");
	expect_boot(w, US + 1, "menu", "boot");
	/* Who asks for nothing reads the fields. */
	offered(w, (struct ask){.client = 1});
	assert_string_equal(codes(w), "1 15 28 67");
}

static void rfc951_a_boot_rom_of_old_is_told_what_to_load(void **state)
{
	struct world *w = *state;

	w->plan.reserved[0] = (struct plan_reserved){
		.host = {{2, 0, 0, 0, 0, 1}, POOL, NULL}, .boot = {US + 4, "rom.img", NULL}};
	world_start(w);
	assert_true(ask(w, (struct ask){.client = 1}));
	assert_int_equal(w->m.hdr.yiaddr, POOL);
	expect_boot(w, US + 4, "rom.img", "");
}

/* ---- RFC 8925 ---- */

static void v6_mostly(struct world *w)
{
	w->plan.far_option[0] = (struct plan_option){GYL_DHCP_OPT_IPV6_ONLY, wait, 4};
	world_start(w);
}

static uint64_t v6_only_cnt(const struct world *w)
{
	struct gyl_dhcpd_stat st;

	gyl_dhcpd_stat(w->d, &st);
	return st.count[GYL_DHCPD_V6_ONLY];
}

static void rfc8925_3_3_no_address_is_spent(void **state)
{
	struct world *w = *state;
	struct ask q = {.giaddr = RELAY, .list = "016c", .type = GYL_DHCP_DISCOVER};

	v6_mostly(w);
	for (unsigned i = 1; i <= 30; i++) {
		q.client = (uint8_t)i;
		assert_int_equal(offered(w, q), FAR_POOL);
		expect_opt(w, GYL_DHCP_OPT_IPV6_ONLY, "00000708");
		assert_int_equal(state_of(w, FAR_POOL), GYL_DHCPD_FREE);
		assert_null(gyl_dhcpd_lease_at(w->d, FAR_POOL));
	}
	assert_int_equal(v6_only_cnt(w), 30);
	/* Who needs IPv4 finds all addresses. */
	q.list = NULL;
	for (unsigned i = 0; i < 10; i++) {
		q.client = (uint8_t)(100 + i);
		assert_int_equal(get_lease(w, q), FAR_POOL + i);
	}
	assert_int_equal(v6_only_cnt(w), 30);
}

static void rfc8925_3_3_who_takes_the_address_gets_it(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = RELAY, .list = "6c"};

	v6_mostly(w);
	assert_int_equal(get_lease(w, q), FAR_POOL);
	expect_opt(w, GYL_DHCP_OPT_IPV6_ONLY, "00000708");
	/* From then on it is the client's, and kept. */
	assert_int_equal(offered(w, q), FAR_POOL);
	q.client = 2;
	assert_int_equal(offered(w, q), FAR_POOL + 1);
	q.want = FAR_POOL + 5;
	assert_int_equal(offered(w, q), FAR_POOL + 5);
	assert_int_equal(state_of(w, FAR_POOL + 5), GYL_DHCPD_FREE);
}

/* RFC 2131 4.3.1 holds for it as well, for it may take the address. */
static void rfc8925_3_3_the_address_is_the_clients_own(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 7, .giaddr = RELAY, .list = "6c"};

	w->plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 7}, FAR_POOL + 7, NULL};
	v6_mostly(w);
	assert_int_equal(offered(w, q), FAR_POOL + 7);
	assert_int_equal(get_lease(w, (struct ask){.client = 1, .giaddr = RELAY}), FAR_POOL);
	assert_int_equal(get_lease(w, (struct ask){.client = 2, .giaddr = RELAY}), FAR_POOL + 1);
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 2, .ciaddr = FAR_POOL + 1});
	ask(w, (struct ask){.type = GYL_DHCP_RELEASE, .client = 1, .ciaddr = FAR_POOL});
	q.client = 1;
	assert_int_equal(offered(w, q), FAR_POOL);
}

static void rfc8925_3_3_not_by_rapid_commit(void **state)
{
	struct world *w = *state;
	struct ask q = {.client = 1, .giaddr = RELAY, .list = "6c", .more = "5000"};

	w->plan.cf.rapid_commit = true;
	v6_mostly(w);
	assert_int_equal(offered(w, q), FAR_POOL);
	assert_int_equal(state_of(w, FAR_POOL), GYL_DHCPD_FREE);
	q.list = "01";
	q.type = GYL_DHCP_DISCOVER;
	assert_true(ask(w, q));
	assert_int_equal(w->m.type, GYL_DHCP_ACK);
}

static void rfc8925_3_3_with_a_full_pool_the_word_alone(void **state)
{
	struct world *w = *state;
	struct ask q = {.giaddr = RELAY};

	v6_mostly(w);
	for (unsigned i = 1; i <= 10; i++) {
		q.client = (uint8_t)i;
		get_lease(w, q);
	}
	q.client = 20;
	q.list = "6c";
	q.type = GYL_DHCP_DISCOVER;
	assert_true(ask(w, q));
	assert_int_equal(w->m.type, GYL_DHCP_OFFER);
	assert_int_equal(w->m.hdr.yiaddr, 0);
	assert_string_equal(codes(w), "108");
	assert_false(has_opt(w, GYL_DHCP_OPT_LEASE_TIME));
	q.list = "01";
	assert_false(ask(w, q));
}

static void rfc8925_3_3_not_where_it_is_not_configured(void **state)
{
	struct world *w = *state;

	v6_mostly(w);
	assert_int_equal(offered(w, (struct ask){.client = 1, .list = "6c"}), POOL);
	assert_false(has_opt(w, GYL_DHCP_OPT_IPV6_ONLY));
	assert_int_equal(state_of(w, POOL), GYL_DHCPD_OFFERED);
}

/* ---- RFC 2563 ---- */

static void fill_up(struct world *w)
{
	w->plan.pool[0].last = POOL;
	world_start(w);
	get_lease(w, (struct ask){.client = 1});
}

static void rfc2563_2_3_no_address_and_none_to_be_made_up(void **state)
{
	struct world *w = *state;
	struct ask q = {.type = GYL_DHCP_DISCOVER, .client = 2, .more = "7401 01"};

	fill_up(w);
	assert_true(ask(w, q));
	assert_int_equal(w->m.hdr.yiaddr, 0);
	expect_opt(w, GYL_DHCP_OPT_AUTO_CONFIG, "00");
	/* It does not want to make one up, or does not know of this. */
	q.more = "7401 00";
	assert_false(ask(w, q));
	q.more = NULL;
	assert_false(ask(w, q));
}

static void rfc2563_2_3_unless_the_configuration_lets_it(void **state)
{
	struct world *w = *state;

	w->plan.option[0] = (struct plan_option){GYL_DHCP_OPT_AUTO_CONFIG, yes, 1};
	w->plan.far_option[0] = (struct plan_option){GYL_DHCP_OPT_AUTO_CONFIG, no, 1};
	w->plan.far_pool[0].last = FAR_POOL;
	fill_up(w);
	get_lease(w, (struct ask){.client = 1, .giaddr = RELAY});
	assert_true(
		ask(w, (struct ask){.type = GYL_DHCP_DISCOVER, .client = 2, .more = "7401 01"}));
	expect_opt(w, GYL_DHCP_OPT_AUTO_CONFIG, "01");
	assert_true(ask(w, (struct ask){.type = GYL_DHCP_DISCOVER,
				   .client = 2,
				   .more = "7401 01",
				   .giaddr = RELAY}));
	expect_opt(w, GYL_DHCP_OPT_AUTO_CONFIG, "00");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(rfc2131_4_3_1_what_is_the_clients_own_is_sent_unasked),
		T(some_are_sent_to_who_asks_alone),
		T(rfc2131_4_1_what_does_not_fit_is_left_out_whole),
		T(rfc2131_table_3_siaddr_file_and_sname),
		T(the_nearest_says_each_of_them),
		T(options_66_67_and_150_for_who_asks),
		T(rfc951_a_boot_rom_of_old_is_told_what_to_load),
		T(rfc8925_3_3_no_address_is_spent),
		T(rfc8925_3_3_who_takes_the_address_gets_it),
		T(rfc8925_3_3_not_by_rapid_commit),
		T(rfc8925_3_3_with_a_full_pool_the_word_alone),
		T(rfc8925_3_3_not_where_it_is_not_configured),
		T(rfc2563_2_3_no_address_and_none_to_be_made_up),
		T(rfc2563_2_3_unless_the_configuration_lets_it),
		T(rfc8925_3_3_the_address_is_the_clients_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
