/* SPDX-License-Identifier: ISC */

/*
 * The IEEE's lists of who bought which MAC addresses.
 *
 * txt:  "00-22-72   (hex)\t\tNAME", then "002272     (base 16)\t\tNAME" for all of it, or
 *       "900000-9FFFFF     (base 16)\t\tNAME" for a part, then an address in lines of their own.
 * csv:  "MA-L,002272,NAME,ADDRESS", with as many digits as count; a NAME with commas in quotes.
 */

#include "services/arpd/vendor.h"

void gyl_arpd_oui_init(struct gyl_arpd_oui *p, struct gyl_view text)
{
	memset(p, 0, sizeof *p);
	p->rest = text;
	p->csv = gyl_view_eq(gyl_view_sub(text, 0, 9), gyl_view_str("Registry,"));
}

/* Up to a character; what is behind it stays in *rest. */
static struct gyl_view until(struct gyl_view *rest, char stop)
{
	size_t n = 0;
	struct gyl_view word;

	while (n < rest->len && rest->p[n] != (uint8_t)stop)
		n++;
	word = gyl_view_sub(*rest, 0, n);
	*rest = gyl_view_sub(*rest, n + 1, rest->len);
	return word;
}

static struct gyl_view trim(struct gyl_view v)
{
	while (v.len != 0 && v.p[0] <= ' ')
		v = gyl_view_sub(v, 1, v.len);
	while (v.len != 0 && v.p[v.len - 1] <= ' ')
		v.len--;
	return v;
}

static int digit(uint8_t c)
{
	uint8_t low = c | 0x20;

	if (c >= '0' && c <= '9')
		return c - '0';
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* Hexadecimal digits, cnt of them and no others; hyphens in between are passed over. */
static bool hex(struct gyl_view v, unsigned cnt, uint64_t *ret)
{
	uint64_t val = 0;
	unsigned n = 0;

	for (size_t i = 0; i < v.len; i++) {
		int d = digit(v.p[i]);

		if (v.p[i] == '-')
			continue;
		if (d < 0 || n == cnt)
			return false;
		val = val << 4 | (unsigned)d;
		n++;
	}
	*ret = val;
	return n == cnt;
}

/* What stands before a mark such as "(hex)", and behind it. */
static bool split(struct gyl_view line, const char *mark, struct gyl_view *ret_before,
	struct gyl_view *ret_behind)
{
	struct gyl_view m = gyl_view_str(mark);

	for (size_t i = 0; i + m.len <= line.len; i++) {
		if (!gyl_view_eq(gyl_view_sub(line, i, m.len), m))
			continue;
		*ret_before = trim(gyl_view_sub(line, 0, i));
		*ret_behind = trim(gyl_view_sub(line, i + m.len, line.len));
		return true;
	}
	return false;
}

/* "900000-9FFFFF": the first, and how many bits the two have in common. */
static bool part(struct gyl_view text, uint64_t *ret_first, unsigned *ret_bits)
{
	struct gyl_view rest = text, first = until(&rest, '-');
	uint64_t last, size;

	if (rest.len == 0 || !hex(first, 6, ret_first) || !hex(rest, 6, &last) || last < *ret_first)
		return false;
	size = last - *ret_first + 1;
	for (*ret_bits = 24; size > 1; size >>= 1, --*ret_bits)
		if ((size & 1) != 0)
			return false;
	return *ret_first % (last - *ret_first + 1) == 0;
}

static bool txt_line(struct gyl_arpd_oui *p, struct gyl_view line, struct gyl_arpd_oui_line *ret)
{
	struct gyl_view before;
	uint64_t val;
	unsigned bits;

	if (split(line, "(hex)", &before, &ret->name)) {
		p->has_oui = hex(before, 6, &val);
		p->oui = p->has_oui ? (uint32_t)val : 0;
		return false;
	}
	if (!split(line, "(base 16)", &before, &ret->name))
		return false;
	if (hex(before, 6, &val) && before.len == 6) {
		ret->prefix = val << 24;
		ret->bits = 24;
		return true;
	}
	if (!p->has_oui || !part(before, &val, &bits))
		return false;
	ret->prefix = (uint64_t)p->oui << 24 | val;
	ret->bits = 24 + bits;
	return true;
}

static bool csv_line(struct gyl_view line, struct gyl_arpd_oui_line *ret)
{
	struct gyl_view rest = line, assignment;

	(void)until(&rest, ',');
	assignment = until(&rest, ',');
	ret->bits = 4 * (unsigned)assignment.len;
	if (assignment.len < 6 || assignment.len > 9 ||
		!hex(assignment, (unsigned)assignment.len, &ret->prefix))
		return false;
	ret->prefix <<= 48 - ret->bits;
	if (rest.len != 0 && rest.p[0] == '"') {
		rest = gyl_view_sub(rest, 1, rest.len);
		ret->name = trim(until(&rest, '"'));
	} else {
		ret->name = trim(until(&rest, ','));
	}
	return true;
}

bool gyl_arpd_oui_next(struct gyl_arpd_oui *p, struct gyl_arpd_oui_line *ret_line)
{
	while (p->rest.len != 0) {
		struct gyl_view line = until(&p->rest, '\n');

		if (p->csv ? csv_line(line, ret_line) : txt_line(p, line, ret_line)) {
			if (ret_line->name.len > GYL_ARPD_VENDOR_MAX)
				ret_line->name.len = GYL_ARPD_VENDOR_MAX;
			return true;
		}
	}
	return false;
}
