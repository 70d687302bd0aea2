/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_CORE_H
#define GYL_SERVICES_ARPD_CORE_H

/*
 * The ARP watch: who is on the wire, since when, and what about it is strange.
 *
 * Input: copies of ARP frames, and dhcpd's leases for the names. Output: events (new, changed,
 * flip-flop, duplicate, mismatch) and the table of hosts, kept in the store below "arpd/host/". It
 * never sends a frame.
 *
 * Bounds: host_cnt entries; the longest unseen makes room for a new one. Records are written at
 * most STORE_BATCH a STORE_PAUSE, so that a flood of invented hosts costs no disk; what a flood
 * pushes out of the table unwritten was never there.
 */

#include "services/arpd/conf.h"
#include "services/base/core.h"

struct gyl_arpd;

enum gyl_arpd_role {
	GYL_ARPD_FRAMES
}; /* its one listener: FRAME, ethertype 0x0806 */

/* Octets of memory, aligned to 16, for a table of this configuration. */
size_t gyl_arpd_need(const struct gyl_arpd_conf *cf);

/* cf is copied. seed keys the hash, so that nobody can aim at one bucket. */
struct gyl_arpd *gyl_arpd_init(void *mem, const struct gyl_arpd_conf *cf, const uint64_t seed[2]);

extern const struct gyl_core_ops gyl_arpd_core;

struct gyl_arpd_stat {
	uint64_t frame_cnt, bad_cnt; /* bad: no ARP, or a sender that cannot be one */
	uint64_t evicted_cnt;
	uint32_t host_cnt;
};
void gyl_arpd_stat(const struct gyl_arpd *d, struct gyl_arpd_stat *ret_stat);

#endif
