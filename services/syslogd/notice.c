/* SPDX-License-Identifier: ISC */
#include "services/syslogd/notice.h"

#include <gyl/time.h>

/* Neighbours have places of their own. */
static struct gyl_syslogd_notice *place(
	struct gyl_syslogd_notices *t, enum gyl_syslogd_notice_kind kind, uint32_t ip)
{
	uint32_t h = (ip ^ ip >> 16) + (uint32_t)kind * (GYL_SYSLOGD_NOTICE_MAX / 4);

	return &t->at[h & (GYL_SYSLOGD_NOTICE_MAX - 1)];
}

uint32_t gyl_syslogd_notice(struct gyl_syslogd_notices *t, enum gyl_syslogd_notice_kind kind,
	uint32_t ip, uint64_t mono_ns)
{
	struct gyl_syslogd_notice *n = place(t, kind, ip);
	uint32_t cnt;

	if (n->kind != kind || n->ip != ip) {
		*n = (struct gyl_syslogd_notice){.ip = ip, .kind = (uint8_t)kind};
	} else if (mono_ns < gyl_time_add(n->told_ns, GYL_NS_PER_MIN)) {
		n->cnt++;
		return 0;
	}
	cnt = n->cnt + 1;
	n->cnt = 0;
	n->told_ns = mono_ns;
	return cnt;
}
