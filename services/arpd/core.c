/* SPDX-License-Identifier: ISC */
#include "services/arpd/core.h"

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <gyl/time.h>

#include "services/arpd/record.h"

enum {
	SLICE = 32, /* hosts that one tick handles: snapshot, records, forgetting */
	STORE_BATCH = 32
};

/* Between two batches of records: 32 hosts a second are remembered at most. */
static const uint64_t store_pause_ns = GYL_NS_PER_S;
/* The last sight of a host that is just there is written this often, not at every frame. */
static const uint64_t store_sight_ns = 10 * GYL_NS_PER_MIN;
/* Alarms about the same trouble are counted in between, not repeated. */
static const uint64_t full_pause_ns = GYL_NS_PER_MIN;

struct gyl_arpd {
	struct gyl_arpd_conf cf;
	struct gyl_arpd_table table;
	struct gyl_arpd_stat stat;
	uint32_t dirty_cnt;   /* hosts that differ from their record */
	uint32_t dirty_at;    /* where the search for them goes on */
	uint64_t store_at_ns; /* earliest next batch of records */
	uint64_t full_at_ns;  /* earliest next word about a full table */
	bool unsorted;        /* records came in no order: to be sorted before the order is used */
	bool snapshot;        /* a snapshot is being told */
	uint32_t snapshot_at;
	uint64_t snapshot_epoch;
	uint64_t mono_less_wall; /* wall + this = monotonic, at the last call */
};

size_t gyl_arpd_need(const struct gyl_arpd_conf *cf)
{
	return sizeof(struct gyl_arpd) + 16 + gyl_arpd_table_need(cf->host_cnt);
}

struct gyl_arpd *gyl_arpd_init(void *mem, const struct gyl_arpd_conf *cf, const uint64_t seed[2])
{
	struct gyl_arpd *d = mem;
	size_t head = (sizeof *d + 15) & ~(size_t)15;

	memset(d, 0, sizeof *d);
	d->cf = *cf;
	gyl_arpd_table_init(&d->table, (uint8_t *)mem + head, cf->host_cnt, seed);
	return d;
}

void gyl_arpd_stat(const struct gyl_arpd *d, struct gyl_arpd_stat *ret_stat)
{
	*ret_stat = d->stat;
	ret_stat->host_cnt = d->table.cnt;
}

/* What one frame may cause: new, evicted with its state, the host's own state. */
static const struct gyl_cost frame_cost = {.event_cnt = 4};

static void say(struct gyl_out *o, enum gyl_event_kind kind, const struct gyl_arpd_host *h,
	const char *other_name, const uint8_t *other)
{
	struct gyl_event e;

	gyl_event_init(&e, kind);
	gyl_event_ip(&e, "ip", h->ip);
	gyl_event_mac(&e, "mac", h->mac);
	if (other_name != NULL)
		gyl_event_mac(&e, other_name, other);
	gyl_out_event(o, &e, 0);
}

/* severity: what a snapshot or another event tells anyway is no news for the log. */
static void say_state(
	struct gyl_out *o, const struct gyl_arpd_host *h, const char *state, uint8_t severity)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_ARPD_HOST);
	e.severity = severity;
	gyl_event_ip(&e, "ip", h->ip);
	gyl_event_mac(&e, "mac", h->mac);
	gyl_event_str(&e, "state", gyl_view_str(state));
	gyl_event_u64(&e, "first", h->first_ns);
	gyl_event_u64(&e, "last", h->last_ns);
	gyl_event_u64(&e, "count", h->count);
	if (h->name_len != 0)
		gyl_event_str(&e, "name", gyl_view(h->name, h->name_len));
	gyl_out_event(o, &e, 0);
}

static void mark_dirty(struct gyl_arpd *d, struct gyl_arpd_host *h)
{
	if (h->dirty)
		return;
	h->dirty = true;
	d->dirty_cnt++;
}

/* Forgets a host, and its record when it has one. */
static void drop(struct gyl_arpd *d, struct gyl_arpd_host *h, struct gyl_out *o)
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

