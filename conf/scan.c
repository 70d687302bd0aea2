/* SPDX-License-Identifier: ISC */
#include "conf/scan.h"

#include <gyl/json.h>
#include <gyl/text.h>
#include <stdlib.h>

#include "conf/cursor.h"

/*
 * Jansson tells no positions of values, so this walks the same text beside it (conf/json.c). It is
 * also the one that words syntax errors: it knows where it stands and what may come there.
 */

struct scan {
	struct gyl_conf *c;
	struct gyl_conf_cursor at;
	unsigned depth;
	bool duplicate;
};

enum {
	FOUND_MAX = 20
};

/* What is at the cursor, for a message: a word, a character or the end. */
static const char *found(const struct scan *s, char *buf, size_t cap)
{
	struct gyl_writer w;
	size_t len = 0;
	int c;

	if (s->at.p == s->at.end)
		return "the end of the file";
	gyl_writer_init(&w, buf, cap - 1);
	while ((c = gyl_conf_cursor_peek(&s->at, len)) > ' ' && len < FOUND_MAX &&
		strchr(",:{}[]\"", c) == NULL)
		len++;
	gyl_text_char(&w, '\'');
	gyl_text_safe(&w, gyl_view(s->at.p, len == 0 ? 1 : len));
	gyl_text_char(&w, '\'');
	buf[w.len] = '\0';
	return buf;
}

static bool is_comment(const struct scan *s)
{
	int c = gyl_conf_cursor_peek(&s->at, 0), next = gyl_conf_cursor_peek(&s->at, 1);

	return c == '#' || (c == '/' && (next == '/' || next == '*'));
}

static void *fail(struct scan *s, const char *text)
{
	gyl__conf_error_at(s->c, s->at.line, s->at.col, "%s", text);
	return NULL;
}

static void *expected(struct scan *s, const char *what)
{
	char buf[8 * FOUND_MAX];
	int c = gyl_conf_cursor_peek(&s->at, 0);

	if (is_comment(s))
		return fail(s, "a comment: JSON has none, remove it");
	if (c == '\'')
		return fail(s, "a single quote: JSON has strings and keys in double quotes");
	gyl__conf_error_at(s->c, s->at.line, s->at.col, "expected %s, got %s", what,
		found(s, buf, sizeof buf));
	return NULL;
}

static void skip_space(struct scan *s)
{
	int c;

	while ((c = gyl_conf_cursor_peek(&s->at, 0)) == ' ' || c == '\t' || c == '\n' || c == '\r')
		gyl_conf_cursor_step(&s->at);
}

