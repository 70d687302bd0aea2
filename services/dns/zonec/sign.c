/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/sign.h"

#include <stdlib.h>

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>
#include <gyl/dns_text.h>
#include <gyl/text.h>

#include "services/dns/zonec/compile_own.h"
#include "services/dns/zonec/sign_own.h"

/* Records of a zone that go, because they come anew. */
static bool is_left_out(uint16_t type)
{
	return type == GYL_DNS_TYPE_RRSIG || type == GYL_DNS_TYPE_NSEC ||
	       type == GYL_DNS_TYPE_NSEC3 || type == GYL_DNS_TYPE_NSEC3PARAM;
}

static void put_line(struct gyl_signer *s, const uint8_t *owner, uint16_t type, uint32_t ttl,
	struct gyl_view rdata)
{
	struct gyl_dns_rr rr = gyl_dns_rr_alone(type, GYL_DNS_CLASS_IN, rdata);
	struct gyl_writer w;

	gyl_writer_init(&w, s->line, sizeof s->line);
	gyl_dns_name_print(&w, owner);
	gyl_text_char(&w, '\t');
	gyl_text_u64(&w, ttl);
	gyl_text_str(&w, "\tIN\t");
	gyl_dns_type_print(&w, type);
	gyl_text_char(&w, '\t');
	gyl_dns_rdata_print(&w, rdata, &rr);
	gyl_text_char(&w, '\n');
	if (!gyl_writer_ok(&w) || fwrite(s->line, 1, w.len, s->out) != w.len)
		s->failed = true;
}

/* RFC 4034 6.2, 6.3: how rdata is signed and in which order. */
struct canonical {
	const uint8_t *p;
	size_t len;
};

