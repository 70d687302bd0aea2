/* SPDX-License-Identifier: ISC */
#ifndef GYL_NET_NETDEV_H
#define GYL_NET_NETDEV_H

/**
 * @file netdev.h
 * @brief A network device: buffers out on loan, frames in on loan, in batches.
 *
 * Writing has MirageOS's discipline, a batch at a time: the device *lends* buffers, the layers fill
 * them in place (payload first, each header in front of it), and *send* hands all of them back. One
 * buffer a frame, nobody keeps it, nothing is copied on the way down.
 *
 * - Octets of a lent buffer are of no certain value. A frame is exactly the octets `[off, off +
 *   len)`, all of them written by whoever fills the buffer; a frame under 60 octets is padded by
 *   the device, with zeros. So nothing that lay in the buffer before can leave.
 * - The mtu excludes the link header. A frame that is longer than mtu + 14 (+ 4 a VLAN tag) or
 *   shorter than 14 octets is refused and counted, never cut.
 * - As many buffers as were given back can be lent again at once.
 * - Received frames are borrowed until the next gyl_netdev_recv().
 * - Devices read no clock: the owner sets `mono_ns` and `wall_ns` once a batch.
 * - A device that shares its link with others hands over what is for the hardware address it was
 * told with gyl_netdev_set_mac(), and all group frames; the stack looks at the destination again.
 * - After it was opened a device allocates nothing.
 * - Devices stack: a pcap, fault or other filter is a device over a device.
 * - One thread.
 */

#include <gyl/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most that a device lends or hands over in one call; a good size for a batch. */
#define GYL_NETDEV_BATCH 64
/** Every lent buffer has at least mtu and this much more: room in front for headers and tags. */
#define GYL_NETDEV_ROOM  64

/** Flags of a received frame. */
enum {
	/**
	 * The UDP, TCP or ICMP checksum is not finished: the frame comes from a local virtual peer
	 * that left it to hardware. It must not be verified. The checksum of the IPv4 header is
	 * right.
	 */
	GYL_NETFRAME_CSUM_NOT_READY = 1
};

/** A received frame: from the destination address on, without check sequence. It may be shorter
 * than a header and longer than the mtu: neither is the device's to judge. */
struct gyl_netframe {
	const uint8_t *p;
	uint32_t len;
	uint32_t flags;
};

/** A buffer on loan. */
struct gyl_netbuf {
	uint8_t *p;   /**< first octet of the buffer; not to be changed */
	uint32_t cap; /**< its size, at least mtu + #GYL_NETDEV_ROOM; not to be changed */
	uint32_t off; /**< where the frame begins */
	uint32_t len; /**< octets of the frame; 0: goes back unsent */
};

/** Counters since the start or the last reset. */
struct gyl_netdev_stat {
	uint64_t rx_cnt, rx_octets; /**< frames handed over */
	uint64_t tx_cnt, tx_octets; /**< frames sent, padding included */
	uint64_t rx_lost_cnt;       /**< dropped before they could be handed over */
	uint64_t tx_lost_cnt;       /**< taken, but not sent: queue full, or the device failed */
	uint64_t tx_bad_cnt;        /**< refused: too long, too short, or outside its buffer */
};

struct gyl_netdev;

/** What a device does. Called through the functions below. */
struct gyl_netdev_ops {
	size_t (*lend)(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt);
	void (*send)(struct gyl_netdev *d, const struct gyl_netbuf *b, size_t cnt);
	size_t (*recv)(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap);
	uint64_t (*deadline_ns)(const struct gyl_netdev *d);
	int (*set_mac)(struct gyl_netdev *d, const uint8_t mac[6]); /**< NULL: hands over all */
	void (*close)(struct gyl_netdev *d);
};

/** The head of every device. */
struct gyl_netdev {
	const struct gyl_netdev_ops *ops;
	uint32_t mtu; /**< octets behind the link header */
	int fd;       /**< readable when frames are there; -1: there is none, see the deadline */
	uint64_t mono_ns; /**< set by the owner before send and recv; never steps back */
	uint64_t wall_ns; /**< the same moment since 1970 */
	int gone;         /**< errno of a device that was taken away; for good */
	struct gyl_netdev_stat stat;
};

/**
 * @brief Borrow up to @p cnt buffers.
 * @param[out] ret p and cap set, off and len 0
 * @return how many; fewer when the device has no more at the moment. Each goes back with
 * gyl_netdev_send().
 */
static inline size_t gyl_netdev_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return d->ops->lend(d, ret, cnt);
}

/** Give buffers back; those with `len` > 0 are sent, in this order. What cannot be sent is counted.
 */
static inline void gyl_netdev_send(struct gyl_netdev *d, const struct gyl_netbuf *b, size_t cnt)
{
	d->ops->send(d, b, cnt);
}

/** Take up to @p cap frames, borrowed until the next call. 0: there are none now. */
static inline size_t gyl_netdev_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	return d->ops->recv(d, ret, cap);
}

/** When to call gyl_netdev_recv() though `fd` is not readable; 0: now; UINT64_MAX: never. */
static inline uint64_t gyl_netdev_deadline_ns(const struct gyl_netdev *d)
{
	return d->ops->deadline_ns(d);
}

/**
 * @brief The hardware address that the owner receives and sends under; at most one a device.
 *
 * To be told before the rights that opening took are given up. Until then a device of a real LAN
 * receives for the address of its interface.
 *
 * @return 0, or -errno when the device cannot receive for it
 */
static inline int gyl_netdev_set_mac(struct gyl_netdev *d, const uint8_t mac[6])
{
	return d->ops->set_mac == NULL ? 0 : d->ops->set_mac(d, mac);
}

/** Close the device and those below it. */
static inline void gyl_netdev_close(struct gyl_netdev *d)
{
	d->ops->close(d);
}

/** A snapshot of the counters. */
static inline struct gyl_netdev_stat gyl_netdev_stat(const struct gyl_netdev *d)
{
	return d->stat;
}

/** Set the counters to zero. */
static inline void gyl_netdev_stat_reset(struct gyl_netdev *d)
{
	memset(&d->stat, 0, sizeof(d->stat));
}

#ifdef __cplusplus
}
#endif

#endif
