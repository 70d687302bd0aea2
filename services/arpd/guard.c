/* SPDX-License-Identifier: ISC */

/*
 * Protected addresses: a gateway's, a server's. What others send in their name is an alarm, in any
 * flood: each frame is in the count of one event. A station that had no word in the present pause
 * is told at once, up to GYL_ARPD_TOLD_MAX of them; the rest is added up and told at its end.
 */

#include "services/arpd/state.h"

#include <gyl/text.h>

static const uint64_t pause_ns = 10 * GYL_NS_PER_S;
/* RFC 5227 1.1: DEFEND_INTERVAL. */
static const uint64_t defend_interval_ns = 10 * GYL_NS_PER_S;

static const char prefix[] = "arpd/protect/";

/* ---- the configuration ---- */

static bool is_same(const struct gyl_arpd_protect_conf *a, const struct gyl_arpd_protect_conf *b)
{
	return a->ip == b->ip && a->vlan == b->vlan;
}

/* What is known of an address stays when the configuration changes. */
static void set_one(struct gyl_arpd_guard *g, const struct gyl_arpd_protect_conf *cf)
{
	bool keeps = !cf->has_mac && g->learned;
	uint8_t mac[6];

	memcpy(mac, g->cf.mac, sizeof mac);
	g->cf = *cf;
	g->learned = keeps;
	if (keeps) {
		memcpy(g->cf.mac, mac, sizeof mac);
		g->cf.has_mac = true;
	}
}

void gyl__arpd_guards_set(struct gyl_arpd *d)
{
	const struct gyl_arpd_rules *r = &d->rules;
	uint32_t i, n, kept = 0;

	for (i = 0; i < d->guard_cnt; i++) { /* those that stay move to the front */
		for (n = 0; n < r->protect_cnt && !is_same(&d->guard[i].cf, &r->protect[n]); n++)
			;
		if (n == r->protect_cnt)
			continue;
		if (kept != i)
			d->guard[kept] = d->guard[i];
		set_one(&d->guard[kept++], &r->protect[n]);
	}
	for (n = 0; n < r->protect_cnt; n++) {
		for (i = 0; i < kept && !is_same(&d->guard[i].cf, &r->protect[n]); i++)
			;
		if (i < kept)
			continue;
		memset(&d->guard[kept], 0, sizeof d->guard[kept]);
		d->guard[kept++].cf = r->protect[n];
	}
	d->guard_cnt = kept;
	for (i = 0; i < kept; i++)
		d->guard_ip[i] = d->guard[i].cf.ip;
}

static struct gyl_arpd_guard *find(struct gyl_arpd *d, uint32_t ip, uint16_t vlan)
{
	for (uint32_t i = 0; i < d->guard_cnt; i++)
		if (d->guard_ip[i] == ip && d->guard[i].cf.vlan == vlan)
			return &d->guard[i];
	return NULL;
}

/* ---- owners that were learned ---- */

static struct gyl_view make_key(
	uint8_t buf[GYL_ARPD_KEY_MAX], const struct gyl_arpd_protect_conf *cf)
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_ARPD_KEY_MAX);
	gyl_text_str(&w, prefix);
	gyl_arpd_record_address(&w, cf->ip, cf->vlan);
	return gyl_writer_view(&w);
}

static void learn(struct gyl_arpd_guard *g, const struct gyl_arpd_frame *f)
{
	uint8_t key[GYL_ARPD_KEY_MAX], val[GYL_ARPD_VALUE_MAX];
	struct gyl_record rec = {.key = make_key(key, &g->cf)};
	struct gyl_writer w;
	struct gyl_event e;

	memcpy(g->cf.mac, f->a.sha, sizeof g->cf.mac);
	g->cf.has_mac = g->learned = true;
	gyl_writer_init(&w, val, sizeof val);
	gyl_text_mac(&w, g->cf.mac);
	rec.val = gyl_writer_view(&w);
	gyl_out_store(f->o, &rec, 1);
	gyl__arpd_event(&e, GYL_EV_ARPD_OWNER, g->cf.vlan, g->cf.ip, g->cf.mac);
	gyl_out_event(f->o, &e, 0);
}

