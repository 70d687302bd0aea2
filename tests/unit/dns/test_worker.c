/* SPDX-License-Identifier: ISC */

/*
 * Workers beside the first loop, all in one thread: what they answer is what the first loop would
 * have answered, octet by octet, and the rest they hand over.
 */

#include "services/dns/route.h"
#include "services/dns/worker_own.h"
#include "tests/unit/dns/rig.h"

enum {
	WORKERS = 2,
	SPACE = 4 << 20
};

static const struct zone_text fixed[] = {
	{"fix.test.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns\nns A 192.0.2.1\n"
		      "www A 192.0.2.2\n*.wild A 192.0.2.3\nalias CNAME www\n"
		      "tolease CNAME laptop.lab.\ntolive CNAME www.z.fix.test.\n"
		      "under DNAME lab.\nsub NS ns.sub\nns.sub A 192.0.2.4\n"
		      "mail MX 10 www\nmail MX 20 www.z.fix.test.\n"},
	{"lab.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns.fix.test.\n* A 192.0.2.5\n"
		 "fixed A 192.0.2.6\nfixed AAAA 2001:db8::6\na.b.deep A 192.0.2.7\n"},
	{"child.z.fix.test.",
		"$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns.fix.test.\nwww A 192.0.2.8\n"},
	{"1.0.10.in-addr.arpa.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns.fix.test.\n"
				 "7 PTR fixed.lab.\n* PTR wild.lab.\n"},
	{"free.test.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns.fix.test.\nwww A 192.0.2.9\n"},
};

static const struct zone_text live = {
	"z.fix.test.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns.fix.test.\nwww A 192.0.2.10\n"};

struct crew {
	struct rig *r;
	struct outbox b; /* of the worker that was asked last */
	struct gyl_view image, live_image;
	void *mem, *space;
	struct gyl_dns_team *t;
	struct gyl_dns *w[WORKERS];
	unsigned woken, first_woken;
};

static void wake_worker(void *arg)
{
	((struct crew *)arg)->woken++;
}

static void wake_first(void *arg)
{
	((struct crew *)arg)->first_woken++;
}

static void give_image(struct crew *c, struct gyl_view image)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("dns"), .data = image};

	assert_int_equal(outbox_input(&c->r->b, &gyl_dns_core, c->r->d, &in, 1), 1);
}

static void give_conf(struct crew *c)
{
	struct gyl_in in = {.kind = GYL_IN_DATA,
		.key = gyl_view_str("conf"),
		.data = gyl_view(&c->r->block, sizeof c->r->block)};

	c->r->block.flat.checksum = gyl_flat_checksum(&c->r->block.flat);
	assert_int_equal(outbox_input(&c->r->b, &gyl_dns_core, c->r->d, &in, 1), 1);
}

static void specials(struct gyl_dns_compile *compile)
{
	static const uint8_t root[] = {0};

	gyl_dns_compile_name(compile, GYL_DNS_TABLE_ROUTE, root, GYL_DNS_ROUTE_GROUP);
	gyl_dns_compile_special(compile);
}

static void look(struct crew *c)
{
	outbox_tick(&c->r->b, &gyl_dns_core, c->r->d);
	for (int i = 0; i < WORKERS; i++)
		gyl_dns_worker_look(c->w[i]);
}

static int open_crew(void **state)
{
	struct crew *c = calloc(1, sizeof *c);
	struct gyl_dns_waker worker = {wake_worker, c}, first = {wake_first, c};

	c->r = rig_open("lab.");
	outbox_open(&c->b);
	image_more = specials;
	c->image = image_of(fixed, TEST_CNT(fixed), NULL, 0);
	image_more = NULL;
	give_image(c, c->image);
	c->space = aligned_alloc(16, SPACE);
	gyl_dns_lives_init(&c->r->d->lives, c->space, SPACE);
	gyl_dns_ledger_init(&c->r->d->ledger, c->r->d->lives.log_mem, c->r->d->lives.log_cap);
	c->r->d->ledger.data = &c->r->d->data;
	c->r->d->ledger.lease_ttl_s = c->r->d->policy.lease_ttl_s;
	c->live_image = image_of(&live, 1, NULL, 0);
	assert_non_null(gyl_dns_live_add(&c->r->d->lives, gyl_dns_image_open(c->live_image)));
	c->mem = aligned_alloc(64, gyl_dns_team_need(WORKERS));
	c->t = gyl_dns_team_init(c->mem, c->r->d, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++)
		c->w[i] = gyl_dns_team_worker(c->t, i, worker, first, 9, GYL_DNS_UDP);
	*state = c;
	return 0;
}

