/* SPDX-License-Identifier: ISC */
#ifndef GYL_ICMP_H
#define GYL_ICMP_H

/**
 * @file icmp.h
 * @brief ICMP for IPv4: echo, destination unreachable, time exceeded, parameter problem; others as
 * octets.
 * @rfc{792} @rfc{1122,3.2.2} @rfc{1191}
 */

#include <gyl/base.h>
#include <gyl/checksum.h>
#include <gyl/ipv4.h>
#include <gyl/json.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GYL_ICMP_HEADER_LEN 8
/** Most octets of a datagram that an error quotes, so that it stays within 576. @rfc{1812,4.3.2.3}
 */
#define GYL_ICMP_QUOTE_MAX  548

/** Types. */
enum {
	GYL_ICMP_ECHO_REPLY = 0,
	GYL_ICMP_UNREACHABLE = 3,
	GYL_ICMP_SOURCE_QUENCH = 4, /**< not sent any more. @rfc{6633} */
	GYL_ICMP_REDIRECT = 5,
	GYL_ICMP_ECHO = 8,
	GYL_ICMP_TIME_EXCEEDED = 11,
	GYL_ICMP_PARAMETER_PROBLEM = 12
};

/** Codes of #GYL_ICMP_UNREACHABLE. */
enum {
	GYL_ICMP_NET = 0,
	GYL_ICMP_HOST = 1,
	GYL_ICMP_PROTOCOL = 2,
	GYL_ICMP_PORT = 3,
	GYL_ICMP_FRAGMENTATION_NEEDED = 4,
	GYL_ICMP_ADMIN_PROHIBITED = 13
};

struct gyl_icmp {
	uint8_t type, code;
	uint16_t checksum;    /**< as received; encoding does not read it */
	uint32_t rest;        /**< octets 4 to 7; what they mean depends on the type, see below */
	struct gyl_view data; /**< octets 8 to the end */
};

/* What `rest` says. Each is meant for the types named; for others it is just these bits. */

/** Identifier of an echo or its reply. */
static inline uint16_t gyl_icmp_id(const struct gyl_icmp *i)
{
	return (uint16_t)(i->rest >> 16);
}

/** Sequence number of an echo or its reply. */
static inline uint16_t gyl_icmp_seq(const struct gyl_icmp *i)
{
	return (uint16_t)i->rest;
}

/** Next-hop MTU of #GYL_ICMP_FRAGMENTATION_NEEDED; 0 from routers older than RFC 1191. */
static inline uint16_t gyl_icmp_mtu(const struct gyl_icmp *i)
{
	return (uint16_t)i->rest;
}

/** Octet of the quoted header that #GYL_ICMP_PARAMETER_PROBLEM complains about. */
static inline uint8_t gyl_icmp_pointer(const struct gyl_icmp *i)
{
	return (uint8_t)(i->rest >> 24);
}

/** @return true for the types that quote a datagram; never answer these with an error.
 * @rfc{1122,3.2.2} */
GYL_API bool gyl_icmp_is_error(uint8_t type);

/**
 * @brief Read an ICMP message.
 * @param[in]  in       payload of the IPv4 datagram
 * @param[in]  flags    0 or #GYL_CHECKSUM_SKIP
 * @param[out] ret_icmp data is a view into @p in
 * @return #GYL_OK for any type; #GYL_LENIENT for an echo or reply whose code is not 0 (`off` = 1);
 *         #GYL_E_SHORT under 8 octets; #GYL_E_CHECKSUM (`off` = 2).
 * @owns nothing   @cost O(length) for the checksum
 */
GYL_API struct gyl_fault gyl_icmp_decode(
	struct gyl_view in, unsigned flags, struct gyl_icmp *ret_icmp);

/**
 * @brief Read the datagram that an error quotes.
 * @param[in]  i      a decoded error
 * @param[out] ret_ip its payload is what there is of it: at least 8 octets unless the sender was
 * stingy
 * @return as gyl_ipv4_decode() with #GYL_IPV4_QUOTED, `off` from the start of `data`;
 * #GYL_E_MISSING (`off` = 0) when the type quotes nothing.
 */
GYL_API struct gyl_fault gyl_icmp_original(const struct gyl_icmp *i, struct gyl_ipv4 *ret_ip);

/** Append the 8 octets of the header; the checksum covers `data` wherever that is. */
GYL_API void gyl_icmp_put_header(struct gyl_writer *w, const struct gyl_icmp *i);

/** Append header and data. */
GYL_API void gyl_icmp_encode(struct gyl_writer *w, const struct gyl_icmp *i);

/** An echo. @p data is borrowed. */
GYL_API struct gyl_icmp gyl_icmp_echo(uint16_t id, uint16_t seq, struct gyl_view data);

/** The reply to @p echo: same identifier, sequence number and data. @rfc{1122,3.2.2.6} */
GYL_API struct gyl_icmp gyl_icmp_echo_reply(const struct gyl_icmp *echo);

/** Unreachable with @p code; @p mtu is 0 but for #GYL_ICMP_FRAGMENTATION_NEEDED; quotes @p
 * datagram, cut. */
GYL_API struct gyl_icmp gyl_icmp_unreachable(uint8_t code, uint16_t mtu, struct gyl_view datagram);

/** Time exceeded: code 0 in transit, 1 in reassembly; quotes @p datagram, cut. */
GYL_API struct gyl_icmp gyl_icmp_time_exceeded(uint8_t code, struct gyl_view datagram);

/** Parameter problem at octet @p pointer of @p datagram's header; quotes it, cut. */
GYL_API struct gyl_icmp gyl_icmp_parameter_problem(uint8_t pointer, struct gyl_view datagram);

/** `echo id 7 seq 1 56 octets`, `unreachable port: 10.0.0.5 > 10.0.0.1 ...` */
GYL_API void gyl_icmp_print(struct gyl_writer *w, const struct gyl_icmp *i);

/** An object: type, code, rest or what it says, original (when one is quoted) or data in
 * hexadecimal. */
GYL_API void gyl_icmp_json(struct gyl_json *j, const char *key, const struct gyl_icmp *i);

#ifdef __cplusplus
}
#endif

#endif
