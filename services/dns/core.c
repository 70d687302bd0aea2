/* SPDX-License-Identifier: ISC */
#include "services/dns/core.h"

#include <gyl/dns_text.h>
#include <gyl/time.h>

#include "services/dns/ahead.h"
#include "services/dns/bundle.h"
#include "services/dns/core_own.h"
#include "services/dns/names.h"
#include "services/dns/route.h"

enum {
	ZONE_SLICE = 16
};

/* Unreadable queries are counted all, told of at most this often. */
static const uint64_t bad_pause_ns = 10 * GYL_NS_PER_S;
/* So are blocked names: a page asks for dozens. */
static const uint64_t block_pause_ns = GYL_NS_PER_S;

static size_t head_len(void)
{
	return (sizeof(struct gyl_dns) + 15) & ~(size_t)15;
}

static size_t flows_len(const struct gyl_dns_conf *cf)
{
	return (cf->tcp_cnt * sizeof(struct gyl__dns_flow) + 15) & ~(size_t)15;
}

/* Without zones there are none that change. */
static size_t zones_len(const struct gyl_dns_conf *cf)
{
	return cf->zones.cnt == 0 ? 0 : cf->zone_space & ~(size_t)15;
}

size_t gyl_dns_need(const struct gyl_dns_conf *cf)
{
	return head_len() + gyl_dns_limit_need() + flows_len(cf) + gyl__dns_forward_need(cf) +
	       zones_len(cf) + gyl_dns_overlay_need(cf->lease_cnt);
}

static struct gyl__dns_nets nets_of(const struct gyl_flat *flat, struct gyl_ref ref)
{
	struct gyl__dns_nets n = {gyl_flat_at(flat, ref), ref.cnt};

	return n;
}

static void set_cookies(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	struct gyl_dns_cookies *c = &d->policy.cookies;
	const struct gyl_ref *secret = gyl_flat_at(flat, cf->cookie_secrets);

	c->secret_cnt = 0;
	if (!cf->cookies)
		return;
	for (uint32_t i = 0; i < cf->cookie_secrets.cnt && i < GYL_DNS_COOKIE_SECRET_MAX; i++)
		gyl_dns_cookie_secret(gyl_flat_view(flat, secret[i]).p, c->secret[c->secret_cnt++]);
	if (c->secret_cnt == 0)
		memcpy(c->secret[c->secret_cnt++], d->own_secret, sizeof d->own_secret);
}

/* Each loop has its share: nobody counts for all of them. */
static void set_rate(struct gyl_dns *d)
{
	uint32_t *rate = &d->cf.rate_limit.answers;

	if (*rate != 0)
		*rate = *rate < d->loop_cnt ? 1 : *rate / d->loop_cnt;
}

void gyl__dns_desk_conf(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	uint32_t lease_cnt = d->cf.lease_cnt, tcp_cnt = d->cf.tcp_cnt;

	d->cf = *cf;
	d->cf.lease_cnt = lease_cnt; /* memory: it changes with the next start */
	d->cf.tcp_cnt = tcp_cnt;
	set_rate(d);
	d->policy.lease_ttl_s = (uint32_t)(cf->lease_ttl_ns / GYL_NS_PER_S);
	d->policy.udp_size = cf->udp_size;
	d->policy.nsid = gyl_flat_view(flat, cf->nsid);
	d->policy.version = gyl_flat_view(flat, cf->version);
	d->flat = flat;
	d->conf = cf;
	d->exempt = nets_of(flat, cf->rate_limit.exempt);
	d->encrypted_by = nets_of(flat, cf->encrypted_by);
	d->debug_answers = nets_of(flat, cf->debug_answers);
	set_cookies(d, flat, cf);
	gyl__dns_forward_clients(d, flat, cf);
}

static void set_conf(struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	gyl__dns_desk_conf(d, flat, cf);
	gyl__dns_forward_conf(d, flat, cf);
	gyl__dns_notify_conf(d);
	gyl__dns_copy_conf(d);
}

