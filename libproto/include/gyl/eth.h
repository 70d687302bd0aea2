/* SPDX-License-Identifier: ISC */
#ifndef GYL_ETH_H
#define GYL_ETH_H

/**
 * @file eth.h
 * @brief Ethernet II frames with up to two VLAN tags (802.1Q, 802.1ad), without the frame check
 * sequence.
 */

#include <gyl/base.h>
#include <gyl/json.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GYL_ETH_HEADER_LEN 14
#define GYL_ETH_TAG_LEN    4
#define GYL_ETH_TAG_MAX    2
/** Longest header that is read or written. */
#define GYL_ETH_HEADER_MAX (GYL_ETH_HEADER_LEN + GYL_ETH_TAG_MAX * GYL_ETH_TAG_LEN)
/** Shortest frame on the wire without its check sequence (IEEE 802.3 section 4.2.3.3). */
#define GYL_ETH_FRAME_MIN  60

/** Ethertypes. */
enum {
	GYL_ETH_IPV4 = 0x0800,
	GYL_ETH_ARP = 0x0806,
	GYL_ETH_VLAN = 0x8100, /**< C-tag, IEEE 802.1Q */
	GYL_ETH_IPV6 = 0x86dd,
	GYL_ETH_SVLAN = 0x88a8, /**< S-tag, IEEE 802.1ad */
	GYL_ETH_LLDP = 0x88cc,
	GYL_ETH_TYPE_MIN = 0x0600 /**< below it the field is an IEEE 802.3 length */
};

/** A VLAN tag. */
struct gyl_eth_tag {
	uint16_t tpid; /**< #GYL_ETH_VLAN or #GYL_ETH_SVLAN */
	uint16_t vid;  /**< VLAN 1 to 4094; 0: priority only; 4095 is reserved */
	uint8_t pcp;   /**< priority code point, 0 to 7 */
	bool dei;      /**< drop eligible */
};

struct gyl_eth {
	uint8_t dst[6], src[6];
	uint16_t type;                           /**< ethertype of the payload, behind all tags */
	uint8_t tag_cnt;                         /**< 0 to #GYL_ETH_TAG_MAX */
	struct gyl_eth_tag tag[GYL_ETH_TAG_MAX]; /**< outermost first */
	struct gyl_view payload; /**< all octets behind the header, padding included */
};

/**
 * @brief Read an Ethernet II header.
 * @param[in]  frame   from the destination address on, without check sequence
 * @param[out] ret_eth payload is a view into @p frame; tags beyond `tag_cnt` are left as they were
 * @return #GYL_OK; #GYL_E_SHORT when the header is not whole (`off` = 14, 18 or 22); #GYL_E_VERSION
 * for an IEEE 802.3 length in the place of the ethertype (`off` = that field). A third tag is not
 * read: it is then the payload, and `type` its TPID.
 * @owns nothing   @cost O(1), a few nanoseconds
 */
GYL_API struct gyl_fault gyl_eth_decode(struct gyl_view frame, struct gyl_eth *ret_eth);

/**
 * @brief Append the header only: addresses, tags, type. The payload view is not looked at.
 *
 * Latches #GYL_E_FIELD for `tag_cnt` over 2, `vid` over 4095, `pcp` over 7 or a `type` below
 * #GYL_ETH_TYPE_MIN, and #GYL_E_SPACE; then nothing is written.
 */
GYL_API void gyl_eth_put_header(struct gyl_writer *w, const struct gyl_eth *e);

/** Append zeros until the frame that began at @p start (a value of `w->len`) has #GYL_ETH_FRAME_MIN
 * octets. */
GYL_API void gyl_eth_put_padding(struct gyl_writer *w, size_t start);

/** Append a whole frame: header, payload, zeros up to #GYL_ETH_FRAME_MIN. */
GYL_API void gyl_eth_encode(struct gyl_writer *w, const struct gyl_eth *e);

/** Length of the header that gyl_eth_put_header() writes. */
static inline size_t gyl_eth_header_len(const struct gyl_eth *e)
{
	return GYL_ETH_HEADER_LEN + (size_t)e->tag_cnt * GYL_ETH_TAG_LEN;
}

/** The outermost VLAN with a number, 0 when there is none (untagged, or only priority tags). */
GYL_API uint16_t gyl_eth_vid(const struct gyl_eth *e);

/** @return true for a group address: multicast or broadcast. */
static inline bool gyl_eth_is_group(const uint8_t mac[6])
{
	return (mac[0] & 1) != 0;
}

static inline bool gyl_eth_is_broadcast(const uint8_t mac[6])
{
	return (mac[0] & mac[1] & mac[2] & mac[3] & mac[4] & mac[5]) == 0xff;
}

/** @return true for a group address that is not broadcast. */
static inline bool gyl_eth_is_multicast(const uint8_t mac[6])
{
	return gyl_eth_is_group(mac) && !gyl_eth_is_broadcast(mac);
}

/** @return true for a locally administered address, such as those that phones make up. */
static inline bool gyl_eth_is_local(const uint8_t mac[6])
{
	return (mac[0] & 2) != 0;
}

static inline bool gyl_eth_is_zero(const uint8_t mac[6])
{
	return (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) == 0;
}

static inline bool gyl_eth_mac_eq(const uint8_t a[6], const uint8_t b[6])
{
	return memcmp(a, b, 6) == 0;
}

/** The group address for an IPv4 multicast address: 01:00:5e and its low 23 bits. @rfc{1112,6.4} */
static inline void gyl_eth_from_ipv4_group(uint32_t ip, uint8_t ret_mac[6])
{
	gyl_set_u16(ret_mac, 0x0100);
	gyl_set_u32(ret_mac + 2, 0x5e000000 | (ip & 0x7fffff));
}

/** Name of an ethertype ("ARP"), NULL when it has none here. */
GYL_API const char *gyl_eth_type_text(uint16_t type);

/** `02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff vlan 20 ARP 46 octets` */
GYL_API void gyl_eth_print(struct gyl_writer *w, const struct gyl_eth *e);

/** An object: dst, src, vlan (array of tpid, vid, pcp, dei), type, len. @p key as in
 * gyl_json_obj(). */
GYL_API void gyl_eth_json(struct gyl_json *j, const char *key, const struct gyl_eth *e);

#ifdef __cplusplus
}
#endif

#endif
