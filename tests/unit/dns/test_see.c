/* SPDX-License-Identifier: ISC */

/* What is seen of a running core: queries as events, counters of zones, and why, in answers. */

#include "services/base/question.h"
#include "services/dns/core_own.h"
#include "tests/unit/dns/rig.h"

#define NO_CODE 0xffffu /* none that is assigned */

static bool ask_see(struct rig *r, const char *verb, const char *name, const char *value,
	char *text, size_t cap)
{
	const struct gyl_question_arg arg = {gyl_view_str(name), gyl_view_str(value)};
	static char why[400];
	struct gyl_writer answer, wrong;
	struct gyl_question q = {.verb = gyl_view_str(verb),
		.arg = &arg,
		.arg_cnt = 1,
		.answer = &answer,
		.wrong = &wrong};
	struct gyl_in in = {.kind = GYL_IN_ASK, .question = &q};

	gyl_writer_init(&answer, text, cap - 1);
	gyl_writer_init(&wrong, why, sizeof why);
	assert_int_equal(outbox_input(&r->b, &gyl_dns_core, r->d, &in, 1), 1);
	assert_true(gyl_writer_ok(&answer));
	text[answer.len] = '\0';
	return wrong.len == 0;
}

static void zones_count_what_became_of_queries(void **state)
{
	struct rig *r = rig_open("lan.");
	static char text[32768];

	(void)state;
	ask_core(r, "fixed.lab.", "A");
	ask_core(r, "fixed.lab.", "MX");
	ask_core(r, "x.lab.", "A");
	ask_core(r, "x.fixed.lab.", "A");
	ask_core(r, "x.sub.lab.", "A");
	ask_core(r, "nobody.lan.", "A");
	ask_core(r, "www.example.", "A");
	assert_true(ask_see(r, "dns.zones", "", "", text, sizeof text));
	assert_string_equal(text,
		"{\"zone\":\"lab.\",\"kind\":\"file\",\"serial\":1,\"names\":5,\"records\":6,"
		"\"signed\":false,\"queries\":5,\"nxdomain\":1,\"nodata\":1,\"wildcard\":1}\n"
		"{\"zone\":\"1.0.10.in-addr.arpa.\",\"kind\":\"file\",\"serial\":1,\"names\":3,"
		"\"records\":4,\"signed\":false,\"queries\":0,\"nxdomain\":0,\"nodata\":0,"
		"\"wildcard\":0}\n"
		"{\"kind\":\"leases\",\"queries\":1,\"nxdomain\":1,\"nodata\":0,\"wildcard\":0}\n");
	rig_close(r);
}

static void top_tells_names_until_counting_begins_anew(void **state)
{
	struct rig *r = rig_open("lan.");
	static char text[32768];

	(void)state;
	r->d->cf.top = true;
	ask_core(r, "x.lab.", "A");
	ask_core(r, "X.LAB.", "A");
	ask_core(r, "x.fixed.lab.", "A");
	assert_true(ask_see(r, "dns.top", "list", "names", text, sizeof text));
	assert_string_equal(text,
		"{\"name\":\"x.lab.\",\"count\":2,\"over\":0,\"permille\":666}\n"
		"{\"name\":\"x.fixed.lab.\",\"count\":1,\"over\":0,\"permille\":333}\n");
	assert_true(ask_see(r, "dns.top", "count", "1", text, sizeof text));
	assert_string_equal(
		text, "{\"name\":\"x.lab.\",\"count\":2,\"over\":0,\"permille\":666}\n");
	assert_true(ask_see(r, "dns.top", "list", "missing", text, sizeof text));
	assert_string_equal(
		text, "{\"name\":\"x.fixed.lab.\",\"count\":1,\"over\":0,\"permille\":1000}\n");
	assert_true(ask_see(r, "dns.top", "list", "clients", text, sizeof text));
	assert_string_equal(
		text, "{\"client\":\"10.77.0.9\",\"count\":3,\"over\":0,\"permille\":1000}\n");
	assert_false(ask_see(r, "dns.top", "list", "frogs", text, sizeof text));
	assert_false(ask_see(r, "dns.top", "count", "0", text, sizeof text));
	assert_true(ask_see(r, "dns.top", "reset", "true", text, sizeof text));
	assert_true(ask_see(r, "dns.top", "list", "names", text, sizeof text));
	assert_string_equal(text, "");
	r->d->cf.top = false;
	ask_core(r, "x.lab.", "A");
	assert_true(ask_see(r, "dns.top", "list", "names", text, sizeof text));
	assert_string_equal(text, "");
	rig_close(r);
}

static void queries_are_told_while_somebody_watches(void **state)
{
	struct rig *r = rig_open("lan.");
	static char text[1024];
	unsigned told = 0;

	(void)state;
	ask_core(r, "x.lab.", "A");
	assert_null(outbox_event(&r->b, GYL_EV_DNS_QUERY));
	assert_false(ask_see(r, "dns.queries", "seconds", "4000", text, sizeof text));
	assert_true(ask_see(r, "dns.queries", "seconds", "10", text, sizeof text));
	for (unsigned i = 0; i < 1500; i++) {
		ask_core(r, "x.lab.", "A");
		told += outbox_event(&r->b, GYL_EV_DNS_QUERY) != NULL;
	}
	assert_int_equal(told, 1000); /* in this second */
	after(r, GYL_NS_PER_S);
	ask_core(r, "x.lab.", "A");
	assert_non_null(outbox_event(&r->b, GYL_EV_DNS_QUERY));
	after(r, 10 * GYL_NS_PER_S);
	ask_core(r, "x.lab.", "A");
	assert_null(outbox_event(&r->b, GYL_EV_DNS_QUERY));
	rig_close(r);
}

