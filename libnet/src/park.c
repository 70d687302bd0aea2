/* SPDX-License-Identifier: ISC */
#include "libnet/src/park.h"

static bool is_for(const struct gyl_parked *f, struct gyl_park_key key)
{
	return f->len != 0 && f->key.ip == key.ip && f->key.vlan == key.vlan &&
	       f->key.iface == key.iface;
}

struct gyl_parked *gyl__park_next(struct gyl_park *p, struct gyl_park_key key)
{
	struct gyl_parked *oldest = NULL;

	for (size_t i = 0; i < p->cap && p->cnt > 0; i++) {
		struct gyl_parked *f = &p->at[i];

		if (is_for(f, key) && (oldest == NULL || f->seq < oldest->seq))
			oldest = f;
	}
	return oldest;
}

void gyl__park_drop(struct gyl_park *p, struct gyl_parked *f)
{
	f->len = 0;
	p->cnt--;
}

/* Would one more of len octets be too much for the key? */
static bool is_full(const struct gyl_park *p, struct gyl_park_key key, size_t len)
{
	size_t cnt = 0;

	for (size_t i = 0; i < p->cap; i++) {
		if (is_for(&p->at[i], key)) {
			cnt++;
			len += p->at[i].len;
		}
	}
	return cnt == GYL_PARK_PER_IP || (cnt > 0 && len > GYL_PARK_LEN_PER_IP);
}

bool gyl__park_is_full(const struct gyl_park *p, struct gyl_park_key key)
{
	return is_full(p, key, 0);
}

/* A free place, or the one of the oldest frame of all. */
static struct gyl_parked *place(struct gyl_park *p)
{
	struct gyl_parked *best = &p->at[0];

	for (size_t i = 0; i < p->cap; i++) {
		if (p->at[i].len == 0)
			return &p->at[i];
		if (p->at[i].seq < best->seq)
			best = &p->at[i];
	}
	return best;
}

struct gyl_parked *gyl__park_put(
	struct gyl_park *p, struct gyl_park_key key, size_t len, size_t *ret_gone)
{
	size_t gone = 0;
	struct gyl_parked *f;

	while (is_full(p, key, len)) {
		gyl__park_drop(p, gyl__park_next(p, key));
		gone++;
	}
	f = place(p);
	if (f->len != 0) {
		gyl__park_drop(p, f);
		gone++;
	}
	f->key = key;
	f->len = (uint16_t)len;
	f->seq = p->seq++;
	p->cnt++;
	*ret_gone = gone;
	return f;
}
