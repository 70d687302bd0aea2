/* SPDX-License-Identifier: ISC */
#include <gyl/dns_rdata.h>
#include <gyl/dns_tsig.h>

#include "libproto/src/dns_base.h"

enum {
	RR_FIXED_LEN = 10, /* type, class, TTL, length of the rdata */
	RDATA_FIXED_LEN = 16
};

static const struct {
	const char *text;
	const char *name;
	uint8_t mac_len;
} algs[GYL_DNS_TSIG_ALG_CNT] = {
	[GYL_DNS_TSIG_SHA1] = {"hmac-sha1", "\011hmac-sha1", 20},
	[GYL_DNS_TSIG_SHA224] = {"hmac-sha224", "\013hmac-sha224", 28},
	[GYL_DNS_TSIG_SHA256] = {"hmac-sha256", "\013hmac-sha256", 32},
	[GYL_DNS_TSIG_SHA384] = {"hmac-sha384", "\013hmac-sha384", 48},
	[GYL_DNS_TSIG_SHA512] = {"hmac-sha512", "\013hmac-sha512", 64},
};

const uint8_t *gyl_dns_tsig_alg_name(enum gyl_dns_tsig_alg alg)
{
	return (const uint8_t *)algs[alg].name;
}

const char *gyl_dns_tsig_alg_text(enum gyl_dns_tsig_alg alg)
{
	return algs[alg].text;
}

size_t gyl_dns_tsig_mac_len(enum gyl_dns_tsig_alg alg)
{
	return algs[alg].mac_len;
}

enum gyl_dns_tsig_alg gyl_dns_tsig_alg_find(const uint8_t *name)
{
	for (unsigned i = GYL_DNS_TSIG_NONE + 1; i < GYL_DNS_TSIG_ALG_CNT; i++)
		if (gyl_dns_name_eq(name, (const uint8_t *)algs[i].name))
			return (enum gyl_dns_tsig_alg)i;
	return GYL_DNS_TSIG_NONE;
}

/* The record, whose framing is proven. */
static struct gyl_dns_rr record_at(struct gyl_view msg, size_t off, size_t fixed_off)
{
	struct gyl_dns_rr rr;

	rr.section = GYL_DNS_ADDITIONAL;
	rr.name_off = (uint16_t)off;
	rr.type = gyl_get_u16(msg.p + fixed_off);
	rr.rrclass = gyl_get_u16(msg.p + fixed_off + 2);
	rr.ttl = gyl_get_u32(msg.p + fixed_off + 4);
	rr.rdata_off = (uint16_t)(fixed_off + RR_FIXED_LEN);
	rr.rdata = gyl_view_sub(msg, rr.rdata_off, gyl_get_u16(msg.p + fixed_off + 8));
	return rr;
}

static void name_read(struct gyl_view msg, size_t off, uint8_t name[GYL_DNS_NAME_MAX])
{
	size_t len = gyl_dns_name_get(msg, off, name);

	gyl_dns_name_fold(name, name, len);
}

struct gyl_fault gyl_dns_tsig_decode(
	struct gyl_view msg, size_t tsig_off, struct gyl_dns_tsig_rr *ret_rr)
{
	struct gyl_dns_tsig t;
	struct gyl_dns_rr rr;
	size_t fixed_off;
	struct gyl_fault f = gyl_dns_name_skip(msg, tsig_off, NULL, &fixed_off);

	if (gyl_failed(f))
		return f;
	rr = record_at(msg, tsig_off, fixed_off);
	/* RFC 8945 4.2: CLASS is ANY, TTL is 0 */
	if (rr.rrclass != GYL_DNS_CLASS_ANY)
		return gyl_fault(GYL_E_FIELD, fixed_off + 2);
	if (rr.ttl != 0)
		return gyl_fault(GYL_E_FIELD, fixed_off + 4);
	if (!gyl_dns_rdata_tsig(msg, &rr, &t))
		return gyl_fault(GYL_E_LENGTH, fixed_off + 8);
	name_read(msg, tsig_off, ret_rr->key);
	name_read(msg, t.algorithm_off, ret_rr->alg_name);
	ret_rr->alg = gyl_dns_tsig_alg_find(ret_rr->alg_name);
	ret_rr->time_s = t.time_signed_s;
	ret_rr->fudge_s = t.fudge_s;
	ret_rr->original_id = t.original_id;
	ret_rr->error = t.error;
	ret_rr->mac = t.mac;
	ret_rr->other = t.other;
	return gyl_ok();
}

