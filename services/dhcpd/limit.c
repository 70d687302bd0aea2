/* SPDX-License-Identifier: ISC */

/* Who tried to have more than its budget: counted always, told seldom. */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/state.h"

enum {
	TELL_MAX = 4 /* events a second */
};

/* The same device and limit is told of again after so long, with the number of times between. */
static const uint64_t again_ns = GYL_NS_PER_MIN;

static const struct {
	const char *text;
	enum gyl_dhcpd_count count;
} limits[] = {
	[GYL_DHCPD_LIMIT_LEASES] = {"the device holds as many leases as it may",
		GYL_DHCPD_LIMITED_LEASES},
	[GYL_DHCPD_LIMIT_OFFERS] =
		{"the device has as many offers as it may, the oldest one is given up",
			GYL_DHCPD_LIMITED_OFFERS},
	[GYL_DHCPD_LIMIT_DECLINES] =
		{"the device declined as many addresses as it may, this one is not kept aside",
			GYL_DHCPD_LIMITED_DECLINES},
	[GYL_DHCPD_LIMIT_CIRCUIT] = {"the circuit or bridge holds its share of the pool",
		GYL_DHCPD_LIMITED_SHARE},
	[GYL_DHCPD_LIMIT_RELAY] = {"the relay holds its share of the pool",
		GYL_DHCPD_LIMITED_SHARE},
};

const char *gyl__dhcpd_limit_text(enum gyl_dhcpd_limit limit)
{
	return limits[limit].text;
}

/* Groups are told of as such: behind them each message may have another link identity. */
static uint32_t who(const struct gyl_dhcpd_req *r, enum gyl_dhcpd_limit limit)
{
	if (limit == GYL_DHCPD_LIMIT_CIRCUIT)
		return r->circuit;
	return limit == GYL_DHCPD_LIMIT_RELAY ? r->msg.hdr.giaddr : r->link;
}

/* Its entry, or else the one that is unused longest. */
static struct gyl_dhcpd_told *entry(struct gyl_dhcpd_budget *b, uint32_t id, uint8_t what)
{
	struct gyl_dhcpd_told *oldest = &b->told[0];

	for (unsigned i = 0; i < GYL_DHCPD_LIMIT_TOLD_MAX; i++) {
		struct gyl_dhcpd_told *t = &b->told[i];

		if (t->at_ns != 0 && t->link == id && t->what == what)
			return t;
		if (t->at_ns < oldest->at_ns)
			oldest = t;
	}
	*oldest = (struct gyl_dhcpd_told){.link = id, .what = what};
	return oldest;
}

static bool is_quiet(struct gyl_dhcpd_budget *b, uint64_t now_ns)
{
	if (now_ns - b->told_from_ns >= GYL_NS_PER_S) {
		b->told_from_ns = now_ns;
		b->told_cnt = 0;
	}
	return b->told_cnt < TELL_MAX;
}

static void put_circuit(struct gyl_event *e, const struct gyl_dhcpd_req *r)
{
	struct gyl_view id = gyl_view_sub(r->relay.circuit_id, 0, 32);
	uint8_t text[64];
	struct gyl_writer w;

	if (id.len == 0)
		return;
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_hex(&w, id);
	gyl_event_str(e, "circuit", gyl_writer_view(&w));
}

void gyl__dhcpd_say_limit(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, enum gyl_dhcpd_limit limit)
{
	struct gyl_dhcpd_told *t = entry(&d->budget, who(r, limit), (uint8_t)limit);
	struct gyl_event e;

	d->count[limits[limit].count]++;
	t->more++;
	if ((t->at_ns != 0 && r->now.mono_ns - t->at_ns < again_ns) ||
		!is_quiet(&d->budget, r->now.mono_ns))
		return;
	d->budget.told_cnt++;
	t->at_ns = r->now.mono_ns;
	gyl_event_init(&e, GYL_EV_DHCPD_LIMIT);
	if (r->msg.hdr.giaddr == 0 && r->in->peer.has_mac)
		gyl_event_mac(&e, "mac", r->in->peer.mac);
	else if (r->key.has_mac)
		gyl_event_mac(&e, "mac", r->key.mac);
	if (r->msg.hdr.giaddr != 0)
		gyl_event_ip(&e, "giaddr", r->msg.hdr.giaddr);
	put_circuit(&e, r);
	gyl_event_str(&e, "reason", gyl_view_str(limits[limit].text));
	gyl_event_u64(&e, "count", t->more);
	t->more = 0;
	gyl_out_event(r->o, &e, 0);
}
