/* SPDX-License-Identifier: ISC */
#ifndef GYL_SRC_DHCP_KIND_H
#define GYL_SRC_DHCP_KIND_H

/* How the value of each option is built, shared by the decoder and the option codecs. */

#include <gyl/dhcp.h>
#include <gyl/dhcp_opt.h>

/*
 * What a length must be before anything else is looked at: not under min, and like it in the bits
 * of mask. A rule a code, so that the decoder looks once; all zero, as for unknown codes, is any
 * length.
 */
struct gyl__dhcp_len {
	uint16_t min, mask;
};

enum {
	GYL__DHCP_LEN_FIXED = 0xffff /* mask: min is the one length there is */
};

extern const uint8_t gyl__dhcp_kind[256];
extern const struct gyl__dhcp_len gyl__dhcp_len[256];

/* len may be of joined pieces: at most 65,535, as the message */
static inline bool gyl__dhcp_len_ok(uint8_t code, size_t len)
{
	struct gyl__dhcp_len rule = gyl__dhcp_len[code];

	return len >= rule.min && ((len ^ rule.min) & rule.mask) == 0;
}

/* Does the value have one length only, so that a second instance is a repetition and not a piece?
 */
static inline bool gyl__dhcp_len_fixed(uint8_t code)
{
	return gyl__dhcp_len[code].mask == GYL__DHCP_LEN_FIXED;
}

#endif
