/* SPDX-License-Identifier: ISC */
#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/text.h>

#include "libproto/src/dns_base.h"
#include "libproto/src/dns_layout.h"
#include "libproto/src/dns_svcb.h"

/* The words and where we are. A parser's fault belongs to the word `at`. */
struct words {
	const struct gyl_dns_token *tok;
	size_t cnt, at;
	const uint8_t *origin;
};
typedef struct gyl_fault (*parser)(struct words *s, struct gyl_writer *w);

/* A word that holds one field: parsers of these see its text only. */
typedef struct gyl_fault (*word_parser)(struct gyl_view text, struct gyl_writer *w);

static struct gyl_fault u8_parse(struct gyl_view text, struct gyl_writer *w)
{
	uint64_t v = 0;
	struct gyl_fault f = gyl_parse_u64(text, UINT8_MAX, &v);

	if (!gyl_failed(f))
		gyl_put_u8(w, (uint8_t)v);
	return f;
}

static struct gyl_fault u16_parse(struct gyl_view text, struct gyl_writer *w)
{
	uint64_t v = 0;
	struct gyl_fault f = gyl_parse_u64(text, UINT16_MAX, &v);

	if (!gyl_failed(f))
		gyl_put_u16(w, (uint16_t)v);
	return f;
}

static struct gyl_fault u32_parse(struct gyl_view text, struct gyl_writer *w)
{
	uint64_t v = 0;
	struct gyl_fault f = gyl_parse_u64(text, UINT32_MAX, &v);

	if (!gyl_failed(f))
		gyl_put_u32(w, (uint32_t)v);
	return f;
}

static struct gyl_fault alg_parse(struct gyl_view text, struct gyl_writer *w)
{
	unsigned v;

	if (!gyl__dns_alg_find(text, &v))
		return u8_parse(text, w);
	gyl_put_u8(w, (uint8_t)v);
	return gyl_ok();
}

static struct gyl_fault cert_parse(struct gyl_view text, struct gyl_writer *w)
{
	unsigned v;

	if (!gyl__dns_cert_find(text, &v))
		return u16_parse(text, w);
	gyl_put_u16(w, (uint16_t)v);
	return gyl_ok();
}

static struct gyl_fault rrtype_parse(struct gyl_view text, struct gyl_writer *w)
{
	uint16_t type = 0;
	struct gyl_fault f = gyl_dns_type_parse(text, &type);

	if (!gyl_failed(f))
		gyl_put_u16(w, type);
	return f;
}

struct gyl_fault gyl_dns_period_parse(struct gyl_view text, uint32_t *ret_s)
{
	static const struct {
		uint8_t letter;
		uint32_t scale_s;
	} unit[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	uint64_t total = 0;
	size_t at = 0;

	while (at < text.len) {
		size_t start = at, u = 0;
		uint64_t v;
		struct gyl_fault f;

		while (at < text.len && text.p[at] >= '0' && text.p[at] <= '9')
			at++;
		f = gyl_parse_u64(gyl_view_sub(text, start, at - start), UINT32_MAX, &v);
		if (gyl_failed(f))
			return gyl_fault(f.err, start);
		/* a number without unit counts seconds, but only alone */
		if (at == text.len && start == 0) {
			*ret_s = (uint32_t)v;
			return gyl_ok();
		}
		while (at < text.len && u < 5 && gyl_dns_fold(text.p[at]) != unit[u].letter)
			u++;
		if (at == text.len || u == 5)
			return gyl_fault(GYL_E_SYNTAX, at);
		at++;
		total += v * unit[u].scale_s;
		if (total > UINT32_MAX)
			return gyl_fault(GYL_E_RANGE, start);
	}
	if (text.len == 0)
		return gyl_fault(GYL_E_SYNTAX, 0);
	*ret_s = (uint32_t)total;
	return gyl_ok();
}

static struct gyl_fault period_parse(struct gyl_view text, struct gyl_writer *w)
{
	uint32_t v = 0;
	struct gyl_fault f = gyl_dns_period_parse(text, &v);