/* Place 0 of the domains is the configured one. Leases keep the domain they came with. */
static void set_domain(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	struct gyl_dns_domain *own = &d->overlay.domain[0];
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(flat, cf->zones);

	/* zones that leases make are there before the first one */
	for (uint32_t i = 0; i < cf->zones.cnt; i++)
		if (gyl__dns_is_of_leases(cf, &zone[i]))
			(void)gyl_dns_overlay_domain(
				&d->overlay, gyl_flat_view(flat, zone[i].name).p);
	if (cf->lease_domain.cnt == 0 || own->lease_cnt != 0)
		return;
	own->name_len = (uint8_t)cf->lease_domain.cnt;
	gyl_dns_name_fold(own->name, gyl_flat_view(flat, cf->lease_domain).p, own->name_len);
}

struct gyl_dns *gyl_dns_init(void *mem, const struct gyl_dns_init *init)
{
	struct gyl_dns *d = mem;
	uint8_t *at = (uint8_t *)mem + head_len();

	memset(d, 0, sizeof *d);
	d->loop_cnt = 1;
	d->cf.lease_cnt = init->cf->lease_cnt;
	d->cf.tcp_cnt = init->cf->tcp_cnt;
	memcpy(d->own_secret, init->seed + 2, sizeof d->own_secret);
	gyl__dns_see_init(d, init->seed + 2);
	gyl__dns_forward_init(d, at, init);
	at += gyl__dns_forward_need(init->cf);
	set_conf(d, init->flat, init->cf);
	gyl_dns_limit_init(&d->limit, at, init->seed);
	at += gyl_dns_limit_need();
	d->flow = (struct gyl__dns_flow *)(void *)at;
	at += flows_len(init->cf);
	gyl_dns_lives_init(&d->lives, at, zones_len(init->cf));
	gyl_dns_ledger_init(&d->ledger, d->lives.log_mem, d->lives.log_cap);
	at += zones_len(init->cf);
	gyl_dns_overlay_init(&d->overlay, at, init->cf->lease_cnt, init->seed);
	set_domain(d, init->flat, init->cf);
	d->data.image = init->image;
	d->data.overlay = &d->overlay;
	d->data.keys = &d->keys;
	d->data.lives = &d->lives;
	d->data.ledger = &d->ledger;
	d->ledger.data = &d->data;
	d->ledger.lease_ttl_s = d->policy.lease_ttl_s;
	d->cpu = init->cpu;
	gyl__dns_load_first(d, init->data);
	gyl__dns_copy_begin(d);
	d->data.net_cnt = init->net_cnt;
	memcpy(d->data.net, init->net, sizeof d->data.net);
	return d;
}

void gyl_dns_stat(const struct gyl_dns *d, struct gyl_dns_stat *ret_stat)
{
	const struct gyl_dns_names_head *names = gyl_dns_names_head(gyl__dns_names(&d->data));

	*ret_stat = d->stat;
	if (d->team != NULL)
		gyl__dns_team_sum(d->team, ret_stat);
	ret_stat->lease_cnt = d->overlay.cnt;
	ret_stat->zone_space_len = d->lives.heap.cap;
	ret_stat->zone_used_len = d->lives.heap.cap - gyl__dns_heap_room(&d->lives.heap);
	ret_stat->block_name_cnt = names == NULL ? 0 : names->table[GYL_DNS_TABLE_BLOCK].cnt;
}

const struct gyl_dns_data *gyl_dns_data(const struct gyl_dns *d)
{
	return &d->data;
}

static void say_bad(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	struct gyl_event e;

	if (now.mono_ns < d->bad_at_ns)
		return;
	d->bad_at_ns = now.mono_ns + bad_pause_ns;
	gyl_event_init(&e, GYL_EV_DNS_BAD);
	gyl_event_ip(&e, "ip", in->peer.ip);
	gyl_event_str(&e, "reason", gyl_view_str(gyl_err_text(v->why.err)));
	gyl_event_u64(&e, "offset", v->why.off);
	gyl_out_event(o, &e, 0);
}

