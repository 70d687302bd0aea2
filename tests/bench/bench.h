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
	BENCH_CONTENDER_MAX = 6
};

/* Does the work n times and returns something that depends on it, so that it is not optimised away.
 */
typedef uint64_t bench_fn(uint64_t n);

struct bench_contender {
	const char *name;
	bench_fn *fn; /* NULL: not built */
};

/* One row a contender, as a table of Markdown. */
void bench_title(void);
void bench_run(const char *task, const struct bench_contender *c, size_t cnt);

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
