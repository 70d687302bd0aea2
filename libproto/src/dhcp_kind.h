/* SPDX-License-Identifier: ISC */
#ifndef GYL_SRC_DHCP_KIND_H
#define GYL_SRC_DHCP_KIND_H

/* How the value of each option is built, shared by the decoder and the option codecs. */

#include <gyl/dhcp.h>
#include <gyl/dhcp_opt.h>

/* What a length must be before anything else is looked at. max 255 means any. */
struct gyl__dhcp_len {
	uint8_t min, max, mask;
};

extern const uint8_t gyl__dhcp_kind[256];
extern const struct gyl__dhcp_len gyl__dhcp_len[GYL_DHCP_KIND_CNT];

static inline bool gyl__dhcp_len_ok(uint8_t code, size_t len)
{
	struct gyl__dhcp_len rule = gyl__dhcp_len[gyl__dhcp_kind[code]];

	return len >= rule.min && (len <= rule.max || rule.max == 255) && (len & rule.mask) == 0;
}

/* Does the value have one length only, so that a second instance is a repetition and not a piece?
 */
static inline bool gyl__dhcp_len_fixed(uint8_t code)
{
	return gyl__dhcp_len[gyl__dhcp_kind[code]].max != 255;
}

#endif
