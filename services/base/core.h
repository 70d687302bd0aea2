/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_CORE_H
#define GYL_SERVICES_BASE_CORE_H

/*
 * The face of a core: a state machine. Batches of inputs and the time in, ordered outputs out. It
 * opens nothing, waits for nothing, reads no clock, allocates nothing after its init. Randomness is
 * an argument of init. The same object file runs under every host, in a fuzzer, and in a test that
 * lives through a day in milliseconds.
 */

#include "services/base/out.h"

struct gyl_store_owner;

struct gyl_core_ops {
	const char *name; /* "dhcpd": also the prefix of its keys in the store */
	uint32_t wants;   /* bit per enum gyl_event_source whose events it gets as GYL_IN_EVENT */

	/*
	 * Returns how many of in[] it took, each whole; the rest is offered again when there is
	 * room. GYL_IN_RECORD, GYL_IN_LOST and GYL_IN_DATA come once: they are always taken, room
	 * or not, and what a core has to say about them may wait for its next tick.
	 */
	size_t (*input)(void *core, struct gyl_now now, struct gyl_in *in, size_t in_cnt,
		struct gyl_out *o);
	/* One bounded slice of what time brings (expiry, retransmission, snapshots). */
	void (*tick)(void *core, struct gyl_now now, struct gyl_out *o);
	/* Monotonic ns at which tick wants to be called; UINT64_MAX: nothing pending; 0: at once.
	 */
	uint64_t (*deadline_ns)(const void *core);

	/* How long inputs may wait for others to come, under load only (nap.h). 0: not at all. A
	 * loop has no more patience than its least patient core. */
	uint64_t patience_ns;

	/* A dictionary of the store whose values the core keeps (store.h), "dhcpd/lease"; NULL:
	 * none. Its records are told by owner->take(), whose arg is the core. */
	const char *owns;
	const struct gyl_store_owner *owner;
	/* The core's memory for gyl_store_owner(), for so many places. */
	void *(*places)(void *core, uint32_t *ret_cnt);
};

#endif
