/* SPDX-License-Identifier: ISC */
#include "libproto/src/dns_base.h"

#include <gyl/dns_name.h>
#include <gyl/text.h>

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base32hex[] = "0123456789abcdefghijklmnopqrstuv";

/* v in digits of some bits each; the last one is filled with zeros. */
static void digits_print(
	struct gyl_writer *w, struct gyl_view v, const char *alphabet, unsigned bits)
{
	uint32_t acc = 0;
	unsigned cnt = 0;

	for (size_t i = 0; i < v.len; i++) {
		acc = acc << 8 | v.p[i];
		for (cnt += 8; cnt >= bits; cnt -= bits)
			gyl_text_char(w, alphabet[acc >> (cnt - bits) & ((1u << bits) - 1)]);
	}
	if (cnt != 0)
		gyl_text_char(w, alphabet[acc << (bits - cnt) & ((1u << bits) - 1)]);
}

void gyl__base64_print(struct gyl_writer *w, struct gyl_view v)
{
	digits_print(w, v, base64, 6);
	for (size_t i = v.len; i % 3 != 0; i++)
		gyl_text_char(w, '=');
}

void gyl__base32hex_print(struct gyl_writer *w, struct gyl_view v)
{
	digits_print(w, v, base32hex, 5);
}

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

struct gyl_fault gyl__base64_parse(struct gyl__bits *b, struct gyl_view in, struct gyl_writer *w)
{
	for (size_t i = 0; i < in.len; i++) {
		int v = base64_value(in.p[i]);

		/* RFC 4648 4: a last group of two or three digits is filled up with pads, its idle
		 * bits are 0 */
		if (in.p[i] == '=' && b->bit_cnt != 0 && b->bit_cnt != 6 &&
			b->pad_cnt < b->bit_cnt / 2 && (b->acc & ((1u << b->bit_cnt) - 1)) == 0) {
			b->pad_cnt++;
			continue;
		}
		if (v < 0 || b->pad_cnt != 0)
			return gyl_fault(GYL_E_SYNTAX, i);
		b->acc = b->acc << 6 | (unsigned)v;
		b->bit_cnt += 6;
		if (b->bit_cnt >= 8) {
			b->bit_cnt -= 8;
			gyl_put_u8(w, (uint8_t)(b->acc >> b->bit_cnt));
		}
	}
	return w->fault;
}

