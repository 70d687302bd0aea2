/* SPDX-License-Identifier: ISC */

/*
 * "dhcp.leases" and "dhcp.pools". A lease is told as the event dhcpd.lease would tell it, so that a
 * list and what follows it are of one form and patterns fit both.
 */

#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/base/match.h"
#include "services/dhcpd/steer.h"

enum {
	TELL_MAX = 512 /* leases that a slice makes an event of, to compare or tell it */
};

static bool asks_for_state(const struct gyl_match *m)
{
	const struct gyl_event_desc *d = gyl_event_desc(GYL_EV_DHCPD_LEASE);

	for (unsigned i = 0; i < m->cnt; i++)
		if (gyl_view_eq(
			    gyl_view_str(d->field[m->rule[i].field].name), gyl_view_str("state")))
			return true;
	return false;
}

/* What is not durable yet is told by its own event, when it is, to who follows. */
static bool is_to_come(const struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_lease *l)
{
	return a->q->follow && l->state == GYL_DHCPD_LEASED && l->seq > a->o->durable;
}

/*
 * When the client was last told of it. Of a lease of an earlier run the record tells: it was
 * written then, or, when another server's lease was imported, later than the lease began.
 */
static uint64_t since_wall_ns(const struct gyl_dhcpd_lease *l, struct gyl_now now)
{
	uint64_t written_ns = gyl_time_from_s(l->written_s), begin_ns;

	if (l->since_ns != 0)
		return now.wall_ns - (now.mono_ns - l->since_ns);
	if (l->granted_s == 0 || l->granted_s == UINT32_MAX || l->expiry_ns == GYL_TIME_INFINITE)
		return written_ns;
	begin_ns = now.wall_ns + (l->expiry_ns - now.mono_ns) - gyl_time_from_s(l->granted_s);
	/* Ends are whole seconds in records; the two clocks do not run quite alike. */
	begin_ns = (begin_ns + GYL_NS_PER_S / 2) / GYL_NS_PER_S * GYL_NS_PER_S;
	return written_ns == 0 || begin_ns < written_ns ? begin_ns : written_ns;
}

/* Option 82, whole or not at all. */
static void put_option82(
	struct gyl_event *e, const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	struct gyl_view val = gyl__dhcpd_lease_relay(d, l);
	uint8_t text[2 * GYL_DHCPD_RELAY_MAX];
	struct gyl_writer w;

	if (val.len == 0 || 2 * val.len > (size_t)(GYL_EVENT_TEXT_MAX - e->text_len))
		return;
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_hex(&w, val);
	gyl_event_str(e, "option82", gyl_writer_view(&w));
}

static void tell_lease(
	struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, uint32_t slot, const char *state)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_event e;
	uint64_t since_ns;

	gyl__dhcpd_lease_event(d, a->now, slot, state, &e);
	since_ns = since_wall_ns(l, a->now);
	if (since_ns != 0)
		gyl_event_u64(&e, "since", since_ns);
	put_option82(&e, d, l);
	e.wall_ns = a->now.wall_ns;
	if (!gyl_match(a->q->match, &e))
		return;
	gyl_event_json(&e, a->q->answer);
	gyl_text_char(a->q->answer, '\n');
	if (l->state == GYL_DHCPD_LEASED && l->seq > a->q->after)
		a->q->after = l->seq;
}

void gyl__dhcpd_steer_leases(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	bool all = asks_for_state(a->q->match);
	uint32_t left = GYL_DHCPD_LOOK_MAX, tell = TELL_MAX;

	while (a->q->at < d->slot_cnt && left-- != 0 && tell != 0 && gyl__dhcpd_steer_room(a)) {
		uint32_t slot = (uint32_t)++a->q->at;
		const struct gyl_dhcpd_lease *l = &d->lease[slot];
		const char *state = gyl__dhcpd_steer_state(l);

		if (l->ip != 0 && state != NULL && (all || l->state == GYL_DHCPD_LEASED) &&
			!is_to_come(a, l)) {
			tell_lease(d, a, slot, state);
			tell--;
		}
	}
	a->q->more = a->q->at < d->slot_cnt;
}

