/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/core.h"

#include <gyl/ct.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/base/store.h"
#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"
#include "services/dhcpd/steer.h"

enum {
	CHANGE_COST = 10000, /* of a new configuration, in one tick: layout.h */
	SLICE = 32,          /* leases that one tick tells of, or expires */
	LOOK = 512,          /* slots that one tick looks at to find those */
	WHEEL_STEPS = 512    /* steps of the wheel in one tick */
};

/* ---- memory ---- */

/* Room to grow: a later configuration may have a few times as much of everything. */
static uint32_t grown(uint32_t cnt, uint32_t least, uint32_t most)
{
	uint32_t n = cnt < most / 4 ? 4 * cnt : most;

	return n < least ? least : n;
}

struct gyl_dhcpd_size gyl_dhcpd_size(const struct gyl_flat *flat)
{
	struct gyl_dhcpd_size n = gyl__dhcpd_layout_size(flat);

	n.address_cnt = grown(n.address_cnt, 65536, GYL_DHCPD_ADDRESS_MAX + GYL_DHCPD_HOST_MAX);
	n.subnet_cnt = grown(n.subnet_cnt, 16, GYL_DHCPD_SUBNET_MAX + GYL_DHCPD_RANGE_MAX);
	n.range_cnt = grown(n.range_cnt, 256, GYL_DHCPD_RANGE_MAX + GYL_DHCPD_HOST_MAX);
	n.host_cnt = grown(n.host_cnt, 256, GYL_DHCPD_HOST_MAX);
	n.block_len = grown(n.block_len, 1 << 18, 1 << 26) + gyl__dhcpd_live_len();
	n.address_cnt += GYL_DHCPD_LIVE_HOST_MAX;
	n.range_cnt += GYL_DHCPD_LIVE_HOST_MAX;
	n.host_cnt += GYL_DHCPD_LIVE_HOST_MAX;
	return n;
}

static size_t aligned(size_t len)
{
	return (len + 15) & ~(size_t)15;
}

size_t gyl_dhcpd_need(const struct gyl_dhcpd_size *cap)
{
	return aligned(sizeof(struct gyl_dhcpd)) + 2 * aligned(gyl__dhcpd_layout_need(cap)) +
	       gyl__dhcpd_budget_need(cap) +
	       aligned(((size_t)cap->address_cnt + 1) * sizeof(struct gyl_dhcpd_lease)) +
	       aligned(gyl__dhcpd_tail_need(cap->address_cnt)) +
	       aligned(gyl_store_owner_need(cap->address_cnt)) +
	       3 * gyl__dhcpd_index_need(cap->address_cnt);
}

static void index_slots(
	struct gyl_dhcpd *d, uint8_t *at, const struct gyl_dhcpd_size *cap, uint32_t address_cnt)
{
	uint32_t n = cap->address_cnt;
	size_t len = gyl__dhcpd_index_need(n);

	gyl__dhcpd_index_init(&d->clients, at, n, d->lease, offsetof(struct gyl_dhcpd_lease, hash));
	gyl__dhcpd_index_init(
		&d->names, at + len, n, d->lease, offsetof(struct gyl_dhcpd_lease, name_hash));
	gyl__dhcpd_index_init(&d->budget.links, at + 2 * len, n, d->lease,
		offsetof(struct gyl_dhcpd_lease, link));
	gyl__dhcpd_index_clear(&d->clients, address_cnt);
	gyl__dhcpd_index_clear(&d->names, address_cnt);
	gyl__dhcpd_index_clear(&d->budget.links, address_cnt);
}

static void share_memory(
	struct gyl_dhcpd *d, uint8_t *at, const struct gyl_dhcpd_size *cap, uint32_t address_cnt)
{
	for (unsigned i = 0; i < 2; i++) {
		gyl__dhcpd_layout_init(&d->side[i], at, cap);
		d->side[i].live = &d->live;
		at += aligned(gyl__dhcpd_layout_need(cap));
	}
	gyl__dhcpd_budget_init(&d->budget, at, cap);
	at += gyl__dhcpd_budget_need(cap);
	gyl__dhcpd_tail_init(&d->tails, at, cap->address_cnt);
	at += aligned(gyl__dhcpd_tail_need(cap->address_cnt));
	d->places = (uint16_t *)(void *)at;
	at += aligned(gyl_store_owner_need(cap->address_cnt));
	d->lease = (struct gyl_dhcpd_lease *)(void *)at; /* slot 0 is never used */
	at += aligned(((size_t)cap->address_cnt + 1) * sizeof *d->lease);
	index_slots(d, at, cap, address_cnt);
}

