/* SPDX-License-Identifier: ISC */
#include "services/base/store_int.h"

/* A clock that was set back does not make a change older than the one before it. */
void gyl__store_touch_up(struct gyl_store *s, uint64_t wall_ns, uint32_t i)
{
	for (; i != GYL_STORE_NONE; i = s->entry[i].parent)
		if (s->entry[i].wall_ns < wall_ns)
			s->entry[i].wall_ns = wall_ns;
}

void gyl__store_hang(struct gyl_store *s, uint32_t i)
{
	while (i != GYL_STORE_ROOT) {
		/* The key moves when an entry is added. */
		struct gyl_view up = gyl__store_key_parent(gyl__store_key_of(s, i));
		uint32_t parent = gyl__store_find(s, up);
		bool made = parent == GYL_STORE_NONE;

		if (made) {
			uint8_t copy[GYL_STORE_KEY_MAX];

			memcpy(copy, up.p, up.len);
			parent = gyl__store_add(s, gyl_view(copy, up.len), GYL_STORE_DICT, 0);
		}
		s->entry[i].parent = parent;
		s->entry[parent].child_cnt++;
		if (!made)
			return;
		i = parent;
	}
}

static void resize(struct gyl_store *s, uint32_t i, struct gyl_view key, uint16_t val_len)
{
	struct gyl_store_entry *e = &s->entry[i];

	/* The records counted for it change their length together with it. */
	s->live_len = s->live_len - e->val_len + val_len;
	if (e->mark == s->mark)
		s->copied_len = s->copied_len - e->val_len + val_len;
	if (gyl__store_block_len(key.len, e->val_len) == gyl__store_block_len(key.len, val_len)) {
		e->val_len = val_len;
		return;
	}
	gyl__store_arena_give(s, i);
	e->val_len = val_len;
	gyl__store_arena_take(s, i);
	memcpy(gyl__store_octets(s, i), key.p, key.len);
}

static void apply_set(
	struct gyl_store *s, uint64_t wall_ns, struct gyl_view key, struct gyl_view val)
{
	uint32_t i = gyl__store_find(s, key);

	if (i == GYL_STORE_NONE) {
		i = gyl__store_add(s, key, GYL_STORE_VALUE, (uint16_t)val.len);
		gyl__store_hang(s, i);
	} else {
		resize(s, i, key, (uint16_t)val.len);
	}
	if (val.len != 0)
		memcpy(gyl__store_octets(s, i) + key.len, val.p, val.len);
	s->entry[i].wall_ns = wall_ns;
	gyl__store_touch_up(s, wall_ns, s->entry[i].parent);
	gyl__store_mark(s, &s->entry[i]);
}

uint32_t gyl__store_drop_up(struct gyl_store *s, uint32_t i)
{
	while (i != GYL_STORE_ROOT) {
		uint32_t parent = s->entry[i].parent;

		gyl__store_drop(s, i);
		i = parent;
		if (--s->entry[i].child_cnt != 0)
			break;
	}
	return i;
}

static void apply_remove(struct gyl_store *s, uint64_t wall_ns, struct gyl_view key)
{
	uint32_t i = gyl__store_find(s, key), below;

	if (i == GYL_STORE_NONE)
		return;
	while (s->entry[i].kind == GYL_STORE_DICT) {
		below = gyl__store_after(s, key, false);
		if (below == GYL_STORE_NONE ||
			!gyl__store_key_below(gyl__store_key_of(s, below), key))
			break;
		/* A dictionary comes before what is in it: this may count in a dropped entry. */
		s->entry[s->entry[below].parent].child_cnt--;
		gyl__store_drop(s, below);
	}
	gyl__store_touch_up(s, wall_ns, gyl__store_drop_up(s, i));
}

void gyl__store_apply(struct gyl_store *s, uint64_t wall_ns, const struct gyl_record *rec)
{
	if (rec->place != 0 && gyl__store_owned_of(s, rec->key) != NULL)
		gyl__store_owned_apply(s, wall_ns, rec);
	else if (rec->remove)
		apply_remove(s, wall_ns, rec->key);
	else
		apply_set(s, wall_ns, rec->key, rec->val);
}

void gyl__store_touch(struct gyl_store *s, uint64_t wall_ns, struct gyl_view key)
{
	uint32_t i = gyl__store_find(s, key);

	if (i == GYL_STORE_NONE || s->entry[i].kind != GYL_STORE_DICT)
		return;
	if (s->entry[i].wall_ns < wall_ns)
		s->entry[i].wall_ns = wall_ns;
	gyl__store_mark(s, &s->entry[i]);
}