static int close_crew(void **state)
{
	struct crew *c = *state;

	rig_close(c->r);
	outbox_close(&c->b);
	gyl_build_unmap(c->image);
	gyl_build_unmap(c->live_image);
	free(c->space);
	free(c->mem);
	free(c);
	return 0;
}

static void lease(struct crew *c, const char *name, uint32_t ip, const char *domain)
{
	uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)ip};
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
	gyl_event_ip(&e, "ip", ip);
	gyl_event_mac(&e, "mac", mac);
	gyl_event_str(&e, "name", gyl_view_str(name));
	if (domain != NULL)
		gyl_event_str(&e, "domain", gyl_view_str(domain));
	gyl_event_str(&e, "state", gyl_view_str("leased"));
	gyl_event_u64(&e, "expiry", c->r->b.now.wall_ns + 600 * GYL_NS_PER_S);
	give_event(c->r, &e);
}

static const struct gyl_peer peer = {.ip = 0x0a4d0009, .port = 5353, .local_ip = 0x0a4d0001};

/* Octets in w->query to a worker. Does it answer by itself? What it hands over is taken away, and
 * is what came. */
static bool answers_octets(struct crew *c, unsigned i, size_t len)
{
	struct gyl_pass *p = gyl_dns_team_pass(c->t, i);
	struct gyl_in in[2];

	c->b.now = c->r->b.now;
	outbox_dgram(&c->b, &gyl_dns_worker_core, c->w[i], GYL_DNS_UDP, &peer, c->r->w->query, len);
	if (gyl_pass_look(p, in, 2) == 0)
		return true;
	assert_int_equal(c->b.out.send_cnt, 0);
	assert_int_equal(gyl_pass_look(p, in, 2), 1);
	assert_int_equal(in[0].port, 9);
	assert_int_equal(in[0].peer.ip, peer.ip);
	assert_int_equal(in[0].peer.local_ip, peer.local_ip);
	assert_true(gyl_view_eq(in[0].data, gyl_view(c->r->w->query, len)));
	gyl_pass_drop(p, 1);
	return false;
}

static bool answers(struct crew *c, unsigned i, const char *qname, const char *qtype)
{
	return answers_octets(c, i, make_query(c->r->w, qname, qtype));
}

static void mine(struct crew *c, const char *qname, const char *qtype, bool want)
{
	if (answers(c, 0, qname, qtype) != want)
		fail_msg("%s %s: %s", qname, qtype, want ? "handed over" : "answered");
}

static const char *const labels[] = {"", "www.", "laptop.", "nobody.", "x.www.", "x.laptop.",
	"wild.", "a.wild.", "b.a.wild.", "alias.", "tolease.", "tolive.", "laptop.under.",
	"www.under.", "under.", "sub.", "x.sub.", "mail.", "fixed.", "b.deep.", "deep.", "x.deep.",
	"5.", "7.", "9.", "child.", "www.child."};
static const char *const suffixes[] = {"fix.test.", "lab.", "z.fix.test.", "1.0.10.in-addr.arpa.",
	"free.test.", "child.z.fix.test.", "77.10.in-addr.arpa.", "0.77.10.in-addr.arpa.",
	"localhost.", "10.in-addr.arpa.", "other.test.", "test.", ".", "local.lab.", "far.dom."};
static const char *const types[] = {
	"A", "AAAA", "SOA", "NS", "DS", "ANY", "PTR", "MX", "CNAME", "RRSIG"};

