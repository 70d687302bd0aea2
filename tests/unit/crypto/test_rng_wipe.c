/* SPDX-License-Identifier: ISC */

/* What the generator and Fortuna leave on the stack of keys, seeds, events and output: nothing,
 * with every kernel. */

#include "tests/support/support.h"

#include <gyl/fortuna.h>
#include <stdlib.h>

#include "tests/support/kernels.h"
#include "tests/support/wipe.h"

enum {
	STACK_MAX = 16 * 1024, /* who needs more had better say so */
#if defined(__x86_64__)
	NUMBER_LEFT = 0,
	POOL_LEFT = 1 /* the number of the last pool, which the object tells as well */
#else
	NUMBER_LEFT = 16, /* with few registers, the numbers that were given */
	POOL_LEFT = 8     /* or its address */
#endif
};

static uint8_t secret[64], out[5000];
static uint64_t number;
static uint32_t number32;
static uint16_t number16;
static struct gyl_rng rng;
static struct gyl_fortuna fortuna;

struct call {
	const char *name;
	void (*run)(void *arg);
	enum gyl_rng_kind kind;
	size_t len;
	size_t may_differ; /* octets that may depend on the secret */
	uint32_t cpu;
};

static void rng_set(const struct call *c)
{
	gyl_rng_init(&rng, c->kind, c->cpu, 0);
	memcpy(rng.key, secret, sizeof rng.key);
	rng.counter[0] = 1;
}

static void read_once(void *arg)
{
	const struct call *c = arg;

	rng_set(c);
	gyl_rng_read(&rng, out, c->len);
}

/* Short requests, the second and third out of the batch. */
static void read_again(void *arg)
{
	const struct call *c = arg;

	rng_set(c);
	for (unsigned i = 0; i < 3; i++)
		gyl_rng_read(&rng, out, c->len);
}

static void reseed(void *arg)
{
	rng_set(arg);
	gyl_rng_reseed(&rng, secret, sizeof secret);
}

static void drop(void *arg)
{
	rng_set(arg);
	gyl_rng_drop(&rng);
}

static void numbers(void *arg)
{
	rng_set(arg);
	for (unsigned i = 0; i < 3; i++) {
		gyl_rng_u16(&rng, &number16);
		gyl_rng_u32(&rng, &number32);
		gyl_rng_u64(&rng, &number);
		gyl_rng_below(&rng, 1000, &number);
	}
}

static void fortuna_set(const struct call *c)
{
	gyl_fortuna_init(&fortuna, c->cpu, GYL_FORTUNA_NO_HEDGE);
	gyl_fortuna_seed(&fortuna, secret, sizeof secret, 256);
}

static void events(void *arg)
{
	fortuna_set(arg);
	for (unsigned i = 0; i < 64; i++) {
		gyl_fortuna_event(&fortuna, 1, secret, 1 + i, 0);
		gyl_fortuna_event_to(&fortuna, 1, 0, secret + 32, 32, 0);
	}
}

static void fortuna_read(void *arg)
{
	fortuna_set(arg);
	gyl_fortuna_event_to(&fortuna, 1, 0, secret, 32, 0);
	gyl_fortuna_event_to(&fortuna, 1, 0, secret + 32, 32, 0);
	gyl_fortuna_read(&fortuna, 1, out, 16);
}

static void parting(void *arg)
{
	fortuna_set(arg);
	gyl_fortuna_fork_child(&fortuna, 1);
	gyl_fortuna_vm_epoch(&fortuna, "id", 2);
	gyl_fortuna_seed_make(&fortuna, 1, out);
	gyl_rng_init(&rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_fortuna_child(&fortuna, 1, &rng);
}

static const struct call calls[] = {
	{"read of 8", read_again, GYL_RNG_CHACHA20, 8, 0, 0},
	{"read of 16", read_again, GYL_RNG_CHACHA20, 16, 0, 0},
	{"read of 31", read_again, GYL_RNG_CHACHA20, 31, 0, 0},
	{"read of 500", read_again, GYL_RNG_CHACHA20, 500, 0, 0},
	{"read of 5000", read_once, GYL_RNG_CHACHA20, 5000, 0, 0},
	{"strict read of 16", read_once, GYL_RNG_CHACHA20_STRICT, 16, 0, 0},
	{"strict read of 5000", read_once, GYL_RNG_CHACHA20_STRICT, 5000, 0, 0},
	{"AES read of 16", read_once, GYL_RNG_AES256, 16, 0, 0},
	{"AES read of 5000", read_once, GYL_RNG_AES256, 5000, 0, 0},
	{"reseed", reseed, GYL_RNG_CHACHA20, 0, 0, 0},
	{"drop", drop, GYL_RNG_CHACHA20, 0, 0, 0},
	{"strict drop", drop, GYL_RNG_CHACHA20_STRICT, 0, 0, 0},
	{"AES drop", drop, GYL_RNG_AES256, 0, 0, 0},
	{"numbers", numbers, GYL_RNG_CHACHA20, 0, NUMBER_LEFT, 0},
	{"strict numbers", numbers, GYL_RNG_CHACHA20_STRICT, 0, NUMBER_LEFT, 0},
	{"events", events, GYL_RNG_CHACHA20, 0, POOL_LEFT, 0},
	{"reseed from pools", fortuna_read, GYL_RNG_CHACHA20, 0, 0, 0},
	{"fork, clone, seed, child", parting, GYL_RNG_CHACHA20, 0, 0, 0},
};

static void stacks_are_clean(void **state)
{
	unsigned bad_cnt = 0;

	(void)state;
	if (!wipe_possible())
		skip();
	for (size_t i = 0; i < TEST_CNT(calls) * KERNELS_CNT; i++) {
		const struct kernels *k = &kernels[i % KERNELS_CNT];
		struct call c = calls[i / KERNELS_CNT];
		struct wipe_left left;

		if (!kernels_here(k))
			continue;
		c.cpu = k->cpu;
		left = wipe_stack(c.run, &c, secret, sizeof secret);
		if (!left.literal && left.differing_cnt <= c.may_differ &&
			left.used_len < STACK_MAX)
			continue;
		print_message("%s, %s: %zu octets of stack; %zu depend on the secret, the first at "
			      "%zu%s\n",
			c.name, k->name, left.used_len, left.differing_cnt, left.differing_at,
			left.literal ? "; some are the secret" : "");
		bad_cnt++;
	}
	assert_int_equal(bad_cnt, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_are_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
