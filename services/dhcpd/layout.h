/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_LAYOUT_H
#define GYL_SERVICES_DHCPD_LAYOUT_H

/*
 * The configuration, made ready for look-up: subnets and ranges sorted by address, reservations
 * hashed, a dense array from address to lease slot, and for each subnet the options by code. There
 * are two of them, so that a new configuration is made beside the one in use and a bad one changes
 * nothing. Pure.
 */

#include <gyl/writer.h>

#include "services/dhcpd/conf.h"
#include "services/dhcpd/lease.h"
#include "services/dhcpd/live.h"

enum {
	GYL_DHCPD_IFACE_MAX = 128, /* addresses of the host that can be told apart */
	GYL_DHCPD_NO_SUBNET = UINT16_MAX
};

/* An address of the host. */
struct gyl_dhcpd_iface {
	uint32_t ip;
	uint32_t prefix;
	uint32_t of; /* 0: the first of an interface; n: a further one of interface n - 1 */
};

/* Options by code, NULL: not configured. */
struct gyl_dhcpd_opts {
	const struct gyl_conf_entry *by_code[256];
};

/* How many addresses of the pools are in which state, and how the leases grow. */
struct gyl_dhcpd_fill {
	uint32_t offered, leased, declined;
	uint32_t reserved; /* for a reservation, or our own; nobody else gets them */
	uint32_t before;   /* leased when the step began */
	uint64_t step_ns;  /* begin of the step, 0: none yet */
	int64_t rate;      /* @private smoothed, 256ths of a lease an hour */
};

/* Who of the relays, or of their ports, asked for addresses of a subnet. */
struct gyl_dhcpd_asker {
	uint32_t last;
	uint64_t last_ns;  /* 0: nobody */
	uint64_t other_ns; /* when another one did, 0: never */
};

/* How an address is found (pool.c), and where: in subnets that may have one that way (ways.c). */
enum gyl_dhcpd_way {
	GYL_DHCPD_WAY_READY,   /* nobody answers there */
	GYL_DHCPD_WAY_FRESH,   /* never used */
	GYL_DHCPD_WAY_FREE,    /* used before */
	GYL_DHCPD_WAY_SQUEEZE, /* offered or declined */
	GYL_DHCPD_WAY_CNT
};

/* Of the pools of a link together. */
struct gyl_dhcpd_sum {
	uint32_t used;        /* offered, leased and declined, pools of classes as well */
	uint32_t size, taken; /* of the others: leased, declined and reserved */
};

struct gyl_dhcpd_subnet {
	uint32_t ip, mask;
	uint32_t link;      /* the first subnet on its link: all on one link have the same */
	uint32_t link_next; /* the next one there, in a ring; itself when it is alone */
	uint32_t base;      /* itself; of a class's pool the subnet that it lies in */
	uint32_t class_no;  /* 0: for all; n: a pool for members of class n - 1 alone */
	uint32_t lease_s, min_s, max_s; /* GYL_DHCP_INFINITE: no end */
	uint32_t random_s, full_s;      /* for made-up addresses, for a full pool; 0: as others */
	struct gyl_view domain;         /* of its hosts' names; may be empty */
	const struct gyl_conf_range *pool;
	uint32_t pool_cnt;
	bool implied; /* of the pool those ranges that lie inside are its, not all */
	bool ignore_id, drain;
	struct gyl_ref shared;                  /* name of its link, empty: none */
	const struct gyl_dhcpd_subnet_conf *cf; /* NULL: implied by our own address */
	struct gyl_ref options;                 /* its own, not the service's */
	struct gyl_dhcpd_opts *opt;             /* its own over the service's */
	uint32_t range_first, range_cnt;        /* of range[]; others' may stand between */
	uint32_t fresh_range, fresh_off;        /* addresses before this one have a slot */
	uint32_t size;                          /* addresses of the pools */
	struct gyl_dhcpd_fill fill;             /* of them */
	struct gyl_dhcpd_asker relay_asker, circuit_asker;
	uint64_t full_at_ns;                           /* when a full pool may be told again */
	struct gyl_dhcpd_list free, offered, declined; /* oldest first */
	struct gyl_dhcpd_list ready;                   /* free, and nobody answers there */
	uint8_t probe_iface;                           /* its interface + 1, 0: behind relays */
	bool offered_since;                            /* the last look at what is ready */
	bool wants;                                    /* @private to probe.c, as is the next */
	uint32_t wants_next;
	bool on_way[GYL_DHCPD_WAY_CNT]; /* @private to ways.c, as is the next */
	uint32_t way_next[GYL_DHCPD_WAY_CNT];
	/* Of the first subnet on a link, for all there: */
	uint32_t way_top[GYL_DHCPD_WAY_CNT]; /* @private, + 1 */
	struct gyl_dhcpd_sum sum;
	bool has_class_pools;
};

