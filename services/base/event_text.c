/* SPDX-License-Identifier: ISC */

/* The three readings of an event: a sentence for people, JSON for tools, RFC 5424 for services. */

#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/base/event.h"

/* Private Enterprise Number of documentation (RFC 5612): ours until somebody registers one. */
#define SD_ID "gyl@32473"

static const char *const source_name[GYL_SRC_CNT] = {
	"base", "dhcpd", "dns", "syslogd", "arpd", "net"};

const char *gyl_event_source_name(unsigned source)
{
	return source < GYL_SRC_CNT ? source_name[source] : "unknown";
}

static struct gyl_view str_view(const struct gyl_event *e, const struct gyl_event_val *v)
{
	return gyl_view(e->text + v->u.str.off, v->u.str.len);
}

void gyl_event_print_field(const struct gyl_event *e, unsigned i, struct gyl_writer *w)
{
	const struct gyl_event_val *v = &e->val[i];

	switch (gyl_event_desc(e->kind)->field[i].type) {
	case GYL_F_IP:
		gyl_text_ipv4(w, (uint32_t)v->u.u64);
		break;
	case GYL_F_MAC:
		gyl_text_mac(w, v->u.mac);
		break;
	case GYL_F_STR:
		gyl_text_safe(w, str_view(e, v));
		break;
	case GYL_F_TIME:
		gyl_time_print_rfc3339(w, v->u.u64, 0);
		break;
	case GYL_F_DUR:
		gyl_time_print(w, v->u.u64);
		break;
	default:
		gyl_text_u64(w, v->u.u64);
		break;
	}
}

static int field_index(const struct gyl_event_desc *d, struct gyl_view name)
{
	for (int i = 0; i < GYL_EVENT_FIELD_MAX && d->field[i].name != NULL; i++)
		if (gyl_view_eq(gyl_view_str(d->field[i].name), name))
			return i;
	return -1;
}

void gyl_event_print(const struct gyl_event *e, struct gyl_writer *w)
{
	const struct gyl_event_desc *d = gyl_event_desc(e->kind);

	for (const char *s = d->sentence; *s != '\0'; s++) {
		const char *end = s;
		int i;

		if (*s != '{') {
			gyl_text_char(w, *s);
			continue;
		}
		while (*end != '}')
			end++;
		i = field_index(d, gyl_view(s + 1, (size_t)(end - s - 1)));
		if (i >= 0 && e->val[i].set)
			gyl_event_print_field(e, (unsigned)i, w);
		else
			gyl_text_char(w, '-');
		s = end;
	}
}

static void json_val(const struct gyl_event *e, unsigned i, struct gyl_json *j)
{
	const struct gyl_event_field *f = &gyl_event_desc(e->kind)->field[i];
	const struct gyl_event_val *v = &e->val[i];
	char buf[64];
	struct gyl_writer w;

	switch (f->type) {
	case GYL_F_U64:
		gyl_json_u64(j, f->name, v->u.u64);
		break;
	case GYL_F_STR:
		gyl_json_str(j, f->name, str_view(e, v));
		break;
	default: /* addresses, times and durations are strings, as people write them */
		gyl_writer_init(&w, buf, sizeof buf);
		gyl_event_print_field(e, i, &w);
		gyl_json_str(j, f->name, gyl_writer_view(&w));
		break;
	}
}

