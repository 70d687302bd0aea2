/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_CONTROL_LIMIT_H
#define GYL_SERVICES_BASE_CONTROL_LIMIT_H

/*
 * Who guesses passwords has to wait, twice as long each time.
 *
 * A source address has GYL_LIMIT_FREE failures for nothing, then waits 1, 2, 4 ... seconds up to
 * GYL_LIMIT_WAIT_MAX_S. What it did is forgotten with a success, or an hour after its wait. When
 * the table is full the failure that is longest ago goes: who has more addresses than the table has
 * rows is held back by the cost of a password and by there being one verification at a time.
 */

#include <gyl/base.h>

enum {
	GYL_LIMIT_SOURCE_MAX = 64,
	GYL_LIMIT_FREE = 3,
	GYL_LIMIT_WAIT_MAX_S = 900,
	GYL_LIMIT_FORGET_S = 3600
};

struct gyl_limit {
	struct {
		uint32_t ip;
		uint32_t failed_cnt; /* 0: the row is free */
		uint64_t last_ns;    /* of the last failure, monotonic */
		uint64_t until_ns;   /* it waits until then */
	} source[GYL_LIMIT_SOURCE_MAX];
};

/* How long ip has to wait now; 0: it may try. */
uint64_t gyl_limit_wait_ns(const struct gyl_limit *l, uint32_t ip, uint64_t now_ns);

/* It did not know the password. How often that was so by now. */
uint32_t gyl_limit_failed(struct gyl_limit *l, uint32_t ip, uint64_t now_ns);

/* It knew it. */
void gyl_limit_forget(struct gyl_limit *l, uint32_t ip);

#endif
