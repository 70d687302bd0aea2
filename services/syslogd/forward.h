/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_FORWARD_H
#define GYL_SERVICES_SYSLOGD_FORWARD_H

/*
 * Forwarding to other collectors: a core of its own beside the collector's, which opens flows and
 * sends what waits in queues (queue.h; behind functions, because this here is pure). Each output is
 * a link, with its own queue, connection and counters.
 *
 * Syslog over TCP has no acknowledgement of its own. What counts as done is what the other side's
 * TCP has acknowledged: when a connection breaks, all that it has not is sent again, with the
 * message that was cut, over the next one. So nothing is lost on the way, only messages on their
 * way at a cut may arrive twice; but what the other side's TCP has taken and its collector has not
 * read when it dies is gone.
 *
 * UDP has no acknowledgement at all. Datagrams leave with a limited pace. What is refused (ICMP) is
 * sent again, with all that left in the half second before, and one datagram tries whether somebody
 * is there before others follow.
 *
 * A place that cannot be reached is tried again after 1 s, twice as long each time, 1 min at most,
 * less a random part (a quarter at most) so that many do not come back together. Of several places
 * the next one is tried at once, and all of them before there is a pause.
 *
 * Bounds: GYL_SYSLOGD_LINK_MAX links; on their way GYL_SYSLOGD_FLIGHT_MAX octets and
 * GYL_SYSLOGD_MARK_MAX messages of each.
 */

#include <gyl/rng.h>
#include <gyl/syslog_frame.h>

#include "services/base/core.h"

enum {
	GYL_SYSLOGD_LINK_MAX = 32,
	GYL_SYSLOGD_PLACE_MAX = 4, /* of one link */
	GYL_SYSLOGD_LINK_NAME_MAX = 32,
	GYL_SYSLOGD_FLIGHT_MAX = 1 << 20,
	GYL_SYSLOGD_MARK_MAX = 8192
};

enum gyl_syslogd_way {
	GYL_SYSLOGD_BY_UDP,
	GYL_SYSLOGD_BY_TCP,
	GYL_SYSLOGD_BY_TLS
};

struct gyl_syslogd_place {
	uint32_t ip;
	uint16_t port;
};

struct gyl_syslogd_link_conf {
	char name[GYL_SYSLOGD_LINK_NAME_MAX + 1]; /* of the output: in events */
	uint8_t way;                              /* enum gyl_syslogd_way */
	uint8_t framing;                          /* enum gyl_syslog_framing; not of UDP */
	uint8_t tls;                              /* for gyl_peer.tls */
	uint8_t place_cnt;
	struct gyl_syslogd_place place[GYL_SYSLOGD_PLACE_MAX];
	uint32_t pace; /* datagrams a second, at least 1 */
};

/* The queue of a link, and what only the host knows of its connection. */
struct gyl_syslogd_link_ops {
	bool (*ready)(const void *arg); /* something can be given out */
	bool (*peek)(void *arg, struct gyl_view *ret_text, uint64_t *ret_nr);
	void (*step)(void *arg);
	void (*rewind)(void *arg);
	void (*done)(void *arg, uint64_t nr);
	uint64_t (*waiting)(const void *arg); /* messages that are not done */
	/* Octets that the connection takes now. */
	uint32_t (*room)(void *arg, uint32_t flow);
	/* Octets given to it that the other side has not acknowledged, and for how long nothing was
	 * heard of it. */
	uint32_t (*unacked)(void *arg, uint32_t flow, uint64_t *ret_silent_ns);
};

struct gyl_syslogd_link_stat {
	uint64_t sent_cnt;  /* messages, those sent again too */
	uint64_t again_cnt; /* messages to be sent again */
	uint64_t cut_cnt;   /* messages too long for a datagram */
	uint64_t up_cnt;    /* connections that were made */
	uint64_t fail_cnt;  /* attempts that failed and connections that broke */
};

struct gyl_syslogd_mark { /* @private end of a message among the octets sent */
	uint64_t end, nr;
};

struct gyl_syslogd_link { /* @private but stat, is_up */
	struct gyl_syslogd_link_conf cf;
	struct gyl_syslogd_link_stat stat;
	const struct gyl_syslogd_link_ops *ops; /* NULL: free, or to be */
	void *arg;
	uint8_t state;
	uint8_t place;
	bool is_up;
	bool told_down;
	bool told_up;
	bool anew;    /* where it goes is another place now */
	bool blocked; /* nothing can be sent before look_ns or an input */
	uint32_t flow, turn;
	uint64_t at_ns; /* when to try, or to give up trying */
	uint64_t pause_ns;
	uint64_t up_ns;
	uint64_t look_ns;     /* when to look how far the other side is */
	uint64_t moved_ns;    /* when it was seen to get on, or had all */
	uint64_t sent, acked; /* octets, or datagrams, of this connection */
	uint64_t part_nr;     /* of the message that is half sent */
	uint32_t part_off;    /* octets of it that are, with its frame; 0: none */
	uint64_t next_nr;     /* after the last datagram sent */
	uint64_t lag_nr;      /* datagrams below: done at look_ns; 0: there are none */
	uint64_t lag_sent;    /* datagrams up to lag_nr */
	uint64_t credit_ns;   /* when the next datagram may leave */
	uint32_t mark_first, mark_cnt;
	struct gyl_syslogd_mark mark[GYL_SYSLOGD_MARK_MAX];
};

struct gyl_syslogd_forward { /* @private */
	struct gyl_rng *rng;
	uint32_t link_cnt; /* places that were ever used */
	uint32_t first;    /* whose turn it is */
	uint32_t stale_cnt;
	uint32_t stale[GYL_SYSLOGD_LINK_MAX]; /* flows of links that are gone */
	struct gyl_syslogd_link *link[GYL_SYSLOGD_LINK_MAX];
};

/* Zeroed memory is one without links. link: memory that stays, zeroed. False: there are
 * GYL_SYSLOGD_LINK_MAX. Connects at the next tick. */
bool gyl_syslogd_forward_add(struct gyl_syslogd_forward *f, struct gyl_syslogd_link *link,
	const struct gyl_syslogd_link_conf *cf, const struct gyl_syslogd_link_ops *ops, void *arg);

/* Go on with other places, framing or pace: a connection to elsewhere is made anew. */
void gyl_syslogd_forward_change(
	struct gyl_syslogd_link *link, const struct gyl_syslogd_link_conf *cf);

/* The link is used no more from now on; its connection is reset. */
void gyl_syslogd_forward_remove(struct gyl_syslogd_forward *f, struct gyl_syslogd_link *link);

/* Look how far the other side is; false: something is on its way still. */
bool gyl_syslogd_forward_look(struct gyl_syslogd_link *link, struct gyl_now now);

extern const struct gyl_core_ops gyl_syslogd_forward_core;

#endif
