/* SPDX-License-Identifier: ISC */

/* What survives a restart: hosts, a batch at a time, and owners that were learned. */

#include "services/arpd/state.h"

enum {
	STORE_BATCH = 32
};

/* Between two batches of records: 32 hosts a second are remembered at most. */
static const uint64_t store_pause_ns = GYL_NS_PER_S;

void gyl__arpd_record(struct gyl_arpd *d, const struct gyl_in *in)
{
	struct gyl_arpd_host *h;
	uint32_t ip;
	uint16_t vlan;

	if (!gyl_arpd_record_parse_key(in->key, &ip, &vlan)) {
		gyl__arpd_guard_record(d, in->key, in->data);
		return;
	}
	if (d->table.cnt == d->table.cap || gyl_arpd_table_find(&d->table, ip, vlan) != NULL)
		return;
	h = gyl_arpd_table_add(&d->table, ip, vlan);
	h->stored = gyl_arpd_record_parse_val(in->data, h, gyl_arpd_table_past(&d->table, h));
	if (!h->stored) {
		gyl_arpd_table_remove(&d->table, h);
		return;
	}
	h->told = true;
	h->moved_s = gyl__arpd_s(h->last_ns);
	if (h->last_ns != h->first_ns)
		gyl_arpd_table_move(&d->table, h, GYL_ARPD_AGAIN);
	d->unsorted = true;
}

static struct gyl_arpd_host *next_dirty(struct gyl_arpd *d)
{
	struct gyl_arpd_host *h;

	do {
		h = gyl_arpd_table_walk(&d->table, &d->dirty_at);
		if (h == NULL)
			d->dirty_at = 0;
	} while (h == NULL || !h->dirty);
	return h;
}

/* A store that is full keeps what it has: the watch itself goes on. */
void gyl__arpd_keep(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {
		.store_len =
			STORE_BATCH * (GYL_ARPD_KEY_MAX + GYL_ARPD_VALUE_MAX + GYL_OUT_RECORD_HEAD),
	};
	uint8_t key[STORE_BATCH][GYL_ARPD_KEY_MAX], val[STORE_BATCH][GYL_ARPD_VALUE_MAX];
	struct gyl_record rec[STORE_BATCH];
	size_t cnt = 0;

	if (d->dirty_cnt == 0 || now.mono_ns < d->store_at_ns || !gyl_out_room(o, &cost))
		return;
	d->store_at_ns = now.mono_ns + store_pause_ns;
	for (; cnt < STORE_BATCH && d->dirty_cnt != 0; cnt++) {
		struct gyl_arpd_host *h = next_dirty(d);

		h->dirty = false;
		h->stored = true;
		d->dirty_cnt--;
		rec[cnt] = (struct gyl_record){.key = gyl_arpd_record_key(key[cnt], h->ip, h->vlan),
			.val = gyl_arpd_record_val(val[cnt], h, gyl_arpd_table_past(&d->table, h))};
	}
	gyl_out_store(o, rec, cnt);
}
