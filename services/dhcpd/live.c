/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/live.h"

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

enum {
	NAME_ROOM = 64 /* a name, aligned */
};

uint32_t gyl__dhcpd_live_len(void)
{
	return 8 +
	       GYL_DHCPD_LIVE_HOST_MAX * (uint32_t)(sizeof(struct gyl_dhcpd_host_conf) + NAME_ROOM);
}

/* ---- the tables ---- */

struct gyl_dhcpd_live_host *gyl__dhcpd_live_any(struct gyl_dhcpd_live *v, const uint8_t mac[6])
{
	for (uint32_t i = 0; i < v->host_cnt; i++)
		if (memcmp(v->host[i].mac, mac, 6) == 0)
			return &v->host[i];
	return NULL;
}

struct gyl_dhcpd_live_host *gyl__dhcpd_live_find(struct gyl_dhcpd_live *v, const uint8_t mac[6])
{
	struct gyl_dhcpd_live_host *h = gyl__dhcpd_live_any(v, mac);

	return h == NULL || h->gone ? NULL : h;
}

struct gyl_dhcpd_live_host *gyl__dhcpd_live_put(
	struct gyl_dhcpd_live *v, const struct gyl_dhcpd_live_host *h)
{
	struct gyl_dhcpd_live_host *at = gyl__dhcpd_live_any(v, h->mac);

	if (at == NULL && v->host_cnt == GYL_DHCPD_LIVE_HOST_MAX)
		return NULL;
	if (at == NULL)
		at = &v->host[v->host_cnt++];
	*at = *h;
	return at;
}

void gyl__dhcpd_live_remove(struct gyl_dhcpd_live *v, struct gyl_dhcpd_live_host *h)
{
	*h = v->host[--v->host_cnt];
}

struct gyl_dhcpd_live_drain *gyl__dhcpd_live_drain_any(
	struct gyl_dhcpd_live *v, uint32_t ip, uint32_t mask)
{
	for (uint32_t i = 0; i < v->drain_cnt; i++)
		if (v->drain[i].ip == ip && v->drain[i].mask == mask)
			return &v->drain[i];
	return NULL;
}

struct gyl_dhcpd_live_drain *gyl__dhcpd_live_drain(
	struct gyl_dhcpd_live *v, const struct gyl_dhcpd_subnet *s)
{
	struct gyl_dhcpd_live_drain *n = gyl__dhcpd_live_drain_any(v, s->ip, s->mask);

	return n == NULL || n->gone ? NULL : n;
}

bool gyl__dhcpd_live_drain_put(struct gyl_dhcpd_live *v, const struct gyl_dhcpd_live_drain *drain)
{
	struct gyl_dhcpd_live_drain *at = gyl__dhcpd_live_drain_any(v, drain->ip, drain->mask);

	if (at == NULL && v->drain_cnt == GYL_DHCPD_LIVE_DRAIN_MAX)
		return false;
	if (at == NULL)
		at = &v->drain[v->drain_cnt++];
	*at = *drain;
	return true;
}

void gyl__dhcpd_live_drain_remove(struct gyl_dhcpd_live *v, struct gyl_dhcpd_live_drain *drain)
{
	*drain = v->drain[--v->drain_cnt];
}

/* ---- records ---- */

static uint64_t store(struct gyl_dhcpd *d, struct gyl_out *o, struct gyl_record *rec, bool remove)
{
	uint64_t seq;

	rec->remove = remove;
	seq = gyl_out_store(o, rec, 1);
	if (seq != 0)
		d->seq = seq;
	return seq;
}

uint64_t gyl__dhcpd_live_store(
	struct gyl_dhcpd *d, struct gyl_out *o, const struct gyl_dhcpd_live_host *h, bool remove)
{
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_LIVE_VAL_MAX];
	struct gyl_record rec;
	uint64_t seq;

	gyl__dhcpd_live_print(h, key, val, &rec);
	seq = store(d, o, &rec, remove);
	if (seq != 0 && !(remove && h->gone)) /* that was told when it was taken back */
		gyl__dhcpd_set_note_host(d, o, h->mac, seq);
	return seq;
}

uint64_t gyl__dhcpd_live_store_drain(struct gyl_dhcpd *d, struct gyl_out *o,
	const struct gyl_dhcpd_live_drain *drain, bool remove)
{
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_LIVE_VAL_MAX];
	struct gyl_record rec;
	uint64_t seq;

	gyl__dhcpd_live_print_drain(drain, key, val, &rec);
	seq = store(d, o, &rec, remove);
	if (seq != 0 && !(remove && drain->gone))
		gyl__dhcpd_set_note_drain(d, o, drain->ip, drain->mask, seq);
	return seq;
}

