/* SPDX-License-Identifier: ISC */

/*
 * Lines that may fit, found by the octets of one word: most lines of a frame are never looked at.
 * A word's octets stand in the line as they are, since nothing in a word is ever escaped; but a MAC
 * has four forms, and a message that is no UTF-8 stands there in hexadecimal. Each of these is a
 * needle of its own, found by Horspool's method: about one step for every `len` octets.
 */

#include <gyl/text.h>

#include "services/syslogd/query_own.h"

/* Octets that may be skipped by one octet c of the text under the needle's last one: 0, this is the
 * last one. */
static void set_skip(struct gyl_syslogd_needle *n, uint8_t c, uint8_t skip)
{
	n->skip[c] = skip;
	if (c >= 'a' && c <= 'z')
		n->skip[c + 'A' - 'a'] = skip;
}

static void put_needle(struct gyl_syslogd_query *q, struct gyl_view text)
{
	struct gyl_syslogd_needle *n = &q->needle[q->needle_cnt++];

	text = gyl_view_sub(text, 0, GYL_SYSLOGD_NEEDLE_LEN_MAX);
	n->len = (uint8_t)text.len;
	memset(n->skip, n->len, sizeof n->skip);
	for (uint8_t i = 0; i < n->len; i++)
		n->text[i] = gyl__query_fold(text.p[i]);
	for (uint8_t i = 0; i + 1 < n->len; i++)
		set_skip(n, n->text[i], (uint8_t)(n->len - 1 - i));
	n->again = n->skip[n->text[n->len - 1]];
	set_skip(n, n->text[n->len - 1], 0);
}

/* 00:11:22:33:44:55 with other separators behind every so many digits; '\0': none. */
static void put_mac(struct gyl_syslogd_query *q, const uint8_t mac[6], unsigned step, char between)
{
	uint8_t text[GYL_SYSLOGD_NORM_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	for (unsigned i = 0; i < 6; i++) {
		if (i != 0 && i % step == 0 && between != '\0')
			gyl_text_char(&w, between);
		gyl_text_hex_u64(&w, mac[i], 2);
	}
	put_needle(q, gyl_writer_view(&w));
}

/* Octets that a token stands in the line with, at least; 0: nobody knows. */
static size_t known_len(const struct gyl_syslogd_query_token *t)
{
	uint32_t ip;

	/* RFC 4291 2.2: an IPv6 address has many forms */
	if (t->address && gyl_failed(gyl_parse_ipv4(t->norm, &ip)) && t->norm.len != 17)
		return 0;
	return t->norm.len;
}

void gyl_syslogd_query_ready(struct gyl_syslogd_query *q)
{
	const struct gyl_syslogd_query_token *best = NULL;
	uint8_t mac[6];

	for (unsigned i = 0; i < q->token_cnt; i++)
		if (known_len(&q->token[i]) > (best == NULL ? 1 : known_len(best)))
			best = &q->token[i];
	if (best == NULL)
		return;
	put_needle(q, best->norm);
	if (best->address && !gyl_failed(gyl_parse_mac(best->norm, mac))) {
		put_mac(q, mac, 1, '-');
		put_mac(q, mac, 2, '.');
		put_mac(q, mac, 1, '\0');
	}
	put_needle(q, gyl_view_str("\"msg_hex"));
}

static bool is_at(const struct gyl_syslogd_needle *n, const uint8_t *p)
{
	for (size_t i = 0; i < n->len; i++)
		if (gyl__query_fold(p[i]) != n->text[i])
			return false;
	return true;
}

static const uint8_t *find(const struct gyl_syslogd_needle *n, const uint8_t *p, const uint8_t *end)
{
	size_t len = (size_t)(end - p), last = n->len - 1u;

	for (size_t i = last; i < len;) {
		uint8_t skip = n->skip[p[i]];

		if (skip == 0 && is_at(n, p + i - last))
			return p + i - last;
		i += skip != 0 ? skip : n->again;
	}
	return end;
}

void gyl_syslogd_query_begin(struct gyl_syslogd_query_cursor *cur,
	const struct gyl_syslogd_query *q, struct gyl_view text)
{
	cur->q = q;
	cur->at = text.p;
	cur->end = text.p + text.len;
	for (unsigned i = 0; i < q->needle_cnt; i++)
		cur->hit[i] = text.p == NULL ? NULL : find(&q->needle[i], cur->at, cur->end);
}

/* The nearest place of any needle from cur->at on. */
static const uint8_t *nearest(struct gyl_syslogd_query_cursor *cur)
{
	const uint8_t *hit = cur->end;

	for (unsigned i = 0; i < cur->q->needle_cnt; i++) {
		if (cur->hit[i] < cur->at)
			cur->hit[i] = find(&cur->q->needle[i], cur->at, cur->end);
		if (cur->hit[i] < hit)
			hit = cur->hit[i];
	}
	return hit;
}

bool gyl_syslogd_query_next(struct gyl_syslogd_query_cursor *cur, struct gyl_view *ret_line)
{
	const uint8_t *from = cur->at, *lf;

	if (cur->at == cur->end)
		return false;
	if (cur->q->needle_cnt != 0) {
		from = nearest(cur);
		if (from == cur->end)
			return false;
		while (from > cur->at && from[-1] != '\n')
			from--;
	}
	lf = memchr(from, '\n', (size_t)(cur->end - from));
	if (lf == NULL)
		lf = cur->end;
	*ret_line = gyl_view(from, (size_t)(lf - from));
	cur->at = lf == cur->end ? lf : lf + 1;
	return true;
}
