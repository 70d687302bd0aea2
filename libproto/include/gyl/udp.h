/* SPDX-License-Identifier: ISC */
#ifndef GYL_UDP_H
#define GYL_UDP_H

/**
 * @file udp.h
 * @brief UDP over IPv4.
 * @rfc{768} @rfc{1122,4.1}
 */

#include <gyl/base.h>
#include <gyl/checksum.h>
#include <gyl/json.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GYL_UDP_HEADER_LEN  8
/** Longest payload that fits into an IPv4 datagram without options. */
#define GYL_UDP_PAYLOAD_MAX 65507

struct gyl_udp {
	uint16_t src_port, dst_port;
	uint16_t checksum; /**< as received, 0: the sender made none; encoding does not read it */
	struct gyl_view payload; /**< the length field less 8 */
};

/**
 * @brief Read a UDP header.
 * @param[in]  in       payload of the IPv4 datagram
 * @param[in]  src_ip   its source address, for the checksum
 * @param[in]  dst_ip   its destination address, for the checksum
 * @param[in]  flags    0 or #GYL_CHECKSUM_SKIP
 * @param[out] ret_udp  payload is a view into @p in
 * @return #GYL_OK; #GYL_LENIENT when octets follow the datagram (`off` = the first of them; they
 * are not in the payload); #GYL_E_SHORT under 8 octets; #GYL_E_LENGTH when the length is under 8 or
 * over @p in
 *         (`off` = 4); #GYL_E_CHECKSUM (`off` = 6).
 * @owns nothing   @cost O(length) for the checksum
 */
GYL_API struct gyl_fault gyl_udp_decode(struct gyl_view in, uint32_t src_ip, uint32_t dst_ip,
	unsigned flags, struct gyl_udp *ret_udp);

/**
 * @brief Append the header. The checksum covers `payload` wherever that is, so the payload may be
 * in place already.
 *
 * Latches #GYL_E_LENGTH for a payload over 65527 octets, and #GYL_E_SPACE.
 */
GYL_API void gyl_udp_put_header(
	struct gyl_writer *w, const struct gyl_udp *u, uint32_t src_ip, uint32_t dst_ip);

/** Append header and payload. */
GYL_API void gyl_udp_encode(
	struct gyl_writer *w, const struct gyl_udp *u, uint32_t src_ip, uint32_t dst_ip);

/** `port 68 > 67 300 octets` */
GYL_API void gyl_udp_print(struct gyl_writer *w, const struct gyl_udp *u);

/** An object: src_port, dst_port, checksum, len. */
GYL_API void gyl_udp_json(struct gyl_json *j, const char *key, const struct gyl_udp *u);

#ifdef __cplusplus
}
#endif

#endif
