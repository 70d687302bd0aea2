/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/hash.h>

#include "tests/support/kernels.h"
#include "tests/unit/crypto/hashes.h"

/* Each of the cases with every hash and kernel that there is. */
static void each_kernel(void (*fn)(enum gyl_hash hash, uint32_t cpu))
{
	for (size_t k = 0; k < KERNELS_CNT; k++) {
		if (!kernels_here(&kernels[k])) {
			print_message("%s: not on this processor\n", kernels[k].name);
			continue;
		}
		fn(GYL_HASH_SHA1, kernels[k].cpu);
		fn(GYL_HASH_SHA256, kernels[k].cpu);
		fn(GYL_HASH_SHA512, kernels[k].cpu);
		fn(GYL_HASH_SHA224, kernels[k].cpu);
		fn(GYL_HASH_SHA384, kernels[k].cpu);
	}
}

static void digest_is(enum gyl_hash hash, const uint8_t *got, const char *hex)
{
	uint8_t want[GYL_HASH_LEN_MAX];

	assert_int_equal(hex_bytes(hex, want, sizeof want), gyl_hash_len(hash));
	assert_memory_equal(got, want, gyl_hash_len(hash));
}

static void names_and_lengths(void **state)
{
	static const struct {
		int hash;
		const char *name;
		size_t len, block_len;
	} cases[] = {
		{GYL_HASH_SHA1, "sha1", 20, 64},
		{GYL_HASH_SHA256, "sha256", 32, 64},
		{GYL_HASH_SHA512, "sha512", 64, 128},
		{GYL_HASH_SHA224, "sha224", 28, 64},
		{GYL_HASH_SHA384, "sha384", 48, 128},
		{5, NULL, 0, 0},
		{-1, NULL, 0, 0},
		{256, NULL, 0, 0},
		{INT32_MAX, NULL, 0, 0},
		{INT32_MIN, NULL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		enum gyl_hash hash = (enum gyl_hash)cases[i].hash;
		const char *name = gyl_hash_name(hash);

		assert_int_equal(gyl_hash_len(hash), cases[i].len);
		assert_int_equal(gyl_hash_block_len(hash), cases[i].block_len);
		if (cases[i].name == NULL)
			assert_null(name);
		else
			assert_string_equal(name, cases[i].name);
	}
}

/* The examples of FIPS 180-4 and of NIST's "example values" for it. */
static const struct {
	enum gyl_hash hash;
	const char *text, *digest;
} published[] = {
#define TEXT56 "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define TEXT112                                                    \
	"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn" \
	"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
	{GYL_HASH_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{GYL_HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{GYL_HASH_SHA1, TEXT56, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
	{GYL_HASH_SHA1, TEXT112, "a49b2446a02c645bf419f995b67091253a04a259"},
	{GYL_HASH_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{GYL_HASH_SHA256, "abc",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{GYL_HASH_SHA256, TEXT56,
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{GYL_HASH_SHA256, TEXT112,
		"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
	{GYL_HASH_SHA512, "",
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
		"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
	{GYL_HASH_SHA512, "abc",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	{GYL_HASH_SHA512, TEXT56,
		"204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
		"96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"},
	{GYL_HASH_SHA512, TEXT112,
		"8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
		"501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"},
	{GYL_HASH_SHA224, "", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"},
	{GYL_HASH_SHA224, "abc", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
	{GYL_HASH_SHA224, TEXT56, "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525"},
	{GYL_HASH_SHA224, TEXT112, "c97ca9a559850ce97a04a96def6d99a9e0e0e2ab14e6b8df265fc0b3"},
	{GYL_HASH_SHA384, "",
		"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
		"274edebfe76f65fbd51ad2f14898b95b"},
	{GYL_HASH_SHA384, "abc",
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		"8086072ba1e7cc2358baeca134c825a7"},
	{GYL_HASH_SHA384, TEXT56,
		"3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6"
		"b0455a8520bc4e6f5fe95b1fe3c8452b"},
	{GYL_HASH_SHA384, TEXT112,
		"09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712"
		"fcc7c71a557e2db966c3e9fa91746039"},
};

static void published_by(enum gyl_hash hash, uint32_t cpu)
{
	for (size_t i = 0; i < TEST_CNT(published); i++) {
		struct gyl_view text = gyl_view_str(published[i].text);
		uint8_t got[GYL_HASH_LEN_MAX];

		if (published[i].hash != hash)
			continue;
		any_digest(hash, cpu, text.p, text.len, got);
		digest_is(hash, got, published[i].digest);
	}
}

static void published_examples(void **state)
{
	(void)state;
	each_kernel(published_by);
}

/* In pieces of every size that falls on and off the block. */
static void million_by(enum gyl_hash hash, uint32_t cpu)
{
	static const char *const want[] = {
		"34aa973cd4c4daa4f61eeb2bdbad27316534016f",
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
		("e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
		 "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"),
		"20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67",
		("9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b"
		 "07b8b3dc38ecc4ebae97ddd87f3d8985"),
	};
	uint8_t a[400], got[GYL_HASH_LEN_MAX];
	size_t left = 1000000, piece = 0;
	struct any_hash s;

	memset(a, 'a', sizeof a);
	any_init(&s, hash, cpu);
	while (left != 0) {
		size_t take = piece++ % sizeof a;

		take = take < left ? take : left;
		any_update(&s, a, take);
		left -= take;
	}
	any_final(&s, got);
	digest_is(hash, got, want[hash]);
}

static void million_a(void **state)
{
	(void)state;
	each_kernel(million_by);
}

static void pattern_digest(
	enum gyl_hash hash, uint32_t cpu, struct gyl_view msg, size_t piece, uint8_t *ret_digest)
{
	struct any_hash s;

	any_init(&s, hash, cpu);
	for (size_t off = 0; off < msg.len; off += piece)
		any_update(&s, msg.p + off, msg.len - off < piece ? msg.len - off : piece);
	any_final(&s, ret_digest);
}

/* Every length from 0 to 300 in pieces of every kind: the digest of all their digests is known.
 * Each ends where an inaccessible page begins. */
static void lengths_by(enum gyl_hash hash, uint32_t cpu)
{
	static const size_t pieces[] = {1, 3, 31, 63, 64, 65, 127, 128, 129, 191, 300};
	static const char *const want[] = {
		"2fb6595ec94dd7b8ff416495c4fc17417032167c",
		"e8daa57f3b38a133281bbbaaf1aeaecc1dafe5e69e35f0200846518bab1da648",
		("64fcbea832899360472557ad58e13b4cc5e54b9ee0e3de85c637afad066015be"
		 "d1ed432949ddffbb04175b136ff5d92edcbb4367eb9da35fb6e4fced911e7fcd"),
		"6478558b6c838567061c483e28bf1d2160d452b612635b58a05dfa87",
		("33c5740eaf1d8638eb25a4ea714d7db681ee6009529eff58ef1000a75450bf52"
		 "24ccce3a71bd1c5cdac276e2922ebe11"),
	};
	uint8_t msg[300] = {0}, got[GYL_HASH_LEN_MAX];
	struct guard g;

	guard_open(&g, gyl_view(msg, sizeof msg));
	for (size_t k = 0; k < TEST_CNT(pieces); k++) {
		struct any_hash all;

		any_init(&all, hash, cpu);
		for (size_t len = 0; len <= sizeof msg; len++) {
			uint8_t *p = g.map + (g.view.p - g.map) + (sizeof msg - len);

			pattern_fill(p, len);
			pattern_digest(hash, cpu, gyl_view(p, len), pieces[k], got);
			any_update(&all, got, gyl_hash_len(hash));
		}
		any_final(&all, got);
		digest_is(hash, got, want[hash]);
	}
	guard_close(&g);
}

static void every_length(void **state)
{
	(void)state;
	each_kernel(lengths_by);
}

static uint64_t *len_of(struct any_hash *s)
{
	switch (s->hash) {
	case GYL_HASH_SHA1:
		return &s->s.sha1.len;
	case GYL_HASH_SHA224:
	case GYL_HASH_SHA256:
		return &s->s.sha256.len;
	default:
		return &s->s.sha512.len;
	}
}

/*
 * "abc" behind so many octets that their number has more than 32 bits, that of their bits more than
 * 64 (SHA-512's has 128). Nobody has the time to hash these: the counter is set, on a whole block,
 * as it was in OpenSSL's SHA1_CTX and its kin for the answers.
 */
static void long_by(enum gyl_hash hash, uint32_t cpu)
{
	static const struct {
		enum gyl_hash hash;
		uint64_t len;
		const char *digest;
	} cases[] = {
		{GYL_HASH_SHA1, 1ull << 32, "8f9f19f7e61616973b7d7218ab3dd237973eb778"},
		{GYL_HASH_SHA1, 1ull << 60, "976ad03682e3ac305c683a8300f4c8f2b9c216e3"},
		{GYL_HASH_SHA256, 1ull << 32,
			"8267cd2abfacc0728163d6fb04593e11257a935c59b44d4f657145c3eaef6ff1"},
		{GYL_HASH_SHA256, 1ull << 60,
			"a346cbab2f5a07e251516c996c331d0b653825d2895e902bf3934a0267dc54ee"},
		{GYL_HASH_SHA512, 1ull << 32,
			"eff1cd1839ba29bbf976ad43a6ceda6ef2dd373812a5e22dffb67c1231dc7308"
			"08254e8a9a1f00fd959dd7ef4d5f42b68a3de359e7aaf5689411146c3f1460a4"},
		{GYL_HASH_SHA512, 6ull << 61,
			"4d45b0221918d8e21d5816d605659474394e834caf11169da101d6911182d42b"
			"9e7f3b0e265e2db87c5e3a189ed40651c3fbb689224b410af395059d5dc99a19"},
	};

	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t got[GYL_HASH_LEN_MAX];
		struct any_hash s;

		if (cases[i].hash != hash)
			continue;
		any_init(&s, hash, cpu);
		*len_of(&s) = cases[i].len;
		any_update(&s, "abc", 3);
		any_final(&s, got);
		digest_is(hash, got, cases[i].digest);
	}
}

static void very_long(void **state)
{
	(void)state;
	each_kernel(long_by);
}

/* Several endings of one beginning. */
static void copy_by(enum gyl_hash hash, uint32_t cpu)
{
	uint8_t msg[200], want[GYL_HASH_LEN_MAX], got[GYL_HASH_LEN_MAX];
	struct any_hash s, copy;

	pattern_fill(msg, sizeof msg);
	any_init(&s, hash, cpu);
	any_update(&s, msg, 150);
	copy = s;
	any_update(&s, "something else", 14);
	any_final(&s, got);
	any_update(&copy, msg + 150, 50);
	any_final(&copy, got);
	any_digest(hash, cpu, msg, sizeof msg, want);
	assert_memory_equal(got, want, gyl_hash_len(hash));
}

static void copy_goes_on(void **state)
{
	(void)state;
	each_kernel(copy_by);
}

static void wiped_by(enum gyl_hash hash, uint32_t cpu)
{
	static const struct any_hash zero;
	uint8_t got[GYL_HASH_LEN_MAX];
	struct any_hash s;

	memset(&s, 0, sizeof s);
	any_init(&s, hash, cpu);
	any_update(&s, "secret", 6);
	any_final(&s, got);
	assert_memory_equal(&s.s, &zero.s, sizeof s.s);
}

static void final_wipes(void **state)
{
	(void)state;
	each_kernel(wiped_by);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_lengths),
		cmocka_unit_test(published_examples),
		cmocka_unit_test(million_a),
		cmocka_unit_test(every_length),
		cmocka_unit_test(very_long),
		cmocka_unit_test(copy_goes_on),
		cmocka_unit_test(final_wipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
