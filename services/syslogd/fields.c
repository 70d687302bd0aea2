/* SPDX-License-Identifier: ISC */
#include "services/syslogd/fields.h"

#include <gyl/text.h>
#include <gyl/time.h>

static const char *const name[GYL_SYSLOGD_FIELD_CNT] = {"seq", "recv", "from", "peer", "fmt", "pri",
	"fac", "sev", "ts", "host", "app", "pid", "msgid", "sd", "msg", "msg_hex", "flags", "x",
	"repeat_of", "raw", "raw_hex"};

/* The quote that ends the string which begins at p; NULL: none does. */
static const uint8_t *quote_of(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q = p;

	while (q < end && (q = memchr(q, '"', (size_t)(end - q))) != NULL) {
		const uint8_t *b = q;

		while (b > p && b[-1] == '\\')
			b--;
		if ((q - b) % 2 == 0)
			return q;
		q++;
	}
	return NULL;
}

/* Behind the object or array that begins at p; NULL: it does not end. */
static const uint8_t *behind_nest(const uint8_t *p, const uint8_t *end)
{
	size_t depth = 0;

	for (; p < end; p++) {
		if (*p == '"') {
			p = quote_of(p + 1, end);
			if (p == NULL)
				return NULL;
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if ((*p == '}' || *p == ']') && --depth == 0) {
			return p + 1;
		}
	}
	return NULL;
}

/* Behind the value that begins at p; NULL: it does not end. */
static const uint8_t *behind_value(const uint8_t *p, const uint8_t *end, struct gyl_view *ret)
{
	const uint8_t *at = p;

	if (p < end && *p == '"') {
		at = quote_of(p + 1, end);
		if (at == NULL)
			return NULL;
		*ret = gyl_view(p + 1, (size_t)(at - p - 1));
		return at + 1;
	}
	if (p < end && (*p == '{' || *p == '[')) {
		at = behind_nest(p, end);
	} else {
		while (at < end && *at != ',' && *at != '}')
			at++;
	}
	if (at == NULL || at == p)
		return NULL;
	*ret = gyl_view(p, (size_t)(at - p));
	if (gyl_view_eq(*ret, gyl_view_str("null")))
		*ret = gyl_view(NULL, 0);
	return at;
}

/* Members come in the order of the table: the next one is tried first. */
static unsigned field_of(struct gyl_view key, unsigned next)
{
	for (unsigned i = 0; i < GYL_SYSLOGD_FIELD_CNT; i++, next++) {
		if (next >= GYL_SYSLOGD_FIELD_CNT)
			next = 0;
		if (gyl_view_eq(key, gyl_view_str(name[next])))
			return next;
	}
	return GYL_SYSLOGD_FIELD_CNT;
}

/* "key":value; behind it, or NULL. */
static const uint8_t *member(
	const uint8_t *p, const uint8_t *end, struct gyl_syslogd_fields *f, unsigned *next)
{
	const uint8_t *q = p < end && *p == '"' ? quote_of(p + 1, end) : NULL;
	struct gyl_view value;
	unsigned field;

	if (q == NULL || end - q < 2 || q[1] != ':')
		return NULL;
	field = field_of(gyl_view(p + 1, (size_t)(q - p - 1)), *next);
	p = behind_value(q + 2, end, &value);
	if (p != NULL && field < GYL_SYSLOGD_FIELD_CNT) {
		f->v[field] = value;
		*next = field + 1;
	}
	return p;
}

bool gyl_syslogd_fields(struct gyl_view line, struct gyl_syslogd_fields *ret_f)
{
	const uint8_t *p = line.p, *end = line.p + line.len;
	unsigned next = 0;

	memset(ret_f, 0, sizeof *ret_f);
	if (line.len == 0 || *p != '{')
		return false;
	do {
		p = member(p + 1, end, ret_f, &next);
	} while (p != NULL && p < end && *p == ',');
	return p != NULL && p < end && *p == '}' && ret_f->v[GYL_SYSLOGD_SEQ].p != NULL;
}

uint64_t gyl_syslogd_number(
	const struct gyl_syslogd_fields *f, enum gyl_syslogd_field field, uint64_t otherwise)
{
	gyl_parse_u64(f->v[field], UINT64_MAX, &otherwise);
	return otherwise;
}

uint64_t gyl_syslogd_time(const struct gyl_syslogd_fields *f, enum gyl_syslogd_field field)
{
	uint64_t ns = 0;

	gyl_time_parse_rfc3339(f->v[field], &ns);
	return ns;
}

/* ---- octets ---- */

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four digits; -1: they are none. */
static int32_t code_of(struct gyl_view v)
{
	int32_t c = 0;

	for (size_t i = 0; i < 4; i++) {
		int digit = i < v.len ? hex_digit(v.p[i]) : -1;

		if (digit < 0)
			return -1;
		c = c << 4 | digit;
	}
	return c;
}

static void put_code(struct gyl_writer *w, uint32_t c)
{
	uint8_t *p = gyl_put_room(w, c < 0x80 ? 1 : c < 0x800 ? 2 : 3);

	if (p == NULL)
		return;
	if (c < 0x80) {
		p[0] = (uint8_t)c;
	} else if (c < 0x800) {
		p[0] = (uint8_t)(0xc0 | c >> 6);
		p[1] = (uint8_t)(0x80 | (c & 0x3f));
	} else {
		p[0] = (uint8_t)(0xe0 | c >> 12);
		p[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		p[2] = (uint8_t)(0x80 | (c & 0x3f));
	}
}

/* What stands behind a backslash; how many octets of it. Those of ours are of the first plane. */
static size_t undo(struct gyl_view v, struct gyl_writer *w)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	int32_t code;

	if (v.len == 0)
		return 0;
	if (v.p[0] == 'u' && (code = code_of(gyl_view_sub(v, 1, 4))) >= 0) {
		put_code(w, (uint32_t)code);
		return 5;
	}
	for (size_t i = 0; i < sizeof from - 1; i++)
		if (v.p[0] == (uint8_t)from[i]) {
			gyl_put_u8(w, (uint8_t)to[i]);
			return 1;
		}
	gyl_put_u8(w, v.p[0]);
	return 1;
}

struct gyl_view gyl_syslogd_octets(struct gyl_view text, uint8_t *buf, size_t cap)
{
	const uint8_t *b = text.len == 0 ? NULL : memchr(text.p, '\\', text.len);
	struct gyl_writer w;

	if (b == NULL)
		return text;
	gyl_writer_init(&w, buf, cap);
	while (gyl_writer_ok(&w)) {
		size_t run = b == NULL ? text.len : (size_t)(b - text.p);

		gyl_put_view(&w, gyl_view(text.p, run < cap - w.len ? run : cap - w.len));
		if (b == NULL)
			break;
		text = gyl_view_sub(text, run + 1, text.len);
		text = gyl_view_sub(text, undo(text, &w), text.len);
		b = text.len == 0 ? NULL : memchr(text.p, '\\', text.len);
	}
	return gyl_writer_view(&w);
}

static struct gyl_view from_hex(struct gyl_view hex, uint8_t *buf, size_t cap)
{
	size_t len = 0;

	for (size_t i = 0; i + 1 < hex.len && len < cap; i += 2) {
		int high = hex_digit(hex.p[i]), low = hex_digit(hex.p[i + 1]);

		if (high < 0 || low < 0)
			break;
		buf[len++] = (uint8_t)(high << 4 | low);
	}
	return gyl_view(buf, len);
}

struct gyl_view gyl_syslogd_message(const struct gyl_syslogd_fields *f, uint8_t *buf, size_t cap)
{
	if (f->v[GYL_SYSLOGD_MSG].p == NULL && f->v[GYL_SYSLOGD_MSG_HEX].p != NULL)
		return from_hex(f->v[GYL_SYSLOGD_MSG_HEX], buf, cap);
	return gyl_syslogd_octets(f->v[GYL_SYSLOGD_MSG], buf, cap);
}
