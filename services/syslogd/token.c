/* SPDX-License-Identifier: ISC */
#include "services/syslogd/token.h"

#include <gyl/text.h>

enum {
	MAC_TEXT_LEN = 17, /* 00:11:22:33:44:55 */
	MAC_DOTS_LEN = 14, /* 0011.2233.4455 */
	MAC_BARE_LEN = 12
};

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static uint8_t fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

static bool is_hex(uint8_t c)
{
	return is_digit(c) || (fold(c) >= 'a' && fold(c) <= 'f');
}

static bool is_word(uint8_t c)
{
	return is_digit(c) || (fold(c) >= 'a' && fold(c) <= 'z') || c == '_' || c >= 0x80;
}

/* ---- hashes: FNV-1a, its bits mixed (the finalizer of SplitMix64) because all are used ---- */

static uint64_t hash_of(enum gyl_syslogd_tag tag, struct gyl_view v)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)tag << 56;

	for (size_t i = 0; i < v.len; i++)
		h = (h ^ fold(v.p[i])) * UINT64_C(0x100000001b3);
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

uint64_t gyl_syslogd_token_field(enum gyl_syslogd_tag tag, struct gyl_view text)
{
	return hash_of(tag, text);
}

/* ---- addresses: each returns the octets that it takes of v, 0 when there is none ---- */

static bool ends_at(struct gyl_view v, size_t at)
{
	return at >= v.len || !is_word(v.p[at]);
}

/* Pairs of digits with the separator of the first between them. */
static size_t pair_cnt(struct gyl_view v)
{
	size_t cnt = 0;

	for (size_t at = 0; at + 2 <= v.len && is_hex(v.p[at]) && is_hex(v.p[at + 1]); at += 3) {
		cnt++;
		if (at + 2 == v.len || v.p[at + 2] != v.p[2] || cnt > 7)
			break;
	}
	return cnt;
}

/* Six pairs. Of seven the first is the type of a client identifier (RFC 2132 9.14), a word of its
 * own; more are something else. */
static size_t mac_pairs(struct gyl_view v, uint8_t mac[6])
{
	if (v.len < MAC_TEXT_LEN || (v.p[2] != ':' && v.p[2] != '-') || pair_cnt(v) != 6 ||
		!ends_at(v, MAC_TEXT_LEN) ||
		gyl_failed(gyl_parse_mac(gyl_view_sub(v, 0, MAC_TEXT_LEN), mac)))
		return 0;
	return MAC_TEXT_LEN;
}

static size_t mac_digits(struct gyl_view v, uint8_t mac[6])
{
	size_t step = v.len >= MAC_DOTS_LEN && v.p[4] == '.' && v.p[9] == '.' ? 5 : 4;
	size_t len = step == 5 ? MAC_DOTS_LEN : MAC_BARE_LEN, n;

	if (v.len < len || !ends_at(v, len))
		return 0;
	for (size_t i = 0; i < 3; i++)
		if (gyl_failed(gyl_parse_hex(gyl_view_sub(v, i * step, 4), mac + 2 * i, 2, &n)) ||
			n != 2)
			return 0;
	return len;
}

static size_t ipv4(struct gyl_view v, uint32_t *ret_ip)
{
	size_t at = 0, dots = 0;

	for (; at < v.len && at < GYL_TEXT_IPV4_MAX; at++) {
		if (v.p[at] == '.' && ++dots == 4)
			break;
		if (!is_digit(v.p[at]) && v.p[at] != '.')
			break;
	}
	if (dots < 3 || !ends_at(v, at) ||
		gyl_failed(gyl_parse_ipv4(gyl_view_sub(v, 0, at), ret_ip)))
		return 0;
	return at;
}

static size_t ipv6(struct gyl_view v, uint8_t ip[16])
{
	size_t at = 0, colons = 0;
	bool twice = false;

	for (; at < v.len && at < GYL_TEXT_IPV6_MAX; at++) {
		if (v.p[at] == ':') {
			colons++;
			twice = twice || (at > 0 && v.p[at - 1] == ':');
		} else if (!is_hex(v.p[at]) && v.p[at] != '.') {
			break;
		}
	}
	if (colons < 2 || (!twice && colons < 6) || !ends_at(v, at))
		return 0;
	while (at > 0 && v.p[at - 1] == '.')
		at--;
	if (at > 1 && v.p[at - 1] == ':' && v.p[at - 2] != ':')
		at--;
	return gyl_failed(gyl_parse_ipv6(gyl_view_sub(v, 0, at), ip)) ? 0 : at;
}

/* Its first part has four digits at most. */
static bool may_be_ipv6(struct gyl_view v)
{
	for (size_t i = 0; i < 5 && i < v.len; i++)
		if (v.p[i] == ':')
			return true;
	return false;
}