void gyl__arpd_guard_record(struct gyl_arpd *d, struct gyl_view key, struct gyl_view val)
{
	struct gyl_arpd_guard *g;
	uint32_t ip;
	uint16_t vlan;
	uint8_t mac[6];

	if (!gyl_view_eq(gyl_view_sub(key, 0, sizeof prefix - 1), gyl_view_str(prefix)) ||
		!gyl_arpd_record_parse_address(
			gyl_view_sub(key, sizeof prefix - 1, key.len), &ip, &vlan) ||
		gyl_failed(gyl_parse_mac(val, mac)))
		return;
	g = find(d, ip, vlan);
	if (g == NULL || g->cf.has_mac)
		return;
	memcpy(g->cf.mac, mac, sizeof mac);
	g->cf.has_mac = g->learned = true;
}

/* ---- alarms ---- */

static void say(struct gyl_arpd_guard *g, struct gyl_out *o)
{
	struct gyl_event e;

	gyl__arpd_event(&e, GYL_EV_ARPD_PROTECTED, g->cf.vlan, g->cf.ip, g->last);
	gyl_event_mac(&e, "owner", g->cf.mac);
	gyl_event_u64(&e, "count", g->held);
	gyl_out_event(o, &e, 0);
	g->held = 0;
}

/* Had it no word in this pause, and is there one left? */
static bool is_fresh(struct gyl_arpd_guard *g)
{
	for (int i = 0; i < g->told_cnt; i++)
		if (gyl_eth_mac_eq(g->told[i], g->last))
			return false;
	if (g->told_cnt == GYL_ARPD_TOLD_MAX)
		return false;
	memcpy(g->told[g->told_cnt++], g->last, sizeof g->last);
	return true;
}

/*
 * RFC 5227 2.4 (c), for another: it keeps the address, and everybody hears whose it is, once in
 * DEFEND_INTERVAL. The frame comes from our own MAC, or switches would look for the owner here.
 */
static void defend(struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_guard *g)
{
	struct gyl_arp a = gyl_arp_announcement(g->cf.mac, g->cf.ip);
	struct gyl_event e;

	if (!g->cf.defend || !d->open || !d->own[f->iface].is || f->now.mono_ns < g->defend_ns)
		return;
	g->defend_ns = f->now.mono_ns + defend_interval_ns;
	gyl__arpd_send(d, f->o, f->iface, f->vlan, gyl__arpd_broadcast, &a);
	d->count[GYL_ARPD_DEFENDED]++;
	gyl__arpd_event(&e, GYL_EV_ARPD_DEFENDED, g->cf.vlan, g->cf.ip, g->cf.mac);
	gyl_out_event(f->o, &e, 0);
}

static void alarm(struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_guard *g)
{
	bool other = !gyl_eth_mac_eq(f->a.sha, g->cf.mac);

	memcpy(g->last, other ? f->a.sha : f->eth.src, sizeof g->last);
	g->last_ns = f->now.wall_ns;
	g->total++;
	g->held++;
	d->count[GYL_ARPD_ALARM]++;
	if (g->next_ns == 0)
		g->next_ns = f->now.mono_ns + pause_ns;
	d->guard_at_ns = gyl_time_min(d->guard_at_ns, g->next_ns);
	if (is_fresh(g))
		say(g, f->o);
	defend(d, f, g);
}

bool gyl__arpd_guard(struct gyl_arpd *d, const struct gyl_arpd_frame *f)
{
	struct gyl_arpd_guard *g = find(d, f->a.spa, f->vlan);
	bool honest = gyl_eth_mac_eq(f->eth.src, f->a.sha);

	if (g == NULL)
		return false;
	if (!g->cf.has_mac && !honest)
		return false;
	if (!g->cf.has_mac)
		learn(g, f);
	if (honest && gyl_eth_mac_eq(f->a.sha, g->cf.mac))
		return false;
	alarm(d, f, g);
	return true;
}

void gyl__arpd_guards_tick(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 1};
	uint64_t at_ns = UINT64_MAX;

	if (now.mono_ns < d->guard_at_ns)
		return;
	for (uint32_t i = 0; i < d->guard_cnt; i++) {
		struct gyl_arpd_guard *g = &d->guard[i];

		if (g->next_ns != 0 && g->next_ns <= now.mono_ns) {
			if (!gyl_out_room(o, &cost))
				return;
			g->next_ns = g->held == 0 ? 0 : now.mono_ns + pause_ns;
			if (g->held != 0)
				say(g, o);
			g->told_cnt = 0;
		}
		if (g->next_ns != 0)
			at_ns = gyl_time_min(at_ns, g->next_ns);
	}
	d->guard_at_ns = at_ns;
}