/* Every name of the tables with every type. How many the workers answered. */
static unsigned compare(struct crew *c)
{
	unsigned cnt = 0, turn = 0;

	for (size_t l = 0; l < TEST_CNT(labels); l++)
		for (size_t s = 0; s < TEST_CNT(suffixes); s++)
			for (size_t t = 0; t < TEST_CNT(types); t++, turn++) {
				char name[100];
				struct gyl_view by_worker, by_first;

				(void)snprintf(name, sizeof name, "%s%s", labels[l],
					strcmp(suffixes[s], ".") == 0 && labels[l][0] != '\0'
						? ""
						: suffixes[s]);
				c->r->w->udp_size = turn % 3 == 0 ? 0 : 1232;
				c->r->w->dnssec_ok = turn % 2 == 0;
				if (!answers(c, turn % WORKERS, name, types[t]))
					continue;
				cnt++;
				assert_int_equal(c->b.out.send_cnt, 1);
				by_worker = outbox_sent(&c->b, 0);
				outbox_dgram(&c->r->b, &gyl_dns_core, c->r->d, GYL_DNS_UDP, &peer,
					c->r->w->query, make_query(c->r->w, name, types[t]));
				assert_int_equal(c->r->b.out.send_cnt, 1);
				by_first = outbox_sent(&c->r->b, 0);
				if (!gyl_view_eq(by_worker, by_first))
					fail_msg("%s %s: answers differ", name, types[t]);
			}
	return cnt;
}

static void a_worker_answers_as_the_first_loop_would(void **state)
{
	struct crew *c = *state;
	unsigned before, leased;

	look(c);
	before = compare(c);
	lease(c, "laptop", 0x0a000105, NULL);
	lease(c, "pc", 0x0a4d0007, NULL);
	lease(c, "cam", 0x0a000109, "deep.lab");
	lease(c, "far", 0xc0000201, "far.dom");
	outbox_advance(&c->r->b, &gyl_dns_core, c->r->d, 60 * GYL_NS_PER_S); /* serials move */
	look(c);
	leased = compare(c);
	assert_true(before > 2000);
	assert_true(leased > 1000 && leased < before);
}

static void what_leases_have_a_say_in_is_handed_over(void **state)
{
	struct crew *c = *state;

	look(c);
	mine(c, "laptop.lab.", "A", true); /* the wildcard: nobody has a lease */
	mine(c, "5.1.0.10.in-addr.arpa.", "PTR", true);
	lease(c, "laptop", 0x0a000105, NULL);
	look(c);
	mine(c, "laptop.lab.", "A", false);
	mine(c, "nobody.lab.", "A", false); /* it could be there */
	mine(c, "fixed.lab.", "A", true);   /* a zone's name is never a lease's */
	mine(c, "fixed.lab.", "MX", true);
	mine(c, "5.1.0.10.in-addr.arpa.", "PTR", false);
	mine(c, "7.1.0.10.in-addr.arpa.", "PTR", true);
	mine(c, "9.0.77.10.in-addr.arpa.", "PTR", false);
	mine(c, "nobody.free.test.", "A", true);
	/* chains, as a whole */
	mine(c, "alias.fix.test.", "A", true);
	mine(c, "tolease.fix.test.", "A", false);
	mine(c, "laptop.under.fix.test.", "A", false);
	mine(c, "tolease.fix.test.", "CNAME", true);
}

static void what_changes_is_handed_over(void **state)
{
	struct crew *c = *state;

	look(c);
	mine(c, "z.fix.test.", "SOA", false);
	mine(c, "nobody.z.fix.test.", "A", false);
	mine(c, "tolive.fix.test.", "A", false);
	mine(c, "tolive.fix.test.", "CNAME", true);
	mine(c, "www.child.z.fix.test.", "A", true); /* a zone below it stands still */
	mine(c, "child.z.fix.test.", "DS", false);   /* ... but this one knows the zone above */
	c->r->d->lives.zone[0].hidden = true;        /* no more */
	look(c);
	mine(c, "nobody.z.fix.test.", "A", true);
}

