/* SPDX-License-Identifier: ISC */
#include "services/base/store_int.h"

/* Of a value itself, for its own digest and its dictionary's. */
static void digest_octets(struct gyl_view v, uint8_t ret_digest[GYL_SHA256_LEN])
{
	struct gyl_sha256 h;

	gyl_sha256_init(&h, 0);
	gyl_sha256_update(&h, v.p, v.len);
	gyl_sha256_final(&h, ret_digest);
}

/* One member into its dictionary's digest: length and name, kind, its own digest. */
static void member_add(struct gyl_store_digest_level *v, struct gyl_view name, char kind,
	const uint8_t digest[GYL_SHA256_LEN])
{
	uint8_t len = (uint8_t)name.len;

	gyl_sha256_update(&v->hash, &len, 1);
	gyl_sha256_update(&v->hash, name.p, name.len);
	gyl_sha256_update(&v->hash, &kind, 1);
	gyl_sha256_update(&v->hash, digest, GYL_SHA256_LEN);
}

/* The dictionary that x->key says. */
static void enter(struct gyl_store_digest *x, size_t key_len)
{
	struct gyl_store_digest_level *v = &x->level[x->depth++];

	v->at = (struct gyl_store_cursor){.dict = gyl_view(x->key, key_len)};
	gyl_sha256_init(&v->hash, 0);
}

/* The lowest dictionary has no more members: it is one itself, or the end. */
static void leave(struct gyl_store_digest *x)
{
	struct gyl_store_digest_level *v = &x->level[--x->depth];
	uint8_t digest[GYL_SHA256_LEN];
	struct gyl_view key = v->at.dict;

	gyl_sha256_final(&v->hash, x->depth == 0 ? x->digest : digest);
	if (x->depth == 0)
		return;
	v--;
	member_add(
		v, gyl_view_sub(key, v->at.dict.len + (v->at.dict.len != 0), key.len), 'd', digest);
}

enum gyl_store_err gyl_store_digest_begin(
	const struct gyl_store *s, struct gyl_view key, struct gyl_store_digest *ret_x)
{
	struct gyl_store_digest *x = ret_x;
	struct gyl_view val;
	enum gyl_store_err err = gyl_store_get(s, key, &val);

	x->depth = 0;
	x->seq = s->seq;
	if (err == GYL_STORE_OK)
		digest_octets(val, x->digest);
	if (err != GYL_STORE_VALUE_EXPECTED)
		return err;
	if (key.len != 0)
		memcpy(x->key, key.p, key.len);
	enter(x, key.len);
	return GYL_STORE_OK;
}

bool gyl_store_digest_step(const struct gyl_store *s, struct gyl_store_digest *x)
{
	struct gyl_store_digest_level *v;
	uint8_t digest[GYL_SHA256_LEN];
	struct gyl_view name, val;
	bool is_dict;
	size_t len;

	if (x->depth == 0)
		return false;
	v = &x->level[x->depth - 1];
	len = v->at.dict.len;
	if (!gyl_store_next(s, &v->at, &name, &is_dict)) {
		leave(x);
		return x->depth != 0;
	}
	if (len != 0)
		x->key[len++] = '/';
	memcpy(x->key + len, name.p, name.len);
	if (is_dict) {
		enter(x, len + name.len);
	} else if (gyl_store_get(s, gyl_view(x->key, len + name.len), &val) == GYL_STORE_OK) {
		digest_octets(val, digest);
		member_add(v, gyl_view(x->key + len, name.len), 'v', digest);
	}
	return true;
}

bool gyl_store_digest_holds(const struct gyl_store *s, const struct gyl_store_digest *x)
{
	return x->seq == s->seq;
}

enum gyl_store_err gyl_store_digest(
	const struct gyl_store *s, struct gyl_view key, uint8_t ret_digest[32])
{
	struct gyl_store_digest x;
	enum gyl_store_err err = gyl_store_digest_begin(s, key, &x);

	while (err == GYL_STORE_OK && gyl_store_digest_step(s, &x))
		;
	if (err == GYL_STORE_OK)
		memcpy(ret_digest, x.digest, sizeof x.digest);
	return err;
}
