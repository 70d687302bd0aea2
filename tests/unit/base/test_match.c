/* SPDX-License-Identifier: ISC */

/* Patterns for events: what fits and what does not. */

#include "services/base/match.h"
#include "tests/support/support.h"

static void text_is_like_its_pattern(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool fits;
	} cases[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "anything", true},
		{"lap*", "laptop", true},
		{"LAP*", "laptop", true},
		{"lap*", "Lap", true},
		{"lap", "laptop", false},
		{"*top", "laptop", true},
		{"*op*", "laptop", true},
		{"l?ptop", "laptop", true},
		{"l?ptop", "lptop", false},
		{"*a*b*c*", "xxaxxbxxcxx", true},
		{"*a*b*c", "xxaxxbxxcxx", false},
		{"*ab", "aab", true},
		{"a*a", "a", false},
		{"**", "", true},
		{"?", "", false},
		{"*aaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		if (gyl_match_text(gyl_view_str(cases[i].pattern), gyl_view_str(cases[i].text)) !=
			cases[i].fits)
			fail_msg("%s and %s", cases[i].pattern, cases[i].text);
}

static struct gyl_event lease(void)
{
	static const uint8_t mac[6] = {2, 0, 0x5e, 0x10, 0, 7};
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_LEASE);
	gyl_event_ip(&e, "ip", 0x0a4d0064);
	gyl_event_mac(&e, "mac", mac);
	gyl_event_str(&e, "name", gyl_view_str("laptop"));
	gyl_event_str(&e, "state", gyl_view_str("leased"));
	gyl_event_str(&e, "subnet", gyl_view_str("10.77.0.0/24"));
	return e;
}

static void a_field_is_like_one_of_its_patterns(void **state)
{
	static const struct {
		const char *field, *pattern;
		bool fits;
	} cases[] = {
		{"ip", "10.77.0.100", true}, {"ip", "10.77.0.10", false}, {"ip", "10.77.0.*", true},
		{"ip", "10.77.0.0/24", true}, {"ip", "10.77.0.0/25", true},
		{"ip", "10.77.0.128/25", false}, {"ip", "0.0.0.0/0", true},
		{"ip", "10.77.0.0/33", false}, {"ip", "10.78.0.0/16,10.77.0.100/32", true},
		{"mac", "02:00:5e:10:00:07", true}, {"mac", "02:00:5E", true},
		{"mac", "02:00:5e:1", true}, {"mac", "02:00:5f", false},
		{"mac", "02:00:5e:10:00:07:08", false},
		{"mac", "*:07", false}, /* four octets of it */
		{"name", "lap*", true}, {"name", "desk*,lap*", true}, {"name", "desk*,", false},
		{"name", "", false}, {"state", "leased,renewed", true},
		{"state", "renewed,expired", false}, {"subnet", "10.77.0.0/24", true},
		{"domain", "*", false}, /* it has none */
	};
	struct gyl_event e = lease();

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct gyl_match m;

		gyl_match_init(&m, GYL_EV_DHCPD_LEASE);
		assert_true(gyl_match_add(
			&m, gyl_view_str(cases[i].field), gyl_view_str(cases[i].pattern)));
		if (gyl_match(&m, &e) != cases[i].fits)
			fail_msg("%s %s", cases[i].field, cases[i].pattern);
	}
}

static void all_rules_have_to_fit(void **state)
{
	struct gyl_event e = lease(), other;
	struct gyl_match m;

	(void)state;
	gyl_match_init(&m, GYL_EV_DHCPD_LEASE);
	assert_true(gyl_match(&m, &e));
	gyl_event_init(&other, GYL_EV_DHCPD_FULL);
	assert_false(gyl_match(&m, &other));
	assert_true(gyl_match_add(&m, gyl_view_str("name"), gyl_view_str("laptop")));
	assert_true(gyl_match(&m, &e));
	assert_true(gyl_match_add(&m, gyl_view_str("state"), gyl_view_str("expired")));
	assert_false(gyl_match(&m, &e));
	assert_false(gyl_match_add(&m, gyl_view_str("state"), gyl_view_str("leased")));
	assert_false(gyl_match_add(&m, gyl_view_str("color"), gyl_view_str("red")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_like_its_pattern),
		cmocka_unit_test(a_field_is_like_one_of_its_patterns),
		cmocka_unit_test(all_rules_have_to_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
