/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_STATE_H
#define GYL_SERVICES_DHCPD_STATE_H

/* What the files of the core share: its state, and a message while it is worked on. */

#include <gyl/dhcp_opt.h>

#include "services/dhcpd/budget.h"
#include "services/dhcpd/core.h"
#include "services/dhcpd/explain.h"
#include "services/dhcpd/index.h"
#include "services/dhcpd/name.h"
#include "services/dhcpd/probe.h"
#include "services/dhcpd/record_text.h"
#include "services/dhcpd/tail.h"
#include "services/dhcpd/wait.h"
#include "services/dhcpd/wheel.h"

enum {
	GYL_DHCPD_BESIDE_MAX = 1024
};

/* A configuration on its way into use (reload.c). All zero: there is none. */
struct gyl_dhcpd_change {
	struct gyl__dhcpd_build build;
	const struct gyl_dhcpd_layout *old; /* the one before, whose leases change their places */
	bool on;
	bool switching; /* nothing else may go on now */
	bool begun;
	uint32_t step, at, slot, aside;
	struct gyl_writer *why; /* during a call */
};

struct gyl_dhcpd {
	struct gyl_dhcpd_layout *layout; /* the one in use, of side[] */
	struct gyl_dhcpd_layout side[2];
	struct gyl_dhcpd_change change;
	const struct gyl_flat *conf_next; /* a configuration that is to be taken up; borrowed */
	struct gyl_dhcpd_lease *lease;    /* slots 1 to slot_cnt are or were used */
	struct gyl_dhcpd_index clients, names;
	uint32_t slot_cnt, slot_cap;
	uint32_t slot_free; /* chained by list_next */
	uint32_t lease_cnt;
	uint64_t mono_ns;   /* of the call that is being worked on */
	struct gyl_now now; /* of the last call */
	uint16_t *places;   /* of the store, for each slot (gyl_store_owner()) */
	uint32_t beside_cnt;
	uint32_t beside[GYL_DHCPD_BESIDE_MAX]; /* by address: slots of no pool, chained */
	struct gyl_dhcpd_tails tails;
	struct gyl_dhcpd_wheel wheel;
	struct gyl_dhcpd_budget budget;
	struct gyl_dhcpd_probe probe;
	struct gyl_dhcpd_waits waits;
	struct gyl_dhcpd_iface iface[GYL_DHCPD_IFACE_MAX];
	uint32_t iface_cnt;
	uint64_t seed[2];
	uint64_t lost_from, lost_to; /* records in [from, to) may not be in the store */
	uint64_t seq;                /* the latest that the store gave */
	uint64_t query_at_ns;        /* when LEASEQUERY may look at all slots again */
	uint64_t unstored_at_ns;     /* when a full store may be told again */
	uint64_t count[GYL_DHCPD_COUNT_CNT];
	uint64_t type_cnt[GYL_DHCPD_TYPE_OTHER + 1];
	struct gyl_dhcpd_silence silence[GYL_DHCPD_SILENCE_MAX];
	uint32_t silence_cnt;
	struct gyl_dhcpd_standby *standby; /* NULL: there is no other server */
	bool unsorted;                     /* records came in no order */
	bool snapshot;
	uint32_t snapshot_at;
	uint64_t snapshot_epoch;
	struct gyl_dhcpd_live live;
	struct gyl_dhcpd_explain explain; /* 384 KiB, memory once it is used */
};

enum {
	GYL_DHCPD_SCRATCH = 16 /* octets, for the value of an option that is worked out */
};

/* siaddr, file and sname; 0 or empty: not said. */
struct gyl_dhcpd_boot {
	uint32_t next_server;
	struct gyl_view file, server;
};