struct gyl_dhcpd *gyl_dhcpd_init(void *mem, const struct gyl_dhcpd_env *env, struct gyl_writer *why)
{
	struct gyl_dhcpd *d = mem;
	struct gyl_dhcpd_size is = gyl__dhcpd_layout_size(env->flat);

	share_memory(d, (uint8_t *)mem + aligned(sizeof *d), &env->cap, is.address_cnt);
	d->slot_cap = env->cap.address_cnt;
	d->layout = &d->side[1];
	d->iface_cnt = env->iface_cnt < GYL_DHCPD_IFACE_MAX ? env->iface_cnt : GYL_DHCPD_IFACE_MAX;
	memcpy(d->iface, env->iface, d->iface_cnt * sizeof *d->iface);
	d->seed[0] = env->seed[0];
	d->seed[1] = env->seed[1];
	if (!gyl__dhcpd_configure(d, env->flat, why))
		return NULL;
	if (env->standby != NULL && !gyl__dhcpd_standby_init(d, env->standby_mem, env->standby)) {
		gyl_text_str(why, "the secret of the two servers is too short: 16 octets at least");
		return NULL;
	}
	return d;
}

size_t gyl_dhcpd_standby_need(const struct gyl_dhcpd_size *cap)
{
	return gyl__dhcpd_standby_need(cap->address_cnt);
}

void gyl_dhcpd_standby_wipe(struct gyl_dhcpd *d)
{
	if (d->standby != NULL)
		gyl_wipe(&d->standby->replica, sizeof d->standby->replica);
}

void gyl_dhcpd_stat(const struct gyl_dhcpd *d, struct gyl_dhcpd_stat *ret_stat)
{
	memcpy(ret_stat->count, d->count, sizeof d->count);
	memcpy(ret_stat->type, d->type_cnt, sizeof d->type_cnt);
	ret_stat->lease_cnt = d->lease_cnt;
	ret_stat->slot_cnt = d->slot_cnt;
}

const struct gyl_dhcpd_lease *gyl_dhcpd_lease_at(const struct gyl_dhcpd *d, uint32_t ip)
{
	uint32_t slot = gyl__dhcpd_slot(d, ip);

	return slot == 0 ? NULL : &d->lease[slot];
}

/* ---- a message ---- */

/* What one message may cause: a reply; a lease, the one it replaces, a name taken over, the word
 * about the reply; two records. */
static const struct gyl_cost message_cost = {
	.send_cnt = 1,
	.event_cnt = 5,
	.store_len = 2 * (GYL_DHCPD_KEY_LEN_MAX + GYL_DHCPD_VAL_LEN_MAX + GYL_OUT_RECORD_HEAD),
};

static void (*const handlers[])(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r) = {
	[0] = gyl__dhcpd_bootp,
	[GYL_DHCP_DISCOVER] = gyl__dhcpd_discover,
	[GYL_DHCP_REQUEST] = gyl__dhcpd_request,
	[GYL_DHCP_DECLINE] = gyl__dhcpd_decline,
	[GYL_DHCP_RELEASE] = gyl__dhcpd_release,
	[GYL_DHCP_INFORM] = gyl__dhcpd_inform,
};

/* Option 82 as it came, for the echo; even of an impossible length it is the relay's to judge. */
static struct gyl_view read_relay(struct gyl_dhcpd_req *r)
{
	struct gyl_view val = {NULL, 0};
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	if (gyl__dhcpd_join(r, GYL_DHCP_OPT_RELAY, r->join_relay, sizeof r->join_relay, &val) ||
		!gyl_dhcp_is_bad(&r->msg, GYL_DHCP_OPT_RELAY))
		return val;
	for (gyl_dhcp_cursor_init(&c, &r->msg); gyl_dhcp_cursor_next(&c, &o);)
		if (o.code == GYL_DHCP_OPT_RELAY)
			return o.val;
	return val;
}

