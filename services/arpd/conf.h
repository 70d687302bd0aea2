/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_ARPD_CONF_H
#define GYL_SERVICES_ARPD_CONF_H

#include "conf/schema.h"
#include "services/base/flat.h"

/* Bounds of the lists: what a core keeps of them has its place in it. */
enum {
	GYL_ARPD_PROTECT_MAX = 64,
	GYL_ARPD_RANGE_MAX = 32,
	GYL_ARPD_NETWORK_MAX = 32,
	GYL_ARPD_SERVER_MAX = 16
};

/* What becomes of questions for an address that nobody has. */
enum gyl_arpd_unknown {
	GYL_ARPD_UNKNOWN_SILENT,
	GYL_ARPD_UNKNOWN_TELL,  /* an event */
	GYL_ARPD_UNKNOWN_ANSWER /* an event, and an answer with our MAC where that is allowed */
};

/* One of "protect". */
struct gyl_arpd_protect_conf {
	uint32_t ip;
	uint16_t vlan;
	uint8_t mac[6];
	bool has_mac; /* else the first that is seen */
	bool defend;  /* say whose it is, when somebody else claims it */
};

/* Section "arpd" of the flat block. */
struct gyl_arpd_conf {
	struct gyl_ref interfaces; /* of struct gyl_ref, strings: names; empty: all */
	struct gyl_ref protect;    /* of struct gyl_arpd_protect_conf */
	struct gyl_ref leased;     /* of struct gyl_conf_range: used with a lease only */
	struct gyl_ref networks;   /* of struct gyl_conf_prefix: senders are in; empty: anywhere */
	struct gyl_ref servers;    /* of uint32_t: DHCP servers that are meant to be there */
	struct gyl_ref proxy;      /* of struct gyl_conf_range: answered for */
	struct gyl_ref unknown_answer; /* of struct gyl_conf_range: where unknown ones are */
	struct gyl_ref scan;           /* of struct gyl_conf_prefix: may be scanned */
	struct gyl_ref vendors;        /* path; empty: none */
	uint64_t forget_ns;            /* a host not seen for so long is forgotten */
	uint64_t flipflop_ns;    /* an address that returns to its former MAC within this flips */
	uint64_t duplicate_ns;   /* two MACs that claim an address within this use it both */
	uint64_t lease_grace_ns; /* after a lease changed, before its address is judged */
	uint64_t scan_every_ns;  /* 0: only when asked */
	uint32_t host_cnt;       /* bound of the table */
	uint32_t lease_cnt;      /* bound of what is known of leases and names */
	uint32_t flood_cnt;      /* frames of a station in a window; 0: never a flood */
	uint32_t announce_cnt;   /* its announcements */
	uint32_t sweep_cnt;      /* its questions for addresses that nobody has */
	uint32_t unknown_after;  /* questions without an answer, until something is done */
	uint32_t scan_rate;      /* questions a second */
	uint8_t unknown;         /* enum gyl_arpd_unknown */
};

#endif
