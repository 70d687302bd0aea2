/* SPDX-License-Identifier: ISC */

/* A frame, from its octets to what it means. */

#include "services/arpd/state.h"

/* A station does something too often. */
struct limit {
	const char *what;
	uint32_t had, most;
};

bool gyl__arpd_is_own(const struct gyl_arpd *d, const uint8_t mac[6])
{
	for (uint32_t i = 0; i < d->own_cnt; i++)
		if (d->own[i].is && gyl_eth_mac_eq(d->own[i].mac, mac))
			return true;
	return false;
}

/* A sender that no host can have: RFC 1122 3.2.1.3, and group or zero hardware addresses. */
static bool is_impossible(const struct gyl_arp *a)
{
	if (gyl_eth_is_group(a->sha) || gyl_eth_is_zero(a->sha))
		return true;
	/* RFC 5227 1.1: a probe has no sender address. */
	if (a->spa == 0)
		return a->op != GYL_ARP_REQUEST;
	return a->spa >> 28 >= 0xe || a->spa >> 24 == 127 || a->spa >> 24 == 0;
}

static bool decode(struct gyl_arpd *d, const struct gyl_in *in, struct gyl_arpd_frame *f)
{
	d->count[GYL_ARPD_FRAME]++;
	if (gyl_failed(gyl_eth_decode(in->data, &f->eth)) || f->eth.type != GYL_ETH_ARP ||
		gyl_failed(gyl_arp_decode(f->eth.payload, &f->a))) {
		d->count[GYL_ARPD_BAD]++;
		return false;
	}
	if (gyl__arpd_is_own(d, f->eth.src)) {
		d->count[GYL_ARPD_OWN]++;
		return false;
	}
	f->kind = gyl_arp_kind(&f->a);
	/* Hosts take the tag off into the peer, or leave it in the frame. */
	f->vlan = in->peer.vlan != 0 ? in->peer.vlan : gyl_eth_vid(&f->eth);
	f->iface = in->peer.iface;
	return true;
}

static void say_pair(struct gyl_arpd *d, const struct gyl_arpd_frame *f, enum gyl_event_kind kind,
	const uint8_t mac[6], const char *other_name, const uint8_t other[6])
{
	struct gyl_event e;

	if (!gyl__arpd_may_say(d, f->now.mono_ns, kind))
		return;
	gyl__arpd_event(&e, kind, f->vlan, f->a.spa, mac);
	if (other_name != NULL)
		gyl_event_mac(&e, other_name, other);
	gyl_out_event(f->o, &e, 0);
}

/* Is this its most-th in the window? Then it is told, once. */
static void say_flood(struct gyl_arpd *d, const struct gyl_arpd_frame *f, const struct limit *l)
{
	struct gyl_event e;

	if (l->most == 0 || l->had != l->most ||
		!gyl__arpd_may_say(d, f->now.mono_ns, GYL_EV_ARPD_FLOOD))
		return;
	gyl__arpd_event(&e, GYL_EV_ARPD_FLOOD, f->vlan, f->a.spa, f->eth.src);
	gyl_event_str(&e, "what", gyl_view_str(l->what));
	gyl_event_u64(&e, "count", l->had);
	gyl_event_u64(&e, "period", GYL_ARPD_WINDOW_NS);
	gyl_out_event(f->o, &e, 0);
}

static struct gyl_arpd_station *count_station(struct gyl_arpd *d, const struct gyl_arpd_frame *f)
{
	struct gyl_arpd_station *s =
		gyl_arpd_window_station(&d->windows, f->now.mono_ns, f->vlan, f->eth.src);
	struct limit frames = {"frames", ++s->frame_cnt, d->cf.flood_cnt},
		     announcements = {"announcements", 0, d->cf.announce_cnt};

