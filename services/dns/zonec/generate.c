/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/generate.h"

#include <gyl/text.h>

enum {
	WIDTH_MAX = 63
};

static bool digits(struct gyl_view text, size_t *at, uint32_t *ret_v)
{
	uint64_t v = 0;
	size_t from = *at;

	for (; *at < text.len && text.p[*at] >= '0' && text.p[*at] <= '9'; ++*at) {
		v = 10 * v + text.p[*at] - '0';
		if (v > INT32_MAX)
			return false;
	}
	*ret_v = (uint32_t)v;
	return *at != from;
}

static bool skip(struct gyl_view text, size_t *at, uint8_t c)
{
	if (*at == text.len || text.p[*at] != c)
		return false;
	++*at;
	return true;
}

bool gyl_zone_range_parse(struct gyl_view text, struct gyl_zone_range *ret_range)
{
	struct gyl_zone_range r = {.step = 1};
	size_t at = 0;

	if (!digits(text, &at, &r.first) || !skip(text, &at, '-') || !digits(text, &at, &r.last) ||
		(skip(text, &at, '/') && !digits(text, &at, &r.step)) || at != text.len ||
		r.step == 0 || r.last < r.first ||
		(r.last - r.first) / r.step >= GYL_ZONE_GENERATE_MAX)
		return false;
	*ret_range = r;
	return true;
}

/* What stands in braces. */
struct form {
	int64_t offset;
	uint32_t width;
	char base;
};

static bool read_form(struct gyl_view text, size_t *at, struct form *f)
{
	static const uint8_t bases[] = {'d', 'o', 'x', 'X', 'n', 'N'};
	bool minus = skip(text, at, '-');
	uint32_t v = 0;

	if (!minus)
		skip(text, at, '+');
	if (!digits(text, at, &v))
		return false;
	f->offset = minus ? -(int64_t)v : (int64_t)v;
	if (skip(text, at, ',') && (!digits(text, at, &f->width) || f->width > WIDTH_MAX))
		return false;
	if (skip(text, at, ',')) {
		if (*at == text.len || memchr(bases, text.p[*at], sizeof bases) == NULL)
			return false;
		f->base = (char)text.p[(*at)++];
	}
	return skip(text, at, '}');
}

/* Digits, lowest first. */
static size_t to_digits(uint64_t v, unsigned base, bool upper, char text[64])
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t len = 0;

	do {
		text[len++] = set[v % base];
		v /= base;
	} while (v != 0);
	return len;
}

/* "n": nibbles, lowest first, with dots between, as ip6.arpa has them; the width counts dots. */
static void put_nibbles(const struct form *f, uint64_t v, struct gyl_writer *w)
{
	char text[64];
	size_t len = to_digits(v, 16, f->base == 'N', text);
	size_t want = (f->width + 1) / 2;

	for (size_t i = 0; i < len || i < want; i++) {
		if (i != 0)
			gyl_text_char(w, '.');
		gyl_text_char(w, i < len ? text[i] : '0');
	}
}

static void put_number(const struct form *f, uint64_t v, struct gyl_writer *w)
{
	unsigned base = f->base == 'd' ? 10 : f->base == 'o' ? 8 : 16;
	char text[64];
	size_t len;

	if (f->base == 'n' || f->base == 'N') {
		put_nibbles(f, v, w);
		return;
	}
	len = to_digits(v, base, f->base == 'X', text);
	for (size_t i = len; i < f->width; i++)
		gyl_text_char(w, '0');
	while (len-- != 0)
		gyl_text_char(w, text[len]);
}

struct gyl_fault gyl_zone_generate(struct gyl_view word, uint32_t number, struct gyl_writer *w)
{
	for (size_t at = 0; at < word.len;) {
		struct form f = {.base = 'd'};
		size_t from = at;

		if (word.p[at] == '\\' && word.len - at > 1) {
			if (word.p[at + 1] != '$')
				gyl_text_char(w, '\\');
			gyl_text_char(w, (char)word.p[at + 1]);
			at += 2;
			continue;
		}
		/* "$$" is how a dollar was written once */
		if (word.p[at++] != '$' || skip(word, &at, '$')) {
			gyl_text_char(w, (char)word.p[from]);
			continue;
		}
		if (skip(word, &at, '{') && !read_form(word, &at, &f))
			return gyl_fault(GYL_E_SYNTAX, from);
		if ((int64_t)number + f.offset < 0)
			return gyl_fault(GYL_E_RANGE, from);
		put_number(&f, (uint64_t)((int64_t)number + f.offset), w);
	}
	return gyl_writer_ok(w) ? gyl_ok() : gyl_fault(GYL_E_SPACE, word.len);
}
