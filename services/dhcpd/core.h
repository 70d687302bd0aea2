/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_CORE_H
#define GYL_SERVICES_DHCPD_CORE_H

/*
 * The DHCP server: RFC 2131, 2132, 3011, 3046, 3396, 3527, 4702, 5107, 6842, 8357 and BOOTP for
 * reserved addresses.
 *
 * Input: datagrams of one UDP listener that knows the link (GYL_BIND_LINK). Output: replies, events
 * and one record a lease below "dhcpd/lease/". A lease is in the store before its ACK leaves:
 * nothing that a client was promised is lost by a crash.
 *
 * What it keeps of an address is a lease in a slot; slots are made when an address is used for the
 * first time. Look-up by address is a dense array, by client and by name a hash, expiry a timer
 * wheel; choosing an address is O(1) at any fill.
 */

#include "services/base/core.h"
#include "services/dhcpd/layout.h"

struct gyl_dhcpd;
struct gyl_dhcpd_standby_env;

enum gyl_dhcpd_role {
	GYL_DHCPD_LINK, /* UDP with GYL_BIND_LINK */
	GYL_DHCPD_PEER, /* TCP: the other server, standby.h */
	GYL_DHCPD_ARP   /* ARP frames, where interfaces speak it */
};

struct gyl_dhcpd_env {
	struct gyl_dhcpd_size cap;   /* room for this and later configurations */
	const struct gyl_flat *flat; /* with a section "dhcpd"; copied */
	struct gyl_dhcpd_iface iface[GYL_DHCPD_IFACE_MAX]; /* our addresses, in the host's order */
	uint32_t iface_cnt;
	const struct gyl_dhcpd_standby_env *standby; /* NULL: there is no other server */
	void *standby_mem;                           /* gyl_dhcpd_standby_need() octets, zeros */
	uint64_t seed[2]; /* of the hash by client, so that nobody can aim at one bucket */
};

/* Room for the configuration and for others a few times its size. */
struct gyl_dhcpd_size gyl_dhcpd_size(const struct gyl_flat *flat);
/* Octets of memory for that, aligned to 16. */
size_t gyl_dhcpd_need(const struct gyl_dhcpd_size *cap);
/* The same for what a second server takes. */
size_t gyl_dhcpd_standby_need(const struct gyl_dhcpd_size *cap);
/* Its keys, before the memory is given back. */
void gyl_dhcpd_standby_wipe(struct gyl_dhcpd *d);

/*
 * mem MUST be zeros; what is not used is not touched, so that it need not be real memory. Returns
 * NULL, with the reason in why, when the configuration does not fit our addresses.
 */
struct gyl_dhcpd *gyl_dhcpd_init(
	void *mem, const struct gyl_dhcpd_env *env, struct gyl_writer *why);

extern const struct gyl_core_ops gyl_dhcpd_core;

/* ARP frames come and go by this listener: addresses are looked for before they are offered. */
void gyl_dhcpd_probe_open(struct gyl_dhcpd *d, uint8_t port);
/* Before that: interface n, in the order of their addresses, speaks ARP, from this address. */
void gyl_dhcpd_probe_mac(struct gyl_dhcpd *d, uint32_t iface, const uint8_t mac[6]);

enum gyl_dhcpd_count {
	GYL_DHCPD_IN,         /* messages taken */
	GYL_DHCPD_IN_BAD,     /* unreadable */
	GYL_DHCPD_IN_LENIENT, /* readable but for an option or more */
	GYL_DHCPD_OUT_OFFER,
	GYL_DHCPD_OUT_ACK,
	GYL_DHCPD_OUT_NAK,
	GYL_DHCPD_OUT_BOOTP,
	GYL_DHCPD_SILENCE,          /* messages that were left without the answer they asked for */
	GYL_DHCPD_FULL,             /* no free address */
	GYL_DHCPD_UNSTORED,         /* no room in the store */
	GYL_DHCPD_LIMITED_LEASES,   /* refused: the device holds as many leases as it may */
	GYL_DHCPD_LIMITED_OFFERS,   /* an offer replaced another one to the same device */
	GYL_DHCPD_LIMITED_DECLINES, /* declines that were not believed */
	GYL_DHCPD_LIMITED_SHARE,    /* refused: a circuit or relay holds its share of the pool */
	GYL_DHCPD_SQUEEZED,         /* an offer or a declined address was given to another */
	GYL_DHCPD_OUT_QUERY,        /* answers to LEASEQUERY */
	GYL_DHCPD_V6_ONLY,   /* offers to clients that can do without IPv4: nothing was kept */
	GYL_DHCPD_OUT_PROBE, /* ARP probes sent */
	GYL_DHCPD_SQUATTED,  /* addresses found in use by somebody who did not get them here */
	GYL_DHCPD_COUNT_CNT
};

enum {
	GYL_DHCPD_TYPE_OTHER = 16, /* message types from here on are counted together */
	GYL_DHCPD_SILENCE_MAX = 64 /* reasons that are counted apart */
};

struct gyl_dhcpd_stat {
	uint64_t count[GYL_DHCPD_COUNT_CNT];
	uint64_t type[GYL_DHCPD_TYPE_OTHER + 1]; /* readable requests by message type; 0: BOOTP */
	uint32_t lease_cnt;                      /* addresses that are leased */
	uint32_t slot_cnt;                       /* addresses that anything is known of */
};
void gyl_dhcpd_stat(const struct gyl_dhcpd *d, struct gyl_dhcpd_stat *ret_stat);

/* How often there was no answer for a reason. The text is one of the program's own literals. */
struct gyl_dhcpd_silence {
	const char *reason;
	uint64_t cnt;
};
/* Reason number i, in the order of their first time; NULL past the last one. */
const struct gyl_dhcpd_silence *gyl_dhcpd_silence(const struct gyl_dhcpd *d, uint32_t i);

/* The addresses of a subnet's pools; free + offered + leased + declined + reserved = size. */
struct gyl_dhcpd_pool_stat {
	uint32_t ip, mask;
	struct gyl_view class; /* whose members alone get them; empty: for all */
	uint32_t size, free, offered, leased, declined;
	uint32_t reserved;  /* kept for a reservation that is not in use, or our own */
	int32_t growth;     /* leases an hour, net, smoothed over some minutes */
	uint32_t full_in_s; /* at that rate no address is free then; UINT32_MAX: it does not grow */
};
/* Of subnet number subnet_no, in the order of their addresses, then those of classes; false past
 * the last one. */
bool gyl_dhcpd_pool_stat(const struct gyl_dhcpd *d, uint64_t mono_ns, uint32_t subnet_no,
	struct gyl_dhcpd_pool_stat *ret_stat);

/* What is known of an address; NULL: nothing. Valid until the next call. */
const struct gyl_dhcpd_lease *gyl_dhcpd_lease_at(const struct gyl_dhcpd *d, uint32_t ip);

#endif
