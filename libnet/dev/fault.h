/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_FAULT_H
#define GYL_LIBNET_DEV_FAULT_H

/*
 * A device over a device that loses, doubles, corrupts, delays and reorders frames, both ways. All
 * chances come from one seed: the same frames at the same times meet the same fate. A test that
 * uses it prints its seed when it fails.
 */

#include <gyl/net/netdev.h>

enum {
	GYL_FAULT_ONE = 1000000 /* a probability of one, in the unit of the members below */
};

struct gyl_fault_conf {
	uint64_t seed;
	uint32_t loss, dup, corrupt, reorder; /* parts in a million of all frames */
	uint64_t delay_ns; /* every frame is this late; a reordered one up to 10 ms more */
	uint64_t rate;  /* bits a second each way, as a slow link with a short queue; 0: no limit */
	uint32_t small; /* only frames of up to so many octets are lost; 0: of any length */
	/* Once: after so many octets, both ways together, all is lost for this time; 0: never. */
	uint64_t silence_ns, silence_after;
};

struct gyl_fault_stat {
	uint64_t lost_cnt, dup_cnt, corrupt_cnt, delayed_cnt, reorder_cnt;
	uint64_t full_cnt; /* lost because too many frames were held back */
};

/* Takes over inner, and closes it when it is closed itself or fails. 0 and the device, or -errno
 * and a sentence in err. */
int gyl_fault_open(const struct gyl_fault_conf *cf, struct gyl_netdev *inner,
	struct gyl_netdev **ret_dev, char err[200]);

/* Change the chances from now on; the seed is not taken again, a silence is to come again. */
void gyl_fault_set(struct gyl_netdev *fault, const struct gyl_fault_conf *cf);

struct gyl_fault_stat gyl_fault_stat(const struct gyl_netdev *fault);

#endif
