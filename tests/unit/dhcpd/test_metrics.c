/* SPDX-License-Identifier: ISC */

/* What the DHCP server counts, and that none of it is forgotten in the metrics. */

#include "services/dhcpd/metrics.h"
#include "services/dhcpd/state.h"
#include "tests/unit/dhcpd/world.h"

static char text[1 << 16];

static void read_all(const struct world *w)
{
	struct gyl_metrics m;
	struct gyl_writer out;

	gyl_writer_init(&out, text, sizeof text - 1);
	gyl_metrics_init(&m, &out);
	gyl_dhcpd_metrics(w->d, w->b.now.mono_ns, &m);
	assert_true(gyl_writer_ok(&out));
	text[out.len] = '\0';
}

/* The line as a whole is there. */
static bool has_line(const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at += len)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

static void every_counter_is_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i < GYL_DHCPD_COUNT_CNT; i++)
		if (!gyl_dhcpd_metrics_has(i))
			fail_msg("counter %u has no row in services/dhcpd/metrics.c", i);
}

static void messages_and_replies_by_type(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	get_lease(w, (struct ask){.client = 2});
	assert_int_equal(
		request(w, (struct ask){.client = 3, .want = IP(8, 8, 8, 8)}), GYL_DHCP_NAK);
	ask(w, (struct ask){.client = 1, .type = 77});
	read_all(w);
	assert_true(has_line("guyline_dhcpd_messages_total{type=\"discover\"} 2"));
	assert_true(has_line("guyline_dhcpd_messages_total{type=\"request\"} 3"));
	assert_true(has_line("guyline_dhcpd_messages_total{type=\"other\"} 1"));
	assert_true(has_line("guyline_dhcpd_received_total 6"));
	assert_true(has_line("guyline_dhcpd_replies_total{type=\"offer\"} 2"));
	assert_true(has_line("guyline_dhcpd_replies_total{type=\"ack\"} 2"));
	assert_true(has_line("guyline_dhcpd_replies_total{type=\"nak\"} 1"));
	assert_true(has_line("guyline_dhcpd_leases 2"));
}

static void silence_by_reason(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 3; i++)
		ask(w, (struct ask){
			       .client = 1, .type = GYL_DHCP_DISCOVER, .giaddr = IP(9, 9, 9, 9)});
	for (uint8_t i = 1; i <= 12; i++)
		get_lease(w, (struct ask){.client = i});
	read_all(w);
	assert_true(has_line("guyline_dhcpd_silence_total{reason=\"no subnet is configured for "
			     "where it comes from\"} 3"));
	assert_true(has_line("guyline_dhcpd_silence_total{reason=\"no address is free\"} 2"));
	assert_true(has_line("guyline_dhcpd_pool_exhausted_total 2"));
}

/* Reasons are literals, so there are few; were there more than places, the last one has the rest.
 */
static void reasons_are_bounded(void **state)
{
	struct world *w = *state;
	static char reason[GYL_DHCPD_SILENCE_MAX + 9][8];
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < GYL_DHCPD_SILENCE_MAX + 9; i++) {
		snprintf(reason[i], sizeof reason[i], "r%u", (unsigned)i);
		gyl__dhcpd_count_silence(w->d, reason[i]);
	}
	for (i = 0; gyl_dhcpd_silence(w->d, i) != NULL; i++)
		sum += gyl_dhcpd_silence(w->d, i)->cnt;
	assert_int_equal(i, GYL_DHCPD_SILENCE_MAX);
	assert_int_equal(sum, GYL_DHCPD_SILENCE_MAX + 9);
	assert_string_equal(gyl_dhcpd_silence(w->d, i - 1)->reason, "another reason");
	assert_int_equal(gyl_dhcpd_silence(w->d, i - 1)->cnt, 10);
}

static void pools_by_subnet_and_state(void **state)
{
	struct world *w = *state;

	get_lease(w, (struct ask){.client = 1});
	ask(w, (struct ask){.client = 2, .type = GYL_DHCP_DISCOVER});
	read_all(w);
	assert_true(has_line(
		"guyline_dhcpd_pool_addresses{subnet=\"10.0.0.0/24\",state=\"leased\"} 1"));
	assert_true(has_line(
		"guyline_dhcpd_pool_addresses{subnet=\"10.0.0.0/24\",state=\"offered\"} 1"));
	assert_true(
		has_line("guyline_dhcpd_pool_addresses{subnet=\"10.0.0.0/24\",state=\"free\"} 8"));
	assert_true(
		has_line("guyline_dhcpd_pool_addresses{subnet=\"10.1.0.0/24\",state=\"free\"} 10"));
	assert_true(has_line("guyline_dhcpd_pool_size{subnet=\"10.0.0.0/24\"} 10"));
	assert_true(has_line("guyline_dhcpd_pool_full_seconds{subnet=\"10.1.0.0/24\"} +Inf"));
}

/* A family is begun once, and all its samples follow: Prometheus refuses anything else. */
static void families_stand_together(void **state)
{
	struct world *w = *state;

	read_all(w);
	for (char *at = text; (at = strstr(at, "# TYPE ")) != NULL; at++) {
		char head[100];

		snprintf(head, sizeof head, "%.*s", (int)(strcspn(at + 7, " ") + 8), at);
		assert_null(strstr(at + 1, head));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_counter_is_told),
		T(messages_and_replies_by_type),
		T(silence_by_reason),
		T(reasons_are_bounded),
		T(pools_by_subnet_and_state),
		T(families_stand_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
