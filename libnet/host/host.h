/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_HOST_H
#define GYL_LIBNET_HOST_HOST_H

/*
 * What the world gives a loop: batches in, lent slots out, streams, the clock, durable units, jobs.
 *
 * Three hosts stand behind this one face: kernel sockets, our stack over a device, Solo5. The
 * runner (services/base/run.c) makes one indirect call a batch. A host knows no core.
 *
 * Errors: functions returning int give a value >= 0, or -errno; whoever calls at start-up prints it
 * with what was tried. Nothing here aborts, and a packet that cannot be sent is counted, never an
 * error.
 */

#include "libnet/host/io.h"

/* A durable unit: what a block device writes at once and the journal checks by its own CRC. */
#define GYL_UNIT_LEN     1024

/* Every lent slot has room for at least this much payload: Ethernet's 1500 less IPv4 and UDP
 * headers. */
#define GYL_SEND_CAP_MIN 1472

struct gyl_host_stat {
	uint64_t in_cnt, in_octets;
	uint64_t out_cnt, out_octets;
	uint64_t in_bad_cnt;   /* frames that were not for us or failed a check */
	uint64_t in_lost_cnt;  /* dropped by the kernel before we read them */
	uint64_t out_lost_cnt; /* could not be sent */
	/* TCP of our own stack: */
	uint64_t stream_cnt;                    /* open now */
	uint64_t stream_in_cnt, stream_out_cnt; /* opened by others, by us */
	uint64_t stream_lost_cnt;               /* ended by a reset or because nobody answered */
	uint64_t stream_again_cnt;              /* segments sent again */
};

struct gyl_host_ops {
	/*
	 * Open a listener. Returns its port number (0 to 62), or -errno; gyl_host_why() says what
	 * that means. At start-up only.
	 */
	int (*listen)(void *h, const struct gyl_bind *b);

	/*
	 * Wait until something is there or until_ns (monotonic; UINT64_MAX: no limit, 0: only
	 * look). Both clocks are read after the wait. Returns a bit mask of the ports that have
	 * input.
	 */
	uint64_t (*wait)(void *h, uint64_t until_ns, struct gyl_now *ret_now);

	/*
	 * Up to cap (at least 4) inputs of one port. 0: drained. Datagrams are borrowed until the
	 * next recv on the port, octets of streams until the next recv on any.
	 */
	size_t (*recv)(void *h, int port, struct gyl_in *in, size_t cap);

	/*
	 * What the core left of the last recv, before the next one. Whole inputs from `taken` on:
	 * the next recv offers them again, before newer ones, and the port counts as having input;
	 * of streams without the `used` octets that the core took before it had to stop.
	 * Of streams among the taken ones the octets past `used`: they are offered again in front
	 * of the next octets, with the peer's end, or when there is room after a backlog; up to
	 * then the port may rest. With `again` set they are offered by the next recv, behind what
	 * waits already. Without this call all of a batch counts as consumed.
	 */
	void (*unread)(void *h, int port, const struct gyl_in *in, size_t cnt, size_t taken);

	/* Lend up to cnt slots with p and cap set. Returns how many. Slots not sent are lent again.
	 */
	size_t (*lend)(void *h, struct gyl_send *slot, size_t cnt);

	/* Send the slots with len > 0, in order. All lent slots go back. Loss is counted. */
	void (*send)(void *h, struct gyl_send *s, size_t cnt);

	/* Open, close or reset a stream or a core-opened socket. 0 or -errno. */
	int (*flow)(void *h, uint32_t flow, int op, const struct gyl_peer *to);

	/* Read units of a block device (a file on hosted systems). Waits; start-up only. 0 or
	 * -errno. */
	int (*blk_read)(void *h, int dev, uint64_t unit, uint8_t *buf, size_t cnt);

	/*
	 * Write units and make them durable. buf MUST stay unchanged until blk_done tells of token.
	 * One write may be in flight per device. 0 or -errno. On Solo5 it is done on return.
	 */
	int (*blk_write)(
		void *h, int dev, uint64_t unit, const uint8_t *buf, size_t cnt, uint64_t token);

	/* The next finished write: false when there is none. *ret_err is 0 or its errno. */
	bool (*blk_done)(void *h, uint64_t *ret_token, int *ret_err);

	/* Run fn(arg) on the work thread, then done(arg) in the loop. 0, or -ENOTSUP on Solo5. */
	int (*job)(void *h, void (*fn)(void *), void (*done)(void *), void *arg);

	/* Counters since the start. */
	void (*stat)(void *h, struct gyl_host_stat *ret_stat);

	/* Address n of an interface, both from 0. False past the last one; an interface without any
	 * has 0 as its first. */
	bool (*addr)(void *h, unsigned iface, unsigned n, uint32_t *ret_ip, uint8_t *ret_prefix,
		uint8_t ret_mac[6]);

	void (*close)(void *h);

	/*
	 * Does another station use an address of ours? True once for what was seen since the last
	 * call, with its hardware address. NULL: the host cannot tell, the system looks after it.
	 */
	bool (*conflict)(void *h, uint32_t *ret_ip, uint8_t ret_mac[6]);

	/* Frames that devices of its own lost before they were read, since the start. NULL: it has
	 * none; what sockets lose is told with their port (GYL_IN_DROPPED). */
	uint64_t (*lost)(void *h);

	/* errno of a network device that was taken away: nothing will come or go by it any more.
	 * 0: it is there. NULL: the host has no device of its own. */
	int (*gone)(void *h);

	/* The monotonic clock now, for measuring how long something took: a read of it a batch, not
	 * one a packet. NULL: time stands still between waits. */
	uint64_t (*clock_ns)(void *h);

	/* Send what is to be sent, then sleep until until_ns without looking, or a little longer.
	 * NULL: the host has nothing to sleep on. */
	void (*nap)(void *h, uint64_t until_ns);
	/* UDP ports take no more datagrams, so that what lies in their queues can be read to its
	 * end. NULL: there are no queues that matter. */
	void (*hush)(void *h);
	/* Octets that the stream takes now; when that is less than the most, a GYL_IN_BYTES tells
	 * of more. NULL: gyl_in.room is all there is to know. */
	uint32_t (*room)(void *h, uint32_t flow);
	/* Octets given to the stream that the other side's TCP has not acknowledged, and then for
	 * how long nothing was heard of it; where the host itself ends such streams soon that is 0.
	 * NULL: the host does not know. */
	uint32_t (*unacked)(void *h, uint32_t flow, uint64_t *ret_silent_ns);
};

/*
 * A sentence on why listen gave err (-errno) for b, with what to do about it: "cannot listen on UDP
 * port 53: Address already in use; another DNS server (systemd-resolved?) holds it".
 */
void gyl_host_why(const struct gyl_bind *b, int err, char ret_text[200]);

struct gyl_host {
	const struct gyl_host_ops *ops;
	void *h;
};

#endif