	if (!gyl_failed(f))
		gyl_put_u32(w, v);
	return f;
}

static struct gyl_fault time_parse(struct gyl_view text, struct gyl_writer *w)
{
	uint32_t v = 0;
	struct gyl_fault f = gyl__stamp_parse(text, &v);

	if (!gyl_failed(f))
		gyl_put_u32(w, v);
	return f;
}

static struct gyl_fault ipv4_parse(struct gyl_view text, struct gyl_writer *w)
{
	uint32_t ip = 0;
	struct gyl_fault f = gyl_parse_ipv4(text, &ip);

	if (!gyl_failed(f))
		gyl_put_u32(w, ip);
	return f;
}

static struct gyl_fault ipv6_parse(struct gyl_view text, struct gyl_writer *w)
{
	uint8_t ip[16];
	struct gyl_fault f = gyl_parse_ipv6(text, ip);

	if (!gyl_failed(f))
		gyl_put_bytes(w, ip, sizeof ip);
	return f;
}

/* Groups of exactly `digits` hexadecimal digits with a mark between. */
static struct gyl_fault groups_parse(
	struct gyl_view text, unsigned cnt, unsigned digits, uint8_t mark, struct gyl_writer *w)
{
	struct gyl__bits bits = {0, 0, 0};

	for (size_t i = 0; i < cnt; i++) {
		size_t at = i * (digits + 1);
		struct gyl_fault f;

		if (text.len < at + digits || (i != 0 && text.p[at - 1] != mark))
			return gyl_fault(GYL_E_SYNTAX, text.len < at + digits ? text.len : at - 1);
		f = gyl__hex_parse(&bits, gyl_view_sub(text, at, digits), w);
		if (gyl_failed(f))
			return gyl_fault(f.err, f.off + at);
	}
	return text.len == cnt * (digits + 1) - 1 ? gyl_ok() : gyl_fault(GYL_E_SYNTAX, text.len);
}

static struct gyl_fault eui48_parse(struct gyl_view text, struct gyl_writer *w)
{
	return groups_parse(text, 6, 2, '-', w);
}

static struct gyl_fault eui64_parse(struct gyl_view text, struct gyl_writer *w)
{
	return groups_parse(text, 8, 2, '-', w);
}

static struct gyl_fault ilnp64_parse(struct gyl_view text, struct gyl_writer *w)
{
	return groups_parse(text, 4, 4, ':', w);
}

/* A number, or two halves of one with a dot between; none begins with a zero that does not count.
 */
static struct gyl_fault ipn_parse(struct gyl_view text, struct gyl_writer *w)
{
	const uint8_t *dot = text.len == 0 ? NULL : memchr(text.p, '.', text.len);
	size_t at = dot == NULL ? 0 : (size_t)(dot - text.p) + 1;
	uint64_t high = 0, low = 0;
	struct gyl_fault f = gyl_ok();

	if ((text.len > 1 && text.p[0] == '0' && at != 2) ||
		(at != 0 && text.len > at + 1 && text.p[at] == '0'))
		return gyl_fault(GYL_E_SYNTAX, 0);
	if (dot != NULL)
		f = gyl_parse_u64(gyl_view_sub(text, 0, at - 1), UINT32_MAX, &high);
	if (gyl_failed(f))
		return f;
	f = gyl_parse_u64(
		gyl_view_sub(text, at, text.len - at), dot == NULL ? UINT64_MAX : UINT32_MAX, &low);
	if (gyl_failed(f))
		return gyl_fault(f.err, f.off + at);
	gyl_put_u32(w, (uint32_t)(high | low >> 32));
	gyl_put_u32(w, (uint32_t)low);
	return f;
}

/* Runs a parser and puts the number of octets it wrote before them. */
static struct gyl_fault counted(word_parser inner, struct gyl_view text, struct gyl_writer *w)
{
	size_t head = w->len;
	struct gyl_fault f;

	gyl_put_u8(w, 0);
	f = inner(text, w);
	if (gyl_failed(f) || !gyl_writer_ok(w))
		return f;
	if (w->len - head - 1 > 255)
		return gyl_fault(GYL_E_RANGE, 0);
	w->p[head] = (uint8_t)(w->len - head - 1);
	return gyl_ok();
}

static struct gyl_fault str_inner(struct gyl_view text, struct gyl_writer *w)
{
	struct gyl_fault f = gyl__unescape(text, 255, w);

