/* SPDX-License-Identifier: ISC */

/* "dhcp.drain": all clients are to leave a subnet, or may stay again. */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/steer.h"

/* As the file says it; found in the configuration, since the layout has what was set on top. */
static bool file_drains(const struct gyl_dhcpd *d, const struct gyl_dhcpd_subnet *s)
{
	const struct gyl_dhcpd_conf *cf = d->layout->cf;
	const struct gyl_dhcpd_subnet_conf *c = gyl_flat_at(d->layout->flat, cf->subnets);

	for (uint32_t i = 0; i < cf->subnets.cnt; i++)
		if (c[i].subnet.ip == s->ip && gyl_conf_mask(c[i].subnet.len) == s->mask)
			return c[i].drain;
	return false;
}

static void set(struct gyl_dhcpd *d, const struct gyl_dhcpd_live_drain *v)
{
	for (uint32_t i = 0; i < d->layout->cnt.subnet_cnt; i++) {
		struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		if (s->ip == v->ip && s->mask == v->mask)
			s->drain = v->on;
	}
	gyl__dhcpd_way_note_all(d);
}

/* What the file says needs no record. False, refused: there is no room. */
static bool keep(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a, const struct gyl_dhcpd_subnet *s,
	struct gyl_dhcpd_live_drain *v)
{
	struct gyl_dhcpd_live_drain *old = gyl__dhcpd_live_drain_any(&d->live, s->ip, s->mask);

	if (v->on == file_drains(d, s)) {
		if (old == NULL || old->gone)
			return true;
		v->gone = d->standby != NULL; /* it is remembered until the other knows */
		if (v->gone)
			*old = *v;
		a->q->after = gyl__dhcpd_live_store_drain(d, a->o, v, !v->gone);
		if (!v->gone)
			gyl__dhcpd_live_drain_remove(&d->live, old);
		return true;
	}
	if (old == NULL && d->live.drain_cnt == GYL_DHCPD_LIVE_DRAIN_MAX) {
		gyl_question_refuse(a->q, "% is one subnet too many: write some into the file",
			gyl_question_arg(a->q, "subnet"));
		return false;
	}
	a->q->after = gyl__dhcpd_live_store_drain(d, a->o, v, false);
	if (a->q->after == 0) {
		gyl_question_refuse(
			a->q, "the store is full: nothing was changed", gyl_view(NULL, 0));
		return false;
	}
	gyl__dhcpd_live_drain_put(&d->live, v);
	return true;
}

static bool read_set(const struct gyl_dhcpd *d, struct gyl_question *q,
	const struct gyl_dhcpd_subnet *s, bool *ret)
{
	struct gyl_view text = gyl_question_arg(q, "set");

	if (text.len == 0 || gyl_view_eq(text, gyl_view_str("on"))) {
		*ret = true;
	} else if (gyl_view_eq(text, gyl_view_str("off"))) {
		*ret = false;
	} else if (gyl_view_eq(text, gyl_view_str("file"))) {
		*ret = file_drains(d, s);
	} else {
		gyl_question_refuse(q, "\"%\" is none of on, off and file", text);
		return false;
	}
	return true;
}

/* Has nobody of its link another subnet to go to? */
static bool is_alone(const struct gyl_dhcpd *d, const struct gyl_dhcpd_subnet *s)
{
	const struct gyl_dhcpd_layout *y = d->layout;

	for (uint32_t i = 0; i < y->cnt.subnet_cnt; i++)
		if (y->subnet[i].link == s->link && !y->subnet[i].drain)
			return false;
	return true;
}

static void say(const struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a,
	const struct gyl_dhcpd_subnet *s, bool on)
{
	uint8_t text[300], subnet[24];
	struct gyl_writer w;
	uint32_t leased = s->fill.leased;

	gyl_writer_init(&w, text, sizeof text);
	gyl_text_str(&w, on ? "drains " : "stopped draining ");
	gyl_put_view(&w, gyl__dhcpd_subnet_text(subnet, s));
	gyl__dhcpd_steer_say(a, gyl_writer_view(&w));
	gyl_writer_init(&w, text, sizeof text);
	gyl_put_view(&w, gyl__dhcpd_subnet_text(subnet, s));
	if (on) {
		gyl_text_str(&w, " is drained: ");
		gyl_text_u64(&w, leased);
		gyl_text_str(&w, leased == 1 ? " client has" : " clients have");
		gyl_text_str(&w, " to leave it when they renew, and nobody new comes in.");
		if (is_alone(d, s))
			gyl_text_str(&w,
				" No other subnet is on its link: who is there may stay until one is configured.");
	} else {
		gyl_text_str(&w, " is not drained: clients come and stay.");
	}
	gyl__dhcpd_steer_done(a, "drain", gyl_writer_view(&w));
}

void gyl__dhcpd_steer_drain(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	struct gyl_dhcpd_subnet *s =
		gyl__dhcpd_steer_subnet(d, a->q, gyl_question_arg(a->q, "subnet"));
	struct gyl_dhcpd_live_drain v = {.since_s = (uint32_t)(a->now.wall_ns / GYL_NS_PER_S)};
	bool on;

	if (s == NULL || !read_set(d, a->q, s, &on))
		return;
	v.ip = s->ip;
	v.mask = s->mask;
	v.on = on;
	if (!keep(d, a, s, &v))
		return;
	set(d, &v);
	say(d, a, s, v.on);
}
