/* SPDX-License-Identifier: ISC */
#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/text.h>

#include "libproto/src/dns_base.h"
#include "libproto/src/dns_layout.h"
#include "libproto/src/dns_svcb.h"

/*
 * A printer writes one field. False: the field has no text of its own, and the whole rdata is
 * written in the form of RFC 3597 instead, so that what we print always reads back to the same
 * octets.
 */
struct place {
	struct gyl_view msg; /* names may point into it */
	struct gyl_view v;   /* the field */
};
typedef bool (*printer)(struct gyl_writer *w, const struct place *at);

static bool u8_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_u64(w, at->v.p[0]);
	return true;
}

static bool u16_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_u64(w, gyl_get_u16(at->v.p));
	return true;
}

static bool u32_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_u64(w, gyl_get_u32(at->v.p));
	return true;
}

static bool rrtype_print(struct gyl_writer *w, const struct place *at)
{
	gyl_dns_type_print(w, gyl_get_u16(at->v.p));
	return true;
}

static bool cert_print(struct gyl_writer *w, const struct place *at)
{
	unsigned type = gyl_get_u16(at->v.p);

	if (gyl__dns_cert_word(type) != NULL)
		gyl_text_str(w, gyl__dns_cert_word(type));
	else
		gyl_text_u64(w, type);
	return true;
}

static bool time_print(struct gyl_writer *w, const struct place *at)
{
	gyl__stamp_print(w, gyl_get_u32(at->v.p));
	return true;
}

static bool tsigtime_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_u64(w, (uint64_t)gyl_get_u16(at->v.p) << 32 | gyl_get_u32(at->v.p + 2));
	return true;
}

static bool ipv4_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_ipv4(w, gyl_get_u32(at->v.p));
	return true;
}

static bool ipv6_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_ipv6(w, at->v.p);
	return true;
}

static bool eui_print(struct gyl_writer *w, const struct place *at)
{
	for (size_t i = 0; i < at->v.len; i++) {
		if (i != 0)
			gyl_text_char(w, '-');
		gyl_text_hex_u64(w, at->v.p[i], 2);
	}
	return true;
}

static bool ilnp64_print(struct gyl_writer *w, const struct place *at)
{
	for (size_t i = 0; i < 8; i += 2) {
		if (i != 0)
			gyl_text_char(w, ':');
		gyl_text_hex_u64(w, gyl_get_u16(at->v.p + i), 4);
	}
	return true;
}

static bool ipn_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_u64(w, (uint64_t)gyl_get_u32(at->v.p) << 32 | gyl_get_u32(at->v.p + 4));
	return true;
}

static bool name_print(struct gyl_writer *w, const struct place *at)
{
	uint8_t name[GYL_DNS_NAME_MAX];

	gyl_dns_name_get(at->msg, (size_t)(at->v.p - at->msg.p), name);
	gyl_dns_name_print(w, name);
	return true;
}

static bool names_print(struct gyl_writer *w, const struct place *at)
{
	/* not compressed: each is its own end */
	for (size_t off = 0; off < at->v.len; off += gyl_dns_name_len(at->v.p + off)) {
		if (off != 0)
			gyl_text_char(w, ' ');
		gyl_dns_name_print(w, at->v.p + off);
	}
	return true;
}

static bool str_print(struct gyl_writer *w, const struct place *at)
{
	gyl__quoted_print(w, gyl_view_sub(at->v, 1, at->v.len));
	return true;
}

static bool strs_print(struct gyl_writer *w, const struct place *at)
{
	struct gyl_view str;
	size_t off = 0;

	for (bool first = true; gyl_dns_str_next(at->v, &off, &str); first = false) {
		if (!first)
			gyl_text_char(w, ' ');
		gyl__quoted_print(w, str);
	}
	return true;
}

static bool longstr_print(struct gyl_writer *w, const struct place *at)
{
	gyl__quoted_print(w, at->v);
	return true;
}

static bool salt_print(struct gyl_writer *w, const struct place *at)
{
	if (at->v.len == 1)
		gyl_text_char(w, '-');
	else
		gyl_text_hex(w, gyl_view_sub(at->v, 1, at->v.len));
	return true;
}

static bool hash_print(struct gyl_writer *w, const struct place *at)
{
	gyl__base32hex_print(w, gyl_view_sub(at->v, 1, at->v.len));
	return true;
}

