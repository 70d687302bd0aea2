/* SPDX-License-Identifier: ISC */

/*
 * Chains of CNAMEs that others make: what they say counts about names that they are asked about,
 * and about no others. Names of ours, blocked ones and those of another domain are looked up anew.
 */

#include "services/dns/build_sum.h"
#include "services/dns/names.h"
#include "tests/unit/dns/hall.h"

static const char *blocked; /* one name a line */
static uint32_t conf_sum;   /* of the configuration that the image is made from */

static void fill(struct gyl_dns_compile *c)
{
	const struct gyl_view nxdomain = gyl_view_str("nxdomain"), zero = gyl_view_str("0.0.0.0");

	gyl_dns_compile_block_text(
		c, "list", GYL_DNS_BLOCK_DOMAINS, &nxdomain, 1, gyl_view_str(blocked));
	gyl_dns_compile_block_text(
		c, "zero", GYL_DNS_BLOCK_DOMAINS, &zero, 1, gyl_view_str("track.example\n"));
	gyl_dns_compile_sum(c, conf_sum);
	name_is(c, GYL_DNS_TABLE_ROUTE, "corp.example.", GYL_DNS_ROUTE_GROUP + 1);
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
	gyl_dns_compile_special(c);
	name_is(c, GYL_DNS_TABLE_ALLOW, "good.example.", 1);
	name_is(c, GYL_DNS_TABLE_PRIVATE, "split.example.", 1);
}

#define ADS "an ads.example. 300 A 198.51.100.66"

static const struct said rows[] = {
	{"shop.example.", "A", 0, "an shop.example. 300 CNAME ads.example.;" ADS},
	{"mid.example.", "A", 0,
		"an mid.example. 300 CNAME x.ads.example.;"
		"an x.ads.example. 300 CNAME fine.example.;an fine.example. 300 A 198.51.100.66"},
	{"end.example.", "A", GYL_DNS_NXDOMAIN,
		"an end.example. 300 CNAME ads.example.;ns example. 300 SOA . . 1 2 3 60 4"},
	{"open.example.", "A", 0, "an open.example. 300 CNAME ads.example."},
	{"x.d.example.", "A", 0,
		"an d.example. 300 DNAME ads.example.;"
		"an x.d.example. 300 CNAME x.ads.example.;an x.ads.example. 300 A 198.51.100.66"},
	{"zero.example.", "A", 0,
		"an zero.example. 300 CNAME track.example.;an track.example. 300 A 198.51.100.66"},
	{"good.example.", "A", 0, "an good.example. 300 CNAME ads.example.;" ADS},
	{"part.good.example.", "A", 0, "an part.good.example. 300 CNAME ads.example."},
	{"ads.example.", "A", 0, ADS},
	/* names of ours, as others would have them */
	{"ours.example.", "A", 0,
		"an ours.example. 300 CNAME pub.lab.;an pub.lab. 300 A 203.0.113.66"},
	{"unknown.example.", "A", GYL_DNS_NXDOMAIN,
		"an unknown.example. 300 CNAME pub.lab.;ns . 300 SOA . . 1 2 3 60 4"},
	{"none.example.", "A", 0,
		"an none.example. 300 CNAME none.lab.;an none.lab. 300 A 203.0.113.66"},
	{"special.example.", "A", 0,
		"an special.example. 300 CNAME x.local.;an x.local. 300 A 203.0.113.66"},
	{"back.example.", "A", 0,
		"an back.example. 300 CNAME out.lab.;an out.lab. 300 A 203.0.113.66"},
	{"www.example.", "A", 0, "an www.example. 300 A 198.51.100.1"},
	/* what is inside */
	{"inside.example.", "A", 0, "an inside.example. 300 CNAME ns.lab."},
	{"self.example.", "A", 0, "an self.example. 300 CNAME localhost."},
	{"split.example.", "A", 0, "an split.example. 300 CNAME ns.lab."},
	{"deep.example.", "A", 0, "an deep.example. 300 CNAME nas.corp.example."},
	{"private.example.", "A", 0,
		"an private.example. 300 CNAME p.example.;an p.example. 300 A 10.1.2.3"},
	/* another domain */
	{"nas.corp.example.", "A", 0, "an nas.corp.example. 300 A 10.0.0.9"},
	{"web.corp.example.", "A", 0, "an web.corp.example. 300 A 198.51.100.9"},
	{"to-corp.example.", "A", 0,
		"an to-corp.example. 300 CNAME web.corp.example.;"
		"an web.corp.example. 300 A 203.0.113.66"},
	{"out.corp.example.", "A", 0,
		"an out.corp.example. 300 CNAME www.example.;an www.example. 300 A 203.0.113.66"},
};

