/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_STATE_H
#define GYL_SERVICES_ARPD_STATE_H

/* What the parts of the watch share. Functions that say or store something are called after their
 * caller asked for room (frame_cost and its kin). */

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <gyl/time.h>

#include "services/arpd/book.h"
#include "services/arpd/core.h"
#include "services/arpd/record.h"
#include "services/arpd/table.h"
#include "services/arpd/window.h"

enum {
	GYL_ARPD_SLICE = 32, /* hosts that one tick handles */
	GYL_ARPD_TOLD_MAX = 4
};

/* A kind of event is told so often, the rest is counted. */
struct gyl_arpd_quota {
	uint64_t paid_ns;
	uint64_t held; /* not told since the last arpd.more */
};

/* An address that only its owner may use. */
struct gyl_arpd_guard {
	struct gyl_arpd_protect_conf cf;
	uint64_t total;     /* frames against it */
	uint64_t held;      /* of them, not told yet */
	uint64_t next_ns;   /* what is held is told then, or the pause ends */
	uint64_t defend_ns; /* not defended before (RFC 5227 2.4: DEFEND_INTERVAL) */
	uint64_t last_ns;   /* wall */
	uint8_t last[6];    /* who it was */
	uint8_t told_cnt;   /* of this pause */
	uint8_t told[GYL_ARPD_TOLD_MAX][6];
	bool learned; /* the MAC was seen, not configured */
};

struct gyl_arpd_server {
	uint32_t ip;
	uint16_t vlan;
	uint8_t mac[6];
	uint64_t told_ns; /* monotonic */
	uint64_t last_ns, count;
	bool used, rogue;
};

struct gyl_arpd_own {
	uint32_t ip;
	uint8_t prefix;
	uint8_t mac[6];
	bool is;
};

struct gyl_arpd_scan {
	bool on;
	uint16_t no; /* of this one or the last; 0: there was none */
	uint8_t iface;
	uint32_t first, last;
	uint64_t next; /* address to ask for; past the last one: waiting for answers */
	uint64_t at_ns;
	uint32_t asked_cnt, answer_cnt;
	uint32_t turn;     /* which network of the configuration the next one of itself is about */
	uint64_t every_ns; /* when that is due */
	char by[32];
	uint8_t by_len;
};

struct gyl_arpd {
	struct gyl_arpd_conf cf;
	struct gyl_arpd_rules rules;
	struct gyl_arpd_table table;
	struct gyl_arpd_book book;
	struct gyl_arpd_windows windows;
	struct gyl_arpd_guard guard[GYL_ARPD_PROTECT_MAX];
	uint32_t guard_ip[GYL_ARPD_PROTECT_MAX]; /* the same addresses, side by side */
	uint32_t guard_cnt;
	struct gyl_arpd_server server[GYL_ARPD_SERVER_MAX];
	struct gyl_arpd_scan scan;
	struct gyl_arpd_own own[GYL_ARPD_IFACE_MAX];
	uint32_t own_cnt;
	struct gyl_arpd_quota quota[GYL_EV_CNT];
	uint64_t count[GYL_ARPD_COUNTS];
	struct gyl_view vendors;
	uint64_t start_ns;    /* monotonic, of the first call */
	uint32_t dirty_cnt;   /* hosts that differ from their record */
	uint32_t dirty_at;    /* where the search for them goes on */
	uint64_t store_at_ns; /* earliest next batch of records */
	uint64_t more_at_ns;  /* when counts of what was not told are due; 0: there are none */
	uint64_t guard_at_ns; /* when a guard has to be looked at; UINT64_MAX: none has */
	uint64_t full_at_ns;  /* earliest next word about a full table */
	uint64_t answer_ns;   /* answers for others are paid up to here */
	bool noted;           /* that there are no vendors */
	bool started, asked;  /* dhcpd was asked for its leases */
	bool unsorted;        /* records came in no order: to be sorted before the order is used */
	bool open;            /* frames may be sent by `port` */
	uint8_t port;
	bool snapshot; /* a snapshot is being told */
	uint32_t snapshot_at;
	uint64_t snapshot_epoch;
	uint64_t mono_less_wall; /* wall + this = monotonic, at the last call */
};

/* A frame on its way through the watch. */
struct gyl_arpd_frame {
	struct gyl_now now;
	struct gyl_eth eth;
	struct gyl_arp a;
	enum gyl_arp_kind kind;
	uint16_t vlan;
	uint8_t iface;
	struct gyl_out *o;
};

