/* SPDX-License-Identifier: ISC */
#ifndef GYL_NET_PEER_H
#define GYL_NET_PEER_H

/**
 * @file peer.h
 * @brief The far side of a packet or stream, and the way by which it came or is to go.
 */

#include <gyl/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A reply copies it whole. The hardware address is the hint that spares an ARP request: a frame
 * goes back to the station it came from, which is the peer itself or the router on the way to it.
 */
struct gyl_net_peer {
	uint32_t ip;       /**< theirs, host order */
	uint32_t local_ip; /**< ours it was sent to, maybe a group or a broadcast; to send: what is
			      not an address of ours means that the stack chooses */
	uint16_t port, local_port;
	uint16_t vlan;  /**< 0: untagged */
	uint8_t iface;  /**< index of the interface; to send with `has_mac`, and to a broadcast or a
			   group: the way out */
	bool has_mac;   /**< to send: the frame goes to `mac`, without a look at ARP or routes.
			   Received: that is a way back, because the sender is in a network of ours,
			   or it came by our gateway */
	uint8_t mac[6]; /**< received: the source of the frame, whatever has_mac says */
};

#ifdef __cplusplus
}
#endif

#endif
