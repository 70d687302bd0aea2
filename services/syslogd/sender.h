/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SENDER_H
#define GYL_SERVICES_SYSLOGD_SENDER_H

/*
 * What messages tell about who sends them, beside what they say. Pure, in bounded memory: of more
 * senders, or counters, than there are places the one not heard of for the longest is forgotten.
 *
 * The zone: times without a zone that are off by the same number of quarters of an hour, in
 * LEARN_CNT messages in a row and for a minute at least, are local times. From then on they are
 * read so, until others are as constant (summer time). A spool that is emptied is not constant.
 *
 * The clock: what is still between the time of a message and its receipt, when it stays the same,
 * is told once, and again when it changes; `ts` stays what the sender said.
 *
 * Sequence numbers (`meta sequenceId` of RFC 5424 7.3.1, and the counter of Cisco IOS): what is
 * missing is counted, but for a while late ones may still fill the gap.
 *
 * A sender is an address: a relay is one, and learned from only when all behind it agree.
 */

#include <gyl/syslog.h>

enum {
	GYL_SYSLOGD_SENDER_MAX = 4096,
	GYL_SYSLOGD_COUNTER_MAX = 4096,
	GYL_SYSLOGD_WAYS = 4, /* places that one sender may have */
	GYL_SYSLOGD_LEARN_CNT = 8
};

/* A number of seconds that shall stay the same. */
struct gyl_syslogd_trial {
	int32_t s;
	uint32_t cnt;      /* observations in a row, 0: none */
	uint64_t since_ns; /* wall time of the first */
};

struct gyl_syslogd_sender {
	uint64_t seen_ns; /* monotonic; 0: the place is free */
	uint64_t seq;     /* its last record; 0: none */
	uint32_t ip;      /* 0: programs of this machine */
	uint32_t gap_cnt; /* messages missing, not told yet */
	uint64_t gap_ns;  /* wall time of the first of them */
	uint64_t told_ns; /* wall time of what was last said about its clock; 0: never */
	int32_t zone_s;   /* learned */
	int32_t skew_s;   /* told */
	bool has_zone;    /* zone_s is valid */
	struct gyl_syslogd_trial zone, skew;
};

/* A sequence of numbers: of a sender, host, application and process. */
struct gyl_syslogd_counter {
	uint64_t key; /* 0: the place is free */
	uint64_t seen_ns;
	uint64_t last;
};

struct gyl_syslogd_senders {
	struct gyl_syslogd_sender sender[GYL_SYSLOGD_SENDER_MAX];
	struct gyl_syslogd_counter counter[GYL_SYSLOGD_COUNTER_MAX];
	uint64_t gap_at_ns; /* monotonic: when gaps are to be told; UINT64_MAX: there are none */
};

void gyl_syslogd_senders_init(struct gyl_syslogd_senders *t);

/* The place of a sender, a new one when it has none. Cost: a few comparisons. */
struct gyl_syslogd_sender *gyl_syslogd_sender_get(
	struct gyl_syslogd_senders *t, uint32_t ip, uint64_t mono_ns);

/* What an observation brought. */
enum gyl_syslogd_news {
	GYL_SYSLOGD_NO_NEWS,
	GYL_SYSLOGD_NEW_ZONE, /* zone_s is another one now */
	GYL_SYSLOGD_NEW_SKEW, /* skew_s is */
	GYL_SYSLOGD_NEW_RIGHT /* skew_s was, and the clock is right again */
};

/* A message that was read in zone_s; learn: its sender's zone is not set. */
enum gyl_syslogd_news gyl_syslogd_sender_note(struct gyl_syslogd_sender *s,
	const struct gyl_syslog *m, uint64_t wall_ns, int32_t zone_s, bool learn);

/* Its sequence number, if it has one. */
void gyl_syslogd_sender_count(struct gyl_syslogd_senders *t, struct gyl_syslogd_sender *s,
	const struct gyl_syslog *m, uint64_t mono_ns, uint64_t wall_ns);

/* A sender with a gap to tell, NULL: none, and gap_at_ns is as it should. The caller clears
 * gap_cnt. Cost: all places, so not before gap_at_ns. */
struct gyl_syslogd_sender *gyl_syslogd_sender_gap(struct gyl_syslogd_senders *t);

#endif
