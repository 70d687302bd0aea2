/* SPDX-License-Identifier: ISC */

/*
 * Dictionaries whose values their owners keep. The store knows of each value how long the record is
 * that stands for it, and in which extent: that much it needs to know when to compact, and how much
 * room there is. Two octets a place.
 */

#include "services/base/store_int.h"

enum {
	MARK_SHIFT = 14,
	LEN_MASK = (1 << MARK_SHIFT) - 1
};

/* ---- names ---- */

struct gyl_store_owned *gyl__store_owned_of(const struct gyl_store *s, struct gyl_view key)
{
	for (uint32_t i = 0; i < s->owned_cnt; i++) {
		struct gyl_store_owned *own = &s->owned[i];

		if (gyl__store_key_below(key, own->prefix) &&
			gyl__store_key_parent(key).len == own->prefix.len)
			return own;
	}
	return NULL;
}

bool gyl__store_owned_touches(const struct gyl_store *s, struct gyl_view key)
{
	for (uint32_t i = 0; i < s->owned_cnt; i++) {
		struct gyl_view prefix = s->owned[i].prefix;

		if (gyl_view_eq(key, prefix) || gyl__store_key_below(key, prefix) ||
			gyl__store_key_below(prefix, key))
			return true;
	}
	return false;
}

const struct gyl_store_owned *gyl__store_owned_dict(const struct gyl_store *s, struct gyl_view key)
{
	for (uint32_t i = 0; i < s->owned_cnt; i++)
		if (s->owned[i].ops != NULL && gyl_view_eq(key, s->owned[i].prefix))
			return &s->owned[i];
	return NULL;
}

struct gyl_view gyl__store_owned_name(const struct gyl_store_owned *own, struct gyl_view key)
{
	return gyl_view_sub(key, own->prefix.len + 1, key.len);
}

struct gyl_view gyl__store_owned_key(
	uint8_t buf[GYL_STORE_KEY_MAX], const struct gyl_store_owned *own, struct gyl_view name)
{
	memcpy(buf, own->prefix.p, own->prefix.len);
	buf[own->prefix.len] = '/';
	memcpy(buf + own->prefix.len + 1, name.p, name.len);
	return gyl_view(buf, own->prefix.len + 1 + name.len);
}

/* ---- what is known of a place ---- */

uint32_t gyl__store_owned_len(const struct gyl_store_owned *own, uint32_t place)
{
	return own->place[place] & LEN_MASK;
}

static uint8_t mark_of(const struct gyl_store_owned *own, uint32_t place)
{
	return (uint8_t)(own->place[place] >> MARK_SHIFT);
}

/* The dictionary is there as long as it has members. */
static void used_more(struct gyl_store *s, struct gyl_store_owned *own)
{
	uint32_t i = gyl__store_find(s, own->prefix);

	if (i == GYL_STORE_NONE) {
		i = gyl__store_add(s, own->prefix, GYL_STORE_DICT, 0);
		gyl__store_hang(s, i);
	}
	s->entry[i].child_cnt++;
	own->used++;
}

static void used_less(struct gyl_store *s, struct gyl_store_owned *own)
{
	uint32_t i = gyl__store_find(s, own->prefix);

	own->used--;
	if (--s->entry[i].child_cnt == 0)
		gyl__store_drop_up(s, i);
}

void gyl__store_owned_note(struct gyl_store *s, struct gyl_store_owned *own, uint32_t place,
	uint32_t rec_len, uint8_t mark)
{
	uint32_t old_len = gyl__store_owned_len(own, place);

	s->live_len += (uint64_t)rec_len - old_len;
	s->live_cnt += (uint64_t)(rec_len != 0) - (old_len != 0);
	if (old_len != 0 && mark_of(own, place) == s->mark) {
		s->copied_len -= old_len;
		s->copied_cnt--;
	}
	if (rec_len != 0 && mark == s->mark) {
		s->copied_len += rec_len;
		s->copied_cnt++;
	}
	own->place[place] = (uint16_t)(rec_len | (uint32_t)mark << MARK_SHIFT);
	if (rec_len != 0 && old_len == 0)
		used_more(s, own);
	else if (rec_len == 0 && old_len != 0)
		used_less(s, own);
}

/* ---- changes ---- */

static uint32_t len_of(const struct gyl_record *rec)
{
	return rec->remove ? 0
			   : (uint32_t)(GYL_JOURNAL_FRAME_LEN + GYL_STORE_HEAD_LEN + rec->key.len +
					rec->val.len);
}