struct gyl_dhcpd_range {
	uint32_t first, last;
	uint32_t base; /* of first in slot_of[] */
	uint32_t subnet;
	bool pool; /* false: a reserved address outside the pools */
};

struct gyl_dhcpd_host {
	const struct gyl_dhcpd_host_conf *cf;
	uint32_t subnet; /* GYL_DHCPD_NO_SUBNET: any */
	uint32_t who_chain, name_chain;
	bool live; /* set while the server runs, not by the file */
};

struct gyl_dhcpd_class {
	const struct gyl_dhcpd_class_conf *cf;
	uint32_t lease_s; /* 0: as the subnet */
	struct gyl_dhcpd_opts opt;
};

/* What a reservation is found by. Views may be empty. */
struct gyl_dhcpd_who {
	bool has_mac;
	uint8_t mac[6];
	struct gyl_view client_id, circuit_id;
};

/* How much of everything a configuration needs, and memory is made for. */
struct gyl_dhcpd_size {
	uint32_t address_cnt, subnet_cnt, range_cnt, host_cnt;
	uint32_t block_len;
};

struct gyl_dhcpd_layout {
	const struct gyl_flat *flat; /* our own copy */
	const struct gyl_dhcpd_conf *cf;
	struct gyl_dhcpd_subnet *subnet; /* by address; behind real_cnt the pools of classes */
	uint32_t real_cnt;
	struct gyl_dhcpd_range *range;
	struct gyl_dhcpd_host *host;
	struct gyl_dhcpd_class *class;
	uint32_t class_cnt;
	uint32_t *slot_of;
	uint32_t *who_bucket, *name_bucket; /* of hosts, + 1 */
	uint32_t host_mask;
	uint8_t *block;
	struct gyl_dhcpd_opts *opt; /* of each subnet */
	struct gyl_dhcpd_size cap, cnt;
	uint16_t iface_subnet[GYL_DHCPD_IFACE_MAX];
	struct gyl_dhcpd_live *live; /* what is put on top; NULL: nothing */
	uint32_t live_room, live_at; /* reservations that still fit, and where in block */
	bool live_hidden[GYL_DHCPD_LIVE_HOST_MAX]; /* which of them do not count here */
	bool has_boot; /* next_server, boot_file or server_name is configured anywhere */
	bool has_dns;  /* the service "dns" is configured: our own address resolves */
};

/* What flat needs; all zeros when it has no section "dhcpd". */
struct gyl_dhcpd_size gyl__dhcpd_layout_size(const struct gyl_flat *flat);
/* Octets of memory for a layout, a multiple of 16. */
size_t gyl__dhcpd_layout_need(const struct gyl_dhcpd_size *cap);
/* mem MUST be zeros and aligned to 16. */
void gyl__dhcpd_layout_init(
	struct gyl_dhcpd_layout *y, void *mem, const struct gyl_dhcpd_size *cap);

enum gyl_dhcpd_progress {
	GYL_DHCPD_MORE, /* the slice is used up */
	GYL_DHCPD_DONE,
	GYL_DHCPD_WRONG
};

/* What is left of a slice, in parts of some 50 ns. */
struct gyl_dhcpd_slice {
	uint32_t left;
};