static size_t address(struct gyl_view v, struct gyl_writer *norm)
{
	uint8_t mac[6], ip6[16];
	uint32_t ip;
	size_t len = mac_pairs(v, mac);

	if (len == 0)
		len = mac_digits(v, mac);
	if (len != 0) {
		gyl_text_mac(norm, mac);
		return len;
	}
	len = is_digit(v.p[0]) ? ipv4(v, &ip) : 0;
	if (len != 0) {
		gyl_text_ipv4(norm, ip);
		return len;
	}
	len = may_be_ipv6(v) ? ipv6(v, ip6) : 0;
	if (len != 0)
		gyl_text_ipv6(norm, ip6);
	return len;
}

/* ---- words ---- */

void gyl_syslogd_tokens_init(struct gyl_syslogd_tokens *t, struct gyl_view text, bool json)
{
	t->rest = text;
	t->json = json;
}

/* Octets that stand between words; an address may begin with "::". */
static size_t gap_len(const struct gyl_syslogd_tokens *t)
{
	struct gyl_view v = t->rest;
	size_t at = 0;

	while (at < v.len && !is_word(v.p[at])) {
		if (v.p[at] == ':' && v.len - at > 2 && v.p[at + 1] == ':' && is_hex(v.p[at + 2]))
			break;
		if (t->json && v.p[at] == '\\' && v.len - at > 1)
			at += v.p[at + 1] == 'u' ? 6 : 2;
		else
			at++;
	}
	return at;
}

static size_t run_len(struct gyl_view v)
{
	size_t len = 0;

	while (len < v.len && is_word(v.p[len]))
		len++;
	return len;
}

bool gyl_syslogd_tokens_step(struct gyl_syslogd_tokens *t, struct gyl_syslogd_token *ret)
{
	struct gyl_writer norm;
	size_t len = 0;

	gyl_writer_init(&norm, t->buf, sizeof t->buf);
	for (;;) {
		t->rest = gyl_view_sub(t->rest, gap_len(t), t->rest.len);
		if (t->rest.len == 0)
			return false;
		if (is_hex(t->rest.p[0]) || t->rest.p[0] == ':')
			len = address(t->rest, &norm);
		if (len != 0 || t->rest.p[0] != ':')
			break;
		t->rest = gyl_view_sub(t->rest, 2, t->rest.len); /* "::" that begins no address */
	}
	ret->text = gyl_view_sub(t->rest, 0, len != 0 ? len : run_len(t->rest));
	ret->norm = len != 0 ? gyl_writer_view(&norm) : ret->text;
	t->rest = gyl_view_sub(t->rest, ret->text.len, t->rest.len);
	return true;
}

bool gyl_syslogd_tokens_next(struct gyl_syslogd_tokens *t, struct gyl_syslogd_token *ret)
{
	if (!gyl_syslogd_tokens_step(t, ret))
		return false;
	ret->hash = hash_of(GYL_SYSLOGD_TAG_WORD, ret->norm);
	return true;
}

/* ---- records ---- */

struct gyl_view gyl_syslogd_word_text(
	const struct gyl_syslogd_fields *f, unsigned i, uint8_t *buf, size_t cap, bool *ret_json)
{
	static const enum gyl_syslogd_field field[GYL_SYSLOGD_WORD_TEXTS] = {GYL_SYSLOGD_MSG,
		GYL_SYSLOGD_HOST, GYL_SYSLOGD_APP, GYL_SYSLOGD_FROM, GYL_SYSLOGD_MSGID,
		GYL_SYSLOGD_X};

	*ret_json = true;
	if (i >= GYL_SYSLOGD_WORD_TEXTS)
		return gyl_view(NULL, 0);
	if (field[i] == GYL_SYSLOGD_MSG && f->v[GYL_SYSLOGD_MSG].p == NULL) {
		*ret_json = false;
		return gyl_syslogd_message(f, buf, cap);
	}
	return f->v[field[i]];
}

void gyl_syslogd_record_tokens(const struct gyl_syslogd_fields *f, uint8_t *buf, size_t cap,
	void (*put)(void *arg, uint64_t hash), void *arg)
{
	static const struct {
		enum gyl_syslogd_tag tag;
		enum gyl_syslogd_field field;
	} whole[] = {{GYL_SYSLOGD_TAG_HOST, GYL_SYSLOGD_HOST},
		{GYL_SYSLOGD_TAG_APP, GYL_SYSLOGD_APP}, {GYL_SYSLOGD_TAG_FROM, GYL_SYSLOGD_FROM}};
	struct gyl_syslogd_tokens t;
	struct gyl_syslogd_token tok;
	bool json;

	for (unsigned i = 0; i < GYL_SYSLOGD_WORD_TEXTS; i++) {
		struct gyl_view text = gyl_syslogd_word_text(f, i, buf, cap, &json);

		gyl_syslogd_tokens_init(&t, text, json);
		while (gyl_syslogd_tokens_next(&t, &tok))
			put(arg, tok.hash);
	}
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		if (f->v[whole[i].field].p != NULL)
			put(arg, hash_of(whole[i].tag, f->v[whole[i].field]));
}
