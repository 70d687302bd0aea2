/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_STANDBY_H
#define GYL_SERVICES_DHCPD_STANDBY_H

/*
 * Two servers with one set of leases: what each may do and when, so that whatever happens between
 * them no address has two holders and no lease that a client was told of is forgotten by whoever
 * answers for it. services/dhcpd/docs/standby.md has the states, and why it is so. Pure.
 */

#include "services/base/replica.h"
#include "services/dhcpd/core.h"

struct gyl_question;
struct gyl_dhcpd_req;
struct gyl_json;
struct gyl_metrics;

enum gyl_dhcpd_duty {
	GYL_DHCPD_ROLE_BOOT,    /* records are being read back */
	GYL_DHCPD_ROLE_WAIT,    /* silent: it does not know what the other has done meanwhile */
	GYL_DHCPD_ROLE_STANDBY, /* silent, with a whole copy as of the last word of the other */
	GYL_DHCPD_ROLE_BOTH,    /* it serves, and the other has all that a client is told */
	GYL_DHCPD_ROLE_CLOSING, /* silent: the books as of the cut are being closed */
	GYL_DHCPD_ROLE_ALONE,   /* it serves what it may without the other */
	GYL_DHCPD_ROLE_MERGING, /* silent: both served, and the other takes over from us */
	GYL_DHCPD_ROLE_YIELDING /* silent: the other is to serve, and gets the rest of our records
				 */
};

/* What may be done with an address while the other cannot be asked. */
enum gyl_dhcpd_may {
	GYL_DHCPD_MAY_ALL,    /* anything */
	GYL_DHCPD_MAY_HOLDER, /* whom it was leased to, and nobody else, may have it */
	GYL_DHCPD_MAY_OTHER,  /* free, but the other's to give; a reservation is as good here */
	GYL_DHCPD_MAY_NOBODY  /* the other may know something else of it: nothing */
};

enum {
	GYL_DHCPD_PEND_MAX = 4096,   /* records that the other does not have yet */
	GYL_DHCPD_SENT_MAX = 16,     /* frames that it has not answered yet */
	GYL_DHCPD_SERVICE_MAX = 16,  /* addresses that are taken over */
	GYL_DHCPD_STANDBY_PORT = 647 /* "dhcp-failover" at IANA */
};

enum gyl_dhcpd_phase { /* of the connection */
	GYL_DHCPD_LINK_DOWN,
	GYL_DHCPD_LINK_OPENING, /* no hello yet */
	GYL_DHCPD_LINK_STATE,   /* our state is said, the other's is not there */
	GYL_DHCPD_LINK_REST,    /* nothing to do but to wait for the other's next step */
	GYL_DHCPD_LINK_MERGE,   /* we give what we did while both served */
	GYL_DHCPD_LINK_SEND,    /* we give all that we know */
	GYL_DHCPD_LINK_GO,      /* all was taken, and now it counts: not answered yet */
	GYL_DHCPD_LINK_LIVE     /* each record as it is made */
};

struct gyl_dhcpd_standby_env {
	bool first;             /* of the two; it serves when nothing else speaks for the other */
	bool take_back;         /* it serves again by itself when it is back and has all records */
	uint32_t peer_ip;       /* of the other */
	uint16_t peer_port;     /* where the first listens */
	uint64_t takeover_ns;   /* 0: by command only */
	struct gyl_view secret; /* copied as a key */
	struct gyl_rng *rng;    /* for nonces; stays */
};

struct gyl_dhcpd_mark {
	uint32_t both;    /* hash of the client that the other knows to have it leased; 0: none */
	uint16_t binding; /* counts leases that ended, so that each binding has its number */
	uint8_t part : 2; /* enum gyl_dhcpd_may */
	bool dirty : 1;   /* to be stored before the books are closed */
	bool stale : 1;   /* the other has not told of it in this round */
	bool doubted : 1; /* whose it was as of the cut is not known after a start: `mixed` */
};

