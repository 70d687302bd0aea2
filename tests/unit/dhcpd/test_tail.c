/* SPDX-License-Identifier: ISC */

/* Tails of leases beside a plain table: whatever is set in whatever order reads back, and memory
 * stays near to what is in use. */

#include <stdlib.h>

#include "services/dhcpd/state.h"
#include "tests/support/support.h"

enum {
	CNT = 400,
	STEPS = 300000
};

struct shadow {
	uint8_t octet[GYL_DHCPD_PART_CNT][GYL_DHCPD_RELAY_MAX];
	size_t len[GYL_DHCPD_PART_CNT];
};

static struct gyl_dhcpd d;
static struct gyl_dhcpd_lease lease[CNT + 1];
static struct shadow shadow[CNT + 1];
static uint64_t rng = 88172645463325252u;

static uint32_t any(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 11) % below;
}

static struct gyl_view read_part(const struct gyl_dhcpd_lease *l, unsigned part)
{
	switch (part) {
	case GYL_DHCPD_PART_ID:
		return gyl__dhcpd_lease_id(&d, l);
	case GYL_DHCPD_PART_NAME:
		return gyl__dhcpd_lease_name(&d, l);
	case GYL_DHCPD_PART_SOURCE:
		return gyl__dhcpd_lease_source(&d, l);
	default:
		return gyl__dhcpd_lease_relay(&d, l);
	}
}

static void expect_all(uint32_t i)
{
	for (unsigned part = 0; part < GYL_DHCPD_PART_CNT; part++)
		assert_true(gyl_view_eq(read_part(&lease[i], part),
			gyl_view(shadow[i].octet[part], shadow[i].len[part])));
}

static void change(uint32_t i, unsigned part, size_t len)
{
	struct shadow *s = &shadow[i];

	for (size_t k = 0; k < len; k++)
		s->octet[part][k] = (uint8_t)any(256);
	s->len[part] = len;
	gyl__dhcpd_tail_set(
		&d, i, (enum gyl_dhcpd_part)part, gyl_view(s->octet[part], s->len[part]));
}

static void *tails_open(void)
{
	void *mem = calloc(1, gyl__dhcpd_tail_need(CNT));

	assert_non_null(mem);
	memset(&d, 0, sizeof d);
	memset(lease, 0, sizeof lease);
	memset(shadow, 0, sizeof shadow);
	d.lease = lease;
	gyl__dhcpd_tail_init(&d.tails, mem, CNT);
	return mem;
}

static void tails_read_back(void **state)
{
	static const uint32_t max[] = {GYL_DHCPD_ID_MAX, GYL_DHCPD_NAME_MAX, 6, 60};
	void *mem = tails_open();

	(void)state;
	for (unsigned n = 0; n < STEPS; n++) {
		uint32_t i = 1 + any(CNT);
		unsigned part = any(GYL_DHCPD_PART_CNT);

		if (any(20) == 0) {
			gyl__dhcpd_tail_clear(&d, i);
			memset(shadow[i].len, 0, sizeof shadow[i].len);
		} else {
			change(i, part, any(max[part] + 1));
		}
		expect_all(i);
		expect_all(1 + any(CNT));
	}
	for (uint32_t i = 1; i <= CNT; i++)
		expect_all(i);
	free(mem);
}

/* The longest of everything, which nobody's tail may crowd out but option 82. */
static void only_option_82_may_be_left_out(void **state)
{
	void *mem = tails_open();
	uint32_t left_out = 0;

	(void)state;
	for (unsigned round = 0; round < 4; round++)
		for (uint32_t i = 1; i <= CNT; i++) {
			change(i, GYL_DHCPD_PART_RELAY, GYL_DHCPD_RELAY_MAX);
			if (gyl__dhcpd_lease_relay(&d, &lease[i]).len == 0) {
				shadow[i].len[GYL_DHCPD_PART_RELAY] = 0;
				left_out++;
			}
			change(i, GYL_DHCPD_PART_ID, GYL_DHCPD_ID_MAX - round);
			change(i, GYL_DHCPD_PART_NAME, GYL_DHCPD_NAME_MAX - round);
			change(i, GYL_DHCPD_PART_SOURCE, 6);
			expect_all(i);
		}
	assert_true(left_out != 0 && left_out < 4 * CNT * 4 / 5);
	free(mem);
}

/* A client that renames itself all day costs what it costs once. */
static void holes_are_closed(void **state)
{
	void *mem = tails_open();
	uint32_t most = 0;

	(void)state;
	for (uint32_t i = 1; i <= CNT; i++)
		change(i, GYL_DHCPD_PART_NAME, 40);
	for (unsigned n = 0; n < STEPS; n++) {
		uint32_t i = 1 + any(CNT);

		change(i, GYL_DHCPD_PART_NAME, shadow[i].len[GYL_DHCPD_PART_NAME] == 40 ? 30 : 40);
		most = most > d.tails.top ? most : d.tails.top;
	}
	assert_true(most < CNT * 48 * 5 / 4 + (1 << 15) + (1 << 13));
	free(mem);
}

/* A client's identifier, option 82 and name come one after the other, and nobody's between them. */
static void parts_in_a_row_leave_no_hole(void **state)
{
	void *mem = tails_open();
	uint32_t empty = d.tails.top;

	(void)state;
	for (uint32_t i = 1; i <= CNT; i++) {
		change(i, GYL_DHCPD_PART_ID, 19);
		change(i, GYL_DHCPD_PART_RELAY, 10);
		change(i, GYL_DHCPD_PART_NAME, 12);
		change(i, GYL_DHCPD_PART_RELAY, 4);
		assert_int_equal(d.tails.top - empty, d.tails.live);
		assert_int_equal(d.tails.relay_live, 4 * i);
	}
	for (uint32_t i = 1; i <= CNT; i++)
		expect_all(i);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tails_read_back),
		cmocka_unit_test(only_option_82_may_be_left_out),
		cmocka_unit_test(holes_are_closed),
		cmocka_unit_test(parts_in_a_row_leave_no_hole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