static void set_domain(struct hall *h, const char *name, unsigned server)
{
	hall_domain(h, name, server);
	hall_reload(h);
	conf_sum = gyl__dns_build_sum(&h->block.flat, &h->block.conf);
}

static struct hall *open_hall(void)
{
	struct hall *h;

	blocked = "ads.example\n";
	image_more = fill;
	h = hall_open_told(2, rows, TEST_CNT(rows), NULL);
	h->w->udp_size = 1232;
	set_domain(h, "corp.example.", 2);
	hall_image(h, hall_zones, TEST_CNT(hall_zones));
	return h;
}

static void close_hall(struct hall *h)
{
	image_more = NULL;
	hall_done(h);
}

static unsigned asked(const struct hall *h)
{
	return h->asked_cnt[0] + h->asked_cnt[1] + h->asked_cnt[2];
}

/* Twice: as it comes, and from the cache. */
static void both(struct hall *h, const char *qname, const char *want)
{
	const char *got = hall_ask_for(h, 10 * GYL_NS_PER_MS, qname, "A");
	unsigned before = asked(h);

	if (strcmp(got, want) != 0)
		fail_msg("%s\n  got  %s\n  want %s", qname, got, want);
	assert_string_equal(hall_ask_for(h, 0, qname, "A"), want);
	assert_int_equal(asked(h), before);
}

static void a_chain_to_a_blocked_name_is_blocked(void **state)
{
	static const struct {
		const char *name, *want;
	} row[] = {
		{"shop.example.",
			"NXDOMAIN; an shop.example. 300 CNAME ads.example.; ns SOA ads.example. 10"},
		{"mid.example.",
			"NXDOMAIN; an mid.example. 300 CNAME x.ads.example.; ns SOA ads.example. 10"},
		{"end.example.",
			"NXDOMAIN; an end.example. 300 CNAME ads.example.; ns SOA ads.example. 10"},
		{"open.example.",
			"NXDOMAIN; an open.example. 300 CNAME ads.example.; ns SOA ads.example. 10"},
		{"x.d.example.",
			"NXDOMAIN; an d.example. 300 DNAME ads.example.; "
			"an x.d.example. 300 CNAME x.ads.example.; ns SOA ads.example. 10"},
		{"zero.example.", "NOERROR; an zero.example. 300 CNAME track.example.; "
				  "an track.example. 60 A 0.0.0.0"},
	};
	struct hall *h = open_hall();

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		both(h, row[i].name, row[i].want);
		assert_int_equal(h->ede, GYL_DNS_EDE_BLOCKED + 1);
	}
	assert_int_equal(asked(h), TEST_CNT(row));
	assert_int_equal(h->d->stat.blocked_cnt, 2 * TEST_CNT(row));
	close_hall(h);
}

static void who_is_allowed_may_go_where_he_is_led(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	both(h, "good.example.",
		"NOERROR; an good.example. 300 CNAME ads.example.; an ads.example. 300 A 198.51.100.66");
	both(h, "part.good.example.",
		"NOERROR; an part.good.example. 300 CNAME ads.example.; "
		"an ads.example. 300 A 198.51.100.66");
	both(h, "ads.example.", "NXDOMAIN; ns SOA ads.example. 10");
	assert_int_equal(h->d->stat.blocked_cnt, 2);
	close_hall(h);
}

