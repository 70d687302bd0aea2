/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_BATCH_H
#define GYL_LIBNET_HOST_BATCH_H

/*
 * Datagrams and frames in batches of 64 a system call, into memory that is there from the start.
 *
 * A slot is 2,112 octets: room for every frame, and no multiple of a page, so that the first lines
 * of 64 slots do not fight for one cache set. A datagram longer than that goes on in the slot's
 * spill area, which is address space until it is used; the part in the slot is then copied in front
 * of it. Short datagrams thus stay dense in memory and long ones (syslog takes 64 KiB) stay whole.
 */

#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/if_packet.h>

#include "libnet/host/socks.h"

enum {
	GYL__SLOT_LEN = 2112,
	GYL__SPILL_LEN = 65536, /* with the slot: more than the longest UDP payload, 65,507 */
	GYL__CTL_LEN = 128      /* IP_PKTINFO 32, PACKET_AUXDATA 40, SO_RXQ_OVFL 24, credentials 32
				 */
};

union gyl__name {
	struct sockaddr_in in;
	struct sockaddr_ll ll;
};

/* What the kernel tells beside a datagram. */
struct gyl__beside {
	uint32_t local_ip; /* IP_PKTINFO: destination of the packet */
	int ifindex;       /* IP_PKTINFO */
	uint32_t status;   /* PACKET_AUXDATA: TP_STATUS_ flags */
	uint16_t tci;      /* PACKET_AUXDATA: of the tag that was taken off, with _VLAN_VALID */
	uint32_t drop_cnt; /* SO_RXQ_OVFL: of the socket so far, when has_drops */
	bool has_drops;
	uint32_t pid, uid; /* SCM_CREDENTIALS of a Unix datagram */
};

/* Losses of one socket: the kernel counts from its beginning, the core hears the difference. */
struct gyl__drops {
	uint32_t seen;   /* the kernel's counter */
	uint64_t due;    /* not told to the core yet */
	uint64_t in_all; /* for the counters of the host */
};

struct gyl__batch {
	uint8_t *mem;
	size_t mem_len;
	unsigned iov_cnt; /* 2 with a spill area */
	struct mmsghdr msg[GYL_SOCKS_BATCH];
	struct iovec iov[GYL_SOCKS_BATCH][2];
	union gyl__name name[GYL_SOCKS_BATCH];
	_Alignas(8) uint8_t ctl[GYL_SOCKS_BATCH][GYL__CTL_LEN];
	struct gyl_in
		rest[GYL_SOCKS_BATCH]; /* what the core left; slots are kept until it is gone */
	size_t rest_cnt;
};

/* 0 or -errno. */
int gyl__batch_open(struct gyl__batch *b, bool spill);
void gyl__batch_close(struct gyl__batch *b);

/*
 * Read from fd into the slots from `first` on, at most to slot `end`. Returns how many datagrams
 * are there now, 0 when there is nothing (or an error of the socket, which takes it off).
 */
size_t gyl__batch_read(struct gyl__batch *b, int fd, size_t first, size_t end);

/* Octets of slot i, in one piece; *ret_cut tells how many did not fit and are lost. */
struct gyl_view gyl__batch_data(struct gyl__batch *b, size_t i, size_t *ret_cut);

struct gyl__beside gyl__batch_beside(struct gyl__batch *b, size_t i);

/* Keep in[taken..cnt) of what was given out last; give out what was kept. */
void gyl__batch_keep(struct gyl__batch *b, const struct gyl_in *in, size_t cnt, size_t taken);
size_t gyl__batch_kept(struct gyl__batch *b, struct gyl_in *in, size_t cap);

/* The kernel's counter is now cnt. */
void gyl__drops_note(struct gyl__drops *d, uint32_t cnt);
/* Ask fd for its counter: SO_RXQ_OVFL tells only with a later datagram, which may never come. */
void gyl__drops_ask(struct gyl__drops *d, int fd);
/* How many the core is told of now; nothing is due afterwards. */
uint64_t gyl__drops_take(struct gyl__drops *d);

#endif
