/* SPDX-License-Identifier: ISC */
#include <errno.h>

#include "services/syslogd/segment_own.h"

/* The newest sealed segment; NULL: there is none. */
static const struct gyl_syslogd_closed *newest_sealed(const struct gyl_syslogd_archive *a)
{
	for (size_t i = a->cnt; i-- > 0;)
		if (a->at[i].has & GYL_SYSLOGD_SEAL)
			return &a->at[i];
	return NULL;
}

static void say_note(const struct gyl_syslogd_segment *s, const char *note)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_SYSLOGD_SEAL);
	gyl_event_str(&e, "file", gyl_view_str(s->cf.dir));
	gyl_event_str(&e, "reason", gyl_view_str(note));
	s->cf.say(s->cf.arg, &e);
}

int gyl__segment_open_sealer(struct gyl_syslogd_segment *s, char why[200])
{
	struct gyl_syslogd_newest newest = {.name = NULL};
	const struct gyl_syslogd_closed *c;
	char name[GYL_SYSLOGD_NAME_MAX], note[200];
	struct gyl_syslogd_archive a;
	int err = s->cf.keys == NULL ? 0 : gyl_syslogd_archive_list(s->dir_fd, &a);

	if (err != 0 || s->cf.keys == NULL)
		return err;
	newest.is_new = a.cnt == 0 && s->last_seq == 0;
	c = newest_sealed(&a);
	if (c != NULL) {
		gyl_syslogd_archive_file(c->base, GYL_SYSLOGD_SEAL, name);
		newest.name = name;
		newest.seq = c->seq;
	}
	gyl_syslogd_archive_free(&a);
	if (gyl_syslogd_sealer_open(&s->sealer, s->dir_fd, s->cf.keys, &newest, note, why) != 0)
		return -EACCES;
	if (note[0] != '\0')
		say_note(s, note);
	return 0;
}
