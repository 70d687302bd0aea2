/* SPDX-License-Identifier: ISC */
#include "services/base/crc32c.h"
#include "tests/support/support.h"

static void check_value(void **state)
{
	(void)state;
	assert_int_equal(gyl_crc32c("123456789", 9), 0xe3069283);
	assert_int_equal(gyl_crc32c(NULL, 0), 0);
}

/* RFC 3720 B.4 (there in the order of the wire, low octet first). */
static void rfc3720(void **state)
{
	uint8_t p[32];

	(void)state;
	memset(p, 0, sizeof p);
	assert_int_equal(gyl_crc32c(p, sizeof p), 0x8a9136aa);
	memset(p, 0xff, sizeof p);
	assert_int_equal(gyl_crc32c(p, sizeof p), 0x62a8ab43);
	for (size_t i = 0; i < sizeof p; i++)
		p[i] = (uint8_t)i;
	assert_int_equal(gyl_crc32c(p, sizeof p), 0x46dd794e);
	for (size_t i = 0; i < sizeof p; i++)
		p[i] = (uint8_t)(31 - i);
	assert_int_equal(gyl_crc32c(p, sizeof p), 0x113fdb5c);
}

/* The definition, a bit at a time. */
static uint32_t slow(const uint8_t *p, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static void pieces(void **state)
{
	uint8_t p[70];

	(void)state;
	for (size_t i = 0; i < sizeof p; i++)
		p[i] = (uint8_t)(i * 37 + 11);
	for (size_t len = 0; len <= sizeof p; len++) {
		uint32_t want = slow(p, len);

		assert_int_equal(gyl_crc32c(p, len), want);
		for (size_t cut = 0; cut <= len; cut++)
			assert_int_equal(
				gyl_crc32c_more(gyl_crc32c(p, cut), p + cut, len - cut), want);
	}
}

/* From 4,096 octets on it goes another way. */
static void long_blocks(void **state)
{
	static const size_t len[] = {4095, 4096, 4097, 4099, 4103, 5000, 16384, 20011};
	static uint8_t p[20011];

	(void)state;
	for (size_t i = 0; i < sizeof p; i++)
		p[i] = (uint8_t)(i * i * 37 + i / 256 + 11);
	for (size_t i = 0; i < TEST_CNT(len); i++) {
		uint32_t want = slow(p, len[i]);

		assert_int_equal(gyl_crc32c(p, len[i]), want);
		assert_int_equal(gyl_crc32c_more(gyl_crc32c(p, 3), p + 3, len[i] - 3), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_value),
		cmocka_unit_test(rfc3720),
		cmocka_unit_test(pieces),
		cmocka_unit_test(long_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