static bool tag_print(struct gyl_writer *w, const struct place *at)
{
	for (size_t i = 1; i < at->v.len; i++) {
		uint8_t c = gyl_dns_fold(at->v.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
			return false;
		gyl_put_u8(w, at->v.p[i]);
	}
	return true;
}

static bool base64_print(struct gyl_writer *w, const struct place *at)
{
	gyl__base64_print(w, at->v);
	return true;
}

static bool dash64_print(struct gyl_writer *w, const struct place *at)
{
	if (at->v.len == 0)
		gyl_text_char(w, '-');
	return base64_print(w, at);
}

static bool data16_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_u64(w, at->v.len - 2);
	if (at->v.len > 2)
		gyl_text_char(w, ' ');
	gyl__base64_print(w, gyl_view_sub(at->v, 2, at->v.len));
	return true;
}

static bool hex_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_hex(w, at->v);
	return true;
}

static bool nsap_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_str(w, "0x");
	return hex_print(w, at);
}

static bool opaque_print(struct gyl_writer *w, const struct place *at)
{
	gyl_text_str(w, "\\# ");
	gyl_text_u64(w, at->v.len);
	if (at->v.len != 0)
		gyl_text_char(w, ' ');
	return hex_print(w, at);
}

static bool bitmap_print(struct gyl_writer *w, const struct place *at)
{
	const uint8_t *p = at->v.p;
	uint16_t type = 0;

	/* RFC 4034 4.1.2: zero octets at the end MUST be omitted; text cannot tell of them */
	for (size_t off = 0; off < at->v.len; off += 2u + p[off + 1])
		if (p[off + 1 + p[off + 1]] == 0)
			return false;
	for (unsigned from = 0; from <= UINT16_MAX; from = type + 1u) {
		if (!gyl_dns_bitmap_next(at->v, (uint16_t)from, &type))
			break;
		if (from != 0)
			gyl_text_char(w, ' ');
		gyl_dns_type_print(w, type);
	}
	return true;
}

static bool svcparams_print(struct gyl_writer *w, const struct place *at)
{
	return gyl__svcparams_print(w, at->v);
}

static bool hip_print(struct gyl_writer *w, const struct place *at)
{
	size_t hit_len = at->v.p[0];

	gyl_text_u64(w, at->v.p[1]);
	gyl_text_char(w, ' ');
	gyl_text_hex(w, gyl_view_sub(at->v, 4, hit_len));
	gyl_text_char(w, ' ');
	gyl__base64_print(w, gyl_view_sub(at->v, 4 + hit_len, at->v.len));
	return true;
}

/* RFC 3123 4.1: an address of which the trailing zero octets MUST be left out on the wire. */
static bool apl_address(struct gyl_writer *w, unsigned family, struct gyl_view part)
{
	uint8_t ip[16] = {0};

	if (part.len > (family == 1 ? 4u : 16u) || (part.len != 0 && part.p[part.len - 1] == 0))
		return false;
	if (part.len != 0)
		memcpy(ip, part.p, part.len);
	if (family == 1) {
		gyl_text_ipv4(w, gyl_get_u32(ip));
		return true;
	}
	for (size_t i = 0; i < 16; i += 2) {
		if (i != 0)
			gyl_text_char(w, ':');
		gyl_text_hex_u64(w, gyl_get_u16(ip + i), 4);
	}
	return true;
}

static bool apl_print(struct gyl_writer *w, const struct place *at)
{
	for (size_t off = 0; off < at->v.len;) {
		const uint8_t *p = at->v.p + off;
		unsigned family = gyl_get_u16(p), len = p[3] & 0x7f;

		if (off != 0)
			gyl_text_char(w, ' ');
		if (p[3] & 0x80)
			gyl_text_char(w, '!');
		gyl_text_u64(w, family);
		gyl_text_char(w, ':');
		if ((family != 1 && family != 2) || p[2] > (family == 1 ? 32 : 128) ||
			!apl_address(w, family, gyl_view(p + 4, len)))
			return false;
		gyl_text_char(w, '/');
		gyl_text_u64(w, p[2]);
		off += 4 + len;
	}
	return true;
}

