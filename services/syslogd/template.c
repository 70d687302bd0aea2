/* SPDX-License-Identifier: ISC */
#include "services/syslogd/template.h"

#include <gyl/text.h>
#include <gyl/time.h>

enum field {
	LITERAL,
	APP,
	DAY,
	FACILITY,
	FROM,
	HOST,
	HOUR,
	JSON,
	MINUTE,
	MONTH,
	MSG,
	MSGID,
	PID,
	PRI,
	RAW,
	RECV,
	RFC3164,
	RFC5424,
	SD,
	SEQ,
	SEVERITY,
	TIME,
	YEAR,
	FIELD_CNT
};

static const char *const field_name[FIELD_CNT] = {NULL, "app", "day", "facility", "from", "host",
	"hour", "json", "minute", "month", "msg", "msgid", "pid", "pri", "raw", "recv", "rfc3164",
	"rfc5424", "sd", "seq", "severity", "time", "year"};

enum {
	ESCAPED = 4,       /* octets of one octet, escaped: \x1f */
	NUMBER_LEN = 40,   /* a number or a time, at most */
	HEADER_LEN = 1024, /* what an encoder puts in front of the text, at most */
	/* Fields that may stand in a path. */
	IN_PATH = 1 << APP | 1 << DAY | 1 << FACILITY | 1 << FROM | 1 << HOST | 1 << HOUR |
		  1 << MINUTE | 1 << MONTH | 1 << MSGID | 1 << SEVERITY | 1 << YEAR
};

const char *gyl_syslogd_template_field(unsigned i)
{
	return i + 1 < FIELD_CNT ? field_name[i + 1] : NULL;
}

/* ---- reading ---- */

static unsigned find_field(struct gyl_view name)
{
	for (unsigned i = 1; i < FIELD_CNT; i++)
		if (gyl_view_eq(name, gyl_view_str(field_name[i])))
			return i;
	return LITERAL;
}

static struct gyl_fault add(
	struct gyl_syslogd_template *t, unsigned field, struct gyl_view text, size_t off)
{
	struct gyl_syslogd_part *p = &t->part[t->cnt];

	if (t->cnt == GYL_SYSLOGD_PART_MAX)
		return gyl_fault(GYL_E_COUNT, off);
	if (text.len > sizeof t->text - t->text_len)
		return gyl_fault(GYL_E_SPACE, off);
	p->field = (uint8_t)field;
	p->off = t->text_len;
	p->len = (uint16_t)text.len;
	if (text.len != 0)
		memcpy(t->text + t->text_len, text.p, text.len);
	t->text_len = (uint16_t)(t->text_len + text.len);
	t->cnt++;
	return gyl_ok();
}

static size_t until_percent(struct gyl_view in, size_t off)
{
	while (off < in.len && in.p[off] != '%')
		off++;
	return off;
}

/* What begins with the '%' at *off, which moves behind it. */
static struct gyl_fault take_field(struct gyl_view in, struct gyl_syslogd_template *t, size_t *off)
{
	size_t from = *off, end = until_percent(in, from + 1);
	struct gyl_view name = gyl_view_sub(in, from + 1, end - from - 1);
	unsigned field = find_field(name);

	if (end == in.len)
		return gyl_fault(GYL_E_SYNTAX, from);
	*off = end + 1;
	if (name.len == 0) /* "%%" is the sign itself */
		return add(t, LITERAL, gyl_view("%", 1), from);
	if (field == LITERAL || (t->use == GYL_SYSLOGD_FOR_PATH && !(IN_PATH >> field & 1)))
		return gyl_fault(GYL_E_NAME, from + 1);
	return add(t, field, gyl_view(NULL, 0), from);
}

/* Where a name of the path in the template begins or is too long, or is "." or "..". */
static struct gyl_fault check_path(struct gyl_view in)
{
	size_t len = 0, dots = 0, all = 0;