static void a_query_log_has_a_rate_and_tells_what_it_leaves_out(void **state)
{
	struct rig *r = rig_open("lan.");
	const struct gyl_event *e;
	unsigned told = 0;
	uint64_t v = 0;

	(void)state;
	r->d->cf.log_queries = true;
	r->d->cf.log_rate = 5;
	for (unsigned i = 0; i < 12; i++) {
		ask_core(r, "x.lab.", "A");
		told += outbox_event(&r->b, GYL_EV_DNS_QUERY) != NULL;
		assert_null(outbox_event(&r->b, GYL_EV_DNS_UNTOLD));
	}
	assert_int_equal(told, 5);
	after(r, GYL_NS_PER_S);
	ask_core(r, "x.lab.", "A");
	assert_non_null(outbox_event(&r->b, GYL_EV_DNS_QUERY));
	e = outbox_event(&r->b, GYL_EV_DNS_UNTOLD);
	assert_non_null(e);
	assert_true(gyl_event_get_u64(e, "count", &v));
	assert_int_equal(v, 7);
	/* once */
	ask_core(r, "x.lab.", "A");
	assert_null(outbox_event(&r->b, GYL_EV_DNS_UNTOLD));
	/* no bound */
	r->d->cf.log_rate = 0;
	for (unsigned i = 0; i < 2000; i++) {
		ask_core(r, "x.lab.", "A");
		assert_non_null(outbox_event(&r->b, GYL_EV_DNS_QUERY));
	}
	rig_close(r);
}

/* RFC 8914 2: the text of the extended error of the last answer; empty: there is none. */
static const char *why_of(struct rig *r, unsigned *ret_code)
{
	static char text[200];
	struct gyl_dns_option opt;
	struct gyl_dns_msg m;
	size_t off = 0;

	text[0] = '\0';
	*ret_code = NO_CODE;
	assert_int_equal(gyl_dns_decode(gyl_view(r->w->msg, r->w->len), &m).err, GYL_OK);
	while (gyl_dns_option_next(m.edns.options, &off, &opt)) {
		if (opt.code != GYL_DNS_OPT_EDE)
			continue;
		*ret_code = gyl_get_u16(opt.val.p);
		memcpy(text, opt.val.p + 2, opt.val.len - 2);
		text[opt.val.len - 2] = '\0';
	}
	return text;
}

static void rfc8914_2_who_debugs_is_told_the_rule(void **state)
{
	static const struct {
		const char *name, *type, *why;
		unsigned code;
	} rows[] = {
		{"fixed.lab.", "A", "zone: fixed.lab.", 0},
		{"x.lab.", "A", "wildcard: *.lab.", 0},
		{"x.fixed.lab.", "A", "no such name: below fixed.lab.", 0},
		{"x.sub.lab.", "A", "delegation: sub.lab.", 0},
		{"www.example.", "A", "outside", GYL_DNS_EDE_NOT_AUTHORITATIVE},
	};
	struct rig *r = rig_open("lan.");
	struct gyl_conf_prefix net = {0x0a4d0000, 24};
	char label[200];
	unsigned code;

	(void)state;
	r->w->udp_size = 1232;
	ask_core(r, "fixed.lab.", "A");
	assert_string_equal(why_of(r, &code), "");
	assert_int_equal(code, NO_CODE);
	r->d->debug_answers = (struct gyl__dns_nets){&net, 1};
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		ask_core(r, rows[i].name, rows[i].type);
		assert_string_equal(why_of(r, &code), rows[i].why);
		assert_int_equal(code, rows[i].code);
	}
	/* no more than 120 octets, whatever the name */
	(void)snprintf(label, sizeof label, "%0*d.%0*d.%0*d.lan.", 60, 0, 60, 0, 40, 0);
	ask_core(r, label, "A");
	assert_string_equal(why_of(r, &code), "no such name: below lan.");
	(void)snprintf(label, sizeof label, "%0*d.%0*d.%0*d.lab.", 60, 0, 60, 0, 40, 0);
	ask_core(r, label, "A");
	assert_true(strlen(why_of(r, &code)) <= 120);
	/* others are not told */
	net.ip = 0x0a4e0000;
	ask_core(r, "fixed.lab.", "A");
	assert_string_equal(why_of(r, &code), "");
	rig_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_count_what_became_of_queries),
		cmocka_unit_test(top_tells_names_until_counting_begins_anew),
		cmocka_unit_test(queries_are_told_while_somebody_watches),
		cmocka_unit_test(a_query_log_has_a_rate_and_tells_what_it_leaves_out),
		cmocka_unit_test(rfc8914_2_who_debugs_is_told_the_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
