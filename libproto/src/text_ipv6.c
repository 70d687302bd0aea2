/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>

/* The longest run of two or more zero groups; RFC 5952 4.2.3: the first of equals. */
static void longest_zeros(const uint8_t ip[16], unsigned *ret_start, unsigned *ret_cnt)
{
	unsigned best = 8, best_cnt = 1, cnt = 0;

	for (unsigned i = 0; i < 8; i++) {
		cnt = gyl_get_u16(ip + 2 * i) == 0 ? cnt + 1 : 0;
		if (cnt > best_cnt) {
			best_cnt = cnt;
			best = i + 1 - cnt;
		}
	}
	*ret_start = best;
	*ret_cnt = best == 8 ? 0 : best_cnt;
}

static void group_print(struct gyl_writer *w, unsigned v)
{
	unsigned digits = 1;

	while (digits < 4 && v >> 4 * digits != 0)
		digits++;
	gyl_text_hex_u64(w, v, digits);
}

void gyl_text_ipv6(struct gyl_writer *w, const uint8_t ip[16])
{
	size_t begin = w->len;
	unsigned start, cnt, groups = 8;

	longest_zeros(ip, &start, &cnt);
	/* RFC 5952 5: addresses that carry an IPv4 address show it */
	if (start == 0 && (cnt == 6 || (cnt == 5 && ip[10] == 0xff && ip[11] == 0xff)))
		groups = 6;
	for (unsigned i = 0; i < groups; i++) {
		if (i == start) {
			gyl_text_str(w, "::");
			i += cnt - 1;
			continue;
		}
		if (i != 0 && i != start + cnt)
			gyl_text_char(w, ':');
		group_print(w, gyl_get_u16(ip + 2 * i));
	}
	if (groups == 6) {
		if (cnt == 5)
			gyl_text_char(w, ':');
		gyl_text_ipv4(w, gyl_get_u32(ip + 12));
	}
	if (!gyl_writer_ok(w))
		w->len = begin;
}

static int digit_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One to four digits at *at. */
static bool group_parse(struct gyl_view in, size_t *at, unsigned *ret_v)
{
	size_t start = *at;
	unsigned v = 0;

	while (*at < in.len && *at - start < 4 && digit_value(in.p[*at]) >= 0)
		v = v << 4 | (unsigned)digit_value(in.p[(*at)++]);
	*ret_v = v;
	return *at != start;
}

static bool is_colon(struct gyl_view in, size_t at)
{
	return at < in.len && in.p[at] == ':';
}

/* Where the address stands while it is read: groups so far, and where the gap is (9: none yet). */
struct progress {
	uint8_t ip[16];
	unsigned cnt, gap;
};

/* A dotted quad at the end takes the place of two groups. */
static bool quad_parse(struct gyl_view in, size_t at, struct progress *p)
{
	uint32_t ip;

	if (p->cnt > 6 || gyl_failed(gyl_parse_ipv4(gyl_view_sub(in, at, in.len), &ip)))
		return false;
	gyl_set_u32(p->ip + 2 * p->cnt, ip);
	p->cnt += 2;
	return true;
}

/* Moves what stands behind the gap to the end. */
static void gap_fill(struct progress *p)
{
	unsigned tail = 2 * (p->cnt - p->gap);

	memmove(p->ip + 16 - tail, p->ip + 2 * p->gap, tail);
	memset(p->ip + 2 * p->gap, 0, 16 - tail - 2 * p->gap);
}

static struct gyl_fault groups_parse(struct gyl_view in, struct progress *p)
{
	size_t at = 0;

	while (at < in.len) {
		size_t start = at;
		unsigned v;

		if (is_colon(in, at) && is_colon(in, at + 1) && p->gap == 9) {
			p->gap = p->cnt;
			at += 2;
			continue;
		}
		/* a single colon only between groups */
		if (at != 0 && !(p->gap == p->cnt && in.p[at - 1] == ':')) {
			if (!is_colon(in, at))
				return gyl_fault(GYL_E_SYNTAX, at);
			start = ++at;
		}
		if (p->cnt == 8 || !group_parse(in, &at, &v))
			return gyl_fault(GYL_E_SYNTAX, at);
		if (at < in.len && in.p[at] == '.')
			return quad_parse(in, start, p) ? gyl_ok() : gyl_fault(GYL_E_SYNTAX, start);
		gyl_set_u16(p->ip + 2 * p->cnt++, (uint16_t)v);
	}
	return gyl_ok();
}

struct gyl_fault gyl_parse_ipv6(struct gyl_view in, uint8_t ret_ip[16])
{
	struct progress p = {{0}, 0, 9};
	struct gyl_fault f = groups_parse(in, &p);

	if (gyl_failed(f))
		return f;
	if (p.gap == 9 ? p.cnt != 8 : p.cnt > 7)
		return gyl_fault(GYL_E_SYNTAX, in.len);
	if (p.gap != 9)
		gap_fill(&p);
	memcpy(ret_ip, p.ip, sizeof p.ip);
	return gyl_ok();
}