static void names_of_others_are_handed_over_when_somebody_is_asked(void **state)
{
	struct crew *c = *state;

	look(c);
	mine(c, "www.example.org.", "A", true); /* REFUSED */
	c->r->d->data.cache = (struct gyl_dns_cache *)(void *)c->space;
	look(c);
	mine(c, "www.example.org.", "A", false);
	mine(c, "x.localhost.", "A", true);
	c->r->d->data.cache = NULL;
}

static void what_is_no_plain_question_is_handed_over(void **state)
{
	struct crew *c = *state;
	uint8_t *q = c->r->w->query;
	size_t len;

	look(c);
	mine(c, "fix.test.", "AXFR", false);
	mine(c, "fix.test.", "IXFR", false);
	len = make_query(c->r->w, "fix.test.", "SOA");
	gyl_set_u16(q + 2, gyl_dns_opcode_bits(GYL_DNS_OP_UPDATE));
	assert_false(answers_octets(c, 0, len));
	assert_false(answers_octets(c, 0, 14)); /* broken, and yet none of ours */
	gyl_set_u16(q + 2, gyl_dns_opcode_bits(GYL_DNS_OP_NOTIFY));
	assert_false(answers_octets(c, 0, len));
	gyl_set_u16(q + 2, 0);
	assert_true(answers_octets(c, 0, 14)); /* FORMERR */
	assert_int_equal(c->b.out.send_cnt, 1);
	gyl_set_u16(q + 2, GYL_DNS_QR);
	assert_true(answers_octets(c, 0, len)); /* no query: nothing */
	assert_int_equal(c->b.out.send_cnt, 0);
	assert_true(answers_octets(c, 0, 3));
	assert_int_equal(c->b.out.send_cnt, 0);
	/* TSIG (RFC 8945 4.2), whoever may have made it */
	c->r->w->udp_size = 0;
	len = make_query(c->r->w, "fix.test.", "SOA");
	memset(q + len, 0, 11 + 17);
	gyl_set_u16(q + len + 1, GYL_DNS_TYPE_TSIG);
	gyl_set_u16(q + len + 3, GYL_DNS_CLASS_ANY);
	gyl_set_u16(q + len + 9, 17);
	gyl_set_u16(q + 10, 1);
	assert_false(answers_octets(c, 0, len + 11 + 17));
}

static void without_a_sight_nothing_is_taken(void **state)
{
	struct crew *c = *state;
	size_t len = make_query(c->r->w, "www.fix.test.", "A");
	struct gyl_in in = {.kind = GYL_IN_DGRAM, .data = gyl_view(c->r->w->query, len)};

	assert_int_equal(outbox_input(&c->b, &gyl_dns_worker_core, c->w[0], &in, 1), 0);
	look(c);
	assert_int_equal(outbox_input(&c->b, &gyl_dns_worker_core, c->w[0], &in, 1), 1);
	assert_int_equal(c->b.out.send_cnt, 1);
}

/* After a restart the first loop waits for dhcpd: until then nobody knows whose a name is. */
static void while_leases_are_awaited_all_is_handed_over(void **state)
{
	struct crew *c = *state;

	c->r->d->lease_wait = true;
	c->r->d->lease_wait_ns = c->r->b.now.mono_ns + GYL_NS_PER_S;
	look(c);
	mine(c, "www.free.test.", "A", false);
	assert_true(gyl_dns_core.deadline_ns(c->r->d) <= c->r->b.now.mono_ns + GYL_NS_PER_S);
	outbox_advance(&c->r->b, &gyl_dns_core, c->r->d, GYL_NS_PER_S);
	look(c);
	mine(c, "www.free.test.", "A", true);
}

/* ---- sights ---- */

static const char *address(struct crew *c, unsigned i)
{
	assert_true(answers(c, i, "www.free.test.", "A"));
	c->r->w->len = outbox_sent(&c->b, 0).len;
	memcpy(c->r->w->msg, outbox_sent(&c->b, 0).p, c->r->w->len);
	show_answer(c->r->w);
	return c->r->w->text;
}

