/* SPDX-License-Identifier: ISC */
#include "services/base/store_int.h"

#include <gyl/sha256.h>

static void digest_of(const struct gyl_store *s, uint32_t i, uint8_t *ret_digest);

/* One member into its dictionary's digest: length and name, kind, its own digest. */
static void member_add(const struct gyl_store *s, struct gyl_sha256 *h, uint32_t i, size_t dict_len)
{
	struct gyl_view key = gyl__store_key_of(s, i);
	size_t skip = dict_len == 0 ? 0 : dict_len + 1;
	uint8_t name_len = (uint8_t)(key.len - skip);
	uint8_t tail[1 + GYL_SHA256_LEN];

	tail[0] = s->entry[i].kind == GYL_STORE_DICT ? 'd' : 'v';
	digest_of(s, i, tail + 1);
	gyl_sha256_update(h, &name_len, 1);
	gyl_sha256_update(h, key.p + skip, name_len);
	gyl_sha256_update(h, tail, sizeof tail);
}

static void digest_octets(struct gyl_view v, uint8_t *ret_digest)
{
	struct gyl_sha256 h;

	gyl_sha256_init(&h, 0);
	gyl_sha256_update(&h, v.p, v.len);
	gyl_sha256_final(&h, ret_digest);
}

static void owned_add(
	const struct gyl_store *s, const struct gyl_store_owned *own, struct gyl_sha256 *h)
{
	uint8_t last[GYL_STORE_SEGMENT_MAX], tail[1 + GYL_SHA256_LEN] = {'v'};
	struct gyl_store_printed p = {.name = {last, 0}};

	while (gyl__store_owned_print(s, own, own->ops->after(own->arg, p.name), &p)) {
		uint8_t name_len = (uint8_t)p.name.len;

		digest_octets(p.val, tail + 1);
		gyl_sha256_update(h, &name_len, 1);
		gyl_sha256_update(h, p.name.p, name_len);
		gyl_sha256_update(h, tail, sizeof tail);
		memcpy(last, p.name.p, name_len); /* it is in the way of the next */
		p.name.p = last;
	}
}

/* Goes as deep as keys have segments: GYL_STORE_DEPTH_MAX. */
static void digest_of(const struct gyl_store *s, uint32_t i, uint8_t *ret_digest)
{
	struct gyl_view key = i == GYL_STORE_ROOT ? gyl_view(NULL, 0) : gyl__store_key_of(s, i);
	struct gyl_sha256 h;
	uint32_t m;

	if (s->entry[i].kind == GYL_STORE_VALUE) {
		digest_octets(gyl__store_val_of(s, i), ret_digest);
		return;
	}
	gyl_sha256_init(&h, 0);
	if (gyl__store_owned_dict(s, key) != NULL) {
		owned_add(s, gyl__store_owned_dict(s, key), &h);
	} else {
		for (m = gyl__store_after(s, key, false);
			m != GYL_STORE_NONE && gyl__store_key_below(gyl__store_key_of(s, m), key);
			m = gyl__store_after(s, gyl__store_key_of(s, m), true))
			member_add(s, &h, m, key.len);
	}
	gyl_sha256_final(&h, ret_digest);
}

enum gyl_store_err gyl_store_digest(
	const struct gyl_store *s, struct gyl_view key, uint8_t ret_digest[32])
{
	struct gyl_view val;
	bool is_dict;
	enum gyl_store_err err = gyl_store_exists(s, key, &is_dict);

	if (err != GYL_STORE_OK)
		return err;
	if (is_dict) {
		digest_of(s, gyl__store_find(s, key), ret_digest);
		return GYL_STORE_OK;
	}
	err = gyl_store_get(s, key, &val);
	if (err == GYL_STORE_OK)
		digest_octets(val, ret_digest);
	return err;
}
