/* SPDX-License-Identifier: ISC */
#include "services/syslogd/record.h"

#include <gyl/text.h>
#include <gyl/time.h>

#define SEQ  "{\"seq\":"
#define RECV ",\"recv\":\""

void gyl_syslogd_record(
	struct gyl_writer *w, const struct gyl_syslogd_head *head, const struct gyl_syslog *m)
{
	struct gyl_json j;

	gyl_json_init(&j, w);
	gyl_json_obj(&j, NULL);
	gyl_json_u64(&j, "seq", head->seq);
	gyl_json_str(&j, "recv", head->recv);
	if (head->from.p != NULL)
		gyl_json_str(&j, "from", head->from);
	else
		gyl_json_null(&j, "from");
	if (head->pid != 0) {
		gyl_json_obj(&j, "peer");
		gyl_json_u64(&j, "pid", head->pid);
		gyl_json_u64(&j, "uid", head->uid);
		gyl_json_end(&j);
	}
	if (head->name.len != 0) {
		gyl_json_obj(&j, "peer");
		gyl_json_str(&j, "name", head->name);
		gyl_json_end(&j);
	}
	gyl_syslog_json_members(&j, m);
	if (head->of != 0)
		gyl_json_u64(&j, "repeat_of", head->of);
	if (m->flags != 0)
		gyl_syslog_json_raw(&j, m);
	gyl_json_end(&j);
	gyl_put_u8(w, '\n');
}

static bool take(struct gyl_view *line, const char *text)
{
	struct gyl_view v = gyl_view_str(text);

	if (!gyl_view_eq(gyl_view_sub(*line, 0, v.len), v))
		return false;
	*line = gyl_view_sub(*line, v.len, line->len);
	return true;
}

static struct gyl_view take_until(struct gyl_view *line, uint8_t stop)
{
	size_t len = 0;
	struct gyl_view v;

	while (len < line->len && line->p[len] != stop)
		len++;
	v = gyl_view_sub(*line, 0, len);
	*line = gyl_view_sub(*line, len, line->len);
	return v;
}

uint64_t gyl_syslogd_record_seq(struct gyl_view line)
{
	uint64_t seq;

	if (!take(&line, SEQ) ||
		gyl_failed(gyl_parse_u64(take_until(&line, ','), UINT64_MAX, &seq)))
		return 0;
	return seq;
}

uint64_t gyl_syslogd_record_recv(struct gyl_view line)
{
	uint64_t recv_ns;

	if (!take(&line, SEQ))
		return 0;
	take_until(&line, ',');
	if (!take(&line, RECV) ||
		gyl_failed(gyl_time_parse_rfc3339(take_until(&line, '"'), &recv_ns)))
		return 0;
	return recv_ns;
}