	if (in.len == 0 || in.p[in.len - 1] == '/')
		return gyl_fault(GYL_E_SYNTAX, in.len);
	for (size_t i = 0; i <= in.len; i++) {
		size_t add_len = 1;

		if (i == in.len || in.p[i] == '/') {
			if (len != 0 && len == dots && len <= 2)
				return gyl_fault(GYL_E_SYNTAX, i - len);
			len = dots = 0;
			all++;
			continue;
		}
		if (in.p[i] == 0)
			return gyl_fault(GYL_E_SYNTAX, i);
		if (in.p[i] == '%') {
			size_t end = until_percent(in, i + 1);

			add_len = end == i + 1 ? 1 : GYL_SYSLOGD_NAME_FIELD_MAX;
			i = end;
		} else {
			dots += in.p[i] == '.';
		}
		len += add_len;
		all += add_len;
		if (len > GYL_SYSLOGD_NAME_PART_MAX || all > GYL_SYSLOGD_PATH_MAX)
			return gyl_fault(GYL_E_SPACE, i);
	}
	return gyl_ok();
}

/* One message is one line: its end comes by itself, and a template that has it, too, means that. */
static struct gyl_fault one_line(struct gyl_view *in)
{
	const uint8_t *lf;

	if (in->len != 0 && in->p[in->len - 1] == '\n')
		in->len--;
	lf = in->len == 0 ? NULL : memchr(in->p, '\n', in->len);
	return lf == NULL ? gyl_ok() : gyl_fault(GYL_E_RANGE, (size_t)(lf - in->p));
}

struct gyl_fault gyl_syslogd_template_parse(
	struct gyl_view in, enum gyl_syslogd_use use, struct gyl_syslogd_template *ret_t)
{
	struct gyl_syslogd_template t = {.use = (uint8_t)use};
	struct gyl_fault f = gyl_ok();
	size_t off = 0;

	if (use == GYL_SYSLOGD_FOR_LINE)
		f = one_line(&in);
	while (off < in.len && !gyl_failed(f)) {
		size_t end = until_percent(in, off);

		if (end != off)
			f = add(&t, LITERAL, gyl_view_sub(in, off, end - off), off);
		off = end;
		if (off < in.len && !gyl_failed(f))
			f = take_field(in, &t, &off);
	}
	if (!gyl_failed(f) && use == GYL_SYSLOGD_FOR_PATH)
		f = check_path(in);
	if (!gyl_failed(f))
		*ret_t = t;
	return f;
}

size_t gyl_syslogd_template_dir(struct gyl_view path)
{
	size_t end = until_percent(path, 0);

	while (end > 0 && path.p[end - 1] != '/')
		end--;
	return end > 1 ? end - 1 : end;
}

/* ---- writing ---- */

/* The octets of a message that a field is; absent when it is none of them. */
static struct gyl_view view_of(unsigned field, const struct gyl_syslogd_item *it)
{
	const struct gyl_syslog *m = it->m;

	switch (field) {
	case APP:
		return m->app;
	case FROM:
		return it->head->from;
	case HOST:
		return m->host.p != NULL ? m->host : it->host;
	case MSG:
		return m->msg;
	case MSGID:
		return m->msgid;
	case PID:
		return m->pid;
	case RAW:
		return m->raw;
	case RECV:
		return it->head->recv;
	case SD:
		return m->sd;
	default:
		return gyl_view(NULL, 0);
	}
}

static void put_date(unsigned field, const struct gyl_syslogd_item *it, struct gyl_writer *w)
{
	struct gyl_civil c;

	gyl_time_civil((int64_t)(it->wall_ns / GYL_NS_PER_S), &c);
	if (field == YEAR)
		gyl_text_u64_pad(w, (uint64_t)c.year, 4);
	else if (field == MONTH)
		gyl_text_u64_pad(w, c.month, 2);
	else if (field == DAY)
		gyl_text_u64_pad(w, c.day, 2);
	else if (field == HOUR)
		gyl_text_u64_pad(w, c.hour, 2);
	else
		gyl_text_u64_pad(w, c.minute, 2);
}

/* Numbers, words and times: nothing that a message could choose. */
static bool put_plain(unsigned field, const struct gyl_syslogd_item *it, struct gyl_writer *w)
{
	switch (field) {
	case FACILITY:
		gyl_text_str(w, gyl_syslog_fac_name(it->m->fac));
		return true;
	case SEVERITY:
		gyl_text_str(w, gyl_syslog_sev_name(it->m->sev));
		return true;
	case PRI:
		gyl_text_u64(w, it->m->pri);
		return true;
	case SEQ:
		gyl_text_u64(w, it->head->seq);
		return true;
	case TIME:
		if (it->m->has_ts)
			gyl_syslog_print_time(w, it->m);
		else
			gyl_put_view(w, it->head->recv);
		return true;
	case YEAR:
	case MONTH:
	case DAY:
	case HOUR:
	case MINUTE:
		put_date(field, it, w);
		return true;
	default:
		return false;
	}
}