	say_flood(d, f, &frames);
	if (f->kind == GYL_ARP_KIND_ANNOUNCEMENT || f->kind == GYL_ARP_KIND_GRATUITOUS_REPLY) {
		d->count[GYL_ARPD_ANNOUNCE]++;
		announcements.had = ++s->announce_cnt;
		say_flood(d, f, &announcements);
	}
	return s;
}

/* RFC 5227 2.1.1: it is about to use tpa, and says nothing of itself. */
static void note_probe(
	struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_station *s)
{
	struct gyl_event e;

	d->count[GYL_ARPD_PROBE]++;
	(void)gyl_arpd_window_ask(&d->windows, f->now.mono_ns, f->vlan, f->a.tpa);
	/* One word for the three probes of a claim. */
	if (s->probe_cnt++ != 0 || !gyl__arpd_may_say(d, f->now.mono_ns, GYL_EV_ARPD_PROBE))
		return;
	gyl__arpd_event(&e, GYL_EV_ARPD_PROBE, f->vlan, f->a.tpa, f->a.sha);
	gyl_out_event(f->o, &e, 0);
}

/* How many questions for addresses that nobody has. */
static void note_request(
	struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_station *s)
{
	uint32_t before = s->sweep_cnt;

	d->count[GYL_ARPD_REQUEST]++;
	gyl__arpd_asked(d, f, s);
	if (s->sweep_cnt != before) {
		struct limit sweep = {
			"questions for unknown addresses", s->sweep_cnt, d->cf.sweep_cnt};

		say_flood(d, f, &sweep);
	}
}

/* What we ask ourselves does not come by here, so answers to us are not judged; nor is what was
 * asked before the start. */
static void note_reply(struct gyl_arpd *d, const struct gyl_arpd_frame *f)
{
	bool asked = gyl_arpd_window_answer(&d->windows, f->now.mono_ns, f->vlan, f->a.spa);

	d->count[GYL_ARPD_REPLY]++;
	if (asked || gyl__arpd_is_own(d, f->eth.dst) || gyl__arpd_is_own(d, f->a.tha) ||
		f->now.mono_ns - d->start_ns < GYL_ARPD_ANSWER_MS * GYL_NS_PER_MS)
		return;
	d->count[GYL_ARPD_UNASKED]++;
	say_pair(d, f, GYL_EV_ARPD_UNASKED, f->a.sha, "to", f->a.tha);
}

static void learn(struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_station *s)
{
	struct gyl_arpd_host *h = gyl__arpd_host_seen(d, f);

	if (h->judged != d->book.turn)
		gyl__arpd_lease_judge(d, f, h);
	if (h->scan != d->scan.no)
		gyl__arpd_scan_seen(d, h);
	if (f->kind == GYL_ARP_KIND_REQUEST)
		note_request(d, f, s);
	else if (f->kind == GYL_ARP_KIND_REPLY)
		note_reply(d, f);
}

void gyl__arpd_frame(
	struct gyl_arpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_arpd_frame f;
	struct gyl_arpd_station *s;

	f.now = now;
	f.o = o;
	if (!decode(d, in, &f))
		return;
	if (is_impossible(&f.a)) {
		d->count[GYL_ARPD_BOGUS]++;
		say_pair(d, &f, GYL_EV_ARPD_BOGUS, f.eth.src, "claimed", f.a.sha);
		return;
	}
	s = count_station(d, &f);
	if (f.kind == GYL_ARP_KIND_PROBE) {
		note_probe(d, &f, s);
		return;
	}
	if (d->guard_cnt != 0 && gyl__arpd_guard(d, &f))
		return; /* told; a lie teaches nothing */
	/* Somebody speaks in another's name: told, and not believed. */
	if (!gyl_eth_mac_eq(f.eth.src, f.a.sha)) {
		d->count[GYL_ARPD_MISMATCH]++;
		say_pair(d, &f, GYL_EV_ARPD_MISMATCH, f.eth.src, "claimed", f.a.sha);
		return;
	}
	learn(d, &f, s);
}
