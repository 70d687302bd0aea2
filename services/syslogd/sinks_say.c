/* SPDX-License-Identifier: ISC */

/* What rules and outputs did: for `guyline syslog`, and as metrics. */

#include <gyl/json.h>
#include <gyl/text.h>

#include "services/syslogd/sinks.h"

/* "hosts,alarm" */
static void put_names(struct gyl_json *j, const struct gyl_syslogd_rules *r, uint32_t to)
{
	char text[GYL_SYSLOGD_OUTPUT_MAX * (GYL_SYSLOGD_OUTPUT_NAME_MAX + 1)];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	for (unsigned i = 0; i < r->output_cnt; i++) {
		if (!(to >> i & 1))
			continue;
		if (w.len != 0)
			gyl_text_char(&w, ',');
		gyl_text_str(&w, r->output[i].name);
	}
	gyl_json_str(j, "to", gyl_writer_view(&w));
}

void gyl_syslogd_rules_list(const struct gyl_syslogd_rules *r, struct gyl_writer *w)
{
	for (unsigned i = 0; i < r->cnt; i++) {
		const struct gyl_syslogd_rule *c = &r->rule[i];
		struct gyl_json j;

		gyl_json_init(&j, w);
		gyl_json_obj(&j, NULL);
		gyl_json_u64(&j, "number", i);
		gyl_json_cstr(&j, "rule", c->name);
		gyl_json_u64(&j, "matched", c->stat.match_cnt);
		gyl_json_u64(&j, "held", c->stat.held_cnt);
		gyl_json_u64(&j, "folded", c->stat.fold_cnt);
		gyl_json_u64(&j, "too_long", c->stat.limit_cnt);
		gyl_json_bool(&j, "store", c->store);
		put_names(&j, r, c->to);
		gyl_json_end(&j);
		gyl_put_u8(w, '\n');
	}
}

/* What waits of it, if it is one where anything can. */
static void put_state(struct gyl_json *j, const struct gyl_syslogd_sink *sink)
{
	struct gyl_syslogd_sink_state st = {.works = sink->failed_ns == 0};

	if (sink->ops->state == NULL) {
		gyl_json_bool(j, "works", st.works);
		return;
	}
	sink->ops->state(sink, &st);
	gyl_json_bool(j, "works", st.works);
	gyl_json_u64(j, "waiting", st.waiting_cnt);
	gyl_json_u64(j, "octets", st.waiting_len);
	gyl_json_u64(j, "sent", st.sent_cnt);
	gyl_json_u64(j, "again", st.again_cnt);
	gyl_json_u64(j, "cut", st.cut_cnt);
	gyl_json_u64(j, "failed", st.fail_cnt);
}

void gyl_syslogd_sinks_list(const struct gyl_syslogd_sinks *s, struct gyl_writer *w)
{
	for (unsigned i = 0; i < s->cnt; i++) {
		const struct gyl_syslogd_sink *sink = s->sink[i];
		struct gyl_json j;

		if (sink == NULL)
			continue;
		gyl_json_init(&j, w);
		gyl_json_obj(&j, NULL);
		gyl_json_cstr(&j, "output", sink->name);
		gyl_json_u64(&j, "messages", sink->stat.put_cnt);
		gyl_json_u64(&j, "lost", sink->stat.lost_cnt);
		put_state(&j, sink);
		gyl_json_cstr(&j, "last_trouble", sink->why);
		gyl_json_end(&j);
		gyl_put_u8(w, '\n');
	}
}

/* A family about rules: one of their counters each. */
static void rule_family(const struct gyl_syslogd_rules *r, struct gyl_metrics *m, const char *name,
	const char *help, size_t off)
{
	gyl_metrics_family(m, name, GYL_METRICS_COUNTER, help);
	for (unsigned i = 0; i < r->cnt; i++) {
		struct gyl_metrics_label label = {"rule", gyl_view_str(r->rule[i].name)};
		uint64_t v;

		memcpy(&v, (const uint8_t *)&r->rule[i].stat + off, sizeof v);
		gyl_metrics_u64(m, &label, 1, v);
	}
}