/* ---- pools ---- */

static uint32_t percent(const struct gyl_dhcpd_pool_stat *st)
{
	return st->size == 0 ? 0 : (uint32_t)((uint64_t)(st->size - st->free) * 100 / st->size);
}

static void put_stat(struct gyl_json *j, const struct gyl_dhcpd_pool_stat *st)
{
	if (st->class.len != 0)
		gyl_json_str(j, "class", st->class);
	gyl_json_u64(j, "size", st->size);
	gyl_json_u64(j, "free", st->free);
	gyl_json_u64(j, "offered", st->offered);
	gyl_json_u64(j, "leased", st->leased);
	gyl_json_u64(j, "declined", st->declined);
	gyl_json_u64(j, "reserved", st->reserved);
	gyl_json_u64(j, "percent", percent(st));
	gyl_json_i64(j, "growth", st->growth);
	if (st->full_in_s != UINT32_MAX)
		gyl_json_u64(j, "full_in_minutes", st->full_in_s / 60);
}

static void put_subnet(struct gyl_json *j, const char *key, const struct gyl_dhcpd_subnet *s)
{
	uint8_t text[24];

	gyl_json_str(j, key, gyl__dhcpd_subnet_text(text, s));
}

static void put_ranges(struct gyl_json *j, const struct gyl_dhcpd *d, uint32_t no)
{
	const struct gyl_dhcpd_subnet *s = &d->layout->subnet[no];
	uint8_t text[40];
	struct gyl_writer w;
	unsigned told = 0;

	gyl_json_arr(j, "ranges");
	for (uint32_t i = 0; i < s->range_cnt && told < 32; i++) {
		const struct gyl_dhcpd_range *g = &d->layout->range[s->range_first + i];

		if (g->subnet != no || !g->pool)
			continue;
		gyl_writer_init(&w, text, sizeof text);
		gyl_text_ipv4(&w, g->first);
		gyl_text_char(&w, '-');
		gyl_text_ipv4(&w, g->last);
		gyl_json_str(j, NULL, gyl_writer_view(&w));
		told++;
	}
	gyl_json_end(j);
}

/* What sets it apart: a shared network, a class's own pool, a drain. */
static void put_group(struct gyl_json *j, const struct gyl_dhcpd *d, uint32_t no)
{
	const struct gyl_dhcpd_layout *y = d->layout;
	const struct gyl_dhcpd_subnet *s = &y->subnet[no];

	if (s->shared.cnt != 0)
		gyl_json_str(j, "shared", gyl_flat_view(y->flat, s->shared));
	if (s->class_no != 0)
		gyl_json_str(
			j, "class", gyl_flat_view(y->flat, y->class[s->class_no - 1].cf->name));
	if (s->drain)
		gyl_json_bool(j, "drain", true);
}

/* A subnet, or a class's pool in one, a line; `at` is the next one. */
void gyl__dhcpd_steer_pools(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	struct gyl_dhcpd_pool_stat st;
	struct gyl_json j;

	while (gyl__dhcpd_steer_room(a) &&
		gyl_dhcpd_pool_stat(d, a->now.mono_ns, (uint32_t)a->q->at, &st)) {
		uint32_t no = (uint32_t)a->q->at++;

		gyl_json_init(&j, a->q->answer);
		gyl_json_obj(&j, NULL);
		put_subnet(&j, "subnet", &d->layout->subnet[no]);
		put_stat(&j, &st);
		put_group(&j, d, no);
		put_ranges(&j, d, no);
		gyl_json_end(&j);
		gyl_text_char(a->q->answer, '\n');
	}
	a->q->more = gyl_dhcpd_pool_stat(d, a->now.mono_ns, (uint32_t)a->q->at, &st);
}
