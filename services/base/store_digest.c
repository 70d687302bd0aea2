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

/* Goes as deep as keys have segments: GYL_STORE_DEPTH_MAX. */
static void digest_of(const struct gyl_store *s, uint32_t i, uint8_t *ret_digest)
{
	struct gyl_view key = i == GYL_STORE_ROOT ? gyl_view(NULL, 0) : gyl__store_key_of(s, i);
	struct gyl_sha256 h;
	uint32_t m;

	gyl_sha256_init(&h, 0);
	if (s->entry[i].kind == GYL_STORE_VALUE) {
		struct gyl_view val = gyl__store_val_of(s, i);

		gyl_sha256_update(&h, val.p, val.len);
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
	bool is_dict;
	enum gyl_store_err err = gyl_store_exists(s, key, &is_dict);

	if (err == GYL_STORE_OK)
		digest_of(s, gyl__store_find(s, key), ret_digest);
	return err;
}
