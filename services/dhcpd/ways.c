/* SPDX-License-Identifier: ISC */

/*
 * Which subnets of a link have something to give, so that a link of a thousand subnets is as quick
 * as one of two. For each way of choosing (enum gyl_dhcpd_way) a link has a stack of the subnets
 * that may have something that way. A subnet comes on it when something comes into a list of its;
 * one that turns out to have nothing is taken off when it is looked at. So each look is paid for by
 * a change before it. Pools of classes are not on them: they are few, and looked through. And what
 * the pools of a link hold together is counted with its first subnet.
 */

#include "services/dhcpd/state.h"

void gyl__dhcpd_way_note(struct gyl_dhcpd *d, uint32_t subnet, enum gyl_dhcpd_way way)
{
	struct gyl_dhcpd_subnet *s = &d->layout->subnet[subnet];
	struct gyl_dhcpd_subnet *first = &d->layout->subnet[s->link];

	if (s->on_way[way] || s->class_no != 0)
		return;
	s->on_way[way] = true;
	s->way_next[way] = first->way_top[way];
	first->way_top[way] = subnet + 1;
}

struct gyl_dhcpd_subnet *gyl__dhcpd_way_top(
	struct gyl_dhcpd *d, uint32_t link, enum gyl_dhcpd_way way)
{
	uint32_t top = d->layout->subnet[link].way_top[way];

	return top == 0 ? NULL : &d->layout->subnet[top - 1];
}

void gyl__dhcpd_way_off(struct gyl_dhcpd *d, uint32_t link, enum gyl_dhcpd_way way)
{
	struct gyl_dhcpd_subnet *s = gyl__dhcpd_way_top(d, link, way);

	s->on_way[way] = false;
	d->layout->subnet[link].way_top[way] = s->way_next[way];
}

void gyl__dhcpd_way_note_all(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++)
		for (unsigned way = 0; way < GYL_DHCPD_WAY_CNT; way++)
			gyl__dhcpd_way_note(d, i, (enum gyl_dhcpd_way)way);
}

void gyl__dhcpd_way_begin(struct gyl_dhcpd *d)
{
	struct gyl_dhcpd_subnet *all = d->layout->subnet;

	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++) {
		struct gyl_dhcpd_subnet *first = &all[all[i].link];

		if (all[i].class_no != 0)
			first->has_class_pools = true;
		else
			first->sum.size += all[i].size;
	}
	gyl__dhcpd_way_note_all(d);
}

void gyl__dhcpd_way_count(struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, uint32_t by)
{
	const struct gyl_dhcpd_subnet *s = &d->layout->subnet[l->subnet];
	struct gyl_dhcpd_sum *sum = &d->layout->subnet[s->link].sum;
	bool given = l->state == GYL_DHCPD_LEASED || l->state == GYL_DHCPD_DECLINED;

	if (given || l->state == GYL_DHCPD_OFFERED)
		sum->used += by;
	if (s->class_no == 0 && (given || l->state == GYL_DHCPD_OURS ||
					(l->state == GYL_DHCPD_FREE && l->host != 0)))
		sum->taken += by;
}
