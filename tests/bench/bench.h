/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_BENCH_H
#define GYL_TESTS_BENCH_H

/*
 * Same work, side by side: contenders of one task run in turn, five rounds, and the median of each
 * counts. The ratio to the first contender is what matters; nanoseconds belong to the machine.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	BENCH_ROUNDS = 5,
	BENCH_CONTENDER_MAX = 8
};

/* Does the work n times and returns something that depends on it, so that it is not optimised away.
 */
typedef uint64_t bench_fn(uint64_t n);

struct bench_contender {
	const char *name; /* NULL: there is none */
	bench_fn *fn;     /* NULL: not installed where this was built */
};

struct bench_task {
	const char *name;
	uint32_t per; /* how many of what is named one turn does; 0 means 1 */
	struct bench_contender who[BENCH_CONTENDER_MAX]; /* ours first */
};

/*
 * The whole of a benchmark's main(). Without arguments: a line about the machine and a table in
 * Markdown. "-l": what there is, a line each: number, task, contender, how many a
 * turn does, with tabs between. "-n NUMBER TURNS":
 * these turns and nothing else, for instructions.sh and for profilers.
 */
int bench_main(int argc, char **argv, const struct bench_task *task, size_t cnt);

/* libtins, C++ (bench_tins.cc); they take the packet that they work on. */
void tins_setup(const uint8_t *arp, size_t arp_len, const uint8_t *dhcp, size_t dhcp_len,
	const uint8_t *dns, size_t dns_len);
uint64_t tins_arp(uint64_t n);
uint64_t tins_dhcp(uint64_t n);
uint64_t tins_dns(uint64_t n);

#ifdef __cplusplus
}
#endif

#endif
