/* SPDX-License-Identifier: ISC */

/*
 * A scan: one question for each address of a network, so many a second. Who is there answers, and
 * is seen as any other frame is.
 */

#include "services/arpd/state.h"

#include <gyl/text.h>

enum {
	BATCH = 8 /* questions of one tick */
};

/* After the last question there is time for its answer. */
static const uint64_t wait_ns = 2 * GYL_NS_PER_S;

/* The interface of ours whose network has it; where only the system knows networks, the first. */
static int iface_of(const struct gyl_arpd *d, uint32_t ip)
{
	int first = -1;

	for (uint32_t i = 0; i < d->own_cnt; i++) {
		const struct gyl_arpd_own *o = &d->own[i];
		uint32_t mask = gyl_conf_mask(o->prefix);

		if (!o->is)
			continue;
		if (o->ip != 0 && (o->ip & mask) == (ip & mask))
			return (int)i;
		if (first < 0)
			first = (int)i;
	}
	return first;
}

static bool is_allowed(const struct gyl_arpd *d, const struct gyl_conf_prefix *net)
{
	for (uint32_t i = 0; i < d->rules.scan.cnt; i++) {
		const struct gyl_conf_prefix *n = &d->rules.scan.net[i];

		if (net->len >= n->len && (net->ip & gyl_conf_mask(n->len)) == n->ip)
			return true;
	}
	return false;
}

const char *gyl__arpd_scan_begin(struct gyl_arpd *d, struct gyl_now now,
	const struct gyl_conf_prefix *net, struct gyl_view by)
{
	struct gyl_arpd_scan *s = &d->scan;
	uint32_t mask = gyl_conf_mask(net->len);
	int iface = iface_of(d, net->ip);

	if (!is_allowed(d, net))
		return "not one of the networks that \"scan\" of the configuration allows";
	if (s->on)
		return "a scan is going on";
	if (!d->open || iface < 0)
		return "there is no interface that can ask";
	s->on = true;
	s->no = s->no == UINT16_MAX ? 1 : s->no + 1;
	s->iface = (uint8_t)iface;
	s->first = net->ip & mask;
	s->last = s->first | ~mask;
	if (net->len < 31) { /* RFC 919: the network itself, and its broadcast address */
		s->first++;
		s->last--;
	}
	s->next = s->first;
	s->asked_cnt = s->answer_cnt = 0;
	s->at_ns = now.mono_ns;
	s->by_len = (uint8_t)(by.len < sizeof s->by ? by.len : sizeof s->by);
	memcpy(s->by, by.p, s->by_len);
	return NULL;
}

void gyl__arpd_scan_seen(struct gyl_arpd *d, struct gyl_arpd_host *h)
{
	struct gyl_arpd_scan *s = &d->scan;

	if (!s->on || h->ip < s->first || h->ip >= s->next)
		return;
	h->scan = s->no;
	s->answer_cnt++;
}

static void say_end(struct gyl_arpd *d, struct gyl_out *o)
{
	struct gyl_arpd_scan *s = &d->scan;
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_ARPD_SCANNED);
	gyl_event_ip(&e, "first", s->first);
	gyl_event_ip(&e, "last", s->last);
	gyl_event_str(&e, "by", gyl_view(s->by, s->by_len));
	gyl_event_u64(&e, "asked", s->asked_cnt);
	gyl_event_u64(&e, "answers", s->answer_cnt);
	gyl_out_event(o, &e, 0);
	s->on = false;
}

static void ask_next(struct gyl_arpd *d, struct gyl_out *o)
{
	struct gyl_arpd_scan *s = &d->scan;
	const struct gyl_arpd_own *own = &d->own[s->iface];
	struct gyl_arp a = gyl_arp_request(own->mac, own->ip, (uint32_t)s->next);

	if (a.tpa != own->ip) {
		gyl__arpd_send(d, o, s->iface, 0, gyl__arpd_broadcast, &a);
		s->asked_cnt++;
		d->count[GYL_ARPD_SCANNED]++;
	}
	s->next++;
}

/* The networks of the configuration in turn. */
static void begin_next(struct gyl_arpd *d, struct gyl_now now)
{
	struct gyl_arpd_scan *s = &d->scan;

	if (d->cf.scan_every_ns == 0 || d->rules.scan.cnt == 0 || now.mono_ns < s->every_ns)
		return;
	if (s->turn >= d->rules.scan.cnt)
		s->turn = 0;
	(void)gyl__arpd_scan_begin(
		d, now, &d->rules.scan.net[s->turn++], gyl_view_str("scan_every"));
	if (s->turn == d->rules.scan.cnt)
		s->every_ns = now.mono_ns + d->cf.scan_every_ns;
}

void gyl__arpd_scan_tick(struct gyl_arpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.send_cnt = BATCH, .event_cnt = 1};
	struct gyl_arpd_scan *s = &d->scan;

	if (!s->on)
		begin_next(d, now);
	if (!s->on || now.mono_ns < s->at_ns || !gyl_out_room(o, &cost))
		return;
	if (s->next > s->last) {
		say_end(d, o);
		return;
	}
	for (int i = 0; i < BATCH && s->next <= s->last && s->at_ns <= now.mono_ns; i++) {
		ask_next(d, o);
		s->at_ns += GYL_NS_PER_S / d->cf.scan_rate;
	}
	if (s->at_ns < now.mono_ns) /* what could not be asked in time is not made up for at once */
		s->at_ns = now.mono_ns;
	if (s->next > s->last)
		s->at_ns = now.mono_ns + wait_ns;
}

uint64_t gyl__arpd_scan_at_ns(const struct gyl_arpd *d)
{
	if (d->scan.on)
		return d->scan.at_ns;
	return d->cf.scan_every_ns == 0 || d->rules.scan.cnt == 0 || !d->open ? UINT64_MAX
									      : d->scan.every_ns;
}
