/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_REASS_H
#define GYL_LIBNET_SRC_REASS_H

/*
 * IPv4 reassembly (RFC 791 3.2, RFC 815 in spirit): pieces go in, in any order; a whole datagram
 * comes out with the piece that completes it.
 *
 * Strict where leniency has been abused (RFC 1858, RFC 3128, RFC 5722 for IPv6, RFC 8900): pieces
 * that overlap by any amount, exact duplicates included, end their datagram at once, and its key is
 * poisoned until its time is over, so that what follows does not begin another half.
 *
 * All memory is one block of the caller's. Pieces are copied into pages, one behind the other, so a
 * piece costs what it is long. When it gets narrow the least recently used datagram goes, first of
 * the same source, which may have a quarter of the pages and of the entries; so one station cannot
 * push all others out.
 */

#include <gyl/ipv4.h>
#include <gyl/time.h>

/* From the first piece to the last. Item 40; RFC 1122 3.3.2 would have 60 s and more, which is
 * memory for whoever floods, and nothing else on a LAN. */
#define GYL__REASS_TIME_NS (10 * GYL_NS_PER_S)

enum {
	GYL__REASS_PIECE_MAX = 16, /* usual */
	GYL__REASS_MEM_LEN = 256 * 1024,
	GYL__REASS_QUOTE_LEN = GYL_IPV4_HEADER_MAX + 8 /* RFC 792 */
};

struct gyl__reass_conf {
	size_t mem_len;    /* octets for everything, 16 KiB to 16 MiB */
	uint8_t piece_max; /* pieces kept of one datagram, 2 to 64 */
	uint64_t seed;     /* random and secret: strangers choose what is hashed */
};

/* The way a piece came. Pieces of different interfaces or VLANs never join. */
struct gyl__reass_from {
	uint8_t iface;
	uint16_t vlan;
	uint8_t mac[6]; /* no part of the key: two routers may have carried two pieces */
};

enum gyl__reass_verdict {
	GYL__REASS_HELD,  /* kept, or waits for more */
	GYL__REASS_WHOLE, /* complete */
	/* Refused, nothing else changes: */
	GYL__REASS_EMPTY,    /* no octets */
	GYL__REASS_UNEVEN,   /* more to follow, but no multiple of 8 (RFC 791 3.1) */
	GYL__REASS_LONG,     /* would end past 65535 ("ping of death") */
	GYL__REASS_POISONED, /* of a datagram that was given up before */
	/* Refused, and the datagram is given up: */
	GYL__REASS_DUPLICATE, /* the same range again */
	GYL__REASS_OVERLAP,
	GYL__REASS_END,  /* behind the end, or another end */
	GYL__REASS_MANY, /* one more than piece_max, and it completes nothing */
	GYL__REASS_ROOM, /* more than one source may have here */
	GYL__REASS_VERDICT_CNT
};

/* Valid until the next GYL__REASS_WHOLE. */
struct gyl__reass_whole {
	/* Offset and flags 0, options of the first piece, the rest of the completing one; views
	 * into datagram. */
	struct gyl_ipv4 ip;
	struct gyl_view datagram; /* as it would have come uncut, header and checksum included */
};

/* A datagram that was given up for time. Valid until the next call. */
struct gyl__reass_late {
	struct gyl__reass_from from; /* of its first piece */
	uint32_t src, dst;
	struct gyl_view quote; /* that piece's header and first 8 octets: RFC 792, time exceeded */
};

struct gyl__reass_stat {
	uint64_t verdict_cnt[GYL__REASS_VERDICT_CNT];
	uint64_t late_cnt;   /* given up for time; those that were poisoned before do not count */
	uint64_t evict_cnt;  /* given up for room */
	uint64_t forget_cnt; /* poisoned keys that went before their time, for room */
	/* Now: */
	uint32_t entry_cnt; /* keys, poisoned ones included */
	uint32_t poison_cnt;
	uint32_t page_cnt;
};

struct gyl__reass;

struct gyl__reass_conf gyl__reass_defaults(uint64_t seed);

/* Octets of memory, at most mem_len; 0 when a value is out of its range. */
size_t gyl__reass_need(const struct gyl__reass_conf *cf);

/* mem: gyl__reass_need() octets, aligned for any type, kept. NULL as need is 0. */
struct gyl__reass *gyl__reass_init(void *mem, const struct gyl__reass_conf *cf);

/*
 * Take a piece (gyl_ipv4_is_fragment() MUST hold), whose header has been verified. *ret_whole is
 * written with GYL__REASS_WHOLE. Cost: the copy of its payload and O(piece_max); with
 * GYL__REASS_WHOLE, a copy of the datagram.
 */
enum gyl__reass_verdict gyl__reass_input(struct gyl__reass *r, uint64_t now_ns,
	const struct gyl__reass_from *from, const struct gyl_ipv4 *ip,
	struct gyl__reass_whole *ret_whole);

/*
 * Give up what is over time. True: one of them had its first piece, and *ret_late says what its
 * sender may be told (RFC 1122 3.3.2: only then); call again. False: nothing more is due.
 */
bool gyl__reass_tick(struct gyl__reass *r, uint64_t now_ns, struct gyl__reass_late *ret_late);

/* When to call gyl__reass_tick(); UINT64_MAX: never. */
uint64_t gyl__reass_deadline_ns(const struct gyl__reass *r);

const struct gyl__reass_stat *gyl__reass_stat(const struct gyl__reass *r);

/* A verdict in a word, for logs and tests; static storage. */
const char *gyl__reass_verdict_text(enum gyl__reass_verdict v);

#endif