static void memory_goes_away_when_all_have_let_go_of_it(void **state)
{
	static const struct zone_text other = {"free.test.",
		"$TTL 300\n@ SOA . . 2 0 0 0 60\n@ NS ns.fix.test.\nwww A 192.0.2.99\n"};
	static const char *const was = "NOERROR AA; an www.free.test. 300 A 192.0.2.9";
	struct crew *c = *state;
	struct gyl_view image = image_of(&other, 1, NULL, 0);

	look(c);
	assert_true(gyl_dns_team_settled(c->t));
	give_image(c, image);
	c->woken = 0;
	assert_false(gyl_dns_team_settled(c->t));
	assert_int_equal(c->woken, WORKERS);
	assert_string_equal(address(c, 0), was);
	gyl_dns_worker_look(c->w[0]);
	assert_string_equal(address(c, 0), "NOERROR AA; an www.free.test. 300 A 192.0.2.99");
	assert_false(gyl_dns_team_settled(c->t));
	assert_string_equal(address(c, 1), was);
	gyl_dns_worker_look(c->w[1]);
	assert_true(gyl_dns_team_settled(c->t));
	assert_string_equal(address(c, 1), "NOERROR AA; an www.free.test. 300 A 192.0.2.99");
	give_image(c, c->image);
	look(c);
	assert_true(gyl_dns_team_settled(c->t));
	gyl_build_unmap(image);
}

/* A sight that is being read is not written: the next one waits, and is not forgotten. */
static void a_new_sight_waits_for_the_slowest(void **state)
{
	struct crew *c = *state;
	uint64_t at;

	look(c);
	lease(c, "laptop", 0x0a000105, NULL);
	outbox_tick(&c->r->b, &gyl_dns_core, c->r->d);
	gyl_dns_worker_look(c->w[0]);
	mine(c, "laptop.lab.", "A", false);
	lease(c, "pc", 0xc0000201, "free.test"); /* worker 1 has not even seen the first */
	outbox_tick(&c->r->b, &gyl_dns_core, c->r->d);
	gyl_dns_worker_look(c->w[0]);
	mine(c, "pc.free.test.", "A", true);
	at = gyl_dns_core.deadline_ns(c->r->d);
	assert_true(at > c->r->b.now.mono_ns && at <= c->r->b.now.mono_ns + GYL_NS_PER_MS);
	gyl_dns_worker_look(c->w[1]);
	outbox_advance(&c->r->b, &gyl_dns_core, c->r->d, GYL_NS_PER_MS);
	gyl_dns_worker_look(c->w[0]);
	mine(c, "pc.free.test.", "A", false);
}

/* ---- counters ---- */

static void post(struct crew *c, unsigned i)
{
	struct gyl_dns_worker_stat st;

	memset(&st, 0, sizeof st);
	st.host.in_cnt = 7;
	gyl_dns_worker_post(c->w[i], c->r->b.now, &st);
}

static void what_workers_count_is_there_once(void **state)
{
	struct crew *c = *state;
	struct gyl_dns_stat st;
	const struct gyl_dns_zone_count *z;

	c->r->block.conf.top = true;
	give_conf(c);
	look(c);
	assert_int_equal(gyl_dns_worker_at_ns(c->w[0]), UINT64_MAX);
	for (int i = 0; i < 30; i++)
		mine(c, i % 3 == 0 ? "nobody.free.test." : "www.free.test.", "A", true);
	mine(c, "www.z.fix.test.", "A", false);
	assert_true(gyl_dns_worker_at_ns(c->w[0]) <= c->r->b.now.mono_ns);
	post(c, 0);
	assert_int_equal(c->first_woken, 1);
	assert_int_equal(gyl_dns_core.deadline_ns(c->r->d), 0);
	gyl_dns_stat(c->r->d, &st);
	assert_int_equal(st.query_cnt, 0);
	outbox_tick(&c->r->b, &gyl_dns_core, c->r->d);
	gyl_dns_stat(c->r->d, &st);
	assert_int_equal(st.query_cnt, 30);
	assert_int_equal(st.rcode_cnt[GYL_DNS_NOERROR], 20);
	assert_int_equal(st.rcode_cnt[GYL_DNS_NXDOMAIN], 10);
	z = gyl_dns_zone_count_of(&c->r->d->see.zones, (const uint8_t *)"\4free\4test", 11);
	assert_non_null(z);
	assert_int_equal(z->query_cnt, 30);
	assert_int_equal(z->missing_cnt, 10);
	assert_int_equal(c->r->d->see.tops.list[GYL_DNS_TOP_NAMES].total, 30);
	assert_int_equal(c->r->d->see.tops.list[GYL_DNS_TOP_MISSING].total, 10);
	assert_int_equal(gyl_dns_team_stat(c->t, 0)->answer_cnt, 30);
	assert_int_equal(gyl_dns_team_stat(c->t, 0)->passed_cnt, 1);
	assert_int_equal(gyl_dns_team_stat(c->t, 0)->host.in_cnt, 7);
	/* the same again, in one sum; and nothing in between */
	outbox_advance(&c->r->b, &gyl_dns_core, c->r->d, GYL_DNS_POST_NS);
	assert_int_equal(gyl_dns_worker_at_ns(c->w[0]), UINT64_MAX);
	mine(c, "www.free.test.", "A", true);
	post(c, 0);
	outbox_tick(&c->r->b, &gyl_dns_core, c->r->d);
	gyl_dns_stat(c->r->d, &st);
	assert_int_equal(st.query_cnt, 31);
	assert_int_equal(z->query_cnt, 31);
	assert_int_equal(c->r->d->see.tops.list[GYL_DNS_TOP_NAMES].total, 31);
	assert_null(gyl_dns_team_stat(c->t, WORKERS));
}