static void say_query(const struct gyl_in *in, const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	char type[16];
	struct gyl_writer w;
	struct gyl_event e;

	gyl_writer_init(&w, type, sizeof type);
	gyl_dns_type_print(&w, v->qtype);
	gyl_event_init(&e, GYL_EV_DNS_QUERY);
	gyl_event_ip(&e, "ip", in->peer.ip);
	gyl_event_str(&e, "type", gyl_writer_view(&w));
	gyl__dns_event_rcode(&e, "rcode", v->rcode);
	gyl_event_str(&e, "rule", gyl_view_str(v->rule));
	/* the longest last: what does not fit the event is cut off */
	gyl__dns_event_name(&e, "name", v->qname.p);
	if (v->took_ns != 0)
		gyl_event_u64(&e, "took_us", v->took_ns / GYL_NS_PER_US);
	gyl_out_event(o, &e, 0);
}

static void say_untold(const struct gyl_dns *d, uint64_t cnt, struct gyl_out *o)
{
	struct gyl_event e;

	if (cnt == 0)
		return;
	gyl_event_init(&e, GYL_EV_DNS_UNTOLD);
	gyl_event_u64(&e, "count", cnt);
	gyl_event_u64(&e, "rate", d->cf.log_rate);
	gyl_out_event(o, &e, 0);
}

static void say_block(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	struct gyl_event e;

	if (now.mono_ns < d->block_at_ns)
		return;
	d->block_at_ns = now.mono_ns + block_pause_ns;
	gyl_event_init(&e, GYL_EV_DNS_BLOCK);
	gyl_event_ip(&e, "ip", in->peer.ip);
	gyl__dns_event_name(&e, "name", v->qname.p);
	gyl_event_u64(&e, "count", d->stat.blocked_cnt);
	gyl_out_event(o, &e, 0);
}

void gyl__dns_note(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	uint64_t untold;

	d->stat.rcode_cnt[v->rcode & 15]++;
	d->stat.truncated_cnt += v->truncated;
	d->stat.blocked_cnt += v->blocked;
	d->stat.special_cnt += v->special;
	d->forward.stat.source_cnt[v->source]++;
	d->stat.cookie_cnt[v->cookie]++;
	gyl__dns_see(d, now, in->peer.ip, v);
	if (gyl_failed(v->why))
		say_bad(d, now, in, v, o);
	else if (v->readable && gyl__dns_see_tells(d, now, &untold)) {
		say_untold(d, untold, o);
		say_query(in, v, o);
	} else if (v->blocked)
		say_block(d, now, in, v, o);
}

/* The answer in p is one too many: what leaves instead, if anything. */
static size_t hold_back(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in, uint8_t *p,
	size_t cap, struct gyl_dns_verdict *v)
{
	const struct gyl_dns_from from = {.ip = in->peer.ip, .limited = true};

	if (!gyl_dns_limit_slip(&d->limit, d->cf.rate_limit.slip))
		return 0;
	d->stat.slipped_cnt++;
	return gyl_dns_answer(&d->data, &d->policy, now, &from, in->data, p, cap, v);
}

bool gyl__dns_dgram(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	struct gyl_dns_key *key, struct gyl_out *o)
{
	static const struct gyl_cost forward_cost = GYL__DNS_FORWARD_COST;
	const struct gyl_dns_from from = {.ip = in->peer.ip,
		.recursion = gyl__dns_forward_allows(d, in->peer.ip),
		.notified = gyl__dns_copy_notified(d, now, in->peer.ip, in->data),
		.trace = gyl__dns_see_why(d, in->peer.ip),
		.key = key};
	struct gyl_dns_verdict v;
	size_t cap, len;
	uint8_t *p = gyl_out_send(o, in->port, &in->peer, 0, 0, &cap);

	len = gyl_dns_answer(&d->data, &d->policy, now, &from, in->data, p, cap, &v);
	if (len == 0 && v.forward) {
		gyl_out_sent(o, 0);
		if (!gyl_out_room(o, &forward_cost))
			return false;
		d->stat.query_cnt++;
		d->stat.dropped_cnt += !gyl__dns_forward(d, now, in, &v, o);
		return true;
	}
	if (len == 0 && v.elsewhere) {
		gyl_out_sent(o, 0);
		gyl__dns_hand_over(d, in);
		return true;
	}
	d->stat.query_cnt++;
	if (len != 0 && gyl__dns_wants_transfer(&v))
		len = gyl__dns_out_dgram(d, now, in, &v, p, cap, len, o);
	d->stat.dropped_cnt += len == 0;
	if (len != 0 && gyl__dns_over(d, now, in, &v, o))
		len = hold_back(d, now, in, p, cap, &v);
	gyl_out_sent(o, len);
	if (len != 0 || v.blocked)
		gyl__dns_note(d, now, in, &v, o);
	if (v.refresh && gyl_out_room(o, &forward_cost))
		gyl__dns_forward_refresh(d, now, &v, o);
	return true;
}