/* A full table forgets the longest unseen. */
static void make_room(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_arpd_host *h = gyl_arpd_table_oldest(&d->table);
	struct gyl_event e;

	drop(d, h, o);
	d->stat.evicted_cnt++;
	if (now.mono_ns < d->full_at_ns)
		return;
	d->full_at_ns = now.mono_ns + full_pause_ns;
	gyl_event_init(&e, GYL_EV_ARPD_FULL);
	gyl_event_u64(&e, "size", d->cf.host_cnt);
	gyl_out_event(o, &e, 0);
}

static void note_new(struct gyl_arpd *d, struct gyl_now now, uint16_t vlan, const struct gyl_arp *a,
	struct gyl_out *o)
{
	struct gyl_arpd_host *h;

	if (d->table.cnt == d->cf.host_cnt)
		make_room(d, now, o);
	h = gyl_arpd_table_add(&d->table, a->spa, vlan);
	memcpy(h->mac, a->sha, sizeof h->mac);
	h->first_ns = now.wall_ns;
	h->last_ns = now.wall_ns;
	h->count = 1;
	mark_dirty(d, h);
	say(o, GYL_EV_ARPD_NEW, h, NULL, NULL);
	say_state(o, h, "new", GYL_SEV_DEBUG);
}

/*
 * Another MAC claims a known address. Both seen within duplicate_ns: both use it. Back to the one
 * before within flipflop_ns: it flips. Else it has moved. The order of the questions is that of how
 * bad the answer is.
 */
static void note_change(struct gyl_arpd *d, struct gyl_now now, struct gyl_arpd_host *h,
	const uint8_t mac[6], struct gyl_out *o)
{
	bool back = gyl_eth_mac_eq(h->former, mac);
	uint64_t since_old = gyl_time_sub(now.wall_ns, h->last_ns);
	uint64_t since_former = gyl_time_sub(now.wall_ns, h->former_ns);
	enum gyl_event_kind kind = GYL_EV_ARPD_CHANGED;
	uint8_t old[6];

	if (since_old <= d->cf.duplicate_ns)
		kind = GYL_EV_ARPD_DUPLICATE;
	else if (back && since_former <= d->cf.flipflop_ns)
		kind = GYL_EV_ARPD_FLIPFLOP;
	memcpy(old, h->mac, sizeof old);
	memcpy(h->former, h->mac, sizeof h->former);
	memcpy(h->mac, mac, sizeof h->mac);
	h->former_ns = h->last_ns;
	mark_dirty(d, h);
	say(o, kind, h, "old", old);
	say_state(o, h, kind == GYL_EV_ARPD_DUPLICATE ? "duplicate" : "changed", GYL_SEV_DEBUG);
}

static void note_sight(struct gyl_arpd *d, struct gyl_now now, struct gyl_arpd_host *h,
	const uint8_t mac[6], struct gyl_out *o)
{
	bool same = gyl_eth_mac_eq(h->mac, mac);

	if (!same)
		note_change(d, now, h, mac, o);
	else if (gyl_time_sub(now.wall_ns, h->last_ns) >= store_sight_ns)
		mark_dirty(d, h);
	h->last_ns = now.wall_ns;
	h->count++;
	gyl_arpd_table_touch(&d->table, h);
}

/* A sender that no host can have: RFC 1122 3.2.1.3, and group or zero hardware addresses. */
static bool impossible(const struct gyl_arp *a)
{
	return gyl_eth_is_group(a->sha) || gyl_eth_is_zero(a->sha) || a->spa >> 28 >= 0xe ||
	       a->spa >> 24 == 127 || a->spa >> 24 == 0;
}

static void say_mismatch(struct gyl_out *o, const struct gyl_eth *eth, const struct gyl_arp *a)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_ARPD_MISMATCH);
	gyl_event_ip(&e, "ip", a->spa);
	gyl_event_mac(&e, "mac", eth->src);
	gyl_event_mac(&e, "claimed", a->sha);
	gyl_out_event(o, &e, 0);
}

