/* SPDX-License-Identifier: ISC */
#include "services/syslogd/segment_own.h"

#include <stdio.h>

static void event_begin(
	struct gyl_event *e, enum gyl_event_kind kind, const struct gyl_syslogd_segment *s)
{
	char path[300];

	snprintf(path, sizeof path, "%s/%s", s->cf.dir, GYL__SEGMENT_NAME);
	gyl_event_init(e, kind);
	gyl_event_str(e, "file", gyl_view_str(path));
}

void gyl__segment_say_full(const struct gyl_syslogd_segment *s, const char *what, int err)
{
	char reason[100];
	struct gyl_event e;

	snprintf(reason, sizeof reason, "%s%s", what, strerror(err));
	event_begin(&e, GYL_EV_SYSLOGD_FULL, s);
	gyl_event_str(&e, "reason", gyl_view_str(reason));
	gyl_event_u64(&e, "count", *s->cf.lost_cnt);
	s->cf.say(s->cf.arg, &e);
}

void gyl__segment_say_resume(const struct gyl_syslogd_segment *s, uint64_t pause_ns)
{
	struct gyl_event e;

	event_begin(&e, GYL_EV_SYSLOGD_RESUME, s);
	gyl_event_u64(&e, "pause", pause_ns);
	gyl_event_u64(&e, "count", *s->cf.lost_cnt - s->lost_cnt);
	s->cf.say(s->cf.arg, &e);
}

void gyl__segment_say_torn(const struct gyl_syslogd_segment *s, uint64_t len)
{
	struct gyl_event e;

	event_begin(&e, GYL_EV_SYSLOGD_TORN, s);
	gyl_event_u64(&e, "octets", len);
	s->cf.say(s->cf.arg, &e);
}

void gyl__segment_say_moved(const struct gyl_syslogd_segment *s)
{
	struct gyl_event e;

	event_begin(&e, GYL_EV_SYSLOGD_MOVED, s);
	s->cf.say(s->cf.arg, &e);
}

void gyl__segment_say_rotate(const struct gyl_syslogd_segment *s, const char *name)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_SYSLOGD_ROTATE);
	gyl_event_str(&e, "file", gyl_view_str(name));
	if (s->first_seq != 0) /* else it begins with lines that are not ours */
		gyl_event_u64(&e, "count", s->last_seq - s->first_seq + 1);
	gyl_event_u64(&e, "octets", s->size);
	s->cf.say(s->cf.arg, &e);
}
