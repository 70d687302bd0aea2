/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_PCAP_H
#define GYL_LIBNET_DEV_PCAP_H

/*
 * Capture files of libpcap, written and read.
 *
 * Writing: a device over a device that writes every frame, sent and received, to a libpcap file
 * with nanosecond times, for tshark, tcpdump and after-the-fact analysis. Sent frames are written
 * as they leave, padding included. Times are the device's wall_ns: those of the batch.
 *
 * Reading: a device with nothing behind it. Its frames are those of the file, as fast as they are
 * taken; what is sent is counted and dropped. Both byte orders, micro- and nanoseconds, Ethernet
 * only. A frame of which only the begin was captured is lost, counted. After the last frame the
 * device is gone: ENODATA.
 */

#include <gyl/net/netdev.h>

/* Takes over inner, and closes it when it is closed itself or fails. The file is made with mode
 * 0600, replacing an old one. 0 and the device, or -errno and a sentence in err. */
int gyl_pcap_open(
	const char *path, struct gyl_netdev *inner, struct gyl_netdev **ret_dev, char err[200]);

/*
 * 0 and the device, or -errno and a sentence in err; -EBADMSG: it is no capture file, or cut off,
 * and the sentence tells the offset. The file is read through before. One that is changed later
 * ends the device with EIO.
 */
int gyl_pcap_read_open(const char *path, struct gyl_netdev **ret_dev, char err[200]);

#endif