static void a_list_counts_for_what_is_kept_as_soon_as_it_is_there(void **state)
{
	struct hall *h = open_hall();
	const char *open = "NOERROR; an shop.example. 300 CNAME ads.example.; "
			   "an ads.example. 300 A 198.51.100.66";
	const char *shut = "NXDOMAIN; an shop.example. 300 CNAME ads.example.; "
			   "ns SOA ads.example. 10";

	(void)state;
	both(h, "shop.example.", shut);
	blocked = "other.example\n";
	hall_image(h, hall_zones, TEST_CNT(hall_zones));
	assert_string_equal(hall_ask_for(h, 0, "shop.example.", "A"), open);
	blocked = "ads.example\n";
	hall_image(h, hall_zones, TEST_CNT(hall_zones));
	assert_string_equal(hall_ask_for(h, 0, "shop.example.", "A"), shut);
	blocked = "shop.example\n";
	hall_image(h, hall_zones, TEST_CNT(hall_zones));
	assert_string_equal(
		hall_ask_for(h, 0, "shop.example.", "A"), "NXDOMAIN; ns SOA shop.example. 10");
	assert_int_equal(asked(h), 1);
	close_hall(h);
}

static void silent(struct hall *h, const struct asked *q)
{
	(void)h;
	(void)q;
}

static void what_is_stale_or_asked_for_anew_is_looked_at_like_the_rest(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	both(h, "shop.example.",
		"NXDOMAIN; an shop.example. 300 CNAME ads.example.; ns SOA ads.example. 10");
	hall_run(h, 280 * GYL_NS_PER_S);
	(void)hall_ask_for(h, GYL_NS_PER_S, "shop.example.", "A");
	assert_int_equal(h->d->forward.stat.refresh_cnt, 1);
	assert_string_equal(hall_ask_for(h, 0, "shop.example.", "A"),
		"NXDOMAIN; an shop.example. 300 CNAME ads.example.; ns SOA ads.example. 10");
	assert_int_equal(h->ede, GYL_DNS_EDE_BLOCKED + 1);
	h->script[0] = h->script[1] = silent;
	hall_run(h, 300 * GYL_NS_PER_S);
	assert_string_equal(hall_ask_for(h, 2 * GYL_NS_PER_S, "shop.example.", "A"),
		"NXDOMAIN; an shop.example. 30 CNAME ads.example.; ns SOA ads.example. 10");
	assert_int_equal(h->ede, GYL_DNS_EDE_BLOCKED + 1);
	close_hall(h);
}

static void about_names_of_ours_nobody_else_is_heard_or_asked(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	both(h, "ours.example.",
		"NOERROR; an ours.example. 300 CNAME pub.lab.; an pub.lab. 300 A 198.51.100.77");
	assert_int_equal(h->ede, 0);
	both(h, "unknown.example.",
		"NOERROR; an unknown.example. 300 CNAME pub.lab.; an pub.lab. 300 A 198.51.100.77");
	both(h, "none.example.", "NXDOMAIN; an none.example. 300 CNAME none.lab.; ns SOA lab. 60");
	both(h, "special.example.",
		"NXDOMAIN; an special.example. 300 CNAME x.local.; ns SOA local. 10");
	/* from others to us and to others again */
	assert_int_equal(asked(h), 4);
	both(h, "back.example.",
		"NOERROR; an back.example. 300 CNAME out.lab.; an out.lab. 300 CNAME www.example.; "
		"an www.example. 300 A 198.51.100.1");
	assert_int_equal(asked(h), 6);
	close_hall(h);
}

static void a_zone_that_comes_or_goes_counts_for_what_is_kept(void **state)
{
	static const struct zone_text more[] = {
		{"lab.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns\nns A 10.0.0.1\n"},
		{"www.example.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns\n@ A 192.0.2.80\n"}};
	struct hall *h = open_hall();

	(void)state;
	both(h, "www.example.", "NOERROR; an www.example. 300 A 198.51.100.1");
	hall_image(h, more, TEST_CNT(more));
	assert_string_equal(hall_ask_for(h, 0, "www.example.", "A"),
		"NOERROR AA; an www.example. 300 A 192.0.2.80");
	(void)hall_ask_for(h, 0, "x.www.example.", "A");
	(void)hall_ask_for(h, 0, "www.example.", "DS");
	assert_int_equal(asked(h), 1);
	hall_image(h, hall_zones, TEST_CNT(hall_zones));
	assert_string_equal(hall_ask_for(h, 0, "www.example.", "A"),
		"NOERROR; an www.example. 300 A 198.51.100.1");
	close_hall(h);
}

