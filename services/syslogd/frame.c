/* SPDX-License-Identifier: ISC */
#include "services/syslogd/frame.h"

enum {
	PROBES = 7
};

bool gyl_syslogd_frame_may_have(const struct gyl_syslogd_frame *f, uint64_t token)
{
	uint32_t at = (uint32_t)token, step = (uint32_t)(token >> 32);
	uint64_t bits = 8 * (uint64_t)f->filter.len;

	if (bits == 0)
		return true;
	for (unsigned i = 0; i < PROBES; i++, at += step) {
		uint64_t bit = at * bits >> 32;

		if (!(f->filter.p[bit / 8] >> (bit % 8) & 1))
			return false;
	}
	return true;
}
