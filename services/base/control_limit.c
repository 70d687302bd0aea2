/* SPDX-License-Identifier: ISC */
#include "services/base/control_limit.h"

#include <gyl/time.h>

static int find(const struct gyl_limit *l, uint32_t ip)
{
	for (int i = 0; i < GYL_LIMIT_SOURCE_MAX; i++)
		if (l->source[i].failed_cnt != 0 && l->source[i].ip == ip)
			return i;
	return -1;
}

/* A free row, or the one whose last failure is longest ago. */
static int find_room(const struct gyl_limit *l)
{
	int oldest = 0;

	for (int i = 0; i < GYL_LIMIT_SOURCE_MAX; i++) {
		if (l->source[i].failed_cnt == 0)
			return i;
		if (l->source[i].last_ns < l->source[oldest].last_ns)
			oldest = i;
	}
	return oldest;
}

static uint64_t wait_s(uint32_t failed_cnt)
{
	enum {
		DOUBLINGS = 10 /* 1,024 s are beyond the maximum */
	};
	uint32_t over = failed_cnt - GYL_LIMIT_FREE;

	if (failed_cnt < GYL_LIMIT_FREE)
		return 0;
	return over >= DOUBLINGS ? GYL_LIMIT_WAIT_MAX_S : UINT64_C(1) << over;
}

uint64_t gyl_limit_wait_ns(const struct gyl_limit *l, uint32_t ip, uint64_t now_ns)
{
	int i = find(l, ip);

	return i < 0 || l->source[i].until_ns <= now_ns ? 0 : l->source[i].until_ns - now_ns;
}

uint32_t gyl_limit_failed(struct gyl_limit *l, uint32_t ip, uint64_t now_ns)
{
	int i = find(l, ip);

	if (i >= 0 && now_ns >= l->source[i].until_ns + GYL_LIMIT_FORGET_S * GYL_NS_PER_S)
		l->source[i].failed_cnt = 0;
	if (i < 0) {
		i = find_room(l);
		l->source[i].ip = ip;
		l->source[i].failed_cnt = 0;
	}
	if (l->source[i].failed_cnt != UINT32_MAX)
		l->source[i].failed_cnt++;
	l->source[i].last_ns = now_ns;
	l->source[i].until_ns = now_ns + wait_s(l->source[i].failed_cnt) * GYL_NS_PER_S;
	return l->source[i].failed_cnt;
}

void gyl_limit_forget(struct gyl_limit *l, uint32_t ip)
{
	int i = find(l, ip);

	if (i >= 0)
		l->source[i].failed_cnt = 0;
}
