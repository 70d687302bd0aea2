/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_CORE_OWN_H
#define GYL_SERVICES_DNS_CORE_OWN_H

#include <gyl/dns.h>

#include "conf/schema.h"
#include "services/dns/copy.h"
#include "services/dns/core.h"
#include "services/dns/limit.h"
#include "services/dns/merge.h"
#include "services/dns/notify.h"
#include "services/dns/reload.h"
#include "services/dns/see.h"
#include "services/dns/transfer.h"
#include "services/dns/tsig.h"
#include "services/dns/update.h"
#include "services/dns/zone_store.h"

/* Networks of the configuration: borrowed from the block. */
struct gyl__dns_nets {
	const struct gyl_conf_prefix *p;
	uint32_t cnt;
};
#include "services/dns/forward.h"

enum {
	GYL__DNS_FRAMED_MAX = 2 + GYL_DNS_MSG_MAX
};

struct gyl__dns_flow {
	uint32_t flow; /* 0: free */
	uint32_t ip;
	uint64_t seen_ns;
	uint32_t room;        /* octets it could take when it was heard last, less what was said */
	uint32_t waiting_cnt; /* queries that upstreams were asked about */
	bool ended;           /* the client asks no more: it closes with the last answer */
};

enum {
	GYL__DNS_DONE_MAX = 512 /* UPDATEs that are remembered */
};

/* An UPDATE at work, and the last ones that changed anything: one that comes again, for its answer
 * was lost on the way, is answered and not done again. */
struct gyl__dns_update {
	struct {
		uint64_t print; /* of the message with its TSIG; 0: none */
		uint64_t after; /* its changes are durable then */
	} done[GYL__DNS_DONE_MAX];
	uint32_t done_at;
	uint64_t print;
	struct gyl_dns_update u;
	struct gyl__dns_batch batch;
	struct gyl_out *o;
	uint32_t ip;
	uint64_t after;             /* the answer leaves when this is durable */
	uint8_t answer[1232 + 240]; /* with two octets of length in front */
};

enum {
	GYL__DNS_OUT_MAX = 16 /* zones that are on their way to others at once */
};

/* A zone on its way. */
struct gyl__dns_out {
	uint32_t flow; /* 0: free */
	uint32_t ip;
	bool gone;                   /* what it is about is no more */
	bool tight;                  /* the next record wants all the room of a message */
	uint64_t turn_ns;            /* when a message left last, */
	size_t turn_len;             /* and octets of all that left then */
	struct gyl_dns_tsig_key key; /* those of the configuration may change meanwhile */
	struct gyl_dns_transfer t;
};

/* A block of the loader on its way. */
struct gyl__dns_load {
	struct gyl_view data, next; /* at work; waits */
	uint8_t stage, kind;
	bool begun;   /* the part at hand */
	bool refused; /* untold: it was broken */
	uint32_t part;
	uint32_t at_once; /* octets of a block that take no longer than a slice */
	struct gyl_dns_gate gate;
	struct gyl_dns_reload reload;
};

struct gyl_dns_team;
struct gyl__dns_member;

