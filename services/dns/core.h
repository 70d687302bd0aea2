/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_CORE_H
#define GYL_SERVICES_DNS_CORE_H

/*
 * The DNS server: queries in, answers out.
 *
 * Input: datagrams and streams of the listeners, dhcpd's leases as events, a new image of all zones
 * and keys as GYL_IN_DATA with key "dns" (bundle.h), a new configuration with key "conf". Output:
 * answers; the names that leases make, as events. Answers come from answer.h; this file knows
 * sockets, time and events.
 *
 * Bounds: lease_cnt names of leases, TCP_MAX connections, of which the one idle the longest makes
 * room.
 */

#include "services/base/core.h"
#include "services/dns/answer.h"
#include "services/dns/conf.h"

struct gyl_dns;
struct gyl_rng;

enum gyl_dns_role {
	GYL_DNS_UDP,
	GYL_DNS_TCP
};

struct gyl_dns_init {
	const struct gyl_flat
		*flat; /* what the references in cf count from; valid until replaced */
	const struct gyl_dns_conf *cf;
	const struct gyl_dns_image *image;       /* NULL: no zones yet */
	struct gyl_dns_net net[GYL_DNS_NET_MAX]; /* our networks */
	unsigned net_cnt;
	struct gyl_view data; /* the bundle that image is of; its keys. Valid until replaced */
	uint32_t cpu;         /* gyl/cpu.h */
	uint64_t seed[4];     /* keys of hashes of what clients choose, and of cookies */
	struct gyl_rng *rng;  /* ids and spellings of questions; NULL: nobody is asked */
};

/* Octets of memory, aligned to 16. */
size_t gyl_dns_need(const struct gyl_dns_conf *cf);
struct gyl_dns *gyl_dns_init(void *mem, const struct gyl_dns_init *init);

extern const struct gyl_core_ops gyl_dns_core;

/* What became of questions about names of others. */
struct gyl_dns_forward_stat {
	uint64_t source_cnt[5]; /* answers by enum gyl_dns_source */
	uint64_t miss_cnt;      /* questions that upstreams were asked */
	uint64_t joined_cnt;    /* ... that were being asked already */
	uint64_t refresh_cnt;   /* ... asked before their answers ended */
	uint64_t fail_cnt;      /* ... that nobody has answered */
	uint64_t full_cnt;      /* queries that found no place to wait */
	uint64_t loop_cnt;      /* questions of ours that came back to us */
};

struct gyl_dns_stat {
	uint64_t query_cnt, dropped_cnt; /* dropped: no query at all */
	uint64_t rcode_cnt[16];          /* answers by the header's rcode */
	uint64_t truncated_cnt;
	uint64_t blocked_cnt; /* answered by a list */
	uint64_t special_cnt; /* names that are kept from upstream, answered here */
	uint32_t block_name_cnt;
	uint64_t limited_cnt, slipped_cnt; /* held back; of those, told to come by TCP */
	uint64_t cookie_cnt[GYL_DNS_COOKIE_CNT];
	uint64_t tcp_cnt; /* connections */
	uint32_t lease_cnt;
	uint64_t update_cnt, update_refused_cnt;
	uint64_t changed_cnt;      /* updates that changed something */
	uint64_t update_again_cnt; /* ... that came again */
	uint64_t zone_used_len, zone_space_len;
	uint64_t transfer_cnt[3];   /* zones to others, by enum gyl_dns_transfer_kind */
	uint64_t transfer_lost_cnt; /* ... that were broken off */
	uint64_t transfer_refused_cnt;
	uint64_t copy_cnt, copy_failed_cnt; /* primaries asked for copies, and in vain */
	uint64_t notify_cnt,
		notify_lost_cnt; /* secondaries that answered NOTIFY, and that did not */
};
void gyl_dns_stat(const struct gyl_dns *d, struct gyl_dns_stat *ret_stat);

/* Families of the forwarder and its cache, for Prometheus. */
struct gyl_metrics;
void gyl_dns_forward_metrics(const struct gyl_dns *d, struct gyl_metrics *m);
/* ... and of the zones. */
void gyl_dns_zone_metrics(const struct gyl_dns *d, struct gyl_metrics *m);

/* Is a block that was handed over as GYL_IN_DATA, or at the start, still in use? By workers: team.
 */
bool gyl_dns_uses(const struct gyl_dns *d, const void *block);

/* What answers are made from, for `guyline dns explain` and tests. */
const struct gyl_dns_data *gyl_dns_data(const struct gyl_dns *d);

#endif
