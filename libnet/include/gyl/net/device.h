/* SPDX-License-Identifier: ISC */
#ifndef GYL_NET_DEVICE_H
#define GYL_NET_DEVICE_H

/**
 * @file device.h
 * @brief Devices of Linux, opened by a text, as it stands in configurations and on command lines.
 *
 *     tap:guyline0                        a tap interface; the kernel is on its other side
 *     tap:guyline0,peer=10.77.0.2/24      with an address on the kernel's side
 *     macvtap:eth0                        a station of its own on the LAN of eth0
 *     macvtap:mv0,parent=eth0             the same by an interface of that name
 *     packet:eth0                         the same through a packet socket's ring
 *     packet:eth0,listen                  all that eth0 carries, nothing is sent
 *     pcap:/tmp/x.pcap                    the frames of a capture file; what is sent is dropped
 *     pcap:/tmp/x.pcap,tap:guyline0       in front of another: all frames also to a file
 *     fault:seed=7,loss=1%,tap:guyline0   in front of another: faults
 *
 * Faults are seed=N, loss= dup= corrupt= reorder= (percent, up to four digits behind the point),
 * delay=20ms, rate=10M (bits a second), small=N (only frames of up to N octets are lost),
 * silence=1s,after=1000000 (once, so many octets later, nothing passes for so long).
 *
 * Filters stand in front of what they filter and stack in any order. File names hold no comma.
 * libnet/docs/devices.md tells what each device is for, and the rights it takes.
 */

#include <gyl/net/netdev.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Open a device.
 * @param text        as above, under 512 octets
 * @param[out] ret_dev the outermost device; gyl_netdev_close() closes all of it
 * @param[out] err    on failure a sentence: what is wrong with which part, and what to do
 * @return 0, or -errno: -EINVAL for the text, else what the system said
 * @owns the device's memory comes from malloc(3), all of it here
 */
GYL_API int gyl_dev_open(const char *text, struct gyl_netdev **ret_dev, char err[200]);

/** What stands at the end of a device text. */
enum gyl_dev_kind {
	GYL_DEV_TAP,
	GYL_DEV_MACVTAP,
	GYL_DEV_PACKET,
	GYL_DEV_LISTEN, /**< a packet socket that only receives */
	GYL_DEV_FILE    /**< a capture file that is read */
};

/** What there is to know of a device before it is opened. */
struct gyl_dev_about {
	enum gyl_dev_kind kind;
	bool lan; /**< others than this machine's kernel are on the link */
	/** The kernel's interface on the same link, empty for a file. Addresses that the kernel has
	 * there cannot be the stack's: both would answer. */
	char iface[16];
	unsigned ifindex; /**< of iface; 0: it is not there (a tap may be made by opening it) */
	uint32_t mtu;     /**< of iface, when it is there */
	uint8_t mac[6];   /**< of iface, when it is there */
};

/**
 * @brief Tell about a device without opening it; needs no rights.
 * @return 0, or -EINVAL with a sentence in @p err as from gyl_dev_open()
 */
GYL_API int gyl_dev_about(const char *text, struct gyl_dev_about *ret_about, char err[200]);

#ifdef __cplusplus
}
#endif

#endif
