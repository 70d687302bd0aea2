/* SPDX-License-Identifier: ISC */
#include "services/base/store_int.h"

enum gyl_store_err gyl_store_list(
	const struct gyl_store *s, struct gyl_view key, struct gyl_store_cursor *ret_cur)
{
	bool is_dict;
	enum gyl_store_err err = gyl_store_exists(s, key, &is_dict);

	if (err != GYL_STORE_OK)
		return err;
	if (!is_dict)
		return GYL_STORE_DICT_EXPECTED;
	*ret_cur = (struct gyl_store_cursor){.dict = key};
	return GYL_STORE_OK;
}

/* The first member, or the one after the last shown. */
static uint32_t member_next(const struct gyl_store *s, const struct gyl_store_cursor *c)
{
	uint8_t last[GYL_STORE_KEY_MAX + 1 + GYL_STORE_SEGMENT_MAX];
	size_t len = c->dict.len;

	if (!c->begun)
		return gyl__store_after(s, c->dict, false);
	if (len != 0) {
		memcpy(last, c->dict.p, len);
		last[len++] = '/';
	}
	memcpy(last + len, c->last, c->last_len);
	return gyl__store_after(s, gyl_view(last, len + c->last_len), true);
}

static bool owned_next(const struct gyl_store *s, struct gyl_store_cursor *c,
	const struct gyl_store_owned *own, struct gyl_view *ret_name)
{
	struct gyl_view last = gyl_view(c->last, c->begun ? c->last_len : 0);
	struct gyl_store_printed p;

	if (!gyl__store_owned_print(s, own, own->ops->after(own->arg, last), &p))
		return false;
	memcpy(c->last, p.name.p, p.name.len);
	c->last_len = (uint8_t)p.name.len;
	c->begun = true;
	*ret_name = gyl_view(c->last, c->last_len);
	return true;
}

bool gyl_store_next(const struct gyl_store *s, struct gyl_store_cursor *c,
	struct gyl_view *ret_name, bool *ret_is_dict)
{
	const struct gyl_store_owned *own = gyl__store_owned_dict(s, c->dict);
	struct gyl_view key;
	size_t skip = c->dict.len == 0 ? 0 : c->dict.len + 1;
	uint32_t i;

	if (own != NULL) {
		*ret_is_dict = false;
		return owned_next(s, c, own, ret_name);
	}
	i = member_next(s, c);
	if (i == GYL_STORE_NONE || !gyl__store_key_below(gyl__store_key_of(s, i), c->dict))
		return false;
	/* Dictionaries are entries too and come before what is in them: this is a member itself. */
	key = gyl__store_key_of(s, i);
	*ret_name = gyl_view(key.p + skip, key.len - skip);
	*ret_is_dict = s->entry[i].kind == GYL_STORE_DICT;
	memcpy(c->last, ret_name->p, ret_name->len);
	c->last_len = (uint8_t)ret_name->len;
	c->begun = true;
	return true;
}

bool gyl_store_walk(const struct gyl_store *s, struct gyl_view prefix, uint32_t *at,
	struct gyl_view *ret_key, struct gyl_view *ret_val, uint64_t *ret_wall_ns)
{
	for (; *at < s->entry_top; ++*at) {
		const struct gyl_store_entry *e = &s->entry[*at];

		if (e->kind != GYL_STORE_VALUE)
			continue;
		*ret_key = gyl__store_key_of(s, *at);
		if (!gyl__store_key_below(*ret_key, prefix) && !gyl_view_eq(*ret_key, prefix))
			continue;
		*ret_val = gyl__store_val_of(s, *at);
		*ret_wall_ns = e->wall_ns;
		++*at;
		return true;
	}
	return false;
}