static void addresses_inside_are_not_reached_by_way_of_a_name_outside(void **state)
{
	struct hall *h = open_hall();
	static const char *const name[] = {"inside", "self", "deep", "private"};
	static const char *const target[] = {
		"ns.lab", "localhost", "nas.corp.example", "p.example"};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(name); i++) {
		char qname[40], want[100];

		(void)snprintf(qname, sizeof qname, "%s.example.", name[i]);
		(void)snprintf(want, sizeof want, "NOERROR; an %s 300 CNAME %s.", qname, target[i]);
		both(h, qname, want);
		assert_int_equal(h->ede, GYL_DNS_EDE_BLOCKED + 1);
	}
	both(h, "split.example.",
		"NOERROR; an split.example. 300 CNAME ns.lab.; an ns.lab. 300 A 10.0.0.1");
	both(h, "nas.corp.example.", "NOERROR; an nas.corp.example. 300 A 10.0.0.9");
	close_hall(h);
}

/* What the only record of a type is: TEXT behind a CNAME, or behind the name itself. */
static const struct {
	const char *type, *text;
} inside[] = {
	{"A", "10.1.2.3"},
	{"A", "172.16.0.1"},
	{"A", "192.168.1.1"},
	{"A", "127.0.0.1"},
	{"A", "169.254.1.1"},
	{"A", "100.64.0.1"},
	{"A", "0.0.0.0"},
	{"A", "203.0.113.9"}, /* a network of ours */
	{"AAAA", "::1"},
	{"AAAA", "fc00::1"},
	{"AAAA", "fd12::1"},
	{"AAAA", "fe80::1"},
	{"AAAA", "::ffff:10.0.0.1"},
	{"AAAA", "64:ff9b::c0a8:101"},
	{"HTTPS", "1 . ipv4hint=198.51.100.1,192.168.0.1"},
	{"SVCB", "1 a.example. ipv6hint=fd00::9"},
};

static const char *behind;
static unsigned turn;

static void leads_inside(struct hall *h, const struct asked *q)
{
	const char *text = inside[turn].text;
	char records[2048 + 200];

	if (behind[0] == '\0')
		(void)snprintf(records, sizeof records, "an %s 300 %s %s", q->name,
			inside[turn].type, text);
	else
		(void)snprintf(records, sizeof records, "an %s 300 CNAME %s;an %s 300 %s %s",
			q->name, behind, behind, inside[turn].type, text);
	hall_reply(h, q, GYL_DNS_RA, records);
}

/* The answer to name must have as many records as that. */
static void count_is(struct hall *h, const char *name, unsigned cnt, bool told)
{
	(void)hall_ask_for(h, 10 * GYL_NS_PER_MS, name, inside[turn].type);
	if (h->header.cnt[GYL_DNS_ANSWER] != cnt)
		fail_msg("%s %s: %s", inside[turn].type, inside[turn].text, h->w->text);
	assert_int_equal(h->ede, told ? GYL_DNS_EDE_BLOCKED + 1 : 0);
}

static void addresses_inside_are_taken_out_whatever_record_has_them(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	for (unsigned i = 0; i < HALL_SERVERS; i++)
		h->script[i] = leads_inside;
	h->d->data.net[0] = (struct gyl_dns_net){0xcb007100, 24};
	h->d->data.net_cnt = 1;
	for (turn = 0; turn < TEST_CNT(inside); turn++) {
		char name[40];

		behind = "";
		(void)snprintf(name, sizeof name, "a%u.example.", turn);
		count_is(h, name, 0, true);
		count_is(h, name, 0, true); /* from the cache */
		(void)snprintf(name, sizeof name, "a%u.split.example.", turn);
		count_is(h, name, 1, false);
		(void)snprintf(name, sizeof name, "a%u.corp.example.", turn);
		count_is(h, name, 1, false);
		behind = "b.other-name.";
		(void)snprintf(name, sizeof name, "c%u.example.", turn);
		count_is(h, name, 1, true);
		(void)snprintf(name, sizeof name, "c%u.split.example.", turn);
		count_is(h, name, 2, false);
	}
	close_hall(h);
}

static const char *may_be_private;

static void fill_private(struct gyl_dns_compile *c)
{
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
	name_is(c, GYL_DNS_TABLE_PRIVATE, may_be_private, 1);
}

