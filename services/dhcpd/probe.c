/* SPDX-License-Identifier: ISC */

/* Sending: which addresses are asked for, and when. What comes back is in squat.c. */

#include "services/dhcpd/probe.h"

#include <gyl/arp.h>
#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

/* From one probe to the next, and from the last one to the end: a station on a slow radio that
 * saves power is heard by then. */
static const uint64_t pause_ns = 500 * GYL_NS_PER_MS;
/* After so long one probe without an answer is better than none. */
static const uint64_t half_ns = 100 * GYL_NS_PER_MS;
/* A checked address that waited longer is checked again, when there are offers. */
static const uint64_t stale_ns = 5 * GYL_NS_PER_MIN;
static const uint64_t frame_ns = GYL_NS_PER_S / GYL_DHCPD_PROBE_RATE;

static const struct gyl_cost frame_cost = {.send_cnt = 1};

/* ---- which subnets ---- */

static uint8_t iface_of(const struct gyl_dhcpd *d, uint32_t subnet)
{
	for (uint32_t i = 0; i < d->iface_cnt; i++) {
		const struct gyl_dhcpd_iface *f = &d->iface[i];
		uint32_t number = f->of == 0 ? i : f->of - 1;

		if (f->ip != 0 && number < GYL_DHCPD_IFACE_MAX && d->probe.mac[number].is &&
			gyl__dhcpd_same_link(d, d->layout->iface_subnet[i], subnet))
			return (uint8_t)(number + 1);
	}
	return 0;
}

void gyl__dhcpd_probe_begin(struct gyl_dhcpd *d)
{
	d->probe.flight_cnt = d->probe.wants = 0;
	for (uint32_t i = d->layout->cnt.subnet_cnt; i-- != 0;) {
		d->layout->subnet[i].probe_iface = iface_of(d, i);
		d->layout->subnet[i].wants = false;
		gyl__dhcpd_probe_want(d, i);
	}
}

void gyl__dhcpd_probe_want(struct gyl_dhcpd *d, uint32_t subnet)
{
	struct gyl_dhcpd_subnet *s = &d->layout->subnet[subnet];

	if (s->wants || s->probe_iface == 0)
		return;
	s->wants = true;
	s->wants_next = d->probe.wants;
	d->probe.wants = subnet + 1;
}

bool gyl__dhcpd_probe_is_on(const struct gyl_dhcpd *d, const struct gyl_dhcpd_subnet *s)
{
	return d->probe.open && d->layout->cf->probe && s->probe_iface != 0 && s->size != 0;
}

void gyl_dhcpd_probe_mac(struct gyl_dhcpd *d, uint32_t iface, const uint8_t mac[6])
{
	if (iface >= GYL_DHCPD_IFACE_MAX)
		return;
	d->probe.mac[iface].is = true;
	memcpy(d->probe.mac[iface].octet, mac, 6);
}

void gyl_dhcpd_probe_open(struct gyl_dhcpd *d, uint8_t port)
{
	d->probe.open = true;
	d->probe.port = port;
	gyl__dhcpd_probe_begin(d);
}

/* ---- a frame ---- */

/* The next frame may go at this time. */
static uint64_t may_send_ns(const struct gyl_dhcpd *d)
{
	return gyl_time_sub(d->probe.paid_ns + frame_ns, GYL_DHCPD_PROBE_BURST * frame_ns);
}

static void send_now(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t ip,
	const struct gyl_dhcpd_subnet *s)
{
	struct gyl_peer to = {.iface = (uint8_t)(s->probe_iface - 1), .has_mac = 1};
	struct gyl_eth eth = {.type = GYL_ETH_ARP};
	struct gyl_arp arp;
	struct gyl_writer w;
	size_t cap;
	uint8_t *p;

	memcpy(eth.src, d->probe.mac[to.iface].octet, 6);
	memset(eth.dst, 0xff, 6);
	memset(to.mac, 0xff, 6);
	arp = gyl_arp_probe(eth.src, ip);
	p = gyl_out_send(o, d->probe.port, &to, 0, 0, &cap);
	gyl_writer_init(&w, p, cap);
	gyl_arp_encode_frame(&w, &eth, &arp);
	gyl_out_sent(o, w.len);
	d->count[GYL_DHCPD_OUT_PROBE]++;
	d->probe.paid_ns =
		(d->probe.paid_ns > now.mono_ns ? d->probe.paid_ns : now.mono_ns) + frame_ns;
}

/* False: not now. */
static bool send(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t ip,
	const struct gyl_dhcpd_subnet *s)
{
	if (may_send_ns(d) > now.mono_ns || !gyl_out_room(o, &frame_cost))
		return false;
	send_now(d, now, o, ip, s);
	return true;
}

/* ---- flights ---- */

static void take_off(struct gyl_dhcpd *d, uint32_t slot, uint64_t now_ns)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (l->probing || d->probe.flight_cnt == GYL_DHCPD_FLIGHT_MAX)
		return;
	l->probing = true;
	d->probe.flight[d->probe.flight_cnt++] =
		(struct gyl_dhcpd_flight){.slot = slot, .next_ns = now_ns};
}