const char *gyl_severity_name(unsigned severity)
{
	static const char *const names[] = {
		"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

	return severity < 8 ? names[severity] : "unknown";
}

void gyl_event_json(const struct gyl_event *e, struct gyl_writer *w)
{
	const struct gyl_event_desc *d = gyl_event_desc(e->kind);
	char buf[64], text[1600];
	struct gyl_writer time, sentence;
	struct gyl_json j;

	gyl_json_init(&j, w);
	gyl_json_obj(&j, NULL);
	gyl_writer_init(&time, buf, sizeof buf);
	gyl_time_print_rfc3339(&time, e->wall_ns, 6);
	gyl_json_str(&j, "time", gyl_writer_view(&time));
	gyl_json_cstr(&j, "severity", gyl_severity_name(e->severity));
	gyl_json_cstr(&j, "event", d->name);
	for (unsigned i = 0; i < GYL_EVENT_FIELD_MAX && d->field[i].name != NULL; i++)
		if (e->val[i].set)
			json_val(e, i, &j);
	gyl_writer_init(&sentence, text, sizeof text);
	gyl_event_print(e, &sentence);
	gyl_json_str(&j, "sentence", gyl_writer_view(&sentence));
	gyl_json_end(&j);
}

/* RFC 5424 6.3.3: '"', '\' and ']' are escaped inside a PARAM-VALUE. */
static void sd_value(struct gyl_writer *w, struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\' || v.p[i] == ']')
			gyl_text_char(w, '\\');
		gyl_put_u8(w, v.p[i]);
	}
}

static void sd_param(const struct gyl_event *e, unsigned i, struct gyl_writer *w)
{
	const struct gyl_event_field *f = &gyl_event_desc(e->kind)->field[i];

	gyl_text_char(w, ' ');
	gyl_text_str(w, f->name);
	gyl_text_str(w, "=\"");
	if (f->type == GYL_F_STR)
		sd_value(w, str_view(e, &e->val[i]));
	else if (f->type == GYL_F_TIME || f->type == GYL_F_DUR)
		gyl_text_u64(w, e->val[i].u.u64); /* ns, exact: this form is for machines */
	else
		gyl_event_print_field(e, i, w);
	gyl_text_char(w, '"');
}

void gyl_event_encode(const struct gyl_event *e, struct gyl_view hostname, struct gyl_writer *w)
{
	enum {
		FACILITY_DAEMON = 3
	};
	const struct gyl_event_desc *d = gyl_event_desc(e->kind);

	gyl_text_char(w, '<');
	gyl_text_u64(w, FACILITY_DAEMON * 8 + e->severity);
	gyl_text_str(w, ">1 ");
	gyl_time_print_rfc3339(w, e->wall_ns, 6);
	gyl_text_char(w, ' ');
	gyl_put_view(w, hostname.len != 0 ? hostname : gyl_view_str("-"));
	gyl_text_str(w, " guyline-");
	gyl_text_str(w, source_name[d->source]);
	gyl_text_str(w, " - ");
	gyl_text_str(w, d->name);
	gyl_text_str(w, " [" SD_ID);
	for (unsigned i = 0; i < GYL_EVENT_FIELD_MAX && d->field[i].name != NULL; i++)
		if (e->val[i].set)
			sd_param(e, i, w);
	gyl_text_str(w, "] ");
	gyl_event_print(e, w);
}

static struct gyl_fault parse_val(struct gyl_event *e, unsigned i, struct gyl_view v)
{
	const struct gyl_event_field *f = &gyl_event_desc(e->kind)->field[i];
	struct gyl_fault fault;
	uint32_t ip = 0;

	switch (f->type) {
	case GYL_F_IP:
		fault = gyl_parse_ipv4(v, &ip);
		e->val[i].u.u64 = ip;
		break;
	case GYL_F_MAC:
		fault = gyl_parse_mac(v, e->val[i].u.mac);
		break;
	case GYL_F_STR:
		gyl_event_str(e, f->name, v);
		return gyl_ok();
	default:
		fault = gyl_parse_u64(v, UINT64_MAX, &e->val[i].u.u64);
		break;
	}
	e->val[i].set = !gyl_failed(fault);
	return fault;
}

/* A cursor over the line: takes what stands before the stop character and the stop itself. */
static bool take(struct gyl_view *line, char stop, struct gyl_view *ret)
{
	size_t n = 0;

	while (n < line->len && line->p[n] != (uint8_t)stop)
		n++;
	if (n == line->len)
		return false;
	*ret = gyl_view(line->p, n);
	*line = gyl_view_sub(*line, n + 1, line->len);
	return true;
}

