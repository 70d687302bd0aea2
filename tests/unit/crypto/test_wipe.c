/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"
#include "tests/support/wipe.h"

#include <gyl/aes256.h>
#include <gyl/chacha20.h>
#include <gyl/ct.h>
#include <gyl/hkdf.h>
#include <stdlib.h>

#include "crypto/src/bits.h"
#include "tests/support/kernels.h"

/*
 * What calls leave behind on their stack, on every kernel, and what objects still hold when they
 * are done. Registers are nobody's to promise (crypto/docs/README.md), so nobody looks at them.
 */

/* How deep a call may go: what a guest's stack has to have. */
#define STACK_MAX 6144

static uint8_t secret[128], out[4096];
static bool done; /* did the call wipe its objects? */
static const uint8_t nonce[GYL_CHACHA20_NONCE_LEN] = "no secret";

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
	if (!wipe_possible())
		skip();
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
	int with; /* an #gyl_hash or what else the call is told */
	uint32_t cpu;
};

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

static void hmac(void *arg)
{
	static struct gyl_hmac m;
	const struct call *c = arg;

	gyl_hmac_key_init(&mac_key, (enum gyl_hash)c->with, c->cpu, secret, 20);
	gyl_hmac_init(&m, &mac_key);
	gyl_hmac_update(&m, secret + 20, 108);
	gyl_hmac_final(&m, out);
	done = wipe_is_zero(&m, sizeof m);
}

static void hkdf(void *arg)
{
	const struct call *c = arg;

	gyl_hkdf((enum gyl_hash)c->with, c->cpu, secret, 40, nonce, sizeof nonce, "use", 3, out,
		150);
}

static const struct call calls[] = {
	{"chacha20_blocks", chacha20_blocks, 0, 0},
	{"chacha20_xor", chacha20_xor, 0, 0},
	{"aes256", aes256, 0, 0},
	{"hmac_key sha1", hmac_key, GYL_HASH_SHA1, 0},
	{"hmac_key sha256", hmac_key, GYL_HASH_SHA256, 0},
	{"hmac_key sha512", hmac_key, GYL_HASH_SHA512, 0},
	{"hmac_key sha256, hashed", hmac_long_key, GYL_HASH_SHA256, 0},
	{"hmac sha1", hmac, GYL_HASH_SHA1, 0},
	{"hmac sha256", hmac, GYL_HASH_SHA256, 0},
	{"hmac sha512", hmac, GYL_HASH_SHA512, 0},
	{"hkdf sha256", hkdf, GYL_HASH_SHA256, 0},
	{"hkdf sha512", hkdf, GYL_HASH_SHA512, 0},
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
	if (!wipe_possible())
		skip();
	for (size_t k = 0; k < KERNELS_CNT; k++) {
		for (size_t i = 0; kernels_here(&kernels[k]) && i < TEST_CNT(calls); i++) {
			struct call c = calls[i];
			struct wipe_left left;

			c.cpu = kernels[k].cpu;
			done = true;
			left = wipe_stack(c.run, &c, secret, sizeof secret);
			bad_cnt += !clean(&c, kernels[k].name, &left);
			assert_true(done);
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
