/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/checksum.h>

enum {
	LEN_MAX = 1600
};

static uint8_t data[LEN_MAX + 8];

/* RFC 1071 section 4.1, word by word: slow and obvious. */
static uint16_t reference(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)p[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void fill(uint32_t seed)
{
	for (size_t i = 0; i < sizeof data; i++) {
		seed = seed * 1664525 + 1013904223;
		data[i] = (uint8_t)(seed >> 24);
	}
}

static void every_length_and_alignment_is_right(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 3; seed++) {
		fill(seed);
		/* All ones make every addition carry. */
		if (seed == 2)
			memset(data, 0xff, sizeof data);
		for (size_t align = 0; align < 8; align++)
			for (size_t len = 0; len <= LEN_MAX; len++)
				assert_int_equal(gyl_checksum_of(gyl_view(data + align, len)),
					reference(data + align, len));
	}
}

static void nothing_behind_the_view_is_read(void **state)
{
	(void)state;
	fill(7);
	for (size_t len = 0; len < 80; len++) {
		struct guard g;

		guard_open(&g, gyl_view(data, len));
		assert_int_equal(gyl_checksum_of(g.view), reference(data, len));
		guard_close(&g);
	}
}

static void splits_do_not_matter(void **state)
{
	(void)state;
	fill(1);
	for (size_t a = 0; a <= 40; a++) {
		for (size_t b = a; b <= 40; b++) {
			struct gyl_checksum c;

			gyl_checksum_init(&c);
			gyl_checksum_add(&c, gyl_view(data, a));
			gyl_checksum_add(&c, gyl_view(data + a, b - a));
			gyl_checksum_add(&c, gyl_view(data + b, 40 - b));
			assert_int_equal(gyl_checksum_end(&c), reference(data, 40));
		}
	}
}

static void numbers_count_as_their_octets(void **state)
{
	struct gyl_checksum c;
	uint8_t pseudo[12] = {10, 0, 0, 5, 255, 255, 255, 255, 0, 17, 0x12, 0x34};

	(void)state;
	gyl_checksum_init(&c);
	gyl_checksum_add_pseudo(&c, 0x0a000005, 0xffffffff, 17, 0x1234);
	assert_int_equal(gyl_checksum_end(&c), reference(pseudo, sizeof pseudo));
	gyl_checksum_init(&c);
	gyl_checksum_add_u32(&c, 0x0a000005);
	gyl_checksum_add_u32(&c, 0xffffffff);
	gyl_checksum_add_u16(&c, 17);
	gyl_checksum_add_u16(&c, 0x1234);
	assert_int_equal(gyl_checksum_end(&c), reference(pseudo, sizeof pseudo));
}

static void rfc_1071_example(void **state)
{
	static const uint8_t octets[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	/* Section 3: the sum is ddf2. */
	assert_int_equal(gyl_checksum_of(gyl_view(octets, sizeof octets)), 0xffff - 0xddf2);
}

static void updating_equals_summing_again(void **state)
{
	(void)state;
	fill(3);
	for (uint32_t after = 0; after < 0x10000; after += 7) {
		uint16_t sum = reference(data, 40), before = gyl_get_u16(data + 10);

		gyl_set_u16(data + 10, (uint16_t)after);
		assert_int_equal(
			gyl_checksum_update_u16(sum, before, (uint16_t)after), reference(data, 40));
	}
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t before = gyl_get_u32(data + 12), after = i * 0x9e3779b9;
		uint16_t sum = reference(data, 40);

		gyl_set_u32(data + 12, after);
		assert_int_equal(gyl_checksum_update_u32(sum, before, after), reference(data, 40));
	}
	/* RFC 1624 section 4: the case that the equation of RFC 1141 gets wrong. */
	assert_int_equal(gyl_checksum_update_u16(0xdd2f, 0x5555, 0x3285), 0x0000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_and_alignment_is_right),
		cmocka_unit_test(nothing_behind_the_view_is_read),
		cmocka_unit_test(splits_do_not_matter),
		cmocka_unit_test(numbers_count_as_their_octets),
		cmocka_unit_test(rfc_1071_example),
		cmocka_unit_test(updating_equals_summing_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
