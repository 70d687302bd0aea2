/* SPDX-License-Identifier: ISC */

/* The hosts: who is new, who has moved, who is gone. */

#include "services/arpd/state.h"
#include "services/arpd/vendor.h"

/* The last sight of a host that is just there is written this often, not at every frame. */
static const uint64_t store_sight_ns = 10 * GYL_NS_PER_MIN;
/* A host that was seen again after so long is one, and not pushed out by those seen once. */
static const uint64_t confirm_ns = 10 * GYL_NS_PER_S;
static const uint64_t full_pause_ns = GYL_NS_PER_MIN;

void gyl__arpd_host_dirty(struct gyl_arpd *d, struct gyl_arpd_host *h)
{
	if (h->dirty)
		return;
	h->dirty = true;
	d->dirty_cnt++;
}

void gyl__arpd_host_event(const struct gyl_arpd *d, const struct gyl_arpd_host *h,
	const char *state, struct gyl_event *ret)
{
	const struct gyl_arpd_past *p = gyl_arpd_table_past(&d->table, h);
	struct gyl_view name = gyl__arpd_name(d, h->ip);
	struct gyl_view vendor = gyl_arpd_vendor(d->vendors, h->mac);

	gyl__arpd_event(ret, GYL_EV_ARPD_HOST, h->vlan, h->ip, h->mac);
	gyl_event_str(ret, "state", gyl_view_str(state));
	gyl_event_u64(ret, "first", h->first_ns);
	gyl_event_u64(ret, "last", h->last_ns);
	gyl_event_u64(ret, "count", h->count);
	if (name.len != 0)
		gyl_event_str(ret, "name", name);
	if (vendor.len != 0)
		gyl_event_str(ret, "vendor", vendor);
	gyl_event_u64(ret, "changes", p->changes);
	if (!gyl_eth_is_zero(p->former))
		gyl_event_mac(ret, "former", p->former);
	if (gyl__arpd_lease_is(d, h->ip, h->mac))
		gyl_event_str(ret, "lease", gyl_view_str("yes"));
}

/* severity: what a snapshot or another event tells anyway is no news for the log. */
void gyl__arpd_host_state(const struct gyl_arpd *d, struct gyl_out *o,
	const struct gyl_arpd_host *h, const char *state, uint8_t severity)
{
	struct gyl_event e;

	gyl__arpd_host_event(d, h, state, &e);
	e.severity = severity;
	gyl_out_event(o, &e, 0);
}

void gyl__arpd_host_drop(struct gyl_arpd *d, struct gyl_arpd_host *h, struct gyl_out *o)
{
	uint8_t key[GYL_ARPD_KEY_MAX];
	struct gyl_record rec = {.remove = true};

	if (h->stored) {
		rec.key = gyl_arpd_record_key(key, h->ip, h->vlan);
		gyl_out_store(o, &rec, 1);
	}
	if (h->dirty)
		d->dirty_cnt--;
	gyl_arpd_table_remove(&d->table, h);
}

/* ---- new ---- */

/* A full table forgets the longest unseen of those seen once; of the others when there is none. */
static void make_room(struct gyl_arpd *d, const struct gyl_arpd_frame *f)
{
	struct gyl_arpd_host *h = gyl_arpd_table_oldest(&d->table, GYL_ARPD_ONCE);
	struct gyl_event e;

	if (h == NULL)
		h = gyl_arpd_table_oldest(&d->table, GYL_ARPD_AGAIN);
	gyl__arpd_host_drop(d, h, f->o);
	d->count[GYL_ARPD_EVICTED]++;
	if (f->now.mono_ns < d->full_at_ns)
		return;
	d->full_at_ns = f->now.mono_ns + full_pause_ns;
	gyl_event_init(&e, GYL_EV_ARPD_FULL);
	gyl_event_u64(&e, "size", d->table.cap);
	gyl_out_event(f->o, &e, 0);
}

static void put_vendor(const struct gyl_arpd *d, struct gyl_event *e, const uint8_t mac[6])
{
	struct gyl_view vendor = gyl_arpd_vendor(d->vendors, mac);

	if (vendor.len != 0)
		gyl_event_str(e, "vendor", vendor);
}

/* One that is not told now may be at its next frame: who invents hosts sends no next one. */
static void say_new(struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_host *h)
{
	struct gyl_event e;

	if (!gyl__arpd_may_say(d, f->now.mono_ns, GYL_EV_ARPD_NEW))
		return;
	h->told = true;
	gyl__arpd_event(&e, GYL_EV_ARPD_NEW, h->vlan, h->ip, h->mac);
	put_vendor(d, &e, h->mac);
	if (gyl__arpd_lease_is(d, h->ip, h->mac))
		e.severity = GYL_SEV_INFO; /* dhcpd has said so */
	gyl_out_event(f->o, &e, 0);
	gyl__arpd_host_state(d, f->o, h, "new", GYL_SEV_DEBUG);
}

static void say_stranger(struct gyl_arpd *d, const struct gyl_arpd_frame *f)
{
	struct gyl_event e;

	if (d->rules.network.cnt == 0 || gyl_arpd_networks_have(&d->rules.network, f->a.spa) ||
		!gyl__arpd_may_say(d, f->now.mono_ns, GYL_EV_ARPD_STRANGER))
		return;
	gyl__arpd_event(&e, GYL_EV_ARPD_STRANGER, f->vlan, f->a.spa, f->a.sha);
	gyl_out_event(f->o, &e, 0);
}

static struct gyl_arpd_host *note_new(struct gyl_arpd *d, const struct gyl_arpd_frame *f)
{
	struct gyl_arpd_host *h;

