/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>

static const char hex_digit[] = "0123456789abcdef";

void gyl_text_char(struct gyl_writer *w, char c)
{
	gyl_put_u8(w, (uint8_t)c);
}

void gyl_text_str(struct gyl_writer *w, const char *s)
{
	gyl_put_view(w, gyl_view_str(s));
}

void gyl_text_u64_pad(struct gyl_writer *w, uint64_t v, unsigned width)
{
	char digits[32];
	size_t at = sizeof digits;

	if (width > sizeof digits)
		width = sizeof digits;
	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	while (sizeof digits - at < width)
		digits[--at] = '0';
	gyl_put_bytes(w, digits + at, sizeof digits - at);
}

void gyl_text_u64(struct gyl_writer *w, uint64_t v)
{
	gyl_text_u64_pad(w, v, 1);
}

void gyl_text_i64(struct gyl_writer *w, int64_t v)
{
	size_t start = w->len;

	if (v < 0)
		gyl_text_char(w, '-');
	gyl_text_u64(w, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
	if (!gyl_writer_ok(w))
		w->len = start;
}

void gyl_text_hex_u64(struct gyl_writer *w, uint64_t v, unsigned digits)
{
	uint8_t *p;

	if (digits > 16)
		digits = 16;
	p = gyl_put_room(w, digits);
	if (p == NULL)
		return;
	for (unsigned i = 0; i < digits; i++)
		p[i] = (uint8_t)hex_digit[v >> 4 * (digits - 1 - i) & 15];
}

/* Eight digits at once, the first in the highest octet: half octets apart, and to each what makes
 * it its digit. */
static uint64_t hex_eight(uint32_t v)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t x = v, letters;

	x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
	x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x | x << 4) & (each * 15);
	letters = (x + each * 6) >> 4 & each;
	return x + each * '0' + letters * ('a' - '0' - 10);
}

void gyl_text_hex(struct gyl_writer *w, struct gyl_view v)
{
	uint8_t *p = v.len > SIZE_MAX / 2 ? NULL : gyl_put_room(w, 2 * v.len);
	size_t i = 0;

	if (p == NULL) {
		gyl_writer_fail(w, GYL_E_SPACE);
		return;
	}
	for (; i + 4 <= v.len; i += 4)
		gyl_set_u64(p + 2 * i, hex_eight(gyl_get_u32(v.p + i)));
	for (; i < v.len; i++) {
		p[2 * i] = (uint8_t)hex_digit[v.p[i] >> 4];
		p[2 * i + 1] = (uint8_t)hex_digit[v.p[i] & 15];
	}
}