static bool is_hex(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The cursor is at a backslash: RFC 8259 7. */
static bool scan_escape(struct scan *s)
{
	int c = gyl_conf_cursor_peek(&s->at, 1);
	size_t len = 2;

	if (c == 'u') {
		while (len < 6 && is_hex(gyl_conf_cursor_peek(&s->at, len)))
			len++;
	}
	if (c <= 0 || strchr("\"\\/bfnrtu", c) == NULL || (c == 'u' && len != 6)) {
		fail(s, "an escape that JSON has not: it knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
		return false;
	}
	gyl_conf_cursor_steps(&s->at, len);
	return true;
}

/* The cursor is at the opening quote. *ret_raw is what is between the quotes. */
static bool scan_string(struct scan *s, struct gyl_view *ret_raw)
{
	struct gyl_conf_cursor start = s->at;
	int c;

	gyl_conf_cursor_step(&s->at);
	while ((c = gyl_conf_cursor_peek(&s->at, 0)) != '"') {
		if (c < 0 || c == '\n' || c == '\r') {
			s->at = start;
			fail(s, "a string that is not ended on its line");
			return false;
		}
		if (c < 0x20) {
			fail(s, "a control character in a string: write it as \\t or \\u00XX");
			return false;
		}
		if (c == '\\') {
			if (!scan_escape(s))
				return false;
		} else {
			gyl_conf_cursor_step(&s->at);
		}
	}
	*ret_raw = gyl_view(start.p + 1, (size_t)(s->at.p - start.p) - 1);
	gyl_conf_cursor_step(&s->at);
	return true;
}

static size_t digits(const struct scan *s, size_t at)
{
	size_t start = at;
	int c;

	while ((c = gyl_conf_cursor_peek(&s->at, at)) >= '0' && c <= '9')
		at++;
	return at - start;
}

/* Length of the number at the cursor, 0 when it is not one: RFC 8259 6. */
static size_t number_len(const struct scan *s, bool *ret_real)
{
	size_t at = gyl_conf_cursor_peek(&s->at, 0) == '-', len = digits(s, at);
	int c;

	*ret_real = false;
	if (len == 0 || (len > 1 && gyl_conf_cursor_peek(&s->at, at) == '0'))
		return 0;
	at += len;
	if (gyl_conf_cursor_peek(&s->at, at) == '.') {
		*ret_real = true;
		len = digits(s, at + 1);
		if (len == 0)
			return 0;
		at += 1 + len;
	}
	c = gyl_conf_cursor_peek(&s->at, at);
	if (c == 'e' || c == 'E') {
		*ret_real = true;
		c = gyl_conf_cursor_peek(&s->at, ++at);
		at += c == '+' || c == '-';
		len = digits(s, at);
		if (len == 0)
			return 0;
		at += len;
	}
	return at;
}

/* A bare word or number may be followed by nothing that looks like more of it. */
static bool ends_at(const struct scan *s, size_t len)
{
	int c = gyl_conf_cursor_peek(&s->at, len);

	return c <= ' ' || strchr(",]}:/#", c) != NULL;
}

static struct gyl_conf_node *new_node(struct scan *s, enum gyl_conf_kind kind)
{
	struct gyl_conf_node *n = gyl_conf_node_new(s->c, kind);

	if (n == NULL)
		return fail(s, "too many values in one file");
	n->line = s->at.line;
	n->col = s->at.col;
	return n;
}

static struct gyl_conf_node *scalar(struct scan *s, enum gyl_conf_kind kind, size_t len)
{
	struct gyl_conf_node *n;

	if (!ends_at(s, len))
		return expected(s, "a value");
	n = new_node(s, kind);
	if (n != NULL) {
		n->text = gyl_view(s->at.p, len);
		gyl_conf_cursor_steps(&s->at, len);
	}
	return n;
}

static bool at_word(const struct scan *s, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(s->at.end - s->at.p) >= len && memcmp(s->at.p, word, len) == 0;
}

static struct gyl_conf_node *scan_scalar(struct scan *s)
{
	struct gyl_conf_node *n;
	bool real;
	size_t len;

	if (gyl_conf_cursor_peek(&s->at, 0) == '"') {
		n = new_node(s, GYL_CONF_IS_STRING);
		return n != NULL && scan_string(s, &n->text) ? n : NULL;
	}
	if (at_word(s, "true"))
		return scalar(s, GYL_CONF_IS_BOOL, 4);
	if (at_word(s, "false"))
		return scalar(s, GYL_CONF_IS_BOOL, 5);
	if (at_word(s, "null"))
		return scalar(s, GYL_CONF_IS_NULL, 4);
	len = number_len(s, &real);
	if (len == 0)
		return expected(s, "a value");
	return scalar(s, real ? GYL_CONF_IS_REAL : GYL_CONF_IS_INT, len);
}

static struct gyl_conf_node *scan_value(struct scan *s);

/* The cursor is at a key: read "key": value. */
static bool scan_member(struct scan *s, struct gyl_conf_node *obj)
{
	struct gyl_conf_cursor at = s->at;
	struct gyl_view key;
	struct gyl_conf_node *n;

	if (gyl_conf_cursor_peek(&s->at, 0) != '"') {
		expected(s, "a key in double quotes");
		return false;
	}
	if (!scan_string(s, &key))
		return false;
	skip_space(s);
	if (gyl_conf_cursor_peek(&s->at, 0) != ':') {
		expected(s, "':' after the key");
		return false;
	}
	gyl_conf_cursor_step(&s->at);
	skip_space(s);
	n = scan_value(s);
	if (n == NULL)
		return false;
	n->key = key;
	n->key_line = at.line;
	n->key_col = at.col;
	gyl_conf_node_add(obj, n);
	return true;
}

static bool scan_item(struct scan *s, struct gyl_conf_node *list)
{
	struct gyl_conf_node *n = scan_value(s);

	if (n == NULL)
		return false;
	gyl_conf_node_add(list, n);
	return true;
}

/* Octets of keys, then place: two of a kind become neighbours, the earlier one first. */
static int by_key(const void *a, const void *b)
{
	const struct gyl_conf_node *const *x = a, *const *y = b;
	size_t len = (*x)->key.len < (*y)->key.len ? (*x)->key.len : (*y)->key.len;
	int order = memcmp((*x)->key.p, (*y)->key.p, len);

	if (order == 0 && (*x)->key.len != (*y)->key.len)
		return (*x)->key.len < (*y)->key.len ? -1 : 1;
	if (order == 0)
		return (*x)->index < (*y)->index ? -1 : 1;
	return order;
}

static void check_duplicates(struct scan *s, const struct gyl_conf_node *obj)
{
	struct gyl_conf_node **sorted, *n = obj->first;

	if (obj->cnt < 2)
		return;
	sorted = gyl_conf_must(malloc(obj->cnt * sizeof(struct gyl_conf_node *)));
	for (uint32_t i = 0; i < obj->cnt; i++, n = n->next)
		sorted[i] = n;
	qsort(sorted, obj->cnt, sizeof(struct gyl_conf_node *), by_key);
	for (uint32_t i = 1; i < obj->cnt; i++) {
		if (!gyl_view_eq(sorted[i - 1]->key, sorted[i]->key))
			continue;
		s->duplicate = true;
		gyl__conf_error(s->c, sorted[i], GYL__CONF_AT_KEY, NULL,
			"given twice; the first is at line %u", (unsigned)sorted[i - 1]->key_line);
	}
	free(sorted);
}

static bool scan_closed(struct scan *s, struct gyl_conf_node *n, int close)
{
	bool object = n->kind == GYL_CONF_IS_OBJECT;
	int c;

	skip_space(s);
	while (gyl_conf_cursor_peek(&s->at, 0) != close) {
		if (!(object ? scan_member(s, n) : scan_item(s, n)))
			return false;
		skip_space(s);
		c = gyl_conf_cursor_peek(&s->at, 0);
		if (c != ',' && c != close) {
			expected(s, object ? "',' or '}' after the value"
					   : "',' or ']' after the value");
			return false;
		}
		if (c == close)
			break;
		gyl_conf_cursor_step(&s->at);
		skip_space(s);
		if (gyl_conf_cursor_peek(&s->at, 0) == close) {
			fail(s, object ? "expected another key after ',', got '}'"
				       : "expected another value after ',', got ']'");
			return false;
		}
	}
	gyl_conf_cursor_step(&s->at);
	return true;
}

static struct gyl_conf_node *scan_value(struct scan *s)
{
	int c = gyl_conf_cursor_peek(&s->at, 0);
	struct gyl_conf_node *n;

	if (c != '{' && c != '[')
		return scan_scalar(s);
	if (s->depth == GYL_CONF_DEPTH_MAX)
		return fail(s, "nested too deep");
	n = new_node(s, c == '{' ? GYL_CONF_IS_OBJECT : GYL_CONF_IS_LIST);
	if (n == NULL)
		return NULL;
	gyl_conf_cursor_step(&s->at);
	s->depth++;
	if (!scan_closed(s, n, c == '{' ? '}' : ']'))
		return NULL;
	s->depth--;
	return n;
}

/* Parents are known only when the whole tree is, so paths of duplicates are told at the end. */
static void check_tree(struct scan *s, const struct gyl_conf_node *n)
{
	if (n->kind == GYL_CONF_IS_OBJECT)
		check_duplicates(s, n);
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next)
		check_tree(s, at);
}

static bool text_sound(struct scan *s, struct gyl_view text)
{
	size_t good = gyl_utf8_prefix(text);

	if (text.len >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) {
		fail(s, "a byte order mark: save the file as plain UTF-8");
		return false;
	}
	if (good == text.len)
		return true;
	gyl_conf_cursor_steps(&s->at, good);
	fail(s, "an octet that is not UTF-8");
	return false;
}

struct gyl_conf_node *gyl__conf_scan(struct gyl_conf *c, struct gyl_view text)
{
	struct scan s = {.c = c};
	struct gyl_conf_node *n;

	gyl_conf_cursor_init(&s.at, text);
	if (!text_sound(&s, text))
		return NULL;
	skip_space(&s);
	n = s.at.p == s.at.end ? expected(&s, "'{'") : scan_value(&s);
	if (n == NULL)
		return NULL;
	skip_space(&s);
	if (s.at.p != s.at.end)
		return expected(&s, "the end of the file");
	check_tree(&s, n);
	return s.duplicate ? NULL : n;
}
