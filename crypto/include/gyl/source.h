/* SPDX-License-Identifier: ISC */
#ifndef GYL_SOURCE_H
#define GYL_SOURCE_H

/**
 * @file source.h
 * @brief The sources of entropy there are. Not pure: they read counters and clocks, or ask the
 * system.
 *
 * Each is a small file of crypto/source/. What it claims was measured on raw samples and halved
 * (docs of libguyline-crypto, ENTROPY.md). An instruction that the processor lacks gives nothing.
 */

#include <gyl/entropy.h>

#ifdef __cplusplus
extern "C" {
#endif

/** getrandom(2): the root on Linux. Not in builds without an operating system. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_getrandom;

/** For the sources that read instructions: gyl_cpu_detect(), and memory to time. */
struct gyl_source_env {
	uint32_t cpu;      /**< of gyl/cpu.h */
	uint8_t *memory;   /**< for gyl_source_memory: 1 MiB or more; NULL: it gives nothing */
	size_t memory_len; /**< a power of two */
	/** A counter that runs fast; NULL: the time-stamp counter of x86-64 or aarch64. */
	uint64_t (*ticks)(void *arg);
	void *ticks_arg;
	uint64_t state; /**< @private where the last one stopped */
};

/* Each of these takes a struct gyl_source_env as its arg. */

GYL_CRYPTO_API extern const struct gyl_source
	gyl_source_rdseed; /**< processor, conditioned noise */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_rdrand; /**< processor, its generator */
/** Whirlwind: how long a few hundred dependent divisions take, over and over. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_whirlwind;
/** How long 64 dependent reads all over @p memory take. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_memory;

/** When an event loop woke: pushed, with gyl_source_ticks() and its low octet as sample. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_wakeup;

/** What the boot loader, the hypervisor or the command line gave: pushed, never credited. */
GYL_CRYPTO_API extern const struct gyl_source gyl_source_boot;

/** The counter of an environment. */
GYL_CRYPTO_API uint64_t gyl_source_ticks(const struct gyl_source_env *env);

#ifdef __cplusplus
}
#endif

#endif
