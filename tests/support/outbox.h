/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_OUTBOX_H
#define GYL_TESTS_OUTBOX_H

/*
 * A world for one core in a test: slots, rings, a virtual clock and a list of stored records,
 * without host or runner. What the core did is there to look at after each call.
 *
 *   struct outbox b;
 *   outbox_open(&b);
 *   outbox_dgram(&b, &gyl_dhcpd_core, d, role, &peer, payload, len);   // one datagram in
 *   assert_int_equal(b.out.send_cnt, 1);  ... b.out.send[0].p, .len, .to, .after
 *   outbox_event(&b, GYL_EV_DHCPD_LEASE)                               // last event of that kind,
 * or NULL outbox_advance(&b, &gyl_dhcpd_core, d, 5 * GYL_NS_PER_S);          // ticks at each
 * deadline on the way
 */

#include "services/base/core.h"
#include "services/base/ring.h"
#include "tests/support/support.h"

enum {
	OUTBOX_SEND = 64,
	OUTBOX_SLOT = 4096,
	OUTBOX_RECORD = 4096,
	OUTBOX_EVENT = 256
};

struct outbox_record {
	uint8_t key[200], val[2048];
	size_t key_len, val_len;
	bool remove;
	uint64_t seq, wall_ns; /* wall_ns: when it was written */
};

struct outbox {
	struct gyl_out out;
	struct gyl_now now;
	struct gyl_send send[OUTBOX_SEND];
	uint8_t slot[OUTBOX_SEND][OUTBOX_SLOT];
	struct gyl_ring ring;
	uint64_t ring_mem[OUTBOX_EVENT * sizeof(struct gyl_out_event) / 4];
	struct gyl_out_event event[OUTBOX_EVENT]; /* what was said in the last call, in order */
	unsigned event_cnt;
	struct outbox_record *record; /* everything ever stored, in order; not deduplicated */
	unsigned record_cnt;
	uint64_t seq;
	bool store_full; /* the next gyl_out_store() says the store is full */
};

void outbox_open(struct outbox *b);
void outbox_close(struct outbox *b);

/* One call of the core's input. Earlier sends and events are forgotten first. Returns what input
 * returned. */
size_t outbox_input(struct outbox *b, const struct gyl_core_ops *ops, void *core, struct gyl_in *in,
	size_t cnt);
/* What the core left of a stream, as a host offers it next. */
void outbox_rest(struct gyl_in *in);
void outbox_dgram(struct outbox *b, const struct gyl_core_ops *ops, void *core, uint8_t role,
	const struct gyl_peer *peer, const void *data, size_t len);
void outbox_tick(struct outbox *b, const struct gyl_core_ops *ops, void *core);
/* Moves both clocks on by ns, calling tick at every deadline in between. Sends and events are
 * collected. */
void outbox_advance(struct outbox *b, const struct gyl_core_ops *ops, void *core, uint64_t ns);
/* Feeds every stored record (last one of each key, removed ones left out) to a fresh core: a
 * restart. */
void outbox_restore(struct outbox *b, const struct gyl_core_ops *ops, void *core);

/* The last event of that kind in the last call, NULL when there was none. */
const struct gyl_event *outbox_event(const struct outbox *b, enum gyl_event_kind kind);
struct gyl_view outbox_sent(const struct outbox *b, unsigned i);

#endif