/* A message while it is worked on. */
struct gyl_dhcpd_req {
	struct gyl_now now;
	const struct gyl_in *in;
	struct gyl_out *o;
	struct gyl_dhcp_msg msg;
	struct gyl_dhcp_index ix;
	struct gyl_dhcpd_key key;
	struct gyl_view client_id; /* option 61 as it came */
	struct gyl_view relay_val; /* option 82 as it came */
	struct gyl_dhcp_relay relay;
	uint32_t want_ip;   /* option 50, 0: none */
	uint32_t server_id; /* option 54, 0: none */
	uint32_t our_id;    /* what we call ourselves to this client */
	uint32_t link;      /* hash of its link identity */
	uint32_t circuit;   /* hash of giaddr and circuit-id, 0: none */
	bool unicast;       /* sent to our own address, or known to have been */
	bool chosen;        /* the subnet is what the client itself says (RFC 3011) */
	struct gyl_dhcpd_subnet *subnet;
	uint32_t subnet_no;
	const struct gyl_dhcpd_host *host; /* its reservation there, or NULL */
	enum gyl_dhcpd_limit limit;        /* why gyl__dhcpd_choose() found none */
	bool waits;                        /* or that it is to be asked again later */
	bool waited;                       /* it is later (wait.h) */
	uint64_t class_bits;               /* classes that it is in there, the first as bit 0 */
	struct gyl_dhcpd_boot boot;        /* of the answer */
	struct gyl_view name; /* what the client is called, of the reply that is being made */
	bool said_fqdn;       /* it has option 81: option 12 is left out */
	char name_buf[GYL_DHCPD_NAME_MAX + 2];
	uint8_t join_id[512], join_relay[512];
};

static inline bool gyl__dhcpd_find(
	const struct gyl_dhcpd_req *r, uint8_t code, struct gyl_view *ret_val)
{
	return gyl_dhcp_index_find(&r->ix, &r->msg, code, ret_val);
}

/* The same, its pieces joined in buf (RFC 3396); false also when it is over cap octets. */
static inline bool gyl__dhcpd_join(const struct gyl_dhcpd_req *r, uint8_t code, void *buf,
	size_t cap, struct gyl_view *ret_val)
{
	return gyl_dhcp_index_join(&r->ix, &r->msg, code, buf, cap, ret_val);
}

/* An option of four octets, 0 when it is not there. */
static inline uint32_t gyl__dhcpd_find_u32(const struct gyl_dhcpd_req *r, uint8_t code)
{
	struct gyl_view v;

	return gyl__dhcpd_find(r, code, &v) && v.len == 4 ? gyl_get_u32(v.p) : 0;
}

/* ---- client.c: who asks ---- */