struct gyl_dns {
	struct gyl_dns_conf cf;         /* the numbers; texts are in policy */
	struct gyl_dns_team *team;      /* workers beside this loop; NULL: there are none */
	struct gyl__dns_member *member; /* this is one of them, and has its part only; NULL: no */
	uint32_t loop_cnt;              /* that answer by UDP */
	struct gyl_dns_policy policy;
	struct gyl_dns_data data;
	struct gyl_dns_overlay overlay;
	struct gyl_dns_tsig_keys keys;
	const struct gyl_flat *flat; /* the configuration; valid until replaced */
	const struct gyl_dns_conf *conf;
	struct gyl_view bundle; /* that the zones are of */
	struct gyl__dns_load load;
	struct gyl_dns_lives lives;
	struct gyl_dns_ledger ledger;
	uint64_t lease_wait_ns;
	uint64_t serial_at_ns;             /* serials do not move for leases before */
	uint64_t served;                   /* zones that change, a bit each */
	uint64_t nested[GYL_DNS_BOOK_MAX]; /* of the books: the zones below, as a number */
	uint64_t held_at_ns;               /* when to look how far the store is */
	struct gyl__dns_update update;
	struct gyl__dns_out out[GYL__DNS_OUT_MAX], out_dgram;
	struct gyl__dns_notify notify;
	struct gyl__dns_copy copy[GYL_DNS_COPY_MAX];
	uint64_t copy_now_ns; /* records of transfers that were taken at that time */
	uint32_t copy_taken;
	uint8_t copy_turn;      /* which one is worked at next */
	uint64_t refused_at_ns; /* earliest next word about a transfer that was refused */
	struct gyl_dns_limit limit;
	struct gyl__dns_nets exempt, encrypted_by, debug_answers;
	uint64_t own_secret[2];  /* of cookies, when none is configured */
	uint64_t limit_at_ns;    /* earliest next word about answers held back */
	uint64_t limit_told_cnt; /* those that were told of */
	struct gyl__dns_forward forward;
	struct gyl_dns_stat stat;
	struct gyl__dns_see see;
	uint64_t snapshot_epoch;
	uint64_t bad_at_ns;         /* earliest next word about an unreadable query */
	uint64_t block_at_ns;       /* ... about a blocked name */
	uint64_t full_at_ns;        /* ... about a full table */
	struct gyl__dns_flow *flow; /* cf.tcp_cnt places */
	uint32_t odd_cnt;           /* untold: stored values that were not taken */
	uint32_t out_cnt;           /* places of out that are taken */
	uint32_t cpu;
	uint32_t snapshot_at; /* address to go on from */
	uint32_t zone_told;   /* zones of the image that were told of */
	uint32_t flow_cnt;
	uint16_t flow_hint[GYL_DNS_TCP_CNT_MAX]; /* where a flow was found last */
	bool zones_ready;                        /* what the store has is in the zones */
	bool copy_changed;                       /* zones that are copies are others now */
	bool zones_full;                         /* untold: a zone found no room */
	bool zones_tidy;                         /* there is more to tidy up */
	bool ledger_held;                        /* others are not told of all serials yet */
	bool leased;     /* the store says that there were names of leases */
	bool lease_wait; /* they are not told yet */
	bool lease_end;  /* dhcpd has told all of its leases once */
	bool asked;      /* dhcpd was asked for its leases */
	bool snapshot;   /* the names are being told */
	bool snapshot_begun;
	uint32_t stream_len;
	uint8_t stream[2 * GYL__DNS_FRAMED_MAX]; /* answers on their way into a stream */
};

/* core.c: what a loop that answers needs of the configuration, be it a worker's or the first. */
void gyl__dns_desk_conf(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf);
/* A query by UDP; key: of the name asked, NULL: nobody has made it. False: no room now. */
bool gyl__dns_dgram(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	struct gyl_dns_key *key, struct gyl_out *o);
/* The image, when it is so large that looking ahead in it pays; else NULL. */
const struct gyl_dns_image *gyl__dns_large(const struct gyl_dns_data *data);
/* Counts and tells what became of a query. */
void gyl__dns_note(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o);

/* core_say.c: a name of the wire (NULL: none) and a response code as fields of an event. */
void gyl__dns_event_name(struct gyl_event *e, const char *field, const uint8_t *name);
void gyl__dns_event_rcode(struct gyl_event *e, const char *field, unsigned rcode);
/* ... a name in an answer of the control socket; a warning in so many words. */
struct gyl_json;
void gyl__dns_json_name(struct gyl_json *j, const char *key, const uint8_t *name);
void gyl__dns_say_note(const char *text, struct gyl_out *o);

void gyl__dns_say_zone(const struct gyl_dns_image *im, uint32_t i, struct gyl_out *o);

/* core_limit.c: may an answer not leave by UDP, because there were too many like it? */
bool gyl__dns_over(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o);
bool gyl__dns_in_nets(const struct gyl__dns_nets *n, uint32_t ip);

/* worker.c: a query that the first loop has to answer. */
void gyl__dns_hand_over(struct gyl_dns *w, const struct gyl_in *in);

