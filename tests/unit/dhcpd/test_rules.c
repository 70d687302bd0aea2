/* SPDX-License-Identifier: ISC */

/* The rules of DHCP (services/dhcpd/docs/rules.md) against the core in memory: each begins with a
 * server that knows nothing, and time passes at will. */

#include "tests/support/dhcp_lab.h"
#include "tests/unit/dhcpd/world.h"

struct bench {
	struct world w;
	struct dhcp_lab t;
	unsigned answer_cnt;
};

/* ---- the plan as a flat block ---- */

static struct gyl_ref lab_options(struct arena *a, const struct dhcp_plan_option *o)
{
	struct gyl_conf_entry e[8];
	uint32_t n = 0;

	memset(e, 0, sizeof e);
	for (; o != NULL && o[n].code != 0; n++) {
		uint8_t val[600];
		struct gyl_writer w;

		gyl_writer_init(&w, val, sizeof val);
		assert_int_equal(
			gyl_dhcp_opt_parse(o[n].code, gyl_view_str(o[n].text), &w).err, GYL_OK);
		e[n].octet = arena_put(a, val, 1, (uint32_t)w.len);
		e[n].code = o[n].code;
	}
	return arena_put(a, e, sizeof *e, n);
}

static struct gyl_ref lab_subnets(struct arena *a)
{
	struct gyl_dhcpd_subnet_conf c[16];
	uint32_t n = 0;

	memset(c, 0, sizeof c);
	for (unsigned i = 1; i < dhcp_plan_subnet_cnt; i++, n++) {
		const struct dhcp_plan_subnet *s = &dhcp_plan_subnets[i];
		struct gyl_conf_range pool = {s->first, s->last};

		c[n].subnet = (struct gyl_conf_prefix){s->net, s->prefix};
		c[n].pool = arena_put(a, &pool, sizeof pool, 1);
		c[n].ignore_client_id = s->ignore_client_id;
		c[n].options = lab_options(a, s->option);
		c[n].shared = arena_str(a, NULL);
		c[n].boot = arena_boot(
			a, &(struct plan_boot){s->next_server, s->boot_file, s->server_name});
	}
	return arena_put(a, c, sizeof *c, n);
}

static struct gyl_dhcpd_conf lab_service(struct arena *a, enum dhcp_plan_kind kind)
{
	struct gyl_conf_range pool = {dhcp_plan_subnets[0].first, dhcp_plan_subnets[0].last};
	struct plan_host hosts[4] = {
		{{0}, LAB_RESERVED, "printer"}, {{0}, LAB_RESERVED_2, "scanner"}};
	struct plan_reserved none[4];
	struct gyl_dhcpd_conf cf = plan_usual().cf;

	memset(none, 0, sizeof none);
	memcpy(hosts[0].mac, dhcp_plan_reserved, 6);
	memcpy(hosts[1].mac, dhcp_plan_reserved_2, 6);
	cf.authoritative = cf.rapid_commit = cf.leasequery = kind == DHCP_PLAN_USUAL;
	cf.lease_ns = DHCP_PLAN_LEASE_S * GYL_NS_PER_S;
	cf.min_ns = DHCP_PLAN_MIN_S * GYL_NS_PER_S;
	cf.max_ns = DHCP_PLAN_MAX_S * GYL_NS_PER_S;
	cf.pool = arena_put(a, &pool, sizeof pool, 1);
	cf.options = lab_options(a, dhcp_plan_options);
	cf.hosts = arena_hosts(a, hosts, none);
	cf.domain = arena_str(a, "event.example");
	cf.subnets = lab_subnets(a);
	cf.boot = arena_boot(a, &(struct plan_boot){0, NULL, NULL});
	return cf;
}

static const struct gyl_flat *lab_flat(void *mem, enum dhcp_plan_kind kind)
{
	struct arena a = {mem, sizeof(struct gyl_flat)};
	struct gyl_flat_section section;
	struct gyl_flat *f = mem;
	struct gyl_dhcpd_conf cf;

	memset(mem, 0, PLAN_LEN);
	memset(&section, 0, sizeof section);
	cf = lab_service(&a, kind);
	arena_section(&a, &section, "dhcpd", &cf, sizeof cf);
	f->section = arena_put(&a, &section, sizeof section, 1);
	f->magic = GYL_FLAT_MAGIC;
	f->version = GYL_FLAT_VERSION;
	f->len = a.len;
	f->checksum = gyl_flat_checksum(f);
	return f;
}

/* ---- the driver ---- */

