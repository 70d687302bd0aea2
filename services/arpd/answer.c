/* SPDX-License-Identifier: ISC */

/*
 * What is asked, and who is answered for: proxy ARP (RFC 1027) for ranges of the configuration, and
 * addresses that nobody has. Who probes (RFC 5227 2.1.1) is never answered: it would give up an
 * address that is free. Nor is a question for a host that was seen a moment ago.
 */

#include "services/arpd/state.h"

/* Answers for others, a second: a sweep through us must not become two. */
enum {
	ANSWER_RATE = 100,
	ANSWER_BURST = 100
};

static const uint64_t alive_ns = GYL_NS_PER_MIN;

static bool may_answer(struct gyl_arpd *d, uint64_t now_ns)
{
	uint64_t paid_ns = d->answer_ns > now_ns ? d->answer_ns : now_ns;
	uint64_t each_ns = GYL_NS_PER_S / ANSWER_RATE;

	if (paid_ns - now_ns > (ANSWER_BURST - 1) * each_ns)
		return false;
	d->answer_ns = paid_ns + each_ns;
	return true;
}

static void answer(struct gyl_arpd *d, const struct gyl_arpd_frame *f)
{
	struct gyl_arp a;

	if (!d->open || !d->own[f->iface].is || !may_answer(d, f->now.mono_ns))
		return;
	a = gyl_arp_reply(&f->a, d->own[f->iface].mac);
	gyl__arpd_send(d, f->o, f->iface, f->vlan, f->a.sha, &a);
	d->count[GYL_ARPD_ANSWERED]++;
}

static void unknown(struct gyl_arpd *d, const struct gyl_arpd_frame *f, unsigned asked_cnt)
{
	struct gyl_event e;

	if (d->cf.unknown == GYL_ARPD_UNKNOWN_SILENT || asked_cnt < d->cf.unknown_after)
		return;
	if (asked_cnt == d->cf.unknown_after &&
		gyl__arpd_may_say(d, f->now.mono_ns, GYL_EV_ARPD_UNANSWERED)) {
		gyl__arpd_event(&e, GYL_EV_ARPD_UNANSWERED, f->vlan, f->a.tpa, f->a.sha);
		gyl_event_u64(&e, "count", asked_cnt);
		gyl_out_event(f->o, &e, 0);
	}
	if (d->cf.unknown == GYL_ARPD_UNKNOWN_ANSWER &&
		gyl_arpd_ranges_have(&d->rules.unknown, f->a.tpa))
		answer(d, f);
}

static bool is_ours(const struct gyl_arpd *d, uint32_t ip)
{
	for (uint32_t i = 0; i < d->own_cnt; i++)
		if (d->own[i].is && d->own[i].ip == ip)
			return true;
	return false;
}

void gyl__arpd_asked(struct gyl_arpd *d, const struct gyl_arpd_frame *f, struct gyl_arpd_station *s)
{
	unsigned cnt = gyl_arpd_window_ask(&d->windows, f->now.mono_ns, f->vlan, f->a.tpa);
	const struct gyl_arpd_host *h = gyl_arpd_table_find(&d->table, f->a.tpa, f->vlan);

	if (h != NULL &&
		(d->rules.proxy.cnt == 0 || gyl_time_sub(f->now.wall_ns, h->last_ns) < alive_ns))
		return;
	if (is_ours(d, f->a.tpa))
		return;
	if (gyl_arpd_ranges_have(&d->rules.proxy, f->a.tpa)) {
		answer(d, f);
		return;
	}
	if (h != NULL)
		return;
	s->sweep_cnt++;
	unknown(d, f, cnt);
}