/* What is gone is of interest to another server only. */
bool gyl__dhcpd_live_restore(struct gyl_dhcpd *d, struct gyl_view key, struct gyl_view val)
{
	struct gyl_dhcpd_live_host h;
	struct gyl_dhcpd_live_drain n;
	bool odd;

	if (gyl__dhcpd_live_parse(key, val, &h, &odd)) {
		if (!odd && (!h.gone || d->standby != NULL))
			d->live.changed |= gyl__dhcpd_live_put(&d->live, &h) != NULL;
	} else if (gyl__dhcpd_live_parse_drain(key, val, &n, &odd)) {
		if (!odd && (!n.gone || d->standby != NULL))
			d->live.changed |= gyl__dhcpd_live_drain_put(&d->live, &n);
	} else {
		return false;
	}
	return true;
}

void gyl__dhcpd_live_apply(struct gyl_dhcpd *d)
{
	struct gyl_writer why;
	uint8_t text[160];

	/* The configuration in use fits, and what does not fit beside it is hidden. */
	d->live.changed = false;
	gyl_writer_init(&why, text, sizeof text);
	gyl__dhcpd_configure(d, d->change.on ? d->change.build.flat : d->layout->flat, &why);
}

/* ---- in place ---- */

/* The slot is of reservation `host`, + 1, or of none with 0: lists and counts follow. */
static void own(struct gyl_dhcpd *d, uint32_t slot, uint32_t host)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_list *q;

	if (l->listed)
		gyl__dhcpd_list_remove(gyl__dhcpd_list_of(d, l), d->lease, slot);
	gyl__dhcpd_fill_count(d, l, UINT32_MAX); /* less one */
	l->host = host;
	l->checked = false; /* nobody looks again at what is reserved */
	gyl__dhcpd_fill_count(d, l, 1);
	q = gyl__dhcpd_list_of(d, l);
	if (q != NULL)
		gyl__dhcpd_list_push(q, d->lease, slot);
}

enum where {
	IN_POOL, /* or any address */
	BESIDE,  /* reserved, and of no pool */
	NOWHERE
};

static enum where where(const struct gyl_dhcpd *d, uint32_t ip)
{
	const struct gyl_dhcpd_range *g = gyl__dhcpd_layout_range(d->layout, ip);

	if (ip == 0 || (g != NULL && g->pool))
		return IN_POOL;
	return g != NULL ? BESIDE : NOWHERE;
}

static bool remove_in_place(struct gyl_dhcpd *d, const struct gyl_dhcpd_live_host *h)
{
	uint32_t slot = h->address == 0 ? 0 : gyl__dhcpd_slot(d, h->address);
	enum where at = where(d, h->address);

	if (h->hidden || at == NOWHERE || d->lease[slot].probing ||
		!gyl__dhcpd_layout_live_remove(d->layout, h->mac))
		return false;
	if (slot != 0)
		own(d, slot, 0);
	if (at == BESIDE)
		gyl__dhcpd_layout_range_remove(d->layout, h->address);
	if (at == BESIDE && slot != 0)
		gyl__dhcpd_slot_moved(d, slot);
	return true;
}

/* A range for an address of no pool; who had it before its pool went away has it again. */
static bool add_beside(struct gyl_dhcpd *d, uint32_t ip)
{
	uint32_t slot = gyl__dhcpd_slot_beside(d, ip);

	if (!gyl__dhcpd_layout_range_add(d->layout, ip))
		return false;
	if (slot != 0)
		gyl__dhcpd_slot_moved(d, slot);
	return true;
}

static bool add_in_place(struct gyl_dhcpd *d, const struct gyl_dhcpd_live_host *h)
{
	enum where at = where(d, h->address);
	uint32_t slot = 0, host;

	if (at == BESIDE || (at == NOWHERE && !add_beside(d, h->address)))
		return false;
	if (h->address != 0)
		slot = gyl__dhcpd_slot_make(d, h->address);
	if ((h->address != 0 && slot == 0) || !gyl__dhcpd_layout_live_add(d->layout, h, &host))
		return false;
	if (slot != 0)
		own(d, slot, host + 1);
	return true;
}

void gyl__dhcpd_live_change(struct gyl_dhcpd *d, const struct gyl_dhcpd_live_host *old,
	const struct gyl_dhcpd_live_host *h)
{
	bool in_place = old == NULL || remove_in_place(d, old);

	if (h != NULL)
		gyl__dhcpd_live_put(&d->live, h);
	else if (old != NULL)
		gyl__dhcpd_live_remove(&d->live, gyl__dhcpd_live_find(&d->live, old->mac));
	if (in_place && h != NULL && !h->gone)
		in_place = add_in_place(d, h);
	if (!in_place)
		gyl__dhcpd_live_apply(d);
}
