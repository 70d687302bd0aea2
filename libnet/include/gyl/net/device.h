/* SPDX-License-Identifier: ISC */
#ifndef GYL_NET_DEVICE_H
#define GYL_NET_DEVICE_H

/**
 * @file device.h
 * @brief Devices of Linux, opened by a text, as it stands in configurations and on command lines.
 *
 *     tap:guyline0                        a tap interface
 *     tap:guyline0,peer=10.77.0.2/24      with an address on the kernel's side
 *     pcap:/tmp/x.pcap,tap:guyline0       all frames also to a file
 *     fault:seed=7,loss=1%,tap:guyline0   with faults: seed=N loss= dup= corrupt= reorder=
 * (percent, up to four digits behind the point), delay=20ms
 *
 * Filters stand in front of what they filter and stack in any order. File names hold no comma.
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

#ifdef __cplusplus
}
#endif

#endif