static bool ipseckey_print(struct gyl_writer *w, const struct place *at)
{
	static const uint8_t gateway_len[3] = {0, 4, 16};
	const uint8_t *p = at->v.p;
	size_t len = 0;

	if (p[1] > 3)
		return false;
	for (unsigned i = 0; i < 3; i++) {
		gyl_text_u64(w, p[i]);
		gyl_text_char(w, ' ');
	}
	if (p[1] == 0)
		gyl_text_char(w, '.');
	else if (p[1] == 1)
		gyl_text_ipv4(w, gyl_get_u32(p + 3));
	else if (p[1] == 2)
		gyl_text_ipv6(w, p + 3);
	else
		gyl_dns_name_print(w, p + 3);
	len = p[1] == 3 ? gyl_dns_name_len(p + 3) : gateway_len[p[1]];
	if (at->v.len > 3 + len)
		gyl_text_char(w, ' ');
	gyl__base64_print(w, gyl_view_sub(at->v, 3 + len, at->v.len));
	return true;
}

static bool amtrelay_print(struct gyl_writer *w, const struct place *at)
{
	const uint8_t *p = at->v.p;
	unsigned type = p[0] & 0x7f;

	if (type > 3)
		return false;
	gyl_text_u64(w, p[0] >> 7);
	gyl_text_char(w, ' ');
	gyl_text_u64(w, type);
	gyl_text_char(w, ' ');
	if (type == 0)
		gyl_text_char(w, '.');
	else if (type == 1)
		gyl_text_ipv4(w, gyl_get_u32(p + 1));
	else if (type == 2)
		gyl_text_ipv6(w, p + 1);
	else
		gyl_dns_name_print(w, p + 1);
	return true;
}

/* RFC 1876 2: thousandths of a second of arc, 2^31 is the equator or the prime meridian. */
static void loc_angle(struct gyl_writer *w, uint32_t v, const char *letters)
{
	uint32_t zero = 0x80000000u, ms = v > zero ? v - zero : zero - v;

	gyl_text_u64_pad(w, ms / 3600000, 2);
	gyl_text_char(w, ' ');
	gyl_text_u64_pad(w, ms / 60000 % 60, 2);
	gyl_text_char(w, ' ');
	gyl_text_u64(w, ms / 1000 % 60);
	gyl_text_char(w, '.');
	gyl_text_u64_pad(w, ms % 1000, 3);
	gyl_text_char(w, ' ');
	gyl_text_char(w, letters[v > zero]);
	gyl_text_char(w, ' ');
}

/* Centimetres above 100 km below the ellipsoid. */
static void loc_altitude(struct gyl_writer *w, uint32_t v)
{
	int64_t cm = (int64_t)v - 10000000;
	uint64_t above = (uint64_t)(cm < 0 ? -cm : cm);

	if (cm < 0)
		gyl_text_char(w, '-');
	gyl_text_u64(w, above / 100);
	if (above % 100 != 0) {
		gyl_text_char(w, '.');
		gyl_text_u64_pad(w, above % 100, 2);
	}
	gyl_text_char(w, 'm');
}

/* A digit and a power of ten, in centimetres. */
static void loc_size(struct gyl_writer *w, uint8_t v)
{
	unsigned digit = v >> 4, power = v & 15;

	gyl_text_char(w, ' ');
	if (power < 2) {
		gyl_text_str(w, "0.");
		gyl_text_u64_pad(w, power == 1 ? digit * 10 : digit, 2);
	} else {
		gyl_text_u64(w, digit);
		for (; power > 2; power--)
			gyl_text_char(w, '0');
	}
	gyl_text_char(w, 'm');
}

static bool loc_is_angle(uint32_t v, uint32_t max_degrees)
{
	uint32_t zero = 0x80000000u;

	return (v > zero ? v - zero : zero - v) <= max_degrees * 3600000;
}

/* Digits above nine are undefined (RFC 1876 2), and of zeros there is one. */
static bool loc_is_size(uint8_t v)
{
	return v >> 4 <= 9 && (v & 15) <= 9 && (v == 0 || v >> 4 != 0);
}

static bool loc_print(struct gyl_writer *w, const struct place *at)
{
	const uint8_t *p = at->v.p;

	if (p[0] != 0 || !loc_is_angle(gyl_get_u32(p + 4), 90) ||
		!loc_is_angle(gyl_get_u32(p + 8), 180))
		return false;
	for (unsigned i = 1; i < 4; i++)
		if (!loc_is_size(p[i]))
			return false;
	loc_angle(w, gyl_get_u32(p + 4), "SN");
	loc_angle(w, gyl_get_u32(p + 8), "WE");
	loc_altitude(w, gyl_get_u32(p + 12));
	for (unsigned i = 1; i < 4; i++)
		loc_size(w, p[i]);
	return true;
}

