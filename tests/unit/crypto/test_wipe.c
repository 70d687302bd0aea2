/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"
#include "tests/support/wipe.h"

#include <gyl/aes256.h>
#include <gyl/chacha20.h>
#include <gyl/ct.h>
#include <gyl/fortuna.h>
#include <gyl/hkdf.h>
#include <gyl/password.h>
#include <gyl/rng.h>
#include <stdlib.h>

#include "crypto/src/bits.h"
#include "tests/support/kernels.h"

/*
 * What calls leave behind on their stack, on every kernel, and what objects still hold when they
 * are done. Registers are nobody's to promise (crypto/docs/README.md), so nobody looks at them.
 */

/* How deep a call may go: what a guest's stack has to have. */
#define STACK_MAX 8192

static uint8_t secret[128], out[4096];
static const uint8_t nonce[GYL_CHACHA20_NONCE_LEN] = "no secret";

static void skip_unless_possible(void)
{
	if (wipe_possible())
		return;
	print_message("SKIP: sanitizers put what they like on the stack\n");
	skip();
}

/* The judge first: what it has to find, it finds. */

static void leaves_it(void *arg)
{
	uint8_t copy[32];

	(void)arg;
	memcpy(copy, secret, sizeof copy);
	__asm__ volatile("" : : "r"(copy) : "memory");
}

static void leaves_words(void *arg)
{
	uint32_t word[8];

	(void)arg;
	for (size_t i = 0; i < 8; i++)
		word[i] = gyl__load32_be(secret + 4 * i);
	__asm__ volatile("" : : "r"(word) : "memory");
}

/* Not the secret, but what was made of it. */
static void leaves_sum(void *arg)
{
	volatile uint8_t sum = 0;

	(void)arg;
	for (size_t i = 0; i < 32; i++)
		sum = (uint8_t)(sum * 3 + secret[i]);
}

static void leaves_nothing(void *arg)
{
	uint8_t copy[32];

	(void)arg;
	memcpy(copy, secret, sizeof copy);
	gyl_wipe(copy, sizeof copy);
}

static void the_judge_sees(void **state)
{
	static const struct {
		void (*run)(void *);
		bool literal, differing;
	} cases[] = {
		{leaves_it, true, true},
		{leaves_words, true, true},
		{leaves_sum, false, true},
		{leaves_nothing, false, false},
	};

	(void)state;
	skip_unless_possible();
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct wipe_left left = wipe_stack(cases[i].run, NULL, secret, 32);

		assert_int_equal(left.literal, cases[i].literal);
		assert_int_equal(left.differing_cnt != 0, cases[i].differing);
		assert_true(left.used_len > 0 && left.used_len < 4096);
	}
	assert_true(wipe_has(secret, 32, secret + 5, 8));
	assert_false(wipe_has(secret, 12, secret + 5, 8));
}

struct call {
	const char *name;
	void (*run)(void *call);
	bool (*wiped)(const struct call *c); /* are its objects? Asked on another stack */
	int with;                            /* an #gyl_hash or what else the call is told */
	uint32_t cpu;
};

static bool nothing_to_wipe(const struct call *c)
{
	(void)c;
	return true;
}

static void chacha20_blocks(void *arg)
{
	const struct call *c = arg;
	uint64_t counter[2] = {1, 0};

	gyl_chacha20_blocks(c->cpu, secret, counter, out, 16);
}

static void chacha20_xor(void *arg)
{
	const struct call *c = arg;

	gyl_chacha20_xor(c->cpu, secret, nonce, 1, secret + 32, out, 63);
}

static void aes256(void *arg)
{
	static struct gyl_aes256 a;
	const struct call *c = arg;
	uint64_t counter[2] = {1, 0};

	gyl_aes256_init(&a, c->cpu, secret);
	gyl_aes256_encrypt(&a, secret + 32, out);
	gyl_aes256_blocks(&a, counter, out, 9);
}

static struct gyl_hmac_key mac_key;

static void hmac_key(void *arg)
{
	const struct call *c = arg;

	gyl_hmac_key_init(&mac_key, (enum gyl_hash)c->with, c->cpu, secret, 64);
}

static void hmac_long_key(void *arg)
{
	const struct call *c = arg;

	gyl_hmac_key_init(&mac_key, (enum gyl_hash)c->with, c->cpu, secret, sizeof secret);
}

static struct gyl_hmac mac;

static bool mac_wiped(const struct call *c)
{
	(void)c;
	return wipe_is_zero(&mac, sizeof mac);
}

static void hmac(void *arg)
{
	const struct call *c = arg;

	gyl_hmac_key_init(&mac_key, (enum gyl_hash)c->with, c->cpu, secret, 20);
	gyl_hmac_init(&mac, &mac_key);
	gyl_hmac_update(&mac, secret + 20, 108);
	gyl_hmac_final(&mac, out);
}

static void hkdf(void *arg)
{
	const struct call *c = arg;

	gyl_hkdf((enum gyl_hash)c->with, c->cpu, secret, 40, nonce, sizeof nonce, "use", 3, out,
		150);
}

