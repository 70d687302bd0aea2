/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_CT_STATS_H
#define GYL_TESTS_CT_STATS_H

/*
 * Do two classes of inputs take different times? Welch's t-test over measured times, as dudect has
 * it (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", 2017): on all of them
 * and on those below growing thresholds, for an interrupt is no property of the code.
 */

#include <stddef.h>
#include <stdint.h>

/* A time of an input of class 0 or 1. */
struct sample {
	uint32_t time;
	uint8_t class;
};

/* |t| above which two classes differ, beyond what chance does (dudect takes 10). */
#define STATS_LEAK 10.0

/* The greatest |t| over all thresholds. Sorts nothing, keeps nothing. */
double stats_t(const struct sample *sample, size_t cnt);

#endif