enum gyl_dhcpd_pend_of {
	GYL_DHCPD_PEND_LEASE,
	GYL_DHCPD_PEND_HOST, /* a reservation that was set at run time: its MAC is in slot and hash
			      */
	GYL_DHCPD_PEND_DRAIN /* a drain: its network's address and mask */
};

struct gyl_dhcpd_pend {
	uint32_t slot, hash;
	uint64_t seq;
	uint16_t binding; /* GYL_DHCPD_PEND_MAX is less than it counts to */
	uint8_t of;       /* enum gyl_dhcpd_pend_of */
};

struct gyl_dhcpd_sent {
	uint32_t pend_end; /* records up to here are in it or in earlier ones */
	uint8_t flags;
	uint64_t sync_ns, sent_ns;
};

struct gyl_dhcpd_standby {
	struct gyl_dhcpd_standby_env cf;
	struct gyl_dhcpd_mark *mark; /* of each slot */
	uint8_t role;                /* enum gyl_dhcpd_duty */
	bool has_mode;               /* a record of our role is in the store */
	bool was_alone;              /* it says that we served without the other */
	bool all;                    /* we serve without the other, and may do everything */
	bool eligible;               /* lo_ns, hi_ns are known: we may take over */
	bool refused;                /* its machine says that nobody listens there */
	bool leads;                  /* of two silent ones we are to serve, when it lets us */
	bool ask;                    /* the other is to be asked to let us serve */
	bool parted;                 /* parts count */
	bool mixed;                  /* records of the other's half may be what it told us since */
	bool crowded;                /* it has more addresses than we take over, and it is told */
	bool clash;                  /* both are configured to be the first, or the second */
	bool adrift;                 /* the clocks of the two have gone apart: to be cut off */
	uint64_t lead_ns;            /* of the wall clock, when the record of our role was made */
	const char *told;            /* why the two do not come together, and when it was said */
	uint64_t told_ns;
	uint64_t lo_ns, hi_ns;         /* the cut, between these: monotonic */
	uint32_t at, set_at, close_at; /* of what is done in slices */

	struct gyl_replica replica;
	uint8_t phase; /* enum gyl_dhcpd_phase */
	uint8_t port;
	uint32_t flow, room, dialled;
	uint64_t said_after; /* the last frame waits for that */
	struct gyl_peer peer;
	uint64_t heard_ns, said_ns, open_at_ns, since_ns;
	uint64_t up_ns, word_ns; /* the connection stands since; a frame of it was good, 0: never */
	uint64_t offset;         /* of the time that the other is told to our monotonic clock */
	uint64_t sync_ns;        /* all that was changed before was said */

	/* records on their way to the other */
	struct gyl_dhcpd_pend pend[GYL_DHCPD_PEND_MAX];
	uint32_t pend_acked, pend_sent, pend_end; /* counted on for ever */
	struct gyl_dhcpd_sent flight[GYL_DHCPD_SENT_MAX];
	uint32_t flight_acked, flight_end;
	bool overflow; /* it is too slow, or what was said of it is lost: to be cut off */
	bool begun;    /* of a round: its first frame was sent, or taken */
	bool ended;    /* its last one was sent */

	/* records from the other */
	bool cleaning;
	struct gyl_now base; /* the other's clock, on ours */
	uint64_t taken_no, after;

	/* the other's addresses, ours when we serve for it */
	struct gyl_dhcpd_iface service[GYL_DHCPD_SERVICE_MAX];
	uint8_t service_cnt;
	struct gyl_dhcpd_iface own[GYL_DHCPD_IFACE_MAX]; /* ours, when we serve for nobody */
	uint32_t own_cnt;
	bool adopted;
	bool twice; /* the other's machine speaks from an adopted address, and it is told */
	unsigned announce_cnt;
	uint64_t announce_ns, probe_ns, alive_ns; /* alive_ns: its address was heard of */
};

