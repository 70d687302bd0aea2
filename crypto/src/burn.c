/* SPDX-License-Identifier: ISC */
#include "crypto/src/burn.h"

#include <gyl/ct.h>
#include <stdint.h>

/* An array fills its frame, so its end is where the frames of the caller's other calls began. */

GYL__OWN_FRAME void gyl__burn(void)
{
	uint8_t room[GYL__BURN_LEN];

	gyl_wipe(room, sizeof room);
}

GYL__OWN_FRAME void gyl__burn_some(void)
{
	uint8_t room[GYL__BURN_SOME_LEN];

	gyl_wipe(room, sizeof room);
}

GYL__OWN_FRAME void gyl__burn_hmac(void)
{
	uint8_t room[GYL__BURN_HMAC_LEN];

	gyl_wipe(room, sizeof room);
}
