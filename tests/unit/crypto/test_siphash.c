/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/siphash.h>
#ifndef GYL_NO_LIBSODIUM /* other machines have none to link */
#	include <sodium.h>
#endif

static uint64_t load_le(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

/* Key and message of the paper, appendix A: 00 01 02 ... */
static void paper(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} cases[] = {
		{0, 0x726fdb47dd0e0e31u},
		{1, 0x74f839c593dc67fdu},
		{7, 0xab0200f58b01d137u},
		{8, 0x93f5f5799a932462u},
		{15, 0xa129ca6149be45e5u}, /* the one worked through in the text */
		{63, 0x958a324ceb064572u},
	};
	const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
	uint8_t msg[64];

	(void)state;
	for (size_t i = 0; i < sizeof msg; i++)
		msg[i] = (uint8_t)i;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		assert_true(gyl_siphash(key, msg, cases[i].len) == cases[i].hash);
}

#ifndef GYL_NO_LIBSODIUM
static void as_libsodium(void **state)
{
	uint8_t raw_key[crypto_shorthash_KEYBYTES], msg[200], want[crypto_shorthash_BYTES];

	(void)state;
	assert_true(sodium_init() >= 0);
	for (size_t len = 0; len <= sizeof msg; len++) {
		uint64_t key[2];

		randombytes_buf(raw_key, sizeof raw_key);
		randombytes_buf(msg, sizeof msg);
		key[0] = load_le(raw_key);
		key[1] = load_le(raw_key + 8);
		crypto_shorthash(want, msg, len, raw_key);
		assert_true(gyl_siphash(key, msg, len) == load_le(want));
	}
}
#endif

static void empty_may_be_null(void **state)
{
	const uint64_t key[2] = {1, 2};

	(void)state;
	assert_true(gyl_siphash(key, NULL, 0) == gyl_siphash(key, "", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paper),
#ifndef GYL_NO_LIBSODIUM
		cmocka_unit_test(as_libsodium),
#endif
		cmocka_unit_test(empty_may_be_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
