/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_keep.h"

static uint64_t later(uint64_t at_ns, uint64_t by_ns)
{
	return at_ns > UINT64_MAX - by_ns ? UINT64_MAX : at_ns + by_ns;
}

static struct gyl__keep_step step(enum gyl__keep what, uint64_t at_ns)
{
	struct gyl__keep_step s = {what, at_ns};

	return s;
}

struct gyl__keep_step gyl__keep(uint64_t now_ns, uint64_t heard_ns, uint64_t probed_ns,
	uint8_t probe_cnt, uint64_t idle_ns, uint64_t gap_ns, uint8_t max_cnt)
{
	/* From the last probe that was really sent, so late ones do not follow at once. */
	uint64_t due_ns = probe_cnt == 0 ? later(heard_ns, idle_ns) : later(probed_ns, gap_ns);

	if (now_ns < due_ns)
		return step(GYL__KEEP_WAIT, due_ns);
	if (probe_cnt >= max_cnt)
		return step(GYL__KEEP_CLOSE, now_ns);
	return step(GYL__KEEP_PROBE, later(now_ns, gap_ns));
}
