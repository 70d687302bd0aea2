/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_DEV_OPEN_H
#define GYL_LIBNET_DEV_OPEN_H

/* A device text taken apart, and the opening of its stages; <gyl/net/device.h> says how it reads.
 */

#include <gyl/net/device.h>

#include "libnet/dev/fault.h"
#include "libnet/dev/macvtap.h"
#include "libnet/dev/tap.h"

enum {
	GYL_DEV_STAGE_MAX = 8,
	GYL_DEV_TEXT_MAX = 512
};

enum gyl_stage_kind {
	GYL_STAGE_TAP,
	GYL_STAGE_MACVTAP,
	GYL_STAGE_PACKET,
	GYL_STAGE_PCAP, /* the last one reads its file, others write theirs */
	GYL_STAGE_FAULT
};

/* Names point into the spec's text. */
struct gyl_dev_stage {
	enum gyl_stage_kind kind;
	struct gyl_tap_conf tap;
	struct gyl_macvtap_conf macvtap;
	const char *packet; /* name of the interface */
	bool listen;        /* and packet only receives */
	const char *path;
	struct gyl_fault_conf fault;
};

/* A device text, taken apart; outermost stage first. */
struct gyl_dev_spec {
	char text[GYL_DEV_TEXT_MAX];
	size_t stage_cnt;
	struct gyl_dev_stage stage[GYL_DEV_STAGE_MAX];
};

/* Check and split a device text; opens nothing. 0, or -EINVAL and a sentence in err. The spec MUST
 * NOT be copied afterwards. */
int gyl_dev_parse(const char *text, struct gyl_dev_spec *ret_spec, char err[200]);

#endif