static const struct said one_private[] = {
	{"nas.split.example.", "A", 0, "an nas.split.example. 300 A 10.1.2.3"}};

static void what_may_be_private_counts_for_what_is_kept(void **state)
{
	struct hall *h;

	(void)state;
	image_more = fill_private;
	may_be_private = "split.example.";
	h = hall_open_told(1, one_private, 1, NULL);
	both(h, "nas.split.example.", "NOERROR; an nas.split.example. 300 A 10.1.2.3");
	may_be_private = "other.example.";
	hall_image(h, hall_zones, TEST_CNT(hall_zones));
	both(h, "nas.split.example.", "NOERROR");
	assert_int_equal(h->asked_cnt[0], 2);
	may_be_private = "split.example.";
	hall_image(h, hall_zones, TEST_CNT(hall_zones));
	hall_run(h, 60 * GYL_NS_PER_S);
	both(h, "nas.split.example.", "NOERROR; an nas.split.example. 300 A 10.1.2.3");
	close_hall(h);
}

static void each_domain_is_for_its_own_servers_to_know(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	both(h, "to-corp.example.",
		"NOERROR; an to-corp.example. 300 CNAME web.corp.example.; "
		"an web.corp.example. 300 A 198.51.100.9");
	assert_int_equal(h->asked_cnt[2], 1);
	both(h, "out.corp.example.",
		"NOERROR; an out.corp.example. 300 CNAME www.example.; "
		"an www.example. 300 A 198.51.100.1");
	assert_int_equal(h->asked_cnt[2], 2);
	assert_int_equal(asked(h), 4);
	close_hall(h);
}

#define SIG(type, owner) \
	"an " owner " 300 RRSIG " type " 13 2 300 20300101000000 20200101000000 1 example. AAAA"

static void signed_chain(struct hall *h, const struct asked *q)
{
	hall_reply(h, q, GYL_DNS_RA | GYL_DNS_AD,
		"an s.example. 300 CNAME pub.lab.;" SIG(
			"CNAME", "s.example.") ";an pub.lab. 300 A 203.0.113.66;" SIG("A",
			"pub.lab.") ";ns s.example. 300 NSEC t.example. CNAME");
}

static void what_is_left_of_a_signed_chain_is_whole_and_not_called_validated(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	h->script[0] = h->script[1] = signed_chain;
	h->d->policy.trust_ad = true;
	h->w->dnssec_ok = true;
	(void)hall_ask_for(h, GYL_NS_PER_S, "s.example.", "A");
	assert_int_equal(h->header.cnt[GYL_DNS_ANSWER], 3);
	assert_int_equal(h->header.cnt[GYL_DNS_AUTHORITY], 0);
	assert_true((h->header.flags & GYL_DNS_AD) == 0);
	assert_non_null(strstr(h->w->text, "RRSIG CNAME 13"));
	assert_null(strstr(h->w->text, "RRSIG A 13"));
	assert_non_null(strstr(h->w->text, "pub.lab. 300 A 198.51.100.77"));
	close_hall(h);
}

/* ---- servers that are others now ---- */

static void what_a_server_said_counts_while_it_is_asked(void **state)
{
	struct hall *h = open_hall();
	unsigned first;

	(void)state;
	both(h, "www.example.", "NOERROR; an www.example. 300 A 198.51.100.1");
	first = h->asked_cnt[0] != 0 ? 0 : 1;
	/* one more server takes nothing away */
	h->block.conf.forward.to.cnt = 3;
	hall_reload(h);
	(void)hall_ask_for(h, GYL_NS_PER_S, "www.example.", "A");
	assert_int_equal(asked(h), 1);
	/* another one instead of it does, also when it gets its place */
	h->block.server[first].ip = HALL_SERVER_IP + 3;
	hall_reload(h);
	(void)hall_ask_for(h, GYL_NS_PER_S, "www.example.", "A");
	assert_int_equal(asked(h) + h->asked_cnt[3], 2);
	close_hall(h);
}

static void without_domain(struct gyl_dns_compile *c)
{
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
}

