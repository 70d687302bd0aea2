/* SPDX-License-Identifier: ISC */
#ifndef GYL_ARP_H
#define GYL_ARP_H

/**
 * @file arp.h
 * @brief ARP for IPv4 over Ethernet: request, reply, probe, announcement.
 * @rfc{826} @rfc{5227}
 */

#include <gyl/base.h>
#include <gyl/eth.h>
#include <gyl/json.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GYL_ARP_LEN 28

/** Operations. Others are kept as they are. */
enum {
	GYL_ARP_REQUEST = 1,
	GYL_ARP_REPLY = 2
};

struct gyl_arp {
	uint16_t op;    /**< #GYL_ARP_REQUEST, #GYL_ARP_REPLY or another number */
	uint8_t sha[6]; /**< sender hardware address */
	uint8_t tha[6]; /**< target hardware address */
	uint32_t spa;   /**< sender protocol address, 0 in a probe */
	uint32_t tpa;   /**< target protocol address */
};

/**
 * @brief Read an ARP message.
 * @param[in]  in      payload of the Ethernet frame; octets after the 28th are padding and not
 * looked at
 * @param[out] ret_arp no views: it may outlive @p in
 * @return #GYL_OK; #GYL_LENIENT for an operation that is neither request nor reply (`off` = 6, `op`
 * has the number). In this order: #GYL_E_SHORT under 28 octets (`off` = 28); #GYL_E_VERSION when it
 * is not IPv4 over Ethernet (`off` = 0 hrd, 2 pro, 4 hln, 5 pln: the first that differs).
 * @owns nothing   @cost about 2 ns
 */
GYL_API struct gyl_fault gyl_arp_decode(struct gyl_view in, struct gyl_arp *ret_arp);

/** Append the 28 octets of a message. */
GYL_API void gyl_arp_encode(struct gyl_writer *w, const struct gyl_arp *a);

/**
 * @brief Append a whole frame: Ethernet header, message, zeros up to #GYL_ETH_FRAME_MIN.
 * @param w appended to; on a fault its `len` may lie anywhere in the frame
 * @param e addresses and tags; its type and payload are not looked at
 * @param a the message
 */
GYL_API void gyl_arp_encode_frame(
	struct gyl_writer *w, const struct gyl_eth *e, const struct gyl_arp *a);

/** What a message is for. */
enum gyl_arp_kind {
	GYL_ARP_KIND_UNKNOWN,         /**< neither request nor reply */
	GYL_ARP_KIND_REQUEST,         /**< who has tpa? */
	GYL_ARP_KIND_REPLY,           /**< spa is at sha */
	GYL_ARP_KIND_PROBE,           /**< request, spa 0: may I use tpa? @rfc{5227,1.1} */
	GYL_ARP_KIND_ANNOUNCEMENT,    /**< request, spa = tpa: I use it; also called gratuitous.
					 @rfc{5227,1.1} */
	GYL_ARP_KIND_GRATUITOUS_REPLY /**< reply, spa = tpa. @rfc{5227,3} */
};

/** @return what @p a is for; never fails. */
GYL_API enum gyl_arp_kind gyl_arp_kind(const struct gyl_arp *a);

/** @return a lower-case word such as "probe"; static storage. */
GYL_API const char *gyl_arp_kind_text(enum gyl_arp_kind kind);

/** Who has @p tpa? From @p sha and @p spa; tha is zero. */
GYL_API struct gyl_arp gyl_arp_request(const uint8_t sha[6], uint32_t spa, uint32_t tpa);

/** May I use @p tpa? spa is 0, so that nobody's cache changes. @rfc{5227,2.1.1} */
GYL_API struct gyl_arp gyl_arp_probe(const uint8_t sha[6], uint32_t tpa);

/** I use @p ip: a request with spa = tpa, tha zero. @rfc{5227,2.3} */
GYL_API struct gyl_arp gyl_arp_announcement(const uint8_t sha[6], uint32_t ip);

/** I use @p ip, as a reply to nobody: tha is broadcast. For hosts that learn from replies only. */
GYL_API struct gyl_arp gyl_arp_gratuitous_reply(const uint8_t sha[6], uint32_t ip);

/** The answer of @p sha to @p request: its target address is at @p sha. @rfc{826} */
GYL_API struct gyl_arp gyl_arp_reply(const struct gyl_arp *request, const uint8_t sha[6]);

/** `request who has 10.0.0.1 tell 10.0.0.5 (02:00:00:00:00:05)` */
GYL_API void gyl_arp_print(struct gyl_writer *w, const struct gyl_arp *a);

/** An object: op, kind, sha, spa, tha, tpa. @p key as in gyl_json_obj(). */
GYL_API void gyl_arp_json(struct gyl_json *j, const char *key, const struct gyl_arp *a);

#ifdef __cplusplus
}
#endif

#endif
