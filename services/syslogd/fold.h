/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_FOLD_H
#define GYL_SERVICES_SYSLOGD_FOLD_H

/*
 * Equal messages of one sender within a time: the first one is a record, the others are counted,
 * and at the end of the time another record says how many there were: "message repeated 17 times:
 * [link down]".
 *
 * Two messages are equal when they come from the same sender and are the same but for their time
 * and, when they are numbered (`sequenceId`), their structured data. What is compared is a keyed
 * hash of 64 bits. Memory is bounded: a new message takes the place that ends first, and what that
 * had counted is told at once. Pure.
 */

#include <gyl/syslog.h>

enum {
	GYL_SYSLOGD_FOLD_MAX = 512,      /* messages at once; a power of two */
	GYL_SYSLOGD_FOLD_WAYS = 4,       /* places that one message may have */
	GYL_SYSLOGD_FOLD_TEXT_LEN = 512, /* octets of the message that the record shows */
	/* Octets of what gyl_syslogd_fold_message() makes, at most. */
	GYL_SYSLOGD_FOLD_RAW_LEN = GYL_SYSLOGD_FOLD_TEXT_LEN + 64
};

struct gyl_syslogd_fold {
	uint64_t end_ns; /* monotonic; 0: the place is free */
	uint64_t hash;
	uint64_t cnt;     /* messages after the first one */
	uint64_t seq;     /* record of the first one, 0: it was not stored */
	uint32_t ip, uid; /* the sender */
	uint32_t to;      /* outputs that got the first one by this rule, or behind it */
	uint8_t rule;
	bool store;
	uint8_t pri, fmt;
	uint16_t len[5]; /* of host, app, pid, msgid, msg, one after the other in text */
	uint8_t has;     /* which of them are there, bit by bit */
	uint8_t text[GYL_SYSLOGD_FOLD_TEXT_LEN];
};

struct gyl_syslogd_folds {
	uint64_t key[2]; /* of the hash */
	uint64_t due_ns; /* nothing is to be told before; UINT64_MAX: nothing is there */
	struct gyl_syslogd_fold place[GYL_SYSLOGD_FOLD_MAX];
};

void gyl_syslogd_folds_init(struct gyl_syslogd_folds *t, const uint64_t key[2]);

/* What is compared of a message. Cost: O(its length). */
uint64_t gyl_syslogd_fold_hash(const struct gyl_syslogd_folds *t, uint8_t rule, uint32_t ip,
	uint32_t uid, const struct gyl_syslog *m);

/* Was there an equal one a short time ago? Then it counts now, and the message is no record. */
bool gyl_syslogd_fold_count(struct gyl_syslogd_folds *t, uint64_t hash, uint64_t mono_ns);

/*
 * The place that a message which is a record would take. When its cnt is not 0, that is to be told
 * first.
 */
struct gyl_syslogd_fold *gyl_syslogd_fold_place(struct gyl_syslogd_folds *t, uint64_t hash);

/* Put it there; the caller has set end_ns, hash, seq, ip, uid, to, rule and store, and cnt to 0. */
void gyl_syslogd_fold_keep(struct gyl_syslogd_fold *f, const struct gyl_syslog *m);

/*
 * One that has ended: told when cnt is not 0, and then its place is the caller's to clear. NULL:
 * there is none, and due_ns is exact. all: ended or not. Cost: all places, so not before due_ns.
 */
struct gyl_syslogd_fold *gyl_syslogd_fold_due(
	struct gyl_syslogd_folds *t, uint64_t mono_ns, bool all);

/* What it has to tell, as a message; views of *ret_m point into buf. */
void gyl_syslogd_fold_message(const struct gyl_syslogd_fold *f,
	uint8_t buf[GYL_SYSLOGD_FOLD_RAW_LEN], struct gyl_syslog *ret_m);

#endif
