/* SPDX-License-Identifier: ISC */
#include "services/base/nap.h"

void gyl_nap_note(struct gyl_nap *n, uint64_t mono_ns, uint64_t cnt)
{
	uint64_t took_ns = mono_ns - n->since_ns;

	n->idle = cnt == 0;
	if (took_ns >= GYL_NAP_WINDOW_NS) {
		n->gap_ns = took_ns / (n->cnt + 1);
		n->since_ns = mono_ns;
		n->cnt = 0;
	}
	n->cnt += cnt;
}

uint64_t gyl_nap_ns(const struct gyl_nap *n, uint64_t patience_ns)
{
	if (n->idle || n->gap_ns == 0 || patience_ns / GYL_NAP_LEAST_CNT < n->gap_ns)
		return 0;
	return patience_ns / GYL_NAP_MOST_CNT < n->gap_ns ? patience_ns
							  : n->gap_ns * GYL_NAP_MOST_CNT;
}
