/* SPDX-License-Identifier: ISC */

/*
 * How full a subnet's pools are, and how fast they fill. Counts follow the states of the slots; the
 * rate is the net growth of the leases in steps of a minute, smoothed over about four of them.
 */

#include <gyl/time.h>

#include "services/dhcpd/state.h"

enum {
	STEP_MAX = 64, /* after so many steps without a change nothing of the rate is left */
	SMOOTH = 4,    /* a new step counts for one in four */
	RATE_ONE = 256 /* the rate is in parts of an address an hour */
};

static const uint64_t step_ns = GYL_NS_PER_MIN;

static uint32_t *counter(struct gyl_dhcpd_fill *f, const struct gyl_dhcpd_lease *l)
{
	switch (l->state) {
	case GYL_DHCPD_OFFERED:
		return &f->offered;
	case GYL_DHCPD_LEASED:
		return &f->leased;
	case GYL_DHCPD_DECLINED:
		return &f->declined;
	case GYL_DHCPD_OURS:
		return &f->reserved;
	default:
		return l->host != 0 ? &f->reserved : NULL;
	}
}

void gyl__dhcpd_fill_count(struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, uint32_t by)
{
	struct gyl_dhcpd_fill *f = &d->layout->subnet[l->subnet].fill;
	uint32_t *n;

	if (l->dropped || !l->pooled)
		return;
	gyl__dhcpd_fill_step(f, d->mono_ns);
	n = counter(f, l);
	if (n != NULL)
		*n += by;
	gyl__dhcpd_way_count(d, l, by);
}

void gyl__dhcpd_fill_step(struct gyl_dhcpd_fill *f, uint64_t now_ns)
{
	int64_t grown;

	if (f->step_ns == 0 || now_ns > f->step_ns + STEP_MAX * step_ns) {
		f->step_ns = now_ns;
		f->rate = 0;
		f->before = f->leased;
	}
	while (now_ns >= f->step_ns + step_ns) {
		grown = (int64_t)f->leased - (int64_t)f->before;
		f->rate += (grown * 60 * RATE_ONE - f->rate) / SMOOTH;
		f->before = f->leased;
		f->step_ns += step_ns;
	}
}

void gyl__dhcpd_fill_begin(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++) {
		struct gyl_dhcpd_fill *f = &d->layout->subnet[i].fill;

		f->before = f->leased;
		f->step_ns = d->mono_ns;
		f->rate = 0;
	}
}

uint32_t gyl__dhcpd_fill_used(const struct gyl_dhcpd_fill *f)
{
	return f->offered + f->leased + f->declined;
}

uint32_t gyl__dhcpd_fill_free(const struct gyl_dhcpd_subnet *s)
{
	uint32_t taken = gyl__dhcpd_fill_used(&s->fill) + s->fill.reserved;

	return taken < s->size ? s->size - taken : 0;
}

/* Whoever takes the last address, it is taken then: quicker than a second is not told. */
static uint32_t full_in(uint32_t left, int64_t rate)
{
	uint64_t s;

	if (rate <= 0)
		return UINT32_MAX;
	s = (uint64_t)left * 3600 * RATE_ONE / (uint64_t)rate;
	return s < UINT32_MAX ? (uint32_t)s : UINT32_MAX;
}

static struct gyl_view class_name(const struct gyl_dhcpd_layout *y, uint32_t class_no)
{
	if (class_no == 0)
		return gyl_view(NULL, 0);
	return gyl_flat_view(y->flat, y->class[class_no - 1].cf->name);
}

bool gyl_dhcpd_pool_stat(const struct gyl_dhcpd *d, uint64_t mono_ns, uint32_t subnet_no,
	struct gyl_dhcpd_pool_stat *ret_stat)
{
	/* Those of a new one are not counted yet, while leases change their places. */
	const struct gyl_dhcpd_layout *y = d->change.old != NULL ? d->change.old : d->layout;
	const struct gyl_dhcpd_subnet *s;
	struct gyl_dhcpd_fill f;

	if (subnet_no >= y->cnt.subnet_cnt)
		return false;
	s = &y->subnet[subnet_no];
	f = s->fill;
	gyl__dhcpd_fill_step(&f, mono_ns);
	*ret_stat = (struct gyl_dhcpd_pool_stat){.ip = s->ip,
		.mask = s->mask,
		.class = class_name(y, s->class_no),
		.size = s->size,
		.free = gyl__dhcpd_fill_free(s),
		.offered = f.offered,
		.leased = f.leased,
		.declined = f.declined,
		.reserved = f.reserved,
		.growth = (int32_t)(f.rate / RATE_ONE)};
	ret_stat->full_in_s = full_in(ret_stat->free, f.rate);
	return true;
}