static void event(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_event *e, struct gyl_out *o)
{
	struct gyl_view source;

	if (e->kind == GYL_EV_DHCPD_LEASE) {
		gyl__dns_lease(d, now, e, o);
	} else if (e->kind == GYL_EV_BASE_BEGIN || e->kind == GYL_EV_BASE_END) {
		gyl__dns_lease_edge(d, now, e);
	} else if (e->kind == GYL_EV_BASE_SNAPSHOT && gyl_event_get_str(e, "source", &source) &&
		   gyl_view_eq(source, gyl_view_str("dns"))) {
		d->snapshot = true;
		d->snapshot_begun = false;
		d->snapshot_at = 0;
		gyl_event_get_u64(e, "epoch", &d->snapshot_epoch);
	}
}

/* The gate stands here, too: whatever comes. */
static void new_data(struct gyl_dns *d, const struct gyl_in *in)
{
	const struct gyl_flat *flat;
	const struct gyl_dns_conf *cf;

	if (gyl_view_eq(in->key, gyl_view_str("dns"))) {
		gyl__dns_load_put(d, in->data);
		return;
	}
	flat = gyl_flat_open(in->data);
	cf = flat == NULL ? NULL : gyl_flat_section(flat, "dns");
	if (cf == NULL)
		return;
	set_conf(d, flat, cf);
	set_domain(d, flat, cf);
	gyl__dns_serials_ttl(d);
}

static bool one(struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_dns_key *key,
	struct gyl_out *o)
{
	static const struct gyl_cost dgram_cost = {.send_cnt = 1, .event_cnt = 3};
	static const struct gyl_cost event_cost = {.event_cnt = 3};

	if (in->port == GYL_PORT_OPENED && in->flow < GYL__DNS_NOTIFY_FLOW)
		return gyl__dns_forward_input(d, now, in, o);
	if (in->port == GYL_PORT_OPENED && in->flow >= GYL__DNS_COPY_FLOW)
		return gyl__dns_copy_input(d, now, in, o);
	if (in->port == GYL_PORT_OPENED)
		return gyl__dns_notify_input(d, now, in, o);
	switch (in->kind) {
	case GYL_IN_DGRAM:
		if (gyl__dns_lease_waits(d, now) || !gyl_out_room(o, &dgram_cost))
			return false;
		if (gyl__dns_is_update(d, in->data))
			return gyl__dns_update_dgram(d, now, in, o);
		return gyl__dns_dgram(d, now, in, key, o);
	case GYL_IN_RECORD:
		gyl__dns_zones_record(d, in);
		return true;
	case GYL_IN_LOST:
		return true; /* who waited hears nothing and asks again; the zone has it, and the
				store writes it again */
	case GYL_IN_EVENT:
		if (!gyl_out_room(o, &event_cost))
			return false;
		event(d, now, in->event, o);
		return true;
	case GYL_IN_DATA:
		new_data(d, in);
		return true;
	case GYL_IN_ASK:
		if (!gyl__dns_see_ask(d, now, in->question))
			gyl__dns_forward_ask(d, now, in->question);
		return true;
	default:
		return !gyl__dns_lease_waits(d, now) && gyl__dns_stream(d, now, in, o);
	}
}