static void frame(
	struct gyl_arpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_arpd_host *h;
	struct gyl_eth eth;
	struct gyl_arp a;

	d->stat.frame_cnt++;
	if (gyl_failed(gyl_eth_decode(in->data, &eth)) || eth.type != GYL_ETH_ARP ||
		gyl_failed(gyl_arp_decode(eth.payload, &a))) {
		d->stat.bad_cnt++;
		return;
	}
	/* RFC 5227 1.1: a probe carries no sender address, there is nothing to learn. */
	if (a.spa == 0)
		return;
	if (impossible(&a)) {
		d->stat.bad_cnt++;
		return;
	}
	/* Somebody speaks in another's name: told, and not believed. */
	if (!gyl_eth_mac_eq(eth.src, a.sha)) {
		say_mismatch(o, &eth, &a);
		return;
	}
	h = gyl_arpd_table_find(&d->table, a.spa, gyl_eth_vid(&eth));
	if (h == NULL)
		note_new(d, now, gyl_eth_vid(&eth), &a, o);
	else
		note_sight(d, now, h, a.sha, o);
}

static void record(struct gyl_arpd *d, const struct gyl_in *in)
{
	struct gyl_arpd_host *h;
	uint32_t ip;
	uint16_t vlan;

	if (!gyl_arpd_record_parse_key(in->key, &ip, &vlan) || d->table.cnt == d->cf.host_cnt ||
		gyl_arpd_table_find(&d->table, ip, vlan) != NULL)
		return;
	h = gyl_arpd_table_add(&d->table, ip, vlan);
	h->stored = gyl_arpd_record_parse_val(in->data, h);
	if (!h->stored)
		gyl_arpd_table_remove(&d->table, h);
	d->unsorted = true;
}

/* A lease names the host that holds the address. */
static void lease(struct gyl_arpd *d, const struct gyl_event *e)
{
	struct gyl_arpd_host *h;
	struct gyl_view name;
	uint64_t ip;
	uint8_t mac[6];

	if (!gyl_event_get_u64(e, "ip", &ip) || !gyl_event_get_mac(e, "mac", mac))
		return;
	h = gyl_arpd_table_find(&d->table, (uint32_t)ip, 0);
	if (h == NULL || !gyl_eth_mac_eq(h->mac, mac) || !gyl_event_get_str(e, "name", &name))
		return;
	h->name_len = (uint8_t)(name.len < GYL_ARPD_NAME_MAX ? name.len : GYL_ARPD_NAME_MAX);
	if (h->name_len != 0)
		memcpy(h->name, name.p, h->name_len);
}

static void event(struct gyl_arpd *d, const struct gyl_event *e)
{
	struct gyl_view source;

	if (e->kind == GYL_EV_DHCPD_LEASE) {
		lease(d, e);
	} else if (e->kind == GYL_EV_BASE_SNAPSHOT && gyl_event_get_str(e, "source", &source) &&
		   gyl_view_eq(source, gyl_view_str("arpd"))) {
		d->snapshot = true;
		d->snapshot_at = 0;
		gyl_event_get_u64(e, "epoch", &d->snapshot_epoch);
	}
}

static void configure(struct gyl_arpd *d, const struct gyl_in *in)
{
	const struct gyl_flat *f = gyl_flat_open(in->data);
	const struct gyl_arpd_conf *cf = f == NULL ? NULL : gyl_flat_section(f, "arpd");

	if (cf == NULL)
		return;
	d->cf.forget_ns = cf->forget_ns; /* host_cnt is memory: it changes with the next start */
	d->cf.flipflop_ns = cf->flipflop_ns;
	d->cf.duplicate_ns = cf->duplicate_ns;
}

static void begin(struct gyl_arpd *d, struct gyl_now now, bool restoring)
{
	d->mono_less_wall = now.mono_ns - now.wall_ns;
	if (!d->unsorted || restoring)
		return;
	gyl_arpd_table_sort(&d->table);
	d->unsorted = false;
}

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t in_cnt, struct gyl_out *o)
{
	struct gyl_arpd *d = core;
	size_t i;

	begin(d, now, in_cnt != 0 && in[0].kind == GYL_IN_RECORD);
	for (i = 0; i < in_cnt; i++) {
		if (in[i].kind == GYL_IN_FRAME && !gyl_out_room(o, &frame_cost))
			break;
		if (in[i].kind == GYL_IN_FRAME)
			frame(d, now, &in[i], o);
		else if (in[i].kind == GYL_IN_RECORD)
			record(d, &in[i]);
		else if (in[i].kind == GYL_IN_EVENT)
			event(d, in[i].event);
		else if (in[i].kind == GYL_IN_DATA)
			configure(d, &in[i]);
	}
	return i;
}

