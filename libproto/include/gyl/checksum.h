/* SPDX-License-Identifier: ISC */
#ifndef GYL_CHECKSUM_H
#define GYL_CHECKSUM_H

/**
 * @file checksum.h
 * @brief Internet checksums: over one view, over many with odd lengths, and updated in place.
 *
 * All values are host order: what gyl_get_u16() reads from the checksum field and gyl_set_u16()
 * puts there. No alignment is asked for.
 * @rfc{1071} @rfc{1624}
 */

#include <gyl/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Flags for decoders that verify checksums. */
enum {
	/**
	 * Do not verify. Frames of a local virtual peer reach AF_PACKET and AF_XDP before their
	 * checksum is finished; the kernel says so for each frame (TP_STATUS_CSUMNOTREADY).
	 */
	GYL_CHECKSUM_SKIP = 1
};

/** A checksum over several pieces, as if they stood one behind the other. */
struct gyl_checksum {
	uint64_t sum; /**< @private */
	bool odd;     /**< @private an odd number of octets so far */
};

/** Start with no octets. */
static inline void gyl_checksum_init(struct gyl_checksum *c)
{
	c->sum = 0;
	c->odd = false;
}

/** Add the octets of @p v; any length, odd ones too. @cost about 16 octets a nanosecond */
GYL_API void gyl_checksum_add(struct gyl_checksum *c, struct gyl_view v);

/** Add two octets. An even number of octets MUST have been added before. */
static inline void gyl_checksum_add_u16(struct gyl_checksum *c, uint16_t v)
{
	c->sum += v;
}

/** Add four octets. An even number of octets MUST have been added before. */
static inline void gyl_checksum_add_u32(struct gyl_checksum *c, uint32_t v)
{
	c->sum += (v >> 16) + (v & 0xffff);
}

/**
 * @brief Add the pseudo header of UDP and TCP.
 * @param c     an even number of octets MUST have been added before
 * @param src   source address
 * @param dst   destination address
 * @param proto protocol number (17 UDP, 6 TCP)
 * @param len   octets of the segment, header included
 * @rfc{768} @rfc{9293,3.1}
 */
static inline void gyl_checksum_add_pseudo(
	struct gyl_checksum *c, uint32_t src, uint32_t dst, uint8_t proto, uint16_t len)
{
	gyl_checksum_add_u32(c, src);
	gyl_checksum_add_u32(c, dst);
	c->sum += (uint32_t)proto + len;
}

/** @return the checksum: the complement of the one's complement sum. 0 when a right checksum was
 * summed too. */
static inline uint16_t gyl_checksum_end(const struct gyl_checksum *c)
{
	uint64_t sum = c->sum;

	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)~sum;
}

/** @return the checksum over @p v; 0 when @p v includes its own right checksum. */
GYL_API uint16_t gyl_checksum_of(struct gyl_view v);

/**
 * @brief The checksum after one 16-bit word of what it covers has changed.
 * @param checksum   the old one; @param before the old word; @param after the new word
 * @return the new checksum. The word MUST stand at an even offset. Where 0 means "no checksum"
 * (UDP), the caller asks for that first, and sends 0xffff for a result of 0.
 * @rfc{1624,3} equation 3
 */
static inline uint16_t gyl_checksum_update_u16(uint16_t checksum, uint16_t before, uint16_t after)
{
	uint32_t sum = (uint32_t)(uint16_t)~checksum + (uint16_t)~before + after;

	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)~sum;
}

/** The same for 32 bits, such as an address. */
static inline uint16_t gyl_checksum_update_u32(uint16_t checksum, uint32_t before, uint32_t after)
{
	checksum = gyl_checksum_update_u16(
		checksum, (uint16_t)(before >> 16), (uint16_t)(after >> 16));
	return gyl_checksum_update_u16(checksum, (uint16_t)before, (uint16_t)after);
}

#ifdef __cplusplus
}
#endif

#endif
