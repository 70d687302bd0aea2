/* SPDX-License-Identifier: ISC */
#ifndef GYL_SOURCE_H
#define GYL_SOURCE_H

/**
 * @file source.h
 * @brief The sources of entropy there are. Not pure: they read counters and clocks, or ask the
 * system.
 *
 * Each is a small file of crypto/source/ (crypto/host/ when it asks the system). What the timing
 * sources claim is less than half of what was measured on raw samples. RDSEED, RDRAND and
 * getrandom(2) give octets that should have all of their 8 bits and claim 6: the tests are as
 * watchful (a word that comes over and over fails), and false alarms come once in a thousand years
 * and not in five. crypto/docs/ENTROPY.md has the figures.
 *
 * Samples are raw. An instruction that the processor lacks gives nothing.
 */

#include <gyl/entropy.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * getrandom(2): the root on Linux. Not in builds without an operating system. Its arg is not used.
 * It never waits: before the kernel is seeded it gives nothing.
 */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_getrandom;

/** For the sources that read instructions: gyl_cpu_detect(), and memory to time. */
struct gyl_source_env {
	uint32_t cpu;      /**< of gyl/cpu.h */
	uint8_t *memory;   /**< for gyl_source_memory: 1 MiB or more; NULL: it gives nothing */
	size_t memory_len; /**< a power of two */
	/** A counter that runs fast; NULL: the one of x86 or aarch64, on other machines 0. */
	uint64_t (*ticks)(void *arg);
	void *ticks_arg;
	uint64_t state; /**< @private where the memory was left */
};

/* Each of these takes a struct gyl_source_env as its arg; they may share one. */

/** RDSEED: noise that the processor conditioned. Up to 100 tries a word. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_rdseed;

/** RDRAND: the processor's generator, which RDSEED's noise feeds. Up to 10 tries a word. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_rdrand;

/**
 * Whirlwind: how long 256 dependent divisions take, over and over. A turn is always the same work
 * on the same numbers: without jitter all samples are alike, and the health tests see that.
 */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_whirlwind;
/** How long 64 dependent reads all over `memory` take. The memory is written to. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_memory;

/** When an event loop woke: pushed, the low octet of gyl_source_ticks() as sample. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_wakeup;

/** What the boot loader, the hypervisor or the command line gave: pushed, never credited. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_boot;

/** The counter of an environment: its ticks(), or the machine's. */
GYL_CRYPTO_API uint64_t gyl_source_ticks(const struct gyl_source_env *env);

#ifdef __cplusplus
}
#endif

#endif