/* team.c: something may have changed; a slice of showing and counting; when that is due. */
void gyl__dns_team_heard(struct gyl_dns_team *t);
void gyl__dns_team_tick(struct gyl_dns_team *t, struct gyl_now now);
uint64_t gyl__dns_team_at_ns(const struct gyl_dns_team *t);
/* Adds what workers have counted; answers that they gave. */
void gyl__dns_team_sum(const struct gyl_dns_team *t, struct gyl_dns_stat *sum);
uint64_t gyl__dns_team_answers(const struct gyl_dns_team *t);

/* core_load.c: the bundle of the start, which is known to be sound; one that comes later; a slice
 * of what there is to do with it. */
void gyl__dns_load_first(struct gyl_dns *d, struct gyl_view data);
void gyl__dns_load_put(struct gyl_dns *d, struct gyl_view data);
void gyl__dns_load_tick(struct gyl_dns *d, struct gyl_out *o);
bool gyl__dns_load_busy(const struct gyl_dns *d);
/* The image of the zone in a bundle that is sound, NULL: it is no part of it. */
const struct gyl_dns_image *gyl__dns_zone_part_of(
	struct gyl_view data, const struct gyl_dns_live *z);
/* A zone meets its file, in one piece. */
void gyl__dns_zone_merge(struct gyl_dns *d, struct gyl_dns_live *z, const struct gyl_dns_image *is,
	const struct gyl_dns_image *was);
const char *gyl__dns_merged_text(enum gyl_dns_merged merged);

/* core_zone.c: zones that change. */
void gyl__dns_zones_record(struct gyl_dns *d, const struct gyl_in *in);
/* To be called before zones are used: what was stored is complete. */
void gyl__dns_zones_ready(struct gyl_dns *d);
void gyl__dns_zones_tick(struct gyl_dns *d, struct gyl_out *o);
uint64_t gyl__dns_zones_at_ns(const struct gyl_dns *d);
/* What the store has of the zone goes, when it is no longer wanted: before it gets anything new. */
void gyl__dns_zone_forget(struct gyl_dns *d, struct gyl_dns_live *z, struct gyl_out *o);

/* core_serial.c: a lease's names came (it is there) or will go (it is there still). */
void gyl__dns_lease_noted(struct gyl_dns *d, const struct gyl_dns_lease *l, bool added);
void gyl__dns_serial_record(struct gyl_dns *d, const struct gyl_in *in);
/* Serials that were restored, or, when the zones are new, all of them. */
void gyl__dns_serials_settle(struct gyl_dns *d, bool is_new);
void gyl__dns_serials_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dns_serials_at_ns(const struct gyl_dns *d);
/* The serial of the step that will be closed next stands in no record of the store: others are not
 * told of it before it does. */
void gyl__dns_serial_bare(struct gyl_dns *d, struct gyl_dns_book *b);
/* A zone that changes is another than it was with its serial, and nobody knows what has changed. */
void gyl__dns_serial_skip(struct gyl_dns *d, struct gyl_dns_live *z);
/* Zones that are there since now are not told of before the store knows their files. */
void gyl__dns_serials_unfiled(struct gyl_dns *d);
/* It does when it is durable up to here; what was held for that can be told then. */
void gyl__dns_serial_filed(struct gyl_dns *d, const struct gyl_dns_live *z, uint64_t after);
/* Names of leases may have another TTL from now on. */
void gyl__dns_serials_ttl(struct gyl_dns *d);
/* Zones will come or go; have come or gone. */
void gyl__dns_serials_nested(struct gyl_dns *d, bool begin);
/* The store has gone on: others may be told of more. */
void gyl__dns_serials_durable(struct gyl_dns *d, const struct gyl_out *o);
/* After a start with names of leases before it: must queries wait until dhcpd has told them? */
bool gyl__dns_lease_waits(const struct gyl_dns *d, struct gyl_now now);
/* dhcpd begins to tell its leases, or has told them all. */
void gyl__dns_lease_edge(struct gyl_dns *d, struct gyl_now now, const struct gyl_event *e);

/* core_update.c: UPDATE by UDP (false: no room now), and a message of a stream, whose answer leaves
 * at once or when the change is durable: octets of it, 0 when there is none, SIZE_MAX: no room now.
 */
