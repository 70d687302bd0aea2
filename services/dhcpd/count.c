/* SPDX-License-Identifier: ISC */

/* How often messages of each type came, and why some of them got no answer. */

#include "services/dhcpd/state.h"

void gyl__dhcpd_count_type(struct gyl_dhcpd *d, uint8_t type)
{
	d->type_cnt[type < GYL_DHCPD_TYPE_OTHER ? type : GYL_DHCPD_TYPE_OTHER]++;
}

/* Where a reason is counted; a new one gets the next place, and the last place is for all others.
 */
static uint32_t find(struct gyl_dhcpd *d, const char *reason)
{
	uint32_t i;

	for (i = 0; i < d->silence_cnt; i++)
		if (d->silence[i].reason == reason)
			return i;
	/* The same words in another file of ours may lie elsewhere. */
	for (i = 0; i < d->silence_cnt; i++)
		if (gyl_view_eq(gyl_view_str(d->silence[i].reason), gyl_view_str(reason)))
			return i;
	if (i == GYL_DHCPD_SILENCE_MAX)
		return GYL_DHCPD_SILENCE_MAX - 1;
	d->silence[i].reason = i == GYL_DHCPD_SILENCE_MAX - 1 ? "another reason" : reason;
	d->silence_cnt++;
	return i;
}

void gyl__dhcpd_count_silence(struct gyl_dhcpd *d, const char *reason)
{
	d->count[GYL_DHCPD_SILENCE]++;
	d->silence[find(d, reason)].cnt++;
}

const struct gyl_dhcpd_silence *gyl_dhcpd_silence(const struct gyl_dhcpd *d, uint32_t i)
{
	return i < d->silence_cnt ? &d->silence[i] : NULL;
}