void gyl_dns_tsig_head(
	struct gyl_view msg, uint16_t original_id, uint8_t ret_head[GYL_DNS_HEADER_LEN])
{
	memcpy(ret_head, msg.p, GYL_DNS_HEADER_LEN);
	gyl_set_u16(ret_head, original_id);
	gyl_set_u16(ret_head + 10, (uint16_t)(gyl_get_u16(msg.p + 10) - 1));
}

static void put_name(struct gyl_writer *w, const uint8_t *name)
{
	gyl_put_bytes(w, name, gyl_dns_name_len(name));
}

void gyl_dns_tsig_put_timers(struct gyl_writer *w, const struct gyl_dns_tsig_rr *rr)
{
	gyl_put_u16(w, (uint16_t)(rr->time_s >> 32));
	gyl_put_u32(w, (uint32_t)rr->time_s);
	gyl_put_u16(w, rr->fudge_s);
}

void gyl_dns_tsig_put_variables(struct gyl_writer *w, const struct gyl_dns_tsig_rr *rr)
{
	put_name(w, rr->key);
	gyl_put_u16(w, GYL_DNS_CLASS_ANY);
	gyl_put_u32(w, 0);
	put_name(w, rr->alg_name);
	gyl_dns_tsig_put_timers(w, rr);
	gyl_put_u16(w, rr->error);
	gyl_put_u16(w, (uint16_t)rr->other.len);
	gyl_put_view(w, rr->other);
}

static size_t rdata_len(const struct gyl_dns_tsig_rr *rr)
{
	return gyl_dns_name_len(rr->alg_name) + RDATA_FIXED_LEN + rr->mac.len + rr->other.len;
}

size_t gyl_dns_tsig_len(const struct gyl_dns_tsig_rr *rr)
{
	return gyl_dns_name_len(rr->key) + RR_FIXED_LEN + rdata_len(rr);
}

void gyl_dns_tsig_append(struct gyl_writer *w, const struct gyl_dns_tsig_rr *rr)
{
	uint16_t cnt = w->len < GYL_DNS_HEADER_LEN ? UINT16_MAX : gyl_get_u16(w->p + 10);

	if (cnt == UINT16_MAX) {
		gyl_writer_fail(w, GYL_E_COUNT);
		return;
	}
	if (gyl_dns_tsig_len(rr) > w->cap - w->len) {
		gyl_writer_fail(w, GYL_E_SPACE);
		return;
	}
	put_name(w, rr->key);
	gyl_put_u16(w, GYL_DNS_TYPE_TSIG);
	gyl_put_u16(w, GYL_DNS_CLASS_ANY);
	gyl_put_u32(w, 0);
	gyl_put_u16(w, (uint16_t)rdata_len(rr));
	put_name(w, rr->alg_name);
	gyl_dns_tsig_put_timers(w, rr);
	gyl_put_u16(w, (uint16_t)rr->mac.len);
	gyl_put_view(w, rr->mac);
	gyl_put_u16(w, rr->original_id);
	gyl_put_u16(w, rr->error);
	gyl_put_u16(w, (uint16_t)rr->other.len);
	gyl_put_view(w, rr->other);
	if (gyl_writer_ok(w))
		gyl_set_u16(w->p + 10, (uint16_t)(cnt + 1));
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct gyl_fault gyl_dns_tsig_secret_parse(struct gyl_view text, struct gyl_writer *w)
{
	struct gyl__bits bits = {0};
	size_t from = 0, to = text.len;
	struct gyl_fault f;

	while (from < to && is_blank(text.p[from]))
		from++;
	while (to > from && is_blank(text.p[to - 1]))
		to--;
	f = gyl__base64_parse(&bits, gyl_view_sub(text, from, to - from), w);
	if (gyl_failed(f)) {
		f.off += from;
		return f;
	}
	return gyl__base64_done(&bits) ? gyl_ok() : gyl_fault(GYL_E_SYNTAX, to);
}