static void pbkdf2(void *arg)
{
	const struct call *c = arg;

	gyl_pbkdf2((enum gyl_hash)c->with, c->cpu, secret, 24, nonce, sizeof nonce, 7, out, 150);
}

static struct gyl_pbkdf2 cut_pbkdf2;

static bool pbkdf2_wiped(const struct call *c)
{
	(void)c;
	return wipe_is_zero(&cut_pbkdf2, sizeof cut_pbkdf2) && wipe_is_zero(out, 150);
}

/* Given up in the middle of the second block. */
static void pbkdf2_cut(void *arg)
{
	const struct call *c = arg;

	gyl_pbkdf2_begin(&cut_pbkdf2, (enum gyl_hash)c->with, c->cpu, secret, 24, nonce,
		sizeof nonce, 7, out, 150);
	gyl_pbkdf2_step(&cut_pbkdf2, 10);
	gyl_pbkdf2_end(&cut_pbkdf2);
}

static const struct gyl_scrypt_cost costs[] = {{16, 8, 1}, {16, 2, 4}};
static uint8_t scratch[128 * 1024] __attribute__((aligned(GYL_SCRYPT_ALIGN)));

static struct gyl_scrypt cut_scrypt;

static bool scratch_wiped(const struct call *c)
{
	(void)c;
	return wipe_is_zero(scratch, sizeof scratch);
}

static bool scrypt_wiped(const struct call *c)
{
	return wipe_is_zero(&cut_scrypt, sizeof cut_scrypt) && scratch_wiped(c) &&
	       wipe_is_zero(out, 150);
}

static void scrypt(void *arg)
{
	const struct call *c = arg;

	gyl_scrypt(c->cpu, secret, 24, nonce, sizeof nonce, &costs[c->with], out, 150, scratch,
		sizeof scratch, 0);
}

/* Given up while it mixes. */
static void scrypt_cut(void *arg)
{
	const struct call *c = arg;

	gyl_scrypt_begin(&cut_scrypt, c->cpu, secret, 24, nonce, sizeof nonce, &costs[c->with], out,
		150, scratch, sizeof scratch, 0);
	for (int i = 0; i < 20; i++)
		gyl_scrypt_step(&cut_scrypt, 1);
	gyl_scrypt_end(&cut_scrypt);
}

static struct gyl_password stored;

/* The stored hash is not that of the secret: a verdict is the same for any of them. */
static void verify(void *arg)
{
	const struct call *c = arg;

	memset(&stored, 0, sizeof stored);
	stored.kind = (uint8_t)c->with;
	stored.cost = costs[0];
	stored.iter_cnt = GYL_PASSWORD_ITER_MIN;
	stored.salt_len = stored.hash_len = 32;
	if (gyl_password_verify(&stored, c->cpu, secret, 24, scratch, sizeof scratch) !=
		GYL_CRYPTO_E_MISMATCH)
		abort();
}

static struct gyl_rng rng;

static bool rng_took(const struct call *c)
{
	(void)c;
	return !wipe_has(&rng, sizeof rng, secret, sizeof secret);
}

/* Of what came out, nothing is left. */
static bool rng_gave(const struct call *c)
{
	return rng_took(c) && !wipe_has(&rng, sizeof rng, out, 991);
}

static void rng_reseed(void *arg)
{
	const struct call *c = arg;

	gyl_rng_init(&rng, (enum gyl_rng_kind)c->with, c->cpu, 0);
	gyl_rng_reseed(&rng, secret, sizeof secret);
}

/* Short ones, over the end of a batch, one that gets a key of its own, and nearly all of a batch.
 */
static void rng_read(void *arg)
{
	static uint64_t number;

	rng_reseed(arg);
	for (size_t len = 1; len < 60; len++)
		gyl_rng_read(&rng, out, len);
	/* A machine of 32 bits keeps halves of these, which are the caller's, in memory. */
	if (sizeof(void *) == 8) {
		gyl_rng_u64(&rng, &number);
		gyl_rng_below(&rng, 1000, &number);
	}
	gyl_rng_read(&rng, out, sizeof out - 1);
	gyl_rng_drop(&rng);
	gyl_rng_read(&rng, out, 991);
}

static bool rng_wiped(const struct call *c)
{
	(void)c;
	return wipe_is_zero(rng.key, sizeof rng.key) && wipe_is_zero(rng.batch, sizeof rng.batch) &&
	       (rng.counter[0] | rng.counter[1]) == 0;
}

static void rng_end(void *arg)
{
	rng_read(arg);
	gyl_rng_wipe(&rng);
}

static struct gyl_fortuna generator;

static bool fortuna_wiped(const struct call *c)
{
	(void)c;
	return wipe_is_zero(generator.pool, sizeof generator.pool) &&
	       wipe_is_zero(generator.secret, sizeof generator.secret) &&
	       wipe_is_zero(generator.rng.key, sizeof generator.rng.key);
}

