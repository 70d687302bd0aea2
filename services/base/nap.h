/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_NAP_H
#define GYL_SERVICES_BASE_NAP_H

/*
 * How long a loop rests under load, so that one waking serves several inputs.
 *
 * A datagram that wakes a loop by itself costs two changes of context and a system call for each of
 * reading, sending and waiting, which is more than serving it. So when inputs come so fast that
 * some more are sure to come within what the cores call their patience, the loop sleeps first and
 * looks then. An idle one, or one whose clients wait for each answer, never does. Pure.
 */

#include <gyl/base.h>

enum {
	GYL_NAP_WINDOW_NS = 4000000, /* the rate is measured over at least this */
	GYL_NAP_LEAST_CNT = 2,       /* that are expected, or it is not worth it */
	GYL_NAP_MOST_CNT = 64        /* that are expected, and no nap waits for more */
};

/* All zero at the start. */
struct gyl_nap {
	uint64_t since_ns; /* when the window began */
	uint64_t cnt;      /* inputs since then */
	uint64_t gap_ns;   /* mean time between two of the last window; 0: none is over */
	bool idle;         /* the last look found nothing */
};

/* A look at mono_ns found cnt inputs. */
void gyl_nap_note(struct gyl_nap *n, uint64_t mono_ns, uint64_t cnt);

/* How long after the last look the next one may be: 0, or at most patience_ns. */
uint64_t gyl_nap_ns(const struct gyl_nap *n, uint64_t patience_ns);

#endif