bool gyl__dns_is_update(const struct gyl_dns *d, struct gyl_view msg);
bool gyl__dns_update_dgram(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o);
size_t gyl__dns_update_stream(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	struct gyl_view msg, struct gyl_out *o);

/* core_transfer.c: the answer was REFUSED, but who asks may have a zone. */
bool gyl__dns_wants_transfer(const struct gyl_dns_verdict *v);
enum gyl__dns_out_begun {
	GYL__DNS_OUT_BEGUN,
	GYL__DNS_OUT_REFUSED,
	GYL__DNS_OUT_FULL
};
enum gyl__dns_out_begun gyl__dns_out_begin(struct gyl_dns *d, struct gyl_now now,
	const struct gyl_in *in, struct gyl_view msg, struct gyl_out *o);
struct gyl__dns_out *gyl__dns_out_find(struct gyl_dns *d, uint32_t flow);
/* Octets that the next message may have in a stream with that room; 0: it has to wait for more, or
 * for the next turn. */
size_t gyl__dns_out_cap(
	const struct gyl_dns *d, struct gyl_now now, struct gyl__dns_out *x, size_t room);
/* The next message, cap octets at most; the place is free again unless it is NEXT. No octets and
 * NEXT: there has to be more room. */
enum gyl_dns_next gyl__dns_out_next(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_out *x,
	uint8_t *p, size_t cap, size_t *ret_len, struct gyl_out *o);
void gyl__dns_out_drop(struct gyl_dns *d, uint32_t flow);
/* Another image takes the place of one (NULL: of none, or by none), which is still there: those who
 * get a zone that is in both go on. */
void gyl__dns_out_move(
	struct gyl_dns *d, const struct gyl_dns_image *was, const struct gyl_dns_image *is);
/* Another one takes the zone's place, and what has changed in it will be forgotten: it stays for
 * those who get it and need not know that. */
void gyl__dns_out_retire(struct gyl_dns *d, struct gyl_dns_live *z);
/* Zones that others have taken the place of go when they are on their way to nobody. */
void gyl__dns_out_release(struct gyl_dns *d);
/* IXFR by UDP: what leaves instead of the refusal in p, its length. */
size_t gyl__dns_out_dgram(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, uint8_t *p, size_t cap, size_t len, struct gyl_out *o);

/* core_copy*.c */
void gyl__dns_copy_conf(struct gyl_dns *d);
/* Places for what the store has: once, before it is read back. */
void gyl__dns_copy_begin(struct gyl_dns *d);
void gyl__dns_copy_record(struct gyl_dns *d, const struct gyl_in *in);
bool gyl__dns_copy_input(
	struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o);
/* Is it a NOTIFY that counts? */
bool gyl__dns_copy_notified(
	struct gyl_dns *d, struct gyl_now now, uint32_t ip, struct gyl_view msg);
void gyl__dns_copy_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dns_copy_at_ns(const struct gyl_dns *d);

/* core_notify.c: a new configuration; new zones; inputs of its flows. */
void gyl__dns_notify_conf(struct gyl_dns *d);
void gyl__dns_notify_data(struct gyl_dns *d);
bool gyl__dns_notify_input(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o);
void gyl__dns_notify_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dns_notify_at_ns(const struct gyl_dns *d);

/* core_lease.c */
void gyl__dns_lease(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_event *e, struct gyl_out *o);
void gyl__dns_expire(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o);
void gyl__dns_tell_names(struct gyl_dns *d, struct gyl_out *o);

/* core_tcp.c: false when there was no room, and the input has to be offered again. */
bool gyl__dns_stream(struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o);
/* A query that waited, in->flow its stream; false: no room now, or no answer yet. */
bool gyl__dns_stream_answer(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_from *from, struct gyl_dns_verdict *v, struct gyl_out *o);
/* A query that waited will not be answered. */
void gyl__dns_stream_forget(struct gyl_dns *d, uint32_t flow);
void gyl__dns_idle(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dns_idle_at_ns(const struct gyl_dns *d);

#endif
