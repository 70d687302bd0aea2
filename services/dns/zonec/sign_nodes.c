/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>

#include "services/dns/nsec3.h"
#include "services/dns/zonec/sign_own.h"

enum {
	TYPES_MAX = 256,
	BITMAP_MAX = 256 * 34 /* windows of 32 octets with their heads (RFC 4034 4.1.2) */
};

/* A node in canonical order. */
struct ranked {
	const uint8_t *name;
	uint32_t node;
};

/* An NSEC3 to be. */
struct hashed {
	uint8_t hash[GYL_DNS_HASH_LEN];
	uint32_t node;
};

static bool is_cut(const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	return n->over != GYL_ZC_NONE && n == &c->node[n->over];
}

/* RFC 4035 2.2: at a cut the zone signs what is its own. */
static bool is_signed(const struct gyl_dns_compile *c, const struct gyl_zc_node *n, uint16_t type)
{
	return gyl__zc_is_own(c, n) && (!is_cut(c, n) || type == GYL_DNS_TYPE_DS);
}

static size_t run_len(const struct gyl_zc_item *item, size_t cnt)
{
	size_t run = 1;

	while (run < cnt && item[run].rec->type == item->rec->type)
		run++;
	return run;
}

static bool sign_set_of(struct gyl_signer *s, const struct gyl_zc_node *n,
	const struct gyl_zc_item *item, size_t cnt)
{
	struct gyl_view *rdata = malloc(cnt * sizeof *rdata);
	struct gyl_sign_set set = {
		gyl__zc_name(s->c, n), item->rec->type, item->rec->ttl, rdata, cnt};

	if (rdata == NULL)
		return false;
	for (size_t i = 0; i < cnt; i++) {
		rdata[i] = gyl__zc_rdata(s->c, item[i].rec);
		/* RFC 2181 5.2 */
		if (item[i].rec->ttl < set.ttl)
			set.ttl = item[i].rec->ttl;
	}
	gyl__sign_set(s, &set, is_signed(s->c, n, set.type));
	free(rdata);
	return true;
}

/* The types that a denial says are there (RFC 4034 4.1.2, RFC 5155 7.1). */
static size_t types_of(
	struct gyl_signer *s, const struct gyl_zc_node *n, bool nsec3, uint16_t types[TYPES_MAX])
{
	size_t cnt, found = 0, run;
	const struct gyl_zc_item *item = gyl__zc_items(s->c, n, &cnt);
	bool any = false;

	for (size_t i = 0; item != NULL && i < cnt && found < TYPES_MAX - 2; i += run) {
		uint16_t type = item[i].rec->type;

		run = run_len(item + i, cnt - i);
		any |= is_signed(s->c, n, type);
		if (is_signed(s->c, n, type) || type == GYL_DNS_TYPE_NS)
			types[found++] = type;
	}
	if (any || !nsec3)
		types[found++] = GYL_DNS_TYPE_RRSIG;
	if (!nsec3)
		types[found++] = GYL_DNS_TYPE_NSEC;
	return found;
}

static void put_types(
	struct gyl_signer *s, const struct gyl_zc_node *n, bool nsec3, struct gyl_writer *w)
{
	uint16_t types[TYPES_MAX];
	size_t cnt = types_of(s, n, nsec3, types);

	gyl_dns_bitmap_put(w, types, cnt);
}

static void put_denial(
	struct gyl_signer *s, const uint8_t *owner, uint16_t type, struct gyl_writer *w)
{
	struct gyl_view rdata = gyl_writer_view(w);
	struct gyl_sign_set set = {owner, type, s->denial_ttl, &rdata, 1};

	s->failed |= !gyl_writer_ok(w);
	gyl__sign_set(s, &set, true);
}

static void put_nsec(struct gyl_signer *s, const struct gyl_zc_node *n, const uint8_t *next)
{
	uint8_t rdata[GYL_DNS_NAME_MAX + BITMAP_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, rdata, sizeof rdata);
	gyl_put_bytes(&w, next, gyl_dns_name_len(next));
	put_types(s, n, false, &w);
	put_denial(s, gyl__zc_name(s->c, n), GYL_DNS_TYPE_NSEC, &w);
}

