/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_REPLAY_H
#define GYL_LIBNET_HOST_REPLAY_H

/*
 * A host over a capture file: what was captured comes in, what is sent goes into another file, and
 * time is that of the packets. Between two packets the clock stops wherever somebody wants to be
 * woken, so that timers run at their own instants; nothing ever waits. The same input gives the
 * same output, octet by octet.
 *
 * Both clocks go alike: wall_ns is the time of the packets, which never steps back (a packet that
 * is older than the one before it comes at that one's time), mono_ns begins with the first one.
 *
 * UDP datagrams to an address of ours or to a broadcast address come in, nothing else does: there
 * is no port for frames (-ENODEV), because whoever is asked now did not answer then. VLANs are told
 * apart as the stack does it. Checksums of UDP are not looked at: what a machine sent itself was
 * captured before its network card wrote them. Pieces of datagrams are not put together, they are
 * counted. There is no disk: blk_ functions fail, a store has to be in memory. Captures of
 * Ethernet, of plain IP and of Linux' "any".
 *
 * A reply leaves towards the hardware address that it names; without one back to where the last
 * packet came from.
 */

#include "libnet/host/loop.h"

struct gyl_host_replay_conf {
	const char *in, *out;              /* files; out NULL: replies are counted only */
	const struct gyl_net_iface *iface; /* ours, as of the stack; borrowed for the call */
	unsigned iface_cnt;
	uint64_t linger_ns; /* time goes on for so long after the last packet */
};

struct gyl_host_replay_stat {
	uint64_t frame_cnt;  /* in the file, as far as it was read */
	uint64_t taken_cnt;  /* of them for a listener */
	uint64_t cut_cnt;    /* only their begin was captured */
	uint64_t pieces_cnt; /* fragments of IP datagrams */
	uint64_t sent_cnt;   /* frames written */
	uint64_t first_ns,
		last_ns; /* wall time of the first and the last frame; 0: there is none */
};

/* 0, or -errno with a sentence in err; -EBADMSG: not a capture file. */
int gyl_host_replay_open(
	const struct gyl_host_replay_conf *cf, struct gyl_host *ret_host, char err[200]);

/* The file is through, and so is the time after it. */
bool gyl_host_replay_ended(const struct gyl_host *h);
void gyl_host_replay_stat(const struct gyl_host *h, struct gyl_host_replay_stat *ret_stat);
/* Did it end early, or could a reply not be written? 0, or -errno with a sentence in err. */
int gyl_host_replay_finish(const struct gyl_host *h, char err[200]);

#endif
