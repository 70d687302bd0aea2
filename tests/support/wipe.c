/* SPDX-License-Identifier: ISC */
#include "tests/support/wipe.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum {
	STACK_LEN = 256 * 1024,
	GAP_LEN = 512,
	PATTERN = 0xa7,
	WINDOW = 8,
	SECRET_MAX = 1024
};

static uint8_t stack[STACK_LEN] __attribute__((aligned(64)));
static uint8_t before[STACK_LEN];
static ucontext_t home, away, fresh;
static bool fresh_is_made;
static struct {
	void (*run)(void *);
	void *arg;
} call;

bool wipe_possible(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return false;
#elif defined(__has_feature)
	return !__has_feature(address_sanitizer);
#else
	return true;
#endif
}

/* The gap is for what comes after run(): going back writes on this stack, too. */
static void enter(void)
{
	uint8_t gap[GAP_LEN];

	__asm__ volatile("" : : "r"(gap) : "memory");
	call.run(call.arg);
	__asm__ volatile("" : : "r"(gap) : "memory");
}

static void on_stack(void (*run)(void *), void *arg)
{
	call.run = run;
	call.arg = arg;
	memset(stack, PATTERN, sizeof stack);
	/* Once: registers of ours that the call saves have to be the same in every run. */
	if (!fresh_is_made && getcontext(&fresh) != 0)
		abort();
	fresh_is_made = true;
	away = fresh;
	away.uc_stack.ss_sp = stack;
	away.uc_stack.ss_size = sizeof stack;
	away.uc_link = &home;
	makecontext(&away, enter, 0);
	if (swapcontext(&home, &away) != 0)
		abort();
}

/* Octets that look random: no run of eight is in any other place, or zero. */
static void fill(uint8_t *secret, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		secret[i] = (uint8_t)(seed >> 56);
	}
}

static bool found(const uint8_t *memory, size_t memory_len, const uint8_t *form, size_t len)
{
	for (size_t at = 0; at + WINDOW <= len; at++) {
		for (const uint8_t *p = memory; memory_len >= WINDOW; p++) {
			size_t left = memory_len - WINDOW + 1 - (size_t)(p - memory);

			p = left == 0 ? NULL : memchr(p, form[at], left);
			if (p == NULL)
				break;
			if (memcmp(p, form + at, WINDOW) == 0)
				return true;
		}
	}
	return false;
}

/* Words of `word` octets, turned round. */
static size_t turned(uint8_t *form, const uint8_t *in, size_t len, size_t word)
{
	len -= len % word;
	for (size_t i = 0; i < len; i++)
		form[i] = in[i - i % word + word - 1 - i % word];
	return len;
}

static size_t doubled(uint8_t *form, const uint8_t *in, size_t len)
{
	len -= len % 4;
	for (size_t i = 0; i < len; i += 4) {
		memcpy(form + 2 * i, in + i, 4);
		memcpy(form + 2 * i + 4, in + i, 4);
	}
	return 2 * len;
}

bool wipe_has(const void *memory, size_t memory_len, const void *secret, size_t len)
{
	static const uint8_t pads[] = {0, 0x36, 0x5c};
	uint8_t in[SECRET_MAX], form[2 * SECRET_MAX];
	bool has = false;

	if (len > sizeof in)
		abort();
	for (size_t pad = 0; pad < sizeof pads; pad++) {
		for (size_t i = 0; i < len; i++)
			in[i] = ((const uint8_t *)secret)[i] ^ pads[pad];
		has = has || found(memory, memory_len, in, len) ||
		      found(memory, memory_len, form, turned(form, in, len, 4)) ||
		      found(memory, memory_len, form, turned(form, in, len, 8)) ||
		      found(memory, memory_len, form, doubled(form, in, len));
	}
	return has;
}

bool wipe_is_zero(const void *memory, size_t len)
{
	const uint8_t *p = memory;

	for (size_t i = 0; i < len; i++)
		if (p[i] != 0)
			return false;
	return true;
}

struct wipe_left wipe_stack(void (*run)(void *arg), void *arg, uint8_t *secret, size_t len)
{
	struct wipe_left left = {.literal = false};
	size_t untouched = 0;

	fill(secret, len, 1);
	on_stack(run, arg);
	fill(secret, len, 2);
	on_stack(run, arg);
	while (untouched < STACK_LEN && stack[untouched] == PATTERN)
		untouched++;
	left.used_len = STACK_LEN - GAP_LEN - untouched;
	/* run() may wipe its secret: it is made once more to be looked for. */
	fill(secret, len, 2);
	left.literal = wipe_has(stack, sizeof stack, secret, len);
	memcpy(before, stack, sizeof stack);
	fill(secret, len, 3);
	on_stack(run, arg);
	for (size_t i = STACK_LEN; i-- != 0;) {
		if (stack[i] == before[i])
			continue;
		if (left.differing_cnt++ == 0)
			left.differing_at = STACK_LEN - GAP_LEN - i;
	}
	return left;
}