bool gyl__base64_done(const struct gyl__bits *b)
{
	return b->pad_cnt == b->bit_cnt / 2 && b->bit_cnt != 6;
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

struct gyl_fault gyl__hex_parse(struct gyl__bits *b, struct gyl_view in, struct gyl_writer *w)
{
	for (size_t i = 0; i < in.len; i++) {
		int v = hex_value(in.p[i]);

		if (v < 0 || v > 15)
			return gyl_fault(GYL_E_SYNTAX, i);
		b->acc = b->acc << 4 | (unsigned)v;
		b->bit_cnt ^= 4;
		if (b->bit_cnt == 0)
			gyl_put_u8(w, (uint8_t)b->acc);
	}
	return w->fault;
}

struct gyl_fault gyl__base32hex_parse(struct gyl_view in, struct gyl_writer *w)
{
	uint32_t acc = 0;
	unsigned cnt = 0;

	for (size_t i = 0; i < in.len; i++) {
		int v = hex_value(in.p[i]);

		if (v < 0)
			return gyl_fault(GYL_E_SYNTAX, i);
		acc = acc << 5 | (unsigned)v;
		cnt += 5;
		if (cnt >= 8) {
			cnt -= 8;
			gyl_put_u8(w, (uint8_t)(acc >> cnt));
		}
	}
	/* RFC 4648 6: a whole digit left over, or idle bits that are set, encode nothing */
	if (cnt >= 5 || (acc & ((1u << cnt) - 1)) != 0)
		return gyl_fault(GYL_E_SYNTAX, in.len == 0 ? 0 : in.len - 1);
	return w->fault;
}

/* Days from 1970-01-01; years start in March, so that the leap day is the last. */
static uint32_t days_of(unsigned year, unsigned month, unsigned day)
{
	unsigned y = month > 2 ? year : year - 1, m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719468;
}

void gyl__stamp_print(struct gyl_writer *w, uint32_t time_s)
{
	uint32_t days = time_s / 86400, second = time_s % 86400;
	unsigned year = 1970 + days / 365, month = 12;

	while (days_of(year, 1, 1) > days)
		year--;
	while (days_of(year, month, 1) > days)
		month--;
	gyl_text_u64_pad(w, year, 4);
	gyl_text_u64_pad(w, month, 2);
	gyl_text_u64_pad(w, days - days_of(year, month, 1) + 1, 2);
	gyl_text_u64_pad(w, second / 3600, 2);
	gyl_text_u64_pad(w, second / 60 % 60, 2);
	gyl_text_u64_pad(w, second % 60, 2);
}

static unsigned month_days(unsigned year, unsigned month)
{
	return month == 12 ? 31 : days_of(year, month + 1, 1) - days_of(year, month, 1);
}

struct gyl_fault gyl__stamp_parse(struct gyl_view in, uint32_t *ret_time_s)
{
	static const unsigned width[6] = {4, 2, 2, 2, 2, 2};
	uint64_t v, part[6];
	size_t at = 0;
	struct gyl_fault f = gyl_parse_u64(in, in.len == 14 ? UINT64_MAX : UINT32_MAX, &v);

	if (gyl_failed(f))
		return f;
	if (in.len != 14) {
		*ret_time_s = (uint32_t)v;
		return gyl_ok();
	}
	for (unsigned i = 0; i < 6; at += width[i++])
		(void)gyl_parse_u64(gyl_view_sub(in, at, width[i]), UINT64_MAX, &part[i]);
	/* 2106-02-07 06:28:15 is the last second that 32 bits hold */
	if (part[0] < 1970 || part[0] > 2106 || part[1] < 1 || part[1] > 12 || part[2] < 1 ||
		part[2] > month_days((unsigned)part[0], (unsigned)part[1]) || part[3] > 23 ||
		part[4] > 59 || part[5] > 59)
		return gyl_fault(GYL_E_RANGE, 0);
	v = days_of((unsigned)part[0], (unsigned)part[1], (unsigned)part[2]) * (uint64_t)86400 +
	    part[3] * 3600 + part[4] * 60 + part[5];
	if (v > UINT32_MAX)
		return gyl_fault(GYL_E_RANGE, 0);
	*ret_time_s = (uint32_t)v;
	return gyl_ok();
}

void gyl__quoted_print(struct gyl_writer *w, struct gyl_view v)
{
	gyl_text_char(w, '"');
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.p[i];

		if ((c < 0x20 && c != '\t') || c > 0x7e) {
			gyl_text_char(w, '\\');
			gyl_text_u64_pad(w, c, 3);
			continue;
		}
		if (c == '"' || c == '\\')
			gyl_text_char(w, '\\');
		gyl_put_u8(w, c);
	}
	gyl_text_char(w, '"');
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

struct gyl_fault gyl__escape_parse(struct gyl_view in, size_t *at, uint8_t *ret_c)
{
	size_t start = *at;
	unsigned v = 0;

	if (start + 1 >= in.len)
		return gyl_fault(GYL_E_SYNTAX, start);
	if (!is_digit(in.p[start + 1])) {
		*ret_c = in.p[start + 1];
		*at = start + 2;
		return gyl_ok();
	}
	for (size_t i = start + 1; i < start + 4; i++) {
		if (i >= in.len || !is_digit(in.p[i]))
			return gyl_fault(GYL_E_SYNTAX, start);
		v = v * 10 + in.p[i] - '0';
	}
	if (v > 255)
		return gyl_fault(GYL_E_SYNTAX, start);
	*ret_c = (uint8_t)v;
	*at = start + 4;
	return gyl_ok();
}

struct gyl_fault gyl__unescape(struct gyl_view in, size_t max, struct gyl_writer *w)
{
	size_t at = 0, cnt = 0;

	while (at < in.len) {
		size_t here = at;
		uint8_t c = in.p[at];

		if (c == '\\') {
			struct gyl_fault f = gyl__escape_parse(in, &at, &c);

			if (gyl_failed(f))
				return f;
		} else {
			at++;
		}
		if (cnt++ == max)
			return gyl_fault(GYL_E_COUNT, here);
		gyl_put_u8(w, c);
	}
	return w->fault;
}

bool gyl__word_eq(struct gyl_view text, const char *word)
{
	struct gyl_view v = gyl_view_str(word);

	if (text.len != v.len)
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (gyl_dns_fold(text.p[i]) != gyl_dns_fold(v.p[i]))
			return false;
	return true;
}
