/* SPDX-License-Identifier: ISC */

/* What comes in, and what time brings. */

#include "services/arpd/state.h"
#include "services/arpd/vendor.h"

static size_t align(size_t len)
{
	return (len + 63) & ~(size_t)63;
}

size_t gyl_arpd_need(const struct gyl_arpd_conf *cf)
{
	return align(sizeof(struct gyl_arpd)) + align(gyl_arpd_table_need(cf->host_cnt)) +
	       align(gyl_arpd_book_need(cf->lease_cnt));
}

struct gyl_arpd *gyl_arpd_init(void *mem, const struct gyl_arpd_init *init)
{
	struct gyl_arpd *d = mem;
	uint8_t *at = (uint8_t *)mem + align(sizeof *d);

	memset(d, 0, sizeof *d);
	d->cf = *init->cf;
	d->rules = *init->rules;
	if (gyl_arpd_vendors_good(init->vendors))
		d->vendors = init->vendors;
	d->guard_at_ns = UINT64_MAX;
	gyl_arpd_table_init(&d->table, at, d->cf.host_cnt, init->seed);
	at += align(gyl_arpd_table_need(d->cf.host_cnt));
	gyl_arpd_book_init(&d->book, at, d->cf.lease_cnt, init->seed);
	gyl_arpd_windows_init(&d->windows, init->seed);
	gyl__arpd_guards_set(d);
	return d;
}

void gyl_arpd_iface(
	struct gyl_arpd *d, unsigned i, uint32_t ip, uint8_t prefix, const uint8_t mac[6])
{
	if (i >= GYL_ARPD_IFACE_MAX)
		return;
	d->own[i] = (struct gyl_arpd_own){.ip = ip, .prefix = prefix, .is = !gyl_eth_is_zero(mac)};
	memcpy(d->own[i].mac, mac, sizeof d->own[i].mac);
	if (i >= d->own_cnt)
		d->own_cnt = i + 1;
}

void gyl_arpd_open(struct gyl_arpd *d, uint8_t port)
{
	d->open = true;
	d->port = port;
}

void gyl_arpd_stat(const struct gyl_arpd *d, struct gyl_arpd_stat *ret_stat)
{
	memset(ret_stat, 0, sizeof *ret_stat);
	memcpy(ret_stat->count, d->count, sizeof ret_stat->count);
	ret_stat->host_cnt = d->table.cnt;
	ret_stat->host_max = d->table.cap;
	ret_stat->lease_cnt = d->book.lease_cnt;
	for (int i = 0; i < GYL_ARPD_SERVER_MAX; i++)
		ret_stat->server_cnt += d->server[i].used;
}

/* ---- in ---- */

/* What one frame may cause: two words about its station, an alarm, an owner learned and a defence;
 * new, a stranger, the host's state, a full table; a lease, and one about what is asked. */
static const struct gyl_cost frame_cost = {.event_cnt = 12,
	.store_len = 2 * (GYL_ARPD_KEY_MAX + GYL_ARPD_VALUE_MAX + GYL_OUT_RECORD_HEAD)};
static const struct gyl_cost acting_cost = {.send_cnt = 2,
	.event_cnt = 12,
	.store_len = 2 * (GYL_ARPD_KEY_MAX + GYL_ARPD_VALUE_MAX + GYL_OUT_RECORD_HEAD)};
static const struct gyl_cost dhcp_cost = {.event_cnt = 1};

/* Is anything sent because of a frame? */
static bool acts(const struct gyl_arpd *d)
{
	if (d->rules.proxy.cnt != 0 || d->cf.unknown == GYL_ARPD_UNKNOWN_ANSWER)
		return d->open;
	for (uint32_t i = 0; i < d->guard_cnt; i++)
		if (d->guard[i].cf.defend)
			return d->open;
	return false;
}

static void event(struct gyl_arpd *d, struct gyl_now now, const struct gyl_event *e)
{
	struct gyl_view source;

	gyl__arpd_lease_event(d, now, e);
	if (e->kind != GYL_EV_BASE_SNAPSHOT || !gyl_event_get_str(e, "source", &source) ||
		!gyl_view_eq(source, gyl_view_str("arpd")))
		return;
	d->snapshot = true;
	d->snapshot_at = 0;
	gyl_event_get_u64(e, "epoch", &d->snapshot_epoch);
}

/* The bounds of the tables are memory: they change with the next start. */
static void configure(struct gyl_arpd *d, const struct gyl_in *in)
{
	const struct gyl_flat *f = gyl_flat_open(in->data);
	const struct gyl_arpd_conf *cf = f == NULL ? NULL : gyl_flat_section(f, "arpd");
	uint32_t host_cnt = d->cf.host_cnt, lease_cnt = d->cf.lease_cnt;

	if (cf == NULL)
		return;
	d->cf = *cf;
	d->cf.host_cnt = host_cnt;
	d->cf.lease_cnt = lease_cnt;
	gyl_arpd_rules_read(f, cf, &d->rules);
	gyl__arpd_guards_set(d);
	d->book.turn++; /* who was good by the old ranges is judged again */
}

static void data(struct gyl_arpd *d, const struct gyl_in *in)
{
	if (gyl_view_eq(in->key, gyl_view_str("conf")))
		configure(d, in);
	else
		d->vendors = gyl_arpd_vendors_good(in->data) ? in->data : gyl_view(NULL, 0);
}