/* Fill key, client_id; false when the message says of nobody that it is from. */
bool gyl__dhcpd_client_read(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
/* Whatever it calls itself, the client is its MAC, if it has one. */
void gyl__dhcpd_client_by_mac(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
uint32_t gyl__dhcpd_client_hash(const struct gyl_dhcpd *d, uint8_t form, struct gyl_view id);
bool gyl__dhcpd_client_is(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l,
	const struct gyl_dhcpd_key *key);
/* The client's lease on a link (of a struct gyl_dhcpd_subnet), the liveliest of several; 0: none.
 */
uint32_t gyl__dhcpd_client_find(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_key *key, uint32_t link);
/* Another lease of the same client on the link of `slot`, leased or offered; 0: none. */
uint32_t gyl__dhcpd_client_other(const struct gyl_dhcpd *d, uint32_t slot);
/* Bind a slot to a client, or to nobody with key NULL. */
void gyl__dhcpd_client_bind(struct gyl_dhcpd *d, uint32_t slot, const struct gyl_dhcpd_key *key);

/* What stands for the link that a client is at, and nobody can invent freely: the Ethernet source
 * of its frames, with chaddr where that is another one, or the relay and what it says of chaddr.
 * Fill link and circuit. */
void gyl__dhcpd_link_read(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
/* The octets of a client that are all there is when no frame says more: its hardware address. One
 * without is known by what it calls itself alone (RFC 4390). Borrowed from the key. */
struct gyl_view gyl__dhcpd_link_octets(const struct gyl_dhcpd_key *k);
/* giaddr 0: on the link, octets are the Ethernet source; else relayed, octets are the client's. */
uint32_t gyl__dhcpd_link_hash(const struct gyl_dhcpd *d, uint32_t giaddr, struct gyl_view octets);
/* 0 without a circuit-id. */
uint32_t gyl__dhcpd_circuit_hash(
	const struct gyl_dhcpd *d, uint32_t giaddr, struct gyl_view circuit_id);
/* On the link, with the client's MAC or NULL. `ret_circuit` is left alone unless the source is
 * another's, a bridge's. */
void gyl__dhcpd_source_hash(const struct gyl_dhcpd *d, const uint8_t source[6], const uint8_t *mac,
	uint32_t *ret_link, uint32_t *ret_circuit);
/* May who says this be where the lease was given? On the link the Ethernet source is the one of
 * then, behind a relay it is that one, and its port. What came over a router, or was given where
 * nobody knows, says nothing of it: true. */
bool gyl__dhcpd_link_is(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, const struct gyl_dhcpd_lease *l);
/* Note in its slot where the client is, and that it was heard. */
void gyl__dhcpd_link_note(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot);

/* ---- select.c: which subnet ---- */

/* May that be the address of a relay, or 0? */
bool gyl__dhcpd_giaddr_ok(const struct gyl_dhcpd *d, uint32_t giaddr);

/* Fill our_id, unicast, subnet, subnet_no and host. Where several subnets share the link, the one
 * that the client's own reserved address is of, or else the one that was named. */
void gyl__dhcpd_select(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
/* Does ip lie in a subnet of the link that the message came from? r->subnet MUST not be NULL. */
bool gyl__dhcpd_on_link(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip);
/* The client gets, or has, this address, which is on its link: subnet, subnet_no and host become
 * those of it. */
void gyl__dhcpd_settle(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t ip);
/* Are two subnets, by number, of the same link? */
bool gyl__dhcpd_same_link(const struct gyl_dhcpd *d, uint32_t a, uint32_t b);
/* Is it an address of one of our interfaces? 0, which those that are not served have, is none. */
bool gyl__dhcpd_is_iface(const struct gyl_dhcpd *d, uint32_t ip);
/* The same, or what the relay calls us (RFC 5107). */
bool gyl__dhcpd_is_ours(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip);

/* ---- class.c: what kind of client ---- */

/* Fill class_bits; r->subnet MUST not be NULL. */
void gyl__dhcpd_class_read(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
static inline bool gyl__dhcpd_is_member(const struct gyl_dhcpd_req *r, uint32_t class_no)
{
	return class_no == 0 || (r->class_bits >> (class_no - 1) & 1) != 0;
}
/* The lease time of its classes or else of its subnet, seconds. */
uint32_t gyl__dhcpd_usual_s(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r);

/* ---- boot.c: what boot ROMs are told ---- */

/* Fill boot, each part by reservation, class, subnet, service. */
void gyl__dhcpd_boot_read(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
/* The same as options 66, 67 and 150; false: that option is none of them, or there is nothing to
 * say. */
bool gyl__dhcpd_boot_option(const struct gyl_dhcpd_boot *b, uint8_t code,
	uint8_t scratch[GYL_DHCPD_SCRATCH], struct gyl_view *ret_val);

/* ---- pool.c: slots and choosing ---- */

/* The slot of an address, 0 when nothing is known of it. */
uint32_t gyl__dhcpd_slot(const struct gyl_dhcpd *d, uint32_t ip);
/* The same, made when the address is one of ours to give; 0: it is not, or slots are used up. */
uint32_t gyl__dhcpd_slot_make(struct gyl_dhcpd *d, uint32_t ip);
/* The slot of an address that is of no pool; 0: there is none. */
uint32_t gyl__dhcpd_slot_beside(const struct gyl_dhcpd *d, uint32_t ip);
/* At a new configuration: no slot is of no pool, until it is put there. */
void gyl__dhcpd_slot_none_aside(struct gyl_dhcpd *d);
void gyl__dhcpd_slot_put_aside(struct gyl_dhcpd *d, uint32_t slot);
void gyl__dhcpd_slot_take_back(struct gyl_dhcpd *d, uint32_t slot);
/* A slot of an address that is of no pool, found by nobody until a pool has it again. 0: all that
 * are left are for the addresses of the pools. */
uint32_t gyl__dhcpd_slot_aside(struct gyl_dhcpd *d, uint32_t ip);
void gyl__dhcpd_slot_forget(struct gyl_dhcpd *d, uint32_t slot);
/* Change the state of a slot: lists, counts and timer follow. A free address waits at the end of
 * the list, or at its front when it was only offered. */
void gyl__dhcpd_slot_set(
	struct gyl_dhcpd *d, uint32_t slot, enum gyl_dhcpd_state state, uint64_t expiry_ns);
/* The list that a lease belongs into, by state and subnet; NULL: none. */
struct gyl_dhcpd_list *gyl__dhcpd_list_of(struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l);
/* The next address of the subnet that has no slot, 0: all have. */
uint32_t gyl__dhcpd_never_used(struct gyl_dhcpd *d, struct gyl_dhcpd_subnet *s);
/* May this client have this address of its subnet? */
bool gyl__dhcpd_fits(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t ip);
/* Somebody who did not get it from us uses the address: nobody gets it for decline_time. Of a pool
 * at most the half is kept aside, those of late. */
void gyl__dhcpd_put_aside(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot);
/* An address for the client, RFC 2131 4.3.1; 0: none is free. */
uint32_t gyl__dhcpd_choose(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
/* An address that it could have, without a slot for it; 0: none is free. */
uint32_t gyl__dhcpd_could_have(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r);

/* ---- ways.c: where to look on a link ---- */

/* A subnet may have something that way. */
void gyl__dhcpd_way_note(struct gyl_dhcpd *d, uint32_t subnet, enum gyl_dhcpd_way way);
/* All of them may, in every way: what they had to give was held back before. */
void gyl__dhcpd_way_note_all(struct gyl_dhcpd *d);
/* A new layout is in use. */
void gyl__dhcpd_way_begin(struct gyl_dhcpd *d);
/* The first to be looked at, NULL: none; and it has nothing: the next one is the first. */
struct gyl_dhcpd_subnet *gyl__dhcpd_way_top(
	struct gyl_dhcpd *d, uint32_t link, enum gyl_dhcpd_way way);
void gyl__dhcpd_way_off(struct gyl_dhcpd *d, uint32_t link, enum gyl_dhcpd_way way);
/* Count a slot of a pool in (1) or out (UINT32_MAX) of what its link holds. */
void gyl__dhcpd_way_count(struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, uint32_t by);

/* ---- fill.c: how full ---- */

/* Count a slot in (1) or out (UINT32_MAX) of what its state and reservation say. */
void gyl__dhcpd_fill_count(struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, uint32_t by);
void gyl__dhcpd_fill_step(struct gyl_dhcpd_fill *f, uint64_t now_ns);
/* The leases of now were not taken just now: they came with a restart or a configuration. */
void gyl__dhcpd_fill_begin(struct gyl_dhcpd *d);
/* Offered, leased and declined addresses. */
uint32_t gyl__dhcpd_fill_used(const struct gyl_dhcpd_fill *f);
/* Addresses that anybody may have. */
uint32_t gyl__dhcpd_fill_free(const struct gyl_dhcpd_subnet *s);

/* ---- owner.c: the store looks into our slots ---- */

extern const struct gyl_store_owner gyl__dhcpd_owner;

/* ---- record.c: the store ---- */

/* Write the lease of a slot; false when the store is full. */
bool gyl__dhcpd_store(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot);
/* The same with the end that the last one says. */
bool gyl__dhcpd_store_again(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot);
/* Returns the sequence to wait for, 0: not stored. */
uint64_t gyl__dhcpd_store_remove(struct gyl_dhcpd *d, struct gyl_out *o, uint32_t slot);
/* The value of a lease's record. */
void gyl__dhcpd_print(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l,
	struct gyl_now now, struct gyl_writer *w);
/* A record read back at start, written at wall_ns; of several about an address the last one holds.
 * Returns the slot, 0 when nothing of it is kept; *ret_odd: it makes no sense. */
uint32_t gyl__dhcpd_restore(struct gyl_dhcpd *d, struct gyl_now now, uint32_t ip,
	struct gyl_view val, uint64_t wall_ns, bool *ret_odd);
/* The same from GYL_IN_RECORD. */
void gyl__dhcpd_restore_input(struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in);
/* Does the last record of the lease say enough, so that it need not be written again? */
bool gyl__dhcpd_is_covered(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l);
/* The record of a slot as it is; key and val are its memory. */
void gyl__dhcpd_record(const struct gyl_dhcpd *d, struct gyl_now now, uint32_t slot,
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], uint8_t val[GYL_DHCPD_VAL_LEN_MAX],
	struct gyl_record *ret_rec);
/* A record of another server, whose clock is base on ours: whatever was known of its address is
 * forgotten for it. Its slot; 0: it is no lease, or of no address of ours to give. */
uint32_t gyl__dhcpd_replace(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_now base, const struct gyl_record *rec);
/* Its address, its end on our clock, and whether it is of a client who does not have the address by
 * what we know. False: it is no lease. */
bool gyl__dhcpd_record_end(const struct gyl_dhcpd *d, const struct gyl_record *rec,
	struct gyl_now base, uint32_t *ret_ip, uint64_t *ret_end_ns, bool *ret_anothers);
/* Is the record of the lease in the store, or on its way there? */
bool gyl__dhcpd_is_stored(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l);

/* A lease as it is, to put it back when the one that was to follow it cannot be stored. */
struct gyl_dhcpd_before {
	struct gyl_dhcpd_lease lease;
	size_t val_len; /* 0: its client is not in it */
	uint8_t val[GYL_DHCPD_VAL_LEN_MAX];
};
void gyl__dhcpd_before_take(const struct gyl_dhcpd *d, struct gyl_now now, uint32_t slot,
	struct gyl_dhcpd_before *ret_before);
void gyl__dhcpd_before_put_back(
	struct gyl_dhcpd *d, uint32_t slot, const struct gyl_dhcpd_before *c);

/* ---- count.c ---- */

void gyl__dhcpd_count_type(struct gyl_dhcpd *d, uint8_t type);
/* reason MUST be a literal: it is kept, and told in the metrics. */
void gyl__dhcpd_count_silence(struct gyl_dhcpd *d, const char *reason);

/* ---- say.c: events ---- */

/* "10.0.0.0/24" */
struct gyl_view gyl__dhcpd_subnet_text(uint8_t buf[24], const struct gyl_dhcpd_subnet *s);
/* The lease as an event: said, or told to who asks for leases. */
void gyl__dhcpd_lease_event(const struct gyl_dhcpd *d, struct gyl_now now, uint32_t slot,
	const char *state, struct gyl_event *ret);
/* severity: debug for what a snapshot tells again. */
/* By the wall clock; of what lies before 1970 its beginning. */
uint64_t gyl__dhcpd_wall_ns(uint64_t mono_ns, struct gyl_now now);
void gyl__dhcpd_say_lease(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot,
	const char *state, uint8_t severity, uint64_t after);
/* reason: a literal, here and below: it is remembered (explain.h). */
void gyl__dhcpd_say_reply(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint8_t type,
	uint32_t ip, const char *reason);
/* The message is not answered. quiet: an everyday thing, for the debug log. */
void gyl__dhcpd_say_silent(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, const char *reason, bool quiet);
void gyl__dhcpd_say_full(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r);
void gyl__dhcpd_say_decline(
	const struct gyl_dhcpd_req *r, uint32_t ip, uint64_t hold_ns, bool reserved);
/* Somebody uses an address that we did not give it. */
void gyl__dhcpd_say_squat(
	const struct gyl_dhcpd *d, struct gyl_out *o, uint32_t ip, const uint8_t mac[6]);
void gyl__dhcpd_say_bad(const struct gyl_in *in, struct gyl_out *o, struct gyl_fault f);
void gyl__dhcpd_say_unstored(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r);
void gyl__dhcpd_say_edge(struct gyl_out *o, enum gyl_event_kind kind, uint64_t epoch);
void gyl__dhcpd_say_refused(struct gyl_out *o, struct gyl_view why);

/* ---- reply.c ---- */

/* An OFFER or ACK of a lease; after: not before the store has that. */
void gyl__dhcpd_reply_lease(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint8_t type,
	uint32_t slot, uint64_t after, const char *reason);
/* An OFFER of an address that is not kept for the client; 0: of none. */
void gyl__dhcpd_reply_loose(
	struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t ip, const char *reason);
/* RFC 2563 2.3: an OFFER of no address, and whether the client may make one up. */
void gyl__dhcpd_reply_none(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint8_t auto_config);
void gyl__dhcpd_reply_inform(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
void gyl__dhcpd_reply_nak(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, const char *reason);
void gyl__dhcpd_reply_bootp(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t ip);

/* ---- options.c ---- */

/* What the client asked for, in its order, from reservation, subnet, service and our own knowledge.
 */
void gyl__dhcpd_options_put(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r,
	const struct gyl_dhcpd_lease *l, struct gyl_dhcp_writer *w);
/* The value that is configured for the client; false: none is. */
bool gyl__dhcpd_option_of(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint8_t code,
	struct gyl_view *ret_val);
/* Did the client ask for that option in its list? */
bool gyl__dhcpd_is_asked(const struct gyl_dhcpd_req *r, uint8_t code);

/* ---- grant.c: giving and taking leases ---- */

/* ---- lifetime.c ---- */

/* Seconds: as asked for within bounds, else otherwise_s; short for made-up addresses, in a pool
 * that is nearly full, and in a subnet that is drained. */
uint32_t gyl__dhcpd_lease_time(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t otherwise_s);
/* What was offered, or less when the client asks for less now. */
uint32_t gyl__dhcpd_offered_time(const struct gyl_dhcpd_req *r, uint32_t offered_s);

/* Commit a lease and acknowledge it, or say why not. */
void gyl__dhcpd_grant(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, uint32_t slot,
	uint32_t otherwise_s, const char *reason);
/* A lease has ended. */
void gyl__dhcpd_expire(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot);

/* ---- discover.c, request.c, notice.c, leasequery.c: a message each ---- */

void gyl__dhcpd_discover(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
void gyl__dhcpd_request(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
void gyl__dhcpd_release(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
void gyl__dhcpd_decline(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
void gyl__dhcpd_inform(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
void gyl__dhcpd_bootp(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r);
/* client: it names one, key is filled. The subnet need not be selected. */
void gyl__dhcpd_leasequery(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, bool client);

/* ---- reload.c ---- */

/* The range of its address came or went: it takes its place in the layout, or aside, anew. */
void gyl__dhcpd_slot_moved(struct gyl_dhcpd *d, uint32_t slot);
/* An address that is our own, or the other server's: nobody gets it. */
void gyl__dhcpd_mark_ours(struct gyl_dhcpd *d, uint32_t ip);
/* Take up a configuration; leases that still fit are kept. Instead of another one that is on its
 * way, which MUST NOT be switching. flat is borrowed until it is taken up. */
void gyl__dhcpd_change_begin(struct gyl_dhcpd *d, const struct gyl_flat *flat);
/* A slice of it, of so much cost (layout.h). GYL_DHCPD_WRONG: nothing changed, with a reason. */
enum gyl_dhcpd_progress gyl__dhcpd_change_go_on(
	struct gyl_dhcpd *d, uint32_t cost, struct gyl_writer *why);
/* All of it at once: O(leases) and more. False, nothing changed, with a reason. */
bool gyl__dhcpd_configure(struct gyl_dhcpd *d, const struct gyl_flat *flat, struct gyl_writer *why);

#endif