/* PARAM-VALUE up to its closing quote, unescaped into buf; too long is cut as gyl_event_str()
 * would. */
static bool take_value(struct gyl_view *line, uint8_t *buf, size_t cap, size_t *ret_len)
{
	size_t at = 0, len = 0;

	while (at < line->len && line->p[at] != '"') {
		if (line->p[at] == '\\' && at + 1 < line->len &&
			(line->p[at + 1] == '"' || line->p[at + 1] == '\\' ||
				line->p[at + 1] == ']'))
			at++;
		if (len < cap)
			buf[len++] = line->p[at];
		at++;
	}
	if (at >= line->len)
		return false;
	*line = gyl_view_sub(*line, at + 1, line->len);
	*ret_len = len;
	return true;
}

static struct gyl_fault decode_params(struct gyl_view line, size_t whole, struct gyl_event *e)
{
	uint8_t buf[GYL_EVENT_TEXT_MAX];

	while (line.len != 0 && line.p[0] == ' ') {
		struct gyl_view name;
		struct gyl_fault f;
		size_t len;
		int i;

		line = gyl_view_sub(line, 1, line.len);
		if (!take(&line, '=', &name) || line.len == 0 || line.p[0] != '"')
			return gyl_fault(GYL_E_SYNTAX, whole - line.len);
		line = gyl_view_sub(line, 1, line.len);
		if (!take_value(&line, buf, sizeof buf, &len))
			return gyl_fault(GYL_E_SYNTAX, whole - line.len);
		i = field_index(gyl_event_desc(e->kind), name);
		if (i < 0)
			continue;
		if (e->val[i].set) /* we never say a thing twice: this is not from one of us */
			return gyl_fault(GYL_E_COUNT, whole - line.len);
		f = parse_val(e, (unsigned)i, gyl_view(buf, len));
		if (gyl_failed(f))
			return gyl_fault(f.err, whole - line.len);
	}
	if (line.len == 0 || line.p[0] != ']')
		return gyl_fault(GYL_E_SYNTAX, whole - line.len);
	return gyl_ok();
}

struct gyl_fault gyl_event_decode(struct gyl_view line, struct gyl_event *ret_event)
{
	struct gyl_view rest = line, part[7];
	struct gyl_event e;
	struct gyl_fault f;
	uint64_t pri;
	int kind;

	for (size_t i = 0; i < 7; i++) /* PRI and VERSION, time, host, app, procid, msgid, SD-ID */
		if (!take(&rest, ' ', &part[i]))
			return gyl_fault(GYL_E_MISSING, line.len - rest.len);
	if (part[0].len < 4 || part[0].p[0] != '<' || part[0].p[part[0].len - 1] != '1' ||
		part[0].p[part[0].len - 2] != '>')
		return gyl_fault(GYL_E_MISSING, 0);
	f = gyl_parse_u64(gyl_view_sub(part[0], 1, part[0].len - 3), 191, &pri);
	kind = gyl_event_find(part[5]);
	if (gyl_failed(f) || kind < 0)
		return gyl_fault(GYL_E_MISSING, 0);
	gyl_event_init(&e, (enum gyl_event_kind)kind);
	e.severity = (uint8_t)(pri & 7);
	f = gyl_time_parse_rfc3339(part[1], &e.wall_ns);
	if (gyl_failed(f))
		return f;
	if (gyl_view_eq(part[6], gyl_view_str("[" SD_ID))) {
		rest = gyl_view_sub(
			line, line.len - rest.len - 1, line.len); /* from the space on */
		f = decode_params(rest, line.len, &e);
	} else if (!gyl_view_eq(part[6], gyl_view_str("[" SD_ID "]"))) {
		f = gyl_fault(GYL_E_MISSING, 0);
	}
	if (gyl_failed(f))
		return f;
	*ret_event = e;
	return gyl_ok();
}