static void fortuna(void *arg)
{
	const struct call *c = arg;

	gyl_fortuna_init(&generator, c->cpu, GYL_FORTUNA_NO_HEDGE);
	for (size_t i = 0; i < 64; i++)
		gyl_fortuna_event(&generator, 1, secret + i, 32, 32000);
	gyl_fortuna_read(&generator, 1, out, 64);
	gyl_fortuna_seed_make(&generator, 2, out);
	gyl_fortuna_wipe(&generator);
}

static const struct call calls[] = {
	{"chacha20_blocks", chacha20_blocks, nothing_to_wipe, 0, 0},
	{"chacha20_xor", chacha20_xor, nothing_to_wipe, 0, 0},
	{"aes256", aes256, nothing_to_wipe, 0, 0},
	{"hmac_key sha1", hmac_key, nothing_to_wipe, GYL_HASH_SHA1, 0},
	{"hmac_key sha256", hmac_key, nothing_to_wipe, GYL_HASH_SHA256, 0},
	{"hmac_key sha512", hmac_key, nothing_to_wipe, GYL_HASH_SHA512, 0},
	{"hmac_key sha256, hashed", hmac_long_key, nothing_to_wipe, GYL_HASH_SHA256, 0},
	{"hmac sha1", hmac, mac_wiped, GYL_HASH_SHA1, 0},
	{"hmac sha256", hmac, mac_wiped, GYL_HASH_SHA256, 0},
	{"hmac sha512", hmac, mac_wiped, GYL_HASH_SHA512, 0},
	{"hmac sha224", hmac, mac_wiped, GYL_HASH_SHA224, 0},
	{"hmac sha384", hmac, mac_wiped, GYL_HASH_SHA384, 0},
	{"hkdf sha256", hkdf, nothing_to_wipe, GYL_HASH_SHA256, 0},
	{"hkdf sha512", hkdf, nothing_to_wipe, GYL_HASH_SHA512, 0},
	{"pbkdf2 sha1", pbkdf2, nothing_to_wipe, GYL_HASH_SHA1, 0},
	{"pbkdf2 sha256", pbkdf2, nothing_to_wipe, GYL_HASH_SHA256, 0},
	{"pbkdf2 sha512", pbkdf2, nothing_to_wipe, GYL_HASH_SHA512, 0},
	{"pbkdf2 sha256, given up", pbkdf2_cut, pbkdf2_wiped, GYL_HASH_SHA256, 0},
	{"scrypt 16,8,1", scrypt, scratch_wiped, 0, 0},
	{"scrypt 16,2,4", scrypt, scratch_wiped, 1, 0},
	{"scrypt 16,8,1, given up", scrypt_cut, scrypt_wiped, 0, 0},
	{"scrypt 16,2,4, given up", scrypt_cut, scrypt_wiped, 1, 0},
	{"verify scrypt", verify, scratch_wiped, GYL_PASSWORD_SCRYPT, 0},
	{"verify pbkdf2", verify, nothing_to_wipe, GYL_PASSWORD_PBKDF2_SHA256, 0},
	{"rng_reseed", rng_reseed, rng_took, GYL_RNG_CHACHA20, 0},
	{"rng_read", rng_read, rng_gave, GYL_RNG_CHACHA20, 0},
	{"rng_read, strict", rng_read, rng_gave, GYL_RNG_CHACHA20_STRICT, 0},
	{"rng_read, AES-256", rng_read, rng_gave, GYL_RNG_AES256, 0},
	{"rng_wipe", rng_end, rng_wiped, GYL_RNG_CHACHA20, 0},
	{"fortuna", fortuna, fortuna_wiped, 0, 0},
};

static bool clean(const struct call *c, const char *kernel, const struct wipe_left *left)
{
	bool good = !left->literal && left->differing_cnt == 0 && left->used_len < STACK_MAX;

	if (!good || getenv("GYL_WIPE_SHOW") != NULL)
		print_message("%s, %s: %zu octets of stack; %zu depend on the secret, the first at "
			      "%zu%s\n",
			c->name, kernel, left->used_len, left->differing_cnt, left->differing_at,
			left->literal ? "; some are the secret" : "");
	return good;
}

static void stacks_are_clean(void **state)
{
	unsigned bad_cnt = 0;

	(void)state;
	skip_unless_possible();
	for (size_t k = 0; k < KERNELS_CNT; k++) {
		for (size_t i = 0; kernels_here(&kernels[k]) && i < TEST_CNT(calls); i++) {
			struct call c = calls[i];
			struct wipe_left left;

			c.cpu = kernels[k].cpu;
			left = wipe_stack(c.run, &c, secret, sizeof secret);
			bad_cnt += !clean(&c, kernels[k].name, &left);
			if (!c.wiped(&c))
				fail_msg("%s, %s: an object is not wiped", c.name, kernels[k].name);
		}
	}
	assert_int_equal(bad_cnt, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_judge_sees),
		cmocka_unit_test(stacks_are_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
