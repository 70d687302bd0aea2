/* SPDX-License-Identifier: ISC */

/* The limit for equal answers, as the core applies it. */

#include "tests/unit/dns/rig.h"

enum {
	RATE = 5
};

static struct rig *limited_rig(uint8_t slip)
{
	struct rig *r = rig_open("lab.");
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("conf")};

	r->block.conf.rate_limit.answers = RATE;
	r->block.conf.rate_limit.slip = slip;
	r->block.conf.cookies = true;
	r->block.flat.checksum = gyl_flat_checksum(&r->block.flat);
	in.data = gyl_view(&r->block, sizeof r->block);
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	return r;
}

/* Asks once from an address. What came: 'a' an answer, 't' one that is truncated and empty, 'c'
 * BADCOOKIE, '-' nothing. */
static char ask_from(struct rig *r, uint32_t ip, size_t len)
{
	struct gyl_peer peer = {.ip = ip, .port = 5353};
	struct gyl_dns_msg m;

	outbox_dgram(&r->b, &gyl_dns_core, r->d, GYL_DNS_UDP, &peer, r->w->query, len);
	if (r->b.out.send_cnt == 0 || outbox_sent(&r->b, 0).len == 0)
		return '-';
	assert_int_equal(gyl_dns_decode(outbox_sent(&r->b, 0), &m).err, GYL_OK);
	if (gyl_dns_rcode(m.header.flags, &m.edns) == GYL_DNS_BADCOOKIE)
		return 'c';
	if ((m.header.flags & GYL_DNS_TC) == 0)
		return 'a';
	assert_int_equal(m.header.cnt[GYL_DNS_ANSWER] + m.header.cnt[GYL_DNS_AUTHORITY], 0);
	return 't';
}

/* One letter a query. A name that begins with a dot is one of many: a number comes in front. */
static const char *ask_often(struct rig *r, uint32_t ip, const char *qname, unsigned cnt)
{
	static char got[32];
	char name[40];

	for (unsigned i = 0; i < cnt; i++) {
		if (qname[0] == '.')
			(void)snprintf(name, sizeof name, "n%u%s", i, qname);
		else
			(void)snprintf(name, sizeof name, "%s", qname);
		got[i] = ask_from(r, ip, make_query(r->w, name, "A"));
	}
	got[cnt] = '\0';
	return got;
}

static void the_same_answer_to_the_same_network(void **state)
{
	struct rig *r = limited_rig(2);
	struct gyl_dns_stat st;

	(void)state;
	assert_string_equal(ask_often(r, 0x0a4d0009, "fixed.lab.", 9), "aaaaa-t-t");
	assert_string_equal(ask_often(r, 0x0a4d00fe, "fixed.lab.", 2), "-t");
	/* another network, another name */
	assert_string_equal(ask_often(r, 0x0a4d0109, "fixed.lab.", 5), "aaaaa");
	assert_string_equal(ask_often(r, 0x0a4d0009, "to.lab.", 5), "aaaaa");
	/* names that one wildcard answers, names that one zone does not have, what is not ours */
	assert_string_equal(ask_often(r, 0x0a4d0009, ".lab.", 7), "aaaaa-t");
	assert_string_equal(ask_often(r, 0x0a4d0009, ".fixed.lab.", 7), "aaaaa-t");
	assert_string_equal(ask_often(r, 0x0a4d0009, ".elsewhere.", 7), "aaaaa-t");
	after(r, GYL_NS_PER_S);
	assert_string_equal(ask_often(r, 0x0a4d0009, "fixed.lab.", 6), "aaaaa-");
	gyl_dns_stat(r->d, &st);
	assert_int_equal(st.limited_cnt, 4 + 2 + 3 * 2 + 1);
	assert_int_equal(st.slipped_cnt, 6);
	rig_close(r);
}

static void it_is_told_once_a_minute(void **state)
{
	struct rig *r = limited_rig(0);
	const struct gyl_event *e;
	uint64_t cnt, ip;

	(void)state;
	assert_string_equal(ask_often(r, 0x0a4d0009, "fixed.lab.", 6), "aaaaa-");
	e = outbox_event(&r->b, GYL_EV_DNS_LIMIT);
	assert_non_null(e);
	assert_true(gyl_event_get_u64(e, "count", &cnt) && cnt == 1);
	assert_true(gyl_event_get_u64(e, "ip", &ip) && ip == 0x0a4d0009);
	for (int i = 0; i < 10; i++) {
		assert_string_equal(ask_often(r, 0x0a4d0009, "fixed.lab.", 1), "-");
		assert_null(outbox_event(&r->b, GYL_EV_DNS_LIMIT));
	}
	after(r, 60 * GYL_NS_PER_S);
	assert_string_equal(ask_often(r, 0x0a4d0009, "fixed.lab.", 6), "aaaaa-");
	e = outbox_event(&r->b, GYL_EV_DNS_LIMIT);
	assert_non_null(e);
	assert_true(gyl_event_get_u64(e, "count", &cnt) && cnt == 11);
	rig_close(r);
}

/* RFC 7873 5.2.3 and 5.2.5: who sends a client cookie gets a way back by UDP, and who takes it is
 * no forgery. */
static void a_cookie_of_ours_lifts_the_limit(void **state)
{
	struct rig *r = limited_rig(1);
	struct gyl_dns_msg m;
	size_t len;

	(void)state;
	r->w->udp_size = 1232;
	assert_string_equal(ask_often(r, 0x0a4d0009, "fixed.lab.", 6), "aaaaat");
	len = make_query(r->w, "fixed.lab.", "A");
	gyl_set_u16(r->w->query + len - 2, 12);
	len += hex_bytes("000a 0008 0102030405060708", r->w->query + len, 12);
	assert_int_equal(ask_from(r, 0x0a4d0009, len), 'c');
	assert_int_equal(gyl_dns_decode(outbox_sent(&r->b, 0), &m).err, GYL_OK);
	assert_int_equal(m.edns.options.len, 28);
	gyl_set_u16(r->w->query + len - 14, 28);
	memcpy(r->w->query + len - 12, m.edns.options.p, 28);
	for (int i = 0; i < 20; i++)
		assert_int_equal(ask_from(r, 0x0a4d0009, len + 16), 'a');
	/* it is worth nothing to its neighbour */
	assert_int_equal(ask_from(r, 0x0a4d000a, len + 16), 'c');
	rig_close(r);
}

static void loopback_and_exempt_networks_have_no_limit(void **state)
{
	struct rig *r = limited_rig(1);
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("conf")};

	(void)state;
	assert_string_equal(ask_often(r, 0x7f000001, "fixed.lab.", 8), "aaaaaaaa");
	assert_string_equal(ask_often(r, 0x0a4d0009, "fixed.lab.", 6), "aaaaat");
	r->block.net = (struct gyl_conf_prefix){0x0a4d0000, 16};
	r->block.conf.rate_limit.exempt = (struct gyl_ref){offsetof(struct block, net), 1};
	r->block.flat.checksum = gyl_flat_checksum(&r->block.flat);
	in.data = gyl_view(&r->block, sizeof r->block);
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_string_equal(ask_often(r, 0x0a4d0009, "fixed.lab.", 6), "aaaaaa");
	assert_string_equal(ask_often(r, 0x0a4e0009, "fixed.lab.", 6), "aaaaat");
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_answer_to_the_same_network),
		cmocka_unit_test(it_is_told_once_a_minute),
		cmocka_unit_test(a_cookie_of_ours_lifts_the_limit),
		cmocka_unit_test(loopback_and_exempt_networks_have_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