/* Protocol and ports as numbers: their names are another machine's business. */
static bool wks_print(struct gyl_writer *w, const struct place *at)
{
	/* 65536 ports are all there are; text cannot tell of zero octets at the end */
	if (at->v.len > 1 + 8192 || (at->v.len > 1 && at->v.p[at->v.len - 1] == 0))
		return false;
	gyl_text_u64(w, at->v.p[0]);
	for (size_t bit = 0; bit < (at->v.len - 1) * 8; bit++) {
		if (!(at->v.p[1 + bit / 8] & 0x80u >> bit % 8))
			continue;
		gyl_text_char(w, ' ');
		gyl_text_u64(w, bit);
	}
	return true;
}

static const printer printers[GYL__DNS_KIND_CNT] = {
	[GYL__DNS_U8] = u8_print,
	[GYL__DNS_ALG] = u8_print,
	[GYL__DNS_U16] = u16_print,
	[GYL__DNS_RRTYPE] = rrtype_print,
	[GYL__DNS_CERT] = cert_print,
	[GYL__DNS_U32] = u32_print,
	[GYL__DNS_PERIOD] = u32_print,
	[GYL__DNS_TIME] = time_print,
	[GYL__DNS_IPV4] = ipv4_print,
	[GYL__DNS_TSIGTIME] = tsigtime_print,
	[GYL__DNS_EUI48] = eui_print,
	[GYL__DNS_EUI64] = eui_print,
	[GYL__DNS_ILNP64] = ilnp64_print,
	[GYL__DNS_IPN] = ipn_print,
	[GYL__DNS_IPV6] = ipv6_print,
	[GYL__DNS_NAME_C] = name_print,
	[GYL__DNS_NAME_D] = name_print,
	[GYL__DNS_NAME_L] = name_print,
	[GYL__DNS_NAME] = name_print,
	[GYL__DNS_STR] = str_print,
	[GYL__DNS_STR_OPT] = str_print,
	[GYL__DNS_SALT] = salt_print,
	[GYL__DNS_HASH] = hash_print,
	[GYL__DNS_TAG] = tag_print,
	[GYL__DNS_DATA16] = data16_print,
	[GYL__DNS_HIP] = hip_print,
	[GYL__DNS_STRS] = strs_print,
	[GYL__DNS_LONGSTR] = longstr_print,
	[GYL__DNS_BASE64] = base64_print,
	[GYL__DNS_DASH64] = dash64_print,
	[GYL__DNS_HEX] = hex_print,
	[GYL__DNS_BITMAP] = bitmap_print,
	[GYL__DNS_SVCPARAMS] = svcparams_print,
	[GYL__DNS_NAMES] = names_print,
	[GYL__DNS_APL] = apl_print,
	[GYL__DNS_IPSECKEY] = ipseckey_print,
	[GYL__DNS_AMTRELAY] = amtrelay_print,
	[GYL__DNS_LOC] = loc_print,
	[GYL__DNS_WKS] = wks_print,
	[GYL__DNS_NSAP] = nsap_print,
	[GYL__DNS_OPTIONS] = opaque_print,
	[GYL__DNS_OPAQUE] = opaque_print,
};

static bool fields_print(struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr)
{
	struct gyl__dns_field field[GYL__DNS_FIELD_MAX];
	unsigned cnt = gyl__dns_fields(msg.p, rr->rdata_off, rr->rdata_off + rr->rdata.len,
		gyl__dns_layout(rr->type), field);
	size_t start = w->len;

	for (unsigned i = 0; i < cnt; i++) {
		struct place at = {msg, gyl_view(msg.p + field[i].off, field[i].len)};

		/* what may be absent has no text when it is; an empty string has its quotes, or a
		 * dash */
		if (field[i].len == 0 && field[i].kind != GYL__DNS_LONGSTR &&
			field[i].kind != GYL__DNS_DASH64)
			continue;
		if (w->len != start)
			gyl_text_char(w, ' ');
		if (!printers[field[i].kind](w, &at))
			return false;
	}
	return cnt != 0;
}

void gyl_dns_rdata_print(struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr)
{
	bool chaos = rr->type == GYL_DNS_TYPE_A && rr->rrclass == GYL_DNS_CLASS_CH;
	struct place whole = {msg, rr->rdata};
	size_t start = w->len;

	if (chaos || rr->rdata.len == 0 || !fields_print(w, msg, rr)) {
		w->len = start;
		opaque_print(w, &whole);
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}
