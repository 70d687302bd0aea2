/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_PROBE_H
#define GYL_SERVICES_DHCPD_PROBE_H

/*
 * Probe-ahead: addresses are looked for by ARP before they are needed, so that an OFFER of a
 * checked address costs no delay.
 *
 * Each subnet on our own links keeps a list of free addresses at which nobody answered two probes
 * (RFC 5227 2.1.1: requests with sender address 0). Offers take from it; then it is filled up
 * again. When it is empty, in a storm, an address goes out unchecked. After the start all addresses
 * of the first GYL_DHCPD_SWEEP_MAX of a subnet are asked for once, so that those which others use
 * are known before somebody asks for one of them. When nothing changes, nothing is sent.
 *
 * Whoever uses an address of a pool that we gave to nobody, by its answer or by any ARP message of
 * its own, has it put aside as a decline does, within the same budget of its Ethernet address.
 */

#include "services/dhcpd/layout.h"

struct gyl_dhcpd;
struct gyl_dhcpd_subnet;
struct gyl_in;
struct gyl_now;
struct gyl_out;

enum {
	GYL_DHCPD_READY_MAX = 32,   /* checked addresses a subnet */
	GYL_DHCPD_FLIGHT_MAX = 256, /* addresses that are being checked, of all subnets */
	GYL_DHCPD_AHEAD_MAX = 64,   /* of them at most before somebody asks for them */
	GYL_DHCPD_PROBE_CNT = 2,    /* probes an address */
	GYL_DHCPD_PROBE_RATE = 64,  /* frames a second, of all subnets */
	GYL_DHCPD_PROBE_BURST = 16, /* of them at once */
	GYL_DHCPD_SWEEP_MAX = 1024, /* addresses of a subnet that are asked for after the start */
	GYL_DHCPD_SQUAT_MAX = 256   /* addresses put aside in ten seconds, whoever says so */
};

/* An address that is being checked. */
struct gyl_dhcpd_flight {
	uint32_t slot;
	uint8_t sent;
	uint64_t next_ns; /* when it goes on */
};

struct gyl_dhcpd_probe {
	bool open;      /* there is a listener for ARP */
	uint32_t wants; /* @private subnet + 1 whose list may be short, and behind it others */
	uint8_t port;   /* of the listener */
	struct {
		bool is;
		uint8_t octet[6];
	} mac[GYL_DHCPD_IFACE_MAX]; /* of the interfaces that speak ARP */
	uint32_t flight_cnt;
	struct gyl_dhcpd_flight flight[GYL_DHCPD_FLIGHT_MAX];
	uint64_t paid_ns; /* frames up to here were paid for: GYL_DHCPD_PROBE_RATE */
	uint32_t sweep_subnet, sweep_range, sweep_off, sweep_cnt; /* next address to be asked for */
	uint64_t squat_ns; /* begin of the ten seconds of squat_cnt */
	uint32_t squat_cnt;
};

/* ---- for the other files of the core ---- */

/* After a new layout: nothing is checked, which interface leads to which subnet is found. */
void gyl__dhcpd_probe_begin(struct gyl_dhcpd *d);
/* The subnet's list may be short. */
void gyl__dhcpd_probe_want(struct gyl_dhcpd *d, uint32_t subnet);
/* Are addresses of the subnet checked? */
bool gyl__dhcpd_probe_is_on(const struct gyl_dhcpd *d, const struct gyl_dhcpd_subnet *s);
/* Ask for this address now, beyond what the rate allows; false: too many are being checked. For
 * messages that wait, which are few (wait.h). Sends one frame. */
bool gyl__dhcpd_probe_now(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot);
/* Was the address asked for, and an answer would have come? */
bool gyl__dhcpd_probe_is_quiet(const struct gyl_dhcpd *d, uint32_t slot);
/* The free address of flight number `flight`, those that began first come first; quiet: if nobody
 * answered a probe as yet. 0: it has none. */
uint32_t gyl__dhcpd_probe_under_way(const struct gyl_dhcpd *d, uint32_t flight, bool quiet);
void gyl__dhcpd_probe_tick(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dhcpd_probe_deadline_ns(const struct gyl_dhcpd *d);
/* An ARP frame; false: no room to say what it may cause. */
bool gyl__dhcpd_probe_frame(
	struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o);

#endif