static void say_edge(struct gyl_out *o, enum gyl_event_kind kind, uint64_t epoch)
{
	struct gyl_event e;

	gyl_event_init(&e, kind);
	gyl_event_str(&e, "source", gyl_view_str("arpd"));
	gyl_event_u64(&e, "epoch", epoch);
	gyl_out_event(o, &e, 0);
}

static void tick_snapshot(struct gyl_arpd *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = SLICE + 2};
	struct gyl_arpd_host *h = NULL;

	if (!gyl_out_room(o, &cost))
		return;
	if (d->snapshot_at == 0)
		say_edge(o, GYL_EV_BASE_BEGIN, d->snapshot_epoch);
	for (int i = 0; i < SLICE; i++) {
		h = gyl_arpd_table_walk(&d->table, &d->snapshot_at);
		if (h == NULL)
			break;
		say_state(o, h, "seen", GYL_SEV_DEBUG);
	}
	if (h != NULL)
		return;
	say_edge(o, GYL_EV_BASE_END, d->snapshot_epoch);
	d->snapshot = false;
}

/* Writes the records of hosts that changed, a batch at a time. */
static void tick_store(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {
		.store_len =
			STORE_BATCH * (GYL_ARPD_KEY_MAX + GYL_ARPD_VALUE_MAX + GYL_OUT_RECORD_HEAD),
	};
	uint8_t key[STORE_BATCH][GYL_ARPD_KEY_MAX], val[STORE_BATCH][GYL_ARPD_VALUE_MAX];
	struct gyl_record rec[STORE_BATCH];
	size_t cnt = 0;

	if (!gyl_out_room(o, &cost))
		return;
	d->store_at_ns = now.mono_ns + store_pause_ns;
	while (cnt < STORE_BATCH && d->dirty_cnt != 0) {
		struct gyl_arpd_host *h = gyl_arpd_table_walk(&d->table, &d->dirty_at);

		if (h == NULL) {
			d->dirty_at = 0;
			continue;
		}
		if (!h->dirty)
			continue;
		h->dirty = false;
		h->stored = true;
		d->dirty_cnt--;
		rec[cnt].key = gyl_arpd_record_key(key[cnt], h->ip, h->vlan);
		rec[cnt].val = gyl_arpd_record_val(val[cnt], h);
		rec[cnt].remove = false;
		cnt++;
	}
	if (cnt != 0)
		gyl_out_store(
			o, rec, cnt); /* a full store keeps what it has: the watch itself goes on */
}

static uint64_t forget_at_ns(const struct gyl_arpd *d)
{
	const struct gyl_arpd_host *h = gyl_arpd_table_oldest(&d->table);

	if (h == NULL || d->cf.forget_ns == GYL_TIME_INFINITE)
		return UINT64_MAX;
	return gyl_time_add(h->last_ns, d->cf.forget_ns) + d->mono_less_wall;
}

static void tick_forget(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {
		.event_cnt = 1, .store_len = GYL_ARPD_KEY_MAX + GYL_OUT_RECORD_HEAD};

	for (int i = 0; i < SLICE && forget_at_ns(d) <= now.mono_ns && gyl_out_room(o, &cost);
		i++) {
		struct gyl_arpd_host *h = gyl_arpd_table_oldest(&d->table);

		say_state(o, h, "gone", GYL_SEV_INFO);
		drop(d, h, o);
	}
}

static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_arpd *d = core;

	begin(d, now, false);
	tick_forget(d, now, o);
	if (d->dirty_cnt != 0 && now.mono_ns >= d->store_at_ns)
		tick_store(d, now, o);
	if (d->snapshot)
		tick_snapshot(d, o);
}

static uint64_t deadline_ns(const void *core)
{
	const struct gyl_arpd *d = core;
	uint64_t at = forget_at_ns(d);

	if (d->snapshot || d->unsorted)
		return 0;
	return d->dirty_cnt == 0 ? at : gyl_time_min(at, d->store_at_ns);
}

const struct gyl_core_ops gyl_arpd_core = {
	.name = "arpd",
	.wants = 1u << GYL_SRC_BASE | 1u << GYL_SRC_DHCPD,
	.input = input,
	.tick = tick,
	.deadline_ns = deadline_ns,
};