/* Octets of memory for that many slots, a multiple of 16. */
size_t gyl__dhcpd_standby_need(uint32_t slot_cap);
/* mem is zeros. False: the secret is too short. */
bool gyl__dhcpd_standby_init(
	struct gyl_dhcpd *d, void *mem, const struct gyl_dhcpd_standby_env *env);

/* ---- standby.c: roles ---- */

/* Does this server answer clients now? */
bool gyl__dhcpd_serves(const struct gyl_dhcpd *d);
void gyl__dhcpd_standby_tick(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dhcpd_standby_deadline_ns(const struct gyl_dhcpd *d);
/* A record of our role, at start; false: it is of something else. */
bool gyl__dhcpd_standby_restore(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_view key, struct gyl_view val);
/* Records may not be in the store. */
void gyl__dhcpd_standby_lost(struct gyl_dhcpd *d);
/* By command. NULL, or why not. */
const char *gyl__dhcpd_standby_takeover(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, bool all);
const char *gyl__dhcpd_role_name(uint8_t role);
void gyl__dhcpd_standby_role(struct gyl_dhcpd *d, struct gyl_out *o, uint8_t role, const char *why);
void gyl__dhcpd_standby_say(
	const struct gyl_dhcpd *d, struct gyl_out *o, uint8_t severity, const char *why);
void gyl__dhcpd_standby_store_mode(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o);
/* The connection is gone, whoever ended it. */
void gyl__dhcpd_standby_cut(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, const char *why);
/* Serve without the other, from what is known of the cut. */
void gyl__dhcpd_standby_begin_alone(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, const char *why);

/* ---- standby_part.c: what may be given ---- */

/* May this client have this address, as far as the other server is concerned? */
bool gyl__dhcpd_may_give(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip);
/* Is a question about it better left to the other, who may know the client? */
bool gyl__dhcpd_is_left(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip);
/* May an address that was never used be given? */
bool gyl__dhcpd_may_begin(const struct gyl_dhcpd *d, uint32_t ip);
/* May a slot be found by those who look for any address? */
bool gyl__dhcpd_is_open(const struct gyl_dhcpd *d, uint32_t slot);
/* Is what the slot says true only if the other has it, too? */
bool gyl__dhcpd_is_strict(const struct gyl_dhcpd *d, uint32_t slot);
/* The lease of the slot was ended, or the slot given back. */
void gyl__dhcpd_standby_end(struct gyl_dhcpd *d, uint32_t slot);
/* Is the address of our half? */
bool gyl__dhcpd_is_half(const struct gyl_dhcpd *d, uint32_t ip);

/* Part the addresses as of the cut: lo_ns, hi_ns. known: what the other has not acknowledged is
 * undone, and marked dirty. */
void gyl__dhcpd_part_all(struct gyl_dhcpd *d, uint64_t now_ns, bool known);
void gyl__dhcpd_unpart_all(struct gyl_dhcpd *d);
/* At a start: of the other's half the records may be younger than the cut. And they are not any
 * more: the other has stepped back, and we have all of it. */
void gyl__dhcpd_part_doubt(struct gyl_dhcpd *d);
void gyl__dhcpd_part_trust(struct gyl_dhcpd *d);
/* All that is leased is known to the other. */
void gyl__dhcpd_part_known(struct gyl_dhcpd *d);

/* ---- standby_copy.c: records ---- */

/* A record of the slot was stored. */
void gyl__dhcpd_standby_note(struct gyl_dhcpd *d, struct gyl_out *o, uint32_t slot, uint64_t seq);
/* Send what there is to send, as far as there is room. */
void gyl__dhcpd_copy_pump(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dhcpd_copy_deadline_ns(const struct gyl_dhcpd *d);
void gyl__dhcpd_copy_begin(struct gyl_dhcpd *d, struct gyl_now now, uint8_t phase);
/* DATA and ACK frames; false: they make no sense. */
bool gyl__dhcpd_copy_take(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, struct gyl_view body);
bool gyl__dhcpd_copy_acked(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, struct gyl_view body);
/* What the other has not told of is forgotten, a slice. */
void gyl__dhcpd_copy_clean(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o);

/* To be said, behind what is. */
void gyl__dhcpd_copy_push(struct gyl_dhcpd *d, struct gyl_out *o, struct gyl_dhcpd_pend p);

/* ---- standby_set.c: reservations and drains that were set at run time ---- */

/* Their records were stored. */
void gyl__dhcpd_set_note_host(
	struct gyl_dhcpd *d, struct gyl_out *o, const uint8_t mac[6], uint64_t seq);
void gyl__dhcpd_set_note_drain(
	struct gyl_dhcpd *d, struct gyl_out *o, uint32_t ip, uint32_t mask, uint64_t seq);
/* The record of one that is to be said, as it is now. False: no room. */
bool gyl__dhcpd_set_put(struct gyl_dhcpd *d, struct gyl_writer *w, const struct gyl_dhcpd_pend *p);
/* All of them, n at most, from set_at on. False: no room, or there are more. gone: also what was
 * taken back. */
bool gyl__dhcpd_set_put_all(struct gyl_dhcpd *d, struct gyl_writer *w, unsigned n, bool gone);
/* A round of all begins: what is not told of is to be forgotten. */
void gyl__dhcpd_set_doubt(struct gyl_dhcpd *d);
/* From the other. merge: the later word counts. False: it could not be stored. *ret_is: it is such
 * a record. */
bool gyl__dhcpd_set_take(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o,
	const struct gyl_record *rec, bool merge, bool *ret_is);
/* A slice of n records: forget what was not told of; forget what was taken back, for both know it.
 * True: all is done. */
bool gyl__dhcpd_set_clean(struct gyl_dhcpd *d, struct gyl_out *o, unsigned n);
bool gyl__dhcpd_set_tidy(struct gyl_dhcpd *d, struct gyl_out *o, unsigned n);

/* ---- standby_link.c: the connection ---- */

enum gyl_dhcpd_frame {
	GYL_DHCPD_FRAME_STATE = 1,
	GYL_DHCPD_FRAME_DATA,
	GYL_DHCPD_FRAME_ACK,
	GYL_DHCPD_FRAME_ASK,
	GYL_DHCPD_FRAME_YIELD
};

/* False: no room for what it may cause, in->used says what was taken. */
bool gyl__dhcpd_link_input(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o);
void gyl__dhcpd_link_tick(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dhcpd_link_deadline_ns(const struct gyl_dhcpd *d);
/* A body; then the frame. There MUST be room for a send. */
uint8_t *gyl__dhcpd_link_begin(
	struct gyl_dhcpd *d, struct gyl_out *o, uint64_t after, struct gyl_writer *ret_w);
void gyl__dhcpd_link_end(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint8_t type,
	const struct gyl_writer *w, uint8_t *buf);
void gyl__dhcpd_link_say_state(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint64_t after);
void gyl__dhcpd_link_close(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, const char *why);

/* ---- standby_tell.c: how the two stand ---- */

/* Members of an object; there MUST be a standby. */
void gyl__dhcpd_standby_json(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_json *j);
void gyl__dhcpd_standby_metrics(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_metrics *m);

/* ---- standby_arp.c: the address ---- */

/* False: no room for an answer. */
bool gyl__dhcpd_arp_input(
	struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o);
void gyl__dhcpd_arp_tick(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dhcpd_arp_deadline_ns(const struct gyl_dhcpd *d);
void gyl__dhcpd_arp_adopt(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o);
void gyl__dhcpd_arp_leave(struct gyl_dhcpd *d, struct gyl_out *o);
/* The other's addresses, as its STATE frame lists them. False: there are more than are noted. */
bool gyl__dhcpd_arp_note(struct gyl_dhcpd *d, struct gyl_view list);
void gyl__dhcpd_arp_init(struct gyl_dhcpd *d);

#endif