	if (d->table.cnt == d->table.cap)
		make_room(d, f);
	h = gyl_arpd_table_add(&d->table, f->a.spa, f->vlan);
	memcpy(h->mac, f->a.sha, sizeof h->mac);
	h->iface = f->iface;
	h->first_ns = h->last_ns = f->now.wall_ns;
	h->moved_s = gyl__arpd_s(h->last_ns);
	h->count = 1;
	gyl__arpd_host_dirty(d, h);
	say_new(d, f, h);
	say_stranger(d, f);
	return h;
}

/* ---- changed ---- */

/*
 * Another MAC claims a known address. Both seen within duplicate_ns: both use it. Back to the one
 * before within flipflop_ns: it flips. Else it has moved. The order of the questions is that of how
 * bad the answer is.
 */
static enum gyl_event_kind change_kind(const struct gyl_arpd *d, const struct gyl_arpd_frame *f,
	const struct gyl_arpd_host *h, const struct gyl_arpd_past *p)
{
	bool back = gyl_eth_mac_eq(p->former, f->a.sha);

	if (gyl_time_sub(f->now.wall_ns, h->last_ns) <= d->cf.duplicate_ns)
		return GYL_EV_ARPD_DUPLICATE;
	if (back && gyl_time_sub(f->now.wall_ns, p->former_ns) <= d->cf.flipflop_ns)
		return GYL_EV_ARPD_FLIPFLOP;
	return GYL_EV_ARPD_CHANGED;
}

static void note_change(struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_host *h)
{
	struct gyl_arpd_past *p = gyl_arpd_table_past(&d->table, h);
	enum gyl_event_kind kind = change_kind(d, f, h, p);
	struct gyl_event e;

	d->count[GYL_ARPD_CHANGE]++;
	memcpy(p->former, h->mac, sizeof p->former);
	memcpy(h->mac, f->a.sha, sizeof h->mac);
	p->former_ns = h->last_ns;
	p->lease_ns = 0;
	p->changes++;
	h->judged = 0;
	gyl__arpd_host_dirty(d, h);
	if (!gyl__arpd_may_say(d, f->now.mono_ns, kind))
		return;
	gyl__arpd_event(&e, kind, h->vlan, h->ip, h->mac);
	gyl_event_mac(&e, "old", p->former);
	put_vendor(d, &e, h->mac);
	if (kind == GYL_EV_ARPD_CHANGED && gyl__arpd_lease_is(d, h->ip, h->mac))
		e.severity = GYL_SEV_INFO; /* a pool gives addresses to one after the other */
	gyl_out_event(f->o, &e, 0);
	gyl__arpd_host_state(
		d, f->o, h, kind == GYL_EV_ARPD_DUPLICATE ? "duplicate" : "changed", GYL_SEV_DEBUG);
}

/* It stands by its MAC for a while: that is more than most who invent hosts do. */
static enum gyl_arpd_order order_of(const struct gyl_arpd_frame *f, const struct gyl_arpd_host *h)
{
	if (h->order == GYL_ARPD_AGAIN)
		return GYL_ARPD_AGAIN;
	return gyl_eth_mac_eq(h->mac, f->a.sha) &&
			       gyl_time_sub(f->now.wall_ns, h->first_ns) >= confirm_ns
		       ? GYL_ARPD_AGAIN
		       : GYL_ARPD_ONCE;
}

struct gyl_arpd_host *gyl__arpd_host_seen(struct gyl_arpd *d, const struct gyl_arpd_frame *f)
{
	struct gyl_arpd_host *h = gyl_arpd_table_find(&d->table, f->a.spa, f->vlan);

	enum gyl_arpd_order order;

	if (h == NULL)
		return note_new(d, f);
	order = order_of(f, h);
	if (!gyl_eth_mac_eq(h->mac, f->a.sha))
		note_change(d, f, h);
	else if (!h->told)
		say_new(d, f, h);
	else if (gyl_time_sub(f->now.wall_ns, h->last_ns) >= store_sight_ns)
		gyl__arpd_host_dirty(d, h);
	h->last_ns = f->now.wall_ns;
	h->count++;
	/* The order is as true as a second: a busy host moves once in it. */
	if (gyl__arpd_s(h->last_ns) != h->moved_s) {
		h->moved_s = gyl__arpd_s(h->last_ns);
		gyl_arpd_table_move(&d->table, h, order);
	}
	return h;
}

/* ---- gone ---- */

static struct gyl_arpd_host *longest_unseen(const struct gyl_arpd *d)
{
	struct gyl_arpd_host *a = gyl_arpd_table_oldest(&d->table, GYL_ARPD_ONCE),
			     *b = gyl_arpd_table_oldest(&d->table, GYL_ARPD_AGAIN);

	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	return a->last_ns < b->last_ns ? a : b;
}

uint64_t gyl__arpd_forget_at_ns(const struct gyl_arpd *d)
{
	const struct gyl_arpd_host *h = longest_unseen(d);

	if (h == NULL || d->cf.forget_ns == GYL_TIME_INFINITE)
		return UINT64_MAX;
	return gyl_time_add(h->last_ns, d->cf.forget_ns) + d->mono_less_wall;
}

void gyl__arpd_forget(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {
		.event_cnt = 1, .store_len = GYL_ARPD_KEY_MAX + GYL_OUT_RECORD_HEAD};

	for (int i = 0; i < GYL_ARPD_SLICE && gyl__arpd_forget_at_ns(d) <= now.mono_ns &&
			gyl_out_room(o, &cost);
		i++) {
		struct gyl_arpd_host *h = longest_unseen(d);

		gyl__arpd_host_state(d, o, h, "gone", GYL_SEV_INFO);
		gyl__arpd_host_drop(d, h, o);
	}
}