/* What is smaller stays in the processor's own memory, and looking ahead only costs. */
const struct gyl_dns_image *gyl__dns_large(const struct gyl_dns_data *data)
{
	return data->image != NULL && data->image->len >= 1 << 20 ? data->image : NULL;
}

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t in_cnt, struct gyl_out *o)
{
	struct gyl_dns *d = core;
	struct gyl_dns_ahead ahead;
	size_t i = 0;

	if (d->team != NULL && in[0].kind != GYL_IN_DGRAM)
		gyl__dns_team_heard(d->team);
	gyl__dns_serials_durable(d, o);
	gyl_dns_ahead_begin(&ahead, gyl__dns_large(&d->data), in, in_cnt);
	for (; i < in_cnt; i++) {
		if (!one(d, now, &in[i], gyl_dns_ahead_step(&ahead, i), o))
			break;
	}
	return i;
}

/* dhcpd may hold leases from before our start: it tells them all when it is asked. */
static void ask(struct gyl_dns *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 1};
	struct gyl_event e;

	if (!gyl_out_room(o, &cost))
		return;
	gyl_event_init(&e, GYL_EV_BASE_SNAPSHOT);
	gyl_event_str(&e, "source", gyl_view_str("dhcpd"));
	gyl_out_event(o, &e, 0);
	d->asked = true;
}

void gyl__dns_say_zone(const struct gyl_dns_image *im, uint32_t i, struct gyl_out *o)
{
	const struct gyl_dns_zone *zone = gyl_dns_image_zone(im, i);
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_ZONE);
	gyl__dns_event_name(&e, "zone", gyl_dns_image_node(im, zone->apex_off)->name);
	gyl_event_u64(&e, "serial", zone->serial);
	gyl_event_u64(&e, "names", zone->name_cnt);
	gyl_event_u64(&e, "records", zone->rr_cnt);
	gyl_out_event(o, &e, 0);
}

static bool zones_untold(const struct gyl_dns *d)
{
	return d->data.image != NULL && d->zone_told < d->data.image->zone_cnt;
}

static void tell_zones(struct gyl_dns *d, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = ZONE_SLICE};

	if (!gyl_out_room(o, &cost))
		return;
	for (int i = 0; i < ZONE_SLICE && zones_untold(d); i++, d->zone_told++)
		if ((gyl_dns_image_zone(d->data.image, d->zone_told)->flags & GYL_DNS_ZONE_HOSTS) ==
			0)
			gyl__dns_say_zone(d->data.image, d->zone_told, o);
}

static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dns *d = core;

	if (!d->asked)
		ask(d, o);
	if (zones_untold(d))
		tell_zones(d, o);
	gyl__dns_zones_tick(d, o);
	gyl__dns_copy_tick(d, now, o);
	/* secondaries are told of the new serial, not that one is coming */
	gyl__dns_serials_tick(d, now, o);
	gyl__dns_notify_tick(d, now, o);
	gyl__dns_expire(d, now, o);
	gyl__dns_idle(d, now, o);
	gyl__dns_forward_tick(d, now, o);
	if (d->snapshot)
		gyl__dns_tell_names(d, o);
	if (d->team != NULL)
		gyl__dns_team_tick(d->team, now);
}

static uint64_t deadline_ns(const void *core)
{
	const struct gyl_dns *d = core;
	const struct gyl_dns_lease *next = gyl_dns_overlay_next(&d->overlay);
	uint64_t at = gyl_time_min(gyl__dns_idle_at_ns(d), gyl__dns_forward_at_ns(d));

	at = gyl_time_min(at, gyl__dns_zones_at_ns(d));
	at = gyl_time_min(at, gyl__dns_notify_at_ns(d));
	at = gyl_time_min(at, gyl__dns_copy_at_ns(d));
	at = gyl_time_min(at, gyl__dns_serials_at_ns(d));
	if (d->team != NULL)
		at = gyl_time_min(at, gyl__dns_team_at_ns(d->team));
	if (!d->asked || d->snapshot || zones_untold(d))
		return 0;
	return next == NULL ? at : gyl_time_min(at, next->expiry_ns);
}

const struct gyl_core_ops gyl_dns_core = {
	.name = "dns",
	.wants = 1u << GYL_SRC_BASE | 1u << GYL_SRC_DHCPD,
	.input = input,
	.tick = tick,
	.deadline_ns = deadline_ns,
};