/* Nobody answered: a free address is ready for whoever comes. */
static void land(struct gyl_dhcpd *d, uint32_t slot, uint64_t now_ns)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_list *q;

	l->probing = false;
	if (l->state != GYL_DHCPD_FREE || l->host != 0 || l->dropped || !l->pooled ||
		!gyl__dhcpd_is_open(d, slot))
		return;
	q = gyl__dhcpd_list_of(d, l);
	if (l->listed)
		gyl__dhcpd_list_remove(q, d->lease, slot);
	/* Those that clients asked for come on top of what is to be ready; not without end, for
	 * they are all looked at again in time. */
	l->checked = d->layout->subnet[l->subnet].ready.cnt < 2 * GYL_DHCPD_READY_MAX;
	l->since_ns = now_ns;
	gyl__dhcpd_list_push(gyl__dhcpd_list_of(d, l), d->lease, slot);
}

/* False: the rate allows no more now. */
static bool go_on(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, struct gyl_dhcpd_flight *f)
{
	const struct gyl_dhcpd_lease *l = &d->lease[f->slot];

	if (!send(d, now, o, l->ip, &d->layout->subnet[l->subnet]))
		return false;
	f->sent++;
	f->next_ns = now.mono_ns + pause_ns;
	return true;
}

static bool is_ours_to_ask(const struct gyl_dhcpd_lease *l)
{
	return l->state == GYL_DHCPD_FREE || l->state == GYL_DHCPD_OFFERED;
}

/* What is under way stays in order: those that began earlier come first. */
static void fly(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_probe *p = &d->probe;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < p->flight_cnt; i++) {
		struct gyl_dhcpd_flight f = p->flight[i];
		bool due = f.next_ns <= now.mono_ns;

		if (!d->lease[f.slot].probing) /* somebody answered */
			continue;
		/* RFC 5227 2.1.1: who has just got it probes it, too, and would take ours for
		 * another who wants it. */
		if (!is_ours_to_ask(&d->lease[f.slot])) {
			d->lease[f.slot].probing = false;
			continue;
		}
		if (due && f.sent == GYL_DHCPD_PROBE_CNT) {
			land(d, f.slot, now.mono_ns);
			continue;
		}
		if (due)
			go_on(d, now, o, &f);
		p->flight[kept++] = f;
	}
	p->flight_cnt = kept;
}

static bool is_quiet(const struct gyl_dhcpd *d, const struct gyl_dhcpd_flight *f)
{
	return f->sent > 1 || (f->sent == 1 && d->mono_ns + pause_ns >= f->next_ns + half_ns);
}

/* Its place, flight_cnt: it has none. */
static uint32_t flight_of(const struct gyl_dhcpd *d, uint32_t slot)
{
	uint32_t i = 0;

	if (!d->lease[slot].probing)
		return d->probe.flight_cnt;
	while (i < d->probe.flight_cnt && d->probe.flight[i].slot != slot)
		i++;
	return i;
}

bool gyl__dhcpd_probe_is_quiet(const struct gyl_dhcpd *d, uint32_t slot)
{
	uint32_t i = flight_of(d, slot);

	return i < d->probe.flight_cnt && is_quiet(d, &d->probe.flight[i]);
}

bool gyl__dhcpd_probe_now(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_flight *f;
	uint32_t i;

	take_off(d, slot, now.mono_ns);
	i = flight_of(d, slot);
	if (i == d->probe.flight_cnt)
		return false;
	f = &d->probe.flight[i];
	if (f->sent == 0) {
		send_now(d, now, o, l->ip, &d->layout->subnet[l->subnet]);
		f->sent = 1;
		f->next_ns = now.mono_ns + pause_ns;
	}
	return true;
}

uint32_t gyl__dhcpd_probe_under_way(const struct gyl_dhcpd *d, uint32_t flight, bool quiet)
{
	const struct gyl_dhcpd_flight *f = &d->probe.flight[flight];
	const struct gyl_dhcpd_lease *l = &d->lease[f->slot];

	return l->probing && l->state == GYL_DHCPD_FREE && l->host == 0 && !l->dropped &&
			       l->pooled && gyl__dhcpd_is_open(d, f->slot) &&
			       (!quiet || is_quiet(d, f))
		       ? f->slot
		       : 0;
}

/* ---- what to check next ---- */

static uint32_t under_way(const struct gyl_dhcpd *d, uint32_t subnet)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->probe.flight_cnt; i++) {
		const struct gyl_dhcpd_lease *l = &d->lease[d->probe.flight[i].slot];

		n += l->probing && l->subnet == subnet;
	}
	return n;
}

/* The first address that has never been used, or else the one that was free longest and is not
 * under way; of those at most all flights stand at the head of the list. */
static uint32_t candidate(struct gyl_dhcpd *d, struct gyl_dhcpd_subnet *s)
{
	uint32_t ip = gyl__dhcpd_never_used(d, s), i = s->free.head;

	if (ip != 0)
		return gyl__dhcpd_slot_make(d, ip);
	while (i != 0 && d->lease[i].probing)
		i = d->lease[i].list_next;
	return i;
}