/* frame.c */
void gyl__arpd_frame(
	struct gyl_arpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o);
bool gyl__arpd_is_own(const struct gyl_arpd *d, const uint8_t mac[6]);

/* host.c: the table of hosts, and what is told of them */
struct gyl_arpd_host *gyl__arpd_host_seen(struct gyl_arpd *d, const struct gyl_arpd_frame *f);
/* Forgets a host, and its record when it has one. */
void gyl__arpd_host_drop(struct gyl_arpd *d, struct gyl_arpd_host *h, struct gyl_out *o);
void gyl__arpd_host_dirty(struct gyl_arpd *d, struct gyl_arpd_host *h);
/* The whole-state event of a host. */
void gyl__arpd_host_event(const struct gyl_arpd *d, const struct gyl_arpd_host *h,
	const char *state, struct gyl_event *ret);
void gyl__arpd_host_state(const struct gyl_arpd *d, struct gyl_out *o,
	const struct gyl_arpd_host *h, const char *state, uint8_t severity);
uint64_t gyl__arpd_forget_at_ns(const struct gyl_arpd *d);
void gyl__arpd_forget(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o);

/* say.c: events with a limit of rate */
bool gyl__arpd_may_say(struct gyl_arpd *d, uint64_t now_ns, enum gyl_event_kind kind);
/* An event about an address and a MAC; put_vlan for those that have the field. */
void gyl__arpd_event(struct gyl_event *e, enum gyl_event_kind kind, uint16_t vlan, uint32_t ip,
	const uint8_t mac[6]);
void gyl__arpd_say_more(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o);

/* guard.c: protected addresses. */
void gyl__arpd_guards_set(struct gyl_arpd *d);
/* Somebody speaks as the owner of spa: is that against a protected address? */
bool gyl__arpd_guard(struct gyl_arpd *d, const struct gyl_arpd_frame *f);
void gyl__arpd_guards_tick(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o);
void gyl__arpd_guard_record(struct gyl_arpd *d, struct gyl_view key, struct gyl_view val);

/* lease.c: leases and names of others */
void gyl__arpd_lease_event(struct gyl_arpd *d, struct gyl_now now, const struct gyl_event *e);
void gyl__arpd_lease_judge(
	struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_host *h);
/* Does its lease say that this MAC has the address? */
bool gyl__arpd_lease_is(const struct gyl_arpd *d, uint32_t ip, const uint8_t mac[6]);
struct gyl_view gyl__arpd_name(const struct gyl_arpd *d, uint32_t ip);

/* answer.c: what is asked, and who is answered for. known: the host that has the address, or NULL.
 */
void gyl__arpd_asked(
	struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_station *s);

/* send.c */
void gyl__arpd_send(struct gyl_arpd *d, struct gyl_out *o, uint8_t iface, uint16_t vlan,
	const uint8_t dst[6], const struct gyl_arp *a);
extern const uint8_t gyl__arpd_broadcast[6];

/* scan.c. What is wrong with it, or NULL. */
const char *gyl__arpd_scan_begin(struct gyl_arpd *d, struct gyl_now now,
	const struct gyl_conf_prefix *net, struct gyl_view by);
void gyl__arpd_scan_seen(struct gyl_arpd *d, struct gyl_arpd_host *h);
void gyl__arpd_scan_tick(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__arpd_scan_at_ns(const struct gyl_arpd *d);

/* dhcp.c: servers */
void gyl__arpd_dhcp(
	struct gyl_arpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o);

/* keep.c: the store */
void gyl__arpd_record(struct gyl_arpd *d, const struct gyl_in *in);
void gyl__arpd_keep(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o);

/* ask.c: questions of the control socket */
void gyl__arpd_ask(struct gyl_arpd *d, struct gyl_now now, struct gyl_question *q);

/* Whole seconds, as the order of last sight counts them. */
static inline uint32_t gyl__arpd_s(uint64_t wall_ns)
{
	return (uint32_t)(wall_ns / GYL_NS_PER_S);
}

static inline uint64_t gyl__arpd_old_ns(const struct gyl_arpd *d, uint64_t now_ns)
{
	return gyl_time_sub(now_ns, d->cf.lease_grace_ns);
}

#endif