	return f.err == GYL_E_COUNT ? gyl_fault(GYL_E_RANGE, f.off) : f;
}

static struct gyl_fault str_parse(struct gyl_view text, struct gyl_writer *w)
{
	return counted(str_inner, text, w);
}

static struct gyl_fault salt_inner(struct gyl_view text, struct gyl_writer *w)
{
	struct gyl__bits bits = {0, 0, 0};
	struct gyl_fault f = gyl__hex_parse(&bits, text, w);

	return !gyl_failed(f) && bits.bit_cnt != 0 ? gyl_fault(GYL_E_SYNTAX, text.len) : f;
}

static struct gyl_fault salt_parse(struct gyl_view text, struct gyl_writer *w)
{
	if (text.len == 1 && text.p[0] == '-')
		text.len = 0;
	return counted(salt_inner, text, w);
}

static struct gyl_fault hash_parse(struct gyl_view text, struct gyl_writer *w)
{
	/* a digit alone holds less than an octet */
	if (text.len < 2)
		return gyl_fault(GYL_E_SYNTAX, text.len);
	return counted(gyl__base32hex_parse, text, w);
}

static struct gyl_fault tag_inner(struct gyl_view text, struct gyl_writer *w)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = gyl_dns_fold(text.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
			return gyl_fault(GYL_E_SYNTAX, i);
	}
	gyl_put_view(w, text);
	return text.len == 0 ? gyl_fault(GYL_E_SYNTAX, 0) : gyl_ok();
}

static struct gyl_fault tag_parse(struct gyl_view text, struct gyl_writer *w)
{
	return counted(tag_inner, text, w);
}

static struct gyl_fault longstr_parse(struct gyl_view text, struct gyl_writer *w)
{
	return gyl__unescape(text, UINT16_MAX, w);
}

static const word_parser word_parsers[GYL__DNS_KIND_CNT] = {
	[GYL__DNS_U8] = u8_parse,
	[GYL__DNS_ALG] = alg_parse,
	[GYL__DNS_U16] = u16_parse,
	[GYL__DNS_RRTYPE] = rrtype_parse,
	[GYL__DNS_CERT] = cert_parse,
	[GYL__DNS_U32] = u32_parse,
	[GYL__DNS_PERIOD] = period_parse,
	[GYL__DNS_TIME] = time_parse,
	[GYL__DNS_IPV4] = ipv4_parse,
	[GYL__DNS_EUI48] = eui48_parse,
	[GYL__DNS_EUI64] = eui64_parse,
	[GYL__DNS_ILNP64] = ilnp64_parse,
	[GYL__DNS_IPN] = ipn_parse,
	[GYL__DNS_IPV6] = ipv6_parse,
	[GYL__DNS_STR] = str_parse,
	[GYL__DNS_SALT] = salt_parse,
	[GYL__DNS_HASH] = hash_parse,
	[GYL__DNS_TAG] = tag_parse,
	[GYL__DNS_LONGSTR] = longstr_parse,
};

static struct gyl_fault one_word(struct words *s, word_parser parse, struct gyl_writer *w)
{
	struct gyl_fault f;

	if (s->at == s->cnt)
		return gyl_fault(GYL_E_MISSING, 0);
	f = parse(s->tok[s->at].text, w);
	if (!gyl_failed(f))
		s->at++;
	return f;
}

static struct gyl_fault name_parse(struct words *s, struct gyl_writer *w)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_fault f;
	size_t len = 0;

	if (s->at == s->cnt)
		return gyl_fault(GYL_E_MISSING, 0);
	f = gyl_dns_name_parse(s->tok[s->at].text, s->origin, name, &len);
	if (gyl_failed(f))
		return f;
	gyl_put_bytes(w, name, len);
	s->at++;
	return gyl_ok();
}

static struct gyl_fault strs_parse(struct words *s, struct gyl_writer *w)
{
	struct gyl_fault f;

	do {
		f = one_word(s, str_parse, w);
	} while (!gyl_failed(f) && s->at < s->cnt);
	return f;
}

