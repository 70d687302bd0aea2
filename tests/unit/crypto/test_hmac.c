/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/ct.h>
#include <gyl/hmac.h>

#include "tests/support/kernels.h"
#include "tests/unit/crypto/hashes.h"

/* Key and data as RFC 2202 and RFC 4231 write them: an octet so many times, or a text. */
struct octets {
	const char *text; /* NULL: octet, cnt times; "+": 1 to cnt */
	uint8_t octet;
	size_t cnt;
};

static struct gyl_view octets(const struct octets *o, uint8_t buf[200])
{
	if (o->text != NULL && o->text[0] != '+')
		return gyl_view_str(o->text);
	for (size_t i = 0; i < o->cnt; i++)
		buf[i] = o->text == NULL ? o->octet : (uint8_t)(i + 1);
	return gyl_view(buf, o->cnt);
}

#define LONG_KEY  "Test Using Larger Than Block-Size Key - Hash Key First"
#define LONG_BOTH "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"
#define LONG_TEXT                                                                               \
	"This is a test using a larger than block-size key and a larger than block-size data. " \
	"The key needs to be hashed before being used by the HMAC algorithm."

static const struct {
	enum gyl_hash hash;
	struct octets key, data;
	const char *mac; /* may be the beginning only */
} published[] = {
	/* RFC 2202 3 */
	{GYL_HASH_SHA1, {NULL, 0x0b, 20}, {"Hi There", 0, 0},
		"b617318655057264e28bc0b6fb378c8ef146be00"},
	{GYL_HASH_SHA1, {"Jefe", 0, 0}, {"what do ya want for nothing?", 0, 0},
		"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	{GYL_HASH_SHA1, {NULL, 0xaa, 20}, {NULL, 0xdd, 50},
		"125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
	{GYL_HASH_SHA1, {"+", 0, 25}, {NULL, 0xcd, 50}, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
	{GYL_HASH_SHA1, {NULL, 0x0c, 20}, {"Test With Truncation", 0, 0},
		"4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
	{GYL_HASH_SHA1, {NULL, 0xaa, 80}, {LONG_KEY, 0, 0},
		"aa4ae5e15272d00e95705637ce8a3b55ed402112"},
	{GYL_HASH_SHA1, {NULL, 0xaa, 80}, {LONG_BOTH, 0, 0},
		"e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
	/* RFC 4231 4 */
	{GYL_HASH_SHA256, {NULL, 0x0b, 20}, {"Hi There", 0, 0},
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{GYL_HASH_SHA512, {NULL, 0x0b, 20}, {"Hi There", 0, 0},
		"87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
		"daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
	{GYL_HASH_SHA256, {"Jefe", 0, 0}, {"what do ya want for nothing?", 0, 0},
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{GYL_HASH_SHA512, {"Jefe", 0, 0}, {"what do ya want for nothing?", 0, 0},
		"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
	{GYL_HASH_SHA256, {NULL, 0xaa, 20}, {NULL, 0xdd, 50},
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	{GYL_HASH_SHA512, {NULL, 0xaa, 20}, {NULL, 0xdd, 50},
		"fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
		"bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
	{GYL_HASH_SHA256, {"+", 0, 25}, {NULL, 0xcd, 50},
		"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	{GYL_HASH_SHA512, {"+", 0, 25}, {NULL, 0xcd, 50},
		"b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
		"a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
	{GYL_HASH_SHA256, {NULL, 0x0c, 20}, {"Test With Truncation", 0, 0},
		"a3b6167473100ee06e0c796c2955552b"},
	{GYL_HASH_SHA512, {NULL, 0x0c, 20}, {"Test With Truncation", 0, 0},
		"415fad6271580a531d4179bc891d87a6"},
	{GYL_HASH_SHA256, {NULL, 0xaa, 131}, {LONG_KEY, 0, 0},
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	{GYL_HASH_SHA512, {NULL, 0xaa, 131}, {LONG_KEY, 0, 0},
		"80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
		"6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
	{GYL_HASH_SHA256, {NULL, 0xaa, 131}, {LONG_TEXT, 0, 0},
		"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
	{GYL_HASH_SHA512, {NULL, 0xaa, 131}, {LONG_TEXT, 0, 0},
		"e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
		"b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"},
	{GYL_HASH_SHA224, {NULL, 0x0b, 20}, {"Hi There", 0, 0},
		"896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22"},
	{GYL_HASH_SHA224, {"Jefe", 0, 0}, {"what do ya want for nothing?", 0, 0},
		"a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"},
	{GYL_HASH_SHA224, {NULL, 0xaa, 20}, {NULL, 0xdd, 50},
		"7fb3cb3588c6c1f6ffa9694d7d6ad2649365b0c1f65d69d1ec8333ea"},
	{GYL_HASH_SHA224, {"+", 0, 25}, {NULL, 0xcd, 50},
		"6c11506874013cac6a2abc1bb382627cec6a90d86efc012de7afec5a"},
	{GYL_HASH_SHA224, {NULL, 0xaa, 131}, {LONG_KEY, 0, 0},
		"95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e"},
	{GYL_HASH_SHA224, {NULL, 0xaa, 131}, {LONG_TEXT, 0, 0},
		"3a854166ac5d9f023f54d517d0b39dbd946770db9c2b95c9f6f565d1"},
	{GYL_HASH_SHA384, {NULL, 0x0b, 20}, {"Hi There", 0, 0},
		"afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
		"faea9ea9076ede7f4af152e8b2fa9cb6"},
	{GYL_HASH_SHA384, {"Jefe", 0, 0}, {"what do ya want for nothing?", 0, 0},
		"af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
		"8e2240ca5e69e2c78b3239ecfab21649"},
	{GYL_HASH_SHA384, {NULL, 0xaa, 20}, {NULL, 0xdd, 50},
		"88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
		"2a5ab39dc13814b94e3ab6e101a34f27"},
	{GYL_HASH_SHA384, {"+", 0, 25}, {NULL, 0xcd, 50},
		"3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e"
		"6801dd23c4a7d679ccf8a386c674cffb"},
	{GYL_HASH_SHA384, {NULL, 0xaa, 131}, {LONG_KEY, 0, 0},
		"4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
		"0c2ef6ab4030fe8296248df163f44952"},
	{GYL_HASH_SHA384, {NULL, 0xaa, 131}, {LONG_TEXT, 0, 0},
		"6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5"
		"a678cc31e799176d3860e6110c46523e"},
};

static void mac(const struct gyl_hmac_key *k, struct gyl_view msg, size_t piece, uint8_t *ret_mac)
{
	struct gyl_hmac m;

	gyl_hmac_init(&m, k);
	for (size_t off = 0; off < msg.len; off += piece)
		gyl_hmac_update(&m, msg.p + off, msg.len - off < piece ? msg.len - off : piece);
	gyl_hmac_final(&m, ret_mac);
}

/* With a key that is worked out once, in one piece and in pieces of 7. */
static void published_with(uint32_t cpu)
{
	for (size_t i = 0; i < TEST_CNT(published); i++) {
		uint8_t want[GYL_HASH_LEN_MAX], got[GYL_HASH_LEN_MAX], kbuf[200], dbuf[200];
		size_t want_len = hex_bytes(published[i].mac, want, sizeof want);
		struct gyl_view key = octets(&published[i].key, kbuf);
		struct gyl_view data = octets(&published[i].data, dbuf);
		struct gyl_hmac_key k;

		assert_int_equal(gyl_hmac_key_init(&k, published[i].hash, cpu, key.p, key.len), 0);
		mac(&k, data, data.len, got);
		assert_memory_equal(got, want, want_len);
		mac(&k, data, 7, got);
		assert_memory_equal(got, want, want_len);
	}
}

/* Keys of every length from 0 to 300: the digest of all the codes is known. */
static void every_key_with(uint32_t cpu)
{
	static const char *const want[] = {
		"118633a0a12e30d4262a7e090181b209311b874c",
		"8df8634bcb5163875ec737f4f40e94dc7d4e397fde7eb4d3057c8c7780e17639",
		("556b4395198831b3b76c6be4db9b9106d59d9c553fbb0134666e30202b4d520f"
		 "4d0c3d0cf83c8e935586c18db109bbc2560bebc1f00e2ffe4962ed86d7987433"),
		"9507b0c82e4790cddd5eb75795925c9df565e30c74c3c48090a40963",
		("26d13bfd1be385ac94b131e16865ec90dd729778b4cfced17d2a16fe089f2d15"
		 "b4970a0b1541185343e33824468c1bad"),
	};

	for (int i = 0; i < 5; i++) {
		enum gyl_hash hash = (enum gyl_hash)i;
		uint8_t key[300], got[GYL_HASH_LEN_MAX], all_want[GYL_HASH_LEN_MAX];
		struct gyl_hmac_key k;
		struct any_hash all;

		any_init(&all, hash, 0);
		for (size_t len = 0; len <= sizeof key; len++) {
			pattern_fill(key, len);
			assert_int_equal(
				gyl_hmac_key_init(&k, hash, cpu, len == 0 ? NULL : key, len), 0);
			mac(&k, gyl_view(key, len / 2), 50, got);
			any_update(&all, got, gyl_hash_len(hash));
		}
		any_final(&all, got);
		hex_bytes(want[i], all_want, sizeof all_want);
		assert_memory_equal(got, all_want, gyl_hash_len(hash));
	}
}

static void each_kernel(void (*fn)(uint32_t cpu))
{
	for (size_t i = 0; i < KERNELS_CNT; i++)
		if (kernels_here(&kernels[i]))
			fn(kernels[i].cpu);
		else
			print_message("%s: not on this processor\n", kernels[i].name);
}

static void published_answers(void **state)
{
	(void)state;
	each_kernel(published_with);
}

static void every_key(void **state)
{
	(void)state;
	each_kernel(every_key_with);
}

/* The key stays as it was, and a message in progress may be copied. */
static void key_is_used_again(void **state)
{
	struct gyl_hmac_key k, before;
	uint8_t want[GYL_SHA256_LEN], got[GYL_SHA256_LEN];
	struct gyl_hmac m, copy;

	(void)state;
	memset(&k, 0xa5, sizeof k);
	assert_int_equal(gyl_hmac_key_init(&k, GYL_HASH_SHA256, 0, "key", 3), 0);
	memcpy(&before, &k, sizeof k);
	mac(&k, gyl_view_str("one message"), 11, want);
	gyl_hmac_init(&m, &k);
	gyl_hmac_update(&m, "one ", 4);
	copy = m;
	gyl_hmac_update(&m, "thing", 5);
	gyl_hmac_final(&m, got);
	assert_false(gyl_ct_eq(got, want, sizeof got));
	gyl_hmac_update(&copy, "message", 7);
	gyl_hmac_final(&copy, got);
	assert_true(gyl_ct_eq(got, want, sizeof got));
	assert_memory_equal(&k, &before, sizeof k);
}

static void final_wipes(void **state)
{
	static const struct gyl_hmac zero;

	(void)state;
	for (int i = 0; i < 5; i++) {
		uint8_t got[GYL_HASH_LEN_MAX];
		struct gyl_hmac_key k;
		struct gyl_hmac m;

		memset(&m, 0xa5, sizeof m);
		assert_int_equal(gyl_hmac_key_init(&k, (enum gyl_hash)i, 0, "key", 3), 0);
		gyl_hmac_init(&m, &k);
		gyl_hmac_update(&m, "secret", 6);
		gyl_hmac_final(&m, got);
		assert_memory_equal(&m, &zero, sizeof m);
	}
}

/* What is no hash is refused, also when its low octet is the number of one. */
static void no_such_hash(void **state)
{
	static const int numbers[] = {5, -1, 256, 257, INT32_MIN};
	static const struct gyl_hmac_key zero;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(numbers); i++) {
		struct gyl_hmac_key k;

		memset(&k, 0xa5, sizeof k);
		assert_int_equal(gyl_hmac_key_init(&k, (enum gyl_hash)numbers[i], 0, "key", 3),
			GYL_CRYPTO_E_HASH);
		assert_memory_equal(&k, &zero, sizeof k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_answers),
		cmocka_unit_test(every_key),
		cmocka_unit_test(key_is_used_again),
		cmocka_unit_test(final_wipes),
		cmocka_unit_test(no_such_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
