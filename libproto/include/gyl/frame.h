/* SPDX-License-Identifier: ISC */
#ifndef GYL_FRAME_H
#define GYL_FRAME_H

/**
 * @file frame.h
 * @brief One call from an Ethernet frame to its UDP payload, and one back.
 *
 * Everything between is verified: tags, header and total length, options, both checksums, UDP
 * length.
 */

#include <gyl/base.h>
#include <gyl/checksum.h>
#include <gyl/eth.h>
#include <gyl/json.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Octets to leave free before a payload, so that gyl_frame_udp_encode() can put any header there.
 */
#define GYL_FRAME_UDP_ROOM (14 + 4 + 4 + 20 + 8)

struct gyl_frame_udp {
	uint8_t dst_mac[6], src_mac[6];
	uint8_t tag_cnt;                         /**< 0 to #GYL_ETH_TAG_MAX */
	struct gyl_eth_tag tag[GYL_ETH_TAG_MAX]; /**< outermost first */
	uint32_t src_ip, dst_ip;                 /**< host byte order */
	uint16_t src_port, dst_port;
	uint16_t id; /**< identification; encoding: any, for DF is set. @rfc{6864,4.1} */
	uint8_t ttl; /**< encoding: 0 means 64, for no datagram may leave with 0. @rfc{1122,3.2.1.7}
		      */
	uint8_t dscp; /**< 0 to 63 */
	struct gyl_view payload;
};

/**
 * @brief Read a frame down to its UDP payload.
 * @param[in]  frame   from the destination address on, without check sequence; padding is ignored
 * @param[in]  flags   0 or #GYL_CHECKSUM_SKIP (both checksums)
 * @param[out] ret_udp payload is a view into @p frame; tags beyond `tag_cnt` are left as they were
 * @return #GYL_OK; #GYL_LENIENT when octets follow the UDP datagram inside the IPv4 one (`off` =
 * the first). #GYL_E_VERSION when it is something else: `off` = the ethertype that is not IPv4, or
 * the protocol that is not UDP. #GYL_E_FIELD for a fragment (`off` = flags and fragment offset):
 * reassemble first. All other faults as gyl_eth_decode(), gyl_ipv4_decode(), gyl_udp_decode(), in
 * this order, with `off` from the start of the frame.
 * @owns nothing   @cost about 20 ns for 100 octets, 30 ns for 350; half of it are the checksums
 */
GYL_API struct gyl_fault gyl_frame_udp_decode(
	struct gyl_view frame, unsigned flags, struct gyl_frame_udp *ret_udp);

/**
 * @brief Write the headers in front of a payload that is in its place already, and the padding
 * behind it.
 *
 * The datagram has DF set. Every octet of the frame is
 * written by this call or was the caller's payload.
 * @param[in]     f           addresses, ports, tags, id, ttl, dscp; its payload is not looked at
 * @param[in,out] buf         holds the payload at @p payload_off
 * @param[in]     cap         size of @p buf
 * @param[in]     payload_off #GYL_FRAME_UDP_ROOM is always enough; 42 + 4 for each tag is needed
 * @param[in]     payload_len 0 to 65507; `payload_off + payload_len` MUST NOT be over @p cap
 * @param[out]    ret_frame   the frame, somewhere in @p buf
 * @return #GYL_OK; #GYL_E_SPACE when there is no room before the payload (`off` = @p payload_off)
 * or behind it for the padding (`off` = @p cap); #GYL_E_LENGTH over 65507 octets; #GYL_E_FIELD for
 * tags or dscp out of range.
 * @cost the checksum of the payload and about 10 ns
 */
GYL_API struct gyl_fault gyl_frame_udp_encode(const struct gyl_frame_udp *f, uint8_t *buf,
	size_t cap, size_t payload_off, size_t payload_len, struct gyl_view *ret_frame);

/** `02:00:00:00:00:05 > ff:ff:ff:ff:ff:ff vlan 20 10.0.0.5:68 > 255.255.255.255:67 300 octets` */
GYL_API void gyl_frame_udp_print(struct gyl_writer *w, const struct gyl_frame_udp *f);

/** An object: src_mac, dst_mac, vlan (array of numbers), src_ip, src_port, dst_ip, dst_port, ttl,
 * dscp, len. */
GYL_API void gyl_frame_udp_json(struct gyl_json *j, const char *key, const struct gyl_frame_udp *f);

#ifdef __cplusplus
}
#endif

#endif