static struct gyl_fault str_opt_parse(struct words *s, struct gyl_writer *w)
{
	return s->at == s->cnt ? gyl_ok() : one_word(s, str_parse, w);
}

/* Digits may be cut into words anywhere (RFC 4034 2.2). A word that ends too early is the last. */
static struct gyl_fault base64_parse(struct words *s, struct gyl_writer *w)
{
	struct gyl__bits bits = {0, 0, 0};

	for (; s->at < s->cnt; s->at++) {
		struct gyl_fault f = gyl__base64_parse(&bits, s->tok[s->at].text, w);

		if (gyl_failed(f))
			return f;
	}
	return gyl__base64_done(&bits) ? gyl_ok() : gyl_fault(GYL_E_MISSING, 0);
}

static struct gyl_fault dash64_parse(struct words *s, struct gyl_writer *w)
{
	if (s->at == s->cnt)
		return gyl_fault(GYL_E_MISSING, 0);
	if (s->at + 1 == s->cnt && gyl__word_eq(s->tok[s->at].text, "-")) {
		s->at++;
		return gyl_ok();
	}
	return base64_parse(s, w);
}

/* RFC 8777 4.3.1: D, the type of the relay, the relay. */
static struct gyl_fault amtrelay_parse(struct words *s, struct gyl_writer *w)
{
	static const word_parser of_type[] = {NULL, ipv4_parse, ipv6_parse};
	uint64_t d = 0, type = 0;
	struct gyl_fault f;

	if (s->cnt - s->at < 3) {
		s->at = s->cnt;
		return gyl_fault(GYL_E_MISSING, 0);
	}
	f = gyl_parse_u64(s->tok[s->at].text, 1, &d);
	if (gyl_failed(f))
		return f;
	s->at++;
	f = gyl_parse_u64(s->tok[s->at].text, 3, &type);
	if (gyl_failed(f))
		return f;
	s->at++;
	gyl_put_u8(w, (uint8_t)(d << 7 | type));
	if (type == 3)
		return name_parse(s, w);
	if (type != 0)
		return one_word(s, of_type[type], w);
	if (!gyl__word_eq(s->tok[s->at].text, "."))
		return gyl_fault(GYL_E_SYNTAX, 0);
	s->at++;
	return gyl_ok();
}

static struct gyl_fault hex_parse(struct words *s, struct gyl_writer *w)
{
	struct gyl__bits bits = {0, 0, 0};

	for (; s->at < s->cnt; s->at++) {
		struct gyl_fault f = gyl__hex_parse(&bits, s->tok[s->at].text, w);

		if (gyl_failed(f))
			return f;
	}
	return bits.bit_cnt == 0 ? gyl_ok() : gyl_fault(GYL_E_MISSING, 0);
}

/* Sets the bits of one window; tells the lowest window above it that a word needs, 256 for none. */
static struct gyl_fault window_put(
	struct words *s, unsigned window, struct gyl_writer *w, unsigned *ret_next)
{
	uint8_t bits[32] = {0};
	unsigned len = 0;

	*ret_next = 256;
	for (size_t i = s->at; i < s->cnt; i++) {
		uint16_t type = 0;
		struct gyl_fault f = gyl_dns_type_parse(s->tok[i].text, &type);

		if (gyl_failed(f)) {
			s->at = i;
			return f;
		}
		if (type >> 8 == (int)window) {
			bits[type % 256 / 8] |= (uint8_t)(0x80u >> type % 8);
			len = type % 256 / 8 >= len ? type % 256 / 8 + 1u : len;
		} else if (type >> 8 > (int)window && type >> 8 < (int)*ret_next) {
			*ret_next = type >> 8;
		}
	}
	if (len != 0) {
		gyl_put_u8(w, (uint8_t)window);
		gyl_put_u8(w, (uint8_t)len);
		gyl_put_bytes(w, bits, len);
	}
	return gyl_ok();
}

static struct gyl_fault bitmap_parse(struct words *s, struct gyl_writer *w)
{
	unsigned window = 0;

	while (window < 256) {
		struct gyl_fault f = window_put(s, window, w, &window);

		if (gyl_failed(f))
			return f;
	}
	s->at = s->cnt;
	return gyl_ok();
}