static char *put_octet(char *p, unsigned v)
{
	if (v >= 100)
		*p++ = (char)('0' + v / 100);
	if (v >= 10)
		*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

void gyl_text_ipv4(struct gyl_writer *w, uint32_t ip)
{
	char text[16], *p = text;

	for (int shift = 24; shift >= 0; shift -= 8) {
		p = put_octet(p, ip >> shift & 255);
		*p++ = '.';
	}
	gyl_put_bytes(w, text, (size_t)(p - text) - 1);
}

void gyl_text_mac(struct gyl_writer *w, const uint8_t mac[6])
{
	uint8_t *p = gyl_put_room(w, 17);

	if (p == NULL)
		return;
	for (int i = 0; i < 6; i++) {
		p[3 * i] = (uint8_t)hex_digit[mac[i] >> 4];
		p[3 * i + 1] = (uint8_t)hex_digit[mac[i] & 15];
		if (i != 5)
			p[3 * i + 2] = ':';
	}
}

static void safe_octet(struct gyl_writer *w, uint8_t c)
{
	if (c == '\\') {
		gyl_text_str(w, "\\\\");
	} else if (c >= 0x20 && c < 0x7f) {
		gyl_put_u8(w, c);
	} else {
		uint8_t esc[4] = {
			'\\', 'x', (uint8_t)hex_digit[c >> 4], (uint8_t)hex_digit[c & 15]};

		gyl_put_bytes(w, esc, sizeof esc);
	}
}

void gyl_text_safe(struct gyl_writer *w, struct gyl_view v)
{
	size_t start = w->len;

	for (size_t i = 0; i < v.len; i++)
		safe_octet(w, v.p[i]);
	if (!gyl_writer_ok(w))
		w->len = start;
}

const char *gyl_text_cstr(struct gyl_writer *w)
{
	if (w->len >= w->cap)
		return "";
	w->p[w->len] = '\0';
	return (const char *)w->p;
}

struct gyl_fault gyl_parse_u64(struct gyl_view in, uint64_t max, uint64_t *ret_v)
{
	uint64_t v = 0;

	if (in.len == 0)
		return gyl_fault(GYL_E_SYNTAX, 0);
	for (size_t i = 0; i < in.len; i++) {
		unsigned digit = (unsigned)in.p[i] - '0';

		if (digit > 9)
			return gyl_fault(GYL_E_SYNTAX, i);
		if (v > (UINT64_MAX - digit) / 10)
			return gyl_fault(GYL_E_RANGE, 0);
		v = v * 10 + digit;
	}
	if (v > max)
		return gyl_fault(GYL_E_RANGE, 0);
	*ret_v = v;
	return gyl_ok();
}

struct gyl_fault gyl_parse_ipv4(struct gyl_view in, uint32_t *ret_ip)
{
	uint32_t ip = 0;
	size_t at = 0;

	for (int part = 0; part < 4; part++) {
		size_t start = at;
		uint64_t octet;
		struct gyl_fault f;

		while (at < in.len && in.p[at] >= '0' && in.p[at] <= '9')
			at++;
		if (at - start > 1 && in.p[start] == '0')
			return gyl_fault(GYL_E_SYNTAX, start);
		f = gyl_parse_u64(gyl_view_sub(in, start, at - start), 255, &octet);
		if (gyl_failed(f))
			return gyl_fault(f.err, start);
		ip = ip << 8 | (uint32_t)octet;
		if (part < 3 && (at >= in.len || in.p[at++] != '.'))
			return gyl_fault(GYL_E_SYNTAX, at >= in.len ? in.len : at - 1);
	}
	if (at != in.len)
		return gyl_fault(GYL_E_SYNTAX, at);
	*ret_ip = ip;
	return gyl_ok();
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

struct gyl_fault gyl_parse_mac(struct gyl_view in, uint8_t ret_mac[6])
{
	uint8_t mac[6];

	for (size_t i = 0; i < 17; i++) {
		if (i >= in.len)
			return gyl_fault(GYL_E_SYNTAX, in.len);
		if (i % 3 == 2 ? in.p[i] != in.p[2] || (in.p[i] != ':' && in.p[i] != '-')
			       : hex_value(in.p[i]) < 0)
			return gyl_fault(GYL_E_SYNTAX, i);
	}
	if (in.len != 17)
		return gyl_fault(GYL_E_SYNTAX, 17);
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)(hex_value(in.p[3 * i]) << 4 | hex_value(in.p[3 * i + 1]));
	memcpy(ret_mac, mac, sizeof mac);
	return gyl_ok();
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct gyl_fault gyl_parse_hex(struct gyl_view in, uint8_t *buf, size_t cap, size_t *ret_len)
{
	size_t len = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (is_space(in.p[i]))
			continue;
		if (hex_value(in.p[i]) < 0)
			return gyl_fault(GYL_E_SYNTAX, i);
		if (i + 1 >= in.len || hex_value(in.p[i + 1]) < 0)
			return gyl_fault(GYL_E_SYNTAX, i + 1);
		if (len == cap)
			return gyl_fault(GYL_E_SPACE, len);
		buf[len++] = (uint8_t)(hex_value(in.p[i]) << 4 | hex_value(in.p[i + 1]));
		i++;
	}
	*ret_len = len;
	return gyl_ok();
}
