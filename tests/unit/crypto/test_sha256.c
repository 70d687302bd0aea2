/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/sha256.h>
#ifndef GYL_NO_LIBSODIUM /* other machines have none to link */
#	include <sodium.h>
#endif

static void digest(struct gyl_view v, uint8_t *ret_digest)
{
	struct gyl_sha256 s;

	gyl_sha256_init(&s, 0);
	gyl_sha256_update(&s, v.p, v.len);
	gyl_sha256_final(&s, ret_digest);
}

/* FIPS 180-4 examples and the NIST CAVP byte vectors. */
static void published(void **state)
{
	static const struct {
		const char *text, *digest;
	} cases[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
		{"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		 "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
			"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t want[GYL_SHA256_LEN], got[GYL_SHA256_LEN];

		assert_int_equal(hex_bytes(cases[i].digest, want, sizeof want), sizeof want);
		digest(gyl_view_str(cases[i].text), got);
		assert_memory_equal(got, want, sizeof want);
	}
}

/* A million "a", in pieces of every size that falls on and off the block. */
static void million(void **state)
{
	uint8_t want[GYL_SHA256_LEN], got[GYL_SHA256_LEN], a[200];
	struct gyl_sha256 s;
	size_t left = 1000000, piece = 0;

	(void)state;
	memset(a, 'a', sizeof a);
	gyl_sha256_init(&s, 0);
	while (left != 0) {
		size_t take = piece++ % sizeof a;

		take = take < left ? take : left;
		gyl_sha256_update(&s, a, take);
		left -= take;
	}
	gyl_sha256_final(&s, got);
	hex_bytes("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", want,
		sizeof want);
	assert_memory_equal(got, want, sizeof want);
}

#ifndef GYL_NO_LIBSODIUM
static void as_libsodium(void **state)
{
	uint8_t msg[300], want[GYL_SHA256_LEN], got[GYL_SHA256_LEN];

	(void)state;
	assert_true(sodium_init() >= 0);
	for (size_t len = 0; len <= sizeof msg; len++) {
		struct gyl_sha256 s;
		size_t cut = len / 3;

		randombytes_buf(msg, sizeof msg);
		crypto_hash_sha256(want, msg, len);
		gyl_sha256_init(&s, 0);
		gyl_sha256_update(&s, msg, cut);
		gyl_sha256_update(&s, msg + cut, len - cut);
		gyl_sha256_final(&s, got);
		assert_memory_equal(got, want, sizeof want);
	}
}
#endif

/* HMAC will hash two endings of one beginning. */
static void copy_goes_on(void **state)
{
	struct gyl_sha256 s, copy;
	uint8_t want[GYL_SHA256_LEN], got[GYL_SHA256_LEN];

	(void)state;
	gyl_sha256_init(&s, 0);
	gyl_sha256_update(&s, "ab", 2);
	copy = s;
	gyl_sha256_update(&s, "x", 1);
	gyl_sha256_update(&copy, "c", 1);
	gyl_sha256_final(&copy, got);
	digest(gyl_view_str("abc"), want);
	assert_memory_equal(got, want, sizeof want);
}

static void final_wipes(void **state)
{
	static const struct gyl_sha256 zero;
	struct gyl_sha256 s;
	uint8_t got[GYL_SHA256_LEN];

	(void)state;
	memset(&s, 0, sizeof s);
	gyl_sha256_init(&s, 0);
	gyl_sha256_update(&s, "secret", 6);
	gyl_sha256_final(&s, got);
	assert_memory_equal(&s, &zero, sizeof s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(million),
#ifndef GYL_NO_LIBSODIUM
		cmocka_unit_test(as_libsodium),
#endif
		cmocka_unit_test(copy_goes_on),
		cmocka_unit_test(final_wipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