static void a_domain_that_gets_servers_of_its_own_is_asked_for_anew(void **state)
{
	struct hall *h;

	(void)state;
	image_more = without_domain;
	h = hall_open_told(1, rows, TEST_CNT(rows), NULL);
	both(h, "web.corp.example.", "NOERROR; an web.corp.example. 300 A 198.51.100.9");
	set_domain(h, "corp.example.", 2);
	blocked = "";
	image_more = fill;
	hall_image(h, hall_zones, TEST_CNT(hall_zones));
	assert_int_equal(h->asked_cnt[2], 0);
	both(h, "web.corp.example.", "NOERROR; an web.corp.example. 300 A 198.51.100.9");
	assert_int_equal(h->asked_cnt[2], 1);
	close_hall(h);
}

/* The configuration comes first, then its image. */
static void nobody_hears_of_names_for_another_while_the_image_is_the_old_one(void **state)
{
	struct hall *h = open_hall();

	(void)state;
	both(h, "web.corp.example.", "NOERROR; an web.corp.example. 300 A 198.51.100.9");
	assert_int_equal(h->asked_cnt[2], 1);
	/* group 1 means another domain now */
	set_domain(h, "else.example.", 3);
	(void)hall_ask_for(h, GYL_NS_PER_S, "web.corp.example.", "A");
	(void)hall_ask_for(h, GYL_NS_PER_S, "nas.corp.example.", "A");
	assert_int_equal(h->asked_cnt[2], 2);
	assert_int_equal(h->asked_cnt[3], 0);
	set_domain(h, "corp.example.", 3);
	hall_image(h, hall_zones, TEST_CNT(hall_zones));
	(void)hall_ask_for(h, GYL_NS_PER_S, "nas.corp.example.", "A");
	assert_int_equal(h->asked_cnt[2], 2);
	assert_int_equal(h->asked_cnt[3], 1);
	close_hall(h);
}

static void a_question_on_its_way_is_asked_no_more_when_its_name_is_ours(void **state)
{
	static const struct zone_text more[] = {
		{"example.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns\nwww A 192.0.2.80\n"}};
	struct hall *h = open_hall();
	unsigned before;

	(void)state;
	for (unsigned i = 0; i < HALL_SERVERS; i++)
		h->script[i] = silent;
	hall_query(h, 1, "www.example.", "A");
	hall_query(h, 2, "other.test-name.", "A");
	before = asked(h);
	hall_image(h, more, TEST_CNT(more));
	for (unsigned i = 0; i < HALL_SERVERS; i++)
		h->script[i] = hall_told;
	/* one who comes now does not wait with those of before */
	(void)hall_ask_for(h, 10 * GYL_NS_PER_MS, "other.test-name.", "A");
	assert_int_equal(h->answer_cnt, 1);
	hall_run(h, 3 * GYL_NS_PER_S);
	assert_int_equal(h->answer_cnt, 3);
	assert_int_equal(asked(h) - before, 1); /* about the other one */
	hall_row(h, "www.example.", "A", "NOERROR AA; an www.example. 300 A 192.0.2.80");
	close_hall(h);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_to_a_blocked_name_is_blocked),
		cmocka_unit_test(who_is_allowed_may_go_where_he_is_led),
		cmocka_unit_test(a_list_counts_for_what_is_kept_as_soon_as_it_is_there),
		cmocka_unit_test(what_is_stale_or_asked_for_anew_is_looked_at_like_the_rest),
		cmocka_unit_test(about_names_of_ours_nobody_else_is_heard_or_asked),
		cmocka_unit_test(a_zone_that_comes_or_goes_counts_for_what_is_kept),
		cmocka_unit_test(addresses_inside_are_not_reached_by_way_of_a_name_outside),
		cmocka_unit_test(addresses_inside_are_taken_out_whatever_record_has_them),
		cmocka_unit_test(what_may_be_private_counts_for_what_is_kept),
		cmocka_unit_test(each_domain_is_for_its_own_servers_to_know),
		cmocka_unit_test(what_is_left_of_a_signed_chain_is_whole_and_not_called_validated),
		cmocka_unit_test(what_a_server_said_counts_while_it_is_asked),
		cmocka_unit_test(a_domain_that_gets_servers_of_its_own_is_asked_for_anew),
		cmocka_unit_test(nobody_hears_of_names_for_another_while_the_image_is_the_old_one),
		cmocka_unit_test(a_question_on_its_way_is_asked_no_more_when_its_name_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
