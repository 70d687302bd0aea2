/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/hkdf.h>

#include "tests/support/kernels.h"
#include "tests/unit/crypto/hashes.h"

/* RFC 5869 A. */
static const struct {
	enum gyl_hash hash;
	const char *secret, *salt, *info, *key;
} published[] = {
#define B20 "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
#define C20 "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c"
#define SECRET80                                                                           \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627" \
	"28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
#define SALT80                                                                             \
	"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384858687" \
	"88898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
#define INFO80                                                                             \
	"b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7" \
	"d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
	{GYL_HASH_SHA256, B20 "0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
	{GYL_HASH_SHA256, SECRET80, SALT80, INFO80,
		"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb"
		"41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
	{GYL_HASH_SHA256, B20 "0b0b", "", "",
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
	{GYL_HASH_SHA1, "0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
		"f0f1f2f3f4f5f6f7f8f9",
		"085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896"},
	{GYL_HASH_SHA1, SECRET80, SALT80, INFO80,
		"0bd770a74d1160f7c9f12cd5912a06ebff6adcae899d92191fe4305673ba2ffe8fa3f1a4e5ad79f3f334"
		"b3b202b2173c486ea37ce3d397ed034c7f9dfeb15c5e927336d0441f4c4300e2cff0d0900b52d3b4"},
	{GYL_HASH_SHA1, B20 "0b0b", "", "",
		"0ac1af7002b3d761d1e55298da9d0506b9ae52057220a306e07b6b87e8df21d0ea00033de03984d34918"},
	{GYL_HASH_SHA1, C20 "0c0c", "", "",
		"2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7acfc48"},
};

static struct gyl_view hex(const char *text, uint8_t buf[100])
{
	size_t len = hex_bytes(text, buf, 100);

	return gyl_view(len == 0 ? NULL : buf, len);
}

static void published_with(uint32_t cpu)
{
	for (size_t i = 0; i < TEST_CNT(published); i++) {
		uint8_t buf[4][100], got[100];
		struct gyl_view secret = hex(published[i].secret, buf[0]);
		struct gyl_view salt = hex(published[i].salt, buf[1]);
		struct gyl_view info = hex(published[i].info, buf[2]);
		struct gyl_view key = hex(published[i].key, buf[3]);

		for (size_t len = 1; len <= key.len; len++) {
			memset(got, 0xa5, sizeof got);
			assert_int_equal(gyl_hkdf(published[i].hash, cpu, secret.p, secret.len,
						 salt.p, salt.len, info.p, info.len, got, len),
				GYL_CRYPTO_OK);
			assert_memory_equal(got, key.p, len);
			assert_int_equal(got[len], 0xa5);
		}
	}
}

static void published_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < KERNELS_CNT; i++)
		if (kernels_here(&kernels[i]))
			published_with(kernels[i].cpu);
		else
			print_message("%s: not on this processor\n", kernels[i].name);
}

/* RFC 5869 2.3: L <= 255*HashLen. What is refused leaves zeros, and those only. */
static void lengths(void **state)
{
	static const struct {
		int hash;
		size_t key_len;
		int err;
	} cases[] = {
		{GYL_HASH_SHA1, 0, GYL_CRYPTO_E_LEN_ZERO},
		{GYL_HASH_SHA1, 255 * 20, GYL_CRYPTO_OK},
		{GYL_HASH_SHA1, 255 * 20 + 1, GYL_CRYPTO_E_LEN_BIG},
		{GYL_HASH_SHA256, 0, GYL_CRYPTO_E_LEN_ZERO},
		{GYL_HASH_SHA256, 255 * 32, GYL_CRYPTO_OK},
		{GYL_HASH_SHA256, 255 * 32 + 1, GYL_CRYPTO_E_LEN_BIG},
		{GYL_HASH_SHA512, 0, GYL_CRYPTO_E_LEN_ZERO},
		{GYL_HASH_SHA512, 255 * 64, GYL_CRYPTO_OK},
		{GYL_HASH_SHA512, 255 * 64 + 1, GYL_CRYPTO_E_LEN_BIG},
		{5, 32, GYL_CRYPTO_E_HASH},
		{256, 32, GYL_CRYPTO_E_HASH},
		{-1, 0, GYL_CRYPTO_E_HASH},
	};
	static uint8_t key[255 * 64 + 2];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		size_t len = cases[i].key_len, zeros = 0;

		memset(key, 0xa5, sizeof key);
		assert_int_equal(gyl_hkdf((enum gyl_hash)cases[i].hash, 0, "secret", 6, NULL, 0,
					 NULL, 0, key, len),
			cases[i].err);
		assert_int_equal(key[len], 0xa5);
		for (size_t k = 0; k < len; k++)
			zeros += key[k] == 0;
		if (cases[i].err != GYL_CRYPTO_OK)
			assert_int_equal(zeros, len);
		else
			assert_true(zeros < len / 64);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_answers),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
