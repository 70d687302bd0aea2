/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_WORKER_OWN_H
#define GYL_SERVICES_DNS_WORKER_OWN_H

/* What team.c, the first loop's side, and worker.c share. */

#include "services/dns/core_own.h"
#include "services/dns/worker.h"

struct gyl__dns_apex {
	uint32_t serial; /* of a book */
	uint8_t len;
	uint8_t name[GYL_DNS_NAME_MAX];
};

/* Without gaps, so that two are compared as octets. */
struct gyl__dns_sight {
	const struct gyl_dns_image *image, *names;
	const struct gyl_flat *flat;
	const struct gyl_dns_conf *conf;
	struct gyl_dns_cache *cache; /* is there one? */
	uint64_t watch_end_ns;
	uint32_t live_cnt, book_cnt, domain_cnt;
	uint32_t waits; /* nobody can tell yet what there is */
	struct gyl__dns_apex live[GYL_DNS_LIVE_MAX];
	struct gyl__dns_apex book[GYL_DNS_BOOK_MAX];
	uint32_t lease_cnt[GYL_DNS_DOMAIN_MAX]; /* 0 or 1 */
	struct gyl__dns_apex domain[GYL_DNS_DOMAIN_MAX];
};

/* What a worker has counted: the sketches and zones since the last post, the rest in all. */
struct gyl__dns_post {
	_Atomic bool full; /* the first loop's to read and empty */
	uint64_t since_ns;
	struct gyl_dns_tops tops;
	struct gyl_dns_zone_stats zones;
	struct gyl_dns_stat stat;
	struct gyl_dns_worker_stat worker;
};

struct gyl__dns_member { /* gaps are meant. NOLINT(*-optin.performance.Padding) */
	struct gyl_dns core;
	struct gyl_dns_team *team;
	struct gyl_pass pass;
	struct gyl_dns_waker waker, first;
	uint8_t port, role; /* of the first loop's listener */
	/* the worker's: */
	uint32_t seen;     /* number of its sight; 0: none yet */
	bool waits;        /* of that sight */
	uint64_t post_ns;  /* when it posted last */
	uint64_t post_cnt; /* messages up to then */
	/* written by one, read by the other: */
	_Alignas(GYL_PASS_LINE) _Atomic uint32_t taken; /* number of the sight that it has */
	_Alignas(GYL_PASS_LINE) struct gyl__dns_post post;
	/* the first loop's: */
	struct gyl_dns_stat stat;
	struct gyl_dns_worker_stat worker;
};

struct gyl_dns_team { /* gaps are meant. NOLINT(*-optin.performance.Padding) */
	struct gyl_dns *d;
	unsigned cnt;
	struct gyl__dns_sight next; /* to compare */
	struct gyl_now now;
	bool look;                                       /* there may be something to show */
	uint64_t again_ns;                               /* not before */
	_Alignas(GYL_PASS_LINE) _Atomic uint32_t number; /* of sight */
	_Atomic uint32_t serial;                         /* of zones that leases made */
	struct gyl__dns_sight sight;
	struct gyl__dns_member *member;
};

#endif