/* RFC 3046 5: without giaddr option 82 is of a switch or of the client itself, and nobody whose
 * word on networks, servers and ports counts. */
static void distrust(struct gyl_dhcp_relay *relay)
{
	relay->has_link = relay->has_server_id = relay->has_flags = relay->source_port = false;
}

static void read_options(struct gyl_dhcpd_req *r)
{
	gyl_dhcp_index_init(&r->ix, &r->msg);
	r->want_ip = gyl__dhcpd_find_u32(r, GYL_DHCP_OPT_REQUESTED_IP);
	r->server_id = gyl__dhcpd_find_u32(r, GYL_DHCP_OPT_SERVER_ID);
	r->relay_val = read_relay(r);
	memset(&r->relay, 0, sizeof r->relay);
	if (r->relay_val.len != 0)
		gyl_dhcp_relay_decode(r->relay_val, &r->relay);
	if (r->msg.hdr.giaddr == 0)
		distrust(&r->relay);
}

static void handle(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	bool client;

	read_options(r);
	r->key.form = GYL_DHCPD_NOBODY;
	r->subnet = NULL;
	client = gyl__dhcpd_client_read(d, r);
	if (!gyl__dhcpd_giaddr_ok(d, r->msg.hdr.giaddr)) {
		gyl__dhcpd_say_silent(d, r, "giaddr can be no relay's", false);
		return;
	}
	if (r->msg.type == GYL_DHCP_LEASEQUERY) {
		gyl__dhcpd_leasequery(d, r, client);
		return;
	}
	if (!client) {
		gyl__dhcpd_say_silent(d, r, "it says of nobody that it is from", false);
		return;
	}
	gyl__dhcpd_select(d, r);
	gyl__dhcpd_link_read(d, r);
	r->limit = GYL_DHCPD_LIMIT_NONE;
	r->waits = false;
	if (r->msg.type < sizeof handlers / sizeof handlers[0] && handlers[r->msg.type] != NULL)
		handlers[r->msg.type](d, r);
	else
		gyl__dhcpd_say_silent(d, r, "not a message for a server", true);
}

static void message(
	struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_dhcpd_req r;
	struct gyl_fault f;

	d->count[GYL_DHCPD_IN]++;
	if (!gyl__dhcpd_serves(d)) {
		d->count[GYL_DHCPD_SILENCE]++;
		return;
	}
	f = gyl_dhcp_decode(in->data, &r.msg);
	if (gyl_failed(f)) {
		d->count[GYL_DHCPD_IN_BAD]++;
		gyl__dhcpd_say_bad(in, o, f);
		gyl__dhcpd_explain_bad(d, now.wall_ns, in, gyl_err_text(f.err));
		return;
	}
	d->count[GYL_DHCPD_IN_LENIENT] += f.err == GYL_LENIENT;
	if (r.msg.hdr.op != GYL_DHCP_BOOTREQUEST)
		return; /* another server's reply */
	gyl__dhcpd_count_type(d, r.msg.type);
	r.now = now;
	r.in = in;
	r.o = o;
	r.waited = false;
	handle(d, &r);
}

/* ---- the other inputs ---- */

/* Nothing from seq on is in the store: what is said of these leases next writes them again. */
static void lost(struct gyl_dhcpd *d, uint64_t seq)
{
	if (d->lost_to == 0 || seq < d->lost_from)
		d->lost_from = seq;
	d->lost_to = d->seq + 1;
	gyl__dhcpd_standby_lost(d);
}

static void event(struct gyl_dhcpd *d, const struct gyl_event *e)
{
	struct gyl_view source;

	if (e->kind != GYL_EV_BASE_SNAPSHOT || !gyl_event_get_str(e, "source", &source) ||
		!gyl_view_eq(source, gyl_view_str("dhcpd")))
		return;
	d->snapshot = true;
	d->snapshot_at = 0;
	gyl_event_get_u64(e, "epoch", &d->snapshot_epoch);
}

