/* SPDX-License-Identifier: ISC */
#include <gyl/source.h>

/* Who starts a machine knows what he gave it: worth mixing in, never worth credit. */
const struct gyl_source gyl_source_boot = {
	.name = "boot",
	.once = true,
};
