/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_PATH_H
#define GYL_LIBNET_SRC_PATH_H

/*
 * Paths that take less than their first link does (RFC 1191): destination to mtu. Only these stand
 * here; the least recently used one makes room. An entry lives ten minutes from the last message
 * that confirmed it, then the link's mtu is tried again (RFC 1191 6.3).
 */

#include <gyl/base.h>
#include <gyl/time.h>

#define GYL_PATH_LIFE_NS (600 * GYL_NS_PER_S)
#define GYL_PATH_NONE    UINT16_MAX

enum {
	/*
	 * RFC 1191 3 allows 68. But every host takes 576 (RFC 791 3.1), no link of today has less,
	 * and who may make a sender cut its data into pieces of 48 octets multiplies its work by
	 * thirty (RFC 5927 7.3).
	 */
	GYL_PATH_MTU_MIN = 576
};

struct gyl_path {
	uint32_t ip;
	uint16_t mtu;
	uint16_t chain;      /* next of the same hash, or next free one */
	uint16_t prev, next; /* by use */
	uint64_t until_ns;
};

struct gyl_paths {
	uint16_t cnt, free;
	uint16_t newest, oldest; /* by use */
	uint16_t mask;
	uint64_t hash_mul; /* odd and secret: destinations may be chosen by strangers */
	uint16_t *head;
	struct gyl_path *at;
};

/* Octets of memory, aligned to 8, for cnt paths. */
size_t gyl__paths_need(uint16_t cnt);
void gyl__paths_init(struct gyl_paths *t, void *mem, uint16_t cnt, uint64_t seed);

/* The mtu of the path to ip, 0 when it is not known to be small. */
uint16_t gyl__path_mtu(const struct gyl_paths *t, uint64_t now_ns, uint32_t ip);
/* It is being used: others go first. */
void gyl__path_used(struct gyl_paths *t, uint32_t ip);
/* The path to ip takes mtu octets (at least GYL_PATH_MTU_MIN) and no more; what is known to be
 * smaller stays. */
void gyl__path_lower(struct gyl_paths *t, uint64_t now_ns, uint32_t ip, uint16_t mtu);

/* The next likely mtu under len, for routers that do not tell theirs (RFC 1191 7). */
uint16_t gyl__path_plateau(uint16_t len);

#endif