static void a_post_that_was_not_taken_is_made_later(void **state)
{
	struct crew *c = *state;
	struct gyl_dns_stat st;

	look(c);
	mine(c, "www.free.test.", "A", true);
	post(c, 0);
	mine(c, "www.free.test.", "A", true);
	c->r->b.now.mono_ns += GYL_DNS_POST_NS;
	post(c, 0);
	assert_int_equal(c->first_woken, 1);
	assert_int_equal(gyl_dns_worker_at_ns(c->w[0]), c->r->b.now.mono_ns + GYL_DNS_POST_NS);
	outbox_tick(&c->r->b, &gyl_dns_core, c->r->d);
	c->r->b.now.mono_ns += GYL_DNS_POST_NS;
	post(c, 0);
	outbox_tick(&c->r->b, &gyl_dns_core, c->r->d);
	gyl_dns_stat(c->r->d, &st);
	assert_int_equal(st.query_cnt, 2);
}

static void each_loop_has_its_share_of_the_rate(void **state)
{
	static const struct {
		uint32_t rate, share;
	} rows[] = {{0, 0}, {1, 1}, {2, 1}, {3, 1}, {200, 66}};
	struct crew *c = *state;

	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		c->r->block.conf.rate_limit.answers = rows[i].rate;
		c->r->block.conf.rate_limit.slip = 1;
		give_conf(c);
		/* at the same address, which no mapping of a new one is: the worker cannot see it
		 */
		look(c);
		gyl__dns_desk_conf(c->w[0], c->r->d->flat, c->r->d->conf);
		assert_int_equal(c->r->d->cf.rate_limit.answers, rows[i].share);
		assert_int_equal(c->w[0]->cf.rate_limit.answers, rows[i].share);
	}
	for (int i = 0; i < 66; i++)
		mine(c, "www.free.test.", "A", true);
	assert_false((c->b.send[0].p[2] & 2) != 0);
	mine(c, "www.free.test.", "A", true);
	assert_true((c->b.send[0].p[2] & 2) != 0); /* TC: come by TCP */
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_crew, close_crew)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_worker_answers_as_the_first_loop_would),
		T(what_leases_have_a_say_in_is_handed_over),
		T(what_changes_is_handed_over),
		T(names_of_others_are_handed_over_when_somebody_is_asked),
		T(what_is_no_plain_question_is_handed_over),
		T(without_a_sight_nothing_is_taken),
		T(while_leases_are_awaited_all_is_handed_over),
		T(memory_goes_away_when_all_have_let_go_of_it),
		T(a_new_sight_waits_for_the_slowest),
		T(what_workers_count_is_there_once),
		T(a_post_that_was_not_taken_is_made_later),
		T(each_loop_has_its_share_of_the_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
