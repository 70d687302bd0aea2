/* SPDX-License-Identifier: ISC */

/* What is learned from messages about their senders (sender.h), and what is said of it. */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/syslogd/core_own.h"

struct gyl__syslogd_zone gyl__syslogd_zone(
	const struct gyl_syslogd *d, const struct gyl_in *in, const struct gyl_syslogd_sender *s)
{
	struct gyl__syslogd_zone z = {d->zone_s, false};

	if (d->zone_cnt != 0 && !gyl__syslogd_is_local(in))
		z.set = gyl_syslogd_zone_find(d->zone, d->zone_cnt, in->peer.ip, &z.zone_s);
	if (!z.set && s->has_zone && d->cf.learn)
		z.zone_s = s->zone_s;
	return z;
}

static void say_zone(const struct gyl_syslogd_sender *s, struct gyl_out *o)
{
	uint32_t minutes = (uint32_t)(s->zone_s < 0 ? -s->zone_s : s->zone_s) / 60;
	struct gyl_event e;
	struct gyl_writer w;
	char text[8];

	gyl_writer_init(&w, text, sizeof text);
	gyl_text_char(&w, s->zone_s < 0 ? '-' : '+');
	gyl_text_u64_pad(&w, minutes / 60, 2);
	gyl_text_char(&w, ':');
	gyl_text_u64_pad(&w, minutes % 60, 2);
	gyl_event_init(&e, GYL_EV_SYSLOGD_ZONE);
	gyl_event_ip(&e, "ip", s->ip);
	gyl_event_str(&e, "zone", gyl_writer_view(&w));
	gyl_out_event(o, &e, 0);
}

static void say_skew(const struct gyl_syslogd_sender *s, struct gyl_out *o)
{
	bool behind = s->skew_s < 0;
	int64_t off_s = behind ? -(int64_t)s->skew_s : s->skew_s;
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_SYSLOGD_CLOCK);
	gyl_event_ip(&e, "ip", s->ip);
	gyl_event_u64(&e, "off", (uint64_t)off_s * GYL_NS_PER_S);
	gyl_event_str(&e, "way", gyl_view_str(behind ? "behind" : "ahead"));
	gyl_out_event(o, &e, 0);
}

void gyl__syslogd_learn(struct gyl_syslogd *d, struct gyl_now now, struct gyl_syslogd_sender *s,
	const struct gyl_syslog *m, const struct gyl__syslogd_zone *z, struct gyl_out *o)
{
	unsigned news =
		gyl_syslogd_sender_note(s, m, now.wall_ns, z->zone_s, d->cf.learn && !z->set);
	struct gyl_event e;

	if (news == GYL_SYSLOGD_NEW_ZONE)
		say_zone(s, o);
	if (news == GYL_SYSLOGD_NEW_SKEW)
		say_skew(s, o);
	if (news == GYL_SYSLOGD_NEW_RIGHT) {
		gyl_event_init(&e, GYL_EV_SYSLOGD_RIGHT);
		gyl_event_ip(&e, "ip", s->ip);
		gyl_out_event(o, &e, 0);
	}
	gyl_syslogd_sender_count(&d->senders, s, m, now.mono_ns, now.wall_ns);
}

void gyl__syslogd_gaps(struct gyl_syslogd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 1};
	struct gyl_syslogd_sender *s;
	struct gyl_event e;

	while (now.mono_ns >= d->senders.gap_at_ns && gyl_out_room(o, &cost)) {
		s = gyl_syslogd_sender_gap(&d->senders);
		if (s == NULL)
			return;
		gyl_event_init(&e, GYL_EV_SYSLOGD_GAP);
		gyl_event_u64(&e, "count", s->gap_cnt);
		gyl_event_ip(&e, "ip", s->ip);
		gyl_event_u64(&e, "since", s->gap_ns);
		gyl_out_event(o, &e, 0);
		d->stat.gap_cnt += s->gap_cnt;
		s->gap_cnt = 0;
	}
}