/* Those that waited long are checked again where they stand. */
static void recheck(struct gyl_dhcpd *d, struct gyl_dhcpd_subnet *s, uint64_t now_ns)
{
	for (uint32_t i = s->ready.head; i != 0; i = d->lease[i].list_next) {
		if (now_ns - d->lease[i].since_ns < stale_ns)
			continue;
		if (d->probe.flight_cnt >= GYL_DHCPD_AHEAD_MAX)
			return;
		take_off(d, i, now_ns);
	}
	s->offered_since = false;
}

static void refill_subnet(struct gyl_dhcpd *d, uint32_t subnet, uint64_t now_ns)
{
	struct gyl_dhcpd_subnet *s = &d->layout->subnet[subnet];
	uint32_t want = s->size < GYL_DHCPD_READY_MAX ? s->size : GYL_DHCPD_READY_MAX, slot;

	if (!gyl__dhcpd_probe_is_on(d, s) || s->drain)
		return;
	for (uint32_t n = s->ready.cnt + under_way(d, subnet);
		n < want && d->probe.flight_cnt < GYL_DHCPD_AHEAD_MAX; n++) {
		slot = candidate(d, s);
		if (slot == 0)
			break;
		take_off(d, slot, now_ns);
	}
	if (s->offered_since)
		recheck(d, s, now_ns);
}

/* The rest is for addresses that clients name: a start or a storm shall not keep those waiting. */
static bool may_refill(const struct gyl_dhcpd *d)
{
	return d->probe.wants != 0 && d->probe.flight_cnt < GYL_DHCPD_AHEAD_MAX;
}

/* Those that want it, as far as there is room: however many subnets there are. */
static void refill(struct gyl_dhcpd *d, uint64_t now_ns)
{
	while (may_refill(d)) {
		uint32_t i = d->probe.wants - 1;
		struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		d->probe.wants = s->wants_next;
		s->wants = false;
		refill_subnet(d, i, now_ns);
		if (d->probe.flight_cnt >= GYL_DHCPD_AHEAD_MAX)
			gyl__dhcpd_probe_want(d, i);
	}
}

/* ---- after the start: every address once ---- */

static bool is_swept(const struct gyl_dhcpd *d)
{
	return d->probe.sweep_subnet >= d->layout->cnt.subnet_cnt;
}

static void next_subnet(struct gyl_dhcpd_probe *p)
{
	p->sweep_subnet++;
	p->sweep_range = p->sweep_off = p->sweep_cnt = 0;
}

/* Whom an answer would tell us nothing new of need not be asked. */
static bool is_worth_asking(const struct gyl_dhcpd *d, uint32_t ip)
{
	uint32_t slot = gyl__dhcpd_slot(d, ip);
	const struct gyl_dhcpd_lease *l = &d->lease[slot];

	return slot == 0 || (l->state == GYL_DHCPD_FREE && !l->probing && !l->checked);
}

/* One address; false: the rate allows no more now. */
static bool sweep_one(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_probe *p = &d->probe;
	const struct gyl_dhcpd_subnet *s = &d->layout->subnet[p->sweep_subnet];
	const struct gyl_dhcpd_range *g = &d->layout->range[s->range_first + p->sweep_range];

	if (p->sweep_range >= s->range_cnt || p->sweep_cnt >= GYL_DHCPD_SWEEP_MAX ||
		!gyl__dhcpd_probe_is_on(d, s)) {
		next_subnet(p);
		return true;
	}
	if (p->sweep_off > g->last - g->first) {
		p->sweep_range++;
		p->sweep_off = 0;
		return true;
	}
	if (g->subnet == p->sweep_subnet && is_worth_asking(d, g->first + p->sweep_off) &&
		!send(d, now, o, g->first + p->sweep_off, s))
		return false;
	p->sweep_off++;
	p->sweep_cnt++;
	return true;
}

static void sweep(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	for (unsigned n = 0; n < 4 * GYL_DHCPD_PROBE_BURST && !is_swept(d); n++)
		if (!sweep_one(d, now, o))
			return;
}

/* ---- time ---- */

static bool is_off(const struct gyl_dhcpd *d)
{
	return !d->probe.open || !d->layout->cf->probe || !gyl__dhcpd_serves(d);
}

void gyl__dhcpd_probe_tick(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	if (is_off(d))
		return;
	refill(d, now.mono_ns);
	fly(d, now, o);
	if (!is_swept(d))
		sweep(d, now, o);
}

uint64_t gyl__dhcpd_probe_deadline_ns(const struct gyl_dhcpd *d)
{
	uint64_t at = UINT64_MAX, next;

	if (is_off(d))
		return UINT64_MAX;
	if (may_refill(d))
		return 0;
	if (!is_swept(d))
		at = may_send_ns(d);
	for (uint32_t i = 0; i < d->probe.flight_cnt; i++) {
		next = d->probe.flight[i].next_ns;
		if (d->probe.flight[i].sent < GYL_DHCPD_PROBE_CNT && next < may_send_ns(d))
			next = may_send_ns(d);
		if (next < at)
			at = next;
	}
	return at;
}
