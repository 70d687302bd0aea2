/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_SRC_PARK_H
#define GYL_LIBNET_SRC_PARK_H

/*
 * Frames that wait for a hardware address: copies, for an address at most three and 4 kB, the
 * oldest going first when there are more. The only place where the stack copies a payload.
 */

#include <gyl/net/netdev.h>

enum {
	GYL_PARK_PER_IP = 3,
	GYL_PARK_LEN_PER_IP = 4096,
	GYL_PARK_FRAME_LEN = 2048
};

/* Whose hardware address a frame waits for. */
struct gyl_park_key {
	uint32_t ip;
	uint16_t vlan;
	uint8_t iface;
};

struct gyl_parked {
	struct gyl_park_key key;
	uint16_t len; /* 0: free */
	uint64_t seq; /* order of arrival */
	uint8_t frame[GYL_PARK_FRAME_LEN];
};

struct gyl_park {
	size_t cap, cnt;
	uint64_t seq;
	struct gyl_parked *at;
};

/* A place for a frame of len octets, 1 to GYL_PARK_FRAME_LEN, to be written there now. *ret_gone:
 * how many frames had to go for it. */
struct gyl_parked *gyl__park_put(
	struct gyl_park *p, struct gyl_park_key key, size_t len, size_t *ret_gone);

/* Would one more frame, however short, make another one of the key go? */
bool gyl__park_is_full(const struct gyl_park *p, struct gyl_park_key key);

/* The oldest frame for a key, NULL when there is none. The caller drops it. */
struct gyl_parked *gyl__park_next(struct gyl_park *p, struct gyl_park_key key);
void gyl__park_drop(struct gyl_park *p, struct gyl_parked *f);

#endif