static void sink_family(const struct gyl_syslogd_sinks *s, struct gyl_metrics *m, const char *name,
	const char *help, size_t off)
{
	gyl_metrics_family(m, name, GYL_METRICS_COUNTER, help);
	for (unsigned i = 0; i < s->cnt; i++) {
		struct gyl_metrics_label label;
		uint64_t v;

		if (s->sink[i] == NULL)
			continue;
		label = (struct gyl_metrics_label){"output", gyl_view_str(s->sink[i]->name)};
		memcpy(&v, (const uint8_t *)&s->sink[i]->stat + off, sizeof v);
		gyl_metrics_u64(m, &label, 1, v);
	}
}

/* The same of outputs that keep messages. */
static void state_family(const struct gyl_syslogd_sinks *s, struct gyl_metrics *m,
	enum gyl_metrics_type type, const char *name, const char *help, size_t off)
{
	gyl_metrics_family(m, name, type, help);
	for (unsigned i = 0; i < s->cnt; i++) {
		struct gyl_syslogd_sink_state st;
		struct gyl_metrics_label label;
		uint64_t v;

		if (s->sink[i] == NULL || s->sink[i]->ops->state == NULL)
			continue;
		s->sink[i]->ops->state(s->sink[i], &st);
		label = (struct gyl_metrics_label){"output", gyl_view_str(s->sink[i]->name)};
		memcpy(&v, (const uint8_t *)&st + off, sizeof v);
		gyl_metrics_u64(m, &label, 1, v);
	}
}

static void forward_metrics(const struct gyl_syslogd_sinks *s, struct gyl_metrics *m)
{
#define STATE(type, name, help, member)                                 \
	state_family(s, m, type, "guyline_syslogd_forward_" name, help, \
		offsetof(struct gyl_syslogd_sink_state, member))
	STATE(GYL_METRICS_GAUGE, "waiting", "Messages that wait to be forwarded.", waiting_cnt);
	STATE(GYL_METRICS_GAUGE, "queue_octets", "Octets on the disk for them.", waiting_len);
	STATE(GYL_METRICS_COUNTER, "sent_total", "Messages sent to another collector.", sent_cnt);
	STATE(GYL_METRICS_COUNTER, "again_total",
		"Messages to be sent once more, because a connection ended.", again_cnt);
	STATE(GYL_METRICS_COUNTER, "cut_total", "Messages too long for a datagram.", cut_cnt);
	STATE(GYL_METRICS_COUNTER, "failed_total",
		"Connections to another collector that ended or were not made.", fail_cnt);
#undef STATE
}

void gyl_syslogd_sinks_metrics(const struct gyl_syslogd_sinks *s, struct gyl_metrics *m)
{
	const struct gyl_syslogd_rules *r = s->rules;

	if (r == NULL)
		return;
	rule_family(r, m, "guyline_syslogd_rule_matched_total", "Messages that a rule fits.",
		offsetof(struct gyl_syslogd_rule_stat, match_cnt));
	rule_family(r, m, "guyline_syslogd_rule_held_total",
		"Messages held back by the rate of a rule.",
		offsetof(struct gyl_syslogd_rule_stat, held_cnt));
	rule_family(r, m, "guyline_syslogd_rule_folded_total",
		"Messages that became the count of an equal one.",
		offsetof(struct gyl_syslogd_rule_stat, fold_cnt));
	rule_family(r, m, "guyline_syslogd_rule_limited_total",
		"Messages that the expression of a rule took too long for.",
		offsetof(struct gyl_syslogd_rule_stat, limit_cnt));
	sink_family(s, m, "guyline_syslogd_output_messages_total",
		"Messages that an output has taken.",
		offsetof(struct gyl_syslogd_sink_stat, put_cnt));
	sink_family(s, m, "guyline_syslogd_output_lost_total", "Messages that an output has lost.",
		offsetof(struct gyl_syslogd_sink_stat, lost_cnt));
	forward_metrics(s, m);
}
