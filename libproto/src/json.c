/* SPDX-License-Identifier: ISC */
#include <gyl/json.h>
#include <gyl/text.h>

#include "libproto/src/json_impl.h"
#include "libproto/src/tricky.h"

void gyl_json_init(struct gyl_json *j, struct gyl_writer *w)
{
	j->w = w;
	j->array = 0;
	j->filled = 0;
	j->depth = 0;
}

/* Length of the UTF-8 sequence at p, 0 when it is not one (RFC 3629 section 4 syntax). */
static size_t utf8_len(const uint8_t *p, size_t len)
{
	uint8_t lo = 0x80, hi = 0xbf;
	size_t need;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		need = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		need = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		need = 4;
	else
		return 0;
	if (p[0] == 0xe0)
		lo = 0xa0;
	if (p[0] == 0xed)
		hi = 0x9f;
	if (p[0] == 0xf0)
		lo = 0x90;
	if (p[0] == 0xf4)
		hi = 0x8f;
	if (len < need || p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return need;
}

size_t gyl_utf8_prefix(struct gyl_view v)
{
	size_t at = 0;

	while (at < v.len) {
		size_t step = utf8_len(v.p + at, v.len - at);

		if (step == 0)
			break;
		at += step;
	}
	return at;
}

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/*
 * Eight octets: no top bit is set when all are plain. Above the lowest one that is not, sums carry
 * and differences borrow, so it says that there is one, and not which.
 */
static uint64_t odd8(const uint8_t *p)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w;

	memcpy(&w, p, 8);
	return w | (w - ones * 0x20) | (w + ones) | ((w ^ ones * '"') - ones) |
	       ((w ^ ones * '\\') - ones);
}

static bool is_odd(uint64_t sum)
{
	return (sum & 0x8080808080808080u) != 0;
}

static void escaped(struct gyl_writer *w, uint8_t c)
{
	static const char letter[][2] = {
		{'"', '"'},
		{'\\', '\\'},
		{'\n', 'n'},
		{'\r', 'r'},
		{'\t', 't'},
		{'\b', 'b'},
		{'\f', 'f'},
	};

	for (size_t i = 0; i < sizeof letter / sizeof letter[0]; i++) {
		if (c != (uint8_t)letter[i][0])
			continue;
		gyl_text_char(w, '\\');
		gyl_text_char(w, letter[i][1]);
		return;
	}
	gyl_text_str(w, "\\u00");
	gyl_text_hex_u64(w, c, 2);
}

/* A character of several octets. What is tricky is in the first plane. */
static void character(struct gyl_writer *w, const uint8_t *p, size_t len)
{
	uint32_t c = gyl__code_point(p, len);

	if (!gyl__is_tricky(c)) {
		gyl_put_bytes(w, p, len);
		return;
	}
	gyl_text_str(w, "\\u");
	gyl_text_hex_u64(w, c, 4);
}

/* Length of the plain octets from at on. */
static size_t plain_run(struct gyl_view v, size_t at)
{
	size_t run = at;

	while (v.len - run >= 8 && !is_odd(odd8(v.p + run)))
		run += 8;
	while (run < v.len && is_plain(v.p[run]))
		run++;
	return run - at;
}

static void inside_quotes(struct gyl_writer *w, struct gyl_view v)
{
	for (size_t at = 0; at < v.len;) {
		size_t run = plain_run(v, at), step;

		gyl_put_bytes(w, v.p + at, run);
		at += run;
		if (at == v.len)
			break;
		step = utf8_len(v.p + at, v.len - at);
		if (step > 1)
			character(w, v.p + at, step);
		else if (step == 1)
			escaped(w, v.p[at]);
		else
			gyl_text_str(w, "\\ufffd");
		at += step == 0 ? 1 : step;
	}
}

