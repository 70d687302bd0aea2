/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_OPEN_H
#define GYL_LIBNET_DEV_OPEN_H

/* A device text taken apart, and the opening of its stages; <gyl/net/device.h> says how it reads.
 */

#include <gyl/net/device.h>

#include "libnet/dev/fault.h"
#include "libnet/dev/tap.h"

enum {
	GYL_DEV_STAGE_MAX = 8,
	GYL_DEV_TEXT_MAX = 512
};

enum gyl_dev_kind {
	GYL_DEV_TAP,
	GYL_DEV_PCAP,
	GYL_DEV_FAULT
};

struct gyl_dev_stage {
	enum gyl_dev_kind kind;
	struct gyl_tap_conf tap; /* names point into the spec's text */
	struct gyl_fault_conf fault;
	const char *path;
};

/* A device text, taken apart; outermost stage first, the last one a tap. */
struct gyl_dev_spec {
	char text[GYL_DEV_TEXT_MAX];
	size_t stage_cnt;
	struct gyl_dev_stage stage[GYL_DEV_STAGE_MAX];
};

/* Check and split a device text; opens nothing. 0, or -EINVAL and a sentence in err. The spec MUST
 * NOT be copied afterwards. */
int gyl_dev_parse(const char *text, struct gyl_dev_spec *ret_spec, char err[200]);

#endif