void gyl__store_owned_apply(struct gyl_store *s, uint64_t wall_ns, const struct gyl_record *rec)
{
	struct gyl_store_owned *own = gyl__store_owned_of(s, rec->key);

	if (rec->remove) /* while the dictionary is still there to take the time */
		gyl__store_touch_up(s, wall_ns, gyl__store_find(s, own->prefix));
	gyl__store_owned_note(s, own, rec->place, len_of(rec), s->mark);
	if (!rec->remove)
		gyl__store_touch_up(s, wall_ns, gyl__store_find(s, own->prefix));
}

static void told_removed(
	struct gyl_store *s, struct gyl_store_owned *own, uint64_t wall_ns, struct gyl_view name)
{
	uint32_t place = name.len == 0 ? 0 : own->ops->find(own->arg, name);

	own->ops->drop(own->arg, name);
	gyl__store_touch_up(s, wall_ns, gyl__store_find(s, own->prefix));
	for (uint32_t i = 1; name.len == 0 && i <= own->place_cnt; i++)
		gyl__store_owned_note(s, own, i, 0, 0);
	if (place != 0)
		gyl__store_owned_note(s, own, place, 0, 0);
}

void gyl__store_owned_told(struct gyl_store *s, struct gyl_store_owned *own, uint64_t wall_ns,
	const struct gyl_record *rec)
{
	struct gyl_view name = gyl_view(NULL, 0);
	uint32_t before, place;
	bool odd = false;

	if (own->ops == NULL)
		return;
	if (gyl__store_key_below(rec->key, own->prefix))
		name = gyl__store_owned_name(own, rec->key);
	if (rec->remove) {
		told_removed(s, own, wall_ns, name);
		return;
	}
	before = own->ops->find(own->arg, name);
	place = own->ops->take(own->arg, s->load_now, name, rec->val, wall_ns, &odd);
	s->info.refused_cnt += odd;
	if (before != 0 && before != place)
		gyl__store_owned_note(s, own, before, 0, 0);
	if (place == 0 || place > own->place_cnt)
		return;
	gyl__store_owned_note(s, own, place, len_of(rec), s->load_mark);
	gyl__store_touch_up(s, wall_ns, gyl__store_find(s, own->prefix));
}

/* ---- printing ---- */

bool gyl__store_owned_print(const struct gyl_store *s, const struct gyl_store_owned *own,
	uint32_t place, struct gyl_store_printed *ret_printed)
{
	struct gyl_writer name, val;

	if (place == 0)
		return false;
	gyl_writer_init(&name, s->print, GYL_STORE_SEGMENT_MAX);
	gyl_writer_init(&val, s->print + GYL_STORE_SEGMENT_MAX, GYL_STORE_VALUE_MAX);
	if (!own->ops->print(own->arg, place, &name, &val, &ret_printed->wall_ns) ||
		!gyl_writer_ok(&name) || !gyl_writer_ok(&val))
		return false;
	ret_printed->name = gyl_writer_view(&name);
	ret_printed->val = gyl_writer_view(&val);
	return true;
}

bool gyl__store_owned_due(struct gyl_store *s, struct gyl_store_owned *own, uint32_t place,
	struct gyl_store_printed *ret_printed)
{
	if (gyl__store_owned_len(own, place) == 0 || mark_of(own, place) == s->mark)
		return false;
	if (gyl__store_owned_print(s, own, place, ret_printed))
		return true;
	gyl__store_owned_note(s, own, place, 0, 0);
	return false;
}

/* ---- the owner ---- */

void gyl_store_own(struct gyl_store *s, struct gyl_view prefix)
{
	if (s->owned_cnt < GYL_STORE_OWNED_MAX)
		s->owned[s->owned_cnt++] = (struct gyl_store_owned){.prefix = prefix};
}

size_t gyl_store_owner_need(uint32_t place_cnt)
{
	return ((size_t)place_cnt + 1) * sizeof(uint16_t);
}

void gyl_store_owner(struct gyl_store *s, struct gyl_view prefix, const struct gyl_store_owner *ops,
	void *arg, void *mem, uint32_t place_cnt)
{
	for (uint32_t i = 0; i < s->owned_cnt; i++) {
		struct gyl_store_owned *own = &s->owned[i];

		if (!gyl_view_eq(own->prefix, prefix))
			continue;
		own->ops = ops;
		own->arg = arg;
		own->place = mem;
		own->place_cnt = place_cnt;
	}
}