static void change(struct gyl_dhcpd *d, struct gyl_out *o)
{
	const struct gyl_flat *next = d->conf_next;
	enum gyl_dhcpd_progress p;
	struct gyl_writer why;
	uint8_t text[160];

	if (!d->change.on && next != NULL) {
		d->conf_next = NULL;
		gyl__dhcpd_change_begin(d, next);
	}
	if (!d->change.on)
		return;
	gyl_writer_init(&why, text, sizeof text);
	p = gyl__dhcpd_change_go_on(d, CHANGE_COST, &why);
	o->used = true; /* it waits for nothing */
	if (p == GYL_DHCPD_DONE)
		gyl__dhcpd_explain_reload(&d->explain);
	else if (p == GYL_DHCPD_WRONG)
		gyl__dhcpd_say_refused(o, gyl_writer_view(&why));
}

/* What is on its way is for nothing, but for a switch: that is over soon, and has all it needs. */
static void configure(struct gyl_dhcpd *d, const struct gyl_in *in, struct gyl_out *o)
{
	const struct gyl_flat *flat = gyl_flat_again(in->data);

	if (flat == NULL || !gyl_view_eq(in->key, gyl_view_str("conf")))
		return;
	d->conf_next = flat;
	if (d->change.switching)
		return;
	d->change.on = false;
	change(d, o);
}

/* Records came in no order: who has been away longest goes first again. */
static void sort_lists(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++) {
		gyl__dhcpd_list_sort(&d->layout->subnet[i].free, d->lease);
		gyl__dhcpd_list_sort(&d->layout->subnet[i].declined, d->lease);
	}
	gyl__dhcpd_fill_begin(d);
	d->unsorted = false;
}

static void record(struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in)
{
	if (!gyl__dhcpd_live_restore(d, in->key, in->data) &&
		!gyl__dhcpd_standby_restore(d, now, in->key, in->data))
		gyl__dhcpd_restore_input(d, now, in);
}

static bool is_unsettled(const struct gyl_dhcpd *d)
{
	return d->unsorted || d->live.changed;
}

/* After the records, in whatever order they came. */
static void settle(struct gyl_dhcpd *d)
{
	if (d->change.switching)
		return;
	if (d->live.changed)
		gyl__dhcpd_live_apply(d);
	if (d->unsorted)
		sort_lists(d);
}

static bool is_stream(const struct gyl_in *in)
{
	return in->kind == GYL_IN_OPENED || in->kind == GYL_IN_BYTES || in->kind == GYL_IN_EOF ||
	       in->kind == GYL_IN_CLOSED;
}

static bool stream(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	return d->standby == NULL || gyl__dhcpd_link_input(d, now, in, o);
}

/* What comes once is taken at any time. Who steers sees no change half done, and causes no second
 * one beside it. */
static bool must_wait(const struct gyl_dhcpd *d, const struct gyl_in *in)
{
	if (in->kind == GYL_IN_ASK)
		return d->change.on;
	return d->change.switching &&
	       (in->kind == GYL_IN_DGRAM || in->kind == GYL_IN_FRAME || is_stream(in));
}

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t in_cnt, struct gyl_out *o)
{
	struct gyl_dhcpd *d = core;
	size_t i;

	d->mono_ns = now.mono_ns;
	d->now = now;
	for (i = 0; i < in_cnt && !must_wait(d, &in[i]); i++) {
		if (in[i].kind == GYL_IN_DGRAM && !gyl_out_room(o, &message_cost))
			break;
		if (in[i].kind == GYL_IN_ASK && !gyl_out_room(o, &gyl__dhcpd_steer_cost))
			break;
		if (is_unsettled(d) && in[i].kind != GYL_IN_RECORD)
			settle(d);
		if (is_stream(&in[i]) && !stream(d, now, &in[i], o))
			break;
		if (in[i].kind == GYL_IN_FRAME && !gyl__dhcpd_arp_input(d, now, &in[i], o))
			break;
		if (in[i].kind == GYL_IN_FRAME && !gyl__dhcpd_probe_frame(d, now, &in[i], o))
			break;
		if (in[i].kind == GYL_IN_DGRAM)
			message(d, now, &in[i], o);
		else if (in[i].kind == GYL_IN_RECORD)
			record(d, now, &in[i]);
		else if (in[i].kind == GYL_IN_EVENT)
			event(d, in[i].event);
		else if (in[i].kind == GYL_IN_LOST)
			lost(d, in[i].seq);
		else if (in[i].kind == GYL_IN_DATA)
			configure(d, &in[i], o);
		else if (in[i].kind == GYL_IN_ASK)
			gyl__dhcpd_steer(d, now, in[i].question, o);
	}
	return i;
}