static struct gyl_fault svcparams_parse(struct words *s, struct gyl_writer *w)
{
	return gyl__svcparams_parse(s->tok, s->cnt, &s->at, w);
}

static const parser parsers[GYL__DNS_KIND_CNT] = {
	[GYL__DNS_NAME_C] = name_parse,
	[GYL__DNS_NAME_D] = name_parse,
	[GYL__DNS_NAME_L] = name_parse,
	[GYL__DNS_NAME] = name_parse,
	[GYL__DNS_STRS] = strs_parse,
	[GYL__DNS_STR_OPT] = str_opt_parse,
	[GYL__DNS_BASE64] = base64_parse,
	[GYL__DNS_DASH64] = dash64_parse,
	[GYL__DNS_AMTRELAY] = amtrelay_parse,
	[GYL__DNS_HEX] = hex_parse,
	[GYL__DNS_BITMAP] = bitmap_parse,
	[GYL__DNS_SVCPARAMS] = svcparams_parse,
};

bool gyl_dns_rdata_parses(uint16_t type)
{
	const uint8_t *field = gyl__dns_layout(type)->field;

	for (unsigned i = 0; i < GYL__DNS_FIELD_MAX && field[i] != GYL__DNS_NONE; i++)
		if (word_parsers[field[i]] == NULL && parsers[field[i]] == NULL)
			return false;
	return true;
}

/* RFC 3597 5: `\# length hex...`, for any type; known types must get rdata of their shape. */
static struct gyl_fault generic_parse(struct words *s, uint16_t type, struct gyl_writer *w)
{
	size_t start = w->len;
	uint64_t len = 0;
	struct gyl_fault f;

	s->at++;
	if (s->at == s->cnt)
		return gyl_fault(GYL_E_MISSING, 0);
	f = gyl_parse_u64(s->tok[s->at].text, UINT16_MAX, &len);
	if (gyl_failed(f))
		return f;
	s->at++;
	f = hex_parse(s, w);
	if (gyl_failed(f) || !gyl_writer_ok(w))
		return f;
	s->at = 1;
	if (w->len - start != len)
		return gyl_fault(GYL_E_FIELD, 0);
	f = gyl_dns_rdata_check(type, GYL_DNS_CLASS_IN, gyl_view(w->p + start, w->len - start));
	if (gyl_failed(f) && len != 0)
		return gyl_fault(GYL_E_FIELD, 0);
	s->at = s->cnt;
	return gyl_ok();
}

static bool is_generic(const struct gyl_dns_token *tok, size_t tok_cnt)
{
	return tok_cnt != 0 && !tok->quoted && gyl__word_eq(tok->text, "\\#");
}

static struct gyl_fault fields_parse(struct words *s, uint16_t type, struct gyl_writer *w)
{
	const uint8_t *field = gyl__dns_layout(type)->field;

	if (!gyl_dns_rdata_parses(type))
		return gyl_fault(GYL_E_VERSION, 0);
	for (unsigned i = 0; i < GYL__DNS_FIELD_MAX && field[i] != GYL__DNS_NONE; i++) {
		struct gyl_fault f = word_parsers[field[i]] != NULL
					     ? one_word(s, word_parsers[field[i]], w)
					     : parsers[field[i]](s, w);

		if (gyl_failed(f))
			return f;
	}
	return s->at == s->cnt ? gyl_ok() : gyl_fault(GYL_E_COUNT, 0);
}

struct gyl_fault gyl_dns_rdata_parse(uint16_t type, const struct gyl_dns_token *tok, size_t tok_cnt,
	const uint8_t *origin, struct gyl_writer *w, size_t *bad_tok)
{
	struct words s = {tok, tok_cnt, 0, origin};
	size_t start = w->len;
	struct gyl_fault f =
		is_generic(tok, tok_cnt) ? generic_parse(&s, type, w) : fields_parse(&s, type, w);

	if (!gyl_failed(f))
		f = w->fault;
	if (!gyl_failed(f) && w->len - start > UINT16_MAX) {
		s.at = 0;
		f = gyl_fault(GYL_E_RANGE, 0);
	}
	if (gyl_failed(f))
		*bad_tok = s.at;
	return f;
}
