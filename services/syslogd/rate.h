/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_RATE_H
#define GYL_SERVICES_SYSLOGD_RATE_H

/*
 * How many messages a sender may have through a rule in some time, and how many were held back.
 *
 * The time begins with the first message. At its end what was held back is told, once. The table is
 * bounded: a sender that needs the place of another one takes that which ends first, and what had
 * been held back of that one is told with the others of its rule. Pure.
 */

#include "services/syslogd/conf.h"

enum {
	GYL_SYSLOGD_RATE_MAX = 2048, /* places; a power of two */
	GYL_SYSLOGD_RATE_WAYS = 4    /* places that one sender may have */
};

struct gyl_syslogd_rate {
	uint64_t end_ns;   /* monotonic; 0: the place is free */
	uint64_t since_ns; /* what is held back came since */
	uint64_t tell_ns;  /* that is to be told then; 0: nothing is */
	uint64_t held;     /* messages held back */
	uint32_t ip, uid;  /* the sender */
	uint32_t cnt;      /* messages that passed */
	uint8_t rule;
	bool others; /* no place, but what was held back of senders that have none any more */
};

struct gyl_syslogd_rates {
	uint64_t key[2]; /* of the hash */
	uint64_t due_ns; /* nothing is to be told before; UINT64_MAX: nothing is there */
	struct gyl_syslogd_rate place[GYL_SYSLOGD_RATE_MAX];
	struct gyl_syslogd_rate other[GYL_SYSLOGD_RULE_MAX]; /* of each rule */
};

void gyl_syslogd_rates_init(struct gyl_syslogd_rates *t, const uint64_t key[2]);

/* A message: does it pass? */
bool gyl_syslogd_rate_pass(struct gyl_syslogd_rates *t, uint8_t rule, uint32_t ip, uint32_t uid,
	uint32_t burst, uint64_t interval_ns, uint64_t mono_ns);

/*
 * What is to be told of a sender, or of others: it counts as told then. False: nothing is, and
 * due_ns is exact. all: whether its time has ended or not. Cost: all places, so not before due_ns.
 */
bool gyl_syslogd_rate_due(
	struct gyl_syslogd_rates *t, uint64_t mono_ns, bool all, struct gyl_syslogd_rate *ret_r);

/* Put what is to be told of all senders of a rule together. */
void gyl_syslogd_rates_sum(struct gyl_syslogd_rates *t);

#endif