static void lab_begin(void *arg, enum dhcp_plan_kind kind)
{
	struct world *w = &((struct bench *)arg)->w;
	struct gyl_dhcpd_env env = {.flat = lab_flat(w->flat, kind),
		.iface = {{.ip = LAB_US, .prefix = LAB_PREFIX}},
		.iface_cnt = 1,
		.seed = {1, 2},
		.cap = {8192, 16, 64, 16, PLAN_LEN}};
	uint8_t why[200];
	struct gyl_writer text;

	free(w->mem);
	w->mem = calloc(1, gyl_dhcpd_need(&env.cap));
	assert_non_null(w->mem);
	gyl_writer_init(&text, why, sizeof why);
	w->d = gyl_dhcpd_init(w->mem, &env, &text);
	if (w->d == NULL)
		fail_msg("%.*s", (int)text.len, (const char *)why);
}

static void lab_send(void *arg, const struct dhcp_frame *f)
{
	struct world *w = &((struct bench *)arg)->w;
	struct gyl_peer p = {.ip = f->src_ip,
		.local_ip = f->dst_ip,
		.port = f->src_port,
		.local_port = f->dst_port,
		.has_mac = 1};

	memcpy(p.mac, f->src_mac, 6);
	outbox_dgram(&w->b, &gyl_dhcpd_core, w->d, GYL_DHCPD_LINK, &p, f->p, f->len);
}

static bool lab_receive(void *arg, uint32_t xid, bool wanted, struct dhcp_frame *ret_f)
{
	struct world *w = &((struct bench *)arg)->w;
	const struct gyl_peer *to = &w->b.send[0].to;
	struct gyl_view v;

	(void)xid;
	(void)wanted;
	if (w->b.out.send_cnt == 0)
		return false;
	assert_int_equal(w->b.out.send_cnt, 1);
	v = outbox_sent(&w->b, 0);
	assert_true(v.len <= sizeof ret_f->p);
	memcpy(ret_f->p, v.p, v.len);
	ret_f->len = v.len;
	ret_f->src_ip = to->local_ip;
	ret_f->dst_ip = to->ip;
	ret_f->src_port = to->local_port;
	ret_f->dst_port = to->port;
	ret_f->routed = !to->has_mac;
	memcpy(ret_f->dst_mac, to->mac, 6);
	return true;
}

static void lab_pass(void *arg, uint64_t ns)
{
	world_pass(&((struct bench *)arg)->w, ns);
}

static void lab_report(void *arg, const char *rule, const char *what)
{
	(void)arg;
	print_message("%s: %s\n", rule, what);
}

static const struct dhcp_lab_ops ops = {.begin = lab_begin,
	.send = lab_send,
	.receive = lab_receive,
	.pass = lab_pass,
	.report = lab_report};

static void theme_holds(void **state, unsigned i)
{
	struct bench *b = *state;
	unsigned done = 0, failed;

	b->t.ops = &ops;
	b->t.arg = b;
	failed = dhcp_lab_run(&b->t, dhcp_themes[i], DHCP_PLAN_USUAL, true, &done);
	failed += dhcp_lab_run(&b->t, dhcp_themes[i], DHCP_PLAN_QUIET, true, &done);
	assert_int_equal(failed, 0);
	assert_int_equal(done, dhcp_themes[i]->cnt);
}

/* ---- anything at all ---- */

static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*seed >> 33) % below;
}

#define PICK(seed, list) ((list)[draw((seed), TEST_CNT(list))])

static struct dhcp_ask any_ask(uint64_t *seed, uint32_t last_ip)
{
	static const uint8_t types[] = {0, 1, 1, 1, 1, 2, 3, 3, 3, 3, 4, 7, 8, 8, 10, 10, 13, 77};
	static const uint32_t relays[] = {0, 0, 0, LAB_BRANCH + 1, LAB_RICH + 1, LAB_TINY + 1,
		LAB_MOSTLY + 1, LAB_NO_ID + 1, LAB_FOREIGN + 1, LAB_US, LAB_NET + 0x1005};
	static const uint32_t servers[] = {0, LAB_US, LAB_US, LAB_US + 1, LAB_BRANCH + 1};
	static const char *const ids[] = {
		NULL, NULL, "00", "00 61", "ff 00000001 0003 0001 0203", "01 021000010001"};
	static const char *const lists[] = {NULL, "", "01 03 06", "03 01", "e0 e1 e2 e3 01",
		"6c 01", "35 36 33 52 3d 51 0c", "33 3a 3b 3d 52 5b 5c 0c", "79 77 72 2a 0f 1c 03",
		"43 42 96 01"};
	static const char *const relay_vals[] = {NULL, NULL, "01 02 6162", "05 04 0a150000",
		"05 04 0a630000", "0b 04 0a150001", "13 00", "0a 01 80", "01", "ff ff 01"};
	static const char *const mores[] = {NULL, NULL, "50 00", "74 01 01", "76 04 0a160000",
		"76 04 0a630000", "51 08 05 00 00 04 696f7461", "51 05 01 00 00 6161", "33 01 00"};
	uint32_t ips[] = {0, 0, last_ip, last_ip, last_ip + 1, LAB_US, LAB_FOREIGN + 5,
		LAB_BRANCH + 0x1001, LAB_RESERVED, LAB_TINY + 10};