/* May something of this cost still be done? */
static inline bool gyl__dhcpd_slice_take(struct gyl_dhcpd_slice *s, uint32_t cost)
{
	if (s->left == 0)
		return false;
	s->left -= cost < s->left ? cost : s->left;
	return true;
}

/* A layout while it is made, slice by slice. */
struct gyl__dhcpd_build {
	struct gyl_dhcpd_layout *y;
	const struct gyl_flat *flat; /* it is made of */
	const struct gyl_dhcpd_iface *iface;
	uint32_t iface_cnt;
	struct gyl_writer *why; /* during a call */
	struct gyl_dhcpd_slice *slice;
	uint32_t step, at, sub; /* where it goes on */
	uint32_t pools, extra;  /* ranges of pools, and with those of reserved addresses */
};

/*
 * Make the layout of a configuration. Slots are left to the caller (all 0). flat and iface are
 * borrowed until the last slice is done. GYL_DHCPD_WRONG, with the reason in why, when it does not
 * fit the memory or the host's addresses.
 */
void gyl__dhcpd_layout_begin(struct gyl__dhcpd_build *b, struct gyl_dhcpd_layout *y,
	const struct gyl_flat *flat, const struct gyl_dhcpd_iface *iface, uint32_t iface_cnt);
enum gyl_dhcpd_progress gyl__dhcpd_layout_go_on(
	struct gyl__dhcpd_build *b, struct gyl_dhcpd_slice *slice, struct gyl_writer *why);

/* The first and last address of a network are no host's (RFC 1122 3.2.1.3), but of a link with two
 * addresses or one (RFC 3021). ip MUST lie in the subnet. */
static inline bool gyl__dhcpd_is_host(const struct gyl_dhcpd_subnet *s, uint32_t ip)
{
	return ~s->mask <= 1 || (ip != s->ip && ip != (s->ip | ~s->mask));
}

/* Index of the subnet that an address lies in, or GYL_DHCPD_NO_SUBNET. */
uint16_t gyl__dhcpd_layout_subnet(const struct gyl_dhcpd_layout *y, uint32_t ip);
/* The range that an address lies in, or NULL. */
const struct gyl_dhcpd_range *gyl__dhcpd_layout_range(
	const struct gyl_dhcpd_layout *y, uint32_t ip);
/* Where the slot of an address of that range is kept. */
static inline uint32_t *gyl__dhcpd_layout_slot(
	const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_range *r, uint32_t ip)
{
	return &y->slot_of[r->base + (ip - r->first)];
}

/*
 * The reservation of a client on a subnet (that is no class's pool): one with an address there
 * before one for that subnet before one for any; of equals by MAC, then by client identifier, then
 * by circuit. O(1).
 */
const struct gyl_dhcpd_host *gyl__dhcpd_layout_host(
	const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_who *who, uint32_t subnet);
/* Has the client a reserved address on any subnet? O(1). */
bool gyl__dhcpd_layout_has_address(
	const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_who *who);
/*
 * Add or take back a reservation that is set while the server runs (live.h), in the layout as it
 * is: O(1) in leases. Slots are left to the caller. False: there is no room, or none of the MAC.
 */
bool gyl__dhcpd_layout_live_add(
	struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_live_host *v, uint32_t *ret_host);
bool gyl__dhcpd_layout_live_remove(struct gyl_dhcpd_layout *y, const uint8_t mac[6]);
/* The same for an address outside of all ranges, which gets one of its own and loses it again:
 * O(ranges). Slots are left to the caller. False: it lies in none of the subnets, or in a range, or
 * there is no room. */
bool gyl__dhcpd_layout_range_add(struct gyl_dhcpd_layout *y, uint32_t ip);
void gyl__dhcpd_layout_range_remove(struct gyl_dhcpd_layout *y, uint32_t ip);
/* Is a name (of small letters) reserved in that domain for somebody else than `host` (may be NULL)?
 */
bool gyl__dhcpd_layout_name_taken(const struct gyl_dhcpd_layout *y, struct gyl_view name,
	struct gyl_view domain, const struct gyl_dhcpd_host *host);

#endif
