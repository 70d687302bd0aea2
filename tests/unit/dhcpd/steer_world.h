/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCPD_STEER_WORLD_H
#define GYL_TESTS_DHCPD_STEER_WORLD_H

/* Verbs of the control socket, asked as the control socket asks them: slice after slice. */

#include <gyl/text.h>

#include "services/base/match.h"
#include "services/dhcpd/steer.h"
#include "tests/unit/dhcpd/world.h"

struct steer {
	char text[1 << 18], wrong[GYL_QUESTION_WRONG_LEN]; /* all lines, and why not */
	unsigned slices;
	uint64_t after;
	unsigned event_cnt;
	struct gyl_event event[64]; /* what was said */
	bool follow;
};

/* args: "client=10.0.0.10 count=3"; of a verb with patterns they are patterns. */
static inline void steer_args(const char *args, struct gyl_question *q,
	struct gyl_question_arg *arg, struct gyl_match *m, bool patterns)
{
	while (*args != '\0') {
		const char *is = strchr(args, '=');
		size_t len;
		struct gyl_view name, value;

		assert_non_null(is);
		len = strcspn(is + 1, " ");
		name = gyl_view(args, (size_t)(is - args));
		value = gyl_view(is + 1, len);
		args = is + 1 + len + (is[1 + len] == ' ');
		if (patterns)
			assert_true(gyl_match_add(m, name, value));
		else
			arg[q->arg_cnt++] = (struct gyl_question_arg){name, value};
	}
}

/* All of the answer, in s->text; false when it was refused, s->wrong says why. */
static inline bool steer(struct world *w, struct steer *s, const char *verb, const char *args)
{
	struct gyl_question_arg arg[GYL_QUESTION_ARG_MAX];
	static uint8_t slice[GYL_QUESTION_SLICE_LEN];
	struct gyl_writer answer, wrong;
	struct gyl_match m;
	struct gyl_question q = {.verb = gyl_view_str(verb),
		.by = gyl_view_str("test"),
		.arg = arg,
		.match = &m,
		.follow = s->follow,
		.answer = &answer,
		.wrong = &wrong};
	struct gyl_in in = {.kind = GYL_IN_ASK, .question = &q};
	size_t len = 0;

	gyl_match_init(&m, GYL_EV_DHCPD_LEASE);
	steer_args(args, &q, arg, &m, strcmp(verb, "dhcp.leases") == 0);
	s->slices = s->event_cnt = 0;
	s->after = 0;
	do {
		gyl_writer_init(&answer, slice, sizeof slice);
		gyl_writer_init(&wrong, s->wrong, sizeof s->wrong - 1);
		q.more = false;
		q.after = 0;
		assert_int_equal(outbox_input(&w->b, &gyl_dhcpd_core, w->d, &in, 1), 1);
		assert_true(gyl_writer_ok(&answer) && gyl_writer_ok(&wrong));
		assert_true(len + answer.len < sizeof s->text);
		memcpy(s->text + len, slice, answer.len);
		len += answer.len;
		s->slices++;
		s->after = q.after > s->after ? q.after : s->after;
		for (unsigned i = 0; i < w->b.event_cnt && s->event_cnt < 64; i++)
			s->event[s->event_cnt++] = w->b.event[i].e;
	} while (q.more && wrong.len == 0);
	s->text[len] = '\0';
	s->wrong[wrong.len] = '\0';
	return wrong.len == 0;
}

static inline unsigned lines(const struct steer *s)
{
	unsigned n = 0;

	for (const char *p = s->text; *p != '\0'; p++)
		n += *p == '\n';
	return n;
}

static inline void expect_in(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in %s", part, text);
}

static inline void expect_not_in(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" is in %s", part, text);
}

#endif
