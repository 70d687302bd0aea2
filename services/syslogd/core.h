/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_CORE_H
#define GYL_SERVICES_SYSLOGD_CORE_H

/*
 * The collector: whatever arrives becomes one line of JSON in the log buffer, numbered, with the
 * time of receipt and the sender; nothing is dropped for what it looks like (record.h).
 *
 * Input: datagrams of the UDP port and the Unix socket, streams of the TCP port (core_tcp.c), the
 * kernel's notices of datagrams it dropped, and the events of all services including its own, which
 * are records too. Recording an event never causes another one, so there is no loop.
 *
 * When the buffer has no room (its owner cannot write), datagrams stay unconsumed: the kernel's
 * queue fills, and what it drops is counted and told in the log itself. Octets of streams stay
 * unconsumed, too, and close the window: nothing of them is lost. Datagrams of programs of this
 * machine are taken and dropped, counted and told: such a program would wait in the middle of its
 * work, be it the one that makes room on the disk. Events cannot wait, either: the
 * other services would stand still behind a full disk. They have a reserve of the buffer; what
 * finds even that full is counted (gyl_syslogd_stat) and told when the log can be written again.
 *
 * Numbers: `seq` grows by one a record. Who keeps the log tells the last number in it
 * (gyl_syslogd_seq_last), so that a restart, after kill -9 too, goes on by one: what was not
 * written has had no number that anybody saw. Beside that the record "syslogd/seq" is stored ahead
 * every SEQ_BLOCK numbers; when there is no log any more, numbers go on above it.
 */

#include <gyl/syslog_frame.h>

#include "services/base/core.h"
#include "services/syslogd/conf.h"
#include "services/syslogd/notice.h"
#include "services/syslogd/rule.h"
#include "services/syslogd/sender.h"
#include "services/syslogd/zone.h"

enum gyl_syslogd_role {
	GYL_SYSLOGD_UDP,
	GYL_SYSLOGD_UNIX,
	GYL_SYSLOGD_TCP,
	GYL_SYSLOGD_UNIX_STREAM,
	GYL_SYSLOGD_TLS,
	GYL_SYSLOGD_ROLE_CNT
};

enum {
	GYL_SYSLOGD_HOST_MAX = 255,
	/* Longest datagram that a host hands over: a slot and its spill area (libnet/host/batch.h).
	 */
	GYL_SYSLOGD_DGRAM_MAX = 67648,
	/* Longest message of a stream: with its framing it fits into the 64 KiB that a host keeps
	 * of one. Longer ones are cut. */
	GYL_SYSLOGD_STREAM_MAX = 65536 - 16,
	GYL_SYSLOGD_CONN_MAX = 512, /* connections at once, whatever is configured */
	GYL_SYSLOGD_PEER_MAX = 95,  /* octets of the name in a sender's certificate */
	GYL_SYSLOGD_LOG_CAP =
		1 << 20 /* octets of the log buffer: any record fits into an empty one */
};

struct gyl_syslogd_stat {
	uint64_t record_cnt;
	uint64_t dropped_cnt;    /* datagrams that the kernel, or we for want of room, dropped */
	uint64_t event_lost_cnt; /* events that found no room */
	uint64_t conn_cnt;       /* connections that were opened */
	uint64_t gap_cnt;        /* messages missing by their sequence numbers */
};

struct gyl_syslogd_conn { /* @private */
	uint64_t seen_ns;
	uint32_t ip;
	uint32_t uid;      /* of a program of this machine, whose ip is 0 */
	uint32_t rest_len; /* octets of an unfinished message, which the host has */
	uint64_t cut_seq;  /* record of the line that was cut and has not ended yet */
	uint8_t name_len;  /* of its certificate's name */
	char name[GYL_SYSLOGD_PEER_MAX];
	struct gyl_syslog_splitter split;
};

struct gyl_syslogd { /* @private */
	struct gyl_syslogd_conf cf;
	struct gyl_syslogd_stat stat;
	int32_t zone_s;
	unsigned zone_cnt;
	struct gyl_syslogd_zone zone[GYL_SYSLOGD_ZONE_MAX];
	uint64_t seq;                              /* of the next record */
	uint64_t seq_reserved;                     /* the store says: below this may be in use */
	bool seq_known;                            /* the log told its last number */
	uint64_t since_ns[GYL_SYSLOGD_ROLE_CNT];   /* drops before this are told; 0: nothing yet */
	uint64_t drop_cnt[GYL_SYSLOGD_ROLE_CNT];   /* datagrams that are lost and not told yet */
	uint64_t drop_at_ns[GYL_SYSLOGD_ROLE_CNT]; /* monotonic: they are told then */
	struct gyl_syslogd_notices notices;
	struct gyl_view files; /* new ones of TLS, for the shell; valid during a GYL_IN_DATA */
	uint64_t recv_ns;      /* what recv says */
	uint32_t from_ip;      /* what from says */
	uint8_t recv_len, from_len, host_len;
	char recv[32], from[16], host[GYL_SYSLOGD_HOST_MAX];
	struct gyl_syslogd_senders senders;
	struct gyl_syslogd_rules rules;
	uint64_t idle_at_ns; /* no connection is idle for too long before */
	uint32_t conn_cnt;
	uint32_t flow[GYL_SYSLOGD_CONN_MAX]; /* apart, because it is searched */
	struct gyl_syslogd_conn conn[GYL_SYSLOGD_CONN_MAX];
};

/* cf and f, the block it is in, are copied from; host: our own name, for our own events. */
void gyl_syslogd_init(struct gyl_syslogd *d, const struct gyl_syslogd_conf *cf,
	const struct gyl_flat *f, struct gyl_view host);

/* Before the first input: the key of the hashes that decide about senders and equal messages, and
 * who matches expressions and has the sinks; helper stays the caller's. */
void gyl_syslogd_rules(
	struct gyl_syslogd *d, const uint64_t key[2], const struct gyl_syslogd_helper *helper);

/* The number of the last record that is in the log. Before the first input; not at all when there
 * is no log. */
void gyl_syslogd_seq_last(struct gyl_syslogd *d, uint64_t seq);

extern const struct gyl_core_ops gyl_syslogd_core;

#endif
