/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_DEV_H
#define GYL_LIBNET_DEV_DEV_H

/* What devices share: buffers to lend, the check and padding of a frame before it leaves. */

#include <gyl/eth.h>
#include <gyl/net/netdev.h>

enum {
	GYL_DEV_BUF_LEN = 2048, /* mtu 1500 with room, and aligned to cache lines */
	GYL_DEV_MTU_MIN = 576,  /* RFC 791 3.1: what every host takes */
	GYL_DEV_MTU_MAX = GYL_DEV_BUF_LEN - GYL_NETDEV_ROOM,
	GYL_DEV_FRAME_MAX = 256 * 1024, /* the longest frame that comes: of a capture, or not cut */
	GYL_DEV_BUF_CNT = 2 * GYL_NETDEV_BATCH /* a batch of a host's and the stack's own frames */
};

/* Buffers for sending: lent ones are out, the others on a stack. */
struct gyl_dev_pool {
	uint8_t buf[GYL_DEV_BUF_CNT][GYL_DEV_BUF_LEN];
	uint8_t *idle[GYL_DEV_BUF_CNT];
	size_t idle_cnt;
};

void gyl__dev_pool_init(struct gyl_dev_pool *p);
size_t gyl__dev_pool_lend(struct gyl_dev_pool *p, struct gyl_netbuf *ret, size_t cnt);
void gyl__dev_pool_back(struct gyl_dev_pool *p, const struct gyl_netbuf *b);

/*
 * The frame of a buffer as it leaves: checked against the mtu and its buffer, padded to 60 octets.
 * False when there is nothing to send; a frame that was refused has been counted.
 */
bool gyl__dev_frame(struct gyl_netdev *d, const struct gyl_netbuf *b, struct gyl_view *ret_frame);

#endif
