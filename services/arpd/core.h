/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_CORE_H
#define GYL_SERVICES_ARPD_CORE_H

/*
 * The ARP watch: who is on the wire, since when, and what about it is strange.
 *
 * Input: copies of ARP frames, DHCP servers' messages, dhcpd's leases, dns' names, questions.
 * Output: events and the table of hosts, kept in the store below "arpd/host/". It sends frames only
 * for what the configuration switches on: scans, answers for others, defence of protected
 * addresses.
 *
 * Bounds: host_cnt hosts and lease_cnt leases; 4,096 stations and 8,192 questions are remembered
 * for a moment (window.h); 64 protected addresses, 16 DHCP servers, ranges and networks as conf.h
 * has them. Of each kind of event there are SAY_BURST at once and 10 a second; the rest is counted
 * and told as arpd.more. Alarms about protected addresses are not among those: each frame is in the
 * count of one of them. Records are written at most 32 a second, so that a flood of invented hosts
 * costs no disk; what a flood pushes out of the table unwritten was never there.
 */

#include "services/arpd/rules.h"
#include "services/base/core.h"

struct gyl_arpd;

enum gyl_arpd_role {
	GYL_ARPD_FRAMES, /* FRAME, ethertype 0x0806 */
	GYL_ARPD_DHCP    /* UDP port 68: what DHCP servers say to everybody */
};

enum {
	GYL_ARPD_IFACE_MAX = 64
};

struct gyl_arpd_init {
	const struct gyl_arpd_conf *cf;     /* copied */
	const struct gyl_arpd_rules *rules; /* copied */
	uint64_t seed[2];        /* keys the hashes, so that nobody can aim at one bucket */
	struct gyl_view vendors; /* vendor.h; used as long as no other one is given */
};

/* Octets of memory, aligned to 64, for the tables of this configuration. */
size_t gyl_arpd_need(const struct gyl_arpd_conf *cf);

struct gyl_arpd *gyl_arpd_init(void *mem, const struct gyl_arpd_init *init);

/* Interface i of the host is ours with this address (0: none) and hardware address. */
void gyl_arpd_iface(
	struct gyl_arpd *d, unsigned i, uint32_t ip, uint8_t prefix, const uint8_t mac[6]);
/* The listener that frames come from, and leave by. */
void gyl_arpd_open(struct gyl_arpd *d, uint8_t port);

extern const struct gyl_core_ops gyl_arpd_core;

enum gyl_arpd_count {
	GYL_ARPD_FRAME,
	GYL_ARPD_BAD,     /* no ARP */
	GYL_ARPD_BOGUS,   /* of a sender that cannot be one */
	GYL_ARPD_OWN,     /* sent by ourselves */
	GYL_ARPD_REQUEST, /* by kind; the rest has passed the two above */
	GYL_ARPD_REPLY,
	GYL_ARPD_PROBE,
	GYL_ARPD_ANNOUNCE,
	GYL_ARPD_MISMATCH,
	GYL_ARPD_UNASKED,
	GYL_ARPD_CHANGE,    /* addresses that went to another MAC */
	GYL_ARPD_ALARM,     /* frames against a protected address */
	GYL_ARPD_SPOOF,     /* addresses found used against their lease */
	GYL_ARPD_LEASELESS, /* addresses found used without one */
	GYL_ARPD_EVICTED,   /* hosts that made room */
	GYL_ARPD_UNSAID,    /* events that were counted only */
	GYL_ARPD_ANSWERED,  /* answers for others */
	GYL_ARPD_DEFENDED,
	GYL_ARPD_SCANNED, /* questions of scans */
	GYL_ARPD_LOST,    /* frames that the kernel dropped */
	GYL_ARPD_COUNTS
};

struct gyl_arpd_stat {
	uint64_t count[GYL_ARPD_COUNTS];
	uint32_t host_cnt, host_max, lease_cnt, server_cnt;
};
void gyl_arpd_stat(const struct gyl_arpd *d, struct gyl_arpd_stat *ret_stat);

#endif