static int by_rdata(const void *a, const void *b)
{
	const struct canonical *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = len == 0 ? 0 : memcmp(x->p, y->p, len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* What is signed besides the RRSIG's own fields. */
static void put_canonical(struct gyl_writer *w, const struct gyl_sign_set *set,
	const struct canonical *list, size_t cnt)
{
	size_t len = gyl_dns_name_len(set->owner);
	uint8_t owner[GYL_DNS_NAME_MAX];

	gyl_dns_name_fold(owner, set->owner, len);
	for (size_t i = 0; i < cnt; i++) {
		if (i != 0 && by_rdata(&list[i - 1], &list[i]) == 0)
			continue;
		gyl_put_bytes(w, owner, len);
		gyl_put_u16(w, set->type);
		gyl_put_u16(w, GYL_DNS_CLASS_IN);
		gyl_put_u32(w, set->ttl);
		gyl_put_u16(w, (uint16_t)list[i].len);
		gyl_put_bytes(w, list[i].p, list[i].len);
	}
}

/* Labels of the owner, the asterisk of a wildcard not counted (RFC 4034 3.1.3). */
static uint8_t label_cnt(const uint8_t *owner)
{
	return (uint8_t)(gyl_dns_name_label_cnt(owner) - gyl_dns_name_is_wildcard(owner));
}

static void put_rrsig(struct gyl_writer *w, const struct gyl_signer *s,
	const struct gyl_sign_set *set, const struct gyl_sign_key *k)
{
	gyl_put_u16(w, set->type);
	gyl_put_u8(w, k->algorithm);
	gyl_put_u8(w, label_cnt(set->owner));
	gyl_put_u32(w, set->ttl);
	gyl_put_u32(w, s->how->expiration_s);
	gyl_put_u32(w, s->how->inception_s);
	gyl_put_u16(w, k->tag);
	gyl_put_bytes(w, s->origin, gyl_dns_name_len(s->origin));
}

/* One key's signature. data: room for the fields, behind it what was canonical. */
static void sign_by(struct gyl_signer *s, const struct gyl_sign_set *set,
	const struct gyl_sign_key *k, struct gyl_view body)
{
	uint8_t rdata[RRSIG_HEAD_MAX + 1024];
	struct gyl_writer w;
	size_t len;
	uint8_t *data;

	gyl_writer_init(&w, rdata, sizeof rdata);
	put_rrsig(&w, s, set, k);
	data = malloc(w.len + body.len);
	if (data == NULL) {
		s->failed = true;
		return;
	}
	memcpy(data, rdata, w.len);
	memcpy(data + w.len, body.p, body.len);
	len = gyl_sign_key_sign(k, data, w.len + body.len, rdata + w.len);
	free(data);
	if (len == 0)
		s->failed = true;
	put_line(s, set->owner, GYL_DNS_TYPE_RRSIG, set->ttl, gyl_view(rdata, w.len + len));
}

/* Is there a key of the same algorithm that is (not) an entry point? */
static bool has_other(const struct gyl_signer *s, const struct gyl_sign_key *k)
{
	for (const struct gyl_sign_key *o = s->how->key; o != NULL; o = o->next)
		if (o->algorithm == k->algorithm && ((o->flags ^ k->flags) & GYL_SIGN_SEP) != 0)
			return true;
	return false;
}

/* Keys that are entry points sign keys, the others data; a key that is alone signs both. Each
 * algorithm signs everything (RFC 4035 2.2). */
static bool signs(const struct gyl_signer *s, const struct gyl_sign_key *k, uint16_t type)
{
	bool sep = (k->flags & GYL_SIGN_SEP) != 0;

	return !has_other(s, k) || sep == (type == GYL_DNS_TYPE_DNSKEY);
}

static void canonical_list(
	const struct gyl_sign_set *set, struct gyl_writer *w, struct canonical *list)
{
	for (size_t i = 0; i < set->cnt; i++) {
		struct gyl_dns_rr rr = gyl_dns_rr_alone(set->type, GYL_DNS_CLASS_IN, set->rdata[i]);
		size_t from = w->len;

		gyl_dns_rdata_canonical(w, set->rdata[i], &rr);
		list[i] = (struct canonical){w->p + from, w->len - from};
	}
	qsort(list, set->cnt, sizeof *list, by_rdata);
}

/* What all signatures of the set have in common: for free(). NULL without memory. */
static uint8_t *canonize(const struct gyl_sign_set *set, size_t *ret_len)
{
	struct canonical *list = malloc((set->cnt + 1) * sizeof *list);
	size_t room = 1, all_room = set->cnt * (gyl_dns_name_len(set->owner) + 10);
	struct gyl_writer w;
	uint8_t *rdata, *all;

	for (size_t i = 0; i < set->cnt; i++)
		room += set->rdata[i].len;
	all_room += room;
	rdata = malloc(room);
	all = malloc(all_room);
	if (list != NULL && rdata != NULL && all != NULL) {
		gyl_writer_init(&w, rdata, room);
		canonical_list(set, &w, list);
		gyl_writer_init(&w, all, all_room);
		put_canonical(&w, set, list, set->cnt);
		*ret_len = w.len;
	} else {
		free(all);
		all = NULL;
	}
	free(list);
	free(rdata);
	return all;
}

void gyl__sign_set(struct gyl_signer *s, const struct gyl_sign_set *set, bool with_sig)
{
	size_t len = 0;
	uint8_t *all;

	for (size_t i = 0; i < set->cnt; i++)
		put_line(s, set->owner, set->type, set->ttl, set->rdata[i]);
	if (!with_sig)
		return;
	all = canonize(set, &len);
	s->failed |= all == NULL;
	for (const struct gyl_sign_key *k = s->how->key; k != NULL && !s->failed; k = k->next)
		if (signs(s, k, set->type))
			sign_by(s, set, k, gyl_view(all, len));
	free(all);
}

/* DNSKEY and NSEC3PARAM are records of the zone like others. */
static bool add_own(struct gyl_signer *s)
{
	struct gyl_dns_compile *c = s->c;
	uint32_t apex = c->zone[0].apex, ttl = c->rec[c->zone[0].soa].ttl;
	uint8_t param[5 + 255] = {1, 0, 0, 0, s->how->salt_len};
	bool ok = true;

	for (const struct gyl_sign_key *k = s->how->key; k != NULL; k = k->next)
		ok = ok && gyl__zc_add(c, apex, GYL_DNS_TYPE_DNSKEY, ttl,
				   gyl_view(k->rdata, k->rdata_len));
	memcpy(param + 5, s->how->salt, s->how->salt_len);
	if (s->how->nsec3)
		ok = ok && gyl__zc_add(c, apex, GYL_DNS_TYPE_NSEC3PARAM, ttl,
				   gyl_view(param, 5u + s->how->salt_len));
	return ok;
}

/* RFC 9077 3: what denies lives as long as a negative answer. */
static uint32_t denial_ttl(const struct gyl_dns_compile *c)
{
	const struct gyl_zc_rec *soa = &c->rec[c->zone[0].soa];
	uint32_t minimum = gyl_get_u32(c->octet + soa->rdata_at + soa->rdata_len - 4);

	return soa->ttl < minimum ? soa->ttl : minimum;
}

static bool sign_all(struct gyl_signer *s, bool ok)
{
	struct gyl_dns_compile *c = s->c;
	const char *path = c->zone_cnt == 0 ? "zone" : c->zone[0].path;

	if (!ok)
		return false;
	if (!gyl__zc_link(c)) {
		gyl_build_error(c->build, path, 0, 0, "no memory");
		return false;
	}
	gyl__zc_lint(c);
	if (c->failed)
		return false;
	s->denial_ttl = denial_ttl(c);
	if (!add_own(s) || !gyl__sign_nodes(s) || s->failed || fflush(s->out) != 0) {
		gyl_build_error(c->build, path, 0, 0, "cannot sign: no memory, or no space");
		return false;
	}
	return true;
}

static struct gyl_signer *open_signer(
	struct gyl_build *b, const struct gyl_sign *how, const uint8_t *origin, FILE *out)
{
	struct gyl_signer *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->how = how;
	s->out = out;
	gyl_dns_name_fold(s->origin, origin, gyl_dns_name_len(origin));
	s->c = gyl_dns_compile_open(b);
	if (s->c != NULL) {
		s->c->leave_out = is_left_out;
		gyl_dns_compile_progress(s->c, how->told, how->told_arg);
		return s;
	}
	free(s);
	return NULL;
}

static void close_signer(struct gyl_signer *s)
{
	gyl_dns_compile_close(s->c);
	free(s);
}

bool gyl_sign_zone(struct gyl_build *b, const struct gyl_sign *how, const uint8_t *origin,
	const char *path, FILE *out)
{
	struct gyl_signer *s = open_signer(b, how, origin, out);
	bool ok;

	if (s == NULL)
		return false;
	ok = sign_all(s, gyl_dns_compile_zone(s->c, origin, path));
	close_signer(s);
	return ok;
}

bool gyl_sign_text(struct gyl_build *b, const struct gyl_sign *how, const uint8_t *origin,
	const char *path, struct gyl_view text, FILE *out)
{
	struct gyl_signer *s = open_signer(b, how, origin, out);
	bool ok;

	if (s == NULL)
		return false;
	ok = sign_all(s, gyl_dns_compile_text(s->c, origin, path, text));
	close_signer(s);
	return ok;
}