static void begin(struct gyl_arpd *d, struct gyl_now now, bool restoring)
{
	d->mono_less_wall = now.mono_ns - now.wall_ns;
	if (!d->started) {
		d->started = true;
		d->start_ns = now.mono_ns;
	}
	if (!d->unsorted || restoring)
		return;
	gyl_arpd_table_sort(&d->table, GYL_ARPD_ONCE);
	gyl_arpd_table_sort(&d->table, GYL_ARPD_AGAIN);
	d->unsorted = false;
}

/* False: there is no room for what it may cause. */
static bool one(struct gyl_arpd *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_cost *cost, struct gyl_out *o)
{
	switch (in->kind) {
	case GYL_IN_FRAME:
		if (!gyl_out_room(o, cost))
			return false;
		gyl__arpd_frame(d, now, in, o);
		break;
	case GYL_IN_DGRAM:
		if (!gyl_out_room(o, &dhcp_cost))
			return false;
		gyl__arpd_dhcp(d, now, in, o);
		break;
	case GYL_IN_RECORD:
		gyl__arpd_record(d, in);
		break;
	case GYL_IN_EVENT:
		event(d, now, in->event);
		break;
	case GYL_IN_DATA:
		data(d, in);
		break;
	case GYL_IN_ASK:
		gyl__arpd_ask(d, now, in->question);
		break;
	case GYL_IN_DROPPED:
		d->count[GYL_ARPD_LOST] += in->seq;
		break;
	default:
		break;
	}
	return true;
}

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t in_cnt, struct gyl_out *o)
{
	struct gyl_arpd *d = core;
	const struct gyl_cost *cost = acts(d) ? &acting_cost : &frame_cost;
	size_t i = 0;

	begin(d, now, in_cnt != 0 && in[0].kind == GYL_IN_RECORD);
	while (i < in_cnt && one(d, now, &in[i], cost, o))
		i++;
	return i;
}

/* ---- time ---- */

static void say_edge(struct gyl_out *o, enum gyl_event_kind kind, uint64_t epoch)
{
	struct gyl_event e;

	gyl_event_init(&e, kind);
	gyl_event_str(&e, "source", gyl_view_str("arpd"));
	gyl_event_u64(&e, "epoch", epoch);
	gyl_out_event(o, &e, 0);
}

static void tell_snapshot(struct gyl_arpd *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = GYL_ARPD_SLICE + 2};
	struct gyl_arpd_host *h = NULL;

	if (!d->snapshot || !gyl_out_room(o, &cost))
		return;
	if (d->snapshot_at == 0)
		say_edge(o, GYL_EV_BASE_BEGIN, d->snapshot_epoch);
	for (int i = 0; i < GYL_ARPD_SLICE; i++) {
		h = gyl_arpd_table_walk(&d->table, &d->snapshot_at);
		if (h == NULL)
			break;
		gyl__arpd_host_state(d, o, h, "seen", GYL_SEV_DEBUG);
	}
	if (h != NULL)
		return;
	say_edge(o, GYL_EV_BASE_END, d->snapshot_epoch);
	d->snapshot = false;
}

/* dhcpd may hold leases from before our start: it tells them all when it is asked. */
static void ask_leases(struct gyl_arpd *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 1};
	struct gyl_event e;

	if (d->asked || !gyl_out_room(o, &cost))
		return;
	gyl_event_init(&e, GYL_EV_BASE_SNAPSHOT);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	gyl_out_event(o, &e, 0);
	d->asked = true;
}

/* That vendors are not shown is told once, a moment after the start. */
static uint64_t note_at_ns(const struct gyl_arpd *d)
{
	if (d->noted || d->cf.vendors.cnt == 0 || d->vendors.len != 0)
		return UINT64_MAX;
	return d->start_ns + GYL_NS_PER_S;
}

static void note_vendors(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 1};
	static const char text[] =
		"arpd: no list of vendors (\"vendors\"; Debian has it in the package ieee-data), MACs are shown without";
	struct gyl_event e;

	if (now.mono_ns < note_at_ns(d) || !gyl_out_room(o, &cost))
		return;
	d->noted = true;
	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	gyl_event_str(&e, "text", gyl_view_str(text));
	gyl_out_event(o, &e, 0);
}

static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_arpd *d = core;

	begin(d, now, false);
	ask_leases(d, o);
	gyl__arpd_guards_tick(d, now, o);
	gyl__arpd_forget(d, now, o);
	gyl__arpd_keep(d, now, o);
	gyl__arpd_scan_tick(d, now, o);
	gyl__arpd_say_more(d, now, o);
	note_vendors(d, now, o);
	tell_snapshot(d, o);
}

static uint64_t deadline_ns(const void *core)
{
	const struct gyl_arpd *d = core;
	uint64_t at_ns = gyl_time_min(gyl__arpd_forget_at_ns(d), gyl__arpd_scan_at_ns(d));

	if (d->snapshot || d->unsorted || !d->asked)
		return 0;
	if (d->dirty_cnt != 0)
		at_ns = gyl_time_min(at_ns, d->store_at_ns);
	if (d->more_at_ns != 0)
		at_ns = gyl_time_min(at_ns, d->more_at_ns);
	return gyl_time_min(at_ns, gyl_time_min(note_at_ns(d), d->guard_at_ns));
}

const struct gyl_core_ops gyl_arpd_core = {
	.name = "arpd",
	.wants = 1u << GYL_SRC_BASE | 1u << GYL_SRC_DHCPD | 1u << GYL_SRC_DNS,
	.input = input,
	.tick = tick,
	.deadline_ns = deadline_ns,
};
