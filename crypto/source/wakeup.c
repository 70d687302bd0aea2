/* SPDX-License-Identifier: ISC */
#include <gyl/source.h>

const struct gyl_source gyl_source_wakeup = {
	.name = "wakeup",
	.claim_mbits = 1000,
};