static void put_nsec3(struct gyl_signer *s, const struct hashed *h, const struct hashed *next)
{
	const struct gyl_sign *how = s->how;
	uint8_t rdata[5 + 255 + 1 + GYL_DNS_HASH_LEN + BITMAP_MAX],
		label[1 + GYL_DNS_HASH_TEXT_LEN], owner[GYL_DNS_NAME_MAX];
	const struct gyl_zc_node *n = &s->c->node[h->node];
	struct gyl_writer w;

	label[0] = GYL_DNS_HASH_TEXT_LEN;
	gyl_dns_nsec3_label(h->hash, label + 1);
	if (gyl_failed(gyl_dns_name_concat(label, sizeof label, s->origin, owner, NULL))) {
		s->failed = true;
		return;
	}
	gyl_writer_init(&w, rdata, sizeof rdata);
	gyl_put_u8(&w, 1);
	gyl_put_u8(&w, how->opt_out);
	gyl_put_u16(&w, 0); /* RFC 9276 3.1 */
	gyl_put_u8(&w, how->salt_len);
	gyl_put_bytes(&w, how->salt, how->salt_len);
	gyl_put_u8(&w, GYL_DNS_HASH_LEN);
	gyl_put_bytes(&w, next->hash, GYL_DNS_HASH_LEN);
	if (n->first != GYL_ZC_NONE)
		put_types(s, n, true, &w);
	put_denial(s, owner, GYL_DNS_TYPE_NSEC3, &w);
}

static int by_name(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return gyl_dns_name_cmp(x->name, y->name);
}

static int by_hash(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;

	return memcmp(x->hash, y->hash, sizeof x->hash);
}

static bool is_denier(const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	return n->first != GYL_ZC_NONE && gyl__zc_is_own(c, n);
}

/* The next name that has NSEC; behind the last one comes the apex. */
static const uint8_t *next_name(
	const struct gyl_signer *s, const struct ranked *list, size_t i, size_t cnt)
{
	while (++i < cnt)
		if (is_denier(s->c, &s->c->node[list[i].node]))
			return list[i].name;
	return s->origin;
}

static bool put_names(struct gyl_signer *s, const struct ranked *list, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		const struct gyl_zc_node *n = &s->c->node[list[i].node];
		size_t items, run;
		const struct gyl_zc_item *item;

		gyl__zc_tell(s->c, "names signed", i, cnt);
		if (n->first == GYL_ZC_NONE)
			continue;
		item = gyl__zc_items(s->c, n, &items);
		if (item == NULL)
			return false;
		for (size_t at = 0; at < items; at += run) {
			run = run_len(item + at, items - at);
			if (!sign_set_of(s, n, item + at, run))
				return false;
		}
		if (!s->how->nsec3 && is_denier(s->c, n))
			put_nsec(s, n, next_name(s, list, i, cnt));
	}
	return true;
}

/* RFC 5155 6. Empty names above such keep their NSEC3: without one no validator believes that they
 * have no data. */
static bool is_opted_out(const struct gyl_dns_compile *c, const struct gyl_zc_node *n)
{
	return is_cut(c, n) && gyl__zc_first_of(c, n, GYL_DNS_TYPE_DS) == NULL;
}

static size_t hash_names(struct gyl_signer *s, struct hashed *list)
{
	const struct gyl_sign *how = s->how;
	size_t cnt = 0;

	for (uint32_t i = 0; i < s->c->node_cnt; i++) {
		const struct gyl_zc_node *n = &s->c->node[i];

		if (!gyl__zc_is_own(s->c, n) || (how->opt_out && is_opted_out(s->c, n)))
			continue;
		list[cnt].node = i;
		gyl_dns_nsec3_hash(gyl_view(gyl__zc_name(s->c, n), n->name_len),
			gyl_view(how->salt, how->salt_len), 0, list[cnt++].hash);
	}
	qsort(list, cnt, sizeof *list, by_hash);
	return cnt;
}

static bool put_hashes(struct gyl_signer *s)
{
	struct hashed *list = malloc(s->c->node_cnt * sizeof *list);
	size_t cnt;

	if (list == NULL)
		return false;
	cnt = hash_names(s, list);
	for (size_t i = 0; i < cnt; i++) {
		gyl__zc_tell(s->c, "denials signed", i, cnt);
		put_nsec3(s, &list[i], &list[i + 1 == cnt ? 0 : i + 1]);
	}
	free(list);
	return true;
}

bool gyl__sign_nodes(struct gyl_signer *s)
{
	struct ranked *list = malloc(s->c->node_cnt * sizeof *list);
	bool ok;

	if (list == NULL)
		return false;
	for (uint32_t i = 0; i < s->c->node_cnt; i++)
		list[i] = (struct ranked){gyl__zc_name(s->c, &s->c->node[i]), i};
	qsort(list, s->c->node_cnt, sizeof *list, by_name);
	ok = put_names(s, list, s->c->node_cnt);
	free(list);
	return ok && (!s->how->nsec3 || put_hashes(s));
}
