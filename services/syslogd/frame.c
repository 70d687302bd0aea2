/* SPDX-License-Identifier: ISC */
#include "services/syslogd/frame.h"

enum {
	PROBES = 7
};

/* Probe i of a token: a bit of the filter (Kirsch and Mitzenmacher: two hashes are enough). */
static uint64_t probe(uint64_t token, unsigned i, size_t filter_len)
{
	uint32_t at = (uint32_t)token + i * (uint32_t)(token >> 32);

	return at * (uint64_t)filter_len * 8 >> 32;
}

bool gyl_syslogd_frame_may_have(const struct gyl_syslogd_frame *f, uint64_t token)
{
	for (unsigned i = 0; i < PROBES && f->filter.len != 0; i++) {
		uint64_t bit = probe(token, i, f->filter.len);

		if (!(f->filter.p[bit / 8] >> (bit % 8) & 1))
			return false;
	}
	return true;
}

void gyl_syslogd_filter_put(uint8_t *filter, size_t len, uint64_t token)
{
	for (unsigned i = 0; i < PROBES; i++) {
		uint64_t bit = probe(token, i, len);

		filter[bit / 8] |= (uint8_t)(1u << (bit % 8));
	}
}
