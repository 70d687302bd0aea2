/* SPDX-License-Identifier: ISC */
#ifndef GYL_IPV4_H
#define GYL_IPV4_H

/**
 * @file ipv4.h
 * @brief IPv4 headers, options and fragment fields.
 * @rfc{791} @rfc{1122,3.2.1} @rfc{2474} @rfc{3168}
 */

#include <gyl/base.h>
#include <gyl/checksum.h>
#include <gyl/json.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GYL_IPV4_HEADER_LEN 20
/** Longest header, with 40 octets of options. */
#define GYL_IPV4_HEADER_MAX 60
#define GYL_IPV4_LEN_MAX    65535

/** Protocol numbers. */
enum {
	GYL_IPV4_ICMP = 1,
	GYL_IPV4_IGMP = 2,
	GYL_IPV4_TCP = 6,
	GYL_IPV4_UDP = 17
};

/** Bits of `flags`, as they stand in the three bits of the header. */
enum {
	GYL_IPV4_MF = 1, /**< more fragments */
	GYL_IPV4_DF = 2, /**< do not fragment */
	GYL_IPV4_RESERVED = 4
};

/** Flag of gyl_ipv4_decode() besides #GYL_CHECKSUM_SKIP. */
enum {
	/** A datagram quoted in an ICMP error: the payload may be cut short, and the checksum is
	 * not verified. */
	GYL_IPV4_QUOTED = 2
};

struct gyl_ipv4 {
	uint8_t dscp;      /**< 0 to 63 */
	uint8_t ecn;       /**< 0 to 3 */
	uint16_t id;       /**< means something in fragments only. @rfc{6864} */
	uint8_t flags;     /**< #GYL_IPV4_DF, #GYL_IPV4_MF, #GYL_IPV4_RESERVED */
	uint16_t frag_off; /**< octets, a multiple of 8 */
	uint8_t ttl;
	uint8_t proto;
	uint16_t checksum;       /**< as received; encoding does not read it */
	uint16_t total_len;      /**< as received; encoding does not read it */
	uint32_t src, dst;       /**< host byte order */
	struct gyl_view options; /**< well-formed; with EOL and padding, as they stand */
	struct gyl_view
		payload; /**< total length less header: octets behind the datagram are left out */
};

/**
 * @brief Read an IPv4 header and prove its options.
 * @param[in]  in     payload of the frame; octets behind the total length (Ethernet padding) are
 * ignored
 * @param[in]  flags  0, #GYL_CHECKSUM_SKIP, #GYL_IPV4_QUOTED
 * @param[out] ret_ip options and payload are views into @p in
 * @return #GYL_OK. In this order: #GYL_E_SHORT under 20 octets; #GYL_E_VERSION when the version is
 * not 4
 *         (`off` = 0); #GYL_E_LENGTH for a header length under 20 (`off` = 0) or a total length
 * that is shorter than the header (`off` = 2); #GYL_E_SHORT when @p in ends before the header or
 * the total length (`off` = that length); #GYL_E_CHECKSUM (`off` = 10); #GYL_E_OPTION (`off` = the
 * option).
 * @owns nothing   @cost a few nanoseconds; O(header)
 * @rfc{791,3.1}
 */
GYL_API struct gyl_fault gyl_ipv4_decode(
	struct gyl_view in, unsigned flags, struct gyl_ipv4 *ret_ip);

/**
 * @brief Append a header with checksum; total length from `payload.len`, whose octets are not
 * looked at.
 *
 * Options are padded with zeros to a multiple of 4. Latches #GYL_E_FIELD for options over 40
 * octets, a `frag_off` that is no multiple of 8 or over 65528, `dscp` over 63, `ecn` over 3,
 * `flags` over 7; #GYL_E_LENGTH for a total over 65535; #GYL_E_SPACE. Nothing is written then.
 */
GYL_API void gyl_ipv4_put_header(struct gyl_writer *w, const struct gyl_ipv4 *ip);

/** Append header and payload. */
GYL_API void gyl_ipv4_encode(struct gyl_writer *w, const struct gyl_ipv4 *ip);

/** Length of the header that gyl_ipv4_put_header() writes. */
static inline size_t gyl_ipv4_header_len(const struct gyl_ipv4 *ip)
{
	return GYL_IPV4_HEADER_LEN + ((ip->options.len + 3) & ~(size_t)3);
}

/** @return true when the datagram is a piece of a larger one. */
static inline bool gyl_ipv4_is_fragment(const struct gyl_ipv4 *ip)
{
	return ip->frag_off != 0 || (ip->flags & GYL_IPV4_MF) != 0;
}

/** 224.0.0.0/4 */
static inline bool gyl_ipv4_is_multicast(uint32_t ip)
{
	return ip >> 28 == 14;
}

/** 127.0.0.0/8 */
static inline bool gyl_ipv4_is_loopback(uint32_t ip)
{
	return ip >> 24 == 127;
}

/** 169.254.0.0/16 @rfc{3927} */
static inline bool gyl_ipv4_is_link_local(uint32_t ip)
{
	return ip >> 16 == 0xa9fe;
}

/** Netmask of a prefix length; 32 and more give 255.255.255.255. */
static inline uint32_t gyl_ipv4_mask(unsigned prefix_len)
{
	if (prefix_len == 0)
		return 0;
	return prefix_len >= 32 ? UINT32_MAX : ~(UINT32_MAX >> prefix_len);
}

/** Option types, copied flag included. */
enum {
	GYL_IPV4_OPT_EOL = 0,
	GYL_IPV4_OPT_NOP = 1,
	GYL_IPV4_OPT_RR = 7,
	GYL_IPV4_OPT_TS = 68,
	GYL_IPV4_OPT_SEC = 130,
	GYL_IPV4_OPT_LSRR = 131,
	GYL_IPV4_OPT_SSRR = 137,
	GYL_IPV4_OPT_RA = 148
};

struct gyl_ipv4_opt {
	uint8_t type;
	struct gyl_view val; /**< without type and length octets */
};

/** Walks over options. */
struct gyl_ipv4_cursor {
	struct gyl_view rest; /**< @private */
};

/** Start before the first of @p options (the member of a decoded header, or any octets). */
GYL_API void gyl_ipv4_cursor_init(struct gyl_ipv4_cursor *cur, struct gyl_view options);

/**
 * @brief Step to the next option; NOP is passed over.
 * @return true and the option in @p ret_opt; false at the end, at EOL, and where the framing is
 * broken (which cannot be in decoded options).
 */
GYL_API bool gyl_ipv4_cursor_next(struct gyl_ipv4_cursor *cur, struct gyl_ipv4_opt *ret_opt);

/** `10.0.0.5 > 10.0.0.1 proto 17 ttl 64 id 4711 DF 28 octets` */
GYL_API void gyl_ipv4_print(struct gyl_writer *w, const struct gyl_ipv4 *ip);

/** An object: src, dst, proto, ttl, dscp, ecn, id, flags, frag_off, options, len. */
GYL_API void gyl_ipv4_json(struct gyl_json *j, const char *key, const struct gyl_ipv4 *ip);

#ifdef __cplusplus
}
#endif

#endif