	return (struct dhcp_ask){.type = PICK(seed, types),
		.who = (uint8_t)draw(seed, 6),
		.htype = draw(seed, 10) == 0 ? 32 : 1,
		.no_hw = draw(seed, 20) == 0,
		.unicast = draw(seed, 4) == 0,
		.flags = draw(seed, 4) == 0 ? 0xffff : 0,
		.max_size = (uint16_t)(draw(seed, 3) == 0 ? draw(seed, 1500) : 0),
		.ciaddr = draw(seed, 2) == 0 ? PICK(seed, ips) : 0,
		.want = PICK(seed, ips),
		.giaddr = PICK(seed, relays),
		.server = PICK(seed, servers),
		.mac = draw(seed, 10) == 0 ? dhcp_plan_reserved : NULL,
		.id = PICK(seed, ids),
		.list = PICK(seed, lists),
		.name = draw(seed, 3) == 0 ? "somebody" : NULL,
		.relay = PICK(seed, relay_vals),
		.more = PICK(seed, mores)};
}

static void ask_anything(struct bench *b, uint64_t *seed)
{
	uint32_t ip = LAB_NET + 0x1000;

	for (unsigned i = 0; i < 500; i++) {
		if (!dhcp_asked(&b->t, any_ask(seed, ip)))
			continue;
		b->answer_cnt++;
		if (b->t.a.hdr.yiaddr != 0)
			ip = b->t.a.hdr.yiaddr;
	}
}

static bool all_hold(struct bench *b, uint64_t *seed)
{
	if (setjmp(b->t.out) != 0)
		return false;
	ask_anything(b, seed);
	return true;
}

/* Whatever is asked, in whatever order: dhcp_always() holds. */
static void any_question(void **state)
{
	struct bench *b = *state;
	uint64_t seed = 1;

	b->t.ops = &ops;
	b->t.arg = b;
	for (unsigned i = 0; i < 60; i++) {
		b->t.serial++;
		lab_begin(b, DHCP_PLAN_USUAL);
		if (!all_hold(b, &seed))
			fail_msg("round %u: %s", i, b->t.what);
	}
	assert_true(b->answer_cnt > 60 * 500 / 5); /* most of the rest are nobody's to answer */
}

#define THEME(name, i)                 \
	static void name(void **state) \
	{                              \
		theme_holds(state, i); \
	}
THEME(message_rules, 0)
THEME(discover_rules, 1)
THEME(request_rules, 2)
THEME(notice_rules, 3)
THEME(identity_rules, 4)
THEME(option_rules, 5)
THEME(size_rules, 6)
THEME(relay_rules, 7)
THEME(fqdn_rules, 8)
THEME(bootp_rules, 9)
THEME(malformed_rules, 10)
THEME(query_rules, 11)

static int bench_open(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	assert_non_null(b);
	b->w.flat = aligned_alloc(16, PLAN_LEN);
	assert_non_null(b->w.flat);
	outbox_open(&b->w.b);
	*state = b;
	return 0;
}

static int bench_close(void **state)
{
	struct bench *b = *state;

	outbox_close(&b->w.b);
	free(b->w.mem);
	free(b->w.flat);
	free(b);
	return 0;
}

#define RULES(fn) cmocka_unit_test_setup_teardown(fn, bench_open, bench_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULES(message_rules),
		RULES(discover_rules),
		RULES(request_rules),
		RULES(notice_rules),
		RULES(identity_rules),
		RULES(option_rules),
		RULES(size_rules),
		RULES(relay_rules),
		RULES(fqdn_rules),
		RULES(bootp_rules),
		RULES(malformed_rules),
		RULES(query_rules),
		RULES(any_question),
	};

	assert_int_equal(TEST_CNT(tests), dhcp_theme_cnt + 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