/* A message as others write it down. What it says about its host and time we fill in. */
static void put_encoded(unsigned field, const struct gyl_syslogd_item *it, struct gyl_writer *w)
{
	struct gyl_syslog m = *it->m;

	if (m.host.p == NULL)
		m.host = it->host;
	if (!m.has_ts) {
		m.has_ts = true;
		m.ts_s = (int64_t)(it->wall_ns / GYL_NS_PER_S);
		m.ts_ns = (uint32_t)(it->wall_ns % GYL_NS_PER_S) / 1000 * 1000;
	}
	if (field == RFC5424)
		gyl_syslog_encode_5424(w, &m);
	else
		gyl_syslog_encode_3164(w, &m, 0);
}

/* The same, escaped: it is made at the end of the room, from where the escaped one, four times as
 * long at most, never catches up with what is not read yet. */
static void put_encoded_line(
	unsigned field, const struct gyl_syslogd_item *it, struct gyl_writer *w)
{
	size_t max = it->m->raw.len + HEADER_LEN, before = w->len;
	struct gyl_writer inner;
	uint8_t *p = gyl_put_room(w, ESCAPED * max);

	if (p == NULL)
		return;
	gyl_writer_init(&inner, p + (ESCAPED - 1) * max, max);
	put_encoded(field, it, &inner);
	w->len = before;
	gyl_syslog_escape(w, gyl_writer_view(&inner));
}

static void put_json(const struct gyl_syslogd_item *it, struct gyl_writer *w)
{
	gyl_syslogd_record(w, it->head, it->m);
	if (gyl_writer_ok(w))
		w->len--; /* its line end */
}

static uint8_t safe_in_name(uint8_t c, bool first)
{
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c - 'A' + 'a');
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':')
		return c;
	return c == '.' && !first ? c : '_';
}

static void put_name(struct gyl_view v, struct gyl_writer *w)
{
	v = gyl_view_sub(v, 0, GYL_SYSLOGD_NAME_FIELD_MAX);
	if (v.len == 0)
		gyl_text_char(w, '-');
	for (size_t i = 0; i < v.len; i++)
		gyl_put_u8(w, safe_in_name(v.p[i], i == 0));
}

static void put_field(const struct gyl_syslogd_template *t, unsigned field,
	const struct gyl_syslogd_item *it, struct gyl_writer *w)
{
	struct gyl_view v = view_of(field, it);

	if (put_plain(field, it, w))
		return;
	if (t->use == GYL_SYSLOGD_FOR_PATH)
		put_name(v, w);
	else if (field == JSON)
		put_json(it, w);
	else if (field == RFC3164 || field == RFC5424)
		(t->use == GYL_SYSLOGD_FOR_LINE ? put_encoded_line : put_encoded)(field, it, w);
	else if (v.p == NULL)
		gyl_text_char(w, '-');
	else if (t->use == GYL_SYSLOGD_FOR_LINE)
		gyl_syslog_escape(w, v);
	else
		gyl_put_view(w, v);
}

void gyl_syslogd_template_put(const struct gyl_syslogd_template *t,
	const struct gyl_syslogd_item *it, struct gyl_writer *w)
{
	for (unsigned i = 0; i < t->cnt; i++) {
		if (t->part[i].field == LITERAL)
			gyl_put_bytes(w, t->text + t->part[i].off, t->part[i].len);
		else
			put_field(t, t->part[i].field, it, w);
	}
}

static size_t field_max(unsigned field, const struct gyl_syslogd_item *it)
{
	struct gyl_view v = view_of(field, it);

	if (field == JSON)
		return GYL_SYSLOGD_LINE_MAX(it->m->raw.len + HEADER_LEN);
	if (field == RFC3164 || field == RFC5424)
		return ESCAPED * (it->m->raw.len + HEADER_LEN);
	return v.len * ESCAPED + NUMBER_LEN;
}

size_t gyl_syslogd_template_max(
	const struct gyl_syslogd_template *t, const struct gyl_syslogd_item *it)
{
	size_t max = t->text_len;

	if (t->use == GYL_SYSLOGD_FOR_PATH)
		return GYL_SYSLOGD_PATH_MAX;
	for (unsigned i = 0; i < t->cnt; i++)
		if (t->part[i].field != LITERAL)
			max += field_max(t->part[i].field, it);
	return max;
}