static uint32_t load2(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint32_t load4(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* Fewer than eight octets: some of them twice, and spaces, in one word. */
static bool is_plain_short(const uint8_t *p, size_t len)
{
	uint64_t w = UINT64_C(0x2020202020202020);

	if (len >= 4)
		w = (uint64_t)load4(p) << 32 | load4(p + len - 4);
	else if (len >= 2)
		w = UINT64_C(0x2020202000000000) | load2(p) << 16 | load2(p + len - 2);
	else if (len == 1)
		w = UINT64_C(0x2020202020202000) | p[0];
	return !is_odd(odd8((const uint8_t *)&w));
}

/* Is there nothing to escape? Most strings are like that, so all of it is looked at. */
static bool all_plain(struct gyl_view v)
{
	uint64_t sum = 0;

	if (v.len < 8)
		return is_plain_short(v.p, v.len);
	for (size_t at = 0; at < v.len - 8; at += 8)
		sum |= odd8(v.p + at);
	return !is_odd(sum | odd8(v.p + v.len - 8));
}

static uint8_t *copy(uint8_t *p, struct gyl_view v)
{
	if (v.len != 0)
		memcpy(p, v.p, v.len);
	return p + v.len;
}

static void quoted(struct gyl_writer *w, struct gyl_view v)
{
	gyl_put_u8(w, '"');
	inside_quotes(w, v);
	gyl_put_u8(w, '"');
}

/* Does a name stand before a value here? */
static bool is_named(const struct gyl_json *j)
{
	return j->depth != 0 && !(j->array >> j->depth & 1);
}

/* Comma before a value, unless it is the first. */
static bool has_comma(struct gyl_json *j)
{
	uint32_t bit = 1u << j->depth;
	bool comma = (j->filled & bit) != 0;

	j->filled |= bit;
	return comma;
}

/* Comma and name before a value. */
static void before(struct gyl_json *j, struct gyl_view key)
{
	if (has_comma(j))
		gyl_put_u8(j->w, ',');
	if (!is_named(j))
		return;
	quoted(j->w, key);
	gyl_put_u8(j->w, ':');
}

/*
 * The same with a name from our own sources, which has nothing to escape: one room for it and len
 * octets of the value behind it, whose address is returned.
 */
static uint8_t *room_behind(struct gyl_json *j, const char *key, size_t len)
{
	bool comma = has_comma(j), named = is_named(j);
	struct gyl_view name = named && key != NULL ? gyl_view_str(key) : gyl_view(NULL, 0);
	uint8_t *p = gyl_put_room(j->w, (size_t)comma + (named ? name.len + 3 : 0) + len);

	if (p == NULL)
		return NULL;
	if (comma)
		*p++ = ',';
	if (!named)
		return p;
	*p++ = '"';
	p = copy(p, name);
	*p++ = '"';
	*p++ = ':';
	return p;
}

static void before_key(struct gyl_json *j, const char *key)
{
	room_behind(j, key, 0);
}

void gyl__json_raw(struct gyl_json *j, struct gyl_view v)
{
	if (has_comma(j))
		gyl_put_u8(j->w, ',');
	gyl_put_view(j->w, v);
}

static void deeper(struct gyl_json *j, bool array)
{
	if (j->depth == GYL_JSON_DEPTH_MAX) {
		gyl_writer_fail(j->w, GYL_E_COUNT);
		return;
	}
	j->depth++;
	j->filled &= ~(1u << j->depth);
	j->array &= ~(1u << j->depth);
	j->array |= (uint32_t)array << j->depth;
	gyl_text_char(j->w, array ? '[' : '{');
}

void gyl_json_obj(struct gyl_json *j, const char *key)
{
	before_key(j, key);
	deeper(j, false);
}

void gyl_json_obj_named(struct gyl_json *j, struct gyl_view key)
{
	before(j, key);
	deeper(j, false);
}

void gyl_json_arr(struct gyl_json *j, const char *key)
{
	before_key(j, key);
	deeper(j, true);
}

void gyl_json_arr_named(struct gyl_json *j, struct gyl_view key)
{
	before(j, key);
	deeper(j, true);
}

void gyl_json_end(struct gyl_json *j)
{
	if (j->depth == 0)
		return;
	gyl_text_char(j->w, j->array >> j->depth & 1 ? ']' : '}');
	j->depth--;
}

void gyl_json_str(struct gyl_json *j, const char *key, struct gyl_view v)
{
	uint8_t *p;

	if (!all_plain(v)) {
		before_key(j, key);
		quoted(j->w, v);
		return;
	}
	p = room_behind(j, key, v.len + 2);
	if (p == NULL)
		return;
	*p++ = '"';
	p = copy(p, v);
	*p = '"';
}

void gyl_json_str_begin(struct gyl_json *j, const char *key)
{
	before_key(j, key);
	gyl_put_u8(j->w, '"');
}

void gyl_json_str_put(struct gyl_json *j, struct gyl_view v)
{
	inside_quotes(j->w, v);
}

void gyl_json_str_end(struct gyl_json *j)
{
	gyl_put_u8(j->w, '"');
}

void gyl_json_cstr(struct gyl_json *j, const char *key, const char *s)
{
	gyl_json_str(j, key, gyl_view_str(s));
}

void gyl_json_str_named(struct gyl_json *j, struct gyl_view key, struct gyl_view v)
{
	before(j, key);
	quoted(j->w, v);
}

void gyl_json_u64(struct gyl_json *j, const char *key, uint64_t v)
{
	before_key(j, key);
	gyl_text_u64(j->w, v);
}

void gyl_json_i64(struct gyl_json *j, const char *key, int64_t v)
{
	before_key(j, key);
	gyl_text_i64(j->w, v);
}

void gyl_json_bool(struct gyl_json *j, const char *key, bool v)
{
	before_key(j, key);
	gyl_text_str(j->w, v ? "true" : "false");
}

void gyl_json_null(struct gyl_json *j, const char *key)
{
	before_key(j, key);
	gyl_text_str(j->w, "null");
}

void gyl_json_hex(struct gyl_json *j, const char *key, struct gyl_view v)
{
	before_key(j, key);
	gyl_put_u8(j->w, '"');
	gyl_text_hex(j->w, v);
	gyl_put_u8(j->w, '"');
}

void gyl_json_ipv4(struct gyl_json *j, const char *key, uint32_t ip)
{
	before_key(j, key);
	gyl_put_u8(j->w, '"');
	gyl_text_ipv4(j->w, ip);
	gyl_put_u8(j->w, '"');
}

void gyl_json_mac(struct gyl_json *j, const char *key, const uint8_t mac[6])
{
	before_key(j, key);
	gyl_put_u8(j->w, '"');
	gyl_text_mac(j->w, mac);
	gyl_put_u8(j->w, '"');
}