/* ---- time ---- */

static void tick_expire(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {
		.event_cnt = 1, .store_len = GYL_DHCPD_KEY_LEN_MAX + GYL_OUT_RECORD_HEAD};
	unsigned budget = WHEEL_STEPS;

	for (int i = 0; i < SLICE && gyl_out_room(o, &cost); i++) {
		uint32_t slot = gyl__dhcpd_wheel_next(&d->wheel, d->lease, now.mono_ns, &budget);

		if (slot == 0)
			break;
		gyl__dhcpd_expire(d, now, o, slot);
	}
}

static void tick_snapshot(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = SLICE + 2};
	unsigned told = 0, left = LOOK;

	if (!gyl_out_room(o, &cost))
		return;
	if (d->snapshot_at == 0)
		gyl__dhcpd_say_edge(o, GYL_EV_BASE_BEGIN, d->snapshot_epoch);
	while (d->snapshot_at < d->slot_cnt && told < SLICE && left-- != 0) {
		uint32_t slot = ++d->snapshot_at;

		if (d->lease[slot].ip == 0 || d->lease[slot].state != GYL_DHCPD_LEASED)
			continue;
		gyl__dhcpd_say_lease(d, now, o, slot, "leased", GYL_SEV_DEBUG, d->lease[slot].seq);
		told++;
	}
	if (d->snapshot_at < d->slot_cnt)
		return;
	gyl__dhcpd_say_edge(o, GYL_EV_BASE_END, d->snapshot_epoch);
	d->snapshot = false;
}

/* Messages that waited for what ARP says of an address. */
static void tick_waiting(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	while (gyl_out_room(o, &message_cost)) {
		struct gyl_dhcpd_req r = {.now = now, .o = o, .waited = true};

		r.in = gyl__dhcpd_wait_next(d, now);
		if (r.in == NULL)
			return;
		if (gyl__dhcpd_serves(d) && !gyl_failed(gyl_dhcp_decode(r.in->data, &r.msg)))
			handle(d, &r);
	}
}

static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd *d = core;

	d->mono_ns = now.mono_ns;
	d->now = now;
	change(d, o);
	if (d->change.switching)
		return;
	settle(d);
	tick_expire(d, now, o);
	gyl__dhcpd_standby_tick(d, now, o);
	if (d->snapshot)
		tick_snapshot(d, now, o);
	tick_waiting(d, now, o);
	gyl__dhcpd_probe_tick(d, now, o);
}

static uint64_t deadline_ns(const void *core)
{
	const struct gyl_dhcpd *d = core;
	uint64_t at;

	if (d->snapshot || is_unsettled(d) || d->change.on || d->conf_next != NULL)
		return 0;
	at = gyl_time_min(gyl__dhcpd_wheel_deadline_ns(&d->wheel), gyl__dhcpd_probe_deadline_ns(d));
	at = gyl_time_min(at, gyl__dhcpd_wait_deadline_ns(d));
	return gyl_time_min(at, gyl__dhcpd_standby_deadline_ns(d));
}

static void *places(void *core, uint32_t *ret_cnt)
{
	struct gyl_dhcpd *d = core;

	*ret_cnt = d->slot_cap;
	return d->places;
}

/* An ACK waits for the disk anyway, and no client for half a millisecond of its OFFER. */
#define PATIENCE_NS 500000u

const struct gyl_core_ops gyl_dhcpd_core = {
	.name = "dhcpd",
	.owns = "dhcpd/lease",
	.owner = &gyl__dhcpd_owner,
	.places = places,
	.wants = 1u << GYL_SRC_BASE,
	.input = input,
	.tick = tick,
	.deadline_ns = deadline_ns,
	.patience_ns = PATIENCE_NS,
};
